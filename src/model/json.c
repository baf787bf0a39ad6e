#include "model/json.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/utf8.h"

json_t *json_of_text(const char *s, size_t n)
{
	json_t *j = json_stringn(s, n);
	if (j)
		return j;
	struct buf good = BUF_INIT;
	utf8_repair(&good, s, n);
	j = json_stringn(buf_str(&good), good.len);
	BUG_ON(!j);
	buf_release(&good);
	return j;
}

static json_t *optional(const char *s)
{
	return s && *s ? json_of_text(s, strlen(s)) : json_null();
}

json_t *json_of_value(const struct field *field, struct value v)
{
	switch (v.type) {
	case VALUE_INT:
		return field && field->unit == UNIT_BOOL ? json_boolean(v.i != 0) : json_integer(v.i);
	case VALUE_REAL:
		return isfinite(v.r) ? json_real(v.r) : json_null();
	case VALUE_TEXT: {
		json_t *list = field && field->unit == UNIT_JSON ? json_loadb(v.s, v.len, 0, NULL) : NULL;
		return list ? list : json_of_text(v.s, v.len);
	}
	case VALUE_ABSENT:
		break;
	}
	return json_null();
}

json_t *json_of_time(int64_t wall_us)
{
	char text[CLOCK_RFC3339_SIZE];
	return wall_us > 0 ? json_string(clock_rfc3339(wall_us, text)) : json_null();
}

json_t *json_of_row(const struct part *p, unsigned row)
{
	const struct schema *s = part_schema(p);
	json_t *o = json_object();
	for (unsigned f = 0; f < s->n_fields; f++)
		json_object_set_new_nocheck(o, s->fields[f].name,
					    json_of_value(&s->fields[f], part_get(p, row, f)));
	return o;
}

static json_t *absent_fields(const struct part *p)
{
	const struct schema *s = part_schema(p);
	json_t *o = json_object();
	for (unsigned f = 0; f < s->n_fields; f++)
		if (part_absent_reason(p, f))
			json_object_set_new(o, s->fields[f].name, optional(part_absent_reason(p, f)));
	return o;
}

json_t *json_of_part(const struct part *p)
{
	json_t *o = json_object(), *rows = json_array();
	json_object_set_new(o, "status", json_string(part_status_name(part_status(p))));
	json_object_set_new(o, "reason", optional(part_reason(p)));
	json_object_set_new(o, "read_at", json_of_time(part_read_wall(p)));
	json_object_set_new(o, "ms", part_read_wall(p) > 0 ? json_real(part_ms(p)) : json_null());
	json_object_set_new(o, "rows_cut", json_integer(part_rows_cut(p)));
	json_object_set_new(o, "absent", absent_fields(p));
	for (unsigned r = 0; r < part_rows(p); r++)
		json_array_append_new(rows, json_of_row(p, r));
	json_object_set_new(o, "rows", rows);
	return o;
}

json_t *json_of_err(const struct err *e)
{
	if (e->kind == ERR_NONE)
		return json_null();
	struct buf what = BUF_INIT;
	buf_addf(&what, "%s%s%s", e->what, e->what[0] && e->why[0] ? ": " : "", e->why);
	json_t *o = json_object();
	json_object_set_new(o, "code", json_string(err_kind_name(e->kind)));
	json_object_set_new(o, "number", e->code ? json_integer(e->code) : json_null());
	json_object_set_new(o, "what", json_of_text(buf_str(&what), what.len));
	json_object_set_new(o, "hint", optional(e->hint));
	buf_release(&what);
	return o;
}

static json_t *target_object(const struct snapshot *s, const struct json_target *t)
{
	json_t *o = json_object();
	json_object_set_new(o, "name", optional(t->name));
	json_object_set_new(o, "host", optional(t->host));
	json_object_set_new(o, "port", t->port ? json_integer(t->port) : json_null());
	json_object_set_new(o, "socket", optional(t->socket));
	json_object_set_new(o, "flavor", s->server.flavor == FLAVOR_UNKNOWN
						 ? json_null()
						 : json_string(flavor_name(s->server.flavor)));
	json_object_set_new(o, "version", optional(s->server.version));
	json_object_set_new(o, "role", json_string(role_name(s->role)));
	json_object_set_new(o, "label", optional(t->label));
	return o;
}

json_t *json_of_snapshot(const struct snapshot *s, const struct json_target *t, part_mask parts,
			 bool partial)
{
	json_t *o = json_object(), *all = json_object();
	json_object_set_new(o, "fathom", json_string(PACKAGE_VERSION));
	json_object_set_new(o, "time", json_of_time(s->wall));
	json_object_set_new(o, "target", target_object(s, t));
	json_object_set_new(o, "error", json_of_err(&s->err));
	json_object_set_new(o, "partial", json_boolean(partial));
	json_object_set_new(o, "uptime", s->uptime >= 0 ? json_real(s->uptime) : json_null());
	for (int i = 0; i < N_PARTS; i++)
		if (s->parts[i] && parts & PART_BIT(i))
			json_object_set_new(all, part_name((enum part_id)i), json_of_part(s->parts[i]));
	json_object_set_new(o, "parts", all);
	return o;
}

static int add_piece(const char *s, size_t n, void *out)
{
	buf_add(out, s, n);
	return 0;
}

void json_add_line(struct buf *out, const json_t *j)
{
	json_dump_callback(j, add_piece, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
	buf_addc(out, '\n');
}
