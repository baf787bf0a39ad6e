/*
 * Rules on real servers: each is driven into the state by real sessions, and the finding must come within
 * seconds, name who did it, and not be there before. Thresholds are lowered where the real ones take minutes.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "diagnose/diagnosis.h"
#include "diagnose/rules.h"
#include "tests/servers/pump.h"
#include "tests/unit/cmocka_all.h"

struct watch {
	const struct server *server;
	struct pump pump;
	struct diagnosis *d;
	struct snapshot *last;
	struct db *root;
	part_mask parts;
};

static void open_watch(struct watch *w, const struct server *s, const char *rule, const char *user)
{
	*w = (struct watch){.server = s, .d = diagnosis_new(1), .root = server_root(s)};
	pump_init(&w->pump, s, user);
	w->parts = rule_by_id(rule)->needs | PART_BIT(PART_STATUS);
}

static void close_watch(struct watch *w)
{
	snapshot_unref(w->last);
	pump_release(&w->pump);
	db_close(w->root);
	diagnosis_free(w->d);
}

static void set(struct watch *w, const char *name, const char *value)
{
	struct err err = {0};
	if (!diagnosis_configure(w->d, name, value, &err))
		fail_msg("%s: %s", err.what, err.why);
}

/* One sample, as the sampler makes them, a fifth of a second after the one before. */
static void look(struct watch *w)
{
	struct snapshot *s = snapshot_new(0);
	poll(NULL, 0, 200);
	pump_round(&w->pump, w->parts);
	s->link = LINK_LIVE;
	s->epoch = 1;
	s->mono = clock_mono_ns();
	s->wall = clock_wall_us();
	s->server = *db_server(w->pump.db);
	for (int i = 0; i < N_PARTS; i++)
		if (w->pump.parts[i])
			snapshot_set(s, part_ref(w->pump.parts[i]));
	diagnosis_work(w->d, s);
	snapshot_unref(w->last);
	w->last = s;
}

static bool found(struct watch *w, const char *id, struct finding *f, struct arena *a)
{
	const struct part *p = w->last->parts[PART_FINDINGS];
	int row = part_find(p, value_str(id));
	return row >= 0 && finding_read(f, a, p, (unsigned)row);
}

/* Not there, however often one looks. */
static void quiet(struct watch *w, const char *id)
{
	for (int i = 0; i < 5; i++) {
		struct arena a = {0};
		struct finding f;
		look(w);
		if (found(w, id, &f, &a))
			fail_msg("%s: %s", w->server->name, f.text);
		arena_release(&a);
	}
}

/* There, before the deadline, with that first culprit ("kind:" alone will do). */
static bool is_there(struct watch *w, const char *id, enum severity severity, const char *culprit, int64_t began)
{
	struct arena a = {0};
	struct finding f;
	char have[300] = "";
	look(w);
	bool there = found(w, id, &f, &a);
	if (there && f.n_culprits)
		snprintf(have, sizeof have, "%s:%s", subject_name(f.culprits[0].kind), f.culprits[0].id);
	if (there) {
		print_message("# %s %s %.1f s %s: %s\n", w->server->name, id,
			      (double)(clock_mono_ns() - began) / (double)NS_PER_S, have, f.text);
		assert_int_equal(f.severity, severity);
		if (culprit && strncmp(have, culprit, strlen(culprit)) != 0)
			fail_msg("%s names %s, not %s", id, have, culprit);
	} else if (clock_mono_ns() - began > 20 * NS_PER_S) {
		const char *why = diagnosis_blind(w->d, 0, rule_by_id(id));
		fail_msg("%s: %s was not found%s%s", w->server->name, id, why ? ": " : "", why ? why : "");
	}
	arena_release(&a);
	return there;
}

static void loud(struct watch *w, const char *id, enum severity severity, const char *culprit)
{
	int64_t began = clock_mono_ns();
	while (!is_there(w, id, severity, culprit, began))
		;
}

