#include "collect/detail.h"

#define PS "performance_schema."
#define IS "information_schema."
/* The performance schema goes by thread. Evaluated once, through an index on MySQL. */
#define THREAD "(SELECT THREAD_ID FROM " PS "threads WHERE PROCESSLIST_ID = %i)"

const struct stmt detail_use = {"detail/use", "USE %n", STMT_SESSION};

const struct detail_query detail_queries[] = {
	/* The whole text. Strange as it seems, to list all sessions is the cheapest way, the only one that
	   does not cut, and the one that gives each text in the character set that it was sent in. */
	{DETAIL_STATEMENT, 0, "Statement", FLAVOR_UNKNOWN, DETAIL_SQL, DETAIL_IN_LIST, false, false,
	 {"detail/text-list", "SHOW FULL PROCESSLIST", 0}, "PROCESS"},
	/* Up to 65,535 bytes, where the list is too long. MySQL's fails with error 3854 while anybody runs a
	   statement with bad UTF-8, or with an emoji. */
	{DETAIL_STATEMENT, 0, "Statement", FLAVOR_MARIADB, DETAIL_SQL, DETAIL_BY_ID, false, false,
	 {"detail/text-mariadb",
	  "SELECT INFO_BINARY AS text, LENGTH(INFO_BINARY) AS bytes FROM " IS "PROCESSLIST WHERE ID = %i", 0},
	 "PROCESS"},
	{DETAIL_STATEMENT, 0, "Statement", FLAVOR_MYSQL, DETAIL_SQL, DETAIL_BY_ID, false, false,
	 {"detail/text", "SELECT INFO AS text, LENGTH(INFO) AS bytes FROM " IS "PROCESSLIST WHERE ID = %i", 0},
	 "PROCESS"},
	{DETAIL_STATEMENT, 0, "Last statement", FLAVOR_UNKNOWN, DETAIL_SQL, DETAIL_BY_ID, true, false,
	 {"detail/text-ps",
	  "SELECT SQL_TEXT, LENGTH(SQL_TEXT) AS bytes FROM " PS "events_statements_current "
	  "WHERE THREAD_ID = " THREAD " AND SQL_TEXT IS NOT NULL ORDER BY EVENT_ID DESC LIMIT 1", 0},
	 "SELECT ON performance_schema.*"},

	{DETAIL_PLAN, 0, "Plan with what was done so far", FLAVOR_MARIADB, DETAIL_PLAN_JSON, DETAIL_BY_ID,
	 false, true, {"detail/show-analyze", "SHOW ANALYZE FORMAT=JSON FOR %i", 0}, "PROCESS"},
	{DETAIL_PLAN, 0, "Plan of the running statement", FLAVOR_MARIADB, DETAIL_PLAN_JSON, DETAIL_BY_ID,
	 false, true, {"detail/show-explain-json", "SHOW EXPLAIN FORMAT=JSON FOR %i", 0}, "PROCESS"},
	{DETAIL_PLAN, 0, "Plan of the running statement", FLAVOR_MARIADB, DETAIL_PLAN_ROWS, DETAIL_BY_ID,
	 false, true, {"detail/show-explain", "SHOW EXPLAIN FOR %i", 0}, "PROCESS"},
	{DETAIL_PLAN, 0, "Plan of the running statement", FLAVOR_MYSQL, DETAIL_PLAN_JSON, DETAIL_BY_ID,
	 false, false, {"detail/explain-for", "EXPLAIN FORMAT=JSON FOR CONNECTION %i", 0},
	 "ALL PRIVILEGES ON *.* (MySQL asks for all of them for another account's session)"},
	{DETAIL_PLAN, 0, "Plan of the running statement", FLAVOR_MYSQL, DETAIL_PLAN_ROWS, DETAIL_BY_ID,
	 false, false, {"detail/explain-for-rows", "EXPLAIN FORMAT=TRADITIONAL FOR CONNECTION %i", 0},
	 "ALL PRIVILEGES ON *.* (MySQL asks for all of them for another account's session)"},
	/* Tried only where none of the above gave a plan and the text is complete. */
	{DETAIL_PLAN, 1, "Plan of the text as of now", FLAVOR_UNKNOWN, DETAIL_PLAN_JSON, DETAIL_BY_TEXT,
	 false, false, {"detail/explain-text", "EXPLAIN FORMAT=JSON %q", STMT_FOREIGN},
	 "the privileges of the statement itself"},
	{DETAIL_PLAN, 1, "Plan of the text as of now", FLAVOR_UNKNOWN, DETAIL_PLAN_ROWS, DETAIL_BY_TEXT,
	 false, false, {"detail/explain-text-rows", "EXPLAIN FORMAT=TRADITIONAL %q", STMT_FOREIGN},
	 "the privileges of the statement itself"},

	{DETAIL_TABLES, 0, "Size", FLAVOR_UNKNOWN, DETAIL_FIELDS, DETAIL_BY_TABLE, false, false,
	 {"detail/table-size",
	  "SELECT ENGINE AS engine, TABLE_ROWS AS `rows, estimated`, DATA_LENGTH AS `data bytes`, "
	  "INDEX_LENGTH AS `index bytes`, DATA_FREE AS `free bytes`, AUTO_INCREMENT AS `auto increment`, "
	  "TABLE_COLLATION AS collation, CREATE_TIME AS created FROM " IS "TABLES "
	  "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s", 0},
	 "SELECT on the table"},
	{DETAIL_TABLES, 1, "Indexes", FLAVOR_UNKNOWN, DETAIL_TABLE, DETAIL_BY_TABLE, false, false,
	 {"detail/table-indexes",
	  "SELECT INDEX_NAME AS `index`, IF(NON_UNIQUE, '', 'unique') AS `unique`, "
	  "GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR ', ') AS columns, "
	  "MAX(CARDINALITY) AS `distinct, estimated` FROM " IS "STATISTICS "
	  "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s GROUP BY INDEX_NAME, NON_UNIQUE "
	  "ORDER BY INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME", 0},
	 "SELECT on the table"},
	{DETAIL_TABLES, 2, "Definition", FLAVOR_UNKNOWN, DETAIL_DDL, DETAIL_BY_TABLE, false, false,
	 {"detail/show-create", "SHOW CREATE TABLE %n.%n", 0}, "SELECT on the table"},

	{DETAIL_TRANSACTION, 0, "Transaction", FLAVOR_UNKNOWN, DETAIL_FIELDS, DETAIL_BY_ID, false, true,
	 {"detail/transaction",
	  "SELECT trx_id AS id, trx_state AS state, trx_started AS started, "
	  "TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS `age, s`, trx_isolation_level AS isolation, "
	  "trx_rows_locked AS `rows locked`, trx_rows_modified AS `rows modified`, "
	  "trx_tables_in_use AS `tables in use`, trx_tables_locked AS `tables locked`, "
	  "trx_lock_structs AS `lock structures`, trx_lock_memory_bytes AS `lock memory, bytes`, "
	  "trx_operation_state AS operation, trx_wait_started AS `waits since` FROM " IS
	  "INNODB_TRX WHERE trx_mysql_thread_id = %i", 0},
	 "PROCESS"},
	{DETAIL_TRANSACTION, 1, "Statements of the transaction so far", FLAVOR_UNKNOWN, DETAIL_TABLE,
	 DETAIL_BY_ID, true, true,
	 {"detail/transaction-statements",
	  "SELECT h.EVENT_ID AS n, ROUND(h.TIMER_WAIT / 1000000000000, 3) AS seconds, "
	  "h.ROWS_EXAMINED AS examined, h.ROWS_SENT AS sent, h.ROWS_AFFECTED AS affected, "
	  "IF(h.MYSQL_ERRNO, h.MYSQL_ERRNO, '') AS error, h.SQL_TEXT AS statement FROM " PS
	  "events_statements_history h JOIN " PS "events_transactions_current t "
	  "ON t.THREAD_ID = h.THREAD_ID AND t.STATE = 'ACTIVE' AND h.NESTING_EVENT_ID = t.EVENT_ID "
	  "AND h.NESTING_EVENT_TYPE = 'TRANSACTION' WHERE h.THREAD_ID = " THREAD " ORDER BY h.EVENT_ID", 0},
	 "SELECT ON performance_schema.*"},
	{DETAIL_TRANSACTION, 2, "Last statements of the session", FLAVOR_UNKNOWN, DETAIL_TABLE,
	 DETAIL_BY_ID, true, true,
	 {"detail/history",
	  "SELECT EVENT_ID AS n, ROUND(TIMER_WAIT / 1000000000000, 3) AS seconds, "
	  "ROWS_EXAMINED AS examined, ROWS_SENT AS sent, ROWS_AFFECTED AS affected, "
	  "IF(MYSQL_ERRNO, MYSQL_ERRNO, '') AS error, SQL_TEXT AS statement FROM " PS
	  "events_statements_history WHERE THREAD_ID = " THREAD " ORDER BY EVENT_ID", 0},
	 "SELECT ON performance_schema.*"},

	/* By thread only: a scan of data_locks walks every lock of the server. */
	{DETAIL_LOCKS, 0, "Row and table locks", FLAVOR_MYSQL, DETAIL_TABLE, DETAIL_BY_ID, true, true,
	 {"detail/data-locks",
	  "SELECT LOCK_STATUS AS status, LOCK_TYPE AS type, LOCK_MODE AS mode, OBJECT_SCHEMA AS `schema`, "
	  "OBJECT_NAME AS `table`, INDEX_NAME AS `index`, LOCK_DATA AS record FROM " PS
	  "data_locks WHERE THREAD_ID = " THREAD " ORDER BY LOCK_STATUS = 'WAITING' DESC LIMIT 200", 0},
	 "SELECT ON performance_schema.*"},
	{DETAIL_LOCKS, 0, "Row locks that somebody waits for", FLAVOR_MARIADB, DETAIL_TABLE, DETAIL_BY_ID,
	 false, true,
	 {"detail/innodb-locks",
	  "SELECT l.lock_type AS type, l.lock_mode AS mode, l.lock_table AS `table`, "
	  "l.lock_index AS `index`, l.lock_data AS record FROM " IS "INNODB_LOCKS l JOIN " IS
	  "INNODB_TRX t ON t.trx_id = l.lock_trx_id WHERE t.trx_mysql_thread_id = %i LIMIT 200", 0},
	 "PROCESS"},
	{DETAIL_LOCKS, 1, "Metadata locks", FLAVOR_UNKNOWN, DETAIL_TABLE, DETAIL_BY_ID, true, true,
	 {"detail/metadata-locks",
	  "SELECT LOCK_STATUS AS status, OBJECT_TYPE AS object, LOCK_TYPE AS type, "
	  "LOCK_DURATION AS duration, OBJECT_SCHEMA AS `schema`, OBJECT_NAME AS name FROM " PS
	  "metadata_locks WHERE OWNER_THREAD_ID = " THREAD " ORDER BY LOCK_STATUS = 'PENDING' DESC LIMIT 200", 0},
	 "SELECT ON performance_schema.*"},
	{DETAIL_LOCKS, 1, "Metadata locks", FLAVOR_MARIADB, DETAIL_TABLE, DETAIL_BY_ID, false, true,
	 {"detail/metadata-lock-info",
	  "SELECT LOCK_MODE AS type, LOCK_DURATION AS duration, LOCK_TYPE AS object, "
	  "TABLE_SCHEMA AS `schema`, TABLE_NAME AS name FROM " IS
	  "METADATA_LOCK_INFO WHERE THREAD_ID = %i LIMIT 200", 0},
	 "PROCESS", "INSTALL SONAME 'metadata_lock_info', or performance_schema = ON"},

	{DETAIL_ATTRIBUTES, 0, "Connection attributes", FLAVOR_UNKNOWN, DETAIL_TABLE, DETAIL_BY_ID, true,
	 false,
	 {"detail/attributes",
	  "SELECT ATTR_NAME AS name, ATTR_VALUE AS value FROM " PS
	  "session_connect_attrs WHERE PROCESSLIST_ID = %i ORDER BY ORDINAL_POSITION", 0},
	 "SELECT ON performance_schema.*"},

	{DETAIL_COUNTERS, 0, "The session's own counters", FLAVOR_UNKNOWN, DETAIL_TABLE, DETAIL_BY_ID,
	 true, true,
	 {"detail/counters",
	  "SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM " PS
	  "status_by_thread WHERE THREAD_ID = " THREAD " AND VARIABLE_VALUE NOT IN ('0', '', 'OFF') "
	  "ORDER BY VARIABLE_NAME", 0},
	 "SELECT ON performance_schema.*"},
	{DETAIL_COUNTERS, 1, "Variables that the session has set for itself", FLAVOR_MYSQL, DETAIL_TABLE,
	 DETAIL_BY_ID, true, false,
	 {"detail/variables",
	  "SELECT v.VARIABLE_NAME AS name, v.VARIABLE_VALUE AS value, g.VARIABLE_VALUE AS `global` FROM "
	  PS "variables_by_thread v JOIN " PS "global_variables g USING (VARIABLE_NAME) "
	  "WHERE v.THREAD_ID = " THREAD " AND v.VARIABLE_VALUE <> g.VARIABLE_VALUE ORDER BY name", 0},
	 "SELECT ON performance_schema.*"},
	{.stmt = {0}},
};
