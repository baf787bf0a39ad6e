/*
 * Keeping the evidence before anybody kills it: `w` has all parts read, asks for what they do not have, and writes
 * one file (bundlejob.h), saying how it goes. One at a time. UI thread; reading is the sampler's, the rest are jobs.
 */
#ifndef PANELS_BUNDLE_H
#define PANELS_BUNDLE_H

#include "model/part.h"

struct console;

/* `path` "": a name is made. */
void bundle_begin(struct console *c, const char *path);
/* What the sampler is to read for the bundle in the making. */
part_mask bundle_demand(const struct console *c, unsigned target);
/* Whether all is there, or was waited for long enough: after every frame, and now and then without one. */
void bundle_look(struct console *c);
void bundle_release(struct console *c);

#endif
