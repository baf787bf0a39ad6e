/* The libssh2 transport against real sshd: each kind of key, each kind of trust, and what goes wrong. */
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/shell.h"
#include "tests/servers/server.h"
#include "tests/servers/sshd.h"
#include "tests/unit/cmocka_all.h"

static char folder[64];

/* What libssh2 1.10 forgets: a number of each ECDSA key, the first of two lists of methods. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libssh2_userauth_publickey_frommemory\nleak:libssh2_userauth_list\n";
}

/* For those stacks to be seen through the libraries. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

/* --- what a test says ------------------------------------------------------------------------- */

/* One attempt, and what came of it. */
struct attempt {
	struct shell *shell;
	struct shell_question q;
	struct err e;
	struct buf steps;
	double ms;
};

static void on_step(const char *step, bool ok, const char *text, void *arg)
{
	buf_addf(arg, "%s %s: %s\n", ok ? "ok" : "fail", step, text);
}

static struct attempt attempt_for(struct target *t, const struct shell_answers *answers, int64_t ms)
{
	struct attempt a = {0};
	int64_t start = clock_mono_ns();

	a.shell = shell_open(t, answers, in_ms(ms), on_step, &a.steps, &a.q, &a.e);
	a.ms = (double)(clock_mono_ns() - start) / 1e6;
	target_free(t);
	if (a.e.kind)
		print_message("# %s: %s; %s\n", a.e.what, a.e.why, a.e.hint);
	if (a.q.kind)
		print_message("# %s? %s\n", a.q.subject, a.q.text);
	return a;
}

static struct attempt attempt(struct target *t)
{
	return attempt_for(t, NULL, 20000);
}

static void done(struct attempt *a)
{
	shell_close(a->shell);
	buf_release(&a->steps);
	*a = (struct attempt){0};
}

#define assert_has(text, part) \
	do { \
		if (!strstr(text, part)) \
			fail_msg("\"%s\" lacks \"%s\"", text, part); \
	} while (0)

/* "KEYS/ed25519" and the like, in the test's folder, as ssh_config has lines. */
static struct target *target_with(const char *name, const char *host, const char *lines)
{
	char *path = xasprintf("%s/%s", folder, name), *port = xasprintf("%s_PORT", host);
	FILE *f = fopen(path, "w");
	struct target *t;

