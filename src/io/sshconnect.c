#include "io/sshimpl.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"

enum { GIVE_UP_MS = 60000 }; /* bytes that nobody acknowledges */

/* --- what may be said ------------------------------------------------------------------------- */

static void where(const struct ssh_try *t, char out[192])
{
	snprintf(out, 192, "ssh to %.180s", t->session ? t->session->name : t->host->typed);
}

bool ssh_fail(struct ssh_try *t, enum err_kind kind, const char *hint, const char *fmt, ...)
{
	char what[192], why[512];
	va_list ap;

	where(t, what);
	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return err_set(t->err, kind, what, why, hint);
}

bool ssh_timed_out(struct ssh_try *t, const char *doing)
{
	return ssh_fail(t, ERR_TIMEOUT, "--connect-timeout gives it longer", "no answer while %s", doing);
}

bool ssh_ask(struct ssh_try *t, enum shell_question_kind kind, bool echo, const char *subject,
	     const char *fmt, ...)
{
	struct shell_question *q = t->question;
	va_list ap;

	q->kind = kind;
	q->echo = echo;
	snprintf(q->subject, sizeof q->subject, "%s", subject);
	va_start(ap, fmt);
	vsnprintf(q->text, sizeof q->text, fmt, ap);
	va_end(ap);
	return false;
}

bool ssh_offer_child(struct ssh_try *t, const char *fmt, ...)
{
	const char *transport = t->a->target->value[SETTING_SSH_TRANSPORT];
	char why[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	ssh_fail(t, ERR_UNSUPPORTED,
		 "--ssh-transport=ssh uses the ssh command instead; an Ed25519 key works without", "%s", why);
	if ((transport && strcmp(transport, "auto") != 0) || ssh_answer(t, QUESTION_CHILD, t->host->typed, ""))
		return false;
	return ssh_ask(t, QUESTION_CHILD, true, t->host->typed, "%s. Use the ssh command instead?", why);
}

/* A question that is put again begins with more words. */
static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n >= m && strcmp(s + n - m, end) == 0;
}

const char *ssh_answer(const struct ssh_try *t, enum shell_question_kind kind, const char *subject,
		       const char *text)
{
	const struct shell_answers *a = t->a->answers;

	for (unsigned i = a->n; i-- > 0;) {
		const struct shell_question *q = &a->of[i].question;
		if (q->kind == kind && strncmp(q->subject, subject, sizeof q->subject - 1) == 0 &&
		    ends_in(q->text, text))
			return a->of[i].text;
	}
	return NULL;
}

bool ssh_library_has_rsa_sha2(void)
{
	return libssh2_version(0x010b00) != NULL;
}

/* --- TCP --------------------------------------------------------------------------------------- */

static int wait_connected(int fd, int64_t deadline)
{
	int no = 0;
	socklen_t n = sizeof no;

	for (;;) {
		int64_t left = deadline - clock_mono_ns();
		struct pollfd p = {fd, POLLOUT, 0};
		int rc = left > 0 ? poll(&p, 1, (int)(left / NS_PER_MS) + 1) : 0;
		if (rc > 0)
			break;
		if (left <= 0)
			return ETIMEDOUT;
	}
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &no, &n);
	return no;
}

static void tune(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{IPPROTO_TCP, TCP_NODELAY, 1},	     {SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, 30},     {IPPROTO_TCP, TCP_KEEPINTVL, 10},
		{IPPROTO_TCP, TCP_USER_TIMEOUT, GIVE_UP_MS},
	};

	for (size_t i = 0; i < COUNT_OF(options); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
}

/* The socket, or -1 with errno. */
static int connect_to(const struct addrinfo *ai, int64_t deadline)
{
	int no, fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	no = connect(fd, ai->ai_addr, ai->ai_addrlen) == 0 ? 0 : errno;
	if (no == EINPROGRESS)
		no = wait_connected(fd, deadline);
	if (no == 0) {
		tune(fd);
		return fd;
	}
	close(fd);
	errno = no;
	return -1;
}

/* Each of several addresses gets its share of the time. */
static int connect_first(const struct addrinfo *list, int64_t deadline)
{
	int left = 0, fd = -1;

	for (const struct addrinfo *i = list; i; i = i->ai_next)
		left++;
	for (const struct addrinfo *i = list; i && fd < 0; i = i->ai_next, left--) {
		int64_t now = clock_mono_ns();
		fd = connect_to(i, now + (deadline - now) / left);
	}
	return fd;
}

static int open_socket(struct ssh_try *t)
{
	const struct ssh_host *h = t->host;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
	char port[16], text[512];
	int fd, rc;

	snprintf(port, sizeof port, "%u", h->port);
	t->step = "ssh-resolve";
	rc = getaddrinfo(h->name, port, &hints, &list);
	if (rc != 0) {
		ssh_fail(t, ERR_RESOLVE, "check the host's name", "%s: %s", h->name, gai_strerror(rc));
		return -1;
	}
	snprintf(text, sizeof text, "%s", h->name);
	shell_tell(t->a, t->step, true, text);
	t->step = "ssh-tcp";
	fd = connect_first(list, t->a->deadline);
	freeaddrinfo(list);
	if (fd < 0) {
		ssh_fail(t, errno == ETIMEDOUT ? ERR_TIMEOUT : ERR_CONNECT,
			 "is sshd running there, and the port the right one?", "%s:%u: %s", h->name, h->port,
			 strerror(errno));
		return -1;
	}
	snprintf(text, sizeof text, "%s:%u", h->name, h->port);
	shell_tell(t->a, t->step, true, text);
	return fd;
}

