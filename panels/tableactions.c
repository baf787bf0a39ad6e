/*
 * What can be done in every table. `ctx` is the view; its table is what all of it is about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "ui/tableview.h"

static struct tableview *table_of(struct view *v)
{
	return v->ops->table(v);
}

/* --- moving ----------------------------------------------------------------------------------- */

static const struct {
	const char *action;
	enum table_move move;
} moves[] = {
	{"up", TABLE_UP},        {"down", TABLE_DOWN},           {"page-up", TABLE_PAGE_UP},
	{"home", TABLE_HOME},    {"page-down", TABLE_PAGE_DOWN}, {"end", TABLE_END},
	{"left", TABLE_LEFT},    {"right", TABLE_RIGHT},
};

static void move(void *ctx, const struct action_call *call)
{
	for (unsigned i = 0; i < COUNT_OF(moves); i++)
		if (strcmp(moves[i].action, call->action->name) == 0)
			tableview_move(table_of(ctx), moves[i].move);
}

/* --- sorting, grouping, columns --------------------------------------------------------------- */

static void sort_chosen(void *ctx, int id)
{
	struct console *c = ctx;
	struct tableview *t = table_of(c->view);
	if (id < 0)
		return;
	const char *name = column_id(tableview_column(t, (size_t)id, NULL));
	bool descending;
	const char *now = tableview_sorted_by(t, &descending);
	if (now && strcmp(now, name) == 0)
		tableview_sort_reverse(t);
	else
		tableview_sort(t, name);
}

static void column_menu(struct view *v, const char *title, void (*done)(void *, int), const char *now,
			bool with_none)
{
	struct tableview *t = table_of(v);
	struct dialog *d = dialog_menu(title, done, v->console);
	if (with_none)
		dialog_menu_add(d, 1000, "none", NULL);
	for (size_t i = 0; i < tableview_columns(t); i++) {
		bool shown;
		const struct column *col = tableview_column(t, i, &shown);
		dialog_menu_add(d, (int)i, tableview_column_title(t, col), column_id(col));
		if (now && strcmp(now, column_id(col)) == 0)
			dialog_menu_select(d, (int)i);
	}
	console_dialog(v->console, d);
}

static void sort(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	bool descending;
	if (!call->args[0])
		column_menu(v, "Sort by (again: turn around)", sort_chosen,
			    tableview_sorted_by(table_of(v), &descending), false);
	else if (!tableview_sort(table_of(v), call->args))
		console_say(v->console, UI_WARNING, "sort: there is no column %s", call->args);
}

static void sort_right(void *ctx, const struct action_call *call)
{
	(void)call;
	tableview_sort_next(table_of(ctx), 1);
}

static void sort_left(void *ctx, const struct action_call *call)
{
	(void)call;
	tableview_sort_next(table_of(ctx), -1);
}

static void reverse(void *ctx, const struct action_call *call)
{
	(void)call;
	tableview_sort_reverse(table_of(ctx));
}

static void group_chosen(void *ctx, int id)
{
	struct console *c = ctx;
	struct tableview *t = table_of(c->view);
	if (id >= 0)
		tableview_group(t, id == 1000 ? NULL
					      : column_id(tableview_column(t, (size_t)id, NULL)));
}

static void group(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	if (!call->args[0])
		column_menu(v, "Group by", group_chosen, tableview_grouped_by(table_of(v)), true);
	else if (strcmp(call->args, "none") == 0)
		tableview_group(table_of(v), NULL);
	else if (!tableview_group(table_of(v), call->args))
		console_say(v->console, UI_WARNING, "group: there is no column %s", call->args);
}

static bool column_toggle(void *ctx, int id)
{
	struct console *c = ctx;
	struct tableview *t = table_of(c->view);
	bool shown;
	const struct column *col = tableview_column(t, (size_t)id, &shown);
	tableview_column_show(t, column_id(col), !shown);
	console_demand(c);
	return !shown;
}

static bool column_move(void *ctx, int id, int by)
{
	struct console *c = ctx;
	struct tableview *t = table_of(c->view);
	return tableview_column_move(t, column_id(tableview_column(t, (size_t)id, NULL)), by);
}

static void columns_done(void *ctx, int id)
{
	(void)ctx;
	(void)id;
}

