#include "io/sshimpl.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	WINDOW = 1 << 20, /* bytes that the far side may send before it is told that they were read */
	PACKET = 32768,
	READ_AT_ONCE = 32768,
	CLOSE_WAIT_S = 2,
};

struct ssh_channel {
	struct ssh_channel *next;
	struct ssh_session *session;
	LIBSSH2_CHANNEL *raw;
	enum ssh_channel_state state;
	const char *type;   /* of the open request */
	struct buf message; /* what goes with it */
	char *command;      /* to be run once it is open */
	struct fifo in, out;
	bool finish, finished; /* the end of what is written: wanted, told */
	bool given_up;
	int64_t ended;      /* since when the far side has nothing more to say */
	int status;
	char why[512];
	size_t n_why;
};

/* --- opening --------------------------------------------------------------------------------- */

static struct ssh_channel *channel_new(struct ssh_session *s, const char *type)
{
	struct ssh_channel *c = xcalloc(1, sizeof *c), **end = &s->channels;

	c->session = s;
	c->type = type;
	c->status = -1;
	while (*end)
		end = &(*end)->next;
	*end = c;
	return c;
}

static void add_u32(struct buf *b, unsigned v)
{
	const char bytes[] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};
	buf_add(b, bytes, sizeof bytes);
}

static void add_string(struct buf *b, const char *s)
{
	add_u32(b, (unsigned)strlen(s));
	buf_adds(b, s);
}

struct ssh_channel *ssh_open_command(struct ssh *s, const char *command)
{
	struct ssh_channel *c = channel_new(s->last, "session");
	c->command = xstrdup(command);
	return c;
}

/* RFC 4254, 7.2; "from" means nothing here. */
struct ssh_channel *ssh_channel_new_tcp(struct ssh_session *s, const char *host, unsigned port)
{
	struct ssh_channel *c = channel_new(s, "direct-tcpip");
	add_string(&c->message, host);
	add_u32(&c->message, port);
	add_string(&c->message, "127.0.0.1");
	add_u32(&c->message, 0);
	return c;
}

/* OpenSSH's PROTOCOL, 2.4. */
struct ssh_channel *ssh_open_socket(struct ssh *s, const char *path)
{
	struct ssh_channel *c = channel_new(s->last, "direct-streamlocal@openssh.com");
	add_string(&c->message, path);
	add_string(&c->message, "");
	add_u32(&c->message, 0);
	return c;
}

/* --- its owner ------------------------------------------------------------------------------- */

struct ssh_channel *ssh_channel_next(struct ssh_channel *c)
{
	return c->next;
}

enum ssh_channel_state ssh_channel_state(const struct ssh_channel *c)
{
	return c->state;
}

const char *ssh_channel_why(const struct ssh_channel *c)
{
	return c->why;
}

int ssh_channel_status(const struct ssh_channel *c)
{
	return c->status;
}

size_t ssh_channel_ready(const struct ssh_channel *c)
{
	return c->in.n;
}

size_t ssh_channel_read(struct ssh_channel *c, void *out, size_t size)
{
	return fifo_take(&c->in, out, size);
}

size_t ssh_channel_room(const struct ssh_channel *c)
{
	return c->finish || c->state >= SSH_ENDED || c->out.n >= SSH_BUFFER ? 0 : SSH_BUFFER - c->out.n;
}

size_t ssh_channel_write(struct ssh_channel *c, const void *bytes, size_t n)
{
	size_t room = ssh_channel_room(c);

	n = n < room ? n : room;
	if (n)
		fifo_add(&c->out, bytes, n);
	return n;
}

void ssh_channel_finish(struct ssh_channel *c)
{
	c->finish = true;
}

void ssh_channel_close(struct ssh_channel *c)
{
	if (c)
		c->given_up = true;
}

void ssh_channel_forget(struct ssh_channel *c)
{
	buf_release(&c->message);
	fifo_release(&c->in);
	fifo_release(&c->out);
	free(c->command);
	free(c);
}

bool ssh_channel_reads(const struct ssh_channel *c)
{
	return c->given_up || c->state == SSH_OPENING || (c->state == SSH_OPEN && c->in.n < SSH_BUFFER);
}

/* --- its session, from the pump -------------------------------------------------------------- */

/* What ends a channel and nothing else. */
static bool only_channel(int rc)
{
	return rc == LIBSSH2_ERROR_CHANNEL_CLOSED || rc == LIBSSH2_ERROR_CHANNEL_EOF_SENT ||
	       rc == LIBSSH2_ERROR_CHANNEL_UNKNOWN || rc == LIBSSH2_ERROR_CHANNEL_FAILURE ||
	       rc == LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED;
}

static bool has_backlog(const struct ssh_channel *c)
{
	const struct ssh_session *s = c->session;
	return (s->outer ? s->carrier->out.n : s->out.n) >= SSH_BACKLOG;
}

static int refuse(struct ssh_channel *c)
{
	if (!c->n_why)
		ssh_session_error(c->session, c->why, sizeof c->why);
	c->state = SSH_REFUSED;
	return 1;
}

