/*
 * Rows pass the hides, then the filter, and are sorted, or collected into groups and these sorted.
 * That happens in table_update(), once for any number of changes. The cursor is looked up anew by
 * its row's key afterwards, so it stays on the row wherever that went.
 */
#include "ui/tableview.h"

#include <math.h>
#include <string.h>

/* The standard one falls through switch labels, of which clang warns. */
#define HASH_FUNCTION HASH_FNV
#include <uthash.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "ui/tableview_impl.h"

struct sort_key {
	struct value value;
	uint32_t row;
};

struct tag {
	UT_hash_handle hh;
	struct value key; /* text points behind the struct */
};

const struct column table_count_column = {
	.id = "rows",
	.title = "Rows",
	.help = "How many rows the group has.",
	.width = 6,
	.unit = UNIT_COUNT,
};

/* --- columns ------------------------------------------------------------------------------ */

const char *column_id(const struct column *c)
{
	return c->id ? c->id : c->field;
}

size_t table_column_index(const struct tableview *v, const struct column *c)
{
	return (size_t)(c - v->spec.columns);
}

const struct field *table_field(const struct tableview *v, const struct column *c)
{
	if (c == &table_count_column || !v->schema)
		return NULL;
	int field = v->fields[table_column_index(v, c)];
	return field < 0 ? NULL : &v->schema->fields[field];
}

const char *tableview_column_title(const struct tableview *v, const struct column *c)
{
	const struct field *f = table_field(v, c);
	return c->title ? c->title : f ? f->title : column_id(c);
}

enum unit tableview_column_unit(const struct tableview *v, const struct column *c)
{
	const struct field *f = table_field(v, c);
	return c->unit != UNIT_NONE || !f ? c->unit : f->unit;
}

bool table_flush_right(const struct tableview *v, const struct column *c)
{
	return !(c->flags & COLUMN_LEFT) && unit_flush_right(tableview_column_unit(v, c));
}

static const struct column *find_column(const struct tableview *v, const char *id)
{
	if (v->group && !strcmp(id, table_count_column.id))
		return &table_count_column;
	for (size_t i = 0; i < v->spec.n_columns; i++) {
		if (!strcmp(column_id(&v->spec.columns[i]), id))
			return &v->spec.columns[i];
	}
	return NULL;
}

static struct view_column *find_view_column(struct tableview *v, const char *id)
{
	for (size_t i = 0; i < v->spec.n_columns; i++) {
		if (!strcmp(column_id(v->columns[i].decl), id))
			return &v->columns[i];
	}
	return NULL;
}

size_t tableview_columns(const struct tableview *v)
{
	return v->spec.n_columns;
}

const struct column *tableview_column(const struct tableview *v, size_t i, bool *shown)
{
	if (shown)
		*shown = v->columns[i].shown;
	return v->columns[i].decl;
}

void tableview_column_show(struct tableview *v, const char *id, bool shown)
{
	struct view_column *c = find_view_column(v, id);
	if (c)
		c->shown = shown;
}

bool tableview_column_move(struct tableview *v, const char *id, int by)
{
	struct view_column *c = find_view_column(v, id);
	if (!c)
		return false;
	ptrdiff_t to = c - v->columns + by;
	if (to < 0 || to >= (ptrdiff_t)v->spec.n_columns)
		return false;
	struct view_column other = v->columns[to];
	v->columns[to] = *c;
	*c = other;
	return true;
}

static void declared_columns(struct tableview *v)
{
	for (size_t i = 0; i < v->spec.n_columns; i++) {
		const struct column *c = &v->spec.columns[i];
		v->columns[i] = (struct view_column){c, !(c->flags & COLUMN_HIDDEN)};
	}
}

