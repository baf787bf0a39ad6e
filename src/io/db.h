/*
 * One connection to a server, behind which the client library hides: src/io is the only user of mysql.h.
 *
 * db_connect() blocks (name look-up, TCP, TLS, login) and belongs on a worker thread. The connection is
 * then used by one thread at a time: either in a poll loop (db_start, db_step: they never block; every
 * deadline is the caller's, the library enforces none), or on a worker through db_run(), which polls by
 * itself until its own deadline. A connection after an error of kind ERR_LOST, ERR_TIMEOUT or
 * ERR_PROTOCOL is good for db_close() only; so is one whose db_run() was cancelled.
 *
 * Only declared statements can be sent (collect/stmt.h).
 *
 * db_connect() makes the process ignore SIGPIPE: the library writes to TLS sockets without asking
 * the system for silence.
 */
#ifndef IO_DB_H
#define IO_DB_H

#include <stdint.h>

#include "base/err.h"
#include "collect/collector.h"
#include "io/target.h"

struct db;

/* "libmariadb 3.3.8" or "libmysqlclient 9.7.4": with which it was built. */
const char *db_client_name(void);

enum db_purpose {
	DB_SAMPLE, /* read-only session, short lock waits */
	DB_JOB,    /* kills and details */
	DB_EXPLAIN_DML, /* a read-write session for EXPLAIN of data-changing statements, nothing else */
};

/* Progress of a connection attempt, for `fathom check` and for the verdict line; called on the thread
   that connects. step: "resolve", "tcp", "tls", "login", "admin-port". Who listens pays for a name
   look-up of his own. */
typedef void db_progress(const char *step, bool ok, const char *text, void *arg);

/* NULL with *err filled in. `deadline`: monotonic ns. `progress` may be NULL. On error 1040 in any of its
   wrappings tries the admin or extra port when one is configured; the hint says what was missing
   when that door was shut too. LOAD DATA LOCAL is off. The session is set up (time limits, lock wait
   limit, read-only, sql_mode, character set utf8mb4, connection attributes that name the program). */
struct db *db_connect(const struct target *t, enum db_purpose purpose, int64_t deadline,
		      db_progress *progress, void *arg, struct err *err);
/* Never blocks; NULL is fine. */
void db_close(struct db *db);

/* Filled in by db_connect(). */
const struct server_info *db_server(const struct db *db);
/* Session status at login, e.g. whether the emergency door was used. */
bool db_used_admin_port(const struct db *db);

/* For poll(): descriptor and events that db_step() waits for; none while idle. */
int db_fd(const struct db *db);
short db_events(const struct db *db);

/* What becomes of an answer. Called from db_step(); pointers are valid during the call only. */
struct db_sink {
	/* Once, before the rows; returns false to discard the rows. */
	bool (*columns)(void *arg, const struct answer *a);
	void (*row)(void *arg, const struct answer *a);
};

enum db_state { DB_IDLE, DB_BUSY, DB_DONE, DB_FAILED };

/* Begin a statement: the connection must be idle. `sink` may be NULL. Returns DB_BUSY, or at once what
   db_step() would. After DB_DONE or DB_FAILED the connection is idle again (unless lost). */
enum db_state db_start(struct db *db, const struct stmt *s, const struct stmt_arg *args, size_t n,
		       const struct db_sink *sink, void *arg, struct err *err);
/* Go on after poll() said `revents`. Handles at most `budget_rows` rows at a call so that a large answer
   does not hold up other targets (call again: DB_BUSY with data left makes db_pending() true). */
enum db_state db_step(struct db *db, short revents, unsigned budget_rows, struct err *err);
bool db_pending(const struct db *db);
/* The server-side time limit of SELECTs from now on, in milliseconds. */
void db_set_limit(struct db *db, unsigned ms);

/* On a worker: start, poll, finish, or ERR_TIMEOUT at the deadline; true when it is done. `cancel_fd` (or
   -1) readable means ERR_CANCELLED. */
bool db_run(struct db *db, const struct stmt *s, const struct stmt_arg *args, size_t n,
	    const struct db_sink *sink, void *arg, int64_t deadline, int cancel_fd, struct err *err);

/* Counted since the connection was made: bytes received, statements sent. */
uint64_t db_bytes(const struct db *db);
uint64_t db_statements(const struct db *db);
/* The round trip, in ms, as measured by the quickest answer so far. */
double db_round_trip(const struct db *db);

/* Classify a server's or client library's error number. */
enum err_kind db_classify(unsigned code);

#endif
