/* Rules about what fills up or is left undone while nobody looks: auto-increment columns, backups. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "diagnose/autoinc.h"
#include "diagnose/rules.h"

static void add_duration(struct buf *out, double seconds)
{
	if (seconds < 5400)
		buf_addf(out, "%.0f min", seconds / 60);
	else if (seconds < 2 * 86400)
		buf_addf(out, "%.0f h", seconds / 3600);
	else
		buf_addf(out, "%.0f days", seconds / 86400);
}

/* --- autoinc-full ---------------------------------------------------------------------------------- */

enum { AUTOINC_USED, AUTOINC_HOURS };
enum { AUTOINC_WINDOW = 25, AUTOINC_SHOWN = 8 };
/* Where more than half is left, a rate of some seconds is no reason to wake anybody. */
#define AUTOINC_HALF 0.5

struct rate {
	double a_second; /* values taken; 0: none, or too early to tell */
	bool sure;       /* it went on for two windows: no single bulk load */
};

static double seconds_between(const struct part *older, const struct part *newer)
{
	return (double)(part_read_mono(newer) - part_read_mono(older)) / (double)NS_PER_S;
}

/* Over the last window, and over all that was seen before it: the lesser of the two. */
static struct rate rate_of(const struct rule_input *in, const struct autoinc *a)
{
	const struct snapshot *now = timeline_at(in->timeline, 0);
	const struct part *last = now->parts[PART_AUTOINC], *seen = last;
	double value = a->next;
	struct rate r = {0}, before = {0};
	for (unsigned back = 1; back < timeline_length(in->timeline); back++) {
		const struct snapshot *s = timeline_at(in->timeline, back);
		const struct part *p = s->parts[PART_AUTOINC];
		if (s->epoch != now->epoch || !p || p == seen)
			continue; /* snapshots share what was not read again */
		seen = p;
		if (seconds_between(p, last) < AUTOINC_WINDOW)
			continue;
		struct value was = autoinc_next(s->parts[PART_AUTOINC_TABLES], p, a->table);
		if (!value_is_number(was))
			continue;
		double taken = fmax(0, value - value_number(was, 0)) / seconds_between(p, last);
		if (last != now->parts[PART_AUTOINC]) {
			before = (struct rate){taken, true};
			continue;
		}
		r.a_second = taken;
		value = value_number(was, 0);
		last = p;
	}
	if (before.sure)
		r = (struct rate){fmin(r.a_second, before.a_second), true};
	return r;
}

static void quote(struct buf *out, const char *s, size_t n)
{
	buf_addc(out, '`');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '`')
			buf_addc(out, '`');
		buf_addc(out, s[i]);
	}
	buf_addc(out, '`');
}

static void add_alter(const struct rule_input *in, struct finding *f, const struct autoinc *a)
{
	const struct part *tables = in->frame->now->parts[PART_AUTOINC_TABLES];
	int row = part_find(tables, value_str(a->table));
	bool largest = strncmp(a->type, "bigint", 6) == 0;
	if (row < 0 || (largest && strstr(a->type, "unsigned")))
		return;
	struct value db = part_cell(tables, (unsigned)row, "db");
	struct value name = part_cell(tables, (unsigned)row, "table");
	struct buf b = BUF_INIT;
	buf_adds(&b, "ALTER TABLE ");
	quote(&b, value_cstr(db), db.len);
	buf_addc(&b, '.');
	quote(&b, value_cstr(name), name.len);
	buf_adds(&b, " MODIFY ");
	quote(&b, a->column, strlen(a->column));
	buf_adds(&b, " BIGINT UNSIGNED NOT NULL AUTO_INCREMENT");
	finding_step(f, in->arena, STEP_SQL, "%s", buf_str(&b));
	buf_release(&b);
}

struct fill {
	struct autoinc column;
	struct rate rate;
	double seconds; /* until it is full; INFINITY: not in sight */
};

/* Servers name the last value as the next one also when it is gone. */
static bool is_full(const struct autoinc *a)
{
	return a->next >= a->most;
}

