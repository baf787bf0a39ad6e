#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"
#include "tests/unit/cmocka_all.h"
#include "ui/term.h"
#include "ui/theme.h"

/* ncurses forgets a little memory when newterm() knows no such terminal. */
/* Visible, or the sanitizer does not find it: all else is hidden. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:new_prescr\n";
}

static void memory_terminal(void **state)
{
	(void)state;
	struct term *t = term_new_memory(10, 2);
	struct key k;
	assert_int_equal(term_fd(t), -1);
	assert_int_equal(term_timeout_ms(t), -1);
	assert_false(term_key(t, &k));
	term_type(t, (struct key){'x', 0});
	term_type(t, (struct key){K_UP, MOD_CTRL});
	assert_int_equal(term_timeout_ms(t), 0);
	assert_true(term_key(t, &k) && k.code == 'x');
	assert_true(term_key(t, &k) && k.code == K_UP && k.mods == MOD_CTRL);
	assert_false(term_key(t, &k));
	canvas_puts(term_canvas(t), 0, 1, CANVAS_ALL, UI_WARNING, "shown");
	struct buf b = BUF_INIT;
	canvas_dump(term_shown(t), &b);
	assert_string_equal(buf_str(&b), "\n\n");
	term_show(t);
	buf_clear(&b);
	canvas_dump(term_shown(t), &b);
	assert_string_equal(buf_str(&b), "\nshown\n");
	buf_release(&b);
	term_resize(t, 0, -3);
	assert_int_equal(term_canvas(t)->cols, 1);
	term_show(t);
	assert_false(term_copy(t, "x", 1));
	term_notify(t, "nobody sees it");
	term_free(t);
}

/* A pseudo terminal: the test is the person and the glass, at the master's side. */
struct pty {
	int master, slave;
	struct term *term;
	struct buf out;
};

static void pty_open(struct pty *p, int cols, int rows)
{
	*p = (struct pty){0};
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(p->master >= 0 && grantpt(p->master) == 0 && unlockpt(p->master) == 0);
	p->slave = open(ptsname(p->master), O_RDWR | O_NOCTTY);
	assert_true(p->slave >= 0);
	struct winsize w = {.ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows};
	assert_int_equal(ioctl(p->master, TIOCSWINSZ, &w), 0);
}

static bool pty_start(struct pty *p, const char *type, bool ascii)
{
	struct term_options o = {
		.in_fd = p->slave, .out_fd = p->slave, .type = type, .ascii = ascii};
	struct err e = {0};
	p->term = term_open(&o, &e);
	if (p->term)
		return true;
	printf("%s: %s; %s\n", e.what, e.why, e.hint);
	return false;
}

/* What was written since the last call. */
static const char *pty_read(struct pty *p)
{
	char piece[4096];
	ssize_t n;
	buf_clear(&p->out);
	while ((n = read(p->master, piece, sizeof piece)) > 0)
		buf_add(&p->out, piece, (size_t)n);
	return buf_str(&p->out);
}

static void pty_type(struct pty *p, const char *s)
{
	assert_int_equal(write(p->master, s, strlen(s)), (ssize_t)strlen(s));
}

static void pty_close(struct pty *p)
{
	term_free(p->term);
	close(p->slave);
	if (p->master >= 0)
		close(p->master);
	buf_release(&p->out);
}

static struct key next_key(struct term *t)
{
	struct key k = {0};
	for (int tries = 0; !term_key(t, &k); tries++) {
		assert_true(tries < 1000);
		struct pollfd p[2] = {{term_fd(t), POLLIN, 0}, {term_wake_fd(t), POLLIN, 0}};
		poll(p, 2, term_timeout_ms(t) < 0 ? 1000 : term_timeout_ms(t));
	}
	return k;
}

