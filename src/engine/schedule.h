/*
 * When things are done: how often a part is read, on which beat a target is sampled, when a
 * connection is tried again. Pure functions of times in seconds or monotonic nanoseconds.
 */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "collect/collector.h"

/* No collector is read more seldom than this, however dear it is (unless the interval is longer).
 */
#define SCHEDULE_LONGEST 30.0

/* Seconds from one reading to the next, before the budget stretches them; 0: only when asked for.
   `relaxed`: nobody looks at it closely (struct sampler_demand). */
double schedule_period(enum cost_class cost, double interval, bool relaxed);

/* A fraction 0 … 1 that differs well between neighbours: spreads targets, and parts over beats. */
double schedule_phase(unsigned index);
/* The first beat after `now` on the grid that goes through `anchor`. Beats that passed are skipped.
 */
int64_t schedule_beat(int64_t anchor, double interval, int64_t now);

/* How long a statement may take until the target counts as stalled, and until it is given up. */
double schedule_stall_after(double interval);
double schedule_give_up_after(double interval);

/* Reconnecting. Zero-initialised is valid. */
struct backoff {
	unsigned failures; /* in a row */
	unsigned random;   /* state of the jitter */
};
/* Seconds until the next attempt after a failure of this kind; negative: not before somebody asks.
   `known`: this login worked before. */
double backoff_next(struct backoff *b, enum err_kind kind, bool known);
void backoff_reset(struct backoff *b);

#endif
