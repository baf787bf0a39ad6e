#include "parse/plan.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "parse/planbuild.h"

/* Below these a scan, a wrong estimate or a thrown-away row is not worth a word. */
enum { FEW_ROWS = 100, MANY_ROWS = 1000 };

struct plan_node *plan_node_new(struct plan *p, struct plan_node *parent, const char *op)
{
	struct plan_node *n = arena_zalloc(&p->arena, sizeof *n);
	n->op = op;
	n->parent = parent;
	n->depth = parent ? parent->depth + 1 : 0;
	n->select = parent ? parent->select : 0;
	n->rows = n->r_rows = n->filtered = n->r_filtered = NAN;
	n->cost = n->r_loops = n->time_ms = NAN;
	struct plan_node **first = parent ? &parent->child : &p->root;
	struct plan_node **last = parent ? &parent->last : &p->last;
	if (*last)
		(*last)->next = n;
	else
		*first = n;
	*last = n;
	p->nodes++;
	return n;
}

const char *plan_text(struct plan *p, const char *s, size_t len)
{
	struct buf b = BUF_INIT;
	utf8_repair(&b, s, len);
	char *copy = arena_strndup(&p->arena, buf_str(&b), b.len);
	for (char *nul = copy; (nul = memchr(nul, '\0', b.len - (size_t)(nul - copy)));)
		*nul = ' ';
	buf_release(&b);
	return copy;
}

/* Newest first; finish() turns them round. */
void plan_detail_add(struct plan *p, struct plan_node *n, const char *name, const char *value)
{
	struct plan_detail **list = n ? &n->details : &p->details;
	struct plan_detail *d = arena_alloc(&p->arena, sizeof *d);
	*d = (struct plan_detail){*list, arena_strdup(&p->arena, name),
				  arena_strdup(&p->arena, value)};
	*list = d;
}

void plan_extra_add(struct plan *p, struct plan_node *n, const char *text)
{
	if (!n->extra) {
		n->extra = arena_strdup(&p->arena, text);
		return;
	}
	size_t had = strlen(n->extra), more = strlen(text);
	if (had > 4096)
		return; /* no server says that much */
	char *both = arena_alloc(&p->arena, had + 2 + more + 1);
	memcpy(both, n->extra, had);
	memcpy(both + had, "; ", 2);
	memcpy(both + had + 2, text, more + 1);
	n->extra = both;
}

/* --- steps in words ----------------------------------------------------------------------- */

static const struct {
	const char *words;
	const char *access; /* NULL: a step without a table */
	unsigned warnings;
} steps[] = {
	{"Table scan on ", "ALL", 0},
	{"Index scan on ", "index", 0},
	{"Covering index scan on ", "index", 0},
	{"Index range scan on ", "range", 0},
	{"Covering index range scan on ", "range", 0},
	{"Index skip scan on ", "range", 0},
	{"Covering index skip scan on ", "range", 0},
	{"Multi-range index lookup on ", "range", 0},
	{"Index lookup on ", "ref", 0},
	{"Covering index lookup on ", "ref", 0},
	{"Single-row index lookup on ", "eq_ref", 0},
	{"Single-row covering index lookup on ", "eq_ref", 0},
	{"Constant row from ", "const", 0},
	{"Full-text index search on ", "fulltext", 0},
	{"Scan new records on ", "new", 0},
	{"Sort:", NULL, PLAN_FILESORT},
	{"Sort row IDs", NULL, PLAN_FILESORT},
	{"Sort (", NULL, PLAN_FILESORT},
	{"Temporary table", NULL, PLAN_TEMPORARY},
	{"Materialize", NULL, PLAN_TEMPORARY},
	{"Union materialize", NULL, PLAN_TEMPORARY},
	{"Intersect materialize", NULL, PLAN_TEMPORARY},
	{"Except materialize", NULL, PLAN_TEMPORARY},
	{"Aggregate using temporary table", NULL, PLAN_TEMPORARY},
	{"Inner hash join", NULL, PLAN_JOIN_BUFFER},
	{"Left hash join", NULL, PLAN_JOIN_BUFFER},
	{"Hash semijoin", NULL, PLAN_JOIN_BUFFER},
	{"Hash antijoin", NULL, PLAN_JOIN_BUFFER},
};

