#include "collect/row_lock_waits.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/pairs.h"
#include "collect/row_locks.h"
#include "collect/sessions.h"
#include "collect/transactions.h"

static const struct field fields[] = {ROW_LOCK_WAIT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"row_lock_waits", fields, N_ROW_LOCK_WAIT_FIELDS,
				     ROW_LOCK_WAIT_ID};

/* A row of row_locks. */
struct lock {
	struct value place; /* of the record */
	struct value whose; /* name of the lock whose row it is: the waiter's of a pair, else its own */
	bool pair;
	bool queued;        /* somebody waits for this lock itself: wanted, not had */
	int64_t session;    /* 0: a transaction without one, or it cannot be told */
	unsigned row;
};

struct locks {
	const struct part *rows, *trx;
	struct lock *by_place; /* those that are had first */
	struct lock *by_whose;
	size_t n;
	struct pairs sessions, threads; /* by transaction, by thread */
	int64_t nameless; /* session of the only transaction with locks and without number; 0: none */
};

static struct value lock_cell(const struct locks *l, const struct lock *k, unsigned field)
{
	return part_get(l->rows, k->row, field);
}

static int compare_place(const void *a, const void *b)
{
	const struct lock *x = a, *y = b;
	int d = value_compare(x->place, y->place, false);
	return d ? d : x->queued != y->queued ? x->queued - y->queued
					      : (x->row > y->row) - (x->row < y->row);
}

static int compare_whose(const void *a, const void *b)
{
	const struct lock *x = a, *y = b;
	int d = value_compare(x->whose, y->whose, false);
	return d ? d : (x->row > y->row) - (x->row < y->row);
}

/* MariaDB gives no number to a transaction that has changed nothing, and shows its locks under 0. Only
   where there is just one such transaction with row locks is it clear whose they are. */
static int64_t find_nameless(const struct part *trx)
{
	int64_t found = 0;
	for (unsigned i = 0; i < part_rows(trx); i++) {
		if (value_integer(part_get(trx, i, TRANSACTION_ID), -1) != 0 ||
		    value_integer(part_get(trx, i, TRANSACTION_ROWS_LOCKED), 0) == 0)
			continue;
		if (found)
			return 0;
		found = value_integer(part_get(trx, i, TRANSACTION_SESSION), 0);
	}
	return found;
}

static int64_t session_of(const struct locks *l, unsigned row)
{
	int64_t trx = value_integer(part_get(l->rows, row, ROW_LOCK_TRX), 0);
	if (trx == 0)
		return l->nameless;
	int64_t session = pairs_get(&l->sessions, trx, 0);
	int64_t thread = value_integer(part_get(l->rows, row, ROW_LOCK_THREAD_ID), 0);
	return session ? session : pairs_get(&l->threads, thread, 0);
}

static void index_sessions(struct locks *l, const struct part *sessions)
{
	for (unsigned i = 0; i < part_rows(l->trx); i++)
		pairs_add(&l->sessions, value_integer(part_get(l->trx, i, TRANSACTION_ID), 0),
			  value_integer(part_get(l->trx, i, TRANSACTION_SESSION), 0));
	for (unsigned i = 0; sessions && i < part_rows(sessions); i++)
		pairs_add(&l->threads, value_integer(part_get(sessions, i, SESSION_THREAD_ID), -1),
			  value_integer(part_get(sessions, i, SESSION_ID), 0));
	pairs_sort(&l->sessions);
	pairs_sort(&l->threads);
	l->nameless = find_nameless(l->trx);
}

static int compare_text(const void *a, const void *b)
{
	return value_compare(*(const struct value *)a, *(const struct value *)b, false);
}

/* The names of all locks that are waited for, in order; the caller frees them. */
static struct value *wanted_locks(const struct part *trx, size_t *n)
{
	struct value *wanted = xcalloc(part_rows(trx) + 1, sizeof *wanted);
	*n = 0;
	for (unsigned i = 0; i < part_rows(trx); i++) {
		struct value v = part_get(trx, i, TRANSACTION_REQUESTED_LOCK);
		if (v.type == VALUE_TEXT)
			wanted[(*n)++] = v;
	}
	qsort(wanted, *n, sizeof *wanted, compare_text);
	return wanted;
}

