/*
 * A text with roles: lines of spans. Help, statements, plans, messages and the bodies of questions
 * are documents; pager.h shows them. Built by appending; the text is scrubbed on the way in. UI
 * thread.
 */
#ifndef UI_DOC_H
#define UI_DOC_H

#include "base/arena.h"
#include "base/buf.h"
#include "ui/canvas.h"

struct doc_span {
	uint32_t start, len; /* in `text` */
	uint8_t role;
};

struct doc_line {
	uint32_t first_span, spans;
	uint32_t start, len; /* in `text` */
	uint8_t indent;      /* cells by which continuation lines are indented when wrapped */
};

/* Zero-initialised is valid and empty. */
struct doc {
	struct buf text;
	struct doc_span *spans;
	size_t n_spans, cap_spans;
	struct doc_line *lines;
	size_t n_lines, cap_lines;
	bool open; /* the last line is not ended */
};

void doc_release(struct doc *d);
void doc_clear(struct doc *d);
/* Append to the last line; a line break in the text ends it. Hostile text is welcome. */
void doc_add(struct doc *d, enum ui_role role, const char *s, size_t len);
void doc_puts(struct doc *d, enum ui_role role, const char *s);
void doc_printf(struct doc *d, enum ui_role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* End the line. */
void doc_end(struct doc *d);
/* End the line; its continuation is indented by that much. */
void doc_end_indent(struct doc *d, int indent);
/* `Label  value`, one line of its own whatever the value has in it, values aligned `width` cells from the left. */
void doc_field(struct doc *d, int width, const char *label, enum ui_role role, const char *value);
void doc_heading(struct doc *d, const char *title);
/* Blanks up to column x of the last line (at least one when it is not empty). */
void doc_tab(struct doc *d, int x);
/* A whole paragraph, broken between words by the pager. */
void doc_para(struct doc *d, enum ui_role role, const char *s);
/* The whole text, lines ended by line breaks: for files and the clipboard. */
void doc_text(const struct doc *d, struct buf *out);

#endif
