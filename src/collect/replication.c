/*
 * Replication channels as people see them: what the server lists of each, with commit times, workers and
 * heartbeats joined in, and lag by every measure that they allow. None of the measures is trusted alone:
 * each says when it is unknown.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/channels.h"
#include "collect/join.h"
#include "parse/gtid.h"

#define REPLICATION_FIELDS(F) \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "In a word: running; connecting; stopped; receiver or applier stopped (somebody did that); " \
	  "receiver or applier failed (an error did that).", \
	  "io_running, sql_running and the error numbers", "") \
	F(GROUP, "group_name", TEXT, NONE, GAUGE, "Group", \
	  "Name of the replication group that the channel belongs to.", \
	  "replication_connection_status GROUP_NAME", "") \
	F(HEARTBEAT_AGE, "heartbeat_age", REAL, SECONDS, GAUGE, "Last heartbeat", \
	  "How long ago the source last said that it has nothing to send.", \
	  "replication_connection_status LAST_HEARTBEAT_TIMESTAMP", \
	  "Below the heartbeat interval while the source is idle; any while it is busy.") \
	F(QUEUED, "queued", TEXT, NONE, GAUGE, "Newest received", \
	  "The transaction that it received last.", \
	  "replication_connection_status LAST_QUEUED_TRANSACTION", "") \
	F(QUEUED_COMMIT, "queued_commit", REAL, WALL, GAUGE, "Received up to", \
	  "When the transaction that it received last was committed where it was born.", \
	  "replication_connection_status LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", \
	  "Just now, on a busy source.") \
	F(QUEUEING, "queueing", TEXT, NONE, GAUGE, "Being received", \
	  "The transaction that it is in the middle of receiving.", \
	  "replication_connection_status QUEUEING_TRANSACTION", "") \
	F(APPLIED, "applied", TEXT, NONE, GAUGE, "Newest applied", \
	  "The transaction with the newest commit time among those that its workers applied last.", \
	  "replication_applier_status_by_worker LAST_APPLIED_TRANSACTION", "") \
	F(APPLIED_COMMIT, "applied_commit", REAL, WALL, GAUGE, "Applied up to", \
	  "When that transaction was committed where it was born.", \
	  "replication_applier_status_by_worker LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", \
	  "Just now, on a busy source.") \
	F(RECEIVE_LAG, "receive_lag", REAL, SECONDS, GAUGE, "Receive lag", \
	  "Age of the transaction being received, by its commit time; 0 between transactions. Unknown " \
	  "while the receiver does not run.", \
	  "replication_connection_status QUEUEING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", \
	  "Below a second. More: the network, the source's disks, or clocks that differ.") \
	F(APPLY_LAG, "apply_lag", REAL, SECONDS, GAUGE, "Commit lag", \
	  "Age of the oldest transaction that was received and is not applied, by its commit time; 0 " \
	  "when all are applied. Unknown while replication does not run.", \
	  "replication_applier_status_by_worker APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP (MySQL; " \
	  "MariaDB keeps no commit times there)", \
	  "Below a second. It counts from the first source of a chain, in that host's clock.") \
	F(HEARTBEAT_LAG, "heartbeat_lag", REAL, SECONDS, GAUGE, "Heartbeat lag", \
	  "Age of the newest row of this source in a heartbeat table: nothing can fool that but clocks.", \
	  "The heartbeat table's ts", "Below twice the period in which the table is written.") \
	F(GTID_GAP, "gtid_gap", INT, COUNT, GAUGE, "GTID gap", \
	  "Transactions that it has received and not applied.", \
	  SRS "Retrieved_Gtid_Set minus Executed_Gtid_Set; MariaDB: Gtid_IO_Pos against Gtid_Slave_Pos", \
	  "Near 0. Says nothing of what was not received yet.") \
	F(BYTES_BEHIND, "bytes_behind", INT, BYTES, GAUGE, "Behind", \
	  "Bytes that were received and are not applied: exact within one file of the source, else " \
	  "what the relay logs hold beyond the applier's position.", \
	  SRS "Read_Source_Log_Pos minus Exec_Source_Log_Pos, or Relay_Log_Space minus Relay_Log_Pos", \
	  "Near 0.") \
	F(WORKERS, "workers", INT, COUNT, GAUGE, "Workers", \
	  "Workers that the applier has; MariaDB has one pool of them for all channels.", \
	  "replication_applier_status_by_worker", \
	  "4 on MySQL 8 unless set (replica_parallel_workers); 0 or 1 is one thread.") \
	F(WORKERS_BUSY, "workers_busy", INT, COUNT, GAUGE, "Busy", \
	  "Workers that apply a transaction right now.", \
	  "replication_applier_status_by_worker APPLYING_TRANSACTION", \
	  "Few on an idle replica; one alone of many, while it falls behind, is the limit.") \
	F(SEMISYNC, "semisync", INT, BOOL, GAUGE, "Semi-sync", \
	  "Whether this replica acknowledges transactions to its source.", \
	  "Rpl_semi_sync_replica_status, Rpl_semi_sync_slave_status", \
	  "Yes where the source waits for acknowledgements; no otherwise.")

enum {
#define REPLICATION_ENUM(id, ...) REPLICATION_##id,
	REPLICATION_AFTER_CHANNEL_FIELDS = N_CHANNEL_FIELDS - 1,
	REPLICATION_FIELDS(REPLICATION_ENUM)
#undef REPLICATION_ENUM
};
static const struct field fields[] = {CHANNEL_FIELDS(SCHEMA_FIELD) REPLICATION_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"replication", fields, COUNT_OF(fields), CHANNEL_CHANNEL};

/* One channel being put together. */
struct channel {
	const struct collect_ctx *ctx;
	struct join_part *to;
	unsigned row;   /* in `channels` */
	struct value name;
	int times;      /* row in `channel_times`; -1: none */
	bool receives, applies;
};

