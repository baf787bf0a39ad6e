#include "collect/trx_events.h"

#include "base/mem.h"
#include "collect/all.h"
#include "collect/instruments.h"
#include "collect/sessions.h"
#include "collect/transactions.h"

static const struct field fields[] = {TRX_EVENT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"trx_events", fields, N_TRX_EVENT_FIELDS, TRX_EVENT_THREAD_ID};

static const struct source_column columns[] = {
	{"thread_id", "t.THREAD_ID", NULL},
	{"statements", "COUNT(*)", NULL},
	{0},
};

enum { MOST_THREADS = 100 };

/* Of sessions with a transaction of more than one statement. */
static size_t threads_of(const struct collect_ctx *ctx, struct buf *keep)
{
	const struct part *trx = ctx->parts[PART_TRX], *sessions = ctx->parts[PART_SESSIONS];
	size_t n = 0;
	for (unsigned i = 0; trx && sessions && i < part_rows(trx) && n < MOST_THREADS; i++) {
		int row = part_find(sessions, part_get(trx, i, TRANSACTION_SESSION));
		int64_t thread = row < 0 ? 0 : session_thread(ctx, (unsigned)row);
		if (!thread || value_integer(part_get(trx, i, TRANSACTION_PLAIN_READ), 0))
			continue;
		buf_add(keep, &thread, sizeof thread);
		n++;
	}
	return n;
}

static size_t args(const struct collect_ctx *ctx, struct stmt_arg out[4], struct buf *keep)
{
	int64_t none = 0;
	size_t n = threads_of(ctx, keep);
	if (!n)
		buf_add(keep, &none, sizeof none);
	out[0] = STMT_INTS((const int64_t *)(const void *)keep->s, n ? n : 1);
	return 1;
}

static bool gate(const struct collect_ctx *ctx)
{
	struct buf keep = BUF_INIT;
	size_t n = threads_of(ctx, &keep);
	buf_release(&keep);
	return n > 0;
}

static bool usable(const struct collect_ctx *ctx)
{
	return instrument_on(ctx, INSTRUMENT_TRANSACTIONS) && instrument_on(ctx, INSTRUMENT_HISTORY);
}

static const struct source sources[] = {
	{
		.table = "performance_schema.events_transactions_current",
		.columns = columns,
		.stmt = {"trx_events",
			 "SELECT %c FROM performance_schema.events_transactions_current t "
			 "JOIN performance_schema.events_statements_history h ON h.THREAD_ID = t.THREAD_ID "
			 "AND h.NESTING_EVENT_ID = t.EVENT_ID AND h.NESTING_EVENT_TYPE = 'TRANSACTION' "
			 "WHERE t.STATE = 'ACTIVE' AND t.THREAD_ID IN (%l) GROUP BY t.THREAD_ID", STMT_READ},
		.args = args,
		.grant = "SELECT ON performance_schema.*",
		.instrument = INSTRUMENT_TRANSACTIONS,
		.usable = usable,
	},
	{0},
};

const struct collector trx_events_collector = {
	.part = PART_TRX_EVENTS,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.gate = gate,
	.after = PART_BIT(PART_TRX) | PART_BIT(PART_SESSIONS) | PART_BIT(PART_INSTRUMENTS) |
		 PART_BIT(PART_THREADS),
	.feature = "statements of open transactions",
};
