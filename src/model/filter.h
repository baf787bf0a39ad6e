/*
 * What someone types to see fewer rows:
 *
 *   sending data           plain text, found in any text or id, whatever the case
 *   /^select .* for/       a regular expression (PCRE2) over the same
 *   time>10 user=app       comparisons; blanks mean and, | or, ! not, ( ) group
 *   state~lock info!~^sel  a field matches, or does not match, a regular expression
 *   time>=1m30s mem>2G     numbers take the suffixes of their field's unit
 *   "a=b"                  quotes make plain text of anything
 *
 * `field=` without a value means empty or absent. A filter is immutable but for its memo; one
 * thread.
 */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/unit.h"
#include "model/value.h"

struct filter;

struct filter_field {
	const char *name;
	enum unit unit;
	bool text; /* plain text is looked for in it: it holds text, or ids */
};

/* NULL and *e on an error; *position (may be NULL) is the byte of `text` where it was found. A
   text of blanks gives a filter that lets everything pass. The fields are borrowed for the
   filter's life. */
struct filter *filter_compile(const char *text, const struct filter_field *fields, unsigned n,
			      struct err *e, size_t *position);
/* NULL is fine. */
void filter_free(struct filter *f);

typedef struct value filter_get_fn(const void *row, unsigned field);
bool filter_match(struct filter *f, filter_get_fn *get, const void *row);
/* Call before matching rows whose texts live elsewhere than those before. */
void filter_forget(struct filter *f);

/* Where in a text of that field does something match that the filter looks for? From *start on;
   sets both ends. For highlighting. */
bool filter_find(const struct filter *f, unsigned field, const char *s, size_t len, size_t *start,
		 size_t *end);

/* A number with the suffixes of a unit: "10s", "1m30s", "2G", "12k", "99%", "yes". */
bool filter_number(const char *s, size_t len, enum unit unit, double *out);

#endif
