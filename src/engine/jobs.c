#include "engine/job.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"
#include "engine/control.h"
#include "engine/kill.h"
#include "engine/thread.h"
#include "engine/wake.h"

#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

enum { N_LANES = LANE_ALERT + 1 };

static const struct lane_kind {
	unsigned workers;
	bool one_a_target;
	int keep; /* seconds that an idle connection stays open; 0: for good */
	bool no_connection;
} lane_kinds[N_LANES] = {
	[LANE_KILL] = {4, true, 0, false},
	[LANE_DETAIL] = {2, false, 30, false},
	[LANE_WATCH] = {2, false, 20, false},
	[LANE_FILE] = {1, false, 0, true},
	[LANE_ALERT] = {1, false, 0, true},
};

/* Of the kill lane's workers so many may be busy warming up connections: one is left for a kill. */
enum { MOST_WARMING = 3 };
#define WARM_PATIENCE (5 * NS_PER_S)
/* A connection that was idle for longer is asked whether it is alive before it is trusted. */
#define TRUSTED (5 * NS_PER_S)
#define PING_PATIENCE NS_PER_S
/* So long jobs_free() waits for workers; who hangs is left behind. */
#define PARTING (NS_PER_S / 2)

/* A job and what only this file knows of it. */
struct task {
	struct job job; /* first: a job is its task */
	struct jobs *jobs;
	struct wake cancel;
	struct task *next;           /* in its lane's queue */
	const struct target *target; /* while it runs */
	bool report;                 /* no job of its own: carries a text of one */
	bool internal;               /* nobody waits for it */
};

/* A job that somebody waits for: from submission until delivery. */
struct listener {
	struct listener *next;
	uint64_t id;
	void *owner;
	struct task *task; /* NULL once it is in the mailbox */
	bool cancelled;
};

struct idle {
	struct idle *next;
	struct db *db;
	enum job_lane lane;
	enum db_purpose purpose;
	int64_t since;
};

struct slot {
	struct target *target;
	bool in_use; /* by a lane that has one job at a time for a target */
	bool warm_wanted;
	struct idle *idle; /* newest first */
};

struct lane {
	struct task *first, **last;
	unsigned queued, workers, waiting;
	pthread_cond_t work;
};

struct jobs {
	pthread_mutex_t lock; /* for all below */
	unsigned refs;        /* the owner and the workers */
	bool closing;
	struct mailbox *box;
	unsigned n;
	struct slot *slots;
	struct lane lanes[N_LANES];
	struct listener *listeners;
	struct task *running; /* by `next` */
	unsigned n_busy, n_warming;
	pthread_cond_t calm;
	uint64_t last_id;
};

struct worker {
	struct jobs *jobs;
	enum job_lane lane;
};

/* --- jobs ------------------------------------------------------------------------------------- */

static struct task *task_of(const struct job *job)
{
	return (struct task *)(uintptr_t)job;
}

struct job *job_new(const struct job_kind *kind, unsigned target, void *input)
{
	struct task *t = xcalloc(1, sizeof *t);
	t->job = (struct job){.kind = kind, .target = target, .input = input};
	/* Without a descriptor left it cannot be cancelled; the connection that is kept warm may still kill. */
	wake_try(&t->cancel);
	t->job.cancel_fd = wake_fd(&t->cancel);
	return &t->job;
}

void job_free(struct job *job)
{
	if (!job)
		return;
	struct task *t = task_of(job);
	if (t->report)
		free((char *)(uintptr_t)job->progress);
	else if (job->kind->release)
		job->kind->release(job);
	if (!t->report)
		wake_release(&t->cancel);
	free(t);
}

static bool readable(int fd, int64_t until)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left = until - clock_mono_ns();
	return poll(&p, 1, left > 0 ? (int)(left / NS_PER_MS) + 1 : 0) > 0;
}

bool job_cancelled(const struct job *job)
{
	return readable(job->cancel_fd, 0);
}

void job_sleep(const struct job *job, int64_t until)
{
	readable(job->cancel_fd, until);
}

const struct target *job_target(const struct job *job)
{
	return task_of(job)->target;
}

