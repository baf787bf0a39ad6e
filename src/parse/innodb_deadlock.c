#include "parse/innodb_deadlock.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* --- markers -------------------------------------------------------------------------------------- */

/*
 * Lines that begin with three asterisks divide the text. A statement may hold such lines as well, so each
 * must be followed by what the server prints behind it, and sides are numbered one by one.
 */
enum marker {
	MARK_NONE,
	MARK_SIDE,     /* *** (1) TRANSACTION: */
	MARK_HOLDS,    /* *** (1) HOLDS THE LOCK(S): */
	MARK_WAITS,    /* *** (1) WAITING FOR THIS LOCK TO BE GRANTED: */
	MARK_CONFLICT, /* *** CONFLICTING WITH: */
	MARK_VICTIM,   /* *** WE ROLL BACK TRANSACTION (2), the end */
};

static bool begins_lock(struct slice s)
{
	return slice_begins(s, "RECORD LOCKS space id ") || slice_begins(s, "TABLE LOCK table ");
}

/* "(12) " after the asterisks, or at the end of the line; without one *n stays. */
static struct slice side_number(struct slice s, unsigned *n)
{
	size_t i = 1;
	unsigned v = 0;
	if (!s.len || s.s[0] != '(')
		return s;
	while (i < s.len && i < 8 && s.s[i] >= '0' && s.s[i] <= '9')
		v = 10 * v + (unsigned)(s.s[i++] - '0');
	if (i == 1 || i >= s.len || s.s[i] != ')')
		return s;
	*n = v;
	i += i + 1 < s.len && s.s[i + 1] == ' ' ? 2 : 1;
	return (struct slice){s.s + i, s.len - i};
}

/* `line` and what comes behind it; *n is the side that it names, 0: none. */
static enum marker marker_of(struct slice line, struct slice behind, unsigned *n)
{
	*n = 0;
	if (!slice_begins(line, "*** "))
		return MARK_NONE;
	struct slice s = side_number((struct slice){line.s + 4, line.len - 4}, n);
	if (slice_begins(s, "TRANSACTION:") && *n)
		return slice_begins(behind, "TRANSACTION ") ? MARK_SIDE : MARK_NONE;
	if (slice_begins(s, "HOLDS THE LOCK"))
		return begins_lock(behind) ? MARK_HOLDS : MARK_NONE;
	if (slice_begins(s, "WAITING FOR THIS LOCK"))
		return begins_lock(behind) ? MARK_WAITS : MARK_NONE;
	if (slice_begins(s, "CONFLICTING WITH:"))
		return begins_lock(behind) ? MARK_CONFLICT : MARK_NONE;
	static const char victim[] = "WE ROLL BACK TRANSACTION (";
	if (!slice_begins(s, victim))
		return MARK_NONE;
	size_t skip = sizeof victim - 2;
	side_number((struct slice){s.s + skip, s.len - skip}, n);
	return *n ? MARK_VICTIM : MARK_NONE;
}

/* --- locks ---------------------------------------------------------------------------------------- */

/* `shop`.`stock` as shop.stock */
static const char *unquoted(struct arena *a, struct slice s)
{
	struct buf b = BUF_INIT;
	for (size_t i = 0; i < s.len; i++) {
		if (s.s[i] == '`' && i + 1 < s.len && s.s[i + 1] == '`' && b.len)
			buf_addc(&b, s.s[i++]);
		else if (s.s[i] != '`' && s.s[i])
			buf_addc(&b, s.s[i]);
	}
	const char *copy = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return copy;
}

/* "RECORD LOCKS space id 16 page no 4 n bits 72 index PRIMARY of table `shop`.`stock` trx id 2684
   lock_mode X locks rec but not gap waiting", or "TABLE LOCK table `shop`.`stock` trx id 5 lock mode IX" */
static void read_lock_line(struct arena *a, struct innodb_lock *l, struct slice line)
{
	struct slice rest = line, before, name;
	l->record = slice_begins(line, "RECORD");
	if (l->record && slice_cut(&rest, " index ", &before) && slice_cut(&rest, " of table ", &name))
		l->index = unquoted(a, name);
	else
		slice_cut(&rest, "table ", &before);
	if (slice_cut(&rest, " trx id ", &name))
		l->table = unquoted(a, name);
	if (slice_cut(&rest, " lock_mode ", &l->trx) || slice_cut(&rest, " lock mode ", &l->trx))
		l->mode = slice_trim(rest);
	static const char waiting[] = " waiting";
	size_t n = sizeof waiting - 1;
	if (l->mode.len > n && memcmp(l->mode.s + l->mode.len - n, waiting, n) == 0)
		l->mode.len -= n;
	l->trx = slice_trim(l->trx);
}

/* " 0: len 4; hex 80000002; asc     ;;" */
static void add_field(struct buf *key, struct slice line)
{
	struct slice before, hex;
	if (key->len < 400 && slice_cut(&line, "; hex ", &before) && slice_cut(&line, ";", &hex)) {
		buf_adds(key, key->len ? ", " : "");
		buf_add(key, hex.s, hex.len < 64 ? hex.len : 64);
	}
}

