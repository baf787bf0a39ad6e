/*
 * Deadlocks that were seen while fathom watched, and the latest one before that, one row each, the newest last. The
 * server keeps the text of the latest only: that is read whenever the counter of deadlocks has moved (the part
 * deadlock_text). Of several between two readings all but one are lost; a row says how many.
 *
 * Rows are kept as they are: the part is made anew only when there is news.
 */
#ifndef COLLECT_DEADLOCKS_H
#define COLLECT_DEADLOCKS_H

#include "collect/collector.h"
#include "parse/innodb_deadlock.h"

#define LATEST "SHOW ENGINE INNODB STATUS, LATEST DETECTED DEADLOCK"
#define DEADLOCK_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "No", "Counted since fathom came.", "fathom", "Few.") \
	F(SEEN, "seen", INT, WALL, GAUGE, "Seen", "When fathom read it.", "fathom", "Any.") \
	F(TIME, "time", TEXT, NONE, GAUGE, "At", "When it was, by the server's clock and time zone.", LATEST, "") \
	F(BEFORE, "before", INT, BOOL, GAUGE, "Before", \
	  "Whether it was there before fathom came; all others were seen as they happened.", LATEST, "Either.") \
	F(LOST, "lost", INT, COUNT, GAUGE, "Lost", \
	  "So many deadlocks of which nothing is known: more than one came between two readings, and the server " \
	  "keeps the latest.", "Innodb_deadlocks, lock_deadlocks", \
	  "None. innodb_print_all_deadlocks = ON has the server write all of them into its error log.") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Why", \
	  "How it came about, from its locks: insert into a gap, shared then changed, opposite order, different " \
	  "indexes, tables in opposite order, a table lock, or not known.", LATEST, "") \
	F(SIDES, "sides", INT, COUNT, GAUGE, "Sides", "Transactions in it.", LATEST, "2.") \
	F(VICTIM, "victim", INT, ID, GAUGE, "Victim", \
	  "Session whose transaction was rolled back: the one with fewest changes.", LATEST, "Any.") \
	F(SESSIONS, "sessions", TEXT, NONE, GAUGE, "Sessions", "All sessions in it.", LATEST, "") \
	F(TABLES, "tables", TEXT, NONE, GAUGE, "Tables", "Tables of its locks.", LATEST, "") \
	F(INDEXES, "indexes", TEXT, NONE, GAUGE, "Indexes", "Indexes of its locks.", LATEST, "") \
	F(LOSER, "victim_statement", TEXT, SQL, GAUGE, "Rolled back", "The statement that got error 1213.", \
	  LATEST, "") \
	F(OTHER, "other_statement", TEXT, SQL, GAUGE, "Went on", \
	  "The statement of the other side; of the first of them, where they are several.", LATEST, "") \
	F(WHY, "why", TEXT, NONE, GAUGE, "In words", \
	  "Who held what and wanted what, what such a deadlock is, and what helps.", LATEST, "") \
	F(LAYOUT, "layout", TEXT, JSON, GAUGE, "Layout", \
	  "Its sides, each with session, user, statement, and its locks in the order taken.", LATEST, "") \
	F(TEXT, "text", TEXT, NONE, GAUGE, "Text", "As the server prints it.", LATEST, "") \
	F(COUNTER, "counter", INT, COUNT, GAUGE, "Counter", \
	  "Deadlocks since the server was started, when it was read.", "Innodb_deadlocks, lock_deadlocks", \
	  "Grows slowly.")

enum {
#define DEADLOCK_ENUM(id, ...) DEADLOCK_##id,
	DEADLOCK_FIELDS(DEADLOCK_ENUM)
#undef DEADLOCK_ENUM
	N_DEADLOCK_FIELDS,
};

/* What of a deadlock its text tells: all but the fields of the history. */
void deadlock_put(struct part_builder *b, const struct innodb_deadlock *d);
/* Those in the end of the error log (collect/host_log.c): the same fields, but for those of the history. */
extern const struct schema logged_deadlocks_schema;

/* Deadlocks since the server was started; absent where the server does not count them. */
struct value deadlock_counter(const struct collect_ctx *ctx);
/* The text of the latest deadlock, "" where there was none; absent when it was not read. */
struct value deadlock_text(const struct part *text);

#endif
