/*
 * The blocking tree: who waits for whom, from the root. Made of pairs (collect/blocking.h): pure, and
 * linear but for a bit per waiter and pair, so that it can be made with each sample.
 *
 * A waiter hangs under each session that blocks it. What hangs below a session is laid out once; where
 * the session comes again it only says so. Sessions that wait for each other in a ring have no root of
 * their own: the ring is entered at one of them, and the row that closes it is marked.
 *
 * Suspects lead trees of their own, marked, and count for nobody: `behind` is what is certain.
 * The caller owns the tree; it borrows nothing.
 */
#ifndef DIAGNOSE_BLOCKTREE_H
#define DIAGNOSE_BLOCKTREE_H

#include "diagnose/outside.h"
#include "model/part.h"

struct block_edge {
	int64_t waiter;
	int64_t blocker; /* session; 0: none, or not shown */
	int64_t trx;     /* a prepared XA transaction without session; 0: none */
	bool suspect;    /* the blocker is one of those who could */
	enum outside outside; /* what it waits for is no session of this server */
};

struct block_node {
	int64_t session;    /* 0: none */
	int64_t trx;        /* of a prepared XA transaction without session */
	unsigned behind;    /* distinct sessions that wait for it, directly or behind others */
	unsigned suspected; /* distinct sessions that would, if it is what it is suspected of */
	unsigned direct;    /* that wait for nobody between */
	bool waits;         /* for somebody, seen or not */
	bool unseen;        /* stands for whoever the server does not show */
	enum outside outside; /* or for those on other servers */
	bool ring;          /* waits for itself, through others */
};

struct block_row {
	unsigned node;
	int edge;       /* the pair that it hangs by; -1: a root */
	unsigned depth; /* 0: a root */
	bool suspect;   /* a root that is only suspected */
	bool again;     /* what hangs below it is laid out further up */
	bool closes;    /* it is further up in its own branch: a ring */
	bool last;      /* of those that hang under the same */
};

struct blocktree {
	struct block_node *nodes; /* by session, then trx, then outside */
	struct block_row *rows;   /* roots with most behind them first, each with its branches */
	unsigned n_nodes, n_rows, n_roots, waiters;
};

void blocktree_make(struct blocktree *t, const struct block_edge *edges, unsigned n);
/* Edge i is row i of the part `blocking`; NULL: nobody waits. */
void blocktree_of(struct blocktree *t, const struct part *blocking);
void blocktree_release(struct blocktree *t);
/* NULL: it neither waits nor blocks. */
const struct block_node *blocktree_session(const struct blocktree *t, int64_t session);

#endif
