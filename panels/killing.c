#include "panels/killing.h"

#include <string.h>

#include "base/mem.h"
#include "engine/kill.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "parse/sqltext.h"

/* What is asked about, while the question is open. */
struct question {
	struct console *console;
	struct kill_request *request;
	bool instead; /* it was the statement that was asked for; yes ends the connection */
};

/* --- what became of it ------------------------------------------------------------------------ */

static enum ui_role outcome_role(const struct kill_result *r)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->fates[i].outcome < KILL_SENT && r->fates[i].outcome != KILL_WAS_GONE)
			return UI_WARNING;
	return UI_GOOD;
}

static void killed(struct job *job, void *owner)
{
	struct console *c = owner;
	const struct kill_result *r = job->result;
	struct buf b = BUF_INIT;
	if (job->progress) {
		console_say(c, UI_NOTICE, "%s", job->progress);
	} else if (!r) {
		err_format(&job->err, &b);
		console_say(c, UI_WARNING, "not killed: %s", buf_str(&b));
	} else {
		if (r->n == 1)
			buf_adds(&b, r->fates[0].text);
		else
			kill_result_text(r, &b);
		if (r->audit_error[0])
			buf_addf(&b, " · audit file: %s", r->audit_error);
		console_say(c, outcome_role(r), "%s", buf_str(&b));
		console_read_now(c, job->target);
	}
	buf_release(&b);
}

static void answered(void *ctx, bool yes)
{
	struct question *q = ctx;
	if (yes) {
		console_say(q->console, UI_NOTICE, "sending the kill…");
		console_submit(q->console, kill_job(console_target(q->console), q->request), killed,
			       q->console);
	} else {
		console_say(q->console, UI_TEXT, "nothing was killed");
		kill_request_free(q->request);
	}
	free(q);
}

/* --- the question ----------------------------------------------------------------------------- */

static void doc_target(struct doc *d, struct console *c)
{
	const struct watched *w = console_watched(c);
	const struct snapshot *s = console_frame(c)->now;
	doc_puts(d, UI_LABEL, "Target       ");
	doc_puts(d, UI_STRONG, w->target->name);
	if (w->target->value[SETTING_LABEL]) {
		doc_puts(d, UI_TEXT, "  ");
		doc_puts(d, UI_HEADER_LABEL, w->target->value[SETTING_LABEL]);
	}
	if (s)
		doc_printf(d, UI_STRONG, "  %s%s", role_name(s->role),
			   !s->read_only_known ? "" : s->read_only ? " (read only)" : " (writable)");
	doc_end(d);
}

static void doc_value(struct doc *d, const char *label, enum unit u, struct value v)
{
	struct buf b = BUF_INIT;
	unit_format(&b, u, v, false);
	doc_field(d, 13, label, UI_TEXT, buf_str(&b));
	buf_release(&b);
}

static void doc_rollback(struct doc *d, struct kill_preview p)
{
	doc_puts(d, UI_LABEL, "To roll back ");
	if (p.rows < 0) {
		doc_puts(d, UI_WARNING, "unknown: the transactions cannot be seen");
	} else if (p.rows == 0) {
		doc_puts(d, UI_GOOD, "nothing was changed");
	} else {
		struct buf b = BUF_INIT;
		if (p.at_most < 1) {
			buf_adds(&b, "less than a second");
		} else {
			unit_duration(&b, p.seconds);
			buf_adds(&b, " to ");
			unit_duration(&b, p.at_most);
			buf_adds(&b, p.at_most < 60 ? " s" : "");
		}
		doc_printf(d, UI_WARNING, "%s%lld row%s, an estimated %s",
			   p.rows_at_most ? "at most " : "", (long long)p.rows, p.rows == 1 ? "" : "s",
			   buf_str(&b));
		buf_release(&b);
	}
	doc_end(d);
	doc_puts(d, UI_LABEL, "Behind it    ");
	if (p.waiting < 0)
		doc_puts(d, UI_DIM, "unknown");
	else
		doc_printf(d, p.waiting ? UI_WARNING : UI_TEXT, "%lld session%s wait%s", (long long)p.waiting,
			   p.waiting == 1 ? "" : "s", p.waiting == 1 ? "s" : "");
	doc_end(d);
}

