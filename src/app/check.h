/*
 * `fathom check`: connects step by step and says what works, what is missing and what mends it. Main
 * thread; ends when all is printed.
 */
#ifndef APP_CHECK_H
#define APP_CHECK_H

#include "app/targets.h"

/* A line for each step, or one JSON object. Returns the exit status: 0, also with warnings; 2 without a
   login; 3 when interrupted. */
int check_run(const struct watch *w, bool json);

#endif
