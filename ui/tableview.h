/*
 * A table on the screen: the rows of a sealed part through declared columns. Panels declare;
 * layout, sorting, filtering, grouping, tags, the cursor, sideways scrolling, the column chooser,
 * explaining and export are here, once.
 *
 * A view holds references to the part that it shows and the one before it. Only visible rows are
 * formatted; nothing is sorted or filtered again while neither data nor settings changed, and
 * nothing is allocated for a row. UI thread.
 */
#ifndef UI_TABLEVIEW_H
#define UI_TABLEVIEW_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/timeline.h"
#include "ui/canvas.h"
#include "ui/doc.h"
#include "ui/key.h"

struct tableview;
struct keymap;

/* What the functions of a column are given. */
struct table_row {
	const struct frame *frame; /* NULL for a part outside a timeline */
	const struct part *part;
	unsigned row;
	void *ctx; /* tableview_new()'s */
};

/* A visible cell, for columns that draw themselves. */
struct table_cell {
	struct canvas *canvas; /* clipped to the cell */
	int x, y, w;           /* x may lie left of the clip when the table is scrolled sideways */
	enum ui_role role;     /* what tints, staleness and the row's role came to */
	bool plain;            /* stale: draw all of it in `role` */
	const char *text;      /* formatted and scrubbed */
	size_t len;
};

enum column_flag {
	COLUMN_FILL = 1,   /* takes the cells that are left over */
	COLUMN_RATE = 2,   /* a counter, per second */
	COLUMN_HIDDEN = 4, /* only shown when chosen */
	COLUMN_LEFT = 8,   /* flush left although it is a number */
	COLUMN_FIRST_DESC = 16, /* sorting starts with the largest, as for numbers */
	COLUMN_ASC = 32,   /* sorting starts with the smallest, as for texts, ids */
};

/* What a group of rows shows in a column. */
enum column_sum { SUM_SAME /* the value, when all have the same */, SUM_TOTAL, SUM_MAX };

struct column {
	const char *field; /* of the part's schema; NULL: computed by `value` */
	const char *id;    /* in filters, exports and the configuration; NULL: the field's name */
	const char *title; /* NULL: the field's */
	const char *help;  /* NULL: the field's */
	int width, min;    /* cells; min 0: as width */
	unsigned char priority; /* on narrow terminals the largest goes first; 0 stays always */
	unsigned char flags;
	unsigned char sum;
	enum unit unit;    /* of computed columns; UNIT_NONE else: the field's */
	/* A text that it returns lives as long as the part. */
	struct value (*value)(const struct table_row *r);
	/* Why a computed column has no value in this row; NULL: not known. May be NULL. */
	const char *(*absent)(const struct table_row *r);
	/* UI_TEXT leaves it to the row. */
	enum ui_role (*tint)(const struct table_row *r, struct value v);
	/* Other text than the unit's: append it (it will be scrubbed). */
	void (*format)(const struct table_row *r, struct value v, struct buf *out);
	void (*draw)(const struct table_row *r, const struct table_cell *cell);
};

/* Rows that one may not want to see; each has a switch. */
struct table_hide {
	const char *name;   /* "idle": "464 idle hidden (i)" */
	const char *action; /* the action that switches it, for the key in that line; NULL: none */
	bool (*hides)(const struct table_row *r);
	bool on;            /* at first */
};

struct table_spec {
	const struct schema *schema; /* NULL: the first part brings it */
	const struct column *columns;
	size_t n_columns;
	const char *sort;    /* id of the column, "-id" for the largest first; NULL: as they come */
	const struct table_hide *hides;
	size_t n_hides;
	/* UI_TEXT: nothing special. May be NULL. */
	enum ui_role (*row_role)(const struct table_row *r);
	const char *empty;   /* what to say when there are no rows: "No sessions but our own." */
};

struct tableview *tableview_new(const struct table_spec *spec, void *ctx);
void tableview_free(struct tableview *v);
/* For the keys in the summary line; borrowed. */
void tableview_set_keymap(struct tableview *v, const struct keymap *m);

/* --- data --- */

/* Show part `id` of the frame (its snapshot and parts are held). */
void tableview_set_frame(struct tableview *v, const struct frame *f, enum part_id id);
/* Show a part by itself; held. NULL: nothing. */
void tableview_set_part(struct tableview *v, const struct part *p);
/* Everything greyed. */
void tableview_set_stale(struct tableview *v, bool stale);
/* Something that columns or hides look at changed beside the part. */
void tableview_refresh(struct tableview *v);

/* --- what is shown --- */

