#include "panels/deadlock.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "collect/deadlocks.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "parse/innodb_why.h"
#include "parse/sqltext.h"
#include "ui/pager.h"

struct page {
	const struct part *part;
	unsigned row;
	int width; /* that the document was made for */
	struct doc doc;
	struct pager pager;
};

/* --- texts broken to a width, so that two sides can stand beside each other --------------------------- */

/* How much of a scrubbed text goes on one line of so many cells; *next: where the next line begins. */
static size_t line_of(const char *s, size_t len, int cells, size_t *next)
{
	size_t n = utf8_fit(s, len, cells);
	if (n < len)
		for (size_t k = n; k > n / 2; k--)
			if (s[k] == ' ') {
				n = k;
				break;
			}
	*next = n;
	while (*next < len && s[*next] == ' ')
		++*next;
	return n;
}

static void add_text(struct doc *d, enum ui_role role, int indent, int width, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;
	utf8_scrub(&clean, text, len);
	const char *s = buf_str(&clean);
	for (size_t left = clean.len, next; left; s += next, left -= next) {
		size_t n = line_of(s, left, width - indent, &next);
		if (!next)
			break;
		doc_tab(d, indent);
		doc_add(d, role, s, n);
		doc_end(d);
	}
	buf_release(&clean);
}

/* The tokens of text[from, to) in their colours. */
static void add_sql_line(struct doc *d, const struct buf *sql, size_t from, size_t to)
{
	struct sql_lexer lx;
	struct sql_token t;
	sql_lex(&lx, buf_str(sql), sql->len);
	while (sql_highlight(&lx, &t) && t.off < to) {
		size_t a = t.off > from ? t.off : from, b = t.off + t.len < to ? t.off + t.len : to;
		if (a < b)
			doc_add(d, draw_sql_role(t.class), sql->s + a, b - a);
	}
}

static void add_sql(struct doc *d, int indent, int width, struct slice text)
{
	enum { MOST = 1500, MOST_LINES = 12 };
	struct buf one = BUF_INIT, clean = BUF_INIT;
	bool whole = sql_squeeze(&one, text.len ? text.s : "", text.len, MOST, 0);
	utf8_scrub(&clean, buf_str(&one), one.len);
	size_t at = 0, next;
	for (unsigned i = 0; at < clean.len && i < MOST_LINES; i++, at += next) {
		size_t n = line_of(clean.s + at, clean.len - at, width - indent, &next);
		if (!next)
			break;
		doc_tab(d, indent);
		add_sql_line(d, &clean, at, at + n);
		doc_end(d);
	}
	if (!whole || at < clean.len) {
		doc_tab(d, indent);
		doc_puts(d, UI_DIM, "…");
		doc_end(d);
	}
	buf_release(&one);
	buf_release(&clean);
}

/* --- one side ----------------------------------------------------------------------------------------- */

static void add_who(struct doc *d, const struct innodb_deadlock_side *s, size_t number, int width)
{
	struct buf b = BUF_INIT;
	struct slice host = s->trx.host.len ? s->trx.host : s->trx.address;
	doc_printf(d, UI_TITLE, "%zu", number);
	if (s->trx.thread >= 0)
		doc_printf(d, UI_STRONG, "  session %lld", (long long)s->trx.thread);
	doc_puts(d, s->victim ? UI_CRITICAL : UI_RUNNING, s->victim ? "  rolled back" : "  went on");
	doc_end(d);
	if (s->trx.user.len)
		buf_addf(&b, "%.*s@%.*s", (int)s->trx.user.len, s->trx.user.s, (int)host.len,
			 host.len ? host.s : "");
	if (s->trx.seconds >= 1) {
		buf_addf(&b, "%sopen for %.0f s", b.len ? ", " : "", s->trx.seconds);
	}
	if (s->trx.undo_entries > 0)
		buf_addf(&b, ", %lld row%s changed", (long long)s->trx.undo_entries,
			 s->trx.undo_entries == 1 ? "" : "s");
	add_text(d, UI_DIM, 3, width, buf_str(&b), b.len);
	buf_release(&b);
}

static void add_lock(struct doc *d, const struct innodb_lock *l, int width)
{
	enum { INDENT = 10 };
	struct buf b = BUF_INIT;
	enum ui_role role = l->waits ? UI_WAITING : UI_BLOCKING;
	doc_printf(d, role, "   %s", l->waits ? "wanted" : "had");
	innodb_mode_text(&b, l);
	if (l->record) {
		buf_addc(&b, ' ');
		innodb_record_text(&b, l);
		if (l->records > 1)
			buf_addf(&b, " and %u more", l->records - 1);
	}
	add_text(d, role, INDENT, width, buf_str(&b), b.len);
	buf_clear(&b);
	if (l->record)
		buf_addf(&b, "in %s of %s", l->index, l->table);
	else
		buf_addf(&b, "on the whole table %s", l->table);
	add_text(d, UI_TEXT, INDENT, width, buf_str(&b), b.len);
	buf_release(&b);
}

