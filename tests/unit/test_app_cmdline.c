/* The command line: what each option sets, what wrong ones get, what stays in argv. */
#include "app/optiondoc.h"
#include "app/cmdline.h"
#include "base/mem.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

enum { MOST_WORDS = 16 };

/* A command line in memory of its own: parsing changes it. */
struct line {
	char *argv[MOST_WORDS + 1];
	int argc;
};

static struct line line_of(const char *text)
{
	struct line l = {.argc = 0};
	char *copy = xstrdup(text), *next = copy, *word;
	while ((word = strsep(&next, " ")))
		l.argv[l.argc++] = xstrdup(word);
	free(copy);
	return l;
}

static void line_free(struct line *l)
{
	for (int i = 0; i < l->argc; i++)
		free(l->argv[i]);
}

static bool parse(struct cmdline *o, const char *text, struct err *e)
{
	struct line l = line_of(text), given = l;
	bool good = cmdline_parse(o, l.argc, l.argv, e);
	line_free(&given);
	return good;
}

static const struct {
	const char *line;
	enum setting setting;
	const char *value;
} sets[] = {
	{"fathom -h db1", SETTING_HOST, "db1"},
	{"fathom --host db1", SETTING_HOST, "db1"},
	{"fathom --soc=/s", SETTING_SOCKET, "/s"},
	{"fathom -u app -h db1 check x", SETTING_USER, "app"},
	{"fathom x -P3307", SETTING_PORT, "3307"},
	{"fathom x -psecret", SETTING_PASSWORD, "secret"},
	{"fathom x --password=secret", SETTING_PASSWORD, "secret"},
	{"fathom x --password=", SETTING_PASSWORD, ""},
	{"fathom -S /run/x.sock", SETTING_SOCKET, "/run/x.sock"},
	{"fathom --protocol=TCP", SETTING_PROTOCOL, "tcp"},
	{"fathom --ssl-mode=VERIFY_CA", SETTING_SSL_MODE, "verify-ca"},
	{"fathom --ssl_mode=required", SETTING_SSL_MODE, "required"},
	{"fathom --ssl", SETTING_SSL_MODE, "required"},
	{"fathom --ssl=0", SETTING_SSL_MODE, "disabled"},
	{"fathom --skip-ssl", SETTING_SSL_MODE, "disabled"},
	{"fathom --ssl-verify-server-cert", SETTING_SSL_MODE, "verify-identity"},
	{"fathom --ssl-verify-server-cert --ssl", SETTING_SSL_MODE, "verify-identity"},
	{"fathom --ssl --ssl-verify-server-cert", SETTING_SSL_MODE, "verify-identity"},
	{"fathom --ssl-mode=verify-ca --skip-ssl-verify-server-cert", SETTING_SSL_MODE, "required"},
	{"fathom --ssl_ca /ca.pem", SETTING_SSL_CA, "/ca.pem"},
	{"fathom --tls-version=TLSv1.3", SETTING_TLS_VERSION, "TLSv1.3"},
	{"fathom --connect-timeout=2.5", SETTING_CONNECT_TIMEOUT, "2.5"},
	{"fathom --read-only", SETTING_READ_ONLY, "1"},
	{"fathom --admin-port 33062", SETTING_ADMIN_PORT, "33062"},
	{"fathom --label=prod", SETTING_LABEL, "prod"},
	{"fathom -h a -h b", SETTING_HOST, "b"},
};

static void options_set_what_they_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(sets); i++) {
		struct cmdline o;
		struct err e = {0};
		if (!parse(&o, sets[i].line, &e))
			fail_msg("%s: %s: %s", sets[i].line, e.what, e.why);
		assert_string_equal(o.given->value[sets[i].setting], sets[i].value);
		assert_string_equal(o.given->origin[sets[i].setting], "command line");
		cmdline_release(&o);
	}
}

