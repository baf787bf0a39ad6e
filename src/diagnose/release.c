#include "diagnose/release.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/blocking.h"

/* A pair, its ends as places in the list of sessions; a blocker that is not shown is -1. */
struct pair {
	int waiter, blocker;
	bool suspect;
};

struct node {
	int64_t session;
	bool victim, behind, free, perhaps, row_lock;
	unsigned first, n; /* the pairs in which it waits */
};

struct graph {
	struct node *nodes;
	struct pair *pairs; /* by waiter */
	unsigned n_nodes, n_pairs;
};

static int by_session(const void *a, const void *b)
{
	const struct node *x = a, *y = b;
	return (x->session > y->session) - (x->session < y->session);
}

static int by_waiter(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	return x->waiter - y->waiter;
}

static int place(const struct graph *g, int64_t session)
{
	struct node key = {.session = session};
	const struct node *found =
		g->n_nodes ? bsearch(&key, g->nodes, g->n_nodes, sizeof *g->nodes, by_session) : NULL;
	return found ? (int)(found - g->nodes) : -1;
}

static int64_t id_at(const struct part *p, unsigned row, unsigned field)
{
	return value_integer(part_get(p, row, field), 0);
}

static void add_nodes(struct graph *g, const struct part *p, const int64_t *victims, unsigned n)
{
	unsigned k = 0, rows = part_rows(p);
	g->nodes = xcalloc((size_t)2 * rows + n + 1, sizeof *g->nodes);
	for (unsigned i = 0; i < rows; i++) {
		int64_t blocker = id_at(p, i, BLOCKING_BLOCKER);
		g->nodes[k++].session = id_at(p, i, BLOCKING_WAITER);
		if (blocker)
			g->nodes[k++].session = blocker;
	}
	for (unsigned i = 0; i < n; i++)
		g->nodes[k++].session = victims[i];
	qsort(g->nodes, k, sizeof *g->nodes, by_session);
	for (unsigned i = 0; i < k; i++)
		if (!g->n_nodes || g->nodes[g->n_nodes - 1].session != g->nodes[i].session)
			g->nodes[g->n_nodes++] = g->nodes[i];
	for (unsigned i = 0; i < n; i++)
		g->nodes[place(g, victims[i])].victim = true;
}

static void add_pairs(struct graph *g, const struct part *p)
{
	unsigned rows = part_rows(p);
	g->pairs = xcalloc((size_t)rows + 1, sizeof *g->pairs);
	for (unsigned i = 0; i < rows; i++) {
		int64_t blocker = id_at(p, i, BLOCKING_BLOCKER);
		struct pair pair = {
			.waiter = place(g, id_at(p, i, BLOCKING_WAITER)),
			.blocker = blocker ? place(g, blocker) : -1,
			.suspect = id_at(p, i, BLOCKING_SUSPECT),
		};
		g->pairs[g->n_pairs++] = pair;
		if (strcmp(value_cstr(part_get(p, i, BLOCKING_KIND)), "row lock") == 0)
			g->nodes[pair.waiter].row_lock = true;
	}
	qsort(g->pairs, g->n_pairs, sizeof *g->pairs, by_waiter);
	for (unsigned i = 0; i < g->n_pairs; i++) {
		struct node *w = &g->nodes[g->pairs[i].waiter];
		w->first = w->n++ ? w->first : i;
	}
}

/* Whether the sessions that it waits for are done with; of suspects one such is enough, when they count. */
static bool resolved(const struct graph *g, const struct node *w, bool perhaps)
{
	bool suspects = false, suspect_done = false;
	for (unsigned i = w->first; i < w->first + w->n; i++) {
		const struct pair *p = &g->pairs[i];
		const struct node *b = p->blocker < 0 ? NULL : &g->nodes[p->blocker];
		bool done = b && (b->victim || b->free || (perhaps && b->perhaps));
		if (p->suspect) {
			suspects = true;
			suspect_done |= done;
		} else if (!done) {
			return false;
		}
	}
	return !suspects || (perhaps && suspect_done);
}

/* Until nothing changes: as many rounds as the longest chain has links. */
static void spread(struct graph *g)
{
	for (bool more = true; more;) {
		more = false;
		for (unsigned i = 0; i < g->n_pairs; i++) {
			struct node *w = &g->nodes[g->pairs[i].waiter];
			const struct node *b = g->pairs[i].blocker < 0 ? NULL : &g->nodes[g->pairs[i].blocker];
			if (!w->behind && b && (b->victim || b->behind))
				more = w->behind = true;
		}
	}
	for (int perhaps = 0; perhaps < 2; perhaps++)
		for (bool more = true; more;) {
			more = false;
			for (unsigned i = 0; i < g->n_nodes; i++) {
				struct node *w = &g->nodes[i];
				if (!w->behind || w->free || w->perhaps || !resolved(g, w, perhaps))
					continue;
				*(perhaps ? &w->perhaps : &w->free) = more = true;
			}
		}
}

/* A session that it waits for and that is neither ended nor freed; NULL: none that is shown. */
static const struct node *blocker_left(const struct graph *g, const struct node *w)
{
	for (unsigned i = w->first; i < w->first + w->n; i++) {
		const struct node *b = g->pairs[i].blocker < 0 ? NULL : &g->nodes[g->pairs[i].blocker];
		if (b && !b->victim && !b->free && !b->perhaps)
			return b;
	}
	return NULL;
}

/* Who still blocks it: the one at the root, or in a ring the next. */
static int64_t blocked_by(const struct graph *g, const struct node *w)
{
	const struct node *direct = blocker_left(g, w), *at = direct, *next;
	for (unsigned steps = 0; at && (next = blocker_left(g, at)); at = next)
		if (steps++ > g->n_nodes)
			return direct->session;
	return at ? at->session : 0;
}

void release_make(struct release *r, const struct part *blocking, const int64_t *victims, unsigned n)
{
	struct graph g = {0};
	*r = (struct release){0};
	if (!blocking || !part_rows(blocking))
		return;
	add_nodes(&g, blocking, victims, n);
	add_pairs(&g, blocking);
	spread(&g);
	r->sessions = xcalloc(g.n_nodes, sizeof *r->sessions);
	for (unsigned i = 0; i < g.n_nodes; i++) {
		const struct node *w = &g.nodes[i];
		if (!w->behind || w->victim)
			continue;
		enum release_fate fate = w->free ? RELEASE_FREE : w->perhaps ? RELEASE_PERHAPS : RELEASE_STAYS;
		r->sessions[r->n++] = (struct released){
			w->session, fate, fate == RELEASE_STAYS ? blocked_by(&g, w) : 0, w->row_lock};
		r->count[fate]++;
	}
	free(g.nodes);
	free(g.pairs);
}

void release_free(struct release *r)
{
	free(r->sessions);
	*r = (struct release){0};
}
