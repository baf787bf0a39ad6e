#include "parse/sqltext.h"

#include "base/mem.h"

static const struct {
	enum sql_word word;
	enum sql_kind kind;
} verbs[] = {
	{SQLW_SELECT, SQL_KIND_SELECT},
	{SQLW_VALUES, SQL_KIND_SELECT},
	{SQLW_TABLE, SQL_KIND_SELECT},
	{SQLW_INSERT, SQL_KIND_INSERT},
	{SQLW_UPDATE, SQL_KIND_UPDATE},
	{SQLW_DELETE, SQL_KIND_DELETE},
	{SQLW_REPLACE, SQL_KIND_REPLACE},
	{SQLW_LOAD, SQL_KIND_LOAD},
	{SQLW_CALL, SQL_KIND_CALL},
	{SQLW_CREATE, SQL_KIND_DDL},
	{SQLW_ALTER, SQL_KIND_DDL},
	{SQLW_DROP, SQL_KIND_DDL},
	{SQLW_TRUNCATE, SQL_KIND_DDL},
	{SQLW_RENAME, SQL_KIND_DDL},
	{SQLW_GRANT, SQL_KIND_ACCOUNT},
	{SQLW_REVOKE, SQL_KIND_ACCOUNT},
	{SQLW_SET, SQL_KIND_SET},
	{SQLW_USE, SQL_KIND_USE},
	{SQLW_SHOW, SQL_KIND_SHOW},
	{SQLW_EXPLAIN, SQL_KIND_EXPLAIN},
	{SQLW_DESCRIBE, SQL_KIND_EXPLAIN},
	{SQLW_DESC, SQL_KIND_EXPLAIN},
	{SQLW_ANALYZE, SQL_KIND_EXPLAIN},
	{SQLW_BEGIN, SQL_KIND_BEGIN},
	{SQLW_START, SQL_KIND_BEGIN},
	{SQLW_COMMIT, SQL_KIND_COMMIT},
	{SQLW_ROLLBACK, SQL_KIND_ROLLBACK},
	{SQLW_SAVEPOINT, SQL_KIND_SAVEPOINT},
	{SQLW_RELEASE, SQL_KIND_SAVEPOINT},
	{SQLW_XA, SQL_KIND_XA},
	{SQLW_LOCK, SQL_KIND_LOCK},
	{SQLW_UNLOCK, SQL_KIND_LOCK},
	{SQLW_PREPARE, SQL_KIND_PREPARED},
	{SQLW_EXECUTE, SQL_KIND_PREPARED},
	{SQLW_DEALLOCATE, SQL_KIND_PREPARED},
	{SQLW_OPTIMIZE, SQL_KIND_ADMIN},
	{SQLW_REPAIR, SQL_KIND_ADMIN},
	{SQLW_CHECK, SQL_KIND_ADMIN},
	{SQLW_CHECKSUM, SQL_KIND_ADMIN},
	{SQLW_FLUSH, SQL_KIND_ADMIN},
	{SQLW_KILL, SQL_KIND_ADMIN},
	{SQLW_RESET, SQL_KIND_ADMIN},
	{SQLW_PURGE, SQL_KIND_ADMIN},
	{SQLW_CHANGE, SQL_KIND_ADMIN},
	{SQLW_STOP, SQL_KIND_ADMIN},
	{SQLW_SHUTDOWN, SQL_KIND_ADMIN},
	{SQLW_RESTART, SQL_KIND_ADMIN},
	{SQLW_INSTALL, SQL_KIND_ADMIN},
	{SQLW_UNINSTALL, SQL_KIND_ADMIN},
	{SQLW_BINLOG, SQL_KIND_ADMIN},
	{SQLW_CACHE, SQL_KIND_ADMIN},
	{SQLW_BACKUP, SQL_KIND_ADMIN},
	{SQLW_CLONE, SQL_KIND_ADMIN},
	{SQLW_IMPORT, SQL_KIND_ADMIN},
};

static const char *const names[SQL_KINDS] = {
	[SQL_KIND_NONE] = "",
	[SQL_KIND_OTHER] = "other",
	[SQL_KIND_SELECT] = "select",
	[SQL_KIND_INSERT] = "insert",
	[SQL_KIND_UPDATE] = "update",
	[SQL_KIND_DELETE] = "delete",
	[SQL_KIND_REPLACE] = "replace",
	[SQL_KIND_LOAD] = "load",
	[SQL_KIND_CALL] = "call",
	[SQL_KIND_DDL] = "ddl",
	[SQL_KIND_ACCOUNT] = "account",
	[SQL_KIND_SET] = "set",
	[SQL_KIND_USE] = "use",
	[SQL_KIND_SHOW] = "show",
	[SQL_KIND_EXPLAIN] = "explain",
	[SQL_KIND_BEGIN] = "begin",
	[SQL_KIND_COMMIT] = "commit",
	[SQL_KIND_ROLLBACK] = "rollback",
	[SQL_KIND_SAVEPOINT] = "savepoint",
	[SQL_KIND_XA] = "xa",
	[SQL_KIND_LOCK] = "lock",
	[SQL_KIND_PREPARED] = "prepared",
	[SQL_KIND_ADMIN] = "admin",
};

