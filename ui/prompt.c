/*
 * readline through its callback interface: keys go in as bytes, one at a time, and what it would
 * draw is read back from its variables. It never touches the terminal, signals or the environment.
 */
#include "ui/prompt.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/mem.h"
#include "base/utf8.h"

struct prompt {
	struct prompt_spec spec;
	void *ctx;
	char *label, *history;
	struct buf secret;
	bool finished;
	char *result; /* NULL: cancelled */
	char *seen;   /* the text as `changed` knows it */
	struct buf candidates;
};

/* readline's callbacks carry no context. */
static struct prompt *the_prompt;
static struct {
	char bytes[16];
	size_t n, at;
} input;

/* --- histories -------------------------------------------------------------------------------- */

static struct kept {
	char *kind;
	char **lines;
	size_t n, cap;
} *kept;
static size_t n_kept, cap_kept;

static struct kept *kept_of(const char *kind)
{
	for (size_t i = 0; i < n_kept; i++)
		if (strcmp(kept[i].kind, kind) == 0)
			return &kept[i];
	GROW(kept, n_kept, cap_kept);
	kept[n_kept] = (struct kept){.kind = xstrdup(kind)};
	return &kept[n_kept++];
}

/* A line that was typed before moves to the end. */
static void kept_add(struct kept *k, const char *line, size_t len)
{
	if (!len)
		return;
	for (size_t i = 0; i < k->n; i++) {
		if (strlen(k->lines[i]) != len || memcmp(k->lines[i], line, len) != 0)
			continue;
		char *same = k->lines[i];
		memmove(k->lines + i, k->lines + i + 1, (k->n - i - 1) * sizeof *k->lines);
		k->lines[k->n - 1] = same;
		return;
	}
	if (k->n == PROMPT_HISTORY_MAX) {
		free(k->lines[0]);
		memmove(k->lines, k->lines + 1, --k->n * sizeof *k->lines);
	}
	GROW(k->lines, k->n, k->cap);
	k->lines[k->n++] = xstrndup(line, len);
}

void prompt_history_set(const char *kind, const char *text, size_t len)
{
	struct kept *k = kept_of(kind);
	struct buf line = BUF_INIT;
	while (k->n)
		free(k->lines[--k->n]);
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end ? (size_t)(end - text) - at : len - at;
		buf_clear(&line);
		utf8_scrub(&line, text + at, n);
		kept_add(k, buf_str(&line), line.len);
		at += n + 1;
	}
	buf_release(&line);
}

void prompt_history_text(const char *kind, struct buf *out)
{
	const struct kept *k = kept_of(kind);
	for (size_t i = 0; i < k->n; i++)
		buf_addf(out, "%s\n", k->lines[i]);
}

bool prompt_history_load(const char *dir, const char *kind)
{
	char *path = xasprintf("%s/history.%s", dir, kind);
	FILE *f = fopen(path, "r");
	bool ok = f || errno == ENOENT;
	struct buf b = BUF_INIT;
	char chunk[4096];
	size_t n;
	while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&b, chunk, n);
	if (f)
		fclose(f);
	prompt_history_set(kind, buf_str(&b), b.len);
	buf_release(&b);
	free(path);
	return ok;
}

/* All of the path that is missing, for this account alone. */
static void make_folders(const char *dir)
{
	char *path = xstrdup(dir);
	for (char *s = path + 1; *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		mkdir(path, 0700);
		*s = '/';
	}
	mkdir(path, 0700);
	free(path);
}

bool prompt_history_save(const char *dir, const char *kind)
{
	struct buf b = BUF_INIT;
	prompt_history_text(kind, &b);
	if (!b.len) {
		buf_release(&b);
		return true;
	}
	make_folders(dir);
	char *path = xasprintf("%s/history.%s", dir, kind);
	char *tmp = xasprintf("%s.new", path);
	mode_t mask = umask(077);
	FILE *f = fopen(tmp, "w");
	umask(mask);
	bool ok = f && fwrite(b.s, 1, b.len, f) == b.len;
	ok = f && fclose(f) == 0 && ok && rename(tmp, path) == 0;
	free(tmp);
	free(path);
	buf_release(&b);
	return ok;
}

