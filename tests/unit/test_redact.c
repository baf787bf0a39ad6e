/* Redaction: names become tokens wherever they stand, literals are left out, our own words stay. */
#include "base/mem.h"
#include "diagnose/redact.h"
#include "tests/unit/cmocka_all.h"

static struct redact *names(void)
{
	struct redact *r = redact_new();
	redact_user(r, "app");
	redact_user(r, "batch-2");
	redact_user(r, "o'brien x");
	redact_user(r, "event_scheduler");
	redact_host(r, "web1");
	redact_host(r, "db1.prod:3306,[db2.prod]:3306");
	redact_host(r, "localhost");
	redact_host(r, "fe80::1");
	redact_seal(r);
	return r;
}

static const struct {
	const char *text, *redacted;
} cases[] = {
	{"app@web1", "user-1@host-4"},
	{"812: idle in transaction 6m12s, batch-2@db2.prod:3306", "812: idle in transaction 6m12s, user-2@host-2:3306"},
	{"the application's app, app.", "the application's user-1, user-1."},
	{"reads app.orders and apps", "reads app.orders and apps"},
	{"from 10.0.4.17:3306 or 127.0.0.1", "from host-5:3306 or 127.0.0.1"},
	{"version 10.11.19 at 14:02:33", "version 10.11.19 at 14:02:33"},
	{"fe80::1 and 2001:db8::7, ::1", "host-3 and host-6, ::1"},
	{"web1.example.com", "host-4.example.com"},
	{"web1-relay-bin.000001", "host-4-relay-bin.000001"},
	{"10.0.4.17 again", "host-5 again"},
	{"Duplicate entry '17-secret' for key 'PRIMARY'", "Duplicate entry '?' for key '?'"},
	{"ALTER USER 'app'@'%'", "ALTER USER 'user-1'@'%'"},
	{"by o'brien x, who", "by user-3, who"},
	{"the server's own, not the clients'", "the server's own, not the clients'"},
	{"event_scheduler@localhost", "event_scheduler@localhost"},
	{"", ""},
	{"'", "'"},
};

static void texts(void **state)
{
	(void)state;
	struct redact *r = names();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b = BUF_INIT;
		redact_text(r, &b, cases[i].text, strlen(cases[i].text));
		assert_string_equal(buf_str(&b), cases[i].redacted);
		buf_release(&b);
	}
	redact_free(r);
}

static const struct {
	const char *text, *redacted;
} statements[] = {
	{"UPDATE t SET a = 'x''y', b=17 WHERE c = \"z\" AND d IN (1, 2)",
	 "UPDATE t SET a = ?, b=? WHERE c = ? AND d IN (?, ?)"},
	{"SELECT 1 /* card 4711 */ + a -- pin 99", "SELECT ?  + a "},
	{"SELECT `app` FROM web1.t WHERE a = 'cut of", "SELECT `user-1` FROM host-4.t WHERE a = ?"},
	{"CREATE USER 'app'@'%' IDENTIFIED BY 'secret'", "CREATE USER ?@'%' IDENTIFIED BY ?"},
};

static void literals(void **state)
{
	(void)state;
	struct redact *r = names();
	for (size_t i = 0; i < COUNT_OF(statements); i++) {
		struct buf b = BUF_INIT;
		redact_statement(r, &b, statements[i].text, strlen(statements[i].text));
		assert_string_equal(buf_str(&b), statements[i].redacted);
		buf_release(&b);
	}
	redact_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(literals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
