/* The configuration file: what is taken, and what broken lines get. */
#include "app/config.h"
#include "base/mem.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rulekit.h"

static void entries_know_their_place(void **state)
{
	(void)state;
	struct config c = {0};
	struct settings s = {{0}};
	struct err e = {0};
	static const char text[] = "\xef\xbb\xbf# mine\r\n"
				   "[fathom]\r\n"
				   "  interval = 2.5\r\n"
				   "history_memory: 64M\n"
				   "ascii = Yes\n"
				   "\n"
				   "[ target  prod one ]\n"
				   "host=db3 ; not a comment\n"
				   "SSL_MODE = VERIFY_CA\n"
				   "password = a=b;c#d\n"
				   "read-only = on\n"
				   "interval = 5\n"
				   "login-path = p\n"
				   "[target empty]\n"
				   "[keys]\n"
				   "kill_connection = X F9\n"
				   "[panel mine]\n"
				   "sql = SELECT 1\n"
				   "sql = SELECT 2";
	assert_true(config_parse(&c, "/etc/f", text, &e));
	config_offer(&c, &s);
	assert_string_equal(settings_get(&s, PROGRAM_INTERVAL), "2.5");
	assert_string_equal(s.origin[PROGRAM_INTERVAL], "/etc/f:3");
	assert_string_equal(settings_get(&s, PROGRAM_HISTORY_MEMORY), "67108864");
	assert_string_equal(settings_get(&s, PROGRAM_ASCII), "1");
	assert_string_equal(settings_get(&s, PROGRAM_PANEL), "overview");

	static const struct {
		const char *section, *name, *key, *value;
		unsigned line;
	} want[] = {
		{"target", "prod one", "host", "db3 ; not a comment", 8},
		{"target", "prod one", "ssl-mode", "verify-ca", 9},
		{"target", "prod one", "password", "a=b;c#d", 10},
		{"target", "prod one", "read-only", "1", 11},
		{"target", "prod one", "interval", "5", 12},
		{"target", "prod one", "login-path", "p", 13},
		{"keys", "", "kill_connection", "X F9", 16},
		{"panel", "mine", "sql", "SELECT 1", 18},
	};
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		const struct config_entry *entry =
			config_next(&c, want[i].section, want[i].name, want[i].key, NULL);
		assert_non_null(entry);
		assert_string_equal(entry->value, want[i].value);
		assert_int_equal(entry->line, want[i].line);
	}
	assert_string_equal(config_next(&c, "keys", "", NULL, NULL)->origin, "/etc/f:16");
	assert_non_null(config_find(&c, "target", "empty"));
	assert_null(config_find(&c, "target", "prod"));
	const struct config_entry *first = config_next(&c, "panel", "mine", "sql", NULL);
	assert_string_equal(config_next(&c, "panel", "mine", "sql", first)->value, "SELECT 2");
	settings_release(&s);
	config_release(&c);
}

static void thresholds_reach_the_rules(void **state)
{
	struct config c = {0};
	struct err e = {0};
	struct kit k;
	(void)state;
	assert_true(config_parse(&c, "f", "[rules]\nidle-in-transaction.seconds = 5/4\n", &e));
	kit_open(&k);
	config_rules(&c, k.d);
	kit_row(&k, PART_PROCESSLIST, "id=8 kind=user user=app host=h command=Sleep time=6 transaction_age=6 "
				      "rows_locks=1 rows_modified=1 blocks=0");
	kit_tick(&k, 1);
	kit_finds(&k, "idle-in-transaction", SEVERITY_WARNING, "session:8");
	kit_close(&k);
	config_release(&c);
}

static void broken_lines_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *what, *why, *hint;
	} files[] = {
		{"[fathom]\ntheem = dark\n", "f:2", "unknown setting \"theem\"", "did you mean \"theme\"?"},
		{"\n\n[fatom]\n", "f:3", "unknown section \"fatom\"", "did you mean \"fathom\"?"},
		{"[zzzzzz]\n", "f:1", "unknown section \"zzzzzz\"", "man fathom"},
		{"[target]\nhost = x\n", "f:1", "[target] needs a name: [target NAME]", ""},
		{"[fathom x]\n", "f:1", "[fathom] has no name", ""},
		{"[target a\nhost = x\n", "f:1", "cannot read the line \"[target ...\"", "KEY = VALUE"},
		{"[target a] b\n", "f:1", "\" b\" stands behind the heading", ""},
		{"[fathom]\ninterval 2\n", "f:2", "cannot read the line \"interval ...\"", "KEY = VALUE"},
		{"[fathom]\ninterval 2", "f:2", "cannot read the line \"interval ...\"", "KEY = VALUE"},
		{"[target a]\npassword top-secret\n", "f:2", "cannot read the line \"password ...\"", ""},
		{"[fathom]\ninterval = soon\n", "f:2",
		 "interval: \"soon\" is not a number from 0.1 to 60", ""},
		{"[fathom]\nhost = x\n", "f:2", "unknown setting \"host\"", ""},
		{"[target a]\nport = 70000\n", "f:2", "port: \"70000\" is not a whole number", ""},
		{"[target a]\nssl-mod = required\n", "f:2", "unknown setting \"ssl-mod\"",
		 "did you mean \"ssl-mode\"?"},
		{"[target a]\nssl-mode = verify\n", "f:2", "did you mean \"verify-ca\"?", ""},
		{"[target a]\nhost=x\nport=1\n[target a]\n", "f:4", "[target a] was there before, at f:1", ""},
		{"[target a]\nhost=x\nHOST=y\n", "f:3", "\"host\" was set before, at f:2", ""},
		{"[rules]\nrow-lock-pileup.waiter = 3\n", "f:2",
		 "row-lock-pileup.waiter: no such threshold", "did you mean \"row-lock-pileup.waiters\"?"},
		{"[rules]\nrow-lock-pileup.waiters = many\n", "f:2", "is no threshold", "3/1"},
		{"[rules]\nrow-lock-pileup.waiters = 3/nan\n", "f:2", "is no threshold", "3/1"},
		{"[rules]\na.b = 3\n", "f:2", "no such threshold", ""},
		{"interval = 2\n", "f:1", "\"interval\" stands in no section", "begin with [fathom]"},
		{"[fathom]\n= 2\n", "f:2", "unknown setting \"\"", ""},
	};
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct config c = {0};
		struct err e = {0};
		if (config_parse(&c, "f", files[i].text, &e))
			fail_msg("taken: %s", files[i].text);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_string_equal(e.what, files[i].what);
		if (!strstr(e.why, files[i].why) || !strstr(e.hint, files[i].hint))
			fail_msg("%s: %s; %s", files[i].text, e.why, e.hint);
		config_release(&c);
	}
}