static struct value of_channel(const struct channel *c, const char *field)
{
	return part_cell(c->ctx->parts[PART_CHANNELS], c->row, field);
}

static struct value of_times(const struct channel *c, const char *field)
{
	return c->times < 0 ? VALUE_NONE
			    : part_cell(c->ctx->parts[PART_CHANNEL_TIMES], (unsigned)c->times, field);
}

static bool is(struct value v, const char *word)
{
	return strcasecmp(value_cstr(v), word) == 0;
}

/* --- state ------------------------------------------------------------------------------------------ */

static const char *state_word(const struct channel *c)
{
	struct value io = of_channel(c, "io_running"), sql = of_channel(c, "sql_running");
	bool io_failed = value_integer(of_channel(c, "io_errno"), 0) != 0;
	bool sql_failed = value_integer(of_channel(c, "sql_errno"), 0) != 0;
	if (io.type == VALUE_ABSENT || sql.type == VALUE_ABSENT)
		return NULL;
	if (is(sql, "No") && sql_failed)
		return "applier failed";
	if (is(io, "No") && io_failed)
		return "receiver failed";
	if (is(io, "No") && is(sql, "No"))
		return "stopped";
	if (is(sql, "No"))
		return "applier stopped";
	if (is(io, "No"))
		return "receiver stopped";
	if (is(io, "Connecting"))
		return io_failed ? "cannot connect" : "connecting";
	if (is(io, "Yes") && is(sql, "Yes"))
		return "running";
	return is(io, "Yes") ? value_cstr(sql) : value_cstr(io);
}

/* --- lag -------------------------------------------------------------------------------------------- */

static bool has_times(const struct part *times)
{
	return join_readable(times) &&
	       !part_absent_reason(times, (unsigned)schema_field(part_schema(times), "queueing_age"));
}

static struct value receive_lag(const struct channel *c)
{
	struct value age = of_times(c, "queueing_age");
	if (!c->receives || c->times < 0 || !has_times(c->ctx->parts[PART_CHANNEL_TIMES]))
		return VALUE_NONE;
	double lag = value_number(age, 0);
	return value_real(lag > 0 ? lag : 0);
}

/* What the workers of the channel are at. */
struct work {
	unsigned n, busy;
	bool tells;           /* the server says what workers apply */
	double oldest;        /* age of the oldest transaction being applied; negative: none is */
	double newest;        /* commit time of the newest that was applied; 0: unknown */
	struct value applied; /* its GTID */
};

static void see_worker(struct work *w, const struct part *p, unsigned row)
{
	struct value commit = part_cell(p, row, "applied_commit"), age = part_cell(p, row, "applying_age");
	w->n++;
	w->busy += part_cell(p, row, "applying").type == VALUE_TEXT;
	if (value_number(age, -1) > w->oldest)
		w->oldest = value_number(age, -1);
	if (value_number(commit, 0) > w->newest) {
		w->newest = value_number(commit, 0);
		w->applied = part_cell(p, row, "applied");
	}
}

