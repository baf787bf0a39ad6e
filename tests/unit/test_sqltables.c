#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "parse/sqltext.h"
#include "tests/unit/cmocka_all.h"

static const struct {
	const char *text;
	const char *want; /* separated by blanks */
} cases[] = {
	{"", ""},
	{"SELECT 1", ""},
	{"SELECT a FROM t", "t"},
	{"SELECT a FROM shop.t AS x WHERE x.b = 1", "shop.t"},
	{"SELECT a FROM `shop` . `my ``t`` x`", "shop.my `t` x"},
	{"SELECT a FROM t, u x, shop.v WHERE a IN (1, 2)", "t u shop.v"},
	{"SELECT a FROM t JOIN u ON t.a=u.a LEFT JOIN v USING (a, b), w", "t u v w"},
	{"SELECT a FROM t STRAIGHT_JOIN u", "t u"},
	{"SELECT STRAIGHT_JOIN a, b FROM t", "t"},
	{"SELECT a FROM (t, u) JOIN (v JOIN w ON 1) ON 1", "t u v w"},
	{"SELECT a FROM ((t))", "t"},
	{"SELECT a FROM t t1, t t2, shop.t", "t shop.t"},
	{"SELECT a, (SELECT max(b) FROM u), c FROM t", "u t"},
	{"SELECT a FROM (SELECT b, c FROM u) x, v", "u v"},
	{"SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = (SELECT e FROM v))", "t u v"},
	{"SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY a, b", "t u"},
	{"(SELECT a FROM t) UNION (SELECT b FROM u) LIMIT 5", "t u"},
	{"SELECT a FROM t GROUP BY a, b ORDER BY c, d", "t"},
	{"SELECT a FROM t USE INDEX (i, j) IGNORE INDEX FOR JOIN (k) JOIN u", "t u"},
	{"SELECT a FROM t PARTITION (p0, p1), u", "t u"},
	{"SELECT a FROM { OJ t LEFT OUTER JOIN u ON 1 }", "t u"},
	{"SELECT a FROM t FOR UPDATE OF t, x SKIP LOCKED", "t"},
	{"SELECT a FROM t LOCK IN SHARE MODE", "t"},
	{"SELECT a INTO b FROM t", "t"},
	{"SELECT a FROM t INTO OUTFILE 'u'", "t"},
	{"SELECT a FROM t, JSON_TABLE(j, '$' COLUMNS (a INT PATH '$')) x, u", "t u"},
	{"SELECT a FROM t, LATERAL (SELECT b FROM u) x", "t u"},
	{"SELECT EXTRACT(YEAR FROM a), TRIM('x' FROM b), SUBSTRING(c FROM 2) FROM t", "t"},
	{"SELECT 1 FROM DUAL", ""},
	{"SELECT 1 FROM groups", "groups"},
	{"SELECT a FROM t WHERE b = 'FROM u' -- FROM v\n /* JOIN w */", "t"},
	{"SELECT a FROM /* x */ t # y", "t"},
	{"SELECT a /*! FROM t */", "t"},
	{"SELECT a FROM `cut", ""},
	{"SELECT a FROM", ""},
	{"SELECT a FROM {", ""},
	{"SELECT a FROM t.", ""},
	{"WITH c AS (SELECT 1 FROM t) SELECT * FROM c JOIN u", "t u"},
	{"WITH RECURSIVE c (n, m) AS (SELECT 1 UNION SELECT n FROM C), d AS (SELECT 1 FROM v) "
	 "SELECT * FROM c, d, shop.c", "v shop.c"},
	{"WITH c AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT * FROM c)", "t"},
	{"SELECT a FROM t GROUP BY a WITH ROLLUP", "t"},
	{"INSERT INTO t (a, b) VALUES (1, 2)", "t"},
	{"INSERT IGNORE t SET a = 1", "t"},
	{"INSERT LOW_PRIORITY INTO shop.t SELECT a, b FROM u ON DUPLICATE KEY UPDATE c = 1, d = 2",
	 "shop.t u"},
	{"REPLACE INTO t VALUES (1, REPLACE(a, 'x', 'y'))", "t"},
	{"UPDATE t SET a = 1, b = 2 WHERE c IN (SELECT d FROM u)", "t u"},
	{"UPDATE t, u x JOIN v SET t.a = x.a, x.b = 1", "t u v"},
	{"DELETE FROM t WHERE a = 1", "t"},
	{"DELETE t, x FROM t JOIN u x ON 1 WHERE 1", "t u"},
	{"DELETE FROM x, y USING t AS x JOIN u AS y USING (a)", "t u"},
	{"SET @x = REPLACE(a, 'b', 'c')", ""},
	{"SET STATEMENT a=1 FOR UPDATE t SET b=2", "t"},
	{"EXPLAIN FORMAT=JSON UPDATE t SET a=1", "t"},
	{"EXPLAIN SELECT REPLACE(a, 'b', 'c') FROM t", "t"},
	{"DESC t", "t"},
	{"CREATE TABLE t (a INT REFERENCES u (b), KEY k (a)) ENGINE=InnoDB, CHARSET=utf8", "t u"},
	{"CREATE TABLE IF NOT EXISTS t LIKE u", "t u"},
	{"CREATE OR REPLACE TABLE t AS SELECT a FROM u", "t u"},
	{"CREATE INDEX i ON t (a, b)", "t"},
	{"ALTER TABLE t ADD a INT, ADD CONSTRAINT FOREIGN KEY (b) REFERENCES u (c)", "t u"},
	{"DROP TABLE IF EXISTS t, shop.u", "t shop.u"},
	{"TRUNCATE TABLE t", "t"},
	{"TRUNCATE t", "t"},
	{"RENAME TABLE t TO x", "t"},
	{"LOCK TABLES t READ, u AS x WRITE", "t u"},
	{"ANALYZE TABLE t, u", "t u"},
	{"LOAD DATA INFILE 'x' INTO TABLE t (a, b)", "t"},
	{"SHOW CREATE TABLE t", "t"},
	{"SHOW FULL COLUMNS FROM t", "t"},
	{"SHOW TABLES FROM db", ""},
	{"SHOW TABLE STATUS FROM db", ""},
	{"SELECT 1 FROM t; UPDATE u SET a=1", "t u"},
	{"CALL p(a, b)", ""},
};

