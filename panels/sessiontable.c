/*
 * The columns, colours and switches of sessions, and what can be done to one: for the sessions panel and
 * the overview. The state says what is so; blockers are never hidden.
 */
#include <string.h>

#include "base/mem.h"
#include "model/hostmetric.h"
#include "panels/console.h"
#include "panels/detail.h"
#include "panels/draw.h"
#include "panels/sessiontable.h"
#include "parse/sqltext.h"

static struct value cell(const struct table_row *r, const char *field)
{
	return part_cell(r->part, r->row, field);
}

static bool is(struct value v, const char *text)
{
	return strcmp(value_cstr(v), text) == 0;
}

static bool blocks(const struct table_row *r)
{
	return value_integer(cell(r, "blocks"), 0) > 0;
}

static bool waits(const struct table_row *r)
{
	return cell(r, "blocked_by").type != VALUE_ABSENT ||
	       strstr(value_cstr(cell(r, "state")), "lock") != NULL;
}

static bool idle(const struct table_row *r)
{
	return is(cell(r, "command"), "Sleep");
}

static bool idle_in_transaction(const struct table_row *r)
{
	return idle(r) && cell(r, "transaction_age").type != VALUE_ABSENT;
}

/* --- what may be hidden ----------------------------------------------------------------------- */

static bool hides_idle(const struct table_row *r)
{
	return idle(r) && !blocks(r) && !idle_in_transaction(r);
}

static bool hides_own(const struct table_row *r)
{
	return is(cell(r, "kind"), "own");
}

static bool hides_replication(const struct table_row *r)
{
	struct value kind = cell(r, "kind");
	return (is(kind, "replication") || is(kind, "system") || is(kind, "event")) && !blocks(r);
}

static const struct table_hide hides[] = {
	{"idle", "hide-idle", hides_idle, true},
	{"own", "hide-own", hides_own, true},
	{"system", "hide-system", hides_replication, true},
};

/* --- how it looks ----------------------------------------------------------------------------- */

static enum ui_role row_role(const struct table_row *r)
{
	if (blocks(r) && !waits(r))
		return UI_BLOCKING;
	if (waits(r))
		return UI_WAITING;
	if (idle(r) && !idle_in_transaction(r))
		return UI_IDLE;
	return UI_TEXT;
}

/* The row's colour is for the columns that say why; the others stay calm. */
static enum ui_role calm(const struct table_row *r, struct value v)
{
	(void)v;
	return idle(r) && !idle_in_transaction(r) && !blocks(r) ? UI_IDLE : UI_RUNNING;
}

static enum ui_role tint_age(const struct table_row *r, struct value v)
{
	double s = value_number(v, 0);
	if (idle(r) && !idle_in_transaction(r))
		return UI_IDLE;
	return s >= 60 ? UI_CRITICAL : s >= 10 ? UI_WARNING : UI_RUNNING;
}

static enum ui_role tint_state(const struct table_row *r, struct value v)
{
	(void)v;
	return idle_in_transaction(r) && !blocks(r) ? UI_WARNING : UI_TEXT;
}

static enum ui_role tint_blocks(const struct table_row *r, struct value v)
{
	(void)r;
	return value_number(v, 0) > 0 ? UI_CRITICAL : UI_DIM;
}

static struct value statement(const struct table_row *r)
{
	struct value info = cell(r, "info");
	return info.type != VALUE_ABSENT ? info : cell(r, "last_statement");
}

static void format_statement(const struct table_row *r, struct value v, struct buf *out)
{
	enum { MOST = 2000 };
	if (v.type != VALUE_TEXT)
		return;
	if (cell(r, "info").type == VALUE_ABSENT)
		buf_adds(out, "last: ");
	bool whole = sql_squeeze(out, v.s, v.len, MOST, 0);
	if (!whole || value_integer(cell(r, "info_cut"), 0))
		buf_adds(out, "…");
}

