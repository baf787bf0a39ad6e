/*
 * Transactions: all that are open, the oldest first, with who has them and what they hold; prepared ones
 * without a session too. Who has the oldest read view, and so holds purge back, is marked.
 */
#include <string.h>

#include "base/mem.h"
#include "collect/transactions.h"
#include "collect/xids.h"
#include "model/metric.h"
#include "panels/console.h"
#include "panels/detail.h"
#include "panels/draw.h"
#include "panels/tablepanel.h"

/* --- the rows --------------------------------------------------------------------------------------- */

static bool holds_purge(const struct table_row *r)
{
	const char *holds = transaction_holds_purge(r->part, r->row);
	return holds && strcmp(holds, "no") != 0;
}

static enum ui_role row_role(const struct table_row *r)
{
	if (transaction_is_orphan(r->part, r->row))
		return UI_BLOCKING;
	return transaction_waits(r->part, r->row) ? UI_WAITING : UI_TEXT;
}

static enum ui_role calm(const struct table_row *r, struct value v)
{
	(void)r;
	(void)v;
	return UI_RUNNING;
}

static enum ui_role tint_age(const struct table_row *r, struct value v)
{
	double s = value_number(v, 0);
	(void)r;
	return s >= 60 ? UI_CRITICAL : s >= 10 ? UI_WARNING : UI_RUNNING;
}

static enum ui_role tint_purge(const struct table_row *r, struct value v)
{
	(void)v;
	return holds_purge(r) ? UI_WARNING : UI_DIM;
}

static void format_purge(const struct table_row *r, struct value v, struct buf *out)
{
	const char *holds = value_cstr(v);
	(void)r;
	buf_adds(out, v.type == VALUE_ABSENT       ? "–"
		      : strcmp(holds, "yes") == 0 ? "oldest"
		      : strcmp(holds, "no") == 0  ? ""
						  : holds);
}

/* REPEATABLE READ as RR: there are four, and everybody knows their letters. */
static void format_isolation(const struct table_row *r, struct value v, struct buf *out)
{
	const char *s = value_cstr(v);
	(void)r;
	for (bool first = true; *s; s++) {
		if (first)
			buf_addc(out, *s);
		first = *s == ' ';
	}
}

static const struct column columns[] = {
	{.field = "name", .title = "Session", .width = 12, .min = 9},
	{.field = "age", .width = 8, .tint = tint_age},
	{.field = "does", .width = 23, .min = 19},
	{.field = "rows_locked", .title = "Locks", .width = 7, .priority = 4},
	{.field = "rows_modified", .title = "Changed", .width = 8, .priority = 2},
	{.field = "holds_purge", .width = 7, .priority = 1, .flags = COLUMN_LEFT, .tint = tint_purge,
	 .format = format_purge},
	{.field = "view_age", .width = 8, .priority = 6, .tint = tint_purge},
	{.field = "isolation", .title = "Isol", .width = 4, .priority = 7, .tint = calm,
	 .format = format_isolation},
	{.field = "statements", .width = 5, .priority = 8, .tint = calm},
	{.field = "user", .width = 14, .min = 8, .priority = 5, .tint = calm},
	{.field = "host", .width = 18, .min = 10, .priority = 9, .tint = calm},
	{.field = "last_statement", .width = 40, .min = 14, .priority = 3, .flags = COLUMN_FILL,
	 .format = format_sql_cell, .draw = draw_sql_cell},
	{.field = "state", .width = 10, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "xid", .width = 20, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "id", .width = 16, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "started", .width = 19, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "read_view", .width = 12, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "read_only", .width = 9, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "autocommit_read", .width = 10, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "weight", .width = 8, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "tables_in_use", .width = 7, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "tables_locked", .width = 13, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "lock_structs", .width = 12, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "lock_memory", .width = 11, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "operation", .width = 20, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "wait_age", .width = 11, .flags = COLUMN_HIDDEN, .priority = 10},
	{.field = "db", .width = 12, .flags = COLUMN_HIDDEN, .priority = 10},
};

static const struct table_panel transactions = {
	.part = PART_TRANSACTIONS,
	.table = {
		.columns = columns,
		.n_columns = COUNT_OF(columns),
		.sort = "-age",
		.row_role = row_role,
		.empty = "No transaction is open.",
	},
};

/* --- the head line ---------------------------------------------------------------------------------- */

static void line_history(struct line *l, const struct console *c)
{
	line_puts(l, UI_DIM, "history list ");
	line_metric(l, UI_STRONG, METRIC_HISTORY, metric_read(METRIC_HISTORY, console_frame(c)));
}

