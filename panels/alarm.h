/*
 * What rings: a critical finding, once for each target, finding and culprit. The bell, a notification on the
 * desktop (OSC 9), and the person's own command; each can be switched off. `:alerts` shows what rang and what became
 * of it. UI thread; the command is a job (engine/alert.h).
 */
#ifndef PANELS_ALARM_H
#define PANELS_ALARM_H

#include <stdbool.h>

struct console;

/* There is a new frame of a target. */
void alarm_look(struct console *c, unsigned target);
/* Opens the list of what rang. */
void alarm_show(struct console *c);
void alarm_release(struct console *c);

#endif
