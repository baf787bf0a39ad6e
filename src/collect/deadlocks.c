#include "collect/deadlocks.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/all.h"
#include "model/json.h"
#include "parse/innodb_why.h"

static const struct field fields[] = {DEADLOCK_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"deadlocks", fields, N_DEADLOCK_FIELDS, DEADLOCK_ID};
const struct schema logged_deadlocks_schema = {"logged_deadlocks", fields, N_DEADLOCK_FIELDS, DEADLOCK_ID};

enum { MOST_KEPT = 100, MOST_STATEMENT = 4000 };

/* --- one deadlock as a row -------------------------------------------------------------------------- */

static json_t *json_of_slice(struct slice s)
{
	return s.len ? json_of_text(s.s, s.len) : json_null();
}

static json_t *json_of_lock(const struct innodb_lock *l)
{
	struct buf record = BUF_INIT;
	json_t *j = json_object();
	innodb_record_text(&record, l);
	json_object_set_new(j, "held", json_boolean(!l->waits));
	json_object_set_new(j, "table", json_of_text(l->table, strlen(l->table)));
	json_object_set_new(j, "index", l->record ? json_of_text(l->index, strlen(l->index)) : json_null());
	json_object_set_new(j, "mode", json_of_slice(l->mode));
	json_object_set_new(j, "record", record.len ? json_of_text(record.s, record.len) : json_null());
	buf_release(&record);
	return j;
}

static json_t *json_of_side(const struct innodb_deadlock_side *s)
{
	const struct innodb_trx *t = &s->trx;
	json_t *j = json_object(), *locks = json_array();
	for (size_t i = 0; i < s->n_locks; i++)
		json_array_append_new(locks, json_of_lock(&s->locks[i]));
	json_object_set_new(j, "session", t->thread >= 0 ? json_integer(t->thread) : json_null());
	json_object_set_new(j, "user", json_of_slice(t->user));
	json_object_set_new(j, "host", json_of_slice(t->host.len ? t->host : t->address));
	json_object_set_new(j, "victim", json_boolean(s->victim));
	json_object_set_new(j, "age", t->seconds >= 0 ? json_real(t->seconds) : json_null());
	json_object_set_new(j, "rows_modified", json_integer(t->undo_entries > 0 ? t->undo_entries : 0));
	json_object_set_new(j, "statement",
			    json_of_text(t->query.len ? t->query.s : "",
					 t->query.len < MOST_STATEMENT ? t->query.len : MOST_STATEMENT));
	json_object_set_new(j, "locks", locks);
	return j;
}

static void put_layout(struct part_builder *b, const struct innodb_deadlock *d)
{
	json_t *sides = json_array();
	for (size_t i = 0; i < d->n_sides; i++)
		json_array_append_new(sides, json_of_side(&d->sides[i]));
	char *text = json_dumps(sides, JSON_COMPACT);
	if (text)
		part_set(b, DEADLOCK_LAYOUT, value_str(text));
	free(text);
	json_decref(sides);
}

/* Each name once. */
static void add_name(struct buf *list, const char *name)
{
	size_t n = strlen(name);
	if (!n)
		return;
	for (const char *s = buf_str(list); *s;) {
		size_t len = strcspn(s, ",");
		if (len == n && memcmp(s, name, n) == 0)
			return;
		s += len;
		s += strspn(s, ", ");
	}
	buf_addf(list, "%s%s", list->len ? ", " : "", name);
}

static void put_places(struct part_builder *b, const struct innodb_deadlock *d)
{
	struct buf tables = BUF_INIT, indexes = BUF_INIT;
	for (size_t i = 0; i < d->n_sides; i++)
		for (size_t k = 0; k < d->sides[i].n_locks; k++) {
			add_name(&tables, d->sides[i].locks[k].table);
			add_name(&indexes, d->sides[i].locks[k].index);
		}
	part_set_text(b, DEADLOCK_TABLES, buf_str(&tables), tables.len);
	part_set_text(b, DEADLOCK_INDEXES, buf_str(&indexes), indexes.len);
	buf_release(&tables);
	buf_release(&indexes);
}

static void put_sides(struct part_builder *b, const struct innodb_deadlock *d)
{
	struct buf sessions = BUF_INIT;
	bool other = false;
	for (size_t i = 0; i < d->n_sides; i++) {
		const struct innodb_trx *t = &d->sides[i].trx;
		size_t n = t->query.len < MOST_STATEMENT ? t->query.len : MOST_STATEMENT;
		if (t->thread >= 0)
			buf_addf(&sessions, "%s%lld", sessions.len ? ", " : "", (long long)t->thread);
		if (d->sides[i].victim && t->thread >= 0)
			part_set(b, DEADLOCK_VICTIM, value_int(t->thread));
		if (!n || (other && !d->sides[i].victim))
			continue;
		other |= !d->sides[i].victim;
		part_set_text(b, d->sides[i].victim ? DEADLOCK_LOSER : DEADLOCK_OTHER, t->query.s, n);
	}
	part_set(b, DEADLOCK_SIDES, value_int((int64_t)d->n_sides));
	part_set_text(b, DEADLOCK_SESSIONS, buf_str(&sessions), sessions.len);
	buf_release(&sessions);
}

