/* What is wrong with replication: each rule's finding and culprit, and who is left alone. */
#include <stdio.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/rulekit.h"

#define SOURCE "source_host=db1 source_port=3306 source_user=repl connect_retry=60 "
#define RUNS "io_running=Yes sql_running=Yes "

static void replicates(struct kit *k, const char *fields)
{
	char row[700];
	snprintf(row, sizeof row, "channel= " SOURCE "%s", fields);
	kit_row(k, PART_REPLICATION, row);
}

static void open_as(struct kit *k, enum flavor flavor)
{
	kit_open(k);
	k->server.flavor = flavor;
	k->server.number = flavor == FLAVOR_MARIADB ? 101100 : 90700;
	k->role = ROLE_REPLICA;
}

/* One sample with one channel: nothing is to be said. */
static void expect_none(const char *fields)
{
	struct kit k;
	open_as(&k, FLAVOR_MYSQL);
	for (unsigned i = 0; i < 5; i++) {
		replicates(&k, fields);
		kit_tick(&k, 1);
	}
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void the_healthy_are_left_alone(void **state)
{
	(void)state;
	expect_none(RUNS "lag=0");
	expect_none(RUNS "lag=4 workers=4 workers_busy=4 gtid_gap=900 apply_lag=3.5 receive_lag=0.5");
	/* Kept back on purpose. */
	expect_none(RUNS "lag=3601 delay=3600 apply_lag=3601 heartbeat_lag=3602");
	/* A state that was never seen before is not judged. */
	expect_none("io_running=Pondering sql_running=Yes");
}

static void not_a_replica(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_none(&k, PART_REPLICATION);
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_lacks(&k, PART_REPLICATION, PART_DENIED, "needs REPLICATION CLIENT");
	kit_tick(&k, 1);
	kit_blind(&k, "replica-broken", "REPLICATION CLIENT");
	kit_blind(&k, "replica-io", "REPLICATION CLIENT");
	kit_blind(&k, "replica-lag", "REPLICATION CLIENT");
	kit_blind(&k, "lag-lies", "REPLICATION CLIENT");
	kit_close(&k);
}

#define DUPLICATE \
	"io_running=Yes sql_running=No sql_errno=1062 sql_error=Could_not_execute_Write_rows_event_on_" \
	"table_shop.orders;_Duplicate_entry_'5'_for_key_'orders.PRIMARY',_Error_code:_1062;"

static void a_broken_applier(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MARIADB);
	replicates(&k, DUPLICATE);
	kit_row(&k, PART_REPLICATION, "channel=west source_host=db2 " RUNS "lag=0");
	kit_tick(&k, 1);
	kit_finds(&k, "replica-broken", SEVERITY_CRITICAL, "channel:db1:3306");
	kit_finds_no(&k, "replica-io");
	kit_finds_no(&k, "replica-lag");
	kit_finds_no(&k, "lag-lies");
	/* Somebody mended it. */
	replicates(&k, RUNS "lag=0");
	kit_tick(&k, 1);
	replicates(&k, RUNS "lag=0");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void a_named_channel(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	replicates(&k, RUNS "lag=0");
	kit_row(&k, PART_REPLICATION, "channel=west " SOURCE DUPLICATE);
	kit_tick(&k, 1);
	kit_finds(&k, "replica-broken", SEVERITY_CRITICAL, "channel:west");
	kit_close(&k);
}

static void a_receiver_without_source(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	replicates(&k, "io_running=Connecting sql_running=Yes io_errno=1045 "
		       "io_error=Access_denied_for_user_'repl'@'db2'_(using_password:_YES)");
	kit_tick(&k, 1);
	kit_finds(&k, "replica-io", SEVERITY_CRITICAL, "channel:db1:3306");
	kit_finds_no(&k, "replica-broken");
	kit_close(&k);
}

static void both_threads_failed(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	replicates(&k, "io_running=No sql_running=No io_errno=13114 io_error=Got_fatal_error_1236 "
		       "sql_errno=1146 sql_error=Table_'shop.orders'_doesn't_exist");
	kit_tick(&k, 1);
	kit_finds(&k, "replica-broken", SEVERITY_CRITICAL, "channel:db1:3306");
	kit_finds(&k, "replica-io", SEVERITY_CRITICAL, "channel:db1:3306");
	kit_close(&k);
}

static void connecting_is_no_warning_at_first(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	for (unsigned i = 0; i < 15; i++) {
		replicates(&k, "io_running=Connecting sql_running=Yes io_errno=0");
		kit_tick(&k, 1);
		kit_finds(&k, "replica-io", i < 10 ? SEVERITY_NOTICE : SEVERITY_WARNING, "channel:db1:3306");
	}
	kit_close(&k);
}

static void behind(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	replicates(&k, RUNS "lag=12");
	kit_tick(&k, 1);
	kit_finds(&k, "replica-lag", SEVERITY_NOTICE, "channel:db1:3306");
	replicates(&k, RUNS "lag=75");
	kit_tick(&k, 1);
	kit_finds(&k, "replica-lag", SEVERITY_WARNING, "channel:db1:3306");
	/* Two limits: it does not flicker. */
	replicates(&k, RUNS "lag=7");
	kit_tick(&k, 1);
	kit_finds(&k, "replica-lag", SEVERITY_NOTICE, "channel:db1:3306");
	replicates(&k, RUNS "lag=3");
	kit_tick(&k, 1);
	replicates(&k, RUNS "lag=3");
	kit_tick(&k, 4);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void a_lock_on_the_replica(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	replicates(&k, RUNS "lag=75");
	kit_row(&k, PART_APPLIERS, "id=/1 channel= kind=worker session=7 blocked_by=811");
	kit_row(&k, PART_PROCESSLIST, "id=7 kind=replication user=system_user command=Query blocked_by=811 "
				      "wait=row_lock state=row_lock blocks=0");
	kit_row(&k, PART_PROCESSLIST, "id=811 kind=user user=app host=web1 command=Query time=20 "
				      "transaction_age=20 blocks=1 blocked_by=812 state=row_lock");
	kit_row(&k, PART_PROCESSLIST, "id=812 kind=user user=batch host=web1 command=Sleep time=30 "
				      "transaction_age=30 blocks=1 state=idle_in_transaction");
	kit_row(&k, PART_PROCESSLIST, "id=9 kind=user user=app host=web1 command=Query time=900 blocks=0");
	kit_tick(&k, 1);
	kit_finds(&k, "replica-lag", SEVERITY_WARNING, "channel:db1:3306");
	kit_names(&k, "replica-lag", "session:812");
	kit_names_not(&k, "replica-lag", "session:9");
	kit_names_not(&k, "replica-lag", "session:811");
	kit_close(&k);
}

static void a_lock_that_is_hidden(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MARIADB);
	replicates(&k, RUNS "lag=75");
	kit_row(&k, PART_APPLIERS, "id=/1 channel= kind=worker session=7");
	kit_row(&k, PART_BLOCKING, "id=7:812 waiter=7 blocker=812 kind=metadata_lock suspect=1");
	kit_row(&k, PART_BLOCKING, "id=9:813 waiter=9 blocker=813 kind=metadata_lock suspect=1");
	kit_tick(&k, 1);
	kit_suspects(&k, "replica-lag", "session:812");
	kit_names_not(&k, "replica-lag", "session:812");
	kit_close(&k);
}

/* It locks what it looks at, and looks at all of it. */
static void a_table_without_primary_key(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	replicates(&k, RUNS "lag=75");
	kit_row(&k, PART_APPLIERS, "id=/1 channel= kind=worker rows_locks=900 rows_modified=890 table=shop.wide");
	kit_tick(&k, 1);
	kit_names_not(&k, "replica-lag", "table:shop.wide");
	kit_row(&k, PART_APPLIERS, "id=/1 channel= kind=worker rows_locks=9000 rows_modified=2 table=shop.log");
	kit_row(&k, PART_APPLIERS, "id=other/1 channel=other kind=worker rows_locks=9000 rows_modified=2 table=a.b");
	kit_tick(&k, 1);
	kit_names(&k, "replica-lag", "table:shop.log");
	kit_names_not(&k, "replica-lag", "table:a.b");
	kit_close(&k);
}

static void one_transaction(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	replicates(&k, RUNS "lag=75");
	kit_row(&k, PART_APPLIERS, "id=/1 channel= kind=worker applying=aa:2 applying_since=0.1");
	kit_row(&k, PART_APPLIERS, "id=/2 channel= kind=worker applying=aa:1 applying_since=74");
	kit_tick(&k, 1);
	kit_names(&k, "replica-lag", "transaction:aa:1");
	kit_close(&k);
}

static void a_single_thread(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MARIADB);
	replicates(&k, RUNS "lag=75");
	kit_variable(&k, "slave_parallel_threads", 0);
	kit_tick(&k, 1);
	kit_suspects(&k, "replica-lag", "variable:slave_parallel_threads");
	kit_close(&k);
}

