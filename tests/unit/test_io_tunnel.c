/* The near end of a tunnel: its folder, and certificates of servers behind it. */
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/db.h"
#include "io/shell.h"
#include "io/tunnel.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/fakecerts.h"
#include "tests/unit/fakeserver.h"

static char dir[] = "/tmp/fathom-tunnel-XXXXXX";

static struct target *target_through_ssh(void)
{
	struct target *t = xcalloc(1, sizeof *t);
	target_set(t, SETTING_SSH, "bastion.example", "test");
	target_set(t, SETTING_SSH_TUNNEL, "1", "test");
	return t;
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void nobody_else_may_enter_the_folder(void **state)
{
	struct target *a = target_through_ssh(), *b = target_through_ssh();
	char door[TUNNEL_PATH_SIZE];
	struct err e = {0};
	(void)state;

	assert_true(tunnel_prepare(a, &e) && tunnel_prepare(b, &e));
	assert_string_not_equal(a->tunnel, b->tunnel);
	assert_ptr_equal(strstr(a->tunnel, dir), a->tunnel);
	char *folder = xstrndup(a->tunnel, (size_t)(strrchr(a->tunnel, '/') - a->tunnel));
	assert_int_equal(mode_of(folder), 0700);
	struct target *copy = target_copy(a);
	assert_string_equal(copy->tunnel, a->tunnel);
	struct fake *f = fake_start(tunnel_path(copy, TUNNEL_ADMIN, door), "");
	assert_true(mode_of(door));
	tunnel_clean_up();
	assert_false(mode_of(folder));
	fake_stop(f);
	free(folder);
	target_free(copy);
	target_free(a);
	target_free(b);
}

static void what_a_crash_left_is_removed(void **state)
{
	struct target *t = target_through_ssh();
	struct err e = {0};
	char *left = xasprintf("%s/fathom-ssh-abcdef", dir), *in_it = xasprintf("%s/1", left);
	(void)state;

	assert_int_equal(mkdir(left, 0700), 0);
	fclose(fopen(in_it, "w"));
	assert_true(tunnel_prepare(t, &e));
	assert_false(mode_of(left));
	tunnel_clean_up();
	free(left);
	free(in_it);
	target_free(t);
}

static void why_there_is_no_folder_is_said(void **state)
{
	struct target *t = target_through_ssh();
	struct rlimit few, before;
	struct err e = {0};
	int next = dup(0);
	(void)state;

	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){(rlim_t)next, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_false(tunnel_prepare(t, &e));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_string_equal(e.why, "Too many open files");
	target_free(t);
}

/* No child was started: our own descriptors stay. */
static void a_place_that_is_none_closes_nothing(void **state)
{
	struct target *t = target_through_ssh();
	struct shell_question question;
	struct err e = {0};
	(void)state;

	target_set(t, SETTING_SSH, "me@:22", "test");
	target_set(t, SETTING_SSH_TRANSPORT, "ssh", "test");
	assert_null(shell_open(t, NULL, clock_mono_ns() + NS_PER_S, NULL, NULL, &question, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	for (int fd = 0; fd < 3; fd++)
		assert_int_not_equal(fcntl(fd, F_GETFD), -1);
	target_free(t);
}

/* An ssh that logs in, gives no shell, and runs nothing until it is told to end. Its child says when it is there:
   of a shell that has yet to become `sleep`, a signal may be lost. */
static const char fake_ssh[] =
	"#!/bin/sh\n"
	"for a; do\n"
	"	case $a in -L*) near=${a#-L}; near=${near%%:*};; -N) nothing=1;; esac\n"
	"done\n"
	"echo 'Authenticated to bastion.example ([127.0.0.1]:22) using \"publickey\".' >&2\n"
	"[ \"$nothing\" ] || exit 1\n"
	"trap 'echo >\"$near.ended\"; kill $!; exit' TERM\n"
	"sh -c 'echo >\"$1\"; exec sleep 60' - \"$near\" & wait\n";

static bool appears(const char *path)
{
	for (int64_t until = clock_mono_ns() + 30 * NS_PER_S; clock_mono_ns() < until; poll(NULL, 0, 20))
		if (access(path, F_OK) == 0)
			return true;
	return false;
}

/* What ends in no order leaves nothing behind that goes on for good. */
static void a_tunnel_ends_with_the_program(void **state)
{
	struct target *t = target_through_ssh();
	char *bin = xasprintf("%s/bin", dir), *ssh = xasprintf("%s/ssh", bin), *before = xstrdup(getenv("PATH"));
	char *path = xasprintf("%s:%s", bin, before);
	struct err e = {0};
	(void)state;

	target_set(t, SETTING_SSH_TRANSPORT, "ssh", "test");
	assert_true(tunnel_prepare(t, &e));
	assert_int_equal(mkdir(bin, 0700), 0);
	FILE *f = fopen(ssh, "w");
	assert_true(fputs(fake_ssh, f) >= 0 && fclose(f) == 0 && chmod(ssh, 0700) == 0);
	setenv("PATH", path, 1);
	pid_t pid = fork();
	if (pid == 0) {
		struct shell_question question;
		signal(SIGPIPE, SIG_IGN); /* as the program does */
		struct shell *s = shell_open(t, NULL, clock_mono_ns() + 30 * NS_PER_S, NULL, NULL, &question, &e);
		_exit(s ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	char *ended = xasprintf("%s.ended", t->tunnel);
	assert_true(appears(ended));
	setenv("PATH", before, 1);
	assert_int_equal(unlink(ended) | unlink(ssh) | rmdir(bin), 0);
	tunnel_clean_up();
	free(bin);
	free(ssh);
	free(before);
	free(path);
	free(ended);
	target_free(t);
}

static void a_tunnel_needs_somewhere_to_go(void **state)
{
	struct target *t = target_through_ssh();
	struct err e = {0};
	(void)state;

	/* never past it */
	assert_null(db_connect(t, DB_SAMPLE, clock_mono_ns() + NS_PER_S, NULL, NULL, &e));
	assert_string_equal(e.why, "there is no tunnel");
	target_set(t, SETTING_SSH, NULL, NULL);
	assert_false(tunnel_prepare(t, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.hint, "--ssh [user@]host"));
	target_free(t);
}

static void the_far_end_is_what_the_target_names(void **state)
{
	struct target *t = target_through_ssh();
	struct tunnel_end end;
	(void)state;

	assert_true(tunnel_end_of(t, TUNNEL_SERVER, &end));
	assert_string_equal(end.host, "localhost");
	assert_int_equal(end.port, 3306);
	assert_null(end.socket);
	assert_false(tunnel_end_of(t, TUNNEL_ADMIN, &end));
	target_set(t, SETTING_HOST, "db.example", "test");
	target_set(t, SETTING_PORT, "3307", "test");
	target_set(t, SETTING_ADMIN_PORT, "33062", "test");
	assert_true(tunnel_end_of(t, TUNNEL_ADMIN, &end));
	assert_string_equal(end.host, "db.example");
	assert_int_equal(end.port, 33062);
	target_set(t, SETTING_HOST, NULL, NULL);
	target_set(t, SETTING_SOCKET, "/run/far.sock", "test");
	assert_true(tunnel_end_of(t, TUNNEL_SERVER, &end));
	assert_null(end.host);
	assert_string_equal(end.socket, "/run/far.sock");
	target_free(t);
}

/* The name is what the person gave, the connection goes to the tunnel's socket. */
static void certificates_are_held_to_the_name(void **state)
{
	static const struct {
		const char *host, *certificate, *mode;
		const char *why; /* NULL: it works */
	} cases[] = {
		{"db.example", "elsewhere", "verify-identity", NULL},
		{"localhost", "server", "verify-identity", NULL},
		{"db.example", "server", "verify-identity", "not for the name db.example"},
		{"db.example", "server", "verify-ca", NULL},
		{"127.0.0.1", "server", "verify-identity", "not for the name 127.0.0.1"},
		{"db.example", "expired", "verify-ca", "certificate has expired"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct target *t = target_through_ssh();
		const char *name = cases[i].certificate;
		char *ca = xasprintf("%s/ca.pem", dir);
		char *script = xasprintf("tls %s/%s.pem %s/%s-key.pem\n", dir, name, dir, name);
		struct err e = {0};
		assert_true(tunnel_prepare(t, &e));
		struct fake *f = fake_start(t->tunnel, script);
		target_set(t, SETTING_HOST, cases[i].host, "test");
		target_set(t, SETTING_SSL_MODE, cases[i].mode, "test");
		target_set(t, SETTING_SSL_CA, ca, "test");
		struct db *db =
			db_connect(t, DB_SAMPLE, clock_mono_ns() + 10 * NS_PER_S, NULL, NULL, &e);
		print_message("# %zu: %s: %s\n", i, e.what, e.why);
		assert_int_equal(db == NULL, cases[i].why != NULL);
		if (db)
			assert_true(*db_server(db)->cipher);
		if (cases[i].why) {
			assert_int_equal(e.kind, ERR_TLS);
			assert_non_null(strstr(e.why, cases[i].why));
			assert_non_null(strstr(e.what, "through SSH"));
		}
		db_close(db);
		fake_stop(f);
		tunnel_clean_up();
		target_free(t);
		free(ca);
		free(script);
	}
}

static void without_a_session_it_is_said(void **state)
{
	struct target *t = target_through_ssh();
	struct err e = {0};
	(void)state;

	assert_true(tunnel_prepare(t, &e));
	assert_null(db_connect(t, DB_SAMPLE, clock_mono_ns() + 10 * NS_PER_S, NULL, NULL, &e));
	assert_int_equal(e.kind, ERR_CONNECT);
	assert_string_equal(e.why, "the SSH session is not up");
	tunnel_clean_up();
	target_free(t);
}

static void other_names_are_looked_up_as_ever(void **state)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	(void)state;

	assert_int_equal(getaddrinfo("127.0.0.1", "80", &hints, &found), 0);
	assert_int_equal(found->ai_family, AF_INET);
	freeaddrinfo(found);
	assert_int_not_equal(getaddrinfo("no.such.host.invalid", NULL, &hints, &found), 0);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	setenv("XDG_RUNTIME_DIR", dir, 1);
	fake_certificates(dir);
	return 0;
}

static int remove_folder(void **state)
{
	char *command = xasprintf("rm -rf %s", dir);
	(void)state;
	int rc = system(command);
	free(command);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_else_may_enter_the_folder),
		cmocka_unit_test(what_a_crash_left_is_removed),
		cmocka_unit_test(why_there_is_no_folder_is_said),
		cmocka_unit_test(a_place_that_is_none_closes_nothing),
		cmocka_unit_test(a_tunnel_ends_with_the_program),
		cmocka_unit_test(a_tunnel_needs_somewhere_to_go),
		cmocka_unit_test(the_far_end_is_what_the_target_names),
		cmocka_unit_test(certificates_are_held_to_the_name),
		cmocka_unit_test(without_a_session_it_is_said),
		cmocka_unit_test(other_names_are_looked_up_as_ever),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
