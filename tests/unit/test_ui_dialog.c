#include <stdio.h>
#include <string.h>

#include "tests/unit/ui_test.h"
#include "ui/dialog.h"
#include "ui/prompt.h"

static struct key named(const char *name)
{
	struct key k;
	assert_true(key_parse(name, &k));
	return k;
}

/* --- dialogs ---------------------------------------------------------------------------------- */

static int answers, last;

static void answered(void *ctx, bool yes)
{
	assert_ptr_equal(ctx, &answers);
	answers++;
	last = yes;
}

static struct dialog *question(void)
{
	struct doc body = {0};
	doc_puts(&body, UI_TEXT, "It sleeps.");
	doc_end(&body);
	answers = 0;
	last = -1;
	return dialog_confirm("Kill 812?", &body, "Kill", true, answered, &answers);
}

static void the_default_is_no(void **state)
{
	(void)state;
	static const struct {
		const char *keys[3];
		int yes;
	} cases[] = {
		{{"Enter"}, 0}, {{"Esc"}, 0}, {{"q"}, 0}, {{"n"}, 0},
		{{"y"}, 1},     {{"Tab", "Enter"}, 1}, {{"Tab", "Tab", "Enter"}, 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dialog *d = question();
		bool open = true;
		for (unsigned k = 0; k < 3 && cases[i].keys[k]; k++) {
			assert_true(open);
			open = dialog_key(d, named(cases[i].keys[k]));
		}
		assert_false(open);
		assert_int_equal(answers, 1);
		assert_int_equal(last, cases[i].yes);
		dialog_free(d);
	}
}

static void pasted_text_never_answers(void **state)
{
	(void)state;
	struct dialog *d = question();
	assert_true(dialog_key(d, (struct key){'y', MOD_PASTE}));
	assert_true(dialog_key(d, (struct key){K_ENTER, MOD_PASTE}));
	assert_int_equal(answers, 0);
	dialog_free(d);
}

static void a_question_shows_what_it_asks(void **state)
{
	(void)state;
	struct canvas c = {0};
	canvas_resize(&c, 60, 12);
	struct dialog *d = question();
	dialog_draw(d, &c, (struct rect){0, 0, 60, 12});
	struct buf b = BUF_INIT;
	canvas_dump(&c, &b);
	assert_non_null(strstr(buf_str(&b), "Kill 812?"));
	assert_non_null(strstr(buf_str(&b), "It sleeps."));
	assert_non_null(strstr(buf_str(&b), "n  No"));
	/* However small the screen. */
	canvas_resize(&c, 5, 3);
	dialog_draw(d, &c, (struct rect){0, 0, 5, 3});
	dialog_free(d);
	buf_release(&b);
	canvas_release(&c);
}

static int chosen_id;

static void chosen(void *ctx, int id)
{
	(void)ctx;
	chosen_id = id;
}

static struct dialog *menu(void)
{
	struct dialog *d = dialog_menu("Sort by", chosen, NULL);
	dialog_menu_add(d, 10, "Id", NULL);
	dialog_menu_add(d, 20, "User", "user");
	dialog_menu_add(d, 30, "Time", "time");
	chosen_id = 99;
	return d;
}

static void a_menu_finds_what_is_typed(void **state)
{
	(void)state;
	struct dialog *d = menu();
	dialog_key(d, named("t"));
	dialog_key(d, named("i"));
	assert_false(dialog_key(d, named("Enter")));
	assert_int_equal(chosen_id, 30);
	dialog_free(d);
	d = menu();
	dialog_menu_select(d, 20);
	dialog_key(d, named("Up"));
	assert_false(dialog_key(d, named("Enter")));
	assert_int_equal(chosen_id, 10);
	dialog_free(d);
	d = menu();
	assert_false(dialog_key(d, named("Esc")));
	assert_int_equal(chosen_id, -1);
	dialog_free(d);
}

static void a_menu_that_scrolls_says_where(void **state)
{
	(void)state;
	struct canvas c = new_canvas(20, 4);
	struct dialog *d = menu();
	dialog_draw(d, &c, (struct rect){0, 0, 20, 4});
	expect(&c, "   ╭─ Sort by ──╮\n"
		   "   │ Id         │\n"
		   "   │ User  user │\n"
		   "   ╰─ 1-2 of 3 ─╯\n");
	dialog_free(d);
	canvas_release(&c);
}

static void long_questions_scroll(void **state)
{
	(void)state;
	struct doc body = {0};
	struct buf b = BUF_INIT;
	struct canvas c = new_canvas(40, 8);
	for (int i = 0; i < 20; i++)
		doc_printf(&body, UI_TEXT, "victim %d\n", i);
	struct dialog *d = dialog_confirm("Kill 20?", &body, "Kill", true, answered, &answers);
	dialog_draw(d, &c, (struct rect){0, 0, 40, 8});
	assert_true(dialog_key(d, named("PgDn")));
	canvas_clear(&c);
	dialog_draw(d, &c, (struct rect){0, 0, 40, 8});
	canvas_dump(&c, &b);
	assert_null(strstr(buf_str(&b), "victim 0"));
	assert_non_null(strstr(buf_str(&b), "victim 4"));
	assert_non_null(strstr(buf_str(&b), "4-7 of 20"));
	assert_non_null(strstr(buf_str(&b), "n  No"));
	dialog_free(d);
	buf_release(&b);
	canvas_release(&c);
}

static char moved[64];

static bool toggle(void *ctx, int id)
{
	bool *on = ctx;
	on[id] = !on[id];
	return on[id];
}

static bool move(void *ctx, int id, int by)
{
	size_t n = strlen(moved);
	(void)ctx;
	snprintf(moved + n, sizeof moved - n, "%d%+d ", id, by);
	return true;
}

static void ticks_and_order(void **state)
{
	(void)state;
	bool on[3] = {true, false, true};
	static const char *const names[] = {"Id", "User", "Time"};
	struct canvas c = new_canvas(21, 5);
	struct dialog *d = dialog_menu("Columns", chosen, on);
	for (int i = 0; i < 3; i++) {
		dialog_menu_add(d, i, names[i], NULL);
		dialog_menu_set_tick(d, i, on[i]);
	}
	dialog_menu_ticks(d, toggle, move);
	dialog_key(d, named("Down"));
	dialog_key(d, named("Space"));
	assert_true(on[1]);
	dialog_key(d, named("S-Down")); /* User goes down: ids belong to places */
	dialog_key(d, named("K"));
	dialog_key(d, named("K"));
	assert_string_equal(moved, "1+1 2-1 1-1 ");
	dialog_draw(d, &c, (struct rect){0, 0, 21, 5});
	expect(&c, "    ╭─ Columns ─╮\n"
		   "    │ [x] User  │\n"
		   "    │ [x] Id    │\n"
		   "    │ [x] Time  │\n"
		   "    ╰───────────╯\n");
	assert_false(dialog_key(d, named("C-c")));
	assert_int_equal(chosen_id, -1);
	dialog_free(d);
	canvas_release(&c);
}

static bool text_keys(void *ctx, struct dialog *d, struct key key)
{
	(void)ctx;
	if (key.code != K_RIGHT)
		return false;
	doc_clear(dialog_text(d));
	doc_puts(dialog_text(d), UI_TEXT, "the next one\n");
	dialog_set_title(d, "User");
	return true;
}

static int closed;

static void close_text(void *ctx)
{
	(void)ctx;
	closed++;
}

static void texts_scroll_search_and_change(void **state)
{
	(void)state;
	struct doc text = {0};
	struct buf b = BUF_INIT;
	struct canvas c = new_canvas(50, 6);
	struct rect r = {0, 0, 50, 6};
	for (int i = 0; i < 9; i++)
		doc_printf(&text, UI_TEXT, "line %d\n", i);
	struct dialog *d = dialog_pager("Time", &text, text_keys, close_text, NULL);
	dialog_draw(d, &c, r);
	dialog_key(d, named("/"));
	assert_true(dialog_key(d, named("q"))); /* typed, not closed */
	assert_true(dialog_key(d, named("Esc")));
	assert_int_equal(closed, 0);
	dialog_key(d, named("G"));
	dialog_draw(d, &c, r);
	canvas_dump(&c, &b);
	assert_non_null(strstr(buf_str(&b), "line 8"));
	assert_non_null(strstr(buf_str(&b), "6-9 of 9"));
	assert_true(dialog_key(d, named("Right")));
	canvas_clear(&c);
	buf_clear(&b);
	dialog_draw(d, &c, r);
	canvas_dump(&c, &b);
	assert_non_null(strstr(buf_str(&b), "─ User ─"));
	assert_non_null(strstr(buf_str(&b), "│ the next one "));
	assert_false(dialog_key(d, named("q")));
	assert_int_equal(closed, 1);
	dialog_free(d);
	buf_release(&b);
	canvas_release(&c);
}

/* --- prompts ---------------------------------------------------------------------------------- */

static char typed[256];
static int done_calls;

static void done(void *ctx, const char *text)
{
	(void)ctx;
	done_calls++;
	snprintf(typed, sizeof typed, "%s", text ? text : "(cancelled)");
}

static void offer(void *ctx, const char *line, size_t start, size_t cursor,
		  struct prompt_candidates *out)
{
	(void)ctx;
	(void)line;
	(void)start;
	(void)cursor;
	prompt_candidate(out, "interval");
	prompt_candidate(out, "pause");
	prompt_candidate(out, "panel");
}

static void type(const char *keys)
{
	char name[32];
	for (int n; sscanf(keys, "%31s%n", name, &n) == 1; keys += n)
		prompt_key(prompt_active(), named(name));
}

static void open_prompt(void)
{
	done_calls = 0;
	static const struct prompt_spec spec = {
		.label = ":", .history = "test", .complete = offer, .done = done};
	prompt_open(&spec, NULL);
}

static void a_line_is_edited_completed_and_remembered(void **state)
{
	(void)state;
	open_prompt();
	type("i n t Tab 5 Enter");
	assert_int_equal(done_calls, 1);
	assert_string_equal(typed, "interval 5");
	assert_null(prompt_active());
	open_prompt();
	type("p a Tab");
	assert_int_equal(prompt_height(prompt_active()), 2);
	struct canvas c = {0};
	canvas_resize(&c, 40, 2);
	prompt_draw(prompt_active(), &c, (struct rect){0, 0, 40, 2});
	struct buf b = BUF_INIT;
	canvas_dump(&c, &b);
	assert_non_null(strstr(buf_str(&b), "pause"));
	assert_non_null(strstr(buf_str(&b), "panel"));
	assert_int_equal(c.cursor_x, 3);
	buf_release(&b);
	canvas_release(&c);
	type("Esc");
	assert_string_equal(typed, "(cancelled)");
	open_prompt();
	type("Up Enter");
	assert_string_equal(typed, "interval 5");
	prompt_history_free();
}

static void a_password_is_neither_shown_nor_remembered(void **state)
{
	(void)state;
	static const struct prompt_spec spec = {
		.label = "password: ", .history = "test", .secret = true, .done = done};
	prompt_open(&spec, NULL);
	type("s e x Backspace c r e t");
	struct canvas c = {0};
	canvas_resize(&c, 60, 1);
	prompt_draw(prompt_active(), &c, (struct rect){0, 0, 60, 1});
	struct buf b = BUF_INIT;
	canvas_dump(&c, &b);
	assert_null(strstr(buf_str(&b), "cret"));
	type("Enter");
	assert_string_equal(typed, "secret");
	buf_clear(&b);
	prompt_history_text("other", &b);
	assert_string_equal(buf_str(&b), "");
	buf_release(&b);
	canvas_release(&c);
	prompt_history_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_no),
		cmocka_unit_test(pasted_text_never_answers),
		cmocka_unit_test(a_question_shows_what_it_asks),
		cmocka_unit_test(a_menu_finds_what_is_typed),
		cmocka_unit_test(a_menu_that_scrolls_says_where),
		cmocka_unit_test(long_questions_scroll),
		cmocka_unit_test(ticks_and_order),
		cmocka_unit_test(texts_scroll_search_and_change),
		cmocka_unit_test(a_line_is_edited_completed_and_remembered),
		cmocka_unit_test(a_password_is_neither_shown_nor_remembered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
