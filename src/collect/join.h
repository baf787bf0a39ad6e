/*
 * Derived rows that are put together from rows of other parts: cells go by the names of their fields, and
 * what no part gave says why. One thread; borrows everything.
 */
#ifndef COLLECT_JOIN_H
#define COLLECT_JOIN_H

#include "collect/collector.h"

struct join_part {
	struct part_builder *builder;
	const struct schema *schema;
	uint64_t seen; /* fields that some row has */
};

struct join_part join_new(enum part_id id, const struct schema *schema);
/* Into the row that was begun: each present cell of `row` whose field the schema has too. */
void join_row(struct join_part *j, const struct part *from, unsigned row);
void join_set(struct join_part *j, unsigned field, struct value v);
/* Why fields that no row has are absent, as the part says that would have given them: its own reason when
   it could not be read, else the field's. NULL parts are fine: `otherwise` then. */
void join_reasons(struct join_part *j, const struct part *from, enum part_id id, const char *otherwise);
/* For one field. */
void join_reason(struct join_part *j, unsigned field, const char *reason);
/* Seals; read when `from` was. */
struct part *join_seal(struct join_part *j, const struct part *from);

/* The row of `part` whose field `name` holds that text; -1: none. */
int join_find(const struct part *part, const char *name, struct value text);
/* Whether the part was read, if not just now. */
bool join_readable(const struct part *part);

#endif
