/*
 * The host panel's lower half: what there are several of. As many rows as there is room for, those that
 * matter first; ↵ opens the whole table.
 */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/hostmetric.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/host.h"

enum { MOST = 64, BAR = 10 };

/* Rows by how much they matter, the first most. */
struct ranking {
	unsigned n;
	struct {
		unsigned row;
		double weight;
	} of[MOST];
};

static void rank(struct ranking *r, unsigned row, double weight)
{
	unsigned i = r->n < MOST ? r->n++ : MOST - 1;
	for (; i > 0 && r->of[i - 1].weight < weight; i--)
		r->of[i] = r->of[i - 1];
	r->of[i].row = row;
	r->of[i].weight = weight;
}

static unsigned shown(const struct ranking *r, int most)
{
	return r->n < (unsigned)most ? r->n : (unsigned)most;
}

/* What was left out is said on a line of its own that opens the table as well. */
static void put_rest(struct sheet *s, const struct host_room *room, int topic, unsigned rest,
		     const char *what)
{
	struct buf b = BUF_INIT;
	if (!rest || room->tight)
		return;
	buf_addf(&b, "%u more %s%s", rest, what, rest == 1 ? "" : "s");
	sheet_about(s, topic, "", NULL);
	sheet_text(s, 0, UI_DIM, buf_str(&b));
	buf_release(&b);
}

/* A blank line before a section, where there is room for it. */
static void put_gap(struct sheet *s, const struct host_room *room)
{
	if (!room->tight)
		sheet_gap(s);
}

static int room_for(const struct host_room *room, int low, int high)
{
	return room->height >= 40 ? high : low;
}

static void set_role(struct sheet_row *r, unsigned column, double v, double warn, double bad)
{
	if (v >= warn)
		r->cells[column].role = v >= bad ? UI_CRITICAL : UI_WARNING;
}

/* "█████░░░░░" as a text of its own, for tables. */
static void set_bar(struct sheet_row *r, unsigned column, double share, double warn, double bad)
{
	struct buf b = BUF_INIT;
	int full = (int)(share * BAR + 0.5);
	full = full > BAR ? BAR : full == BAR && share < 1 ? BAR - 1 : share > 0 && !full ? 1 : full;
	for (int i = 0; i < BAR; i++)
		buf_adds(&b, i < full ? "█" : "░");
	sheet_row_text(r, column, share >= bad ? UI_CRITICAL : share >= warn ? UI_WARNING : UI_BAR_USED,
		       buf_str(&b));
	buf_release(&b);
}

/* --- disks ------------------------------------------------------------------------------------ */

static void disk_row(struct sheet_table *t, const struct frame *f, const struct part *p, unsigned i)
{
	const char *name = value_cstr(part_cell(p, i, "name"));
	struct sheet_row *r = sheet_table_row(t, name);
	struct value util = host_row_rate(f, PART_HOST_DISK, i, "busy");
	struct value read = host_disk_latency(f, i, "read"), write = host_disk_latency(f, i, "write");
	double busy = value_number(util, 0) > 1 ? 1 : value_number(util, 0);
	sheet_row_text(r, 0, UI_STRONG, name);
	sheet_row_value(r, 1, UNIT_MS, read, false);
	set_role(r, 1, value_number(read, 0), 20, 100);
	sheet_row_value(r, 2, UNIT_MS, write, false);
	set_role(r, 2, value_number(write, 0), 20, 100);
	sheet_row_value(r, 3, UNIT_RATIO, value_is_number(util) ? value_real(busy) : util, false);
	if (value_is_number(util))
		set_bar(r, 4, busy, 0.8, 0.95);
	sheet_row_value(r, 5, UNIT_COUNT, host_row_rate(f, PART_HOST_DISK, i, "queue_time"), false);
	sheet_row_value(r, 6, UNIT_BYTES, host_row_rate(f, PART_HOST_DISK, i, "read_bytes"), true);
	sheet_row_value(r, 7, UNIT_BYTES, host_row_rate(f, PART_HOST_DISK, i, "written_bytes"), true);
	sheet_row_value(r, 8, UNIT_COUNT, host_row_rate(f, PART_HOST_DISK, i, "reads"), true);
	sheet_row_value(r, 9, UNIT_COUNT, host_row_rate(f, PART_HOST_DISK, i, "writes"), true);
	struct value errors = part_cell(p, i, "io_errors");
	sheet_row_value(r, 10, UNIT_COUNT, errors, false);
	set_role(r, 10, value_number(host_row_rate(f, PART_HOST_DISK, i, "io_errors"), 0), 1e-9, 1e-9);
	sheet_row_text(r, 11, UI_TEXT, value_cstr(part_cell(p, i, "used_for")));
}

