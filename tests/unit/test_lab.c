#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "lab/fill.h"
#include "lab/folder.h"
#include "lab/lab.h"
#include "lab/labstate.h"
#include "lab/process.h"
#include "lab/shop.h"
#include "lab/workload.h"
#include "tests/unit/cmocka_all.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/fathom-test-lab-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	struct folder f = {.path = dir, .fd = open(dir, O_RDONLY | O_DIRECTORY)};
	if (f.fd >= 0)
		folder_clear(&f, NULL);
	folder_close(&f);
	rmdir(dir);
	return 0;
}

static void touch(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("x", f);
	fclose(f);
	free(path);
}

static bool exists(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	bool there = access(path, F_OK) == 0;
	free(path);
	return there;
}

/* --- texts -------------------------------------------------------------------------------- */

static bool put_fruit(struct buf *out, const char *word, void *ctx)
{
	buf_adds(out, ctx);
	return strcmp(word, "fruit") == 0;
}

static void test_fill(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", ""},
		{"{fruit}", "pear"},
		{"a {fruit}, {fruit}!", "a pear, pear!"},
		{"{\"json\": {fruit}}", "{\"json\": pear}"},
		{"{", "{"},
		{"{}", "{}"},
		{"{Fruit} {fruit", "{Fruit} {fruit"},
	};
	char fruit[] = "pear";
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *got = filled(rows[i].text, put_fruit, fruit);
		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

/* Every statement of every task can be written, and has no word left in it. */
static void test_tasks(void **state)
{
	(void)state;
	struct shop_dice dice = {42};
	for (const struct shop_task *t = shop_tasks; t->user; t++) {
		struct shop_run run;
		shop_run_init(&run, &dice);
		assert_int_not_equal(run.product[0], run.product[1]);
		bool transaction = t->sql[1] && strcmp(t->sql[0], "BEGIN") == 0;
		size_t n = 0;
		for (; t->sql[n]; n++) {
			char *sql = filled(t->sql[n], shop_word, &run);
			assert_true(strlen(sql) > 4);
			assert_null(strstr(sql, "{p"));
			free(sql);
		}
		const char *last = t->sql[n - 1];
		assert_int_equal(transaction,
				 strcmp(last, "COMMIT") == 0 || strcmp(last, "ROLLBACK") == 0);
	}
}

static void test_clients(void **state)
{
	(void)state;
	struct shop_dice dice = {7};
	double rate = 0;
	int connections = 0;
	for (const struct shop_client *c = shop_clients; c->user; c++) {
		assert_string_equal(shop_task_pick(c->user, &dice)->user, c->user);
		rate += c->rate * c->connections;
		connections += c->connections;
	}
	/* What the help promises. */
	assert_true(rate > 40 && rate < 60);
	assert_in_range(connections, 6, 8);
	/* All tasks come up. */
	unsigned seen = 0, all = 0;
	for (const struct shop_task *t = shop_tasks; t->user; t++)
		all |= strcmp(t->user, "web") == 0 ? 1u << (t - shop_tasks) : 0;
	for (int i = 0; i < 1000; i++)
		seen |= 1u << (shop_task_pick("web", &dice) - shop_tasks);
	assert_int_equal(seen, all);
}

/* --- processes ---------------------------------------------------------------------------- */

static void start(struct process *p, const char *script)
{
	struct args args = {0};
	struct err e = {0};
	args_add(&args, "sh");
	args_add(&args, "-c");
	args_add(&args, script);
	assert_true(process_spawn(p, &(struct spawn){.args = &args, .mark = script}, &e));
	args_release(&args);
}