void job_report(struct job *job, const char *text)
{
	struct jobs *j = task_of(job)->jobs;
	struct task *t = xcalloc(1, sizeof *t);
	t->report = true;
	t->job = (struct job){
		.kind = job->kind,
		.target = job->target,
		.id = job->id,
		.done = job->done,
		.owner = job->owner,
		.cancel_fd = -1,
		.progress = xstrdup(text),
	};
	pthread_mutex_lock(&j->lock);
	bool post = !j->closing;
	if (post)
		mailbox_post(j->box, (struct message){.type = MESSAGE_JOB, .job = &t->job});
	pthread_mutex_unlock(&j->lock);
	if (!post)
		job_free(&t->job);
}

/* --- listeners (all under the lock) ----------------------------------------------------------- */

static struct listener **find_listener(struct jobs *j, uint64_t id)
{
	struct listener **l = &j->listeners;
	while (*l && (*l)->id != id)
		l = &(*l)->next;
	return l;
}

static void listen_for(struct jobs *j, struct task *t)
{
	struct listener *l = xmalloc(sizeof *l);
	*l = (struct listener){
		.next = j->listeners, .id = t->job.id, .owner = t->job.owner, .task = t};
	j->listeners = l;
}

static void remove_listener(struct listener **l)
{
	struct listener *gone = *l;
	*l = gone->next;
	free(gone);
}

/* --- connections ------------------------------------------------------------------------------ */

static bool hung_up(const struct db *db)
{
	struct pollfd p = {.fd = db_fd(db), .events = POLLRDHUP};
	return poll(&p, 1, 0) != 0;
}

/* Out of the idle ones, under the lock; NULL when there is none. */
static struct idle *take_idle(struct slot *s, enum job_lane lane, enum db_purpose purpose)
{
	for (struct idle **i = &s->idle; *i; i = &(*i)->next)
		if ((*i)->lane == lane && (*i)->purpose == purpose) {
			struct idle *found = *i;
			*i = found->next;
			found->next = NULL;
			return found;
		}
	return NULL;
}

/* Whether an idle connection still works: without a round trip when it was used just now. */
static bool alive(struct db *db, int64_t since, int cancel_fd)
{
	int64_t now = clock_mono_ns();
	if (hung_up(db))
		return false;
	if (now - since < TRUSTED)
		return true;
	struct err err = {0};
	return db_run(db, &control_ping, NULL, 0, NULL, NULL, now + PING_PATIENCE, cancel_fd, &err);
}

/* An idle connection that is well, or NULL. Not locked. */
static struct db *reuse(struct jobs *j, unsigned target, enum job_lane lane,
			enum db_purpose purpose, int cancel_fd)
{
	for (;;) {
		pthread_mutex_lock(&j->lock);
		struct idle *i = take_idle(&j->slots[target], lane, purpose);
		pthread_mutex_unlock(&j->lock);
		if (!i)
			return NULL;
		struct db *db = i->db;
		int64_t since = i->since;
		free(i);
		if (alive(db, since, cancel_fd))
			return db;
		db_close(db);
	}
}

static void close_all(struct idle *i)
{
	for (struct idle *next; i; i = next) {
		next = i->next;
		db_close(i->db);
		free(i);
	}
}

/* Back to the idle ones, of which one is enough for kills. Not locked. */
static void keep(struct jobs *j, unsigned target, enum job_lane lane, enum db_purpose purpose,
		 struct db *db)
{
	struct idle *i = xmalloc(sizeof *i), *surplus = NULL;
	*i = (struct idle){NULL, db, lane, purpose, clock_mono_ns()};
	pthread_mutex_lock(&j->lock);
	struct slot *s = &j->slots[target];
	if (lane == LANE_KILL)
		surplus = take_idle(s, lane, purpose);
	struct idle **list = j->closing ? &surplus : &s->idle;
	i->next = *list;
	*list = i;
	pthread_mutex_unlock(&j->lock);
	close_all(surplus);
}

static bool broken(enum err_kind kind)
{
	return kind == ERR_LOST || kind == ERR_TIMEOUT || kind == ERR_PROTOCOL ||
	       kind == ERR_CANCELLED;
}

/* --- queues (all under the lock) -------------------------------------------------------------- */

static void *work(void *arg);

/* False when the system gives no more threads. */
static bool start_worker(struct jobs *j, enum job_lane lane)
{
	struct worker *w = xmalloc(sizeof *w);
	*w = (struct worker){j, lane};
	j->refs++;
	j->lanes[lane].workers++;
	if (thread_detached(work, w))
		return true;
	j->refs--;
	j->lanes[lane].workers--;
	free(w);
	return false;
}

