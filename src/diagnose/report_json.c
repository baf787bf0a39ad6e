/* Reports as JSON Lines: one object for each target, then the comparison. */
#include "diagnose/reportwrite.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "model/json.h"

static json_t *text_of(const char *s)
{
	return s ? json_of_text(s, strlen(s)) : json_null();
}

/* As the findings part has it. */
static json_t *json_of_finding(const struct finding *f)
{
	struct part *p = findings_part(&f, 1, 0, 0);
	json_t *j = json_of_row(p, 0);
	part_unref(p);
	return j;
}

static json_t *json_of_curve(const struct report_curve *c)
{
	json_t *o = json_object(), *points = json_array();
	for (unsigned i = 0; i < c->n; i++)
		json_array_append_new(
			points, json_pack("[f, o]", (double)c->age[i],
					  isfinite(c->value[i]) ? json_real((double)c->value[i])
								: json_null()));
	json_object_set_new(o, "name", text_of(c->name));
	json_object_set_new(o, "unit", json_string(unit_name(c->unit)));
	json_object_set_new(o, "rate", json_boolean(c->rate));
	json_object_set_new(o, "points", points);
	return o;
}

static json_t *json_of_cell(enum unit u, struct value v)
{
	const struct field as = {.unit = u};
	return json_of_value(&as, v);
}

static json_t *json_of_table(const struct report_table *t)
{
	json_t *o = json_object(), *rows = json_array();
	for (unsigned r = 0; r < t->n_rows; r++) {
		json_t *row = json_object();
		for (unsigned k = 0; k < t->n_columns; k++)
			json_object_set_new(row, t->columns[k].name,
					    json_of_cell(t->columns[k].unit, report_cell_at(t, r, k)));
		json_array_append_new(rows, row);
	}
	json_object_set_new(o, "rows_cut", json_integer(t->cut));
	json_object_set_new(o, "rows", rows);
	return o;
}

static void add_facts(json_t *list, const struct report_fact *f)
{
	for (; f; f = f->next) {
		json_t *o = json_object();
		json_object_set_new(o, "name", text_of(f->name));
		json_object_set_new(o, "value", json_of_cell(f->unit, f->value));
		json_object_set_new(o, "unit", json_string(unit_name(f->unit)));
		json_object_set_new(o, "note", text_of(f->note));
		json_array_append_new(list, o);
	}
}

/* {"title","texts":[],"facts":[],"tables":{},"curves":[]} */
static json_t *json_of_section(const struct report_section *s)
{
	json_t *o = json_object(), *texts = json_array(), *facts = json_array();
	json_t *tables = json_object(), *curves = json_array();
	for (const struct report_block *b = s->first; b; b = b->next) {
		switch (b->kind) {
		case REPORT_TEXT:
		case REPORT_NOTE:
		case REPORT_CODE:
			json_array_append_new(texts, text_of(b->text));
			break;
		case REPORT_FACTS:
			add_facts(facts, b->facts);
			break;
		case REPORT_TABLE:
			json_object_set_new(tables, b->table->name, json_of_table(b->table));
			break;
		case REPORT_CURVE:
			json_array_append_new(curves, json_of_curve(b->curve));
			break;
		case REPORT_FINDING:
			break; /* they stand at the top */
		}
	}
	json_object_set_new(o, "title", json_string(s->title));
	json_object_set_new(o, "texts", texts);
	json_object_set_new(o, "facts", facts);
	json_object_set_new(o, "tables", tables);
	json_object_set_new(o, "curves", curves);
	return o;
}

static json_t *json_of_findings(const struct report *r)
{
	json_t *list = json_array();
	for (const struct report_section *s = r->first; s; s = s->next)
		for (const struct report_block *b = s->first; b; b = b->next)
			if (b->kind == REPORT_FINDING)
				json_array_append_new(list, json_of_finding(&b->finding->f));
	return list;
}

static json_t *json_of_sections(const struct report *r)
{
	json_t *all = json_object();
	for (const struct report_section *s = r->first; s; s = s->next)
		json_object_set_new(all, s->id, json_of_section(s));
	return all;
}

static json_t *json_of_report(const struct report *r)
{
	json_t *o = r->head ? json_copy(r->head) : json_object();
	json_object_set_new(o, "partial", json_boolean(r->partial));
	json_object_set_new(o, "seconds", json_real(r->seconds));
	json_object_set_new(o, "severity", json_string(severity_name(r->severity)));
	json_object_set_new(o, "verdict", text_of(r->verdict_id));
	json_object_set_new(o, "text", text_of(r->verdict));
	json_object_set_new(o, "findings", json_of_findings(r));
	json_object_set_new(o, "sections", json_of_sections(r));
	return o;
}

/* {"comparison":[{"id","title",…}]}: a section each. */
static json_t *json_of_comparison(const struct report *r)
{
	json_t *list = json_array();
	for (const struct report_section *s = r->first; s; s = s->next) {
		json_t *o = json_of_section(s);
		json_object_set_new(o, "id", json_string(s->id));
		json_array_append_new(list, o);
	}
	return json_pack("{so}", "comparison", list);
}

void report_write_json(struct buf *out, const struct report_book *b)
{
	for (unsigned i = 0; i < b->n; i++) {
		json_t *o = json_of_report(b->reports[i]);
		json_add_line(out, o);
		json_decref(o);
	}
	if (b->comparison) {
		json_t *o = json_of_comparison(b->comparison);
		json_add_line(out, o);
		json_decref(o);
	}
}
