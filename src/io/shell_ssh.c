/*
 * A shell through libssh2: `sh` in one channel of the session, the tunnel's connections in others. Where
 * the log-in gives no shell the session still carries those.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/shellimpl.h"
#include "io/ssh.h"
#include "io/tunnel.h"

enum {
	MOST_NOISE = 1 << 16,
	TUNNEL_WAITS_S = 5, /* so long for a shell's first answer, where the tunnel matters more */
};

struct ssh_shell {
	struct shell shell;
	struct ssh *ssh;
	struct ssh_channel *channel; /* NULL: no shell */
	struct err none;             /* why not */
	struct tunnel *tunnel; /* NULL: none was asked for */
	char path[TUNNEL_PATH_SIZE];
	char said[160];        /* the last words, for when the shell turns out to be none */
	size_t n_said;
	bool hasty; /* there is more to move */
	bool lost;  /* the session is */
};

static struct ssh_shell *of(struct shell *s)
{
	return (struct ssh_shell *)s;
}

/* What can be moved now, in all directions, but not for long: a large result has to wait for others. */
static bool move(struct ssh_shell *s, struct err *err)
{
	int64_t until = clock_mono_ns() + SSH_MOST_AT_ONCE;
	uint64_t bytes;

	do {
		s->lost = !ssh_pump(s->ssh, err);
		s->hasty = !s->lost && s->tunnel && tunnel_step(s->tunnel);
	} while (s->hasty && clock_mono_ns() < until);
	if (s->lost)
		return false;
	bytes = ssh_bytes(s->ssh);
	if (bytes > s->shell.bytes)
		s->shell.bytes = bytes;
	return true;
}

static void ssh_shell_close(struct shell *shell)
{
	struct ssh_shell *s = of(shell);

	tunnel_close(s->tunnel);
	ssh_close(s->ssh);
	free(s);
}

/* What it said last, without the line's end. */
static const char *last_words(struct ssh_shell *s)
{
	const char *why = ssh_channel_why(s->channel);

	if (*why)
		return why;
	while (s->n_said && strchr("\r\n ", s->said[s->n_said - 1]))
		s->n_said--;
	s->said[s->n_said] = '\0';
	return s->said;
}

static bool ended(struct ssh_shell *s, struct err *err)
{
	const char *words = last_words(s);
	int status = ssh_channel_status(s->channel);
	char how[64] = "";

	if (status > 0)
		snprintf(how, sizeof how, " with status %d", status);
	return err_setf(err, ERR_LOST, "shell on the host", "does the log-in have a shell there?",
			"it ended%s%s%.300s", how, *words ? ": " : "", words);
}

static void keep_words(struct ssh_shell *s, const char *bytes, size_t n)
{
	size_t most = sizeof s->said - 1;

	if (n > most)
		bytes += n - most, n = most;
	if (s->n_said + n > most) {
		size_t drop = s->n_said + n - most;
		memmove(s->said, s->said + drop, s->n_said - drop);
		s->n_said -= drop;
	}
	memcpy(s->said + s->n_said, bytes, n);
	s->n_said += n;
}

/* --- opening ------------------------------------------------------------------------------------- */

/* Only a shell can answer so; what comes before is noise of its start. */
static const char question_of_shell[] = "echo fathom-shell-$((40+2))\n", answer[] = "fathom-shell-42\n";

/* Whether the answer has come; what follows it stays. */
static bool has_answered(struct ssh_shell *s, struct buf *heard)
{
	char bytes[1024];
	size_t n = ssh_channel_read(s->channel, bytes, sizeof bytes);
	const char *at;

	buf_add(heard, bytes, n);
	keep_words(s, bytes, n);
	return n && (at = memmem(heard->s, heard->len, answer, sizeof answer - 1)) &&
	       at + sizeof answer - 1 == heard->s + heard->len;
}

/* False with *err: nothing more will come. */
static bool go_on(struct ssh_shell *s, const struct buf *heard, int64_t left, struct err *err)
{
	enum ssh_channel_state state = ssh_channel_state(s->channel);

	if (state == SSH_REFUSED)
		return err_setf(err, ERR_DENIED, "shell on the host",
				"the log-in must be allowed to run commands there",
				"the host refuses to run sh: %s", ssh_channel_why(s->channel));
	if (state == SSH_ENDED && !ssh_channel_ready(s->channel))
		return ended(s, err);
	if (heard->len > MOST_NOISE || left <= 0)
		return err_setf(err, left > 0 || s->n_said ? ERR_PROTOCOL : ERR_TIMEOUT,
				"shell on the host",
				"is another command forced upon the log-in?",
				"what answers there is no shell%s%.300s", s->n_said ? ": " : "",
				last_words(s));
	return true;
}

/* Until the shell answers, or turns out to be none. */
static bool start_shell(struct ssh_shell *s, int64_t deadline, struct err *err)
{
	struct buf heard = BUF_INIT;
	bool ok = true;

	s->channel = ssh_open_command(s->ssh, "sh");
	ssh_channel_write(s->channel, question_of_shell, sizeof question_of_shell - 1);
	while (ok && !has_answered(s, &heard)) {
		struct pollfd p = {.fd = ssh_fd(s->ssh)};
		int64_t left = deadline - clock_mono_ns();
		s->lost = !ssh_pump(s->ssh, err);
		ok = !s->lost && go_on(s, &heard, left, err);
		p.events = ssh_events(s->ssh);
		if (ok && !ssh_channel_ready(s->channel) && ssh_due(s->ssh))
			poll(&p, 1, (int)(left / NS_PER_MS) + 1);
	}
	s->n_said = 0;
	buf_release(&heard);
	return ok;
}