static void test_identity(void **state)
{
	(void)state;
	struct process p;
	start(&p, "while :; do sleep 0.2; done; : fathom-test");
	assert_true(p.pid > 1);
	assert_true(process_alive(&p));

	struct process other = p;
	other.start++; /* a process that got the same pid later */
	assert_false(process_alive(&other));
	assert_false(process_signal(&other, SIGKILL));
	assert_int_equal(process_open(&other), -1);
	char mark[] = "no such argument";
	other = p;
	other.mark = mark; /* another program */
	assert_false(process_alive(&other));
	assert_false(process_signal(&other, SIGKILL));
	assert_true(process_alive(&p));

	struct process *list[] = {&p};
	assert_true(process_end_all(list, 1, 5000));
	assert_int_equal(p.pid, 0);
	assert_false(process_alive(&p));
	process_release(&p);
}

/* One that does not listen, and one that is stopped, end too. */
static void test_end_stubborn(void **state)
{
	(void)state;
	struct process deaf, stopped, none = {0};
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	struct args args = {0};
	struct err e = {0};
	args_add(&args, "sh");
	args_add(&args, "-c");
	args_addf(&args, "trap '' TERM; echo >&%d; while :; do sleep 0.2; done", ready[1]);
	assert_true(process_spawn(
		&deaf, &(struct spawn){.args = &args, .mark = "trap", .keep_fd = ready[1]}, &e));
	args_release(&args);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	start(&stopped, "while :; do sleep 0.2; done; : fathom-test");
	assert_true(process_signal(&stopped, SIGSTOP));

	pid_t pid = deaf.pid;
	struct process *list[] = {&deaf, &none, &stopped};
	assert_true(process_end_all(list, 3, 50));
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(deaf.pid + stopped.pid, 0);
	process_release(&deaf);
	process_release(&stopped);
	close(ready[0]);
	close(ready[1]);
}

static void test_spawn_fails(void **state)
{
	(void)state;
	struct args args = {0};
	struct process p;
	struct err e = {0};
	args_add(&args, "/no/such/program");
	assert_false(process_spawn(&p, &(struct spawn){.args = &args}, &e));
	assert_string_equal(e.what, "/no/such/program");
	assert_string_equal(e.why, "No such file or directory");
	process_release(&p);
	args_release(&args);
}

static void test_output(void **state)
{
	(void)state;
	struct args args = {0};
	struct buf out = BUF_INIT;
	struct err e = {0};
	args_add(&args, "sh");
	args_add(&args, "-c");
	args_add(&args, "echo one; echo two >&2");
	assert_true(process_output(&args, 20, &out, &e));
	assert_string_equal(buf_str(&out), "one\ntwo\n");
	free(args.v[2]);
	args.v[2] = xstrdup("echo broken; exit 1");
	buf_clear(&out);
	assert_false(process_output(&args, 20, &out, &e));
	assert_string_equal(buf_str(&out), "broken\n");
	buf_release(&out);
	args_release(&args);
}

/* --- the folder --------------------------------------------------------------------------- */

static void test_clear_stays_inside(void **state)
{
	(void)state;
	char outside[] = "/tmp/fathom-test-out-XXXXXX";
	struct folder f;
	struct err e = {0};
	assert_non_null(mkdtemp(outside));
	touch(outside, "precious");
	char *link = xasprintf("%s/link", dir), *sub = xasprintf("%s/sub", dir);
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(mkdir(sub, 0700), 0);
	touch(sub, "file");
	touch(dir, LAB_STATE_NAME);

	assert_true(folder_open(&f, dir, 0, &e));
	assert_false(folder_is_empty(&f));
	assert_true(folder_clear(&f, &e));
	assert_true(folder_is_empty(&f));
	assert_true(exists(outside, "precious"));
	folder_close(&f);

	char *precious = xasprintf("%s/precious", outside);
	unlink(precious);
	rmdir(outside);
	free(precious);
	free(link);
	free(sub);
}

static void test_lock(void **state)
{
	(void)state;
	struct folder first, second;
	struct err e = {0};
	assert_true(folder_open(&first, dir, 0, &e));
	assert_false(folder_open(&second, dir, 0, &e));
	assert_non_null(strstr(e.why, "another fathom lab"));
	folder_close(&first);
	assert_true(folder_open(&second, dir, 0, &e));
	folder_close(&second);
}