static void doc_victim(struct doc *d, const struct part *p, unsigned row)
{
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s@%s", value_cstr(part_cell(p, row, "user")), value_cstr(part_cell(p, row, "host")));
	doc_field(d, 13, "Account", UI_STRONG, buf_str(&b));
	buf_release(&b);
	doc_value(d, "State", UNIT_NONE, part_cell(p, row, "state"));
	doc_value(d, "For", UNIT_SECONDS, part_cell(p, row, "time"));
	doc_value(d, "Transaction", UNIT_SECONDS, part_cell(p, row, "transaction_age"));
	if (part_cell(p, row, "blocked_by").type != VALUE_ABSENT)
		doc_field(d, 13, "Waits", UI_WARNING,
			  "this session waits itself: ending it may free nobody");
	struct value sql = part_cell(p, row, "info");
	bool last = sql.type == VALUE_ABSENT;
	if (last)
		sql = part_cell(p, row, "last_statement");
	doc_puts(d, UI_LABEL, last ? "Ran last     " : "Statement    ");
	if (sql.type == VALUE_TEXT) {
		sql_squeeze(&b, sql.s, sql.len, 300, 0);
		draw_sql_doc(d, buf_str(&b), b.len, false);
		buf_release(&b);
	} else {
		doc_puts(d, UI_DIM, "–");
		doc_end(d);
	}
}

static void refuse(struct console *c, const char *why)
{
	console_say(c, UI_WARNING, "not killed: %s", why);
}

static struct question *question_new(struct console *c, enum kill_verb verb)
{
	const struct snapshot *s = console_frame(c)->now;
	struct question *q = xcalloc(1, sizeof *q);
	q->console = c;
	q->request = kill_request_new(verb, s ? s->server.connection_id : 0);
	return q;
}

void killing_ask(struct console *c, int64_t session, bool connection)
{
	const struct part *p = console_part(c, PART_PROCESSLIST);
	int row = p ? part_find(p, value_int(session)) : -1;
	if (row < 0) {
		refuse(c, "the session has ended");
		return;
	}
	enum kill_verb verb = connection ? KILL_CONNECTION : KILL_STATEMENT;
	struct kill_victim seen = {0};
	kill_victim_from(&seen, p, (unsigned)row);
	bool idle = kill_victim_idle(&seen);
	const char *refusal = kill_refusal(&seen, connection || idle ? KILL_CONNECTION : verb);
	kill_victim_release(&seen);
	if (refusal) {
		refuse(c, refusal);
		return;
	}
	bool instead = !connection && idle;
	if (instead)
		verb = KILL_CONNECTION;
	struct question *q = question_new(c, verb);
	q->instead = instead;
	kill_request_add(q->request, p, (unsigned)row);
	struct doc d = {0};
	if (instead) {
		doc_para(&d, UI_WARNING, "The session is idle: there is no statement to kill, and that would "
					 "free nothing. Its connection can be ended.");
		doc_end(&d);
	}
	doc_target(&d, c);
	doc_victim(&d, p, (unsigned)row);
	doc_rollback(&d, kill_preview(p, (unsigned)row, verb));
	char *title = xasprintf("Kill the %s of session %lld?",
				verb == KILL_CONNECTION ? "connection" : "statement", (long long)session);
	console_dialog(c, dialog_confirm(title, &d,
					 verb == KILL_CONNECTION ? "Kill connection" : "Kill statement",
					 true, answered, q));
	free(title);
}

/* --- many ------------------------------------------------------------------------------------- */

static void doc_many(struct doc *d, const struct part *p, unsigned row, struct kill_preview preview)
{
	struct buf b = BUF_INIT, age = BUF_INIT;
	struct value sql = part_cell(p, row, "info");
	unit_format(&age, UNIT_SECONDS, part_cell(p, row, "time"), false);
	doc_printf(d, UI_STRONG, "%8lld ", (long long)value_integer(part_cell(p, row, "id"), 0));
	doc_printf(d, UI_TEXT, "%-24.24s %8s  ", value_cstr(part_cell(p, row, "user")), buf_str(&age));
	if (preview.refusal) {
		doc_printf(d, UI_WARNING, "left out: %s", preview.refusal);
		doc_end(d);
	} else if (sql.type == VALUE_TEXT) {
		sql_squeeze(&b, sql.s, sql.len, 120, SQL_DROP_COMMENTS);
		draw_sql_doc(d, buf_str(&b), b.len, false);
	} else {
		doc_puts(d, UI_DIM, value_cstr(part_cell(p, row, "state")));
		doc_end(d);
	}
	buf_release(&b);
	buf_release(&age);
}

/* The row of the processlist that a row of the table is about; -1: none. */
static int session_row(const struct tableview *t, unsigned row, const struct part *p)
{
	const struct part *shown = tableview_part(t);
	return shown == p ? (int)row : p ? part_find(p, part_cell(shown, row, "session")) : -1;
}

