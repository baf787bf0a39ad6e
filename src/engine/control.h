/*
 * Statements that belong to no part: the watch over our own connections, and all that ending
 * somebody's statement or connection takes. Declarations only.
 */
#ifndef ENGINE_CONTROL_H
#define ENGINE_CONTROL_H

#include "collect/stmt.h"
#include "model/snapshot.h"

extern const struct stmt control_ping, control_uptime; /* uptime: (Variable_name, Value) */

extern const struct stmt kill_query, /* %i connection */
	kill_query_id,               /* %i statement, MariaDB */
	kill_connection,             /* %i connection */
	kill_grants,                 /* one column: what we may do */
	kill_procedures,             /* name: a managed cloud's procedures that are there */
	kill_rds_query, kill_rds_connection, kill_az_connection; /* %i connection */

/* Who runs what, by connection (%l): id, user, host, db, command, state, time, info, and query_id
   where the server has it. Of the list the first that the server takes; ends with sql NULL. A
   statement is told from the next one by its query_id. */
const struct stmt *kill_identity(enum flavor f);
/* id, state, rows_modified of the transactions of connections (%l). */
extern const struct stmt kill_transactions;

/* All of them, each once; ends with NULL. */
extern const struct stmt *const kill_statements[];

#endif
