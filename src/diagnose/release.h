/*
 * Who goes free when sessions end: what a kill would do to all that wait behind its victims, from the pairs of
 * collect/blocking.h. Pure.
 *
 * A session goes free when every one that it waits for ends or goes free itself: at once or in turn. One that
 * waits for somebody else as well stays. Where the holder is not shown and a victim is only suspected, it goes
 * free perhaps.
 */
#ifndef DIAGNOSE_RELEASE_H
#define DIAGNOSE_RELEASE_H

#include "model/part.h"

enum release_fate {
	RELEASE_FREE,
	RELEASE_PERHAPS, /* if a suspect among the victims is who holds the lock */
	RELEASE_STAYS,   /* blocked by somebody else, or in a ring */
};

struct released {
	int64_t session;
	enum release_fate fate;
	int64_t by; /* of one that stays: a session that it still waits for; 0: one that is not shown */
	bool row_lock; /* it waits for a row, which only the end of a transaction gives back */
};

struct release {
	struct released *sessions; /* all that wait behind the victims, by session */
	unsigned n, count[RELEASE_STAYS + 1];
};

/* `blocking` may be NULL: nobody waits. */
void release_make(struct release *r, const struct part *blocking, const int64_t *victims, unsigned n);
void release_free(struct release *r);

#endif
