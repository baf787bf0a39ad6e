/*
 * The picture of InnoDB's architecture: memory above, disk below, the flows between them, and what works in
 * between. Every box and flow remembers where it was drawn, so that the cursor can go there.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "panels/console.h"
#include "panels/innodb.h"
#include "ui/chart.h"

enum {
	LEAST_WIDTH = 110,
	MEMORY_ROWS = 5,
	FLOW_ROWS = 2,
	DISK_ROWS = 4,
	WORK_ROWS = 2,
	LEAST_HEIGHT = MEMORY_ROWS + FLOW_ROWS + DISK_ROWS + 4,
	WORK_HEIGHT = LEAST_HEIGHT + WORK_ROWS + 2,
	MOST_COLUMNS = 3,
};

struct picture {
	struct innodb *state;
	const struct console *console;
	struct canvas *canvas;
	const struct frame *frame;
	struct timeline *timeline;
	/* The pen: the line that is written now, from x, y in w cells. */
	int x, y, w;
	struct line line;
};

/* --- the pen ---------------------------------------------------------------------------------- */

/* What has no room is left out whole. */
static bool has_room(struct picture *p, const struct line *piece)
{
	int used = line_width(&p->line);
	return used + (used ? 2 : 0) + line_width(piece) <= p->w;
}

static void join(struct picture *p, struct line *piece)
{
	size_t at = 0;
	if (has_room(p, piece)) {
		if (p->line.n)
			line_gap(&p->line, 2);
		for (unsigned i = 0; i < piece->n; i++) {
			line_printf(&p->line, piece->pieces[i].role, "%.*s",
				    (int)(piece->pieces[i].end - at), piece->text.s + at);
			at = piece->pieces[i].end;
		}
	}
	line_release(piece);
}

/* With the way it goes, where it goes one. What has no room in words is said by signs. */
static void number_with(struct picture *p, const char *title, enum inno_number_id id, const char *trend)
{
	struct line piece = {0};
	line_inno(&piece, title, id, p->frame);
	if (*trend)
		line_printf(&piece, UI_DIM, " %s", trend);
	if (!has_room(p, &piece)) {
		line_release(&piece);
		piece = (struct line){0};
		line_inno_brief(&piece, title, id, p->frame);
		if (*trend)
			line_printf(&piece, UI_DIM, " %s", trend);
	}
	join(p, &piece);
}

static void number(struct picture *p, const char *title, enum inno_number_id id)
{
	number_with(p, title, id, "");
}

static void trending(struct picture *p, const char *title, enum inno_number_id id)
{
	number_with(p, title, id, inno_trend(id, p->timeline));
}

/* "in 12 tablespaces" */
static void in_so_many(struct picture *p, enum inno_number_id id, const char *what)
{
	struct line piece = {0};
	line_inno(&piece, "in", id, p->frame);
	line_printf(&piece, UI_LABEL, " %s", what);
	join(p, &piece);
}

__attribute__((format(printf, 3, 4)))
static void words(struct picture *p, enum ui_role role, const char *fmt, ...)
{
	struct line piece = {0};
	struct buf b = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	line_puts(&piece, role, buf_str(&b));
	join(p, &piece);
	buf_release(&b);
}

static void end_line(struct picture *p)
{
	line_draw(&p->line, p->canvas, p->x, p->y, p->w);
	line_release(&p->line);
	p->y++;
}

/* A box (or flow) begins: its first line carries the cursor. `rows` are its own. */
static void begin(struct picture *p, enum inno_box_id box, int rows)
{
	struct innodb *s = p->state;
	s->spots[s->n_spots++] = (struct inno_spot){box, {p->x, p->y, p->w, rows}};
	if (s->at != box)
		return;
	canvas_fill(p->canvas, (struct rect){p->x - 1, p->y, p->w + 2, 1}, UI_TABLE_CURSOR);
	canvas_puts(p->canvas, p->x - 1, p->y, 1, UI_STRONG, "▸");
}

static void title(struct picture *p, enum inno_box_id box, const char *text, int rows)
{
	begin(p, box, rows);
	line_puts(&p->line, UI_STRONG, text);
	const struct inno_page *page = &inno_pages[inno_box_page(box)];
	enum inno_presence is = inno_page_presence(page, p->frame);
	if (is != INNO_ON)
		words(p, UI_DIM, is == INNO_OFF ? "off" : "not on this server");
}

static bool present(const struct picture *p, enum inno_box_id box)
{
	return inno_page_presence(&inno_pages[inno_box_page(box)], p->frame) == INNO_ON;
}

