#include "collect/waits.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/mdl.h"
#include "collect/metadata_locks.h"
#include "collect/row_lock_waits.h"
#include "collect/sessions.h"
#include "collect/transactions.h"
#include "parse/sqltext.h"

static struct wait *add(struct waits *w, int waiter)
{
	GROW(w->at, w->n, w->cap);
	struct wait *x = &w->at[w->n++];
	*x = (struct wait){.waiter = waiter, .blocker = NO_ROW, .age = -1};
	return x;
}

static int row_of(const struct part *sessions, struct value id)
{
	return id.type == VALUE_INT ? part_find(sessions, id) : NO_ROW;
}

/* --- row locks -------------------------------------------------------------------------------- */

/* A reading of waits may be older than that of the sessions; then a session that began its statement
   since is not the waiter that was meant. */
static bool still(const struct part *sessions, unsigned row, const struct part *waits)
{
	double behind = (double)(part_read_mono(sessions) - part_read_mono(waits)) / (double)NS_PER_S;
	if (strcmp(value_cstr(part_get(sessions, row, SESSION_COMMAND)), "Sleep") == 0)
		return false;
	return value_number(part_get(sessions, row, SESSION_TIME), 0) + 1 >= behind;
}

static void gather_row_locks(struct waits *w, const struct collect_ctx *ctx)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	const struct part *p = ctx->parts[PART_ROW_LOCK_WAITS];
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		int waiter = row_of(sessions, part_get(p, i, ROW_LOCK_WAIT_WAITER));
		if (waiter < 0 || !still(sessions, (unsigned)waiter, p))
			continue;
		struct wait *x = add(w, waiter);
		struct value blocker = part_get(p, i, ROW_LOCK_WAIT_BLOCKER);
		x->noun = "row lock";
		x->blocker = row_of(sessions, blocker);
		x->blocker_id = value_integer(blocker, 0);
		x->blocker_trx = value_integer(part_get(p, i, ROW_LOCK_WAIT_BLOCKER_TRX), 0);
		x->prepared = !x->blocker_id && x->blocker_trx > 0;
		x->age = value_number(part_get(p, i, ROW_LOCK_WAIT_AGE), -1);
		x->table = part_get(p, i, ROW_LOCK_WAIT_TABLE);
		x->index = part_get(p, i, ROW_LOCK_WAIT_INDEX);
		x->mode = part_get(p, i, ROW_LOCK_WAIT_MODE);
		x->record = part_get(p, i, ROW_LOCK_WAIT_RECORD);
	}
}

/* --- metadata locks ---------------------------------------------------------------------------- */

/* A lock that somebody has, or waits for. */
struct mdl {
	struct value type, schema, name;
	const char *mode;
	int session; /* row */
	int64_t id;
	bool pending;
};

struct mdls {
	struct mdl *at;
	size_t n, cap, pending;
};

static int compare_object(const struct mdl *a, const struct mdl *b)
{
	int d = value_compare(a->name, b->name, false);
	if (!d)
		d = value_compare(a->schema, b->schema, false);
	return d ? d : value_compare(a->type, b->type, false);
}

/* By object; those that are had first. */
static int compare_mdl(const void *a, const void *b)
{
	const struct mdl *x = a, *y = b;
	int d = compare_object(x, y);
	return d ? d : x->pending - y->pending;
}

static void add_mdl(struct mdls *m, struct mdl lock)
{
	GROW(m->at, m->n, m->cap);
	m->at[m->n++] = lock;
	m->pending += lock.pending;
}

static void read_mdls(struct mdls *m, const struct collect_ctx *ctx)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	const struct part *p = ctx->parts[PART_METADATA_LOCKS];
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct value session = part_get(p, i, MDL_SESSION);
		add_mdl(m, (struct mdl){
			.type = part_get(p, i, MDL_TYPE),
			.schema = part_get(p, i, MDL_SCHEMA),
			.name = part_get(p, i, MDL_NAME),
			.mode = value_cstr(part_get(p, i, MDL_MODE)),
			.session = row_of(sessions, session),
			.id = value_integer(session, 0),
			.pending = strcmp(value_cstr(part_get(p, i, MDL_STATUS)), "PENDING") == 0,
		});
	}
}

