#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ui/signals.h"
#include "ui/theme.h"

enum {
	ESC_DELAY_MS = 25, /* a lone Esc is a key when nothing follows for so long */
	INPUT_SIZE = 512,
};

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

/* How a role on a surface is shown, looked up once. */
struct look {
	attr_t attrs;
	short pair;
	bool known;
};

struct term {
	struct canvas canvas, shown;
	bool shown_holds; /* `shown` is what the terminal has */
	bool real, hangup, utf8, can_hide_cursor, default_colours, paste;
	bool fixed_size;
	int colours;
	const struct theme *theme;
	struct theme mono;
	struct look looks[UI_ROLES][UI_ROLES];

	SCREEN *screen;
	FILE *in, *out;
	int in_fd, out_fd, wake[2];
	char input[INPUT_SIZE];
	size_t n_input;
	int64_t input_since; /* when what is left of the input began to wait for more */

	struct key *typed; /* memory terminals */
	size_t n_typed, cap_typed, next_typed;
	cchar_t *line;
	int cap_line;
};

/* --- giving back ------------------------------------------------------------------------- */

/* NULL where the terminal has no such thing. */
static const char *capability(const char *name)
{
	const char *s = tigetstr(name);
	return s == (const char *)-1 ? NULL : s;
}

static void arm_restore(struct term *t, const struct termios *modes)
{
	static const char *const undo[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
	restore_set(t->out_fd, modes);
	restore_add(PASTE_OFF);
	for (size_t i = 0; i < COUNT_OF(undo); i++)
		restore_add(capability(undo[i]));
	restore_arm(true);
}

/* --- opening and closing ------------------------------------------------------------------ */

static void say(struct term *t, const char *s, size_t n)
{
	while (n) {
		ssize_t k = write(t->out_fd, s, n);
		if (k < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = t->out_fd, .events = POLLOUT};
			k = poll(&p, 1, 1000) > 0 ? 0 : -1;
		}
		if (k < 0 && errno != EINTR)
			return;
		s += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
	}
}

static bool window_size(const struct term *t, int *cols, int *rows)
{
	struct winsize w;
	if (t->fixed_size || ioctl(t->out_fd, TIOCGWINSZ, &w) != 0 || !w.ws_col || !w.ws_row)
		return false;
	*cols = w.ws_col;
	*rows = w.ws_row;
	return true;
}

void term_resize(struct term *t, int cols, int rows)
{
	canvas_resize(&t->canvas, cols, rows);
	canvas_resize(&t->shown, cols, rows);
	if (t->real) {
		resize_term(t->canvas.rows, t->canvas.cols);
		clearok(curscr, TRUE);
	}
	t->shown_holds = false;
}

static struct term *term_new(void)
{
	struct term *t = xcalloc(1, sizeof *t);
	t->in_fd = t->out_fd = t->wake[0] = t->wake[1] = -1;
	struct err ignored;
	theme_load(&t->mono, "mono", NULL, &ignored);
	t->theme = &t->mono;
	return t;
}

struct term *term_new_memory(int cols, int rows)
{
	struct term *t = term_new();
	term_resize(t, cols, rows);
	return t;
}

static void set_modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	meta(stdscr, TRUE);
}

static void set_colours(struct term *t, int most)
{
	t->default_colours = true;
	if (has_colors() && start_color() == OK) {
		t->default_colours = use_default_colors() == OK;
		t->colours = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
	}
	if (most && t->colours > most)
		t->colours = most >= 256 ? 256 : most >= 16 ? 16 : most >= 8 ? 8 : 0;
}

