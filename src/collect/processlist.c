#include "collect/processlist.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "collect/all.h"
#include "collect/events.h"
#include "collect/instruments.h"
#include "collect/pairs.h"
#include "collect/sessions.h"
#include "collect/statement_events.h"
#include "collect/transactions.h"
#include "collect/waits.h"

static const struct field fields[] = {PROCESSLIST_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"processlist", fields, N_PROCESSLIST_FIELDS, PROCESSLIST_ID};

/* All that is known of the sessions, by their rows. -1: nothing. */
struct join {
	const struct collect_ctx *ctx;
	const struct part *sessions, *trx, *statements, *stages, *events, *before;
	int *trx_of, *statement_of, *stage_of, *event_of;
	int *wait_of;
	unsigned *blocks;
	struct waits waits;
	double text_limit; /* bytes of a statement that the server keeps; 0: all */
	struct part_builder *b;
};

static struct value session_cell(const struct join *j, unsigned row, unsigned field)
{
	return part_get(j->sessions, row, field);
}

static bool sleeps(const struct join *j, unsigned row)
{
	return strcmp(value_cstr(session_cell(j, row, SESSION_COMMAND)), "Sleep") == 0;
}

/* --- finding what belongs together -------------------------------------------------------------- */

/* Seconds by which a part was read before the sessions were. */
static double behind(const struct join *j, const struct part *p)
{
	return (double)(part_read_mono(j->sessions) - part_read_mono(p)) / (double)NS_PER_S;
}

/* Whether what an older part says of a session still holds: it has done nothing new since. Times may be
   whole seconds, cut off. */
static bool still(const struct join *j, unsigned row, const struct part *p)
{
	return value_number(session_cell(j, row, SESSION_TIME), 0) + 1 >= behind(j, p);
}

static int *rows_new(const struct join *j)
{
	unsigned n = part_rows(j->sessions);
	int *rows = xcalloc(n + 1, sizeof *rows);
	for (unsigned i = 0; i < n; i++)
		rows[i] = -1;
	return rows;
}

static int *join_transactions(const struct join *j)
{
	int *rows = rows_new(j);
	for (unsigned i = 0; j->trx && i < part_rows(j->trx); i++) {
		int row = part_find(j->sessions, part_get(j->trx, i, TRANSACTION_SESSION));
		if (row >= 0 && still(j, (unsigned)row, j->trx))
			rows[row] = (int)i;
	}
	return rows;
}

static int *join_threads(const struct join *j, const struct part *p, unsigned thread_field,
			 const struct pairs *threads)
{
	int *rows = rows_new(j);
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		int64_t thread = value_integer(part_get(p, i, thread_field), -1);
		int64_t row = pairs_get(threads, thread, -1);
		if (row >= 0)
			rows[row] = (int)i;
	}
	return rows;
}

static const struct part *good(const struct collect_ctx *ctx, enum part_id id)
{
	const struct part *p = ctx->parts[id];
	return p && part_rows(p) ? p : NULL;
}

static double text_limit(const struct collect_ctx *ctx)
{
	enum { AS_INSTALLED = 1024 };
	if (ctx->server->flavor == FLAVOR_MARIADB)
		return 0;
	return value_number(part_lookup(ctx->parts[PART_VARIABLES],
					"performance_schema_max_sql_text_length"), AS_INSTALLED);
}

static void join_init(struct join *j, const struct collect_ctx *ctx, const struct part *before)
{
	struct pairs threads = {0};
	*j = (struct join){
		.ctx = ctx,
		.sessions = ctx->parts[PART_SESSIONS],
		.trx = good(ctx, PART_TRX),
		.statements = good(ctx, PART_STATEMENT_EVENTS),
		.stages = good(ctx, PART_STAGE_EVENTS),
		.events = good(ctx, PART_WAIT_EVENTS),
		.before = before && part_rows(before) ? before : NULL,
		.text_limit = text_limit(ctx),
	};
	unsigned n = part_rows(j->sessions);
	for (unsigned i = 0; i < n; i++) {
		int64_t thread = session_thread(ctx, i);
		if (thread)
			pairs_add(&threads, thread, i);
	}
	pairs_sort(&threads);
	j->trx_of = join_transactions(j);
	j->statement_of = join_threads(j, j->statements, STATEMENT_EVENT_THREAD_ID, &threads);
	j->stage_of = join_threads(j, j->stages, STAGE_EVENT_THREAD_ID, &threads);
	j->event_of = join_threads(j, j->events, WAIT_EVENT_THREAD_ID, &threads);
	pairs_release(&threads);
	waits_gather(&j->waits, ctx);
	j->wait_of = xcalloc(n + 1, sizeof *j->wait_of);
	j->blocks = xcalloc(n + 1, sizeof *j->blocks);
	waits_count(&j->waits, n, j->wait_of, j->blocks);
}

