/* The loop that reads a host: the parser alone, then the very script under the shells there are. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/hostfind.h"
#include "collect/hostloop.h"
#include "tests/unit/cmocka_all.h"

#define M "abcdefghijklmnop"
#define HELLO M " os Linux 6.1.0\n" M " shell 77\n" M " user 1000\n" M " getconf 250 16384\n" \
	M " show grep -a\n" M " proc\n" M " ready\n"

static struct hostloop loop;

static int setup(void **state)
{
	(void)state;
	hostloop_init(&loop, M);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hostloop_release(&loop);
	return 0;
}

/* All bytes at once; the last event that was not HOSTLOOP_MORE. */
static enum hostloop_event feed(const char *s)
{
	size_t n = strlen(s);
	enum hostloop_event last = HOSTLOOP_MORE;
	while (n) {
		enum hostloop_event e = hostloop_feed(&loop, &s, &n);
		last = e == HOSTLOOP_MORE ? last : e;
	}
	return last;
}

static const char *text(const struct host_tick *t, const char *name)
{
	const struct host_file *f = host_file(t, name);
	return f ? f->text : "(none)";
}

/* --- the parser ------------------------------------------------------------------------------- */

static void noise_before_the_loop_is_skipped(void **state)
{
	(void)state;
	assert_int_equal(feed("Welcome to db3!\nproc/stat:cpu 1\n\nLast login: never\n" HELLO),
			 HOSTLOOP_READY);
	assert_string_equal(loop.os, "Linux 6.1.0");
	assert_string_equal(loop.show, "grep -a");
	assert_string_equal(loop.noise, "Last login: never");
	assert_int_equal(loop.shell, 77);
	assert_int_equal(loop.ticks_per_second, 250);
	assert_int_equal(loop.page_size, 16384);
	assert_int_equal(hostloop_tick(&loop).n_files, 0);
}

static void a_frame_becomes_files_in_order(void **state)
{
	(void)state;
	feed(HELLO);
	assert_int_equal(feed(M " + 4\nproc/stat:cpu 1\nproc/stat:cpu0 1\nproc/loadavg:0.1\r\n"
				"sys/fs/cgroup/cpu.max:max 100000\n!df:/dev/vda 1 2 3 4% /\n" M
				" ~\n0m1.500s 0m0.25s\n1m0.000s 0m0.010000s\n" M " - 4\n"),
			 HOSTLOOP_FRAME);
	assert_int_equal(loop.number, 4);
	assert_true(loop.cpu > 61.75 && loop.cpu < 61.77);
	struct host_tick t = hostloop_tick(&loop);
	assert_int_equal(t.n_files, 4);
	assert_string_equal(text(&t, "stat"), "cpu 1\ncpu0 1\n");
	assert_string_equal(text(&t, "loadavg"), "0.1\n");
	assert_string_equal(text(&t, "/sys/fs/cgroup/cpu.max"), "max 100000\n");
	assert_string_equal(text(&t, "!df"), "/dev/vda 1 2 3 4% /\n");
	for (unsigned i = 1; i < t.n_files; i++)
		assert_true(strcmp(t.files[i - 1].name, t.files[i].name) < 0);
}

static void what_is_cut_off_or_forged_counts_for_nothing(void **state)
{
	(void)state;
	feed(HELLO);
	/* A frame that another one interrupts, one without its end, an end without a beginning. */
	assert_int_equal(feed(M " + 1\nproc/stat:cpu 6\n" M " + 2\nproc/loadavg:2\n" M " ~\n0m1s 0m1s\n"
				M " - 2\n"),
			 HOSTLOOP_FRAME);
	struct host_tick t = hostloop_tick(&loop);
	assert_int_equal(t.n_files, 1);
	assert_string_equal(text(&t, "loadavg"), "2\n");
	hostloop_clear(&loop);
	assert_int_equal(feed(M " - 9\n" M " ~\n" M " + 3\nproc/stat:cpu 7\n" M " - 3\n"), HOSTLOOP_MORE);
	/* A process may call itself anything: it never stands at the beginning of a line. */
	assert_int_equal(feed(M " + 5\nproc/9/comm:x\nproc/9/comm:" M " - 5\nabc " M " - 5\nno colon\n"),
			 HOSTLOOP_MORE);
	assert_int_equal(feed(M " ~\n0m1s 0m1s\n" M " - 5\n"), HOSTLOOP_FRAME);
	t = hostloop_tick(&loop);
	assert_int_equal(t.n_files, 1);
	assert_string_equal(text(&t, "9/comm"), "x\n" M " - 5\n");
}

