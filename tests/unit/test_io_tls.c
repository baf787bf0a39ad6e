/* Certificates that are right and wrong, and TLS connections that stall. */
#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/db.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/fakecerts.h"
#include "tests/unit/fakeserver.h"

static char dir[] = "/tmp/fathom-tls-XXXXXX";

static int64_t in_ms(int64_t ms)
{
	return clock_mono_ns() + ms * NS_PER_MS;
}

/* A server that shows certificate `name`, and does besides what `more` says. */
static struct fake *serve(const char *name, const char *more)
{
	char *script = xasprintf("tls %s/%s.pem %s/%s-key.pem\n%s", dir, name, dir, name, more);
	struct fake *f = fake_start(NULL, script);
	free(script);
	return f;
}

static void set(struct target *t, enum setting s, const char *value)
{
	char *path = value && strchr(value, '.') && s != SETTING_HOST ? xasprintf("%s/%s", dir, value) : NULL;
	target_set(t, s, path ? path : value, "test");
	free(path);
}

static struct db *connect_to(struct fake *f, const char *host, const char *mode, const char *ca,
			     struct err *err)
{
	struct target *t = xcalloc(1, sizeof *t);
	char port[16];

	snprintf(port, sizeof port, "%u", fake_port(f));
	set(t, SETTING_HOST, host);
	set(t, SETTING_PORT, port);
	set(t, SETTING_PROTOCOL, "tcp");
	set(t, SETTING_SSL_MODE, mode);
	set(t, SETTING_SSL_CA, ca);
	struct db *db = db_connect(t, DB_SAMPLE, in_ms(10000), NULL, NULL, err);
	target_free(t);
	return db;
}

static void certificates_are_verified(void **state)
{
	static const struct {
		const char *certificate, *host, *mode, *ca;
		const char *why, *hint; /* NULL: it works */
	} cases[] = {
		{"server", "127.0.0.1", "preferred", NULL, NULL, NULL},
		{"server", "127.0.0.1", "required", NULL, NULL, NULL},
		{"expired", "127.0.0.1", "required", NULL, NULL, NULL},
		{"expired", "127.0.0.1", "required", "other-ca.pem", NULL, NULL},
		{"elsewhere", "127.0.0.1", "verify-ca", "ca.pem", NULL, NULL},
		{"elsewhere", "127.0.0.1", NULL, "ca.pem", NULL, NULL},
		{"server", "localhost", "verify-identity", "ca.pem", NULL, NULL},
		{"ip", "127.0.0.1", "verify-identity", "ca.pem", NULL, NULL},
		{"server", "localhost", "verify-ca", "other-ca.pem", "unable to get", "--ssl-ca"},
		{"server", "localhost", NULL, "other-ca.pem", "unable to get", "--ssl-ca"},
		{"server", "localhost", "verify-identity", "other-ca.pem", "unable to get", "--ssl-ca"},
		{"server", "localhost", "verify-ca", NULL, "unable to get", "--ssl-ca"},
		{"server", "127.0.0.1", "verify-identity", "ca.pem", "not for the name 127.0.0.1",
		 "name in the certificate"},
		{"elsewhere", "localhost", "verify-identity", "ca.pem", "not for the name localhost",
		 "name in the certificate"},
		{"expired", "localhost", "verify-ca", "ca.pem", "certificate has expired",
		 "new certificate"},
		{"expired", "localhost", "verify-identity", "ca.pem", "certificate has expired",
		 "new certificate"},
		{"server", "localhost", "verify-ca", "nothere.pem", "nothere.pem: No such file", "ssl-ca"},
	};
	bool mute = strstr(db_client_name(), "libmysqlclient") != NULL;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fake *f = serve(cases[i].certificate, "");
		struct err err = {0};
		struct db *db = connect_to(f, cases[i].host, cases[i].mode, cases[i].ca, &err);
		print_message("# %zu: %s; %s\n", i, err.why, err.hint);
		assert_int_equal(db == NULL, cases[i].why != NULL);
		if (db)
			assert_true(*db_server(db)->cipher);
		if (cases[i].why) {
			assert_int_equal(err.kind, ERR_TLS);
			assert_true(*err.why);
			/* libmysqlclient does not tell why it trusts a certificate not. */
			if (mute && !strstr(cases[i].why, "No such file"))
				assert_non_null(strstr(err.why, "certificate"));
			else
				assert_non_null(strstr(err.why, cases[i].why));
		}
		if (cases[i].hint && !mute)
			assert_non_null(strstr(err.hint, cases[i].hint));
		/* who did not pass did not get as far as to be told anything */
		assert_int_equal(fake_count(f, "SELECT VERSION()") != 0, db != NULL);
		db_close(db);
		fake_stop(f);
	}
}

