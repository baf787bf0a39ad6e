/*
 * Tablespaces: how many there are of each type, and the largest. The server asks the file system about
 * each file, so this is read seldom, and not at all where there are very many.
 */
#include "base/mem.h"
#include "collect/all.h"

#define ITS "INNODB_TABLESPACES "
#define SPACE_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "Number of the tablespace; of totals, their type.", ITS "SPACE", "") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", \
	  "total: all tablespaces of a type together; space: one, of the largest.", "made here", "") \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Name of the tablespace, mostly schema and table.", \
	  ITS "NAME", "") \
	F(TYPE, "type", TEXT, NONE, GAUGE, "Type", \
	  "table: of one table; general: of several; undo; system; temporary.", ITS "SPACE_TYPE, NAME", "") \
	F(COUNT, "count", INT, COUNT, GAUGE, "Number", "How many tablespaces there are of the type.", \
	  "made here", "As many as there are tables, where innodb_file_per_table is on.") \
	F(SIZE, "size", INT, BYTES, GAUGE, "Size", "Size of the file as it says.", ITS "FILE_SIZE", \
	  "Undo tablespaces: around innodb_max_undo_log_size where they are truncated. One that grows " \
	  "without end has an old transaction behind it.") \
	F(ALLOCATED, "allocated", INT, BYTES, GAUGE, "On disk", \
	  "What it takes on the disk: less than its size when it has holes.", ITS "ALLOCATED_SIZE", \
	  "About the size; less for compressed tables.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "Of undo tablespaces: active, inactive (being emptied for truncation) or empty (truncated).", \
	  ITS "STATE", "normal; active for undo.") \
	F(ROW_FORMAT, "row_format", TEXT, NONE, GAUGE, "Row format", "Row format of its table.", \
	  ITS "ROW_FORMAT", "Dynamic.") \
	F(ENCRYPTION, "encryption", TEXT, NONE, GAUGE, "Encrypted", "Whether it is encrypted: Y or N.", \
	  ITS "ENCRYPTION", "")

enum { SPACE_ID = 0 };
static const struct field fields[] = {SPACE_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"innodb_spaces", fields, COUNT_OF(fields), SPACE_ID};

/* With that many files it would take the server seconds. */
static bool not_too_many(const struct collect_ctx *ctx)
{
	enum { TOO_MANY = 10000 };
	const struct part *status = ctx->parts[PART_STATUS];
	return value_number(status ? part_lookup(status, "Innodb_num_open_files") : VALUE_NONE, 0) < TOO_MANY;
}
#define TOO_DEAR \
	"InnoDB has more than 10,000 files open: asking for the size of each would cost too much"

#define TYPE \
	"CASE WHEN NAME LIKE 'innodb_undo%%' OR NAME LIKE '%%.ibu' THEN 'undo' " \
	"WHEN NAME = 'innodb_temporary' THEN 'temporary' WHEN NAME = 'innodb_system' THEN 'system' "
#define TYPE_ELSE TYPE "ELSE 'table' END"

static const struct source sources[] = {
	{
		.table = "information_schema.INNODB_TABLESPACES",
		.stmt = {"innodb_spaces/mysql",
			 "SELECT * FROM (WITH s AS (SELECT SPACE AS id, NAME AS name, " TYPE
			 "WHEN SPACE_TYPE = 'Undo' THEN 'undo' WHEN SPACE_TYPE = 'General' THEN 'general' "
			 "WHEN SPACE_TYPE = 'System' THEN 'system' ELSE 'table' END AS type, "
			 "FILE_SIZE AS size, ALLOCATED_SIZE AS allocated, STATE AS state, "
			 "ROW_FORMAT AS row_format, ENCRYPTION AS encryption "
			 "FROM information_schema.INNODB_TABLESPACES) "
			 "SELECT 'total' AS kind, type AS id, NULL AS name, type, COUNT(*) AS count, "
			 "SUM(size) AS size, SUM(allocated) AS allocated, NULL AS state, NULL AS row_format, "
			 "NULL AS encryption FROM s GROUP BY type UNION ALL "
			 "SELECT 'space', t.id, t.name, t.type, NULL, t.size, t.allocated, t.state, t.row_format, "
			 "t.encryption FROM (SELECT * FROM s ORDER BY type = 'undo' DESC, size DESC LIMIT 60) t) x",
			 STMT_READ},
		.grant = "PROCESS",
		.usable = not_too_many,
	},
	{
		.table = "information_schema.INNODB_SYS_TABLESPACES",
		.stmt = {"innodb_spaces/sys",
			 "SELECT 'total' AS kind, t.type AS id, NULL AS name, t.type AS type, COUNT(*) AS count, "
			 "SUM(t.FILE_SIZE) AS size, SUM(t.ALLOCATED_SIZE) AS allocated, NULL AS row_format "
			 "FROM (SELECT " TYPE_ELSE " AS type, FILE_SIZE, ALLOCATED_SIZE "
			 "FROM information_schema.INNODB_SYS_TABLESPACES) t GROUP BY t.type UNION ALL "
			 "SELECT * FROM (SELECT 'space' AS kind, SPACE, NAME, " TYPE_ELSE " AS type, NULL AS count, "
			 "FILE_SIZE AS size, ALLOCATED_SIZE, ROW_FORMAT "
			 "FROM information_schema.INNODB_SYS_TABLESPACES "
			 "ORDER BY type = 'undo' DESC, FILE_SIZE DESC LIMIT 60) s", STMT_READ},
		.grant = "PROCESS",
		.usable = not_too_many,
		.install = TOO_DEAR,
	},
	{0},
};

const struct collector innodb_spaces_collector = {
	.part = PART_INNODB_SPACES,
	.cost = COST_RARE,
	.schema = &schema,
	.sources = sources,
	.feature = "InnoDB: tablespaces and their sizes",
};
