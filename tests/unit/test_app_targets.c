/* From command line, configuration, environment and option files to targets: who wins, and what hides
   what. */
#include "app/targets.h"
#include "base/mem.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <unistd.h>

static char home[] = "/tmp/fathom-test-XXXXXX";

static const char *const cleared[] = {
	"MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT", "MYSQL_PWD", "MYSQL_GROUP_SUFFIX",
	"MYSQL_TEST_LOGIN_FILE", "MYSQL_HOME", "FATHOM_HOST", "FATHOM_PORT", "FATHOM_SSL_MODE",
	"FATHOM_INTERVAL", "FATHOM_USER", "FATHOM_LAB_DIR", "XDG_CONFIG_HOME",
};

/* What there is to go by. A `defaults` file is read instead of the system's. */
struct world {
	const char *line;        /* blanks between words */
	const char *config;
	const char *environment; /* NAME=VALUE, blanks between */
	const char *defaults;
};

struct outcome {
	bool good;
	struct cmdline cmdline;
	struct config config;
	struct targets targets;
	struct err err;
};

static void write_file(const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", home, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct outcome resolve(const struct world *w)
{
	struct outcome out = {.good = true};
	char program[] = "fathom", *argv[24] = {program}, *line, *next, *word, option[300];
	int argc = 1;
	setenv("HOME", home, 1);
	for (size_t i = 0; i < COUNT_OF(cleared); i++)
		unsetenv(cleared[i]);
	char *environment = xstrdup(w->environment ? w->environment : ""), *variable = environment;
	while ((word = strsep(&variable, " ")))
		if (*word)
			putenv(word);
	write_file("my.cnf", w->defaults ? w->defaults : "");
	snprintf(option, sizeof option, "--defaults-file=%s/my.cnf", home);
	if (w->defaults)
		argv[argc++] = option;
	else
		argv[argc++] = strcpy(option, "--no-defaults");
	next = line = xstrdup(w->line ? w->line : "");
	while ((word = strsep(&next, " ")))
		if (*word)
			argv[argc++] = word;
	out.good = cmdline_parse(&out.cmdline, argc, argv, &out.err) &&
		   config_parse(&out.config, "config", w->config ? w->config : "", &out.err);
	/* What reads which files does not make a target by itself. */
	out.cmdline.connects = strstr(w->line ? w->line : "", "-u") || strstr(w->line ? w->line : "", "-h");
	out.good = out.good && targets_resolve(&out.targets, &out.cmdline, &out.config, &out.err);
	free(line);
	for (size_t i = 0; i < COUNT_OF(cleared); i++)
		unsetenv(cleared[i]);
	free(environment);
	return out;
}

static void release(struct outcome *o)
{
	cmdline_release(&o->cmdline);
	config_release(&o->config);
	targets_release(&o->targets);
}

/* `name: key=value …` of the first target; keys that are not named must not be set. */
static void describe(const struct target *t, struct buf *out)
{
	buf_addf(out, "%s:", t->name);
	for (int s = 0; s < N_SETTINGS; s++)
		if (t->value[s])
			buf_addf(out, " %s=%s", setting_name((enum setting)s), t->value[s]);
	if (t->ask_password)
		buf_adds(out, " ask");
}

#define CONFIG "[target prod]\nhost = db3\nuser = cu\nlabel = live\ninterval = 5\n[target s]\nsocket = /s\n"

static const struct {
	struct world world;
	const char *want;
} worlds[] = {
	/* texts */
	{{"db1"}, "db1: host=db1"},
	{{"db1:3307"}, "db1:3307: host=db1 port=3307 protocol=tcp"},
	{{"localhost:3307"}, "localhost:3307: host=localhost port=3307 protocol=tcp"},
	{{"u@db1"}, "u@db1: host=db1 user=u"},
	{{"a@b@db1"}, "a@b@db1: host=db1 user=a@b"},
	{{"[::1]:3307"}, "[::1]:3307: host=::1 port=3307 protocol=tcp"},
	{{"[fe80::1]"}, "[fe80::1]: host=fe80::1"},
	{{"fe80::1"}, "fe80::1: host=fe80::1"},
	{{"/run/x.sock"}, "/run/x.sock: socket=/run/x.sock protocol=socket"},
	{{"mysql://u:p%40%3a@db1:33/"}, "db1:33: host=db1 port=33 user=u password=p@: protocol=tcp"},
	{{"mysql://u@db1/shop"}, "db1: host=db1 user=u"},
	{{"mariadb://[::1]:33"}, "[::1]:33: host=::1 port=33 protocol=tcp"},
	{{"mysql://db1?ssl_mode=REQUIRED&label=a%20b"}, "db1: host=db1 ssl-mode=required label=a b"},
	{{"mysql://db1?read-only"}, "db1: host=db1 read-only=1"},
	{{"mysql:///?socket=/x&user=u"}, "/x: socket=/x user=u protocol=socket"},
	{{"mysql://db1/#frag"}, "db1: host=db1"},

	/* options are defaults: weaker than a text, stronger than the configuration */
	{{"-u o db1"}, "db1: host=db1 user=o"},
	{{"-u o t@db1"}, "t@db1: host=db1 user=t"},
	{{"-u o prod", CONFIG}, "prod: host=db3 user=o label=live"},
	{{"prod", CONFIG}, "prod: host=db3 user=cu label=live"},
	{{"-P 33 prod", CONFIG}, "prod: host=db3 port=33 user=cu protocol=tcp label=live"},
	{{"s", CONFIG}, "s: socket=/s protocol=socket"},
	{{"-p prod", CONFIG}, "prod: host=db3 user=cu label=live ask"},
	{{"-p mysql://u:pw@db1"}, "db1: host=db1 user=u password=pw"},
	{{"-h db9"}, "db9: host=db9"},
	{{"-h db9 -P 33"}, "db9:33: host=db9 port=33 protocol=tcp"},
	{{"-h ::1 -P 33"}, "[::1]:33: host=::1 port=33 protocol=tcp"},
	{{"-u o -S /x"}, "/x: socket=/x user=o protocol=socket"},

	/* environment: weaker than those, and FATHOM_ before MYSQL_ */
	{{"db1", NULL, "MYSQL_HOST=e MYSQL_TCP_PORT=33 MYSQL_PWD=pw"}, "db1: host=db1 port=33 password=pw"},
	{{"", NULL, "MYSQL_HOST=e"}, "e: host=e"},
	{{"", NULL, "MYSQL_HOST=e FATHOM_HOST=f FATHOM_SSL_MODE=VERIFY_CA"}, "f: host=f ssl-mode=verify-ca"},
	{{"-h db1", NULL, "MYSQL_UNIX_PORT=/e"}, "db1: host=db1"},
	{{"/run/x", NULL, "MYSQL_HOST=e MYSQL_TCP_PORT=33"}, "/run/x: socket=/run/x protocol=socket"},
	{{"prod", CONFIG, "FATHOM_USER=e"}, "prod: host=db3 user=cu label=live"},
	{{"-p db1", NULL, "MYSQL_PWD=pw"}, "db1: host=db1 ask"},

	/* option files: weaker than all */
	{{"db1", NULL, NULL, "[client]\nuser=f\npassword=fp\nport=33\n"},
	 "db1: host=db1 port=33 user=f password=fp"},
	{{"db1", NULL, "MYSQL_TCP_PORT=34", "[client]\nuser=f\nport=33\n"}, "db1: host=db1 port=34 user=f"},
	{{"", NULL, NULL, "[client]\nhost=f\n"}, "f: host=f"},
	{{"/run/x", NULL, NULL, "[client]\nhost=f\nport=1\nprotocol=tcp\n"},
	 "/run/x: socket=/run/x protocol=socket"},
	{{"db1", NULL, NULL, "[client]\nsocket=/f\nprotocol=socket\n"}, "db1: host=db1"},
	{{"localhost", NULL, NULL, "[client]\nsocket=/f\n"}, "localhost: host=localhost socket=/f"},
	{{"localhost:33", NULL, NULL, "[client]\nsocket=/f\n"},
	 "localhost:33: host=localhost port=33 protocol=tcp"},
	{{"--protocol=tcp -h localhost", NULL, NULL, "[client]\nsocket=/f\n"},
	 "localhost: host=localhost protocol=tcp"},
	{{"-p db1", NULL, NULL, "[client]\npassword=fp\n"}, "db1: host=db1 ask"},
	{{"db1", NULL, NULL, "[client]\npassword\n"}, "db1: host=db1 ask"},

	/* what they say is held to the same rules; 0 is what others write for the usual */
	{{"db1", NULL, NULL, "[client]\nssl-mode=VERIFY_CA\n"}, "db1: host=db1 ssl-mode=verify-ca"},
	{{"db1", NULL, NULL, "[fathom]\nssh-tunnel=yes\nssh=b\nread-only=off\n"},
	 "db1: host=db1 read-only=0 ssh=b ssh-tunnel=1"},
	{{"db1", NULL, NULL, "[client]\nport=0\nconnect-timeout=99999\n"}, "db1: host=db1"},
};

static void the_stronger_source_wins(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(worlds); i++) {
		struct outcome o = resolve(&worlds[i].world);
		struct buf got = BUF_INIT;
		if (!o.good)
			fail_msg("\"%s\": %s: %s", worlds[i].world.line, o.err.what, o.err.why);
		assert_int_equal(o.targets.n, 1);
		assert_false(o.targets.choose);
		describe(o.targets.v[0].target, &got);
		if (strcmp(buf_str(&got), worlds[i].want) != 0)
			fail_msg("\"%s\": %s, not %s", worlds[i].world.line, buf_str(&got), worlds[i].want);
		buf_release(&got);
		release(&o);
	}
}