static void join_release(struct join *j)
{
	free(j->trx_of);
	free(j->statement_of);
	free(j->stage_of);
	free(j->event_of);
	free(j->wait_of);
	free(j->blocks);
	waits_release(&j->waits);
}

/* --- one row ------------------------------------------------------------------------------------ */

static void put(const struct join *j, unsigned field, struct value v)
{
	if (v.type != VALUE_ABSENT)
		part_set(j->b, field, v);
}

struct copy {
	unsigned to, from;
};

static void put_plain(const struct join *j, unsigned row)
{
	static const struct copy plain[] = {
		{PROCESSLIST_ID, SESSION_ID},
		{PROCESSLIST_USER, SESSION_USER},
		{PROCESSLIST_DB, SESSION_DB},
		{PROCESSLIST_COMMAND, SESSION_COMMAND},
		{PROCESSLIST_SERVER_STATE, SESSION_STATE},
		{PROCESSLIST_TIME, SESSION_TIME},
		{PROCESSLIST_MEMORY, SESSION_MEMORY},
		{PROCESSLIST_MEMORY_MAX, SESSION_MEMORY_MAX},
		{PROCESSLIST_QUERY_ID, SESSION_QUERY_ID},
		{PROCESSLIST_OS_THREAD_ID, SESSION_OS_THREAD_ID},
		{PROCESSLIST_CONNECTION_TYPE, SESSION_CONNECTION_TYPE},
	};
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		put(j, plain[i].to, session_cell(j, row, plain[i].from));
}

/* "web1:4711" and "[2001:db8::1]:4711" have a port, "localhost" and "2001:db8::1" have none. */
static void put_host(const struct join *j, unsigned row)
{
	struct value host = session_cell(j, row, SESSION_HOST);
	const char *s = value_cstr(host), *colon = strrchr(s, ':');
	bool port = colon && colon[1] && strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
		    (memchr(s, ':', (size_t)(colon - s)) == NULL || colon[-1] == ']');
	if (port) {
		put(j, PROCESSLIST_CLIENT_PORT, value_parse(colon + 1, (uint32_t)strlen(colon + 1)));
		host.len = (uint32_t)(colon - s);
	}
	put(j, PROCESSLIST_HOST, host);
}

static void put_text(const struct join *j, unsigned field, struct value text)
{
	/* A cut may have gone through a character. */
	uint32_t n = text.len;
	while (n && text.len - n < 4 && ((unsigned char)text.s[n - 1] & 0xc0) == 0x80)
		n--;
	if (n && text.len > 0 && (unsigned char)text.s[n - 1] >= 0xc0 &&
	    !utf8_valid(text.s + n - 1, text.len - n + 1))
		text.len = n - 1;
	part_set_text(j->b, field, text.s, text.len);
}

/* A few bytes less than the limit: the server does not cut through a character either. */
static bool at_limit(const struct join *j, struct value text)
{
	return (j->text_limit > 0 && text.len + 3 >= j->text_limit) ||
	       session_characters(text) >= SESSION_TEXT_MAX;
}

