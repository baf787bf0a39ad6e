#include "ui/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/mem.h"

static volatile sig_atomic_t notes[N_SIGNAL_NOTES];
static int wake_writer = -1;

/* What a dying process needs to give the terminal back; only read while `armed`. */
enum { RESTORE_SIZE = 512 };
static struct {
	volatile sig_atomic_t armed;
	int fd;
	struct termios modes;
	bool has_modes;
	char text[RESTORE_SIZE];
	size_t n;
} restore;

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
static struct sigaction crash_before[COUNT_OF(crash_signals)];
static const int told_signals[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGHUP, SIGTERM, SIGINT, SIGQUIT};
static struct sigaction told_before[COUNT_OF(told_signals)];

/* --- the handlers: only what is safe in one ------------------------------------------------ */

static void told(int sig)
{
	int saved = errno;
	enum signal_note n = sig == SIGWINCH  ? SIGNAL_RESIZED
			     : sig == SIGCONT ? SIGNAL_CONTINUED
			     : sig == SIGTSTP ? SIGNAL_STOP
					      : SIGNAL_END;
	notes[n] = 1;
	ssize_t ignored = write(wake_writer, "", 1);
	(void)ignored;
	errno = saved;
}

static void restore_now(void)
{
	if (!restore.armed)
		return;
	restore.armed = 0;
	ssize_t ignored = write(restore.fd, restore.text, restore.n);
	(void)ignored;
	if (restore.has_modes)
		tcsetattr(restore.fd, TCSANOW, &restore.modes);
}

/* Whoever handled it before (the default, a sanitizer) goes on. */
static void crashed(int sig, siginfo_t *info, void *context)
{
	(void)context;
	restore_now();
	for (size_t i = 0; i < COUNT_OF(crash_signals); i++) {
		if (crash_signals[i] == sig)
			sigaction(sig, &crash_before[i], NULL);
	}
	/* A fault happens again when we return, at its own place. */
	if (info->si_code <= 0)
		raise(sig);
}

/* --- opening and closing -------------------------------------------------------------------- */

void signals_open(int wake)
{
	static char stack[32 * 1024];
	stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack}, old;
	if (sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE))
		sigaltstack(&alternative, NULL);

	wake_writer = wake;
	for (int i = 0; i < N_SIGNAL_NOTES; i++)
		notes[i] = 0;
	struct sigaction a = {.sa_flags = SA_RESTART};
	sigemptyset(&a.sa_mask);
	a.sa_handler = told;
	for (size_t i = 0; i < COUNT_OF(told_signals); i++)
		sigaction(told_signals[i], &a, &told_before[i]);
	a.sa_flags = SA_SIGINFO | SA_ONSTACK;
	a.sa_sigaction = crashed;
	for (size_t i = 0; i < COUNT_OF(crash_signals); i++)
		sigaction(crash_signals[i], &a, &crash_before[i]);
	fatal_set_hook(restore_now);
}

void signals_close(void)
{
	fatal_set_hook(NULL);
	for (size_t i = 0; i < COUNT_OF(told_signals); i++)
		sigaction(told_signals[i], &told_before[i], NULL);
	for (size_t i = 0; i < COUNT_OF(crash_signals); i++)
		sigaction(crash_signals[i], &crash_before[i], NULL);
	wake_writer = -1;
}

bool signals_are_open(void)
{
	return wake_writer >= 0;
}

bool signals_take(enum signal_note n)
{
	bool came = notes[n];
	if (n != SIGNAL_END)
		notes[n] = 0;
	return came;
}

/* --- what gives the terminal back ------------------------------------------------------------ */

void restore_set(int fd, const struct termios *modes)
{
	restore.n = 0;
	restore.fd = fd;
	restore.has_modes = modes != NULL;
	if (modes)
		restore.modes = *modes;
}

/* Without the padding `$<5>` that terminals of old needed. */
void restore_add(const char *s)
{
	while (s && *s && restore.n < RESTORE_SIZE) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;
		if (end)
			s = end + 1;
		else
			restore.text[restore.n++] = *s++;
	}
}

void restore_arm(bool armed)
{
	restore.armed = armed;
}
