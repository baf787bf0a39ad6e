/*
 * What surrounds every panel: who is watched and how that goes, the gauges, the verdict, the tabs, and the
 * footer. What does not fit is left out by priority; lines are given up before the panel is.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "diagnose/replication.h"
#include "panels/console.h"
#include "panels/draw.h"

/* --- line 1: who, and how it goes ------------------------------------------------------------- */

struct state_view {
	enum ui_role role;
	const char *sign, *text;
};

static struct state_view link_view(const struct console *c, const struct snapshot *s)
{
	static const struct state_view views[] = {
		[LINK_IDLE] = {UI_DIM, "○", "starting"},
		[LINK_CONNECTING] = {UI_NOTICE, "○", "connecting"},
		[LINK_LIVE] = {UI_GOOD, "●", "live"},
		[LINK_STALLED] = {UI_WARNING, "◌", "no answer"},
		[LINK_DOWN] = {UI_CRITICAL, "✗", "down"},
	};
	if (c->paused)
		return (struct state_view){UI_NOTICE, "‖", "paused"};
	return views[s ? s->link : LINK_IDLE];
}

static void header_right(const struct console *c, const struct snapshot *s, int cols, struct line *l)
{
	struct state_view v = link_view(c, s);
	char clock[CLOCK_HMS_SIZE];
	line_printf(l, v.role, "%s %s", v.sign, v.text);
	if (!c->paused && s && s->link == LINK_LIVE)
		line_printf(l, v.role, " %.3gs", console_interval(c));
	line_gap(l, 2);
	if (s && s->link == LINK_LIVE) {
		line_puts(l, UI_HEADER, cols >= 100 ? "own cost " : "cost ");
		line_printf(l, s->cost.share > 0.02 ? UI_WARNING : UI_HEADER_VALUE, "%.1f%%",
			    100 * s->cost.share);
		/* Of another machine's core, where the host is another one. */
		if (s->host.cost_known && cols >= 120)
			line_printf(l, s->host.cpu_ms > 20 ? UI_WARNING : UI_HEADER_VALUE,
				    " host %.1f%%", s->host.cpu_ms / 10);
		line_gap(l, 2);
	}
	if (cols >= 60)
		line_puts(l, UI_HEADER, clock_hms(clock_wall_us(), clock));
	line_gap(l, 1);
}

static void header_role(const struct snapshot *s, struct line *l)
{
	if (s->role == ROLE_UNKNOWN && !s->read_only_known)
		return;
	line_gap(l, 2);
	line_puts(l, UI_HEADER_VALUE, s->role == ROLE_UNKNOWN ? "role –" : role_name(s->role));
	if (s->read_only_known)
		line_puts(l, UI_HEADER_VALUE, s->read_only ? " ro" : " rw");
}

static void header_uptime(const struct snapshot *s, struct line *l)
{
	struct buf b = BUF_INIT;
	if (s->uptime < 0)
		return;
	if (s->uptime < 60)
		buf_addf(&b, "%.0fs", s->uptime);
	else
		unit_duration(&b, s->uptime);
	line_gap(l, 2);
	line_printf(l, UI_HEADER, "up %s", buf_str(&b));
	buf_release(&b);
}

static void header_left(const struct console *c, const struct snapshot *s, int cols, struct line *l)
{
	const struct watched *w = &c->watches[c->target];
	bool wide = cols >= 100;
	line_gap(l, 1);
	if (cols >= 60) {
		line_puts(l, UI_HEADER_KEY, "fathom");
		line_gap(l, 2);
	}
	line_puts(l, UI_HEADER_VALUE, w->target->name);
	if (c->n_watches > 1)
		line_printf(l, UI_HEADER, " %u/%u", c->target + 1, c->n_watches);
	if (w->target->value[SETTING_LABEL]) {
		line_gap(l, 2);
		line_puts(l, UI_HEADER_LABEL, w->target->value[SETTING_LABEL]);
	}
	if (console_action_state(c).read_only) {
		line_gap(l, 2);
		line_puts(l, UI_HEADER, "look only");
	}
	if (!s || s->server.flavor == FLAVOR_UNKNOWN)
		return;
	/* What must not be cut off on a narrow screen comes first. */
	if (!wide)
		header_role(s, l);
	line_gap(l, 2);
	line_printf(l, UI_HEADER, "%s %s", flavor_title(s->server.flavor), s->server.version_short);
	if (wide)
		header_role(s, l);
	header_uptime(s, l);
}

static void draw_header(struct console *c, struct canvas *canvas, int y)
{
	const struct snapshot *s = console_frame(c)->now;
	struct line left = {0}, right = {0};
	canvas_fill(canvas, (struct rect){0, y, canvas->cols, 1}, UI_HEADER);
	header_left(c, s, canvas->cols, &left);
	header_right(c, s, canvas->cols, &right);
	int w = line_width(&right);
	if (w > canvas->cols * 3 / 5)
		w = canvas->cols * 3 / 5;
	line_draw(&left, canvas, 0, y, canvas->cols - w - 1);
	line_draw(&right, canvas, canvas->cols - w, y, w);
	line_release(&left);
	line_release(&right);
}

