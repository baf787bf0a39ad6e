/*
 * Themes: what the roles (role.h) look like. A theme is an INI file of lines `role = FG on BG,
 * bold`, where a colour is a name, a number of 0 to 255, `#rrggbb` or `default`; `base = NAME`
 * starts from another theme. Five are compiled in, so that the program needs no installed file;
 * files in the user's folder add to them or take their place.
 *
 * A loaded theme is immutable. UI thread.
 */
#ifndef UI_THEME_H
#define UI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/role.h"

/* COLOUR_NONE (what lies under it), COLOUR_DEFAULT (the terminal's own), 0..255, or COLOUR_RGB |
   0xrrggbb. */
typedef int32_t colour;
#define COLOUR_NONE (-2)
#define COLOUR_DEFAULT (-1)
#define COLOUR_RGB 0x1000000

enum attr { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8 };

struct style {
	colour fg, bg;
	unsigned attrs;
};

struct theme {
	char name[32];
	struct style styles[UI_ROLES]; /* fallbacks filled in */
};

/* The theme of that name from folder `dir` (NULL: none), else a built-in one. False and *e, with
   the file, the line and the nearest right word, when there is none or it is broken. */
bool theme_load(struct theme *t, const char *name, const char *dir, struct err *e);
/* From text; `origin` names it in errors. */
bool theme_parse(struct theme *t, const char *name, const char *origin, const char *text,
		 const char *dir, struct err *e);
/* `$XDG_CONFIG_HOME/fathom/themes`, into `out`; NULL where there is no home. */
const char *theme_user_dir(char *out, size_t size);
/* The name that holds for this run: `wanted` (NULL: dark), or mono where $NO_COLOR is set. */
const char *theme_choose(const char *wanted);
/* Names of the built-in themes, NULL-terminated; the first is the default. */
const char *const *theme_names(void);

/* How a cell of that role looks on that surface. */
struct style theme_style(const struct theme *t, enum ui_role role, enum ui_role under);
/* A colour on a terminal with that many colours (256, 16, 8): 0..n-1, or -1 for the terminal's
   own. */
int colour_map(colour c, int colours);
/* Both of a style, kept apart where few colours made them one. */
void style_colours(const struct style *s, int colours, int *fg, int *bg);

#endif
