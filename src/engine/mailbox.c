#include "engine/mailbox.h"

#include <pthread.h>

#include "base/mem.h"
#include "engine/job.h"
#include "engine/wake.h"

/* So many snapshots of one target may wait. */
enum { MOST_WAITING = 4 };

struct letter {
	struct letter *next;
	struct message msg;
};

struct mailbox {
	pthread_mutex_t lock;
	struct letter *first, **last;
	struct wake wake;
};

struct mailbox *mailbox_new(void)
{
	struct mailbox *m = xcalloc(1, sizeof *m);
	pthread_mutex_init(&m->lock, NULL);
	m->last = &m->first;
	wake_init(&m->wake);
	return m;
}

static void drop(struct letter *l)
{
	if (l->msg.type == MESSAGE_SNAPSHOT)
		snapshot_unref(l->msg.snapshot);
	else
		job_free(l->msg.job);
	free(l);
}

void mailbox_free(struct mailbox *m)
{
	if (!m)
		return;
	for (struct letter *l = m->first, *next; l; l = next) {
		next = l->next;
		drop(l);
	}
	wake_release(&m->wake);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

int mailbox_fd(const struct mailbox *m)
{
	return wake_fd(&m->wake);
}

/* The oldest snapshot of the target when it has enough of them, taken out of the queue. */
static struct letter *surplus(struct mailbox *m, unsigned target)
{
	struct letter **oldest = NULL;
	unsigned waiting = 0;
	for (struct letter **l = &m->first; *l; l = &(*l)->next) {
		if ((*l)->msg.type != MESSAGE_SNAPSHOT || (*l)->msg.snapshot->target != target)
			continue;
		if (waiting++ == 0)
			oldest = l;
	}
	if (waiting < MOST_WAITING)
		return NULL;
	struct letter *out = *oldest;
	*oldest = out->next;
	if (!out->next)
		m->last = oldest;
	return out;
}

void mailbox_post(struct mailbox *m, struct message msg)
{
	struct letter *l = xmalloc(sizeof *l), *old = NULL;
	*l = (struct letter){.msg = msg};
	pthread_mutex_lock(&m->lock);
	if (msg.type == MESSAGE_SNAPSHOT)
		old = surplus(m, msg.snapshot->target);
	*m->last = l;
	m->last = &l->next;
	pthread_mutex_unlock(&m->lock);
	if (old)
		drop(old);
	wake_post(&m->wake);
}

void mailbox_wake(struct mailbox *m)
{
	wake_post(&m->wake);
}

bool mailbox_take(struct mailbox *m, struct message *msg)
{
	pthread_mutex_lock(&m->lock);
	struct letter *l = m->first;
	if (l) {
		m->first = l->next;
		if (!m->first)
			m->last = &m->first;
	} else {
		/* Under the lock: a post that comes now writes again afterwards. */
		wake_drain(&m->wake);
	}
	pthread_mutex_unlock(&m->lock);
	if (!l)
		return false;
	*msg = l->msg;
	free(l);
	return true;
}