/* --- one hop ----------------------------------------------------------------------------------- */

static void name_session(struct ssh_try *t)
{
	const struct ssh_host *h = t->host;
	bool v6 = strchr(h->name, ':') != NULL;

	snprintf(t->session->name, sizeof t->session->name, v6 ? "[%s]:%u" : "%s:%u", h->name, h->port);
}

/* A channel of the jump host to the next host; NULL with *err. */
static struct ssh_channel *open_carrier(struct ssh_try *t, struct ssh_session *outer)
{
	struct ssh_channel *c = ssh_channel_new_tcp(outer, t->host->name, t->host->port);
	char why[256];

	while (ssh_channel_state(c) == SSH_OPENING) {
		if (ssh_session_pump(outer) < 0) {
			ssh_fail(t, ERR_CONNECT, NULL, "the jump host %s hung up: %s", outer->name,
				 ssh_session_error(outer, why, sizeof why));
			return NULL;
		}
		if (ssh_channel_state(c) == SSH_OPENING && !ssh_session_wait(outer, t->a->deadline)) {
			ssh_timed_out(t, "the jump host connects to it");
			return NULL;
		}
	}
	if (ssh_channel_state(c) != SSH_REFUSED)
		return c;
	ssh_fail(t, ERR_CONNECT, "the jump host's log-in must be allowed to forward TCP",
		 "the jump host %s cannot reach it: %s", outer->name, ssh_channel_why(c));
	return NULL;
}

static bool fail_handshake(struct ssh_try *t, int rc)
{
	char why[256];

	if (rc == LIBSSH2_ERROR_EAGAIN)
		return ssh_timed_out(t, "shaking hands");
	if (rc == LIBSSH2_ERROR_KEX_FAILURE && !t->session->no)
		return ssh_offer_child(t,
				       "%s and libssh2 %s agree on no host key type or cipher (an RSA host "
				       "key?)",
				       t->session->name, libssh2_version(0));
	return ssh_fail(t, ERR_CONNECT, "does an SSH server listen on that port?", "no SSH handshake: %s",
			ssh_session_error(t->session, why, sizeof why));
}

/* A session with the next host, through the last one. */
static struct ssh_session *add_hop(struct ssh_try *t, struct ssh_session *outer)
{
	struct ssh_channel *carrier = NULL;
	const struct ssh_session *o = outer;
	int fd = -1, rc;

	t->step = outer ? "ssh-tcp" : "ssh-resolve";
	if (t->host->needs_child && !ssh_offer_child(t, "%s is reached with %s, which libssh2 cannot do",
						      t->host->typed, t->host->needs_child))
		return NULL;
	if (outer ? !(carrier = open_carrier(t, outer)) : (fd = open_socket(t)) < 0)
		return NULL;
	t->session = ssh_session_new(outer, fd);
	t->session->carrier = carrier;
	name_session(t);
	while (o && o->outer)
		o = o->outer;
	t->step = "ssh-host-key";
	ssh_prefer_known_keys(t);
	SSH_AWAIT(t->session, t->a->deadline, rc,
		  libssh2_session_handshake(t->session->raw, o ? o->fd : fd));
	if (rc ? !fail_handshake(t, rc) : !ssh_check_host_key(t))
		return NULL;
	t->step = "ssh-login";
	return ssh_log_in(t) ? t->session : NULL;
}

/* --- the chain --------------------------------------------------------------------------------- */

/* Once, whichever worker comes first. */
static void init_library(void)
{
	static atomic_int state; /* 0: not yet, 1: somebody does it, 2: done */
	int before = 0;

	if (atomic_compare_exchange_strong(&state, &before, 1)) {
		if (libssh2_init(0) != 0)
			die("libssh2 does not start");
		atomic_store(&state, 2);
	}
	while (atomic_load(&state) != 2)
		sched_yield();
}

struct ssh *ssh_connect(const struct shell_attempt *a, struct shell_question *question, struct err *err)
{
	struct err e = {0};
	struct ssh_try t = {.a = a, .question = question, .err = err ? err : &e};
	struct ssh_session *last = NULL;
	struct ssh_route route;
	struct ssh *s;

	init_library();
	if (!ssh_route_find(&route, a->target, err))
		return NULL;
	for (unsigned i = 0; i < route.n; i++) {
		struct ssh_session *next;
		t.host = &route.hop[i];
		t.session = NULL;
		next = add_hop(&t, last);
		if (!next) {
			shell_tell(a, t.step, false, t.err->why);
			ssh_session_free(t.session ? t.session : last);
			ssh_route_release(&route);
			return NULL;
		}
		last = next;
	}
	ssh_route_release(&route);
	s = xcalloc(1, sizeof *s);
	s->last = last;
	s->keep_alive = clock_mono_ns() + NS_PER_S;
	return s;
}
