/* What threads wait for inside the server. Off unless somebody switched it on. */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/events.h"
#include "collect/instruments.h"

static const struct field fields[] = {WAIT_EVENT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"wait_events", fields, COUNT_OF(fields), WAIT_EVENT_THREAD_ID};

static const struct source_column columns[] = {
	{"thread_id", "THREAD_ID", NULL},
	{"wait", "EVENT_NAME", NULL},
	{"age", "TIMER_WAIT/1e12", NULL},
	{0},
};

static bool usable(const struct collect_ctx *ctx)
{
	return instrument_on(ctx, INSTRUMENT_WAITS);
}

static const struct source sources[] = {
	{
		.table = "performance_schema.events_waits_current",
		.columns = columns,
		.stmt = {"wait_events", "SELECT %c FROM performance_schema.events_waits_current "
			 "WHERE END_EVENT_ID IS NULL AND EVENT_NAME <> 'idle'", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
		.instrument = INSTRUMENT_WAITS,
		.usable = usable,
	},
	{0},
};

const struct collector wait_events_collector = {
	.part = PART_WAIT_EVENTS,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.after = PART_BIT(PART_INSTRUMENTS),
	.feature = "what each thread waits for inside the server",
};
