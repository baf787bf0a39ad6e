/* Reading answers, choosing columns and statements: what all collectors share. */
#include <ctype.h>
#include <glob.h>

#include "collect/detail.h"
#include "collect/indexes.h"
#include "collect/innodb_name.h"
#include "collect/instruments.h"
#include "collect/mdl.h"
#include "collect/row_locks.h"
#include "collect/status.h"
#include "tests/unit/collect_rows.h"

enum { MOST_COLUMNS = 32 };

/* An answer of texts; the columns end with NULL. */
static struct answer answer_of(const char *const *columns, const char *const *cells,
			       unsigned long lengths[MOST_COLUMNS])
{
	struct answer a = {.columns = columns, .cells = cells, .lengths = lengths};
	while (columns[a.n_columns])
		a.n_columns++;
	for (unsigned i = 0; cells && i < a.n_columns; i++)
		lengths[i] = cells[i] ? strlen(cells[i]) : 0;
	return a;
}

static const struct source *source_named(const struct collector *c, const char *name)
{
	for (const struct source *s = c->sources; s->stmt.sql; s++)
		if (strcmp(s->stmt.name, name) == 0)
			return s;
	fail_msg("no source %s", name);
	return NULL;
}

static struct value cell(const struct part *p, unsigned row, const char *field)
{
	int f = schema_field(part_schema(p), field);
	assert_true(f >= 0);
	return part_get(p, row, (unsigned)f);
}

static const char *absent(const struct part *p, const char *field)
{
	return part_absent_reason(p, (unsigned)schema_field(part_schema(p), field));
}

static void columns_are_bound_by_name(void **state)
{
	(void)state;
	static const char *const columns[] = {"HOST", "Id", "surprise", "tiMe", "ID", NULL};
	static const char *const cells[] = {"web1:4711", "812", "?", "1.25", "999", NULL};
	unsigned long lengths[MOST_COLUMNS];
	const struct collector *c = collector_for(PART_SESSIONS);
	struct answer a = answer_of(columns, cells, lengths);
	struct reading *r = reading_new(c, source_named(c, "sessions/mariadb"), &a);
	reading_row(r, &a);
	struct part *p = reading_finish(r, 5, 6, 7);
	assert_int_equal(part_rows(p), 1);
	assert_int_equal(cell(p, 0, "id").i, 812);
	assert_string_equal(value_cstr(cell(p, 0, "host")), "web1:4711");
	assert_float_equal(cell(p, 0, "time").r, 1.25, 0);
	assert_int_equal(cell(p, 0, "user").type, VALUE_ABSENT);
	assert_string_equal(absent(p, "memory"),
			    "this server's information_schema.PROCESSLIST has no column MEMORY_USED");
	assert_null(absent(p, "host"));
	part_unref(p);
}

static void the_first_column_that_is_there_is_chosen(void **state)
{
	(void)state;
	static const char *const new[] = {"Time", "Time_ms", "ID", "INFO"};
	const struct source *s = source_named(collector_for(PART_SESSIONS), "sessions/mariadb");
	struct buf out = BUF_INIT;
	source_choose(s, new, 4, &out);
	assert_non_null(strstr(out.s, "TIME_MS/1000 AS `time`"));
	assert_null(strstr(out.s, "TIME AS `time`"));
	assert_null(strstr(out.s, "MEMORY_USED"));
	buf_clear(&out);
	source_choose(s, new, 1, &out);
	assert_non_null(strstr(out.s, "TIME AS `time`"));
	buf_release(&out);
}

static void status_asks_for_what_is_wanted(void **state)
{
	(void)state;
	static const char *const pins[] = {"Sort_range", "O'Hara", NULL};
	struct server_info server = {.flavor = FLAVOR_MARIADB};
	struct collect_ctx ctx = {.server = &server, .pins = pins};
	const struct source *s = collector_for(PART_STATUS)->sources;
	struct stmt_arg args[SOURCE_MAX_ARGS];
	struct buf keep = BUF_INIT, columns = BUF_INIT, sql = BUF_INIT;
	size_t n = source_args(s, &ctx, &columns, args, &keep);
	stmt_render(&sql, &s->stmt, args, n, STMT_LIMIT_NONE, 0);
	assert_non_null(strstr(sql.s, "/* fathom */ SHOW GLOBAL STATUS WHERE 0 OR Variable_name IN ('"));
	assert_non_null(strstr(sql.s, "'Uptime'"));
	assert_non_null(strstr(sql.s, "'Questions'"));
	assert_non_null(strstr(sql.s, "'Sort_range',_utf8mb4 0x4f2748617261)"));
	assert_null(strstr(sql.s, "O'Hara"));
	buf_release(&keep);
	buf_release(&sql);
}


/* --- answers that are not as they should be ------------------------------------------------------ */

static struct part *read_rows(enum part_id id, const char *source, const char *const *columns,
			      const char *const (*rows)[MOST_COLUMNS], unsigned n)
{
	unsigned long lengths[MOST_COLUMNS];
	const struct collector *c = collector_for(id);
	struct answer a = answer_of(columns, NULL, lengths);
	struct reading *r = reading_new(c, source_named(c, source), &a);
	for (unsigned i = 0; i < n; i++) {
		a = answer_of(columns, rows[i], lengths);
		reading_row(r, &a);
	}
	return reading_finish(r, 1, 1, 1);
}

