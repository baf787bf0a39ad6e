/*
 * The host of one target as the sampler sees it: a state machine beside the feed of the server, on a
 * link of its own, so that each goes on when the other is down. All on the sampler's thread; nothing
 * blocks.
 *
 *   off → waiting → connecting → greeting → live ⇄ stalled (an answer is overdue)
 *            ↑          ↓           ↓        ↓
 *            └──────────┴───────────┴────────┘   with back-off; what was read stays, marked as stale
 *
 * Where the session carries the server's tunnel too, a shell that fails does not end it: the feed is
 * carrying, and begins another shell over the same session where the transport can.
 *
 * The loop (collect/hostloop.h) is sent once; then one request a beat names the files that the parts in
 * demand are made from (collect/host.h), one at a time. Before the first, and whenever it is gone, the
 * server's process is looked for (collect/hostfind.h). Parts go into the target's intake.
 *
 * The far side's load is bounded: its loop tells what it used, parts over their share are read less
 * often, and fewer threads are asked for before that.
 */
#ifndef ENGINE_HOSTFEED_H
#define ENGINE_HOSTFEED_H

#include <poll.h>

#include "engine/connect.h"
#include "engine/intake.h"

struct feed_env;
struct hostfeed;

/* `target`, `in` and `server` are the feed's and outlive it; `tag` is for its connection attempts. */
struct hostfeed *hostfeed_new(struct feed_env *env, unsigned tag, const struct target *target,
			      struct intake *in, const struct server_info *server);
void hostfeed_free(struct hostfeed *h);

/* The demand or the interval changed. */
void hostfeed_demand(struct hostfeed *h, int64_t now);
/* The server has told what the first screen shows, or cannot: who gave way to it begins. */
void hostfeed_server_told(struct hostfeed *h, int64_t now);
/* Try again, and read all that is wanted. */
void hostfeed_refresh(struct hostfeed *h, int64_t now);
void hostfeed_answer(struct hostfeed *h, const struct shell_question *question, const char *text,
		     int64_t now);
void hostfeed_connected(struct hostfeed *h, const struct connect_result *r, int64_t now);

unsigned hostfeed_poll(const struct hostfeed *h, struct pollfd p[SHELL_MOST_FDS]);
int64_t hostfeed_due(const struct hostfeed *h);
/* True when there is something new to tell. */
bool hostfeed_step(struct hostfeed *h, int64_t now);

/* Whether a connection that goes through its tunnel can be tried. */
bool hostfeed_carries(const struct hostfeed *h);
/* Why the far side refused the last one; "" when it did not. */
const char *hostfeed_trouble(struct hostfeed *h, int64_t now);
/* The server was heard through it. */
void hostfeed_used(struct hostfeed *h, int64_t now);
/* For a snapshot; a reference of `out->note` is the caller's. */
void hostfeed_tell(const struct hostfeed *h, struct host_link *out, int64_t now);
/* A part of the host as it is told now. A new reference. */
const struct part *hostfeed_told(const struct hostfeed *h, const struct part *p);
/* What is known of the server's process. */
const struct host_server *hostfeed_server(const struct hostfeed *h);

/* For the part `self`: one part of the host, or (N_PARTS) the loop itself. */
struct hostfeed_row {
	const char *status, *reason, *request;
	double period, base, cpu_ms, bytes, last_ms;
	bool stretched, cost_known;
	uint64_t runs;
	unsigned rows, reconnects;
};
/* False when that part is not read. */
bool hostfeed_row(const struct hostfeed *h, enum part_id id, struct hostfeed_row *out, int64_t now);

#endif
