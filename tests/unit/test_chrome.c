/*
 * What surrounds every panel where there is little room: which part of a target's name stays, what the header
 * gives up for it, tabs, messages on the last line; and the words that `:` completes.
 */
#include "base/utf8.h"
#include "panels/killing.h"
#include "tests/unit/goldenrig.h"

static void open_named(struct console *c, char *name)
{
	static struct target named;
	static const struct target *const all[] = {&named};
	static struct console_options with;
	open_console(c, false);
	with = *c->options;
	console_close(c);
	named = (struct target){.name = name, .value = {[SETTING_LABEL] = target_label}};
	with.targets = all;
	struct err e = {0};
	assert_true(console_open(c, &with, &e));
	struct snapshot *s = snapshot_new(0);
	s->seq = s->epoch = 1;
	s->mono = LAST * NS_PER_S;
	s->wall = WALL * US_PER_S;
	s->link = LINK_LIVE;
	s->server = (struct server_info){.flavor = FLAVOR_MARIADB, .version_short = "10.11.19"};
	s->role = ROLE_STANDALONE;
	s->read_only_known = true;
	s->uptime = 90000;
	snapshot_set(s, rows_part(PART_PROCESSLIST, LAST, "id=1 kind=user user=a host=h command=Sleep time=9 blocks=0\n"));
	console_take(c, s);
}

static char *line_at(struct console *c, int cols, int rows, int y)
{
	struct buf b = BUF_INIT;
	resize(c, cols, rows, false);
	console_draw(c);
	canvas_line(term_shown(c->term), y < 0 ? rows + y : y, &b);
	buf_addc(&b, '\0');
	return buf_steal(&b);
}

static void has(const char *line, const char *text)
{
	if (!strstr(line, text))
		fail_msg("\"%s\" is not in: %s", text, line);
}

static void hasnt(const char *line, const char *text)
{
	if (strstr(line, text))
		fail_msg("\"%s\" is in: %s", text, line);
}

/* The end of a path, both ends of a host's name; role and version whole or not at all. */
static void names_are_cut_where_they_do_not_differ(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int cols;
		const char *has[5];
		const char *hasnt;
	} rows[] = {
		{"/var/lib/somewhere/far/away/lab-7/source.sock", 80, {"…", "lab-7/source.sock", "standalone rw", "production"}, "/var"},
		{"/var/lib/somewhere/far/away/lab-7/source.sock", 200,
		 {"/var/lib/somewhere/far/away/lab-7/source.sock", "MariaDB 10.11.19", "up 1d"}, "…"},
		{"db-shop-1.eu-west.internal.example.com:3307", 80, {"db-shop-1", "…", ":3307", "standalone rw"}, NULL},
		{"db-shop-1.eu-west.internal.example.com:3307", 40, {"db-", "…", "7"}, NULL},
		{"db3:3306", 80, {"db3:3306", "standalone rw", "10.11.19"}, "…"},
		{"고객-데이터베이스-서울-1.example.com", 80, {"고객", "…", "standalone rw"}, NULL},
	};
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		struct console c;
		char *name = xstrdup(rows[i].name);
		open_named(&c, name);
		char *line = line_at(&c, rows[i].cols, 24, 0);
		for (unsigned k = 0; k < 5 && rows[i].has[k]; k++)
			has(line, rows[i].has[k]);
		if (rows[i].hasnt)
			hasnt(line, rows[i].hasnt);
		hasnt(line, "standal…");
		has(line, "live");
		free(line);
		close_console(&c);
		free(name);
	}
}

/* A second frame, `later` seconds after the sessions of it were read. */
static void take_sessions(struct console *c, double later, const char *rows)
{
	struct snapshot *s = snapshot_new(0);
	s->seq = 2;
	s->epoch = 1;
	s->mono = (int64_t)((LAST + 1 + later) * NS_PER_S);
	s->wall = (WALL + 1) * US_PER_S;
	s->link = LINK_LIVE;
	s->server = (struct server_info){.flavor = FLAVOR_MARIADB, .version_short = "10.11.19"};
	snapshot_set(s, rows_part(PART_PROCESSLIST, LAST + 1, rows));
	console_take(c, s);
}

