/*
 * The curve of one of InnoDB's numbers, as far back as it is known: an hour for metrics, for all others as
 * long as whole snapshots are kept.
 */
#include <math.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/innodb.h"
#include "ui/chart.h"

enum { MOST = 3600 };

struct graph {
	enum inno_number_id number;
	double values[MOST];
};

static void open(struct view *v, const void *arg)
{
	struct graph *g = v->state;
	g->number = *(const enum inno_number_id *)arg;
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct graph *g = v->state;
	const struct frame *f = console_frame(v->console);
	double seconds, low = (double)INFINITY, high = -(double)INFINITY;
	int room = r.w - 12;
	unsigned most = room < 1 ? 1 : room > MOST ? MOST : (unsigned)room;
	struct chart_array a = {g->values, inno_history(g->number, console_timeline(v->console), g->values,
							 most, &seconds)};
	for (unsigned i = 0; i < a.n; i++) {
		low = fmin(low, g->values[i]);
		high = fmax(high, g->values[i]);
	}
	struct line l = {0};
	struct buf b = BUF_INIT;
	line_inno(&l, NULL, g->number, f);
	if (low <= high) {
		line_puts(&l, UI_LABEL, "   least ");
		inno_format(&b, g->number, value_real(low));
		line_puts(&l, UI_TEXT, buf_str(&b));
		buf_clear(&b);
		line_puts(&l, UI_LABEL, "  most ");
		inno_format(&b, g->number, value_real(high));
		line_puts(&l, UI_TEXT, buf_str(&b));
		buf_clear(&b);
		line_puts(&l, UI_LABEL, "  in the last ");
		inno_seconds(&b, seconds);
		line_puts(&l, UI_TEXT, buf_str(&b));
	}
	struct rect head = rect_top(&r, 2);
	line_draw(&l, c, head.x + 2, head.y, head.w - 3);
	line_release(&l);
	buf_release(&b);
	struct rect foot = rect_bottom(&r, r.h > 6 ? 2 : 0);
	if (foot.h > 1)
		canvas_left(c, foot.x + 2, foot.y + 1, foot.w - 3, UI_DIM, inno_normal(g->number),
			    strlen(inno_normal(g->number)));
	struct rect chart = {r.x + 2, r.y, r.w - 4, r.h};
	chart_columns(c, chart, UI_CHART, chart_array_value, &a, inno_unit(g->number),
		      inno_is_rate(g->number), CHART_FROM_ZERO);
}

static bool explain(struct view *v, struct doc *d)
{
	const struct graph *g = v->state;
	inno_explain(d, g->number, v->console);
	return true;
}

const struct view_ops inno_graph_view = {
	.name = "innodb-graph",
	.title = "Curve",
	.help = "One of InnoDB's numbers over the time that is kept. ? explains it.",
	.needs = INNO_NEEDS,
	.size = sizeof(struct graph),
	.open = open,
	.draw = draw,
	.explain = explain,
};
