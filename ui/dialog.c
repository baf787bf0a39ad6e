#include "ui/dialog.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "ui/pager.h"

enum { WIDEST_TEXT = 100 };

enum dialog_kind { CONFIRM, MENU, PAGER };

struct item {
	int id;
	bool tick;
	char *text, *note; /* scrubbed */
};

struct dialog {
	enum dialog_kind kind;
	char *title;
	struct doc doc;
	struct pager pager;
	void *ctx;
	/* a question */
	char *yes;
	bool danger, on_yes;
	void (*answered)(void *ctx, bool yes);
	/* a menu */
	struct item *items;
	unsigned n, cap, at, top;
	char find[64];
	bool ticks;
	bool (*toggle)(void *ctx, int id);
	bool (*move)(void *ctx, int id, int by);
	void (*chosen)(void *ctx, int id);
	/* a text */
	bool (*keys)(void *ctx, struct dialog *d, struct key key);
	void (*closed)(void *ctx);
};

static char *scrubbed(const char *s)
{
	struct buf b = BUF_INIT;
	utf8_scrub(&b, s, strlen(s));
	return buf_steal(&b);
}

static struct dialog *dialog_new(enum dialog_kind kind, const char *title, void *ctx)
{
	struct dialog *d = xcalloc(1, sizeof *d);
	d->kind = kind;
	d->title = scrubbed(title);
	d->ctx = ctx;
	return d;
}

struct dialog *dialog_confirm(const char *title, struct doc *body, const char *yes, bool danger,
			      void (*done)(void *ctx, bool yes), void *ctx)
{
	struct dialog *d = dialog_new(CONFIRM, title, ctx);
	d->doc = *body;
	*body = (struct doc){0};
	d->yes = scrubbed(yes);
	d->danger = danger;
	d->answered = done;
	pager_set(&d->pager, &d->doc);
	return d;
}

struct dialog *dialog_menu(const char *title, void (*done)(void *ctx, int id), void *ctx)
{
	struct dialog *d = dialog_new(MENU, title, ctx);
	d->chosen = done;
	return d;
}

void dialog_menu_add(struct dialog *d, int id, const char *text, const char *note)
{
	GROW(d->items, d->n, d->cap);
	d->items[d->n++] = (struct item){id, false, scrubbed(text), note ? scrubbed(note) : NULL};
}

static struct item *find_item(struct dialog *d, int id)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->items[i].id == id)
			return &d->items[i];
	return NULL;
}

void dialog_menu_select(struct dialog *d, int id)
{
	struct item *item = find_item(d, id);
	if (item)
		d->at = (unsigned)(item - d->items);
}

void dialog_menu_ticks(struct dialog *d, bool (*toggle)(void *ctx, int id),
		       bool (*move)(void *ctx, int id, int by))
{
	d->ticks = true;
	d->toggle = toggle;
	d->move = move;
}

void dialog_menu_set_tick(struct dialog *d, int id, bool on)
{
	struct item *item = find_item(d, id);
	if (item)
		item->tick = on;
}

struct dialog *dialog_pager(const char *title, struct doc *text,
			    bool (*keys)(void *ctx, struct dialog *d, struct key key),
			    void (*done)(void *ctx), void *ctx)
{
	struct dialog *d = dialog_new(PAGER, title, ctx);
	d->doc = *text;
	*text = (struct doc){0};
	d->keys = keys;
	d->closed = done;
	pager_set(&d->pager, &d->doc);
	return d;
}

struct doc *dialog_text(struct dialog *d)
{
	return &d->doc;
}

void dialog_set_title(struct dialog *d, const char *title)
{
	free(d->title);
	d->title = scrubbed(title);
}

void dialog_free(struct dialog *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < d->n; i++) {
		free(d->items[i].text);
		free(d->items[i].note);
	}
	free(d->items);
	free(d->title);
	free(d->yes);
	doc_release(&d->doc);
	free(d);
}

/* --- keys ------------------------------------------------------------------------------------- */

static bool leaves(struct key k)
{
	return k.code == K_ESC || (k.code == 'q' && !k.mods) ||
	       (k.code == 'c' && k.mods == MOD_CTRL);
}

static bool confirm_key(struct dialog *d, struct key k)
{
	if (k.mods & MOD_PASTE)
		return true; /* pasted text never answers */
	bool no = leaves(k) || k.code == 'n' || k.code == 'N';
	bool yes = k.code == 'y' || k.code == 'Y';
	if (k.code == K_ENTER) {
		yes = d->on_yes;
		no = !d->on_yes;
	}
	if (yes || no) {
		d->answered(d->ctx, yes);
		return false;
	}
	if (k.code == K_TAB || k.code == K_LEFT || k.code == K_RIGHT)
		d->on_yes = !d->on_yes;
	else
		pager_key(&d->pager, k);
	return true;
}

