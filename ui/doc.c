#include "ui/doc.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

void doc_release(struct doc *d)
{
	buf_release(&d->text);
	free(d->spans);
	free(d->lines);
	*d = (struct doc){0};
}

void doc_clear(struct doc *d)
{
	buf_clear(&d->text);
	d->n_spans = d->n_lines = 0;
	d->open = false;
}

static struct doc_line *last_line(struct doc *d)
{
	if (!d->open) {
		GROW(d->lines, d->n_lines, d->cap_lines);
		d->lines[d->n_lines++] = (struct doc_line){
			.first_span = (uint32_t)d->n_spans,
			.start = (uint32_t)d->text.len,
		};
		d->open = true;
	}
	return &d->lines[d->n_lines - 1];
}

static void add_piece(struct doc *d, enum ui_role role, const char *s, size_t len)
{
	struct doc_line *line = last_line(d);
	uint32_t start = (uint32_t)d->text.len;
	utf8_scrub(&d->text, s, len);
	uint32_t added = (uint32_t)d->text.len - start;
	line->len += added;
	struct doc_span *last = d->n_spans ? &d->spans[d->n_spans - 1] : NULL;
	if (line->spans && last && last->role == role) {
		last->len += added;
		return;
	}
	GROW(d->spans, d->n_spans, d->cap_spans);
	d->spans[d->n_spans++] = (struct doc_span){start, added, (uint8_t)role};
	line->spans++;
}

void doc_add(struct doc *d, enum ui_role role, const char *s, size_t len)
{
	/* Offsets are 32 bits wide; what a terminal could never show is left out. */
	enum { LARGEST = 256 * 1024 * 1024 };
	while (len && d->text.len < LARGEST) {
		const char *end = memchr(s, '\n', len);
		size_t n = end ? (size_t)(end - s) : len;
		add_piece(d, role, s, n && end && s[n - 1] == '\r' ? n - 1 : n);
		if (end) {
			doc_end(d);
			n++;
		}
		s += n;
		len -= n;
	}
}

void doc_puts(struct doc *d, enum ui_role role, const char *s)
{
	doc_add(d, role, s, strlen(s));
}

void doc_printf(struct doc *d, enum ui_role role, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	doc_add(d, role, buf_str(&b), b.len);
	buf_release(&b);
}

void doc_end_indent(struct doc *d, int indent)
{
	last_line(d)->indent = (uint8_t)(indent < 0 ? 0 : indent > 200 ? 200 : indent);
	d->open = false;
}

void doc_end(struct doc *d)
{
	doc_end_indent(d, 0);
}

void doc_tab(struct doc *d, int x)
{
	struct doc_line *line = last_line(d);
	int at = utf8_width(d->text.s ? d->text.s + line->start : "", line->len);
	int blanks = x > at ? x - at : at > 0;
	while (blanks-- > 0)
		doc_add(d, UI_TEXT, " ", 1);
}

void doc_field(struct doc *d, int width, const char *label, enum ui_role role, const char *value)
{
	struct buf line = BUF_INIT;
	utf8_scrub(&line, value, strlen(value));
	doc_puts(d, UI_LABEL, label);
	doc_tab(d, width);
	doc_add(d, role, buf_str(&line), line.len);
	doc_end_indent(d, width);
	buf_release(&line);
}

void doc_heading(struct doc *d, const char *title)
{
	doc_puts(d, UI_TITLE, title);
	doc_end(d);
}

void doc_para(struct doc *d, enum ui_role role, const char *s)
{
	doc_puts(d, role, s);
	doc_end(d);
}

void doc_text(const struct doc *d, struct buf *out)
{
	for (size_t i = 0; i < d->n_lines; i++) {
		if (d->lines[i].len)
			buf_add(out, d->text.s + d->lines[i].start, d->lines[i].len);
		buf_addc(out, '\n');
	}
}