void prompt_history_free(void)
{
	for (size_t i = 0; i < n_kept; i++) {
		for (size_t j = 0; j < kept[i].n; j++)
			free(kept[i].lines[j]);
		free(kept[i].lines);
		free(kept[i].kind);
	}
	free(kept);
	kept = NULL;
	n_kept = cap_kept = 0;
	clear_history();
}

/* --- readline's callbacks --------------------------------------------------------------------- */

static int next_byte(FILE *f)
{
	(void)f;
	return input.at < input.n ? (unsigned char)input.bytes[input.at++] : EOF;
}

static int byte_waits(void)
{
	return input.at < input.n;
}

static void draw_nothing(void)
{
}

static void prepare_nothing(int meta)
{
	(void)meta;
}

static void finish(struct prompt *p, char *line)
{
	p->finished = true;
	p->result = line;
}

static void line_done(char *line)
{
	rl_callback_handler_remove();
	finish(the_prompt, line ? line : NULL);
}

void prompt_candidate(struct prompt_candidates *c, const char *word)
{
	GROW(c->words, c->n, c->cap);
	c->words[c->n++] = xstrdup(word);
}

/* The common beginning first, then the candidates: readline's format. */
static char **complete(const char *text, int start, int end)
{
	struct prompt_candidates all = {0};
	struct prompt *p = the_prompt;
	rl_attempted_completion_over = 1;
	if (!p->spec.complete)
		return NULL;
	p->spec.complete(p->ctx, rl_line_buffer, (size_t)start, (size_t)end, &all);
	size_t len = strlen(text), n = 0;
	char **out = xcalloc(all.n + 2, sizeof *out);
	for (size_t i = 0; i < all.n; i++) {
		if (strncmp(all.words[i], text, len) == 0)
			out[++n] = all.words[i];
		else
			free(all.words[i]);
	}
	free(all.words);
	if (!n) {
		free(out);
		return NULL;
	}
	size_t same = strlen(out[1]);
	for (size_t i = 2; i <= n; i++) {
		size_t k = 0;
		while (k < same && out[i][k] == out[1][k])
			k++;
		same = k;
	}
	out[0] = xstrndup(out[1], same);
	if (n == 1) {
		/* A blank follows a word, but not `time>`. */
		rl_completion_suppress_append = !same || !isalnum((unsigned char)out[0][same - 1]);
		free(out[1]);
		out[1] = NULL;
	}
	return out;
}

static void show_candidates(char **matches, int n, int longest)
{
	(void)longest;
	buf_clear(&the_prompt->candidates);
	for (int i = 1; i <= n; i++)
		buf_addf(&the_prompt->candidates, "%s  ", matches[i]);
}

static void set_up_readline(void)
{
	static bool done;
	static char breaks[] = " |(!"; /* of commands, and of filters */
	if (done)
		return;
	done = true;
	rl_readline_name = "fathom";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_instream = stdin;
	rl_outstream = fopen("/dev/null", "w");
	rl_getc_function = next_byte;
	rl_input_available_hook = byte_waits;
	rl_redisplay_function = draw_nothing;
	rl_prep_term_function = prepare_nothing;
	rl_deprep_term_function = draw_nothing;
	rl_attempted_completion_function = complete;
	rl_completion_display_matches_hook = show_candidates;
	rl_completer_word_break_characters = breaks;
	rl_initialize();
	/* Esc cancels, so there is no mode to leave with it; and no bell on somebody else's
	   terminal. */
	rl_variable_bind("editing-mode", "emacs");
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("show-all-if-ambiguous", "on");
	rl_variable_bind("enable-bracketed-paste", "off");
}

/* --- opening and closing ---------------------------------------------------------------------- */

struct prompt *prompt_active(void)
{
	return the_prompt;
}

