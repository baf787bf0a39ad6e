/*
 * Connect workers: setting up a connection to a server, or a shell on its host, blocks (name
 * look-up, TCP, TLS, login; key exchange, key files, agent), so each attempt runs on a thread of its
 * own, and so many at once as the lanes allow. An attempt that is older
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
#include "io/shell.h"

/* What an attempt calls on its thread: db_connect() without its progress. */
typedef struct db *connect_fn(const struct target *t, enum db_purpose purpose, int64_t deadline,
			      struct err *err);

/* What is wanted. `target` and `answers` must live until the result was taken; they are copied when
   the attempt starts. */
struct connect_order {
	unsigned tag; /* one attempt at a time for each */
	const struct target *target;
	bool shell; /* a shell on the host, not a connection to the server */
	enum db_purpose purpose;
	const struct shell_answers *answers; /* with `shell` */
	bool hung_before;
};

struct connect_result {
	unsigned tag;
	struct db *db;       /* either of them; the taker owns it */
	struct shell *shell;
	struct err err; /* when both are NULL */
	struct shell_question question;
	double seconds;  /* that it took */
	bool unfinished; /* it hangs beyond its deadline; its real result follows some time */
};

struct connector;
/* `connect` NULL: the real one. */
struct connector *connector_new(connect_fn *connect);
void connector_free(struct connector *c);
int connector_fd(const struct connector *c);
void connector_submit(struct connector *c, const struct connect_order *order);
/* Starts what may start. Returns when to be called again (monotonic ns), INT64_MAX: after a result.
 */
int64_t connector_pump(struct connector *c, int64_t now);
/* False when there is none. */
bool connector_take(struct connector *c, struct connect_result *out);

#endif