void tableview_columns_set(struct tableview *v, const char *list)
{
	declared_columns(v);
	size_t done = 0;
	while (list && *list) {
		list += strspn(list, " ,");
		bool hidden = *list == '-';
		list += hidden;
		size_t n = strcspn(list, " ,");
		char *id = xstrndup(list, n);
		struct view_column *c = find_view_column(v, id);
		free(id);
		list += n;
		if (!c || (size_t)(c - v->columns) < done)
			continue;
		struct view_column moved = {c->decl, !hidden};
		memmove(&v->columns[done + 1], &v->columns[done],
			(size_t)(c - &v->columns[done]) * sizeof *c);
		v->columns[done++] = moved;
	}
}

void tableview_columns_get(const struct tableview *v, struct buf *out)
{
	for (size_t i = 0; i < v->spec.n_columns; i++) {
		const struct view_column *c = &v->columns[i];
		buf_addf(out, "%s%s%s", i ? "," : "", c->shown ? "" : "-", column_id(c->decl));
	}
}

/* --- values ------------------------------------------------------------------------------- */

struct table_row table_row(const struct tableview *v, unsigned part_row)
{
	return (struct table_row){v->has_frame ? &v->frame : NULL, v->part, part_row, v->ctx};
}

struct value table_value(const struct tableview *v, const struct column *c, unsigned part_row)
{
	if (c->value) {
		struct table_row r = table_row(v, part_row);
		return c->value(&r);
	}
	int field = v->fields[table_column_index(v, c)];
	if (field < 0)
		return VALUE_NONE;
	if (!(c->flags & COLUMN_RATE))
		return part_get(v->part, part_row, (unsigned)field);
	return v->has_frame ? frame_rate(&v->frame, v->part_id, part_row, (unsigned)field)
			    : VALUE_NONE;
}

static struct value same_value(const struct tableview *v, const struct column *c,
			       const struct group *g, bool *mixed)
{
	struct value first = table_value(v, c, v->grouped[g->first]);
	for (uint32_t i = 1; i < g->count; i++) {
		if (!value_equal(first, table_value(v, c, v->grouped[g->first + i]))) {
			*mixed = true;
			return VALUE_NONE;
		}
	}
	return first;
}

static struct value group_value(const struct tableview *v, const struct column *c,
				const struct group *g, bool *mixed)
{
	if (c == &table_count_column)
		return value_int(g->count);
	if (c == v->group)
		return g->key;
	if (c->sum == SUM_SAME)
		return same_value(v, c, g, mixed);
	struct value sum = VALUE_NONE;
	for (uint32_t i = 0; i < g->count; i++) {
		struct value x = table_value(v, c, v->grouped[g->first + i]);
		if (!value_is_number(x))
			continue;
		if (sum.type == VALUE_ABSENT)
			sum = x;
		else if (c->sum == SUM_MAX)
			sum = value_compare(x, sum, false) > 0 ? x : sum;
		else if (x.type == VALUE_INT && sum.type == VALUE_INT &&
			 !__builtin_add_overflow(sum.i, x.i, &sum.i))
			continue;
		else
			sum = value_real(value_number(sum, 0) + value_number(x, 0));
	}
	return sum;
}

struct value table_cell_value(const struct tableview *v, const struct column *c, unsigned i,
			      bool *mixed)
{
	*mixed = false;
	return v->group ? group_value(v, c, &v->groups[v->rows[i]], mixed)
			: table_value(v, c, v->rows[i]);
}

/* --- making and binding ------------------------------------------------------------------- */

static void bind_filter(struct tableview *v)
{
	struct err ignored;
	filter_free(v->filter);
	v->filter = v->filter_text ? filter_compile(v->filter_text, v->filter_fields,
						    (unsigned)v->spec.n_columns, &ignored, NULL)
				   : NULL;
}

static bool holds_text(const struct column *c, const struct field *f)
{
	if (f && !(c->flags & COLUMN_RATE))
		return f->unit == UNIT_ID || f->type == FIELD_TEXT || f->type == FIELD_ANY;
	return !unit_flush_right(c->unit) || c->unit == UNIT_ID;
}

