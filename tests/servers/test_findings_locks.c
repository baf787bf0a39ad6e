/*
 * Lock incidents on real servers, by real sessions, through sampler, stage and rules as in the program:
 * the finding comes within 3 s at one reading a second, names the culprit by its id, and nothing else is
 * told as a cause. Decoys are there all the time: a long SELECT and a transaction that sleeps; before each
 * incident they are the healthy server, of which nothing is told.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/instruments.h"
#include "diagnose/diagnosis.h"
#include "diagnose/rules.h"
#include "engine/stage.h"
#include "io/rawdb.h"
#include "tests/servers/pump.h"
#include "tests/unit/enginerig.h"

enum { MOST_SESSIONS = 12, SECONDS_TO_VERDICT = 3 };

/* A session of a client; while it runs something, a thread waits for the end. */
struct session {
	struct rawdb *db;
	int64_t id;
	const char *sql;
	pthread_t thread;
};

/* One server, watched, and the sessions on it. */
struct scene {
	const struct server *server;
	bool shown;         /* the server shows who holds metadata locks */
	struct rig rig;
	struct diagnosis *diagnosis;
	struct stage *stage;
	struct db *root;
	struct session sessions[MOST_SESSIONS];
	unsigned n;
	int64_t began;      /* mono ns: when the server first showed one that waits */
	char culprit[64];   /* "session:12" */
};

static void must(struct rawdb *db, const char *sql)
{
	struct err err = {0};
	if (!rawdb_exec(db, sql, &err))
		fail_msg("%s: %s", sql, err.why);
}

/* A session that has run that much. */
static struct session *session_after(struct scene *s, const char *first, const char *second)
{
	struct rawdb_login login = {.socket = s->server->socket, .user = "root", .timeout_s = 600};
	struct err err = {0};
	assert_true(s->n < MOST_SESSIONS);
	struct session *v = &s->sessions[s->n++];
	*v = (struct session){.db = rawdb_open(&login, &err)};
	if (!v->db)
		fail_msg("%s: %s", err.what, err.why);
	char *id = rawdb_value(v->db, "SELECT CONNECTION_ID()", &err);
	v->id = strtoll(id, NULL, 10);
	free(id);
	must(v->db, "SET SESSION lock_wait_timeout = 600, innodb_lock_wait_timeout = 600");
	must(v->db, "USE locks_shop");
	must(v->db, first);
	if (second)
		must(v->db, second);
	return v;
}

static void *run(void *arg)
{
	struct session *v = arg;
	struct err err = {0};
	rawdb_exec(v->db, v->sql, &err);
	return NULL;
}

static void runs(struct session *v, const char *sql)
{
	v->sql = sql;
	assert_int_equal(pthread_create(&v->thread, NULL, run, v), 0);
}

static void starts_waiting(struct scene *s, struct session *v, const char *sql)
{
	char find[120];
	runs(v, sql);
	if (s->began)
		return;
	snprintf(find, sizeof find, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %lld "
				    "AND INFO IS NOT NULL", (long long)v->id);
	pump_until(s->root, find, "1");
	s->began = clock_mono_ns();
}

static void new_waiter(struct scene *s, const char *sql)
{
	starts_waiting(s, session_after(s, "BEGIN", NULL), sql);
}

/* Ends the newest session, whatever it does. */
static void end_session(struct scene *s)
{
	struct session *v = &s->sessions[--s->n];
	struct err err = {0};
	char sql[64];
	snprintf(sql, sizeof sql, "KILL %lld", (long long)v->id);
	server_try(s->root, sql, &err);
	if (v->sql)
		pthread_join(v->thread, NULL);
	rawdb_close(v->db);
}

static void blame(struct scene *s, const struct session *v)
{
	snprintf(s->culprit, sizeof s->culprit, "session:%lld", (long long)v->id);
}

/* --- incidents ------------------------------------------------------------------------------------ */

/* The root sleeps; a link in the middle has most direct waiters. */
static void stage_row_locks(struct scene *s)
{
	struct session *holder = session_after(s, "BEGIN", "UPDATE stock SET n = 1 WHERE id = 1");
	struct session *middle = session_after(s, "BEGIN", "UPDATE stock SET n = 1 WHERE id = 2");
	blame(s, holder);
	starts_waiting(s, middle, "UPDATE stock SET n = 2 WHERE id = 1");
	new_waiter(s, "UPDATE stock SET n = 3 WHERE id = 2");
	new_waiter(s, "UPDATE stock SET n = 4 WHERE id = 2");
}

