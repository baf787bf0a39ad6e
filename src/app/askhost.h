/*
 * What the way to a server's host wants to know (io/shell.h), asked on the terminal by commands without a
 * screen. Main thread.
 */
#ifndef APP_ASKHOST_H
#define APP_ASKHOST_H

#include "base/err.h"
#include "model/question.h"

/* The answer, for mem_wipe() and free(): "yes" or "no", or what was typed. NULL and *e when there is no
   terminal, or the person interrupted (ERR_CANCELLED). */
char *ask_host(const struct shell_question *q, struct err *e);

#endif
