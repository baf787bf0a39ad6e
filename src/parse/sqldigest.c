#include "parse/sqltext.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"

/*
 * Tokens are written as they come; a short memory of the last ones lets a group be folded by
 * cutting the output back to where the group began. The memory holds more than the longest group
 * that folds, so forgetting older ones changes nothing.
 */
enum piece_kind {
	P_NONE,
	P_KEYWORD,
	P_NAME,
	P_CHARSET, /* a name like _utf8mb4, which belongs to the string that may follow */
	P_OPEN,
	P_CLOSE,
	P_COMMA,
	P_SIGN,   /* + or - */
	P_VALUE,  /* ? */
	P_VALUES, /* ?, ... */
	P_ROW,    /* (?) */
	P_ROWS,   /* (?), (?) and so on */
	P_LONG,   /* (...) */
	P_LONGS,
	P_OTHER,
};

struct piece {
	enum piece_kind kind;
	enum sql_word word;
	size_t start; /* in the output, before the blank that separates it */
};

enum { MEMORY = 16 };

struct digest {
	struct buf *out;
	size_t start;
	struct piece memory[MEMORY];
	size_t n;     /* pieces ever added and not folded; the last MEMORY are remembered at most */
	size_t known; /* how many of them are remembered */
};

static const char *const folded[] = {
	[P_VALUE] = "?",    [P_VALUES] = "?, ...",
	[P_ROW] = "(?)",    [P_ROWS] = "(?) /* , ... */",
	[P_LONG] = "(...)", [P_LONGS] = "(...) /* , ... */",
};

/* The piece `back` places before the end; the last one is 0. */
static const struct piece *piece_back(const struct digest *d, size_t back)
{
	static const struct piece none = {P_NONE, SQLW_NONE, 0};
	return back < d->known ? &d->memory[(d->n - 1 - back) % MEMORY] : &none;
}

static void piece_begin(struct digest *d, enum piece_kind kind, enum sql_word word)
{
	d->memory[d->n++ % MEMORY] = (struct piece){kind, word, d->out->len};
	if (d->known < MEMORY)
		d->known++;
	if (d->out->len > d->start)
		buf_addc(d->out, ' ');
}

static void piece_drop(struct digest *d, size_t count)
{
	while (count--) {
		d->out->len = piece_back(d, 0)->start;
		d->n--;
		d->known--;
	}
	d->out->s[d->out->len] = '\0';
}

static void piece_fold(struct digest *d, size_t count, enum piece_kind kind)
{
	piece_drop(d, count);
	piece_begin(d, kind, SQLW_NONE);
	buf_adds(d->out, folded[kind]);
}

/* Whether a sign behind this piece joins two values, so that it does not belong to the next one. */
static bool is_operand(const struct piece *p)
{
	switch (p->kind) {
	case P_NAME:
	case P_CLOSE:
	case P_VALUE:
	case P_VALUES:
	case P_ROW:
	case P_LONG:
		return true;
	case P_KEYWORD:
		return p->word == SQLW_END || p->word == SQLW_TRUE || p->word == SQLW_FALSE ||
		       p->word == SQLW_NULL;
	default:
		return false;
	}
}

/* `?, ?` */
static void add_value(struct digest *d)
{
	if (piece_back(d, 0)->kind == P_CHARSET)
		piece_drop(d, 1);
	while (piece_back(d, 0)->kind == P_SIGN && !is_operand(piece_back(d, 1)))
		piece_drop(d, 1);
	enum piece_kind before = piece_back(d, 1)->kind;
	if (piece_back(d, 0)->kind == P_COMMA && (before == P_VALUE || before == P_VALUES))
		piece_fold(d, 2, P_VALUES);
	else
		piece_fold(d, 0, P_VALUE);
}

/* A parenthesis closes: `(?)` and `(?, ?)` are rows, rows after rows are one. */
static void add_close(struct digest *d)
{
	enum piece_kind held = piece_back(d, 0)->kind;
	if (piece_back(d, 1)->kind != P_OPEN || (held != P_VALUE && held != P_VALUES)) {
		piece_begin(d, P_CLOSE, SQLW_NONE);
		buf_addc(d->out, ')');
		return;
	}
	enum piece_kind row = held == P_VALUE ? P_ROW : P_LONG;
	enum piece_kind rows = row == P_ROW ? P_ROWS : P_LONGS;
	enum piece_kind before = piece_back(d, 3)->kind;
	if (piece_back(d, 2)->word == SQLW_IN)
		piece_fold(d, 2, P_LONG);
	else if (piece_back(d, 2)->kind == P_COMMA && (before == row || before == rows))
		piece_fold(d, 4, rows);
	else
		piece_fold(d, 2, row);
}