static void put_info(const struct join *j, unsigned row)
{
	struct value text = session_cell(j, row, SESSION_INFO);
	struct value length = session_cell(j, row, SESSION_INFO_LENGTH);
	int s = j->statement_of[row];
	if (s >= 0 && !sleeps(j, row) && j->ctx->server->flavor != FLAVOR_MARIADB &&
	    value_integer(part_get(j->statements, (unsigned)s, STATEMENT_EVENT_RUNNING), 0)) {
		/* What MySQL's thread shows is in the client's character set, and not told so. */
		struct value better = part_get(j->statements, (unsigned)s, STATEMENT_EVENT_TEXT);
		if (better.type == VALUE_TEXT)
			text = better;
	}
	if (text.type != VALUE_TEXT)
		return;
	bool cut = value_integer(session_cell(j, row, SESSION_INFO_CUT), 0) ||
		   (length.type == VALUE_INT ? length.i > text.len : at_limit(j, text));
	if (!cut && length.type != VALUE_INT)
		length = value_int(text.len);
	put(j, PROCESSLIST_INFO_LENGTH, length);
	part_set(j->b, PROCESSLIST_INFO_CUT, value_int(cut));
	if (cut)
		put_text(j, PROCESSLIST_INFO, text);
	else
		put(j, PROCESSLIST_INFO, text);
}

/* Both servers count for a SELECT when it ends, for a change as it goes: 0 is no answer. */
static void put_examined(const struct join *j, struct value examined)
{
	if (value_integer(examined, 0) > 0)
		part_set(j->b, PROCESSLIST_ROWS_EXAMINED, examined);
}

static void put_statement(const struct join *j, unsigned row)
{
	static const struct copy plain[] = {
		{PROCESSLIST_TIME, STATEMENT_EVENT_TIME},
		{PROCESSLIST_DIGEST, STATEMENT_EVENT_DIGEST},
		{PROCESSLIST_ROWS_SENT, STATEMENT_EVENT_ROWS_SENT},
		{PROCESSLIST_TMP_DISK_TABLES, STATEMENT_EVENT_TMP_DISK_TABLES},
		{PROCESSLIST_NO_INDEX, STATEMENT_EVENT_NO_INDEX},
		{PROCESSLIST_CPU, STATEMENT_EVENT_CPU},
		{PROCESSLIST_QUERY_ID, STATEMENT_EVENT_STATEMENT_ID},
	};
	int s = j->statement_of[row];
	if (s < 0 || sleeps(j, row) ||
	    !value_integer(part_get(j->statements, (unsigned)s, STATEMENT_EVENT_RUNNING), 0))
		return;
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		put(j, plain[i].to, part_get(j->statements, (unsigned)s, plain[i].from));
	put_examined(j, part_get(j->statements, (unsigned)s, STATEMENT_EVENT_ROWS_EXAMINED));
}

/* MariaDB's own counters of the running statement; of a sleeping session they are the last one's. */
static void put_session_counters(const struct join *j, unsigned row)
{
	if (sleeps(j, row))
		return;
	put_examined(j, session_cell(j, row, SESSION_ROWS_EXAMINED));
	put(j, PROCESSLIST_ROWS_SENT, session_cell(j, row, SESSION_ROWS_SENT));
	double stages = value_number(session_cell(j, row, SESSION_MAX_STAGE), 0);
	double stage = value_number(session_cell(j, row, SESSION_STAGE), 0);
	double progress = value_number(session_cell(j, row, SESSION_PROGRESS), 0);
	if (stages > 0 && stage > 0)
		part_set(j->b, PROCESSLIST_PROGRESS,
			 value_real((100 * (stage - 1) + progress) / stages));
}

/* "stage/innodb/alter table (read PK and internal sort)" reads best without the first two. */
static struct value event_name(struct value name)
{
	const char *s = value_cstr(name), *slash = strrchr(s, '/');
	return slash && slash[1] ? value_str(slash + 1) : name;
}

static void put_stage(const struct join *j, unsigned row)
{
	int s = j->stage_of[row];
	if (s < 0)
		return;
	put(j, PROCESSLIST_STAGE, event_name(part_get(j->stages, (unsigned)s, STAGE_EVENT_STAGE)));
	put(j, PROCESSLIST_PROGRESS, part_get(j->stages, (unsigned)s, STAGE_EVENT_PROGRESS));
}

