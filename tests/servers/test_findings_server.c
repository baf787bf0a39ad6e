/*
 * Incidents of statements, of InnoDB and of the server itself on real servers: the finding comes, names who or
 * what did it, and nothing else is told; before each the server with its decoys is healthy. Trends are looked
 * at five times a second over windows of seconds; how they behave over their real ones is what the recorded
 * timelines of tests/unit/test_rules_load.c show.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "diagnose/rules.h"
#include "tests/servers/ward.h"
#include "tests/unit/cmocka_all.h"

enum { EVERY = 200, A_SECOND = 5, SLOWLY = 1000, TABLE = 10 };

static bool has_digests(const struct server *s)
{
	return strcmp(s->name, "MARIADB") != 0;
}

/* "statement:…" of the digest whose normal form is like that; for free(). */
static char *digest_like(struct ward *w, const char *like)
{
	char sql[300];
	snprintf(sql, sizeof sql, "SELECT CONCAT('statement:', DIGEST) FROM "
		 "performance_schema.events_statements_summary_by_digest WHERE SCHEMA_NAME = 'findings' AND "
		 "DIGEST_TEXT LIKE '%s' ORDER BY LAST_SEEN DESC LIMIT 1", like);
	for (int64_t end = in_ms(10000);; poll(NULL, 0, 20)) {
		char *found = server_value(w->root, sql);
		if (found || clock_mono_ns() > end)
			return found;
	}
}

/* The n-th culprit of a finding that is there. */
static void also_names(struct ward *w, const char *id, unsigned n, const char *culprit)
{
	struct arena a = {0};
	struct finding f;
	char have[300] = "";
	assert_true(ward_found(w, id, &f, &a));
	if (f.n_culprits > n)
		snprintf(have, sizeof have, "%s:%s", subject_name(f.culprits[n].kind), f.culprits[n].id);
	if (strcmp(have, culprit) != 0)
		fail_msg("%s: %s names %s, not %s", w->server->name, id, have, culprit);
	arena_release(&a);
}

static void try_global(struct ward *w, const char *assignment)
{
	char sql[200];
	struct err err = {0};
	snprintf(sql, sizeof sql, "SET GLOBAL %s", assignment);
	server_try(w->root, sql, &err);
}

/* 56 MB in rows of 7 kB, of which the buffer pool of 32 MB cannot hold all. */
static void big_table(struct ward *w)
{
	struct err err = {0};
	if (server_try(w->root, "SELECT 1 FROM findings.big WHERE id = 8000", &err))
		return;
	server_sql(w->root, "CREATE TABLE findings.big (id INT PRIMARY KEY, n INT, pad VARCHAR(8000)) "
			    "ENGINE=InnoDB CHARACTER SET latin1");
	server_sql(w->root, "INSERT INTO findings.big SELECT id, n, REPEAT(LPAD(id, 7, 'abcdef'), 1000) FROM "
			    "findings.t WHERE id <= 8000 ORDER BY id");
}

/* --- statements ----------------------------------------------------------------------------------- */

static void hot_digest(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		if (!has_digests(s))
			continue;
		ward_open(&w, s, SLOWLY);
		ward_set(&w, "hot-digest.past", "0");
		ward_set(&w, "hot-digest.calls", "20");
		ward_set(&w, "hot-digest.load", "0.2/0.1"); /* as much of it as a busy machine lets them have */
		ward_table(&w, TABLE);
		server_sql(w.root, "CREATE INDEX n ON findings.t (n)");
		struct client *app[2], *decoy = client_new(s, NULL);
		for (size_t i = 0; i < COUNT_OF(app); i++)
			app[i] = client_new(s, NULL);
		/* Both have a past; the decoy goes on as it was. */
		for (int i = 0; i < 600; i++) {
			client_sql(app[0], "SELECT COUNT(*) FROM t WHERE n = 5");
			if (i % 10 == 0)
				client_sql(decoy, "SELECT MAX(pad) FROM t");
		}
		client_loop(decoy, "SELECT MAX(pad) FROM t");
		ward_healthy(&w, 2);
		server_sql(w.root, "DROP INDEX n ON findings.t");
		for (size_t i = 0; i < COUNT_OF(app); i++)
			client_loop(app[i], "SELECT COUNT(*) FROM t WHERE n = 5");
		char *culprit = digest_like(&w, "SELECT COUNT%WHERE `n` = ?%");
		ward_verdict(&w, "hot-digest", SEVERITY_WARNING, culprit, NULL);
		free(culprit);
		clients_end(&w, app, COUNT_OF(app));
		client_end(&w, decoy);
		ward_close(&w);
	}
}

