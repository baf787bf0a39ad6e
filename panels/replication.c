/*
 * Replication: how it stands in words, then a section for each way in which this server takes part. Drawn as
 * one sheet; sections without anything to show are not there.
 */
#include "panels/replication.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/detail.h"
#include "panels/draw.h"
#include "parse/gtid.h"
#include "ui/help.h"

const struct replication_topic_info replication_topics[N_TOPICS] = {
	[TOPIC_CHANNEL] = {PART_REPLICATION, "Channel", "state io_running sql_running lag"},
	[TOPIC_ERROR] = {PART_REPLICATION, "Channel", "io_errno io_error sql_errno sql_error"},
	[TOPIC_WORKER] = {PART_APPLIERS, "Thread", NULL},
	[TOPIC_REPLICA] = {PART_REPLICAS, "Replica", NULL},
	[TOPIC_BINLOG] = {PART_BINLOG, "Binary log", NULL},
	[TOPIC_MEMBER] = {PART_GROUP, "Member", NULL},
	[TOPIC_NODE] = {PART_GALERA, "Node", NULL},
};

struct replication {
	struct sheet sheet;
	struct replication_story story;
};

const struct part *replication_part(const struct console *c, enum part_id id)
{
	const struct part *p = console_part(c, id);
	return p && part_rows(p) ? p : NULL;
}

int replication_row(const struct part *p, const char *key)
{
	unsigned field = part_schema(p)->key;
	for (unsigned i = 0; i < part_rows(p); i++) {
		struct buf b = BUF_INIT;
		unit_format(&b, UNIT_ID, part_get(p, i, field), false);
		bool same = strncmp(buf_str(&b), key, SHEET_KEY - 1) == 0;
		buf_release(&b);
		if (same)
			return (int)i;
	}
	return -1;
}

static void put_counter(struct sheet_flow *flow, const struct replication_fact *fact, const struct field *field,
			struct value sum, struct value rate)
{
	struct buf b = BUF_INIT;
	if (fact->total) {
		sheet_value(&b, field->unit, sum, false);
		buf_adds(&b, ", ");
	}
	sheet_value(&b, field->unit, rate, true);
	/* Seconds a second are a share of time. */
	buf_adds(&b, field->unit == UNIT_SECONDS ? "" : "/s");
	sheet_flow_add(flow, fact->label, UI_STRONG, buf_str(&b));
	buf_release(&b);
}

void replication_put_facts(struct sheet *s, const struct console *c, enum part_id id, unsigned row,
			   const struct replication_fact *facts, size_t n)
{
	const struct frame *f = console_frame(c);
	const struct part *p = console_part(c, id);
	struct sheet_flow flow = sheet_flow(s, 2);
	for (size_t i = 0; i < n; i++) {
		int at = schema_field(part_schema(p), facts[i].field);
		struct value v = at < 0 ? VALUE_NONE : part_get(p, row, (unsigned)at);
		if (v.type == VALUE_ABSENT || (v.type == VALUE_TEXT && !v.len) ||
		    (!facts[i].zero && value_is_number(v) && value_number(v, 0) == 0))
			continue;
		const struct field *field = &part_schema(p)->fields[at];
		if (field->kind == FIELD_COUNTER)
			put_counter(&flow, &facts[i], field, v, frame_rate(f, id, row, (unsigned)at));
		else
			sheet_flow_value(&flow, facts[i].label, field->unit, v, false, "");
	}
	sheet_flow_end(&flow);
}

/* --- GTIDs ------------------------------------------------------------------------------------- */

enum { MOST_NAMES = 128 };
struct names {
	struct gtid_name at[MOST_NAMES];
	size_t n;
};

static void add_name(struct names *names, const char *uuid, const char *host, int64_t port)
{
	if (strlen(uuid) != GTID_UUID || names->n == MOST_NAMES)
		return;
	struct gtid_name *name = &names->at[names->n++];
	memcpy(name->uuid, uuid, GTID_UUID + 1);
	if (port)
		snprintf(name->name, sizeof name->name, "%.50s:%lld", host, (long long)port);
	else
		snprintf(name->name, sizeof name->name, "%.63s", host);
}

