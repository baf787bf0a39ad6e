/*
 * The tunnel through libssh2: connections of the near end's socket, each with a channel of the session.
 *
 * Back-pressure is that of the buffers: what a channel has no room for stays in the socket, and what the
 * socket does not take stays in the channel, whose window the far side respects.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/ssh.h"
#include "io/tunnel.h"

enum {
	MOST_LINKS = TUNNEL_MOST_FDS - TUNNEL_DOORS,
	CHUNK = 16384,
	MOST_CHUNKS = 16, /* each way at one step, so that a large result holds up nobody */
};

/* One connection. */
struct link {
	int fd; /* -1: this place is free */
	struct ssh_channel *channel;
	bool open;     /* the channel was let through */
	bool finished; /* the near side sends nothing more */
	bool hasty;    /* the last step ended for having done enough */
	char down[CHUNK];
	size_t at, end; /* of `down`: what the socket has not taken yet */
};

struct tunnel {
	struct ssh *ssh;
	int listener[TUNNEL_DOORS]; /* -1: no such door */
	struct target *target;      /* owns what the ends point to */
	struct tunnel_end end[TUNNEL_DOORS];
	bool starved; /* no descriptor was left for who waits at the near end */
	char trouble[256];
	struct link link[MOST_LINKS];
};

/* --- listening ------------------------------------------------------------------------------------- */

static int listen_at(const char *path, struct err *e)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
	unlink(path); /* an earlier session's */
	if (fd >= 0 && bind(fd, (struct sockaddr *)&un, sizeof un) == 0 && listen(fd, MOST_LINKS) == 0)
		return fd;
	err_set(e, ERR_IO, path, strerror(errno), NULL);
	if (fd >= 0)
		close(fd);
	return -1;
}

struct tunnel *tunnel_open(const struct target *t, struct ssh *ssh, struct err *e)
{
	struct tunnel *n = xcalloc(1, sizeof *n);
	char path[TUNNEL_PATH_SIZE];
	bool ok = true;

	n->ssh = ssh;
	n->target = target_copy(t);
	for (int i = 0; i < MOST_LINKS; i++)
		n->link[i].fd = -1;
	for (int door = 0; door < TUNNEL_DOORS; door++) {
		n->listener[door] = -1;
		if (!ok || !tunnel_end_of(n->target, (enum tunnel_door)door, &n->end[door]))
			continue;
		n->listener[door] = listen_at(tunnel_path(t, (enum tunnel_door)door, path), e);
		ok = n->listener[door] >= 0;
	}
	if (ok)
		return n;
	tunnel_close(n);
	return NULL;
}

static void drop(struct link *l)
{
	close(l->fd);
	ssh_channel_close(l->channel);
	l->fd = -1;
}

void tunnel_close(struct tunnel *n)
{
	if (!n)
		return;
	for (int i = 0; i < MOST_LINKS; i++)
		if (n->link[i].fd >= 0)
			drop(&n->link[i]);
	for (int door = 0; door < TUNNEL_DOORS; door++)
		if (n->listener[door] >= 0)
			close(n->listener[door]);
	target_free(n->target);
	free(n);
}

const char *tunnel_trouble(const struct tunnel *n)
{
	return n->trouble;
}

/* --- places ---------------------------------------------------------------------------------------- */

