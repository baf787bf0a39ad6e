#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/unit/ui_test.h"
#include "ui/help.h"
#include "ui/keymap.h"

/* What ran last, and with what. */
static struct {
	const char *name, *ctx;
	char args[64];
} ran;

static void note(void *ctx, const struct action_call *call)
{
	ran.name = call->action->name;
	ran.ctx = ctx;
	snprintf(ran.args, sizeof ran.args, "%s", call->args);
}

static const struct action globals[] = {
	{"help", "? F1", "what is this", "Explains what is under the cursor.", NULL, 0, 9, note},
	{"command", ":", "command", "Types a command.", NULL, 0, 8, note},
	{"quit", "q", "quit", "Leaves the console.", NULL, 0, 7, note},
	{"pause", "p", "pause", "Stops refreshing.", NULL, 0, 20, note},
	{"interval", "", "interval", "Sets the interval.", "SECONDS", 0, 0, note},
};
static const struct action tables[] = {
	{"down", "j Down", "down", "Goes down a row.", NULL, ACTION_UNLISTED, 1, note},
	{"filter", "/", "filter", "Filters rows.", "[TEXT]", 0, 5, note},
	{"sort", "s", "sort", "Chooses the sort column.", "[COLUMN]", 0, 6, note},
};
static const struct action sessions[] = {
	{"detail", "Enter", "detail", "Shows the session.", NULL, ACTION_NEEDS_ROW, 1, note},
	{"kill-query", "x", "kill statement", "Ends the statement.", NULL,
	 ACTION_NEEDS_ROW | ACTION_LIVE_ONLY | ACTION_DESTRUCTIVE, 2, note},
	{"kill-connection", "X", "kill connection", "Ends the connection.", NULL,
	 ACTION_NEEDS_ROW | ACTION_LIVE_ONLY | ACTION_DESTRUCTIVE, 3, note},
	{"pause-here", "p", "special", "Does something else.", NULL, 0, 4, note},
};
static const struct action locks[] = {
	{"unfold", "Enter", "unfold", "Unfolds the tree.", NULL, 0, 1, note},
};
static const struct action_set sets[] = {
	{"global", "Everywhere", globals, COUNT_OF(globals)},
	{"table", "Tables", tables, COUNT_OF(tables)},
	{"sessions", "Sessions", sessions, COUNT_OF(sessions)},
	{"locks", "Locks", locks, COUNT_OF(locks)},
};
static char g[] = "G", t[] = "T", s[] = "S";
static const struct scope scopes[] = {{"sessions", s}, {"table", t}, {"global", g}};
static const struct action_state fine = {.has_row = true, .live = true};

static struct keymap *new_map(void)
{
	struct keymap *m = keymap_new();
	for (size_t i = 0; i < COUNT_OF(sets); i++)
		keymap_add(m, &sets[i]);
	return m;
}

static struct key key(const char *name)
{
	struct key k;
	assert_true(key_parse(name, &k));
	return k;
}

static void check_run(struct keymap *m, const char *name, const struct action_state *state,
		      enum keymap_result result, const char *want)
{
	struct buf why = BUF_INIT;
	ran.name = NULL;
	assert_int_equal(keymap_run(m, scopes, 3, key(name), state, &why), result);
	if (result == KEYMAP_RAN)
		assert_string_equal(ran.name, want);
	else
		assert_null(ran.name);
	if (result == KEYMAP_REFUSED)
		assert_string_equal(buf_str(&why), want);
	buf_release(&why);
}

static void keys_are_found_from_the_inside_out(void **state)
{
	(void)state;
	struct keymap *m = new_map();
	struct err e = {0};
	assert_true(keymap_check(m, &e));
	check_run(m, "x", &fine, KEYMAP_RAN, "kill-query");
	assert_ptr_equal(ran.ctx, s);
	check_run(m, "F1", &fine, KEYMAP_RAN, "help");
	assert_ptr_equal(ran.ctx, g);
	check_run(m, "p", &fine, KEYMAP_RAN, "pause-here"); /* hides the global one */
	check_run(m, "Down", &fine, KEYMAP_RAN, "down");
	check_run(m, "z", &fine, KEYMAP_NONE, NULL);
	keymap_free(m);
}

static void flags_are_checked_first(void **state)
{
	(void)state;
	struct keymap *m = new_map();
	struct action_state st = fine;
	st.has_row = false;
	check_run(m, "x", &st, KEYMAP_REFUSED, "kill statement: there is no row under the cursor");
	st = (struct action_state){.has_row = true};
	check_run(m, "x", &st, KEYMAP_REFUSED, "kill statement: not now, not connected");
	st.not_live = "this is a recording";
	check_run(m, "x", &st, KEYMAP_REFUSED, "kill statement: not now, this is a recording");
	st = fine;
	st.read_only = true;
	check_run(m, "X", &st, KEYMAP_REFUSED, "kill connection: switched off by --read-only");
	st.read_only_by = "the configuration of db3";
	check_run(m, "X", &st, KEYMAP_REFUSED,
		  "kill connection: switched off by the configuration of db3");
	check_run(m, "Enter", &st, KEYMAP_RAN, "detail");
	keymap_free(m);
}

