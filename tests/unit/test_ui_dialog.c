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
	prompt_open(&(struct prompt_spec){.label = ":", .history = "test", .complete = offer, .done = done},
		    NULL);
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
	prompt_open(&(struct prompt_spec){.label = "password: ", .history = "test", .secret = true, .done = done},
		    NULL);
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
		cmocka_unit_test(a_line_is_edited_completed_and_remembered),
		cmocka_unit_test(a_password_is_neither_shown_nor_remembered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
