/*
 * What a commit waits for that is no session of this server: replicas that should acknowledge it, the other
 * members of a group, the node of a cluster that cannot follow. Who that is, as far as this server can tell;
 * what it cannot is said, never guessed. Pure; reads a snapshot, keeps nothing.
 */
#ifndef DIAGNOSE_OUTSIDE_H
#define DIAGNOSE_OUTSIDE_H

#include "base/buf.h"
#include "model/snapshot.h"

enum outside {
	OUTSIDE_NO,       /* it waits for a session, shown or not */
	OUTSIDE_REPLICAS, /* semi-sync */
	OUTSIDE_GROUP,
	OUTSIDE_CLUSTER,  /* Galera's flow control */
	OUTSIDE_APPLIER,  /* an earlier transaction of the source, with another worker */
	N_OUTSIDES,
};

/* By the kind of a wait (collect/blocking.h). */
enum outside outside_of(const char *kind);
/* "replicas", and what of them is missing: "semi-sync ack". */
const char *outside_name(enum outside o);
const char *outside_lack(enum outside o);
/* The parts that tell who it is. */
part_mask outside_needs(enum outside o);
/* Whom it waits for, a sentence without a full stop; not scrubbed. */
void outside_say(struct buf *out, enum outside o, const struct snapshot *now);

#endif
