#include "diagnose/replication.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/slope.h"

/* Lag has a grain of one second; less than two is none. */
#define BEHIND 2.0

static const struct part *readable(const struct frame *f, enum part_id id)
{
	const struct part *p = f->now ? f->now->parts[id] : NULL;
	return p && (part_status(p) == PART_OK || part_status(p) == PART_STALE || part_rows(p)) ? p : NULL;
}

static struct value cell(const struct replication_channel *c, const char *field)
{
	return part_cell(c->part, c->row, field);
}

static const char *text(const struct replication_channel *c, const char *field)
{
	return value_cstr(cell(c, field));
}

static bool is(const char *s, const char *word)
{
	return strcasecmp(s, word) == 0;
}

/* --- one channel ------------------------------------------------------------------------------ */

static bool set_error(struct replication_channel *c, const struct frame *f, bool receiver)
{
	c->number = value_integer(cell(c, receiver ? "io_errno" : "sql_errno"), 0);
	c->text = text(c, receiver ? "io_error" : "sql_error");
	if (!c->number)
		return false;
	c->health = REPLICATION_BROKEN;
	c->receiver = receiver;
	c->error = replication_error_find(f->now->server.flavor, c->number, c->text);
	replication_facts_read(&c->facts, c->text);
	return true;
}

/* The coordinator only says that a worker failed; the worker says at what. */
static void set_detail(struct replication_channel *c, const struct frame *f)
{
	const struct part *p = readable(f, PART_WORKERS);
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		const char *error = value_cstr(part_cell(p, i, "error"));
		if (!*error || !is(value_cstr(part_cell(p, i, "channel")), c->name) ||
		    strcasestr(error, "Coordinator stopped") ||
		    value_integer(part_cell(p, i, "errno"), c->number) != c->number)
			continue;
		/* MariaDB's text does not name it; it is the last that this worker has seen. */
		if (f->now->server.flavor == FLAVOR_MARIADB && !c->facts.gtid[0])
			snprintf(c->facts.gtid, sizeof c->facts.gtid, "%s",
				 value_cstr(part_cell(p, i, "applied")));
		if (strcmp(error, c->text) == 0)
			continue;
		struct replication_facts more;
		c->detail = error;
		replication_facts_read(&more, error);
		if (!more.gtid[0])
			memcpy(more.gtid, c->facts.gtid, sizeof more.gtid);
		if (!more.worker)
			more.worker = c->facts.worker;
		c->facts = more;
		return;
	}
}

static void judge_lag(struct replication_channel *c)
{
	if (!value_is_number(c->lag))
		c->health = REPLICATION_UNKNOWN;
	else
		c->health = value_number(c->lag, 0) - c->delay >= BEHIND ? REPLICATION_BEHIND
									  : REPLICATION_LEVEL;
}

static void judge(struct replication_channel *c, const struct frame *f)
{
	const char *io = text(c, "io_running"), *sql = text(c, "sql_running");
	bool io_off = is(io, "No"), sql_off = is(sql, "No");
	if (sql_off && set_error(c, f, false)) {
		set_detail(c, f);
		return;
	}
	if (!is(io, "Yes") && *io && set_error(c, f, true))
		return;
	c->number = 0;
	if (io_off || sql_off) {
		c->health = REPLICATION_STOPPED;
		c->receiver = io_off;
		c->both = io_off && sql_off;
	} else if (is(io, "Connecting")) {
		c->health = REPLICATION_CONNECTING;
		c->receiver = true;
	} else if (is(io, "Yes") && is(sql, "Yes")) {
		judge_lag(c);
	} else {
		c->health = REPLICATION_UNKNOWN;
	}
}

bool replication_channel_read(struct replication_channel *c, const struct frame *f, unsigned row)
{
	*c = (struct replication_channel){.part = readable(f, PART_REPLICATION), .row = row};
	if (!c->part || row >= part_rows(c->part))
		return false;
	c->name = text(c, "channel");
	c->host = text(c, "source_host");
	c->port = value_integer(cell(c, "source_port"), 0);
	c->lag = cell(c, "lag");
	c->delay = value_number(cell(c, "delay"), 0);
	c->text = "";
	judge(c, f);
	return true;
}

bool replication_channel_of_group(const struct replication_channel *c)
{
	return strncmp(c->name, "group_replication_", 18) == 0;
}

