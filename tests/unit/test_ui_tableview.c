#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/unit/ui_test.h"
#include "ui/keymap.h"
#include "ui/tableview.h"

#define SESSION_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Id", "The connection's number.", "threads.ID", "Any.") \
	F(USER, "user", TEXT, NONE, GAUGE, "User", "Who logged in.", "threads.USER", "Any.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", "What it does.", "threads.STATE", "Any.") \
	F(TIME, "time", REAL, SECONDS, GAUGE, "Time", "How long.", "threads.TIME", "Short.") \
	F(ROWS, "rows_read", INT, COUNT, COUNTER, "Rows/s", "Rows read.", "status", "Few.") \
	F(INFO, "info", TEXT, SQL, GAUGE, "Statement", "The text.", "threads.INFO", "Any.")
enum { ID, USER, STATE, TIME, ROWS, INFO, FIELDS };
static const struct field fields[] = {SESSION_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"sessions", fields, FIELDS, ID};

struct session {
	int64_t id;
	const char *user, *state;
	double time; /* negative: absent */
	int64_t rows;
	const char *info;
};

static const struct session six[] = {
	{812, "batch", "idle in transaction", 372, 100, NULL},
	{901, "app", "row lock", 358, 200, "UPDATE stock SET v = v - 1"},
	{903, "app", "row lock", 357, 300, "UPDATE orders SET v = v + 1"},
	{911, "report", "executing", 190, 4000,
	 "SELECT region, COUNT(*) FROM orders GROUP BY region"},
	{933, "web", "idle", -1, 0, NULL},
	{934, "김민준", "idle", 0.012, 0, "SELECT \"a,b\""},
};

static struct part *make_part(const struct session *s, size_t n, int64_t at)
{
	struct part_builder *b = part_builder_new(PART_PROCESSLIST, &schema);
	for (size_t i = 0; i < n; i++) {
		part_row_begin(b);
		part_set(b, ID, value_int(s[i].id));
		part_set(b, USER, value_str(s[i].user));
		part_set(b, STATE, value_str(s[i].state));
		part_set(b, TIME, s[i].time < 0 ? VALUE_NONE : value_real(s[i].time));
		part_set(b, ROWS, value_int(s[i].rows));
		part_set(b, INFO, value_str(s[i].info));
		part_row_end(b);
	}
	return part_seal(b, at * NS_PER_S, at * US_PER_S, 1);
}

static enum ui_role state_tint(const struct table_row *r, struct value v)
{
	assert_non_null(r->part);
	if (!strcmp(value_cstr(v), "row lock"))
		return UI_WAITING;
	return strcmp(value_cstr(v), "idle in transaction") ? UI_TEXT : UI_BLOCKING;
}

static bool is_idle(const struct table_row *r)
{
	return !strcmp(value_cstr(part_get(r->part, r->row, STATE)), "idle");
}

static enum ui_role row_role(const struct table_row *r)
{
	return is_idle(r) ? UI_IDLE : UI_TEXT;
}

static struct value words(const struct table_row *r)
{
	struct value info = part_get(r->part, r->row, INFO);
	if (info.type == VALUE_ABSENT)
		return VALUE_NONE;
	int n = 1;
	for (const char *s = info.s; *s; s++)
		n += *s == ' ';
	return value_int(n);
}

static void draw_statement(const struct table_row *r, const struct table_cell *cell)
{
	size_t word = strcspn(cell->text, " ");
	enum ui_role role = cell->plain ? cell->role : UI_SQL_KEYWORD;
	(void)r;
	int x = cell->x;
	x += canvas_text(cell->canvas, x, cell->y, CANVAS_ALL, role, cell->text, word);
	canvas_text(cell->canvas, x, cell->y, CANVAS_ALL, cell->role, cell->text + word,
		    cell->len - word);
}

static void hash_id(const struct table_row *r, struct value v, struct buf *out)
{
	(void)r;
	buf_addf(out, "%lld", (long long)v.i);
}

