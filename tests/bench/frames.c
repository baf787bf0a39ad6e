/*
 * How long a frame of the sessions table takes with many sessions: from sealed parts to cells, without
 * a server and without a terminal.
 *
 *   frames [SESSIONS]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/collector.h"
#include "collect/processlist.h"
#include "panels/sessiontable.h"

enum { COLS = 200, ROWS = 50, TIMES = 200 };

static struct tableview *table;
static struct canvas canvas;
static struct timeline *past;
static const struct part *readings[2];
static uint64_t seq;

static void set(struct part_builder *b, unsigned field, int64_t i)
{
	part_set(b, field, value_int(i));
}

/* One session in ten runs something; twenty of them wait for a row. */
static const struct part *make_reading(int n, int64_t mono)
{
	static const char *const users[] = {"app", "report", "batch", "web"};
	struct part_builder *b = part_builder_new(PART_PROCESSLIST, collect_schema(PART_PROCESSLIST));
	for (int i = 0; i < n; i++) {
		char text[200];
		bool active = i % 10 == 3, waits = i < 200 && active;
		part_row_begin(b);
		set(b, PROCESSLIST_ID, 1000 + i);
		part_set(b, PROCESSLIST_USER, value_str(users[i % 4]));
		snprintf(text, sizeof text, "10.0.%d.%d", i / 250 % 250, i % 250);
		part_set(b, PROCESSLIST_HOST, value_str(text));
		part_set(b, PROCESSLIST_DB, value_str(i % 3 ? "shop" : "stock"));
		part_set(b, PROCESSLIST_COMMAND, value_str(active ? "Query" : "Sleep"));
		part_set(b, PROCESSLIST_STATE,
			 value_str(waits ? "row lock \xe2\x86\x90 812" : active ? "executing" : ""));
		part_set(b, PROCESSLIST_TIME,
			 value_real((double)(i * 7919 % 5000) / 10 + (double)mono / NS_PER_S));
		if (active) {
			snprintf(text, sizeof text,
				 "SELECT o.id, c.name, SUM(i.price) FROM orders o JOIN customers c ON "
				 "c.id = o.customer WHERE o.id = %d GROUP BY o.id, c.name",
				 i);
			part_set(b, PROCESSLIST_INFO, value_str(text));
			set(b, PROCESSLIST_ROWS_EXAMINED, i * 31 % 100000);
		}
		if (waits)
			set(b, PROCESSLIST_BLOCKED_BY, 812);
		part_row_end(b);
	}
	return part_seal(b, mono, 0, 1);
}

/* --- what is timed ------------------------------------------------------------------------ */

static void draw(void)
{
	canvas_clear(&canvas);
	tableview_draw(table, &canvas, (struct rect){0, 0, COLS, ROWS});
}

static void new_data(int i)
{
	struct snapshot *s = snapshot_new(0);
	s->seq = ++seq;
	s->link = LINK_LIVE;
	snapshot_set(s, part_ref(readings[i % 2]));
	timeline_push(past, s);
	tableview_set_frame(table, timeline_frame(past), PART_PROCESSLIST);
	draw();
}

static void move_down(int i)
{
	tableview_move(table, i % 100 == 99 ? TABLE_HOME : TABLE_DOWN);
	draw();
}

static void page_down(int i)
{
	tableview_move(table, i % 100 == 99 ? TABLE_HOME : TABLE_PAGE_DOWN);
	draw();
}

static void sort(int i)
{
	static const char *const by[] = {"-time", "user", "info", "-id"};
	tableview_sort(table, by[i % 4]);
	draw();
}

static void filter(int i)
{
	static const char *const typed[] = {"s", "se", "sel", "time>100", "user=app db=shop", ""};
	struct err e = {0};
	size_t at;
	tableview_filter(table, typed[i % 6], &e, &at);
	draw();
}

static void group(int i)
{
	tableview_group(table, i % 2 ? NULL : "user");
	draw();
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void measure(const char *what, void (*frame)(int i), double goal)
{
	double ms[TIMES];
	for (int i = 0; i < TIMES; i++) {
		int64_t start = clock_mono_ns();
		frame(i);
		ms[i] = (double)(clock_mono_ns() - start) / (double)NS_PER_MS;
	}
	qsort(ms, TIMES, sizeof ms[0], by_size);
	printf("  %-22s %10.2f %10.2f %10.2f   %s %.0f\n", what, ms[TIMES / 2], ms[TIMES * 95 / 100],
	       ms[TIMES - 1], ms[TIMES * 95 / 100] <= goal ? "at most" : "MISSED:", goal);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 10000;
	for (int i = 0; i < 2; i++)
		readings[i] = make_reading(n, (i + 1) * NS_PER_S);
	past = timeline_new(8 << 20);
	table = tableview_new(&all_sessions.table, NULL);
	for (size_t i = 0; i < all_sessions.table.n_hides; i++)
		tableview_hide(table, all_sessions.table.hides[i].name, false);
	canvas_resize(&canvas, COLS, ROWS);
	new_data(0);

	printf("%d sessions on %dx%d, milliseconds a frame (part: %.1f MB)\n", n, COLS, ROWS,
	       (double)part_memory(readings[0]) / 1e6);
	printf("  %-22s %10s %10s %10s   goal of 95 %%\n", "", "median", "95 %", "worst");
	measure("new data, sorted", new_data, 16);
	measure("cursor down", move_down, 20);
	measure("page down", page_down, 20);
	measure("sort by other columns", sort, 20);
	measure("filter", filter, 20);
	measure("group, and not", group, 20);

	tableview_free(table);
	timeline_free(past);
	canvas_release(&canvas);
	part_unref(readings[0]);
	part_unref(readings[1]);
	return 0;
}
