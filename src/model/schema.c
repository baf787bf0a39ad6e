#include "model/schema.h"

#include <stdint.h>
#include <string.h>

/* Tables ask for the same few fields row after row: where a name was found is where it is looked for first the
   next time. A slot is only a guess; the name itself decides. */
enum { GUESSES = 256 }; /* eight bits of a hash */
struct guess {
	const struct schema *schema;
	unsigned field;
};

static struct guess *guess_of(const struct schema *s, const char *name)
{
	static _Thread_local struct guess guesses[GUESSES];
	uint64_t mixed = ((uint64_t)(uintptr_t)s + (uint64_t)(uintptr_t)name) * UINT64_C(0x9e3779b97f4a7c15);
	return &guesses[mixed >> 56];
}

int schema_field(const struct schema *s, const char *name)
{
	struct guess *g = guess_of(s, name);
	if (g->schema == s && strcmp(s->fields[g->field].name, name) == 0)
		return (int)g->field;
	for (unsigned i = 0; i < s->n_fields; i++)
		if (strcmp(s->fields[i].name, name) == 0) {
			*g = (struct guess){s, i};
			return (int)i;
		}
	return -1;
}
