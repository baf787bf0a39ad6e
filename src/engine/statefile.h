/*
 * The files that fathom keeps of what it did and saw, in $XDG_STATE_HOME/fathom (~/.local/state/fathom when
 * that is not set): one JSON object a line, readable by their owner only, only ever appended to. On a worker.
 */
#ifndef ENGINE_STATEFILE_H
#define ENGINE_STATEFILE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Where the file of that name is; appended. False when there is no home. */
bool statefile_path(struct buf *out, const char *name);
/* Takes over the object. False and *e when it could not be written. */
bool statefile_append(const char *name, json_t *o, struct err *e);
/* The last lines of the file, at most so many bytes, whole lines only; appended. Nothing where there is none. */
void statefile_tail(const char *name, size_t most, struct buf *out);

#endif
