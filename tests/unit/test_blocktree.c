/* The blocking tree: small ones by hand, random ones against counting by brute force, and its cost. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "diagnose/blocktree.h"
#include "tests/unit/cmocka_all.h"

/* "+812(3) -825 -831*": depth by signs, behind in brackets, what is odd after it. */
static void draw(const struct blocktree *t, struct buf *out)
{
	for (unsigned i = 0; i < t->n_rows; i++) {
		const struct block_row *r = &t->rows[i];
		const struct block_node *n = &t->nodes[r->node];
		buf_adds(out, i ? " " : "");
		for (unsigned d = 0; d < r->depth; d++)
			buf_addc(out, '-');
		if (n->session)
			buf_addf(out, "%lld", (long long)n->session);
		else if (n->trx)
			buf_addf(out, "xa%lld", (long long)n->trx);
		else
			buf_adds(out, n->outside ? outside_name(n->outside) : "unseen");
		unsigned behind = r->suspect ? n->suspected : n->behind;
		if (behind)
			buf_addf(out, "(%u)", behind);
		buf_adds(out, r->suspect ? "?" : "");
		buf_adds(out, r->again ? "^" : "");
		buf_adds(out, r->closes ? "*" : "");
	}
}

static void expect(const struct block_edge *edges, unsigned n, const char *want)
{
	struct blocktree t;
	struct buf b = BUF_INIT;
	blocktree_make(&t, edges, n);
	draw(&t, &b);
	assert_string_equal(buf_str(&b), want);
	buf_release(&b);
	blocktree_release(&t);
}
#define EXPECT(want, ...) \
	do { \
		static const struct block_edge edges[] = {__VA_ARGS__}; \
		expect(edges, COUNT_OF(edges), want); \
	} while (0)

static void nobody_waits(void **state)
{
	struct blocktree t;
	(void)state;
	blocktree_of(&t, NULL);
	assert_int_equal(t.n_rows, 0);
	assert_null(blocktree_session(&t, 1));
	blocktree_release(&t);
}

static void the_root_leads_not_the_widest(void **state)
{
	(void)state;
	/* 5 has most direct waiters, 1 has all behind it. */
	EXPECT("1(5) -5(4) --6 --7 --8 --9", {5, 1, 0, 0}, {6, 5, 0, 0}, {7, 5, 0, 0}, {8, 5, 0, 0},
	       {9, 5, 0, 0});
	EXPECT("4(3) -5 -6 -7 1(2) -2 -3", {2, 1, 0, 0}, {3, 1, 0, 0}, {5, 4, 0, 0}, {6, 4, 0, 0},
	       {7, 4, 0, 0});
}

static void several_blockers_several_places(void **state)
{
	(void)state;
	EXPECT("1(2) -3(1) --4 2(2) -3(1)^", {3, 1, 0, 0}, {3, 2, 0, 0}, {4, 3, 0, 0});
	/* A diamond counts its end once. */
	EXPECT("1(3) -2(1) --4 -3(1) --4", {2, 1, 0, 0}, {3, 1, 0, 0}, {4, 2, 0, 0}, {4, 3, 0, 0});
	/* One pair said twice is one. */
	EXPECT("1(1) -2", {2, 1, 0, 0}, {2, 1, 0, 0});
}

static void rings_are_closed(void **state)
{
	(void)state;
	EXPECT("1(1) -2(1) --1(1)*", {1, 2, 0, 0}, {2, 1, 0, 0});
	EXPECT("1(2) -3(2) --2(2) ---1(2)*", {1, 2, 0, 0}, {2, 3, 0, 0}, {3, 1, 0, 0});
	/* A ring behind a root, and somebody behind the ring. */
	EXPECT("9(4) -1(2) --2(2) ---1(2)* ---3 -4", {1, 9, 0, 0}, {4, 9, 0, 0}, {1, 2, 0, 0}, {2, 1, 0, 0},
	       {3, 2, 0, 0});
	EXPECT("5(1) -6", {6, 5, 0, 0}, {5, 5, 0, 0});
}

static void who_is_no_session_leads_too(void **state)
{
	(void)state;
	EXPECT("xa77(2) -3 -4", {3, 0, 77, 0}, {4, 0, 77, 0});
	EXPECT("unseen(2) -3(1) --4", {3, 0, 0, 0}, {4, 3, 0, 0});
	/* Who waits for other servers hangs under those, apart from who waits for a session that is not shown. */
	EXPECT("replicas(3) -3(1) --4 -5 unseen(1) -6", {3, 0, 0, 0, OUTSIDE_REPLICAS}, {4, 3, 0, 0},
	       {5, 0, 0, 0, OUTSIDE_REPLICAS}, {6, 0, 0, 0});
}

static void suspects_are_no_culprits(void **state)
{
	(void)state;
	/* 10 waits for one of 1 and 2; 11 and 12 wait behind 10. 3 is certain. */
	EXPECT("1(3)? -10(2) --11 --12 2(3)? -10(2)^ 3(1) -13", {10, 1, 0, 1}, {10, 2, 0, 1},
	       {11, 10, 0, 0}, {12, 10, 0, 0}, {13, 3, 0, 0});
	/* A suspect that waits itself accuses nobody further up. */
	EXPECT("3(1) -2 2(1)? -10", {10, 2, 0, 1}, {2, 3, 0, 0});
	/* Certainly to blame for one, suspected of another. */
	EXPECT("2(2)? -10 2(1) -11", {10, 2, 0, 1}, {11, 2, 0, 0});
}

/* --- against brute force --------------------------------------------------------------------------- */

enum { MOST = 40 };

/* waits[a][b]: a waits for b, directly; after closing, through others too. */
struct matrix {
	bool direct[MOST][MOST], all[MOST][MOST];
};

