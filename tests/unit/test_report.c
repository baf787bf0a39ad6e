/* Reports: the document that is made of samples, and what each writer makes of it. */
#include <jansson.h>
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

static void hostile_table(void)
{
	struct report_section *s = page();
	report_say(s, "# not a heading, `code`, <b>bold</b> & _this_");
	struct report_table *t = report_table(s, "things", "Things", columns, N_COLUMNS);
	report_row(t);
	report_cell(t, NAME, value_str("a|b`c\nd<script>alert(1)</script>\"'&"));
	report_cell(t, NUMBER, value_int(5));
	report_row(t);
}

/* Columns of each line of a table: unescaped bars less one. */
static int bars(const char *line, size_t n)
{
	int found = 0;
	for (size_t i = 0; i < n; i++)
		found += line[i] == '|' && (!i || line[i - 1] != '\\');
	return found;
}

static void markdown_tables_hold(void **state)
{
	(void)state;
	hostile_table();
	const char *text = reportkit_write(&kit, report_write_markdown);
	unsigned lines = 0;
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1)
		if (*p == '|') {
			assert_int_equal(bars(p, strcspn(p, "\n")), N_COLUMNS + 1);
			lines++;
		}
	assert_int_equal(lines, 4);
	has(text, "| a\\|b\\`c d\\<script\\>");
	has(text, "\n\\# not a heading, \\`code\\`, \\<b\\>");
	has(text, "\\_this\\_");
}

static void markdown_fences_are_long_enough(void **state)
{
	(void)state;
	report_code(page(), "SELECT '````';\n```");
	has(reportkit_write(&kit, report_write_markdown), "\n`````\nSELECT '````';\n```\n`````\n");
}

static void html_is_escaped(void **state)
{
	(void)state;
	hostile_table();
	const char *text = reportkit_write(&kit, report_write_html);
	has_not(text, "<script");
	has_not(text, "<b>bold");
	has(text, "a|b`c d&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;");
	has_not(text, "http:");
	has_not(text, "https:");
}

static void json_is_a_line_each(void **state)
{
	(void)state;
	add_pile();
	reportkit_build(&kit);
	const char *text = reportkit_write(&kit, report_write_json);
	json_error_t e;
	json_t *o = json_loads(text, 0, &e);
	assert_non_null(o);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "row-lock-pileup");
	json_t *list = json_object_get(o, "findings"), *first = json_array_get(list, 0);
	/* The cause leads, though its symptom is worse. */
	assert_string_equal(json_string_value(json_object_get(first, "id")), "idle-in-transaction");
	assert_string_equal(json_string_value(json_array_get(json_object_get(first, "causes"), 0)),
			    "row-lock-pileup");
	json_t *culprit = json_array_get(json_object_get(first, "culprits"), 0);
	assert_string_equal(json_string_value(json_object_get(culprit, "kind")), "session");
	assert_string_equal(json_string_value(json_object_get(culprit, "id")), "812");
	assert_true(json_is_array(json_object_get(first, "actions")));
	assert_true(json_is_number(json_object_get(first, "confidence")));
	json_decref(o);
}

static void nothing_wrong_is_null(void **state)
{
	(void)state;
	kit_row(&kit.kit, PART_PROCESSLIST, "id=5 kind=user user=app host=web1 command=Sleep time=1");
	reportkit_tick(&kit, 1);
	reportkit_build(&kit);
	has(reportkit_write(&kit, report_write_json), "\"verdict\":null,");
}

static void culprit_in_all_formats(void **state)
{
	(void)state;
	static void (*const writers[])(struct buf *, const struct report_book *) = {
		report_write_text, report_write_markdown, report_write_html, report_write_json};
	add_pile();
	reportkit_build(&kit);
	for (unsigned i = 0; i < COUNT_OF(writers); i++) {
		const char *text = reportkit_write(&kit, writers[i]);
		has(text, "812");
		has(text, "row-lock-pileup");
		has(text, "batch@web1");
	}
}

/* Who never answered has a report that says so, and claims nothing else. */
static void never_reached(void **state)
{
	(void)state;
	struct err lost;
	err_set(&lost, ERR_CONNECT, "db1", "connection refused", NULL);
	kit.kit.link = LINK_DOWN;
	kit.kit.err = lost;
	kit.in.lost = &lost;
	reportkit_tick(&kit, 1);
	struct report *r = reportkit_build(&kit);
	assert_true(r->partial);
	assert_null(r->verdict_id);
	const char *text = reportkit_write(&kit, report_write_text);
	has(text, "PARTIAL REPORT");
	has(text, "connection refused");
	has_not(text, "Nothing was found");
	has(reportkit_write(&kit, report_write_json), "\"partial\":true");
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
		KIT_TEST(markdown_tables_hold),
		KIT_TEST(markdown_fences_are_long_enough),
		KIT_TEST(html_is_escaped),
		KIT_TEST(json_is_a_line_each),
		KIT_TEST(nothing_wrong_is_null),
		KIT_TEST(culprit_in_all_formats),
		KIT_TEST(never_reached),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