static bool start_curses(struct term *t, const char *type, struct err *e)
{
	char why[160];
	t->in = fdopen(dup(t->in_fd), "r");
	t->out = fdopen(dup(t->out_fd), "w");
	if (!t->in || !t->out)
		return err_set(e, ERR_IO, "the terminal", strerror(errno), NULL);
	t->screen = newterm((char *)(uintptr_t)type, t->out, t->in);
	if (!t->screen) {
		if (strcmp(type, "unknown") == 0)
			snprintf(why, sizeof why, "TERM does not say which one it is");
		else
			snprintf(why, sizeof why, "the terminal type \"%.80s\" is unknown here", type);
		return err_set(e, ERR_IO, "the terminal", why, "set TERM, for example to xterm");
	}
	if (!capability("cup")) {
		snprintf(why, sizeof why, "the terminal type \"%.80s\" cannot place its cursor",
			 type);
		return err_set(e, ERR_IO, "the terminal", why,
			       "set TERM to what it really is, for example to vt100");
	}
	return true;
}

struct term *term_open(const struct term_options *o, struct err *e)
{
	static const struct term_options none = {.in_fd = -1, .out_fd = -1};
	o = o ? o : &none;
	struct term *t = term_new();
	t->in_fd = o->in_fd < 0 ? STDIN_FILENO : o->in_fd;
	t->out_fd = o->out_fd < 0 ? STDOUT_FILENO : o->out_fd;
	t->fixed_size = o->cols > 0;
	BUG_ON(signals_are_open());

