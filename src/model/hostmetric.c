#include "model/hostmetric.h"

#include <string.h>

static const struct part *part_of(const struct frame *f, enum part_id id)
{
	const struct part *p = f->now ? f->now->parts[id] : NULL;
	return p && part_rows(p) ? p : NULL;
}

int host_row(const struct frame *f, enum part_id id, const char *name)
{
	const struct part *p = part_of(f, id);
	return p ? part_find(p, value_str(name)) : -1;
}

struct value host_value(const struct frame *f, enum part_id id, const char *name, const char *field)
{
	int row = host_row(f, id, name);
	return row < 0 ? VALUE_NONE : part_cell(f->now->parts[id], (unsigned)row, field);
}

struct value host_row_rate(const struct frame *f, enum part_id id, unsigned row, const char *field)
{
	const struct part *p = part_of(f, id);
	int i = p ? schema_field(part_schema(p), field) : -1;
	return i < 0 ? VALUE_NONE : frame_rate(f, id, row, (unsigned)i);
}

struct value host_rate(const struct frame *f, enum part_id id, const char *name, const char *field)
{
	int row = host_row(f, id, name);
	return row < 0 ? VALUE_NONE : host_row_rate(f, id, (unsigned)row, field);
}

/* --- CPU -------------------------------------------------------------------------------------- */

bool host_cpu_shares(const struct frame *f, unsigned row, struct cpu_shares *out)
{
	struct value user = host_row_rate(f, PART_HOST_CPU, row, "user");
	struct value system = host_row_rate(f, PART_HOST_CPU, row, "system");
	/* Linux lets iowait and idle go back a little now and then. */
	double idle = value_number(host_row_rate(f, PART_HOST_CPU, row, "idle"), 0);
	double iowait = value_number(host_row_rate(f, PART_HOST_CPU, row, "iowait"), 0);
	double nice = value_number(host_row_rate(f, PART_HOST_CPU, row, "nice"), 0);
	double irq = value_number(host_row_rate(f, PART_HOST_CPU, row, "irq"), 0);
	double steal = value_number(host_row_rate(f, PART_HOST_CPU, row, "steal"), 0);
	if (!value_is_number(user) || !value_is_number(system))
		return false;
	double u = value_number(user, 0) + nice, s = value_number(system, 0) + irq;
	double all = u + s + idle + iowait + steal;
	if (!(all > 0))
		return false;
	*out = (struct cpu_shares){u / all, s / all, iowait / all, steal / all, idle / all};
	return true;
}

static bool total_shares(const struct frame *f, struct cpu_shares *out)
{
	int row = host_row(f, PART_HOST_CPU, "total");
	return row >= 0 && host_cpu_shares(f, (unsigned)row, out);
}

struct value read_host_cpu(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct cpu_shares s;
	double quota = value_number(host_value(f, PART_HOST_CPU, "total", "quota_cores"), 0);
	struct value used = host_rate(f, PART_HOST_CPU, "total", "cgroup_cpu");
	if (quota > 0 && value_is_number(used))
		return value_real(value_number(used, 0) / quota);
	return total_shares(f, &s) ? value_real(s.user + s.system) : VALUE_NONE;
}

struct value read_host_iowait(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct cpu_shares s;
	return total_shares(f, &s) ? value_real(s.iowait) : VALUE_NONE;
}

struct value read_host_steal(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct cpu_shares s;
	return total_shares(f, &s) ? value_real(s.steal) : VALUE_NONE;
}

int host_server_row(const struct frame *f)
{
	const struct part *p = part_of(f, PART_HOST_PROCESS);
	for (unsigned i = 0; p && i < part_rows(p); i++)
		if (strcmp(value_cstr(part_cell(p, i, "kind")), "server") == 0)
			return (int)i;
	return -1;
}

struct value read_host_server_cpu(const struct frame *f, const struct metric *m)
{
	(void)m;
	int row = host_server_row(f);
	return row < 0 ? VALUE_NONE : host_row_rate(f, PART_HOST_PROCESS, (unsigned)row, "cpu");
}

/* --- disks ------------------------------------------------------------------------------------ */

struct value host_disk_latency(const struct frame *f, unsigned row, const char *kind)
{
	static const struct {
		const char *kind, *count, *time;
	} kinds[] = {{"read", "reads", "read_time"}, {"write", "writes", "write_time"}};
	double count = 0, time = 0;
	for (int i = 0; i < 2; i++) {
		if (kind && strcmp(kind, kinds[i].kind) != 0)
			continue;
		struct value n = host_row_rate(f, PART_HOST_DISK, row, kinds[i].count);
		struct value t = host_row_rate(f, PART_HOST_DISK, row, kinds[i].time);
		if (!value_is_number(n) || !value_is_number(t))
			return VALUE_NONE;
		count += value_number(n, 0);
		time += value_number(t, 0);
	}
	return count > 0 ? value_real(1000 * time / count) : VALUE_NONE;
}

