/*
 * Deadlocks: those that were seen while fathom watched, the newest first; ↵ lays one out. Those that came
 * between two readings are said to be lost. A key leads to those in the error log.
 */
#include <string.h>

#include "base/mem.h"
#include "collect/deadlocks.h"
#include "collect/innodb.h"
#include "model/metric.h"
#include "panels/console.h"
#include "panels/deadlock.h"
#include "panels/draw.h"
#include "panels/tablepanel.h"

/* --- the rows --------------------------------------------------------------------------------------- */

static struct value cell(const struct table_row *r, unsigned field)
{
	return part_get(r->part, r->row, field);
}

static bool is_lost(const struct table_row *r)
{
	return cell(r, DEADLOCK_LOST).type != VALUE_ABSENT;
}

static enum ui_role row_role(const struct table_row *r)
{
	return is_lost(r) ? UI_DIM : UI_TEXT;
}

static enum ui_role calm(const struct table_row *r, struct value v)
{
	(void)v;
	return is_lost(r) ? UI_DIM : UI_RUNNING;
}

static enum ui_role tint_kind(const struct table_row *r, struct value v)
{
	(void)v;
	return is_lost(r) ? UI_WARNING : UI_STRONG;
}

/* "2026-11-22 02:29:37": the day has a column's width when there is room. */
static void format_time(const struct table_row *r, struct value v, struct buf *out)
{
	(void)r;
	buf_adds(out, v.type == VALUE_TEXT ? v.s : "–");
}

static void format_kind(const struct table_row *r, struct value v, struct buf *out)
{
	int64_t lost = value_integer(cell(r, DEADLOCK_LOST), 0);
	if (lost)
		buf_addf(out, "%lld lost", (long long)lost);
	else
		buf_adds(out, value_cstr(v));
}

static const struct column columns[] = {
	{.field = "id", .width = 4, .flags = COLUMN_FIRST_DESC},
	{.field = "time", .width = 19, .priority = 1, .format = format_time, .tint = calm},
	{.field = "kind", .width = 24, .min = 17, .tint = tint_kind, .format = format_kind},
	{.field = "sessions", .width = 14, .min = 9, .priority = 5, .tint = calm},
	{.field = "victim", .width = 7, .priority = 6, .tint = calm},
	{.field = "tables", .width = 16, .min = 10, .priority = 3},
	{.field = "indexes", .width = 12, .min = 8, .priority = 4},
	{.field = "victim_statement", .width = 30, .min = 14, .priority = 2, .flags = COLUMN_FILL,
	 .format = format_sql_cell, .draw = draw_sql_cell},
	{.field = "other_statement", .width = 30, .min = 14, .priority = 7, .flags = COLUMN_FILL,
	 .format = format_sql_cell, .draw = draw_sql_cell},
	{.field = "seen", .width = 19, .flags = COLUMN_HIDDEN, .priority = 8},
	{.field = "sides", .width = 5, .flags = COLUMN_HIDDEN, .priority = 8},
	{.field = "counter", .width = 8, .flags = COLUMN_HIDDEN, .priority = 8},
};

static const struct table_panel deadlocks = {
	.part = PART_DEADLOCKS,
	.table = {
		.columns = columns,
		.n_columns = COUNT_OF(columns),
		.sort = "-id",
		.row_role = row_role,
		.empty = "No deadlock since the server was started.",
	},
};

/* --- the head line ---------------------------------------------------------------------------------- */

static struct value counter(const struct console *c)
{
	const struct snapshot *now = console_frame(c)->now;
	struct collect_ctx ctx = {.server = &now->server, .parts = now->parts};
	return deadlock_counter(&ctx);
}

static void count_rows(const struct part *p, int64_t *seen, int64_t *lost)
{
	*seen = *lost = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		*lost += value_integer(part_get(p, i, DEADLOCK_LOST), 0);
		*seen += part_get(p, i, DEADLOCK_TEXT).type == VALUE_TEXT &&
			 !value_integer(part_get(p, i, DEADLOCK_BEFORE), 0);
	}
}

static void draw_head(const struct console *c, struct canvas *canvas, struct rect r)
{
	const struct part *p = console_part(c, PART_DEADLOCKS);
	struct value all = counter(c);
	struct line l = {0};
	int64_t seen, lost;
	count_rows(p, &seen, &lost);
	if (all.type == VALUE_ABSENT) {
		const char *why = innodb_counter_reason(console_part(c, PART_INNODB), "lock_deadlocks");
		line_printf(&l, UI_WARNING, "deadlocks are not counted, so none can be seen: %s",
			    why ? why : "no reason given");
	} else {
		line_printf(&l, UI_DIM, "since the server was started ");
		line_printf(&l, UI_STRONG, "%lld", (long long)value_integer(all, 0));
		line_printf(&l, UI_DIM, "   seen as they happened ");
		line_printf(&l, UI_STRONG, "%lld", (long long)seen);
		if (lost)
			line_printf(&l, UI_WARNING, "   lost %lld: several between two readings",
				    (long long)lost);
	}
	line_draw(&l, canvas, r.x + 1, r.y, r.w - 2);
	line_release(&l);
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	if (!draw_part_state(c, &r, v->console, PART_DEADLOCKS))
		return;
	draw_head(v->console, c, rect_top(&r, 1));
	draw_table(c, r, table_panel_table(v));
}

