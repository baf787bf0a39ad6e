/*
 * The host panel's upper half: CPU with its cores, memory, what the cgroup allows, and the server's own
 * process. Numbers that do not fit go by priority.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "model/hostmetric.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/host.h"

enum { SHARE = 6, SPARK = 12, LABEL = HOST_LABEL };

const struct part *host_part(const struct console *c, enum part_id id)
{
	const struct part *p = console_part(c, id);
	return p && part_rows(p) ? p : NULL;
}

/* --- bars ------------------------------------------------------------------------------------- */

struct piece {
	double value;
	enum ui_role role;
	const char *glyph; /* tells pieces apart without colour */
};

/* Pieces one after the other, as shares of the whole; what is there shows. */
static void put_bar(struct sheet *s, int cells, const struct piece *pieces, size_t n)
{
	int at = 0;
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (!(pieces[i].value > 0))
			continue;
		sum += pieces[i].value;
		int end = (int)lround(sum * cells);
		if (end <= at && pieces[i].value >= 0.01)
			end = at + 1;
		for (; at < end && at < cells; at++)
			sheet_puts(s, pieces[i].role, pieces[i].glyph);
	}
	for (; at < cells; at++)
		sheet_puts(s, UI_BAR_FREE, "░");
}

static enum ui_role strain(struct value v, double warn, double bad)
{
	double n = value_number(v, 0);
	return v.type == VALUE_ABSENT ? UI_DIM : n >= bad ? UI_CRITICAL : n >= warn ? UI_WARNING : UI_STRONG;
}

static void put_share(struct sheet *s, struct value v, double warn, double bad)
{
	struct buf b = BUF_INIT;
	unit_format(&b, UNIT_RATIO, v, false);
	sheet_cell(s, SHARE, true, strain(v, warn, bad), buf_str(&b));
	buf_release(&b);
}

static void put_label(struct sheet *s, const char *text)
{
	sheet_cell(s, LABEL, false, UI_LABEL, text);
}

/* A metric's curve, where there is room. */
static void put_curve(struct sheet *s, const struct console *c, unsigned metric, int cells)
{
	const struct series *series = timeline_series(console_timeline(c), metric);
	double values[64];
	unsigned n = series_length(series);
	if (n > 64)
		n = 64;
	if (n > (unsigned)cells)
		n = (unsigned)cells;
	for (unsigned i = 0; i < n; i++)
		values[n - 1 - i] = series_value(series, i);
	sheet_spark(s, cells, values, n);
}

/* A line of `label value` pairs; a pair that does not fit whole is left out. */
struct strip {
	struct line line;
	int room;
};

static void add_text(struct strip *p, const char *label, enum ui_role role, const char *value, const char *after)
{
	struct line *l = &p->line;
	size_t len = l->text.len;
	unsigned n = l->n;
	size_t end = n ? l->pieces[n - 1].end : 0;
	if (len)
		line_gap(l, 2);
	if (*label)
		line_printf(l, UI_LABEL, "%s ", label);
	line_puts(l, role, value);
	if (*after)
		line_puts(l, UI_DIM, after);
	if (line_width(l) <= p->room)
		return;
	l->text.len = len;
	if (l->text.s)
		l->text.s[len] = '\0';
	l->n = n;
	if (n)
		l->pieces[n - 1].end = end;
}

static void add_of(struct strip *p, const char *label, enum unit unit, struct value v, bool rate,
		   enum ui_role role, const char *after)
{
	struct buf b = BUF_INIT;
	unit_format(&b, unit, v, rate);
	add_text(p, label, v.type == VALUE_ABSENT ? UI_DIM : role, buf_str(&b),
		 v.type == VALUE_ABSENT ? "" : after);
	buf_release(&b);
}

static void add(struct strip *p, const char *label, enum unit unit, struct value v, bool rate,
		enum ui_role role)
{
	add_of(p, label, unit, v, rate, role, "");
}

