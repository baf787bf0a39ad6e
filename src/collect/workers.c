/* The applier's workers, as the performance schema lists them. A single-threaded applier is one worker. */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/channels.h"

#define RAW "replication_applier_status_by_worker "
#define WORKER_FIELDS(F) \
	F(CHANNEL, "channel", TEXT, NONE, GAUGE, "Channel", "Name of the channel.", RAW "CHANNEL_NAME", "") \
	F(NUMBER, "number", INT, ID, GAUGE, "Worker", "Number of the worker within its channel.", \
	  RAW "WORKER_ID", "From 1; 0 where one thread applies everything.") \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", \
	  "The performance schema's thread number; none while it does not run.", RAW "THREAD_ID", "") \
	F(RUNNING, "running", TEXT, NONE, GAUGE, "Runs", "Whether the worker runs: ON or OFF.", \
	  RAW "SERVICE_STATE", "") \
	F(ERRNO, "errno", INT, ID, GAUGE, "Error", "Number of its last error.", RAW "LAST_ERROR_NUMBER", \
	  "0.") \
	F(ERROR, "error", TEXT, NONE, GAUGE, "Error", "Text of its last error.", \
	  RAW "LAST_ERROR_MESSAGE", "") \
	F(ERROR_AT, "error_at", REAL, WALL, GAUGE, "Error at", "When that was.", \
	  RAW "LAST_ERROR_TIMESTAMP", "Never, or long ago.") \
	F(APPLYING, "applying", TEXT, NONE, GAUGE, "Applying", "The transaction that it applies now.", \
	  RAW "APPLYING_TRANSACTION", "") \
	F(APPLYING_COMMIT, "applying_commit", REAL, WALL, GAUGE, "Committed", \
	  "When that transaction was committed where it was born.", \
	  RAW "APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Just now.") \
	F(APPLYING_AGE, "applying_age", REAL, SECONDS, GAUGE, "Age", \
	  "How long ago that transaction was committed where it was born.", \
	  RAW "APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Near the lag of the channel.") \
	F(APPLYING_SINCE, "applying_since", REAL, SECONDS, GAUGE, "Since", \
	  "How long it has been applying that transaction.", \
	  RAW "APPLYING_TRANSACTION_START_APPLY_TIMESTAMP", \
	  "Milliseconds. Longer: a large transaction, a table without a primary key, or a lock.") \
	F(APPLYING_RETRIES, "applying_retries", INT, COUNT, GAUGE, "Tried again", \
	  "How often it had to begin that transaction again.", RAW "APPLYING_TRANSACTION_RETRIES_COUNT", \
	  "0. After replica_transaction_retries it gives up.") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Table", "The table whose rows it changes now.", \
	  "metadata_locks of its thread, while it applies (MySQL)", "") \
	F(TRANSIENT_ERROR, "transient_error", TEXT, NONE, GAUGE, "Why again", \
	  "The passing error that made it begin again.", \
	  RAW "APPLYING_TRANSACTION_LAST_TRANSIENT_ERROR_MESSAGE", "") \
	F(APPLIED, "applied", TEXT, NONE, GAUGE, "Applied last", "The transaction that it applied last.", \
	  RAW "LAST_APPLIED_TRANSACTION; LAST_SEEN_TRANSACTION on MySQL 5.7 and MariaDB", "") \
	F(APPLIED_COMMIT, "applied_commit", REAL, WALL, GAUGE, "Applied last of", \
	  "When that transaction was committed where it was born.", \
	  RAW "LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Just now, on a busy source.") \
	F(APPLIED_AT, "applied_at", REAL, WALL, GAUGE, "Applied last at", "When it was done with it.", \
	  RAW "LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP", "Just after the commit on the source.") \
	F(APPLIED_TIME, "applied_time", REAL, SECONDS, GAUGE, "Took", \
	  "How long that transaction took to be applied.", \
	  RAW "LAST_APPLIED_TRANSACTION_START_APPLY_TIMESTAMP, …_END_APPLY_TIMESTAMP", "Milliseconds.") \
	F(IDLE, "idle_time", REAL, SECONDS, GAUGE, "Idle", \
	  "Time in all that it waited for something to do.", RAW "WORKER_IDLE_TIME (MariaDB)", \
	  "Much: there are more workers than the work needs.")

enum { CHANNEL };
static const struct field fields[] = {WORKER_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"workers", fields, COUNT_OF(fields), CHANNEL};

#define AT(column) "NULLIF(UNIX_TIMESTAMP(" column "), 0)"
#define AGE(column) "UNIX_TIMESTAMP(NOW(6)) - " AT(column)
#define TIMES "APPLYING_TRANSACTION"

/* One thread's locks, by the index on threads. */
#define TABLE_OF_THREAD \
	"CASE WHEN APPLYING_TRANSACTION <> '' THEN (SELECT CONCAT(OBJECT_SCHEMA, '.', OBJECT_NAME) " \
	"FROM performance_schema.metadata_locks WHERE OWNER_THREAD_ID = THREAD_ID AND OBJECT_TYPE = 'TABLE' " \
	"AND LOCK_DURATION = 'TRANSACTION' AND OBJECT_SCHEMA <> 'mysql' LIMIT 1) END"

static const struct source_column columns[] = {
	{"channel", "CHANNEL_NAME", NULL},
	{"number", "WORKER_ID", "WORKER_ID"},
	{"thread_id", "THREAD_ID", NULL},
	{"running", "SERVICE_STATE", NULL},
	{"errno", "LAST_ERROR_NUMBER", NULL},
	{"error", "LAST_ERROR_MESSAGE", NULL},
	{"error_at", AT("LAST_ERROR_TIMESTAMP"), NULL},
	{"applying", "NULLIF(APPLYING_TRANSACTION, '')", TIMES},
	{"applying_commit", AT("APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP"), TIMES},
	{"applying_age", AGE("APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP"), TIMES},
	{"applying_since", AGE("APPLYING_TRANSACTION_START_APPLY_TIMESTAMP"), TIMES},
	{"applying_retries", "APPLYING_TRANSACTION_RETRIES_COUNT", "APPLYING_TRANSACTION_RETRIES_COUNT"},
	{"table", TABLE_OF_THREAD, TIMES},
	{"transient_error", "NULLIF(APPLYING_TRANSACTION_LAST_TRANSIENT_ERROR_MESSAGE, '')",
	 "APPLYING_TRANSACTION_LAST_TRANSIENT_ERROR_MESSAGE"},
	{"applied", "NULLIF(LAST_APPLIED_TRANSACTION, '')", "LAST_APPLIED_TRANSACTION"},
	{"applied", "NULLIF(LAST_SEEN_TRANSACTION, '')", "LAST_SEEN_TRANSACTION"},
	{"applied_commit", AT("LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP"), TIMES},
	{"applied_at", AT("LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP"), TIMES},
	{"applied_time", AT("LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP") " - "
	 AT("LAST_APPLIED_TRANSACTION_START_APPLY_TIMESTAMP"), TIMES},
	{"idle_time", "WORKER_IDLE_TIME", "WORKER_IDLE_TIME"},
	{0},
};

static const struct source sources[] = {
	{
		.table = "performance_schema.replication_applier_status_by_worker",
		.columns = columns,
		.stmt = {"workers", "SELECT %c FROM performance_schema.replication_applier_status_by_worker",
			 STMT_READ},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector workers_collector = {
	.part = PART_WORKERS,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.gate = channels_any,
	.after = PART_BIT(PART_CHANNELS),
	.most_rows = 2048,
	.feature = "replication: workers of the applier",
};
