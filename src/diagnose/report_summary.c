/* The summary: what is found in a line each, and the numbers that everybody asks for first. */
#include "diagnose/reportsections.h"

#include "base/mem.h"
#include "model/metric.h"

enum { LINE_SEVERITY, LINE_ID, LINE_TEXT };

static const struct report_column lines[] = {
	[LINE_SEVERITY] = {.name = "severity", .title = "Severity", .ours = true},
	[LINE_ID] = {.name = "id", .title = "Finding", .ours = true},
	[LINE_TEXT] = {.name = "text", .title = "What is wrong"},
};

static const enum metric_id figures[] = {
	METRIC_QPS,	 METRIC_RUNNING,  METRIC_CONNECTED, METRIC_CONNECTIONS_USED, METRIC_LAG,
	METRIC_POOL_HIT, METRIC_REDO_USED, METRIC_HISTORY,   METRIC_HOST_CPU,	       METRIC_HOST_MEMORY,
};
static const enum metric_id curves[] = {METRIC_QPS, METRIC_RUNNING, METRIC_HOST_CPU};

static void list_findings(struct report_section *s, const struct part *p)
{
	struct report_table *t =
		report_table(s, "lines", "What was found", lines, COUNT_OF(lines));
	struct arena a = {0};
	for (unsigned i = 0; i < part_rows(p); i++) {
		struct finding f;
		if (!finding_read(&f, &a, p, i))
			continue;
		report_row(t);
		report_cell(t, LINE_SEVERITY, value_str(severity_name(f.severity)));
		report_cell_text(t, LINE_TEXT, "%s%s", f.caused_by ? "└ " : "", f.text);
		report_cell(t, LINE_ID, value_str(f.id));
	}
	arena_release(&a);
}

static void build(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part_quietly(in, PART_FINDINGS);
	if (p && part_rows(p))
		list_findings(s, p);
	else if (p)
		report_advise(s, "Nothing was found to be wrong.");
	for (unsigned i = 0; i < COUNT_OF(figures); i++)
		report_metric(s, in, figures[i]);
	for (unsigned i = 0; i < COUNT_OF(curves); i++)
		report_curve(s, in, curves[i]);
}

const struct report_builder report_summary = {
	.id = "summary",
	.title = "Summary",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_PROCESSLIST) |
		 PART_BIT(PART_INNODB) | PART_BIT(PART_REPLICATION),
	.build = build,
};