static void pasted_keys_do_nothing(void **state)
{
	(void)state;
	struct keymap *m = new_map();
	struct buf why = BUF_INIT;
	struct key k = {'X', MOD_PASTE};
	assert_int_equal(keymap_run(m, scopes, 3, k, &fine, &why), KEYMAP_NONE);
	keymap_free(m);
}

static void check_command(struct keymap *m, const char *line, enum keymap_result result,
			  const char *want)
{
	struct buf why = BUF_INIT;
	assert_int_equal(keymap_command(m, scopes, 3, line, &fine, &why), result);
	assert_string_equal(result == KEYMAP_RAN ? ran.name : buf_str(&why), want);
	buf_release(&why);
}

static void commands(void **state)
{
	(void)state;
	struct keymap *m = new_map();
	check_command(m, "interval 0.5", KEYMAP_RAN, "interval");
	assert_string_equal(ran.args, "0.5");
	check_command(m, "  :sort  -time ", KEYMAP_RAN, "sort");
	assert_string_equal(ran.args, "-time"); /* completion leaves a blank */
	check_command(m, "q", KEYMAP_RAN, "quit");
	check_command(m, "pause", KEYMAP_RAN, "pause"); /* exact wins over the longer one */
	check_command(m, "kill", KEYMAP_REFUSED, "kill could be kill-query, kill-connection");
	check_command(m, "kill_conection", KEYMAP_REFUSED,
		      "there is no command kill_conection; did you mean \"kill-connection\"?");
	check_command(m, "zzzzz", KEYMAP_REFUSED, "there is no command zzzzz; Tab shows all");
	check_command(m, "unfold", KEYMAP_REFUSED, "unfold: that is for Locks");
	check_command(m, "quit now", KEYMAP_REFUSED, "quit takes nothing behind it");
	check_command(m, "  ", KEYMAP_NONE, "");
	keymap_free(m);
}

static void rebinding(void **state)
{
	(void)state;
	struct keymap *m = new_map();
	struct err e = {0};
	char label[KEY_NAME_SIZE];
	assert_true(keymap_bind(m, "kill-connection", "K, F9", "config:3", &e));
	assert_true(keymap_check(m, &e));
	check_run(m, "X", &fine, KEYMAP_NONE, NULL);
	check_run(m, "K", &fine, KEYMAP_RAN, "kill-connection");
	check_run(m, "F9", &fine, KEYMAP_RAN, "kill-connection");
	assert_string_equal(keymap_label(m, "kill-connection", false, label), "K");
	assert_string_equal(keymap_label(m, "detail", false, label), "↵");
	assert_string_equal(keymap_label(m, "detail", true, label), "Enter");
	assert_true(keymap_bind(m, "pause-here", "", "config:4", &e));
	check_run(m, "p", &fine, KEYMAP_RAN, "pause");
	assert_string_equal(keymap_label(m, "pause-here", false, label), "");
	assert_true(keymap_bind(m, "filter", ",", "config:5", &e));
	check_run(m, ",", &fine, KEYMAP_RAN, "filter");
	/* the order of lines does not matter: the key was given away above, it is free below */
	assert_true(keymap_bind(m, "pause-here", "Enter", "config:6", &e));
	assert_false(keymap_check(m, &e));
	assert_string_equal(e.what, "config:6");
	assert_string_equal(e.why, "Enter is the key of both detail and pause-here");
	assert_true(keymap_bind(m, "detail", "d", "config:7", &e));
	assert_true(keymap_check(m, &e));
	keymap_free(m);
}