static const char *mode_wanted(struct value text)
{
	switch (sql_kind(value_cstr(text), text.len)) {
	case SQL_KIND_SELECT:
	case SQL_KIND_EXPLAIN:
	case SQL_KIND_SHOW:
		return "SHARED_READ";
	case SQL_KIND_INSERT:
	case SQL_KIND_UPDATE:
	case SQL_KIND_DELETE:
	case SQL_KIND_REPLACE:
	case SQL_KIND_LOAD:
	case SQL_KIND_CALL:
		return "SHARED_WRITE";
	default:
		return "EXCLUSIVE";
	}
}

static void add_guess(struct mdls *m, const struct part *sessions, unsigned row, struct mdl lock)
{
	lock.session = (int)row;
	lock.id = value_integer(part_get(sessions, row, SESSION_ID), 0);
	lock.pending = true;
	add_mdl(m, lock);
}

static void guess_tables(struct mdls *m, struct arena *a, const struct part *sessions, unsigned row)
{
	const struct sql_table *tables;
	struct value text = part_get(sessions, row, SESSION_INFO);
	size_t n = sql_tables(a, value_cstr(text), text.len, &tables);
	for (size_t t = 0; t < n; t++)
		add_guess(m, sessions, row, (struct mdl){
			.type = value_str("Table metadata lock"),
			.schema = tables[t].schema ? value_str(tables[t].schema)
						   : part_get(sessions, row, SESSION_DB),
			.name = value_str(tables[t].name),
			.mode = mode_wanted(text),
		});
}

/* GET_LOCK: the name, which stands in `schema`, is somewhere in the text. */
static void guess_user_lock(struct mdls *m, const struct part *sessions, unsigned row)
{
	const char *text = value_cstr(part_get(sessions, row, SESSION_INFO));
	for (size_t i = 0, had = m->n; i < had; i++) {
		struct mdl lock = m->at[i];
		if (strcmp(value_cstr(lock.type), "User lock") == 0 && lock.schema.len &&
		    strstr(text, value_cstr(lock.schema)))
			add_guess(m, sessions, row, lock);
	}
}

static void guess_backup_lock(struct mdls *m, const struct part *sessions, unsigned row)
{
	struct value text = part_get(sessions, row, SESSION_INFO);
	enum sql_kind kind = sql_kind(value_cstr(text), text.len);
	const char *wanted = mode_wanted(text);
	add_guess(m, sessions, row, (struct mdl){
		.type = value_str("Backup lock"),
		.mode = kind == SQL_KIND_DDL ? "BACKUP_DDL"
			: kind == SQL_KIND_COMMIT ? "BACKUP_COMMIT"
			: strcmp(wanted, "SHARED_WRITE") == 0 ? "BACKUP_DML" : "BACKUP_FTWRL1",
	});
}

/* Where the server shows only locks that are had, or none: what a waiting statement names is what it wants. */
static void guess_pending(struct mdls *m, struct arena *a, const struct part *sessions)
{
	for (unsigned i = 0; i < part_rows(sessions); i++) {
		const char *state = value_cstr(part_get(sessions, i, SESSION_STATE));
		if (strcmp(state, "Waiting for table metadata lock") == 0)
			guess_tables(m, a, sessions, i);
		else if (strcmp(state, "User lock") == 0)
			guess_user_lock(m, sessions, i);
		else if (strcmp(state, "Waiting for backup lock") == 0)
			guess_backup_lock(m, sessions, i);
	}
}

static struct value object_name(struct waits *w, const struct mdl *k)
{
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s%s%s", value_cstr(k->schema), k->schema.len && k->name.len ? "." : "",
		 value_cstr(k->name));
	struct value v = VALUE_NONE;
	if (b.len)
		v = value_text(arena_strndup(&w->arena, b.s, b.len), (uint32_t)b.len);
	buf_release(&b);
	return v;
}