static void add_source(const struct replication_channel *c, struct buf *out)
{
	buf_addf(out, strchr(c->host, ':') ? "[%s]" : "%s", *c->host ? c->host : "its source");
	if (c->port)
		buf_addf(out, ":%lld", (long long)c->port);
}

void replication_channel_title(const struct replication_channel *c, struct buf *out)
{
	if (*c->name)
		buf_addf(out, "%s ", c->name);
	if (*c->name && *c->host)
		buf_addc(out, '(');
	if (*c->host || !*c->name)
		add_source(c, out);
	if (*c->name && *c->host)
		buf_addc(out, ')');
}

const char *replication_health_word(enum replication_health h)
{
	static const char *const words[] = {
		[REPLICATION_UNKNOWN] = "unknown",       [REPLICATION_LEVEL] = "level",
		[REPLICATION_BEHIND] = "behind",         [REPLICATION_CONNECTING] = "no source",
		[REPLICATION_STOPPED] = "stopped",       [REPLICATION_BROKEN] = "broken",
	};
	return words[h];
}

struct replication_place replication_channel_place(const struct replication_channel *c,
						   const struct frame *f)
{
	const struct server_info *s = &f->now->server;
	struct value mode = frame_value_of(f, PART_VARIABLES, "gtid_mode");
	bool mariadb = s->flavor == FLAVOR_MARIADB;
	return (struct replication_place){
		.flavor = s->flavor,
		.number = s->number,
		/* The failed transaction has one, or else the server says that it uses them. */
		.gtid = mariadb ? *text(c, "gtid") && !is(text(c, "gtid"), "No")
				: c->facts.gtid[0] || is(value_cstr(mode), "ON"),
		.channel = c->name,
		.several = part_rows(c->part) > 1,
		.host = c->host,
		.user = text(c, "source_user"),
		.port = c->port,
		.facts = &c->facts,
	};
}

/* --- where the lag goes ----------------------------------------------------------------------- */

static bool is_steep(double slope)
{
	return fabs(slope) >= 0.05;
}

void replication_trend_set(struct replication_trend *trend, double slope, double above)
{
	trend->slope = slope;
	trend->eta = slope < 0 && is_steep(slope) && above > 0 ? above / -slope : NAN;
}

void replication_trend_fit(struct replication_trend *trend, const double *at, double delay)
{
	struct reading newest[REPLICATION_TREND_POINTS];
	unsigned n = trend->n, last = n - 1;
	trend->slope = trend->eta = NAN;
	for (unsigned i = 0; i < n; i++)
		newest[i] = (struct reading){at[last] - at[last - i], trend->lag[last - i]};
	if (n)
		replication_trend_set(trend, slope_of(newest, n), trend->lag[last] - delay);
}

static double lag_in(const struct snapshot *s, const char *name, double *delay)
{
	const struct part *p = s->parts[PART_REPLICATION];
	for (unsigned i = 0; p && i < part_rows(p); i++)
		if (strcmp(value_cstr(part_cell(p, i, "channel")), name) == 0) {
			*delay = value_number(part_cell(p, i, "delay"), 0);
			return value_number(part_cell(p, i, "lag"), NAN);
		}
	return NAN;
}

void replication_trend_read(struct replication_trend *trend, const struct timeline *t, const char *name)
{
	double at[REPLICATION_TREND_POINTS], delay = 0, newest_delay = 0;
	unsigned n = 0;
	const struct part *last = NULL;
	*trend = (struct replication_trend){.slope = NAN, .eta = NAN};
	/* Newest first into the end; a part that was not read again is no further reading. */
	for (unsigned back = 0; back < timeline_length(t) && n < REPLICATION_TREND_POINTS; back++) {
		const struct snapshot *s = timeline_at(t, back);
		const struct part *p = s->parts[PART_REPLICATION];
		if (!p || (last && part_read_mono(p) == part_read_mono(last)))
			continue;
		last = p;
		unsigned slot = REPLICATION_TREND_POINTS - ++n;
		trend->lag[slot] = lag_in(s, name, &delay);
		at[slot] = (double)part_read_mono(p) / (double)NS_PER_S;
		if (n == 1)
			newest_delay = delay;
	}
	unsigned from = REPLICATION_TREND_POINTS - n;
	memmove(trend->lag, trend->lag + from, n * sizeof *trend->lag);
	trend->n = n;
	replication_trend_fit(trend, at + from, newest_delay);
}

