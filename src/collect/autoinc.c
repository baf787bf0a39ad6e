/*
 * Auto-increment counters, in two steps that open no table which is not open anyway. First the tables that
 * matter: InnoDB's own counters where they are near the end of any type (MariaDB), the tables with most
 * inserts (MySQL, whose list of InnoDB's counters would load every table). Then the columns of these few.
 */
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/innodb_name.h"
#include "collect/join.h"
#include "collect/names.h"

enum { MOST_TABLES = 500 };

/* --- which tables ------------------------------------------------------------------------------------ */

#define TABLE_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "Schema and table.", "INNODB_SYS_TABLESTATS NAME", "") \
	F(DB, "db", TEXT, NONE, GAUGE, "Schema", "Schema of the table.", "INNODB_SYS_TABLESTATS NAME; " \
	  "table_io_waits_summary_by_table OBJECT_SCHEMA", "") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Table", "Name of the table.", "INNODB_SYS_TABLESTATS NAME; " \
	  "table_io_waits_summary_by_table OBJECT_NAME", "") \
	F(VALUE, "value", REAL, COUNT, GAUGE, "Next value", "The value that the next row gets.", \
	  "INNODB_SYS_TABLESTATS AUTOINC (MariaDB)", "Far below the end of the column's type.")

enum { TABLE_ID, TABLE_DB, TABLE_NAME };
static const struct field table_fields[] = {TABLE_FIELDS(SCHEMA_FIELD)};
static const struct schema table_schema = {"autoinc_tables", table_fields, COUNT_OF(table_fields), TABLE_ID};

static void set_id(struct part_builder *b)
{
	struct value db = part_peek(b, TABLE_DB), table = part_peek(b, TABLE_NAME);
	struct buf id = BUF_INIT;
	buf_addf(&id, "%s.%s", value_cstr(db), value_cstr(table));
	part_set_text(b, TABLE_ID, buf_str(&id), id.len);
	buf_release(&id);
}

/* MariaDB gives InnoDB's name, for both of them. */
static bool take_apart(const char *name, size_t len, struct part_builder *b)
{
	struct buf id = BUF_INIT;
	size_t dot;
	bool known = innodb_name(&id, name, len, &dot);
	if (known) {
		part_set_text(b, TABLE_DB, id.s, dot - 1);
		part_set_text(b, TABLE_NAME, id.s + dot, id.len - dot);
	}
	buf_release(&id);
	return known;
}

static bool table_row(const struct answer *a, struct part_builder *b)
{
	unsigned long len;
	const char *name = answer_cell(a, "table", &len);
	bool apart = part_peek(b, TABLE_DB).type != VALUE_ABSENT;
	if (!name || (!apart && !take_apart(name, len, b)))
		return false;
	set_id(b);
	return true;
}

/* From half of the range of any type to its end; `value` is the next one. */
#define NEAR_AN_END \
	"(AUTOINC BETWEEN 64 AND 256 OR AUTOINC BETWEEN 16384 AND 65536 OR " \
	"AUTOINC BETWEEN 4194304 AND 16777216 OR AUTOINC BETWEEN 1073741824 AND 4294967296 OR AUTOINC >= 4611686018427387904)"

static const struct source_column mariadb_tables[] = {
	{"table", "NAME", NULL},
	{"value", "AUTOINC", NULL},
	{0},
};

static const struct source_column mysql_tables[] = {
	{"db", "OBJECT_SCHEMA", NULL},
	{"table", "OBJECT_NAME", NULL},
	{0},
};

