/*
 * Small things that several panels draw: a line of differently coloured pieces, sparklines of series,
 * statements in colour, why a part has nothing to show. UI thread.
 */
#ifndef PANELS_DRAW_H
#define PANELS_DRAW_H

#include "base/buf.h"
#include "model/timeline.h"
#include "parse/sqllex.h"
#include "ui/canvas.h"
#include "ui/doc.h"
#include "ui/pager.h"
#include "ui/tableview.h"

struct console;

/* Pieces with a role each; zero-initialised is empty. Texts are scrubbed on the way in. */
enum { LINE_PIECES = 48 };
struct line {
	struct buf text;
	unsigned n;
	struct {
		size_t end;
		enum ui_role role;
	} pieces[LINE_PIECES];
};
void line_puts(struct line *l, enum ui_role role, const char *s);
void line_printf(struct line *l, enum ui_role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void line_gap(struct line *l, int blanks);
void line_metric(struct line *l, enum ui_role role, unsigned metric, struct value v);
/* "x kill statement  " with the key that the action has now; nothing when it has none. */
void line_key(struct line *l, const struct console *c, const char *action, const char *title,
	      enum ui_role key_role, enum ui_role role);
int line_width(const struct line *l);
/* Cut with an ellipsis at `cells`. */
void line_draw(const struct line *l, struct canvas *c, int x, int y, int cells);
void line_release(struct line *l);

void draw_spark(struct canvas *c, int x, int y, int w, enum ui_role role, const struct series *s);
/* The same in a text. */
void draw_spark_doc(struct doc *d, int w, enum ui_role role, const struct series *s);
/* For chart.h: data is a struct series. */
double draw_series_value(const void *series, unsigned back);

/* A statement on one line, and that in the colours of SQL; for struct column's `format` and `draw`. */
void format_sql_cell(const struct table_row *r, struct value v, struct buf *out);
void draw_sql_cell(const struct table_row *r, const struct table_cell *cell);
enum ui_role draw_sql_role(enum sql_class class);
/* A whole statement, formatted over several lines. */
void draw_sql_doc(struct doc *d, const char *text, size_t len, bool format);
/* Ends the line with a statement that starts no other, whatever is in its strings; what is broken off stands
   below, `indent` from the left. */
void draw_sql_line(struct doc *d, const char *text, size_t len, int indent);

/* A pager or a table that fills a panel down to its lower rule, and in that rule which rows of how many are to be
   seen, when not all are. */
void draw_pager(struct canvas *c, struct rect r, struct pager *p);
void draw_table(struct canvas *c, struct rect r, struct tableview *t);
/* The same for rows that a panel draws itself. */
void draw_position(struct canvas *c, struct rect r, int top, int n);

/* A sentence at the top of *r, broken between words, and cut off it. */
void draw_note(struct canvas *c, struct rect *r, enum ui_role role, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Says what is wrong with a part in one or two lines at the top of *r and cuts them off it: not read
   yet, stale since, denied and the grant, unsupported, failed. Nothing when all is well. False
   where there are no rows to show beside it. */
bool draw_part_state(struct canvas *c, struct rect *r, const struct console *console, enum part_id id);

#endif
