/*
 * What the terminal's signals need: a byte in a pipe and a note of what came, to be taken when there is time; and
 * the terminal given back when the process dies. The handlers belong to the process, so there is one of it; term.c
 * opens and closes it. UI thread, but for the handlers.
 */
#ifndef UI_SIGNALS_H
#define UI_SIGNALS_H

#include <stdbool.h>
#include <termios.h>

enum signal_note {
	SIGNAL_RESIZED,
	SIGNAL_CONTINUED,
	SIGNAL_STOP,
	SIGNAL_END,
	N_SIGNAL_NOTES,
};

/* From now on a byte is written to `wake` with each. */
void signals_open(int wake);
/* Whoever handled them before does so again. */
void signals_close(void);
bool signals_are_open(void);
/* Whether it came since it was last taken. The end stays. */
bool signals_take(enum signal_note n);

/* What a dying process writes to `fd` before it sets the modes (NULL: it does not). */
void restore_set(int fd, const struct termios *modes);
void restore_add(const char *s);
/* Whether the terminal is ours, so that it has to be given back. */
void restore_arm(bool armed);

#endif
