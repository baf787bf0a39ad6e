/*
 * What the performance schema knows of each channel beyond SHOW REPLICA STATUS: when the newest transactions
 * were committed on their source, by how much it heard of the source last, which threads serve it.
 */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/channels.h"

#define RCS "replication_connection_status "
#define COORDINATOR "replication_applier_status_by_coordinator "
#define CHANNEL_TIME_FIELDS(F) \
	F(CHANNEL, "channel", TEXT, NONE, GAUGE, "Channel", "Name of the channel.", RCS "CHANNEL_NAME", "") \
	F(GROUP, "group_name", TEXT, NONE, GAUGE, "Group", "Name of the group it belongs to.", \
	  RCS "GROUP_NAME", "") \
	F(RECEIVER_THREAD, "receiver_thread", INT, ID, GAUGE, "Receiver's thread", \
	  "The performance schema's thread number of the receiver.", RCS "THREAD_ID", "") \
	F(COORDINATOR_THREAD, "coordinator_thread", INT, ID, GAUGE, "Coordinator's thread", \
	  "The performance schema's thread number of the coordinator.", COORDINATOR "THREAD_ID", "") \
	F(COORDINATOR_STATE, "coordinator_state", TEXT, NONE, GAUGE, "Coordinator", \
	  "Whether the coordinator runs: ON or OFF.", COORDINATOR "SERVICE_STATE", "") \
	F(COORDINATOR_ERRNO, "coordinator_errno", INT, ID, GAUGE, "Coordinator's error", \
	  "Number of its last error.", COORDINATOR "LAST_ERROR_NUMBER", "0.") \
	F(COORDINATOR_ERROR, "coordinator_error", TEXT, NONE, GAUGE, "Coordinator's error", \
	  "Text of its last error.", COORDINATOR "LAST_ERROR_MESSAGE", "") \
	F(COORDINATOR_ERROR_AT, "coordinator_error_at", REAL, WALL, GAUGE, "Coordinator's error at", \
	  "When that was.", COORDINATOR "LAST_ERROR_TIMESTAMP", "Never, or long ago.") \
	F(HEARTBEATS, "heartbeats", INT, COUNT, COUNTER, "Heartbeats", \
	  "Heartbeats that the source sent.", RCS "COUNT_RECEIVED_HEARTBEATS", \
	  "Grows while the source is idle.") \
	F(HEARTBEAT_AGE, "heartbeat_age", REAL, SECONDS, GAUGE, "Last heartbeat", \
	  "How long ago the source last sent one.", RCS "LAST_HEARTBEAT_TIMESTAMP", \
	  "Below the interval while the source is idle.") \
	F(HEARTBEAT_INTERVAL, "heartbeat_interval", REAL, SECONDS, GAUGE, "Heartbeat every", \
	  "After how long without events the source sends a heartbeat.", \
	  "replication_connection_configuration HEARTBEAT_INTERVAL", "30 s unless set.") \
	F(RETRIES, "retries", INT, COUNT, COUNTER, "Retries", "Transactions that were tried again.", \
	  "replication_applier_status COUNT_TRANSACTIONS_RETRIES", "0, or hardly growing.") \
	F(QUEUED, "queued", TEXT, NONE, GAUGE, "Newest received", \
	  "The transaction that the receiver wrote to the relay log last.", RCS "LAST_QUEUED_TRANSACTION", \
	  "") \
	F(QUEUED_COMMIT, "queued_commit", REAL, WALL, GAUGE, "Newest received of", \
	  "When that transaction was committed where it was born.", \
	  RCS "LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Just now, on a busy source.") \
	F(QUEUED_IMMEDIATE, "queued_immediate", REAL, WALL, GAUGE, "Source committed at", \
	  "When that transaction was committed on the source of this channel.", \
	  RCS "LAST_QUEUED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP", "Just now, on a busy source.") \
	F(QUEUED_AT, "queued_at", REAL, WALL, GAUGE, "Received at", \
	  "When the receiver had all of it.", RCS "LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP", \
	  "Just after the source committed it.") \
	F(QUEUEING, "queueing", TEXT, NONE, GAUGE, "Being received", \
	  "The transaction that the receiver is in the middle of.", RCS "QUEUEING_TRANSACTION", "") \
	F(QUEUEING_AGE, "queueing_age", REAL, SECONDS, GAUGE, "Age of it", \
	  "How long ago that transaction was committed where it was born.", \
	  RCS "QUEUEING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Well below a second.") \
	F(PROCESSED, "processed", TEXT, NONE, GAUGE, "Newest handed out", \
	  "The transaction that the coordinator handed to a worker last.", \
	  COORDINATOR "LAST_PROCESSED_TRANSACTION", "") \
	F(PROCESSING, "processing", TEXT, NONE, GAUGE, "Being handed out", \
	  "The transaction that the coordinator is in the middle of.", \
	  COORDINATOR "PROCESSING_TRANSACTION", "") \
	F(PROCESSING_COMMIT, "processing_commit", REAL, WALL, GAUGE, "Being handed out of", \
	  "When that transaction was committed where it was born.", \
	  COORDINATOR "PROCESSING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Just now.") \
	F(PROCESSING_SINCE, "processing_since", REAL, SECONDS, GAUGE, "Since", \
	  "How long the coordinator has been at it.", \
	  COORDINATOR "PROCESSING_TRANSACTION_START_BUFFER_TIMESTAMP", "Milliseconds.") \
	F(NOW, "now", REAL, WALL, GAUGE, "Clock", "What the server's clock said at the reading.", "NOW()", \
	  "The same on all servers: differences falsify every lag that compares clocks.")