static void index_locks(struct locks *l)
{
	size_t n_wanted;
	struct value *wanted = wanted_locks(l->trx, &n_wanted);
	l->by_place = xcalloc(part_rows(l->rows) + 1, sizeof *l->by_place);
	l->by_whose = xcalloc(part_rows(l->rows) + 1, sizeof *l->by_whose);
	for (unsigned i = 0; i < part_rows(l->rows); i++) {
		struct value id = part_get(l->rows, i, ROW_LOCK_ID);
		struct value waiter = part_get(l->rows, i, ROW_LOCK_WANTED);
		if (id.type != VALUE_TEXT)
			continue;
		l->by_place[l->n++] = (struct lock){
			.place = row_lock_place(id),
			.whose = waiter.type == VALUE_TEXT ? waiter : id,
			.pair = waiter.type == VALUE_TEXT,
			.queued = bsearch(&id, wanted, n_wanted, sizeof *wanted, compare_text),
			.session = session_of(l, i),
			.row = i,
		};
	}
	memcpy(l->by_whose, l->by_place, l->n * sizeof *l->by_whose);
	qsort(l->by_place, l->n, sizeof *l->by_place, compare_place);
	qsort(l->by_whose, l->n, sizeof *l->by_whose, compare_whose);
	free(wanted);
}

/* --- one waiter ------------------------------------------------------------------------------- */

/* Locks from .. to, the latter excluded. */
struct range {
	const struct lock *from, *to;
};

enum { MOST_LOOKED_AT = 64 };

/* Those of a sorted array that are equal to `key`, going by `compare`, whatever their row; the first of
   them, where they are many. */
