/* Open InnoDB transactions, as INNODB_TRX shows them. */
#ifndef COLLECT_TRANSACTIONS_H
#define COLLECT_TRANSACTIONS_H

#include "collect/collector.h"

#define TRX "INNODB_TRX "
#define TRANSACTION_FIELDS(F) \
	F(SESSION, "session", INT, ID, GAUGE, "Session", \
	  "Connection id of the session; 0 for a prepared XA transaction that has none.", \
	  TRX "trx_mysql_thread_id", "Not 0: nobody will ever end such a transaction by itself.") \
	F(ID, "id", INT, ID, GAUGE, "Trx", \
	  "Transaction number; for one that has changed nothing it means nothing (0 on MariaDB).", \
	  TRX "trx_id", "Grows with each transaction that changes something.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "RUNNING, LOCK WAIT, ROLLING BACK or COMMITTING. RUNNING only means that it is open.", \
	  TRX "trx_state", "") \
	F(AGE, "age", REAL, SECONDS, GAUGE, "Age", "How long it has been open.", TRX "trx_started", \
	  "Seconds. An old one keeps its locks, and purge from removing old row versions.") \
	F(STARTED, "started", INT, WALL, GAUGE, "Started", "When it was begun.", TRX "trx_started", \
	  "Not long ago.") \
	F(ISOLATION, "isolation", TEXT, NONE, GAUGE, "Isolation", "Isolation level.", \
	  TRX "trx_isolation_level", "") \
	F(READ_ONLY, "read_only", INT, BOOL, GAUGE, "Read only", \
	  "Whether it was begun as READ ONLY.", TRX "trx_is_read_only", "Either.") \
	F(PLAIN_READ, "autocommit_read", INT, BOOL, GAUGE, "Plain read", \
	  "A SELECT of its own outside any transaction: it ends with the statement.", \
	  TRX "trx_autocommit_non_locking", "Either.") \
	F(ROWS_LOCKED, "rows_locked", INT, COUNT, GAUGE, "Rows locked", \
	  "Row locks that it holds, about; deleted rows and gaps count too.", TRX "trx_rows_locked", \
	  "About the rows it changes; far more means a missing index.") \
	F(ROWS_MODIFIED, "rows_modified", INT, COUNT, GAUGE, "Rows changed", \
	  "Rows it inserted, changed or deleted: a rollback has to undo them.", \
	  TRX "trx_rows_modified", \
	  "Up to some thousands; a rollback takes about as long as the changes took.") \
	F(WEIGHT, "weight", INT, COUNT, GAUGE, "Weight", \
	  "Locks and changes together: in a deadlock the lightest transaction is rolled back.", \
	  TRX "trx_weight", "Small.") \
	F(TABLES_IN_USE, "tables_in_use", INT, COUNT, GAUGE, "Tables", \
	  "Tables that its running statement uses.", TRX "trx_tables_in_use", "A few.") \
	F(TABLES_LOCKED, "tables_locked", INT, COUNT, GAUGE, "Tables locked", \
	  "Tables in which it holds row locks.", TRX "trx_tables_locked", "A few.") \
	F(LOCK_STRUCTS, "lock_structs", INT, COUNT, GAUGE, "Lock structs", \
	  "Structures that its locks take; one holds all locks of a kind on a page.", \
	  TRX "trx_lock_structs", "Some hundred at most.") \
	F(LOCK_MEMORY, "lock_memory", INT, BYTES, GAUGE, "Lock memory", \
	  "Memory that its locks take.", TRX "trx_lock_memory_bytes", "Some kilobytes.") \
	F(OPERATION, "operation", TEXT, NONE, GAUGE, "Operation", "What InnoDB does for it now.", \
	  TRX "trx_operation_state", "") \
	F(WAIT_AGE, "wait_age", REAL, SECONDS, GAUGE, "Waits since", \
	  "How long it has been waiting for a row lock.", TRX "trx_wait_started", \
	  "Well below innodb_lock_wait_timeout (50 s unless set).") \
	F(REQUESTED_LOCK, "requested_lock", TEXT, NONE, GAUGE, "Wants lock", \
	  "Name of the lock that it waits for.", TRX "trx_requested_lock_id", "") \
	F(QUERY, "query", TEXT, SQL, GAUGE, "Statement", \
	  "Beginning of its running statement; none while its session sleeps.", TRX "trx_query", "")

enum {
#define TRANSACTION_ENUM(id, ...) TRANSACTION_##id,
	TRANSACTION_FIELDS(TRANSACTION_ENUM)
#undef TRANSACTION_ENUM
	N_TRANSACTION_FIELDS,
};

/* Whether it waits for a row lock. */
bool transaction_waits(const struct part *transactions, unsigned row);

#endif
