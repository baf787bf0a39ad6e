/*
 * The threads that replicate: receivers, coordinators and workers, with what their sessions say: which
 * statement they run, which lock they wait for, whose it is. MySQL, and MariaDB with the performance schema,
 * list them by channel; else MariaDB's process list has them without saying whose they are.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "collect/all.h"
#include "collect/channels.h"
#include "collect/join.h"
#include "collect/pairs.h"
#include "collect/processlist.h"
#include "parse/sqltext.h"

#define RAW "replication_applier_status_by_worker "
#define PL "The thread's row in `processlist`: "
#define APPLIER_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Thread", \
	  "Channel and thread: `west/3` is worker 3 of channel west.", "Channel name and worker number", "") \
	F(CHANNEL, "channel", TEXT, NONE, GAUGE, "Channel", "Name of the channel it works for.", \
	  RAW "CHANNEL_NAME; on MariaDB without it, the only channel there is", "") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", \
	  "receiver: fetches from the source; coordinator: hands out; worker: applies; applier: the one " \
	  "thread that does both.", "Where it is listed, thread name, PROCESSLIST COMMAND", "") \
	F(NUMBER, "number", INT, ID, GAUGE, "Worker", "Number of the worker within its channel.", \
	  RAW "WORKER_ID", "From 1; 0 where one thread applies everything.") \
	F(SESSION, "session", INT, ID, GAUGE, "Session", "Connection id of the thread.", \
	  "threads PROCESSLIST_ID; PROCESSLIST ID", "None while it does not run.") \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread number", \
	  "The performance schema's thread number.", RAW "THREAD_ID", "None while it does not run.") \
	F(RUNNING, "running", INT, BOOL, GAUGE, "Runs", "Whether the thread runs.", \
	  RAW "SERVICE_STATE; else that it is listed", "Yes. It stops by an error or by STOP REPLICA.") \
	F(BUSY, "busy", INT, BOOL, GAUGE, "Busy", "Whether it is in the middle of a transaction.", \
	  RAW "APPLYING_TRANSACTION; else the thread's state", \
	  "Many at once under load; one alone for long holds all others up.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "What it does; `row lock ← 812` or `metadata lock ← 25` says that it waits, and for which " \
	  "session.", PL "state", "") \
	F(APPLYING, "applying", TEXT, NONE, GAUGE, "Transaction", \
	  "The transaction that it is in the middle of.", RAW "APPLYING_TRANSACTION", "") \
	F(APPLYING_SINCE, "applying_since", REAL, SECONDS, GAUGE, "Since", \
	  "How long it has been in the middle of that transaction.", \
	  RAW "APPLYING_TRANSACTION_START_APPLY_TIMESTAMP; else INNODB_TRX trx_started", \
	  "Milliseconds. Longer: a large transaction, a table without a primary key, or a lock.") \
	F(APPLYING_AGE, "applying_age", REAL, SECONDS, GAUGE, "Age", \
	  "How long ago that transaction was committed where it was born.", \
	  RAW "APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Near the lag of the channel.") \
	F(APPLYING_COMMIT, "applying_commit", REAL, WALL, GAUGE, "Committed", \
	  "When that transaction was committed where it was born.", \
	  RAW "APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Just now.") \
	F(APPLYING_RETRIES, "applying_retries", INT, COUNT, GAUGE, "Tried again", \
	  "How often it had to begin that transaction again.", RAW "APPLYING_TRANSACTION_RETRIES_COUNT", \
	  "0. After replica_transaction_retries it gives up.") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Table", "The table whose rows it changes now.", \
	  "metadata_locks of its thread (MySQL); the statement that came with the row events (MariaDB)", "") \
	F(TRANSIENT_ERROR, "transient_error", TEXT, NONE, GAUGE, "Why again", \
	  "The passing error that made it begin again.", \
	  RAW "APPLYING_TRANSACTION_LAST_TRANSIENT_ERROR_MESSAGE", "") \
	F(STATEMENT, "statement", TEXT, SQL, GAUGE, "Statement", \
	  "The statement that it runs; for row events, the source's where it logs those.", PL "info", "") \
	F(STAGE, "stage", TEXT, NONE, GAUGE, "Stage", \
	  "The stage of it: `Applying batch of row changes (update)` names what the events do.", \
	  PL "server_state, stage", "") \
	F(BLOCKED_BY, "blocked_by", INT, ID, GAUGE, "Blocked by", \
	  "The session that holds what it waits for.", PL "blocked_by", \
	  "Empty. A worker that waits for another worker is in order; for a client it is not.") \
	F(BLOCKS, "blocks", INT, COUNT, GAUGE, "Blocks", "Sessions that wait behind it.", PL "blocks", "0.") \
	F(WAIT_AGE, "wait_age", REAL, SECONDS, GAUGE, "Waits since", "How long it has been waiting.", \
	  PL "wait_age", "Below innodb_lock_wait_timeout: then it begins the transaction again.") \
	F(LOCK_TABLE, "lock_table", TEXT, NONE, GAUGE, "Lock on", "The table it waits for.", \
	  PL "lock_table", "") \
	F(LOCK_INDEX, "lock_index", TEXT, NONE, GAUGE, "Index", "The index of the row it waits for.", \
	  PL "lock_index", "") \
	F(LOCK_MODE, "lock_mode", TEXT, NONE, GAUGE, "Mode", "The mode of the lock it waits for.", \
	  PL "lock_mode", "") \
	F(TRANSACTION_AGE, "transaction_age", REAL, SECONDS, GAUGE, "Trx age", \
	  "How long its InnoDB transaction has been open.", PL "transaction_age", "Below a second.") \
	F(ROWS_MODIFIED, "rows_modified", INT, COUNT, GAUGE, "Rows changed", \
	  "Rows that its transaction has changed so far.", PL "rows_modified", \
	  "Up to some thousands; growing for minutes is one large transaction.") \
	F(ROWS_LOCKS, "rows_locks", INT, COUNT, GAUGE, "Rows locked", \
	  "Row locks that its transaction holds, about.", PL "rows_locks", \
	  "About the rows changed; far more: the table has no primary key.") \
	F(APPLIED, "applied", TEXT, NONE, GAUGE, "Last", "The transaction that it was done with last.", \
	  RAW "LAST_APPLIED_TRANSACTION; LAST_SEEN_TRANSACTION on MySQL 5.7 and MariaDB", "") \
	F(APPLIED_COMMIT, "applied_commit", REAL, WALL, GAUGE, "Last of", \
	  "When that transaction was committed where it was born.", \
	  RAW "LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP", "Just now, on a busy source.") \
	F(APPLIED_AT, "applied_at", REAL, WALL, GAUGE, "Last at", "When it was done with that.", \
	  RAW "LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP", "Just after the commit on the source.") \
	F(APPLIED_TIME, "applied_time", REAL, SECONDS, GAUGE, "Took", "How long that took.", \
	  RAW "LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP", "Milliseconds.") \
	F(ERRNO, "errno", INT, ID, GAUGE, "Error", "Number of its last error.", RAW "LAST_ERROR_NUMBER", \
	  "0.") \
	F(ERROR, "error", TEXT, NONE, GAUGE, "Error", "Text of its last error.", \
	  RAW "LAST_ERROR_MESSAGE", "") \
	F(ERROR_AT, "error_at", REAL, WALL, GAUGE, "Error at", "When that was.", \
	  RAW "LAST_ERROR_TIMESTAMP", "Never, or long ago.") \
	F(IDLE, "idle_time", REAL, SECONDS, GAUGE, "Idle", \
	  "Time in all that it waited for something to do.", RAW "WORKER_IDLE_TIME (MariaDB)", \
	  "Much: there are more workers than the work needs.") \
	F(TIME, "time", REAL, SECONDS, GAUGE, "Time", \
	  "How long the thread has been in its present command; of an applier: age of the event it is " \
	  "at, in the source's clock.", PL "time", "Small while it applies.") \
	F(OS_THREAD_ID, "os_thread_id", INT, ID, GAUGE, "OS thread", \
	  "Thread number in the operating system.", PL "os_thread_id", "")

enum {
#define APPLIER_ENUM(id, ...) APPLIER_##id,
	APPLIER_FIELDS(APPLIER_ENUM)
#undef APPLIER_ENUM
};
static const struct field fields[] = {APPLIER_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"appliers", fields, COUNT_OF(fields), APPLIER_ID};

/* What is being put together. */
struct threads {
	const struct collect_ctx *ctx;
	struct join_part to;
	struct pairs sessions; /* by performance schema thread: row in `processlist` */
};

