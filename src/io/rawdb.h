/*
 * A connection that takes any text and waits for the answer. For the lab's own servers and for
 * tests only: what fathom sends to somebody's server goes through io/db.h, which knows no free
 * text.
 *
 * Blocking, with time limits of its own. One thread at a time uses a connection.
 */
#ifndef IO_RAWDB_H
#define IO_RAWDB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct rawdb;

struct rawdb_login {
	const char *socket; /* or else host and port */
	const char *host;
	unsigned port;
	const char *user;
	const char *password;
	const char *database; /* NULL: none */
	const char *bind;     /* the address to come from; NULL: any */
	const char *program;  /* connection attribute program_name; NULL: fathom-lab */
	unsigned timeout_s;   /* for connecting and for each answer; 0: 10 */
};

/* A whole result in memory; the arena owns everything. Zero-initialised is valid and empty. */
struct rawdb_rows {
	struct arena arena;
	size_t ncols;
	size_t nrows;
	const char **names;
	const char **cells; /* row by row; NULL is SQL's NULL */
};

/* NULL when it failed. */
struct rawdb *rawdb_open(const struct rawdb_login *login, struct err *e);
void rawdb_close(struct rawdb *db);
/* As in the greeting: `10.11.6-MariaDB-log`. */
const char *rawdb_version(const struct rawdb *db);

/* Run one statement, throw its result away. */
bool rawdb_exec(struct rawdb *db, const char *sql, struct err *e);
/* Run one statement; `rows` is set anew, release it also after a failure. */
bool rawdb_query(struct rawdb *db, const char *sql, struct rawdb_rows *rows, struct err *e);
/* The first cell of the result, for free(); NULL for SQL's NULL, no row, or an error (then
 * e->kind). */
char *rawdb_value(struct rawdb *db, const char *sql, struct err *e);

void rawdb_rows_release(struct rawdb_rows *rows);
/* By name, in any case; NULL where there is no such column, too. */
const char *rawdb_cell(const struct rawdb_rows *rows, size_t row, const char *name);

#endif
