/*
 * A child `ssh`, with the person's own configuration, agent, keys and shared connections: whatever their
 * `ssh HOST` can do without asking anything. It is told not to ask (BatchMode), and has no terminal on
 * which it could.
 *
 * The tunnel is its own, too: it listens on the near end's socket (-L), and so one session carries
 * everything. Where the log-in gives no shell that session ends at once; another one then runs nothing
 * (-N), and carries the tunnel alone. That one is a connection of its own: over a shared one (ControlMaster)
 * there is no session that runs nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/child.h"
#include "io/shellimpl.h"
#include "io/tunnel.h"
#include "parse/ssh_config.h"
#include "parse/ssh_says.h"

/* Only a shell can answer so; what comes before is noise of its start. */
#define QUESTION "echo fathom-shell-$((40+2))\n"
#define ANSWER "fathom-shell-42"

enum {
	MOST_NOISE = 1 << 16,
	MOST_WORDS = 48,
	TUNNEL_WAITS_S = 5, /* so long for a shell's first answer, where the tunnel matters more */
	LOOK_MS = 50,       /* how often for the tunnel's socket */
};

struct ssh_child {
	struct shell shell;
	struct child child;
	struct ssh_says says;
	char host[256];
	char *tunnel;     /* NULL: none */
	struct buf ahead; /* what came after the answer */
	struct err none;  /* why there is no shell, only the tunnel; kind 0: there is one */
	bool gone;        /* that session ended */
};

static struct ssh_child *of(struct shell *s)
{
	return (struct ssh_child *)s;
}

/* --- its command line ------------------------------------------------------------------------------ */

struct words {
	const char *v[MOST_WORDS + 1];
	char *owned[MOST_WORDS];
	unsigned n, n_owned;
};

static void word(struct words *w, const char *text)
{
	w->v[w->n++] = text;
	w->v[w->n] = NULL;
}

