/*
 * Which thread serves which session, for MariaDB: its process list does not say, and what the performance
 * schema records goes by thread. A join on the server would cost ten times as much: there is no index.
 */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/instruments.h"
#include "collect/sessions.h"

#define THREAD_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Id", "Connection id.", "threads PROCESSLIST_ID", "") \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", "The performance schema's thread number.", \
	  "threads THREAD_ID", "")

enum { ID, THREAD_ID };
static const struct field fields[] = {THREAD_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"threads", fields, COUNT_OF(fields), ID};

static const struct source_column columns[] = {
	{"id", "PROCESSLIST_ID", NULL},
	{"thread_id", "THREAD_ID", NULL},
	{0},
};

static bool usable(const struct collect_ctx *ctx)
{
	return instrument_on(ctx, INSTRUMENT_STATEMENTS);
}

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MARIADB,
		.table = "performance_schema.threads",
		.columns = columns,
		.stmt = {"threads", "SELECT %c FROM performance_schema.threads "
			 "WHERE PROCESSLIST_ID IS NOT NULL", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
		.instrument = INSTRUMENT_STATEMENTS,
		.usable = usable,
	},
	{0},
};

const struct collector threads_collector = {
	.part = PART_THREADS,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.after = PART_BIT(PART_INSTRUMENTS),
	.feature = "statements, stages and waits of sessions on MariaDB",
};

int64_t session_thread(const struct collect_ctx *ctx, unsigned row)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS], *threads = ctx->parts[PART_THREADS];
	struct value thread = part_get(sessions, row, SESSION_THREAD_ID);
	if (thread.type == VALUE_INT || !threads)
		return value_integer(thread, 0);
	int at = part_find(threads, part_get(sessions, row, SESSION_ID));
	return at < 0 ? 0 : value_integer(part_get(threads, (unsigned)at, THREAD_ID), 0);
}
