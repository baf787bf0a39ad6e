/* The tunnel's pump on channels of our own: small buffers, that are emptied and filled when the test says. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/ssh.h"
#include "io/tunnel.h"
#include "tests/unit/cmocka_all.h"

enum { ROOM = 1000, MOST = 32 };

struct ssh {
	int unused;
};
struct ssh_channel {
	struct buf up, down; /* what the pump wrote, what it is to read */
	enum ssh_channel_state state;
	bool finished, closed;
	char to[64];
};

static struct ssh_channel channels[MOST];
static unsigned n_channels;

static struct ssh_channel *channel_to(const char *to)
{
	struct ssh_channel *c = &channels[n_channels++];
	assert_true(n_channels <= MOST);
	*c = (struct ssh_channel){.state = SSH_OPEN};
	snprintf(c->to, sizeof c->to, "%s", to);
	return c;
}

struct ssh_channel *ssh_open_tcp(struct ssh *s, const char *host, unsigned port)
{
	char to[64];
	(void)s;
	snprintf(to, sizeof to, "%.40s %u", host, port);
	return channel_to(to);
}

struct ssh_channel *ssh_open_socket(struct ssh *s, const char *path)
{
	(void)s;
	return channel_to(path);
}

enum ssh_channel_state ssh_channel_state(const struct ssh_channel *c)
{
	return c->state;
}

const char *ssh_channel_why(const struct ssh_channel *c)
{
	(void)c;
	return "the door is shut";
}

size_t ssh_channel_ready(const struct ssh_channel *c)
{
	return c->down.len;
}

size_t ssh_channel_room(const struct ssh_channel *c)
{
	return c->state == SSH_ENDED ? 0 : ROOM - c->up.len;
}

static size_t take(struct buf *b, void *out, size_t size)
{
	size_t n = b->len < size ? b->len : size;
	if (n) {
		memcpy(out, b->s, n);
		memmove(b->s, b->s + n, b->len - n);
		b->len -= n;
	}
	return n;
}

size_t ssh_channel_read(struct ssh_channel *c, void *out, size_t size)
{
	return take(&c->down, out, size);
}

size_t ssh_channel_write(struct ssh_channel *c, const void *bytes, size_t n)
{
	assert_true(n <= ssh_channel_room(c) && !c->finished);
	buf_add(&c->up, bytes, n);
	return n;
}

void ssh_channel_finish(struct ssh_channel *c)
{
	assert_false(c->finished);
	c->finished = true;
}

void ssh_channel_close(struct ssh_channel *c)
{
	assert_false(c->closed);
	c->closed = true;
	buf_release(&c->up);
	buf_release(&c->down);
}

/* --- the near side --------------------------------------------------------------------------------- */

static char dir[] = "/tmp/fathom-pump-XXXXXX";
static struct target *target;
static struct tunnel *tunnel;

static int near_end(enum tunnel_door door)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	tunnel_path(target, door, un.sun_path);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof un), 0);
	return fd;
}

/* Whether it would wake up by itself. */
static bool wakes(void)
{
	struct pollfd p[TUNNEL_MOST_FDS];
	return poll(p, tunnel_poll(tunnel, p), 0) > 0;
}

static void step(void)
{
	for (int i = 0; i < 5; i++)
		tunnel_step(tunnel);
}

static int begin(void **state)
{
	struct err e;
	(void)state;
	n_channels = 0;
	target = xcalloc(1, sizeof *target);
	target_set(target, SETTING_SSH, "bastion", "test");
	target_set(target, SETTING_SSH_TUNNEL, "1", "test");
	target_set(target, SETTING_HOST, "db", "test");
	target_set(target, SETTING_ADMIN_PORT, "33062", "test");
	assert_true(tunnel_prepare(target, &e));
	tunnel = tunnel_open(target, NULL, &e);
	assert_non_null(tunnel);
	return 0;
}

static int end(void **state)
{
	(void)state;
	tunnel_close(tunnel);
	for (unsigned i = 0; i < n_channels; i++)
		assert_true(channels[i].closed);
	tunnel_clean_up();
	target_free(target);
	return 0;
}

static void each_door_leads_somewhere(void **state)
{
	(void)state;
	assert_false(wakes());
	int a = near_end(TUNNEL_SERVER), b = near_end(TUNNEL_ADMIN);
	assert_true(wakes());
	step();
	assert_int_equal(n_channels, 2);
	assert_string_equal(channels[0].to, "db 3306");
	assert_string_equal(channels[1].to, "db 33062");
	assert_false(wakes());
	close(a);
	close(b);
}

