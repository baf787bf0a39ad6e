#include "collect/indexes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/innodb_name.h"
#include "collect/join.h"
#include "collect/names.h"

enum { MOST_INDEXES = 20000 };

static const struct field fields[] = {INDEX_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"indexes", fields, COUNT_OF(fields), INDEX_ID};

/* InnoDB's lists give its own names and numbers; MySQL's views plain names and none. */
static bool index_row(const struct answer *a, struct part_builder *b)
{
	unsigned long len;
	const char *name = answer_cell(a, "table", &len);
	if (part_peek(b, INDEX_ID).type == VALUE_ABSENT) {
		part_set(b, INDEX_ID, value_int((int64_t)part_builder_rows(b) + 1));
		return name != NULL;
	}
	struct buf table = BUF_INIT;
	bool known = name && innodb_name(&table, name, len, NULL);
	if (known)
		part_set_text(b, INDEX_TABLE, table.s, table.len);
	buf_release(&table);
	return known;
}

/* One pass over each of the three lists: joined by name they would take the server hundreds of ms. */
static const struct source_column sys_columns[] = {
	{"id", "i.id", NULL},
	{"table", "t.name", NULL},
	{"name", "i.name", NULL},
	{"type", "i.type", NULL},
	{"columns", "i.parts", NULL},
	{0},
};
#define SYS_LIST \
	"SELECT %c FROM (SELECT id, MAX(name) AS name, MAX(parent) AS parent, MAX(type) AS type, " \
	"GROUP_CONCAT(part ORDER BY pos SEPARATOR ', ') AS parts FROM (" \
	"SELECT INDEX_ID AS id, NAME AS name, TABLE_ID AS parent, TYPE AS type, NULL AS part, " \
	"NULL AS pos FROM information_schema.INNODB_SYS_INDEXES UNION ALL " \
	"SELECT INDEX_ID, NULL, NULL, NULL, NAME, POS FROM information_schema.INNODB_SYS_FIELDS) u " \
	"GROUP BY id) i JOIN (SELECT TABLE_ID AS id, NAME AS name " \
	"FROM information_schema.INNODB_SYS_TABLES LIMIT 1000000) t ON t.id = i.parent"

/* From MySQL 8 on InnoDB's lists load each table anew where the cache does not hold them all: seconds. The
   data dictionary's views do not, as long as no number that is estimated is asked for. */
#define SCHEMAS "NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema') "
#define EXACT_COLUMNS \
	"GROUP_CONCAT(CONCAT(IFNULL(COLUMN_NAME, '(expression)'), " \
	"IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')), IF(COLLATION = 'D', ' DESC', '')) " \
	"ORDER BY SEQ_IN_INDEX SEPARATOR ', ')"
static const struct source_column view_columns[] = {
	{"table", "CONCAT(db, '.', tab)", NULL},
	{"name", "name", NULL},
	{"type", "type", NULL},
	{"columns", "parts", NULL},
	{0},
};
#define VIEW_LIST \
	"SELECT %c FROM (SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, INDEX_NAME AS name, " \
	"CASE WHEN INDEX_NAME = 'PRIMARY' THEN 3 WHEN MAX(INDEX_TYPE) = 'FULLTEXT' THEN 32 " \
	"WHEN MAX(INDEX_TYPE) = 'SPATIAL' THEN 64 ELSE 2 * (1 - MAX(NON_UNIQUE)) END AS type, " \
	EXACT_COLUMNS " AS parts FROM information_schema.STATISTICS WHERE TABLE_SCHEMA " SCHEMAS \
	"GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME UNION ALL " \
	"SELECT t.TABLE_SCHEMA, t.TABLE_NAME, 'GEN_CLUST_INDEX', 1, NULL FROM information_schema.TABLES t " \
	"LEFT JOIN (SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 " \
	"AND TABLE_SCHEMA " SCHEMAS "GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME HAVING MAX(NULLABLE) = '') k " \
	"USING (TABLE_SCHEMA, TABLE_NAME) WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.ENGINE = 'InnoDB' " \
	"AND t.TABLE_SCHEMA " SCHEMAS "AND k.TABLE_NAME IS NULL) i"

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.table = "information_schema.INNODB_FIELDS", /* not there before MySQL 8 */
		.columns = view_columns,
		.stmt = {"indexes/views", VIEW_LIST, STMT_READ, 1500},
		.grant = "PROCESS",
	},
	{
		.table = "information_schema.INNODB_SYS_INDEXES",
		.columns = sys_columns,
		.stmt = {"indexes/sys", SYS_LIST, STMT_READ, 1500},
		.grant = "PROCESS",
	},
	{0},
};

