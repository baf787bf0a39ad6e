#include "model/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct value value_int(int64_t i)
{
	return (struct value){.type = VALUE_INT, .i = i};
}

struct value value_real(double r)
{
	return (struct value){.type = VALUE_REAL, .r = r};
}

struct value value_text(const char *s, uint32_t len)
{
	return (struct value){.type = VALUE_TEXT, .len = len, .s = s};
}

struct value value_str(const char *s)
{
	return s ? value_text(s, (uint32_t)strlen(s)) : VALUE_NONE;
}

double value_number(struct value v, double otherwise)
{
	return v.type == VALUE_INT ? (double)v.i : v.type == VALUE_REAL ? v.r : otherwise;
}

int64_t value_integer(struct value v, int64_t otherwise)
{
	if (v.type == VALUE_INT)
		return v.i;
	if (v.type == VALUE_REAL && v.r > -9e18 && v.r < 9e18)
		return (int64_t)v.r;
	return otherwise;
}

const char *value_cstr(struct value v)
{
	return v.type == VALUE_TEXT ? v.s : "";
}

static int compare_text(struct value a, struct value b)
{
	uint32_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.s, b.s, n) : 0;
	return d ? d : (a.len > b.len) - (a.len < b.len);
}

static int compare_present(struct value a, struct value b)
{
	if (a.type == VALUE_TEXT && b.type == VALUE_TEXT)
		return compare_text(a, b);
	if (a.type == VALUE_TEXT || b.type == VALUE_TEXT)
		return a.type == VALUE_TEXT ? 1 : -1;
	if (a.type == VALUE_INT && b.type == VALUE_INT)
		return (a.i > b.i) - (a.i < b.i);
	double x = value_number(a, 0), y = value_number(b, 0);
	return (x > y) - (x < y);
}

int value_compare(struct value a, struct value b, bool descending)
{
	if (a.type == VALUE_ABSENT || b.type == VALUE_ABSENT)
		return (a.type == VALUE_ABSENT) - (b.type == VALUE_ABSENT);
	int d = compare_present(a, b);
	return descending ? -d : d;
}

bool value_equal(struct value a, struct value b)
{
	return value_compare(a, b, false) == 0;
}

struct value value_parse(const char *s, uint32_t len)
{
	enum { LONGEST_NUMBER = 40 };
	char copy[LONGEST_NUMBER + 1], *end;
	if (len == 0 || len > LONGEST_NUMBER || !strchr("-.0123456789", s[0]))
		return value_text(s, len);
	memcpy(copy, s, len);
	copy[len] = '\0';
	if (strspn(copy + 1, ".0123456789eE+-") + 1 != len)
		return value_text(s, len);
	errno = 0;
	long long i = strtoll(copy, &end, 10);
	if (end == copy + len && errno == 0)
		return value_int(i);
	double r = strtod(copy, &end);
	return end == copy + len ? value_real(r) : value_text(s, len);
}
