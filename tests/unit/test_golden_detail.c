/*
 * The pages of a session's detail as a person sees them: a stand-in answers the jobs with grids made here,
 * and the screens are compared with tests/golden. GOLDEN_UPDATE=1 writes them anew: then look at what changed.
 */
#include "panels/detail.h"
#include "panels/detailask.h"
#include "tests/unit/panelrig.h"

/* --- what the server would say ---------------------------------------------------------------- */

/* Cells stand between bars, rows on lines of their own, the names of the columns first. A bar at the
   beginning: one cell to the end, which may be of many lines. "!": denied. */
static const struct canned {
	const char *stmt, *title, *text;
} canned[] = {
	{"detail/explain-for", NULL,
	 "EXPLAIN\n|{\"query_block\": {\"select_id\": 1, \"cost_info\": {\"query_cost\": \"48213.77\"}, "
	 "\"ordering_operation\": {\"using_filesort\": true, \"nested_loop\": ["
	 "{\"table\": {\"table_name\": \"o\", \"access_type\": \"ALL\", \"rows_examined_per_scan\": 48211903, "
	 "\"rows_produced_per_join\": 4821190, \"filtered\": \"10.00\", "
	 "\"attached_condition\": \"(`shop`.`o`.`city` = 'Seoul')\"}}, "
	 "{\"table\": {\"table_name\": \"c\", \"access_type\": \"eq_ref\", \"possible_keys\": [\"PRIMARY\"], "
	 "\"key\": \"PRIMARY\", \"used_key_parts\": [\"id\"], \"key_length\": \"8\", \"ref\": [\"shop.o.customer\"], "
	 "\"rows_examined_per_scan\": 1, \"rows_produced_per_join\": 4821190, \"filtered\": \"100.00\"}}]}}}"},
	{"detail/table-size", "shop.orders: Size",
	 "engine|rows, estimated|data bytes|index bytes|free bytes|auto increment|collation|created\n"
	 "InnoDB|48211903|9663676416|3221225472|4194304|48999001|utf8mb4_0900_ai_ci|2025-04-01 09:30:00"},
	{"detail/table-indexes", "shop.orders: Indexes",
	 "index|unique|columns|distinct, estimated\n"
	 "PRIMARY|unique|id|48211903\nby_customer||customer, placed_at|2211004\nby_\033[31mcolour||colour|12"},
	{"detail/show-create", "shop.orders: Definition",
	 "Table|Create Table\norders|CREATE TABLE `orders` (  `id` bigint NOT NULL AUTO_INCREMENT,  `customer` bigint "
	 "NOT NULL,  `city` varchar(80) DEFAULT NULL,  PRIMARY KEY (`id`)) ENGINE=InnoDB"},
	{"detail/transaction", NULL,
	 "id|state|started|age, s|isolation|rows locked|rows modified|tables in use|tables locked|waits since\n"
	 "4211907|LOCK WAIT|2026-03-09 14:01:19|74|REPEATABLE READ|1412|3|1|2|2026-03-09 14:02:02"},
	{"detail/transaction-statements", NULL,
	 "n|seconds|examined|sent|affected|error|statement\n"
	 "17|0.002|1|1|0||SELECT stock FROM items WHERE id = 4711 FOR UPDATE\n"
	 "18|0.114|1|0|1||UPDATE items SET stock = stock - 1 WHERE id = 4711\n"
	 "19|31.207|0|0|0|1205|UPDATE items SET stock = stock - 1 WHERE name = '\342\200\256gpj.exe'"},
	{"detail/data-locks", NULL,
	 "status|type|mode|schema|table|index|record\n"
	 "WAITING|RECORD|X,REC_NOT_GAP|shop|items|PRIMARY|4712\nGRANTED|TABLE|IX|shop|items||\n"
	 "GRANTED|RECORD|X,REC_NOT_GAP|shop|items|PRIMARY|4711"},
	{"detail/metadata-locks", NULL, "!"},
	{"detail/attributes", NULL,
	 "name|value\n_client_name|libmariadb\n_client_version|3.3.14\n_pid|4711\nprogram_name|report \033]0;owned\007"},
	{"detail/counters", NULL,
	 "name|value\nBytes_received|48211\nBytes_sent|9663676\nCom_select|812\nCreated_tmp_disk_tables|3\n"
	 "Handler_read_rnd_next|48211903\nSort_merge_passes|12"},
	{"detail/variables", NULL,
	 "name|value|global\nsort_buffer_size|67108864|262144\nsql_mode||ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES"},
};

/* Up to the next bar or the end of the line; NULL at the end of the row. */
static bool next_cell(const char **at, struct grid_cell *cell)
{
	if (!**at || **at == '\n')
		return false;
	cell->s = *at;
	cell->len = strcspn(*at, "|\n");
	*at += cell->len;
	if (**at == '|')
		++*at;
	return true;
}

static struct grid_cell *read_row(struct arena *a, const char **at, unsigned *n)
{
	enum { MOST = 16 };
	struct grid_cell *cells = arena_alloc(a, MOST * sizeof *cells);
	memset(cells, 0, MOST * sizeof *cells);
	for (*n = 0; *n < MOST && next_cell(at, &cells[*n]); ++*n)
		cells[*n].s = arena_strndup(a, cells[*n].s, cells[*n].len);
	*at += **at == '\n';
	return cells;
}

