/* Reports: the document that is made of samples, and what each writer makes of it. */
#include <jansson.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "diagnose/redact.h"
#include "diagnose/reportcompare.h"
#include "diagnose/reportpast.h"
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
	has(text, "kill-connection               KILL CONNECTION 812\n");
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

/* Whatever stands in it: no line is wider than a hundred cells, and nothing is lost. */
static void tables_keep_to_the_width(void **state)
{
	(void)state;
	static const struct report_column wide[] = {
		{.name = "a", .title = "Key"}, {.name = "b", .title = "Long"}, {.name = "c", .title = "Longer"},
		{.name = "d", .title = "Size", .unit = UNIT_BYTES}, {.name = "e", .title = "Words"},
	};
	struct report_table *t = report_table(page(), "things", "Things", wide, COUNT_OF(wide));
	for (int i = 0; i < 9; i++) {
		report_row(t);
		report_cell_text(t, 0, "some_setting_number_%d", i);
		report_cell(t, 1, value_str("/a/path/without/any/blank/in/it/that/is/longer/than/its/column/can/be"));
		report_cell(t, 2, value_str("many words that are not so long, and more of them, until there is no room"));
		report_cell(t, 3, value_int(5));
		report_cell_text(t, 4, "the last one goes on and on, up to word number %d", i);
	}
	const char *text = reportkit_write(&kit, report_write_text);
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1)
		assert_true(utf8_width(p, strcspn(p, "\n")) <= 100);
	has(text, "some_setting_number_8  ");
	has_not(text, "…");
}

/* Numbers cannot be broken: a few rows of many are told one under the other. */
static void wide_rows_become_records(void **state)
{
	(void)state;
	static struct report_column many[20];
	static char titles[20][16];
	for (unsigned i = 0; i < COUNT_OF(many); i++) {
		snprintf(titles[i], sizeof titles[i], "Number %u", i);
		many[i] = (struct report_column){.name = titles[i], .title = titles[i], .unit = UNIT_COUNT};
	}
	struct report_table *t = report_table(page(), "things", "Things", many, COUNT_OF(many));
	report_row(t);
	for (unsigned i = 0; i < COUNT_OF(many); i += 2)
		report_cell(t, i, value_int(100 + i));
	const char *text = reportkit_write(&kit, report_write_text);
	has(text, "    Number 18                     118\n");
	has_not(text, "Number 17");
}

