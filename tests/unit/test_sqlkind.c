#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/sqltext.h"
#include "tests/unit/cmocka_all.h"

static const struct {
	const char *text;
	const char *kind;
	bool explainable;
} cases[] = {
	{"", "", false},
	{" -- x\n /* y */", "", false},
	{"SELECT 1", "select", true},
	{"select 1;", "select", true},
	{"/* app */ -- x\n SELECT 1", "select", true},
	{"/*!50000 SELECT */ 1", "select", true},
	{"((SELECT 1) UNION (SELECT 2))", "select", true},
	{"VALUES ROW(1)", "select", true},
	{"TABLE t", "select", true},
	{"INSERT INTO t VALUES (1)", "insert", true},
	{"UPDATE t SET a=1", "update", true},
	{"DELETE FROM t", "delete", true},
	{"REPLACE INTO t VALUES (1)", "replace", true},
	{"WITH c AS (SELECT 1) SELECT * FROM c", "select", true},
	{"WITH RECURSIVE c (a, b) AS (SELECT 1, 2), d AS (SELECT 3) DELETE FROM t", "delete", true},
	{"WITH c AS (SELECT 1) UPDATE t SET a=(SELECT 2)", "update", true},
	{"WITH c AS (SELECT 1) (SELECT * FROM c)", "select", true},
	{"WITH c AS (SELECT 1", "other", false},
	{"SET STATEMENT max_statement_time=1 FOR SELECT 1", "select", false},
	{"SET STATEMENT a=1 FOR SET STATEMENT b=2 FOR DELETE FROM t", "delete", false},
	{"SET STATEMENT a=1", "set", false},
	{"SET a = 1", "set", false},
	{"SELECT 1; DROP TABLE t", "select", false},
	{"SELECT 1;;", "select", false},
	{"SELECT 1; -- x", "select", true},
	{"SELECT ?", "select", false},
	{"SELECT :id", "select", false},
	{"SELECT @a", "select", true},
	{"SELECT 'a", "select", false},
	{"SELECT (1", "select", false},
	{"SELECT '?'", "select", true},
	{"LOAD DATA INFILE 'x' INTO TABLE t", "load", false},
	{"CALL p()", "call", false},
	{"CREATE TABLE t (a INT)", "ddl", false},
	{"ALTER TABLE t ADD b INT", "ddl", false},
	{"DROP TABLE t", "ddl", false},
	{"TRUNCATE t", "ddl", false},
	{"GRANT SELECT ON *.* TO x", "account", false},
	{"USE shop", "use", false},
	{"SHOW TABLES", "show", false},
	{"EXPLAIN SELECT 1", "explain", false},
	{"DESC t", "explain", false},
	{"ANALYZE FORMAT=JSON SELECT 1", "explain", false},
	{"ANALYZE TABLE t", "admin", false},
	{"ANALYZE LOCAL TABLE t", "admin", false},
	{"BEGIN", "begin", false},
	{"BEGIN WORK", "begin", false},
	{"BEGIN;", "begin", false},
	{"BEGIN NOT ATOMIC SELECT 1; END", "other", false},
	{"START TRANSACTION", "begin", false},
	{"START REPLICA", "admin", false},
	{"COMMIT", "commit", false},
	{"ROLLBACK TO a", "rollback", false},
	{"SAVEPOINT a", "savepoint", false},
	{"RELEASE SAVEPOINT a", "savepoint", false},
	{"XA START 'x'", "xa", false},
	{"LOCK TABLES t READ", "lock", false},
	{"UNLOCK TABLES", "lock", false},
	{"PREPARE s FROM 'x'", "prepared", false},
	{"KILL 5", "admin", false},
	{"Quit", "other", false},
	{"'SELECT 1'", "other", false},
	{"`select` 1", "other", false},
	{"DO SLEEP(1)", "other", false},
};

static void kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *text = cases[i].text;
		assert_string_equal(sql_kind_name(sql_kind(text, strlen(text))), cases[i].kind);
		if (sql_is_explainable(text, strlen(text)) != cases[i].explainable)
			fail_msg("explainable? %s", text);
	}
}

static void names_are_complete(void **state)
{
	(void)state;
	for (int k = SQL_KIND_NONE + 1; k < SQL_KINDS; k++)
		assert_true(sql_kind_name((enum sql_kind)k)[0] != '\0');
}

static void hostile_sizes(void **state)
{
	(void)state;
	static const char *const parts[] = {"(", "SET STATEMENT a=1 FOR ", "WITH c AS (", "/*x*/"};
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct buf b = BUF_INIT;
		while (b.len < 4 << 20)
			buf_adds(&b, parts[i]);
		assert_false(sql_is_explainable(b.s, b.len));
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(names_are_complete),
		cmocka_unit_test(hostile_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