static enum sql_kind verb_kind(enum sql_word word)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (verbs[i].word == word)
			return verbs[i].kind;
	return SQL_KIND_OTHER;
}

static bool is_query(enum sql_kind kind)
{
	return kind >= SQL_KIND_SELECT && kind <= SQL_KIND_REPLACE;
}

static bool is_punct(const struct sql_lexer *lx, const struct sql_token *tok, char c)
{
	return tok->class == SQL_PUNCT && lx->text[tok->off] == c;
}

/* Behind WITH: the verb that comes after the common table expressions. */
static enum sql_kind kind_of_with(struct sql_lexer *lx)
{
	struct sql_token tok;
	size_t depth = 0;
	bool closed = false;
	while (sql_next_solid(lx, &tok)) {
		if (is_punct(lx, &tok, '(')) {
			if (depth == 0 && closed)
				return SQL_KIND_SELECT;
			depth++;
		} else if (is_punct(lx, &tok, ')') && depth > 0) {
			closed = --depth == 0;
			continue;
		} else if (depth == 0 && tok.word && is_query(verb_kind(tok.word))) {
			return verb_kind(tok.word);
		}
		closed = false;
	}
	return SQL_KIND_OTHER;
}

/* Behind a verb that does not say it all. */
static enum sql_kind refine(struct sql_lexer *lx, enum sql_word verb)
{
	struct sql_token tok;
	sql_next_solid(lx, &tok);
	switch (verb) {
	case SQLW_BEGIN: /* also the head of a compound statement */
		return tok.class == SQL_END || tok.word == SQLW_WORK || is_punct(lx, &tok, ';')
			       ? SQL_KIND_BEGIN
			       : SQL_KIND_OTHER;
	case SQLW_START:
		return tok.word == SQLW_TRANSACTION ? SQL_KIND_BEGIN : SQL_KIND_ADMIN;
	case SQLW_ANALYZE:
		if (tok.word == SQLW_NO_WRITE_TO_BINLOG || tok.word == SQLW_LOCAL)
			sql_next_solid(lx, &tok);
		return tok.word == SQLW_TABLE || tok.word == SQLW_TABLES ? SQL_KIND_ADMIN
									 : SQL_KIND_EXPLAIN;
	default:
		return verb_kind(verb);
	}
}

/* Behind SET: whether it is MariaDB's SET STATEMENT a=b FOR statement; then `lx` is behind FOR. */
static bool skip_set_statement(struct sql_lexer *lx)
{
	struct sql_token tok;
	sql_next_solid(lx, &tok);
	if (tok.word == SQLW_STATEMENT)
		while (sql_next_solid(lx, &tok))
			if (tok.word == SQLW_FOR)
				return true;
	return false;
}

/* The first token that is no parenthesis. */
static bool first_word(struct sql_lexer *lx, struct sql_token *tok)
{
	while (sql_next_solid(lx, tok))
		if (!is_punct(lx, tok, '('))
			return true;
	return false;
}

enum sql_kind sql_kind(const char *text, size_t len)
{
	struct sql_lexer lx;
	struct sql_token tok;
	enum sql_kind kind = SQL_KIND_NONE;
	sql_lex(&lx, text, len);
	while (first_word(&lx, &tok)) {
		if (tok.word == SQLW_WITH)
			return kind_of_with(&lx);
		if (tok.word != SQLW_SET)
			return refine(&lx, tok.word);
		kind = SQL_KIND_SET;
		if (!skip_set_statement(&lx))
			break;
	}
	return kind;
}

const char *sql_kind_name(enum sql_kind kind)
{
	return names[kind];
}

bool sql_is_explainable(const char *text, size_t len)
{
	struct sql_lexer lx;
	struct sql_token tok;
	bool ended = false;
	if (!is_query(sql_kind(text, len)) || sql_end_is_cut(text, len, 0))
		return false;
	sql_lex(&lx, text, len);
	if (!first_word(&lx, &tok) || tok.word == SQLW_SET)
		return false;
	do {
		if (ended || (tok.class == SQL_VARIABLE && text[tok.off] != '@'))
			return false;
		ended = is_punct(&lx, &tok, ';');
	} while (sql_next_solid(&lx, &tok));
	return true;
}
