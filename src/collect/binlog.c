/*
 * This server as a source: where its binary log ends, what is in it, what goes through its caches, and whom
 * commits wait for. No row while the binary log is off.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/join.h"

/* --- where it ends ---------------------------------------------------------------------------------- */

#define SBLS "SHOW BINARY LOG STATUS: "
#define END_FIELDS(F) \
	F(FILE, "file", TEXT, NONE, GAUGE, "File", "The newest binary log file.", SBLS "File", "") \
	F(POSITION, "position", INT, BYTES, COUNTER, "Position", "Where that file ends.", SBLS "Position", \
	  "Grows to max_binlog_size, then a new file begins.") \
	F(GTID_EXECUTED, "gtid_executed", TEXT, NONE, GAUGE, "GTIDs", \
	  "All transactions that this server has executed.", \
	  SBLS "Executed_Gtid_Set; MariaDB: gtid_current_pos", "") \
	F(DO_DB, "do_db", TEXT, NONE, GAUGE, "Only", \
	  "The only schemas whose changes are logged; empty: all.", SBLS "Binlog_Do_DB", "") \
	F(IGNORE_DB, "ignore_db", TEXT, NONE, GAUGE, "Not", \
	  "Schemas whose changes are not logged: they can be replicated and restored by nobody.", \
	  SBLS "Binlog_Ignore_DB", "")

static const struct field end_fields[] = {END_FIELDS(SCHEMA_FIELD)};
static const struct schema end_schema = {"binlog_end", end_fields, COUNT_OF(end_fields), 0};

