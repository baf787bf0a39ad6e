#include "panels/bundlejob.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "collect/blocking.h"
#include "collect/collector.h"
#include "collect/processlist.h"
#include "diagnose/blocktree.h"
#include "model/json.h"
#include "panels/console.h"
#include "parse/sqlsecrets.h"

#define OF_ONE_PAGE (3 * NS_PER_S)
#define OF_ALL (25 * NS_PER_S)

static const enum detail_page pages[BUNDLE_PAGES] = {DETAIL_TRANSACTION, DETAIL_LOCKS, DETAIL_PLAN};
static const char *const page_names[BUNDLE_PAGES] = {"transaction", "locks", "plan"};

void bundle_matter_free(struct bundle_matter *m)
{
	if (!m)
		return;
	snapshot_unref(m->snapshot);
	for (unsigned i = 0; i < m->n_sessions; i++)
		for (unsigned p = 0; p < BUNDLE_PAGES; p++)
			detail_answer_free(m->sessions[i].pages[p]);
	grid_release(&m->statements);
	json_decref(m->curves);
	free(m->path);
	free(m->folder);
	free(m->verdict);
	free(m->written);
	free(m);
}

static void release(struct job *job)
{
	bundle_matter_free(job->input);
}

/* --- who is looked at closely --------------------------------------------------------------------- */

static const struct part *part_of(const struct bundle_matter *m, enum part_id id)
{
	return m->snapshot->parts[id];
}

static struct bundle_session *add_session(struct bundle_matter *m, int64_t id)
{
	const struct part *p = part_of(m, PART_PROCESSLIST);
	int row = p && id ? part_find(p, value_int(id)) : -1;
	for (unsigned i = 0; i < m->n_sessions; i++)
		if (m->sessions[i].id == id)
			return NULL;
	if (row < 0 || m->n_sessions == BUNDLE_SESSIONS)
		return NULL;
	struct bundle_session *s = &m->sessions[m->n_sessions++];
	const char *command = value_cstr(part_get(p, (unsigned)row, PROCESSLIST_COMMAND));
	*s = (struct bundle_session){
		.id = id,
		.sleeps = strcmp(command, "Sleep") == 0,
		.waits = part_get(p, (unsigned)row, PROCESSLIST_BLOCKED_BY).type != VALUE_ABSENT ||
			 part_get(p, (unsigned)row, PROCESSLIST_WAIT_AGE).type != VALUE_ABSENT,
	};
	return s;
}

static void choose_roots(struct bundle_matter *m)
{
	enum { MOST = 4 };
	struct blocktree t;
	blocktree_of(&t, part_of(m, PART_BLOCKING));
	for (unsigned i = 0; i < t.n_rows && m->n_sessions < MOST; i++) {
		const struct block_row *r = &t.rows[i];
		const struct block_node *n = &t.nodes[r->node];
		unsigned behind = r->suspect ? n->suspected : n->behind;
		struct bundle_session *s = r->depth ? NULL : add_session(m, n->session);
		if (s)
			snprintf(s->why, sizeof s->why, "%u session%s wait%s behind it%s", behind,
				 behind == 1 ? "" : "s", behind == 1 ? "s" : "",
				 r->suspect ? ", if it is who holds the lock" : "");
	}
	blocktree_release(&t);
}

struct runner {
	int64_t id;
	double time;
};

static int longest_first(const void *a, const void *b)
{
	const struct runner *x = a, *y = b;
	return (x->time < y->time) - (x->time > y->time);
}

static void choose_running(struct bundle_matter *m)
{
	const struct part *p = part_of(m, PART_PROCESSLIST);
	unsigned n = 0;
	if (!p || !part_rows(p))
		return;
	struct runner *list = xcalloc(part_rows(p), sizeof *list);
	for (unsigned i = 0; i < part_rows(p); i++) {
		bool user = strcmp(value_cstr(part_get(p, i, PROCESSLIST_KIND)), "user") == 0;
		if (user && part_get(p, i, PROCESSLIST_INFO).type == VALUE_TEXT)
			list[n++] = (struct runner){
				value_integer(part_get(p, i, PROCESSLIST_ID), 0),
				value_number(part_get(p, i, PROCESSLIST_TIME), 0),
			};
	}
	qsort(list, n, sizeof *list, longest_first);
	for (unsigned i = 0; i < n && m->n_sessions < BUNDLE_SESSIONS; i++) {
		struct bundle_session *s = add_session(m, list[i].id);
		if (s)
			snprintf(s->why, sizeof s->why, "its statement has been %s for %.1f s",
				 s->waits ? "waiting" : "running", list[i].time);
	}
	free(list);
}

