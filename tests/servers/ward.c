#include "tests/servers/ward.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/unit/cmocka_all.h"

/* --- clients -------------------------------------------------------------------------------------- */

/* Those that there are: a test that failed has left them. */
static struct client *clients;

struct client *client_new(const struct server *s, const char *user)
{
	struct rawdb_login login = {.socket = s->socket, .user = user ? user : "root", .password = user,
				    .program = "shop", .timeout_s = 600};
	struct client *c = xcalloc(1, sizeof *c);
	struct err err = {0};
	c->db = rawdb_open(&login, &err);
	if (!c->db)
		fail_msg("%s: %s", err.what, err.why);
	char *id = rawdb_value(c->db, "SELECT CONNECTION_ID()", &err);
	c->id = strtoll(id, NULL, 10);
	free(id);
	snprintf(c->culprit, sizeof c->culprit, "session:%lld", (long long)c->id);
	rawdb_exec(c->db, "USE findings", &err);
	c->next = clients;
	clients = c;
	return c;
}

void client_sql(struct client *c, const char *sql)
{
	struct err err = {0};
	if (!rawdb_exec(c->db, sql, &err))
		fail_msg("%s: %s", sql, err.why);
}

static void *client_thread(void *arg)
{
	struct client *c = arg;
	struct err err = {0};
	do
		c->done += rawdb_exec(c->db, c->sql, &err);
	while (c->loops && !c->stop && !err.why[0]);
	return NULL;
}

static void client_start(struct client *c, const char *sql, bool loops)
{
	c->sql = sql;
	c->loops = loops;
	c->runs = true;
	assert_int_equal(pthread_create(&c->thread, NULL, client_thread, c), 0);
}

void client_run(struct ward *w, struct client *c, const char *sql)
{
	char find[120];
	client_start(c, sql, false);
	snprintf(find, sizeof find, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %lld "
				    "AND INFO IS NOT NULL", (long long)c->id);
	pump_until(w->root, find, "1");
}

void client_loop(struct client *c, const char *sql)
{
	client_start(c, sql, true);
}

