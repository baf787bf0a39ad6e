#include "ui/pager.h"

#include <string.h>

#include "base/utf8.h"

void pager_set(struct pager *p, const struct doc *doc)
{
	*p = (struct pager){.doc = doc, .no_wrap = p->no_wrap, .match_line = SIZE_MAX};
}

static const char *line_text(const struct doc *doc, size_t line)
{
	return doc->text.s ? doc->text.s + doc->lines[line].start : "";
}

/* One row of a wrapped line: its bytes, and where the next row starts. */
struct row {
	size_t start, end, next;
	int indent;
};

/* The row that starts at byte `at` of the line. */
static struct row row_at(const struct pager *p, size_t line, size_t at)
{
	const struct doc_line *l = &p->doc->lines[line];
	const char *s = line_text(p->doc, line);
	struct row row = {at, l->len, l->len, at && l->indent < p->cols / 2 ? l->indent : 0};
	if (p->no_wrap)
		return row;
	size_t fit = at + utf8_fit(s + at, l->len - at, p->cols - row.indent);
	if (fit >= l->len)
		return row;
	if (fit == at) { /* not even one: a wide character on one column */
		int width;
		fit = at + utf8_cluster(s + at, l->len - at, &width);
	}
	size_t blank = fit;
	while (blank > at && s[blank] != ' ')
		blank--;
	row.end = blank > at ? blank : fit;
	row.next = row.end;
	while (row.next < l->len && s[row.next] == ' ')
		row.next++;
	return row;
}

static int rows_of(const struct pager *p, size_t line, int most)
{
	int n = 0;
	size_t at = 0;
	do {
		at = row_at(p, line, at).next;
		n++;
	} while (at < p->doc->lines[line].len && n < most);
	return n;
}

static size_t lines(const struct pager *p)
{
	return p->doc ? p->doc->n_lines : 0;
}

/* Rows from the first shown one to the end, counting no further than `most`. */
static int rows_left(const struct pager *p, int most)
{
	int n = -p->skip;
	for (size_t i = p->top; i < lines(p) && n < most; i++)
		n += rows_of(p, i, most - n);
	return n < most ? n : most;
}

void pager_scroll(struct pager *p, int rows)
{
	if (rows > 0) {
		int room = rows_left(p, p->rows + rows) - p->rows;
		for (rows = rows < room ? rows : room; rows > 0 && p->top < lines(p); rows--) {
			p->skip++;
			if (p->skip >= rows_of(p, p->top, p->skip + 1)) {
				p->top++;
				p->skip = 0;
			}
		}
	}
	for (; rows < 0 && (p->top || p->skip); rows++) {
		if (p->skip)
			p->skip--;
		else
			p->skip = rows_of(p, --p->top, INT32_MAX) - 1;
	}
}

void pager_home(struct pager *p)
{
	p->top = 0;
	p->skip = p->left = 0;
}

void pager_end(struct pager *p)
{
	p->top = lines(p);
	p->skip = 0;
	pager_scroll(p, -p->rows);
}

/* --- searching ---------------------------------------------------------------------------- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Where `what` stands in s, from byte `from` on; SIZE_MAX: nowhere. */
static size_t find(const char *s, size_t len, size_t from, const char *what)
{
	size_t n = strlen(what);
	for (size_t at = from; n && at + n <= len; at++) {
		size_t i = 0;
		while (i < n && lower(s[at + i]) == lower(what[i]))
			i++;
		if (i == n)
			return at;
	}
	return SIZE_MAX;
}

static size_t find_last(const char *s, size_t len, size_t before, const char *what)
{
	size_t last = SIZE_MAX;
	for (size_t at = 0; (at = find(s, len, at, what)) < before; at++)
		last = at;
	return last;
}

/* The screen row of a byte of a line, counted from the line's first. */
static int row_of(const struct pager *p, size_t line, size_t byte)
{
	int n = 0;
	size_t at = 0;
	for (;;) {
		struct row row = row_at(p, line, at);
		if (byte < row.next || row.next >= p->doc->lines[line].len)
			return n;
		at = row.next;
		n++;
	}
}

