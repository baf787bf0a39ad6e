/*
 * What the screen does with the text of a statement: colour it, bring it on one line, lay it out,
 * normalise it, and ask what it is and which tables it names. All built on the lexer (sqllex.h): any
 * bytes are safe, nothing takes more than linear time, and no answer depends on the inside of a
 * string or comment. Texts are not scrubbed here; what goes to the screen still needs utf8_scrub().
 * Pure, any thread.
 */
#ifndef PARSE_SQLTEXT_H
#define PARSE_SQLTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/sqllex.h"

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

/* Whether the text looks like the beginning of a longer one: it reaches `limit` (how many bytes its
   source keeps: 1024 for the performance schema as it comes, 65535 for I_S.PROCESSLIST on MySQL, 0
   for no limit), or it ends within a string, a comment, parentheses or a character. */
bool sql_end_is_cut(const char *text, size_t len, size_t limit);

#endif
