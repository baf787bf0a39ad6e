/*
 * Servers that fleets run and that cannot be started here, played by the fake server: each file of
 * tests/fixtures/dialects says what tables and statements one has, this gives them the same few rows. In all
 * of them session 5 waits for a row that session 6 holds, which sleeps in its transaction.
 */
#include <glob.h>
#include <stdlib.h>

#include "base/buf.h"
#include "model/timeline.h"
#include "tests/unit/enginerig.h"

static const struct {
	const char *table, *rows;
} contents[] = {
	{"information_schema.PROCESSLIST",
	 " row ID=5 USER=app HOST=web1:4001 DB=shop COMMAND=Query TIME=9 TIME_MS=9000 STATE=Updating "
	 "INFO=UPDATE\\sstock QUERY_ID=77\n"
	 " row ID=6 USER=app HOST=web2:4002 DB=shop COMMAND=Sleep TIME=60 TIME_MS=60000\n"},
	{"performance_schema.threads",
	 " row THREAD_ID=45 thread_name=\\N PROCESSLIST_ID=5 PROCESSLIST_USER=app PROCESSLIST_HOST=web1 "
	 "PROCESSLIST_DB=shop PROCESSLIST_COMMAND=Query PROCESSLIST_TIME=9 PROCESSLIST_STATE=updating "
	 "PROCESSLIST_INFO=UPDATE\\sstock\n"
	 " row THREAD_ID=46 thread_name=\\N PROCESSLIST_ID=6 PROCESSLIST_USER=app PROCESSLIST_HOST=web2 "
	 "PROCESSLIST_DB=shop PROCESSLIST_COMMAND=Sleep PROCESSLIST_TIME=60\n"},
	{"information_schema.INNODB_TRX",
	 " row session=5 id=301 state=LOCK\\sWAIT age=9 rows_locked=1 rows_modified=0 wait_age=9 "
	 "requested_lock=301:1 read_only=0 autocommit_read=0\n"
	 " row session=6 id=300 state=RUNNING age=61 rows_locked=3 rows_modified=2 read_only=0 "
	 "autocommit_read=0\n"},
	{"information_schema.INNODB_LOCKS",
	 " row id=301:1 trx=301 table=shop.stock index=PRIMARY mode=X\n"
	 " row id=300:1 trx=300 table=shop.stock index=PRIMARY mode=X\n"},
	{"performance_schema.data_lock_waits",
	 " row id=300:1 wanted=301:1 trx=300 thread_id=46 table=shop.stock index=PRIMARY mode=X,REC_NOT_GAP\n"},
	{"information_schema.INNODB_METRICS",
	 " row name=trx_rseg_history_len value=17 type=value enabled=1\n"},
	{"information_schema.INNODB_BUFFER_POOL_STATS",
	 " row id=0 size=8191 free=1024 data=7160 old=2623 dirty=311 made_young=920 made_not_young=40\n"},
	{"information_schema.SYSTEM_VARIABLES", " row name=max_connections value=151 source=CONFIG\n"},
	{"performance_schema.variables_info", ""},
	{"performance_schema.events_statements_summary_by_digest",
	 " row id=shop:abc digest=abc db=shop text=UPDATE\\sstock calls=5 time=1.5 mean=0.3\n"},
	{"performance_schema.events_statements_current",
	 " row thread_id=45 running=1 time=9.5 text=UPDATE\\sstock rows_examined=1\n"},
};