/* "12/48" */
static void add_share(struct strip *p, const char *label, enum unit unit, struct value v, struct value whole,
		      enum ui_role role)
{
	struct buf b = BUF_INIT;
	buf_addc(&b, '/');
	unit_format(&b, unit, whole, false);
	add_of(p, label, unit, v, false, role, whole.type == VALUE_ABSENT ? "" : buf_str(&b));
	buf_release(&b);
}

static void put_strip(struct sheet *s, struct strip *p, bool end)
{
	sheet_pieces(s, p->room, &p->line);
	line_release(&p->line);
	if (end)
		sheet_line_end(s);
}

/* --- CPU -------------------------------------------------------------------------------------- */

static void put_cpu_bar(struct sheet *s, int cells, const struct cpu_shares *x)
{
	const struct piece pieces[] = {
		{x->user, UI_BAR_USED, "█"},
		{x->system, UI_BAR_OTHER, "▓"},
		{x->iowait, UI_WARNING, "▒"},
		{x->steal, UI_CRITICAL, "▒"},
	};
	put_bar(s, cells, pieces, COUNT_OF(pieces));
}

static struct value total(const struct console *c, const char *field)
{
	return host_value(console_frame(c), PART_HOST_CPU, "total", field);
}

static void add_part(struct strip *p, const char *label, double share, double warn, double bad)
{
	char text[16];
	snprintf(text, sizeof text, "%.0f%%", 100 * share);
	add_text(p, label, strain(value_real(share), warn, bad), text, "");
}

static void put_cpu_shares(struct sheet *s, int cells, const struct cpu_shares *x)
{
	struct strip p = {.room = cells};
	add_part(&p, "user", x->user, 2, 2);
	add_part(&p, "system", x->system, 2, 2);
	add_part(&p, "iowait", x->iowait, 0.1, 0.3);
	add_part(&p, "steal", x->steal, 0.02, 0.1);
	put_strip(s, &p, false);
}

static void put_queue(struct sheet *s, const struct console *c)
{
	struct strip p = {.room = s->width - LABEL};
	double cores = value_number(total(c, "cores"), 1);
	char load[64];
	struct value one = total(c, "load1");
	add_share(&p, "run", UNIT_COUNT, total(c, "run_queue"), total(c, "cores"),
		  strain(total(c, "run_queue"), 2 * cores, 4 * cores));
	add(&p, "blocked", UNIT_COUNT, total(c, "blocked"), false, strain(total(c, "blocked"), 4, 32));
	if (one.type != VALUE_ABSENT) {
		char rest[48];
		snprintf(load, sizeof load, "%.2f", value_number(one, 0));
		snprintf(rest, sizeof rest, " %.2f %.2f", value_number(total(c, "load5"), 0),
			 value_number(total(c, "load15"), 0));
		add_text(&p, "load", strain(one, 2 * cores, 4 * cores), load, rest);
	}
	add(&p, "pressure", UNIT_PERCENT, total(c, "pressure_some"), false,
	    strain(total(c, "pressure_some"), 10, 40));
	add_of(&p, "switches", UNIT_COUNT,
	       host_rate(console_frame(c), PART_HOST_CPU, "total", "context_switches"), true, UI_STRONG, "/s");
	sheet_about(s, HOSTTOPIC_CPU, "total", "run_queue cores blocked load1 pressure_some context_switches");
	put_label(s, "");
	put_strip(s, &p, true);
}

/* One glyph a core: enough for a hundred of them. */
static void put_core_strip(struct sheet *s, const struct frame *f, const struct part *p)
{
	static const char *const steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	int at = LABEL;
	sheet_about(s, HOSTTOPIC_CPU, "total", "name user system iowait steal");
	put_label(s, "cores");
	for (unsigned i = 0; i < part_rows(p); i++) {
		struct cpu_shares x;
		if (strcmp(value_cstr(part_cell(p, i, "name")), "total") == 0)
			continue;
		if (at == s->width) {
			sheet_line_end(s);
			put_label(s, "");
			at = LABEL;
		}
		at++;
		if (!host_cpu_shares(f, i, &x)) {
			sheet_puts(s, UI_DIM, "·");
			continue;
		}
		double busy = x.user + x.system + x.steal;
		sheet_puts(s, busy >= 0.95 ? UI_CRITICAL : busy >= 0.8 ? UI_WARNING : UI_SPARK,
			   steps[(int)lround(busy * 7)]);
	}
	sheet_line_end(s);
}

