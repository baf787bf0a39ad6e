#include "collect/transactions.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/all.h"
#include "collect/innodb.h"
#include "collect/pairs.h"
#include "collect/processlist.h"
#include "collect/trx_events.h"
#include "collect/xids.h"

static const struct field fields[] = {TRANSACTION_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"transactions", fields, N_TRANSACTION_FIELDS, TRANSACTION_NAME};

/* All that is known of the transactions, by their rows in `trx`. */
struct join {
	const struct collect_ctx *ctx;
	const struct part *trx, *sessions, *events, *xids, *status, *before;
	int *xid_of;         /* row in xids; -1: none, or it cannot be told */
	struct pairs views;  /* read view by session */
	int oldest_view;     /* the row that has it; -1: not known */
	bool likely;         /* that is inferred */
	struct part_builder *b;
};

static bool readable(const struct part *p)
{
	return p && (part_status(p) == PART_OK || part_status(p) == PART_STALE);
}

static int64_t session_of(const struct join *j, unsigned row)
{
	return value_integer(part_get(j->trx, row, TRANSACTION_SESSION), -1);
}

/* --- xids --------------------------------------------------------------------------------------- */

/* What a transaction without session was known to be called when it was read last; -1: nothing. */
static int xid_before(const struct join *j, unsigned row)
{
	struct value id = part_get(j->trx, row, TRANSACTION_ID);
	for (unsigned i = 0; j->before && i < part_rows(j->before); i++) {
		struct value xid = part_get(j->before, i, TRANSACTION_XID);
		if (xid.type == VALUE_TEXT && value_equal(part_get(j->before, i, TRANSACTION_ID), id) &&
		    value_equal(part_get(j->before, i, TRANSACTION_STARTED),
				part_get(j->trx, row, TRANSACTION_STARTED)))
			return part_find(j->xids, xid);
	}
	return -1;
}

/* Of one transaction and one xid that are left over each is the other's. */
static void find_xids(struct join *j)
{
	unsigned n = part_rows(j->trx), n_xids = readable(j->xids) ? part_rows(j->xids) : 0;
	bool *taken = xcalloc(n_xids + 1, sizeof *taken);
	int row = -1, xid = -1;
	unsigned rows_left = 0, xids_left = 0;
	j->xid_of = xcalloc(n + 1, sizeof *j->xid_of);
	for (unsigned i = 0; i < n; i++) {
		j->xid_of[i] = session_of(j, i) == 0 && n_xids ? xid_before(j, i) : -1;
		if (j->xid_of[i] >= 0) {
			taken[j->xid_of[i]] = true;
		} else if (session_of(j, i) == 0) {
			rows_left++;
			row = (int)i;
		}
	}
	for (unsigned i = 0; i < n_xids; i++)
		if (!taken[i]) {
			xids_left++;
			xid = (int)i;
		}
	if (rows_left == 1 && xids_left == 1)
		j->xid_of[row] = xid;
	free(taken);
}

/* No xid at all means that what has no session is the server's own: a rollback after a crash, its DDL. */
static bool prepared(const struct join *j, unsigned row)
{
	const char *state = value_cstr(part_get(j->trx, row, TRANSACTION_STATE));
	return session_of(j, row) == 0 && strcmp(state, "ROLLING BACK") != 0 &&
	       (!readable(j->xids) || part_rows(j->xids) > 0);
}

/* --- read views --------------------------------------------------------------------------------- */

/* Seconds by which the status text was read before the transactions. */
static double behind(const struct join *j)
{
	return (double)(part_read_mono(j->trx) - part_read_mono(j->status)) / (double)NS_PER_S;
}

/* The read view of a row; 0: none. A transaction that began after the text was read is not in it. */
static int64_t view_of(const struct join *j, unsigned row)
{
	int64_t session = session_of(j, row);
	double age = value_number(part_get(j->trx, row, TRANSACTION_AGE), 0);
	return session > 0 && age + 1 >= behind(j) ? pairs_get(&j->views, session, 0) : 0;
}

/* MySQL's text has no transactions that have neither changed nor locked anything. InnoDB begins one when it first
   reads: so it has a view from its beginning, and keeps it in REPEATABLE READ, elsewhere while it reads. */
static bool must_have_view(const struct join *j, unsigned row)
{
	bool repeatable = strncmp(value_cstr(part_get(j->trx, row, TRANSACTION_ISOLATION)), "REPEATABLE", 10) == 0;
	return j->ctx->server->flavor != FLAVOR_MARIADB && session_of(j, row) > 0 &&
	       value_integer(part_get(j->trx, row, TRANSACTION_LOCK_STRUCTS), 1) == 0 &&
	       (repeatable || value_integer(part_get(j->trx, row, TRANSACTION_PLAIN_READ), 0));
}