/* libmariadb finds our definition, which leaves out to load them all where nothing is verified. */
static void the_systems_authorities_are_not_loaded_for_nothing(void **state)
{
	Dl_info ours, found;
	(void)state;
	assert_true(dladdr((void *)(uintptr_t)db_connect, &ours));
	assert_true(dladdr(dlsym(RTLD_DEFAULT, "SSL_CTX_set_default_verify_paths"), &found));
	assert_string_equal(found.dli_fname, ours.dli_fname);
}

static void the_systems_authorities_are_trusted_when_asked_for(void **state)
{
	char *ca = xasprintf("%s/ca.pem", dir);
	struct fake *f = serve("server", "");
	struct err err = {0};
	(void)state;

	setenv("SSL_CERT_FILE", ca, 1);
	struct db *db = connect_to(f, "localhost", "verify-identity", NULL, &err);
	assert_non_null(db);
	db_close(db);
	setenv("SSL_CERT_FILE", "/nonexistent", 1);
	assert_null(connect_to(f, "localhost", "verify-identity", NULL, &err));
	assert_int_equal(err.kind, ERR_TLS);
	unsetenv("SSL_CERT_FILE");
	fake_stop(f);
	free(ca);
}

static void a_socket_may_be_encrypted_too(void **state)
{
	char *script = xasprintf("tls %s/server.pem %s/server-key.pem\n", dir, dir);
	char *path = xasprintf("%s/socket", dir);
	struct fake *f = fake_start(path, script);
	struct target *t = xcalloc(1, sizeof *t);
	struct err err = {0};
	(void)state;

	target_set(t, SETTING_SOCKET, path, "test");
	target_set(t, SETTING_SSL_MODE, "required", "test");
	struct db *db = db_connect(t, DB_SAMPLE, in_ms(10000), NULL, NULL, &err);
	assert_non_null(db);
	assert_true(db_server(db)->socket && *db_server(db)->cipher);
	db_close(db);
	/* its name is localhost */
	set(t, SETTING_SSL_MODE, "verify-identity");
	set(t, SETTING_SSL_CA, "ca.pem");
	db = db_connect(t, DB_SAMPLE, in_ms(10000), NULL, NULL, &err);
	assert_non_null(db);
	db_close(db);
	free(script);
	script = xasprintf("tls %s/elsewhere.pem %s/elsewhere-key.pem\n", dir, dir);
	fake_script(f, script);
	assert_null(db_connect(t, DB_SAMPLE, in_ms(10000), NULL, NULL, &err));
	assert_int_equal(err.kind, ERR_TLS);
	target_free(t);
	fake_stop(f);
	free(path);
	free(script);
}

/* --- stalls -------------------------------------------------------------------------------- */

static const struct stmt select_a = {"test/a", "SELECT a FROM t", STMT_READ};

static void count_row(void *arg, const struct answer *a)
{
	(void)a;
	++*(unsigned *)arg;
}
static const struct db_sink counter = {NULL, count_row};

static void rows_come_through_tls(void **state)
{
	struct fake *f = serve("server", "on SELECT a\n columns a b\n repeat 30000 $I abcdefghijklmnop\n");
	struct err err = {0};
	struct db *db = connect_to(f, "127.0.0.1", NULL, NULL, &err);
	unsigned n = 0, steps = 0;
	(void)state;

	assert_non_null(db);
	enum db_state s = db_start(db, &select_a, NULL, 0, &counter, &n, &err);
	while (s == DB_BUSY) {
		struct pollfd p = {db_fd(db), db_events(db), 0};
		/* what TLS has read but not given away yet must not be waited for */
		if (!db_pending(db))
			assert_int_equal(poll(&p, 1, 10000), 1);
		s = db_step(db, p.revents, 7, &err);
		steps++;
	}
	assert_int_equal(s, DB_DONE);
	assert_int_equal(n, 30000);
	assert_true(steps > 30000 / 7 - 300);
	db_close(db);
	fake_stop(f);
}

static void nothing_blocks_in_the_loop(void **state)
{
	static const char *const faults[] = {
		"on SELECT a\n hang\n",
		"on SELECT a\n columns a\n repeat 100 x\n stall 3\n",
		"on SELECT a\n columns a\n repeat 9000 x\n stall 20000\n",
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		struct fake *f = serve("server", faults[i]);
		struct err err = {0};
		struct db *db = connect_to(f, "127.0.0.1", "required", NULL, &err);
		unsigned n = 0;
		assert_non_null(db);
		enum db_state s = db_start(db, &select_a, NULL, 0, &counter, &n, &err);
		struct pollfd p = {db_fd(db), 0, 0};
		assert_true(fake_wait(f, "SELECT a", 1));
		while (s == DB_BUSY && (p.events = db_events(db), db_pending(db) || poll(&p, 1, 100) > 0))
			s = db_step(db, p.revents, 100, &err);
		assert_int_equal(s, DB_BUSY);
		assert_int_equal(db_step(db, POLLIN, 100, &err), DB_BUSY); /* a lie */
		db_close(db);
		fake_stop(f);
	}
}

