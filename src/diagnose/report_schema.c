/*
 * Schemas: what is large, tables without a primary key, auto-increment columns, indexes that are needless or
 * that nobody uses. Each reading is bounded in time and rows; where one stopped there, the section says so.
 */
#include "diagnose/reportsections.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "collect/indexes.h"
#include "diagnose/autoinc.h"

enum { MOST_SHOWN = 20 };

/* --- how far it was looked ---------------------------------------------------------------------------- */

/* What each of its statements may take. */
static unsigned budget_of(enum part_id id)
{
	const struct collector *c = collector_for(id);
	return c && c->sources ? c->sources->stmt.limit_ms : 0;
}

/* The part, or a note why there is none; and a note when it is not all. */
static const struct part *bounded(struct report_section *s, const struct report_input *in, enum part_id id)
{
	const struct part *p = in->now->parts[id];
	const char *why = p && part_status(p) == PART_FAILED ? part_reason(p) : NULL;
	if (why && (strstr(why, "interrupted") || strstr(why, "maximum statement execution time"))) {
		report_note(s, "%s: stopped at the budget of %u ms that it has on the server.", part_title(id),
			    budget_of(id));
		return NULL;
	}
	p = report_part(s, in, id);
	if (p && part_rows_cut(p))
		report_note(s, "%s: the first %u were looked at; %u more were left out.", part_title(id),
			    part_rows(p), part_rows_cut(p));
	return p;
}

/* --- sizes --------------------------------------------------------------------------------------------- */

enum { SIZE_NAME, SIZE_TABLES, SIZE_ROWS, SIZE_DATA, SIZE_INDEXES, SIZE_UPDATED };
static const struct report_column size_columns[] = {
	[SIZE_NAME] = {.name = "id", .title = "Name"},
	[SIZE_TABLES] = {.name = "tables", .title = "Tables", .unit = UNIT_COUNT},
	[SIZE_ROWS] = {.name = "rows", .title = "Rows, about", .unit = UNIT_COUNT},
	[SIZE_DATA] = {.name = "data", .title = "Data", .unit = UNIT_BYTES},
	[SIZE_INDEXES] = {.name = "indexes", .title = "Indexes", .unit = UNIT_BYTES},
	[SIZE_UPDATED] = {.name = "updated", .title = "As of", .unit = UNIT_WALL},
};

static void add_sizes(struct report_section *s, const struct part *p, const char *kind, const char *name,
		      const char *title, unsigned most)
{
	struct report_table *t = report_table(s, name, title, size_columns, COUNT_OF(size_columns));
	for (unsigned i = 0; i < part_rows(p); i++) {
		if (strcmp(value_cstr(part_cell(p, i, "kind")), kind) != 0)
			continue;
		if (t->n_rows >= most) {
			t->cut++;
			continue;
		}
		report_row(t);
		for (unsigned c = 0; c < COUNT_OF(size_columns); c++)
			report_cell(t, c, part_cell(p, i, size_columns[c].name));
	}
}

/* --- primary keys -------------------------------------------------------------------------------------- */

enum { KEYLESS_TABLE };
static const struct report_column keyless_columns[] = {
	[KEYLESS_TABLE] = {.name = "table", .title = "Table"},
};

static const char *index_text(const struct part *p, unsigned row, enum index_field f)
{
	return value_cstr(part_get(p, row, f));
}

/* Full-text indexes keep tables of their own. */
static bool is_helper(const char *table)
{
	const char *dot = strchr(table, '.');
	return dot && strncasecmp(dot, ".fts_0", 6) == 0;
}

static void add_keyless(struct report_section *s, const struct part *indexes)
{
	struct report_table *t = report_table(s, "without_primary_key", "Tables without a primary key",
					      keyless_columns, COUNT_OF(keyless_columns));
	const char *last = "";
	for (unsigned i = 0; i < part_rows(indexes); i++) {
		const char *table = index_text(indexes, i, INDEX_TABLE);
		if (value_integer(part_get(indexes, i, INDEX_TYPE), 0) != INDEX_CLUSTERED ||
		    !index_is_users(indexes, i) || is_helper(table) || strcmp(table, last) == 0)
			continue;
		last = table; /* its partitions follow one another */
		if (t->n_rows < MOST_SHOWN) {
			report_row(t);
			report_cell(t, KEYLESS_TABLE, value_str(table));
		} else {
			t->cut++;
		}
	}
	if (t->n_rows)
		report_advise(s, "A table without a primary key makes replicas search for every changed row, and "
				 "cannot be in a group or a Galera cluster. ALTER TABLE … ADD COLUMN id BIGINT "
				 "UNSIGNED AUTO_INCREMENT PRIMARY KEY gives it one; MySQL can hide it (INVISIBLE).");
	else if (part_rows(indexes))
		report_advise(s, "Every InnoDB table that was looked at has a primary key.");
}