static void hostile_cells_do_no_harm(void **state)
{
	(void)state;
	static const char *const columns[] = {"id", "time", "user", "memory", NULL};
	static const char *const rows[][MOST_COLUMNS] = {
		{"-1", "1e309", "\xff\xfe\x1b[2J", "99999999999999999999"},
		{"abc", "soon", "", "-"},
		{NULL, NULL, NULL, NULL},
		{"18446744073709551615", "-5", "x", "1.9"},
	};
	struct part *p = read_rows(PART_SESSIONS, "sessions/threads", columns, rows, 4);
	char *text = rows_text(p, "id time memory");
	assert_string_equal(text, "-1 | inf | 9223372036854775807\n- | - | -\n- | - | -\n"
				  "9223372036854775807 | -5.000 | 1\n");
	free(text);
	assert_string_equal(value_cstr(cell(p, 0, "user")), "\xff\xfe\x1b[2J");
	part_unref(p);
}

static void an_answer_without_known_columns_gives_rows_without_cells(void **state)
{
	(void)state;
	static const char *const columns[] = {"", "no", "no", NULL};
	static const char *const rows[][MOST_COLUMNS] = {{"1", "2", "3"}};
	struct part *p = read_rows(PART_SESSIONS, "sessions/threads", columns, rows, 1);
	assert_int_equal(part_rows(p), 1);
	assert_int_equal(cell(p, 0, "id").type, VALUE_ABSENT);
	assert_non_null(absent(p, "id"));
	part_unref(p);
}

static void a_row_may_be_shorter_than_its_heading(void **state)
{
	(void)state;
	static const char *const columns[] = {"id", "user", NULL};
	static const char *const cells[] = {"5"};
	unsigned long lengths[MOST_COLUMNS] = {1};
	const struct collector *c = collector_for(PART_SESSIONS);
	struct answer a = answer_of(columns, NULL, lengths);
	struct reading *r = reading_new(c, source_named(c, "sessions/threads"), &a);
	reading_row(r, &(struct answer){.n_columns = 1, .columns = columns, .cells = cells,
					.lengths = lengths});
	struct part *p = reading_finish(r, 1, 1, 1);
	assert_int_equal(cell(p, 0, "id").i, 5);
	assert_int_equal(cell(p, 0, "user").type, VALUE_ABSENT);
	part_unref(p);
	r = reading_new(c, source_named(c, "sessions/threads"), &a);
	reading_free(r);
}

static void count_rows(const struct collector *c, const char *column, unsigned most)
{
	const char *const columns[] = {column, NULL};
	static const char *const cells[] = {"5"};
	unsigned long lengths[MOST_COLUMNS] = {1};
	struct answer a = {1, columns, cells, lengths};
	struct reading *r = reading_new(c, c->sources, &a);
	for (unsigned i = 0; i < most + 3; i++)
		reading_row(r, &a);
	struct part *p = reading_finish(r, 1, 1, 1);
	assert_int_equal(part_rows(p), most);
	assert_int_equal(part_rows_cut(p), 3);
	part_unref(p);
}

static void more_rows_than_allowed_are_counted(void **state)
{
	(void)state;
	count_rows(collector_for(PART_TRX), "session", collector_for(PART_TRX)->most_rows);
	/* One that names no limit has that of all. */
	assert_int_equal(collector_for(PART_VARIABLES)->most_rows, 0);
	count_rows(collector_for(PART_VARIABLES), "name", READING_MOST_ROWS);
}

static void both_spellings_of_replication_are_read(void **state)
{
	(void)state;
	static const char *const new[] = {"Replica_IO_State", "Source_Host", "Source_Port",
		"Replica_IO_Running", "Replica_SQL_Running", "Seconds_Behind_Source", "Channel_Name", NULL};
	static const char *const old[] = {"Slave_IO_State", "Master_Host", "Master_Port",
		"Slave_IO_Running", "Slave_SQL_Running", "Seconds_Behind_Master", "Connection_name", NULL};
	static const char *const rows[][MOST_COLUMNS] = {
		{"Waiting for source", "db1", "3306", "Yes", "Yes", "3", ""},
		{"", "db2", "3307", "Connecting", "No", NULL, "west"}};
	static const char expected[] = "db1 | 3306 | Yes | Yes | 3.000 | \n"
				       "db2 | 3307 | Connecting | No | - | west\n";
	static const char fields[] = "source_host source_port io_running sql_running lag channel";
	const char *const *columns[] = {new, old, old};
	const char *sources[] = {"channels/replica", "channels/slave", "channels/mariadb"};
	for (int i = 0; i < 3; i++) {
		struct part *p = read_rows(PART_CHANNELS, sources[i], columns[i], rows, 2);
		char *text = rows_text(p, fields);
		assert_string_equal(text, expected);
		assert_string_equal(absent(p, "gtid"), "this server does not say Auto_Position");
		free(text);
		part_unref(p);
	}
}

static void yes_no_and_what_is_switched_off(void **state)
{
	(void)state;
	static const char *const columns[] = {"name", "value", "enabled", NULL};
	static const char *const rows[][MOST_COLUMNS] = {
		{"a", "1", "1"}, {"b", "2", "0"}, {"c", "3", NULL}};
	struct part *p = read_rows(PART_INNODB, "innodb", columns, rows, 3);
	char *text = rows_text(p, "name value enabled");
	assert_string_equal(text, "a | 1 | 1\nb | - | 0\nc | 3 | -\n");
	free(text);
	part_unref(p);
	static const char *const flags[][MOST_COLUMNS] = {
		{"a", NULL, "YES"}, {"b", NULL, "off"}, {"c", NULL, "maybe"}};
	p = read_rows(PART_INSTRUMENTS, "instruments", columns, flags, 3);
	text = rows_text(p, "name enabled");
	assert_string_equal(text, "a | 1\nb | 0\nc | -\n");
	free(text);
	part_unref(p);
}

