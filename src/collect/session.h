/*
 * The statements that greet a server: who it is, and what our session wants of it. Declarations only;
 * io/ sends them right after the login, once a connection. Two round trips: what the answer to the first
 * says decides the second.
 *
 * Why each setting, in one place:
 *   read only           a second line of defence: nothing of ours changes data
 *   lock_wait_timeout   our reads never queue behind somebody's metadata lock for longer than a second
 *   autocommit          a server may have it off, and then our reads would hold a snapshot for ever
 *   sql_mode            an ANSI or NO_BACKSLASH_ESCAPES server parses our text as any other does
 *   sql_select_limit    a server may cut results silently
 *   time_zone           InnoDB's tables speak the system's time zone: NOW() must do the same
 *   wait_timeout        the connection kept warm for kills may be idle for hours
 *   wsrep_*             a Galera node that lags or lost its quorum still answers about itself
 */
#ifndef COLLECT_SESSION_H
#define COLLECT_SESSION_H

#include "collect/stmt.h"
#include "model/snapshot.h"

/* Columns: version, version_comment, account, connection_id, hostname, performance_schema; the next row
   is for servers and proxies that do not know one of them. Ends with sql NULL. */
extern const struct stmt session_info[];
/* One row of several that may fit: the first that the server takes (no error 1193) is the one.
   One argument, %i: 1 for a read-only session, 0 for one that may EXPLAIN data-changing statements.
   Each list ends with sql NULL. */
const struct stmt *session_setup(enum flavor f);
/* All of the above, once each. */
void session_each(void (*f)(const struct stmt *s, void *arg), void *arg);

#endif
