#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tests/unit/ui_test.h"

static void text_is_clipped_on_clusters(void **state)
{
	(void)state;
	struct canvas c = new_canvas(8, 3);
	assert_int_equal(canvas_puts(&c, 0, 0, CANVAS_ALL, UI_TEXT, "a김민준x"), 8);
	/* the third wide one does not fit into the five cells */
	assert_int_equal(canvas_puts(&c, 0, 1, 4, UI_TEXT, "a김민준x"), 4);
	canvas_puts(&c, 5, 1, CANVAS_ALL, UI_TEXT, "e\xcc\x81t\xc3\xa9sss");
	canvas_puts(&c, -1, 2, CANVAS_ALL, UI_TEXT, "김b");
	canvas_puts(&c, 6, -1, CANVAS_ALL, UI_TEXT, "no");
	canvas_puts(&c, 6, 3, CANVAS_ALL, UI_TEXT, "no");
	expect(&c, "a김민준x\na김  e\xcc\x81t\xc3\xa9\n b\n");
	canvas_release(&c);
}

static void half_a_wide_cluster_never_stays(void **state)
{
	(void)state;
	struct canvas c = new_canvas(6, 2);
	canvas_puts(&c, 0, 0, CANVAS_ALL, UI_TEXT, "김민준");
	canvas_puts(&c, 1, 0, CANVAS_ALL, UI_TEXT, "x");
	canvas_puts(&c, 4, 0, CANVAS_ALL, UI_TEXT, "y");
	expect(&c, " x민y\n\n");
	canvas_puts(&c, 0, 0, CANVAS_ALL, UI_TEXT, "김민준");
	canvas_puts(&c, 1, 0, CANVAS_ALL, UI_TEXT, "준준");
	expect(&c, " 준준\n\n");
	canvas_release(&c);
}

static void controls_never_get_through(void **state)
{
	(void)state;
	struct canvas c = new_canvas(6, 1);
	canvas_text(&c, 0, 0, CANVAS_ALL, UI_TEXT, "a\x1b\0\n\xff" "b", 6);
	expect(&c, "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" "b\n");
	canvas_release(&c);
}

static void alignment(void **state)
{
	(void)state;
	struct canvas c = new_canvas(10, 5);
	canvas_right(&c, 0, 0, 6, UI_TEXT, "812", 3);
	canvas_centre(&c, 0, 1, 9, UI_TEXT, "mid", 3);
	canvas_left(&c, 0, 2, 6, UI_TEXT, "SELECT 1", 8);
	canvas_right(&c, 0, 3, 4, UI_TEXT, "김민준", 9);
	canvas_left(&c, 0, 4, 1, UI_TEXT, "long", 4);
	expect(&c, "   812\n   mid\nSELEC…\n김…\n…\n");
	canvas_release(&c);
}

static void clip_nests(void **state)
{
	(void)state;
	struct canvas c = new_canvas(6, 3);
	struct rect outer = canvas_clip(&c, (struct rect){1, 1, 3, 1});
	struct rect inner = canvas_clip(&c, (struct rect){2, 0, 9, 9});
	canvas_fill(&c, (struct rect){0, 0, 6, 3}, UI_TABLE_CURSOR);
	canvas_puts(&c, 0, 1, CANVAS_ALL, UI_WARNING, "abcdef");
	c.clip = inner;
	canvas_puts(&c, 1, 1, 1, UI_TEXT, "!");
	c.clip = outer;
	canvas_puts(&c, 0, 2, CANVAS_ALL, UI_TEXT, "end");
	expect(&c, "\n !cd\nend\n");
	expect_roles(&c, "1 2-3 warning/table.cursor\n");
	canvas_release(&c);
}

