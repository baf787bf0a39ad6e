/* Rules about the server's host: CPU, memory, disks and network. They judge what was read there and nothing
   else: without the host's data they say so. */
#include <string.h>

#include "base/buf.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"
#include "model/hostmetric.h"

static const char no_host[] = "not applicable: no host data";

/* A part of the host that can be judged by. */
static const struct part *host_part(struct rule_input *in, enum part_id id)
{
	const struct part *p = in->frame->now->parts[id];
	if (p && part_status(p) == PART_OK && part_rows(p))
		return p;
	in->why = p && part_reason(p) ? arena_strdup(in->arena, part_reason(p)) : no_host;
	return NULL;
}

static double row_rate(const struct rule_input *in, enum part_id id, unsigned row, const char *field)
{
	return value_number(host_row_rate(in->frame, id, row, field), 0);
}

static double rate_of(const struct rule_input *in, enum part_id id, const char *row, const char *field)
{
	return value_number(host_rate(in->frame, id, row, field), 0);
}

/* What a metric was over the rule's last seconds, for what comes and goes. */
static double mean(const struct rule_input *in, unsigned metric, double seconds)
{
	return value_number(rule_mean(in, metric, seconds), 0);
}

/* --- who ------------------------------------------------------------------------------------------- */

/* The process with the highest rate or value of a field; -1: none. */
static int top_process(const struct rule_input *in, const char *field, bool as_rate, double *most)
{
	const struct part *p = in->frame->now->parts[PART_HOST_PROCESS];
	int top = -1;
	*most = 0;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		double v = as_rate ? row_rate(in, PART_HOST_PROCESS, i, field)
				   : value_number(part_cell(p, i, field), 0);
		if (v <= *most)
			continue;
		*most = v;
		top = (int)i;
	}
	return top;
}

static bool is_server(const struct rule_input *in, int process)
{
	return process >= 0 && process == host_server_row(in->frame);
}

/* "mysqldump[4711]", as a shell's `kill` would need it. */
static const char *process_name(const struct rule_input *in, int process)
{
	const struct part *p = in->frame->now->parts[PART_HOST_PROCESS];
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s[%lld]", value_cstr(part_cell(p, (unsigned)process, "name")),
		 (long long)value_integer(part_cell(p, (unsigned)process, "pid"), 0));
	const char *name = arena_strdup(in->arena, buf_str(&b));
	buf_release(&b);
	return name;
}

/* The host's name, for what it as a whole suffers from. */
static const char *host_name(const struct rule_input *in)
{
	const struct part *p = in->frame->now->parts[PART_HOST];
	const char *name = p && part_rows(p) ? value_cstr(part_cell(p, 0, "name")) : "";
	if (!*name)
		name = in->frame->now->server.hostname;
	return *name ? name : "the host";
}

/* The client's session that takes most CPU of the server's threads; 0: none takes much. */
static int64_t top_session(const struct rule_input *in, double *cores)
{
	const struct part *threads = in->frame->now->parts[PART_HOST_THREADS];
	const struct part *sessions = in->frame->now->parts[PART_PROCESSLIST];
	int64_t found = 0;
	*cores = 0.3; /* less is nobody in particular */
	for (unsigned i = 0; sessions && threads && i < part_rows(sessions); i++) {
		struct value tid = part_cell(sessions, i, "os_thread_id");
		int row = tid.type == VALUE_INT ? part_find(threads, tid) : -1;
		double v = row < 0 ? 0 : row_rate(in, PART_HOST_THREADS, (unsigned)row, "cpu");
		if (v <= *cores || !session_is_clients(sessions, i))
			continue;
		*cores = v;
		found = session_id(sessions, i);
	}
	return found;
}

/* --- host-cpu -------------------------------------------------------------------------------------- */

enum { CPU_BUSY, CPU_STEAL, CPU_THROTTLED };
enum { CPU_WINDOW = 5 };

static double cores_of(const struct rule_input *in)
{
	double quota = value_number(host_value(in->frame, PART_HOST_CPU, "total", "quota_cores"), 0);
	return quota > 0 ? quota : value_number(host_value(in->frame, PART_HOST_CPU, "total", "cores"), 1);
}

