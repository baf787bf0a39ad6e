#include "collect/processlist.h"

#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/sessions.h"

static const struct field fields[] = {PROCESSLIST_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"processlist", fields, N_PROCESSLIST_FIELDS, PROCESSLIST_ID};

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	static const struct {
		unsigned to, from;
	} plain[] = {
		{PROCESSLIST_ID, SESSION_ID},
		{PROCESSLIST_USER, SESSION_USER},
		{PROCESSLIST_HOST, SESSION_HOST},
		{PROCESSLIST_DB, SESSION_DB},
		{PROCESSLIST_COMMAND, SESSION_COMMAND},
		{PROCESSLIST_STATE, SESSION_STATE},
		{PROCESSLIST_SERVER_STATE, SESSION_STATE},
		{PROCESSLIST_TIME, SESSION_TIME},
		{PROCESSLIST_INFO, SESSION_INFO},
		{PROCESSLIST_INFO_LENGTH, SESSION_INFO_LENGTH},
		{PROCESSLIST_ROWS_EXAMINED, SESSION_ROWS_EXAMINED},
		{PROCESSLIST_ROWS_SENT, SESSION_ROWS_SENT},
		{PROCESSLIST_MEMORY, SESSION_MEMORY},
		{PROCESSLIST_MEMORY_MAX, SESSION_MEMORY_MAX},
		{PROCESSLIST_QUERY_ID, SESSION_QUERY_ID},
		{PROCESSLIST_THREAD_ID, SESSION_THREAD_ID},
		{PROCESSLIST_OS_THREAD_ID, SESSION_OS_THREAD_ID},
		{PROCESSLIST_CONNECTION_TYPE, SESSION_CONNECTION_TYPE},
	};
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	struct part_builder *b = part_builder_new(PART_PROCESSLIST, &schema);
	for (unsigned row = 0; row < part_rows(sessions); row++) {
		part_row_begin(b);
		for (size_t i = 0; i < COUNT_OF(plain); i++)
			part_set(b, plain[i].to, part_get(sessions, row, plain[i].from));
		part_set(b, PROCESSLIST_KIND, value_str("user"));
		part_row_end(b);
	}
	return part_seal(b, part_read_mono(sessions), part_read_wall(sessions), part_ms(sessions));
}

const struct derivation processlist_derivation = {
	.part = PART_PROCESSLIST,
	.schema = &schema,
	.from = PART_BIT(PART_SESSIONS),
	.requires = PART_BIT(PART_SESSIONS),
	.make = make,
};