/* --- memory ----------------------------------------------------------------------------------- */

static void bar(struct picture *p, const struct chart_segment *segments, unsigned n, double total)
{
	chart_bar(p->canvas, p->x, p->y, p->w, segments, n, total);
	p->y++;
}

static void draw_pool(struct picture *p)
{
	const struct frame *f = p->frame;
	title(p, BOX_POOL, "Buffer pool", MEMORY_ROWS);
	struct buf b = BUF_INIT;
	inno_format(&b, INNO_POOL_SIZE, inno_value(INNO_POOL_SIZE, f));
	double n = value_number(inno_variable(f, "innodb_buffer_pool_instances"), 1);
	words(p, UI_STRONG, "%s", buf_str(&b));
	if (n > 1)
		words(p, UI_LABEL, "in %.0f instances", n);
	buf_release(&b);
	end_line(p);

	struct chart_segment pages[] = {
		{inno_real(INNO_POOL_CLEAN, f), UI_BAR_USED},
		{inno_real(INNO_POOL_DIRTY, f), UI_BAR_OTHER},
	};
	bar(p, pages, 2, 1);
	number(p, NULL, INNO_POOL_CLEAN);
	number(p, NULL, INNO_POOL_DIRTY);
	number(p, NULL, INNO_POOL_FREE);
	number(p, NULL, INNO_POOL_HIT);
	int used = line_width(&p->line), spark = p->w - used - 2;
	if (spark >= 5)
		inno_spark(p->canvas, p->x + used + 1, p->y, spark > 16 ? 16 : spark, INNO_POOL_HIT, p->timeline);
	end_line(p);

	double old = inno_real(INNO_POOL_OLD, f);
	struct line l = {0};
	line_inno(&l, NULL, INNO_POOL_OLD, f);
	int w = line_width(&l), room = p->w - w - 8;
	canvas_puts(p->canvas, p->x, p->y, 6, UI_LABEL, "young");
	struct chart_segment ages[] = {{1 - old, UI_BAR_USED}};
	if (isfinite(old))
		chart_bar(p->canvas, p->x + 6, p->y, room, ages, 1, 1);
	line_draw(&l, p->canvas, p->x + p->w - w, p->y, w);
	line_release(&l);
	p->y++;

	number(p, NULL, INNO_POOL_WAITS);
	number(p, NULL, INNO_MADE_YOUNG);
	number(p, NULL, INNO_NOT_YOUNG);
	number(p, NULL, INNO_PAGES_CREATED);
	end_line(p);
}

static void draw_logs_and_changes(struct picture *p)
{
	title(p, BOX_LOG_BUFFER, "Log buffer", 2);
	number(p, "", INNO_LOG_BUFFER);
	end_line(p);
	int spark = p->w - 14 > 24 ? 24 : p->w - 14;
	inno_spark(p->canvas, p->x, p->y, spark, INNO_REDO_WRITTEN, p->timeline);
	p->x += spark + 1;
	p->w -= spark + 1;
	number(p, NULL, INNO_LOG_WAITS);
	end_line(p);
	p->x -= spark + 1;
	p->w += spark + 1;
	title(p, BOX_CHANGE_BUFFER, "Change buffer", 3);
	bool there = present(p, BOX_CHANGE_BUFFER);
	if (there)
		number(p, "", INNO_CHANGE_SIZE);
	end_line(p);
	if (!there)
		return;
	number(p, NULL, INNO_CHANGE_MERGES);
	end_line(p);
	number(p, "inserts", INNO_CHANGE_INSERTS);
	number(p, "purges", INNO_CHANGE_DELETES);
	end_line(p);
}

static void who_is_oldest(struct picture *p)
{
	int64_t session;
	double age;
	struct buf b = BUF_INIT;
	if (inno_oldest(p->frame, &session, &age)) {
		enum inno_strain s = inno_strain(INNO_OLDEST_VIEW, value_real(age));
		inno_format(&b, INNO_OLDEST_VIEW, value_real(age));
		words(p, s ? inno_strain_role(s) : UI_TEXT, "%s %lld, %s%s",
		      p->w >= 34 ? "oldest transaction:" : "oldest:", (long long)session, buf_str(&b),
		      s ? s == STRAIN_CRITICAL ? " too old!" : " old" : "");
	} else {
		const struct part *trx = console_part(p->console, PART_TRANSACTIONS);
		bool known = trx && part_status(trx) == PART_OK;
		words(p, UI_DIM, known ? "no open transaction" : "oldest transaction: –");
	}
	buf_release(&b);
	end_line(p);
}

