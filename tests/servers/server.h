/*
 * The real servers that ./check starts (tests/tools/servers.sh), for tests in C. A test goes through all
 * of them with SERVERS, or skips when there is none.
 */
#ifndef TESTS_SERVER_H
#define TESTS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "io/db.h"

struct server {
	const char *name; /* "MARIADB", "MARIADB_PS", "MYSQL" */
	bool mysql;
	const char *socket, *datadir;
	const char *port, *admin_port;
	pid_t pid;
};

/* All that run, `n` of them. */
const struct server *servers(unsigned *n);
/* With skip() when there is none. */
#define EACH_SERVER(s) \
	unsigned s##_left; \
	const struct server *s = servers(&s##_left); \
	if (!s##_left) \
		skip(); \
	for (; s##_left; s##_left--, s++)

/* Runs `tests` once for each server, all at the same time, each in a process of its own that knows no other
   server; prints what each said, one after the other. The exit status. */
int servers_at_once(int (*tests)(void));

/* Monotonic ns that many milliseconds from now. */
int64_t in_ms(int64_t ms);
/* Pairs of setting and value, NULL-terminated; values beginning with $ are environment variables. */
struct target *target_of(const char *const *pairs);
#define TARGET(...) target_of((const char *const[]){__VA_ARGS__, NULL})
/* TARGET() at the server's port, as HOST. */
struct target *server_target(const struct server *s, const char *host, const char *const *pairs);

/* root on the socket, in a session that may write. */
struct db *server_root(const struct server *s);
/* Any SQL; it must work. */
void server_sql(struct db *db, const char *sql);
/* The first cell of what it answers, for free(); NULL for no row or NULL. */
char *server_value(struct db *db, const char *sql);
/* Whether it works. */
bool server_try(struct db *db, const char *sql, struct err *err);

#endif
