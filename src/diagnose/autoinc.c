#include "diagnose/autoinc.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

double autoinc_most(const char *type)
{
	static const struct {
		const char *name;
		int bits;
		bool real; /* whole numbers up to there, and no sign to gain */
	} types[] = {
		{"tinyint", 8, false}, {"smallint", 16, false}, {"mediumint", 24, false},
		{"int", 32, false}, {"bigint", 64, false}, {"float", 24, true}, {"double", 53, true},
	};
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		size_t n = strlen(types[i].name);
		if (strncasecmp(type, types[i].name, n) != 0 || (type[n] && !strchr(" (", type[n])))
			continue;
		bool sign = !types[i].real && !strcasestr(type, "unsigned");
		return ldexp(1, types[i].bits - sign) - !types[i].real;
	}
	return 0;
}

struct value autoinc_next(const struct part *tables, const struct part *columns, const char *table)
{
	const struct part *const parts[] = {columns, tables};
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		int row = parts[i] ? part_find(parts[i], value_str(table)) : -1;
		struct value v = row < 0 ? VALUE_NONE : part_cell(parts[i], (unsigned)row, "value");
		if (value_is_number(v))
			return v;
	}
	return VALUE_NONE;
}

unsigned autoinc_hidden(const struct part *tables, const struct part *columns)
{
	unsigned n = 0;
	for (unsigned i = 0; tables && columns && i < part_rows(tables); i++)
		n += value_is_number(part_cell(tables, i, "value")) &&
		     part_find(columns, part_cell(tables, i, "id")) < 0;
	return n;
}

static bool read_row(const struct part *tables, const struct part *columns, unsigned row,
		     struct autoinc *a)
{
	*a = (struct autoinc){
		.table = value_cstr(part_cell(columns, row, "id")),
		.column = value_cstr(part_cell(columns, row, "column")),
		.type = value_cstr(part_cell(columns, row, "type")),
	};
	a->most = autoinc_most(a->type);
	a->next = value_number(autoinc_next(tables, columns, a->table), 0);
	a->used = a->most > 0 ? fmin(1, (a->next - 1) / a->most) : 0;
	return a->most > 0 && a->next > 0;
}

unsigned autoinc_fullest(const struct part *tables, const struct part *columns, struct autoinc *out,
			 unsigned most)
{
	unsigned n = 0;
	for (unsigned i = 0; columns && i < part_rows(columns); i++) {
		struct autoinc a;
		if (!read_row(tables, columns, i, &a))
			continue;
		unsigned at = n < most ? n++ : most;
		for (; at > 0 && out[at - 1].used < a.used; at--)
			if (at < most)
				out[at] = out[at - 1];
		if (at < most)
			out[at] = a;
	}
	return n;
}
