/*
 * The one shared sampler thread: it reads all targets through non-blocking connections and posts
 * snapshots to the mailbox. Connections are set up on connect workers (engine/connect.h) and handed
 * to the loop. Each target is one state machine with back-off and jitter, one statement in flight.
 *
 * Demand-driven: only the parts that someone needs (and what they are made from) are read.
 * Staggered: costly collectors less often (collect/collector.h, enum cost_class), targets not all
 * at the same moment. Budget: at most 2 % of one server core over 30 s for all collectors of a
 * target (5 % with sampler_set_urgent()); a collector over its share has its period stretched, to
 * 30 s at most, never off. The second sample comes early (after 300 ms) so that rates are there
 * soon.
 *
 * All functions may be called from any thread except new and free, and return at once.
 */
#ifndef ENGINE_SAMPLER_H
#define ENGINE_SAMPLER_H

#include "engine/mailbox.h"
#include "io/target.h"

struct sampler;

/* Starts the thread. `targets` are copied; their order gives their indices. */
struct sampler *sampler_new(struct mailbox *box, const struct target *const *targets, unsigned n);
/* Stops the thread and the workers without waiting for hung servers; bounded in time. */
void sampler_free(struct sampler *s);

/* What to read of one target, from now on. */
struct sampler_demand {
	part_mask parts;
	part_mask relaxed; /* of those, what need not be as fresh as its cost allows: 5 s and more */
	double interval;   /* seconds, 0.1 … 60 */
	bool all_status;
	const char *const *pins; /* status names, NULL-terminated, or NULL; copied */
};
void sampler_demand(struct sampler *s, unsigned target, const struct sampler_demand *d);
/* Read at once all that is due or not (refresh key), or connect now instead of after the back-off; where an
   attempt is under way, once more if it fails. */
void sampler_refresh(struct sampler *s, unsigned target);
/* While paused nothing is read; connections are kept. */
void sampler_pause(struct sampler *s, bool paused);
/* While an incident is being diagnosed the budget is larger. */
void sampler_set_urgent(struct sampler *s, unsigned target, bool urgent);
/* A new password for a target whose login failed (prompt); the caller's copy is the caller's to
   wipe. */
void sampler_set_password(struct sampler *s, unsigned target, const char *password);
/* What a person says to the question that a snapshot's host link carries. Tried at once, and kept for
   later attempts; the caller's copy is the caller's to wipe. */
void sampler_answer(struct sampler *s, unsigned target, const struct shell_question *question,
		    const char *text);

#endif
