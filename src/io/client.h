/*
 * What differs between the two client libraries, libmariadb (client_mariadb.c) and Oracle's
 * libmysqlclient (client_mysql.c); configure picks one. Only db*.c and rawdb.c include it.
 */
#ifndef IO_CLIENT_H
#define IO_CLIENT_H

#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>

struct attempt;
struct db;

/* "libmariadb 3.3.8", "libmysqlclient 9.7.4". */
const char *client_name(void);

/* --- logging in, on a worker ---------------------------------------------------------------- */

/* All options that a log-in wants: time, TLS, plugins, attributes. */
void client_set_options(MYSQL *m, struct attempt *a);
/* Blocks until the log-in is done or refused, or a->deadline. `a` notes how far it came; m holds the
   library's error. */
bool client_connect(MYSQL *m, struct attempt *a, const char *user, const char *password);
/* From now on no call may block. */
void client_made_nonblocking(MYSQL *m);
/* For rawdb: a log-in that blocks, with the library's own time-outs, and trusts any certificate. */
void client_set_lenient(MYSQL *m, const char *bind);

/* --- while it is used ------------------------------------------------------------------------ */

int client_fd(const struct db *db);
/* Received so far. libmysqlclient does not count: there an estimate from what the results hold. */
uint64_t client_bytes(const struct db *db);

/* Each starts a library call, or with `ready` (poll's events) goes on with it. True when the call is
   done: db->status is 0, or not where it failed. False: it waits for db->wait. */
bool client_query(struct db *db, short ready); /* db->result; NULL: there are no rows */
bool client_fetch(struct db *db, short ready); /* db->row; NULL: no more, or mysql_errno() */
bool client_next(struct db *db, short ready);  /* the same */
/* The number of the last call's error, as far as it is known. */
unsigned client_errno(struct db *db);
/* Ends a call that waits; the socket is shut down. */
void client_unwind(struct db *db);

#endif
