#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/sqltext.h"
#include "tests/unit/cmocka_all.h"

static const struct {
	const char *text;
	const char *want;
} cases[] = {
	{"", ""},
	{"  \n ", ""},
	{"SELECT 1", "SELECT 1"},
	{"select a,b from t where x=1", "select a, b\nfrom t\nwhere x=1"},
	{"SELECT *\n\n   FROM t  LIMIT   5", "SELECT *\nFROM t\nLIMIT 5"},
	{"SELECT a FROM t JOIN u ON t.a=u.a AND t.b=1 LEFT OUTER JOIN v USING (a) WHERE c=1 "
	 "AND d=2 OR e BETWEEN 1 AND 2 AND f=3 GROUP BY a, b HAVING x > 1 ORDER BY a DESC "
	 "LIMIT 5, 6",
	 "SELECT a\n"
	 "FROM t\n"
	 "JOIN u ON t.a=u.a\n"
	 "  AND t.b=1\n"
	 "LEFT OUTER JOIN v USING (a)\n"
	 "WHERE c=1\n"
	 "  AND d=2\n"
	 "  OR e BETWEEN 1 AND 2\n"
	 "  AND f=3\n"
	 "GROUP BY a, b\n"
	 "HAVING x > 1\n"
	 "ORDER BY a DESC\n"
	 "LIMIT 5, 6"},
	{"SELECT DISTINCT customer.name, customer.email, sum(line.qty * line.price) AS total, "
	 "LEFT(note, 10) FROM t",
	 "SELECT DISTINCT\n"
	 "  customer.name,\n"
	 "  customer.email,\n"
	 "  sum(line.qty * line.price) AS total,\n"
	 "  LEFT(note, 10)\n"
	 "FROM t"},
	{"SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d=1 AND e=2) AND f=(SELECT 1)",
	 "SELECT a\n"
	 "FROM t\n"
	 "WHERE b IN (\n"
	 "  SELECT c\n"
	 "  FROM u\n"
	 "  WHERE d=1\n"
	 "    AND e=2\n"
	 ")\n"
	 "  AND f=(\n"
	 "    SELECT 1\n"
	 "  )"},
	{"SELECT x.a FROM (SELECT a FROM t) x", "SELECT x.a\nFROM (\n  SELECT a\n  FROM t\n) x"},
	{"SELECT a FROM t WHERE (b=1 OR c=2) AND (long_column_name='something' OR "
	 "another_column IN (1,2,3) AND third_column IS NOT NULL)",
	 "SELECT a\n"
	 "FROM t\n"
	 "WHERE (b=1 OR c=2)\n"
	 "  AND (\n"
	 "    long_column_name='something'\n"
	 "    OR another_column IN (1, 2, 3)\n"
	 "    AND third_column IS NOT NULL\n"
	 "  )"},
	{"SELECT a FROM t UNION ALL SELECT b FROM u",
	 "SELECT a\nFROM t\nUNION ALL\nSELECT b\nFROM u"},
	{"(SELECT a FROM t) UNION (SELECT b FROM u) LIMIT 5",
	 "(\n  SELECT a\n  FROM t\n)\nUNION (\n  SELECT b\n  FROM u\n)\nLIMIT 5"},
	{"WITH c AS (SELECT 1 FROM t), d AS (SELECT 2) SELECT * FROM c",
	 "WITH c AS (\n  SELECT 1\n  FROM t\n),\nd AS (\n  SELECT 2\n)\nSELECT *\nFROM c"},
	{"INSERT INTO t (a,b) VALUES (1,2)", "INSERT INTO t (a, b)\nVALUES (1, 2)"},
	{"INSERT INTO t VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1),"
	 "('bbbbbbbbbbbbbbbbbbbbbbbbbbb',2) ON DUPLICATE KEY UPDATE a=VALUES(a),b=2",
	 "INSERT INTO t\n"
	 "VALUES\n"
	 "  ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1),\n"
	 "  ('bbbbbbbbbbbbbbbbbbbbbbbbbbb', 2)\n"
	 "ON DUPLICATE KEY UPDATE a=VALUES(a), b=2"},
	{"INSERT INTO t SELECT a FROM u", "INSERT INTO t\nSELECT a\nFROM u"},
	{"UPDATE t JOIN u ON t.a=u.a SET t.b=1,t.c=2 WHERE t.d=3",
	 "UPDATE t\nJOIN u ON t.a=u.a\nSET t.b=1, t.c=2\nWHERE t.d=3"},
	{"DELETE FROM t WHERE a=1 AND b=2 LIMIT 3", "DELETE FROM t\nWHERE a=1\n  AND b=2\nLIMIT 3"},
	{"SELECT a FROM t WHERE b=1 FOR UPDATE", "SELECT a\nFROM t\nWHERE b=1\nFOR UPDATE"},
	{"EXPLAIN FORMAT=JSON SELECT a FROM t", "EXPLAIN FORMAT=JSON SELECT a\nFROM t"},
	{"SELECT count(*), extract(YEAR FROM a), group_concat(a ORDER BY b SEPARATOR ',') FROM t",
	 "SELECT\n  count(*),\n  extract(YEAR FROM a),\n"
	 "  group_concat(a ORDER BY b SEPARATOR ',')\nFROM t"},
	{"SELECT 'a\n  b' FROM t", "SELECT 'a\n  b'\nFROM t"},
	{"SELECT 1; SELECT 2", "SELECT 1;\nSELECT 2"},
	/* comments */
	{"/* app */ SELECT a -- why\n, b FROM t # end",
	 "/* app */\nSELECT\n  a -- why\n  ,\n  b\nFROM t # end"},
	{"SELECT a, -- one\n b /* two */, c FROM t",
	 "SELECT\n  a, -- one\n  b /* two */,\n  c\nFROM t"},
	{"SELECT /*+ NO_ICP(t) */ /*!50000 SQL_NO_CACHE */ a FROM t",
	 "SELECT /*+ NO_ICP(t) */ /*!50000 SQL_NO_CACHE */ a\nFROM t"},
	/* not laid out */
	{"CREATE TABLE t (\n  a INT,\n  b INT\n)", "CREATE TABLE t (\n  a INT,\n  b INT\n)"},
	{"SHOW  TABLES\tFROM db", "SHOW TABLES FROM db"},
	{"CREATE VIEW v AS SELECT a FROM t", "CREATE VIEW v AS\nSELECT a\nFROM t"},
	/* a blank would make a comment of it */
	{"SELECT 1--FROM t", "SELECT 1--FROM t"},
	{"SELECT 1--(SELECT 2)", "SELECT\n  1--(\n    SELECT 2\n  )"},
	/* cut */
	{"SELECT a FROM t WHERE b='", "SELECT a\nFROM t\nWHERE b='"},
	{"SELECT a FROM (SELECT b FR", "SELECT a\nFROM (\n  SELECT b FR"},
};

