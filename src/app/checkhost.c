#include "app/checkhost.h"

#include <stdio.h>
#include <string.h>

#include "app/askhost.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "engine/carrier.h"
#include "io/shell.h"

enum { READ_SECONDS = 10, TROUBLE_MS = 300 };

struct checkhost {
	struct target *target;
	check_say *say;
	void *arg;
	struct shell *shell; /* the carrier's, where there is one */
	bool bare;           /* the session is there for the tunnel alone */
	struct carrier *carrier;
	char *answers; /* what may be read there; NULL: not known */
	char refused[256];
};

/* --- the way there --------------------------------------------------------------------------------- */

static const char *const ways[] = {"ssh-resolve", "ssh-tcp", "ssh-host-key", "ssh-login", "host-shell"};

struct progress {
	struct checkhost *h;
	unsigned at, said; /* steps of this attempt, and those that were said: an answer begins anew */
	char failed[32], why[512];
	bool seen[COUNT_OF(ways)];
};

/* A failure's fix is known later. */
static void on_step(const char *step, bool ok, const char *text, void *arg)
{
	struct progress *p = arg;
	for (size_t i = 0; i < COUNT_OF(ways); i++)
		p->seen[i] |= !strcmp(ways[i], step);
	if (ok) {
		if (p->at++ < p->said)
			return;
		p->said++;
		p->h->say(p->h->arg, CHECK_OK, step, text, NULL);
		return;
	}
	snprintf(p->failed, sizeof p->failed, "%s", step);
	snprintf(p->why, sizeof p->why, "%s", text);
}

/* What a question wants, where nobody is asked. */
static const char *way_out(enum shell_question_kind kind)
{
	static const char *const out[] = {
		[QUESTION_HOST_KEY] = "the console asks and remembers the key, and so does ssh in a shell",
		[QUESTION_PASSPHRASE] = "ssh-add gives the key to the agent; the console asks for the passphrase",
		[QUESTION_PASSWORD] = "the console asks for it; a key needs no asking",
		[QUESTION_PROMPT] = "the console asks for it; a key needs no asking",
		[QUESTION_CHILD] = "--ssh-transport=ssh",
	};
	return kind < COUNT_OF(out) ? out[kind] : NULL;
}

static void say_failure(struct progress *p, const struct err *e, const struct shell_question *q)
{
	struct checkhost *h = p->h;
	enum shell_kind kind = shell_kind_of(h->target);
	bool ssh = kind == SHELL_SSH || kind == SHELL_SSH_CHILD, behind = false;
	const char *step = p->failed[0] ? p->failed : ssh ? "ssh-login" : "host-shell";
	const char *fix = q->kind ? way_out(q->kind) : e->hint;
	char text[1100];

	snprintf(text, sizeof text, "%s", q->kind && q->text[0] ? q->text : p->why[0] ? p->why : e->why);
	h->say(h->arg, CHECK_FAIL, step, text, fix);
	for (size_t i = ssh ? 0 : COUNT_OF(ways) - 1; i < COUNT_OF(ways); i++) {
		if (behind && !p->seen[i])
			h->say(h->arg, CHECK_SKIP, ways[i], "it did not come to that", NULL);
		behind |= !strcmp(ways[i], step);
	}
}

/* This machine's files are read by the program itself; here a shell does as well. */
static struct target *target_with_shell(const struct target *t)
{
	struct target *copy = target_copy(t);
	if (shell_kind_of(t) == SHELL_LOCAL)
		target_set(copy, SETTING_HOST_COMMAND, "sh", "check");
	return copy;
}

static int64_t in_time(const struct target *t)
{
	return clock_mono_ns() + (int64_t)(target_connect_timeout(t) * (double)NS_PER_S);
}

/* On the terminal, where there is one. The time that a person takes does not count. */
static bool ask(struct shell_answers *answers, const struct shell_question *q, const struct target *t,
		int64_t *deadline)
{
	struct err e;
	char *text = q->kind != QUESTION_NONE ? ask_host(q, &e) : NULL;
	if (!text)
		return false;
	shell_answers_add(answers, q, text);
	mem_wipe(text, strlen(text));
	free(text);
	*deadline = in_time(t);
	return true;
}