static const struct source_column columns[] = {
	{"file", "File", NULL},
	{"position", "Position", NULL},
	{"gtid_executed", "Executed_Gtid_Set", NULL},
	{"do_db", "Binlog_Do_DB", NULL},
	{"ignore_db", "Binlog_Ignore_DB", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"binlog/mysql", "SHOW BINARY LOG STATUS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"binlog/mysql-master", "SHOW MASTER STATUS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{
		.flavor = FLAVOR_MARIADB,
		.columns = columns,
		.stmt = {"binlog/mariadb", "SHOW MASTER STATUS", STMT_READ},
		.grant = "BINLOG MONITOR",
	},
	{0},
};

const struct collector binlog_end_collector = {
	.part = PART_BINLOG_END,
	.cost = COST_MEDIUM,
	.schema = &end_schema,
	.sources = sources,
	.feature = "position in the binary log",
};

/* --- the whole -------------------------------------------------------------------------------------- */

#define SEMI "Rpl_semi_sync_source_"
#define BINLOG_FIELDS(F) \
	F(GTID_PURGED, "gtid_purged", TEXT, NONE, GAUGE, "GTIDs purged", \
	  "Transactions that are in no binary log file any more: a replica that lacks one of them cannot " \
	  "connect (error 1236).", "gtid_purged (MySQL)", "") \
	F(GTID_STATE, "gtid_state", TEXT, NONE, GAUGE, "GTID state", \
	  "Newest transaction of each domain and server in the binary log.", \
	  "gtid_binlog_state (MariaDB)", "") \
	F(GTID_MODE, "gtid_mode", TEXT, NONE, GAUGE, "GTID mode", \
	  "Whether transactions get GTIDs: ON, OFF, or on the way; MariaDB always gives them, and may be " \
	  "strict about their order.", "gtid_mode; MariaDB: gtid_strict_mode", "") \
	F(FORMAT, "format", TEXT, NONE, GAUGE, "Format", "ROW, MIXED or STATEMENT.", "binlog_format", "") \
	F(ROW_IMAGE, "row_image", TEXT, NONE, GAUGE, "Row image", \
	  "Which columns of a row are logged: FULL, MINIMAL or NOBLOB.", "binlog_row_image", "") \
	F(SYNC, "sync", INT, COUNT, GAUGE, "Sync", \
	  "After how many commit groups the file is flushed to disk.", "sync_binlog", \
	  "1. 0 and more lose transactions that replicas already have, when the host dies.") \
	F(EXPIRE, "expire", REAL, SECONDS, GAUGE, "Kept", \
	  "After what time a file may be removed; 0: never by itself.", \
	  "binlog_expire_logs_seconds, expire_logs_days", \
	  "Longer than the longest time that a replica is away, and than a backup's age.") \
	F(MAX_SIZE, "max_size", INT, BYTES, GAUGE, "File size", "At what size a new file begins.", \
	  "max_binlog_size", "1G unless set.") \
	F(CACHE_SIZE, "cache_size", INT, BYTES, GAUGE, "Cache", \
	  "Memory in which a transaction gathers its changes before it commits.", "binlog_cache_size", \
	  "32K unless set: as large as most transactions need.") \
	F(CACHE_USE, "cache_use", INT, COUNT, COUNTER, "Through cache", \
	  "Transactions that went through the cache.", "Binlog_cache_use", "As many as commits.") \
	F(CACHE_DISK_USE, "cache_disk_use", INT, COUNT, COUNTER, "Spilled", \
	  "Transactions that did not fit into the cache and went through a temporary file.", \
	  "Binlog_cache_disk_use", "Below a hundredth of those through the cache; else binlog_cache_size " \
	  "is small or transactions are large.") \
	F(STMT_CACHE_USE, "stmt_cache_use", INT, COUNT, COUNTER, "Non-transactional", \
	  "The same, of changes to tables without transactions.", "Binlog_stmt_cache_use", "Few.") \
	F(STMT_CACHE_DISK_USE, "stmt_cache_disk_use", INT, COUNT, COUNTER, "Spilled", \
	  "Of those, what did not fit.", "Binlog_stmt_cache_disk_use", "0.") \
	F(BYTES, "bytes_written", INT, BYTES, COUNTER, "Written", "Bytes written to the binary log.", \
	  "Binlog_bytes_written (MariaDB)", "What replicas and the disk can follow.") \
	F(COMMITS, "commits", INT, COUNT, COUNTER, "Commits", "Transactions committed to it.", \
	  "Binlog_commits (MariaDB)", "What is usual for this server.") \
	F(GROUP_COMMITS, "group_commits", INT, COUNT, COUNTER, "Group commits", \
	  "Groups in which they were committed.", "Binlog_group_commits (MariaDB)", \
	  "Fewer than commits under load: then one flush serves several.") \
	F(SEMISYNC_ENABLED, "semisync_enabled", INT, BOOL, GAUGE, "Semi-sync set", \
	  "Whether commits are meant to wait for a replica's acknowledgement.", \
	  "rpl_semi_sync_source_enabled, rpl_semi_sync_master_enabled", "What somebody decided.") \
	F(SEMISYNC, "semisync", INT, BOOL, GAUGE, "Semi-sync", \
	  "Whether commits do wait. No, though it is set: a time-out or a lack of replicas made it fall " \
	  "back, and a crash now can lose transactions.", SEMI "status", "Yes where it is set.") \
	F(SEMISYNC_CLIENTS, "semisync_clients", INT, COUNT, GAUGE, "Acknowledging", \
	  "Replicas that acknowledge.", SEMI "clients", \
	  "More than semisync_wait_for; with just as many, each replica's pause stops all commits.") \
	F(SEMISYNC_WAIT_FOR, "semisync_wait_for", INT, COUNT, GAUGE, "Acks needed", \
	  "How many replicas have to acknowledge.", "rpl_semi_sync_source_wait_for_replica_count", "1.") \
	F(SEMISYNC_TIMEOUT, "semisync_timeout", REAL, SECONDS, GAUGE, "Time-out", \
	  "How long a commit waits before semi-sync falls back for everybody.", \
	  "rpl_semi_sync_source_timeout", "10 s unless set.") \
	F(SEMISYNC_WAIT_POINT, "semisync_wait_point", TEXT, NONE, GAUGE, "Wait point", \
	  "AFTER_SYNC: nobody sees a transaction that no replica has; AFTER_COMMIT: others may.", \
	  "rpl_semi_sync_source_wait_point", "") \
	F(SEMISYNC_SESSIONS, "semisync_sessions", INT, COUNT, GAUGE, "Waiting for ack", \
	  "Sessions that wait for an acknowledgement right now.", SEMI "wait_sessions", \
	  "0 or a few. Many: a replica is slow or has stopped.") \
	F(SEMISYNC_YES, "semisync_yes", INT, COUNT, COUNTER, "Acknowledged", \
	  "Commits that a replica acknowledged.", SEMI "yes_tx", "All.") \
	F(SEMISYNC_NO, "semisync_no", INT, COUNT, COUNTER, "Unacknowledged", \
	  "Commits that no replica acknowledged.", SEMI "no_tx", "0 while it is set.") \
	F(SEMISYNC_FELL_BACK, "semisync_fell_back", INT, COUNT, COUNTER, "Fell back", \
	  "How often semi-sync was given up for a time.", SEMI "no_times", "0, or hardly growing.") \
	F(SEMISYNC_WAITS, "semisync_waits", INT, COUNT, COUNTER, "Waits", \
	  "Commits that waited for an acknowledgement.", SEMI "tx_waits", "All.") \
	F(SEMISYNC_WAIT_TIME, "semisync_wait_time", REAL, SECONDS, COUNTER, "Wait time", \
	  "Time in all that commits waited for acknowledgements.", SEMI "tx_wait_time", \
	  "A round trip to the replica and one flush there, for each.") \
	F(SEMISYNC_AVERAGE, "semisync_average", REAL, SECONDS, GAUGE, "Average wait", \
	  "How long a commit waits on average since the server was started.", SEMI "tx_avg_wait_time", \
	  "Milliseconds.")

enum {
#define BINLOG_ENUM(id, ...) BINLOG_##id,
	END_FIELDS(BINLOG_ENUM)
	BINLOG_FIELDS(BINLOG_ENUM)
#undef BINLOG_ENUM
};
static const struct field fields[] = {END_FIELDS(SCHEMA_FIELD) BINLOG_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"binlog", fields, COUNT_OF(fields), 0};

/* Which variable or status value gives a field: the first that is there. */
static const struct {
	unsigned field;
	enum part_id part;
	const char *name;
	double scale; /* to the field's unit; 0: as it is */
} named[] = {
	{BINLOG_GTID_MODE, PART_VARIABLES, "gtid_mode", 0},
	{BINLOG_FORMAT, PART_VARIABLES, "binlog_format", 0},
	{BINLOG_ROW_IMAGE, PART_VARIABLES, "binlog_row_image", 0},
	{BINLOG_SYNC, PART_VARIABLES, "sync_binlog", 0},
	{BINLOG_EXPIRE, PART_VARIABLES, "binlog_expire_logs_seconds", 1},
	{BINLOG_EXPIRE, PART_VARIABLES, "expire_logs_days", 86400},
	{BINLOG_MAX_SIZE, PART_VARIABLES, "max_binlog_size", 0},
	{BINLOG_CACHE_SIZE, PART_VARIABLES, "binlog_cache_size", 0},
	{BINLOG_CACHE_USE, PART_STATUS, "Binlog_cache_use", 0},
	{BINLOG_CACHE_DISK_USE, PART_STATUS, "Binlog_cache_disk_use", 0},
	{BINLOG_STMT_CACHE_USE, PART_STATUS, "Binlog_stmt_cache_use", 0},
	{BINLOG_STMT_CACHE_DISK_USE, PART_STATUS, "Binlog_stmt_cache_disk_use", 0},
	{BINLOG_BYTES, PART_STATUS, "Binlog_bytes_written", 0},
	{BINLOG_COMMITS, PART_STATUS, "Binlog_commits", 0},
	{BINLOG_GROUP_COMMITS, PART_STATUS, "Binlog_group_commits", 0},
	{BINLOG_SEMISYNC_ENABLED, PART_VARIABLES, "rpl_semi_sync_source_enabled", 0},
	{BINLOG_SEMISYNC_ENABLED, PART_VARIABLES, "rpl_semi_sync_master_enabled", 0},
	{BINLOG_SEMISYNC, PART_STATUS, "Rpl_semi_sync_source_status", 0},
	{BINLOG_SEMISYNC, PART_STATUS, "Rpl_semi_sync_master_status", 0},
	{BINLOG_SEMISYNC_CLIENTS, PART_STATUS, "Rpl_semi_sync_source_clients", 0},
	{BINLOG_SEMISYNC_CLIENTS, PART_STATUS, "Rpl_semi_sync_master_clients", 0},
	{BINLOG_SEMISYNC_WAIT_FOR, PART_VARIABLES, "rpl_semi_sync_source_wait_for_replica_count", 0},
	{BINLOG_SEMISYNC_WAIT_FOR, PART_VARIABLES, "rpl_semi_sync_master_wait_for_slave_count", 0},
	{BINLOG_SEMISYNC_TIMEOUT, PART_VARIABLES, "rpl_semi_sync_source_timeout", 1e-3},
	{BINLOG_SEMISYNC_TIMEOUT, PART_VARIABLES, "rpl_semi_sync_master_timeout", 1e-3},
	{BINLOG_SEMISYNC_WAIT_POINT, PART_VARIABLES, "rpl_semi_sync_source_wait_point", 0},
	{BINLOG_SEMISYNC_WAIT_POINT, PART_VARIABLES, "rpl_semi_sync_master_wait_point", 0},
	{BINLOG_SEMISYNC_SESSIONS, PART_STATUS, "Rpl_semi_sync_source_wait_sessions", 0},
	{BINLOG_SEMISYNC_SESSIONS, PART_STATUS, "Rpl_semi_sync_master_wait_sessions", 0},
	{BINLOG_SEMISYNC_YES, PART_STATUS, "Rpl_semi_sync_source_yes_tx", 0},
	{BINLOG_SEMISYNC_YES, PART_STATUS, "Rpl_semi_sync_master_yes_tx", 0},
	{BINLOG_SEMISYNC_NO, PART_STATUS, "Rpl_semi_sync_source_no_tx", 0},
	{BINLOG_SEMISYNC_NO, PART_STATUS, "Rpl_semi_sync_master_no_tx", 0},
	{BINLOG_SEMISYNC_FELL_BACK, PART_STATUS, "Rpl_semi_sync_source_no_times", 0},
	{BINLOG_SEMISYNC_FELL_BACK, PART_STATUS, "Rpl_semi_sync_master_no_times", 0},
	{BINLOG_SEMISYNC_WAITS, PART_STATUS, "Rpl_semi_sync_source_tx_waits", 0},
	{BINLOG_SEMISYNC_WAITS, PART_STATUS, "Rpl_semi_sync_master_tx_waits", 0},
	{BINLOG_SEMISYNC_WAIT_TIME, PART_STATUS, "Rpl_semi_sync_source_tx_wait_time", 1e-6},
	{BINLOG_SEMISYNC_WAIT_TIME, PART_STATUS, "Rpl_semi_sync_master_tx_wait_time", 1e-6},
	{BINLOG_SEMISYNC_AVERAGE, PART_STATUS, "Rpl_semi_sync_source_tx_avg_wait_time", 1e-6},
	{BINLOG_SEMISYNC_AVERAGE, PART_STATUS, "Rpl_semi_sync_master_tx_avg_wait_time", 1e-6},
};

static struct value fitted(unsigned field, struct value v, double scale)
{
	if (fields[field].unit == UNIT_BOOL && v.type == VALUE_TEXT)
		return value_int(strcasecmp(v.s, "ON") == 0);
	return scale > 0 && value_is_number(v) ? value_real(value_number(v, 0) * scale) : v;
}

static void add_named(struct join_part *j, const struct collect_ctx *ctx)
{
	for (size_t i = 0; i < COUNT_OF(named); i++) {
		struct value v = part_lookup(ctx->parts[named[i].part], named[i].name);
		if (v.type != VALUE_ABSENT && part_peek(j->builder, named[i].field).type == VALUE_ABSENT)
			join_set(j, named[i].field, fitted(named[i].field, v, named[i].scale));
	}
	/* MariaDB has no mode. */
	struct value strict = part_lookup(ctx->parts[PART_VARIABLES], "gtid_strict_mode");
	if (strict.type == VALUE_TEXT)
		join_set(j, BINLOG_GTID_MODE,
			 value_str(strcasecmp(strict.s, "ON") == 0 ? "strict" : "not strict"));
}

static void say_what_is_absent(struct join_part *j, const struct collect_ctx *ctx)
{
	join_reasons(j, ctx->parts[PART_GTIDS], PART_GTIDS, NULL);
	for (size_t i = 0; i < COUNT_OF(named); i++) {
		bool semisync = named[i].field >= BINLOG_SEMISYNC_ENABLED;
		join_reason(j, named[i].field, semisync ? "semi-synchronous replication is not installed, or switched off"
							: "this server does not count it");
	}
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	const struct part *end = ctx->parts[PART_BINLOG_END], *gtids = ctx->parts[PART_GTIDS];
	struct join_part j = join_new(PART_BINLOG, &schema);
	for (unsigned i = 0; i < part_rows(end); i++) {
		part_row_begin(j.builder);
		if (join_readable(gtids) && part_rows(gtids) == 1)
			join_row(&j, gtids, 0);
		join_row(&j, end, i);
		add_named(&j, ctx);
		part_row_end(j.builder);
	}
	if (part_rows(end))
		say_what_is_absent(&j, ctx);
	return join_seal(&j, end);
}

const struct derivation binlog_derivation = {
	.part = PART_BINLOG,
	.schema = &schema,
	.from = PART_BIT(PART_BINLOG_END) | PART_BIT(PART_GTIDS) | PART_BIT(PART_STATUS) |
		PART_BIT(PART_VARIABLES),
	.requires = PART_BIT(PART_BINLOG_END),
	.make = make,
};
