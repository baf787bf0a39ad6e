/* Finding the server's process: each kind of evidence, and what is said where there is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/hostfind.h"
#include "collect/hostloop.h"
#include "tests/unit/cmocka_all.h"

#define M "abcdefghijklmnop"

/* A host in one text; every question is answered with all of it. */
static struct host_server find(const struct hostfind_facts *facts, const char *host, unsigned *asked)
{
	struct hostloop loop;
	struct host_server server = {0};
	struct hostfind f;
	struct buf b = BUF_INIT;
	buf_addf(&b, M " os Linux\n" M " proc\n" M " ready\n" M " + 1\n%s" M " ~\n" M " - 1\n", host);
	hostloop_init(&loop, M);
	const char *s = buf_str(&b);
	for (size_t n = b.len; n;)
		hostloop_feed(&loop, &s, &n);
	struct host_tick t = hostloop_tick(&loop);
	unsigned questions = 1;
	hostfind_begin(&f, facts);
	while (!hostfind_take(&f, &t, &server))
		questions++;
	if (asked)
		*asked = questions;
	hostloop_release(&loop);
	buf_release(&b);
	return server;
}

#define HOST "proc/sys/kernel/hostname:db3\nproc/stat:cpu  1 2 3 4\nproc/stat:cpu0 1 2 3 4\nproc/stat:cpu1 1 2 3 4\n"
#define PROCESS(pid, inner, name, uid, line) \
	"proc/" pid "/comm:" name "\nproc/" pid "/status:Uid:\t" uid "\t" uid "\t" uid "\t" uid "\n" \
	"proc/" pid "/status:NSpid:\t" pid "\t" inner "\nproc/" pid "/cmdline:" line "\n" \
	"proc/" pid "/stat:" pid " (" name ") S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 9 0 42" pid " 1 1\n"
#define LISTENS(port, uid, inode) \
	"proc/net/tcp:  sl  local_address rem_address   st\n" \
	"proc/net/tcp:   0: 00000000:" port " 00000000:0000 0A 00000000:00000000 00:00000000 00000000   " \
	uid "        0 " inode " 1 0 100\n"

static const struct hostfind_facts ours = {
	.pid_file = "/run/db.pid", .socket = "/run/db.sock", .hostname = "db3", .port = 3306,
};

static void by_its_pid_file(void **state)
{
	(void)state;
	unsigned asked;
	struct host_server s = find(&ours, HOST PROCESS("812", "812", "mariadbd", "105", "mariadbd")
					   PROCESS("900", "900", "mysqld", "105", "mysqld")
					   "run/db.pid:812\n", &asked);
	assert_int_equal(s.pid, 812);
	assert_int_equal(s.inner_pid, 812);
	assert_int_equal(s.start, 42812);
	assert_int_equal(s.cores, 2);
	assert_string_equal(s.name, "mariadbd");
	assert_string_equal(s.how, "pid file /run/db.pid");
	assert_int_equal(asked, 2);
	/* What has that number by now must be a server. */
	s = find(&ours, HOST PROCESS("812", "812", "nginx", "105", "nginx") "run/db.pid:812\n", NULL);
	assert_int_equal(s.pid, 0);
	assert_non_null(strstr(s.why_not, "no mysqld or mariadbd runs on db3"));
}

static void below_its_data_folder(void **state)
{
	(void)state;
	struct hostfind_facts f = {.pid_file = "db3.pid", .datadir = "/var/lib/mysql"};
	struct host_server s = find(&f, HOST PROCESS("7", "7", "mysqld", "1", "mysqld")
						"var/lib/mysql/db3.pid:7\n", NULL);
	assert_int_equal(s.pid, 7);
}

static void run_by_another_program(void **state)
{
	(void)state;
	struct host_server s = find(&ours, HOST PROCESS("5", "5", "ld-linux-x86-64", "0", "/r/usr/sbin/mysqld")
			  "run/db.pid:5\n", NULL);
	assert_int_equal(s.pid, 5);
	assert_string_equal(s.name, "mysqld");
}

