/*
 * Texts of /proc, /sys and df of several kernels and tools, whole and broken.
 */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/proc.h"
#include "tests/unit/cmocka_all.h"

static void is(struct text t, const char *s)
{
	char *have = t.n ? xstrndup(t.s, t.n) : xstrdup("");
	assert_string_equal(have, s);
	free(have);
}

static void numbers(void **state)
{
	(void)state;
	uint64_t v = 7;
	double r;
	assert_true(text_u64(text_str("9223372036854775807"), &v));
	assert_false(text_u64(text_str("9223372036854775808"), &v));
	assert_false(text_u64(text_str("99999999999999999999"), &v));
	assert_false(text_u64(text_str("-1"), &v));
	assert_false(text_u64(text_str(""), &v));
	assert_true(text_real(text_str("0.25"), &r));
	assert_float_equal(r, 0.25, 1e-12);
	assert_false(text_real(text_str("nan"), &r));
	assert_false(text_real(text_str("1."), &r));
}

static void lines_by_key(void **state)
{
	(void)state;
	struct text t = text_str("MemTotal:       16314320 kB\nMem:  1\npswpin 12\nNSpid:\t812\t1\nBig: "
				 "9223372036854775807 kB\nCut");
	uint64_t v;
	assert_true(proc_number(t, "MemTotal", &v));
	assert_int_equal(v, INT64_C(16314320) * 1024);
	assert_true(proc_number(t, "pswpin", &v));
	assert_int_equal(v, 12);
	assert_false(proc_number(t, "Big", &v));
	assert_false(proc_number(t, "Cut", &v));
	assert_false(proc_number(t, "MemTot", &v));
	assert_true(proc_inner_pid(t, &v));
	assert_int_equal(v, 1);
}

static void cpus(void **state)
{
	(void)state;
	struct text rest = text_str("cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 2 3 4\ncpu1 1 2\n"
				    "cpu2 1 2 3 4 5 -6\nintr 5\ncpux 1 2 3 4\n");
	struct proc_cpu c;
	assert_true(proc_cpu_next(&rest, &c));
	assert_int_equal(c.core, -1);
	assert_int_equal(c.n, 8);
	assert_int_equal(c.ticks[TICK_STEAL], 80);
	assert_true(proc_cpu_next(&rest, &c));
	assert_int_equal(c.core, 0);
	assert_int_equal(c.n, 4);
	assert_true(proc_cpu_next(&rest, &c));
	assert_int_equal(c.core, 2);
	assert_int_equal(c.n, 5);
	assert_false(proc_cpu_next(&rest, &c));
}

static void pressure(void **state)
{
	(void)state;
	struct proc_pressure some, full;
	assert_true(proc_pressure(text_str("some avg10=5.66 avg60=6.70 avg300=11.87 total=2781160820\n"
					   "full avg10=bad avg60=0.00 avg300=0.00 total=0\n"), &some, &full));
	assert_float_equal(some.avg10, 5.66, 1e-9);
	assert_int_equal(some.total, 2781160820);
	assert_false(full.there);
	assert_false(proc_pressure(text_str(""), &some, &full));
}

static void disks_and_partitions(void **state)
{
	(void)state;
	struct text rest = text_str(
		"   8       0 sda 100 5 2048 60 200 6 4096 70 3 80 130\n"
		"   8       1 sda1 10 5 2048 60 200 6 4096 70 3 80 130 0 0 0 0\n"
		"   8       2 sda2 10 5\n"
		" 259       0 nvme0n1 1 1 1 1 1 1 1 1 0 1 1 1 1 1 1 17 19\n");
	struct proc_disk d;
	assert_true(proc_disk_next(&rest, &d));
	is(d.name, "sda");
	assert_int_equal(d.sectors_written, 4096);
	assert_int_equal(d.queue_ms, 130);
	assert_true(proc_disk_next(&rest, &d));
	assert_true(proc_is_partition(d.name, text_str("sda")));
	assert_true(proc_disk_next(&rest, &d));
	is(d.name, "nvme0n1");
	assert_false(proc_disk_next(&rest, &d));
	assert_true(proc_is_partition(text_str("nvme0n1p12"), text_str("nvme0n1")));
	assert_true(proc_is_partition(text_str("mmcblk0p1"), text_str("mmcblk0")));
	assert_false(proc_is_partition(text_str("nvme0n12"), text_str("nvme0n1")));
	assert_false(proc_is_partition(text_str("sdaa"), text_str("sda")));
	assert_false(proc_is_partition(text_str("dm-10"), text_str("dm-1")));
}

static void mounts(void **state)
{
	(void)state;
	struct text rest = text_str(
		"27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
		"30 27 8:17 /sub /var/lib/my\\040sql ro,noatime shared:1 master:2 - xfs /dev/sdb1 rw\n"
		"31 27 junk / /x rw - xfs /dev/y rw\n32 27 0:3 / /cut rw");
	struct proc_mount m;
	struct buf b = BUF_INIT;
	assert_true(proc_mount_next(&rest, &m));
	is(m.type, "ext4");
	assert_int_equal(m.major, 254);
	assert_true(proc_mount_next(&rest, &m));
	proc_unescape(&b, m.point);
	assert_string_equal(buf_str(&b), "/var/lib/my sql");
	assert_true(m.read_only);
	is(m.device, "/dev/sdb1");
	assert_false(proc_mount_next(&rest, &m));
	buf_release(&b);
}

