#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/cmocka_all.h"
#include "ui/theme.h"
#include "ui/theme_source.h"

static void load(struct theme *t, const char *name)
{
	struct err e = {0};
	if (!theme_load(t, name, NULL, &e))
		fail_msg("%s: %s; %s", e.what, e.why, e.hint);
}

static void every_builtin_theme_loads(void **state)
{
	(void)state;
	size_t n = 0;
	for (const char *const *name = theme_names(); *name; name++, n++) {
		struct theme t;
		load(&t, *name);
		assert_string_equal(t.name, *name);
		for (int colours = 8; colours <= 256; colours = colours == 8 ? 16 : colours * 16) {
			for (int role = 0; role < UI_ROLES; role++) {
				int fg, bg;
				struct style s =
					theme_style(&t, (enum ui_role)role, UI_TABLE_CURSOR);
				assert_int_not_equal(s.fg, COLOUR_NONE);
				assert_int_not_equal(s.bg, COLOUR_NONE);
				style_colours(&s, colours, &fg, &bg);
				assert_in_range(fg + 1, 0, colours);
				assert_in_range(bg + 1, 0, colours);
				if (fg >= 0 && fg == bg)
					fail_msg("%s: %s is invisible with %d colours", *name,
						 ui_role_table[role].name, colours);
			}
		}
	}
	assert_int_equal(n, 5);
	assert_string_equal(theme_names()[0], "dark");
}

/* It is the documentation of the roles as well. */
static void dark_names_all_roles(void **state)
{
	(void)state;
	const char *text = theme_sources[0].text;
	for (int role = 0; role < UI_ROLES; role++) {
		char line[64];
		snprintf(line, sizeof line, "\n%s =", ui_role_table[role].name);
		if (!strstr(text, line))
			fail_msg("%s is not in dark.theme", ui_role_table[role].name);
	}
}

/* Roles that mean something must differ from text even without colours. */
static void mono_has_no_colours_but_meaning(void **state)
{
	(void)state;
	struct theme t;
	load(&t, "mono");
	for (int role = 0; role < UI_ROLES; role++) {
		struct style s = theme_style(&t, (enum ui_role)role, UI_TEXT);
		assert_int_equal(s.fg, COLOUR_DEFAULT);
		assert_int_equal(s.bg, COLOUR_DEFAULT);
	}
	static const enum ui_role loud[] = {UI_WARNING,  UI_CRITICAL, UI_TABLE_CURSOR,
					    UI_BLOCKING, UI_WAITING,  UI_TAB_CURRENT,
					    UI_VERDICT_CRITICAL};
	for (size_t i = 0; i < COUNT_OF(loud); i++)
		assert_int_not_equal(theme_style(&t, loud[i], UI_TEXT).attrs, 0);
	/* a warning on the cursor's row is still the cursor's row */
	assert_int_equal(theme_style(&t, UI_WARNING, UI_TABLE_CURSOR).attrs,
			 ATTR_BOLD | ATTR_REVERSE);
}

static void surfaces_shine_through(void **state)
{
	(void)state;
	struct theme t;
	load(&t, "dark");
	struct style s = theme_style(&t, UI_WARNING, UI_TABLE_CURSOR);
	assert_int_equal(s.fg, COLOUR_RGB | 0xf0b429);
	assert_int_equal(s.bg, COLOUR_RGB | 0x243b53);
	s = theme_style(&t, UI_TEXT, UI_TABLE_CURSOR);
	assert_int_equal(s.fg, COLOUR_RGB | 0xffffff);
	s = theme_style(&t, UI_SQL_IDENTIFIER, UI_TABLE_CURSOR); /* falls back to text */
	assert_int_equal(s.fg, COLOUR_RGB | 0xffffff);
	s = theme_style(&t, UI_TEXT, UI_TEXT);
	assert_int_equal(s.fg, COLOUR_DEFAULT);
	assert_int_equal(s.bg, COLOUR_DEFAULT);
	s = theme_style(&t, UI_TAB_CURRENT, UI_TABLE_CURSOR); /* has a background of its own */
	assert_int_equal(s.bg, COLOUR_RGB | 0x62d9ec);
}

