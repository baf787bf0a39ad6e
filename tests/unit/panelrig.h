/*
 * A console without a server for tests of panels: snapshots are made by hand, clocks stand still, screens
 * are compared with the texts in tests/golden (GOLDEN_UPDATE=1 writes them anew: then look at what changed).
 */
#ifndef TESTS_PANELRIG_H
#define TESTS_PANELRIG_H

#include <errno.h>
#include <time.h>

#include "panels/console.h"
#include "tests/unit/collect_rows.h"

enum { RIG_FIRST = 1000, RIG_READINGS = 24, RIG_LAST = RIG_FIRST + RIG_READINGS - 1 };
#define RIG_WALL INT64_C(1773064953) /* 2026-03-09 14:02:33 UTC, at RIG_LAST */

static inline void rig_open(struct console *c, bool ascii)
{
	static char name[] = "db3.prod:3306";
	static const struct target target = {.name = name};
	static const struct target *const targets[] = {&target};
	static const double intervals[] = {1};
	static struct console_options o;
	o = (struct console_options){
		.targets = targets,
		.n_targets = 1,
		.intervals = intervals,
		.ascii = ascii,
		.history_memory = 1 << 22,
		.offline = true,
	};
	struct err e = {0};
	clock_freeze(RIG_LAST * NS_PER_S + NS_PER_S / 5, RIG_WALL * US_PER_S);
	assert_true(console_open(c, &o, &e));
}

static inline void rig_close(struct console *c)
{
	while (c->dialog)
		console_key(c, (struct key){.code = K_ESC});
	console_close(c);
}

static inline void rig_key(struct console *c, uint32_t code)
{
	console_key(c, (struct key){.code = code});
	c->notice_until = 0;
}

static inline void rig_draw(struct console *c, int cols, int rows, bool ascii)
{
	term_resize(c->term, cols, rows);
	term_canvas(c->term)->ascii = ascii;
	console_draw(c);
}

/* The present screen against tests/golden/NAME-COLSxROWS[-ascii].txt, without what all panels share at
   the top: header, gauges, verdict and tabs have goldens of their own. */
static inline void rig_compare(struct console *c, const char *name)
{
	const char *top = getenv("srcdir");
	const struct canvas *shown = term_shown(c->term);
	char *path = xasprintf("%s/tests/golden/%s-%dx%d%s.txt", top ? top : ".", name, shown->cols,
			       shown->rows, shown->ascii ? "-ascii" : "");
	struct buf want = BUF_INIT, have = BUF_INIT;
	bool update = getenv("GOLDEN_UPDATE") != NULL;
	for (int y = 4; y < shown->rows; y++) {
		canvas_line(shown, y, &have);
		buf_addc(&have, '\n');
	}
	FILE *f = fopen(path, update ? "w" : "r");
	if (!f)
		fail_msg("%s: %s (GOLDEN_UPDATE=1 writes it)", path, strerror(errno));
	char chunk[4096];
	if (update)
		assert_int_equal(fwrite(have.s, 1, have.len, f), have.len);
	else
		for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
			buf_add(&want, chunk, n);
	assert_int_equal(fclose(f), 0);
	if (!update && strcmp(buf_str(&want), buf_str(&have)) != 0)
		fail_msg("%s differs; the screen is now:\n%s", path, buf_str(&have));
	buf_release(&want);
	buf_release(&have);
	free(path);
}

/* A number that does not move a test's clock: `start` and `step` more with each reading. */
struct rig_counter {
	const char *name;
	int64_t start, step;
};

/* A (name, value) part of them at reading i. */
static inline struct part *rig_counters(enum part_id id, const struct rig_counter *rows, size_t n, unsigned i)
{
	struct buf b = BUF_INIT;
	for (size_t k = 0; k < n; k++)
		buf_addf(&b, "name=%s value=%lld\n", rows[k].name, (long long)(rows[k].start + i * rows[k].step));
	struct part *p = rows_part(id, RIG_FIRST + i, buf_str(&b));
	buf_release(&b);
	return p;
}

#endif
