/* A table view's columns, values and data. Which rows it shows, and where one stands in them: see
   tableview_rows.c and tableview_cursor.c. */
#include "ui/tableview.h"

#include <string.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "ui/tableview_impl.h"

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

const struct column *table_find_column(const struct tableview *v, const char *id)
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

/* The next name of a list such as "id,-host"; for free(). NULL at its end. */
static char *next_column(const char **list, bool *hidden)
{
	if (!*list)
		return NULL;
	*list += strspn(*list, " ,");
	*hidden = **list == '-';
	*list += *hidden;
	size_t n = strcspn(*list, " ,");
	char *id = n ? xstrndup(*list, n) : NULL;
	*list += n;
	return id;
}

bool tableview_columns_check(struct tableview *v, const char *list, const char *what, struct err *e)
{
	bool hidden, good = true;
	for (char *id; good && (id = next_column(&list, &hidden)); free(id)) {
		char hint[128];
		struct nearest near = NEAREST(id);
		for (size_t i = 0; i < v->spec.n_columns; i++)
			nearest_offer(&near, column_id(v->columns[i].decl));
		if (!find_view_column(v, id))
			good = err_setf(e, ERR_USAGE, what, nearest_hint(&near, "c in the console lists them", hint,
									 sizeof hint),
					"there is no column \"%s\"", id);
	}
	return good;
}

void tableview_columns_set(struct tableview *v, const char *list)
{
	bool hidden;
	size_t done = 0;
	declared_columns(v);
	for (char *id; (id = next_column(&list, &hidden)); free(id)) {
		struct view_column *c = find_view_column(v, id);
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

static void take_part(struct tableview *v, const struct part *p)
{
	v->part = p;
	v->dirty = true;
	if (p && part_schema(p) != v->schema)
		bind_schema(v, part_schema(p));
	if (p && v->tags)
		table_forget_gone_tags(v);
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

/* --- explaining --------------------------------------------------------------------------- */

void tableview_explain_move(struct tableview *v, int by)
{
	if (!v->explained)
		v->explained = v->sort && v->sort != &table_count_column ? v->sort : NULL;
	if (by || !v->explained)
		v->explained = table_shown_neighbour(v, v->explained, by ? by : 1);
}

void tableview_explain_end(struct tableview *v)
{
	v->explained = NULL;
}