static const struct column columns[] = {
	{.field = "id", .width = 5, .format = hash_id},
	{.field = "user", .width = 9, .min = 6, .priority = 2},
	{.field = "time", .width = 7, .priority = 1, .sum = SUM_MAX},
	{.field = "rows_read", .width = 7, .priority = 5, .flags = COLUMN_RATE, .sum = SUM_TOTAL},
	{.id = "words", .title = "Words", .help = "How many words.", .width = 5, .priority = 9,
	 .unit = UNIT_COUNT, .value = words, .flags = COLUMN_HIDDEN},
	{.field = "state", .width = 19, .min = 8, .priority = 3, .tint = state_tint},
	{.field = "info", .width = 12, .priority = 4, .flags = COLUMN_FILL, .draw = draw_statement},
};
static const struct table_hide hides[] = {
	{"idle", "hide-idle", is_idle, false},
};
static const struct table_spec spec = {
	.schema = &schema,
	.columns = columns,
	.n_columns = COUNT_OF(columns),
	.sort = "-time",
	.hides = hides,
	.n_hides = COUNT_OF(hides),
	.row_role = row_role,
	.empty = "No sessions but our own.",
};

static struct tableview *view_of(const struct session *s, size_t n)
{
	struct tableview *v = tableview_new(&spec, NULL);
	struct part *p = make_part(s, n, 1);
	tableview_set_part(v, p);
	part_unref(p);
	return v;
}

static void show(struct tableview *v, int cols, int rows, const char *want)
{
	struct canvas c = new_canvas(cols, rows);
	tableview_draw(v, &c, (struct rect){0, 0, cols, rows});
	expect(&c, want);
	canvas_release(&c);
}

/* The ids of the shown rows. */
static const char *ids(struct tableview *v)
{
	static char out[256];
	out[0] = '\0';
	for (unsigned i = 0; i < tableview_shown(v); i++) {
		int row = tableview_row_at(v, i);
		size_t n = strlen(out);
		long long id = row < 0 ? -1 : part_get(tableview_part(v), (unsigned)row, ID).i;
		snprintf(out + n, sizeof out - n, "%s%lld", i ? " " : "", id);
	}
	return out;
}

static void drawn_as_declared(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	show(v, 80, 8,
	     "    Id User       Time ▼  Rows/s State               Statement\n"
	     "   812 batch       6m12s       – idle in transaction –\n"
	     "   901 app         5m58s       – row lock            UPDATE stock SET v = v - 1\n"
	     "   903 app         5m57s       – row lock            UPDATE orders SET v = v + 1\n"
	     "   911 report      3m10s       – executing           SELECT region, COUNT(*) FRO\n"
	     "   934 김민준      0.012       – idle                SELECT \"a,b\"\n"
	     "   933 web             –       – idle                –\n"
	     "\n");
	struct canvas c = new_canvas(60, 3);
	tableview_draw(v, &c, (struct rect){0, 0, 60, 3});
	struct buf b = BUF_INIT;
	canvas_dump_roles(&c, &b);
	assert_non_null(strstr(buf_str(&b), "table.head.sort"));
	assert_non_null(strstr(buf_str(&b), "blocking/table.cursor\n"));
	assert_non_null(strstr(buf_str(&b), "dim/table.cursor\n"));
	assert_non_null(strstr(buf_str(&b), "sql.keyword\n"));
	assert_non_null(strstr(buf_str(&b), " waiting\n"));
	buf_clear(&b);
	/* stale: all of it grey, highlighting too */
	tableview_set_stale(v, true);
	canvas_clear(&c);
	tableview_draw(v, &c, (struct rect){0, 0, 60, 3});
	canvas_dump_roles(&c, &b);
	assert_null(strstr(buf_str(&b), "sql.keyword"));
	assert_null(strstr(buf_str(&b), "waiting"));
	assert_non_null(strstr(buf_str(&b), "table.stale"));
	buf_release(&b);
	canvas_release(&c);
	tableview_free(v);
}