/* The next item from `from` in direction `by` that has the typed text, or n. */
static unsigned seek(const struct dialog *d, unsigned from, int by, const char *text)
{
	for (unsigned i = 0; i < d->n; i++) {
		unsigned k = (unsigned)((int)(from + d->n) + by * (int)i) % d->n;
		if (strcasestr(d->items[k].text, text) ||
		    (d->items[k].note && strcasestr(d->items[k].note, text)))
			return k;
	}
	return d->n;
}

static void menu_type(struct dialog *d, struct key k)
{
	size_t len = strlen(d->find);
	if (k.code == K_BACKSPACE) {
		while (len && ((unsigned char)d->find[--len] & 0xC0) == 0x80)
			;
		d->find[len] = '\0';
	} else if (k.code >= ' ' && k.code < K_FIRST && !(k.mods & ~(unsigned)MOD_SHIFT) &&
		   len + 5 < sizeof d->find) {
		len += utf8_encode(k.code, d->find + len);
		d->find[len] = '\0';
	}
	unsigned to = d->n ? seek(d, d->at, 1, d->find) : 0;
	if (to < d->n)
		d->at = to;
}

static void menu_move_item(struct dialog *d, int by)
{
	unsigned to = d->at + (unsigned)by;
	if (to >= d->n || !d->move || !d->move(d->ctx, d->items[d->at].id, by))
		return;
	/* The owner numbers items by their place, so ids stay and the rest goes. */
	struct item *a = &d->items[d->at], *b = &d->items[to], tmp = *a;
	int id = a->id;
	a->text = b->text, a->note = b->note, a->tick = b->tick;
	b->text = tmp.text, b->note = tmp.note, b->tick = tmp.tick;
	a->id = id;
	d->at = to;
}

static bool menu_key(struct dialog *d, struct key k)
{
	unsigned page = 10;
	if (k.mods & MOD_PASTE)
		return true;
	if (k.code == K_ESC || (!d->find[0] && leaves(k)) || (k.code == K_ENTER && !d->n)) {
		d->chosen(d->ctx, -1);
		return false;
	}
	if (k.code == K_ENTER) {
		d->chosen(d->ctx, d->items[d->at].id);
		return false;
	}
	bool shift = k.mods & MOD_SHIFT;
	if (d->ticks && d->n && ((k.code == K_UP && shift) || k.code == 'K'))
		menu_move_item(d, -1);
	else if (d->ticks && d->n && ((k.code == K_DOWN && shift) || k.code == 'J'))
		menu_move_item(d, 1);
	else if (d->ticks && k.code == ' ' && d->n && d->toggle)
		d->items[d->at].tick = d->toggle(d->ctx, d->items[d->at].id);
	else if (k.code == K_UP || (!d->find[0] && k.code == 'k'))
		d->at -= d->at > 0;
	else if (k.code == K_DOWN || (!d->find[0] && k.code == 'j'))
		d->at += d->at + 1 < d->n;
	else if (k.code == K_PGUP)
		d->at = d->at > page ? d->at - page : 0;
	else if (k.code == K_PGDN)
		d->at = d->at + page < d->n ? d->at + page : d->n ? d->n - 1 : 0;
	else if (k.code == K_HOME)
		d->at = 0;
	else if (k.code == K_END)
		d->at = d->n ? d->n - 1 : 0;
	else
		menu_type(d, k);
	return true;
}

static bool text_key(struct dialog *d, struct key k)
{
	bool typing = d->pager.searching;
	if (!typing && d->keys && d->keys(d->ctx, d, k)) {
		pager_set(&d->pager, &d->doc);
		return true;
	}
	if (pager_key(&d->pager, k))
		return true;
	if (leaves(k) || k.code == K_ENTER || k.code == '?') {
		if (d->closed)
			d->closed(d->ctx);
		return false;
	}
	return true;
}

bool dialog_key(struct dialog *d, struct key key)
{
	switch (d->kind) {
	case CONFIRM:
		return confirm_key(d, key);
	case MENU:
		return menu_key(d, key);
	case PAGER:
		break;
	}
	return text_key(d, key);
}

/* --- drawing ---------------------------------------------------------------------------------- */

static int width_of(const char *s)
{
	return s ? utf8_width(s, strlen(s)) : 0;
}

static int doc_width(const struct doc *doc)
{
	int widest = 0;
	for (size_t i = 0; i < doc->n_lines; i++) {
		int w = utf8_width(doc->text.s + doc->lines[i].start, doc->lines[i].len);
		widest = w > widest ? w : widest;
	}
	return widest;
}