static void only_changes_are_written(void **state)
{
	(void)state;
	struct pty p;
	struct theme dark;
	struct err e;
	pty_open(&p, 80, 24);
	struct termios before, after;
	tcgetattr(p.slave, &before);
	assert_true(pty_start(&p, "xterm-256color", false));
	assert_int_equal(term_canvas(p.term)->cols, 80);
	assert_int_equal(term_canvas(p.term)->rows, 24);
	assert_int_equal(term_colours(p.term), 256);
	assert_true(theme_load(&dark, "dark", NULL, &e));
	term_set_theme(p.term, &dark);

	canvas_puts(term_canvas(p.term), 3, 2, CANVAS_ALL, UI_WARNING, "warning 김 e\xcc\x81");
	term_show(p.term);
	const char *s = pty_read(&p);
	assert_non_null(strstr(s, "\033[?1049h"));
	assert_non_null(strstr(s, "\033[?2004h"));
	assert_non_null(strstr(s, "38;5;214m")); /* #f0b429 */
	assert_non_null(strstr(s, "warning 김 e\xcc\x81"));
	term_show(p.term);
	canvas_clear(term_canvas(p.term));
	canvas_puts(term_canvas(p.term), 3, 2, CANVAS_ALL, UI_WARNING, "warning 김 e\xcc\x81");
	term_show(p.term);
	assert_string_equal(pty_read(&p), "");

	canvas_puts(term_canvas(p.term), 3, 2, CANVAS_ALL, UI_WARNING, "warn!ng");
	term_show(p.term);
	s = pty_read(&p);
	assert_non_null(strchr(s, '!'));
	assert_null(strstr(s, "warn"));
	assert_true(strlen(s) < 40);

	term_redraw(p.term);
	term_show(p.term);
	assert_non_null(strstr(pty_read(&p), "warn!ng"));

	assert_true(term_copy(p.term, "hello", 5));
	assert_string_equal(pty_read(&p), "\033]52;c;aGVsbG8=\a");
	assert_false(term_copy(p.term, "", TERM_COPY_MAX + 1));
	/* One notification and nothing else, whatever is in the text. */
	term_notify(p.term, "41 wait\033]0;evil\a\n behind 812");
	s = pty_read(&p);
	assert_int_equal(strncmp(s, "\033]9;fathom: 41 wait", 19), 0);
	assert_ptr_equal(strchr(s, '\a'), s + strlen(s) - 1);
	assert_null(strchr(s + 1, '\033'));
	assert_null(strchr(s, '\n'));
	term_bell(p.term);
	assert_string_equal(pty_read(&p), "\a");

	term_free(p.term);
	p.term = NULL;
	s = pty_read(&p);
	assert_non_null(strstr(s, "\033[?1049l"));
	assert_non_null(strstr(s, "\033[?2004l"));
	tcgetattr(p.slave, &after);
	assert_int_equal(before.c_lflag, after.c_lflag);
	assert_int_equal(before.c_iflag, after.c_iflag);
	pty_close(&p);
}

static void ascii_terminals_get_ascii(void **state)
{
	(void)state;
	struct pty p;
	pty_open(&p, 40, 10);
	assert_true(pty_start(&p, "vt100", true));
	assert_int_equal(term_colours(p.term), 0);
	canvas_puts(term_canvas(p.term), 0, 0, CANVAS_ALL, UI_CRITICAL, "▲ row lock ← 812 김.");
	canvas_hline(term_canvas(p.term), 0, 1, 5, UI_RULE);
	term_show(p.term);
	const char *s = pty_read(&p);
	assert_non_null(strstr(s, "! row lock < 812 ??."));
	assert_non_null(strstr(s, "-----"));
	for (; *s; s++)
		assert_true((unsigned char)*s < 0x80);
	pty_close(&p);
}

