/* InnoDB's parts on real servers, held against the servers' own tables before and after. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/innodb.h"
#include "collect/instruments.h"
#include "model/timeline.h"
#include "parse/innodb_deadlock.h"
#include "tests/servers/pump.h"
#include "tests/unit/cmocka_all.h"

static double number(struct db *db, const char *sql)
{
	char *s = server_value(db, sql);
	double v = s ? strtod(s, NULL) : NAN;
	free(s);
	return v;
}

static double cell(const struct part *p, const char *key, const char *field)
{
	struct value k = part_schema(p)->fields[part_schema(p)->key].type == FIELD_INT
				 ? value_int(strtoll(key, NULL, 10))
				 : value_str(key);
	int row = part_find(p, k);
	if (row < 0)
		fail_msg("%s has no row %s", part_name(part_id(p)), key);
	return value_number(part_cell(p, (unsigned)row, field), NAN);
}

/* Reads a part between two looks at the same number; it must lie between them. */
static void between(struct pump *p, struct db *root, enum part_id id, const char *key, const char *field,
		    const char *sql)
{
	double low = number(root, sql);
	pump_round(p, PART_BIT(id));
	double v = cell(p->parts[id], key, field), high = number(root, sql);
	if (!(low <= v && v <= high))
		fail_msg("%s %s.%s: %g is not within %g and %g", part_name(id), key, field, v, low, high);
}

static void make_work(struct db *root)
{
	server_sql(root, "CREATE DATABASE IF NOT EXISTS innodb_shop");
	server_sql(root, "DROP TABLE IF EXISTS innodb_shop.stock");
	server_sql(root, "CREATE TABLE innodb_shop.stock (id INT PRIMARY KEY, n INT, pad CHAR(200)) ENGINE=InnoDB");
	server_sql(root, "INSERT INTO innodb_shop.stock VALUES (1,1,''),(2,2,''),(3,3,'')");
	server_sql(root, "UPDATE innodb_shop.stock SET n = n + 1");
}

static void numbers_are_the_servers_own(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		make_work(root);
		pump_init(&p, s, NULL);
		between(&p, root, PART_INNODB_POOLS, "0", "size",
			"SELECT POOL_SIZE FROM information_schema.INNODB_BUFFER_POOL_STATS WHERE POOL_ID = 0");
		between(&p, root, PART_INNODB_POOLS, "0", "made_young",
			"SELECT PAGES_MADE_YOUNG FROM information_schema.INNODB_BUFFER_POOL_STATS");
		between(&p, root, PART_INNODB_POOLS, "0", "gets",
			"SELECT NUMBER_PAGES_GET FROM information_schema.INNODB_BUFFER_POOL_STATS");
		between(&p, root, PART_INNODB, "trx_rseg_history_len", "enabled", "SELECT 1");
		between(&p, root, PART_INNODB, "adaptive_hash_searches_btree", "value",
			"SELECT COUNT FROM information_schema.INNODB_METRICS "
			"WHERE NAME = 'adaptive_hash_searches_btree'");
		pump_release(&p);
		db_close(root);
	}
}

static void tablespaces_are_counted(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		const char *table = s->mysql ? "INNODB_TABLESPACES" : "INNODB_SYS_TABLESPACES";
		char sql[300];
		make_work(root);
		pump_init(&p, s, NULL);
		snprintf(sql, sizeof sql, "SELECT FILE_SIZE FROM information_schema.%s "
					  "WHERE NAME = 'innodb_shop/stock'", table);
		double size = number(root, sql);
		snprintf(sql, sizeof sql, "SELECT SPACE FROM information_schema.%s "
					  "WHERE NAME = 'innodb_shop/stock'", table);
		char *id = server_value(root, sql);
		pump_round(&p, PART_BIT(PART_INNODB_SPACES));
		const struct part *part = p.parts[PART_INNODB_SPACES];
		assert_true(size > 0 && cell(part, id, "size") == size);
		snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM information_schema.%s "
					  "WHERE NAME LIKE '%%/%%'", table);
		assert_int_equal(cell(part, "table", "count"), number(root, sql));
		if (s->mysql) {
			assert_int_equal(cell(part, "undo", "count"), 2);
			int row = part_find(part, value_str("4294967279"));
			assert_true(row >= 0);
			assert_string_equal(value_cstr(part_cell(part, (unsigned)row, "state")), "active");
		}
		free(id);
		pump_release(&p);
		db_close(root);
	}
}

