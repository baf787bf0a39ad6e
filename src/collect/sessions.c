/*
 * Sessions. MySQL: performance_schema.threads, which takes no lock and gives numbers that nothing else
 * has; information_schema.PROCESSLIST fails there for everybody when one client sends bad UTF-8. MariaDB:
 * information_schema.PROCESSLIST, whose INFO_BINARY is the text as the client sent it (INFO turns what is
 * beyond the basic plane into question marks).
 */
#include "collect/sessions.h"

#include <string.h>

#include "base/mem.h"
#include "collect/all.h"

static const struct field fields[] = {SESSION_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"sessions", fields, N_SESSION_FIELDS, SESSION_ID};

unsigned session_characters(struct value text)
{
	unsigned n = 0;
	for (uint32_t i = 0; text.type == VALUE_TEXT && i < text.len; i++)
		n += ((unsigned char)text.s[i] & 0xc0) != 0x80;
	return n;
}

static const struct source_column threads_columns[] = {
	{"id", "PROCESSLIST_ID", NULL},
	{"thread_id", "THREAD_ID", NULL},
	{"thread_name", "NULLIF(NAME, 'thread/sql/one_connection')", "NAME"},
	{"user", "PROCESSLIST_USER", NULL},
	{"host", "PROCESSLIST_HOST", NULL},
	{"db", "PROCESSLIST_DB", NULL},
	{"command", "PROCESSLIST_COMMAND", NULL},
	{"time", "PROCESSLIST_TIME", NULL},
	{"state", "PROCESSLIST_STATE", NULL},
	{"info", "LEFT(PROCESSLIST_INFO, " SESSION_TEXT ")", NULL},
	{"os_thread_id", "THREAD_OS_ID", "THREAD_OS_ID"},
	{"connection_type", "CONNECTION_TYPE", "CONNECTION_TYPE"},
	{"memory", "TOTAL_MEMORY", "TOTAL_MEMORY"},
	{"memory_max", "MAX_TOTAL_MEMORY", "MAX_TOTAL_MEMORY"},
	{0},
};

static const struct source_column mariadb_columns[] = {
	{"id", "ID", NULL},
	{"user", "USER", NULL},
	{"host", "HOST", NULL},
	{"db", "DB", NULL},
	{"command", "COMMAND", NULL},
	{"time", "TIME_MS/1000", "TIME_MS"},
	{"time", "TIME", NULL},
	{"state", "STATE", NULL},
	{"info", "LEFT(INFO_BINARY, " SESSION_TEXT ")", "INFO_BINARY"},
	{"info", "LEFT(INFO, " SESSION_TEXT ")", NULL},
	{"info_length", "LENGTH(INFO_BINARY)", "INFO_BINARY"},
	{"info_length", "LENGTH(INFO)", NULL},
	{"os_thread_id", "TID", "TID"},
	{"memory", "MEMORY_USED", "MEMORY_USED"},
	{"memory_max", "MAX_MEMORY_USED", "MAX_MEMORY_USED"},
	{"query_id", "QUERY_ID", "QUERY_ID"},
	{"stage", "STAGE", "STAGE"},
	{"max_stage", "MAX_STAGE", "MAX_STAGE"},
	{"progress", "PROGRESS", "PROGRESS"},
	{"rows_examined", "EXAMINED_ROWS", "EXAMINED_ROWS"},
	{"rows_sent", "SENT_ROWS", "SENT_ROWS"},
	{0},
};

static const struct source_column show_columns[] = {
	{"id", "Id", NULL},
	{"user", "User", NULL},
	{"host", "Host", NULL},
	{"db", "db", NULL},
	{"command", "Command", NULL},
	{"time", "Time", NULL},
	{"state", "State", NULL},
	{"info", "Info", NULL},
	{0},
};

static const struct source_column processlist_columns[] = {
	{"id", "ID", NULL},
	{"user", "USER", NULL},
	{"host", "HOST", NULL},
	{"db", "DB", NULL},
	{"command", "COMMAND", NULL},
	{"time", "TIME", NULL},
	{"state", "STATE", NULL},
	{"info", "LEFT(INFO, " SESSION_TEXT ")", NULL},
	{0},
};

/* SHOW PROCESSLIST gives the first hundred characters of a statement, and does not say that it does. */
static bool note_cut(const struct answer *a, struct part_builder *b)
{
	enum { SHOWN = 100 };
	bool show = false;
	for (unsigned i = 0; i < a->n_columns; i++)
		show |= strcmp(a->columns[i], "Info") == 0;
	if (show && session_characters(part_peek(b, SESSION_INFO)) >= SHOWN)
		part_set(b, SESSION_INFO_CUT, value_int(1));
	return true;
}

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.threads",
		.columns = threads_columns,
		.stmt = {"sessions/threads", "SELECT %c FROM performance_schema.threads "
			 "WHERE PROCESSLIST_ID IS NOT NULL", STMT_READ},
		.grant = "PROCESS, SELECT ON performance_schema.*",
	},
	{
		/* Since 8.0.22; readable for everybody. */
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.processlist",
		.columns = processlist_columns,
		.stmt = {"sessions/processlist", "SELECT %c FROM performance_schema.processlist", STMT_READ},
		.grant = "PROCESS",
	},
	{
		.flavor = FLAVOR_MARIADB,
		.table = "information_schema.PROCESSLIST",
		.columns = mariadb_columns,
		.stmt = {"sessions/mariadb", "SELECT %c FROM information_schema.PROCESSLIST", STMT_READ},
		.grant = "PROCESS",
	},
	{
		/* Not FULL: that has no bound, and somebody may run a statement of 16 MB. */
		.columns = show_columns,
		.stmt = {"sessions/show", "SHOW PROCESSLIST", STMT_READ},
		.grant = "PROCESS",
	},
	{0},
};

const struct collector sessions_collector = {
	.part = PART_SESSIONS,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.row = note_cut,
	.feature = "sessions of all users",
};
