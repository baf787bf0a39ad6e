#include <math.h>

#include "base/mem.h"
#include "tests/unit/ui_test.h"
#include "ui/chart.h"

static void check_spark(const double *values, unsigned n, int w, enum chart_scale scale,
			const char *want)
{
	struct canvas c = new_canvas(w, 1);
	struct chart_array a = {values, n};
	chart_spark(&c, 0, 0, w, UI_SPARK, chart_array_value, &a, scale);
	expect(&c, want);
	canvas_release(&c);
}

static void sparklines(void **state)
{
	(void)state;
	static const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7};
	check_spark(rising, 8, 8, CHART_FROM_ZERO, "▁▂▃▄▅▆▇█\n");
	check_spark(rising, 8, 3, CHART_FROM_ZERO, "▆▇█\n");
	check_spark(rising, 8, 3, CHART_FROM_MIN, "▁▅█\n");
	/* older than the data: blank. Absent: blank, not zero. A little is more than nothing. */
	static const double holes[] = {0, NAN, 1000, 1};
	check_spark(holes, 4, 6, CHART_FROM_ZERO, "  ▁ █▂\n");
	static const double flat[] = {5, 5}, zero[] = {0, 0}, none[] = {NAN};
	check_spark(flat, 2, 2, CHART_FROM_ZERO, "██\n");
	check_spark(zero, 2, 2, CHART_FROM_ZERO, "▁▁\n");
	check_spark(none, 1, 2, CHART_FROM_ZERO, "\n");
	static const double infinite[] = {INFINITY, 1};
	check_spark(infinite, 2, 2, CHART_FROM_ZERO, " █\n");
}

static void check_bar(const struct chart_segment *s, unsigned n, double total, const char *want)
{
	struct canvas c = new_canvas(10, 1);
	chart_bar(&c, 0, 0, 10, s, n, total);
	expect(&c, want);
	canvas_release(&c);
}

static void bars(void **state)
{
	(void)state;
	struct chart_segment s[] = {{74, UI_GOOD}, {21, UI_WARNING}};
	struct canvas c = new_canvas(10, 1);
	chart_bar(&c, 0, 0, 10, s, 2, 100);
	expect(&c, "█████████░\n");
	expect_roles(&c, "0 0-6 good\n0 7-8 warning\n0 9-9 bar.free\n");
	canvas_release(&c);
	s[0].value = 0.001;
	check_bar(s, 1, 100, "█░░░░░░░░░\n");
	s[0].value = 99.9;
	check_bar(s, 1, 100, "█████████░\n");
	s[0].value = 100;
	check_bar(s, 1, 100, "██████████\n");
	s[0].value = 250;
	check_bar(s, 1, 100, "██████████\n");
	s[0].value = NAN;
	check_bar(s, 1, 100, "░░░░░░░░░░\n");
	check_bar(s, 1, 0, "░░░░░░░░░░\n");
}

static void columns(void **state)
{
	(void)state;
	static const double v[] = {0, 4, 8, NAN, 16};
	struct chart_array a = {v, COUNT_OF(v)};
	struct canvas c = new_canvas(5, 2);
	struct rect r = {0, 0, 5, 2};
	chart_columns(&c, r, UI_CHART, chart_array_value, &a, UNIT_COUNT, false, CHART_FROM_ZERO);
	expect(&c, "    █\n▁▄█ █\n");
	canvas_resize(&c, 26, 3);
	r = (struct rect){0, 0, 26, 3};
	chart_columns(&c, r, UI_CHART, chart_array_value, &a, UNIT_BYTES, false, CHART_FROM_ZERO);
	expect(&c, "     16                  █\n"
		   "                       ▄ █\n"
		   "      0              ▁▆█ █\n");
	canvas_resize(&c, 1, 1);
	r = (struct rect){0, 0, 0, 0};
	chart_columns(&c, r, UI_CHART, chart_array_value, &a, UNIT_BYTES, false, CHART_FROM_ZERO);
	canvas_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sparklines),
		cmocka_unit_test(bars),
		cmocka_unit_test(columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
