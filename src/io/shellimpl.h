/*
 * Inside io/: what a transport of shells implements (shell.c dispatches), and its head. A transport is
 * one file with one const row here:
 *
 *   shell_local.c     SHELL_LOCAL      this machine's files, in process
 *   shell_command.c   SHELL_COMMAND    `sh -c COMMAND` as a child (io/child.h)
 *   ssh*.c            SHELL_SSH        libssh2
 *   shell_ssh_child.c SHELL_SSH_CHILD  a child `ssh`
 *
 * What each function promises is said in shell.h.
 */
#ifndef IO_SHELLIMPL_H
#define IO_SHELLIMPL_H

#include "io/shell.h"

struct shell_attempt {
	const struct target *target;
	const struct shell_answers *answers; /* never NULL */
	int64_t deadline;                    /* monotonic ns */
	shell_progress *progress;            /* may be NULL; shell_tell() looks */
	void *arg;
};

struct shell_ops {
	/* On a worker, may block until the deadline. *question is zeroed before. The head of what it
	   returns is filled in by shell_open(). */
	struct shell *(*open)(const struct shell_attempt *a, struct shell_question *question,
			      struct err *err);
	void (*close)(struct shell *s);
	/* As in shell.h; shell_read() and shell_write() count the bytes. */
	ssize_t (*read)(struct shell *s, void *out, size_t size, struct err *err);
	ssize_t (*write)(struct shell *s, const void *bytes, size_t n, struct err *err);
	unsigned (*poll)(struct shell *s, bool writing, struct pollfd p[SHELL_MOST_FDS]);
	/* What follows may be NULL: nothing to do, never, no tunnel. `p` is what poll() filled in. */
	bool (*step)(struct shell *s, int64_t now, struct err *err);
	int64_t (*due)(const struct shell *s);
	const char *(*tunnel_socket)(const struct shell *s);
	const char *(*tunnel_trouble)(const struct shell *s);
	/* Whether the session is up, though the shell may have failed. NULL: they are one. */
	bool (*outlives)(const struct shell *s);
	bool (*again)(struct shell *s);
};

/* The first member of each transport's own struct. */
struct shell {
	const struct shell_ops *ops;
	enum shell_kind kind;
	bool failed;    /* a call did, and that is final */
	uint64_t bytes; /* of the stream; a transport adds what it carries besides */
};

extern const struct shell_ops shell_local_ops, shell_command_ops, shell_ssh_ops, shell_ssh_child_ops;

/* A step for whoever watches (`fathom check`). */
void shell_tell(const struct shell_attempt *a, const char *step, bool ok, const char *text);
/* What a person answered to a question of this kind about this subject (NULL: any); NULL: nothing yet. */
const char *shell_answers_find(const struct shell_answers *a, enum shell_question_kind kind,
			       const char *subject);

#endif
