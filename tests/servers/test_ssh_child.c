/* A child `ssh` against real sshd: the shell, what goes wrong, and the tunnel to real servers. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/child.h"
#include "io/db.h"
#include "io/shell.h"
#include "io/tunnel.h"
#include "tests/servers/server.h"
#include "tests/servers/sshd.h"
#include "tests/unit/cmocka_all.h"

#define CHILD "ssh-transport", "ssh"

static struct shell *open_as(const struct target *t, shell_progress *progress, void *arg, struct err *e)
{
	struct shell_question q;
	*e = (struct err){0};
	return shell_open(t, NULL, in_ms(10000), progress, arg, &q, e);
}

static struct shell *open_shell(const struct target *t)
{
	struct err e;
	struct shell *s = open_as(t, NULL, NULL, &e);
	if (!s)
		fail_msg("%s: %s; %s", e.what, e.why, e.hint);
	return s;
}

static void wait_for(struct shell *s, bool writing)
{
	struct pollfd p[SHELL_MOST_FDS];
	struct err e;
	poll(p, shell_poll(s, writing, p), 100);
	assert_true(shell_step(s, clock_mono_ns(), &e));
}

static void send_line(struct shell *s, const char *line)
{
	struct err e;
	for (size_t n = strlen(line), sent = 0; sent < n;) {
		ssize_t done = shell_write(s, line + sent, n - sent, &e);
		assert_true(done >= 0);
		sent += (size_t)done;
		if (sent < n)
			wait_for(s, true);
	}
}

/* Until `end` was heard. */
static void read_until(struct shell *s, const char *end, struct buf *out)
{
	int64_t deadline = in_ms(10000);
	struct err e;
	while (!strstr(buf_str(out), end)) {
		char bytes[4096];
		ssize_t n = shell_read(s, bytes, sizeof bytes, &e);
		if (n < 0)
			fail_msg("%s: %s", e.what, e.why);
		if (n == 0)
			wait_for(s, false);
		if (n > 0)
			buf_add(out, bytes, (size_t)n);
		assert_true(clock_mono_ns() < deadline);
	}
}

static bool wait_lost(struct shell *s, struct err *e)
{
	int64_t deadline = in_ms(10000);
	char bytes[256];
	while (clock_mono_ns() < deadline) {
		if (shell_read(s, bytes, sizeof bytes, e) < 0)
			return true;
		struct pollfd p[SHELL_MOST_FDS];
		poll(p, shell_poll(s, false, p), 100);
	}
	return false;
}

/* --- the shell -------------------------------------------------------------------------------------- */

static void on_step(const char *step, bool ok, const char *text, void *arg)
{
	buf_addf(arg, "%s %s: %s\n", ok ? "ok" : "fail", step, text);
}

static void a_shell_answers(void **state)
{
	struct target *t = TARGET("ssh", "main", "ssh-config", "$FATHOM_SSHD_CONFIG", CHILD);
	struct buf out = BUF_INIT, steps = BUF_INIT;
	struct err e;
	(void)state;

	struct shell *s = open_as(t, on_step, &steps, &e);
	assert_non_null(s);
	assert_int_equal(shell_kind(s), SHELL_SSH_CHILD);
	print_message("# %s", buf_str(&steps));
	assert_non_null(strstr(buf_str(&steps), "ok ssh-resolve: it is 127.0.0.1 [127.0.0.1] port "));
	assert_non_null(strstr(buf_str(&steps), "ok ssh-tcp: connected to "));
	assert_non_null(strstr(buf_str(&steps), "ok ssh-host-key: ssh-ed25519 SHA256:"));
	assert_non_null(strstr(buf_str(&steps), "ok ssh-login: logged in by \"publickey\""));
	assert_non_null(strstr(buf_str(&steps), "ok host-shell: "));
	send_line(s, "cat /proc/loadavg; id -un; tty; echo over\n");
	read_until(s, "over\n", &out);
	assert_non_null(strstr(buf_str(&out), sshd_var("USER")));
	assert_non_null(strstr(buf_str(&out), "not a tty"));
	assert_null(shell_tunnel_socket(s));
	assert_true(shell_bytes(s) > out.len);
	shell_close(s);
	buf_release(&out);
	buf_release(&steps);
	target_free(t);
}

