#include "diagnose/reportpast.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "model/json.h"

enum { MOST_STATEMENTS = 500 };

struct report_past {
	json_t *all;
};

struct report_past *report_past_read(const char *text, size_t n)
{
	json_t *all = json_loadb(text, n, 0, NULL);
	if (!json_is_object(all) || !json_is_object(json_object_get(all, "statements")) ||
	    !json_is_integer(json_object_get(all, "wall"))) {
		json_decref(all);
		return NULL;
	}
	struct report_past *p = xmalloc(sizeof *p);
	p->all = all;
	return p;
}

void report_past_free(struct report_past *p)
{
	if (!p)
		return;
	json_decref(p->all);
	free(p);
}

bool report_past_fits(const struct report_past *p, const struct snapshot *now)
{
	const char *host = json_string_value(json_object_get(p->all, "hostname"));
	return host && strcmp(host, now->server.hostname) == 0;
}

int64_t report_past_wall(const struct report_past *p)
{
	return json_integer_value(json_object_get(p->all, "wall"));
}

bool report_past_statement(const struct report_past *p, const char *id,
			   struct report_past_statement *out)
{
	json_t *o = json_object_get(json_object_get(p->all, "statements"), id);
	out->calls = json_number_value(json_array_get(o, 0));
	out->time = json_number_value(json_array_get(o, 1));
	out->rows_examined = json_number_value(json_array_get(o, 2));
	return o != NULL;
}

void report_past_write(struct buf *out, const struct report_input *in)
{
	const struct part *p = report_part_quietly(in, PART_STATEMENTS);
	struct arena a = {0};
	if (!p || !part_rows(p))
		return;
	unsigned *order = part_order(p, "time", &a);
	json_t *all = json_object(), *list = json_object();
	for (unsigned i = 0; i < part_rows(p) && i < MOST_STATEMENTS; i++) {
		struct value id = part_cell(p, order[i], "id");
		char *key = id.type == VALUE_TEXT ? xstrndup(id.s, id.len) : NULL;
		if (!key)
			continue;
		json_object_set_new(
			list, key,
			json_pack("[f, f, f]", value_number(part_cell(p, order[i], "calls"), 0),
				  value_number(part_cell(p, order[i], "time"), 0),
				  value_number(part_cell(p, order[i], "rows_examined"), 0)));
		free(key);
	}
	json_object_set_new(all, "wall", json_integer(in->now->wall));
	json_object_set_new(all, "hostname", json_of_text(in->now->server.hostname,
							  strlen(in->now->server.hostname)));
	json_object_set_new(all, "statements", list);
	json_add_line(out, all);
	json_decref(all);
	arena_release(&a);
}
