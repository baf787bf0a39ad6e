/*
 * Overview: the rates that matter, each with its curve, and the worst sessions. One screen to triage.
 *
 * The cursor lives in the table of sessions; going up past its first row enters the numbers, where `?`
 * explains the one under it.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/sessiontable.h"
#include "ui/help.h"

enum { MOST_GROUP = 9, MOST_CELLS = 64 };

struct group {
	const char *title;
	unsigned n;
	enum metric_id metrics[MOST_GROUP];
};

static const struct group groups[] = {
	{"Statements a second", 8, {METRIC_QPS, METRIC_SELECTS, METRIC_INSERTS, METRIC_UPDATES,
				    METRIC_DELETES, METRIC_REPLACES, METRIC_COMMITS, METRIC_ROLLBACKS}},
	{"Rows a second", 6, {METRIC_ROWS_READ, METRIC_ROWS_CHANGED, METRIC_FULL_SCANS, METRIC_FULL_JOINS,
			      METRIC_SORT_ROWS, METRIC_SORT_MERGES}},
	{"Connections", 6, {METRIC_RUNNING, METRIC_CONNECTED, METRIC_CONNECTIONS_USED, METRIC_CONNECTS,
			    METRIC_ABORTED, METRIC_THREADS_CREATED}},
	{"Traffic and temporary tables", 6, {METRIC_BYTES_IN, METRIC_BYTES_OUT, METRIC_BINLOG_BYTES,
					     METRIC_TMP_TABLES, METRIC_TMP_DISK_TABLES, METRIC_SLOW}},
	{"Engine", 5, {METRIC_LOCK_WAITS, METRIC_POOL_HIT, METRIC_REDO_USED, METRIC_HISTORY, METRIC_LAG}},
};

/* One number on the screen, a metric or a pin. */
struct number {
	const struct metric *metric; /* or */
	const struct pin *pin;
	unsigned id;
	int x, y, w;
};

struct overview {
	struct table_panel_state sessions; /* first: the table panel's own functions serve it */
	struct number cells[MOST_CELLS]; /* as drawn last */
	unsigned n_cells;
	int at;                          /* the cell under the cursor, -1: the table has it */
};

static const char *number_title(const struct number *n)
{
	return n->metric ? n->metric->title : n->pin->name;
}

static struct value number_value(const struct number *n, struct timeline *t)
{
	return n->metric ? timeline_metric(t, n->id) : n->pin->now;
}