/* For statements that no table of a dialect answers. */
static const char answers[] =
	"on SELECT g.VARIABLE_NAME\n columns name value source\n row max_connections 151 COMPILED\n"
	"on SHOW GLOBAL VARIABLES\n columns Variable_name Value\n row max_connections 151\n"
	"on SHOW GLOBAL STATUS\n columns Variable_name Value\n row Uptime 1000\n row Questions 5\n"
	"on ~^SHOW (REPLICA|SLAVE|ALL SLAVES) STATUS\n"
	" columns Replica_IO_State Source_Host Replica_IO_Running Replica_SQL_Running Seconds_Behind_Source"
	" Slave_IO_Running Slave_SQL_Running Seconds_Behind_Master Master_Host Connection_name Channel_Name\n"
	" row waiting db1 Yes Yes 3 Yes Yes 3 db1 \\E \\E\n"
	"on ~^SHOW (BINARY LOG|MASTER) STATUS\n columns File Position\n row binlog.000007 4711\n"
	"on ~^SHOW (REPLICAS|SLAVE HOSTS)\n columns Server_Id Host Port\n row 2 db2 3306\n"
	"on SHOW ENGINE INNODB STATUS\n columns Type Name Status\n"
	" row InnoDB \\E ---\\nLOG\\n---\\nLog\\ssequence\\snumber\\s5000\\nLast\\scheckpoint\\sat\\s4800\\n\n"
	"on SHOW ENGINE INNODB MUTEX\n columns Type Name Status\n"
	" row InnoDB sum\\srwlock:\\sbuf0buf.cc:853 waits=12\n"
	" row InnoDB TRX_SYS spins=5,waits=3,calls=90\n"
	"on SELECT 'total' AS kind, EVENT_NAME\n columns kind event name reads writes others bytes_read "
	"bytes_written time\n"
	" row total wait/io/file/innodb/innodb_log_file \\N 1 50 40 512 51200 0.5\n"
	" row total wait/io/file/innodb/innodb_data_file undo 1 2 3 4 5 0.1\n"
	" row file wait/io/file/innodb/innodb_data_file /data/shop/stock.ibd 9 8 7 6 5 0.2\n"
	"on ~^SELECT ('total' AS kind, t.type|\\* FROM .WITH)\n"
	" columns kind id name type count size allocated\n"
	" row total table \\N table 3 300000 200000\n row space 7 shop/stock table \\N 100000 100000\n"
	"on SELECT @@\n columns name value\n";

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static void add_table(struct buf *out, const char *line)
{
	buf_addf(out, "%s\n", line);
	for (size_t i = 0; i < COUNT_OF(contents); i++) {
		size_t n = strlen(contents[i].table);
		if (strncmp(line + 6, contents[i].table, n) == 0 && line[6 + n] == ' ')
			buf_adds(out, contents[i].rows);
	}
}

static char *script_of(const char *path)
{
	const char *name = strrchr(path, '/') + 1, *number = strchr(name, '-') + 1;
	struct buf out = BUF_INIT, off = BUF_INIT, tables = BUF_INIT;
	char line[8192];
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	buf_adds(&off, "on SELECT NAME AS name, ENABLED AS enabled FROM performance_schema.setup_consumers\n"
		       " columns name enabled\n");
	buf_addf(&out, "version %s.36%s\n", number, starts(name, "mariadb") ? "-MariaDB" : "");
	buf_adds(&tables, "");
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "performance_schema off") == 0)
			buf_adds(&out, "set performance_schema 0\n");
		else if (starts(line, "off "))
			buf_addf(&off, " row %s 0\n", line + 4);
		else if (starts(line, "refused "))
			buf_addf(&out, "on %s\n error 1064 You have an error in your SQL syntax\n", line + 8);
		else if (starts(line, "table "))
			add_table(&tables, line);
	}
	fclose(f);
	buf_addf(&out, "%s%s%s", buf_str(&off), answers, buf_str(&tables));
	buf_release(&off);
	buf_release(&tables);
	return buf_steal(&out);
}

static struct rig rig;