/* One SELECT, then sleep: the ALTER waits for that, and the rest for the ALTER. */
static void stage_metadata_locks(struct scene *s)
{
	struct session *reader = session_after(s, "BEGIN", "SELECT * FROM stock");
	blame(s, reader);
	starts_waiting(s, session_after(s, "DO 1", NULL), "ALTER TABLE stock ADD COLUMN c INT");
	pump_until(s->root, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = "
			    "'Waiting for table metadata lock'", "1");
	new_waiter(s, "SELECT COUNT(*) FROM stock");
	new_waiter(s, "SELECT MAX(n) FROM stock");
}

static void stage_global_read_lock(struct scene *s)
{
	struct session *backup = session_after(s, "FLUSH TABLES WITH READ LOCK", NULL);
	blame(s, backup);
	new_waiter(s, "UPDATE stock SET n = 5 WHERE id = 3");
}

static void stage_backup_lock(struct scene *s)
{
	struct session *backup = session_after(s, "LOCK INSTANCE FOR BACKUP", NULL);
	blame(s, backup);
	starts_waiting(s, session_after(s, "DO 1", NULL), "ALTER TABLE stock ADD COLUMN c INT");
}

static void stage_table_lock(struct scene *s)
{
	struct session *holder = session_after(s, "LOCK TABLES stock WRITE", NULL);
	blame(s, holder);
	new_waiter(s, "SELECT COUNT(*) FROM stock");
}

static void stage_user_lock(struct scene *s)
{
	struct session *holder = session_after(s, "DO GET_LOCK('nightly', 0)", NULL);
	blame(s, holder);
	starts_waiting(s, session_after(s, "DO 1", NULL), "DO GET_LOCK('nightly', 500)");
}

static void stage_prepared(struct scene *s)
{
	struct db *xa = pump_session(s->server);
	server_sql(xa, "XA START 'locks'");
	server_sql(xa, "UPDATE locks_shop.stock SET n = 9 WHERE id = 1");
	server_sql(xa, "XA END 'locks'");
	server_sql(xa, "XA PREPARE 'locks'");
	db_close(xa);
	pump_until(s->root, "SELECT COUNT(*) FROM information_schema.INNODB_TRX "
			    "WHERE trx_mysql_thread_id = 0", "1");
	snprintf(s->culprit, sizeof s->culprit, "transaction:locks");
	new_waiter(s, "UPDATE stock SET n = 6 WHERE id = 1");
}

static void roll_back_prepared(struct scene *s)
{
	server_sql(s->root, "XA ROLLBACK 'locks'");
}

static const struct incident {
	const char *id;
	enum severity severity;
	void (*stage)(struct scene *s);
	void (*mend)(struct scene *s);
	bool mysql_only;
	bool always_shown; /* whatever the server shows of metadata locks */
	const char *hidden_id; /* what can be said when the holder is hidden; NULL: the same */
} incidents[] = {
	{"row-lock-pileup", SEVERITY_CRITICAL, stage_row_locks, NULL, false, true},
	{"mdl-pileup", SEVERITY_CRITICAL, stage_metadata_locks, NULL, false, false},
	{"global-read-lock", SEVERITY_WARNING, stage_global_read_lock, NULL, false, false},
	{"global-read-lock", SEVERITY_WARNING, stage_backup_lock, NULL, true, false},
	{"table-lock", SEVERITY_WARNING, stage_table_lock, NULL, false, false, "mdl-pileup"},
	{"user-lock", SEVERITY_NOTICE, stage_user_lock, NULL, false, false},
	{"xa-orphan", SEVERITY_CRITICAL, stage_prepared, roll_back_prepared, false, true},
};

/* --- watching --------------------------------------------------------------------------------------- */

static const struct part *findings(const struct rig *r)
{
	return r->last[0] ? r->last[0]->parts[PART_FINDINGS] : NULL;
}

static bool finding_of(const struct rig *r, const char *id, struct finding *f, struct arena *a)
{
	const struct part *p = findings(r);
	int row = p ? part_find(p, value_str(id)) : -1;
	return row >= 0 && finding_read(f, a, p, (unsigned)row);
}

static bool is_there(const struct rig *r, unsigned target, const void *id)
{
	const struct part *p = findings(r);
	(void)target;
	return p && part_find(p, value_str(id)) >= 0;
}

