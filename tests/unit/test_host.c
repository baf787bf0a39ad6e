/*
 * Parts made from the files of a host: old and new kernels, both cgroups, containers, what may not be read,
 * and nonsense.
 */
#include <string.h>

#include "tests/unit/collect_rows.h"
#include "tests/unit/hosttick.h"

static const struct host_server server = {
	.pid = 812, .inner_pid = 812, .how = "port 3306", .cgroup = "/system.slice/mysql.service",
	.cgroup_v2 = true, .ticks_per_second = 100, .page_size = 4096, .cores = 2,
};

static struct part *make_with(enum part_id id, const struct host_server *s, const struct part *const *parts,
			      const struct hosttick_file *files)
{
	struct hosttick h;
	const char *why = NULL;
	struct part *p = hosttick_make(id, s, parts, hosttick(&h, files, 100), &why);
	if (!p)
		fail_msg("%s: %s", part_name(id), why ? why : "?");
	return p;
}

static void is(struct part *p, const char *fields, const char *want)
{
	char *have = rows_text(p, fields);
	assert_string_equal(have, want);
	free(have);
	part_unref(p);
}

static void nothing_gives_a_reason(void **state)
{
	(void)state;
	static const struct hosttick_file none[] = {{NULL, NULL}};
	static const struct hosttick_file nonsense[] = {
		{"stat", "cpu\ncpu0 x y\n"}, {"meminfo", "MemTotal: -1 kB\n"}, {"uptime", "-5\n"},
		{"net/dev", "no colon"},     {"diskstats", "1 2\n"},          {NULL, NULL}};
	struct hosttick h;
	for (int id = 0; id < N_PARTS; id++) {
		if (!host_collector_for((enum part_id)id))
			continue;
		const char *why = NULL;
		struct part *p = hosttick_make((enum part_id)id, &server, NULL, hosttick(&h, none, 1), &why);
		if (id == PART_HOST_THREADS) {
			part_unref(p);
			continue;
		}
		if (p || !why)
			fail_msg("%s is made of nothing", part_name((enum part_id)id));
		part_unref(hosttick_make((enum part_id)id, &server, NULL, hosttick(&h, nonsense, 1), &why));
	}
}

static void every_part_wants_files(void **state)
{
	(void)state;
	static const struct part *const none[N_PARTS];
	const struct host_ctx ctx = {.server = &server, .parts = none};
	for (int id = 0; id < N_PARTS; id++) {
		const struct host_collector *c = host_collector_for((enum part_id)id);
		struct buf b = BUF_INIT;
		if (!c)
			continue;
		c->want(&ctx, &b);
		if (id != PART_HOST_THREADS)
			assert_true(b.len > 0);
		assert_ptr_equal(c->schema, collect_schema((enum part_id)id));
		buf_release(&b);
	}
}

static void cpu_of_cgroup_2(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"stat", "cpu 100 0 50 800 20 5 5 10 0 0\ncpu0 50 0 25 400 10 5 5 5\ncpu1 50 0 25 400 10 0 0 5\n"
			 "ctxt 1234\nprocesses 9\nprocs_running 3\nprocs_blocked 1\n"},
		{"loadavg", "1.50 0.75 0.10 3/400 812\n"},
		{"pressure/cpu", "some avg10=5.50 avg60=1.00 avg300=0.50 total=2500000\n"},
		{"/sys/fs/cgroup/system.slice/mysql.service/cpu.max", "400000 100000\n"},
		{"/sys/fs/cgroup/system.slice/cpu.max", "150000 100000\n"},
		{"/sys/fs/cgroup/system.slice/mysql.service/cpu.stat",
		 "usage_usec 3000000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 250000\n"},
		{NULL, NULL}};
	is(make_with(PART_HOST_CPU, &server, NULL, files),
	   "name user irq steal cores run_queue blocked load1 pressure_some pressure_some_total quota_cores "
	   "cgroup_cpu throttled_periods throttled",
	   "total | 1.000 | 0.100 | 0.100 | 2 | 3 | 1 | 1.500 | 5.500 | 2.500 | 1.500 | 3.000 | 4 | 0.250\n"
	   "cpu0 | 0.500 | 0.100 | 0.050 | - | - | - | - | - | - | - | - | - | -\n"
	   "cpu1 | 0.500 | 0.000 | 0.050 | - | - | - | - | - | - | - | - | - | -\n");
}