static void files_are_told_apart(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		if (strcmp(s->name, "MARIADB") == 0)
			continue;
		struct pump p;
		struct db *root = server_root(s);
		make_work(root);
		pump_init(&p, s, NULL);
		between(&p, root, PART_INNODB_FILES, "wait/io/file/innodb/innodb_data_file", "writes",
			"SELECT COUNT_WRITE FROM performance_schema.file_summary_by_event_name "
			"WHERE EVENT_NAME = 'wait/io/file/innodb/innodb_data_file'");
		between(&p, root, PART_INNODB_FILES, "wait/io/file/sql/binlog", "bytes_written",
			"SELECT SUM_NUMBER_OF_BYTES_WRITE FROM performance_schema.file_summary_by_event_name "
			"WHERE EVENT_NAME = 'wait/io/file/sql/binlog'");
		const struct part *part = p.parts[PART_INNODB_FILES];
		unsigned redo = 0, undo = 0, table = 0;
		for (unsigned i = 0; i < part_rows(part); i++) {
			const char *class = value_cstr(part_cell(part, i, "class"));
			const char *file = value_cstr(part_cell(part, i, "file"));
			redo += strcmp(class, "redo") == 0;
			undo += strcmp(class, "undo") == 0;
			table += strcmp(file, "innodb_shop/stock.ibd") == 0;
			assert_true(part_cell(part, i, "kind").type == VALUE_TEXT);
		}
		assert_int_equal(table, 1);
		if (s->mysql)
			assert_true(redo >= 2 && undo >= 2);
		pump_release(&p);
		db_close(root);
	}
}

/* What is off has no value, and says what turns it on; doing that gives it one. */
static void a_counter_that_is_off_is_no_zero(void **state)
{
	(void)state;
	static const char name[] = "purge_invoked";
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_INNODB));
		assert_true(innodb_counter_off(p.parts[PART_INNODB], name));
		assert_int_equal(innodb_counter(p.parts[PART_INNODB], name).type, VALUE_ABSENT);
		const char *reason = innodb_counter_reason(p.parts[PART_INNODB], name);
		assert_string_equal(reason, "SET GLOBAL innodb_monitor_enable = 'purge_invoked'");
		server_sql(root, reason);
		pump_round(&p, PART_BIT(PART_INNODB));
		assert_true(value_is_number(innodb_counter(p.parts[PART_INNODB], name)));
		assert_null(innodb_counter_reason(p.parts[PART_INNODB], name));
		server_sql(root, "SET GLOBAL innodb_monitor_disable = 'purge_invoked'");
		assert_non_null(innodb_counter_reason(p.parts[PART_INNODB], "no_such_counter"));
		pump_release(&p);
		db_close(root);
	}
}

static void latches_follow_the_instruments(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		struct buf on = BUF_INIT;
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_INNODB_MUTEXES));
		const struct part *part = p.parts[PART_INNODB_MUTEXES];
		int waits = schema_field(part_schema(part), "waits"), time = schema_field(part_schema(part), "time");
		assert_int_equal(part_status(part), PART_OK);
		if (part_rows(part)) {
			assert_null(part_absent_reason(part, (unsigned)waits));
			assert_non_null(part_absent_reason(part, (unsigned)time));
		}
		if (strcmp(s->name, "MARIADB") != 0) {
			instrument_enable(&on, INSTRUMENT_INNODB_LATCHES);
			server_sql(root, buf_str(&on));
			make_work(root);
			pump_round(&p, PART_BIT(PART_INNODB_MUTEXES));
			part = p.parts[PART_INNODB_MUTEXES];
			assert_int_equal(part_status(part), PART_OK);
			for (unsigned i = 0; i < part_rows(part); i++)
				assert_true(value_number(part_cell(part, i, "events"), 0) > 0);
			server_sql(root, "UPDATE performance_schema.setup_instruments SET ENABLED = 'NO', TIMED = 'NO' "
					 "WHERE NAME LIKE 'wait/synch/%/innodb/%'");
		}
		buf_release(&on);
		pump_release(&p);
		db_close(root);
	}
}