static void size_is_bounded(void **state)
{
	(void)state;
	feed(HELLO M " + 1\nproc/long:");
	char *many = xmalloc(100001);
	memset(many, 'x', 100000);
	many[100000] = '\0';
	feed(many);
	feed("\nproc/next:1\n");
	for (int i = 0; i < 100; i++) {
		many[99999] = '\n';
		memcpy(many, "proc/big:", 9);
		many[60000] = '\n';
		memcpy(many + 60001, "proc/big:", 9);
		feed(many);
	}
	free(many);
	assert_int_equal(feed(M " ~\n" M " - 1\n"), HOSTLOOP_FRAME);
	struct host_tick t = hostloop_tick(&loop);
	assert_true(host_file(&t, "long")->cut);
	assert_true(host_file(&t, "long")->len <= 64 << 10);
	assert_true(host_file(&t, "big")->cut);
	assert_true(host_file(&t, "big")->len <= 256 << 10);
	assert_string_equal(text(&t, "next"), "1\n");
}

static void hosts_that_cannot_be_read_say_why(void **state)
{
	(void)state;
	assert_int_equal(feed(M " restricted\n"), HOSTLOOP_REFUSED);
	assert_non_null(strstr(loop.refusal, "restricted"));
	assert_int_equal(feed(M " os FreeBSD 14.1\n" M " ready\n"), HOSTLOOP_REFUSED);
	assert_non_null(strstr(loop.refusal, "FreeBSD 14.1"));
	assert_int_equal(feed(M " os Linux 6.1\n" M " ready\n"), HOSTLOOP_REFUSED);
	assert_non_null(strstr(loop.refusal, "/proc"));
	assert_int_equal(feed(M " nofolder /x\n"), HOSTLOOP_REFUSED);
	assert_non_null(strstr(loop.refusal, "FATHOM_ROOT"));
}

static void a_colon_in_a_name_belongs_to_it(void **state)
{
	(void)state;
	struct buf request = BUF_INIT;
	host_want(&request, "/sys/fs/cgroup/pods:cri:4f/cpu.max");
	host_want(&request, "/sys/block/a:b/%s", "[0-9]/stat");
	host_want(&request, "not|this");
	hostloop_expect(&loop, &request);
	feed(HELLO M " + 1\nsys/fs/cgroup/pods:cri:4f/cpu.max:max\nsys/block/a:b/1/stat:2:3\n" M " ~\n" M
		   " - 1\n");
	struct host_tick t = hostloop_tick(&loop);
	assert_string_equal(text(&t, "/sys/fs/cgroup/pods:cri:4f/cpu.max"), "max\n");
	assert_string_equal(text(&t, "/sys/block/a:b/1/stat"), "2:3\n");
	assert_int_equal(t.n_files, 2);
	buf_release(&request);
}

/* --- requests --------------------------------------------------------------------------------- */

static void requests_name_each_file_once(void **state)
{
	(void)state;
	struct buf request = BUF_INIT, out = BUF_INIT;
	host_want(&request, "stat");
	host_want(&request, "loadavg");
	host_want(&request, "!df");
	host_want(&request, "/sys/x y");
	host_want(&request, "stat");
	host_want_threads(&request, 12, (const int64_t[]){13, 14}, 2, "schedstat io");
	hostloop_ask_files(&out, 3, 'b', &request);
	hostloop_ask_files(&out, 4, 'b', NULL);
	assert_string_equal(buf_str(&out), "3|r|b|@12|schedstat io|13 14|proc/stat|proc/loadavg|sys/x y\n"
					   "4|r|b|\n");
	buf_release(&request);
	buf_release(&out);
}

/* --- real shells ------------------------------------------------------------------------------ */

static char root[] = "/tmp/fathom-hostloop-XXXXXX";

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

static int make_root(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	put_file("proc/stat", "cpu  1 2 3 4\nbtime 5");
	put_file("proc/empty", "");
	put_file("proc/12/comm", "a:b\nwith a line\n");
	put_file("proc/12/task/13/io", "rchar: 1\n");
	put_file("proc/12/task/14/io", "rchar: 2\n");
	put_file("proc/12/fd/0", "");
	put_file("proc/12/fd/1", "");
	put_file("proc/12/fd/17", "");
	put_file("sys/a file", "back\\slash \\n\n");
	put_file("proc/bytes", "\001\377z\n");
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	char command[600];
	snprintf(command, sizeof command, "rm -rf '%s'", root);
	return system(command);
}

