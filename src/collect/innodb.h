/*
 * What the InnoDB parts share: which of InnoDB's own counters are off, which status names the InnoDB
 * panel wants, what kind of file a performance schema event is about. Pure, any thread.
 */
#ifndef COLLECT_INNODB_H
#define COLLECT_INNODB_H

#include "collect/collector.h"
#include "collect/pairs.h"

/* Further status names while somebody looks at InnoDB (watches PART_INNODB_POOLS); ends with NULL. */
extern const char *const innodb_status_names[];

/* The counter of INNODB_METRICS: absent where it is off or not known to the server. */
struct value innodb_counter(const struct part *innodb, const char *name);
/* Whether the server has the counter but does not count it. */
bool innodb_counter_off(const struct part *innodb, const char *name);
/* Why innodb_counter() is absent, and the statement that turns it on; NULL when it is not absent.
   Static or borrowed from the part, which may be NULL. */
const char *innodb_counter_reason(const struct part *innodb, const char *name);

/* The read views that the status text tells of, by session, sorted; false where it does not tell. */
bool innodb_status_views(const struct part *status, struct pairs *views);

/* "data", "redo", "undo", "doublewrite", "temporary", "binlog", "relay log" or "other". `file` may be
   NULL. */
const char *innodb_file_class(const char *event, const char *file);

#endif
