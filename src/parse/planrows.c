/*
 * Plain EXPLAIN: rows of a table, one for each table read, held together by select numbers and by
 * names like <derived2>. Each SELECT becomes a node above its tables, and goes below the row that
 * reads it.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "parse/planbuild.h"

enum column {
	C_ID,
	C_SELECT_TYPE,
	C_TABLE,
	C_TYPE,
	C_POSSIBLE_KEYS,
	C_KEY,
	C_KEY_LEN,
	C_REF,
	C_ROWS,
	C_R_ROWS,
	C_FILTERED,
	C_R_FILTERED,
	C_EXTRA,
	C_COLUMNS
};

static const char *const column_names[C_COLUMNS] = {
	[C_ID] = "id",
	[C_SELECT_TYPE] = "select_type",
	[C_TABLE] = "table",
	[C_TYPE] = "type",
	[C_POSSIBLE_KEYS] = "possible_keys",
	[C_KEY] = "key",
	[C_KEY_LEN] = "key_len",
	[C_REF] = "ref",
	[C_ROWS] = "rows",
	[C_R_ROWS] = "r_rows",
	[C_FILTERED] = "filtered",
	[C_R_FILTERED] = "r_filtered",
	[C_EXTRA] = "Extra",
};

/* More rows than this are no plan; the work below grows with their square. */
enum { MOST_ROWS = 2000 };

struct reader {
	struct plan *plan;
	const char *const *names;
	size_t n_names;
	int places[C_COLUMNS]; /* of each column among the names, -1 without */
	struct plan_node *selects[MOST_ROWS];
	size_t n_selects;
};

static const char *cell(const struct reader *r, const char *const *row, enum column c)
{
	return r->places[c] < 0 ? NULL : row[r->places[c]];
}

static const char *text(struct reader *r, const char *const *row, enum column c)
{
	const char *s = cell(r, row, c);
	return s && *s ? plan_text(r->plan, s, strlen(s)) : NULL;
}

static double number(const struct reader *r, const char *const *row, enum column c)
{
	const char *s = cell(r, row, c);
	char *end;
	double v = s ? strtod(s, &end) : NAN; /* `1 (2%)` is 1 */
	return s && end != s && isfinite(v) ? v : NAN;
}

static const char *select_op(struct reader *r, int id, const char *type)
{
	struct buf b = BUF_INIT;
	if (!id || (type && strcmp(type, "UNION RESULT") == 0))
		return "Union";
	buf_addf(&b, "Select #%d", id);
	if (type && strcmp(type, "SIMPLE") != 0 && strcmp(type, "PRIMARY") != 0) {
		buf_adds(&b, " (");
		for (const char *s = type; *s; s++)
			buf_addc(&b, *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s);
		buf_addc(&b, ')');
	}
	const char *op = arena_strndup(&r->plan->arena, b.s, b.len);
	buf_release(&b);
	return op;
}

/* The node of the SELECT that a row belongs to; rows of one SELECT follow each other. */
static struct plan_node *select_of(struct reader *r, const char *const *row)
{
	const char *id_text = cell(r, row, C_ID), *type = text(r, row, C_SELECT_TYPE);
	int id = id_text ? (int)strtol(id_text, NULL, 10) : 0;
	struct plan_node *last = r->n_selects ? r->selects[r->n_selects - 1] : NULL;
	if (last && id && last->select == id)
		return last;
	struct plan_node *n = plan_node_new(r->plan, NULL, select_op(r, id, type));
	n->select = id;
	if (type && strstr(type, "DEPENDENT"))
		n->warnings |= PLAN_DEPENDENT;
	r->selects[r->n_selects++] = n;
	return n;
}

static void read_row(struct reader *r, const char *const *row)
{
	struct plan_node *n = plan_node_new(r->plan, select_of(r, row), plan_no_table);
	n->table = text(r, row, C_TABLE);
	n->access = text(r, row, C_TYPE);
	n->possible_keys = text(r, row, C_POSSIBLE_KEYS);
	n->key = text(r, row, C_KEY);
	n->key_len = text(r, row, C_KEY_LEN);
	n->ref = text(r, row, C_REF);
	n->rows = number(r, row, C_ROWS);
	n->r_rows = number(r, row, C_R_ROWS);
	n->filtered = number(r, row, C_FILTERED);
	n->r_filtered = number(r, row, C_R_FILTERED);
	n->extra = text(r, row, C_EXTRA);
	const char *type = cell(r, row, C_SELECT_TYPE);
	if (type && n->table && isnan(n->rows) &&
	    (strcmp(type, "INSERT") == 0 || strcmp(type, "REPLACE") == 0)) {
		n->op = "Insert";
		n->access = NULL; /* it says ALL, but nothing is read */
	} else if (!n->table && n->extra) {
		n->op = n->extra; /* what the server found out without reading a table */
	}
	for (size_t i = 0; i < r->n_names; i++) {
		bool known = false;
		for (int c = 0; c < C_COLUMNS; c++)
			known |= r->places[c] == (int)i;
		if (!known && row[i])
			plan_detail_add(r->plan, n, r->names[i],
					plan_text(r->plan, row[i], strlen(row[i])));
	}
}

