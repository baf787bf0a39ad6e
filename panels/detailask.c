#include "panels/detailask.h"

#include <string.h>

#include "base/mem.h"
#include "engine/fetch.h"
#include "parse/sqltext.h"

enum { MOST_TABLES = 8 };

static bool same_family(enum flavor wanted, enum flavor have)
{
	if (have == FLAVOR_PERCONA)
		have = FLAVOR_MYSQL;
	return wanted == FLAVOR_UNKNOWN || wanted == have;
}

struct detail_section *detail_section_add(struct detail_answer *a, const struct detail_query *q, char *title)
{
	if (a->n == DETAIL_SECTIONS)
		a->n--;
	struct detail_section *s = &a->sections[a->n++];
	free(s->title);
	grid_release(&s->grid);
	*s = (struct detail_section){.query = q, .title = title};
	return s;
}

/* Whether a query can be asked at all; if not, *why says why. */
static bool applicable(const struct detail_ask *in, const struct detail_query *q, const char **why)
{
	*why = NULL;
	if (q->page != in->page || !same_family(q->flavor, in->flavor))
		return false;
	if (q->performance_schema && !in->performance_schema)
		*why = "needs performance_schema = ON in the server's configuration";
	else if (q->page == DETAIL_PLAN && q->flavor == FLAVOR_MARIADB && in->waits)
		*why = "the server does not answer SHOW EXPLAIN for a session that waits for a lock";
	return !*why;
}

/* Of a list of sessions keeps the statement of one, as the only cell of the only row. */
static void keep_listed(struct grid *g, int64_t id)
{
	int ids = grid_column(g, "Id"), infos = grid_column(g, "Info");
	unsigned row = 0;
	while (ids >= 0 && infos >= 0 && row < g->n_rows &&
	       strtoll(g->rows[row][ids].s ? g->rows[row][ids].s : "", NULL, 10) != id)
		row++;
	if (ids < 0 || infos < 0 || row == g->n_rows) {
		g->n_rows = 0;
		return;
	}
	g->rows[0] = g->rows[row];
	g->rows[0][0] = g->rows[0][infos];
	g->n_rows = g->n_columns = 1;
}

/* A page that is being asked. */
struct asking {
	struct job *job;
	struct db *db;
	const struct detail_ask *in;
	struct detail_answer *out;
};

static bool ask_one(const struct asking *a, const struct detail_query *q, const struct stmt_arg *args,
		    size_t n, struct grid *out, struct err *e)
{
	enum { MOST_SESSIONS = 100000 };
	bool listed = q->arg == DETAIL_IN_LIST;
	bool ok = fetch_grid(a->db, &q->stmt, args, listed ? 0 : n, listed ? MOST_SESSIONS : 0,
			     a->job->deadline, a->job->cancel_fd, out, e);
	if (ok && listed)
		keep_listed(out, a->in->id);
	return ok;
}

/* A lost connection cannot be asked again. */
static bool fatal_error(const struct err *e)
{
	return e->kind == ERR_LOST || e->kind == ERR_TIMEOUT || e->kind == ERR_PROTOCOL ||
	       e->kind == ERR_CANCELLED;
}

/* A session that sleeps has no statement, and no rows of a plan. MySQL has no JSON plan, second version, of what
   changes data: it says so in place of one. */
static bool says_nothing(const struct detail_query *q, const struct grid *g)
{
	if (q->kind == DETAIL_SQL)
		return !g->n_rows || !g->rows[0][0].s;
	if ((q->kind == DETAIL_PLAN_ROWS || q->kind == DETAIL_PLAN_JSON) && !g->n_rows)
		return true;
	return q->kind == DETAIL_PLAN_JSON && g->rows[0][0].s &&
	       strstr(g->rows[0][0].s, "not executable by iterator executor");
}

/* All alternatives of a slot until one works. Returns false when the connection is gone. */
static bool ask_slot(const struct asking *a, unsigned slot)
{
	const struct detail_ask *in = a->in;
	struct detail_answer *out = a->out;
	struct detail_section *failed = NULL;
	for (const struct detail_query *q = detail_queries; q->stmt.sql; q++) {
		const char *why;
		if (q->slot != slot || q->arg == DETAIL_BY_TABLE || q->arg == DETAIL_BY_TEXT)
			continue;
		if (!applicable(in, q, &why)) {
			if (why && !failed) {
				failed = detail_section_add(out, q, xstrdup(q->title));
				failed->note = why;
			}
			continue;
		}
		struct stmt_arg arg = STMT_INT(in->id);
		struct grid g = {0};
		struct err e = {0};
		bool ok = ask_one(a, q, &arg, 1, &g, &e);
		if (ok && says_nothing(q, &g)) {
			grid_release(&g);
			continue;
		}
		if (ok) {
			struct detail_section *s = failed ? failed : detail_section_add(out, q, NULL);
			free(s->title);
			*s = (struct detail_section){.query = q, .title = xstrdup(q->title), .grid = g};
			return true;
		}
		if (!failed)
			failed = detail_section_add(out, q, xstrdup(q->title));
		/* The first refusal says most: later ones are second best. */
		if (failed->err.kind == ERR_NONE) {
			failed->err = e;
			failed->note = NULL;
			failed->query = q;
		}
		if (fatal_error(&e))
			return false;
	}
	return true;
}

static bool use_schema(const struct asking *a, const char *schema)
{
	struct grid g;
	struct err e = {0};
	struct stmt_arg arg = STMT_STRING(schema, strlen(schema));
	bool ok = fetch_grid(a->db, &detail_use, &arg, 1, 0, a->job->deadline, a->job->cancel_fd, &g, &e);
	if (ok)
		grid_release(&g);
	return ok;
}