static struct db *session_as(const struct server *s, const char *user)
{
	struct err err = {0};
	struct target *t = TARGET("socket", s->socket, "user", user, "password", user);
	struct db *db = db_connect(t, DB_JOB, in_ms(30000), NULL, NULL, &err);
	if (!db)
		fail_msg("%s: %s", err.what, err.why);
	target_free(t);
	return db;
}

static void make_user(struct db *root, const char *user, bool rights)
{
	char sql[200];
	snprintf(sql, sizeof sql, "CREATE USER IF NOT EXISTS %s@localhost IDENTIFIED BY '%s'", user, user);
	server_sql(root, sql);
	snprintf(sql, sizeof sql, "GRANT ALL ON findings.* TO %s@localhost", user);
	if (rights)
		server_sql(root, sql);
}

static void make_table(struct db *root)
{
	server_sql(root, "CREATE DATABASE IF NOT EXISTS findings");
	server_sql(root, "DROP TABLE IF EXISTS findings.t");
	server_sql(root, "CREATE TABLE findings.t (id INT AUTO_INCREMENT PRIMARY KEY, n INT, pad VARCHAR(200)) "
			 "ENGINE=InnoDB");
	server_sql(root, "INSERT INTO findings.t (n, pad) VALUES (1, REPEAT('x', 150)), (2, REPEAT('y', 150))");
	for (int i = 0; i < 10; i++)
		server_sql(root, "INSERT INTO findings.t (n, pad) SELECT n + id, CONCAT(id, pad) FROM "
				 "findings.t WHERE id < 10000 LIMIT 1000");
}

static const char *culprit_of(struct db *session)
{
	static char id[40];
	char *own = server_value(session, "SELECT CONNECTION_ID()");
	snprintf(id, sizeof id, "session:%s", own);
	free(own);
	return id;
}

/* A client of its own, for statements that are not fathom's. `sql` is found again by how it begins. */
struct client {
	pid_t pid;
	char id[32]; /* of its session */
};

static struct client client_start(struct watch *w, const char *sql)
{
	struct client c = {.pid = fork()};
	char find[300];
	if (!c.pid) {
		/* That it is killed is no news. */
		if (!freopen("/dev/null", "w", stderr))
			_exit(127);
		execlp("mysql", "mysql", "--no-defaults", "-uroot", "-S", w->server->socket, "-e", sql, NULL);
		_exit(127);
	}
	snprintf(find, sizeof find, "SELECT MAX(ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%.20s%%'",
		 sql);
	for (int64_t end = in_ms(20000); !c.id[0]; poll(NULL, 0, 50)) {
		char *id = server_value(w->root, find);
		snprintf(c.id, sizeof c.id, "%s", id ? id : "");
		free(id);
		if (!c.id[0] && clock_mono_ns() > end)
			fail_msg("%s does not run", sql);
	}
	return c;
}

static void client_end(struct watch *w, struct client *c)
{
	char sql[64];
	struct err err;
	snprintf(sql, sizeof sql, "KILL %s", c->id);
	server_try(w->root, sql, &err);
	waitpid(c->pid, NULL, 0);
}

/* --- sessions ------------------------------------------------------------------------------------- */

static void idle_in_transaction(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		open_watch(&w, s, "idle-in-transaction", NULL);
		set(&w, "idle-in-transaction.seconds", "1");
		make_table(w.root);
		struct db *innocent = pump_session(s), *idler = pump_session(s);
		server_sql(innocent, "BEGIN");
		server_sql(innocent, "SELECT 1");
		quiet(&w, "idle-in-transaction");
		server_sql(idler, "BEGIN");
		server_sql(idler, "UPDATE findings.t SET n = 5 WHERE id = 1");
		char want[40];
		snprintf(want, sizeof want, "%s", culprit_of(idler));
		loud(&w, "idle-in-transaction", SEVERITY_WARNING, want);
		pump_kill(w.root, idler);
		pump_kill(w.root, innocent);
		close_watch(&w);
	}
}

