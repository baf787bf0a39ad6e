/*
 * What an account may do, from the lines of SHOW GRANTS (which include the active roles'), and what it
 * lacks. Needs are written as in a source's `grant`: "PROCESS, SELECT ON performance_schema.*"; without ON
 * they are global. Pure; not shared between threads.
 */
#ifndef COLLECT_GRANTS_H
#define COLLECT_GRANTS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct grant {
	char *privilege; /* upper case, "ALL PRIVILEGES" too */
	char *db;        /* as a pattern of LIKE; NULL: all */
	char *table;     /* NULL: all */
	bool revoked;    /* partially: what `db` has less than all */
};

/* Zero-initialised is valid: nothing but to log in. */
struct grants {
	struct grant *list;
	size_t n, cap;
};

void grants_release(struct grants *g);
/* One line of SHOW GRANTS; what is not understood grants nothing. */
void grants_add(struct grants *g, const char *line);
/* Whether all of `needs` is there. */
bool grants_have(const struct grants *g, const char *needs);
/* Add to `missing` what of `needs` neither it nor `g` has. */
void grants_note_missing(const struct grants *g, const char *needs, struct grants *missing);
/* "GRANT PROCESS ON *.* TO 'u'@'h'; GRANT SELECT ON performance_schema.* TO 'u'@'h'"; nothing where
   nothing is in it. `account`: u@h, as CURRENT_USER() gives it. */
void grants_statement(const struct grants *g, const char *account, struct buf *out);
/* 'u'@'h' */
void grants_account(const char *account, struct buf *out);

#endif
