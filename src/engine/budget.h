/*
 * What reading costs a server, and what follows from it. A meter keeps moving sums over 30 s; a
 * share is one collector's standing in the budget of its target: while all collectors together cost
 * more than the target's limit, those above their fair share have their period stretched; it
 * relaxes slowly. Pure; the sampler's thread owns them all.
 */
#ifndef ENGINE_BUDGET_H
#define ENGINE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"

#define BUDGET_WINDOW 30.0 /* seconds */
#define BUDGET_LIMIT 20.0  /* ms of server time a second: 2 % of a core */
#define BUDGET_LIMIT_URGENT 50.0

enum { METER_SLOTS = 15 };

struct meter_slot {
	int64_t number;
	double ms;
	uint64_t statements, bytes;
};

/* Zero-initialised is valid and empty. */
struct meter {
	int64_t began;
	struct meter_slot slots[METER_SLOTS];
};

void meter_add(struct meter *m, int64_t now, double ms, uint64_t statements, uint64_t bytes);
/* Averages a second, over the window or since the first use when that is less long ago (5 s at the
   least). */
struct own_cost meter_cost(const struct meter *m, int64_t now);

struct share {
	double base;    /* seconds: the period before stretching */
	double stretch; /* at least 1 */
	double mean_ms; /* of the latest readings, smoothed */
	unsigned runs;
};
#define SHARE_INIT                                                                                 \
	{                                                                                          \
		.stretch = 1                                                                       \
	}

/* The period now, in seconds. */
double share_period(const struct share *s);
/* What it is going to cost: ms a second, as it is now. */
double share_load(const struct share *s);
/* After a reading that took `ms`: stretch or relax. `others` is the load of the target's other
   collectors, `n` counts all of them. */
void share_update(struct share *s, double ms, double interval, double others, unsigned n,
		  double limit);

#endif
