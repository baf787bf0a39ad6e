/*
 * EXPLAIN FORMAT=JSON. Two dialects: one nests blocks, operations and tables (MariaDB, and MySQL's
 * first version), the other is the tree of steps with `inputs` (MySQL's second version). A table of
 * rules says what each key is; keys without a rule become details, or steps when they hold some.
 */
#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "parse/planbuild.h"

enum rule_kind {
	/* Steps. */
	R_STEP,   /* a step below this one: `text` is its name */
	R_BLOCK,  /* a SELECT */
	R_TABLE,  /* a table that is read */
	R_INPUTS, /* steps of the second version */
	R_LOOP,   /* a join: of one table it is none */
	/* Properties of this step. */
	R_INTO,    /* what is in it */
	R_TEXT,    /* into the text field at `offset`; lists are joined */
	R_NUM,     /* into the number at `offset` */
	R_TIME,    /* milliseconds, added up */
	R_MEAN_MS, /* milliseconds of one execution */
	R_FLAG,    /* when true, `text` belongs to the extras */
	R_SAY,     /* the value belongs to the extras, as it is */
	R_ID,      /* number of the SELECT */
	R_SUFFIX,  /* the value completes the name of the step */
	R_HEADING, /* a step of that name goes in between */
	/* What comes next, or all. */
	R_DEPENDENT, /* the next SELECT depends on the rows outside */
	R_RUNNING,
	R_QUERY, /* the statement as rewritten */
};

struct rule {
	const char *key;
	enum rule_kind kind;
	const char *text;
	size_t offset;
	unsigned warnings;
};

#define FIELD(name) NULL, offsetof(struct plan_node, name), 0

/* MariaDB, and the first version of MySQL. Sorted. */
static const struct rule rules[] = {
	{"access_type", R_TEXT, FIELD(access)},
	{"attached_condition", R_TEXT, FIELD(condition)},
	{"attached_subqueries", R_STEP, "Subqueries of the condition", 0, 0},
	{"block-nl-join", R_STEP, "Block nested loop join", 0, PLAN_JOIN_BUFFER},
	{"buffer", R_STEP, "Buffer of row IDs", 0, 0},
	{"buffer_result", R_STEP, "Buffer of the result", 0, PLAN_TEMPORARY},
	{"cost", R_NUM, FIELD(cost)},
	{"cost_info", R_INTO, NULL, 0, 0},
	{"delete", R_FLAG, "Delete", 0, 0},
	{"dependent", R_DEPENDENT, NULL, 0, 0},
	{"distinct", R_FLAG, "Distinct", 0, 0},
	{"duplicates_removal", R_STEP, "Remove duplicates", 0, 0},
	{"except_result", R_STEP, "Except", 0, 0},
	{"expression_cache", R_STEP, "Cache of subquery results", 0, PLAN_DEPENDENT},
	{"filesort", R_STEP, "Sort", 0, PLAN_FILESORT},
	{"filtered", R_NUM, FIELD(filtered)},
	{"group_by_subqueries", R_STEP, "Subqueries of GROUP BY", 0, 0},
	{"grouping_operation", R_STEP, "Group", 0, 0},
	{"having_subqueries", R_STEP, "Subqueries of HAVING", 0, 0},
	{"index_condition", R_TEXT, FIELD(index_condition)},
	{"insert", R_FLAG, "Insert", 0, 0},
	{"insert_from", R_STEP, "Insert from", 0, 0},
	{"intersect_result", R_STEP, "Intersect", 0, 0},
	{"key", R_TEXT, FIELD(key)},
	{"key_length", R_TEXT, FIELD(key_len)},
	{"materialization", R_STEP, "Materialize", 0, PLAN_TEMPORARY},
	{"materialized", R_STEP, "Materialize", 0, PLAN_TEMPORARY},
	{"materialized_from_subquery", R_STEP, "Materialize", 0, 0},
	{"message", R_SAY, NULL, 0, 0},
	{"nested_loop", R_LOOP, "Nested loop", 0, 0},
	{"not_exists", R_FLAG, "Not exists", 0, 0},
	{"optimized_away_subqueries", R_STEP, "Subqueries run beforehand", 0, 0},
	{"order_by_subqueries", R_STEP, "Subqueries of ORDER BY", 0, 0},
	{"ordering_operation", R_STEP, "Order", 0, 0},
	{"possible_keys", R_TEXT, FIELD(possible_keys)},
	{"prefix_cost", R_NUM, FIELD(cost)},
	{"query_block", R_BLOCK, "Select", 0, 0},
	{"query_cost", R_NUM, FIELD(cost)},
	{"query_specifications", R_INTO, NULL, 0, 0},
	{"r_filtered", R_NUM, FIELD(r_filtered)},
	{"r_loops", R_NUM, FIELD(r_loops)},
	{"r_other_time_ms", R_TIME, FIELD(time_ms)},
	{"r_query_time_in_progress_ms", R_RUNNING, NULL, 0, 0},
	{"r_rows", R_NUM, FIELD(r_rows)},
	{"r_table_time_ms", R_TIME, FIELD(time_ms)},
	{"r_total_time_ms", R_TIME, FIELD(time_ms)},
	{"range-checked-for-each-record", R_STEP, "Range checked for each row", 0, 0},
	{"read_sorted_file", R_STEP, "Read the sorted rows", 0, 0},
	{"recursive_union", R_STEP, "Recursive union", 0, 0},
	{"ref", R_TEXT, FIELD(ref)},
	{"replace", R_FLAG, "Replace", 0, 0},
	{"rows", R_NUM, FIELD(rows)},
	{"rows_examined_per_scan", R_NUM, FIELD(rows)},
	{"select_id", R_ID, NULL, 0, 0},
	{"select_list_subqueries", R_STEP, "Subqueries of the select list", 0, 0},
	{"sort_key", R_SUFFIX, NULL, 0, 0},
	{"sorts", R_INTO, NULL, 0, 0},
	{"subqueries", R_STEP, "Subqueries", 0, 0},
	{"table", R_TABLE, "Table", 0, 0},
	{"table_name", R_TEXT, FIELD(table)},
	{"temporary_table", R_STEP, "Temporary table", 0, PLAN_TEMPORARY},
	{"unary_result", R_STEP, "Result", 0, 0},
	{"union_result", R_STEP, "Union", 0, 0},
	{"update", R_FLAG, "Update", 0, 0},
	{"update_value_subqueries", R_STEP, "Subqueries of SET", 0, 0},
	{"using_filesort", R_FLAG, "Using filesort", 0, 0},
	{"using_index", R_FLAG, "Using index", 0, 0},
	{"using_index_for_group_by", R_FLAG, "Using index for group-by", 0, 0},
	{"using_join_buffer", R_FLAG, "Using join buffer", 0, 0},
	{"using_temporary_table", R_FLAG, "Using temporary", 0, 0},
	{"window_functions_computation", R_STEP, "Window functions", 0, 0},
	{"windowing", R_STEP, "Window functions", 0, 0},
};