/* The SELECT of that number, or the union that has taken it in. */
static struct plan_node *find_select(const struct reader *r, int id)
{
	for (size_t i = 0; i < r->n_selects; i++)
		if (r->selects[i]->select == id) {
			struct plan_node *n = r->selects[i];
			while (n->parent)
				n = n->parent;
			return n;
		}
	return NULL;
}

static struct plan_node *top_of(struct plan_node *n)
{
	while (n->parent)
		n = n->parent;
	return n;
}

/* Move a top node below another one, unless that would close a circle. */
static void move_below(struct plan *p, struct plan_node *n, struct plan_node *parent)
{
	if (!n || n->parent || top_of(parent) == n)
		return;
	struct plan_node **at = &p->root, *before = NULL;
	while (*at != n) {
		before = *at;
		at = &(*at)->next;
	}
	*at = n->next;
	if (p->last == n)
		p->last = before;
	n->next = NULL;
	n->parent = parent;
	if (parent->last)
		parent->last->next = n;
	else
		parent->child = n;
	parent->last = n;
}

/* <derived2>, <subquery3>, <union1,2>: the numbers say who is read. */
static void adopt(struct reader *r, struct plan_node *reader)
{
	const char *s = reader->table + strcspn(reader->table, "0123456789");
	while (*s >= '0' && *s <= '9') {
		char *end;
		int id = (int)strtol(s, &end, 10);
		struct plan_node *n = find_select(r, id);
		move_below(r->plan, n, reader);
		s = *end == ',' ? end + 1 : end;
	}
}

static void link_selects(struct reader *r)
{
	/* Unions first: a derived table that is a union is named after its first SELECT. */
	for (int unions = 1; unions >= 0; unions--)
		for (size_t i = 0; i < r->n_selects; i++)
			for (struct plan_node *n = r->selects[i]->child; n; n = n->next) {
				if (!n->table || n->table[0] != '<')
					continue;
				if ((strncmp(n->table, "<union", 6) == 0) == (unions == 1))
					adopt(r, n);
			}
	/* What is left are members of unions without duplicates to remove, and subqueries of the
	   statement's SELECT, which comes first. */
	size_t member = 0;
	for (size_t i = 1; i < r->n_selects; i++) {
		struct plan_node *n = r->selects[i];
		bool in_union = strstr(n->op, "union") != NULL;
		if (!n->parent && n != r->plan->root) {
			if (!in_union)
				move_below(r->plan, n, r->selects[0]);
			else if (r->selects[member]->parent)
				move_below(r->plan, n, r->selects[member]->parent);
		}
		if (in_union || strstr(n->op, "derived"))
			member = i;
	}
}

bool plan_from_rows(struct plan *p, const char *const *names, size_t n_names,
		    const char *const *values, size_t n_rows, struct err *e)
{
	*p = (struct plan){.format = PLAN_TABLE};
	if (n_rows > MOST_ROWS)
		return err_set(e, ERR_PROTOCOL, "plan", "it has too many rows", NULL);
	struct reader *r = xcalloc(1, sizeof *r);
	r->plan = p;
	r->names = names;
	r->n_names = n_names;
	for (int c = 0; c < C_COLUMNS; c++) {
		r->places[c] = -1;
		for (size_t i = 0; i < n_names; i++)
			if (strcasecmp(names[i], column_names[c]) == 0)
				r->places[c] = (int)i;
	}
	bool ok = r->places[C_TABLE] >= 0;
	if (!ok)
		err_set(e, ERR_PROTOCOL, "plan", "the rows have no column named table", NULL);
	for (size_t i = 0; ok && i < n_rows; i++)
		read_row(r, values + i * n_names);
	if (ok && n_rows)
		link_selects(r);
	free(r);
	return plan_complete(p, ok, e);
}