static void draw_hash_and_history(struct picture *p)
{
	title(p, BOX_HASH, "Adaptive hash", 2);
	bool there = present(p, BOX_HASH);
	if (there)
		number(p, NULL, INNO_HASH_HITS);
	end_line(p);
	if (there)
		inno_spark(p->canvas, p->x, p->y, p->w > 24 ? 24 : p->w, INNO_HASH_SEARCHES, p->timeline);
	p->y++;
	title(p, BOX_HISTORY, "History list", 3);
	trending(p, "", INNO_HISTORY);
	end_line(p);
	inno_spark(p->canvas, p->x, p->y, p->w > 24 ? 24 : p->w, INNO_HISTORY, p->timeline);
	p->y++;
	who_is_oldest(p);
}

/* --- the flows -------------------------------------------------------------------------------- */

/* ▲ up from the disk, ▼ down to it: `id` says how much, `time` how long each takes, where the server times
   it and there is room. */
static void flow(struct picture *p, enum inno_box_id box, const char *arrow, const char *what,
		 enum inno_number_id id, const char *unit, enum inno_number_id time)
{
	struct value v = inno_value(id, p->frame);
	enum inno_strain s = inno_strain(id, v);
	bool still = v.type == VALUE_ABSENT || value_number(v, 0) == 0;
	enum ui_role role = s ? inno_strain_role(s) : still ? UI_DIM : UI_GOOD;
	struct buf b = BUF_INIT;
	begin(p, box, FLOW_ROWS);
	unit_format(&b, inno_unit(id), v, true);
	line_printf(&p->line, role, "%s %s %s", arrow, what, buf_str(&b));
	line_printf(&p->line, role, "%s%s", unit, v.type == VALUE_ABSENT ? "" : "/s");
	if (time != INNO_N_NUMBERS && value_is_number(inno_value(time, p->frame)))
		number(p, "", time);
	end_line(p);
	p->x += 2;
	p->w -= 2;
	buf_release(&b);
}

static void draw_read(struct picture *p)
{
	flow(p, BOX_READ, console_ascii(p->console) ? "^" : "▲", "read", INNO_PAGES_READ, " pages",
	     INNO_DATA_READ_TIME);
	number(p, "ahead", INNO_READ_AHEAD);
	number(p, "pending", INNO_PENDING_READS);
	end_line(p);
}

static void draw_flush(struct picture *p)
{
	flow(p, BOX_FLUSH, "▼", "flush", INNO_FLUSHED, " pages", INNO_DATA_WRITE_TIME);
	number(p, NULL, INNO_FLUSH_SHARE);
	end_line(p);
}

static void draw_log(struct picture *p)
{
	flow(p, BOX_LOG, "▼", "log", INNO_REDO_WRITTEN, "", INNO_LOG_SYNC_TIME);
	number(p, NULL, value_is_number(inno_value(INNO_REDO_FSYNCS, p->frame)) ? INNO_REDO_FSYNCS
										: INNO_DATA_FSYNCS);
	end_line(p);
}

static void draw_purge(struct picture *p)
{
	struct value v = inno_value(INNO_HISTORY_TREND, p->frame);
	double d = value_number(v, 0);
	enum inno_strain s = inno_strain(INNO_HISTORY_TREND, v);
	struct buf b = BUF_INIT;
	flow(p, BOX_PURGE, "▼", "purge", INNO_PURGED, "", INNO_N_NUMBERS);
	unit_count(&b, fabs(d));
	if (v.type == VALUE_ABSENT)
		words(p, UI_DIM, "–");
	else if (d > 0)
		words(p, s ? inno_strain_role(s) : UI_TEXT, "falls behind %s/s", buf_str(&b));
	else if (d < 0)
		words(p, UI_GOOD, "gains %s/s", buf_str(&b));
	else
		words(p, UI_DIM, "keeps up");
	end_line(p);
	buf_release(&b);
}

/* --- disk ------------------------------------------------------------------------------------- */

static void draw_data(struct picture *p)
{
	title(p, BOX_DATA, "Data files", 3);
	number(p, "", INNO_DATA_SIZE);
	in_so_many(p, INNO_DATA_SPACES, "tablespaces");
	end_line(p);
	number(p, NULL, INNO_DATA_READ);
	number(p, NULL, INNO_DATA_WRITTEN);
	number(p, NULL, INNO_DATA_FSYNCS);
	end_line(p);
	words(p, UI_LABEL, "pending");
	number(p, "read", INNO_PENDING_READS);
	number(p, "write", INNO_PENDING_WRITES);
	number(p, "fsync", INNO_PENDING_FSYNCS);
	end_line(p);
	title(p, BOX_DOUBLEWRITE, "Doublewrite", 1);
	if (present(p, BOX_DOUBLEWRITE)) {
		number(p, "", INNO_DOUBLEWRITE_PAGES);
		in_so_many(p, INNO_DOUBLEWRITE_WRITES, "batches");
	}
	end_line(p);
}

