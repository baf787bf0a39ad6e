/*
 * What is known about status variables beside their value: which ones are always read, and which of
 * them only ever grow. Pure, any thread.
 */
#ifndef COLLECT_STATUS_H
#define COLLECT_STATUS_H

#include <stdbool.h>

/* Whether a status variable counts events, so that its rate per second means something; else it is as
   it is now (open connections, pages in the pool). By name, any case. */
bool status_is_counter(const char *name);

#endif