/* --- auto-increment ------------------------------------------------------------------------------------ */

enum { AUTO_TABLE, AUTO_COLUMN, AUTO_TYPE, AUTO_NEXT, AUTO_MOST, AUTO_USED };
static const struct report_column auto_columns[] = {
	[AUTO_TABLE] = {.name = "table", .title = "Table"},
	[AUTO_COLUMN] = {.name = "column", .title = "Column"},
	[AUTO_TYPE] = {.name = "type", .title = "Type"},
	[AUTO_NEXT] = {.name = "next", .title = "Next value", .unit = UNIT_COUNT},
	[AUTO_MOST] = {.name = "most", .title = "Last of the type", .unit = UNIT_COUNT},
	[AUTO_USED] = {.name = "used", .title = "Used", .unit = UNIT_RATIO},
};

static void add_autoinc(struct report_section *s, const struct report_input *in)
{
	const struct part *tables = bounded(s, in, PART_AUTOINC_TABLES);
	const struct part *columns = tables ? bounded(s, in, PART_AUTOINC) : NULL;
	struct autoinc list[20];
	if (!columns)
		return;
	unsigned n = autoinc_fullest(tables, columns, list, COUNT_OF(list));
	unsigned hidden = autoinc_hidden(tables, columns);
	struct report_table *t = report_table(s, "auto_increment", "Auto-increment columns, fullest first",
					      auto_columns, COUNT_OF(auto_columns));
	for (unsigned i = 0; i < n; i++) {
		report_row(t);
		report_cell(t, AUTO_TABLE, value_str(list[i].table));
		report_cell(t, AUTO_COLUMN, value_str(list[i].column));
		report_cell(t, AUTO_TYPE, value_str(list[i].type));
		report_cell(t, AUTO_NEXT, value_real(list[i].next));
		report_cell(t, AUTO_MOST, value_real(list[i].most));
		report_cell(t, AUTO_USED, value_real(list[i].used));
	}
	if (hidden)
		report_note(s, "%u counters that may be near their end are of tables whose columns this account does "
			    "not see: a privilege on these tables shows them (REFERENCES will do).", hidden);
	report_advise(s, in->now->server.flavor == FLAVOR_MARIADB
		? "Looked at: counters that are past half of some integer type, of tables that were opened since "
		  "the server was started."
		: "Looked at: the tables with most inserts since the server was started.");
}

/* --- needless indexes ---------------------------------------------------------------------------------- */

enum { RED_TABLE, RED_INDEX, RED_COLUMNS, RED_BY, RED_BY_COLUMNS, RED_SURE };
static const struct report_column redundant_columns[] = {
	[RED_TABLE] = {.name = "table", .title = "Table"},
	[RED_INDEX] = {.name = "index", .title = "Index"},
	[RED_COLUMNS] = {.name = "columns", .title = "Its columns"},
	[RED_BY] = {.name = "by", .title = "Contained in"},
	[RED_BY_COLUMNS] = {.name = "by_columns", .title = "Its columns"},
	[RED_SURE] = {.name = "sure", .title = "Prefixes compared", .unit = UNIT_BOOL},
};

struct redundant {
	struct report_table *t;
	const struct part *indexes, *exact;
};

static bool begins_with(const char *list, const char *first)
{
	size_t n = strlen(first);
	return strncmp(list, first, n) == 0 && (!list[n] || list[n] == ',');
}

static void add_redundant(unsigned row, unsigned by, void *arg)
{
	struct redundant *r = arg;
	const char *table = index_text(r->indexes, row, INDEX_TABLE);
	const char *mine = index_exact_columns(r->exact, table, index_text(r->indexes, row, INDEX_NAME));
	const char *theirs = index_exact_columns(r->exact, table, index_text(r->indexes, by, INDEX_NAME));
	/* A prefix or a direction makes the difference after all. */
	if (mine && theirs && !begins_with(theirs, mine))
		return;
	if (r->t->n_rows >= MOST_SHOWN) {
		r->t->cut++;
		return;
	}
	report_row(r->t);
	report_cell(r->t, RED_TABLE, value_str(table));
	report_cell(r->t, RED_INDEX, part_get(r->indexes, row, INDEX_NAME));
	report_cell(r->t, RED_COLUMNS, mine ? value_str(mine) : part_get(r->indexes, row, INDEX_COLUMNS));
	report_cell(r->t, RED_BY, part_get(r->indexes, by, INDEX_NAME));
	report_cell(r->t, RED_BY_COLUMNS, theirs ? value_str(theirs) : part_get(r->indexes, by, INDEX_COLUMNS));
	report_cell(r->t, RED_SURE, value_int(mine && theirs));
}

