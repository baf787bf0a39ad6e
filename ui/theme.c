#include "ui/theme.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "ui/theme_source.h"

static const char *const colour_names[16] = {
	"black",        "red",        "green",        "yellow",
	"blue",         "magenta",    "cyan",         "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue",  "bright-magenta", "bright-cyan", "bright-white",
};

static const struct {
	const char *name;
	unsigned attr;
} attr_names[] = {
	{"bold", ATTR_BOLD},
	{"dim", ATTR_DIM},
	{"underline", ATTR_UNDERLINE},
	{"reverse", ATTR_REVERSE},
};

static const struct style unset = {COLOUR_NONE, COLOUR_NONE, 0};

/* What a theme file is read into. */
struct reading {
	struct theme *theme;
	const char *name, *dir;
	struct err *err;
	bool set[UI_ROLES], failed;
	bool any;       /* a role was set: too late for a base */
	unsigned depth; /* of bases */
	char why[160], hint[512];
};

static bool complain(struct reading *r, const char *why, const char *hint)
{
	if (!r->why[0]) {
		snprintf(r->why, sizeof r->why, "%s", why);
		snprintf(r->hint, sizeof r->hint, "%s", hint);
	}
	return false;
}

static bool parse_colour(const char *word, colour *c)
{
	if (!strcasecmp(word, "default")) {
		*c = COLOUR_DEFAULT;
		return true;
	}
	for (int i = 0; i < 16; i++) {
		if (!strcasecmp(word, colour_names[i])) {
			*c = i;
			return true;
		}
	}
	char *end;
	if (word[0] == '#' && strspn(word + 1, "0123456789abcdefABCDEF") == 6 && !word[7]) {
		*c = COLOUR_RGB | (colour)strtol(word + 1, NULL, 16);
		return true;
	}
	long n = strtol(word, &end, 10);
	*c = (colour)n;
	return end > word && !*end && word[0] >= '0' && word[0] <= '9' && n <= 255;
}

static bool unknown_word(struct reading *r, const char *word)
{
	char why[128], hint[96];
	struct nearest near = NEAREST(word);
	for (size_t i = 0; i < COUNT_OF(colour_names); i++)
		nearest_offer(&near, colour_names[i]);
	for (size_t i = 0; i < COUNT_OF(attr_names); i++)
		nearest_offer(&near, attr_names[i].name);
	nearest_offer(&near, "default");
	snprintf(why, sizeof why, "\"%s\" is no colour and no attribute", word);
	nearest_hint(&near, "write a name, 0 to 255 or #rrggbb", hint, sizeof hint);
	return complain(r, why, hint);
}

static bool parse_style(struct reading *r, const char *text, struct style *out)
{
	struct style s = unset;
	bool on = false;
	for (;;) {
		char word[32];
		text += strspn(text, " \t,");
		size_t n = strcspn(text, " \t,");
		if (!n)
			break;
		snprintf(word, sizeof word, "%.*s", (int)n, text);
		text += n;
		size_t a = 0;
		while (a < COUNT_OF(attr_names) && strcasecmp(word, attr_names[a].name))
			a++;
		colour c;
		if (!strcasecmp(word, "on") && !on && s.bg == COLOUR_NONE)
			on = true;
		else if (a < COUNT_OF(attr_names) && !on)
			s.attrs |= attr_names[a].attr;
		else if (!parse_colour(word, &c))
			return unknown_word(r, word);
		else if (on)
			s.bg = c, on = false;
		else if (s.fg == COLOUR_NONE && s.bg == COLOUR_NONE)
			s.fg = c;
		else
			return complain(r, "one colour too many", "write FOREGROUND on BACKGROUND");
	}
	*out = s;
	return on ? complain(r, "no colour after \"on\"", "write FOREGROUND on BACKGROUND") : true;
}

static bool read_theme(struct reading *r, const char *name);

static bool take_base(struct reading *r, const char *name)
{
	enum { DEEPEST = 4 };
	if (r->any || r->depth >= DEEPEST)
		return complain(r, r->any ? "base comes after a role" : "themes base on each other",
				r->any ? "put it first" : "break the circle");
	struct err err = {0};
	struct reading base = {.theme = r->theme, .err = &err, .depth = r->depth + 1};
	/* A user's "dark" may well be based on the built-in one. */
	base.dir = r->name && !strcmp(name, r->name) ? NULL : r->dir;
	if (read_theme(&base, name)) {
		memcpy(r->set, base.set, sizeof r->set);
		return true;
	}
	char why[160];
	snprintf(why, sizeof why, "base %.20s: %.120s", name, err.why);
	return complain(r, why, err.hint);
}

