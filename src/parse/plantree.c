/*
 * MySQL's FORMAT=TREE and EXPLAIN ANALYZE:
 *
 *	-> Nested loop inner join  (cost=34.5 rows=3) (actual time=0.3..0.4 rows=0 loops=1)
 *	    -> Table scan on o  (cost=13.5 rows=60) (never executed)
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/planbuild.h"

/* The nodes that a next line could be a child of, outermost first. */
struct branch {
	size_t indent;
	struct plan_node *node;
};

struct tree {
	struct plan *plan;
	struct branch *path;
	size_t depth;
	size_t cap;
	struct buf text; /* of the node being read: its line and those that only go on with it */
};

/* The number behind `name` within a group; of `1.5..3.2` the second one. */
static double figure(const char *group, const char *name)
{
	const char *s = strstr(group, name);
	if (!s)
		return NAN;
	s += strlen(name);
	char *end;
	double v = strtod(s, &end);
	if (end == s)
		return NAN;
	/* strtod() takes the first dot of two for its own. */
	const char *second = strstr(s, "..");
	if (second && second <= end)
		v = strtod(second + 2, NULL);
	return isfinite(v) ? v : NAN;
}

/* Take the group in parentheses that the text ends in, if it holds figures. */
static bool take_figures(struct plan_node *n, struct buf *text)
{
	if (text->len == 0 || text->s[text->len - 1] != ')')
		return false;
	char *open = memrchr(text->s, '(', text->len);
	if (!open || memchr(open, ')', text->len - (size_t)(open - text->s) - 1))
		return false;
	const char *group = open + 1;
	if (strncmp(group, "actual ", 7) == 0) {
		n->time_ms = figure(group, "time=");
		n->r_rows = figure(group, "rows=");
		n->r_loops = figure(group, "loops=");
		n->time_ms *= n->r_loops;
	} else if (strncmp(group, "never executed", 14) == 0) {
		n->r_loops = 0;
	} else if (strncmp(group, "cost=", 5) == 0 || strncmp(group, "rows=", 5) == 0) {
		n->cost = figure(group, "cost=");
		n->rows = figure(group, "rows=");
	} else {
		return false;
	}
	while (open > text->s && open[-1] == ' ')
		open--;
	text->len = (size_t)(open - text->s);
	*open = '\0';
	return true;
}

static void end_node(struct tree *t)
{
	if (t->depth == 0)
		return;
	struct plan_node *n = t->path[t->depth - 1].node;
	while (take_figures(n, &t->text))
		continue;
	n->op = plan_text(t->plan, buf_str(&t->text), t->text.len);
	plan_read_step(t->plan, n, n->op);
}

static void begin_node(struct tree *t, size_t indent)
{
	end_node(t);
	while (t->depth > 0 && t->path[t->depth - 1].indent >= indent)
		t->depth--;
	/* Subqueries of the select list come as trees of their own, but belong to the statement. */
	struct plan_node *parent = t->depth ? t->path[t->depth - 1].node : t->plan->root;
	GROW(t->path, t->depth, t->cap);
	t->path[t->depth++] = (struct branch){indent, plan_node_new(t->plan, parent, "")};
	buf_clear(&t->text);
}

bool plan_read_tree(struct plan *p, const char *text, size_t len)
{
	struct tree t = {.plan = p};
	p->format = PLAN_TREE;
	for (size_t at = 0; at < len;) {
		const char *line = text + at;
		const char *nl = memchr(line, '\n', len - at);
		size_t n = nl ? (size_t)(nl - line) : len - at;
		at += n + 1;
		size_t indent = 0;
		while (indent < n && line[indent] == ' ')
			indent++;
		if (n - indent >= 2 && line[indent] == '-' && line[indent + 1] == '>') {
			size_t arrow = indent + 2;
			begin_node(&t, indent);
			while (arrow < n && line[arrow] == ' ')
				arrow++;
			buf_add(&t.text, line + arrow, n - arrow);
		} else if (n > 0) {
			/* A line break within a literal. */
			buf_addc(&t.text, '\n');
			buf_add(&t.text, line, n);
		}
	}
	end_node(&t);
	buf_release(&t.text);
	free(t.path);
	return true;
}
