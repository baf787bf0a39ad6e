/*
 * Allocation that cannot fail: out of memory ends the program (fatal.h), so no caller checks for it.
 * All results are released with free(). A size of zero is a bug of the caller.
 * readline has an xmalloc and an xrealloc too; ours are hidden from it (Makefile.am).
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *xmalloc(size_t size) __attribute__((returns_nonnull, malloc, alloc_size(1)));
void *xcalloc(size_t n, size_t size) __attribute__((returns_nonnull, malloc, alloc_size(1, 2)));
void *xrealloc(void *p, size_t n, size_t size) __attribute__((returns_nonnull, alloc_size(2, 3)));
char *xstrdup(const char *s) __attribute__((returns_nonnull, malloc));
char *xstrndup(const char *s, size_t n) __attribute__((returns_nonnull, malloc));
char *xasprintf(const char *fmt, ...) __attribute__((returns_nonnull, format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((returns_nonnull, format(printf, 1, 0)));

/* xstrdup(), but NULL stays NULL. */
char *xstrdup_null(const char *s);

/* Overwrite a secret so that the compiler cannot leave it out. */
void mem_wipe(void *p, size_t n);

/* Make room for one more element in the array `a` of `n` elements with capacity `cap`. */
#define GROW(a, n, cap) \
	do { \
		if ((n) >= (cap)) { \
			(cap) = (cap) ? 2 * (cap) : 8; \
			(a) = xrealloc((a), (cap), sizeof *(a)); \
		} \
	} while (0)

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

#endif
