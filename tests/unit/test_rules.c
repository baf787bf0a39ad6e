/* Rules about sessions and about the server itself: what each finds, whom it names, and what it leaves alone. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "diagnose/rules.h"
#include "parse/sqltext.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rulekit.h"

/* A server that works hard and is well. Nothing may be found there, however long one looks. */
static void busy_and_healthy(struct kit *k, unsigned sessions)
{
	static const struct {
		const char *name;
		double rate;
	} rates[] = {
		{"Uptime", 1}, {"Questions", 12000}, {"Com_select", 9000}, {"Com_update", 900},
		{"Com_commit", 800}, {"Connections", 60}, {"Aborted_clients", 0.2},
		{"Aborted_connects", 0.1}, {"Threads_created", 0.5}, {"Handler_read_key", 90000},
		{"Handler_read_next", 200000}, {"Created_tmp_tables", 120},
		{"Created_tmp_disk_tables", 3}, {"Innodb_buffer_pool_read_requests", 900000},
		{"Innodb_buffer_pool_reads", 150}, {"Innodb_buffer_pool_read_ahead", 0},
		{"Innodb_log_waits", 0}, {"Innodb_buffer_pool_wait_free", 0},
		{"Innodb_redo_log_current_lsn", 3e6}, {"Innodb_redo_log_checkpoint_lsn", 3e6},
		{"Innodb_deadlocks", 0.01}, {"Opened_tables", 0.3},
		{"Connection_errors_max_connections", 0}, {"Innodb_buffer_pool_pages_flushed", 700},
		{"Innodb_row_lock_waits", 3},
	};
	for (size_t i = 0; i < COUNT_OF(rates); i++)
		kit_rate(k, rates[i].name, rates[i].rate);
	kit_gauge(k, "Uptime", 900000);
	kit_gauge(k, "Innodb_redo_log_current_lsn", 9.5e12);
	kit_gauge(k, "Innodb_redo_log_checkpoint_lsn", 9.5e12 - 600e6);
	kit_gauge(k, "Innodb_redo_log_capacity_resized", 4e9);
	kit_gauge(k, "Threads_connected", 400);
	kit_gauge(k, "Threads_running", 48);
	kit_gauge(k, "Open_tables", 1990);
	kit_gauge(k, "Innodb_history_list_length", 4000);
	kit_gauge(k, "Innodb_buffer_pool_pages_total", 1000000);
	kit_gauge(k, "Innodb_buffer_pool_pages_free", 1000);
	kit_gauge(k, "Innodb_buffer_pool_pages_dirty", 90000);
	kit_variable(k, "max_connections", 1000);
	kit_variable(k, "table_open_cache", 2000);
	kit_row(k, PART_HOST_CPU, "name=all cores=16");
	for (unsigned i = 0; i < sessions; i++) {
		char row[400];
		const char *what =
			i % 12 == 0 ? "command=Query time=0.02 server_state=executing blocks=0 "
				      "digest=d1 info=SELECT_1"
			: i % 12 == 1 ? "command=Sleep time=0.01 transaction_age=0.4 rows_locks=2 "
					"rows_modified=1 blocks=0"
				      : "command=Sleep time=4000 blocks=0";
		snprintf(row, sizeof row, "id=%u kind=user user=app host=web%u %s", 1000 + i, i % 7, what);
		kit_row(k, PART_PROCESSLIST, row);
	}
	/* Looks bad and is not: an event that sleeps, a long lock-free idler, a dump of the binary log. */
	kit_row(k, PART_PROCESSLIST, "id=90 kind=user user=app host=web1 command=Query time=5000 "
				     "server_state=User_sleep info=SELECT_SLEEP(9999) blocks=0");
	kit_row(k, PART_PROCESSLIST, "id=91 kind=user user=app host=web1 command=Sleep time=300 "
				     "transaction_age=300 rows_locks=0 rows_modified=0 blocks=0");
	kit_row(k, PART_PROCESSLIST, "id=92 kind=replication user=repl host=db2 "
				     "command=Binlog_Dump_GTID time=900000 blocks=0");
	kit_row(k, PART_PROCESSLIST, "id=93 kind=own user=fathom host=localhost command=Query time=0.01 "
				     "blocks=0");
}

