/*
 * Sections of SHOW ENGINE INNODB STATUS in words: in brief for a list, in full as a document. UI thread.
 */
#ifndef PANELS_INNODBTEXTDOC_H
#define PANELS_INNODBTEXTDOC_H

#include "base/buf.h"
#include "parse/innodb_status.h"
#include "ui/doc.h"

/* Shown where the server left out the middle of the text. */
extern const char innodb_text_cut_note[];

/* What stands out, on one line; not scrubbed. */
void innodb_section_brief(struct buf *out, const struct innodb_status *s, const struct innodb_section *of);
/* Whether it needs a look now. */
bool innodb_section_alarms(const struct innodb_status *s, const struct innodb_section *of);
/* What it is about, its numbers and lists explained, then the text as it came. */
void innodb_section_doc(struct doc *d, const struct innodb_status *s, const struct innodb_section *of);

#endif
