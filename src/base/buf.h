/*
 * A growable byte string. `s` is always NUL-terminated (and never NULL once something was added, or
 * after buf_init), though it may hold NUL bytes too: `len` counts. Zero-initialised is valid and empty.
 * Not shared between threads.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *s;
	size_t len;
	size_t cap;
};

#define BUF_INIT {0}

void buf_release(struct buf *b);
/* Empty it, keep the memory. */
void buf_clear(struct buf *b);
/* Room for `extra` more bytes and the NUL. */
void buf_reserve(struct buf *b, size_t extra);
void buf_add(struct buf *b, const void *data, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Never NULL; valid until the next change. */
const char *buf_str(const struct buf *b);
/* The caller owns the result (free()); the buffer is empty afterwards. */
char *buf_steal(struct buf *b);

#endif
