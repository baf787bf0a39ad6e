/*
 * UTF-8, cell widths and the one place where text from a server is made harmless. Pure functions, any
 * thread. Widths: table-driven for speed and so that tests do not depend on the machine's locale.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define UTF8_REPLACEMENT 0xFFFDu

/* Decode the code point at s (n > 0 bytes are there) into *cp and return the bytes used (>= 1). A byte
   that is not part of a valid, shortest-form, non-surrogate sequence gives UTF8_REPLACEMENT and 1. */
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);
/* Write cp, return the bytes used (1..4); `out` is not terminated. */
size_t utf8_encode(uint32_t cp, char out[4]);
/* Cells that a code point takes: 0 (combining, joiners, variation selectors), 1 or 2. Controls: 0. */
int utf8_cp_width(uint32_t cp);
/* The grapheme cluster at s: base, combining marks, ZWJ and emoji sequences, regional-indicator
   pairs. Returns its bytes and its cells in *width (0 only when a text starts with marks). */
size_t utf8_cluster(const char *s, size_t n, int *width);
/* Cells of a scrubbed text. */
int utf8_width(const char *s, size_t n);
/* The longest prefix, in bytes, of whole clusters that fits into `cells`. */
size_t utf8_fit(const char *s, size_t n, int cells);
bool utf8_valid(const char *s, size_t n);

/* Append `s` as it may be put on a terminal: valid UTF-8, line breaks and tabs as one blank, other
   controls (C0, C1, DEL, escape sequences' ESC) as U+FFFD, bidi and invisible format controls as
   U+FFFD, U+00AD dropped, at most 8 marks kept on one base, runs of blanks kept. */
void utf8_scrub(struct buf *out, const char *s, size_t n);
/* Append `s` with only invalid bytes replaced by U+FFFD: what JSON shows. */
void utf8_repair(struct buf *out, const char *s, size_t n);

#endif
