#include "lab/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"

/* After SIGKILL; only a process that hangs in the kernel takes longer. */
enum { KILL_WAIT_MS = 10000, OUTPUT_MAX = 65536 };

static void take(struct args *a, char *text)
{
	GROW(a->v, a->n + 1, a->cap);
	a->v[a->n++] = text;
	a->v[a->n] = NULL;
}

void args_add(struct args *a, const char *text)
{
	take(a, xstrdup(text));
}

void args_addf(struct args *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	take(a, xvasprintf(fmt, ap));
	va_end(ap);
}

void args_add_all(struct args *a, const struct args *more)
{
	for (size_t i = 0; i < more->n; i++)
		args_add(a, more->v[i]);
}

void args_release(struct args *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a->v);
	*a = (struct args){0};
}

/* --- who is it ---------------------------------------------------------------------------- */

static size_t read_proc(pid_t pid, const char *name, char *to, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	if (fd >= 0) {
		for (ssize_t got; n < size - 1 && (got = read(fd, to + n, size - 1 - n)) > 0;)
			n += (size_t)got;
		close(fd);
	}
	to[n] = '\0';
	return n;
}

uint64_t process_start_time(pid_t pid)
{
	char stat[1024];
	read_proc(pid, "stat", stat, sizeof stat);
	/* The name in parentheses may hold anything; state is the field after it, start time the
	 * 20th. */
	const char *p = strrchr(stat, ')');
	char state;
	unsigned long long start;
	if (!p ||
	    sscanf(p + 1,
		   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%llu",
		   &state, &start) != 2 ||
	    state == 'Z' || state == 'X')
		return 0;
	return start;
}

static bool has_mark(pid_t pid, const char *mark)
{
	char cmdline[16384];
	size_t n = read_proc(pid, "cmdline", cmdline, sizeof cmdline);
	for (const char *arg = cmdline; arg < cmdline + n; arg += strlen(arg) + 1)
		if (strstr(arg, mark))
			return true;
	return false;
}

bool process_alive(const struct process *p)
{
	return p->pid > 0 && process_start_time(p->pid) == p->start && has_mark(p->pid, p->mark);
}

int process_open(const struct process *p)
{
	int fd = p->pid > 0 ? pidfd_open(p->pid, 0) : -1;
	if (fd >= 0 && !process_alive(p)) {
		close(fd);
		return -1;
	}
	return fd;
}

bool process_signal(const struct process *p, int sig)
{
	int fd = process_open(p);
	if (fd < 0)
		return false;
	bool ok = pidfd_send_signal(fd, sig, NULL, 0) == 0;
	close(fd);
	return ok;
}

/* --- starting ----------------------------------------------------------------------------- */

static void move_fd(int fd, int to)
{
	if (fd != to) {
		dup2(fd, to);
		close(fd);
	}
}

/* In the child: standard streams, signals, and then the program; an errno goes up the pipe. */
static void __attribute__((noreturn)) become(const struct spawn *how, pid_t parent, int failure)
{
	if (how->session)
		setsid();
	else if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(127);
	sigset_t none;
	sigemptyset(&none);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	move_fd(open("/dev/null", O_RDONLY), STDIN_FILENO);
	int out = open(how->log ? how->log : "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (out >= 0) {
		move_fd(out, STDOUT_FILENO);
		dup2(STDOUT_FILENO, STDERR_FILENO);
		if (how->keep_fd > 0)
			fcntl(how->keep_fd, F_SETFD, 0);
		if (how->self)
			execv("/proc/self/exe", how->args->v);
		else
			execvp(how->args->v[0], how->args->v);
	}
	int code = errno;
	if (write(failure, &code, sizeof code) < 0)
		_exit(126);
	_exit(127);
}

bool process_spawn(struct process *p, const struct spawn *how, struct err *e)
{
	*p = (struct process){0};
	int pipefd[2];
	pid_t parent = getpid(), pid = -1;
	if (pipe2(pipefd, O_CLOEXEC) == 0) {
		pid = fork();
		if (pid == 0)
			become(how, parent, pipefd[1]);
		close(pipefd[1]);
	}
	if (pid < 0)
		return err_set(e, ERR_IO, how->args->v[0], strerror(errno), NULL);
	/* Closed by the exec, so this waits until the program runs or could not be run. */
	int code = 0;
	ssize_t got;
	while ((got = read(pipefd[0], &code, sizeof code)) < 0 && errno == EINTR)
		continue;
	close(pipefd[0]);
	if (got > 0) {
		waitpid(pid, NULL, 0);
		return err_set(e, ERR_IO, how->args->v[0], strerror(code), NULL);
	}
	p->pid = pid;
	p->start = process_start_time(pid);
	p->mark = xstrdup(how->mark ? how->mark : how->args->v[0]);
	/* The pipe is closed a moment before the new command line shows: till then it would pass for dead. */
	for (int ms = 0; ms < 500 && process_start_time(pid) && !has_mark(pid, p->mark); ms++)
		poll(NULL, 0, 1);
	return true;
}