static bool nothing_is_told(const struct rig *r, unsigned target, const void *arg)
{
	(void)target;
	(void)arg;
	const struct part *p = findings(r);
	const struct snapshot *s = r->last[0];
	return p && part_rows(p) == 0 && s->parts[PART_BLOCKING] &&
	       part_status(s->parts[PART_BLOCKING]) == PART_OK &&
	       part_rows(s->parts[PART_BLOCKING]) == 0;
}

struct told {
	const char *id;
	enum severity severity;
};

/* As the verdict: with the severity that the whole incident has come to. */
static bool is_told(const struct rig *r, unsigned target, const void *arg)
{
	const struct told *t = arg;
	struct arena a = {0};
	struct finding f;
	(void)target;
	bool told = finding_of(r, t->id, &f, &a) && f.severity == t->severity;
	arena_release(&a);
	return told;
}

/* Seconds until the finding is there. By how much the machine let readings come late is not counted: the
   session list is read once a second. */
static double seconds_to(struct scene *s, const char *id)
{
	const int64_t every = NS_PER_S + NS_PER_S / 20;
	int64_t end = clock_mono_ns() + 20 * NS_PER_S, late = 0, last = 0;
	while (rig_take(&s->rig), !is_there(&s->rig, 0, id)) {
		struct pollfd p = {.fd = mailbox_fd(s->rig.box), .events = POLLIN};
		const struct part *list = s->rig.last[0]->parts[PART_PROCESSLIST];
		if (list && last && part_read_mono(list) > last + every)
			late += part_read_mono(list) - last - every;
		last = list ? part_read_mono(list) : last;
		if (clock_mono_ns() > end)
			fail_msg("%s: %s was not found", s->server->name, id);
		poll(&p, 1, 1000);
	}
	return (double)(clock_mono_ns() - s->began - late) / (double)NS_PER_S;
}

/* Nothing for so many further readings. */
static void stays_healthy(struct scene *s, unsigned readings)
{
	rig_wait(&s->rig, 0, nothing_is_told, NULL);
	for (uint64_t from = s->rig.last[0]->seq; s->rig.last[0]->seq < from + readings;) {
		struct pollfd p = {.fd = mailbox_fd(s->rig.box), .events = POLLIN};
		poll(&p, 1, 2000);
		rig_take(&s->rig);
		const struct part *told = findings(&s->rig);
		if (part_rows(told))
			fail_msg("%s: on a healthy server: %s", s->server->name,
				 value_cstr(part_cell(told, 0, "text")));
	}
}

/* What rules want of the server: how the machine fares that runs the tests is another matter. */
static part_mask wanted(void)
{
	part_mask want = rules_need();
	for (int i = 0; i < N_PARTS; i++)
		if (part_of_host((enum part_id)i))
			want &= ~PART_BIT(i);
	return want;
}

static void scene_open(struct scene *s, const struct server *server, bool shown)
{
	*s = (struct scene){.server = server, .shown = shown, .root = server_root(server)};
	server_sql(s->root, "CREATE DATABASE IF NOT EXISTS locks_shop");
	server_sql(s->root, "DROP TABLE IF EXISTS locks_shop.stock, locks_shop.other");
	server_sql(s->root, "CREATE TABLE locks_shop.stock (id INT PRIMARY KEY, n INT)");
	server_sql(s->root, "CREATE TABLE locks_shop.other (id INT PRIMARY KEY, n INT)");
	server_sql(s->root, "INSERT INTO locks_shop.stock VALUES (1, 0), (2, 0), (3, 0)");
	session_after(s, "BEGIN", "SELECT * FROM other");
	runs(session_after(s, "DO 1", NULL), "SELECT SLEEP(600)");

	rig_add_target(&s->rig, TARGET("socket", server->socket, "user", "root"));
	s->rig.box = mailbox_new();
	s->diagnosis = diagnosis_new(1);
	s->stage = stage_new(s->rig.box, diagnosis_work, s->diagnosis);
	s->rig.sampler = sampler_new(stage_in(s->stage), (const struct target *const *)s->rig.targets, 1);
	rig_demand(&s->rig, 0, wanted(), 1);
}

static void scene_close(struct scene *s)
{
	sampler_free(s->rig.sampler);
	s->rig.sampler = NULL;
	stage_free(s->stage);
	diagnosis_free(s->diagnosis);
	rig_stop(&s->rig);
	while (s->n)
		end_session(s);
	server_sql(s->root, "DROP DATABASE locks_shop");
	db_close(s->root);
}

