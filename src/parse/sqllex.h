/*
 * A lexer for the SQL that MySQL and MariaDB speak, as it is found in process lists: often cut off
 * in the middle, sometimes not SQL at all. Any bytes are safe, every byte belongs to exactly one
 * token, and all tokens together take time linear in the text. Nothing is copied: a token points
 * into the text by offset and length. Pure, any thread.
 *
 * Session modes are not known here, so "..." is a string and a backslash escapes. What an
 * executable comment holds is lexed as code, whatever server and version it asks for.
 */
#ifndef PARSE_SQLLEX_H
#define PARSE_SQLLEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/sqlwords.h"

/* What a token is. Themes colour by it, too: sql_highlight() in sqltext.h. */
enum sql_class {
	SQL_END,
	SQL_BLANK,
	SQL_KEYWORD,  /* `word` says which */
	SQL_IDENT,    /* bare or in backquotes */
	SQL_FUNCTION, /* a name that is called; only sql_highlight() tells it from SQL_IDENT */
	SQL_STRING,   /* '…', "…", and N'…', x'…', b'…', _charset'…' with their prefix */
	SQL_NUMBER,   /* also 0x1F and 0b01 */
	SQL_VARIABLE, /* @a, @'a b', @@global.b, :p and ? */
	SQL_OPERATOR,
	SQL_PUNCT,    /* one of ( ) , ; . { } */
	SQL_COMMENT,  /* with its delimiters, the line feed of a line comment not included */
	SQL_HINT,     /* the optimizer hints of MySQL, a comment that starts with a plus sign */
	SQL_EXEC,     /* opening or end mark of an executable comment */
	SQL_OTHER,    /* control characters and other bytes that mean nothing in SQL */
	SQL_CLASSES
};

#define SQLW_ENUM(word, use) SQLW_##word,
enum sql_word { SQLW_NONE, SQL_WORDS(SQLW_ENUM) SQL_WORD_COUNT };
#undef SQLW_ENUM

struct sql_token {
	enum sql_class class;
	enum sql_word word; /* SQLW_NONE unless the class is SQL_KEYWORD */
	bool cut;           /* a string, quoted name or comment that the text ended in */
	size_t off;
	size_t len;
};

struct sql_lexer {
	const char *text;
	size_t len;
	size_t at;
	bool dotted; /* the next word is a name, since a dot came before it */
	bool named;  /* the byte before `at` ends a name, so that a dot here is no decimal point */
	bool exec;   /* within an executable comment */
	enum sql_word last; /* the keyword before, if only names and dots came after it */
};

void sql_lex(struct sql_lexer *lx, const char *text, size_t len);
/* The next token, of any class; false at the end (then the class is SQL_END). */
bool sql_next(struct sql_lexer *lx, struct sql_token *tok);
/* The same without blanks, comments, hints and the marks of executable comments. */
bool sql_next_solid(struct sql_lexer *lx, struct sql_token *tok);

/* For those who care only for blanks and comments: all that lies between two of them, single spaces
   included, as one token, whose class means nothing. Not to be mixed with sql_next(). */
bool sql_next_lump(struct sql_lexer *lx, struct sql_token *tok);

/* A bare word's keyword, or SQLW_NONE. Any case. */
enum sql_word sql_word_find(const char *s, size_t len);
/* In capitals; "" for SQLW_NONE. */
const char *sql_word_text(enum sql_word word);
/* False for a word that may also be the bare name of a table or a column. */
bool sql_word_reserved(enum sql_word word);

#endif