/* --- words ------------------------------------------------------------------------------------ */

void replication_eta_words(double seconds, struct buf *out)
{
	static const struct {
		double below, by, unit;
		const char *name;
	} steps[] = {
		{10, 1, 1, "s"}, {60, 5, 1, "s"}, {120, 10, 1, "s"}, {3600, 60, 60, "min"},
		{36000, 1800, 3600, "h"}, {172800, 3600, 3600, "h"},
	};
	if (seconds < 1.5) {
		buf_adds(out, "a second");
		return;
	}
	for (size_t i = 0; i < COUNT_OF(steps); i++)
		if (seconds < steps[i].below) {
			buf_addf(out, "about %.3g %s",
				 round(seconds / steps[i].by) * steps[i].by / steps[i].unit, steps[i].name);
			return;
		}
	buf_addf(out, "about %.0f days", round(seconds / 86400));
}

static void add_duration(struct buf *out, double seconds)
{
	if (seconds < 60)
		buf_addf(out, "%.0f s", seconds);
	else
		unit_duration(out, seconds);
}

static void words_behind(const struct replication_channel *c, const struct replication_trend *trend,
			 struct buf *out)
{
	double slope = trend ? trend->slope : NAN;
	add_duration(out, value_number(c->lag, 0));
	buf_adds(out, " behind");
	if (c->delay > 0) {
		buf_adds(out, ", ");
		add_duration(out, value_number(c->lag, 0) - c->delay);
		buf_adds(out, " more than ordered");
	}
	if (isnan(slope))
		return;
	if (!is_steep(slope)) {
		buf_adds(out, ", and stays so");
	} else if (slope > 0) {
		buf_addf(out, " and falling back: %.2g s more each second", slope);
	} else {
		buf_adds(out, " and catching up");
		if (!isnan(trend->eta)) {
			buf_adds(out, ": level in ");
			replication_eta_words(trend->eta, out);
		}
	}
}

static void words_level(const struct replication_channel *c, struct buf *out)
{
	if (c->delay <= 0) {
		buf_adds(out, "level");
		return;
	}
	buf_adds(out, "kept ");
	add_duration(out, c->delay);
	buf_adds(out, " behind on purpose, and no further");
}

/* "1062 duplicate key in shop.orders". */
static void words_error(const struct replication_channel *c, struct buf *out)
{
	buf_addf(out, "%lld %s", (long long)c->number,
		 replication_error_known(c->error) ? c->error->name : "(see its text)");
	if (c->facts.table[0])
		buf_addf(out, " in %s", c->facts.table);
}

static void words_broken(const struct replication_channel *c, struct buf *out)
{
	bool retries = is(text(c, "io_running"), "Connecting");
	buf_adds(out, !c->receiver ? "applier stopped: "
		      : retries    ? "receiver cannot connect: "
				   : "receiver stopped: ");
	words_error(c, out);
	double every = value_number(cell(c, "connect_retry"), 0);
	if (c->receiver && retries && every > 0)
		buf_addf(out, ", tries again every %.0f s", every);
}

void replication_channel_words(const struct replication_channel *c, const struct replication_trend *trend,
			       struct buf *out)
{
	switch (c->health) {
	case REPLICATION_LEVEL:
		words_level(c, out);
		break;
	case REPLICATION_BEHIND:
		words_behind(c, trend, out);
		break;
	case REPLICATION_CONNECTING:
		buf_adds(out, "receiver is connecting, no error so far");
		break;
	case REPLICATION_STOPPED:
		buf_adds(out, c->both ? "stopped" : c->receiver ? "receiver stopped" : "applier stopped");
		buf_adds(out, " without an error: somebody did that");
		break;
	case REPLICATION_BROKEN:
		words_broken(c, out);
		break;
	case REPLICATION_UNKNOWN:
		buf_addf(out, "receiver %s, applier %s, lag unknown", *text(c, "io_running") ? text(c, "io_running") : "–",
			 *text(c, "sql_running") ? text(c, "sql_running") : "–");
		break;
	}
}

/* --- the whole -------------------------------------------------------------------------------- */

