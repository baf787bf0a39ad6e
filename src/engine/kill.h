/*
 * Ending somebody's statement or connection, safely. A request carries the identity of what the
 * person saw; the worker reads it again right before and refuses when something else runs there
 * now. Afterwards it watches until the victim is gone, rolls back or survives, says so
 * (job_report), and writes it down (audit.h).
 *
 * What a confirmation shows comes from pure functions of the processlist part: kill_refusal(),
 * kill_preview(). The rest happens on workers (job.h): submit kill_job() and read struct
 * kill_result.
 */
#ifndef ENGINE_KILL_H
#define ENGINE_KILL_H

#include "base/buf.h"
#include "engine/job.h"
#include "engine/rollback.h"
#include "model/part.h"

enum kill_verb { KILL_STATEMENT, KILL_CONNECTION };
/* "kill-query", "kill-connection". */
const char *kill_verb_name(enum kill_verb v);

/* A session as it was seen, or as it is. Owns its texts; NULL: unknown or none. */
struct kill_victim {
	int64_t id;
	char *kind; /* of processlist: "user", "replication", "own" …; NULL when read by ourselves
		     */
	char *user, *host, *db, *command, *state, *info;
	int64_t query_id;      /* -1: unknown */
	double time;           /* seconds in its state; negative: unknown */
	int64_t rows_modified; /* by its transaction; -1: unknown */
	int64_t seen;          /* mono ns of the reading */
};

void kill_victim_release(struct kill_victim *v);
/* Row `row` of a processlist part. */
void kill_victim_from(struct kill_victim *v, const struct part *processlist, unsigned row);
bool kill_victim_idle(const struct kill_victim *v);

/* Why it is not to be had: replication, system, event scheduler, our own; an idle session has no
   statement to kill. NULL: it may be killed. */
const char *kill_refusal(const struct kill_victim *v, enum kill_verb verb);

enum kill_match {
	MATCH_SAME,
	MATCH_GONE,     /* no such connection any more */
	MATCH_STRANGER, /* its number is somebody else's now */
	MATCH_ENDED,    /* it ran a statement, and is idle now */
	MATCH_OTHER,    /* it has run something else since */
};
/* Whether `now` (NULL: not there) is still what was seen. Pure. */
enum kill_match kill_match(const struct kill_victim *seen, const struct kill_victim *now);

struct kill_preview {
	int64_t rows;            /* to be rolled back; -1: unknown; 0: nothing */
	bool rows_at_most;       /* a statement's kill undoes that statement alone */
	struct rollback_estimate time; /* that it may take; 0 when rows is not above 0 */
	int64_t waiting;         /* sessions that wait behind it; -1: unknown */
	const char *refusal;     /* as above */
};
/* `speed`: of rollbacks on that server, where some were watched; may be NULL. */
struct kill_preview kill_preview(const struct part *processlist, unsigned row, enum kill_verb verb,
				 const struct rollback_speed *speed);

struct kill_request {
	enum kill_verb verb;
	bool whatever;  /* end the connection even though it runs something else by now */
	int64_t own_id; /* the sampling connection, never to be killed; 0: unknown */
	struct kill_victim *victims;
	unsigned n, cap;
};

/* `own_id`: snapshot.server.connection_id. */
struct kill_request *kill_request_new(enum kill_verb verb, int64_t own_id);
void kill_request_free(struct kill_request *r);
void kill_request_add(struct kill_request *r, const struct part *processlist, unsigned row);

enum kill_outcome {
	KILL_NOT_TRIED, /* the connection failed before its turn came */
	KILL_REFUSED,   /* by us: nothing was sent */
	KILL_WAS_GONE,  /* before our kill */
	KILL_DENIED,    /* by the server: a privilege is missing */
	KILL_FAILED,    /* any other error */
	KILL_SENT,      /* what became of it is not known (yet) */
	KILL_ROLLING_BACK,
	KILL_SURVIVED,
	KILL_ENDED, /* the statement; its session lives */
	KILL_GONE,  /* the connection */
};
/* "refused", "rolling back", "gone": as in the audit file. */
const char *kill_outcome_name(enum kill_outcome o);

struct kill_fate {
	enum kill_outcome outcome;
	bool changed;   /* refused since something else runs there: `whatever` would end it */
	int64_t rows;   /* still to be rolled back; -1: unknown */
	double seconds; /* from the kill to the outcome */
	int64_t undone; /* rows that were rolled back, as far as that was seen, */
	double undoing; /* in so many seconds */
	char text[320]; /* whole sentence */
};

struct kill_result {
	enum kill_verb verb;
	unsigned n;
	struct kill_fate *fates; /* one a victim, in order */
	char audit_error[192];   /* why the audit file was not written; "" when it was */
	void *watch;             /* the worker's own */
};

/* "gone after 2.1 s, rolled back 200,000 rows in 1.9 s"; of several: "12 gone, 1 survived". Appended. */
void kill_result_text(const struct kill_result *r, struct buf *out);

/* A job that takes the request over: job->input stays the request, job->result becomes a struct
   kill_result (NULL when no connection was had: job->err says why). */
struct job *kill_job(unsigned target, struct kill_request *r);
/* Ends a statement that a job of ours left behind on the server. */
struct job *kill_stray_job(unsigned target, const struct server_info *left);

#endif
