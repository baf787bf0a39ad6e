/*
 * Readers of the texts below /proc and /sys, and of df: any bytes are safe, nothing is copied unless
 * said so, and a line that is cut, hostile or from a kernel with other ideas is skipped or gives no
 * number; none is ever made up. Pure, any thread.
 *
 * A text is walked with *_next(), which takes the line that it read off `rest`:
 *
 *	struct text rest = text_of(file, len);
 *	struct proc_cpu cpu;
 *	while (proc_cpu_next(&rest, &cpu))
 *		...
 */
#ifndef PARSE_PROC_H
#define PARSE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Borrowed bytes, not terminated. */
struct text {
	const char *s;
	size_t n;
};
struct text text_of(const char *s, size_t n);
struct text text_str(const char *s);
/* The next line without its end, taken off `rest`; false when there is none. */
bool text_line(struct text *rest, struct text *line);
/* The next word between blanks, taken off `rest`; empty when there is none. */
struct text text_word(struct text *rest);
bool text_is(struct text t, const char *s);
bool text_begins(struct text t, const char *s);
/* A whole word as a number without a sign; what does not fit into 63 bits is none. */
bool text_u64(struct text word, uint64_t *out);
/* "12.34"; never negative, infinite or NaN. */
bool text_real(struct text word, double *out);
/* Copied and cut to `size`, with a NUL. */
void text_copy(struct text t, char *out, size_t size);

/* The number of the line `key value`, `key: value` or `key:<tab>value kB` (then in bytes): status,
   meminfo, vmstat, io, memory.events, cpu.stat and their kin. False: no such line, or no number. */
bool proc_number(struct text file, const char *key, uint64_t *out);
/* The rest of the line `key: text`, blanks around it cut. */
bool proc_line(struct text file, const char *key, struct text *out);
/* The one number of a file. "max" is none. */
bool proc_single(struct text file, uint64_t *out);

/* stat: ticks since boot, of all cores (core -1) or one. */
struct proc_cpu {
	int core;
	unsigned n;       /* how many of `ticks` this kernel has */
	uint64_t ticks[8]; /* user nice system idle iowait irq softirq steal */
};
enum { TICK_USER, TICK_NICE, TICK_SYSTEM, TICK_IDLE, TICK_IOWAIT, TICK_IRQ, TICK_SOFTIRQ, TICK_STEAL };
bool proc_cpu_next(struct text *rest, struct proc_cpu *out);

struct proc_load {
	double load[3];
	bool tasks; /* `running` and `total` are known */
	uint64_t running, total;
};
bool proc_load(struct text file, struct proc_load *out);

/* pressure/cpu and its kin: share of time that somebody (some) or everybody (full) waited. */
struct proc_pressure {
	bool there;
	double avg10, avg60, avg300; /* percent */
	uint64_t total;              /* microseconds since boot */
};
bool proc_pressure(struct text file, struct proc_pressure *some, struct proc_pressure *full);

/* diskstats. */
struct proc_disk {
	unsigned major, minor;
	struct text name;
	uint64_t reads, reads_merged, sectors_read, read_ms;
	uint64_t writes, writes_merged, sectors_written, write_ms;
	uint64_t in_flight, busy_ms, queue_ms;
};
bool proc_disk_next(struct text *rest, struct proc_disk *out);
/* Whether `name` is a partition of `disk`: sda1 of sda, nvme0n1p2 of nvme0n1. */
bool proc_is_partition(struct text name, struct text disk);

/* self/mountinfo or PID/mountinfo. Octal escapes are still in the texts: see proc_unescape(). */
struct proc_mount {
	unsigned major, minor;
	struct text point, type, device;
	bool read_only;
};
bool proc_mount_next(struct text *rest, struct proc_mount *out);
/* `\040` back to a blank, appended. */
void proc_unescape(struct buf *out, struct text t);

/* df -kP or df -iP, of coreutils and busybox: blanks in names are fine. What shows `-` is absent. */
struct df_row {
	struct text device, point;
	bool known;
	uint64_t total, used, available; /* kilobytes, or inodes */
};
bool df_next(struct text *rest, struct df_row *out);

/* net/dev. */
struct proc_net {
	struct text name;
	uint64_t in_bytes, in_packets, in_errors, in_drops;
	uint64_t out_bytes, out_packets, out_errors, out_drops;
};
bool proc_net_next(struct text *rest, struct proc_net *out);
/* net/snmp, net/netstat: a line of names and a line of numbers that begin with the same word. */
bool proc_pair(struct text file, const char *group, const char *name, uint64_t *out);

/* PID/stat or PID/task/TID/stat. The name may hold blanks and parentheses. */
struct proc_task {
	uint64_t pid, parent;
	struct text name;
	char state;
	uint64_t user, system; /* ticks */
	uint64_t threads, start /* ticks since boot */, rss /* pages */;
};
bool proc_task(struct text file, struct proc_task *out);
/* "sleeping" for S; "unknown" else. */
const char *proc_state_name(char state);
/* The soft limit of a line of PID/limits; "unlimited" is UINT64_MAX. */
bool proc_limit(struct text file, const char *name, uint64_t *out);
/* schedstat: nanoseconds on a core, nanoseconds runnable but waiting for one. */
bool proc_schedstat(struct text file, uint64_t *ran, uint64_t *waited);
/* The innermost of NSpid in a status file: how the process numbers itself. */
bool proc_inner_pid(struct text status, uint64_t *out);

/* The folder of a process in PID/cgroup: of controller "" (version 2) or "memory", "cpu". */
bool cgroup_path(struct text file, const char *controller, struct text *out);
/* cpu.max: cores that may be used; false: no limit. */
bool cgroup_cpu_max(struct text file, double *cores);
/* A value of os-release, quotes taken off. */
bool os_release(struct text file, const char *key, struct text *out);

#endif
