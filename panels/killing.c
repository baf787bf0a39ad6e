#include "panels/killing.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "collect/blocking.h"
#include "diagnose/release.h"
#include "engine/kill.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "parse/sqltext.h"

/* What is asked about, while the question is open. */
struct question {
	struct console *console;
	unsigned target; /* whose sessions they are */
	struct kill_request *request;
	bool instead; /* it was the statement that was asked for; yes ends the connection */
	struct release release;
};

/* Whom a kill was to set free. The frames after its end show who still waits. */
struct aftermath {
	unsigned target;
	struct release release;
	struct buf said; /* what became of the victims; empty: that is not known yet */
	enum ui_role role;
	int64_t over;  /* mono ns */
	unsigned left; /* how many of them waited when that was last told */
};

/* They go free one after the other; whoever waits longer than this waits for somebody else. */
#define FOLLOWED (15 * NS_PER_S)

/* --- what became of it ------------------------------------------------------------------------ */

static enum ui_role outcome_role(const struct kill_result *r)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->fates[i].outcome < KILL_SENT && r->fates[i].outcome != KILL_WAS_GONE)
			return UI_WARNING;
	return UI_GOOD;
}

void killing_forget(struct console *c)
{
	struct aftermath *a = c->aftermath;
	c->aftermath = NULL;
	if (!a)
		return;
	release_free(&a->release);
	buf_release(&a->said);
	free(a);
}

static void killing_expect(struct console *c, unsigned target, struct release *r)
{
	killing_forget(c);
	if (r->n) {
		c->aftermath = xcalloc(1, sizeof *c->aftermath);
		*c->aftermath = (struct aftermath){.target = target, .release = *r, .left = UINT_MAX};
		*r = (struct release){0};
	}
	release_free(r);
}

/* A session that waits, still or again; *blocker: for whom, 0: not shown. */
static bool waits(const struct part *blocking, int64_t session, int64_t *blocker)
{
	for (unsigned i = 0; i < part_rows(blocking); i++)
		if (value_integer(part_get(blocking, i, BLOCKING_WAITER), 0) == session) {
			*blocker = value_integer(part_get(blocking, i, BLOCKING_BLOCKER), 0);
			return true;
		}
	return false;
}

void killing_look(struct console *c, unsigned target)
{
	struct aftermath *a = c->aftermath;
	if (!a || a->target != target || !a->said.len)
		return;
	const struct snapshot *now = timeline_frame(c->watches[target].timeline)->now;
	const struct part *blocking = now ? now->parts[PART_BLOCKING] : NULL;
	if (!blocking || part_status(blocking) != PART_OK || part_read_mono(blocking) <= a->over)
		return;
	unsigned left = 0;
	int64_t first = 0, by = 0, blocker;
	for (unsigned i = 0; i < a->release.n; i++)
		if (waits(blocking, a->release.sessions[i].session, &blocker)) {
			first = left ? first : a->release.sessions[i].session;
			by = left ? by : blocker;
			left++;
		}
	bool over = !left || part_read_mono(blocking) - a->over > FOLLOWED;
	if (left == a->left) {
		if (over)
			killing_forget(c);
		return;
	}
	a->left = left;
	struct buf b = BUF_INIT;
	buf_addf(&b, "%u of %u went free", a->release.n - left, a->release.n);
	if (left && by)
		buf_addf(&b, "; %u still wait%s (%lld for %lld)", left, left == 1 ? "s" : "", (long long)first,
			 (long long)by);
	else if (left)
		buf_addf(&b, "; %u still wait%s (%lld)", left, left == 1 ? "s" : "", (long long)first);
	console_say(c, a->role, "%s · %s", buf_str(&b), buf_str(&a->said));
	buf_release(&b);
	if (over)
		killing_forget(c);
}

static void recalled(struct job *job, void *owner)
{
	struct console *c = owner;
	const struct rollback_speed *kept = job->result;
	for (unsigned i = 0; kept && i < c->n_watches; i++)
		if (!c->watches[i].rollbacks.seen)
			c->watches[i].rollbacks = kept[i];
}

void killing_recall(struct console *c)
{
	const char **names = xcalloc(c->n_watches, sizeof *names);
	for (unsigned i = 0; i < c->n_watches; i++)
		names[i] = c->watches[i].target->name;
	console_submit(c, rollback_read_job(names, c->n_watches), recalled, c);
	free(names);
}