static void a_short_process_list_says_that_it_is_cut(void **state)
{
	(void)state;
	char text[160] = "SELECT ";
	memset(text + 7, 'x', 92);
	strcpy(text + 99, "\xc3\xab"); /* a hundred characters, a byte more */
	const char *const columns[] = {"Id", "Info", NULL};
	const char *const rows[][MOST_COLUMNS] = {{"1", text}, {"2", "SELECT 1"}, {"3", NULL}};
	struct part *p = read_rows(PART_SESSIONS, "sessions/show", columns, rows, 3);
	char *shown = rows_text(p, "id info_cut");
	assert_string_equal(shown, "1 | 1\n2 | -\n3 | -\n");
	free(shown);
	part_unref(p);
}

/* --- gates and arguments -------------------------------------------------------------------------- */

static struct server_info server = {.flavor = FLAVOR_MYSQL, .performance_schema = true};

static bool gate_of(enum part_id gated, enum part_id by, const char *rows)
{
	const struct part *parts[N_PARTS] = {0};
	struct collect_ctx ctx = {.server = &server, .parts = parts};
	if (rows)
		parts[by] = rows_part(by, 1, rows);
	bool open = collector_for(gated)->gate(&ctx);
	part_unref(parts[by]);
	return open;
}

static void locks_are_read_when_somebody_waits(void **state)
{
	(void)state;
	assert_false(gate_of(PART_ROW_LOCKS, PART_TRX, NULL));
	assert_false(gate_of(PART_ROW_LOCKS, PART_TRX, "session=1 state=RUNNING\n"));
	assert_true(gate_of(PART_ROW_LOCKS, PART_TRX,
			    "session=1 state=RUNNING\nsession=2 state='LOCK WAIT'\n"));
	assert_false(gate_of(PART_METADATA_LOCKS, PART_SESSIONS, NULL));
	assert_false(gate_of(PART_METADATA_LOCKS, PART_SESSIONS,
			     "id=1 state='Waiting for table flush'\nid=2 state=''\nid=3\n"));
	static const char *const waits[] = {"Waiting for table metadata lock",
		"Waiting for schema metadata lock", "Waiting for global read lock",
		"Waiting for backup lock", "Waiting for commit lock", "User lock"};
	for (size_t i = 0; i < COUNT_OF(waits); i++) {
		char row[100];
		snprintf(row, sizeof row, "id=1 state='%s'\n", waits[i]);
		assert_true(gate_of(PART_METADATA_LOCKS, PART_SESSIONS, row));
	}
}

/* The statement of a source as it would be sent. The caller frees it. */
static char *statement(const struct source *s, const struct collect_ctx *ctx, const char *columns)
{
	struct stmt_arg args[SOURCE_MAX_ARGS];
	struct buf keep = BUF_INIT, chosen = BUF_INIT, sql = BUF_INIT;
	buf_adds(&chosen, columns);
	size_t n = source_args(s, ctx, &chosen, args, &keep);
	stmt_render(&sql, &s->stmt, args, n, STMT_LIMIT_NONE, 0);
	buf_release(&keep);
	buf_release(&chosen);
	return buf_steal(&sql);
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;
	for (const char *p = text; (p = strstr(p, word)); p++)
		n++;
	return n;
}

static void a_pile_of_waiters_is_asked_about_a_few(void **state)
{
	(void)state;
	const struct part *parts[N_PARTS] = {0};
	struct collect_ctx ctx = {.server = &server, .parts = parts};
	struct buf trx = BUF_INIT;
	for (int i = 0; i < 500; i++)
		buf_addf(&trx, "session=%d id=%d state='LOCK WAIT' wait_age=%d "
			 "requested_lock=%d:2:4:%d:%d\n", i, 900 - i, i, 7000 + i, i % 2, 7000 + i);
	parts[PART_TRX] = rows_part(PART_TRX, 1, trx.s);
	const struct source *s = collector_for(PART_ROW_LOCKS)->sources;
	char *sql = statement(s, &ctx, "x");
	assert_int_equal(count(sql, "',"), 5); /* three of the oldest for each of two records */
	assert_non_null(strstr(sql, "'7499:2:4:1:7499','7498:2:4:0:7498'"));
	free(sql);
	part_unref(parts[PART_TRX]);
	parts[PART_TRX] = rows_part(PART_TRX, 1, "session=1 state=RUNNING\n");
	sql = statement(s, &ctx, "x");
	assert_non_null(strstr(sql, "IN ('')"));
	free(sql);
	part_unref(parts[PART_TRX]);
	buf_release(&trx);
}

static void sleepers_in_a_transaction_are_asked_for(void **state)
{
	(void)state;
	const struct part *parts[N_PARTS] = {0};
	struct collect_ctx ctx = {.server = &server, .parts = parts};
	const struct source *s = collector_for(PART_STATEMENT_EVENTS)->sources;
	char *sql = statement(s, &ctx, "x");
	assert_non_null(strstr(sql, "THREAD_ID IN (0)"));
	free(sql);
	parts[PART_SESSIONS] = rows_part(PART_SESSIONS, 1, "id=1 thread_id=41 command=Sleep\n"
					 "id=2 thread_id=42 command=Query\nid=3 thread_id=43 command=Sleep\n");
	parts[PART_TRX] = rows_part(PART_TRX, 1, "session=1\nsession=2\nsession=0\n");
	sql = statement(s, &ctx, "x");
	assert_non_null(strstr(sql, "THREAD_ID IN (0,41)"));
	free(sql);
	part_unref(parts[PART_SESSIONS]);
	part_unref(parts[PART_TRX]);
}

