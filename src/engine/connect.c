#include "engine/connect.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"
#include "engine/thread.h"
#include "engine/wake.h"

enum {
	FAST_LANE = 16, /* young attempts at once */
	SLOW_LANE = 16, /* attempts at once for targets that hung before */
	MOST_THREADS = 128,
};
/* So old an attempt no longer counts in the fast lane: it waits for the network, not for a core. */
#define YOUNG (400 * NS_PER_MS)
/* The longest time for an attempt while others wait for its place. */
#define CROWDED_FAST (4 * NS_PER_S)
#define CROWDED_SLOW (3 * NS_PER_S)
/* So long after its deadline an attempt counts as hanging where there is none (a resolver). */
#define GRACE NS_PER_S

enum lane { LANE_FAST, LANE_SLOW };

struct attempt {
	struct attempt *next;
	struct connect_order order;
	enum lane lane;
	int64_t started, deadline;
	bool reported; /* as unfinished */
};

struct queue {
	struct attempt *first, **last;
	unsigned n;
};

/* What workers share with the connector; the last one frees it. */
struct pool {
	pthread_mutex_t lock;
	unsigned refs;
	bool closed;
	struct arrival *arrivals, **last;
	struct wake wake;
	connect_fn *connect;
};

/* A finished attempt on its way to the connector. */
struct arrival {
	struct arrival *next;
	struct connect_result result;
};

/* One attempt as its thread sees it. */
struct errand {
	struct pool *pool;
	unsigned tag;
	struct target *target;
	bool shell;
	enum db_purpose purpose;
	struct shell_answers answers;
	int64_t deadline;
};

struct connector {
	struct pool *pool;
	struct queue waiting[2]; /* by lane */
	struct attempt *running;
	unsigned n_running;
	struct attempt *overdue; /* to be reported as unfinished, one at a time */
};

static struct db *connect_for_real(const struct target *t, enum db_purpose purpose,
				   int64_t deadline, struct err *err)
{
	return db_connect(t, purpose, deadline, NULL, NULL, err);
}

/* --- the worker's side ------------------------------------------------------------------------ */