static void too_long_is_said_not_cut(void **state)
{
	(void)state;
	struct config c = {0};
	struct err e = {0};
	struct buf text = BUF_INIT;
	buf_adds(&text, "[target ");
	buf_fill(&text, 'n', 60);
	buf_adds(&text, "]\n");
	assert_false(config_parse(&c, "f", buf_str(&text), &e));
	assert_non_null(strstr(e.why, "heading is longer"));
	config_release(&c);

	buf_clear(&text);
	buf_adds(&text, "[target a]\nlabel = ");
	buf_fill(&text, 'n', 3900);
	assert_true(config_parse(&c, "f", buf_str(&text), &e));
	assert_int_equal(strlen(c.entries[0].value), 3900);
	config_release(&c);

	buf_fill(&text, 'n', 200);
	assert_false(config_parse(&c, "f", buf_str(&text), &e));
	assert_string_equal(e.what, "f:2");
	config_release(&c);

	buf_clear(&text);
	buf_adds(&text, "[keys]\n");
	buf_fill(&text, 'k', 60);
	buf_adds(&text, " = x\n");
	assert_false(config_parse(&c, "f", buf_str(&text), &e));
	assert_non_null(strstr(e.why, "key is longer"));
	config_release(&c);
	buf_release(&text);
}

static void a_file_that_must_be_there_is_missed(void **state)
{
	(void)state;
	struct config c;
	struct err e = {0};
	setenv("XDG_CONFIG_HOME", "/nonexistent/x", 1);
	assert_true(config_load(&c, NULL, &e));
	assert_null(c.path);
	config_release(&c);
	assert_false(config_load(&c, "/nonexistent/config", &e));
	assert_string_equal(e.what, "/nonexistent/config");
	assert_string_equal(e.why, "No such file or directory");
	config_release(&c);
	assert_false(config_load(&c, "/", &e));
	assert_string_equal(e.why, "Is a directory");
	config_release(&c);
	assert_true(config_load(&c, "/dev/null", &e));
	config_release(&c);
}

static void values_come_clean(void **state)
{
	(void)state;
	setenv("HOME", "/home/u", 1);
	static const struct {
		struct setting_rule rule;
		const char *value, *clean; /* NULL: refused */
	} values[] = {
		{{RULE_SIZE, 1, 1e18, NULL}, "16M", "16777216"},
		{{RULE_SIZE, 1, 1e18, NULL}, "2g", "2147483648"},
		{{RULE_SIZE, 1, 1e18, NULL}, "1.5K", "1536"},
		{{RULE_SIZE, 1, 1e18, NULL}, "16MB", NULL},
		{{RULE_SIZE, 1, 1e18, NULL}, "M", NULL},
		{{RULE_WHOLE, 0, 10, NULL}, "1.5", NULL},
		{{RULE_WHOLE, 0, 10, NULL}, "0x5", NULL},
		{{RULE_WHOLE, 0, 10, NULL}, " 5", NULL},
		{{RULE_WHOLE, 0, 10, NULL}, "", NULL},
		{{RULE_NUMBER, 0, 10, NULL}, "inf", NULL},
		{{RULE_NUMBER, 0, 10, NULL}, "-1", NULL},
		{{RULE_NUMBER, 0, 10, NULL}, "0.25", "0.25"},
		{{.kind = RULE_FLAG}, "TRUE", "1"},
		{{.kind = RULE_FLAG}, "off", "0"},
		{{.kind = RULE_FLAG}, "", NULL},
		{{.kind = RULE_FILE}, "~/ca.pem", "/home/u/ca.pem"},
		{{.kind = RULE_TEXT}, "~/ca.pem", "~/ca.pem"},
		{{RULE_CHOICE, 0, 0, "a-b c"}, "A_B", "a-b"},
		{{RULE_CHOICE, 0, 0, "a-b c"}, "a", NULL},
	};
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		struct buf clean = BUF_INIT, why = BUF_INIT;
		bool good = rule_check(&values[i].rule, values[i].value, &clean, &why);
		if (good != (values[i].clean != NULL))
			fail_msg("\"%s\": %s", values[i].value, buf_str(&why));
		if (good)
			assert_string_equal(buf_str(&clean), values[i].clean);
		buf_release(&clean);
		buf_release(&why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_know_their_place),
		cmocka_unit_test(thresholds_reach_the_rules),
		cmocka_unit_test(broken_lines_are_named),
		cmocka_unit_test(too_long_is_said_not_cut),
		cmocka_unit_test(a_file_that_must_be_there_is_missed),
		cmocka_unit_test(values_come_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
