#include "panels/sheet.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "panels/draw.h"

/* --- lines and what they are about ------------------------------------------------------------ */

void sheet_begin(struct sheet *s, int width)
{
	doc_clear(&s->doc);
	s->n_marks = 0;
	s->width = width > 12 ? width : 12;
	if (!s->pager.doc)
		s->pager = (struct pager){.doc = &s->doc, .no_wrap = true, .match_line = SIZE_MAX};
	sheet_about(s, 0, NULL, NULL);
}

void sheet_release(struct sheet *s)
{
	doc_release(&s->doc);
	free(s->marks);
}

void sheet_about(struct sheet *s, int topic, const char *key, const char *fields)
{
	struct sheet_mark *last = s->n_marks ? &s->marks[s->n_marks - 1] : NULL;
	if (!last || last->line != s->doc.n_lines) {
		GROW(s->marks, s->n_marks, s->cap_marks);
		last = &s->marks[s->n_marks++];
	}
	*last = (struct sheet_mark){.line = s->doc.n_lines, .topic = topic, .fields = fields};
	size_t n = key ? strlen(key) : 0;
	memcpy(last->key, key ? key : "", n < SHEET_KEY ? n : SHEET_KEY - 1);
}

static const struct sheet_mark *mark_of(const struct sheet *s, size_t line)
{
	size_t low = 0, high = s->n_marks;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (s->marks[middle].line <= line)
			low = middle;
		else
			high = middle;
	}
	return &s->marks[low];
}

static bool can_stand(const struct sheet *s, size_t line)
{
	return line < s->doc.n_lines && mark_of(s, line)->topic && s->doc.lines[line].len;
}

static bool same(const struct sheet_mark *a, const struct sheet_mark *b)
{
	return a->topic == b->topic && a->fields == b->fields && strcmp(a->key, b->key) == 0;
}

static void stand(struct sheet *s, size_t line)
{
	s->cursor = line;
	s->at = *mark_of(s, line);
	s->at.line = line - s->at.line;
}

const struct sheet_mark *sheet_at(const struct sheet *s)
{
	return &s->at;
}

/* The line in that direction that one can stand on, from `line` itself; SIZE_MAX: none. */
static size_t next_line(const struct sheet *s, size_t line, int by)
{
	for (; line < s->doc.n_lines; line += (size_t)by)
		if (can_stand(s, line))
			return line;
	return SIZE_MAX;
}

/* The cursor goes back to what it was on, or stays about where it was. */
void sheet_end(struct sheet *s)
{
	if (s->doc.open)
		doc_end(&s->doc);
	if (s->pager.match_line >= s->doc.n_lines)
		s->pager.match_line = SIZE_MAX;
	for (size_t i = 0; s->at.topic && i < s->n_marks; i++) {
		if (!same(&s->marks[i], &s->at))
			continue;
		size_t end = i + 1 < s->n_marks ? s->marks[i + 1].line : s->doc.n_lines;
		size_t line = s->marks[i].line + s->at.line;
		if (line >= end)
			line = end - 1;
		if (can_stand(s, line)) {
			stand(s, line);
			return;
		}
	}
	size_t line = next_line(s, s->cursor < s->doc.n_lines ? s->cursor : 0, 1);
	if (line == SIZE_MAX)
		line = next_line(s, 0, 1);
	if (line == SIZE_MAX)
		s->at = (struct sheet_mark){0};
	else
		stand(s, line);
}

/* --- moving ----------------------------------------------------------------------------------- */

/* Into view, with the headings above it. */
static void show_cursor(struct sheet *s)
{
	size_t first = s->cursor, rows = (size_t)s->pager.rows;
	while (first && !can_stand(s, first - 1) && s->cursor - first + 2 < rows)
		first--;
	if (first < s->pager.top)
		s->pager.top = first;
	if (rows && s->cursor >= s->pager.top + rows)
		s->pager.top = s->cursor - rows + 1;
}

