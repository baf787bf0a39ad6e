#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static _Atomic int64_t frozen_mono = -1, frozen_wall = -1;

int64_t clock_mono_ns(void)
{
	int64_t f = atomic_load_explicit(&frozen_mono, memory_order_relaxed);
	if (f >= 0)
		return f;
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t clock_wall_us(void)
{
	int64_t f = atomic_load_explicit(&frozen_wall, memory_order_relaxed);
	if (f >= 0)
		return f;
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

void clock_freeze(int64_t mono_ns, int64_t wall_us)
{
	atomic_store(&frozen_mono, mono_ns);
	atomic_store(&frozen_wall, wall_us);
}

const char *clock_rfc3339(int64_t wall_us, char out[CLOCK_RFC3339_SIZE])
{
	time_t s = (time_t)(wall_us / US_PER_S);
	struct tm tm;
	gmtime_r(&s, &tm);
	char day[24];
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, CLOCK_RFC3339_SIZE, "%s.%03dZ", day, (int)(wall_us % US_PER_S / 1000));
	return out;
}

const char *clock_hms(int64_t wall_us, char out[CLOCK_HMS_SIZE])
{
	time_t s = (time_t)(wall_us / US_PER_S);
	struct tm tm;
	localtime_r(&s, &tm);
	strftime(out, CLOCK_HMS_SIZE, "%H:%M:%S", &tm);
	return out;
}
