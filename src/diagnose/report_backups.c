/* Backups: what tools wrote down, who is at it now, what the statements of the past tell, and whether there is
   a binary log to go on from. */
#include "diagnose/reportsections.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "diagnose/rule.h"

static const struct report_column history_columns[] = {
	{.name = "tool", .title = "Tool"}, {.name = "kind", .title = "Kind"},
	{.name = "start", .title = "Started", .unit = UNIT_WALL},
	{.name = "end", .title = "Ended", .unit = UNIT_WALL},
	{.name = "ok", .title = "Good", .unit = UNIT_BOOL}, {.name = "error", .title = "Error"},
};
enum { MOST_BACKUPS = 10 };

static bool add_history(struct report_section *s, const struct report_input *in)
{
	const struct part *all = in->now->parts[PART_BACKUPS], *p = report_part_quietly(in, PART_BACKUPS);
	if (all && part_status(all) == PART_UNSUPPORTED)
		report_advise(s, "No history: none of the tables in which xtrabackup, mariadb-backup and mysqlbackup "
				 "keep one is here.");
	else if (!p)
		report_part(s, in, PART_BACKUPS);
	struct report_table *t = report_table(s, "history", "What tools wrote down", history_columns,
					      COUNT_OF(history_columns));
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		if (i >= MOST_BACKUPS) {
			t->cut++;
			continue;
		}
		report_row(t);
		for (unsigned c = 0; c < COUNT_OF(history_columns); c++)
			report_cell(t, c, part_cell(p, i, history_columns[c].name));
	}
	return t->n_rows > 0;
}

/* What the rules say of one that runs, and of one that does not. */
static bool add_findings(struct report_section *s, const struct report_input *in)
{
	static const char *const ids[] = {"backup-running", "backup-old"};
	const struct part *p = report_part_quietly(in, PART_FINDINGS);
	struct arena a = {0};
	bool any = false;
	for (size_t k = 0; k < COUNT_OF(ids); k++) {
		int row = p ? part_find(p, value_str(ids[k])) : -1;
		struct finding f;
		if (row < 0 || !finding_read(&f, &a, p, (unsigned)row))
			continue;
		report_say(s, "%s: %s.", f.title, f.text);
		any |= k == 0;
	}
	arena_release(&a);
	return any;
}

/* Normal forms that backup tools leave among the digests. */
static const struct {
	const char *begin, *tool;
} traces[] = {
	{"LOCK INSTANCE FOR BACKUP", "a physical backup (xtrabackup, mysqlbackup) of MySQL 8"},
	{"BACKUP STAGE", "mariadb-backup"},
	{"FLUSH TABLES WITH READ LOCK", "a backup, or a snapshot of the disk"},
	{"FLUSH NO_WRITE_TO_BINLOG TABLES", "xtrabackup"},
	{"SELECT SQL_NO_CACHE * FROM", "mysqldump or mydumper"},
	{"SELECT `performance_schema` . `log_status`", "xtrabackup or mysqlbackup"},
	{"CLONE INSTANCE", "clone"},
};

enum { TRACE_STATEMENT, TRACE_OF, TRACE_CALLS, TRACE_LAST };
static const struct report_column trace_columns[] = {
	[TRACE_STATEMENT] = {.name = "statement", .title = "Statement", .unit = UNIT_SQL},
	[TRACE_OF] = {.name = "of", .title = "As it is left by", .ours = true},
	[TRACE_CALLS] = {.name = "calls", .title = "Calls", .unit = UNIT_COUNT},
	[TRACE_LAST] = {.name = "last_seen", .title = "Last", .unit = UNIT_WALL},
};

static const char *tool_of(const char *statement)
{
	for (size_t i = 0; i < COUNT_OF(traces); i++)
		if (strncasecmp(statement, traces[i].begin, strlen(traces[i].begin)) == 0)
			return traces[i].tool;
	return NULL;
}

static bool add_traces(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part_quietly(in, PART_STATEMENTS);
	struct report_table *t = report_table(s, "traces", "Among the statements of the past", trace_columns,
					      COUNT_OF(trace_columns));
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct value text = part_cell(p, i, "text");
		const char *tool = tool_of(value_cstr(text));
		if (!tool || t->n_rows >= MOST_BACKUPS)
			continue;
		report_row(t);
		report_cell(t, TRACE_STATEMENT, text);
		report_cell(t, TRACE_OF, value_str(tool));
		report_cell(t, TRACE_CALLS, part_cell(p, i, "calls"));
		report_cell(t, TRACE_LAST, part_cell(p, i, "last_seen"));
	}
	return t->n_rows > 0;
}

static void add_binlog(struct report_section *s, const struct report_input *in)
{
	struct value log = report_variable(in, "log_bin");
	struct value seconds = report_variable(in, "binlog_expire_logs_seconds");
	struct value days = report_variable(in, "expire_logs_days");
	bool off = log.type == VALUE_TEXT && strcasecmp(log.s, "OFF") == 0;
	if (log.type != VALUE_ABSENT)
		report_fact(s, "binary log", UNIT_NONE, log,
			    off ? "from a backup one gets back to its time, and no further" : NULL);
	if (off)
		return;
	if (value_number(seconds, 0) > 0)
		report_fact(s, "kept for", UNIT_SECONDS, seconds, NULL);
	else if (value_number(days, 0) > 0)
		report_fact(s, "kept for", UNIT_SECONDS, value_real(86400 * value_number(days, 0)), NULL);
	else
		report_fact(s, "kept for", UNIT_NONE, value_str("until somebody purges it"), NULL);
}

static void build(struct report_section *s, const struct report_input *in)
{
	bool seen = add_history(s, in);
	seen |= add_findings(s, in);
	seen |= add_traces(s, in);
	if (!seen)
		report_advise(s, "No trace of a backup was seen on this server. That does not say that there is none: a "
				 "dump leaves no record, and backups may be taken of a replica, or of the disk "
				 "below. xtrabackup and mariadb-backup write one with --history.");
	add_binlog(s, in);
}

const struct report_builder report_backups = {
	.id = "backups",
	.title = "Backups",
	.needs = PART_BIT(PART_BACKUPS) | PART_BIT(PART_FINDINGS) | PART_BIT(PART_STATEMENTS) |
		 PART_BIT(PART_VARIABLES) | PART_BIT(PART_PROCESSLIST),
	.build = build,
};
