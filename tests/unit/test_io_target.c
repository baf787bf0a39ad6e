#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/target.h"
#include "tests/unit/cmocka_all.h"

static struct target *target_of(const char *const *pairs)
{
	struct target *t = xcalloc(1, sizeof *t);
	for (; *pairs; pairs += 2)
		target_set(t, (enum setting)setting_by_name(pairs[0]), pairs[1], "test");
	return t;
}
#define TARGET(...) target_of((const char *const[]){__VA_ARGS__, NULL})

static void names_of_settings(void **state)
{
	(void)state;
	assert_int_equal(setting_by_name("ssl-mode"), SETTING_SSL_MODE);
	assert_int_equal(setting_by_name("SSL_Mode"), SETTING_SSL_MODE);
	assert_int_equal(setting_by_name("ssl-mod"), -1);
	assert_true(setting_secret(SETTING_PASSWORD));
	for (int i = 0; i < N_SETTINGS; i++) {
		assert_int_equal(setting_by_name(setting_name(i)), i);
		assert_true(*setting_help(i));
	}
}

static void later_settings_win(void **state)
{
	(void)state;
	struct target *t = TARGET("host", "db1", "host", "db2"), *copy;
	target_set(t, SETTING_PORT, "3307", "first");
	target_set(t, SETTING_PORT, NULL, "second");
	assert_string_equal(target_host(t), "db2");
	assert_int_equal(target_port(t), 3306);
	assert_null(t->origin[SETTING_PORT]);
	copy = target_copy(t);
	target_free(t);
	assert_string_equal(copy->value[SETTING_HOST], "db2");
	assert_string_equal(copy->origin[SETTING_HOST], "test");
	target_free(copy);
}

static void socket_or_tcp(void **state)
{
	static const struct {
		const char *pairs[8];
		bool socket;
	} cases[] = {
		{{"host", "db1"}, false},
		{{"host", "db1", "socket", "/s"}, false},
		{{"host", "localhost", "socket", "/s"}, true},
		{{"socket", "/s"}, true},
		{{"socket", "/s", "port", "3306"}, true},
		{{"host", "localhost", "port", "3307"}, false},
		{{"host", "localhost", "socket", "/s", "protocol", "TCP"}, false},
		{{"host", "db1", "socket", "/s", "protocol", "socket"}, true},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct target *t = target_of(cases[i].pairs);
		assert_int_equal(target_uses_socket(t), cases[i].socket);
		target_free(t);
	}
}

static void tls_modes(void **state)
{
	static const struct {
		const char *pairs[8];
		enum tls_mode mode;
	} cases[] = {
		{{"host", "db1"}, TLS_PREFERRED},
		{{"host", "db1", "ssl-mode", "VERIFY_CA"}, TLS_VERIFY_CA},
		{{"host", "db1", "ssl-ca", "/ca"}, TLS_VERIFY_CA},
		{{"host", "db1", "ssl-ca", "/ca", "ssl-mode", "required"}, TLS_REQUIRED},
		{{"socket", "/s"}, TLS_DISABLED},
		{{"socket", "/s", "ssl-ca", "/ca"}, TLS_DISABLED},
		{{"socket", "/s", "ssl-mode", "required"}, TLS_REQUIRED},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct target *t = target_of(cases[i].pairs);
		assert_int_equal(target_tls(t), cases[i].mode);
		target_free(t);
	}
}

static void descriptions(void **state)
{
	struct buf out = BUF_INIT;
	struct target *t = TARGET("user", "app", "host", "::1", "port", "3307");
	(void)state;
	target_describe(t, &out);
	assert_string_equal(buf_str(&out), "app@[::1]:3307");
	target_free(t);
	buf_clear(&out);
	t = TARGET("user", "app", "socket", "/run/s");
	target_describe(t, &out);
	assert_string_equal(buf_str(&out), "app@/run/s");
	target_free(t);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_settings), cmocka_unit_test(later_settings_win),
		cmocka_unit_test(socket_or_tcp),     cmocka_unit_test(tls_modes),
		cmocka_unit_test(descriptions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