/* The same, but far more often. */
static void hot_digest_by_rate(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		if (!has_digests(s))
			continue;
		ward_open(&w, s, SLOWLY);
		ward_set(&w, "hot-digest.past", "1");
		ward_set(&w, "hot-digest.calls", "3");
		ward_set(&w, "hot-digest.rate", "3/2");
		ward_table(&w, TABLE);
		struct client *app = client_new(s, NULL);
		for (int i = 0; i < 3; i++) {
			client_sql(app, "SELECT COUNT(*) FROM t WHERE pad LIKE '%z'");
			ward_look(&w);
		}
		ward_healthy(&w, 1);
		client_loop(app, "SELECT COUNT(*) FROM t WHERE pad LIKE '%z'");
		char *culprit = digest_like(&w, "SELECT COUNT%WHERE `pad` LIKE ?%");
		ward_verdict(&w, "hot-digest", SEVERITY_NOTICE, culprit, NULL);
		free(culprit);
		client_end(&w, app);
		ward_close(&w);
	}
}

#define GROUPS "SELECT pad, COUNT(*) FROM t WHERE id < 500 GROUP BY pad, n ORDER BY 2 LIMIT 1"

static void tmp_on_disk(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_set(&w, "tmp-on-disk.rate", "15/10");
		w.parts = PART_BIT(PART_STATUS) | PART_BIT(PART_STATEMENTS);
		ward_table(&w, TABLE);
		ward_healthy(&w, A_SECOND);
		struct client *worker = client_new(s, NULL);
		client_sql(worker, s->mysql ? "SET internal_tmp_mem_storage_engine = MEMORY, tmp_table_size = 1024, "
					      "max_heap_table_size = 16384"
					    : "SET tmp_table_size = 1024, max_heap_table_size = 16384");
		client_sql(worker, GROUPS);
		ward_healthy(&w, 1);
		char *culprit = has_digests(s) ? digest_like(&w, "SELECT `pad` , COUNT%") : NULL;
		client_loop(worker, GROUPS);
		ward_verdict(&w, "tmp-on-disk", SEVERITY_WARNING, culprit, NULL);
		free(culprit);
		client_end(&w, worker);
		ward_close(&w);
	}
}

/* --- InnoDB --------------------------------------------------------------------------------------- */

static void deadlocks(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct err err;
		ward_open(&w, s, EVERY);
		ward_set(&w, "deadlocks.minute", "2/1");
		ward_table(&w, TABLE);
		ward_healthy(&w, A_SECOND);
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
		/* The server's digest where the rule finds it, else our own, which is the same everywhere. */
		char *culprit = s->mysql ? server_value(w.root, "SELECT CONCAT('statement:', STATEMENT_DIGEST("
								"'UPDATE findings.t SET n = 1 WHERE id = 2'))")
					 : xstrdup("statement:a492f6c1e583e7e8");
		ward_verdict(&w, "deadlocks", SEVERITY_WARNING, culprit, NULL);
		free(culprit);
		ward_close(&w);
	}
}

/* The oldest read view is to blame, not an older transaction that has none, nor a younger one. */
static void purge_lag(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct client *writers[2];
		ward_open(&w, s, EVERY);
		ward_set(&w, "purge-lag.window", "2");
		ward_set(&w, "purge-lag.length", "300/100");
		ward_table(&w, TABLE);
		struct client *older = client_new(s, NULL), *holder = client_new(s, NULL);
		struct client *younger = client_new(s, NULL);
		client_sql(older, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
		client_sql(older, "BEGIN");
		client_sql(older, "SELECT * FROM t LIMIT 1");
		/* The server counts whole seconds. */
		pump_until(w.root, "SELECT COUNT(*) > 0 FROM information_schema.INNODB_TRX WHERE "
				   "trx_started < NOW() - INTERVAL 1 SECOND", "1");
		client_sql(holder, "START TRANSACTION WITH CONSISTENT SNAPSHOT");
		ward_healthy(&w, A_SECOND);
		pump_until(w.root, "SELECT COUNT(*) > 1 FROM information_schema.INNODB_TRX WHERE "
				   "trx_started < NOW() - INTERVAL 1 SECOND", "1");
		client_sql(younger, "START TRANSACTION WITH CONSISTENT SNAPSHOT");
		for (size_t i = 0; i < COUNT_OF(writers); i++)
			writers[i] = client_new(s, NULL);
		client_loop(writers[0], "UPDATE t SET n = n + 1 WHERE id = 7");
		client_loop(writers[1], "UPDATE t SET n = n + 1 WHERE id = 8");
		ward_verdict(&w, "purge-lag", SEVERITY_WARNING, holder->culprit, NULL);
		clients_end(&w, writers, COUNT_OF(writers));
		client_end(&w, younger);
		client_end(&w, holder);
		client_end(&w, older);
		ward_close(&w);
	}
}