/* Full is not yet too full: somebody has to wait for a core. */
static bool somebody_waits(const struct rule_input *in)
{
	double queue = value_number(host_value(in->frame, PART_HOST_CPU, "total", "run_queue"), 0);
	double pressure = value_number(host_value(in->frame, PART_HOST_CPU, "total", "pressure_some"), 0);
	return queue > 1.5 * cores_of(in) || pressure >= 40;
}

/* Whether it hurts: a database with nothing to do does not mind that others work. */
static enum severity severity_of(const struct rule_input *in, int top)
{
	int server = host_server_row(in->frame);
	if (top == server || server < 0)
		return SEVERITY_WARNING;
	return row_rate(in, PART_HOST_PROCESS, (unsigned)server, "cpu") >= 0.1 ? SEVERITY_WARNING
									      : SEVERITY_NOTICE;
}

static void tell_eater(struct rule_input *in, struct finding *f, double busy)
{
	double used, of_session;
	int top = top_process(in, "cpu", true, &used);
	if (top < 0) {
		finding_say(f, in->arena, SEVERITY_WARNING, 0.6, "CPU of %s is %.0f %% in use", host_name(in),
			    100 * busy);
		finding_suspect(f, in->arena, SUBJECT_HOST, "%s", host_name(in));
		return;
	}
	const char *name = process_name(in, top);
	f->outside = !is_server(in, top);
	int64_t session = is_server(in, top) ? top_session(in, &of_session) : 0;
	if (session) {
		finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
			    "CPU is %.0f %% in use: %s takes %.1f cores, %.1f of them session %lld", 100 * busy,
			    name, used, of_session, (long long)session);
		finding_culprit(f, in->arena, SUBJECT_SESSION, "%lld", (long long)session);
		finding_evidence(f, in->arena, "cores that the session takes", UNIT_COUNT,
				 value_real(of_session));
		finding_step(f, in->arena, STEP_KILL_QUERY, "%lld", (long long)session);
	} else {
		finding_say(f, in->arena, severity_of(in, top), 0.9, "CPU is %.0f %% in use: %s%s takes %.1f cores",
			    100 * busy, name, is_server(in, top) ? "" : ", which is not the database,", used);
		finding_culprit(f, in->arena, SUBJECT_HOST, "%s", name);
		if (is_server(in, top))
			finding_step(f, in->arena, STEP_LOOK, "the statements by time");
		else
			finding_step(f, in->arena, STEP_LOOK, "who started %s, and why now", name);
	}
	finding_evidence(f, in->arena, "cores that the process takes", UNIT_COUNT, value_real(used));
}

static enum judged host_cpu(struct rule_input *in, struct finding *f)
{
	if (!host_part(in, PART_HOST_CPU))
		return JUDGED_BLIND;
	double busy = mean(in, METRIC_HOST_CPU, CPU_WINDOW), steal = mean(in, METRIC_HOST_STEAL, CPU_WINDOW);
	double throttled = rate_of(in, PART_HOST_CPU, "total", "throttled");
	if (rule_over(in, CPU_STEAL, steal)) {
		finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
			    "the hypervisor gives %.0f %% of this machine's CPU time to others", 100 * steal);
		f->outside = true;
		finding_culprit(f, in->arena, SUBJECT_HOST, "%s", host_name(in));
		finding_step(f, in->arena, STEP_LOOK, "the machine's CPU credits, and its neighbours");
	} else if (rule_over(in, CPU_THROTTLED, throttled)) {
		finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
			    "the server is throttled: its CPU limit of %.3g cores is used up", cores_of(in));
		finding_culprit(f, in->arena, SUBJECT_HOST, "%s", host_name(in));
		finding_step(f, in->arena, STEP_CONFIG, "the container's CPU limit (cpu.max)");
	} else if (rule_over(in, CPU_BUSY, busy) && (in->raised || somebody_waits(in))) {
		tell_eater(in, f, busy);
	} else {
		return JUDGED_NO;
	}
	finding_evidence(f, in->arena, "host_cpu", UNIT_RATIO, value_real(busy));
	finding_evidence(f, in->arena, "host_steal", UNIT_RATIO, value_real(steal));
	finding_evidence(f, in->arena, "seconds throttled, each second", UNIT_SECONDS, value_real(throttled));
	finding_evidence(f, in->arena, "cores", UNIT_COUNT, value_real(cores_of(in)));
	finding_evidence(f, in->arena, "threads that want to run", UNIT_COUNT,
			 host_value(in->frame, PART_HOST_CPU, "total", "run_queue"));
	return JUDGED_YES;
}