static void the_plugin_is_asked_for_what_is_waited_for(void **state)
{
	(void)state;
	const struct part *parts[N_PARTS] = {0};
	struct collect_ctx ctx = {.server = &server, .parts = parts};
	parts[PART_SESSIONS] = rows_part(PART_SESSIONS, 1,
		"id=1 state='Waiting for table metadata lock' info='alter table shop.stock add c int'\n"
		"id=2 state='Waiting for table metadata lock' info='select * from stock join x'\n"
		"id=3 state='User lock' info='select 1'\nid=4 state='Waiting for backup lock'\n");
	const struct collector *c = collector_for(PART_METADATA_LOCKS);
	char *sql = statement(source_named(c, "metadata_locks/info"), &ctx, "x");
	assert_non_null(strstr(sql, "TABLE_NAME IN ('stock','x') OR LOCK_TYPE IN ('User lock','backup lock')"));
	free(sql);
	part_unref(parts[PART_SESSIONS]);
	parts[PART_SESSIONS] = NULL;
	sql = statement(source_named(c, "metadata_locks/info"), &ctx, "x");
	assert_non_null(strstr(sql, "TABLE_NAME IN ('') OR LOCK_TYPE IN ('')"));
	free(sql);
}

/* --- small knowledge -------------------------------------------------------------------------------- */

static void a_lock_is_on_a_place(void **state)
{
	(void)state;
	static const char *const names[][2] = {
		{"1062:5:3:4", "5:3:4"}, {"43:1064", "1064"},
		{"140:5:3:4:98765", "5:3:4"}, {"140:1064:98765", "1064"},
		{"938:84:2:4:2:93826", "2:4:2"}, {"938:84:1064:93826", "84:1064:93826"},
		{"", ""}, {"x", "x"}, {":", ""}, {"a:b:c:d:e:f:g:h:i:j", "b:c:d:e:f:g"}};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct value v = row_lock_place(value_str(names[i][0]));
		char text[64];
		snprintf(text, sizeof text, "%.*s", (int)v.len, v.s);
		assert_string_equal(text, names[i][1]);
	}
	assert_int_equal(row_lock_place(VALUE_NONE).type, VALUE_ABSENT);
}

static void metadata_locks_exclude_each_other(void **state)
{
	(void)state;
	static const struct {
		const char *asked, *held;
		bool conflict;
	} pairs[] = {
		{"SHARED_READ", "SHARED_READ", false}, {"SHARED_READ", "SHARED_WRITE", false},
		{"SHARED_READ", "EXCLUSIVE", true}, {"EXCLUSIVE", "SHARED_READ", true},
		{"EXCLUSIVE", "SHARED_HIGH_PRIO", true}, {"SHARED_HIGH_PRIO", "SHARED_NO_READ_WRITE", false},
		{"SHARED_WRITE", "SHARED_READ_ONLY", true}, {"SHARED_READ_ONLY", "SHARED_READ", false},
		{"SHARED_UPGRADABLE", "SHARED_UPGRADABLE", true},
		{"MDL_SHARED_NO_WRITE", "MDL_SHARED_NO_WRITE", true},
		{"SHARED", "INTENTION_EXCLUSIVE", true}, {"INTENTION_EXCLUSIVE", "SHARED", true},
		{"INTENTION_EXCLUSIVE", "INTENTION_EXCLUSIVE", false},
		{"BACKUP_DML", "BACKUP_FTWRL2", true}, {"BACKUP_FTWRL1", "BACKUP_COMMIT", false},
		{"BACKUP_FTWRL2", "BACKUP_COMMIT", true}, {"BACKUP_DDL", "BACKUP_BLOCK_DDL", true},
		{"BACKUP_TRANS_DML", "BACKUP_WAIT_FLUSH", false}, {"SHARED_READ", "NEW_IN_12", true}};
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		assert_int_equal(mdl_conflict(pairs[i].asked, pairs[i].held), pairs[i].conflict);
	assert_string_equal(mdl_noun("TABLE"), "metadata lock");
	assert_string_equal(mdl_noun("GLOBAL"), "global read lock");
	assert_string_equal(mdl_noun("User lock"), "user lock");
	assert_null(mdl_noun_of_state("Waiting for table flush"));
	assert_null(mdl_noun_of_state("Waiting for  metadata lock"[0] ? "metadata lock" : ""));
	assert_null(mdl_noun_of_state(""));
}

static void innodb_writes_names_in_its_own_way(void **state)
{
	(void)state;
	static const char *const names[][2] = {
		{"shop/orders", "shop.orders"}, {"shop/order@0020lines", "shop.order lines"},
		{"a@002db/t@0023P@002e1", "a-b.t#P.1"}, {"shop/pt#P#p0", "shop.pt"}, {"shop/pt#p#p0", "shop.pt"},
		{"shop/pt#P#p0#SP#s1", "shop.pt"}, {"shop/@30c6@30b9", "shop.テス"}, {"d@1j/x", "d@1j.x"},
		{"x/@002", "x.@002"}, {"x/@zzzz", "x.@zzzz"}, {"x/@0000y", "x.@0000y"}, {"x/#P", "x.#P"},
		{"/", "."}, {"SYS_FOREIGN", NULL}, {"", NULL}};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct buf b = BUF_INIT;
		size_t dot = 0;
		bool known = innodb_name(&b, names[i][0], strlen(names[i][0]), &dot);
		assert_int_equal(known, names[i][1] != NULL);
		if (known) {
			assert_string_equal(buf_str(&b), names[i][1]);
			assert_int_equal(b.s[dot - 1], '.');
		}
		buf_release(&b);
	}
}

static void count_pair(unsigned row, unsigned by, void *arg)
{
	(void)row;
	(void)by;
	++*(unsigned *)arg;
}