static const struct {
	const char *line, *what, *why, *hint;
} wrong[] = {
	{"fathom --hots=x", "--hots", "unknown option", "did you mean \"--host\"?"},
	{"fathom --xyzzy", "--xyzzy", "unknown option", "fathom --help lists them"},
	{"fathom -z", "-z", "unknown option", ""},
	{"fathom -h", "-h", "needs a value: HOST", ""},
	{"fathom --user", "--user", "needs a value: USER", ""},
	{"fathom --ascii=1", "--ascii", "takes no value", ""},
	{"fathom --ssl-c=1", "--ssl-c", "could be --ssl-ca, --ssl-capath, --ssl-cert, --ssl-cipher", ""},
	{"fathom -P many", "--port", "\"many\" is not a whole number from 1 to 65535", ""},
	{"fathom -P 0", "--port", "not a whole number", ""},
	{"fathom -P 65536", "--port", "not a whole number", ""},
	{"fathom -P 33x", "--port", "not a whole number", ""},
	{"fathom --ssl-mode=verfy-ca", "--ssl-mode", "did you mean \"verify-ca\"?", ""},
	{"fathom --interval=0", "--interval", "not a number from 0.1 to 60", ""},
	{"fathom --interval=nan", "--interval", "not a number from 0.1 to 60", ""},
	{"fathom --interval=1e9", "--interval", "not a number from 0.1 to 60", ""},
	{"fathom --history-memory=1T", "--history-memory", "not a size from 1M to 1G", ""},
	{"fathom --ssl=maybe", "--ssl", "not yes or no", ""},
	{"fathom --part=status", "--part", "the console has no such option", ""},
	{"fathom check x --part=status", "--part", "fathom check has no such option", ""},
	{"fathom snapshot x --panel=locks", "--panel", "fathom snapshot has no such option", ""},
	{"fathom snapshot x --format=text", "--format", "not one of json, csv, table", ""},
	{"fathom check x --format=csv", "--format", "not one of text, json", ""},
	{"fathom snapshot x --count=-1", "--count", "not a whole number", ""},
	{"fathom --completion=tcsh", "--completion", "not one of bash, zsh, fish", ""},
	{"fathom -h x lab up", "lab", "options must follow it", ""},
	{"fathom report x --count=1", "--count", "fathom report has no such option", ""},
	{"fathom report x --format=csv", "--format", "not one of text, markdown, html, json", ""},
	{"fathom report x --seconds=0", "--seconds", "not a number from 1 to 3600", ""},
	{"fathom record x", "record", "this version does not have it", ""},
};

static void wrong_ones_get_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct cmdline o;
		struct err e = {0};
		if (parse(&o, wrong[i].line, &e))
			fail_msg("%s was taken", wrong[i].line);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_string_equal(e.what, wrong[i].what);
		if (!strstr(e.why, wrong[i].why) || !strstr(e.hint, wrong[i].hint))
			fail_msg("%s: %s; %s", wrong[i].line, e.why, e.hint);
		cmdline_release(&o);
	}
}

static void commands_and_targets_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		enum command command;
		const char *targets;
	} lines[] = {
		{"fathom", COMMAND_CONSOLE, ""},
		{"fathom db1 -u x db2", COMMAND_CONSOLE, "db1 db2 "},
		{"fathom -p secret", COMMAND_CONSOLE, "secret "},
		{"fathom check db1", COMMAND_CHECK, "db1 "},
		{"fathom -h db1 snapshot", COMMAND_SNAPSHOT, ""},
		{"fathom snapshot check db1", COMMAND_SNAPSHOT, "check db1 "},
		{"fathom db1 check", COMMAND_CONSOLE, "db1 check "},
		{"fathom snapshot -- --host", COMMAND_SNAPSHOT, "--host "},
		{"fathom lab up --nonsense", COMMAND_LAB, ""},
		{"fathom -D shop -C -A --get-server-public-key db1", COMMAND_CONSOLE, "db1 "},
	};
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct cmdline o;
		struct err e;
		struct buf targets = BUF_INIT;
		assert_true(parse(&o, lines[i].line, &e));
		assert_int_equal(o.command, lines[i].command);
		for (size_t k = 0; k < o.n_targets; k++)
			buf_addf(&targets, "%s ", o.targets[k]);
		assert_string_equal(buf_str(&targets), lines[i].targets);
		buf_release(&targets);
		cmdline_release(&o);
	}
}

