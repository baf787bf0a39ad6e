#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "model/unit.h"
#include "parse/plan.h"

const struct plan_advice plan_advice[PLAN_WARNINGS] = {
	{PLAN_FULL_SCAN, "full scan", "Every row of the table is read, each time the step runs.",
	 "The table is small, or most of its rows are wanted.",
	 "Add an index on the columns that WHERE or ON compares, the ones compared with = first."},
	{PLAN_INDEX_SCAN, "index scan",
	 "Every entry of the index is read: a full scan of something narrower than the table.",
	 "The index holds all columns that are asked for, or gives the order for a small LIMIT.",
	 "Compare the leading columns of an index in WHERE, so that a part of it is enough."},
	{PLAN_NO_INDEX, "no index fits",
	 "There is a condition, but no index that could help to find the rows.",
	 "The table is small, or the condition keeps most rows.",
	 "Index the column as it is compared: a function around it, a leading % in LIKE or another "
	 "type or collation on the other side keep an index from being used."},
	{PLAN_JOIN_BUFFER, "join without index",
	 "Rows are collected in a buffer and compared with all rows of the other table.",
	 "The inner table is small and read once (a hash join of two whole tables is fine).",
	 "Index the columns that ON compares in the table that is read last."},
	{PLAN_FILESORT, "sorts",
	 "The rows are sorted after they were found; on disk, if they do not fit in the sort "
	 "buffer.",
	 "Few rows reach the sort.",
	 "An index that begins with the compared columns and goes on with those of ORDER BY gives "
	 "the rows in order."},
	{PLAN_TEMPORARY, "temporary table",
	 "Rows are written to a table made for this statement, on disk when it grows.",
	 "Few rows go in, or it is built once and read often.",
	 "GROUP BY the columns of one index in their order, sort by what is grouped by, use UNION "
	 "ALL where duplicates cannot occur."},
	{PLAN_DEPENDENT, "dependent subquery",
	 "The subquery uses columns from outside, so it runs again for each row there.",
	 "Few rows outside, and an index for what is looked up inside.",
	 "Write it as a join, or as a derived table that is grouped once."},
	{PLAN_WASTE, "throws rows away",
	 "Nine of ten rows that are read fail the condition: they were read for nothing.",
	 "The statement is rare, or the condition cannot be indexed.",
	 "Put the columns of the condition into the index that is used, behind those it has."},
	{PLAN_UNDERESTIMATE, "more rows than thought",
	 "Ten times more rows came than the optimizer expected; other choices may rest on that.",
	 "The plan would be the same with the right number.",
	 "ANALYZE TABLE; for values that are spread unevenly a histogram of the column (MySQL: "
	 "ANALYZE TABLE … UPDATE HISTOGRAM, MariaDB: ANALYZE TABLE … PERSISTENT FOR ALL)."},
	{PLAN_OVERESTIMATE, "fewer rows than thought",
	 "Ten times fewer rows came than the optimizer expected; it may have shunned an index.",
	 "The step was stopped early, by LIMIT or because a match was found.",
	 "ANALYZE TABLE; for values that are spread unevenly a histogram of the column."},
};

const struct plan_column_info plan_columns[PLAN_COLUMNS] = {
	[PLAN_COL_ID] = {"id", "Number of the SELECT in the statement; subqueries count on.", true},
	[PLAN_COL_STEP] = {
		"step", "What is done; what a step reads from is indented below it.", false},
	[PLAN_COL_TABLE] = {
		"table", "The table, by its alias; <derived2> is the result of SELECT 2.", false},
	[PLAN_COL_ACCESS] = {
		"access",
		"How rows are found: const and eq_ref give one row, ref a few, range a part of an "
		"index, index the whole index, ALL the whole table.",
		false},
	[PLAN_COL_KEY] = {"key", "The index that is used.", false},
	[PLAN_COL_ROWS] = {
		"rows", "Rows that the optimizer expects, each time the step runs.", true},
	[PLAN_COL_ACTUAL] = {"actual", "Rows that came, on average over all times it ran.", true},
	[PLAN_COL_FILTERED] = {
		"filtered",
		"Share of the rows that satisfy the condition: as found where the plan was run, "
		"else as expected.",
		true},
	[PLAN_COL_EXTRA] = {"extra", "What else the server says about the step.", false},
};

enum { DRAWN_DEPTH = 40 }; /* branches further right are not drawn */

void plan_add_branches(struct buf *out, const struct plan_node *n, bool ascii)
{
	const struct plan_node *path[DRAWN_DEPTH];
	int depth = 0;
	for (; n->parent; n = n->parent)
		if (n->depth <= DRAWN_DEPTH)
			path[depth++] = n;
	for (int i = depth - 1; i >= 0; i--) {
		bool last = !path[i]->next;
		if (i > 0)
			buf_adds(out, last ? "   " : ascii ? "|  " : "│  ");
		else if (ascii)
			buf_adds(out, last ? "`- " : "|- ");
		else
			buf_adds(out, last ? "└─ " : "├─ ");
	}
}

static void add_scrubbed(struct buf *out, const char *s)
{
	if (s)
		utf8_scrub(out, s, strlen(s));
}