static void origins_are_kept(void **state)
{
	(void)state;
	struct outcome o = resolve(&(struct world){"-u o prod db1", CONFIG, "FATHOM_SSL_MODE=required",
						   "[client]\npassword=fp\n"});
	assert_true(o.good);
	assert_int_equal(o.targets.n, 2);
	const struct target *t = o.targets.v[0].target;
	assert_string_equal(t->origin[SETTING_HOST], "config:2");
	assert_string_equal(t->origin[SETTING_USER], "command line");
	assert_string_equal(t->origin[SETTING_SSL_MODE], "environment FATHOM_SSL_MODE");
	assert_non_null(strstr(t->origin[SETTING_PASSWORD], "my.cnf:2 [client]"));
	assert_float_equal(o.targets.v[0].interval, 5, 1e-9);
	assert_string_equal(o.targets.v[1].target->origin[SETTING_HOST], "command line TARGET");
	assert_float_equal(o.targets.v[1].interval, 0, 1e-9);
	struct outcome told = resolve(&(struct world){"-i 2 prod", CONFIG});
	assert_float_equal(told.targets.v[0].interval, 0, 1e-9); /* the command line's is stronger */
	release(&told);
	struct buf out = BUF_INIT;
	targets_print(&o.targets, &out);
	assert_non_null(strstr(buf_str(&out), "[target prod]"));
	assert_non_null(strstr(buf_str(&out), "password = ********"));
	assert_null(strstr(buf_str(&out), "fp"));
	buf_release(&out);
	release(&o);
}

