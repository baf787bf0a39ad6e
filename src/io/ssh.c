#include "io/sshimpl.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"

enum {
	KEEP_ALIVE_S = 15,
	TAKE_AT_ONCE = 128 << 10, /* bytes of the socket: a round of a chain decrypts them several times */
};

/* --- buffers --------------------------------------------------------------------------------- */

void fifo_release(struct fifo *f)
{
	free(f->s);
	*f = (struct fifo){0};
}

char *fifo_reserve(struct fifo *f, size_t n)
{
	if (f->at && f->at + f->n + n > f->cap) {
		memmove(f->s, f->s + f->at, f->n);
		f->at = 0;
	}
	if (f->n + n > f->cap) {
		f->cap = f->n + n > 2 * f->cap ? f->n + n : 2 * f->cap;
		f->s = xrealloc(f->s, f->cap, 1);
	}
	return f->s + f->at + f->n;
}

void fifo_add(struct fifo *f, const void *bytes, size_t n)
{
	memcpy(fifo_reserve(f, n), bytes, n);
	f->n += n;
}

void fifo_drop(struct fifo *f, size_t n)
{
	f->n -= n;
	f->at = f->n ? f->at + n : 0;
}

size_t fifo_take(struct fifo *f, void *out, size_t size)
{
	size_t n = size < f->n ? size : f->n;

	if (n) {
		memcpy(out, f->s + f->at, n);
		fifo_drop(f, n);
	}
	return n;
}

/* --- the wire -------------------------------------------------------------------------------- */

static ssize_t on_send(libssh2_socket_t fd, const void *bytes, size_t n, int flags, void **abstract)
{
	struct ssh_session *s = *abstract;
	(void)fd;
	(void)flags;

	if (s->dead || s->no)
		return -EPIPE;
	if (!s->outer) {
		fifo_add(&s->out, bytes, n);
		return (ssize_t)n;
	}
	/* SSH_BACKLOG keeps this below what a channel takes. */
	return ssh_channel_write(s->carrier, bytes, n) == n ? (ssize_t)n : -ENOBUFS;
}

static ssize_t on_receive(libssh2_socket_t fd, void *out, size_t size, int flags, void **abstract)
{
	struct ssh_session *s = *abstract;
	ssize_t n;
	(void)fd;
	(void)flags;

	if (s->dead)
		return 0;
	if (s->outer) {
		n = (ssize_t)ssh_channel_read(s->carrier, out, size);
		s->heard |= n > 0;
		s->closed = !n && (s->outer->lost || ssh_channel_state(s->carrier) >= SSH_ENDED);
		return n || s->closed ? n : -EAGAIN;
	}
	if (!s->allowance)
		return -EAGAIN;
	do {
		n = recv(s->fd, out, size < s->allowance ? size : s->allowance, 0);
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		s->heard = true;
		s->bytes += (uint64_t)n;
		s->allowance -= (size_t)n;
	}
	if (n < 0 && errno != EAGAIN)
		s->no = errno;
	s->closed |= n == 0;
	return n < 0 ? -errno : n;
}