static void add_needless(struct report_section *s, const struct report_input *in, const struct part *indexes)
{
	struct redundant r = {
		.indexes = indexes,
		.exact = bounded(s, in, PART_INDEX_COLUMNS),
		.t = report_table(s, "redundant_indexes", "Indexes that another one contains", redundant_columns,
				  COUNT_OF(redundant_columns)),
	};
	indexes_redundant(indexes, add_redundant, &r);
	if (r.t->n_rows)
		report_advise(s, "Each of them costs writes and room, and answers nothing that the other one does "
				 "not. Make one invisible first (MySQL: ALTER TABLE … ALTER INDEX … INVISIBLE; "
				 "MariaDB: … IGNORED), look for hints that name it, then drop it.");
}

/* --- unused indexes ------------------------------------------------------------------------------------ */

enum { UNUSED_TABLE, UNUSED_INDEX, UNUSED_COLUMNS };
static const struct report_column unused_columns[] = {
	[UNUSED_TABLE] = {.name = "table", .title = "Table"},
	[UNUSED_INDEX] = {.name = "index", .title = "Index"},
	[UNUSED_COLUMNS] = {.name = "columns", .title = "Its columns"},
};

static int find_use(const struct part *use, const char *table, const char *index)
{
	struct buf id = BUF_INIT;
	buf_addf(&id, "%s%s%s", table, index ? "." : "", index ? index : "");
	int row = part_find(use, value_text(buf_str(&id), (uint32_t)id.len));
	buf_release(&id);
	return row;
}

/* The performance schema lists what was not used; userstat what was, and the tables that were. */
static bool is_unused(const struct part *use, const char *table, const char *index)
{
	int row = find_use(use, table, index);
	if (row >= 0)
		return value_integer(part_cell(use, (unsigned)row, "uses"), 1) == 0;
	row = find_use(use, table, NULL);
	return row >= 0 && part_cell(use, (unsigned)row, "index").type == VALUE_ABSENT;
}

static void add_unused(struct report_section *s, const struct report_input *in, const struct part *indexes)
{
	const struct part *use = bounded(s, in, PART_INDEX_USE);
	if (!use)
		return;
	struct report_table *t = report_table(s, "unused_indexes", "Indexes that nobody used", unused_columns,
					      COUNT_OF(unused_columns));
	for (unsigned i = 0; i < part_rows(indexes); i++) {
		const char *table = index_text(indexes, i, INDEX_TABLE);
		const char *name = index_text(indexes, i, INDEX_NAME);
		/* Unique ones guard something, full-text ones are not counted. */
		if (value_integer(part_get(indexes, i, INDEX_TYPE), 1) != 0 || !index_is_users(indexes, i) ||
		    !is_unused(use, table, name))
			continue;
		if (t->n_rows >= MOST_SHOWN) {
			t->cut++;
			continue;
		}
		report_row(t);
		report_cell(t, UNUSED_TABLE, value_str(table));
		report_cell(t, UNUSED_INDEX, value_str(name));
		report_cell(t, UNUSED_COLUMNS, part_get(indexes, i, INDEX_COLUMNS));
	}
	if (!t->n_rows)
		return;
	struct buf up = BUF_INIT;
	unit_duration(&up, in->now->uptime);
	report_note(s, "Not used since the server was started, %s ago%s. What runs once a month, and what replicas "
		    "use, is not in it; an index may also serve a foreign key.", buf_str(&up),
		    in->now->uptime < 7 * 86400 ? ": too short to drop anything by it" : "");
	buf_release(&up);
}

/* --- the section --------------------------------------------------------------------------------------- */

static void build(struct report_section *s, const struct report_input *in)
{
	const struct part *sizes = bounded(s, in, PART_TABLE_SIZES);
	if (sizes) {
		add_sizes(s, sizes, "schema", "schemas", "Schemas by size", 15);
		add_sizes(s, sizes, "table", "tables", "Largest tables", 20);
	}
	add_autoinc(s, in);
	const struct part *indexes = bounded(s, in, PART_INDEXES);
	if (indexes) {
		add_keyless(s, indexes);
		add_needless(s, in, indexes);
		add_unused(s, in, indexes);
	}
	if (indexes && in->now->server.flavor != FLAVOR_MARIADB)
		report_note(s, "Only InnoDB tables are looked at, and of these those on which this account has some "
			    "privilege.");
	else if (indexes)
		report_note(s, "Only InnoDB tables are looked at.");
}

const struct report_builder report_schema = {
	.id = "schema",
	.title = "Schema",
	.needs = PART_BIT(PART_TABLE_SIZES) | PART_BIT(PART_INDEXES) | PART_BIT(PART_INDEX_COLUMNS) |
		 PART_BIT(PART_INDEX_USE) | PART_BIT(PART_AUTOINC_TABLES) | PART_BIT(PART_AUTOINC),
	.build = build,
};