static int take_line(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	char why[128], hint[96];
	if (section[0] && strcmp(section, "theme")) {
		snprintf(why, sizeof why, "[%s] does not belong into a theme", section);
		return complain(r, why, "leave sections out");
	}
	if (!strcmp(name, "base"))
		return take_base(r, value);
	struct nearest near = NEAREST(name);
	for (int i = 0; i < UI_ROLES; i++) {
		if (!strcmp(name, ui_role_table[i].name)) {
			r->any = r->set[i] = true;
			return parse_style(r, value, &r->theme->styles[i]);
		}
		nearest_offer(&near, ui_role_table[i].name);
	}
	snprintf(why, sizeof why, "\"%s\" is no role", name);
	nearest_hint(&near, FATHOM_THEMES_DIR "/dark.theme names them all", hint, sizeof hint);
	return complain(r, why, hint);
}

static bool read_text(struct reading *r, const char *origin, const char *text)
{
	int line = ini_parse_string(text, take_line, r);
	if (line == 0)
		return true;
	char what[192];
	snprintf(what, sizeof what, "%s:%d", origin, line);
	return err_set(r->err, ERR_USAGE, what, r->why[0] ? r->why : "this is not `role = colours`",
		       r->hint);
}

static bool read_file(const char *path, struct buf *out)
{
	enum { LARGEST = 256 * 1024 };
	FILE *f = fopen(path, "re");
	if (!f)
		return false;
	char piece[4096];
	size_t n;
	while ((n = fread(piece, 1, sizeof piece, f)) > 0 && out->len < LARGEST)
		buf_add(out, piece, n);
	fclose(f);
	return true;
}

static bool no_such_theme(struct reading *r, const char *name)
{
	static const char builtin[] =
		"dark, light, high-contrast, colour-blind-safe, mono";
	char why[96], hint[96];
	struct nearest near = NEAREST(name);
	for (const struct theme_source *s = theme_sources; s->name; s++)
		nearest_offer(&near, s->name);
	snprintf(why, sizeof why, "there is no theme \"%.32s\"", name);
	nearest_hint(&near, builtin, hint, sizeof hint);
	return err_set(r->err, ERR_USAGE, NULL, why, hint);
}

/* The user's file of that name, else the built-in theme. */
static bool read_theme(struct reading *r, const char *name)
{
	struct buf text = BUF_INIT;
	char path[512];
	bool ok = false, found = false;
	r->name = name;
	if (r->dir && !strchr(name, '/') &&
	    snprintf(path, sizeof path, "%s/%s.theme", r->dir, name) < (int)sizeof path)
		found = read_file(path, &text);
	if (found)
		ok = read_text(r, path, buf_str(&text));
	buf_release(&text);
	if (found)
		return ok;
	for (const struct theme_source *t = theme_sources; t->name; t++) {
		if (!strcmp(t->name, name))
			return read_text(r, t->name, t->text);
	}
	return no_such_theme(r, name);
}

/* What a theme does not name looks like its fallback. What falls back to text takes its looks
   from the surface, as text itself does. */
static void fill_in(struct theme *t, const bool set[])
{
	for (int i = 0; i < UI_ROLES; i++) {
		enum ui_role from = (enum ui_role)i;
		while (!set[from] && from != UI_TEXT)
			from = ui_role_table[from].fallback;
		if (from != (enum ui_role)i)
			t->styles[i] = from == UI_TEXT ? unset : t->styles[from];
	}
}

static void start(struct theme *t, const char *name)
{
	*t = (struct theme){0};
	snprintf(t->name, sizeof t->name, "%s", name);
	for (int i = 0; i < UI_ROLES; i++)
		t->styles[i] = unset;
}

bool theme_load(struct theme *t, const char *name, const char *dir, struct err *e)
{
	struct reading r = {.theme = t, .dir = dir, .err = e};
	start(t, name);
	if (!read_theme(&r, name))
		return false;
	fill_in(t, r.set);
	return true;
}

bool theme_parse(struct theme *t, const char *name, const char *origin, const char *text,
		 const char *dir, struct err *e)
{
	struct reading r = {.theme = t, .name = name, .dir = dir, .err = e};
	start(t, name);
	if (!read_text(&r, origin, text))
		return false;
	fill_in(t, r.set);
	return true;
}

const char *theme_user_dir(char *out, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int n = -1;
	if (config && config[0] == '/')
		n = snprintf(out, size, "%s/fathom/themes", config);
	else if (home && home[0] == '/')
		n = snprintf(out, size, "%s/.config/fathom/themes", home);
	return n > 0 && (size_t)n < size ? out : NULL;
}

