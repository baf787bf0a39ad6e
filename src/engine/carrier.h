/*
 * A thread that keeps a shell going, and what its tunnel carries, for a caller who blocks meanwhile
 * (`fathom check`). What the shell says is dropped.
 */
#ifndef ENGINE_CARRIER_H
#define ENGINE_CARRIER_H

#include "io/shell.h"

struct carrier;
/* The shell is the carrier's until it is freed. NULL: there are no more threads. */
struct carrier *carrier_new(struct shell *s);
/* NULL is fine. */
void carrier_free(struct carrier *c);

#endif
