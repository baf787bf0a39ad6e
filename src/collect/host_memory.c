/*
 * Memory: the host's, and what the server's cgroup leaves of it.
 */
#include "collect/hostmake.h"

static void want(const struct host_ctx *ctx, struct buf *request)
{
	host_want(request, "meminfo");
	host_want(request, "vmstat");
	host_want(request, "pressure/memory");
	want_cgroup(ctx, request, "memory.max", "memory", "memory.limit_in_bytes", true);
	want_cgroup(ctx, request, "memory.current", "memory", "memory.usage_in_bytes", false);
	want_cgroup(ctx, request, "memory.stat", "memory", "memory.stat", false);
	want_cgroup(ctx, request, "memory.events", "memory", "memory.oom_control", false);
	want_cgroup(ctx, request, NULL, "memory", "memory.failcnt", false);
}

static bool sum_of(struct text file, const char *a, const char *b, uint64_t *out)
{
	uint64_t x, y;
	if (!proc_number(file, a, &x))
		return false;
	*out = x + (proc_number(file, b, &y) ? y : 0);
	return true;
}

static void put_plain(struct part_builder *b, struct text info)
{
	static const struct {
		unsigned field;
		const char *key;
	} rows[] = {
		{HOST_MEMORY_TOTAL, "MemTotal"},       {HOST_MEMORY_FREE, "MemFree"},
		{HOST_MEMORY_AVAILABLE, "MemAvailable"}, {HOST_MEMORY_BUFFERS, "Buffers"},
		{HOST_MEMORY_SHARED, "Shmem"},         {HOST_MEMORY_SWAP_TOTAL, "SwapTotal"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		put_key(b, rows[i].field, info, rows[i].key, 1);
}

static void put_info(struct part_builder *b, struct text info)
{
	uint64_t v, w, page;
	put_plain(b, info);
	if (sum_of(info, "Cached", "SReclaimable", &v)) {
		uint64_t shared = proc_number(info, "Shmem", &w) && w <= v ? w : 0;
		put_number(b, HOST_MEMORY_CACHED, true, v - shared);
	}
	if (sum_of(info, "Dirty", "Writeback", &v))
		put_number(b, HOST_MEMORY_DIRTY, true, v);
	if (proc_number(info, "SwapTotal", &v) && proc_number(info, "SwapFree", &w) && w <= v)
		put_number(b, HOST_MEMORY_SWAP_USED, true, v - w);
	if (proc_number(info, "Hugepagesize", &page) && page > 0) {
		put_key(b, HOST_MEMORY_HUGE_TOTAL, info, "HugePages_Total", page);
		put_key(b, HOST_MEMORY_HUGE_FREE, info, "HugePages_Free", page);
	}
}

static void put_vmstat(struct part_builder *b, struct text stat, uint64_t page)
{
	put_key(b, HOST_MEMORY_SWAP_IN, stat, "pswpin", page);
	put_key(b, HOST_MEMORY_SWAP_OUT, stat, "pswpout", page);
	put_key(b, HOST_MEMORY_MAJOR_FAULTS, stat, "pgmajfault", 1);
	put_key(b, HOST_MEMORY_OOM_KILLS, stat, "oom_kill", 1);
}

static void put_pressure(struct part_builder *b, struct text file)
{
	struct proc_pressure some, full;
	proc_pressure(file, &some, &full);
	put_real(b, HOST_MEMORY_PSI_SOME, some.there, some.avg10);
	put_real(b, HOST_MEMORY_PSI_SOME_TOTAL, some.there, (double)some.total / 1e6);
	put_real(b, HOST_MEMORY_PSI_FULL, full.there, full.avg10);
	put_real(b, HOST_MEMORY_PSI_FULL_TOTAL, full.there, (double)full.total / 1e6);
}

/* The smallest from the server's own cgroup to the root. Version 1 writes "no limit" as a number near the
   largest that there is. */
static bool limit(const struct host_ctx *ctx, const struct host_tick *t, uint64_t *out)
{
	bool any = false;
	uint64_t v;
	for (unsigned up = 0; up < HOST_CGROUP_LEVELS; up++) {
		struct text max = cgroup_text(ctx, t, "memory.max", "memory", "memory.limit_in_bytes", up);
		if (!proc_single(max, &v) || v >= (uint64_t)1 << 62)
			continue;
		if (!any || v < *out)
			*out = v;
		any = true;
	}
	return any;
}

static void put_cgroup(struct part_builder *b, const struct host_ctx *ctx, const struct host_tick *t)
{
	struct text used = cgroup_text(ctx, t, "memory.current", "memory", "memory.usage_in_bytes", 0);
	struct text stat = cgroup_text(ctx, t, "memory.stat", "memory", "memory.stat", 0);
	struct text events = cgroup_text(ctx, t, "memory.events", "memory", "memory.oom_control", 0);
	struct text fails = cgroup_text(ctx, t, NULL, "memory", "memory.failcnt", 0);
	uint64_t v;
	if (limit(ctx, t, &v))
		put_number(b, HOST_MEMORY_CGROUP_LIMIT, true, v);
	put_single(b, HOST_MEMORY_CGROUP_USED, used);
	put_key(b, HOST_MEMORY_CGROUP_CACHE, stat, "inactive_file", 1);
	put_key(b, HOST_MEMORY_CGROUP_CACHE, stat, "total_inactive_file", 1);
	put_key(b, HOST_MEMORY_CGROUP_OOM, events, "oom_kill", 1);
	put_key(b, HOST_MEMORY_CGROUP_MAX_EVENTS, events, "max", 1);
	put_single(b, HOST_MEMORY_CGROUP_MAX_EVENTS, fails);
}

static bool peek(const struct part_builder *b, unsigned field, int64_t *out)
{
	struct value v = part_peek(b, field);
	*out = value_integer(v, 0);
	return v.type == VALUE_INT;
}

/* By the cgroup's limit where that is what counts, else by the host's memory. Old kernels do not say what
   is available: then what is free or cache. */
static void put_effective(struct part_builder *b)
{
	int64_t total, most, used, cache, left, v;
	bool whole = peek(b, HOST_MEMORY_TOTAL, &total);
	if (peek(b, HOST_MEMORY_CGROUP_LIMIT, &most) && (!whole || most < total)) {
		part_set(b, HOST_MEMORY_LIMIT, value_int(most));
		if (!peek(b, HOST_MEMORY_CGROUP_USED, &used))
			return;
		peek(b, HOST_MEMORY_CGROUP_CACHE, &cache);
		part_set(b, HOST_MEMORY_USED, value_int(used > cache ? used - cache : 0));
		return;
	}
	if (!whole)
		return;
	part_set(b, HOST_MEMORY_LIMIT, value_int(total));
	if (!peek(b, HOST_MEMORY_AVAILABLE, &left)) {
		if (!peek(b, HOST_MEMORY_FREE, &left))
			return;
		peek(b, HOST_MEMORY_CACHED, &v);
		left += v;
		peek(b, HOST_MEMORY_BUFFERS, &v);
		left += v;
	}
	part_set(b, HOST_MEMORY_USED, value_int(left < total ? total - left : 0));
}

static void say_what_is_absent(struct part_builder *b, const struct host_ctx *ctx,
			       const struct host_tick *t)
{
	uint64_t v;
	struct text vmstat = host_text(t, "vmstat");
	char folder[HOST_CGROUP_SIZE];
	const char *file = ctx->server->cgroup_v2 ? "memory.current" : "memory.usage_in_bytes";
	if (!vmstat.n)
		lacks(b, t, FIELDS(HOST_MEMORY_SWAP_IN, HOST_MEMORY_SWAP_OUT, HOST_MEMORY_MAJOR_FAULTS,
				   HOST_MEMORY_OOM_KILLS), "vmstat");
	else if (!proc_number(vmstat, "oom_kill", &v))
		lacks_since(b, FIELDS(HOST_MEMORY_OOM_KILLS), "this kernel does not count them (before 4.13)");
	if (!proc_number(host_text(t, "meminfo"), "MemAvailable", &v))
		lacks_since(b, FIELDS(HOST_MEMORY_AVAILABLE), "this kernel does not say (before 3.14)");
	if (!host_text(t, "pressure/memory").n)
		lacks(b, t, FIELDS(HOST_MEMORY_PSI_SOME, HOST_MEMORY_PSI_SOME_TOTAL, HOST_MEMORY_PSI_FULL,
				   HOST_MEMORY_PSI_FULL_TOTAL), "pressure/memory");
	if (!limit(ctx, t, &v))
		lacks_since(b, FIELDS(HOST_MEMORY_CGROUP_LIMIT), "no limit on memory was found");
	host_cgroup(ctx, "memory", 0, folder);
	if (!cgroup_text(ctx, t, "memory.current", "memory", "memory.usage_in_bytes", 0).n)
		lacks(b, t, FIELDS(HOST_MEMORY_CGROUP_USED, HOST_MEMORY_CGROUP_CACHE, HOST_MEMORY_CGROUP_OOM,
				   HOST_MEMORY_CGROUP_MAX_EVENTS), "%s/%s", folder, file);
}

static struct part *make(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			 const char **why)
{
	struct text info = host_text(t, "meminfo");
	uint64_t total;
	if (!proc_number(info, "MemTotal", &total)) {
		*why = "/proc/meminfo cannot be read: not Linux, or no /proc";
		return NULL;
	}
	struct part_builder *b = part_builder_new(PART_HOST_MEMORY, &host_memory_schema);
	part_row_begin(b);
	part_set(b, HOST_MEMORY_NAME, value_str("memory"));
	put_info(b, info);
	put_vmstat(b, host_text(t, "vmstat"), (uint64_t)host_page(ctx));
	put_pressure(b, host_text(t, "pressure/memory"));
	put_cgroup(b, ctx, t);
	put_effective(b);
	part_row_end(b);
	say_what_is_absent(b, ctx, t);
	return host_seal(b, t, ms);
}

const struct host_collector host_memory_collector = {
	.part = PART_HOST_MEMORY,
	.cost = COST_FAST,
	.schema = &host_memory_schema,
	.want = want,
	.make = make,
};
