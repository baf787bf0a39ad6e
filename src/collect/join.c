#include "collect/join.h"

struct join_part join_new(enum part_id id, const struct schema *schema)
{
	return (struct join_part){.builder = part_builder_new(id, schema), .schema = schema};
}

void join_set(struct join_part *j, unsigned field, struct value v)
{
	if (v.type == VALUE_ABSENT)
		return;
	part_set(j->builder, field, v);
	j->seen |= (uint64_t)1 << field;
}

void join_row(struct join_part *j, const struct part *from, unsigned row)
{
	const struct schema *s = part_schema(from);
	for (unsigned i = 0; i < s->n_fields; i++) {
		int to = schema_field(j->schema, s->fields[i].name);
		if (to >= 0)
			join_set(j, (unsigned)to, part_get(from, row, i));
	}
}

void join_reason(struct join_part *j, unsigned field, const char *reason)
{
	if (!(j->seen >> field & 1) && reason)
		part_set_absent(j->builder, field, reason);
}

void join_reasons(struct join_part *j, const struct part *from, enum part_id id, const char *otherwise)
{
	const struct schema *s = collect_schema(id);
	const char *all = from ? part_reason(from) : otherwise;
	for (unsigned i = 0; s && i < s->n_fields; i++) {
		int to = schema_field(j->schema, s->fields[i].name);
		if (to >= 0)
			join_reason(j, (unsigned)to, all ? all : from ? part_absent_reason(from, i) : NULL);
	}
}

struct part *join_seal(struct join_part *j, const struct part *from)
{
	struct part *p = part_seal(j->builder, part_read_mono(from), part_read_wall(from), part_ms(from));
	j->builder = NULL;
	return p;
}

int join_find(const struct part *part, const char *name, struct value text)
{
	for (unsigned i = 0; i < part_rows(part); i++)
		if (value_equal(part_cell(part, i, name), text))
			return (int)i;
	return -1;
}

bool join_readable(const struct part *part)
{
	return part && (part_status(part) == PART_OK || part_status(part) == PART_STALE);
}
