#include "engine/kill.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/audit.h"
#include "engine/control.h"
#include "engine/fetch.h"
#include "engine/reader.h"

enum {
	CHUNK = 16, /* victims whose identity is read at once, right before they are killed */
	ER_NO_SUCH_THREAD = 1094,
	ER_NO_SUCH_QUERY = 1957, /* MariaDB */
};
#define PATIENCE (3 * NS_PER_S)      /* for one answer while watching */
#define FIRST_LOOK (300 * NS_PER_MS) /* how long the kill itself waits for its outcome */
#define SURVIVES (10 * NS_PER_S)     /* who still runs then has survived */
#define TURN (2 * NS_PER_S)          /* so long one watch keeps its worker while others wait */
#define PATIENCE_IN_ALL (600 * NS_PER_S) /* a rollback may take longer: then it is told as far as it was seen */

/* What the worker keeps between the kill and the end of the watch, one a victim. */
struct watched {
	bool open;          /* its outcome may still change */
	int64_t killed;     /* mono ns */
	int64_t rows_first; /* to be rolled back when first seen; -1 */
	int64_t rows_since; /* mono ns of that */
	int64_t rows_last;  /* when last seen */
	int64_t rows_until; /* mono ns of that */
};

/* One job at work. */
struct act {
	struct job *job;
	struct db *db;
	struct kill_request *request;
	struct kill_result *result;
	struct watched *watched;
	const struct stmt *identity; /* that this server takes; NULL: not found out */
};

static double since(int64_t t)
{
	return (double)(clock_mono_ns() - t) / (double)NS_PER_S;
}

static void say(struct kill_fate *f, enum kill_outcome o, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct kill_fate *f, enum kill_outcome o, const char *fmt, ...)
{
	va_list ap;
	f->outcome = o;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
}

static int64_t soon(const struct act *a)
{
	int64_t t = clock_mono_ns() + PATIENCE;
	return t < a->job->deadline ? t : a->job->deadline;
}

static bool connection_broke(const struct err *e)
{
	return e->kind == ERR_LOST || e->kind == ERR_TIMEOUT || e->kind == ERR_PROTOCOL ||
	       e->kind == ERR_CANCELLED;
}

/* --- reading identities ----------------------------------------------------------------------- */

static char *grid_copy(const struct grid *g, unsigned row, const char *column)
{
	int c = grid_column(g, column);
	return c < 0 || !g->rows[row][c].s ? NULL
					   : xstrndup(g->rows[row][c].s, g->rows[row][c].len);
}

static int64_t grid_int(const struct grid *g, unsigned row, const char *column, int64_t otherwise)
{
	const char *s = grid_text(g, row, column);
	return *s ? strtoll(s, NULL, 10) : otherwise;
}

static void victim_from_grid(struct kill_victim *v, const struct grid *g, unsigned row, int64_t now)
{
	const char *time = grid_text(g, row, "time");
	*v = (struct kill_victim){
		.id = grid_int(g, row, "id", 0),
		.user = grid_copy(g, row, "user"),
		.host = grid_copy(g, row, "host"),
		.db = grid_copy(g, row, "db"),
		.command = grid_copy(g, row, "command"),
		.state = grid_copy(g, row, "state"),
		.info = grid_copy(g, row, "info"),
		.query_id = grid_int(g, row, "query_id", -1),
		.time = *time ? strtod(time, NULL) : -1,
		.rows_modified = -1,
		.seen = now,
	};
}

/* The first statement of the list that the server takes is the one from then on. */
static bool ask_identity(struct act *a, const struct stmt_arg *ids, struct grid *g, struct err *e)
{
	const struct stmt *s = a->identity ? a->identity : kill_identity(db_server(a->db)->flavor);
	for (; s->sql; s++) {
		*e = (struct err){0};
		if (fetch_grid(a->db, s, ids, 1, 0, soon(a), a->job->cancel_fd, g, e)) {
			a->identity = s;
			return true;
		}
		if (connection_broke(e))
			break;
	}
	return false;
}

