/*
 * Row locks that somebody waits for, raw. A pile-up of n waiters on one row has n² / 2 pairs of waiter and
 * blocker, and no server gives them cheaply: so neither is asked for all pairs.
 *
 *   MySQL 8 and newer: data_lock_waits is asked for a few waiters by the id of the lock that they want (an
 *   index leads there), the oldest of each record; what holds those up holds up the others too. A row is
 *   one pair: `wanted` and the lock `id` before it.
 *   MariaDB, MySQL 5.7: INNODB_LOCKS lists the locks that take part in waits, once each, from the cache
 *   that INNODB_TRX has just filled. A row is one lock, `wanted` is absent.
 *
 * row_lock_waits.h makes pairs of sessions of it.
 */
#ifndef COLLECT_ROW_LOCKS_H
#define COLLECT_ROW_LOCKS_H

#include "collect/collector.h"

#define ROW_LOCK_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Lock", "Name of the lock.", \
	  "data_lock_waits BLOCKING_ENGINE_LOCK_ID; INNODB_LOCKS lock_id", "") \
	F(WANTED, "wanted", TEXT, NONE, GAUGE, "Waiter", "Name of the lock that waits for it.", \
	  "data_lock_waits REQUESTING_ENGINE_LOCK_ID", "") \
	F(TRX, "trx", INT, ID, GAUGE, "Trx", "Transaction that has it.", \
	  "data_lock_waits BLOCKING_ENGINE_TRANSACTION_ID; INNODB_LOCKS lock_trx_id", "Any.") \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", "Thread that has it.", \
	  "data_lock_waits BLOCKING_THREAD_ID", "Any.") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Table", "Table it is on.", \
	  "data_locks OBJECT_SCHEMA, OBJECT_NAME; INNODB_LOCKS lock_table", "") \
	F(INDEX, "index", TEXT, NONE, GAUGE, "Index", "Index it is on.", \
	  "data_locks INDEX_NAME; INNODB_LOCKS lock_index", "") \
	F(MODE, "mode", TEXT, NONE, GAUGE, "Mode", \
	  "Its mode; of a pair, the mode that is waited for.", \
	  "data_locks LOCK_MODE; INNODB_LOCKS lock_mode", "") \
	F(RECORD, "record", TEXT, NONE, GAUGE, "Record", \
	  "The record: its fields in that index, and the primary key behind them.", \
	  "data_locks LOCK_DATA; INNODB_LOCKS lock_data", "")

enum {
#define ROW_LOCK_ENUM(id, ...) ROW_LOCK_##id,
	ROW_LOCK_FIELDS(ROW_LOCK_ENUM)
#undef ROW_LOCK_ENUM
	N_ROW_LOCK_FIELDS,
};

/* What of a lock's name names the record (or table) itself, the same for all locks on it. The name is
   "transaction:…:space:page:record:address" or shorter; returned borrowed. */
struct value row_lock_place(struct value id);

#endif
