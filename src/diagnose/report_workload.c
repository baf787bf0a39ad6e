/* The workload: how much of what, which statements cost most, which got slower since the last report. */
#include "diagnose/reportsections.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "diagnose/ownstatement.h"
#include "diagnose/reportpast.h"
#include "diagnose/sessions.h"
#include "model/metric.h"

enum { MOST_STATEMENTS = 10, MOST_ACCOUNTS = 10 };

static const struct report_figure figures[] = {
	{METRIC_QPS, "statements", true},
	{METRIC_SELECTS, "SELECT", false},
	{METRIC_INSERTS, "INSERT", false},
	{METRIC_UPDATES, "UPDATE", false},
	{METRIC_DELETES, "DELETE", false},
	{METRIC_COMMITS, "COMMIT", false},
	{METRIC_ROLLBACKS, "ROLLBACK", false},
	{METRIC_ROWS_READ, "rows read", true},
	{METRIC_ROWS_CHANGED, "rows changed", false},
	{METRIC_FULL_SCANS, "full scans", false},
	{METRIC_FULL_JOINS, "joins without index", false},
	{METRIC_TMP_TABLES, "temporary tables", false},
	{METRIC_TMP_DISK_TABLES, "temporary tables on disk", false},
	{METRIC_SORT_ROWS, "rows sorted", false},
	{METRIC_SLOW, "slow statements", false},
	{METRIC_RUNNING, "threads running", true},
	{METRIC_CONNECTS, "new connections", false},
	{METRIC_ABORTED, "aborted connections", false},
	{METRIC_BYTES_IN, "received", false},
	{METRIC_BYTES_OUT, "sent", false},
};

/* --- who is there ----------------------------------------------------------------------------- */

enum { ACCOUNT_USER, ACCOUNT_HOST, ACCOUNT_SESSIONS, ACCOUNT_WORKING, ACCOUNT_WAITING, ACCOUNT_IDLE };
static const struct report_column account_columns[] = {
	[ACCOUNT_USER] = {.name = "user", .title = "User"},
	[ACCOUNT_HOST] = {.name = "host", .title = "Host"},
	[ACCOUNT_SESSIONS] = {.name = "sessions", .title = "Sessions", .unit = UNIT_COUNT},
	[ACCOUNT_WORKING] = {.name = "working", .title = "Working", .unit = UNIT_COUNT},
	[ACCOUNT_WAITING] = {.name = "waiting", .title = "Waiting", .unit = UNIT_COUNT},
	[ACCOUNT_IDLE] = {.name = "idle_in_transaction", .title = "Idle in transaction",
			  .unit = UNIT_COUNT},
};

struct account {
	const char *user, *host;
	int sessions, working, waiting, idle;
};

static int by_name(const void *x, const void *y)
{
	const struct account *a = x, *b = y;
	int d = strcmp(a->user, b->user);
	return d ? d : strcmp(a->host, b->host);
}

static int by_sessions(const void *x, const void *y)
{
	const struct account *a = x, *b = y;
	return a->sessions != b->sessions ? b->sessions - a->sessions : by_name(x, y);
}

/* Sessions of the same account as one; returns how many accounts there are. */
static unsigned merge(struct account *a, unsigned n)
{
	unsigned k = 0;
	qsort(a, n, sizeof *a, by_name);
	for (unsigned i = 0; i < n; i++) {
		if (k && by_name(&a[k - 1], &a[i]) == 0) {
			a[k - 1].sessions += a[i].sessions;
			a[k - 1].working += a[i].working;
			a[k - 1].waiting += a[i].waiting;
			a[k - 1].idle += a[i].idle;
		} else {
			a[k++] = a[i];
		}
	}
	qsort(a, k, sizeof *a, by_sessions);
	return k;
}

