#include "parse/sqltext.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/*
 * One pass over the tokens. Every token is copied as it is; only the blanks between them change,
 * and only where that cannot change what the tokens are (may_part()). Parentheses are either inline
 * or a block: a subquery or a long group of conditions on lines of its own.
 */
enum {
	STEP = 2,     /* columns of indentation */
	DEEPEST = 40, /* blocks further right than this stay inline */
	LINE = 60,    /* a list up to this many columns stays on its line */
	AHEAD = 512,  /* bytes looked at to find that out */
	NO_BREAK = -1,
};

enum clause { C_NONE, C_WITH, C_LIST, C_FROM, C_WHERE, C_VALUES };

struct level {
	unsigned char base;  /* indentation of its clauses */
	unsigned char close; /* indentation of what closes it */
	unsigned clause : 4;
	unsigned block : 1;   /* clauses start lines */
	unsigned group : 1;   /* a block of conditions only */
	unsigned begun : 1;   /* it has a token */
	unsigned list : 1;    /* each item of the clause on a line */
	unsigned first : 1;   /* … and the first one is still to come */
	unsigned cond : 1;    /* AND and OR start lines */
	unsigned between : 1; /* the next AND belongs to BETWEEN */
	unsigned updates : 1; /* behind ON DUPLICATE KEY: VALUES is a function there */
};

struct layout {
	struct buf *out;
	size_t start;
	struct sql_lexer lx;
	struct sql_token tok;
	struct sql_token prev; /* the last token written */
	bool gap;              /* blanks came before this token */
	bool line_gap;         /* … with a line break */
	int column;            /* indentation that the text had behind that break */
	int indent;            /* of the current line */
	int pending;           /* the next token starts a line, with this indentation */
	bool line_comment;     /* only a line break can follow */
	bool verb;             /* the statement's verb was seen */
	bool plain;            /* a statement that is not laid out: its own lines are kept */
	struct level *levels;
	size_t depth;
	size_t cap;
};

static struct level *here(const struct layout *ly)
{
	return &ly->levels[ly->depth];
}

static char char_of(const struct layout *ly, const struct sql_token *tok)
{
	return ly->lx.text[tok->off];
}

static bool is_punct(const struct layout *ly, const struct sql_token *tok, char c)
{
	return tok->class == SQL_PUNCT && char_of(ly, tok) == c;
}

static bool is_line_comment(const struct layout *ly, const struct sql_token *tok)
{
	return tok->class == SQL_COMMENT && char_of(ly, tok) != '/';
}

/* AND, OR and their like. */
static bool is_logic(const struct layout *ly, const struct sql_token *tok)
{
	if (tok->class == SQL_OPERATOR)
		return tok->len == 2 && (char_of(ly, tok) == '&' || char_of(ly, tok) == '|');
	return tok->word == SQLW_AND || tok->word == SQLW_OR || tok->word == SQLW_XOR;
}

/* Whether a blank may come between the last token and this one, where the text had none. */
static bool may_part(const struct layout *ly)
{
	if (ly->gap || ly->line_comment)
		return true;
	switch (ly->prev.class) {
	case SQL_END:
	case SQL_COMMENT:
	case SQL_HINT:
		return true;
	case SQL_PUNCT:
		return char_of(ly, &ly->prev) != '.';
	case SQL_OPERATOR: /* --x must not become a comment */
		return char_of(ly, &ly->prev) != '-' && ly->tok.class == SQL_KEYWORD;
	default:
		/* Right behind a name a dot or colon means something else. */
		return ly->tok.class == SQL_KEYWORD || is_punct(ly, &ly->tok, '(') ||
		       is_punct(ly, &ly->tok, ')') || is_logic(ly, &ly->tok);
	}
}

/* A lexer that goes on from here, but not far. */
static struct sql_lexer peek_from(const struct layout *ly)
{
	struct sql_lexer lx = ly->lx;
	if (lx.len - lx.at > AHEAD)
		lx.len = lx.at + AHEAD;
	return lx;
}

static struct sql_token peek(const struct layout *ly)
{
	struct sql_lexer lx = peek_from(ly);
	struct sql_token tok;
	sql_next_solid(&lx, &tok);
	return tok;
}

static bool ends_list(enum sql_word word)
{
	switch (word) {
	case SQLW_EXCEPT:
	case SQLW_FROM:
	case SQLW_GROUP:
	case SQLW_HAVING:
	case SQLW_INTERSECT:
	case SQLW_INTO:
	case SQLW_LIMIT:
	case SQLW_ON:
	case SQLW_ORDER:
	case SQLW_UNION:
	case SQLW_WHERE:
		return true;
	default:
		return false;
	}
}

