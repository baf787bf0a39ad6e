#include "engine/budget.h"

#include "base/clock.h"
#include "engine/schedule.h"

#define SLOT_NS ((int64_t)(BUDGET_WINDOW / METER_SLOTS * (double)NS_PER_S))

void meter_add(struct meter *m, int64_t now, double ms, uint64_t statements, uint64_t bytes)
{
	if (!m->began)
		m->began = now;
	int64_t number = now / SLOT_NS;
	struct meter_slot *s = &m->slots[number % METER_SLOTS];
	if (s->number != number)
		*s = (struct meter_slot){.number = number};
	s->ms += ms;
	s->statements += statements;
	s->bytes += bytes;
}

struct own_cost meter_cost(const struct meter *m, int64_t now)
{
	struct meter_slot sum = {0};
	int64_t newest = now / SLOT_NS;
	for (int i = 0; i < METER_SLOTS; i++) {
		const struct meter_slot *s = &m->slots[i];
		if (s->number > newest - METER_SLOTS) {
			sum.ms += s->ms;
			sum.statements += s->statements;
			sum.bytes += s->bytes;
		}
	}
	double seconds = m->began ? (double)(now - m->began) / (double)NS_PER_S : 0;
	if (seconds > BUDGET_WINDOW)
		seconds = BUDGET_WINDOW;
	if (seconds < 5)
		seconds = 5;
	return (struct own_cost){
		.server_ms = sum.ms / seconds,
		.statements = (double)sum.statements / seconds,
		.bytes = (double)sum.bytes / seconds,
		.share = sum.ms / seconds / 1000,
	};
}

double share_period(const struct share *s)
{
	double p = s->base * s->stretch;
	double most = s->base > SCHEDULE_LONGEST ? s->base : SCHEDULE_LONGEST;
	return p < most ? p : most;
}

double share_load(const struct share *s)
{
	double p = share_period(s);
	return p > 0 ? s->mean_ms / p : 0;
}

static void stretch(struct share *s, double by)
{
	double most = s->base < SCHEDULE_LONGEST ? SCHEDULE_LONGEST / s->base : 1;
	s->stretch *= by;
	if (s->stretch > most)
		s->stretch = most;
	if (s->stretch < 1)
		s->stretch = 1;
}

void share_update(struct share *s, double ms, double interval, double others, unsigned n,
		  double limit)
{
	/* Bad news counts at once, good news slowly, a single outlier not for more than that. */
	double weight = ms > s->mean_ms ? 0.5 : 0.25, most = 4 * s->mean_ms + 5;
	double counted = ms < most ? ms : most;
	s->mean_ms = s->runs++ ? s->mean_ms + weight * (counted - s->mean_ms) : ms;
	if (s->base <= 0)
		return;

	double mine = share_load(s), all = mine + others, fair = limit / (n ? n : 1);
	bool dear = ms > interval * 1000 / 4;
	if ((dear && ms / share_period(s) > fair) || (all > limit && mine > fair))
		stretch(s, dear ? 2 : 1.5);
	else if (s->stretch > 1 && !dear && mine * 1.25 + others < 0.8 * limit)
		stretch(s, 1 / 1.25);
}