static void a_busy_server_is_well(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	busy_and_healthy(&k, 400);
	for (unsigned i = 0; i < 200; i++) {
		kit_tick(&k, 1);
		kit_finds_no(&k, NULL);
	}
	kit_close(&k);
}

static void a_fresh_server_is_well(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_rate(&k, "Uptime", 1);
	kit_rate(&k, "Opened_tables", 300);
	kit_gauge(&k, "Open_tables", 100);
	kit_gauge(&k, "Innodb_redo_log_current_lsn", 30e6);
	kit_gauge(&k, "Threads_connected", 2);
	kit_variable(&k, "max_connections", 151);
	kit_variable(&k, "table_open_cache", 2000);
	kit_row(&k, PART_PROCESSLIST, "id=9 kind=own user=root host=localhost command=Query time=0 blocks=0");
	kit_ticks(&k, 30);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

/* --- sessions ------------------------------------------------------------------------------------- */

static void who_idles_in_a_transaction(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	static const char other[] = " kind=user user=app host=web1 command=Sleep blocks=0 ";
	char row[300];
	snprintf(row, sizeof row, "id=1 %s time=59 transaction_age=900 rows_locks=3 rows_modified=3", other);
	kit_row(&k, PART_PROCESSLIST, row);
	snprintf(row, sizeof row, "id=2 %s time=599 transaction_age=599 rows_locks=0 rows_modified=0", other);
	kit_row(&k, PART_PROCESSLIST, row);
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	snprintf(row, sizeof row, "id=2 %s time=600 transaction_age=600 rows_locks=0 rows_modified=0", other);
	kit_row(&k, PART_PROCESSLIST, row);
	snprintf(row, sizeof row, "id=3 %s time=61 transaction_age=700 rows_locks=0 rows_modified=1", other);
	kit_row(&k, PART_PROCESSLIST, row);
	kit_tick(&k, 1);
	kit_finds(&k, "idle-in-transaction", SEVERITY_WARNING, "session:3");
	kit_close(&k);
}

static void many(struct kit *k, unsigned n, const char *fields)
{
	for (unsigned i = 0; i < n; i++) {
		char row[400];
		snprintf(row, sizeof row, "id=%u kind=user blocks=0 %s", 500 + i, fields);
		kit_row(k, PART_PROCESSLIST, row);
	}
}

static void who_uses_up_the_connections(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	many(&k, 30, "user=pool host=web7 command=Sleep time=9");
	kit_row(&k, PART_PROCESSLIST, "id=1 kind=user user=app host=web1 command=Sleep time=9 blocks=0");
	kit_rate(&k, "Connection_errors_max_connections", 0);
	kit_gauge(&k, "Threads_connected", 60);
	kit_variable(&k, "max_connections", 100);
	kit_ticks(&k, 2);
	kit_finds_no(&k, NULL);
	/* Some came and went between two readings, and found the door shut. */
	kit_rate(&k, "Connection_errors_max_connections", 3);
	kit_tick(&k, 1);
	kit_finds(&k, "connections-exhausted", SEVERITY_CRITICAL, "user:pool@web7");
	kit_rate(&k, "Connection_errors_max_connections", 0);
	kit_ticks(&k, 5);
	kit_finds_no(&k, NULL);
	/* fathom itself is refused: what was seen last still says who. */
	k.link = LINK_DOWN;
	err_set(&k.err, ERR_TOO_MANY, "db", "Too many connections", NULL);
	kit_tick(&k, 1);
	kit_finds(&k, "connections-exhausted", SEVERITY_CRITICAL, "user:pool@web7");
	kit_close(&k);
}

static void who_connects_over_and_over(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_rate(&k, "Connections", 600);
	for (unsigned i = 0; i < 5; i++) {
		many(&k, 2, "user=app host=web1 command=Sleep time=9");
		kit_tick(&k, 1);
	}
	kit_finds_no(&k, NULL);
	kit_rate(&k, "Connections", 5000);
	for (unsigned i = 0; i < 6; i++) {
		many(&k, 2 + 4 * i, "user=cron host=job3 command=Sleep time=0");
		kit_tick(&k, 1);
	}
	kit_finds(&k, "connection-churn", SEVERITY_WARNING, "user:cron@job3");
	kit_rate(&k, "Connections", 100);
	many(&k, 2, "user=app host=web1 command=Sleep time=9");
	kit_tick(&k, 1);
	many(&k, 2, "user=app host=web1 command=Sleep time=9");
	kit_ticks(&k, 15);
	kit_finds_no(&k, NULL);
	/* Nobody is seen: failing logins leave no session. */
	kit_rate(&k, "Aborted_connects", 40);
	kit_ticks(&k, 6);
	kit_finds(&k, "connection-churn", SEVERITY_WARNING, NULL);
	kit_close(&k);
}

static void what_storms(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_gauge(&k, "Threads_running", 99);
	many(&k, 99, "user=app host=web1 command=Query time=1 digest=abc server_state=executing");
	kit_ticks(&k, 5);
	kit_finds_no(&k, NULL);
	/* Who sleeps in a statement takes no core. */
	kit_gauge(&k, "Threads_running", 150);
	many(&k, 149, "user=poll host=web1 command=Query time=1 digest=def server_state=User_sleep");
	kit_ticks(&k, 5);
	kit_finds_no(&k, NULL);
	/* One reading is no storm. */
	kit_gauge(&k, "Threads_running", 120);
	many(&k, 119, "user=app host=web1 command=Query time=1 digest=abc server_state=executing");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_tick(&k, 1);
	kit_finds(&k, "thread-storm", SEVERITY_CRITICAL, "statement:abc");
	kit_close(&k);
}

static void cores_say_what_a_storm_is(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_HOST_CPU, "name=all cores=4");
	kit_gauge(&k, "Threads_running", 31);
	many(&k, 31, "user=app host=web1 command=Query time=1 info=SELECT_1");
	kit_ticks(&k, 4);
	kit_finds_no(&k, NULL);
	kit_gauge(&k, "Threads_running", 40);
	many(&k, 40, "user=app host=web1 command=Query time=1 info=SELECT_1");
	kit_ticks(&k, 4);
	/* The server gives no digest: ours does. */
	struct buf normal = BUF_INIT;
	char culprit[40] = "statement:";
	sql_digest_hex(sql_digest(&normal, "SELECT 2", 8), culprit + strlen(culprit));
	buf_release(&normal);
	kit_finds(&k, "thread-storm", SEVERITY_CRITICAL, culprit);
	kit_close(&k);
}