static struct work see_workers(const struct channel *c)
{
	const struct part *p = c->ctx->parts[PART_WORKERS];
	struct work w = {.oldest = -1, .applied = VALUE_NONE};
	if (!join_readable(p))
		return w;
	w.tells = !part_absent_reason(p, (unsigned)schema_field(part_schema(p), "applying"));
	/* MariaDB's are one pool for all channels. */
	bool pool = c->ctx->server->flavor == FLAVOR_MARIADB;
	for (unsigned i = 0; i < part_rows(p); i++)
		if (pool || value_equal(part_cell(p, i, "channel"), c->name))
			see_worker(&w, p, i);
	return w;
}

static struct value apply_lag(const struct channel *c, const struct work *w, struct value gap)
{
	struct value queued = of_times(c, "queued"), commit = of_times(c, "queued_commit");
	double processing = value_number(of_times(c, "processing_commit"), 0);
	double now = value_number(of_times(c, "now"), 0);
	if (!c->applies || !c->receives || !w->tells || c->times < 0)
		return VALUE_NONE;
	if (w->oldest >= 0)
		return value_real(w->oldest);
	if (processing > 0 && now > 0)
		return value_real(now > processing ? now - processing : 0);
	if (queued.type == VALUE_ABSENT || value_integer(gap, 0) == 0)
		return value_real(0);
	/* Nothing is being applied though not all is: the applier holds it back. */
	if (w->newest > 0 && value_is_number(commit))
		return value_real(value_number(commit, 0) - w->newest);
	return VALUE_NONE;
}

/* A heartbeat table has a row for each server that writes one. */
static struct value heartbeat_lag(const struct channel *c)
{
	const struct part *p = c->ctx->parts[PART_HEARTBEAT];
	int row = join_readable(p) ? join_find(p, "server_id", of_channel(c, "source_id")) : -1;
	if (row < 0 && join_readable(p) && part_rows(p) == 1)
		row = 0;
	return row < 0 ? VALUE_NONE : part_cell(p, (unsigned)row, "lag");
}

static struct value gtid_gap(const struct channel *c)
{
	struct value received = of_channel(c, "gtid_received"), applied = of_channel(c, "gtid_executed");
	bool mariadb = c->ctx->server->flavor == FLAVOR_MARIADB;
	if (received.type != VALUE_TEXT || applied.type != VALUE_TEXT || (mariadb && !received.len))
		return VALUE_NONE;
	int64_t gap = mariadb ? gtid_position_gap(received.s, received.len, applied.s, applied.len)
			      : gtid_set_gap(received.s, received.len, applied.s, applied.len);
	return gap < 0 ? VALUE_NONE : value_int(gap);
}

static struct value bytes_behind(const struct channel *c)
{
	struct value read = of_channel(c, "read_position"), done = of_channel(c, "exec_position");
	struct value space = of_channel(c, "relay_space"), at = of_channel(c, "relay_position");
	int64_t behind = -1;
	if (*value_cstr(of_channel(c, "read_file")) &&
	    value_equal(of_channel(c, "read_file"), of_channel(c, "exec_file")))
		behind = value_integer(read, -1) - value_integer(done, 0);
	else if (value_is_number(space) && value_is_number(at))
		behind = value_integer(space, 0) - value_integer(at, 0);
	return behind < 0 ? VALUE_NONE : value_int(behind);
}

static struct value semisync(const struct collect_ctx *ctx)
{
	const struct part *status = ctx->parts[PART_STATUS];
	struct value v = part_lookup(status, "Rpl_semi_sync_replica_status");
	if (v.type == VALUE_ABSENT)
		v = part_lookup(status, "Rpl_semi_sync_slave_status");
	return v.type == VALUE_ABSENT ? v : value_int(is(v, "ON"));
}

/* --- putting together ------------------------------------------------------------------------------- */