	for (char *p = port; *p; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
	fprintf(f, "Host %s\nPort %s\n%sHost *\nHostName 127.0.0.1\nUser %s\nIdentityAgent none\n"
		   "IdentityFile %s/ed25519\nUserKnownHostsFile %s\nGlobalKnownHostsFile none\n",
		host, sshd_var(port), lines, sshd_var("USER"), sshd_var("KEYS"), sshd_var("KNOWN_HOSTS"));
	fclose(f);
	t = TARGET("ssh", host, "ssh-config", path);
	free(path);
	free(port);
	return t;
}

#define MAIN(...) target_with("config", "main", lines_of((const char *[]){__VA_ARGS__, NULL}))

/* Lines, $K for the folder of keys, $T for the test's. */
static const char *lines_of(const char *const *lines)
{
	static char text[4096];
	size_t n = 0;

	for (text[0] = '\0'; *lines; lines++) {
		for (const char *p = *lines; *p; p++) {
			const char *value = strncmp(p, "$K", 2) == 0   ? sshd_var("KEYS")
					    : strncmp(p, "$T", 2) == 0 ? folder
								       : NULL;
			n += (size_t)(value ? sprintf(text + n, "%s", value) : sprintf(text + n, "%c", *p));
			p += value != NULL;
		}
		n += (size_t)sprintf(text + n, "\n");
	}
	return text;
}

static char *write_file(const char *name, mode_t mode, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A file in the test's folder; its path is the caller's. */
static char *write_file(const char *name, mode_t mode, const char *fmt, ...)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	va_list ap;

	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
	chmod(path, mode);
	return path;
}

static char *read_file(const char *path)
{
	struct buf b = BUF_INIT;
	FILE *f = fopen(path, "r");
	char bytes[4096];
	size_t n;

	if (!f)
		fail_msg("%s", path);
	while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
		buf_add(&b, bytes, n);
	fclose(f);
	buf_adds(&b, "");
	return buf_steal(&b);
}

/* "ssh-ed25519 AAAA…" of a host key, without its comment. */
static char *host_key(const char *server, const char *type)
{
	char *var = xasprintf("%s_HOST_KEYS", server), *path = xasprintf("%s/%s.pub", sshd_var(var), type);
	char *text = read_file(path), *blank = strchr(strchr(text, ' ') + 1, ' ');

	if (blank)
		*blank = '\0';
	else
		text[strcspn(text, "\n")] = '\0';
	free(var);
	free(path);
	return text;
}

/* --- what a shell says ------------------------------------------------------------------------ */

static double longest_ms;

#define TIMED(call) \
	({ \
		int64_t start_ = clock_mono_ns(); \
		__typeof__(call) result_ = call; \
		double ms_ = (double)(clock_mono_ns() - start_) / 1e6; \
		longest_ms = ms_ > longest_ms ? ms_ : longest_ms; \
		result_; \
	})

/* Send the line, read until it answers "over". False: the stream ended, *e. */
static bool converse(struct shell *s, const char *line, struct buf *out, struct err *e)
{
	int64_t deadline = in_ms(20000);
	size_t n = strlen(line), sent = 0;
	char bytes[8192];

	while (!strstr(buf_str(out), "over\n")) {
		struct pollfd p[SHELL_MOST_FDS];
		ssize_t got;
		if (sent < n && (got = TIMED(shell_write(s, line + sent, n - sent, e))) < 0)
			return false;
		sent += sent < n ? (size_t)got : 0;
		if ((got = TIMED(shell_read(s, bytes, sizeof bytes, e))) < 0)
			return false;
		buf_add(out, bytes, (size_t)got);
		if (got == 0) {
			poll(p, shell_poll(s, sent < n, p), 100);
			if (!TIMED(shell_step(s, clock_mono_ns(), e)))
				return false;
		}
		assert_true(clock_mono_ns() < deadline);
	}
	return true;
}

static void check_works(struct attempt *a)
{
	struct buf out = BUF_INIT;
	struct err e = {0};

	if (!a->shell)
		fail_msg("%s: %s; %s", a->e.what, a->e.why, a->e.hint);
	if (!converse(a->shell, "cat /proc/loadavg; id -un; echo over\n", &out, &e))
		fail_msg("%s: %s", e.what, e.why);
	assert_has(buf_str(&out), sshd_var("USER"));
	buf_release(&out);
}

static void check_logs_in(struct target *t, const char *key)
{
	struct attempt a = attempt(t);

	check_works(&a);
	assert_has(buf_str(&a.steps), key);
	done(&a);
}

/* Refused with these words, without a question. */
static void check_refused(struct target *t, enum err_kind kind, const char *words)
{
	struct attempt a = attempt(t);

	assert_null(a.shell);
	assert_int_equal(a.q.kind, QUESTION_NONE);
	assert_int_equal(a.e.kind, kind);
	assert_has(a.e.why, words);
	done(&a);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void each_kind_of_key(void **state)
{
	(void)state;
	struct attempt a = attempt(MAIN(""));

	check_works(&a);
	print_message("# logged in, with a shell, after %.0f ms\n%s", a.ms, buf_str(&a.steps));
	assert_has(buf_str(&a.steps), "ok ssh-host-key: 127.0.0.1:");
	assert_has(buf_str(&a.steps), "ok host-shell");
	done(&a);
	check_logs_in(MAIN("IdentitiesOnly yes", "IdentityFile $K/ecdsa"), "ECDSA key");
	/* the first is refused, the second is let in */
	check_logs_in(MAIN("IdentityFile $K/stranger", "IdentityFile $K/ecdsa"), "ECDSA key");
	check_logs_in(MAIN("IdentityFile none"), "ED25519 key");
}

static void the_identity_of_the_option_comes_first(void **state)
{
	(void)state;
	char *path = xasprintf("%s/ecdsa", sshd_var("KEYS"));
	struct target *t = MAIN("");

	target_set(t, SETTING_SSH_IDENTITY, path, "test");
	check_logs_in(t, "ECDSA key");
	free(path);
}

/* What a person would say: the answer to the question that the last attempt left. */
static struct attempt answered(struct target *t, struct attempt *last, struct shell_answers *answers,
			       const char *text)
{
	assert_null(last->shell);
	assert_int_not_equal(last->q.kind, QUESTION_NONE);
	assert_int_not_equal(last->e.kind, ERR_NONE);
	shell_answers_add(answers, &last->q, text);
	done(last);
	return attempt_for(t, answers, 20000);
}

static void a_passphrase_is_asked_for(void **state)
{
	(void)state;
	static const char *const lines[] = {"IdentityFile $K/ecdsa-pass", NULL};
	struct shell_answers answers = {0};
	struct attempt a = attempt(MAIN("IdentityFile $K/ecdsa-pass"));

	assert_int_equal(a.q.kind, QUESTION_PASSPHRASE);
	assert_false(a.q.echo);
	assert_has(a.q.subject, "/ecdsa-pass");
	a = answered(target_with("config", "main", lines_of(lines)), &a, &answers, "wrong");
	assert_int_equal(a.q.kind, QUESTION_PASSPHRASE);
	assert_has(a.q.text, "Not the right one");
	a = answered(target_with("config", "main", lines_of(lines)), &a, &answers, "open sesame");
	check_works(&a);
	done(&a);
	shell_answers_release(&answers);
}

/* Nobody is asked for the passphrase of a key that the server would not take. */
static void no_passphrase_for_a_key_of_no_use(void **state)
{
	(void)state;
	char *command = xasprintf("ssh-keygen -q -t ed25519 -N secret -f %s/useless", folder);

	assert_int_equal(system(command), 0);
	check_logs_in(MAIN("IdentityFile $T/useless"), "ED25519 key");
	free(command);
}

static void what_libssh2_cannot_do_is_offered_to_ssh(void **state)
{
	(void)state;
	struct target *t = MAIN("IdentityFile $K/rsa", "Host nothing");
	struct attempt a;

	/* only the RSA key */
	target_free(t);
	char *config = write_file("rsa", 0600,
				  "Host main\nHostName 127.0.0.1\nPort %s\nUser %s\nIdentityFile %s/rsa\n"
				  "IdentityAgent none\nUserKnownHostsFile %s\n",
				  sshd_var("MAIN_PORT"), sshd_var("USER"), sshd_var("KEYS"),
				  sshd_var("KNOWN_HOSTS"));
	a = attempt(TARGET("ssh", "main", "ssh-config", config));
	assert_null(a.shell);
	assert_int_equal(a.q.kind, QUESTION_CHILD);
	assert_has(a.e.why, "RSA");
	assert_has(a.e.hint, "--ssh-transport=ssh");
	done(&a);
	/* who wants libssh2 and nothing else is not asked */
	t = TARGET("ssh", "main", "ssh-config", config, "ssh-transport", "libssh2");
	check_refused(t, ERR_UNSUPPORTED, "RSA");
	free(config);

	a = attempt(MAIN("ProxyCommand nc %h %p"));
	assert_int_equal(a.q.kind, QUESTION_CHILD);
	assert_has(a.e.why, "ProxyCommand");
	done(&a);
	a = attempt(MAIN("Match exec true"));
	assert_int_equal(a.q.kind, QUESTION_CHILD);
	done(&a);
}

/* Root may read all files; without this it is like any owner of them. */
static void root_reads_all(bool on)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2];
	const unsigned bits = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;

