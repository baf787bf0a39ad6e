/* What is read of schemas, accounts and backups for the report, on real servers: exactly what is there, and
   within the time that each statement may take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/indexes.h"
#include "tests/servers/pump.h"
#include "tests/unit/cmocka_all.h"

#define PARTS_OF_SCHEMA \
	(PART_BIT(PART_AUTOINC_TABLES) | PART_BIT(PART_AUTOINC) | PART_BIT(PART_INDEXES) | \
	 PART_BIT(PART_INDEX_COLUMNS) | PART_BIT(PART_INDEX_USE) | PART_BIT(PART_TABLE_SIZES) | \
	 PART_BIT(PART_ACCOUNTS) | PART_BIT(PART_PLUGINS) | PART_BIT(PART_BACKUPS))

/* The row whose field is that text; fails without. */
static unsigned row_of(const struct part *p, const char *field, const char *text)
{
	for (unsigned i = 0; i < part_rows(p); i++)
		if (strcmp(value_cstr(part_cell(p, i, field)), text) == 0)
			return i;
	fail_msg("%s: nothing has %s %s", part_name(part_id(p)), field, text);
	return 0;
}

static bool has_row(const struct part *p, const char *field, const char *text)
{
	for (unsigned i = 0; i < part_rows(p); i++)
		if (strcmp(value_cstr(part_cell(p, i, field)), text) == 0)
			return true;
	return false;
}

static int64_t number_of(const struct part *p, unsigned row, const char *field)
{
	return value_integer(part_cell(p, row, field), -1);
}

static void make_schema(struct db *root)
{
	server_sql(root, "DROP DATABASE IF EXISTS `schema shop`");
	server_sql(root, "CREATE DATABASE `schema shop`");
	server_sql(root, "CREATE TABLE `schema shop`.`order-lines` (id TINYINT UNSIGNED AUTO_INCREMENT "
			 "PRIMARY KEY, a INT, b VARCHAR(30), c INT, KEY ka (a), KEY kab (a, b), "
			 "KEY kb (b), KEY kb10 (b(10), c), KEY kid (id), UNIQUE KEY uc (c), "
			 "UNIQUE KEY uc2 (c)) ENGINE=InnoDB");
	server_sql(root, "CREATE TABLE `schema shop`.heap (a INT, KEY ka (a)) ENGINE=InnoDB");
	server_sql(root, "INSERT INTO `schema shop`.`order-lines` (id, a, b, c) VALUES (1, 1, 'x', 1), "
			 "(2, 1, 'x', 2), (3, 1, 'x', 3), (4, 1, 'x', 4), (5, 1, 'x', 5), (199, 1, 'x', 199)");
	server_sql(root, "INSERT INTO `schema shop`.heap VALUES (1), (2)");
	server_sql(root, "ANALYZE TABLE `schema shop`.`order-lines`, `schema shop`.heap");
}

/* Of a table that MySQL has just loaded again, its last one. */
static int64_t next_value(const struct server *s, const struct pump *p)
{
	const struct part *part = p->parts[s->mysql ? PART_AUTOINC : PART_AUTOINC_TABLES];
	return number_of(part, row_of(part, "id", "schema shop.order-lines"), "value");
}

static void counters_come_with_their_columns(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s);
		struct pump p;
		make_schema(root);
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_AUTOINC));
		const struct part *tables = p.parts[PART_AUTOINC_TABLES], *columns = p.parts[PART_AUTOINC];
		unsigned table = row_of(tables, "id", "schema shop.order-lines");
		unsigned column = row_of(columns, "id", "schema shop.order-lines");
		assert_string_equal(value_cstr(part_cell(tables, table, "db")), "schema shop");
		assert_string_equal(value_cstr(part_cell(tables, table, "table")), "order-lines");
		assert_string_equal(value_cstr(part_cell(columns, column, "column")), "id");
		assert_non_null(strstr(value_cstr(part_cell(columns, column, "type")), "tinyint"));
		assert_in_range(next_value(s, &p), 199, 200);
		assert_false(has_row(columns, "id", "schema shop.heap"));
		/* The value of now, not one that the server keeps for a day. */
		server_sql(root, "INSERT INTO `schema shop`.`order-lines` (a, c) VALUES (1, 200)");
		pump_round(&p, PART_BIT(PART_AUTOINC));
		assert_in_range(next_value(s, &p), 200, 201);
		pump_release(&p);
		db_close(root);
	}
}

struct found {
	const struct part *indexes;
	char text[400];
};

