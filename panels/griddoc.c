#include "panels/griddoc.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "panels/draw.h"
#include "parse/sqltext.h"

void grid_doc_table(struct doc *doc, const struct grid *g)
{
	enum { WIDEST = 60 };
	int width[64] = {0};
	unsigned columns = g->n_columns < COUNT_OF(width) ? g->n_columns : COUNT_OF(width);
	for (unsigned i = 0; i < columns; i++) {
		width[i] = (int)strlen(g->columns[i]);
		for (unsigned r = 0; r < g->n_rows; r++) {
			size_t n = g->rows[r][i].s ? g->rows[r][i].len : 1;
			if ((int)n > width[i])
				width[i] = n > WIDEST ? WIDEST : (int)n;
		}
	}
	for (unsigned r = 0; r <= g->n_rows; r++) {
		int x = 2;
		for (unsigned i = 0; i < columns; i++) {
			doc_tab(doc, x);
			const struct grid_cell *c = r ? &g->rows[r - 1][i] : NULL;
			bool sql = c && c->s && strcmp(g->columns[i], "statement") == 0;
			if (!c)
				doc_puts(doc, UI_TABLE_HEAD, g->columns[i]);
			else if (!c->s)
				doc_puts(doc, UI_DIM, "–");
			else if (sql) {
				struct buf b = BUF_INIT;
				sql_squeeze(&b, c->s, c->len, 4000, 0);
				draw_sql_doc(doc, buf_str(&b), b.len, false);
				buf_release(&b);
			} else
				doc_add(doc, UI_TEXT, c->s, c->len);
			x += width[i] + 2;
		}
		doc_end_indent(doc, 4);
	}
	if (!g->n_rows) {
		doc_puts(doc, UI_DIM, "  none");
		doc_end(doc);
	}
	if (g->cut) {
		doc_puts(doc, UI_WARNING, "  … and more: cut here");
		doc_end(doc);
	}
}

void grid_doc_fields(struct doc *doc, const struct grid *g)
{
	if (!g->n_rows) {
		doc_puts(doc, UI_DIM, "  none");
		doc_end(doc);
		return;
	}
	for (unsigned i = 0; i < g->n_columns; i++) {
		char label[80];
		snprintf(label, sizeof label, "  %s", g->columns[i]);
		doc_field(doc, 26, label, g->rows[0][i].s ? UI_TEXT : UI_DIM,
			  g->rows[0][i].s ? g->rows[0][i].s : "–");
	}
}