static void add_mdl_wait(struct waits *w, const struct part *sessions, const struct mdl *k,
			 const struct mdl *blocker)
{
	unsigned row = (unsigned)k->session;
	struct wait *x = add(w, k->session);
	x->noun = mdl_noun(value_cstr(k->type));
	if (blocker) {
		x->blocker = blocker->session;
		x->blocker_id = blocker->id;
		if (!blocker->pending && mdl_of_lock_tables(blocker->mode) &&
		    strcmp(x->noun, "metadata lock") == 0)
			x->noun = "table lock";
	}
	x->age = value_number(part_get(sessions, row, SESSION_TIME), -1);
	x->table = object_name(w, k);
	x->mode = value_str(k->mode);
}

enum { MOST_BLOCKERS = 8 };

/* Whoever queues with a mode that lets nobody by stands in the way of those who came later. */
static bool queues_before(const struct part *sessions, const struct mdl *h, const struct mdl *k)
{
	enum { WHOLE_SECONDS = 1 };
	if (h->session < 0 || !mdl_goes_first(h->mode) || mdl_goes_first(k->mode))
		return false;
	return value_number(part_get(sessions, (unsigned)h->session, SESSION_TIME), 0) + WHOLE_SECONDS >=
	       value_number(part_get(sessions, (unsigned)k->session, SESSION_TIME), 0);
}

/* Those among `from` to `to`, locks on one object, that stand in the way of `k`. */
static unsigned add_blockers(struct waits *w, const struct part *sessions, const struct mdl *k,
			     const struct mdl *from, const struct mdl *to)
{
	unsigned n = 0;
	for (const struct mdl *h = from; h < to && n < MOST_BLOCKERS; h++) {
		if (h->id == k->id || !mdl_conflict(k->mode, h->mode) ||
		    (h->pending && !queues_before(sessions, h, k)))
			continue;
		add_mdl_wait(w, sessions, k, h);
		n++;
	}
	return n;
}

/* All waiters for one object: behind those who have it, else behind whoever waits with a stronger mode. */
static void gather_object(struct waits *w, const struct part *sessions, const struct mdl *from,
			  const struct mdl *to)
{
	enum { MOST_LOOKED_AT = 200 };
	const struct mdl *pending = from;
	while (pending < to && !pending->pending)
		pending++;
	const struct mdl *had = pending - from > MOST_LOOKED_AT ? from + MOST_LOOKED_AT : pending;
	const struct mdl *ahead = to - pending > MOST_LOOKED_AT ? pending + MOST_LOOKED_AT : to;
	for (const struct mdl *k = pending; k < to; k++) {
		if (k->session < 0 || !mdl_noun_of_state(value_cstr(part_get(
					      sessions, (unsigned)k->session, SESSION_STATE))))
			continue;
		if (!add_blockers(w, sessions, k, from, had) &&
		    !add_blockers(w, sessions, k, pending, ahead))
			add_mdl_wait(w, sessions, k, NULL);
	}
}

static void gather_mdls(struct waits *w, const struct collect_ctx *ctx)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	struct mdls m = {.n = 0};
	read_mdls(&m, ctx);
	if (!m.pending)
		guess_pending(&m, &w->arena, sessions);
	if (m.pending)
		qsort(m.at, m.n, sizeof *m.at, compare_mdl);
	for (size_t i = 0, end; m.pending && i < m.n; i = end) {
		for (end = i + 1; end < m.n && compare_object(&m.at[i], &m.at[end]) == 0;)
			end++;
		gather_object(w, sessions, m.at + i, m.at + end);
	}
	free(m.at);
}

/* Waits that have no table of their own on any server. */
static const struct {
	const char *state, *noun;
} hidden[] = {
	{"Waiting for table level lock", "table lock"},
	{"Waiting for table flush", "table flush"},
	{"Waiting for semi-sync ACK from ", "commit ack"},
	{"Waiting for preceding transaction to commit", "commit order"},
	{"Waiting for prior transaction to commit", "commit order"},
};