	assert_int_equal(syscall(SYS_capget, &head, sets), 0);
	if (on)
		sets[0].effective |= sets[0].permitted & bits;
	else
		sets[0].effective &= ~bits;
	assert_int_equal(syscall(SYS_capset, &head, sets), 0);
}

static void wrong_key_files_are_named(void **state)
{
	(void)state;
	char *key = xasprintf("%s/ed25519", sshd_var("KEYS")), *text = read_file(key), *path;
	static const char config[] = "Host main\nHostName 127.0.0.1\nPort %s\nUser %s\nIdentityAgent none\n"
				     "UserKnownHostsFile %s\nIdentityFile %s/%s\n";
	static const struct {
		const char *file, *says;
	} tries[] = {
		{"open_to_all", "others may read it, chmod 600"},
		{"missing", "No such file"},
		{"locked", "Permission denied"},
		{".", "Is a directory"},
		{"no_key", "no private key"},
		{"stranger", "ED25519 key"},
	};

	free(write_file("open_to_all", 0644, "%s", text));
	free(write_file("no_key", 0600, "hello\n"));
	free(write_file("locked", 0, "%s", text));
	free(text);
	free(key);
	key = xasprintf("%s/stranger", sshd_var("KEYS"));
	text = read_file(key);
	free(write_file("stranger", 0600, "%s", text));
	free(text);
	free(key);
	root_reads_all(false);
	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		path = write_file("config", 0600, config, sshd_var("MAIN_PORT"), sshd_var("USER"),
				  sshd_var("KNOWN_HOSTS"), folder, tries[i].file);
		struct attempt a = attempt(TARGET("ssh", "main", "ssh-config", path));
		assert_null(a.shell);
		assert_int_equal(a.e.kind, ERR_LOGIN);
		assert_has(a.e.why, "the server takes publickey");
		assert_has(a.e.why, tries[i].file);
		assert_has(a.e.why, tries[i].says);
		done(&a);
		free(path);
	}
	root_reads_all(true);
}

