/*
 * CPU: all cores and each, the run queue, and what the server's cgroup allows.
 */
#include <stdio.h>

#include "collect/hostmake.h"

static void want(const struct host_ctx *ctx, struct buf *request)
{
	host_want(request, "stat");
	host_want(request, "loadavg");
	host_want(request, "pressure/cpu");
	want_cgroup(ctx, request, "cpu.max", "cpu", "cpu.cfs_quota_us", true);
	want_cgroup(ctx, request, NULL, "cpu", "cpu.cfs_period_us", true);
	want_cgroup(ctx, request, "cpu.stat", "cpu", "cpu.stat", false);
	want_cgroup(ctx, request, NULL, "cpuacct", "cpuacct.usage", false);
}

static void put_ticks(struct part_builder *b, const struct proc_cpu *c, double hz)
{
	static const unsigned fields[] = {
		[TICK_USER] = HOST_CPU_USER,     [TICK_NICE] = HOST_CPU_NICE,
		[TICK_SYSTEM] = HOST_CPU_SYSTEM, [TICK_IDLE] = HOST_CPU_IDLE,
		[TICK_IOWAIT] = HOST_CPU_IOWAIT, [TICK_IRQ] = HOST_CPU_IRQ,
		[TICK_SOFTIRQ] = HOST_CPU_IRQ,   [TICK_STEAL] = HOST_CPU_STEAL,
	};
	for (unsigned i = 0; i < 8; i++) {
		double v = (double)c->ticks[i] / hz;
		if (i == TICK_SOFTIRQ)
			v += (double)c->ticks[TICK_IRQ] / hz;
		put_real(b, fields[i], i < c->n, v);
	}
}

static void put_load(struct part_builder *b, struct text file)
{
	struct proc_load l;
	if (!proc_load(file, &l))
		return;
	part_set(b, HOST_CPU_LOAD1, value_real(l.load[0]));
	part_set(b, HOST_CPU_LOAD5, value_real(l.load[1]));
	part_set(b, HOST_CPU_LOAD15, value_real(l.load[2]));
}

static void put_pressure(struct part_builder *b, struct text file)
{
	struct proc_pressure some, full;
	proc_pressure(file, &some, &full);
	put_real(b, HOST_CPU_PSI_SOME, some.there, some.avg10);
	put_real(b, HOST_CPU_PSI_SOME_TOTAL, some.there, (double)some.total / 1e6);
	put_real(b, HOST_CPU_PSI_FULL, full.there, full.avg10);
	put_real(b, HOST_CPU_PSI_FULL_TOTAL, full.there, (double)full.total / 1e6);
}

/* The smallest limit counts, wherever it stands. */
static bool quota(const struct host_ctx *ctx, const struct host_tick *t, double *out)
{
	bool any = false;
	for (unsigned up = 0; up < HOST_CGROUP_LEVELS; up++) {
		struct text max = cgroup_text(ctx, t, "cpu.max", "cpu", "cpu.cfs_quota_us", up);
		struct text period = cgroup_text(ctx, t, NULL, "cpu", "cpu.cfs_period_us", up);
		uint64_t us, every;
		double cores;
		if (period.n ? !proc_single(max, &us) || !proc_single(period, &every) || !us || !every
			     : !cgroup_cpu_max(max, &cores))
			continue;
		if (period.n)
			cores = (double)us / (double)every;
		if (!any || cores < *out)
			*out = cores;
		any = true;
	}
	return any;
}