static void a_worker_waits_until_its_deadline(void **state)
{
	struct fake *f = serve("server", "on SELECT a\n hang\n");
	struct err err = {0};
	struct db *db = connect_to(f, "127.0.0.1", "required", NULL, &err);
	(void)state;

	assert_non_null(db);
	assert_false(db_run(db, &select_a, NULL, 0, NULL, NULL, in_ms(100), -1, &err));
	assert_int_equal(err.kind, ERR_TIMEOUT);
	db_close(db);
	fake_stop(f);
}

static void a_server_that_goes_is_noticed(void **state)
{
	static const char *const faults[] = {"on SELECT a\n close\n", "on SELECT a\n reset\n",
					     "on SELECT a\n columns a\n repeat 100 x\n cut 200\n"};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		struct fake *f = serve("server", faults[i]);
		struct err err = {0};
		struct db *db = connect_to(f, "127.0.0.1", "required", NULL, &err);
		assert_non_null(db);
		assert_false(db_run(db, &select_a, NULL, 0, NULL, NULL, in_ms(10000), -1, &err));
		assert_int_equal(err.kind, ERR_LOST);
		db_close(db);
		/* closing one that was dropped while idle is no reason to die of SIGPIPE */
		db = connect_to(f, "127.0.0.1", "required", NULL, &err);
		assert_non_null(db);
		fake_drop(f);
		while (fake_open(f))
			poll(NULL, 0, 1);
		db_close(db);
		fake_stop(f);
	}
}

static void log_ins_that_stall_end_in_time(void **state)
{
	static const char *const faults[] = {"login hang\n", "on ~VERSION\n hang\n",
					     "on ~VERSION\n columns a\n row b\n stall 7\n"};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		struct fake *f = serve("server", faults[i]);
		struct target *t = xcalloc(1, sizeof *t);
		struct err err = {0};
		char port[16];
		snprintf(port, sizeof port, "%u", fake_port(f));
		set(t, SETTING_HOST, "127.0.0.1");
		set(t, SETTING_PORT, port);
		assert_null(db_connect(t, DB_SAMPLE, in_ms(200), NULL, NULL, &err));
		assert_int_equal(err.kind, ERR_TIMEOUT);
		target_free(t);
		fake_stop(f);
	}
}

static void on_step(const char *step, bool ok, const char *text, void *arg)
{
	(void)text;
	buf_addf(arg, "%s%s ", ok ? "" : "!", step);
}

static void steps_are_told(void **state)
{
	static const struct {
		const char *more, *steps;
	} cases[] = {
		{"", "resolve tcp tls login "},
		{"login error 1045 Access denied\n", "resolve tcp tls !login "},
		{"handshake close\n", "resolve tcp !tls "},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fake *f = serve("server", cases[i].more);
		struct target *t = xcalloc(1, sizeof *t);
		struct buf steps = BUF_INIT;
		char port[16];
		snprintf(port, sizeof port, "%u", fake_port(f));
		set(t, SETTING_HOST, "127.0.0.1");
		set(t, SETTING_PORT, port);
		db_close(db_connect(t, DB_SAMPLE, in_ms(10000), on_step, &steps, NULL));
		assert_string_equal(buf_str(&steps), cases[i].steps);
		buf_release(&steps);
		target_free(t);
		fake_stop(f);
	}
}

static int make_certificates(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	fake_certificates(dir);
	return 0;
}

static int remove_certificates(void **state)
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
		cmocka_unit_test(certificates_are_verified),
		cmocka_unit_test(the_systems_authorities_are_not_loaded_for_nothing),
		cmocka_unit_test(the_systems_authorities_are_trusted_when_asked_for),
		cmocka_unit_test(a_socket_may_be_encrypted_too),
		cmocka_unit_test(rows_come_through_tls),
		cmocka_unit_test(nothing_blocks_in_the_loop),
		cmocka_unit_test(a_worker_waits_until_its_deadline),
		cmocka_unit_test(a_server_that_goes_is_noticed),
		cmocka_unit_test(log_ins_that_stall_end_in_time),
		cmocka_unit_test(steps_are_told),
	};
	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