/* --- the agent -------------------------------------------------------------------------------- */

static void keys_of_an_agent(void **state)
{
	(void)state;
	char *command = xasprintf("eval $(ssh-agent -a %s/agent) >/dev/null && echo $SSH_AGENT_PID >%s/pid && "
				  "ssh-add -q %s/ecdsa %s/stranger",
				  folder, folder, sshd_var("KEYS"), sshd_var("KEYS"));
	char *path = xasprintf("%s/pid", folder), *pid, *config;

	assert_int_equal(system(command), 0);
	free(command);
	config = write_file("config", 0600,
			    "Host main\nHostName 127.0.0.1\nPort %s\nUser %s\nIdentityAgent %s/agent\n"
			    "UserKnownHostsFile %s\nIdentityFile none\n",
			    sshd_var("MAIN_PORT"), sshd_var("USER"), folder, sshd_var("KNOWN_HOSTS"));
	check_logs_in(TARGET("ssh", "main", "ssh-config", config), "of the agent");
	command = xasprintf("SSH_AUTH_SOCK=%s/agent; export SSH_AUTH_SOCK; ssh-add -q -D 2>&1; ssh-add -q %s/rsa",
			    folder, sshd_var("KEYS"));
	assert_int_equal(system(command), 0);
	struct attempt a = attempt(TARGET("ssh", "main", "ssh-config", config));
	assert_int_equal(a.q.kind, QUESTION_CHILD);
	assert_has(a.e.why, "RSA key fathom test of the agent");
	done(&a);
	pid = read_file(path);
	kill(atoi(pid), SIGTERM);
	free(command);
	free(config);
	free(pid);
	free(path);
}

/* An agent that takes the connection and says nothing costs a few seconds, not the log-in. */
static void a_stuck_agent_is_left_alone(void **state)
{
	(void)state;
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sa.sun_path, sizeof sa.sun_path, "%s/stuck", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(fd, 1), 0);
	struct attempt a = attempt(MAIN("IdentityAgent $T/stuck"));
	check_works(&a);
	assert_true(a.ms < 10000);
	done(&a);
	close(fd);
}

/* --- trust ------------------------------------------------------------------------------------ */

static struct target *trusting(const char *known_hosts)
{
	char *line = xasprintf("UserKnownHostsFile %s", known_hosts);
	struct target *t = MAIN(line);

	free(line);
	return t;
}

/* The host's key behind a name, in a known_hosts of its own. */
static char *known_as(const char *name, const char *type)
{
	char *key = host_key("MAIN", type), *path = write_file("known", 0600, "# one\n%s %s\n", name, key);

	free(key);
	return path;
}

static void check_known_as(const char *name)
{
	char *path = known_as(name, "ed25519"), *where = xasprintf("%s:2", path);

	check_logs_in(trusting(path), where);
	free(where);
	free(path);
}

static void known_hosts_are_trusted(void **state)
{
	(void)state;
	char *name = xasprintf("[127.0.0.1]:%s", sshd_var("MAIN_PORT")), *path, *command;

	check_known_as(name);
	check_known_as("127.0.0.1");
	check_known_as("127.0.0.*");
	check_known_as("[127.*]:*");
	path = known_as(name, "ed25519");
	command = xasprintf("ssh-keygen -q -H -f %s 2>/dev/null && rm -f %s.old", path, path);
	assert_int_equal(system(command), 0);
	check_logs_in(trusting(path), "ED25519 key");
	free(command);
	free(path);
	/* the type that is known is asked for first */
	path = known_as(name, "ecdsa");
	check_logs_in(trusting(path), "ECDSA key SHA256:");
	free(path);
	free(name);
}