static void show_match(struct pager *p)
{
	int row = row_of(p, p->match_line, p->match_at);
	if (p->match_line < p->top || (p->match_line == p->top && row < p->skip)) {
		p->top = p->match_line;
		p->skip = row;
	}
	int down = -p->skip;
	for (size_t i = p->top; i < p->match_line && down < p->rows; i++)
		down += rows_of(p, i, p->rows + p->skip + 1);
	if (down + row >= p->rows) {
		p->top = p->match_line;
		p->skip = row;
		pager_scroll(p, -(p->rows / 3));
	}
	if (p->no_wrap) {
		int x = utf8_width(line_text(p->doc, p->match_line), p->match_at);
		if (x < p->left || x >= p->left + p->cols)
			p->left = x > p->cols / 2 ? x - p->cols / 2 : 0;
	}
}

bool pager_find(struct pager *p, const char *text, bool backwards)
{
	if (text != p->search) {
		size_t n = utf8_fit(text, strlen(text), 100);
		n = n < sizeof p->search ? n : sizeof p->search - 1;
		memcpy(p->search, text, n);
		p->search[n] = '\0';
		p->match_line = SIZE_MAX;
	}
	bool fresh = p->match_line == SIZE_MAX;
	size_t line = fresh ? p->top : p->match_line, n = lines(p);
	p->not_found = true;
	for (size_t tried = 0; n && p->search[0] && tried <= n; tried++) {
		const char *s = line_text(p->doc, line);
		size_t len = p->doc->lines[line].len, at;
		if (backwards)
			at = find_last(s, len, fresh || tried ? SIZE_MAX : p->match_at, p->search);
		else
			at = find(s, len, fresh || tried ? 0 : p->match_at + 1, p->search);
		if (at != SIZE_MAX) {
			p->match_line = line;
			p->match_at = at;
			p->not_found = false;
			show_match(p);
			return true;
		}
		line = backwards ? (line + n - 1) % n : (line + 1) % n;
	}
	return false;
}

static void search_key(struct pager *p, struct key key)
{
	size_t n = strlen(p->search);
	char text[4];
	if (key.code == K_ENTER) {
		p->searching = false;
		p->match_line = SIZE_MAX;
		if (n)
			pager_find(p, p->search, false);
	} else if (key.code == K_ESC || (key.code == 'c' && key.mods == MOD_CTRL)) {
		p->searching = false;
		p->search[0] = '\0';
	} else if (key.code == K_BACKSPACE) {
		while (n && ((unsigned char)p->search[--n] & 0xc0) == 0x80)
			;
		p->search[n] = '\0';
	} else if (key.code == 'u' && key.mods == MOD_CTRL) {
		p->search[0] = '\0';
	} else if (key.code >= ' ' && key.code < K_FIRST && !(key.mods & ~(unsigned)MOD_PASTE)) {
		size_t used = utf8_encode(key.code, text);
		if (n + used < sizeof p->search) {
			memcpy(p->search + n, text, used);
			p->search[n + used] = '\0';
		}
	}
}

/* --- keys --------------------------------------------------------------------------------- */

enum scroll { ROWS, HALVES, PAGES, SIDE, HOME, END, FIND, NEXT };

static const struct {
	uint32_t code;
	unsigned mods;
	enum scroll what;
	int by;
} pager_keys[] = {
	{K_DOWN, 0, ROWS, 1},        {'j', 0, ROWS, 1},          {K_ENTER, 0, ROWS, 1},
	{'e', MOD_CTRL, ROWS, 1},    {K_UP, 0, ROWS, -1},        {'k', 0, ROWS, -1},
	{'y', MOD_CTRL, ROWS, -1},   {K_PGDN, 0, PAGES, 1},      {' ', 0, PAGES, 1},
	{'f', 0, PAGES, 1},          {'f', MOD_CTRL, PAGES, 1},  {K_PGUP, 0, PAGES, -1},
	{'b', 0, PAGES, -1},         {'b', MOD_CTRL, PAGES, -1}, {'d', 0, HALVES, 1},
	{'d', MOD_CTRL, HALVES, 1},  {'u', 0, HALVES, -1},       {'u', MOD_CTRL, HALVES, -1},
	{'g', 0, HOME, 0},           {K_HOME, 0, HOME, 0},       {'G', 0, END, 0},
	{K_END, 0, END, 0},          {K_LEFT, 0, SIDE, -1},      {K_RIGHT, 0, SIDE, 1},
	{'/', 0, FIND, 0},           {'n', 0, NEXT, 1},          {'N', 0, NEXT, -1},
};

