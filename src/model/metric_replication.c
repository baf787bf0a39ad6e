#include "model/metric_replication.h"

#include <math.h>

#include "model/slope.h"
#include "model/timeline.h"

/* The largest of a field over all rows. With `all`, one row without it makes the whole unknown. */
static struct value worst(const struct frame *f, enum part_id id, const char *field, bool all)
{
	const struct part *p = f->now ? f->now->parts[id] : NULL;
	struct value most = VALUE_NONE;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct value v = part_cell(p, i, field);
		if (!value_is_number(v) && all)
			return VALUE_NONE;
		if (value_is_number(v) &&
		    (!value_is_number(most) || value_number(v, 0) > value_number(most, 0)))
			most = v;
	}
	return most;
}

struct value metric_lag(const struct frame *f, const struct metric *m)
{
	(void)m;
	return worst(f, PART_REPLICATION, "lag", true);
}

struct value metric_apply_lag(const struct frame *f, const struct metric *m)
{
	(void)m;
	return worst(f, PART_REPLICATION, "apply_lag", true);
}

struct value metric_gtid_gap(const struct frame *f, const struct metric *m)
{
	(void)m;
	return worst(f, PART_REPLICATION, "gtid_gap", false);
}

struct value metric_bytes_behind(const struct frame *f, const struct metric *m)
{
	(void)m;
	return worst(f, PART_REPLICATION, "bytes_behind", false);
}

/* The servers count lag in whole seconds: a line through half a minute tells more than two readings. */
struct value metric_lag_slope(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct reading newest[SLOPE_READINGS];
	const struct series *s = f->series ? &f->series[METRIC_LAG] : NULL;
	unsigned n = 0;
	for (; s && n < SLOPE_READINGS && n < series_length(s); n++)
		newest[n] = (struct reading){series_age(s, n), series_value(s, n)};
	double slope = slope_of(newest, n);
	return isnan(slope) ? VALUE_NONE : value_real(slope);
}

/* Slower than this it is as good as never. */
#define LEAST_FALL 0.01

struct value metric_catch_up(const struct frame *f, const struct metric *m)
{
	struct value lag = metric_lag(f, m), slope = metric_lag_slope(f, m);
	if (!value_is_number(lag) || !value_is_number(slope))
		return VALUE_NONE;
	if (value_number(lag, 0) <= 0)
		return value_real(0);
	double fall = -value_number(slope, 0);
	return fall < LEAST_FALL ? VALUE_NONE : value_real(value_number(lag, 0) / fall);
}

struct value metric_group_queue(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct value to_certify = worst(f, PART_GROUP, "queue", false);
	struct value to_apply = worst(f, PART_GROUP, "apply_queue", false);
	if (!value_is_number(to_certify))
		return to_apply;
	return value_number(to_apply, 0) > value_number(to_certify, 0) ? to_apply : to_certify;
}

/* Nanoseconds a second are a share of time. */
struct value metric_flow_paused(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct value ns = frame_rate_of(f, PART_STATUS, "wsrep_flow_control_paused_ns");
	if (!value_is_number(ns))
		return VALUE_NONE;
	double share = value_number(ns, 0) / 1e9;
	return value_real(share > 1 ? 1 : share);
}