static void in_a_container(void **state)
{
	(void)state;
	struct hostfind_facts f = ours;
	/* The pid file of the container's own file system is not to be had: its group tells. */
	snprintf(f.hostname, sizeof f.hostname, "0123456789ab");
	struct host_server s =
		find(&f, HOST PROCESS("812", "1", "mysqld", "105", "mysqld")
			      "proc/812/cgroup:0::/docker/0123456789abcdef0123\n"
			      PROCESS("813", "1", "mysqld", "105", "mysqld")
			      "proc/813/cgroup:0::/docker/fedcba98765432100123\n", NULL);
	assert_int_equal(s.pid, 812);
	assert_int_equal(s.inner_pid, 1);
	assert_true(s.cgroup_v2);
	assert_string_equal(s.cgroup, "docker/0123456789abcdef0123");
	/* None of them, or another machine: never the one that happens to be here. */
	s = find(&f, HOST PROCESS("900", "900", "mysqld", "105", "mysqld") "run/db.pid:900\n"
		     LISTENS("0CEA", "105", "4711") "!fd 900:x -> socket:[4711]\n", NULL);
	assert_int_equal(s.pid, 0);
	assert_non_null(strstr(s.why_not, "calls its host 0123456789ab, this is db3"));
}

static void by_who_holds_its_port(void **state)
{
	(void)state;
	unsigned asked;
	struct host_server s = find(&ours, HOST PROCESS("812", "812", "mysqld", "105", "mysqld")
					   PROCESS("900", "900", "mysqld", "105", "mysqld")
					   LISTENS("0CEA", "105", "4711") "!fd 900:x -> socket:[4711]\n",
				    &asked);
	assert_int_equal(s.pid, 900);
	assert_string_equal(s.how, "port 3306");
	assert_int_equal(asked, 3);
}

static void by_its_socket(void **state)
{
	(void)state;
	struct hostfind_facts f = {.socket = "/run/db.sock"};
	struct host_server s = find(&f, HOST PROCESS("900", "900", "mysqld", "105", "mysqld")
						"proc/net/unix:0: 00000002 00000000 00010000 0001 01 99 /run/db.sock\n"
						"!fd 900:x -> socket:[99]\n", NULL);
	assert_int_equal(s.pid, 900);
	assert_string_equal(s.how, "socket /run/db.sock");
}

static void by_its_owner_only_where_there_is_one(void **state)
{
	(void)state;
	struct host_server s = find(&ours, HOST PROCESS("812", "812", "mysqld", "105", "mysqld")
					   PROCESS("900", "900", "mysqld", "106", "mysqld")
					   LISTENS("0CEA", "106", "4711"), NULL);
	assert_int_equal(s.pid, 900);
	assert_string_equal(s.how, "the owner of port 3306");
	s = find(&ours, HOST PROCESS("812", "812", "mysqld", "106", "mysqld")
			     PROCESS("900", "900", "mysqld", "106", "mysqld")
			     LISTENS("0CEA", "106", "4711"), NULL);
	assert_int_equal(s.pid, 0);
	assert_non_null(strstr(s.why_not, "2 server processes run here"));
}

static void hidden_processes_are_told(void **state)
{
	(void)state;
	struct host_server s = find(&ours, HOST "proc/self/mountinfo:23 22 0:21 / /proc rw - proc proc "
						"rw,hidepid=2\n", NULL);
	assert_int_equal(s.pid, 0);
	assert_non_null(strstr(s.why_not, "hidepid"));
}

static void mounts_that_may_hang_are_left_out(void **state)
{
	(void)state;
	static const char text[] =
		"22 1 254:0 / / rw - ext4 /dev/vda rw\n"
		"23 22 0:21 / /proc rw - proc proc rw\n"
		"24 22 0:50 / /home rw - nfs4 srv:/home rw\n"
		"25 22 0:51 / /mnt rw - fuse.sshfs x rw\n"
		"26 22 254:1 / /var/lib/my\\040sql rw - xfs /dev/vdb rw\n"
		"27 22 254:0 /x /bind rw - ext4 /dev/vda rw\n"
		"28 22 0:60 / /odd|name rw - tmpfs tmpfs rw\n"
		"29 22 0:61 / /run rw - tmpfs tmpfs rw\n";
	struct host_file f = {"self/mountinfo", text, sizeof text - 1, false};
	struct buf b = BUF_INIT;
	hostfind_mounts(&f, &b);
	assert_string_equal(buf_str(&b), "/|/var/lib/my sql|/run");
	buf_release(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_its_pid_file),
		cmocka_unit_test(below_its_data_folder),
		cmocka_unit_test(run_by_another_program),
		cmocka_unit_test(in_a_container),
		cmocka_unit_test(by_who_holds_its_port),
		cmocka_unit_test(by_its_socket),
		cmocka_unit_test(by_its_owner_only_where_there_is_one),
		cmocka_unit_test(hidden_processes_are_told),
		cmocka_unit_test(mounts_that_may_hang_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
