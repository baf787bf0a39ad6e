/*
 * The lab's shop: its schema, the goods and people that are in it at first, and what its programs
 * do all day. A client is one row, a task (a statement, or a transaction of several) is one row.
 * Text for fill(); random numbers are the caller's, so that a test can repeat a day.
 */
#ifndef LAB_SHOP_H
#define LAB_SHOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct rawdb;

/* xorshift; never 0. */
struct shop_dice {
	uint64_t state;
};
uint32_t shop_roll(struct shop_dice *d, uint32_t n); /* 0 … n-1 */

struct shop_client {
	const char *user;
	int connections;
	double rate;         /* statements a second, each connection */
	const char *host;    /* the address that it comes from; NULL: through the socket */
	bool on_replica;     /* where there is one */
	const char *program; /* as it calls itself */
};

/* Ends with a row without a user. */
extern const struct shop_client shop_clients[];

enum { SHOP_STATEMENTS_MAX = 8 };

struct shop_task {
	const char *user;
	unsigned weight;
	const char *sql[SHOP_STATEMENTS_MAX + 1]; /* NULL-terminated; several begin with BEGIN */
};

/* Ends with a row without a user. */
extern const struct shop_task shop_tasks[];

/* One of the user's tasks, by weight. */
const struct shop_task *shop_task_pick(const char *user, struct shop_dice *d);
/* The numbers and words of one run of a task; the same product stays the same in all its
 * statements. */
struct shop_run {
	struct shop_dice *dice;
	uint32_t customer, product[2], quantity;
};
void shop_run_init(struct shop_run *r, struct shop_dice *d);
/* `ctx` is a struct shop_run. */
bool shop_word(struct buf *out, const char *word, void *ctx);

/* Make the schema and fill it, on a server that has none. */
bool shop_create(struct rawdb *db, struct err *e);

#endif
