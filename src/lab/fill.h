/*
 * Texts with {words} in them: server options, SQL, option files. A word is lower-case letters,
 * digits and underscores; any other brace stands for itself, so that JSON inside SQL needs no
 * escaping. Pure.
 */
#ifndef LAB_FILL_H
#define LAB_FILL_H

#include <stdbool.h>

#include "base/buf.h"

/* Append what `word` stands for; false: no such word. */
typedef bool fill_word(struct buf *out, const char *word, void *ctx);

/* Append `text` with its words replaced. An unknown word is a bug of the text's author and ends the
   program. */
void fill(struct buf *out, const char *text, fill_word *put, void *ctx);

/* What `text` becomes, for free(). */
char *filled(const char *text, fill_word *put, void *ctx);

#endif