int host_disk_main(const struct frame *f)
{
	const struct part *p = part_of(f, PART_HOST_DISK);
	int best = -1;
	double most = -1;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct value busy = host_row_rate(f, PART_HOST_DISK, i, "busy");
		if (strstr(value_cstr(part_cell(p, i, "used_for")), "datadir"))
			return (int)i;
		if (!value_is_number(busy) || value_number(busy, 0) <= most)
			continue;
		most = value_number(busy, 0);
		best = (int)i;
	}
	return best;
}

struct value read_host_latency(const struct frame *f, const struct metric *m)
{
	(void)m;
	int row = host_disk_main(f);
	return row < 0 ? VALUE_NONE : host_disk_latency(f, (unsigned)row, NULL);
}

struct value read_host_util(const struct frame *f, const struct metric *m)
{
	(void)m;
	int row = host_disk_main(f);
	struct value v = row < 0 ? VALUE_NONE : host_row_rate(f, PART_HOST_DISK, (unsigned)row, "busy");
	/* The two clocks are not one: a little more than all the time is all the time. */
	return value_number(v, 0) > 1 ? value_real(1) : v;
}

/* --- memory ----------------------------------------------------------------------------------- */

struct value read_host_memory(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct value used = host_value(f, PART_HOST_MEMORY, "memory", "used");
	double limit = value_number(host_value(f, PART_HOST_MEMORY, "memory", "limit"), 0);
	return value_is_number(used) && limit > 0 ? value_real(value_number(used, 0) / limit) : VALUE_NONE;
}

struct value read_host_swap(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct value in = host_rate(f, PART_HOST_MEMORY, "memory", "swap_in");
	struct value out = host_rate(f, PART_HOST_MEMORY, "memory", "swap_out");
	if (!value_is_number(in) || !value_is_number(out))
		return VALUE_NONE;
	return value_real(value_number(in, 0) + value_number(out, 0));
}

/* --- network ---------------------------------------------------------------------------------- */

/* What goes over real interfaces: the loopback's traffic is not the network's, and that of bridges and
   containers' ends is counted on the card too. */
static bool is_card(const char *name)
{
	static const char *const other[] = {"lo", "veth", "docker", "br-", "virbr", "cni", "flannel", "cali",
					    "tun", "tap", "dummy", "ifb", "bond", "team", "tcp"};
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		if (strncmp(name, other[i], strlen(other[i])) == 0)
			return false;
	return true;
}

static struct value traffic(const struct frame *f, const char *field)
{
	const struct part *p = part_of(f, PART_HOST_NET);
	double sum = 0;
	bool any = false;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct value v = host_row_rate(f, PART_HOST_NET, i, field);
		if (!is_card(value_cstr(part_cell(p, i, "name"))) || !value_is_number(v))
			continue;
		sum += value_number(v, 0);
		any = true;
	}
	return any ? value_real(sum) : VALUE_NONE;
}

struct value read_host_net_in(const struct frame *f, const struct metric *m)
{
	(void)m;
	return traffic(f, "in_bytes");
}

struct value read_host_net_out(const struct frame *f, const struct metric *m)
{
	(void)m;
	return traffic(f, "out_bytes");
}

struct value read_host_retransmits(const struct frame *f, const struct metric *m)
{
	(void)m;
	return host_rate(f, PART_HOST_NET, "tcp", "retransmits");
}

/* --- pressure --------------------------------------------------------------------------------- */

static struct value pressure(const struct frame *f, enum part_id id, const char *row)
{
	struct value v = host_value(f, id, row, "pressure_some");
	return value_is_number(v) ? value_real(value_number(v, 0) / 100) : VALUE_NONE;
}

struct value read_host_psi_cpu(const struct frame *f, const struct metric *m)
{
	(void)m;
	return pressure(f, PART_HOST_CPU, "total");
}

struct value read_host_psi_memory(const struct frame *f, const struct metric *m)
{
	(void)m;
	return pressure(f, PART_HOST_MEMORY, "memory");
}

struct value read_host_psi_io(const struct frame *f, const struct metric *m)
{
	(void)m;
	return pressure(f, PART_HOST_DISK, "total");
}