/* Whether what follows, up to the end of the list or, with `group`, to the closing parenthesis, is
   short and simple enough for the current line. */
static bool fits(const struct layout *ly, bool group)
{
	struct sql_lexer lx = peek_from(ly);
	struct sql_token tok;
	size_t width = 0, depth = 0;
	while (sql_next(&lx, &tok)) {
		width += tok.class == SQL_BLANK ? 1 : tok.len;
		if (width > LINE || tok.word == SQLW_SELECT || is_line_comment(ly, &tok))
			return false;
		if (is_punct(ly, &tok, '('))
			depth++;
		else if (is_punct(ly, &tok, ')') && depth-- == 0)
			return true;
		else if (depth == 0 && !group && (ends_list(tok.word) || is_punct(ly, &tok, ';')))
			return true;
	}
	return lx.len == ly->lx.len;
}

/* Whether the parenthesis just read opens a subquery, perhaps behind some more of them. */
static bool opens_query(const struct layout *ly)
{
	enum { MOST = 8 };
	struct sql_lexer lx = peek_from(ly);
	struct sql_token tok;
	for (int i = 0; i < MOST && sql_next_solid(&lx, &tok); i++)
		if (!is_punct(ly, &tok, '('))
			return tok.word == SQLW_SELECT || tok.word == SQLW_WITH;
	return false;
}

static void start_line(struct layout *ly, int indent)
{
	ly->indent = indent;
	ly->line_comment = false;
	if (ly->out->len == ly->start)
		return;
	buf_addc(ly->out, '\n');
	buf_fill(ly->out, ' ', (size_t)indent);
}

/* Write the current token, on a new line if `indent` is not NO_BREAK. */
static void put(struct layout *ly, int indent)
{
	bool part = may_part(ly);
	bool at_start = ly->out->len == ly->start;
	if (ly->line_comment && indent == NO_BREAK)
		indent = ly->indent;
	if (indent != NO_BREAK && part)
		start_line(ly, indent);
	else if (ly->plain && ly->line_gap)
		start_line(ly, ly->column);
	else if (!at_start && (ly->gap || (is_punct(ly, &ly->prev, ',') && part)))
		buf_addc(ly->out, ' ');
	buf_add(ly->out, ly->lx.text + ly->tok.off, ly->tok.len);
	ly->prev = ly->tok;
	ly->line_comment = is_line_comment(ly, &ly->tok);
	ly->gap = ly->line_gap = false;
}

/* The clause's items come on lines of their own if they are too long for this one. */
static void begin_list(struct layout *ly, struct level *lv, enum clause clause)
{
	lv->clause = clause;
	lv->cond = false;
	lv->list = lv->first = !fits(ly, false);
}

static void begin_clause(struct level *lv, enum clause clause)
{
	lv->clause = clause;
	lv->cond = clause == C_WHERE;
	lv->list = lv->first = false;
}

static bool is_modifier(enum sql_word word)
{
	switch (word) {
	case SQLW_ALL:
	case SQLW_DISTINCT:
	case SQLW_DISTINCTROW:
	case SQLW_HIGH_PRIORITY:
	case SQLW_SQL_BIG_RESULT:
	case SQLW_SQL_BUFFER_RESULT:
	case SQLW_SQL_CACHE:
	case SQLW_SQL_CALC_FOUND_ROWS:
	case SQLW_SQL_NO_CACHE:
	case SQLW_SQL_SMALL_RESULT:
	case SQLW_STRAIGHT_JOIN:
		return true;
	default:
		return false;
	}
}

/* Whether this word begins a join: LEFT JOIN has two words, LEFT(…) is a function. */
static bool begins_join(const struct layout *ly)
{
	struct sql_token next = peek(ly);
	switch (ly->prev.word) {
	case SQLW_CROSS:
	case SQLW_FOR:
	case SQLW_INNER:
	case SQLW_LEFT:
	case SQLW_NATURAL:
	case SQLW_OUTER:
	case SQLW_RIGHT:
		return false;
	default:
		return ly->tok.word == SQLW_JOIN || ly->tok.word == SQLW_STRAIGHT_JOIN ||
		       !is_punct(ly, &next, '(');
	}
}

