#include "panels/plandoc.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "panels/griddoc.h"
#include "parse/plan.h"

static bool parse_rows(struct plan *p, const struct grid *g, struct err *e)
{
	const char **values = xcalloc((size_t)g->n_columns * g->n_rows + 1, sizeof *values);
	for (unsigned r = 0; r < g->n_rows; r++)
		for (unsigned i = 0; i < g->n_columns; i++)
			values[r * g->n_columns + i] = g->rows[r][i].s;
	bool ok = plan_from_rows(p, g->columns, g->n_columns, values, g->n_rows, e);
	free(values);
	return ok;
}

static void tree(struct doc *d, const struct plan *p, bool ascii)
{
	struct buf b = BUF_INIT;
	for (const struct plan_node *n = plan_next(p, NULL); n; n = plan_next(p, n)) {
		buf_clear(&b);
		plan_add_branches(&b, n, ascii);
		doc_puts(d, UI_RULE, "  ");
		doc_puts(d, UI_RULE, buf_str(&b));
		int indent = 6 + utf8_width(buf_str(&b), b.len);
		buf_clear(&b);
		plan_add_label(&b, n);
		doc_puts(d, n->warnings ? UI_WARNING : UI_STRONG, buf_str(&b));
		buf_clear(&b);
		plan_add_figures(&b, n, ascii);
		if (b.len)
			doc_printf(d, UI_DIM, "  %s", buf_str(&b));
		for (unsigned i = 0; i < PLAN_WARNINGS; i++)
			if (n->warnings & plan_advice[i].warning)
				doc_printf(d, UI_WARNING, "  ▲ %s", plan_advice[i].name);
		doc_end_indent(d, indent);
		if (n->condition) {
			doc_tab(d, indent);
			doc_printf(d, UI_DIM, "if %s", n->condition);
			doc_end_indent(d, indent);
		}
	}
	buf_release(&b);
}

static void table(struct doc *d, const struct plan *p)
{
	enum { WIDEST = 44 };
	int width[PLAN_COLUMNS];
	struct buf b = BUF_INIT;
	for (int c = 0; c < PLAN_COLUMNS; c++) {
		width[c] = (int)strlen(plan_columns[c].title);
		for (const struct plan_node *n = plan_next(p, NULL); n; n = plan_next(p, n)) {
			buf_clear(&b);
			plan_add_cell(&b, n, c);
			int w = utf8_width(buf_str(&b), b.len);
			width[c] = w > width[c] ? w : width[c];
		}
		width[c] = width[c] > WIDEST ? WIDEST : width[c];
	}
	const struct plan_node *n = NULL;
	for (bool head = true; head || (n = plan_next(p, n)); head = false) {
		int x = 2;
		for (int c = 0; c < PLAN_COLUMNS; c++) {
			buf_clear(&b);
			if (head)
				buf_adds(&b, plan_columns[c].title);
			else
				plan_add_cell(&b, n, c);
			size_t len = utf8_fit(buf_str(&b), b.len, width[c]);
			int w = utf8_width(buf_str(&b), len);
			doc_tab(d, plan_columns[c].flush_right ? x + width[c] - w : x);
			doc_add(d, head ? UI_TABLE_HEAD : n->warnings ? UI_WARNING : UI_TEXT, buf_str(&b), len);
			x += width[c] + 2;
		}
		doc_end_indent(d, 4);
	}
	buf_release(&b);
}

static void advice(struct doc *d, unsigned warnings)
{
	for (unsigned i = 0; i < PLAN_WARNINGS; i++) {
		const struct plan_advice *a = &plan_advice[i];
		if (!(warnings & a->warning))
			continue;
		doc_end(d);
		doc_printf(d, UI_WARNING, "▲ %s  ", a->name);
		doc_printf(d, UI_TEXT, "%s ", a->meaning);
		doc_printf(d, UI_DIM, "%s ", a->harmless);
		doc_puts(d, UI_TEXT, a->remedy);
		doc_end_indent(d, 2);
	}
}

static void raw(struct doc *d, const struct grid *g, enum detail_kind kind)
{
	if (kind == DETAIL_PLAN_ROWS)
		grid_doc_table(d, g);
	else if (g->n_rows && g->n_columns && g->rows[0][0].s)
		doc_add(d, UI_TEXT, g->rows[0][0].s, g->rows[0][0].len);
	doc_end(d);
}

void plan_doc(struct doc *d, const struct grid *g, enum detail_kind kind, enum plan_form form,
	      bool ascii)
{
	struct plan p;
	struct err e = {0};
	if (!g->n_rows)
		return;
	bool ok = kind == DETAIL_PLAN_ROWS
			  ? parse_rows(&p, g, &e)
			  : plan_parse(&p, g->rows[0][0].s ? g->rows[0][0].s : "", g->rows[0][0].len, &e);
	if (!ok || form == FORM_RAW) {
		raw(d, g, kind);
	} else {
		if (p.running) {
			doc_puts(d, UI_DIM, "  It still runs: estimates → what was found so far.");
			doc_end(d);
		}
		if (form == FORM_TREE)
			tree(d, &p, ascii);
		else
			table(d, &p);
		advice(d, p.warnings);
	}
	plan_release(&p);
}