static void narrow_terminals_drop_columns(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 3);
	show(v, 48, 3,
	     "    Id User       Time ▼ State      Statement\n"
	     "   812 batch       6m12s idle in t… –\n"
	     "   901 app         5m58s row lock   UPDATE stock\n");
	show(v, 28, 2,
	     "    Id User       Time ▼\n"
	     "   812 batch       6m12s\n");
	show(v, 14, 2, "    Id  Time ▼\n   812   6m12s\n");
	show(v, 9, 2, "    Id\n   812\n");
	show(v, 3, 1, "\n");
	show(v, 1, 1, "\n");
	/* what was dropped or cut can be read elsewhere */
	struct doc d = {0};
	struct buf b = BUF_INIT;
	struct canvas c = new_canvas(28, 2);
	tableview_draw(v, &c, (struct rect){0, 0, 28, 2});
	tableview_move(v, TABLE_DOWN);
	tableview_dropped(v, &d);
	doc_text(&d, &b);
	assert_string_equal(buf_str(&b), "State           row lock\n"
					 "Statement       UPDATE stock SET v = v - 1\n");
	buf_release(&b);
	doc_release(&d);
	canvas_release(&c);
	tableview_free(v);
}

static void ascii_screen(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	struct canvas c = new_canvas(44, 8);
	c.ascii = true;
	tableview_sort(v, "time");
	tableview_tag(v);
	tableview_draw(v, &c, (struct rect){0, 0, 44, 8});
	expect(&c, "    Id User     Time ^ State    Statement\n"
		   "*  934 ??????    0.012 idle     SELECT \"a,b\"\n"
		   "   911 report    3m10s executi~ SELECT regio\n"
		   "   903 app       5m57s row lock UPDATE order\n"
		   "   901 app       5m58s row lock UPDATE stock\n"
		   "   812 batch     6m12s idle in~ -\n"
		   "   933 web           - idle     -\n"
		   " 6 of 6 shown . 1 tagged\n");
	canvas_release(&c);
	tableview_free(v);
}

static void sorting(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	bool descending;
	assert_string_equal(ids(v), "812 901 903 911 934 933"); /* absent last */
	tableview_sort_reverse(v);
	assert_string_equal(ids(v), "934 911 903 901 812 933"); /* still last */
	assert_true(tableview_sort(v, "user"));
	assert_string_equal(ids(v), "901 903 812 911 933 934"); /* stable */
	assert_true(tableview_sort(v, "-user"));
	assert_string_equal(ids(v), "934 933 911 812 901 903");
	assert_false(tableview_sort(v, "nosuch"));
	assert_string_equal(tableview_sorted_by(v, &descending), "user");
	assert_true(descending);
	tableview_sort_next(v, 1);
	assert_string_equal(tableview_sorted_by(v, &descending), "time");
	assert_true(descending);
	tableview_sort_next(v, -1);
	tableview_sort_next(v, -1);
	assert_string_equal(tableview_sorted_by(v, &descending), "id");
	assert_false(descending);
	tableview_sort_next(v, -1); /* around; hidden columns are skipped */
	assert_string_equal(tableview_sorted_by(v, NULL), "info");
	assert_true(tableview_sort(v, "-words"));
	assert_string_equal(ids(v), "901 903 911 934 812 933");
	assert_true(tableview_sort(v, NULL));
	assert_string_equal(ids(v), "812 901 903 911 933 934");
	tableview_free(v);
}

static void filtering_and_hiding(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	struct err e = {0};
	size_t at = 0;
	struct buf b = BUF_INIT;
	assert_true(tableview_filter(v, "user=app time>357s", &e, &at));
	assert_string_equal(ids(v), "901");
	assert_false(tableview_filter(v, "usr=app", &e, &at));
	assert_string_equal(e.hint, "did you mean \"user\"?");
	assert_string_equal(ids(v), "901"); /* the old one stays */
	assert_string_equal(tableview_filter_text(v), "user=app time>357s");
	assert_true(tableview_filter(v, "words>4", &e, NULL)); /* computed columns too */
	assert_string_equal(ids(v), "901 903 911");
	assert_true(tableview_filter(v, "ORDERS", &e, NULL));
	assert_string_equal(ids(v), "903 911");
	tableview_hide(v, "idle", true);
	assert_true(tableview_hides(v, "idle"));
	tableview_summary(v, false, &b);
	assert_string_equal(buf_str(&b), "2 of 6 shown · filter ORDERS · 2 idle hidden");
	assert_true(tableview_filter(v, "", &e, NULL));
	assert_string_equal(ids(v), "812 901 903 911");
	assert_true(tableview_filter(v, "nothing at all", &e, NULL));
	show(v, 50, 4,
	     "    Id User       Time ▼ State        Statement\n"
	     " No row matches the filter.\n"
	     "\n"
	     " 0 of 6 shown · filter nothing at all · 2 idle hi…\n");
	assert_false(tableview_hide(v, "nosuch", true));
	buf_release(&b);
	tableview_free(v);
}

