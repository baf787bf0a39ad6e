/* Option files and login paths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/loginpath.h"
#include "io/optfile.h"
#include "io/target.h"
#include "tests/unit/cmocka_all.h"

/* --- the parser ---------------------------------------------------------------------------- */

static bool on_line(const struct optfile_line *l, void *arg)
{
	static const char *const words[] = {"", "!include ", "!includedir "};
	struct buf *b = arg;

	buf_addf(b, "%u:%s", l->line, words[l->type]);
	if (l->type == OPTFILE_OPTION)
		buf_addf(b, "[%s]", l->group);
	buf_addf(b, "%s", l->name);
	if (l->value)
		buf_addf(b, "=<%s>", l->value);
	buf_addc(b, '\n');
	return true;
}

static void check_parse(const char *text, const char *want)
{
	struct buf b = BUF_INIT;
	struct err err = {0};

	bool ok = optfile_parse("f", text, strlen(text), on_line, &b, &err);
	assert_string_equal(ok ? buf_str(&b) : err.why, want);
	buf_release(&b);
}

static void lines_are_understood(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", ""},
		{"# c\n; c\n\n  \n", ""},
		{"[client]\nuser=app\n", "2:[client]user=<app>\n"},
		{"[client]\nuser", "2:[client]user\n"},
		{"  [ client ] # c\n\tSSL_Mode =  x  \r\n", "2:[client]ssl-mode=<x>\n"},
		{"\xef\xbb\xbf[a]\nx=1", "2:[a]x=<1>\n"},
		{"[a]\nx=\ny= \n", "2:[a]x=<>\n3:[a]y=<>\n"},
		{"[a]\nx=1 # one\n", "2:[a]x=<1>\n"},
		{"[a]\nx=p#q\n", "2:[a]x=<p>\n"},
		{"[a]\nx='p#q'\n", "2:[a]x=<p#q>\n"},
		{"[a]\nx=\"p#q\" # c\n", "2:[a]x=<p#q>\n"},
		{"[a]\nx=\"a \\\"b\\\" c\"\n", "2:[a]x=<a \"b\" c>\n"},
		{"[a]\nx=\\s\\t\\n\\\\\\q\n", "2:[a]x=< \t\n\\\\q>\n"},
		{"[a]\nx=a=b\n", "2:[a]x=<a=b>\n"},
		{"[a]\nx='\n", "2:[a]x=<'>\n"},
		{"!include /f\n", "1:!include /f\n"},
		{" !includedir  /d/  \n", "1:!includedir /d/\n"},
		/* broken */
		{"user=app\n", "f:1: an option before any group"},
		{"\n[client\n", "f:2: a group needs a closing bracket"},
		{"[a]\n=x\n", "f:2: an option without a name"},
		{"!inc x\n", "f:1: unknown directive"},
		{"!includex\n", "f:1: unknown directive"},
		{"!include\n", "f:1: unknown directive"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_parse(cases[i].text, cases[i].want);
}

static void zero_bytes_are_refused(void **state)
{
	struct err err = {0};
	(void)state;
	assert_false(optfile_parse("f", "[a]\nx=\0y\n", 9, on_line, NULL, &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

/* --- files --------------------------------------------------------------------------------- */

static char home[] = "/tmp/fathom-test-XXXXXX";

static int make_home(void **state)
{
	(void)state;
	if (!mkdtemp(home))
		return -1;
	setenv("HOME", home, 1);
	unsetenv("MYSQL_HOME");
	unsetenv("MARIADB_HOME");
	unsetenv("MYSQL_GROUP_SUFFIX");
	unsetenv("MYSQL_TEST_LOGIN_FILE");
	return chdir(home);
}

static int remove_home(void **state)
{
	char *command = xasprintf("rm -rf %s", home);
	(void)state;
	int rc = system(command);
	free(command);
	return rc;
}

static const char *put_bytes(const char *name, const void *bytes, size_t n, unsigned mode)
{
	static char path[256];
	snprintf(path, sizeof path, "%s/%s", home, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static const char *put(const char *name, const char *text)
{
	return put_bytes(name, text, strlen(text), 0600);
}

static void clean(void)
{
	char *command = xasprintf("rm -rf %s/* %s/.my*", home, home);
	assert_int_equal(system(command), 0);
	free(command);
}

/* "name=value " for each option that was found, but those of /etc; on failure the reason. */
static const char *load(const struct optfile_args *args)
{
	static struct buf b;
	struct options o = {0};
	struct err err = {0};

	buf_clear(&b);
	if (!options_load(&o, args, &err))
		buf_adds(&b, err.why);
	for (size_t i = 0; i < o.n && err.kind == ERR_NONE; i++)
		if (strncmp(o.list[i].origin, "/etc/", 5) != 0)
			buf_addf(&b, "%s=%s ", o.list[i].name, o.list[i].value ? o.list[i].value : "-");
	options_release(&o);
	return buf_str(&b);
}

static void the_home_file_is_read_last(void **state)
{
	char *extra;
	(void)state;
	clean();
	put(".my.cnf", "[client]\nuser=home\n[mysqld]\nuser=no\n[mysql]\nprompt=x\n[fathom]\nlabel=l\n");
	extra = xstrdup(put("extra.cnf", "[client]\nuser=extra\n"));
	setenv("MYSQL_HOME", home, 1);
	put("my.cnf", "[client-mariadb]\nuser=mysqlhome\n");
	assert_string_equal(load(&(struct optfile_args){0}), "user=mysqlhome user=home prompt=x label=l ");
	assert_string_equal(load(&(struct optfile_args){.extra_file = extra}),
			    "user=mysqlhome user=extra user=home prompt=x label=l ");
	assert_string_equal(load(&(struct optfile_args){.file = extra}), "user=extra ");
	assert_string_equal(load(&(struct optfile_args){.no_defaults = true}), "");
	unsetenv("MYSQL_HOME");
	free(extra);
}

static void groups_may_have_a_suffix(void **state)
{
	const struct optfile_args db2 = {.group_suffix = "_db2"};
	(void)state;
	clean();
	put(".my.cnf", "[client]\nuser=a\n[client_db2]\nuser=b\n[client_db3]\nuser=c\n[clientx]\nuser=x\n");
	assert_string_equal(load(&(struct optfile_args){0}), "user=a ");
	assert_string_equal(load(&db2), "user=a user=b ");
	setenv("MYSQL_GROUP_SUFFIX", "_db3", 1);
	assert_string_equal(load(&(struct optfile_args){0}), "user=a user=c ");
	unsetenv("MYSQL_GROUP_SUFFIX");
}

static void files_include_files(void **state)
{
	(void)state;
	clean();
	assert_int_equal(mkdir("conf.d", 0700), 0);
	put("conf.d/b.cnf", "[client]\nport=2\n");
	put("conf.d/a.cnf", "[client]\nport=1\n");
	put("conf.d/c.txt", "[client]\nport=3\n");
	put("conf.d/.d.cnf", "[client]\nport=4\n");
	put("one.cnf", "[client]\nuser=one\n!include one.cnf\n");
	put(".my.cnf", "!includedir conf.d\n!include one.cnf\n!include nothere.cnf\n[client]\nhost=h\n");
	/* a file that includes itself ends somewhere */
	const char *got = load(&(struct optfile_args){0});
	assert_true(strncmp(got, "port=1 port=2 user=one ", 23) == 0);
	assert_non_null(strstr(got, "user=one host=h "));
	assert_true(strlen(got) < 200);
}

static void what_cannot_be_trusted_is_left_out(void **state)
{
	struct options o = {0};
	(void)state;
	clean();
	put_bytes(".my.cnf", "[client]\nuser=evil\n", 19, 0666);
	assert_true(options_load(&o, &(struct optfile_args){0}, NULL));
	assert_int_equal(o.n_warnings, 1);
	assert_non_null(strstr(o.warnings[0], "everybody may write to it"));
	for (size_t i = 0; i < o.n; i++)
		assert_string_not_equal(o.list[i].value ? o.list[i].value : "", "evil");
	options_release(&o);
}

static void errors_name_file_and_line(void **state)
{
	char *want;
	(void)state;
	clean();
	want = xasprintf("%s:2: a group needs a closing bracket", put(".my.cnf", "\n[client\n"));
	assert_string_equal(load(&(struct optfile_args){0}), want);
	free(want);
	clean();
	assert_string_equal(load(&(struct optfile_args){.file = "/nonexistent"}),
			    "/nonexistent: No such file or directory");
	assert_string_equal(load(&(struct optfile_args){.extra_file = "/nonexistent"}),
			    "/nonexistent: No such file or directory");
}

/* --- login paths --------------------------------------------------------------------------- */

/* What mysql_config_editor wrote: [client] and [prod]. */
static struct buf editors_file(void)
{
	const char *top = getenv("srcdir");
	char *path = xasprintf("%s/tests/fuzz/corpus/loginpath/editor", top ? top : ".");
	struct buf b = BUF_INIT;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	buf_reserve(&b, 4096);
	b.len = fread(b.s, 1, 4096, f);
	fclose(f);
	free(path);
	return b;
}

static struct buf editor;

static void a_login_file_is_decrypted(void **state)
{
	struct buf text = BUF_INIT;
	(void)state;
	assert_true(loginpath_decrypt("f", (const unsigned char *)editor.s, editor.len, &text, NULL));
	assert_string_equal(buf_str(&text),
			    "[client]\nuser = \"me\"\npassword = \"s3cret \\\"quoted\\\" #x\"\nhost = \"db1\"\n"
			    "[prod]\nuser = \"dba\"\npassword = \"p\"\nhost = \"db3.prod\"\nport = 3307\n");
	buf_release(&text);
	for (size_t n = 0; n < editor.len; n++) {
		struct err err = {0};
		if (!loginpath_decrypt("f", (const unsigned char *)editor.s, n, &text, &err))
			assert_int_equal(err.kind, ERR_USAGE);
	}
	buf_release(&text);
}

static void login_paths_are_read_after_all_files(void **state)
{
	const struct optfile_args prod = {.login_path = "prod"}, none = {.no_defaults = true},
				  off = {.no_login_paths = true}, wrong = {.login_path = "nope"};
	(void)state;
	clean();
	put(".my.cnf", "[client]\nuser=home\n");
	put_bytes(".mylogin.cnf", editor.s, editor.len, 0600);
	assert_string_equal(load(&(struct optfile_args){0}),
			    "user=home user=me password=s3cret \"quoted\" #x host=db1 ");
	assert_string_equal(load(&prod), "user=home user=me password=s3cret \"quoted\" #x host=db1 "
					 "user=dba password=p host=db3.prod port=3307 ");
	assert_string_equal(load(&none), "user=me password=s3cret \"quoted\" #x host=db1 ");
	assert_string_equal(load(&off), "user=home ");
	assert_non_null(strstr(load(&wrong), ".mylogin.cnf has no login path nope"));
	clean();
	assert_non_null(strstr(load(&prod), "No such file"));
	setenv("MYSQL_TEST_LOGIN_FILE", put_bytes("elsewhere", editor.s, editor.len, 0600), 1);
	assert_non_null(strstr(load(&prod), "host=db3.prod"));
	unsetenv("MYSQL_TEST_LOGIN_FILE");
}

static void a_login_file_must_be_private_and_whole(void **state)
{
	const struct optfile_args prod = {.login_path = "prod"};
	struct options o = {0};
	(void)state;
	clean();
	put_bytes(".mylogin.cnf", editor.s, editor.len, 0640);
	assert_non_null(strstr(load(&prod), "others may read or write it"));
	assert_true(options_load(&o, &(struct optfile_args){0}, NULL));
	assert_int_equal(o.n_warnings, 1);
	options_release(&o);
	put_bytes(".mylogin.cnf", editor.s, editor.len - 1, 0600);
	assert_non_null(strstr(load(&prod), "damaged"));
}

/* --- into a target ------------------------------------------------------------------------- */

static struct target *target_from(const char *text, struct err *err)
{
	struct options o = {0};
	struct target *t = xcalloc(1, sizeof *t);
	char *path = xstrdup(put("t.cnf", text));
	const struct optfile_args args = {.file = path, .no_login_paths = true};

	assert_true(options_load(&o, &args, err));
	if (!options_apply(&o, t, err)) {
		target_free(t);
		t = NULL;
	}
	options_release(&o);
	free(path);
	return t;
}

static void options_become_settings(void **state)
{
	struct err err = {0};
	char *origin;
	(void)state;
	clean();
	struct target *t = target_from("[client]\nhost=db1\npassword=x\nprompt=y\nloose-user=me\n"
				       "[mysql]\nssl\n", &err);
	assert_string_equal(t->value[SETTING_HOST], "db1");
	origin = xasprintf("%s/t.cnf:2 [client]", home);
	assert_string_equal(t->origin[SETTING_HOST], origin);
	free(origin);
	assert_string_equal(t->value[SETTING_USER], "me");
	assert_false(t->ask_password);
	assert_int_equal(target_tls(t), TLS_REQUIRED);
	target_free(t);
	t = target_from("[client]\npassword\n", &err);
	assert_true(t->ask_password);
	target_free(t);
}

static void tls_is_asked_for_in_many_ways(void **state)
{
	static const struct {
		const char *line;
		enum tls_mode mode;
	} cases[] = {
		{"ssl=1", TLS_REQUIRED},
		{"ssl=0", TLS_DISABLED},
		{"skip-ssl", TLS_DISABLED},
		{"ssl-verify-server-cert", TLS_VERIFY_IDENTITY},
		{"ssl_verify_server_cert=OFF", TLS_PREFERRED},
		{"ssl-mode=VERIFY_IDENTITY", TLS_VERIFY_IDENTITY},
	};
	struct err err = {0};
	(void)state;
	clean();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *text = xasprintf("[client]\nhost=db1\n%s\n", cases[i].line);
		struct target *t = target_from(text, &err);
		assert_int_equal(target_tls(t), cases[i].mode);
		target_free(t);
		free(text);
	}
}

static void our_own_group_is_held_to_its_words(void **state)
{
	struct err err = {0};
	(void)state;
	clean();
	assert_null(target_from("[fathom]\nlable=prod\n", &err));
	assert_non_null(strstr(err.why, "t.cnf:2 [fathom]: unknown option lable"));
	assert_non_null(strstr(err.hint, "label"));
	struct target *t = target_from("[client]\nlable=prod\n[fathom]\nloose-lable=x\n", &err);
	assert_non_null(t);
	target_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_understood),
		cmocka_unit_test(zero_bytes_are_refused),
		cmocka_unit_test(the_home_file_is_read_last),
		cmocka_unit_test(groups_may_have_a_suffix),
		cmocka_unit_test(files_include_files),
		cmocka_unit_test(what_cannot_be_trusted_is_left_out),
		cmocka_unit_test(errors_name_file_and_line),
		cmocka_unit_test(a_login_file_is_decrypted),
		cmocka_unit_test(login_paths_are_read_after_all_files),
		cmocka_unit_test(a_login_file_must_be_private_and_whole),
		cmocka_unit_test(options_become_settings),
		cmocka_unit_test(tls_is_asked_for_in_many_ways),
		cmocka_unit_test(our_own_group_is_held_to_its_words),
	};
	editor = editors_file();
	int rc = cmocka_run_group_tests(tests, make_home, remove_home);
	buf_release(&editor);
	return rc;
}