/* --- line 2: gauges --------------------------------------------------------------------------- */

struct gauge {
	unsigned metric;
	unsigned of;         /* "48/512": N_METRICS for none */
	int spark;           /* cells of a sparkline */
	double warn, bad;    /* at or above; 0: never */
	int priority;        /* where there is no room, the largest goes first */
	enum part_id host;   /* is only there with this part of the host; 0: always */
};

static const struct gauge gauges[] = {
	{METRIC_QPS, N_METRICS, 8, 0, 0, 0, 0},
	{METRIC_RUNNING, METRIC_MAX_CONNECTIONS, 0, 0, 0, 1, 0},
	{METRIC_CONNECTED, N_METRICS, 0, 0, 0, 8, 0},
	{METRIC_LAG, N_METRICS, 0, 10, 60, 2, 0},
	{METRIC_POOL_HIT, N_METRICS, 0, 0, 0, 6, 0},
	{METRIC_REDO_USED, N_METRICS, 0, 0.75, 0.88, 7, 0},
	{METRIC_HISTORY, N_METRICS, 0, 100000, 1000000, 9, 0},
	{METRIC_HOST_CPU, N_METRICS, 3, 0.8, 0.95, 3, PART_HOST_CPU},
	{METRIC_HOST_LATENCY, N_METRICS, 0, 20, 100, 5, PART_HOST_DISK},
	{METRIC_HOST_MEMORY, N_METRICS, 0, 0.9, 0.97, 4, PART_HOST_MEMORY},
};
enum { N_GAUGES = sizeof gauges / sizeof *gauges };

/* Lag that is unknown because replication does not run is no dash: it is the news. */
static const char *lag_word(const struct console *c)
{
	struct replication_channel worst;
	bool any;
	enum replication_health health = replication_worst(console_frame(c), &worst, &any);
	return any && health >= REPLICATION_CONNECTING ? replication_health_word(health) : NULL;
}

/* A gauge as it is drawn; not `shown` where there is nothing to show it from. */
struct gauge_text {
	struct line line;
	int width; /* with its sparkline */
	bool shown;
};

static void gauge_text(struct console *c, const struct gauge *g, struct gauge_text *out)
{
	struct timeline *t = console_timeline(c);
	struct value v = timeline_metric(t, g->metric);
	struct value of = g->of < N_METRICS ? timeline_metric(t, g->of) : VALUE_NONE;
	const struct part *host = g->host ? console_part(c, g->host) : NULL;
	double n = value_number(v, 0);
	enum ui_role role = v.type == VALUE_ABSENT ? UI_DIM
			    : host && part_status(host) != PART_OK ? UI_TABLE_STALE
			    : g->bad > 0 && n >= g->bad ? UI_CRITICAL
			    : g->warn > 0 && n >= g->warn ? UI_WARNING
							  : UI_STRONG;
	const char *word = g->metric == METRIC_LAG ? lag_word(c) : NULL;
	line_printf(&out->line, UI_LABEL, "%s ", metric_get(g->metric)->title);
	if (word)
		line_puts(&out->line, UI_CRITICAL, word);
	else
		line_metric(&out->line, role, g->metric, v);
	if (of.type != VALUE_ABSENT) {
		line_puts(&out->line, UI_DIM, "/");
		line_metric(&out->line, UI_DIM, g->of, of);
	}
	out->width = line_width(&out->line) + (g->spark ? g->spark + 1 : 0);
	out->shown = !g->host || (host && part_rows(host));
}

/* Leaves out by priority until the rest fits. */
static void fit_gauges(struct gauge_text texts[N_GAUGES], int cols)
{
	for (;;) {
		int all = 1, last = -1;
		bool host = false;
		for (int i = 0; i < N_GAUGES; i++) {
			if (!texts[i].shown)
				continue;
			host |= gauges[i].host != 0;
			all += texts[i].width + 2;
			if (last < 0 || gauges[i].priority > gauges[last].priority)
				last = i;
		}
		if (last < 0 || all - 2 + host <= cols)
			return;
		texts[last].shown = false;
	}
}

static void draw_gauges(struct console *c, struct canvas *canvas, int y)
{
	struct timeline *t = console_timeline(c);
	struct gauge_text texts[N_GAUGES] = {0};
	bool ruled = false;
	int x = 1;
	for (int i = 0; i < N_GAUGES; i++)
		gauge_text(c, &gauges[i], &texts[i]);
	fit_gauges(texts, canvas->cols);
	for (int i = 0; i < N_GAUGES; i++) {
		const struct gauge *g = &gauges[i];
		if (texts[i].shown) {
			int w = line_width(&texts[i].line);
			if (g->host && !ruled && x > 1) {
				canvas_puts(canvas, x - 1, y, 1, UI_RULE, "│");
				x++;
			}
			ruled |= g->host != 0;
			line_draw(&texts[i].line, canvas, x, y, w);
			if (g->spark)
				draw_spark(canvas, x + w + 1, y, g->spark, UI_SPARK,
					   timeline_series(t, g->metric));
			x += texts[i].width + 2;
		}
		line_release(&texts[i].line);
	}
}

