/*
 * Inside engine/hostfeed*.c: hostfeed.c works it, hostfeed_tell.c says how it stands.
 */
#ifndef ENGINE_HOSTFEEDIMPL_H
#define ENGINE_HOSTFEEDIMPL_H

#include "engine/hostfeed.h"
#include "engine/hostround.h"
#include "engine/schedule.h"

/* HOST_CARRYING: its load cannot be read, but the session is up, and carries the tunnel. */
enum host_phase { HOST_OFF, HOST_WAITING, HOST_CONNECTING, HOST_GREETING, HOST_LIVE, HOST_CARRYING };

struct hostfeed {
	struct feed_env *env;
	unsigned tag;
	const struct target *target;
	enum shell_kind kind; /* as configured */

	enum host_phase phase;
	struct shell *shell;
	struct shell_answers answers;
	struct host_note *note; /* of what went wrong last; NULL while all is well */
	bool tried, known;      /* an attempt was made; one succeeded */
	bool server_told;       /* the server's first screen is there, or it cannot be reached */
	bool adrift;            /* connecting, but beyond its deadline */
	bool again;             /* somebody answered or asked while an attempt was under way */
	unsigned hung, reconnects;
	struct backoff backoff;
	int64_t retry_at; /* INT64_MAX: when somebody asks */
	int64_t since;    /* when the phase began */
	int64_t used;     /* when the server was heard through the tunnel last */
	bool deaf;        /* carrying: the shell has nothing more to say */
	uint64_t carried; /* bytes of shells that are closed */

	struct hostround round;
	bool in_round, stalled, force;
	int64_t live_since, began, beat;
	unsigned rounds; /* since the login */

	struct buf out; /* to be written */
	size_t written;
};

#endif
