#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/filter.h"
#include "tests/unit/cmocka_all.h"

enum { ID, USER, DB, STATE, TIME, MEMORY, INFO, READ_ONLY, FIELDS };
static const struct filter_field fields[] = {
	[ID] = {"id", UNIT_ID, true},         [USER] = {"user", UNIT_NONE, true},
	[DB] = {"db", UNIT_NONE, true},       [STATE] = {"state", UNIT_NONE, true},
	[TIME] = {"time", UNIT_SECONDS, false}, [MEMORY] = {"memory", UNIT_BYTES, false},
	[INFO] = {"info", UNIT_SQL, true},    [READ_ONLY] = {"read_only", UNIT_BOOL, false},
};

struct row {
	struct value cells[FIELDS];
};

static struct value get(const void *row, unsigned field)
{
	return ((const struct row *)row)->cells[field];
}

/* 812: idle in transaction; 901: waits; 7: nothing known. */
static struct row rows[3];

static int set_up(void **state)
{
	(void)state;
	rows[0] = (struct row){{value_int(812), value_str("batch"), value_str("shop"),
				value_str("idle in transaction"), value_real(372),
				value_int(3LL << 30), value_str("UPDATE stock SET v = v - 1"),
				value_str("OFF")}};
	rows[1] = (struct row){{value_int(901), value_str("App"), value_str("shop"),
				value_str("row lock"), value_real(0.25), value_int(1000),
				value_str("SELECT \"a=b\" FROM t WHERE x|y"), value_str("ON")}};
	rows[2] = (struct row){{value_int(7), value_str("system user"), VALUE_NONE, value_str(""),
				VALUE_NONE, VALUE_NONE, VALUE_NONE, value_int(1)}};
	return 0;
}

/* Which rows pass, as digits. */
static void check(const char *text, const char *want)
{
	struct err e = {0};
	struct filter *f = filter_compile(text, fields, FIELDS, &e, NULL);
	char got[4] = "";
	if (!f)
		fail_msg("%s: %s: %s", text, e.what, e.why);
	for (int round = 0; round < 2; round++) { /* the second answers from the memo */
		size_t n = 0;
		for (size_t i = 0; i < COUNT_OF(rows); i++) {
			if (filter_match(f, get, &rows[i]))
				got[n++] = (char)('0' + i);
		}
		got[n] = '\0';
		if (strcmp(got, want))
			fail_msg("%s: rows \"%s\", not \"%s\"", text, got, want);
	}
	filter_free(f);
}

static void plain_text(void **state)
{
	(void)state;
	check("", "012");
	check("   ", "012");
	check("shop", "01");
	check("SHOP", "01");
	check("idle in trans", "0");
	check("in idle", "");
	check("81", "0");
	check("\"a=b\"", "1");
	check("'x|y'", "1");
	check("v - 1", "0");
	check("nothing", "");
}

static void comparisons(void **state)
{
	(void)state;
	check("time>10", "0");
	check("time > 10", "0");
	check("time<1", "1");
	check("time>=250ms", "01");
	check("time>6m", "0");
	check("time=6m12s", "0");
	check("time>6m12s", "");
	check("memory>2G", "0");
	check("memory<1k", "1");
	check("id=812", "0");
	check("id!=812", "12");
	check("user=app", "1");
	check("user!=app", "02");
	check("user=ap", "");
	check("db=", "2");
	check("db!=", "01");
	check("state=", "2");
	check("state='row lock'", "1");
	check("read_only=yes", "12");
	check("read_only=off", "0");
	check("user<b", "1");
}

static void patterns(void **state)
{
	(void)state;
	check("/^select/", "1");
	check("/^(update|system)", "02");
	check("info~^update", "0");
	check("info!~^update", "12");
	check("state~lock", "1");
	check("info~/stock set/", "0");
	check("info~'stock set'", "0");
	check("info~(stock|FROM)", "01");
	check("user~^a|id=7", "12");
}

static void logic(void **state)
{
	(void)state;
	check("time>10 db=shop", "0");
	check("time>10|user=app", "01");
	check("!user=app", "02");
	check("!(user=app | time>10)", "2");
	check("db=shop !time>10", "1");
	check("db=shop (time>10 | user=nobody)", "0");
	check("user=app|user=batch time<1", "1");
	check("!!time>10", "0");
	check("count(*) user=app", "");
	check("shop time<1", "1");
}

static void check_error(const char *text, size_t position, const char *why, const char *hint)
{
	struct err e = {0};
	size_t at = 999;
	struct filter *f = filter_compile(text, fields, FIELDS, &e, &at);
	if (f)
		fail_msg("%s compiled", text);
	assert_string_equal(e.why, why);
	if (hint)
		assert_string_equal(e.hint, hint);
	assert_int_equal(at, position);
}