static int badness(enum replication_health h)
{
	static const int order[] = {
		[REPLICATION_LEVEL] = 0,   [REPLICATION_BEHIND] = 1,  [REPLICATION_UNKNOWN] = 2,
		[REPLICATION_CONNECTING] = 3, [REPLICATION_STOPPED] = 4, [REPLICATION_BROKEN] = 5,
	};
	return order[h];
}

static bool worse(const struct replication_channel *a, const struct replication_channel *b)
{
	if (a->health != b->health)
		return badness(a->health) > badness(b->health);
	return value_number(a->lag, 0) > value_number(b->lag, 0);
}

enum replication_health replication_worst(const struct frame *f, struct replication_channel *worst, bool *any)
{
	struct replication_channel c;
	*any = false;
	for (unsigned i = 0; replication_channel_read(&c, f, i); i++) {
		if (replication_channel_of_group(&c))
			continue;
		if (!*any || worse(&c, worst))
			*worst = c;
		*any = true;
	}
	return *any ? worst->health : REPLICATION_UNKNOWN;
}

static enum severity severity_of(const struct replication_channel *c)
{
	switch (c->health) {
	case REPLICATION_LEVEL:
		return SEVERITY_OK;
	case REPLICATION_BEHIND:
		return value_number(c->lag, 0) - c->delay >= 60 ? SEVERITY_WARNING : SEVERITY_NOTICE;
	case REPLICATION_UNKNOWN:
	case REPLICATION_CONNECTING:
		return SEVERITY_WARNING;
	default:
		return SEVERITY_CRITICAL;
	}
}

static struct buf *add_sentence(struct replication_story *s, enum severity severity)
{
	struct replication_sentence *to = &s->sentences[s->n++];
	buf_clear(&to->text);
	to->severity = severity;
	return &to->text;
}

static unsigned count_channels(const struct frame *f, unsigned *bad)
{
	struct replication_channel c;
	unsigned n = 0;
	*bad = 0;
	for (unsigned i = 0; replication_channel_read(&c, f, i); i++) {
		n += !replication_channel_of_group(&c);
		*bad += !replication_channel_of_group(&c) && badness(c.health) >= 2;
	}
	return n;
}

static void tell_replica(struct replication_story *s, const struct timeline *t, const struct frame *f)
{
	struct replication_channel worst;
	bool any;
	unsigned bad, n = count_channels(f, &bad);
	replication_worst(f, &worst, &any);
	if (!any)
		return;
	struct replication_trend trend;
	replication_trend_read(&trend, t, worst.name);
	struct buf *out = add_sentence(s, severity_of(&worst));
	if (n == 1) {
		buf_adds(out, "Replica of ");
		replication_channel_title(&worst, out);
	} else if (bad) {
		buf_addf(out, "Replica of %u sources, %u of them broken or not running: ", n, bad);
		replication_channel_title(&worst, out);
	} else {
		buf_addf(out, "Replica of %u sources, all running; the slowest, ", n);
		replication_channel_title(&worst, out);
	}
	buf_adds(out, ": ");
	replication_channel_words(&worst, &trend, out);
}

/* The replica whose needed file comes first; -1: it is not known of any. */
static int slowest_replica(const struct part *p)
{
	int slowest = -1;
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *file = value_cstr(part_cell(p, i, "file"));
		if (*file && (slowest < 0 ||
			      strcmp(file, value_cstr(part_cell(p, (unsigned)slowest, "file"))) < 0))
			slowest = (int)i;
	}
	return slowest;
}

static void tell_source(struct replication_story *s, const struct frame *f)
{
	const struct part *p = readable(f, PART_REPLICAS);
	if (!p || !part_rows(p))
		return;
	struct buf *out = add_sentence(s, SEVERITY_OK);
	buf_addf(out, "Source of %u replica%s", part_rows(p), part_rows(p) == 1 ? "" : "s");
	int slowest = slowest_replica(p);
	if (slowest >= 0)
		buf_addf(out, part_rows(p) == 1 ? "; it needs %s" : "; the slowest needs %s",
			 value_cstr(part_cell(p, (unsigned)slowest, "file")));
}

