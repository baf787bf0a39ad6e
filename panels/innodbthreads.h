/*
 * What InnoDB's threads are at, as lines for the boxes that they belong to: the I/O threads by kind and
 * state, who waits for a latch and for which session it works, the latches that are waited for most. The
 * threads stand in the status text alone; it is read while such a box is open. UI thread; nothing is kept
 * but the lines.
 */
#ifndef PANELS_INNODBTHREADS_H
#define PANELS_INNODBTHREADS_H

#include "base/arena.h"
#include "model/timeline.h"
#include "parse/innodb_status.h"
#include "ui/canvas.h"

struct inno_line {
	const char *name, *text; /* not scrubbed; in the arena, or static */
	enum ui_role role;       /* of the text */
	int64_t session;         /* ↵ goes there; 0: to the section, or the table */
};

/* Enough for a screen; what is left out is counted in the last one. */
enum { MOST_INNO_LINES = 16 };

/* Zero-initialised is empty. */
struct inno_lines {
	struct arena arena;
	unsigned n;
	struct inno_line at[MOST_INNO_LINES];
};

/* One kind of them, under a heading of its own. */
struct inno_lines_kind {
	const char *title, *help;
	enum part_id part;
	enum innodb_section_id section; /* INNODB_HEAD: it is not of the text */
	void (*of_text)(struct inno_lines *l, const struct innodb_status *s);
	void (*of_frame)(struct inno_lines *l, const struct frame *f);
};

extern const struct inno_lines_kind inno_io_lines, inno_wait_lines, inno_latch_lines;

/* Made anew. `text` is NULL where none was read. There is always a line, if only to say why there is no
   other. */
void inno_lines_make(struct inno_lines *l, const struct inno_lines_kind *kind, const struct frame *f,
		     const struct innodb_status *text);
void inno_lines_release(struct inno_lines *l);

#endif
