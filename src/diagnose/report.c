#include "diagnose/report.h"

#include <jansson.h>
#include <math.h>

#include "base/mem.h"
#include "model/metric.h"

static const char *vtext(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static const char *vtext(struct arena *a, const char *fmt, va_list ap)
{
	char *made = xvasprintf(fmt, ap);
	const char *kept = arena_strdup(a, made);
	free(made);
	return kept;
}

/* --- the document ----------------------------------------------------------------------------- */

struct report *report_new(const char *target)
{
	struct report *r = xcalloc(1, sizeof *r);
	r->target = arena_strdup(&r->arena, target);
	r->server = r->role = r->verdict = "";
	return r;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	arena_release(&r->arena);
	json_decref(r->head);
	free(r);
}

struct report_section *report_section(struct report *r, const char *id, const char *title)
{
	struct report_section *s = arena_zalloc(&r->arena, sizeof *s);
	s->id = id;
	s->title = title;
	s->report = r;
	if (r->last)
		r->last->next = s;
	else
		r->first = s;
	return r->last = s;
}

struct report_section *report_section_by_id(const struct report *r, const char *id)
{
	for (struct report_section *s = r->first; s; s = s->next)
		if (strcmp(s->id, id) == 0)
			return s;
	return NULL;
}

static struct report_block *add_block(struct report_section *s, enum report_kind kind)
{
	struct report_block *b = arena_zalloc(&s->report->arena, sizeof *b);
	b->kind = kind;
	if (s->last)
		s->last->next = b;
	else
		s->first = b;
	return s->last = b;
}

/* --- texts ------------------------------------------------------------------------------------ */

#define ADD_TEXT(s, kind, fmt) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		add_block(s, kind)->text = vtext(&(s)->report->arena, fmt, ap); \
		va_end(ap); \
	} while (0)

void report_say(struct report_section *s, const char *fmt, ...)
{
	ADD_TEXT(s, REPORT_TEXT, fmt);
}

void report_note(struct report_section *s, const char *fmt, ...)
{
	ADD_TEXT(s, REPORT_NOTE, fmt);
}

void report_code(struct report_section *s, const char *fmt, ...)
{
	ADD_TEXT(s, REPORT_CODE, fmt);
}

void report_advise(struct report_section *s, const char *text)
{
	struct report_block *b = add_block(s, REPORT_TEXT);
	b->text = arena_strdup(&s->report->arena, text);
	b->ours = true;
}

/* --- facts ------------------------------------------------------------------------------------ */

static struct value keep(struct report *r, struct value v)
{
	return v.type == VALUE_TEXT ? value_text(arena_strndup(&r->arena, v.s, v.len), v.len) : v;
}

static struct report_fact *add_fact(struct report_section *s, const char *name)
{
	struct report_fact *f = arena_zalloc(&s->report->arena, sizeof *f);
	f->name = arena_strdup(&s->report->arena, name);
	if (s->last && s->last->kind == REPORT_FACTS) {
		struct report_fact *last = s->last->facts;
		while (last->next)
			last = last->next;
		return last->next = f;
	}
	return add_block(s, REPORT_FACTS)->facts = f;
}

void report_fact(struct report_section *s, const char *name, enum unit unit, struct value v,
		 const char *note)
{
	struct report_fact *f = add_fact(s, name);
	f->unit = unit;
	f->value = keep(s->report, v);
	f->note = note ? arena_strdup(&s->report->arena, note) : NULL;
}

void report_fact_text(struct report_section *s, const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add_fact(s, name)->value = value_str(vtext(&s->report->arena, fmt, ap));
	va_end(ap);
}

void report_metric(struct report_section *s, const struct report_input *in, unsigned metric,
		   const char *name)
{
	const struct metric *m = metric_get(metric);
	struct value v = timeline_metric(in->timeline, metric);
	if (v.type == VALUE_ABSENT)
		return;
	report_fact(s, name ? name : m->title, m->unit, v, NULL);
	struct report_fact *f = s->last->facts;
	while (f->next)
		f = f->next;
	f->rate = m->rate;
}

