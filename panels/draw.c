#include "panels/draw.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "panels/console.h"
#include "parse/sqltext.h"
#include "ui/chart.h"

/* --- lines ------------------------------------------------------------------------------------ */

static void line_end_piece(struct line *l, enum ui_role role)
{
	if (l->n && (l->pieces[l->n - 1].role == role || l->n == LINE_PIECES)) {
		l->pieces[l->n - 1].end = l->text.len;
		return;
	}
	l->pieces[l->n].end = l->text.len;
	l->pieces[l->n++].role = role;
}

void line_puts(struct line *l, enum ui_role role, const char *s)
{
	utf8_scrub(&l->text, s, strlen(s));
	line_end_piece(l, role);
}

void line_printf(struct line *l, enum ui_role role, const char *fmt, ...)
{
	struct buf raw = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&raw, fmt, ap);
	va_end(ap);
	line_puts(l, role, buf_str(&raw));
	buf_release(&raw);
}

void line_gap(struct line *l, int blanks)
{
	buf_fill(&l->text, ' ', (size_t)blanks);
	line_end_piece(l, UI_TEXT);
}

void line_metric(struct line *l, enum ui_role role, unsigned metric, struct value v)
{
	const struct metric *m = metric_get(metric);
	struct buf b = BUF_INIT;
	unit_format(&b, m->unit, v, m->rate);
	line_puts(l, role, buf_str(&b));
	buf_release(&b);
}

void line_key(struct line *l, const struct console *c, const char *action, const char *title,
	      enum ui_role key_role, enum ui_role role)
{
	char label[KEY_NAME_SIZE];
	keymap_label(console_keymap(c), action, console_ascii(c), label);
	if (!label[0])
		return;
	line_puts(l, key_role, label);
	line_printf(l, role, " %s  ", title);
}

int line_width(const struct line *l)
{
	return utf8_width(buf_str(&l->text), l->text.len);
}

void line_draw(const struct line *l, struct canvas *c, int x, int y, int cells)
{
	size_t at = 0;
	int used = 0;
	bool cut = line_width(l) > cells;
	int room = cut ? cells - 1 : cells;
	for (unsigned i = 0; i < l->n && used < room; i++) {
		used += canvas_text(c, x + used, y, room - used, l->pieces[i].role, l->text.s + at,
				    l->pieces[i].end - at);
		at = l->pieces[i].end;
	}
	if (cut && cells > 0)
		canvas_puts(c, x + used, y, 1, UI_DIM, "…");
}

void line_release(struct line *l)
{
	buf_release(&l->text);
	l->n = 0;
}

/* --- curves ----------------------------------------------------------------------------------- */

double draw_series_value(const void *series, unsigned back)
{
	return series_value(series, back);
}

void draw_spark(struct canvas *c, int x, int y, int w, enum ui_role role, const struct series *s)
{
	chart_spark(c, x, y, w, role, draw_series_value, s, CHART_FROM_ZERO);
}

void draw_spark_doc(struct doc *d, int w, enum ui_role role, const struct series *s)
{
	struct buf b = BUF_INIT;
	chart_spark_text(&b, w, draw_series_value, s, CHART_FROM_ZERO);
	doc_add(d, role, buf_str(&b), b.len);
	buf_release(&b);
}

/* --- statements ------------------------------------------------------------------------------- */

enum ui_role draw_sql_role(enum sql_class class)
{
	switch (class) {
	case SQL_KEYWORD:
		return UI_SQL_KEYWORD;
	case SQL_STRING:
		return UI_SQL_STRING;
	case SQL_NUMBER:
		return UI_SQL_NUMBER;
	case SQL_COMMENT:
	case SQL_HINT:
	case SQL_EXEC:
		return UI_SQL_COMMENT;
	case SQL_IDENT:
		return UI_SQL_IDENTIFIER;
	default:
		return UI_TEXT;
	}
}

