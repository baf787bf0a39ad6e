/*
 * "Did you mean …": the nearest of some known words to one that nobody knows. Pure, any thread.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word; /* what was typed; borrowed */
	const char *best; /* NULL while nothing is near enough */
	unsigned distance;
};

/* Letters to insert, delete, replace or swap to get from a to b, cases being equal. */
unsigned nearest_distance(const char *a, const char *b);
/* Start with NEAREST(word), offer each known word, read `best`. Ties: the first. */
#define NEAREST(w) ((struct nearest){.word = (w)})
void nearest_offer(struct nearest *n, const char *known);
/* `did you mean "best"?`, or `otherwise` where nothing is near. Returns `out`. */
const char *nearest_hint(const struct nearest *n, const char *otherwise, char *out, size_t size);

#endif
