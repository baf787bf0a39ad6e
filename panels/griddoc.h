/*
 * Answers as documents: rows as a table with aligned columns, one row as a list of fields. UI thread.
 */
#ifndef PANELS_GRIDDOC_H
#define PANELS_GRIDDOC_H

#include "engine/fetch.h"
#include "ui/doc.h"

/* A column named `statement` is shown in the colours of SQL. */
void grid_doc_table(struct doc *d, const struct grid *g);
void grid_doc_fields(struct doc *d, const struct grid *g);

#endif
