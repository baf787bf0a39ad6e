/*
 * Global variables, with where each value came from. They change rarely: read at the login and then
 * every half minute.
 */
#include "base/mem.h"
#include "collect/all.h"

#define VARIABLE_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Name of the variable.", \
	  "SHOW GLOBAL VARIABLES", "") \
	F(VALUE, "value", ANY, NONE, GAUGE, "Value", "Its global value.", "SHOW GLOBAL VARIABLES", \
	  "What the people who run the server decided; see where it was set.") \
	F(ORIGIN, "source", TEXT, NONE, GAUGE, "Set by", \
	  "Where the value came from: the program's default, an option file, the command line, a " \
	  "persisted setting, or SET GLOBAL while the server ran (DYNAMIC, SQL).", \
	  "performance_schema.variables_info VARIABLE_SOURCE; on MariaDB " \
	  "information_schema.SYSTEM_VARIABLES GLOBAL_VALUE_ORIGIN", \
	  "A value that was set while the server ran is lost with its restart, unless persisted.") \
	F(PATH, "path", TEXT, NONE, GAUGE, "File", "The option file that set it.", \
	  "variables_info VARIABLE_PATH; SYSTEM_VARIABLES GLOBAL_VALUE_PATH", "") \
	F(DEFAULT, "default_value", ANY, NONE, GAUGE, "Default", "What the program has built in.", \
	  "SYSTEM_VARIABLES DEFAULT_VALUE (MariaDB only)", \
	  "What suits most servers; a difference is a decision that somebody took.") \
	F(CHANGED, "changed", INT, BOOL, GAUGE, "Changed", \
	  "Whether somebody set it, so that it is not the built-in default.", \
	  "variables_info VARIABLE_SOURCE is not COMPILED; SYSTEM_VARIABLES GLOBAL_VALUE_ORIGIN is " \
	  "neither COMPILE-TIME nor AUTO", \
	  "Some dozens are set on most servers.") \
	F(SET_TIME, "set_time", TEXT, NONE, GAUGE, "Set at", \
	  "When it was last set while the server ran.", "variables_info SET_TIME (MySQL only)", "") \
	F(SET_USER, "set_user", TEXT, NONE, GAUGE, "Set by user", \
	  "Who last set it while the server ran.", "variables_info SET_USER (MySQL only)", "")

static const struct field fields[] = {VARIABLE_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"variables", fields, COUNT_OF(fields), 0};

static const struct source_column mysql_columns[] = {
	{"name", "g.VARIABLE_NAME", NULL},
	{"value", "g.VARIABLE_VALUE", NULL},
	{"source", "i.VARIABLE_SOURCE", NULL},
	{"path", "NULLIF(i.VARIABLE_PATH, '')", NULL},
	{"changed", "i.VARIABLE_SOURCE <> 'COMPILED'", NULL},
	{"set_time", "i.SET_TIME", "SET_TIME"},
	{"set_user", "NULLIF(i.SET_USER, '')", "SET_USER"},
	{0},
};

static const struct source_column mariadb_columns[] = {
	{"name", "LOWER(VARIABLE_NAME)", NULL},
	{"value", "GLOBAL_VALUE", NULL},
	{"source", "GLOBAL_VALUE_ORIGIN", NULL},
	{"path", "GLOBAL_VALUE_PATH", "GLOBAL_VALUE_PATH"},
	{"default_value", "DEFAULT_VALUE", NULL},
	{"changed", "GLOBAL_VALUE_ORIGIN NOT IN ('COMPILE-TIME', 'AUTO')", NULL},
	{0},
};

static const struct source_column show_columns[] = {
	{"name", "Variable_name", NULL},
	{"value", "Value", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MARIADB,
		.table = "information_schema.SYSTEM_VARIABLES",
		.columns = mariadb_columns,
		.stmt = {"variables/mariadb", "SELECT %c FROM information_schema.SYSTEM_VARIABLES "
			 "WHERE VARIABLE_SCOPE <> 'SESSION ONLY'", STMT_READ},
	},
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.variables_info",
		.columns = mysql_columns,
		.stmt = {"variables/mysql", "SELECT %c FROM performance_schema.global_variables g "
			 "LEFT JOIN performance_schema.variables_info i USING (VARIABLE_NAME)", STMT_READ},
	},
	{
		.columns = show_columns,
		.stmt = {"variables/show", "SHOW GLOBAL VARIABLES", STMT_READ},
	},
	{0},
};

const struct collector variables_collector = {
	.part = PART_VARIABLES,
	.cost = COST_RARE,
	.schema = &schema,
	.sources = sources,
	.feature = "variables and where they were set",
};
