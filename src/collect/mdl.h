/* Which metadata locks exclude each other, on MySQL and MariaDB. Pure, any thread. */
#ifndef COLLECT_MDL_H
#define COLLECT_MDL_H

#include <stdbool.h>

/* Whether one who asks for `asked` has to wait while somebody else has (or asked before for) `held`. Names
   as the servers write them, with or without MDL_ before: "SHARED_READ", "EXCLUSIVE", "BACKUP_FTWRL1".
   Names that are not known here exclude everything. */
bool mdl_conflict(const char *asked, const char *held);

/* Whether one who waits with this mode keeps those out who come later and would share: what DDL, LOCK
   TABLES and backups want. */
bool mdl_goes_first(const char *mode);
/* Whether only LOCK TABLES takes it. */
bool mdl_of_lock_tables(const char *mode);

/* How a session that waits for such an object is described: "metadata lock", "global read lock", "backup
   lock", "user lock" …; `type` as in metadata_locks OBJECT_TYPE. */
const char *mdl_noun(const char *type);
/* The same from a session's state as the server prints it; NULL when it is not a wait for a metadata
   lock. */
const char *mdl_noun_of_state(const char *state);

#endif
