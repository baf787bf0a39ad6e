/*
 * Plans as documents: the tree, the table, or the text as the server gave it; with what is notable about
 * a step, explained. UI thread.
 */
#ifndef PANELS_PLANDOC_H
#define PANELS_PLANDOC_H

#include "collect/detail.h"
#include "engine/fetch.h"
#include "ui/doc.h"

enum plan_form { FORM_TREE, FORM_TABLE, FORM_RAW, N_PLAN_FORMS };

/* `kind` is one of DETAIL_PLAN_*. What cannot be parsed is shown as it came. */
void plan_doc(struct doc *d, const struct grid *g, enum detail_kind kind, enum plan_form form,
	      bool ascii);

#endif
