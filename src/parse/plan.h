/*
 * Execution plans of MySQL and MariaDB, in whichever form the server gave them, as one kind of
 * tree. A node is a step: its children are what it reads from, in order. What a plan does not say
 * is NULL, or NAN for numbers: unknown is not zero. What has no field of its own is kept as a
 * detail, so that nothing the server said is lost.
 *
 * A plan owns all its nodes and texts (one arena); it does not refer to its input. All texts are
 * valid UTF-8 but not scrubbed, as they hold conditions with any literal in them. Pure; a plan
 * belongs to whoever parsed it and may be read by any thread afterwards.
 */
#ifndef PARSE_PLAN_H
#define PARSE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct buf;
struct err;

enum plan_format {
	PLAN_NONE,
	PLAN_JSON,  /* query_block …: MySQL's first version, MariaDB */
	PLAN_JSON2, /* query_plan and inputs: MySQL's second version */
	PLAN_TREE,  /* lines with arrows: MySQL's FORMAT=TREE, EXPLAIN ANALYZE */
	PLAN_TABLE, /* the rows of plain EXPLAIN */
};

/* What deserves a second look. plan_advice[] explains each. */
enum plan_warning {
	PLAN_FULL_SCAN = 1 << 0,
	PLAN_INDEX_SCAN = 1 << 1,
	PLAN_NO_INDEX = 1 << 2,
	PLAN_JOIN_BUFFER = 1 << 3,
	PLAN_FILESORT = 1 << 4,
	PLAN_TEMPORARY = 1 << 5,
	PLAN_DEPENDENT = 1 << 6,
	PLAN_WASTE = 1 << 7,
	PLAN_UNDERESTIMATE = 1 << 8,
	PLAN_OVERESTIMATE = 1 << 9,
	PLAN_WARNINGS = 10 /* how many there are */
};

struct plan_detail {
	struct plan_detail *next;
	const char *name;
	const char *value;
};

struct plan_node {
	struct plan_node *parent;
	struct plan_node *child; /* the first */
	struct plan_node *last;  /* the last child */
	struct plan_node *next;  /* sibling */
	int depth;

	/* The step in the words of MySQL's tree, whatever the form of the plan, never NULL: "Nested
	   loop", "Index lookup on o using status (const)". */
	const char *op;
	int select;         /* number of the SELECT that it belongs to, 0 if unknown */
	const char *table;  /* as the statement calls it, that is by its alias */
	const char *name;   /* the table's own name where that is told */
	const char *access; /* ALL index range ref eq_ref const …, in this form for all formats */
	const char *possible_keys;
	const char *key;
	const char *key_len;
	const char *ref;
	const char *condition; /* what the rows must satisfy once read */
	const char *index_condition; /* … and what is checked in the index before that */
	const char *extra;     /* Using filesort; … */
	double rows;           /* estimated, for one execution of the step */
	double r_rows;         /* found, mean over all executions */
	double filtered;       /* percent of the rows expected to satisfy the condition */
	double r_filtered;     /* … and that did */
	double cost;
	double r_loops;        /* executions */
	double time_ms;        /* spent in all executions; MySQL counts what is below it, too */
	unsigned warnings;     /* set of enum plan_warning */
	struct plan_detail *details;
};

struct plan {
	struct arena arena;
	enum plan_format format;
	bool analyzed; /* it has figures of a real run */
	bool running;  /* … that is not over: they will grow */
	const char *query;           /* the statement as rewritten, where the plan has it */
	struct plan_node *root;      /* the first of the top nodes */
	struct plan_node *last;
	struct plan_detail *details; /* of the plan as a whole */
	size_t nodes;
	unsigned warnings; /* of all nodes */
};

/* What EXPLAIN gave as one text: JSON of any kind, or MySQL's tree. On failure the plan is empty
   and `e` says why. `p` need not be initialised; release it in either case. */
bool plan_parse(struct plan *p, const char *text, size_t len, struct err *e);
/* The rows of plain EXPLAIN: `values` holds n_rows times n_names texts, NULL for NULL. Columns are
   found by name, those that are not known become details. */
bool plan_from_rows(struct plan *p, const char *const *names, size_t n_names,
		    const char *const *values, size_t n_rows, struct err *e);
void plan_release(struct plan *p);

/* All nodes from the top down: pass NULL for the first, get NULL after the last. */
const struct plan_node *plan_next(const struct plan *p, const struct plan_node *n);

/* The branches before a node, `│  ├─ ` or `|  |- `. */
void plan_add_branches(struct buf *out, const struct plan_node *n, bool ascii);
/* The step, scrubbed. */
void plan_add_label(struct buf *out, const struct plan_node *n);
/* The figures that are known: `rows 60 → 58 ×27, filtered 5%, 0.2 ms`. */
void plan_add_figures(struct buf *out, const struct plan_node *n, bool ascii);
/* The whole as lines: branches, label, figures, warnings, conditions below. */
void plan_to_tree_text(struct buf *out, const struct plan *p, bool ascii);

/* The plan as a table, a node a row. */
enum plan_column {
	PLAN_COL_ID,
	PLAN_COL_STEP,
	PLAN_COL_TABLE,
	PLAN_COL_ACCESS,
	PLAN_COL_KEY,
	PLAN_COL_ROWS,
	PLAN_COL_ACTUAL,
	PLAN_COL_FILTERED,
	PLAN_COL_EXTRA,
	PLAN_COLUMNS
};
struct plan_column_info {
	const char *title;
	const char *help;
	bool flush_right;
};
extern const struct plan_column_info plan_columns[PLAN_COLUMNS];
/* Append one cell, scrubbed; nothing for what is not known. */
void plan_add_cell(struct buf *out, const struct plan_node *n, enum plan_column col);

/* For each warning, in the order of their bits: what it is called, what it means, when it is no
   trouble, what to do when it is. */
struct plan_advice {
	enum plan_warning warning;
	const char *name;
	const char *meaning;
	const char *harmless;
	const char *remedy;
};
extern const struct plan_advice plan_advice[PLAN_WARNINGS];

#endif