/* The name at s, which ends before the first of these. */
static const char *step_name(struct plan *p, const char *s)
{
	static const char *const ends[] = {" using ", " over ", " (", ", ", "  "};
	size_t len = strlen(s);
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		const char *end = memmem(s, len, ends[i], strlen(ends[i]));
		if (end)
			len = (size_t)(end - s);
	}
	return len ? arena_strndup(&p->arena, s, len) : NULL;
}

void plan_read_step(struct plan *p, struct plan_node *n, const char *step)
{
	if (strncmp(step, "Select #", 8) == 0 && strstr(step, "; dependent"))
		n->warnings |= PLAN_DEPENDENT;
	if (strncmp(step, "Filter: ", 8) == 0 && !n->condition)
		n->condition = arena_strdup(&p->arena, step + 8);
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		size_t len = strlen(steps[i].words);
		if (strncmp(step, steps[i].words, len) != 0)
			continue;
		n->warnings |= steps[i].warnings;
		if (!steps[i].access)
			return;
		n->access = steps[i].access;
		if (!n->table)
			n->table = step_name(p, step + len);
		const char *key = strstr(step + len, " using ");
		if (key && !n->key)
			n->key = step_name(p, key + 7);
		return;
	}
}

/* Access types as the other formats name them, in the same words. */
static const struct {
	const char *access;
	const char *words;
	const char *covering;
} accesses[] = {
	{"ALL", "Table scan on ", NULL},
	{"index", "Index scan on ", "Covering index scan on "},
	{"range", "Index range scan on ", "Covering index range scan on "},
	{"ref", "Index lookup on ", "Covering index lookup on "},
	{"eq_ref", "Single-row index lookup on ", "Single-row covering index lookup on "},
	{"ref_or_null", "Index lookup, NULL too, on ", NULL},
	{"const", "Constant row from ", NULL},
	{"system", "Constant row from ", NULL},
	{"fulltext", "Full-text index search on ", NULL},
	{"index_merge", "Index merge on ", NULL},
	{"unique_subquery", "Single-row index lookup on ", NULL},
	{"index_subquery", "Index lookup on ", NULL},
	{"hash_ALL", "Hash join with a table scan on ", NULL},
	{"hash_index", "Hash join with an index scan on ", NULL},
	{"hash_range", "Hash join with an index range scan on ", NULL},
};

const char plan_no_table[] = "No table";

/* Put the step of a node with a table into words. */
static void name_step(struct plan *p, struct plan_node *n)
{
	if (n->op != plan_no_table || !n->table)
		return;
	struct buf b = BUF_INIT;
	bool covering = n->extra && strstr(n->extra, "Using index") &&
			!strstr(n->extra, "Using index condition");
	/* MariaDB: `ref|filter`, `customer|status` */
	size_t len = n->access ? strcspn(n->access, "|") : 0;
	const char *words = NULL;
	for (size_t i = 0; i < COUNT_OF(accesses); i++)
		if (len && strlen(accesses[i].access) == len &&
		    strncmp(accesses[i].access, n->access, len) == 0)
			words = covering && accesses[i].covering ? accesses[i].covering
								 : accesses[i].words;
	if (words)
		buf_adds(&b, words);
	else if (len)
		buf_addf(&b, "%s on ", n->access);
	buf_adds(&b, n->table);
	if (n->key)
		buf_addf(&b, " using %s", n->key);
	if (n->ref)
		buf_addf(&b, " (%s)", n->ref);
	n->op = arena_strndup(&p->arena, b.s, b.len);
	buf_release(&b);
}

/* --- warnings ----------------------------------------------------------------------------- */

unsigned plan_extra_warnings(const char *extra)
{
	static const struct {
		const char *words;
		unsigned warning;
	} marks[] = {
		{"Using filesort", PLAN_FILESORT},
		{"Using temporary", PLAN_TEMPORARY},
		{"Using join buffer", PLAN_JOIN_BUFFER},
	};
	unsigned found = 0;
	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (strstr(extra, marks[i].words))
			found |= marks[i].warning;
	return found;
}

/* The executions that rows count for. */
static double loops(const struct plan_node *n)
{
	return n->r_loops > 1 ? n->r_loops : 1;
}

static unsigned scan_warnings(const struct plan *p, const struct plan_node *n)
{
	/* What is read here was made by another step, or is not worth an index. */
	if (!n->table || !n->access || n->table[0] == '<' || n->child || n->rows < FEW_ROWS)
		return 0;
	if (strcmp(n->access, "index") == 0)
		return PLAN_INDEX_SCAN;
	if (strcmp(n->access, "ALL") != 0)
		return 0;
	bool keys_told = p->format == PLAN_JSON || p->format == PLAN_TABLE;
	bool wanted = n->condition || (n->extra && strstr(n->extra, "Using where")) ||
		      (n->warnings & PLAN_JOIN_BUFFER);
	return PLAN_FULL_SCAN | (keys_told && !n->possible_keys && wanted ? PLAN_NO_INDEX : 0);
}

