/*
 * FATHOM_SCRIPT: a file in place of the keyboard. Steps are taken one after the other; a step that waits
 * for something says when it wants to be looked at again and never sleeps.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "collect/collector.h"
#include "panels/console.h"

enum {
	IDLE_SECONDS = 30, /* wait-idle gives up */
	LOOK_AGAIN_MS = 20,
};

struct script {
	char *text, *path;
	char *next;       /* the rest */
	unsigned line;
	char *step;       /* the one at hand, NULL: take the next */
	int64_t began;    /* of the step at hand */
	int64_t last_done;
	bool asked;
	pcre2_code *regex;
	double seconds;
};

struct script *script_open(const char *path, struct err *e)
{
	FILE *f = fopen(path, "r");
	if (!f) {
		err_setf(e, ERR_IO, "FATHOM_SCRIPT", NULL, "%s: %m", path);
		return NULL;
	}
	struct buf b = BUF_INIT;
	char chunk[4096];
	size_t n;
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	struct script *s = xcalloc(1, sizeof *s);
	s->path = xstrdup(path);
	s->next = s->text = buf_steal(&b);
	return s;
}

void script_free(struct script *s)
{
	if (!s)
		return;
	pcre2_code_free(s->regex);
	free(s->path);
	free(s->text);
	free(s);
}

static void fail(struct script *s, struct console *c, const char *why)
{
	struct buf b = BUF_INIT;
	canvas_dump(term_shown(c->term), &b);
	fprintf(stderr, "fathom: %s:%u: %s: %s\n%s", s->path, s->line, s->step, why, buf_str(&b));
	buf_release(&b);
	c->exit_status = 4;
	c->quit = true;
}

enum outcome { DONE, WAIT, FAILED };

static enum outcome step_key(struct script *s, struct console *c, char *arg)
{
	struct key k;
	if (!key_parse(arg, &k)) {
		fail(s, c, "there is no such key");
		return FAILED;
	}
	term_type(c->term, k);
	return DONE;
}

static enum outcome step_type(struct script *s, struct console *c, char *arg)
{
	(void)s;
	size_t n = strlen(arg);
	for (size_t at = 0; at < n;) {
		uint32_t cp;
		at += utf8_decode(arg + at, n - at, &cp);
		term_type(c->term, (struct key){.code = cp});
	}
	return DONE;
}

/* What a server does not have is not asked for again and again. */
static bool is_read_since(const struct part *p, int64_t since)
{
	return p && (part_read_mono(p) >= since || part_status(p) == PART_UNSUPPORTED);
}

/* Every part that is visible, read since the last step ended; with a target that is down there is nothing
   to wait for. */
static bool all_read_since(const struct console *c, int64_t since)
{
	const struct snapshot *now = console_frame(c)->now;
	if (c->paused || (now && now->link == LINK_DOWN))
		return true;
	if (!now || now->link != LINK_LIVE)
		return false;
	part_mask needs = PART_BIT(PART_STATUS) | PART_BIT(PART_PROCESSLIST);
	for (const struct view *v = c->view; v; v = v->below)
		needs |= view_parts(v);
	for (int i = 0; i < N_PARTS; i++)
		if (needs >> i & 1 && collect_schema(i) && !is_read_since(now->parts[i], since))
			return false;
	return true;
}

static enum outcome step_wait_idle(struct script *s, struct console *c, char *arg)
{
	(void)arg;
	if (!s->asked) {
		s->asked = true;
		console_read_now(c, c->target);
	}
	if (!jobs_running(c->jobs) && !c->dirty && all_read_since(c, s->last_done))
		return DONE;
	if (clock_mono_ns() - s->began < IDLE_SECONDS * NS_PER_S)
		return WAIT;
	fail(s, c, "still not idle");
	return FAILED;
}

static bool screen_matches(const pcre2_code *re, const struct canvas *canvas)
{
	struct buf line = BUF_INIT;
	bool found = false;
	pcre2_match_data *m = pcre2_match_data_create_from_pattern(re, NULL);
	for (int y = 0; y < canvas->rows && !found; y++) {
		buf_clear(&line);
		canvas_line(canvas, y, &line);
		found = pcre2_match(re, (PCRE2_SPTR)buf_str(&line), line.len, 0, 0, m, NULL) >= 0;
	}
	pcre2_match_data_free(m);
	buf_release(&line);
	return found;
}

