/*
 * The agent's protocol (draft-miller-ssh-agent): two requests. libssh2 has one too, which waits for an
 * agent that does not answer for ever; this one keeps the deadline of the attempt.
 */
#include "io/sshimpl.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14,
	FLAG_SHA2_256 = 2,
	FLAG_SHA2_512 = 4,
	MOST_BYTES = 256 << 10,
	MOST_KEYS = 64,
	LIST_S = 3,
};

static unsigned get_u32(const unsigned char *p)
{
	return (unsigned)p[0] << 24 | (unsigned)p[1] << 16 | (unsigned)p[2] << 8 | p[3];
}

static void add_u32(struct buf *b, unsigned v)
{
	const char bytes[] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};
	buf_add(b, bytes, sizeof bytes);
}

/* Take a string off *p; false at the end. */
static bool take(const unsigned char **p, const unsigned char *end, const unsigned char **s, size_t *n)
{
	if (end - *p < 4 || get_u32(*p) > (size_t)(end - *p - 4))
		return false;
	*n = get_u32(*p);
	*s = *p + 4;
	*p += 4 + *n;
	return true;
}

/* Wait for the socket; false at the deadline. */
static bool ready(const struct ssh_agent *a, short events)
{
	for (;;) {
		int64_t left = a->deadline - clock_mono_ns();
		struct pollfd p = {a->fd, events, 0};
		int n = left > 0 ? poll(&p, 1, (int)(left / NS_PER_MS) + 1) : 0;
		if (n > 0 || (n < 0 && errno != EINTR))
			return n > 0;
		if (left <= 0)
			return false;
	}
}

static bool send_all(const struct ssh_agent *a, const char *s, size_t n)
{
	while (n) {
		ssize_t sent = send(a->fd, s, n, MSG_NOSIGNAL);
		if (sent < 0 && (errno != EAGAIN || !ready(a, POLLOUT)))
			return false;
		if (sent > 0)
			s += sent, n -= (size_t)sent;
	}
	return true;
}

static bool receive_all(const struct ssh_agent *a, unsigned char *out, size_t n)
{
	while (n) {
		ssize_t got = recv(a->fd, out, n, 0);
		if (got == 0 || (got < 0 && (errno != EAGAIN || !ready(a, POLLIN))))
			return false;
		if (got > 0)
			out += got, n -= (size_t)got;
	}
	return true;
}

/* The answer without its length, malloc()ed; NULL: none, or not of this kind. */
static unsigned char *ask(const struct ssh_agent *a, const struct buf *request, unsigned char kind,
			  size_t *n)
{
	struct buf framed = BUF_INIT;
	unsigned char length[4], *answer;
	bool ok;

	add_u32(&framed, (unsigned)request->len);
	buf_add(&framed, request->s, request->len);
	ok = send_all(a, framed.s, framed.len) && receive_all(a, length, sizeof length);
	buf_release(&framed);
	*n = ok ? get_u32(length) : 0;
	if (!*n || *n > MOST_BYTES)
		return NULL;
	answer = xmalloc(*n);
	if (receive_all(a, answer, *n) && answer[0] == kind)
		return answer;
	free(answer);
	return NULL;
}

static bool list_keys(struct ssh_agent *a)
{
	struct buf request = BUF_INIT;
	unsigned char *answer;
	const unsigned char *p, *end;
	size_t n;
	unsigned count = 0;

	buf_addc(&request, REQUEST_IDENTITIES);
	answer = ask(a, &request, IDENTITIES_ANSWER, &n);
	buf_release(&request);
	if (!answer)
		return false;
	end = answer + n;
	p = answer + 5;
	if (n >= 5)
		count = get_u32(answer + 1) < MOST_KEYS ? get_u32(answer + 1) : MOST_KEYS;
	a->keys = count ? xcalloc(count, sizeof *a->keys) : NULL;
	while (a->n < count) {
		const unsigned char *blob, *comment;
		size_t n_blob, n_comment;
		if (!take(&p, end, &blob, &n_blob) || !take(&p, end, &comment, &n_comment) || !n_blob)
			break;
		a->keys[a->n].blob = xmalloc(n_blob);
		memcpy(a->keys[a->n].blob, blob, n_blob);
		a->keys[a->n].n = n_blob;
		a->keys[a->n++].comment = xstrndup((const char *)comment, n_comment);
	}
	free(answer);
	return true;
}

bool ssh_agent_open(struct ssh_agent *a, const char *path, int64_t deadline, const char **why)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	/* One that is stuck must not cost all the time there is; a signature may have to be confirmed. */
	int64_t now = clock_mono_ns(), soon = now + LIST_S * NS_PER_S;

	*a = (struct ssh_agent){.fd = -1, .deadline = soon < deadline ? soon : now + (deadline - now) / 2};
	*why = "the path of its socket is too long";
	if (strlen(path) >= sizeof sa.sun_path)
		return false;
	memcpy(sa.sun_path, path, strlen(path) + 1);
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0 || connect(a->fd, (struct sockaddr *)&sa, sizeof sa) != 0) {
		*why = strerror(errno);
		ssh_agent_close(a);
		return false;
	}
	*why = "it gives no answer";
	if (list_keys(a)) {
		a->deadline = deadline;
		return true;
	}
	ssh_agent_close(a);
	return false;
}

/* What is to be signed names the algorithm that it is to be signed with. */
static unsigned flags_for(const unsigned char *data, size_t n)
{
	return memmem(data, n, "rsa-sha2-512", 12)   ? FLAG_SHA2_512
	       : memmem(data, n, "rsa-sha2-256", 12) ? FLAG_SHA2_256
						     : 0;
}

unsigned char *ssh_agent_sign(struct ssh_agent *a, const struct ssh_agent_key *k,
			      const unsigned char *data, size_t n, size_t *n_signature)
{
	struct buf request = BUF_INIT;
	unsigned char *answer, *signature = NULL;
	const unsigned char *p, *end, *all, *type, *s;
	size_t len, n_all, n_type;

	buf_addc(&request, SIGN_REQUEST);
	add_u32(&request, (unsigned)k->n);
	buf_add(&request, k->blob, k->n);
	add_u32(&request, (unsigned)n);
	buf_add(&request, data, n);
	add_u32(&request, flags_for(data, n));
	answer = ask(a, &request, SIGN_RESPONSE, &len);
	buf_release(&request);
	if (!answer)
		return NULL;
	p = answer + 1;
	end = answer + len;
	if (take(&p, end, &all, &n_all)) {
		p = all;
		end = all + n_all;
		if (take(&p, end, &type, &n_type) && take(&p, end, &s, n_signature) && *n_signature) {
			signature = xmalloc(*n_signature);
			memcpy(signature, s, *n_signature);
		}
	}
	free(answer);
	return signature;
}

void ssh_agent_close(struct ssh_agent *a)
{
	for (unsigned i = 0; i < a->n; i++) {
		free(a->keys[i].blob);
		free(a->keys[i].comment);
	}
	free(a->keys);
	if (a->fd >= 0)
		close(a->fd);
	*a = (struct ssh_agent){.fd = -1};
}
