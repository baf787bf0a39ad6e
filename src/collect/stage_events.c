/* Stages of running statements, with how far a long one has come. Off unless somebody switched it on. */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/events.h"
#include "collect/instruments.h"

static const struct field fields[] = {STAGE_EVENT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"stage_events", fields, COUNT_OF(fields), STAGE_EVENT_THREAD_ID};

static const struct source_column columns[] = {
	{"thread_id", "THREAD_ID", NULL},
	{"stage", "EVENT_NAME", NULL},
	{"progress", "100*WORK_COMPLETED/NULLIF(WORK_ESTIMATED, 0)", NULL},
	{0},
};

static bool usable(const struct collect_ctx *ctx)
{
	return instrument_on(ctx, INSTRUMENT_STAGES);
}

static const struct source sources[] = {
	{
		.table = "performance_schema.events_stages_current",
		.columns = columns,
		.stmt = {"stage_events", "SELECT %c FROM performance_schema.events_stages_current "
			 "WHERE END_EVENT_ID IS NULL", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
		.instrument = INSTRUMENT_STAGES,
		.usable = usable,
	},
	{0},
};

const struct collector stage_events_collector = {
	.part = PART_STAGE_EVENTS,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.after = PART_BIT(PART_INSTRUMENTS),
	.feature = "stage and progress of long statements",
};