/* The second version of MySQL. Sorted. */
static const struct rule step_rules[] = {
	{"actual_last_row_ms", R_MEAN_MS, FIELD(time_ms)},
	{"actual_loops", R_NUM, FIELD(r_loops)},
	{"actual_rows", R_NUM, FIELD(r_rows)},
	{"alias", R_TEXT, FIELD(table)},
	{"condition", R_TEXT, FIELD(condition)},
	{"covering", R_FLAG, "Using index", 0, 0},
	{"estimated_rows", R_NUM, FIELD(rows)},
	{"estimated_total_cost", R_NUM, FIELD(cost)},
	{"heading", R_HEADING, NULL, 0, 0},
	{"index_name", R_TEXT, FIELD(key)},
	{"lookup_references", R_TEXT, FIELD(ref)},
	{"operation", R_TEXT, FIELD(op)},
	{"pushed_index_condition", R_TEXT, FIELD(index_condition)},
	{"query", R_QUERY, NULL, 0, 0},
	{"query_plan", R_INPUTS, NULL, 0, 0},
	{"table_name", R_TEXT, FIELD(name)},
};

/* No server nests deeper; what does is not followed. */
enum { DEEPEST = 200 };

struct reader {
	struct plan *plan;
	bool steps;     /* the second version */
	bool dependent; /* the next SELECT is */
	int depth;
};

/* --- values ------------------------------------------------------------------------------- */

/* Keys were made unique before parsing: `table#7` stands for `table`. */
static size_t key_len(const char *key)
{
	const char *mark = strrchr(key, '#');
	return mark ? (size_t)(mark - key) : strlen(key);
}

