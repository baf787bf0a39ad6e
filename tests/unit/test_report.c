/* Reports: the document that is made of samples, and what each writer makes of it. */
#include <stdio.h>

#include "base/mem.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/reportkit.h"

static struct report_kit kit;

static int open_kit(void **state)
{
	(void)state;
	reportkit_open(&kit);
	return 0;
}

static int close_kit(void **state)
{
	(void)state;
	reportkit_close(&kit);
	return 0;
}

/* 812 sleeps in a transaction, three wait behind it. */
static void add_pile(void)
{
	for (int i = 0; i < 12; i++) {
		kit_row(&kit.kit, PART_PROCESSLIST,
			"id=812 kind=user user=batch host=web1 command=Sleep state=idle_in_transaction time=372 "
			"transaction_age=372 blocks=3 last_statement=UPDATE_stock_SET_n=17");
		for (int w = 0; w < 3; w++) {
			char row[200];
			snprintf(row, sizeof row,
				 "id=90%d kind=user user=app host=web2 command=Query time=5 "
				 "state=waits_for_row_lock blocked_by=812 info=UPDATE_stock", w);
			kit_row(&kit.kit, PART_PROCESSLIST, row);
			snprintf(row, sizeof row,
				 "id=90%d:812 waiter=90%d blocker=812 kind=row_lock suspect=0 wait_age=5 "
				 "table=shop.stock", w, w);
			kit_row(&kit.kit, PART_BLOCKING, row);
		}
		reportkit_tick(&kit, 1);
	}
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in:\n%s", part, text);
}

static void culprit_is_named(void **state)
{
	(void)state;
	add_pile();
	struct report *r = reportkit_build(&kit);
	assert_string_equal(r->verdict_id, "row-lock-pileup");
	assert_int_equal(r->severity, SEVERITY_CRITICAL);
	const char *text = reportkit_write(&kit, report_write_text);
	has(text, "row-lock-pileup");
	has(text, "session 812");
	has(text, "kill-connection");
}

static void quiet_server(void **state)
{
	(void)state;
	kit_row(&kit.kit, PART_PROCESSLIST, "id=5 kind=user user=app host=web1 command=Sleep time=1");
	reportkit_tick(&kit, 1);
	struct report *r = reportkit_build(&kit);
	assert_null(r->verdict_id);
	assert_int_equal(r->severity, SEVERITY_OK);
	has(reportkit_write(&kit, report_write_text), "Nothing was found to be wrong.");
}

/* --- documents by hand -------------------------------------------------------------------------- */

enum { NAME, NUMBER, N_COLUMNS };
static const struct report_column columns[] = {
	[NAME] = {.name = "name", .title = "Name"},
	[NUMBER] = {.name = "bytes", .title = "Size", .unit = UNIT_BYTES},
};

static struct report_section *page(void)
{
	kit.report = report_new("db1");
	return report_section(kit.report, "page", "Page");
}

static void all_kinds_of_blocks(void **state)
{
	(void)state;
	struct report_section *s = page();
	report_say(s, "Of %s.", "something");
	report_fact(s, "size", UNIT_BYTES, value_int(1536), "odd");
	report_fact(s, "age", UNIT_SECONDS, VALUE_NONE, NULL);
	struct report_table *t = report_table(s, "things", "Things", columns, N_COLUMNS);
	for (int i = 0; i < 20; i++) {
		report_row(t);
		report_cell_text(t, NAME, "thing %d", i);
		report_cell(t, NUMBER, value_int(1024 * i));
	}
	report_code(s, "SELECT 1;\nSELECT 2;");
	const char *text = reportkit_write(&kit, report_write_text);
	has(text, "Of something.");
	has(text, "size                          1.50K  (odd)");
	has(text, "age                           –");
	has(text, "thing 19  19.0K");
	has(text, "    SELECT 1;\n    SELECT 2;\n");
}

static void empty_sections_are_left_out(void **state)
{
	(void)state;
	report_table(page(), "things", "Things", columns, N_COLUMNS);
	has_not(reportkit_write(&kit, report_write_text), "Page");
}

static void terminal_is_safe(void **state)
{
	(void)state;
	struct report_section *s = page();
	report_say(s, "a\033[2Jb %s", "\xe2\x80\xae");
	struct report_table *t = report_table(s, "things", "Things", columns, N_COLUMNS);
	report_row(t);
	report_cell(t, NAME, value_str("x\033]0;y\a\r\nz"));
	const char *text = reportkit_write(&kit, report_write_text);
	has_not(text, "\033");
	has_not(text, "\a");
	has_not(text, "\r");
	has_not(text, "\xe2\x80\xae");
}

#define KIT_TEST(f) cmocka_unit_test_setup_teardown(f, open_kit, close_kit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(culprit_is_named),
		KIT_TEST(quiet_server),
		KIT_TEST(all_kinds_of_blocks),
		KIT_TEST(empty_sections_are_left_out),
		KIT_TEST(terminal_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
