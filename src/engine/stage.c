#include "engine/stage.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "engine/thread.h"
#include "engine/wake.h"

struct stage {
	struct mailbox *in, *to;
	void (*work)(void *arg, struct snapshot *s);
	void *arg;
	pthread_t thread;
	atomic_bool stop;
};

static void hand_on(struct stage *s, struct message m)
{
	if (m.type == MESSAGE_SNAPSHOT)
		s->work(s->arg, m.snapshot);
	mailbox_post(s->to, m);
}

static void *run(void *arg)
{
	struct stage *s = arg;
	struct pollfd p = {.fd = mailbox_fd(s->in), .events = POLLIN};
	for (;;) {
		struct message m;
		while (!atomic_load(&s->stop) && mailbox_take(s->in, &m))
			hand_on(s, m);
		/* Looked at after the take that found nothing: that may have swallowed the wake. */
		if (atomic_load(&s->stop))
			break;
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
	}
	return NULL;
}

struct stage *stage_new(struct mailbox *to, void (*work)(void *arg, struct snapshot *s), void *arg)
{
	struct stage *s = xcalloc(1, sizeof *s);
	s->in = mailbox_new();
	s->to = to;
	s->work = work;
	s->arg = arg;
	atomic_init(&s->stop, false);
	if (!thread_start(&s->thread, run, s))
		die("the system gives no more threads");
	return s;
}

void stage_free(struct stage *s)
{
	if (!s)
		return;
	atomic_store(&s->stop, true);
	mailbox_wake(s->in);
	pthread_join(s->thread, NULL);
	mailbox_free(s->in);
	free(s);
}

struct mailbox *stage_in(struct stage *s)
{
	return s->in;
}
