/*
 * How often each text occurs: who holds most sessions, what most of them wait for. Pure; owned by
 * whoever made it, zero is empty.
 */
#ifndef DIAGNOSE_TALLY_H
#define DIAGNOSE_TALLY_H

#include <stddef.h>

struct tally_row;

struct tally {
	struct tally_row *rows;
	unsigned total;
};

/* One more of `key`; `special` marks those that are counted apart too (idle ones, say). */
void tally_add(struct tally *t, const char *key, unsigned special);
/* The commonest (the first of equals), or NULL; how often, and how many of them were special. Valid
   until the release. */
const char *tally_most(const struct tally *t, unsigned *n, unsigned *special);
void tally_release(struct tally *t);

#endif