static const struct rule *find_rule(const struct reader *r, const char *key)
{
	static const struct rule inputs = {"inputs", R_INPUTS, NULL, 0, 0};
	const struct rule *list = r->steps ? step_rules : rules;
	size_t lo = 0, hi = r->steps ? COUNT_OF(step_rules) : COUNT_OF(rules);
	size_t len = key_len(key);
	/* inputs_from_select_list and more of the kind */
	if (r->steps && strncmp(key, "inputs", 6) == 0)
		return &inputs;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int d = strncmp(list[mid].key, key, len);
		if (d == 0 && list[mid].key[len] == '\0')
			return &list[mid];
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static void add_scalar(struct buf *out, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		buf_add(out, json_string_value(v), json_string_length(v));
		break;
	case JSON_REAL:
	case JSON_INTEGER:
		buf_addf(out, "%.10g", json_number_value(v));
		break;
	case JSON_TRUE:
		buf_adds(out, "yes");
		break;
	case JSON_FALSE:
		buf_adds(out, "no");
		break;
	default:
		break;
	}
}

static bool is_container(const json_t *v)
{
	return json_is_object(v) || json_is_array(v);
}

/* "a, b": a text or a list of texts. */
static const char *text_of(struct reader *r, json_t *v)
{
	struct buf b = BUF_INIT;
	size_t i;
	json_t *item;
	if (json_is_array(v)) {
		json_array_foreach (v, i, item) {
			if (i > 0)
				buf_adds(&b, ", ");
			add_scalar(&b, item);
		}
	} else {
		add_scalar(&b, v);
	}
	const char *text = b.len ? plan_text(r->plan, b.s, b.len) : NULL;
	buf_release(&b);
	return text;
}

/* A number, which MySQL writes as a text in places. */
static double number_of(const json_t *v)
{
	if (json_is_number(v))
		return json_number_value(v);
	char *end;
	const char *s = json_is_string(v) ? json_string_value(v) : "";
	double d = strtod(s, &end);
	return end != s && isfinite(d) ? d : NAN;
}

/* Whether a flag is up: true, 1, or a text that says how. */
static bool is_up(const json_t *v)
{
	return json_is_true(v) || json_is_string(v) || (json_is_number(v) && json_number_value(v));
}

/* --- details ------------------------------------------------------------------------------ */

/* A value without a rule, under its name; what is nested has its path as a name. */
static void add_details(struct reader *r, struct plan_node *n, struct buf *name, json_t *v)
{
	const char *key, *text;
	json_t *item;
	size_t i, len = name->len;
	bool list = json_is_array(v) && !is_container(json_array_get(v, 0));
	if (!is_container(v) || list || r->depth >= DEEPEST) {
		text = is_container(v) && !list ? "…" : text_of(r, v);
		if (text)
			plan_detail_add(r->plan, n, buf_str(name), text);
		return;
	}
	r->depth++;
	if (json_is_array(v))
		json_array_foreach (v, i, item)
			add_details(r, n, name, item);
	else
		json_object_foreach (v, key, item) {
			buf_addc(name, '.');
			buf_add(name, key, key_len(key));
			add_details(r, n, name, item);
			name->len = len;
			name->s[len] = '\0';
		}
	r->depth--;
}

static void add_detail(struct reader *r, struct plan_node *n, const char *key, json_t *v)
{
	struct buf name = BUF_INIT;
	buf_add(&name, key, key_len(key));
	add_details(r, n, &name, v);
	buf_release(&name);
}

/* --- steps -------------------------------------------------------------------------------- */

/* All below call each other, as steps nest. */
static void read_into(struct reader *r, struct plan_node *n, json_t *v);

/* Whether a value without a rule holds steps; not looked for deeper than servers nest them. */
static bool holds_steps(const struct reader *r, json_t *v, int depth)
{
	const char *key;
	json_t *item;
	if (json_is_array(v))
		v = json_array_get(v, 0);
	if (depth > 0 && json_is_object(v))
		json_object_foreach (v, key, item) {
			const struct rule *rule = find_rule(r, key);
			if ((rule && rule->kind <= R_LOOP) || holds_steps(r, item, depth - 1))
				return true;
		}
	return false;
}

/* `some_new_operation` as `Some new operation`. */
static const char *words_of(struct reader *r, const char *key)
{
	char *s = arena_strndup(&r->plan->arena, key, key_len(key));
	for (char *c = s; *c; c++)
		if (*c == '_' || *c == '-')
			*c = ' ';
	if (s[0] >= 'a' && s[0] <= 'z')
		s[0] = (char)(s[0] - 'a' + 'A');
	return s;
}

