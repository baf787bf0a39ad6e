/*
 * Plans in any form and out of form: what parses can be walked and printed. Behind a T comes a
 * table with tabs and line breaks between its cells, all else is one text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "parse/plan.h"
#include "tests/fuzz/fuzz.h"

static void check_plan(const struct plan *p)
{
	struct buf out = BUF_INIT;
	size_t nodes = 0;
	for (const struct plan_node *n = plan_next(p, NULL); n; n = plan_next(p, n)) {
		nodes++;
		CHECK(n->op && n->depth == (n->parent ? n->parent->depth + 1 : 0));
		for (int c = 0; c < PLAN_COLUMNS; c++)
			plan_add_cell(&out, n, (enum plan_column)c);
		for (const struct plan_detail *d = n->details; d; d = d->next)
			buf_adds(&out, d->value);
	}
	CHECK(nodes == p->nodes);
	buf_clear(&out);
	plan_to_tree_text(&out, p, false);
	CHECK(utf8_valid(out.s, out.len));
	plan_to_tree_text(&out, p, true);
	buf_release(&out);
}

/* Cut a text into cells, in place; the first line has the names. */
static bool parse_table(struct plan *p, char *text, struct err *e)
{
	enum { MOST = 64, MOST_CELLS = 4096 };
	static const char *names[MOST], *cells[MOST_CELLS];
	size_t n_names = 0, n_cells = 0;
	char *lines = text, *line = strsep(&lines, "\n"), *cell;
	while (n_names < MOST && (cell = strsep(&line, "\t")))
		names[n_names++] = cell;
	while ((line = strsep(&lines, "\n")) && n_cells + n_names <= MOST_CELLS)
		for (size_t i = 0; i < n_names; i++) {
			cell = strsep(&line, "\t");
			cells[n_cells++] = cell && strcmp(cell, "NULL") != 0 ? cell : NULL;
		}
	return plan_from_rows(p, names, n_names, cells, n_cells / n_names, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan p;
	struct err e = {0};
	bool ok;
	if (size > 0 && data[0] == 'T') {
		char *text = xstrndup((const char *)data + 1, size - 1);
		ok = parse_table(&p, text, &e);
		if (ok)
			check_plan(&p);
		free(text);
	} else {
		ok = plan_parse(&p, (const char *)data, size, &e);
		if (ok)
			check_plan(&p);
	}
	CHECK(ok || e.kind != ERR_NONE);
	plan_release(&p);
	return 0;
}
