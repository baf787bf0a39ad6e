/*
 * The verbs of `fathom lab`, as functions: what was asked for comes in, an exit status goes out.
 * Between the files of the lab's command line only.
 */
#ifndef LAB_LABCMD_H
#define LAB_LABCMD_H

#include <stdbool.h>

#include "base/err.h"
#include "lab/labstate.h"
#include "lab/workload.h"

/* One bit each in lab_option.verbs; the order of lab_verbs. */
enum lab_verb_id {
	LAB_VERB_UP,
	LAB_VERB_DOWN,
	LAB_VERB_STATUS,
	LAB_VERB_EXEC,
	LAB_VERB_KEEPER,
	LAB_VERB_WORKLOAD
};

/* What was asked for. The texts are as given (NULL: not), and borrowed from argv. */
struct lab_ask {
	enum lab_verb_id verb;
	const char *dir, *server, *topology, *workload, *mysql_root, *execute;
	const char *seconds_text, *format, *report;
	bool performance_schema, help;
	/* Looked up from those, or their defaults. */
	const struct lab_kind *kind;
	const struct lab_topology *shape;
	const struct lab_workload *load;
	long seconds;
	bool json;
	char **args; /* NULL-terminated */
};

int lab_up(const struct lab_ask *ask);
int lab_down(const struct lab_ask *ask);
int lab_status(const struct lab_ask *ask);
int lab_exec(const struct lab_ask *ask);

/* Print it; the exit status that belongs to it. */
int lab_fail(const struct err *e);
/* The folder's absolute path, for free(); NULL when it is not there. */
char *lab_existing_folder(const struct lab_ask *ask);
/* The lab of a verb that only looks; false: *status is what to exit with. Release `s` otherwise. */
bool lab_load(struct lab_state *s, const struct lab_ask *ask, int *status);

/* How much of a server's version is its number: 7 of `10.11.6-MariaDB-log`. For printf's `%.*s`. */
int lab_version_digits(const char *version);

#endif
