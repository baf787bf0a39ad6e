/*
 * Memory that is released all at once. A part (model/part.h) owns exactly one. Zero-initialised is
 * valid and empty. Written by one thread; once sealed, any thread may read what it holds.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;
struct arena {
	struct arena_chunk *chunks;
	size_t size; /* bytes taken from the system, for budgets */
};

void arena_release(struct arena *a);
/* Aligned for any type, not zeroed. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull, alloc_size(2)));
void *arena_zalloc(struct arena *a, size_t size) __attribute__((returns_nonnull, alloc_size(2)));
/* A NUL-terminated copy of n bytes. */
char *arena_strndup(struct arena *a, const char *s, size_t n) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));

#endif