/* What the budget makes rare is not called live. */
static void old_sessions_are_told_with_their_age(void **state)
{
	(void)state;
	static const struct {
		double later;
		const char *has, *hasnt;
	} rows[] = {{0.5, "● live 1s", "old"}, {5, "● live 1s", "old"}, {9, "◌ 9s old", "live"}};
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		struct console c;
		char name[] = "db3:3306";
		open_named(&c, name);
		console_show(&c, "sessions");
		take_sessions(&c, rows[i].later, "id=1 kind=user user=a host=h command=Sleep time=9 blocks=0\n");
		char *line = line_at(&c, 80, 24, 0);
		has(line, rows[i].has);
		hasnt(line, rows[i].hasnt);
		free(line);
		close_console(&c);
	}
}

/* One line a victim, in columns whatever the script; a statement cannot write further ones. */
static void victims_are_listed_in_columns(void **state)
{
	(void)state;
	struct console c;
	char name[] = "db3:3306";
	open_named(&c, name);
	console_show(&c, "sessions");
	take_sessions(&c, 0.5,
		      "id=21 kind=user user=한국어사용자 host=h command=Query time=9 blocks=0 info='SELECT 1'\n"
		      "id=22 kind=user user=app host=h command=Query time=9 blocks=0 info='SELECT \"a\n       77 forged\"'\n");
	type(&c, "*X");
	int at[2] = {0};
	bool forged = false;
	for (int y = 0; y < 24; y++) {
		char *line = line_at(&c, 80, 24, y);
		for (int i = 0; i < 2; i++) {
			const char *id = strstr(line, i ? "      22 app " : "      21 한국어사용자 ");
			const char *text = id ? strstr(id, "SELECT") : NULL;
			if (text)
				at[i] = utf8_width(line, (size_t)(text - line));
		}
		forged |= strstr(line, "│       77 forged") != NULL;
		free(line);
	}
	assert_true(at[0] > 0);
	assert_int_equal(at[0], at[1]);
	assert_false(forged);
	close_console(&c);
}

static void every_width_draws(void **state)
{
	(void)state;
	struct console c;
	char name[] = "db-shop-1.eu-west.internal.example.com:3307";
	open_named(&c, name);
	for (int cols = 1; cols < 160; cols++)
		free(line_at(&c, cols, 24, 0));
	close_console(&c);
}

/* Titles, then brief ones, then digits; the panel that is shown always has its own. */
static void tabs_say_what_fits(void **state)
{
	(void)state;
	struct console c;
	char name[] = "db3:3306";
	open_named(&c, name);
	static const struct {
		int cols;
		const char *has[3];
	} rows[] = {
		{160, {"1 Overview", "5 Replication", "7 Statements"}},
		{80, {"1 Over ", "5 Replication", "7 Stmt "}},
		{40, {" 1 2 3 4 ", "5 Replication", "0"}},
	};
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		type(&c, "5");
		char *line = line_at(&c, rows[i].cols, 24, 3);
		for (unsigned k = 0; k < 3; k++)
			has(line, rows[i].has[k]);
		hasnt(line, "…");
		free(line);
	}
	close_console(&c);
}

/* --- messages, commands ----------------------------------------------------------------------- */

static void messages_go_with_their_panel(void **state)
{
	(void)state;
	struct console c;
	char name[] = "db3:3306";
	open_named(&c, name);
	console_say(&c, UI_WARNING, "that went wrong");
	char *line = line_at(&c, 80, 24, -1);
	has(line, "that went wrong");
	free(line);
	console_show(&c, "sessions");
	line = line_at(&c, 80, 24, -1);
	hasnt(line, "that went wrong");
	free(line);
	close_console(&c);
}

static void an_interrupt_is_told_the_way_out(void **state)
{
	(void)state;
	struct console c;
	char name[] = "db3:3306";
	open_named(&c, name);
	console_key(&c, (struct key){'c', MOD_CTRL});
	char *line = line_at(&c, 80, 24, -1);
	has(line, "q leaves fathom");
	assert_false(c.quit);
	free(line);
	close_console(&c);
}