static void draw_redo(struct picture *p)
{
	struct value used = inno_value(INNO_REDO_USED, p->frame);
	enum inno_strain s = inno_strain(INNO_REDO_USED, used);
	struct chart_segment age = {value_number(used, 0), s ? inno_strain_role(s) : UI_BAR_USED};
	title(p, BOX_REDO, "Redo", DISK_ROWS);
	number(p, "", INNO_REDO_CAPACITY);
	end_line(p);
	if (used.type == VALUE_ABSENT)
		p->y++;
	else
		bar(p, &age, 1, 1);
	trending(p, NULL, INNO_REDO_USED);
	number(p, "", INNO_REDO_AGE);
	end_line(p);
	number(p, NULL, INNO_REDO_FITS);
	number(p, "an hour", INNO_REDO_HOURLY);
	end_line(p);
}

static void draw_undo(struct picture *p)
{
	title(p, BOX_UNDO, "Undo", DISK_ROWS);
	struct line size = {0};
	line_inno_value(&size, INNO_UNDO_SIZE, p->frame);
	if (value_is_number(inno_value(INNO_UNDO_SIZE, p->frame)))
		join(p, &size);
	line_release(&size);
	if (value_integer(inno_value(INNO_UNDO_SPACES, p->frame), 1) == 0)
		words(p, UI_LABEL, "in the system files");
	else
		in_so_many(p, INNO_UNDO_SPACES, p->w >= 36 ? "tablespaces" : "files");
	end_line(p);
	number(p, NULL, INNO_UNDO_TRUNCATIONS);
	end_line(p);
	struct value on = inno_variable(p->frame, "innodb_undo_log_truncate");
	if (on.type != VALUE_ABSENT)
		words(p, UI_LABEL, "truncation is %s", strcmp(value_cstr(on), "ON") == 0 ? "on" : "off");
	end_line(p);
	struct line held = {0};
	int64_t session;
	double age;
	if (inno_oldest(p->frame, &session, &age) &&
	    inno_strain(INNO_HISTORY, inno_value(INNO_HISTORY, p->frame)) != STRAIN_NONE)
		line_printf(&held, UI_WARNING, "purge waits for %lld", (long long)session);
	join(p, &held);
	end_line(p);
}

/* --- the work --------------------------------------------------------------------------------- */

static void draw_rows(struct picture *p)
{
	title(p, BOX_ROWS, "Rows", WORK_ROWS);
	number(p, NULL, INNO_ROWS_READ);
	number(p, NULL, INNO_ROWS_INSERTED);
	number(p, NULL, INNO_ROWS_UPDATED);
	number(p, NULL, INNO_ROWS_DELETED);
	end_line(p);
	words(p, UI_LABEL, "locks");
	number(p, NULL, INNO_LOCK_WAITING);
	number(p, "waits", INNO_LOCK_WAITS);
	number(p, "mean", INNO_LOCK_TIME);
	number(p, NULL, INNO_DEADLOCKS);
	end_line(p);
}