static bool open_shell(struct checkhost *h)
{
	struct progress p = {.h = h};
	struct shell_question question = {.kind = QUESTION_NONE};
	struct err e = {0};
	struct target *t = target_with_shell(h->target);
	int64_t deadline = in_time(t);

	struct shell_answers answers = {0};
	do {
		p.at = 0;
		p.failed[0] = '\0';
		h->shell = shell_open(t, &answers, deadline, on_step, &p, &question, &e);
	} while (!h->shell && ask(&answers, &question, t, &deadline));
	shell_answers_release(&answers);
	target_free(t);
	if (!h->shell)
		say_failure(&p, &e, &question);
	else if ((h->bare = !strcmp(p.failed, "host-shell")))
		h->say(h->arg, CHECK_WARN, "host-shell", p.why,
		       "the host's load is not read; a log-in that may run sh gives it");
	else if (!p.seen[COUNT_OF(ways) - 1])
		h->say(h->arg, CHECK_OK, "host-shell", "a POSIX shell", NULL);
	return h->shell;
}

/* --- what may be read ------------------------------------------------------------------------------ */

/* "yes NAME" or "no NAME" for each row, then the processes. Bytes are read: a file may be there and say
   no. The server's processes are those of its name: how the right one is found is said elsewhere. */
static const struct {
	const char *name, *test; /* of a shell */
	const char *lost;        /* what that means */
} files[] = {
	{"CPU", "cat /proc/stat", "/proc is not mounted, or the host is no Linux"},
	{"memory", "cat /proc/meminfo", NULL},
	{"disks", "cat /proc/diskstats", NULL},
	{"network", "cat /proc/net/dev", NULL},
	{"filesystems", "df /", "no df there"},
	{"PSI", "cat /proc/pressure/cpu", "a kernel before 4.20, or one started without psi=1"},
	{"cgroup", "cat /proc/self/cgroup", NULL},
};

static const char processes[] =
	"for d in /proc/[0-9]*; do read n <$d/comm || continue; case $n in mysqld|mariadbd) "
	"if cat $d/io; then i=yes; else i=no; fi >/dev/null; echo server ${d#/proc/} $n $i;; esac; done\n"
	"echo over\n";

static void write_script(struct buf *out)
{
	buf_adds(out, "exec 2>/dev/null\n");
	for (size_t i = 0; i < COUNT_OF(files); i++)
		buf_addf(out, "if %s >/dev/null; then echo yes %s; else echo no %s; fi\n", files[i].test,
			 files[i].name, files[i].name);
	buf_adds(out, processes);
}

static bool converse(struct shell *s, const struct buf *in, struct buf *out, struct err *e)
{
	int64_t deadline = clock_mono_ns() + READ_SECONDS * NS_PER_S;
	size_t sent = 0;
	while (!strstr(buf_str(out), "\nover\n")) {
		struct pollfd p[SHELL_MOST_FDS];
		char bytes[1024];
		int64_t now = clock_mono_ns();
		if (now >= deadline)
			return err_set(e, ERR_TIMEOUT, "host-files", "no answer in time", NULL);
		ssize_t n = sent < in->len ? shell_write(s, in->s + sent, in->len - sent, e) : 0;
		sent += n > 0 ? (size_t)n : 0;
		ssize_t got = n < 0 ? -1 : shell_read(s, bytes, sizeof bytes, e);
		if (got < 0 || !shell_step(s, now, e))
			return false;
		if (got > 0)
			buf_add(out, bytes, (size_t)got);
		else
			poll(p, shell_poll(s, sent < in->len, p), 100);
	}
	return true;
}

static void add_name(struct buf *list, const char *name)
{
	buf_addf(list, "%s%s", list->len ? ", " : "", name);
}

static void say_files(struct checkhost *h, const char *answers)
{
	struct buf yes = BUF_INIT, no = BUF_INIT;
	buf_adds(&yes, "can be read: ");
	size_t empty = yes.len;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char line[64];
		snprintf(line, sizeof line, "yes %s\n", files[i].name);
		if (strstr(answers, line)) {
			buf_addf(&yes, "%s%s", yes.len > empty ? ", " : "", files[i].name);
			continue;
		}
		add_name(&no, files[i].name);
		if (files[i].lost)
			buf_addf(&no, " (%s)", files[i].lost);
	}
	if (yes.len > empty)
		h->say(h->arg, CHECK_OK, "host-files", buf_str(&yes), NULL);
	if (no.len) {
		struct buf text = BUF_INIT;
		buf_addf(&text, "cannot be read: %s", buf_str(&no));
		h->say(h->arg, yes.len > empty ? CHECK_WARN : CHECK_FAIL, "host-files", buf_str(&text), NULL);
		buf_release(&text);
	}
	buf_release(&yes);
	buf_release(&no);
}

