#include "parse/wildcard.h"

#include <ctype.h>
#include <string.h>

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Only the last `*` is ever gone back to, so that this is never worse than the lengths' product. */
bool wildcard_match(const char *pattern, size_t n, const char *text)
{
	const char *p = pattern, *end = pattern + n, *star = NULL, *from = NULL;

	while (*text) {
		if (p < end && *p == '*') {
			star = ++p;
			from = text;
		} else if (p < end && (*p == '?' || same(*p, *text))) {
			p++;
			text++;
		} else if (star) {
			p = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

enum wildcard_answer wildcard_list(const char *list, size_t n, char separator, const char *text)
{
	const char *end = list + n;
	enum wildcard_answer found = WILDCARD_NO;

	while (list < end) {
		const char *stop = memchr(list, separator, (size_t)(end - list));
		bool not = *list == '!';
		if (!stop)
			stop = end;
		if (wildcard_match(list + not, (size_t)(stop - list) - not, text)) {
			if (not)
				return WILDCARD_EXCLUDED;
			found = WILDCARD_YES;
		}
		list = stop + 1;
	}
	return found;
}
