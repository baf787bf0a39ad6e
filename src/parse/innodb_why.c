#include "parse/innodb_why.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct {
	const char *name, *help;
} kinds[N_DEADLOCK_KINDS] = {
	[WHY_UNKNOWN] = {
		"not known",
		"Why it came about is not known: the locks that the server printed do not tell. Locks that were "
		"taken earlier are not printed; the whole transactions of both programs have to be looked at."},
	[WHY_GAP] = {
		"insert into a gap",
		"Locks on the gap between two records do not exclude each other: whoever looks for a row that is "
		"not there (SELECT … FOR UPDATE, UPDATE, DELETE), or runs into a duplicate key, takes one. But an "
		"insert into the gap waits for all others that have it. What helps: insert without looking "
		"first (INSERT … ON DUPLICATE KEY UPDATE), READ COMMITTED, or one insert at a time for the same key."},
	[WHY_UPGRADE] = {
		"shared, then changed",
		"Sharers of a record cannot change it before all the others let go. Who shares: SELECT … FOR SHARE, "
		"LOCK IN SHARE MODE, the check of a foreign key's parent, a duplicate key, INSERT … SELECT. What "
		"helps: lock with FOR UPDATE from the start what will be changed."},
	[WHY_TABLE] = {
		"a table lock",
		"A lock on a whole table takes part (LOCK TABLES, AUTO-INC, DDL), and it was taken after other "
		"locks. What helps: take the table lock first, or do without; innodb_autoinc_lock_mode = 2 takes "
		"none for auto-increment."},
	[WHY_ORDER] = {
		"opposite order",
		"They locked the same records of one index in opposite order. What helps: let all programs lock in "
		"the same order, by the primary key for instance (sort the keys before a loop of updates, ORDER BY "
		"in SELECT … FOR UPDATE)."},
	[WHY_INDEXES] = {
		"different indexes",
		"They came to the same rows by different indexes: one locks the secondary index first and then the "
		"row, the other the row first and then the secondary index, whose entry it changes. What helps: "
		"let both find the rows by the same index, the primary key if possible, or change fewer indexed "
		"columns."},
	[WHY_TABLES] = {
		"tables in opposite order",
		"They locked rows of several tables in opposite order. What helps: let all transactions use the "
		"tables in the same order, the parent before its children for instance."},
};

const char *deadlock_kind_name(enum deadlock_kind k)
{
	return kinds[k].name;
}

const char *deadlock_kind_help(enum deadlock_kind k)
{
	return kinds[k].help;
}

/* --- modes ------------------------------------------------------------------------------------------ */

static bool has(struct slice s, const char *word)
{
	return s.len && memmem(s.s, s.len, word, strlen(word)) != NULL;
}

static bool inserts(const struct innodb_lock *l)
{
	return has(l->mode, "insert intention");
}

static bool gap_only(const struct innodb_lock *l)
{
	return has(l->mode, "gap before rec");
}

static bool record_only(const struct innodb_lock *l)
{
	return has(l->mode, "rec but not gap");
}

static bool shares(const struct innodb_lock *l)
{
	return l->mode.len && l->mode.s[0] == 'S';
}

static bool covers_gap(const struct innodb_lock *l)
{
	return l->record && !record_only(l);
}

void innodb_mode_text(struct buf *out, const struct innodb_lock *l)
{
	size_t n = 0;
	while (n < l->mode.len && l->mode.s[n] != ' ')
		n++;
	buf_add(out, l->mode.s ? l->mode.s : "", n);
	if (!l->record)
		return;
	buf_adds(out, inserts(l)       ? ", into the gap before"
		      : gap_only(l)    ? ", gap before"
		      : record_only(l) ? ", record"
				       : ", record and gap before");
}

