/*
 * Parts written as text, for tests of what is derived from them: a row is `field=value field='a value'`,
 * rows are lines. And back: chosen fields of each row, one line a row, absent ones as `-`.
 */
#ifndef TESTS_COLLECT_ROWS_H
#define TESTS_COLLECT_ROWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/collector.h"
#include "tests/unit/cmocka_all.h"

static inline const char *rows_cell(struct part_builder *b, const struct schema *schema, const char *s)
{
	char name[64];
	size_t n = strcspn(s, "=");
	snprintf(name, sizeof name, "%.*s", (int)n, s);
	int field = schema_field(schema, name);
	if (field < 0)
		fail_msg("%s has no field %s", schema->name, name);
	s += n + 1;
	bool quoted = *s == '\'';
	s += quoted;
	n = strcspn(s, quoted ? "'" : " \n");
	if (schema->fields[field].type == FIELD_ANY)
		part_set(b, (unsigned)field, value_parse(s, (uint32_t)n));
	else
		part_set_text(b, (unsigned)field, s, n);
	return s + n + quoted;
}

/* To be added to and sealed by the caller. */
static inline struct part_builder *rows_builder(enum part_id id, const char *text)
{
	const struct schema *schema = collect_schema(id);
	struct part_builder *b = part_builder_new(id, schema);
	bool open = false;
	for (const char *s = text; *s;) {
		if (*s == '\n' && open) {
			part_row_end(b);
			open = false;
		}
		if (*s == '\n' || *s == ' ' || *s == '\t') {
			s++;
			continue;
		}
		if (!open)
			part_row_begin(b);
		open = true;
		s = rows_cell(b, schema, s);
	}
	if (open)
		part_row_end(b);
	return b;
}

static inline struct part *rows_part(enum part_id id, double at, const char *text)
{
	int64_t ns = (int64_t)(at * (double)NS_PER_S);
	return part_seal(rows_builder(id, text), ns, ns / 1000, 1);
}

/* Fields are separated by blanks. The caller frees the text. */
static inline char *rows_text(const struct part *p, const char *fields)
{
	struct buf out = BUF_INIT;
	for (unsigned row = 0; row < part_rows(p); row++) {
		char list[512], *save, *name;
		const char *blank = "";
		snprintf(list, sizeof list, "%s", fields);
		for (name = strtok_r(list, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
			int f = schema_field(part_schema(p), name);
			if (f < 0)
				fail_msg("no field %s", name);
			struct value v = part_get(p, row, (unsigned)f);
			buf_adds(&out, blank);
			if (v.type == VALUE_INT)
				buf_addf(&out, "%lld", (long long)v.i);
			else if (v.type == VALUE_REAL)
				buf_addf(&out, "%.3f", v.r);
			else
				buf_adds(&out, v.type == VALUE_TEXT ? v.s : "-");
			blank = " | ";
		}
		buf_addc(&out, '\n');
	}
	return buf_steal(&out);
}

#endif