static void errors_have_a_place(void **state)
{
	(void)state;
	check_error("user=app tme>10", 9, "no column \"tme\" here",
		    "did you mean \"time\"?");
	check_error("time>abc", 5, "\"abc\" is no number of seconds", NULL);
	check_error("time>", 5, "what to compare with is missing", NULL);
	check_error("(user=app", 0, "this parenthesis is not closed", NULL);
	check_error("user=app)", 8, "nothing is open that this closes", NULL);
	check_error("user='app", 5, "the quote is not closed", NULL);
	check_error("user=app |", 10, "something to look for is missing", NULL);
	check_error("!", 1, "something to look for is missing", NULL);
	check_error("info~(", 6, "missing closing parenthesis", NULL);
	check_error("/a[/", 3, "missing terminating ] for character class", NULL);
	struct buf deep = BUF_INIT;
	buf_fill(&deep, '(', 200);
	check_error(buf_str(&deep), 50, "this is nested too deeply", NULL);
	buf_fill(&deep, 'x', 5000);
	check_error(buf_str(&deep), 4096, "this filter is too long", NULL);
	buf_release(&deep);
}

static void numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum unit unit;
		double want; /* negative: no number */
	} cases[] = {
		{"10", UNIT_SECONDS, 10},     {"10s", UNIT_SECONDS, 10},
		{"1m30s", UNIT_SECONDS, 90},  {"2h", UNIT_SECONDS, 7200},
		{"1d", UNIT_SECONDS, 86400},  {"5ms", UNIT_SECONDS, 0.005},
		{"5ms", UNIT_MS, 5},          {"5s", UNIT_MS, 5000},
		{"7", UNIT_MS, 7},            {"1m30", UNIT_SECONDS, 90},
		{"30 ", UNIT_SECONDS, -1},    {"1k", UNIT_BYTES, 1024},
		{"2GiB", UNIT_BYTES, 2147483648.0}, {"12k", UNIT_COUNT, 12000},
		{"1M", UNIT_COUNT, 1e6},      {"99%", UNIT_PERCENT, 99},
		{"99%", UNIT_RATIO, 0.99},    {"yes", UNIT_BOOL, 1},
		{"1.5", UNIT_NONE, 1.5},      {"1x", UNIT_COUNT, -1},
		{"1k5", UNIT_COUNT, -1},      {"0x10", UNIT_COUNT, -1},
		{"", UNIT_COUNT, -1},         {"1m30m5", UNIT_SECONDS, 1865},
		{"nan", UNIT_COUNT, -1},      {"-", UNIT_COUNT, -1},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		double n = -2;
		bool ok = filter_number(cases[i].text, strlen(cases[i].text), cases[i].unit, &n);
		if (ok != (cases[i].want >= 0))
			fail_msg("%s: %s", cases[i].text, ok ? "a number" : "no number");
		if (ok)
			assert_float_equal(n, cases[i].want, 1e-9);
	}
}

static void found_places(void **state)
{
	(void)state;
	struct err e;
	static const char sql[] = "select Stock, stock";
	struct filter *f = filter_compile("stock !select time>1", fields, FIELDS, &e, NULL);
	size_t start = 0, end = 0;
	assert_non_null(f);
	assert_true(filter_find(f, INFO, sql, strlen(sql), &start, &end));
	assert_int_equal(start, 7);
	assert_int_equal(end, 12);
	start = end;
	assert_true(filter_find(f, INFO, sql, strlen(sql), &start, &end));
	assert_int_equal(start, 14);
	start = end;
	assert_false(filter_find(f, INFO, sql, strlen(sql), &start, &end));
	start = 0;
	assert_false(filter_find(f, TIME, sql, strlen(sql), &start, &end));
	filter_free(f);
	f = filter_compile("user~st", fields, FIELDS, &e, NULL);
	start = 0;
	assert_false(filter_find(f, INFO, sql, strlen(sql), &start, &end));
	assert_true(filter_find(f, USER, "best", 4, &start, &end));
	assert_int_equal(start, 2);
	filter_free(f);
}

static void evil_patterns_end(void **state)
{
	(void)state;
	struct buf text = BUF_INIT;
	struct err e;
	buf_fill(&text, 'a', 5000);
	buf_addc(&text, '!');
	struct row row = rows[2];
	row.cells[INFO] = value_text(text.s, (uint32_t)text.len);
	struct filter *f = filter_compile("info~^(a+)+$", fields, FIELDS, &e, NULL);
	assert_non_null(f);
	assert_false(filter_match(f, get, &row));
	filter_free(f);
	row.cells[INFO] = value_text("a\xff\xfe" "b", 4); /* not UTF-8 */
	f = filter_compile("info~b$", fields, FIELDS, &e, NULL);
	assert_true(filter_match(f, get, &row));
	filter_free(f);
	buf_release(&text);
}

static void memo_forgets(void **state)
{
	(void)state;
	struct err e;
	char text[] = "abc";
	struct row row = rows[2];
	row.cells[INFO] = value_text(text, 3);
	struct filter *f = filter_compile("xbc", fields, FIELDS, &e, NULL);
	assert_false(filter_match(f, get, &row));
	text[0] = 'x'; /* other bytes at the same place */
	filter_forget(f);
	assert_true(filter_match(f, get, &row));
	filter_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text),   cmocka_unit_test(comparisons),
		cmocka_unit_test(patterns),     cmocka_unit_test(logic),
		cmocka_unit_test(errors_have_a_place), cmocka_unit_test(numbers),
		cmocka_unit_test(found_places), cmocka_unit_test(evil_patterns_end),
		cmocka_unit_test(memo_forgets),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