static void df_of_both_kinds(void **state)
{
	(void)state;
	struct text rest = text_str(
		"Filesystem           1024-blocks    Used Available Capacity Mounted on\n"
		"/dev/vda             264212084 21070748  79266440      21% /\n"
		"overlay 1 2 3 10 5 5 50% /strange name\n"
		"//nas/my share       100 40 60 40% /mnt/with blank\n"
		"udev                 - - - - /dev\n"
		"/dev/sdb1 100 100 -5 105% /full\n"
		"df: /broken: Stale file handle\n/dev/x 12 13");
	struct df_row r;
	assert_true(df_next(&rest, &r));
	is(r.device, "/dev/vda");
	is(r.point, "/");
	assert_int_equal(r.available, 79266440);
	assert_true(df_next(&rest, &r));
	is(r.device, "overlay 1 2 3");
	is(r.point, "/strange name");
	assert_true(df_next(&rest, &r));
	is(r.device, "//nas/my share");
	is(r.point, "/mnt/with blank");
	assert_true(df_next(&rest, &r));
	assert_false(r.known);
	assert_true(df_next(&rest, &r));
	assert_int_equal(r.available, 0);
	assert_false(df_next(&rest, &r));
}

static void network(void **state)
{
	(void)state;
	struct text rest = text_str(
		"Inter-|   Receive                                                |  Transmit\n"
		" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"
		"    lo: 100 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0\n"
		"  eth0:18446744073709551615 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0\n"
		"  eth1:5 6 7 8 0 0 0 0 9 10 11 12 0 0 0 0\n");
	struct proc_net n;
	uint64_t v;
	assert_true(proc_net_next(&rest, &n));
	is(n.name, "lo");
	assert_true(proc_net_next(&rest, &n));
	is(n.name, "eth1");
	assert_int_equal(n.in_drops, 8);
	assert_int_equal(n.out_drops, 12);
	assert_false(proc_net_next(&rest, &n));
	struct text snmp = text_str("Ip: A B\nIp: 1 2\nTcp: RtoMin MaxConn OutSegs RetransSegs\n"
				    "Tcp: 200 -1 5000 12\nUdp: X\n");
	assert_true(proc_pair(snmp, "Tcp:", "RetransSegs", &v));
	assert_int_equal(v, 12);
	assert_false(proc_pair(snmp, "Tcp:", "MaxConn", &v));
	assert_false(proc_pair(snmp, "Udp:", "X", &v));
}

static void tasks(void **state)
{
	(void)state;
	struct proc_task p;
	uint64_t a, b;
	assert_true(proc_task(text_str("812 (my) (sql d) S 1 812 812 0 -1 4194304 1 0 2 0 1500 250 0 0 20 0 61 "
				       "0 12345 3000000000 700000 18446744073709551615 1 1"), &p));
	is(p.name, "my) (sql d");
	assert_int_equal(p.user, 1500);
	assert_int_equal(p.system, 250);
	assert_int_equal(p.threads, 61);
	assert_int_equal(p.start, 12345);
	assert_int_equal(p.rss, 700000);
	assert_string_equal(proc_state_name(p.state), "sleeping");
	assert_false(proc_task(text_str("812 (mysqld) S 1 812"), &p));
	assert_false(proc_task(text_str("812 mysqld S"), &p));
	assert_false(proc_task(text_str(""), &p));
	struct text limits = text_str("Limit                     Soft Limit           Hard Limit\n"
				      "Max open files            5000                 unlimited            files\n"
				      "Max processes             unlimited            unlimited            p\n");
	assert_true(proc_limit(limits, "Max open files", &a));
	assert_int_equal(a, 5000);
	assert_true(proc_limit(limits, "Max processes", &a));
	assert_true(a == UINT64_MAX);
	assert_false(proc_limit(limits, "Max open", &a));
	assert_true(proc_schedstat(text_str("123 456 7\n"), &a, &b));
	assert_int_equal(b, 456);
}

static void cgroups(void **state)
{
	(void)state;
	struct text t, v1 = text_str("11:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n");
	double cores;
	assert_true(cgroup_path(v1, "memory", &t));
	is(t, "/docker/abc");
	assert_true(cgroup_path(v1, "cpuacct", &t));
	assert_false(cgroup_path(v1, "", &t));
	assert_true(cgroup_path(text_str("0::/system.slice/mysql.service\n"), "", &t));
	is(t, "/system.slice/mysql.service");
	assert_true(cgroup_cpu_max(text_str("150000 100000\n"), &cores));
	assert_float_equal(cores, 1.5, 1e-9);
	assert_false(cgroup_cpu_max(text_str("max 100000\n"), &cores));
	assert_false(cgroup_cpu_max(text_str("100000 0\n"), &cores));
	assert_true(os_release(text_str("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"), "PRETTY_NAME", &t));
	is(t, "Debian GNU/Linux 12");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(lines_by_key),
		cmocka_unit_test(cpus),
		cmocka_unit_test(pressure),
		cmocka_unit_test(disks_and_partitions),
		cmocka_unit_test(mounts),
		cmocka_unit_test(df_of_both_kinds),
		cmocka_unit_test(network),
		cmocka_unit_test(tasks),
		cmocka_unit_test(cgroups),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