static void note(unsigned row, unsigned by, void *arg)
{
	struct found *f = arg;
	if (strcmp(value_cstr(part_get(f->indexes, row, INDEX_TABLE)), "schema shop.order-lines") != 0)
		return;
	size_t n = strlen(f->text);
	snprintf(f->text + n, sizeof f->text - n, "%s<%s ", value_cstr(part_get(f->indexes, row, INDEX_NAME)),
		 value_cstr(part_get(f->indexes, by, INDEX_NAME)));
}

static void indexes_are_told_apart(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s);
		struct pump p;
		make_schema(root);
		pump_init(&p, s, NULL);
		pump_round(&p, PARTS_OF_SCHEMA);
		struct found f = {.indexes = p.parts[PART_INDEXES]};
		indexes_redundant(f.indexes, note, &f);
		assert_non_null(strstr(f.text, "ka<kab "));
		assert_non_null(strstr(f.text, "kid<PRIMARY "));
		assert_non_null(strstr(f.text, "uc2<uc "));
		/* As far as InnoDB's own dictionary tells. */
		assert_int_equal(strstr(f.text, "kb<kb10 ") != NULL, !s->mysql);
		const struct part *exact = p.parts[PART_INDEX_COLUMNS];
		assert_string_equal(index_exact_columns(exact, "schema shop.order-lines", "kb"), "b");
		assert_string_equal(index_exact_columns(exact, "schema shop.order-lines", "kb10"), "b(10), c");
		assert_null(index_exact_columns(exact, "schema shop.heap", "ka"));
		unsigned row = row_of(f.indexes, "name", "kab");
		assert_string_equal(value_cstr(part_get(f.indexes, row, INDEX_COLUMNS)), "a, b");
		bool keyless = false;
		for (row = 0; row < part_rows(f.indexes); row++)
			keyless |= number_of(f.indexes, row, "type") == INDEX_CLUSTERED &&
				   strcmp(value_cstr(part_get(f.indexes, row, INDEX_TABLE)),
					  "schema shop.heap") == 0;
		assert_true(keyless);
		if (part_status(p.parts[PART_INDEX_USE]) == PART_OK) {
			assert_true(has_row(p.parts[PART_INDEX_USE], "id", "schema shop.order-lines.kab"));
			assert_false(has_row(p.parts[PART_INDEX_USE], "id", "mysql.user.PRIMARY"));
		}
		const struct part *sizes = p.parts[PART_TABLE_SIZES];
		row = row_of(sizes, "id", "schema shop");
		assert_int_equal(number_of(sizes, row, "tables"), 2);
		assert_int_equal(number_of(sizes, row, "rows"), 8);
		assert_int_equal(number_of(sizes, row, "data"), 2 * 16384);
		row = part_rows(sizes) - 1;
		assert_string_equal(value_cstr(part_cell(sizes, row, "kind")), "table");
		assert_int_equal(number_of(sizes, row, "tables"), 1);
		pump_release(&p);
		db_close(root);
	}
}

static void userstat_counts_as_well(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		if (strcmp(s->name, "MARIADB") != 0)
			continue;
		struct db *root = server_root(s);
		struct pump p;
		make_schema(root);
		server_sql(root, "SET GLOBAL userstat = ON");
		struct db *user = server_root(s);
		server_sql(user, "SELECT COUNT(*) FROM `schema shop`.`order-lines` FORCE INDEX (ka) WHERE a = 1");
		db_close(user);
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_INDEX_USE));
		const struct part *use = p.parts[PART_INDEX_USE];
		assert_int_equal(part_status(use), PART_OK);
		assert_true(number_of(use, row_of(use, "id", "schema shop.order-lines.ka"), "uses") > 0);
		assert_true(has_row(use, "id", "schema shop.order-lines"));
		assert_false(has_row(use, "id", "schema shop.order-lines.kb"));
		server_sql(root, "SET GLOBAL userstat = OFF");
		pump_release(&p);
		db_close(root);
	}
}

