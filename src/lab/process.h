/*
 * Processes of the lab, remembered across runs of the program. A pid alone names nothing: it may be
 * somebody else's by now. So a process is its pid, the kernel's start time of it and a mark, a text
 * that one of its arguments must contain; and it is signalled through a pidfd that was opened
 * before those were compared. Plain data; no threads.
 */
#ifndef LAB_PROCESS_H
#define LAB_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* A command line: strings of its own, NULL-terminated. Zero-initialised is valid and empty. */
struct args {
	char **v;
	size_t n;
	size_t cap;
};

void args_add(struct args *a, const char *text);
void args_addf(struct args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void args_add_all(struct args *a, const struct args *more);
void args_release(struct args *a);

/* pid 0 is no process. */
struct process {
	pid_t pid;
	uint64_t start; /* clock ticks since boot, /proc/PID/stat */
	char *mark;
};

struct spawn {
	const struct args *args; /* the program is looked up on PATH, except by `self` */
	const char *log;         /* where its output is appended; NULL: nowhere */
	const char *mark;        /* must be in one of the arguments */
	int keep_fd;             /* stays open in it, under the same number; 0: none */
	bool self;               /* this very program, whatever args says */
	bool session; /* leads a session of its own; otherwise it is asked to end (SIGTERM)
			 when the process that started it dies, however it dies */
};

/* Starts it with default signals and a closed standard input. The caller owns p (process_release).
 */
bool process_spawn(struct process *p, const struct spawn *how, struct err *e);
/* What `args` prints, both streams, up to 64 kB and for at most `seconds`; false when it could not
   run or failed. */
bool process_output(const struct args *args, int seconds, struct buf *out, struct err *e);
void process_release(struct process *p);

/* Of a live process; 0 when there is none, or only its remains. */
uint64_t process_start_time(pid_t pid);
bool process_alive(const struct process *p);
/* A pidfd when it is still that process, else -1. */
int process_open(const struct process *p);
/* False when there was none to signal. */
bool process_signal(const struct process *p, int sig);
/* True when it has ended within the time. Does not reap. */
bool process_wait(const struct process *p, int ms);
/* SIGTERM to all, SIGKILL to those that are there after `grace_ms`, and wait for those too.
   Children are reaped. The pids become 0, except of what outlived even that (false). */
bool process_end_all(struct process *const *list, size_t n, int grace_ms);

#endif
