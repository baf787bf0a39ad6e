/*
 * A screen in memory: a grid of cells, each with one grapheme cluster, its width and its role. All
 * drawing goes here; term.c shows it, tests and saved screens read it as text. Belongs to the UI
 * thread.
 *
 * Coordinates are the whole canvas's, from 0,0 at the top left. Nothing is drawn outside `clip`,
 * and nothing that lies outside is an error: callers need not count cells.
 *
 * A cell has two roles: its own, and that of the surface it lies on (`under`). canvas_fill() lays a
 * surface, text drawn on it afterwards keeps it: a warning on the cursor's row is a warning's
 * foreground on the cursor's background.
 *
 * Text must be scrubbed (utf8_scrub). Should a control still come by, it is drawn as U+FFFD.
 */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "ui/role.h"

struct rect {
	int x, y, w, h;
};

struct cell {
	uint32_t ch;   /* a code point, or CELL_LONG | offset of its bytes in `clusters` */
	uint8_t role;
	uint8_t under;
	uint8_t width; /* 1, 2, or 0: the right half of the wide cell before it */
	uint8_t spare;
};

#define CELL_LONG 0x80000000u

struct canvas {
	int cols, rows;
	struct rect clip;
	bool ascii;              /* what is read or shown of it is ASCII, a cell for a cell */
	int cursor_x, cursor_y;  /* where the terminal's cursor is to stand; -1: hidden */
	struct cell *cells;
	struct buf clusters;     /* NUL-terminated clusters of more than one code point */
};

#define CANVAS_ALL INT32_MAX /* for max_cells: as far as the clip goes */

/* A zero-initialised canvas is valid and empty. Resizing clears. */
void canvas_resize(struct canvas *c, int cols, int rows);
void canvas_release(struct canvas *c);
/* All blank, clip reset, cursor hidden. */
void canvas_clear(struct canvas *c);

struct rect rect_intersect(struct rect a, struct rect b);
/* Cut `n` lines from the top or the bottom of *r and return them (fewer where *r has fewer). */
struct rect rect_top(struct rect *r, int n);
struct rect rect_bottom(struct rect *r, int n);
/* Draw inside `r` (and the present clip) only. Returns the clip before, to be put back by assigning it
   to c->clip: clipping to it would only narrow further. */
struct rect canvas_clip(struct canvas *c, struct rect r);

/* Draw up to `max_cells` of the text, whole clusters only. Returns the cells used, also where
   they were clipped. */
int canvas_text(struct canvas *c, int x, int y, int max_cells, enum ui_role role, const char *s,
		size_t len);
int canvas_puts(struct canvas *c, int x, int y, int max_cells, enum ui_role role, const char *s);
int canvas_printf(struct canvas *c, int x, int y, int max_cells, enum ui_role role, const char *fmt,
		  ...) __attribute__((format(printf, 6, 7)));
/* In `cells` cells from x: a text that is too long ends in an ellipsis. They return `cells`. */
int canvas_left(struct canvas *c, int x, int y, int cells, enum ui_role role, const char *s,
		size_t len);
int canvas_right(struct canvas *c, int x, int y, int cells, enum ui_role role, const char *s,
		 size_t len);
int canvas_centre(struct canvas *c, int x, int y, int cells, enum ui_role role, const char *s,
		  size_t len);

/* Blanks on a surface of that role. */
void canvas_fill(struct canvas *c, struct rect r, enum ui_role role);
/* Lay a surface under what is already drawn there. */
void canvas_surface(struct canvas *c, struct rect r, enum ui_role under);
/* Give what is already drawn there another role. */
void canvas_recolour(struct canvas *c, struct rect r, enum ui_role role);
void canvas_hline(struct canvas *c, int x, int y, int w, enum ui_role role);
void canvas_vline(struct canvas *c, int x, int y, int h, enum ui_role role);
/* Round corners; `title` (may be NULL) sits in the upper edge. */
void canvas_box(struct canvas *c, struct rect r, enum ui_role role, const char *title,
		enum ui_role title_role);

/* The cluster of a cell as it is to be shown (transliterated where the canvas is ASCII). Never
   empty, except for right halves. Valid until the next change. */
const char *canvas_cluster(const struct canvas *c, const struct cell *cell, char tmp[5]);
const struct cell *canvas_cell(const struct canvas *c, int x, int y);
/* Do two cells of these canvases look the same? */
bool canvas_same(const struct canvas *a, const struct cell *p, const struct canvas *b,
		 const struct cell *q);
void canvas_copy(struct canvas *to, const struct canvas *from);

/* One line as text, trailing blanks cut, no line break. */
void canvas_line(const struct canvas *c, int y, struct buf *out);
/* All lines, each ended by a line break. */
void canvas_dump(const struct canvas *c, struct buf *out);
/* Which roles are where: a line `ROW COL-COL ROLE` (`ROLE/SURFACE` on another surface than text)
   per run, plain text left out. */
void canvas_dump_roles(const struct canvas *c, struct buf *out);

/* The one ASCII character that stands for a code point where nothing better can be shown. */
char canvas_ascii(uint32_t cp);

#endif