static void move_to(struct sheet *s, size_t line)
{
	if (line == SIZE_MAX)
		return;
	stand(s, line);
	show_cursor(s);
}

static void page(struct sheet *s, int by)
{
	size_t rows = s->pager.rows > 1 ? (size_t)s->pager.rows - 1 : 1, last = s->doc.n_lines;
	size_t to = by > 0 ? s->cursor + rows : s->cursor > rows ? s->cursor - rows : 0;
	pager_scroll(&s->pager, by * (int)rows);
	if (to >= last)
		to = last ? last - 1 : 0;
	size_t line = next_line(s, to, by > 0 ? 1 : -1);
	move_to(s, line != SIZE_MAX ? line : next_line(s, to, by > 0 ? -1 : 1));
}

bool sheet_key(struct sheet *s, struct key k)
{
	struct pager *p = &s->pager;
	if (p->searching || k.mods || k.code == '/' || k.code == 'n' || k.code == 'N') {
		bool used = pager_key(p, k);
		if (used && p->match_line < s->doc.n_lines && !p->not_found && *p->search)
			move_to(s, next_line(s, p->match_line, 1));
		return used;
	}
	switch (k.code) {
	case K_DOWN:
	case 'j': {
		size_t line = next_line(s, s->cursor + 1, 1);
		if (line == SIZE_MAX)
			pager_scroll(p, 1);
		move_to(s, line);
		return true;
	}
	case K_UP:
	case 'k': {
		size_t line = s->cursor ? next_line(s, s->cursor - 1, -1) : SIZE_MAX;
		if (line == SIZE_MAX)
			pager_scroll(p, -1);
		move_to(s, line);
		return true;
	}
	case K_PGDN:
		page(s, 1);
		return true;
	case K_PGUP:
		page(s, -1);
		return true;
	case K_HOME:
	case 'g':
		pager_home(p);
		move_to(s, next_line(s, 0, 1));
		return true;
	case K_END:
	case 'G':
		move_to(s, s->doc.n_lines ? next_line(s, s->doc.n_lines - 1, -1) : SIZE_MAX);
		return true;
	default:
		return (k.code == K_LEFT || k.code == K_RIGHT) && pager_key(p, k);
	}
}

void sheet_draw(struct sheet *s, struct canvas *c, struct rect r)
{
	struct pager *p = &s->pager;
	p->rows = r.h;
	size_t most = s->doc.n_lines > (size_t)r.h ? s->doc.n_lines - (size_t)r.h : 0;
	if (p->top > most)
		p->top = most;
	if (s->at.topic)
		show_cursor(s);
	draw_pager(c, r, p);
	if (s->at.topic && s->cursor >= p->top && s->cursor < p->top + (size_t)r.h)
		canvas_surface(c, (struct rect){r.x, r.y + (int)(s->cursor - p->top), r.w, 1}, UI_TABLE_CURSOR);
}

/* --- text ------------------------------------------------------------------------------------- */

void sheet_gap(struct sheet *s)
{
	sheet_about(s, 0, NULL, NULL);
	if (s->doc.n_lines && s->doc.lines[s->doc.n_lines - 1].len)
		doc_end(&s->doc);
}

void sheet_heading(struct sheet *s, const char *title)
{
	sheet_gap(s);
	sheet_puts(s, UI_RULE, "── ");
	sheet_puts(s, UI_TITLE, title);
	sheet_puts(s, UI_RULE, " ");
	const struct doc_line *line = &s->doc.lines[s->doc.n_lines - 1];
	for (int at = utf8_width(s->doc.text.s + line->start, line->len); at < s->width; at++)
		sheet_puts(s, UI_RULE, "─");
	doc_end(&s->doc);
}