static enum outcome step_wait_for(struct script *s, struct console *c, char *arg)
{
	if (!s->regex) {
		char *end;
		s->seconds = strtod(arg, &end);
		if (end == arg || *end != ' ')
			s->seconds = 10;
		else
			arg = end + 1;
		int code;
		PCRE2_SIZE at;
		s->regex = pcre2_compile((PCRE2_SPTR)arg, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &at, NULL);
		if (!s->regex) {
			fail(s, c, "not a regular expression");
			return FAILED;
		}
	}
	bool found = screen_matches(s->regex, term_shown(c->term));
	if (!found && (double)(clock_mono_ns() - s->began) < s->seconds * (double)NS_PER_S)
		return WAIT;
	pcre2_code_free(s->regex);
	s->regex = NULL;
	if (found)
		return DONE;
	fail(s, c, "the screen never matched");
	return FAILED;
}

static enum outcome step_save_screen(struct script *s, struct console *c, char *arg)
{
	bool roles = strncmp(arg, "--roles ", 8) == 0;
	if (roles)
		arg += 8;
	struct buf b = BUF_INIT;
	if (roles)
		canvas_dump_roles(term_shown(c->term), &b);
	else
		canvas_dump(term_shown(c->term), &b);
	FILE *f = fopen(arg, "w");
	bool ok = f && fwrite(buf_str(&b), 1, b.len, f) == b.len;
	ok = f && fclose(f) == 0 && ok;
	buf_release(&b);
	if (ok)
		return DONE;
	fail(s, c, "the file cannot be written");
	return FAILED;
}

static enum outcome step_resize(struct script *s, struct console *c, char *arg)
{
	int cols, rows;
	if (sscanf(arg, "%dx%d", &cols, &rows) != 2 || cols < 1 || rows < 1 || cols > 1000 || rows > 1000) {
		fail(s, c, "not a size: COLSxROWS");
		return FAILED;
	}
	bool ascii = term_canvas(c->term)->ascii;
	term_resize(c->term, cols, rows);
	term_canvas(c->term)->ascii = ascii;
	c->dirty = true;
	return DONE;
}

static enum outcome step_quit(struct script *s, struct console *c, char *arg)
{
	(void)s;
	(void)arg;
	c->quit = true;
	return DONE;
}

static const struct {
	const char *name;
	enum outcome (*run)(struct script *s, struct console *c, char *arg);
} steps[] = {
	{"key", step_key},           {"type", step_type},
	{"wait-idle", step_wait_idle}, {"wait-for", step_wait_for},
	{"save-screen", step_save_screen}, {"resize", step_resize},
	{"quit", step_quit},
};

static enum outcome run_step(struct script *s, struct console *c)
{
	size_t n = strcspn(s->step, " ");
	for (unsigned i = 0; i < COUNT_OF(steps); i++)
		if (strlen(steps[i].name) == n && strncmp(steps[i].name, s->step, n) == 0)
			return steps[i].run(s, c, s->step + n + strspn(s->step + n, " "));
	fail(s, c, "there is no such step");
	return FAILED;
}

/* False at the end. */
static bool next_step(struct script *s)
{
	while (*s->next) {
		char *line = s->next + strspn(s->next, " \t");
		s->next += strcspn(s->next, "\n");
		if (*s->next)
			*s->next++ = '\0';
		s->line++;
		if (!*line || *line == '#' || *line == '\r')
			continue;
		s->step = line;
		s->began = clock_mono_ns();
		s->asked = false;
		return true;
	}
	return false;
}

int script_run(struct script *s, struct console *c)
{
	if (!s->step && !next_step(s)) {
		c->quit = true;
		return -1;
	}
	enum outcome o = run_step(s, c);
	if (o == WAIT)
		return LOOK_AGAIN_MS;
	s->step = NULL;
	s->last_done = clock_mono_ns();
	return 0; /* the loop handles what was typed before the next step */
}
