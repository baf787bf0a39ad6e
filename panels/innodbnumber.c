#include "panels/innodbnumber.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/innodb.h"
#include "panels/console.h"
#include "ui/chart.h"
#include "ui/help.h"

enum { MOST_HISTORY = 1024, TREND_SECONDS = 60, TREND_LEAST = 5 };

/* --- reading ---------------------------------------------------------------------------------- */

static struct value of_status(const struct inno_number *n, const struct frame *f)
{
	struct value v = VALUE_NONE;
	for (unsigned i = 0; i < COUNT_OF(n->status) && n->status[i] && v.type == VALUE_ABSENT; i++)
		v = n->rate ? frame_rate_of(f, PART_STATUS, n->status[i])
			    : frame_value_of(f, PART_STATUS, n->status[i]);
	return v;
}

static struct value of_counters(const struct inno_number *n, const struct frame *f)
{
	struct value v = VALUE_NONE;
	for (unsigned i = 0; i < COUNT_OF(n->counter) && n->counter[i] && v.type == VALUE_ABSENT; i++)
		v = n->rate ? frame_rate_of(f, PART_INNODB, n->counter[i])
			    : frame_value_of(f, PART_INNODB, n->counter[i]);
	return v;
}

struct value inno_value(unsigned id, const struct frame *f)
{
	const struct inno_number *n = &inno_numbers[id];
	if (n->metric)
		return metric_read(n->metric - 1, f);
	if (n->read)
		return n->read(f);
	struct value v = of_status(n, f);
	return v.type == VALUE_ABSENT ? of_counters(n, f) : v;
}

double inno_real(unsigned id, const struct frame *f)
{
	return value_number(inno_value(id, f), (double)NAN);
}

struct value inno_variable(const struct frame *f, const char *names)
{
	struct value v = VALUE_NONE;
	while (*names && v.type == VALUE_ABSENT) {
		char name[64];
		size_t n = strcspn(names, "|");
		snprintf(name, sizeof name, "%.*s", (int)n, names);
		v = frame_value_of(f, PART_VARIABLES, name);
		names += n + (names[n] == '|');
	}
	return v;
}

bool inno_oldest(const struct frame *f, int64_t *session, double *age)
{
	const struct part *p = f->now ? f->now->parts[PART_TRANSACTIONS] : NULL;
	bool any = false;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct value v = part_cell(p, i, "age");
		if (!value_is_number(v) || (any && value_number(v, 0) <= *age))
			continue;
		any = true;
		*age = value_number(v, 0);
		*session = value_integer(part_cell(p, i, "session"), 0);
	}
	return any;
}

static const struct metric *metric_of(unsigned id)
{
	return inno_numbers[id].metric ? metric_get(inno_numbers[id].metric - 1) : NULL;
}

enum unit inno_unit(unsigned id)
{
	const struct metric *m = metric_of(id);
	return m ? m->unit : inno_numbers[id].unit;
}

bool inno_is_rate(unsigned id)
{
	const struct metric *m = metric_of(id);
	return m ? m->rate : inno_numbers[id].rate;
}

const char *inno_normal(unsigned id)
{
	const struct metric *m = metric_of(id);
	return m ? m->normal : inno_numbers[id].normal;
}

/* --- strain ----------------------------------------------------------------------------------- */

enum inno_strain inno_strain(unsigned id, struct value v)
{
	const struct inno_number *n = &inno_numbers[id];
	double x = value_number(v, 0);
	if (!value_is_number(v) || n->warning <= 0)
		return STRAIN_NONE;
	bool low = n->warning > n->critical;
	if (low ? x <= n->critical : x >= n->critical)
		return STRAIN_CRITICAL;
	return (low ? x <= n->warning : x >= n->warning) ? STRAIN_WARNING : STRAIN_NONE;
}

enum ui_role inno_strain_role(enum inno_strain s)
{
	static const enum ui_role roles[] = {
		[STRAIN_NONE] = UI_STRONG,
		[STRAIN_WARNING] = UI_WARNING,
		[STRAIN_CRITICAL] = UI_CRITICAL,
	};
	return roles[s];
}

const char *inno_strain_word(unsigned id, enum inno_strain s)
{
	const char *word = inno_numbers[id].word;
	if (s == STRAIN_NONE)
		return "";
	if (!word)
		return s == STRAIN_CRITICAL ? "too high" : "high";
	return word;
}

/* --- as text ---------------------------------------------------------------------------------- */

