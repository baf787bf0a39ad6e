#include "diagnose/blocktree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/blocking.h"

enum { NONE = -1 };

/* An edge between nodes: `to` waits for `from`. */
struct link {
	unsigned from, to;
	unsigned edge;
	bool suspect;
};

struct maker {
	struct blocktree *t;
	struct link *links;  /* by blocker; all of one stand together */
	unsigned *first;     /* of node i: links[first[i]] … links[first[i + 1]] */
	unsigned n;
	/* Sets of waiters, a bit each, by component: NULL is the empty set. */
	uint64_t **behind;
	unsigned *component, n_components;
	unsigned words, *bit; /* of a node that waits */
	bool *laid;           /* node: its branches are laid out */
	bool *open;           /* node: in the branch at hand */
	unsigned cap_rows;
};

/* --- nodes ---------------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
	const struct block_node *x = a, *y = b;
	if (x->session != y->session)
		return x->session < y->session ? -1 : 1;
	if (x->trx != y->trx)
		return x->trx < y->trx ? -1 : 1;
	return (int)x->outside - (int)y->outside;
}

static struct block_node blocker_of(const struct block_edge *e)
{
	if (e->blocker)
		return (struct block_node){.session = e->blocker};
	if (e->trx)
		return (struct block_node){.trx = e->trx};
	return (struct block_node){.unseen = !e->outside, .outside = e->outside};
}

static void name_nodes(struct blocktree *t, const struct block_edge *edges, unsigned n)
{
	t->nodes = xcalloc(2 * (size_t)n + 1, sizeof *t->nodes);
	for (unsigned i = 0; i < n; i++) {
		t->nodes[2 * i] = (struct block_node){.session = edges[i].waiter};
		t->nodes[2 * i + 1] = blocker_of(&edges[i]);
	}
	qsort(t->nodes, 2 * (size_t)n, sizeof *t->nodes, compare_names);
	for (unsigned i = 0; i < 2 * n; i++)
		if (!i || compare_names(&t->nodes[i], &t->nodes[t->n_nodes - 1]) != 0)
			t->nodes[t->n_nodes++] = t->nodes[i];
}

static unsigned node_of(const struct blocktree *t, struct block_node name)
{
	const struct block_node *x =
		bsearch(&name, t->nodes, t->n_nodes, sizeof *t->nodes, compare_names);
	return (unsigned)(x - t->nodes);
}

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static void link_nodes(struct maker *m, const struct block_edge *edges, unsigned n)
{
	struct blocktree *t = m->t;
	m->links = xcalloc(n + 1, sizeof *m->links);
	m->first = xcalloc(t->n_nodes + 1, sizeof *m->first);
	for (unsigned i = 0; i < n; i++)
		m->links[i] = (struct link){
			.from = node_of(t, blocker_of(&edges[i])),
			.to = node_of(t, (struct block_node){.session = edges[i].waiter}),
			.edge = i,
			.suspect = edges[i].suspect,
		};
	qsort(m->links, n, sizeof *m->links, compare_links);
	/* Each pair once, and nobody behind itself. */
	for (unsigned i = 0; i < n; i++) {
		struct link l = m->links[i];
		if (l.from != l.to && (!m->n || compare_links(&l, &m->links[m->n - 1]) != 0))
			m->links[m->n++] = l;
	}
	for (unsigned i = 0; i < m->n; i++)
		m->first[m->links[i].from + 1] = i + 1;
	for (unsigned i = 1; i <= t->n_nodes; i++)
		if (m->first[i] < m->first[i - 1])
			m->first[i] = m->first[i - 1];
}

static void mark_waiters(struct maker *m)
{
	m->bit = xcalloc(m->t->n_nodes + 1, sizeof *m->bit);
	for (unsigned i = 0; i < m->n; i++) {
		struct block_node *waiter = &m->t->nodes[m->links[i].to];
		if (!waiter->waits)
			m->bit[m->links[i].to] = m->t->waiters++;
		waiter->waits = true;
		m->t->nodes[m->links[i].from].direct += !m->links[i].suspect;
	}
	m->words = (m->t->waiters + 63) / 64;
}

