/*
 * The two ways to give up: the machine is out of something that we cannot do without, or the program
 * broke one of its own rules. Both restore the terminal first and then abort. Everything that a user,
 * a server or a file can cause is a struct err instead (err.h).
 *
 * Any thread may call these. The hook is set once, by the thread that owns the terminal.
 */
#ifndef BASE_FATAL_H
#define BASE_FATAL_H

/* Called once before aborting; must only use what is safe in a dying process (write, tcsetattr). */
void fatal_set_hook(void (*hook)(void));

/* Print `fathom: MESSAGE` on stderr, after the hook ran, and abort. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* A broken invariant of our own. */
#define BUG_ON(cond) \
	do { \
		if (__builtin_expect(!!(cond), 0)) \
			die("BUG at %s:%d: %s", __FILE__, __LINE__, #cond); \
	} while (0)

#endif