static void statements_keep_their_lines(void **state)
{
	(void)state;
	static void (*const writers[])(struct buf *, const struct report_book *) = {
		report_write_text, report_write_markdown, report_write_html};
	struct finding f = {.id = "x", .title = "X", .text = "x", .severity = SEVERITY_WARNING, .n_steps = 1,
			    .steps = {{STEP_SQL, "STOP SLAVE; -- a remark\nSTART SLAVE;"}}};
	report_finding(page(), &f);
	for (unsigned i = 0; i < COUNT_OF(writers); i++)
		has(reportkit_write(&kit, writers[i]), i ? "remark\nSTART SLAVE;" : "remark\n        START SLAVE;");
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

/* `1. ` begins a list, 97.5 does not. */
static void markdown_numbers_are_numbers(void **state)
{
	(void)state;
	struct report_section *s = page();
	report_say(s, "97.5 of 100");
	report_say(s, "1. not an item");
	const char *text = reportkit_write(&kit, report_write_markdown);
	has(text, "\n97.5 of 100\n");
	has(text, "\n1\\. not an item\n");
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
		has(text, i == 3 ? "\"right\":\"" : "Right move");
		has(text, i == 3 ? "\"wrong\":\"" : "Wrong move");
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
	text = reportkit_write(&kit, report_write_markdown);
	has(text, "**PARTIAL REPORT:** db1: connection refused");
	has_not(text, "Nothing was found");
	text = reportkit_write(&kit, report_write_html);
	has(text, ">partial report</span> db1: connection refused");
	has_not(text, "Nothing was found");
}

/* --- sections --------------------------------------------------------------------------------- */

static const struct report_table *table_of(const struct report *r, const char *section, const char *name)
{
	const struct report_section *s = report_section_by_id(r, section);
	assert_non_null(s);
	for (const struct report_block *b = s->first; b; b = b->next)
		if (b->kind == REPORT_TABLE && strcmp(b->table->name, name) == 0)
			return b->table;
	return NULL;
}

static double number(const struct report_table *t, unsigned row, const char *column)
{
	for (unsigned k = 0; k < t->n_columns; k++)
		if (strcmp(t->columns[k].name, column) == 0)
			return value_number(report_cell_at(t, row, k), -1);
	fail_msg("no column %s", column);
	return -1;
}

static const char *text(const struct report_table *t, unsigned row, const char *column)
{
	for (unsigned k = 0; k < t->n_columns; k++)
		if (strcmp(t->columns[k].name, column) == 0)
			return value_cstr(report_cell_at(t, row, k));
	fail_msg("no column %s", column);
	return "";
}

static void no_host_is_said(void **state)
{
	(void)state;
	kit_row(&kit.kit, PART_PROCESSLIST, "id=5 kind=user user=app host=web1 command=Sleep time=1");
	kit_lacks(&kit.kit, PART_HOST_CPU, PART_UNSUPPORTED, "no way to the host is configured");
	reportkit_tick(&kit, 1);
	reportkit_build(&kit);
	const char *text = reportkit_write(&kit, report_write_text);
	has(text, "not applicable: no host data: no way to the host");
	/* What takes longer than this was sampled is not claimed to be well. */
	has(text, "What shows over a longer time only can have been missed: ");
}

static void rules_that_could_not_judge(void **state)
{
	(void)state;
	unsigned n = 0;
	while (rules[n])
		n++;
	const char **blind = xcalloc(n + 1, sizeof *blind);
	for (unsigned i = 0; i < n; i++)
		if (strcmp(rules[i]->id, "host-memory") == 0)
			blind[i] = "no host data";
	kit.in.blind = blind;
	reportkit_tick(&kit, 1);
	const struct report_table *t = table_of(reportkit_build(&kit), "findings", "not_judged");
	assert_int_equal(t->n_rows, 1);
	assert_string_equal(text(t, 0, "id"), "host-memory");
	assert_string_equal(text(t, 0, "why"), "not applicable: no host data");
	free(blind);
}

static void statements(const char *a, const char *b)
{
	kit_row(&kit.kit, PART_STATEMENTS, a);
	kit_row(&kit.kit, PART_STATEMENTS, b);
	reportkit_tick(&kit, 10);
}

/* What counts is what was added while it was sampled, not what has been since the server's start. */
static void top_statements_of_the_time_sampled(void **state)
{
	(void)state;
	statements("id=old digest=old calls=1000 time=900 rows_examined=5",
		   "id=new digest=new calls=10 time=1 rows_examined=100");
	statements("id=old digest=old calls=1001 time=900.5 rows_examined=5",
		   "id=new digest=new calls=20 time=4 rows_examined=1100");
	const struct report *r = reportkit_build(&kit);
	const struct report_table *t = table_of(r, "workload", "by_time");
	assert_string_equal(text(t, 0, "digest"), "new");
	assert_float_equal(number(t, 0, "calls"), 10, 1e-9);
	assert_float_equal(number(t, 0, "mean"), 0.3, 1e-9);
	t = table_of(r, "workload", "by_rows_examined");
	assert_int_equal(t->n_rows, 1);
	assert_float_equal(number(t, 0, "rows_examined"), 100, 1e-9);
}

/* Who looks is not what is looked at; an application that chose a schema is never taken for it. */
static void own_statements_are_left_out(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"id=a text=SELECT_/*+_MAX~EXECUTION~TIME_(?)_*/_NAME_AS_`name`_FROM_"
		"`information~schema`_._`INNODB~METRICS`",
		"id=b text=SET_STATEMENT_MAX~STATEMENT~TIME_=_?_FOR_SELECT_ID_AS_`id`_FROM_"
		"`performance~schema`_._`threads`",
		"id=c text=SHOW_GLOBAL_STATUS_WHERE_?_OR_`Variable~name`_IN_(...)",
		"id=d db=shop text=SELECT_/*+_MAX~EXECUTION~TIME_(?)_*/_`id`_FROM_`mysql`_._`user`",
		"id=e text=SELECT_/*+_MAX~EXECUTION~TIME_(?)_*/_`id`_FROM_`shop`_._`stock`",
		"id=f text=SELECT_*_FROM_`information~schema`_._`INNODB~METRICS`",
	};
	for (int i = 1; i <= 2; i++) {
		for (unsigned r = 0; r < COUNT_OF(rows); r++) {
			char row[300];
			snprintf(row, sizeof row, "%s digest=%c calls=%d time=%d rows_examined=%d", rows[r],
				 (char)('a' + r), 10 * i, 10 * i, 100 * i);
			kit_row(&kit.kit, PART_STATEMENTS, row);
		}
		reportkit_tick(&kit, 10);
	}
	const struct report_table *t = table_of(reportkit_build(&kit), "workload", "by_time");
	assert_int_equal(t->n_rows, 3);
	for (unsigned r = 0; r < t->n_rows; r++)
		assert_non_null(strchr("def", text(t, r, "digest")[0]));
	has(reportkit_write(&kit, report_write_text),
	    "Left out: statements as fathom sends them, 50.0% of the time and 50.0% of the rows examined.");
}

