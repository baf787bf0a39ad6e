/*
 * Finding the server's process on its host: by its pid file, by its port or socket, by what its command
 * line says, and never by guess. Three questions at most to the host; pure.
 *
 *	hostfind_begin(&f, &facts);
 *	do
 *		ask for what hostfind_want() and f.inode name, wait for the tick
 *	while (!hostfind_take(&f, &tick, &server));
 *
 * A container's process is found from outside by its innermost number (NSpid), but only where its pid file
 * or its control group tell that it is the right container.
 */
#ifndef COLLECT_HOSTFIND_H
#define COLLECT_HOSTFIND_H

#include "base/buf.h"
#include "collect/host.h"

/* What the server and the settings say; "" or 0 where that is not known. */
struct hostfind_facts {
	char pid_file[256], datadir[256], socket[256], hostname[128];
	unsigned port;
};

enum { HOSTFIND_MOST = 64 };
struct hostfind_candidate {
	int64_t pid, inner, uid; /* uid -1: unknown */
	bool is_server; /* by its name, or by its command line where an interpreter runs it */
	bool holds;     /* the socket that was asked for */
	bool by_line;   /* its command line names our pid file, port or socket */
	bool by_host;   /* its container is the one that the server calls its host */
	char name[32];
	uint64_t start; /* ticks since boot */
	char cgroup[256];
	bool cgroup_v2;
};

struct hostfind {
	struct hostfind_facts facts;
	enum { HOSTFIND_NAMES, HOSTFIND_DETAILS, HOSTFIND_HOLDER, HOSTFIND_DONE } stage;
	char hostname[128]; /* of the host */
	bool elsewhere;     /* the server calls its host by another name */
	bool hidden;        /* /proc shows own processes only */
	int64_t named;      /* by the pid file; 0: it could not be read */
	int64_t inode;      /* of the socket that the server listens on; 0: nobody does, as far as we see */
	int64_t owner;      /* user id of it; -1: unknown */
	unsigned n;
	struct hostfind_candidate of[HOSTFIND_MOST];
};

void hostfind_begin(struct hostfind *f, const struct hostfind_facts *facts);
/* The files of this stage. In the last one ask besides who of hostfind_pids() holds `inode`. */
void hostfind_want(const struct hostfind *f, struct buf *request);
void hostfind_pids(const struct hostfind *f, struct buf *out);
/* True when it is over: `server` is filled in, but for what the loop says when it begins. */
bool hostfind_take(struct hostfind *f, const struct host_tick *t, struct host_server *server);

/* Whether that process is still the same one, as its stat file of this tick tells. */
bool hostfind_lives(const struct host_server *server, const struct host_tick *t);

/* The mount points of self/mountinfo that df can be asked about without hanging, bars between. */
void hostfind_mounts(const struct host_file *mountinfo, struct buf *out);

#endif