/* --- the text --------------------------------------------------------------------------------------- */

static void two_sessions_deadlock(const struct server *s, struct db *root, int64_t ids[2])
{
	struct db *one = pump_session(s), *two = pump_session(s);
	struct err err = {0};
	ids[0] = db_server(one)->connection_id;
	ids[1] = db_server(two)->connection_id;
	server_sql(one, "BEGIN");
	server_sql(one, "UPDATE innodb_shop.stock SET n = 9 WHERE id = 1");
	server_sql(two, "BEGIN");
	server_sql(two, "UPDATE innodb_shop.stock SET n = 9 WHERE id = 2");
	pump_start(one, "UPDATE innodb_shop.stock SET n = 9 WHERE id = 2");
	pump_until(root, "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'", "1");
	server_try(two, "UPDATE innodb_shop.stock SET n = 9 WHERE id = 1", &err);
	pump_kill(root, one);
	pump_kill(root, two);
	pump_until(root, "SELECT COUNT(*) FROM information_schema.INNODB_TRX", "0");
}

static void the_text_has_the_deadlock_that_was(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		struct innodb_status status;
		struct innodb_deadlock d;
		int64_t ids[2];
		make_work(root);
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_INNODB));
		double before = value_number(innodb_counter(p.parts[PART_INNODB], "lock_deadlocks"), -1);
		two_sessions_deadlock(s, root, ids);
		pump_round(&p, PART_BIT(PART_INNODB) | PART_BIT(PART_INNODB_STATUS));
		assert_int_equal(value_number(innodb_counter(p.parts[PART_INNODB], "lock_deadlocks"), -1),
				 before + 1);
		struct value text = part_cell(p.parts[PART_INNODB_STATUS], 0, "text");
		innodb_status_parse(&status, text.s, text.len);
		const struct innodb_section *section = innodb_status_section(&status, INNODB_DEADLOCK);
		assert_non_null(section);
		assert_true(innodb_deadlock_parse(&d, section->body.s, section->body.len));
		assert_int_equal(d.n_sides, 2);
		assert_true(d.victim >= 0);
		int64_t sum = d.sides[0].trx.thread + d.sides[1].trx.thread;
		assert_int_equal(sum, ids[0] + ids[1]);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(d.sides[i].n_locks, 2);
			assert_true(!d.sides[i].locks[0].waits && d.sides[i].locks[1].waits);
			assert_string_equal(d.sides[i].locks[0].table, "innodb_shop.stock");
			assert_string_equal(d.sides[i].locks[0].index, "PRIMARY");
		}
		innodb_deadlock_release(&d);
		innodb_status_release(&status);
		pump_release(&p);
		db_close(root);
	}
}

/* Positions in the text are those of the status variables; so the checkpoint age is known everywhere. */
static void the_text_has_the_positions(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		const char *sql = s->mysql ? "SELECT VARIABLE_VALUE FROM performance_schema.global_status "
					     "WHERE VARIABLE_NAME = 'Innodb_redo_log_current_lsn'"
					   : "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS "
					     "WHERE VARIABLE_NAME = 'INNODB_LSN_CURRENT'";
		make_work(root);
		pump_init(&p, s, NULL);
		/* The status variables are brought up to date now and then only. */
		pump_round(&p, PART_BIT(PART_INNODB_STATUS));
		double lsn = cell(p.parts[PART_INNODB_STATUS], "InnoDB", "lsn");
		assert_true(fabs(lsn - number(root, sql)) < 2e6);
		pump_round(&p, PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_INNODB));
		struct snapshot *now = snapshot_new(0);
		struct frame f = {.now = now};
		for (int i = 0; i < N_PARTS; i++)
			if (p.parts[i])
				snapshot_set(now, part_ref(p.parts[i]));
		double age = value_number(metric_read(METRIC_CHECKPOINT_AGE, &f), -1);
		double used = value_number(metric_read(METRIC_REDO_USED, &f), -1);
		assert_true(age >= 0 && age < 8e6);
		assert_true(used >= 0 && used <= 1);
		/* A server that has no such status variables: the text is what is left. */
		snapshot_set(now, part_seal(part_builder_new(PART_STATUS, collect_schema(PART_STATUS)), 1, 1, 0));
		double by_text = value_number(metric_read(METRIC_CHECKPOINT_AGE, &f), -1);
		assert_true(by_text >= 0 && by_text < 8e6);
		snapshot_unref(now);
		pump_release(&p);
		db_close(root);
	}
}

