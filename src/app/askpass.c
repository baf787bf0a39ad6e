#include "app/askpass.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	stopped = number;
}

/* One line from the terminal into `line`; its length or -1. */
static ssize_t read_line(int tty, char *line, size_t size, const sigset_t *open_mask)
{
	struct pollfd fd = {.fd = tty, .events = POLLIN};
	if (ppoll(&fd, 1, NULL, open_mask) < 0 || stopped)
		return -1;
	ssize_t n = read(tty, line, size - 1);
	if (n <= 0)
		return -1;
	n -= line[n - 1] == '\n';
	line[n] = '\0';
	return n;
}

static char *ask(int tty, const char *question, bool echo, const sigset_t *open_mask, struct err *e)
{
	struct termios before, quiet;
	char line[1024], *answer = NULL;
	if (tcgetattr(tty, &before)) {
		err_set(e, ERR_USAGE, "password", strerror(errno), NULL);
		return NULL;
	}
	quiet = before;
	quiet.c_lflag |= ECHONL | ICANON | ECHO;
	quiet.c_lflag &= ~(tcflag_t)(echo ? ECHONL : ECHO);
	tcsetattr(tty, TCSAFLUSH, &quiet);
	ssize_t n = write(tty, question, strlen(question));
	if (n >= 0)
		n = read_line(tty, line, sizeof line, open_mask);
	tcsetattr(tty, TCSAFLUSH, &before);
	if (n >= 0)
		answer = xstrdup(line);
	else if (stopped)
		err_set(e, ERR_CANCELLED, "password", "interrupted", NULL);
	else
		err_set(e, ERR_USAGE, "password", "the terminal gave none", NULL);
	mem_wipe(line, sizeof line);
	return answer;
}

char *ask_line(const char *question, bool echo, struct err *e)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0) {
		err_set(e, ERR_USAGE, "password", "there is no terminal to ask for it on",
			NULL);
		return NULL;
	}
	/* While echo is off, nothing may end or stop the program before it is on again. */
	struct sigaction act = {.sa_handler = on_signal}, before[COUNT_OF(ending)];
	sigset_t closed, mask;
	sigemptyset(&closed);
	for (size_t i = 0; i < COUNT_OF(ending); i++) {
		sigaction(ending[i], &act, &before[i]);
		sigaddset(&closed, ending[i]);
	}
	stopped = 0;
	sigprocmask(SIG_BLOCK, &closed, &mask);
	char *answer = ask(tty, question, echo, &mask, e);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	for (size_t i = 0; i < COUNT_OF(ending); i++)
		sigaction(ending[i], &before[i], NULL);
	close(tty);
	return answer;
}

char *ask_password(const char *question, struct err *e)
{
	char *answer = ask_line(question, false, e);
	if (!answer && e && e->kind == ERR_USAGE)
		snprintf(e->hint, sizeof e->hint,
			 "put it into ~/.my.cnf, a login path or the environment's MYSQL_PWD");
	return answer;
}
