/*
 * The command line, read. Passwords are copied and then wiped from argv. Main thread, at start.
 */
#ifndef APP_CMDLINE_H
#define APP_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/options.h"

struct cmdline {
	enum command command;
	struct target *given;  /* what options say of a target */
	char *files[N_FILES];
	bool connects;         /* options that make a target were among them */
	struct settings program;
	char *of_command[N_COMMAND_SETTINGS]; /* NULL: not given */
	char *config;
	enum option_show show;
	char *shell;           /* of SHOW_COMPLETION */
	char **targets;        /* copies */
	size_t n_targets;
	int rest;              /* of COMMAND_LAB: index in argv of what follows the word */
};

/* argv is changed: names are put into one form, passwords are wiped. On false *e is set; `o` is to be
   released either way. */
bool cmdline_parse(struct cmdline *o, int argc, char **argv, struct err *e);
void cmdline_release(struct cmdline *o);

#endif