static void pool_unref(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	unsigned left = --p->refs;
	pthread_mutex_unlock(&p->lock);
	if (left)
		return;
	wake_release(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static void drop(struct arrival *a)
{
	db_close(a->result.db);
	shell_close(a->result.shell);
	free(a);
}

static void deliver(struct pool *p, struct arrival *a)
{
	pthread_mutex_lock(&p->lock);
	bool late = p->closed;
	if (!late) {
		*p->last = a;
		p->last = &a->next;
		wake_post(&p->wake);
	}
	pthread_mutex_unlock(&p->lock);
	if (late)
		drop(a);
}

static void errand_free(struct errand *e)
{
	target_free(e->target);
	shell_answers_release(&e->answers);
	pool_unref(e->pool);
	free(e);
}

static void *work(void *arg)
{
	struct errand *e = arg;
	struct arrival *a = xcalloc(1, sizeof *a);
	struct connect_result *r = &a->result;
	r->tag = e->tag;
	int64_t began = clock_mono_ns();
	if (e->shell)
		r->shell = shell_open(e->target, &e->answers, e->deadline, NULL, NULL, &r->question,
				      &r->err);
	else
		r->db = e->pool->connect(e->target, e->purpose, e->deadline, &r->err);
	r->seconds = (double)(clock_mono_ns() - began) / (double)NS_PER_S;
	deliver(e->pool, a);
	errand_free(e);
	return NULL;
}

/* --- the owner's side ------------------------------------------------------------------------- */

struct connector *connector_new(connect_fn *connect)
{
	struct connector *c = xcalloc(1, sizeof *c);
	struct pool *p = c->pool = xcalloc(1, sizeof *p);
	pthread_mutex_init(&p->lock, NULL);
	p->refs = 1;
	p->last = &p->arrivals;
	p->connect = connect ? connect : connect_for_real;
	wake_init(&p->wake);
	for (int i = 0; i < 2; i++)
		c->waiting[i].last = &c->waiting[i].first;
	return c;
}

static void free_attempts(struct attempt *a)
{
	for (struct attempt *next; a; a = next) {
		next = a->next;
		free(a);
	}
}

void connector_free(struct connector *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->pool->lock);
	c->pool->closed = true;
	struct arrival *a = c->pool->arrivals;
	pthread_mutex_unlock(&c->pool->lock);
	for (struct arrival *next; a; a = next) {
		next = a->next;
		drop(a);
	}
	pool_unref(c->pool);
	for (int i = 0; i < 2; i++)
		free_attempts(c->waiting[i].first);
	free_attempts(c->running);
	free(c);
}

int connector_fd(const struct connector *c)
{
	return wake_fd(&c->pool->wake);
}

void connector_submit(struct connector *c, const struct connect_order *order)
{
	struct attempt *a = xcalloc(1, sizeof *a);
	a->order = *order;
	a->lane = order->hung_before ? LANE_SLOW : LANE_FAST;
	struct queue *q = &c->waiting[a->lane];
	*q->last = a;
	q->last = &a->next;
	q->n++;
}

static struct attempt *queue_pop(struct queue *q)
{
	struct attempt *a = q->first;
	q->first = a->next;
	if (!q->first)
		q->last = &q->first;
	q->n--;
	a->next = NULL;
	return a;
}

/* How many attempts stand in the way of another in this lane; *until: when that changes. */
static unsigned occupied(const struct connector *c, enum lane lane, int64_t now, int64_t *until)
{
	unsigned n = 0;
	for (const struct attempt *a = c->running; a; a = a->next) {
		if (a->lane != lane)
			continue;
		int64_t old = a->started + YOUNG;
		if (lane == LANE_FAST && old <= now)
			continue;
		n++;
		if (lane == LANE_FAST && old < *until)
			*until = old;
	}
	return n;
}

static void report_failure(struct connector *c, unsigned tag, const char *why)
{
	struct arrival *r = xcalloc(1, sizeof *r);
	r->result.tag = tag;
	err_set(&r->result.err, ERR_IO, "connect worker", why, NULL);
	deliver(c->pool, r);
}

static void start(struct connector *c, struct attempt *a, bool crowded, int64_t now)
{
	int64_t most = (int64_t)(target_connect_timeout(a->order.target) * (double)NS_PER_S);
	int64_t less = a->lane == LANE_FAST ? CROWDED_FAST : CROWDED_SLOW;
	a->started = now;
	a->deadline = now + (crowded && less < most ? less : most);

	struct errand *e = xcalloc(1, sizeof *e);
	*e = (struct errand){
		.pool = c->pool,
		.tag = a->order.tag,
		.target = target_copy(a->order.target),
		.shell = a->order.shell,
		.purpose = a->order.purpose,
		.deadline = a->deadline,
	};
	if (a->order.answers)
		shell_answers_copy(&e->answers, a->order.answers);
	a->next = c->running;
	c->running = a;
	c->n_running++;
	pthread_mutex_lock(&c->pool->lock);
	c->pool->refs++;
	pthread_mutex_unlock(&c->pool->lock);
	if (thread_detached(work, e))
		return;
	report_failure(c, a->order.tag, "the system gives no more threads");
	errand_free(e);
}

int64_t connector_pump(struct connector *c, int64_t now)
{
	static const unsigned width[] = {[LANE_FAST] = FAST_LANE, [LANE_SLOW] = SLOW_LANE};
	int64_t again = INT64_MAX;
	for (int lane = LANE_FAST; lane <= LANE_SLOW; lane++) {
		struct queue *q = &c->waiting[lane];
		while (q->n && c->n_running < MOST_THREADS) {
			if (occupied(c, (enum lane)lane, now, &again) >= width[lane])
				break;
			bool crowded = q->n > width[lane];
			start(c, queue_pop(q), crowded, now);
		}
	}
	c->overdue = NULL;
	for (struct attempt *a = c->running; a; a = a->next) {
		int64_t late = a->deadline + GRACE;
		if (a->reported)
			continue;
		if (late > now)
			again = late < again ? late : again;
		else if (!c->overdue)
			c->overdue = a;
		else
			again = now;
	}
	return again;
}

static void forget(struct connector *c, unsigned tag)
{
	for (struct attempt **a = &c->running; *a; a = &(*a)->next)
		if ((*a)->order.tag == tag) {
			struct attempt *gone = *a;
			*a = gone->next;
			if (c->overdue == gone)
				c->overdue = NULL;
			c->n_running--;
			free(gone);
			return;
		}
	die("BUG: a connection that nobody asked for");
}

static bool take_overdue(struct connector *c, struct connect_result *out)
{
	struct attempt *a = c->overdue;
	c->overdue = NULL;
	if (!a)
		return false;
	a->reported = true;
	*out = (struct connect_result){.tag = a->order.tag, .unfinished = true};
	err_set(&out->err, ERR_TIMEOUT, "connecting",
		"no end in sight; the name look-up seems to hang",
		"try the address in place of the name, or look at the resolver");
	return true;
}

bool connector_take(struct connector *c, struct connect_result *out)
{
	struct pool *p = c->pool;
	pthread_mutex_lock(&p->lock);
	struct arrival *a = p->arrivals;
	if (a) {
		p->arrivals = a->next;
		if (!p->arrivals)
			p->last = &p->arrivals;
	} else {
		wake_drain(&p->wake);
	}
	pthread_mutex_unlock(&p->lock);
	if (!a)
		return take_overdue(c, out);
	*out = a->result;
	free(a);
	forget(c, out->tag);
	return true;
}
