/*
 * What is read from the host of a server: parts made from the texts of files below /proc and /sys (and a
 * few commands' output), as the engine's host feed brings them. Declarations and pure functions, like
 * collect/collector.h for SQL: one part is one row.
 *
 * The far side knows nothing of all this: it is asked for files by name and answers with their texts
 * (collect/hostloop.h). A file that is not there is simply absent from the tick; the maker then says so
 * with part_set_absent(), and what the login may not read likewise.
 */
#ifndef COLLECT_HOST_H
#define COLLECT_HOST_H

#include "collect/collector.h"

/* One file's text as it was read; each line of it ends in a newline, and a NUL that does not count in
   `len` follows. Borrowed. */
struct host_file {
	const char *name; /* the path without the leading "/proc/": "stat", "net/dev", "812/task/815/io",
			     "/sys/fs/cgroup/cpu.max"; a command's output: "!df", "!df-i", "!log" */
	const char *text;
	size_t len;
	bool cut;         /* truncated on the way */
};

/* Why a file that was asked for is not there. Found out one tick later, and again every 30 s. */
enum host_absence { HOST_ABSENT, HOST_MISSING, HOST_DENIED, HOST_EMPTY };
struct host_lack {
	const char *name; /* as it was asked for; one with wildcards stands for its first match */
	enum host_absence why; /* HOST_ABSENT: not known yet */
};

/* One answer of the host: files in the order of their names (strcmp). */
struct host_tick {
	const struct host_file *files;
	unsigned n_files;
	const struct host_lack *lacks;
	unsigned n_lacks;
	int64_t mono, wall; /* ours, when it was complete */
};
/* NULL: absent. */
const struct host_file *host_file(const struct host_tick *t, const char *name);
enum host_absence host_why_absent(const struct host_tick *t, const char *name);
/* The first file whose name begins with `prefix`; further ones follow it. n_files when there is none. */
unsigned host_files_from(const struct host_tick *t, const char *prefix);

/* What is known of the server's process and its surroundings: found out by the host feed
   (collect/hostfind.h), again when the process is gone. */
struct host_server {
	int64_t pid;          /* as the host numbers it; 0: not found */
	int64_t inner_pid;    /* innermost of NSpid; equal to pid outside of containers */
	uint64_t start;       /* of pid, in ticks since boot: another one is another process */
	char name[32];        /* "mysqld", "mariadbd" */
	char how[192];        /* "pid file /run/mysqld/mysqld.pid", "port 3306", "socket …" */
	char why_not[256];    /* why it was not found; empty when it was */
	char cgroup[256];     /* its folder below the cgroup mount, "" at the root or unknown */
	bool cgroup_v2;
	long ticks_per_second; /* getconf CLK_TCK */
	long page_size;
	unsigned cores;
};

struct host_ctx {
	const struct host_server *server;
	const struct part *const *parts; /* N_PARTS, the newest of the target, SQL's too; any may be NULL */
	part_mask watched;
	unsigned most_threads; /* so many threads may be asked for: what the budget leaves */
};

/* One part of the host. */
struct host_collector {
	enum part_id part;
	enum cost_class cost;
	const struct schema *schema;
	/* The files it is made from, for one request; appended with host_want(). Several parts may
	   want the same file: it is read once. */
	void (*want)(const struct host_ctx *ctx, struct buf *request);
	/* NULL with *why (static) when the tick lacks what it cannot do without: not Linux, not readable. */
	struct part *(*make)(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			     const char **why);
};
/* NULL: none. */
const struct host_collector *host_collector_for(enum part_id id);

/* Why used_for is absent while the server's variables are yet to come: worth another reading. */
extern const char host_not_asked[];

/* Append one file (a path as in host_file.name, or with shell wildcards) to a request; "!df" and
   "!df-i" (always both) for the filesystems that can be asked without hanging: not those of the
   network, not those that have no blocks; "!fds PID" for the number of a process's descriptors (the
   server's, once a request); "!log /PATH" for the end of a log (once a request; its file is "!log").
   A name with a bar or a control character is left out. */
void host_want(struct buf *request, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The files `files` ("schedstat io") of threads of a process: "812/task/815/io". Once a request, and much
   shorter than naming them one by one, which is what a request costs. */
void host_want_threads(struct buf *request, int64_t pid, const int64_t *tids, unsigned n,
		       const char *files);

#endif