static void read_step(struct reader *r, struct plan_node *parent, const char *op, unsigned warnings,
		      json_t *v)
{
	struct plan_node *n = plan_node_new(r->plan, parent, op);
	n->warnings |= warnings;
	read_into(r, n, v);
}

static void read_block(struct reader *r, struct plan_node *parent, json_t *v)
{
	struct plan_node *n = plan_node_new(r->plan, parent, "Select");
	bool dependent = r->dependent;
	r->dependent = false;
	n->select = 0;
	if (dependent)
		n->warnings |= PLAN_DEPENDENT;
	read_into(r, n, v);
	struct buf b = BUF_INIT;
	buf_adds(&b, n->op);
	if (n->select)
		buf_addf(&b, " #%d", n->select);
	if (dependent)
		buf_adds(&b, " (dependent)");
	if (n->extra && !n->child)
		buf_addf(&b, ": %s", n->extra);
	n->op = arena_strndup(&r->plan->arena, b.s, b.len);
	buf_release(&b);
}

static const char *joined(struct reader *r, const char *a, const char *b)
{
	struct buf out = BUF_INIT;
	buf_adds(&out, a);
	buf_adds(&out, b);
	const char *s = arena_strndup(&r->plan->arena, out.s, out.len);
	buf_release(&out);
	return s;
}

static void read_table(struct reader *r, struct plan_node *parent, json_t *v)
{
	struct plan_node *n = plan_node_new(r->plan, parent, plan_no_table);
	read_into(r, n, v);
	if (!n->table && n->extra) {
		n->op = n->extra; /* what the server found out without reading a table */
	} else if (n->table && n->extra &&
		   (!strcmp(n->extra, "Insert") || !strcmp(n->extra, "Replace"))) {
		n->op = joined(r, "Insert into ", n->table);
		n->access = NULL; /* it says ALL, but nothing is read */
	}
}

/* A step of the second version. */
static void read_input(struct reader *r, struct plan_node *parent, json_t *v)
{
	const char *key;
	json_t *item;
	if (!json_is_object(v))
		return;
	json_object_foreach (v, key, item) {
		const struct rule *rule = find_rule(r, key);
		if (rule && rule->kind == R_HEADING && json_is_string(item)) {
			const char *heading = text_of(r, item);
			parent = plan_node_new(r->plan, parent, heading ? heading : "");
			plan_read_step(r->plan, parent, parent->op);
			break;
		}
	}
	struct plan_node *n = plan_node_new(r->plan, parent, "");
	read_into(r, n, v);
	if (!n->table)
		n->table = n->name;
	n->time_ms *= n->r_loops;
	plan_read_step(r->plan, n, n->op);
}

static void read_inputs(struct reader *r, struct plan_node *n, json_t *v)
{
	size_t i;
	json_t *item;
	if (json_is_array(v))
		json_array_foreach (v, i, item)
			read_input(r, n, item);
	else
		read_input(r, n, v);
}

/* A key whose value is more steps. */
static void apply_step(struct reader *r, struct plan_node *n, const struct rule *rule, json_t *v)
{
	switch (rule->kind) {
	case R_BLOCK:
		read_block(r, n, v);
		break;
	case R_TABLE:
		read_table(r, n, v);
		break;
	case R_INPUTS:
		read_inputs(r, n, v);
		break;
	case R_LOOP:
		if (json_array_size(v) == 1) {
			read_into(r, n, v);
			break;
		}
		__attribute__((fallthrough));
	default:
		read_step(r, n, rule->text, rule->warnings, v);
	}
}

/* A key whose value belongs to the step; false if it is of no use there. */
static bool apply_field(struct reader *r, struct plan_node *n, const struct rule *rule, json_t *v)
{
	const char **text = (const char **)(void *)((char *)n + rule->offset);
	double *number = (double *)(void *)((char *)n + rule->offset);
	double value = number_of(v);
	const char *said;
	switch (rule->kind) {
	case R_TEXT:
		said = *text && **text ? NULL : text_of(r, v);
		if (said)
			*text = said;
		return said != NULL;
	case R_NUM:
	case R_MEAN_MS:
		if (isnan(value) || !isnan(*number))
			return false;
		*number = value;
		return true;
	case R_TIME:
		if (isnan(value))
			return false;
		*number = isnan(*number) ? value : *number + value;
		return true;
	case R_FLAG:
		if (is_up(v))
			plan_extra_add(r->plan, n, rule->text);
		return !json_is_string(v);
	case R_SAY:
		said = text_of(r, v);
		if (said)
			plan_extra_add(r->plan, n, said);
		return true;
	case R_ID:
		n->select = value >= 0 && value < 1e6 ? (int)value : 0;
		return true;
	case R_SUFFIX:
		said = text_of(r, v);
		if (said && !strcmp(n->op, "Sort"))
			n->op = joined(r, "Sort: ", said);
		return true;
	default:
		return false;
	}
}