const char *theme_choose(const char *wanted)
{
	const char *no = getenv("NO_COLOR");
	if (no && no[0])
		return "mono";
	return wanted ? wanted : theme_sources[0].name;
}

const char *const *theme_names(void)
{
	static const char *names[16];
	for (size_t i = 0; i + 1 < COUNT_OF(names) && theme_sources[i].name; i++)
		names[i] = theme_sources[i].name;
	return names;
}

struct style theme_style(const struct theme *t, enum ui_role role, enum ui_role under)
{
	const struct style *text = &t->styles[UI_TEXT];
	struct style low = t->styles[under], s = role == UI_TEXT ? low : t->styles[role];
	if (low.fg == COLOUR_NONE)
		low.fg = text->fg;
	if (low.bg == COLOUR_NONE)
		low.bg = text->bg;
	if (s.bg == COLOUR_NONE) {
		s.bg = low.bg;
		s.attrs |= low.attrs & ATTR_REVERSE;
	}
	if (s.fg == COLOUR_NONE)
		s.fg = low.fg;
	return s;
}

/* --- fewer colours
   ------------------------------------------------------------------------------ */

struct rgb {
	int r, g, b;
};

static const int cube_levels[6] = {0, 95, 135, 175, 215, 255};

/* The colours of a terminal of 256: 16 that differ from one to the next, a cube, greys. */
static struct rgb palette(int i)
{
	static const struct rgb first[16] = {
		{0, 0, 0},	 {205, 0, 0},	{0, 205, 0},	{205, 205, 0},
		{0, 0, 238},	 {205, 0, 205}, {0, 205, 205},	{229, 229, 229},
		{127, 127, 127}, {255, 0, 0},	{0, 255, 0},	{255, 255, 0},
		{92, 92, 255},	 {255, 0, 255}, {0, 255, 255},	{255, 255, 255},
	};
	if (i < 16)
		return first[i];
	if (i >= 232)
		return (struct rgb){8 + 10 * (i - 232), 8 + 10 * (i - 232), 8 + 10 * (i - 232)};
	i -= 16;
	return (struct rgb){cube_levels[i / 36], cube_levels[i / 6 % 6], cube_levels[i % 6]};
}

static int distance(struct rgb a, struct rgb b)
{
	/* Eyes see green best and blue least. */
	return 3 * (a.r - b.r) * (a.r - b.r) + 4 * (a.g - b.g) * (a.g - b.g) +
	       2 * (a.b - b.b) * (a.b - b.b);
}

static int nearest_of_256(struct rgb c)
{
	int best = 16;
	for (int i = 17; i < 256; i++) {
		if (distance(c, palette(i)) < distance(c, palette(best)))
			best = i;
	}
	return best;
}

/* With 8 or 16 the nearest by distance is mostly some grey. Keep the hue instead, and whether it is
   dark or bright. */
static int nearest_of_16(struct rgb c)
{
	int most = c.r > c.g ? c.r : c.g, least = c.r < c.g ? c.r : c.g;
	most = c.b > most ? c.b : most;
	least = c.b < least ? c.b : least;
	int light = (3 * c.r + 6 * c.g + c.b) / 10;
	if (most - least < 48 && most - least < most / 3 + 12)
		return light < 60 ? 0 : light < 110 ? 8 : light < 200 ? 7 : 15;
	/* A primary takes part that is well on the way from the least to the most. */
	int part = least + 3 * (most - least) / 5;
	int hue = (c.r > part ? 1 : 0) | (c.g > part ? 2 : 0) | (c.b > part ? 4 : 0);
	return light > 150 || most > 230 ? hue + 8 : hue;
}

int colour_map(colour c, int colours)
{
	if (c < 0 || colours < 8)
		return -1;
	if (c < COLOUR_RGB && (c < colours || colours >= 256))
		return c;
	struct rgb rgb = {c >> 16 & 255, c >> 8 & 255, c & 255};
	if (c < COLOUR_RGB)
		rgb = palette(c);
	if (colours >= 256)
		return nearest_of_256(rgb);
	int i = c < 16 ? c : nearest_of_16(rgb);
	return colours >= 16 ? i : i == 8 ? 7 : i % 8;
}

void style_colours(const struct style *s, int colours, int *fg, int *bg)
{
	*fg = colour_map(s->fg, colours);
	*bg = colour_map(s->bg, colours);
	if (colours >= 256 || *fg < 0)
		return;
	/* Colours that were told apart may have become one. */
	if (*bg < 0 ? *fg == 0 : *fg == *bg)
		*fg = *bg < 0 ? (colours >= 16 ? 8 : 7) : *bg == 0 || *bg == 4 ? 7 : 0;
}