static void ask_many(struct console *c, struct tableview *t, bool connection, bool tagged_only)
{
	/* A table may show other rows than sessions, and one session in several. */
	const struct part *rows_of = tableview_part(t);
	bool sessions = rows_of && part_id(rows_of) == PART_PROCESSLIST;
	const struct part *p = sessions ? rows_of : console_part(c, PART_PROCESSLIST);
	bool *listed = xcalloc((p ? part_rows(p) : 0) + 1, sizeof *listed);
	enum kill_verb verb = connection ? KILL_CONNECTION : KILL_STATEMENT;
	struct question *q = question_new(c, verb);
	struct doc d = {0}, list = {0};
	int64_t rows = 0;
	bool rows_known = true;
	for (unsigned i = 0; p && i < (tagged_only ? part_rows(rows_of) : tableview_shown(t)); i++) {
		int row = tagged_only ? (int)i : tableview_row_at(t, i);
		if (row < 0 || (tagged_only && !tableview_tagged(t, (unsigned)row)))
			continue;
		row = session_row(t, (unsigned)row, p);
		if (row < 0 || listed[row])
			continue;
		listed[row] = true;
		struct kill_preview preview = kill_preview(p, (unsigned)row, verb);
		doc_many(&list, p, (unsigned)row, preview);
		if (preview.refusal)
			continue;
		kill_request_add(q->request, p, (unsigned)row);
		rows_known &= preview.rows >= 0;
		rows += preview.rows > 0 ? preview.rows : 0;
	}
	free(listed);
	if (!q->request->n) {
		refuse(c, connection ? "none of these sessions may be killed"
				     : "none of these sessions runs a statement that may be killed");
		kill_request_free(q->request);
		free(q);
		doc_release(&list);
		return;
	}
	doc_target(&d, c);
	if (rows_known)
		doc_printf(&d, UI_TEXT, "Together %lld changed rows are rolled back.", (long long)rows);
	else
		doc_puts(&d, UI_WARNING, "How much is to be rolled back cannot be seen.");
	doc_end(&d);
	doc_end(&d);
	struct buf text = BUF_INIT;
	doc_text(&list, &text);
	doc_puts(&d, UI_TEXT, buf_str(&text));
	buf_release(&text);
	doc_release(&list);
	char *title = xasprintf("Kill the %ss of these %u sessions?",
				connection ? "connection" : "statement", q->request->n);
	char *word = xasprintf("Kill %u", q->request->n);
	console_dialog(c, dialog_confirm(title, &d, word, true, answered, q));
	free(title);
	free(word);
}

void killing_ask_tagged(struct console *c, struct tableview *t, bool connection)
{
	ask_many(c, t, connection, true);
}

void killing_ask_shown(struct console *c, struct tableview *t, bool connection)
{
	ask_many(c, t, connection, false);
}

/* --- actions ---------------------------------------------------------------------------------- */

static void kill_one(struct view *v, bool connection)
{
	struct tableview *t = v->ops->table ? v->ops->table(v) : NULL;
	int64_t session = v->ops->session(v);
	if (t && tableview_tags(t))
		killing_ask_tagged(v->console, t, connection);
	else if (session)
		killing_ask(v->console, session, connection);
}

static void kill_statement(void *ctx, const struct action_call *call)
{
	(void)call;
	kill_one(ctx, false);
}

static void kill_connection(void *ctx, const struct action_call *call)
{
	(void)call;
	kill_one(ctx, true);
}

/* All that the filter leaves: never without a filter. */
static void kill_shown(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct tableview *t = v->ops->table ? v->ops->table(v) : NULL;
	bool connection = strcmp(call->args, "connection") == 0;
	if (!connection && strcmp(call->args, "statement") != 0)
		console_say(v->console, UI_WARNING, "kill-shown: say statement or connection");
	else if (!t || !*tableview_filter_text(t))
		console_say(v->console, UI_WARNING, "kill-shown wants a filter first: / narrows what is shown");
	else
		killing_ask_shown(v->console, t, connection);
}

enum { ON_SERVER = ACTION_NEEDS_ROW | ACTION_LIVE_ONLY | ACTION_DESTRUCTIVE };

static const struct action actions[] = {
	{"kill-statement", "x", "kill statement",
	 "End the statement that the session runs, or of all tagged ones; the session stays.", NULL,
	 ON_SERVER, 2, kill_statement},
	{"kill-connection", "X", "kill connection",
	 "End the session, or all tagged ones; its transaction is rolled back.", NULL, ON_SERVER, 3,
	 kill_connection},
	{"kill-shown", "", "kill shown", "End all sessions that the filter shows, after listing them.",
	 "statement|connection", ACTION_UNLISTED | ACTION_LIVE_ONLY | ACTION_DESTRUCTIVE, 0, kill_shown},
};

const struct action_set session_actions = {"session", "On a session", actions, COUNT_OF(actions)};
