#include "engine/sampler.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"
#include "engine/budget.h"
#include "engine/feed.h"
#include "engine/thread.h"
#include "engine/wake.h"
#include "io/child.h"

/* So long one turn of the loop goes on stepping targets; the others come first in the next one. */
#define TURN (30 * NS_PER_MS)
/* While a statement is out, the loop looks up so often: see naps(). */
#define NAP (100 * NS_PER_MS)

/* What other threads asked for, until the loop takes it. */
struct wish {
	bool demand_new, refresh, urgent_new, urgent;
	struct sampler_demand demand; /* owns its pins */
	char *password;
	struct shell_answers answers;
};

struct sampler {
	pthread_t thread;
	struct wake wake;

	pthread_mutex_t lock; /* for what follows, up to the next blank line */
	struct wish *wishes;
	bool stop, paused, wishing;

	/* The loop's own. */
	unsigned n;
	struct feed_env env;
	struct feed **feeds;
	struct pollfd *fds;       /* wake, connector, then what each feed wants */
	unsigned *first_fd;       /* of each feed */
	unsigned next;            /* whose turn it is first */
	double gaps[METER_SLOTS]; /* the longest of each slot of time, for env.loop_gap_ms */
	int64_t gap_slot;
};

/* --- wishes ----------------------------------------------------------------------------------- */

static void free_pins(const char *const *pins)
{
	for (const char *const *p = pins; p && *p; p++)
		free((char *)(uintptr_t)*p);
	free((void *)(uintptr_t)pins);
}

