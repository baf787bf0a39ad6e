#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/sqllex.h"
#include "tests/unit/cmocka_all.h"

/* One letter for each class, in the order of enum sql_class. */
static const char letters[] = ".bKIFSNVOPCHXZ";

/* `SELECT 1` as `K:SELECT N:1`, blanks left out, a tilde behind what is cut. */
static void describe(struct buf *out, const char *text, size_t len)
{
	struct sql_lexer lx;
	struct sql_token tok;
	size_t at = 0;
	sql_lex(&lx, text, len);
	while (sql_next(&lx, &tok)) {
		assert_int_equal(tok.off, at);
		assert_true(tok.len > 0);
		at += tok.len;
		assert_true((tok.word != SQLW_NONE) == (tok.class == SQL_KEYWORD));
		if (tok.class == SQL_BLANK)
			continue;
		if (out->len)
			buf_addc(out, ' ');
		buf_addf(out, "%c:", letters[tok.class]);
		buf_add(out, text + tok.off, tok.len);
		if (tok.cut)
			buf_addc(out, '~');
	}
	assert_int_equal(at, len);
	assert_int_equal(tok.class, SQL_END);
}

static const struct {
	const char *text;
	const char *want;
} cases[] = {
	{"", ""},
	{" \t\r\n\v\f", ""},
	{"select A from b", "K:select I:A K:from I:b"},
	{"SeLeCt x", "K:SeLeCt I:x"},
	{"selects from_ _from from1", "I:selects I:from_ I:_from I:from1"},
	/* names */
	{"`a b` `c``d` `select`", "I:`a b` I:`c``d` I:`select`"},
	{"`a\\`b", "I:`a\\` I:b"},
	{"a.select.`b` . from", "I:a P:. I:select P:. I:`b` P:. I:from"},
	{"1a 0xZZ 1e 1e+ 2_3", "I:1a I:0xZZ I:1e I:1e O:+ I:2_3"},
	{"t.5 t.5a", "I:t P:. I:5 I:t P:. I:5a"},
	{"\xc3\xa4\xc3\xb6 $x", "I:\xc3\xa4\xc3\xb6 I:$x"},
	/* strings */
	{"'a' \"b\"", "S:'a' S:\"b\""},
	{"'it''s' 'it\\'s' \"a\"\"b\" \"a\\\"b\"",
	 "S:'it''s' S:'it\\'s' S:\"a\"\"b\" S:\"a\\\"b\""},
	{"'a\\\\' 'b'", "S:'a\\\\' S:'b'"},
	{"'-- no' '/* no */' '#'", "S:'-- no' S:'/* no */' S:'#'"},
	{"N'x' n'y' x'0F' X'1' b'01' B'1'", "S:N'x' S:n'y' S:x'0F' S:X'1' S:b'01' S:B'1'"},
	{"_utf8mb4'x' _latin1\"y\" _utf8 'z'", "S:_utf8mb4'x' S:_latin1\"y\" I:_utf8 S:'z'"},
	{"x\"1\" xx'1'", "I:x S:\"1\" I:xx S:'1'"},
	{"'open", "S:'open~"},
	{"'open\\", "S:'open\\~"},
	{"'open''", "S:'open''~"},
	{"\"open", "S:\"open~"},
	{"`open", "I:`open~"},
	{"_utf8'open", "S:_utf8'open~"},
	/* numbers */
	{"1 1.5 .5 1. 1e5 1E-5 1.5e+3 .5e1", "N:1 N:1.5 N:.5 N:1. N:1e5 N:1E-5 N:1.5e+3 N:.5e1"},
	{"0x1F 0b01 0x 0b2", "N:0x1F N:0b01 I:0x I:0b2"},
	{"10.5.3", "N:10.5 N:.3"},
	{"-1", "O:- N:1"},
	/* variables */
	{"@a @a.b @'a b' @`a` @\"a\" @", "V:@a V:@a.b V:@'a b' V:@`a` V:@\"a\" V:@"},
	{"@@x @@global.y @@`z`", "V:@@x V:@@global.y V:@@`z`"},
	{"@'open", "V:@'open~"},
	{"? :id a=:b lbl:LOOP", "V:? V::id I:a O:= V::b I:lbl O:: K:LOOP"},
	{"@a:=1 a:=b", "V:@a O::= N:1 I:a O::= I:b"},
	{"'u'@'h' root@localhost", "S:'u' V:@'h' I:root V:@localhost"},
	/* operators and punctuation */
	{"a<=>b a->'$.x' a->>'$.x'", "I:a O:<=> I:b I:a O:-> S:'$.x' I:a O:->> S:'$.x'"},
	{"a<=b>=c<>d!=e||f&&g<<h>>i", "I:a O:<= I:b O:>= I:c O:<> I:d O:!= I:e O:|| I:f O:&& I:g "
				       "O:<< I:h O:>> I:i"},
	{"(a,b);{}", "P:( I:a P:, I:b P:) P:; P:{ P:}"},
	{"count(*)", "I:count P:( O:* P:)"},
	{"a*/b", "I:a O:* O:/ I:b"},
	/* comments */
	{"a -- b\nc", "I:a C:-- b I:c"},
	{"a--b", "I:a O:- O:- I:b"},
	{"a --\nb --", "I:a C:-- I:b C:--"},
	{"a # b\nc", "I:a C:# b I:c"},
	{"a/* b */c", "I:a C:/* b */ I:c"},
	{"a/**/b/***/c/*/d*/", "I:a C:/**/ I:b C:/***/ I:c C:/*/d*/"},
	{"/* open", "C:/* open~"},
	{"/* open *", "C:/* open *~"},
	{"/*", "C:/*~"},
	{"/", "O:/"},
	{"SELECT /*+ NO_ICP(t) */ 1", "K:SELECT H:/*+ NO_ICP(t) */ N:1"},
	{"/*!50000 KEY */ a", "X:/*!50000 K:KEY X:*/ I:a"},
	{"/*!080013 KEY*/", "X:/*!080013 K:KEY X:*/"},
	{"/*!KEY*/ 1 */ 2", "X:/*! K:KEY X:*/ N:1 O:* O:/ N:2"},
	{"/*M!100100 KEY */", "X:/*M!100100 K:KEY X:*/"},
	{"/*! a /* b */ c */ d", "X:/*! I:a C:/* b */ I:c X:*/ I:d"},
	{"/*! a", "X:/*! I:a"},
	/* noise */
	{"\\N \x01\x02 a", "Z:\\ I:N Z:\x01\x02 I:a"},
	{"[a]", "Z:[ I:a Z:]"},
};

