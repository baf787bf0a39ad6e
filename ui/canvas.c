#include "ui/canvas.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { CLUSTERS_MAX = 1 << 20 }; /* bytes; beyond, only the base character is kept */

static struct rect whole(const struct canvas *c)
{
	return (struct rect){0, 0, c->cols, c->rows};
}

void canvas_clear(struct canvas *c)
{
	static const struct cell blank = {.ch = ' ', .width = 1};
	for (int i = 0; i < c->cols * c->rows; i++)
		c->cells[i] = blank;
	buf_clear(&c->clusters);
	c->clip = whole(c);
	c->cursor_x = c->cursor_y = -1;
}

void canvas_resize(struct canvas *c, int cols, int rows)
{
	enum { MOST = 4096 };
	c->cols = cols < 1 ? 1 : cols > MOST ? MOST : cols;
	c->rows = rows < 1 ? 1 : rows > MOST ? MOST : rows;
	c->cells = xrealloc(c->cells, (size_t)c->cols * (size_t)c->rows, sizeof *c->cells);
	canvas_clear(c);
}

void canvas_release(struct canvas *c)
{
	free(c->cells);
	buf_release(&c->clusters);
	*c = (struct canvas){0};
}

static int at_least(int a, int b)
{
	return a > b ? a : b;
}

static int at_most(int a, int b)
{
	return a < b ? a : b;
}

struct rect rect_intersect(struct rect a, struct rect b)
{
	int x = at_least(a.x, b.x), y = at_least(a.y, b.y);
	int right = at_most(a.x + a.w, b.x + b.w), bottom = at_most(a.y + a.h, b.y + b.h);
	return (struct rect){x, y, at_least(right - x, 0), at_least(bottom - y, 0)};
}

struct rect rect_top(struct rect *r, int n)
{
	n = at_most(at_least(n, 0), r->h);
	struct rect top = {r->x, r->y, r->w, n};
	r->y += n;
	r->h -= n;
	return top;
}

struct rect rect_bottom(struct rect *r, int n)
{
	n = at_most(at_least(n, 0), r->h);
	r->h -= n;
	return (struct rect){r->x, r->y + r->h, r->w, n};
}

struct rect canvas_clip(struct canvas *c, struct rect r)
{
	struct rect before = c->clip;
	c->clip = rect_intersect(r, before);
	return before;
}

static bool inside(const struct canvas *c, int x, int y)
{
	return x >= c->clip.x && x < c->clip.x + c->clip.w && y >= c->clip.y &&
	       y < c->clip.y + c->clip.h;
}

static struct cell *cell_at(const struct canvas *c, int x, int y)
{
	return &c->cells[y * c->cols + x];
}

const struct cell *canvas_cell(const struct canvas *c, int x, int y)
{
	return cell_at(c, x, y);
}

/* One cell, keeping its surface. A wide cluster that loses a half becomes blank. */
static void put(struct canvas *c, int x, int y, enum ui_role role, uint32_t ch, int width)
{
	if (!inside(c, x, y))
		return;
	struct cell *cell = cell_at(c, x, y);
	if (cell->width == 0 && width != 0 && x > 0)
		cell[-1] = (struct cell){' ', cell[-1].role, cell[-1].under, 1, 0};
	if (cell->width == 2 && x + 1 < c->cols)
		cell[1] = (struct cell){' ', cell[1].role, cell[1].under, 1, 0};
	*cell = (struct cell){ch, (uint8_t)role, cell->under, (uint8_t)width, 0};
}

/* A cluster at x; halves outside the clip are left out and the other half is blank. */
static void put_cluster(struct canvas *c, int x, int y, enum ui_role role, uint32_t ch, int width)
{
	if (width == 1) {
		put(c, x, y, role, ch, 1);
	} else if (inside(c, x, y) && inside(c, x + 1, y)) {
		put(c, x + 1, y, role, ' ', 1); /* breaks up what lies there */
		put(c, x, y, role, ch, 1);
		cell_at(c, x, y)->width = 2;
		cell_at(c, x + 1, y)->width = 0;
	} else {
		put(c, x, y, role, ' ', 1);
		put(c, x + 1, y, role, ' ', 1);
	}
}