static void one_of_two_equal_indexes_is_needless(void **state)
{
	(void)state;
	static const struct {
		const char *rows;
		unsigned n;
	} cases[] = {
		{"id=1 table=a.t name=x type=0 columns=a\nid=2 table=a.t name=y type=0 columns=a", 1},
		{"id=1 table=a.t name=x type=0 columns=a\nid=2 table=b.t name=y type=0 columns=a", 0},
		{"id=1 table=a.t name=x type=0 columns=a\nid=2 table=a.t name=y type=0 columns=ab", 0},
		{"id=1 table=a.t name=x type=2 columns=a\nid=2 table=a.t name=y type=0 columns='a, b'", 0},
		{"id=1 table=a.t name=x type=2 columns=a\nid=2 table=a.t name=y type=2 columns=a", 1},
		{"id=1 table=a.t name=x type=2 columns=a\nid=2 table=a.t name=PRIMARY type=3 columns=a", 1},
		{"id=1 table=a.t name=x type=0 columns=a\nid=2 table=a.t name=y type=2 columns='a, b'", 1},
		{"id=1 table=a.t name=x type=32 columns=a\nid=2 table=a.t name=y type=0 columns='a, b'", 0},
		{"id=1 table=a.t name=x type=0 columns=a\nid=2 table=a.t name=x type=0 columns=a", 0},
		{"id=1 table=a.t name=GEN_CLUST_INDEX type=1\nid=2 table=a.t name=y type=0 columns=a", 0},
		{"id=1 table=mysql.t name=x type=0 columns=a\nid=2 table=mysql.t name=y type=0 columns=a", 0},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct part *p = rows_part(PART_INDEXES, 1, cases[i].rows);
		unsigned n = 0;
		indexes_redundant(p, count_pair, &n);
		if (n != cases[i].n)
			fail_msg("%s: %u", cases[i].rows, n);
		part_unref(p);
	}
}

static void a_statement_may_have_less_time_than_others(void **state)
{
	(void)state;
	static const struct stmt quick = {"x", "SELECT 1", STMT_READ, 250};
	struct buf b = BUF_INIT;
	stmt_render(&b, &quick, NULL, 0, STMT_LIMIT_MYSQL, 3600);
	assert_non_null(strstr(b.s, "MAX_EXECUTION_TIME(250)"));
	buf_clear(&b);
	stmt_render(&b, &quick, NULL, 0, STMT_LIMIT_MARIADB, 100);
	assert_non_null(strstr(b.s, "max_statement_time=0.100"));
	buf_release(&b);
}

static void counters_and_gauges(void **state)
{
	(void)state;
	static const char *const counters[] = {"Questions", "Com_select", "Bytes_sent", "Uptime",
		"Innodb_rows_read", "Handler_read_rnd_next", "Aborted_connects", "Innodb_row_lock_waits",
		"Created_tmp_disk_tables", "Opened_tables", "Innodb_buffer_pool_reads", "Slow_queries",
		"Binlog_cache_disk_use", "Innodb_data_fsyncs", "wsrep_replicated_bytes",
		"Table_open_cache_hits", "Ssl_accepts", "Innodb_buffer_pool_pages_flushed",
		"Connection_errors_max_connections", "Threads_created", "Sort_rows", "Innodb_log_waits",
		"Handler_commit", "Qcache_hits", "Com_show_status", "Innodb_redo_log_current_lsn",
		"Innodb_buffer_pool_wait_free", "Select_scan", "Innodb_pages_read", "Opened_files",
		"Innodb_row_lock_time", "Com_alter_table", "Rows_read", "Rpl_semi_sync_master_yes_tx"};
	static const char *const gauges[] = {"Threads_running", "Threads_connected", "open_tables",
		"Innodb_buffer_pool_pages_dirty", "Innodb_row_lock_current_waits", "Max_used_connections",
		"Innodb_checkpoint_age", "Memory_used", "Slave_open_temp_tables", "wsrep_cluster_size",
		"Innodb_history_list_length", "Prepared_stmt_count", "Innodb_row_lock_time_avg",
		"Innodb_buffer_pool_bytes_data", "Key_blocks_unused", "Innodb_redo_log_uuid",
		"Rpl_semi_sync_master_clients", "Innodb_data_pending_fsyncs", "Qcache_free_memory",
		"Uptime_since_flush_status", "wsrep_local_recv_queue_avg", "Innodb_num_open_files"};
	for (size_t i = 0; i < COUNT_OF(counters); i++)
		if (!status_is_counter(counters[i]))
			fail_msg("%s is a counter", counters[i]);
	for (size_t i = 0; i < COUNT_OF(gauges); i++)
		if (status_is_counter(gauges[i]))
			fail_msg("%s is a gauge", gauges[i]);
}

static void what_is_off_says_how_to_turn_it_on(void **state)
{
	(void)state;
	const struct part *parts[N_PARTS] = {0};
	struct collect_ctx ctx = {.server = &server, .parts = parts};
	struct buf b = BUF_INIT;
	assert_true(instrument_on(&ctx, INSTRUMENT_MDL));
	parts[PART_INSTRUMENTS] = rows_part(PART_INSTRUMENTS, 1,
					    "name=" INSTRUMENT_MDL " enabled=0\n"
					    "name=" INSTRUMENT_STAGES " enabled=1\n");
	assert_false(instrument_on(&ctx, INSTRUMENT_MDL));
	assert_true(instrument_on(&ctx, INSTRUMENT_STAGES));
	const struct collector *c = collector_for(PART_METADATA_LOCKS);
	assert_false(source_usable(c->sources, &ctx));
	source_reason(c, &ctx, &b);
	assert_string_equal(b.s, "wait/lock/metadata/sql/mdl is off: UPDATE performance_schema."
		"setup_instruments SET ENABLED = 'YES', TIMED = 'YES' "
		"WHERE NAME = 'wait/lock/metadata/sql/mdl'");
	part_unref(parts[PART_INSTRUMENTS]);
	parts[PART_INSTRUMENTS] = NULL;
	struct server_info plain = {.flavor = FLAVOR_MARIADB};
	ctx.server = &plain;
	assert_false(source_usable(c->sources, &ctx));
	buf_clear(&b);
	source_reason(c, &ctx, &b);
	assert_non_null(strstr(b.s, "performance_schema=ON"));
	buf_clear(&b);
	source_reason(collector_for(PART_GROUP), &ctx, &b);
	assert_string_equal(b.s, "MariaDB has nothing like it");
	buf_release(&b);
}

