/*
 * Asking for a password on the terminal, without echo. Main thread, before the screen is set up.
 */
#ifndef APP_ASKPASS_H
#define APP_ASKPASS_H

#include "base/err.h"

/* The text that was typed, for mem_wipe() and free(); NULL and *e when there is no terminal, it ended, or
   the person interrupted (ERR_CANCELLED). The terminal is as it was, either way. */
char *ask_password(const char *question, struct err *e);
/* The same for any line; `echo`: it is seen while it is typed. */
char *ask_line(const char *question, bool echo, struct err *e);

#endif