/* What one should look at first: who blocks, who waits, who runs longest. */
static struct value urgency(const struct table_row *r)
{
	double s = value_number(cell(r, "time"), 0);
	double age = value_number(cell(r, "transaction_age"), 0);
	double score = s > age ? s : age;
	if (idle(r) && !idle_in_transaction(r))
		score = 0;
	if (blocks(r))
		score += 1e12 + 1e9 * (double)value_integer(cell(r, "blocks"), 0) + (waits(r) ? 0 : 1e15);
	else if (waits(r))
		score += 1e9;
	return value_real(score);
}

/* Statements that differ only in their values are one: the text's own digest, for MariaDB has none and
   MySQL's says nothing about the text that is shown. */
static struct value digest(const struct table_row *r)
{
	struct value text = statement(r);
	struct buf ignored = BUF_INIT;
	if (text.type != VALUE_TEXT || !text.len)
		return VALUE_NONE;
	uint64_t hash = sql_digest(&ignored, text.s, text.len);
	buf_release(&ignored);
	return value_int((int64_t)(hash >> 1));
}

static void format_digest(const struct table_row *r, struct value v, struct buf *out)
{
	(void)r;
	if (v.type == VALUE_INT)
		buf_addf(out, "%015llx", (unsigned long long)v.i);
	else
		unit_format(out, UNIT_NONE, v, false);
}

/* How far a long operation is stands with what it does. */
static void format_state(const struct table_row *r, struct value v, struct buf *out)
{
	struct value progress = cell(r, "progress");
	unit_format(out, UNIT_NONE, v, false);
	if (progress.type != VALUE_ABSENT)
		buf_addf(out, " %.0f%%", value_number(progress, 0));
}

/* --- what its thread takes of the host ------------------------------------------------------------ */

static const struct part *host_threads(const struct table_row *r)
{
	return r->frame && r->frame->now ? r->frame->now->parts[PART_HOST_THREADS] : NULL;
}

static int thread_row(const struct table_row *r)
{
	const struct part *p = host_threads(r);
	struct value tid = cell(r, "os_thread_id");
	return p && part_rows(p) && tid.type == VALUE_INT ? part_find(p, tid) : -1;
}

static struct value thread_rate(const struct table_row *r, const char *field)
{
	int row = thread_row(r);
	return row < 0 ? VALUE_NONE : host_row_rate(r->frame, PART_HOST_THREADS, (unsigned)row, field);
}

static const char *thread_absent(const struct table_row *r, const char *field)
{
	const struct part *p = host_threads(r);
	int i = p ? schema_field(part_schema(p), field) : -1;
	if (!p)
		return "the host has not been read yet";
	if (part_reason(p))
		return part_reason(p);
	if (cell(r, "os_thread_id").type == VALUE_ABSENT)
		return "the server does not say which thread of the operating system serves the session";
	if (thread_row(r) < 0)
		return "only the threads of the busiest sessions are read, to spare the host";
	return i >= 0 && part_absent_reason(p, (unsigned)i) ? part_absent_reason(p, (unsigned)i)
							    : "nothing to compare with yet";
}

#define THREAD_COLUMN(name, field) \
	static struct value name(const struct table_row *r) \
	{ \
		return thread_rate(r, field); \
	} \
	static const char *name##_absent(const struct table_row *r) \
	{ \
		return thread_absent(r, field); \
	}
THREAD_COLUMN(thread_cpu, "cpu")
THREAD_COLUMN(run_wait, "run_wait")
THREAD_COLUMN(disk_read, "read_bytes")
THREAD_COLUMN(disk_written, "written_bytes")

static enum ui_role tint_cpu(const struct table_row *r, struct value v)
{
	double n = value_number(v, 0);
	return n >= 0.9 ? UI_CRITICAL : n >= 0.5 ? UI_WARNING : calm(r, v);
}

static enum ui_role tint_run_wait(const struct table_row *r, struct value v)
{
	double n = value_number(v, 0);
	return n >= 0.5 ? UI_CRITICAL : n >= 0.1 ? UI_WARNING : calm(r, v);
}