static void tell_group(struct replication_story *s, const struct frame *f)
{
	const struct part *p = readable(f, PART_GROUP);
	const char *uuid = value_cstr(frame_value_of(f, PART_VARIABLES, "server_uuid"));
	unsigned online = 0, other = 0;
	int own = -1, first = -1;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		bool up = is(value_cstr(part_cell(p, i, "state")), "ONLINE");
		online += up;
		if (!up && first < 0)
			first = (int)i;
		other += !up;
		if (is(value_cstr(part_cell(p, i, "id")), uuid))
			own = (int)i;
	}
	if (!p || !part_rows(p))
		return;
	const char *state = own < 0 ? "" : value_cstr(part_cell(p, (unsigned)own, "state"));
	const char *role = own < 0 ? "" : value_cstr(part_cell(p, (unsigned)own, "role"));
	bool majority = 2 * online > part_rows(p);
	struct buf *out = add_sentence(s, !majority || is(state, "ERROR") || is(state, "OFFLINE") ? SEVERITY_CRITICAL
					  : other                                                 ? SEVERITY_WARNING
												  : SEVERITY_OK);
	buf_addf(out, "Group %s", is(role, "PRIMARY") ? "primary" : is(role, "SECONDARY") ? "secondary" : "member");
	if (*state && !is(state, "ONLINE"))
		buf_addf(out, ", %s", state);
	buf_addf(out, "; %u of %u members online", online, part_rows(p));
	if (!majority)
		buf_adds(out, ": no majority, so nothing commits");
	if (other && first != own)
		buf_addf(out, "; %s is %s", value_cstr(part_cell(p, (unsigned)first, "host")),
			 value_cstr(part_cell(p, (unsigned)first, "state")));
}

static void tell_galera(struct replication_story *s, const struct frame *f)
{
	const struct part *p = readable(f, PART_GALERA);
	unsigned own = 0;
	while (p && own < part_rows(p) && !value_integer(part_cell(p, own, "is_self"), 0))
		own++;
	if (!p || own == part_rows(p))
		return;
	const char *state = value_cstr(part_cell(p, own, "state"));
	const char *component = value_cstr(part_cell(p, own, "cluster_status"));
	struct value ready = part_cell(p, own, "ready"), size = part_cell(p, own, "cluster_size");
	bool cut_off = *component && !is(component, "Primary");
	bool refuses = value_is_number(ready) && !value_integer(ready, 0);
	struct buf *out = add_sentence(s, cut_off || refuses ? SEVERITY_CRITICAL
					  : is(state, "Synced") ? SEVERITY_OK
								: SEVERITY_WARNING);
	buf_addf(out, "Galera node, %s", *state ? state : "state unknown");
	if (value_is_number(size))
		buf_addf(out, ", %lld node%s together", (long long)value_integer(size, 0),
			 value_integer(size, 0) == 1 ? "" : "s");
	if (cut_off)
		buf_addf(out, ", %s: cut off from the majority", component);
	if (refuses)
		buf_adds(out, "; it refuses statements");
}

static void tell_nothing(struct replication_story *s, const struct frame *f)
{
	const struct part *p = f->now ? f->now->parts[PART_REPLICATION] : NULL;
	const struct part *replicas = f->now ? f->now->parts[PART_REPLICAS] : NULL;
	if (p && part_status(p) == PART_OK)
		buf_adds(add_sentence(s, SEVERITY_OK),
			 replicas && part_status(replicas) == PART_OK
				 ? "This server replicates from nobody, and nobody from it"
				 : "This server replicates from nobody");
	else if (p)
		buf_addf(add_sentence(s, SEVERITY_NOTICE), "Whether this server replicates cannot be seen: %s",
			 part_reason(p) ? part_reason(p) : part_status_name(part_status(p)));
	else
		buf_adds(add_sentence(s, SEVERITY_NOTICE), "How replication stands is being read");
}

void replication_story_make(struct replication_story *s, const struct timeline *t, const struct frame *f)
{
	s->n = 0;
	if (f->now) {
		tell_replica(s, t, f);
		tell_source(s, f);
		tell_group(s, f);
		tell_galera(s, f);
	}
	s->nothing = !s->n;
	if (s->nothing)
		tell_nothing(s, f);
}

void replication_story_release(struct replication_story *s)
{
	for (unsigned i = 0; i < REPLICATION_MOST_SENTENCES; i++)
		buf_release(&s->sentences[i].text);
}
