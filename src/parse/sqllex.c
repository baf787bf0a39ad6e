#include "parse/sqllex.h"

#include <string.h>

enum { WORD_SIZE = 32 };

enum word_use { SOFT, RESERVED };

#define WORD_ROW(word, use) {#word, use},
static const struct {
	char text[WORD_SIZE];
	enum word_use use;
} words[SQL_WORD_COUNT] = {{"", SOFT}, SQL_WORDS(WORD_ROW)};
#undef WORD_ROW

/* Where to find a word by its first eight bytes: open addressing, two thirds empty. */
enum { SLOT_BITS = 10, SLOTS = 1 << SLOT_BITS };
static struct {
	uint64_t key;
	enum sql_word word;
} slots[SLOTS];

/* What a byte can begin. From B_BLANK on: what matters to sql_next_lump(). */
enum byte_kind {
	B_OTHER,
	B_WORD,
	B_DIGIT,
	B_AT,
	B_COLON,
	B_MARK, /* ? */
	B_DOT,
	B_PUNCT,
	B_OPERATOR,
	B_BLANK,
	B_QUOTE,
	B_TICK,
	B_HASH,
	B_DASH,
	B_SLASH,
	B_STAR,
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

/* The bytes of words: letters in capitals, those that no keyword has as $; 0 for all others. */
#define UP(lower, upper) [lower] = upper, [upper] = upper
static const char word_bytes[256] = {
	UP('a', 'A'), UP('b', 'B'), UP('c', 'C'), UP('d', 'D'), UP('e', 'E'), UP('f', 'F'),
	UP('g', 'G'), UP('h', 'H'), UP('i', 'I'), UP('j', 'J'), UP('k', 'K'), UP('l', 'L'),
	UP('m', 'M'), UP('n', 'N'), UP('o', 'O'), UP('p', 'P'), UP('q', 'Q'), UP('r', 'R'),
	UP('s', 'S'), UP('t', 'T'), UP('u', 'U'), UP('v', 'V'), UP('w', 'W'), UP('x', 'X'),
	UP('y', 'Y'), UP('z', 'Z'),
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',
	['7'] = '7', ['8'] = '8', ['9'] = '9', ['_'] = '_', ['$'] = '$', [0x80 ... 0xff] = '$',
};
#undef UP

/* What makes an operator of two bytes with each first one. */
static const char *const operator_ends[128] = {
	['<'] = "=<>", ['>'] = "=>", ['!'] = "=", [':'] = "=",
	['|'] = "|",   ['&'] = "&",  ['-'] = ">",
};

static enum byte_kind kind_of(char c)
{
	return byte_kinds[(unsigned char)c];
}

static bool is_word_byte(char c)
{
	return word_bytes[(unsigned char)c];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* The end of the word at s[0..max); its first eight bytes, in capitals, in *key. */
static size_t word_end(const char *s, size_t max, uint64_t *key)
{
	uint64_t k = 0;
	size_t n = 0;
	unsigned char c;
	for (; n < max && n < 8 && (c = (unsigned char)word_bytes[(unsigned char)s[n]]); n++)
		k = k << 8 | c;
	*key = k;
	if (n == 8)
		while (n < max && word_bytes[(unsigned char)s[n]])
			n++;
	return n;
}

static unsigned word_slot(uint64_t key)
{
	return (unsigned)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SLOT_BITS));
}

/* Before main(); never written again, so that all threads may read it. */
__attribute__((constructor)) static void fill_slots(void)
{
	for (enum sql_word w = SQLW_NONE + 1; w < SQL_WORD_COUNT; w++) {
		uint64_t key;
		word_end(words[w].text, WORD_SIZE, &key);
		unsigned slot = word_slot(key);
		while (slots[slot].word)
			slot = (slot + 1) % SLOTS;
		slots[slot].key = key;
		slots[slot].word = w;
	}
}

