/*
 * A sheet: a long screen of sections, lists and sentences that scrolls as a whole, with a cursor on every line
 * that means something. What a line is about (a topic, and a key where there are several of its kind) says
 * what ↵ opens and what `?` explains; the cursor follows it through refreshes.
 *
 * Made anew for each drawing, as wide as there is room: sheet_begin(), then sections, then sheet_end(). Texts
 * are scrubbed on the way in. UI thread.
 */
#ifndef PANELS_SHEET_H
#define PANELS_SHEET_H

#include "model/unit.h"
#include "ui/chart.h"
#include "ui/doc.h"
#include "ui/pager.h"

struct line;

enum { SHEET_KEY = 96 };

/* Lines from `line` up to the next mark are about this; topic 0: about nothing. */
struct sheet_mark {
	size_t line;
	int topic;
	const char *fields; /* that `?` explains: names with blanks between, static; NULL: the topic's own */
	char key[SHEET_KEY];
};

/* Zero-initialised is valid. */
struct sheet {
	struct doc doc;
	int width;
	struct sheet_mark *marks;
	size_t n_marks, cap_marks;
	struct pager pager;
	size_t cursor;               /* a line */
	struct sheet_mark at;        /* what it is about; `line` is the line within that */
};

void sheet_begin(struct sheet *s, int width);
void sheet_end(struct sheet *s);
void sheet_release(struct sheet *s);
void sheet_draw(struct sheet *s, struct canvas *c, struct rect r);
/* Moves, and searches; true when the key was used. */
bool sheet_key(struct sheet *s, struct key k);
/* What the cursor is on; topic 0: nothing. */
const struct sheet_mark *sheet_at(const struct sheet *s);

/* --- building --------------------------------------------------------------------------------- */

/* The lines that follow are about this. `key` and `fields` may be NULL. */
void sheet_about(struct sheet *s, int topic, const char *key, const char *fields);
void sheet_gap(struct sheet *s);
/* A rule across, with the title in it; about nothing. */
void sheet_heading(struct sheet *s, const char *title);
/* A text over as many lines as it takes, broken between words, all indented. */
void sheet_text(struct sheet *s, int indent, enum ui_role role, const char *text);
/* The same behind a label in the first line; further lines stand under the text. */
void sheet_labelled(struct sheet *s, int indent, int width, const char *label, enum ui_role role,
		    const char *text);
/* Statements in the colours of SQL, a line each, broken where they are too long. */
void sheet_sql(struct sheet *s, int indent, const char *text);

/* Pieces of one line; sheet_line_end() ends it. */
void sheet_puts(struct sheet *s, enum ui_role role, const char *text);
/* In `cells` cells exactly, cut with an ellipsis; `right`: flush right. */
void sheet_cell(struct sheet *s, int cells, bool right, enum ui_role role, const char *text);
void sheet_blanks(struct sheet *s, int n);
/* A line of panels/draw.h, in `cells` cells exactly. */
void sheet_pieces(struct sheet *s, int cells, const struct line *l);
/* A bar: `part` of `whole` in `role`, the rest in `rest`. */
void sheet_bar(struct sheet *s, int cells, double part, double whole, enum ui_role role, enum ui_role rest);
/* A curve; values oldest first, NaN leaves a blank. */
void sheet_spark(struct sheet *s, int cells, const double *values, unsigned n);
void sheet_line_end(struct sheet *s);

/* `label value` pairs, as many on a line as fit. */
struct sheet_flow {
	struct sheet *sheet;
	int indent, at;
};
struct sheet_flow sheet_flow(struct sheet *s, int indent);
void sheet_flow_add(struct sheet_flow *f, const char *label, enum ui_role role, const char *value);
void sheet_flow_value(struct sheet_flow *f, const char *label, enum unit unit, struct value v, bool rate,
		      const char *after);
void sheet_flow_end(struct sheet_flow *f);
/* A value for sentences and pairs: short times with their unit ("12 s"), else as unit_format(). */
void sheet_value(struct buf *out, enum unit unit, struct value v, bool rate);

/* --- tables ----------------------------------------------------------------------------------- */

enum { SHEET_COLUMNS = 14 };
struct sheet_column {
	const char *title;
	int width;               /* at most that much, and no more than its texts need */
	unsigned char priority;  /* where there is no room, the largest goes first; 0 stays */
	bool right;
	bool fill;               /* takes what is left over */
};
struct sheet_cell {
	char *text;
	enum ui_role role;
};
struct sheet_row {
	struct sheet_cell cells[SHEET_COLUMNS];
	char key[SHEET_KEY];
};
struct sheet_table {
	const struct sheet_column *columns;
	unsigned n_columns;
	struct sheet_row *rows;
	size_t n_rows, cap_rows;
};
struct sheet_row *sheet_table_row(struct sheet_table *t, const char *key);
void sheet_row_text(struct sheet_row *r, unsigned column, enum ui_role role, const char *text);
void sheet_row_value(struct sheet_row *r, unsigned column, enum unit unit, struct value v, bool rate);
/* Each row is about `topic` and its key. Frees the rows. */
void sheet_table_put(struct sheet *s, struct sheet_table *t, int indent, int topic,
		     const char *fields);

#endif