void host_put_disks(struct sheet *s, const struct console *c, const struct host_room *room)
{
	static const struct sheet_column columns[] = {
		{"Disk", 14, 0, false, false},   {"Read ms", 9, 0, true, false}, {"Write ms", 9, 0, true, false},
		{"Util", 6, 0, true, false},     {"", BAR, 3, false, false},     {"Queue", 6, 1, true, false},
		{"Read/s", 8, 4, true, false},   {"Write/s", 8, 4, true, false}, {"Reads/s", 8, 6, true, false},
		{"Writes/s", 8, 6, true, false}, {"Errors", 7, 7, true, false},  {"Holds", 30, 2, false, true},
	};
	const struct part *p = host_part(c, PART_HOST_DISK);
	const struct frame *f = console_frame(c);
	struct ranking ranking = {0};
	struct sheet_table t = {.columns = columns, .n_columns = COUNT_OF(columns)};
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		if (strcmp(value_cstr(part_cell(p, i, "name")), "total") == 0)
			continue;
		double busy = value_number(host_row_rate(f, PART_HOST_DISK, i, "busy"), 0);
		rank(&ranking, i, busy + (*value_cstr(part_cell(p, i, "used_for")) ? 100 : 0));
	}
	if (!ranking.n)
		return;
	put_gap(s, room);
	unsigned n = shown(&ranking, room_for(room, 2, 6));
	for (unsigned k = 0; k < n; k++)
		disk_row(&t, f, p, ranking.of[k].row);
	sheet_table_put(s, &t, 0, HOSTTOPIC_DISK, NULL);
	put_rest(s, room, HOSTTOPIC_DISK, ranking.n - n, "disk");
}

/* --- filesystems ------------------------------------------------------------------------------ */

static bool available(const struct part *p, const char *mount, double *out)
{
	int row = p ? part_find(p, value_str(mount)) : -1;
	struct value v = row < 0 ? VALUE_NONE : part_cell(p, (unsigned)row, "available");
	*out = value_number(v, 0);
	return value_is_number(v);
}

struct value host_time_to_full(const struct console *c, const char *mount)
{
	const double least = 20, longest = 366 * 86400.0;
	struct timeline *t = console_timeline(c);
	const struct part *now = host_part(c, PART_HOST_FS), *then = NULL;
	double left, was = 0;
	if (!available(now, mount, &left))
		return VALUE_NONE;
	/* The oldest reading that is still there: filling is slow, and every step of it is noisy. */
	for (unsigned back = timeline_length(t); back-- > 0 && !then;) {
		const struct part *p = timeline_at(t, back)->parts[PART_HOST_FS];
		if (p && available(p, mount, &was))
			then = p;
	}
	double dt = then ? (double)(part_read_mono(now) - part_read_mono(then)) / (double)NS_PER_S : 0;
	if (dt < least || was <= left)
		return VALUE_NONE;
	double seconds = left / ((was - left) / dt);
	return seconds < longest ? value_real(seconds) : VALUE_NONE;
}

static double ratio(struct value part, struct value whole)
{
	return value_number(whole, 0) > 0 ? value_number(part, 0) / value_number(whole, 1) : 0;
}

/* As df counts: what root keeps for itself is neither used nor to be had. */
static double fill(const struct part *p, unsigned i)
{
	double used = value_number(part_cell(p, i, "used"), 0);
	double left = value_number(part_cell(p, i, "available"), 0);
	return used + left > 0 ? used / (used + left) : 0;
}

