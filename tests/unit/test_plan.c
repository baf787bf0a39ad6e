#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "parse/plan.h"
#include "tests/unit/cmocka_all.h"

static const char *top(void)
{
	const char *dir = getenv("srcdir");
	return dir ? dir : ".";
}

static bool read_file(struct buf *out, const char *path)
{
	char chunk[4096];
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_add(out, chunk, n);
	fclose(f);
	return true;
}

static bool parse_table(struct plan *p, char *text, struct err *e)
{
	enum { MOST = 32, MOST_CELLS = 1024 };
	const char *names[MOST], *cells[MOST_CELLS];
	size_t n_names = 0, n_cells = 0;
	char *lines = text, *line = strsep(&lines, "\n"), *cell;
	while ((cell = strsep(&line, "\t"))) {
		assert_true(n_names < MOST);
		names[n_names++] = cell;
	}
	while ((line = strsep(&lines, "\n")) && *line)
		for (size_t i = 0; i < n_names; i++) {
			assert_true(n_cells < MOST_CELLS);
			cell = strsep(&line, "\t");
			cells[n_cells++] = cell && strcmp(cell, "NULL") != 0 ? cell : NULL;
		}
	return plan_from_rows(p, names, n_names, cells, n_cells / n_names, e);
}

/* A file of tests/fixtures/plan holds plans that a real server gave, each behind a line `### name:
   statement`. The file of the same name that ends in .tree holds what they are to look like; with
   GOLDEN_UPDATE in the environment it is written. */
static void check_fixture(const char *name, enum plan_format format)
{
	struct buf path = BUF_INIT, in = BUF_INIT, got = BUF_INIT, want = BUF_INIT;
	buf_addf(&path, "%s/tests/fixtures/plan/%s", top(), name);
	if (!read_file(&in, path.s))
		fail_msg("cannot read %s", path.s);
	int plans = 0;
	for (char *at = in.s, *next; at && *at; at = next) {
		next = strstr(at + 1, "\n### ");
		if (next)
			*next++ = '\0';
		char *text = strchr(at, '\n');
		assert_non_null(text);
		*text++ = '\0';
		buf_addf(&got, "%s\n", at);

		struct plan p;
		struct err e = {0};
		bool ok = format == PLAN_TABLE ? parse_table(&p, text, &e)
					       : plan_parse(&p, text, strlen(text), &e);
		if (!ok)
			fail_msg("%s, %s: %s", name, at, e.why);
		assert_int_equal(p.format, format);
		plan_to_tree_text(&got, &p, false);
		plan_release(&p);
		plans++;
	}
	assert_true(plans > 0);
	memcpy(path.s + path.len - 3, "tre", 3);
	buf_addc(&path, 'e');
	if (getenv("GOLDEN_UPDATE")) {
		FILE *f = fopen(path.s, "wb");
		assert_non_null(f);
		fwrite(got.s, 1, got.len, f);
		fclose(f);
	}
	assert_true(read_file(&want, path.s));
	assert_string_equal(got.s, want.s);
	buf_release(&path);
	buf_release(&in);
	buf_release(&got);
	buf_release(&want);
}

static void real_plans(void **state)
{
	(void)state;
	check_fixture("mysql-9.7-json1.txt", PLAN_JSON);
	check_fixture("mysql-9.7-json2.txt", PLAN_JSON2);
	check_fixture("mysql-9.7-json2-analyze.txt", PLAN_JSON2);
	check_fixture("mysql-9.7-tree.txt", PLAN_TREE);
	check_fixture("mysql-9.7-tree-analyze.txt", PLAN_TREE);
	check_fixture("mysql-9.7-table.txt", PLAN_TABLE);
	check_fixture("mariadb-10.11-json.txt", PLAN_JSON);
	check_fixture("mariadb-10.11-json-analyze.txt", PLAN_JSON);
	check_fixture("mariadb-10.11-table.txt", PLAN_TABLE);
	check_fixture("mariadb-10.11-table-analyze.txt", PLAN_TABLE);
	check_fixture("mariadb-10.11-show-analyze.txt", PLAN_JSON);
	check_fixture("mariadb-10.11-show-analyze-table.txt", PLAN_TABLE);
	check_fixture("mariadb-10.11-show-explain.txt", PLAN_TABLE);
}

static void parse_ok(struct plan *p, const char *text)
{
	struct err e = {0};
	if (!plan_parse(p, text, strlen(text), &e))
		fail_msg("%s", e.why);
}

