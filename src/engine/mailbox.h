/*
 * What threads tell the UI thread: new snapshots and finished jobs. Any thread posts; one thread (the
 * owner) polls mailbox_fd() and takes. Snapshots of one target are folded when the owner is slow: at
 * most a few wait, the oldest is dropped, and none of the newest is ever lost.
 */
#ifndef ENGINE_MAILBOX_H
#define ENGINE_MAILBOX_H

#include "model/snapshot.h"

struct job;

struct message {
	enum { MESSAGE_SNAPSHOT, MESSAGE_JOB } type;
	union {
		struct snapshot *snapshot; /* the taker owns the reference */
		struct job *job;           /* finished; the taker owns it */
	};
};

struct mailbox;
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *m); /* with all that is still in it */
int mailbox_fd(const struct mailbox *m); /* readable when something waits */
void mailbox_post(struct mailbox *m, struct message msg);
/* Wake the owner without a message. */
void mailbox_wake(struct mailbox *m);
/* False when empty. */
bool mailbox_take(struct mailbox *m, struct message *msg);

#endif