static void bind_schema(struct tableview *v, const struct schema *schema)
{
	v->schema = schema;
	for (size_t i = 0; i < v->spec.n_columns; i++) {
		const struct column *c = &v->spec.columns[i];
		v->fields[i] = schema && c->field ? schema_field(schema, c->field) : -1;
		bool text = holds_text(c, table_field(v, c));
		v->filter_fields[i] =
			(struct filter_field){column_id(c), tableview_column_unit(v, c), text};
	}
	bind_filter(v);
	v->dirty = true;
}

struct tableview *tableview_new(const struct table_spec *spec, void *ctx)
{
	struct tableview *v = xcalloc(1, sizeof *v);
	BUG_ON(!spec->n_columns);
	v->spec = *spec;
	v->ctx = ctx;
	v->columns = xcalloc(spec->n_columns, sizeof *v->columns);
	v->fields = xcalloc(spec->n_columns, sizeof *v->fields);
	v->filter_fields = xcalloc(spec->n_columns, sizeof *v->filter_fields);
	v->slots = xcalloc(spec->n_columns + 1, sizeof *v->slots);
	v->hides = xcalloc(spec->n_hides + 1, sizeof *v->hides);
	v->hidden = xcalloc(spec->n_hides + 1, sizeof *v->hidden);
	for (size_t i = 0; i < spec->n_hides; i++)
		v->hides[i] = spec->hides[i].on;
	declared_columns(v);
	bind_schema(v, spec->schema);
	if (spec->sort)
		tableview_sort(v, spec->sort);
	v->cursor_y = -1;
	return v;
}

static void drop_data(struct tableview *v)
{
	if (v->has_frame) {
		for (size_t i = 0; i < N_PARTS; i++)
			part_unref(v->frame.before[i]);
		snapshot_unref(v->frame.now);
	}
	part_unref(v->part);
	v->frame = (struct frame){0};
	v->has_frame = false;
	v->part = NULL;
}

void tableview_free(struct tableview *v)
{
	if (!v)
		return;
	drop_data(v);
	tableview_untag(v);
	filter_free(v->filter);
	free(v->filter_text);
	free(v->columns);
	free(v->fields);
	free(v->filter_fields);
	free(v->slots);
	free(v->hides);
	free(v->hidden);
	free(v->rows);
	free(v->keys);
	free(v->grouped);
	free(v->groups);
	buf_release(&v->key_text);
	buf_release(&v->raw);
	buf_release(&v->text);
	free(v);
}

void tableview_set_keymap(struct tableview *v, const struct keymap *m)
{
	v->keymap = m;
}

static void forget_gone_tags(struct tableview *v)
{
	struct tag *t, *next;
	HASH_ITER (hh, v->tags, t, next) {
		if (part_find(v->part, t->key) < 0) {
			HASH_DEL(v->tags, t);
			free(t);
		}
	}
}

static void take_part(struct tableview *v, const struct part *p)
{
	v->part = p;
	v->dirty = true;
	if (p && part_schema(p) != v->schema)
		bind_schema(v, part_schema(p));
	if (p && v->tags)
		forget_gone_tags(v);
}

void tableview_set_part(struct tableview *v, const struct part *p)
{
	if (p == v->part && !v->has_frame)
		return;
	const struct part *held = p ? part_ref(p) : NULL;
	drop_data(v);
	take_part(v, held);
}

void tableview_set_frame(struct tableview *v, const struct frame *f, enum part_id id)
{
	if (!f->now) {
		tableview_set_part(v, NULL);
		return;
	}
	if (v->has_frame && v->frame.now == f->now && v->part_id == id)
		return;
	struct frame held = {.now = snapshot_ref(f->now)};
	for (size_t i = 0; i < N_PARTS; i++)
		held.before[i] = f->before[i] ? part_ref(f->before[i]) : NULL;
	const struct part *p = f->now->parts[id] ? part_ref(f->now->parts[id]) : NULL;
	drop_data(v);
	v->frame = held;
	v->has_frame = true;
	v->part_id = id;
	take_part(v, p);
}

