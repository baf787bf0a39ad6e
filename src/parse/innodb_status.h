/*
 * SHOW ENGINE INNODB STATUS of both families and many versions, taken apart: sections by their headings,
 * the numbers in each by a table of rules (each with a name, a unit and what it means), and lists: threads
 * that wait for latches, transactions, I/O threads. What is not known is kept: the sections' texts together
 * are the whole text.
 *
 * The text holds statements of clients, which may imitate headings. Sections come in a fixed order, and
 * statements stand only in three of them; a heading counts only where it can be (innodb_status.c says how).
 *
 * All of it refers to the text given, which must outlive the result. Nothing is scrubbed. Pure; read by any
 * thread once parsed.
 */
#ifndef PARSE_INNODB_STATUS_H
#define PARSE_INNODB_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/unit.h"

/* Some bytes of the text. */
struct slice {
	const char *s;
	size_t len;
};

enum innodb_section_id {
	INNODB_HEAD, /* what comes before the first heading */
	INNODB_BACKGROUND,
	INNODB_SEMAPHORES,
	INNODB_FOREIGN_KEY,
	INNODB_DEADLOCK,
	INNODB_TRANSACTIONS,
	INNODB_FILE_IO,
	INNODB_IBUF,
	INNODB_LOG,
	INNODB_POOL,
	INNODB_POOLS, /* the instances of the buffer pool */
	INNODB_ROWS,
	INNODB_UNKNOWN, /* a heading that is not known here */
	N_INNODB_SECTIONS,
};

/* What a section is about, and how to read it: whole sentences. */
const char *innodb_section_title(enum innodb_section_id id);
const char *innodb_section_help(enum innodb_section_id id);

struct innodb_section {
	enum innodb_section_id id;
	struct slice title; /* as the server spells it */
	struct slice text;  /* heading included: the sections' texts follow each other without a gap */
	struct slice body;  /* without the heading */
};

/* One rule: a number that a section may have. */
struct innodb_rule {
	enum innodb_section_id section;
	const char *name;    /* snake_case, unique */
	const char *title;
	enum unit unit;
	const char *pattern; /* see innodb_status.c */
	const char *help;
};

struct innodb_number {
	const struct innodb_rule *rule;
	int instance; /* of the buffer pool in INNODB_POOLS, else -1 */
	double value;
};

/* For people, where it has no list of them at all: nobody knows then. */
#define INNODB_NO_WAIT_LIST "the text does not list who waits for a latch (MariaDB's: not since 10.6)"

/* A thread that waits for a mutex or latch inside InnoDB. */
struct innodb_wait {
	struct slice thread, at; /* "buf0buf.cc line 853" */
	double seconds;
	struct slice what;       /* "S-lock on RW-latch at 0x7f… created in file buf0buf.cc line 853" */
	struct slice holder;     /* thread that has it; empty when not told */
};

/* A transaction, here or in a deadlock (innodb_deadlock.h). Numbers that are not told are -1. */
struct innodb_trx {
	struct slice id;     /* digits, or an address in brackets */
	bool active;         /* else not started, prepared … */
	double seconds;
	struct slice state;  /* "starting index read", "not started" */
	bool lock_wait;
	int64_t tables_in_use, tables_locked, lock_structs, row_locks, undo_entries;
	int64_t thread, query_id; /* connection id */
	struct slice handle; /* the thread that runs it, as lists of waits name it */
	int64_t view;        /* it sees what transactions with lower numbers did */
	struct slice host, address, user, doing; /* doing: "updating" */
	struct slice query;
	struct slice text;   /* all of it */
};

struct innodb_io_thread {
	struct slice number, state, kind; /* "0", "waiting for completed aio requests", "read thread" */
};

struct innodb_status {
	struct arena arena;
	struct slice text, time;
	double average; /* seconds that the rates are averaged over; -1: not told */
	bool truncated; /* the server left something out in the middle */
	struct innodb_section *sections;
	size_t n_sections;
	struct innodb_number *numbers;
	size_t n_numbers;
	struct innodb_wait *waits;
	size_t n_waits;
	bool lists_waits; /* MariaDB since 10.6 has the section without anything in it */
	struct innodb_trx *trxs;
	size_t n_trxs;
	struct innodb_io_thread *io_threads;
	size_t n_io_threads;
};

/* Never fails: what is no status text is one section, INNODB_HEAD. Release in any case. */
void innodb_status_parse(struct innodb_status *s, const char *text, size_t len);
void innodb_status_release(struct innodb_status *s);
/* The section, or NULL. */
const struct innodb_section *innodb_status_section(const struct innodb_status *s, enum innodb_section_id id);
/* The session whose thread has that handle; 0: none, or it is not told. */
int64_t innodb_status_session(const struct innodb_status *s, struct slice handle);
/* A number by its rule's name, outside INNODB_POOLS; NAN when it is not there. */
double innodb_status_number(const struct innodb_status *s, const char *name);

/* All rules; ends with name NULL. */
extern const struct innodb_rule innodb_rules[];

/* --- shared with innodb_deadlock.c ------------------------------------------------------------------ */

/* The next line of *rest without its line break; false at the end. */
bool slice_line(struct slice *rest, struct slice *line);
bool slice_begins(struct slice s, const char *prefix);
struct slice slice_trim(struct slice s);
/* What comes before `mark` into *before, *rest begins behind it; false, and nothing changed, without one. */
bool slice_cut(struct slice *rest, const char *mark, struct slice *before);
/* The transaction that `text` begins with, as far as it goes: "TRANSACTION 2684, ACTIVE 2 sec …". */
void innodb_trx_parse(struct innodb_trx *t, struct slice text);

#endif