/* --- asking ------------------------------------------------------------------------------------- */

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Every whole statement at once, in the one list that does not cut. */
static void ask_statements(struct job *job, struct db *db, struct bundle_matter *m)
{
	const struct detail_query *q = detail_queries;
	while (q->stmt.sql && q->arg != DETAIL_IN_LIST)
		q++;
	if (!q->stmt.sql)
		return;
	m->statements_read = fetch_grid(db, &q->stmt, NULL, 0, 20000, job->deadline, job->cancel_fd,
					&m->statements, &m->statements_err);
	if (!m->statements_read)
		job->err = m->statements_err;
}

static void ask_page(struct job *job, struct db *db, struct bundle_matter *m, unsigned session, unsigned page)
{
	struct bundle_session *s = &m->sessions[session];
	struct detail_ask in = {
		.id = s->id,
		.page = pages[page],
		.flavor = m->snapshot->server.flavor,
		.performance_schema = m->snapshot->server.performance_schema,
		.waits = s->waits,
		.running_only = true,
	};
	if (pages[page] == DETAIL_PLAN && s->sleeps)
		return;
	s->pages[page] = detail_ask_page(job, db, &in);
}

static bool connection_broke(const struct err *e)
{
	return e->kind == ERR_LOST || e->kind == ERR_TIMEOUT || e->kind == ERR_PROTOCOL ||
	       e->kind == ERR_CANCELLED;
}

static const struct job_kind ask_kind;

/* One step after the other. A statement that hangs costs its connection: the job then goes on with the step after
   it, on another one. */
static void run_ask(struct job *job, struct db *db)
{
	struct bundle_matter *m = job->input;
	if (!m->chosen) {
		m->until = clock_mono_ns() + OF_ALL;
		choose_roots(m);
		choose_running(m);
		m->chosen = true;
	}
	job->err = (struct err){0};
	unsigned steps = 1 + m->n_sessions * BUNDLE_PAGES;
	while (m->step < steps && clock_mono_ns() < m->until && !job_cancelled(job)) {
		unsigned step = m->step++, session = (step - 1) / BUNDLE_PAGES, page = (step - 1) % BUNDLE_PAGES;
		job->deadline = sooner(clock_mono_ns() + OF_ONE_PAGE, m->until);
		if (!step) {
			ask_statements(job, db, m);
		} else {
			char text[96];
			snprintf(text, sizeof text, "keeping the evidence: session %lld (%u of %u): %s",
				 (long long)m->sessions[session].id, session + 1, m->n_sessions,
				 page_names[page]);
			job_report(job, text);
			ask_page(job, db, m, session, page);
		}
		if (!connection_broke(&job->err))
			continue;
		if (m->step < steps && clock_mono_ns() < m->until && job->err.kind != ERR_CANCELLED)
			job->follow = &ask_kind;
		return;
	}
}

static const struct job_kind ask_kind = {
	.name = "evidence",
	.lane = LANE_WATCH,
	.purpose = DB_JOB,
	.seconds = 8,
	.run = run_ask,
	.release = release,
};

struct job *bundle_ask_job(unsigned target, struct bundle_matter *m)
{
	return job_new(&ask_kind, target, m);
}

/* --- as JSON -------------------------------------------------------------------------------------- */

/* Of the last minutes; older ones are for recordings. */
json_t *bundle_curves(const struct timeline *t)
{
	enum { MOST = 300 };
	json_t *o = json_object();
	for (unsigned i = 0; i < N_METRICS; i++) {
		const struct metric *metric = metric_get(i);
		const struct series *s = timeline_series(t, i);
		unsigned n = series_length(s) < MOST ? series_length(s) : MOST;
		json_t *points = json_array();
		for (unsigned back = n; back-- > 0;)
			if (isfinite(series_value(s, back)))
				json_array_append_new(points, json_pack("[ff]", -series_age(s, back),
									series_value(s, back)));
		if (json_array_size(points))
			json_object_set_new(o, metric->id,
					    json_pack("{sssbso}", "unit", unit_name(metric->unit), "a_second",
						      metric->rate, "points", points));
		else
			json_decref(points);
	}
	return o;
}

