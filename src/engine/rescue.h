/*
 * What to do about a statement of our own that does not come back. A second connection asks the
 * server to end it, first the statement, then its connection, and goes on asking until the server
 * says that there is no such thing: only then may a new sampling connection be opened. So at most
 * one connection of ours is ever left behind on a server. When even the second connection hangs, it
 * waits, longer each time.
 *
 * Owned by a feed, on the sampler's thread. Never blocks.
 */
#ifndef ENGINE_RESCUE_H
#define ENGINE_RESCUE_H

#include <poll.h>

#include "io/db.h"

enum rescue_state {
	RESCUE_OFF,
	RESCUE_RESTING, /* until `due`, then it wants a connection */
	RESCUE_CONNECTING,
	RESCUE_CHECKING, /* that it is the same server, and that it did not restart */
	RESCUE_KILLING,
	RESCUE_WATCHING, /* until `due`, for the kill to show */
	RESCUE_GONE,     /* the old connection is no more */
};

struct rescue {
	enum rescue_state state;
	struct db *db;
	int64_t victim;  /* the connection to end */
	int64_t started; /* mono ns when the server began, as known before; 0: unknown */
	char hostname[128];
	int64_t due, deadline;
	unsigned tries, kills;
	int64_t uptime; /* as answered; -1: not yet */
};

/* Begin. The caller sees to a connection whenever the state is RESCUE_CONNECTING. */
void rescue_begin(struct rescue *r, const struct server_info *server, int64_t started, int64_t now);
/* The statement came back, or it is over for another reason. */
void rescue_end(struct rescue *r);
/* The connection that was asked for; NULL: there is none. */
void rescue_connected(struct rescue *r, struct db *db, int64_t now);
/* Goes on; may become RESCUE_CONNECTING (again) or RESCUE_GONE. */
void rescue_step(struct rescue *r, short revents, int64_t now);
/* What poll() should watch; false: nothing. */
bool rescue_poll(const struct rescue *r, struct pollfd *p);
/* When it does something by itself. */
int64_t rescue_due(const struct rescue *r);

#endif
