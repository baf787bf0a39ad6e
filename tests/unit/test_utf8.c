#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tests/unit/cmocka_all.h"

static void check_scrub(const char *in, size_t n, const char *want)
{
	struct buf b = BUF_INIT;
	utf8_scrub(&b, in, n);
	assert_string_equal(buf_str(&b), want);
	assert_true(utf8_valid(b.s, b.len));
	buf_release(&b);
}

static void scrub_makes_text_harmless(void **state)
{
	(void)state;
	check_scrub("a\tb\r\nc\nd", 8, "a b c d");
	check_scrub("\x1b[2Jx", 5, "\xEF\xBF\xBD[2Jx");
	check_scrub("\xc2\x9b" "31m", 5, "\xEF\xBF\xBD" "31m"); /* C1 CSI */
	check_scrub("a\xe2\x80\xae" "b", 5, "a\xEF\xBF\xBD" "b"); /* right-to-left override */
	check_scrub("\xff\xfe", 2, "\xEF\xBF\xBD\xEF\xBF\xBD");
	check_scrub("a\0b", 3, "a\xEF\xBF\xBD" "b");
	check_scrub("\xea\xb9\x80", 3, "\xea\xb9\x80");
}

static void scrub_bounds_combining_marks(void **state)
{
	(void)state;
	struct buf in = BUF_INIT, out = BUF_INIT;
	buf_adds(&in, "e");
	for (int i = 0; i < 100; i++)
		buf_adds(&in, "\xcc\x81");
	utf8_scrub(&out, in.s, in.len);
	assert_int_equal(out.len, 1 + 8 * 2);
	buf_release(&in);
	buf_release(&out);
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(utf8_width("abc", 3), 3);
	assert_int_equal(utf8_width("\xea\xb9\x80\xeb\xaf\xbc", 6), 4);
	assert_int_equal(utf8_width("e\xcc\x81x", 4), 2);
	/* man, ZWJ, woman, ZWJ, girl: one cluster of two cells */
	const char *family = "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7";
	int w;
	assert_int_equal(utf8_cluster(family, strlen(family), &w), strlen(family));
	assert_int_equal(w, 2);
	assert_int_equal(utf8_fit("\xea\xb9\x80\xeb\xaf\xbc", 6, 3), 3);
}

static void repair_keeps_what_is_valid(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	utf8_repair(&b, "a\x1b\n\xffz", 5);
	assert_string_equal(buf_str(&b), "a\x1b\n\xEF\xBF\xBDz");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scrub_makes_text_harmless),
		cmocka_unit_test(scrub_bounds_combining_marks),
		cmocka_unit_test(widths),
		cmocka_unit_test(repair_keeps_what_is_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