static void not_read(struct bundle_matter *m, json_t *list, const char *what, const char *why)
{
	json_t *o = json_object();
	json_object_set_new(o, "what", json_of_text(what, strlen(what)));
	json_object_set_new(o, "why", json_of_text(why, strlen(why)));
	json_array_append_new(list, o);
	m->not_read++;
}

static void list_parts_not_read(struct bundle_matter *m, json_t *list)
{
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *p = m->snapshot->parts[i];
		if (!(m->wanted & PART_BIT(i)) || !p || part_status(p) == PART_OK)
			continue;
		m->cut |= part_status(p) == PART_FAILED || part_status(p) == PART_STALE;
		not_read(m, list, part_name((enum part_id)i),
			 part_reason(p) ? part_reason(p) : part_status_name(part_status(p)));
	}
}

static json_t *json_of_tree(const struct bundle_matter *m)
{
	const struct part *blocking = part_of(m, PART_BLOCKING), *sessions = part_of(m, PART_PROCESSLIST);
	json_t *list = json_array();
	struct blocktree t;
	blocktree_of(&t, blocking);
	for (unsigned i = 0; i < t.n_rows; i++) {
		const struct block_row *r = &t.rows[i];
		const struct block_node *n = &t.nodes[r->node];
		json_t *o = json_object();
		int row = sessions && n->session ? part_find(sessions, value_int(n->session)) : -1;
		json_object_set_new(o, "depth", json_integer(r->depth));
		json_object_set_new(o, "session", n->session ? json_integer(n->session) : json_null());
		json_object_set_new(o, "transaction", n->trx ? json_integer(n->trx) : json_null());
		json_object_set_new(o, "behind", json_integer(r->suspect ? n->suspected : n->behind));
		json_object_set_new(o, "suspect", json_boolean(r->suspect));
		if (r->edge >= 0)
			json_object_set_new(o, "wait", json_of_row(blocking, (unsigned)r->edge));
		if (row >= 0)
			json_object_set_new(o, "state",
					    json_of_value(NULL, part_cell(sessions, (unsigned)row, "state")));
		json_array_append_new(list, o);
	}
	blocktree_release(&t);
	return list;
}

static json_t *json_of_grid(const struct grid *g)
{
	json_t *rows = json_array();
	for (unsigned i = 0; i < g->n_rows; i++) {
		json_t *o = json_object();
		for (unsigned k = 0; k < g->n_columns; k++) {
			const struct grid_cell *cell = &g->rows[i][k];
			struct buf name = BUF_INIT;
			utf8_repair(&name, g->columns[k], strlen(g->columns[k]));
			json_object_set_new(o, buf_str(&name),
					    cell->s ? json_of_text(cell->s, cell->len) : json_null());
			buf_release(&name);
		}
		json_array_append_new(rows, o);
	}
	return rows;
}

/* An error as a text: what was asked, and why it was not told. */
static char *err_text(const struct err *e)
{
	struct buf b = BUF_INIT;
	err_format(e, &b);
	return buf_steal(&b);
}

static json_t *json_of_answer(struct bundle_matter *m, const struct detail_answer *a, int64_t session, json_t *lacks)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < a->n; i++) {
		const struct detail_section *s = &a->sections[i];
		json_t *o = json_object();
		json_object_set_new(o, "title", json_of_text(s->title, strlen(s->title)));
		char *why = s->note                     ? xstrdup(s->note)
			    : s->err.kind != ERR_NONE ? err_text(&s->err)
						      : NULL;
		if (why) {
			char *what = xasprintf("session %lld: %s", (long long)session, s->title);
			not_read(m, lacks, what, why);
			json_object_set_new(o, "reason", json_of_text(why, strlen(why)));
			free(what);
		} else {
			json_object_set_new(o, "rows", json_of_grid(&s->grid));
		}
		free(why);
		json_array_append_new(list, o);
	}
	return list;
}

