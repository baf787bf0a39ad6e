/*
 * Rows pass the hides, then the filter, and are sorted, or collected into groups and these sorted.
 * That happens in table_update(), once for any number of changes.
 */
#include "ui/tableview.h"

#include <string.h>

#include "base/mem.h"
#include "ui/tableview_impl.h"

struct sort_key {
	struct value value;
	uint32_t row;
};

/* --- sorting ------------------------------------------------------------------------------ */

static bool first_descending(const struct tableview *v, const struct column *c)
{
	enum unit u = tableview_column_unit(v, c);
	if (c->flags & (COLUMN_ASC | COLUMN_FIRST_DESC))
		return c->flags & COLUMN_FIRST_DESC;
	return unit_flush_right(u) && u != UNIT_ID;
}

bool tableview_sort(struct tableview *v, const char *id)
{
	v->dirty = true;
	if (!id || !id[0]) {
		v->sort = NULL;
		return true;
	}
	bool descending = id[0] == '-';
	const struct column *c = table_find_column(v, id + descending);
	if (!c)
		return false;
	v->sort = c;
	v->descending = descending;
	return true;
}

const char *tableview_sorted_by(const struct tableview *v, bool *descending)
{
	if (descending)
		*descending = v->descending;
	return v->sort ? column_id(v->sort) : NULL;
}

void tableview_sort_reverse(struct tableview *v)
{
	v->descending = !v->descending;
	v->dirty = true;
}

/* The shown column `by` places from `from`, around the ends; the first when `from` is none. */
const struct column *table_shown_neighbour(const struct tableview *v, const struct column *from,
					    int by)
{
	size_t n = v->spec.n_columns, at = n, step = by < 0 ? n - 1 : 1;
	for (size_t i = 0; i < n; i++) {
		if (v->columns[i].decl == from)
			at = i;
	}
	if (at == n) /* none, or not a declared one: begin at the end, so as to reach the first */
		at = by < 0 ? 0 : n - 1;
	for (size_t i = 0; i < n; i++) {
		at = (at + step) % n;
		if (v->columns[at].shown)
			return v->columns[at].decl;
	}
	return from;
}

void tableview_sort_next(struct tableview *v, int by)
{
	v->sort = table_shown_neighbour(v, v->sort, by);
	v->descending = v->sort && first_descending(v, v->sort);
	v->dirty = true;
}

/* qsort() takes no context, qsort_r() does. Ties keep the order of the part. */
static int compare_keys(const void *a, const void *b, void *descending)
{
	const struct sort_key *p = a, *q = b;
	int d = value_compare(p->value, q->value, *(const bool *)descending);
	return d ? d : (p->row > q->row) - (p->row < q->row);
}

static void need_keys(struct tableview *v, unsigned n)
{
	if (n > v->cap_keys) {
		v->cap_keys = n;
		v->keys = xrealloc(v->keys, n, sizeof *v->keys);
		v->grouped = xrealloc(v->grouped, n, sizeof *v->grouped);
	}
}

static void sort_rows(struct tableview *v)
{
	bool mixed;
	if (!v->sort || v->n_rows < 2)
		return;
	need_keys(v, v->n_rows);
	for (unsigned i = 0; i < v->n_rows; i++)
		v->keys[i] = (struct sort_key){table_cell_value(v, v->sort, i, &mixed), v->rows[i]};
	qsort_r(v->keys, v->n_rows, sizeof *v->keys, compare_keys, &v->descending);
	for (unsigned i = 0; i < v->n_rows; i++)
		v->rows[i] = v->keys[i].row;
}

/* --- hiding and filtering ----------------------------------------------------------------- */

bool tableview_filter(struct tableview *v, const char *text, struct err *e, size_t *position)
{
	struct filter *f = NULL;
	unsigned fields = (unsigned)v->spec.n_columns;
	if (text && text[strspn(text, " \t")]) {
		f = filter_compile(text, v->filter_fields, fields, e, position);
		if (!f)
			return false;
	}
	filter_free(v->filter);
	free(v->filter_text);
	v->filter = f;
	v->filter_text = f ? xstrdup(text) : NULL;
	v->dirty = true;
	return true;
}

const char *tableview_filter_text(const struct tableview *v)
{
	return v->filter_text ? v->filter_text : "";
}

const char *tableview_field(const struct tableview *v, unsigned i)
{
	return i < v->spec.n_columns ? v->filter_fields[i].name : NULL;
}

static int find_hide(const struct tableview *v, const char *name)
{
	for (size_t i = 0; i < v->spec.n_hides; i++) {
		if (!strcmp(v->spec.hides[i].name, name))
			return (int)i;
	}
	return -1;
}

bool tableview_hide(struct tableview *v, const char *name, bool on)
{
	int i = find_hide(v, name);
	if (i < 0)
		return false;
	v->hides[i] = on;
	v->dirty = true;
	return true;
}

