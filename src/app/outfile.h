/*
 * A file to write results to, made before the work begins, so that nobody waits for what cannot be
 * written. What is there already is kept unless replacing was asked for, and then until the new one is
 * complete. Main thread.
 */
#ifndef APP_OUTFILE_H
#define APP_OUTFILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct outfile {
	char *path;  /* where it shall be */
	char *draft; /* where it is until it is complete; NULL: it is written in place, for it is a device */
	bool replace;
	int fd;
};

/* False and *e: it cannot be written, or is there and `replace` is not set. Readable by its owner only,
   unless a file is replaced: then as that. */
bool outfile_open(struct outfile *f, const char *path, bool replace, struct err *e);
/* Writes all of it and puts it in its place; nothing is left behind when it fails. */
bool outfile_finish(struct outfile *f, const struct buf *b, struct err *e);
/* Without result: nothing is left behind. Nothing happens after outfile_finish(). */
void outfile_abandon(struct outfile *f);

#endif
