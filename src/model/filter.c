#include "model/filter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <inttypes.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/nearest.h"

enum {
	DEEPEST = 50,           /* parentheses and negations */
	MATCH_LIMIT = 200000,   /* steps of one regular expression on one text */
	HEAP_LIMIT = 2048,      /* KiB */
	LONGEST_MATCH = 262144, /* bytes of a text that an expression looks at */
	MEMO = 128,
};

enum kind { AND, OR, NOT, TEXT, REGEX, COMPARE, EMPTY };
enum op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

/* Equal texts of a column are mostly the same bytes in memory: match each once. */
struct memo {
	const char *s;
	uint32_t len;
	bool matches;
};

struct node {
	enum kind kind;
	int left, right; /* AND, OR; NOT has a left */
	bool positive;   /* under an even number of NOTs */
	int field;       /* -1: any that holds text */
	enum op op;
	char *text;
	size_t len;
	bool has_number;
	double number;
	pcre2_code *code;
	pcre2_match_data *data;
	struct memo *memo;
};

struct filter {
	const struct filter_field *fields;
	unsigned n_fields;
	struct node *nodes;
	int n, cap;
	int root; /* -1: everything passes */
	pcre2_match_context *limits;
};

/* --- numbers ------------------------------------------------------------------------------ */

struct suffix {
	const char *name;
	double factor;
};

static const struct suffix time_suffixes[] = {
	{"us", 1e-6}, {"ms", 1e-3}, {"s", 1},      {"min", 60}, {"m", 60},
	{"h", 3600},  {"d", 86400}, {"w", 604800}, {NULL, 0}};
static const struct suffix byte_suffixes[] = {
	{"KiB", 1024.0},       {"KB", 1024.0},       {"K", 1024.0},       {"MiB", 1048576.0},
	{"MB", 1048576.0},     {"M", 1048576.0},     {"GiB", 1073741824.0}, {"GB", 1073741824.0},
	{"G", 1073741824.0},   {"TB", 1099511627776.0}, {"T", 1099511627776.0}, {"B", 1},
	{NULL, 0}};
static const struct suffix count_suffixes[] = {
	{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {NULL, 0}};
static const struct suffix percent_suffixes[] = {{"%", 1}, {NULL, 0}};
static const struct suffix ratio_suffixes[] = {{"%", 0.01}, {NULL, 0}};

static const struct suffix *suffixes_of(enum unit unit)
{
	switch (unit) {
	case UNIT_SECONDS:
	case UNIT_WALL:
	case UNIT_MS:
		return time_suffixes;
	case UNIT_BYTES:
		return byte_suffixes;
	case UNIT_PERCENT:
		return percent_suffixes;
	case UNIT_RATIO:
		return ratio_suffixes;
	default:
		return count_suffixes;
	}
}

static bool yes_or_no(const char *s, size_t len, double *out)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true"};
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strlen(words[i]) == len && !strncasecmp(words[i], s, len)) {
			*out = (double)(i % 2);
			return true;
		}
	}
	return false;
}

/* One number and its suffix; the bytes used, 0 when there is none. */
static size_t one_number(const char *s, const struct suffix *suffixes, double *out, bool *suffixed)
{
	char *end;
	if (!isdigit((unsigned char)s[0]) && s[0] != '.' && s[0] != '-')
		return 0;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return 0;
	*out = strtod(s, &end);
	size_t used = (size_t)(end - s);
	*suffixed = false;
	for (const struct suffix *x = suffixes; used && x->name; x++) {
		size_t n = strlen(x->name);
		if (!strncasecmp(end, x->name, n) && !isalpha((unsigned char)end[n])) {
			*out *= x->factor;
			*suffixed = true;
			return used + n;
		}
	}
	return used;
}

bool filter_number(const char *s, size_t len, enum unit unit, double *out)
{
	char copy[64];
	const struct suffix *suffixes = suffixes_of(unit);
	double sum = 0;
	if (len == 0 || len >= sizeof copy)
		return false;
	if (unit == UNIT_BOOL && yes_or_no(s, len, out))
		return true;
	memcpy(copy, s, len);
	copy[len] = '\0';
	for (size_t at = 0; at < len;) {
		double n;
		bool suffixed;
		size_t used = one_number(copy + at, suffixes, &n, &suffixed);
		/* Several make sense for times only, and then each but the last says of what. */
		if (!used || (at && suffixes != time_suffixes) ||
		    (!suffixed && at + used < len))
			return false;
		if (unit == UNIT_MS && suffixed)
			n *= 1000;
		sum += n;
		at += used;
	}
	*out = sum;
	return true;
}