/* --- what it costs ------------------------------------------------------------------------------------ */

/* CPU milliseconds that the server's thread of a connection has used. */
static double thread_cpu(const struct server *s, struct db *root, int64_t connection)
{
	char sql[200], path[100];
	snprintf(sql, sizeof sql,
		 s->mysql ? "SELECT THREAD_OS_ID FROM performance_schema.threads WHERE PROCESSLIST_ID = %lld"
			  : "SELECT TID FROM information_schema.PROCESSLIST WHERE ID = %lld",
		 (long long)connection);
	snprintf(path, sizeof path, "/proc/%d/task/%.0f/schedstat", (int)s->pid, number(root, sql));
	double ns = NAN;
	FILE *f = fopen(path, "r");
	if (f && fscanf(f, "%lf", &ns) != 1)
		ns = NAN;
	if (f)
		fclose(f);
	return ns / 1e6;
}

/* Writes and reads until it is ended. */
static pid_t start_load(const struct server *s, int i)
{
	pid_t child = fork();
	if (child)
		return child;
	char write[100], read[] = "SELECT SUM(n) FROM innodb_shop.stock";
	struct db *db = server_root(s);
	struct err err;
	snprintf(write, sizeof write, "UPDATE innodb_shop.stock SET n = n + 1 WHERE id = %d", i % 3 + 1);
	while (server_try(db, write, &err) && server_try(db, read, &err))
		;
	_exit(0);
}

static void end_load(const pid_t *loads, int n)
{
	for (int i = 0; i < n; i++)
		kill(loads[i], SIGKILL);
	for (int i = 0; i < n; i++)
		waitpid(loads[i], NULL, 0);
}

/* --- threads ------------------------------------------------------------------------------------------ */

static size_t count_io_threads(const struct innodb_status *s, const char *kind)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_io_threads; i++)
		n += slice_begins(s->io_threads[i].kind, kind);
	return n;
}

/* As many as are set; MariaDB has a common pool of threads, and lists none. */
static void io_threads_are_those_that_are_set(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		struct innodb_status status;
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_INNODB_STATUS));
		struct value text = part_cell(p.parts[PART_INNODB_STATUS], 0, "text");
		innodb_status_parse(&status, text.s, text.len);
		size_t reads = count_io_threads(&status, "read thread");
		size_t writes = count_io_threads(&status, "write thread");
		assert_int_equal(reads, s->mysql ? number(root, "SELECT @@innodb_read_io_threads") : 0);
		assert_int_equal(writes, s->mysql ? number(root, "SELECT @@innodb_write_io_threads") : 0);
		/* Nor does it list who waits: unknown is not zero. */
		assert_int_equal(status.lists_waits, s->mysql);
		struct value waits = part_cell(p.parts[PART_INNODB_STATUS], 0, "semaphore_waits");
		assert_int_equal(waits.type == VALUE_ABSENT, !s->mysql);
		innodb_status_release(&status);
		pump_release(&p);
		db_close(root);
	}
}

/* Whose thread it is, by the server's own word. */
static bool is_session(struct db *root, int64_t id)
{
	char sql[200];
	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM performance_schema.threads "
		 "WHERE PROCESSLIST_ID = %lld AND PROCESSLIST_USER = 'root'", (long long)id);
	return id > 0 && number(root, sql) == 1;
}