/* The row of this connection; of several (a stored program's statements) the one that was seen. */
static int find_row(const struct grid *g, const struct kill_victim *seen)
{
	int found = -1;
	for (unsigned i = 0; i < g->n_rows; i++) {
		if (grid_int(g, i, "id", 0) != seen->id)
			continue;
		if (found < 0 || grid_int(g, i, "query_id", -1) == seen->query_id)
			found = (int)i;
	}
	return found;
}

/* How the victims from `first` on are now; who is gone has id 0. False: job->err says why. */
static bool look(struct act *a, unsigned first, unsigned n, struct kill_victim *now)
{
	int64_t ids[CHUNK];
	struct stmt_arg arg = STMT_INTS(ids, n);
	struct grid g;
	for (unsigned i = 0; i < n; i++)
		ids[i] = a->request->victims[first + i].id;
	if (!ask_identity(a, &arg, &g, &a->job->err))
		return false;
	for (unsigned i = 0; i < n; i++) {
		int row = find_row(&g, &a->request->victims[first + i]);
		now[i] = (struct kill_victim){0};
		if (row >= 0)
			victim_from_grid(&now[i], &g, (unsigned)row, clock_mono_ns());
	}
	grid_release(&g);
	return true;
}

static void release(struct kill_victim *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		kill_victim_release(&v[i]);
}

/* --- privileges and procedures ---------------------------------------------------------------- */

static bool granted(const struct act *a, const char *privilege)
{
	struct grid g;
	struct err e = {0};
	bool found = false;
	if (!fetch_grid(a->db, &kill_grants, NULL, 0, 0, soon(a), a->job->cancel_fd, &g, &e))
		return false;
	for (unsigned i = 0; i < g.n_rows && !found; i++)
		found = g.rows[i][0].s && strcasestr(g.rows[i][0].s, privilege);
	grid_release(&g);
	return found;
}

/* What this server calls the privilege to kill others. */
static const char *kill_privilege(const struct server_info *s)
{
	if (s->flavor == FLAVOR_MARIADB)
		return s->number >= 100502 ? "CONNECTION ADMIN" : "SUPER";
	return s->number >= 80000 ? "CONNECTION_ADMIN" : "SUPER";
}

static void say_denied(const struct act *a, struct kill_fate *f, const struct err *e)
{
	const struct server_info *s = db_server(a->db);
	const char *need = kill_privilege(s);
	struct buf b = BUF_INIT;
	if (e->code != 1095 && e->code != 1227) {
		say(f, KILL_DENIED, "the server refuses: %s", e->why);
		return;
	}
	if (s->flavor != FLAVOR_MARIADB && (granted(a, need) || granted(a, "SUPER"))) {
		reader_grant(&b, "SYSTEM_USER", s->account);
		say(f, KILL_DENIED,
		    "its account has SYSTEM_USER, which only such accounts may end: %s",
		    buf_str(&b));
	} else {
		reader_grant(&b, need, s->account);
		say(f, KILL_DENIED, "sessions of other accounts need the privilege %s: %s", need,
		    buf_str(&b));
	}
	buf_release(&b);
}

/* Managed clouds keep that privilege to themselves and offer procedures in its place. */
static const struct {
	const char *name;
	enum kill_verb verb;
	const struct stmt *call;
} procedures[] = {
	{"rds_kill_query", KILL_STATEMENT, &kill_rds_query},
	{"rds_kill", KILL_CONNECTION, &kill_rds_connection},
	{"az_kill", KILL_CONNECTION, &kill_az_connection},
};

static const struct stmt *procedure(const struct act *a)
{
	struct grid g;
	struct err e = {0};
	const struct stmt *found = NULL;
	if (!fetch_grid(a->db, &kill_procedures, NULL, 0, 0, soon(a), a->job->cancel_fd, &g, &e))
		return NULL;
	for (unsigned row = 0; row < g.n_rows; row++)
		for (size_t i = 0; i < COUNT_OF(procedures) && !found; i++)
			if (procedures[i].verb == a->request->verb &&
			    strcasecmp(grid_text(&g, row, "name"), procedures[i].name) == 0)
				found = procedures[i].call;
	grid_release(&g);
	return found;
}

/* --- killing ---------------------------------------------------------------------------------- */

static void refuse(struct kill_fate *f, const char *why)
{
	say(f, KILL_REFUSED, "not killed: %s", why);
}

