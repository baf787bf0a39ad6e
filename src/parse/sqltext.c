#include "parse/sqltext.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* After these a name before a parenthesis is not a function's. */
static bool introduces_name(enum sql_word word)
{
	switch (word) {
	case SQLW_AS:
	case SQLW_EXISTS:
	case SQLW_INDEX:
	case SQLW_INTO:
	case SQLW_JOIN:
	case SQLW_KEY:
	case SQLW_RECURSIVE:
	case SQLW_REFERENCES:
	case SQLW_TABLE:
	case SQLW_WITH:
		return true;
	default:
		return false;
	}
}

bool sql_highlight(struct sql_lexer *lx, struct sql_token *tok)
{
	if (!sql_next(lx, tok))
		return false;
	if (tok->class == SQL_IDENT && lx->at < lx->len && lx->text[lx->at] == '(' &&
	    !introduces_name(lx->last))
		tok->class = SQL_FUNCTION;
	return true;
}

/* The longest prefix of at most `max` bytes that does not end within a character. */
static size_t whole_chars(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	size_t n = max;
	while (n > 0 && max - n < 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return max - n < 4 ? n : max;
}

/* A comment that can stand in the middle of a line. */
static void add_comment(struct buf *out, const char *s, size_t len)
{
	if (s[0] == '/') {
		for (size_t i = 0; i < len; i++)
			buf_addc(out, s[i] == '\n' || s[i] == '\r' || s[i] == '\t' ? ' ' : s[i]);
		return;
	}
	size_t skip = s[0] == '#' ? 1 : 2;
	while (skip < len && (s[skip] == ' ' || s[skip] == '\t'))
		skip++;
	while (len > skip && (s[len - 1] == '\r' || s[len - 1] == ' '))
		len--;
	buf_adds(out, "/* ");
	for (size_t i = skip; i < len; i++) {
		buf_addc(out, s[i]);
		if (s[i] == '*' && i + 1 < len && s[i + 1] == '/')
			buf_addc(out, ' ');
	}
	buf_adds(out, " */");
}

/* One attempt; `bare` begins with the first token that is not a comment. Returns whether all of the
   text got in. */
static bool squeeze(struct buf *out, const char *text, size_t len, size_t max, unsigned flags,
		    bool bare)
{
	struct sql_lexer lx;
	struct sql_token tok;
	size_t start = out->len;
	bool gap = false;

	sql_lex(&lx, text, len);
	while (out->len - start <= max && sql_next_lump(&lx, &tok)) {
		bool first = out->len == start;
		bool dropped = tok.class == SQL_COMMENT &&
			       ((flags & SQL_DROP_COMMENTS) || (first && bare));
		if (tok.class == SQL_BLANK || dropped) {
			gap = true;
			continue;
		}
		if (gap && !first)
			buf_addc(out, ' ');
		gap = false;
		/* One byte too many shows that there was more. */
		size_t used = out->len - start;
		if (used > max)
			break;
		size_t n = max - used < tok.len ? max - used + 1 : tok.len;
		if (tok.class == SQL_COMMENT)
			add_comment(out, text + tok.off, n);
		else
			buf_add(out, text + tok.off, n);
	}
	size_t got = out->len - start;
	if (got <= max)
		return true;
	out->len = start + whole_chars(out->s + start, got, max);
	out->s[out->len] = '\0';
	return false;
}

bool sql_squeeze(struct buf *out, const char *text, size_t len, size_t max, unsigned flags)
{
	/* Enough to fill a line after a framework's comment; 16 MB of blanks end here, too. */
	enum { AHEAD = 16384 };
	size_t look = max < (SIZE_MAX - AHEAD) / 4 ? 4 * max + AHEAD : SIZE_MAX;
	bool all = look >= len;
	if (!all)
		len = look;
	size_t start = out->len;
	buf_adds(out, "");
	all &= squeeze(out, text, len, max, flags, true);
	if (out->len == start && max > 0)
		all &= squeeze(out, text, len, max, flags & ~SQL_DROP_COMMENTS, false);
	return all;
}

/* Whether the last bytes begin a character that does not end. */
static bool ends_in_char(const char *s, size_t len)
{
	static const unsigned char need[16] = {[12] = 2, [13] = 2, [14] = 3, [15] = 4};
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = (unsigned char)s[len - back];
		if ((c & 0xc0) != 0x80)
			return need[c >> 4] > back;
	}
	return false;
}

bool sql_end_is_cut(const char *text, size_t len, size_t limit)
{
	if ((limit && len >= limit) || ends_in_char(text, len))
		return true;
	struct sql_lexer lx;
	struct sql_token tok;
	bool cut = false;
	size_t depth = 0;
	sql_lex(&lx, text, len);
	while (sql_next(&lx, &tok)) {
		cut |= tok.cut;
		if (tok.class != SQL_PUNCT)
			continue;
		if (text[tok.off] == '(')
			depth++;
		else if (text[tok.off] == ')' && depth > 0)
			depth--;
	}
	return cut || lx.exec || depth > 0;
}
