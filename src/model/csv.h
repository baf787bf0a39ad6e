/*
 * Tables as CSV, RFC 4180: lines end with CR LF, absent is nothing at all, an empty text is "". Text is
 * made valid UTF-8 and otherwise left as it is. Pure, any thread.
 */
#ifndef MODEL_CSV_H
#define MODEL_CSV_H

#include "base/buf.h"
#include "model/part.h"

/* One cell, quoted where it must be. */
void csv_text(struct buf *out, const char *s, size_t n);
void csv_value(struct buf *out, struct value v);
/* Names of the fields, cells of a row: commas between, no line end, so that a caller may add more. */
void csv_head(struct buf *out, const struct schema *s);
void csv_row(struct buf *out, const struct part *p, unsigned row);
#define CSV_EOL "\r\n"
/* Head and all rows. */
void csv_of_part(struct buf *out, const struct part *p);

#endif
