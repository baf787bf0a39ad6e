/*
 * Who blocks whom, whatever the lock: one row for each waiter and each session (or prepared XA
 * transaction) that it waits for. What diagnose/blocktree.h makes a tree of.
 *
 * Where the server does not show who holds a lock, the sessions that could are rows with `suspect` set.
 * With nobody to suspect the waiter has one row without blocker.
 */
#ifndef COLLECT_BLOCKING_H
#define COLLECT_BLOCKING_H

#include "collect/collector.h"

#define BLOCKING_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Pair", "Waiter and blocker.", "The two ids", "") \
	F(WAITER, "waiter", INT, ID, GAUGE, "Waiter", "Session that waits.", \
	  "Lock waits, metadata locks, states", "No rows at all.") \
	F(BLOCKER, "blocker", INT, ID, GAUGE, "Blocker", \
	  "Session that it waits for; none where the server does not show it.", \
	  "Lock waits, metadata locks", "No rows at all.") \
	F(BLOCKER_TRX, "blocker_trx", INT, ID, GAUGE, "Blocker's trx", \
	  "A prepared XA transaction that no session has: it holds the lock.", \
	  "INNODB_TRX with session 0", "No such transactions.") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", \
	  "What is waited for: row lock, metadata lock, table lock, global read lock, backup lock, " \
	  "user lock, table flush; of a commit: commit ack (a semi-synchronous replica's), group commit, " \
	  "flow control, commit order (of a replica's workers).", "Where the wait was seen; the session's state", "") \
	F(AGE, "wait_age", REAL, SECONDS, GAUGE, "Waits since", "How long it has been waiting.", \
	  "INNODB_TRX trx_wait_started; the statement's time for others", \
	  "Well below innodb_lock_wait_timeout (50 s unless set).") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Lock on", "Table (or other thing) that is locked.", \
	  "data_locks, INNODB_LOCKS, metadata_locks", "") \
	F(INDEX, "index", TEXT, NONE, GAUGE, "Index", "Index of the row.", "data_locks, INNODB_LOCKS", "") \
	F(MODE, "mode", TEXT, NONE, GAUGE, "Mode", "Mode that is waited for.", \
	  "data_locks, INNODB_LOCKS, metadata_locks", "") \
	F(SUSPECT, "suspect", INT, BOOL, GAUGE, "Suspect", \
	  "Whether the blocker is only suspected: the server does not show who holds the lock, and " \
	  "this session could, for it was busy before the wait began.", \
	  "Open transactions", "No.") \
	F(XID, "xid", TEXT, NONE, GAUGE, "Blocker's xid", \
	  "Name of the prepared XA transaction, where it is known: XA COMMIT and XA ROLLBACK take it.", \
	  "XA RECOVER", "No such transactions.") \
	F(RECORD, "record", TEXT, NONE, GAUGE, "Record", \
	  "The record that is waited for: its fields in that index, and the primary key behind them. " \
	  "`supremum pseudo-record` is the gap behind the last one.", \
	  "data_locks LOCK_DATA; INNODB_LOCKS lock_data", "")

enum {
#define BLOCKING_ENUM(id, ...) BLOCKING_##id,
	BLOCKING_FIELDS(BLOCKING_ENUM)
#undef BLOCKING_ENUM
	N_BLOCKING_FIELDS,
};

#endif
