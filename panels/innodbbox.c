/*
 * One box of InnoDB: all its numbers with their curves, what its threads are at, the settings that govern
 * it, and the way on to tables (files, tablespaces, latches). The cursor goes over all of them: ? explains,
 * g draws the curve, ↵ goes on.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/detail.h"
#include "panels/draw.h"
#include "panels/innodb.h"
#include "panels/innodbtext.h"
#include "ui/help.h"

enum row_kind { ROW_TITLE, ROW_NUMBER, ROW_SETTING, ROW_LINK, ROW_SESSION, ROW_LINE, ROW_BLANK };

struct row {
	enum row_kind kind;
	const char *text;                   /* of a title */
	enum inno_number_id number;
	const struct inno_setting *setting;
	const struct inno_link *link;
	const struct inno_lines_kind *lines; /* of a line: the kind, and which */
	const struct inno_line *line;
};

enum { MOST_ROWS = 64, NAME = 24, VALUE = 20 };

struct box {
	unsigned n;
	struct row rows[MOST_ROWS];
	int at, top, shown;
	struct innodb_text text;
	struct inno_lines lines[MOST_PAGE_LINES];
};

static const struct inno_page *page_of(const struct view *v)
{
	return v->ops->spec;
}

static bool can_stand_on(const struct row *r)
{
	return r->kind != ROW_TITLE && r->kind != ROW_BLANK;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void add(struct box *b, struct row r)
{
	if (b->n < MOST_ROWS)
		b->rows[b->n++] = r;
}

static void add_title(struct box *b, const char *text)
{
	if (b->n)
		add(b, (struct row){.kind = ROW_BLANK});
	add(b, (struct row){.kind = ROW_TITLE, .text = text});
}

static void add_lines(struct view *v, struct box *b, const struct inno_page *p)
{
	if (view_parts(v) & PART_BIT(PART_INNODB_STATUS))
		innodb_text_take(&b->text, v->console);
	for (unsigned i = 0; i < MOST_PAGE_LINES && p->lines[i]; i++) {
		struct inno_lines *l = &b->lines[i];
		inno_lines_make(l, p->lines[i], console_frame(v->console),
				b->text.part ? &b->text.status : NULL);
		add_title(b, p->lines[i]->title);
		for (unsigned k = 0; k < l->n; k++)
			add(b, (struct row){.kind = ROW_LINE, .lines = p->lines[i], .line = &l->at[k]});
	}
}

static void refresh(struct view *v)
{
	struct box *b = v->state;
	const struct inno_page *p = page_of(v);
	const struct frame *f = console_frame(v->console);
	int64_t session;
	double age;
	b->n = 0;
	for (unsigned i = 0; i < p->n; i++)
		add(b, (struct row){.kind = ROW_NUMBER, .number = p->numbers[i]});
	if (p == &inno_pages[PAGE_UNDO] && inno_oldest(f, &session, &age))
		add(b, (struct row){.kind = ROW_SESSION});
	add_lines(v, b, p);
	for (unsigned i = 0; i < MOST_PAGE_LINKS && p->links[i].title; i++) {
		if (i == 0)
			add_title(b, "Further");
		add(b, (struct row){.kind = ROW_LINK, .link = &p->links[i]});
	}
	bool first = true;
	for (unsigned i = 0; i < inno_n_settings; i++) {
		if (&inno_pages[inno_settings[i].page] != p)
			continue;
		if (first)
			add_title(b, NULL);
		first = false;
		add(b, (struct row){.kind = ROW_SETTING, .setting = &inno_settings[i]});
	}
	if (b->at >= (int)b->n)
		b->at = 0;
}

static void close_box(struct view *v)
{
	struct box *b = v->state;
	innodb_text_release(&b->text);
	for (unsigned i = 0; i < MOST_PAGE_LINES; i++)
		inno_lines_release(&b->lines[i]);
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_number(struct view *v, struct canvas *c, int x, int y, int w, enum inno_number_id id)
{
	const struct frame *f = console_frame(v->console);
	struct timeline *t = console_timeline(v->console);
	bool absent = inno_value(id, f).type == VALUE_ABSENT;
	int name = w >= 60 ? NAME : 20;
	struct line l = {0};
	struct buf why = BUF_INIT;
	canvas_puts(c, x, y, name - 1, UI_LABEL, inno_numbers[id].title);
	line_inno_value(&l, id, f);
	int rest = x + name + VALUE;
	if (absent) {
		inno_absent(&why, id, f);
		line_printf(&l, UI_DIM, "  %s", buf_str(&why));
		line_draw(&l, c, x + name, y, w - name);
	} else {
		const char *trend = inno_trend(id, t);
		if (*trend)
			line_printf(&l, UI_DIM, " %s", trend);
		bool text = !value_is_number(inno_value(id, f));
		line_draw(&l, c, x + name, y, text ? w - name : VALUE - 1);
		int spark = text ? 0 : x + w - rest > 40 ? 40 : x + w - rest;
		inno_spark(c, rest, y, spark, id, t);
		if (!text && x + w - rest > 80)
			canvas_left(c, rest + 42, y, x + w - rest - 42, UI_DIM, inno_normal(id), strlen(inno_normal(id)));
	}
	line_release(&l);
	buf_release(&why);
}

static void draw_session(struct view *v, struct canvas *c, int x, int y, int w)
{
	int64_t session;
	double age;
	if (!inno_oldest(console_frame(v->console), &session, &age))
		return;
	struct buf b = BUF_INIT;
	inno_format(&b, INNO_OLDEST_VIEW, value_real(age));
	struct line l = {0};
	line_printf(&l, UI_TEXT, "session %lld has a transaction open for %s: purge keeps what it may read",
		    (long long)session, buf_str(&b));
	line_draw(&l, c, x, y, w);
	line_release(&l);
	buf_release(&b);
}

static void draw_line(struct canvas *c, int x, int y, int w, const struct inno_line *of)
{
	int name = w >= 60 ? NAME : 20;
	struct line l = {0}, text = {0};
	bool none = of->role == UI_DIM;
	if (none && *of->name) {
		/* Nothing to name: the reason gets all the room. */
		line_printf(&l, UI_DIM, "%s  %s", of->name, of->text);
		line_draw(&l, c, x, y, w);
	} else {
		line_puts(&l, of->session ? UI_STRONG : UI_LABEL, of->name);
		line_draw(&l, c, x, y, name - 1);
		line_puts(&text, of->role, of->text);
		line_draw(&text, c, x + name, y, w - name);
	}
	line_release(&l);
	line_release(&text);
}

static void draw_row(struct view *v, struct canvas *c, struct rect r, int y, const struct row *row, bool here)
{
	int x = r.x + 2, w = r.w - 3;
	if (here) {
		canvas_fill(c, (struct rect){r.x, y, r.w, 1}, UI_TABLE_CURSOR);
		canvas_puts(c, r.x, y, 1, UI_STRONG, "▸");
	}
	switch (row->kind) {
	case ROW_TITLE:
		if (row->text)
			canvas_puts(c, x, y, w, UI_TITLE, row->text);
		else
			inno_draw_setting_head(c, x, y, w);
		break;
	case ROW_NUMBER:
		draw_number(v, c, x, y, w, row->number);
		break;
	case ROW_SETTING:
		inno_draw_setting(c, x, y, w, row->setting, console_frame(v->console));
		break;
	case ROW_LINK:
		canvas_puts(c, x, y, NAME - 1, UI_STRONG, row->link->title);
		canvas_left(c, x + NAME, y, w - NAME, UI_DIM, row->link->help, strlen(row->link->help));
		break;
	case ROW_SESSION:
		draw_session(v, c, x, y, w);
		break;
	case ROW_LINE:
		draw_line(c, x, y, w, row->line);
		break;
	case ROW_BLANK:
		break;
	}
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct box *b = v->state;
	const struct inno_page *p = page_of(v);
	const struct frame *f = console_frame(v->console);
	if (!draw_part_state(c, &r, v->console, PART_STATUS))
		return;
	enum inno_presence is = inno_page_presence(p, f);
	if (is != INNO_ON && r.h > 3) {
		struct rect line = rect_top(&r, 1);
		if (is == INNO_OFF)
			canvas_printf(c, line.x + 2, line.y, line.w - 2, UI_NOTICE, "It is off: %s = %s.",
				      p->off_setting, p->off_value);
		else
			canvas_printf(c, line.x + 2, line.y, line.w - 2, UI_NOTICE,
				      "This server does not have it: there is no %s.", p->off_setting);
	}
	b->shown = r.h;
	if (b->at >= b->top + r.h)
		b->top = b->at - r.h + 1;
	if (b->at < b->top)
		b->top = b->at;
	/* A heading that has just room above the cursor comes along. */
	if (b->top > (int)b->n - r.h)
		b->top = (int)b->n > r.h ? (int)b->n - r.h : 0;
	for (int i = b->top; i < (int)b->n && i - b->top < r.h; i++)
		draw_row(v, c, r, r.y + i - b->top, &b->rows[i], i == b->at);
	draw_position(c, r, b->top, (int)b->n);
}

/* --- moving ----------------------------------------------------------------------------------- */

static void move(struct box *b, int by)
{
	int step = by < 0 ? -1 : 1;
	for (int left = abs(by), i = b->at + step; left > 0 && i >= 0 && i < (int)b->n; i += step) {
		if (!can_stand_on(&b->rows[i]))
			continue;
		b->at = i;
		left--;
	}
}

static bool key(struct view *v, struct key k)
{
	struct box *b = v->state;
	if (k.mods)
		return false;
	int page = b->shown > 2 ? b->shown - 1 : 1;
	int by = k.code == K_UP || k.code == 'k'     ? -1
		 : k.code == K_DOWN || k.code == 'j' ? 1
		 : k.code == K_PGUP		     ? -page
		 : k.code == K_PGDN		     ? page
		 : k.code == K_HOME		     ? -MOST_ROWS
		 : k.code == K_END || k.code == 'G'  ? MOST_ROWS
						     : 0;
	if (by)
		move(b, by);
	return by != 0;
}

/* --- what the cursor is on -------------------------------------------------------------------- */

static const struct row *under_cursor(const struct view *v)
{
	const struct box *b = v->state;
	return b->at < (int)b->n ? &b->rows[b->at] : NULL;
}

/* A line may be longer than its row: here it is whole. */
static void explain_line(struct doc *d, const struct row *r)
{
	doc_heading(d, r->lines->title);
	doc_para(d, UI_TEXT, r->lines->help);
	doc_end(d);
	doc_field(d, 10, "Now", r->line->role, r->line->text);
}

static bool explain(struct view *v, struct doc *d)
{
	const struct row *r = under_cursor(v);
	if (!r)
		return false;
	switch (r->kind) {
	case ROW_NUMBER:
		inno_explain(d, r->number, v->console);
		return true;
	case ROW_SETTING:
		inno_setting_explain(d, r->setting, v->console);
		return true;
	case ROW_LINK:
		doc_heading(d, r->link->title);
		doc_para(d, UI_TEXT, r->link->help);
		return true;
	case ROW_SESSION:
		inno_explain(d, INNO_OLDEST_VIEW, v->console);
		return true;
	case ROW_LINE:
		explain_line(d, r);
		return true;
	default:
		return false;
	}
}

static int64_t session(struct view *v)
{
	const struct row *r = under_cursor(v);
	int64_t id;
	double age;
	if (r && r->kind == ROW_LINE)
		return r->line->session;
	return r && r->kind == ROW_SESSION && inno_oldest(console_frame(v->console), &id, &age) ? id : 0;
}

static void enter(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	const struct row *r = under_cursor(v);
	int64_t id = session(v);
	if (id)
		console_push(v->console, &session_detail, &id);
	else if (r && r->kind == ROW_LINK)
		console_push(v->console, r->link->view, NULL);
	else if (r && r->kind == ROW_LINE && r->lines->section != INNODB_HEAD)
		innodb_text_open(v->console, r->lines->section);
	else
		console_explain(v->console);
}

static void graph(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	const struct row *r = under_cursor(v);
	if (r && r->kind == ROW_NUMBER)
		console_push(v->console, &inno_graph_view, &r->number);
	else if (r && r->kind == ROW_SETTING)
		console_push(v->console, &inno_graph_view, &r->setting->now);
}

static const struct action actions[] = {
	{"innodb-open", "Enter", "open", "Open the row under the cursor: a table, a session, or what it is.",
	 NULL, 0, 1, enter},
	{"innodb-graph", "g", "graph", "Show the number as a curve.", NULL, 0, 2, graph},
};

const struct action_set inno_box_actions = {"innodb-box", "InnoDB, one box", actions,
					     COUNT_OF(actions)};

#define BOX_VIEW(id, page_title, more) \
	[PAGE_##id] = &(const struct view_ops){ \
		.name = "innodb-box", \
		.title = page_title, \
		.help = "The numbers of one box of InnoDB with their curves, what its threads are at where " \
			"the status text tells (read while such a box is open), and the settings that " \
			"govern it. ? explains the row under the cursor.", \
		.needs = INNO_NEEDS | (more), \
		.size = sizeof(struct box), \
		.spec = &inno_pages[PAGE_##id], \
		.close = close_box, \
		.refresh = refresh, \
		.draw = draw, \
		.key = key, \
		.session = session, \
		.explain = explain, \
		.actions = &inno_box_actions, \
	}

const struct view_ops *const inno_page_views[N_INNO_PAGES] = {
	BOX_VIEW(POOL, "Buffer pool", 0),
	BOX_VIEW(FLUSHING, "Flushing", 0),
	BOX_VIEW(LOG_BUFFER, "Log buffer", 0),
	BOX_VIEW(REDO, "Redo log", PART_BIT(PART_INNODB_FILES)),
	BOX_VIEW(UNDO, "Undo and history", 0),
	BOX_VIEW(CHANGE_BUFFER, "Change buffer", 0),
	BOX_VIEW(HASH, "Adaptive hash", 0),
	BOX_VIEW(DATA, "Data files", 0),
	BOX_VIEW(DOUBLEWRITE, "Doublewrite", 0),
	BOX_VIEW(IO, "Reads and I/O", PART_BIT(PART_INNODB_FILES) | PART_BIT(PART_INNODB_STATUS)),
	BOX_VIEW(ROWS, "Rows and locks", 0),
	BOX_VIEW(LATCHES, "Latches", PART_BIT(PART_INNODB_STATUS) | PART_BIT(PART_INNODB_MUTEXES)),
};