static void columns(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct tableview *t = table_of(v);
	if (call->args[0]) {
		tableview_columns_set(t, call->args);
		console_demand(v->console);
		return;
	}
	struct dialog *d = dialog_menu("Columns: Space shows or hides, K and J move", columns_done,
				       v->console);
	dialog_menu_ticks(d, column_toggle, column_move);
	for (size_t i = 0; i < tableview_columns(t); i++) {
		bool shown;
		const struct column *col = tableview_column(t, i, &shown);
		dialog_menu_add(d, (int)i, tableview_column_title(t, col), column_id(col));
		dialog_menu_set_tick(d, (int)i, shown);
	}
	console_dialog(v->console, d);
}

/* --- filter ----------------------------------------------------------------------------------- */

void console_filter(struct console *c, const char *text)
{
	struct tableview *t = c->view->ops->table ? c->view->ops->table(c->view) : NULL;
	struct err e = {0};
	size_t at;
	if (t && !tableview_filter(t, text, &e, &at)) {
		struct buf b = BUF_INIT;
		err_format(&e, &b);
		console_say(c, UI_WARNING, "%s", buf_str(&b));
		buf_release(&b);
	}
	c->dirty = true;
}

/* While a filter is typed it already works; a half-typed one that is wrong changes nothing. */
struct typing {
	struct console *console;
	char *before;
};

static void filter_changed(void *ctx, const char *text)
{
	struct typing *f = ctx;
	const struct view_ops *ops = f->console->view->ops;
	if (ops->table)
		tableview_filter(ops->table(f->console->view), text, NULL, NULL);
}

static void filter_done(void *ctx, const char *text)
{
	struct typing *f = ctx;
	console_filter(f->console, text ? text : f->before);
	free(f->before);
	free(f);
}

static void filter_complete(void *ctx, const char *line, size_t start, size_t cursor,
			    struct prompt_candidates *out)
{
	(void)line;
	(void)start;
	(void)cursor;
	const struct typing *f = ctx;
	const struct view_ops *ops = f->console->view->ops;
	struct tableview *t = ops->table ? ops->table(f->console->view) : NULL;
	for (unsigned i = 0; t && tableview_field(t, i); i++)
		prompt_candidate(out, tableview_field(t, i));
}

static void filter(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	if (call->key.code == K_NONE) {
		console_filter(v->console, call->args);
		return;
	}
	struct typing *f = xcalloc(1, sizeof *f);
	*f = (struct typing){v->console, xstrdup(tableview_filter_text(table_of(v)))};
	console_prompt(v->console,
		       &(struct prompt_spec){
			       .label = "filter: ",
			       .history = "filter",
			       .initial = f->before,
			       .complete = filter_complete,
			       .changed = filter_changed,
			       .done = filter_done,
		       },
		       f);
}

/* --- tags ------------------------------------------------------------------------------------- */

static void tag(void *ctx, const struct action_call *call)
{
	(void)call;
	tableview_tag(table_of(ctx));
}

static void tag_all(void *ctx, const struct action_call *call)
{
	(void)call;
	tableview_tag_all(table_of(ctx));
}

/* --- one row ---------------------------------------------------------------------------------- */

/* Every field of the row under the cursor, shown on the screen or not; statements whole, below. */
static void row_doc(const struct part *p, unsigned row, struct doc *d)
{
	const struct schema *s = part_schema(p);
	for (unsigned i = 0; i < s->n_fields; i++) {
		struct buf b = BUF_INIT;
		struct value v = part_get(p, row, i);
		unit_format(&b, s->fields[i].unit, v, false);
		if (s->fields[i].unit != UNIT_SQL)
			doc_field(d, 20, s->fields[i].title, v.type == VALUE_ABSENT ? UI_DIM : UI_TEXT, buf_str(&b));
		buf_release(&b);
	}
	for (unsigned i = 0; i < s->n_fields; i++) {
		struct value v = part_get(p, row, i);
		if (s->fields[i].unit != UNIT_SQL || v.type != VALUE_TEXT)
			continue;
		doc_end(d);
		draw_sql_doc(d, v.s, v.len, true);
	}
}

static void row(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct tableview *t = table_of(v);
	if (tableview_open_group(t))
		return;
	int at = tableview_row(t);
	if (at < 0)
		return;
	struct doc d = {0};
	row_doc(tableview_part(t), (unsigned)at, &d);
	console_dialog(v->console, dialog_pager("The whole row", &d, NULL, NULL, v));
}