/* 0 … 1 as WCAG has it; the 16 colours that terminals choose themselves are left out. */
static double luminance(colour c)
{
	static const double weights[] = {0.2126, 0.7152, 0.0722};
	static const int steps[] = {0, 95, 135, 175, 215, 255};
	double sum = 0;
	int parts[3];
	if (c & COLOUR_RGB)
		for (int i = 0; i < 3; i++)
			parts[i] = c >> (16 - 8 * i) & 0xff;
	else if (c >= 232)
		parts[0] = parts[1] = parts[2] = 8 + 10 * (c - 232);
	else
		for (int i = 0, at = c - 16; i < 3; i++)
			parts[i] = steps[at / (i == 0 ? 36 : i == 1 ? 6 : 1) % 6];
	for (int i = 0; i < 3; i++) {
		double v = parts[i] / 255.0;
		sum += weights[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
	}
	return sum;
}

/* How it goes and what fathom costs stand on the header's own ground. */
static void the_header_can_be_read(void **state)
{
	(void)state;
	static const enum ui_role roles[] = {UI_HEADER, UI_HEADER_KEY, UI_HEADER_VALUE, UI_GOOD, UI_NOTICE, UI_WARNING,
					     UI_CRITICAL};
	for (const char *const *name = theme_names(); *name; name++) {
		struct theme t;
		load(&t, *name);
		for (size_t i = 0; i < COUNT_OF(roles); i++) {
			struct style s = theme_style(&t, roles[i], UI_HEADER);
			if (s.fg < 16 || s.bg < 16)
				continue;
			double a = luminance(s.fg), b = luminance(s.bg);
			double ratio = (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
			if (ratio < 3)
				fail_msg("%s: role %zu on the header has a contrast of %.1f only", *name, i, ratio);
		}
	}
}

static void lines_parse(void **state)
{
	(void)state;
	struct theme t;
	struct err e = {0};
	assert_true(theme_parse(&t, "x", "x.theme",
				"# a comment\n"
				"base = light\n"
				"warning = red on 17, bold underline ; and why\n"
				"critical = default on #00ff7F\n"
				"dim = on bright-blue\n"
				"good =\n",
				NULL, &e));
	assert_int_equal(t.styles[UI_WARNING].fg, 1);
	assert_int_equal(t.styles[UI_WARNING].bg, 17);
	assert_int_equal(t.styles[UI_WARNING].attrs, ATTR_BOLD | ATTR_UNDERLINE);
	assert_int_equal(t.styles[UI_CRITICAL].fg, COLOUR_DEFAULT);
	assert_int_equal(t.styles[UI_CRITICAL].bg, COLOUR_RGB | 0x00ff7f);
	assert_int_equal(t.styles[UI_DIM].fg, COLOUR_NONE);
	assert_int_equal(t.styles[UI_DIM].bg, 12);
	assert_int_equal(t.styles[UI_GOOD].fg, COLOUR_NONE);
	/* from the base */
	assert_int_equal(t.styles[UI_HEADER].bg, COLOUR_RGB | 0xd9e8f5);
	/* named nowhere: as the surface */
	assert_int_equal(t.styles[UI_RUNNING].fg, COLOUR_NONE);
}

static void check_error(const char *text, const char *what, const char *why, const char *hint)
{
	struct theme t;
	struct err e = {0};
	assert_false(theme_parse(&t, "x", "x.theme", text, NULL, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_string_equal(e.what, what);
	assert_string_equal(e.why, why);
	assert_string_equal(e.hint, hint);
}

static void errors_name_line_and_nearest_word(void **state)
{
	(void)state;
	check_error("text = red\nwarnign = red\n", "x.theme:2", "\"warnign\" is no role",
		    "did you mean \"warning\"?");
	check_error("\n\nwarning = yelow\n", "x.theme:3", "\"yelow\" is no colour and no attribute",
		    "did you mean \"yellow\"?");
	check_error("warning = 256\n", "x.theme:1", "\"256\" is no colour and no attribute",
		    "write a name, 0 to 255 or #rrggbb");
	check_error("warning = #12345\n", "x.theme:1", "\"#12345\" is no colour and no attribute",
		    "write a name, 0 to 255 or #rrggbb");
	check_error("warning = red blue\n", "x.theme:1", "one colour too many",
		    "write FOREGROUND on BACKGROUND");
	check_error("warning = red on\n", "x.theme:1", "no colour after \"on\"",
		    "write FOREGROUND on BACKGROUND");
	check_error("nonsense\n", "x.theme:1", "this is not `role = colours`", "");
	check_error("[keys]\nx = y\n", "x.theme:2", "[keys] does not belong into a theme",
		    "leave sections out");
	check_error("text = red\nbase = dark\n", "x.theme:2", "base comes after a role",
		    "put it first");
	check_error("base = drak\n", "x.theme:1", "base drak: there is no theme \"drak\"",
		    "did you mean \"dark\"?");
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void files_of_the_user_come_first(void **state)
{
	(void)state;
	char dir[] = "/tmp/fathom-themes-XXXXXX";
	assert_non_null(mkdtemp(dir));
	write_file(dir, "dark.theme", "base = dark\ngood = 201\n");
	write_file(dir, "mine.theme", "base = dark\nwarning = 202\n");
	write_file(dir, "a.theme", "base = b\n");
	write_file(dir, "b.theme", "base = a\n");
	struct theme t;
	struct err e = {0};
	assert_true(theme_load(&t, "mine", dir, &e));
	assert_int_equal(t.styles[UI_GOOD].fg, 201);
	assert_int_equal(t.styles[UI_WARNING].fg, 202);
	assert_int_equal(t.styles[UI_HEADER].bg, 17);
	assert_false(theme_load(&t, "a", dir, &e));
	assert_non_null(strstr(e.why, "themes base on each other"));
	assert_non_null(strstr(e.what, "/a.theme:1"));
	assert_false(theme_load(&t, "../secret", dir, &e));
	assert_false(theme_load(&t, "nosuch", dir, &e));
	char command[64];
	static const char *const files[] = {"dark", "mine", "a", "b"};
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		snprintf(command, sizeof command, "%s/%s.theme", dir, files[i]);
		unlink(command);
	}
	rmdir(dir);
}

static void no_color_is_honoured(void **state)
{
	(void)state;
	char dir[64];
	setenv("NO_COLOR", "1", 1);
	assert_string_equal(theme_choose("light"), "mono");
	setenv("NO_COLOR", "", 1);
	assert_string_equal(theme_choose("light"), "light");
	unsetenv("NO_COLOR");
	assert_string_equal(theme_choose(NULL), "dark");
	setenv("XDG_CONFIG_HOME", "/x", 1);
	assert_string_equal(theme_user_dir(dir, sizeof dir), "/x/fathom/themes");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	setenv("HOME", "/home/me", 1);
	assert_string_equal(theme_user_dir(dir, sizeof dir), "/home/me/.config/fathom/themes");
}

static void colours_map_to_fewer(void **state)
{
	(void)state;
	assert_int_equal(colour_map(COLOUR_RGB | 0xff0000, 256), 196);
	assert_int_equal(colour_map(COLOUR_RGB | 0x808080, 256), 244);
	assert_int_equal(colour_map(COLOUR_RGB | 0x102a43, 16), 4);
	assert_int_equal(colour_map(COLOUR_RGB | 0xff6b6b, 16), 9);
	assert_int_equal(colour_map(COLOUR_RGB | 0xff6b6b, 8), 1);
	assert_int_equal(colour_map(COLOUR_RGB | 0xf0b429, 8), 3);
	assert_int_equal(colour_map(COLOUR_RGB | 0x6fd38c, 8), 2);
	assert_int_equal(colour_map(COLOUR_RGB | 0x62d9ec, 8), 6);
	assert_int_equal(colour_map(COLOUR_RGB | 0x788796, 8), 7);
	assert_int_equal(colour_map(201, 8), 5);
	assert_int_equal(colour_map(12, 8), 4);
	assert_int_equal(colour_map(COLOUR_DEFAULT, 256), -1);
	assert_int_equal(colour_map(200, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_builtin_theme_loads),
		cmocka_unit_test(dark_names_all_roles),
		cmocka_unit_test(mono_has_no_colours_but_meaning),
		cmocka_unit_test(surfaces_shine_through),
		cmocka_unit_test(the_header_can_be_read),
		cmocka_unit_test(lines_parse),
		cmocka_unit_test(errors_name_line_and_nearest_word),
		cmocka_unit_test(files_of_the_user_come_first),
		cmocka_unit_test(no_color_is_honoured),
		cmocka_unit_test(colours_map_to_fewer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