static const struct part *processlist(const struct threads *t)
{
	return t->ctx->parts[PART_PROCESSLIST];
}

static void index_sessions(struct threads *t)
{
	const struct part *p = processlist(t);
	for (unsigned i = 0; i < part_rows(p); i++) {
		struct value thread = part_get(p, i, PROCESSLIST_THREAD_ID);
		if (thread.type == VALUE_INT)
			pairs_add(&t->sessions, thread.i, (int64_t)i);
	}
	pairs_sort(&t->sessions);
}

static int session_of(const struct threads *t, struct value thread)
{
	return thread.type == VALUE_INT ? (int)pairs_get(&t->sessions, thread.i, -1) : -1;
}

/* Row events of MariaDB bring the source's statement with them. */
static void add_table(struct threads *t, unsigned row)
{
	struct value text = part_get(processlist(t), row, PROCESSLIST_INFO);
	struct arena a = {0};
	const struct sql_table *tables;
	struct buf name = BUF_INIT;
	if (text.type == VALUE_TEXT && sql_tables(&a, text.s, text.len, &tables) > 0) {
		const char *db = tables[0].schema;
		if (!db)
			db = value_cstr(part_get(processlist(t), row, PROCESSLIST_DB));
		buf_addf(&name, "%s.%s", db, tables[0].name);
		join_set(&t->to, APPLIER_TABLE, value_text(name.s, (uint32_t)name.len));
	}
	buf_release(&name);
	arena_release(&a);
}