static void runaway_query(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		char want[50];
		open_watch(&w, s, "runaway-query", NULL);
		set(&w, "runaway-query.seconds", "1");
		make_table(w.root);
		struct client sleeper = client_start(&w, "SELECT SLEEP(60) FROM findings.t LIMIT 1");
		for (int i = 0; i < 2; i++)
			quiet(&w, "runaway-query");
		struct client runner = client_start(
			&w, s->mysql ? "SELECT COUNT(*) FROM findings.t a, findings.t b, findings.t c "
				       "WHERE a.n + b.n + c.n = 7"
				     : "SET STATEMENT join_cache_level = 0 FOR SELECT COUNT(*) FROM findings.t a, "
				       "findings.t b, findings.t c WHERE a.n + b.n + c.n = 7");
		snprintf(want, sizeof want, "session:%s", runner.id);
		loud(&w, "runaway-query", SEVERITY_WARNING, want);
		client_end(&w, &runner);
		client_end(&w, &sleeper);
		close_watch(&w);
	}
}

static void connections_exhausted(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		struct db *pool[20];
		open_watch(&w, s, "connections-exhausted", NULL);
		set(&w, "connections-exhausted.share", "0.1/0.08");
		make_table(w.root);
		make_user(w.root, "pool", true);
		quiet(&w, "connections-exhausted");
		for (size_t i = 0; i < COUNT_OF(pool); i++)
			pool[i] = session_as(s, "pool");
		loud(&w, "connections-exhausted", SEVERITY_WARNING, "user:pool@localhost");
		for (size_t i = 0; i < COUNT_OF(pool); i++)
			db_close(pool[i]);
		close_watch(&w);
	}
}

static void connection_churn(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		open_watch(&w, s, "connection-churn", NULL);
		set(&w, "connection-churn.connects", "15");
		make_table(w.root);
		make_user(w.root, "cron", true);
		quiet(&w, "connection-churn");
		int64_t began = clock_mono_ns();
		bool there = false;
		while (!there) {
			struct db *seen[4];
			for (int i = 0; i < 8; i++)
				db_close(session_as(s, "cron"));
			for (size_t i = 0; i < COUNT_OF(seen); i++)
				seen[i] = session_as(s, "cron");
			there = is_there(&w, "connection-churn", SEVERITY_WARNING, "user:cron@localhost",
					 began);
			for (size_t i = 0; i < COUNT_OF(seen); i++)
				db_close(seen[i]);
		}
		close_watch(&w);
	}
}

static void ddl_running(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		open_watch(&w, s, "ddl-running", NULL);
		set(&w, "ddl-running.seconds", "0");
		make_table(w.root);
		quiet(&w, "ddl-running");
		char want[50];
		server_sql(w.root, "DROP TABLE IF EXISTS findings.copy");
		struct client changer = client_start(
			&w, "CREATE TABLE findings.copy AS SELECT a.* FROM findings.t a, findings.t b, findings.t c");
		snprintf(want, sizeof want, "session:%s", changer.id);
		loud(&w, "ddl-running", SEVERITY_NOTICE, want);
		client_end(&w, &changer);
		close_watch(&w);
	}
}

/* --- the server ----------------------------------------------------------------------------------- */

static void deadlocks(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		struct err err;
		open_watch(&w, s, "deadlocks", NULL);
		set(&w, "deadlocks.minute", "2/1");
		make_table(w.root);
		quiet(&w, "deadlocks");
		for (int i = 0; i < 3; i++) {
			struct db *a = pump_session(s), *b = pump_session(s);
			server_sql(a, "BEGIN");
			server_sql(b, "BEGIN");
			server_sql(a, "UPDATE findings.t SET n = 1 WHERE id = 1");
			server_sql(b, "UPDATE findings.t SET n = 1 WHERE id = 2");
			pump_start(a, "UPDATE findings.t SET n = 1 WHERE id = 2");
			pump_until(w.root, "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE "
					   "trx_state = 'LOCK WAIT'", "1");
			server_try(b, "UPDATE findings.t SET n = 1 WHERE id = 1", &err);
			pump_kill(w.root, a);
			pump_kill(w.root, b);
		}
		loud(&w, "deadlocks", SEVERITY_WARNING, NULL);
		close_watch(&w);
	}
}

