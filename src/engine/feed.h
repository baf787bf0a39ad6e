/*
 * One target as the sampler sees it: a state machine from connecting through rounds of reading to
 * snapshots in the mailbox. One statement in flight at a time; nothing here blocks. All on the
 * sampler's thread.
 *
 *   waiting → connecting → live ⇄ stalled (a statement is overdue)
 *      ↑          ↓          ↓
 *      └──────────┴──────────┘   with back-off; what was read stays, marked as stale
 *
 * A round reads the parts that are due, the quick ones first, each after those that it looks at;
 * then makes what is derived, and posts a snapshot.
 */
#ifndef ENGINE_FEED_H
#define ENGINE_FEED_H

#include <poll.h>

#include "engine/connect.h"
#include "engine/mailbox.h"
#include "engine/sampler.h"

/* What all feeds share. */
struct feed_env {
	struct mailbox *box;
	struct connector *connector;
	bool paused;
	double loop_gap_ms; /* the longest of late */
};

struct feed;
/* `target` is copied. */
struct feed *feed_new(struct feed_env *env, unsigned index, const struct target *target);
void feed_free(struct feed *f);

/* Connection attempts of a feed carry its index twice: the sampling and the second connection. */
#define FEED_TAG(index, second) (2 * (index) + (second))
void feed_connected(struct feed *f, bool second, const struct connect_result *r, int64_t now);

/* What poll() should watch: the sampling and the second connection; fd -1: nothing. */
void feed_poll(const struct feed *f, struct pollfd p[2]);
/* When it wants a step without any event; 0: at once. */
int64_t feed_due(const struct feed *f);
void feed_step(struct feed *f, const struct pollfd p[2], int64_t now);

/* As in sampler.h. `d` and its texts are copied; the password is taken over, and wiped. */
void feed_demand(struct feed *f, const struct sampler_demand *d, int64_t now);
void feed_refresh(struct feed *f, int64_t now);
void feed_urgent(struct feed *f, bool urgent);
void feed_password(struct feed *f, char *password, int64_t now);

#endif