static void apply(struct reader *r, struct plan_node *n, const char *key, json_t *v)
{
	const struct rule *rule = find_rule(r, key);
	if (r->depth >= DEEPEST) {
		add_detail(r, n, key, v);
	} else if (!rule) {
		if (holds_steps(r, v, 3))
			read_step(r, n, words_of(r, key), 0, v);
		else
			add_detail(r, n, key, v);
	} else if (rule->kind == R_INTO && is_container(v)) {
		read_into(r, n, v);
	} else if (rule->kind == R_DEPENDENT) {
		r->dependent = json_is_true(v);
	} else if (rule->kind == R_QUERY) {
		r->plan->query = text_of(r, v);
	} else if (rule->kind <= R_LOOP && is_container(v)) {
		apply_step(r, n, rule, v);
	} else if (rule->kind == R_HEADING && n) {
		return; /* read_input() saw it */
	} else {
		r->plan->running |= rule->kind == R_RUNNING;
		if (!n || !apply_field(r, n, rule, v))
			add_detail(r, n, key, v);
	}
}

static void read_into(struct reader *r, struct plan_node *n, json_t *v)
{
	const char *key;
	json_t *item;
	size_t i;
	r->depth++;
	if (json_is_array(v))
		json_array_foreach (v, i, item)
			read_into(r, n, item);
	else
		json_object_foreach (v, key, item)
			apply(r, n, key, item);
	r->depth--;
}

/* --- the text ----------------------------------------------------------------------------- */

/* The end of the string that starts at s[at], behind its closing quote. */
static size_t string_end(const char *s, size_t len, size_t at)
{
	for (at++; at < len; at++)
		if (s[at] == '\\')
			at++;
		else if (s[at] == '"')
			return at + 1;
	return len;
}

/* Older MariaDB servers write the tables of a join as members of one object that are all called
   `table`. Every key gets a number, so that none hides another. */
static void number_keys(struct buf *out, const char *s, size_t len)
{
	size_t keys = 0;
	for (size_t at = 0; at < len;) {
		if (s[at] != '"') {
			size_t from = at;
			while (at < len && s[at] != '"')
				at++;
			buf_add(out, s + from, at - from);
			continue;
		}
		size_t end = string_end(s, len, at), colon = end;
		while (colon < len && (s[colon] == ' ' || s[colon] == '\n'))
			colon++;
		if (colon < len && s[colon] == ':' && end - at >= 2) {
			buf_add(out, s + at, end - at - 1);
			buf_addf(out, "#%zu\"", ++keys);
		} else {
			buf_add(out, s + at, end - at);
		}
		at = end;
	}
}

static bool has_key(json_t *object, const char *name)
{
	const char *key;
	json_t *item;
	size_t len = strlen(name);
	json_object_foreach (object, key, item)
		if (key_len(key) == len && strncmp(key, name, len) == 0)
			return true;
	return false;
}

bool plan_read_json(struct plan *p, const char *text, size_t len, struct err *e)
{
	struct reader r = {.plan = p};
	struct buf repaired = BUF_INIT, numbered = BUF_INIT;
	json_error_t why;

	utf8_repair(&repaired, text, len);
	number_keys(&numbered, buf_str(&repaired), repaired.len);
	json_t *root = json_loadb(buf_str(&numbered), numbered.len,
				  JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &why);
	if (root) {
		/* Early releases of the second version have the first step right at the top. */
		bool bare = has_key(root, "operation");
		r.steps = bare || has_key(root, "query_plan");
		p->format = r.steps ? PLAN_JSON2 : PLAN_JSON;
		if (bare)
			read_input(&r, NULL, root);
		else
			read_into(&r, NULL, root);
	} else {
		err_setf(e, ERR_PROTOCOL, "plan", NULL, "its JSON is broken at line %d: %s",
			 why.line, why.text);
	}
	json_decref(root);
	buf_release(&repaired);
	buf_release(&numbered);
	return root != NULL;
}
