#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "tests/unit/cmocka_all.h"
#include "ui/key.h"

/* Decode all of `s` (its last piece being the last), return the names with blanks between. */
static const char *names(const char *s, size_t n)
{
	static char out[256];
	out[0] = '\0';
	while (n) {
		struct key k;
		char name[KEY_NAME_SIZE];
		size_t used = key_decode(s, n, true, &k);
		assert_in_range(used, 1, n);
		if (out[0])
			strcat(out, " ");
		strcat(out, key_print(k, name));
		s += used;
		n -= used;
	}
	return out;
}

static void check(const char *bytes, const char *want)
{
	assert_string_equal(names(bytes, strlen(bytes)), want);
}

static void sequences_of_terminals(void **state)
{
	(void)state;
	check("x\x1b[A\x1bOA\x1b[1;5C", "x Up Up C-Right");
	check("\x1b[5~\x1b[6~\x1b[1~\x1b[4~", "PgUp PgDn Home End");
	check("\x1b[7~\x1b[H\x1bOF", "Home Home End");
	check("\x1b[3~\x1b[2~\x1b[3;5~", "Delete Insert C-Delete");
	check("\x1bOP\x1b[11~\x1b[[A\x1b[15~\x1b[24~\x1b[1;2P", "F1 F1 F1 F5 F12 S-F1");
	check("\r\n\t\x7f\x08\x1b[Z\x1bOM", "Enter Enter Tab Backspace Backspace S-Tab Enter");
	check("\x12\x01\x1a\x1c", "C-r C-a C-z C-\\");
	check("\x1bx\x1b\r", "M-x M-Enter");
	check("\x1b[114;5u\x1b[27;5;114~\x1b[65;2u", "C-r C-r A");
	check("\x1b", "Esc");
	check("\x1b\x1b", "Esc Esc");
	check("\x1b[", "M-[");
	check("\x1b[12", "Unknown");
	check("\x1b[1;5\x1b[A", "Unknown Up");
	check("\x1b[I\x1b[<0;1;1Mq", "Unknown Unknown q");
	check("é김", "é 김");
	check("\xff" "a", "\xEF\xBF\xBD a");
	assert_string_equal(names("\0", 1), "C-Space");
}

static void incomplete_input_waits(void **state)
{
	(void)state;
	struct key k;
	assert_int_equal(key_decode("\x1b", 1, false, &k), 0);
	assert_int_equal(key_decode("\x1b[", 2, false, &k), 0);
	assert_int_equal(key_decode("\x1b[1;", 4, false, &k), 0);
	assert_int_equal(key_decode("\x1bO", 2, false, &k), 0);
	assert_int_equal(key_decode("\x1b[[", 3, false, &k), 0);
	assert_int_equal(key_decode("\xea\xb9", 2, false, &k), 0);
	assert_int_equal(key_decode("\x1b\xea", 2, false, &k), 0);
	/* a sequence that never ends is given up */
	char endless[64];
	memset(endless, '1', sizeof endless);
	memcpy(endless, "\x1b[", 2);
	assert_true(key_decode(endless, sizeof endless, false, &k) > 0);
	assert_int_equal(k.code, K_UNKNOWN);
}

static void paste_is_told_apart(void **state)
{
	(void)state;
	struct key k;
	assert_int_equal(key_decode("\x1b[200~x", 7, false, &k), 6);
	assert_true(key_equal(k, KEY_PASTE_BEGIN));
	assert_int_equal(key_decode("\x1b[201~", 6, false, &k), 6);
	assert_true(key_equal(k, KEY_PASTE_END));
}

/* Every cut of random bytes must advance and stay inside. */
static void any_bytes_decode(void **state)
{
	(void)state;
	static const char alphabet[] = "\x1b[O;~15AZu^\xea\xb9\x80\xff\0x";
	unsigned seed = 1;
	for (int round = 0; round < 20000; round++) {
		char s[24];
		for (size_t i = 0; i < sizeof s; i++) {
			seed = seed * 1103515245 + 12345;
			s[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		for (size_t at = 0; at < sizeof s;) {
			struct key k;
			char name[KEY_NAME_SIZE];
			size_t used = key_decode(s + at, sizeof s - at, true, &k);
			assert_in_range(used, 1, sizeof s - at);
			key_print(k, name);
			at += used;
		}
	}
}

static void names_parse_back(void **state)
{
	(void)state;
	static const char *const good[] = {"Enter", "Esc", "Space", "Tab", "S-Tab", "Backspace",
		"Up", "PgDn", "F1", "F12", "F20", "C-r", "M-x", "x", "X", "-", "é", "C-Right",
		"C-M-x", "/", "C-Space", "C--"};
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		struct key k;
		char name[KEY_NAME_SIZE];
		assert_true(key_parse(good[i], &k));
		assert_string_equal(key_print(k, name), good[i]);
	}
	struct key k;
	char name[KEY_NAME_SIZE];
	assert_true(key_parse("escape", &k));
	assert_string_equal(key_print(k, name), "Esc");
	assert_true(key_parse("C-i", &k));
	assert_string_equal(key_print(k, name), "Tab");
	assert_true(key_parse("C-R", &k));
	assert_string_equal(key_print(k, name), "C-r");
	assert_true(key_parse("C-Left", &k));
	assert_string_equal(key_label(k, false, name), "C-←");
	assert_string_equal(key_label(k, true, name), "C-Left");
	static const char *const bad[] = {"", "xx", "F21", "C-", "S-a", "Entr", "\x01"};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(key_parse(bad[i], &k));
}

static void nearest_words(void **state)
{
	(void)state;
	assert_int_equal(nearest_distance("warnign", "warning"), 1);
	assert_int_equal(nearest_distance("", "abc"), 3);
	assert_int_equal(nearest_distance("kill_conection", "kill-connection"), 1);
	struct nearest n = NEAREST("higth-contrast");
	nearest_offer(&n, "dark");
	nearest_offer(&n, "high-contrast");
	char out[64];
	nearest_hint(&n, "-", out, sizeof out);
	assert_string_equal(out, "did you mean \"high-contrast\"?");
	n = NEAREST("zebra");
	nearest_offer(&n, "dark");
	assert_null(n.best);
	n = NEAREST("proc");
	nearest_offer(&n, "processlist");
	assert_string_equal(n.best, "processlist");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_of_terminals), cmocka_unit_test(incomplete_input_waits),
		cmocka_unit_test(paste_is_told_apart),    cmocka_unit_test(any_bytes_decode),
		cmocka_unit_test(names_parse_back),       cmocka_unit_test(nearest_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