static void fields_of_json(void **state)
{
	(void)state;
	struct plan p;
	parse_ok(&p, "{\"query_block\": {\"select_id\": 1, \"r_loops\": 1, \"table\": {"
		     "\"table_name\": \"o\", \"access_type\": \"range\", "
		     "\"possible_keys\": [\"a\", \"b\"], \"key\": \"a\", \"key_length\": \"5\", "
		     "\"ref\": [\"const\", \"x.y\"], \"rows\": 18446744073709551615, "
		     "\"r_loops\": 3, "
		     "\"r_rows\": 2.5, \"filtered\": \"12.50\", \"r_filtered\": null, "
		     "\"r_table_time_ms\": 1.5, \"r_other_time_ms\": 0.25, "
		     "\"index_condition\": \"i\", \"attached_condition\": \"c\", "
		     "\"used_columns\": [\"p\", \"q\"], \"new\": {\"x\": {\"y\": 7}}}}, "
		     "\"query_optimization\": {\"r_total_time_ms\": 0.5}}");
	const struct plan_node *select = plan_next(&p, NULL), *n = plan_next(&p, select);
	assert_string_equal(select->op, "Select #1");
	assert_true(p.analyzed && !p.running);
	assert_ptr_equal(n->parent, select);
	assert_null(plan_next(&p, n));
	assert_int_equal(n->depth, 1);
	assert_int_equal(n->select, 1);
	assert_string_equal(n->op, "Index range scan on o using a (const, x.y)");
	assert_string_equal(n->table, "o");
	assert_string_equal(n->access, "range");
	assert_string_equal(n->possible_keys, "a, b");
	assert_string_equal(n->key, "a");
	assert_string_equal(n->key_len, "5");
	assert_string_equal(n->ref, "const, x.y");
	assert_string_equal(n->condition, "c");
	assert_string_equal(n->index_condition, "i");
	assert_string_equal(n->extra, "Using index condition");
	assert_true(n->rows > 1e19 && n->r_rows == 2.5 && n->r_loops == 3);
	assert_true(n->filtered == 12.5 && isnan(n->r_filtered) && isnan(n->cost));
	assert_true(n->time_ms == 1.75);
	plan_release(&p);
}

static void details_keep_what_is_unknown(void **state)
{
	(void)state;
	struct plan p;
	parse_ok(&p, "{\"query_block\": {\"table\": {\"table_name\": \"o\", "
		     "\"a\": [1, \"b\", true], "
		     "\"n\": {\"x\": {\"y\": 7}, \"z\": [{\"q\": \"r\"}]}}, "
		     "\"odd_thing\": "
		     "{\"table\": {\"table_name\": \"u\", \"access_type\": \"odd\"}}}, "
		     "\"all\": 5}");
	const struct plan_node *n = p.root->child;
	const struct plan_detail *d = n->details;
	assert_string_equal(d->name, "a");
	assert_string_equal(d->value, "1, b, yes");
	d = d->next;
	assert_string_equal(d->name, "n.x.y");
	assert_string_equal(d->value, "7");
	d = d->next;
	assert_string_equal(d->name, "n.z.q");
	assert_string_equal(d->value, "r");
	assert_null(d->next);
	assert_string_equal(n->next->op, "Odd thing");
	assert_string_equal(n->next->child->op, "odd on u");
	assert_string_equal(p.details->name, "all");
	plan_release(&p);
}

/* MariaDB up to 10.8 or so: members of one object that have the same name. */
static void tables_of_older_servers(void **state)
{
	(void)state;
	struct plan p;
	struct buf b = BUF_INIT;
	parse_ok(&p, "{\"query_block\": {\"select_id\": 1,"
		     "\"table\": {\"table_name\": \"a\", \"access_type\": \"ALL\", \"rows\": 300},"
		     "\"block-nl-join\": {"
		     "\"table\": {\"table_name\": \"b\", \"access_type\": \"ALL\", \"rows\": 500},"
		     "\"buffer_type\": \"flat\", \"attached_condition\": \"(b.x = a.x)\"},"
		     "\"table\": "
		     "{\"table_name\": \"c\", \"access_type\": \"ref\", \"key\": \"k\"}}}");
	plan_to_tree_text(&b, &p, true);
	assert_string_equal(b.s, "Select #1\n"
				 "|- Table scan on a  rows 300  ! full scan\n"
				 "|- Block nested loop join  ! join without index\n"
				 "|  |    where (b.x = a.x)\n"
				 "|  `- Table scan on b  rows 500  ! full scan\n"
				 "`- Index lookup on c using k\n");
	plan_release(&p);
	buf_release(&b);
}