/* By column id; "-id" for descending; "" or NULL: as they come. False: no such column. */
bool tableview_sort(struct tableview *v, const char *id);
/* Sort by the next shown column to the right (1) or left (-1); turn the direction around. */
void tableview_sort_next(struct tableview *v, int by);
void tableview_sort_reverse(struct tableview *v);
const char *tableview_sorted_by(const struct tableview *v, bool *descending);
/* "" or NULL: none. On an error the old one stays. */
bool tableview_filter(struct tableview *v, const char *text, struct err *e, size_t *position);
const char *tableview_filter_text(const struct tableview *v);
/* By column id; NULL: none. */
bool tableview_group(struct tableview *v, const char *id);
const char *tableview_grouped_by(const struct tableview *v);
/* Leave the grouping and see only the rows of the group under the cursor. */
bool tableview_open_group(struct tableview *v);
bool tableview_hide(struct tableview *v, const char *name, bool on);
bool tableview_hides(const struct tableview *v, const char *name);

/* Columns, in the order in which they are shown. */
size_t tableview_columns(const struct tableview *v);
const struct column *tableview_column(const struct tableview *v, size_t i, bool *shown);
const char *column_id(const struct column *c);
const char *tableview_column_title(const struct tableview *v, const struct column *c);
enum unit tableview_column_unit(const struct tableview *v, const struct column *c);
void tableview_column_show(struct tableview *v, const char *id, bool shown);
bool tableview_column_move(struct tableview *v, const char *id, int by);
/* "id,user,-host": for the configuration; unknown names are skipped, missing ones follow hidden
   or not as declared. NULL: as declared. */
void tableview_columns_set(struct tableview *v, const char *list);
/* Whether it names only columns that there are; else *e says which not, and that `what` (where the list stands;
   static or long-lived) does. */
bool tableview_columns_check(struct tableview *v, const char *list, const char *what, struct err *e);
void tableview_columns_get(const struct tableview *v, struct buf *out);

/* --- the cursor, tags --- */

enum table_move {
	TABLE_UP, TABLE_DOWN, TABLE_PAGE_UP, TABLE_PAGE_DOWN, TABLE_HOME, TABLE_END,
	TABLE_LEFT, TABLE_RIGHT, /* sideways */
};
void tableview_move(struct tableview *v, enum table_move move);
/* The row under the cursor, as row of the part; -1: none, or a group. */
int tableview_row(struct tableview *v);
/* Its key, or the group's value; absent when there is none. Valid until the next change. */
struct value tableview_key(struct tableview *v);
/* Put the cursor on the row with that key; it will be looked for in later data too. */
void tableview_select(struct tableview *v, struct value key);
/* Shown rows, and all. */
unsigned tableview_shown(struct tableview *v);
unsigned tableview_total(struct tableview *v);
/* The i-th shown row, as row of the part; -1 for a group. */
int tableview_row_at(struct tableview *v, unsigned i);
const struct part *tableview_part(const struct tableview *v);

void tableview_tag(struct tableview *v); /* turn the tag of the cursor's row around and go down */
void tableview_tag_all(struct tableview *v); /* all shown rows; none, when all were */
void tableview_untag(struct tableview *v);
unsigned tableview_tags(const struct tableview *v);
bool tableview_tagged(const struct tableview *v, unsigned row);

/* --- out --- */

void tableview_draw(struct tableview *v, struct canvas *c, struct rect r);
/* "12-40 of 96" as it was drawn last; empty when all are to be seen. */
void tableview_position(const struct tableview *v, struct buf *out);
/* Where on the canvas the cursor's row was drawn last; -1: nowhere. */
int tableview_cursor_y(const struct tableview *v);
/* "9 of 512 shown · 464 idle hidden (i) · 2 tagged"; empty when there is nothing to say. */
void tableview_summary(struct tableview *v, bool ascii, struct buf *out);
/* What is not on the screen: columns that were dropped or cut, of the cursor's row, as fields. */
void tableview_dropped(struct tableview *v, struct doc *d);
/* Explaining: which column is meant (the sort column at first), go to another, what it is. */
void tableview_explain_move(struct tableview *v, int by);
void tableview_explain(struct tableview *v, struct doc *d);
void tableview_explain_end(struct tableview *v);
/* Field names that filters know, for completion; NULL ends. */
const char *tableview_field(const struct tableview *v, unsigned i);

/* All shown rows, all columns: RFC 4180, numbers as they are, absent empty. */
void tableview_csv(struct tableview *v, struct buf *out);
/* An array of objects, absent null. */
void tableview_json(struct tableview *v, struct buf *out);

#endif
