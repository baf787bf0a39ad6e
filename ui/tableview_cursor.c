/*
 * The cursor, and the tags. The cursor is looked up anew by its row's key whenever the rows changed, so it
 * stays on the row wherever that went.
 */
#include "ui/tableview.h"

#include <string.h>

/* The standard one falls through switch labels, of which clang warns. */
#define HASH_FUNCTION HASH_FNV
#include <uthash.h>

#include "base/mem.h"
#include "ui/tableview_impl.h"

struct tag {
	UT_hash_handle hh;
	struct value key; /* text points behind the struct */
};

/* --- the cursor --------------------------------------------------------------------------- */

static void keep_key(struct tableview *v, struct value key)
{
	if (key.type == VALUE_TEXT && key.s != v->key_text.s) {
		buf_clear(&v->key_text);
		buf_add(&v->key_text, key.s, key.len);
	}
	if (key.type == VALUE_TEXT)
		key = value_text(buf_str(&v->key_text), (uint32_t)v->key_text.len);
	v->key = key;
}

static struct value key_at(const struct tableview *v, unsigned i)
{
	if (v->group)
		return v->groups[v->rows[i]].key;
	return part_get(v->part, v->rows[i], v->schema->key);
}

/* The shown row with the cursor's key; n_rows when it is not there. */
static unsigned find_key(const struct tableview *v)
{
	if (!v->part || !v->n_rows)
		return v->n_rows;
	if (v->group) {
		for (unsigned i = 0; i < v->n_rows; i++) {
			if (value_equal(key_at(v, i), v->key))
				return i;
		}
		return v->n_rows;
	}
	int row = v->key.type == VALUE_ABSENT ? -1 : part_find(v->part, v->key);
	for (unsigned i = 0; row >= 0 && i < v->n_rows; i++) {
		if (v->rows[i] == (uint32_t)row)
			return i;
	}
	return v->n_rows;
}

static void note_key(struct tableview *v)
{
	if (v->cursor < v->n_rows)
		keep_key(v, key_at(v, v->cursor));
	v->wanted = false;
}

static void follow_key(struct tableview *v)
{
	unsigned at = find_key(v), line = v->cursor - v->top;
	if (at < v->n_rows) {
		/* On the same line of the screen, where that can be. */
		if (v->top || at >= (unsigned)(v->height > 0 ? v->height : 1))
			v->top = at > line ? at - line : 0;
		v->cursor = at;
		v->wanted = false;
		return;
	}
	if (v->cursor >= v->n_rows)
		v->cursor = v->n_rows ? v->n_rows - 1 : 0;
	if (!v->wanted && v->n_rows)
		note_key(v);
}

void table_update(struct tableview *v)
{
	if (!v->dirty)
		return;
	v->dirty = false;
	table_choose(v);
	follow_key(v);
}

void tableview_move(struct tableview *v, enum table_move move)
{
	enum { SIDE_STEP = 8 };
	table_update(v);
	unsigned page = v->height > 1 ? (unsigned)v->height - 1 : 1;
	unsigned last = v->n_rows ? v->n_rows - 1 : 0, at = v->cursor;
	switch (move) {
	case TABLE_UP:
		at -= at > 0;
		break;
	case TABLE_DOWN:
		at++;
		break;
	case TABLE_PAGE_UP:
		at -= at < page ? at : page;
		v->top -= v->top < page ? v->top : page;
		break;
	case TABLE_PAGE_DOWN:
		at += page;
		v->top += page;
		break;
	case TABLE_HOME:
		at = 0;
		break;
	case TABLE_END:
		at = last;
		break;
	case TABLE_LEFT:
		v->scroll -= v->scroll < SIDE_STEP ? v->scroll : SIDE_STEP;
		return;
	case TABLE_RIGHT:
		v->scroll += SIDE_STEP;
		return;
	}
	v->cursor = at < last ? at : last;
	note_key(v);
}

