/* What each thread runs, or ran last: events_statements_current. Feeds `processlist`. */
#ifndef COLLECT_STATEMENT_EVENTS_H
#define COLLECT_STATEMENT_EVENTS_H

#include "collect/collector.h"

#define ESC "events_statements_current "
#define STATEMENT_EVENT_FIELDS(F) \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", "Thread in the performance schema.", \
	  ESC "THREAD_ID", "") \
	F(RUNNING, "running", INT, BOOL, GAUGE, "Running", "Whether the statement has not ended.", \
	  ESC "END_EVENT_ID", "Either.") \
	F(TIME, "time", REAL, SECONDS, GAUGE, "Time", "How long it has been running, or ran.", \
	  ESC "TIMER_WAIT", "Milliseconds.") \
	F(TEXT, "text", TEXT, SQL, GAUGE, "Statement", "Its beginning.", ESC "SQL_TEXT", "") \
	F(DIGEST, "digest", TEXT, NONE, GAUGE, "Digest", "Hash of its normal form.", ESC "DIGEST", "") \
	F(ROWS_EXAMINED, "rows_examined", INT, COUNT, GAUGE, "Rows examined", \
	  "Rows it has looked at.", ESC "ROWS_EXAMINED", "Near the rows sent or changed.") \
	F(ROWS_SENT, "rows_sent", INT, COUNT, GAUGE, "Rows sent", "Rows it has sent.", \
	  ESC "ROWS_SENT", "What the client can read.") \
	F(TMP_DISK_TABLES, "tmp_disk_tables", INT, COUNT, GAUGE, "Disk tmp", \
	  "Temporary tables on disk.", ESC "CREATED_TMP_DISK_TABLES", "0.") \
	F(NO_INDEX, "no_index", INT, BOOL, GAUGE, "No index", "Whether it scans without an index.", \
	  ESC "NO_INDEX_USED", "No.") \
	F(CPU, "cpu", REAL, SECONDS, GAUGE, "CPU", "CPU time it has used.", ESC "CPU_TIME", \
	  "Below its time.") \
	F(STATEMENT_ID, "statement_id", INT, ID, GAUGE, "Query id", "Number of the statement.", \
	  ESC "STATEMENT_ID", "Grows.")

enum {
#define STATEMENT_EVENT_ENUM(id, ...) STATEMENT_EVENT_##id,
	STATEMENT_EVENT_FIELDS(STATEMENT_EVENT_ENUM)
#undef STATEMENT_EVENT_ENUM
	N_STATEMENT_EVENT_FIELDS,
};

#endif
