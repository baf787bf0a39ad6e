/*
 * What the columns of a table are: data, so that record, replay, export, filter and help need no code
 * of their own. Fields are found by name, never by position. A schema lives as long as the program.
 */
#ifndef MODEL_SCHEMA_H
#define MODEL_SCHEMA_H

#include <stdbool.h>

#include "model/unit.h"
#include "model/value.h"

enum field_kind {
	FIELD_GAUGE,   /* as it is now; text too */
	FIELD_COUNTER, /* only ever grows until the server restarts: shown as a rate */
};

enum field_type { FIELD_INT, FIELD_REAL, FIELD_TEXT, FIELD_ANY /* each cell as it came */ };

struct field {
	const char *name; /* snake_case, the same on every flavor, fixed once published */
	enum field_type type;
	enum unit unit;
	enum field_kind kind;
	const char *title;  /* of a column */
	const char *help;   /* what it is, whole sentences */
	const char *source; /* where it comes from: table.column or statement */
	const char *normal; /* what is normal, and what to do when it is not; "" where nothing is */
};

/* At most this many fields: rows keep a bitmap of what is present. */
enum { SCHEMA_MAX_FIELDS = 64 };

struct schema {
	const char *name;
	const struct field *fields;
	unsigned n_fields;
	unsigned key; /* the field that identifies a row through refreshes */
};

/* The index of a field, or -1. */
int schema_field(const struct schema *s, const char *name);

/*
 * A static schema is an X-macro list of F(ID, name, TYPE, UNIT, KIND, title, help, source, normal):
 * SCHEMA_FIELD makes the array, SCHEMA_ENUM the indices.
 */
#define SCHEMA_FIELD(id, n, t, u, k, ti, h, s, no) \
	{.name = n, .type = FIELD_##t, .unit = UNIT_##u, .kind = FIELD_##k, \
	 .title = ti, .help = h, .source = s, .normal = no},

#endif