static void learn(struct watched *w, const struct kill_result *r)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->fates[i].outcome >= KILL_ENDED)
			rollback_learn(&w->rollbacks, r->fates[i].undone, r->fates[i].undoing);
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
		killing_forget(c);
	} else {
		if (r->n == 1)
			buf_adds(&b, r->fates[0].text);
		else
			kill_result_text(r, &b);
		if (r->audit_error[0])
			buf_addf(&b, " · audit file: %s", r->audit_error);
		learn(&c->watches[job->target], r);
		console_say(c, outcome_role(r), "%s", buf_str(&b));
		if (c->aftermath && c->aftermath->target == job->target) {
			buf_adds(&c->aftermath->said, buf_str(&b));
			c->aftermath->role = outcome_role(r);
			c->aftermath->over = clock_mono_ns();
		}
		console_read_now(c, job->target);
	}
	buf_release(&b);
}

static void answered(void *ctx, bool yes)
{
	struct question *q = ctx;
	if (yes) {
		console_say(q->console, UI_NOTICE, "sending the kill…");
		killing_expect(q->console, q->target, &q->release);
		console_submit(q->console, kill_job(q->target, q->request), killed, q->console);
	} else {
		console_say(q->console, UI_TEXT, "nothing was killed");
		kill_request_free(q->request);
		release_free(&q->release);
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

static void add_seconds(struct buf *out, double s)
{
	if (s < 60)
		buf_addf(out, "%.*f", s < 9.95 ? 1 : 0, s);
	else
		unit_duration(out, s);
}

/* "1.2 s", "2.0 to 20 s", "less than a second". */
static void add_span(struct buf *out, const struct rollback_estimate *e)
{
	if (e->at_most < 1) {
		buf_adds(out, "less than a second");
		return;
	}
	add_seconds(out, e->seconds);
	if (e->at_most > e->seconds * 1.2) {
		buf_adds(out, " to ");
		add_seconds(out, e->at_most);
	}
	buf_adds(out, e->at_most < 60 ? " s" : "");
}

/* Where the estimate comes from. */
static void doc_basis(struct doc *d, const struct rollback_speed *speed)
{
	struct buf b = BUF_INIT;
	if (speed->seen) {
		unit_count(&b, speed->rows / speed->seconds);
		doc_printf(d, UI_DIM, "             by %u rollback%s watched on this server: %s rows/s", speed->seen,
			   speed->seen == 1 ? "" : "s", buf_str(&b));
	} else {
		doc_puts(d, UI_DIM, "             by rule of thumb: no rollback was watched on this server yet");
	}
	doc_end(d);
	buf_release(&b);
}

static void doc_rollback(struct doc *d, struct kill_preview p, const struct rollback_speed *speed)
{
	doc_puts(d, UI_LABEL, "To roll back ");
	if (p.rows < 0) {
		doc_puts(d, UI_WARNING, "unknown: the transactions cannot be seen");
	} else if (p.rows == 0) {
		doc_puts(d, UI_GOOD, "nothing was changed");
	} else {
		struct buf b = BUF_INIT;
		add_span(&b, &p.time);
		doc_printf(d, UI_WARNING, "%s%lld row%s, an estimated %s",
			   p.rows_at_most ? "at most " : "", (long long)p.rows, p.rows == 1 ? "" : "s",
			   buf_str(&b));
		buf_release(&b);
		doc_end(d);
		doc_basis(d, speed);
		return;
	}
	doc_end(d);
}

/* "3 sessions: 14, 15, 16"; those that stay with who blocks them. */
static void doc_sessions(struct doc *d, const struct release *r, enum release_fate fate, const char *label,
			 enum ui_role role)
{
	enum { NAMED = 6 };
	struct buf b = BUF_INIT;
	unsigned named = 0;
	if (!r->count[fate])
		return;
	buf_addf(&b, "%u session%s: ", r->count[fate], r->count[fate] == 1 ? "" : "s");
	for (unsigned i = 0; i < r->n && named < NAMED; i++) {
		const struct released *s = &r->sessions[i];
		if (s->fate != fate)
			continue;
		buf_addf(&b, "%s%lld", named++ ? ", " : "", (long long)s->session);
		if (fate == RELEASE_STAYS && s->by)
			buf_addf(&b, " (by %lld)", (long long)s->by);
		else if (fate == RELEASE_STAYS)
			buf_adds(&b, " (holder not shown)");
	}
	if (named < r->count[fate])
		buf_addf(&b, " and %u more", r->count[fate] - named);
	doc_printf(d, UI_LABEL, "%-13s", label);
	doc_puts(d, role, buf_str(&b));
	doc_end(d);
	buf_release(&b);
}

static void doc_release_of(struct doc *d, struct console *c, const struct release *r, int64_t waiting)
{
	if (!console_part(c, PART_BLOCKING) || (!r->n && waiting > 0)) {
		doc_puts(d, UI_LABEL, "Behind it    ");
		if (waiting < 0)
			doc_puts(d, UI_DIM, "unknown");
		else
			doc_printf(d, waiting ? UI_WARNING : UI_TEXT, "%lld session%s wait%s",
				   (long long)waiting, waiting == 1 ? "" : "s", waiting == 1 ? "s" : "");
		doc_end(d);
		return;
	}
	doc_puts(d, UI_LABEL, "Behind it    ");
	doc_printf(d, r->n ? UI_WARNING : UI_TEXT, "%u session%s wait%s", r->n, r->n == 1 ? "" : "s",
		   r->n == 1 ? "s" : "");
	doc_end(d);
	doc_sessions(d, r, RELEASE_FREE, "Go free", UI_GOOD);
	doc_sessions(d, r, RELEASE_PERHAPS, "Perhaps free", UI_WARNING);
	doc_sessions(d, r, RELEASE_STAYS, "Stay blocked", UI_WARNING);
}

/* Who ends a statement in the middle of a transaction frees nobody who waits for its rows. */
static bool keeps_its_locks(const struct part *p, unsigned row, enum kill_verb verb, const struct release *r)
{
	double age = value_number(part_cell(p, row, "transaction_age"), 0);
	double time = value_number(part_cell(p, row, "time"), 0);
	if (verb != KILL_STATEMENT || age < time + 1.5)
		return false;
	for (unsigned i = 0; i < r->n; i++)
		if (r->sessions[i].row_lock)
			return true;
	return false;
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
		draw_sql_line(d, buf_str(&b), b.len, 13);
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
	q->target = console_target(c);
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
	const struct rollback_speed *speed = &console_watched(c)->rollbacks;
	struct kill_preview preview = kill_preview(p, (unsigned)row, verb, speed);
	release_make(&q->release, console_part(c, PART_BLOCKING), &session, 1);
	doc_rollback(&d, preview, speed);
	doc_release_of(&d, c, &q->release, preview.waiting);
	if (keeps_its_locks(p, (unsigned)row, verb, &q->release))
		doc_para(&d, UI_WARNING, "Its transaction began before this statement and stays open: rows that it "
					 "has locked stay locked. X ends the connection, and frees them.");
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
	enum { USER_AT = 9, USER_CELLS = 16, TEXT_AT = 36 };
	struct buf b = BUF_INIT, age = BUF_INIT, user = BUF_INIT;
	struct value sql = part_cell(p, row, "info"), who = part_cell(p, row, "user");
	utf8_scrub(&user, value_cstr(who), strlen(value_cstr(who)));
	unit_format(&age, UNIT_SECONDS, part_cell(p, row, "time"), false);
	doc_printf(d, UI_STRONG, "%8lld ", (long long)value_integer(part_cell(p, row, "id"), 0));
	doc_add(d, UI_TEXT, buf_str(&user), utf8_fit(buf_str(&user), user.len, USER_CELLS));
	doc_tab(d, USER_AT + USER_CELLS + 1);
	doc_printf(d, UI_TEXT, "%8s", buf_str(&age));
	doc_tab(d, TEXT_AT);
	if (preview.refusal) {
		doc_printf(d, UI_WARNING, "left out: %s", preview.refusal);
		doc_end(d);
	} else if (sql.type == VALUE_TEXT) {
		sql_squeeze(&b, sql.s, sql.len, 120, SQL_DROP_COMMENTS);
		draw_sql_line(d, buf_str(&b), b.len, TEXT_AT);
	} else {
		doc_puts(d, UI_DIM, value_cstr(part_cell(p, row, "state")));
		doc_end(d);
	}
	buf_release(&b);
	buf_release(&age);
	buf_release(&user);
}

/* The row of the processlist that a row of the table is about; -1: none. */
static int session_row(const struct tableview *t, unsigned row, const struct part *p)
{
	const struct part *shown = tableview_part(t);
	return shown == p ? (int)row : p ? part_find(p, part_cell(shown, row, "session")) : -1;
}

static void release_many(struct question *q)
{
	int64_t *ids = xcalloc(q->request->n, sizeof *ids);
	for (unsigned i = 0; i < q->request->n; i++)
		ids[i] = q->request->victims[i].id;
	release_make(&q->release, console_part(q->console, PART_BLOCKING), ids, q->request->n);
	free(ids);
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
	const struct rollback_speed *speed = &console_watched(c)->rollbacks;
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
		struct kill_preview preview = kill_preview(p, (unsigned)row, verb, speed);
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
	struct kill_preview all = {.rows = rows_known ? rows : -1,
				   .rows_at_most = !connection,
				   .time = rollback_estimate(speed, rows)};
	doc_rollback(&d, all, speed);
	release_many(q);
	doc_release_of(&d, c, &q->release, -1);
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