/* False when the lane has not a single worker. */
static bool call_worker(struct jobs *j, enum job_lane lane)
{
	struct lane *l = &j->lanes[lane];
	if (l->waiting)
		pthread_cond_signal(&l->work);
	if (l->queued >= l->waiting && l->workers < lane_kinds[lane].workers)
		start_worker(j, lane);
	return l->workers > 0;
}

static void unlink_task(struct lane *l, struct task **at)
{
	struct task *t = *at;
	*at = t->next;
	if (!t->next)
		l->last = at;
	t->next = NULL;
	l->queued--;
}

static struct task *next_task(struct jobs *j, enum job_lane lane)
{
	struct lane *l = &j->lanes[lane];
	for (struct task **at = &l->first; *at; at = &(*at)->next) {
		struct task *t = *at;
		if (lane_kinds[lane].one_a_target && j->slots[t->job.target].in_use)
			continue;
		unlink_task(l, at);
		return t;
	}
	return NULL;
}

/* A job that is over goes to whoever waits for it; the rest is returned to be freed. */
static struct task *deliver(struct jobs *j, struct task *t)
{
	struct listener **l = find_listener(j, t->job.id);
	if (!*l)
		return t;
	if ((*l)->cancelled || j->closing) {
		remove_listener(l);
		return t;
	}
	(*l)->task = NULL;
	mailbox_post(j->box, (struct message){.type = MESSAGE_JOB, .job = &t->job});
	return NULL;
}

/* A job that cannot be run is returned, to be freed. */
static struct task *enqueue(struct jobs *j, struct task *t)
{
	struct lane *l = &j->lanes[t->job.kind->lane];
	t->next = NULL;
	*l->last = t;
	l->last = &t->next;
	l->queued++;
	if (call_worker(j, t->job.kind->lane))
		return NULL;
	unlink_task(l, &l->first);
	err_set(&t->job.err, ERR_IO, t->job.kind->name, "the system gives no more threads", NULL);
	return deliver(j, t);
}

static uint64_t submit(struct jobs *j, struct task *t)
{
	pthread_mutex_lock(&j->lock);
	uint64_t id = t->job.id = ++j->last_id;
	t->jobs = j;
	if (!t->internal)
		listen_for(j, t);
	t = j->closing ? deliver(j, t) : enqueue(j, t);
	pthread_mutex_unlock(&j->lock);
	if (t)
		job_free(&t->job);
	return id;
}

/* --- workers ---------------------------------------------------------------------------------- */

static void unref_and_unlock(struct jobs *j)
{
	bool last = --j->refs == 0;
	pthread_mutex_unlock(&j->lock);
	if (!last)
		return;
	for (unsigned i = 0; i < j->n; i++)
		target_free(j->slots[i].target);
	for (int i = 0; i < N_LANES; i++)
		pthread_cond_destroy(&j->lanes[i].work);
	pthread_cond_destroy(&j->calm);
	pthread_mutex_destroy(&j->lock);
	free(j->slots);
	free(j);
}

/* The job's own statement may still run on the server: it is ended there. */
static void end_stray(struct jobs *j, const struct task *t, const struct db *db)
{
	struct job *job = kill_stray_job(t->job.target, db_server(db));
	task_of(job)->internal = true;
	submit(j, task_of(job));
}

/* Not locked. */
static void run(struct jobs *j, struct task *t)
{
	struct job *job = &t->job;
	enum job_lane lane = job->kind->lane;
	enum db_purpose purpose = job->kind->purpose;
	struct db *db = NULL;
	job->deadline = clock_mono_ns() + (int64_t)(job->kind->seconds * (double)NS_PER_S);
	if (!lane_kinds[lane].no_connection) {
		db = reuse(j, job->target, lane, purpose, job->cancel_fd);
		if (!db && job_cancelled(job))
			err_set(&job->err, ERR_CANCELLED, job->kind->name, "cancelled", NULL);
		else if (!db)
			db = db_connect(t->target, purpose, job->deadline, NULL, NULL, &job->err);
		if (!db)
			return;
	}
	job->kind->run(job, db);
	if (!db)
		return;
	if (!broken(job->err.kind)) {
		keep(j, job->target, lane, purpose, db);
		return;
	}
	if (lane != LANE_KILL && (job->err.kind == ERR_TIMEOUT || job->err.kind == ERR_CANCELLED))
		end_stray(j, t, db);
	db_close(db);
}

