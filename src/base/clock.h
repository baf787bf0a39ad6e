/*
 * Two clocks: monotonic nanoseconds for intervals and deadlines, wall-clock microseconds for people.
 * A test may take both over. Any thread.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define US_PER_S INT64_C(1000000)

int64_t clock_mono_ns(void);
/* Microseconds since 1970, UTC. */
int64_t clock_wall_us(void);
/* Tests: both clocks stand still at these values until they are set again; negative values end it. */
void clock_freeze(int64_t mono_ns, int64_t wall_us);

/* `2026-03-09T14:02:33.123Z`; `out` has room for CLOCK_RFC3339_SIZE bytes. */
enum { CLOCK_RFC3339_SIZE = 32 };
const char *clock_rfc3339(int64_t wall_us, char out[CLOCK_RFC3339_SIZE]);
/* `14:02:33` in local time. */
enum { CLOCK_HMS_SIZE = 12 };
const char *clock_hms(int64_t wall_us, char out[CLOCK_HMS_SIZE]);

#endif
