/*
 * Connect workers: setting up a connection blocks (name look-up, TCP, TLS, login), so each attempt
 * runs on a thread of its own, and so many at once as the lanes allow. An attempt that is older
 * than a moment no longer counts in the fast lane, and one for a target that hung before goes to a
 * slow lane: of a hundred targets eighty may hang, and the twenty others still get their turn soon.
 *
 * All functions are called by one thread (the sampler's), which polls connector_fd(). Worker
 * threads are never waited for: each owns copies of what it touches, and a result that comes too
 * late is closed where it arrives.
 */
#ifndef ENGINE_CONNECT_H
#define ENGINE_CONNECT_H

#include "io/db.h"

/* What an attempt calls on its thread: db_connect() without its progress. */
typedef struct db *connect_fn(const struct target *t, enum db_purpose purpose, int64_t deadline,
			      struct err *err);

struct connect_result {
	unsigned tag;
	struct db *db; /* NULL: err says why; the taker owns it */
	struct err err;
	double seconds;  /* that it took */
	bool unfinished; /* it hangs beyond its deadline; its real result follows some time */
};

struct connector;
/* `connect` NULL: the real one. */
struct connector *connector_new(connect_fn *connect);
void connector_free(struct connector *c);
int connector_fd(const struct connector *c);
/* One attempt at a time for a tag. `t` is copied when the attempt starts and must live until its
   result was taken. */
void connector_submit(struct connector *c, unsigned tag, const struct target *t,
		      enum db_purpose purpose, bool hung_before);
/* Starts what may start. Returns when to be called again (monotonic ns), INT64_MAX: after a result.
 */
int64_t connector_pump(struct connector *c, int64_t now);
/* False when there is none. */
bool connector_take(struct connector *c, struct connect_result *out);

#endif
