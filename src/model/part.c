#include "model/part.h"

#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/fatal.h"
#include "base/mem.h"

struct text {
	uint32_t len;
	char s[];
};

union cell {
	int64_t i;
	double r;
	const struct text *text;
	const struct value *any;
};

struct row {
	uint64_t present;
	union cell cells[];
};

struct part {
	atomic_uint refs;
	enum part_id id;
	enum part_status status;
	const struct schema *schema;
	const char *reason;
	const char **absent; /* by field, or NULL */
	int64_t read_mono, read_wall;
	double ms;
	unsigned n_rows, rows_cut;
	const struct row **rows;
	uint32_t *by_key; /* row numbers in the order of their keys */
	const struct part *shares; /* the rows are those of this part */
	struct arena arena;
};

struct interned {
	uint64_t hash;
	const struct text *text;
};

struct part_builder {
	struct part *part;
	size_t cap_rows;
	bool in_row;
	uint64_t present;
	struct value cells[SCHEMA_MAX_FIELDS];
	/* Lossy table of texts seen before: enough to fold users, hosts, schemas and states. */
	struct interned seen[256];
};

#define PART_ROW(i, n, e, h, t) [PART_##i] = {n, t, e, h},
static const struct {
	const char *name, *title;
	bool exported, host;
} parts[] = {PARTS(PART_ROW)};

const char *part_name(enum part_id id)
{
	return parts[id].name;
}

const char *part_title(enum part_id id)
{
	return parts[id].title;
}

bool part_exported(enum part_id id)
{
	return parts[id].exported;
}

bool part_of_host(enum part_id id)
{
	return parts[id].host;
}

part_mask parts_of_host(void)
{
	part_mask all = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (part_of_host((enum part_id)i))
			all |= PART_BIT(i);
	return all;
}

int part_by_name(const char *name)
{
	for (int i = 0; i < N_PARTS; i++)
		if (strcmp(parts[i].name, name) == 0)
			return i;
	return -1;
}

const char *part_status_name(enum part_status s)
{
	static const char *const names[] = {
		[PART_OK] = "ok",
		[PART_STALE] = "stale",
		[PART_DENIED] = "denied",
		[PART_UNSUPPORTED] = "unsupported",
		[PART_FAILED] = "failed",
	};
	return names[s];
}

/* References are bookkeeping, not content: a reader of a const part may count. */
static struct part *countable(const struct part *p)
{
	return (struct part *)(uintptr_t)p;
}

struct part *part_ref(const struct part *p)
{
	atomic_fetch_add_explicit(&countable(p)->refs, 1, memory_order_relaxed);
	return countable(p);
}

void part_unref(const struct part *p)
{
	if (!p)
		return;
	struct part *q = countable(p);
	if (atomic_fetch_sub_explicit(&q->refs, 1, memory_order_acq_rel) > 1)
		return;
	part_unref(q->shares);
	arena_release(&q->arena);
	free(q);
}

enum part_id part_id(const struct part *p)
{
	return p->id;
}

const struct schema *part_schema(const struct part *p)
{
	return p->schema;
}

enum part_status part_status(const struct part *p)
{
	return p->status;
}

const char *part_reason(const struct part *p)
{
	return p->reason;
}

const char *part_absent_reason(const struct part *p, unsigned field)
{
	return p->absent ? p->absent[field] : NULL;
}

int64_t part_read_mono(const struct part *p)
{
	return p->read_mono;
}

int64_t part_read_wall(const struct part *p)
{
	return p->read_wall;
}

double part_ms(const struct part *p)
{
	return p->ms;
}

unsigned part_rows_cut(const struct part *p)
{
	return p->rows_cut;
}

size_t part_memory(const struct part *p)
{
	return sizeof *p + p->arena.size;
}

unsigned part_rows(const struct part *p)
{
	return p->n_rows;
}

struct value part_get(const struct part *p, unsigned row, unsigned field)
{
	const struct row *r = p->rows[row];
	uint64_t bit = (uint64_t)1 << field;
	if (!(r->present & bit))
		return VALUE_NONE;
	const union cell *c = &r->cells[__builtin_popcountll(r->present & (bit - 1))];
	switch (p->schema->fields[field].type) {
	case FIELD_INT:
		return value_int(c->i);
	case FIELD_REAL:
		return value_real(c->r);
	case FIELD_TEXT:
		return value_text(c->text->s, c->text->len);
	case FIELD_ANY:
		return *c->any;
	}
	return VALUE_NONE;
}

