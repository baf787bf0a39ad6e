#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/sqltext.h"
#include "tests/unit/cmocka_all.h"

static const struct {
	const char *text;
	size_t max;
	unsigned flags;
	const char *want;
	bool all;
} squeezed[] = {
	{"", 80, 0, "", true},
	{"  ", 80, 0, "", true},
	{"SELECT 1", 80, 0, "SELECT 1", true},
	{"  SELECT\n\t a ,  b\r\n  FROM t\n", 80, 0, "SELECT a , b FROM t", true},
	{"SELECT 'a  b',  \"c\n d\", `e  f`", 80, 0, "SELECT 'a  b', \"c\n d\", `e  f`", true},
	/* what comes first */
	{"/* app:web */ SELECT 1", 80, 0, "SELECT 1", true},
	{"-- app\n# web\nSELECT 1", 80, 0, "SELECT 1", true},
	{"/*!40001 SELECT 1 */", 80, 0, "/*!40001 SELECT 1 */", true},
	{"/* ping */", 80, 0, "/* ping */", true},
	{"/* ping */", 80, SQL_DROP_COMMENTS, "/* ping */", true},
	{"-- ping", 80, SQL_DROP_COMMENTS, "/* ping */", true},
	{"--", 80, 0, "/*  */", true},
	/* comments inside */
	{"SELECT /* all\n of */ *", 80, 0, "SELECT /* all  of */ *", true},
	{"SELECT /* all */ *", 80, SQL_DROP_COMMENTS, "SELECT *", true},
	{"SELECT/**/1", 80, SQL_DROP_COMMENTS, "SELECT 1", true},
	{"SELECT -- all\r\n *", 80, 0, "SELECT /* all */ *", true},
	{"SELECT #all */\n *", 80, 0, "SELECT /* all * / */ *", true},
	{"SELECT /*+ NO_ICP(t) */ 1", 80, SQL_DROP_COMMENTS, "SELECT /*+ NO_ICP(t) */ 1", true},
	/* limits */
	{"SELECT 1", 8, 0, "SELECT 1", true},
	{"SELECT 1", 7, 0, "SELECT ", false},
	{"SELECT 1", 6, 0, "SELECT", false},
	{"SELECT 1", 3, 0, "SEL", false},
	{"SELECT 1", 0, 0, "", false},
	{"SELECT  ", 6, 0, "SELECT", true},
	{"SELECT '\xc3\xa4\xc3\xa4'", 9, 0, "SELECT '", false},
	{"SELECT '\xc3\xa4\xc3\xa4'", 10, 0, "SELECT '\xc3\xa4", false},
	{"SELECT '\xf0\x9f\x90\xac'", 11, 0, "SELECT '", false},
	{"SELECT \x80\x80\x80\x80\x80\x80", 12, 0, "SELECT \x80\x80\x80\x80\x80", false},
	{"SELECT 1", SIZE_MAX, 0, "SELECT 1", true},
};

static void squeeze_to_one_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(squeezed); i++) {
		struct buf b = BUF_INIT;
		buf_adds(&b, ">");
		bool all = sql_squeeze(&b, squeezed[i].text, strlen(squeezed[i].text),
				       squeezed[i].max, squeezed[i].flags);
		assert_string_equal(b.s + 1, squeezed[i].want);
		assert_int_equal(all, squeezed[i].all);
		buf_release(&b);
	}
}

static void squeeze_does_not_read_it_all(void **state)
{
	(void)state;
	enum { SIZE = 16 << 20 };
	char *s = xmalloc(SIZE);
	memset(s, ' ', SIZE);
	memcpy(s + SIZE - 8, "SELECT 1", 8);
	struct buf b = BUF_INIT;
	assert_false(sql_squeeze(&b, s, SIZE, 200, 0));
	assert_string_equal(buf_str(&b), "");
	memcpy(s, "SELECT '", 8);
	assert_false(sql_squeeze(&b, s, SIZE, 200, 0));
	assert_int_equal(b.len, 200);
	buf_release(&b);
	free(s);
}

static void highlight_classes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *want; /* one letter a byte */
	} cases[] = {
		{"SELECT count(*)", "KKKKKKbFFFFFPOP"},
		{"SELECT count (*)", "KKKKKKbIIIIIbPOP"},
		{"INSERT INTO t(a)", "KKKKKKbKKKKbIPIP"},
		{"INSERT INTO d.t(a)", "KKKKKKbKKKKbIPIPIP"},
		{"WITH c(a) AS (x)", "KKKKbIPIPbKKbPIP"},
		{"WHERE f(a)", "KKKKKbFPIP"},
		{"LEFT('a',1)", "KKKKPSSSPNP"},
		{"/*!1 a*/", "XXXXbIXX"},
	};
	static const char letters[] = ".bKIFSNVOPCHXZ";
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char got[64] = "";
		struct sql_lexer lx;
		struct sql_token tok;
		sql_lex(&lx, cases[i].text, strlen(cases[i].text));
		while (sql_highlight(&lx, &tok))
			memset(got + tok.off, letters[tok.class], tok.len);
		assert_string_equal(got, cases[i].want);
	}
}

static void ends_that_are_cut(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t limit;
		bool cut;
	} cases[] = {
		{"SELECT 1", 0, false},
		{"SELECT 1", 1024, false},
		{"SELECT 1", 8, true},
		{"SELECT 1", 7, true},
		{"SELECT 'a", 0, true},
		{"SELECT `a", 0, true},
		{"SELECT /* a", 0, true},
		{"SELECT /*! a", 0, true},
		{"SELECT (1", 0, true},
		{"SELECT (1))", 0, false},
		{"SELECT '('", 0, false},
		{"SELECT 1 -- (", 0, false},
		{"SELECT \xc3\xa4", 0, false},
		{"SELECT \xc3", 0, true},
		{"SELECT \xe2\x82", 0, true},
		{"SELECT \xf0\x9f\x90", 0, true},
		{"\x80", 0, false},
		{"", 0, false},
		{"", 5, false},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(
			sql_end_is_cut(cases[i].text, strlen(cases[i].text), cases[i].limit),
			cases[i].cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(squeeze_to_one_line),
		cmocka_unit_test(squeeze_does_not_read_it_all),
		cmocka_unit_test(highlight_classes),
		cmocka_unit_test(ends_that_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
