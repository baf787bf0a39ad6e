/*
 * MySQL option files: ~/.my.cnf and its relatives, as the servers' own clients read them. The parser is
 * pure; the loader finds the files, follows their includes, and gives all options of the wanted groups in
 * the order in which they count (later ones win). Main thread, at start; files are read whole.
 *
 * As in the original: `#` begins a comment anywhere outside quotes (so a password with one needs
 * quotes), groups count in the order of the file and not of the list, `-` and `_` are the same in a
 * name, and a file that everybody may write to is left out.
 */
#ifndef IO_OPTFILE_H
#define IO_OPTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct target;

/* --- the parser ------------------------------------------------------------------------------- */

struct optfile_line {
	enum { OPTFILE_OPTION, OPTFILE_INCLUDE, OPTFILE_INCLUDEDIR } type;
	unsigned line;
	const char *group; /* of an option */
	const char *name;  /* of an option, lower case, with `-`; or the path to include */
	const char *value; /* NULL without `=`; unquoted, escapes resolved */
};
/* Calls `f` for each line that says something; it returns false to stop. False with *err
   (ERR_USAGE, why begins with `path:line:`) at a line that is broken. */
bool optfile_parse(const char *path, const char *bytes, size_t n,
		   bool (*f)(const struct optfile_line *line, void *arg), void *arg, struct err *err);

/* --- the loader ------------------------------------------------------------------------------- */

struct option {
	char *group, *name, *value; /* value may be NULL; wiped when freed */
	char *origin;               /* "/root/.my.cnf:3 [client]" */
};

struct options {
	struct option *list;
	size_t n, cap;
	char **warnings; /* sentences: what was left out, and why */
	size_t n_warnings, cap_warnings;
};

struct optfile_args {
	bool no_defaults;         /* --no-defaults: read none (login paths are read all the same) */
	const char *file;         /* --defaults-file: only this one; it must be there */
	const char *extra_file;   /* --defaults-extra-file: this one too; it must be there */
	const char *group_suffix; /* --defaults-group-suffix; NULL: $MYSQL_GROUP_SUFFIX */
	const char *login_path;   /* --login-path; NULL: "client" */
	bool no_login_paths;      /* --no-login-paths */
};

void options_release(struct options *o);
/* All that was found. False with *err when a file is broken or one that was named is not readable. */
bool options_load(struct options *o, const struct optfile_args *args, struct err *err);
/* What concerns connecting, into `t`. A name that nobody knows is an error in group [fathom] only. */
bool options_apply(const struct options *o, struct target *t, struct err *err);

#endif