static void prompt_free(struct prompt *p)
{
	if (the_prompt == p)
		the_prompt = NULL;
	if (p->secret.s)
		mem_wipe(p->secret.s, p->secret.cap);
	buf_release(&p->secret);
	buf_release(&p->candidates);
	free(p->seen);
	free(p->label);
	free(p->history);
	free(p);
}

void prompt_close(struct prompt *p)
{
	if (!p->spec.secret && !p->finished)
		rl_callback_handler_remove();
	prompt_free(p);
}

struct prompt *prompt_open(const struct prompt_spec *spec, void *ctx)
{
	if (the_prompt)
		prompt_close(the_prompt);
	struct prompt *p = xcalloc(1, sizeof *p);
	p->spec = *spec;
	p->ctx = ctx;
	p->label = xstrdup(spec->label);
	p->history = spec->secret ? NULL : xstrdup_null(spec->history);
	the_prompt = p;
	if (spec->secret)
		return p;
	set_up_readline();
	clear_history();
	if (p->history) {
		const struct kept *k = kept_of(p->history);
		for (size_t i = 0; i < k->n; i++)
			add_history(k->lines[i]);
	}
	rl_callback_handler_install(p->label, line_done);
	if (spec->initial) {
		rl_insert_text(spec->initial);
		rl_point = rl_end;
	}
	p->seen = xstrdup(rl_line_buffer);
	return p;
}

/* --- keys ------------------------------------------------------------------------------------- */

static void secret_key(struct prompt *p, struct key k)
{
	if (k.code == K_ENTER && !(k.mods & MOD_PASTE)) {
		finish(p, xstrdup(buf_str(&p->secret)));
	} else if (k.code == K_BACKSPACE) {
		size_t n = p->secret.len;
		while (n && ((unsigned char)p->secret.s[--n] & 0xC0) == 0x80)
			;
		p->secret.len = n;
		if (p->secret.s)
			p->secret.s[n] = '\0';
	} else if (k.code == 'u' && k.mods == MOD_CTRL) {
		buf_clear(&p->secret);
	} else if (k.code >= ' ' && k.code < K_FIRST && !(k.mods & (MOD_CTRL | MOD_ALT)) &&
		   p->secret.len < 1000) {
		/* Grown by copying, a buffer would leave the secret behind in freed memory. */
		if (!p->secret.s)
			buf_reserve(&p->secret, 1024);
		char utf8[4];
		buf_add(&p->secret, utf8, utf8_encode(k.code, utf8));
	}
}

static const struct {
	struct key key;
	const char *bytes;
} sequences[] = {
	{{K_UP, 0}, "\x10"},           {{K_DOWN, 0}, "\x0e"},
	{{K_LEFT, 0}, "\x02"},         {{K_RIGHT, 0}, "\x06"},
	{{K_HOME, 0}, "\x01"},         {{K_END, 0}, "\x05"},
	{{K_TAB, 0}, "\t"},            {{K_ENTER, 0}, "\r"},
	{{K_BACKSPACE, 0}, "\x7f"},    {{K_BACKSPACE, MOD_ALT}, "\x1b\x7f"},
	{{K_DELETE, 0}, "\x04"},       {{K_LEFT, MOD_CTRL}, "\x1b" "b"},
	{{K_RIGHT, MOD_CTRL}, "\x1b" "f"}, {{K_LEFT, MOD_ALT}, "\x1b" "b"},
	{{K_RIGHT, MOD_ALT}, "\x1b" "f"},
};

/* The bytes that readline's emacs mode knows for a key; 0 when there are none. */
static size_t bytes_of(struct key k, char out[16])
{
	if (k.mods & MOD_PASTE)
		k = (struct key){k.code < ' ' || k.code == K_BACKSPACE ? ' ' : k.code, 0};
	/* ^D on an empty line would end readline's input. */
	if (k.code == K_DELETE && rl_point == rl_end)
		return 0;
	for (unsigned i = 0; i < COUNT_OF(sequences); i++)
		if (key_equal(sequences[i].key, k)) {
			size_t n = strlen(sequences[i].bytes);
			memcpy(out, sequences[i].bytes, n);
			return n;
		}
	if (k.code < ' ' || k.code >= K_FIRST)
		return 0;
	size_t n = 0;
	if (k.mods & MOD_ALT)
		out[n++] = '\x1b';
	if (k.mods & MOD_CTRL) {
		if (k.code < '@' || k.code >= 0x80 || (k.code == 'd' && rl_end == 0))
			return 0;
		out[n++] = (char)(k.code & 0x1f);
		return n;
	}
	return n + utf8_encode(k.code, out + n);
}