/* A bar a core, several beside each other. */
static void put_core_bars(struct sheet *s, const struct frame *f, const struct part *p, int columns)
{
	int w = (s->width - LABEL) / columns, k = 0;
	sheet_about(s, HOSTTOPIC_CPU, "total", "name user system iowait steal");
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *name = value_cstr(part_cell(p, i, "name"));
		struct cpu_shares x = {0};
		if (strcmp(name, "total") == 0)
			continue;
		bool known = host_cpu_shares(f, i, &x);
		if (k % columns == 0)
			put_label(s, "");
		sheet_cell(s, 7, false, UI_DIM, name);
		put_cpu_bar(s, w - 16, &x);
		put_share(s, known ? value_real(x.user + x.system) : VALUE_NONE, 0.8, 0.95);
		sheet_blanks(s, 4);
		if (++k % columns == 0)
			sheet_line_end(s);
	}
	if (k % columns)
		sheet_line_end(s);
}

void host_put_cpu(struct sheet *s, const struct console *c, const struct host_room *room)
{
	const struct frame *f = console_frame(c);
	const struct part *p = host_part(c, PART_HOST_CPU);
	int row = host_row(f, PART_HOST_CPU, "total");
	struct cpu_shares x = {0};
	if (!p || row < 0)
		return;
	bool known = host_cpu_shares(f, (unsigned)row, &x);
	int curve = room->width >= 100 ? SPARK : 0, text = room->width >= 76 ? 46 : 0;
	int cells = room->width - LABEL - SHARE - 1 - text - curve - (text > 0) - (curve > 0);
	sheet_about(s, HOSTTOPIC_CPU, "total", NULL);
	put_label(s, "CPU");
	put_cpu_bar(s, cells, &x);
	put_share(s, known ? value_real(x.user + x.system) : VALUE_NONE, 0.8, 0.95);
	sheet_blanks(s, 1);
	if (curve) {
		put_curve(s, c, METRIC_HOST_CPU, curve);
		sheet_blanks(s, 1);
	}
	if (text && known)
		put_cpu_shares(s, text, &x);
	sheet_line_end(s);
	unsigned cores = part_rows(p) - 1;
	int columns = room->width >= 120 ? 4 : 2;
	if (room->height >= 30 && cores > 1 && cores <= 4u * (unsigned)columns)
		put_core_bars(s, f, p, columns);
	else if (cores > 1)
		put_core_strip(s, f, p);
	put_queue(s, c);
}

/* --- memory ----------------------------------------------------------------------------------- */

static struct value memory(const struct console *c, const char *field)
{
	return host_value(console_frame(c), PART_HOST_MEMORY, "memory", field);
}

static double memory_share(const struct console *c, const char *field)
{
	double limit = value_number(memory(c, "limit"), 0);
	return limit > 0 ? value_number(memory(c, field), 0) / limit : 0;
}