const struct rule host_cpu_rule = {
	.id = "host-cpu",
	.title = "CPU is used up",
	/* Threads are dear to read: they are looked at where a person watches them, not asked for. */
	.needs = PART_BIT(PART_HOST_CPU) | PART_BIT(PART_HOST_PROCESS) | PART_BIT(PART_PROCESSLIST),
	.hold = 2,
	.linger = 5,
	.window = CPU_WINDOW,
	.thresholds = {{"busy", UNIT_RATIO, 0.95, 0.85,
			"share of CPU time in use, while threads wait for a core"},
		       {"steal", UNIT_RATIO, 0.1, 0.05, "share of CPU time that the hypervisor gave to others"},
		       {"throttled", UNIT_SECONDS, 0.1, 0.02, "seconds throttled by the cgroup, each second"}},
	.explanation = "Threads wait for a core, so every statement takes longer, cheap ones too. The process that takes "
		       "most is named, and of the server the session. Steal and throttling come from outside: the server "
		       "could run and is not let.",
	.right = "Another process: ask its owner to stop or move it. The server: end or mend the statement named. Steal "
		 "or throttling: a larger machine or limit.",
	.wrong = "Blaming the database before looking who takes the CPU.",
	.reference = "proc(5): /proc/stat; cgroups: cpu.max",
	.judge = host_cpu,
};

/* --- host-memory ----------------------------------------------------------------------------------- */

enum { MEMORY_USED, MEMORY_SWAP };
enum { MEMORY_WINDOW = 5 };

/* Which setting or process takes the memory. */
static void name_taker(struct rule_input *in, struct finding *f)
{
	double limit = value_number(host_value(in->frame, PART_HOST_MEMORY, "memory", "limit"), 0), rss;
	struct value pool = frame_value_of(in->frame, PART_VARIABLES, "innodb_buffer_pool_size");
	int top = top_process(in, "rss", false, &rss);
	if (limit > 0 && value_number(pool, 0) >= 0.8 * limit)
		finding_culprit(f, in->arena, SUBJECT_VARIABLE, "innodb_buffer_pool_size");
	else if (top >= 0 && !is_server(in, top))
		finding_culprit(f, in->arena, SUBJECT_HOST, "%s", process_name(in, top));
	else if (top >= 0)
		finding_suspect(f, in->arena, SUBJECT_HOST, "%s", process_name(in, top));
	finding_evidence(f, in->arena, "innodb_buffer_pool_size", UNIT_BYTES, pool);
	if (top >= 0)
		finding_evidence(f, in->arena, "memory of the largest process", UNIT_BYTES, value_real(rss));
}

static const char *taker(const struct finding *f)
{
	return f->n_culprits ? f->culprits[0].id : f->n_suspects ? f->suspects[0].id : "unknown";
}

