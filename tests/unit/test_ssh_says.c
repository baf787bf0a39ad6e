/* What OpenSSH's client says, taken as it comes: whole, cut anywhere, without end. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "parse/ssh_says.h"
#include "tests/unit/cmocka_all.h"

static const char good[] =
	"OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17 1 Jul 2025\n"
	"debug1: Reading configuration data /home/ops/.ssh/config\n"
	"debug1: Connecting to db3.prod [10.0.4.3] port 22.\n"
	"debug1: Connection established.\n"
	"debug1: Server host key: ssh-ed25519 SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG\n"
	"debug1: Host 'db3.prod' is known and matches the ED25519 host key.\n"
	"Authorised use only.\r\n"
	"Load key \"/home/ops/.ssh/id_old\": error in libcrypto\n"
	"Authenticated to db3.prod ([10.0.4.3]:22) using \"publickey\".\n"
	"debug1: Entering interactive session.\n";

static void steps_are_told_however_it_is_cut(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < sizeof good; piece += piece < 20 ? 1 : 50) {
		struct ssh_says s = {.trouble = NULL};
		for (size_t at = 0; at < sizeof good - 1; at += piece) {
			size_t left = sizeof good - 1 - at;
			ssh_says_add(&s, good + at, left < piece ? left : piece);
		}
		for (int i = 0; i < N_SSH_STEPS; i++)
			assert_true(s.done[i]);
		assert_string_equal(s.text[SSH_STEP_RESOLVE], "it is db3.prod [10.0.4.3] port 22");
		assert_string_equal(s.text[SSH_STEP_LOGIN], "logged in by \"publickey\"");
		assert_non_null(strstr(s.text[SSH_STEP_HOST_KEY], "ssh-ed25519 SHA256:abc"));
		/* the key that could not be used was not the one that was needed */
		assert_null(s.trouble);
		assert_string_equal(s.last, "Load key \"/home/ops/.ssh/id_old\": error in libcrypto");
	}
}

static void a_shared_connection_is_known(void **state)
{
	(void)state;
	static const char said[] = "debug1: mux_client_request_session: master session id: 3\n";
	struct ssh_says s = {.trouble = NULL};
	ssh_says_add(&s, good, sizeof good - 1);
	assert_false(s.shared);
	s = (struct ssh_says){.trouble = NULL};
	ssh_says_add(&s, said, sizeof said - 1);
	assert_true(s.shared);
	assert_false(s.done[SSH_STEP_LOGIN]);
}

static void troubles_are_known(void **state)
{
	static const struct {
		const char *said;
		enum err_kind kind;
		enum ssh_step step;
		const char *why;
	} cases[] = {
		{"ssh: Could not resolve hostname db: Temporary failure in name resolution", ERR_RESOLVE,
		 SSH_STEP_RESOLVE, "Temporary failure"},
		{"ssh: connect to host db port 22: Connection timed out", ERR_TIMEOUT, SSH_STEP_TCP,
		 "Connection timed out"},
		{"ssh: connect to host db port 22: No route to host", ERR_CONNECT, SSH_STEP_TCP, "No route"},
		{"@@@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@\n"
		 "Host key verification failed.", ERR_TLS, SSH_STEP_HOST_KEY, "has changed"},
		{"@       WARNING: REVOKED HOST KEY DETECTED!               @", ERR_TLS, SSH_STEP_HOST_KEY,
		 "revoked"},
		{"Received disconnect from 10.0.4.3 port 22:2: Too many authentication failures", ERR_LOGIN,
		 SSH_STEP_LOGIN, "refused all keys"},
		{"Unable to negotiate with 10.0.4.3 port 22: no matching host key type found. Their offer: ssh-rsa",
		 ERR_UNSUPPORTED, SSH_STEP_HOST_KEY, "ssh-rsa"},
		{"Timeout, server db not responding.", ERR_LOST, SSH_STEP_LOGIN, "stopped answering"},
		{"Bad owner or permissions on /home/ops/.ssh/config", ERR_USAGE, SSH_STEP_RESOLVE, "Bad owner"},
		{"Load key \"/home/ops/.ssh/id\": Permission denied", ERR_LOGIN, SSH_STEP_LOGIN, "/home/ops/.ssh/id"},
		{"shell request failed on channel 0", ERR_DENIED, SSH_STEP_LOGIN, "gives no shell"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct ssh_says s = {.trouble = NULL};
		struct err e = {0};
		ssh_says_add(&s, cases[i].said, strlen(cases[i].said));
		ssh_says_add(&s, "\nssh: more words\n", 17);
		assert_true(ssh_says_error(&s, &e));
		assert_int_equal(e.kind, cases[i].kind);
		assert_int_equal(ssh_says_failed(&s), cases[i].step);
		assert_non_null(strstr(e.why, cases[i].why));
	}
}

static void unknown_words_are_passed_on(void **state)
{
	struct ssh_says s = {.trouble = NULL};
	struct err e = {0};
	(void)state;
	assert_false(ssh_says_error(&s, &e));
	assert_string_equal(e.why, "it ended without a word");
	ssh_says_add(&s, "the moon is wrong\n\n  \n", 22);
	assert_false(ssh_says_error(&s, &e));
	assert_string_equal(e.why, "the moon is wrong");
	assert_int_equal(ssh_says_failed(&s), SSH_STEP_RESOLVE);
}

static void refused_connections_are_told(void **state)
{
	static const char line[] = "channel 2: open failed: connect failed: Connection refused\r\n";
	static const char next[] =
		"debug1: Connection to port -2 forwarding to localhost port 3306 requested.\r\n";
	struct ssh_says s = {.trouble = NULL};
	(void)state;
	ssh_says_add(&s, line, sizeof line - 1);
	assert_string_equal(s.refused, "connect failed: Connection refused");
	assert_null(s.trouble);
	/* until the next is tried */
	ssh_says_add(&s, next, sizeof next - 1);
	assert_string_equal(s.refused, "");
}

static void a_line_without_end_is_survived(void **state)
{
	struct ssh_says s = {.trouble = NULL};
	char noise[997];
	(void)state;
	memset(noise, 'x', sizeof noise);
	noise[5] = '\0';
	for (int i = 0; i < 1000; i++)
		ssh_says_add(&s, noise, sizeof noise);
	ssh_says_add(&s, "\nHost key verification failed.\n", 31);
	assert_non_null(s.trouble);
	assert_int_equal(strlen(s.last), 29 - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_told_however_it_is_cut),
		cmocka_unit_test(a_shared_connection_is_known),
		cmocka_unit_test(troubles_are_known),
		cmocka_unit_test(unknown_words_are_passed_on),
		cmocka_unit_test(refused_connections_are_told),
		cmocka_unit_test(a_line_without_end_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