static void test_make(void **state)
{
	(void)state;
	struct account a = {.uid = geteuid(), .gid = getegid()};
	struct err e = {0};
	struct stat st;
	char *deep = xasprintf("%s/a/b/", dir), *file = xasprintf("%s/file", dir);
	char *link = xasprintf("%s/link", dir);
	char *made = folder_make(deep, &a, &e);
	assert_non_null(made);
	assert_int_equal(stat(made, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* Neither a file nor a link to a folder is a folder of our own. */
	touch(dir, "file");
	assert_null(folder_make(file, &a, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_int_equal(symlink(made, link), 0);
	assert_null(folder_make(link, &a, &e));
	/* Somebody else's is refused. */
	a.uid += 4711;
	touch(made, "x");
	assert_null(folder_make(made, &a, &e));
	assert_non_null(strstr(e.why, "another account"));
	free(made);
	free(deep);
	free(file);
	free(link);
}

/* --- the state ---------------------------------------------------------------------------- */

static void fill_state(struct lab_state *s)
{
	lab_state_init(s, dir, lab_kind_find("mysql"), lab_topology_find("replica"));
	s->workload = lab_workload_find("busy");
	s->phase = LAB_UP;
	s->performance_schema = true;
	s->until_us = 1234567890123456;
	s->programs.version = xstrdup("9.7.4");
	args_add(&s->programs.daemon, "/ld.so");
	args_add(&s->programs.daemon, "mysqld");
	s->keeper = (struct process){4242, 99, xstrdup(dir)};
	s->servers[1].port = 40001;
	s->servers[1].process = (struct process){4243, UINT64_C(1) << 40, xstrdup("mark")};
	s->servers[0].ended = xstrdup("killed by Segmentation fault");
}

static void test_state_round(void **state)
{
	(void)state;
	struct lab_state s, back;
	struct err e = {0};
	struct stat st;
	fill_state(&s);
	assert_int_equal(lab_state_load(&back, dir, &e), LAB_NONE);
	assert_true(lab_state_save(&s, &e));
	char *path = xasprintf("%s/" LAB_STATE_NAME, dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	free(path);
	assert_int_equal(lab_state_load(&back, dir, &e), LAB_FOUND);
	assert_string_equal(back.folder, dir);
	assert_ptr_equal(back.kind, s.kind);
	assert_ptr_equal(back.topology, s.topology);
	assert_ptr_equal(back.workload, s.workload);
	assert_int_equal(back.phase, LAB_UP);
	assert_true(back.performance_schema);
	assert_int_equal(back.until_us, s.until_us);
	assert_int_equal(back.programs.daemon.n, 2);
	assert_string_equal(back.programs.daemon.v[1], "mysqld");
	assert_string_equal(back.root_password, s.root_password);
	assert_string_not_equal(back.root_password, back.shop_password);
	assert_int_equal(back.keeper.pid, 4242);
	assert_int_equal(back.worker.pid, 0);
	assert_int_equal(back.n, 2);
	assert_string_equal(back.servers[1].socket, s.servers[1].socket);
	assert_int_equal(back.servers[1].port, 40001);
	assert_int_equal(back.servers[1].process.start, UINT64_C(1) << 40);
	assert_string_equal(back.servers[0].ended, s.servers[0].ended);
	assert_int_equal(back.servers[0].process.pid, 0);
	lab_state_release(&s);
	lab_state_release(&back);
}

static void test_state_damaged(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"{\"fathom_lab\": 1",
		"[]",
		"{\"fathom_lab\": 1}",
		"{\"theirs\": true}",
		"{\"fathom_lab\": 99, \"server\": \"mysql\", \"topology\": \"single\"}",
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct lab_state s;
		struct err e = {0};
		char *path = xasprintf("%s/" LAB_STATE_NAME, dir);
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		fputs(texts[i], f);
		fclose(f);
		free(path);
		assert_int_equal(lab_state_load(&s, dir, &e), LAB_DAMAGED);
		assert_true(e.why[0] && e.hint[0]);
	}
}

/* --- tables and command line -------------------------------------------------------------- */

static void test_tables(void **state)
{
	(void)state;
	unsigned shown = 0;
	for (const struct lab_verb *v = lab_verbs; v->name; v++)
		shown |= v->help ? 1u << (v - lab_verbs) : 0;
	for (const struct lab_option *o = lab_options; o->name; o++) {
		assert_true(o->verbs != 0 && *o->help);
		for (const struct lab_option *p = lab_options; p < o; p++)
			assert_string_not_equal(p->name, o->name);
	}
	assert_true(shown != 0);
	for (const struct lab_topology *t = lab_topologies; t->name; t++)
		for (size_t i = 0; i < t->n; i++)
			assert_true(t->nodes[i].upstream < (int)i);
}

static int run(const char *const *words)
{
	struct args args = {0};
	args_add(&args, "lab");
	for (; *words; words++)
		args_add(&args, *words);
	int status = lab_main((int)args.n, args.v);
	args_release(&args);
	return status;
}

static void test_command_line(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *words[5];
	} rows[] = {
		{1, {NULL}},
		{0, {"--help"}},
		{1, {"upp"}},
		{0, {"up", "--help"}},
		{0, {"exec", "-?"}},
		{1, {"up", "--no-such"}},
		{1, {"up", "-x"}},
		{1, {"up", "--dir"}},
		{1, {"up", "--dir="}},
		{1, {"up", "more"}},
		{1, {"up", "--format", "json"}},
		{1, {"up", "--server", "oracle"}},
		{1, {"up", "--topology", "ring"}},
		{1, {"up", "--workload", "much"}},
		{1, {"up", "--seconds", "0"}},
		{1, {"up", "--seconds", "1h"}},
		{1, {"up", "--seconds", ""}},
		{1, {"up", "--seconds", "99999999999999999999"}},
		{1, {"status", "--format", "xml"}},
		{2, {"status", "--dir", "/no/such/folder"}},
		{2, {"exec", "--dir", "/no/such/folder", "-e", "select 1"}},
		{0, {"down", "--dir", "/no/such/folder"}},
	};
	/* What they print is for people; it would be noise between the lines of TAP. */
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fflush(stdout);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		int status = run(rows[i].words);
		fflush(stdout);
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		if (status != rows[i].status)
			fail_msg("row %zu: %d", i, status);
	}
	close(out);
	close(err);
	close(null);
}

static void test_find(void **state)
{
	(void)state;
	struct lab_info info;
	struct lab_state s;
	struct err e = {0};
	setenv("FATHOM_LAB_DIR", dir, 1);
	assert_false(lab_find(&info));
	fill_state(&s);
	process_release(&s.servers[1].process);
	start(&s.servers[1].process, "while :; do sleep 0.2; done; : fathom-test");
	assert_true(lab_state_save(&s, &e));
	/* The source is not running, so the replica is the first. */
	assert_true(lab_find(&info));
	assert_int_equal(info.n, 1);
	assert_ptr_equal(lab_target(&info, "lab"), &info.targets[0]);
	assert_null(lab_target(&info, "lab-source"));
	const struct lab_target *t = lab_target(&info, "lab-replica");
	assert_non_null(t);
	assert_string_equal(t->socket, s.servers[1].socket);
	assert_string_equal(t->password, s.root_password);
	assert_int_equal(t->port, 40001);
	lab_info_release(&info);
	process_end_all((struct process *[]){&s.servers[1].process}, 1, 5000);
	assert_false(lab_find(&info));
	lab_state_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_tasks),
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_end_stubborn),
		cmocka_unit_test(test_spawn_fails),
		cmocka_unit_test(test_output),
		cmocka_unit_test_setup_teardown(test_clear_stays_inside, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_lock, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_make, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_state_round, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_state_damaged, make_dir, remove_dir),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_command_line),
		cmocka_unit_test_setup_teardown(test_find, make_dir, remove_dir),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