static void tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena a = {0};
		struct buf b = BUF_INIT;
		const struct sql_table *t;
		size_t n = sql_tables(&a, cases[i].text, strlen(cases[i].text), &t);
		for (size_t k = 0; k < n; k++)
			buf_addf(&b, "%s%s%s%s", k ? " " : "", t[k].schema ? t[k].schema : "",
				 t[k].schema ? "." : "", t[k].name);
		if (strcmp(buf_str(&b), cases[i].want) != 0)
			fail_msg("%s\n gives '%s'\n not   '%s'", cases[i].text, buf_str(&b),
				 cases[i].want);
		buf_release(&b);
		arena_release(&a);
	}
}

static void hostile_sizes(void **state)
{
	(void)state;
	static const char *const parts[] = {"(", "SELECT a FROM (", "WITH c AS (", "FROM t,",
					    "x.", "{", "a , ", "JOIN `t` ", ")"};
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct arena a = {0};
		struct buf b = BUF_INIT;
		const struct sql_table *t;
		buf_adds(&b, "SELECT a FROM ");
		while (b.len < 2 << 20)
			buf_adds(&b, parts[i]);
		assert_true(sql_tables(&a, b.s, b.len, &t) <= SQL_TABLES_MAX);
		buf_release(&b);
		arena_release(&a);
	}
	/* More than fit: the first ones. */
	struct arena a = {0};
	struct buf b = BUF_INIT;
	const struct sql_table *t;
	buf_adds(&b, "SELECT a FROM t0");
	for (int i = 1; i < 1000; i++)
		buf_addf(&b, ",t%d", i);
	assert_int_equal(sql_tables(&a, b.s, b.len, &t), SQL_TABLES_MAX);
	assert_string_equal(t[SQL_TABLES_MAX - 1].name, "t63");
	buf_release(&b);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(hostile_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