/* What the session says, where the worker's own row does not know better. */
static void add_session(struct threads *t, int row)
{
	static const struct {
		unsigned to, from;
	} plain[] = {
		{APPLIER_SESSION, PROCESSLIST_ID},
		{APPLIER_STATE, PROCESSLIST_STATE},
		{APPLIER_STATEMENT, PROCESSLIST_INFO},
		{APPLIER_BLOCKED_BY, PROCESSLIST_BLOCKED_BY},
		{APPLIER_BLOCKS, PROCESSLIST_BLOCKS},
		{APPLIER_WAIT_AGE, PROCESSLIST_WAIT_AGE},
		{APPLIER_LOCK_TABLE, PROCESSLIST_LOCK_TABLE},
		{APPLIER_LOCK_INDEX, PROCESSLIST_LOCK_INDEX},
		{APPLIER_LOCK_MODE, PROCESSLIST_LOCK_MODE},
		{APPLIER_TRANSACTION_AGE, PROCESSLIST_TRANSACTION_AGE},
		{APPLIER_ROWS_MODIFIED, PROCESSLIST_ROWS_MODIFIED},
		{APPLIER_ROWS_LOCKS, PROCESSLIST_ROWS_LOCKS},
		{APPLIER_TIME, PROCESSLIST_TIME},
		{APPLIER_OS_THREAD_ID, PROCESSLIST_OS_THREAD_ID},
	};
	const struct part *p = processlist(t);
	if (row < 0)
		return;
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		join_set(&t->to, plain[i].to, part_get(p, (unsigned)row, plain[i].from));
	struct value stage = part_get(p, (unsigned)row, PROCESSLIST_STAGE);
	if (stage.type == VALUE_ABSENT)
		stage = part_get(p, (unsigned)row, PROCESSLIST_SERVER_STATE);
	join_set(&t->to, APPLIER_STAGE, stage);
	if (t->ctx->server->flavor == FLAVOR_MARIADB)
		add_table(t, (unsigned)row);
}

/* Begins a row; the text of the id is `channel/what`. */
static void begin(struct threads *t, struct value channel, const char *kind, const char *what)
{
	struct buf id = BUF_INIT;
	part_row_begin(t->to.builder);
	buf_addf(&id, "%s/%s", value_cstr(channel), what);
	join_set(&t->to, APPLIER_ID, value_text(id.s, (uint32_t)id.len));
	join_set(&t->to, APPLIER_CHANNEL, channel);
	join_set(&t->to, APPLIER_KIND, value_str(kind));
	buf_release(&id);
}

static void set_running(struct threads *t, struct value state, int session)
{
	if (state.type == VALUE_TEXT)
		join_set(&t->to, APPLIER_RUNNING, value_int(strcmp(state.s, "ON") == 0));
	else
		join_set(&t->to, APPLIER_RUNNING, value_int(session >= 0));
}

/* --- by channel: the performance schema ------------------------------------------------------------- */

static struct value channel_cell(const struct threads *t, const char *channel, const char *field)
{
	const struct part *p = t->ctx->parts[PART_CHANNELS];
	int row = join_find(p, "channel", value_str(channel));
	return row < 0 ? VALUE_NONE : part_cell(p, (unsigned)row, field);
}

