/*
 * What backup tools wrote down of their work: looked for where each of them keeps its history. The first
 * that is there counts.
 */
#include "base/mem.h"
#include "collect/all.h"

enum { MOST_BACKUPS = 60 };

#define BACKUP_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "What the tool calls it.", \
	  "uuid; backup_id; clone_status ID", "") \
	F(TOOL, "tool", TEXT, NONE, GAUGE, "Tool", "Which tool made it.", "tool_name", "") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", \
	  "full, incremental or partial; clone: this server's data was copied from another one.", \
	  "incremental, partial; backup_type", "") \
	F(START, "start", INT, WALL, GAUGE, "Started", "When it began.", "start_time", \
	  "Every night, or as often as is usual here.") \
	F(END, "end", INT, WALL, GAUGE, "Ended", \
	  "When it ended; absent while it runs, and where it broke off.", \
	  "end_time", "Within the last day, where backups are made daily.") \
	F(OK, "ok", INT, BOOL, GAUGE, "Good", "Whether it ended well, where the tool says so.", \
	  "exit_state; clone_status STATE", "yes.") \
	F(ERROR, "error", TEXT, NONE, GAUGE, "Error", "What went wrong.", "last_error; ERROR_MESSAGE", "")

static const struct field fields[] = {BACKUP_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"backups", fields, COUNT_OF(fields), 0};

/* Percona XtraBackup and mariadb-backup write the same columns. Only what ended well comes into it. */
static const struct source_column xtrabackup_columns[] = {
	{"id", "uuid", NULL},
	{"tool", "tool_name", "tool_name"},
	{"kind", "CASE WHEN incremental = 'Y' THEN 'incremental' WHEN partial = 'Y' THEN 'partial' "
		 "ELSE 'full' END", "incremental"},
	{"start", "UNIX_TIMESTAMP(start_time)", NULL},
	{"end", "UNIX_TIMESTAMP(end_time)", NULL},
	{"ok", "end_time IS NOT NULL", NULL},
	{0},
};

static const struct source_column enterprise_columns[] = {
	{"id", "backup_id", NULL},
	{"tool", "tool_name", "tool_name"},
	{"kind", "LOWER(backup_type)", "backup_type"},
	{"start", "UNIX_TIMESTAMP(start_time)", NULL},
	{"end", "UNIX_TIMESTAMP(end_time)", NULL},
	{"ok", "exit_state = 'SUCCESS'", "exit_state"},
	{"error", "NULLIF(last_error, 'NO_ERROR')", "last_error"},
	{0},
};

static const struct source_column clone_columns[] = {
	{"id", "ID", NULL},
	{"tool", "CONCAT('clone from ', SOURCE)", NULL},
	{"kind", "'clone'", NULL},
	{"start", "UNIX_TIMESTAMP(BEGIN_TIME)", NULL},
	{"end", "UNIX_TIMESTAMP(END_TIME)", NULL},
	{"ok", "STATE = 'Completed'", NULL},
	{"error", "NULLIF(ERROR_MESSAGE, '')", NULL},
	{0},
};

#define NEWEST " ORDER BY start_time DESC LIMIT 60"

static const struct source sources[] = {
	{
		.table = "PERCONA_SCHEMA.xtrabackup_history",
		.columns = xtrabackup_columns,
		.stmt = {"backups/xtrabackup",
			 "SELECT %c FROM PERCONA_SCHEMA.xtrabackup_history" NEWEST, STMT_READ, 500},
		.grant = "SELECT ON PERCONA_SCHEMA.*",
	},
	{
		.flavor = FLAVOR_MARIADB,
		.table = "mysql.mariadb_backup_history",
		.columns = xtrabackup_columns,
		.stmt = {"backups/mariadb-backup",
			 "SELECT %c FROM mysql.mariadb_backup_history" NEWEST, STMT_READ, 500},
		.grant = "SELECT ON mysql.mariadb_backup_history",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.table = "mysql.backup_history",
		.columns = enterprise_columns,
		.stmt = {"backups/enterprise", "SELECT %c FROM mysql.backup_history" NEWEST, STMT_READ, 500},
		.grant = "SELECT ON mysql.backup_history",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.clone_status",
		.columns = clone_columns,
		.stmt = {"backups/clone", "SELECT %c FROM performance_schema.clone_status", STMT_READ, 500},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector backups_collector = {
	.part = PART_BACKUPS,
	.cost = COST_RARE,
	.schema = &schema,
	.sources = sources,
	.most_rows = MOST_BACKUPS,
	.feature = "backups that tools wrote down",
};