/* Nobody is at the near end any more; only what it said last is still on its way. */
static bool is_orphan(const struct link *l)
{
	struct pollfd p = {.fd = l->fd};
	return l->finished && poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

/* NULL: all are taken. */
static struct link *free_place(struct tunnel *n)
{
	struct link *orphan = NULL;
	for (int i = 0; i < MOST_LINKS; i++) {
		if (n->link[i].fd < 0)
			return &n->link[i];
		if (!orphan && is_orphan(&n->link[i]))
			orphan = &n->link[i];
	}
	if (orphan)
		drop(orphan);
	return orphan;
}

static bool has_place(const struct tunnel *n)
{
	for (int i = 0; i < MOST_LINKS; i++)
		if (n->link[i].fd < 0 || is_orphan(&n->link[i]))
			return true;
	return false;
}

static bool take_connections(struct tunnel *n, int door)
{
	const struct tunnel_end *end = &n->end[door];
	bool any = false;
	while (n->listener[door] >= 0 && has_place(n)) {
		int fd = accept4(n->listener[door], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			n->starved |= errno == EMFILE || errno == ENFILE;
			break;
		}
		struct link *l = free_place(n);
		*l = (struct link){.fd = fd};
		l->channel = end->socket ? ssh_open_socket(n->ssh, end->socket)
					 : ssh_open_tcp(n->ssh, end->host, end->port);
		any = true;
	}
	return any;
}

/* --- moving bytes ---------------------------------------------------------------------------------- */

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* From the socket into the channel. *moved: the channel has something to send. False: the link is lost. */
static bool move_up(struct link *l, bool *moved)
{
	char bytes[CHUNK];
	for (int i = 0; i < MOST_CHUNKS && !l->finished; i++) {
		size_t room = ssh_channel_room(l->channel);
		ssize_t n = room ? recv(l->fd, bytes, room < CHUNK ? room : CHUNK, 0) : -1;
		if (!room || (n < 0 && would_block()))
			return true;
		if (n < 0)
			return false;
		*moved = true;
		if (n == 0) {
			ssh_channel_finish(l->channel);
			l->finished = true;
		} else {
			ssh_channel_write(l->channel, bytes, (size_t)n);
		}
	}
	l->hasty = !l->finished;
	return true;
}

/* From the channel into the socket. *moved: the channel has room for more. */
static bool move_down(struct link *l, bool *moved)
{
	for (int i = 0; i < MOST_CHUNKS; i++) {
		if (l->at == l->end) {
			l->at = 0;
			l->end = ssh_channel_read(l->channel, l->down, CHUNK);
			if (!l->end)
				return true;
			*moved = true;
		}
		ssize_t n = send(l->fd, l->down + l->at, l->end - l->at, MSG_NOSIGNAL);
		if (n < 0)
			return would_block();
		l->at += (size_t)n;
	}
	l->hasty = true;
	return true;
}

static bool step_link(struct tunnel *n, struct link *l)
{
	bool moved = false, ok = true;
	enum ssh_channel_state state = ssh_channel_state(l->channel);

	l->hasty = false;
	if (state == SSH_REFUSED) {
		snprintf(n->trouble, sizeof n->trouble, "%s", ssh_channel_why(l->channel));
		ok = false;
	} else {
		if (state == SSH_OPEN && !l->open) {
			l->open = true;
			n->trouble[0] = '\0';
		}
		ok = move_down(l, &moved) && (state == SSH_ENDED || move_up(l, &moved));
		/* the far side has closed it, and all that it said has arrived */
		if (state == SSH_ENDED && l->at == l->end && !ssh_channel_ready(l->channel))
			ok = false;
	}
	if (ok)
		return moved;
	drop(l);
	return true;
}

/* --- what the session's thread calls --------------------------------------------------------------- */

bool tunnel_step(struct tunnel *n)
{
	bool moved = false;
	n->starved = false;
	for (int door = 0; door < TUNNEL_DOORS; door++)
		moved |= take_connections(n, door);
	for (int i = 0; i < MOST_LINKS; i++)
		if (n->link[i].fd >= 0)
			moved |= step_link(n, &n->link[i]);
	return moved;
}

bool tunnel_hasty(const struct tunnel *n)
{
	for (int i = 0; i < MOST_LINKS; i++)
		if (n->link[i].fd >= 0 && n->link[i].hasty)
			return true;
	return false;
}

static short events_of(const struct link *l)
{
	short events = 0;
	if (!l->finished && ssh_channel_room(l->channel))
		events |= POLLIN;
	if (l->at < l->end)
		events |= POLLOUT;
	return events;
}

unsigned tunnel_poll(const struct tunnel *n, struct pollfd p[TUNNEL_MOST_FDS])
{
	unsigned count = 0;
	/* poll() would tell at once of who cannot be let in: the next step, whatever for, tries again. */
	for (int door = 0; door < TUNNEL_DOORS; door++)
		if (n->listener[door] >= 0 && !n->starved && has_place(n))
			p[count++] = (struct pollfd){.fd = n->listener[door], .events = POLLIN};
	for (int i = 0; i < MOST_LINKS; i++) {
		const struct link *l = &n->link[i];
		short events = l->fd >= 0 ? events_of(l) : 0;
		/* without any, poll() would still tell that the near end is gone, over and over */
		if (events)
			p[count++] = (struct pollfd){.fd = l->fd, .events = events};
	}
	return count;
}
