#include "diagnose/rule.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

const struct rule *rule_by_id(const char *id)
{
	for (unsigned i = 0; rules[i]; i++)
		if (strcmp(rules[i]->id, id) == 0)
			return rules[i];
	return NULL;
}

part_mask rules_need(void)
{
	part_mask all = 0;
	for (unsigned i = 0; rules[i]; i++)
		all |= rules[i]->needs;
	return all;
}

double rule_limit(const struct rule_input *in, unsigned threshold)
{
	return in->limits[threshold][in->raised];
}

bool rule_over(const struct rule_input *in, unsigned threshold, double value)
{
	return value >= rule_limit(in, threshold);
}

const struct part *rule_part(struct rule_input *in, enum part_id id)
{
	const struct part *p = in->frame->now ? in->frame->now->parts[id] : NULL;
	if (p && part_status(p) == PART_OK)
		return p;
	if (p && part_reason(p))
		in->why = arena_strdup(in->arena, part_reason(p));
	else
		in->why = part_of_host(id) ? "no host data" : "not read";
	return NULL;
}

const struct blocktree *rule_tree(struct rule_input *in)
{
	const struct part *blocking = rule_part(in, PART_BLOCKING);
	if (!blocking)
		return NULL;
	if (!in->shared->has_tree)
		blocktree_of(&in->shared->tree, blocking);
	in->shared->has_tree = true;
	return &in->shared->tree;
}

/* A mean of fewer says little. Where readings come seldom, as on a server that answers slowly, the window reaches
   back to so many of them, for a minute at most. */
enum { FEWEST_READINGS = 3, REACH = 60 };

/* Readings of the last `seconds` that are numbers, newest first, as f(seconds before now, value). */
static unsigned each_reading(const struct rule_input *in, unsigned metric, double seconds,
			     void (*f)(double at, double value, void *arg), void *arg)
{
	const struct series *s = timeline_series(in->timeline, metric);
	unsigned n = 0;
	for (unsigned i = 0; i < series_length(s); i++) {
		double v = series_value(s, i), age = series_age(s, i);
		if (age > seconds && (n >= FEWEST_READINGS || age > REACH))
			break;
		if (isnan(v))
			continue;
		f(-age, v, arg);
		n++;
	}
	return n;
}

struct sums {
	double t, v, tt, tv, most;
};

static void add(double at, double value, void *arg)
{
	struct sums *s = arg;
	s->t += at;
	s->v += value;
	s->tt += at * at;
	s->tv += at * value;
	s->most = fmax(s->most, value);
}

struct value rule_mean(const struct rule_input *in, unsigned metric, double seconds)
{
	struct sums s = {0};
	unsigned n = each_reading(in, metric, seconds, add, &s);
	return n < FEWEST_READINGS ? VALUE_NONE : value_real(s.v / n);
}

struct value rule_total(const struct rule_input *in, unsigned metric, double seconds)
{
	const struct series *s = timeline_series(in->timeline, metric);
	unsigned n = 0;
	double total = 0;
	for (unsigned i = 0; i + 1 < series_length(s) && series_age(s, i) <= seconds; i++) {
		double v = series_value(s, i);
		if (isnan(v))
			continue;
		total += v * (series_age(s, i + 1) - series_age(s, i));
		n++;
	}
	return n < FEWEST_READINGS ? VALUE_NONE : value_real(total);
}

struct value rule_peak(const struct rule_input *in, unsigned metric, double seconds)
{
	struct sums s = {.most = -INFINITY};
	return each_reading(in, metric, seconds, add, &s) < FEWEST_READINGS ? VALUE_NONE
									     : value_real(s.most);
}

const char *rule_lacks(const struct rule_input *in, unsigned metric, const char *why)
{
	return value_is_number(timeline_metric(in->timeline, metric)) ? "it was read too seldom as yet" : why;
}

struct value rule_slope(const struct rule_input *in, unsigned metric, double seconds)
{
	struct sums s = {0};
	unsigned n = each_reading(in, metric, seconds, add, &s);
	double spread = n * s.tt - s.t * s.t;
	if (n < FEWEST_READINGS || spread <= 0)
		return VALUE_NONE;
	return value_real((n * s.tv - s.t * s.v) / spread);
}

const struct part *rule_oldest(const struct rule_input *in, enum part_id id, double *seconds)
{
	const struct part *now = in->frame->now->parts[id];
	if (!in->past || !in->past->n || !now || part_id(in->past->at[0]) != id)
		return NULL;
	const struct part *oldest = in->past->at[0];
	*seconds = (double)(part_read_mono(now) - part_read_mono(oldest)) / (double)NS_PER_S;
	return *seconds > 0 ? oldest : NULL;
}

double rule_reach(const struct rule_input *in)
{
	const struct series *s = timeline_series(in->timeline, METRIC_QPS);
	unsigned n = series_length(s);
	return n ? series_age(s, n - 1) : 0;
}
