#include "collect/innodb_name.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character that @ and four digits stand for; negative: it is none of these. */
static int32_t escaped(const char *s, const char *end)
{
	int32_t c = 0;
	if (end - s < 5 || *s != '@')
		return -1;
	for (int i = 1; i < 5; i++) {
		int d = digit(s[i]);
		if (d < 0)
			return -1;
		c = c * 16 + d;
	}
	return c;
}

static void decode(struct buf *out, const char *s, const char *end)
{
	while (s < end) {
		int32_t c = escaped(s, end);
		if (c > 0) {
			char text[4];
			buf_add(out, text, utf8_encode((uint32_t)c, text));
			s += 5;
		} else {
			buf_addc(out, *s++);
		}
	}
}

/* "#P#" of MariaDB, "#p#" of MySQL. */
static const char *before_partition(const char *s, const char *end)
{
	for (const char *p = s; p + 2 < end; p++)
		if (p[0] == '#' && (p[1] == 'P' || p[1] == 'p') && p[2] == '#')
			return p;
	return end;
}

bool innodb_name(struct buf *out, const char *name, size_t len, size_t *dot)
{
	const char *end = name + len, *slash = memchr(name, '/', len);
	if (!slash)
		return false;
	decode(out, name, slash);
	buf_addc(out, '.');
	if (dot)
		*dot = out->len;
	decode(out, slash + 1, before_partition(slash + 1, end));
	return true;
}