static const struct series *number_series(const struct number *n, struct timeline *t)
{
	return n->metric ? timeline_series(t, n->id) : &n->pin->series;
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_number(struct view *v, struct canvas *c, struct number n)
{
	struct overview *o = v->state;
	struct timeline *t = console_timeline(v->console);
	struct value value = number_value(&n, t);
	bool here = o->at == (int)o->n_cells;
	struct buf text = BUF_INIT, label = BUF_INIT;
	enum { VALUE = 7 };
	int spark = n.w >= 38 ? n.w - 28 : n.w >= 25 ? n.w - VALUE - 14 : 0;
	int name = n.w - VALUE - (spark ? spark + 2 : 1);

	if (here)
		canvas_fill(c, (struct rect){n.x, n.y, n.w - 1, 1}, UI_TABLE_CURSOR);
	utf8_scrub(&label, number_title(&n), strlen(number_title(&n)));
	canvas_left(c, n.x, n.y, name, UI_LABEL, buf_str(&label), label.len);
	unit_format(&text, n.metric ? n.metric->unit : UNIT_COUNT, value,
		    n.metric ? n.metric->rate : n.pin->rate);
	canvas_right(c, n.x + name, n.y, VALUE,
		     value.type == VALUE_ABSENT || value_number(value, 1) == 0 ? UI_DIM : UI_STRONG,
		     buf_str(&text), text.len);
	if (spark)
		draw_spark(c, n.x + name + VALUE + 1, n.y, spark, UI_SPARK, number_series(&n, t));
	buf_release(&text);
	buf_release(&label);
	if (o->n_cells < MOST_CELLS)
		o->cells[o->n_cells++] = n;
}

static unsigned collect_pins(struct console *c, struct number *out, unsigned most)
{
	struct timeline *t = console_timeline(c);
	unsigned n = 0;
	for (unsigned i = 0; i < timeline_pins(t) && n < most; i++)
		if (timeline_pinned(t, i)->name)
			out[n++] = (struct number){.pin = timeline_pinned(t, i), .id = i};
	return n;
}

/* Wide and tall: a block a group, with its heading. Returns the rows used. */
static int draw_blocks(struct view *v, struct canvas *c, struct rect r, const struct number *pins,
		       unsigned n_pins)
{
	int blocks = (int)COUNT_OF(groups) + (n_pins > 0), per_row = r.w / 38, used = 0;
	if (per_row > blocks)
		per_row = blocks;
	int w = r.w / per_row;
	for (int b = 0; b < blocks; b += per_row) {
		int tallest = 0;
		for (int k = b; k < blocks && k < b + per_row; k++) {
			int x = r.x + (k - b) * w + 1, y = r.y + used;
			const struct group *g = k < (int)COUNT_OF(groups) ? &groups[k] : NULL;
			unsigned n = g ? g->n : n_pins;
			canvas_puts(c, x, y, w - 2, UI_TITLE, g ? g->title : "Pinned");
			for (unsigned i = 0; i < n; i++) {
				struct number num = pins ? pins[i < n_pins ? i : 0] : (struct number){0};
				if (g)
					num = (struct number){.metric = metric_get(g->metrics[i]),
							      .id = g->metrics[i]};
				num.x = x;
				num.y = y + 1 + (int)i;
				num.w = w - 2;
				draw_number(v, c, num);
			}
			if ((int)n + 1 > tallest)
				tallest = (int)n + 1;
		}
		used += tallest + 1;
	}
	return used;
}

/* Small: what matters most, in a grid, at most `rows` rows; pins first. */
static int draw_grid(struct view *v, struct canvas *c, struct rect r, int rows,
		     const struct number *pins, unsigned n_pins)
{
	static const enum metric_id order[] = {
		METRIC_SELECTS,     METRIC_INSERTS,   METRIC_UPDATES,    METRIC_DELETES,
		METRIC_COMMITS,     METRIC_ROWS_READ, METRIC_ROWS_CHANGED, METRIC_FULL_SCANS,
		METRIC_CONNECTED,   METRIC_CONNECTS,  METRIC_ABORTED,    METRIC_LOCK_WAITS,
		METRIC_BYTES_IN,    METRIC_BYTES_OUT, METRIC_BINLOG_BYTES, METRIC_TMP_TABLES,
		METRIC_TMP_DISK_TABLES, METRIC_SORT_ROWS, METRIC_FULL_JOINS, METRIC_SLOW,
		METRIC_THREADS_CREATED, METRIC_SORT_MERGES, METRIC_REPLACES, METRIC_ROLLBACKS,
	};
	int columns = r.w / 26 ? r.w / 26 : 1, w = r.w / columns;
	int n = (int)n_pins + (int)COUNT_OF(order);
	int need = (n + columns - 1) / columns;
	if (need < rows)
		rows = need;
	for (int i = 0; i < n && i < rows * columns; i++) {
		enum metric_id id = order[i >= (int)n_pins ? i - (int)n_pins : 0];
		struct number num = i < (int)n_pins ? pins[i]
						    : (struct number){.metric = metric_get(id), .id = id};
		num.x = r.x + i / rows * w + 1;
		num.y = r.y + i % rows;
		num.w = w - 1;
		draw_number(v, c, num);
	}
	return rows;
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct overview *o = v->state;
	struct number pins[MOST_CELLS / 2];
	unsigned n_pins = collect_pins(v->console, pins, COUNT_OF(pins));
	draw_part_state(c, &r, v->console, PART_STATUS);
	o->n_cells = 0;
	int used = 0;
	if (r.h >= 30 && r.w >= 114)
		used = draw_blocks(v, c, r, pins, n_pins);
	else if (r.h >= 9)
		used = draw_grid(v, c, r, r.h >= 17 ? r.h - 9 : r.h / 2, pins, n_pins) + (r.h >= 14);
	if (o->at >= (int)o->n_cells)
		o->at = -1;
	rect_top(&r, used);
	table_panel_draw(v, c, r);
}

/* --- moving among the numbers ----------------------------------------------------------------- */

/* The nearest number in that direction; -1 when there is none. */
static int neighbour(const struct overview *o, int dx, int dy)
{
	const struct number *from = &o->cells[o->at];
	int best = -1;
	long least = 0;
	for (int i = 0; i < (int)o->n_cells; i++) {
		int x = o->cells[i].x - from->x, y = o->cells[i].y - from->y;
		bool there = dx ? x * dx > 0 && y == 0 : y * dy > 0 && x == 0;
		/* Blocks differ in height: sideways takes the row that is nearest. */
		if (!there && dx && x * dx > 0)
			there = true;
		long far = dx ? labs(x) * 100 + labs(y) : labs(y);
		if (there && (best < 0 || far < least)) {
			best = i;
			least = far;
		}
	}
	return best;
}

static bool key(struct view *v, struct key k)
{
	struct overview *o = v->state;
	struct tableview *t = o->sessions.table;
	bool up = k.code == K_UP || k.code == 'k', down = k.code == K_DOWN || k.code == 'j';
	if (k.mods)
		return false;
	if (o->at < 0) {
		bool first = tableview_shown(t) == 0 || tableview_row(t) < 0 ||
			     tableview_row(t) == tableview_row_at(t, 0);
		if (!up || !first || !o->n_cells)
			return false;
		o->at = 0;
		while (neighbour(o, 0, 1) >= 0)
			o->at = neighbour(o, 0, 1);
		return true;
	}
	if (k.code == K_ENTER) {
		console_explain(v->console);
		return true;
	}
	bool left = k.code == K_LEFT, right = k.code == K_RIGHT;
	if (!up && !down && !left && !right)
		return false;
	int to = neighbour(o, right - left, left || right ? 0 : down - up);
	if (to >= 0)
		o->at = to;
	else if (down)
		o->at = -1;
	return true;
}

static bool explain(struct view *v, struct doc *d)
{
	struct overview *o = v->state;
	if (o->at < 0 || o->at >= (int)o->n_cells)
		return false;
	const struct number *n = &o->cells[o->at];
	struct timeline *t = console_timeline(v->console);
	const struct series *s = number_series(n, t);
	const char *absent = number_value(n, t).type == VALUE_ABSENT
				     ? "nothing to compare with yet, the server does not have it, or it "
				       "could not be read"
				     : NULL;
	if (n->metric)
		help_subject(d, n->metric->title, unit_name(n->metric->unit), n->metric->help,
			     n->metric->normal, n->metric->source, absent);
	else
		help_subject(d, n->pin->name, NULL, "A status value that was pinned in the variables panel.",
			     NULL, "SHOW GLOBAL STATUS", absent);
	double low = (double)INFINITY, high = -(double)INFINITY;
	unsigned k = series_length(s);
	for (unsigned i = 0; i < k; i++) {
		double x = series_value(s, i);
		low = x < low ? x : low;
		high = x > high ? x : high;
	}
	if (low > high)
		return true;
	struct buf b = BUF_INIT;
	enum unit u = n->metric ? n->metric->unit : UNIT_COUNT;
	bool rate = n->metric ? n->metric->rate : n->pin->rate;
	unit_format(&b, u, value_real(low), rate);
	buf_adds(&b, " to ");
	unit_format(&b, u, value_real(high), rate);
	buf_adds(&b, " in the last ");
	unit_duration(&b, series_age(s, k - 1));
	doc_field(d, 10, "Seen", UI_STRONG, buf_str(&b));
	buf_release(&b);
	return true;
}

/* --- the view --------------------------------------------------------------------------------- */

static void open(struct view *v, const void *arg)
{
	struct overview *o = v->state;
	o->at = -1;
	table_panel_open(v, arg);
}

const struct view_ops overview_panel = {
	.name = "overview",
	.title = "Overview",
	.brief = "Over",
	.digit = '1',
	.help = "The rates that matter with the curve of the last minutes, and the sessions that matter "
		"most: blockers first, then waiters, then the longest running. Go up past the first "
		"session to reach the numbers; ? explains the one under the cursor.",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_BINLOG),
	.size = sizeof(struct overview),
	.spec = &worst_sessions,
	.open = open,
	.close = table_panel_close,
	.refresh = table_panel_refresh,
	.draw = draw,
	.key = key,
	.table = table_panel_table,
	.explain = explain,
	.wants = session_table_wants,
	.session = session_table_session,
	.actions = &session_table_actions,
};
