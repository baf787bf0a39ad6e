/*
 * A host for golden screens, as its parts: eight cores with steal on one, a datadir on a busy disk, a filesystem
 * that fills, a cgroup that throttles, and names that mean harm.
 */
#ifndef TESTS_GOLDENHOST_H
#define TESTS_GOLDENHOST_H

#include "base/buf.h"
#include "tests/unit/collect_rows.h"

static inline struct part *goldenhost_cpu(double at, int n, unsigned cores, bool limited)
{
	struct buf b = BUF_INIT;
	int c = (int)cores;
	buf_addf(&b, "name=total user=%.2f nice=0 system=%.2f idle=%.2f iowait=%.2f irq=%.2f steal=%.2f cores=%d "
		     "run_queue=19 blocked=3 context_switches=%d forks=%d load1=14.2 load5=9.81 load15=6.4 "
		     "pressure_some=23.4 pressure_full=0",
		 0.52 * c * n, 0.11 * c * n, 0.27 * c * n, 0.06 * c * n, 0.01 * c * n, 0.03 * c * n, c, 41000 * n,
		 12 * n);
	if (limited)
		buf_addf(&b, " quota_cores=4 cgroup_cpu=%.2f throttled=%.2f throttled_periods=%d", 3.9 * n,
			 0.31 * n, 4 * n);
	buf_addc(&b, '\n');
	for (int i = 0; i < c; i++) {
		double busy = 0.2 + 0.1 * (i % 8);
		buf_addf(&b, "name=cpu%d user=%.2f system=%.2f idle=%.2f iowait=%.2f steal=%.2f\n", i,
			 busy * n * 0.8, busy * n * 0.2, (0.95 - busy) * n, 0.02 * n, i == 3 ? 0.2 * n : 0.03 * n);
	}
	struct part *p = rows_part(PART_HOST_CPU, at, buf_str(&b));
	buf_release(&b);
	return p;
}

__attribute__((format(printf, 3, 4)))
static inline struct part *goldenhost_part(enum part_id id, double at, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct part *p = rows_part(id, at, buf_str(&b));
	buf_release(&b);
	return p;
}

#define GIB(x) ((long long)((x) * 1073741824.0))

static inline struct part *goldenhost_memory(double at, int n, bool limited)
{
	return goldenhost_part(
		PART_HOST_MEMORY, at,
		"name=memory limit=%lld used=%lld total=%lld free=%lld available=%lld cached=%lld buffers=%lld "
		"dirty=%lld swap_total=%lld swap_used=%lld swap_in=%d swap_out=%d pressure_some=2.1 oom_kills=%d "
		"huge_total=0 %s%s",
		limited ? GIB(16) : GIB(31.3), limited ? GIB(15.2) : GIB(26.1), GIB(31.3), GIB(0.6), GIB(5.2),
		GIB(4.4), GIB(0.3), GIB(0.08), GIB(4), GIB(0.9), 81920 * n, 4096 * n, limited ? 2 : 0,
		limited ? "cgroup_limit=17179869184 cgroup_used=17100000000 cgroup_cache=700000000 " : "",
		limited ? "cgroup_oom_kills=2" : "");
}

static inline struct part *goldenhost_disk(double at, int n)
{
	return goldenhost_part(
		PART_HOST_DISK, at,
		"name=nvme0n1 used_for='datadir, redo, undo' reads=%d read_bytes=%d read_time=%.2f writes=%d "
		"written_bytes=%lld write_time=%.2f in_flight=6 busy=%.2f queue_time=%.2f\n"
		"name=sda used_for='binlog, tmpdir' reads=%d read_bytes=%d read_time=%.2f writes=%d written_bytes=%d "
		"write_time=%.2f in_flight=31 busy=%.3f queue_time=%.2f io_errors=%d\n"
		"name=sdb reads=10 read_bytes=40960 read_time=0.1 writes=0 written_bytes=0 write_time=0 in_flight=0 "
		"busy=0.1 queue_time=0.1 io_errors=4\n"
		"name=total pressure_some=18.2 pressure_full=3.1\n",
		2100 * n, 34000000 * n, 0.9 * n, 1400 * n, 52000000LL * n, 0.7 * n, 0.61 * n, 1.6 * n, 4 * n,
		16384 * n, 0.11 * n, 210 * n, 9100000 * n, 27.1 * n, 0.987 * n, 31.2 * n, 7 + n);
}

