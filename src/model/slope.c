#include "model/slope.h"

#include <math.h>
#include <stdbool.h>

/* A lag has a grain of a second: what goes back by little has not turned. */
enum { LEAST_SECONDS = 4, LEAST_READINGS = 3 };
#define LEAST_TURN 2.0

static unsigned before_gap(const struct reading *r, unsigned n)
{
	unsigned kept = 0;
	while (kept < n && !isnan(r[kept].value) && r[kept].age <= SLOPE_SECONDS)
		kept++;
	return kept;
}

/* Whether it went off from the i-th reading, a highest or lowest one, by more than its grain. */
static bool turned(const struct reading *r, unsigned i)
{
	return i + 1 >= LEAST_READINGS && fabs(r[0].value - r[i].value) >= LEAST_TURN;
}

/* How many of the readings are since the newest of the highest and the lowest, if it turned there. */
static unsigned since_turn(const struct reading *r, unsigned n)
{
	unsigned low = 0, high = 0;
	for (unsigned i = 1; i < n; i++) {
		if (r[i].value < r[low].value)
			low = i;
		if (r[i].value > r[high].value)
			high = i;
	}
	unsigned older = low > high ? low : high, newer = low > high ? high : low;
	return turned(r, newer) ? newer + 1 : turned(r, older) ? older + 1 : n;
}

double slope_of(const struct reading *newest, unsigned n)
{
	double x = 0, y = 0, xx = 0, xy = 0;
	n = before_gap(newest, n);
	for (unsigned since; (since = since_turn(newest, n)) < n;)
		n = since;
	if (n < LEAST_READINGS || newest[n - 1].age < LEAST_SECONDS)
		return NAN;
	for (unsigned i = 0; i < n; i++) {
		x -= newest[i].age;
		y += newest[i].value;
		xx += newest[i].age * newest[i].age;
		xy -= newest[i].age * newest[i].value;
	}
	double spread = n * xx - x * x;
	return spread > 0 ? (n * xy - x * y) / spread : NAN;
}