/* What ends sessions has keys of its own; none that the fingers press to move or to get out. */
static void no_key_that_moves_acts_on_a_server(void **state)
{
	static const struct {
		const char *quit, *kill, *what, *why; /* why NULL: fine */
	} cases[] = {
		{"q", "F9", NULL, NULL},
		{"q", "K C-x", NULL, NULL},
		{"q", "q", "config:2", "q moves or leaves in htop, less or vim; kill-query acts on the server"},
		{"Q", "q", "config:2", "q moves or leaves in htop, less or vim; kill-query acts on the server"},
		{"q", "F9 PgDn", "config:2", "PgDn moves or leaves in htop, less or vim; kill-query acts on the server"},
		{"q", "s", "config:2", "s is the key of sort, too; kill-query acts on the server"},
		{"q x", "x", "config:2", "x is the key of quit, too; kill-query acts on the server"},
		{"X", "x", "config:1", "X is the key of quit, too; kill-connection acts on the server"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct keymap *m = new_map();
		struct err e = {0};
		assert_true(keymap_bind(m, "quit", cases[i].quit, "config:1", &e));
		assert_true(keymap_bind(m, "kill-query", cases[i].kill, "config:2", &e));
		assert_int_equal(keymap_check(m, &e), !cases[i].why);
		if (cases[i].why) {
			assert_string_equal(e.what, cases[i].what);
			assert_string_equal(e.why, cases[i].why);
		}
		keymap_free(m);
	}
}

static void binding_errors(void **state)
{
	(void)state;
	struct keymap *m = new_map();
	struct err e = {0};
	assert_false(keymap_bind(m, "kil-query", "K", "config:3", &e));
	assert_string_equal(e.what, "config:3");
	assert_string_equal(e.why, "there is no action \"kil-query\"");
	assert_string_equal(e.hint, "did you mean \"kill-query\"?");
	assert_false(keymap_bind(m, "kill-query", "K, Entr", "config:4", &e));
	assert_string_equal(e.why, "\"Entr\" is no key");
	assert_string_equal(e.hint, "did you mean \"Enter\"?");
	check_run(m, "x", &fine, KEYMAP_RAN, "kill-query"); /* as it was */
	keymap_free(m);
}

static void check_footer(struct keymap *m, const struct action_state *st, int cols, bool ascii,
			 const char *want)
{
	struct canvas c = new_canvas(cols, 1);
	c.ascii = ascii;
	keymap_footer(m, scopes, 3, st, &c, (struct rect){0, 0, cols, 1});
	expect(&c, want);
	canvas_release(&c);
}

static void footer_shows_what_works_now(void **state)
{
	(void)state;
	struct keymap *m = new_map();
	struct err e;
	check_footer(m, &fine, 120, false,
		     " ↵ detail  x kill statement  X kill connection  p special  / filter  s sort"
		     "  ? what is this  : command  q quit\n");
	check_footer(m, &fine, 40, false, " ↵ detail  x kill statement\n");
	check_footer(m, &fine, 50, true, " Enter detail  x kill statement\n");
	struct action_state st = fine;
	st.read_only = true;
	check_footer(m, &st, 60, false,
		     " ↵ detail  p special  / filter  s sort  : command  q quit\n");
	keymap_bind(m, "kill-query", "F2", "x", &e);
	check_footer(m, &fine, 40, false, " ↵ detail  F2 kill statement\n");
	check_footer(m, &fine, 3, false, "\n");
	keymap_free(m);
}

static void help_names_the_keys_of_now(void **state)
{
	(void)state;
	struct keymap *m = new_map();
	struct err e;
	struct doc d = {0};
	struct buf b = BUF_INIT;
	keymap_bind(m, "kill-query", "F2 K", "x", &e);
	help_keys(&d, m, scopes, 2, false);
	doc_text(&d, &b);
	static const char want[] = "Sessions\n"
				   "  ↵             Shows the session.  :detail\n"
				   "  F2 K          Ends the statement.  :kill-query\n"
				   "  X             Ends the connection.  :kill-connection\n"
				   "  p             Does something else.  :pause-here\n"
				   "\n"
				   "Tables\n"
				   "  j ↓           Goes down a row.  :down\n"
				   "  /             Filters rows.  :filter [TEXT]\n"
				   "  s             Chooses the sort column.  :sort [COLUMN]\n"
				   "\n"
				   "Everywhere\n"
				   "  ? F1          Explains what is under the cursor.  :help\n";
	assert_memory_equal(buf_str(&b), want, sizeof want - 1);
	assert_non_null(strstr(buf_str(&b), "\nLocks\n"));
	doc_release(&d);
	buf_release(&b);
	keymap_free(m);
}

static void help_explains_fields(void **state)
{
	(void)state;
	static const struct field f = {"time", FIELD_REAL, UNIT_SECONDS, FIELD_GAUGE, "Time",
				       "How long it runs.", "processlist.TIME", "Under 1 s."};
	struct doc d = {0};
	struct buf b = BUF_INIT;
	help_field(&d, NULL, &f, false, "no such column");
	doc_text(&d, &b);
	assert_string_equal(buf_str(&b), "Time  seconds\n"
					 "How long it runs.\n"
					 "Normal    Under 1 s.\n"
					 "Source    processlist.TIME\n"
					 "Missing   no such column\n");
	doc_release(&d);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_found_from_the_inside_out),
		cmocka_unit_test(flags_are_checked_first),
		cmocka_unit_test(pasted_keys_do_nothing),
		cmocka_unit_test(commands),
		cmocka_unit_test(rebinding),
		cmocka_unit_test(no_key_that_moves_acts_on_a_server),
		cmocka_unit_test(binding_errors),
		cmocka_unit_test(footer_shows_what_works_now),
		cmocka_unit_test(help_names_the_keys_of_now),
		cmocka_unit_test(help_explains_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