/* What is wrong with one: SEVERITY_OK when it is not. */
static enum severity judge_fill(const struct rule_input *in, struct fill *fill)
{
	const struct autoinc *a = &fill->column;
	enum { DAY = 86400 };
	fill->rate = a->used >= AUTOINC_HALF ? rate_of(in, a) : (struct rate){0};
	fill->seconds = fill->rate.a_second > 0 ? (a->most - a->next) / fill->rate.a_second : INFINITY;
	double soon_by = fill->rate.sure ? fill->seconds : INFINITY;
	bool soon = soon_by <= 3600 * rule_limit(in, AUTOINC_HOURS);
	if (!rule_over(in, AUTOINC_USED, a->used) && !soon)
		return SEVERITY_OK;
	return is_full(a) || soon_by < DAY ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

static bool is_worse(enum severity s, const struct fill *a, enum severity than, const struct fill *b)
{
	if (s != than)
		return s > than;
	return a->seconds != b->seconds ? a->seconds < b->seconds : a->column.used > b->column.used;
}

static void say_fill(struct rule_input *in, struct finding *f, const struct fill *fill, enum severity s,
		     unsigned more)
{
	const struct autoinc *a = &fill->column;
	struct buf b = BUF_INIT;
	if (is_full(a))
		buf_addf(&b, "is at the end of %s: inserts fail after its last value", a->type);
	else
		buf_addf(&b, "has used %.*f%% of what %s can hold", a->used > 0.99 ? 2 : 0, 100 * a->used,
			 a->type);
	if (isfinite(fill->seconds) && !is_full(a)) {
		buf_adds(&b, ", and is full in about ");
		add_duration(&b, fill->seconds);
	}
	if (more)
		buf_addf(&b, " · and %u more", more);
	finding_say(f, in->arena, s, 1, "%s.%s %s", a->table, a->column, buf_str(&b));
	buf_release(&b);
	finding_evidence(f, in->arena, "column", UNIT_NONE, value_str(a->column));
	finding_evidence(f, in->arena, "type", UNIT_NONE, value_str(a->type));
	finding_evidence(f, in->arena, "next value", UNIT_COUNT, value_real(a->next));
	finding_evidence(f, in->arena, "last value of the type", UNIT_COUNT, value_real(a->most));
	finding_evidence(f, in->arena, "used", UNIT_RATIO, value_real(a->used));
	finding_evidence(f, in->arena, "values taken a second", UNIT_COUNT, value_real(fill->rate.a_second));
	if (isfinite(fill->seconds))
		finding_evidence(f, in->arena, "time to full", UNIT_SECONDS, value_real(fill->seconds));
}

/* Counters of a while ago are good enough: they only ever grow. */
static const struct part *lasting_part(struct rule_input *in, enum part_id id)
{
	const struct part *p = in->frame->now->parts[id];
	return p && part_status(p) == PART_STALE ? p : rule_part(in, id);
}

static enum judged autoinc_full(struct rule_input *in, struct finding *f)
{
	const struct part *tables = lasting_part(in, PART_AUTOINC_TABLES);
	const struct part *columns = tables ? lasting_part(in, PART_AUTOINC) : NULL;
	struct autoinc list[AUTOINC_SHOWN];
	struct fill worst = {.seconds = INFINITY};
	enum severity severity = SEVERITY_OK;
	unsigned bad = 0;
	if (!columns)
		return JUDGED_BLIND;
	unsigned n = autoinc_fullest(tables, columns, list, AUTOINC_SHOWN);
	for (unsigned i = 0; i < n; i++) {
		struct fill one = {.column = list[i]};
		enum severity s = judge_fill(in, &one);
		if (s == SEVERITY_OK)
			continue;
		if (!bad++ || is_worse(s, &one, severity, &worst)) {
			severity = s;
			worst = one;
		}
	}
	if (!bad && !part_rows(columns) && autoinc_hidden(tables, columns)) {
		in->why = "columns of tables are hidden from this account: it needs a privilege on them";
		return JUDGED_BLIND;
	}
	if (!bad)
		return JUDGED_NO;
	finding_culprit(f, in->arena, SUBJECT_TABLE, "%s", worst.column.table);
	for (unsigned i = 0; i < n; i++) {
		struct fill one = {.column = list[i]};
		if (strcmp(list[i].table, worst.column.table) != 0 && judge_fill(in, &one) != SEVERITY_OK)
			finding_culprit(f, in->arena, SUBJECT_TABLE, "%s", list[i].table);
	}
	say_fill(in, f, &worst, severity, bad - 1);
	add_alter(in, f, &worst.column);
	finding_step(f, in->arena, STEP_LOOK, "columns elsewhere that refer to %s.%s: they must be widened too",
		     worst.column.table, worst.column.column);
	return JUDGED_YES;
}

const struct rule autoinc_full_rule = {
	.id = "autoinc-full",
	.title = "An auto-increment column nears its type's end",
	.needs = PART_BIT(PART_AUTOINC) | PART_BIT(PART_AUTOINC_TABLES),
	.linger = 2,
	.window = 30,
	.thresholds = {{"used", UNIT_RATIO, 0.90, 0.88, "share of the type's values that are gone"},
		       {"hours", UNIT_COUNT, 168, 240,
			"full within so many hours at the present rate, where half is gone"}},
	.explanation = "Each row that is inserted takes the next value, also when it is rolled back or fails. When "
		       "the last one of the column's type is gone, every insert into the table fails with a "
		       "duplicate key (1062) or an out-of-range error (167), whatever the application does. Rows "
		       "that were deleted do not give their values back.",
	.right = "Widen the column to BIGINT UNSIGNED before that: on a large table with an online schema change "
		 "(gh-ost, pt-online-schema-change), since the ALTER copies it, and with the columns of other "
		 "tables that refer to it. Applications must take the larger numbers too.",
	.wrong = "Waiting for the night on which it is full: the ALTER then takes hours in which nothing is "
		 "inserted. Setting AUTO_INCREMENT back: the numbers are in use.",
	.reference = "AUTO_INCREMENT handling in InnoDB; integer types",
	.judge = autoinc_full,
};

/* --- backup-old ------------------------------------------------------------------------------------ */

enum { BACKUP_HOURS };
enum { BACKUP_GAPS = 8 };

struct backups {
	int64_t newest;          /* seconds since 1970: when the last good one ended; 0: none */
	unsigned good;
	double gaps[BACKUP_GAPS]; /* seconds between the ends of good ones, newest first */
	unsigned n_gaps;
	const char *error;       /* of an attempt after the last good one; "": it gave no reason */
	const char *tool;
};

static bool is_clone(const struct part *p, unsigned row)
{
	return strcmp(value_cstr(part_cell(p, row, "kind")), "clone") == 0;
}

/* Rows come newest first. */
static struct backups read_backups(const struct part *p)
{
	struct backups b = {.tool = ""};
	int64_t later = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		int64_t end = value_integer(part_cell(p, i, "end"), 0);
		bool ok = end > 0 && value_integer(part_cell(p, i, "ok"), 1);
		if (is_clone(p, i))
			continue;
		if (!ok) {
			if (!b.newest && !b.error && part_cell(p, i, "error").type == VALUE_TEXT)
				b.error = value_cstr(part_cell(p, i, "error"));
			continue;
		}
		if (later > end && b.n_gaps < BACKUP_GAPS)
			b.gaps[b.n_gaps++] = (double)(later - end);
		if (!b.good++) {
			b.newest = end;
			b.tool = value_cstr(part_cell(p, i, "tool"));
		}
		later = end;
	}
	return b;
}

