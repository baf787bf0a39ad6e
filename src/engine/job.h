/*
 * Jobs: single requests beside sampling (kill, explain, details, writing a file). They run on
 * worker threads with connections of their own; workers and one warm connection per target are kept
 * for kills, so that a slow EXPLAIN never delays a kill. A finished job comes back through the
 * mailbox to the UI thread, which calls `done` and frees it.
 *
 * A kind of job is a const row: its name, whether it needs a connection, and what it does. A job
 * may go on as another kind (job->follow): a kill, then the watch over what becomes of it, in
 * another lane.
 *
 * A statement of a job that timed out or was cancelled is ended on the server through the lane of
 * the kills.
 */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include "engine/mailbox.h"
#include "io/db.h"

enum job_lane {
	LANE_KILL,   /* short; one at a time for a target, on its warm connection */
	LANE_DETAIL, /* two at a time */
	LANE_WATCH,  /* what may take minutes, in turns (job->follow): two at a time */
	LANE_FILE,   /* no connection */
	LANE_ALERT,  /* nor here: the person's own commands, which may hang */
};

struct job_kind {
	const char *name;
	enum job_lane lane;
	enum db_purpose purpose;
	double seconds; /* the deadline of a run, connecting included */
	/* On a worker. `db` is NULL for LANE_FILE and LANE_ALERT. Fills in job->result or job->err; an error of
	   the connection must end up there, since that is how a broken connection is told from a
	   good one. */
	void (*run)(struct job *job, struct db *db);
	/* Frees what `input` and `result` own. May be NULL. */
	void (*release)(struct job *job);
};

struct job {
	const struct job_kind *kind;
	unsigned target;
	uint64_t id;      /* given at submission, unique */
	void *input;      /* owned by the job; written before submission only */
	void *result;     /* owned by the job; written by the worker only */
	struct err err;   /* ERR_NONE: it worked */
	int64_t deadline; /* monotonic ns */
	int cancel_fd;    /* readable once the job was cancelled */
	void (*done)(struct job *job, void *owner); /* on the UI thread; NULL when nobody listens */
	void *owner;
	/* Not NULL: this is not the end but a text of job_report(); input and result are NULL. */
	const char *progress;
	/* Set by run(): go on as this kind, with the same input and result. */
	const struct job_kind *follow;
};

struct jobs;
struct jobs *jobs_new(struct mailbox *box, const struct target *const *targets, unsigned n);
/* Cancels what runs; waits a bounded time. */
void jobs_free(struct jobs *j);
/* Opens the connection that kills will use, early: max_connections may be exhausted later. Call it
   whenever the target has become live: what is open and well stays. */
void jobs_warm(struct jobs *j, unsigned target);
/* Takes over `job` (from job_new). Returns its id. */
uint64_t jobs_submit(struct jobs *j, struct job *job);
struct job *job_new(const struct job_kind *kind, unsigned target, void *input);
void job_free(struct job *job);
/* No further done() for this owner (a panel that goes away), and the jobs are cancelled. */
void jobs_cancel_owner(struct jobs *j, const void *owner);
/* Submitted, and not yet delivered or cancelled. */
unsigned jobs_running(struct jobs *j);
/* On the UI thread, for a MESSAGE_JOB: calls done and frees. */
void job_deliver(struct jobs *j, struct job *job);
/* From run(), on the worker: done() is called with a job that has nothing but `progress`, kind,
   target and id; it is freed afterwards, the job goes on. */
void job_report(struct job *job, const char *text);
/* From run(): whether to stop early. */
bool job_cancelled(const struct job *job);
/* From run(): sleep until then, or less when the job is cancelled. */
void job_sleep(const struct job *job, int64_t until);
/* From run(): the settings of the target. */
const struct target *job_target(const struct job *job);
void jobs_set_password(struct jobs *j, unsigned target, const char *password);

#endif
