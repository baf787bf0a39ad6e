/* InnoDB: memory, redo, purge, and who has a transaction open or waits for a lock. */
#include "diagnose/reportsections.h"

#include "base/mem.h"
#include "model/metric.h"

enum { MOST_TRANSACTIONS = 10, MOST_PAIRS = 40 };

static const struct report_figure figures[] = {
	{METRIC_POOL_HIT, "buffer pool hits", true},
	{METRIC_POOL_DIRTY, "buffer pool, dirty", true},
	{METRIC_POOL_FREE, "buffer pool, free pages", false},
	{METRIC_POOL_READS, "pages read from disk", false},
	{METRIC_PAGES_FLUSHED, "pages flushed", false},
	{METRIC_WAIT_FREE, "waits for a free page", false},
	{METRIC_REDO_USED, "redo log used", true},
	{METRIC_REDO_WRITTEN, "redo written", false},
	{METRIC_CHECKPOINT_AGE, "checkpoint age", false},
	{METRIC_LOG_WAITS, "waits for the log buffer", false},
	{METRIC_FSYNCS, "fsyncs", false},
	{METRIC_PENDING_IO, "I/O pending", false},
	{METRIC_HISTORY, "history list length", true},
	{METRIC_HISTORY_GROWTH, "history list growth", false},
	{METRIC_LOCK_WAITS, "row lock waits", true},
	{METRIC_DEADLOCKS, "deadlocks", false},
	{METRIC_INNODB_ROWS_READ, "rows read", false},
	{METRIC_INNODB_ROWS_CHANGED, "rows changed", false},
};

/* What makes the most difference, as it is set. */
static const struct {
	const char *variable, *name;
	enum unit unit;
} settings[] = {
	{"innodb_buffer_pool_size", "innodb_buffer_pool_size", UNIT_BYTES},
	{"innodb_redo_log_capacity", "innodb_redo_log_capacity", UNIT_BYTES},
	{"innodb_log_file_size", "innodb_log_file_size", UNIT_BYTES},
	{"innodb_flush_log_at_trx_commit", "innodb_flush_log_at_trx_commit", UNIT_NONE},
	{"innodb_flush_method", "innodb_flush_method", UNIT_NONE},
	{"innodb_io_capacity", "innodb_io_capacity", UNIT_NONE},
	{"innodb_doublewrite", "innodb_doublewrite", UNIT_NONE},
	{"innodb_lock_wait_timeout", "innodb_lock_wait_timeout", UNIT_SECONDS},
};

enum { TRX_SESSION, TRX_STATE, TRX_AGE, TRX_LOCKED, TRX_CHANGED, TRX_ISOLATION, TRX_STATEMENT };
static const struct report_column transaction_columns[] = {
	[TRX_SESSION] = {.name = "session", .title = "Session", .unit = UNIT_ID},
	[TRX_STATE] = {.name = "state", .title = "State"},
	[TRX_AGE] = {.name = "age", .title = "Open for", .unit = UNIT_SECONDS},
	[TRX_LOCKED] = {.name = "rows_locked", .title = "Rows locked", .unit = UNIT_COUNT},
	[TRX_CHANGED] = {.name = "rows_modified", .title = "Rows changed", .unit = UNIT_COUNT},
	[TRX_ISOLATION] = {.name = "isolation", .title = "Isolation"},
	[TRX_STATEMENT] = {.name = "query", .title = "Statement", .unit = UNIT_SQL},
};

/* The oldest first. */
static void add_transactions(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part(s, in, PART_TRANSACTIONS);
	if (!p || !part_rows(p))
		return;
	unsigned *order = part_order(p, "age", &s->report->arena);
	struct report_table *t = report_table(s, "transactions", "Oldest transactions",
					      transaction_columns, COUNT_OF(transaction_columns));
	for (unsigned i = 0; i < part_rows(p); i++) {
		if (i >= MOST_TRANSACTIONS) {
			t->cut++;
			continue;
		}
		report_row(t);
		for (unsigned k = 0; k < COUNT_OF(transaction_columns); k++)
			report_cell(t, k, part_cell(p, order[i], transaction_columns[k].name));
	}
}

static void build(struct report_section *s, const struct report_input *in)
{
	report_figures(s, in, figures, COUNT_OF(figures));
	for (unsigned i = 0; i < COUNT_OF(settings); i++) {
		struct value v = report_variable(in, settings[i].variable);
		if (v.type != VALUE_ABSENT)
			report_fact(s, settings[i].name, settings[i].unit, v, NULL);
	}
	add_transactions(s, in);
	const struct part *pairs = report_part_quietly(in, PART_BLOCKING);
	if (pairs && part_rows(pairs))
		report_part_table(s, in, PART_BLOCKING, "Who waits for whom",
				  "waiter blocker kind wait_age table index mode suspect", MOST_PAIRS);
}

const struct report_builder report_innodb = {
	.id = "innodb",
	.title = "InnoDB and locks",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_INNODB) |
		 PART_BIT(PART_TRANSACTIONS) | PART_BIT(PART_BLOCKING),
	.build = build,
};
