/*
 * Servers that fleets run and that cannot be started here, played by the fake server: each file of
 * tests/fixtures/dialects says what tables and statements one has, this gives them the same few rows. In all
 * of them session 5 waits for a row that session 6 holds, which sleeps in its transaction.
 */
#include <glob.h>
#include <stdlib.h>

#include "base/buf.h"
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
					     PART_BINLOG, PART_INNODB};
	(void)arg;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (!rig_part(r, target, parts[i]))
			return false;
	return part_rows(rig_part(r, target, PART_ROW_LOCK_WAITS)) > 0;
}

static void check_dialect(const char *path)
{
	char *script = script_of(path);
	part_mask all = 0;
	static const enum part_id wanted[] = {PART_STATUS, PART_VARIABLES, PART_PROCESSLIST,
					      PART_TRANSACTIONS, PART_ROW_LOCK_WAITS, PART_METADATA_LOCKS,
					      PART_STATEMENTS, PART_INNODB, PART_REPLICATION,
					      PART_BINLOG, PART_GROUP, PART_GALERA, PART_REPLICAS};
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