static void layouts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b = BUF_INIT;
		sql_format(&b, cases[i].text, strlen(cases[i].text));
		if (strcmp(buf_str(&b), cases[i].want) != 0)
			fail_msg("%s\ngives\n%s\nnot\n%s", cases[i].text, buf_str(&b),
				 cases[i].want);
		/* What was laid out stays so. */
		struct buf again = BUF_INIT;
		sql_format(&again, b.s, b.len);
		assert_string_equal(again.s, b.s);
		buf_release(&again);
		buf_release(&b);
	}
}

static bool next_not_blank(struct sql_lexer *lx, struct sql_token *tok)
{
	while (sql_next(lx, tok))
		if (tok->class != SQL_BLANK)
			return true;
	return false;
}

static void check_lossless(const char *text, size_t len)
{
	struct buf b = BUF_INIT;
	struct sql_lexer before, after;
	struct sql_token want, got;
	sql_format(&b, text, len);
	sql_lex(&before, text, len);
	sql_lex(&after, b.s, b.len);
	while (next_not_blank(&before, &want)) {
		assert_true(next_not_blank(&after, &got));
		assert_int_equal(got.class, want.class);
		assert_int_equal(got.word, want.word);
		assert_int_equal(got.len, want.len);
		assert_memory_equal(b.s + got.off, text + want.off, want.len);
	}
	assert_false(next_not_blank(&after, &got));
	buf_release(&b);
}

static void no_token_is_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t n = 0; n <= strlen(cases[i].text); n++)
			check_lossless(cases[i].text, n);
}

/* Random rows of tokens, with and without blanks between them. */
static void no_token_is_lost_in_noise(void **state)
{
	(void)state;
	static const char *const bits[] = {
		"SELECT", "FROM", "WHERE", "AND", "OR", "JOIN", "LEFT", "ON", "SET", "VALUES", "BY",
		"GROUP", "WITH", "BETWEEN", "UPDATE", "INSERT", "KEY", "DUPLICATE", "CREATE",
		"a", "`b`", "'c'", "1", ".5", "1.", "@", "@v", ":", ":p", "?", ".", ",", "(", ")",
		";", "-", "--", "+", "*", "/", "/*", "*/", "/*!", "/*!50000", "-- x\n", "#y\n",
		"/* z */", "/*+ h */", "&&", "||", "|", "\\", "{", "x'0'", "_utf8", "\n", "\n  ", " ",
	};
	uint64_t seed = 42;
	struct buf b = BUF_INIT;
	for (int round = 0; round < 20000; round++) {
		buf_clear(&b);
		for (int i = 0; i < 12; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			buf_adds(&b, bits[(seed >> 33) % COUNT_OF(bits)]);
			if ((seed >> 60) & 1)
				buf_addc(&b, ' ');
		}
		check_lossless(b.s, b.len);
	}
	buf_release(&b);
}

static void hostile_sizes(void **state)
{
	(void)state;
	static const char *const parts[] = {
		"(", " ",  "SELECT (",	   "(SELECT a, ", "-- x\n", "WHERE a AND (", "b BETWEEN ",
		";", "a,", "VALUES (1),", "/* x */",
	};
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct buf b = BUF_INIT, out = BUF_INIT;
		buf_adds(&b, "SELECT a FROM t WHERE ");
		while (b.len < 1 << 20)
			buf_adds(&b, parts[i]);
		sql_format(&out, b.s, b.len);
		assert_true(out.len < 64 * b.len);
		buf_release(&b);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts),
		cmocka_unit_test(no_token_is_lost),
		cmocka_unit_test(no_token_is_lost_in_noise),
		cmocka_unit_test(hostile_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