static void add_side(struct doc *d, const struct innodb_deadlock_side *s, size_t number, int width)
{
	add_who(d, s, number, width);
	doc_end(d);
	add_sql(d, 3, width, s->trx.query);
	doc_end(d);
	for (size_t i = 0; i < s->n_locks; i++)
		add_lock(d, &s->locks[i], width);
}

/* --- the page ----------------------------------------------------------------------------------------- */

static void copy_line(struct doc *to, const struct doc *from, size_t i)
{
	if (i >= from->n_lines)
		return;
	const struct doc_line *l = &from->lines[i];
	for (uint32_t k = 0; k < l->spans; k++) {
		const struct doc_span *s = &from->spans[l->first_span + k];
		doc_add(to, (enum ui_role)s->role, from->text.s + s->start, s->len);
	}
}

/* Two beside each other where each has so many cells. */
enum { SIDE_MIN = 46, SIDE_GAP = 4 };

static void add_sides(struct doc *d, const struct innodb_deadlock *dead, int width)
{
	int half = (width - SIDE_GAP) / 2;
	bool beside = half >= SIDE_MIN;
	for (size_t i = 0; i < dead->n_sides; i += beside ? 2 : 1) {
		struct doc left = {0}, right = {0};
		add_side(&left, &dead->sides[i], i + 1, beside ? half : width);
		if (beside && i + 1 < dead->n_sides)
			add_side(&right, &dead->sides[i + 1], i + 2, half);
		for (size_t k = 0; k < left.n_lines || k < right.n_lines; k++) {
			copy_line(d, &left, k);
			if (k < right.n_lines && right.lines[k].spans) {
				doc_tab(d, half + SIDE_GAP);
				copy_line(d, &right, k);
			}
			doc_end(d);
		}
		doc_end(d);
		doc_release(&left);
		doc_release(&right);
	}
}

static void write_page(struct doc *d, const struct innodb_deadlock *dead, const struct part *p, unsigned row,
		       int width)
{
	doc_printf(d, UI_TITLE, "Deadlock of %s", value_cstr(part_get(p, row, DEADLOCK_TIME)));
	doc_printf(d, UI_DIM, "  %zu transactions: ", dead->n_sides);
	doc_puts(d, UI_STRONG, value_cstr(part_get(p, row, DEADLOCK_KIND)));
	doc_end(d);
	doc_end(d);
	add_sides(d, dead, width);
	doc_heading(d, "Why");
	doc_para(d, UI_TEXT, value_cstr(part_get(p, row, DEADLOCK_WHY)));
	doc_end(d);
	doc_para(d, UI_DIM, "Printed are the locks that block or are waited for; each transaction may have more. "
			    "Records are shown as numbers and texts by what they look like.");
	doc_end(d);
	doc_heading(d, "As the server prints it");
	struct value text = part_get(p, row, DEADLOCK_TEXT);
	doc_add(d, UI_TEXT, text.s, text.len);
	doc_end(d);
}

static void write_doc(struct page *p, int width)
{
	struct value text = part_get(p->part, p->row, DEADLOCK_TEXT);
	struct innodb_deadlock dead;
	p->width = width;
	doc_clear(&p->doc);
	if (innodb_deadlock_parse(&dead, value_cstr(text), text.len))
		write_page(&p->doc, &dead, p->part, p->row, width);
	innodb_deadlock_release(&dead);
	pager_set(&p->pager, &p->doc);
}

static void page_open(struct view *v, const void *arg)
{
	const struct deadlock_arg *a = arg;
	struct page *p = v->state;
	p->part = part_ref(a->part);
	p->row = a->row;
}

static void page_close(struct view *v)
{
	struct page *p = v->state;
	doc_release(&p->doc);
	part_unref(p->part);
}

static void page_draw(struct view *v, struct canvas *c, struct rect r)
{
	struct page *p = v->state;
	if (p->width != r.w - 2)
		write_doc(p, r.w - 2);
	draw_pager(c, (struct rect){r.x + 1, r.y, r.w - 2, r.h}, &p->pager);
}

static bool page_key(struct view *v, struct key k)
{
	struct page *p = v->state;
	return pager_key(&p->pager, k);
}

const struct view_ops deadlock_view = {
	.name = "deadlock",
	.title = "Deadlock",
	.help = "One deadlock: each side with its session, its statement and its locks in the order taken: what it "
		"had, then what it wanted; why it came about; and the server's own text.",
	.needs = PART_BIT(PART_DEADLOCKS),
	.size = sizeof(struct page),
	.open = page_open,
	.close = page_close,
	.draw = page_draw,
	.key = page_key,
};
