/*
 * The whole tables behind the host panel's sections: every row, every field.
 */
#include "base/mem.h"
#include "model/hostmetric.h"
#include "panels/console.h"
#include "panels/host.h"
#include "panels/tablepanel.h"

/* --- computed columns ------------------------------------------------------------------------- */

static struct value share(const struct table_row *r, size_t offset)
{
	struct cpu_shares x;
	if (!r->frame || !host_cpu_shares(r->frame, r->row, &x))
		return VALUE_NONE;
	return value_real(*(const double *)((const char *)&x + offset));
}

#define SHARE(name) \
	static struct value share_##name(const struct table_row *r) \
	{ \
		return share(r, offsetof(struct cpu_shares, name)); \
	}
SHARE(user)
SHARE(system)
SHARE(iowait)
SHARE(steal)
SHARE(idle)

static enum ui_role tint_steal(const struct table_row *r, struct value v)
{
	(void)r;
	double n = value_number(v, 0);
	return n >= 0.1 ? UI_CRITICAL : n >= 0.02 ? UI_WARNING : UI_TEXT;
}

static struct value read_latency(const struct table_row *r)
{
	return r->frame ? host_disk_latency(r->frame, r->row, "read") : VALUE_NONE;
}

static struct value write_latency(const struct table_row *r)
{
	return r->frame ? host_disk_latency(r->frame, r->row, "write") : VALUE_NONE;
}

static struct value queue(const struct table_row *r)
{
	return r->frame ? host_row_rate(r->frame, PART_HOST_DISK, r->row, "queue_time") : VALUE_NONE;
}

static enum ui_role tint_latency(const struct table_row *r, struct value v)
{
	(void)r;
	double ms = value_number(v, 0);
	return ms >= 100 ? UI_CRITICAL : ms >= 20 ? UI_WARNING : UI_TEXT;
}

/* Of a table view the context is the view. */
static struct value full_in(const struct table_row *r)
{
	const struct view *v = r->ctx;
	return host_time_to_full(v->console, value_cstr(part_cell(r->part, r->row, "mount")));
}

/* --- the tables ------------------------------------------------------------------------------- */