void checkhost_server(struct checkhost *h, bool known)
{
	struct buf text = BUF_INIT;
	bool readable = false, hidden = false;
	unsigned n = 0;
	for (const char *at = h->answers ? h->answers : ""; (at = strstr(at, "server ")); at++) {
		long pid;
		char name[16], io[4];
		if (sscanf(at, "server %ld %15s %3s", &pid, name, io) != 3)
			continue;
		if (n++ == 0)
			buf_addf(&text, "%s, process %ld", name, pid);
		readable |= !strcmp(io, "yes");
		hidden |= !strcmp(io, "no");
	}
	if (n > 1)
		buf_addf(&text, ", and %u more", n - 1);
	if (!h->answers)
		return;
	if (text.len) {
		if (!known)
			buf_addf(&text, "; whether %s the server is not known without a login",
				 n > 1 ? "one of them is" : "that is");
		else if (n > 1)
			buf_adds(&text, ": pid file, port and socket tell which it is");
		h->say(h->arg, known ? CHECK_OK : CHECK_SKIP, "host-server", buf_str(&text), NULL);
		if (hidden && !readable)
			h->say(h->arg, CHECK_WARN, "host-threads", "I/O of the server and of single sessions "
			       "cannot be read by this account", "log in to the host as the server's account or as root");
		else
			h->say(h->arg, CHECK_OK, "host-threads", "I/O of the server and of single sessions",
			       NULL);
	} else {
		h->say(h->arg, CHECK_WARN, "host-server", "no process mysqld or mariadbd is seen there",
		       "is that the server's host? Its /proc may be mounted with hidepid, or the server stopped");
	}
	buf_release(&text);
}

static bool look(struct checkhost *h)
{
	struct buf script = BUF_INIT, answers = BUF_INIT;
	struct err e = {0};
	buf_addc(&answers, '\n');
	write_script(&script);
	bool ok = converse(h->shell, &script, &answers, &e);
	if (ok) {
		say_files(h, buf_str(&answers));
		h->answers = xstrdup(buf_str(&answers));
	} else {
		h->say(h->arg, CHECK_FAIL, "host-files", e.why, e.hint);
	}
	buf_release(&script);
	buf_release(&answers);
	return ok;
}

/* --- the tunnel ------------------------------------------------------------------------------------ */

static bool begin_tunnel(struct checkhost *h)
{
	h->carrier = carrier_new(h->shell);
	h->say(h->arg, h->carrier ? CHECK_OK : CHECK_FAIL, "tunnel",
	       h->carrier ? "connections to the server go through this session" : "no more threads", NULL);
	return h->carrier;
}

/* --- all of it ------------------------------------------------------------------------------------- */

struct checkhost *checkhost_new(const struct target *t, check_say *say, void *arg, bool *reachable)
{
	struct checkhost *h = xcalloc(1, sizeof *h);
	h->target = target_copy(t);
	h->say = say;
	h->arg = arg;
	*reachable = true;
	if (shell_kind_of(t) == SHELL_NONE) {
		say(arg, CHECK_SKIP, "host-shell", "the host's load is not read",
		    "--ssh or --host-command says how to get there");
		return h;
	}
	bool up = open_shell(h) && (h->bare || look(h) || shell_carries(h->shell));
	if (!target_tunnelled(t))
		return h;
	if (!up)
		say(arg, CHECK_SKIP, "tunnel", "it did not come to that", NULL);
	*reachable = up && begin_tunnel(h);
	return h;
}

/* The far side's word may come after the end of what it refused. */
static void await_trouble(struct shell *s)
{
	int64_t until = clock_mono_ns() + TROUBLE_MS * NS_PER_MS;
	struct err e;
	for (int64_t now; (now = clock_mono_ns()) < until && !*shell_tunnel_trouble(s);) {
		struct pollfd p[SHELL_MOST_FDS];
		poll(p, shell_poll(s, false, p), (int)((until - now) / NS_PER_MS) + 1);
		if (!shell_step(s, now, &e))
			return;
	}
}

const char *checkhost_end(struct checkhost *h, bool failed)
{
	carrier_free(h->carrier);
	h->carrier = NULL;
	if (h->shell && failed)
		await_trouble(h->shell);
	if (h->shell)
		snprintf(h->refused, sizeof h->refused, "%s", shell_tunnel_trouble(h->shell));
	shell_close(h->shell);
	h->shell = NULL;
	return h->refused;
}

void checkhost_free(struct checkhost *h)
{
	if (!h)
		return;
	checkhost_end(h, false);
	target_free(h->target);
	free(h->answers);
	free(h);
}
