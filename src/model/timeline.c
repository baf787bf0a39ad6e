#include "model/timeline.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"

enum { SERIES_MOST = 3600 };

struct timeline {
	const struct snapshot **snaps; /* oldest first */
	unsigned n, cap;
	size_t limit, memory;
	unsigned points; /* the most of a series */
	int64_t began;
	struct frame frame;
	const struct part *held[N_PARTS]; /* references behind frame.before */
	struct value now[N_METRICS];
	struct series series[N_METRICS];
	struct pin *pins;
	unsigned n_pins, cap_pins;
};

/* --- frames ----------------------------------------------------------------------------------- */

double frame_dt(const struct frame *f, enum part_id id)
{
	const struct part *now = f->now ? f->now->parts[id] : NULL, *before = f->before[id];
	if (!now || !before)
		return 0;
	return (double)(part_read_mono(now) - part_read_mono(before)) / (double)NS_PER_S;
}

static struct value rate(struct value now, struct value before, double dt)
{
	if (!value_is_number(now) || !value_is_number(before) || dt <= 0)
		return VALUE_NONE;
	double d = now.type == VALUE_INT && before.type == VALUE_INT
			   ? (double)now.i - (double)before.i
			   : value_number(now, 0) - value_number(before, 0);
	return d < 0 ? VALUE_NONE : value_real(d / dt);
}

struct value frame_rate(const struct frame *f, enum part_id id, unsigned row, unsigned field)
{
	double dt = frame_dt(f, id);
	if (dt <= 0)
		return VALUE_NONE;
	const struct part *now = f->now->parts[id], *before = f->before[id];
	int was = part_find(before, part_get(now, row, part_schema(now)->key));
	if (was < 0)
		return VALUE_NONE;
	return rate(part_get(now, row, field), part_get(before, (unsigned)was, field), dt);
}

struct value frame_value_of(const struct frame *f, enum part_id id, const char *name)
{
	return f->now ? part_lookup(f->now->parts[id], name) : VALUE_NONE;
}

struct value frame_rate_of(const struct frame *f, enum part_id id, const char *name)
{
	return rate(frame_value_of(f, id, name), part_lookup(f->before[id], name), frame_dt(f, id));
}

/* --- series ----------------------------------------------------------------------------------- */

unsigned series_length(const struct series *s)
{
	return s->n;
}

static unsigned series_slot(const struct series *s, unsigned back)
{
	return (s->first + s->n - 1 - back) % s->cap;
}

double series_value(const struct series *s, unsigned back)
{
	return back < s->n ? (double)s->value[series_slot(s, back)] : (double)NAN;
}

double series_age(const struct series *s, unsigned back)
{
	if (back >= s->n)
		return 0;
	return (double)s->at[series_slot(s, 0)] - (double)s->at[series_slot(s, back)];
}

static void series_push(struct series *s, double at, struct value v, unsigned most)
{
	if (s->n == s->cap && s->cap < most) {
		/* Not full yet means that it never wrapped: growing keeps the order. */
		s->cap = s->cap ? 2 * s->cap : 64;
		if (s->cap > most)
			s->cap = most;
		s->at = xrealloc(s->at, s->cap, sizeof *s->at);
		s->value = xrealloc(s->value, s->cap, sizeof *s->value);
	}
	unsigned slot = (s->first + s->n) % s->cap;
	if (s->n == s->cap)
		s->first = (s->first + 1) % s->cap;
	else
		s->n++;
	s->at[slot] = (float)at;
	s->value[slot] = (float)value_number(v, (double)NAN);
}

static void series_release(struct series *s)
{
	free(s->at);
	free(s->value);
	*s = (struct series){0};
}

/* --- the timeline ----------------------------------------------------------------------------- */

struct timeline *timeline_new(size_t memory)
{
	struct timeline *t = xcalloc(1, sizeof *t);
	t->limit = memory;
	t->points = SERIES_MOST;
	t->frame.series = t->series;
	return t;
}

void timeline_keep(struct timeline *t, unsigned points)
{
	t->points = points;
}

void timeline_free(struct timeline *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < t->n; i++)
		snapshot_unref(t->snaps[i]);
	for (int i = 0; i < N_PARTS; i++)
		part_unref(t->held[i]);
	for (unsigned i = 0; i < N_METRICS; i++)
		series_release(&t->series[i]);
	for (unsigned i = 0; i < t->n_pins; i++)
		timeline_unpin(t, i);
	free(t->pins);
	free(t->snaps);
	free(t);
}

/* What s holds that its neighbour `other` does not share. */
static size_t own_memory(const struct snapshot *s, const struct snapshot *other)
{
	size_t sum = snapshot_memory(s);
	for (int i = 0; i < N_PARTS; i++)
		if (s->parts[i] && (!other || other->parts[i] != s->parts[i]))
			sum += part_memory(s->parts[i]);
	return sum;
}

