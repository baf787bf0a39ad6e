/*
 * A real server under the eyes of all rules, and clients that bring it into trouble. For tests of findings,
 * one process a server (servers_at_once()).
 *
 *	struct ward w;
 *	ward_open(&w, s, 1000);
 *	ward_set(&w, "runaway-query.seconds", "1");
 *	ward_healthy(&w, 2);
 *	struct client *c = client_new(s, NULL);
 *	client_run(&w, c, "SELECT …");
 *	ward_verdict(&w, "runaway-query", SEVERITY_WARNING, c->culprit, NULL);
 *	client_end(&w, c);
 *	ward_close(&w);
 */
#ifndef TESTS_WARD_H
#define TESTS_WARD_H

#include <pthread.h>

#include "diagnose/diagnosis.h"
#include "io/rawdb.h"
#include "tests/servers/pump.h"

struct ward {
	const struct server *server;
	unsigned interval; /* ms between samples */
	struct pump pump;
	part_mask parts;   /* all that rules read of a server; the host is the machine of the tests */
	struct diagnosis *d;
	struct snapshot *last;
	struct db *root;
	uint64_t epoch;
	int64_t opened;    /* mono ns */
	int64_t late;      /* ns that the machine kept samples waiting since the verdict was asked for */
	int64_t began;     /* mono ns: when the incident was there; ward_began() */
};

void ward_open(struct ward *w, const struct server *s, unsigned interval);
void ward_close(struct ward *w);
/* Before the first sample only. */
void ward_set(struct ward *w, const char *name, const char *value);
/* The server was started again. */
void ward_again(struct ward *w);

/* One sample, `interval` after the one before. */
void ward_look(struct ward *w);
/* The finding in the newest sample; texts are valid until the next one or in `a`. */
bool ward_found(const struct ward *w, const char *id, struct finding *f, struct arena *a);
/* So many samples in which nothing is told. */
void ward_healthy(struct ward *w, unsigned samples);
/* From now on seconds count; else from ward_verdict() on. */
void ward_began(struct ward *w);
/* Samples until the finding is there and returns how long that took: with that severity, that first
   culprit ("session:12"; NULL: none; with "?" at its end: that or none), and nothing else told but what it explains, or what `besides` lists
   (blank-separated ids; may be NULL). Prints "# verdict family server seconds culprit". */
double ward_verdict(struct ward *w, const char *id, enum severity severity, const char *culprit,
		     const char *besides);
/* The finding's evidence by its name; absent when it has none. */
struct value ward_evidence(const struct finding *f, const char *name);

/* Any client's session, with the thread that waits for its statements. */
struct client {
	struct rawdb *db;
	int64_t id;
	char culprit[32]; /* session:12 */
	const char *sql;
	bool loops, runs;
	_Atomic bool stop;
	_Atomic unsigned done; /* statements */
	pthread_t thread;
	struct client *next; /* of those that there are */
};

/* As root, or `user` (with that password); on the schema that ward_table() made, when it is there. */
struct client *client_new(const struct server *s, const char *user);
/* At once, and it must work. */
void client_sql(struct client *c, const char *sql);
/* Begins it; seen running on the server when this returns. `sql` stays the caller's. */
void client_run(struct ward *w, struct client *c, const char *sql);
/* The same again and again until the end. */
void client_loop(struct client *c, const char *sql);
/* Ends session and thread, whatever they do. */
void client_end(struct ward *w, struct client *c);
/* Ends those in the array. */
void clients_end(struct ward *w, struct client **list, unsigned n);

/* Schema findings, with t (id, n, pad) of so many thousand rows; the same again is no work. */
void ward_table(struct ward *w, unsigned thousands);
/* The redo log in bytes, from now on; MariaDB takes no less than its log buffer. */
#define WARD_REDO 16777216
void ward_redo(struct ward *w, unsigned bytes);
/* An account that may use the schema, its password its name. */
void ward_user(struct ward *w, const char *user);

#endif
