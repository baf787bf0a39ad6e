/*
 * Metadata locks. Never the whole table, which may have a row for each table that each session uses: only
 * when a session's state says that it waits for one, and then only the locks on what is waited for.
 *
 * MariaDB without the performance schema's instrument has the plugin metadata_lock_info, which shows locks
 * that are had, not those waited for: waits.c then tells from the waiter's statement what it wants.
 */
#include "collect/metadata_locks.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "collect/all.h"
#include "collect/instruments.h"
#include "collect/mdl.h"
#include "collect/names.h"
#include "collect/sessions.h"
#include "parse/sqltext.h"

static const struct field fields[] = {MDL_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"metadata_locks", fields, N_MDL_FIELDS, MDL_ID};

static const char *state_of(const struct part *sessions, unsigned row)
{
	return value_cstr(part_get(sessions, row, SESSION_STATE));
}

static bool gate(const struct collect_ctx *ctx)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	for (unsigned i = 0; sessions && i < part_rows(sessions); i++)
		if (mdl_noun_of_state(state_of(sessions, i)))
			return true;
	return false;
}

/* --- what METADATA_LOCK_INFO is asked for ------------------------------------------------------ */

static void add_tables(struct names *names, struct arena *a, struct value text)
{
	const struct sql_table *tables;
	size_t n = sql_tables(a, value_cstr(text), text.len, &tables);
	for (size_t i = 0; i < n; i++)
		names_add(names, tables[i].name);
}

static size_t info_args(const struct collect_ctx *ctx, struct stmt_arg out[4], struct buf *keep)
{
	static const char waiting[] = "Waiting for ", of_table[] = "table metadata lock";
	struct names tables = {.n = 0}, types = {.n = 0};
	struct arena a = {0};
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	for (unsigned i = 0; sessions && i < part_rows(sessions); i++) {
		const char *type = state_of(sessions, i);
		if (!mdl_noun_of_state(type))
			continue;
		if (strncmp(type, waiting, sizeof waiting - 1) == 0)
			type += sizeof waiting - 1;
		if (strcmp(type, of_table) == 0)
			add_tables(&tables, &a, part_get(sessions, i, SESSION_INFO));
		else
			names_add(&types, type);
	}
	names_args((const struct names *const[]){&tables, &types}, out, keep);
	arena_release(&a);
	return 2;
}

/* --- the collector ----------------------------------------------------------------------------- */

static bool usable(const struct collect_ctx *ctx)
{
	return instrument_on(ctx, INSTRUMENT_MDL);
}

static const struct source_column columns[] = {
	{"id", "l.OBJECT_INSTANCE_BEGIN", NULL},
	{"session", "t.PROCESSLIST_ID", NULL},
	{"status", "l.LOCK_STATUS", NULL},
	{"type", "l.OBJECT_TYPE", NULL},
	{"schema", "l.OBJECT_SCHEMA", NULL},
	{"name", "l.OBJECT_NAME", NULL},
	{"mode", "l.LOCK_TYPE", NULL},
	{"duration", "l.LOCK_DURATION", NULL},
	{0},
};

static const struct source_column info_columns[] = {
	{"id", "CONCAT_WS(':', THREAD_ID, LOCK_TYPE, TABLE_SCHEMA, TABLE_NAME, LOCK_MODE)", NULL},
	{"session", "THREAD_ID", NULL},
	{"status", "'GRANTED'", NULL},
	{"type", "LOCK_TYPE", NULL},
	{"schema", "NULLIF(TABLE_SCHEMA, '')", NULL},
	{"name", "NULLIF(TABLE_NAME, '')", NULL},
	{"mode", "LOCK_MODE", NULL},
	{"duration", "LOCK_DURATION", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.table = "performance_schema.metadata_locks",
		.columns = columns,
		.stmt = {"metadata_locks",
			 "SELECT %c FROM (SELECT DISTINCT OBJECT_TYPE, OBJECT_SCHEMA, OBJECT_NAME "
			 "FROM performance_schema.metadata_locks WHERE LOCK_STATUS = 'PENDING') w "
			 "JOIN performance_schema.metadata_locks l ON l.OBJECT_TYPE = w.OBJECT_TYPE "
			 "AND l.OBJECT_SCHEMA <=> w.OBJECT_SCHEMA AND l.OBJECT_NAME <=> w.OBJECT_NAME "
			 "JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID "
			 "ORDER BY l.LOCK_STATUS DESC LIMIT 3000", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
		.instrument = INSTRUMENT_MDL,
		.usable = usable,
	},
	{
		.flavor = FLAVOR_MARIADB,
		.table = "information_schema.METADATA_LOCK_INFO",
		.columns = info_columns,
		.stmt = {"metadata_locks/info",
			 "SELECT %c FROM information_schema.METADATA_LOCK_INFO "
			 "WHERE LOCK_TYPE = 'Table metadata lock' AND TABLE_NAME IN (%t) "
			 "OR LOCK_TYPE IN (%t) LIMIT 3000", STMT_READ},
		.args = info_args,
		.grant = "PROCESS",
		.install = "INSTALL SONAME 'metadata_lock_info'",
	},
	{0},
};

const struct collector metadata_locks_collector = {
	.part = PART_METADATA_LOCKS,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.gate = gate,
	.after = PART_BIT(PART_SESSIONS) | PART_BIT(PART_INSTRUMENTS),
	.feature = "metadata locks: who blocks whom",
};
