/* GTID sets and positions: read, added, taken away, folded; and whatever else a server might print. */
#include "parse/gtid.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/cmocka_all.h"

#define A "5c73c434-e61d-11f1-acff-02fc00000001"
#define B "6c73c434-e61d-11f1-acff-02fc00000001"

static struct gtid_set set(const char *text)
{
	struct gtid_set s;
	if (!gtid_set_parse(&s, text, strlen(text)))
		fail_msg("not read: %s", text);
	return s;
}

static void prints(const struct gtid_set *s, const char *expected)
{
	struct buf b = BUF_INIT;
	gtid_set_print(&b, s);
	assert_string_equal(buf_str(&b), expected);
	buf_release(&b);
}

static void sets_are_brought_in_order(void **state)
{
	(void)state;
	static const struct {
		const char *text, *normal;
		int64_t count;
	} cases[] = {
		{"", "", 0},
		{" \n", "", 0},
		{A ":1", A ":1", 1},
		{A ":1-5:7", A ":1-5:7", 6},
		{A ":7:1-5:6", A ":1-7", 7},
		{A ":5-3", "", 0},
		{A ":1-9223372036854775806", A ":1-9223372036854775806", INT64_MAX - 1},
		{B ":1,\n" A ":2-3", A ":2-3," B ":1", 3},
		{"5C73C434-E61D-11F1-ACFF-02FC00000001:1-2:2-9", A ":1-9", 9},
		{A ":1-3:tag:5:other:1-2:tag:6", A ":1-3:other:1-2:tag:5-6", 7},
		{A ":Tag_1:5", A ":tag_1:5", 1},
		{A ":1," A ":3," A ":2", A ":1-3", 3},
		{"," A ":1,", A ":1", 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct gtid_set s = set(cases[i].text);
		prints(&s, cases[i].normal);
		assert_int_equal(gtid_set_count(&s), cases[i].count);
		gtid_set_release(&s);
	}
}

static void what_is_no_set_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"x", A, A ":", A ":0", A ":1-", A ":-1", A ":1 " B ":1", A ":9223372036854775807",
		A ":99999999999999999999", A ":1-99999999999999999999", "5c73c434-e61d-11f1-acff:1",
		"5c73c434xe61d-11f1-acff-02fc00000001:1", A ":a_tag_that_is_longer_than_32_letters:1", A ":1;",
		"0-1-2"};
	struct gtid_set s;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		bool read = gtid_set_parse(&s, bad[i], strlen(bad[i]));
		if (strcmp(bad[i], A) == 0) { /* nothing of a source is nothing */
			assert_true(read);
			assert_int_equal(s.n, 0);
		} else if (read) {
			fail_msg("read: %s", bad[i]);
		}
		assert_int_equal(s.n, 0);
		gtid_set_release(&s);
	}
	assert_false(gtid_set_parse(&s, A ":1\0:2", strlen(A) + 5));
}

static void sets_are_added_and_taken_away(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b, *both, *rest;
	} cases[] = {
		{A ":1-10", A ":3-4:10", A ":1-10", A ":1-2:5-9"},
		{A ":1-10", A ":11-20", A ":1-20", A ":1-10"},
		{A ":1-10", A ":1-20", A ":1-20", ""},
		{A ":1-10", B ":1-10", A ":1-10," B ":1-10", A ":1-10"},
		{A ":1-3:tag:1-9", A ":tag:2", A ":1-3:tag:1-9", A ":1-3:tag:1:3-9"},
		{"", A ":1", A ":1", ""},
		{A ":1:3:5:7:9", A ":2-8", A ":1-9", A ":1:9"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct gtid_set a = set(cases[i].a), b = set(cases[i].b), both, rest;
		gtid_set_union(&both, &a, &b);
		gtid_set_subtract(&rest, &a, &b);
		prints(&both, cases[i].both);
		prints(&rest, cases[i].rest);
		assert_true(gtid_set_contains(&both, &a) && gtid_set_contains(&both, &b));
		assert_int_equal(gtid_set_contains(&b, &a), rest.n == 0);
		assert_int_equal(gtid_set_gap(cases[i].a, strlen(cases[i].a), cases[i].b, strlen(cases[i].b)),
				 gtid_set_count(&rest));
		gtid_set_release(&a);
		gtid_set_release(&b);
		gtid_set_release(&both);
		gtid_set_release(&rest);
	}
	assert_int_equal(gtid_set_gap("x", 1, "", 0), -1);
}

static void people_read_names_and_few_ranges(void **state)
{
	(void)state;
	static const struct gtid_name name[] = {{"5C73C434-e61d-11f1-acff-02fc00000001", "db1:3306"}};
	const struct gtid_names names = {name, 1};
	struct gtid_set s = set(A ":1-4711:5000:6000-1234567," B ":7");
	struct buf b = BUF_INIT;
	gtid_set_fold(&b, &s, &names, 0);
	assert_string_equal(buf_str(&b), "db1:3306 1-4,711 5,000 6,000-1,234,567; 6c73c434… 7");
	buf_clear(&b);
	gtid_set_fold(&b, &s, NULL, 1);
	assert_string_equal(buf_str(&b), "5c73c434… 6,000-1,234,567 and 2 older ranges; 6c73c434… 7");
	buf_release(&b);
	gtid_set_release(&s);
}

static int64_t gap(const char *ahead, const char *behind)
{
	return gtid_position_gap(ahead, strlen(ahead), behind, strlen(behind));
}

static void positions_are_compared_by_domain(void **state)
{
	(void)state;
	struct gtid_position p;
	struct buf b = BUF_INIT;
	assert_true(gtid_position_parse(&p, "1-2-5, 0-1-4711", 15));
	gtid_position_fold(&b, &p);
	assert_string_equal(buf_str(&b), "domain 0: 4,711 (server 1); domain 1: 5 (server 2)");
	assert_int_equal(gtid_position_sequence(&p, 1), 5);
	assert_int_equal(gtid_position_sequence(&p, 9), 0);
	gtid_position_release(&p);
	buf_release(&b);
	assert_int_equal(gap("0-1-10,1-1-5", "0-1-7,1-2-5"), 3);
	assert_int_equal(gap("0-1-10", "0-1-12"), 0);
	assert_int_equal(gap("0-1-10,0-2-12", "0-1-9"), 3);
	assert_int_equal(gap("0-1-10,5-1-1", "0-1-10"), -1);
	assert_int_equal(gap("", "0-1-10"), 0);
	assert_int_equal(gap("0-1-18446744073709551615", "0-1-1"), INT64_MAX);
	static const char *const bad[] = {"x", "0-1", "0-1-", "0-1-2-3", "4294967296-1-1", "0-1-2 3",
					  "0-1-18446744073709551616", A ":1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (gtid_position_parse(&p, bad[i], strlen(bad[i])))
			fail_msg("read: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_brought_in_order),
		cmocka_unit_test(what_is_no_set_is_refused),
		cmocka_unit_test(sets_are_added_and_taken_away),
		cmocka_unit_test(people_read_names_and_few_ranges),
		cmocka_unit_test(positions_are_compared_by_domain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