/* --- records ---------------------------------------------------------------------------------------- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes that `hex` says; false when it is no hex, or too long. */
static bool bytes_of(const char *hex, size_t n, unsigned char out[32], size_t *len)
{
	*len = 0;
	if (n % 2 || n > 64)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		int high = digit(hex[i]), low = digit(hex[i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[(*len)++] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool reads_as_text(const unsigned char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b[i] < ' ' || b[i] > '~')
			return false;
	return n > 0;
}

/* Whole numbers are stored with the highest byte first, signed ones with their sign turned around. */
static void add_number(struct buf *out, const unsigned char *b, size_t n)
{
	uint64_t v = 0;
	bool is_signed = b[0] & 0x80;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | b[i];
	if (is_signed)
		v -= UINT64_C(1) << (8 * n - 1);
	/* Below the middle: unsigned, or signed and negative. Small unsigned ones are what there is most of. */
	bool negative = !is_signed && b[0] >= 0x40;
	if (negative)
		buf_addf(out, "-%llu", (unsigned long long)((UINT64_C(1) << (8 * n - 1)) - v));
	else
		buf_addf(out, "%llu", (unsigned long long)v);
}

static void add_field(struct buf *out, const char *hex, size_t n)
{
	unsigned char b[32];
	size_t len;
	bool number = n == 2 || n == 4 || n == 6 || n == 8 || n == 16;
	if (!n)
		buf_adds(out, "''");
	else if (!bytes_of(hex, n, b, &len))
		buf_add(out, hex, n);
	else if (reads_as_text(b, len))
		buf_addf(out, "'%.*s'", (int)len, (const char *)b);
	else if (number)
		add_number(out, b, len);
	else
		buf_addf(out, "0x%.*s", (int)n, hex);
}

/* "80000002, 00000a7c": the next field of the key, without its comma. */
static bool next_field(const char **key, const char **field, size_t *n)
{
	if (!**key)
		return false;
	*field = *key;
	*n = strcspn(*key, ",");
	*key += *n;
	while (**key == ',' || **key == ' ')
		++*key;
	return true;
}

void innodb_record_text(struct buf *out, const struct innodb_lock *l)
{
	enum { TRX_ID = 12, ROLL_POINTER = 14 }; /* hex digits: these two stand behind a clustered index's key */
	const char *key = l->key, *field;
	size_t n;
	if (!l->record || !*key)
		return;
	if (strcmp(key, "supremum") == 0) {
		buf_adds(out, "behind the last record");
		return;
	}
	buf_addc(out, '(');
	for (bool first = true; next_field(&key, &field, &n); first = false) {
		if (!first && n == TRX_ID && strcspn(key, ",") == ROLL_POINTER)
			break;
		buf_adds(out, first ? "" : ", ");
		add_field(out, field, n);
	}
	buf_addc(out, ')');
}

/* --- who stands in whose way ------------------------------------------------------------------------ */

static bool same_place(const struct innodb_lock *a, const struct innodb_lock *b)
{
	return a->record == b->record && strcmp(a->table, b->table) == 0 && strcmp(a->index, b->index) == 0 &&
	       strcmp(a->key, b->key) == 0;
}

static const struct innodb_lock *wanted_by(const struct innodb_deadlock_side *s)
{
	for (size_t i = 0; i < s->n_locks; i++)
		if (s->locks[i].waits)
			return &s->locks[i];
	return NULL;
}

/* The lock of a side that is just where another one wants one. */
static const struct innodb_lock *held_at(const struct innodb_deadlock_side *s, const struct innodb_lock *wanted)
{
	for (size_t i = 0; i < s->n_locks; i++)
		if (!s->locks[i].waits && same_place(&s->locks[i], wanted))
			return &s->locks[i];
	return NULL;
}

static const struct innodb_lock *first_held(const struct innodb_deadlock_side *s)
{
	return s->n_locks && !s->locks[0].waits ? &s->locks[0] : NULL;
}

/* --- kinds ------------------------------------------------------------------------------------------ */

static bool inserts_into_gaps(const struct innodb_deadlock *d)
{
	for (size_t i = 0; i < d->n_sides; i++) {
		const struct innodb_lock *w = wanted_by(&d->sides[i]);
		for (size_t k = 0; w && inserts(w) && k < d->n_sides; k++) {
			const struct innodb_lock *h = k == i ? NULL : held_at(&d->sides[k], w);
			if (h && covers_gap(h))
				return true;
		}
	}
	return false;
}

/* Somebody wants alone what somebody else shares, and shares it himself: or at least two share, and want. */
static bool upgrades(const struct innodb_deadlock *d)
{
	unsigned sharers = 0;
	for (size_t i = 0; i < d->n_sides; i++) {
		const struct innodb_lock *w = wanted_by(&d->sides[i]);
		if (!w || shares(w))
			return false;
		const struct innodb_lock *own = held_at(&d->sides[i], w);
		if (own && shares(own) && !gap_only(own))
			return true;
		const struct innodb_lock *held = first_held(&d->sides[i]);
		sharers += held && shares(held) && same_place(held, w);
	}
	return sharers > 1;
}

struct spread {
	bool table_lock, tables, indexes; /* more than one of them */
	bool holds_and_waits;             /* each side has at least one of either */
};

static struct spread spread_of(const struct innodb_deadlock *d)
{
	struct spread s = {.holds_and_waits = d->n_sides > 1};
	const struct innodb_lock *first = NULL;
	for (size_t i = 0; i < d->n_sides; i++) {
		const struct innodb_deadlock_side *side = &d->sides[i];
		s.holds_and_waits &= first_held(side) && wanted_by(side);
		for (size_t k = 0; k < side->n_locks; k++) {
			const struct innodb_lock *l = &side->locks[k];
			first = first ? first : l;
			s.table_lock |= !l->record;
			s.tables |= strcmp(l->table, first->table) != 0;
			s.indexes |= strcmp(l->table, first->table) == 0 && l->record && first->record &&
				     strcmp(l->index, first->index) != 0;
		}
	}
	return s;
}

enum deadlock_kind innodb_deadlock_kind(const struct innodb_deadlock *d)
{
	struct spread s = spread_of(d);
	if (!s.holds_and_waits)
		return WHY_UNKNOWN;
	if (s.table_lock)
		return WHY_TABLE;
	if (inserts_into_gaps(d))
		return WHY_GAP;
	if (upgrades(d))
		return WHY_UPGRADE;
	if (s.tables)
		return WHY_TABLES;
	if (s.indexes)
		return WHY_INDEXES;
	/* One index: each wants what another has. */
	for (size_t i = 0; i < d->n_sides; i++) {
		const struct innodb_lock *w = wanted_by(&d->sides[i]), *held = NULL;
		for (size_t k = 0; k < d->n_sides && !held; k++)
			held = k == i ? NULL : held_at(&d->sides[k], w);
		if (!held || same_place(first_held(&d->sides[i]), w))
			return WHY_UNKNOWN;
	}
	return WHY_ORDER;
}

/* --- in words --------------------------------------------------------------------------------------- */

static void say_lock(struct buf *out, const struct innodb_lock *l, const char *table_before)
{
	if (!l->record) {
		buf_adds(out, "the table ");
		buf_addf(out, "%s", l->table);
		return;
	}
	if (inserts(l) || gap_only(l))
		buf_adds(out, "the gap before ");
	innodb_record_text(out, l);
	bool same_table = table_before && strcmp(table_before, l->table) == 0;
	if (same_table)
		buf_addf(out, " in %s", l->index);
	else
		buf_addf(out, " in %s of %s", l->index, l->table);
}

static void say_side(struct buf *out, const struct innodb_deadlock_side *s, size_t number)
{
	const struct innodb_lock *held = first_held(s), *wanted = wanted_by(s);
	if (s->trx.thread >= 0)
		buf_addf(out, "Session %lld", (long long)s->trx.thread);
	else
		buf_addf(out, "Transaction %zu", number);
	if (held) {
		buf_adds(out, shares(held) ? " shared " : " had ");
		say_lock(out, held, NULL);
	}
	if (wanted) {
		buf_addf(out, held ? " and then wanted %s" : " wanted %s", inserts(wanted) ? "to insert into " : "");
		say_lock(out, wanted, held ? held->table : NULL);
	}
	buf_adds(out, s->victim ? "; it was rolled back. " : ". ");
}

void innodb_deadlock_why(struct buf *out, const struct innodb_deadlock *d)
{
	enum { MOST_SIDES = 6 };
	for (size_t i = 0; i < d->n_sides && i < MOST_SIDES; i++)
		say_side(out, &d->sides[i], i + 1);
	buf_adds(out, deadlock_kind_help(innodb_deadlock_kind(d)));
}