static void matches_are_marked(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 2);
	struct canvas c = new_canvas(60, 3);
	struct buf b = BUF_INIT;
	struct err e;
	tableview_filter(v, "lock|81", &e, NULL);
	tableview_draw(v, &c, (struct rect){0, 0, 60, 3});
	canvas_dump_roles(&c, &b);
	assert_non_null(strstr(buf_str(&b), "1 3-4 search.match/table.cursor\n"));
	assert_non_null(strstr(buf_str(&b), "2 37-40 search.match\n"));
	buf_release(&b);
	canvas_release(&c);
	tableview_free(v);
}

static void the_cursor_follows_its_row(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	assert_int_equal(tableview_key(v).i, 812);
	tableview_move(v, TABLE_DOWN);
	tableview_move(v, TABLE_DOWN);
	assert_int_equal(tableview_key(v).i, 903);
	tableview_sort(v, "-user");
	assert_int_equal(tableview_key(v).i, 903);
	assert_int_equal(tableview_row(v), 2);
	/* new data: other rows, another order, the same session */
	static const struct session next[] = {
		{1000, "z", "executing", 1, 0, NULL},
		{903, "app", "row lock", 400, 0, NULL},
		{901, "app", "row lock", 399, 0, NULL},
	};
	struct part *p = make_part(next, 3, 2);
	tableview_set_part(v, p);
	part_unref(p);
	assert_int_equal(tableview_key(v).i, 903);
	assert_int_equal(tableview_row(v), 1);
	/* gone: the cursor stays on the line */
	p = make_part(next, 1, 3);
	tableview_set_part(v, p);
	part_unref(p);
	assert_int_equal(tableview_key(v).i, 1000);
	tableview_select(v, value_int(901)); /* not there yet */
	assert_int_equal(tableview_key(v).type, VALUE_ABSENT);
	p = make_part(next, 3, 4);
	tableview_set_part(v, p);
	part_unref(p);
	assert_int_equal(tableview_key(v).i, 901);
	tableview_set_part(v, NULL);
	assert_int_equal(tableview_row(v), -1);
	show(v, 20, 2, "    Id    Time\n Not read yet.\n");
	tableview_free(v);
}

static void moving(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	show(v, 14, 4, "    Id  Time ▼\n   812   6m12s\n   901   5m58s\n   903   5m57s\n");
	tableview_move(v, TABLE_UP);
	assert_int_equal(tableview_key(v).i, 812);
	tableview_move(v, TABLE_PAGE_DOWN);
	assert_int_equal(tableview_key(v).i, 903);
	show(v, 14, 4, "    Id  Time ▼\n   903   5m57s\n   911   3m10s\n   934   0.012\n");
	tableview_move(v, TABLE_END);
	assert_int_equal(tableview_key(v).i, 933);
	tableview_move(v, TABLE_DOWN);
	assert_int_equal(tableview_key(v).i, 933);
	show(v, 14, 4, "    Id  Time ▼\n   911   3m10s\n   934   0.012\n   933       –\n");
	assert_int_equal(tableview_cursor_y(v), 3);
	tableview_move(v, TABLE_PAGE_UP);
	tableview_move(v, TABLE_UP);
	assert_int_equal(tableview_key(v).i, 903);
	tableview_move(v, TABLE_HOME);
	assert_int_equal(tableview_key(v).i, 812);
	show(v, 14, 2, "    Id  Time ▼\n   812   6m12s\n");
	show(v, 14, 1, "    Id  Time ▼\n");
	tableview_free(v);
}