void inno_seconds(struct buf *out, double seconds)
{
	if (seconds < 60)
		buf_addf(out, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
	else
		unit_duration(out, seconds);
}

void inno_format(struct buf *out, unsigned id, struct value v)
{
	if (inno_unit(id) == UNIT_SECONDS && value_is_number(v))
		inno_seconds(out, value_number(v, 0));
	else
		unit_format(out, inno_unit(id), v, inno_is_rate(id));
	if (inno_is_rate(id) && v.type != VALUE_ABSENT)
		buf_adds(out, "/s");
}

static void add_value(struct line *l, unsigned id, const struct frame *f, bool brief)
{
	struct value v = inno_value(id, f);
	enum inno_strain s = inno_strain(id, v);
	bool idle = v.type == VALUE_ABSENT || (value_is_number(v) && value_number(v, 1) == 0);
	struct buf b = BUF_INIT;
	inno_format(&b, id, v);
	line_puts(l, idle ? UI_DIM : inno_strain_role(s), buf_str(&b));
	if (s != STRAIN_NONE && !brief)
		line_printf(l, inno_strain_role(s), " %s", inno_strain_word(id, s));
	if (s == STRAIN_CRITICAL || (s && brief))
		line_puts(l, inno_strain_role(s), s == STRAIN_CRITICAL && brief ? "!!" : "!");
	buf_release(&b);
}

static void add_title(struct line *l, const char *title, unsigned id)
{
	title = title ? title : inno_numbers[id].title;
	if (*title)
		line_printf(l, UI_LABEL, "%s ", title);
}

void line_inno_value(struct line *l, unsigned id, const struct frame *f)
{
	add_value(l, id, f, false);
}

void line_inno(struct line *l, const char *title, unsigned id, const struct frame *f)
{
	add_title(l, title, id);
	add_value(l, id, f, false);
}

void line_inno_brief(struct line *l, const char *title, unsigned id, const struct frame *f)
{
	add_title(l, title, id);
	add_value(l, id, f, true);
}

/* --- why not, and what it is ------------------------------------------------------------------ */

/* Whether the server has one of these; then it is absent only for want of a reading before. */
static bool has_any(const struct frame *f, enum part_id id, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n && names[i]; i++)
		if (value_is_number(frame_value_of(f, id, names[i])))
			return true;
	return false;
}

static bool had_before(unsigned id, const struct frame *f)
{
	const struct metric *m = metric_of(id);
	const struct inno_number *n = &inno_numbers[id];
	return inno_is_rate(id) &&
	       ((m && has_any(f, PART_STATUS, m->status, COUNT_OF(m->status))) ||
		has_any(f, PART_STATUS, n->status, COUNT_OF(n->status)) ||
		has_any(f, PART_INNODB, n->counter, COUNT_OF(n->counter)));
}

/* What it is read from was not read yet, or may not be. */
static bool part_lacks(struct buf *out, const struct frame *f, enum part_id id)
{
	const struct part *p = f->now ? f->now->parts[id] : NULL;
	if (p && part_status(p) == PART_OK)
		return false;
	buf_adds(out, !p ? "not read yet" : part_reason(p) ? part_reason(p) : "could not be read");
	return true;
}

void inno_absent(struct buf *out, unsigned id, const struct frame *f)
{
	const struct inno_number *n = &inno_numbers[id];
	if (inno_value(id, f).type != VALUE_ABSENT || part_lacks(out, f, n->part))
		return;
	const char *counter = n->counter[0];
	if (had_before(id, f))
		buf_adds(out, "nothing to compare with yet");
	else if (counter && part_lacks(out, f, PART_INNODB))
		;
	else if (counter && innodb_counter_off(f->now->parts[PART_INNODB], counter))
		buf_addf(out, "not counted; %s would",
			 innodb_counter_reason(f->now->parts[PART_INNODB], counter));
	else
		buf_adds(out, n->lacks ? n->lacks : counter ? "this server does not count it"
							    : "this server does not have it");
}

static void made_source(struct buf *out, const struct inno_number *n)
{
	const char *blank = "SHOW GLOBAL STATUS: ";
	for (unsigned i = 0; i < COUNT_OF(n->status) && n->status[i]; i++) {
		buf_addf(out, "%s%s", blank, n->status[i]);
		blank = ", ";
	}
	blank = n->status[0] ? "; INNODB_METRICS: " : "INNODB_METRICS: ";
	for (unsigned i = 0; i < COUNT_OF(n->counter) && n->counter[i]; i++) {
		buf_addf(out, "%s%s", blank, n->counter[i]);
		blank = ", ";
	}
}

static void limit(struct buf *out, unsigned id, const char *name, double at)
{
	buf_addf(out, "%s%s %s ", out->len ? ", " : "", name,
		 inno_numbers[id].warning > inno_numbers[id].critical ? "up to" : "from");
	inno_format(out, id, value_real(at));
}

/* Where the colours come from. */
static void explain_limits(struct doc *d, unsigned id)
{
	const struct inno_number *n = &inno_numbers[id];
	struct buf b = BUF_INIT;
	if (n->warning > 0 && n->warning < 0.01)
		buf_adds(&b, "warning with the first");
	else if (n->warning > 0)
		limit(&b, id, "warning", n->warning);
	if (n->warning > 0) {
		limit(&b, id, "critical", n->critical);
		doc_field(d, 10, "Strain", UI_TEXT, buf_str(&b));
	}
	buf_release(&b);
}