static void tmp_on_disk(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		bool digests = strcmp(s->name, "MARIADB") != 0;
		open_watch(&w, s, "tmp-on-disk", NULL);
		/* At five samples a second fathom's own readings would count. */
		w.parts = PART_BIT(PART_STATUS) | PART_BIT(PART_STATEMENTS);
		set(&w, "tmp-on-disk.rate", "12/10");
		make_table(w.root);
		quiet(&w, "tmp-on-disk");
		struct db *worker = pump_session(s);
		server_sql(worker, s->mysql ? "SET internal_tmp_mem_storage_engine = MEMORY, tmp_table_size = 1024, "
					      "max_heap_table_size = 16384"
					    : "SET tmp_table_size = 1024, max_heap_table_size = 16384");
		int64_t began = clock_mono_ns();
		do {
			for (int i = 0; i < 25; i++)
				server_sql(worker, "SELECT pad, COUNT(*) FROM findings.t GROUP BY pad, n "
						   "ORDER BY 2 LIMIT 1");
		} while (!is_there(&w, "tmp-on-disk", SEVERITY_WARNING, digests ? "statement:" : NULL, began));
		pump_kill(w.root, worker);
		close_watch(&w);
	}
}

static void log_buffer_waits(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		struct err err;
		open_watch(&w, s, "log-buffer-waits", NULL);
		set(&w, "log-buffer-waits.waits", "0.1");
		make_table(w.root);
		quiet(&w, "log-buffer-waits");
		char *size = server_value(w.root, "SELECT @@innodb_log_buffer_size");
		if (!server_try(w.root, "SET GLOBAL innodb_log_buffer_size = 262144", &err)) {
			/* MariaDB cannot change it while it runs, and its default is large. */
			free(size);
			close_watch(&w);
			continue;
		}
		server_sql(w.root, "CREATE TABLE IF NOT EXISTS findings.big (b LONGBLOB) ENGINE=InnoDB");
		int64_t began = clock_mono_ns();
		do {
			server_sql(w.root, "INSERT INTO findings.big SELECT REPEAT('x', 100000) FROM findings.t LIMIT 60");
			server_sql(w.root, "DELETE FROM findings.big");
		} while (!is_there(&w, "log-buffer-waits", SEVERITY_WARNING, "variable:innodb_log_buffer_size",
				   began));
		char back[100];
		snprintf(back, sizeof back, "SET GLOBAL innodb_log_buffer_size = %s", size);
		server_sql(w.root, back);
		server_sql(w.root, "DROP TABLE findings.big");
		free(size);
		close_watch(&w);
	}
}

static void variable_changed(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		open_watch(&w, s, "variable-changed", NULL);
		make_table(w.root); /* the GTIDs that it makes are no news */
		quiet(&w, "variable-changed");
		make_table(w.root);
		quiet(&w, "variable-changed");
		server_sql(w.root, "SET GLOBAL long_query_time = 7");
		loud(&w, "variable-changed", SEVERITY_NOTICE, "variable:long_query_time");
		server_sql(w.root, "SET GLOBAL long_query_time = 10");
		close_watch(&w);
	}
}

static void privilege_missing(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		open_watch(&w, s, "privilege-missing", NULL);
		w.parts |= PART_BIT(PART_INNODB) | PART_BIT(PART_TRANSACTIONS);
		make_user(w.root, "weakly", false);
		quiet(&w, "privilege-missing");
		close_watch(&w);
		open_watch(&w, s, "privilege-missing", "weakly");
		w.parts |= PART_BIT(PART_INNODB) | PART_BIT(PART_TRANSACTIONS);
		loud(&w, "privilege-missing", SEVERITY_NOTICE, "user:weakly@localhost");
		close_watch(&w);
	}
}