static void sideways(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 4);
	show(v, 30, 2, "    Id User    Time ▼ State\n   812 batch    6m12s idle in…\n");
	tableview_move(v, TABLE_RIGHT);
	show(v, 30, 3,
	     "    Id    Time ▼  Rows/s State\n"
	     "   812     6m12s       – idle\n"
	     "   901     5m58s       – row l\n");
	for (int i = 0; i < 20; i++)
		tableview_move(v, TABLE_RIGHT);
	show(v, 30, 5,
	     "    Id\n"
	     "   812\n"
	     "   901\n"
	     "   903\n"
	     "   911  orders GROUP BY region\n");
	for (int i = 0; i < 20; i++)
		tableview_move(v, TABLE_LEFT);
	show(v, 30, 2, "    Id User    Time ▼ State\n   812 batch    6m12s idle in…\n");
	/* all fits: nothing to scroll */
	tableview_move(v, TABLE_RIGHT);
	show(v, 200, 2,
	     "    Id  User        Time ▼   Rows/s  State                Statement\n"
	     "   812  batch        6m12s        –  idle in transaction  –\n");
	tableview_free(v);
}

static void tagging(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	tableview_tag(v);
	tableview_tag(v);
	assert_int_equal(tableview_tags(v), 2);
	assert_true(tableview_tagged(v, 0));
	assert_true(tableview_tagged(v, 1));
	assert_false(tableview_tagged(v, 2));
	assert_int_equal(tableview_key(v).i, 903);
	tableview_move(v, TABLE_HOME);
	tableview_tag(v);
	assert_int_equal(tableview_tags(v), 1);
	tableview_tag_all(v);
	assert_int_equal(tableview_tags(v), 6);
	tableview_tag_all(v);
	assert_int_equal(tableview_tags(v), 0);
	tableview_tag_all(v);
	/* those that are gone are forgotten */
	struct part *p = make_part(six + 1, 2, 2);
	tableview_set_part(v, p);
	part_unref(p);
	assert_int_equal(tableview_tags(v), 2);
	tableview_untag(v);
	assert_int_equal(tableview_tags(v), 0);
	tableview_free(v);
}

static void grouping(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	struct err e;
	assert_true(tableview_group(v, "user"));
	show(v, 60, 8,
	     " Rows ▼ User        Id    Time  Rows/s State    Statement\n"
	     "      2 app          …   5m58s       – row lock …\n"
	     "      1 batch      812   6m12s       – idle in… –\n"
	     "      1 report     911   3m10s       – executi… SELECT regi…\n"
	     "      1 web        933       –       – idle     –\n"
	     "      1 김민준     934   0.012       – idle     SELECT \"a,b\"\n"
	     "\n"
	     " 6 of 6 shown · 5 groups by user\n");
	assert_int_equal(tableview_row(v), -1);
	assert_string_equal(value_cstr(tableview_key(v)), "app");
	tableview_sort(v, "-time");
	assert_string_equal(value_cstr(tableview_key(v)), "app"); /* it went down one */
	tableview_move(v, TABLE_UP);
	assert_string_equal(value_cstr(tableview_key(v)), "batch");
	tableview_tag(v);
	assert_int_equal(tableview_tags(v), 0);
	tableview_move(v, TABLE_DOWN);
	assert_true(tableview_open_group(v));
	assert_null(tableview_grouped_by(v));
	assert_string_equal(tableview_filter_text(v), "user=\"app\"");
	assert_string_equal(ids(v), "901 903");
	/* opening within a filter keeps that too */
	tableview_filter(v, "time>300|user=web", &e, NULL);
	tableview_group(v, "state");
	assert_string_equal(value_cstr(tableview_key(v)), "row lock");
	assert_true(tableview_open_group(v));
	assert_string_equal(tableview_filter_text(v), "(time>300|user=web) state=\"row lock\"");
	assert_string_equal(ids(v), "901 903");
	assert_false(tableview_group(v, "nosuch"));
	tableview_filter(v, "", &e, NULL);
	tableview_group(v, "time"); /* absent is a group of its own */
	assert_int_equal(tableview_shown(v), 6);
	tableview_group(v, NULL);
	assert_string_equal(tableview_sorted_by(v, NULL), "time");
	tableview_free(v);
}