/* Shares of a second a second. */
static void format_share(const struct table_row *r, struct value v, struct buf *out)
{
	(void)r;
	unit_format(out, UNIT_SECONDS, v, true);
}

/* Shown by themselves in so wide a view of a server whose host is known. */
static const struct {
	const char *id;
	int width;
} host_columns[] = {
	{"thread_cpu", 160}, {"run_wait", 170}, {"disk_read", 190}, {"disk_written", 190},
};

static bool shows_host(struct tableview *t)
{
	for (size_t i = 0; i < tableview_columns(t); i++) {
		bool shown;
		const struct column *col = tableview_column(t, i, &shown);
		for (size_t k = 0; shown && k < COUNT_OF(host_columns); k++)
			if (strcmp(column_id(col), host_columns[k].id) == 0)
				return true;
	}
	return false;
}

/* Reading threads costs the host: only while somebody looks. */
part_mask session_table_wants(const struct view *v)
{
	const struct table_panel_state *s = v->state;
	return s->table && shows_host(s->table) ? PART_BIT(PART_HOST_THREADS) : 0;
}

static bool is_shown(struct tableview *t, const char *id)
{
	for (size_t i = 0; i < tableview_columns(t); i++) {
		bool shown;
		const struct column *col = tableview_column(t, i, &shown);
		if (strcmp(column_id(col), id) == 0)
			return shown;
	}
	return false;
}

static bool host_is_known(const struct view *v)
{
	const struct frame *f = console_frame(v->console);
	enum link_state link = f && f->now ? f->now->host.state : LINK_IDLE;
	return link == LINK_LIVE || link == LINK_STALLED;
}

/* Columns of the host come and go with the width, until a person has a say in it. */
static void fit_host_columns(struct view *v, int width)
{
	struct session_table_state *s = v->state;
	struct tableview *t = s->panel.table;
	bool changed = false;
	if (!s->seen)
		s->by_hand = console_columns(v->console, v->ops->name);
	s->seen = true;
	for (size_t i = 0; i < COUNT_OF(host_columns); i++)
		s->by_hand |= is_shown(t, host_columns[i].id) != (s->auto_shown >> i & 1);
	/* A link that is down for a while takes no column away. */
	if (s->by_hand || (!s->auto_shown && !host_is_known(v)))
		return;
	for (size_t i = 0; i < COUNT_OF(host_columns); i++) {
		bool wide = width >= host_columns[i].width;
		if (wide == (s->auto_shown >> i & 1))
			continue;
		tableview_column_show(t, host_columns[i].id, wide);
		s->auto_shown ^= 1u << i;
		changed = true;
	}
	if (changed)
		console_demand(v->console);
}

void session_table_draw(struct view *v, struct canvas *c, struct rect r)
{
	fit_host_columns(v, r.w);
	table_panel_draw(v, c, r);
}

