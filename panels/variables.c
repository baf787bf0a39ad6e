/*
 * Variables and status: every setting with where it came from, every counter as a rate. One view that
 * shows one table or the other; what changed while watching is marked.
 */
#include <string.h>

#include "base/mem.h"
#include "collect/status.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/tablepanel.h"

struct variables {
	struct table_panel_state variables; /* first: the table panel's own functions serve it */
	struct tableview *status;
	bool shows_status;
	const struct part *first;           /* variables as they were when the watching began */
	unsigned target;
};

static struct value cell(const struct table_row *r, const char *field)
{
	return part_cell(r->part, r->row, field);
}

/* --- variables -------------------------------------------------------------------------------- */

static struct value value_at_first(const struct table_row *r)
{
	const struct view *v = r->ctx;
	const struct variables *s = v->state;
	int row = s->first ? part_find(s->first, cell(r, "name")) : -1;
	int field = s->first ? schema_field(part_schema(s->first), "value") : -1;
	return row < 0 || field < 0 ? VALUE_NONE : part_get(s->first, (unsigned)row, (unsigned)field);
}

static struct value was(const struct table_row *r)
{
	struct value before = value_at_first(r), now = cell(r, "value");
	return before.type == VALUE_ABSENT || value_equal(before, now) ? VALUE_NONE : before;
}

static enum ui_role tint_value(const struct table_row *r, struct value v)
{
	(void)v;
	return was(r).type == VALUE_ABSENT ? UI_STRONG : UI_WARNING;
}

static enum ui_role tint_changed(const struct table_row *r, struct value v)
{
	(void)r;
	return v.type == VALUE_ABSENT ? UI_DIM : UI_WARNING;
}

static const struct column variable_columns[] = {
	{.field = "name", .width = 44, .min = 24, .flags = COLUMN_ASC},
	{.field = "value", .width = 40, .min = 24, .flags = COLUMN_FILL | COLUMN_LEFT, .tint = tint_value},
	{.id = "was", .title = "Was", .width = 16, .min = 8, .flags = COLUMN_LEFT, .priority = 2,
	 .value = was, .tint = tint_changed,
	 .help = "The value when the watching began, where it is another now: somebody ran SET GLOBAL."},
	{.field = "source", .width = 12, .min = 9, .priority = 1},
	{.field = "path", .width = 30, .min = 20, .priority = 3},
};

static const struct table_panel variable_table = {
	.part = PART_VARIABLES,
	.table = {
		.columns = variable_columns,
		.n_columns = COUNT_OF(variable_columns),
		.sort = "name",
		.empty = "No variable matches.",
	},
};

/* --- status ----------------------------------------------------------------------------------- */

static struct value status_rate(const struct table_row *r)
{
	struct value name = cell(r, "name");
	if (!r->frame || !status_is_counter(value_cstr(name)))
		return VALUE_NONE;
	return frame_rate_of(r->frame, PART_STATUS, value_cstr(name));
}

static void format_rate(const struct table_row *r, struct value v, struct buf *out)
{
	unit_format(out, UNIT_COUNT, v, true);
	if (v.type != VALUE_ABSENT)
		buf_adds(out, "/s");
	(void)r;
}

static struct value change(const struct table_row *r)
{
	const struct part *before = r->frame ? r->frame->before[PART_STATUS] : NULL;
	struct value now = cell(r, "value");
	struct value then = before ? part_lookup(before, value_cstr(cell(r, "name"))) : VALUE_NONE;
	if (!value_is_number(now) || !value_is_number(then))
		return VALUE_NONE;
	double d = value_number(now, 0) - value_number(then, 0);
	return d != 0 ? value_real(d) : VALUE_NONE;
}

static struct value pinned(const struct table_row *r)
{
	const struct view *v = r->ctx;
	return console_pinned(v->console, value_cstr(cell(r, "name"))) ? value_str("pinned") : VALUE_NONE;
}