/* Locked on entry and on return. */
static void run_task(struct jobs *j, struct task *t)
{
	struct slot *s = &j->slots[t->job.target];
	bool exclusive = lane_kinds[t->job.kind->lane].one_a_target;
	if (exclusive)
		s->in_use = true;
	struct target *target = target_copy(s->target);
	t->target = target;
	t->next = j->running;
	j->running = t;
	j->n_busy++;
	pthread_mutex_unlock(&j->lock);

	run(j, t);

	pthread_mutex_lock(&j->lock);
	struct task **at = &j->running;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	t->target = NULL;
	if (exclusive)
		s->in_use = false;
	if (t->job.follow && !j->closing) {
		t->job.kind = t->job.follow;
		t->job.follow = NULL;
		t = enqueue(j, t);
	} else {
		t = deliver(j, t);
	}
	j->n_busy--;
	pthread_cond_broadcast(&j->calm);
	pthread_mutex_unlock(&j->lock);
	target_free(target);
	if (t)
		job_free(&t->job);
	pthread_mutex_lock(&j->lock);
}

/* Opens a connection for kills where one is wanted. False when there is nothing to do. Locked on
   entry and on return. */
static bool warm_one(struct jobs *j)
{
	unsigned i = 0;
	while (i < j->n && !j->slots[i].warm_wanted)
		i++;
	if (i == j->n || j->n_warming >= MOST_WARMING || j->closing)
		return false;
	j->slots[i].warm_wanted = false;
	struct target *target = target_copy(j->slots[i].target);
	j->n_warming++;
	j->n_busy++;
	pthread_mutex_unlock(&j->lock);

	struct err err = {0};
	struct db *db = reuse(j, i, LANE_KILL, DB_JOB, -1);
	if (!db)
		db = db_connect(target, DB_JOB, clock_mono_ns() + WARM_PATIENCE, NULL, NULL, &err);
	if (db)
		keep(j, i, LANE_KILL, DB_JOB, db);
	target_free(target);

	pthread_mutex_lock(&j->lock);
	j->n_warming--;
	j->n_busy--;
	pthread_cond_broadcast(&j->calm);
	return true;
}

/* Takes out what the lane kept idle for long enough. *until: when the next one is due. */
static struct idle *expired(struct jobs *j, enum job_lane lane, int64_t now, int64_t *until)
{
	struct idle *out = NULL;
	*until = 0;
	if (!lane_kinds[lane].keep)
		return NULL;
	for (unsigned n = 0; n < j->n; n++)
		for (struct idle **i = &j->slots[n].idle; *i;) {
			struct idle *at = *i;
			int64_t due = at->since + lane_kinds[lane].keep * NS_PER_S;
			if (at->lane == lane && due <= now) {
				*i = at->next;
				at->next = out;
				out = at;
				continue;
			}
			if (at->lane == lane && (!*until || due < *until))
				*until = due;
			i = &at->next;
		}
	return out;
}

/* Nothing to do: wait for a job while idle connections want to be looked after. False: be gone.
 * Locked. */
static bool wait_for_work(struct jobs *j, enum job_lane lane)
{
	int64_t until;
	struct idle *old = expired(j, lane, clock_mono_ns(), &until);
	if (old) {
		pthread_mutex_unlock(&j->lock);
		close_all(old);
		pthread_mutex_lock(&j->lock);
		return true;
	}
	if (!until || j->closing)
		return false;
	struct lane *l = &j->lanes[lane];
	l->waiting++;
	thread_cond_wait(&l->work, &j->lock, until);
	l->waiting--;
	return true;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct jobs *j = w->jobs;
	enum job_lane lane = w->lane;
	free(w);
	pthread_mutex_lock(&j->lock);
	for (;;) {
		struct task *t = next_task(j, lane);
		if (t)
			run_task(j, t);
		else if (!(lane == LANE_KILL && warm_one(j)) && !wait_for_work(j, lane))
			break;
	}
	j->lanes[lane].workers--;
	unref_and_unlock(j);
	return NULL;
}

/* --- what the UI thread calls ----------------------------------------------------------------- */