static void fs_row(struct sheet_table *t, const struct console *c, const struct part *p, unsigned i)
{
	const char *mount = value_cstr(part_cell(p, i, "mount"));
	struct sheet_row *r = sheet_table_row(t, mount);
	bool known = part_cell(p, i, "used").type != VALUE_ABSENT;
	struct value full = host_time_to_full(c, mount), inodes = part_cell(p, i, "inodes_used");
	double share = fill(p, i), files = ratio(inodes, part_cell(p, i, "inodes"));
	sheet_row_text(r, 0, UI_STRONG, mount);
	sheet_row_value(r, 1, UNIT_RATIO, known ? value_real(share) : VALUE_NONE, false);
	set_role(r, 1, share, 0.85, 0.95);
	if (known)
		set_bar(r, 2, share, 0.85, 0.95);
	sheet_row_value(r, 3, UNIT_BYTES, part_cell(p, i, "available"), false);
	sheet_row_value(r, 4, UNIT_BYTES, part_cell(p, i, "size"), false);
	sheet_row_value(r, 5, UNIT_RATIO, inodes.type == VALUE_ABSENT ? VALUE_NONE : value_real(files), false);
	set_role(r, 5, files, 0.85, 0.95);
	if (full.type == VALUE_ABSENT)
		sheet_row_text(r, 6, UI_DIM, "–");
	else
		sheet_row_value(r, 6, UNIT_SECONDS, full, false);
	set_role(r, 6, full.type == VALUE_ABSENT ? 0 : 1 / value_number(full, 1), 1 / 86400.0, 1 / 3600.0);
	sheet_row_text(r, 7, UI_DIM, value_cstr(part_cell(p, i, "type")));
	bool stuck = value_integer(part_cell(p, i, "read_only"), 0);
	sheet_row_text(r, 8, UI_CRITICAL, stuck ? "read-only" : "");
	sheet_row_text(r, 9, UI_TEXT, value_cstr(part_cell(p, i, "used_for")));
}

void host_put_filesystems(struct sheet *s, const struct console *c, const struct host_room *room)
{
	static const struct sheet_column columns[] = {
		{"Mounted on", 26, 0, false, false}, {"Used", 6, 0, true, false},     {"", BAR, 3, false, false},
		{"Free", 7, 0, true, false},         {"Size", 7, 5, true, false},     {"Inodes", 7, 2, true, false},
		{"Full in", 8, 1, true, false},      {"Type", 8, 6, false, false},    {"", 9, 2, false, false},
		{"Holds", 30, 4, false, true},
	};
	const struct part *p = host_part(c, PART_HOST_FS);
	struct ranking ranking = {0};
	struct sheet_table t = {.columns = columns, .n_columns = COUNT_OF(columns)};
	for (unsigned i = 0; p && i < part_rows(p); i++)
		rank(&ranking, i, fill(p, i) + (*value_cstr(part_cell(p, i, "used_for")) ? 1 : 0) +
					  (fill(p, i) >= 0.95 ? 2 : 0));
	if (!ranking.n)
		return;
	put_gap(s, room);
	unsigned n = shown(&ranking, room_for(room, 2, 8));
	for (unsigned k = 0; k < n; k++)
		fs_row(&t, c, p, ranking.of[k].row);
	sheet_table_put(s, &t, 0, HOSTTOPIC_FS, NULL);
	put_rest(s, room, HOSTTOPIC_FS, ranking.n - n, "filesystem");
}

/* --- network ---------------------------------------------------------------------------------- */

static double sum_of(const struct frame *f, unsigned i, const char *a, const char *b)
{
	return value_number(host_row_rate(f, PART_HOST_NET, i, a), 0) +
	       value_number(host_row_rate(f, PART_HOST_NET, i, b), 0);
}

static void net_row(struct sheet_table *t, const struct frame *f, const struct part *p, unsigned i)
{
	static const struct {
		const char *field;
		enum unit unit;
	} cells[] = {
		{"in_bytes", UNIT_BYTES},    {"out_bytes", UNIT_BYTES},    {"in_packets", UNIT_COUNT},
		{"out_packets", UNIT_COUNT}, {"in_errors", UNIT_COUNT},    {"out_errors", UNIT_COUNT},
		{"in_drops", UNIT_COUNT},    {"out_drops", UNIT_COUNT},
	};
	const char *name = value_cstr(part_cell(p, i, "name"));
	struct sheet_row *r = sheet_table_row(t, name);
	sheet_row_text(r, 0, UI_STRONG, name);
	for (unsigned k = 0; k < COUNT_OF(cells); k++) {
		struct value v = host_row_rate(f, PART_HOST_NET, i, cells[k].field);
		sheet_row_value(r, k + 1, cells[k].unit, v, true);
		if (k >= 4)
			set_role(r, k + 1, value_number(v, 0), 1e-9, 100);
	}
}