static void fields_of_a_tree(void **state)
{
	(void)state;
	struct plan p;
	parse_ok(&p, "-> Filter: (t.a = '  (cost=9 rows=9)\n-')  (cost=3.5 rows=1.8e+6) "
		     "(actual time=0.5..2 rows=30 loops=4)\n"
		     "    -> Index lookup on my t using k (a = 5), with index condition: (x)  "
		     "(cost=0.25..0.75 rows=1) (never executed)\n"
		     "    -> Table scan on <temporary>\n"
		     "-> Select #2 (subquery in projection; dependent)\n");
	const struct plan_node *n = p.root;
	assert_string_equal(n->op, "Filter: (t.a = '  (cost=9 rows=9)\n-')");
	assert_string_equal(n->condition, "(t.a = '  (cost=9 rows=9)\n-')");
	assert_true(n->cost == 3.5 && n->rows == 1.8e6 && n->r_rows == 30 && n->r_loops == 4);
	assert_true(n->time_ms == 8);
	n = n->child;
	assert_string_equal(n->table, "my t");
	assert_string_equal(n->key, "k");
	assert_string_equal(n->access, "ref");
	assert_true(n->cost == 0.75 && n->rows == 1 && n->r_loops == 0 && isnan(n->r_rows));
	n = n->next;
	assert_string_equal(n->table, "<temporary>");
	assert_int_equal(n->warnings, 0);
	assert_int_equal(n->next->warnings, PLAN_DEPENDENT);
	plan_release(&p);
}

static void second_version_at_the_top(void **state)
{
	(void)state;
	struct plan p;
	/* As MySQL 8.3 has it: the first step is the plan itself. */
	parse_ok(&p, "{\"query\": \"select 1\", \"operation\": \"Sort: a\", "
		     "\"inputs\": [{\"operation\": \"Table scan on t\", \"alias\": \"t\", "
		     "\"table_name\": \"real\", \"actual_loops\": 4, "
		     "\"actual_last_row_ms\": 0.5}]}");
	assert_int_equal(p.format, PLAN_JSON2);
	assert_string_equal(p.query, "select 1");
	assert_string_equal(p.root->op, "Sort: a");
	assert_string_equal(p.root->child->table, "t");
	assert_string_equal(p.root->child->name, "real");
	assert_string_equal(p.root->child->access, "ALL");
	assert_true(p.root->child->time_ms == 2);
	assert_int_equal(p.nodes, 2);
	plan_release(&p);
}

static unsigned warnings_of(const char *table)
{
	struct plan p;
	struct buf b = BUF_INIT;
	buf_addf(&b, "{\"query_block\": {\"table\": {\"table_name\": \"t\", %s}}}", table);
	parse_ok(&p, b.s);
	unsigned w = p.warnings;
	plan_release(&p);
	buf_release(&b);
	return w;
}