static void add_accounts(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part(s, in, PART_PROCESSLIST);
	struct account *list = xcalloc(p ? part_rows(p) + 1 : 1, sizeof *list);
	unsigned n = 0;
	for (unsigned r = 0; p && r < part_rows(p); r++) {
		if (!session_is_clients(p, r))
			continue;
		list[n++] = (struct account){session_text(p, r, "user"), session_text(p, r, "host"), 1,
					     session_works(p, r), session_waits(p, r),
					     session_idles_in_transaction(p, r)};
	}
	n = merge(list, n);
	struct report_table *t = report_table(s, "accounts", "Sessions by account", account_columns,
					      COUNT_OF(account_columns));
	for (unsigned i = 0; i < n && i < MOST_ACCOUNTS; i++) {
		report_row(t);
		report_cell(t, ACCOUNT_USER, value_str(list[i].user));
		report_cell(t, ACCOUNT_HOST, value_str(list[i].host));
		report_cell(t, ACCOUNT_SESSIONS, value_int(list[i].sessions));
		report_cell(t, ACCOUNT_WORKING, value_int(list[i].working));
		report_cell(t, ACCOUNT_WAITING, value_int(list[i].waiting));
		report_cell(t, ACCOUNT_IDLE, value_int(list[i].idle));
	}
	t->cut = n > MOST_ACCOUNTS ? n - MOST_ACCOUNTS : 0;
	free(list);
}

/* --- statements ------------------------------------------------------------------------------- */

struct cost {
	unsigned row;
	double calls, time, examined; /* in the time sampled, or since the counters began */
};

enum { TOP_DIGEST, TOP_SCHEMA, TOP_SHARE, TOP_CALLS, TOP_MEAN, TOP_EXAMINED, TOP_TEXT };
static const struct report_column top_columns[] = {
	[TOP_DIGEST] = {.name = "digest", .title = "Digest", .ours = true, .most = 12},
	[TOP_SCHEMA] = {.name = "db", .title = "Schema"},
	[TOP_SHARE] = {.name = "share", .title = "Share", .unit = UNIT_RATIO},
	[TOP_CALLS] = {.name = "calls", .title = "Calls", .unit = UNIT_COUNT},
	[TOP_MEAN] = {.name = "mean", .title = "Mean time", .unit = UNIT_SECONDS},
	[TOP_EXAMINED] = {.name = "rows_examined", .title = "Rows examined a call", .unit = UNIT_COUNT},
	[TOP_TEXT] = {.name = "text", .title = "Statement", .unit = UNIT_SQL},
};

static double cell(const struct part *p, unsigned row, const char *field)
{
	return value_number(part_cell(p, row, field), 0);
}

/* What a counter grew; 0 where that is not known. */
static double grown(const struct report_input *in, const struct part *p, unsigned row,
		    const char *name)
{
	int field = schema_field(part_schema(p), name);
	return field < 0 ? 0
			 : value_number(report_growth(in, PART_STATEMENTS, row, (unsigned)field, NULL), 0);
}

static bool two_readings(const struct report_input *in, const struct part *p)
{
	const struct part *begin = in->begin ? in->begin[PART_STATEMENTS] : NULL;
	return begin && part_read_mono(begin) < part_read_mono(p);
}

/* A statement that was new after the first reading counts from zero. */
static struct cost cost_of(const struct report_input *in, const struct part *p, unsigned row,
			   bool sampled)
{
	bool was = sampled && part_find(in->begin[PART_STATEMENTS],
					part_get(p, row, part_schema(p)->key)) >= 0;
	return was ? (struct cost){row, grown(in, p, row, "calls"), grown(in, p, row, "time"),
				   grown(in, p, row, "rows_examined")}
		   : (struct cost){row, cell(p, row, "calls"), cell(p, row, "time"),
				   cell(p, row, "rows_examined")};
}

static int by_time(const void *x, const void *y)
{
	const struct cost *a = x, *b = y;
	return (a->time < b->time) - (a->time > b->time);
}

static int by_examined(const void *x, const void *y)
{
	const struct cost *a = x, *b = y;
	return (a->examined < b->examined) - (a->examined > b->examined);
}

