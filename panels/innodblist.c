/*
 * The boxes as a list, for screens too narrow for the picture: a heading for each with its numbers below,
 * in as many columns as there is room for.
 */
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/innodb.h"
#include "ui/chart.h"

enum { INDENT = 3, CELL = 33 };

static int columns_in(int w)
{
	return w >= 2 * CELL + INDENT ? 2 : 1;
}

static int rows_of(const struct inno_page *p, int columns, enum inno_presence is)
{
	bool bar = p == &inno_pages[PAGE_POOL] || p == &inno_pages[PAGE_REDO];
	return 1 + (is == INNO_ON ? bar + ((int)p->brief + columns - 1) / columns : 0);
}

static void heading(const struct console *console, struct canvas *c, int y, struct rect r,
		    const struct inno_page *p, bool here, enum inno_presence is)
{
	struct line l = {0};
	if (here)
		canvas_fill(c, (struct rect){r.x, y, r.w, 1}, UI_TABLE_CURSOR);
	line_puts(&l, UI_TITLE, here ? "▸ " : "  ");
	line_puts(&l, UI_TITLE, p->title);
	if (is == INNO_OFF)
		line_printf(&l, UI_DIM, "  off: %s = %s", p->off_setting, p->off_value);
	else if (is == INNO_MISSING)
		line_puts(&l, UI_DIM, "  not on this server");
	line_draw(&l, c, r.x, y, r.w);
	line_release(&l);
	(void)console;
}

static bool draw_bar(const struct frame *f, struct canvas *c, int x, int y, int w, const struct inno_page *p)
{
	if (p == &inno_pages[PAGE_POOL]) {
		struct chart_segment pages[] = {
			{value_number(inno_value(INNO_POOL_CLEAN, f), 0), UI_BAR_USED},
			{value_number(inno_value(INNO_POOL_DIRTY, f), 0), UI_BAR_OTHER},
		};
		chart_bar(c, x, y, w, pages, 2, 1);
		return true;
	}
	if (p == &inno_pages[PAGE_REDO]) {
		struct value used = inno_value(INNO_REDO_USED, f);
		enum inno_strain s = inno_strain(INNO_REDO_USED, used);
		struct chart_segment age = {value_number(used, 0), s ? inno_strain_role(s) : UI_BAR_USED};
		if (used.type != VALUE_ABSENT)
			chart_bar(c, x, y, w, &age, 1, 1);
		return true;
	}
	return false;
}

static void cell(const struct console *console, struct canvas *c, int x, int y, int w, enum inno_number_id id)
{
	enum { NAME = 20 };
	const struct frame *f = console_frame(console);
	struct line l = {0};
	const char *trend = inno_trend(id, console_timeline(console));
	canvas_puts(c, x, y, NAME - 1, UI_LABEL, inno_numbers[id].title);
	line_inno_value(&l, id, f);
	if (*trend && inno_value(id, f).type != VALUE_ABSENT)
		line_printf(&l, UI_DIM, " %s", trend);
	line_draw(&l, c, x + NAME, y, w - NAME);
	line_release(&l);
}

static void draw_page(const struct console *console, struct canvas *c, struct rect r, int y,
		      const struct inno_page *p, bool here)
{
	const struct frame *f = console_frame(console);
	enum inno_presence is = inno_page_presence(p, f);
	int columns = columns_in(r.w), w = (r.w - INDENT) / columns;
	heading(console, c, y++, r, p, here, is);
	if (is != INNO_ON)
		return;
	int rows = ((int)p->brief + columns - 1) / columns;
	y += draw_bar(f, c, r.x + INDENT, y, r.w - INDENT - 2 < 60 ? r.w - INDENT - 2 : 60, p);
	for (int i = 0; i < (int)p->brief; i++)
		cell(console, c, r.x + INDENT + i / rows * w, y + i % rows, w, p->numbers[i]);
}

void inno_draw_list(struct innodb *s, const struct console *console, struct canvas *c, struct rect r)
{
	int tops[N_INNO_PAGES + 1] = {0}, columns = columns_in(r.w);
	enum inno_page_id at = inno_box_page(s->at);
	for (int i = 0; i < N_INNO_PAGES; i++)
		tops[i + 1] = tops[i] + rows_of(&inno_pages[i], columns,
						inno_page_presence(&inno_pages[i], console_frame(console)));
	/* The chosen one is wholly on the screen, as far as it fits. */
	if (s->top + r.h < tops[at + 1])
		s->top = tops[at + 1] - r.h;
	if (s->top > tops[at])
		s->top = tops[at];
	if (s->top > tops[N_INNO_PAGES] - r.h)
		s->top = tops[N_INNO_PAGES] - r.h;
	if (s->top < 0)
		s->top = 0;
	s->n_spots = 0;
	for (int i = 0; i < N_INNO_PAGES; i++) {
		int y = r.y + tops[i] - s->top;
		s->spots[s->n_spots++] = (struct inno_spot){inno_pages[i].box, {r.x, y, r.w, tops[i + 1] - tops[i]}};
		if (y < r.y + r.h && tops[i + 1] > s->top)
			draw_page(console, c, r, y, &inno_pages[i], i == (int)at);
	}
	draw_position(c, r, s->top, tops[N_INNO_PAGES]);
}
