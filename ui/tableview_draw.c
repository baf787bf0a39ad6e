#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "ui/help.h"
#include "ui/keymap.h"
#include "ui/tableview_impl.h"

enum {
	GUTTER = 1,      /* for the mark of a tag */
	WIDE_SCREEN = 110, /* from here on two blanks between columns */
	WIDEST_CELL = 16384,
};

/* --- layout ------------------------------------------------------------------------------- */

static int least_width(const struct column *c)
{
	return c->min ? c->min : c->width;
}

/* The title of the column that sorts needs room for its arrow. */
static int width_for(const struct tableview *v, const struct column *c, int w)
{
	if (c != v->sort)
		return w;
	const char *title = tableview_column_title(v, c);
	int needs = utf8_width(title, strlen(title)) + 2;
	return w < needs ? needs : w;
}

/* The columns that someone wants to see, in their order, with their least widths. */
static void wanted_slots(struct tableview *v)
{
	v->n_slots = 0;
	if (v->group) {
		v->slots[v->n_slots++].column = &table_count_column;
		v->slots[v->n_slots++].column = v->group;
	}
	for (size_t i = 0; i < v->spec.n_columns; i++) {
		const struct view_column *c = &v->columns[i];
		if (c->shown && c->decl != v->group)
			v->slots[v->n_slots++].column = c->decl;
	}
	for (size_t i = 0; i < v->n_slots; i++)
		v->slots[i].w = width_for(v, v->slots[i].column, least_width(v->slots[i].column));
}

static int total_width(const struct tableview *v, int gap)
{
	int sum = GUTTER - gap;
	for (size_t i = 0; i < v->n_slots; i++)
		sum += v->slots[i].w + gap;
	return sum;
}

/* Leave out the column that matters least; false when all that are left must stay. */
static bool drop_one(struct tableview *v)
{
	size_t worst = 0;
	for (size_t i = 1; i < v->n_slots; i++) {
		if (v->slots[i].column->priority >= v->slots[worst].column->priority)
			worst = i;
	}
	if (!v->n_slots || !v->slots[worst].column->priority ||
	    v->slots[worst].column == v->group)
		return false;
	v->n_slots--;
	memmove(&v->slots[worst], &v->slots[worst + 1], (v->n_slots - worst) * sizeof *v->slots);
	return true;
}

/* Hand out what is left: first what each would like, the most important first, then to the
   fillers. */
static void spread(struct tableview *v, int room)
{
	for (unsigned priority = 0; priority <= 255 && room > 0; priority++) {
		for (size_t i = 0; i < v->n_slots && room > 0; i++) {
			struct slot *s = &v->slots[i];
			int more = s->column->width - s->w;
			if (s->column->priority != priority || more <= 0)
				continue;
			more = more < room ? more : room;
			s->w += more;
			room -= more;
		}
	}
	unsigned fillers = 0;
	for (size_t i = 0; i < v->n_slots; i++)
		fillers += v->slots[i].column->flags & COLUMN_FILL;
	for (size_t i = 0; i < v->n_slots && fillers && room > 0; i++) {
		if (!(v->slots[i].column->flags & COLUMN_FILL))
			continue;
		int more = room / (int)fillers--;
		v->slots[i].w += more;
		room -= more;
	}
}

/* Where even what must stay has no room, the fillers are cut: their texts then end with an ellipsis, not at
   the edge of the screen. */
static void squeeze(struct tableview *v, int over)
{
	enum { LEAST = 4 };
	for (size_t i = 0; i < v->n_slots && over > 0; i++) {
		struct slot *s = &v->slots[i];
		int less = s->w - LEAST < over ? s->w - LEAST : over;
		if (!(s->column->flags & COLUMN_FILL) || less <= 0)
			continue;
		s->w -= less;
		over -= less;
	}
}

static void place(struct tableview *v, int x, int gap)
{
	x += GUTTER;
	for (size_t i = 0; i < v->n_slots; i++) {
		v->slots[i].x = x;
		x += v->slots[i].w + gap;
	}
}

static void format_cell(struct tableview *v, const struct column *c, unsigned i, struct value x,
			bool mixed, int cells);

/* The widest text that a column shows on the rows of this screen. */
static int widest_text(struct tableview *v, const struct column *c, unsigned rows)
{
	int widest = c->width;
	for (unsigned i = v->top; i < v->n_rows && i < v->top + rows; i++) {
		bool mixed;
		struct value x = table_cell_value(v, c, i, &mixed);
		format_cell(v, c, i, x, mixed, WIDEST_CELL);
		int w = utf8_width(buf_str(&v->text), v->text.len);
		widest = w > widest ? w : widest;
	}
	return widest;
}