/* Sessions that all change one page come to wait for its latch; each waiting thread is one of them. */
static void who_waits_for_a_latch_is_a_session(void **state)
{
	(void)state;
	enum { LOADS = 8, PATIENCE_S = 60 };
	EACH_SERVER(s) {
		if (!s->mysql)
			continue;
		struct pump p;
		struct db *root = server_root(s);
		pid_t loads[LOADS];
		int64_t end = clock_mono_ns() + PATIENCE_S * NS_PER_S;
		unsigned readings = 0, named = 0;
		make_work(root);
		for (int i = 0; i < LOADS; i++)
			loads[i] = start_load(s, i);
		pump_init(&p, s, NULL);
		while (!named && clock_mono_ns() < end) {
			struct innodb_status status;
			pump_round(&p, PART_BIT(PART_INNODB_STATUS));
			struct value text = part_cell(p.parts[PART_INNODB_STATUS], 0, "text");
			innodb_status_parse(&status, text.s, text.len);
			assert_int_equal(value_integer(part_cell(p.parts[PART_INNODB_STATUS], 0,
								 "semaphore_waits"), -1), status.n_waits);
			for (size_t i = 0; i < status.n_waits; i++)
				named += is_session(root, innodb_status_session(&status, status.waits[i].thread));
			readings++;
			innodb_status_release(&status);
		}
		end_load(loads, LOADS);
		print_message("# %s: %u threads that wait, after %u readings\n", s->name, named, readings);
		assert_true(named > 0);
		pump_release(&p);
		db_close(root);
	}
}

/* --- all of it ---------------------------------------------------------------------------------------- */

/* Every InnoDB collector at its own pace, beside eight sessions that write and read. */
static void all_together_within_the_budget(void **state)
{
	(void)state;
	static const struct {
		enum part_id part;
		double period;
	} paces[] = {{PART_STATUS, 1}, {PART_TRANSACTIONS, 1}, {PART_INNODB, 2}, {PART_INNODB_POOLS, 2},
		     {PART_INNODB_FILES, 10}, {PART_INNODB_MUTEXES, 10}, {PART_INNODB_STATUS, 10},
		     {PART_INNODB_SPACES, 30}};
	enum { READINGS = 10, LOADS = 8 };
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		pid_t loads[LOADS];
		double sum = 0;
		make_work(root);
		for (int i = 0; i < LOADS; i++)
			loads[i] = start_load(s, i);
		pump_init(&p, s, NULL);
		for (size_t i = 0; i < COUNT_OF(paces); i++) {
			int64_t me = db_server(p.db)->connection_id;
			double began = thread_cpu(s, root, me);
			p.ctx.watched = PART_BIT(PART_INNODB_POOLS);
			for (int k = 0; k < READINGS; k++)
				pump_round(&p, PART_BIT(paces[i].part));
			double ms = (thread_cpu(s, root, me) - began) / READINGS;
			print_message("# %s: %s %.2f ms every %.0f s\n", s->name, part_name(paces[i].part), ms,
				      paces[i].period);
			sum += ms / paces[i].period;
		}
		end_load(loads, LOADS);
		print_message("# %s: %.2f ms of CPU a second: %.2f %% of a core\n", s->name, sum, sum / 10);
		assert_true(sum < 20); /* fails too when it could not be measured */
		pump_release(&p);
		db_close(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_servers_own),
		cmocka_unit_test(tablespaces_are_counted),
		cmocka_unit_test(files_are_told_apart),
		cmocka_unit_test(a_counter_that_is_off_is_no_zero),
		cmocka_unit_test(latches_follow_the_instruments),
		cmocka_unit_test(the_text_has_the_deadlock_that_was),
		cmocka_unit_test(the_text_has_the_positions),
		cmocka_unit_test(io_threads_are_those_that_are_set),
		cmocka_unit_test(who_waits_for_a_latch_is_a_session),
		cmocka_unit_test(all_together_within_the_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