static void victims_of_a_lock_are_no_culprits(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_PROCESSLIST, "id=7 kind=user user=batch host=job1 command=Sleep time=99 "
				      "transaction_age=99 rows_locks=1 rows_modified=1 blocks=120");
	kit_gauge(&k, "Threads_running", 120);
	many(&k, 120, "user=app host=web1 command=Query time=1 digest=abc wait=row_lock blocked_by=7 "
		      "state=row_lock");
	for (unsigned i = 0; i < 120; i++) {
		char row[200];
		snprintf(row, sizeof row, "id=%u:7 waiter=%u blocker=7 kind=row_lock wait_age=1 suspect=0",
			 500 + i, 500 + i);
		kit_row(&k, PART_BLOCKING, row);
	}
	kit_ticks(&k, 4);
	kit_finds(&k, "row-lock-pileup", SEVERITY_CRITICAL, "session:7");
	kit_finds(&k, "thread-storm", SEVERITY_CRITICAL, NULL);
	kit_suspects(&k, "thread-storm", "user:app@web1");
	kit_explained(&k, "thread-storm", "row-lock-pileup");
	kit_explained(&k, "row-lock-pileup", "idle-in-transaction");
	kit_close(&k);
}

/* --- the server ----------------------------------------------------------------------------------- */