static const char *const *copy_pins(const char *const *pins)
{
	size_t n = 0;
	if (!pins)
		return NULL;
	while (pins[n])
		n++;
	const char **copy = xcalloc(n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(pins[i]);
	return copy;
}

static bool same_pins(const char *const *a, const char *const *b)
{
	while (a && b && *a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return (!a || !*a) && (!b || !*b);
}

static bool same_demand(const struct sampler_demand *a, const struct sampler_demand *b)
{
	return a->parts == b->parts && a->relaxed == b->relaxed && a->interval == b->interval &&
	       a->all_status == b->all_status && same_pins(a->pins, b->pins);
}

static struct wish *wish_begin(struct sampler *s, unsigned target)
{
	BUG_ON(target >= s->n);
	pthread_mutex_lock(&s->lock);
	return &s->wishes[target];
}

static void wish_end(struct sampler *s, bool changed)
{
	s->wishing |= changed;
	pthread_mutex_unlock(&s->lock);
	if (changed)
		wake_post(&s->wake);
}

void sampler_demand(struct sampler *s, unsigned target, const struct sampler_demand *d)
{
	struct wish *w = wish_begin(s, target);
	bool changed = !same_demand(&w->demand, d);
	if (changed) {
		free_pins(w->demand.pins);
		w->demand = *d;
		w->demand.pins = copy_pins(d->pins);
		w->demand_new = true;
	}
	wish_end(s, changed);
}

void sampler_refresh(struct sampler *s, unsigned target)
{
	wish_begin(s, target)->refresh = true;
	wish_end(s, true);
}

void sampler_set_urgent(struct sampler *s, unsigned target, bool urgent)
{
	struct wish *w = wish_begin(s, target);
	bool changed = w->urgent != urgent;
	w->urgent = urgent;
	w->urgent_new |= changed;
	wish_end(s, changed);
}

static void wipe(char *secret)
{
	if (secret)
		mem_wipe(secret, strlen(secret));
	free(secret);
}

void sampler_set_password(struct sampler *s, unsigned target, const char *password)
{
	struct wish *w = wish_begin(s, target);
	wipe(w->password);
	w->password = xstrdup(password);
	wish_end(s, true);
}

void sampler_answer(struct sampler *s, unsigned target, const struct shell_question *question,
		    const char *text)
{
	struct wish *w = wish_begin(s, target);
	shell_answers_add(&w->answers, question, text);
	wish_end(s, true);
}

void sampler_pause(struct sampler *s, bool paused)
{
	pthread_mutex_lock(&s->lock);
	s->paused = paused;
	wish_end(s, true);
}

static void grant(struct feed *f, struct wish *w, int64_t now)
{
	if (w->demand_new)
		feed_demand(f, &w->demand, now);
	if (w->urgent_new)
		feed_urgent(f, w->urgent);
	if (w->password)
		feed_password(f, w->password, now);
	for (unsigned i = 0; i < w->answers.n; i++)
		feed_answer(f, &w->answers.of[i].question, w->answers.of[i].text, now);
	if (w->refresh)
		feed_refresh(f, now);
	shell_answers_release(&w->answers);
	w->demand_new = w->urgent_new = w->refresh = false;
	w->password = NULL;
}

/* False when the sampler is to stop. */
static bool take_wishes(struct sampler *s, int64_t now)
{
	wake_drain(&s->wake);
	pthread_mutex_lock(&s->lock);
	s->env.paused = s->paused;
	for (unsigned i = 0; s->wishing && i < s->n; i++)
		grant(s->feeds[i], &s->wishes[i], now);
	s->wishing = false;
	bool stop = s->stop;
	pthread_mutex_unlock(&s->lock);
	return !stop;
}

/* --- the loop --------------------------------------------------------------------------------- */

static void take_connections(struct sampler *s, int64_t now)
{
	struct connect_result r;
	while (connector_take(s->env.connector, &r))
		feed_connected(s->feeds[r.tag / FEED_WAYS], r.tag % FEED_WAYS, &r, now);
}

static void note_gap(struct sampler *s, int64_t from, int64_t to)
{
	int64_t slot = to / (NS_PER_S * (int64_t)BUDGET_WINDOW / METER_SLOTS);
	double ms = (double)(to - from) / (double)NS_PER_MS;
	for (int64_t i = slot - s->gap_slot < METER_SLOTS ? s->gap_slot : slot - METER_SLOTS;
	     i < slot; i++)
		s->gaps[(i + 1) % METER_SLOTS] = 0;
	s->gap_slot = slot;
	double *now = &s->gaps[slot % METER_SLOTS];
	if (ms > *now)
		*now = ms;
	double most = 0;
	for (int i = 0; i < METER_SLOTS; i++)
		most = s->gaps[i] > most ? s->gaps[i] : most;
	s->env.loop_gap_ms = most;
}

/* A process that was stopped or suspended while a statement is out sees, by short waits, for
   how long, and does not take that time for the server's. */
static bool naps(const struct sampler *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (feed_waits(s->feeds[i]))
			return true;
	return false;
}

static void wait_for_events(struct sampler *s, int64_t due)
{
	s->fds[0] = (struct pollfd){.fd = wake_fd(&s->wake), .events = POLLIN};
	s->fds[1] = (struct pollfd){.fd = connector_fd(s->env.connector), .events = POLLIN};
	unsigned n = 2;
	for (unsigned i = 0; i < s->n; i++) {
		int64_t own = feed_due(s->feeds[i]);
		due = own < due ? own : due;
		s->first_fd[i] = n;
		n += feed_poll(s->feeds[i], &s->fds[n]);
	}
	int64_t began = clock_mono_ns(), left = due - began;
	if (left < 0)
		left = 0;
	if (left > NAP && naps(s)) {
		left = NAP;
		due = began + NAP;
	}
	struct timespec t = {.tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S};
	if (ppoll(s->fds, n, due == INT64_MAX ? NULL : &t, NULL) < 0) {
		if (errno != EINTR)
			die("poll: %s", strerror(errno));
		for (unsigned i = 0; i < n; i++)
			s->fds[i].revents = 0;
	}
	int64_t late = due == INT64_MAX ? 0 : clock_mono_ns() - (began + left);
	for (unsigned i = 0; late > NAP && i < s->n; i++)
		feed_stood_still(s->feeds[i], late);
}

/* Step the targets, each once, as long as the turn lasts; nobody comes last twice. */
static void step_feeds(struct sampler *s)
{
	int64_t began = clock_mono_ns(), now = began;
	unsigned done = 0;
	for (; done < s->n && now - began < TURN; done++) {
		unsigned i = (s->next + done) % s->n;
		feed_step(s->feeds[i], &s->fds[s->first_fd[i]], now);
		now = clock_mono_ns();
	}
	s->next = (s->next + done) % s->n;
}

static void *loop(void *arg)
{
	struct sampler *s = arg;
	int64_t awake = clock_mono_ns();
	while (take_wishes(s, awake)) {
		int64_t again = connector_pump(s->env.connector, awake);
		take_connections(s, awake);
		step_feeds(s);
		/* What the feeds asked for just now need not wait for a turn. */
		int64_t now = clock_mono_ns(), later = connector_pump(s->env.connector, now);
		child_reap(now);
		note_gap(s, awake, now);
		wait_for_events(s, later < again ? later : again);
		awake = clock_mono_ns();
	}
	return NULL;
}

/* --- beginning and end ------------------------------------------------------------------------ */

struct sampler *sampler_new(struct mailbox *box, const struct target *const *targets, unsigned n)
{
	struct sampler *s = xcalloc(1, sizeof *s);
	BUG_ON(n == 0);
	pthread_mutex_init(&s->lock, NULL);
	wake_init(&s->wake);
	s->n = n;
	s->env = (struct feed_env){.box = box, .connector = connector_new(NULL)};
	s->wishes = xcalloc(n, sizeof *s->wishes);
	s->feeds = xcalloc(n, sizeof(struct feed *));
	s->fds = xcalloc(2 + FEED_MOST_FDS * n, sizeof *s->fds);
	s->first_fd = xcalloc(n, sizeof *s->first_fd);
	for (unsigned i = 0; i < n; i++)
		s->first_fd[i] = 2; /* nothing was polled yet */
	for (unsigned i = 0; i < n; i++)
		s->feeds[i] = feed_new(&s->env, i, targets[i]);
	if (!thread_start(&s->thread, loop, s))
		die("the system gives no more threads");
	return s;
}

void sampler_free(struct sampler *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_mutex_unlock(&s->lock);
	wake_post(&s->wake);
	pthread_join(s->thread, NULL); /* the loop never blocks */
	connector_free(s->env.connector);
	for (unsigned i = 0; i < s->n; i++) {
		feed_free(s->feeds[i]);
		free_pins(s->wishes[i].demand.pins);
		wipe(s->wishes[i].password);
		shell_answers_release(&s->wishes[i].answers);
	}
	child_reap(INT64_MAX);
	free(s->feeds);
	free(s->wishes);
	free(s->fds);
	free(s->first_fd);
	wake_release(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