/* --- rings: components whose members all wait for each other (Tarjan) --------------------------------- */

struct walk {
	unsigned *index, *low, *stack, *path, *next;
	unsigned n_seen, n_stack;
	bool *on_stack;
};

static void close_component(struct maker *m, struct walk *w, unsigned node)
{
	unsigned member, size = 0;
	do {
		member = w->stack[--w->n_stack];
		w->on_stack[member] = false;
		m->component[member] = m->n_components;
		size++;
	} while (member != node);
	if (size > 1)
		for (unsigned i = 0; i < size; i++)
			m->t->nodes[w->stack[w->n_stack + i]].ring = true;
	m->n_components++;
}

static void enter(struct maker *m, struct walk *w, unsigned node)
{
	w->index[node] = w->low[node] = ++w->n_seen;
	w->stack[w->n_stack++] = node;
	w->on_stack[node] = true;
	w->next[node] = m->first[node];
}

/* Without recursion: a chain may be as long as there are sessions. */
static void walk_from(struct maker *m, struct walk *w, unsigned start)
{
	unsigned depth = 0;
	enter(m, w, start);
	w->path[depth++] = start;
	while (depth) {
		unsigned node = w->path[depth - 1];
		if (w->next[node] < m->first[node + 1]) {
			const struct link *l = &m->links[w->next[node]++];
			if (l->suspect)
				continue;
			if (!w->index[l->to]) {
				enter(m, w, l->to);
				w->path[depth++] = l->to;
			} else if (w->on_stack[l->to] && w->index[l->to] < w->low[node]) {
				w->low[node] = w->index[l->to];
			}
			continue;
		}
		if (w->low[node] == w->index[node])
			close_component(m, w, node);
		depth--;
		if (depth && w->low[node] < w->low[w->path[depth - 1]])
			w->low[w->path[depth - 1]] = w->low[node];
	}
}

/* Components come out numbered so that whoever waits has a lower number than whom it waits for. */
static void find_components(struct maker *m)
{
	unsigned n = m->t->n_nodes, *all = xcalloc(5 * (size_t)n + 1, sizeof *all);
	struct walk w = {.index = all, .low = all + n, .stack = all + 2 * n, .path = all + 3 * n,
			 .next = all + 4 * n, .on_stack = xcalloc(n + 1, 1)};
	m->component = xcalloc(n + 1, sizeof *m->component);
	for (unsigned i = 0; i < n; i++)
		if (!w.index[i])
			walk_from(m, &w, i);
	free(all);
	free(w.on_stack);
}

/* --- counting ------------------------------------------------------------------------------------- */

static void join_sets(uint64_t *into, const uint64_t *from, unsigned words)
{
	for (unsigned i = 0; from && i < words; i++)
		into[i] |= from[i];
}

static unsigned count_bits(const uint64_t *set, unsigned words)
{
	unsigned n = 0;
	for (unsigned i = 0; set && i < words; i++)
		n += (unsigned)__builtin_popcountll(set[i]);
	return n;
}

static bool has_bit(const uint64_t *set, unsigned bit)
{
	return set && set[bit / 64] >> bit % 64 & 1;
}

/* Adds a waiter and all behind it. */
static void add_waiter(const struct maker *m, uint64_t *set, unsigned node)
{
	set[m->bit[node] / 64] |= (uint64_t)1 << m->bit[node] % 64;
	join_sets(set, m->behind[m->component[node]], m->words);
}

static void collect_behind(struct maker *m)
{
	unsigned n = m->t->n_nodes, *order = xcalloc(n + 1, sizeof *order);
	unsigned *at = xcalloc(m->n_components + 2, sizeof *at);
	m->behind = xcalloc(m->n_components + 1, sizeof *m->behind);
	for (unsigned i = 0; i < n; i++)
		at[m->component[i] + 1]++;
	for (unsigned i = 0; i < m->n_components; i++)
		at[i + 1] += at[i];
	for (unsigned i = 0; i < n; i++)
		order[at[m->component[i]]++] = i;
	for (unsigned k = 0; k < n; k++) {
		unsigned node = order[k], c = m->component[node];
		for (unsigned i = m->first[node]; i < m->first[node + 1]; i++) {
			if (m->links[i].suspect)
				continue;
			if (!m->behind[c])
				m->behind[c] = xcalloc(m->words, sizeof **m->behind);
			add_waiter(m, m->behind[c], m->links[i].to);
		}
	}
	free(order);
	free(at);
}

