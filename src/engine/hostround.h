/*
 * What is asked of a host and what is made of its answers: which parts are due, one request for all
 * their files, the server's process, why files are absent, what all that costs over there. Does no
 * I/O: it writes requests into a buffer and takes in the bytes that came back. Owned by a host feed, on
 * the sampler's thread.
 */
#ifndef ENGINE_HOSTROUND_H
#define ENGINE_HOSTROUND_H

#include "collect/hostfind.h"
#include "collect/hostloop.h"
#include "engine/intake.h"

struct hostreader {
	const struct host_collector *collector; /* NULL: never wanted */
	int64_t due;
	struct share share;
	struct meter meter;
	unsigned weight; /* files of its latest request */
	double last_ms;
	unsigned last_rows;
	uint64_t runs;
	char *request; /* the names that it asked for last */
};

enum { HOSTROUND_SLOTS = 7, HOSTROUND_MOST_LACKS = 256 };

struct hostround {
	struct intake *in;
	const struct server_info *info;
	const struct target *target;
	bool local; /* fathom reads the files of its own machine */

	struct hostloop loop;
	double cpu;       /* of the loop, as last told; negative: not yet */
	struct meter meter;
	uint64_t rounds;

	/* The server's process. */
	struct host_server server;
	struct hostfind find;
	int64_t find_due;
	int64_t last_pid;  /* the latest that was found, also when it is gone */
	bool wrong_host;   /* this machine is not the one that the server runs on */
	char *mounts;      /* that df may be asked about; NULL: not known yet */

	struct hostreader readers[N_PARTS];
	unsigned most_threads;
	int64_t threads_due; /* when that number may change again */

	/* What the loop keeps by slot. */
	char *slots[HOSTROUND_SLOTS];
	unsigned next_slot;

	/* Why files are absent. */
	struct hostround_lack {
		char *name;
		enum host_absence why;
		int64_t asked; /* 0: not yet */
	} lacks[HOSTROUND_MOST_LACKS];
	unsigned n_lacks;

	/* The round at hand. */
	bool finding;
	part_mask todo;
	struct buf request;
	unsigned number, pending; /* the latest request's; how many are not answered */
	int64_t sent;
};

void hostround_init(struct hostround *r, struct intake *in, const struct server_info *info,
		    const struct target *target, bool local);
void hostround_release(struct hostround *r);
/* A new loop over there: nothing is known any more. */
void hostround_login(struct hostround *r, const char *marker);
/* What is wanted changed. */
void hostround_demand(struct hostround *r);
part_mask hostround_wanted(const struct hostround *r);

/* Appends the requests of a round to `out`; false when there is nothing to ask now. `all`: due or
   not. */
bool hostround_begin(struct hostround *r, bool all, int64_t now, struct buf *out);

enum hostround_event {
	HOSTROUND_MORE,
	HOSTROUND_READY,   /* the loop runs */
	HOSTROUND_REFUSED, /* it cannot: r->loop.refusal */
	HOSTROUND_FOUND,   /* a round that looked for the server is over: begin another one at once */
	HOSTROUND_DONE,    /* a round is over, its parts are in the intake */
};
enum hostround_event hostround_feed(struct hostround *r, const char **bytes, size_t *n, int64_t now);
/* Fewer threads before more cost: how many of the sessions' threads to read next, after `most` of them, when
   the loop costs its host so much. */
unsigned hostround_threads(unsigned most, double ms_a_second);
/* All wanted parts that were never read say this. */
void hostround_fail(struct hostround *r, enum part_status status, const char *why, int64_t now);

#endif