/* Whether it is still what the person saw, and may be killed at all. */
static bool may_kill(const struct act *a, const struct kill_victim *seen,
		     const struct kill_victim *now, struct kill_fate *f)
{
	const struct kill_request *r = a->request;
	const char *why = kill_refusal(seen, r->verb);
	if (!why && now->id)
		why = kill_refusal(now, r->verb);
	if (seen->id == r->own_id || seen->id == db_server(a->db)->connection_id)
		why = "it is fathom itself";

	enum kill_match match = kill_match(seen, now);
	if (why && match != MATCH_GONE) {
		refuse(f, why);
		return false;
	}
	bool whatever = r->whatever && r->verb == KILL_CONNECTION;
	switch (match) {
	case MATCH_GONE:
		say(f, KILL_WAS_GONE, "it was gone already");
		return false;
	case MATCH_STRANGER:
		refuse(f, "its number belongs to another session now");
		return false;
	case MATCH_ENDED:
		f->changed = true;
		if (whatever)
			break;
		refuse(f, "its statement has ended, the session is idle now");
		return false;
	case MATCH_OTHER:
		f->changed = true;
		if (whatever)
			break;
		say(f, KILL_REFUSED, "not killed: it has moved on to another statement%s%.200s",
		    now->info ? ": " : "", now->info ? now->info : "");
		return false;
	case MATCH_SAME:
		break;
	}
	return true;
}

static bool send(const struct act *a, const struct stmt *s, int64_t id, struct err *e)
{
	struct stmt_arg arg = STMT_INT(id);
	*e = (struct err){0};
	return db_run(a->db, s, &arg, 1, NULL, NULL, soon(a), a->job->cancel_fd, e);
}

static bool send_kill(const struct act *a, const struct kill_victim *now, struct err *e)
{
	if (a->request->verb == KILL_CONNECTION)
		return send(a, &kill_connection, now->id, e);
	/* By the number of the statement no other can be hit. */
	if (db_server(a->db)->flavor == FLAVOR_MARIADB && now->query_id > 0)
		return send(a, &kill_query_id, now->query_id, e);
	return send(a, &kill_query, now->id, e);
}

static void kill_one(struct act *a, unsigned i, const struct kill_victim *now)
{
	struct kill_fate *f = &a->result->fates[i];
	struct err e;
	bool ok = send_kill(a, now, &e);
	if (!ok && e.kind == ERR_DENIED) {
		const struct stmt *call = procedure(a);
		struct err second;
		if (call && send(a, call, now->id, &second))
			ok = true;
		else
			say_denied(a, f, call ? &second : &e);
	}
	if (ok) {
		say(f, KILL_SENT, "killed; what becomes of it is not known yet");
		a->watched[i].open = true;
		a->watched[i].killed = clock_mono_ns();
	} else if (e.code == ER_NO_SUCH_THREAD) {
		say(f, KILL_WAS_GONE, "it was gone already");
	} else if (e.code == ER_NO_SUCH_QUERY) {
		f->changed = true;
		refuse(f, "its statement has just ended");
	} else if (connection_broke(&e)) {
		say(f, KILL_SENT, "the kill was sent, and no answer came: %.200s", e.why);
		a->job->err = e;
	} else if (f->outcome == KILL_NOT_TRIED) {
		say(f, KILL_FAILED, "%.300s", e.why);
	}
}

static void kill_chunk(struct act *a, unsigned first, unsigned n)
{
	struct kill_victim now[CHUNK];
	if (!look(a, first, n, now))
		return;
	for (unsigned i = 0; i < n && !a->job->err.kind; i++) {
		const struct kill_victim *seen = &a->request->victims[first + i];
		if (may_kill(a, seen, &now[i], &a->result->fates[first + i]))
			kill_one(a, first + i, &now[i]);
	}
	release(now, n);
}

/* --- watching --------------------------------------------------------------------------------- */

static int trx_row(const struct grid *g, int64_t id)
{
	for (unsigned i = 0; i < g->n_rows; i++)
		if (grid_int(g, i, "id", 0) == id)
			return (int)i;
	return -1;
}

static double seconds_between(int64_t from, int64_t to)
{
	return (double)(to - from) / (double)NS_PER_S;
}

