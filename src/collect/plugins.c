/*
 * Plugins that somebody added, and those by which accounts log in, audit or encrypt.
 */
#include "base/mem.h"
#include "collect/all.h"

#define ISP "information_schema.PLUGINS "
#define PLUGIN_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Plugin", "Its name.", ISP "PLUGIN_NAME", "") \
	F(TYPE, "type", TEXT, NONE, GAUGE, "Type", "What it does.", ISP "PLUGIN_TYPE", "") \
	F(STATUS, "status", TEXT, NONE, GAUGE, "Status", "ACTIVE, or why it is not.", ISP "PLUGIN_STATUS", \
	  "ACTIVE.") \
	F(LIBRARY, "library", TEXT, NONE, GAUGE, "Library", \
	  "The file that it came from; none: it is built into the server.", ISP "PLUGIN_LIBRARY", "") \
	F(VERSION, "version", TEXT, NONE, GAUGE, "Version", "Its version.", ISP "PLUGIN_VERSION", "")

static const struct field fields[] = {PLUGIN_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"plugins", fields, COUNT_OF(fields), 0};

static const struct source_column columns[] = {
	{"name", "PLUGIN_NAME", NULL},
	{"type", "PLUGIN_TYPE", NULL},
	{"status", "PLUGIN_STATUS", NULL},
	{"library", "PLUGIN_LIBRARY", NULL},
	{"version", "PLUGIN_VERSION", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.table = "information_schema.PLUGINS",
		.columns = columns,
		.stmt = {"plugins",
			 "SELECT %c FROM information_schema.PLUGINS WHERE PLUGIN_LIBRARY IS NOT NULL "
			 "OR PLUGIN_TYPE IN ('AUTHENTICATION', 'AUDIT', 'PASSWORD VALIDATION', 'ENCRYPTION', "
			 "'KEYRING') ORDER BY PLUGIN_TYPE, PLUGIN_NAME LIMIT 200", STMT_READ, 500},
	},
	{0},
};

const struct collector plugins_collector = {
	.part = PART_PLUGINS,
	.cost = COST_DEMAND,
	.schema = &schema,
	.sources = sources,
	.feature = "plugins",
};
