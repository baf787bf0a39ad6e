/*
 * Statements: digests with what they cost since the last reading. An ordinary panel: columns, nothing
 * else.
 */
#include "base/mem.h"
#include "panels/draw.h"
#include "panels/tablepanel.h"

/* The row of no statement takes in all that found no room. */
static void draw_text(const struct table_row *r, const struct table_cell *cell)
{
	if (part_cell(r->part, r->row, "text").type == VALUE_ABSENT)
		canvas_puts(cell->canvas, cell->x, cell->y, cell->w, cell->plain ? cell->role : UI_DIM,
			    "(all others)");
	else
		draw_sql_cell(r, cell);
}

/* Most take less than a millisecond. */
static void format_mean(const struct table_row *r, struct value v, struct buf *out)
{
	(void)r;
	unit_format(out, UNIT_MS, v.type == VALUE_ABSENT ? v : value_real(1000 * value_number(v, 0)), false);
}

static const struct column columns[] = {
	{.field = "db", .width = 12, .min = 6, .priority = 3},
	{.field = "calls", .width = 8, .flags = COLUMN_RATE, .sum = SUM_TOTAL},
	{.field = "time", .width = 8, .flags = COLUMN_RATE, .sum = SUM_TOTAL},
	{.field = "mean", .width = 8, .priority = 1, .sum = SUM_MAX, .format = format_mean},
	{.field = "lock_time", .title = "Locks", .width = 8, .flags = COLUMN_RATE, .priority = 6},
	{.field = "rows_examined", .title = "Examined", .width = 9, .flags = COLUMN_RATE, .priority = 2, .sum = SUM_TOTAL},
	{.field = "rows_sent", .title = "Sent", .width = 8, .flags = COLUMN_RATE, .priority = 4, .sum = SUM_TOTAL},
	{.field = "rows_affected", .title = "Changed", .width = 8, .flags = COLUMN_RATE, .priority = 5, .sum = SUM_TOTAL},
	{.field = "errors", .width = 7, .flags = COLUMN_RATE, .priority = 5, .sum = SUM_TOTAL},
	{.field = "no_index", .width = 8, .flags = COLUMN_RATE, .priority = 7},
	{.field = "tmp_disk_tables", .width = 8, .flags = COLUMN_RATE, .priority = 8},
	{.field = "digest", .width = 16, .flags = COLUMN_HIDDEN, .priority = 9},
	{.field = "first_seen", .width = 19, .flags = COLUMN_HIDDEN, .priority = 9},
	{.field = "last_seen", .width = 19, .flags = COLUMN_HIDDEN, .priority = 9},
	{.field = "text", .width = 40, .min = 32, .flags = COLUMN_FILL, .draw = draw_text},
};

static const struct table_panel statements = {
	.part = PART_STATEMENTS,
	.table = {
		.columns = columns,
		.n_columns = COUNT_OF(columns),
		.sort = "-time",
		.empty = "No statement was counted yet.",
	},
};

const struct view_ops statements_panel = {
	.name = "statements",
	.title = "Statements",
	.brief = "Stmt",
	.digit = '7',
	.help = "Statements folded by their digest: which kind of statement takes the server's time now. "
		"Rates are between the last two readings; time is the share of one core or one waiting "
		"session (200 % is two of them all the time).",
	.needs = PART_BIT(PART_STATEMENTS),
	TABLE_PANEL(&statements),
};