/* "1,234,567" */
static const char *rows_text(int64_t rows, char out[32])
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%lld", (long long)(rows < 0 ? 0 : rows)), k = 0;
	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			out[k++] = ',';
		out[k++] = digits[i];
	}
	out[k] = '\0';
	return out;
}

static void say_rolling_back(struct kill_fate *f, struct watched *w, int64_t rows)
{
	char left[32], all[32];
	int64_t now = clock_mono_ns();
	f->rows = rows;
	if (w->rows_first < 0) {
		w->rows_first = rows;
		w->rows_since = now;
	}
	w->rows_last = rows;
	w->rows_until = now;
	double seconds = seconds_between(w->rows_since, now);
	int64_t undone = w->rows_first - rows;
	rows_text(rows, left);
	rows_text(w->rows_first, all);
	if (undone > 0 && seconds > 0.2)
		say(f, KILL_ROLLING_BACK, "rolling back: %s of %s rows left, about %.0f s more", left, all,
		    (double)rows * seconds / (double)undone);
	else
		say(f, KILL_ROLLING_BACK, "rolling back: %s rows left", left);
}

/* What was undone, and how long that took: all of it by the end of a connection; of a statement, whose
   transaction may go on, only what was seen going down. An idle session begins at once, with all that it had
   changed; so does, for all one knows, one whose rollback was over before anybody looked. */
static void measure(const struct act *a, unsigned i, struct kill_fate *f)
{
	const struct watched *w = &a->watched[i];
	int64_t now = clock_mono_ns(), before = a->request->victims[i].rows_modified;
	if (a->request->verb == KILL_STATEMENT) {
		f->undone = w->rows_first < 0 ? 0 : w->rows_first - w->rows_last;
		f->undoing = seconds_between(w->rows_since, w->rows_until);
	} else if (w->rows_first >= 0 && !kill_victim_idle(&a->request->victims[i])) {
		f->undone = w->rows_first;
		f->undoing = seconds_between(w->rows_since, now);
	} else {
		f->undone = before > 0 ? before : 0;
		f->undoing = seconds_between(w->killed, now);
	}
}

static void say_over(const struct act *a, unsigned i, enum kill_outcome o, const char *what)
{
	struct kill_fate *f = &a->result->fates[i];
	char rows[32], undone[80] = "";
	measure(a, i, f);
	f->rows = 0;
	if (f->undone > 0)
		snprintf(undone, sizeof undone, ", rolled back %s row%s in %.1f s", rows_text(f->undone, rows),
			 f->undone == 1 ? "" : "s", f->undoing);
	say(f, o, "%s after %.1f s%s%s", what, f->seconds, undone,
	    o == KILL_ENDED ? "; the session lives" : "");
	a->watched[i].open = false;
}

/* `trx`: its row in `g`, or -1. */
static void judge(struct act *a, unsigned i, const struct kill_victim *now, const struct grid *g,
		  int trx)
{
	struct kill_fate *f = &a->result->fates[i];
	struct watched *w = &a->watched[i];
	enum kill_match match = kill_match(&a->request->victims[i], now);
	bool rolls = trx >= 0 && strcasestr(grid_text(g, (unsigned)trx, "state"), "rolling");
	f->seconds = since(w->killed);
	if (match == MATCH_GONE || match == MATCH_STRANGER) {
		say_over(a, i, KILL_GONE, "gone");
	} else if (rolls) {
		say_rolling_back(f, w, grid_int(g, (unsigned)trx, "rows_modified", -1));
	} else if (a->request->verb == KILL_STATEMENT && match != MATCH_SAME) {
		say_over(a, i, KILL_ENDED, "its statement ended");
	} else if (clock_mono_ns() - w->killed > SURVIVES) {
		say(f, KILL_SURVIVED,
		    "still there after %.0f s (%.120s); the server looks for kills "
		    "only now and then",
		    f->seconds,
		    now->state && *now->state ? now->state
		    : now->command            ? now->command
					      : "");
		w->open = false;
	}
}

