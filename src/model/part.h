/*
 * A part: one table that a collector read at one instant, sealed and immutable from then on. It owns
 * one arena and counts its references atomically; any thread may hold and read it. Snapshots share
 * parts that were not read again.
 *
 * Built by one thread with a part_builder. Rows are stored sparsely (a bitmap of what is present, then
 * eight bytes a present cell; equal short texts of a column once), so that thousands of idle sessions
 * are cheap.
 */
#ifndef MODEL_PART_H
#define MODEL_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/schema.h"
#include "model/value.h"

/* id, name as in JSON, whether it is exported, whether it comes from the host, title.
   What is not exported only feeds other parts. */
#define PARTS(P) \
	P(STATUS, "status", true, false, "Status counters") \
	P(VARIABLES, "variables", true, false, "Variables") \
	P(PROCESSLIST, "processlist", true, false, "Sessions") \
	P(TRANSACTIONS, "transactions", true, false, "Transactions") \
	P(ROW_LOCK_WAITS, "row_lock_waits", true, false, "Row lock waits") \
	P(METADATA_LOCKS, "metadata_locks", true, false, "Metadata locks") \
	P(STATEMENTS, "statements", true, false, "Statement digests") \
	P(INNODB, "innodb", true, false, "InnoDB metrics") \
	P(REPLICATION, "replication", true, false, "Replication channels") \
	P(REPLICAS, "replicas", true, false, "Replicas") \
	P(BINLOG, "binlog", true, false, "Binary log") \
	P(GROUP, "group", true, false, "Group members") \
	P(GALERA, "galera", true, false, "Galera nodes") \
	P(HOST_CPU, "host_cpu", true, true, "CPU") \
	P(HOST_MEMORY, "host_memory", true, true, "Memory") \
	P(HOST_DISK, "host_disk", true, true, "Disks") \
	P(HOST_FS, "host_fs", true, true, "Filesystems") \
	P(HOST_NET, "host_net", true, true, "Network") \
	P(HOST_PROCESS, "host_process", true, true, "Processes") \
	P(FINDINGS, "findings", true, false, "Findings") \
	P(SELF, "self", true, false, "fathom itself") \
	P(DEADLOCKS, "deadlocks", true, false, "Deadlocks") \
	P(SESSIONS, "sessions", false, false, "Sessions as the server lists them") \
	P(STATEMENT_EVENTS, "statement_events", false, false, "Current statements") \
	P(STAGE_EVENTS, "stage_events", false, false, "Current stages") \
	P(WAIT_EVENTS, "wait_events", false, false, "Current waits") \
	P(ROW_LOCKS, "row_locks", false, false, "Row locks that somebody waits for") \
	P(THREADS, "threads", false, false, "Threads of sessions") \
	P(INSTRUMENTS, "instruments", false, false, "What the performance schema records") \
	P(HOST, "host", false, true, "Host") \
	P(HOST_THREADS, "host_threads", false, true, "Threads of the server's process") \
	P(HOST_PROCESSES, "host_processes", false, true, "All processes") \
	P(INNODB_STATUS, "innodb_status", false, false, "InnoDB status text") \
	P(INNODB_FILES, "innodb_files", false, false, "File I/O") \
	P(INNODB_MUTEXES, "innodb_mutexes", false, false, "Mutexes and latches") \
	P(INNODB_POOLS, "innodb_pools", false, false, "Buffer pool instances") \
	P(INNODB_SPACES, "innodb_spaces", false, false, "Tablespaces") \
	P(APPLIERS, "appliers", false, false, "Applier coordinator and workers") \
	P(BINLOG_FILES, "binlog_files", false, false, "Binary log files") \
	P(HEARTBEAT, "heartbeat", false, false, "Heartbeat table") \
	P(CHANNELS, "channels", false, false, "Replication channels as the server lists them") \
	P(CHANNEL_TIMES, "channel_times", false, false, "Commit times of channels") \
	P(WORKERS, "workers", false, false, "Workers of the applier") \
	P(BINLOG_END, "binlog_end", false, false, "End of the binary log") \
	P(BINLOG_LIST, "binlog_list", false, false, "Binary log files as the server lists them") \
	P(BINLOG_READERS, "binlog_readers", false, false, "Binary log files that are open") \
	P(GTIDS, "gtids", false, false, "GTIDs of the server") \
	P(REPLICA_HOSTS, "replica_hosts", false, false, "Replicas that registered") \
	P(REPLICA_VARS, "replica_vars", false, false, "What replicas left in their sessions") \
	P(GALERA_MEMBERS, "galera_members", false, false, "Members of a Galera cluster") \
	P(BLOCKING, "blocking", false, false, "Who blocks whom") \
	P(TRX, "trx", false, false, "Transactions as InnoDB lists them") \
	P(TRX_EVENTS, "trx_events", false, false, "Statements of open transactions") \
	P(XIDS, "xids", false, false, "Prepared XA transactions") \
	P(LOGGED_DEADLOCKS, "logged_deadlocks", false, true, "Deadlocks in the error log") \
	P(DEADLOCK_TEXT, "deadlock_text", false, false, "The latest deadlock as the server prints it") \
	P(AUTOINC_TABLES, "autoinc_tables", false, false, "Tables whose auto-increment columns fill up") \
	P(AUTOINC, "autoinc", false, false, "Auto-increment columns") \
	P(INDEXES, "indexes", false, false, "Indexes") \
	P(INDEX_COLUMNS, "index_columns", false, false, "Indexes that repeat others") \
	P(INDEX_USE, "index_use", false, false, "Use of indexes") \
	P(TABLE_SIZES, "table_sizes", false, false, "Sizes of tables") \
	P(ACCOUNTS, "accounts", false, false, "Accounts") \
	P(PLUGINS, "plugins", false, false, "Plugins") \
	P(BACKUPS, "backups", false, false, "Backups")