static void put_tcp(struct sheet *s, const struct frame *f, const struct part *p, unsigned i)
{
	struct value again = host_row_rate(f, PART_HOST_NET, i, "retransmits");
	struct value sent = host_row_rate(f, PART_HOST_NET, i, "out_segments");
	struct value full = host_row_rate(f, PART_HOST_NET, i, "listen_overflows");
	struct value share = value_number(sent, 0) > 0 && value_is_number(again)
				     ? value_real(value_number(again, 0) / value_number(sent, 1))
				     : VALUE_NONE;
	sheet_about(s, HOSTTOPIC_NET, "tcp",
		    "out_segments retransmits listen_overflows listen_drops established");
	struct sheet_flow flow = sheet_flow(s, 0);
	sheet_flow_value(&flow, "tcp  connections", UNIT_COUNT, part_cell(p, i, "established"), false, "");
	sheet_flow_value(&flow, "retransmits", UNIT_COUNT, again, true, "/s");
	sheet_flow_value(&flow, "of segments", UNIT_RATIO, share, false, "");
	if (value_number(full, 0) > 0)
		sheet_flow_add(&flow, "▲ listen queue", UI_CRITICAL, "overflows");
	sheet_flow_value(&flow, "listen overflows", UNIT_COUNT, part_cell(p, i, "listen_overflows"), false, "");
	sheet_flow_end(&flow);
}

static void put_rate(struct line *l, const struct frame *f, int row, const char *label, const char *field,
		     enum unit unit, double warn)
{
	struct buf b = BUF_INIT;
	struct value v = host_row_rate(f, PART_HOST_NET, (unsigned)row, field);
	unit_format(&b, unit, v, true);
	line_printf(l, UI_LABEL, "  %s ", label);
	line_puts(l, warn > 0 && value_number(v, 0) >= warn ? UI_WARNING : UI_STRONG, buf_str(&b));
	line_puts(l, UI_DIM, "/s");
	buf_release(&b);
}

/* The busiest interface and TCP's troubles, in a line. */
static void put_net_line(struct sheet *s, const struct frame *f, const struct part *p, int card, int tcp)
{
	const char *name = card < 0 ? "tcp" : value_cstr(part_cell(p, (unsigned)card, "name"));
	struct line l = {0};
	line_puts(&l, UI_STRONG, name);
	if (card >= 0) {
		put_rate(&l, f, card, "in", "in_bytes", UNIT_BYTES, 0);
		put_rate(&l, f, card, "out", "out_bytes", UNIT_BYTES, 0);
	}
	if (tcp >= 0) {
		put_rate(&l, f, tcp, "retransmits", "retransmits", UNIT_COUNT, 100);
		put_rate(&l, f, tcp, "overflows", "listen_overflows", UNIT_COUNT, 1e-9);
	}
	sheet_about(s, HOSTTOPIC_NET, name, "in_bytes out_bytes in_errors in_drops out_errors out_drops "
					    "retransmits listen_overflows");
	sheet_cell(s, HOST_LABEL, false, UI_LABEL, "Net");
	sheet_pieces(s, s->width - HOST_LABEL, &l);
	sheet_line_end(s);
	line_release(&l);
}

void host_put_network(struct sheet *s, const struct console *c, const struct host_room *room)
{
	static const struct sheet_column columns[] = {
		{"Interface", 14, 0, false, false}, {"In/s", 8, 0, true, false},     {"Out/s", 8, 0, true, false},
		{"Packets in", 10, 2, true, false}, {"out", 8, 2, true, false},      {"Errors in", 9, 1, true, false},
		{"out", 7, 1, true, false},         {"Drops in", 8, 1, true, false}, {"out", 7, 1, true, false},
	};
	const struct part *p = host_part(c, PART_HOST_NET);
	const struct frame *f = console_frame(c);
	struct ranking ranking = {0};
	struct sheet_table t = {.columns = columns, .n_columns = COUNT_OF(columns)};
	int tcp = host_row(f, PART_HOST_NET, "tcp");
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		const char *name = value_cstr(part_cell(p, i, "name"));
		bool ever = value_number(part_cell(p, i, "in_packets"), 0) > 0;
		if ((int)i != tcp && ever && strcmp(name, "lo") != 0)
			rank(&ranking, i, 1 + sum_of(f, i, "in_bytes", "out_bytes") +
						  1e9 * sum_of(f, i, "in_errors", "out_errors"));
	}
	if (!ranking.n && tcp < 0)
		return;
	put_gap(s, room);
	if (room->tight) {
		put_net_line(s, f, p, ranking.n ? (int)ranking.of[0].row : -1, tcp);
		return;
	}
	unsigned n = shown(&ranking, room_for(room, 2, 4));
	for (unsigned k = 0; k < n; k++)
		net_row(&t, f, p, ranking.of[k].row);
	if (n)
		sheet_table_put(s, &t, 0, HOSTTOPIC_NET, NULL);
	if (tcp >= 0)
		put_tcp(s, f, p, (unsigned)tcp);
}