static bool do_scroll(struct pager *p, enum scroll what, int by)
{
	enum { SIDE_STEP = 8, WIDEST = 1 << 20 };
	int page = p->rows > 2 ? p->rows - 1 : 1;
	switch (what) {
	case ROWS:
		pager_scroll(p, by);
		return true;
	case HALVES:
		pager_scroll(p, by * (page + 1) / 2);
		return true;
	case PAGES:
		pager_scroll(p, by * page);
		return true;
	case SIDE:
		if (!p->no_wrap)
			return false;
		p->left += by * SIDE_STEP;
		p->left = p->left < 0 ? 0 : p->left > WIDEST ? WIDEST : p->left;
		return true;
	case HOME:
		pager_home(p);
		return true;
	case END:
		pager_end(p);
		return true;
	case FIND:
		p->searching = true;
		p->search[0] = '\0';
		p->not_found = false;
		return true;
	case NEXT:
		if (!p->search[0])
			return false;
		pager_find(p, p->search, by < 0);
		return true;
	}
	return false;
}

bool pager_key(struct pager *p, struct key key)
{
	if (p->searching) {
		search_key(p, key);
		return true;
	}
	for (size_t i = 0; i < sizeof pager_keys / sizeof *pager_keys; i++) {
		if (pager_keys[i].code == key.code && pager_keys[i].mods == key.mods)
			return do_scroll(p, pager_keys[i].what, pager_keys[i].by);
	}
	return false;
}

/* --- drawing ------------------------------------------------------------------------------ */

static void draw_row(const struct pager *p, struct canvas *c, int x, int y, size_t line,
		     struct row row)
{
	const struct doc *d = p->doc;
	const struct doc_line *l = &d->lines[line];
	size_t from = l->start + row.start, to = l->start + row.end;
	x += row.indent - p->left;
	for (uint32_t i = l->first_span; i < l->first_span + l->spans; i++) {
		const struct doc_span *span = &d->spans[i];
		size_t a = span->start > from ? span->start : from;
		size_t b = span->start + span->len < to ? span->start + span->len : to;
		if (a < b)
			x += canvas_text(c, x, y, CANVAS_ALL, (enum ui_role)span->role,
					 d->text.s + a, b - a);
	}
}

static void draw_matches(const struct pager *p, struct canvas *c, int x, int y, size_t line,
			 struct row row)
{
	const char *s = line_text(p->doc, line);
	size_t n = strlen(p->search);
	for (size_t at = row.start; (at = find(s, row.end, at, p->search)) != SIZE_MAX; at += n) {
		int from = x + row.indent - p->left + utf8_width(s + row.start, at - row.start);
		struct rect r = {from, y, utf8_width(s + at, n), 1};
		canvas_recolour(c, r, UI_SEARCH_MATCH);
		if (from > x + p->cols)
			break;
	}
}

void pager_draw(struct pager *p, struct canvas *c, struct rect r)
{
	struct rect clip = canvas_clip(c, r);
	p->rows = r.h;
	p->cols = r.w > 0 ? r.w : 1;
	if (p->top >= lines(p))
		pager_end(p);
	/* The text or the size may have changed: no empty rows below while some are above. */
	int missing = p->rows - rows_left(p, p->rows);
	if (missing > 0)
		pager_scroll(p, -missing);
	int y = r.y - p->skip;
	size_t line = p->top;
	for (; line < lines(p) && y < r.y + r.h; line++) {
		size_t at = 0;
		do {
			struct row row = row_at(p, line, at);
			if (y >= r.y) {
				draw_row(p, c, r.x, y, line, row);
				if (p->search[0] && !p->searching)
					draw_matches(p, c, r.x, y, line, row);
			}
			at = row.next;
			y++;
		} while (at < p->doc->lines[line].len && y < r.y + r.h);
	}
	p->at_end = rows_left(p, p->rows + 1) <= p->rows;
	c->clip = clip;
}

void pager_status(const struct pager *p, struct buf *out)
{
	if (p->searching) {
		buf_addf(out, "/%s", p->search);
	} else if (p->not_found) {
		buf_addf(out, "not found: %s", p->search);
	} else if (p->top == 0 && p->skip == 0 && p->at_end) {
		return;
	} else {
		size_t n = lines(p), last = p->top;
		for (int rows = -p->skip; last < n && rows < p->rows; last++)
			rows += rows_of(p, last, p->rows + p->skip + 1);
		buf_addf(out, "%zu-%zu of %zu", p->top + 1, last, n);
	}
}

int pager_height(const struct doc *doc, int cols, bool no_wrap, int most)
{
	struct pager p = {.doc = doc, .no_wrap = no_wrap, .cols = cols > 0 ? cols : 1};
	return rows_left(&p, most);
}