static void wrong_targets_are_named(void **state)
{
	(void)state;
	static const struct {
		struct world world;
		const char *what, *why;
	} wrong[] = {
		{{"http://db1"}, "\"http://db1\"", "only mysql:// is known"},
		{{"db1:"}, "\"db1:\"", "port"},
		{{"db1:0"}, "\"db1:0\"", "port"},
		{{"db1:99999"}, "\"db1:99999\"", "port"},
		{{"db1:33x"}, "\"db1:33x\"", "port"},
		{{":33"}, "\":33\"", "no host"},
		{{"u@"}, "\"u@\"", "no host"},
		{{"[::1"}, "\"[::1\"", "no ]"},
		{{"[::1]33"}, "\"[::1]33\"", "no : behind"},
		{{"u:topsecret@db1"}, "\"...@db1\"", "-p asks"},
		{{"mysql://"}, "\"mysql://\"", "no host"},
		{{"mysql://u:topsecret@/"}, "\"mysql://...@/\"", "no host"},
		{{"mysql://u:top%zzsecret@db1"}, "\"mysql://...@db1\"", "two digits"},
		{{"mysql://u:top%00secret@db1"}, "\"mysql://...@db1\"", "two digits"},
		{{"mysql://db1?sl-mode=required"}, "\"mysql://db1\"", "unknown key \"sl-mode\""},
		{{"mysql://db1?ssl-mode=maybe"}, "--ssl-mode", "not one of"},
		{{"mysql://db1?port"}, "\"mysql://db1\"", "needs a value"},
		{{"db1", NULL, "FATHOM_PORT=many"}, "FATHOM_PORT", "not a whole number"},
		{{"db1", NULL, "FATHOM_SSL_MODE=requird"}, "FATHOM_SSL_MODE", "did you mean \"required\"?"},
	};
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct outcome o = resolve(&wrong[i].world);
		if (o.good)
			fail_msg("\"%s\" was taken", wrong[i].world.line);
		assert_int_equal(o.err.kind, ERR_USAGE);
		if (strcmp(o.err.what, wrong[i].what) != 0 || !strstr(o.err.why, wrong[i].why))
			fail_msg("\"%s\": %s: %s", wrong[i].world.line, o.err.what, o.err.why);
		assert_null(strstr(o.err.why, "secret"));
		release(&o);
	}
}