static double age_of(const struct join *j, unsigned row)
{
	return value_number(part_get(j->trx, row, TRANSACTION_AGE), 0);
}

/* Of those that the text tells of: the lowest number; of equals the one that is open longest. */
static void find_oldest_told(struct join *j)
{
	int64_t oldest = 0;
	for (unsigned i = 0; i < part_rows(j->trx); i++) {
		int64_t view = view_of(j, i);
		bool better = j->oldest_view < 0 || view < oldest ||
			      (view == oldest && age_of(j, i) > age_of(j, (unsigned)j->oldest_view));
		if (!view || !better)
			continue;
		j->oldest_view = (int)i;
		oldest = view;
	}
}

static void find_views(struct join *j)
{
	j->oldest_view = -1;
	if (!j->status || !innodb_status_views(j->status, &j->views)) {
		j->status = NULL;
		return;
	}
	find_oldest_told(j);
	for (unsigned i = 0; i < part_rows(j->trx); i++)
		if (!view_of(j, i) && must_have_view(j, i) &&
		    (j->oldest_view < 0 || age_of(j, i) > age_of(j, (unsigned)j->oldest_view))) {
			j->oldest_view = (int)i;
			j->likely = true;
		}
}

/* A view that was there already is so much older now; one that was not cannot be older than the reading before. */
static double view_age(const struct join *j, struct value name, int64_t view, double age)
{
	enum { MOST_BETWEEN = 30 }; /* readings of the text, in seconds */
	int was = j->before ? part_find(j->before, name) : -1;
	if (was < 0)
		return age;
	struct value view_before = part_get(j->before, (unsigned)was, TRANSACTION_VIEW);
	struct value old = part_get(j->before, (unsigned)was, TRANSACTION_VIEW_AGE);
	double since = (double)(part_read_mono(j->trx) - part_read_mono(j->before)) / (double)NS_PER_S;
	bool same = value_integer(view_before, 0) == view && value_is_number(old);
	bool known = view_before.type != VALUE_ABSENT ||
		     part_get(j->before, (unsigned)was, TRANSACTION_PURGE).type != VALUE_ABSENT;
	double most = same ? value_number(old, 0) + since : known ? MOST_BETWEEN + behind(j) : age;
	return most < age ? most : age;
}

static void put_view(const struct join *j, unsigned row, struct value name)
{
	if (!j->status)
		return;
	int64_t view = view_of(j, row);
	bool oldest = (int)row == j->oldest_view;
	part_set(j->b, TRANSACTION_PURGE, value_str(!oldest ? "no" : j->likely ? "likely" : "yes"));
	if (view) {
		part_set(j->b, TRANSACTION_VIEW, value_int(view));
		part_set(j->b, TRANSACTION_VIEW_AGE, value_real(view_age(j, name, view, age_of(j, row))));
	} else if (must_have_view(j, row)) {
		part_set(j->b, TRANSACTION_VIEW_AGE, value_real(age_of(j, row)));
	}
}

/* --- its session -------------------------------------------------------------------------------- */

static void put(const struct join *j, unsigned field, struct value v)
{
	if (v.type != VALUE_ABSENT)
		part_set(j->b, field, v);
}

static void put_statements(const struct join *j, struct value thread, bool runs)
{
	int row = readable(j->events) && thread.type == VALUE_INT ? part_find(j->events, thread) : -1;
	if (row >= 0)
		part_set(j->b, TRANSACTION_STATEMENTS,
			 value_int(runs + value_integer(part_get(j->events, (unsigned)row,
								 TRX_EVENT_STATEMENTS), 0)));
}

static void put_session(const struct join *j, unsigned row)
{
	static const struct {
		unsigned to, from;
	} plain[] = {
		{TRANSACTION_USER, PROCESSLIST_USER},
		{TRANSACTION_HOST, PROCESSLIST_HOST},
		{TRANSACTION_DB, PROCESSLIST_DB},
	};
	int at = j->sessions ? part_find(j->sessions, part_get(j->trx, row, TRANSACTION_SESSION)) : -1;
	if (at < 0) {
		put(j, TRANSACTION_LAST, part_get(j->trx, row, TRANSACTION_QUERY));
		return;
	}
	unsigned s = (unsigned)at;
	struct value state = part_get(j->sessions, s, PROCESSLIST_STATE);
	struct value text = part_get(j->sessions, s, PROCESSLIST_INFO);
	struct value last = part_get(j->sessions, s, PROCESSLIST_LAST_STATEMENT);
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		put(j, plain[i].to, part_get(j->sessions, s, plain[i].from));
	put(j, TRANSACTION_DOES, state.len ? state : part_get(j->sessions, s, PROCESSLIST_COMMAND));
	put(j, TRANSACTION_LAST, text.type == VALUE_TEXT ? text : last);
	put_statements(j, part_get(j->sessions, s, PROCESSLIST_THREAD_ID), text.type == VALUE_TEXT);
}

