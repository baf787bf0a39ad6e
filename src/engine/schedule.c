#include "engine/schedule.h"

#include "base/clock.h"

static double at_least(double a, double b)
{
	return a > b ? a : b;
}

static double within(double v, double low, double high)
{
	return v < low ? low : v > high ? high : v;
}

double schedule_period(enum cost_class cost, double interval, bool relaxed)
{
	static const double floor_of[][2] = {
		[COST_FAST] = {0, 5},
		[COST_MEDIUM] = {2, 5},
		[COST_SLOW] = {10, 15},
		[COST_RARE] = {30, 30},
	};
	return cost == COST_DEMAND ? 0 : at_least(floor_of[cost][relaxed], interval);
}

double schedule_phase(unsigned index)
{
	double turns = (index + 1) * 0.6180339887498949; /* the golden ratio leaves no two close */
	return turns - (double)(uint64_t)turns;
}

int64_t schedule_beat(int64_t anchor, double interval, int64_t now)
{
	int64_t step = (int64_t)(interval * (double)NS_PER_S);
	int64_t gone = now - anchor, beats = gone / step;
	if (gone < 0 && gone % step)
		beats--;
	return anchor + (beats + 1) * step;
}

double schedule_stall_after(double interval)
{
	return within(1.5 * interval, 0.8, 2);
}

double schedule_give_up_after(double interval)
{
	return within(4 * interval, 2, 5);
}

/* What grows from `first` by doubling to `most`, with these kinds of failure. */
struct pace {
	double first, most;
};

static struct pace pace_of(const struct backoff *b, enum err_kind kind)
{
	/* A handshake that is broken off counts against this host in the server
	   (max_connect_errors): what will not mend by itself, or hangs for long, is tried seldom.
	 */
	enum { HANGS_FOR_GOOD = 20 };
	if (kind == ERR_LOGIN)
		return (struct pace){60, 300};
	if (kind == ERR_TLS || kind == ERR_PROTOCOL)
		return (struct pace){5, 120};
	if (kind == ERR_TIMEOUT && b->failures > HANGS_FOR_GOOD)
		return (struct pace){120, 120};
	return (struct pace){0.5, SCHEDULE_LONGEST};
}

double backoff_next(struct backoff *b, enum err_kind kind, bool known)
{
	/* A wrong password tried again and again locks accounts. */
	if (kind == ERR_USAGE || (kind == ERR_LOGIN && !known))
		return -1;
	struct pace p = pace_of(b, kind);
	double wait = p.first;
	for (unsigned i = 0; i < b->failures && wait < p.most; i++)
		wait *= 2;
	wait = within(wait, p.first, p.most);
	b->failures++;
	b->random = b->random * 1103515245u + 12345u;
	/* Between 80 and 120 %, so that many targets do not come back as one. */
	return wait * (0.8 + 0.4 * (b->random >> 8 & 0xffff) / 65535.0);
}

void backoff_reset(struct backoff *b)
{
	b->failures = 0;
}
