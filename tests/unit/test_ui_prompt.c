#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/ui_test.h"
#include "ui/prompt.h"

static struct {
	char done[256], changed[256];
	int dones, changes;
	bool cancelled;
} seen;

static void done(void *ctx, const char *text)
{
	assert_ptr_equal(ctx, &seen);
	assert_null(prompt_active());
	seen.dones++;
	seen.cancelled = !text;
	snprintf(seen.done, sizeof seen.done, "%s", text ? text : "");
}

static void changed(void *ctx, const char *text)
{
	(void)ctx;
	seen.changes++;
	snprintf(seen.changed, sizeof seen.changed, "%s", text);
}

static void complete(void *ctx, const char *line, size_t start, size_t cursor,
		     struct prompt_candidates *out)
{
	static const char *const words[] = {"kill-connection", "kill-query", "interval", "time>"};
	(void)ctx;
	(void)line;
	assert_true(start <= cursor);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		prompt_candidate(out, words[i]);
}

static struct prompt *open_prompt(const char *history, const char *initial, bool secret)
{
	struct prompt_spec spec = {.label = ":", .history = history, .initial = initial,
				   .secret = secret, .complete = complete, .changed = changed,
				   .done = done};
	memset(&seen, 0, sizeof seen);
	return prompt_open(&spec, &seen);
}

/* Names of keys, blanks between; or plain characters after '='. */
static bool keys(struct prompt *p, const char *list)
{
	if (list[0] == '=') {
		for (list++; *list; list++)
			assert_true(prompt_key(p, (struct key){(unsigned char)*list, 0}));
		return true;
	}
	char copy[128], *rest = NULL;
	bool open = true;
	snprintf(copy, sizeof copy, "%s", list);
	for (char *s = strtok_r(copy, " ", &rest); s; s = strtok_r(NULL, " ", &rest)) {
		struct key k = {0};
		assert_true(open && key_parse(s, &k));
		open = prompt_key(p, k);
	}
	return open;
}

static void shows(struct prompt *p, int cols, const char *want, int cursor)
{
	struct canvas c = new_canvas(cols, prompt_height(p));
	prompt_draw(p, &c, (struct rect){0, 0, cols, prompt_height(p)});
	expect(&c, want);
	assert_int_equal(c.cursor_x, cursor);
	canvas_release(&c);
}

static void editing(void **state)
{
	(void)state;
	struct prompt *p = open_prompt(NULL, NULL, false);
	assert_ptr_equal(prompt_active(), p);
	shows(p, 20, ":\n", 1);
	keys(p, "=time >10");
	assert_int_equal(seen.changes, 8);
	assert_string_equal(seen.changed, "time >10");
	shows(p, 20, ":time >10\n", 9);
	keys(p, "Left Left Left Backspace");
	shows(p, 20, ":time>10\n", 5);
	keys(p, "Home");
	keys(p, "=x");
	shows(p, 20, ":xtime>10\n", 2);
	keys(p, "C-a Delete End");
	shows(p, 20, ":time>10\n", 8);
	keys(p, "C-w");
	shows(p, 20, ":\n", 1);
	keys(p, "C-y C-Left");
	shows(p, 20, ":time>10\n", 6);
	keys(p, "M-b C-k");
	shows(p, 20, ":\n", 1);
	keys(p, "PgUp F5 S-Tab C-Space");
	keys(p, "C-u");
	keys(p, "=quit");
	assert_false(keys(p, "Enter"));
	assert_int_equal(seen.dones, 1);
	assert_string_equal(seen.done, "quit");
	assert_null(prompt_active());
}

static void cancelling(void **state)
{
	(void)state;
	static const char *const ways[] = {"Esc", "C-c", "C-g"};
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct prompt *p = open_prompt("filter", "user=app", false);
		shows(p, 20, ":user=app\n", 9);
		assert_false(keys(p, ways[i]));
		assert_true(seen.cancelled);
	}
	struct prompt *p = open_prompt(NULL, NULL, false);
	assert_true(keys(p, "C-d")); /* not the end of the input, and nothing to delete */
	open_prompt(NULL, "left", false);
	struct prompt *other = open_prompt(NULL, NULL, false); /* takes its place */
	assert_ptr_equal(prompt_active(), other);
	shows(other, 20, ":\n", 1);
	prompt_close(other);
	assert_int_equal(seen.dones, 0);
}

static void wide_text_and_long_lines(void **state)
{
	(void)state;
	struct prompt *p = open_prompt(NULL, NULL, false);
	prompt_key(p, (struct key){0xae40, 0});
	prompt_key(p, (struct key){0xe9, 0});
	keys(p, "=x");
	shows(p, 20, ":김éx\n", 5);
	keys(p, "Left Backspace");
	shows(p, 20, ":김x\n", 3);
	keys(p, "Left");
	shows(p, 20, ":김x\n", 1);
	keys(p, "End");
	keys(p, "=0123456789");
	shows(p, 8, ":456789\n", 7);
	shows(p, 3, ":9\n", 2);
	keys(p, "Home");
	shows(p, 8, ":김x0123\n", 1);
	keys(p, "Esc");
}

