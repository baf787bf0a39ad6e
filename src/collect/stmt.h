/*
 * The statements that fathom may send. Each is one const row somewhere (a collector's or an action's);
 * db.h takes nothing else, and a test runs every one of them. Pure, any thread.
 *
 * The text is a template:
 *   %i  one integer              %l  a list of integers: 1,2,3 (never empty)
 *   %s  a string literal         %t  a list of string literals: 'a','b' (never empty)
 *   %n  an identifier in backquotes
 *   %c  a list of columns that a struct source chose from its own rows
 *   %q  the text of somebody's statement as it is: only behind EXPLAIN, with STMT_FOREIGN
 *   %%  a percent sign
 */
#ifndef COLLECT_STMT_H
#define COLLECT_STMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum stmt_flags {
	STMT_READ = 0,
	STMT_KILL = 1,     /* ends a statement or a connection */
	STMT_SESSION = 2,  /* sets up our own session */
	STMT_FOREIGN = 4,  /* holds %q: runs in a session of its own that sends nothing else */
};

struct stmt {
	const char *name; /* unique: "sessions/mariadb" */
	const char *sql;
	unsigned flags;
	unsigned limit_ms; /* the server's time for it, where that is less than for others; 0: as they */
};

struct stmt_arg {
	enum { ARG_INT, ARG_INTS, ARG_STRING, ARG_STRINGS, ARG_COLUMNS, ARG_FOREIGN } type;
	int64_t i;
	const int64_t *ints; /* ARG_INTS */
	const char *s;       /* ARG_STRING (%s and %n), ARG_COLUMNS, ARG_FOREIGN */
	const char *const *strings; /* ARG_STRINGS */
	size_t n;            /* of ints or strings, or bytes of s */
};
#define STMT_INT(v) ((struct stmt_arg){.type = ARG_INT, .i = (v)})
#define STMT_INTS(p, count) ((struct stmt_arg){.type = ARG_INTS, .ints = (p), .n = (count)})
#define STMT_STRING(p, len) ((struct stmt_arg){.type = ARG_STRING, .s = (p), .n = (len)})
#define STMT_STRINGS(p, count) ((struct stmt_arg){.type = ARG_STRINGS, .strings = (p), .n = (count)})
#define STMT_COLUMNS(p, len) ((struct stmt_arg){.type = ARG_COLUMNS, .s = (p), .n = (len)})
#define STMT_FOREIGN_TEXT(p, len) ((struct stmt_arg){.type = ARG_FOREIGN, .s = (p), .n = (len)})

/* How long the server itself lets a SELECT run: rendered as MAX_EXECUTION_TIME hint on MySQL and as
   SET STATEMENT max_statement_time=… FOR on MariaDB, for statements that begin with SELECT. */
enum stmt_limit { STMT_LIMIT_NONE, STMT_LIMIT_MYSQL, STMT_LIMIT_MARIADB };

/* Append the finished text, which begins with the comment that names fathom. `limit_ms` with
   STMT_LIMIT_*. Strings are quoted so that they are safe whatever sql_mode and character set are (hex
   literals for all but plain ASCII without quotes and backslashes). Arguments that do not fit the
   template are a bug. */
void stmt_render(struct buf *out, const struct stmt *s, const struct stmt_arg *args, size_t n_args,
		 enum stmt_limit limit, unsigned limit_ms);

#endif