static void without_a_descriptor_it_does_not_go_round_in_circles(void **state)
{
	struct rlimit few, before;
	(void)state;
	int a = near_end(TUNNEL_SERVER), next = dup(a);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){(rlim_t)next, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	step();
	bool woken = wakes();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(n_channels, 0);
	assert_false(woken);
	step();
	assert_int_equal(n_channels, 1);
	close(a);
}

static void what_has_no_room_waits(void **state)
{
	static char text[100000], got[sizeof text];
	size_t sent = 0, arrived = 0;
	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7 / 3);
	int fd = near_end(TUNNEL_SERVER);
	step();
	while (arrived < sizeof text) {
		ssize_t n = sent < sizeof text ? send(fd, text + sent, sizeof text - sent, 0) : 0;
		sent += n > 0 ? (size_t)n : 0;
		step();
		assert_true(channels[0].up.len <= ROOM);
		/* full: it does not go round in circles */
		assert_int_equal(wakes(), channels[0].up.len < ROOM && arrived + channels[0].up.len < sent);
		arrived += take(&channels[0].up, got + arrived, 333);
	}
	assert_memory_equal(text, got, sizeof text);
	/* and back, more than the socket takes at once */
	for (int i = 0; i < 10; i++)
		buf_add(&channels[0].down, text, sizeof text);
	for (size_t back = 0; back < 10 * sizeof text;) {
		step();
		ssize_t n = recv(fd, got, 4096, 0);
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(got[i], text[(back + (size_t)i) % sizeof text]);
		back += (size_t)n;
	}
	assert_false(wakes());
	close(fd);
}

static void an_end_goes_either_way(void **state)
{
	char byte;
	(void)state;
	int a = near_end(TUNNEL_SERVER), b = near_end(TUNNEL_SERVER);
	step();
	/* the near side has said all, and still listens */
	assert_int_equal(send(a, "x", 1, 0), 1);
	shutdown(a, SHUT_WR);
	step();
	assert_true(channels[0].finished && !channels[0].closed);
	assert_false(wakes());
	buf_adds(&channels[0].down, "y");
	step();
	assert_int_equal(recv(a, &byte, 1, 0), 1);
	/* the far side goes: what it said last arrives */
	buf_adds(&channels[1].down, "z");
	channels[1].state = SSH_ENDED;
	step();
	assert_int_equal(recv(b, &byte, 1, 0), 1);
	assert_int_equal(recv(b, &byte, 1, 0), 0);
	assert_true(channels[1].closed);
	close(a);
	close(b);
}

static void a_refusal_ends_the_connection(void **state)
{
	char byte;
	(void)state;
	int fd = near_end(TUNNEL_SERVER);
	step();
	channels[0].state = SSH_REFUSED;
	step();
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_string_equal(tunnel_trouble(tunnel), "the door is shut");
	close(fd);
	fd = near_end(TUNNEL_SERVER);
	step();
	assert_string_equal(tunnel_trouble(tunnel), "");
	close(fd);
}

static void abandoned_connections_give_up_their_place(void **state)
{
	enum { PLACES = TUNNEL_MOST_FDS - TUNNEL_DOORS };
	int fd[PLACES];
	(void)state;
	for (int i = 0; i < PLACES; i++) {
		fd[i] = near_end(TUNNEL_SERVER);
		step();
	}
	assert_int_equal(n_channels, PLACES);
	int more = near_end(TUNNEL_SERVER);
	step();
	assert_int_equal(n_channels, PLACES);
	assert_false(wakes());
	close(fd[3]);
	step();
	step();
	assert_int_equal(n_channels, PLACES + 1);
	assert_true(channels[3].closed);
	for (int i = 0; i < PLACES; i++)
		if (i != 3)
			close(fd[i]);
	close(more);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(dir) && setenv("XDG_RUNTIME_DIR", dir, 1) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
#define PUMP_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		PUMP_TEST(each_door_leads_somewhere),
		PUMP_TEST(without_a_descriptor_it_does_not_go_round_in_circles),
		PUMP_TEST(what_has_no_room_waits),
		PUMP_TEST(an_end_goes_either_way),
		PUMP_TEST(a_refusal_ends_the_connection),
		PUMP_TEST(abandoned_connections_give_up_their_place),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