static void no_colours_no_crash_on_odd_terminals(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		int cols, rows, colours;
	} cases[] = {{"linux", 80, 25, 8},  {"xterm", 20, 10, 8},     {"vt220", 1, 1, 0},
		     {"screen", 500, 2, 8}, {"rxvt-unicode", 3, 50, 0}};
	struct theme light;
	struct err e;
	assert_true(theme_load(&light, "light", NULL, &e));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pty p;
		pty_open(&p, cases[i].cols, cases[i].rows);
		assert_true(pty_start(&p, cases[i].type, false));
		if (cases[i].colours)
			assert_int_equal(term_colours(p.term), cases[i].colours);
		term_set_theme(p.term, &light);
		for (int round = 0; round < 3; round++) {
			struct canvas *c = term_canvas(p.term);
			for (int y = 0; y < c->rows; y++) {
				canvas_puts(c, -round, y, CANVAS_ALL, (enum ui_role)(y % UI_ROLES),
					    "김a민e\xcc\x81\xe2\x9d\xa4\xef\xb8\x8f준b");
			}
			c->cursor_x = round;
			c->cursor_y = round;
			term_show(p.term);
			pty_read(&p);
		}
		pty_close(&p);
	}
	struct pty p;
	pty_open(&p, 80, 24);
	assert_false(pty_start(&p, "dumb", false));
	assert_false(pty_start(&p, "no-such-terminal", false));
	pty_close(&p);
	struct term_options o = {.in_fd = open("/dev/null", O_RDWR), .type = "xterm"};
	o.out_fd = o.in_fd;
	assert_null(term_open(&o, &e));
	assert_non_null(strstr(e.why, "not a terminal"));
	close(o.in_fd);
}

static void keys_are_decoded(void **state)
{
	(void)state;
	struct pty p;
	pty_open(&p, 80, 24);
	assert_true(pty_start(&p, "xterm-256color", false));
	struct key k;
	assert_false(term_key(p.term, &k));
	pty_type(&p, "x\033[A\xc3\xa9\x12");
	assert_int_equal(next_key(p.term).code, 'x');
	assert_int_equal(next_key(p.term).code, K_UP);
	assert_int_equal(next_key(p.term).code, 0xe9);
	k = next_key(p.term);
	assert_true(k.code == 'r' && k.mods == MOD_CTRL);
	/* Ctrl-C and Ctrl-Z are keys like others */
	pty_type(&p, "\x03\x1a");
	assert_int_equal(next_key(p.term).code, 'c');
	assert_int_equal(next_key(p.term).code, 'z');

	/* a lone Esc waits, and then is one */
	clock_freeze(NS_PER_S, 0);
	pty_type(&p, "\033");
	struct pollfd ready = {p.slave, POLLIN, 0};
	assert_int_equal(poll(&ready, 1, 5000), 1);
	assert_false(term_key(p.term, &k));
	assert_int_equal(term_timeout_ms(p.term), 25);
	clock_freeze(NS_PER_S + 25 * NS_PER_MS, 0);
	assert_int_equal(term_timeout_ms(p.term), 0);
	assert_true(term_key(p.term, &k) && k.code == K_ESC);
	clock_freeze(-1, -1);

	/* pasted text is marked */
	pty_type(&p, "\033[200~X\033[201~y");
	k = next_key(p.term);
	assert_true(k.code == 'X' && k.mods == MOD_PASTE);
	k = next_key(p.term);
	assert_true(k.code == 'y' && k.mods == 0);
	pty_close(&p);
}

static void signals_become_keys(void **state)
{
	(void)state;
	struct pty p;
	pty_open(&p, 80, 24);
	assert_true(pty_start(&p, "xterm-256color", false));
	term_show(p.term);
	pty_read(&p);
	struct winsize w = {.ws_col = 30, .ws_row = 7};
	ioctl(p.master, TIOCSWINSZ, &w);
	raise(SIGWINCH);
	assert_int_equal(next_key(p.term).code, K_RESIZE);
	assert_int_equal(term_canvas(p.term)->cols, 30);
	assert_int_equal(term_canvas(p.term)->rows, 7);
	canvas_puts(term_canvas(p.term), 0, 6, CANVAS_ALL, UI_TEXT, "bottom");
	term_show(p.term);
	assert_non_null(strstr(pty_read(&p), "bottom"));
	struct key k;
	raise(SIGWINCH); /* the same size: nothing to do */
	assert_false(term_key(p.term, &k));
	raise(SIGTSTP);
	assert_int_equal(next_key(p.term).code, K_SUSPEND);
	raise(SIGCONT);
	assert_int_equal(next_key(p.term).code, K_RESIZE);
	term_show(p.term);
	assert_non_null(strstr(pty_read(&p), "bottom"));
	raise(SIGHUP);
	assert_int_equal(next_key(p.term).code, K_HANGUP);
	assert_int_equal(next_key(p.term).code, K_HANGUP);
	pty_close(&p);
}

