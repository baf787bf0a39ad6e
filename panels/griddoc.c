#include "panels/griddoc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "panels/draw.h"
#include "parse/sqltext.h"

/* Statements say the unit in the name of a column; here its values do. */
static enum unit unit_in_name(const char *name, size_t *len)
{
	static const struct {
		const char *end;
		enum unit unit;
	} ends[] = {{", bytes", UNIT_BYTES}, {" bytes", UNIT_BYTES}, {", s", UNIT_SECONDS}};
	*len = strlen(name);
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		size_t n = strlen(ends[i].end);
		if (*len > n && strcmp(name + *len - n, ends[i].end) == 0) {
			*len -= n;
			return ends[i].unit;
		}
	}
	return UNIT_NONE;
}

/* A column's title, or a cell of it. */
static void add_text(struct buf *out, const char *name, const struct grid_cell *c)
{
	size_t len;
	enum unit unit = unit_in_name(name, &len);
	char *end = NULL;
	double n = c && c->s && unit != UNIT_NONE ? strtod(c->s, &end) : 0;
	buf_clear(out);
	if (!c)
		buf_add(out, name, len);
	else if (!c->s)
		buf_adds(out, "–");
	else if (end && end != c->s && !*end)
		unit_format(out, unit, value_real(n), false);
	else
		buf_add(out, c->s, c->len);
}

void grid_doc_table(struct doc *doc, const struct grid *g)
{
	enum { WIDEST = 60 };
	int width[64] = {0};
	struct buf b = BUF_INIT;
	unsigned columns = g->n_columns < COUNT_OF(width) ? g->n_columns : COUNT_OF(width);
	for (unsigned i = 0; i < columns; i++) {
		add_text(&b, g->columns[i], NULL);
		width[i] = utf8_width(buf_str(&b), b.len);
		for (unsigned r = 0; r < g->n_rows; r++) {
			add_text(&b, g->columns[i], &g->rows[r][i]);
			int cells = utf8_width(buf_str(&b), b.len);
			if (cells > width[i])
				width[i] = cells > WIDEST ? WIDEST : cells;
		}
	}
	for (unsigned r = 0; r <= g->n_rows; r++) {
		int x = 2;
		for (unsigned i = 0; i < columns; i++) {
			doc_tab(doc, x);
			const struct grid_cell *c = r ? &g->rows[r - 1][i] : NULL;
			bool sql = c && c->s && strcmp(g->columns[i], "statement") == 0;
			if (sql) {
				buf_clear(&b);
				sql_squeeze(&b, c->s, c->len, 4000, 0);
				draw_sql_doc(doc, buf_str(&b), b.len, false);
			} else {
				add_text(&b, g->columns[i], c);
				doc_add(doc, !c ? UI_TABLE_HEAD : c->s ? UI_TEXT : UI_DIM, buf_str(&b), b.len);
			}
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
	buf_release(&b);
}

void grid_doc_fields(struct doc *doc, const struct grid *g)
{
	if (!g->n_rows) {
		doc_puts(doc, UI_DIM, "  none");
		doc_end(doc);
		return;
	}
	struct buf b = BUF_INIT;
	for (unsigned i = 0; i < g->n_columns; i++) {
		char label[80];
		add_text(&b, g->columns[i], NULL);
		snprintf(label, sizeof label, "  %s", buf_str(&b));
		add_text(&b, g->columns[i], &g->rows[0][i]);
		doc_field(doc, 26, label, g->rows[0][i].s ? UI_TEXT : UI_DIM, buf_str(&b));
	}
	buf_release(&b);
}