static void messages_fit(void **state)
{
	(void)state;
	static const struct {
		const char *command, *says;
	} rows[] = {
		{"theme foo", "dark, light"},
		{"theme drak", "did you mean \"dark\"?"},
		{"filter nosuchcolumn>10", "no column \"nosuchcolumn\""},
		{"filter time>abcdefgh", "is no number"},
		{"filter time>", "missing"},
		{"filter user~/[/", "missing"},
		{"filter \"a", "quote"},
		{"interval nan", "0.1 to 60 seconds"},
		{"interval 2", "every 2 s"},
	};
	struct console c;
	char name[] = "db3:3306";
	open_named(&c, name);
	console_show(&c, "sessions");
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		console_run_command(&c, rows[i].command);
		char *line = line_at(&c, 80, 24, -1);
		has(line, rows[i].says);
		hasnt(line, "…");
		free(line);
	}
	close_console(&c);
}

static unsigned killed_at;

static void note_target(struct job *job)
{
	killed_at = job->target;
	err_set(&job->err, ERR_CANCELLED, "kill", "it is a test", NULL);
}

/* The session that the question was about is one of that server's, whatever is on the screen since. */
static void a_kill_goes_to_the_server_that_was_asked_about(void **state)
{
	static const struct console_stand_in stand = {.run = note_target};
	static struct console_options with;
	static struct target second;
	static const double seconds[] = {1, 1};
	struct console c;
	char name[] = "db3:3306", other[] = "db4:3306";
	struct err e = {0};
	(void)state;
	open_named(&c, name);
	with = *c.options;
	second = (struct target){.name = other};
	const struct target *both[] = {with.targets[0], &second};
	console_close(&c);
	with.targets = both;
	with.intervals = seconds;
	with.n_targets = 2;
	with.stand_in = &stand;
	assert_true(console_open(&c, &with, &e));
	for (unsigned i = 0; i < 2; i++) {
		struct snapshot *s = snapshot_new(i);
		s->seq = s->epoch = 1;
		s->mono = LAST * NS_PER_S;
		s->wall = WALL * US_PER_S;
		s->link = LINK_LIVE;
		snapshot_set(s, rows_part(PART_PROCESSLIST, LAST,
					  "id=1 kind=user user=a host=h command=Query time=9 blocks=0 info='SELECT 1'\n"));
		console_take(&c, s);
	}
	killing_ask(&c, 1, false);
	assert_non_null(c.dialog);
	console_switch(&c, 1);
	killed_at = 9;
	console_key(&c, (struct key){.code = 'y'});
	assert_int_equal(killed_at, 0);
	close_console(&c);
}

static void arguments_are_completed(void **state)
{
	(void)state;
	static const struct {
		const char *typed, *becomes;
	} rows[] = {
		{":kill-shown c", "kill-shown connection"},
		{":page tr", "page transaction"},
		{":panel rep", "panel replication"},
		{":theme hi", "theme high-contrast"},
	};
	struct console c;
	char name[] = "db3:3306";
	open_named(&c, name);
	console_show(&c, "sessions");
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		for (const char *s = rows[i].typed; *s; s++)
			console_key(&c, (struct key){.code = (uint32_t)*s});
		console_key(&c, (struct key){.code = K_TAB});
		char *line = line_at(&c, 80, 24, -1);
		has(line, rows[i].becomes);
		free(line);
		console_key(&c, (struct key){.code = K_ESC});
	}
	close_console(&c);
}

static void the_name_of_a_panel_is_a_command(void **state)
{
	(void)state;
	struct console c;
	char name[] = "db3:3306";
	open_named(&c, name);
	assert_true(console_run_command(&c, "locks "));
	assert_string_equal(console_view(&c)->ops->name, "locks");
	assert_false(console_run_command(&c, "locks now"));
	assert_true(console_run_command(&c, "panel statements"));
	assert_string_equal(console_view(&c)->ops->name, "statements");
	close_console(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cut_where_they_do_not_differ),
		cmocka_unit_test(old_sessions_are_told_with_their_age),
		cmocka_unit_test(victims_are_listed_in_columns),
		cmocka_unit_test(every_width_draws),
		cmocka_unit_test(tabs_say_what_fits),
		cmocka_unit_test(messages_go_with_their_panel),
		cmocka_unit_test(an_interrupt_is_told_the_way_out),
		cmocka_unit_test(messages_fit),
		cmocka_unit_test(a_kill_goes_to_the_server_that_was_asked_about),
		cmocka_unit_test(arguments_are_completed),
		cmocka_unit_test(the_name_of_a_panel_is_a_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