/* The bytes of a cluster as a cell holds them. */
static uint32_t store(struct canvas *c, const char *s, size_t n)
{
	uint32_t cp;
	size_t used = utf8_decode(s, n, &cp);
	if (used == n || c->clusters.len + n >= CLUSTERS_MAX)
		return cp;
	uint32_t at = (uint32_t)c->clusters.len;
	buf_add(&c->clusters, s, n);
	buf_addc(&c->clusters, '\0');
	return CELL_LONG | at;
}

int canvas_text(struct canvas *c, int x, int y, int max_cells, enum ui_role role, const char *s,
		size_t len)
{
	int start = x, right = c->clip.x + c->clip.w;
	if (max_cells < right - x)
		right = x + max_cells;
	if (y < c->clip.y || y >= c->clip.y + c->clip.h)
		right = at_most(right, c->cols);
	for (size_t at = 0; at < len && x < right;) {
		unsigned char b = (unsigned char)s[at];
		if (b >= 0x20 && b < 0x7f && (at + 1 == len || (unsigned char)s[at + 1] < 0x80)) {
			put(c, x++, y, role, b, 1);
			at++;
			continue;
		}
		int width;
		size_t used = utf8_cluster(s + at, len - at, &width);
		if (width == 0) { /* a control, or a mark without a base */
			put(c, x++, y, role, UTF8_REPLACEMENT, 1);
		} else if (x + width > right) {
			put(c, x++, y, role, ' ', 1);
		} else {
			put_cluster(c, x, y, role, store(c, s + at, used), width);
			x += width;
		}
		at += used;
	}
	return x - start;
}

int canvas_puts(struct canvas *c, int x, int y, int max_cells, enum ui_role role, const char *s)
{
	return canvas_text(c, x, y, max_cells, role, s, strlen(s));
}