	const char *type = o->type ? o->type : getenv("TERM");
	struct termios modes;
	bool has_modes = tcgetattr(t->in_fd, &modes) == 0;
	if (!t->fixed_size && (!has_modes || !isatty(t->out_fd))) {
		err_set(e, ERR_IO, "the terminal", "standard input and output are not a terminal",
			"start it in one; `fathom snapshot` gives data to scripts");
		goto failed;
	}
	if (pipe2(t->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
		err_set(e, ERR_IO, "pipe", strerror(errno), NULL);
		goto failed;
	}
	if (!start_curses(t, type && type[0] ? type : "unknown", e))
		goto failed;

	t->real = true;
	t->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	arm_restore(t, has_modes ? &modes : NULL);
	signals_open(t->wake[1]);
	set_modes();
	set_colours(t, o->max_colours);
	t->can_hide_cursor = curs_set(0) != ERR;
	say(t, PASTE_ON, strlen(PASTE_ON));
	int cols = o->cols ? o->cols : COLS, rows = o->rows ? o->rows : LINES;
	window_size(t, &cols, &rows);
	term_resize(t, cols, rows);
	t->canvas.ascii = o->ascii || !t->utf8;
	return t;

failed:
	term_free(t);
	return NULL;
}

/* The terminal as the shell wants it; doupdate() takes it back. */
static void give_back(struct term *t)
{
	say(t, PASTE_OFF, strlen(PASTE_OFF));
	if (!t->can_hide_cursor || curs_set(1) == ERR)
		curs_set(2);
	endwin();
}

void term_free(struct term *t)
{
	if (!t)
		return;
	if (t->real) {
		give_back(t);
		restore_arm(false);
		signals_close();
	}
	if (t->screen)
		delscreen(t->screen);
	if (t->in)
		fclose(t->in);
	if (t->out)
		fclose(t->out);
	for (int i = 0; i < 2; i++) {
		if (t->wake[i] >= 0)
			close(t->wake[i]);
	}
	canvas_release(&t->canvas);
	canvas_release(&t->shown);
	free(t->typed);
	free(t->line);
	free(t);
}

/* --- showing ------------------------------------------------------------------------------ */

struct canvas *term_canvas(struct term *t)
{
	return &t->canvas;
}

const struct canvas *term_shown(const struct term *t)
{
	return &t->shown;
}

int term_colours(const struct term *t)
{
	return t->colours;
}

void term_redraw(struct term *t)
{
	t->shown_holds = false;
	if (t->real)
		clearok(curscr, TRUE);
}

void term_set_theme(struct term *t, const struct theme *theme)
{
	t->theme = t->real && !t->colours ? &t->mono : theme;
	memset(t->looks, 0, sizeof t->looks);
	t->shown_holds = false;
}

static struct look look_up(struct term *t, enum ui_role role, enum ui_role under)
{
	static const struct {
		unsigned ours;
		attr_t theirs;
	} attrs[] = {{ATTR_BOLD, A_BOLD},
		     {ATTR_DIM, A_DIM},
		     {ATTR_UNDERLINE, A_UNDERLINE},
		     {ATTR_REVERSE, A_REVERSE}};
	struct look *look = &t->looks[role][under];
	if (look->known)
		return *look;
	struct style style = theme_style(t->theme, role, under);
	look->attrs = A_NORMAL;
	for (size_t i = 0; i < COUNT_OF(attrs); i++) {
		if (style.attrs & attrs[i].ours)
			look->attrs |= attrs[i].theirs;
	}
	int fg, bg;
	style_colours(&style, t->colours, &fg, &bg);
	if (!t->default_colours) {
		fg = fg < 0 ? COLOR_WHITE : fg;
		bg = bg < 0 ? COLOR_BLACK : bg;
	}
	/* Where bold means bright, bold black is grey. */
	if (t->colours < 256 && fg == COLOR_BLACK)
		look->attrs &= ~A_BOLD;
	look->pair = 0;
	if (t->colours && (fg >= 0 || bg >= 0)) {
		int pair = alloc_pair(fg, bg);
		look->pair = pair > 0 && pair <= SHRT_MAX ? (short)pair : 0;
	}
	look->known = true;
	return *look;
}

/* The characters of a cell for curses: a base that the C library gives the same width, and marks.
   What it does not know so is replaced, or its cursor would go astray. */
static void to_wide(const struct term *t, const struct cell *cell, wchar_t out[CCHARW_MAX + 1])
{
	char tmp[5];
	const char *s = canvas_cluster(&t->canvas, cell, tmp);
	size_t left = strlen(s), n = 0;
	while (left && n < CCHARW_MAX) {
		uint32_t cp;
		size_t used = utf8_decode(s, left, &cp);
		int width = wcwidth((wchar_t)cp);
		s += used;
		left -= used;
		if (n == 0) {
			/* An emoji made of a narrow sign stands in the first of its two cells. */
			bool fits = width == cell->width || (width == 1 && cell->width == 2);
			out[n++] = fits ? (wchar_t)cp : L'?';
		} else if (cp == 0x200d || width != 0) {
			break; /* the rest of a joined emoji */
		} else if (cp != 0xfe0f) {
			out[n++] = (wchar_t)cp;
		}
	}
	out[n] = L'\0';
}

/* Put cells from..to-1 of a line into curses' window. */
static void show_run(struct term *t, int y, int from, int to)
{
	const struct cell *row = canvas_cell(&t->canvas, 0, y);
	if (row[from].width == 0 && from > 0)
		from--;
	int n = 0;
	for (int x = from; x < to; x++) {
		const struct cell *cell = &row[x];
		struct look look = look_up(t, (enum ui_role)cell->role, (enum ui_role)cell->under);
		wchar_t text[CCHARW_MAX + 1];
		if (cell->width == 0)
			continue;
		to_wide(t, cell, text);
		setcchar(&t->line[n++], text, look.attrs, look.pair, NULL);
		/* A wide cell of which curses knows only a narrow character. */
		bool second = cell->width == 2 && (t->canvas.ascii || wcwidth(text[0]) != 2);
		if (second) {
			text[0] = t->canvas.ascii ? text[0] : L' ';
			text[1] = L'\0';
			setcchar(&t->line[n++], text, look.attrs, look.pair, NULL);
		}
	}
	mvadd_wchnstr(y, from, t->line, n);
}

/* True when something on the line differs from what is shown. */
static bool show_line(struct term *t, int y)
{
	const struct canvas *c = &t->canvas, *s = &t->shown;
	const struct cell *row = canvas_cell(c, 0, y), *old = canvas_cell(s, 0, y);
	int from = 0, to = c->cols;
	if (t->shown_holds) {
		while (from < to && canvas_same(c, &row[from], s, &old[from]))
			from++;
		while (to > from && canvas_same(c, &row[to - 1], s, &old[to - 1]))
			to--;
	}
	if (from == to)
		return false;
	if (t->real)
		show_run(t, y, from, to);
	return true;
}

static bool show_cursor(struct term *t)
{
	const struct canvas *c = &t->canvas;
	bool visible = c->cursor_x >= 0 && c->cursor_x < c->cols && c->cursor_y >= 0 &&
		       c->cursor_y < c->rows;
	bool same = t->shown_holds && c->cursor_x == t->shown.cursor_x &&
		    c->cursor_y == t->shown.cursor_y;
	if (!t->real)
		return !same;
	if (!same)
		curs_set(visible);
	leaveok(stdscr, !visible && t->can_hide_cursor);
	if (visible)
		move(c->cursor_y, c->cursor_x);
	else if (!t->can_hide_cursor)
		move(c->rows - 1, c->cols - 1);
	return !same;
}

void term_show(struct term *t)
{
	if (t->cap_line < t->canvas.cols) {
		t->cap_line = t->canvas.cols;
		t->line = xrealloc(t->line, (size_t)t->cap_line, sizeof *t->line);
	}
	bool changed = false;
	for (int y = 0; y < t->canvas.rows; y++)
		changed |= show_line(t, y);
	changed |= show_cursor(t);
	if (changed || !t->shown_holds) {
		canvas_copy(&t->shown, &t->canvas);
		t->shown_holds = true;
		if (t->real)
			refresh();
	}
}

/* --- keys --------------------------------------------------------------------------------- */

int term_fd(const struct term *t)
{
	return t->in_fd;
}

int term_wake_fd(const struct term *t)
{
	return t->wake[0];
}

void term_type(struct term *t, struct key key)
{
	GROW(t->typed, t->n_typed, t->cap_typed);
	t->typed[t->n_typed++] = key;
}

static bool typed_key(struct term *t, struct key *key)
{
	if (t->next_typed == t->n_typed) {
		t->next_typed = t->n_typed = 0;
		return false;
	}
	*key = t->typed[t->next_typed++];
	return true;
}

/* Back on the screen after a stop: the shell may have changed everything. */
static void take_back(struct term *t)
{
	int cols = t->canvas.cols, rows = t->canvas.rows;
	reset_prog_mode();
	set_modes();
	restore_arm(true);
	say(t, PASTE_ON, strlen(PASTE_ON));
	t->shown.cursor_x = INT_MIN;
	window_size(t, &cols, &rows);
	if (cols != t->canvas.cols || rows != t->canvas.rows)
		term_resize(t, cols, rows);
	term_redraw(t);
}

static bool told_key(struct term *t, struct key *key)
{
	char drain[64];
	while (read(t->wake[0], drain, sizeof drain) > 0)
		;
	if (signals_take(SIGNAL_END))
		t->hangup = true;
	if (t->hangup)
		*key = (struct key){K_HANGUP, 0};
	if (t->hangup)
		return true;
	if (signals_take(SIGNAL_STOP)) {
		*key = (struct key){K_SUSPEND, 0};
		return true;
	}
	bool cont = signals_take(SIGNAL_CONTINUED), winch = signals_take(SIGNAL_RESIZED);
	if (cont) {
		take_back(t);
	} else if (winch) {
		int cols = t->canvas.cols, rows = t->canvas.rows;
		window_size(t, &cols, &rows);
		if (cols == t->canvas.cols && rows == t->canvas.rows)
			return false;
		term_resize(t, cols, rows);
	}
	*key = (struct key){K_RESIZE, 0};
	return cont || winch;
}

/* Take what the terminal has to say; its end is the end of us. */
static void read_input(struct term *t)
{
	struct pollfd p = {.fd = t->in_fd, .events = POLLIN};
	if (t->n_input == INPUT_SIZE || poll(&p, 1, 0) <= 0)
		return;
	ssize_t n = read(t->in_fd, t->input + t->n_input, INPUT_SIZE - t->n_input);
	if (n > 0) {
		t->n_input += (size_t)n;
		t->input_since = clock_mono_ns();
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		t->hangup = true;
	}
}

static bool waited(const struct term *t)
{
	return clock_mono_ns() - t->input_since >= ESC_DELAY_MS * NS_PER_MS;
}

static bool decode_key(struct term *t, struct key *key)
{
	while (t->n_input) {
		bool last = t->n_input == INPUT_SIZE || waited(t);
		size_t used = key_decode(t->input, t->n_input, last, key);
		if (!used)
			return false;
		t->n_input -= used;
		memmove(t->input, t->input + used, t->n_input);
		if (key->code == K_NONE) {
			t->paste = key_equal(*key, KEY_PASTE_BEGIN);
			continue;
		}
		if (t->paste)
			key->mods |= MOD_PASTE;
		return true;
	}
	return false;
}

bool term_key(struct term *t, struct key *key)
{
	if (!t->real)
		return typed_key(t, key);
	if (told_key(t, key) || decode_key(t, key))
		return true;
	read_input(t);
	if (t->hangup) {
		*key = (struct key){K_HANGUP, 0};
		return true;
	}
	return decode_key(t, key);
}

int term_timeout_ms(const struct term *t)
{
	if (!t->real)
		return t->next_typed < t->n_typed ? 0 : -1;
	if (!t->n_input)
		return -1;
	int64_t left = t->input_since + ESC_DELAY_MS * NS_PER_MS - clock_mono_ns();
	return left <= 0 ? 0 : (int)((left + NS_PER_MS - 1) / NS_PER_MS);
}

void term_suspend(struct term *t)
{
	if (!t->real)
		return;
	give_back(t);
	restore_arm(false);
	struct sigaction now, stop = {.sa_handler = SIG_DFL};
	sigaction(SIGTSTP, &stop, &now);
	kill(getpid(), SIGTSTP); /* we stop here */
	sigaction(SIGTSTP, &now, NULL);
	signals_take(SIGNAL_CONTINUED);
	take_back(t);
}

/* --- bell and clipboard ------------------------------------------------------------------- */

void term_bell(struct term *t)
{
	if (t->real)
		say(t, "\a", 1);
}

void term_notify(struct term *t, const char *text)
{
	enum { MOST = 160 };
	if (!t->real)
		return;
	struct buf clean = BUF_INIT, b = BUF_INIT;
	utf8_scrub(&clean, text, strlen(text));
	/* OSC 9 with a digit and a semicolon is another thing to some terminals: the name goes first. */
	buf_adds(&b, "\033]9;fathom: ");
	buf_add(&b, clean.s, utf8_fit(buf_str(&clean), clean.len, MOST));
	buf_addc(&b, '\a');
	say(t, b.s, b.len);
	buf_release(&clean);
	buf_release(&b);
}

static void base64(struct buf *out, const unsigned char *s, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned v = (unsigned)s[i] << 16;
		v |= n > 1 ? (unsigned)s[i + 1] << 8 : 0;
		v |= n > 2 ? (unsigned)s[i + 2] : 0;
		char four[4] = {digits[v >> 18], digits[v >> 12 & 63], digits[v >> 6 & 63],
				digits[v & 63]};
		memset(four + n + 1, '=', 3 - n);
		buf_add(out, four, 4);
	}
}

bool term_copy(struct term *t, const char *s, size_t len)
{
	if (!t->real || len > TERM_COPY_MAX)
		return false;
	struct buf b = BUF_INIT;
	buf_adds(&b, "\033]52;c;");
	base64(&b, (const unsigned char *)s, len);
	buf_addc(&b, '\a');
	say(t, b.s, b.len);
	buf_release(&b);
	return true;
}