static const struct source table_sources[] = {
	{
		.flavor = FLAVOR_MARIADB,
		.table = "information_schema.INNODB_SYS_TABLESTATS",
		.columns = mariadb_tables,
		.stmt = {"autoinc_tables/innodb",
			 "SELECT %c FROM information_schema.INNODB_SYS_TABLESTATS WHERE " NEAR_AN_END
			 " AND NAME NOT LIKE 'mysql/%%' ORDER BY AUTOINC DESC LIMIT 1000", STMT_READ, 500},
		.grant = "PROCESS",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.table_io_waits_summary_by_table",
		.columns = mysql_tables,
		.stmt = {"autoinc_tables/inserts",
			 "SELECT %c FROM performance_schema.table_io_waits_summary_by_table "
			 "WHERE OBJECT_TYPE = 'TABLE' AND COUNT_INSERT > 0 AND OBJECT_SCHEMA NOT IN "
			 "('mysql', 'sys', 'performance_schema', 'information_schema') "
			 "ORDER BY COUNT_INSERT DESC LIMIT 1000", STMT_READ, 250},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector autoinc_tables_collector = {
	.part = PART_AUTOINC_TABLES,
	.cost = COST_RARE,
	.schema = &table_schema,
	.sources = table_sources,
	.row = table_row,
	.most_rows = MOST_TABLES,
	.feature = "tables whose auto-increment columns fill up",
};

/* --- their columns ----------------------------------------------------------------------------------- */

#define ISC "information_schema.COLUMNS "
#define COLUMN_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "Schema and table.", ISC "TABLE_SCHEMA, TABLE_NAME", "") \
	F(COLUMN, "column", TEXT, NONE, GAUGE, "Column", "The auto-increment column.", ISC "COLUMN_NAME", "") \
	F(TYPE, "type", TEXT, NONE, GAUGE, "Type", "Its type.", ISC "COLUMN_TYPE", \
	  "bigint; int unsigned ends at 4,294,967,295.") \
	F(VALUE, "value", REAL, COUNT, GAUGE, "Next value", "The value that the next row gets.", \
	  "information_schema.TABLES AUTO_INCREMENT (MySQL)", "Far below the end of the type.")

static const struct field column_fields[] = {COLUMN_FIELDS(SCHEMA_FIELD)};
static const struct schema column_schema = {"autoinc", column_fields, COUNT_OF(column_fields), 0};

static bool any_tables(const struct collect_ctx *ctx)
{
	const struct part *tables = ctx->parts[PART_AUTOINC_TABLES];
	return join_readable(tables) && part_rows(tables) > 0;
}

static size_t column_args(const struct collect_ctx *ctx, struct stmt_arg out[4], struct buf *keep)
{
	const struct part *tables = ctx->parts[PART_AUTOINC_TABLES];
	struct names schemas = {.n = 0}, names = {.n = 0};
	for (unsigned i = 0; tables && i < part_rows(tables); i++) {
		names_add(&schemas, value_cstr(part_get(tables, i, TABLE_DB)));
		names_add(&names, value_cstr(part_get(tables, i, TABLE_NAME)));
	}
	names_args((const struct names *const[]){&schemas, &names}, out, keep);
	return 2;
}

/* Both sides of the join are told, since MySQL 5.7 would open all tables of the other one. */
static size_t joined_args(const struct collect_ctx *ctx, struct stmt_arg out[4], struct buf *keep)
{
	size_t n = column_args(ctx, out, keep);
	out[n] = out[0];
	out[n + 1] = out[1];
	return n + 2;
}

static const struct source_column mariadb_columns[] = {
	{"id", "CONCAT(TABLE_SCHEMA, '.', TABLE_NAME)", NULL},
	{"column", "COLUMN_NAME", NULL},
	{"type", "COLUMN_TYPE", NULL},
	{0},
};

static const struct source_column mysql_columns[] = {
	{"id", "CONCAT(c.TABLE_SCHEMA, '.', c.TABLE_NAME)", NULL},
	{"column", "c.COLUMN_NAME", NULL},
	{"type", "c.COLUMN_TYPE", NULL},
	{"value", "t.AUTO_INCREMENT", NULL},
	{0},
};

static const struct source column_sources[] = {
	{
		.flavor = FLAVOR_MARIADB,
		.table = "information_schema.COLUMNS",
		.columns = mariadb_columns,
		.stmt = {"autoinc/mariadb",
			 "SELECT %c FROM information_schema.COLUMNS WHERE EXTRA LIKE '%%auto_increment%%' "
			 "AND TABLE_SCHEMA IN (%t) AND TABLE_NAME IN (%t)", STMT_READ, 500},
		.args = column_args,
	},
	{
		.flavor = FLAVOR_MYSQL,
		.table = "information_schema.COLUMNS",
		.columns = mysql_columns,
		.stmt = {"autoinc/mysql",
			 "SELECT %c FROM information_schema.COLUMNS c JOIN information_schema.TABLES t "
			 "USING (TABLE_SCHEMA, TABLE_NAME) WHERE c.EXTRA LIKE '%%auto_increment%%' "
			 "AND c.TABLE_SCHEMA IN (%t) AND c.TABLE_NAME IN (%t) "
			 "AND t.TABLE_SCHEMA IN (%t) AND t.TABLE_NAME IN (%t)", STMT_READ, 500},
		.args = joined_args,
	},
	{0},
};

const struct collector autoinc_collector = {
	.part = PART_AUTOINC,
	.cost = COST_RARE,
	.schema = &column_schema,
	.sources = column_sources,
	.gate = any_tables,
	.after = PART_BIT(PART_AUTOINC_TABLES),
	.most_rows = 4 * MOST_TABLES,
	.feature = "auto-increment columns and their types",
};