static void warnings(void **state)
{
	(void)state;
	static const struct {
		const char *table;
		unsigned want;
	} cases[] = {
		{"\"access_type\": \"ALL\", \"rows\": 99", 0},
		{"\"access_type\": \"ALL\", \"rows\": 100", PLAN_FULL_SCAN},
		{"\"access_type\": \"ALL\"", PLAN_FULL_SCAN},
		{"\"access_type\": \"ALL\", \"rows\": 500, \"attached_condition\": \"x\"",
		 PLAN_FULL_SCAN | PLAN_NO_INDEX},
		{"\"access_type\": \"ALL\", \"rows\": 500, \"attached_condition\": \"x\", "
		 "\"possible_keys\": [\"k\"]",
		 PLAN_FULL_SCAN},
		{"\"access_type\": \"index\", \"rows\": 500", PLAN_INDEX_SCAN},
		{"\"access_type\": \"ref\", \"rows\": 5000", 0},
		{"\"access_type\": \"ref\", \"using_filesort\": true, "
		 "\"using_temporary_table\": true",
		 PLAN_FILESORT | PLAN_TEMPORARY},
		{"\"access_type\": \"ref\", \"using_filesort\": false", 0},
		{"\"access_type\": \"ref\", \"using_join_buffer\": \"hash join\"",
		 PLAN_JOIN_BUFFER},
		{"\"access_type\": \"ref\", \"rows\": 5000, \"filtered\": 5", PLAN_WASTE},
		{"\"access_type\": \"ref\", \"rows\": 500, \"filtered\": 5", 0},
		{"\"access_type\": \"ref\", \"rows\": 10, \"r_rows\": 100, \"r_loops\": 1",
		 PLAN_UNDERESTIMATE},
		{"\"access_type\": \"ref\", \"rows\": 1, \"r_rows\": 10, \"r_loops\": 1", 0},
		{"\"access_type\": \"ref\", \"rows\": 1, \"r_rows\": 10, \"r_loops\": 10",
		 PLAN_UNDERESTIMATE},
		{"\"access_type\": \"ref\", \"rows\": 1000, \"r_rows\": 100, \"r_loops\": 1",
		 PLAN_OVERESTIMATE},
		{"\"access_type\": \"ref\", \"rows\": 1000, \"r_rows\": 101, \"r_loops\": 1", 0},
		{"\"access_type\": \"ref\", \"rows\": 1000, \"r_rows\": 0, \"r_loops\": 0", 0},
		{"\"access_type\": \"ref\", \"rows\": 1000, \"r_rows\": 1000, \"r_loops\": 2, "
		 "\"r_filtered\": 9",
		 PLAN_WASTE},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (warnings_of(cases[i].table) != cases[i].want)
			fail_msg("%s gives %#x, not %#x", cases[i].table,
				 warnings_of(cases[i].table), cases[i].want);
}

/* Few rows so far say nothing about the estimate; too many do. */
static void a_running_plan_is_not_judged_early(void **state)
{
	(void)state;
	struct plan p;
	parse_ok(&p, "{\"r_query_time_in_progress_ms\": 5, \"query_block\": {\"nested_loop\": ["
		     "{\"table\": {\"table_name\": \"a\", \"rows\": 1000, \"r_rows\": 3, "
		     "\"r_loops\": 1}},"
		     "{\"table\": {\"table_name\": \"b\", \"rows\": 3, \"r_rows\": 3000, "
		     "\"r_loops\": 1}}]}}");
	assert_true(p.running);
	assert_int_equal(p.warnings, PLAN_UNDERESTIMATE);
	plan_release(&p);
}

/* Nor is a step below a LIMIT. */
static void a_limit_excuses_few_rows(void **state)
{
	(void)state;
	struct plan p;
	parse_ok(&p, "-> A\n"
		     "    -> Limit: 1 row(s)\n"
		     "        -> B  (cost=1 rows=1000) (actual time=1..1 rows=1 loops=1)\n"
		     "    -> C  (cost=1 rows=1000) (actual time=1..1 rows=1 loops=1)\n");
	assert_int_equal(p.root->child->child->warnings, 0);
	assert_int_equal(p.root->child->next->warnings, PLAN_OVERESTIMATE);
	plan_release(&p);
}

static void every_warning_is_explained(void **state)
{
	(void)state;
	for (int i = 0; i < PLAN_WARNINGS; i++) {
		const struct plan_advice *a = &plan_advice[i];
		assert_int_equal(a->warning, 1 << i);
		assert_true(strlen(a->name) > 3 && strlen(a->name) <= 24);
		const char *const texts[] = {a->meaning, a->harmless, a->remedy};
		for (size_t k = 0; k < COUNT_OF(texts); k++) {
			assert_true(strlen(texts[k]) > 20);
			char end = texts[k][strlen(texts[k]) - 1];
			assert_true(end == '.');
		}
	}
	for (int c = 0; c < PLAN_COLUMNS; c++)
		assert_true(plan_columns[c].title[0] && strlen(plan_columns[c].help) > 20);
}

static void cells(void **state)
{
	(void)state;
	struct plan p;
	static const char *const want[PLAN_COLUMNS] = {
		"7",	"  Index lookup on t\xef\xbf\xbd[1m using k",
		"t\xef\xbf\xbd[1m", "ref", "k", "0.05", "123k", "12.5%", "Using where",
	};
	const char *names[] = {"id", "select_type", "table", "type", "key", "rows", "r_rows",
			       "filtered", "Extra", "partitions"};
	const char *values[] = {"7", "SIMPLE", "t\x1b[1m", "ref", "k", "0.05",
				"123456", "12.5", "Using where", "p1,p2"};
	assert_true(plan_from_rows(&p, names, COUNT_OF(names), values, 1, NULL));
	const struct plan_node *n = p.root->child;
	for (int c = 0; c < PLAN_COLUMNS; c++) {
		struct buf b = BUF_INIT;
		plan_add_cell(&b, n, (enum plan_column)c);
		assert_string_equal(b.s, want[c]);
		buf_release(&b);
	}
	assert_string_equal(n->details->name, "partitions");
	assert_string_equal(n->details->value, "p1,p2");
	plan_release(&p);
}

/* Numbers that lead back to a reader of them. */
static void circles_in_rows(void **state)
{
	(void)state;
	struct plan p;
	const char *names[] = {"id", "select_type", "table"};
	const char *values[] = {"1", "PRIMARY", "<derived2>", "2", "DERIVED", "<derived3>",
				"3", "DERIVED", "<derived2>", "4", "UNION",   "<union1,2,3,4>"};
	assert_true(plan_from_rows(&p, names, 3, values, 4, NULL));
	size_t nodes = 0;
	for (const struct plan_node *n = plan_next(&p, NULL); n; n = plan_next(&p, n))
		nodes++;
	assert_int_equal(nodes, 8);
	plan_release(&p);
}

static void what_is_no_plan(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *why;
	} bad[] = {
		{"", "it is empty"},
		{"  \n", "it is empty"},
		{"hello", "it is neither JSON nor a tree"},
		{"{\"query_block\": ", "its JSON is broken at line 1"},
		{"{}", "it has no steps"},
		{"{\"a\": 1}", "it has no steps"},
		{"[]", "it is neither JSON nor a tree"},
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct plan p;
		struct err e = {0};
		assert_false(plan_parse(&p, bad[i].text, strlen(bad[i].text), &e));
		assert_int_equal(e.kind, ERR_PROTOCOL);
		assert_memory_equal(e.why, bad[i].why, strlen(bad[i].why));
		assert_null(p.root);
		plan_release(&p);
	}
	struct plan p;
	struct err e = {0};
	const char *names[] = {"EXPLAIN"};
	assert_false(plan_from_rows(&p, names, 1, names, 1, &e));
	assert_int_equal(e.kind, ERR_PROTOCOL);
}