/* The next piece of a text that fits, broken between words; *next is where the rest begins. */
static size_t take_line(const char *s, size_t n, int cells, size_t *next)
{
	size_t fit = utf8_fit(s, n, cells);
	if (fit == 0 && n) {
		int width;
		fit = utf8_cluster(s, n, &width);
	}
	size_t end = fit;
	if (fit < n) {
		while (end > 0 && s[end] != ' ')
			end--;
		if (!end)
			end = fit;
	}
	*next = end;
	while (*next < n && s[*next] == ' ')
		(*next)++;
	return end;
}

static void add_wrapped(struct sheet *s, int first, int indent, enum ui_role role, const char *text)
{
	struct buf clean = BUF_INIT;
	utf8_scrub(&clean, text, strlen(text));
	const char *at = buf_str(&clean);
	size_t left = clean.len;
	int room = s->width - first;
	bool begun = true;
	do {
		size_t next, n = take_line(at, left, room > 8 ? room : 8, &next);
		if (!begun)
			sheet_blanks(s, indent);
		doc_add(&s->doc, role, at, n);
		doc_end(&s->doc);
		at += next;
		left -= next;
		begun = false;
		room = s->width - indent;
	} while (left);
	buf_release(&clean);
}

void sheet_text(struct sheet *s, int indent, enum ui_role role, const char *text)
{
	sheet_blanks(s, indent);
	add_wrapped(s, indent, indent, role, text);
}

void sheet_labelled(struct sheet *s, int indent, int width, const char *label, enum ui_role role,
		    const char *text)
{
	if (s->width < width + indent + 24) {
		sheet_text(s, indent, UI_LABEL, label);
		sheet_text(s, indent + 2, role, text);
		return;
	}
	sheet_blanks(s, indent);
	sheet_cell(s, width, false, UI_LABEL, label);
	add_wrapped(s, indent + width, indent + width, role, text);
}

void sheet_sql(struct sheet *s, int indent, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		const char *at = text;
		size_t left = n;
		int more = 0;
		while (left) {
			size_t next, take = take_line(at, left, s->width - indent - more > 8
									? s->width - indent - more : 8, &next);
			sheet_blanks(s, indent + more);
			size_t lines = s->doc.n_lines;
			draw_sql_doc(&s->doc, at, take, false);
			if (s->doc.n_lines == lines && s->doc.open)
				doc_end(&s->doc);
			at += next;
			left -= next;
			more = 2;
		}
		text += n + (text[n] == '\n');
	}
}

/* --- pieces ----------------------------------------------------------------------------------- */

void sheet_puts(struct sheet *s, enum ui_role role, const char *text)
{
	doc_puts(&s->doc, role, text);
}

void sheet_blanks(struct sheet *s, int n)
{
	for (; n > 0; n--)
		doc_add(&s->doc, UI_TEXT, " ", 1);
}

void sheet_cell(struct sheet *s, int cells, bool right, enum ui_role role, const char *text)
{
	struct buf clean = BUF_INIT;
	utf8_scrub(&clean, text, strlen(text));
	int have = utf8_width(buf_str(&clean), clean.len);
	if (right && have < cells)
		sheet_blanks(s, cells - have);
	if (have <= cells) {
		doc_add(&s->doc, role, buf_str(&clean), clean.len);
	} else if (cells > 0) {
		size_t n = utf8_fit(buf_str(&clean), clean.len, cells - 1);
		doc_add(&s->doc, role, clean.s, n);
		doc_puts(&s->doc, UI_DIM, "…");
		sheet_blanks(s, cells - 1 - utf8_width(clean.s, n));
	}
	if (!right && have < cells)
		sheet_blanks(s, cells - have);
	buf_release(&clean);
}

void sheet_pieces(struct sheet *s, int cells, const struct line *l)
{
	size_t at = 0;
	int room = line_width(l) > cells ? cells - 1 : cells, used = 0;
	for (unsigned i = 0; i < l->n && used < room; at = l->pieces[i++].end) {
		size_t n = utf8_fit(l->text.s + at, l->pieces[i].end - at, room - used);
		doc_add(&s->doc, l->pieces[i].role, l->text.s + at, n);
		used += utf8_width(l->text.s + at, n);
	}
	if (room < cells) {
		sheet_puts(s, UI_DIM, "…");
		used++;
	}
	sheet_blanks(s, cells - used);
}

