/*
 * Running statements with their exact time and counters; of the sessions that sleep in a transaction the
 * last one, so that one sees what left it open, and of those that sleep with a lock on all there is. All
 * others' last statements stay on the server.
 */
#include "collect/statement_events.h"

#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/instruments.h"
#include "collect/sessions.h"
#include "collect/transactions.h"

static const struct field fields[] = {STATEMENT_EVENT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"statement_events", fields, N_STATEMENT_EVENT_FIELDS,
				     STATEMENT_EVENT_THREAD_ID};

static const struct source_column columns[] = {
	{"thread_id", "THREAD_ID", NULL},
	{"running", "END_EVENT_ID IS NULL", NULL},
	{"time", "TIMER_WAIT/1e12", NULL},
	{"text", "LEFT(SQL_TEXT, " SESSION_TEXT ")", NULL},
	{"digest", "DIGEST", NULL},
	{"rows_examined", "ROWS_EXAMINED", NULL},
	{"rows_sent", "ROWS_SENT", NULL},
	{"tmp_disk_tables", "CREATED_TMP_DISK_TABLES", NULL},
	{"no_index", "NO_INDEX_USED", NULL},
	{"cpu", "NULLIF(CPU_TIME, 0)/1e12", "CPU_TIME"},
	{"statement_id", "STATEMENT_ID", "STATEMENT_ID"},
	{0},
};

enum { MOST_SLEEPERS = 500 };

static bool sleeps(const struct part *sessions, unsigned row)
{
	return strcmp(value_cstr(part_get(sessions, row, SESSION_COMMAND)), "Sleep") == 0;
}

/* Threads that sleep in a transaction; 0 is no thread, and keeps the list from being empty. */
static size_t args(const struct collect_ctx *ctx, struct stmt_arg out[4], struct buf *keep)
{
	int64_t none = 0;
	buf_add(keep, &none, sizeof none);
	size_t n = 1;
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	const struct part *trx = ctx->parts[PART_TRX];
	for (unsigned i = 0; trx && sessions && i < part_rows(trx) && n < MOST_SLEEPERS; i++) {
		int row = part_find(sessions, part_get(trx, i, TRANSACTION_SESSION));
		if (row < 0 || !sleeps(sessions, (unsigned)row))
			continue;
		int64_t thread = session_thread(ctx, (unsigned)row);
		buf_add(keep, &thread, sizeof thread);
		n++;
	}
	out[0] = STMT_INTS((const int64_t *)(const void *)keep->s, n);
	return 1;
}

static bool usable(const struct collect_ctx *ctx)
{
	return instrument_on(ctx, INSTRUMENT_STATEMENTS);
}

static const struct source sources[] = {
	{
		.table = "performance_schema.events_statements_current",
		.columns = columns,
		/* Level 0 is what the client sent; a procedure's own statements are below it. */
		.stmt = {"statement_events",
			 "SELECT %c FROM performance_schema.events_statements_current "
			 "WHERE NESTING_EVENT_LEVEL = 0 AND (END_EVENT_ID IS NULL OR THREAD_ID IN (%l) "
			 "OR EVENT_NAME IN ('statement/sql/lock_instance', 'statement/sql/backup', "
			 "'statement/sql/flush'))",
			 STMT_READ},
		.args = args,
		.grant = "SELECT ON performance_schema.*",
		.instrument = INSTRUMENT_STATEMENTS,
		.usable = usable,
	},
	{0},
};

const struct collector statement_events_collector = {
	.part = PART_STATEMENT_EVENTS,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.after = PART_BIT(PART_SESSIONS) | PART_BIT(PART_TRX) | PART_BIT(PART_INSTRUMENTS) |
		 PART_BIT(PART_THREADS),
	.feature = "exact times, rows examined, last statements",
};