struct value part_cell(const struct part *p, unsigned row, const char *field)
{
	int i = schema_field(p->schema, field);
	return i < 0 ? VALUE_NONE : part_get(p, row, (unsigned)i);
}

int part_find(const struct part *p, struct value key)
{
	unsigned lo = 0, hi = p->n_rows;
	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;
		int d = value_compare(part_get(p, p->by_key[mid], p->schema->key), key, false);
		if (d == 0)
			return (int)p->by_key[mid];
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

struct value part_lookup(const struct part *p, const char *name)
{
	if (!p)
		return VALUE_NONE;
	int row = part_find(p, value_str(name));
	return row < 0 ? VALUE_NONE : part_get(p, (unsigned)row, p->schema->key + 1);
}

/* --- building --------------------------------------------------------------------------------- */

static struct part *part_new(enum part_id id, const struct schema *schema)
{
	BUG_ON(schema->n_fields > SCHEMA_MAX_FIELDS);
	struct part *p = xcalloc(1, sizeof *p);
	atomic_init(&p->refs, 1);
	p->id = id;
	p->schema = schema;
	return p;
}

struct part_builder *part_builder_new(enum part_id id, const struct schema *schema)
{
	struct part_builder *b = xcalloc(1, sizeof *b);
	b->part = part_new(id, schema);
	return b;
}

void part_builder_free(struct part_builder *b)
{
	if (!b)
		return;
	free(b->part->rows);
	b->part->rows = NULL;
	part_unref(b->part);
	free(b);
}

void part_row_begin(struct part_builder *b)
{
	BUG_ON(b->in_row);
	b->in_row = true;
	b->present = 0;
}

static uint64_t hash_bytes(const char *s, size_t n)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(1099511628211);
	return h;
}

static const struct text *intern(struct part_builder *b, const char *s, size_t n)
{
	enum { LONGEST_SHARED = 200 };
	struct interned *slot = NULL;
	uint64_t h = 0;
	if (n <= LONGEST_SHARED) {
		h = hash_bytes(s, n);
		slot = &b->seen[h % COUNT_OF(b->seen)];
		if (slot->text && slot->hash == h && slot->text->len == n &&
		    memcmp(slot->text->s, s, n) == 0)
			return slot->text;
	}
	struct text *t = arena_alloc(&b->part->arena, sizeof *t + n + 1);
	t->len = (uint32_t)n;
	if (n)
		memcpy(t->s, s, n);
	t->s[n] = '\0';
	if (slot)
		*slot = (struct interned){h, t};
	return t;
}

void part_set_text(struct part_builder *b, unsigned field, const char *s, size_t len)
{
	part_set(b, field, value_text(s, (uint32_t)(len < UINT32_MAX ? len : UINT32_MAX)));
}

static struct value converted(enum field_type type, struct value v)
{
	if (type == FIELD_INT && v.type != VALUE_INT) {
		if (v.type == VALUE_TEXT)
			v = value_parse(v.s, v.len);
		if (v.type == VALUE_REAL)
			return value_int(v.r >= 9.2e18	 ? INT64_MAX
					 : v.r <= -9.2e18 ? INT64_MIN
							  : (int64_t)v.r);
		return v.type == VALUE_INT ? v : VALUE_NONE;
	}
	if (type == FIELD_REAL && v.type != VALUE_REAL) {
		if (v.type == VALUE_TEXT)
			v = value_parse(v.s, v.len);
		return value_is_number(v) ? value_real(value_number(v, 0)) : VALUE_NONE;
	}
	return v;
}

void part_set(struct part_builder *b, unsigned field, struct value v)
{
	BUG_ON(!b->in_row || field >= b->part->schema->n_fields);
	uint64_t bit = (uint64_t)1 << field;
	enum field_type type = b->part->schema->fields[field].type;
	v = converted(type, v);
	if (type == FIELD_TEXT && value_is_number(v))
		die("BUG: number for text field %s", b->part->schema->fields[field].name);
	if (v.type == VALUE_ABSENT) {
		b->present &= ~bit;
		return;
	}
	if (v.type == VALUE_TEXT) {
		const struct text *t = intern(b, v.s, v.len);
		v = value_text(t->s, t->len);
	}
	b->cells[field] = v;
	b->present |= bit;
}

