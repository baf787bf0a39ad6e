/*
 * The snapshots of one target, newest last, and its metrics as series. Owned by one thread (the one
 * that empties the mailbox); what it hands out is immutable or valid until the next push.
 *
 * A rate is between two readings of the same part: `before` of a part is its previous reading, not
 * whatever the previous snapshot held. After a restart or a counter reset there is no rate.
 */
#ifndef MODEL_TIMELINE_H
#define MODEL_TIMELINE_H

#include "model/metric.h"
#include "model/snapshot.h"

/* A ring of the last hour. Absent readings are NaN. */
struct series {
	float *at;       /* seconds since the timeline began */
	float *value;
	unsigned n, cap, first;
};

/* One instant with what rates need. */
struct frame {
	const struct snapshot *now;                 /* NULL before the first sample */
	const struct part *before[N_PARTS];         /* the reading before now->parts[i], or NULL */
	const struct series *series;                /* of metrics, up to now; NULL: none are kept */
};

/* Seconds between the two readings of a part; 0 when there are not two. */
double frame_dt(const struct frame *f, enum part_id id);
/* A counter cell per second: absent without a reading before, for a row that was not there, and when
   the counter went backwards. */
struct value frame_rate(const struct frame *f, enum part_id id, unsigned row, unsigned field);
/* The same for a (name, value) part such as status. */
struct value frame_rate_of(const struct frame *f, enum part_id id, const char *name);
/* Now, of a (name, value) part. */
struct value frame_value_of(const struct frame *f, enum part_id id, const char *name);

unsigned series_length(const struct series *s);
/* The i-th newest (0 is the newest); NaN for absent. */
double series_value(const struct series *s, unsigned back);
/* Seconds by which the i-th newest is older than the newest. */
double series_age(const struct series *s, unsigned back);

struct timeline;

/* `memory`: bytes that whole snapshots may take; at least the two newest stay. */
struct timeline *timeline_new(size_t memory);
void timeline_free(struct timeline *t);
/* So many points a series at the most, in place of an hour at one a second. Before the first push. */
void timeline_keep(struct timeline *t, unsigned points);
/* Takes over the caller's reference. */
void timeline_push(struct timeline *t, struct snapshot *s);
const struct frame *timeline_frame(const struct timeline *t);
unsigned timeline_length(const struct timeline *t);
/* The i-th newest snapshot; borrowed. */
const struct snapshot *timeline_at(const struct timeline *t, unsigned back);
size_t timeline_memory(const struct timeline *t);
/* Newest value of a metric (absent when it cannot be had) and its series. */
struct value timeline_metric(const struct timeline *t, unsigned metric);
const struct series *timeline_series(const struct timeline *t, unsigned metric);

/* Any status counter or gauge as a further series, by its server name; rates for counters. Returns a
   handle for timeline_pinned(); pinning the same name twice gives the same handle. */
unsigned timeline_pin(struct timeline *t, const char *status_name, bool rate);
void timeline_unpin(struct timeline *t, unsigned pin);
struct pin {
	const char *name;
	bool rate;
	struct value now;
	struct series series;
};
unsigned timeline_pins(const struct timeline *t); /* handles are below this; unpinned ones have name NULL */
const struct pin *timeline_pinned(const struct timeline *t, unsigned pin);

#endif
