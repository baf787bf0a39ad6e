/*
 * SHOW ENGINE INNODB STATUS, sectioned and explained: the list of its sections; ↵ opens one, with what its
 * numbers mean first and the text as it came below. UI thread.
 */
#ifndef PANELS_INNODBTEXT_H
#define PANELS_INNODBTEXT_H

#include "panels/panel.h"
#include "parse/innodb_status.h"

/* The newest text, taken apart. It lies in the part. Zero-initialised is empty. */
struct innodb_text {
	const struct part *part; /* NULL: none was read yet */
	struct innodb_status status;
};

/* Whether there is another one than before. */
bool innodb_text_take(struct innodb_text *t, const struct console *c);
void innodb_text_release(struct innodb_text *t);
/* Opens one section. */
void innodb_text_open(struct console *c, enum innodb_section_id id);

extern const struct view_ops innodb_text_view;

#endif