void inno_explain(struct doc *d, unsigned id, const struct console *c)
{
	const struct inno_number *n = &inno_numbers[id];
	const struct metric *m = metric_of(id);
	struct buf source = BUF_INIT, absent = BUF_INIT, now = BUF_INIT;
	const struct frame *f = console_frame(c);
	struct value v = inno_value(id, f);
	inno_absent(&absent, id, f);
	made_source(&source, n);
	help_subject(d, n->title, unit_name(inno_unit(id)), m ? m->help : n->help, inno_normal(id),
		     m ? m->source : n->source ? n->source : buf_str(&source),
		     absent.len ? buf_str(&absent) : NULL);
	explain_limits(d, id);
	if (v.type != VALUE_ABSENT) {
		inno_format(&now, id, v);
		enum inno_strain s = inno_strain(id, v);
		if (s != STRAIN_NONE)
			buf_addf(&now, " (%s: %s)", s == STRAIN_CRITICAL ? "critical" : "warning",
				 inno_strain_word(id, s));
		doc_field(d, 10, "Now", inno_strain_role(s), buf_str(&now));
	}
	buf_release(&source);
	buf_release(&absent);
	buf_release(&now);
}

/* --- the past --------------------------------------------------------------------------------- */

/* The part's reading before the one that snapshot `back` holds. */
static const struct part *reading_before(const struct timeline *t, unsigned back, enum part_id id)
{
	const struct snapshot *s = timeline_at(t, back);
	for (unsigned k = back + 1; k < timeline_length(t); k++) {
		const struct snapshot *was = timeline_at(t, k);
		if (was->epoch != s->epoch)
			return NULL;
		if (was->parts[id] != s->parts[id])
			return was->parts[id];
	}
	return NULL;
}

static unsigned metric_history(const struct series *s, double *out, unsigned most, double *seconds)
{
	unsigned n = series_length(s) < most ? series_length(s) : most;
	for (unsigned i = 0; i < n; i++)
		out[n - 1 - i] = series_value(s, i);
	*seconds = n ? series_age(s, n - 1) : 0;
	return n;
}

unsigned inno_history(unsigned id, const struct timeline *t, double *out, unsigned most, double *seconds)
{
	if (inno_numbers[id].metric)
		return metric_history(timeline_series(t, inno_numbers[id].metric - 1), out, most, seconds);
	static const enum part_id parts[] = {PART_STATUS, PART_INNODB, PART_INNODB_POOLS, PART_INNODB_FILES};
	unsigned n = 0;
	*seconds = 0;
	/* Newest first; news of the connection bring no numbers. */
	for (unsigned i = 0; i < timeline_length(t) && n < most; i++) {
		struct frame f = {.now = timeline_at(t, i)};
		if (i && f.now->parts[PART_STATUS] == timeline_at(t, i - 1)->parts[PART_STATUS])
			continue;
		for (unsigned k = 0; k < COUNT_OF(parts); k++)
			f.before[parts[k]] = reading_before(t, i, parts[k]);
		out[n++] = inno_real(id, &f);
		*seconds = (double)(timeline_at(t, 0)->mono - f.now->mono) / (double)NS_PER_S;
	}
	for (unsigned i = 0; i < n / 2; i++) {
		double first = out[i];
		out[i] = out[n - 1 - i];
		out[n - 1 - i] = first;
	}
	return n;
}

static double mean(const double *v, unsigned n)
{
	double sum = 0;
	for (unsigned i = 0; i < n; i++)
		sum += v[i];
	return sum / n;
}

/* The mean of the newest third against that of the oldest: robust against single outliers. */
const char *inno_trend(unsigned id, const struct timeline *t)
{
	double values[TREND_SECONDS], seconds;
	unsigned n = inno_history(id, t, values, TREND_SECONDS, &seconds), known = 0;
	for (unsigned i = 0; i < n; i++)
		if (isfinite(values[i]))
			values[known++] = values[i];
	if (known < TREND_LEAST)
		return "";
	double old = mean(values, known / 3), new = mean(values + known - known / 3, known / 3);
	double step = fabs(old) * 0.03;
	return new > old + step && new != old ? "↗" : new < old - step ? "↘" : "";
}

void inno_spark(struct canvas *c, int x, int y, int w, unsigned id, const struct timeline *t)
{
	double values[MOST_HISTORY], seconds;
	if (w < 1)
		return;
	unsigned most = w < MOST_HISTORY ? (unsigned)w : MOST_HISTORY;
	struct chart_array a = {values, inno_history(id, t, values, most, &seconds)};
	chart_spark(c, x, y, w, UI_SPARK, chart_array_value, &a,
		    inno_is_rate(id) ? CHART_FROM_ZERO : CHART_FROM_MIN);
}
