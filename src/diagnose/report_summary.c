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

static const struct report_figure figures[] = {
	{METRIC_QPS, "statements", true},
	{METRIC_RUNNING, "threads running", true},
	{METRIC_CONNECTED, "connections", false},
	{METRIC_CONNECTIONS_USED, "of max_connections", false},
	{METRIC_LAG, "replication lag", true},
	{METRIC_POOL_HIT, "buffer pool hits", false},
	{METRIC_REDO_USED, "redo log used", false},
	{METRIC_HISTORY, "history list length", false},
	{METRIC_HOST_CPU, "CPU of the host", true},
	{METRIC_HOST_MEMORY, "memory of the host", false},
	{METRIC_HOST_LATENCY, "disk latency", false},
};

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
	report_figures(s, in, figures, COUNT_OF(figures));
}

const struct report_builder report_summary = {
	.id = "summary",
	.title = "Summary",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_PROCESSLIST) |
		 PART_BIT(PART_INNODB) | PART_BIT(PART_REPLICATION) | PART_BIT(PART_HOST_CPU) |
		 PART_BIT(PART_HOST_MEMORY) | PART_BIT(PART_HOST_DISK),
	.build = build,
};