static void old_kernel_with_cgroup_1(void **state)
{
	(void)state;
	struct host_server old = server;
	old.cgroup_v2 = false;
	strcpy(old.cgroup, "docker/abc");
	static const struct hosttick_file files[] = {
		{"stat", "cpu 100 0 50 800\ncpu0 100 0 50 800\n"},
		{"meminfo", "MemTotal: 8000 kB\nMemFree: 1000 kB\nBuffers: 500 kB\nCached: 2500 kB\n"
			    "SwapTotal: 0 kB\nSwapFree: 0 kB\n"},
		{"vmstat", "pswpin 2\npswpout 3\n"},
		{"/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "50000\n"},
		{"/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000\n"},
		{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
		{"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"},
		{"/sys/fs/cgroup/cpu/docker/abc/cpu.stat", "nr_throttled 7\nthrottled_time 1500000000\n"},
		{"/sys/fs/cgroup/cpuacct/docker/abc/cpuacct.usage", "4000000000\n"},
		{"/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "4096000\n"},
		{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
		{"/sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "4000000\n"},
		{"/sys/fs/cgroup/memory/docker/abc/memory.stat", "inactive_file 5\ntotal_inactive_file 1000000\n"},
		{"/sys/fs/cgroup/memory/docker/abc/memory.oom_control", "under_oom 0\noom_kill 2\n"},
		{NULL, NULL}};
	struct part *p = make_with(PART_HOST_CPU, &old, NULL, files);
	assert_non_null(strstr(part_absent_reason(p, (unsigned)schema_field(part_schema(p), "pressure_some")),
			       "/proc/pressure/cpu"));
	is(p, "name steal iowait quota_cores cgroup_cpu throttled",
	   "total | - | - | 0.500 | 4.000 | 1.500\ncpu0 | - | - | - | - | -\n");
	is(make_with(PART_HOST_MEMORY, &old, NULL, files),
	   "limit used available cgroup_limit cgroup_used cgroup_oom_kills swap_in oom_kills swap_used",
	   "4096000 | 3000000 | - | 4096000 | 4000000 | 2 | 8192 | - | 0\n");
}

static void memory_without_a_limit(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"meminfo", "MemTotal: 8000 kB\nMemFree: 1000 kB\nMemAvailable: 3000 kB\nCached: 2500 kB\n"
			    "SReclaimable: 100 kB\nShmem: 600 kB\nDirty: 3 kB\nWriteback: 4 kB\n"
			    "HugePages_Total: 3\nHugePages_Free: 1\nHugepagesize: 2048 kB\n"},
		{"vmstat", "oom_kill 5\n"},
		{"/sys/fs/cgroup/system.slice/mysql.service/memory.max", "max\n"},
		{NULL, NULL}};
	is(make_with(PART_HOST_MEMORY, &server, NULL, files),
	   "limit used cached dirty huge_total huge_free oom_kills cgroup_limit",
	   "8192000 | 5120000 | 2048000 | 7168 | 6291456 | 2097152 | 5 | -\n");
}

static void disks_know_the_datadir(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"diskstats", "8 0 sda 100 0 2048 60 200 0 4096 70 3 80 130\n8 1 sda1 1 0 1 1 1 0 1 1 0 1 1\n"
			      "7 0 loop0 5 0 5 5 5 0 5 5 0 5 5\n8 16 sdb 0 0 0 0 0 0 0 0 0 0 0\n"
			      "253 0 dm-0 9 0 9 9 9 0 9 9 0 9 9\n"},
		{"812/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 253:0 / /var/lib/mysql rw - xfs /dev/m/d rw\n"},
		{"pressure/io", "some avg10=1.00 avg60=0 avg300=0 total=5\nfull avg10=0.50 avg60=0 avg300=0 total=4\n"},
		{"/sys/block/sda/device/ioerr_cnt", "0x1f\n"},
		{NULL, NULL}};
	struct part *variables = rows_part(PART_VARIABLES, 1,
		"name=datadir value=/var/lib/mysql/\nname=tmpdir value=/tmp:/var/tmp\n"
		"name=log_bin_basename value=/var/lib/mysql/binlog\nname=innodb_log_group_home_dir value=./\n");
	const struct part *parts[N_PARTS] = {[PART_VARIABLES] = variables};
	is(make_with(PART_HOST_DISK, &server, parts, files),
	   "name used_for reads read_bytes write_time in_flight busy io_errors pressure_some",
	   "sda | tmpdir | 100 | 1048576 | 0.070 | 3 | 0.080 | 31 | -\n"
	   "dm-0 | datadir, binlog, redo | 9 | 4608 | 0.009 | 0 | 0.009 | - | -\n"
	   "total | - | - | - | - | - | - | - | 1.000\n");
	part_unref(variables);
}

/* The path where the server says it is, in a container below that one's root. */
static void the_end_of_the_error_log(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"!log", "2026-11-22 10:28:02 7 [Note] InnoDB: Transactions deadlock detected, dumping detailed information.\n"
			 "2026-11-22 10:28:02 7 [Note] InnoDB: \n*** (1) TRANSACTION:\n\nTRANSACTION 23, ACTIVE 0 sec\n"
			 "MariaDB thread id 7, OS thread handle 1, query id 19 localhost root Updating\nUPDATE t SET n=1\n"
			 "2026-11-22 10:28:02 7 [Note] InnoDB: *** WAITING FOR THIS LOCK TO BE GRANTED:\n\n"
			 "RECORD LOCKS space id 5 page no 3 n bits 320 index PRIMARY of table `d`.`t` trx id 23 lock_mode X "
			 "waiting\n"
			 "2026-11-22 10:28:02 7 [Note] InnoDB: *** WE ROLL BACK TRANSACTION (1)\n"},
		{NULL, NULL}};
	static const struct hosttick_file none[] = {{"loadavg", "0 0 0 1/1 1\n"}, {NULL, NULL}};
	struct part *variables = rows_part(PART_VARIABLES, 1, "name=datadir value=/data\nname=log_error value=./db.err\n");
	struct part *nowhere = rows_part(PART_VARIABLES, 1, "name=datadir value=/data\nname=log_error value=stderr\n");
	const struct part *parts[N_PARTS] = {[PART_VARIABLES] = variables};
	struct host_server inside = server;
	struct host_ctx ctx = {.server = &inside, .parts = parts};
	struct buf request = BUF_INIT;
	is(make_with(PART_LOGGED_DEADLOCKS, &server, parts, files), "id time victim tables victim_statement",
	   "1 | 2026-11-22 10:28:02 | 7 | d.t | UPDATE t SET n=1\n");

	inside.inner_pid = 1;
	host_collector_for(PART_LOGGED_DEADLOCKS)->want(&ctx, &request);
	assert_non_null(strstr(buf_str(&request), "!log /proc/812/root/data/./db.err|"));
	buf_release(&request);

	struct hosttick h;
	struct host_lack lack = {"/data/./db.err", HOST_DENIED};
	const char *why = NULL;
	hosttick(&h, none, 1);
	h.tick.lacks = &lack;
	h.tick.n_lacks = 1;
	assert_null(hosttick_make(PART_LOGGED_DEADLOCKS, &server, parts, &h.tick, &why));
	assert_non_null(strstr(why, "may not read the error log"));
	lack.why = HOST_EMPTY;
	is(hosttick_make(PART_LOGGED_DEADLOCKS, &server, parts, &h.tick, &why), "id", "");
	parts[PART_VARIABLES] = nowhere;
	assert_null(hosttick_make(PART_LOGGED_DEADLOCKS, &server, parts, &h.tick, &why));
	assert_non_null(strstr(why, "standard error"));
	part_unref(variables);
	part_unref(nowhere);
}