static void passwords_leave_argv(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"fathom -psecret db1",
		"fathom -u app -psecret -h db1 extra",
		"fathom --password=secret db1",
		"fathom --password secret --passw=secret",
		"fathom mysql://app:secret@db1:3306/?ssl-mode=required",
		"fathom mysql://app:sec@secret@db1/",
		"fathom mysql://db1/?password=secret&user=x",
		"fathom mysql://db1/?user=x&Password=secret",
		"fathom app:secret@db1",
		"fathom check mysql://app:secret@[::1]:3306",
		"fathom --bogus -psecret",
		"fathom -psecret --bogus",
	};
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct line l = line_of(lines[i]), given = l;
		struct cmdline o;
		struct err e = {0};
		bool good = cmdline_parse(&o, l.argc, l.argv, &e);
		/* A word behind `--password` is a target, and one behind a wrong option was never read. */
		for (int k = 1; k < l.argc && good; k++)
			if (strcmp(l.argv[k], "secret") != 0)
				assert_null(strstr(l.argv[k], "secret"));
		assert_null(strstr(e.what, "secret"));
		assert_null(strstr(e.why, "secret"));
		cmdline_release(&o);
		line_free(&given);
	}
}

static void the_last_of_a_setting_wins(void **state)
{
	(void)state;
	struct cmdline o;
	struct err e;
	assert_true(parse(&o, "fathom -i 2 --interval=0.5 --theme a --no-color", &e));
	assert_string_equal(settings_get(&o.program, PROGRAM_INTERVAL), "0.5");
	assert_float_equal(settings_number(&o.program, PROGRAM_INTERVAL), 0.5, 1e-9);
	assert_string_equal(settings_get(&o.program, PROGRAM_COLOR), "0");
	assert_null(settings_get(&o.program, PROGRAM_ASCII));
	assert_float_equal(settings_number(&o.program, PROGRAM_HISTORY_MEMORY), 5242880, 0.1);
	cmdline_release(&o);
	assert_true(parse(&o, "fathom -p", &e));
	assert_true(o.given->ask_password && o.connects);
	cmdline_release(&o);
	assert_true(parse(&o, "fathom -p -psecret", &e));
	assert_false(o.given->ask_password);
	cmdline_release(&o);
	assert_true(parse(&o, "fathom --read-only", &e));
	assert_false(o.connects);
	cmdline_release(&o);
	assert_true(parse(&o, "fathom -?", &e));
	assert_int_equal(o.show, SHOW_HELP);
	cmdline_release(&o);
	assert_true(parse(&o, "fathom snapshot --help", &e));
	assert_int_equal(o.show, SHOW_HELP);
	assert_int_equal(o.command, COMMAND_SNAPSHOT);
	cmdline_release(&o);
}

/* Whatever is made from the table has every row of it. */
static void documents_have_every_option(void **state)
{
	(void)state;
	struct buf help[N_COMMANDS] = {{0}}, man = BUF_INIT, shell[3] = {{0}};
	static const char *const shells[] = {"bash", "zsh", "fish"};
	for (int c = 0; c < N_COMMANDS; c++)
		optiondoc_help((enum command)c, &help[c]);
	for (int i = 0; i < 3; i++)
		optiondoc_completion(shells[i], &shell[i]);
	optiondoc_man(&man);
	size_t n;
	const struct option_row *rows = option_rows(&n);
	for (size_t i = 0; i < n; i++) {
		char text[80];
		assert_true(rows[i].group == GROUP_HIDDEN || *option_help(&rows[i]));
		if (rows[i].group == GROUP_HIDDEN)
			continue;
		snprintf(text, sizeof text, "--%s", rows[i].name);
		for (int c = 0; c < N_COMMANDS; c++)
			if (rows[i].commands >> c & 1)
				assert_non_null(strstr(buf_str(&help[c]), text));
		assert_non_null(strstr(buf_str(&shell[0]), text));
		assert_non_null(strstr(buf_str(&shell[1]), text));
		snprintf(text, sizeof text, "-l %s ", rows[i].name);
		assert_non_null(strstr(buf_str(&shell[2]), text));
		struct buf roff = BUF_INIT;
		for (const char *p = rows[i].name; *p; p++)
			buf_addf(&roff, "%s%c", *p == '-' ? "\\" : "", *p);
		assert_non_null(strstr(buf_str(&man), buf_str(&roff)));
		buf_release(&roff);
	}
	for (int c = 0; c < N_COMMANDS; c++)
		buf_release(&help[c]);
	for (int i = 0; i < 3; i++)
		buf_release(&shell[i]);
	buf_release(&man);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_set_what_they_say),
		cmocka_unit_test(wrong_ones_get_a_sentence),
		cmocka_unit_test(commands_and_targets_are_told_apart),
		cmocka_unit_test(passwords_leave_argv),
		cmocka_unit_test(the_last_of_a_setting_wins),
		cmocka_unit_test(documents_have_every_option),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
