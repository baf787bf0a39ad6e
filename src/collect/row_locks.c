#include "collect/row_locks.h"

#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/transactions.h"

static const struct field fields[] = {ROW_LOCK_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"row_locks", fields, N_ROW_LOCK_FIELDS, ROW_LOCK_ID};

/* Known forms, transaction first:
     trx:space:page:record                    INNODB_LOCKS
     trx:table                                INNODB_LOCKS, of a table
     trx:space:page:record:address            data_locks of 8.0; 9.x has one number more after trx
     trx:table:address                        data_locks, of a table */
struct value row_lock_place(struct value id)
{
	enum { MOST = 8 };
	const char *s = value_cstr(id), *part[MOST];
	unsigned n = 0;
	part[n++] = s;
	for (const char *p = strchr(s, ':'); p && n < MOST; p = strchr(p + 1, ':'))
		part[n++] = p + 1;
	if (n < 2)
		return id;
	const char *end = s + id.len, *from = part[1];
	if (n == 3 || n >= 5) /* an address comes last */
		end = part[n - 1] - 1;
	if (n == 6)
		from = part[2];
	return value_text(from, (uint32_t)(end - from));
}

/* --- which waiters to ask for ------------------------------------------------------------------ */

enum {
	ASK_ALL = 16,      /* so few waiters make few pairs */
	ASK_PLACES = 40,   /* records with waiters */
	ASK_AT_A_PLACE = 3,
};

struct place {
	struct value name;
	unsigned asked;
};

/* Counts a waiter at its place; false when enough of them have been asked for. */
static bool take_place(struct place *places, unsigned *n, struct value name)
{
	for (unsigned i = 0; i < *n; i++)
		if (value_equal(places[i].name, name))
			return places[i].asked++ < ASK_AT_A_PLACE;
	if (*n == ASK_PLACES)
		return false;
	places[(*n)++] = (struct place){name, 1};
	return true;
}

struct waiter {
	double age;
	int64_t id;
	const char *lock;
	struct value place;
};

/* The longest wait first; seconds are coarse, so then by transaction, older ones have lower numbers. */
static int by_age(const void *a, const void *b)
{
	const struct waiter *x = a, *y = b;
	if (x->age != y->age)
		return x->age > y->age ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static size_t find_waiters(const struct part *trx, struct waiter **waiters)
{
	size_t n = 0;
	*waiters = xcalloc(part_rows(trx) + 1, sizeof **waiters);
	for (unsigned i = 0; i < part_rows(trx); i++) {
		struct value lock = part_get(trx, i, TRANSACTION_REQUESTED_LOCK);
		if (lock.type != VALUE_TEXT)
			continue;
		(*waiters)[n++] = (struct waiter){
			value_number(part_get(trx, i, TRANSACTION_WAIT_AGE), 0),
			value_integer(part_get(trx, i, TRANSACTION_ID), 0),
			lock.s,
			row_lock_place(lock),
		};
	}
	qsort(*waiters, n, sizeof **waiters, by_age);
	return n;
}

static size_t args(const struct collect_ctx *ctx, struct stmt_arg out[4], struct buf *keep)
{
	static const char *const nobody = "";
	struct waiter *waiters;
	struct place places[ASK_PLACES];
	unsigned n_places = 0;
	size_t n = find_waiters(ctx->parts[PART_TRX], &waiters), asked = 0;
	for (size_t i = 0; i < n; i++) {
		if (n > ASK_ALL && !take_place(places, &n_places, waiters[i].place))
			continue;
		buf_add(keep, &waiters[i].lock, sizeof waiters[i].lock);
		asked++;
	}
	free(waiters);
	if (!asked)
		buf_add(keep, &nobody, sizeof nobody);
	out[0] = STMT_STRINGS((const char *const *)(const void *)keep->s, asked ? asked : 1);
	return 1;
}

static bool gate(const struct collect_ctx *ctx)
{
	const struct part *trx = ctx->parts[PART_TRX];
	for (unsigned i = 0; trx && i < part_rows(trx); i++)
		if (transaction_waits(trx, i))
			return true;
	return false;
}

static const struct source_column mysql_columns[] = {
	{"id", "w.BLOCKING_ENGINE_LOCK_ID", NULL},
	{"wanted", "w.REQUESTING_ENGINE_LOCK_ID", NULL},
	{"trx", "w.BLOCKING_ENGINE_TRANSACTION_ID", NULL},
	{"thread_id", "w.BLOCKING_THREAD_ID", NULL},
	{"table", "CONCAT(l.OBJECT_SCHEMA, '.', l.OBJECT_NAME)", NULL},
	{"index", "l.INDEX_NAME", NULL},
	{"mode", "l.LOCK_MODE", NULL},
	{"record", "LEFT(l.LOCK_DATA, 200)", NULL},
	{0},
};

static const struct source_column innodb_columns[] = {
	{"id", "lock_id", NULL},
	{"trx", "lock_trx_id", NULL},
	{"table", "SUBSTRING_INDEX(REPLACE(lock_table, '`', ''), ' /*', 1)", NULL},
	{"index", "lock_index", NULL},
	{"mode", "lock_mode", NULL},
	{"record", "LEFT(lock_data, 200)", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.data_lock_waits",
		.columns = mysql_columns,
		.stmt = {"row_locks/data_lock_waits",
			 "SELECT %c FROM performance_schema.data_lock_waits w "
			 "LEFT JOIN performance_schema.data_locks l "
			 "ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID "
			 "WHERE w.REQUESTING_ENGINE_LOCK_ID IN (%t) LIMIT 2000", STMT_READ},
		.args = args,
		.grant = "PROCESS, SELECT ON performance_schema.*",
	},
	{
		.table = "information_schema.INNODB_LOCKS",
		.columns = innodb_columns,
		.stmt = {"row_locks/innodb_locks",
			 "SELECT %c FROM information_schema.INNODB_LOCKS LIMIT 5000", STMT_READ},
		.grant = "PROCESS",
	},
	{0},
};

const struct collector row_locks_collector = {
	.part = PART_ROW_LOCKS,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.gate = gate,
	.after = PART_BIT(PART_TRX),
	.feature = "row lock waits: who blocks whom",
};
