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
 *
 * Beside it goes what is read from the server's host (engine/hostfeed.h), on a link of its own.
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

/* A feed sets up three things: what an attempt is for is in its tag. */
enum feed_way { FEED_SAMPLING, FEED_SECOND, FEED_HOST, FEED_WAYS };
#define FEED_TAG(index, way) (FEED_WAYS * (index) + (way))
void feed_connected(struct feed *f, enum feed_way way, const struct connect_result *r, int64_t now);

/* What poll() should watch: the sampling and the second connection (fd -1: nothing), then what the
   shell on the host wants. Returns how many of `p` were filled in. */
enum { FEED_MOST_FDS = 2 + SHELL_MOST_FDS };
unsigned feed_poll(const struct feed *f, struct pollfd p[FEED_MOST_FDS]);
/* Whether a statement is out, and not overdue. */
bool feed_waits(const struct feed *f);
/* The process did not run for so many ns: they are nobody's work. */
void feed_stood_still(struct feed *f, int64_t ns);
/* When it wants a step without any event; 0: at once. */
int64_t feed_due(const struct feed *f);
/* `p` as poll() left it. */
void feed_step(struct feed *f, const struct pollfd *p, int64_t now);

/* As in sampler.h. `d` and its texts are copied; the password is taken over, and wiped. */
void feed_demand(struct feed *f, const struct sampler_demand *d, int64_t now);
void feed_refresh(struct feed *f, int64_t now);
void feed_urgent(struct feed *f, bool urgent);
void feed_password(struct feed *f, char *password, int64_t now);
/* As sampler_answer(); copied. */
void feed_answer(struct feed *f, const struct shell_question *question, const char *text,
		 int64_t now);

#endif