/* --- parsing ------------------------------------------------------------------------------ */

struct parser {
	struct filter *f;
	const char *text;
	size_t at, len;
	unsigned depth;
	struct err *err;
	size_t error_at;
};

static int fail(struct parser *p, size_t at, const char *why, const char *hint)
{
	char what[40];
	p->error_at = at;
	snprintf(what, sizeof what, "filter, column %zu", at + 1);
	err_set(p->err, ERR_USAGE, what, why, hint);
	return -1;
}

static int add_node(struct parser *p, struct node node)
{
	GROW(p->f->nodes, p->f->n, p->f->cap);
	p->f->nodes[p->f->n] = node;
	return p->f->n++;
}

static void skip_blanks(struct parser *p)
{
	while (p->at < p->len && isspace((unsigned char)p->text[p->at]))
		p->at++;
}

static bool is_name(char c, bool first)
{
	return isalpha((unsigned char)c) || c == '_' ||
	       (!first && (isdigit((unsigned char)c) || c == '.'));
}

static size_t name_length(const char *s, size_t len)
{
	size_t n = 0;
	while (n < len && is_name(s[n], n == 0))
		n++;
	return n;
}

static int field_by_name(const struct filter *f, const char *s, size_t len)
{
	for (unsigned i = 0; i < f->n_fields; i++) {
		if (strlen(f->fields[i].name) == len && !strncasecmp(f->fields[i].name, s, len))
			return (int)i;
	}
	return -1;
}

static size_t op_length(const char *s, size_t len)
{
	static const char *const ops[] = {"!~", "!=", ">=", "<=", "==", "=", "~", "<", ">"};
	for (size_t i = 0; i < COUNT_OF(ops); i++) {
		size_t n = strlen(ops[i]);
		if (n <= len && !strncmp(s, ops[i], n))
			return n;
	}
	return 0;
}

/* The text between quotes at p->at. */
static bool quoted(struct parser *p, const char **s, size_t *len)
{
	char quote = p->text[p->at];
	size_t start = p->at + 1;
	const char *end = memchr(p->text + start, quote, p->len - start);
	if (!end)
		return fail(p, p->at, "the quote is not closed", "close it") >= 0;
	*s = p->text + start;
	*len = (size_t)(end - *s);
	p->at = start + *len + 1;
	return true;
}

/* Up to a blank, or what closes or divides outside of its own parentheses. */
static void bare_word(struct parser *p, const char **s, size_t *len)
{
	size_t start = p->at, open = 0;
	for (; p->at < p->len && !isspace((unsigned char)p->text[p->at]); p->at++) {
		char c = p->text[p->at];
		if (c == '(')
			open++;
		else if (c == ')' && open)
			open--;
		else if (!open && (c == ')' || c == '|'))
			break;
		else if (c == '\\' && p->at + 1 < p->len)
			p->at++;
	}
	if (p->at > p->len)
		p->at = p->len;
	*s = p->text + start;
	*len = p->at - start;
}

static int text_node(struct parser *p, const char *s, size_t len)
{
	return add_node(p, (struct node){.kind = TEXT, .field = -1, .text = xstrndup(s, len),
					 .len = len, .memo = xcalloc(MEMO, sizeof(struct memo))});
}

static int regex_node(struct parser *p, int field, const char *s, size_t len)
{
	int code;
	PCRE2_SIZE where;
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)s, len,
				       PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_CASELESS |
					       PCRE2_NEVER_BACKSLASH_C,
				       &code, &where, NULL);
	if (!re) {
		char why[160];
		pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
		return fail(p, (size_t)(s - p->text) + where, why,
			    "or quote it");
	}
	pcre2_jit_compile(re, PCRE2_JIT_COMPLETE); /* faster, but it goes without */
	return add_node(p, (struct node){.kind = REGEX, .field = field, .code = re,
					 .data = pcre2_match_data_create(1, NULL),
					 .memo = xcalloc(MEMO, sizeof(struct memo))});
}

/* `/…/`, or `/…` to the end. */
static int delimited_regex(struct parser *p, int field)
{
	size_t start = ++p->at;
	for (; p->at < p->len && p->text[p->at] != '/'; p->at++)
		p->at += p->text[p->at] == '\\' && p->at + 1 < p->len;
	size_t end = p->at;
	p->at += p->at < p->len;
	return regex_node(p, field, p->text + start, end - start);
}