/* --- what fills up, what is left undone -------------------------------------------------------------- */

static void autoinc_full(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		open_watch(&w, s, "autoinc-full", NULL);
		server_sql(w.root, "CREATE DATABASE IF NOT EXISTS findings");
		server_sql(w.root, "DROP TABLE IF EXISTS findings.`kinds-of`, findings.half, findings.wide");
		server_sql(w.root, "CREATE TABLE findings.half (id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY)");
		server_sql(w.root, "CREATE TABLE findings.wide (a INT, id BIGINT AUTO_INCREMENT PRIMARY KEY)");
		server_sql(w.root, "CREATE TABLE findings.`kinds-of` (id INT AUTO_INCREMENT PRIMARY KEY, a INT)");
		server_sql(w.root, "INSERT INTO findings.half VALUES (150)");
		server_sql(w.root, "INSERT INTO findings.wide VALUES (1, 4000000000)");
		server_sql(w.root, "INSERT INTO findings.`kinds-of` VALUES (1500000000, 1)");
		quiet(&w, "autoinc-full");
		server_sql(w.root, "INSERT INTO findings.`kinds-of` VALUES (2040000000, 1)");
		loud(&w, "autoinc-full", SEVERITY_WARNING, "table:findings.kinds-of");
		server_sql(w.root, "INSERT INTO findings.half VALUES (255)");
		loud(&w, "autoinc-full", SEVERITY_CRITICAL, "table:findings.half");
		server_sql(w.root, "DROP TABLE findings.`kinds-of`, findings.half, findings.wide");
		close_watch(&w);
	}
}

static void backup_old(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct watch w;
		open_watch(&w, s, "backup-old", NULL);
		quiet(&w, "backup-old"); /* no tool ever wrote anything */
		server_sql(w.root, "CREATE DATABASE PERCONA_SCHEMA");
		server_sql(w.root, "CREATE TABLE PERCONA_SCHEMA.xtrabackup_history (uuid VARCHAR(40) PRIMARY KEY, "
				   "tool_name VARCHAR(255), start_time TIMESTAMP NULL, end_time TIMESTAMP NULL, "
				   "partial ENUM('Y','N'), incremental ENUM('Y','N'))");
		server_sql(w.root, "INSERT INTO PERCONA_SCHEMA.xtrabackup_history VALUES "
				   "('a', 'xtrabackup', NOW() - INTERVAL 30 HOUR, NOW() - INTERVAL 29 HOUR, 'N', 'N'), "
				   "('b', 'xtrabackup', NOW() - INTERVAL 6 HOUR, NOW() - INTERVAL 5 HOUR, 'N', 'N')");
		quiet(&w, "backup-old");
		server_sql(w.root, "UPDATE PERCONA_SCHEMA.xtrabackup_history SET "
				   "start_time = start_time - INTERVAL 4 DAY, end_time = end_time - INTERVAL 4 DAY");
		loud(&w, "backup-old", SEVERITY_WARNING, NULL);
		server_sql(w.root, "DROP DATABASE PERCONA_SCHEMA");
		close_watch(&w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_in_transaction),
		cmocka_unit_test(runaway_query),
		cmocka_unit_test(connections_exhausted),
		cmocka_unit_test(connection_churn),
		cmocka_unit_test(ddl_running),
		cmocka_unit_test(deadlocks),
		cmocka_unit_test(tmp_on_disk),
		cmocka_unit_test(log_buffer_waits),
		cmocka_unit_test(variable_changed),
		cmocka_unit_test(privilege_missing),
		cmocka_unit_test(autoinc_full),
		cmocka_unit_test(backup_old),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