/* All columns as wide as they would like to be; the screen is a window on that. False when all of
   it can be seen anyway. */
static bool lay_out_sideways(struct tableview *v, struct rect r, int gap)
{
	for (size_t i = 0; i < v->n_slots; i++) {
		struct slot *s = &v->slots[i];
		int w = s->column->width > s->w ? s->column->width : s->w;
		s->w = s->column->flags & COLUMN_FILL
			       ? widest_text(v, s->column, (unsigned)(r.h > 0 ? r.h : 0))
			       : w;
	}
	int most = total_width(v, gap) - r.w;
	v->scroll = most < 0 ? 0 : v->scroll > most ? most : v->scroll;
	place(v, r.x, gap);
	for (size_t i = 1; i < v->n_slots; i++)
		v->slots[i].x -= v->scroll;
	return v->scroll > 0;
}

static void lay_out(struct tableview *v, struct rect r)
{
	int gap = r.w >= WIDE_SCREEN ? 2 : 1;
	wanted_slots(v);
	if (v->scroll && lay_out_sideways(v, r, gap))
		return;
	wanted_slots(v);
	while (total_width(v, gap) > r.w && drop_one(v))
		;
	squeeze(v, total_width(v, gap) - r.w);
	spread(v, r.w - total_width(v, gap));
	place(v, r.x, gap);
}

/* --- cells -------------------------------------------------------------------------------- */

/* v->text: the cell as text, scrubbed; no more of it than could be seen. */
static void format_cell(struct tableview *v, const struct column *c, unsigned i, struct value x,
			bool mixed, int cells)
{
	enum { BYTES_A_CELL = 8, SPARE = 256 };
	size_t most = (size_t)cells * BYTES_A_CELL + SPARE;
	buf_clear(&v->text);
	if (mixed) {
		buf_adds(&v->text, "…");
		return;
	}
	if (c->format && !v->group) {
		struct table_row r = table_row(v, v->rows[i]);
		buf_clear(&v->raw);
		c->format(&r, x, &v->raw);
		utf8_scrub(&v->text, buf_str(&v->raw), v->raw.len < most ? v->raw.len : most);
	} else if (x.type == VALUE_TEXT) {
		utf8_scrub(&v->text, x.s, x.len < most ? x.len : most);
	} else {
		unit_format(&v->text, tableview_column_unit(v, c), x, c->flags & COLUMN_RATE);
	}
}

static void mark_matches(struct tableview *v, struct canvas *c, const struct slot *s, int y,
			 bool right)
{
	const char *text = buf_str(&v->text);
	size_t len = v->text.len, start = 0, end;
	int width = utf8_width(text, len), x = s->x;
	unsigned field = (unsigned)table_column_index(v, s->column);
	if (right && width < s->w)
		x += s->w - width;
	while (filter_find(v->filter, field, text, len, &start, &end)) {
		int from = utf8_width(text, start);
		int to = from + utf8_width(text + start, end - start);
		if (from >= s->w)
			return;
		struct rect r = {x + from, y, (to < s->w ? to : s->w) - from, 1};
		canvas_recolour(c, r, UI_SEARCH_MATCH);
		start = end;
	}
}

static enum ui_role cell_role(const struct tableview *v, const struct slot *s, unsigned i,
			      struct value x, bool mixed, enum ui_role row_role)
{
	if (v->stale)
		return UI_TABLE_STALE;
	if (x.type == VALUE_ABSENT || mixed)
		return UI_DIM;
	if (s->column == &table_count_column)
		return UI_TABLE_GROUP;
	if (s->column->tint && !v->group) {
		struct table_row r = table_row(v, v->rows[i]);
		enum ui_role role = s->column->tint(&r, x);
		if (role != UI_TEXT)
			return role;
	}
	return row_role;
}

static void draw_cell(struct tableview *v, struct canvas *c, const struct slot *s, unsigned i,
		      int y, enum ui_role row_role)
{
	bool mixed, right = table_flush_right(v, s->column);
	struct value x = table_cell_value(v, s->column, i, &mixed);
	enum ui_role role = cell_role(v, s, i, x, mixed, row_role);
	format_cell(v, s->column, i, x, mixed, s->w);
	const char *text = buf_str(&v->text);
	size_t len = v->text.len;
	if (s->column->draw && !v->group && x.type != VALUE_ABSENT) {
		struct table_row r = table_row(v, v->rows[i]);
		struct table_cell cell = {c, s->x, y, s->w, role, v->stale, text, len};
		struct rect clip = canvas_clip(c, (struct rect){s->x, y, s->w, 1});
		s->column->draw(&r, &cell);
		c->clip = clip;
	} else if (right) {
		canvas_right(c, s->x, y, s->w, role, text, len);
	} else {
		canvas_left(c, s->x, y, s->w, role, text, len);
	}
	if (v->filter && s->column != &table_count_column && x.type != VALUE_ABSENT)
		mark_matches(v, c, s, y, right);
}