static void draw_latches(struct picture *p)
{
	title(p, BOX_LATCHES, "Latches", WORK_ROWS);
	number(p, "waits", INNO_LATCH_WAITS);
	end_line(p);
	number(p, NULL, INNO_LATCH_SPINS);
	number(p, "rounds", INNO_LATCH_ROUNDS);
	end_line(p);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* A frame with columns: rules between them, `title` in its upper edge. */
static void frame_with(struct picture *p, struct rect r, const char *text, const int *widths, unsigned n)
{
	canvas_box(p->canvas, r, UI_RULE, text, UI_TITLE);
	int x = r.x;
	for (unsigned i = 0; i + 1 < n; i++) {
		x += widths[i] + 1;
		canvas_vline(p->canvas, x, r.y + 1, r.h - 2, UI_RULE);
		canvas_puts(p->canvas, x, r.y, 1, UI_RULE, "┬");
		canvas_puts(p->canvas, x, r.y + r.h - 1, 1, UI_RULE, "┴");
	}
}

static void at(struct picture *p, int x, int y, int w)
{
	p->x = x + 1;
	p->y = y;
	p->w = w - 2;
}

typedef void column_fn(struct picture *p);

/* A frame with its columns, cut off the top of *r. */
static void draw_frame(struct picture *p, struct rect *r, const char *text, int rows, const int *widths,
		       column_fn *const *columns, unsigned n)
{
	struct rect box = rect_top(r, rows + 2);
	int x = box.x + 1;
	frame_with(p, box, text, widths, n);
	for (unsigned i = 0; i < n; i++) {
		at(p, x, box.y + 1, widths[i]);
		columns[i](p);
		x += widths[i] + 1;
	}
}

static void draw_flows(struct picture *p, struct rect *r, const int *widths)
{
	struct rect rows = rect_top(r, FLOW_ROWS);
	int x = rows.x + 1, half = widths[0] / 2;
	const struct {
		column_fn *draw;
		int x, w;
	} flows[] = {
		{draw_read, x, half},
		{draw_flush, x + half, widths[0] - half},
		{draw_log, x + widths[0] + 1, widths[1]},
		{draw_purge, x + widths[0] + widths[1] + 2, widths[2]},
	};
	for (unsigned i = 0; i < 4; i++) {
		at(p, flows[i].x, rows.y, flows[i].w);
		flows[i].draw(p);
	}
}

bool inno_draw_picture(struct innodb *s, const struct console *console, struct canvas *c, struct rect r)
{
	if (r.w < LEAST_WIDTH || r.h < LEAST_HEIGHT)
		return false;
	static column_fn *const memory[] = {draw_pool, draw_logs_and_changes, draw_hash_and_history};
	static column_fn *const disk[] = {draw_data, draw_redo, draw_undo};
	static column_fn *const work[] = {draw_rows, draw_latches};
	struct picture p = {
		.state = s,
		.console = console,
		.canvas = c,
		.frame = console_frame(console),
		.timeline = console_timeline(console),
	};
	struct rect rest = {r.x + 1, r.y, r.w - 2, r.h};
	int inner = rest.w - MOST_COLUMNS - 1;
	int widths[MOST_COLUMNS] = {0, inner * 24 / 100, inner * 27 / 100};
	widths[0] = inner - widths[1] - widths[2];
	int wide[] = {widths[0] + widths[1] + 1, widths[2]};
	s->n_spots = 0;
	draw_frame(&p, &rest, "memory", MEMORY_ROWS, widths, memory, 3);
	draw_flows(&p, &rest, widths);
	draw_frame(&p, &rest, "disk", DISK_ROWS, widths, disk, 3);
	if (r.h >= WORK_HEIGHT)
		draw_frame(&p, &rest, "work", WORK_ROWS, wide, work, 2);
	if (rest.h > 4)
		rect_top(&rest, 1);
	rest = (struct rect){rest.x + 1, rest.y, rest.w - 2, rest.h};
	inno_draw_settings(c, rest, inno_box_page(s->at), p.frame);
	return true;
}

/* The nearest one whose rectangle lies wholly on that side, straight ahead before askew. */
int inno_neighbour(const struct innodb *s, int dx, int dy)
{
	int best = -1, from = -1;
	long least = 0;
	for (int i = 0; i < (int)s->n_spots; i++)
		if (s->spots[i].box == s->at)
			from = i;
	if (from < 0)
		return s->n_spots ? 0 : -1;
	struct rect a = s->spots[from].r;
	for (int i = 0; i < (int)s->n_spots; i++) {
		struct rect b = s->spots[i].r;
		int ahead = dx > 0   ? b.x - (a.x + a.w)
			    : dx < 0 ? a.x - (b.x + b.w)
			    : dy > 0 ? b.y - (a.y + a.h)
				     : a.y - (b.y + b.h);
		if (i == from || ahead < 0)
			continue;
		/* How far it is beside the way. */
		int lo = dx ? a.y - (b.y + b.h - 1) : a.x - (b.x + b.w - 1);
		int hi = dx ? b.y - (a.y + a.h - 1) : b.x - (a.x + a.w - 1);
		int aside = lo > 0 ? lo : hi > 0 ? hi : 0;
		/* Of those that lie straight ahead, the one at the same height or edge. */
		int edge = dx ? abs(b.y - a.y) : abs(b.x - a.x);
		long far = dx ? ahead * 4L + aside * 40L + edge : ahead * 20L + aside * 20L + edge;
		if (best < 0 || far < least) {
			best = i;
			least = far;
		}
	}
	return best;
}
