#include "ui/chart.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

static const char *const eighths[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

double chart_array_value(const void *data, unsigned back)
{
	const struct chart_array *a = data;
	return back < a->n ? a->values[a->n - 1 - back] : NAN;
}

struct range {
	double low, high;
};

/* Of the newest n values. */
static struct range range_of(chart_fn *fn, const void *data, int n, enum chart_scale scale)
{
	struct range r = {INFINITY, -INFINITY};
	for (int i = 0; i < n; i++) {
		double v = fn(data, (unsigned)i);
		if (!isfinite(v))
			continue;
		r.low = v < r.low ? v : r.low;
		r.high = v > r.high ? v : r.high;
	}
	if (r.low > r.high)
		return (struct range){0, 1};
	if (scale == CHART_FROM_ZERO && r.low > 0)
		r.low = 0;
	if (r.high <= r.low)
		r.high = r.low + (r.low == 0 ? 1 : fabs(r.low));
	return r;
}

/* How many of `steps` a value reaches: at least one when it is more than the lowest. */
static int level(struct range r, double v, int steps)
{
	double part = (v - r.low) / (r.high - r.low);
	int n = (int)lround(part * steps);
	return n < 0 ? 0 : n > steps ? steps : n == 0 && part > 0 ? 1 : n;
}

void chart_spark(struct canvas *c, int x, int y, int w, enum ui_role role, chart_fn *fn,
		 const void *data, enum chart_scale scale)
{
	struct range r = range_of(fn, data, w, scale);
	for (int i = 0; i < w; i++) {
		double v = fn(data, (unsigned)(w - 1 - i));
		if (isfinite(v))
			canvas_puts(c, x + i, y, 1, role, eighths[level(r, v, 7)]);
		else
			canvas_puts(c, x + i, y, 1, role, " ");
	}
}

void chart_spark_text(struct buf *out, int w, chart_fn *fn, const void *data, enum chart_scale scale)
{
	struct range r = range_of(fn, data, w, scale);
	for (int i = w - 1; i >= 0; i--) {
		double v = fn(data, (unsigned)i);
		buf_adds(out, isfinite(v) ? eighths[level(r, v, 7)] : " ");
	}
}

void chart_bar(struct canvas *c, int x, int y, int w, const struct chart_segment *segments,
	       unsigned n, double total)
{
	int done = 0;
	double sum = 0;
	for (unsigned i = 0; i < n; i++) {
		double v = segments[i].value;
		if (!(v > 0) || !(total > 0))
			continue;
		sum += v;
		int end = (int)lround(sum / total * w);
		end = end <= done ? done + 1 : end;
		end = end > w ? w : end;
		/* Nearly full is not full. */
		if (end == w && sum < total && i + 1 == n && w > 1)
			end = w - 1 > done ? w - 1 : end;
		for (; done < end; done++)
			canvas_puts(c, x + done, y, 1, segments[i].role, "█");
	}
	for (; done < w; done++)
		canvas_puts(c, x + done, y, 1, UI_BAR_FREE, "░");
}

static void label(struct buf *out, double v, enum unit unit, bool rate)
{
	buf_clear(out);
	unit_format(out, unit, value_real(v), rate);
}

void chart_columns(struct canvas *c, struct rect r, enum ui_role role, chart_fn *fn,
		   const void *data, enum unit unit, bool rate, enum chart_scale scale)
{
	enum { AXIS = 8, LEAST = 24 };
	if (r.h < 1 || r.w < 1)
		return;
	int axis = r.w >= LEAST ? AXIS : 0;
	struct range range = range_of(fn, data, r.w - axis, scale);
	if (axis) {
		struct buf text = BUF_INIT;
		label(&text, range.high, unit, rate);
		canvas_right(c, r.x, r.y, AXIS - 1, UI_DIM, buf_str(&text), text.len);
		if (r.h > 1) {
			label(&text, range.low, unit, rate);
			canvas_right(c, r.x, r.y + r.h - 1, AXIS - 1, UI_DIM, buf_str(&text),
				     text.len);
		}
		buf_release(&text);
	}
	for (int x = r.x + axis; x < r.x + r.w; x++) {
		double v = fn(data, (unsigned)(r.x + r.w - 1 - x));
		int n = isfinite(v) ? level(range, v, 8 * r.h) : 0;
		for (int y = r.y + r.h - 1; y >= r.y && n > 0; y--, n -= 8)
			canvas_puts(c, x, y, 1, role, eighths[n >= 8 ? 7 : n - 1]);
		if (isfinite(v) && level(range, v, 8 * r.h) == 0)
			canvas_puts(c, x, r.y + r.h - 1, 1, role, eighths[0]);
	}
}