void deadlock_put(struct part_builder *b, const struct innodb_deadlock *d)
{
	struct buf why = BUF_INIT;
	innodb_deadlock_why(&why, d);
	part_set_text(b, DEADLOCK_TIME, d->time.s, d->time.len);
	part_set(b, DEADLOCK_KIND, value_str(deadlock_kind_name(innodb_deadlock_kind(d))));
	part_set_text(b, DEADLOCK_WHY, buf_str(&why), why.len);
	put_sides(b, d);
	put_places(b, d);
	put_layout(b, d);
	buf_release(&why);
}

/* --- the history ------------------------------------------------------------------------------------ */

struct news {
	const struct part *before;
	struct part_builder *b;
	struct value text;
	int64_t counter, wall;
	int64_t id; /* of the next row */
};

static int64_t last_number(const struct part *before, unsigned field)
{
	unsigned n = before ? part_rows(before) : 0;
	return n ? value_integer(part_get(before, n - 1, field), 0) : 0;
}

/* The text of the latest one that was seen: rows of lost ones have none. */
static struct value last_text(const struct part *before)
{
	for (unsigned i = before ? part_rows(before) : 0; i-- > 0;)
		if (part_get(before, i, DEADLOCK_TEXT).type == VALUE_TEXT)
			return part_get(before, i, DEADLOCK_TEXT);
	return VALUE_NONE;
}

static void keep_rows(const struct news *n)
{
	unsigned rows = n->before ? part_rows(n->before) : 0;
	for (unsigned i = rows > MOST_KEPT ? rows - MOST_KEPT : 0; i < rows; i++) {
		part_row_begin(n->b);
		for (unsigned f = 0; f < N_DEADLOCK_FIELDS; f++) {
			struct value v = part_get(n->before, i, f);
			if (v.type != VALUE_ABSENT)
				part_set(n->b, f, v);
		}
		part_row_end(n->b);
	}
}

static void begin_row(struct news *n)
{
	part_row_begin(n->b);
	part_set(n->b, DEADLOCK_ID, value_int(n->id++));
	part_set(n->b, DEADLOCK_SEEN, value_int(n->wall));
	part_set(n->b, DEADLOCK_COUNTER, value_int(n->counter));
}

static void add_lost(struct news *n, int64_t lost)
{
	begin_row(n);
	part_set(n->b, DEADLOCK_LOST, value_int(lost));
	part_row_end(n->b);
}

static void add_deadlock(struct news *n, const struct innodb_deadlock *d, bool first)
{
	begin_row(n);
	part_set(n->b, DEADLOCK_BEFORE, value_int(first));
	part_set(n->b, DEADLOCK_TEXT, n->text);
	deadlock_put(n->b, d);
	part_row_end(n->b);
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	const struct part *raw = ctx->parts[PART_DEADLOCK_TEXT];
	struct news n = {.before = before, .text = deadlock_text(raw), .wall = part_read_wall(raw) / US_PER_S,
			 .counter = value_integer(deadlock_counter(ctx), 0),
			 .id = last_number(before, DEADLOCK_ID) + 1};
	int64_t last = last_number(before, DEADLOCK_COUNTER);
	/* Gated: there was none since. A part that stands for a failure is made anew. */
	if (n.text.type != VALUE_TEXT && before && part_status(before) == PART_OK)
		return NULL;
	n.b = part_builder_new(PART_DEADLOCKS, &schema);
	keep_rows(&n);
	if (n.text.type == VALUE_TEXT) {
		/* The server was started anew: it counts from 0. */
		int64_t since = n.counter >= last ? n.counter - last : n.counter;
		bool first = n.id == 1;
		struct innodb_deadlock d;
		bool is_new = innodb_deadlock_parse(&d, n.text.s, n.text.len) &&
			      !value_equal(n.text, last_text(before));
		int64_t lost = since - is_new;
		if (lost > 0 && !(first && is_new))
			add_lost(&n, lost);
		if (is_new)
			add_deadlock(&n, &d, first);
		innodb_deadlock_release(&d);
	}
	return part_seal(n.b, part_read_mono(raw), part_read_wall(raw), part_ms(raw));
}

const struct derivation deadlocks_derivation = {
	.part = PART_DEADLOCKS,
	.schema = &schema,
	.from = PART_BIT(PART_DEADLOCK_TEXT),
	.requires = PART_BIT(PART_DEADLOCK_TEXT),
	.make = make,
};
