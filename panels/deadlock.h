/* One deadlock laid out: its sides beside each other (or below, where it is narrow), and why. UI thread. */
#ifndef PANELS_DEADLOCK_H
#define PANELS_DEADLOCK_H

#include "panels/panel.h"

/* What it is opened with: a row of the part `deadlocks` or `logged_deadlocks`; held. */
struct deadlock_arg {
	const struct part *part;
	unsigned row;
};

extern const struct view_ops deadlock_view;
/* Those in the error log, as a table. */
extern const struct view_ops deadlock_log_view;

#endif