static void put_transaction(const struct join *j, unsigned row)
{
	int t = j->trx_of[row];
	if (t < 0)
		return;
	unsigned trx = (unsigned)t;
	double late = behind(j, j->trx);
	struct value age = part_get(j->trx, trx, TRANSACTION_AGE);
	if (value_is_number(age))
		part_set(j->b, PROCESSLIST_TRANSACTION_AGE,
			 value_real(value_number(age, 0) + (late > 0 ? late : 0)));
	put(j, PROCESSLIST_TRANSACTION_STATE, part_get(j->trx, trx, TRANSACTION_STATE));
	put(j, PROCESSLIST_TRANSACTION_ISOLATION, part_get(j->trx, trx, TRANSACTION_ISOLATION));
	put(j, PROCESSLIST_ROWS_LOCKS, part_get(j->trx, trx, TRANSACTION_ROWS_LOCKED));
	put(j, PROCESSLIST_ROWS_MODIFIED, part_get(j->trx, trx, TRANSACTION_ROWS_MODIFIED));
}

static const struct wait *wait_of(const struct join *j, unsigned row)
{
	return j->wait_of[row] < 0 ? NULL : &j->waits.at[j->wait_of[row]];
}

static void put_wait(const struct join *j, unsigned row)
{
	const struct wait *w = wait_of(j, row);
	int e = j->event_of[row];
	part_set(j->b, PROCESSLIST_BLOCKS, value_int(j->blocks[row]));
	if (!w) {
		if (e < 0)
			return;
		put(j, PROCESSLIST_WAIT, part_get(j->events, (unsigned)e, WAIT_EVENT_WAIT));
		put(j, PROCESSLIST_WAIT_AGE, part_get(j->events, (unsigned)e, WAIT_EVENT_AGE));
		return;
	}
	put(j, PROCESSLIST_WAIT, value_str(w->noun));
	if (w->age >= 0)
		part_set(j->b, PROCESSLIST_WAIT_AGE, value_real(w->age));
	if (w->blocker_id)
		part_set(j->b, PROCESSLIST_BLOCKED_BY, value_int(w->blocker_id));
	put(j, PROCESSLIST_LOCK_TABLE, w->table);
	put(j, PROCESSLIST_LOCK_INDEX, w->index);
	put(j, PROCESSLIST_LOCK_MODE, w->mode);
}

static void put_state(const struct join *j, unsigned row)
{
	const struct wait *w = wait_of(j, row);
	struct value state = session_cell(j, row, SESSION_STATE);
	if (w) {
		struct buf b = BUF_INIT;
		buf_adds(&b, w->noun);
		if (w->blocker_id)
			buf_addf(&b, " ← %lld", (long long)w->blocker_id);
		else if (w->prepared)
			buf_adds(&b, " ← prepared XA");
		part_set_text(j->b, PROCESSLIST_STATE, b.s, b.len);
		buf_release(&b);
	} else if (j->trx_of[row] >= 0 && sleeps(j, row)) {
		part_set(j->b, PROCESSLIST_STATE, value_str("idle in transaction"));
	} else {
		part_set(j->b, PROCESSLIST_STATE, state.type == VALUE_TEXT ? state : value_str(""));
	}
}

/* --- the last statement of a session that sleeps in a transaction, or with a lock on all ----------- */

static int row_before(const struct join *j, unsigned row)
{
	if (!j->before)
		return -1;
	int was = part_find(j->before, session_cell(j, row, SESSION_ID));
	if (was < 0 || !value_equal(part_get(j->before, (unsigned)was, PROCESSLIST_USER),
				    session_cell(j, row, SESSION_USER)))
		return -1;
	return was;
}

/* What was seen running when the sessions were read last, or what was remembered then. */
static void remember(const struct join *j, unsigned row)
{
	int was = row_before(j, row);
	if (was < 0)
		return;
	unsigned w = (unsigned)was;
	struct value text = part_get(j->before, w, PROCESSLIST_INFO), exact = value_int(0);
	struct value query = session_cell(j, row, SESSION_QUERY_ID);
	if (text.type != VALUE_TEXT) {
		text = part_get(j->before, w, PROCESSLIST_LAST_STATEMENT);
		exact = part_get(j->before, w, PROCESSLIST_LAST_EXACT);
	}
	if (text.type != VALUE_TEXT)
		return;
	/* A sleeping session keeps the number of its last statement. */
	bool same = query.type == VALUE_INT &&
		    value_equal(query, part_get(j->before, w, PROCESSLIST_QUERY_ID));
	bool was_running = part_get(j->before, w, PROCESSLIST_INFO).type == VALUE_TEXT;
	part_set(j->b, PROCESSLIST_LAST_STATEMENT, text);
	part_set(j->b, PROCESSLIST_LAST_EXACT,
		 value_int(same && (was_running || value_integer(exact, 0))));
}

