/*
 * What the errors that stop replication mean, where to look, and the safe ways out with their statements:
 * a table, looked up by number and, where one number says many things (1236), by words of the text. Nothing
 * here is ever executed: a person reads it, decides and types.
 *
 * Pure, any thread. The rows stand in replication_errortable.c.
 */
#ifndef DIAGNOSE_REPLICATION_ERRORS_H
#define DIAGNOSE_REPLICATION_ERRORS_H

#include "base/buf.h"
#include "model/snapshot.h"

struct replication_way {
	const char *text;   /* when it is right and what it does: whole sentences */
	const char *sql;    /* a statement a line, with placeholders (replication_error_fill()); or NULL */
	enum flavor flavor; /* FLAVOR_UNKNOWN: both families */
};

enum { REPLICATION_MOST_WAYS = 4 };

struct replication_error {
	int number;
	enum flavor flavor;  /* FLAVOR_UNKNOWN: both families */
	const char *words;   /* must be in the server's text, in whatever case; NULL: any text */
	const char *name;    /* for a line of its own: "duplicate key" */
	const char *means;   /* what happened */
	const char *look;    /* what to look at before anything is done */
	struct replication_way ways[REPLICATION_MOST_WAYS]; /* the safest first; ends with text NULL */
	const char *never;   /* what makes it worse; or NULL */
};

/* Never NULL: for a number that is not in the table the last row, which admits it. `text` may be "". */
const struct replication_error *replication_error_find(enum flavor flavor, int64_t number,
						       const char *text);
bool replication_error_known(const struct replication_error *e);

/* What the text of an error names, "" where it does not. */
struct replication_facts {
	char table[200]; /* shop.orders */
	char key[200];   /* of a duplicate: orders.PRIMARY */
	char entry[100]; /* the value that is there twice */
	char gtid[120];  /* of the transaction that failed */
	char file[200];  /* of the source's binary log */
	int64_t position;
	int64_t worker;  /* 0: none named */
	int64_t number;  /* of the error inside, where the text names one; else 0 */
};
void replication_facts_read(struct replication_facts *f, const char *text);

/* Whom the statements are for. */
struct replication_place {
	enum flavor flavor;
	unsigned number;      /* of the version: older servers have older words */
	bool gtid;            /* MySQL: transactions have GTIDs; MariaDB: the channel goes by them */
	const char *channel;  /* "" for the default one */
	bool several;         /* there are other channels */
	const char *host, *user; /* of the source */
	int64_t port;
	const struct replication_facts *facts;
};

/* The statements that leave out one transaction, the last resort. */
#define REPLICATION_SKIP "{skip}"

/* Appends a text or statements of the table with its placeholders filled in: {stop} {start} {start_sql}
   {reset} {change} {SOURCE} {REPLICA} {replica} {end} {skip} {table} {gtid} {host} {port} {user}. */
void replication_error_fill(struct buf *out, const char *text, const struct replication_place *p);
bool replication_way_fits(const struct replication_way *w, const struct replication_place *p);

/* --- for tests --- */
unsigned replication_error_count(void);
const struct replication_error *replication_error_at(unsigned i);

#endif
