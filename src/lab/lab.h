/*
 * `fathom lab`: throw-away servers to look at and to break. Each verb is a row, each option is a
 * row; help, parsing, completion and man page come from those. Main thread.
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include <stdbool.h>
#include <stddef.h>

struct lab_verb {
	const char *name;
	const char *arguments; /* as the help shows them */
	const char *help;      /* NULL: for our own processes only, not shown */
};

/* Each ends with a row without a name. */
extern const struct lab_verb lab_verbs[];

struct lab_option {
	const char *name; /* the long option */
	char letter;      /* 0: none */
	const char *arg;  /* what it takes, NULL: nothing */
	const char *help;
	unsigned verbs; /* bit n: verb n of lab_verbs has it */
	size_t place;   /* for the parser */
};

extern const struct lab_option lab_options[];

/* `argv[0]` is "lab". Returns an exit status: 0 done, 1 wrong usage, 2 no such server, or a server
   could not be started or reached, 3 interrupted. `exec` does not return. */
int lab_main(int argc, char **argv);

/* The running servers of this user's lab, as targets. The first answers to `lab`, all to
 * `lab-NAME`. */
struct lab_target {
	char *name; /* lab-source */
	char *role; /* source, replica, standalone */
	char *socket;
	unsigned port; /* on 127.0.0.1 */
	char *user;
	char *password;
};

struct lab_info {
	char *folder;
	const char *server; /* mariadb, mysql */
	size_t n;
	struct lab_target *targets;
};

/* Reads files only. False when no lab is up; then there is nothing to release. */
bool lab_find(struct lab_info *info);
void lab_info_release(struct lab_info *info);
/* NULL when `name` is none of them. */
const struct lab_target *lab_target(const struct lab_info *info, const char *name);

#endif
