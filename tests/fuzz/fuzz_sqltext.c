/*
 * Everything that is done with the text of a statement, on any bytes. Beside not crashing: tokens
 * cover the text, a layout keeps every token, a line stays within its limit.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "parse/sqltext.h"
#include "tests/fuzz/fuzz.h"

static bool next_not_blank(struct sql_lexer *lx, struct sql_token *tok)
{
	while (sql_next(lx, tok))
		if (tok->class != SQL_BLANK)
			return true;
	return false;
}

static void check_tokens(const char *text, size_t len)
{
	struct sql_lexer lx;
	struct sql_token tok;
	size_t at = 0;
	sql_lex(&lx, text, len);
	while (sql_highlight(&lx, &tok)) {
		CHECK(tok.off == at && tok.len > 0 && tok.class < SQL_CLASSES);
		at += tok.len;
	}
	CHECK(at == len);
}

static void check_format(const char *text, size_t len)
{
	struct buf out = BUF_INIT;
	struct sql_lexer before, after;
	struct sql_token want, got;
	sql_format(&out, text, len);
	sql_lex(&before, text, len);
	sql_lex(&after, out.s, out.len);
	while (next_not_blank(&before, &want)) {
		CHECK(next_not_blank(&after, &got));
		CHECK(got.class == want.class && got.word == want.word && got.len == want.len);
		CHECK(memcmp(out.s + got.off, text + want.off, want.len) == 0);
	}
	CHECK(!next_not_blank(&after, &got));
	buf_release(&out);
}

static void check_squeeze(const char *text, size_t len)
{
	static const size_t limits[] = {0, 1, 10, 80, SIZE_MAX};
	struct buf out = BUF_INIT;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		for (unsigned flags = 0; flags <= SQL_DROP_COMMENTS; flags++) {
			buf_clear(&out);
			bool all = sql_squeeze(&out, text, len, limits[i], flags);
			CHECK(out.len <= limits[i]);
			CHECK(all || limits[i] < SIZE_MAX);
		}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct arena arena = {0};
	struct buf out = BUF_INIT;
	const struct sql_table *tables;

	check_tokens(text, size);
	check_format(text, size);
	check_squeeze(text, size);
	sql_digest(&out, text, size);
	sql_end_is_cut(text, size, 1024);
	if (sql_is_explainable(text, size))
		CHECK(sql_kind(text, size) != SQL_KIND_NONE);
	size_t n = sql_tables(&arena, text, size, &tables);
	CHECK(n <= SQL_TABLES_MAX);
	for (size_t i = 0; i < n; i++)
		CHECK(tables[i].name[0] != '\0' || memchr(text, 0, size));
	buf_release(&out);
	arena_release(&arena);
	return 0;
}
