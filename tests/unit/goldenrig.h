/*
 * For golden screens: a real console without a server, whose clocks stand still, and the comparison of what it
 * shows with the texts in tests/golden. GOLDEN_UPDATE=1 writes them anew: then look at what changed.
 */
#ifndef TESTS_GOLDENRIG_H
#define TESTS_GOLDENRIG_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "panels/console.h"
#include "tests/unit/collect_rows.h"

enum { READINGS = 24, FIRST = 1000, LAST = FIRST + READINGS - 1 };
#define WALL INT64_C(1773064953) /* 2026-03-09 14:02:33 UTC, at LAST */

static char target_name[] = "db3.prod:3306", target_label[] = "production";
static const struct target target = {.name = target_name,
				     .value = {[SETTING_LABEL] = target_label}};
static const struct target *const targets[] = {&target};
static const double intervals[] = {1};

static inline void open_console(struct console *c, bool ascii)
{
	static struct console_options o;
	o = (struct console_options){
		.targets = targets,
		.n_targets = 1,
		.intervals = intervals,
		.ascii = ascii,
		.history_memory = 1 << 20,
		.offline = true,
	};
	struct err e = {0};
	clock_freeze(LAST * NS_PER_S + NS_PER_S / 5, WALL * US_PER_S);
	assert_true(console_open(c, &o, &e));
}

/* A question that is still open is answered with no. */
static inline void leave_dialogs(struct console *c)
{
	while (c->dialog)
		console_key(c, (struct key){.code = K_ESC});
}

static inline void close_console(struct console *c)
{
	leave_dialogs(c);
	console_close(c);
}

static inline void type(struct console *c, const char *keys)
{
	for (; *keys; keys++)
		console_key(c, (struct key){.code = *keys == '\r' ? K_ENTER : (uint32_t)*keys});
	c->notice_until = 0;
}

static inline void resize(struct console *c, int cols, int rows, bool ascii)
{
	term_resize(c->term, cols, rows);
	term_canvas(c->term)->ascii = ascii;
}

/* --- the texts -------------------------------------------------------------------------------- */

static inline bool read_text(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	if (!f)
		return false;
	char chunk[4096];
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_add(out, chunk, n);
	fclose(f);
	return true;
}

static inline void write_text(const char *path, const struct buf *text)
{
	FILE *f = fopen(path, "w");
	if (!f || fwrite(text->s, 1, text->len, f) != text->len || fclose(f) != 0)
		fail_msg("%s: %s", path, strerror(errno));
}

static inline void compare_text(const struct canvas *shown, const char *name, const struct buf *have)
{
	const char *top = getenv("srcdir");
	char *path = xasprintf("%s/tests/golden/%s-%dx%d%s.txt", top ? top : ".", name, shown->cols,
			       shown->rows, shown->ascii ? "-ascii" : "");
	struct buf want = BUF_INIT;
	if (getenv("GOLDEN_UPDATE"))
		write_text(path, have);
	else if (!read_text(path, &want))
		fail_msg("%s: %s (GOLDEN_UPDATE=1 writes it)", path, strerror(errno));
	else if (strcmp(buf_str(&want), buf_str(have)) != 0)
		fail_msg("%s differs; the screen is now:\n%s", path, buf_str(have));
	buf_release(&want);
	free(path);
}

static inline void compare(struct console *c, const char *name)
{
	struct buf have = BUF_INIT;
	canvas_dump(term_shown(c->term), &have);
	compare_text(term_shown(c->term), name, &have);
	buf_release(&have);
}

#endif
