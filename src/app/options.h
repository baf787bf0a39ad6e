/*
 * The options and the commands, one row each: parsing (cmdline.h), the keys of URLs, --help, the man page
 * and shell completion (optiondoc.h) come from them. Constant data; any thread.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "app/settings.h"

/* word, synopsis, what it does; the console has no word. */
#define COMMANDS(C) \
	C(CONSOLE, NULL, "[OPTION]... [TARGET]...", "the console") \
	C(CHECK, "check", "[OPTION]... [TARGET]", \
	  "connect step by step, say what works, what is missing and the GRANT that mends it") \
	C(SNAPSHOT, "snapshot", "[OPTION]... [TARGET]...", "samples as data") \
	C(REPORT, "report", "[OPTION]... [TARGET]...", "the diagnosis of servers and their hosts, to read or to send") \
	C(LAB, "lab", "up|down|status|exec [OPTION]...", "throw-away servers to practise on")

enum command {
#define COMMAND_ENUM(id, ...) COMMAND_##id,
	COMMANDS(COMMAND_ENUM)
#undef COMMAND_ENUM
	N_COMMANDS,
};

struct command_row {
	const char *word, *synopsis, *help;
};
const struct command_row *command_row(enum command c);

enum option_group {
	GROUP_CONNECTION,
	GROUP_TLS,
	GROUP_HOST,
	GROUP_FILES,
	GROUP_CONSOLE,
	GROUP_DATA,
	GROUP_OTHER,
	GROUP_HIDDEN,
	N_GROUPS,
};
const char *option_group_title(enum option_group g);

/* What belongs to one command only. */
enum command_setting {
	COMMAND_PART, COMMAND_FORMAT, COMMAND_COUNT, COMMAND_SECONDS, COMMAND_OUTPUT, COMMAND_FORCE,
	COMMAND_REDACT, COMMAND_EXIT_CODE, N_COMMAND_SETTINGS
};

enum option_show {
	SHOW_NOTHING, SHOW_HELP, SHOW_VERSION, SHOW_CONFIG, SHOW_MAN, SHOW_COMPLETION, SHOW_TARGETS
};

enum option_does {
	DOES_TARGET,  /* sets target setting `which` */
	DOES_PROGRAM, /* program setting `which` */
	DOES_FILES,   /* file setting `which` */
	DOES_COMMAND, /* command setting `which` */
	DOES_TLS,     /* asks for TLS as the older clients did, --ssl */
	DOES_VERIFY,  /* --ssl-verify-server-cert */
	DOES_SHOW,    /* makes the program print `which`, enum option_show, and end */
	DOES_CONFIG,  /* names the configuration file */
	DOES_NOTHING, /* known to the mysql client, meaningless here */
};

struct option_row {
	const char *name; /* without the dashes */
	char letter;      /* or 0 */
	const char *arg;  /* what help calls the value; in [] when it may be left out; NULL: none */
	enum option_group group;
	unsigned commands; /* bits, 1 << enum command */
	enum option_does does;
	int which;
	const char *value; /* set when no value is given */
	const char *help;  /* NULL: the setting's */
	struct setting_rule rule;  /* of DOES_COMMAND */
};

/* The table, n rows. Two rows may share a name when no command has both. */
const struct option_row *option_rows(size_t *n);
const char *option_help(const struct option_row *r);
const struct setting_rule *option_rule(const struct option_row *r);
/* The row that sets something of a target under that name, for the keys of a URL; NULL: none. */
const struct option_row *option_of_target(const char *name);
/* The row that has the same name for command `c`; NULL: that has none. */
const struct option_row *option_for(const struct option_row *r, enum command c);
/* Whether the value keeps to the row's rule: its clean form is appended. */
bool option_check(const struct option_row *r, const char *value, struct buf *out, struct err *e);
/* Let a row set `t` or `files` (N_FILES values, to free()); false and *e when the value is wrong. */
bool option_apply_target(const struct option_row *r, const char *value, struct target *t,
			 char **files, const char *origin, struct err *e);

#endif