static void add_top(struct report_section *s, const struct part *p, const char *name,
		    const char *title, const struct cost *list, unsigned n, double all,
		    double (*of)(const struct cost *c))
{
	struct report_table *t = report_table(s, name, title, top_columns, COUNT_OF(top_columns));
	for (unsigned i = 0; i < n && i < MOST_STATEMENTS && of(&list[i]) > 0; i++) {
		const struct cost *c = &list[i];
		report_row(t);
		report_cell(t, TOP_DIGEST, part_cell(p, c->row, "digest"));
		report_cell(t, TOP_SCHEMA, part_cell(p, c->row, "db"));
		report_cell(t, TOP_SHARE, all > 0 ? value_real(of(c) / all) : VALUE_NONE);
		report_cell(t, TOP_CALLS, value_real(c->calls));
		report_cell(t, TOP_MEAN, c->calls > 0 ? value_real(c->time / c->calls) : VALUE_NONE);
		report_cell(t, TOP_EXAMINED,
			    c->calls > 0 ? value_real(c->examined / c->calls) : VALUE_NONE);
		report_cell(t, TOP_TEXT, part_cell(p, c->row, "text"));
	}
}

static double time_of(const struct cost *c)
{
	return c->time;
}

static double examined_of(const struct cost *c)
{
	return c->examined;
}

/* Who looks is not what is looked at. */
static void tell_own(struct report_section *s, const struct cost *own, const struct cost *all)
{
	if (own->time <= 0)
		return;
	report_say(s, "Left out: statements as fathom sends them, %.1f%% of the time and %.1f%% of the rows examined.",
		   100 * own->time / all->time, all->examined > 0 ? 100 * own->examined / all->examined : 0);
}

static void add_cost(struct cost *sum, const struct cost *c)
{
	sum->time += c->time;
	sum->examined += c->examined;
}

static void add_statements(struct report_section *s, const struct report_input *in,
			   const struct part *p, const struct own_statements *own)
{
	bool sampled = two_readings(in, p);
	unsigned n = 0;
	struct cost all = {0}, ours = {0};
	struct cost *list = xcalloc(part_rows(p) + 1, sizeof *list);
	for (unsigned r = 0; r < part_rows(p); r++) {
		list[n] = cost_of(in, p, r, sampled);
		add_cost(&all, &list[n]);
		if (own_statement(own, p, r))
			add_cost(&ours, &list[n]);
		else
			n++;
	}
	double time = all.time, examined = all.examined;
	if (sampled && time <= ours.time)
		report_note(s, "No statement but fathom's own was finished while it was sampled.");
	else if (!sampled)
		report_note(s, "Statements were read once: their numbers are since the server's counters "
			       "began.");
	qsort(list, n, sizeof *list, by_time);
	add_top(s, p, "by_time", "Statements by time", list, n, time, time_of);
	qsort(list, n, sizeof *list, by_examined);
	add_top(s, p, "by_rows_examined", "Statements by rows examined", list, n, examined, examined_of);
	tell_own(s, &ours, &all);
	free(list);
}

/* --- against the last report ------------------------------------------------------------------ */

enum { REG_DIGEST, REG_SCHEMA, REG_FACTOR, REG_WAS, REG_IS, REG_CALLS, REG_EXAMINED_WAS, REG_EXAMINED,
       REG_TEXT };
static const struct report_column regression_columns[] = {
	[REG_DIGEST] = {.name = "digest", .title = "Digest", .ours = true, .most = 12},
	[REG_SCHEMA] = {.name = "db", .title = "Schema"},
	[REG_FACTOR] = {.name = "factor", .title = "Times slower", .unit = UNIT_COUNT},
	[REG_WAS] = {.name = "mean_before", .title = "Mean before", .unit = UNIT_SECONDS},
	[REG_IS] = {.name = "mean", .title = "Mean since", .unit = UNIT_SECONDS},
	[REG_CALLS] = {.name = "calls", .title = "Calls since", .unit = UNIT_COUNT},
	[REG_EXAMINED_WAS] = {.name = "rows_examined_before", .title = "Rows a call before",
			      .unit = UNIT_COUNT},
	[REG_EXAMINED] = {.name = "rows_examined", .title = "since", .unit = UNIT_COUNT},
	[REG_TEXT] = {.name = "text", .title = "Statement", .unit = UNIT_SQL},
};

