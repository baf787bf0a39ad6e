/*
 * One typed cell. Unknown is not zero: a cell that could not be read is VALUE_ABSENT, and why stands
 * with the field or the part (part.h). Small and copied by value; text is borrowed from whoever gave
 * the value, mostly a sealed part.
 */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

enum value_type { VALUE_ABSENT, VALUE_INT, VALUE_REAL, VALUE_TEXT };

struct value {
	enum value_type type;
	uint32_t len; /* of text, in bytes; the text is NUL-terminated as well */
	union {
		int64_t i;
		double r;
		const char *s;
	};
};

#define VALUE_NONE ((struct value){.type = VALUE_ABSENT})

struct value value_int(int64_t i);
struct value value_real(double r);
struct value value_text(const char *s, uint32_t len);
struct value value_str(const char *s);

static inline bool value_is_number(struct value v)
{
	return v.type == VALUE_INT || v.type == VALUE_REAL;
}

/* The number, or `otherwise` for text and absent. */
double value_number(struct value v, double otherwise);
int64_t value_integer(struct value v, int64_t otherwise);
/* The text, "" for all else. */
const char *value_cstr(struct value v);
bool value_equal(struct value a, struct value b);
/* Numbers by size, then text by bytes, absent last whichever the direction. */
int value_compare(struct value a, struct value b, bool descending);
/* A server's text as the number that it is (decimal integer or real, whole text), else as text. */
struct value value_parse(const char *s, uint32_t len);

#endif
