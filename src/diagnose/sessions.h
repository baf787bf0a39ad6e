/*
 * What rules say of sessions, in one manner: rows of the part processlist. Pure.
 */
#ifndef DIAGNOSE_SESSIONS_H
#define DIAGNOSE_SESSIONS_H

#include "base/buf.h"
#include "collect/processlist.h"
#include "diagnose/rule.h"

/* A cell by its place in the schema: what goes through thousands of rows looks up no names, but where a
   part has fewer fields than the collector's. */
struct value session_cell(const struct part *p, unsigned row, unsigned field);
#define SESSION_CELL(p, row, id) session_cell(p, row, PROCESSLIST_##id)

/* Cells of the part processlist, by row. */
int64_t session_id(const struct part *p, unsigned row);
const char *session_text(const struct part *p, unsigned row, const char *field); /* "" when absent */
double session_number(const struct part *p, unsigned row, const char *field, double otherwise);
/* A session of clients: not the server's own, not replication, not fathom. */
bool session_is_clients(const struct part *p, unsigned row);
/* Of a client, and with a statement. */
bool session_runs(const struct part *p, unsigned row);
bool session_idles_in_transaction(const struct part *p, unsigned row);
/* Waits for a lock of somebody, seen or not. */
bool session_waits(const struct part *p, unsigned row);

/* Works on a statement: neither asleep nor waiting for a lock. */
bool session_works(const struct part *p, unsigned row);
/* Waits for a person, a lock by name, or the network, and costs nothing meanwhile. */
bool session_is_passive(const struct part *p, unsigned row);
/* Its statement, or the last one of a session that sleeps; "" when unknown. */
const char *session_statement(const struct part *p, unsigned row);
/* The digest of its statement: the server's, or our own of its text where that has none; NULL when it
   has no statement. In the arena. */
const char *session_digest(const struct part *p, unsigned row, struct arena *a);

/* "idle in transaction 6m12s, app@web1" */
void session_describe(const struct part *p, unsigned row, struct buf *out);
/* In words of its own: a bare 20.0 would not say of what. */
void add_duration(struct buf *out, double seconds);
/* `user@host`, as culprits of kind user are called. */
void session_account(const struct part *p, unsigned row, struct buf *out);

#endif