static void an_unknown_host_is_asked_about(void **state)
{
	(void)state;
	char *known = xasprintf("%s/new/known_hosts", folder), *text, *key = host_key("MAIN", "ed25519");
	char *line = xasprintf("[127.0.0.1]:%s %s\n", sshd_var("MAIN_PORT"), key);
	struct shell_answers no = {0}, yes = {0};
	struct stat st;
	struct attempt a = attempt(trusting(known));

	assert_int_equal(a.q.kind, QUESTION_HOST_KEY);
	assert_has(a.q.text, "ED25519 key is SHA256:");
	assert_has(a.e.why, "the host key is not known");
	assert_int_not_equal(access(known, F_OK), 0);
	shell_answers_add(&no, &a.q, "no");
	a = answered(trusting(known), &a, &yes, "yes");
	check_works(&a);
	done(&a);
	text = read_file(known);
	assert_string_equal(text, line);
	assert_int_equal(stat(known, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	*strrchr(known, '/') = '\0';
	assert_int_equal(stat(known, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	known[strlen(known)] = '/';
	/* from now on without a question */
	check_logs_in(trusting(known), "known_hosts:1");
	unlink(known);
	a = attempt_for(trusting(known), &no, 20000);
	assert_null(a.shell);
	assert_int_equal(a.q.kind, QUESTION_NONE);
	assert_has(a.e.why, "not accepted");
	done(&a);
	assert_int_not_equal(access(known, F_OK), 0);
	/* and not for another key than the one that was shown */
	strcpy(strstr(yes.of[0].question.text, "SHA256:") + 10, "x");
	a = attempt_for(trusting(known), &yes, 20000);
	assert_null(a.shell);
	assert_int_equal(a.q.kind, QUESTION_HOST_KEY);
	done(&a);
	shell_answers_release(&no);
	shell_answers_release(&yes);
	free(known);
	free(text);
	free(line);
	free(key);
}

static void a_changed_host_is_refused(void **state)
{
	(void)state;
	char *other = host_key("JUMP", "ed25519"), *rsa = host_key("MAIN", "rsa"), *mine, *path, *where;

	path = write_file("known", 0600, "# one\n127.0.0.1 ssh-rsa AAAA\n[127.0.0.1]:%s %s\n",
			  sshd_var("MAIN_PORT"), other);
	where = xasprintf("%s:3 has another", path);
	check_refused(trusting(path), ERR_TLS, "THE HOST KEY HAS CHANGED");
	check_refused(trusting(path), ERR_TLS, where);
	free(where);
	free(path);
	mine = host_key("MAIN", "ed25519");
	path = write_file("known", 0600, "[127.0.0.1]:%s %s\n@revoked * %s\n", sshd_var("MAIN_PORT"), mine,
			  mine);
	check_refused(trusting(path), ERR_TLS, "THE HOST KEY IS REVOKED");
	free(path);
	path = write_file("known", 0600, "\n");
	char *strict = xasprintf("UserKnownHostsFile %s\nStrictHostKeyChecking yes", path);
	check_refused(MAIN(strict), ERR_CONNECT, "the host key is not known");
	free(strict);
	free(path);
	/* this library cannot check the key that is known */
	path = write_file("known", 0600, "[127.0.0.1]:%s %s\n", sshd_var("MAIN_PORT"), rsa);
	struct attempt a = attempt(trusting(path));
	assert_int_equal(a.q.kind, QUESTION_CHILD);
	assert_has(a.e.why, "RSA");
	done(&a);
	free(path);
	/* one that cannot be read may hold a revocation */
	check_refused(trusting(folder), ERR_IO, "Is a directory");
	free(other);
	free(mine);
	free(rsa);
}

/* --- prompts ---------------------------------------------------------------------------------- */

#define WRAPPER "/usr/lib/x86_64-linux-gnu/libpam_wrapper.so"
#define MATRIX "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so"

static struct target *with_password(const char *lines)
{
	return target_with("config", "pw", lines);
}

static void prompts_are_asked(void **state)
{
	(void)state;
	struct shell_answers answers = {0};
	char *config;
	struct attempt a;

	if (getuid() != 0 || access(WRAPPER, R_OK) != 0) {
		print_message("# no libpam-wrapper, or not root\n");
		skip();
	}
	config = xasprintf("%s/pam", folder);
	mkdir(config, 0700);
	free(write_file("passdb", 0600, "%s:let me in:sshd\n", sshd_var("USER")));
	free(write_file("pam/sshd", 0600,
			"auth required " MATRIX " passdb=%s/passdb\naccount required pam_permit.so\n"
			"session required pam_permit.so\n",
			folder));
	setenv("PAM_WRAPPER", "1", 1);
	setenv("PAM_WRAPPER_SERVICE_DIR", config, 1);
	free(config);
	setenv("LD_PRELOAD", WRAPPER, 1);
	assert_true(sshd_start("pw 'UsePAM yes' 'KbdInteractiveAuthentication yes' 'PermitRootLogin yes' "
			       "'PubkeyAuthentication no'"));
	assert_true(sshd_start("old 'UsePAM yes' 'PasswordAuthentication yes' 'PermitRootLogin yes' "
			       "'PubkeyAuthentication no' both 'UsePAM yes' 'PasswordAuthentication yes' "
			       "'PermitRootLogin yes' 'AuthenticationMethods publickey,password'"));
	unsetenv("LD_PRELOAD");

	a = attempt(with_password(""));
	assert_int_equal(a.q.kind, QUESTION_PROMPT);
	assert_string_equal(a.q.text, "Password");
	assert_false(a.q.echo);
	a = answered(with_password(""), &a, &answers, "wrong");
	assert_int_equal(a.q.kind, QUESTION_PROMPT);
	assert_string_equal(a.q.text, "Not accepted. Password");
	a = answered(with_password(""), &a, &answers, "let me in");
	check_works(&a);
	done(&a);

	a = attempt(target_with("config", "old", ""));
	assert_int_equal(a.q.kind, QUESTION_PASSWORD);
	a = answered(target_with("config", "old", ""), &a, &answers, "wrong");
	assert_int_equal(a.q.kind, QUESTION_PASSWORD);
	assert_has(a.e.why, "is wrong");
	a = answered(target_with("config", "old", ""), &a, &answers, "let me in");
	check_works(&a);
	done(&a);
	/* a key and a password */
	a = attempt(target_with("config", "both", ""));
	assert_int_equal(a.q.kind, QUESTION_PASSWORD);
	a = answered(target_with("config", "both", ""), &a, &answers, "let me in");
	check_works(&a);
	done(&a);
	shell_answers_release(&answers);
}

/* --- shells ----------------------------------------------------------------------------------- */

static void noise_before_the_shell_is_skipped(void **state)
{
	(void)state;
	struct attempt a = attempt(target_with("config", "noisy", ""));
	struct buf out = BUF_INIT;
	struct err e = {0};

	assert_non_null(a.shell);
	assert_true(converse(a.shell, "echo clean; echo over\n", &out, &e));
	assert_string_equal(buf_str(&out), "clean\nover\n");
	buf_release(&out);
	done(&a);
}

static void a_log_in_without_a_shell_is_told(void **state)
{
	(void)state;
	check_refused(target_with("config", "noshell", ""), ERR_LOST, "This account is currently not available");
	check_refused(target_with("config", "forced", ""), ERR_LOST, "it ended with status 3: only backups here");
	struct attempt a = attempt_for(target_with("config", "menu", ""), NULL, 2000);
	assert_null(a.shell);
	assert_has(a.e.why, "no shell: 1) backup");
	done(&a);
}

static void much_goes_through_without_blocking(void **state)
{
	(void)state;
	struct attempt a = attempt(MAIN(""));
	struct buf out = BUF_INIT, in = BUF_INIT;
	struct err e = {0};

	check_works(&a);
	longest_ms = 0;
	assert_true(converse(a.shell, "head -c 8000000 /dev/zero | tr '\\0' x; echo over\n", &out, &e));
	assert_int_equal(out.len, 8000000 + 5);
	print_message("# 8 MB from the host: longest call %.1f ms\n", longest_ms);
	longest_ms = 0;
	buf_clear(&out);
	buf_adds(&in, "wc -c <<'END'; echo over\n");
	buf_fill(&in, 'y', 3000000);
	buf_adds(&in, "\nEND\n");
	assert_true(converse(a.shell, buf_str(&in), &out, &e));
	assert_string_equal(buf_str(&out), "3000001\nover\n");
	print_message("# 3 MB to the host: longest call %.1f ms\n", longest_ms);
	assert_true(shell_bytes(a.shell) > 11000000);
	longest_ms = 0;
	for (int i = 0; i < 50; i++) {
		buf_clear(&out);
		assert_true(converse(a.shell, "cat /proc/stat; echo over\n", &out, &e));
	}
	print_message("# 50 requests: longest call %.2f ms\n", longest_ms);
	buf_release(&out);
	buf_release(&in);
	done(&a);
}

static void what_a_shell_says_when_it_ends(void **state)
{
	(void)state;
	struct attempt a = attempt(MAIN(""));
	struct buf out = BUF_INIT;
	struct err e = {0};

	check_works(&a);
	assert_false(converse(a.shell, "echo I am off >&2; exit 7\n", &out, &e));
	assert_int_equal(e.kind, ERR_LOST);
	assert_has(e.why, "status 7: I am off");
	buf_release(&out);
	done(&a);
}

/* --- the host goes -------------------------------------------------------------------------------- */

static void a_frozen_host_blocks_nobody(void **state)
{
	(void)state;
	struct attempt a = attempt(MAIN("")), b;
	struct pollfd p[SHELL_MOST_FDS];
	char bytes[256];
	struct err e = {0};

	check_works(&a);
	sshd_signal("main", "STOP");
	b = attempt_for(MAIN(""), NULL, 1500);
	assert_null(b.shell);
	assert_int_equal(b.e.kind, ERR_TIMEOUT);
	print_message("# a frozen host: given up after %.0f ms of 1500\n", b.ms);
	assert_true(b.ms < 2500);
	done(&b);
	longest_ms = 0;
	for (int i = 0; i < 20; i++) {
		TIMED(shell_write(a.shell, "echo x\n", 7, &e));
		TIMED(shell_read(a.shell, bytes, sizeof bytes, &e));
		TIMED(shell_step(a.shell, clock_mono_ns(), &e));
		poll(p, shell_poll(a.shell, false, p), 5);
	}
	print_message("# with a frozen host: longest call %.2f ms\n", longest_ms);
	assert_true(longest_ms < 50);
	int64_t start = clock_mono_ns();
	done(&a);
	assert_true(clock_mono_ns() - start < NS_PER_S / 5);
	sshd_signal("main", "CONT");
}

static void a_host_that_goes_is_told(void **state)
{
	(void)state;
	struct attempt a = attempt(MAIN(""));
	struct buf out = BUF_INIT;
	struct err e = {0};

	check_works(&a);
	sshd_signal("main", "KILL");
	assert_false(converse(a.shell, "echo never; sleep 1; echo over\n", &out, &e));
	assert_int_equal(e.kind, ERR_LOST);
	print_message("# %s: %s\n", e.what, e.why);
	buf_release(&out);
	done(&a);
	check_refused(MAIN(""), ERR_CONNECT, "Connection refused");
	sshd_restart("main");
	check_logs_in(MAIN(""), "ED25519");
}

/* --- by way of another ----------------------------------------------------------------------------- */

static char *jump_lines(const char *jump)
{
	return xasprintf("ProxyJump %s\nHost jump\nPort %s\nHost closed\nPort %s\nHost dead\nPort 1\n", jump,
			 sshd_var("JUMP_PORT"), sshd_var("CLOSED_PORT"));
}

static struct target *by_way_of(const char *jump)
{
	char *lines = jump_lines(jump);
	struct target *t = target_with("config", "main", lines);

	free(lines);
	return t;
}

static void jump_hosts(void **state)
{
	(void)state;
	struct attempt a = attempt(by_way_of("jump"));
	struct buf out = BUF_INIT;
	struct err e = {0};

	check_works(&a);
	print_message("# by way of another: %.0f ms\n%s", a.ms, buf_str(&a.steps));
	longest_ms = 0;
	assert_true(converse(a.shell, "head -c 3000000 /dev/zero | tr '\\0' x; echo over\n", &out, &e));
	assert_int_equal(out.len, 3000000 + 5);
	print_message("# 3 MB by way of another: longest call %.1f ms\n", longest_ms);
	buf_release(&out);
	done(&a);
	/* by way of two, the first of them twice */
	a = attempt(by_way_of("jump,jump"));
	check_works(&a);
	done(&a);
	check_refused(by_way_of("closed"), ERR_CONNECT, "cannot reach it");
	check_refused(by_way_of("dead"), ERR_CONNECT, "Connection refused");
	check_refused(by_way_of("main"), ERR_USAGE, "more than 8 hosts on the way");

	/* each has a key of its own to be known */
	char *lines = jump_lines("jump"), *key = host_key("JUMP", "ed25519"), *all, *known;
	known = write_file("known", 0600, "[127.0.0.1]:%s %s\n", sshd_var("JUMP_PORT"), key);
	all = xasprintf("UserKnownHostsFile %s\n%s", known, lines);
	struct target *t = target_with("config", "main", all);
	a = attempt(t);
	assert_int_equal(a.q.kind, QUESTION_HOST_KEY);
	assert_has(a.q.text, sshd_var("MAIN_PORT"));
	done(&a);
	free(lines);
	free(key);
	free(known);
	free(all);
}

static void hosts_that_are_not_there(void **state)
{
	(void)state;
	check_refused(TARGET("ssh", "no.such.host.invalid", "ssh-config", "none"), ERR_RESOLVE, "no.such.host");
	check_refused(TARGET("ssh", "127.0.0.1:1", "ssh-config", "none"), ERR_CONNECT, "Connection refused");
	check_refused(TARGET("ssh", "-oProxyCommand=x", "ssh-config", "none"), ERR_USAGE, "names no host");
	check_refused(TARGET("ssh", "x", "ssh-config", "/no/such/file"), ERR_USAGE, "/no/such/file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_key),
		cmocka_unit_test(the_identity_of_the_option_comes_first),
		cmocka_unit_test(a_passphrase_is_asked_for),
		cmocka_unit_test(no_passphrase_for_a_key_of_no_use),
		cmocka_unit_test(what_libssh2_cannot_do_is_offered_to_ssh),
		cmocka_unit_test(wrong_key_files_are_named),
		cmocka_unit_test(keys_of_an_agent),
		cmocka_unit_test(a_stuck_agent_is_left_alone),
		cmocka_unit_test(known_hosts_are_trusted),
		cmocka_unit_test(an_unknown_host_is_asked_about),
		cmocka_unit_test(a_changed_host_is_refused),
		cmocka_unit_test(prompts_are_asked),
		cmocka_unit_test(noise_before_the_shell_is_skipped),
		cmocka_unit_test(a_log_in_without_a_shell_is_told),
		cmocka_unit_test(much_goes_through_without_blocking),
		cmocka_unit_test(what_a_shell_says_when_it_ends),
		cmocka_unit_test(a_frozen_host_blocks_nobody),
		cmocka_unit_test(a_host_that_goes_is_told),
		cmocka_unit_test(jump_hosts),
		cmocka_unit_test(hosts_that_are_not_there),
	};
	char *command;
	int failed;

	signal(SIGPIPE, SIG_IGN);
	if (!sshd_start("main 'MaxAuthTries 20' jump 'MaxAuthTries 20' closed 'AllowTcpForwarding no' "
			"noshell 'ForceCommand /usr/sbin/nologin' "
			"forced 'ForceCommand echo only backups here; exit 3' "
			"menu 'ForceCommand echo \"1) backup\"; cat >/dev/null' "
			"noisy 'Banner /etc/os-release' "
			"'ForceCommand echo Welcome; echo \"It is 5 o\\`clock\"; eval \"$SSH_ORIGINAL_COMMAND\"'")) {
		printf("1..0 # SKIP no sshd here\n");
		return 0;
	}
	snprintf(folder, sizeof folder, "/tmp/fathom-ssh-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sshd_stop();
	command = xasprintf("rm -rf %s", folder);
	failed += system(command) != 0;
	free(command);
	return failed;
}