static void buffer_pool_small(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_set(&w, "buffer-pool-small.window", "2");
		ward_set(&w, "buffer-pool-small.miss", "0.02/0.01");
		ward_table(&w, TABLE);
		big_table(&w);
		struct client *decoy = client_new(s, NULL), *reader = client_new(s, NULL);
		client_sql(decoy, "SELECT MAX(pad) FROM t"); /* now it is in the pool */
		client_loop(decoy, "SELECT MAX(pad) FROM t WHERE id < 500");
		ward_healthy(&w, 2 * A_SECOND);
		client_loop(reader, "SELECT SUM(LENGTH(b.pad)) FROM t a STRAIGHT_JOIN big b "
				    "ON b.id = 1 + a.id * 7919 % 8000");
		ward_verdict(&w, "buffer-pool-small", SEVERITY_WARNING, "variable:innodb_buffer_pool_size", NULL);
		if (has_digests(s))
			also_names(&w, "buffer-pool-small", 1, "table:findings.big");
		client_end(&w, reader);
		client_end(&w, decoy);
		ward_close(&w);
	}
}

#define REWRITE(from, to) "UPDATE big SET pad = REVERSE(pad) WHERE id BETWEEN " from " AND " to

static void redo_small(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_redo(&w, WARD_REDO);
		ward_set(&w, "redo-small.window", "2");
		ward_set(&w, "redo-small.minutes", "1"); /* what made the tables may be in it yet */
		ward_set(&w, "redo-small.used", "0.5/0.4"); /* the smaller the log, the more of it is reserve */
		ward_set(&w, "log-buffer-waits.waits", "1000"); /* the machine's disk may be busy */
		ward_table(&w, TABLE);
		big_table(&w);
		if (!s->mysql)
			try_global(&w, "innodb_adaptive_flushing = OFF"); /* nothing is flushed before it must */
		struct client *little = client_new(s, NULL), *writer = client_new(s, NULL);
		client_loop(little, "UPDATE big SET n = n + 1 WHERE id = 8000 AND SLEEP(0.05) = 0");
		ward_healthy(&w, 3 * A_SECOND);
		client_end(&w, little);
		/* MariaDB's page cleaner empties the log of a fast writer in one go; that of a slow one stays full. */
		client_loop(writer, s->mysql ? REWRITE("1", "800") : REWRITE("1", "800") " AND SLEEP(0.003) = 0");
		ward_verdict(&w, "redo-small", SEVERITY_WARNING,
			      s->mysql ? "variable:innodb_redo_log_capacity" : "variable:innodb_log_file_size",
			      "dirty-flush-storm");
		client_end(&w, writer);
		if (!s->mysql)
			try_global(&w, "innodb_adaptive_flushing = ON");
		ward_close(&w);
	}
}

#define TOUCH(from, to) "UPDATE big SET n = n + 1 WHERE id BETWEEN " from " AND " to

/* The page cleaner is held back. MariaDB's statements wait where the redo log is full, which then is the
   cause; its counter of that is off as installed, and what it writes is counted by file only with the performance schema,
   and then not always. */
