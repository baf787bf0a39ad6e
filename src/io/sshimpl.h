/*
 * Inside io/ssh*.c: sessions, channels and what one attempt to connect knows.
 *
 *   ssh.c         sessions, their wires and the pump
 *   sshchannel.c  channels
 *   sshconnect.c  from a target to a chain of sessions
 *   sshhost.c     what the configuration says of each host on the way
 *   sshhostkey.c  is it the host that it claims to be
 *   sshauth.c     logging in
 *   sshagent.c    the agent's keys
 *
 * No write ever has to be repeated, since none reaches a socket directly: libssh2's send callback puts
 * the bytes into a buffer that takes them all. What bounds it is that the pump asks a session to
 * write only while its buffer is nearly empty.
 */
#ifndef IO_SSHIMPL_H
#define IO_SSHIMPL_H

#include <libssh2.h>

#include "base/buf.h"
#include "io/shellimpl.h"
#include "io/ssh.h"
#include "parse/ssh_config.h"

enum {
	SSH_BACKLOG = 64 << 10, /* bytes to send, above which nothing is added */
	SSH_BUFFER = 256 << 10, /* bytes of a channel, each way */
	SSH_MOST_HOPS = 8,
};

/* Bytes in, bytes out, in one piece. */
struct fifo {
	char *s;
	size_t at, n, cap;
};
void fifo_release(struct fifo *f);
/* Room for `n` more bytes behind the last one; then fifo_added(). */
char *fifo_reserve(struct fifo *f, size_t n);
void fifo_add(struct fifo *f, const void *bytes, size_t n);
size_t fifo_take(struct fifo *f, void *out, size_t size);
void fifo_drop(struct fifo *f, size_t n);

struct ssh_session {
	LIBSSH2_SESSION *raw;
	struct ssh_session *outer;   /* that of the jump host; NULL: a socket */
	struct ssh_channel *carrier; /* of the outer session */
	int fd;                      /* -1 unless there is a socket */
	int no;                      /* errno of the socket's failure */
	struct fifo out;             /* towards the socket */
	uint64_t bytes;
	size_t allowance;            /* bytes that may be taken from the socket before others have their turn */
	bool heard;                  /* something came from the wire since the pump began */
	bool closed;                 /* by the far side */
	bool lost;
	bool dead;                   /* to be freed: the wire says nothing more */
	struct ssh_channel *channels;
	struct ssh_channel *opening; /* the library opens one at a time */
	char name[300];              /* for messages: "db1:22" */
	char goodbye[256];           /* what the far side said when it hung up */
	void *login;                 /* sshauth.c, while it asks */
};

struct ssh {
	struct ssh_session *last;
	int64_t keep_alive; /* when the next one is due */
	bool more;          /* the pump stopped before all was moved */
};

struct ssh_session *ssh_session_new(struct ssh_session *outer, int fd);
/* The wire of this session alone: true when something moved. */
bool ssh_session_flush(struct ssh_session *s);
/* All that can be moved now, from the outermost session on. -1: lost. */
int ssh_session_pump(struct ssh_session *s);
/* Until something happens on the wire. False: the deadline has passed. */
bool ssh_session_wait(struct ssh_session *s, int64_t deadline);
/* This session and its outer ones. */
void ssh_session_free(struct ssh_session *s);
/* Repeat what would block. */
#define SSH_AWAIT(s, deadline, rc, call) \
	do { \
		rc = (call); \
	} while (rc == LIBSSH2_ERROR_EAGAIN && ssh_session_wait(s, deadline))
/* The library's words for the last failure, or the socket's. Returns `out`. */
const char *ssh_session_error(struct ssh_session *s, char *out, size_t size);

struct ssh_channel *ssh_channel_new_tcp(struct ssh_session *s, const char *host, unsigned port);
/* Move what it can: 1 something moved, 0 nothing, -1 the session is lost. */
int ssh_channel_step(struct ssh_channel *c);
struct ssh_channel *ssh_channel_next(struct ssh_channel *c);
/* Memory only; the session is being freed. */
void ssh_channel_forget(struct ssh_channel *c);
/* Whether it would take more from the wire. */
bool ssh_channel_reads(const struct ssh_channel *c);

/* --- connecting -------------------------------------------------------------------------------- */

/* One host on the way, as the configuration has it. All owned. */
struct ssh_host {
	char *typed;       /* as it was asked for */
	char *name;        /* to connect to */
	char *key_name;    /* what known_hosts knows it by */
	char *user;
	unsigned port;
	struct ssh_words identities;
	bool identities_named; /* by a person, so that one that is missing is worth a word */
	bool only_identities;
	char *agent;       /* its socket; NULL: none */
	struct ssh_words user_known, global_known;
	bool strict;       /* an unknown key is refused without a question */
	bool hash_names;
	char *needs_child; /* NULL: nothing */
};

struct ssh_route {
	struct ssh_host hop[SSH_MOST_HOPS];
	unsigned n;
};
/* The hosts from the first jump host to the target's; false with *err. */
bool ssh_route_find(struct ssh_route *r, const struct target *t, struct err *err);
void ssh_route_release(struct ssh_route *r);

/* One attempt, at one host of the route. */
struct ssh_try {
	const struct shell_attempt *a;
	const struct ssh_host *host;
	struct ssh_session *session;
	const char *step;            /* what is being done, as shell_progress has it */
	struct shell_question *question;
	struct err *err;
};
/* Each: false with *err, and *question where a person can help. */
bool ssh_prefer_known_keys(struct ssh_try *t);
bool ssh_check_host_key(struct ssh_try *t);
bool ssh_log_in(struct ssh_try *t);

/* Put a question; returns false. */
bool ssh_ask(struct ssh_try *t, enum shell_question_kind kind, bool echo, const char *subject,
	     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* What libssh2 cannot do, in *err; offered through the child where the transport is free. */
bool ssh_offer_child(struct ssh_try *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The answer to this very question, NULL without. */
const char *ssh_answer(const struct ssh_try *t, enum shell_question_kind kind, const char *subject,
		       const char *text);
bool ssh_fail(struct ssh_try *t, enum err_kind kind, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
bool ssh_timed_out(struct ssh_try *t, const char *doing);
/* Whether the library signs RSA with SHA-2, which servers since OpenSSH 8.8 demand. */
bool ssh_library_has_rsa_sha2(void);
/* A small file, whole. False with errno. */
bool ssh_read_file(const char *path, struct buf *out);

/* --- the agent --------------------------------------------------------------------------------- */

struct ssh_agent_key {
	unsigned char *blob;
	size_t n;
	char *comment;
};
struct ssh_agent {
	int fd;
	int64_t deadline;
	struct ssh_agent_key *keys;
	unsigned n;
};
/* False: there is none, or it does not answer; *why says what. */
bool ssh_agent_open(struct ssh_agent *a, const char *path, int64_t deadline, const char **why);
/* The signature without its type, malloc()ed; NULL: refused. */
unsigned char *ssh_agent_sign(struct ssh_agent *a, const struct ssh_agent_key *k,
			      const unsigned char *data, size_t n, size_t *n_signature);
void ssh_agent_close(struct ssh_agent *a);

#endif