static void box_and_rects(void **state)
{
	(void)state;
	struct canvas c = new_canvas(12, 4);
	struct rect r = {0, 0, 12, 4}, top = rect_top(&r, 1), low = rect_bottom(&r, 9);
	assert_int_equal(top.h, 1);
	assert_int_equal(low.y, 1);
	assert_int_equal(low.h, 3);
	assert_int_equal(r.h, 0);
	canvas_box(&c, low, UI_RULE, "disk", UI_TITLE);
	expect(&c, "\n╭─ disk ───╮\n│          │\n╰──────────╯\n");
	c.ascii = true;
	expect(&c, "\n+- disk ---+\n|          |\n+----------+\n");
	canvas_release(&c);
}

static void ascii_keeps_every_cell(void **state)
{
	(void)state;
	static const char in[] = "▲●–←→↵│ ▁▂▃▄▅▆▇█░ e\xcc\x81 김 ☃…";
	struct canvas c = new_canvas(40, 1);
	int cells = canvas_puts(&c, 0, 0, CANVAS_ALL, UI_TEXT, in);
	c.ascii = true;
	struct buf b = BUF_INIT;
	canvas_line(&c, 0, &b);
	assert_string_equal(buf_str(&b), "!*-<><| _.:-=+*#. e ?? ?~");
	assert_int_equal(b.len, cells);
	buf_release(&b);
	canvas_release(&c);
}

static void equality_and_copy(void **state)
{
	(void)state;
	struct canvas a = new_canvas(4, 1), b = {0};
	canvas_puts(&a, 0, 0, CANVAS_ALL, UI_TEXT, "e\xcc\x81o\xcc\x81z");
	canvas_copy(&b, &a);
	for (int x = 0; x < 4; x++)
		assert_true(canvas_same(&a, canvas_cell(&a, x, 0), &b, canvas_cell(&b, x, 0)));
	/* Same place in the side table, another cluster; and the other way round. */
	canvas_clear(&b);
	canvas_puts(&b, 1, 0, CANVAS_ALL, UI_TEXT, "o\xcc\x81");
	assert_false(canvas_same(&a, canvas_cell(&a, 0, 0), &b, canvas_cell(&b, 1, 0)));
	assert_true(canvas_same(&a, canvas_cell(&a, 1, 0), &b, canvas_cell(&b, 1, 0)));
	canvas_release(&a);
	canvas_release(&b);
}

static void hostile_clusters_are_bounded(void **state)
{
	(void)state;
	struct buf in = BUF_INIT, clean = BUF_INIT;
	for (int i = 0; i < 200000; i++)
		buf_adds(&in, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
	utf8_scrub(&clean, in.s, in.len);
	struct canvas c = new_canvas(200, 50);
	for (int y = 0; y < 50; y++)
		assert_int_equal(canvas_text(&c, 0, y, 200, UI_TEXT, clean.s, clean.len), 200);
	for (int i = 0; i < 40; i++) {
		for (int y = 0; y < 50; y++)
			canvas_text(&c, 0, y, CANVAS_ALL, UI_TEXT, clean.s, clean.len);
	}
	assert_true(c.clusters.len <= 1 << 20);
	assert_true(canvas_cell(&c, 0, 49)->ch == 'e');
	canvas_release(&c);
	buf_release(&in);
	buf_release(&clean);
}

static void roles_have_names_and_help(void **state)
{
	(void)state;
	for (int i = 0; i < UI_ROLES; i++) {
		assert_non_null(ui_role_table[i].name);
		assert_true(strlen(ui_role_table[i].help) > 5);
		/* fallbacks end at text */
		int steps = 0;
		for (enum ui_role r = (enum ui_role)i; r != UI_TEXT; r = ui_role_table[r].fallback)
			assert_true(++steps < UI_ROLES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_on_clusters),
		cmocka_unit_test(half_a_wide_cluster_never_stays),
		cmocka_unit_test(controls_never_get_through),
		cmocka_unit_test(alignment),
		cmocka_unit_test(clip_nests),
		cmocka_unit_test(box_and_rects),
		cmocka_unit_test(ascii_keeps_every_cell),
		cmocka_unit_test(equality_and_copy),
		cmocka_unit_test(hostile_clusters_are_bounded),
		cmocka_unit_test(roles_have_names_and_help),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
