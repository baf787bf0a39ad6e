/*
 * Self: what fathom itself costs the server, by collector, with the exact statements.
 */
#include "base/mem.h"
#include "panels/draw.h"
#include "panels/tablepanel.h"

static enum ui_role tint_status(const struct table_row *r, struct value v)
{
	(void)r;
	return !strcmp(value_cstr(v), "ok") || !strcmp(value_cstr(v), "live") ? UI_GOOD : UI_WARNING;
}

static const struct column columns[] = {
	{.field = "name", .width = 17, .min = 14},
	{.field = "status", .width = 12, .min = 10, .priority = 2, .tint = tint_status},
	{.field = "period", .width = 7, .priority = 3},
	{.field = "age", .width = 7, .priority = 6},
	{.field = "runs", .title = "Runs", .width = 7, .priority = 7},
	{.field = "server_ms", .width = 9, .priority = 1},
	{.field = "host_ms", .width = 9, .priority = 2},
	{.field = "last_ms", .width = 8, .priority = 4},
	{.field = "mean_ms", .width = 8, .priority = 5},
	{.field = "rows", .width = 7, .priority = 6},
	{.field = "bytes", .width = 8, .priority = 7},
	{.field = "stretched", .width = 9, .priority = 8},
	{.field = "reason", .width = 30, .min = 10, .priority = 9},
	{.field = "statement", .width = 40, .min = 16, .flags = COLUMN_FILL, .priority = 10,
	 .draw = draw_sql_cell},
};

static const struct table_panel self = {
	.part = PART_SELF,
	.table = {
		.columns = columns,
		.n_columns = COUNT_OF(columns),
		.sort = "-server_ms",
		.empty = "Nothing was sent to this server yet.",
	},
};

const struct view_ops self_panel = {
	.name = "self",
	.title = "Self",
	.brief = "Self",
	.digit = '0',
	.help = "What fathom costs: each collector with its period, how long the server worked for it, and "
		"the exact statement, and what reading its host's files cost there. All "
		"together may take 2 % of one core of the server; a collector over its share is read less "
		"often.",
	.needs = PART_BIT(PART_SELF),
	TABLE_PANEL(&self),
};