/* A keyword within a block: where its line begins, if it begins one. */
static int break_before_word(struct layout *ly, struct level *lv)
{
	enum sql_word next;
	int base = lv->base;
	switch (ly->tok.word) {
	case SQLW_WITH:
		if (lv->clause != C_NONE)
			return NO_BREAK; /* WITH ROLLUP */
		begin_clause(lv, C_WITH);
		return NO_BREAK;
	case SQLW_SELECT:
		begin_list(ly, lv, C_LIST);
		return lv->begun ? base : NO_BREAK;
	case SQLW_INSERT:
	case SQLW_REPLACE:
	case SQLW_UPDATE:
	case SQLW_DELETE:
		if (lv->clause != C_WITH)
			return NO_BREAK;
		begin_clause(lv, C_NONE);
		return base;
	case SQLW_FROM:
		begin_clause(lv, C_FROM);
		return ly->prev.word == SQLW_DELETE ? NO_BREAK : base;
	case SQLW_CROSS:
	case SQLW_INNER:
	case SQLW_JOIN:
	case SQLW_LEFT:
	case SQLW_NATURAL:
	case SQLW_RIGHT:
	case SQLW_STRAIGHT_JOIN:
		if (lv->clause == C_LIST || lv->clause == C_WHERE || !begins_join(ly))
			return NO_BREAK;
		lv->cond = false;
		return base;
	case SQLW_ON:
		next = peek(ly).word;
		lv->cond = lv->clause == C_FROM || lv->clause == C_NONE;
		if (next != SQLW_DUPLICATE)
			return NO_BREAK;
		begin_clause(lv, C_NONE);
		lv->updates = true;
		return base;
	case SQLW_KEY:
		if (ly->prev.word == SQLW_DUPLICATE && peek(ly).word == SQLW_UPDATE) {
			begin_list(ly, lv, C_LIST);
			lv->first = false;
		}
		return NO_BREAK;
	case SQLW_SET:
		if (!lv->begun || lv->clause == C_LIST || lv->clause == C_WHERE)
			return NO_BREAK;
		begin_list(ly, lv, C_LIST);
		return base;
	case SQLW_VALUES:
		if (!lv->begun || lv->updates || lv->clause != C_NONE)
			return NO_BREAK;
		begin_list(ly, lv, C_VALUES);
		return base;
	case SQLW_WHERE:
	case SQLW_HAVING:
		begin_clause(lv, C_WHERE);
		return base;
	case SQLW_GROUP:
	case SQLW_ORDER:
		if (peek(ly).word != SQLW_BY)
			return NO_BREAK;
		begin_clause(lv, C_NONE);
		return base;
	case SQLW_FOR:
		next = peek(ly).word;
		if (next != SQLW_UPDATE && next != SQLW_SHARE)
			return NO_BREAK;
		begin_clause(lv, C_NONE);
		return base;
	case SQLW_INTO:
		if (lv->clause != C_LIST && lv->clause != C_FROM && lv->clause != C_WHERE)
			return NO_BREAK;
		begin_clause(lv, C_NONE);
		return base;
	case SQLW_EXCEPT:
	case SQLW_INTERSECT:
	case SQLW_LIMIT:
	case SQLW_LOCK:
	case SQLW_RETURNING:
	case SQLW_UNION:
	case SQLW_WINDOW:
		begin_clause(lv, C_NONE);
		return base;
	default:
		return NO_BREAK;
	}
}

static int break_before_logic(const struct layout *ly, struct level *lv)
{
	if (lv->between && ly->tok.word == SQLW_AND) {
		lv->between = false;
		return NO_BREAK;
	}
	if (!lv->cond)
		return NO_BREAK;
	return lv->group ? lv->base : lv->base + STEP;
}

/* Before which a parenthesis can only group conditions. */
static bool groups_conditions(const struct layout *ly, const struct level *lv)
{
	return lv->cond && (is_logic(ly, &ly->prev) || ly->prev.word == SQLW_WHERE ||
			    ly->prev.word == SQLW_ON || ly->prev.word == SQLW_HAVING ||
			    ly->prev.word == SQLW_NOT || is_punct(ly, &ly->prev, '('));
}

static void open_level(struct layout *ly, int indent)
{
	struct level *lv = here(ly);
	bool query = !ly->plain && ly->indent < DEEPEST && opens_query(ly);
	bool group = !query && !ly->plain && ly->indent < DEEPEST && groups_conditions(ly, lv) &&
		     !fits(ly, true);
	put(ly, indent);
	ly->depth++;
	GROW(ly->levels, ly->depth, ly->cap);
	lv = here(ly);
	*lv = (struct level){.block = query || group, .group = group, .cond = group};
	if (!lv->block)
		return;
	lv->close = (unsigned char)ly->indent;
	lv->base = (unsigned char)(ly->indent + STEP);
	ly->pending = lv->base;
}