const struct collector indexes_collector = {
	.part = PART_INDEXES,
	.cost = COST_DEMAND,
	.schema = &schema,
	.sources = sources,
	.row = index_row,
	.most_rows = MOST_INDEXES,
	.feature = "indexes: tables without a primary key, indexes that repeat others",
};

/* --- which are needless ------------------------------------------------------------------------------ */

static const char *text(const struct part *p, unsigned row, enum index_field f)
{
	return value_cstr(part_get(p, row, f));
}

bool index_is_users(const struct part *indexes, unsigned row)
{
	static const char *const own[] = {"mysql.", "sys.", "performance_schema.", "information_schema."};
	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (strncmp(text(indexes, row, INDEX_TABLE), own[i], strlen(own[i])) == 0)
			return false;
	return true;
}

static int64_t type_of(const struct part *p, unsigned row)
{
	return value_integer(part_get(p, row, INDEX_TYPE), -1);
}

/* Whether `list` begins with all columns of `first`. */
static bool begins_with(const char *list, const char *first)
{
	size_t n = strlen(first);
	return n && strncmp(list, first, n) == 0 && (!list[n] || strncmp(list + n, ", ", 2) == 0);
}

static bool needless(const struct part *p, unsigned row, unsigned by)
{
	const char *mine = text(p, row, INDEX_COLUMNS), *theirs = text(p, by, INDEX_COLUMNS);
	int64_t type = type_of(p, row), other = type_of(p, by);
	bool equal = strcmp(mine, theirs) == 0;
	if (row == by || type < 0 || other < 0 || type > INDEX_UNIQUE || other > INDEX_PRIMARY ||
	    type == INDEX_CLUSTERED || other == INDEX_CLUSTERED || !begins_with(theirs, mine))
		return false;
	if (type == INDEX_UNIQUE)
		return equal && (other == INDEX_PRIMARY || (other == INDEX_UNIQUE && by < row));
	return !equal || other != 0 || by < row;
}

struct order {
	const struct part *part;
	unsigned row;
};

static int by_table(const void *a, const void *b)
{
	const struct order *x = a, *y = b;
	int c = strcmp(text(x->part, x->row, INDEX_TABLE), text(y->part, y->row, INDEX_TABLE));
	return c ? c : (x->row > y->row) - (x->row < y->row);
}

enum { MOST_OF_TABLE = 128 }; /* servers allow 64 and a primary key */

/* The rows of a table's indexes, each once: partitions have all of them each. */
static size_t distinct(const struct order *group, size_t n, unsigned rows[MOST_OF_TABLE])
{
	size_t found = 0;
	for (size_t i = 0; i < n && found < MOST_OF_TABLE; i++) {
		const char *name = text(group->part, group[i].row, INDEX_NAME);
		size_t k = 0;
		while (k < found && strcmp(text(group->part, rows[k], INDEX_NAME), name) != 0)
			k++;
		if (k == found)
			rows[found++] = group[i].row;
	}
	return found;
}

static void each_of_table(const struct order *group, size_t n,
			  void (*f)(unsigned row, unsigned by, void *arg), void *arg)
{
	unsigned rows[MOST_OF_TABLE];
	n = distinct(group, n, rows);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (needless(group->part, rows[i], rows[k])) {
				f(rows[i], rows[k], arg);
				break;
			}
}

void indexes_redundant(const struct part *indexes,
		       void (*f)(unsigned row, unsigned by, void *arg), void *arg)
{
	unsigned n = join_readable(indexes) ? part_rows(indexes) : 0;
	struct order *all = xcalloc(n + 1, sizeof *all);
	for (unsigned i = 0; i < n; i++)
		all[i] = (struct order){indexes, i};
	qsort(all, n, sizeof *all, by_table);
	for (size_t i = 0, end; i < n; i = end) {
		const char *table = text(indexes, all[i].row, INDEX_TABLE);
		for (end = i + 1; end < n; end++)
			if (strcmp(text(indexes, all[end].row, INDEX_TABLE), table) != 0)
				break;
		if (index_is_users(indexes, all[i].row))
			each_of_table(all + i, end - i, f, arg);
	}
	free(all);
}