static void add_receiver(struct threads *t, const struct part *times, unsigned row)
{
	struct value channel = part_cell(times, row, "channel");
	struct value thread = part_cell(times, row, "receiver_thread");
	const char *name = value_cstr(channel);
	if (part_absent_reason(times, (unsigned)schema_field(part_schema(times), "receiver_thread")))
		return;
	int session = session_of(t, thread);
	begin(t, channel, "receiver", "receiver");
	join_set(&t->to, APPLIER_THREAD_ID, thread);
	add_session(t, session);
	if (session < 0)
		join_set(&t->to, APPLIER_STATE, channel_cell(t, name, "io_state"));
	join_set(&t->to, APPLIER_RUNNING, value_int(thread.type != VALUE_ABSENT));
	struct value queueing = part_cell(times, row, "queueing");
	join_set(&t->to, APPLIER_BUSY, value_int(queueing.type == VALUE_TEXT));
	join_set(&t->to, APPLIER_APPLYING, queueing);
	join_set(&t->to, APPLIER_APPLYING_AGE, part_cell(times, row, "queueing_age"));
	join_set(&t->to, APPLIER_APPLIED, part_cell(times, row, "queued"));
	join_set(&t->to, APPLIER_APPLIED_COMMIT, part_cell(times, row, "queued_commit"));
	join_set(&t->to, APPLIER_APPLIED_AT, part_cell(times, row, "queued_at"));
	join_set(&t->to, APPLIER_ERRNO, channel_cell(t, name, "io_errno"));
	join_set(&t->to, APPLIER_ERROR, channel_cell(t, name, "io_error"));
	part_row_end(t->to.builder);
}

/* Without workers the performance schema has no coordinator: its one worker is the applier. */
static void add_coordinator(struct threads *t, const struct part *times, unsigned row)
{
	struct value state = part_cell(times, row, "coordinator_state");
	struct value thread = part_cell(times, row, "coordinator_thread");
	if (state.type == VALUE_ABSENT)
		return;
	int session = session_of(t, thread);
	begin(t, part_cell(times, row, "channel"), "coordinator", "coordinator");
	join_set(&t->to, APPLIER_THREAD_ID, thread);
	add_session(t, session);
	set_running(t, state, session);
	struct value processing = part_cell(times, row, "processing");
	join_set(&t->to, APPLIER_BUSY, value_int(processing.type == VALUE_TEXT));
	join_set(&t->to, APPLIER_APPLYING, processing);
	join_set(&t->to, APPLIER_APPLYING_COMMIT, part_cell(times, row, "processing_commit"));
	join_set(&t->to, APPLIER_APPLYING_SINCE, part_cell(times, row, "processing_since"));
	join_set(&t->to, APPLIER_APPLIED, part_cell(times, row, "processed"));
	join_set(&t->to, APPLIER_ERRNO, part_cell(times, row, "coordinator_errno"));
	join_set(&t->to, APPLIER_ERROR, part_cell(times, row, "coordinator_error"));
	join_set(&t->to, APPLIER_ERROR_AT, part_cell(times, row, "coordinator_error_at"));
	part_row_end(t->to.builder);
}

/* MariaDB has no number for them: then they are counted. */
static void add_worker(struct threads *t, const struct part *workers, unsigned row, int64_t counted)
{
	struct value number = part_cell(workers, row, "number"), channel = part_cell(workers, row, "channel");
	bool only = number.type == VALUE_INT && number.i == 0;
	char what[32];
	if (number.type == VALUE_ABSENT)
		number = value_int(counted);
	snprintf(what, sizeof what, "%lld", (long long)number.i);
	int session = session_of(t, part_cell(workers, row, "thread_id"));
	begin(t, channel, only ? "applier" : "worker", only ? "applier" : what);
	add_session(t, session);
	struct value running = part_cell(workers, row, "running");
	struct value applying = part_cell(workers, row, "applying");
	static const char *const same[] = {"thread_id", "errno", "error", "error_at", "applying",
		"applying_commit", "applying_age", "applying_since", "applying_retries", "table", "transient_error",
		"applied", "applied_commit", "applied_at", "applied_time", "idle_time"};
	for (size_t i = 0; i < COUNT_OF(same); i++)
		join_set(&t->to, (unsigned)schema_field(&schema, same[i]), part_cell(workers, row, same[i]));
	join_set(&t->to, APPLIER_NUMBER, number);
	set_running(t, running, session);
	if (!part_absent_reason(workers, (unsigned)schema_field(part_schema(workers), "applying")))
		join_set(&t->to, APPLIER_BUSY, value_int(applying.type == VALUE_TEXT));
	part_row_end(t->to.builder);
}

