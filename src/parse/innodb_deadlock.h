/*
 * The deadlock in SHOW ENGINE INNODB STATUS or in an error log: its transactions, what each holds and
 * waits for, and which was rolled back. Both families' forms: MySQL says what each side holds, MariaDB
 * says with each wait whose lock is in the way.
 *
 * All of it refers to the text given, which must outlive the result. Nothing is scrubbed. Pure.
 */
#ifndef PARSE_INNODB_DEADLOCK_H
#define PARSE_INNODB_DEADLOCK_H

#include "parse/innodb_status.h"

struct innodb_lock {
	bool waits;          /* else held */
	bool record;         /* else of the whole table */
	struct slice trx;    /* id of the transaction that has or wants it */
	const char *table;   /* "shop.stock" */
	const char *index;   /* "PRIMARY"; "" for a table lock */
	struct slice mode;   /* "X locks rec but not gap", "AUTO-INC" */
	const char *key;     /* first record's fields as hex, "80000002, 00000a7c"; "supremum"; "" */
	unsigned records;    /* that it covers and that the text lists */
	struct slice text;
};

struct innodb_deadlock_side {
	struct innodb_trx trx;
	struct innodb_lock *locks; /* first those held, then those waited for */
	size_t n_locks;
	bool victim;
};

struct innodb_deadlock {
	struct arena arena;
	struct slice time;   /* "2026-11-22 02:29:40"; empty when not told */
	struct innodb_deadlock_side *sides;
	size_t n_sides;
	int victim;          /* index, or -1 when not told */
};

/* `text` is the section's body, or as much of an error log as begins with the date or with "*** (1)".
   False when there is no transaction in it. Release in any case. */
bool innodb_deadlock_parse(struct innodb_deadlock *d, const char *text, size_t len);
void innodb_deadlock_release(struct innodb_deadlock *d);

#endif