static int no_such_field(struct parser *p, const char *name, size_t len)
{
	char word[64], why[128], hint[96];
	snprintf(word, sizeof word, "%.*s", (int)(len < 20 ? len : 20), name);
	struct nearest near = NEAREST(word);
	for (unsigned i = 0; i < p->f->n_fields; i++)
		nearest_offer(&near, p->f->fields[i].name);
	snprintf(why, sizeof why, "no column \"%s\" here", word);
	nearest_hint(&near, "Tab lists them", hint, sizeof hint);
	return fail(p, (size_t)(name - p->text), why, hint);
}

static enum op op_of(const char *s, size_t n)
{
	switch (s[0]) {
	case '<':
		return n == 2 ? OP_LE : OP_LT;
	case '>':
		return n == 2 ? OP_GE : OP_GT;
	default:
		return s[0] == '!' ? OP_NE : OP_EQ;
	}
}

static int negated(struct parser *p, int node, bool negate)
{
	if (node < 0 || !negate)
		return node;
	return add_node(p, (struct node){.kind = NOT, .left = node});
}

static int comparison(struct parser *p, int field, size_t op_at, size_t op_len)
{
	const struct filter_field *f = &p->f->fields[field];
	const char *op = p->text + op_at, *s;
	size_t len;
	p->at = op_at + op_len;
	/* `time > 10`, but `db=` is complete as it stands. */
	if (op_at && isspace((unsigned char)p->text[op_at - 1]))
		skip_blanks(p);
	size_t value_at = p->at;
	bool regex = op[op_len - 1] == '~', negate = op[0] == '!';
	char first = p->at < p->len ? p->text[p->at] : '\0';
	if (regex && first == '/')
		return negated(p, delimited_regex(p, field), negate);
	if (first == '"' || first == '\'') {
		if (!quoted(p, &s, &len))
			return -1;
	} else {
		bare_word(p, &s, &len);
	}
	if (regex)
		return negated(p, regex_node(p, field, s, len), negate);
	enum op code = op_of(op, op_len);
	if (!len && code != OP_EQ && code != OP_NE)
		return fail(p, value_at, "what to compare with is missing", "for example time>10");
	if (!len) {
		int empty = add_node(p, (struct node){.kind = EMPTY, .field = field});
		return negated(p, empty, negate);
	}
	struct node n = {.kind = COMPARE, .field = field, .op = code};
	n.has_number = filter_number(s, len, f->unit, &n.number);
	if (!n.has_number && unit_flush_right(f->unit)) {
		char why[128];
		snprintf(why, sizeof why, "\"%.*s\" is no number of %s",
			 (int)(len < 20 ? len : 20), s, unit_name(f->unit));
		return fail(p, value_at, why, "try 10, 1m30s, 2G");
	}
	n.text = xstrndup(s, len);
	n.len = len;
	return add_node(p, n);
}

static int either(struct parser *p);

static int term(struct parser *p)
{
	const char *s = p->text + p->at;
	size_t left = p->len - p->at, name = name_length(s, left), blanks = name;
	if (s[0] == '/')
		return delimited_regex(p, -1);
	if (s[0] == '"' || s[0] == '\'') {
		size_t len;
		return quoted(p, &s, &len) ? text_node(p, s, len) : -1;
	}
	int field = name ? field_by_name(p->f, s, name) : -1;
	while (field >= 0 && blanks < left && isspace((unsigned char)s[blanks]))
		blanks++;
	size_t op = name ? op_length(s + blanks, left - blanks) : 0;
	if (op && field < 0)
		return no_such_field(p, s, name);
	if (op)
		return comparison(p, field, p->at + blanks, op);
	size_t len;
	bare_word(p, &s, &len);
	if (!len)
		return fail(p, p->at, "something to look for is missing", NULL);
	return text_node(p, s, len);
}

static int unary(struct parser *p)
{
	skip_blanks(p);
	if (p->at == p->len)
		return fail(p, p->at, "something to look for is missing", NULL);
	if (++p->depth > DEEPEST)
		return fail(p, p->at, "this is nested too deeply", NULL);
	char c = p->text[p->at];
	size_t at = p->at;
	int node;
	if (c == '!') {
		p->at++;
		node = negated(p, unary(p), true);
	} else if (c == '(') {
		p->at++;
		node = either(p);
		skip_blanks(p);
		if (node >= 0 && (p->at == p->len || p->text[p->at] != ')'))
			node = fail(p, at, "this parenthesis is not closed", NULL);
		p->at++;
	} else {
		node = term(p);
	}
	p->depth--;
	return node;
}

