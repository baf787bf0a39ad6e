#include "parse/sqlsecrets.h"

#include <string.h>
#include <strings.h>

static const char *const words[] = {"identified", "password", "passphrase", "secret"};
enum { N_WORDS = sizeof words / sizeof *words, REACH = 80 };

/* The length of the word that the text goes on with; 0: none of them. */
static size_t word_at(const char *s, const char *end)
{
	for (size_t i = 0; i < N_WORDS; i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(end - s) >= n && strncasecmp(s, words[i], n) == 0)
			return n;
	}
	return 0;
}

static bool may_begin(char c)
{
	return c && strchr("iIpPsS", c);
}

bool sql_may_have_secrets(const char *text, size_t len)
{
	for (const char *s = text, *end = text + len; s < end; s++)
		if (may_begin(*s) && word_at(s, end))
			return true;
	return false;
}

/* Behind the literal that begins at s, as far as there is text: a cut one is as secret as a whole one. */
static const char *literal_end(const char *s, const char *end)
{
	char quote = *s++;
	for (; s < end; s++) {
		if (*s == '\\' && s + 1 < end)
			s++;
		else if (*s == quote && s + 1 < end && s[1] == quote)
			s++;
		else if (*s == quote)
			return s + 1;
	}
	return end;
}

/* From behind the word on; returns where it stopped. */
static const char *hide_literals(struct buf *out, const char *s, const char *end)
{
	for (int left = REACH; s < end && left > 0 && !strchr(",;)}", *s); left--) {
		size_t n = may_begin(*s) ? word_at(s, end) : 0;
		if (n) {
			buf_add(out, s, n);
			s += n;
			left = REACH;
		} else if (*s == '\'' || *s == '"') {
			s = literal_end(s, end);
			buf_adds(out, "'***'");
			left = REACH;
		} else {
			buf_addc(out, *s++);
		}
	}
	return s;
}

void sql_hide_secrets(struct buf *out, const char *text, size_t len)
{
	const char *s = text, *end = text + len;
	while (s < end) {
		size_t n = may_begin(*s) ? word_at(s, end) : 0;
		if (!n) {
			buf_addc(out, *s++);
			continue;
		}
		buf_add(out, s, n);
		s = hide_literals(out, s + n, end);
	}
}
