#include "collect/names.h"

#include <string.h>

void names_add(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->at[i], name) == 0)
			return;
	if (names->n < NAMES_MOST)
		names->at[names->n++] = name;
}

void names_args(const struct names *const lists[2], struct stmt_arg out[2], struct buf *keep)
{
	size_t bytes = 0, pointers = 0;
	for (int l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l]->n; i++, pointers++)
			bytes += strlen(lists[l]->at[i]) + 1;
	buf_reserve(keep, bytes + (pointers + 2) * sizeof(char *));
	const char **at = (const char **)(void *)keep->s;
	char *text = keep->s + (pointers + 2) * sizeof *at;
	for (int l = 0; l < 2; l++) {
		const char **first = at;
		for (size_t i = 0; i < lists[l]->n; i++) {
			*at++ = text;
			text = stpcpy(text, lists[l]->at[i]) + 1;
		}
		if (at == first)
			*at++ = "";
		out[l] = STMT_STRINGS((const char *const *)first, (size_t)(at - first));
	}
}