static enum judged host_memory(struct rule_input *in, struct finding *f)
{
	if (!host_part(in, PART_HOST_MEMORY))
		return JUDGED_BLIND;
	double kills = rate_of(in, PART_HOST_MEMORY, "memory", "oom_kills") +
		       rate_of(in, PART_HOST_MEMORY, "memory", "cgroup_oom_kills");
	double swap = mean(in, METRIC_HOST_SWAP, MEMORY_WINDOW);
	struct value used = metric_read(METRIC_HOST_MEMORY, in->frame);
	bool near = value_is_number(used) && rule_over(in, MEMORY_USED, value_number(used, 0));
	bool swaps = rule_over(in, MEMORY_SWAP, swap);
	if (kills <= 0 && !near && !swaps)
		return JUDGED_NO;
	name_taker(in, f);
	double confidence = f->n_culprits ? 0.9 : 0.7;
	if (kills > 0)
		finding_say(f, in->arena, SEVERITY_CRITICAL, confidence,
			    "memory ran out: the kernel killed a process; most memory has %s", taker(f));
	else if (swaps)
		finding_say(f, in->arena, SEVERITY_WARNING, confidence,
			    "the host swaps %.1f MB/s; most memory has %s", swap / 1048576, taker(f));
	else
		finding_say(f, in->arena, SEVERITY_WARNING, confidence, "%.0f %% of the memory is used; most has %s",
			    100 * value_number(used, 0), taker(f));
	finding_evidence(f, in->arena, "host_memory", UNIT_RATIO, used);
	finding_evidence(f, in->arena, "host_swap", UNIT_BYTES, value_real(swap));
	finding_evidence(f, in->arena, "limit", UNIT_BYTES,
			 host_value(in->frame, PART_HOST_MEMORY, "memory", "limit"));
	finding_evidence(f, in->arena, "OOM kills since the boot", UNIT_COUNT,
			 host_value(in->frame, PART_HOST_MEMORY, "memory", "oom_kills"));
	finding_step(f, in->arena, STEP_LOOK, "the processes by memory");
	if (kills > 0)
		finding_step(f, in->arena, STEP_SHELL, "journalctl -k --grep 'Out of memory|oom-kill'");
	return JUDGED_YES;
}

const struct rule host_memory_rule = {
	.id = "host-memory",
	.title = "Memory runs out",
	.needs = PART_BIT(PART_HOST_MEMORY) | PART_BIT(PART_HOST_PROCESS) | PART_BIT(PART_VARIABLES),
	.linger = 20,
	.window = MEMORY_WINDOW,
	.thresholds = {{"used", UNIT_RATIO, 0.96, 0.93, "share of the memory (or of the cgroup's limit) in use"},
		       {"swap", UNIT_BYTES, 1048576, 262144, "bytes a second to and from swap, for five seconds"}},
	.explains = "restart host-io",
	.explanation = "When memory is used up the kernel first reclaims, then swaps, and in the end kills the process that "
		       "looks worst to it, mostly the database. A database that swaps is slow in everything.",
	.right = "Take memory from who should not have it: another process, too large a buffer pool, or buffers of many "
		 "sessions. The buffer pool can be made smaller while the server runs.",
	.wrong = "swapoff on a host that swaps: what is in swap must fit into memory, or the killer comes.",
	.reference = "proc(5): /proc/meminfo, /proc/vmstat; cgroups: memory.max, memory.events",
	.judge = host_memory,
};

/* --- host-io --------------------------------------------------------------------------------------- */

enum { IO_LATENCY, IO_QUEUE };

/* What the server writes to and cannot. */
static bool tell_read_only(struct rule_input *in, struct finding *f)
{
	const struct part *p = in->frame->now->parts[PART_HOST_FS];
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		double errors = row_rate(in, PART_HOST_FS, i, "fs_errors");
		bool ours = *value_cstr(part_cell(p, i, "used_for"));
		bool read_only = value_integer(part_cell(p, i, "read_only"), 0);
		if (!ours || (!read_only && errors <= 0))
			continue;
		const char *device = value_cstr(part_cell(p, i, "device"));
		finding_say(f, in->arena, SEVERITY_CRITICAL, 1,
			    read_only ? "%s (%s) is mounted read-only: the server cannot write there"
				      : "the filesystem on %s (%s) has found errors in itself",
			    device, value_cstr(part_cell(p, i, "used_for")));
		finding_culprit(f, in->arena, SUBJECT_DEVICE, "%s", device);
		finding_evidence(f, in->arena, "mounted on", UNIT_NONE, part_cell(p, i, "mount"));
		finding_step(f, in->arena, STEP_SHELL, "dmesg | tail -50");
		return true;
	}
	return false;
}

