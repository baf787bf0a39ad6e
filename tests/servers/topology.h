/*
 * Tests on servers that replicate. A program that is started by itself brings its topology up with
 * tests/tools/topology.sh and runs again inside of it; without such servers here it skips.
 */
#ifndef TESTS_TOPOLOGY_H
#define TESTS_TOPOLOGY_H

#include "diagnose/outside.h"
#include "tests/servers/pump.h"

/* First thing in main(): returns inside the topology only. */
void topology_enter(char **argv, const char *topology);
/* "mysql-replica"; it must be up. */
struct server topology_server(const char *name);
/* Starts a server that has ended anew, or ends it at once (SIGKILL). */
void topology_launch(const char *name);
void topology_kill(const char *name);
void topology_signal(const char *name, int number);

/* The only row, or the row whose field `key` is that text; fails without. */
unsigned topology_row(const struct pump *p, enum part_id id, const char *key, const char *text);
struct value topology_cell(const struct pump *p, enum part_id id, const char *key, const char *text,
			   const char *field);
/* Reads `parts` again and again until `is` says so; fails after half a minute, with the rows of `show`. */
void topology_until(struct pump *p, part_mask parts, bool (*is)(const struct pump *p, const void *arg),
		    const void *arg, enum part_id show);

/* Whom the commits wait for that wait for other servers (diagnose/outside.h); valid until the next call. */
const char *topology_outside(const struct pump *p, enum outside o);

/* What a SHOW or SELECT answers, by column name; the row at which `column` is `text` (NULL: the first). Valid
   until the next call; NULL for SQL NULL; fails without such a row or column. */
const char *topology_says(struct db *db, const char *sql, const char *column, const char *text,
			  const char *wanted);

/* What `fathom report` makes of a server holds each of these texts; NULL-terminated. */
void topology_reports(const struct server *s, const char *const *texts);

#endif