static void the_options_count_over_the_configuration(void **state)
{
	char *ssh = xasprintf("%s@127.0.0.1:%s", sshd_var("USER"), sshd_var("MAIN_PORT"));
	char *path = xasprintf("%s/ecdsa", sshd_var("KEYS")), *config = xasprintf("%s/few", sshd_var("KEYS"));
	FILE *f = fopen(config, "w");
	(void)state;

	fprintf(f, "User nobody\nRequestTTY force\nRemoteCommand false\nBatchMode no\nIdentityFile none\n"
		   "LocalForward 127.0.0.1:1 localhost:1\nUserKnownHostsFile %s\n", sshd_var("KNOWN_HOSTS"));
	fclose(f);
	struct target *t = TARGET("ssh", ssh, "ssh-config", config, "ssh-identity", path, CHILD);
	struct shell *s = open_shell(t);
	struct buf out = BUF_INIT;
	send_line(s, "tty; echo over\n");
	read_until(s, "over\n", &out);
	assert_string_equal(buf_str(&out), "not a tty\nover\n");
	shell_close(s);
	unlink(config);
	buf_release(&out);
	target_free(t);
	free(ssh);
	free(path);
	free(config);
}

static void noise_before_the_shell_is_skipped(void **state)
{
	struct target *t = TARGET("ssh", "noisy", "ssh-config", "$FATHOM_SSHD_CONFIG", CHILD);
	struct buf out = BUF_INIT;
	(void)state;

	struct shell *s = open_shell(t);
	send_line(s, "echo over\n");
	read_until(s, "over\n", &out);
	assert_string_equal(buf_str(&out), "over\n");
	shell_close(s);
	buf_release(&out);
	target_free(t);
}

/* A configuration of its own: these lines for host `x`, with files of the keys' folder for a `$`, then
   those that let it in. */
static char *config_with(const char *lines)
{
	static unsigned n;
	char *path = xasprintf("%s/config-%u", sshd_var("KEYS"), n++);
	const char *dollar = strchr(lines, '$');
	FILE *f = fopen(path, "w");
	fprintf(f, "Host x\n%.*s", dollar ? (int)(dollar - lines) : -1, lines);
	if (dollar)
		fprintf(f, "%s/%s", sshd_var("KEYS"), dollar + 1);
	if (!strstr(lines, "IdentityFile"))
		fprintf(f, "\nIdentityFile %s/ed25519", sshd_var("KEYS"));
	fprintf(f, "\nHostName 127.0.0.1\nUser %s\nPort %s\nIdentitiesOnly yes\nIdentityAgent none\n"
		   "UserKnownHostsFile %s\nGlobalKnownHostsFile /dev/null\n",
		sshd_var("USER"), sshd_var("MAIN_PORT"), sshd_var("KNOWN_HOSTS"));
	fclose(f);
	return path;
}