static void lag_that_lies(void **state)
{
	static const char *const rows[] = {
		RUNS "lag=0 heartbeat_lag=400",
		RUNS "lag=0 apply_lag=60",
		RUNS "lag=0 receive_lag=60",
		RUNS "lag=3600 delay=3600 heartbeat_lag=4000",
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kit k;
		open_as(&k, FLAVOR_MYSQL);
		replicates(&k, rows[i]);
		kit_tick(&k, 1);
		kit_finds(&k, "lag-lies", SEVERITY_WARNING, "channel:db1:3306");
		kit_finds_no(&k, "replica-lag");
		kit_close(&k);
	}
}

static void a_stopped_thread(void **state)
{
	struct kit k;
	(void)state;
	open_as(&k, FLAVOR_MYSQL);
	replicates(&k, "io_running=No sql_running=Yes");
	kit_tick(&k, 1);
	kit_finds(&k, "lag-lies", SEVERITY_CRITICAL, "channel:db1:3306");
	kit_finds_no(&k, "replica-io");
	replicates(&k, "io_running=Yes sql_running=No until=SQL_AFTER_GTIDS");
	kit_tick(&k, 1);
	kit_finds(&k, "lag-lies", SEVERITY_NOTICE, "channel:db1:3306");
	kit_close(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_healthy_are_left_alone),
		cmocka_unit_test(not_a_replica),
		cmocka_unit_test(a_broken_applier),
		cmocka_unit_test(a_named_channel),
		cmocka_unit_test(a_receiver_without_source),
		cmocka_unit_test(both_threads_failed),
		cmocka_unit_test(connecting_is_no_warning_at_first),
		cmocka_unit_test(behind),
		cmocka_unit_test(a_lock_on_the_replica),
		cmocka_unit_test(a_lock_that_is_hidden),
		cmocka_unit_test(a_table_without_primary_key),
		cmocka_unit_test(one_transaction),
		cmocka_unit_test(a_single_thread),
		cmocka_unit_test(lag_that_lies),
		cmocka_unit_test(a_stopped_thread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
