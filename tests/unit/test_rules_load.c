/* Rules about statements and InnoDB: what each finds, whom it names, and what it leaves alone. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "diagnose/rules.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rulekit.h"

#define BUSY "kind=user user=report host=bi1 db=shop command=Query server_state=executing blocks=0 "

/* --- statements ----------------------------------------------------------------------------------- */

static void one_that_runs_away(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	/* Long, and costs nothing. */
	kit_row(&k, PART_PROCESSLIST, "id=1 " BUSY "time=900 info=SELECT_1_FROM_t rows_examined=10");
	kit_row(&k, PART_PROCESSLIST, "id=2 kind=user user=u host=h command=Query time=5000 "
				      "server_state=User_sleep no_index=1 info=SELECT_SLEEP(9)_FROM_t");
	kit_row(&k, PART_PROCESSLIST, "id=3 " BUSY "time=900 info=SELECT_/*!40001_SQL~NO~CACHE_*/_*_FROM_t "
				      "no_index=1 transaction_age=900");
	kit_row(&k, PART_PROCESSLIST, "id=4 " BUSY "time=59 no_index=1 info=SELECT_1_FROM_t");
	kit_tick(&k, 1);
	kit_finds_no(&k, "runaway-query");
	kit_row(&k, PART_PROCESSLIST, "id=1 " BUSY "time=900 info=SELECT_1_FROM_t rows_examined=10");
	kit_row(&k, PART_PROCESSLIST, "id=5 " BUSY "time=100 digest=dd rows_examined=90000000 "
				      "info=UPDATE_stock_SET_n=1");
	kit_tick(&k, 1);
	kit_finds(&k, "runaway-query", SEVERITY_WARNING, "session:5");
	kit_row(&k, PART_PROCESSLIST, "id=1 " BUSY "time=903 info=SELECT_1_FROM_t rows_examined=10");
	kit_tick(&k, 3);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

/* A SELECT whose rows are not counted while it runs: the server's own count tells on it, if it is alone. */
static void one_that_scans_alone(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_rate(&k, "Questions", 20);
	kit_rate(&k, "Handler_read_rnd_next", 2e6);
	kit_row(&k, PART_PROCESSLIST, "id=7 " BUSY "time=200 info=SELECT_COUNT(*)_FROM_stock_a,_stock_b");
	kit_ticks(&k, 5);
	kit_finds(&k, "runaway-query", SEVERITY_WARNING, "session:7");
	/* With two nobody knows which. */
	kit_row(&k, PART_PROCESSLIST, "id=7 " BUSY "time=200 info=SELECT_COUNT(*)_FROM_stock_a,_stock_b");
	kit_row(&k, PART_PROCESSLIST, "id=8 " BUSY "time=100 info=SELECT_1_FROM_t");
	kit_tick(&k, 1);
	kit_finds(&k, "runaway-query", SEVERITY_WARNING, NULL);
	kit_suspects(&k, "runaway-query", "session:7");
	/* A busy server reads as many, for many. */
	kit_rate(&k, "Questions", 20000);
	kit_ticks(&k, 9);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

/* Its thread on the host is idle: it is innocent, however it looks. */
static void the_host_acquits(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	for (int i = 0; i < 3; i++) {
		char row[100];
		kit_row(&k, PART_PROCESSLIST, "id=7 " BUSY "time=200 no_index=1 os_thread_id=77 "
					      "info=SELECT_1_FROM_t");
		snprintf(row, sizeof row, "tid=77 cpu=%d", 100);
		kit_row(&k, PART_HOST_THREADS, row);
		kit_tick(&k, 1);
	}
	kit_finds_no(&k, NULL);
	for (int i = 0; i < 3; i++) {
		char row[100];
		kit_row(&k, PART_PROCESSLIST, "id=7 " BUSY "time=200 os_thread_id=77 info=SELECT_1_FROM_t");
		snprintf(row, sizeof row, "tid=77 cpu=%d", 101 + i);
		kit_row(&k, PART_HOST_THREADS, row);
		kit_tick(&k, 1);
	}
	kit_finds(&k, "runaway-query", SEVERITY_WARNING, "session:7");
	kit_close(&k);
}

static void tables_that_change(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_PROCESSLIST, "id=4 " BUSY "time=9 info=ALTER_TABLE_stock_ADD_c_INT progress=10");
	kit_row(&k, PART_PROCESSLIST, "id=5 " BUSY "time=90 info=ALTER_TABLE_t_ADD_c_INT blocked_by=4");
	kit_tick(&k, 1);
	kit_finds_no(&k, "ddl-running");
	kit_row(&k, PART_PROCESSLIST, "id=4 " BUSY "time=30 info=ALTER_TABLE_stock_ADD_c_INT progress=25");
	kit_tick(&k, 1);
	kit_finds(&k, "ddl-running", SEVERITY_NOTICE, "session:4");
	struct value text = part_cell(k.last->parts[PART_FINDINGS], 0, "text");
	if (!strstr(value_cstr(text), "shop.stock") || !strstr(value_cstr(text), "25 % done, about 1m30s left"))
		fail_msg("%s", value_cstr(text));
	kit_row(&k, PART_PROCESSLIST, "id=6 " BUSY "time=0.1 info=INSERT_/*_gh-ost_`a`.`b`_*/_INTO_c_VALUES_(1)");
	kit_tick(&k, 9);
	kit_finds(&k, "ddl-running", SEVERITY_NOTICE, "session:6");
	kit_close(&k);
}

static void backups_are_seen(void **state)
{
	static const char *const statements[] = {
		"command=Query info=SELECT_/*!40001_SQL~NO~CACHE_*/_*_FROM_`stock`",
		"command=Sleep last_statement=BACKUP_STAGE_START",
		"command=Query info=CLONE_INSTANCE_FROM_a@b:1",
		"command=Sleep last_statement=FLUSH_TABLES_WITH_READ_LOCK",
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(statements); i++) {
		struct kit k;
		char row[300];
		kit_open(&k);
		kit_row(&k, PART_PROCESSLIST, "id=1 kind=user user=app host=h command=Query "
					      "info=SELECT_backup_FROM_stage");
		kit_tick(&k, 1);
		kit_finds_no(&k, NULL);
		snprintf(row, sizeof row, "id=9 kind=user user=backup host=h time=5 %s", statements[i]);
		kit_row(&k, PART_PROCESSLIST, row);
		kit_tick(&k, 1);
		kit_finds(&k, "backup-running", SEVERITY_NOTICE, "session:9");
		kit_close(&k);
	}
}

static void digest(struct kit *k, double calls, double time, double rows, double disk)
{
	char row[300];
	snprintf(row, sizeof row, "id=s:d1 digest=d1 db=s text=SELECT_? calls=%.0f time=%.3f "
		 "rows_examined=%.0f tmp_disk_tables=%.0f first_seen=1", calls, time, rows, disk);
	kit_row(k, PART_STATEMENTS, row);
	kit_row(k, PART_STATEMENTS, "id=s:d2 digest=d2 db=s text=SELECT_2 calls=90000 time=900 "
				    "rows_examined=9 tmp_disk_tables=5 first_seen=1");
	kit_tick(k, 10);
}

static void a_statement_that_costs_more_now(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	digest(&k, 100000, 100, 500000, 0);
	digest(&k, 101000, 101, 505000, 0);
	/* Four times the calls at the same price is only a busy hour. */
	digest(&k, 105000, 105, 525000, 0);
	kit_finds_no(&k, NULL);
	/* The index is gone. */
	digest(&k, 105500, 125, 50525000, 0);
	kit_finds(&k, "hot-digest", SEVERITY_WARNING, "statement:d1");
	digest(&k, 106500, 126, 50530000, 0);
	digest(&k, 107500, 127, 50535000, 0);
	digest(&k, 108500, 128, 50540000, 0);
	kit_finds_no(&k, NULL);
	kit_close(&k);

	/* Twenty times the calls and more is told, but it is no fault of the statement. */
	kit_open(&k);
	digest(&k, 100000, 100, 500000, 0);
	digest(&k, 101000, 101, 505000, 0);
	digest(&k, 101000 + 10 * 30, 102, 506500, 0);
	kit_finds_no(&k, NULL);
	digest(&k, 401000, 402, 2006500, 0);
	kit_finds(&k, "hot-digest", SEVERITY_NOTICE, "statement:d1");
	kit_close(&k);

	/* A new one has no past to compare with. */
	kit_open(&k);
	digest(&k, 1, 0.001, 5, 0);
	digest(&k, 500, 25, 50525000, 0);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void temporary_tables_on_disk(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_rate(&k, "Created_tmp_tables", 500);
	kit_rate(&k, "Created_tmp_disk_tables", 30);
	kit_ticks(&k, 20);
	kit_finds_no(&k, NULL);
	kit_rate(&k, "Created_tmp_disk_tables", 300);
	digest(&k, 1000, 1, 10, 1000);
	digest(&k, 1100, 1.1, 11, 4000);
	kit_ticks(&k, 3);
	kit_finds(&k, "tmp-on-disk", SEVERITY_WARNING, "statement:d1");
	kit_close(&k);
}

/* What fathom's own readings make on disk is nobody's fault; what is left may be too little to tell. */
static void watchers_do_not_count(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_rate(&k, "Created_tmp_tables", 40);
	kit_rate(&k, "Created_tmp_disk_tables", 30);
	for (int i = 0; i < 3; i++) {
		char row[300];
		snprintf(row, sizeof row, "id=:o1 digest=o1 text=SELECT_NAME_FROM_`performance~schema`_._`t` "
			 "calls=%d time=1 tmp_disk_tables=%d first_seen=1", 1000 + i, 1000 + 250 * i);
		kit_row(&k, PART_STATEMENTS, row);
		snprintf(row, sizeof row, "id=s:d1 digest=d1 db=s text=SELECT_1_FROM_`t` calls=%d time=1 "
			 "tmp_disk_tables=%d first_seen=1", 1000 + i, 1000 + 50 * i);
		kit_row(&k, PART_STATEMENTS, row);
		kit_tick(&k, 5);
		kit_ticks(&k, 5);
	}
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

/* --- InnoDB --------------------------------------------------------------------------------------- */

static void purge_that_falls_behind(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_PROCESSLIST, "id=3 kind=user user=app host=h command=Sleep time=900 "
				      "transaction_age=950 transaction_isolation=READ_COMMITTED blocks=0 "
				      "rows_locks=0 rows_modified=0 ");
	kit_row(&k, PART_PROCESSLIST, "id=4 kind=user user=bi host=h command=Query time=900 "
				      "transaction_age=900 transaction_isolation=REPEATABLE_READ blocks=0");
	/* Long, but level. */
	kit_gauge(&k, "Innodb_history_list_length", 300000);
	kit_rate(&k, "Questions", 9);
	kit_ticks(&k, 200);
	kit_finds_no(&k, "purge-lag");
	kit_rate(&k, "Innodb_history_list_length", 500);
	kit_ticks(&k, 60);
	kit_finds(&k, "purge-lag", SEVERITY_WARNING, "session:4");
	/* Catching up. */
	kit_rate(&k, "Innodb_history_list_length", -2000);
	kit_ticks(&k, 180);
	kit_finds_no(&k, "purge-lag");
	kit_close(&k);
}

static bool has_evidence(const struct kit *k, const char *id, const char *name)
{
	struct arena a = {0};
	const struct part *p = k->last->parts[PART_FINDINGS];
	int row = part_find(p, value_str(id));
	struct finding f;
	bool found = false;
	assert_true(row >= 0);
	finding_read(&f, &a, p, (unsigned)row);
	for (unsigned i = 0; i < f.n_evidence; i++)
		found |= strcmp(f.evidence[i].name, name) == 0;
	arena_release(&a);
	return found;
}

/* Where the status text was read, the view tells, not the age; a transaction without session blames no other. */
static void purge_waits_for_the_oldest_view(void **state)
{
	static const struct {
		const char *transactions[2], *culprit, *evidence;
	} cases[] = {
		{{NULL}, "session:3", "oldest read view, by age"},
		{{"name=3 session=3 age=950 holds_purge=no", "name=4 session=4 age=900 view_age=400 holds_purge=yes"},
		 "session:4", "oldest read view"},
		{{"name=3 session=3 age=950 holds_purge=no", "name=4 session=4 age=900 holds_purge=likely"},
		 "session:4", "oldest read view, most likely"},
		{{"name=3 session=3 age=950 holds_purge=no", "name=xa1 session=0 age=900 holds_purge=yes"}, NULL, NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kit k;
		kit_open(&k);
		for (int id = 3; id < 5; id++) {
			char row[200];
			snprintf(row, sizeof row, "id=%d kind=user user=bi host=h command=Query time=900 "
				 "transaction_age=%d transaction_isolation=REPEATABLE_READ blocks=0", id,
				 id == 3 ? 950 : 900);
			kit_row(&k, PART_PROCESSLIST, row);
		}
		for (size_t t = 0; t < 2 && cases[i].transactions[t]; t++)
			kit_row(&k, PART_TRANSACTIONS, cases[i].transactions[t]);
		kit_gauge(&k, "Innodb_history_list_length", 300000);
		kit_rate(&k, "Innodb_history_list_length", 500);
		kit_ticks(&k, 200);
		kit_finds(&k, "purge-lag", SEVERITY_WARNING, cases[i].culprit);
		if (cases[i].evidence)
			assert_true(has_evidence(&k, "purge-lag", cases[i].evidence));
		kit_close(&k);
	}
}

static void deadlocks_in_numbers(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_rate(&k, "Innodb_deadlocks", 0);
	kit_ticks(&k, 30);
	/* One. */
	kit_rate(&k, "Innodb_deadlocks", 1);
	kit_tick(&k, 1);
	kit_rate(&k, "Innodb_deadlocks", 0);
	kit_ticks(&k, 5);
	kit_finds_no(&k, NULL);
	kit_rate(&k, "Innodb_deadlocks", 2);
	kit_ticks(&k, 3);
	kit_finds(&k, "deadlocks", SEVERITY_WARNING, NULL);
	kit_rate(&k, "Innodb_deadlocks", 0);
	kit_ticks(&k, 70);
	kit_finds_no(&k, NULL);
	/* Five in a sample that came late. */
	kit_rate(&k, "Innodb_deadlocks", 0.25);
	kit_tick(&k, 20);
	kit_finds(&k, "deadlocks", SEVERITY_WARNING, NULL);
	kit_close(&k);
}

/* The pair of statements (one of them by the server's digest), tables and indexes of the latest that was seen. */
static void deadlocks_by_statements(void **state)
{
	char row[400];
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_rate(&k, "Innodb_deadlocks", 0);
	kit_ticks(&k, 30);
	kit_row(&k, PART_STATEMENTS, "digest=d1 text=UPDATE_`a`_SET_`n`_=_?");
	snprintf(row, sizeof row, "id=1 seen=%lld text=old tables=shop.old indexes=PRIMARY kind=not_known",
		 (long long)(k.mono / NS_PER_S - 100));
	kit_row(&k, PART_DEADLOCKS, row);
	snprintf(row, sizeof row,
		 "id=2 seen=%lld text=new tables=shop.a,_shop.b indexes=PRIMARY,_name kind=opposite_order "
		 "victim_statement=update_a_set_n=4 other_statement=DELETE_FROM_b",
		 (long long)(k.mono / NS_PER_S));
	kit_row(&k, PART_DEADLOCKS, row);
	kit_rate(&k, "Innodb_deadlocks", 2);
	kit_ticks(&k, 5);
	kit_finds(&k, "deadlocks", SEVERITY_WARNING, "statement:d1");
	kit_names(&k, "deadlocks", "table:shop.a");
	kit_names(&k, "deadlocks", "table:shop.b");
	kit_names_not(&k, "deadlocks", "table:shop.old");
	const struct part *found = k.last->parts[PART_FINDINGS];
	assert_non_null(strstr(value_cstr(part_cell(found, 0, "text")), "PRIMARY, name: opposite order"));
	kit_close(&k);
}

static void a_small_buffer_pool(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_gauge(&k, "Innodb_buffer_pool_pages_total", 10000);
	kit_gauge(&k, "Innodb_buffer_pool_pages_free", 5000);
	kit_rate(&k, "Innodb_buffer_pool_read_requests", 20000);
	kit_rate(&k, "Innodb_buffer_pool_reads", 3000);
	kit_rate(&k, "Innodb_buffer_pool_read_ahead", 0);
	/* Cold: there is room yet. */
	kit_ticks(&k, 130);
	kit_finds_no(&k, NULL);
	kit_gauge(&k, "Innodb_buffer_pool_pages_free", 100);
	kit_ticks(&k, 2);
	kit_finds(&k, "buffer-pool-small", SEVERITY_WARNING, "variable:innodb_buffer_pool_size");
	/* Which table it is, where files are counted; partitions are tables, the dictionary is none. */
	for (int i = 0; i < 2; i++) {
		char row[200];
		snprintf(row, sizeof row, "id=a kind=file class=data file=shop/stock#p#p0.ibd bytes_read=%d",
			 900000 * i);
		kit_row(&k, PART_INNODB_FILES, row);
		snprintf(row, sizeof row, "id=b kind=file class=data file=data/mysql.ibd bytes_read=%d",
			 200000 * i);
		kit_row(&k, PART_INNODB_FILES, row);
		snprintf(row, sizeof row, "id=d kind=total class=data reads=%d read_time=%d", 1000 * i, 8 * i);
		kit_row(&k, PART_INNODB_FILES, row);
		kit_tick(&k, 1);
	}
	kit_names(&k, "buffer-pool-small", "table:shop.stock");
	struct arena a = {0};
	struct finding f;
	const struct part *p = k.last->parts[PART_FINDINGS];
	assert_true(finding_read(&f, &a, p, 0));
	bool latency = false;
	for (unsigned i = 0; i < f.n_evidence; i++)
		latency |= strcmp(f.evidence[i].name, "each takes") == 0 && f.evidence[i].value.r > 0.0079 &&
			   f.evidence[i].value.r < 0.0081;
	assert_true(latency);
	arena_release(&a);
	kit_rate(&k, "Innodb_buffer_pool_reads", 100);
	kit_ticks(&k, 90);
	kit_finds_no(&k, NULL);
	kit_close(&k);

	/* What the page cleaner keeps free is no room: MariaDB as installed keeps 1,536 pages. */
	kit_open(&k);
	kit_variable(&k, "innodb_lru_scan_depth", 1536);
	kit_gauge(&k, "Innodb_buffer_pool_pages_total", 8192);
	kit_gauge(&k, "Innodb_buffer_pool_pages_free", 1500);
	kit_rate(&k, "Innodb_buffer_pool_read_requests", 20000);
	kit_rate(&k, "Innodb_buffer_pool_reads", 3000);
	kit_rate(&k, "Innodb_buffer_pool_read_ahead", 0);
	kit_ticks(&k, 65);
	kit_finds(&k, "buffer-pool-small", SEVERITY_WARNING, "variable:innodb_buffer_pool_size");
	kit_close(&k);
}

static void a_small_redo_log(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_variable(&k, "innodb_redo_log_capacity", 100e6);
	kit_gauge(&k, "Innodb_redo_log_capacity_resized", 100e6);
	kit_gauge(&k, "Innodb_redo_log_current_lsn", 1e12);
	kit_gauge(&k, "Innodb_redo_log_checkpoint_lsn", 1e12 - 90e6);
	/* Full, but it holds hours. */
	kit_rate(&k, "Innodb_redo_log_current_lsn", 1e3);
	kit_rate(&k, "Innodb_redo_log_checkpoint_lsn", 1e3);
	kit_ticks(&k, 70);
	kit_finds_no(&k, NULL);
	kit_rate(&k, "Innodb_redo_log_current_lsn", 5e6);
	kit_rate(&k, "Innodb_redo_log_checkpoint_lsn", 5e6);
	kit_ticks(&k, 40);
	kit_finds(&k, "redo-small", SEVERITY_WARNING, "variable:innodb_redo_log_capacity");
	kit_close(&k);

	/* Up and down like a saw, as small ones go: between 0 and 75 % every four seconds. */
	kit_open(&k);
	kit_variable(&k, "innodb_redo_log_capacity", 100e6);
	kit_gauge(&k, "Innodb_redo_log_capacity_resized", 100e6);
	for (int i = 0; i < 45; i++) {
		kit_gauge(&k, "Innodb_redo_log_current_lsn", 1e12 + 25e6 * i);
		kit_gauge(&k, "Innodb_redo_log_checkpoint_lsn", 1e12 + 100e6 * (i / 4));
		kit_tick(&k, 1);
	}
	kit_finds(&k, "redo-small", SEVERITY_WARNING, "variable:innodb_redo_log_capacity");
	kit_close(&k);

	/* One burst in half a minute is none. */
	kit_open(&k);
	kit_variable(&k, "innodb_redo_log_capacity", 100e6);
	kit_gauge(&k, "Innodb_redo_log_capacity_resized", 100e6);
	for (int i = 0; i < 45; i++) {
		kit_gauge(&k, "Innodb_redo_log_current_lsn", 1e12 + 1e6 * i);
		kit_gauge(&k, "Innodb_redo_log_checkpoint_lsn", 1e12 + 1e6 * i - (i == 40 ? 80e6 : 0));
		kit_tick(&k, 1);
	}
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void evidence_is(const struct kit *k, const char *id, const char *name, const char *text)
{
	struct arena a = {0};
	struct finding f;
	const struct part *p = k->last->parts[PART_FINDINGS];
	int row = part_find(p, value_str(id));
	const char *found = NULL;
	assert_true(row >= 0 && finding_read(&f, &a, p, (unsigned)row));
	for (unsigned i = 0; i < f.n_evidence; i++)
		if (strcmp(f.evidence[i].name, name) == 0)
			found = value_cstr(f.evidence[i].value);
	assert_non_null(found);
	assert_string_equal(found, text);
	arena_release(&a);
}

static void flushing_and_the_log_buffer(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_PROCESSLIST, "id=4 " BUSY "time=1 rows_modified=90000 info=INSERT_INTO_t_VALUES_(1)");
	kit_lacks(&k, PART_INNODB_FILES, PART_UNSUPPORTED, "the performance schema is off");
	kit_rate(&k, "Innodb_log_waits", 0);
	kit_rate(&k, "Innodb_buffer_pool_wait_free", 0.2);
	kit_ticks(&k, 20);
	kit_finds_no(&k, NULL);
	kit_rate(&k, "Innodb_log_waits", 20);
	kit_ticks(&k, 3);
	kit_finds(&k, "log-buffer-waits", SEVERITY_WARNING, "variable:innodb_log_buffer_size");
	kit_suspects(&k, "log-buffer-waits", "session:4");
	kit_rate(&k, "Innodb_log_waits", 0);
	kit_rate(&k, "Innodb_buffer_pool_wait_free", 50);
	kit_ticks(&k, 6);
	kit_finds(&k, "dirty-flush-storm", SEVERITY_WARNING, NULL);
	evidence_is(&k, "dirty-flush-storm", "no table is named", "the performance schema is off");
	kit_rate(&k, "Innodb_buffer_pool_wait_free", 0);
	kit_ticks(&k, 40);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_runs_away),
		cmocka_unit_test(one_that_scans_alone),
		cmocka_unit_test(the_host_acquits),
		cmocka_unit_test(tables_that_change),
		cmocka_unit_test(backups_are_seen),
		cmocka_unit_test(a_statement_that_costs_more_now),
		cmocka_unit_test(temporary_tables_on_disk),
		cmocka_unit_test(watchers_do_not_count),
		cmocka_unit_test(purge_that_falls_behind),
		cmocka_unit_test(purge_waits_for_the_oldest_view),
		cmocka_unit_test(deadlocks_in_numbers),
		cmocka_unit_test(deadlocks_by_statements),
		cmocka_unit_test(a_small_buffer_pool),
		cmocka_unit_test(a_small_redo_log),
		cmocka_unit_test(flushing_and_the_log_buffer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