#define SHARE_COLUMN(name, heading, text) \
	{.id = #name, .title = heading, .unit = UNIT_RATIO, .width = 8, .value = share_##name, .help = text}

static const struct column cpu_columns[] = {
	{.field = "name", .width = 8, .flags = COLUMN_ASC},
	SHARE_COLUMN(user, "User", "Share of the time in programs, those of lowered priority included."),
	SHARE_COLUMN(system, "System", "Share of the time in the kernel, interrupts included."),
	SHARE_COLUMN(iowait, "I/O wait", "Share of the time idle while some thread waited for a disk."),
	{.id = "steal", .title = "Steal", .unit = UNIT_RATIO, .width = 8, .value = share_steal, .tint = tint_steal,
	 .help = "Share of the time that the hypervisor gave to others."},
	SHARE_COLUMN(idle, "Idle", "Share of the time with nothing to do."),
	{.field = "irq", .width = 10, .flags = COLUMN_RATE, .priority = 1},
	{.field = "nice", .width = 8, .flags = COLUMN_RATE, .priority = 2},
	{.field = "run_queue", .width = 9, .priority = 3},
	{.field = "context_switches", .width = 9, .flags = COLUMN_RATE, .priority = 4},
	{.field = "forks", .width = 8, .flags = COLUMN_RATE, .priority = 5},
	{.field = "pressure_some", .width = 9, .priority = 6},
};

static const struct column disk_columns[] = {
	{.field = "name", .width = 14, .min = 8, .flags = COLUMN_ASC},
	{.id = "read_latency", .title = "Read ms", .unit = UNIT_MS, .width = 9, .value = read_latency,
	 .tint = tint_latency, .help = "How long a read took on average, the queue included: below 1 ms on "
				       "flash, below 10 on disks."},
	{.id = "write_latency", .title = "Write ms", .unit = UNIT_MS, .width = 9, .value = write_latency,
	 .tint = tint_latency, .help = "How long a write took on average, the queue included."},
	{.field = "busy", .width = 7, .flags = COLUMN_RATE},
	{.id = "queue", .title = "Queue", .unit = UNIT_COUNT, .width = 7, .priority = 1, .value = queue,
	 .help = "How many requests were under way on average: a few for one disk, tens for flash."},
	{.field = "in_flight", .width = 9, .priority = 2},
	{.field = "read_bytes", .width = 8, .flags = COLUMN_RATE, .priority = 1},
	{.field = "written_bytes", .width = 8, .flags = COLUMN_RATE, .priority = 1},
	{.field = "reads", .width = 8, .flags = COLUMN_RATE, .priority = 3},
	{.field = "writes", .width = 8, .flags = COLUMN_RATE, .priority = 3},
	{.field = "io_errors", .width = 7, .priority = 4},
	{.field = "pressure_some", .width = 9, .priority = 6},
	{.field = "pressure_full", .width = 9, .priority = 6},
	{.field = "used_for", .width = 20, .min = 8, .flags = COLUMN_FILL, .priority = 5},
};

static const struct column fs_columns[] = {
	{.field = "mount", .width = 24, .min = 12, .flags = COLUMN_ASC},
	{.field = "size", .width = 8, .priority = 2},
	{.field = "used", .width = 8},
	{.field = "available", .width = 10},
	{.id = "full_in", .title = "Full in", .unit = UNIT_SECONDS, .width = 8, .value = full_in,
	 .help = "When it is full if it goes on filling as in what fathom has seen since it started; – while "
		 "it does not fill."},
	{.field = "inodes", .width = 8, .priority = 4},
	{.field = "inodes_used", .width = 11, .priority = 3},
	{.field = "type", .width = 8, .priority = 5},
	{.field = "read_only", .width = 9, .priority = 4},
	{.field = "fs_errors", .width = 7, .priority = 6},
	{.field = "device", .width = 20, .min = 10, .priority = 7},
	{.field = "used_for", .width = 20, .min = 8, .flags = COLUMN_FILL, .priority = 3},
};

static const struct column net_columns[] = {
	{.field = "name", .width = 14, .min = 9, .flags = COLUMN_ASC},
	{.field = "in_bytes", .width = 8, .flags = COLUMN_RATE},
	{.field = "out_bytes", .width = 8, .flags = COLUMN_RATE},
	{.field = "in_packets", .width = 10, .flags = COLUMN_RATE, .priority = 2},
	{.field = "out_packets", .width = 11, .flags = COLUMN_RATE, .priority = 2},
	{.field = "in_errors", .width = 9, .flags = COLUMN_RATE, .priority = 1},
	{.field = "out_errors", .width = 10, .flags = COLUMN_RATE, .priority = 1},
	{.field = "in_drops", .width = 8, .flags = COLUMN_RATE, .priority = 1},
	{.field = "out_drops", .width = 9, .flags = COLUMN_RATE, .priority = 1},
	{.field = "out_segments", .width = 9, .flags = COLUMN_RATE, .priority = 4},
	{.field = "retransmits", .width = 11, .flags = COLUMN_RATE, .priority = 3},
	{.field = "listen_overflows", .width = 16, .flags = COLUMN_RATE, .priority = 3},
	{.field = "listen_drops", .width = 12, .flags = COLUMN_RATE, .priority = 5},
	{.field = "established", .width = 11, .priority = 5},
};

static const struct column process_columns[] = {
	{.field = "pid", .width = 8},
	{.field = "name", .width = 18, .min = 10},
	{.field = "kind", .width = 7, .priority = 3},
	{.field = "state", .width = 11, .priority = 2},
	{.field = "cpu", .width = 7, .flags = COLUMN_RATE},
	{.field = "rss", .width = 8},
	{.field = "swap", .width = 8, .priority = 1},
	{.field = "threads", .width = 8, .priority = 2},
	{.field = "fds", .width = 7, .priority = 3},
	{.field = "fd_limit", .width = 13, .priority = 4},
	{.field = "read_bytes", .width = 8, .flags = COLUMN_RATE, .priority = 2},
	{.field = "written_bytes", .width = 8, .flags = COLUMN_RATE, .priority = 2},
	{.field = "oom_score", .width = 10, .priority = 4},
	{.field = "oom_score_adj", .width = 11, .priority = 5},
	{.field = "age", .width = 8, .priority = 4},
};

#define HOST_TABLE(what, PART, heading, by, text) \
	static const struct table_panel what##_table = { \
		.part = PART, \
		.table = { \
			.columns = what##_columns, \
			.n_columns = COUNT_OF(what##_columns), \
			.sort = (by), \
			.empty = "Nothing of it on this host.", \
		}, \
	}; \
	static const struct view_ops what##_view = { \
		.name = "host-" #what, \
		.title = heading, \
		.help = text, \
		.needs = PART_BIT(PART), \
		TABLE_PANEL(&what##_table), \
	};

HOST_TABLE(cpu, PART_HOST_CPU, "CPU", NULL, "All cores together and each by itself.")
HOST_TABLE(disk, PART_HOST_DISK, "Disks", "-busy", "Every disk with its latency, load and errors.")
HOST_TABLE(fs, PART_HOST_FS, "Filesystems", "-used", "Every filesystem, how full it is and when it will be.")
HOST_TABLE(net, PART_HOST_NET, "Network", "-in_bytes", "Every interface, and TCP's own counters.")
HOST_TABLE(process, PART_HOST_PROCESS, "Processes", "-cpu",
	   "The server's process, and those that take most of the CPU or of the memory beside it.")

const struct view_ops *host_table(enum part_id id)
{
	static const struct view_ops *const views[] = {&cpu_view, &disk_view, &fs_view, &net_view,
						       &process_view};
	for (size_t i = 0; i < COUNT_OF(views); i++)
		if (views[i]->needs == PART_BIT(id))
			return views[i];
	return NULL;
}