static bool locks_all(struct value text)
{
	static const char *const begins[] = {"LOCK INSTANCE", "BACKUP ", "FLUSH "};
	for (size_t i = 0; i < COUNT_OF(begins); i++)
		if (strncasecmp(value_cstr(text), begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static void put_last_statement(const struct join *j, unsigned row)
{
	int s = j->statement_of[row];
	struct value text = s < 0 ? VALUE_NONE
				  : part_get(j->statements, (unsigned)s, STATEMENT_EVENT_TEXT);
	if (!sleeps(j, row) || (j->trx_of[row] < 0 && !locks_all(text)))
		return;
	if (text.type != VALUE_TEXT) {
		remember(j, row);
		return;
	}
	part_set(j->b, PROCESSLIST_LAST_STATEMENT, text);
	part_set(j->b, PROCESSLIST_LAST_EXACT, value_int(1));
	put(j, PROCESSLIST_DIGEST, part_get(j->statements, (unsigned)s, STATEMENT_EVENT_DIGEST));
}

/* --- kinds ---------------------------------------------------------------------------------------- */

static bool begins(struct value text, const char *with)
{
	return strncmp(value_cstr(text), with, strlen(with)) == 0;
}

static bool is_own(const struct join *j, unsigned row)
{
	static const char mark[] = "/* fathom */";
	if (value_integer(session_cell(j, row, SESSION_ID), 0) == j->ctx->server->connection_id)
		return true;
	if (begins(session_cell(j, row, SESSION_INFO), mark))
		return true;
	int was = row_before(j, row);
	return was >= 0 && session_cell(j, row, SESSION_INFO).type != VALUE_TEXT &&
	       strcmp(value_cstr(part_get(j->before, (unsigned)was, PROCESSLIST_KIND)), "own") == 0;
}

/* Threads of the server itself: MySQL names them, MariaDB gives them the user `system user`. */
static const char *kind_of(const struct join *j, unsigned row)
{
	static const struct {
		unsigned field;
		const char *with, *kind;
	} signs[] = {
		{SESSION_COMMAND, "Binlog Dump", "replication"},
		{SESSION_COMMAND, "Slave_", "replication"},
		{SESSION_COMMAND, "Replica_", "replication"},
		{SESSION_COMMAND, "Register ", "replication"},
		{SESSION_THREAD_NAME, "thread/sql/slave", "replication"},
		{SESSION_THREAD_NAME, "thread/sql/replica", "replication"},
		{SESSION_THREAD_NAME, "thread/group_rpl", "replication"},
		{SESSION_THREAD_NAME, "thread/semisync", "replication"},
		{SESSION_THREAD_NAME, "thread/sql/event", "event"},
		{SESSION_USER, "event_scheduler", "event"},
		{SESSION_STATE, "wsrep ", "replication"},
		{SESSION_COMMAND, "Daemon", "system"},
		{SESSION_USER, "system user", "system"},
		{SESSION_THREAD_NAME, "thread/sql/", "system"},
	};
	for (size_t i = 0; i < COUNT_OF(signs); i++)
		if (begins(session_cell(j, row, signs[i].field), signs[i].with))
			return signs[i].kind;
	return is_own(j, row) ? "own" : "user";
}

/* --- the part ------------------------------------------------------------------------------------- */

static void put_row(struct join *j, unsigned row)
{
	int64_t thread = session_thread(j->ctx, row);
	part_row_begin(j->b);
	put_plain(j, row);
	if (thread)
		part_set(j->b, PROCESSLIST_THREAD_ID, value_int(thread));
	put_host(j, row);
	part_set(j->b, PROCESSLIST_KIND, value_str(kind_of(j, row)));
	put_info(j, row);
	put_session_counters(j, row);
	put_statement(j, row);
	put_stage(j, row);
	put_transaction(j, row);
	put_wait(j, row);
	put_state(j, row);
	put_last_statement(j, row);
	part_row_end(j->b);
}

/* Which part gives a field, where the sessions themselves do not. */
static const struct {
	unsigned field;
	enum part_id from;
} sources[] = {
	{PROCESSLIST_TRANSACTION_AGE, PART_TRX},
	{PROCESSLIST_TRANSACTION_STATE, PART_TRX},
	{PROCESSLIST_TRANSACTION_ISOLATION, PART_TRX},
	{PROCESSLIST_ROWS_LOCKS, PART_TRX},
	{PROCESSLIST_ROWS_MODIFIED, PART_TRX},
	{PROCESSLIST_DIGEST, PART_STATEMENT_EVENTS},
	{PROCESSLIST_TMP_DISK_TABLES, PART_STATEMENT_EVENTS},
	{PROCESSLIST_NO_INDEX, PART_STATEMENT_EVENTS},
	{PROCESSLIST_CPU, PART_STATEMENT_EVENTS},
	{PROCESSLIST_STAGE, PART_STAGE_EVENTS},
	{PROCESSLIST_THREAD_ID, PART_THREADS},
};

static const char *part_lack(const struct collect_ctx *ctx, enum part_id id)
{
	const struct part *p = ctx->parts[id];
	return p && part_status(p) != PART_OK && part_status(p) != PART_STALE ? part_reason(p) : NULL;
}

/* Blockers come from two parts: what lacks is told where somebody waits for just that. */
static const char *blocked_lack(const struct join *j)
{
	const struct collect_ctx *ctx = j->ctx;
	const char *rows = part_lack(ctx, PART_ROW_LOCK_WAITS);
	const char *mdl = part_lack(ctx, PART_METADATA_LOCKS);
	for (size_t i = 0; i < j->waits.n && mdl; i++)
		if (strcmp(j->waits.at[i].noun, "row lock") != 0)
			return mdl;
	return rows;
}

static void say_what_is_absent(struct join *j)
{
	static const struct copy plain[] = {
		{PROCESSLIST_MEMORY, SESSION_MEMORY},
		{PROCESSLIST_MEMORY_MAX, SESSION_MEMORY_MAX},
		{PROCESSLIST_OS_THREAD_ID, SESSION_OS_THREAD_ID},
		{PROCESSLIST_CONNECTION_TYPE, SESSION_CONNECTION_TYPE},
	};
	bool mysql = j->ctx->server->flavor != FLAVOR_MARIADB;
	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		const char *why = part_absent_reason(j->sessions, plain[i].from);
		if (why)
			part_set_absent(j->b, plain[i].to, why);
	}
	for (size_t i = 0; i < COUNT_OF(sources); i++) {
		const char *why = part_lack(j->ctx, sources[i].from);
		if (why && !(sources[i].from == PART_THREADS && mysql))
			part_set_absent(j->b, sources[i].field, why);
	}
	const char *why = blocked_lack(j);
	if (why)
		part_set_absent(j->b, PROCESSLIST_BLOCKED_BY, why);
	if (!part_absent_reason(j->sessions, SESSION_THREAD_ID))
		part_set_absent(j->b, PROCESSLIST_CLIENT_PORT, "performance_schema.threads has no port");
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	struct join j;
	join_init(&j, ctx, before);
	j.b = part_builder_new(PART_PROCESSLIST, &schema);
	for (unsigned row = 0; row < part_rows(j.sessions); row++)
		put_row(&j, row);
	say_what_is_absent(&j);
	part_set_rows_cut(j.b, part_rows_cut(j.sessions));
	struct part *p = part_seal(j.b, part_read_mono(j.sessions), part_read_wall(j.sessions),
				   part_ms(j.sessions));
	join_release(&j);
	return p;
}

const struct derivation processlist_derivation = {
	.part = PART_PROCESSLIST,
	.schema = &schema,
	.from = PART_BIT(PART_SESSIONS) | PART_BIT(PART_TRX) | PART_BIT(PART_STATEMENT_EVENTS) |
		PART_BIT(PART_STAGE_EVENTS) | PART_BIT(PART_WAIT_EVENTS) |
		PART_BIT(PART_ROW_LOCK_WAITS) | PART_BIT(PART_METADATA_LOCKS),
	.requires = PART_BIT(PART_SESSIONS),
	.make = make,
};