static void accounts_show_what_they_may(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s);
		struct pump p;
		server_sql(root, "DROP USER IF EXISTS bare@'10.%', boss@'%', shut@localhost");
		server_sql(root, "CREATE USER bare@'10.%' IDENTIFIED BY ''");
		server_sql(root, "CREATE USER boss@'%' IDENTIFIED BY 'boss' REQUIRE SSL");
		server_sql(root, "GRANT ALL ON *.* TO boss@'%' WITH GRANT OPTION");
		server_sql(root, "CREATE USER shut@localhost IDENTIFIED BY 'shut' ACCOUNT LOCK PASSWORD EXPIRE");
		pump_init(&p, s, NULL);
		pump_round(&p, PARTS_OF_SCHEMA);
		const struct part *a = p.parts[PART_ACCOUNTS];
		unsigned bare = row_of(a, "id", "bare@10.%"), boss = row_of(a, "id", "boss@%");
		unsigned shut = row_of(a, "id", "shut@localhost");
		static const struct {
			const char *field;
			int bare, boss, shut;
		} expected[] = {
			{"password", 0, 1, 1}, {"locked", 0, 0, 1}, {"expired", 0, 0, 1},
			{"super", 0, 1, 0}, {"all_privileges", 0, 1, 0}, {"grants", 0, 1, 0},
			{"file", 0, 1, 0},
		};
		for (size_t i = 0; i < COUNT_OF(expected); i++) {
			assert_int_equal(number_of(a, bare, expected[i].field), expected[i].bare);
			assert_int_equal(number_of(a, boss, expected[i].field), expected[i].boss);
			assert_int_equal(number_of(a, shut, expected[i].field), expected[i].shut);
		}
		assert_string_equal(value_cstr(part_cell(a, boss, "tls")), "ANY");
		assert_int_equal(part_cell(a, bare, "tls").type, VALUE_ABSENT);
		assert_true(part_rows(p.parts[PART_PLUGINS]) >= 2);
		server_sql(root, "DROP USER bare@'10.%', boss@'%', shut@localhost");
		pump_release(&p);
		db_close(root);
	}
}

#define XTRABACKUP \
	"(uuid VARCHAR(40) PRIMARY KEY, name VARCHAR(255), tool_name VARCHAR(255), start_time TIMESTAMP NULL, " \
	"end_time TIMESTAMP NULL, partial ENUM('Y','N'), incremental ENUM('Y','N'))"

static void backups_are_found_where_tools_write_them(void **state)
{
	static const char *const kinds[] = {"xtrabackup", "other"};
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s);
		for (size_t i = 0; i < COUNT_OF(kinds); i++) {
			struct pump p;
			bool first = i == 0;
			const char *table = first ? "PERCONA_SCHEMA.xtrabackup_history"
					    : s->mysql ? "mysql.backup_history" : "mysql.mariadb_backup_history";
			char sql[600];
			if (first)
				server_sql(root, "CREATE DATABASE PERCONA_SCHEMA");
			snprintf(sql, sizeof sql, "CREATE TABLE %s %s", table, first || !s->mysql ? XTRABACKUP
				 : "(backup_id BIGINT PRIMARY KEY, tool_name VARCHAR(200), start_time TIMESTAMP "
				   "NULL, end_time TIMESTAMP NULL, backup_type VARCHAR(50), exit_state "
				   "VARCHAR(10), last_error VARCHAR(100))");
			server_sql(root, sql);
			snprintf(sql, sizeof sql, "INSERT INTO %s %s", table, first || !s->mysql
				 ? "VALUES ('b1', 'nightly', 'tool', '2026-01-02 01:00:00', '2026-01-02 02:00:00', "
				   "'N', 'N'), ('b2', 'nightly', 'tool', '2026-01-03 01:00:00', NULL, 'N', 'Y')"
				 : "VALUES (1, 'tool', '2026-01-02 01:00:00', '2026-01-02 02:00:00', 'FULL', "
				   "'SUCCESS', 'NO_ERROR'), (2, 'tool', '2026-01-03 01:00:00', '2026-01-03 "
				   "02:00:00', 'INCREMENTAL', 'FAILURE', 'no room')");
			server_sql(root, sql);
			pump_init(&p, s, NULL);
			pump_round(&p, PART_BIT(PART_BACKUPS));
			const struct part *b = p.parts[PART_BACKUPS];
			assert_int_equal(part_status(b), PART_OK);
			assert_int_equal(part_rows(b), 2);
			assert_string_equal(value_cstr(part_cell(b, 0, "kind")), "incremental");
			assert_int_equal(number_of(b, 0, "ok"), 0);
			assert_string_equal(value_cstr(part_cell(b, 1, "kind")), "full");
			assert_int_equal(number_of(b, 1, "ok"), 1);
			assert_int_equal(number_of(b, 1, "end") - number_of(b, 1, "start"), 3600);
			snprintf(sql, sizeof sql, "DROP TABLE %s", table);
			server_sql(root, sql);
			if (first)
				server_sql(root, "DROP DATABASE PERCONA_SCHEMA");
			pump_release(&p);
		}
		db_close(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_come_with_their_columns),
		cmocka_unit_test(indexes_are_told_apart),
		cmocka_unit_test(userstat_counts_as_well),
		cmocka_unit_test(accounts_show_what_they_may),
		cmocka_unit_test(backups_are_found_where_tools_write_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
