/*
 * What the screen does with the text of a statement: colour it, bring it on one line, lay it out,
 * normalise it, and ask what it is and which tables it names. All built on the lexer (sqllex.h):
 * any bytes are safe, nothing takes more than linear time, and no answer depends on the inside of a
 * string or comment. Texts are not scrubbed here; what goes to the screen still needs utf8_scrub().
 * Pure, any thread.
 */
#ifndef PARSE_SQLTEXT_H
#define PARSE_SQLTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/sqllex.h"

struct arena;
struct buf;

/* Like sql_next(), but tells functions from other names: what a row or a page is coloured by.
 *
 *	sql_lex(&lx, text, len);
 *	while (sql_highlight(&lx, &tok))
 *		draw(text + tok.off, tok.len, role_of[tok.class]);
 */
bool sql_highlight(struct sql_lexer *lx, struct sql_token *tok);

/* For sql_squeeze(): leave out the comments inside, too. Hints and executable comments stay. */
#define SQL_DROP_COMMENTS 1u

/* Append the statement on one line, at most `max` bytes of it and never half a character: each run
   of blanks as one, a line comment in C form, what stands before the first word (blanks and the
   comments of frameworks) left out unless there is nothing else. Strings and quoted names are
   copied as they are, line breaks included. However long the text, only a few times `max` bytes of
   it are looked at. True when all of it was looked at and fitted. */
bool sql_squeeze(struct buf *out, const char *text, size_t len, size_t max, unsigned flags);

/* Append the statement laid out over several lines: clauses, conditions, joins and the items of
   long lists on lines of their own, subqueries indented by two. No token is changed, added or lost,
   only the blanks between them. A statement that is no query or change keeps its own lines. */
void sql_format(struct buf *out, const char *text, size_t len);

/* Whether the text looks like the beginning of a longer one: it reaches `limit` (how many bytes its
   source keeps: 1024 for the performance schema as it comes, 65535 for I_S.PROCESSLIST on MySQL, 0
   for no limit), or it ends within a string, a comment, parentheses or a character. */
bool sql_end_is_cut(const char *text, size_t len, size_t limit);

/* Append the normalised text as the servers' digests have it: literals as ?, lists of them as
   `?, ...`, in parentheses as `(...)`, keywords and functions in capitals, other names in
   backquotes, no comments, no hints, one blank between tokens. Returns the 64-bit FNV-1a of it:
   equal for statements that differ only in their values. It is not the server's own digest, which
   is a hash of its parser's token numbers. */
uint64_t sql_digest(struct buf *out, const char *text, size_t len);
enum { SQL_DIGEST_HEX_SIZE = 17 };
void sql_digest_hex(uint64_t digest, char out[SQL_DIGEST_HEX_SIZE]);

/* What a statement does. From SELECT to REPLACE: what EXPLAIN can be asked about. */
enum sql_kind {
	SQL_KIND_NONE, /* nothing but blanks and comments */
	SQL_KIND_OTHER,
	SQL_KIND_SELECT,
	SQL_KIND_INSERT,
	SQL_KIND_UPDATE,
	SQL_KIND_DELETE,
	SQL_KIND_REPLACE,
	SQL_KIND_LOAD,
	SQL_KIND_CALL,
	SQL_KIND_DDL,
	SQL_KIND_ACCOUNT,
	SQL_KIND_SET,
	SQL_KIND_USE,
	SQL_KIND_SHOW,
	SQL_KIND_EXPLAIN,
	SQL_KIND_BEGIN,
	SQL_KIND_COMMIT,
	SQL_KIND_ROLLBACK,
	SQL_KIND_SAVEPOINT,
	SQL_KIND_XA,
	SQL_KIND_LOCK,
	SQL_KIND_PREPARED,
	SQL_KIND_ADMIN,
	SQL_KINDS
};

/* By the main verb: comments, parentheses, common table expressions and MariaDB's SET STATEMENT …
   FOR are looked through. */
enum sql_kind sql_kind(const char *text, size_t len);
/* "select"; "" for SQL_KIND_NONE. */
const char *sql_kind_name(enum sql_kind kind);
/* Whether `EXPLAIN ` may be put before the text: one whole query or change, without placeholders
   and with nothing behind it. */
bool sql_is_explainable(const char *text, size_t len);

struct sql_table {
	const char *schema; /* NULL: the session's default */
	const char *name;
};
enum { SQL_TABLES_MAX = 64 };
/* The tables that a statement names, in the order of their appearance and each one once; not the
   names of common table expressions, aliases, table functions and columns. At most SQL_TABLES_MAX.
   A best effort without a grammar: what it returns may not exist. All memory is from `a`. */
size_t sql_tables(struct arena *a, const char *text, size_t len, const struct sql_table **out);

#endif