/* --- roles -------------------------------------------------------------------------------------------- */

static void roles_follow_from_what_was_read(void **state)
{
	(void)state;
	static const struct {
		const char *variables, *status, *replication, *replicas, *group;
		enum role role;
		int read_only; /* -1: unknown */
	} cases[] = {
		{NULL, NULL, NULL, NULL, NULL, ROLE_UNKNOWN, -1},
		{"name=read_only value=OFF\n", NULL, "", "", NULL, ROLE_STANDALONE, 0},
		{"name=read_only value=OFF\n", NULL, "", "id=1\n", NULL, ROLE_PRIMARY, 0},
		{"name=read_only value=ON\n", NULL, "channel=''\n", "", NULL, ROLE_REPLICA, 1},
		{"name=read_only value=NO_LOCK\n", NULL, "channel=''\n", NULL, NULL, ROLE_REPLICA, 1},
		{"name=read_only value=1\n", NULL, "channel=a\nchannel=b\n", "id=1\n", NULL,
		 ROLE_INTERMEDIATE, 1},
		{NULL, NULL, "", NULL, NULL, ROLE_UNKNOWN, -1},
		{"name=read_only value=OFF\nname=server_uuid value=u1\n", NULL,
		 "channel=group_replication_applier\n", "", "id=u1 state=ONLINE role=PRIMARY\n"
		 "id=u2 state=ONLINE role=SECONDARY\n", ROLE_GROUP_PRIMARY, 0},
		{"name=server_uuid value=u2\n", NULL, "", "", "id=u1 state=ONLINE role=PRIMARY\n"
		 "id=u2 state=RECOVERING role=SECONDARY\n", ROLE_GROUP_SECONDARY, -1},
		{"name=server_uuid value=u1\n", "name=group_replication_primary_member value=u1\n", "", "",
		 "id=u1 state=ONLINE\n", ROLE_GROUP_PRIMARY, -1},
		{"name=server_uuid value=u1\n", NULL, "channel=group_replication_applier\n", "",
		 "id=u1 state=OFFLINE\n", ROLE_STANDALONE, -1},
		{NULL, "name=wsrep_cluster_size value=3\n", "", "", NULL, ROLE_GALERA, -1},
		{NULL, "name=wsrep_cluster_size value=0\n", "", "", NULL, ROLE_STANDALONE, -1},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct part *parts[N_PARTS] = {0};
		struct collect_ctx ctx = {.server = &server, .parts = parts};
		const char *rows[N_PARTS] = {
			[PART_VARIABLES] = cases[i].variables, [PART_STATUS] = cases[i].status,
			[PART_REPLICATION] = cases[i].replication, [PART_REPLICAS] = cases[i].replicas,
			[PART_GROUP] = cases[i].group};
		for (int id = 0; id < N_PARTS; id++)
			if (rows[id])
				parts[id] = rows_part((enum part_id)id, 1, rows[id]);
		bool read_only, known;
		if (collect_role(&ctx, &read_only, &known) != cases[i].role)
			fail_msg("case %zu", i);
		assert_int_equal(known, cases[i].read_only >= 0);
		if (known)
			assert_int_equal(read_only, cases[i].read_only);
		for (int id = 0; id < N_PARTS; id++)
			part_unref(parts[id]);
	}
}

static void replicas_and_nodes_cost_no_statement(void **state)
{
	(void)state;
	const struct part *parts[N_PARTS] = {0};
	struct collect_ctx ctx = {.server = &server, .parts = parts};
	parts[PART_SESSIONS] = rows_part(PART_SESSIONS, 1, "id=1 command=Query\n"
		"id=2 user=repl host=r1:9 command='Binlog Dump GTID' time=7\nid=3 command='Binlog Dump'\n");
	parts[PART_STATUS] = rows_part(PART_STATUS, 1,
		"name=wsrep_incoming_addresses value=10.0.0.1:3306,,AUTO,10.0.0.2:3306\n");
	struct part *p = derivation_for(PART_REPLICAS)->make(&ctx, NULL);
	char *text = rows_text(p, "id user host by_gtid time");
	assert_string_equal(text, "2 | repl | r1:9 | 1 | 7.000\n3 | - | - | 0 | -\n");
	free(text);
	part_unref(p);
	p = derivation_for(PART_GALERA)->make(&ctx, NULL);
	text = rows_text(p, "address");
	assert_string_equal(text, "10.0.0.1:3306\n10.0.0.2:3306\n");
	free(text);
	part_unref(p);
	part_unref(parts[PART_SESSIONS]);
	part_unref(parts[PART_STATUS]);
}

/* --- the tables themselves ------------------------------------------------------------------------------ */

static void a_field_teaches(const struct schema *s, const struct field *f)
{
	if (!f->title[0] || !f->help[0] || !f->source[0])
		fail_msg("%s.%s: title, help or source is missing", s->name, f->name);
	for (const char *c = f->name; *c; c++)
		if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
			fail_msg("%s.%s: not in snake case", s->name, f->name);
	bool number = f->type == FIELD_INT || f->type == FIELD_REAL;
	if (number && f->unit == UNIT_NONE)
		fail_msg("%s.%s: unit is missing", s->name, f->name);
	if (number && f->unit != UNIT_ID && !f->normal[0])
		fail_msg("%s.%s: what is normal is missing", s->name, f->name);
	if (f->unit == UNIT_BOOL && f->type != FIELD_INT)
		fail_msg("%s.%s: yes or no is an integer", s->name, f->name);
}