static void choosing_columns(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 1);
	struct buf b = BUF_INIT;
	tableview_columns_get(v, &b);
	assert_string_equal(buf_str(&b), "id,user,time,rows_read,-words,state,info");
	tableview_columns_set(v, "info, -user,words,nosuch,words,id");
	buf_clear(&b);
	tableview_columns_get(v, &b);
	assert_string_equal(buf_str(&b), "info,-user,words,id,time,rows_read,state");
	assert_false(tableview_column_move(v, "info", -1));
	assert_true(tableview_column_move(v, "words", -1));
	tableview_column_show(v, "info", false);
	tableview_column_show(v, "rows_read", false);
	bool shown;
	assert_string_equal(column_id(tableview_column(v, 1, &shown)), "words");
	assert_true(shown);
	show(v, 44, 2, " Words    Id  Time ▼ State\n     –   812   6m12s idle in transaction\n");
	tableview_columns_set(v, NULL);
	buf_clear(&b);
	tableview_columns_get(v, &b);
	assert_string_equal(buf_str(&b), "id,user,time,rows_read,-words,state,info");
	buf_release(&b);
	tableview_free(v);
}

static void rates_need_two_readings(void **state)
{
	(void)state;
	struct session later[6];
	struct tableview *v = tableview_new(&spec, NULL);
	struct timeline *t = timeline_new(1 << 20);
	memcpy(later, six, sizeof later);
	for (int i = 0; i < 6; i++)
		later[i].rows += 10 * (i + 1);
	for (int i = 0; i < 2; i++) {
		struct snapshot *s = snapshot_new(0);
		s->mono = (1 + 2 * i) * NS_PER_S;
		s->link = LINK_LIVE;
		s->epoch = 1;
		snapshot_set(s, make_part(i ? later : six, 6, 1 + 2 * i));
		timeline_push(t, s);
		tableview_set_frame(v, timeline_frame(t), PART_PROCESSLIST);
	}
	tableview_columns_set(v, "id,rows_read,-user,-time,-state,-info");
	tableview_sort(v, "-rows_read");
	show(v, 20, 7,
	     "    Id Rows/s ▼\n"
	     "   934       30\n"
	     "   933       25\n"
	     "   911       20\n"
	     "   903       15\n"
	     "   901       10\n"
	     "   812        5\n");
	timeline_free(t); /* the view holds what it shows */
	assert_int_equal(tableview_shown(v), 6);
	tableview_free(v);
}

static void explaining(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 1);
	struct doc d = {0};
	struct buf b = BUF_INIT;
	tableview_explain(v, &d);
	doc_text(&d, &b);
	assert_string_equal(buf_str(&b), "Time  seconds\nHow long.\nNormal    Short.\n"
					 "Source    threads.TIME\n");
	tableview_column_show(v, "words", true);
	tableview_explain_move(v, 1);
	tableview_explain_move(v, 1);
	doc_clear(&d);
	buf_clear(&b);
	tableview_explain(v, &d);
	doc_text(&d, &b);
	assert_string_equal(buf_str(&b), "Words  count\nHow many words.\n");
	buf_release(&b);
	doc_release(&d);
	tableview_free(v);
}

