#include "diagnose/reportwrite.h"

#include <string.h>

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