static inline struct part *goldenhost_fs(double at, int n)
{
	return goldenhost_part(
		PART_HOST_FS, at,
		"mount=/ device=/dev/sda1 type=ext4 size=%lld used=%lld available=%lld inodes=6553600 inodes_used=412000 "
		"read_only=0 fs_errors=0\n"
		"mount=/var/lib/mysql device=/dev/nvme0n1p1 type=xfs used_for='datadir, redo, undo' size=%lld "
		"used=%lld available=%lld inodes=209715200 inodes_used=3012 read_only=0\n"
		"mount=/var/log device=/dev/sda2 type=ext4 used_for=binlog size=%lld used=%lld available=%lld "
		"inodes=655360 inodes_used=655001 read_only=1 fs_errors=3\n"
		"mount='/mnt/back\033[31mup' device=nas:/export type=nfs4 size=%lld used=%lld available=%lld\n",
		GIB(98), GIB(21), GIB(72), GIB(500), GIB(402) + 48000000LL * n, GIB(98) - 48000000LL * n, GIB(10),
		GIB(9.7), GIB(0.2), GIB(4000), GIB(3100), GIB(900));
}

static inline struct part *goldenhost_net(double at, int n)
{
	return goldenhost_part(
		PART_HOST_NET, at,
		"name=lo in_bytes=%d in_packets=%d in_errors=0 in_drops=0 out_bytes=%d out_packets=%d out_errors=0 "
		"out_drops=0\n"
		"name=eth0 in_bytes=%d in_packets=%d in_errors=0 in_drops=%d out_bytes=%lld out_packets=%d out_errors=0 "
		"out_drops=0\n"
		"name=eth1 in_bytes=%d in_packets=%d in_errors=0 in_drops=0 out_bytes=%d out_packets=%d out_errors=0 "
		"out_drops=0\n"
		"name=tcp out_segments=%d retransmits=%d established=512 listen_overflows=%d listen_drops=%d\n",
		1000 * n, 10 * n, 1000 * n, 10 * n, 2400000 * n, 9100 * n, 3 * n, 31000000LL * n, 24000 * n, 900 * n,
		4 * n, 1200 * n, 5 * n, 26000 * n, 310 * n, n > 20 ? 40 + 3 * n : 40, 44 + 3 * n);
}

static inline struct part *goldenhost_process(double at, int n, bool denied)
{
	struct buf text = BUF_INIT;
	buf_addf(&text,
		 "pid=812 name=mysqld kind=server state=sleeping cpu=%.2f rss=%lld swap=12582912 threads=61 %s "
		 "fd_limit=5000 oom_score=712 oom_score_adj=0 age=3551411\n"
		 "pid=2201 name=xtrabackup kind=other state='disk sleep' cpu=%.2f rss=%lld swap=0 threads=3 age=811\n"
		 "pid=901 name='java \033[2J evil' kind=other state=running cpu=%.2f rss=%lld swap=0 threads=211 "
		 "age=3551000\n"
		 "pid=77 name=systemd-journal kind=other state=sleeping cpu=%.2f rss=%lld swap=0 threads=1 age=3551411\n"
		 "pid=3003 name=logrotate kind=other state=sleeping cpu=%.2f rss=%lld swap=0 threads=1 age=12\n",
		 3.1 * n, GIB(22.4), denied ? "" : "fds=812 read_bytes=0 written_bytes=0", 0.93 * n, GIB(0.4), 0.21 * n,
		 GIB(2.1), 0.02 * n, GIB(0.1), 0.001 * n, GIB(0.01));
	struct part_builder *b = rows_builder(PART_HOST_PROCESS, buf_str(&text));
	buf_release(&text);
	static const char *const hidden[] = {"fds", "read_bytes", "written_bytes"};
	for (size_t i = 0; i < COUNT_OF(hidden) && denied; i++)
		part_set_absent(b, (unsigned)schema_field(collect_schema(PART_HOST_PROCESS), hidden[i]),
				"the login on the host may not read /proc/812/io: same user or root only");
	return part_seal(b, (int64_t)(at * (double)NS_PER_S), 0, 1);
}

static inline struct part *goldenhost_host(double at, bool container)
{
	return goldenhost_part(PART_HOST, at,
			       "name=db3 kernel=6.1.0-18-amd64 system='Debian GNU/Linux 12 (bookworm)' uptime=3551420 "
			       "cores=8 machine='QEMU Standard PC' pid=812 inner_pid=%d found_by='port 3306' "
			       "cgroup=/system.slice/%s cgroup_version=2 %s",
			       container ? 1 : 812, container ? "docker-4f2a.scope" : "mysql.service",
			       container ? "container=Docker" : "");
}

#endif
