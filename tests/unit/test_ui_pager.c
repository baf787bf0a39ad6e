#include <string.h>

#include "tests/unit/ui_test.h"
#include "ui/pager.h"

static void show(struct pager *p, int cols, int rows, const char *want)
{
	struct canvas c = new_canvas(cols, rows);
	pager_draw(p, &c, (struct rect){0, 0, cols, rows});
	expect(&c, want);
	canvas_release(&c);
}

static struct key plain(uint32_t code)
{
	return (struct key){code, 0};
}

static void type(struct pager *p, const char *s)
{
	for (; *s; s++)
		assert_true(pager_key(p, plain((unsigned char)*s)));
}

static void lines_wrap_between_words(void **state)
{
	(void)state;
	struct doc d = {0};
	struct pager p = {0};
	doc_puts(&d, UI_SQL_KEYWORD, "SELECT");
	doc_puts(&d, UI_TEXT, " region, amount ");
	doc_puts(&d, UI_SQL_KEYWORD, "FROM");
	doc_puts(&d, UI_TEXT, " verylongtablename\nsecond\r\n\nfourth");
	pager_set(&p, &d);
	show(&p, 12, 9,
	     "SELECT\nregion,\namount FROM\nverylongtabl\nename\nsecond\n\nfourth\n\n");
	assert_int_equal(pager_height(&d, 12, false, 99), 8);
	struct canvas c = new_canvas(24, 2);
	pager_draw(&p, &c, (struct rect){0, 0, 24, 2});
	expect(&c, "SELECT region, amount\nFROM verylongtablename\n");
	expect_roles(&c, "0 0-5 sql.keyword\n1 0-3 sql.keyword\n");
	canvas_release(&c);
	doc_release(&d);
}

static void continuations_are_indented(void **state)
{
	(void)state;
	struct doc d = {0};
	struct pager p = {0};
	doc_field(&d, 8, "Source", UI_TEXT, "performance_schema threads");
	doc_field(&d, 8, "A long label", UI_TEXT, "x");
	pager_set(&p, &d);
	show(&p, 28, 3, "Source  performance_schema\n        threads\nA long label x\n");
	doc_release(&d);
}

static void text_is_scrubbed(void **state)
{
	(void)state;
	struct doc d = {0};
	struct pager p = {0};
	struct buf b = BUF_INIT;
	doc_add(&d, UI_TEXT, "a\x1b[2J\tb\xff\nc\r\n", 12);
	doc_text(&d, &b);
	assert_string_equal(buf_str(&b), "a\xEF\xBF\xBD[2J b\xEF\xBF\xBD\nc\n");
	pager_set(&p, &d);
	show(&p, 10, 2, "a\xEF\xBF\xBD[2J b\xEF\xBF\xBD\nc\n");
	buf_release(&b);
	doc_release(&d);
}

static void numbered(struct doc *d, int n)
{
	for (int i = 1; i <= n; i++)
		doc_printf(d, UI_TEXT, "line %d\n", i);
}

static void scrolling(void **state)
{
	(void)state;
	struct doc d = {0};
	struct pager p = {0};
	struct buf b = BUF_INIT;
	numbered(&d, 20);
	pager_set(&p, &d);
	show(&p, 8, 4, "line 1\nline 2\nline 3\nline 4\n");
	pager_key(&p, plain('j'));
	show(&p, 8, 4, "line 2\nline 3\nline 4\nline 5\n");
	pager_status(&p, &b);
	assert_string_equal(buf_str(&b), "2-5 of 20");
	pager_key(&p, plain(K_PGDN));
	show(&p, 8, 4, "line 5\nline 6\nline 7\nline 8\n");
	pager_key(&p, plain('G'));
	show(&p, 8, 4, "line 17\nline 18\nline 19\nline 20\n");
	assert_true(p.at_end);
	pager_key(&p, plain(K_DOWN));
	pager_key(&p, plain(' '));
	show(&p, 8, 4, "line 17\nline 18\nline 19\nline 20\n");
	pager_key(&p, plain('k'));
	show(&p, 8, 4, "line 16\nline 17\nline 18\nline 19\n");
	pager_key(&p, (struct key){'u', MOD_CTRL});
	show(&p, 8, 4, "line 14\nline 15\nline 16\nline 17\n");
	pager_key(&p, plain('g'));
	pager_key(&p, plain(K_UP));
	show(&p, 8, 4, "line 1\nline 2\nline 3\nline 4\n");
	/* taller than the text: it all shows; the text shrinks under us */
	pager_key(&p, plain('G'));
	show(&p, 8, 21, "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\n"
			"line 10\nline 11\nline 12\nline 13\nline 14\nline 15\nline 16\nline 17\n"
			"line 18\nline 19\nline 20\n\n");
	pager_key(&p, plain('G'));
	show(&p, 8, 2, "line 1\nline 2\n");
	pager_key(&p, plain('G'));
	doc_clear(&d);
	numbered(&d, 1);
	show(&p, 8, 2, "line 1\n\n");
	doc_clear(&d);
	show(&p, 8, 2, "\n\n");
	assert_false(pager_key(&p, plain('q')));
	assert_false(pager_key(&p, plain(K_ESC)));
	buf_release(&b);
	doc_release(&d);
}