static void count_node(const struct maker *m, unsigned i, uint64_t *suspected)
{
	struct block_node *node = &m->t->nodes[i];
	const uint64_t *behind = m->behind[m->component[i]];
	bool any = false;
	node->behind = count_bits(behind, m->words);
	if (node->waits && has_bit(behind, m->bit[i]))
		node->behind--;
	for (unsigned l = m->first[i]; l < m->first[i + 1]; l++) {
		if (!m->links[l].suspect)
			continue;
		if (!any)
			memset(suspected, 0, m->words * sizeof *suspected);
		any = true;
		add_waiter(m, suspected, m->links[l].to);
	}
	if (!any)
		return;
	join_sets(suspected, behind, m->words);
	if (node->waits)
		suspected[m->bit[i] / 64] &= ~((uint64_t)1 << m->bit[i] % 64);
	node->suspected = count_bits(suspected, m->words);
}

static void count_all(struct maker *m)
{
	uint64_t *set = xcalloc(m->words + 1, sizeof *set);
	for (unsigned i = 0; i < m->t->n_nodes; i++)
		count_node(m, i, set);
	free(set);
}

/* --- rows ----------------------------------------------------------------------------------------- */

struct branch {
	unsigned node;
	int edge;
	bool suspect;
	unsigned behind;
};

static int compare_branches(const void *a, const void *b)
{
	const struct branch *x = a, *y = b;
	if (x->behind != y->behind)
		return x->behind > y->behind ? -1 : 1;
	if (x->suspect != y->suspect)
		return x->suspect - y->suspect;
	return (x->node > y->node) - (x->node < y->node);
}

/* What hangs right under a node, those with most behind them first: what is certain, or what it is only
   suspected of. */
static unsigned branches_of(const struct maker *m, unsigned node, bool suspect, struct branch *out)
{
	unsigned n = 0;
	for (unsigned i = m->first[node]; i < m->first[node + 1]; i++) {
		const struct link *l = &m->links[i];
		if (l->suspect != suspect)
			continue;
		out[n++] = (struct branch){l->to, (int)l->edge, false, m->t->nodes[l->to].behind};
	}
	qsort(out, n, sizeof *out, compare_branches);
	return n;
}

static void add_row(struct maker *m, struct block_row row)
{
	struct blocktree *t = m->t;
	GROW(t->rows, t->n_rows, m->cap_rows);
	t->rows[t->n_rows++] = row;
}

/* A node whose branches are being laid out. */
struct level {
	unsigned node, n, next;
	struct branch *branches; /* its share of one stack */
};

static void lay_out(struct maker *m, struct branch root, struct level *levels, struct branch *stack)
{
	unsigned depth = 0, used = 0;
	struct branch b = root;
	for (bool last = false;;) {
		struct block_row row = {.node = b.node, .edge = b.edge, .depth = depth,
					.suspect = b.suspect, .last = last};
		bool leaf = m->first[b.node] == m->first[b.node + 1];
		row.closes = m->open[b.node];
		row.again = !row.closes && !leaf && m->laid[b.node] && !b.suspect;
		add_row(m, row);
		if (!row.closes && !row.again) {
			struct level *l = &levels[depth++];
			*l = (struct level){.node = b.node, .branches = stack + used};
			l->n = branches_of(m, b.node, b.suspect, l->branches);
			used += l->n;
			m->open[b.node] = true;
			m->laid[b.node] |= !b.suspect;
		}
		while (depth && levels[depth - 1].next == levels[depth - 1].n) {
			used -= levels[--depth].n;
			m->open[levels[depth].node] = false;
		}
		if (!depth)
			return;
		struct level *up = &levels[depth - 1];
		b = up->branches[up->next++];
		last = up->next == up->n;
	}
}

