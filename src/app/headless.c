#include "app/headless.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "app/askhost.h"
#include "base/clock.h"
#include "base/mem.h"
#include "diagnose/diagnosis.h"
#include "engine/sampler.h"
#include "engine/stage.h"

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};

/* These signals are blocked, in the sampler's threads too, except while this one waits. */
static volatile sig_atomic_t interrupted;
static sigset_t open_mask;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

struct headless {
	struct mailbox *box;
	struct diagnosis *diagnosis;
	struct stage *stage;
	struct sampler *sampler;
	struct sampler_demand demand; /* of each target */
	struct snapshot **newest;
	char **asked; /* the last question of each target's host */
	size_t n;
};

struct headless *headless_new(const struct targets *t, const struct config *c, part_mask parts,
			      bool all_status, double interval)
{
	sigset_t closed;
	sigemptyset(&closed);
	for (size_t i = 0; i < COUNT_OF(ending); i++) {
		/* No SA_RESTART: a write to a reader who has stopped must be interruptible. */
		struct sigaction act = {.sa_handler = on_signal};
		sigaction(ending[i], &act, NULL);
		sigaddset(&closed, ending[i]);
	}
	interrupted = 0;
	pthread_sigmask(SIG_BLOCK, &closed, &open_mask);

	struct headless *h = xcalloc(1, sizeof *h);
	const struct target **list = xcalloc(t->n, sizeof *list);
	for (size_t i = 0; i < t->n; i++)
		list[i] = t->v[i].target;
	h->n = t->n;
	h->newest = xcalloc(t->n, sizeof *h->newest);
	h->asked = xcalloc(t->n, sizeof *h->asked);
	h->box = mailbox_new();
	h->diagnosis = diagnosis_new((unsigned)t->n);
	if (c)
		config_rules(c, h->diagnosis);
	h->stage = stage_new(h->box, diagnosis_work, h->diagnosis);
	h->sampler = sampler_new(stage_in(h->stage), list, (unsigned)t->n);
	if (parts & PART_BIT(PART_FINDINGS))
		parts |= rules_need();
	h->demand = (struct sampler_demand){.parts = parts, .interval = interval, .all_status = all_status};
	for (unsigned i = 0; i < t->n; i++)
		sampler_demand(h->sampler, i, &h->demand);
	free(list);
	return h;
}

void headless_demand(struct headless *h, part_mask parts, part_mask relaxed)
{
	h->demand.parts = parts;
	h->demand.relaxed = relaxed;
	for (unsigned i = 0; i < h->n; i++)
		sampler_demand(h->sampler, i, &h->demand);
}

void headless_urgent(struct headless *h)
{
	for (unsigned i = 0; i < h->n; i++)
		sampler_set_urgent(h->sampler, i, true);
}

void headless_stop(struct headless *h)
{
	sampler_free(h->sampler);
	h->sampler = NULL;
	stage_free(h->stage);
	h->stage = NULL;
}

const char *headless_blind(const struct headless *h, size_t target, const struct rule *r)
{
	return diagnosis_blind(h->diagnosis, (unsigned)target, r);
}

void headless_free(struct headless *h)
{
	headless_stop(h);
	diagnosis_free(h->diagnosis);
	mailbox_free(h->box);
	for (size_t i = 0; i < h->n; i++) {
		snapshot_unref(h->newest[i]);
		free(h->asked[i]);
	}
	free(h->newest);
	free(h->asked);
	free(h);
	pthread_sigmask(SIG_SETMASK, &open_mask, NULL);
}

/* What the way to a host asks, on the terminal, where there is one; each question once. */
static void answer_host(struct headless *h, const struct snapshot *s)
{
	const struct host_note *n = s->host.note;
	char **asked = &h->asked[s->target];
	struct err e = {0};
	char *text;
	if (!n || n->question.kind == QUESTION_NONE || (*asked && !strcmp(*asked, n->question.text)))
		return;
	free(*asked);
	*asked = xstrdup(n->question.text);
	text = ask_host(&n->question, &e);
	interrupted |= e.kind == ERR_CANCELLED;
	if (!text)
		return;
	sampler_answer(h->sampler, s->target, &n->question, text);
	mem_wipe(text, strlen(text));
	free(text);
}

static bool take_all(struct headless *h)
{
	struct message m;
	bool any = false;
	while (mailbox_take(h->box, &m)) {
		if (m.type != MESSAGE_SNAPSHOT)
			continue; /* nobody submits jobs here */
		answer_host(h, m.snapshot);
		snapshot_unref(h->newest[m.snapshot->target]);
		h->newest[m.snapshot->target] = m.snapshot;
		any = true;
	}
	return any;
}

enum headless_event headless_wait(struct headless *h, int64_t deadline)
{
	struct pollfd fd = {.fd = mailbox_fd(h->box), .events = POLLIN};
	for (;;) {
		if (interrupted)
			return HEADLESS_INTERRUPTED;
		int64_t left = deadline - clock_mono_ns();
		if (left < 0)
			left = 0;
		struct timespec ts = {.tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S};
		int ready = ppoll(&fd, 1, &ts, &open_mask);
		if (ready > 0 && take_all(h))
			return HEADLESS_NEWS;
		if (ready == 0)
			return HEADLESS_TIME;
	}
}

struct snapshot *headless_newest(const struct headless *h, size_t target)
{
	return h->newest[target];
}

bool headless_write(const struct buf *b, struct err *e)
{
	sigset_t mask;
	pthread_sigmask(SIG_SETMASK, &open_mask, &mask);
	size_t done = 0;
	int error = 0;
	while (done < b->len && !error) {
		ssize_t n = write(STDOUT_FILENO, b->s + done, b->len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR || interrupted)
			error = errno;
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (!error)
		return true;
	bool gone = error == EPIPE || error == EINTR;
	return err_set(e, gone ? ERR_CANCELLED : ERR_IO, "standard output", strerror(error), NULL);
}