static struct range equal_range(const struct lock *locks, size_t n, struct lock key,
				int (*compare)(const void *, const void *))
{
	size_t lo = 0, hi = n;
	key.row = 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (compare(&locks[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	struct range r = {locks + lo, locks + lo};
	key.row = UINT32_MAX;
	while (r.to < locks + n && r.to - r.from < MOST_LOOKED_AT && compare(r.to, &key) < 0)
		r.to++;
	return r;
}

struct waiting {
	unsigned row;           /* in trx */
	int64_t session;
	const struct lock *own; /* tells table, index and mode; may be NULL */
	bool to_compare;        /* own is a single lock: whether another is in its way shows their modes */
};

/* Modes as both servers write them: "X", "S,GAP", "X,REC_NOT_GAP", "X,INSERT_INTENTION", "IX". */
static bool modes_conflict(const char *asked, const char *held)
{
	if (asked[0] == 'S' && held[0] == 'S')
		return false;
	if (strstr(asked, "INSERT_INTENTION"))
		return !strstr(held, "REC_NOT_GAP");
	return !strstr(held, "GAP") || strstr(held, "REC_NOT_GAP");
}

static bool in_the_way(const struct locks *l, const struct waiting *w, const struct lock *k)
{
	return !w->to_compare || modes_conflict(value_cstr(lock_cell(l, w->own, ROW_LOCK_MODE)),
						value_cstr(lock_cell(l, k, ROW_LOCK_MODE)));
}

static void add_pair(const struct locks *l, const struct waiting *w, const struct lock *k,
		     struct part_builder *b)
{
	int64_t blocker = k ? k->session : 0;
	const struct lock *about = w->own ? w->own : k;
	char id[64];
	snprintf(id, sizeof id, "%lld:%lld", (long long)w->session, (long long)blocker);
	part_row_begin(b);
	part_set(b, ROW_LOCK_WAIT_ID, value_str(id));
	part_set(b, ROW_LOCK_WAIT_WAITER, value_int(w->session));
	if (blocker)
		part_set(b, ROW_LOCK_WAIT_BLOCKER, value_int(blocker));
	part_set(b, ROW_LOCK_WAIT_AGE, part_get(l->trx, w->row, TRANSACTION_WAIT_AGE));
	part_set(b, ROW_LOCK_WAIT_WAITER_TRX, part_get(l->trx, w->row, TRANSACTION_ID));
	if (about) {
		part_set(b, ROW_LOCK_WAIT_TABLE, lock_cell(l, about, ROW_LOCK_TABLE));
		part_set(b, ROW_LOCK_WAIT_INDEX, lock_cell(l, about, ROW_LOCK_INDEX));
		part_set(b, ROW_LOCK_WAIT_MODE, lock_cell(l, about, ROW_LOCK_MODE));
		part_set(b, ROW_LOCK_WAIT_RECORD, lock_cell(l, about, ROW_LOCK_RECORD));
	}
	if (k)
		part_set(b, ROW_LOCK_WAIT_BLOCKER_TRX, lock_cell(l, k, ROW_LOCK_TRX));
	part_row_end(b);
}

enum { MOST_BLOCKERS = 8 };

/* Pairs of a waiter with those who have (or, `queued`, only wait for) what it wants. Returns how many. */
static unsigned add_pairs(const struct locks *l, const struct waiting *w, struct range among,
			  bool queued, struct part_builder *b)
{
	int64_t seen[MOST_BLOCKERS];
	unsigned n = 0;
	for (const struct lock *k = among.from; k < among.to && n < MOST_BLOCKERS; k++) {
		bool skip = k->queued != queued || k->session == w->session || !in_the_way(l, w, k);
		for (unsigned i = 0; i < n && !skip; i++)
			skip = seen[i] == k->session;
		if (skip)
			continue;
		add_pair(l, w, k, b);
		seen[n++] = k->session;
	}
	return n;
}

static void add_waiter(const struct locks *l, unsigned row, struct part_builder *b)
{
	struct value lock = part_get(l->trx, row, TRANSACTION_REQUESTED_LOCK);
	struct waiting w = {.row = row,
			    .session = value_integer(part_get(l->trx, row, TRANSACTION_SESSION), 0)};
	struct range own = equal_range(l->by_whose, l->n, (struct lock){.whose = lock}, compare_whose);
	struct range here = equal_range(l->by_place, l->n,
					(struct lock){.place = row_lock_place(lock)}, compare_place);
	bool asked_for = own.from < own.to && own.from->pair;
	if (own.from < own.to)
		w.own = own.from;
	w.to_compare = w.own && !asked_for;
	unsigned n = asked_for ? add_pairs(l, &w, own, false, b)
			       : add_pairs(l, &w, here, false, b);
	if (n == 0 && asked_for)
		n = add_pairs(l, &w, own, true, b);
	if (n == 0)
		add_pair(l, &w, NULL, b);
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	const struct part *raw = ctx->parts[PART_ROW_LOCKS];
	struct locks l = {.rows = raw, .trx = ctx->parts[PART_TRX]};
	struct part_builder *b = part_builder_new(PART_ROW_LOCK_WAITS, &schema);
	index_sessions(&l, ctx->parts[PART_SESSIONS]);
	index_locks(&l);
	for (unsigned i = 0; i < part_rows(l.trx); i++)
		if (transaction_waits(l.trx, i))
			add_waiter(&l, i, b);
	free(l.by_place);
	free(l.by_whose);
	pairs_release(&l.sessions);
	pairs_release(&l.threads);
	return part_seal(b, part_read_mono(raw), part_read_wall(raw), part_ms(raw));
}

const struct derivation row_lock_waits_derivation = {
	.part = PART_ROW_LOCK_WAITS,
	.schema = &schema,
	.from = PART_BIT(PART_ROW_LOCKS) | PART_BIT(PART_TRX) | PART_BIT(PART_SESSIONS),
	.requires = PART_BIT(PART_ROW_LOCKS) | PART_BIT(PART_TRX),
	.make = make,
};