static void filesystems_once_each(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"!df", "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 60 30 67% /\n"
			"tmpfs 50 0 50 0% /run\n/dev/sda1 100 60 30 67% /again\n/dev/sdb1 10 10 0 100% /my data\n"},
		{"!df-i", "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 1000 900 100 90% /\n"
			  "/dev/sdb1 0 0 0 - /my data\n"},
		{"self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:1 /x /again rw - ext4 /dev/sda1 rw\n"
				   "3 1 0:5 / /run rw - tmpfs tmpfs rw\n4 1 8:17 / /my\\040data ro - xfs /dev/sdb1 rw\n"},
		{"/sys/fs/ext4/sda1/errors_count", "3\n"},
		{NULL, NULL}};
	is(make_with(PART_HOST_FS, &server, NULL, files),
	   "mount type size available inodes inodes_used read_only fs_errors",
	   "/ | ext4 | 102400 | 30720 | 1000 | 900 | 0 | 3\n"
	   "/my data | xfs | 10240 | 0 | - | - | 1 | -\n");
}

static void network_and_tcp(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"net/dev", " eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n"},
		{"net/snmp", "Tcp: OutSegs RetransSegs CurrEstab\nTcp: 10 2 7\n"},
		{"net/netstat", "TcpExt: ListenOverflows ListenDrops\nTcpExt: 3 4\n"},
		{NULL, NULL}};
	is(make_with(PART_HOST_NET, &server, NULL, files),
	   "name in_bytes out_drops out_segments retransmits listen_overflows",
	   "eth0 | 1 | 8 | - | - | -\ntcp | - | - | 10 | 2 | 3\n");
}

