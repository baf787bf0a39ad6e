/*
 * Reads parts of a real server, one round at a time, the way the sampler does: in order, through gates,
 * falling back from source to source. For tests; blocking.
 */
#ifndef TESTS_PUMP_H
#define TESTS_PUMP_H

#include "collect/collector.h"
#include "tests/servers/server.h"

struct pump {
	struct db *db;
	const struct part *parts[N_PARTS];
	struct collect_ctx ctx;
	unsigned sent; /* statements of the last round */
};

/* With root on the socket, or as `user` (whose password is the same). */
void pump_init(struct pump *p, const struct server *s, const char *user);
void pump_release(struct pump *p);
/* One round: all of `wanted`, and what it is made from. */
void pump_round(struct pump *p, part_mask wanted);
/* The row with that key; fails without. */
unsigned pump_row(const struct pump *p, enum part_id id, int64_t key);
struct value pump_cell(const struct pump *p, enum part_id id, int64_t key, const char *field);
/* The fields of one row, separated by " | "; valid until the next call. */
const char *pump_text(const struct pump *p, enum part_id id, int64_t key, const char *fields);

/* A session of its own that may wait for locks as long as it likes. */
struct db *pump_session(const struct server *s);
/* Begins a statement and does not wait for its end. */
void pump_start(struct db *db, const char *sql);
/* Ends the session on the server, whatever it does, and closes it. */
void pump_kill(struct db *root, struct db *session);
/* Asks `db` until the first cell of the answer is `value`. */
void pump_until(struct db *db, const char *sql, const char *value);

#endif
