/*
 * Reports as files: text for a terminal, Markdown for a ticket, one HTML page, JSON Lines. The writers
 * know documents (report.h) and nothing of servers; whatever a text holds is made harmless for where it
 * goes: control characters and bidi marks on a terminal, markup in Markdown and HTML. Pure.
 */
#ifndef DIAGNOSE_REPORTWRITE_H
#define DIAGNOSE_REPORTWRITE_H

#include "base/buf.h"
#include "diagnose/report.h"

/* What one run of `fathom report` is about. Borrowed. */
struct report_book {
	struct report *const *reports;
	unsigned n;
	const struct report *comparison; /* of several; NULL: there is none */
};

void report_write_text(struct buf *out, const struct report_book *b);
void report_write_markdown(struct buf *out, const struct report_book *b);
void report_write_html(struct buf *out, const struct report_book *b);
void report_write_json(struct buf *out, const struct report_book *b);

/* --- for writers -------------------------------------------------------------------------------- */

/* A value as people read it, scrubbed; absent gives `–`. */
void report_value(struct buf *out, enum unit u, struct value v, bool rate);
/* A cell as people see it, scrubbed. */
void report_cell_shown(struct buf *out, const struct report_table *t, unsigned row, unsigned column);
struct value report_cell_at(const struct report_table *t, unsigned row, unsigned column);
/* What is to be done, for copying; as it came, not scrubbed. */
void report_step(struct buf *out, const struct step *s);
/* A curve in a line of block characters, and its least and greatest value. */
void report_spark(struct buf *out, const struct report_curve *c, float *least, float *most);
/* The title of a piece of evidence: that of the metric that it is named after, or its own name. */
const char *report_evidence_title(const struct report_finding *f, unsigned i);
bool report_evidence_rate(const struct report_finding *f, unsigned i);
/* Whether a section has anything to show. */
bool report_section_shown(const struct report_section *s);

#endif