#define STAT(pid, name, ticks, rss) \
	pid " (" name ") S 1 1 1 0 -1 0 0 0 0 0 " ticks " 0 0 0 20 0 5 0 1000 0 " rss " 0\n"

static void the_server_and_those_beside_it(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"uptime", "110.00 5.0\n"},
		{"1/stat", STAT("1", "init", "1", "10")},
		{"812/stat", STAT("812", "mysqld", "5000", "1000")},
		{"900/stat", STAT("900", "backup", "700", "50")},
		{"901/stat", "901 (cut"},
		{"812/limits", "Max open files            5000                 5000                 files\n"},
		{"812/status", "VmSwap: 4 kB\n"},
		{"!fds 812", "331\n"},
		{"812/oom_score", "712\n"}, {"812/oom_score_adj", "-800\n"},
		{NULL, NULL}};
	struct hosttick h;
	const char *why;
	static const struct host_lack lacks[] = {{"812/io", HOST_DENIED}};
	hosttick(&h, files, 100);
	h.tick.lacks = lacks;
	h.tick.n_lacks = 1;
	struct part *p = hosttick_make(PART_HOST_PROCESS, &server, NULL, &h.tick, &why);
	assert_string_equal(part_absent_reason(p, (unsigned)schema_field(part_schema(p), "read_bytes")),
			    "the login on the host may not read /proc/812/io: same user or root only");
	is(p, "pid name kind state cpu rss swap threads fds fd_limit age oom_score oom_score_adj",
	   "812 | mysqld | server | sleeping | 50.000 | 4096000 | 4096 | 5 | 331 | 5000 | 100.000 | 712 | -800\n"
	   "900 | backup | other | sleeping | 7.000 | 204800 | - | 5 | - | - | 100.000 | - | -\n"
	   "1 | init | other | sleeping | 0.010 | 40960 | - | 5 | - | - | 100.000 | - | -\n");
}

static void threads_of_a_container(void **state)
{
	(void)state;
	struct host_server inner = server;
	inner.inner_pid = 1;
	static const struct hosttick_file first[] = {
		{"812/task/812/status", "NSpid:\t812\t1\n"}, {"812/task/840/status", "NSpid:\t840\t29\n"},
		{NULL, NULL}};
	static const struct hosttick_file second[] = {
		{"812/task/840/stat", STAT("840", "connection", "30", "1")},
		{"812/task/840/schedstat", "310000000 40000000 12\n"},
		{"812/task/840/io", "rchar: 5\nread_bytes: 4096\nwrite_bytes: 8192\n"},
		{NULL, NULL}};
	struct part *sessions = rows_part(PART_PROCESSLIST, 1, "id=5 command=Query os_thread_id=29\n"
							       "id=6 command=Sleep os_thread_id=31\n");
	const struct part *parts[N_PARTS] = {[PART_PROCESSLIST] = sessions};
	struct host_ctx ctx = {.server = &inner, .parts = parts};
	struct buf request = BUF_INIT;
	host_collector_for(PART_HOST_THREADS)->want(&ctx, &request);
	assert_string_equal(buf_str(&request), "812/task/*/status|");
	struct part *learnt = make_with(PART_HOST_THREADS, &inner, parts, first);
	parts[PART_HOST_THREADS] = learnt;
	buf_clear(&request);
	host_collector_for(PART_HOST_THREADS)->want(&ctx, &request);
	assert_non_null(strstr(buf_str(&request), "@812:stat schedstat io:840|"));
	is(make_with(PART_HOST_THREADS, &inner, parts, second),
	   "tid host_tid name cpu run_wait read_bytes written_bytes",
	   "29 | 840 | connection | 0.310 | 0.040 | 4096 | 8192\n");
	buf_release(&request);
	part_unref(learnt);
	part_unref(sessions);
}