static void add_by_channel(struct threads *t)
{
	const struct part *times = t->ctx->parts[PART_CHANNEL_TIMES];
	const struct part *workers = t->ctx->parts[PART_WORKERS];
	for (unsigned i = 0; join_readable(times) && i < part_rows(times); i++) {
		add_receiver(t, times, i);
		add_coordinator(t, times, i);
	}
	int64_t counted = 0;
	for (unsigned i = 0; join_readable(workers) && i < part_rows(workers); i++) {
		bool same = i && value_equal(part_cell(workers, i, "channel"),
					     part_cell(workers, i - 1, "channel"));
		counted = same ? counted + 1 : 1;
		add_worker(t, workers, i, counted);
	}
}

/* --- by session: the process list ------------------------------------------------------------------- */

static const char *kind_of_command(const char *command)
{
	static const struct {
		const char *command, *kind;
	} kinds[] = {
		{"Slave_IO", "receiver"},    {"Replica_IO", "receiver"},
		{"Slave_SQL", "coordinator"}, {"Replica_SQL", "coordinator"},
		{"Slave_worker", "worker"},  {"Replica_worker", "worker"},
	};
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(command, kinds[i].command) == 0)
			return kinds[i].kind;
	return NULL;
}

static bool waits_for_work(const char *state)
{
	static const char *const idle[] = {"", "Waiting for work from SQL thread", "Waiting for next event",
		"Slave has read all relay log; waiting for more updates",
		"Replica has read all relay log; waiting for more updates",
		"Waiting for master to send event", "Waiting for source to send event"};
	for (size_t i = 0; i < COUNT_OF(idle); i++)
		if (strcmp(state, idle[i]) == 0)
			return true;
	return false;
}

/* Whether some row tells of this thread already. */
static bool is_listed(const struct threads *t, struct value thread)
{
	static const struct {
		enum part_id part;
		const char *field;
	} by[] = {{PART_WORKERS, "thread_id"}, {PART_CHANNEL_TIMES, "coordinator_thread"},
		  {PART_CHANNEL_TIMES, "receiver_thread"}};
	for (size_t i = 0; thread.type == VALUE_INT && i < COUNT_OF(by); i++) {
		const struct part *p = t->ctx->parts[by[i].part];
		if (join_readable(p) && join_find(p, by[i].field, thread) >= 0)
			return true;
	}
	return false;
}

static void add_thread(struct threads *t, unsigned row, const char *kind, struct value channel)
{
	const struct part *p = processlist(t);
	struct value id = part_get(p, row, PROCESSLIST_ID);
	char what[32];
	snprintf(what, sizeof what, "#%lld", (long long)value_integer(id, 0));
	begin(t, channel, kind, what);
	add_session(t, (int)row);
	join_set(&t->to, APPLIER_RUNNING, value_int(1));
	join_set(&t->to, APPLIER_BUSY,
		 value_int(!waits_for_work(value_cstr(part_get(p, row, PROCESSLIST_SERVER_STATE)))));
	join_set(&t->to, APPLIER_APPLYING_SINCE, part_get(p, row, PROCESSLIST_TRANSACTION_AGE));
	part_row_end(t->to.builder);
}

static void add_by_session(struct threads *t)
{
	const struct part *p = processlist(t), *channels = t->ctx->parts[PART_CHANNELS];
	struct value only = part_rows(channels) == 1 ? part_get(channels, 0, CHANNEL_CHANNEL) : VALUE_NONE;
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *kind = kind_of_command(value_cstr(part_get(p, i, PROCESSLIST_COMMAND)));
		if (kind && !is_listed(t, part_get(p, i, PROCESSLIST_THREAD_ID)))
			add_thread(t, i, kind, only);
	}
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	struct threads t = {.ctx = ctx, .to = join_new(PART_APPLIERS, &schema)};
	index_sessions(&t);
	add_by_channel(&t);
	if (ctx->server->flavor == FLAVOR_MARIADB && channels_any(ctx))
		add_by_session(&t);
	if (part_builder_rows(t.to.builder))
		join_reasons(&t.to, ctx->parts[PART_WORKERS], PART_WORKERS,
			     "this server does not list its workers");
	pairs_release(&t.sessions);
	return join_seal(&t.to, processlist(&t));
}

const struct derivation appliers_derivation = {
	.part = PART_APPLIERS,
	.schema = &schema,
	.from = PART_BIT(PART_CHANNELS) | PART_BIT(PART_CHANNEL_TIMES) | PART_BIT(PART_WORKERS) |
		PART_BIT(PART_PROCESSLIST),
	.requires = PART_BIT(PART_CHANNELS) | PART_BIT(PART_PROCESSLIST),
	.make = make,
};