/* A step that ends early reads less than expected, and that is as it should be. */
static bool stops_early(const struct plan_node *n)
{
	return strncmp(n->op, "Limit", 5) == 0;
}

static unsigned estimate_warnings(const struct plan *p, const struct plan_node *n, bool limited)
{
	double want = n->rows > 1 ? n->rows : 1, got = n->r_rows > 1 ? n->r_rows : 1;
	if (isnan(n->rows) || isnan(n->r_rows) || n->r_loops < 1)
		return 0;
	if (got >= 10 * want && got * loops(n) >= FEW_ROWS)
		return PLAN_UNDERESTIMATE;
	if (want >= 10 * got && want * loops(n) >= FEW_ROWS && !p->running && !limited)
		return PLAN_OVERESTIMATE;
	return 0;
}

static unsigned waste_warnings(const struct plan_node *n)
{
	double read = NAN, share = NAN;
	if (!isnan(n->r_filtered) && !isnan(n->r_rows)) {
		read = n->r_rows * loops(n);
		share = n->r_filtered;
	} else if (!isnan(n->filtered) && isnan(n->r_rows)) {
		read = n->rows;
		share = n->filtered;
	} else if (n->condition && n->child && !isnan(n->r_rows) && !isnan(n->child->r_rows)) {
		read = n->child->r_rows * loops(n->child);
		share = 100 * n->r_rows * loops(n) / read;
	}
	return read >= MANY_ROWS && share < 10 ? PLAN_WASTE : 0;
}

static struct plan_detail *reversed(struct plan_detail *d)
{
	struct plan_detail *head = NULL;
	while (d) {
		struct plan_detail *next = d->next;
		d->next = head;
		head = d;
		d = next;
	}
	return head;
}

static struct plan_node *following(const struct plan_node *n)
{
	if (n->child)
		return n->child;
	while (n && !n->next)
		n = n->parent;
	return n ? n->next : NULL;
}

const struct plan_node *plan_next(const struct plan *p, const struct plan_node *n)
{
	return n ? following(n) : p->root;
}

/* What all formats have in common, once the tree stands. */
static void finish(struct plan *p)
{
	const struct plan_node *limit = NULL; /* the innermost above that ends early */
	p->details = reversed(p->details);
	for (struct plan_node *n = p->root; n; n = following(n)) {
		n->details = reversed(n->details);
		n->depth = n->parent ? n->parent->depth + 1 : 0;
		if (n->index_condition)
			plan_extra_add(p, n, "Using index condition");
		if (n->extra)
			n->warnings |= plan_extra_warnings(n->extra);
		name_step(p, n);
		p->analyzed |= !isnan(n->r_rows) || !isnan(n->r_loops);
		if (limit && n->depth <= limit->depth)
			limit = NULL;
		n->warnings |=
			scan_warnings(p, n) | estimate_warnings(p, n, limit) | waste_warnings(n);
		p->warnings |= n->warnings;
		if (!limit && stops_early(n))
			limit = n;
	}
}

/* --- the plan ----------------------------------------------------------------------------- */

bool plan_complete(struct plan *p, bool ok, struct err *e)
{
	if (ok && !p->root)
		ok = err_set(e, ERR_PROTOCOL, "plan", "it has no steps", NULL);
	if (ok)
		finish(p);
	else
		plan_release(p);
	return ok;
}

bool plan_parse(struct plan *p, const char *text, size_t len, struct err *e)
{
	*p = (struct plan){0};
	while (len > 0 && text[0] && strchr(" \t\r\n", text[0])) {
		text++;
		len--;
	}
	bool ok;
	if (len > 0 && text[0] == '{')
		ok = plan_read_json(p, text, len, e);
	else if (len > 1 && text[0] == '-' && text[1] == '>')
		ok = plan_read_tree(p, text, len);
	else
		ok = err_set(e, ERR_PROTOCOL, "plan",
			     len ? "it is neither JSON nor a tree" : "it is empty", NULL);
	return plan_complete(p, ok, e);
}

void plan_release(struct plan *p)
{
	arena_release(&p->arena);
	*p = (struct plan){0};
}
