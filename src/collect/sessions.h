/*
 * The raw list of sessions, as the server gives it. It feeds `processlist` (processlist.h), which is
 * what people see.
 */
#ifndef COLLECT_SESSIONS_H
#define COLLECT_SESSIONS_H

#include "collect/collector.h"

/* How much of a statement's text is read for all sessions, in characters; the whole of it is fetched for
   one session at a time. */
#define SESSION_TEXT "1024"
enum { SESSION_TEXT_MAX = 1024 };

#define SESSION_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Id", "Connection id.", \
	  "threads PROCESSLIST_ID; PROCESSLIST ID", "") \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", "The performance schema's thread number.", \
	  "threads THREAD_ID", "") \
	F(THREAD_NAME, "thread_name", TEXT, NONE, GAUGE, "Thread name", \
	  "What the thread is for, where it does not serve a client.", "threads NAME", "") \
	F(USER, "user", TEXT, NONE, GAUGE, "User", "Account name.", \
	  "threads PROCESSLIST_USER; PROCESSLIST USER", "") \
	F(HOST, "host", TEXT, NONE, GAUGE, "Host", "Client host, with its port where the server has it.", \
	  "threads PROCESSLIST_HOST; PROCESSLIST HOST", "") \
	F(DB, "db", TEXT, NONE, GAUGE, "Schema", "Default schema.", \
	  "threads PROCESSLIST_DB; PROCESSLIST DB", "") \
	F(COMMAND, "command", TEXT, NONE, GAUGE, "Command", "Command being run, or Sleep.", \
	  "threads PROCESSLIST_COMMAND; PROCESSLIST COMMAND", "") \
	F(TIME, "time", REAL, SECONDS, GAUGE, "Time", "Seconds in the present command.", \
	  "threads PROCESSLIST_TIME; PROCESSLIST TIME_MS", "Depends on the command.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", "State as the server prints it.", \
	  "threads PROCESSLIST_STATE; PROCESSLIST STATE", "") \
	F(INFO, "info", TEXT, SQL, GAUGE, "Statement", "Beginning of the running statement.", \
	  "threads PROCESSLIST_INFO; PROCESSLIST INFO_BINARY", "") \
	F(INFO_LENGTH, "info_length", INT, BYTES, GAUGE, "Length", "Bytes of the running statement.", \
	  "LENGTH(INFO_BINARY)", "Some kilobytes at most.") \
	F(INFO_CUT, "info_cut", INT, BOOL, GAUGE, "Cut", "Whether that is known to be cut.", \
	  "SHOW PROCESSLIST", "No.") \
	F(OS_THREAD_ID, "os_thread_id", INT, ID, GAUGE, "OS thread", \
	  "Thread number in the operating system.", "threads THREAD_OS_ID; PROCESSLIST TID", "") \
	F(CONNECTION_TYPE, "connection_type", TEXT, NONE, GAUGE, "Connection", \
	  "TCP/IP, SSL/TLS, Socket.", "threads CONNECTION_TYPE", "") \
	F(MEMORY, "memory", INT, BYTES, GAUGE, "Memory", "Memory the session holds now.", \
	  "threads TOTAL_MEMORY; PROCESSLIST MEMORY_USED", "Some hundred kilobytes.") \
	F(MEMORY_MAX, "memory_max", INT, BYTES, GAUGE, "Most memory", \
	  "Most memory the session held at once.", \
	  "threads MAX_TOTAL_MEMORY; PROCESSLIST MAX_MEMORY_USED", "Some hundred kilobytes.") \
	F(QUERY_ID, "query_id", INT, ID, GAUGE, "Query id", \
	  "Number of the statement: tells whether it is still the same.", "PROCESSLIST QUERY_ID", "") \
	F(STAGE, "stage", INT, COUNT, GAUGE, "Stage", "Number of the stage of a long command.", \
	  "PROCESSLIST STAGE", "0 for what does not report progress.") \
	F(MAX_STAGE, "max_stage", INT, COUNT, GAUGE, "Stages", "Stages the command has.", \
	  "PROCESSLIST MAX_STAGE", "0 for what does not report progress.") \
	F(PROGRESS, "progress", REAL, PERCENT, GAUGE, "Progress", "Of the present stage.", \
	  "PROCESSLIST PROGRESS", "0 for what does not report progress.") \
	F(ROWS_EXAMINED, "rows_examined", INT, COUNT, GAUGE, "Rows examined", \
	  "Rows the running statement has examined; counted for changes only.", \
	  "PROCESSLIST EXAMINED_ROWS", \
	  "Near the rows sent or changed.") \
	F(ROWS_SENT, "rows_sent", INT, COUNT, GAUGE, "Rows sent", \
	  "Rows the running statement has sent.", "PROCESSLIST SENT_ROWS", "What the client can read.")

enum {
#define SESSION_ENUM(id, ...) SESSION_##id,
	SESSION_FIELDS(SESSION_ENUM)
#undef SESSION_ENUM
	N_SESSION_FIELDS,
};

/* Characters of a text, as the servers count them. */
unsigned session_characters(struct value text);
/* The performance schema's thread of the session in that row; 0: unknown. */
int64_t session_thread(const struct collect_ctx *ctx, unsigned row);

#endif
