/*
 * Open InnoDB transactions. The part `trx` is INNODB_TRX as it is read; `transactions` is what people see: that
 * joined with its session, the xid of one that was prepared and has no session, and who holds purge back.
 * The fields of the first are the first fields of the second.
 */
#ifndef COLLECT_TRANSACTIONS_H
#define COLLECT_TRANSACTIONS_H

#include "collect/collector.h"

#define TRX "INNODB_TRX "
#define TRX_FIELDS(F) \
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
	  "Rows it inserted, changed or deleted: as many undo records, which a rollback has to apply.", \
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

#define SEIS_VIEW "SHOW ENGINE INNODB STATUS, while somebody looks at transactions"
#define TRANSACTION_FIELDS(F) \
	TRX_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Transaction", \
	  "The session that has it, or the xid of one that was prepared and has none.", \
	  TRX "trx_mysql_thread_id; XA RECOVER", "") \
	F(XID, "xid", TEXT, NONE, GAUGE, "Xid", \
	  "Of a prepared XA transaction without a session: what XA COMMIT and XA ROLLBACK take. Where several " \
	  "are there, the server does not tell whose is which: then only what came while fathom watched has one.", \
	  "XA RECOVER", "None. Only its coordinator knows whether it is to be committed.") \
	F(PREPARED, "prepared", INT, BOOL, GAUGE, "Prepared", \
	  "Whether it is a prepared XA transaction that no session has.", \
	  TRX "trx_mysql_thread_id; XA RECOVER", "No.") \
	F(USER, "user", TEXT, NONE, GAUGE, "User", "Account name of the session.", "Sessions", "") \
	F(HOST, "host", TEXT, NONE, GAUGE, "Host", "The client's host.", "Sessions", "") \
	F(DB, "db", TEXT, NONE, GAUGE, "Schema", "Default schema of the session.", "Sessions", "") \
	F(DOES, "does", TEXT, NONE, GAUGE, "Does", \
	  "What its session does: idle in transaction, what it waits for and for whom, or the server's state.", \
	  "Sessions", "Not idle for long.") \
	F(STATEMENTS, "statements", INT, COUNT, GAUGE, "Stmts", \
	  "Statements in it so far that the server remembers: 10 of a session unless set otherwise, so 10 " \
	  "means 10 or more.", \
	  "events_transactions_current, events_statements_history", "A few.") \
	F(LAST, "last_statement", TEXT, SQL, GAUGE, "Last statement", \
	  "What its session runs, or ran last.", "Sessions", "") \
	F(VIEW, "read_view", INT, ID, GAUGE, "Read view", \
	  "It sees what transactions below this number have changed: the lower, the older its view.", \
	  SEIS_VIEW, "None between the statements of READ COMMITTED.") \
	F(VIEW_AGE, "view_age", REAL, SECONDS, GAUGE, "View age", \
	  "For how long its read view has been open, at most: the server does not tell when it was opened; " \
	  "fathom knows it better of views that were opened while it watched.", \
	  SEIS_VIEW, "Seconds. Purge keeps every row version that a view may want.") \
	F(PURGE, "holds_purge", TEXT, NONE, GAUGE, "Purge", \
	  "Whether its read view is the oldest there is: purge can remove nothing that is newer. `likely`: MySQL's " \
	  "text leaves out transactions that have changed nothing; one that has read in REPEATABLE READ has a " \
	  "view all the same.", \
	  SEIS_VIEW, "Some transaction always is; one of hours makes the history list grow.")

enum {
#define TRANSACTION_ENUM(id, ...) TRANSACTION_##id,
	TRANSACTION_FIELDS(TRANSACTION_ENUM)
#undef TRANSACTION_ENUM
	N_TRANSACTION_FIELDS,
	N_TRX_FIELDS = TRANSACTION_NAME,
};

/* "yes", "likely" or "no"; NULL where it is not known. */
const char *transaction_holds_purge(const struct part *transactions, unsigned row);
/* Whether it waits for a row lock. Of either part. */
bool transaction_waits(const struct part *transactions, unsigned row);
/* Of a row of `transactions`: it is prepared, and no session has it. What the server itself rolls back in the
   background, after a crash, is no such thing, nor is its own work; without XA RECOVER they cannot be told apart. */
bool transaction_is_orphan(const struct part *transactions, unsigned row);

#endif
