/*
 * The way from a finding to who causes it, by one key: each kind of culprit has a place where it is shown. UI thread.
 */
#ifndef PANELS_CULPRIT_H
#define PANELS_CULPRIT_H

#include "diagnose/finding.h"

struct console;

/* Goes to the first culprit, or where none is known to the first suspect; says so when there is neither. */
void culprit_go(struct console *c, const struct finding *f);
/* The same by row of the part; for the worst finding the first row. */
void culprit_go_row(struct console *c, const struct part *findings, unsigned row);

#endif