void tableview_set_stale(struct tableview *v, bool stale)
{
	v->stale = stale;
}

void tableview_refresh(struct tableview *v)
{
	v->dirty = true;
}

const struct part *tableview_part(const struct tableview *v)
{
	return v->part;
}

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
	const struct column *c = find_column(v, id + descending);
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
static const struct column *shown_neighbour(const struct tableview *v, const struct column *from,
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
	v->sort = shown_neighbour(v, v->sort, by);
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
	const struct column *c = id ? find_column(v, id) : NULL;
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

/* --- the cursor --------------------------------------------------------------------------- */

static void keep_key(struct tableview *v, struct value key)
{
	if (key.type == VALUE_TEXT && key.s != v->key_text.s) {
		buf_clear(&v->key_text);
		buf_add(&v->key_text, key.s, key.len);
	}
	if (key.type == VALUE_TEXT)
		key = value_text(buf_str(&v->key_text), (uint32_t)v->key_text.len);
	v->key = key;
}

static struct value key_at(const struct tableview *v, unsigned i)
{
	if (v->group)
		return v->groups[v->rows[i]].key;
	return part_get(v->part, v->rows[i], v->schema->key);
}

/* The shown row with the cursor's key; n_rows when it is not there. */
static unsigned find_key(const struct tableview *v)
{
	if (!v->part || !v->n_rows)
		return v->n_rows;
	if (v->group) {
		for (unsigned i = 0; i < v->n_rows; i++) {
			if (value_equal(key_at(v, i), v->key))
				return i;
		}
		return v->n_rows;
	}
	int row = v->key.type == VALUE_ABSENT ? -1 : part_find(v->part, v->key);
	for (unsigned i = 0; row >= 0 && i < v->n_rows; i++) {
		if (v->rows[i] == (uint32_t)row)
			return i;
	}
	return v->n_rows;
}

static void note_key(struct tableview *v)
{
	if (v->cursor < v->n_rows)
		keep_key(v, key_at(v, v->cursor));
	v->wanted = false;
}

static void follow_key(struct tableview *v)
{
	unsigned at = find_key(v), line = v->cursor - v->top;
	if (at < v->n_rows) {
		/* On the same line of the screen, where that can be. */
		if (v->top || at >= (unsigned)(v->height > 0 ? v->height : 1))
			v->top = at > line ? at - line : 0;
		v->cursor = at;
		v->wanted = false;
		return;
	}
	if (v->cursor >= v->n_rows)
		v->cursor = v->n_rows ? v->n_rows - 1 : 0;
	if (!v->wanted && v->n_rows)
		note_key(v);
}

void table_update(struct tableview *v)
{
	if (!v->dirty)
		return;
	v->dirty = false;
	choose_rows(v);
	if (v->group)
		collect_groups(v);
	sort_rows(v);
	follow_key(v);
}

void tableview_move(struct tableview *v, enum table_move move)
{
	enum { SIDE_STEP = 8 };
	table_update(v);
	unsigned page = v->height > 1 ? (unsigned)v->height - 1 : 1;
	unsigned last = v->n_rows ? v->n_rows - 1 : 0, at = v->cursor;
	switch (move) {
	case TABLE_UP:
		at -= at > 0;
		break;
	case TABLE_DOWN:
		at++;
		break;
	case TABLE_PAGE_UP:
		at -= at < page ? at : page;
		v->top -= v->top < page ? v->top : page;
		break;
	case TABLE_PAGE_DOWN:
		at += page;
		v->top += page;
		break;
	case TABLE_HOME:
		at = 0;
		break;
	case TABLE_END:
		at = last;
		break;
	case TABLE_LEFT:
		v->scroll -= v->scroll < SIDE_STEP ? v->scroll : SIDE_STEP;
		return;
	case TABLE_RIGHT:
		v->scroll += SIDE_STEP;
		return;
	}
	v->cursor = at < last ? at : last;
	note_key(v);
}

int tableview_row(struct tableview *v)
{
	table_update(v);
	return v->group || v->cursor >= v->n_rows ? -1 : (int)v->rows[v->cursor];
}

struct value tableview_key(struct tableview *v)
{
	table_update(v);
	return v->cursor < v->n_rows && !v->wanted ? v->key : VALUE_NONE;
}

void tableview_select(struct tableview *v, struct value key)
{
	keep_key(v, key);
	v->wanted = true;
	v->dirty = true;
}

unsigned tableview_shown(struct tableview *v)
{
	table_update(v);
	return v->n_rows;
}

unsigned tableview_total(struct tableview *v)
{
	return v->part ? part_rows(v->part) : 0;
}

int tableview_row_at(struct tableview *v, unsigned i)
{
	table_update(v);
	return v->group || i >= v->n_rows ? -1 : (int)v->rows[i];
}

int tableview_cursor_y(const struct tableview *v)
{
	return v->cursor_y;
}

/* --- tags --------------------------------------------------------------------------------- */

/* The bytes that a key is hashed by. */
static const void *key_bytes(const struct value *key, size_t *n)
{
	*n = key->type == VALUE_TEXT ? key->len : sizeof key->i;
	return key->type == VALUE_TEXT ? (const void *)key->s : (const void *)&key->i;
}

static struct tag *find_tag(const struct tableview *v, struct value key)
{
	struct tag *t = NULL;
	size_t n;
	const void *bytes = key_bytes(&key, &n);
	if (key.type != VALUE_ABSENT && v->tags)
		HASH_FIND(hh, v->tags, bytes, n, t);
	return t;
}

static void add_tag(struct tableview *v, struct value key)
{
	if (key.type == VALUE_ABSENT || find_tag(v, key))
		return;
	size_t text = key.type == VALUE_TEXT ? key.len : 0, n;
	struct tag *t = xcalloc(1, sizeof *t + text + 1);
	t->key = key;
	if (key.type == VALUE_TEXT) {
		t->key.s = (char *)(t + 1);
		memcpy(t + 1, key.s, text);
	}
	const void *bytes = key_bytes(&t->key, &n);
	HASH_ADD_KEYPTR(hh, v->tags, bytes, n, t);
}

static void remove_tag(struct tableview *v, struct tag *t)
{
	HASH_DEL(v->tags, t);
	free(t);
}

void tableview_tag(struct tableview *v)
{
	int row = tableview_row(v);
	if (row < 0)
		return;
	struct tag *t = find_tag(v, v->key);
	if (t)
		remove_tag(v, t);
	else
		add_tag(v, v->key);
	tableview_move(v, TABLE_DOWN);
}

bool tableview_tagged(const struct tableview *v, unsigned row)
{
	return v->tags && find_tag(v, part_get(v->part, row, v->schema->key));
}

void tableview_tag_all(struct tableview *v)
{
	table_update(v);
	bool all = true;
	for (unsigned i = 0; !v->group && i < v->n_rows; i++)
		all &= tableview_tagged(v, v->rows[i]);
	for (unsigned i = 0; !v->group && i < v->n_rows; i++) {
		struct tag *t = find_tag(v, key_at(v, i));
		if (all && t)
			remove_tag(v, t);
		else if (!all)
			add_tag(v, key_at(v, i));
	}
}

void tableview_untag(struct tableview *v)
{
	struct tag *t, *next;
	HASH_ITER (hh, v->tags, t, next)
		remove_tag(v, t);
}

unsigned tableview_tags(const struct tableview *v)
{
	return HASH_COUNT(v->tags);
}

/* --- explaining --------------------------------------------------------------------------- */

void tableview_explain_move(struct tableview *v, int by)
{
	if (!v->explained)
		v->explained = v->sort && v->sort != &table_count_column ? v->sort : NULL;
	if (by || !v->explained)
		v->explained = shown_neighbour(v, v->explained, by ? by : 1);
}

void tableview_explain_end(struct tableview *v)
{
	v->explained = NULL;
}