/* --- processes -------------------------------------------------------------------------------- */

/* The first few, in a line. */
static void put_process_line(struct sheet *s, const struct frame *f, const struct part *p,
			     const struct ranking *ranking)
{
	struct line l = {0};
	for (unsigned k = 0; k < ranking->n && k < 6; k++) {
		unsigned i = ranking->of[k].row;
		struct buf b = BUF_INIT;
		struct value cpu = host_row_rate(f, PART_HOST_PROCESS, i, "cpu");
		line_gap(&l, k ? 2 : 0);
		line_printf(&l, UI_TEXT, "%s ", value_cstr(part_cell(p, i, "name")));
		unit_format(&b, UNIT_SECONDS, cpu, true);
		line_puts(&l, value_number(cpu, 0) >= 0.5 ? UI_WARNING : UI_STRONG, buf_str(&b));
		buf_clear(&b);
		unit_format(&b, UNIT_BYTES, part_cell(p, i, "rss"), false);
		line_printf(&l, UI_DIM, " %s", buf_str(&b));
		buf_release(&b);
	}
	sheet_about(s, HOSTTOPIC_PROCESS, "", NULL);
	sheet_cell(s, HOST_LABEL, false, UI_LABEL, "Beside");
	sheet_pieces(s, s->width - HOST_LABEL, &l);
	sheet_line_end(s);
	line_release(&l);
}

void host_put_processes(struct sheet *s, const struct console *c, const struct host_room *room)
{
	static const struct sheet_column columns[] = {
		{"PID", 8, 1, true, false},     {"Beside the server", 24, 0, false, false},
		{"CPU", 7, 0, true, false},     {"RSS", 7, 0, true, false},
		{"Swap", 7, 3, true, false},    {"Threads", 7, 4, true, false},
		{"State", 12, 2, false, false}, {"Age", 8, 5, true, false},
	};
	const struct part *p = host_part(c, PART_HOST_PROCESS);
	const struct frame *f = console_frame(c);
	struct ranking ranking = {0};
	struct sheet_table t = {.columns = columns, .n_columns = COUNT_OF(columns)};
	for (unsigned i = 0; p && i < part_rows(p); i++)
		if (strcmp(value_cstr(part_cell(p, i, "kind")), "server") != 0)
			rank(&ranking, i, 1e3 * value_number(host_row_rate(f, PART_HOST_PROCESS, i, "cpu"), 0) +
						  value_number(part_cell(p, i, "rss"), 0) / (1 << 30));
	if (!ranking.n)
		return;
	put_gap(s, room);
	if (room->tight) {
		put_process_line(s, f, p, &ranking);
		return;
	}
	unsigned n = shown(&ranking, room_for(room, 3, 8));
	for (unsigned k = 0; k < n; k++) {
		unsigned i = ranking.of[k].row;
		struct buf key = BUF_INIT;
		unit_format(&key, UNIT_ID, part_cell(p, i, "pid"), false);
		struct sheet_row *r = sheet_table_row(&t, buf_str(&key));
		sheet_row_text(r, 0, UI_DIM, buf_str(&key));
		buf_release(&key);
		sheet_row_text(r, 1, UI_STRONG, value_cstr(part_cell(p, i, "name")));
		struct value cpu = host_row_rate(f, PART_HOST_PROCESS, i, "cpu");
		sheet_row_value(r, 2, UNIT_SECONDS, cpu, true);
		set_role(r, 2, value_number(cpu, 0), 0.5, 2);
		sheet_row_value(r, 3, UNIT_BYTES, part_cell(p, i, "rss"), false);
		sheet_row_value(r, 4, UNIT_BYTES, part_cell(p, i, "swap"), false);
		sheet_row_value(r, 5, UNIT_COUNT, part_cell(p, i, "threads"), false);
		sheet_row_text(r, 6, UI_DIM, value_cstr(part_cell(p, i, "state")));
		sheet_row_value(r, 7, UNIT_SECONDS, part_cell(p, i, "age"), false);
	}
	sheet_table_put(s, &t, 0, HOSTTOPIC_PROCESS, NULL);
}
