#include "diagnose/tally.h"

#include <stdlib.h>
#include <string.h>

/* The standard one falls through switch labels, of which clang warns. */
#define HASH_FUNCTION HASH_FNV
#include <uthash.h>

#include "base/mem.h"

struct tally_row {
	char *key;
	unsigned n, special;
	UT_hash_handle hh;
};

void tally_add(struct tally *t, const char *key, unsigned special)
{
	struct tally_row *row;
	size_t len = strlen(key);
	HASH_FIND(hh, t->rows, key, len, row);
	if (!row) {
		row = xcalloc(1, sizeof *row);
		row->key = xstrdup(key);
		HASH_ADD_KEYPTR(hh, t->rows, row->key, len, row);
	}
	row->n++;
	row->special += special;
	t->total++;
}

const char *tally_most(const struct tally *t, unsigned *n, unsigned *special)
{
	const struct tally_row *best = NULL;
	for (const struct tally_row *row = t->rows; row; row = row->hh.next)
		if (!best || row->n > best->n)
			best = row;
	*n = best ? best->n : 0;
	if (special)
		*special = best ? best->special : 0;
	return best ? best->key : NULL;
}

void tally_release(struct tally *t)
{
	struct tally_row *row, *next;
	HASH_ITER(hh, t->rows, row, next)
	{
		HASH_DEL(t->rows, row);
		free(row->key);
		free(row);
	}
	*t = (struct tally){0};
}