/* --- the part ----------------------------------------------------------------------------------- */

static void put_nobody(const struct join *j, unsigned row, struct buf *name)
{
	int xid = j->xid_of[row];
	part_set(j->b, TRANSACTION_PREPARED, value_int(prepared(j, row)));
	part_set(j->b, TRANSACTION_DOES,
		 value_str(prepared(j, row) ? "prepared, no session" : "the server's own"));
	if (xid < 0) {
		buf_addf(name, "trx %lld", (long long)value_integer(part_get(j->trx, row, TRANSACTION_ID), 0));
		return;
	}
	struct value v = part_get(j->xids, (unsigned)xid, XID_XID);
	part_set(j->b, TRANSACTION_XID, v);
	buf_add(name, v.s, v.len);
}

static void put_row(const struct join *j, unsigned row)
{
	struct buf name = BUF_INIT;
	part_row_begin(j->b);
	for (unsigned f = 0; f < N_TRX_FIELDS; f++)
		put(j, f, part_get(j->trx, row, f));
	if (session_of(j, row) == 0) {
		put_nobody(j, row, &name);
	} else {
		buf_addf(&name, "%lld", (long long)session_of(j, row));
		part_set(j->b, TRANSACTION_PREPARED, value_int(0));
		put_session(j, row);
	}
	part_set_text(j->b, TRANSACTION_NAME, buf_str(&name), name.len);
	put_view(j, row, part_peek(j->b, TRANSACTION_NAME));
	part_row_end(j->b);
	buf_release(&name);
}

static void copy_reason(const struct join *j, unsigned field, const struct part *from)
{
	if (from && !readable(from) && part_reason(from))
		part_set_absent(j->b, field, part_reason(from));
}

static void say_what_is_absent(const struct join *j)
{
	static const unsigned of_view[] = {TRANSACTION_VIEW, TRANSACTION_VIEW_AGE, TRANSACTION_PURGE};
	for (unsigned f = 0; f < N_TRX_FIELDS; f++)
		if (part_absent_reason(j->trx, f))
			part_set_absent(j->b, f, part_absent_reason(j->trx, f));
	copy_reason(j, TRANSACTION_XID, j->xids);
	copy_reason(j, TRANSACTION_STATEMENTS, j->events);
	for (size_t i = 0; i < COUNT_OF(of_view) && !j->status; i++)
		part_set_absent(j->b, of_view[i],
				"the InnoDB status text is read while somebody looks at transactions");
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	struct join j = {
		.ctx = ctx,
		.trx = ctx->parts[PART_TRX],
		.sessions = readable(ctx->parts[PART_PROCESSLIST]) ? ctx->parts[PART_PROCESSLIST] : NULL,
		.events = ctx->parts[PART_TRX_EVENTS],
		.xids = ctx->parts[PART_XIDS],
		.status = readable(ctx->parts[PART_INNODB_STATUS]) ? ctx->parts[PART_INNODB_STATUS] : NULL,
		.before = before && part_rows(before) ? before : NULL,
		.b = part_builder_new(PART_TRANSACTIONS, &schema),
	};
	find_xids(&j);
	find_views(&j);
	for (unsigned i = 0; i < part_rows(j.trx); i++)
		put_row(&j, i);
	say_what_is_absent(&j);
	part_set_rows_cut(j.b, part_rows_cut(j.trx));
	struct part *p = part_seal(j.b, part_read_mono(j.trx), part_read_wall(j.trx), part_ms(j.trx));
	free(j.xid_of);
	pairs_release(&j.views);
	return p;
}

const char *transaction_holds_purge(const struct part *transactions, unsigned row)
{
	struct value v = part_get(transactions, row, TRANSACTION_PURGE);
	return v.type == VALUE_TEXT ? v.s : NULL;
}

bool transaction_is_orphan(const struct part *transactions, unsigned row)
{
	return value_integer(part_get(transactions, row, TRANSACTION_PREPARED), 0);
}

/* The status text is dear: it is looked at where it is read for somebody anyway. */
const struct derivation transactions_derivation = {
	.part = PART_TRANSACTIONS,
	.schema = &schema,
	.from = PART_BIT(PART_TRX) | PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_TRX_EVENTS) |
		PART_BIT(PART_XIDS),
	.requires = PART_BIT(PART_TRX),
	.make = make,
};