static int teardown(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static int find_field(const struct part *p, const char *name)
{
	const struct schema *s = part_schema(p);
	for (unsigned i = 0; i < s->n_fields; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return (int)i;
	fail_msg("no field %s", name);
	return -1;
}

static struct value cell(const struct part *p, int64_t session, const char *field)
{
	int row = part_find(p, value_int(session));
	if (row < 0)
		fail_msg("session %d is not in %s", (int)session, part_name(part_id(p)));
	return part_get(p, (unsigned)row, (unsigned)find_field(p, field));
}

/* Every part has been tried, and the waits were seen. */
static bool complete(const struct rig *r, unsigned target, const void *arg)
{
	static const enum part_id parts[] = {PART_STATUS, PART_VARIABLES, PART_PROCESSLIST,
					     PART_TRANSACTIONS, PART_ROW_LOCK_WAITS, PART_REPLICATION,
					     PART_BINLOG, PART_INNODB, PART_INNODB_STATUS,
					     PART_INNODB_POOLS, PART_INNODB_FILES, PART_INNODB_MUTEXES,
					     PART_INNODB_SPACES};
	(void)arg;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (!rig_part(r, target, parts[i]))
			return false;
	return part_rows(rig_part(r, target, PART_ROW_LOCK_WAITS)) > 0;
}

static double by_key(const struct part *p, const char *key, const char *field)
{
	int row = part_find(p, value_str(key));
	return row < 0 ? -1 : value_number(part_cell(p, (unsigned)row, field), -2);
}

/* The same few rows of InnoDB's tables and texts, in each dialect's own shape. */
static void check_innodb(const struct snapshot *s, bool schema)
{
	struct frame f = {.now = s};
	assert_int_equal(value_number(part_cell(s->parts[PART_INNODB_POOLS], 0, "made_young"), -1), 920);
	assert_int_equal(by_key(s->parts[PART_INNODB_MUTEXES], "TRX_SYS", "waits"), 3);
	assert_int_equal(by_key(s->parts[PART_INNODB_MUTEXES], "TRX_SYS", "events"), 90);
	assert_int_equal(by_key(s->parts[PART_INNODB_MUTEXES], "sum rwlock: buf0buf.cc:853", "waits"), 12);
	assert_int_equal(by_key(s->parts[PART_INNODB_SPACES], "table", "count"), 3);
	assert_int_equal(by_key(s->parts[PART_INNODB_SPACES], "7", "size"), 100000);
	/* None of these servers has status variables for it here: it comes from the text. */
	assert_int_equal(value_number(metric_read(METRIC_CHECKPOINT_AGE, &f), -1), 200);
	const struct part *files = s->parts[PART_INNODB_FILES];
	if (!schema) {
		assert_int_equal(part_status(files), PART_UNSUPPORTED);
		assert_non_null(strstr(part_reason(files), "performance_schema=ON"));
		return;
	}
	assert_int_equal(by_key(files, "wait/io/file/innodb/innodb_log_file", "others"), 40);
	assert_int_equal(by_key(files, "undo", "writes"), 2);
	int row = part_find(files, value_str("/data/shop/stock.ibd"));
	assert_true(row >= 0);
	assert_string_equal(value_cstr(part_cell(files, (unsigned)row, "file")), "shop/stock.ibd");
	assert_string_equal(value_cstr(part_cell(files, (unsigned)row, "class")), "data");
}

static void check_dialect(const char *path)
{
	char *script = script_of(path);
	part_mask all = 0;
	static const enum part_id wanted[] = {PART_STATUS, PART_VARIABLES, PART_PROCESSLIST,
					      PART_TRANSACTIONS, PART_ROW_LOCK_WAITS, PART_METADATA_LOCKS,
					      PART_STATEMENTS, PART_INNODB, PART_REPLICATION,
					      PART_BINLOG, PART_GROUP, PART_GALERA, PART_REPLICAS,
					      PART_INNODB_STATUS, PART_INNODB_POOLS, PART_INNODB_FILES,
					      PART_INNODB_MUTEXES, PART_INNODB_SPACES};
	print_message("# %s\n", path);
	rig_fake(&rig, script);
	free(script);
	rig_start(&rig);
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		all |= PART_BIT(wanted[i]);
	rig_demand(&rig, 0, all, 0.1);
	const struct snapshot *s = rig_wait(&rig, 0, complete, NULL);
	for (int i = 0; i < N_PARTS; i++)
		if (s->parts[i] && part_status(s->parts[i]) == PART_FAILED)
			fail_msg("%s: %s", part_name((enum part_id)i), part_reason(s->parts[i]));
	assert_int_equal(part_rows(s->parts[PART_PROCESSLIST]), 2);
	assert_string_equal(value_cstr(cell(s->parts[PART_PROCESSLIST], 5, "user")), "app");
	assert_int_equal(value_integer(cell(s->parts[PART_PROCESSLIST], 5, "blocked_by"), -1), 6);
	assert_int_equal(value_integer(cell(s->parts[PART_PROCESSLIST], 6, "blocks"), -1), 1);
	assert_int_equal(part_rows(s->parts[PART_REPLICATION]), 1);
	assert_int_equal(part_rows(s->parts[PART_BINLOG]), 1);
	if (strstr(path, "mysql-5.7")) /* its instrument is off: no reason to say that nobody waits */
		assert_non_null(strstr(part_reason(s->parts[PART_METADATA_LOCKS]), "wait/lock/metadata"));
	check_innodb(s, s->server.performance_schema);
	rig_stop(&rig);
}

static void each_dialect_is_read(void **state)
{
	glob_t files;
	(void)state;
	assert_int_equal(glob("tests/fixtures/dialects/*[0-9]", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 7);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_dialect(files.gl_pathv[i]);
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(each_dialect_is_read, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