static int both(struct parser *p)
{
	int left = unary(p);
	for (;;) {
		skip_blanks(p);
		if (left < 0 || p->at >= p->len || p->text[p->at] == '|' ||
		    p->text[p->at] == ')')
			return left;
		int right = unary(p);
		if (right < 0)
			return -1;
		left = add_node(p, (struct node){.kind = AND, .left = left, .right = right});
	}
}

static int either(struct parser *p)
{
	int left = both(p);
	while (left >= 0 && p->at < p->len && p->text[p->at] == '|') {
		p->at++;
		int right = both(p);
		if (right < 0)
			return -1;
		left = add_node(p, (struct node){.kind = OR, .left = left, .right = right});
	}
	return left;
}

/* Or is it plain text, blanks and all? */
static bool is_expression(const struct filter *f, const char *s, size_t len)
{
	if (strchr("!(/\"'", s[0]) || memchr(s, '|', len))
		return true;
	for (size_t at = 0; at < len; at++) {
		size_t n = name_length(s + at, len - at);
		if (!n)
			continue;
		size_t next = at + n;
		if (op_length(s + next, len - next))
			return true;
		while (next < len && isspace((unsigned char)s[next]))
			next++;
		if (field_by_name(f, s + at, n) >= 0 && op_length(s + next, len - next))
			return true;
		at += n - 1;
	}
	return false;
}

static void mark_positive(struct filter *f, int i, bool positive)
{
	struct node *n = &f->nodes[i];
	n->positive = positive;
	if (n->kind == NOT)
		mark_positive(f, n->left, !positive);
	if (n->kind == AND || n->kind == OR) {
		mark_positive(f, n->left, positive);
		mark_positive(f, n->right, positive);
	}
}