static void slower_than_before(void **state)
{
	(void)state;
	struct buf kept = BUF_INIT;
	statements("id=a digest=a calls=100 time=1 rows_examined=100",
		   "id=b digest=b calls=100 time=1 rows_examined=100");
	reportkit_build(&kit);
	report_past_write(&kept, &kit.in);
	struct report_past *past = report_past_read(buf_str(&kept), kept.len);
	assert_non_null(past);
	statements("id=a digest=a calls=200 time=2 rows_examined=200",
		   "id=b digest=b calls=200 time=6 rows_examined=5100");
	kit.in.past = past;
	const struct report_table *t = table_of(reportkit_build(&kit), "workload", "regressions");
	assert_int_equal(t->n_rows, 1);
	assert_string_equal(text(t, 0, "digest"), "b");
	assert_float_equal(number(t, 0, "factor"), 5, 1e-9);
	assert_float_equal(number(t, 0, "mean"), 0.05, 1e-9);
	assert_float_equal(number(t, 0, "rows_examined"), 50, 1e-9);
	report_past_free(past);
	buf_release(&kept);
	assert_null(report_past_read("{}", 2));
	assert_null(report_past_read("[1", 2));
}

/* What a server of this kind does not have is no gap. */
static void what_is_not_there_is_not_unseen(void **state)
{
	(void)state;
	kit_lacks(&kit.kit, PART_GROUP, PART_UNSUPPORTED, "MariaDB has nothing like it");
	kit_lacks(&kit.kit, PART_BINLOG, PART_UNSUPPORTED, "it is off");
	reportkit_tick(&kit, 1);
	const struct report_table *t = table_of(reportkit_build(&kit), "unseen", "parts");
	bool binlog = false;
	for (unsigned r = 0; r < t->n_rows; r++) {
		assert_string_not_equal(text(t, r, "part"), "Group members");
		binlog |= strcmp(text(t, r, "reason"), "it is off") == 0;
	}
	assert_true(binlog);
}

static void grants_are_collected(void **state)
{
	(void)state;
	kit_lacks(&kit.kit, PART_INNODB, PART_DENIED, "needs PROCESS: GRANT PROCESS ON *.* TO 'f'@'%'");
	kit_lacks(&kit.kit, PART_TRANSACTIONS, PART_DENIED,
		  "needs PROCESS: GRANT PROCESS ON *.* TO 'f'@'%'; GRANT SELECT ON x.* TO 'f'@'%'");
	reportkit_tick(&kit, 1);
	reportkit_build(&kit);
	has(reportkit_write(&kit, report_write_text),
	    "    GRANT PROCESS ON *.* TO 'f'@'%';\n    GRANT SELECT ON x.* TO 'f'@'%';\n");
}

/* --- several ---------------------------------------------------------------------------------- */

