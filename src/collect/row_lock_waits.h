/*
 * Who waits for whose row lock: pairs of sessions. The blocker is who has the lock, not who is ahead in the
 * queue for it, unless nobody that has it stands in the way.
 */
#ifndef COLLECT_ROW_LOCK_WAITS_H
#define COLLECT_ROW_LOCK_WAITS_H

#include "collect/collector.h"

#define ROW_LOCK_WAIT_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Pair", "Waiter and blocker.", "The two ids", "") \
	F(WAITER, "waiter", INT, ID, GAUGE, "Waiter", "Session that waits.", \
	  "INNODB_TRX trx_mysql_thread_id", "No rows at all.") \
	F(BLOCKER, "blocker", INT, ID, GAUGE, "Blocker", \
	  "Session that has the lock; none for a prepared XA transaction without a session.", \
	  "data_lock_waits BLOCKING_THREAD_ID; INNODB_LOCKS lock_trx_id", "No rows at all.") \
	F(AGE, "wait_age", REAL, SECONDS, GAUGE, "Waits since", "How long it has been waiting.", \
	  "INNODB_TRX trx_wait_started", "Well below innodb_lock_wait_timeout (50 s unless set).") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Table", "Table of the row.", \
	  "data_locks OBJECT_SCHEMA, OBJECT_NAME; INNODB_LOCKS lock_table", "") \
	F(INDEX, "index", TEXT, NONE, GAUGE, "Index", "Index in which the row is locked.", \
	  "data_locks INDEX_NAME; INNODB_LOCKS lock_index", "") \
	F(MODE, "mode", TEXT, NONE, GAUGE, "Mode", \
	  "Mode that is waited for: S to read, X to change; GAP between rows.", \
	  "data_locks LOCK_MODE; INNODB_LOCKS lock_mode", "") \
	F(WAITER_TRX, "waiter_trx", INT, ID, GAUGE, "Waiter's trx", "Transaction that waits.", \
	  "INNODB_TRX trx_id", "Any.") \
	F(BLOCKER_TRX, "blocker_trx", INT, ID, GAUGE, "Blocker's trx", "Transaction that has the lock.", \
	  "data_lock_waits BLOCKING_ENGINE_TRANSACTION_ID; INNODB_LOCKS lock_trx_id", "Any.") \
	F(RECORD, "record", TEXT, NONE, GAUGE, "Record", \
	  "The record that is waited for: its fields in that index, and the primary key behind them. " \
	  "`supremum pseudo-record` is the gap behind the last one.", \
	  "data_locks LOCK_DATA; INNODB_LOCKS lock_data", "")

enum {
#define ROW_LOCK_WAIT_ENUM(id, ...) ROW_LOCK_WAIT_##id,
	ROW_LOCK_WAIT_FIELDS(ROW_LOCK_WAIT_ENUM)
#undef ROW_LOCK_WAIT_ENUM
	N_ROW_LOCK_WAIT_FIELDS,
};

#endif