static void line_key(struct prompt *p, struct key k)
{
	buf_clear(&p->candidates);
	input.n = bytes_of(k, input.bytes);
	input.at = 0;
	while (input.at < input.n && !p->finished)
		rl_callback_read_char();
	if (!p->finished && strcmp(p->seen, rl_line_buffer) != 0) {
		free(p->seen);
		p->seen = xstrdup(rl_line_buffer);
		if (p->spec.changed)
			p->spec.changed(p->ctx, p->seen);
	}
}

static bool cancels(struct key k)
{
	return !(k.mods & MOD_PASTE) &&
	       ((k.code == K_ESC && !k.mods) ||
		((k.code == 'c' || k.code == 'g') && k.mods == MOD_CTRL));
}

bool prompt_key(struct prompt *p, struct key key)
{
	if (cancels(key)) {
		if (!p->spec.secret)
			rl_callback_handler_remove();
		finish(p, NULL);
	} else if (p->spec.secret) {
		secret_key(p, key);
	} else {
		line_key(p, key);
	}
	if (!p->finished)
		return true;
	struct prompt_spec spec = p->spec;
	void *ctx = p->ctx;
	char *text = p->result;
	if (text && p->history)
		kept_add(kept_of(p->history), text, strlen(text));
	prompt_free(p);
	spec.done(ctx, text);
	if (text && spec.secret)
		mem_wipe(text, strlen(text));
	free(text);
	return false;
}

/* --- drawing ---------------------------------------------------------------------------------- */

int prompt_height(const struct prompt *p)
{
	return p->candidates.len ? 2 : 1;
}

static void draw_line(struct canvas *c, struct rect r, const char *label, const char *text,
		      size_t point)
{
	struct buf clean = BUF_INIT, before = BUF_INIT;
	utf8_scrub(&clean, text, strlen(text));
	utf8_scrub(&before, text, point);
	int x = r.x + canvas_puts(c, r.x, r.y, r.w, UI_INPUT_PROMPT, label);
	int room = r.x + r.w - x - 1, at = utf8_width(buf_str(&before), before.len);
	/* Scrolled so that the cursor is always seen. */
	size_t skip = 0;
	while (at > room && skip < clean.len) {
		int w;
		skip += utf8_cluster(clean.s + skip, clean.len - skip, &w);
		at -= w;
	}
	canvas_text(c, x, r.y, room + 1, UI_INPUT, buf_str(&clean) + skip, clean.len - skip);
	c->cursor_x = x + at;
	c->cursor_y = r.y;
	buf_release(&clean);
	buf_release(&before);
}

void prompt_draw(struct prompt *p, struct canvas *c, struct rect r)
{
	canvas_fill(c, r, UI_TEXT);
	if (p->candidates.len) {
		struct rect top = rect_top(&r, 1);
		struct buf clean = BUF_INIT;
		utf8_scrub(&clean, p->candidates.s, p->candidates.len);
		canvas_left(c, top.x + 1, top.y, top.w - 1, UI_INPUT_PROMPT, clean.s, clean.len);
		buf_release(&clean);
	}
	if (p->spec.secret) {
		char stars[65];
		size_t n = 0;
		/* A fixed sign, so that the length stays secret too. */
		if (p->secret.len)
			n = (size_t)snprintf(stars, sizeof stars, "(typing, not shown)");
		stars[n] = '\0';
		draw_line(c, r, p->label, stars, n);
	} else {
		draw_line(c, r, rl_display_prompt ? rl_display_prompt : p->label, rl_line_buffer,
			  (size_t)rl_point);
	}
}
