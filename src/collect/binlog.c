/* Where the binary log ends. No row while it is off. */
#include "base/mem.h"
#include "collect/all.h"

#define BINLOG_FIELDS(F) \
	F(FILE, "file", TEXT, NONE, GAUGE, "File", "The newest binary log file.", \
	  "SHOW BINARY LOG STATUS: File", "") \
	F(POSITION, "position", INT, BYTES, COUNTER, "Position", "Where that file ends.", \
	  "SHOW BINARY LOG STATUS: Position", "Grows to max_binlog_size, then a new file begins.") \
	F(GTID_EXECUTED, "gtid_executed", TEXT, NONE, GAUGE, "GTIDs", \
	  "All transactions that this server has executed.", \
	  "SHOW BINARY LOG STATUS: Executed_Gtid_Set (MySQL)", "")

static const struct field fields[] = {BINLOG_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"binlog", fields, COUNT_OF(fields), 0};

static const struct source_column columns[] = {
	{"file", "File", NULL},
	{"position", "Position", NULL},
	{"gtid_executed", "Executed_Gtid_Set", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"binlog/mysql", "SHOW BINARY LOG STATUS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"binlog/mysql-master", "SHOW MASTER STATUS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{
		.flavor = FLAVOR_MARIADB,
		.columns = columns,
		.stmt = {"binlog/mariadb", "SHOW MASTER STATUS", STMT_READ},
		.grant = "BINLOG MONITOR",
	},
	{0},
};

const struct collector binlog_collector = {
	.part = PART_BINLOG,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.feature = "position in the binary log",
};