static void put_swap(struct sheet *s, const struct console *c)
{
	struct strip p = {.room = s->width - LABEL};
	const struct frame *f = console_frame(c);
	struct value in = host_rate(f, PART_HOST_MEMORY, "memory", "swap_in");
	struct value out = host_rate(f, PART_HOST_MEMORY, "memory", "swap_out");
	struct value kills = memory(c, "oom_kills");
	if (value_number(memory(c, "swap_total"), 0) > 0) {
		add_share(&p, "swap", UNIT_BYTES, memory(c, "swap_used"), memory(c, "swap_total"), UI_STRONG);
		add_of(&p, "in", UNIT_BYTES, in, true, strain(in, 1, 4 << 20), "/s");
		add_of(&p, "out", UNIT_BYTES, out, true, strain(out, 1 << 20, 16 << 20), "/s");
	} else {
		add_text(&p, "", UI_DIM, "no swap", "");
	}
	if (value_number(kills, 0) > 0)
		add(&p, "OOM kills", UNIT_COUNT, kills, false, UI_CRITICAL);
	add(&p, "pressure", UNIT_PERCENT, memory(c, "pressure_some"), false,
	    strain(memory(c, "pressure_some"), 1, 10));
	add(&p, "dirty", UNIT_BYTES, memory(c, "dirty"), false, UI_STRONG);
	if (value_number(kills, 0) <= 0)
		add(&p, "OOM kills", UNIT_COUNT, kills, false, UI_STRONG);
	if (value_number(memory(c, "huge_total"), 0) > 0)
		add(&p, "huge free", UNIT_BYTES, memory(c, "huge_free"), false, UI_STRONG);
	sheet_about(s, HOSTTOPIC_MEMORY, "memory",
		    "swap_used swap_in swap_out dirty pressure_some oom_kills huge_free");
	put_label(s, "");
	put_strip(s, &p, true);
}

void host_put_memory(struct sheet *s, const struct console *c, const struct host_room *room)
{
	if (!host_part(c, PART_HOST_MEMORY))
		return;
	struct value share = timeline_metric(console_timeline(c), METRIC_HOST_MEMORY);
	bool limited = memory(c, "cgroup_limit").type != VALUE_ABSENT &&
		       value_equal(memory(c, "cgroup_limit"), memory(c, "limit"));
	const char *cache = limited ? "cgroup_cache" : "cached";
	const struct piece pieces[] = {
		{memory_share(c, "used"), UI_BAR_USED, "█"},
		{limited ? 0 : memory_share(c, "buffers"), UI_BAR_OTHER, "▓"},
		{memory_share(c, cache), UI_BAR_OTHER, "▒"},
	};
	int curve = room->width >= 100 ? SPARK : 0, text = room->width >= 76 ? 46 : 0;
	int cells = room->width - LABEL - SHARE - 1 - text - curve - (text > 0) - (curve > 0);
	sheet_about(s, HOSTTOPIC_MEMORY, "memory", NULL);
	put_label(s, "Memory");
	put_bar(s, cells, pieces, COUNT_OF(pieces));
	put_share(s, share, 0.9, 0.97);
	sheet_blanks(s, 1);
	if (curve) {
		put_curve(s, c, METRIC_HOST_MEMORY, curve);
		sheet_blanks(s, 1);
	}
	if (text) {
		struct strip p = {.room = text};
		add_share(&p, "used", UNIT_BYTES, memory(c, "used"), memory(c, "limit"), UI_STRONG);
		add(&p, "cache", UNIT_BYTES, memory(c, cache), false, UI_STRONG);
		if (limited)
			add_text(&p, "", UI_NOTICE, "of its cgroup", "");
		else
			add(&p, "free", UNIT_BYTES, memory(c, "free"), false, UI_STRONG);
		put_strip(s, &p, false);
	}
	sheet_line_end(s);
	put_swap(s, c);
}

/* --- the cgroup ------------------------------------------------------------------------------- */

void host_put_limits(struct sheet *s, const struct console *c)
{
	const struct frame *f = console_frame(c);
	struct value quota = total(c, "quota_cores"), limit = memory(c, "cgroup_limit");
	if (quota.type == VALUE_ABSENT && limit.type == VALUE_ABSENT)
		return;
	struct strip p = {.room = s->width - LABEL};
	struct value stopped = host_rate(f, PART_HOST_CPU, "total", "throttled");
	struct value kills = memory(c, "cgroup_oom_kills");
	struct value used = host_rate(f, PART_HOST_CPU, "total", "cgroup_cpu");
	if (quota.type != VALUE_ABSENT) {
		double most = value_number(quota, 1);
		add_share(&p, "cores", UNIT_COUNT, used, quota, strain(used, 0.8 * most, 0.95 * most));
		add(&p, "throttled", UNIT_SECONDS, stopped, true, strain(stopped, 0.01, 0.25));
	}
	if (limit.type != VALUE_ABSENT)
		add_share(&p, "memory", UNIT_BYTES, memory(c, "cgroup_used"), limit, UI_STRONG);
	add(&p, "OOM kills", UNIT_COUNT, kills, false, value_number(kills, 0) > 0 ? UI_CRITICAL : UI_STRONG);
	const struct part *host = host_part(c, PART_HOST);
	const char *name = host ? value_cstr(part_cell(host, 0, "cgroup")) : "";
	if (*name)
		add_text(&p, "", UI_DIM, name, "");
	sheet_about(s, HOSTTOPIC_LIMITS, "total", NULL);
	put_label(s, "cgroup");
	put_strip(s, &p, true);
}