void sheet_bar(struct sheet *s, int cells, double part, double whole, enum ui_role role, enum ui_role rest)
{
	int full = whole > 0 && part > 0 ? (int)lround(part / whole * cells) : 0;
	full = full > cells ? cells : full;
	/* What is there shows, and nearly all is not all. */
	if (part > 0 && !full)
		full = 1;
	if (part < whole && full == cells && cells > 1)
		full = cells - 1;
	for (int i = 0; i < cells; i++)
		sheet_puts(s, i < full ? role : rest, i < full ? "█" : "░");
}

void sheet_spark(struct sheet *s, int cells, const double *values, unsigned n)
{
	static const char *const steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	double high = 0;
	unsigned from = n > (unsigned)cells ? n - (unsigned)cells : 0;
	for (unsigned i = from; i < n; i++)
		high = values[i] > high ? values[i] : high;
	sheet_blanks(s, cells - (int)(n - from));
	for (unsigned i = from; i < n; i++) {
		double part = high > 0 ? values[i] / high : 0;
		sheet_puts(s, UI_SPARK, isnan(values[i]) ? " " : steps[(int)lround(part * 7)]);
	}
}

void sheet_line_end(struct sheet *s)
{
	doc_end(&s->doc);
}

/* --- pairs ------------------------------------------------------------------------------------ */

struct sheet_flow sheet_flow(struct sheet *s, int indent)
{
	return (struct sheet_flow){s, indent, 0};
}

void sheet_flow_add(struct sheet_flow *f, const char *label, enum ui_role role, const char *value)
{
	struct buf clean = BUF_INIT;
	utf8_scrub(&clean, value, strlen(value));
	int name = utf8_width(label, strlen(label)) + 1, need = name + utf8_width(buf_str(&clean), clean.len);
	if (f->at && f->at + 3 + need > f->sheet->width) {
		sheet_line_end(f->sheet);
		f->at = 0;
	}
	sheet_blanks(f->sheet, f->at ? 3 : f->indent);
	f->at += (f->at ? 3 : f->indent) + need;
	sheet_puts(f->sheet, UI_LABEL, label);
	sheet_blanks(f->sheet, 1);
	if (f->at > f->sheet->width) {
		add_wrapped(f->sheet, f->indent + name, f->indent + 2, role, buf_str(&clean));
		f->at = 0;
	} else {
		sheet_puts(f->sheet, role, buf_str(&clean));
	}
	buf_release(&clean);
}

void sheet_value(struct buf *out, enum unit unit, struct value v, bool rate)
{
	double n = value_number(v, -1);
	if (unit != UNIT_SECONDS || rate || !value_is_number(v) || fabs(n) >= 60)
		unit_format(out, unit, v, rate);
	else if (n != 0 && fabs(n) < 0.1)
		buf_addf(out, "%.2g ms", 1000 * n);
	else
		buf_addf(out, "%.3g s", n);
}

void sheet_flow_value(struct sheet_flow *f, const char *label, enum unit unit, struct value v, bool rate,
		      const char *after)
{
	struct buf b = BUF_INIT;
	sheet_value(&b, unit, v, rate);
	if (v.type != VALUE_ABSENT)
		buf_adds(&b, after);
	sheet_flow_add(f, label, v.type == VALUE_ABSENT ? UI_DIM : UI_STRONG, buf_str(&b));
	buf_release(&b);
}

void sheet_flow_end(struct sheet_flow *f)
{
	if (f->at)
		sheet_line_end(f->sheet);
	f->at = 0;
}

/* --- tables ----------------------------------------------------------------------------------- */