struct far {
	pid_t pid;
	int in, out;
	char bytes[4096];
	const char *next; /* of them, what was not taken in yet */
	size_t left;
};

static struct far start(const char *command)
{
	int in[2], out[2];
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	struct far f = {.pid = fork(), .in = in[1], .out = out[0]};
	if (f.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		setenv("FATHOM_ROOT", root, 1);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(126);
	}
	close(in[0]);
	close(out[1]);
	return f;
}

/* Until something comes of it; HOSTLOOP_MORE at the end of the stream. */
static enum hostloop_event wait_for_event(struct far *f)
{
	for (;;) {
		enum hostloop_event e = hostloop_feed(&loop, &f->next, &f->left);
		if (e != HOSTLOOP_MORE)
			return e;
		struct pollfd p = {.fd = f->out, .events = POLLIN};
		assert_int_equal(poll(&p, 1, 60000), 1);
		ssize_t n = read(f->out, f->bytes, sizeof f->bytes);
		if (n <= 0)
			return HOSTLOOP_MORE;
		f->next = f->bytes;
		f->left = (size_t)n;
	}
}

static void send_text(const struct far *f, struct buf *b)
{
	assert_int_equal(write(f->in, buf_str(b), b->len), (ssize_t)b->len);
	buf_clear(b);
}

static void end(struct far *f)
{
	int status;
	close(f->in);
	assert_int_equal(wait_for_event(f), HOSTLOOP_MORE); /* it ends by itself */
	close(f->out);
	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
}

static void read_the_root(const char *command, const char *show)
{
	struct buf b = BUF_INIT, request = BUF_INIT;
	struct far f = start(command);
	hostloop_release(&loop);
	hostloop_init(&loop, M);
	hostloop_script(&b, M);
	send_text(&f, &b);
	assert_int_equal(wait_for_event(&f), HOSTLOOP_READY);
	assert_string_equal(loop.show, show);

	host_want(&request, "stat");
	host_want(&request, "empty");
	host_want(&request, "nothing");
	host_want(&request, "[0-9]*/comm");
	host_want(&request, "/sys/a file");
	host_want(&request, "bytes");
	host_want_threads(&request, 12, (const int64_t[]){13, 14, 15}, 3, "io stat");
	for (unsigned i = 1; i <= 2; i++) {
		hostloop_clear(&loop);
		hostloop_ask_files(&b, i, 'c', i == 1 ? &request : NULL);
		send_text(&f, &b);
		assert_int_equal(wait_for_event(&f), HOSTLOOP_FRAME);
		assert_int_equal(loop.number, i);
		assert_true(loop.cpu >= 0);
		struct host_tick t = hostloop_tick(&loop);
		assert_string_equal(text(&t, "stat"), "cpu  1 2 3 4\nbtime 5\n");
		assert_string_equal(text(&t, "12/comm"), "a:b\nwith a line\n");
		assert_string_equal(text(&t, "12/task/13/io"), "rchar: 1\n");
		assert_string_equal(text(&t, "12/task/14/io"), "rchar: 2\n");
		assert_string_equal(text(&t, "/sys/a file"), "back\\slash \\n\n");
		assert_string_equal(text(&t, "bytes"), "\001\377z\n");
		assert_int_equal(t.n_files, 6);
	}
	hostloop_clear(&loop);
	hostloop_ask_why(&b, 3, "stat|nothing|[0-9]*/comm|/sys/a file");
	hostloop_ask_df(&b, 4, "/|/nowhere");
	hostloop_ask_log(&b, 5, "/sys/a file");
	hostloop_ask_log(&b, 6, "/sys"); /* waits for nobody who would write into a pipe */
	hostloop_ask_fds(&b, 7, 12);
	hostloop_ask_fds(&b, 8, 13);
	send_text(&f, &b);
	assert_int_equal(wait_for_event(&f), HOSTLOOP_FRAME);
	while (loop.number != 8)
		assert_int_equal(wait_for_event(&f), HOSTLOOP_FRAME);
	struct host_tick t = hostloop_tick(&loop);
	assert_string_equal(text(&t, "?"),
			    "r proc/stat\nn proc/nothing\nr proc/[0-9]*/comm\nr sys/a file\n");
	assert_non_null(strstr(text(&t, "!df"), " /\n"));
	assert_non_null(strstr(text(&t, "!df-i"), " /\n"));
	assert_string_equal(text(&t, "!log"), "back\\slash \\n\n");
	assert_string_equal(text(&t, "!fds 12"), "3\n");
	assert_null(host_file(&t, "!fds 13"));
	buf_release(&b);
	buf_release(&request);
	end(&f);
}