/* --- curves ----------------------------------------------------------------------------------- */

enum { FEWEST_POINTS = 3 };

struct report_curve *report_curve_of(struct report *r, const struct report_input *in, unsigned metric)
{
	const struct metric *m = metric_get(metric);
	const struct series *from = timeline_series(in->timeline, metric);
	unsigned n = from ? series_length(from) : 0, known = 0;
	for (unsigned i = 0; i < n; i++)
		known += !isnan(series_value(from, i));
	if (known < FEWEST_POINTS)
		return NULL;
	struct report_curve *c = arena_zalloc(&r->arena, sizeof *c);
	float *age = arena_alloc(&r->arena, n * sizeof *age);
	float *value = arena_alloc(&r->arena, n * sizeof *value);
	for (unsigned i = 0; i < n; i++) {
		age[n - 1 - i] = (float)series_age(from, i);
		value[n - 1 - i] = (float)series_value(from, i);
	}
	*c = (struct report_curve){m->id, m->title, m->unit, m->rate, n, age, value};
	return c;
}

void report_curve(struct report_section *s, const struct report_input *in, unsigned metric,
		  const char *name)
{
	struct report_curve *c = report_curve_of(s->report, in, metric);
	if (!c)
		return;
	c->title = name ? name : c->title;
	add_block(s, REPORT_CURVE)->curve = c;
}

void report_figures(struct report_section *s, const struct report_input *in,
		    const struct report_figure *figures, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		report_metric(s, in, figures[i].metric, figures[i].name);
	for (unsigned i = 0; i < n; i++)
		if (figures[i].curve)
			report_curve(s, in, figures[i].metric, figures[i].name);
}

/* --- findings --------------------------------------------------------------------------------- */

