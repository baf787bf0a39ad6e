/*
 * The largest tables, by the statistics that InnoDB keeps of them in a table: reading these opens no other.
 */
#include "base/mem.h"
#include "collect/all.h"

enum { MOST_TABLES = 100 };

#define ITS "mysql.innodb_table_stats "
#define SIZE_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "Schema and table, or the schema of a total.", \
	  ITS "database_name, table_name", "") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", "table: one table; schema: all of a schema together.", \
	  "made here", "") \
	F(TABLES, "tables", INT, COUNT, GAUGE, "Tables", \
	  "How many tables that is, partitions counted singly.", \
	  ITS "COUNT(*)", "1; as many as there are partitions.") \
	F(ROWS, "rows", INT, COUNT, GAUGE, "Rows", "How many rows, estimated.", ITS "n_rows", \
	  "An estimate that may be off by half.") \
	F(DATA, "data", INT, BYTES, GAUGE, "Data", "Size of the clustered index: the rows.", \
	  ITS "clustered_index_size", "What is usual; one that outgrows all others is worth a look.") \
	F(INDEX, "indexes", INT, BYTES, GAUGE, "Indexes", "Size of the other indexes.", \
	  ITS "sum_of_other_index_sizes", "Less than the data, mostly.") \
	F(UPDATED, "updated", INT, WALL, GAUGE, "As of", "When these numbers were last taken.", \
	  ITS "last_update", "Since about a tenth of the rows has changed.")

static const struct field fields[] = {SIZE_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"table_sizes", fields, COUNT_OF(fields), 0};

#define SUMS \
	"COUNT(*) AS tables, SUM(n_rows) AS `rows`, SUM(clustered_index_size) * @@innodb_page_size AS data, " \
	"SUM(sum_of_other_index_sizes) * @@innodb_page_size AS indexes, " \
	"UNIX_TIMESTAMP(MIN(last_update)) AS updated FROM mysql.innodb_table_stats "
#define LARGEST " ORDER BY SUM(clustered_index_size + sum_of_other_index_sizes) DESC LIMIT 50"
#define WHOLE_TABLE "SUBSTRING_INDEX(SUBSTRING_INDEX(table_name, '#P#', 1), '#p#', 1)"

static const struct source sources[] = {
	{
		.table = "mysql.innodb_table_stats",
		.stmt = {"table_sizes",
			 "SELECT * FROM (SELECT 'schema' AS kind, database_name AS id, " SUMS
			 "GROUP BY database_name" LARGEST ") s UNION ALL "
			 "SELECT * FROM (SELECT 'table', CONCAT(database_name, '.', " WHOLE_TABLE ") AS id, " SUMS
			 "GROUP BY database_name, " WHOLE_TABLE LARGEST ") t",
			 STMT_READ, 1000},
		.grant = "SELECT ON mysql.innodb_table_stats",
	},
	{0},
};

const struct collector table_sizes_collector = {
	.part = PART_TABLE_SIZES,
	.cost = COST_DEMAND,
	.schema = &schema,
	.sources = sources,
	.most_rows = MOST_TABLES,
	.feature = "the largest tables",
};