static void trim(struct buf *out)
{
	while (out->len > 0 && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
}

void plan_add_label(struct buf *out, const struct plan_node *n)
{
	add_scrubbed(out, n->op);
	trim(out); /* MySQL leaves a blank behind some */
}

/* Exact as far as anyone reads digits; 0.05 and 3.4 have some behind the point. */
static void add_rows(struct buf *out, double rows)
{
	if (rows < 9.95 && rows != floor(rows))
		buf_addf(out, "%.2g", rows);
	else if (rows < 100000)
		buf_addf(out, "%.0f", rows);
	else
		unit_count(out, rows);
}

static void add_time(struct buf *out, double ms)
{
	if (ms < 0.01)
		buf_adds(out, "<0.01 ms");
	else if (ms < 10)
		buf_addf(out, "%.2f ms", ms);
	else if (ms < 10000)
		buf_addf(out, "%.0f ms", ms);
	else
		unit_duration(out, ms / 1000);
}

static void add_comma(struct buf *out, size_t start)
{
	if (out->len > start)
		buf_adds(out, ", ");
}

/* Read before the plan is run, and not counted. */
static bool is_constant(const struct plan_node *n)
{
	return n->access && (!strcmp(n->access, "const") || !strcmp(n->access, "system"));
}

void plan_add_figures(struct buf *out, const struct plan_node *n, bool ascii)
{
	size_t start = out->len;
	double share = isnan(n->r_filtered) ? n->filtered : n->r_filtered;
	if (!isnan(n->rows) || !isnan(n->r_rows)) {
		buf_adds(out, "rows ");
		if (!isnan(n->rows))
			add_rows(out, n->rows);
		if (!isnan(n->r_rows)) {
			buf_adds(out, isnan(n->rows) ? "" : ascii ? " -> " : " → ");
			add_rows(out, n->r_rows);
		}
		if (n->r_loops > 1) {
			buf_adds(out, ascii ? " x" : " ×");
			add_rows(out, n->r_loops);
		}
	}
	if (n->r_loops < 1 && !n->child && !is_constant(n)) {
		add_comma(out, start);
		buf_adds(out, "not run");
	}
	if (share < 99.995) {
		add_comma(out, start);
		buf_addf(out, "filtered %.3g%%", share);
	}
	if (!isnan(n->cost)) {
		add_comma(out, start);
		buf_adds(out, "cost ");
		add_rows(out, n->cost);
	}
	if (!isnan(n->time_ms)) {
		add_comma(out, start);
		add_time(out, n->time_ms);
	}
}

/* Whether the step's name has the condition in it already. */
static bool says_condition(const struct plan_node *n)
{
	return strncmp(n->op, "Filter: ", 8) == 0;
}

/* The branches of what is below a node's own line. */
static void add_below(struct buf *out, const struct plan_node *n, bool ascii)
{
	size_t start = out->len;
	plan_add_branches(out, n, ascii);
	/* The last branch goes on past this line if siblings follow. */
	size_t len = ascii ? 3 : strlen("└─ ");
	if (n->parent && out->len - start >= len) {
		out->len -= len;
		out->s[out->len] = '\0';
		buf_adds(out, !n->next ? "   " : ascii ? "|  " : "│  ");
	}
	buf_adds(out, !n->child ? "     " : ascii ? "|    " : "│    ");
}

static void add_condition(struct buf *out, const struct plan_node *n, const char *word,
			  const char *condition, bool ascii)
{
	add_below(out, n, ascii);
	buf_adds(out, word);
	add_scrubbed(out, condition);
	buf_addc(out, '\n');
}

void plan_to_tree_text(struct buf *out, const struct plan *p, bool ascii)
{
	for (const struct plan_node *n = plan_next(p, NULL); n; n = plan_next(p, n)) {
		plan_add_branches(out, n, ascii);
		plan_add_label(out, n);
		buf_adds(out, "  ");
		size_t start = out->len;
		plan_add_figures(out, n, ascii);
		for (int i = 0; i < PLAN_WARNINGS; i++)
			if (n->warnings & plan_advice[i].warning) {
				buf_adds(out, out->len > start ? "  ! " : "! ");
				buf_adds(out, plan_advice[i].name);
			}
		trim(out);
		buf_addc(out, '\n');
		if (n->index_condition && p->format == PLAN_JSON)
			add_condition(out, n, "in index ", n->index_condition, ascii);
		if (n->condition && !says_condition(n))
			add_condition(out, n, "where ", n->condition, ascii);
	}
}

static void add_number(struct buf *out, double v)
{
	if (!isnan(v))
		add_rows(out, v);
}

void plan_add_cell(struct buf *out, const struct plan_node *n, enum plan_column col)
{
	double share = isnan(n->r_filtered) ? n->filtered : n->r_filtered;
	switch (col) {
	case PLAN_COL_ID:
		if (n->select)
			buf_addf(out, "%d", n->select);
		break;
	case PLAN_COL_STEP:
		buf_fill(out, ' ', 2 * (size_t)(n->depth < DRAWN_DEPTH ? n->depth : DRAWN_DEPTH));
		plan_add_label(out, n);
		break;
	case PLAN_COL_TABLE:
		add_scrubbed(out, n->table);
		break;
	case PLAN_COL_ACCESS:
		add_scrubbed(out, n->access);
		break;
	case PLAN_COL_KEY:
		add_scrubbed(out, n->key);
		break;
	case PLAN_COL_ROWS:
		add_number(out, n->rows);
		break;
	case PLAN_COL_ACTUAL:
		add_number(out, n->r_rows);
		break;
	case PLAN_COL_FILTERED:
		if (!isnan(share))
			buf_addf(out, "%.3g%%", share);
		break;
	case PLAN_COL_EXTRA:
		add_scrubbed(out, n->extra);
		break;
	case PLAN_COLUMNS:
		break;
	}
}
