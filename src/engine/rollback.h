/*
 * How long a rollback takes: by the rollbacks that were watched on a server, else by a rule of thumb. What was
 * watched is kept in a file beside the audit file, a line each, so that the next console knows it.
 *
 * struct rollback_speed is a plain value of whoever asks; files are for workers.
 */
#ifndef ENGINE_ROLLBACK_H
#define ENGINE_ROLLBACK_H

#include "engine/job.h"

/* What is known of one target; zero: nothing. */
struct rollback_speed {
	unsigned seen;        /* rollbacks that were watched */
	double rows, seconds; /* of these, the later ones counting more */
	double slowest;       /* rows a second */
};

/* The least that says something about a server. */
enum { ROLLBACK_LEAST_ROWS = 1000 };
#define ROLLBACK_LEAST_SECONDS 0.1

/* Adds one that was watched; what is too little to go by is left out (false). */
bool rollback_learn(struct rollback_speed *s, int64_t rows, double seconds);

struct rollback_estimate {
	double seconds, at_most;
	bool watched; /* else by the rule of thumb */
};
/* NULL is as zero. */
struct rollback_estimate rollback_estimate(const struct rollback_speed *s, int64_t rows);

/* On a worker: keeps one for later. */
bool rollback_write(const char *target, int64_t rows, double seconds, struct err *e);
/* A job without a connection that reads what was kept of the targets named, n of them: its result is an array
   of n struct rollback_speed. */
struct job *rollback_read_job(const char *const *targets, unsigned n);
/* Of the text of the file. Pure. */
void rollback_parse(const char *text, const char *const *targets, unsigned n, struct rollback_speed *out);

#endif
