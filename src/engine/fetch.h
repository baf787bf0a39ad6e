/*
 * A whole answer at once, as texts: for jobs, where answers are small and a person waits. Runs on a
 * worker, blocks until its deadline (db_run).
 */
#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H

#include "base/arena.h"
#include "io/db.h"

struct grid_cell {
	const char *s; /* NULL: SQL NULL */
	size_t len;
};

/* Zero-initialised is valid and empty. Owns all its texts. */
struct grid {
	unsigned n_columns, n_rows, cap_rows;
	const char **columns;
	struct grid_cell **rows;
	bool cut;            /* rows or bytes were left out */
	size_t bytes, most_bytes;
	unsigned most_rows;
	struct arena arena;
};

void grid_release(struct grid *g);
/* The column of that name, any case; -1: none. */
int grid_column(const struct grid *g, const char *name);
/* "" for NULL, and for what is not there. */
const char *grid_text(const struct grid *g, unsigned row, const char *column);

/* Sends one declared statement. What goes beyond `most_rows` rows (0: 1000) or 32 MB is cut. False
   and *e when it failed; the connection then is good for db_close() only if the error is such
   (db.h). */
bool fetch_grid(struct db *db, const struct stmt *s, const struct stmt_arg *args, size_t n,
		unsigned most_rows, int64_t deadline, int cancel_fd, struct grid *out,
		struct err *e);

#endif