static const struct column columns[] = {
	{.field = "id", .width = 7, .min = 5, .flags = COLUMN_ASC},
	{.field = "user", .width = 12, .min = 8, .priority = 2, .tint = calm},
	{.field = "host", .width = 18, .min = 15, .priority = 5, .tint = calm},
	{.field = "db", .title = "Db", .width = 10, .min = 6, .priority = 6, .tint = calm},
	{.field = "command", .width = 9, .min = 7, .priority = 7, .tint = calm},
	{.field = "time", .width = 8, .sum = SUM_MAX, .tint = tint_age},
	{.field = "transaction_age", .title = "Trx", .width = 7, .priority = 3, .sum = SUM_MAX, .tint = tint_age},
	{.field = "rows_locks", .title = "Locked", .width = 7, .priority = 8, .sum = SUM_TOTAL, .tint = calm},
	{.field = "rows_modified", .title = "Changed", .width = 7, .priority = 8, .sum = SUM_TOTAL, .tint = calm},
	{.field = "state", .width = 26, .min = 20, .tint = tint_state,
	 .format = format_state},
	{.field = "blocked_by", .title = "Waits for", .width = 9, .priority = 9, .sum = SUM_SAME},
	{.field = "blocks", .width = 6, .priority = 4, .sum = SUM_MAX, .tint = tint_blocks},
	{.field = "progress", .width = 8, .priority = 10, .flags = COLUMN_HIDDEN, .tint = calm},
	{.field = "rows_examined", .width = 8, .priority = 10, .flags = COLUMN_HIDDEN, .sum = SUM_TOTAL,
	 .tint = calm},
	{.field = "rows_sent", .width = 8, .priority = 10, .flags = COLUMN_HIDDEN, .sum = SUM_TOTAL,
	 .tint = calm},
	{.field = "memory", .width = 7, .priority = 10, .flags = COLUMN_HIDDEN, .sum = SUM_TOTAL,
	 .tint = calm},
	{.field = "wait", .width = 20, .priority = 11, .flags = COLUMN_HIDDEN, .tint = calm},
	{.field = "stage", .width = 20, .priority = 11, .flags = COLUMN_HIDDEN, .tint = calm},
	{.field = "server_state", .width = 20, .priority = 11, .flags = COLUMN_HIDDEN, .tint = calm},
	{.field = "kind", .width = 11, .priority = 11, .flags = COLUMN_HIDDEN, .tint = calm},
	{.field = "transaction_isolation", .width = 15, .priority = 11, .flags = COLUMN_HIDDEN,
	 .tint = calm},
	{.id = "digest", .title = "Digest", .unit = UNIT_ID, .width = 16, .priority = 11,
	 .flags = COLUMN_HIDDEN | COLUMN_LEFT, .value = digest, .format = format_digest, .tint = calm,
	 .help = "Equal for statements that differ only in their values: group by it to see how many "
		 "sessions run the same."},
	{.field = "os_thread_id", .width = 9, .priority = 11, .flags = COLUMN_HIDDEN, .tint = calm},
	{.id = "thread_cpu", .title = "CPU %", .unit = UNIT_SECONDS, .width = 6, .priority = 4,
	 .flags = COLUMN_HIDDEN, .sum = SUM_TOTAL, .value = thread_cpu, .absent = thread_cpu_absent,
	 .tint = tint_cpu, .format = format_share,
	 .help = "CPU that the session's thread takes on the server's host, from /proc/PID/task/TID/schedstat "
		 "there: 100 % is one core, and no thread can have more. Sort by it to see who eats the CPU."},
	{.id = "run_wait", .title = "RunWait", .unit = UNIT_SECONDS, .width = 7, .priority = 4,
	 .flags = COLUMN_HIDDEN, .sum = SUM_TOTAL, .value = run_wait, .absent = run_wait_absent,
	 .tint = tint_run_wait, .format = format_share,
	 .help = "Share of the time in which the session's thread could run and found no core free, from "
		 "schedstat. Near zero; more: the host or its container has too little CPU for the load."},
	{.id = "disk_read", .title = "Read/s", .unit = UNIT_BYTES, .width = 7, .priority = 4,
	 .flags = COLUMN_HIDDEN, .sum = SUM_TOTAL, .value = disk_read, .absent = disk_read_absent,
	 .tint = calm,
	 .help = "Bytes a second that the session's thread had read from disks, from /proc/PID/task/TID/io; "
		 "only the same user and root may read that."},
	{.id = "disk_written", .title = "Write/s", .unit = UNIT_BYTES, .width = 7, .priority = 4,
	 .flags = COLUMN_HIDDEN, .sum = SUM_TOTAL, .value = disk_written, .absent = disk_written_absent,
	 .tint = calm,
	 .help = "Bytes a second that the session's thread had written to disks itself, from "
		 "/proc/PID/task/TID/io. Pages of tables are written by other threads, later."},
	{.id = "statement", .title = "Statement", .unit = UNIT_SQL, .width = 40, .min = 24,
	 .priority = 1, .flags = COLUMN_FILL | COLUMN_LEFT, .value = statement, .format = format_statement,
	 .draw = draw_sql_cell,
	 .help = "What the session runs now. Of a session that sleeps in a transaction: the last "
		 "statement that it ran (“last:”). A trailing … says that the text is cut; ↵ fetches it "
		 "whole."},
	{.id = "urgency", .title = "Urgency", .width = 8, .flags = COLUMN_HIDDEN, .value = urgency,
	 .help = "What one should look at first: sessions that block others, by how many; then those that "
		 "wait; then by how long they run."},
};