/* --- those in the error log ---------------------------------------------------------------------------- */

static const struct table_panel logged = {
	.part = PART_LOGGED_DEADLOCKS,
	.table = {
		.columns = columns,
		.n_columns = COUNT_OF(columns),
		.sort = "-id",
		.row_role = row_role,
		.empty = "No deadlock in the end of the error log.",
	},
};

static void draw_logged_head(const struct console *c, struct canvas *canvas, struct rect r)
{
	const struct part *variables = console_part(c, PART_VARIABLES);
	const char *all = value_cstr(part_lookup(variables, "innodb_print_all_deadlocks"));
	struct line l = {0};
	if (strcmp(all, "OFF") == 0)
		line_printf(&l, UI_WARNING, "innodb_print_all_deadlocks is OFF: none is written   ");
	else if (part_lookup(variables, "log_error_verbosity").type != VALUE_ABSENT &&
		 value_number(part_lookup(variables, "log_error_verbosity"), 3) < 3)
		line_printf(&l, UI_WARNING, "log_error_verbosity is below 3: none is written   ");
	line_printf(&l, UI_DIM, "in the last 200 kB of ");
	line_printf(&l, UI_STRONG, "%s", value_cstr(part_lookup(variables, "log_error")));
	line_draw(&l, canvas, r.x + 1, r.y, r.w - 2);
	line_release(&l);
}

static void draw_logged(struct view *v, struct canvas *c, struct rect r)
{
	if (!draw_part_state(c, &r, v->console, PART_LOGGED_DEADLOCKS))
		return;
	draw_logged_head(v->console, c, rect_top(&r, 1));
	draw_table(c, r, table_panel_table(v));
}

/* --- what can be done ------------------------------------------------------------------------------- */

static void show(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct tableview *t = table_panel_table(v);
	int row = tableview_row(t);
	(void)call;
	if (row < 0)
		return;
	struct deadlock_arg arg = {tableview_part(t), (unsigned)row};
	if (part_get(arg.part, arg.row, DEADLOCK_TEXT).type == VALUE_TEXT)
		console_push(v->console, &deadlock_view, &arg);
	else
		console_say(v->console, UI_WARNING, "nothing is known of these: the server keeps the latest; "
						    "innodb_print_all_deadlocks = ON logs all");
}

static void show_logged(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	(void)call;
	if (v->ops == &deadlock_log_view)
		console_pop(v->console);
	else
		console_push(v->console, &deadlock_log_view, NULL);
}

static const struct action actions[] = {
	{"show-deadlock", "Enter", "layout",
	 "Lay the deadlock out: both sides, the locks in the order taken, and why it came about.", NULL,
	 ACTION_NEEDS_ROW, 1, show},
	{"logged-deadlocks", "l", "error log",
	 "Deadlocks that stand in the server's error log, where the login on its host may read that; and back.", NULL, 0, 2,
	 show_logged},
};

static const struct action_set action_set = {"deadlocks", "Deadlocks", actions, COUNT_OF(actions)};

const struct view_ops deadlocks_panel = {
	.name = "deadlocks",
	.title = "Deadlocks",
	.brief = "Dead",
	.help = "Deadlocks since fathom watches, and the latest one before: who was rolled back, on which tables "
		"and indexes, and why it came about, as far as the locks tell. The server keeps the latest only: "
		"of several between two readings all but one are lost, and said so.",
	.needs = PART_BIT(PART_DEADLOCKS) | PART_BIT(PART_STATUS) | PART_BIT(PART_INNODB),
	.actions = &action_set,
	.size = sizeof(struct table_panel_state),
	.spec = &deadlocks,
	.open = table_panel_open,
	.close = table_panel_close,
	.refresh = table_panel_refresh,
	.draw = draw,
	.table = table_panel_table,
};

const struct view_ops deadlock_log_view = {
	.name = "deadlock-log",
	.title = "Deadlocks in the error log",
	.help = "Deadlocks that stand in the last 200 kB of the server's error log, also those from before fathom came and "
		"those that came between two readings. The server writes them there with innodb_print_all_deadlocks = ON "
		"(MySQL from log_error_verbosity 3 on); the file is read on the host, so the login there must be able to.",
	.needs = PART_BIT(PART_LOGGED_DEADLOCKS) | PART_BIT(PART_VARIABLES),
	.actions = &action_set,
	.size = sizeof(struct table_panel_state),
	.spec = &logged,
	.open = table_panel_open,
	.close = table_panel_close,
	.refresh = table_panel_refresh,
	.draw = draw_logged,
	.table = table_panel_table,
};