/* --- line 3: the verdict ---------------------------------------------------------------------- */

static void draw_verdict(struct console *c, struct canvas *canvas, int y)
{
	static const struct {
		enum ui_role role;
		const char *sign;
	} looks[] = {
		[SEVERITY_OK] = {UI_VERDICT_OK, "✓"},
		[SEVERITY_NOTICE] = {UI_VERDICT_NOTICE, "·"},
		[SEVERITY_WARNING] = {UI_VERDICT_WARNING, "▲"},
		[SEVERITY_CRITICAL] = {UI_VERDICT_CRITICAL, "▲"},
	};
	const struct verdict *v = &console_watched(c)->verdict;
	enum ui_role role = looks[v->severity].role;
	canvas_fill(canvas, (struct rect){0, y, canvas->cols, 1}, role);
	struct line keys = {0};
	if (v->severity > SEVERITY_OK && canvas->cols >= 60) {
		line_key(&keys, c, "why", "why", UI_VERDICT_KEY, role);
		if (v->session)
			line_key(&keys, c, "go-to-verdict", "go there", UI_VERDICT_KEY, role);
		else if (strcmp(v->id, "host-asks") == 0)
			line_key(&keys, c, "go-to-verdict", "answer", UI_VERDICT_KEY, role);
	}
	int w = line_width(&keys);
	struct buf text = BUF_INIT;
	buf_addf(&text, " %s ", looks[v->severity].sign);
	utf8_scrub(&text, buf_str(&v->text), v->text.len);
	canvas_left(canvas, 0, y, canvas->cols - w - (w ? 2 : 0), role, buf_str(&text), text.len);
	line_draw(&keys, canvas, canvas->cols - w, y, w);
	buf_release(&text);
	line_release(&keys);
}

/* --- line 4: tabs ----------------------------------------------------------------------------- */

static const struct view_ops *panel_shown(const struct console *c)
{
	const struct view *v = c->view;
	while (v->below)
		v = v->below;
	return v->ops;
}

enum { TAB_SIZE = 64 };

static int tab_text(const struct view_ops *panel, bool whole, char text[TAB_SIZE])
{
	if (!panel->digit)
		return snprintf(text, TAB_SIZE, " %s ", panel->title);
	if (!whole)
		return snprintf(text, TAB_SIZE, " %c ", panel->digit);
	return snprintf(text, TAB_SIZE, " %c %s ", panel->digit, panel->title);
}

/* Where there is no room for all titles, only the one that is shown keeps its own. */
static void draw_tabs(struct console *c, struct canvas *canvas, int y)
{
	const struct view_ops *shown = panel_shown(c);
	char text[TAB_SIZE];
	int x = 1, all = c->view->below ? (int)strlen(c->view->ops->title) + 3 : 1;
	for (unsigned i = 0; panels[i]; i++)
		all += tab_text(panels[i], true, text) + 1;
	for (unsigned i = 0; panels[i]; i++) {
		bool current = panels[i] == shown;
		int n = tab_text(panels[i], current || all <= canvas->cols, text);
		x += canvas_text(canvas, x, y, CANVAS_ALL, current ? UI_TAB_CURRENT : UI_TAB, text,
				 (size_t)n) + 1;
	}
	if (c->view->below)
		canvas_printf(canvas, x, y, CANVAS_ALL, UI_STRONG, "› %s", c->view->ops->title);
}

/* --- the last line ---------------------------------------------------------------------------- */

static void draw_footer(struct console *c, struct canvas *canvas, int y)
{
	if (c->notice.len && clock_mono_ns() < c->notice_until) {
		canvas_left(canvas, 1, y, canvas->cols - 1, c->notice_role, buf_str(&c->notice), c->notice.len);
		return;
	}
	struct scope scopes[MOST_SCOPES];
	size_t n = console_scopes(c, scopes);
	struct action_state state = console_action_state(c);
	keymap_footer(c->keymap, scopes, n, &state, canvas, (struct rect){1, y, canvas->cols - 1, 1});
}

void chrome_draw(struct console *c, struct canvas *canvas, struct rect *panel)
{
	int rows = canvas->rows, y = 0;
	draw_header(c, canvas, y++);
	if (rows >= 12)
		draw_gauges(c, canvas, y++);
	draw_verdict(c, canvas, y++);
	if (rows >= 10)
		draw_tabs(c, canvas, y++);
	if (rows >= 20)
		canvas_hline(canvas, 0, y++, canvas->cols, UI_RULE);
	int bottom = rows - 1;
	if (rows >= 20)
		canvas_hline(canvas, 0, --bottom, canvas->cols, UI_RULE);
	draw_footer(c, canvas, rows - 1);
	*panel = (struct rect){0, y, canvas->cols, bottom > y ? bottom - y : 0};
}