static void close_level(struct layout *ly, int indent)
{
	if (ly->depth > 0) {
		if (here(ly)->block)
			indent = here(ly)->close;
		ly->depth--;
	}
	put(ly, indent);
}

static void end_statement(struct layout *ly)
{
	put(ly, NO_BREAK);
	ly->depth = 0;
	*here(ly) = (struct level){0};
	ly->verb = ly->plain = false;
	ly->pending = 0;
}

static void put_comma(struct layout *ly, int indent)
{
	struct level *lv = here(ly);
	put(ly, indent);
	if (lv->block && lv->list)
		ly->pending = lv->base + STEP;
	else if (lv->block && lv->clause == C_WITH)
		ly->pending = lv->base;
}

static void put_punct(struct layout *ly, int indent)
{
	switch (char_of(ly, &ly->tok)) {
	case '(':
		open_level(ly, indent);
		break;
	case ')':
		close_level(ly, indent);
		break;
	case ',':
		put_comma(ly, indent);
		break;
	case ';':
		end_statement(ly);
		break;
	default:
		put(ly, indent);
	}
}

/* The first word decides whether the statement is laid out. EXPLAIN and SET STATEMENT come before
   what decides it. */
static void see_verb(struct layout *ly)
{
	switch (ly->tok.word) {
	case SQLW_SELECT:
	case SQLW_INSERT:
	case SQLW_REPLACE:
	case SQLW_UPDATE:
	case SQLW_DELETE:
	case SQLW_WITH:
		if (ly->plain && ly->depth > 0)
			return;
		/* CREATE … AS SELECT: laid out from here on. */
		if (ly->plain && ly->tok.word != SQLW_SELECT)
			return;
		ly->levels[0].block = true;
		ly->levels[0].begun = ly->plain;
		ly->plain = false;
		ly->verb = true;
		break;
	case SQLW_EXPLAIN:
	case SQLW_DESCRIBE:
	case SQLW_DESC:
	case SQLW_ANALYZE:
	case SQLW_FORMAT:
		break;
	default:
		ly->plain = !ly->verb;
	}
}

static void put_solid(struct layout *ly)
{
	int indent = ly->pending;
	ly->pending = NO_BREAK;
	if (ly->tok.class == SQL_KEYWORD && !ly->verb)
		see_verb(ly);
	struct level *lv = here(ly);
	if (lv->block) {
		int before = NO_BREAK;
		if (lv->first && ly->tok.class != SQL_HINT && !is_modifier(ly->tok.word)) {
			lv->first = false;
			indent = lv->base + STEP;
		}
		if (is_logic(ly, &ly->tok))
			before = break_before_logic(ly, lv);
		else if (ly->tok.word)
			before = break_before_word(ly, lv);
		lv->between |= ly->tok.word == SQLW_BETWEEN;
		if (before != NO_BREAK)
			indent = before;
		else if (!lv->begun && ly->prev.class == SQL_COMMENT)
			indent = lv->base;
		lv->begun = true;
	}
	if (ly->tok.class == SQL_PUNCT)
		put_punct(ly, indent);
	else
		put(ly, indent);
}

/* A comment stays on its line, or on a line of its own; a line break that is due comes after it. */
static void put_comment(struct layout *ly)
{
	int indent = NO_BREAK;
	if (ly->line_gap)
		indent = ly->pending == NO_BREAK && is_line_comment(ly, &ly->tok) ? ly->indent
										  : ly->pending;
	put(ly, indent);
}

static void see_blank(struct layout *ly)
{
	const char *s = ly->lx.text + ly->tok.off;
	const char *nl = memrchr(s, '\n', ly->tok.len);
	ly->gap = true;
	if (!nl)
		return;
	ly->line_gap = true;
	size_t behind = ly->tok.len - (size_t)(nl + 1 - s);
	ly->column = behind < DEEPEST ? (int)behind : DEEPEST;
}

void sql_format(struct buf *out, const char *text, size_t len)
{
	struct layout ly = {.out = out, .start = out->len, .pending = NO_BREAK};
	GROW(ly.levels, ly.depth, ly.cap);
	ly.levels[0] = (struct level){0};
	buf_adds(out, "");
	sql_lex(&ly.lx, text, len);
	while (sql_next(&ly.lx, &ly.tok)) {
		if (ly.tok.class == SQL_BLANK)
			see_blank(&ly);
		else if (ly.tok.class == SQL_COMMENT)
			put_comment(&ly);
		else
			put_solid(&ly);
	}
	free(ly.levels);
}
