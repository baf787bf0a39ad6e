/*
 * Which servers to watch: what the person typed, the configuration, the environment, option files and
 * login paths, put together in this order of precedence. Main thread, at start.
 */
#ifndef APP_TARGETS_H
#define APP_TARGETS_H

#include "app/config.h"
#include "app/cmdline.h"

struct watch {
	struct target *target;
	double interval; /* seconds, of this target's own; 0: the program's */
};

struct targets {
	struct watch *v;
	size_t n;
	bool choose; /* none was asked for: these are the configured ones, to choose from */
};

/* On false *e says why. Release it either way. */
bool targets_resolve(struct targets *t, const struct cmdline *o, const struct config *c, struct err *e);
/* What to say when that fails with ERR_NONE: there is nothing to go by. Six lines. */
const char *targets_how_to(void);
void targets_release(struct targets *t);
/* Ask on the terminal, without echo, for each password that is to be typed. */
bool targets_ask_passwords(struct targets *t, struct err *e);
/* INI: each setting with where it came from, secrets masked. */
void targets_print(const struct targets *t, struct buf *out);

/* Give the environment's say to the settings: FATHOM_INTERVAL, FATHOM_THEME … False and *e when a
   value is wrong. */
bool environment_offer(struct settings *s, struct err *e);

#endif