static void hostile_sizes(void **state)
{
	(void)state;
	static const struct {
		const char *head, *part, *tail;
		size_t count;
	} cases[] = {
		{"", "{\"query_block\":", "1", 100000},
		{"{\"query_block\":", "{\"a\":[", "", 1000},
		{"{\"query_block\":{\"a\":[1", ",[]", "]}}", 300000},
		{"{\"query_block\":{\"table\":{}", ",\"table\":{\"x\":1}", "}}", 100000},
		{"{\"query_block\":{\"x\":0", ",\"using_index\":true", "}}", 100000},
		{"-> a", "\n    -> b  (cost=1 rows=1)", "", 100000},
		{"-> a", "(cost=1 rows=1)", "", 100000},
		{"-> a", "\nmore", "", 100000},
		{"", "  ", "", 8 << 20},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b = BUF_INIT, out = BUF_INIT;
		struct plan p;
		buf_adds(&b, cases[i].head);
		for (size_t k = 0; k < cases[i].count; k++)
			buf_adds(&b, cases[i].part);
		buf_adds(&b, cases[i].tail);
		if (plan_parse(&p, b.s, b.len, NULL))
			plan_to_tree_text(&out, &p, false);
		plan_release(&p);
		buf_release(&b);
		buf_release(&out);
	}
	/* Deep, but not too deep to be read. */
	struct buf b = BUF_INIT, out = BUF_INIT;
	struct plan p;
	for (int k = 0; k < 1000; k++)
		buf_adds(&b, "{\"query_block\":");
	buf_adds(&b, "{}");
	for (int k = 0; k < 1000; k++)
		buf_adds(&b, "}");
	assert_true(plan_parse(&p, b.s, b.len, NULL));
	plan_to_tree_text(&out, &p, false);
	plan_release(&p);
	buf_clear(&b);
	for (int k = 0; k < 2000; k++) {
		buf_fill(&b, ' ', (size_t)k);
		buf_adds(&b, "-> x\n");
	}
	assert_true(plan_parse(&p, b.s + 0, b.len, NULL));
	assert_int_equal(p.nodes, 2000);
	plan_to_tree_text(&out, &p, false);
	plan_release(&p);
	buf_release(&b);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_plans),
		cmocka_unit_test(fields_of_json),
		cmocka_unit_test(details_keep_what_is_unknown),
		cmocka_unit_test(tables_of_older_servers),
		cmocka_unit_test(fields_of_a_tree),
		cmocka_unit_test(second_version_at_the_top),
		cmocka_unit_test(warnings),
		cmocka_unit_test(a_running_plan_is_not_judged_early),
		cmocka_unit_test(a_limit_excuses_few_rows),
		cmocka_unit_test(every_warning_is_explained),
		cmocka_unit_test(cells),
		cmocka_unit_test(circles_in_rows),
		cmocka_unit_test(what_is_no_plan),
		cmocka_unit_test(hostile_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