/* The session goes on without one. */
static void do_without_shell(struct ssh_shell *s, const struct err *why)
{
	ssh_channel_close(s->channel);
	s->channel = NULL;
	s->none = *why;
	/* It is the log-in that gives no shell: the host answers. */
	if (why->kind == ERR_TIMEOUT)
		s->none.kind = ERR_PROTOCOL;
}

static bool start(struct ssh_shell *s, const struct shell_attempt *a, struct err *err)
{
	bool tunnelled = target_tunnelled(a->target);
	int64_t soon = clock_mono_ns() + TUNNEL_WAITS_S * NS_PER_S;

	if (!start_shell(s, tunnelled && soon < a->deadline ? soon : a->deadline, err)) {
		shell_tell(a, "host-shell", false, err->why);
		if (s->lost || !tunnelled)
			return false;
		do_without_shell(s, err);
	}
	if (tunnelled && !(s->tunnel = tunnel_open(a->target, s->ssh, err))) {
		shell_tell(a, "host-shell", false, err->why);
		return false;
	}
	if (s->tunnel)
		tunnel_path(a->target, TUNNEL_SERVER, s->path);
	if (s->channel)
		shell_tell(a, "host-shell", true, "sh");
	return true;
}

static struct shell *ssh_shell_open(const struct shell_attempt *a, struct shell_question *question,
				    struct err *err)
{
	struct ssh *ssh = ssh_connect(a, question, err);
	struct ssh_shell *s;
	struct err e = {0};

	if (!ssh)
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->ssh = ssh;
	if (start(s, a, &e))
		return &s->shell;
	ssh_shell_close(&s->shell);
	if (err)
		*err = e;
	return NULL;
}

static bool is_up(const struct ssh_shell *s)
{
	return ssh_channel_state(s->channel) <= SSH_OPEN;
}

static bool has_none(const struct ssh_shell *s, struct err *err)
{
	if (!s->channel && err)
		*err = s->none;
	return !s->channel;
}

static bool is_ready(const struct ssh_shell *s)
{
	return s->channel && ssh_channel_ready(s->channel);
}

static ssize_t ssh_shell_read(struct shell *shell, void *out, size_t size, struct err *err)
{
	struct ssh_shell *s = of(shell);
	size_t n;

	if (has_none(s, err) || (!is_ready(s) && is_up(s) && !move(s, err)))
		return -1;
	n = ssh_channel_read(s->channel, out, size);
	if (n)
		keep_words(s, out, n);
	return n || is_up(s) || ended(s, err) ? (ssize_t)n : -1;
}

static ssize_t ssh_shell_write(struct shell *shell, const void *bytes, size_t n, struct err *err)
{
	struct ssh_shell *s = of(shell);
	size_t done;

	if (has_none(s, err))
		return -1;
	done = ssh_channel_write(s->channel, bytes, n);
	return move(s, err) ? (ssize_t)done : -1;
}

static unsigned ssh_shell_poll(struct shell *shell, bool writing, struct pollfd p[SHELL_MOST_FDS])
{
	struct ssh_shell *s = of(shell);
	(void)writing; /* its buffer takes it */

	p[0] = (struct pollfd){.fd = ssh_fd(s->ssh), .events = ssh_events(s->ssh)};
	return 1 + (s->tunnel ? tunnel_poll(s->tunnel, p + 1) : 0);
}

static bool ssh_shell_step(struct shell *shell, int64_t now, struct err *err)
{
	(void)now;
	return move(of(shell), err);
}

static int64_t ssh_shell_due(const struct shell *shell)
{
	const struct ssh_shell *s = (const struct ssh_shell *)shell;
	bool more = s->hasty || (s->tunnel && tunnel_hasty(s->tunnel));
	return more || is_ready(s) ? 0 : ssh_due(s->ssh);
}

static const char *ssh_shell_tunnel(const struct shell *shell)
{
	const struct ssh_shell *s = (const struct ssh_shell *)shell;
	return s->tunnel ? s->path : NULL;
}

static const char *ssh_shell_trouble(const struct shell *shell)
{
	const struct ssh_shell *s = (const struct ssh_shell *)shell;
	return s->tunnel ? tunnel_trouble(s->tunnel) : "";
}

static bool ssh_shell_outlives(const struct shell *shell)
{
	return !((const struct ssh_shell *)shell)->lost;
}

static bool ssh_shell_again(struct shell *shell)
{
	struct ssh_shell *s = of(shell);

	if (s->lost)
		return false;
	ssh_channel_close(s->channel);
	s->channel = ssh_open_command(s->ssh, "sh");
	s->n_said = 0;
	return true;
}

const struct shell_ops shell_ssh_ops = {
	.open = ssh_shell_open,
	.close = ssh_shell_close,
	.read = ssh_shell_read,
	.write = ssh_shell_write,
	.poll = ssh_shell_poll,
	.step = ssh_shell_step,
	.due = ssh_shell_due,
	.tunnel_socket = ssh_shell_tunnel,
	.tunnel_trouble = ssh_shell_trouble,
	.outlives = ssh_shell_outlives,
	.again = ssh_shell_again,
};
