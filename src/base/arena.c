#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/fatal.h"
#include "base/mem.h"

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, cap;
	_Alignas(max_align_t) char data[];
};

/* Small parts stay small, large ones need few calls: each chunk is as large as all before it. */
enum { FIRST_CHUNK = 1024, LARGEST_CHUNK = 64 * 1024 };

void arena_release(struct arena *a)
{
	for (struct arena_chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct arena){0};
}

static void *take(struct arena *a, size_t size, size_t align)
{
	BUG_ON(size > SIZE_MAX / 2);
	struct arena_chunk *c = a->chunks;
	size_t at = c ? (c->used + align - 1) & ~(align - 1) : 0;
	if (!c || at + size > c->cap) {
		size_t cap = a->size < FIRST_CHUNK ? FIRST_CHUNK : a->size;
		if (cap > LARGEST_CHUNK)
			cap = LARGEST_CHUNK;
		if (cap < size)
			cap = size;
		c = xmalloc(sizeof *c + cap);
		*c = (struct arena_chunk){.next = a->chunks, .cap = cap};
		a->chunks = c;
		a->size += sizeof *c + cap;
		at = 0;
	}
	c->used = at + size;
	return c->data + at;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return take(a, size, size >= 16 ? 16 : 8);
}

void *arena_zalloc(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = take(a, n + 1, 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}