struct value part_peek(const struct part_builder *b, unsigned field)
{
	return b->present >> field & 1 ? b->cells[field] : VALUE_NONE;
}

void part_row_cancel(struct part_builder *b)
{
	b->in_row = false;
}

unsigned part_builder_rows(const struct part_builder *b)
{
	return b->part->n_rows;
}

static union cell pack(struct part_builder *b, enum field_type type, struct value v)
{
	switch (type) {
	case FIELD_INT:
		return (union cell){.i = v.i};
	case FIELD_REAL:
		return (union cell){.r = v.r};
	case FIELD_TEXT:
		return (union cell){
			.text = (const struct text *)(const void *)(v.s - offsetof(struct text, s))};
	case FIELD_ANY:
		break;
	}
	struct value *any = arena_alloc(&b->part->arena, sizeof *any);
	*any = v;
	return (union cell){.any = any};
}

void part_row_end(struct part_builder *b)
{
	BUG_ON(!b->in_row);
	b->in_row = false;
	struct part *p = b->part;
	unsigned n = (unsigned)__builtin_popcountll(b->present), k = 0;
	struct row *r = arena_alloc(&p->arena, sizeof *r + n * sizeof r->cells[0]);
	r->present = b->present;
	for (uint64_t left = b->present; left; left &= left - 1) {
		unsigned f = (unsigned)__builtin_ctzll(left);
		r->cells[k++] = pack(b, p->schema->fields[f].type, b->cells[f]);
	}
	GROW(p->rows, p->n_rows, b->cap_rows);
	p->rows[p->n_rows++] = r;
}

void part_set_absent(struct part_builder *b, unsigned field, const char *reason)
{
	struct part *p = b->part;
	if (!p->absent)
		p->absent = arena_zalloc(&p->arena, p->schema->n_fields * sizeof *p->absent);
	p->absent[field] = arena_strdup(&p->arena, reason);
}

void part_set_rows_cut(struct part_builder *b, unsigned rows)
{
	b->part->rows_cut = rows;
}

static int compare_keys(const void *a, const void *b, void *part)
{
	const struct part *p = part;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	int d = value_compare(part_get(p, i, p->schema->key), part_get(p, j, p->schema->key), false);
	return d ? d : (i > j) - (i < j);
}

static void index_keys(struct part *p)
{
	if (!p->n_rows)
		return;
	p->by_key = arena_alloc(&p->arena, p->n_rows * sizeof *p->by_key);
	bool sorted = true;
	for (uint32_t i = 0; i < p->n_rows; i++) {
		p->by_key[i] = i;
		if (i && sorted)
			sorted = compare_keys(&p->by_key[i - 1], &p->by_key[i], p) < 0;
	}
	if (!sorted)
		qsort_r(p->by_key, p->n_rows, sizeof *p->by_key, compare_keys, p);
}

struct part *part_seal(struct part_builder *b, int64_t read_mono, int64_t read_wall, double ms)
{
	BUG_ON(b->in_row);
	struct part *p = b->part;
	p->read_mono = read_mono;
	p->read_wall = read_wall;
	p->ms = ms;
	if (p->n_rows) {
		const struct row **rows = p->rows;
		p->rows = arena_alloc(&p->arena, p->n_rows * sizeof *rows);
		memcpy(p->rows, rows, p->n_rows * sizeof *rows);
		free(rows);
	}
	index_keys(p);
	free(b);
	return p;
}

struct part *part_new_failed(enum part_id id, const struct schema *schema, enum part_status status,
			     const char *reason, int64_t read_mono, int64_t read_wall)
{
	struct part *p = part_new(id, schema);
	p->status = status;
	p->reason = reason ? arena_strdup(&p->arena, reason) : NULL;
	p->read_mono = read_mono;
	p->read_wall = read_wall;
	return p;
}

struct part *part_with_status(const struct part *p, enum part_status status, const char *reason)
{
	struct part *q = part_new_failed(p->id, p->schema, status, reason, p->read_mono, p->read_wall);
	q->absent = p->absent;
	q->ms = p->ms;
	q->n_rows = p->n_rows;
	q->rows_cut = p->rows_cut;
	q->rows = p->rows;
	q->by_key = p->by_key;
	q->shares = part_ref(p->shares ? p->shares : p);
	return q;
}