bool ssh_session_flush(struct ssh_session *s)
{
	bool moved = false;

	while (s->out.n && !s->no) {
		ssize_t n = send(s->fd, s->out.s + s->out.at, s->out.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			s->no = errno;
		if (n < 0)
			break;
		s->bytes += (uint64_t)n;
		fifo_drop(&s->out, (size_t)n);
		moved = true;
	}
	return moved;
}

static struct ssh_session *outermost(struct ssh_session *s)
{
	while (s->outer)
		s = s->outer;
	return s;
}

/* The library's memory has held passwords and keys. */
static LIBSSH2_ALLOC_FUNC(on_alloc)
{
	(void)abstract;
	return malloc(count);
}

static LIBSSH2_FREE_FUNC(on_free)
{
	(void)abstract;
	if (ptr)
		mem_wipe(ptr, malloc_usable_size(ptr));
	free(ptr);
}

static LIBSSH2_REALLOC_FUNC(on_realloc)
{
	(void)abstract;
	return realloc(ptr, count);
}

static LIBSSH2_DISCONNECT_FUNC(on_disconnect)
{
	struct ssh_session *s = *abstract;
	(void)session;
	(void)reason;
	(void)language;
	(void)language_len;
	snprintf(s->goodbye, sizeof s->goodbye, "%.*s", message_len, message);
}

/* --- sessions -------------------------------------------------------------------------------- */

struct ssh_session *ssh_session_new(struct ssh_session *outer, int fd)
{
	struct ssh_session *s = xcalloc(1, sizeof *s);
	union {
		LIBSSH2_SEND_FUNC((*send));
		LIBSSH2_RECV_FUNC((*receive));
		LIBSSH2_DISCONNECT_FUNC((*disconnect));
		void *any;
	} f;

	s->outer = outer;
	s->fd = fd;
	s->allowance = SIZE_MAX; /* until others are there */
	s->raw = libssh2_session_init_ex(on_alloc, on_free, on_realloc, s);
	if (!s->raw)
		die("out of memory");
	f.send = on_send;
	libssh2_session_callback_set(s->raw, LIBSSH2_CALLBACK_SEND, f.any);
	f.receive = on_receive;
	libssh2_session_callback_set(s->raw, LIBSSH2_CALLBACK_RECV, f.any);
	f.disconnect = on_disconnect;
	libssh2_session_callback_set(s->raw, LIBSSH2_CALLBACK_DISCONNECT, f.any);
	libssh2_session_set_blocking(s->raw, 0);
	/* Replies would pile up in the library, which nobody asks for them. */
	libssh2_keepalive_config(s->raw, 0, KEEP_ALIVE_S);
	return s;
}

void ssh_session_free(struct ssh_session *s)
{
	while (s) {
		struct ssh_session *outer = s->outer;
		libssh2_session_disconnect(s->raw, "bye");
		if (outer)
			ssh_session_pump(outer);
		else
			ssh_session_flush(s);
		s->dead = true;
		for (struct ssh_channel *c = s->channels, *next; c; c = next) {
			next = ssh_channel_next(c);
			ssh_channel_forget(c);
		}
		/* The wire is dead: nothing is left to wait for. */
		for (int i = 0; i < 100 && libssh2_session_free(s->raw) == LIBSSH2_ERROR_EAGAIN; i++)
			;
		if (s->fd >= 0)
			close(s->fd);
		fifo_release(&s->out);
		free(s);
		s = outer;
	}
}

int ssh_session_pump(struct ssh_session *s)
{
	int moved = s->outer ? ssh_session_pump(s->outer) : 0;
	size_t before = s->outer ? ssh_channel_room(s->carrier) : 0;

	s->heard = false;
	for (struct ssh_channel *c = s->channels, *next; c && moved >= 0; c = next) {
		int n;
		next = ssh_channel_next(c);
		n = ssh_channel_step(c);
		moved = n < 0 ? n : moved | n;
	}
	if (moved >= 0) {
		bool sent = s->outer ? ssh_channel_room(s->carrier) < before : ssh_session_flush(s);
		/* What one channel finds on the wire may be for another, whose turn is over. */
		moved |= sent || s->heard;
	}
	s->lost |= moved < 0 || s->no;
	return s->lost ? -1 : moved;
}

bool ssh_session_wait(struct ssh_session *s, int64_t deadline)
{
	const struct ssh_session *o = outermost(s);
	int64_t left = deadline - clock_mono_ns();
	struct pollfd p = {.fd = o->fd, .events = POLLIN};
	int moved = s->outer ? ssh_session_pump(s->outer) : 0;

	if (left <= 0)
		return false;
	/* The failure, if it is one, is told by the call that is repeated. */
	if (moved || (s->carrier && ssh_channel_state(s->carrier) >= SSH_ENDED))
		return true;
	if (!s->outer)
		ssh_session_flush(s);
	if (o->out.n)
		p.events |= POLLOUT;
	poll(&p, 1, (int)(left / NS_PER_MS) + 1);
	return true;
}

const char *ssh_session_error(struct ssh_session *s, char *out, size_t size)
{
	char *text = NULL;
	const struct ssh_session *o = outermost(s);

	libssh2_session_last_error(s->raw, &text, NULL, 0);
	if (*s->goodbye)
		snprintf(out, size, "it said: %s", s->goodbye);
	else if (o->no)
		snprintf(out, size, "%s", strerror(o->no));
	else
		snprintf(out, size, "%s", text && *text ? text : "the connection was closed");
	return out;
}

/* --- a chain --------------------------------------------------------------------------------- */

void ssh_close(struct ssh *s)
{
	if (!s)
		return;
	ssh_session_free(s->last);
	free(s);
}

static void keep_alive(struct ssh *s)
{
	int64_t now = clock_mono_ns();

	if (now < s->keep_alive)
		return;
	s->keep_alive = now + KEEP_ALIVE_S * NS_PER_S;
	for (struct ssh_session *i = s->last; i; i = i->outer) {
		int next;
		if (i->out.n < SSH_BACKLOG)
			libssh2_keepalive_send(i->raw, &next);
	}
}

bool ssh_pump(struct ssh *s, struct err *err)
{
	int64_t until = clock_mono_ns() + SSH_MOST_AT_ONCE;
	struct ssh_session *o = outermost(s->last);
	char why[256];
	int moved;

	o->allowance = TAKE_AT_ONCE;
	keep_alive(s);
	do {
		moved = ssh_session_pump(s->last);
	} while (moved > 0 && clock_mono_ns() < until);
	s->more = moved > 0 || !o->allowance;
	if (moved >= 0)
		return true;
	return err_setf(err, ERR_LOST, "ssh", NULL, "the SSH session with %s is lost: %s", s->last->name,
			ssh_session_error(s->last, why, sizeof why));
}

int ssh_fd(const struct ssh *s)
{
	return outermost(s->last)->fd;
}

short ssh_events(const struct ssh *s)
{
	const struct ssh_session *o = outermost(s->last);
	short events = o->out.n ? POLLOUT : 0;

	for (struct ssh_channel *c = o->channels; c; c = ssh_channel_next(c))
		if (ssh_channel_reads(c))
			events |= POLLIN;
	return events;
}

int64_t ssh_due(const struct ssh *s)
{
	return s->more ? 0 : s->keep_alive;
}

uint64_t ssh_bytes(const struct ssh *s)
{
	return outermost(s->last)->bytes;
}

struct ssh_channel *ssh_open_tcp(struct ssh *s, const char *host, unsigned port)
{
	return ssh_channel_new_tcp(s->last, host, port);
}