static bool look_at_transactions(struct act *a, unsigned first, unsigned n, struct grid *g)
{
	int64_t ids[CHUNK];
	struct stmt_arg arg = STMT_INTS(ids, n);
	struct err e = {0};
	for (unsigned i = 0; i < n; i++)
		ids[i] = a->request->victims[first + i].id;
	*g = (struct grid){0};
	if (fetch_grid(a->db, &kill_transactions, &arg, 1, 0, soon(a), a->job->cancel_fd, g, &e))
		return true;
	/* Without PROCESS nobody sees transactions: then the session itself has to tell. */
	if (connection_broke(&e))
		a->job->err = e;
	return !a->job->err.kind;
}

static void watch_chunk(struct act *a, unsigned first, unsigned n)
{
	struct kill_victim now[CHUNK];
	struct grid g;
	unsigned open = 0;
	for (unsigned i = first; i < first + n; i++)
		open += a->watched[i].open;
	if (!open || !look(a, first, n, now))
		return;
	if (look_at_transactions(a, first, n, &g)) {
		for (unsigned i = 0; i < n; i++)
			if (a->watched[first + i].open)
				judge(a, first + i, &now[i], &g,
				      trx_row(&g, a->request->victims[first + i].id));
		grid_release(&g);
	}
	release(now, n);
}

static void each_chunk(struct act *a, void (*f)(struct act *a, unsigned first, unsigned n))
{
	for (unsigned i = 0; i < a->request->n && !a->job->err.kind; i += CHUNK)
		f(a, i, a->request->n - i < CHUNK ? a->request->n - i : CHUNK);
}

static unsigned still_open(const struct act *a)
{
	unsigned n = 0;
	for (unsigned i = 0; i < a->request->n; i++)
		n += a->watched[i].open;
	return n;
}

/* MySQL makes its list of transactions anew at most ten times a second. */
#define FIRST_PAUSE (20 * NS_PER_MS)
#define LONGEST_PAUSE (NS_PER_S / 2)

/* Look until all is settled, less and less often. False when time is up or the connection broke. */
static bool watch(struct act *a, int64_t until, int64_t pause, bool report)
{
	while (still_open(a)) {
		int64_t now = clock_mono_ns();
		if (now >= until || a->job->err.kind || job_cancelled(a->job))
			return false;
		job_sleep(a->job, now + pause < until ? now + pause : until);
		each_chunk(a, watch_chunk);
		pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
		if (report) {
			struct buf b = BUF_INIT;
			kill_result_text(a->result, &b);
			job_report(a->job, buf_str(&b));
			buf_release(&b);
		}
	}
	return true;
}

/* --- the jobs --------------------------------------------------------------------------------- */

void kill_result_text(const struct kill_result *r, struct buf *out)
{
	unsigned count[KILL_GONE + 1] = {0};
	if (r->n == 1) {
		buf_adds(out, r->fates[0].text);
		return;
	}
	for (unsigned i = 0; i < r->n; i++)
		count[r->fates[i].outcome]++;
	const char *comma = "";
	for (int o = KILL_GONE; o >= 0; o--)
		if (count[o]) {
			buf_addf(out, "%s%u %s", comma, count[o],
				 kill_outcome_name((enum kill_outcome)o));
			comma = ", ";
		}
}

/* A line for each victim of which there is something to tell; with `only` for those. */
static void write_down(struct act *a, const bool *only)
{
	struct err e = {0};
	struct rollback_speed one;
	for (unsigned i = 0; i < a->request->n; i++) {
		const struct kill_fate *f = &a->result->fates[i];
		if (f->outcome == KILL_NOT_TRIED || (only && !only[i]))
			continue;
		if (!audit_kill(job_target(a->job), db_server(a->db)->account, a->request->verb,
				&a->request->victims[i], f, &e))
			snprintf(a->result->audit_error, sizeof a->result->audit_error,
				 "%.90s: %.90s", e.what, e.why);
		one = (struct rollback_speed){0};
		if (f->outcome >= KILL_ENDED && rollback_learn(&one, f->undone, f->undoing))
			rollback_write(job_target(a->job)->name, f->undone, f->undoing, &e);
	}
}

static struct kill_result *result_new(const struct kill_request *r)
{
	struct kill_result *result = xcalloc(1, sizeof *result);
	result->verb = r->verb;
	result->n = r->n;
	result->fates = xcalloc(r->n, sizeof *result->fates);
	struct watched *w = xcalloc(r->n, sizeof *w);
	for (unsigned i = 0; i < r->n; i++) {
		result->fates[i].rows = w[i].rows_first = -1;
		say(&result->fates[i], KILL_NOT_TRIED, "not tried: the connection broke before");
	}
	result->watch = w;
	return result;
}

