#include "collect/blocking.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/mdl.h"
#include "collect/sessions.h"
#include "collect/transactions.h"
#include "collect/waits.h"

static const struct field fields[] = {BLOCKING_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"blocking", fields, N_BLOCKING_FIELDS, BLOCKING_ID};

/* A session that could hold what the server does not show. */
struct candidate {
	unsigned row;
	double age;      /* of its transaction, or of its sleep */
	bool open;       /* has a transaction */
	bool plain_read; /* which is one SELECT and nothing more */
	bool locks_rows;
};

struct blocking {
	const struct part *sessions, *trx;
	const struct part *transactions; /* for their xids; may be NULL */
	struct waits waits;
	bool *waits_for_meta; /* by session */
	struct candidate *candidates; /* the oldest first */
	size_t n, cap;
	struct part_builder *b;
};

/* --- suspects ------------------------------------------------------------------------------------ */

static bool is(const char *noun, const char *what)
{
	return strcmp(noun, what) == 0;
}

static int older_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	return x->age < y->age ? 1 : x->age > y->age ? -1 : (x->row > y->row) - (x->row < y->row);
}

static void find_waiters(struct blocking *k)
{
	k->waits_for_meta = xcalloc(part_rows(k->sessions) + 1, sizeof *k->waits_for_meta);
	for (size_t i = 0; i < k->waits.n; i++)
		if (!is(k->waits.at[i].noun, "row lock"))
			k->waits_for_meta[k->waits.at[i].waiter] = true;
}

static void add_candidate(struct blocking *k, struct candidate c)
{
	GROW(k->candidates, k->n, k->cap);
	k->candidates[k->n++] = c;
}

static void find_candidates(struct blocking *k, int64_t own)
{
	bool *open = xcalloc(part_rows(k->sessions) + 1, sizeof *open);
	for (unsigned i = 0; k->trx && i < part_rows(k->trx); i++) {
		int row = part_find(k->sessions, part_get(k->trx, i, TRANSACTION_SESSION));
		if (row < 0 || k->waits_for_meta[row])
			continue;
		open[row] = true;
		add_candidate(k, (struct candidate){
			.row = (unsigned)row,
			.age = value_number(part_get(k->trx, i, TRANSACTION_AGE), 0),
			.open = true,
			.plain_read = value_integer(part_get(k->trx, i, TRANSACTION_PLAIN_READ), 0),
			.locks_rows = value_integer(part_get(k->trx, i, TRANSACTION_ROWS_LOCKED), 1) > 0,
		});
	}
	for (unsigned i = 0; i < part_rows(k->sessions); i++) {
		const char *command = value_cstr(part_get(k->sessions, i, SESSION_COMMAND));
		if (open[i] || k->waits_for_meta[i] || strcmp(command, "Sleep") != 0 ||
		    value_integer(part_get(k->sessions, i, SESSION_ID), 0) == own)
			continue;
		add_candidate(k, (struct candidate){
			.row = i, .age = value_number(part_get(k->sessions, i, SESSION_TIME), 0)});
	}
	free(open);
	if (k->n)
		qsort(k->candidates, k->n, sizeof *k->candidates, older_first);
}

static bool names(const struct blocking *k, unsigned row, struct value table)
{
	const char *text = value_cstr(part_get(k->sessions, row, SESSION_INFO));
	const char *dot = strrchr(value_cstr(table), '.');
	return table.type == VALUE_TEXT && strstr(text, dot ? dot + 1 : value_cstr(table));
}

/* Row locks belong to transactions that have some; metadata locks of tables to open ones, and to a SELECT
   by itself when it reads that table. Who would share the table waits for LOCK TABLES, which needs no
   transaction. Other locks can belong to whoever sleeps. */