void format_sql_cell(const struct table_row *r, struct value v, struct buf *out)
{
	enum { MOST = 2000 };
	(void)r;
	if (v.type == VALUE_TEXT && !sql_squeeze(out, v.s, v.len, MOST, 0))
		buf_adds(out, "…");
}

void draw_sql_cell(const struct table_row *r, const struct table_cell *cell)
{
	(void)r;
	if (cell->plain) {
		canvas_left(cell->canvas, cell->x, cell->y, cell->w, cell->role, cell->text, cell->len);
		return;
	}
	struct sql_lexer lx;
	struct sql_token t;
	int x = 0;
	sql_lex(&lx, cell->text, cell->len);
	bool cut = utf8_fit(cell->text, cell->len, cell->w) < cell->len;
	int room = cut ? cell->w - 1 : cell->w;
	while (x < room && sql_highlight(&lx, &t))
		x += canvas_text(cell->canvas, cell->x + x, cell->y, room - x, draw_sql_role(t.class),
				 cell->text + t.off, t.len);
	if (cut)
		canvas_puts(cell->canvas, cell->x + x, cell->y, 1, UI_DIM, "…");
}

static void add_sql(struct doc *d, const char *text, size_t len)
{
	struct sql_lexer lx;
	struct sql_token t;
	sql_lex(&lx, text, len);
	while (sql_highlight(&lx, &t))
		doc_add(d, draw_sql_role(t.class), text + t.off, t.len);
}

void draw_sql_doc(struct doc *d, const char *text, size_t len, bool format)
{
	struct buf laid_out = BUF_INIT;
	if (format) {
		sql_format(&laid_out, text, len);
		text = buf_str(&laid_out);
		len = laid_out.len;
	}
	add_sql(d, text, len);
	doc_end(d);
	buf_release(&laid_out);
}

void draw_sql_line(struct doc *d, const char *text, size_t len, int indent)
{
	struct buf line = BUF_INIT;
	utf8_scrub(&line, text, len);
	add_sql(d, buf_str(&line), line.len);
	doc_end_indent(d, indent);
	buf_release(&line);
}

/* --- parts that have nothing to show ---------------------------------------------------------- */

void draw_note(struct canvas *c, struct rect *r, enum ui_role role, const char *fmt, ...)
{
	struct buf raw = BUF_INIT, clean = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&raw, fmt, ap);
	va_end(ap);
	utf8_scrub(&clean, buf_str(&raw), raw.len);
	/* Broken between words, however narrow: a grant that is cut off helps nobody. */
	const char *s = buf_str(&clean);
	size_t left = clean.len;
	while (left && r->h > 1) {
		size_t n = utf8_fit(s, left, r->w - 2);
		if (n < left)
			for (size_t k = n; k > n / 2; k--)
				if (s[k] == ' ') {
					n = k;
					break;
				}
		struct rect line = rect_top(r, 1);
		canvas_text(c, line.x + 1, line.y, line.w - 2, role, s, n);
		s += n;
		left -= n;
		while (left && *s == ' ') {
			s++;
			left--;
		}
		if (!n)
			break;
	}
	buf_release(&raw);
	buf_release(&clean);
}

/* Without PROCESS the server shows an account its own sessions only, and calls that success. */
static bool only_own_account(const struct console *console)
{
	const struct snapshot *now = console_frame(console)->now;
	const struct part *trx = console_part(console, PART_TRANSACTIONS);
	const struct part *p = console_part(console, PART_PROCESSLIST);
	if (!trx || part_status(trx) != PART_DENIED)
		return false;
	unsigned user = (unsigned)schema_field(part_schema(p), "user");
	const char *account = now->server.account, *at = strrchr(account, '@');
	size_t n = at ? (size_t)(at - account) : strlen(account);
	for (unsigned i = 0; i < part_rows(p); i++) {
		struct value v = part_get(p, i, user);
		if (v.type != VALUE_TEXT || v.len != n || memcmp(v.s, account, n) != 0)
			return false;
	}
	return true;
}

