/* What is wrong with the host: each rule's finding and culprit, and who is left alone. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/rulekit.h"

#define GB 1073741824LL

static void no_data_no_judgement(void **state)
{
	static const char *const ids[] = {"host-cpu", "host-memory", "host-io", "host-net", "disk-full",
					  "binlog-growth"};
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_status(&k, "Threads_connected", 5);
	kit_variable(&k, "innodb_buffer_pool_size", 64e9);
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		kit_blind(&k, ids[i], "not applicable: no host data");
	kit_close(&k);
}

/* --- CPU ------------------------------------------------------------------------------------------- */

struct load {
	double busy, steal;     /* shares of four cores */
	double throttled;       /* seconds a second */
	unsigned queue;
	double server, backup;  /* cores */
	double thread;          /* cores of the server's thread 901 */
	unsigned every;         /* seconds between readings; 0: 1 */
};

static void run_host(struct kit *k, const struct load *l, unsigned seconds)
{
	char row[400];
	unsigned every = l->every ? l->every : 1;
	for (unsigned i = 0; i < seconds; i += every) {
		double t = (double)(k->mono / 1000000000) + every;
		snprintf(row, sizeof row,
			 "name=total user=%g nice=0 system=0 irq=0 iowait=0 idle=%g steal=%g cores=4 run_queue=%u "
			 "throttled=%g",
			 4 * l->busy * t, 4 * (1 - l->busy - l->steal) * t, 4 * l->steal * t, l->queue,
			 l->throttled * t);
		kit_row(k, PART_HOST_CPU, row);
		snprintf(row, sizeof row, "pid=700 name=mysqld kind=server cpu=%g", l->server * t);
		kit_row(k, PART_HOST_PROCESS, row);
		snprintf(row, sizeof row, "pid=4711 name=backup kind=other cpu=%g", l->backup * t);
		kit_row(k, PART_HOST_PROCESS, row);
		snprintf(row, sizeof row, "tid=901 cpu=%g", l->thread * t);
		kit_row(k, PART_HOST_THREADS, row);
		kit_row(k, PART_HOST_THREADS, "tid=902 cpu=5");
		kit_row(k, PART_HOST, "name=host1");
		kit_status(k, "Questions", 10 * t);
		kit_row(k, PART_PROCESSLIST, "id=12 kind=user user=app host=web1 command=Query time=3 "
					     "os_thread_id=901 blocks=0");
		kit_row(k, PART_PROCESSLIST, "id=13 kind=user user=app host=web1 command=Query time=900 "
					     "os_thread_id=902 blocks=0");
		kit_tick(k, every);
	}
}

