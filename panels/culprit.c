#include "panels/culprit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/detail.h"
#include "panels/host.h"
#include "panels/replication.h"
#include "ui/tableview.h"

/* How a culprit is got to. */
enum how {
	TO_SESSION,  /* its detail */
	TO_ROW,      /* a panel, with the cursor on the row */
	TO_TABLE,    /* the same in a table of the host */
	TO_TOPIC,    /* its detail in the replication panel */
	TO_PANEL,    /* a panel as it is */
	TO_FILTER,   /* a panel, showing only what has to do with it */
};

/* The ways, tried in this order: one that needs a row that is not there gives way to the next of its kind. */
static const struct way {
	enum subject_kind kind;
	const char *findings; /* whose ids begin so; NULL: any */
	enum how how;
	const char *panel;
	enum part_id part;    /* of the row */
	const char *fields;   /* one of which is the id, or `host` and `port` together are */
	int topic;
	const char *filter;   /* with %s for the id */
} ways[] = {
	{SUBJECT_SESSION, NULL, TO_SESSION, NULL, PART_PROCESSLIST, "id", 0, NULL},
	{SUBJECT_TRANSACTION, NULL, TO_ROW, "transactions", PART_TRANSACTIONS, "name xid id", 0, NULL},
	{SUBJECT_TRANSACTION, NULL, TO_PANEL, "replication", 0, NULL, 0, NULL}, /* a GTID */
	{SUBJECT_STATEMENT, NULL, TO_FILTER, "statements", 0, NULL, 0, "digest=%s"},
	{SUBJECT_TABLE, NULL, TO_FILTER, "sessions", 0, NULL, 0, "%s"},
	{SUBJECT_CHANNEL, NULL, TO_TOPIC, "replication", PART_REPLICATION, "channel", TOPIC_CHANNEL, NULL},
	{SUBJECT_CHANNEL, NULL, TO_PANEL, "replication", 0, NULL, 0, NULL},
	{SUBJECT_REPLICA, NULL, TO_TOPIC, "replication", PART_REPLICAS, "name host", TOPIC_REPLICA, NULL},
	{SUBJECT_REPLICA, NULL, TO_PANEL, "replication", 0, NULL, 0, NULL},
	{SUBJECT_MEMBER, NULL, TO_TOPIC, "replication", PART_GROUP, "id host", TOPIC_MEMBER, NULL},
	{SUBJECT_MEMBER, NULL, TO_TOPIC, "replication", PART_GALERA, "address name id", TOPIC_NODE, NULL},
	{SUBJECT_MEMBER, NULL, TO_PANEL, "replication", 0, NULL, 0, NULL},
	{SUBJECT_USER, "privilege", TO_PANEL, "self", 0, NULL, 0, NULL},
	{SUBJECT_USER, NULL, TO_FILTER, "sessions", 0, NULL, 0, "user=%s"},
	{SUBJECT_HOST, "host-", TO_TABLE, "host", PART_HOST_PROCESS, "name", 0, NULL},
	{SUBJECT_HOST, "host-", TO_PANEL, "host", 0, NULL, 0, NULL},
	{SUBJECT_HOST, "connection", TO_FILTER, "sessions", 0, NULL, 0, "host=%s"},
	{SUBJECT_HOST, NULL, TO_PANEL, "replication", 0, NULL, 0, NULL},
	{SUBJECT_DEVICE, NULL, TO_TABLE, "host", PART_HOST_DISK, "name", 0, NULL},
	{SUBJECT_DEVICE, NULL, TO_TABLE, "host", PART_HOST_FS, "device", 0, NULL},
	{SUBJECT_DEVICE, NULL, TO_TABLE, "host", PART_HOST_NET, "name", 0, NULL},
	{SUBJECT_DEVICE, NULL, TO_PANEL, "host", 0, NULL, 0, NULL},
	{SUBJECT_FILE, NULL, TO_TABLE, "host", PART_HOST_FS, "mount", 0, NULL},
	{SUBJECT_FILE, "binlog", TO_PANEL, "replication", 0, NULL, 0, NULL},
	{SUBJECT_FILE, NULL, TO_PANEL, "host", 0, NULL, 0, NULL},
	{SUBJECT_VARIABLE, NULL, TO_ROW, "variables", PART_VARIABLES, "name", 0, NULL},
	{SUBJECT_VARIABLE, NULL, TO_PANEL, "variables", 0, NULL, 0, NULL},
};

/* --- rows ----------------------------------------------------------------------------------------- */

static bool cell_is(struct value v, const char *id)
{
	struct buf b = BUF_INIT;
	if (v.type == VALUE_ABSENT)
		return false;
	unit_format(&b, UNIT_ID, v, false);
	bool same = strcmp(buf_str(&b), id) == 0;
	buf_release(&b);
	return same;
}

static bool address_is(const struct part *p, unsigned row, const char *id)
{
	struct value port = part_cell(p, row, "port");
	char *address = xasprintf("%s:%lld", value_cstr(part_cell(p, row, "host")),
				  (long long)value_integer(port, 0));
	bool same = port.type != VALUE_ABSENT && strcmp(address, id) == 0;
	free(address);
	return same;
}

/* The row that the id means; -1: none. The only channel is meant by whatever it is called. */
static int row_of(const struct part *p, const struct way *w, const char *id)
{
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		char *copy = xstrdup(w->fields), *next = copy, *field;
		bool found = address_is(p, i, id);
		while (!found && (field = strsep(&next, " ")))
			found = cell_is(part_cell(p, i, field), id);
		free(copy);
		if (found)
			return (int)i;
	}
	return p && w->part == PART_REPLICATION && part_rows(p) == 1 ? 0 : -1;
}