int tableview_row(struct tableview *v)
{
	table_update(v);
	return v->group || v->cursor >= v->n_rows ? -1 : (int)v->rows[v->cursor];
}

struct value tableview_key(struct tableview *v)
{
	table_update(v);
	return v->cursor < v->n_rows && !v->wanted ? v->key : VALUE_NONE;
}

void tableview_select(struct tableview *v, struct value key)
{
	keep_key(v, key);
	v->wanted = true;
	v->dirty = true;
}

unsigned tableview_shown(struct tableview *v)
{
	table_update(v);
	return v->n_rows;
}

unsigned tableview_total(struct tableview *v)
{
	return v->part ? part_rows(v->part) : 0;
}

int tableview_row_at(struct tableview *v, unsigned i)
{
	table_update(v);
	return v->group || i >= v->n_rows ? -1 : (int)v->rows[i];
}

int tableview_cursor_y(const struct tableview *v)
{
	return v->cursor_y;
}

/* --- tags --------------------------------------------------------------------------------- */

/* The bytes that a key is hashed by. */
static const void *key_bytes(const struct value *key, size_t *n)
{
	*n = key->type == VALUE_TEXT ? key->len : sizeof key->i;
	return key->type == VALUE_TEXT ? (const void *)key->s : (const void *)&key->i;
}

static struct tag *find_tag(const struct tableview *v, struct value key)
{
	struct tag *t = NULL;
	size_t n;
	const void *bytes = key_bytes(&key, &n);
	if (key.type != VALUE_ABSENT && v->tags)
		HASH_FIND(hh, v->tags, bytes, n, t);
	return t;
}

static void add_tag(struct tableview *v, struct value key)
{
	if (key.type == VALUE_ABSENT || find_tag(v, key))
		return;
	size_t text = key.type == VALUE_TEXT ? key.len : 0, n;
	struct tag *t = xcalloc(1, sizeof *t + text + 1);
	t->key = key;
	if (key.type == VALUE_TEXT) {
		t->key.s = (char *)(t + 1);
		memcpy(t + 1, key.s, text);
	}
	const void *bytes = key_bytes(&t->key, &n);
	HASH_ADD_KEYPTR(hh, v->tags, bytes, n, t);
}

static void remove_tag(struct tableview *v, struct tag *t)
{
	HASH_DEL(v->tags, t);
	free(t);
}

void tableview_tag(struct tableview *v)
{
	int row = tableview_row(v);
	if (row < 0)
		return;
	struct tag *t = find_tag(v, v->key);
	if (t)
		remove_tag(v, t);
	else
		add_tag(v, v->key);
	tableview_move(v, TABLE_DOWN);
}

bool tableview_tagged(const struct tableview *v, unsigned row)
{
	return v->tags && find_tag(v, part_get(v->part, row, v->schema->key));
}

void tableview_tag_all(struct tableview *v)
{
	table_update(v);
	bool all = true;
	for (unsigned i = 0; !v->group && i < v->n_rows; i++)
		all &= tableview_tagged(v, v->rows[i]);
	for (unsigned i = 0; !v->group && i < v->n_rows; i++) {
		struct tag *t = find_tag(v, key_at(v, i));
		if (all && t)
			remove_tag(v, t);
		else if (!all)
			add_tag(v, key_at(v, i));
	}
}

void tableview_untag(struct tableview *v)
{
	struct tag *t, *next;
	HASH_ITER (hh, v->tags, t, next)
		remove_tag(v, t);
}

unsigned tableview_tags(const struct tableview *v)
{
	return HASH_COUNT(v->tags);
}

void table_forget_gone_tags(struct tableview *v)
{
	struct tag *t, *next;
	HASH_ITER (hh, v->tags, t, next) {
		if (part_find(v->part, t->key) < 0) {
			HASH_DEL(v->tags, t);
			free(t);
		}
	}
}
