/* The findings in full: evidence with its curves, who causes it, what to do, and what not to. */
#include "diagnose/reportsections.h"

#include <string.h>

#include "base/mem.h"
#include "diagnose/rule.h"
#include "model/metric.h"

enum { BLIND_RULE, BLIND_TITLE, BLIND_WHY };

static const struct report_column blind[] = {
	[BLIND_RULE] = {.name = "id", .title = "Finding", .ours = true},
	[BLIND_TITLE] = {.name = "title", .title = "What would be found", .ours = true},
	[BLIND_WHY] = {.name = "why", .title = "Why it was not judged"},
};

static void add_curves(struct report_section *s, const struct report_input *in,
		       struct report_finding *rf)
{
	for (unsigned i = 0; i < rf->f.n_evidence; i++)
		for (unsigned m = 0; m < N_METRICS; m++)
			if (strcmp(metric_get(m)->id, rf->f.evidence[i].name) == 0)
				rf->curves[i] = report_curve_of(s->report, in, m);
}

/* Unknown is not healthy: what could not be judged is named. */
static void add_blind(struct report_section *s, const struct report_input *in)
{
	struct report_table *t = report_table(s, "not_judged", "What could not be judged", blind,
					      COUNT_OF(blind));
	for (unsigned i = 0; in->blind && rules[i]; i++) {
		if (!in->blind[i])
			continue;
		report_row(t);
		report_cell(t, BLIND_RULE, value_str(rules[i]->id));
		report_cell(t, BLIND_TITLE, value_str(rules[i]->title));
		report_cell_text(t, BLIND_WHY, "not applicable: %s", in->blind[i]);
	}
}

/* A slope takes its time. */
static void add_trends(struct report_section *s, const struct report_input *in)
{
	struct buf b = BUF_INIT;
	double longest = 0;
	for (unsigned i = 0; rules[i]; i++) {
		if (rules[i]->window <= in->seconds)
			continue;
		buf_addf(&b, "%s%s (%.0f s)", b.len ? ", " : "", rules[i]->id, rules[i]->window);
		longest = rules[i]->window > longest ? rules[i]->window : longest;
	}
	if (b.len)
		report_note(s, "It was sampled for %.0f s. What shows over a longer time only can have been missed: "
			    "%s. --seconds=%.0f is long enough for all of them.", in->seconds, buf_str(&b), longest);
	buf_release(&b);
}

static void build(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part_quietly(in, PART_FINDINGS);
	struct arena a = {0};
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct finding f;
		if (finding_read(&f, &a, p, i))
			add_curves(s, in, report_finding(s, &f));
	}
	arena_release(&a);
	add_blind(s, in);
	add_trends(s, in);
}

const struct report_builder report_findings = {
	.id = "findings",
	.title = "Findings",
	.needs = PART_BIT(PART_FINDINGS),
	.build = build,
};