enum part_id {
#define PART_ENUM(id, name, exported, host, title) PART_##id,
	PARTS(PART_ENUM)
#undef PART_ENUM
	N_PARTS,
};

/* A bit a part; there are more than 64. */
__extension__ typedef unsigned __int128 part_mask;
#define PART_BIT(id) ((part_mask)1 << (id))
_Static_assert(N_PARTS <= 128, "a part_mask has 128 bits");

const char *part_name(enum part_id id);
const char *part_title(enum part_id id);
bool part_exported(enum part_id id);
bool part_of_host(enum part_id id);
part_mask parts_of_host(void);
/* By name; -1 when there is none. */
int part_by_name(const char *name);

enum part_status { PART_OK, PART_STALE, PART_DENIED, PART_UNSUPPORTED, PART_FAILED };
/* "ok", "stale", "denied", "unsupported", "failed". */
const char *part_status_name(enum part_status s);

struct part;

struct part *part_ref(const struct part *p);
/* NULL is fine. */
void part_unref(const struct part *p);

enum part_id part_id(const struct part *p);
const struct schema *part_schema(const struct part *p);
enum part_status part_status(const struct part *p);
/* Why the status is not ok, with the GRANT or setting that would mend it; NULL when it is ok. */
const char *part_reason(const struct part *p);
/* Why a field is absent in all rows (no such column, no grant, instrument off); NULL where it is not. */
const char *part_absent_reason(const struct part *p, unsigned field);
int64_t part_read_mono(const struct part *p); /* ns */
int64_t part_read_wall(const struct part *p); /* us */
double part_ms(const struct part *p);         /* client milliseconds of the reading */
unsigned part_rows_cut(const struct part *p); /* rows that were left out by a limit */
size_t part_memory(const struct part *p);     /* bytes */

unsigned part_rows(const struct part *p);
struct value part_get(const struct part *p, unsigned row, unsigned field);
/* By the field's name; absent also where the schema has no such field. */
struct value part_cell(const struct part *p, unsigned row, const char *field);
/* The row whose key equals `key`, or -1. O(log rows). */
int part_find(const struct part *p, struct value key);
/* Shorthand for parts of (name, value) rows such as status: the value, or absent. */
struct value part_lookup(const struct part *p, const char *name);

/* --- building --------------------------------------------------------------------------------- */

struct part_builder;

struct part_builder *part_builder_new(enum part_id id, const struct schema *schema);
/* For a builder that is not sealed after all. */
void part_builder_free(struct part_builder *b);
void part_row_begin(struct part_builder *b);
/* Sets a cell of the row that was begun; absent values may be set too. An integer that does not fit
   the field's type is converted; text is copied. */
void part_set(struct part_builder *b, unsigned field, struct value v);
void part_set_text(struct part_builder *b, unsigned field, const char *s, size_t len);
/* Reads a cell back before part_row_end(). */
struct value part_peek(const struct part_builder *b, unsigned field);
void part_row_end(struct part_builder *b);
/* Drop the row that was begun. */
void part_row_cancel(struct part_builder *b);
unsigned part_builder_rows(const struct part_builder *b);
/* A field that no row has, and why (copied). */
void part_set_absent(struct part_builder *b, unsigned field, const char *reason);
void part_set_rows_cut(struct part_builder *b, unsigned rows);
/* Consumes the builder. read_mono/read_wall: when the answer came. */
struct part *part_seal(struct part_builder *b, int64_t read_mono, int64_t read_wall, double ms);
/* A part without rows, for what could not be read. */
struct part *part_new_failed(enum part_id id, const struct schema *schema, enum part_status status,
			     const char *reason, int64_t read_mono, int64_t read_wall);
/* The same rows (shared) under another status: stale data stays, and says why. Takes no reference of
   the caller's; gives a new one. */
struct part *part_with_status(const struct part *p, enum part_status status, const char *reason);

#endif