static const struct column status_columns[] = {
	{.field = "name", .width = 44, .min = 24, .flags = COLUMN_ASC},
	{.field = "value", .width = 24, .min = 12, .flags = COLUMN_FILL | COLUMN_LEFT},
	{.id = "rate", .title = "Rate", .unit = UNIT_COUNT, .width = 10, .priority = 1, .value = status_rate,
	 .format = format_rate,
	 .help = "Of a counter: how much it grew a second between the last two readings."},
	{.id = "change", .title = "Change", .unit = UNIT_COUNT, .width = 10, .priority = 2,
	 .value = change, .help = "How much it differs from the reading before; nothing when it did not."},
	{.id = "pinned", .title = "Pin", .width = 6, .priority = 3, .value = pinned,
	 .help = "Pinned values are shown on the overview with their curve."},
};

static const struct table_spec status_table = {
	.columns = status_columns,
	.n_columns = COUNT_OF(status_columns),
	.sort = "name",
	.empty = "No status value matches.",
};

/* --- the view --------------------------------------------------------------------------------- */

static void open(struct view *v, const void *arg)
{
	struct variables *s = v->state;
	table_panel_open(v, arg);
	s->status = tableview_new(&status_table, v);
	tableview_set_keymap(s->status, console_keymap(v->console));
	s->target = console_target(v->console);
}

static void close(struct view *v)
{
	struct variables *s = v->state;
	table_panel_close(v);
	tableview_free(s->status);
	part_unref(s->first);
}

static void remember_first(struct view *v)
{
	struct variables *s = v->state;
	const struct part *p = console_part(v->console, PART_VARIABLES);
	if (s->target != console_target(v->console)) {
		part_unref(s->first);
		s->first = NULL;
		s->target = console_target(v->console);
	}
	if (!s->first && p && part_status(p) == PART_OK)
		s->first = part_ref(p);
}

static void refresh(struct view *v)
{
	struct variables *s = v->state;
	remember_first(v);
	table_panel_refresh(v);
	tableview_set_frame(s->status, console_frame(v->console), PART_STATUS);
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct variables *s = v->state;
	struct rect head = rect_top(&r, 1);
	struct line l = {0};
	line_puts(&l, s->shows_status ? UI_TAB : UI_TAB_CURRENT, " Variables ");
	line_gap(&l, 1);
	line_puts(&l, s->shows_status ? UI_TAB_CURRENT : UI_TAB, " Status ");
	line_gap(&l, 2);
	line_key(&l, v->console, "variables-or-status", "the other", UI_FOOTER_KEY, UI_FOOTER_TEXT);
	line_draw(&l, c, head.x + 1, head.y, head.w - 1);
	line_release(&l);
	if (!s->shows_status) {
		table_panel_draw(v, c, r);
		return;
	}
	if (draw_part_state(c, &r, v->console, PART_STATUS))
		draw_table(c, r, s->status);
}

static struct tableview *table(struct view *v)
{
	struct variables *s = v->state;
	return s->shows_status ? s->status : s->variables.table;
}

static void other(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct variables *s = v->state;
	s->shows_status = !s->shows_status;
}

static void pin(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct variables *s = v->state;
	if (call->args[0])
		console_pin(v->console, call->args);
	else if (!s->shows_status)
		console_say(v->console, UI_DIM, "status values can be pinned: go there first");
	else
		console_pin(v->console, value_cstr(tableview_key(s->status)));
	tableview_refresh(s->status);
}

static const struct action actions[] = {
	{"variables-or-status", "o", "variables or status", "Change between settings and counters.", NULL,
	 0, 2, other},
	{"pin", "Enter", "pin to overview", "Show the status value with its curve on the overview, or no "
	 "longer.", "[NAME]", ACTION_NEEDS_ROW, 1, pin},
};

static const struct action_set action_set = {"variables", "Variables", actions, COUNT_OF(actions)};

const struct view_ops variables_panel = {
	.name = "variables",
	.title = "Variables",
	.brief = "Vars",
	.digit = '8',
	.help = "Every setting of the server, where its value came from, and what changed while you watch; "
		"and every status counter with its rate. / searches. Any counter can be pinned to the "
		"overview.",
	.needs = PART_BIT(PART_VARIABLES) | PART_BIT(PART_STATUS),
	.all_status = true,
	.size = sizeof(struct variables),
	.spec = &variable_table,
	.open = open,
	.close = close,
	.refresh = refresh,
	.draw = draw,
	.table = table,
	.actions = &action_set,
};