bool tableview_hides(const struct tableview *v, const char *name)
{
	int i = find_hide(v, name);
	return i >= 0 && v->hides[i];
}

/* A row as the filter's callback gets it. */
struct filtered_row {
	const struct tableview *view;
	unsigned row;
};

static struct value filter_value(const void *row, unsigned column)
{
	const struct filtered_row *r = row;
	return table_value(r->view, &r->view->spec.columns[column], r->row);
}

static bool passes(struct tableview *v, unsigned row)
{
	struct table_row r = table_row(v, row);
	for (size_t i = 0; i < v->spec.n_hides; i++) {
		if (v->hides[i] && v->spec.hides[i].hides(&r)) {
			v->hidden[i]++;
			return false;
		}
	}
	struct filtered_row f = {v, row};
	if (v->filter && !filter_match(v->filter, filter_value, &f)) {
		v->filtered++;
		return false;
	}
	return true;
}

static void choose_rows(struct tableview *v)
{
	unsigned n = v->part ? part_rows(v->part) : 0;
	if (n > v->cap_rows) {
		v->cap_rows = n;
		v->rows = xrealloc(v->rows, n, sizeof *v->rows);
	}
	memset(v->hidden, 0, (v->spec.n_hides + 1) * sizeof *v->hidden);
	v->filtered = v->n_rows = 0;
	if (v->filter)
		filter_forget(v->filter);
	for (unsigned row = 0; row < n; row++) {
		if (passes(v, row))
			v->rows[v->n_rows++] = row;
	}
}

/* --- grouping ----------------------------------------------------------------------------- */

bool tableview_group(struct tableview *v, const char *id)
{
	const struct column *c = id ? table_find_column(v, id) : NULL;
	if ((id && !c) || c == &table_count_column)
		return false;
	if (c && !v->group) {
		v->ungrouped_sort = v->sort;
		v->ungrouped_descending = v->descending;
		v->sort = &table_count_column;
		v->descending = true;
	} else if (!c && v->group) {
		v->sort = v->ungrouped_sort;
		v->descending = v->ungrouped_descending;
	}
	if (c != v->group) {
		v->key = VALUE_NONE;
		v->cursor = v->top = 0;
	}
	v->group = c;
	v->dirty = true;
	return true;
}

const char *tableview_grouped_by(const struct tableview *v)
{
	return v->group ? column_id(v->group) : NULL;
}

/* Sorted by the value that groups, equal ones lie side by side. */
static void collect_groups(struct tableview *v)
{
	bool ascending = false;
	need_keys(v, v->n_rows ? v->n_rows : 1);
	for (unsigned i = 0; i < v->n_rows; i++)
		v->keys[i] = (struct sort_key){table_value(v, v->group, v->rows[i]), v->rows[i]};
	qsort_r(v->keys, v->n_rows, sizeof *v->keys, compare_keys, &ascending);
	v->n_groups = 0;
	for (unsigned i = 0; i < v->n_rows; i++) {
		v->grouped[i] = v->keys[i].row;
		if (!i || !value_equal(v->keys[i].value, v->keys[i - 1].value)) {
			GROW(v->groups, v->n_groups, v->cap_groups);
			v->groups[v->n_groups++] = (struct group){v->keys[i].value, i, 0};
		}
		v->groups[v->n_groups - 1].count++;
	}
	v->n_rows = v->n_groups;
	for (unsigned i = 0; i < v->n_groups; i++)
		v->rows[i] = i;
}

bool tableview_open_group(struct tableview *v)
{
	table_update(v);
	if (!v->group || v->cursor >= v->n_rows)
		return false;
	const struct group *g = &v->groups[v->rows[v->cursor]];
	const char *old = tableview_filter_text(v);
	struct buf text = BUF_INIT;
	struct err e;
	if (old[0])
		buf_addf(&text, strchr(old, '|') ? "(%s) " : "%s ", old);
	buf_addf(&text, "%s=", column_id(v->group));
	if (g->key.type == VALUE_TEXT) {
		char quote = memchr(g->key.s, '"', g->key.len) ? '\'' : '"';
		if (g->key.len) {
			buf_addc(&text, quote);
			buf_add(&text, g->key.s, g->key.len);
			buf_addc(&text, quote);
		}
	} else if (g->key.type == VALUE_INT) {
		buf_addf(&text, "%lld", (long long)g->key.i);
	} else if (g->key.type == VALUE_REAL) {
		buf_addf(&text, "%.17g", g->key.r);
	}
	bool ok = tableview_filter(v, buf_str(&text), &e, NULL);
	buf_release(&text);
	if (ok)
		tableview_group(v, NULL);
	return ok;
}

void table_choose(struct tableview *v)
{
	choose_rows(v);
	if (v->group)
		collect_groups(v);
	sort_rows(v);
}