/* The slowest disk that does enough to be judged; one with errors before all; -1: none. */
static int worst_disk(const struct rule_input *in, const struct part *p, bool *errors, double *latency)
{
	int worst = -1;
	*errors = false;
	*latency = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		if (strcmp(value_cstr(part_cell(p, i, "name")), "total") == 0)
			continue;
		if (row_rate(in, PART_HOST_DISK, i, "io_errors") > 0) {
			*errors = true;
			return (int)i;
		}
		double n = row_rate(in, PART_HOST_DISK, i, "reads") + row_rate(in, PART_HOST_DISK, i, "writes");
		double ms = value_number(host_disk_latency(in->frame, i, NULL), 0);
		double queue = row_rate(in, PART_HOST_DISK, i, "queue_time");
		if (n < 5 || !rule_over(in, IO_LATENCY, ms / 1000) || !rule_over(in, IO_QUEUE, queue) ||
		    ms <= *latency)
			continue;
		*latency = ms;
		worst = (int)i;
	}
	return worst;
}

static void name_user(struct rule_input *in, struct finding *f)
{
	double reads, writes;
	int reader = top_process(in, "read_bytes", true, &reads);
	int writer = top_process(in, "written_bytes", true, &writes);
	int top = reads > writes ? reader : writer;
	if (top < 0)
		return;
	finding_evidence(f, in->arena, "most is read or written by", UNIT_NONE, value_str(process_name(in, top)));
	finding_evidence(f, in->arena, "bytes a second of it", UNIT_BYTES,
			 value_real(reads > writes ? reads : writes));
	if (!is_server(in, top))
		finding_suspect(f, in->arena, SUBJECT_HOST, "%s", process_name(in, top));
}

static enum judged host_io(struct rule_input *in, struct finding *f)
{
	const struct part *p = host_part(in, PART_HOST_DISK);
	bool errors;
	double ms;
	if (!p)
		return JUDGED_BLIND;
	if (tell_read_only(in, f))
		return JUDGED_YES;
	int disk = worst_disk(in, p, &errors, &ms);
	if (disk < 0)
		return JUDGED_NO;
	unsigned row = (unsigned)disk;
	const char *name = value_cstr(part_cell(p, row, "name"));
	const char *holds = value_cstr(part_cell(p, row, "used_for"));
	name_user(in, f);
	const char *other = f->n_suspects ? f->suspects[0].id : NULL;
	if (errors)
		finding_say(f, in->arena, SEVERITY_CRITICAL, 1, "%s%s%s%s reports errors: the disk is failing", name,
			    *holds ? " (" : "", holds, *holds ? ")" : "");
	else
		finding_say(f, in->arena, *holds ? SEVERITY_WARNING : SEVERITY_NOTICE, 0.9,
			    "%s%s%s%s takes %.0f ms for a request%s%s", name, *holds ? " (" : "", holds,
			    *holds ? ")" : "", ms, other ? "; most is read or written by " : "",
			    other ? other : "");
	finding_culprit(f, in->arena, SUBJECT_DEVICE, "%s", name);
	finding_evidence(f, in->arena, "milliseconds a request", UNIT_MS, value_real(ms));
	finding_evidence(f, in->arena, "requests under way on average", UNIT_COUNT,
			 host_row_rate(in->frame, PART_HOST_DISK, row, "queue_time"));
	finding_evidence(f, in->arena, "share of time busy", UNIT_RATIO,
			 host_row_rate(in->frame, PART_HOST_DISK, row, "busy"));
	finding_evidence(f, in->arena, "errors", UNIT_COUNT, part_cell(p, row, "io_errors"));
	finding_step(f, in->arena, STEP_LOOK, "who reads and writes: processes and files");
	if (errors)
		finding_step(f, in->arena, STEP_SHELL, "dmesg | grep -i %s; smartctl -a /dev/%s", name, name);
	return JUDGED_YES;
}

const struct rule host_io_rule = {
	.id = "host-io",
	.title = "A disk is slow or fails",
	.needs = PART_BIT(PART_HOST_DISK) | PART_BIT(PART_HOST_FS) | PART_BIT(PART_HOST_PROCESS),
	.hold = 1,
	.linger = 10,
	.thresholds = {{"latency", UNIT_SECONDS, 0.05, 0.03, "time of a request, its waiting included"},
		       {"queue", UNIT_COUNT, 1, 0.5, "requests under way on average"}},
	.explains = "dirty-flush-storm replica-lag",
	.explanation = "Requests wait in the disk's queue; commits wait for their fsync, reads for their pages. Busy all the "
		       "time is no sign by itself, since flash works in parallel; latency with a queue is.",
	.right = "Find who reads or writes most: another process can be stopped; in the server it is a statement, a "
		 "backup, or flushing. Errors: a backup now, then another disk.",
	.wrong = "innodb_flush_log_at_trx_commit = 0 to get by: commits are then lost with the next crash.",
	.reference = "proc(5): /proc/diskstats; iostat(1)",
	.judge = host_io,
};

