#include "parse/sqllex.h"

#include <string.h>

/* Padded with zeros to whole words of eight bytes, which the search compares at once. */
enum { WORD_SIZE = 32 };

enum word_use { SOFT, RESERVED };

#define WORD_ROW(word, use) {#word, use},
static const struct {
	char text[WORD_SIZE];
	enum word_use use;
} words[SQL_WORD_COUNT] = {{"", SOFT}, SQL_WORDS(WORD_ROW)};
#undef WORD_ROW

/* What a byte can begin. */
enum byte_kind {
	B_OTHER,
	B_BLANK,
	B_WORD,
	B_DIGIT,
	B_QUOTE,
	B_TICK,
	B_AT,
	B_COLON,
	B_MARK, /* ? */
	B_DOT,
	B_PUNCT,
	B_HASH,
	B_DASH,
	B_SLASH,
	B_STAR,
	B_OPERATOR,
};

static const unsigned char byte_kinds[256] = {
	[' '] = B_BLANK, ['\t'] = B_BLANK, ['\n'] = B_BLANK, ['\v'] = B_BLANK, ['\f'] = B_BLANK,
	['\r'] = B_BLANK,
	['a' ... 'z'] = B_WORD, ['A' ... 'Z'] = B_WORD, ['_'] = B_WORD, ['$'] = B_WORD,
	[0x80 ... 0xff] = B_WORD,
	['0' ... '9'] = B_DIGIT,
	['\''] = B_QUOTE, ['"'] = B_QUOTE, ['`'] = B_TICK,
	['@'] = B_AT, [':'] = B_COLON, ['?'] = B_MARK, ['.'] = B_DOT,
	['('] = B_PUNCT, [')'] = B_PUNCT, [','] = B_PUNCT, [';'] = B_PUNCT, ['{'] = B_PUNCT,
	['}'] = B_PUNCT,
	['#'] = B_HASH, ['-'] = B_DASH, ['/'] = B_SLASH, ['*'] = B_STAR,
	['='] = B_OPERATOR, ['<'] = B_OPERATOR, ['>'] = B_OPERATOR, ['!'] = B_OPERATOR,
	['|'] = B_OPERATOR, ['&'] = B_OPERATOR, ['+'] = B_OPERATOR, ['%'] = B_OPERATOR,
	['^'] = B_OPERATOR, ['~'] = B_OPERATOR,
};

/* Longest first. */
static const char *const operators[] = {"<=>", "->>", "<=", ">=", "<>", "!=", ":=", "||",
					"&&",  "<<",  ">>", "->", NULL};

static enum byte_kind kind_of(char c)
{
	return byte_kinds[(unsigned char)c];
}