/* --- one incident ----------------------------------------------------------------------------------- */

static bool names(const struct subject *subjects, unsigned n, const char *want)
{
	char have[96];
	for (unsigned i = 0; i < n; i++) {
		snprintf(have, sizeof have, "%s:%s", subject_name(subjects[i].kind), subjects[i].id);
		if (strcmp(have, want) == 0)
			return true;
	}
	return false;
}

static void check_culprit(const struct scene *s, bool shown, const struct finding *f)
{
	if (shown && (!f->n_culprits || !names(f->culprits, 1, s->culprit)))
		fail_msg("%s: %s: not %s: %s", s->server->name, f->id, s->culprit, f->text);
	if (!shown && !names(f->suspects, f->n_suspects, s->culprit))
		fail_msg("%s: %s: %s is no suspect: %s", s->server->name, f->id, s->culprit, f->text);
	if (!shown)
		assert_int_equal(f->n_culprits, 0);
	if (shown)
		assert_int_equal(f->n_suspects, 0);
}

/* All else that is told is explained by it. */
static void check_others(const struct scene *s, const char *cause)
{
	const struct part *p = findings(&s->rig);
	for (unsigned k = 0; k < part_rows(p); k++) {
		const char *id = value_cstr(part_cell(p, k, "id"));
		if (strcmp(id, cause) != 0 && part_cell(p, k, "caused_by").type == VALUE_ABSENT)
			fail_msg("%s: %s besides %s: %s", s->server->name, id, cause,
				 value_cstr(part_cell(p, k, "text")));
	}
	assert_string_equal(value_cstr(part_cell(p, 0, "id")), cause);
}

static void play(struct scene *s, const struct incident *i)
{
	unsigned before = s->n;
	struct arena a = {0};
	struct finding f;
	bool shown = s->shown || i->always_shown;
	struct told want = {shown || !i->hidden_id ? i->id : i->hidden_id, i->severity};
	stays_healthy(s, 1);
	s->began = 0;
	i->stage(s);
	double first = seconds_to(s, want.id);
	rig_wait(&s->rig, 0, is_told, &want);
	assert_true(finding_of(&s->rig, want.id, &f, &a));
	/* family, server, seconds, culprit: rows of a table */
	print_message("# verdict %s %s %.1f %s%s%s%s\n", i->id, s->server->name, first,
		      shown ? "" : "suspect:", s->culprit, want.id == i->id ? "" : " as ",
		      want.id == i->id ? "" : want.id);
	check_culprit(s, shown, &f);
	check_others(s, want.id);
	if (first > SECONDS_TO_VERDICT)
		fail_msg("%s: %s: %.1f s", s->server->name, want.id, first);
	arena_release(&a);
	if (i->mend)
		i->mend(s);
	while (s->n > before)
		end_session(s);
	rig_wait(&s->rig, 0, nothing_is_told, NULL);
}

/* `again`: only those that look different now that holders are shown. */
static void play_all(const struct server *server, bool shown, bool again)
{
	struct scene s;
	scene_open(&s, server, shown);
	stays_healthy(&s, 2);
	for (size_t i = 0; i < COUNT_OF(incidents); i++)
		if ((server->mysql || !incidents[i].mysql_only) && !(again && incidents[i].always_shown))
			play(&s, &incidents[i]);
	scene_close(&s);
}

/* As installed. */
static void each_incident_is_told(void **state)
{
	(void)state;
	EACH_SERVER(s)
		play_all(s, s->mysql, false);
}

/* MariaDB with what shows the holders switched on. */
static void with_the_holders_shown(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s);
		struct err err = {0};
		struct buf b = BUF_INIT;
		if (strcmp(s->name, "MARIADB_PS") == 0) {
			instrument_enable(&b, INSTRUMENT_MDL);
			server_sql(root, b.s);
			play_all(s, true, true);
			server_sql(root, "UPDATE performance_schema.setup_instruments SET ENABLED = 'NO' "
					 "WHERE NAME = '" INSTRUMENT_MDL "'");
		} else if (!s->mysql && server_try(root, "INSTALL SONAME 'metadata_lock_info'", &err)) {
			play_all(s, true, true);
			server_sql(root, "UNINSTALL SONAME 'metadata_lock_info'");
		}
		buf_release(&b);
		db_close(root);
	}
}

static int all_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_incident_is_told),
		cmocka_unit_test(with_the_holders_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return servers_at_once(all_tests);
}