static void forget_oldest(struct timeline *t)
{
	t->memory -= own_memory(t->snaps[0], t->snaps[1]);
	snapshot_unref(t->snaps[0]);
	memmove(t->snaps, t->snaps + 1, --t->n * sizeof *t->snaps);
}

static void set_before(struct timeline *t, int id, const struct part *p)
{
	if (p)
		part_ref(p);
	part_unref(t->held[id]);
	t->held[id] = t->frame.before[id] = p;
}

/* Two readings in quick succession (somebody pressed refresh, or looks at another panel) would give a
   rate that is all noise: the one before them stays what is compared with. */
static bool too_close(const struct part *now, const struct part *last)
{
	return now && last && part_read_mono(now) - part_read_mono(last) < 50 * NS_PER_MS;
}

static void advance_frame(struct timeline *t, const struct snapshot *s)
{
	const struct snapshot *last = t->n ? t->snaps[t->n - 1] : NULL;
	bool same = last && last->epoch == s->epoch;
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *p = last ? last->parts[i] : NULL;
		if (!same)
			set_before(t, i, NULL);
		else if (p != s->parts[i] && !(t->frame.before[i] && too_close(s->parts[i], p)))
			/* A failed or stale reading has no numbers of its own: keep the one before. */
			set_before(t, i, p && part_status(p) == PART_OK ? p : t->frame.before[i]);
	}
	t->frame.now = s;
}

static void read_metrics(struct timeline *t, const struct snapshot *s)
{
	double at = (double)(s->mono - t->began) / (double)NS_PER_S;
	for (unsigned i = 0; i < N_METRICS; i++) {
		t->now[i] = metric_read(i, &t->frame);
		series_push(&t->series[i], at, t->now[i], t->points);
	}
	for (unsigned i = 0; i < t->n_pins; i++) {
		struct pin *p = &t->pins[i];
		if (!p->name)
			continue;
		p->now = p->rate ? frame_rate_of(&t->frame, PART_STATUS, p->name)
				 : frame_value_of(&t->frame, PART_STATUS, p->name);
		series_push(&p->series, at, p->now, t->points);
	}
}

/* Whether anything was read: connection news alone should not fill the series. */
static bool brings_numbers(const struct timeline *t, const struct snapshot *s)
{
	const struct snapshot *last = t->n ? t->snaps[t->n - 1] : NULL;
	return !last || s->link != LINK_LIVE || s->parts[PART_STATUS] != last->parts[PART_STATUS];
}

void timeline_push(struct timeline *t, struct snapshot *s)
{
	if (!t->began)
		t->began = s->mono;
	bool numbers = brings_numbers(t, s);
	advance_frame(t, s);
	if (numbers)
		read_metrics(t, s);
	t->memory += own_memory(s, t->n ? t->snaps[t->n - 1] : NULL);
	GROW(t->snaps, t->n, t->cap);
	t->snaps[t->n++] = s;
	while (t->n > 2 && t->memory > t->limit)
		forget_oldest(t);
}

const struct frame *timeline_frame(const struct timeline *t)
{
	return &t->frame;
}

unsigned timeline_length(const struct timeline *t)
{
	return t->n;
}

const struct snapshot *timeline_at(const struct timeline *t, unsigned back)
{
	return back < t->n ? t->snaps[t->n - 1 - back] : NULL;
}

size_t timeline_memory(const struct timeline *t)
{
	return t->memory;
}

struct value timeline_metric(const struct timeline *t, unsigned metric)
{
	return t->now[metric];
}

const struct series *timeline_series(const struct timeline *t, unsigned metric)
{
	return &t->series[metric];
}

unsigned timeline_pin(struct timeline *t, const char *status_name, bool as_rate)
{
	unsigned slot = t->n_pins;
	for (unsigned i = 0; i < t->n_pins; i++) {
		const char *name = t->pins[i].name;
		if (name && strcmp(name, status_name) == 0)
			return i;
		if (!name)
			slot = i;
	}
	if (slot == t->n_pins) {
		GROW(t->pins, t->n_pins, t->cap_pins);
		t->n_pins++;
	}
	t->pins[slot] = (struct pin){.name = xstrdup(status_name), .rate = as_rate};
	return slot;
}

void timeline_unpin(struct timeline *t, unsigned pin)
{
	struct pin *p = &t->pins[pin];
	free((char *)(uintptr_t)p->name);
	series_release(&p->series);
	*p = (struct pin){0};
}

unsigned timeline_pins(const struct timeline *t)
{
	return t->n_pins;
}

const struct pin *timeline_pinned(const struct timeline *t, unsigned pin)
{
	return &t->pins[pin];
}