static const char *hidden_noun(const char *state)
{
	for (size_t i = 0; i < COUNT_OF(hidden); i++)
		if (strncmp(state, hidden[i].state, strlen(hidden[i].state)) == 0)
			return hidden[i].noun;
	return NULL;
}

static bool is_on(struct value v)
{
	return strcasecmp(value_cstr(v), "true") == 0 || strcasecmp(value_cstr(v), "ON") == 0 ||
	       value_integer(v, 0) == 1;
}

/* A client's commit that hangs, which with a group or a cluster is because of the others: they are asked to
   pause, too few of them are there, or they take their time. */
static const char *cluster_noun(const struct collect_ctx *ctx, unsigned row, const char *state)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS], *group = ctx->parts[PART_GROUP];
	if (strcmp(value_cstr(part_get(sessions, row, SESSION_COMMAND)), "Query") != 0 ||
	    value_number(part_get(sessions, row, SESSION_TIME), 0) < 1)
		return NULL;
	if (strcasecmp(state, "Commit") == 0 &&
	    is_on(part_lookup(ctx->parts[PART_STATUS], "wsrep_flow_control_active")))
		return "flow control";
	if (strcmp(state, "waiting for handler commit") == 0 && group && part_rows(group) > 1)
		return "group commit";
	return NULL;
}

/* Sessions of which only their state says that they wait. */
static void gather_states(struct waits *w, const struct collect_ctx *ctx, const bool *known)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	for (unsigned i = 0; i < part_rows(sessions); i++) {
		const char *state = value_cstr(part_get(sessions, i, SESSION_STATE));
		const char *noun = mdl_noun_of_state(state), *no_table = hidden_noun(state);
		if (!noun && !no_table)
			no_table = cluster_noun(ctx, i, state);
		if ((!noun && !no_table) || known[i])
			continue;
		struct wait *x = add(w, (int)i);
		x->noun = noun ? noun : no_table;
		x->hidden = no_table;
		x->age = value_number(part_get(sessions, i, SESSION_TIME), -1);
	}
}

/* Transactions that wait for a row lock of which the pairs know nothing (as yet). */
static void gather_lock_waits(struct waits *w, const struct collect_ctx *ctx, const bool *known)
{
	const struct part *trx = ctx->parts[PART_TRX];
	for (unsigned i = 0; trx && i < part_rows(trx); i++) {
		int row = transaction_waits(trx, i)
				  ? row_of(ctx->parts[PART_SESSIONS],
					   part_get(trx, i, TRANSACTION_SESSION))
				  : NO_ROW;
		if (row < 0 || known[row] || !still(ctx->parts[PART_SESSIONS], (unsigned)row, trx))
			continue;
		struct wait *x = add(w, row);
		x->noun = "row lock";
		x->age = value_number(part_get(trx, i, TRANSACTION_WAIT_AGE), -1);
	}
}

static void gather_further(struct waits *w, const struct collect_ctx *ctx)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	bool *known = xcalloc(part_rows(sessions) + 1, sizeof *known);
	for (size_t i = 0; i < w->n; i++)
		known[w->at[i].waiter] = true;
	gather_states(w, ctx, known);
	gather_lock_waits(w, ctx, known);
	free(known);
}

void waits_gather(struct waits *w, const struct collect_ctx *ctx)
{
	gather_row_locks(w, ctx);
	gather_mdls(w, ctx);
	gather_further(w, ctx);
}

void waits_release(struct waits *w)
{
	free(w->at);
	arena_release(&w->arena);
	*w = (struct waits){0};
}

/* --- counting ---------------------------------------------------------------------------------- */

/*
 * Each waiter counts behind its first blocker, so all waits together are a forest, but for rings. Leaves are
 * taken off first, each handing its count up; what is left then are rings, in which everybody waits behind
 * everybody.
 */
struct forest {
	const struct waits *waits;
	const int *own;
	unsigned n;
	unsigned *blocks, *open; /* `open`: waiters right behind it that were not taken off yet */
};