static struct rect centred(struct rect r, int w, int h)
{
	if (w > r.w)
		w = r.w;
	if (h > r.h)
		h = r.h;
	return (struct rect){r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
}

/* The frame; returns what lies inside, with a blank at each side. */
static struct rect frame(struct dialog *d, struct canvas *c, struct rect box)
{
	enum ui_role role = d->kind == CONFIRM && d->danger ? UI_DIALOG_DANGER : UI_DIALOG_TITLE;
	canvas_fill(c, box, UI_DIALOG);
	canvas_box(c, box, role, d->title, role);
	return (struct rect){box.x + 2, box.y + 1, box.w - 4, box.h - 2};
}

static void draw_answers(struct dialog *d, struct canvas *c, struct rect line)
{
	char yes[80];
	snprintf(yes, sizeof yes, " y  %s ", d->yes);
	int w = width_of(yes);
	canvas_puts(c, line.x, line.y, CANVAS_ALL, d->on_yes ? UI_DIALOG_DANGER : UI_DIALOG, yes);
	if (d->on_yes)
		canvas_surface(c, (struct rect){line.x, line.y, w, 1}, UI_DIALOG_CURSOR);
	int x = line.x + w + 2;
	int n = canvas_puts(c, x, line.y, CANVAS_ALL, UI_STRONG, " n  No ");
	if (!d->on_yes)
		canvas_surface(c, (struct rect){x, line.y, n, 1}, UI_DIALOG_CURSOR);
}

/* Where the pager is, in the lower edge, when not all of the text is to be seen. */
static void draw_status(struct dialog *d, struct canvas *c, struct rect box)
{
	struct buf b = BUF_INIT;
	pager_status(&d->pager, &b);
	if (b.len)
		canvas_printf(c, box.x + 2, box.y + box.h - 1, box.w - 4, UI_DIM, " %s ",
			      buf_str(&b));
	buf_release(&b);
}

static void draw_confirm(struct dialog *d, struct canvas *c, struct rect r)
{
	int w = doc_width(&d->doc) + 4, title = width_of(d->title) + 6;
	int least = width_of(d->yes) + 20;
	w = w > WIDEST_TEXT ? WIDEST_TEXT : w < title ? title : w;
	w = w < least ? least : w;
	w = w > r.w ? r.w : w;
	int h = pager_height(&d->doc, w - 4, false, r.h) + 4;
	struct rect box = centred(r, w, h), in = frame(d, c, box);
	struct rect answers = rect_bottom(&in, 1);
	if (in.h > 2)
		rect_bottom(&in, 1);
	pager_draw(&d->pager, c, in);
	draw_answers(d, c, answers);
	draw_status(d, c, box);
}

static void draw_menu(struct dialog *d, struct canvas *c, struct rect r)
{
	int text = 0, note = 0;
	for (unsigned i = 0; i < d->n; i++) {
		int t = width_of(d->items[i].text), n = width_of(d->items[i].note);
		text = t > text ? t : text;
		note = n > note ? n : note;
	}
	int tick = d->ticks ? 4 : 0;
	int w = tick + text + (note ? note + 2 : 0) + 4, title = width_of(d->title) + 6;
	w = w < title ? title : w;
	struct rect in = frame(d, c, centred(r, w, (int)d->n + 2));
	if (d->find[0])
		canvas_printf(c, in.x, in.y + in.h, in.w, UI_INPUT, " %s ", d->find);
	int rows = in.h > 0 ? in.h : 1;
	if (d->at < d->top)
		d->top = d->at;
	if (d->at >= d->top + (unsigned)rows)
		d->top = d->at - (unsigned)rows + 1;
	if (d->n > (unsigned)rows && !d->find[0])
		canvas_printf(c, in.x, in.y + in.h, in.w, UI_DIM, " %u-%u of %u ", d->top + 1,
			      d->top + (unsigned)rows, d->n);
	for (int y = 0; y < rows && d->top + (unsigned)y < d->n; y++) {
		const struct item *item = &d->items[d->top + (unsigned)y];
		int x = in.x, cy = in.y + y;
		bool at = d->top + (unsigned)y == d->at;
		if (at)
			canvas_fill(c, (struct rect){in.x - 1, cy, in.w + 2, 1}, UI_DIALOG_CURSOR);
		if (d->ticks)
			x += canvas_puts(c, x, cy, in.w, UI_TEXT, item->tick ? "[x] " : "[ ] ");
		canvas_left(c, x, cy, text < in.w ? text : in.w, UI_TEXT, item->text,
			    strlen(item->text));
		x += text + 2;
		if (item->note && x < in.x + in.w)
			canvas_left(c, x, cy, in.x + in.w - x, at ? UI_TEXT : UI_DIM, item->note,
				    strlen(item->note));
	}
}

static void draw_text(struct dialog *d, struct canvas *c, struct rect r)
{
	int w = doc_width(&d->doc) + 4, title = width_of(d->title) + 6;
	w = w < title ? title : w;
	w = w < 44 ? 44 : w > WIDEST_TEXT ? WIDEST_TEXT : w;
	w = w > r.w ? r.w : w;
	int h = pager_height(&d->doc, w - 4, d->pager.no_wrap, r.h) + 2;
	struct rect box = centred(r, w, h), in = frame(d, c, box);
	pager_draw(&d->pager, c, in);
	draw_status(d, c, box);
}

void dialog_draw(struct dialog *d, struct canvas *c, struct rect r)
{
	static void (*const draw[])(struct dialog *, struct canvas *, struct rect) = {
		[CONFIRM] = draw_confirm,
		[MENU] = draw_menu,
		[PAGER] = draw_text,
	};
	draw[d->kind](d, c, r);
}
