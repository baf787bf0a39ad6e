/*
 * Where a gauge goes of late: the line of least squares through its newest readings, from its last turn on.
 * What fell for a while and rises since is rising; a line through both would say neither. Pure.
 */
#ifndef MODEL_SLOPE_H
#define MODEL_SLOPE_H

struct reading {
	double age, value; /* seconds before the newest; NaN: was not to be had */
};

/* The most that are looked at, and how far back. */
enum { SLOPE_READINGS = 120, SLOPE_SECONDS = 30 };

/* Growth a second. `newest` first; those behind a gap do not count. NaN: fewer than three readings, or less than
   four seconds of them, since the gap or the turn. */
double slope_of(const struct reading *newest, unsigned n);

#endif
