/*
 * Small drawings of numbers. Absent values are NaN and leave a blank: unknown is not zero. UI
 * thread.
 */
#ifndef UI_CHART_H
#define UI_CHART_H

#include "base/buf.h"
#include "model/unit.h"
#include "ui/canvas.h"

/* The i-th value from the right; NaN for absent. */
typedef double chart_fn(const void *data, unsigned back);
/* For an array of doubles, newest last. */
struct chart_array {
	const double *values;
	unsigned n;
};
chart_fn chart_array_value;

enum chart_scale { CHART_FROM_ZERO, CHART_FROM_MIN };

/* One line of ▁▂▃▄▅▆▇█, the newest at the right. */
void chart_spark(struct canvas *c, int x, int y, int w, enum ui_role role, chart_fn *fn,
		 const void *data, enum chart_scale scale);

/* The same as a text, for documents. */
void chart_spark_text(struct buf *out, int w, chart_fn *fn, const void *data, enum chart_scale scale);

struct chart_segment {
	double value;
	enum ui_role role;
};
/* A horizontal bar: the segments one after the other out of `total`, the rest ░ in UI_BAR_FREE.
   What is not zero shows. */
void chart_bar(struct canvas *c, int x, int y, int w, const struct chart_segment *segments,
	       unsigned n, double total);

/* Columns over `r`, the newest at the right, with the scale at the left (its top and bottom in
   `unit`) where there is room. */
void chart_columns(struct canvas *c, struct rect r, enum ui_role role, chart_fn *fn,
		   const void *data, enum unit unit, bool rate, enum chart_scale scale);

#endif