static bool is_word_byte(char c)
{
	enum byte_kind k = kind_of(c);
	return k == B_WORD || k == B_DIGIT;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Eight bytes as a number that sorts as they do. */
static uint64_t eight(const char *s)
{
	uint64_t v;
	memcpy(&v, s, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

enum sql_word sql_word_find(const char *s, size_t len)
{
	char up[WORD_SIZE] = {0};
	if (len < 2 || len >= WORD_SIZE)
		return SQLW_NONE;
	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if ((c < 'A' || c > 'Z') && c != '_' && !is_digit(c))
			return SQLW_NONE;
		up[i] = c;
	}
	/* The first row whose eight bytes are not less; no branch that could be mispredicted. */
	uint64_t key = eight(up);
	size_t base = 1, n = SQL_WORD_COUNT - 1;
	while (n > 1) {
		size_t half = n / 2;
		base = eight(words[base + half - 1].text) < key ? base + half : base;
		n -= half;
	}
	for (size_t i = base; i < SQL_WORD_COUNT && eight(words[i].text) <= key; i++)
		if (memcmp(words[i].text, up, WORD_SIZE) == 0)
			return (enum sql_word)i;
	return SQLW_NONE;
}

const char *sql_word_text(enum sql_word word)
{
	return words[word].text;
}

bool sql_word_reserved(enum sql_word word)
{
	return words[word].use == RESERVED;
}

void sql_lex(struct sql_lexer *lx, const char *text, size_t len)
{
	*lx = (struct sql_lexer){.text = text, .len = len};
}

/* The offset behind what is quoted at `at`; a doubled quote stands for one, and where `escapes` so
   does one behind a backslash. */
static size_t skip_quoted(const struct sql_lexer *lx, size_t at, bool escapes, bool *cut)
{
	const char *s = lx->text;
	char quote = s[at++];
	while (at < lx->len) {
		char c = s[at++];
		if (c == '\\' && escapes) {
			if (at < lx->len)
				at++;
		} else if (c == quote) {
			if (at == lx->len || s[at] != quote)
				return at;
			at++;
		}
	}
	*cut = true;
	return lx->len;
}

static size_t skip_line(const struct sql_lexer *lx, size_t at)
{
	const char *nl = memchr(lx->text + at, '\n', lx->len - at);
	return nl ? (size_t)(nl - lx->text) : lx->len;
}

static size_t skip_comment(const struct sql_lexer *lx, size_t at, bool *cut)
{
	at += 2;
	while (at < lx->len) {
		const char *star = memchr(lx->text + at, '*', lx->len - at);
		if (!star)
			break;
		at = (size_t)(star - lx->text) + 1;
		if (at < lx->len && lx->text[at] == '/')
			return at + 1;
	}
	*cut = true;
	return lx->len;
}

static size_t skip_word(const struct sql_lexer *lx, size_t at)
{
	while (at < lx->len && is_word_byte(lx->text[at]))
		at++;
	return at;
}

static size_t skip_digits(const struct sql_lexer *lx, size_t at)
{
	while (at < lx->len && is_digit(lx->text[at]))
		at++;
	return at;
}

/* Behind an exponent at `at`, or `at` where there is none. */
static size_t skip_exponent(const struct sql_lexer *lx, size_t at)
{
	size_t e = at;
	if (e >= lx->len || (lx->text[e] | 0x20) != 'e')
		return at;
	e++;
	if (e < lx->len && (lx->text[e] == '+' || lx->text[e] == '-'))
		e++;
	return e < lx->len && is_digit(lx->text[e]) ? skip_digits(lx, e) : at;
}

/* `0x1F` and `0b01` as a whole, or 0. */
static size_t skip_radix(const struct sql_lexer *lx, size_t at)
{
	const char *s = lx->text;
	if (s[at] != '0' || at + 2 >= lx->len || (s[at + 1] != 'x' && s[at + 1] != 'b'))
		return 0;
	bool hex = s[at + 1] == 'x';
	size_t end = at + 2;
	while (end < lx->len && (hex ? is_hex(s[end]) : s[end] == '0' || s[end] == '1'))
		end++;
	return end > at + 2 && (end == lx->len || !is_word_byte(s[end])) ? end : 0;
}

/* A word that starts with a digit: a number, unless letters show that it is a name. */
static size_t lex_digits(struct sql_lexer *lx, size_t at, struct sql_token *tok)
{
	tok->class = SQL_NUMBER;
	size_t end = skip_radix(lx, at);
	if (end)
		return end;
	end = skip_digits(lx, at);
	if (end < lx->len && lx->text[end] == '.')
		return skip_exponent(lx, skip_digits(lx, end + 1));
	size_t e = skip_exponent(lx, end);
	if (e < lx->len && is_word_byte(lx->text[e])) {
		tok->class = SQL_IDENT;
		return skip_word(lx, e);
	}
	return e;
}

/* Whether the word of `len` bytes at `at` makes a literal of the string right behind it. */
static bool is_string_prefix(const struct sql_lexer *lx, size_t at, size_t len)
{
	const char *s = lx->text + at;
	if (at + len == lx->len || (s[len] != '\'' && (s[len] != '"' || s[0] != '_')))
		return false;
	return s[0] == '_' || (len == 1 && strchr("nNxXbB", s[0]));
}

static size_t lex_word(struct sql_lexer *lx, size_t at, struct sql_token *tok)
{
	size_t end = skip_word(lx, at);
	if (!lx->dotted && is_string_prefix(lx, at, end - at)) {
		tok->class = SQL_STRING;
		return skip_quoted(lx, end, true, &tok->cut);
	}
	tok->class = SQL_IDENT;
	if (!lx->dotted)
		tok->word = sql_word_find(lx->text + at, end - at);
	if (tok->word)
		tok->class = SQL_KEYWORD;
	return end;
}

/* `@name`, `@'name'`, `@@scope.name`. */
static size_t lex_at(struct sql_lexer *lx, size_t at, struct sql_token *tok)
{
	const char *s = lx->text;
	size_t end = at + 1;
	tok->class = SQL_VARIABLE;
	if (end < lx->len && s[end] == '@')
		end++;
	if (end < lx->len && (kind_of(s[end]) == B_QUOTE || kind_of(s[end]) == B_TICK))
		return skip_quoted(lx, end, s[end] != '`', &tok->cut);
	while (end < lx->len && (is_word_byte(s[end]) || s[end] == '.'))
		end++;
	return end;
}

static size_t lex_operator(struct sql_lexer *lx, size_t at, struct sql_token *tok)
{
	tok->class = SQL_OPERATOR;
	for (const char *const *op = operators; *op; op++) {
		size_t n = strlen(*op);
		if ((*op)[0] == lx->text[at] && lx->len - at >= n && !memcmp(lx->text + at, *op, n))
			return at + n;
	}
	return at + 1;
}

/* Two dashes start a comment only before a blank, a control character or the end. */
static bool is_dash_comment(const struct sql_lexer *lx, size_t at)
{
	return at + 1 < lx->len && lx->text[at + 1] == '-' &&
	       (at + 2 == lx->len || (unsigned char)lx->text[at + 2] <= ' ');
}

static size_t lex_slash(struct sql_lexer *lx, size_t at, struct sql_token *tok)
{
	const char *s = lx->text;
	if (at + 1 == lx->len || s[at + 1] != '*')
		return lex_operator(lx, at, tok);
	size_t mark = at + 2;
	if (mark < lx->len && s[mark] == 'M')
		mark++;
	if (mark < lx->len && s[mark] == '!' && !lx->exec) {
		tok->class = SQL_EXEC;
		lx->exec = true;
		size_t digits = skip_digits(lx, mark + 1);
		return digits > mark + 7 ? mark + 7 : digits;
	}
	tok->class = at + 2 < lx->len && s[at + 2] == '+' ? SQL_HINT : SQL_COMMENT;
	return skip_comment(lx, at, &tok->cut);
}

/* Lex the token at `at`; the caller sees to it that there is one. Returns its end. */
static size_t lex_token(struct sql_lexer *lx, size_t at, struct sql_token *tok)
{
	const char *s = lx->text;
	size_t end = at + 1;

	switch (kind_of(s[at])) {
	case B_BLANK:
		tok->class = SQL_BLANK;
		while (end < lx->len && kind_of(s[end]) == B_BLANK)
			end++;
		return end;
	case B_WORD:
		return lex_word(lx, at, tok);
	case B_DIGIT:
		if (lx->dotted) {
			tok->class = SQL_IDENT;
			return skip_word(lx, at);
		}
		return lex_digits(lx, at, tok);
	case B_QUOTE:
		tok->class = SQL_STRING;
		return skip_quoted(lx, at, true, &tok->cut);
	case B_TICK:
		tok->class = SQL_IDENT;
		return skip_quoted(lx, at, false, &tok->cut);
	case B_AT:
		return lex_at(lx, at, tok);
	case B_COLON:
		if (end < lx->len && kind_of(s[end]) == B_WORD && !lx->named) {
			tok->class = SQL_VARIABLE;
			return skip_word(lx, end);
		}
		return lex_operator(lx, at, tok);
	case B_MARK:
		tok->class = SQL_VARIABLE;
		return end;
	case B_DOT:
		if (end < lx->len && is_digit(s[end]) && !lx->named) {
			tok->class = SQL_NUMBER;
			return skip_exponent(lx, skip_digits(lx, end));
		}
		tok->class = SQL_PUNCT;
		return end;
	case B_PUNCT:
		tok->class = SQL_PUNCT;
		return end;
	case B_HASH:
		tok->class = SQL_COMMENT;
		return skip_line(lx, at);
	case B_DASH:
		if (!is_dash_comment(lx, at))
			return lex_operator(lx, at, tok);
		tok->class = SQL_COMMENT;
		return skip_line(lx, at);
	case B_SLASH:
		return lex_slash(lx, at, tok);
	case B_STAR:
		if (lx->exec && end < lx->len && s[end] == '/') {
			lx->exec = false;
			tok->class = SQL_EXEC;
			return end + 1;
		}
		return lex_operator(lx, at, tok);
	case B_OPERATOR:
		return lex_operator(lx, at, tok);
	case B_OTHER:
		break;
	}
	tok->class = SQL_OTHER;
	while (end < lx->len && kind_of(s[end]) == B_OTHER)
		end++;
	return end;
}

bool sql_next(struct sql_lexer *lx, struct sql_token *tok)
{
	*tok = (struct sql_token){.off = lx->at};
	if (lx->at >= lx->len)
		return false;
	size_t end = lex_token(lx, lx->at, tok);
	tok->len = end - lx->at;
	lx->at = end;
	lx->named = false;
	switch (tok->class) {
	case SQL_BLANK:
	case SQL_COMMENT:
	case SQL_HINT:
	case SQL_EXEC:
		break;
	case SQL_KEYWORD:
		lx->last = tok->word;
		__attribute__((fallthrough));
	case SQL_IDENT:
		lx->named = true;
		lx->dotted = false;
		break;
	default:
		lx->dotted = tok->class == SQL_PUNCT && lx->text[tok->off] == '.';
		if (!lx->dotted)
			lx->last = SQLW_NONE;
	}
	return true;
}

bool sql_next_solid(struct sql_lexer *lx, struct sql_token *tok)
{
	while (sql_next(lx, tok))
		switch (tok->class) {
		case SQL_BLANK:
		case SQL_COMMENT:
		case SQL_HINT:
		case SQL_EXEC:
			break;
		default:
			return true;
		}
	return false;
}