static void show_row(struct console *c, struct value key)
{
	struct view *v = console_view(c);
	struct tableview *t = v->ops->table ? v->ops->table(v) : NULL;
	if (!t)
		return;
	tableview_group(t, NULL);
	tableview_filter(t, NULL, NULL, NULL);
	tableview_select(t, key);
}

/* --- filters -------------------------------------------------------------------------------------- */

/* Filters know no escape: the other kind of quote does, or what stands before it. */
static void add_quoted(struct buf *out, const char *s, size_t n)
{
	char quote = memchr(s, '"', n) ? '\'' : '"';
	const char *end = memchr(s, quote, n);
	buf_addf(out, "%c%.*s%c", quote, (int)(end ? (size_t)(end - s) : n), s, quote);
}

/* The account without its host, the table without its schema; quotes make plain text of what filters would
   take for theirs. */
static void add_name(struct buf *out, const struct way *w, const char *id)
{
	size_t n = strlen(id);
	const char *at = strrchr(id, w->kind == SUBJECT_TABLE ? '.' : '@');
	if (w->kind == SUBJECT_TABLE && at) {
		n -= (size_t)(at + 1 - id);
		id = at + 1;
	} else if (w->kind == SUBJECT_USER && at) {
		n = (size_t)(at - id);
	}
	bool plain = n > 0;
	for (size_t i = 0; i < n; i++)
		plain &= isalnum((unsigned char)id[i]) || strchr("_.-$:", id[i]);
	if (plain)
		buf_add(out, id, n);
	else
		add_quoted(out, id, n);
}

static void show_filtered(struct console *c, const struct way *w, const char *id)
{
	struct buf filter = BUF_INIT, name = BUF_INIT;
	add_name(&name, w, id);
	/* A quoted name is looked for anywhere: `field="x"` is no comparison. */
	const char *eq = strchr(w->filter, '=');
	if (eq && !strchr("\"'", buf_str(&name)[0]))
		buf_add(&filter, w->filter, (size_t)(eq + 1 - w->filter));
	buf_adds(&filter, buf_str(&name));
	console_show(c, w->panel);
	struct view *v = console_view(c);
	struct tableview *t = v->ops->table ? v->ops->table(v) : NULL;
	if (t) {
		tableview_group(t, NULL);
		/* Who idles may be the trouble. */
		tableview_hide(t, "idle", false);
		console_filter(c, buf_str(&filter));
	}
	buf_release(&filter);
	buf_release(&name);
}

/* --- going ---------------------------------------------------------------------------------------- */

static void go_to_topic(struct console *c, const struct way *w, const struct part *p, unsigned row)
{
	struct sheet_mark mark = {.topic = w->topic};
	struct buf key = BUF_INIT;
	unit_format(&key, UNIT_ID, part_get(p, row, part_schema(p)->key), false);
	snprintf(mark.key, sizeof mark.key, "%s", buf_str(&key));
	buf_release(&key);
	console_show(c, w->panel);
	console_push(c, &replication_detail, &mark);
}

/* False: there is nothing at the end of this way. */
static bool take_way(struct console *c, const struct way *w, const char *id)
{
	const struct part *p = w->fields ? console_part(c, w->part) : NULL;
	int row = w->fields ? row_of(p, w, id) : -1;
	int64_t session = strtoll(id, NULL, 10);
	if (w->fields && row < 0)
		return false;
	switch (w->how) {
	case TO_SESSION:
		console_push(c, &session_detail, &session);
		return true;
	case TO_ROW:
		console_show(c, w->panel);
		show_row(c, part_get(p, (unsigned)row, part_schema(p)->key));
		return true;
	case TO_TABLE:
		console_show(c, w->panel);
		console_push(c, host_table(w->part), NULL);
		show_row(c, part_get(p, (unsigned)row, part_schema(p)->key));
		return true;
	case TO_TOPIC:
		go_to_topic(c, w, p, (unsigned)row);
		return true;
	case TO_PANEL:
		return console_show(c, w->panel);
	case TO_FILTER:
		show_filtered(c, w, id);
		return true;
	}
	return false;
}

static bool is_of(const struct way *w, const struct finding *f, const struct subject *s)
{
	return w->kind == s->kind && (!w->findings || strncmp(f->id, w->findings, strlen(w->findings)) == 0);
}

void culprit_go(struct console *c, const struct finding *f)
{
	bool suspect = !f->n_culprits;
	const struct subject *s = suspect ? f->suspects : f->culprits;
	if (suspect && !f->n_suspects) {
		console_say(c, UI_DIM, "this finding names nobody");
		return;
	}
	/* Showing a panel may end the view that the finding's texts belong to. */
	char *id = xstrdup(s->id);
	const char *kind = subject_name(s->kind);
	bool there = false;
	for (size_t i = 0; i < COUNT_OF(ways) && !there; i++)
		there = is_of(&ways[i], f, s) && take_way(c, &ways[i], id);
	if (!there)
		console_say(c, UI_WARNING, "the %s %s is not there any more", kind, id);
	else if (suspect)
		console_say(c, UI_NOTICE, "%s %s is only suspected", kind, id);
	else if (f->n_culprits > 1)
		console_say(c, UI_NOTICE, "%s %s; the finding names %u more", kind, id, f->n_culprits - 1);
	free(id);
}

void culprit_go_row(struct console *c, const struct part *findings, unsigned row)
{
	struct arena a = {0};
	struct finding f;
	const struct part *held = part_ref(findings);
	if (finding_read(&f, &a, held, row))
		culprit_go(c, &f);
	part_unref(held);
	arena_release(&a);
}