static void odd_one_out(void **state)
{
	(void)state;
	static struct report_kit kits[3];
	static const char *const names[] = {"db1", "db2", "db3"};
	struct report_input in[3];
	struct report *reports[3];
	for (int i = 0; i < 3; i++) {
		reportkit_open(&kits[i]);
		kits[i].in.target = names[i];
		kit_variable(&kits[i].kit, "sync_binlog", i == 1 ? 0 : 1);
		kit_variable(&kits[i].kit, "server_id", i);
		kit_variable(&kits[i].kit, "max_connections", 100);
		reportkit_tick(&kits[i], 1);
		reports[i] = reportkit_build(&kits[i]);
		in[i] = kits[i].in;
	}
	struct report *c = report_compare(in, reports, 3);
	const struct report_table *t = table_of(c, "settings", "settings");
	assert_int_equal(t->n_rows, 1);
	assert_string_equal(text(t, 0, "name"), "sync_binlog");
	assert_string_equal(text(t, 0, "odd_one_out"), "db2");
	assert_float_equal(number(t, 0, "db2"), 0, 0);
	report_free(c);
	for (int i = 0; i < 3; i++)
		reportkit_close(&kits[i]);
}

/* A replica that stands still does not lag, as far as numbers go. */
static void a_broken_replica_is_named(void **state)
{
	(void)state;
	static struct report_kit kits[2];
	static const char *const names[] = {"db1", "db2"};
	struct report_input in[2];
	struct report *reports[2];
	for (int i = 0; i < 2; i++) {
		reportkit_open(&kits[i]);
		kits[i].in.target = names[i];
		if (i)
			kit_row(&kits[i].kit, PART_REPLICATION,
				"channel=x source_host=db1 source_port=3306 io_running=Yes sql_running=No sql_errno=1062 "
				"sql_error=Duplicate");
		reportkit_tick(&kits[i], 1);
		reports[i] = reportkit_build(&kits[i]);
		in[i] = kits[i].in;
	}
	struct report *c = report_compare(in, reports, 2);
	const struct report_section *s = report_section_by_id(c, "odd");
	assert_int_equal(s->first->kind, REPORT_TEXT);
	has(s->first->text, "db2 does not replicate from x (db1:3306): ");
	assert_true(s->first == s->last);
	report_free(c);
	for (int i = 0; i < 2; i++)
		reportkit_close(&kits[i]);
}

/* --- redaction -------------------------------------------------------------------------------- */

static void nothing_of_anybody_is_left(void **state)
{
	(void)state;
	static void (*const writers[])(struct buf *, const struct report_book *) = {
		report_write_text, report_write_markdown, report_write_html, report_write_json};
	add_pile();
	struct report *r = reportkit_build(&kit);
	r->head = json_pack("{s:{s:s,s:s}}", "target", "name", "batch@web1", "host", "web1");
	struct redact *names = redact_new();
	redact_learn(names, kit.kit.last);
	redact_seal(names);
	redact_report(names, r);
	redact_free(names);
	for (unsigned i = 0; i < COUNT_OF(writers); i++) {
		const char *out = reportkit_write(&kit, writers[i]);
		has_not(out, "batch");
		has_not(out, "web1");
		has_not(out, "17");
		has(out, "user-2@host-1");
		has(out, "812");
		has(out, "shop.stock");
	}
}

#define KIT_TEST(f) cmocka_unit_test_setup_teardown(f, open_kit, close_kit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(culprit_is_named),
		KIT_TEST(quiet_server),
		KIT_TEST(all_kinds_of_blocks),
		KIT_TEST(tables_keep_to_the_width),
		KIT_TEST(wide_rows_become_records),
		KIT_TEST(statements_keep_their_lines),
		KIT_TEST(empty_sections_are_left_out),
		KIT_TEST(terminal_is_safe),
		KIT_TEST(markdown_tables_hold),
		KIT_TEST(markdown_numbers_are_numbers),
		KIT_TEST(markdown_fences_are_long_enough),
		KIT_TEST(html_is_escaped),
		KIT_TEST(json_is_a_line_each),
		KIT_TEST(nothing_wrong_is_null),
		KIT_TEST(culprit_in_all_formats),
		KIT_TEST(never_reached),
		KIT_TEST(no_host_is_said),
		KIT_TEST(rules_that_could_not_judge),
		KIT_TEST(top_statements_of_the_time_sampled),
		KIT_TEST(own_statements_are_left_out),
		KIT_TEST(slower_than_before),
		KIT_TEST(what_is_not_there_is_not_unseen),
		KIT_TEST(grants_are_collected),
		cmocka_unit_test(odd_one_out),
		cmocka_unit_test(a_broken_replica_is_named),
		KIT_TEST(nothing_of_anybody_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
