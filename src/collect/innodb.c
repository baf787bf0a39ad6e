/* The few of InnoDB's own counters that status variables do not have on every server. */
#include "base/mem.h"
#include "collect/all.h"

#define INNODB_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Name of the counter.", "INNODB_METRICS NAME", "") \
	F(VALUE, "value", INT, COUNT, COUNTER, "Value", "Its value since the server was started.", \
	  "INNODB_METRICS COUNT", "Depends on the counter.") \
	F(TYPE, "type", TEXT, NONE, GAUGE, "Type", \
	  "value or status_counter: as it is now or as counted elsewhere; counter: counts events.", \
	  "INNODB_METRICS TYPE", "") \
	F(ENABLED, "enabled", INT, BOOL, GAUGE, "On", "Whether it is counted at all.", \
	  "INNODB_METRICS STATUS; MariaDB: ENABLED", "Yes.")

enum {
#define INNODB_ENUM(id, ...) INNODB_##id,
	INNODB_FIELDS(INNODB_ENUM)
#undef INNODB_ENUM
};
static const struct field fields[] = {INNODB_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"innodb", fields, COUNT_OF(fields), INNODB_NAME};

static const struct source_column columns[] = {
	{"name", "NAME", NULL},
	{"value", "COUNT", NULL},
	{"type", "TYPE", NULL},
	{"enabled", "STATUS = 'enabled'", "STATUS"},
	{"enabled", "ENABLED", "ENABLED"},
	{0},
};

/* What is switched off stands at 0, which is not its value. */
static bool is_enabled(const struct answer *a, struct part_builder *b)
{
	(void)a;
	return value_integer(part_peek(b, INNODB_ENABLED), 1) != 0;
}

static const struct source sources[] = {
	{
		.table = "information_schema.INNODB_METRICS",
		.columns = columns,
		.stmt = {"innodb",
			 "SELECT %c FROM information_schema.INNODB_METRICS WHERE NAME IN ("
			 "'trx_rseg_history_len', 'lock_deadlocks', 'lock_timeouts', "
			 "'lock_row_lock_current_waits', 'trx_active_transactions', "
			 "'log_lsn_current', 'log_lsn_last_checkpoint', 'log_lsn_checkpoint_age', "
			 "'purge_del_mark_records', 'purge_invoked', 'buffer_flush_sync', "
			 "'adaptive_hash_searches', 'adaptive_hash_searches_btree')", STMT_READ},
		.grant = "PROCESS",
	},
	{0},
};

const struct collector innodb_collector = {
	.part = PART_INNODB,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.row = is_enabled,
	.feature = "InnoDB: history list, deadlocks",
};