/* The middle one: what is usual here. */
static double usual_gap(const struct backups *b)
{
	double sorted[BACKUP_GAPS];
	for (unsigned i = 0; i < b->n_gaps; i++) {
		unsigned at = i;
		for (; at > 0 && sorted[at - 1] > b->gaps[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = b->gaps[i];
	}
	return b->n_gaps ? sorted[b->n_gaps / 2] : 0;
}

static enum judged backup_old(struct rule_input *in, struct finding *f)
{
	const struct part *all = in->frame->now->parts[PART_BACKUPS], *p = rule_part(in, PART_BACKUPS);
	if (!p && all && part_status(all) == PART_UNSUPPORTED)
		in->why = "no tool keeps a history of its backups here";
	if (!p)
		return JUDGED_BLIND;
	struct backups b = read_backups(p);
	if (!b.good) {
		in->why = "no backup was written down here";
		return JUDGED_BLIND;
	}
	double age = (double)in->frame->now->wall / 1e6 - (double)b.newest, usual = usual_gap(&b);
	/* Where they are made once a week, twice that is late. */
	if (age < 2 * usual || !rule_over(in, BACKUP_HOURS, age / 3600))
		return JUDGED_NO;
	struct buf ago = BUF_INIT;
	add_duration(&ago, age);
	finding_say(f, in->arena, SEVERITY_WARNING, 0.8, "no backup since %s ago, by what %s wrote down%s%s",
		    buf_str(&ago), b.tool[0] ? b.tool : "the tool",
		    b.error ? ": the last attempt failed: " : "", b.error ? b.error : "");
	buf_release(&ago);
	finding_evidence(f, in->arena, "age of the last good backup", UNIT_SECONDS, value_real(age));
	finding_evidence(f, in->arena, "it ended", UNIT_WALL, value_int(b.newest));
	finding_evidence(f, in->arena, "good ones in the history", UNIT_COUNT, value_int(b.good));
	if (usual > 0)
		finding_evidence(f, in->arena, "usual time between two", UNIT_SECONDS, value_real(usual));
	finding_step(f, in->arena, STEP_LOOK, "the backup job's schedule and its log");
	return JUDGED_YES;
}

const struct rule backup_old_rule = {
	.id = "backup-old",
	.title = "No backup has been seen for long",
	.needs = PART_BIT(PART_BACKUPS),
	.linger = 2,
	.thresholds = {{"hours", UNIT_COUNT, 50, 49,
			"hours since the last good backup; and twice what is usual by the history"}},
	.explanation = "Backup tools that keep a history on the server (xtrabackup and mariadb-backup with "
		       "--history, MySQL Enterprise Backup) have written nothing down for longer than usual. "
		       "Backups by other means, of a replica, or of the disk below are not seen here.",
	.right = "See why the job does not run or fails, and run it. If backups are made elsewhere now, this "
		 "history is stale: empty its table.",
	.wrong = "Silencing it without a look: it is found out on the day on which the backup is needed.",
	.reference = "xtrabackup --history; mariadb-backup --history; mysqlbackup, backup_history table",
	.judge = backup_old,
};
