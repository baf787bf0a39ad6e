#include "collect/instruments.h"

#include <string.h>

#include "base/mem.h"
#include "collect/all.h"

#define INSTRUMENT_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Consumer or instrument of the performance schema.", \
	  "setup_consumers NAME, setup_instruments NAME", "") \
	F(ENABLED, "enabled", INT, BOOL, GAUGE, "On", "Whether it is switched on.", \
	  "setup_consumers ENABLED, setup_instruments ENABLED", \
	  "Yes for those that are on by default in MySQL 8.")

enum { NAME, ENABLED };
static const struct field fields[] = {INSTRUMENT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"instruments", fields, COUNT_OF(fields), NAME};

/* Any of InnoDB's mutexes and latches; INSTRUMENT_INNODB_LATCHES as it stands in a statement. */
#define LATCHES "wait/synch/%%/innodb/%%"

static const struct source sources[] = {
	{
		.table = "performance_schema.setup_instruments",
		.stmt = {"instruments",
			 "SELECT NAME AS name, ENABLED AS enabled FROM performance_schema.setup_consumers "
			 "UNION ALL SELECT NAME, ENABLED FROM performance_schema.setup_instruments "
			 "WHERE NAME IN ('" INSTRUMENT_MDL "') "
			 "UNION ALL SELECT '" LATCHES "', IF(SUM(ENABLED = 'YES') > 0, 'YES', 'NO') "
			 "FROM performance_schema.setup_instruments WHERE NAME LIKE '" LATCHES "'", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector instruments_collector = {
	.part = PART_INSTRUMENTS,
	.cost = COST_RARE,
	.schema = &schema,
	.sources = sources,
	.feature = "what the performance schema records",
};

bool instrument_on(const struct collect_ctx *ctx, const char *name)
{
	const struct part *p = ctx->parts[PART_INSTRUMENTS];
	int row = p ? part_find(p, value_str(name)) : -1;
	return row < 0 || value_integer(part_get(p, (unsigned)row, ENABLED), 1);
}

void instrument_enable(struct buf *out, const char *name)
{
	bool consumer = !strchr(name, '/');
	buf_addf(out, "UPDATE performance_schema.setup_%s SET ENABLED = 'YES'%s WHERE NAME %s '%s'",
		 consumer ? "consumers" : "instruments", consumer ? "" : ", TIMED = 'YES'",
		 strchr(name, '%') ? "LIKE" : "=", name);
}

void instrument_reason(struct buf *out, const char *name)
{
	buf_addf(out, "%s is off: ", name);
	instrument_enable(out, name);
}