static void scrolling_inside_wrapped_lines(void **state)
{
	(void)state;
	struct doc d = {0};
	struct pager p = {0};
	doc_puts(&d, UI_TEXT, "aa bb cc dd ee ff\nend\n");
	pager_set(&p, &d);
	show(&p, 5, 2, "aa bb\ncc dd\n");
	pager_key(&p, plain('j'));
	show(&p, 5, 2, "cc dd\nee ff\n");
	pager_key(&p, plain('j'));
	show(&p, 5, 2, "ee ff\nend\n");
	pager_key(&p, plain('j'));
	show(&p, 5, 2, "ee ff\nend\n");
	pager_key(&p, plain('k'));
	show(&p, 5, 2, "cc dd\nee ff\n");
	doc_release(&d);
}

static void sideways(void **state)
{
	(void)state;
	struct doc d = {0};
	struct pager p = {.no_wrap = true};
	doc_puts(&d, UI_TEXT, "0123456789abcdefghij\nshort\n");
	pager_set(&p, &d);
	show(&p, 8, 2, "01234567\nshort\n");
	pager_key(&p, plain(K_RIGHT));
	show(&p, 8, 2, "89abcdef\n\n");
	pager_find(&p, "j", false);
	show(&p, 8, 2, "fghij\n\n");
	pager_key(&p, plain(K_LEFT));
	pager_key(&p, plain(K_LEFT));
	pager_key(&p, plain(K_LEFT));
	show(&p, 8, 2, "01234567\nshort\n");
	doc_release(&d);
}

static void searching(void **state)
{
	(void)state;
	struct doc d = {0};
	struct pager p = {0};
	struct buf b = BUF_INIT;
	numbered(&d, 30);
	pager_set(&p, &d);
	show(&p, 8, 3, "line 1\nline 2\nline 3\n");
	type(&p, "/E 2x");
	pager_key(&p, plain(K_BACKSPACE));
	pager_status(&p, &b);
	assert_string_equal(buf_str(&b), "/E 2");
	pager_key(&p, plain(K_ENTER));
	assert_int_equal(p.match_line, 1);
	struct canvas c = new_canvas(8, 3);
	pager_draw(&p, &c, (struct rect){0, 0, 8, 3});
	expect_roles(&c, "1 3-5 search.match\n");
	canvas_release(&c);
	type(&p, "n");
	assert_int_equal(p.match_line, 19);
	show(&p, 8, 3, "line 19\nline 20\nline 21\n");
	type(&p, "N");
	assert_int_equal(p.match_line, 1);
	type(&p, "N"); /* around the end */
	assert_int_equal(p.match_line, 28);
	type(&p, "/nosuch");
	pager_key(&p, plain(K_ENTER));
	buf_clear(&b);
	pager_status(&p, &b);
	assert_string_equal(buf_str(&b), "not found: nosuch");
	type(&p, "/x");
	pager_key(&p, plain(K_ESC));
	assert_false(p.searching);
	assert_false(pager_key(&p, plain('n')));
	buf_release(&b);
	doc_release(&d);
}

static void huge_lines(void **state)
{
	(void)state;
	struct doc d = {0};
	struct pager p = {0};
	struct buf b = BUF_INIT;
	buf_fill(&b, 'x', 1 << 20);
	doc_add(&d, UI_TEXT, b.s, b.len);
	pager_set(&p, &d);
	show(&p, 4, 2, "xxxx\nxxxx\n");
	pager_key(&p, plain('G'));
	pager_key(&p, plain('k'));
	show(&p, 4, 2, "xxxx\nxxxx\n");
	show(&p, 1, 1, "x\n");
	doc_clear(&d);
	doc_puts(&d, UI_TEXT, "김민");
	pager_set(&p, &d);
	show(&p, 1, 2, "\n\n"); /* too narrow for any, and no endless loop */
	buf_release(&b);
	doc_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_wrap_between_words),
		cmocka_unit_test(continuations_are_indented),
		cmocka_unit_test(text_is_scrubbed),
		cmocka_unit_test(scrolling),
		cmocka_unit_test(scrolling_inside_wrapped_lines),
		cmocka_unit_test(sideways),
		cmocka_unit_test(searching),
		cmocka_unit_test(huge_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
