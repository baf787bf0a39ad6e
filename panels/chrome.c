/*
 * What surrounds every panel: who is watched and how that goes, the gauges, the verdict, the tabs, and the
 * footer. What does not fit is left out by priority; lines are given up before the panel is.
 */
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "diagnose/replication.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/hostquestion.h"

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

/* Seconds since what should be as new as the frame was read: the sessions, which the verdict goes by, and the
   counters where they are shown. 0 while that is no more than their period; the budget may stretch it. */
static double overdue(const struct console *c, const struct snapshot *s)
{
	part_mask fresh = PART_BIT(PART_PROCESSLIST) | (view_parts(c->view) & PART_BIT(PART_STATUS));
	double interval = console_interval(c), most = 2 * (interval > 3 ? interval : 3), oldest = 0;
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *p = fresh & PART_BIT(i) ? s->parts[i] : NULL;
		if (!p || part_status(p) != PART_OK)
			continue;
		double age = (double)(s->mono - part_read_mono(p)) / (double)NS_PER_S;
		oldest = age > oldest ? age : oldest;
	}
	return oldest > most ? oldest : 0;
}

static void header_link(const struct console *c, const struct snapshot *s, struct line *l)
{
	struct state_view v = link_view(c, s);
	bool live = !c->paused && s && s->link == LINK_LIVE;
	double old = live ? overdue(c, s) : 0;
	if (old > 0) {
		line_printf(l, UI_WARNING, "◌ %.0fs old", old);
		return;
	}
	line_printf(l, v.role, "%s %s", v.sign, v.text);
	if (live)
		line_printf(l, v.role, " %.3gs", console_interval(c));
}