static void export(void **state)
{
	(void)state;
	struct tableview *v = view_of(six, 6);
	struct buf b = BUF_INIT;
	struct err e;
	tableview_filter(v, "id=812|id=934", &e, NULL);
	tableview_csv(v, &b);
	assert_string_equal(buf_str(&b), "id,user,time,rows_read,words,state,info\r\n"
					 "812,batch,372,,,idle in transaction,\r\n"
					 "934,김민준,0.012,,2,idle,\"SELECT \"\"a,b\"\"\"\r\n");
	buf_clear(&b);
	tableview_json(v, &b);
	json_t *all = json_loads(buf_str(&b), 0, NULL);
	assert_int_equal(json_array_size(all), 2);
	json_t *row = json_array_get(all, 1);
	assert_string_equal(json_string_value(json_object_get(row, "info")), "SELECT \"a,b\"");
	assert_float_equal(json_real_value(json_object_get(row, "time")), 0.012, 1e-12);
	assert_true(json_is_null(json_object_get(json_array_get(all, 0), "info")));
	json_decref(all);

	/* as `fathom snapshot` writes it: an empty text is not an absent one, and infinity is no number */
	static const struct session odd[] = {{7, "", "idle ", INFINITY, 0, NULL}};
	struct part *p = make_part(odd, COUNT_OF(odd), 1);
	tableview_filter(v, "", &e, NULL);
	tableview_set_part(v, p);
	part_unref(p);
	buf_clear(&b);
	tableview_csv(v, &b);
	assert_string_equal(buf_str(&b), "id,user,time,rows_read,words,state,info\r\n"
					 "7,\"\",,,,\"idle \",\r\n");
	buf_release(&b);
	tableview_free(v);
}

/* As snapshot writes it: what the console shows as yes and no. */
static void yes_and_no_are_exported_as_such(void **state)
{
	(void)state;
	static const struct field fields2[] = {
		{.name = "name", .type = FIELD_TEXT, .title = "Name"},
		{.name = "changed", .type = FIELD_INT, .unit = UNIT_BOOL, .title = "Changed"},
	};
	static const struct schema two = {"variables", fields2, COUNT_OF(fields2), 0};
	static const struct column columns2[] = {{.field = "name"}, {.field = "changed"}};
	struct tableview *v = tableview_new(
		&(struct table_spec){.columns = columns2, .n_columns = COUNT_OF(columns2), .schema = &two}, NULL);
	struct part_builder *b = part_builder_new(PART_VARIABLES, &two);
	part_row_begin(b);
	part_set(b, 0, value_str("port"));
	part_set(b, 1, value_int(1));
	part_row_end(b);
	struct part *p = part_seal(b, 1, 1, 1);
	struct buf out = BUF_INIT;
	tableview_set_part(v, p);
	part_unref(p);
	tableview_json(v, &out);
	assert_string_equal(buf_str(&out), "[\n{\"name\":\"port\",\"changed\":true}\n]\n");
	buf_release(&out);
	tableview_free(v);
}

static void failed_parts_say_why(void **state)
{
	(void)state;
	struct tableview *v = tableview_new(&spec, NULL);
	struct part *p = part_new_failed(PART_PROCESSLIST, &schema, PART_DENIED,
					 "GRANT PROCESS ON *.* TO \x1b[2J", 1, 1);
	tableview_set_part(v, p);
	part_unref(p);
	show(v, 40, 2,
	     "    Id User       Time ▼ State\n GRANT PROCESS ON *.* TO \xEF\xBF\xBD[2J\n");
	p = make_part(six, 0, 1);
	tableview_set_part(v, p);
	part_unref(p);
	show(v, 40, 2, "    Id User       Time ▼ State\n No sessions but our own.\n");
	tableview_move(v, TABLE_END);
	tableview_tag(v);
	tableview_tag_all(v);
	tableview_group(v, "user");
	assert_false(tableview_open_group(v));
	show(v, 40, 2, " Rows ▼ User         Id    Time State\n No sessions but our own.\n");
	tableview_free(v);
}

static void hostile_text_stays_in_its_cell(void **state)
{
	(void)state;
	struct buf huge = BUF_INIT;
	for (int i = 0; i < 1 << 18; i++)
		buf_adds(&huge, "\x1b[2J \xe2\x80\xae");
	static const char marks[] = "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"
				    "\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81";
	struct session s = {1, marks, "a\nb\tc", 1, 1, huge.s};
	struct tableview *v = view_of(&s, 1);
	struct canvas c = new_canvas(80, 2);
	struct buf b = BUF_INIT;
	tableview_draw(v, &c, (struct rect){0, 0, 80, 2});
	canvas_line(&c, 1, &b);
	assert_null(strchr(buf_str(&b), 0x1b));
	assert_non_null(strstr(buf_str(&b), "a b c"));
	tableview_move(v, TABLE_RIGHT);
	tableview_draw(v, &c, (struct rect){0, 0, 80, 2});
	buf_release(&b);
	buf_release(&huge);
	canvas_release(&c);
	tableview_free(v);
}

