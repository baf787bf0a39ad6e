#include "engine/rescue.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/control.h"

enum {
	KILLS_OF_STATEMENT = 2, /* then the connection */
	MOST_KILLS = 12,
};
#define PATIENCE (3 * NS_PER_S) /* for one answer on the second connection */
#define PAUSE NS_PER_S          /* between a kill and the next */
#define JITTER (5 * NS_PER_S / 2)
enum { NO_SUCH_THREAD = 1094 };

void rescue_begin(struct rescue *r, const struct server_info *server, int64_t started, int64_t now)
{
	*r = (struct rescue){
		.state = RESCUE_CONNECTING,
		.victim = server->connection_id,
		.started = started,
		.uptime = -1,
		.due = now,
	};
	memcpy(r->hostname, server->hostname, sizeof r->hostname);
}

static void disconnect(struct rescue *r)
{
	db_close(r->db);
	r->db = NULL;
}

void rescue_end(struct rescue *r)
{
	disconnect(r);
	r->state = RESCUE_OFF;
}

/* Each attempt against a frozen server is one more broken handshake that it will count some day. */
static void rest(struct rescue *r, int64_t now)
{
	static const int seconds[] = {5, 10, 20, 30, 60, 120};
	enum { LAST = sizeof seconds / sizeof *seconds - 1 };
	disconnect(r);
	r->state = RESCUE_RESTING;
	r->due = now + seconds[r->tries < LAST ? r->tries : LAST] * NS_PER_S;
	r->tries++;
}

static void gone(struct rescue *r)
{
	disconnect(r);
	r->state = RESCUE_GONE;
}

static void take_uptime(void *arg, const struct answer *a)
{
	struct rescue *r = arg;
	if (a->n_columns == 2 && a->cells[0] && a->cells[1] && strcmp(a->cells[0], "Uptime") == 0)
		r->uptime = strtoll(a->cells[1], NULL, 10);
}

static void answered(struct rescue *r, enum db_state state, const struct err *err, int64_t now);

static void send(struct rescue *r, enum rescue_state state, const struct stmt *s,
		 const struct stmt_arg *args, size_t n, int64_t now)
{
	static const struct db_sink sink = {.row = take_uptime};
	struct err err = {0};
	r->state = state;
	r->deadline = now + PATIENCE;
	answered(r, db_start(r->db, s, args, n, state == RESCUE_CHECKING ? &sink : NULL, r, &err),
		 &err, now);
}

static void kill_it(struct rescue *r, int64_t now)
{
	struct stmt_arg id = STMT_INT(r->victim);
	if (r->kills >= MOST_KILLS) {
		rest(r, now);
		return;
	}
	send(r, RESCUE_KILLING, r->kills++ < KILLS_OF_STATEMENT ? &kill_query : &kill_connection,
	     &id, 1, now);
}

/* A server that began later than the one we knew has none of our old connections: the number may be
   somebody else's by now. */
static void checked(struct rescue *r, int64_t now)
{
	int64_t began = now - r->uptime * NS_PER_S;
	if (r->uptime >= 0 && r->started && began > r->started + JITTER)
		gone(r);
	else
		kill_it(r, now);
}

static void answered(struct rescue *r, enum db_state state, const struct err *err, int64_t now)
{
	if (state == DB_BUSY)
		return;
	if (state == DB_FAILED && r->state == RESCUE_KILLING && err->code == NO_SUCH_THREAD) {
		gone(r);
	} else if (state == DB_FAILED && (err->kind == ERR_LOST || err->kind == ERR_PROTOCOL)) {
		rest(r, now);
	} else if (r->state == RESCUE_CHECKING) {
		checked(r, now);
	} else {
		r->state = RESCUE_WATCHING;
		r->due = now + PAUSE;
	}
}

void rescue_connected(struct rescue *r, struct db *db, int64_t now)
{
	if (!db) {
		rest(r, now);
		return;
	}
	const struct server_info *server = db_server(db);
	r->db = db;
	r->kills = 0;
	r->uptime = -1;
	/* Another server answers under that name, or this one began anew: what we knew is not
	 * there. */
	if (strcmp(server->hostname, r->hostname) != 0 || server->connection_id <= r->victim)
		gone(r);
	else
		send(r, RESCUE_CHECKING, &control_uptime, NULL, 0, now);
}

void rescue_step(struct rescue *r, short revents, int64_t now)
{
	struct err err = {0};
	switch (r->state) {
	case RESCUE_RESTING:
		if (now >= r->due)
			r->state = RESCUE_CONNECTING;
		break;
	case RESCUE_CHECKING:
	case RESCUE_KILLING:
		if (revents || db_pending(r->db))
			answered(r, db_step(r->db, revents, 16, &err), &err, now);
		else if (now >= r->deadline)
			rest(r, now);
		break;
	case RESCUE_WATCHING:
		if (now >= r->due)
			kill_it(r, now);
		break;
	case RESCUE_OFF:
	case RESCUE_CONNECTING:
	case RESCUE_GONE:
		break;
	}
}

bool rescue_poll(const struct rescue *r, struct pollfd *p)
{
	if (r->state != RESCUE_CHECKING && r->state != RESCUE_KILLING)
		return false;
	*p = (struct pollfd){.fd = db_fd(r->db), .events = db_events(r->db)};
	return true;
}

int64_t rescue_due(const struct rescue *r)
{
	switch (r->state) {
	case RESCUE_RESTING:
	case RESCUE_WATCHING:
		return r->due;
	case RESCUE_CHECKING:
	case RESCUE_KILLING:
		return db_pending(r->db) ? 0 : r->deadline;
	case RESCUE_OFF:
	case RESCUE_CONNECTING:
	case RESCUE_GONE:
		break;
	}
	return INT64_MAX;
}