static void header_right(const struct console *c, const struct snapshot *s, int cols, struct line *l)
{
	char clock[CLOCK_HMS_SIZE];
	header_link(c, s, l);
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

/* What is given up, from the first to the last, until the name of the target has room. */
enum {
	WITH_UPTIME = 1 << 0,
	WITH_APP = 1 << 1,
	WITH_FLAVOR = 1 << 2,
	WITH_LOOK_ONLY = 1 << 3,
	WITH_VERSION = 1 << 4,
	WITH_LABEL = 1 << 5,
	WITH_ROLE = 1 << 6,
	WITH_ALL = (1 << 7) - 1,
	NAME_CELLS = 24, /* a longer name is cut before a further piece is given up */
	NAME_LEAST = 12, /* and this far before label and role are */
};

static void header_version(const struct snapshot *s, unsigned with, struct line *l)
{
	if (!(with & WITH_VERSION))
		return;
	line_gap(l, 2);
	if (with & WITH_FLAVOR)
		line_printf(l, UI_HEADER, "%s ", flavor_title(s->server.flavor));
	line_puts(l, UI_HEADER, s->server.version_short);
}

static void header_left(const struct console *c, const struct snapshot *s, unsigned with,
			const char *name, bool wide, struct line *l)
{
	const struct watched *w = &c->watches[c->target];
	line_gap(l, 1);
	if (with & WITH_APP) {
		line_puts(l, UI_HEADER_KEY, "fathom");
		line_gap(l, 2);
	}
	line_puts(l, UI_HEADER_VALUE, name);
	if (c->n_watches > 1)
		line_printf(l, UI_HEADER, " %u/%u", c->target + 1, c->n_watches);
	if ((with & WITH_LABEL) && w->target->value[SETTING_LABEL]) {
		line_gap(l, 2);
		line_puts(l, UI_HEADER_LABEL, w->target->value[SETTING_LABEL]);
	}
	if ((with & WITH_LOOK_ONLY) && console_action_state(c).read_only) {
		line_gap(l, 2);
		line_puts(l, UI_HEADER, "look only");
	}
	if (!s || s->server.flavor == FLAVOR_UNKNOWN)
		return;
	if (wide)
		header_version(s, with, l);
	if (with & WITH_ROLE)
		header_role(s, l);
	if (!wide)
		header_version(s, with, l);
	if (with & WITH_UPTIME)
		header_uptime(s, l);
}

/* The end of a path tells sockets apart; a host's name does it at both its ends. */
static void cut_name(struct buf *out, const char *name, int cells)
{
	size_t n = strlen(name), head, at;
	if (utf8_width(name, n) <= cells) {
		buf_add(out, name, n);
		return;
	}
	head = utf8_fit(name, n, strchr(name, '/') || cells < 1 ? 0 : (cells - 1) / 2);
	int left = cells - 1 - utf8_width(name, head);
	for (at = head; at < n && utf8_width(name + at, n - at) > left;) {
		int width;
		at += utf8_cluster(name + at, n - at, &width);
	}
	buf_add(out, name, head);
	buf_adds(out, "…");
	buf_add(out, name + at, n - at);
}

/* The left side in so many cells, by priority. */
static void header_fit(const struct console *c, const struct snapshot *s, int cols, int cells, struct line *l)
{
	const char *name = c->watches[c->target].target->name;
	int whole = utf8_width(name, strlen(name)), enough = whole < NAME_CELLS ? whole : NAME_CELLS;
	unsigned with = cols >= 60 ? WITH_ALL : WITH_ALL & ~WITH_APP;
	struct buf cut = BUF_INIT;
	int room = 0;
	for (unsigned gone = 0;; gone = gone << 1 | 1) {
		struct line rest = {0};
		header_left(c, s, with & ~gone, "", cols >= 100, &rest);
		room = cells - line_width(&rest);
		line_release(&rest);
		if (gone + 1 >= WITH_LABEL && enough > NAME_LEAST)
			enough = NAME_LEAST;
		if (room >= enough || gone == WITH_ALL) {
			with &= ~gone;
			break;
		}
	}
	cut_name(&cut, name, room);
	header_left(c, s, with, buf_str(&cut), cols >= 100, l);
	buf_release(&cut);
}

static void draw_header(struct console *c, struct canvas *canvas, int y)
{
	const struct snapshot *s = console_frame(c)->now;
	struct line left = {0}, right = {0};
	canvas_fill(canvas, (struct rect){0, y, canvas->cols, 1}, UI_HEADER);
	header_right(c, s, canvas->cols, &right);
	int w = line_width(&right);
	if (w > canvas->cols * 3 / 5)
		w = canvas->cols * 3 / 5;
	header_fit(c, s, canvas->cols, canvas->cols - w - 1, &left);
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
	/* Servers count it in whole seconds: 0.000 would claim more. */
	bool level = g->metric == METRIC_LAG && !word && v.type != VALUE_ABSENT && n <= 0;
	line_printf(&out->line, UI_LABEL, "%s ", metric_get(g->metric)->title);
	if (word)
		line_puts(&out->line, UI_CRITICAL, word);
	else if (level)
		line_puts(&out->line, role, "0 s");
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

/* Where the sentence needs the room, only how to read on: "why" tells all of it and leads there as well. */
static void verdict_keys(struct console *c, const struct verdict *v, enum ui_role role, bool there,
			 struct line *keys)
{
	if (v->severity > SEVERITY_OK) {
		line_key(keys, c, "why", "why", UI_VERDICT_KEY, role);
		if (there && (v->session || v->culprit))
			line_key(keys, c, "go-to-verdict", "go there", UI_VERDICT_KEY, role);
	}
	/* Whatever else the line is about. */
	if (hostquestion_pending(c))
		line_key(keys, c, "answer-host", "answer", UI_VERDICT_KEY, role);
}

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
	struct buf text = BUF_INIT;
	buf_addf(&text, " %s ", looks[v->severity].sign);
	utf8_scrub(&text, buf_str(&v->text), v->text.len);
	struct line keys = {0};
	if (canvas->cols >= 60)
		verdict_keys(c, v, role, true, &keys);
	if (utf8_width(buf_str(&text), text.len) > canvas->cols - line_width(&keys) - 1) {
		line_release(&keys);
		keys = (struct line){0};
		if (canvas->cols >= 60)
			verdict_keys(c, v, role, false, &keys);
	}
	int w = line_width(&keys);
	canvas_left(canvas, 0, y, canvas->cols - w - (w ? 1 : 0), role, buf_str(&text), text.len);
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

/* How much the tabs say: the shown one has its title as long as that leaves the others a word. What no digit
   opens is there with the titles, or when it is shown. */
enum tab_words { TAB_TITLES, TAB_BRIEF, TAB_ALL_BRIEF, TAB_DIGITS };

static void tab_text(const struct view_ops *panel, bool current, enum tab_words words, struct buf *out)
{
	if (!panel->digit && !current && words > TAB_TITLES)
		return;
	buf_addc(out, ' ');
	if (panel->digit)
		buf_addf(out, "%c%s", panel->digit, current || words < TAB_DIGITS ? " " : "");
	if (current || words == TAB_TITLES)
		buf_addf(out, "%s ", words == TAB_ALL_BRIEF ? panel->brief : panel->title);
	else if (words < TAB_DIGITS)
		buf_adds(out, panel->brief);
}

static void line_tabs(const struct console *c, enum tab_words words, struct line *l)
{
	const struct view_ops *shown = panel_shown(c);
	line_gap(l, words == TAB_TITLES);
	for (unsigned i = 0; panels[i]; i++) {
		struct buf text = BUF_INIT;
		tab_text(panels[i], panels[i] == shown, words, &text);
		line_puts(l, panels[i] == shown ? UI_TAB_CURRENT : UI_TAB, buf_str(&text));
		line_gap(l, words == TAB_TITLES);
		buf_release(&text);
	}
	if (c->view->below)
		line_printf(l, UI_STRONG, "%s› %s", words == TAB_TITLES ? "" : " ", c->view->ops->title);
}

static void draw_tabs(struct console *c, struct canvas *canvas, int y)
{
	for (enum tab_words words = TAB_TITLES; words <= TAB_DIGITS; words++) {
		struct line l = {0};
		line_tabs(c, words, &l);
		bool fits = line_width(&l) <= canvas->cols;
		if (fits || words == TAB_DIGITS)
			line_draw(&l, canvas, 0, y, canvas->cols);
		line_release(&l);
		if (fits)
			return;
	}
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
