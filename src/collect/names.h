/*
 * A few distinct names as arguments of a statement's lists. Borrows the names until they are kept; one
 * thread.
 */
#ifndef COLLECT_NAMES_H
#define COLLECT_NAMES_H

#include "collect/stmt.h"

enum { NAMES_MOST = 512 };

struct names {
	const char *at[NAMES_MOST];
	size_t n;
};

/* Unless it is there already, or the list is full. */
void names_add(struct names *names, const char *name);
/* Copies the names of both lists into `keep`, which must be empty, and gives each as an argument for %t; an
   empty list has one empty name. Nothing may be added to `keep` afterwards. */
void names_args(const struct names *const lists[2], struct stmt_arg out[2], struct buf *keep);

#endif
