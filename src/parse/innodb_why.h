/*
 * Why a deadlock came about, as far as its locks tell: one word for a list, one paragraph for a person. And
 * records as people read them. Made from a parsed deadlock (innodb_deadlock.h); nothing is scrubbed. Pure.
 */
#ifndef PARSE_INNODB_WHY_H
#define PARSE_INNODB_WHY_H

#include "base/buf.h"
#include "parse/innodb_deadlock.h"

enum deadlock_kind {
	WHY_UNKNOWN,
	WHY_GAP,     /* an insert waits for gaps that others keep */
	WHY_UPGRADE, /* who shares a record wants it alone */
	WHY_TABLE,   /* a table lock takes part: LOCK TABLES, AUTO-INC */
	WHY_ORDER,   /* records of one index, in opposite order */
	WHY_INDEXES, /* the same rows, by way of different indexes */
	WHY_TABLES,  /* tables, in opposite order */
	N_DEADLOCK_KINDS,
};

enum deadlock_kind innodb_deadlock_kind(const struct innodb_deadlock *d);
/* "opposite order". */
const char *deadlock_kind_name(enum deadlock_kind k);
/* What such a deadlock is, and what helps: whole sentences. */
const char *deadlock_kind_help(enum deadlock_kind k);
/* This one, in whole sentences: who held what and wanted what, then the help of its kind. */
void innodb_deadlock_why(struct buf *out, const struct innodb_deadlock *d);

/* The fields of a lock's record as numbers and texts, in parentheses: of the clustered index those of its key, of
   others all of them. The text does not tell their types: what looks like a number or a text is shown as one.
   Nothing for a lock on a table. */
void innodb_record_text(struct buf *out, const struct innodb_lock *l);
/* "X, record only", "S, record and gap before it", "X, gap: to insert". */
void innodb_mode_text(struct buf *out, const struct innodb_lock *l);

#endif
