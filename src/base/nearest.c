#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 64 };

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '_' ? '-' : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned nearest_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	if (n > LONGEST || m > LONGEST)
		return LONGEST;
	/* Three rows of the usual matrix: the one being filled and the two before, for swaps. */
	unsigned rows[3][LONGEST + 1];
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *row = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned differs = fold(a[i - 1]) != fold(b[j - 1]);
			row[j] = least(least(up[j], row[j - 1]) + 1, up[j - 1] + differs);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]))
				row[j] = least(row[j], up2[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

void nearest_offer(struct nearest *n, const char *known)
{
	size_t typed = strlen(n->word), length = strlen(known);
	unsigned distance = nearest_distance(n->word, known);
	/* A beginning of at least three letters is as good as one wrong letter. */
	if (typed >= 3 && typed < length && !strncmp(n->word, known, typed))
		distance = 1;
	unsigned most = typed < 4 ? 1 : typed < 6 ? 2 : 3;
	if (distance <= most && (!n->best || distance < n->distance)) {
		n->best = known;
		n->distance = distance;
	}
}

const char *nearest_hint(const struct nearest *n, const char *otherwise, char *out, size_t size)
{
	if (n->best)
		snprintf(out, size, "did you mean \"%s\"?", n->best);
	else
		snprintf(out, size, "%s", otherwise);
	return out;
}
