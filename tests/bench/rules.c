/*
 * How long all rules take over a sample with many sessions, on sealed parts: the milliseconds of CPU that
 * the stage before the mailbox needs for each, so that what else the machine does is not counted.
 *
 *   rules [SESSIONS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/blocking.h"
#include "collect/collector.h"
#include "collect/processlist.h"
#include "diagnose/diagnosis.h"

enum { TIMES = 100, WAITERS = 500, BLOCKERS = 4 };

/* One session in ten runs something; 500 of them wait for the first. */
static const struct part *make_sessions(int n, int64_t mono)
{
	static const char *const users[] = {"app", "report", "batch", "web"};
	struct part_builder *b = part_builder_new(PART_PROCESSLIST, collect_schema(PART_PROCESSLIST));
	for (int i = 0; i < n; i++) {
		char text[200];
		bool waits = i > 0 && i <= WAITERS, runs = waits || i % 10 == 3;
		part_row_begin(b);
		part_set(b, PROCESSLIST_ID, value_int(1000 + i));
		part_set(b, PROCESSLIST_KIND, value_str("user"));
		part_set(b, PROCESSLIST_USER, value_str(users[i % 4]));
		snprintf(text, sizeof text, "10.0.%d.%d", i / 250 % 250, i % 250);
		part_set(b, PROCESSLIST_HOST, value_str(text));
		part_set(b, PROCESSLIST_COMMAND, value_str(runs ? "Query" : "Sleep"));
		part_set(b, PROCESSLIST_STATE, value_str(waits ? "row lock" : ""));
		part_set(b, PROCESSLIST_TIME, value_real(i % 700));
		snprintf(text, sizeof text, "UPDATE stock SET quantity = quantity - 1 WHERE sku = 'A%06d'", i);
		if (runs)
			part_set(b, PROCESSLIST_INFO, value_str(text));
		if (runs || !i)
			part_set(b, PROCESSLIST_TRANSACTION_AGE, value_real(9));
		if (waits)
			part_set(b, PROCESSLIST_BLOCKED_BY, value_int(1000));
		if (waits)
			part_set(b, PROCESSLIST_WAIT, value_str("row lock"));
		part_set(b, PROCESSLIST_BLOCKS, value_int(i ? 0 : WAITERS));
		part_row_end(b);
	}
	return part_seal(b, mono, mono / 1000, 1);
}

/* Each waits for the first, and for those who came just before it. */
static struct part *make_blocking(int64_t mono)
{
	struct part_builder *b = part_builder_new(PART_BLOCKING, collect_schema(PART_BLOCKING));
	for (int i = 1; i <= WAITERS; i++) {
		for (int k = 0; k < BLOCKERS && k < i; k++) {
			char id[40];
			int blocker = k ? i - k : 0;
			snprintf(id, sizeof id, "%d %d", 1000 + i, 1000 + blocker);
			part_row_begin(b);
			part_set(b, BLOCKING_ID, value_str(id));
			part_set(b, BLOCKING_WAITER, value_int(1000 + i));
			part_set(b, BLOCKING_BLOCKER, value_int(1000 + blocker));
			part_set(b, BLOCKING_KIND, value_str("row lock"));
			part_set(b, BLOCKING_AGE, value_real(9));
			part_set(b, BLOCKING_TABLE, value_str("shop.stock"));
			part_row_end(b);
		}
	}
	return part_seal(b, mono, mono / 1000, 1);
}

static struct part *make_status(int64_t mono)
{
	struct part_builder *b = part_builder_new(PART_STATUS, collect_schema(PART_STATUS));
	static const char *const names[] = {"Threads_running", "Questions", "Uptime"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		part_row_begin(b);
		part_set(b, 0, value_str(names[i]));
		part_set(b, 1, value_int(mono / NS_PER_S * 100));
		part_row_end(b);
	}
	return part_seal(b, mono, mono / 1000, 1);
}

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / (double)NS_PER_MS;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 10000;
	struct diagnosis *d = diagnosis_new(1);
	double worst = 0, sum = 0;
	for (int i = 0; i < TIMES; i++) {
		struct snapshot *s = snapshot_new(0);
		s->link = LINK_LIVE;
		s->epoch = 1;
		s->mono = (1000 + i) * NS_PER_S;
		s->wall = s->mono / 1000;
		snapshot_set(s, make_sessions(n, s->mono));
		snapshot_set(s, make_status(s->mono));
		snapshot_set(s, make_blocking(s->mono));
		double ms = -cpu_ms();
		diagnosis_work(d, s);
		ms += cpu_ms();
		sum += ms;
		worst = ms > worst ? ms : worst;
		if (i == TIMES - 1)
			printf("%u findings, ", part_rows(s->parts[PART_FINDINGS]));
		snapshot_unref(s);
	}
	printf("%d sessions, %d waiters: %.2f ms a sample, %.2f ms the worst\n", n, WAITERS, sum / TIMES, worst);
	diagnosis_free(d);
	return 0;
}
