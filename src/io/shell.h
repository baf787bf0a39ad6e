/*
 * A POSIX shell on the host of a target, as a stream of bytes in both directions: what the host's load
 * is read through. One ops row a transport: this machine's own files (no process), a command that gives
 * a shell, a child `ssh`, libssh2.
 *
 * shell_open() blocks (name look-up, TCP, key exchange, agent) and belongs on a worker thread. From then
 * on one thread at a time, the sampler's, uses the shell: no call blocks, and every deadline is the
 * caller's. An error of read or write is final: shell_close() is all that is left, unless
 * shell_carries() says more. A log-in without a shell is opened where the target asks for a tunnel:
 * the first read says why there is none.
 */
#ifndef IO_SHELL_H
#define IO_SHELL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "io/target.h"
#include "model/question.h"

struct shell;

enum shell_kind {
	SHELL_NONE,      /* the target's host cannot be reached, as configured */
	SHELL_LOCAL,     /* the server runs on this machine */
	SHELL_COMMAND,   /* --host-command */
	SHELL_SSH,       /* libssh2 */
	SHELL_SSH_CHILD, /* a child `ssh` */
};
/* What the settings ask for, without trying: --host-command before --ssh before a local server. */
enum shell_kind shell_kind_of(const struct target *t);
/* "local", "command", "libssh2", "ssh": for people. */
const char *shell_kind_name(enum shell_kind k);

/* What a person said so far to the questions that ended attempts; it goes into the next one. Secrets are wiped when it is freed. Zero-initialised is valid and empty. */
enum { SHELL_MOST_ANSWERS = 8 };
struct shell_answers {
	unsigned n;
	struct shell_answer {
		struct shell_question question;
		char *text; /* "yes" for QUESTION_HOST_KEY and QUESTION_CHILD */
	} of[SHELL_MOST_ANSWERS];
};
void shell_answers_add(struct shell_answers *a, const struct shell_question *q, const char *text);
void shell_answers_copy(struct shell_answers *to, const struct shell_answers *from);
void shell_answers_release(struct shell_answers *a);

/* Progress, for `fathom check`; called on the thread that opens. step: "ssh-resolve", "ssh-tcp",
   "ssh-host-key", "ssh-login", "host-shell". */
typedef void shell_progress(const char *step, bool ok, const char *text, void *arg);

/* NULL with *err filled in, and *question where a person's answer would help. `deadline`: monotonic ns.
   `progress` may be NULL. What runs in the shell is begun by the caller's first shell_write(). */
struct shell *shell_open(const struct target *t, const struct shell_answers *answers, int64_t deadline,
			 shell_progress *progress, void *arg, struct shell_question *question,
			 struct err *err);
/* What it became: SHELL_SSH_CHILD where a person chose that in place of libssh2. */
enum shell_kind shell_kind(const struct shell *s);
/* Never blocks; ends the child or the channel. NULL is fine. */
void shell_close(struct shell *s);

/* Bytes read or written; 0 when that would block; -1 with *err when the stream has ended or failed
   (ERR_LOST; `why` quotes what the far side said on stderr, where it said anything). */
ssize_t shell_read(struct shell *s, void *out, size_t size, struct err *err);
ssize_t shell_write(struct shell *s, const void *bytes, size_t n, struct err *err);

/* What poll() should watch. Returns how many of `p` were filled in. `writing`: there is something to
   write. Afterwards shell_step() moves what is carried besides (a tunnel, keep-alives); it returns false
   with *err when the transport is lost. */
enum { SHELL_MOST_FDS = 24 };
unsigned shell_poll(struct shell *s, bool writing, struct pollfd p[SHELL_MOST_FDS]);
bool shell_step(struct shell *s, int64_t now, struct err *err);
/* When shell_step() wants to be called without any event; INT64_MAX: never. */
int64_t shell_due(const struct shell *s);

/* Bytes that went over the wire so far, both directions, the tunnel's included. */
uint64_t shell_bytes(const struct shell *s);

/* --- the tunnel (--ssh-tunnel) ----------------------------------------------------------------- */

/* The Unix socket, in a private folder, through which the target's server is reached while this shell
   lives; NULL where the target asks for no tunnel. */
const char *shell_tunnel_socket(const struct shell *s);
/* Why the far side refused the last connection through it, as it says; "" when it refused none. */
const char *shell_tunnel_trouble(const struct shell *s);
/* Whether the tunnel goes on, even when the shell itself has failed: shell_step() and what belongs to it
   may still be called then, but not read or write. */
bool shell_carries(const struct shell *s);
/* Begin another shell over the same session, which the tunnel does not notice. False: this transport
   cannot. */
bool shell_again(struct shell *s);

#endif