const char detail_runs_nothing[] = "the session runs no statement now";

/* The plan that the text would get now: only of a complete text, and called what it is. */
static void ask_text_plan(const struct asking *a)
{
	const struct detail_ask *in = a->in;
	struct detail_answer *out = a->out;
	for (unsigned i = 0; i < out->n; i++)
		if (out->sections[i].grid.n_rows)
			return;
	if (!in->text || !in->text[0]) {
		detail_section_add(out, NULL, xstrdup("Plan"))->note = detail_runs_nothing;
		return;
	}
	if (!in->complete) {
		detail_section_add(out, NULL, xstrdup("Plan of the text as of now"))->note =
			"the text is cut, so it cannot be explained";
		return;
	}
	size_t len = strlen(in->text);
	if (!sql_is_explainable(in->text, len)) {
		detail_section_add(out, NULL, xstrdup("Plan of the text as of now"))->note =
			"EXPLAIN knows only SELECT, INSERT, UPDATE, DELETE and REPLACE";
		return;
	}
	if (in->db && in->db[0])
		use_schema(a, in->db);
	struct stmt_arg arg = {.type = ARG_FOREIGN, .s = in->text, .n = len};
	struct detail_section *s = NULL;
	for (const struct detail_query *q = detail_queries; q->stmt.sql; q++) {
		if (q->page != DETAIL_PLAN || q->arg != DETAIL_BY_TEXT)
			continue;
		if (!s)
			s = detail_section_add(out, q, xstrdup(q->title));
		struct err e = {0};
		bool ok = ask_one(a, q, &arg, 1, &s->grid, &e);
		if (ok && !says_nothing(q, &s->grid)) {
			s->query = q;
			s->err.kind = ERR_NONE;
			return;
		}
		grid_release(&s->grid);
		if (ok)
			continue;
		if (s->err.kind == ERR_NONE)
			s->err = e;
		if (fatal_error(&e))
			return;
	}
}

static bool ask_table(const struct asking *a, const char *schema, const char *name)
{
	struct stmt_arg args[] = {STMT_STRING(schema, strlen(schema)), STMT_STRING(name, strlen(name))};
	for (const struct detail_query *q = detail_queries; q->stmt.sql; q++) {
		if (q->page != DETAIL_TABLES)
			continue;
		struct detail_section *s = detail_section_add(a->out, q, xasprintf("%s.%s: %s", schema, name, q->title));
		if (!ask_one(a, q, args, 2, &s->grid, &s->err) && fatal_error(&s->err))
			return false;
	}
	return true;
}

static void ask_tables(const struct asking *a)
{
	const struct detail_ask *in = a->in;
	struct detail_answer *out = a->out;
	const struct sql_table *tables;
	struct arena arena = {0};
	size_t n = in->text ? sql_tables(&arena, in->text, strlen(in->text), &tables) : 0;
	if (!n)
		detail_section_add(out, NULL, xstrdup("Tables"))->note = "the statement names no table";
	for (size_t i = 0; i < n && i < MOST_TABLES; i++) {
		const char *schema = tables[i].schema ? tables[i].schema : in->db;
		if (!schema || !*schema)
			detail_section_add(out, NULL, xstrdup(tables[i].name))->note = "its schema is not known";
		else if (!ask_table(a, schema, tables[i].name))
			break;
	}
	if (n > MOST_TABLES)
		detail_section_add(out, NULL, xstrdup("Further tables"))->note = "only the first eight are shown";
	arena_release(&arena);
}

struct detail_answer *detail_ask_page(struct job *job, struct db *db, const struct detail_ask *in)
{
	struct detail_answer *out = xcalloc(1, sizeof *out);
	const struct asking a = {job, db, in, out};
	out->page = in->page;
	if (in->page == DETAIL_TABLES) {
		ask_tables(&a);
	} else {
		bool there = true;
		for (unsigned slot = 0; there && slot < 3; slot++)
			there = ask_slot(&a, slot);
		if (there && in->page == DETAIL_PLAN && !in->running_only)
			ask_text_plan(&a);
	}
	/* The lane must know when its connection is broken. */
	for (unsigned i = 0; i < out->n; i++)
		if (fatal_error(&out->sections[i].err))
			job->err = out->sections[i].err;
	return out;
}

static void ask_run(struct job *job, struct db *db)
{
	job->result = detail_ask_page(job, db, job->input);
}

void detail_answer_free(struct detail_answer *a)
{
	for (unsigned i = 0; a && i < a->n; i++) {
		free(a->sections[i].title);
		grid_release(&a->sections[i].grid);
	}
	free(a);
}

static void ask_release(struct job *job)
{
	struct detail_ask *in = job->input;
	free(in->text);
	free(in->db);
	free(in);
	detail_answer_free(job->result);
}

const struct job_kind detail_job = {
	.name = "session-detail",
	.lane = LANE_DETAIL,
	.purpose = DB_JOB,
	.seconds = 10,
	.run = ask_run,
	.release = ask_release,
};

/* EXPLAIN of a text that changes data: refused in a read-only session, so it gets one that is not and
   that sends nothing else. */
const struct job_kind detail_dml_job = {
	.name = "plan-of-change",
	.lane = LANE_DETAIL,
	.purpose = DB_EXPLAIN_DML,
	.seconds = 10,
	.run = ask_run,
	.release = ask_release,
};