static void close_matrix(struct matrix *m, unsigned n)
{
	memcpy(m->all, m->direct, sizeof m->all);
	for (unsigned k = 0; k < n; k++)
		for (unsigned i = 0; i < n; i++)
			for (unsigned j = 0; j < n; j++)
				m->all[i][j] |= m->all[i][k] && m->all[k][j];
}

static void check_node(const struct blocktree *t, const struct matrix *m, unsigned n, unsigned i)
{
	unsigned behind = 0, direct = 0, edges = 0;
	for (unsigned j = 0; j < n; j++) {
		behind += j != i && m->all[j][i];
		direct += m->direct[j][i];
		edges += m->direct[i][j] || m->direct[j][i];
	}
	const struct block_node *node = blocktree_session(t, i + 1);
	if (!edges) {
		assert_null(node);
		return;
	}
	assert_non_null(node);
	assert_int_equal(node->behind, behind);
	assert_int_equal(node->direct, direct);
	bool others = false;
	for (unsigned j = 0; j < n; j++)
		others |= j != i && m->all[i][j] && m->all[j][i];
	assert_int_equal(node->ring, others);
}

/* Every pair has its place below its blocker; roots wait for nobody, or are in a ring nobody blocks. */
static void check_rows(const struct blocktree *t, const struct matrix *m, unsigned n)
{
	bool placed[MOST][MOST] = {{false}};
	int64_t path[MOST + 2];
	unsigned before = UINT32_MAX;
	for (unsigned i = 0; i < t->n_rows; i++) {
		const struct block_row *r = &t->rows[i];
		const struct block_node *node = &t->nodes[r->node];
		assert_true(r->depth <= n);
		path[r->depth] = node->session;
		bool open = false;
		for (unsigned d = 0; d < r->depth; d++)
			open |= path[d] == node->session;
		assert_int_equal(r->closes, open);
		if (r->depth) {
			unsigned w = (unsigned)node->session - 1, b = (unsigned)path[r->depth - 1] - 1;
			assert_true(m->direct[w][b]);
			assert_false(placed[w][b]);
			placed[w][b] = true;
			continue;
		}
		assert_true(node->behind <= before);
		before = node->behind;
		for (unsigned j = 0; j < n; j++)
			if (m->all[node->session - 1][j])
				assert_true(m->all[j][node->session - 1]);
	}
	assert_int_equal(memcmp(placed, m->direct, sizeof placed), 0);
}

static void random_graphs_are_counted_right(void **state)
{
	(void)state;
	srand(20240422);
	for (unsigned round = 0; round < 4000; round++) {
		struct block_edge edges[MOST * 4];
		struct matrix m = {0};
		struct blocktree t;
		unsigned n = 2 + (unsigned)rand() % (MOST - 2), n_edges = 0;
		unsigned most = 1 + (unsigned)rand() % (2 * n);
		/* Some without rings, where the older blocks the younger. */
		bool rings = rand() % 2;
		for (unsigned i = 0; i < most; i++) {
			unsigned a = (unsigned)rand() % n, b = (unsigned)rand() % n;
			if (a == b)
				continue;
			if (!rings && a < b) {
				unsigned x = a;
				a = b;
				b = x;
			}
			m.direct[a][b] = true;
			edges[n_edges++] = (struct block_edge){.waiter = a + 1, .blocker = b + 1};
		}
		close_matrix(&m, n);
		blocktree_make(&t, edges, n_edges);
		for (unsigned i = 0; i < n; i++)
			check_node(&t, &m, n, i);
		check_rows(&t, &m, n);
		blocktree_release(&t);
	}
}

/* --- cost ----------------------------------------------------------------------------------------- */

static double ms_of(const struct block_edge *edges, unsigned n)
{
	double best = 1e9;
	for (unsigned i = 0; i < 5; i++) {
		struct blocktree t;
		int64_t from = clock_mono_ns();
		blocktree_make(&t, edges, n);
		double ms = (double)(clock_mono_ns() - from) / (double)NS_PER_MS;
		blocktree_release(&t);
		best = ms < best ? ms : best;
	}
	return best;
}

static void long_queues_are_cheap(void **state)
{
	enum { WAITERS = 500, BLOCKERS = 8 };
	static struct block_edge star[WAITERS], chain[WAITERS], wide[WAITERS * BLOCKERS];
	(void)state;
	for (unsigned i = 0; i < WAITERS; i++) {
		star[i] = (struct block_edge){.waiter = 10000 + i, .blocker = 7};
		chain[i] = (struct block_edge){.waiter = i + 2, .blocker = i + 1};
		for (unsigned b = 0; b < BLOCKERS; b++)
			wide[i * BLOCKERS + b] = (struct block_edge){
				.waiter = i + 1, .blocker = (i * 7 + b * 61) % (2 * WAITERS) + 1};
	}
	double s = ms_of(star, COUNT_OF(star)), c = ms_of(chain, COUNT_OF(chain)),
	       w = ms_of(wide, COUNT_OF(wide));
	print_message("500 waiters: star %.2f ms, chain %.2f ms, 8 blockers each %.2f ms\n", s, c, w);
	/* Sanitizers make it slower than it is; it is 5 ms for all rules together without. */
	assert_true(s < 50 && c < 50 && w < 50);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits),
		cmocka_unit_test(the_root_leads_not_the_widest),
		cmocka_unit_test(several_blockers_several_places),
		cmocka_unit_test(rings_are_closed),
		cmocka_unit_test(who_is_no_session_leads_too),
		cmocka_unit_test(suspects_are_no_culprits),
		cmocka_unit_test(random_graphs_are_counted_right),
		cmocka_unit_test(long_queues_are_cheap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