static void expect_cpu(const struct load *l, enum severity severity, const char *culprit)
{
	struct kit k;
	kit_open(&k);
	run_host(&k, l, l->every ? 10 * l->every : 10);
	if (culprit)
		kit_finds(&k, "host-cpu", severity, culprit);
	else
		kit_finds_no(&k, NULL);
	/* And it goes. */
	run_host(&k, &(struct load){.busy = 0.1}, 1);
	for (unsigned i = 0; i < 12; i++)
		run_host(&k, &(struct load){.busy = 0.1}, 1);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void cpu(void **state)
{
	(void)state;
	/* Busy, with a core to spare; full, and nobody waits. */
	expect_cpu(&(struct load){.busy = 0.75, .queue = 4, .server = 3}, SEVERITY_OK, NULL);
	expect_cpu(&(struct load){.busy = 1, .queue = 4, .server = 4}, SEVERITY_OK, NULL);
	expect_cpu(&(struct load){.busy = 1, .queue = 12, .server = 3.5, .backup = 0.3}, SEVERITY_WARNING, "host:mysqld[700]");
	expect_cpu(&(struct load){.busy = 1, .queue = 12, .server = 3.5, .backup = 0.3, .thread = 0.9},
		   SEVERITY_WARNING, "session:12");
	expect_cpu(&(struct load){.busy = 1, .queue = 12, .server = 0.5, .backup = 3.5}, SEVERITY_WARNING, "host:backup[4711]");
	/* The database hardly wants any. */
	expect_cpu(&(struct load){.busy = 1, .queue = 12, .server = 0.01, .backup = 3.9}, SEVERITY_NOTICE,
		   "host:backup[4711]");
	expect_cpu(&(struct load){.busy = 0.3, .steal = 0.3, .queue = 2, .server = 1}, SEVERITY_WARNING, "host:host1");
	expect_cpu(&(struct load){.busy = 0.3, .throttled = 0.5, .queue = 2, .server = 1}, SEVERITY_WARNING, "host:host1");
	/* A server that answers so slowly that it is read seldom. */
	expect_cpu(&(struct load){.busy = 0.3, .steal = 0.3, .queue = 2, .server = 1, .every = 4}, SEVERITY_WARNING,
		   "host:host1");
}

static const char *cpu_explained_by(const struct load *l)
{
	static char cause[40];
	struct arena a = {0};
	struct finding f;
	struct kit k;
	*cause = '\0';
	kit_open(&k);
	kit_row(&k, PART_BLOCKING, "id=13:12 waiter=13 blocker=12 kind=row_lock wait_age=5 table=shop.stock suspect=0");
	run_host(&k, l, 10);
	kit_finds(&k, "row-lock-pileup", SEVERITY_WARNING, "session:12");
	const struct part *found = k.last->parts[PART_FINDINGS];
	for (unsigned i = 0; i < part_rows(found); i++) {
		assert_true(finding_read(&f, &a, found, i));
		if (strcmp(f.id, "host-cpu") == 0)
			snprintf(cause, sizeof cause, "%s", f.caused_by ? f.caused_by : "nothing");
	}
	arena_release(&a);
	kit_close(&k);
	return cause;
}

/* What a neighbour does to the machine has no cause in the server. */
static void a_neighbour_has_its_own_reasons(void **state)
{
	(void)state;
	assert_string_equal(cpu_explained_by(&(struct load){.busy = 1, .queue = 12, .server = 3.5, .backup = 0.3}),
			    "row-lock-pileup");
	assert_string_equal(cpu_explained_by(&(struct load){.busy = 1, .queue = 12, .server = 0.5, .backup = 3.5}),
			    "nothing");
	assert_string_equal(cpu_explained_by(&(struct load){.busy = 0.3, .steal = 0.3, .queue = 2, .server = 1}),
			    "nothing");
}

/* --- memory ---------------------------------------------------------------------------------------- */

static void memory_sample(struct kit *k, double used, int64_t swap_in, unsigned kills, double pool)
{
	char row[300];
	snprintf(row, sizeof row,
		 "name=memory limit=%lld used=%.0f swap_in=%lld swap_out=0 oom_kills=%u", 16 * GB,
		 used * 16 * (double)GB, (long long)swap_in, kills);
	kit_row(k, PART_HOST_MEMORY, row);
	snprintf(row, sizeof row, "pid=700 name=mysqld kind=server rss=%lld", 10 * GB);
	kit_row(k, PART_HOST_PROCESS, row);
	snprintf(row, sizeof row, "pid=9 name=java kind=other rss=%lld", 2 * GB);
	kit_row(k, PART_HOST_PROCESS, row);
	kit_variable(k, "innodb_buffer_pool_size", pool * (double)GB);
	kit_status(k, "Questions", 10);
	kit_tick(k, 1);
}

static void memory(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	/* Well used; what lies in swap does no harm. */
	for (unsigned i = 0; i < 6; i++)
		memory_sample(&k, 0.9, 5000000, 3, 10);
	kit_finds_no(&k, NULL);
	memory_sample(&k, 0.97, 5000000, 3, 14);
	kit_finds(&k, "host-memory", SEVERITY_WARNING, "variable:innodb_buffer_pool_size");
	memory_sample(&k, 0.94, 5000000, 3, 10);
	kit_finds(&k, "host-memory", SEVERITY_WARNING, NULL);
	kit_suspects(&k, "host-memory", "host:mysqld[700]");
	memory_sample(&k, 0.5, 5000000, 4, 10);
	kit_finds(&k, "host-memory", SEVERITY_CRITICAL, NULL);
	kit_close(&k);
	kit_open(&k);
	for (unsigned i = 0; i < 6; i++)
		memory_sample(&k, 0.9, 5000000 + i * 4194304LL, 3, 10);
	kit_finds(&k, "host-memory", SEVERITY_WARNING, NULL);
	kit_close(&k);
}

/* --- disks ----------------------------------------------------------------------------------------- */

/* So many requests a second, of so many milliseconds. */
static void disk_samples(struct kit *k, unsigned n, double requests, double ms, double backup, unsigned errors)
{
	char row[300];
	for (unsigned i = 0; i < n; i++) {
		double t = (double)(k->mono / 1000000000) + 1;
		snprintf(row, sizeof row,
			 "name=sda used_for=datadir reads=%.0f read_time=%.3f writes=0 write_time=0 busy=%g "
			 "queue_time=%.3f io_errors=%u",
			 requests * t, requests * t * ms / 1000, t, requests * t * ms / 1000,
			 i + 1 == n ? errors : 0);
		kit_row(k, PART_HOST_DISK, row);
		snprintf(row, sizeof row, "pid=700 name=mysqld kind=server read_bytes=%.0f", 1e6 * t);
		kit_row(k, PART_HOST_PROCESS, row);
		snprintf(row, sizeof row, "pid=4711 name=backup kind=other read_bytes=%.0f", backup * t);
		kit_row(k, PART_HOST_PROCESS, row);
		kit_tick(k, 1);
	}
}

static void disks(void **state)
{
	struct kit k;
	(void)state;
	/* Flash that is busy all the time and answers at once; a slow request now and then. */
	kit_open(&k);
	disk_samples(&k, 5, 20000, 0.4, 0, 0);
	kit_finds_no(&k, NULL);
	kit_close(&k);
	kit_open(&k);
	disk_samples(&k, 5, 2, 90, 0, 0);
	kit_finds_no(&k, NULL);
	kit_close(&k);
	kit_open(&k);
	disk_samples(&k, 5, 100, 80, 9e7, 0);
	kit_finds(&k, "host-io", SEVERITY_WARNING, "device:sda");
	kit_suspects(&k, "host-io", "host:backup[4711]");
	kit_close(&k);
	kit_open(&k);
	disk_samples(&k, 3, 100, 1, 0, 0);
	disk_samples(&k, 1, 100, 1, 0, 2);
	kit_tick(&k, 1);
	kit_finds(&k, "host-io", SEVERITY_CRITICAL, "device:sda");
	kit_close(&k);
}

static void a_filesystem_that_became_read_only(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	disk_samples(&k, 2, 100, 1, 0, 0);
	kit_row(&k, PART_HOST_FS, "mount=/boot device=/dev/sda1 read_only=1 size=100 used=10 available=90");
	kit_row(&k, PART_HOST_FS, "mount=/data device=/dev/sdb1 read_only=1 used_for=datadir size=100 used=10 "
				  "available=90");
	disk_samples(&k, 2, 100, 1, 0, 0);
	kit_finds(&k, "host-io", SEVERITY_CRITICAL, "device:/dev/sdb1");
	kit_close(&k);
}

/* --- network --------------------------------------------------------------------------------------- */

static void net_samples(struct kit *k, unsigned n, double segments, double again, double overflows,
			double errors)
{
	char row[300];
	for (unsigned i = 0; i < n; i++) {
		double t = (double)(k->mono / 1000000000) + 1;
		snprintf(row, sizeof row, "name=tcp out_segments=%.0f retransmits=%.0f listen_overflows=%.0f",
			 segments * t, again * t, overflows * t);
		kit_row(k, PART_HOST_NET, row);
		snprintf(row, sizeof row, "name=eth0 in_errors=%.0f out_errors=0 in_drops=%.0f", errors * t, 9 * t);
		kit_row(k, PART_HOST_NET, row);
		kit_row(k, PART_HOST, "name=host1");
		kit_tick(k, 1);
	}
}

static void network(void **state)
{
	static const struct {
		double segments, again, overflows, errors;
		const char *culprit;
		bool there;
	} cases[] = {
		{9000, 20, 0, 0, NULL, false},
		{20, 5, 0, 0, NULL, false},
		{9000, 900, 0, 0, "host:host1", true},
		{9000, 0, 30, 0, NULL, true},
		{9000, 0, 0, 40, "device:eth0", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kit k;
		kit_open(&k);
		net_samples(&k, 5, cases[i].segments, cases[i].again, cases[i].overflows, cases[i].errors);
		if (cases[i].there)
			kit_finds(&k, "host-net", SEVERITY_WARNING, cases[i].culprit);
		else
			kit_finds_no(&k, NULL);
		kit_close(&k);
	}
}

/* --- room ------------------------------------------------------------------------------------------ */

static void fs_row(struct kit *k, const char *used_for, double used, double inodes)
{
	char row[300];
	snprintf(row, sizeof row,
		 "mount=/data device=/dev/sdb1 used_for=%s size=%lld used=%.0f available=%.0f inodes=1000 "
		 "inodes_used=%.0f",
		 used_for, 100 * GB, used * 100 * (double)GB, (1 - used) * 100 * (double)GB, 1000 * inodes);
	kit_row(k, PART_HOST_FS, row);
}

static void full_disks(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	fs_row(&k, "datadir", 0.85, 0.1);
	kit_row(&k, PART_HOST_FS, "mount=/snap device=/dev/loop1 size=100 used=100 available=0");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	fs_row(&k, "datadir", 0.93, 0.1);
	kit_tick(&k, 1);
	kit_finds(&k, "disk-full", SEVERITY_WARNING, "file:/data");
	kit_names(&k, "disk-full", "device:/dev/sdb1");
	fs_row(&k, "datadir", 0.99, 0.1);
	kit_tick(&k, 1);
	kit_finds(&k, "disk-full", SEVERITY_CRITICAL, "file:/data");
	kit_close(&k);
	kit_open(&k);
	fs_row(&k, "tmpdir", 0.1, 0.95);
	kit_tick(&k, 1);
	kit_finds(&k, "disk-full", SEVERITY_WARNING, "file:/data");
	kit_close(&k);
}

static void a_disk_that_fills(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	/* A percent in half a minute: the forty that are left in twenty minutes. */
	for (unsigned i = 0; i < 5; i++) {
		/* A minute has to be seen before it is told. */
		if (i == 1 || i == 2)
			kit_finds_no(&k, NULL);
		fs_row(&k, "datadir", 0.60 + 0.01 * i, 0.1);
		kit_tick(&k, 30);
	}
	kit_finds(&k, "disk-full", SEVERITY_CRITICAL, "file:/data");
	kit_close(&k);
}

static void binlog_samples(struct kit *k, unsigned n, double bytes, double expire)
{
	char row[200];
	for (unsigned i = 0; i < n; i++) {
		double t = (double)(k->mono / 1000000000) + 1;
		fs_row(k, "binlog", 0.5, 0.1);
		snprintf(row, sizeof row, "file=binlog.000009 position=%.0f bytes_written=%.0f expire=%.0f",
			 bytes * t, bytes * t, expire);
		kit_row(k, PART_BINLOG, row);
		kit_row(k, PART_BINLOG_FILES, "file=binlog.000007 size=1000000 needed_by=");
		kit_row(k, PART_BINLOG_FILES, "file=binlog.000008 size=1000000 needed_by=db3:3306");
		kit_row(k, PART_REPLICAS, "id=5 name=db3:3306 file=binlog.000008");
		kit_status(k, "Binlog_bytes_written", bytes * t);
		kit_tick(k, 1);
	}
}

static void binary_logs(void **state)
{
	struct kit k;
	(void)state;
	/* 50 GB are left: at 5 MB/s for less than three hours. */
	kit_open(&k);
	binlog_samples(&k, 40, 5e6, 30 * 86400);
	kit_finds(&k, "binlog-growth", SEVERITY_WARNING, "file:binlog.000009");
	kit_close(&k);
	/* They expire before that. */
	kit_open(&k);
	binlog_samples(&k, 40, 5e6, 3600);
	kit_finds_no(&k, NULL);
	kit_close(&k);
	/* So slowly that it does not matter today. */
	kit_open(&k);
	binlog_samples(&k, 40, 1e5, 30 * 86400);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_data_no_judgement),
		cmocka_unit_test(cpu),
		cmocka_unit_test(a_neighbour_has_its_own_reasons),
		cmocka_unit_test(memory),
		cmocka_unit_test(disks),
		cmocka_unit_test(a_filesystem_that_became_read_only),
		cmocka_unit_test(network),
		cmocka_unit_test(full_disks),
		cmocka_unit_test(a_disk_that_fills),
		cmocka_unit_test(binary_logs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