/* The statement of a session, whole where the list was had. */
static json_t *json_of_statement(const struct bundle_matter *m, int64_t session)
{
	const struct grid *g = &m->statements;
	int info = grid_column(g, "Info");
	for (unsigned i = 0; m->statements_read && info >= 0 && i < g->n_rows; i++)
		if (strtoll(grid_text(g, i, "Id"), NULL, 10) == session && g->rows[i][info].s)
			return json_of_text(g->rows[i][info].s, g->rows[i][info].len);
	const struct part *p = part_of(m, PART_PROCESSLIST);
	int row = p ? part_find(p, value_int(session)) : -1;
	if (row < 0)
		return json_null();
	struct value v = part_get(p, (unsigned)row, PROCESSLIST_INFO);
	if (v.type != VALUE_TEXT)
		v = part_get(p, (unsigned)row, PROCESSLIST_LAST_STATEMENT);
	return json_of_value(NULL, v);
}

static json_t *json_of_sessions(struct bundle_matter *m, json_t *lacks)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < m->n_sessions; i++) {
		const struct bundle_session *s = &m->sessions[i];
		json_t *o = json_object();
		json_object_set_new(o, "id", json_integer(s->id));
		json_object_set_new(o, "why", json_of_text(s->why, strlen(s->why)));
		json_object_set_new(o, "statement", json_of_statement(m, s->id));
		for (unsigned p = 0; p < BUNDLE_PAGES; p++)
			if (s->pages[p])
				json_object_set_new(o, page_names[p],
						    json_of_answer(m, s->pages[p], s->id, lacks));
		json_array_append_new(list, o);
	}
	return list;
}