void process_release(struct process *p)
{
	free(p->mark);
	*p = (struct process){0};
}

static bool read_all(int fd, int64_t deadline, struct buf *out)
{
	char chunk[4096];
	for (;;) {
		int64_t left = (deadline - clock_mono_ns()) / NS_PER_MS;
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		if (left <= 0 || out->len > OUTPUT_MAX ||
		    (poll(&pfd, 1, (int)left) < 0 && errno != EINTR))
			return false;
		ssize_t n = pfd.revents ? read(fd, chunk, sizeof chunk) : -1;
		if (n == 0)
			return true;
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
	}
}

bool process_output(const struct args *args, int seconds, struct buf *out, struct err *e)
{
	int pipefd[2], code = 0, status = 0;
	if (pipe2(pipefd, O_CLOEXEC) != 0)
		return err_set(e, ERR_IO, args->v[0], strerror(errno), NULL);
	pid_t pid = fork();
	if (pid == 0) {
		move_fd(open("/dev/null", O_RDONLY), STDIN_FILENO);
		dup2(pipefd[1], STDOUT_FILENO);
		dup2(pipefd[1], STDERR_FILENO);
		execvp(args->v[0], args->v);
		code = errno;
		dprintf(STDERR_FILENO, "%s", strerror(code));
		_exit(127);
	}
	close(pipefd[1]);
	bool ok = pid > 0 && read_all(pipefd[0], clock_mono_ns() + seconds * NS_PER_S, out);
	close(pipefd[0]);
	if (pid > 0 && !ok)
		kill(pid, SIGKILL);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (ok && status == 0)
		return true;
	return err_set(e, ERR_IO, args->v[0], out->len ? buf_str(out) : "it gave no answer", NULL);
}

/* --- ending ------------------------------------------------------------------------------- */

static bool wait_fd(int pidfd, int64_t deadline)
{
	struct pollfd pfd = {.fd = pidfd, .events = POLLIN};
	for (;;) {
		int64_t left = (deadline - clock_mono_ns()) / NS_PER_MS;
		int n = poll(&pfd, 1, left > 0 ? (int)left : 0);
		if (n > 0)
			return true;
		if (left <= 0)
			return false;
	}
}

bool process_wait(const struct process *p, int ms)
{
	int fd = process_open(p);
	if (fd < 0)
		return true;
	bool ended = wait_fd(fd, clock_mono_ns() + ms * NS_PER_MS);
	close(fd);
	return ended;
}

bool process_end_all(struct process *const *list, size_t n, int grace_ms)
{
	if (n == 0)
		return true;
	int *fds = xcalloc(n, sizeof *fds);
	bool ended = true;
	for (size_t i = 0; i < n; i++) {
		fds[i] = process_open(list[i]);
		/* A stopped process would sleep through its own end. */
		if (fds[i] >= 0 && pidfd_send_signal(fds[i], SIGTERM, NULL, 0) == 0)
			pidfd_send_signal(fds[i], SIGCONT, NULL, 0);
	}
	int64_t deadline = clock_mono_ns() + grace_ms * NS_PER_MS;
	for (size_t i = 0; i < n; i++) {
		bool gone = fds[i] < 0 || wait_fd(fds[i], deadline);
		if (!gone) {
			pidfd_send_signal(fds[i], SIGKILL, NULL, 0);
			gone = wait_fd(fds[i], clock_mono_ns() + KILL_WAIT_MS * NS_PER_MS);
		}
		if (fds[i] >= 0)
			close(fds[i]);
		if (!gone) {
			ended = false;
			continue;
		}
		if (list[i]->pid > 0)
			waitpid(list[i]->pid, NULL, WNOHANG);
		list[i]->pid = 0;
	}
	free(fds);
	return ended;
}