static void read_records(struct arena *a, struct innodb_lock *l, struct slice rest)
{
	struct buf key = BUF_INIT;
	struct slice line;
	while (slice_line(&rest, &line)) {
		if (slice_begins(line, "Record lock, heap no "))
			l->records++;
		else if (l->records == 1 && line.len > 3 && line.s[0] == ' ' &&
			 memmem(line.s, line.len, "asc supremum", 12))
			buf_adds(&key, "supremum");
		else if (l->records == 1 && line.len > 3 && line.s[0] == ' ')
			add_field(&key, line);
	}
	l->key = arena_strndup(a, buf_str(&key), key.len);
	buf_release(&key);
}

static struct innodb_lock read_lock(struct arena *a, struct slice text, bool waits)
{
	struct innodb_lock l = {.waits = waits, .table = "", .index = "", .key = "", .text = text};
	struct slice rest = text, line;
	if (slice_line(&rest, &line))
		read_lock_line(a, &l, line);
	read_records(a, &l, rest);
	return l;
}

/* --- the whole ------------------------------------------------------------------------------------ */

struct reader {
	struct innodb_deadlock *d;
	struct innodb_deadlock_side *sides;
	size_t n, cap;
	struct {
		struct innodb_lock lock;
		size_t side;
	} *locks;
	size_t n_locks, cap_locks;
};

/* One mark may be followed by several locks. */
static void add_locks(struct reader *r, struct slice text, bool waits)
{
	struct slice rest = text, line;
	const char *from = NULL;
	for (bool more = true; more;) {
		const char *here = rest.s;
		more = slice_line(&rest, &line);
		if (more && !begins_lock(line))
			continue;
		if (from) {
			GROW(r->locks, r->n_locks, r->cap_locks);
			r->locks[r->n_locks].side = r->n - 1;
			r->locks[r->n_locks++].lock =
				read_lock(&r->d->arena, (struct slice){from, (size_t)(here - from)}, waits);
		}
		from = here;
	}
}

static void take(struct reader *r, enum marker m, struct slice text)
{
	if (m == MARK_SIDE) {
		GROW(r->sides, r->n, r->cap);
		r->sides[r->n] = (struct innodb_deadlock_side){0};
		innodb_trx_parse(&r->sides[r->n++].trx, text);
	} else if (m == MARK_HOLDS || m == MARK_WAITS || m == MARK_CONFLICT) {
		add_locks(r, text, m == MARK_WAITS);
	}
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && a.len && memcmp(a.s, b.s, a.len) == 0;
}

/* What is in the way of one side is held by another: the one whose id it names. */
static void give_to_owners(struct reader *r)
{
	for (size_t i = 0; i < r->n_locks; i++)
		for (size_t k = 0; k < r->n; k++)
			if (same(r->locks[i].lock.trx, r->sides[k].trx.id))
				r->locks[i].side = k;
}

static void hand_over(struct reader *r)
{
	struct innodb_deadlock *d = r->d;
	give_to_owners(r);
	d->n_sides = r->n;
	d->sides = arena_alloc(&d->arena, r->n * sizeof *r->sides);
	memcpy(d->sides, r->sides, r->n * sizeof *r->sides);
	for (size_t k = 0; k < r->n; k++) {
		struct innodb_deadlock_side *s = &d->sides[k];
		s->locks = arena_zalloc(&d->arena, (r->n_locks + 1) * sizeof *s->locks);
		for (int waits = 0; waits < 2; waits++)
			for (size_t i = 0; i < r->n_locks; i++)
				if (r->locks[i].side == k && r->locks[i].lock.waits == waits)
					s->locks[s->n_locks++] = r->locks[i].lock;
		s->victim = d->victim == (int)k;
	}
}

static bool is_time(struct slice line)
{
	return line.len >= 19 && line.s[4] == '-' && line.s[7] == '-' && line.s[13] == ':' &&
	       line.s[0] >= '0' && line.s[0] <= '9';
}

/* A marker that is out of turn is part of a statement: those stand where a side is open, and each side has
   locks. */
static bool in_turn(enum marker m, unsigned number, enum marker open, size_t sides)
{
	size_t present = sides + (open == MARK_SIDE);
	switch (m) {
	case MARK_NONE:
		return false;
	case MARK_SIDE:
		return open != MARK_SIDE && number == sides + 1;
	case MARK_VICTIM:
		return open != MARK_SIDE && number <= sides;
	default:
		return open != MARK_NONE && (!number || number == present);
	}
}

bool innodb_deadlock_parse(struct innodb_deadlock *d, const char *text, size_t len)
{
	struct reader r = {.d = d};
	struct slice rest = {text, len}, line;
	enum marker open = MARK_NONE;
	const char *from = text;
	*d = (struct innodb_deadlock){.time = {"", 0}, .victim = -1};
	while (rest.len) {
		const char *here = rest.s;
		unsigned number;
		slice_line(&rest, &line);
		if (!r.n && !d->time.len && is_time(line))
			d->time = (struct slice){line.s, 19};
		enum marker m = marker_of(line, rest, &number);
		if (!in_turn(m, number, open, r.n))
			continue;
		if (m == MARK_VICTIM)
			d->victim = (int)number - 1;
		take(&r, open, (struct slice){from, (size_t)(here - from)});
		open = m;
		from = rest.s;
	}
	take(&r, open, (struct slice){from, (size_t)(text + len - from)});
	if (r.n)
		hand_over(&r);
	free(r.sides);
	free(r.locks);
	return d->n_sides > 0;
}

void innodb_deadlock_release(struct innodb_deadlock *d)
{
	arena_release(&d->arena);
	*d = (struct innodb_deadlock){0};
}