/* Of all that run something. */
static json_t *json_of_statements(const struct bundle_matter *m)
{
	const struct grid *g = &m->statements;
	json_t *list = json_array();
	int info = grid_column(g, "Info");
	for (unsigned i = 0; m->statements_read && info >= 0 && i < g->n_rows; i++) {
		const struct grid_cell *text = &g->rows[i][info];
		if (!text->s || strncmp(text->s, "/* fathom */", 12) == 0)
			continue;
		json_t *o = json_object();
		json_object_set_new(o, "session", json_integer(strtoll(grid_text(g, i, "Id"), NULL, 10)));
		json_object_set_new(o, "text", json_of_text(text->s, text->len));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *json_of_innodb(const struct bundle_matter *m)
{
	const struct part *p = part_of(m, PART_INNODB_STATUS);
	return p && part_rows(p) ? json_of_value(NULL, part_cell(p, 0, "text")) : json_null();
}

/* A copy of `j` without passwords, or NULL when it had none. */
static json_t *without_secrets(json_t *j)
{
	const char *s = json_string_value(j);
	size_t n = json_string_length(j);
	if (!s || !sql_may_have_secrets(s, n))
		return NULL;
	struct buf b = BUF_INIT;
	sql_hide_secrets(&b, s, n);
	json_t *clean = json_of_text(buf_str(&b), b.len);
	buf_release(&b);
	return clean;
}

static void hide_all(json_t *j)
{
	const char *key;
	json_t *value, *clean;
	size_t i;
	json_object_foreach(j, key, value)
	{
		if ((clean = without_secrets(value)))
			json_object_set_new(j, key, clean);
		else
			hide_all(value);
	}
	json_array_foreach(j, i, value)
	{
		if ((clean = without_secrets(value)))
			json_array_set_new(j, i, clean);
		else
			hide_all(value);
	}
}

json_t *bundle_json(struct bundle_matter *m, const struct target *t)
{
	bool socket = target_uses_socket(t);
	struct json_target head = {
		.name = t->name,
		.host = socket ? NULL : target_host(t),
		.port = socket ? 0 : target_port(t),
		.socket = socket ? target_socket(t) : NULL,
		.label = t->value[SETTING_LABEL],
	};
	json_t *lacks = json_array();
	m->not_read = 0;
	m->cut = false;
	json_t *o = json_of_snapshot(m->snapshot, &head, m->wanted & ~PART_BIT(PART_INNODB_STATUS) &
								~PART_BIT(PART_BLOCKING),
				     false);
	list_parts_not_read(m, lacks);
	json_object_set_new(o, "verdict", json_of_text(m->verdict, strlen(m->verdict)));
	json_object_set_new(o, "blocking_tree", json_of_tree(m));
	json_object_set_new(o, "sessions", json_of_sessions(m, lacks));
	json_object_set_new(o, "statements", json_of_statements(m));
	if (!m->statements_read) {
		char *why = err_text(m->statements_err.kind != ERR_NONE ? &m->statements_err : &m->lost);
		not_read(m, lacks, "whole statements", *why ? why : "the server was not asked");
		m->cut = true;
		free(why);
	}
	if (m->chosen && m->step < 1 + m->n_sessions * BUNDLE_PAGES) {
		char *why = err_text(&m->lost);
		not_read(m, lacks, "the rest of the sessions", *why ? why : "it took too long");
		m->cut = true;
		free(why);
	}
	json_object_set_new(o, "innodb_status", json_of_innodb(m));
	json_object_set(o, "metrics", m->curves);
	json_object_set_new(o, "not_read", lacks);
	json_object_set_new(o, "partial", json_boolean(m->cut || m->snapshot->err.kind != ERR_NONE));
	hide_all(o);
	return o;
}

/* --- writing -------------------------------------------------------------------------------------- */

/* Of a socket's path the last two names tell which it is. */
static const char *short_name(const char *name)
{
	const char *last = *name == '/' ? strrchr(name, '/') : NULL;
	while (last && last > name && last[-1] != '/')
		last--;
	return last ? last : name;
}

/* "fathom-bundle-db3.prod_3306-20260309-140233": without its ending. */
static char *default_name(const struct bundle_matter *m, const struct target *t)
{
	enum { MOST = 80 };
	char stamp[32];
	time_t at = (time_t)(clock_wall_us() / US_PER_S);
	struct tm tm;
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s%sfathom-bundle-", m->folder ? m->folder : "", m->folder ? "/" : "");
	const char *name = short_name(t->name);
	if (strlen(name) > MOST)
		name += strlen(name) - MOST;
	while (*name == '/')
		name++;
	for (; *name; name++)
		buf_addc(&b, (*name >= '0' && *name <= '9') || ((*name | 32) >= 'a' && (*name | 32) <= 'z') ||
				     strchr(".-_", *name)
			     ? *name
			     : '_');
	localtime_r(&at, &tm);
	strftime(stamp, sizeof stamp, "-%Y%m%d-%H%M%S", &tm);
	buf_adds(&b, stamp);
	return buf_steal(&b);
}

/* A file that was not there. *path becomes its name. */
static int create(const struct bundle_matter *m, const struct target *t, char **path)
{
	enum { TRIES = 100 };
	char *stem = m->path ? NULL : default_name(m, t);
	int fd = -1;
	*path = NULL;
	for (int i = 1; i <= TRIES; i++) {
		free(*path);
		*path = m->path  ? xstrdup(m->path)
			: i == 1 ? xasprintf("%s.json", stem)
				 : xasprintf("%s-%d.json", stem, i);
		fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 || errno != EEXIST || m->path)
			break;
	}
	free(stem);
	return fd;
}

static bool write_all(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t k = write(fd, s, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		s += k;
		n -= (size_t)k;
	}
	return true;
}

static void run_write(struct job *job, struct db *db)
{
	struct bundle_matter *m = job->input;
	const struct target *t = job_target(job);
	struct buf out = BUF_INIT;
	char *path;
	(void)db;
	json_t *j = bundle_json(m, t);
	json_add_line(&out, j);
	json_decref(j);
	int fd = create(m, t, &path);
	bool ok = fd >= 0 && write_all(fd, out.s, out.len);
	int why = errno;
	if (fd >= 0 && close(fd) != 0 && ok) {
		ok = false;
		why = errno;
	}
	if (ok) {
		m->written = realpath(path, NULL);
		m->bytes = out.len;
		if (!m->written)
			m->written = xstrdup(path);
	} else {
		/* Half of the evidence under that name would pass for all of it. */
		if (fd >= 0)
			unlink(path);
		err_setf(&job->err, ERR_IO, "evidence not kept",
			 "choose another place: `:bundle FILE`, or bundle-folder in the configuration", "%s: %s",
			 path, strerror(why));
	}
	free(path);
	buf_release(&out);
}

struct job *bundle_write_job(unsigned target, struct bundle_matter *m)
{
	static const struct job_kind kind = {
		.name = "write evidence",
		.lane = LANE_FILE,
		.seconds = 60,
		.run = run_write,
		.release = release,
	};
	return job_new(&kind, target, m);
}