static void every_field_teaches(void **state)
{
	(void)state;
	unsigned n = 0;
	for (int id = 0; id < N_PARTS; id++) {
		const struct schema *s = collect_schema((enum part_id)id);
		if (!s)
			continue;
		assert_true(s->n_fields <= SCHEMA_MAX_FIELDS);
		assert_true(s->key < s->n_fields);
		assert_string_equal(s->name, part_name((enum part_id)id));
		for (unsigned i = 0; i < s->n_fields; i++, n++) {
			a_field_teaches(s, &s->fields[i]);
			assert_int_equal(schema_field(s, s->fields[i].name), i);
		}
	}
	assert_true(n > 150);
}

static void contract_fields_are_there(void **state)
{
	(void)state;
	static const char *const fields[] = {"id", "user", "host", "db", "command", "state", "time",
		"info", "transaction_age", "rows_locks", "rows_modified", "blocked_by", "blocks"};
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		assert_true(schema_field(collect_schema(PART_PROCESSLIST), fields[i]) >= 0);
	assert_true(schema_field(collect_schema(PART_REPLICATION), "lag") >= 0);
	for (int id = 0; id < N_PARTS; id++)
		if (part_exported((enum part_id)id) && !part_of_host((enum part_id)id) &&
		    id != PART_FINDINGS && !collect_schema((enum part_id)id))
			fail_msg("nobody makes %s", part_name((enum part_id)id));
}

static void sources_name_fields_that_exist(void **state)
{
	(void)state;
	for (int id = 0; id < N_PARTS; id++) {
		const struct collector *c = collector_for((enum part_id)id);
		if (!c)
			continue;
		assert_non_null(c->feature);
		for (const struct source *s = c->sources; s->stmt.sql; s++) {
			bool chosen = strstr(s->stmt.sql, "%c");
			if (chosen != (s->table && s->columns))
				fail_msg("%s: %%c, table and columns belong together", s->stmt.name);
			for (const struct source_column *k = s->columns; k && k->field; k++)
				if (schema_field(c->schema, k->field) < 0)
					fail_msg("%s: no field %s", s->stmt.name, k->field);
			if (s->table && !s->grant && strncmp(s->table, "performance_schema", 18) == 0 &&
			    id != PART_VARIABLES)
				fail_msg("%s: which grant?", s->stmt.name);
			if (s->instrument && !s->usable)
				fail_msg("%s: instrument without test", s->stmt.name);
		}
	}
}

struct names {
	const char *at[200];
	unsigned n;
};

static void note_statement(const struct stmt *s, const char *owner, void *arg)
{
	struct names *names = arg;
	assert_non_null(owner);
	for (unsigned i = 0; i < names->n; i++)
		if (strcmp(names->at[i], s->name) == 0)
			fail_msg("two statements are called %s", s->name);
	names->at[names->n++] = s->name;
	static const char *const reads[] = {"SELECT ", "SHOW ", "EXPLAIN ", "USE ", "XA RECOVER"};
	bool read = false;
	for (size_t i = 0; i < COUNT_OF(reads); i++)
		read |= strncmp(s->sql, reads[i], strlen(reads[i])) == 0;
	if (!read && !(s->flags & STMT_SESSION && strncmp(s->sql, "SET ", 4) == 0))
		fail_msg("%s: %s", s->name, s->sql);
	/* Without one it is whatever explain_format says, TREE on new servers. */
	if (strncmp(s->sql, "EXPLAIN ", 8) == 0 && strncmp(s->sql + 8, "FORMAT=", 7) != 0)
		fail_msg("%s: %s", s->name, s->sql);
	assert_false(s->flags & STMT_KILL);
}

static void every_statement_only_reads(void **state)
{
	(void)state;
	struct names names = {.n = 0};
	stmt_each(note_statement, &names);
	assert_true(names.n > 30);
}

static void wanting_one_part_wants_what_it_is_made_of(void **state)
{
	(void)state;
	part_mask all = collect_closure(PART_BIT(PART_PROCESSLIST));
	static const enum part_id parts[] = {PART_SESSIONS, PART_TRX, PART_ROW_LOCK_WAITS,
		PART_ROW_LOCKS, PART_METADATA_LOCKS, PART_STATEMENT_EVENTS, PART_INSTRUMENTS};
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		assert_true(all & PART_BIT(parts[i]));
	assert_false(all & PART_BIT(PART_STATUS));
	assert_int_equal(collect_closure(PART_BIT(PART_INNODB)), PART_BIT(PART_INNODB));
	assert_int_equal(collect_closure(0), 0);
}

/* --- dialects ------------------------------------------------------------------------------------------- */

/* What a server offers, from a file in tests/fixtures/dialects: lines `flavor F`, `performance_schema
   on|off`, `off INSTRUMENT`, `refused STATEMENT`, `table SCHEMA.NAME COLUMN…`. */
struct dialect {
	char *text, *lines[200];
	unsigned n;
	struct server_info server;
	const struct part *parts[N_PARTS];
};

static void dialect_load(struct dialect *d, const char *path)
{
	*d = (struct dialect){.text = xcalloc(1, 100000)};
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(d->text, 1, 99999, f) > 0);
	fclose(f);
	struct buf off = BUF_INIT;
	buf_adds(&off, "");
	char *save;
	for (char *l = strtok_r(d->text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		d->lines[d->n++] = l;
		if (strcmp(l, "flavor mysql") == 0)
			d->server.flavor = FLAVOR_MYSQL;
		else if (strcmp(l, "flavor mariadb") == 0)
			d->server.flavor = FLAVOR_MARIADB;
		else if (strcmp(l, "performance_schema on") == 0)
			d->server.performance_schema = true;
		else if (strncmp(l, "off ", 4) == 0)
			buf_addf(&off, "name=%s enabled=0\n", l + 4);
	}
	d->parts[PART_INSTRUMENTS] = rows_part(PART_INSTRUMENTS, 1, buf_str(&off));
	buf_release(&off);
}