static void a_restart_is_noticed(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_rate(&k, "Uptime", 1);
	kit_gauge(&k, "Uptime", 5000);
	kit_ticks(&k, 3);
	kit_finds_no(&k, NULL);
	kit_restart(&k);
	kit_tick(&k, 1);
	kit_finds(&k, "restart", SEVERITY_NOTICE, NULL);
	kit_ticks(&k, 590);
	kit_finds(&k, "restart", SEVERITY_NOTICE, NULL);
	kit_ticks(&k, 15);
	kit_finds_no(&k, NULL);
	kit_close(&k);

	/* It was so when fathom came. */
	kit_open(&k);
	kit_gauge(&k, "Uptime", 100);
	kit_gauge(&k, "Innodb_lsn_current", 7e12);
	kit_gauge(&k, "Innodb_os_log_written", 1e6);
	kit_tick(&k, 1);
	kit_finds(&k, "restart", SEVERITY_NOTICE, NULL);
	kit_close(&k);

	/* A new one that was filled since. */
	kit_open(&k);
	kit_gauge(&k, "Uptime", 100);
	kit_gauge(&k, "Innodb_lsn_current", 7e9);
	kit_gauge(&k, "Innodb_os_log_written", 6.9e9);
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void what_was_set(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_variable(&k, "innodb_io_capacity", 200);
	kit_variable(&k, "gtid_binlog_pos", 5);
	kit_row(&k, PART_VARIABLES, "name=collation value=STRICT");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_variable(&k, "innodb_io_capacity", 200);
	kit_variable(&k, "gtid_binlog_pos", 6);
	kit_row(&k, PART_VARIABLES, "name=collation value=STRICT");
	kit_tick(&k, 30);
	kit_finds_no(&k, NULL);
	kit_variable(&k, "innodb_io_capacity", 200);
	kit_variable(&k, "gtid_binlog_pos", 7);
	kit_row(&k, PART_VARIABLES, "name=collation value=\x1b[31m set_user=bob");
	kit_tick(&k, 30);
	kit_finds(&k, "variable-changed", SEVERITY_NOTICE, "variable:collation");
	kit_close(&k);
}

static void what_may_not_be_seen(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_lacks(&k, PART_REPLICATION, PART_UNSUPPORTED, "no such table");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_lacks(&k, PART_INNODB, PART_DENIED,
		  "needs the privilege PROCESS: GRANT PROCESS ON *.* TO `w`@`%`");
	kit_tick(&k, 1);
	kit_finds(&k, "privilege-missing", SEVERITY_NOTICE, "user:");
	kit_close(&k);
}

static void tables_come_and_go(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_variable(&k, "table_open_cache", 400);
	kit_gauge(&k, "Open_tables", 100);
	kit_rate(&k, "Opened_tables", 200);
	kit_ticks(&k, 30);
	kit_finds_no(&k, NULL);
	kit_gauge(&k, "Open_tables", 399);
	kit_ticks(&k, 12);
	kit_finds(&k, "table-cache-thrash", SEVERITY_WARNING, "variable:table_open_cache");
	kit_rate(&k, "Opened_tables", 20);
	kit_ticks(&k, 12);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_server_is_well),
		cmocka_unit_test(a_fresh_server_is_well),
		cmocka_unit_test(who_idles_in_a_transaction),
		cmocka_unit_test(who_uses_up_the_connections),
		cmocka_unit_test(who_connects_over_and_over),
		cmocka_unit_test(what_storms),
		cmocka_unit_test(cores_say_what_a_storm_is),
		cmocka_unit_test(victims_of_a_lock_are_no_culprits),
		cmocka_unit_test(a_restart_is_noticed),
		cmocka_unit_test(what_was_set),
		cmocka_unit_test(what_may_not_be_seen),
		cmocka_unit_test(tables_come_and_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