static void wordf(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void wordf(struct words *w, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	w->owned[w->n_owned] = xvasprintf(fmt, ap);
	va_end(ap);
	word(w, w->owned[w->n_owned++]);
}

static void words_release(struct words *w)
{
	for (unsigned i = 0; i < w->n_owned; i++)
		free(w->owned[i]);
}

/* As -L takes it: ':' parts, so one in a path is escaped. */
static void add_path(struct buf *out, const char *path)
{
	for (; *path; path++) {
		if (*path == ':' || *path == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *path);
	}
}

static void forward(struct words *w, const struct target *t, enum tunnel_door door)
{
	struct tunnel_end end;
	struct buf spec = BUF_INIT;
	char path[TUNNEL_PATH_SIZE];

	if (!tunnel_end_of(t, door, &end))
		return;
	add_path(&spec, tunnel_path(t, door, path));
	if (end.socket) {
		buf_addc(&spec, ':');
		add_path(&spec, end.socket);
	} else {
		buf_addf(&spec, strchr(end.host, ':') ? ":[%s]:%u" : ":%s:%u", end.host, end.port);
	}
	wordf(w, "-L%s", buf_str(&spec));
	buf_release(&spec);
}

/* One that runs nothing does not read its standard input, and would not notice our end, however we came to it:
   a shell reads there for it. That keeps no standard error, whose end is ssh's own. */
static const char guard[] = "\"$@\" </dev/null & exec 2>/dev/null; read x; kill $!";

/* `run`: "sh", or NULL for nothing at all. */
static void set_words(struct words *w, const struct target *t, const struct ssh_place *place,
		      const char *run, int64_t left)
{
	/* An option of the command line wins over the configuration's. */
	static const char *const fixed[] = {
		"ssh", "-T", "-v",
		"-oBatchMode=yes",
		"-oRemoteCommand=none",
		"-oForwardAgent=no", "-oForwardX11=no",
		"-oServerAliveInterval=10", "-oServerAliveCountMax=3",
		"-oStreamLocalBindMask=0177", "-oStreamLocalBindUnlink=yes",
	};
	static const char *const guarded[] = {"/bin/sh", "-c", guard, "sh"};
	for (size_t i = 0; !run && i < COUNT_OF(guarded); i++)
		word(w, guarded[i]);
	for (size_t i = 0; i < COUNT_OF(fixed); i++)
		word(w, fixed[i]);
	wordf(w, "-oConnectTimeout=%d", (int)(left / NS_PER_S) + 1);
	if (t->value[SETTING_SSH_CONFIG])
		wordf(w, "-F%s", t->value[SETTING_SSH_CONFIG]);
	if (t->value[SETTING_SSH_IDENTITY])
		wordf(w, "-i%s", t->value[SETTING_SSH_IDENTITY]);
	if (place->port)
		wordf(w, "-p%u", place->port);
	if (place->user[0])
		wordf(w, "-l%s", place->user);
	if (t->tunnel) {
		forward(w, t, TUNNEL_SERVER);
		forward(w, t, TUNNEL_ADMIN);
	} else {
		/* those of the configuration are for other sessions */
		word(w, "-oClearAllForwardings=yes");
	}
	if (!run) {
		word(w, "-N");
		word(w, "-oControlPath=none");
	}
	word(w, "--");
	word(w, place->host);
	if (run)
		word(w, run);
}

/* --- what it says ---------------------------------------------------------------------------------- */

static void hear(void *arg, const char *bytes, size_t n)
{
	struct ssh_child *c = arg;
	ssh_says_add(&c->says, bytes, n);
}

static void name_host(const struct ssh_child *c, struct err *e)
{
	if (e)
		snprintf(e->what, sizeof e->what, "ssh %.180s", c->host);
}

/* It ended, or could not go on. */
static void explain(struct ssh_child *c, struct err *e)
{
	child_listen(&c->child);
	ssh_says_error(&c->says, e);
	name_host(c, e);
}

static bool logged_in(const struct ssh_child *c)
{
	return c->says.done[SSH_STEP_LOGIN] || c->says.shared;
}

/* --- opening --------------------------------------------------------------------------------------- */

struct opening {
	struct ssh_child *c;
	const struct shell_attempt *attempt;
	struct buf heard; /* of the shell, so far */
	int64_t in;       /* since when it is logged in; 0: it is not, as far as one knows */
	bool told[N_SSH_STEPS];
};

/* The steps that were made since. */
static void tell_steps(struct opening *o)
{
	const struct ssh_says *says = &o->c->says;
	for (int i = 0; i < N_SSH_STEPS; i++)
		if (says->done[i] && !o->told[i]) {
			o->told[i] = true;
			shell_tell(o->attempt, ssh_step_name((enum ssh_step)i), true,
				   says->text[i][0] ? says->text[i] : "done");
		}
}

static void tell_shared(struct opening *o)
{
	if (!o->told[SSH_STEP_LOGIN])
		shell_tell(o->attempt, ssh_step_name(SSH_STEP_LOGIN), true,
			   "over a connection that ssh has open (ControlMaster)");
}

/* The answer's line was heard; what follows it is kept. */
static bool answered(struct opening *o)
{
	const char *at = strstr(buf_str(&o->heard), ANSWER);
	const char *end = at ? strchr(at, '\n') : NULL;
	if (!end)
		return false;
	size_t more = o->heard.len - (size_t)(++end - o->heard.s);
	if (more)
		buf_add(&o->c->ahead, end, more);
	return true;
}

static bool no_shell(struct opening *o, struct err *e)
{
	char said[160];
	const char *heard = buf_str(&o->heard);
	size_t skip = strspn(heard, " \r\n");
	snprintf(said, sizeof said, "%.*s", (int)strcspn(heard + skip, "\r\n"), heard + skip);
	if (o->c->says.trouble || !logged_in(o->c))
		return false;
	err_setf(e, ERR_DENIED, NULL, "--ssh wants an account that may run sh",
		 *said ? "no POSIX shell answers there, but: %s" : "no POSIX shell answers there%s",
		 *said ? said : o->c->says.last[0] ? "" : ", and nothing else");
	name_host(o->c, e);
	return true;
}

static bool read_answer(struct opening *o, struct err *e)
{
	char bytes[4096];
	for (;;) {
		ssize_t n = child_read(&o->c->child, bytes, sizeof bytes, e);
		child_listen(&o->c->child);
		tell_steps(o);
		if (n == 0)
			return true;
		if (n < 0 || o->heard.len > MOST_NOISE) {
			if (!no_shell(o, e))
				explain(o->c, e);
			return false;
		}
		for (ssize_t i = 0; i < n; i++)
			buf_addc(&o->heard, bytes[i] ? bytes[i] : ' ');
	}
}

static bool too_late(struct opening *o, struct err *e)
{
	static const char *const waiting[] = {
		[SSH_STEP_RESOLVE] = "the look-up of its name takes too long",
		[SSH_STEP_TCP] = "no answer in time",
		[SSH_STEP_HOST_KEY] = "connected, but the SSH server does not say who it is in time",
		[SSH_STEP_LOGIN] = "the log-in takes too long",
	};
	const struct ssh_says *says = &o->c->says;
	err_set(e, ERR_TIMEOUT, NULL,
		logged_in(o->c) ? "logged in, but no shell answers in time" : waiting[ssh_says_failed(says)],
		"--connect-timeout gives it longer");
	name_host(o->c, e);
	return false;
}

/* When the shell must have answered. */
static int64_t patience(struct opening *o)
{
	int64_t end = o->attempt->deadline, soon;
	if (!o->in && logged_in(o->c))
		o->in = clock_mono_ns();
	soon = o->in + TUNNEL_WAITS_S * NS_PER_S;
	return o->in && target_tunnelled(o->attempt->target) && soon < end ? soon : end;
}

static bool wait_for_shell(struct opening *o, struct err *e)
{
	size_t sent = 0, n = strlen(QUESTION);
	while (!answered(o)) {
		struct pollfd p[3];
		int64_t left = patience(o) - clock_mono_ns();
		if (left <= 0)
			return o->heard.len && no_shell(o, e) ? false : too_late(o, e);
		poll(p, child_poll(&o->c->child, sent < n, p), (int)(left / NS_PER_MS) + 1);
		/* an error here is one of read, too */
		ssize_t done = sent < n ? child_write(&o->c->child, &QUESTION[sent], n - sent, e) : 0;
		sent = done < 0 ? n : sent + (size_t)done;
		if (!read_answer(o, e))
			return false;
	}
	return true;
}

static void tell_failure(struct opening *o, const struct err *e)
{
	const struct ssh_says *says = &o->c->says;
	bool in = logged_in(o->c) && !says->trouble;
	shell_tell(o->attempt, in ? "host-shell" : ssh_step_name(ssh_says_failed(says)), false, e->why);
}

static bool start(struct ssh_child *c, const struct shell_attempt *a, const char *run, struct err *e)
{
	struct words w = {.n = 0};
	struct ssh_place place = {.port = 0};
	const char *where = a->target->value[SETTING_SSH];

	if (!ssh_place_parse(where, strlen(where), &place))
		return err_setf(e, ERR_USAGE, "--ssh", "it is [user@]host[:port]", "\"%s\" names no host",
				where);
	snprintf(c->host, sizeof c->host, "%s", place.host);
	set_words(&w, a->target, &place, run, a->deadline - clock_mono_ns());
	bool ok = child_start(&c->child, w.v, e);
	words_release(&w);
	if (!ok)
		err_set(e, ERR_IO, "ssh", e->why, "is OpenSSH's client installed, and on the PATH?");
	c->child.hear = hear;
	c->child.hear_arg = c;
	return ok;
}

/* The session that runs nothing: it closes its standard output, so its standard error tells the end. */
static bool goes_on(struct ssh_child *c, struct err *e)
{
	char bytes[256];
	if (!c->child.at_end)
		child_read(&c->child, bytes, sizeof bytes, e);
	child_listen(&c->child);
	if (c->child.err >= 0)
		return true;
	explain(c, e);
	return false;
}

/* Until the near end's socket is there. */
static bool wait_for_tunnel(struct opening *o, struct err *e)
{
	struct ssh_child *c = o->c;
	while (access(c->tunnel, F_OK) != 0) {
		struct pollfd p[3];
		if (clock_mono_ns() >= o->attempt->deadline)
			return too_late(o, e);
		poll(p, child_poll(&c->child, false, p), LOOK_MS);
		if (!goes_on(c, e))
			return false;
	}
	return true;
}

/* A shared connection needed no key and no password; one of its own does, and nobody is asked. */
static void blame_own_connection(const struct ssh_child *c, const struct err *own, struct err *e)
{
	err_setf(e, own->kind, NULL, "--ssh-transport=libssh2 asks for what it takes to log in; an account that "
		 "may run sh needs no connection of its own",
		 "%s; and the tunnel alone needs a connection of its own, not ssh's shared one (ControlMaster): %s",
		 c->none.why, own->why);
	name_host(c, e);
}

/* Another session, for the tunnel alone. False: e says why there is neither. */
static bool without_shell(struct opening *o, struct err *e)
{
	struct ssh_child *c = o->c;
	const struct shell_attempt *a = o->attempt;
	struct err e2 = {0};
	if (!target_tunnelled(a->target) || !o->in)
		return false;
	c->none = *e;
	/* It is the log-in that gives no shell: the host answers. */
	if (e->kind == ERR_TIMEOUT)
		err_set(&c->none, ERR_DENIED, NULL, e->why, "--ssh wants an account that may run sh");
	name_host(c, &c->none);
	child_end(&c->child);
	bool shared = c->says.shared;
	c->says = (struct ssh_says){0};
	unlink(c->tunnel); /* the first one's */
	if (start(c, a, NULL, &e2) && wait_for_tunnel(o, &e2))
		return true;
	if (shared)
		blame_own_connection(c, &e2, e);
	return false;
}

static void ssh_child_close(struct shell *s)
{
	struct ssh_child *c = of(s);
	child_end(&c->child);
	buf_release(&c->ahead);
	free(c->tunnel);
	free(c);
}

static struct shell *ssh_child_open(const struct shell_attempt *a, struct shell_question *question,
				    struct err *err)
{
	struct ssh_child *c = xcalloc(1, sizeof *c);
	struct opening o = {.c = c, .attempt = a};
	struct err e = {0};
	(void)question;
	c->child = (struct child)CHILD_NONE;
	bool ok = start(c, a, "sh", &e);
	if (ok) {
		c->tunnel = xstrdup_null(a->target->tunnel);
		ok = wait_for_shell(&o, &e);
		patience(&o);
		if (ok) {
			tell_shared(&o);
			shell_tell(a, "host-shell", true, "a POSIX shell answers");
		} else {
			tell_failure(&o, &e);
			ok = without_shell(&o, &e);
		}
	}
	buf_release(&o.heard);
	if (ok)
		return &c->shell;
	ssh_child_close(&c->shell);
	if (err)
		*err = e;
	return NULL;
}

/* --- the stream ------------------------------------------------------------------------------------ */

static bool has_none(const struct ssh_child *c, struct err *err)
{
	if (c->none.kind && err)
		*err = c->none;
	return c->none.kind;
}

static ssize_t ssh_child_read(struct shell *s, void *out, size_t size, struct err *err)
{
	struct ssh_child *c = of(s);
	size_t n = c->ahead.len < size ? c->ahead.len : size;
	if (has_none(c, err))
		return -1;
	if (n) {
		memcpy(out, c->ahead.s, n);
		memmove(c->ahead.s, c->ahead.s + n, c->ahead.len - n);
		c->ahead.len -= n;
		return (ssize_t)n;
	}
	ssize_t got = child_read(&c->child, out, size, err);
	if (got < 0)
		explain(c, err);
	return got;
}

static ssize_t ssh_child_write(struct shell *s, const void *bytes, size_t n, struct err *err)
{
	if (has_none(of(s), err))
		return -1;
	ssize_t done = child_write(&of(s)->child, bytes, n, err);
	if (done < 0)
		explain(of(s), err);
	return done;
}

static unsigned ssh_child_poll(struct shell *s, bool writing, struct pollfd p[SHELL_MOST_FDS])
{
	return child_poll(&of(s)->child, writing, p);
}

static bool ssh_child_step(struct shell *s, int64_t now, struct err *err)
{
	struct ssh_child *c = of(s);
	(void)now;
	if (c->none.kind)
		return !(c->gone = !goes_on(c, err));
	child_listen(&c->child);
	return true;
}

static bool ssh_child_outlives(const struct shell *s)
{
	const struct ssh_child *c = (const struct ssh_child *)s;
	return c->none.kind ? !c->gone : !s->failed;
}

static const char *ssh_child_tunnel_socket(const struct shell *s)
{
	return ((const struct ssh_child *)s)->tunnel;
}

static const char *ssh_child_tunnel_trouble(const struct shell *s)
{
	return ((const struct ssh_child *)s)->says.refused;
}

const struct shell_ops shell_ssh_child_ops = {
	.open = ssh_child_open,
	.close = ssh_child_close,
	.read = ssh_child_read,
	.write = ssh_child_write,
	.poll = ssh_child_poll,
	.step = ssh_child_step,
	.tunnel_socket = ssh_child_tunnel_socket,
	.tunnel_trouble = ssh_child_tunnel_trouble,
	.outlives = ssh_child_outlives,
};
