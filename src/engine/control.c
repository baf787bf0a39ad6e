#include "engine/control.h"

const struct stmt control_ping = {"ping", "DO 0", STMT_READ};
const struct stmt control_uptime = {"uptime", "SHOW GLOBAL STATUS LIKE 'Uptime'", STMT_READ};

const struct stmt kill_query = {"kill/query", "KILL QUERY %i", STMT_KILL};
const struct stmt kill_query_id = {"kill/query-id", "KILL QUERY ID %i", STMT_KILL};
const struct stmt kill_connection = {"kill/connection", "KILL CONNECTION %i", STMT_KILL};
const struct stmt kill_grants = {"kill/grants", "SHOW GRANTS", STMT_READ};
const struct stmt kill_procedures = {
	"kill/procedures",
	"SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES"
	" WHERE ROUTINE_SCHEMA = 'mysql'"
	" AND ROUTINE_NAME IN ('rds_kill', 'rds_kill_query', 'az_kill')",
	STMT_READ,
};
const struct stmt kill_rds_query = {"kill/rds-query", "CALL mysql.rds_kill_query(%i)", STMT_KILL};
const struct stmt kill_rds_connection = {"kill/rds", "CALL mysql.rds_kill(%i)", STMT_KILL};
const struct stmt kill_az_connection = {"kill/az", "CALL mysql.az_kill(%i)", STMT_KILL};

const struct stmt kill_transactions = {
	"kill/transactions",
	"SELECT trx_mysql_thread_id AS id, trx_state AS state, trx_rows_modified AS rows_modified"
	" FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id IN (%l)",
	STMT_READ,
};

static const struct stmt mariadb[] = {
	{
		"kill/identity/mariadb",
		"SELECT ID AS id, USER AS user, HOST AS host, DB AS db, COMMAND AS command,"
		" STATE AS state, TIME_MS / 1000 AS time, LEFT(INFO_BINARY, 1024) AS info,"
		" QUERY_ID AS query_id FROM information_schema.PROCESSLIST WHERE ID IN (%l)",
		STMT_READ,
	},
	{NULL},
};

/* A session in a stored program has several statements at once there. */
static const struct stmt mysql[] = {
	{
		"kill/identity/mysql",
		"SELECT t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user,"
		" t.PROCESSLIST_HOST AS host, t.PROCESSLIST_DB AS db,"
		" t.PROCESSLIST_COMMAND AS command, t.PROCESSLIST_STATE AS state,"
		" t.PROCESSLIST_TIME AS time, LEFT(t.PROCESSLIST_INFO, 1024) AS info,"
		" e.STATEMENT_ID AS query_id FROM performance_schema.threads t"
		" LEFT JOIN performance_schema.events_statements_current e"
		" ON e.THREAD_ID = t.THREAD_ID WHERE t.PROCESSLIST_ID IN (%l)",
		STMT_READ,
	},
	{
		"kill/identity/mysql-threads",
		"SELECT PROCESSLIST_ID AS id, PROCESSLIST_USER AS user, PROCESSLIST_HOST AS host,"
		" PROCESSLIST_DB AS db, PROCESSLIST_COMMAND AS command,"
		" PROCESSLIST_STATE AS state, PROCESSLIST_TIME AS time,"
		" LEFT(PROCESSLIST_INFO, 1024) AS info FROM performance_schema.threads"
		" WHERE PROCESSLIST_ID IN (%l)",
		STMT_READ,
	},
	{
		"kill/identity/mysql-plain",
		"SELECT ID AS id, USER AS user, HOST AS host, DB AS db, COMMAND AS command,"
		" STATE AS state, TIME AS time, LEFT(INFO, 1024) AS info"
		" FROM information_schema.PROCESSLIST WHERE ID IN (%l)",
		STMT_READ,
	},
	{NULL},
};

const struct stmt *kill_identity(enum flavor f)
{
	return f == FLAVOR_MARIADB ? mariadb : mysql;
}

const struct stmt *const kill_statements[] = {
	&control_ping,
	&control_uptime,
	&kill_query,
	&kill_query_id,
	&kill_connection,
	&kill_grants,
	&kill_procedures,
	&kill_rds_query,
	&kill_rds_connection,
	&kill_az_connection,
	&kill_transactions,
	&mariadb[0],
	&mysql[0],
	&mysql[1],
	&mysql[2],
	NULL,
};