static void add_channel(struct join_part *j, const struct collect_ctx *ctx, unsigned row)
{
	const struct part *channels = ctx->parts[PART_CHANNELS], *times = ctx->parts[PART_CHANNEL_TIMES];
	struct channel c = {.ctx = ctx, .to = j, .row = row, .name = part_get(channels, row, CHANNEL_CHANNEL)};
	if (c.name.type == VALUE_ABSENT)
		c.name = value_str("");
	c.times = join_readable(times) ? join_find(times, "channel", c.name) : -1;
	c.receives = is(of_channel(&c, "io_running"), "Yes");
	c.applies = is(of_channel(&c, "sql_running"), "Yes");
	struct work work = see_workers(&c);
	const char *state = state_word(&c);

	part_row_begin(j->builder);
	join_row(j, channels, row);
	if (c.times >= 0)
		join_row(j, times, (unsigned)c.times);
	join_set(j, REPLICATION_STATE, state ? value_str(state) : VALUE_NONE);
	join_set(j, REPLICATION_APPLIED, work.applied);
	join_set(j, REPLICATION_APPLIED_COMMIT, work.newest > 0 ? value_real(work.newest) : VALUE_NONE);
	struct value gap = gtid_gap(&c);
	join_set(j, REPLICATION_GTID_GAP, gap);
	join_set(j, REPLICATION_BYTES_BEHIND, bytes_behind(&c));
	join_set(j, REPLICATION_RECEIVE_LAG, receive_lag(&c));
	join_set(j, REPLICATION_APPLY_LAG, apply_lag(&c, &work, gap));
	join_set(j, REPLICATION_HEARTBEAT_LAG, heartbeat_lag(&c));
	join_set(j, REPLICATION_SEMISYNC, semisync(ctx));
	if (join_readable(ctx->parts[PART_WORKERS]))
		join_set(j, REPLICATION_WORKERS, value_int(work.n));
	if (work.tells)
		join_set(j, REPLICATION_WORKERS_BUSY, value_int(work.busy));
	part_row_end(j->builder);
}

static const char *reason_of(const struct part *p, const char *otherwise)
{
	const char *why = p ? part_reason(p) : NULL;
	return why ? why : otherwise;
}

static void say_what_is_absent(struct join_part *j, const struct collect_ctx *ctx)
{
	const struct part *workers = ctx->parts[PART_WORKERS];
	const struct part *times = ctx->parts[PART_CHANNEL_TIMES], *heartbeat = ctx->parts[PART_HEARTBEAT];
	const char *no_times = reason_of(times, has_times(times) ? NULL : "this server keeps no commit times "
									  "of replicated transactions");
	join_reasons(j, ctx->parts[PART_CHANNELS], PART_CHANNELS, NULL);
	join_reasons(j, times, PART_CHANNEL_TIMES, no_times);
	static const unsigned of_commits[] = {REPLICATION_APPLIED, REPLICATION_APPLIED_COMMIT,
					      REPLICATION_RECEIVE_LAG, REPLICATION_APPLY_LAG};
	for (size_t i = 0; i < COUNT_OF(of_commits); i++)
		join_reason(j, of_commits[i], no_times);
	join_reason(j, REPLICATION_WORKERS, reason_of(workers, NULL));
	join_reason(j, REPLICATION_WORKERS_BUSY, reason_of(workers, "this server does not say what workers do"));
	join_reason(j, REPLICATION_HEARTBEAT_LAG,
		    join_readable(heartbeat) ? "the heartbeat table has no row of this source"
		    : heartbeat && part_status(heartbeat) == PART_DENIED
			    ? part_reason(heartbeat)
			    : "no heartbeat table: none of percona.heartbeat, heartbeat.heartbeat, "
			      "meta.heartbeat, monitor.heartbeat, percona_schema.heartbeat is there");
	join_reason(j, REPLICATION_SEMISYNC, "semi-synchronous replication is not installed, or switched off");
	join_reason(j, REPLICATION_GTID_GAP, "unknown without GTIDs");
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	const struct part *channels = ctx->parts[PART_CHANNELS];
	struct join_part j = join_new(PART_REPLICATION, &schema);
	for (unsigned i = 0; i < part_rows(channels); i++)
		add_channel(&j, ctx, i);
	if (part_rows(channels))
		say_what_is_absent(&j, ctx);
	return join_seal(&j, channels);
}

const struct derivation replication_derivation = {
	.part = PART_REPLICATION,
	.schema = &schema,
	.from = PART_BIT(PART_CHANNELS) | PART_BIT(PART_CHANNEL_TIMES) | PART_BIT(PART_WORKERS) |
		PART_BIT(PART_HEARTBEAT) | PART_BIT(PART_STATUS),
	.requires = PART_BIT(PART_CHANNELS),
	.make = make,
};