static void wrong_words_of_option_files_are_named(void **state)
{
	static const char *const wrong[] = {
		"[client]\nssl-mode=requird\n",
		"[fathom]\nssh-tunnel=maybe\n",
		"[fathom]\nread-only=perhaps\n",
		"[client]\nprotocol=pipe\n",
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct outcome o = resolve(&(struct world){"db1", NULL, NULL, wrong[i]});
		if (o.good)
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_int_equal(o.err.kind, ERR_USAGE);
		assert_non_null(strstr(o.err.what, "my.cnf:2 ["));
		assert_non_null(strstr(o.err.why, "is not"));
		release(&o);
	}
}

static void without_a_target_there_is_a_choice_or_advice(void **state)
{
	(void)state;
	if (!access("/run/mysqld/mysqld.sock", F_OK) || !access("/tmp/mysql.sock", F_OK))
		skip(); /* this machine has a local server: that is the target */
	struct outcome o = resolve(&(struct world){"", CONFIG});
	assert_true(o.good);
	assert_true(o.targets.choose);
	assert_int_equal(o.targets.n, 2);
	assert_string_equal(o.targets.v[1].target->name, "s");
	release(&o);

	o = resolve(&(struct world){""});
	assert_false(o.good);
	assert_int_equal(o.err.kind, ERR_NONE);
	release(&o);
	unsigned lines = 0;
	for (const char *p = targets_how_to(); *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 6);

	/* A socket that option files name counts once it is there. */
	char defaults[300], path[256];
	snprintf(path, sizeof path, "%s/my.cnf", home);
	snprintf(defaults, sizeof defaults, "[client]\nsocket=%s\n", path);
	o = resolve(&(struct world){"", CONFIG, NULL, defaults});
	assert_false(o.targets.choose);
	assert_string_equal(o.targets.v[0].target->value[SETTING_SOCKET], path);
	release(&o);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(home) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	char path[256];
	snprintf(path, sizeof path, "%s/my.cnf", home);
	unlink(path);
	return rmdir(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stronger_source_wins),
		cmocka_unit_test(origins_are_kept),
		cmocka_unit_test(wrong_targets_are_named),
		cmocka_unit_test(wrong_words_of_option_files_are_named),
		cmocka_unit_test(without_a_target_there_is_a_choice_or_advice),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