/* --- export ----------------------------------------------------------------------------------- */

static void export_as(struct view *v, const char *format, const char *path)
{
	bool csv = strcmp(format, "csv") == 0;
	if (!csv && strcmp(format, "json") != 0) {
		console_say(v->console, UI_WARNING, "export: %s: csv or json", format);
		return;
	}
	char name[128], when[32];
	time_t now = (time_t)(clock_wall_us() / US_PER_S);
	struct tm tm;
	localtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y%m%d-%H%M%S", &tm);
	snprintf(name, sizeof name, "fathom-%s-%s.%s", v->ops->name, when, format);
	struct buf b = BUF_INIT;
	if (csv)
		tableview_csv(table_of(v), &b);
	else
		tableview_json(table_of(v), &b);
	size_t len = b.len;
	console_write_file(v->console, path[0] ? path : name, buf_steal(&b), len, "table");
}

static void export_chosen(void *ctx, int id)
{
	struct console *c = ctx;
	if (id >= 0)
		export_as(c->view, id ? "json" : "csv", "");
}

static void export(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	if (!call->args[0]) {
		struct dialog *d = dialog_menu("Export all shown rows as", export_chosen, v->console);
		dialog_menu_add(d, 0, "csv", "a file in the current folder");
		dialog_menu_add(d, 1, "json", "a file in the current folder");
		console_dialog(v->console, d);
		return;
	}
	char format[8] = "";
	size_t n = strcspn(call->args, " ");
	snprintf(format, sizeof format, "%.*s", (int)n, call->args);
	export_as(v, format, call->args + n + strspn(call->args + n, " "));
}

static const struct action actions[] = {
	{"row", "Enter", "whole row", "Show every field of the row, whole.", NULL, ACTION_NEEDS_ROW, 1, row},
	{"up", "Up k", "up", "Go up.", NULL, ACTION_UNLISTED, 0, move},
	{"down", "Down j", "down", "Go down.", NULL, ACTION_UNLISTED, 0, move},
	{"page-up", "PgUp C-b", "page up", "Go a page up.", NULL, ACTION_UNLISTED, 0, move},
	{"page-down", "PgDn C-f", "page down", "Go a page down.", NULL, ACTION_UNLISTED, 0, move},
	{"home", "Home g", "first", "Go to the first row.", NULL, ACTION_UNLISTED, 0, move},
	{"end", "End G", "last", "Go to the last row.", NULL, ACTION_UNLISTED, 0, move},
	{"left", "Left", "left", "Scroll to the columns on the left.", NULL, ACTION_UNLISTED, 0, move},
	{"right", "Right", "right", "Scroll to the columns on the right.", NULL, ACTION_UNLISTED, 0, move},
	{"filter", "/", "filter",
	 "Show only rows with a text, a /regular expression/, or like time>10 user=app.", "[TEXT]", 0, 12,
	 filter},
	{"sort", "s", "sort", "Sort by a column; -NAME for the largest first.", "[COLUMN]", 0, 14, sort},
	{"sort-left", "<", "sort left", "Sort by the column to the left.", NULL, ACTION_UNLISTED, 0,
	 sort_left},
	{"sort-right", ">", "sort right", "Sort by the column to the right.", NULL, ACTION_UNLISTED, 0,
	 sort_right},
	{"reverse", "r", "reverse", "Turn the order around.", NULL, ACTION_UNLISTED, 0, reverse},
	{"group", "=", "group", "Fold rows that share a column's value; ↵ opens a group.", "[COLUMN]", 0,
	 22, group},
	{"columns", "c", "columns", "Choose and move columns.", "[LIST]", 0, 26, columns},
	{"tag", "Space", "tag", "Tag the row, or untag it.", NULL, ACTION_NEEDS_ROW, 20, tag},
	{"tag-all", "*", "tag all", "Tag all rows that are shown, or none.", NULL, ACTION_UNLISTED, 0,
	 tag_all},
	{"export", "E", "export", "Write all shown rows, all columns, to a file.", "[csv|json [FILE]]",
	 ACTION_UNLISTED, 0, export},
};

const struct action_set table_actions = {"table", "In tables", actions, COUNT_OF(actions)};