static bool dialect_refuses(const struct dialect *d, const struct source *s)
{
	for (unsigned i = 0; i < d->n; i++)
		if (strncmp(d->lines[i], "refused ", 8) == 0 && strcmp(d->lines[i] + 8, s->stmt.sql) == 0)
			return true;
	return false;
}

/* Appends the columns of a table that are chosen; false without such a table. */
static bool dialect_choose(const struct dialect *d, const struct source *s, struct buf *out)
{
	size_t n = strlen(s->table);
	for (unsigned i = 0; i < d->n; i++) {
		const char *l = d->lines[i];
		if (strncmp(l, "table ", 6) != 0 || strncmp(l + 6, s->table, n) != 0 || l[6 + n] != ' ')
			continue;
		char *copy = xstrdup(l + 7 + n), *save;
		const char *have[100];
		size_t n_have = 0;
		for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
			have[n_have++] = w;
		source_choose(s, have, n_have, out);
		free(copy);
		return true;
	}
	return false;
}

/* What is asked for one part: "part: statement" or "part: why not". */
static void dialect_ask(const struct dialect *d, const struct collector *c, struct buf *out)
{
	struct collect_ctx ctx = {.server = &d->server, .parts = d->parts};
	struct buf columns = BUF_INIT;
	buf_addf(out, "%s: ", part_name(c->part));
	for (const struct source *s = c->sources; s->stmt.sql; s++) {
		buf_clear(&columns);
		if (!source_usable(s, &ctx) || dialect_refuses(d, s) ||
		    (s->table && !dialect_choose(d, s, &columns)))
			continue;
		if (c->part == PART_ROW_LOCKS) /* needs transactions */
			buf_addf(out, "%s, %s\n", s->stmt.name, buf_str(&columns));
		else {
			char *sql = statement(s, &ctx, buf_str(&columns));
			buf_addf(out, "%s\n", sql);
			free(sql);
		}
		buf_release(&columns);
		return;
	}
	buf_adds(out, "no: ");
	source_reason(c, &ctx, out);
	buf_addc(out, '\n');
	buf_release(&columns);
}

/* FATHOM_GOLDEN=update writes the files anew. */
static void compare_with_file(const char *path, const struct buf *text)
{
	const char *golden = getenv("FATHOM_GOLDEN");
	char *was = xcalloc(1, 200000);
	FILE *f = fopen(path, golden && strcmp(golden, "update") == 0 ? "w" : "r");
	if (!f)
		fail_msg("%s is missing", path);
	if (golden && strcmp(golden, "update") == 0)
		fputs(text->s, f);
	else
		assert_true(fread(was, 1, 199999, f) > 0);
	fclose(f);
	if (was[0])
		assert_string_equal(was, text->s);
	free(was);
}

static void each_dialect_is_asked_in_its_own_words(void **state)
{
	(void)state;
	glob_t files;
	assert_int_equal(glob("tests/fixtures/dialects/*[0-9]", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 7);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct dialect d;
		struct buf out = BUF_INIT;
		char path[300];
		dialect_load(&d, files.gl_pathv[i]);
		for (int id = 0; id < N_PARTS; id++)
			if (collector_for((enum part_id)id))
				dialect_ask(&d, collector_for((enum part_id)id), &out);
		snprintf(path, sizeof path, "%s.asked", files.gl_pathv[i]);
		compare_with_file(path, &out);
		buf_release(&out);
		part_unref(d.parts[PART_INSTRUMENTS]);
		free(d.text);
	}
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_bound_by_name),
		cmocka_unit_test(the_first_column_that_is_there_is_chosen),
		cmocka_unit_test(status_asks_for_what_is_wanted),
		cmocka_unit_test(hostile_cells_do_no_harm),
		cmocka_unit_test(an_answer_without_known_columns_gives_rows_without_cells),
		cmocka_unit_test(a_row_may_be_shorter_than_its_heading),
		cmocka_unit_test(more_rows_than_allowed_are_counted),
		cmocka_unit_test(both_spellings_of_replication_are_read),
		cmocka_unit_test(yes_no_and_what_is_switched_off),
		cmocka_unit_test(a_short_process_list_says_that_it_is_cut),
		cmocka_unit_test(locks_are_read_when_somebody_waits),
		cmocka_unit_test(a_pile_of_waiters_is_asked_about_a_few),
		cmocka_unit_test(sleepers_in_a_transaction_are_asked_for),
		cmocka_unit_test(the_plugin_is_asked_for_what_is_waited_for),
		cmocka_unit_test(a_lock_is_on_a_place),
		cmocka_unit_test(metadata_locks_exclude_each_other),
		cmocka_unit_test(innodb_writes_names_in_its_own_way),
		cmocka_unit_test(one_of_two_equal_indexes_is_needless),
		cmocka_unit_test(a_statement_may_have_less_time_than_others),
		cmocka_unit_test(counters_and_gauges),
		cmocka_unit_test(what_is_off_says_how_to_turn_it_on),
		cmocka_unit_test(roles_follow_from_what_was_read),
		cmocka_unit_test(replicas_and_nodes_cost_no_statement),
		cmocka_unit_test(every_field_teaches),
		cmocka_unit_test(contract_fields_are_there),
		cmocka_unit_test(sources_name_fields_that_exist),
		cmocka_unit_test(every_statement_only_reads),
		cmocka_unit_test(wanting_one_part_wants_what_it_is_made_of),
		cmocka_unit_test(each_dialect_is_asked_in_its_own_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