/* The first column stays where it is when the others are scrolled sideways. */
static struct rect clip_slot(const struct tableview *v, struct canvas *c, size_t slot,
			     struct rect r)
{
	int edge = v->slots[0].x + v->slots[0].w + 1;
	if (!v->scroll || slot == 0)
		return canvas_clip(c, r);
	return canvas_clip(c, (struct rect){edge, r.y, r.x + r.w - edge, r.h});
}

static void draw_row(struct tableview *v, struct canvas *c, struct rect r, unsigned i, int y)
{
	struct table_row row = v->group ? (struct table_row){0} : table_row(v, v->rows[i]);
	enum ui_role role = UI_TEXT;
	bool tagged = !v->group && tableview_tagged(v, v->rows[i]);
	if (!v->group && v->spec.row_role)
		role = v->spec.row_role(&row);
	if (tagged)
		role = UI_TABLE_TAGGED;
	if (i == v->cursor) {
		canvas_fill(c, (struct rect){r.x, y, r.w, 1}, UI_TABLE_CURSOR);
		v->cursor_y = y;
	}
	for (size_t s = 0; s < v->n_slots; s++) {
		struct rect clip = clip_slot(v, c, s, r);
		draw_cell(v, c, &v->slots[s], i, y, role);
		c->clip = clip;
	}
	if (tagged)
		canvas_puts(c, r.x, y, 1, UI_TABLE_TAGGED, "•");
}

static void draw_title(struct tableview *v, struct canvas *c, const struct slot *s, int y)
{
	const char *title = tableview_column_title(v, s->column);
	bool sorts = s->column == v->sort;
	enum ui_role role = sorts ? UI_TABLE_HEAD_SORT : UI_TABLE_HEAD;
	if (s->column == v->explained)
		role = UI_TABLE_CURSOR;
	buf_clear(&v->text);
	utf8_scrub(&v->text, title, strlen(title));
	if (sorts)
		buf_adds(&v->text, v->descending ? " ▼" : c->ascii ? " ^" : " ▲");
	if (table_flush_right(v, s->column))
		canvas_right(c, s->x, y, s->w, role, buf_str(&v->text), v->text.len);
	else
		canvas_left(c, s->x, y, s->w, role, buf_str(&v->text), v->text.len);
}

static void draw_empty(struct tableview *v, struct canvas *c, struct rect r)
{
	const struct part *p = v->part;
	const char *text = v->spec.empty ? v->spec.empty : "Nothing here.";
	enum ui_role role = UI_DIM;
	if (!p) {
		text = "Not read yet.";
	} else if (part_status(p) != PART_OK && part_reason(p)) {
		text = part_reason(p);
		role = UI_WARNING;
	} else if (v->filtered) {
		text = "No row matches the filter.";
	} else if (part_rows(p)) {
		text = "All rows are hidden.";
	}
	buf_clear(&v->text);
	utf8_scrub(&v->text, text, strlen(text));
	canvas_left(c, r.x + GUTTER, r.y, r.w - 2 * GUTTER, role, buf_str(&v->text), v->text.len);
}

static void scroll_to_cursor(struct tableview *v)
{
	unsigned height = v->height > 0 ? (unsigned)v->height : 1;
	unsigned most = v->n_rows > height ? v->n_rows - height : 0;
	if (v->cursor < v->top)
		v->top = v->cursor;
	if (v->cursor >= v->top + height)
		v->top = v->cursor - height + 1;
	if (v->top > most)
		v->top = most;
}

void tableview_draw(struct tableview *v, struct canvas *c, struct rect r)
{
	struct rect clip = canvas_clip(c, r), body = r;
	struct buf summary = BUF_INIT;
	table_update(v);
	tableview_summary(v, c->ascii, &summary);
	struct rect head = rect_top(&body, 1);
	struct rect foot = rect_bottom(&body, summary.len && body.h > 2 ? 1 : 0);
	v->height = body.h;
	v->cursor_y = -1;
	scroll_to_cursor(v);
	lay_out(v, body);
	for (size_t s = 0; s < v->n_slots; s++) {
		struct rect old = clip_slot(v, c, s, head);
		draw_title(v, c, &v->slots[s], head.y);
		c->clip = old;
	}
	for (int y = 0; y < body.h && v->top + (unsigned)y < v->n_rows; y++)
		draw_row(v, c, body, v->top + (unsigned)y, body.y + y);
	if (!v->n_rows && body.h > 0)
		draw_empty(v, c, body);
	if (foot.h)
		canvas_left(c, foot.x + GUTTER, foot.y, foot.w - GUTTER, UI_DIM, summary.s,
			    summary.len);
	buf_release(&summary);
	c->clip = clip;
}