static void release_kill(struct job *job)
{
	struct kill_result *r = job->result;
	kill_request_free(job->input);
	if (!r)
		return;
	free(r->fates);
	free(r->watch);
	free(r);
}

static struct act act_of(struct job *job, struct db *db)
{
	struct kill_result *result = job->result;
	return (struct act){
		.job = job,
		.db = db,
		.request = job->input,
		.result = result,
		.watched = result->watch,
	};
}

static bool has_waited_enough(const struct act *a)
{
	for (unsigned i = 0; i < a->request->n; i++)
		if (a->watched[i].open && clock_mono_ns() - a->watched[i].killed < PATIENCE_IN_ALL)
			return false;
	return true;
}

static const struct job_kind watch_kind;

/* A rollback may take minutes, and others want to be watched, too: so it is done in turns. */
static void run_watch(struct job *job, struct db *db)
{
	struct act a = act_of(job, db);
	bool *tell = xcalloc(a.request->n, sizeof *tell);
	for (unsigned i = 0; i < a.request->n; i++)
		tell[i] = a.watched[i].open;
	bool settled = watch(&a, clock_mono_ns() + TURN, FIRST_LOOK, true);
	bool over = settled || job->err.kind || job_cancelled(job) || has_waited_enough(&a);
	for (unsigned i = 0; i < a.request->n; i++)
		tell[i] &= over || !a.watched[i].open;
	write_down(&a, tell);
	if (!over)
		job->follow = &watch_kind;
	free(tell);
}

static const struct job_kind watch_kind = {
	.name = "watch a kill",
	.lane = LANE_WATCH,
	.purpose = DB_JOB,
	.seconds = 30,
	.run = run_watch,
	.release = release_kill,
};

static bool read_only(const struct target *t)
{
	const char *v = t->value[SETTING_READ_ONLY];
	return v && *v && strcmp(v, "0") != 0;
}

static void run_kill(struct job *job, struct db *db)
{
	job->result = result_new(job->input);
	struct act a = act_of(job, db);
	if (read_only(job_target(job))) {
		for (unsigned i = 0; i < a.request->n; i++)
			refuse(&a.result->fates[i], "this target is set to read-only");
		return;
	}
	each_chunk(&a, kill_chunk);
	bool settled = watch(&a, clock_mono_ns() + FIRST_LOOK, FIRST_PAUSE, false);
	write_down(&a, NULL);
	if (!settled && !job->err.kind)
		job->follow = &watch_kind;
}

static const struct job_kind kill_kind = {
	.name = "kill",
	.lane = LANE_KILL,
	.purpose = DB_JOB,
	.seconds = 10,
	.run = run_kill,
	.release = release_kill,
};

struct job *kill_job(unsigned target, struct kill_request *r)
{
	return job_new(&kill_kind, target, r);
}

/* --- what we left behind ---------------------------------------------------------------------- */

static void release_stray(struct job *job)
{
	kill_request_free(job->input);
}

/* Numbers begin anew when a server does: so only what runs a statement of ours is ended. */
static void run_stray(struct job *job, struct db *db)
{
	struct act a = {.job = job, .db = db, .request = job->input};
	struct kill_victim now;
	struct err e = {0};
	if (!look(&a, 0, 1, &now))
		return;
	if (now.info && strncmp(now.info, "/* fathom */", 12) == 0)
		send(&a, &kill_connection, now.id, &e);
	kill_victim_release(&now);
}

struct job *kill_stray_job(unsigned target, const struct server_info *left)
{
	static const struct job_kind kind = {
		.name = "end what a job left behind",
		.lane = LANE_KILL,
		.purpose = DB_JOB,
		.seconds = 5,
		.run = run_stray,
		.release = release_stray,
	};
	struct kill_request *r = kill_request_new(KILL_CONNECTION, 0);
	GROW(r->victims, r->n, r->cap);
	r->victims[r->n++] = (struct kill_victim){.id = left->connection_id, .query_id = -1};
	return job_new(&kind, target, r);
}