static int failed(struct ssh_channel *c, int rc)
{
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return 0;
	if (!only_channel(rc))
		return -1;
	c->state = SSH_ENDED;
	return 1;
}

static int step_opening(struct ssh_channel *c)
{
	struct ssh_session *s = c->session;
	int rc;

	if (!c->raw) {
		if (s->opening && s->opening != c)
			return 0;
		s->opening = c;
		c->raw = libssh2_channel_open_ex(s->raw, c->type, (unsigned)strlen(c->type), WINDOW,
						 PACKET, c->message.len ? c->message.s : NULL,
						 (unsigned)c->message.len);
		rc = c->raw ? 0 : libssh2_session_last_errno(s->raw);
		if (rc == LIBSSH2_ERROR_EAGAIN)
			return 0;
		s->opening = NULL;
		if (rc)
			return only_channel(rc) ? refuse(c) : -1;
	}
	if (c->command) {
		rc = libssh2_channel_exec(c->raw, c->command);
		if (rc == LIBSSH2_ERROR_EAGAIN)
			return 0;
		if (rc)
			return only_channel(rc) ? refuse(c) : -1;
	}
	c->state = SSH_OPEN;
	return 1;
}

static int step_stderr(struct ssh_channel *c)
{
	char text[1024];
	ssize_t n;
	int moved = 0;

	/* Only its beginning is kept. */
	while ((n = libssh2_channel_read_stderr(c->raw, text, sizeof text)) > 0) {
		size_t room = sizeof c->why - 1 - c->n_why, take = (size_t)n < room ? (size_t)n : room;
		memcpy(c->why + c->n_why, text, take);
		c->n_why += take;
		c->why[c->n_why] = '\0';
		moved = 1;
	}
	return n < 0 && n != LIBSSH2_ERROR_EAGAIN ? failed(c, (int)n) : moved;
}

static int step_end(struct ssh_channel *c)
{
	int rc;

	if (!libssh2_channel_eof(c->raw))
		return 0;
	if (!c->ended)
		c->ended = clock_mono_ns();
	if (c->command) {
		/* Its status comes after its last word. */
		rc = libssh2_channel_wait_closed(c->raw);
		if (rc == LIBSSH2_ERROR_EAGAIN && clock_mono_ns() - c->ended < CLOSE_WAIT_S * NS_PER_S)
			return 0;
		if (rc && rc != LIBSSH2_ERROR_EAGAIN && !only_channel(rc))
			return -1;
		c->status = libssh2_channel_get_exit_status(c->raw);
	}
	c->state = SSH_ENDED;
	return 1;
}

static int step_reading(struct ssh_channel *c)
{
	ssize_t n = 1;
	int moved = step_stderr(c), end;

	while (moved >= 0 && n > 0 && c->state == SSH_OPEN && c->in.n < SSH_BUFFER) {
		char *to = fifo_reserve(&c->in, READ_AT_ONCE);
		n = libssh2_channel_read(c->raw, to, READ_AT_ONCE);
		if (n > 0) {
			c->in.n += (size_t)n;
			moved = 1;
		} else if (n < 0 && n != LIBSSH2_ERROR_EAGAIN) {
			return failed(c, (int)n);
		}
	}
	if (moved < 0 || c->state != SSH_OPEN)
		return moved;
	end = step_end(c);
	return end < 0 ? end : moved | end;
}

static int step_writing(struct ssh_channel *c)
{
	int moved = 0;
	ssize_t n = 1;

	while (n > 0 && c->out.n && !has_backlog(c)) {
		n = libssh2_channel_write(c->raw, c->out.s + c->out.at, c->out.n);
		if (n > 0) {
			fifo_drop(&c->out, (size_t)n);
			moved = 1;
		} else if (n < 0 && n != LIBSSH2_ERROR_EAGAIN) {
			return failed(c, (int)n);
		}
	}
	if (c->finish && !c->finished && !c->out.n) {
		int rc = libssh2_channel_send_eof(c->raw);
		if (rc == LIBSSH2_ERROR_EAGAIN)
			return moved;
		c->finished = true;
		return rc ? failed(c, rc) : 1;
	}
	return moved;
}

static int step_closing(struct ssh_channel *c)
{
	struct ssh_channel **at = &c->session->channels;

	/* An opening that is under way has to end first. */
	if (!c->raw && c->session->opening == c) {
		int rc = step_opening(c);
		if (rc < 0 || (!c->raw && c->state == SSH_OPENING))
			return rc;
	}
	if (c->raw && libssh2_channel_free(c->raw) == LIBSSH2_ERROR_EAGAIN)
		return 0;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	ssh_channel_forget(c);
	return 1;
}

int ssh_channel_step(struct ssh_channel *c)
{
	int moved, more;

	if (c->given_up)
		return step_closing(c);
	if (c->state == SSH_OPENING)
		return step_opening(c);
	if (c->state != SSH_OPEN)
		return 0;
	moved = step_writing(c);
	if (moved < 0 || c->state != SSH_OPEN)
		return moved;
	more = step_reading(c);
	return more < 0 ? more : moved | more;
}
