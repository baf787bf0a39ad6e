/*
 * INNODB_TRX, raw: it feeds `transactions` and all that joins sessions with what they hold. Cheap with few
 * waiters; on MariaDB (and MySQL 5.7) reading it fills a cache with all lock waits too, which takes a tenth of
 * a second with five hundred waiters on one row: then the budget stretches its period. Times in it are the
 * system's, as is our session's time zone.
 */
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/transactions.h"

static const struct field fields[] = {TRX_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"trx", fields, N_TRX_FIELDS, TRANSACTION_SESSION};

static const struct source_column columns[] = {
	{"session", "trx_mysql_thread_id", NULL},
	{"id", "trx_id", NULL},
	{"state", "trx_state", NULL},
	{"age", "TIMESTAMPDIFF(SECOND, trx_started, NOW())", NULL},
	{"started", "UNIX_TIMESTAMP(trx_started)", NULL},
	{"isolation", "trx_isolation_level", NULL},
	{"read_only", "trx_is_read_only", "trx_is_read_only"},
	{"autocommit_read", "trx_autocommit_non_locking", "trx_autocommit_non_locking"},
	{"rows_locked", "trx_rows_locked", NULL},
	{"rows_modified", "trx_rows_modified", NULL},
	{"weight", "trx_weight", NULL},
	{"tables_in_use", "trx_tables_in_use", NULL},
	{"tables_locked", "trx_tables_locked", NULL},
	{"lock_structs", "trx_lock_structs", NULL},
	{"lock_memory", "trx_lock_memory_bytes", NULL},
	{"operation", "NULLIF(trx_operation_state, '')", NULL},
	{"wait_age", "TIMESTAMPDIFF(SECOND, trx_wait_started, NOW())", NULL},
	{"requested_lock", "trx_requested_lock_id", NULL},
	{"query", "LEFT(trx_query, 200)", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.table = "information_schema.INNODB_TRX",
		.columns = columns,
		.stmt = {"transactions", "SELECT %c FROM information_schema.INNODB_TRX", STMT_READ},
		.grant = "PROCESS",
	},
	{0},
};

bool transaction_waits(const struct part *transactions, unsigned row)
{
	return strcmp(value_cstr(part_get(transactions, row, TRANSACTION_STATE)), "LOCK WAIT") == 0;
}

const struct collector trx_collector = {
	.part = PART_TRX,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.most_rows = 10000,
	.feature = "open transactions, idle ones too",
};