void tableview_position(const struct tableview *v, struct buf *out)
{
	unsigned rows = v->height > 0 ? (unsigned)v->height : 0;
	if (v->n_rows > rows)
		buf_addf(out, "%u-%u of %u", v->top + 1,
			 v->top + rows < v->n_rows ? v->top + rows : v->n_rows, v->n_rows);
}

/* --- words about it ----------------------------------------------------------------------- */

static void grouped_digits(struct buf *out, unsigned n)
{
	if (n >= 1000) {
		grouped_digits(out, n / 1000);
		buf_addf(out, ",%03u", n % 1000);
	} else {
		buf_addf(out, "%u", n);
	}
}

static void summary_item(struct buf *out, unsigned n, const char *what)
{
	if (!n)
		return;
	buf_adds(out, " · ");
	grouped_digits(out, n);
	buf_addf(out, " %s", what);
}

static void summary_hides(const struct tableview *v, bool ascii, struct buf *out)
{
	for (size_t i = 0; i < v->spec.n_hides; i++) {
		const struct table_hide *h = &v->spec.hides[i];
		char key[KEY_NAME_SIZE] = "";
		if (!v->hidden[i])
			continue;
		summary_item(out, v->hidden[i], h->name);
		buf_adds(out, " hidden");
		if (v->keymap && h->action)
			keymap_label(v->keymap, h->action, ascii, key);
		if (key[0])
			buf_addf(out, " (%s)", key);
	}
}

void tableview_summary(struct tableview *v, bool ascii, struct buf *out)
{
	table_update(v);
	unsigned total = tableview_total(v), cut = v->part ? part_rows_cut(v->part) : 0;
	unsigned shown = v->n_rows;
	if (v->group) {
		shown = 0;
		for (unsigned i = 0; i < v->n_groups; i++)
			shown += v->groups[i].count;
	}
	if (shown == total && !v->filter && !v->tags && !v->group && !cut)
		return;
	grouped_digits(out, shown);
	buf_adds(out, " of ");
	grouped_digits(out, total);
	buf_adds(out, " shown");
	if (v->group) {
		summary_item(out, v->n_groups, v->n_groups == 1 ? "group" : "groups");
		buf_addf(out, " by %s", column_id(v->group));
	}
	if (v->filter_text) {
		buf_adds(out, " · filter ");
		utf8_scrub(out, v->filter_text, strlen(v->filter_text));
	}
	summary_hides(v, ascii, out);
	summary_item(out, cut, "left out by the limit");
	summary_item(out, tableview_tags(v), "tagged");
}

static const struct slot *slot_of(const struct tableview *v, const struct column *c)
{
	for (size_t i = 0; i < v->n_slots; i++) {
		if (v->slots[i].column == c)
			return &v->slots[i];
	}
	return NULL;
}

void tableview_dropped(struct tableview *v, struct doc *d)
{
	enum { LABELS = 16, LONGEST = 4096 };
	table_update(v);
	if (v->group || v->cursor >= v->n_rows)
		return;
	for (size_t i = 0; i < v->spec.n_columns; i++) {
		const struct column *c = v->columns[i].decl;
		const struct slot *s = slot_of(v, c);
		bool mixed;
		struct value x = table_cell_value(v, c, v->cursor, &mixed);
		if (!v->columns[i].shown || x.type == VALUE_ABSENT)
			continue;
		format_cell(v, c, v->cursor, x, mixed, LONGEST);
		if (!s || utf8_width(buf_str(&v->text), v->text.len) > s->w)
			doc_field(d, LABELS, tableview_column_title(v, c), UI_TEXT,
				  buf_str(&v->text));
	}
}

void tableview_explain(struct tableview *v, struct doc *d)
{
	if (!v->explained)
		tableview_explain_move(v, 0);
	const struct column *c = v->explained;
	if (!c)
		return;
	const struct field *f = table_field(v, c);
	const char *title = tableview_column_title(v, c), *absent = NULL;
	if (f && v->part)
		absent = part_absent_reason(v->part, (unsigned)(f - v->schema->fields));
	int row = tableview_row(v);
	struct table_row r = table_row(v, row < 0 ? 0 : (unsigned)row);
	if (c->absent && row >= 0 && c->value(&r).type == VALUE_ABSENT)
		absent = c->absent(&r);
	if (f && !c->help)
		help_field(d, title, f, c->flags & COLUMN_RATE, absent);
	else
		help_subject(d, title, unit_name(tableview_column_unit(v, c)), c->help,
			     f ? f->normal : NULL, f ? f->source : NULL, absent);
}