enum { CHANNEL };
static const struct field fields[] = {CHANNEL_TIME_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"channel_times", fields, COUNT_OF(fields), CHANNEL};

/* No time is the zero date there. */
#define AT(column) "NULLIF(UNIX_TIMESTAMP(" column "), 0)"
#define AGE(column) "UNIX_TIMESTAMP(NOW(6)) - " AT(column)
#define NAMED(column) "NULLIF(" column ", '')"
/* Came with MySQL 8.0, with all the other times. */
#define TIMES "LAST_QUEUED_TRANSACTION"

static const struct source_column columns[] = {
	{"channel", "c.CHANNEL_NAME", NULL},
	{"group_name", NAMED("c.GROUP_NAME"), NULL},
	{"receiver_thread", "c.THREAD_ID", NULL},
	{"coordinator_thread", "k.THREAD_ID", NULL},
	{"coordinator_state", "k.SERVICE_STATE", NULL},
	{"coordinator_errno", "k.LAST_ERROR_NUMBER", NULL},
	{"coordinator_error", "k.LAST_ERROR_MESSAGE", NULL},
	{"coordinator_error_at", AT("k.LAST_ERROR_TIMESTAMP"), NULL},
	{"heartbeats", "c.COUNT_RECEIVED_HEARTBEATS", NULL},
	{"heartbeat_age", AGE("c.LAST_HEARTBEAT_TIMESTAMP"), NULL},
	{"heartbeat_interval", "f.HEARTBEAT_INTERVAL", NULL},
	{"retries", "a.COUNT_TRANSACTIONS_RETRIES", NULL},
	{"queued", NAMED("c.LAST_QUEUED_TRANSACTION"), TIMES},
	{"queued_commit", AT("c.LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP"), TIMES},
	{"queued_immediate", AT("c.LAST_QUEUED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP"), TIMES},
	{"queued_at", AT("c.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP"), TIMES},
	{"queueing", NAMED("c.QUEUEING_TRANSACTION"), TIMES},
	{"queueing_age", AGE("c.QUEUEING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP"), TIMES},
	{"processed", NAMED("k.LAST_PROCESSED_TRANSACTION"), TIMES},
	{"processing", NAMED("k.PROCESSING_TRANSACTION"), TIMES},
	{"processing_commit", AT("k.PROCESSING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP"), TIMES},
	{"processing_since", AGE("k.PROCESSING_TRANSACTION_START_BUFFER_TIMESTAMP"), TIMES},
	{"now", "UNIX_TIMESTAMP(NOW(6))", NULL},
	{0},
};

static const struct source_column mariadb_columns[] = {
	{"channel", "CHANNEL_NAME", NULL},
	{"coordinator_thread", "THREAD_ID", NULL},
	{"coordinator_state", "SERVICE_STATE", NULL},
	{"coordinator_errno", "LAST_ERROR_NUMBER", NULL},
	{"coordinator_error", "LAST_ERROR_MESSAGE", NULL},
	{"coordinator_error_at", AT("LAST_ERROR_TIMESTAMP"), NULL},
	{"processed", NAMED("LAST_SEEN_TRANSACTION"), "LAST_SEEN_TRANSACTION"},
	{"now", "UNIX_TIMESTAMP(NOW(6))", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.replication_connection_status",
		.columns = columns,
		.stmt = {"channel_times/mysql",
			 "SELECT %c FROM performance_schema.replication_connection_status c "
			 "LEFT JOIN performance_schema.replication_connection_configuration f "
			 "USING (CHANNEL_NAME) "
			 "LEFT JOIN performance_schema.replication_applier_status a USING (CHANNEL_NAME) "
			 "LEFT JOIN performance_schema.replication_applier_status_by_coordinator k "
			 "USING (CHANNEL_NAME)", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
	},
	{
		.flavor = FLAVOR_MARIADB,
		.table = "performance_schema.replication_applier_status_by_coordinator",
		.columns = mariadb_columns,
		.stmt = {"channel_times/mariadb",
			 "SELECT %c FROM performance_schema.replication_applier_status_by_coordinator",
			 STMT_READ},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector channel_times_collector = {
	.part = PART_CHANNEL_TIMES,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.gate = channels_any,
	.after = PART_BIT(PART_CHANNELS),
	.feature = "replication: commit times and threads of channels",
};