/* The keyword of `len` bytes at s whose first eight, in capitals, are `key`. */
static enum sql_word find_word(const char *s, size_t len, uint64_t key)
{
	for (unsigned slot = word_slot(key); slots[slot].word; slot = (slot + 1) % SLOTS) {
		if (slots[slot].key != key)
			continue;
		const char *text = words[slots[slot].word].text;
		size_t same = 8;
		while (same < len && text[same] && text[same] == word_bytes[(unsigned char)s[same]])
			same++;
		if (same >= len && !text[same])
			return slots[slot].word;
	}
	return SQLW_NONE;
}

enum sql_word sql_word_find(const char *s, size_t len)
{
	uint64_t key;
	return word_end(s, len, &key) == len ? find_word(s, len, key) : SQLW_NONE;
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
	uint64_t key;
	const char *s = lx->text + at;
	size_t len = word_end(s, lx->len - at, &key);
	tok->class = SQL_IDENT;
	if (lx->dotted)
		return at + len;
	if (is_string_prefix(lx, at, len)) {
		tok->class = SQL_STRING;
		return skip_quoted(lx, at + len, true, &tok->cut);
	}
	tok->word = find_word(s, len, key);
	if (tok->word)
		tok->class = SQL_KEYWORD;
	return at + len;
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
	const char *s = lx->text + at;
	const char *ends = operator_ends[(unsigned char)s[0]];
	size_t left = lx->len - at;
	tok->class = SQL_OPERATOR;
	if (!ends || left < 2 || !s[1] || !strchr(ends, s[1]))
		return at + 1;
	/* <=> and ->> */
	if (left > 2 && s[2] == '>' && ((s[0] == '<' && s[1] == '=') || s[0] == '-'))
		return at + 3;
	return at + 2;
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
__attribute__((always_inline)) static inline size_t lex_token(struct sql_lexer *lx, size_t at,
							      struct sql_token *tok)
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

/* Neither blanks nor what stands where a comment can. */
static bool is_solid(enum sql_class class)
{
	return class != SQL_BLANK && class != SQL_COMMENT && class != SQL_HINT && class != SQL_EXEC;
}

bool sql_next(struct sql_lexer *lx, struct sql_token *tok)
{
	*tok = (struct sql_token){.off = lx->at};
	if (lx->at >= lx->len)
		return false;
	size_t end = lex_token(lx, lx->at, tok);
	tok->len = end - lx->at;
	lx->at = end;
	lx->named = tok->class == SQL_KEYWORD || tok->class == SQL_IDENT;
	if (tok->class == SQL_KEYWORD)
		lx->last = tok->word;
	if (lx->named) {
		lx->dotted = false;
	} else if (is_solid(tok->class)) {
		lx->dotted = tok->class == SQL_PUNCT && lx->text[tok->off] == '.';
		if (!lx->dotted)
			lx->last = SQLW_NONE;
	}
	return true;
}

/* A single space that can stay as it is, as something other than a comment follows. */
static bool is_plain_space(const struct sql_lexer *lx, size_t at)
{
	if (lx->text[at] != ' ' || at + 1 == lx->len)
		return false;
	enum byte_kind next = kind_of(lx->text[at + 1]);
	return next < B_BLANK || next == B_QUOTE || next == B_TICK || next == B_STAR;
}

bool sql_next_lump(struct sql_lexer *lx, struct sql_token *tok)
{
	size_t start = lx->at, at = start;
	*tok = (struct sql_token){.off = start, .class = SQL_OTHER};
	while (at < lx->len) {
		struct sql_token inner = {.off = at};
		enum byte_kind kind = kind_of(lx->text[at]);
		if (kind < B_BLANK || (kind == B_BLANK && at > start && is_plain_space(lx, at))) {
			at++;
			continue;
		}
		size_t end = lex_token(lx, at, &inner);
		if (inner.class == SQL_BLANK || inner.class == SQL_COMMENT) {
			if (at > start)
				break;
			*tok = inner;
			at = end;
			break;
		}
		at = end;
	}
	tok->len = at - start;
	lx->at = at;
	return tok->len > 0;
}

bool sql_next_solid(struct sql_lexer *lx, struct sql_token *tok)
{
	while (sql_next(lx, tok))
		if (is_solid(tok->class))
			return true;
	return false;
}