static void add_upper(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addc(out, s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 'a' + 'A') : s[i]);
}

static void add_name(struct digest *d, const char *s, const struct sql_token *tok)
{
	bool quoted = s[0] == '`';
	piece_begin(d, s[0] == '_' ? P_CHARSET : P_NAME, SQLW_NONE);
	if (!quoted)
		buf_addc(d->out, '`');
	buf_add(d->out, s, tok->len);
	if (!quoted || tok->cut)
		buf_addc(d->out, '`');
}

static void add_punct(struct digest *d, char c)
{
	switch (c) {
	case ')':
		add_close(d);
		return;
	case '(':
		piece_begin(d, P_OPEN, SQLW_NONE);
		break;
	case ',':
		piece_begin(d, P_COMMA, SQLW_NONE);
		break;
	default:
		piece_begin(d, P_OTHER, SQLW_NONE);
	}
	buf_addc(d->out, c);
}

static void add_operator(struct digest *d, const char *s, size_t len)
{
	bool sign = len == 1 && (s[0] == '-' || s[0] == '+');
	piece_begin(d, sign ? P_SIGN : P_OTHER, SQLW_NONE);
	if (len == 2 && s[0] == '<' && s[1] == '>')
		s = "!=";
	buf_add(d->out, s, len);
}

static void add_variable(struct digest *d, const char *s, size_t len)
{
	if (s[0] != '@') {
		add_value(d);
		return;
	}
	piece_begin(d, P_NAME, SQLW_NONE);
	if (len > 1 && s[1] == '@')
		buf_add(d->out, s, len);
	else
		buf_adds(d->out, "@?");
}

static void add_keyword(struct digest *d, enum sql_word word)
{
	enum sql_word before = piece_back(d, 0)->word;
	if (word == SQLW_NULL && before != SQLW_IS && before != SQLW_NOT) {
		add_value(d);
		return;
	}
	piece_begin(d, P_KEYWORD, word);
	buf_adds(d->out, sql_word_text(word));
}

static void add_token(struct digest *d, const char *s, const struct sql_token *tok)
{
	switch (tok->class) {
	case SQL_KEYWORD:
		add_keyword(d, tok->word);
		break;
	case SQL_IDENT:
		add_name(d, s, tok);
		break;
	case SQL_FUNCTION:
		piece_begin(d, P_NAME, SQLW_NONE);
		add_upper(d->out, s, tok->len);
		break;
	case SQL_STRING:
	case SQL_NUMBER:
		add_value(d);
		break;
	case SQL_VARIABLE:
		add_variable(d, s, tok->len);
		break;
	case SQL_OPERATOR:
		add_operator(d, s, tok->len);
		break;
	case SQL_PUNCT:
		add_punct(d, s[0]);
		break;
	case SQL_OTHER:
		piece_begin(d, P_OTHER, SQLW_NONE);
		buf_add(d->out, s, tok->len);
		break;
	default: /* blanks and comments */
		break;
	}
}

static uint64_t fnv1a(const char *s, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t sql_digest(struct buf *out, const char *text, size_t len)
{
	struct digest d = {.out = out, .start = out->len};
	struct sql_lexer lx;
	struct sql_token tok;

	buf_adds(out, "");
	sql_lex(&lx, text, len);
	while (sql_highlight(&lx, &tok))
		add_token(&d, text + tok.off, &tok);
	while (d.known > 0 && out->s[out->len - 1] == ';' && piece_back(&d, 0)->kind == P_OTHER)
		piece_drop(&d, 1);
	return fnv1a(out->s + d.start, out->len - d.start);
}

void sql_digest_hex(uint64_t digest, char out[SQL_DIGEST_HEX_SIZE])
{
	snprintf(out, SQL_DIGEST_HEX_SIZE, "%016" PRIx64, digest);
}
