#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

extern char **environ;

/* So long a child may take to end by itself. */
#define GRACE NS_PER_S

/* --- children that were ended ----------------------------------------------------------------- */

struct leaving {
	struct leaving *next;
	pid_t pid;
	int64_t since;
	bool killed;
};

/* A stack that any thread pushes to and any thread takes as a whole. */
static struct leaving *_Atomic leaving;

static void push(struct leaving *l)
{
	l->next = atomic_load(&leaving);
	while (!atomic_compare_exchange_weak(&leaving, &l->next, l))
		;
}

/* Not reaped yet, so the pid and the group are still its own. */
static bool gone(struct leaving *l, int64_t now)
{
	if (waitpid(l->pid, NULL, WNOHANG) != 0)
		return true;
	if (!l->killed && (now == INT64_MAX || now - l->since > GRACE)) {
		kill(-l->pid, SIGKILL);
		l->killed = true;
	}
	return false;
}

void child_reap(int64_t now)
{
	struct leaving *l = atomic_load(&leaving) ? atomic_exchange(&leaving, NULL) : NULL;
	for (struct leaving *next; l; l = next) {
		next = l->next;
		if (gone(l, now))
			free(l);
		else
			push(l);
	}
}

static void see_off(pid_t pid)
{
	struct leaving *l = xmalloc(sizeof *l);
	kill(-pid, SIGTERM);
	kill(-pid, SIGCONT); /* one that was stopped would not notice */
	*l = (struct leaving){.pid = pid, .since = clock_mono_ns()};
	push(l);
	child_reap(clock_mono_ns());
}

/* --- starting --------------------------------------------------------------------------------- */

struct pipes {
	int fd[3][2]; /* stdin, stdout, stderr */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipes(struct pipes *p)
{
	for (int i = 0; i < 3; i++)
		for (int side = 0; side < 2; side++)
			close_fd(&p->fd[i][side]);
}

static bool make_pipes(struct pipes *p)
{
	memset(p, -1, sizeof *p);
	for (int i = 0; i < 3; i++)
		if (pipe2(p->fd[i], O_CLOEXEC) != 0)
			return false;
	return true;
}

/* The side of pipe `i` that is the child's; the other one is ours. */
static int side_of(int i)
{
	return i == 0 ? 0 : 1;
}

static void set_files(posix_spawn_file_actions_t *files, const struct pipes *p)
{
	posix_spawn_file_actions_init(files);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(files, p->fd[i][side_of(i)], i);
#if HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
	posix_spawn_file_actions_addclosefrom_np(files, 3);
#endif
}

static void set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(attr);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF);
}

static int spawn(pid_t *pid, const char *const argv[], const struct pipes *p)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	set_files(&files, p);
	set_attributes(&attr);
	int failed = posix_spawnp(pid, argv[0], &files, &attr, (char **)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

static void take_ours(struct child *c, struct pipes *p)
{
	int *const ours[] = {&c->in, &c->out, &c->err};
	for (int i = 0; i < 3; i++) {
		int *fd = &p->fd[i][!side_of(i)];
		fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) | O_NONBLOCK);
		*ours[i] = *fd;
		*fd = -1;
	}
}

bool child_start(struct child *c, const char *const argv[], struct err *e)
{
	struct pipes p;
	*c = (struct child)CHILD_NONE;
	child_reap(clock_mono_ns());
	if (!make_pipes(&p)) {
		close_pipes(&p);
		return err_setf(e, ERR_IO, argv[0], NULL, "no pipe: %s", strerror(errno));
	}
	int failed = spawn(&c->pid, argv, &p);
	if (failed) {
		c->pid = 0;
		close_pipes(&p);
		return err_setf(e, ERR_IO, argv[0], "is it installed, and on the PATH?",
				"cannot be started: %s", strerror(failed));
	}
	take_ours(c, &p);
	close_pipes(&p);
	return true;
}

void child_end(struct child *c)
{
	close_fd(&c->in);
	close_fd(&c->out);
	close_fd(&c->err);
	if (c->pid > 0)
		see_off(c->pid);
	c->pid = 0;
}

/* --- the stream ------------------------------------------------------------------------------- */

/* Keeps the end. */
static void remember(struct child *c, const char *s, size_t n)
{
	size_t most = sizeof c->said - 1;
	if (n > most) {
		s += n - most;
		n = most;
	}
	if (c->n_said + n > most) {
		size_t drop = c->n_said + n - most;
		memmove(c->said, c->said + drop, c->n_said - drop);
		c->n_said -= drop;
	}
	for (size_t i = 0; i < n; i++)
		c->said[c->n_said++] = s[i] ? s[i] : ' ';
	c->said[c->n_said] = '\0';
}

void child_listen(struct child *c)
{
	char bytes[1024];
	for (int turn = 0; turn < 16 && c->err >= 0; turn++) {
		ssize_t n = read(c->err, bytes, sizeof bytes);
		if (n > 0 && c->hear)
			c->hear(c->hear_arg, bytes, (size_t)n);
		if (n > 0)
			remember(c, bytes, (size_t)n);
		else if (n == 0)
			close_fd(&c->err);
		else if (errno != EINTR)
			return;
	}
}

static bool tells_something(const char *line, const char *end)
{
	for (; line < end; line++)
		if ((unsigned char)*line > ' ')
			return true;
	return false;
}

const char *child_last_words(const struct child *c)
{
	static _Thread_local char line[256];
	const char *end = c->said + c->n_said;
	while (end > c->said) {
		const char *begin = end;
		while (begin > c->said && begin[-1] != '\n')
			begin--;
		if (tells_something(begin, end)) {
			snprintf(line, sizeof line, "%.*s", (int)(end - begin), begin);
			line[strcspn(line, "\r")] = '\0';
			return line;
		}
		end = begin > c->said ? begin - 1 : begin;
	}
	return "";
}

/* How it ended, where that is known by now. It is not reaped: the group's id stays its own until
   child_end() has signalled it. */
static void tell_end(struct child *c, struct err *e)
{
	siginfo_t info = {0};
	char how[64] = "ended";
	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) {
		bool exited = info.si_code == CLD_EXITED;
		snprintf(how, sizeof how, exited ? "ended with status %d" : "was ended by signal %d",
			 info.si_status);
	}
	const char *words = child_last_words(c);
	err_setf(e, ERR_LOST, "shell on the host", NULL, "it %s%s%s", how, *words ? ": " : "",
		 words);
}

ssize_t child_read(struct child *c, void *out, size_t size, struct err *e)
{
	ssize_t n;
	do
		n = read(c->out, out, size);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	child_listen(c);
	c->at_end = true;
	tell_end(c, e);
	return -1;
}

ssize_t child_write(struct child *c, const void *bytes, size_t n, struct err *e)
{
	ssize_t done;
	do
		done = write(c->in, bytes, n);
	while (done < 0 && errno == EINTR);
	if (done >= 0)
		return done;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return 0;
	child_listen(c);
	tell_end(c, e);
	return -1;
}

unsigned child_poll(const struct child *c, bool writing, struct pollfd p[3])
{
	unsigned n = 0;
	if (c->out >= 0 && !c->at_end)
		p[n++] = (struct pollfd){.fd = c->out, .events = POLLIN};
	if (c->err >= 0)
		p[n++] = (struct pollfd){.fd = c->err, .events = POLLIN};
	if (c->in >= 0 && writing)
		p[n++] = (struct pollfd){.fd = c->in, .events = POLLOUT};
	return n;
}