struct filter *filter_compile(const char *text, const struct filter_field *fields, unsigned n,
			      struct err *e, size_t *position)
{
	enum { LONGEST = 4096 };
	struct filter *f = xcalloc(1, sizeof *f);
	struct parser p = {.f = f, .text = text, .len = strlen(text), .err = e};
	f->fields = fields;
	f->n_fields = n;
	f->root = -1;
	f->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(f->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(f->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(f->limits, HEAP_LIMIT);

	skip_blanks(&p);
	while (p.len > p.at && isspace((unsigned char)text[p.len - 1]))
		p.len--;
	if (p.at == p.len)
		return f;
	if (p.len > LONGEST)
		f->root = fail(&p, LONGEST, "this filter is too long", NULL);
	else if (!is_expression(f, text + p.at, p.len - p.at))
		f->root = text_node(&p, text + p.at, p.len - p.at);
	else if ((f->root = either(&p)) >= 0 && p.at < p.len)
		f->root = fail(&p, p.at, "nothing is open that this closes", NULL);
	if (f->root >= 0) {
		mark_positive(f, f->root, true);
		return f;
	}
	if (position)
		*position = p.error_at;
	filter_free(f);
	return NULL;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (int i = 0; i < f->n; i++) {
		free(f->nodes[i].text);
		free(f->nodes[i].memo);
		pcre2_code_free(f->nodes[i].code);
		pcre2_match_data_free(f->nodes[i].data);
	}
	pcre2_match_context_free(f->limits);
	free(f->nodes);
	free(f);
}

/* --- matching ----------------------------------------------------------------------------- */

static unsigned char lower(char c)
{
	unsigned char b = (unsigned char)c;
	return b >= 'A' && b <= 'Z' ? b + 32 : b;
}

static bool same_text(const char *a, const char *b, size_t n)
{
	while (n && lower(*a) == lower(*b))
		a++, b++, n--;
	return n == 0;
}

/* Where the node's plain text stands in s from `from` on. */
static bool find_text(const struct node *n, const char *s, size_t len, size_t from, size_t *at)
{
	if (!n->len)
		return false;
	unsigned char first = lower(n->text[0]);
	for (size_t i = from; i + n->len <= len; i++) {
		if (lower(s[i]) == first && same_text(s + i, n->text, n->len)) {
			*at = i;
			return true;
		}
	}
	return false;
}

static bool find_regex(const struct filter *f, const struct node *n, const char *s, size_t len,
		       size_t from, size_t *start, size_t *end)
{
	if (len > LONGEST_MATCH)
		len = LONGEST_MATCH;
	if (from > len)
		return false;
	int found = pcre2_match(n->code, (PCRE2_SPTR)s, len, from, 0, n->data, f->limits);
	if (found < 0)
		return false; /* none, or it would take too long to tell */
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(n->data);
	*start = at[0];
	*end = at[1];
	return true;
}

static bool matches_bytes(const struct filter *f, const struct node *n, const char *s, size_t len)
{
	size_t start, end;
	return n->kind == TEXT ? find_text(n, s, len, 0, &start)
			       : find_regex(f, n, s, len, 0, &start, &end);
}

static bool matches_value(const struct filter *f, struct node *n, struct value v)
{
	if (v.type == VALUE_INT) {
		char digits[24];
		int len = snprintf(digits, sizeof digits, "%" PRId64, v.i);
		return matches_bytes(f, n, digits, (size_t)len);
	}
	if (v.type != VALUE_TEXT)
		return false;
	struct memo *m = &n->memo[((uintptr_t)v.s >> 3 ^ (uintptr_t)v.s >> 10) % MEMO];
	if (m->s != v.s || m->len != v.len)
		*m = (struct memo){v.s, v.len, matches_bytes(f, n, v.s, v.len)};
	return m->matches;
}

static bool matches_any(const struct filter *f, struct node *n, filter_get_fn *get,
			const void *row)
{
	for (unsigned i = 0; i < f->n_fields; i++) {
		if (f->fields[i].text && matches_value(f, n, get(row, i)))
			return true;
	}
	return false;
}

static bool holds(enum op op, int order)
{
	switch (op) {
	case OP_EQ:
		return order == 0;
	case OP_NE:
		return order != 0;
	case OP_LT:
		return order < 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	case OP_GE:
		return order >= 0;
	}
	return false;
}

static bool compares(const struct filter *f, const struct node *n, struct value v)
{
	if (v.type == VALUE_ABSENT)
		return n->op == OP_NE;
	if (v.type == VALUE_TEXT && n->has_number) {
		struct value parsed = value_parse(v.s, v.len);
		double flag;
		if (value_is_number(parsed))
			v = parsed;
		else if (f->fields[n->field].unit == UNIT_BOOL && yes_or_no(v.s, v.len, &flag))
			v = value_real(flag);
	}
	if (value_is_number(v)) {
		double x = value_number(v, 0);
		return n->has_number ? holds(n->op, (x > n->number) - (x < n->number))
				     : n->op == OP_NE;
	}
	size_t least = v.len < n->len ? v.len : n->len;
	int order = least ? strncasecmp(v.s, n->text, least) : 0;
	return holds(n->op, order ? order : (v.len > n->len) - (v.len < n->len));
}

static bool matches(const struct filter *f, int i, filter_get_fn *get, const void *row)
{
	struct node *n = &f->nodes[i];
	switch (n->kind) {
	case AND:
		return matches(f, n->left, get, row) && matches(f, n->right, get, row);
	case OR:
		return matches(f, n->left, get, row) || matches(f, n->right, get, row);
	case NOT:
		return !matches(f, n->left, get, row);
	case TEXT:
	case REGEX:
		return n->field < 0 ? matches_any(f, n, get, row)
				    : matches_value(f, n, get(row, (unsigned)n->field));
	case COMPARE:
		return compares(f, n, get(row, (unsigned)n->field));
	case EMPTY: {
		struct value v = get(row, (unsigned)n->field);
		return v.type == VALUE_ABSENT || (v.type == VALUE_TEXT && !v.len);
	}
	}
	return false;
}

bool filter_match(struct filter *f, filter_get_fn *get, const void *row)
{
	return f->root < 0 || matches(f, f->root, get, row);
}

void filter_forget(struct filter *f)
{
	for (int i = 0; i < f->n; i++) {
		if (f->nodes[i].memo)
			memset(f->nodes[i].memo, 0, MEMO * sizeof(struct memo));
	}
}

bool filter_find(const struct filter *f, unsigned field, const char *s, size_t len, size_t *start,
		 size_t *end)
{
	bool found = false;
	size_t from = *start, best = SIZE_MAX;
	for (int i = 0; i < f->n; i++) {
		const struct node *n = &f->nodes[i];
		size_t a = 0, b = 0;
		bool here = n->field < 0 ? f->fields[field].text : n->field == (int)field;
		if (!n->positive || !here)
			continue;
		if (n->kind == TEXT && find_text(n, s, len, from, &a))
			b = a + n->len;
		else if (n->kind != REGEX || !find_regex(f, n, s, len, from, &a, &b))
			continue;
		if (b > a && a < best) {
			best = *start = a;
			*end = b;
			found = true;
		}
	}
	return found;
}