static void line_counts(struct line *l, const struct part *p)
{
	unsigned orphans = 0;
	for (unsigned i = 0; i < part_rows(p); i++)
		orphans += transaction_is_orphan(p, i);
	line_printf(l, UI_DIM, "   open ");
	line_printf(l, UI_STRONG, "%u", part_rows(p));
	if (orphans)
		line_printf(l, UI_CRITICAL, "   %u prepared without a session", orphans);
}

/* Last, where a narrow screen cuts: the rows say it, and the verdict. */
static void line_waits(struct line *l, const struct part *p)
{
	unsigned waiting = 0;
	for (unsigned i = 0; i < part_rows(p); i++)
		waiting += transaction_waits(p, i);
	if (waiting)
		line_printf(l, UI_WAITING, "   %u wait%s for a row lock", waiting, waiting == 1 ? "s" : "");
}

static void line_holder(struct line *l, const struct part *p)
{
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *holds = transaction_holds_purge(p, i);
		if (!holds || strcmp(holds, "no") == 0)
			continue;
		struct buf age = BUF_INIT;
		unit_format(&age, UNIT_SECONDS, part_get(p, i, TRANSACTION_VIEW_AGE), false);
		line_printf(l, UI_DIM, "   purge %swaits for ", strcmp(holds, "yes") == 0 ? "" : "likely ");
		line_puts(l, UI_STRONG, value_cstr(part_get(p, i, TRANSACTION_NAME)));
		line_printf(l, UI_DIM, ", its read view is up to %s old", buf_str(&age));
		buf_release(&age);
		return;
	}
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	const struct part *p = console_part(v->console, PART_TRANSACTIONS);
	if (!draw_part_state(c, &r, v->console, PART_TRANSACTIONS))
		return;
	struct line l = {0};
	line_history(&l, v->console);
	line_counts(&l, p);
	line_holder(&l, p);
	line_waits(&l, p);
	struct rect head = rect_top(&r, 1);
	line_draw(&l, c, head.x + 1, head.y, head.w - 2);
	line_release(&l);
	draw_table(c, r, table_panel_table(v));
}

/* --- what can be done ------------------------------------------------------------------------------- */

static int64_t session(struct view *v)
{
	struct tableview *t = table_panel_table(v);
	int row = tableview_row(t);
	return row < 0 ? 0
		       : value_integer(part_get(tableview_part(t), (unsigned)row, TRANSACTION_SESSION), 0);
}

static void say_orphan(struct console *c, const struct part *p, unsigned row)
{
	struct value xid = part_get(p, row, TRANSACTION_XID);
	struct buf sql = BUF_INIT;
	if (!transaction_is_orphan(p, row)) {
		console_say(c, UI_DIM, "the server's own: no session is there to look into");
		return;
	}
	xid_sql(&sql, value_cstr(xid));
	if (xid.type == VALUE_TEXT)
		console_say(c, UI_WARNING, "no session; ask its coordinator, then XA COMMIT or XA ROLLBACK %s",
			    buf_str(&sql));
	else
		console_say(c, UI_WARNING, "no session; XA RECOVER lists the xids, its coordinator decides");
	buf_release(&sql);
}

static void detail(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct tableview *t = table_panel_table(v);
	int row = tableview_row(t);
	int64_t id = session(v);
	(void)call;
	if (id)
		console_push(v->console, &session_detail, &id);
	else if (row >= 0)
		say_orphan(v->console, tableview_part(t), (unsigned)row);
}

static const struct action actions[] = {
	{"transaction-session", "Enter", "detail",
	 "Look into the session that has it: statement, plan, locks, statements of the transaction.", NULL,
	 ACTION_NEEDS_ROW, 1, detail},
};

static const struct action_set action_set = {"transactions", "Transactions", actions, COUNT_OF(actions)};

const struct view_ops transactions_panel = {
	.name = "transactions",
	.title = "Transactions",
	.brief = "Trx",
	.help = "Every open transaction, the oldest first: what its session does, what it locked and changed, "
		"how many statements it had, and how old its read view is. `oldest` marks whose read view "
		"purge waits for: while it is open, the history list grows. Prepared XA transactions that no "
		"session has are here by their xid; only XA COMMIT or XA ROLLBACK ends them.",
	.needs = PART_BIT(PART_TRANSACTIONS) | PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_INNODB_STATUS) |
		 PART_BIT(PART_INNODB) | PART_BIT(PART_STATUS),
	.session = session,
	.actions = &action_set,
	.size = sizeof(struct table_panel_state),
	.spec = &transactions,
	.open = table_panel_open,
	.close = table_panel_close,
	.refresh = table_panel_refresh,
	.draw = draw,
	.table = table_panel_table,
};