/* Why nothing of the host was read; NULL: it is only a matter of time. */
static const char *no_host(const struct snapshot *now)
{
	if (!now->host.transport)
		return "no way to the server's host is configured (--ssh, --host-command)";
	return now->host.note && now->host.note->err.why[0] ? now->host.note->err.why : NULL;
}

bool draw_part_state(struct canvas *c, struct rect *r, const struct console *console, enum part_id id)
{
	const struct part *p = console_part(console, id);
	const struct snapshot *now = console_frame(console)->now;
	if (!p) {
		bool live = now && now->link == LINK_LIVE;
		const char *why = now && part_of_host(id) ? no_host(now) : NULL;
		if (why)
			draw_note(c, r, UI_WARNING, "%s cannot be read: %s", part_title(id), why);
		else
			draw_note(c, r, UI_DIM, live ? "%s: reading…" : "%s: not read yet", part_title(id));
		return false;
	}
	double age = (double)(clock_mono_ns() - part_read_mono(p)) / (double)NS_PER_S;
	const char *reason = part_reason(p) ? part_reason(p) : "no reason given";
	switch (part_status(p)) {
	case PART_OK:
		/* What was made along with the frame is as fresh as can be, whatever the link does. */
		if (!console_paused(console) && now->link != LINK_LIVE && part_rows(p) &&
		    part_read_mono(p) < now->mono)
			draw_note(c, r, UI_WARNING, "Stale: read %.0f s ago.", age);
		else if (id == PART_PROCESSLIST && only_own_account(console))
			draw_note(c, r, UI_WARNING, "Only sessions of %s are seen: %s",
				   now->server.account,
				   part_reason(console_part(console, PART_TRANSACTIONS)));
		break;
	case PART_STALE:
		draw_note(c, r, UI_WARNING, "Stale: read %.0f s ago; %s", age, reason);
		break;
	case PART_DENIED:
		draw_note(c, r, UI_WARNING, "%s cannot be seen: %s", part_title(id), reason);
		break;
	case PART_UNSUPPORTED:
		draw_note(c, r, UI_DIM, part_of_host(id) ? "%s cannot be read: %s" : "%s: not on this server; %s",
			   part_title(id), reason);
		break;
	case PART_FAILED:
		draw_note(c, r, UI_WARNING, "%s could not be read: %s", part_title(id), reason);
		break;
	}
	return part_status(p) == PART_OK || part_rows(p);
}

/* Short screens have no rule: the footer is there. */
static void draw_in_rule(struct canvas *c, struct rect r, const struct buf *text)
{
	int w = utf8_width(buf_str(text), text->len) + 2, y = r.y + r.h;
	if (!text->len || y >= c->rows - 1 || w + 2 > c->cols)
		return;
	struct rect panel = c->clip;
	c->clip = (struct rect){0, 0, c->cols, c->rows};
	canvas_printf(c, c->cols - w - 2, y, w, UI_DIM, " %s ", buf_str(text));
	c->clip = panel;
}

void draw_pager(struct canvas *c, struct rect r, struct pager *p)
{
	struct buf b = BUF_INIT;
	pager_draw(p, c, r);
	pager_status(p, &b);
	draw_in_rule(c, r, &b);
	buf_release(&b);
}

void draw_table(struct canvas *c, struct rect r, struct tableview *t)
{
	struct buf b = BUF_INIT;
	tableview_draw(t, c, r);
	tableview_position(t, &b);
	draw_in_rule(c, r, &b);
	buf_release(&b);
}

void draw_position(struct canvas *c, struct rect r, int top, int n)
{
	struct buf b = BUF_INIT;
	if (n > r.h)
		buf_addf(&b, "%d-%d of %d", top + 1, top + r.h < n ? top + r.h : n, n);
	draw_in_rule(c, r, &b);
	buf_release(&b);
}
