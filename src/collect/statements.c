/*
 * Statement digests: what kinds of statements the server has run, and what they cost, since it was started
 * or the table was emptied. The dearest by total time.
 */
#include "base/mem.h"
#include "collect/all.h"

#define ESS "events_statements_summary_by_digest "
#define STATEMENT_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "Schema and digest.", ESS "SCHEMA_NAME, DIGEST", "") \
	F(DIGEST, "digest", TEXT, NONE, GAUGE, "Digest", \
	  "Hash of the statement's normal form. The row without one takes in all that no longer " \
	  "found room.", \
	  ESS "DIGEST", "") \
	F(DB, "db", TEXT, NONE, GAUGE, "Schema", "Default schema of those who ran it.", \
	  ESS "SCHEMA_NAME", "") \
	F(TEXT, "text", TEXT, SQL, GAUGE, "Statement", "Its normal form, values left out.", \
	  ESS "DIGEST_TEXT", "") \
	F(CALLS, "calls", INT, COUNT, COUNTER, "Calls", "How often it was run.", ESS "COUNT_STAR", \
	  "What is usual; a jump after a deploy is worth a look.") \
	F(TIME, "time", REAL, SECONDS, COUNTER, "Time", "Time spent in it, all calls together.", \
	  ESS "SUM_TIMER_WAIT", "A small part of one core for each; the rate is the load it makes.") \
	F(MEAN, "mean", REAL, SECONDS, GAUGE, "Mean", "Average time of a call.", \
	  ESS "AVG_TIMER_WAIT", "Milliseconds.") \
	F(LOCK_TIME, "lock_time", REAL, SECONDS, COUNTER, "Lock time", \
	  "Time spent waiting for table locks.", ESS "SUM_LOCK_TIME", "Near zero.") \
	F(ROWS_EXAMINED, "rows_examined", INT, COUNT, COUNTER, "Rows examined", \
	  "Rows it looked at.", ESS "SUM_ROWS_EXAMINED", \
	  "Near rows sent or changed; far more means a missing index.") \
	F(ROWS_SENT, "rows_sent", INT, COUNT, COUNTER, "Rows sent", "Rows it sent.", \
	  ESS "SUM_ROWS_SENT", "What clients can read.") \
	F(ROWS_AFFECTED, "rows_affected", INT, COUNT, COUNTER, "Rows changed", "Rows it changed.", \
	  ESS "SUM_ROWS_AFFECTED", "What is usual.") \
	F(ERRORS, "errors", INT, COUNT, COUNTER, "Errors", "Calls that failed.", ESS "SUM_ERRORS", \
	  "0.") \
	F(NO_INDEX, "no_index", INT, COUNT, COUNTER, "No index", \
	  "Calls that scanned a table without an index.", ESS "SUM_NO_INDEX_USED", \
	  "0, except for small tables.") \
	F(TMP_DISK_TABLES, "tmp_disk_tables", INT, COUNT, COUNTER, "Disk tmp", \
	  "Temporary tables on disk that it made.", ESS "SUM_CREATED_TMP_DISK_TABLES", "0.") \
	F(FIRST_SEEN, "first_seen", INT, WALL, GAUGE, "First seen", "When it was first run.", \
	  ESS "FIRST_SEEN", "Long ago; a new one came with a deploy.") \
	F(LAST_SEEN, "last_seen", INT, WALL, GAUGE, "Last seen", "When it was last run.", \
	  ESS "LAST_SEEN", "Any time.")

static const struct field fields[] = {STATEMENT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"statements", fields, COUNT_OF(fields), 0};

static const struct source_column columns[] = {
	{"id", "CONCAT_WS(':', SCHEMA_NAME, IFNULL(DIGEST, '*'))", NULL},
	{"digest", "DIGEST", NULL},
	{"db", "SCHEMA_NAME", NULL},
	{"text", "LEFT(DIGEST_TEXT, 1024)", NULL},
	{"calls", "COUNT_STAR", NULL},
	{"time", "SUM_TIMER_WAIT/1e12", NULL},
	{"mean", "AVG_TIMER_WAIT/1e12", NULL},
	{"lock_time", "SUM_LOCK_TIME/1e12", NULL},
	{"rows_examined", "SUM_ROWS_EXAMINED", NULL},
	{"rows_sent", "SUM_ROWS_SENT", NULL},
	{"rows_affected", "SUM_ROWS_AFFECTED", NULL},
	{"errors", "SUM_ERRORS", NULL},
	{"no_index", "SUM_NO_INDEX_USED", NULL},
	{"tmp_disk_tables", "SUM_CREATED_TMP_DISK_TABLES", NULL},
	{"first_seen", "FLOOR(UNIX_TIMESTAMP(FIRST_SEEN))", NULL},
	{"last_seen", "FLOOR(UNIX_TIMESTAMP(LAST_SEEN))", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.table = "performance_schema.events_statements_summary_by_digest",
		.columns = columns,
		.stmt = {"statements",
			 "SELECT %c FROM performance_schema.events_statements_summary_by_digest "
			 "ORDER BY SUM_TIMER_WAIT DESC LIMIT 250", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector statements_collector = {
	.part = PART_STATEMENTS,
	.cost = COST_SLOW,
	.schema = &schema,
	.sources = sources,
	.feature = "statement digests",
};