int canvas_printf(struct canvas *c, int x, int y, int max_cells, enum ui_role role, const char *fmt,
		  ...)
{
	char s[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(s, sizeof s, fmt, ap);
	va_end(ap);
	if (n < 0)
		return 0;
	return canvas_text(c, x, y, max_cells, role, s, (size_t)at_most(n, sizeof s - 1));
}

static void blanks(struct canvas *c, int x, int y, int n, enum ui_role role)
{
	for (int i = 0; i < n; i++)
		put(c, x + i, y, role, ' ', 1);
}

/* The text's width, but never count more than is needed to see that it does not fit. */
static int width_up_to(const char *s, size_t len, int cells)
{
	size_t fit = utf8_fit(s, len, cells);
	return fit < len ? cells + 1 : utf8_width(s, len);
}

static int aligned(struct canvas *c, int x, int y, int cells, enum ui_role role, const char *s,
		   size_t len, int halves)
{
	if (cells <= 0)
		return 0;
	int width = width_up_to(s, len, cells);
	if (width > cells) {
		size_t fit = utf8_fit(s, len, cells - 1);
		int used = canvas_text(c, x, y, cells - 1, role, s, fit);
		put(c, x + used, y, role, 0x2026, 1);
		blanks(c, x + used + 1, y, cells - used - 1, role);
		return cells;
	}
	int left = (cells - width) * halves / 2;
	blanks(c, x, y, left, role);
	canvas_text(c, x + left, y, width, role, s, len);
	blanks(c, x + left + width, y, cells - left - width, role);
	return cells;
}

int canvas_left(struct canvas *c, int x, int y, int cells, enum ui_role role, const char *s,
		size_t len)
{
	return aligned(c, x, y, cells, role, s, len, 0);
}

int canvas_right(struct canvas *c, int x, int y, int cells, enum ui_role role, const char *s,
		 size_t len)
{
	return aligned(c, x, y, cells, role, s, len, 2);
}

int canvas_centre(struct canvas *c, int x, int y, int cells, enum ui_role role, const char *s,
		  size_t len)
{
	return aligned(c, x, y, cells, role, s, len, 1);
}

void canvas_fill(struct canvas *c, struct rect r, enum ui_role role)
{
	r = rect_intersect(r, c->clip);
	for (int y = r.y; y < r.y + r.h; y++) {
		blanks(c, r.x, y, r.w, role);
		for (int x = r.x; x < r.x + r.w; x++)
			cell_at(c, x, y)->under = (uint8_t)role;
	}
}

void canvas_surface(struct canvas *c, struct rect r, enum ui_role under)
{
	r = rect_intersect(r, c->clip);
	for (int y = r.y; y < r.y + r.h; y++) {
		for (int x = r.x; x < r.x + r.w; x++)
			cell_at(c, x, y)->under = (uint8_t)under;
	}
}

void canvas_recolour(struct canvas *c, struct rect r, enum ui_role role)
{
	r = rect_intersect(r, c->clip);
	for (int y = r.y; y < r.y + r.h; y++) {
		for (int x = r.x; x < r.x + r.w; x++)
			cell_at(c, x, y)->role = (uint8_t)role;
	}
}

void canvas_hline(struct canvas *c, int x, int y, int w, enum ui_role role)
{
	for (int i = 0; i < w && i < c->cols; i++)
		put(c, x + i, y, role, 0x2500, 1);
}

void canvas_vline(struct canvas *c, int x, int y, int h, enum ui_role role)
{
	for (int i = 0; i < h && i < c->rows; i++)
		put(c, x, y + i, role, 0x2502, 1);
}

void canvas_box(struct canvas *c, struct rect r, enum ui_role role, const char *title,
		enum ui_role title_role)
{
	if (r.w < 2 || r.h < 2)
		return;
	int right = r.x + r.w - 1, bottom = r.y + r.h - 1;
	canvas_hline(c, r.x + 1, r.y, r.w - 2, role);
	canvas_hline(c, r.x + 1, bottom, r.w - 2, role);
	canvas_vline(c, r.x, r.y + 1, r.h - 2, role);
	canvas_vline(c, right, r.y + 1, r.h - 2, role);
	put(c, r.x, r.y, role, 0x256d, 1);
	put(c, right, r.y, role, 0x256e, 1);
	put(c, r.x, bottom, role, 0x2570, 1);
	put(c, right, bottom, role, 0x256f, 1);
	if (title && title[0] && r.w >= 6) {
		int used = canvas_puts(c, r.x + 3, r.y, r.w - 6, title_role, title);
		put(c, r.x + 2, r.y, title_role, ' ', 1);
		put(c, r.x + 3 + used, r.y, title_role, ' ', 1);
	}
}

/* What stands for a character where only ASCII can be shown: one cell for one cell. */
static const struct {
	uint32_t from, to;
	const char *ascii; /* one character for all, or one for each */
} ascii_table[] = {
	{0xa0, 0xa0, " "},
	{0xb0, 0xb0, "o"},       /* ° */
	{0xb1, 0xb1, "~"},       /* ± */
	{0xb5, 0xb5, "u"},       /* µ */
	{0xb7, 0xb7, "."},       /* · */
	{0xd7, 0xd7, "x"},       /* × */
	{0x2010, 0x2015, "-"},   /* dashes */
	{0x2018, 0x2019, "'"},
	{0x201c, 0x201d, "\""},
	{0x2022, 0x2022, "*"},
	{0x2026, 0x2026, "~"},   /* … */
	{0x2190, 0x2199, "<^>v-|\\/\\/"}, /* ←↑→↓↔↕↖↗↘↙ */
	{0x21b5, 0x21b5, "<"},   /* ↵ */
	{0x2212, 0x2212, "-"},
	{0x2248, 0x2248, "~"},
	{0x2264, 0x2265, "<>"},  /* ≤≥ */
	{0x2500, 0x2501, "-"},
	{0x2502, 0x2503, "|"},
	{0x2504, 0x250b, "--||--||"},
	{0x250c, 0x254b, "+"},
	{0x254c, 0x254f, "--||"},
	{0x2550, 0x2551, "=|"},
	{0x2552, 0x256c, "+"},
	{0x256d, 0x2570, "+"},
	{0x2571, 0x2573, "/\\X"},
	{0x2574, 0x257f, "-|-|-|-|-|-|"},
	{0x2581, 0x2588, "_.:-=+*#"}, /* ▁ to █: the lowest is not a blank, which means absent */
	{0x2589, 0x258c, "#"},
	{0x258d, 0x258f, "|"},
	{0x2590, 0x2590, "#"},
	{0x2591, 0x2593, ".:%"}, /* ░▒▓ */
	{0x25a0, 0x25a1, "#o"},
	{0x25b2, 0x25b2, "!"},   /* ▲ */
	{0x25b4, 0x25b4, "^"},
	{0x25b6, 0x25b8, ">"},
	{0x25bc, 0x25bc, "v"},   /* ▼ */
	{0x25be, 0x25be, "v"},
	{0x25c0, 0x25c2, "<"},
	{0x25c6, 0x25c7, "*"},
	{0x25cb, 0x25cb, "o"},   /* ○ */
	{0x25cf, 0x25cf, "*"},   /* ● */
	{0x2713, 0x2714, "+"},   /* ✓ */
	{0x2717, 0x2718, "x"},   /* ✗ */
};

char canvas_ascii(uint32_t cp)
{
	if (cp >= 0x20 && cp < 0x7f)
		return (char)cp;
	for (size_t i = 0; i < COUNT_OF(ascii_table) && ascii_table[i].from <= cp; i++) {
		const char *s = ascii_table[i].ascii;
		if (cp <= ascii_table[i].to)
			return s[1] ? s[cp - ascii_table[i].from] : s[0];
	}
	return '?';
}

const char *canvas_cluster(const struct canvas *c, const struct cell *cell, char tmp[5])
{
	uint32_t cp = cell->ch;
	const char *text = NULL;
	if (cell->ch & CELL_LONG) {
		text = c->clusters.s + (cell->ch & ~CELL_LONG);
		utf8_decode(text, strlen(text), &cp);
	}
	size_t n = 0;
	if (c->ascii) {
		/* An accent is better lost than the letter under it; both halves of a wide one
		   show. */
		tmp[n++] = canvas_ascii(cp);
		if (cell->width == 2)
			tmp[n++] = canvas_ascii(cp);
	} else if (cell->width == 0) {
		n = 0;
	} else if (text) {
		return text;
	} else {
		n = utf8_encode(cp, tmp);
	}
	if (cell->width == 0)
		n = 0;
	tmp[n] = '\0';
	return tmp;
}

bool canvas_same(const struct canvas *a, const struct cell *p, const struct canvas *b,
		 const struct cell *q)
{
	if (p->role != q->role || p->under != q->under || p->width != q->width)
		return false;
	if ((p->ch | q->ch) & CELL_LONG) {
		return (p->ch & q->ch & CELL_LONG) &&
		       !strcmp(a->clusters.s + (p->ch & ~CELL_LONG),
			       b->clusters.s + (q->ch & ~CELL_LONG));
	}
	return p->ch == q->ch;
}

void canvas_copy(struct canvas *to, const struct canvas *from)
{
	if (to->cols != from->cols || to->rows != from->rows || !to->cells)
		canvas_resize(to, from->cols, from->rows);
	memcpy(to->cells, from->cells,
	       (size_t)from->cols * (size_t)from->rows * sizeof *to->cells);
	buf_clear(&to->clusters);
	buf_add(&to->clusters, buf_str(&from->clusters), from->clusters.len);
	to->clip = from->clip;
	to->ascii = from->ascii;
	to->cursor_x = from->cursor_x;
	to->cursor_y = from->cursor_y;
}

void canvas_line(const struct canvas *c, int y, struct buf *out)
{
	char tmp[5];
	size_t end = out->len;
	for (int x = 0; x < c->cols; x++) {
		const struct cell *cell = cell_at(c, x, y);
		if (cell->ch == ' ' && cell->width) {
			buf_addc(out, ' ');
			continue;
		}
		buf_adds(out, canvas_cluster(c, cell, tmp));
		end = out->len;
	}
	out->len = end;
	if (out->s)
		out->s[end] = '\0';
}

void canvas_dump(const struct canvas *c, struct buf *out)
{
	for (int y = 0; y < c->rows; y++) {
		canvas_line(c, y, out);
		buf_addc(out, '\n');
	}
}

void canvas_dump_roles(const struct canvas *c, struct buf *out)
{
	for (int y = 0; y < c->rows; y++) {
		const struct cell *row = cell_at(c, 0, y);
		for (int x = 0, end; x < c->cols; x = end) {
			end = x + 1;
			while (end < c->cols && row[end].role == row[x].role &&
			       row[end].under == row[x].under)
				end++;
			enum ui_role role = (enum ui_role)row[x].role;
			if (role == UI_TEXT && row[x].under == UI_TEXT)
				continue;
			buf_addf(out, "%d %d-%d %s", y, x, end - 1, ui_role_table[role].name);
			if (row[x].under != UI_TEXT && row[x].under != role)
				buf_addf(out, "/%s", ui_role_table[row[x].under].name);
			buf_addc(out, '\n');
		}
	}
}