static bool there_is(const char *program)
{
	char command[128];
	snprintf(command, sizeof command, "command -v %s >/dev/null", program);
	return system(command) == 0;
}

static void each_shell_prints_the_same(void **state)
{
	(void)state;
	static const char *const shells[] = {"dash", "bash", "mksh", "zsh"};
	read_the_root("echo noise; echo more >&2; exec sh", "grep -a");
	for (size_t i = 0; i < COUNT_OF(shells); i++)
		if (there_is(shells[i]))
			read_the_root(shells[i], "grep -a");
}

/* Nothing but busybox's own programs. */
static void busybox_does(void **state)
{
	(void)state;
	if (!there_is("busybox"))
		skip();
	char command[600];
	snprintf(command, sizeof command,
		 "mkdir -p %1$s/bin; for a in sh grep ls df id uname getconf renice sed tail; do "
		 "ln -sf \"$(command -v busybox)\" %1$s/bin/$a; done; PATH=%1$s/bin exec sh",
		 root);
	read_the_root(command, "grep -a");
}

/* Without grep the shell reads by itself. */
static void no_grep_does(void **state)
{
	(void)state;
	char command[600];
	snprintf(command, sizeof command,
		 "mkdir -p %1$s/few; for a in df ls id sed tail uname; do ln -sf \"$(command -v $a)\" "
		 "%1$s/few/$a; done; s=$(command -v dash); PATH=%1$s/few exec $s",
		 root);
	read_the_root(command, "read");
}

static enum hostloop_event greeting_of(const char *command)
{
	struct buf b = BUF_INIT;
	struct far f = start(command);
	hostloop_script(&b, M);
	signal(SIGPIPE, SIG_IGN);
	ssize_t ignored = write(f.in, buf_str(&b), b.len);
	(void)ignored;
	buf_release(&b);
	enum hostloop_event e = wait_for_event(&f);
	close(f.in);
	close(f.out);
	kill(f.pid, SIGKILL);
	waitpid(f.pid, NULL, 0);
	return e;
}

static void what_is_no_shell_is_told(void **state)
{
	(void)state;
	char command[600];
	assert_int_equal(greeting_of("exec bash --restricted"), HOSTLOOP_REFUSED);
	assert_non_null(strstr(loop.refusal, "restricted"));
	assert_int_equal(greeting_of("echo This account is currently not available."), HOSTLOOP_MORE);
	assert_string_equal(loop.noise, "This account is currently not available.");
	/* It echoes all that it gets: the marker as it is sent is not the marker. */
	assert_int_equal(greeting_of("timeout 1 cat"), HOSTLOOP_MORE);
	assert_false(loop.ready);
	snprintf(command, sizeof command,
		 "mkdir -p %1$s/bsd; printf '#!/bin/sh\\necho FreeBSD\\n' >%1$s/bsd/uname; "
		 "chmod +x %1$s/bsd/uname; PATH=%1$s/bsd:$PATH exec sh",
		 root);
	assert_int_equal(greeting_of(command), HOSTLOOP_REFUSED);
	assert_non_null(strstr(loop.refusal, "FreeBSD"));
	assert_int_equal(greeting_of("FATHOM_ROOT=/nowhere exec sh"), HOSTLOOP_REFUSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(noise_before_the_loop_is_skipped),
		TEST(a_frame_becomes_files_in_order),
		TEST(what_is_cut_off_or_forged_counts_for_nothing),
		TEST(size_is_bounded),
		TEST(hosts_that_cannot_be_read_say_why),
		TEST(a_colon_in_a_name_belongs_to_it),
		TEST(requests_name_each_file_once),
		TEST(each_shell_prints_the_same),
		TEST(busybox_does),
		TEST(no_grep_does),
		TEST(what_is_no_shell_is_told),
	};
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