static void a_thread_that_slept_is_not_read_again(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"812/task/829/stat", STAT("829", "connection", "30", "1")},
		{"812/task/829/schedstat", "310000000 40000000 12\n"}, {NULL, NULL}};
	struct part *sessions = rows_part(PART_PROCESSLIST, 103, "id=5 command=Query time=9 os_thread_id=829\n"
								 "id=6 command=Sleep time=9 os_thread_id=831\n"
								 "id=7 command=Sleep time=4 os_thread_id=832\n"
								 "id=8 command=Sleep time=9 os_thread_id=833\n");
	struct part *before = rows_part(PART_HOST_THREADS, 100, "tid=829 host_tid=829 name=connection cpu=0.1\n"
								"tid=831 host_tid=831 name=connection cpu=0.2\n"
								"tid=832 host_tid=832 name=connection cpu=0.3\n");
	const struct part *parts[N_PARTS] = {[PART_PROCESSLIST] = sessions, [PART_HOST_THREADS] = before};
	struct host_ctx ctx = {.server = &server, .parts = parts};
	struct buf request = BUF_INIT;
	host_collector_for(PART_HOST_THREADS)->want(&ctx, &request);
	/* The last but one may have gone to sleep after the reading; of the last nothing is known. */
	assert_non_null(strstr(buf_str(&request), "@812:stat schedstat io:829 832 833|"));
	is(make_with(PART_HOST_THREADS, &server, parts, files), "tid host_tid name cpu",
	   "829 | 829 | connection | 0.310\n831 | 831 | connection | 0.200\n");
	buf_release(&request);
	part_unref(before);
	part_unref(sessions);
}

static void the_host_itself(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"uptime", "50.00 1\n"}, {"sys/kernel/hostname", "db3\n"}, {"sys/kernel/osrelease", "6.1.0\n"},
		{"/etc/os-release", "PRETTY_NAME=\"Alpine Linux v3.19\"\n"},
		{"812/cgroup", "0::/kubepods/besteffort/pod1\n"}, {NULL, NULL}};
	is(make_with(PART_HOST, &server, NULL, files), "name kernel system uptime booted container pid found_by",
	   "db3 | 6.1.0 | Alpine Linux v3.19 | 50.000 | 50 | Kubernetes pod | 812 | port 3306\n");
}

/* Time is that of this machine, and of the far side's uptime: what its clock says counts for nothing. */
static void a_clock_that_is_wrong_does_no_harm(void **state)
{
	(void)state;
	static const struct hosttick_file files[] = {
		{"uptime", "50.00 1\n"}, {"stat", "cpu 100 0 0 100\ncpu0 100 0 0 100\nbtime 4102444800\n"},
		{"driver/rtc", "rtc_date\t: 1970-01-01\n"}, {"sys/kernel/hostname", "db3\n"}, {NULL, NULL}};
	is(make_with(PART_HOST, &server, NULL, files), "name uptime booted", "db3 | 50.000 | 50\n");
	struct part *cpu = make_with(PART_HOST_CPU, &server, NULL, files);
	assert_int_equal(part_read_mono(cpu), 100 * NS_PER_S);
	part_unref(cpu);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_gives_a_reason),
		cmocka_unit_test(every_part_wants_files),
		cmocka_unit_test(cpu_of_cgroup_2),
		cmocka_unit_test(old_kernel_with_cgroup_1),
		cmocka_unit_test(memory_without_a_limit),
		cmocka_unit_test(disks_know_the_datadir),
		cmocka_unit_test(the_end_of_the_error_log),
		cmocka_unit_test(filesystems_once_each),
		cmocka_unit_test(network_and_tcp),
		cmocka_unit_test(the_server_and_those_beside_it),
		cmocka_unit_test(threads_of_a_container),
		cmocka_unit_test(a_thread_that_slept_is_not_read_again),
		cmocka_unit_test(the_host_itself),
		cmocka_unit_test(a_clock_that_is_wrong_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