#define SESSION_TABLE(by) \
	{ \
		.part = PART_PROCESSLIST, \
		.table = { \
			.columns = columns, \
			.n_columns = COUNT_OF(columns), \
			.sort = (by), \
			.hides = hides, \
			.n_hides = COUNT_OF(hides), \
			.row_role = row_role, \
			.empty = "No session does anything now.", \
		}, \
	}

const struct table_panel all_sessions = SESSION_TABLE("-time");
const struct table_panel worst_sessions = SESSION_TABLE("-urgency");

/* --- actions ---------------------------------------------------------------------------------- */

static void detail(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct tableview *t = v->ops->table(v);
	if (tableview_open_group(t))
		return;
	struct value id = tableview_key(t);
	if (id.type == VALUE_INT)
		console_push(v->console, &session_detail, &id.i);
}

int64_t session_table_session(struct view *v)
{
	return value_integer(tableview_key(table_panel_table(v)), 0);
}

static void explain_plan(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct value id = tableview_key(v->ops->table(v));
	if (id.type != VALUE_INT)
		return;
	console_push(v->console, &session_detail, &id.i);
	detail_show_page(console_view(v->console), "plan");
}

static void hide(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct tableview *t = v->ops->table(v);
	for (unsigned i = 0; i < COUNT_OF(hides); i++)
		if (strcmp(hides[i].action, call->action->name) == 0) {
			bool on = !tableview_hides(t, hides[i].name);
			tableview_hide(t, hides[i].name, on);
			console_say(v->console, UI_TEXT, "%s sessions are %s", hides[i].name,
				    on ? "hidden (never one that blocks others)" : "shown");
		}
}

/* All of them or none; with the busiest first. */
static void host_load(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct tableview *t = v->ops->table(v);
	bool show = !shows_host(t);
	for (size_t i = 0; i < COUNT_OF(host_columns); i++)
		tableview_column_show(t, host_columns[i].id, show);
	tableview_sort(t, show ? "-thread_cpu" : "-time");
	console_demand(v->console);
	console_say(v->console, UI_TEXT, "what sessions take of the host is %s", show ? "shown" : "hidden");
}

static const struct action actions[] = {
	{"session-detail", "Enter", "detail", "Look into the session: statement, plan, locks, transaction.",
	 NULL, ACTION_NEEDS_ROW, 1, detail},
	{"explain-plan", "e", "explain", "Show the plan of the statement that runs.", NULL,
	 ACTION_NEEDS_ROW | ACTION_LIVE_ONLY, 4, explain_plan},
	{"hide-idle", "i", "idle", "Hide or show idle sessions (never one that blocks others).", NULL, 0,
	 24, hide},
	{"session-load", "L", "load", "Show or hide what each session takes of the server's host: CPU, waiting for "
	 "a core, disk I/O. Where the terminal has 160 columns and more they show by themselves.", NULL, 0, 26,
	 host_load},
	{"hide-own", "o", "own", "Hide or show fathom's own sessions.", NULL, ACTION_UNLISTED, 0, hide},
	{"hide-system", "a", "system", "Hide or show replication and system sessions.", NULL,
	 ACTION_UNLISTED, 0, hide},
};

const struct action_set session_table_actions = {"sessions", "Sessions", actions, COUNT_OF(actions)};