/* Fewer calls than this tell nothing, and what costs less in all does not matter. */
enum { FEWEST_CALLS = 5 };
#define LEAST_TIME 0.05
#define SLOWER 1.5

struct regression {
	unsigned row;
	double factor, was, is, calls, examined_was, examined;
};

/* Counters that went backwards began anew: all that they have is since the last report. */
static bool regressed(const struct report_past *past, const struct part *p, unsigned row,
		      struct regression *out)
{
	struct report_past_statement was;
	struct value id = part_cell(p, row, "id");
	if (id.type != VALUE_TEXT || !report_past_statement(past, id.s, &was) || was.calls < FEWEST_CALLS)
		return false;
	double calls = cell(p, row, "calls"), time = cell(p, row, "time");
	double examined = cell(p, row, "rows_examined");
	if (calls >= was.calls && time >= was.time && examined >= was.rows_examined) {
		calls -= was.calls;
		time -= was.time;
		examined -= was.rows_examined;
	}
	if (calls < FEWEST_CALLS || time < LEAST_TIME || was.time <= 0)
		return false;
	*out = (struct regression){.row = row, .was = was.time / was.calls, .is = time / calls,
				   .calls = calls, .examined_was = was.rows_examined / was.calls,
				   .examined = examined / calls};
	out->factor = out->is / out->was;
	return out->factor >= SLOWER;
}

static int by_factor(const void *x, const void *y)
{
	const struct regression *a = x, *b = y;
	return (a->factor < b->factor) - (a->factor > b->factor);
}

static void add_regressions(struct report_section *s, const struct report_input *in,
			    const struct part *p, const struct own_statements *own)
{
	struct regression *list = xcalloc(part_rows(p) + 1, sizeof *list);
	char time[CLOCK_RFC3339_SIZE];
	unsigned n = 0;
	for (unsigned r = 0; r < part_rows(p); r++)
		n += regressed(in->past, p, r, &list[n]) && !own_statement(own, p, r);
	qsort(list, n, sizeof *list, by_factor);
	clock_rfc3339(report_past_wall(in->past), time);
	if (!n)
		report_note(s, "No statement got slower since the last report of this target, of %s.", time);
	struct report_table *t = report_table(s, "regressions", "Slower than before the last report",
					      regression_columns, COUNT_OF(regression_columns));
	for (unsigned i = 0; i < n && i < MOST_STATEMENTS; i++) {
		const struct regression *g = &list[i];
		report_row(t);
		report_cell(t, REG_DIGEST, part_cell(p, g->row, "digest"));
		report_cell(t, REG_SCHEMA, part_cell(p, g->row, "db"));
		report_cell(t, REG_FACTOR, value_real(g->factor));
		report_cell(t, REG_WAS, value_real(g->was));
		report_cell(t, REG_IS, value_real(g->is));
		report_cell(t, REG_CALLS, value_real(g->calls));
		report_cell(t, REG_EXAMINED_WAS, value_real(g->examined_was));
		report_cell(t, REG_EXAMINED, value_real(g->examined));
		report_cell(t, REG_TEXT, part_cell(p, g->row, "text"));
	}
	t->cut = n > MOST_STATEMENTS ? n - MOST_STATEMENTS : 0;
	free(list);
}

static void build(struct report_section *s, const struct report_input *in)
{
	report_figures(s, in, figures, COUNT_OF(figures));
	add_accounts(s, in);
	const struct part *p = report_part(s, in, PART_STATEMENTS);
	if (!p)
		return;
	struct own_statements *own = own_statements_new();
	add_statements(s, in, p, own);
	if (in->past && report_past_fits(in->past, in->now))
		add_regressions(s, in, p, own);
	else
		report_note(s, "There is no earlier report of this target to compare statements with.");
	own_statements_free(own);
}

const struct report_builder report_workload = {
	.id = "workload",
	.title = "Workload",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_STATEMENTS),
	.build = build,
};
