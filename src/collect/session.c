#include "collect/session.h"

#define INFO_ALWAYS \
	"SELECT VERSION() AS version, CURRENT_USER() AS account, CONNECTION_ID() AS connection_id"

const struct stmt session_info[] = {
	{"session/info",
	 INFO_ALWAYS ", @@version_comment AS version_comment, @@hostname AS hostname, "
	 "@@performance_schema AS performance_schema", STMT_READ},
	{"session/info-plain", INFO_ALWAYS, STMT_READ},
	{NULL},
};

#define SET_ALWAYS \
	"autocommit=1, lock_wait_timeout=1, innodb_lock_wait_timeout=1, sql_mode='', " \
	"sql_select_limit=18446744073709551615, time_zone='SYSTEM', wait_timeout=28800"
#define SET_GALERA ", wsrep_sync_wait=0, wsrep_dirty_reads=1"

/* Sizes and counters of single tables are to be those of now, not those of up to a day ago. */
#define SET_FRESH ", information_schema_stats_expiry=0"

static const struct stmt setup_mysql[] = {
	{"session/mysql-8",
	 "SET SESSION transaction_read_only=%i, max_execution_time=30000, " SET_ALWAYS SET_FRESH,
	 STMT_SESSION},
	{"session/mysql", "SET SESSION transaction_read_only=%i, max_execution_time=30000, " SET_ALWAYS,
	 STMT_SESSION},
	{"session/mysql-5.7.8", "SET SESSION tx_read_only=%i, max_execution_time=30000, " SET_ALWAYS,
	 STMT_SESSION},
	{"session/mysql-5.6", "SET SESSION tx_read_only=%i, " SET_ALWAYS, STMT_SESSION},
	{NULL},
};

static const struct stmt setup_mariadb[] = {
	{"session/mariadb-galera", "SET SESSION tx_read_only=%i, " SET_ALWAYS SET_GALERA, STMT_SESSION},
	{"session/mariadb", "SET SESSION tx_read_only=%i, " SET_ALWAYS, STMT_SESSION},
	{"session/mariadb-11", "SET SESSION transaction_read_only=%i, " SET_ALWAYS, STMT_SESSION},
	{NULL},
};

const struct stmt *session_setup(enum flavor f)
{
	return f == FLAVOR_MARIADB ? setup_mariadb : setup_mysql;
}

void session_each(void (*f)(const struct stmt *s, void *arg), void *arg)
{
	const struct stmt *const lists[] = {session_info, setup_mysql, setup_mariadb};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (const struct stmt *s = lists[i]; s->sql; s++)
			f(s, arg);
}