/* --- prefixes and directions ------------------------------------------------------------------------- */

#define ISS "information_schema.STATISTICS "
#define COLUMN_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "Schema, table and index.", ISS "TABLE_NAME, INDEX_NAME", "") \
	F(COLUMNS, "columns", TEXT, NONE, GAUGE, "Columns", \
	  "Its columns with what the dictionary leaves out: the length of a prefix, DESC.", \
	  ISS "COLUMN_NAME, SUB_PART, COLLATION", "")

static const struct field column_fields[] = {COLUMN_FIELDS(SCHEMA_FIELD)};
static const struct schema column_schema = {"index_columns", column_fields, COUNT_OF(column_fields), 0};

struct suspects {
	const struct part *indexes;
	struct names schemas, tables; /* of schemas, the name of one of their tables */
};

static void note_suspect(unsigned row, unsigned by, void *arg)
{
	struct suspects *s = arg;
	const char *table = text(s->indexes, row, INDEX_TABLE), *dot = strchr(table, '.');
	(void)by;
	if (!dot)
		return;
	/* A schema with a dot in its name is asked for under a wrong one, and not found. */
	names_add(&s->tables, dot + 1);
	for (size_t i = 0; i < s->schemas.n; i++)
		if (strncmp(s->schemas.at[i], table, (size_t)(dot - table)) == 0 &&
		    s->schemas.at[i][dot - table] == '.')
			return;
	names_add(&s->schemas, table);
}

static bool any_suspect(const struct collect_ctx *ctx)
{
	struct suspects s = {.indexes = ctx->parts[PART_INDEXES]};
	indexes_redundant(s.indexes, note_suspect, &s);
	return s.tables.n > 0;
}

static size_t column_args(const struct collect_ctx *ctx, struct stmt_arg out[4], struct buf *keep)
{
	struct suspects s = {.indexes = ctx->parts[PART_INDEXES]};
	char *names[NAMES_MOST];
	indexes_redundant(s.indexes, note_suspect, &s);
	for (size_t i = 0; i < s.schemas.n; i++)
		s.schemas.at[i] = names[i] = xstrndup(s.schemas.at[i], strcspn(s.schemas.at[i], "."));
	names_args((const struct names *const[]){&s.schemas, &s.tables}, out, keep);
	for (size_t i = 0; i < s.schemas.n; i++)
		free(names[i]);
	return 2;
}

static const struct source_column exact_columns[] = {
	{"id", "CONCAT_WS('.', TABLE_SCHEMA, TABLE_NAME, INDEX_NAME)", NULL},
	{"columns", EXACT_COLUMNS, NULL},
	{0},
};

static const struct source column_sources[] = {
	{
		.table = "information_schema.STATISTICS",
		.columns = exact_columns,
		.stmt = {"index_columns",
			 "SELECT %c FROM information_schema.STATISTICS WHERE TABLE_SCHEMA IN (%t) "
			 "AND TABLE_NAME IN (%t) GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME",
			 STMT_READ, 500},
		.args = column_args,
	},
	{0},
};

const struct collector index_columns_collector = {
	.part = PART_INDEX_COLUMNS,
	.cost = COST_DEMAND,
	.schema = &column_schema,
	.sources = column_sources,
	.gate = any_suspect,
	.after = PART_BIT(PART_INDEXES),
	.most_rows = 4000,
	.feature = "indexes that repeat others, to the letter",
};

const char *index_exact_columns(const struct part *exact, const char *table, const char *index)
{
	struct buf id = BUF_INIT;
	if (!join_readable(exact))
		return NULL;
	buf_addf(&id, "%s.%s", table, index);
	int row = part_find(exact, value_text(buf_str(&id), (uint32_t)id.len));
	buf_release(&id);
	return row < 0 ? NULL : value_cstr(part_get(exact, (unsigned)row, 1));
}