/* 10,000 rows: right, whatever is done with them. */
static void many_rows(void **state)
{
	(void)state;
	enum { MANY = 10000 };
	struct session *s = xcalloc(MANY, sizeof *s);
	for (int i = 0; i < MANY; i++) {
		unsigned k = (unsigned)i * 7919u % MANY; /* some order */
		s[i] = (struct session){k + 1, k % 3 ? "app" : "web", k % 10 ? "idle" : "executing",
					k / 100.0, k, k % 10 ? NULL : "SELECT 1"};
	}
	struct tableview *v = view_of(s, MANY);
	assert_int_equal(tableview_shown(v), MANY);
	double last = 1e9;
	for (unsigned i = 0; i < MANY; i++) {
		double time = part_get(tableview_part(v), (unsigned)tableview_row_at(v, i), TIME).r;
		assert_true(time <= last);
		last = time;
	}
	struct err e;
	assert_true(tableview_filter(v, "time>=50s user=web /select/", &e, NULL));
	unsigned want = 0;
	for (int k = 0; k < MANY; k++)
		want += k % 3 == 0 && k % 10 == 0 && k >= 5000;
	assert_int_equal(tableview_shown(v), want);
	tableview_filter(v, NULL, &e, NULL);
	tableview_hide(v, "idle", true);
	assert_int_equal(tableview_shown(v), MANY / 10);
	tableview_hide(v, "idle", false);
	tableview_select(v, value_int(5001));
	tableview_sort(v, "user");
	struct canvas c = new_canvas(200, 50);
	tableview_draw(v, &c, (struct rect){0, 0, 200, 50});
	assert_int_equal(tableview_key(v).i, 5001);
	assert_in_range(tableview_cursor_y(v), 1, 49);
	tableview_group(v, "user");
	assert_int_equal(tableview_shown(v), 2);
	tableview_group(v, NULL);
	tableview_tag_all(v);
	assert_int_equal(tableview_tags(v), MANY);
	canvas_release(&c);
	tableview_free(v);
	free(s);
}

static void nothing_a_person(void *ctx, const struct action_call *call)
{
	(void)ctx;
	(void)call;
}

static void summary_names_the_key(void **state)
{
	(void)state;
	static const struct action actions[] = {
		{"hide-idle", "i", "idle", "Hides idle sessions.", NULL, 0, 0, nothing_a_person}};
	static const struct action_set set = {"sessions", "Sessions", actions, 1};
	struct keymap *m = keymap_new();
	struct tableview *v = view_of(six, 6);
	struct buf b = BUF_INIT;
	keymap_add(m, &set);
	tableview_set_keymap(v, m);
	tableview_summary(v, false, &b);
	assert_string_equal(buf_str(&b), "");
	tableview_hide(v, "idle", true);
	tableview_tag(v);
	tableview_summary(v, false, &b);
	assert_string_equal(buf_str(&b), "4 of 6 shown · 2 idle hidden (i) · 1 tagged");
	buf_release(&b);
	tableview_free(v);
	keymap_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drawn_as_declared),
		cmocka_unit_test(narrow_terminals_drop_columns),
		cmocka_unit_test(ascii_screen),
		cmocka_unit_test(sorting),
		cmocka_unit_test(filtering_and_hiding),
		cmocka_unit_test(matches_are_marked),
		cmocka_unit_test(the_cursor_follows_its_row),
		cmocka_unit_test(moving),
		cmocka_unit_test(sideways),
		cmocka_unit_test(tagging),
		cmocka_unit_test(grouping),
		cmocka_unit_test(choosing_columns),
		cmocka_unit_test(rates_need_two_readings),
		cmocka_unit_test(explaining),
		cmocka_unit_test(export),
		cmocka_unit_test(yes_and_no_are_exported_as_such),
		cmocka_unit_test(failed_parts_say_why),
		cmocka_unit_test(hostile_text_stays_in_its_cell),
		cmocka_unit_test(many_rows),
		cmocka_unit_test(summary_names_the_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