static const char *kept(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

struct report_finding *report_finding(struct report_section *s, const struct finding *f)
{
	struct arena *a = &s->report->arena;
	struct report_finding *own = arena_zalloc(a, sizeof *own);
	struct finding *to = &own->f;
	*to = *f;
	to->id = kept(a, f->id);
	to->title = kept(a, f->title);
	to->text = kept(a, f->text);
	to->explanation = kept(a, f->explanation);
	to->right = kept(a, f->right);
	to->wrong = kept(a, f->wrong);
	to->reference = kept(a, f->reference);
	to->caused_by = kept(a, f->caused_by);
	for (unsigned i = 0; i < f->n_evidence; i++) {
		to->evidence[i].name = arena_strdup(a, f->evidence[i].name);
		to->evidence[i].value = keep(s->report, f->evidence[i].value);
	}
	for (unsigned i = 0; i < f->n_culprits; i++)
		to->culprits[i].id = arena_strdup(a, f->culprits[i].id);
	for (unsigned i = 0; i < f->n_suspects; i++)
		to->suspects[i].id = arena_strdup(a, f->suspects[i].id);
	for (unsigned i = 0; i < f->n_steps; i++)
		to->steps[i].text = arena_strdup(a, f->steps[i].text);
	for (unsigned i = 0; i < f->n_causes; i++)
		to->causes[i] = arena_strdup(a, f->causes[i]);
	return add_block(s, REPORT_FINDING)->finding = own;
}

/* --- tables ----------------------------------------------------------------------------------- */

struct report_table *report_table(struct report_section *s, const char *name, const char *title,
				  const struct report_column *columns, unsigned n)
{
	struct report_table *t = arena_zalloc(&s->report->arena, sizeof *t);
	*t = (struct report_table){.name = name, .title = title, .columns = columns, .n_columns = n,
				   .report = s->report};
	return add_block(s, REPORT_TABLE)->table = t;
}

void report_row(struct report_table *t)
{
	if (t->n_rows == t->cap) {
		unsigned cap = t->cap ? 2 * t->cap : 8;
		struct value *more = arena_zalloc(&t->report->arena,
						  (size_t)cap * t->n_columns * sizeof *more);
		if (t->n_rows)
			memcpy(more, t->cells, (size_t)t->n_rows * t->n_columns * sizeof *more);
		t->cells = more;
		t->cap = cap;
	}
	t->n_rows++;
}

void report_cell(struct report_table *t, unsigned column, struct value v)
{
	t->cells[(size_t)(t->n_rows - 1) * t->n_columns + column] = keep(t->report, v);
}

void report_cell_text(struct report_table *t, unsigned column, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	report_cell(t, column, value_str(vtext(&t->report->arena, fmt, ap)));
	va_end(ap);
}

/* --- rows in order ---------------------------------------------------------------------------- */

struct ranked {
	struct value v;
	unsigned row;
};

static int greatest_first(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	int d = value_compare(a->v, b->v, true);
	return d ? d : (a->row > b->row) - (a->row < b->row);
}

unsigned *part_order(const struct part *p, const char *field, struct arena *a)
{
	unsigned n = part_rows(p);
	struct ranked *list = xcalloc(n + 1, sizeof *list);
	unsigned *order = arena_alloc(a, (n + 1) * sizeof *order);
	for (unsigned i = 0; i < n; i++)
		list[i] = (struct ranked){part_cell(p, i, field), i};
	qsort(list, n, sizeof *list, greatest_first);
	for (unsigned i = 0; i < n; i++)
		order[i] = list[i].row;
	free(list);
	return order;
}

/* --- what was sampled ------------------------------------------------------------------------- */

const struct part *report_part_quietly(const struct report_input *in, enum part_id id)
{
	const struct part *p = in->now ? in->now->parts[id] : NULL;
	return p && (part_status(p) == PART_OK || part_status(p) == PART_STALE) ? p : NULL;
}

const struct part *report_part(struct report_section *s, const struct report_input *in,
			       enum part_id id)
{
	const struct part *p = in->now ? in->now->parts[id] : NULL;
	const struct part *good = report_part_quietly(in, id);
	if (!p)
		report_note(s, "%s: not read in the time there was.", part_title(id));
	else if (part_status(p) != PART_OK)
		report_note(s, "%s: %s: %s.", part_title(id), part_status_name(part_status(p)),
			    part_reason(p) ? part_reason(p) : "no reason known");
	return good;
}

struct value report_growth(const struct report_input *in, enum part_id id, unsigned row,
			   unsigned field, double *seconds)
{
	const struct part *p = report_part_quietly(in, id), *begin = in->begin ? in->begin[id] : NULL;
	if (!p || !begin || part_read_mono(begin) >= part_read_mono(p))
		return VALUE_NONE;
	int was = part_find(begin, part_get(p, row, part_schema(p)->key));
	struct value now = part_get(p, row, field);
	struct value then = was < 0 ? VALUE_NONE : part_get(begin, (unsigned)was, field);
	if (!value_is_number(now) || !value_is_number(then) || value_compare(now, then, false) < 0)
		return VALUE_NONE;
	if (seconds)
		*seconds = (double)(part_read_mono(p) - part_read_mono(begin)) / 1e9;
	return now.type == VALUE_INT && then.type == VALUE_INT
		       ? value_int(now.i - then.i)
		       : value_real(value_number(now, 0) - value_number(then, 0));
}

struct value report_status(const struct report_input *in, const char *name)
{
	const struct part *p = report_part_quietly(in, PART_STATUS);
	return p ? part_lookup(p, name) : VALUE_NONE;
}

struct value report_variable(const struct report_input *in, const char *name)
{
	const struct part *p = report_part_quietly(in, PART_VARIABLES);
	return p ? part_lookup(p, name) : VALUE_NONE;
}
