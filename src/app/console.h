/*
 * From settings, configuration and targets to the console's options. Main thread, at start.
 */
#ifndef APP_CONSOLE_H
#define APP_CONSOLE_H

#include "app/targets.h"

/* Runs the console; returns the exit status. */
int console_command(const struct targets *t, const struct settings *s, const struct config *c);

#endif