void client_end(struct ward *w, struct client *c)
{
	char sql[64];
	struct err err = {0};
	snprintf(sql, sizeof sql, "KILL %lld", (long long)c->id);
	c->stop = true;
	server_try(w->root, sql, &err);
	if (c->runs)
		pthread_join(c->thread, NULL);
	for (struct client **at = &clients; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	rawdb_close(c->db);
	free(c);
}

static void end_leftovers(struct ward *w)
{
	while (clients)
		client_end(w, clients);
}

void clients_end(struct ward *w, struct client **list, unsigned n)
{
	while (n--)
		client_end(w, list[n]);
}

/* --- watching ------------------------------------------------------------------------------------- */

/* A client that was just killed may hold its locks for a moment yet. */
static struct db *patient_root(const struct server *s)
{
	struct db *root = server_root(s);
	server_sql(root, "SET SESSION lock_wait_timeout = 20");
	return root;
}

void ward_open(struct ward *w, const struct server *s, unsigned interval)
{
	*w = (struct ward){.server = s, .interval = interval, .d = diagnosis_new(1), .epoch = 1,
			    .opened = clock_mono_ns()};
	w->root = patient_root(s);
	w->parts = rules_need();
	for (int i = 0; i < N_PARTS; i++)
		if (part_of_host((enum part_id)i))
			w->parts &= ~PART_BIT(i);
	pump_init(&w->pump, s, NULL);
	end_leftovers(w);
	/* So often fathom's own statements would count, where the server does not count by statement. */
	if (interval < 1000)
		ward_set(w, "tmp-on-disk.rate", "200/100");
}

void ward_close(struct ward *w)
{
	print_message("# %.1f s\n", (double)(clock_mono_ns() - w->opened) / (double)NS_PER_S);
	snapshot_unref(w->last);
	pump_release(&w->pump);
	db_close(w->root);
	diagnosis_free(w->d);
}

void ward_set(struct ward *w, const char *name, const char *value)
{
	struct err err = {0};
	if (!diagnosis_configure(w->d, name, value, &err))
		fail_msg("%s: %s", err.what, err.why);
}

void ward_again(struct ward *w)
{
	pump_release(&w->pump);
	db_close(w->root);
	w->root = patient_root(w->server);
	pump_init(&w->pump, w->server, NULL);
	w->epoch++;
}

/* --- samples -------------------------------------------------------------------------------------- */

/* A round takes so long on a machine that has time; more than that is no fault of the rules. */
#define QUICK (200 * NS_PER_MS)
/* How long a verdict is waited for: seconds that were asked for are compared where they count. */
#define PATIENCE (60 * NS_PER_S)

void ward_look(struct ward *w)
{
	struct snapshot *s = snapshot_new(0);
	int64_t due = w->last ? w->last->mono + w->interval * NS_PER_MS : 0, left = due - clock_mono_ns();
	if (left > 0)
		poll(NULL, 0, (int)(left / NS_PER_MS));
	s->mono = clock_mono_ns();
	pump_round(&w->pump, w->parts);
	int64_t took = clock_mono_ns() - s->mono;
	w->late += took > QUICK ? took - QUICK : 0;
	s->link = LINK_LIVE;
	s->epoch = w->epoch;
	s->wall = clock_wall_us();
	s->server = *db_server(w->pump.db);
	for (int i = 0; i < N_PARTS; i++)
		if (w->pump.parts[i])
			snapshot_set(s, part_ref(w->pump.parts[i]));
	diagnosis_work(w->d, s);
	snapshot_unref(w->last);
	w->last = s;
}

bool ward_found(const struct ward *w, const char *id, struct finding *f, struct arena *a)
{
	const struct part *p = w->last->parts[PART_FINDINGS];
	int row = part_find(p, value_str(id));
	return row >= 0 && finding_read(f, a, p, (unsigned)row);
}

void ward_healthy(struct ward *w, unsigned samples)
{
	for (unsigned i = 0; i < samples; i++) {
		ward_look(w);
		const struct part *p = w->last->parts[PART_FINDINGS];
		if (part_rows(p))
			fail_msg("%s: on a healthy server: %s: %s", w->server->name,
				 value_cstr(part_cell(p, 0, "id")), value_cstr(part_cell(p, 0, "text")));
	}
}

static bool lists(const char *words, const char *word)
{
	size_t n = strlen(word);
	const char *at = words ? strstr(words, word) : NULL;
	return at && (at == words || at[-1] == ' ') && (!at[n] || at[n] == ' ');
}

/* All else that is told is explained by it, or was to be expected. */
static void check_others(const struct ward *w, const char *cause, const char *besides)
{
	const struct part *p = w->last->parts[PART_FINDINGS];
	for (unsigned k = 0; k < part_rows(p); k++) {
		const char *id = value_cstr(part_cell(p, k, "id"));
		if (strcmp(id, cause) != 0 && part_cell(p, k, "caused_by").type == VALUE_ABSENT &&
		    !lists(besides, id))
			fail_msg("%s: %s besides %s: %s", w->server->name, id, cause,
				 value_cstr(part_cell(p, k, "text")));
	}
	if (!besides)
		assert_string_equal(value_cstr(part_cell(p, 0, "id")), cause);
}

void ward_began(struct ward *w)
{
	w->began = clock_mono_ns();
}

static void not_found(const struct ward *w, const char *id)
{
	const char *why = diagnosis_blind(w->d, 0, rule_by_id(id));
	const struct part *p = w->last->parts[PART_FINDINGS];
	for (unsigned k = 0; k < part_rows(p); k++)
		print_error("%s\n", value_cstr(part_cell(p, k, "text")));
	fail_msg("%s: %s was not found%s%s", w->server->name, id, why ? ": " : "", why ? why : "");
}

double ward_verdict(struct ward *w, const char *id, enum severity severity, const char *culprit,
		     const char *besides)
{
	struct arena a = {0};
	struct finding f;
	char have[300] = "-";
	int64_t began = w->began ? w->began : clock_mono_ns(), end = clock_mono_ns() + PATIENCE;
	w->late = 0;
	while (ward_look(w), !ward_found(w, id, &f, &a))
		if (clock_mono_ns() > end)
			not_found(w, id);
	double seconds = (double)(clock_mono_ns() - began - w->late) / (double)NS_PER_S;
	if (f.n_culprits)
		snprintf(have, sizeof have, "%s:%s", subject_name(f.culprits[0].kind), f.culprits[0].id);
	print_message("# verdict %s %s %.1f %s\n", id, w->server->name, seconds, have);
	print_message("# %s\n", f.text);
	assert_int_equal(f.severity, severity);
	size_t may = culprit ? strcspn(culprit, "?") : 0;
	bool optional = culprit && culprit[may];
	bool same = optional ? strcmp(have, "-") == 0 || (strncmp(have, culprit, may) == 0 && !have[may])
			     : strcmp(have, culprit ? culprit : "-") == 0;
	if (!same)
		fail_msg("%s: %s names %s, not %s", w->server->name, id, have, culprit);
	check_others(w, id, besides);
	arena_release(&a);
	w->began = 0;
	return seconds;
}

struct value ward_evidence(const struct finding *f, const char *name)
{
	for (unsigned i = 0; i < f->n_evidence; i++)
		if (strcmp(f->evidence[i].name, name) == 0)
			return f->evidence[i].value;
	return VALUE_NONE;
}

/* --- what they work on ---------------------------------------------------------------------------- */

void ward_table(struct ward *w, unsigned thousands)
{
	struct err err = {0};
	char *have = NULL, sql[300];
	server_sql(w->root, "CREATE DATABASE IF NOT EXISTS findings");
	if (server_try(w->root, "SELECT 1 FROM findings.t LIMIT 1", &err))
		have = server_value(w->root, "SELECT COUNT(*) DIV 1000 FROM findings.t");
	if (have && strtoul(have, NULL, 10) == thousands) {
		free(have);
		return;
	}
	free(have);
	server_sql(w->root, "DROP TABLE IF EXISTS findings.t");
	server_sql(w->root, "CREATE TABLE findings.t (id INT AUTO_INCREMENT PRIMARY KEY, n INT, "
			    "pad VARCHAR(250)) ENGINE=InnoDB");
	server_sql(w->root, w->server->mysql ? "SET SESSION cte_max_recursion_depth = 1000000"
					     : "SET SESSION max_recursive_iterations = 1000000");
	snprintf(sql, sizeof sql,
		 "INSERT INTO findings.t (n, pad) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
		 "FROM s WHERE i < %u) SELECT i, CONCAT(i, REPEAT('x', 200)) FROM s", 1000 * thousands);
	server_sql(w->root, sql);
}

void ward_redo(struct ward *w, unsigned bytes)
{
	char sql[80];
	snprintf(sql, sizeof sql, "SET GLOBAL %s = %u",
		 w->server->mysql ? "innodb_redo_log_capacity" : "innodb_log_file_size", bytes);
	server_sql(w->root, sql);
}

void ward_user(struct ward *w, const char *user)
{
	char sql[200];
	snprintf(sql, sizeof sql, "CREATE USER IF NOT EXISTS %s@localhost IDENTIFIED BY '%s'", user, user);
	server_sql(w->root, sql);
	snprintf(sql, sizeof sql, "GRANT ALL ON findings.* TO %s@localhost", user);
	server_sql(w->root, sql);
}