static void histories(void **state)
{
	(void)state;
	static const char text[] = "first\nsecond\n\x1b[2J\nfirst\n";
	struct buf b = BUF_INIT;
	prompt_history_set("command", text, strlen(text));
	prompt_history_text("command", &b);
	assert_string_equal(buf_str(&b), "second\n\xEF\xBF\xBD[2J\nfirst\n");
	struct prompt *p = open_prompt("command", NULL, false);
	keys(p, "Up");
	shows(p, 20, ":first\n", 6);
	keys(p, "Up Up Up");
	shows(p, 20, ":second\n", 7);
	keys(p, "Down Down Down");
	shows(p, 20, ":\n", 1);
	/* searching backwards */
	keys(p, "C-r s e c");
	struct canvas c = new_canvas(50, 1);
	prompt_draw(p, &c, (struct rect){0, 0, 50, 1});
	buf_clear(&b);
	canvas_line(&c, 0, &b);
	assert_non_null(strstr(buf_str(&b), "second"));
	assert_non_null(strstr(buf_str(&b), "i-search"));
	canvas_release(&c);
	keys(p, "Enter");
	assert_string_equal(seen.done, "second");
	buf_clear(&b);
	prompt_history_text("command", &b);
	assert_string_equal(buf_str(&b), "\xEF\xBF\xBD[2J\nfirst\nsecond\n");
	/* another kind has another history */
	p = open_prompt("filter", NULL, false);
	keys(p, "Up");
	shows(p, 20, ":\n", 1);
	keys(p, "Esc");
	/* bounded */
	buf_clear(&b);
	for (int i = 0; i < PROMPT_HISTORY_MAX + 7; i++)
		buf_addf(&b, "line %d\n", i);
	prompt_history_set("filter", b.s, b.len);
	buf_clear(&b);
	prompt_history_text("filter", &b);
	assert_memory_equal(buf_str(&b), "line 7\n", 7);
	buf_release(&b);
}

static void history_files(void **state)
{
	(void)state;
	char dir[] = "/tmp/fathom-history-XXXXXX", path[64];
	struct stat st;
	struct buf b = BUF_INIT;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/a/b", dir);
	assert_true(prompt_history_load(path, "command"));
	prompt_history_set("command", "one\ntwo\n", 8);
	assert_true(prompt_history_save(path, "command"));
	prompt_history_set("command", "", 0);
	assert_true(prompt_history_load(path, "command"));
	prompt_history_text("command", &b);
	assert_string_equal(buf_str(&b), "one\ntwo\n");
	snprintf(path, sizeof path, "%s/a/b/history.command", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(prompt_history_save("/proc/nowhere", "command"));
	unlink(path);
	snprintf(path, sizeof path, "%s/a/b", dir);
	rmdir(path);
	snprintf(path, sizeof path, "%s/a", dir);
	rmdir(path);
	rmdir(dir);
	buf_release(&b);
}

static void completion(void **state)
{
	(void)state;
	struct prompt *p = open_prompt(NULL, NULL, false);
	keys(p, "=ki");
	keys(p, "Tab");
	shows(p, 40, " kill-connection  kill-query\n:kill-\n", 6);
	shows(p, 20, " kill-connection  k…\n:kill-\n", 6);
	assert_string_equal(seen.changed, "kill-");
	keys(p, "=q");
	shows(p, 40, ":kill-q\n", 7);
	keys(p, "Tab");
	shows(p, 40, ":kill-query\n", 12);
	keys(p, "=t");
	keys(p, "Tab");
	shows(p, 40, ":kill-query time>\n", 17);
	keys(p, "=5|(int");
	keys(p, "Tab");
	shows(p, 40, ":kill-query time>5|(interval\n", 29);
	keys(p, "=zz");
	keys(p, "Tab");
	shows(p, 40, ":kill-query time>5|(interval zz\n", 31);
	keys(p, "Esc");
}

static void pasted_text_never_accepts(void **state)
{
	(void)state;
	struct prompt *p = open_prompt(NULL, NULL, false);
	static const char text[] = "a\rb\tc\x1b";
	for (const char *s = text; *s; s++)
		assert_true(prompt_key(p, (struct key){(unsigned char)*s, MOD_PASTE}));
	shows(p, 20, ":a b c\n", 7);
	keys(p, "Esc");
}

static void secrets(void **state)
{
	(void)state;
	struct prompt *p = open_prompt("command", NULL, true);
	struct buf b = BUF_INIT;
	keys(p, "=hunterx");
	keys(p, "Backspace");
	keys(p, "=2");
	prompt_key(p, (struct key){0xe9, 0});
	keys(p, "Backspace Tab Up");
	shows(p, 30, ":(typing, not shown)\n", 20);
	assert_false(keys(p, "Enter"));
	assert_string_equal(seen.done, "hunter2");
	assert_int_equal(seen.changes, 0);
	prompt_history_text("command", &b);
	assert_null(strstr(buf_str(&b), "hunter"));
	p = open_prompt(NULL, NULL, true);
	keys(p, "=x");
	keys(p, "C-u");
	shows(p, 30, ":\n", 1);
	assert_false(keys(p, "Enter"));
	assert_string_equal(seen.done, "");
	p = open_prompt(NULL, NULL, true);
	keys(p, "=x");
	assert_false(keys(p, "Esc"));
	assert_true(seen.cancelled);
	buf_release(&b);
}

static int tear_down(void **state)
{
	(void)state;
	prompt_history_free();
	return 0;
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	setenv("INPUTRC", "/dev/null", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(editing),
		cmocka_unit_test(cancelling),
		cmocka_unit_test(wide_text_and_long_lines),
		cmocka_unit_test(histories),
		cmocka_unit_test(history_files),
		cmocka_unit_test(completion),
		cmocka_unit_test(pasted_text_never_accepts),
		cmocka_unit_test(secrets),
	};
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