static void what_goes_wrong_is_said(void **state)
{
	static const struct {
		const char *host, *lines; /* lines NULL: the server's own configuration */
		enum err_kind kind;
		const char *step, *why, *hint;
	} cases[] = {
		{"no.such.host.invalid", NULL, ERR_RESOLVE, "ssh-resolve", "no.such.host.invalid",
		 "check the host's name"},
		{"x", "Port 1", ERR_CONNECT, "ssh-tcp", "Connection refused", "does sshd run"},
		{"x", "UserKnownHostsFile /dev/null", ERR_TLS, "ssh-host-key", "the host key is not known; it is ssh-ed25519 SHA256:",
		 "libssh2 asks here"},
		{"x", "UserKnownHostsFile /dev/null\nStrictHostKeyChecking yes", ERR_TLS, "ssh-host-key",
		 "No ED25519 host key is known", "fingerprint"},
		{"x", "UserKnownHostsFile $changed", ERR_TLS, "ssh-host-key", "the host key has changed",
		 "ssh-keygen -R"},
		{"x", "UserKnownHostsFile $revoked", ERR_TLS, "ssh-host-key", "revoked", "owner"},
		{"x", "IdentityFile $stranger", ERR_LOGIN, "ssh-login", "Permission denied (publickey)",
		 "ssh-add"},
		{"x", "IdentityFile $ecdsa-pass", ERR_LOGIN, "ssh-login", "Permission denied", "ssh-add"},
		{"x", "IdentityFile $open", ERR_LOGIN, "ssh-login", "others can read", "chmod 600"},
		{"x", "NoSuchOption yes", ERR_USAGE, "ssh-resolve", "Bad configuration option", "mend"},
		{"x", "ProxyCommand false", ERR_CONNECT, "ssh-host-key", "ended the connection", "SSH server"},
		{"closed", NULL, ERR_DENIED, "host-shell", "but: go away", "may run sh"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *config = cases[i].lines ? config_with(cases[i].lines) : xstrdup(sshd_var("CONFIG"));
		struct target *t = TARGET("ssh", cases[i].host, "ssh-config", config, CHILD);
		struct buf steps = BUF_INIT, want = BUF_INIT;
		struct err e;
		struct shell *s = open_as(t, on_step, &steps, &e);
		print_message("# %s: %s; %s\n", e.what, e.why, e.hint);
		assert_null(s);
		assert_string_equal(err_kind_name(e.kind), err_kind_name(cases[i].kind));
		assert_non_null(strstr(e.why, cases[i].why));
		assert_non_null(strstr(e.hint, cases[i].hint));
		assert_non_null(strstr(e.what, cases[i].host));
		buf_addf(&want, "fail %s: %s", cases[i].step, e.why);
		assert_non_null(strstr(buf_str(&steps), buf_str(&want)));
		if (cases[i].lines)
			unlink(config);
		buf_release(&steps);
		buf_release(&want);
		target_free(t);
		free(config);
	}
}

/* Root may read all files; an ssh without that right is like anybody's. */
static void a_key_that_may_not_be_read(void **state)
{
	char *key = xasprintf("%s/locked", sshd_var("KEYS")), *path = xstrdup(getenv("PATH"));
	char *bin = xasprintf("%s/bin:%s", sshd_var("KEYS"), path);
	char *config = config_with("IdentityFile $locked");
	struct target *t = TARGET("ssh", "x", "ssh-config", config, CHILD);
	struct err e;
	(void)state;

	if (getuid() == 0)
		setenv("PATH", bin, 1);
	struct shell *s = open_as(t, NULL, NULL, &e);
	setenv("PATH", path, 1);
	print_message("# %s: %s; %s\n", e.what, e.why, e.hint);
	assert_null(s);
	assert_int_equal(e.kind, ERR_LOGIN);
	assert_non_null(strstr(e.why, key));
	assert_non_null(strstr(e.why, "Permission denied"));
	assert_non_null(strstr(e.hint, "may not read that key file"));
	unlink(config);
	free(config);
	free(bin);
	free(path);
	free(key);
	target_free(t);
}

static void a_server_that_hangs_is_given_up(void **state)
{
	struct target *t = TARGET("ssh", "main", "ssh-config", "$FATHOM_SSHD_CONFIG", CHILD);
	struct shell_question q;
	struct err e = {0};
	(void)state;

	sshd_signal("main", "STOP");
	int64_t began = clock_mono_ns();
	assert_null(shell_open(t, NULL, in_ms(1500), NULL, NULL, &q, &e));
	sshd_signal("main", "CONT");
	assert_true(clock_mono_ns() - began < 3 * NS_PER_S);
	print_message("# %s: %s; %s\n", e.what, e.why, e.hint);
	assert_int_equal(e.kind, ERR_TIMEOUT);
	target_free(t);
}

static void no_ssh_at_all(void **state)
{
	struct target *t = TARGET("ssh", "main", CHILD);
	char *path = xstrdup(getenv("PATH"));
	struct err e;
	(void)state;

	setenv("PATH", "/nonexistent", 1);
	assert_null(open_as(t, NULL, NULL, &e));
	setenv("PATH", path, 1);
	assert_non_null(strstr(e.hint, "OpenSSH's client"));
	target_free(t);
	/* nor does a host's name become an option */
	t = TARGET("ssh", "-oProxyCommand=touch /tmp/fathom-was-here", CHILD);
	assert_null(open_as(t, NULL, NULL, &e));
	assert_int_not_equal(access("/tmp/fathom-was-here", F_OK), 0);
	target_free(t);
	free(path);
}

/* --- the tunnel ------------------------------------------------------------------------------------- */

static struct target *through(const struct server *s, const char *host, const char *ssh)
{
	struct err e;
	struct target *t = TARGET("ssh", ssh, "ssh-config", "$FATHOM_SSHD_CONFIG", CHILD, "ssh-tunnel", "1",
				  "user", "full", "password", "full");
	target_set(t, SETTING_HOST, host, "test");
	target_set(t, SETTING_PORT, s->port, "test");
	target_set(t, SETTING_ADMIN_PORT, s->admin_port, "test");
	assert_true(tunnel_prepare(t, &e));
	return t;
}

static struct db *connect_through(const struct target *t, struct err *e)
{
	*e = (struct err){0};
	return db_connect(t, DB_JOB, in_ms(10000), NULL, NULL, e);
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static const struct stmt sixteen_megabytes = {"test/large", "SELECT REPEAT(REPEAT('x', 1024), 16384) AS a",
					      STMT_READ};
static const struct stmt select_one = {"test/one", "SELECT 1 AS a", STMT_READ};

static void note_size(void *arg, const struct answer *a)
{
	*(size_t *)arg = a->cells[0] ? strlen(a->cells[0]) : 0;
}

static bool take_columns(void *arg, const struct answer *a)
{
	(void)arg;
	(void)a;
	return true;
}

static const struct db_sink sizes = {take_columns, note_size};

static void servers_answer_through_it(void **state)
{
	(void)state;
	EACH_SERVER(server)
	{
		struct target *t = through(server, NULL, "main");
		struct err e;
		size_t size = 0;
		assert_null(connect_through(t, &e));
		assert_string_equal(e.why, "the SSH session is not up");
		struct shell *s = open_shell(t);
		assert_string_equal(shell_tunnel_socket(s), t->tunnel);
		assert_int_equal(mode_of(t->tunnel) & 077, 0);
		struct db *a = connect_through(t, &e), *b = connect_through(t, &e);
		if (!a || !b)
			fail_msg("%s: %s", e.what, e.why);
		assert_false(db_server(a)->socket);
		assert_true(db_run(a, &sixteen_megabytes, NULL, 0, &sizes, &size, in_ms(20000), -1, &e));
		assert_int_equal(size, 16 << 20);
		assert_true(db_run(b, &select_one, NULL, 0, &sizes, &size, in_ms(5000), -1, &e));
		assert_string_equal(shell_tunnel_trouble(s), "");
		/* with the session all its connections are gone */
		shell_close(s);
		assert_false(db_run(a, &select_one, NULL, 0, &sizes, &size, in_ms(5000), -1, &e));
		assert_int_equal(e.kind, ERR_LOST);
		assert_null(connect_through(t, &e));
		/* and they come back with it */
		s = open_shell(t);
		db_close(a);
		a = connect_through(t, &e);
		assert_non_null(a);
		db_close(a);
		db_close(b);
		shell_close(s);
		target_free(t);
	}
}

static void certificates_are_held_to_the_name(void **state)
{
	static const struct {
		const char *host, *mode, *ca;
		const char *why; /* NULL: it works */
	} cases[] = {
		{"localhost", "verify-identity", "$FATHOM_TEST_CA", NULL},
		{"127.0.0.1", "verify-identity", "$FATHOM_TEST_CA", "not for the name 127.0.0.1"},
		{"127.0.0.1", "verify-ca", "$FATHOM_TEST_CA", NULL},
		{"localhost", "verify-ca", "$FATHOM_TEST_WRONG_CA", "TLS"},
		{"127.0.0.1", "required", NULL, NULL},
	};
	(void)state;
	EACH_SERVER(server)
	{
		for (size_t i = 0; i < COUNT_OF(cases); i++) {
			struct target *t = through(server, cases[i].host, "main");
			struct err e;
			target_set(t, SETTING_SSL_MODE, cases[i].mode, "test");
			target_set(t, SETTING_SSL_CA, cases[i].ca ? getenv(cases[i].ca + 1) : NULL, "test");
			struct shell *s = open_shell(t);
			struct db *db = connect_through(t, &e);
			print_message("# %s: %s\n", e.what, e.why);
			assert_int_equal(db == NULL, cases[i].why != NULL);
			if (db)
				assert_true(*db_server(db)->cipher);
			else
				assert_non_null(strstr(e.why, cases[i].why));
			db_close(db);
			shell_close(s);
			target_free(t);
		}
	}
}

static void a_socket_of_the_far_side(void **state)
{
	(void)state;
	EACH_SERVER(server)
	{
		struct target *t = through(server, NULL, "main");
		struct err e;
		target_set(t, SETTING_SOCKET, server->socket, "test");
		struct shell *s = open_shell(t);
		struct db *db = connect_through(t, &e);
		if (!db)
			fail_msg("%s: %s", e.what, e.why);
		assert_true(db_server(db)->socket);
		db_close(db);
		shell_close(s);
		target_free(t);
	}
}

static void refusals_of_the_far_side_are_told(void **state)
{
	static const struct server nowhere = {.port = "1"};
	static const struct {
		const char *ssh, *words;
	} cases[] = {{"main", "onnect"}, {"shut", "administratively prohibited"}};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct target *t = through(&nowhere, NULL, cases[i].ssh);
		struct err e;
		struct shell *s = open_shell(t);
		assert_null(connect_through(t, &e));
		print_message("# %s: %s\n", e.what, e.why);
		for (int64_t until = in_ms(5000); clock_mono_ns() < until && !*shell_tunnel_trouble(s);)
			wait_for(s, false);
		print_message("# trouble: %s\n", shell_tunnel_trouble(s));
		assert_non_null(strstr(shell_tunnel_trouble(s), cases[i].words));
		shell_close(s);
		target_free(t);
	}
}

/* Descriptors of this process and its children that listen on TCP. */
static unsigned listening(void)
{
	char *command = xasprintf("for p in %d $(cat /proc/%d/task/*/children); do readlink /proc/$p/fd/*; done | "
				  "sed -n 's/socket:.\\([0-9]*\\).$/\\1/p' | sort -u >$TMPDIR/inodes; "
				  "awk '$4 == \"0A\" {print $10}' /proc/net/tcp /proc/net/tcp6 | sort -u | "
				  "comm -12 - $TMPDIR/inodes | wc -l; rm $TMPDIR/inodes",
				  (int)getpid(), (int)getpid());
	FILE *f = popen(command, "r");
	unsigned n = 99;
	assert_int_equal(fscanf(f, "%u", &n), 1);
	pclose(f);
	free(command);
	return n;
}

static void no_tcp_port_is_opened(void **state)
{
	(void)state;
	EACH_SERVER(server)
	{
		struct target *t = through(server, NULL, "main");
		struct err e;
		struct shell *s = open_shell(t);
		struct db *db = connect_through(t, &e);
		assert_non_null(db);
		assert_int_equal(listening(), 0);
		char *folder = xstrndup(t->tunnel, (size_t)(strrchr(t->tunnel, '/') - t->tunnel));
		assert_int_equal(mode_of(folder), 0700);
		free(folder);
		db_close(db);
		shell_close(s);
		target_free(t);
		break;
	}
}

static void a_session_that_dies_is_noticed(void **state)
{
	(void)state;
	EACH_SERVER(server)
	{
		struct target *t = through(server, NULL, "main");
		struct err e;
		size_t size;
		struct shell *s = open_shell(t);
		struct db *db = connect_through(t, &e);
		assert_non_null(db);
		sshd_signal("main", "KILL");
		assert_true(wait_lost(s, &e));
		print_message("# %s: %s\n", e.what, e.why);
		assert_int_equal(e.kind, ERR_LOST);
		assert_false(db_run(db, &select_one, NULL, 0, &sizes, &size, in_ms(5000), -1, &e));
		assert_int_equal(e.kind, ERR_LOST);
		db_close(db);
		shell_close(s);
		assert_null(connect_through(t, &e));
		sshd_restart("main");
		s = open_shell(t);
		db = connect_through(t, &e);
		assert_non_null(db);
		db_close(db);
		shell_close(s);
		target_free(t);
	}
}

#define LESS "-dac_override,-dac_read_search"

static int start_sshd(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN); /* as the program does: an ssh may be gone before it was asked anything */
	if (!sshd_start("main noisy 'Banner /etc/hostname' 'ForceCommand echo Welcome; echo; exec sh' "
			"closed 'ForceCommand echo go away' shut 'AllowTcpForwarding no'"))
		return -1;
	char *command = xasprintf("cd %s && sed 's|ssh-ed25519 .*|ssh-ed25519 '\"$(cut -d ' ' -f 2 ed25519.pub)\"'|' "
				  "%s >changed && sed 's/^/@revoked /' %s >revoked && cp ed25519 open && "
				  "chmod 644 open && cp ed25519 locked && chmod 0 locked && mkdir bin && "
				  "printf '#!/bin/sh\nPATH=${PATH#*:}\nexec setpriv --bounding-set %s --inh-caps %s "
				  "ssh \"$@\"\n' >bin/ssh && chmod 755 bin/ssh",
				  sshd_var("KEYS"), sshd_var("KNOWN_HOSTS"), sshd_var("KNOWN_HOSTS"),
				  LESS, LESS);
	int status = system(command);
	free(command);
	return status;
}

static int stop_sshd(void **state)
{
	(void)state;
	sshd_stop();
	tunnel_clean_up();
	child_reap(INT64_MAX);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shell_answers),
		cmocka_unit_test(the_options_count_over_the_configuration),
		cmocka_unit_test(noise_before_the_shell_is_skipped),
		cmocka_unit_test(what_goes_wrong_is_said),
		cmocka_unit_test(a_key_that_may_not_be_read),
		cmocka_unit_test(a_server_that_hangs_is_given_up),
		cmocka_unit_test(no_ssh_at_all),
		cmocka_unit_test(servers_answer_through_it),
		cmocka_unit_test(certificates_are_held_to_the_name),
		cmocka_unit_test(a_socket_of_the_far_side),
		cmocka_unit_test(refusals_of_the_far_side_are_told),
		cmocka_unit_test(no_tcp_port_is_opened),
		cmocka_unit_test(a_session_that_dies_is_noticed),
	};
	return cmocka_run_group_tests(tests, start_sshd, stop_sshd);
}