static void fill_grid(struct grid *g, const char *text)
{
	struct grid_cell *names = read_row(&g->arena, &text, &g->n_columns);
	g->columns = arena_alloc(&g->arena, g->n_columns * sizeof *g->columns);
	for (unsigned i = 0; i < g->n_columns; i++)
		g->columns[i] = names[i].s;
	while (*text) {
		unsigned n;
		GROW(g->rows, g->n_rows + 1, g->cap_rows);
		text += *text == '|';
		g->rows[g->n_rows++] = read_row(&g->arena, &text, &n);
	}
}

static const struct detail_query *query_of(const char *stmt)
{
	for (const struct detail_query *q = detail_queries; q->stmt.sql; q++)
		if (strcmp(q->stmt.name, stmt) == 0)
			return q;
	fail_msg("there is no statement %s", stmt);
	return detail_queries;
}

static unsigned asked;
static bool asked_whole;

static void stand_in(struct job *job)
{
	const struct detail_ask *in = job->input;
	struct detail_answer *a = xcalloc(1, sizeof *a);
	asked++;
	asked_whole = in->complete;
	job->result = a;
	a->page = in->page;
	for (unsigned i = 0; i < COUNT_OF(canned); i++) {
		const struct detail_query *q = query_of(canned[i].stmt);
		if (q->page != in->page)
			continue;
		struct detail_section *s =
			detail_section_add(a, q, xstrdup(canned[i].title ? canned[i].title : q->title));
		if (strcmp(canned[i].text, "!") == 0)
			err_set(&s->err, ERR_DENIED, "metadata locks",
				"SELECT command denied to user 'fathom'@'%' for table 'metadata_locks'", NULL);
		else
			fill_grid(&s->grid, canned[i].text);
	}
}

/* --- the console ------------------------------------------------------------------------------ */

static const char sessions[] =
	"id=902 kind=user user=report host=report.example.com db=shop blocks=0 command=Query state=executing "
	"time=74.5 transaction_age=74.5 rows_locks=1412 rows_modified=3 rows_examined=48211903 "
	"info='SELECT c.name, SUM(o.amount) FROM orders o JOIN customers c ON c.id = o.customer "
	"WHERE o.city = \"Seoul\" GROUP BY c.name ORDER BY 2 DESC'\n"
	"id=950 kind=user user=app host=web-1.prod db=shop blocks=0 command=Sleep time=3.2\n";

static void open_detail(struct console *c, int64_t id, bool ascii)
{
	static const struct console_stand_in stand = {.run = stand_in};
	static struct console_options with;
	rig_open(c, ascii);
	with = *c->options;
	with.stand_in = &stand;
	c->options = &with;
	struct snapshot *s = snapshot_new(0);
	s->seq = s->epoch = 1;
	s->mono = RIG_LAST * NS_PER_S;
	s->wall = RIG_WALL * US_PER_S;
	s->link = LINK_LIVE;
	s->server = (struct server_info){.flavor = FLAVOR_MYSQL, .number = 80403, .version = "8.4.3",
					 .version_short = "8.4.3", .performance_schema = true};
	snapshot_set(s, rows_part(PART_PROCESSLIST, RIG_LAST, sessions));
	console_take(c, s);
	asked = 0;
	console_push(c, &session_detail, &id);
}

static const char *const shown_pages[] = {"plan", "tables", "transaction", "locks", "attributes", "status"};

static const struct {
	int cols, rows;
} sizes[] = {{40, 12}, {80, 24}, {200, 50}};

static void every_page(bool ascii)
{
	struct console c;
	open_detail(&c, 902, ascii);
	for (unsigned i = 0; i < COUNT_OF(shown_pages); i++) {
		detail_show_page(c.view, shown_pages[i]);
		for (unsigned k = 0; k < COUNT_OF(sizes); k++) {
			char *name = xasprintf("session-%s", shown_pages[i]);
			rig_draw(&c, sizes[k].cols, sizes[k].rows, ascii);
			rig_compare(&c, name);
			free(name);
		}
	}
	rig_close(&c);
}

static void pages_look_as_they_did(void **state)
{
	(void)state;
	every_page(false);
}

static void pages_look_as_they_did_in_ascii(void **state)
{
	(void)state;
	every_page(true);
}

/* Tree, table, JSON, and round again. */
static void forms_of_a_plan(void **state)
{
	(void)state;
	static const char *const forms[] = {"session-plan", "session-plan-table", "session-plan-json", "session-plan"};
	struct console c;
	open_detail(&c, 902, false);
	for (unsigned i = 0; i < COUNT_OF(forms); i++) {
		rig_key(&c, 'e');
		rig_draw(&c, 80, 24, false);
		rig_compare(&c, forms[i]);
	}
	assert_int_equal(asked, 1);
	assert_true(asked_whole);
	rig_close(&c);
}

/* What is known needs no question: no second of "asking the server". */
static void no_plan_of_one_who_sleeps(void **state)
{
	(void)state;
	struct console c;
	open_detail(&c, 950, false);
	asked = 0;
	rig_key(&c, 'e');
	rig_draw(&c, 80, 24, false);
	rig_compare(&c, "session-plan-asleep");
	assert_int_equal(asked, 0);
	rig_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_look_as_they_did),
		cmocka_unit_test(pages_look_as_they_did_in_ascii),
		cmocka_unit_test(forms_of_a_plan),
		cmocka_unit_test(no_plan_of_one_who_sleeps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