static void dirty_flush_storm(void **state)
{
	static const char *const writes[][2] = {
		{REWRITE("1", "1000"), TOUCH("1", "2000")},
		{REWRITE("2001", "3000"), TOUCH("2001", "4000")},
		{REWRITE("4001", "5000"), TOUCH("4001", "6000")},
		{REWRITE("6001", "7000"), TOUCH("6001", "8000")},
	};
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, SLOWLY);
		ward_set(&w, "dirty-flush-storm.waits", "1/0.5");
		ward_set(&w, "redo-small.window", "2");
		ward_table(&w, TABLE);
		big_table(&w);
		if (s->mysql) {
			try_global(&w, "innodb_io_capacity = 100");
			try_global(&w, "innodb_io_capacity_max = 100");
			try_global(&w, "innodb_lru_scan_depth = 100");
		} else {
			try_global(&w, "innodb_monitor_enable = 'buffer_flush_sync%'");
		}
		ward_healthy(&w, 2);
		struct client *writers[4];
		for (size_t i = 0; i < COUNT_OF(writers); i++) {
			writers[i] = client_new(s, NULL);
			client_loop(writers[i], writes[i][s->mysql]);
		}
		ward_verdict(&w, "dirty-flush-storm", SEVERITY_WARNING,
			      s->mysql ? "table:findings.big" : "table:findings.big?",
			      "redo-small log-buffer-waits");
		clients_end(&w, writers, COUNT_OF(writers));
		if (s->mysql) {
			try_global(&w, "innodb_io_capacity_max = DEFAULT");
			try_global(&w, "innodb_io_capacity = DEFAULT");
			try_global(&w, "innodb_lru_scan_depth = DEFAULT");
		} else {
			try_global(&w, "innodb_monitor_disable = 'buffer_flush_sync%'");
		}
		ward_close(&w);
	}
}

static void fills_the_log_buffer(struct ward *w, const char *shrink)
{
	struct client *writer = client_new(w->server, NULL);
	ward_table(w, TABLE);
	server_sql(w->root, "CREATE TABLE IF NOT EXISTS findings.blobs (b LONGBLOB) ENGINE=InnoDB");
	ward_healthy(w, A_SECOND);
	if (shrink)
		try_global(w, shrink);
	client_sql(writer, "SET SESSION sql_log_bin = 0");
	client_loop(writer, "INSERT INTO blobs SELECT REPEAT('x', 1000000) FROM t WHERE id < 7");
	ward_verdict(w, "log-buffer-waits", SEVERITY_WARNING, "variable:innodb_log_buffer_size",
		      "variable-changed restart redo-small");
	client_end(w, writer);
	server_sql(w->root, "DROP TABLE findings.blobs");
}

static void log_buffer_waits(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		if (!s->mysql)
			continue; /* a_restart() */
		ward_open(&w, s, EVERY);
		char *size = server_value(w.root, "SELECT CONCAT('innodb_log_buffer_size = ', "
						  "@@innodb_log_buffer_size)");
		fills_the_log_buffer(&w, "innodb_log_buffer_size = 262144");
		try_global(&w, size);
		free(size);
		ward_close(&w);
	}
}

/* --- the server ----------------------------------------------------------------------------------- */

enum { CACHED = 40 };

static void table_cache_thrash(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct buf all = BUF_INIT;
		char sql[100];
		ward_open(&w, s, EVERY);
		ward_table(&w, TABLE);
		for (int i = 0; i < CACHED; i++) {
			snprintf(sql, sizeof sql, "CREATE TABLE IF NOT EXISTS findings.c%d (n INT)", i);
			server_sql(w.root, sql);
			buf_addf(&all, "%sSELECT n FROM c%d", i ? " UNION ALL " : "", i);
		}
		struct client *worker = client_new(s, NULL);
		client_loop(worker, buf_str(&all));
		ward_healthy(&w, A_SECOND);
		char *size = server_value(w.root, "SELECT CONCAT('table_open_cache = ', @@table_open_cache)");
		try_global(&w, "table_open_cache = 20");
		ward_verdict(&w, "table-cache-thrash", SEVERITY_WARNING, "variable:table_open_cache",
			      "variable-changed");
		client_end(&w, worker);
		try_global(&w, size);
		free(size);
		buf_release(&all);
		ward_close(&w);
	}
}

static void variable_changed(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_table(&w, TABLE); /* the GTIDs that it makes are no news */
		ward_healthy(&w, 3);
		server_sql(w.root, "CREATE TABLE findings.news (n INT)");
		server_sql(w.root, "DROP TABLE findings.news");
		ward_healthy(&w, 3);
		server_sql(w.root, "SET GLOBAL long_query_time = 7");
		ward_verdict(&w, "variable-changed", SEVERITY_NOTICE, "variable:long_query_time", NULL);
		server_sql(w.root, "SET GLOBAL long_query_time = 10");
		ward_close(&w);
	}
}

static void restart_server(const struct server *s, const char *option)
{
	char command[300], name[32];
	snprintf(name, sizeof name, "%s", s->mysql ? "mysql" : has_digests(s) ? "mariadb-ps" : "mariadb");
	snprintf(command, sizeof command, "tests/tools/servers.sh restart \"$FATHOM_TEST_SERVERS\" %s %s", name,
		 option);
	if (system(command) != 0)
		fail_msg("%s does not start again", s->name);
}