static int blocker_of(const struct forest *f, int row)
{
	int own = f->own[row];
	return own < 0 ? NO_ROW : f->waits->at[own].blocker;
}

static void take_leaves(struct forest *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		/* Up from each leaf, as far as this was the last waiter. */
		for (int row = (int)i, up; f->open[row] == 0; row = up) {
			up = blocker_of(f, row);
			f->open[row] = UINT32_MAX; /* taken */
			if (up < 0)
				break;
			f->blocks[up] += f->blocks[row] + 1;
			f->open[up]--;
		}
	}
}

static void close_rings(struct forest *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		if (f->open[i] == UINT32_MAX)
			continue;
		unsigned behind = 0, length = 0;
		int row = (int)i;
		do {
			behind += f->blocks[row];
			length++;
			f->open[row] = UINT32_MAX;
			row = blocker_of(f, row);
		} while (row != (int)i);
		do {
			f->blocks[row] = behind + length - 1;
			row = blocker_of(f, row);
		} while (row != (int)i);
	}
}

/* The waits by their blockers: those of blocker b are waiters[first[b]] .. waiters[first[b + 1]]. */
struct behind {
	unsigned *first;
	int *waiters;
};

static struct behind index_behind(const struct forest *f)
{
	const struct waits *w = f->waits;
	struct behind b = {xcalloc(f->n + 2, sizeof *b.first), xcalloc(w->n + 1, sizeof *b.waiters)};
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i].blocker >= 0)
			b.first[w->at[i].blocker + 2]++;
	for (unsigned i = 2; i < f->n + 2; i++)
		b.first[i] += b.first[i - 1];
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i].blocker >= 0)
			b.waiters[b.first[w->at[i].blocker + 1]++] = w->at[i].waiter;
	return b;
}

static bool has_further(const struct forest *f)
{
	for (size_t i = 0; i < f->waits->n; i++)
		if (f->waits->at[i].blocker >= 0 && f->own[f->waits->at[i].waiter] != (int)i)
			return true;
	return false;
}

/* Where waiters have several blockers: walk over all that is behind each blocker. There are few; what more
   than MOST_STEPS would take keeps the count by first blockers. */
static void count_further(struct forest *f)
{
	enum { MOST_STEPS = 1000000 };
	struct behind b = index_behind(f);
	unsigned *seen = f->open, steps = 0;
	int *queue = xcalloc(f->n + 1, sizeof *queue);
	memset(seen, 0xff, f->n * sizeof *seen);
	for (unsigned i = 0; i < f->n && steps < MOST_STEPS; i++) {
		unsigned n = 0;
		seen[i] = i;
		queue[n++] = (int)i;
		for (unsigned k = 0; k < n; k++) {
			unsigned row = (unsigned)queue[k];
			for (unsigned e = b.first[row]; e < b.first[row + 1]; e++, steps++) {
				int waiter = b.waiters[e];
				if (seen[waiter] == i)
					continue;
				seen[waiter] = i;
				queue[n++] = waiter;
			}
		}
		f->blocks[i] = n - 1;
	}
	free(queue);
	free(b.first);
	free(b.waiters);
}

void waits_count(const struct waits *w, unsigned n_sessions, int *own, unsigned *blocks)
{
	struct forest f = {w, own, n_sessions, blocks, xcalloc(n_sessions + 1, sizeof *f.open)};
	memset(blocks, 0, n_sessions * sizeof *blocks);
	for (unsigned i = 0; i < n_sessions; i++)
		own[i] = -1;
	for (size_t i = w->n; i-- > 0;) {
		int *mine = &own[w->at[i].waiter];
		if (*mine < 0 || w->at[i].blocker >= 0 || w->at[*mine].blocker < 0)
			*mine = (int)i;
	}
	for (unsigned i = 0; i < n_sessions; i++)
		if (own[i] >= 0 && w->at[own[i]].blocker >= 0)
			f.open[w->at[own[i]].blocker]++;
	take_leaves(&f);
	close_rings(&f);
	if (has_further(&f))
		count_further(&f);
	free(f.open);
}