static void a_dead_terminal_is_a_hangup(void **state)
{
	(void)state;
	struct pty p;
	pty_open(&p, 80, 24);
	assert_true(pty_start(&p, "xterm-256color", false));
	close(p.master);
	p.master = -1;
	assert_int_equal(next_key(p.term).code, K_HANGUP);
	term_show(p.term);
	assert_int_equal(next_key(p.term).code, K_HANGUP);
	pty_close(&p);
}

static void stop_in_child(struct pty *p)
{
	if (!pty_start(p, "xterm-256color", false))
		_exit(9);
	term_show(p->term);
	term_suspend(p->term);
	canvas_puts(term_canvas(p->term), 0, 0, CANVAS_ALL, UI_TEXT, "again");
	term_show(p->term);
	term_free(p->term);
	_exit(0);
}

static void suspend_gives_the_terminal_back(void **state)
{
	(void)state;
	struct pty p;
	struct termios before, now;
	pty_open(&p, 80, 24);
	tcgetattr(p.slave, &before);
	pid_t child = fork();
	if (!child)
		stop_in_child(&p);
	int status;
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	tcgetattr(p.slave, &now);
	assert_int_equal(before.c_lflag, now.c_lflag);
	assert_non_null(strstr(pty_read(&p), "\033[?1049l"));
	kill(child, SIGCONT);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	const char *s = pty_read(&p);
	assert_non_null(strstr(s, "\033[?1049h"));
	assert_non_null(strstr(s, "again"));
	pty_close(&p);
}

static void crash_in_child(struct pty *p, int how)
{
	int null = open("/dev/null", O_WRONLY);
	dup2(null, STDERR_FILENO);
	if (how)
		signal(how, SIG_DFL); /* not the test framework's */
	signal(SIGABRT, SIG_DFL);
	if (!pty_start(p, "xterm-256color", false))
		_exit(9);
	term_show(p->term);
	if (how == 0)
		die("on purpose");
	raise(how);
	_exit(0);
}

static void crashes_restore_the_terminal(void **state)
{
	(void)state;
	static const int ways[] = {0, SIGSEGV, SIGABRT, SIGBUS, SIGFPE};
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct pty p;
		struct termios before, now;
		pty_open(&p, 80, 24);
		tcgetattr(p.slave, &before);
		pid_t child = fork();
		if (!child)
			crash_in_child(&p, ways[i]);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), ways[i] ? ways[i] : SIGABRT);
		tcgetattr(p.slave, &now);
		assert_int_equal(before.c_lflag, now.c_lflag);
		assert_non_null(strstr(pty_read(&p), "\033[?1049l"));
		pty_close(&p);
	}
}

/* No terminal at all: files in its place. */
static void headless(void **state)
{
	(void)state;
	int null = open("/dev/null", O_RDWR);
	struct term_options o = {
		.in_fd = null, .out_fd = null, .type = "xterm-256color", .cols = 200, .rows = 50};
	struct err e;
	struct term *t = term_open(&o, &e);
	assert_non_null(t);
	for (int i = 0; i < 50; i++) {
		canvas_printf(term_canvas(t), 0, i, CANVAS_ALL, UI_TEXT, "line %d", i);
		term_show(t);
	}
	assert_int_equal(term_canvas(t)->cols, 200);
	assert_int_equal(canvas_cell(term_shown(t), 5, 49)->ch, '4');
	term_free(t);
	close(null);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	unsetenv("LINES");
	unsetenv("COLUMNS");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_terminal),
		cmocka_unit_test(only_changes_are_written),
		cmocka_unit_test(ascii_terminals_get_ascii),
		cmocka_unit_test(no_colours_no_crash_on_odd_terminals),
		cmocka_unit_test(keys_are_decoded),
		cmocka_unit_test(signals_become_keys),
		cmocka_unit_test(a_dead_terminal_is_a_hangup),
		cmocka_unit_test(suspend_gives_the_terminal_back),
		cmocka_unit_test(crashes_restore_the_terminal),
		cmocka_unit_test(headless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