struct sheet_row *sheet_table_row(struct sheet_table *t, const char *key)
{
	GROW(t->rows, t->n_rows, t->cap_rows);
	struct sheet_row *r = &t->rows[t->n_rows++];
	*r = (struct sheet_row){0};
	size_t n = strlen(key);
	memcpy(r->key, key, n < SHEET_KEY ? n : SHEET_KEY - 1);
	return r;
}

void sheet_row_text(struct sheet_row *r, unsigned column, enum ui_role role, const char *text)
{
	struct buf clean = BUF_INIT;
	utf8_scrub(&clean, text, strlen(text));
	free(r->cells[column].text);
	r->cells[column] = (struct sheet_cell){xstrdup(buf_str(&clean)), role};
	buf_release(&clean);
}

void sheet_row_value(struct sheet_row *r, unsigned column, enum unit unit, struct value v, bool rate)
{
	struct buf b = BUF_INIT;
	unit_format(&b, unit, v, rate);
	sheet_row_text(r, column, v.type == VALUE_ABSENT ? UI_DIM : UI_TEXT, buf_str(&b));
	buf_release(&b);
}

static int text_width(const char *s)
{
	return s ? utf8_width(s, strlen(s)) : 0;
}

/* How wide each column is: what its texts need, at most what it may have; 0 where it has no room. The one that
   fills is cut before others are left out. */
static void lay_out(const struct sheet_table *t, int room, int widths[SHEET_COLUMNS])
{
	enum { LEAST = 16 };
	int sum = 0, fill = -1;
	for (unsigned k = 0; k < t->n_columns; k++) {
		const struct sheet_column *col = &t->columns[k];
		int w = text_width(col->title);
		for (size_t i = 0; i < t->n_rows; i++) {
			int need = text_width(t->rows[i].cells[k].text);
			w = need > w ? need : w;
		}
		int most = col->fill && col->width > LEAST ? LEAST : col->width;
		widths[k] = w < most ? w : most;
		sum += widths[k] + 2;
		if (col->fill)
			fill = (int)k;
	}
	while (sum - 2 > room) {
		int worst = -1;
		for (unsigned k = 0; k < t->n_columns; k++)
			if (widths[k] && t->columns[k].priority &&
			    (worst < 0 || t->columns[k].priority > t->columns[worst].priority))
				worst = (int)k;
		if (worst < 0)
			break;
		sum -= widths[worst] + 2;
		widths[worst] = 0;
	}
	if (fill >= 0 && widths[fill]) {
		widths[fill] += room - (sum - 2);
		widths[fill] = widths[fill] < 6 ? 6 : widths[fill];
	}
}

static void put_row(struct sheet *s, const struct sheet_table *t, const struct sheet_row *r, int indent,
		    const int widths[SHEET_COLUMNS])
{
	sheet_blanks(s, indent);
	for (unsigned k = 0, shown = 0; k < t->n_columns; k++) {
		if (!widths[k])
			continue;
		if (shown++)
			sheet_blanks(s, 2);
		sheet_cell(s, widths[k], t->columns[k].right, r ? r->cells[k].role : UI_TABLE_HEAD,
			   r ? r->cells[k].text ? r->cells[k].text : "" : t->columns[k].title);
	}
	sheet_line_end(s);
}

void sheet_table_put(struct sheet *s, struct sheet_table *t, int indent, int topic,
		     const char *fields)
{
	int widths[SHEET_COLUMNS];
	lay_out(t, s->width - indent, widths);
	sheet_about(s, 0, NULL, NULL);
	put_row(s, t, NULL, indent, widths);
	for (size_t i = 0; i < t->n_rows; i++) {
		sheet_about(s, topic, t->rows[i].key, fields);
		put_row(s, t, &t->rows[i], indent, widths);
		for (unsigned k = 0; k < t->n_columns; k++)
			free(t->rows[i].cells[k].text);
	}
	sheet_about(s, 0, NULL, NULL);
	free(t->rows);
	t->rows = NULL;
	t->n_rows = t->cap_rows = 0;
}