/* Rows of a part that say both. */
static void add_names(struct names *names, const struct console *c, enum part_id id, const char *uuid,
		      const char *host, const char *port)
{
	const struct part *p = replication_part(c, id);
	for (unsigned i = 0; p && i < part_rows(p); i++)
		add_name(names, value_cstr(part_cell(p, i, uuid)), value_cstr(part_cell(p, i, host)),
			 port ? value_integer(part_cell(p, i, port), 0) : 0);
}

static void fold_set(struct buf *out, const struct console *c, const struct gtid_set *set)
{
	enum { INTERVALS = 4 };
	struct names *names = xcalloc(1, sizeof *names);
	add_name(names, value_cstr(frame_value_of(console_frame(c), PART_VARIABLES, "server_uuid")), "this server", 0);
	add_names(names, c, PART_REPLICATION, "source_uuid", "source_host", "source_port");
	add_names(names, c, PART_GROUP, "id", "host", "port");
	add_names(names, c, PART_REPLICAS, "uuid", "name", NULL);
	gtid_set_fold(out, set, &(struct gtid_names){names->at, names->n}, INTERVALS);
	free(names);
}

void replication_fold_gtids(struct buf *out, const struct console *c, const char *text)
{
	struct gtid_set set = {0};
	struct gtid_position position = {0};
	size_t len = strlen(text);
	if (!len)
		return;
	if (gtid_set_parse(&set, text, len))
		fold_set(out, c, &set);
	else if (gtid_position_parse(&position, text, len))
		gtid_position_fold(out, &position);
	else
		buf_add(out, text, len);
	gtid_set_release(&set);
	gtid_position_release(&position);
}

/* --- building --------------------------------------------------------------------------------- */

/* Why it cannot be read stands above the sheet already. */
static bool is_said(const struct console *c)
{
	const struct part *p = console_part(c, PART_REPLICATION);
	return p && part_status(p) != PART_OK && !part_rows(p);
}

static void put_story(struct view *v)
{
	static const enum ui_role roles[] = {
		[SEVERITY_OK] = UI_GOOD,
		[SEVERITY_NOTICE] = UI_NOTICE,
		[SEVERITY_WARNING] = UI_WARNING,
		[SEVERITY_CRITICAL] = UI_CRITICAL,
	};
	struct replication *r = v->state;
	struct buf b = BUF_INIT;
	replication_story_make(&r->story, console_timeline(v->console), console_frame(v->console));
	bool nothing = r->story.n == 1 && r->story.nothing;
	for (unsigned i = 0; i < r->story.n && !(nothing && is_said(v->console)); i++) {
		const struct replication_sentence *s = &r->story.sentences[i];
		buf_clear(&b);
		buf_addf(&b, "%s %s.", s->severity >= SEVERITY_WARNING ? "▲" : s->severity ? "·" : "✓",
			 buf_str(&s->text));
		sheet_text(&r->sheet, 0, roles[s->severity], buf_str(&b));
	}
	buf_release(&b);
}

static bool takes_part(const struct view *v)
{
	static const enum part_id parts[] = {PART_REPLICATION, PART_REPLICAS, PART_GROUP, PART_GALERA};
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (replication_part(v->console, parts[i]))
			return true;
	return false;
}

static void put_nothing(struct sheet *s)
{
	sheet_gap(s);
	sheet_text(s, 2, UI_DIM,
		   "As soon as it is a replica, each of its channels shows here: receiver, relay log and applier with "
		   "their positions and rates, the lag by every measure with trend and time to catch up, the workers, "
		   "GTIDs, and errors with what they mean and the ways out.");
	sheet_text(s, 2, UI_DIM,
		   "As a source: its replicas, what each still needs of the binary logs, cache spills and waits for "
		   "semi-sync. In a group or a Galera cluster: members, states, queues, conflicts and flow control.");
}

static void build(struct view *v, int width)
{
	struct replication *r = v->state;
	struct sheet *s = &r->sheet;
	struct replication_channel ch;
	const struct frame *f = console_frame(v->console);
	sheet_begin(s, width);
	put_story(v);
	for (unsigned i = 0; f->now && replication_channel_read(&ch, f, i); i++)
		if (!replication_channel_of_group(&ch))
			replication_put_channel(s, v->console, &ch);
	replication_put_threads(s, v->console, NULL, false);
	replication_put_group(s, v->console);
	replication_put_galera(s, v->console);
	replication_put_source(s, v->console);
	if (f->now && !takes_part(v))
		put_nothing(s);
	sheet_end(s);
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct replication *p = v->state;
	draw_part_state(c, &r, v->console, PART_REPLICATION);
	r.x += 1;
	r.w -= 2;
	build(v, r.w);
	sheet_draw(&p->sheet, c, r);
}

