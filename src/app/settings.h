/*
 * What can be set, other than how to reach a target (io/target.h): one row each, from which options,
 * the configuration's [fathom] section, the environment, help, the man page and completion are made.
 * Here too: what a value of any setting, a target's included, must look like. Main thread, at start.
 */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/target.h"

enum rule_kind {
	RULE_TEXT,   /* any text */
	RULE_FILE,
	RULE_FOLDER,
	RULE_FLAG,   /* yes or no */
	RULE_WHOLE,  /* number */
	RULE_NUMBER,
	RULE_SIZE,   /* bytes: 16M */
	RULE_CHOICE, /* one of `choices` */
};

/* What is allowed. */
struct setting_rule {
	enum rule_kind kind;
	double min, max;     /* of numbers and sizes */
	const char *choices; /* blanks between */
};

/* id, name, kind, least, most, choices, what it is unless told (NULL: said in the help), help */
#define PROGRAM_SETTINGS(S) \
	S(INTERVAL, "interval", NUMBER, 0.1, 60, NULL, "1", "seconds between two samples") \
	S(PANEL, "panel", TEXT, 0, 0, NULL, "overview", "the panel to begin with") \
	S(FILTER, "filter", TEXT, 0, 0, NULL, NULL, \
	  "show only matching sessions: a text, /REGEX/ or time>10 user=app") \
	S(THEME, "theme", TEXT, 0, 0, NULL, NULL, \
	  "colours: dark unless told, mono where NO_COLOR is set") \
	S(ASCII, "ascii", FLAG, 0, 0, NULL, NULL, \
	  "draw with ASCII only, as where the locale is not UTF-8") \
	S(COLOR, "color", FLAG, 0, 0, NULL, NULL, "whether to use colours, where the terminal has them") \
	S(BELL, "bell", FLAG, 0, 0, NULL, "1", "ring the terminal's bell when something critical is found") \
	S(NOTIFY, "notify", FLAG, 0, 0, NULL, "1", \
	  "notify the desktop then (OSC 9), where the terminal passes that on") \
	S(ALERT_COMMAND, "alert-command", TEXT, 0, 0, NULL, NULL, \
	  "run this by sh then, with the finding as a JSON object on standard input; ten seconds at the most") \
	S(BUNDLE_FOLDER, "bundle-folder", FOLDER, 0, 0, NULL, NULL, \
	  "where w puts bundles of evidence; the current folder unless told") \
	S(HISTORY_MEMORY, "history-memory", SIZE, 1 << 20, 1 << 30, NULL, "5M", \
	  "memory for the past of each target")

enum program_setting {
#define PROGRAM_ENUM(id, ...) PROGRAM_##id,
	PROGRAM_SETTINGS(PROGRAM_ENUM)
#undef PROGRAM_ENUM
	N_PROGRAM,
};

struct program_row {
	const char *name;
	struct setting_rule rule;
	const char *standard; /* NULL: none, or said in the help */
	const char *help;
};

const struct program_row *program_row(enum program_setting s);
int program_by_name(const char *name); /* -1: none */

/* Which option files a target reads; they are not part of struct target. */
#define FILE_SETTINGS(S) \
	S(DEFAULTS_FILE, "defaults-file", "FILE", FILE, "read this option file only") \
	S(DEFAULTS_EXTRA_FILE, "defaults-extra-file", "FILE", FILE, \
	  "read this option file after the system's, before the user's") \
	S(DEFAULTS_GROUP_SUFFIX, "defaults-group-suffix", "TEXT", TEXT, \
	  "read the groups with this suffix too: [client_TEXT]") \
	S(LOGIN_PATH, "login-path", "NAME", TEXT, "read this login path of ~/.mylogin.cnf") \
	S(NO_DEFAULTS, "no-defaults", NULL, FLAG, "read no option files; login paths are still read")

enum file_setting {
#define FILE_ENUM(id, ...) FILES_##id,
	FILE_SETTINGS(FILE_ENUM)
#undef FILE_ENUM
	N_FILES,
};
const char *file_setting_name(enum file_setting s);
const char *file_setting_help(enum file_setting s);
const struct setting_rule *file_setting_rule(enum file_setting s);
int file_setting_by_name(const char *name); /* -1: none */

/* What a target's setting must look like. */
const struct setting_rule *target_rule(enum setting s);

/* Whether `value` keeps to the rule; the clean form (`1` and `0` for flags, bytes for sizes) is
   appended to `out`, else *why says what is wrong, with the nearest right word. */
bool rule_check(const struct setting_rule *r, const char *value, struct buf *out, struct buf *why);
/* A clean form may be a password: wipe it, then release it. */
void rule_release(struct buf *clean);
/* "a number from 0.1 to 60", for messages and help. */
void rule_describe(const struct setting_rule *r, struct buf *out);

/* Values with where each came from; the first to set one wins. */
struct settings {
	char *value[N_PROGRAM];
	char *origin[N_PROGRAM];
};
void settings_release(struct settings *s);
/* Unless it is set already. `value` is in clean form. */
void settings_offer(struct settings *s, enum program_setting which, const char *value,
		    const char *origin);
/* The value or the standard one; NULL where there is neither. */
const char *settings_get(const struct settings *s, enum program_setting which);
double settings_number(const struct settings *s, enum program_setting which);

/* A name as it is written in our tables: lower case, `-` for `_`. `out` has room for `size`. */
const char *setting_canonical(const char *name, size_t n, char *out, size_t size);

#endif