/* --- host-net -------------------------------------------------------------------------------------- */

enum { NET_RETRANSMITS, NET_ERRORS };

/* The interface with most damaged packets; -1: none has over the limit. */
static int damaged_interface(const struct rule_input *in, const struct part *p, double *most)
{
	int worst = -1;
	*most = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		double n = row_rate(in, PART_HOST_NET, i, "in_errors") + row_rate(in, PART_HOST_NET, i, "out_errors");
		if (n > *most && rule_over(in, NET_ERRORS, n)) {
			*most = n;
			worst = (int)i;
		}
	}
	return worst;
}

static enum judged host_net(struct rule_input *in, struct finding *f)
{
	const struct part *p = host_part(in, PART_HOST_NET);
	if (!p)
		return JUDGED_BLIND;
	double sent = rate_of(in, PART_HOST_NET, "tcp", "out_segments"), errors;
	double again = rate_of(in, PART_HOST_NET, "tcp", "retransmits");
	double overflows = rate_of(in, PART_HOST_NET, "tcp", "listen_overflows");
	int card = damaged_interface(in, p, &errors);
	/* A few segments are no sample. */
	bool loses = sent >= 50 && rule_over(in, NET_RETRANSMITS, again / sent);
	if (card >= 0) {
		const char *name = value_cstr(part_cell(p, (unsigned)card, "name"));
		finding_say(f, in->arena, SEVERITY_WARNING, 1, "%s damages %.0f packets a second", name, errors);
		finding_culprit(f, in->arena, SUBJECT_DEVICE, "%s", name);
		finding_step(f, in->arena, STEP_SHELL, "ethtool -S %s", name);
	} else if (overflows > 0) {
		finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
			    "%.0f connections a second are turned away: a listening socket's queue is full", overflows);
		finding_suspect(f, in->arena, SUBJECT_VARIABLE, "back_log");
		finding_step(f, in->arena, STEP_SHELL, "ss -ltn");
	} else if (loses) {
		finding_say(f, in->arena, SEVERITY_WARNING, 0.8, "%.1f %% of what %s sends is lost and sent again",
			    100 * again / sent, host_name(in));
		finding_culprit(f, in->arena, SUBJECT_HOST, "%s", host_name(in));
		finding_step(f, in->arena, STEP_SHELL, "ss -ti, for which peers");
	} else {
		return JUDGED_NO;
	}
	finding_evidence(f, in->arena, "segments sent a second", UNIT_COUNT, value_real(sent));
	finding_evidence(f, in->arena, "of them again", UNIT_COUNT, value_real(again));
	finding_evidence(f, in->arena, "listen overflows a second", UNIT_COUNT, value_real(overflows));
	return JUDGED_YES;
}

const struct rule host_net_rule = {
	.id = "host-net",
	.title = "The network loses packets or connections",
	.needs = PART_BIT(PART_HOST_NET),
	.hold = 1,
	.linger = 10,
	.thresholds = {{"retransmits", UNIT_RATIO, 0.03, 0.01, "share of TCP segments sent again"},
		       {"errors", UNIT_COUNT, 1, 0.2, "damaged packets a second on an interface"}},
	.explains = "replica-io semisync-stall",
	.explanation = "Packets that get lost are sent again after a pause: clients and replicas stall for fractions of a "
		       "second. A full listen queue turns connections away before the server sees them.",
	.right = "Damaged packets: cable, card or port. Retransmits: the way to the peers concerned. Overflows: find what "
		 "keeps the server from accepting; then back_log and net.core.somaxconn.",
	.wrong = "Raising connection time-outs: it hides the loss and makes each stall longer.",
	.reference = "proc(5): /proc/net/dev, /proc/net/snmp, /proc/net/netstat",
	.judge = host_net,
};
