/*
 * What a person or a terminal can send: the input is a filter over a small table, a theme file, and
 * the bytes of keys, each on its own. Filters must end, whatever they ask.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "model/filter.h"
#include "ui/key.h"
#include "ui/theme.h"
#include "tests/fuzz/fuzz.h"

static const struct filter_field fields[] = {
	{"id", UNIT_ID, true},       {"user", UNIT_NONE, true}, {"time", UNIT_SECONDS, false},
	{"memory", UNIT_BYTES, false}, {"info", UNIT_SQL, true},
};

static struct value get(const void *row, unsigned field)
{
	switch (field) {
	case 0:
		return value_int(812);
	case 2:
		return value_real(0.25);
	case 3:
		return VALUE_NONE;
	default:
		return value_str(row);
	}
}

static void filter(const char *text)
{
	static const char info[] = "SELECT \"a=b\" FROM t WHERE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
	struct err e;
	size_t at = 0, start = 0, end = 0;
	struct filter *f = filter_compile(text, fields, 5, &e, &at);
	BUG_ON(!f && at > strlen(text));
	if (!f)
		return;
	filter_match(f, get, info);
	while (filter_find(f, 4, info, strlen(info), &start, &end)) {
		BUG_ON(end <= start || end > strlen(info));
		start = end;
	}
	filter_free(f);
}

static void keys(const char *s, size_t n)
{
	while (n) {
		struct key key;
		char name[KEY_NAME_SIZE];
		size_t used = key_decode(s, n, true, &key);
		BUG_ON(used == 0 || used > n);
		BUG_ON(strlen(key_print(key, name)) >= KEY_NAME_SIZE);
		s += used;
		n -= used;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	struct theme theme;
	struct err e;
	struct key key;
	filter(text);
	theme_parse(&theme, "fuzz", "fuzz", text, NULL, &e);
	key_parse(text, &key);
	keys(text, size);
	free(text);
	return 0;
}
