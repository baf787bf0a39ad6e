/* What `fathom check` says of the server's process on a host. */
#include "app/checkhost.h"
#include "base/buf.h"
#include "base/mem.h"
#include "tests/unit/cmocka_all.h"

static const char *const words[] = {"ok", "warn", "fail", "skip"};

static void note(void *arg, enum check_status status, const char *step, const char *text, const char *fix)
{
	(void)fix;
	if (strncmp(step, "host-server", 11) == 0 || strcmp(step, "host-threads") == 0)
		buf_addf(arg, "%s %s: %s\n", words[status], step, text);
}

/* A host whose shell gives these answers, whatever it is asked. */
static void expect(const char *answers, bool known, const char *want)
{
	struct target *t = xcalloc(1, sizeof *t);
	char *command = xasprintf("printf '%s'; cat >/dev/null", answers);
	struct buf said = BUF_INIT;
	bool reachable;

	target_set(t, SETTING_HOST_COMMAND, command, "test");
	struct checkhost *h = checkhost_new(t, note, &said, &reachable);
	assert_true(reachable);
	assert_string_equal(buf_str(&said), "");
	checkhost_server(h, known);
	assert_string_equal(buf_str(&said), want);
	checkhost_free(h);
	buf_release(&said);
	free(command);
	target_free(t);
}

static void only_a_login_tells_that_the_server_is_there(void **state)
{
	(void)state;
	expect("yes CPU\\nserver 12 mariadbd yes\\nover\\n", true,
	       "ok host-server: mariadbd, process 12\n"
	       "ok host-threads: I/O of the server and of single sessions\n");
	expect("server 12 mariadbd yes\\nserver 13 mysqld no\\nover\\n", true,
	       "ok host-server: mariadbd, process 12, and 1 more: pid file, port and socket tell which it is\n"
	       "ok host-threads: I/O of the server and of single sessions\n");
	expect("server 12 mariadbd yes\\nover\\n", false,
	       "skip host-server: mariadbd, process 12; whether that is the server is not known without a "
	       "login\n"
	       "ok host-threads: I/O of the server and of single sessions\n");
	expect("yes CPU\\nover\\n", false, "warn host-server: no process mysqld or mariadbd is seen there\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_login_tells_that_the_server_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
