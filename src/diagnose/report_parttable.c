/* Rows of a part as a table of a report: titles and units are the part's own. */
#include "diagnose/report.h"

#include <string.h>

#include "base/mem.h"

struct chosen {
	unsigned field;
	bool rate;
};

/* A counter's growth per second, else the value. */
static struct value cell_of(const struct report_input *in, const struct part *p, unsigned row,
			    struct chosen c)
{
	double seconds = 0;
	if (!c.rate)
		return part_get(p, row, c.field);
	struct value grown = report_growth(in, part_id(p), row, c.field, &seconds);
	return seconds > 0 ? value_real(value_number(grown, 0) / seconds) : VALUE_NONE;
}

static bool any_in(const struct report_input *in, const struct part *p, struct chosen c)
{
	for (unsigned r = 0; r < part_rows(p); r++)
		if (cell_of(in, p, r, c).type != VALUE_ABSENT)
			return true;
	return false;
}

/* The fields by their names that some row has. Returns how many. */
static unsigned choose(const struct report_input *in, const struct part *p, const char *names,
		       struct chosen *out)
{
	unsigned n = 0;
	for (const char *at = names; *at;) {
		char name[64];
		bool raw = *at == '=';
		at += raw;
		size_t len = strcspn(at, " ");
		memcpy(name, at, len < sizeof name ? len : sizeof name - 1);
		name[len < sizeof name ? len : sizeof name - 1] = '\0';
		int field = schema_field(part_schema(p), name);
		struct chosen c = {(unsigned)field, !raw && field >= 0 &&
							   part_schema(p)->fields[field].kind ==
								   FIELD_COUNTER};
		if (field >= 0 && any_in(in, p, c))
			out[n++] = c;
		at += len + strspn(at + len, " ");
	}
	return n;
}

struct report_table *report_part_table(struct report_section *s, const struct report_input *in,
				       enum part_id id, const char *title, const char *names,
				       unsigned most)
{
	const struct part *p = report_part(s, in, id);
	struct chosen chosen[SCHEMA_MAX_FIELDS];
	unsigned n = p ? choose(in, p, names, chosen) : 0;
	if (!n)
		return NULL;
	struct report_column *columns = arena_zalloc(&s->report->arena, n * sizeof *columns);
	for (unsigned k = 0; k < n; k++) {
		const struct field *f = &part_schema(p)->fields[chosen[k].field];
		columns[k] = (struct report_column){f->name, f->title, f->unit,
						    chosen[k].rate, false, 0};
	}
	struct report_table *t = report_table(s, part_name(id), title ? title : part_title(id),
					      columns, n);
	for (unsigned r = 0; r < part_rows(p); r++) {
		if (most && r >= most) {
			t->cut++;
			continue;
		}
		report_row(t);
		for (unsigned k = 0; k < n; k++)
			report_cell(t, k, cell_of(in, p, r, chosen[k]));
	}
	t->cut += part_rows_cut(p);
	return t;
}
