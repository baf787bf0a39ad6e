/*
 * Who waits for whom among the sessions of one instant, whatever the lock. Internal to `processlist`.
 * Sessions are named by their rows in the part `sessions`. One thread; what is borrowed lives as long as
 * the parts of the ctx and the arena.
 */
#ifndef COLLECT_WAITS_H
#define COLLECT_WAITS_H

#include "base/arena.h"
#include "collect/collector.h"

enum { NO_ROW = -1 };

struct wait {
	int waiter;       /* row in sessions */
	int blocker;      /* row in sessions; NO_ROW: unknown, or no session */
	int64_t blocker_id; /* 0: as above */
	const char *noun; /* "row lock", "metadata lock" … */
	bool prepared;    /* a prepared XA transaction without a session has it */
	int64_t blocker_trx; /* which one */
	bool hidden;      /* no server shows who is waited for */
	double age;       /* seconds; negative: unknown */
	struct value table, index, mode, record;
};

struct waits {
	struct wait *at;
	size_t n, cap;
	struct arena arena;
};

void waits_gather(struct waits *w, const struct collect_ctx *ctx);
void waits_release(struct waits *w);
/* For each session: the index of the first wait that is its own (-1: it does not wait), and how many
   sessions wait behind it, directly or behind others. Linear in sessions and waits. */
void waits_count(const struct waits *w, unsigned n_sessions, int *own, unsigned *blocks);

#endif
