/*
 * Which indexes nobody has used since the server was started: the performance schema counts all of them;
 * MariaDB's userstat those that were used.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "collect/all.h"

enum { MOST_INDEXES = 5000 };

#define TIW "table_io_waits_summary_by_index_usage "
#define USE_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "Schema, table and index.", TIW "OBJECT_NAME, INDEX_NAME", "") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Table", "Schema and table.", \
	  TIW "OBJECT_SCHEMA, OBJECT_NAME", "") \
	F(INDEX, "index", TEXT, NONE, GAUGE, "Index", \
	  "Name of the index; none: the table as a whole was used (userstat).", TIW "INDEX_NAME", "") \
	F(USES, "uses", INT, COUNT, COUNTER, "Uses", \
	  "Rows that were read or written through it since the server was started.", \
	  TIW "COUNT_STAR; on MariaDB with userstat INDEX_STATISTICS ROWS_READ", \
	  "An index that a whole business cycle did not use costs writes and room for nothing.")

static const struct field fields[] = {USE_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"index_use", fields, COUNT_OF(fields), 0};

static const struct source_column schema_columns[] = {
	{"id", "CONCAT_WS('.', OBJECT_SCHEMA, OBJECT_NAME, INDEX_NAME)", NULL},
	{"table", "CONCAT(OBJECT_SCHEMA, '.', OBJECT_NAME)", NULL},
	{"index", "INDEX_NAME", NULL},
	{"uses", "COUNT_STAR", NULL},
	{0},
};

static bool userstat_on(const struct collect_ctx *ctx)
{
	const struct part *p = ctx->parts[PART_VARIABLES];
	struct value v = p ? part_lookup(p, "userstat") : VALUE_NONE;
	return v.type == VALUE_TEXT ? strcasecmp(v.s, "ON") == 0 : value_integer(v, 0) != 0;
}

static const struct source sources[] = {
	{
		.table = "performance_schema.table_io_waits_summary_by_index_usage",
		.columns = schema_columns,
		.stmt = {"index_use/schema",
			 "SELECT %c FROM performance_schema.table_io_waits_summary_by_index_usage "
			 "WHERE INDEX_NAME IS NOT NULL AND INDEX_NAME <> 'PRIMARY' AND COUNT_STAR = 0 "
			 "AND OBJECT_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema') LIMIT 10000",
			 STMT_READ, 500},
		.grant = "SELECT ON performance_schema.*",
	},
	{
		.flavor = FLAVOR_MARIADB,
		.table = "information_schema.INDEX_STATISTICS",
		.stmt = {"index_use/userstat",
			 "SELECT CONCAT_WS('.', TABLE_SCHEMA, TABLE_NAME, INDEX_NAME) AS id, "
			 "CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS `table`, INDEX_NAME AS `index`, "
			 "ROWS_READ AS uses FROM information_schema.INDEX_STATISTICS UNION ALL "
			 "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), "
			 "NULL, ROWS_READ FROM information_schema.TABLE_STATISTICS LIMIT 10000", STMT_READ, 500},
		.grant = "PROCESS",
		.usable = userstat_on,
		.install = "SET GLOBAL userstat = ON",
	},
	{0},
};

const struct collector index_use_collector = {
	.part = PART_INDEX_USE,
	.cost = COST_DEMAND,
	.schema = &schema,
	.sources = sources,
	.after = PART_BIT(PART_VARIABLES),
	.most_rows = MOST_INDEXES,
	.feature = "indexes that nobody uses",
};