/* MariaDB takes another log buffer at its start only. */
static void a_restart(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_healthy(&w, 2);
		restart_server(s, s->mysql ? "" : "--innodb-log-buffer-size=2097152");
		ward_again(&w);
		ward_verdict(&w, "restart", SEVERITY_NOTICE, NULL, NULL);
		ward_close(&w);
		if (!s->mysql) {
			ward_open(&w, s, EVERY);
			ward_set(&w, "log-buffer-waits.waits", "0.2/0.1");
			ward_set(&w, "restart.written", "1e12");
			fills_the_log_buffer(&w, NULL);
			ward_close(&w);
			restart_server(s, "");
		}
	}
}

/* --- what fills up, what is left undone -------------------------------------------------------------- */

static void autoinc_full(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		server_sql(w.root, "CREATE DATABASE IF NOT EXISTS findings");
		server_sql(w.root, "DROP TABLE IF EXISTS findings.`kinds-of`, findings.half, findings.wide");
		server_sql(w.root, "CREATE TABLE findings.half (id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY)");
		server_sql(w.root, "CREATE TABLE findings.wide (a INT, id BIGINT AUTO_INCREMENT PRIMARY KEY)");
		server_sql(w.root, "CREATE TABLE findings.`kinds-of` (id INT AUTO_INCREMENT PRIMARY KEY, a INT)");
		server_sql(w.root, "INSERT INTO findings.half VALUES (150)");
		server_sql(w.root, "INSERT INTO findings.wide VALUES (1, 4000000000)");
		server_sql(w.root, "INSERT INTO findings.`kinds-of` VALUES (1500000000, 1)");
		ward_healthy(&w, 2);
		server_sql(w.root, "INSERT INTO findings.`kinds-of` VALUES (2040000000, 1)");
		ward_verdict(&w, "autoinc-full", SEVERITY_WARNING, "table:findings.kinds-of", NULL);
		server_sql(w.root, "INSERT INTO findings.half VALUES (255)");
		ward_verdict(&w, "autoinc-full", SEVERITY_CRITICAL, "table:findings.half", NULL);
		server_sql(w.root, "DROP TABLE findings.`kinds-of`, findings.half, findings.wide");
		ward_close(&w);
	}
}

static void backup_old(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_healthy(&w, 2); /* no tool ever wrote anything */
		server_sql(w.root, "CREATE DATABASE PERCONA_SCHEMA");
		server_sql(w.root, "CREATE TABLE PERCONA_SCHEMA.xtrabackup_history (uuid VARCHAR(40) PRIMARY KEY, "
				   "tool_name VARCHAR(255), start_time TIMESTAMP NULL, end_time TIMESTAMP NULL, "
				   "partial ENUM('Y','N'), incremental ENUM('Y','N'))");
		server_sql(w.root, "INSERT INTO PERCONA_SCHEMA.xtrabackup_history VALUES "
				   "('a', 'xtrabackup', NOW() - INTERVAL 30 HOUR, NOW() - INTERVAL 29 HOUR, 'N', 'N'), "
				   "('b', 'xtrabackup', NOW() - INTERVAL 6 HOUR, NOW() - INTERVAL 5 HOUR, 'N', 'N')");
		ward_healthy(&w, 2);
		server_sql(w.root, "UPDATE PERCONA_SCHEMA.xtrabackup_history SET "
				   "start_time = start_time - INTERVAL 4 DAY, end_time = end_time - INTERVAL 4 DAY");
		ward_verdict(&w, "backup-old", SEVERITY_WARNING, NULL, NULL);
		server_sql(w.root, "DROP DATABASE PERCONA_SCHEMA");
		ward_close(&w);
	}
}

static int all_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hot_digest),
		cmocka_unit_test(hot_digest_by_rate),
		cmocka_unit_test(tmp_on_disk),
		cmocka_unit_test(deadlocks),
		cmocka_unit_test(purge_lag),
		cmocka_unit_test(buffer_pool_small),
		cmocka_unit_test(redo_small),
		cmocka_unit_test(dirty_flush_storm),
		cmocka_unit_test(log_buffer_waits),
		cmocka_unit_test(table_cache_thrash),
		cmocka_unit_test(variable_changed),
		cmocka_unit_test(autoinc_full),
		cmocka_unit_test(backup_old),
		cmocka_unit_test(a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return servers_at_once(all_tests);
}
