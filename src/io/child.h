/*
 * A child process whose standard input and output are a stream: the command that gives a shell, `ssh`.
 * It leads a session and a process group of its own, so that it cannot ask questions on our terminal, has
 * default signals and none of our descriptors; its standard error is read and the end of it kept, for
 * messages.
 *
 * The process has to ignore SIGPIPE: a child may end before it has read what is written to it.
 * child_start() belongs on a worker (it waits for the exec); the rest never blocks and belongs to one
 * thread at a time, except child_reap(), for any thread.
 */
#ifndef IO_CHILD_H
#define IO_CHILD_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct child {
	pid_t pid;   /* 0: none */
	int in, out; /* to write, to read; non-blocking */
	int err;     /* -1 once it was closed */
	bool at_end; /* nothing more is to be read */
	char said[1024]; /* the end of what it wrote to stderr, NUL-terminated */
	size_t n_said;
	/* Gets what it writes to stderr, besides. May be set after child_start(). */
	void (*hear)(void *arg, const char *bytes, size_t n);
	void *hear_arg;
};

/* One that was never started: child_end() is fine. */
#define CHILD_NONE {.in = -1, .out = -1, .err = -1}

/* argv[0] is looked up on PATH. False and *e when it could not be started; *c is CHILD_NONE then. */
bool child_start(struct child *c, const char *const argv[], struct err *e);
/* Closes the stream, asks its group to end (SIGTERM), and sees to it that it does. */
void child_end(struct child *c);
/* As shell_read() and shell_write(): 0 when it would block, -1 with *e at the end: its exit status and
   what it said last. */
ssize_t child_read(struct child *c, void *out, size_t size, struct err *e);
ssize_t child_write(struct child *c, const void *bytes, size_t n, struct err *e);
/* Fills in up to three; returns how many. */
unsigned child_poll(const struct child *c, bool writing, struct pollfd p[3]);
/* Takes in what it wrote to stderr so far. */
void child_listen(struct child *c);
/* The last line that it wrote to stderr which tells something; "" when there is none. */
const char *child_last_words(const struct child *c);

/* Children that were ended and have not gone yet: reap those that have, kill (SIGKILL) those that take
   longer than a second, or all of them at once with `now` INT64_MAX. Cheap when there are none. */
void child_reap(int64_t now);

#endif
