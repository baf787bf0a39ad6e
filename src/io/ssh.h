/*
 * SSH through libssh2: a chain of sessions, one a host (a jump host's session carries the next one's in
 * a channel), and channels of the last session. Internal to src/io: the rest of the program sees it as
 * a shell (io/shell.h).
 *
 * ssh_connect() blocks, up to its deadline, and belongs on a worker thread. Afterwards one thread at a
 * time uses it, and no call blocks.
 *
 * libssh2 demands that a call that could not write all at once is made again, with the very same bytes, before
 * any other call that may write; so nobody but ssh_pump() calls it once the chain stands: channels
 * are a pair of buffers, which the pump fills and empties.
 */
#ifndef IO_SSH_H
#define IO_SSH_H

#include "io/shell.h"

struct shell_attempt;
struct ssh;
struct ssh_channel;

/* Resolve, connect, check the host keys, log in: the first part of shell_ops.open(). */
struct ssh *ssh_connect(const struct shell_attempt *a, struct shell_question *question, struct err *err);
/* Ends all channels and sessions; never blocks. Closes what its channels were, frees them. NULL is fine. */
void ssh_close(struct ssh *s);

/* Move bytes between the sockets and the channels' buffers as far as that goes now, and hardly longer
   than SSH_MOST_AT_ONCE: others have their turn, and ssh_due() asks for the next one. False with *err
   when a session is lost; then ssh_close() is all that is left. */
#define SSH_MOST_AT_ONCE (4 * INT64_C(1000000)) /* ns */
bool ssh_pump(struct ssh *s, struct err *err);
/* What to poll for; then ssh_pump(). */
int ssh_fd(const struct ssh *s);
short ssh_events(const struct ssh *s);
/* When ssh_pump() wants to be called without any event: keep-alives. */
int64_t ssh_due(const struct ssh *s);
/* Bytes over the wire, both directions. */
uint64_t ssh_bytes(const struct ssh *s);

/* --- channels ---------------------------------------------------------------------------------- */

enum ssh_channel_state {
	SSH_OPENING,
	SSH_OPEN,
	SSH_ENDED,   /* the far side has closed it; what came before can still be read */
	SSH_REFUSED, /* it was never open: ssh_channel_why() */
};

/* Begin a channel of the last session; ssh_pump() opens it. What is written meanwhile waits.
   The session owns it until ssh_channel_close(). */
struct ssh_channel *ssh_open_command(struct ssh *s, const char *command);
struct ssh_channel *ssh_open_tcp(struct ssh *s, const char *host, unsigned port);
/* OpenSSH's direct-streamlocal: a Unix socket of the far side. */
struct ssh_channel *ssh_open_socket(struct ssh *s, const char *path);

enum ssh_channel_state ssh_channel_state(const struct ssh_channel *c);
/* The library's words for a refusal, or what a command said on stderr (at most some 500 bytes). */
const char *ssh_channel_why(const struct ssh_channel *c);
/* A command's exit status; -1 while it runs, or when a signal ended it. */
int ssh_channel_status(const struct ssh_channel *c);
/* Bytes that can be read now. */
size_t ssh_channel_ready(const struct ssh_channel *c);
/* Take bytes out of, put bytes into the buffers; 0 when there are none, or there is no room. */
size_t ssh_channel_read(struct ssh_channel *c, void *out, size_t size);
size_t ssh_channel_write(struct ssh_channel *c, const void *bytes, size_t n);
/* Bytes that ssh_channel_write() would take. */
size_t ssh_channel_room(const struct ssh_channel *c);
/* Nothing more will be written: the far side is told once all is sent. */
void ssh_channel_finish(struct ssh_channel *c);
/* Give it up; what was written and not sent yet is dropped. */
void ssh_channel_close(struct ssh_channel *c);

#endif
