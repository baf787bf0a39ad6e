/*
 * What a report remembers for the next one of the same target: each statement's calls, time and rows
 * examined so far. A small JSON text; who keeps it is above this layer (app/report.c). Pure.
 */
#ifndef DIAGNOSE_REPORTPAST_H
#define DIAGNOSE_REPORTPAST_H

#include "base/buf.h"
#include "diagnose/report.h"

struct report_past;

/* NULL when the text makes no sense. */
struct report_past *report_past_read(const char *text, size_t n);
void report_past_free(struct report_past *p);
/* What the next report is to remember of this one; nothing when no statements were read. */
void report_past_write(struct buf *out, const struct report_input *in);

/* Whether it is of the server that `now` is of, and not of another under the same name. */
bool report_past_fits(const struct report_past *p, const struct snapshot *now);
int64_t report_past_wall(const struct report_past *p); /* us */

struct report_past_statement {
	double calls, time, rows_examined;
};
/* By the id of the part statements; false when it was not there. */
bool report_past_statement(const struct report_past *p, const char *id,
			   struct report_past_statement *out);

#endif