struct jobs *jobs_new(struct mailbox *box, const struct target *const *targets, unsigned n)
{
	struct jobs *j = xcalloc(1, sizeof *j);
	BUG_ON(n == 0);
	pthread_mutex_init(&j->lock, NULL);
	thread_cond_init(&j->calm);
	j->refs = 1;
	j->box = box;
	j->n = n;
	j->slots = xcalloc(n, sizeof *j->slots);
	for (unsigned i = 0; i < n; i++)
		j->slots[i].target = target_copy(targets[i]);
	for (int i = 0; i < N_LANES; i++) {
		j->lanes[i].last = &j->lanes[i].first;
		thread_cond_init(&j->lanes[i].work);
	}
	return j;
}

/* Under the lock: the queued jobs of a listener, or of all, as a list by `next`. */
static struct task *take_queued(struct jobs *j, const struct task *only)
{
	struct task *out = NULL;
	for (int i = 0; i < N_LANES; i++)
		for (struct task **at = &j->lanes[i].first; *at;) {
			struct task *t = *at;
			if (only && t != only) {
				at = &t->next;
				continue;
			}
			unlink_task(&j->lanes[i], at);
			t->next = out;
			out = t;
		}
	return out;
}

static void free_tasks(struct task *t)
{
	for (struct task *next; t; t = next) {
		next = t->next;
		job_free(&t->job);
	}
}

void jobs_free(struct jobs *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	j->closing = true;
	struct task *queued = take_queued(j, NULL);
	for (struct task *t = j->running; t; t = t->next)
		wake_post(&t->cancel);
	for (int i = 0; i < N_LANES; i++)
		pthread_cond_broadcast(&j->lanes[i].work);
	int64_t until = clock_mono_ns() + PARTING;
	while (j->n_busy && thread_cond_wait(&j->calm, &j->lock, until))
		;
	while (j->listeners)
		remove_listener(&j->listeners);
	for (unsigned i = 0; i < j->n; i++) {
		close_all(j->slots[i].idle);
		j->slots[i].idle = NULL;
	}
	unref_and_unlock(j);
	free_tasks(queued);
}

void jobs_warm(struct jobs *j, unsigned target)
{
	BUG_ON(target >= j->n);
	pthread_mutex_lock(&j->lock);
	j->slots[target].warm_wanted = true;
	call_worker(j, LANE_KILL);
	pthread_mutex_unlock(&j->lock);
}

uint64_t jobs_submit(struct jobs *j, struct job *job)
{
	BUG_ON(job->target >= j->n);
	return submit(j, task_of(job));
}

void jobs_cancel_owner(struct jobs *j, const void *owner)
{
	struct task *queued = NULL;
	pthread_mutex_lock(&j->lock);
	for (struct listener **l = &j->listeners; *l;) {
		struct listener *at = *l;
		if (at->owner != owner || at->cancelled) {
			l = &at->next;
			continue;
		}
		at->cancelled = true;
		struct task *t = at->task ? take_queued(j, at->task) : NULL;
		if (t) {
			t->next = queued;
			queued = t;
			remove_listener(l);
			continue;
		}
		if (at->task)
			wake_post(&at->task->cancel);
		l = &at->next;
	}
	pthread_mutex_unlock(&j->lock);
	free_tasks(queued);
}

unsigned jobs_running(struct jobs *j)
{
	unsigned n = 0;
	pthread_mutex_lock(&j->lock);
	for (const struct listener *l = j->listeners; l; l = l->next)
		n += !l->cancelled;
	pthread_mutex_unlock(&j->lock);
	return n;
}

void job_deliver(struct jobs *j, struct job *job)
{
	pthread_mutex_lock(&j->lock);
	struct listener **l = find_listener(j, job->id);
	bool listening = *l && !(*l)->cancelled;
	if (*l && !job->progress)
		remove_listener(l);
	pthread_mutex_unlock(&j->lock);
	if (listening && job->done)
		job->done(job, job->owner);
	job_free(job);
}

void jobs_set_password(struct jobs *j, unsigned target, const char *password)
{
	BUG_ON(target >= j->n);
	pthread_mutex_lock(&j->lock);
	target_set(j->slots[target].target, SETTING_PASSWORD, password, "prompt");
	pthread_mutex_unlock(&j->lock);
}
