/* The host: its load, memory, disks, network, and the server's process in it. */
#include "diagnose/reportsections.h"

#include "base/mem.h"
#include "model/metric.h"

static const struct report_figure figures[] = {
	{METRIC_HOST_CPU, "CPU used", true},
	{METRIC_HOST_SERVER_CPU, "CPU of the server", false},
	{METRIC_HOST_IOWAIT, "waiting for disks", false},
	{METRIC_HOST_STEAL, "CPU stolen by the hypervisor", false},
	{METRIC_HOST_MEMORY, "memory used", true},
	{METRIC_HOST_SWAP, "swapped", false},
	{METRIC_HOST_LATENCY, "disk latency", true},
	{METRIC_HOST_UTIL, "disk busy", false},
	{METRIC_HOST_NET_IN, "network, in", false},
	{METRIC_HOST_NET_OUT, "network, out", false},
	{METRIC_HOST_RETRANSMITS, "TCP retransmits", false},
	{METRIC_HOST_PSI_CPU, "pressure for CPU", false},
	{METRIC_HOST_PSI_MEMORY, "pressure for memory", false},
	{METRIC_HOST_PSI_IO, "pressure for I/O", false},
};

static const struct {
	enum part_id part;
	const char *title, *fields;
} tables[] = {
	{PART_HOST_MEMORY, "Memory",
	 "limit used total available cached dirty swap_used swap_in swap_out major_faults =oom_kills "
	 "cgroup_limit cgroup_used"},
	{PART_HOST_DISK, "Disks",
	 "name used_for reads read_bytes writes written_bytes busy in_flight =io_errors"},
	{PART_HOST_FS, "Filesystems",
	 "mount device type used_for size used available inodes inodes_used read_only =fs_errors"},
	{PART_HOST_NET, "Network",
	 "name in_bytes out_bytes in_errors in_drops out_errors out_drops retransmits listen_overflows"},
	{PART_HOST_PROCESS, "Processes",
	 "pid name kind cpu rss swap threads fds fd_limit read_bytes written_bytes oom_score_adj age"},
};

/* Why there is nothing of the host: said once, not for each part. */
static const char *blind(const struct report_input *in)
{
	const struct part *p = in->now->parts[PART_HOST_CPU];
	if (in->now->host.note)
		return in->now->host.note->err.why;
	if (!p)
		return "it was not read in the time there was";
	return part_status(p) == PART_OK || part_status(p) == PART_STALE ? NULL
	       : part_reason(p)						 ? part_reason(p)
									 : "no reason known";
}

static void build(struct report_section *s, const struct report_input *in)
{
	const char *why = blind(in);
	if (why) {
		report_note(s, "not applicable: no host data: %s.", why);
		return;
	}
	report_figures(s, in, figures, COUNT_OF(figures));
	for (unsigned i = 0; i < COUNT_OF(tables); i++)
		report_part_table(s, in, tables[i].part, tables[i].title, tables[i].fields, 40);
}

const struct report_builder report_host = {
	.id = "host",
	.title = "Host",
	.needs = PART_BIT(PART_HOST) | PART_BIT(PART_HOST_CPU) | PART_BIT(PART_HOST_MEMORY) |
		 PART_BIT(PART_HOST_DISK) | PART_BIT(PART_HOST_FS) | PART_BIT(PART_HOST_NET) |
		 PART_BIT(PART_HOST_PROCESS),
	.build = build,
};
