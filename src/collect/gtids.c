/* The GTIDs of this server as a whole: feeds `binlog`. */
#include "base/mem.h"
#include "collect/all.h"

#define GTIDS_FIELDS(F) \
	F(EXECUTED, "gtid_executed", TEXT, NONE, GAUGE, "GTIDs", \
	  "Transactions that this server has executed.", \
	  "gtid_executed; MariaDB: gtid_current_pos", "") \
	F(PURGED, "gtid_purged", TEXT, NONE, GAUGE, "GTIDs purged", \
	  "Transactions that are in no binary log file any more.", "gtid_purged", "") \
	F(STATE, "gtid_state", TEXT, NONE, GAUGE, "GTID state", \
	  "Newest transaction of each domain and server in the binary log.", \
	  "gtid_binlog_state (MariaDB)", "")

enum { EXECUTED };
static const struct field fields[] = {GTIDS_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"gtids", fields, COUNT_OF(fields), EXECUTED};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.stmt = {"gtids/mysql", "SELECT @@GLOBAL.gtid_executed AS gtid_executed, "
			 "@@GLOBAL.gtid_purged AS gtid_purged", STMT_READ},
	},
	{
		.flavor = FLAVOR_MARIADB,
		.stmt = {"gtids/mariadb", "SELECT @@GLOBAL.gtid_current_pos AS gtid_executed, "
			 "@@GLOBAL.gtid_binlog_state AS gtid_state", STMT_READ},
	},
	{0},
};

const struct collector gtids_collector = {
	.part = PART_GTIDS,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.feature = "GTIDs of this server",
};
