/*
 * The sessions as people see them: what the server lists, joined here with its transactions, current
 * statements, stages, waits and locks, each of which was read by itself. `state` says what is so.
 */
#ifndef COLLECT_PROCESSLIST_H
#define COLLECT_PROCESSLIST_H

#include "collect/collector.h"

#define PROCESSLIST_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Id", "Connection id: what KILL takes.", \
	  "MySQL: threads PROCESSLIST_ID. MariaDB: PROCESSLIST ID", \
	  "Grows with each connection since the server was started.") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", \
	  "user; or replication, event, system: the server's own threads, and those that serve " \
	  "replicas; or own: a session of fathom.", \
	  "Thread name, user and command", "") \
	F(USER, "user", TEXT, NONE, GAUGE, "User", "Account name of the session.", \
	  "MySQL: threads PROCESSLIST_USER. MariaDB: PROCESSLIST USER", "") \
	F(HOST, "host", TEXT, NONE, GAUGE, "Host", "The client's host, as the server resolved it.", \
	  "MySQL: threads PROCESSLIST_HOST. MariaDB: PROCESSLIST HOST", "") \
	F(CLIENT_PORT, "client_port", INT, ID, GAUGE, "Port", \
	  "The client's TCP port: finds its process on the client's host.", \
	  "MariaDB: PROCESSLIST HOST. MySQL has it only in SHOW PROCESSLIST", "Any.") \
	F(DB, "db", TEXT, NONE, GAUGE, "Schema", "Default schema of the session.", \
	  "MySQL: threads PROCESSLIST_DB. MariaDB: PROCESSLIST DB", "") \
	F(COMMAND, "command", TEXT, NONE, GAUGE, "Command", \
	  "What the session does: Query, Execute, Sleep, Binlog Dump …", \
	  "MySQL: threads PROCESSLIST_COMMAND. MariaDB: PROCESSLIST COMMAND", "") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "What is so: `idle in transaction`; `row lock ← 812` waits for a row lock of session 812; " \
	  "`metadata lock ← 25` likewise; else what the server says.", \
	  "INNODB_TRX, lock waits, metadata_locks, then the server's own state", "") \
	F(SERVER_STATE, "server_state", TEXT, NONE, GAUGE, "Server state", \
	  "The state as the server prints it.", \
	  "MySQL: threads PROCESSLIST_STATE. MariaDB: PROCESSLIST STATE", "") \
	F(TIME, "time", REAL, SECONDS, GAUGE, "Time", \
	  "How long the statement has been running, or the session asleep.", \
	  "MySQL: events_statements_current TIMER_WAIT, else threads PROCESSLIST_TIME. MariaDB: " \
	  "PROCESSLIST TIME_MS", \
	  "Milliseconds for the statements of an application; hours asleep are normal in pools.") \
	F(INFO, "info", TEXT, SQL, GAUGE, "Statement", \
	  "The running statement, its first 1,024 characters; ↵ fetches the whole.", \
	  "MySQL: events_statements_current SQL_TEXT, else threads PROCESSLIST_INFO. MariaDB: " \
	  "PROCESSLIST INFO_BINARY", "") \
	F(INFO_LENGTH, "info_length", INT, BYTES, GAUGE, "Length", \
	  "Bytes of the running statement; unknown where the server tells no more than it keeps.", \
	  "LENGTH(INFO_BINARY), or the length of a text that is not cut", "Some kilobytes at most.") \
	F(INFO_CUT, "info_cut", INT, BOOL, GAUGE, "Cut", "Whether the statement is longer than shown.", \
	  "The text against the server's limit", "No.") \
	F(DIGEST, "digest", TEXT, NONE, GAUGE, "Digest", \
	  "Hash of the statement's normal form: equal for statements that differ in values only.", \
	  "events_statements_current DIGEST", "") \
	F(LAST_STATEMENT, "last_statement", TEXT, SQL, GAUGE, "Last statement", \
	  "Of a session that sleeps in a transaction, or with a lock for a backup: the statement before.", \
	  "events_statements_current SQL_TEXT; without it, what fathom saw running", "") \
	F(LAST_EXACT, "last_exact", INT, BOOL, GAUGE, "Is the last", \
	  "No: last_statement is the last that fathom saw; others may have followed.", \
	  "Whether the server gave it, or its query id", "Yes.") \
	F(TRANSACTION_AGE, "transaction_age", REAL, SECONDS, GAUGE, "Trx age", \
	  "How long the session's InnoDB transaction has been open.", "INNODB_TRX trx_started", \
	  "Seconds. Older: it keeps locks, and purge from removing old row versions.") \
	F(TRANSACTION_STATE, "transaction_state", TEXT, NONE, GAUGE, "Trx state", \
	  "RUNNING, LOCK WAIT, ROLLING BACK or COMMITTING.", "INNODB_TRX trx_state", "") \
	F(TRANSACTION_ISOLATION, "transaction_isolation", TEXT, NONE, GAUGE, "Isolation", \
	  "Isolation level of the transaction.", "INNODB_TRX trx_isolation_level", "") \
	F(ROWS_LOCKS, "rows_locks", INT, COUNT, GAUGE, "Rows locked", \
	  "Row locks that the transaction holds, about.", "INNODB_TRX trx_rows_locked", \
	  "About the rows it changes; far more means a missing index.") \
	F(ROWS_MODIFIED, "rows_modified", INT, COUNT, GAUGE, "Rows changed", \
	  "Rows that the transaction inserted, changed or deleted: a rollback has to undo them.", \
	  "INNODB_TRX trx_rows_modified", \
	  "Up to some thousands; a rollback takes about as long as the changes took.") \
	F(BLOCKED_BY, "blocked_by", INT, ID, GAUGE, "Blocked by", \
	  "The session that holds what this one waits for (the first, where there are several).", \
	  "data_lock_waits, INNODB_LOCKS, metadata_locks", \
	  "Empty. Follow it to the session that waits for nobody.") \
	F(BLOCKS, "blocks", INT, COUNT, GAUGE, "Blocks", \
	  "Sessions that wait behind this one, directly or behind others.", \
	  "Counted from blocked_by of all sessions", "0.") \
	F(WAIT, "wait", TEXT, NONE, GAUGE, "Wait", \
	  "What kind of thing it waits for: a lock, or the event that the performance schema shows.", \
	  "Lock waits, events_waits_current", "") \
	F(WAIT_AGE, "wait_age", REAL, SECONDS, GAUGE, "Waits since", "How long it has been waiting.", \
	  "INNODB_TRX trx_wait_started; the statement's time for metadata locks", \
	  "Well below innodb_lock_wait_timeout (50 s unless set).") \
	F(LOCK_TABLE, "lock_table", TEXT, NONE, GAUGE, "Lock on", "Table (or other thing) it waits for.", \
	  "data_locks, INNODB_LOCKS, metadata_locks", "") \
	F(LOCK_INDEX, "lock_index", TEXT, NONE, GAUGE, "Index", "Index of the row it waits for.", \
	  "data_locks, INNODB_LOCKS", "") \
	F(LOCK_MODE, "lock_mode", TEXT, NONE, GAUGE, "Mode", "Mode of the lock it waits for.", \
	  "data_locks, INNODB_LOCKS, metadata_locks", "") \
	F(STAGE, "stage", TEXT, NONE, GAUGE, "Stage", "Stage of the running statement.", \
	  "events_stages_current EVENT_NAME", "") \
	F(PROGRESS, "progress", REAL, PERCENT, GAUGE, "Progress", \
	  "How much of a long command is done (ALTER TABLE and the like).", \
	  "MySQL: events_stages_current WORK_COMPLETED / WORK_ESTIMATED. MariaDB: PROCESSLIST STAGE, " \
	  "PROGRESS", "Grows to 100.") \
	F(ROWS_EXAMINED, "rows_examined", INT, COUNT, GAUGE, "Rows examined", \
	  "Rows that the running statement has looked at so far. The servers count as they go for " \
	  "changes only, for a SELECT when it ends; then none are shown.", \
	  "events_statements_current ROWS_EXAMINED; MariaDB: PROCESSLIST EXAMINED_ROWS", \
	  "Near the rows sent or changed; far more means a missing index.") \
	F(ROWS_SENT, "rows_sent", INT, COUNT, GAUGE, "Rows sent", \
	  "Rows that the running statement has sent so far.", \
	  "events_statements_current ROWS_SENT; MariaDB: PROCESSLIST SENT_ROWS", \
	  "What the client can read.") \
	F(TMP_DISK_TABLES, "tmp_disk_tables", INT, COUNT, GAUGE, "Disk tmp", \
	  "Temporary tables on disk that the running statement made.", \
	  "events_statements_current CREATED_TMP_DISK_TABLES", "0.") \
	F(NO_INDEX, "no_index", INT, BOOL, GAUGE, "No index", \
	  "Whether the statement scans a table without an index.", \
	  "events_statements_current NO_INDEX_USED", "No, except for small tables.") \
	F(CPU, "cpu", REAL, SECONDS, GAUGE, "CPU", "CPU time of the running statement.", \
	  "events_statements_current CPU_TIME", "Below its time; much below means that it waits.") \
	F(MEMORY, "memory", INT, BYTES, GAUGE, "Memory", "Memory that the session holds now.", \
	  "MySQL: threads TOTAL_MEMORY. MariaDB: PROCESSLIST MEMORY_USED", \
	  "Some hundred kilobytes; sorts and joins take up to their buffers.") \
	F(MEMORY_MAX, "memory_max", INT, BYTES, GAUGE, "Most memory", \
	  "The most memory that the session held at once.", \
	  "MySQL: threads MAX_TOTAL_MEMORY. MariaDB: PROCESSLIST MAX_MEMORY_USED", \
	  "Up to some megabytes.") \
	F(QUERY_ID, "query_id", INT, ID, GAUGE, "Query id", \
	  "Number of the statement; on MariaDB KILL QUERY ID takes it.", \
	  "MariaDB: PROCESSLIST QUERY_ID. MySQL: events_statements_current STATEMENT_ID", \
	  "Grows with each statement.") \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", \
	  "Number of the session's thread in the performance schema.", "threads THREAD_ID", "Any.") \
	F(OS_THREAD_ID, "os_thread_id", INT, ID, GAUGE, "OS thread", \
	  "Number of its thread in the operating system: finds it in top -H on the server's host.", \
	  "MySQL: threads THREAD_OS_ID. MariaDB: PROCESSLIST TID", "Any.") \
	F(CONNECTION_TYPE, "connection_type", TEXT, NONE, GAUGE, "Connection", \
	  "How the client is connected: TCP/IP, SSL/TLS, Socket.", "threads CONNECTION_TYPE", "")

enum {
#define PROCESSLIST_ENUM(id, ...) PROCESSLIST_##id,
	PROCESSLIST_FIELDS(PROCESSLIST_ENUM)
#undef PROCESSLIST_ENUM
	N_PROCESSLIST_FIELDS,
};

#endif