/* Whoever waits for nobody; one of each ring that waits for nobody outside; suspects. */
static unsigned find_roots(const struct maker *m, struct branch *roots)
{
	const struct blocktree *t = m->t;
	unsigned n = 0;
	bool *held = xcalloc(m->n_components + 1, 1), *blamed = xcalloc(t->n_nodes + 1, 1);
	for (unsigned i = 0; i < m->n; i++) {
		const struct link *l = &m->links[i];
		unsigned up = m->component[l->from], down = m->component[l->to];
		if (l->suspect)
			blamed[l->from] = true;
		held[down] |= up != down && !l->suspect;
	}
	for (unsigned i = 0; i < t->n_nodes; i++) {
		const struct block_node *node = &t->nodes[i];
		bool first = !held[m->component[i]] && node->behind;
		/* Who waits for suspects stands under them. */
		if (blamed[i])
			roots[n++] = (struct branch){i, NONE, true, node->suspected};
		if (first && (node->ring || !node->waits))
			roots[n++] = (struct branch){i, NONE, false, node->behind};
		if (first && node->ring)
			held[m->component[i]] = true;
	}
	qsort(roots, n, sizeof *roots, compare_branches);
	free(held);
	free(blamed);
	return n;
}

static void lay_out_all(struct maker *m)
{
	unsigned n = m->t->n_nodes;
	struct branch *roots = xcalloc(n + 1, sizeof *roots);
	struct level *levels = xcalloc(n + 1, sizeof *levels);
	struct branch *stack = xcalloc(m->n + 1, sizeof *stack);
	m->laid = xcalloc(n + 1, 1);
	m->open = xcalloc(n + 1, 1);
	m->t->n_roots = find_roots(m, roots);
	for (unsigned i = 0; i < m->t->n_roots; i++)
		lay_out(m, roots[i], levels, stack);
	free(roots);
	free(levels);
	free(stack);
}

/* --- the whole -------------------------------------------------------------------------------------- */

void blocktree_make(struct blocktree *t, const struct block_edge *edges, unsigned n)
{
	struct maker m = {.t = t};
	*t = (struct blocktree){0};
	if (!n)
		return;
	name_nodes(t, edges, n);
	link_nodes(&m, edges, n);
	mark_waiters(&m);
	find_components(&m);
	collect_behind(&m);
	count_all(&m);
	lay_out_all(&m);
	for (unsigned i = 0; i < m.n_components; i++)
		free(m.behind[i]);
	free(m.behind);
	free(m.links);
	free(m.first);
	free(m.component);
	free(m.bit);
	free(m.laid);
	free(m.open);
}

void blocktree_of(struct blocktree *t, const struct part *blocking)
{
	unsigned n = blocking ? part_rows(blocking) : 0;
	struct block_edge *edges = xcalloc(n + 1, sizeof *edges);
	for (unsigned i = 0; i < n; i++)
		edges[i] = (struct block_edge){
			.waiter = value_integer(part_get(blocking, i, BLOCKING_WAITER), 0),
			.blocker = value_integer(part_get(blocking, i, BLOCKING_BLOCKER), 0),
			.trx = value_integer(part_get(blocking, i, BLOCKING_BLOCKER_TRX), 0),
			.suspect = value_integer(part_get(blocking, i, BLOCKING_SUSPECT), 0),
			.outside = outside_of(value_cstr(part_get(blocking, i, BLOCKING_KIND))),
		};
	blocktree_make(t, edges, n);
	free(edges);
}

void blocktree_release(struct blocktree *t)
{
	free(t->nodes);
	free(t->rows);
	*t = (struct blocktree){0};
}

const struct block_node *blocktree_session(const struct blocktree *t, int64_t session)
{
	struct block_node name = {.session = session};
	return t->n_nodes && session
		       ? bsearch(&name, t->nodes, t->n_nodes, sizeof *t->nodes, compare_names)
		       : NULL;
}