static void put_cgroup(struct part_builder *b, const struct host_ctx *ctx, const struct host_tick *t)
{
	struct text stat = cgroup_text(ctx, t, "cpu.stat", "cpu", "cpu.stat", 0);
	struct text usage = cgroup_text(ctx, t, NULL, "cpuacct", "cpuacct.usage", 0);
	double cores;
	uint64_t v;
	if (quota(ctx, t, &cores))
		part_set(b, HOST_CPU_QUOTA, value_real(cores));
	if (proc_number(stat, "usage_usec", &v))
		part_set(b, HOST_CPU_CGROUP_CPU, value_real((double)v / 1e6));
	else if (proc_single(usage, &v))
		part_set(b, HOST_CPU_CGROUP_CPU, value_real((double)v / 1e9));
	put_key(b, HOST_CPU_THROTTLED_PERIODS, stat, "nr_throttled", 1);
	if (proc_number(stat, "throttled_usec", &v))
		part_set(b, HOST_CPU_THROTTLED, value_real((double)v / 1e6));
	else if (proc_number(stat, "throttled_time", &v))
		part_set(b, HOST_CPU_THROTTLED, value_real((double)v / 1e9));
}

static unsigned count_cores(struct text rest)
{
	struct proc_cpu c;
	unsigned n = 0;
	while (proc_cpu_next(&rest, &c))
		n += c.core >= 0;
	return n;
}

static void put_total(struct part_builder *b, const struct host_ctx *ctx, const struct host_tick *t,
		      struct text stat)
{
	unsigned cores = count_cores(stat);
	put_number(b, HOST_CPU_CORES, cores > 0, cores);
	put_key(b, HOST_CPU_RUN_QUEUE, stat, "procs_running", 1);
	put_key(b, HOST_CPU_BLOCKED, stat, "procs_blocked", 1);
	put_key(b, HOST_CPU_SWITCHES, stat, "ctxt", 1);
	put_key(b, HOST_CPU_FORKS, stat, "processes", 1);
	put_load(b, host_text(t, "loadavg"));
	put_pressure(b, host_text(t, "pressure/cpu"));
	put_cgroup(b, ctx, t);
}

static void say_what_is_absent(struct part_builder *b, const struct host_ctx *ctx,
			       const struct host_tick *t)
{
	char folder[HOST_CGROUP_SIZE];
	if (!host_text(t, "loadavg").n)
		lacks(b, t, FIELDS(HOST_CPU_LOAD1, HOST_CPU_LOAD5, HOST_CPU_LOAD15), "loadavg");
	if (!host_text(t, "pressure/cpu").n)
		lacks(b, t, FIELDS(HOST_CPU_PSI_SOME, HOST_CPU_PSI_SOME_TOTAL, HOST_CPU_PSI_FULL,
				   HOST_CPU_PSI_FULL_TOTAL), "pressure/cpu");
	host_cgroup(ctx, "cpu", 0, folder);
	if (!cgroup_text(ctx, t, "cpu.stat", "cpu", "cpu.stat", 0).n)
		lacks(b, t, FIELDS(HOST_CPU_THROTTLED, HOST_CPU_THROTTLED_PERIODS), "%s/cpu.stat", folder);
	double cores;
	if (!quota(ctx, t, &cores))
		lacks_since(b, FIELDS(HOST_CPU_QUOTA), "no limit on CPU time was found");
}

static struct part *make(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			 const char **why)
{
	struct text stat = host_text(t, "stat"), rest = stat;
	struct proc_cpu c;
	struct part_builder *b = part_builder_new(PART_HOST_CPU, &host_cpu_schema);
	while (proc_cpu_next(&rest, &c)) {
		char name[24] = "total";
		if (c.core >= 0)
			snprintf(name, sizeof name, "cpu%d", c.core);
		part_row_begin(b);
		part_set(b, HOST_CPU_NAME, value_str(name));
		put_ticks(b, &c, host_ticks(ctx));
		if (c.core < 0)
			put_total(b, ctx, t, stat);
		part_row_end(b);
	}
	if (!part_builder_rows(b)) {
		part_builder_free(b);
		*why = host_no_proc;
		return NULL;
	}
	say_what_is_absent(b, ctx, t);
	return host_seal(b, t, ms);
}

const struct host_collector host_cpu_collector = {
	.part = PART_HOST_CPU,
	.cost = COST_FAST,
	.schema = &host_cpu_schema,
	.want = want,
	.make = make,
};