/* --- the view --------------------------------------------------------------------------------- */

static bool key(struct view *v, struct key k)
{
	struct replication *r = v->state;
	return sheet_key(&r->sheet, k);
}

static void look(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct replication *r = v->state;
	const struct sheet_mark *at = sheet_at(&r->sheet);
	if (!at->topic)
		return;
	const struct part *p = replication_part(v->console, PART_APPLIERS);
	int row = at->topic == TOPIC_WORKER && p ? replication_row(p, at->key) : -1;
	int64_t session = row < 0 ? 0 : value_integer(part_cell(p, (unsigned)row, "session"), 0);
	if (session)
		console_push(v->console, &session_detail, &session);
	else
		console_push(v->console, &replication_detail, at);
}

static void explain_one(const struct part *p, enum part_id id, const char *name, int row, struct doc *d)
{
	const struct schema *schema = p ? part_schema(p) : NULL;
	int i = schema ? schema_field(schema, name) : -1;
	if (i < 0)
		return;
	const struct field *f = &schema->fields[i];
	bool absent = row >= 0 && part_get(p, (unsigned)row, (unsigned)i).type == VALUE_ABSENT;
	const char *why = absent ? part_absent_reason(p, (unsigned)i) : NULL;
	if (absent && !why)
		why = id == PART_REPLICATION ? "the server does not know it now" : "the server gave none";
	if (d->n_lines)
		doc_end(d);
	help_field(d, f->title, f, false, why);
}

static bool explain(struct view *v, struct doc *d)
{
	struct replication *r = v->state;
	const struct sheet_mark *at = sheet_at(&r->sheet);
	const struct replication_topic_info *info = &replication_topics[at->topic];
	const struct part *p = at->topic ? replication_part(v->console, info->part) : NULL;
	const char *names = at->fields ? at->fields : info->fields;
	int row = p ? replication_row(p, at->key) : -1;
	if (!p)
		return false;
	for (unsigned i = 0; !names && i < part_schema(p)->n_fields; i++)
		explain_one(p, info->part, part_schema(p)->fields[i].name, row, d);
	while (names && *names) {
		char name[40] = "";
		size_t n = strcspn(names, " ");
		memcpy(name, names, n < sizeof name ? n : sizeof name - 1);
		explain_one(p, info->part, name, row, d);
		names += n + strspn(names + n, " ");
	}
	return d->n_lines > 0;
}

static void close(struct view *v)
{
	struct replication *r = v->state;
	sheet_release(&r->sheet);
	replication_story_release(&r->story);
}

static const struct action actions[] = {
	{"replication-look", "Enter", "detail", "Everything about what is under the cursor; on a thread, its session.",
	 NULL, 0, 1, look},
};

static const struct action_set action_set = {"replication", "Replication", actions, COUNT_OF(actions)};

const struct view_ops replication_panel = {
	.name = "replication",
	.title = "Replication",
	.brief = "Repl",
	.digit = '5',
	.help = "How replication stands, first in words. As replica: every channel with receiver, relay log and "
		"applier, lag by every measure with trend and time to catch up, workers, GTIDs, and errors with what "
		"they mean and the safe ways out, which fathom explains and never runs. As source: its replicas and "
		"what they need of the binary logs. Group members and Galera nodes where there are any. NULL lag is "
		"shown as unknown, broken as broken.",
	.needs = PART_BIT(PART_REPLICATION) | PART_BIT(PART_REPLICAS) | PART_BIT(PART_BINLOG) |
		 PART_BIT(PART_GROUP) | PART_BIT(PART_GALERA) | PART_BIT(PART_VARIABLES) |
		 PART_BIT(PART_STATUS) | PART_BIT(PART_APPLIERS) | PART_BIT(PART_BINLOG_FILES),
	.size = sizeof(struct replication),
	.close = close,
	.draw = draw,
	.key = key,
	.explain = explain,
	.actions = &action_set,
};
