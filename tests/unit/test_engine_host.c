/* Reading hosts beside servers: through a command, on a doctored /proc, with everything that breaks. */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "collect/hostfields.h"
#include "collect/self.h"
#include "engine/hostround.h"
#include "tests/unit/enginerig.h"

#define BITS(a) PART_BIT(PART_##a)

#define SCRIPT \
	"version 10.11.6-MariaDB\nset hostname db3\n" \
	"on SHOW GLOBAL VARIABLES\n columns Variable_name Value\n" \
	" row pid_file /run/db.pid\n row port 3306\n row hostname db3\n" \
	"on SHOW GLOBAL STATUS\n columns Variable_name Value\n row Uptime 1000\n row Questions 100\n"

static struct rig rig;
static char root[64];

static void put_file(const char *name, const char *content)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", root, name);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

/* A host with one server, process 812 in a container where it is 1. */
static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof root, "/tmp/fathom-host-XXXXXX");
	assert_non_null(mkdtemp(root));
	setenv("HOST", root, 1);
	put_file("proc/stat", "cpu  100 0 50 800 10 0 0 5 0 0\ncpu0 100 0 50 800 10 0 0 5 0 0\n"
			      "ctxt 5\nbtime 1700000000\nprocesses 9\nprocs_running 1\n");
	put_file("proc/loadavg", "0.10 0.20 0.30 1/100 812\n");
	put_file("proc/uptime", "5000.00 4000.00\n");
	put_file("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 500 kB\nMemAvailable: 600 kB\n");
	put_file("proc/sys/kernel/hostname", "db3\n");
	put_file("proc/self/mountinfo", "22 1 254:0 / / rw - ext4 /dev/vda rw\n");
	put_file("proc/812/comm", "mariadbd\n");
	put_file("proc/812/stat", "812 (mariadbd) S 1 812 812 0 -1 0 1 0 1 0 100 50 0 0 20 0 9 0 4242 "
				  "1000000 500 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
	put_file("proc/812/status", "Name:\tmariadbd\nUid:\t105\t105\t105\t105\nNSpid:\t812\t1\n");
	put_file("run/db.pid", "1\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	char command[128];
	rig_stop(&rig);
	unsetenv("FATHOM_ROOT");
	snprintf(command, sizeof command, "rm -rf '%s'", root);
	return system(command);
}

/* The command's process, as it wrote itself down. */
static pid_t far_side(void)
{
	char path[128];
	int pid = 0;
	snprintf(path, sizeof path, "%s/pid", root);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

static void use_command(unsigned target, const char *command)
{
	target_set(rig.targets[target], SETTING_HOST_COMMAND, command, "test");
}

#define READ_THE_ROOT "echo $$ >$HOST/pid; echo a banner; FATHOM_ROOT=$HOST exec sh"

static struct fake *start(const char *command, part_mask parts, double interval)
{
	struct fake *f = rig_fake(&rig, SCRIPT);
	use_command(0, command);
	rig_start(&rig);
	rig_demand(&rig, 0, parts, interval);
	return f;
}

/* --- conditions ------------------------------------------------------------------------------- */

struct fresh {
	enum part_id id;
	int64_t than;
};

/* Of the host: whatever the server's link says. */
static bool is_fresh(const struct rig *r, unsigned target, const void *arg)
{
	const struct fresh *f = arg;
	const struct part *p = rig_part(r, target, f->id);
	return p && part_status(p) == PART_OK && part_read_mono(p) > f->than;
}

static const struct snapshot *wait_fresh(enum part_id id, int64_t than)
{
	struct fresh f = {id, than};
	return rig_wait(&rig, 0, is_fresh, &f);
}

static bool is_host(const struct rig *r, unsigned target, const void *arg)
{
	return r->last[target] && r->last[target]->host.state == *(const enum link_state *)arg;
}

static const struct snapshot *wait_host(enum link_state state)
{
	return rig_wait(&rig, 0, is_host, &state);
}

static bool lacks_server(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = rig_part(r, target, PART_HOST_PROCESS);
	const char *why = p ? part_absent_reason(p, HOST_PROCESS_FDS) : NULL;
	return why && strstr(why, arg);
}

static bool has_server(const struct rig *r, unsigned target, const void *arg)
{
	(void)arg;
	const struct part *p = rig_part(r, target, PART_HOST_PROCESS);
	int row = p ? part_find(p, value_int(812)) : -1;
	return row >= 0 && strcmp(value_cstr(part_get(p, (unsigned)row, HOST_PROCESS_KIND)),
				  "server") == 0;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void host_and_server_come_together(void **state)
{
	(void)state;
	start(READ_THE_ROOT, BITS(STATUS) | BITS(HOST_CPU) | BITS(HOST_MEMORY) | BITS(SELF), 0.3);
	rig_wait_ok(&rig, 0, PART_STATUS);
	const struct snapshot *s = wait_fresh(PART_HOST_CPU, 0);
	assert_string_equal(s->host.transport, "command");
	assert_int_equal(s->host.state, LINK_LIVE);
	assert_null(s->host.note);
	s = wait_fresh(PART_HOST_CPU, part_read_mono(s->parts[PART_HOST_CPU]));
	assert_true(s->host.cost_known);
	/* Self tells what was asked for. */
	int row = part_find(s->parts[PART_SELF], value_str("host_cpu"));
	assert_true(row >= 0);
	const char *request =
		value_cstr(part_get(s->parts[PART_SELF], (unsigned)row, SELF_STATEMENT));
	assert_int_equal(strncmp(request, "stat|", 5), 0);
	assert_true(part_find(s->parts[PART_SELF], value_str("host")) >= 0);
	/* What nobody wants is not read. */
	assert_null(s->parts[PART_HOST_NET]);
}

static void the_host_goes_on_without_the_server(void **state)
{
	(void)state;
	struct fake *f = start(READ_THE_ROOT, BITS(STATUS) | BITS(HOST_CPU) | BITS(HOST_PROCESS), 0.2);
	rig_wait_ok(&rig, 0, PART_STATUS);
	rig_wait(&rig, 0, has_server, NULL);
	fake_script(f, "greeting close\n" SCRIPT);
	fake_drop(f);
	const struct snapshot *s = rig_wait_link(&rig, 0, LINK_DOWN);
	s = wait_fresh(PART_HOST_CPU, s->mono);
	s = wait_fresh(PART_HOST_CPU, s->mono);
	assert_int_not_equal(s->link, LINK_LIVE);
	assert_int_equal(s->host.state, LINK_LIVE);
	/* And the server is seen to be dead. */
	char path[128];
	snprintf(path, sizeof path, "%s/proc/812/stat", root);
	unlink(path);
	snprintf(path, sizeof path, "%s/proc/812/comm", root);
	unlink(path);
	rig_wait(&rig, 0, lacks_server, "process 812, which was watched, is gone");
}

static void a_frozen_host_delays_no_sample(void **state)
{
	(void)state;
	start(READ_THE_ROOT, BITS(STATUS) | BITS(HOST_CPU), 0.2);
	rig_wait_ok(&rig, 0, PART_STATUS);
	wait_fresh(PART_HOST_CPU, 0);
	kill(far_side(), SIGSTOP);
	const struct snapshot *s = wait_host(LINK_STALLED);
	assert_int_equal(part_status(s->parts[PART_HOST_CPU]), PART_STALE);
	assert_non_null(s->host.note);
	for (int i = 0; i < 5; i++) {
		int64_t before = clock_mono_ns();
		s = rig_wait_later(&rig, 0, PART_STATUS, s->mono);
		assert_true(clock_mono_ns() - before < 2 * NS_PER_S);
		assert_int_equal(s->link, LINK_LIVE);
	}
	kill(far_side(), SIGCONT);
	s = wait_host(LINK_LIVE);
	assert_null(s->host.note);
	wait_fresh(PART_HOST_CPU, s->mono);
}

static void half_a_second_is_no_stall(void **state)
{
	(void)state;
	start(READ_THE_ROOT, BITS(STATUS) | BITS(HOST_CPU), 0.2);
	rig_wait_ok(&rig, 0, PART_STATUS);
	const struct snapshot *s = wait_fresh(PART_HOST_CPU, 0);
	int64_t began = clock_mono_ns();
	kill(far_side(), SIGSTOP);
	while (clock_mono_ns() - began < NS_PER_S / 2) {
		s = rig_wait_later(&rig, 0, PART_STATUS, s->mono);
		if (clock_mono_ns() - began < NS_PER_S * 3 / 4)
			assert_int_equal(s->host.state, LINK_LIVE);
	}
	kill(far_side(), SIGCONT);
	s = wait_fresh(PART_HOST_CPU, clock_mono_ns());
	assert_int_equal(s->host.state, LINK_LIVE);
}

static void a_shell_that_dies_comes_back(void **state)
{
	(void)state;
	start(READ_THE_ROOT, BITS(STATUS) | BITS(HOST_CPU), 0.2);
	const struct snapshot *s = wait_fresh(PART_HOST_CPU, 0);
	for (int i = 0; i < 2; i++) {
		pid_t before = far_side();
		kill(before, SIGKILL);
		s = wait_host(LINK_DOWN);
		assert_int_equal(part_status(s->parts[PART_HOST_CPU]), PART_STALE);
		assert_int_equal(s->host.note->err.kind, ERR_LOST);
		assert_true(s->host.retry_at > 0);
		s = wait_fresh(PART_HOST_CPU, s->mono);
		assert_int_equal(s->host.state, LINK_LIVE);
		assert_int_not_equal(far_side(), before);
	}
}

static void what_is_no_shell_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *command, *word;
	} cases[] = {
		{"echo This account is currently not available.; exit 1", "not available"},
		{"exec no-such-program-here", "no-such-program-here"},
		{"exec bash --restricted", "restricted"},
		{"FATHOM_ROOT=/nowhere exec sh", "FATHOM_ROOT"},
		{"echo go away >&2; exec true", "go away"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		start(cases[i].command, BITS(STATUS) | BITS(HOST_CPU), 0.3);
		const struct snapshot *s = wait_host(LINK_DOWN);
		const struct part *p = s->parts[PART_HOST_CPU];
		assert_non_null(p);
		assert_int_equal(part_status(p), PART_FAILED);
		if (!strstr(part_reason(p), cases[i].word))
			fail_msg("%s: %s", cases[i].command, part_reason(p));
		/* The server does not care. */
		rig_wait_ok(&rig, 0, PART_STATUS);
		rig_stop(&rig);
	}
}

static bool has_host_cpu(const struct rig *r, unsigned target, const void *arg)
{
	(void)arg;
	return rig_part(r, target, PART_HOST_CPU) != NULL;
}

static void a_host_that_nobody_named_is_told(void **state)
{
	(void)state;
	rig_fake(&rig, SCRIPT);
	target_set(rig.targets[0], SETTING_HOST, "192.0.2.1", "test");
	target_set(rig.targets[0], SETTING_CONNECT_TIMEOUT, "1", "test");
	rig_start(&rig);
	rig_demand(&rig, 0, BITS(HOST_CPU), 1);
	rig_wait_link(&rig, 0, LINK_DOWN);
	const struct snapshot *s = rig_wait(&rig, 0, has_host_cpu, NULL);
	assert_int_equal(part_status(s->parts[PART_HOST_CPU]), PART_UNSUPPORTED);
	assert_non_null(strstr(part_reason(s->parts[PART_HOST_CPU]), "--ssh"));
	assert_null(s->host.transport);
}

/* This machine's own files, which the sampler's thread reads itself. */
static struct fake *start_local(const char *script)
{
	struct fake *f = rig_fake(&rig, script);
	setenv("FATHOM_ROOT", root, 1);
	rig_start(&rig);
	rig_demand(&rig, 0, BITS(STATUS) | BITS(HOST_CPU), 0.2);
	return f;
}

static void this_machine_gives_way_to_the_first_screen(void **state)
{
	(void)state;
	start_local("on SHOW GLOBAL STATUS\n delay 150\n columns Variable_name Value\n row Uptime 1000\n"
		    SCRIPT);
	const struct snapshot *s = rig_wait_ok(&rig, 0, PART_STATUS);
	int64_t served = part_read_mono(s->parts[PART_STATUS]);
	s = wait_fresh(PART_HOST_CPU, 0);
	assert_true(part_read_mono(s->parts[PART_HOST_CPU]) > served);
	assert_string_equal(s->host.transport, "local");
}

static void this_machine_does_not_wait_for_a_server_that_hangs(void **state)
{
	(void)state;
	start_local("version 10.11.6-MariaDB\non SHOW GLOBAL STATUS\n hang\n");
	const struct snapshot *s = rig_wait(&rig, 0, has_host_cpu, NULL);
	assert_null(s->parts[PART_STATUS]);
}

static void this_machine_does_not_wait_for_a_server_that_is_down(void **state)
{
	(void)state;
	start_local("greeting close\n");
	const struct snapshot *down = rig_wait_link(&rig, 0, LINK_DOWN);
	int64_t since = down->mono;
	const struct snapshot *s = wait_fresh(PART_HOST_CPU, 0);
	assert_true(s->host.state == LINK_LIVE && part_read_mono(s->parts[PART_HOST_CPU]) > since);
}

static void the_first_reading_says_what_is_missing(void **state)
{
	(void)state;
	start(READ_THE_ROOT, BITS(HOST_CPU) | BITS(HOST_PROCESS), 5);
	const struct snapshot *s = wait_fresh(PART_HOST_CPU, 0);
	assert_string_equal(part_absent_reason(s->parts[PART_HOST_CPU], HOST_CPU_PSI_SOME),
			    "this host has no /proc/pressure/cpu");
	rig_wait(&rig, 0, has_server, NULL);
	rig_wait(&rig, 0, lacks_server, "this host has no /proc/812/fd");
}

static void fewer_threads_before_more_cost(void **state)
{
	(void)state;
	unsigned n = 400;
	assert_int_equal(hostround_threads(n, 12), n);
	assert_int_equal(hostround_threads(n, 17), 300);
	assert_int_equal(hostround_threads(n, 7), 500);
	for (int i = 0; i < 40; i++)
		n = hostround_threads(n, 100);
	assert_int_equal(n, 8);
	for (int i = 0; i < 40; i++)
		n = hostround_threads(n, 1);
	assert_int_equal(n, 512);
}

static void a_hundred_hosts_that_hang_hold_up_nobody(void **state)
{
	(void)state;
	enum { ALL = 100, MOST_GAP_MS = 200 };
	struct fake *f = rig_fake(&rig, SCRIPT);
	while (rig.n < ALL)
		rig_add(&rig, fake_port(f));
	for (unsigned i = 0; i < ALL; i++)
		use_command(i, i % 2 ? "exec sleep 1000" : "kill -STOP $$");
	rig_start(&rig);
	for (unsigned i = 0; i < ALL; i++)
		rig_demand(&rig, i, BITS(STATUS) | BITS(HOST_CPU) | (i ? 0 : BITS(SELF)), 1);
	for (unsigned i = 0; i < ALL; i++)
		rig_wait_ok(&rig, i, PART_STATUS);
	int64_t mark = clock_mono_ns();
	for (unsigned i = 0; i < ALL; i++)
		rig_wait_later(&rig, i, PART_STATUS, mark);
	assert_true(clock_mono_ns() - mark < 4 * NS_PER_S);
	rig_wait_later(&rig, 0, PART_SELF, mark);
	const struct part *self = rig_part(&rig, 0, PART_SELF);
	unsigned row = (unsigned)part_find(self, value_str("connection"));
	double gap = value_number(part_get(self, row, SELF_LOOP_GAP), 1000);
	if (gap >= MOST_GAP_MS)
		fail_msg("the loop's longest gap was %.0f ms", gap);
	mark = clock_mono_ns();
	sampler_free(rig.sampler);
	rig.sampler = NULL;
	assert_true(clock_mono_ns() - mark < 2 * NS_PER_S);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(host_and_server_come_together),
		TEST(the_host_goes_on_without_the_server),
		TEST(a_frozen_host_delays_no_sample),
		TEST(half_a_second_is_no_stall),
		TEST(a_shell_that_dies_comes_back),
		TEST(what_is_no_shell_is_told),
		TEST(a_host_that_nobody_named_is_told),
		TEST(this_machine_gives_way_to_the_first_screen),
		TEST(this_machine_does_not_wait_for_a_server_that_hangs),
		TEST(this_machine_does_not_wait_for_a_server_that_is_down),
		TEST(the_first_reading_says_what_is_missing),
		cmocka_unit_test(fewer_threads_before_more_cost),
		TEST(a_hundred_hosts_that_hang_hold_up_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