static bool could_hold(const struct blocking *k, const struct candidate *c, const struct wait *w)
{
	if (is(w->noun, "row lock"))
		return c->open && c->locks_rows && !c->plain_read;
	if (is(w->noun, "metadata lock") || is(w->noun, "table lock") || is(w->noun, "table flush"))
		return c->open ? !c->plain_read || names(k, c->row, w->table)
			       : w->mode.type == VALUE_TEXT && !mdl_goes_first(value_cstr(w->mode));
	return !c->open || !c->plain_read;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void put(struct blocking *k, unsigned field, struct value v)
{
	if (v.type != VALUE_ABSENT)
		part_set(k->b, field, v);
}

static struct value xid_of(const struct blocking *k, int64_t trx)
{
	for (unsigned i = 0; k->transactions && i < part_rows(k->transactions); i++)
		if (value_integer(part_get(k->transactions, i, TRANSACTION_ID), 0) == trx)
			return part_get(k->transactions, i, TRANSACTION_XID);
	return VALUE_NONE;
}

static void add_row(struct blocking *k, const struct wait *w, int64_t blocker, bool suspect)
{
	char id[64];
	int64_t waiter = value_integer(
		part_get(k->sessions, (unsigned)w->waiter, SESSION_ID), 0);
	snprintf(id, sizeof id, "%lld:%lld", (long long)waiter,
		 (long long)(w->prepared ? -w->blocker_trx : blocker));
	part_row_begin(k->b);
	part_set(k->b, BLOCKING_ID, value_str(id));
	part_set(k->b, BLOCKING_WAITER, value_int(waiter));
	if (blocker)
		part_set(k->b, BLOCKING_BLOCKER, value_int(blocker));
	if (w->prepared) {
		part_set(k->b, BLOCKING_BLOCKER_TRX, value_int(w->blocker_trx));
		put(k, BLOCKING_XID, xid_of(k, w->blocker_trx));
	}
	part_set(k->b, BLOCKING_KIND, value_str(w->noun));
	if (w->age >= 0)
		part_set(k->b, BLOCKING_AGE, value_real(w->age));
	put(k, BLOCKING_TABLE, w->table);
	put(k, BLOCKING_INDEX, w->index);
	put(k, BLOCKING_MODE, w->mode);
	put(k, BLOCKING_RECORD, w->record);
	part_set(k->b, BLOCKING_SUSPECT, value_int(suspect));
	part_row_end(k->b);
}

static void add_suspects(struct blocking *k, const struct wait *w)
{
	enum { MOST_SUSPECTS = 8, MOST_LOOKED_AT = 200 };
	/* Ages are read at different times, and may be whole seconds. */
	double since = w->age - 1.5;
	unsigned found = 0;
	for (size_t i = 0; i < k->n && i < MOST_LOOKED_AT && found < MOST_SUSPECTS; i++) {
		const struct candidate *c = &k->candidates[i];
		if ((int)c->row == w->waiter || c->age < since || !could_hold(k, c, w))
			continue;
		add_row(k, w, value_integer(part_get(k->sessions, c->row, SESSION_ID), 0), true);
		found++;
	}
	if (!found)
		add_row(k, w, 0, false);
}

/* Several locks of one holder are one row; those of a waiter stand together. */
static bool seen(const struct waits *w, size_t i)
{
	const struct wait *x = &w->at[i];
	for (size_t k = i; k-- > 0 && w->at[k].waiter == x->waiter;)
		if (w->at[k].blocker_id == x->blocker_id && w->at[k].blocker_trx == x->blocker_trx)
			return true;
	return false;
}

/* It waits for other servers, not for a session. */
static bool is_commit(const struct wait *w)
{
	return is(w->noun, "commit ack") || is(w->noun, "flow control") || is(w->noun, "group commit") ||
	       is(w->noun, "commit order");
}

/* What has to be done to see who holds what is waited for. */
static void say_what_lacks(struct blocking *k, const struct collect_ctx *ctx)
{
	static const struct {
		enum part_id part;
		bool rows;
	} from[] = {{PART_ROW_LOCK_WAITS, true}, {PART_METADATA_LOCKS, false}};
	for (size_t f = 0; f < COUNT_OF(from); f++) {
		const struct part *p = ctx->parts[from[f].part];
		bool waited_for = false;
		for (size_t i = 0; i < k->waits.n; i++)
			waited_for |= !k->waits.at[i].blocker_id && !k->waits.at[i].prepared &&
				      !is_commit(&k->waits.at[i]) &&
				      is(k->waits.at[i].noun, "row lock") == from[f].rows;
		if (waited_for && p && part_reason(p)) {
			part_set_absent(k->b, BLOCKING_BLOCKER, part_reason(p));
			return;
		}
	}
}

/* Suspicion is for what the server cannot show; what is merely not read yet comes with the next reading. */
static bool may_suspect(const struct collect_ctx *ctx, const struct wait *w)
{
	const struct part *p =
		ctx->parts[is(w->noun, "row lock") ? PART_ROW_LOCK_WAITS : PART_METADATA_LOCKS];
	bool read = p && (part_status(p) == PART_OK || part_status(p) == PART_STALE);
	return !is_commit(w) && (!read || w->hidden);
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	struct blocking k = {.sessions = ctx->parts[PART_SESSIONS], .trx = ctx->parts[PART_TRX],
			     .transactions = ctx->parts[PART_TRANSACTIONS]};
	waits_gather(&k.waits, ctx);
	find_waiters(&k);
	k.b = part_builder_new(PART_BLOCKING, &schema);
	bool looked = false;
	for (size_t i = 0; i < k.waits.n; i++) {
		const struct wait *w = &k.waits.at[i];
		if (seen(&k.waits, i))
			continue;
		if (w->blocker_id || w->prepared || !may_suspect(ctx, w)) {
			add_row(&k, w, w->blocker_id, false);
			continue;
		}
		if (!looked)
			find_candidates(&k, ctx->server->connection_id);
		looked = true;
		add_suspects(&k, w);
	}
	say_what_lacks(&k, ctx);
	struct part *p = part_seal(k.b, part_read_mono(k.sessions), part_read_wall(k.sessions),
				   part_ms(k.sessions));
	free(k.candidates);
	free(k.waits_for_meta);
	waits_release(&k.waits);
	return p;
}

const struct derivation blocking_derivation = {
	.part = PART_BLOCKING,
	.schema = &schema,
	.from = PART_BIT(PART_SESSIONS) | PART_BIT(PART_TRX) | PART_BIT(PART_TRANSACTIONS) |
		PART_BIT(PART_ROW_LOCK_WAITS) | PART_BIT(PART_METADATA_LOCKS) | PART_BIT(PART_STATUS) |
		PART_BIT(PART_GROUP),
	.requires = PART_BIT(PART_SESSIONS),
	.make = make,
};
