/*
 * Help, built from the tables: actions with the keys that they have now, columns with their fields'
 * teaching texts, metrics. There is no second list that could drift. UI thread.
 */
#ifndef UI_HELP_H
#define UI_HELP_H

#include "model/schema.h"
#include "ui/doc.h"
#include "ui/keymap.h"

/* Keys and commands of these scopes first, then of all others. */
void help_keys(struct doc *d, const struct keymap *m, const struct scope *scopes, size_t n,
	       bool ascii);
/* What a field is: title, unit, what it is, what is normal, where it comes from. `absent` says
   why it has no value, NULL where it has. */
void help_field(struct doc *d, const char *title, const struct field *f, bool rate,
		const char *absent);
/* The same for anything that has such texts (a metric). Any may be NULL. */
void help_subject(struct doc *d, const char *title, const char *unit, const char *help,
		  const char *normal, const char *source, const char *absent);

#endif