static void tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b = BUF_INIT;
		describe(&b, cases[i].text, strlen(cases[i].text));
		assert_string_equal(buf_str(&b), cases[i].want);
		buf_release(&b);
	}
}

static void every_prefix_is_covered(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t n = 0; n < strlen(cases[i].text); n++) {
			/* A copy of its own, so that reading behind it is noticed. */
			char *s = xmalloc(n + 1);
			memcpy(s, cases[i].text, n);
			struct buf b = BUF_INIT;
			s = xrealloc(s, n ? n : 1, 1);
			describe(&b, s, n);
			buf_release(&b);
			free(s);
		}
}

static void nul_bytes_are_bytes(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	describe(&b, "a\0\0b 'x\0y'", 10);
	assert_int_equal(b.len, strlen("I:a Z:.. I:b S:'x.y'"));
	buf_release(&b);
}

#define WORD_TEXT(word, use) #word,
static const char *const all_words[] = {SQL_WORDS(WORD_TEXT)};

static void words_are_sorted_and_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(all_words); i++) {
		const char *w = all_words[i];
		if (i > 0)
			assert_true(strcmp(all_words[i - 1], w) < 0);
		assert_true(strlen(w) < 32);
		enum sql_word word = sql_word_find(w, strlen(w));
		assert_int_equal(word, i + 1);
		assert_string_equal(sql_word_text(word), w);
		char lower[32] = {0};
		for (size_t k = 0; w[k]; k++)
			lower[k] = w[k] >= 'A' && w[k] <= 'Z' ? (char)(w[k] + 32) : w[k];
		assert_int_equal(sql_word_find(lower, strlen(w)), word);
		/* Neither more nor less than the word. */
		lower[strlen(w)] = 'q';
		assert_int_equal(sql_word_find(lower, strlen(w) + 1), SQLW_NONE);
	}
	assert_int_equal(sql_word_find("", 0), SQLW_NONE);
	assert_int_equal(sql_word_find("AAAA", 4), SQLW_NONE);
	assert_int_equal(sql_word_find("ZZZZ", 4), SQLW_NONE);
	assert_int_equal(sql_word_find("AN\0", 3), SQLW_NONE);
	assert_true(sql_word_reserved(SQLW_SELECT));
	assert_false(sql_word_reserved(SQLW_GROUPS));
	assert_string_equal(sql_word_text(SQLW_NONE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(every_prefix_is_covered),
		cmocka_unit_test(nul_bytes_are_bytes),
		cmocka_unit_test(words_are_sorted_and_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
