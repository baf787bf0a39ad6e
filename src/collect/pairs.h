/*
 * A map from numbers to numbers that is filled once and then asked: an array in order. Zero-initialised is
 * valid and empty. One thread.
 */
#ifndef COLLECT_PAIRS_H
#define COLLECT_PAIRS_H

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

struct pair {
	int64_t key, value;
};

struct pairs {
	struct pair *at;
	size_t n, cap;
};

static inline void pairs_add(struct pairs *p, int64_t key, int64_t value)
{
	GROW(p->at, p->n, p->cap);
	p->at[p->n++] = (struct pair){key, value};
}

static inline int pairs_compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	return (x->key > y->key) - (x->key < y->key);
}

/* After the last pairs_add(). */
static inline void pairs_sort(struct pairs *p)
{
	if (p->n)
		qsort(p->at, p->n, sizeof *p->at, pairs_compare);
}

static inline int64_t pairs_get(const struct pairs *p, int64_t key, int64_t otherwise)
{
	struct pair wanted = {key, 0};
	const struct pair *found = p->n ? bsearch(&wanted, p->at, p->n, sizeof *p->at, pairs_compare)
					: NULL;
	return found ? found->value : otherwise;
}

static inline void pairs_release(struct pairs *p)
{
	free(p->at);
	*p = (struct pairs){0};
}

#endif
