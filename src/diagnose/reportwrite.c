#include "diagnose/reportwrite.h"

#include <math.h>

#include "base/utf8.h"
/* A bare 20.0 would not say of what. */
static void add_seconds(struct buf *out, double s)
{
	if (s > 0 && s < 0.001)
		buf_addf(out, "%.3g µs", 1e6 * s);
	else if (s > 0 && s < 1)
		buf_addf(out, "%.3g ms", 1e3 * s);
	else if (s < 60)
		buf_addf(out, "%.3g s", s);
	else
		unit_duration(out, s);
}

void report_value(struct buf *out, enum unit u, struct value v, bool rate)
{
	if (v.type == VALUE_TEXT) {
		utf8_scrub(out, v.s, v.len);
	} else if (u == UNIT_SECONDS && !rate && v.type != VALUE_ABSENT) {
		add_seconds(out, value_number(v, 0));
	} else {
		unit_format(out, u, v, rate);
		if (rate && v.type != VALUE_ABSENT && u != UNIT_SECONDS)
			buf_adds(out, "/s");
	}
}

void report_step(struct buf *out, const struct step *s)
{
	if (s->kind == STEP_KILL_QUERY)
		buf_adds(out, "KILL QUERY ");
	else if (s->kind == STEP_KILL_CONNECTION)
		buf_adds(out, "KILL CONNECTION ");
	buf_adds(out, s->text);
}

struct value report_cell_at(const struct report_table *t, unsigned row, unsigned column)
{
	return t->cells[(size_t)row * t->n_columns + column];
}

void report_cell_shown(struct buf *out, const struct report_table *t, unsigned row, unsigned column)
{
	const struct report_column *c = &t->columns[column];
	struct value v = report_cell_at(t, row, column);
	if (c->most && v.type == VALUE_TEXT && v.len > c->most) {
		utf8_scrub(out, v.s, utf8_fit(v.s, v.len, (int)c->most));
		buf_adds(out, "…");
	} else {
		report_value(out, c->unit, v, c->rate);
	}
}

/* In as many columns as there are points, but not too many; each is the greatest of its share. */
enum { SPARK = 40 };

void report_spark(struct buf *out, const struct report_curve *c, float *least, float *most)
{
	static const char *const steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	unsigned columns = c->n < SPARK ? c->n : SPARK;
	float cells[SPARK];
	*least = INFINITY;
	*most = -INFINITY;
	for (unsigned k = 0; k < columns; k++)
		cells[k] = NAN;
	for (unsigned i = 0; i < c->n; i++) {
		unsigned k = (unsigned)((size_t)i * columns / c->n);
		cells[k] = fmaxf(cells[k], c->value[i]);
		*least = fminf(*least, c->value[i]);
		*most = fmaxf(*most, c->value[i]);
	}
	for (unsigned k = 0; k < columns; k++) {
		float share = *most > 0 ? cells[k] / *most : 0;
		int step = share > 0 ? (int)(share * 7.999F) : 0;
		buf_adds(out, isnan(cells[k]) ? " " : steps[step > 7 ? 7 : step]);
	}
}

const char *report_evidence_title(const struct report_finding *f, unsigned i)
{
	return f->curves[i] ? f->curves[i]->title : f->f.evidence[i].name;
}

bool report_evidence_rate(const struct report_finding *f, unsigned i)
{
	return f->curves[i] && f->curves[i]->rate;
}

bool report_section_shown(const struct report_section *s)
{
	for (const struct report_block *b = s->first; b; b = b->next)
		if (b->kind != REPORT_TABLE || b->table->n_rows)
			return true;
	return false;
}