/* --- the server ------------------------------------------------------------------------------- */

static void put_missing(struct sheet *s, const struct console *c)
{
	const struct part *host = host_part(c, PART_HOST), *p = host_part(c, PART_HOST_PROCESS);
	const char *why = host ? value_cstr(part_cell(host, 0, "not_found")) : "";
	int fds = p ? schema_field(part_schema(p), "fds") : -1;
	if (!*why && fds >= 0 && part_absent_reason(p, (unsigned)fds))
		why = part_absent_reason(p, (unsigned)fds);
	if (!host && !p)
		return;
	sheet_about(s, HOSTTOPIC_HOST, "", "pid not_found");
	sheet_labelled(s, 0, LABEL, "Server", UI_WARNING, *why ? why : "its process was not found on this host");
}

void host_put_server(struct sheet *s, const struct console *c)
{
	const struct frame *f = console_frame(c);
	int row = host_server_row(f);
	if (row < 0) {
		put_missing(s, c);
		return;
	}
	const struct part *p = host_part(c, PART_HOST_PROCESS);
	unsigned r = (unsigned)row;
	struct value fds = part_cell(p, r, "fds"), most = part_cell(p, r, "fd_limit");
	struct value swap = part_cell(p, r, "swap");
	double full = value_number(most, 0) > 0 ? value_number(fds, 0) / value_number(most, 1) : 0;
	struct strip strip = {.room = s->width - LABEL}, *l = &strip;
	char pid[24];
	snprintf(pid, sizeof pid, " %lld", (long long)value_integer(part_cell(p, r, "pid"), 0));
	add_text(l, "", UI_STRONG, value_cstr(part_cell(p, r, "name")), pid);
	add(l, "cpu", UNIT_SECONDS, host_row_rate(f, PART_HOST_PROCESS, r, "cpu"), true, UI_STRONG);
	add(l, "rss", UNIT_BYTES, part_cell(p, r, "rss"), false, UI_STRONG);
	if (value_number(swap, 0) > 0)
		add(l, "swap", UNIT_BYTES, swap, false, UI_WARNING);
	add_share(l, "files", UNIT_COUNT, fds, most,
		  full >= 0.95 ? UI_CRITICAL : full >= 0.8 ? UI_WARNING : UI_STRONG);
	add(l, "threads", UNIT_COUNT, part_cell(p, r, "threads"), false, UI_STRONG);
	add_of(l, "read", UNIT_BYTES, host_row_rate(f, PART_HOST_PROCESS, r, "read_bytes"), true, UI_STRONG, "/s");
	add_of(l, "write", UNIT_BYTES, host_row_rate(f, PART_HOST_PROCESS, r, "written_bytes"), true, UI_STRONG,
	       "/s");
	add(l, "up", UNIT_SECONDS, part_cell(p, r, "age"), false, UI_STRONG);
	add(l, "OOM score", UNIT_COUNT, part_cell(p, r, "oom_score"), false, UI_STRONG);
	add(l, "", UNIT_NONE, part_cell(p, r, "state"), false, UI_DIM);
	sheet_about(s, HOSTTOPIC_SERVER, "", NULL);
	put_label(s, "Server");
	put_strip(s, l, true);
}
