/* Rules about room on disks: filesystems that fill up, and the binary logs that mostly do it. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "diagnose/rules.h"

static const char no_host[] = "not applicable: no host data";

static const struct part *filesystems(struct rule_input *in)
{
	const struct part *p = in->frame->now->parts[PART_HOST_FS];
	if (p && part_status(p) == PART_OK && part_rows(p))
		return p;
	in->why = p && part_reason(p) ? arena_strdup(in->arena, part_reason(p)) : no_host;
	return NULL;
}

static double number(const struct part *p, unsigned row, const char *field)
{
	return value_number(part_cell(p, row, field), 0);
}

/* "about 3.5 h" */
static void add_hours(struct buf *out, double hours)
{
	if (hours < 1)
		buf_addf(out, "%.0f min", 60 * hours);
	else
		buf_addf(out, hours < 10 ? "%.1f h" : "%.0f h", hours);
}

static void add_bytes(struct buf *out, double bytes)
{
	static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
	unsigned i = 0;
	for (; bytes >= 1024 && i < 4; i++)
		bytes /= 1024;
	buf_addf(out, bytes < 10 && i ? "%.1f %s" : "%.0f %s", bytes, units[i]);
}

/* --- disk-full ------------------------------------------------------------------------------------- */

enum { FULL_USED, FULL_HOURS, FULL_WINDOW };

/* By how much the room shrinks each second, from the oldest reading that is remembered; NaN: too early to
   tell. */
static double shrinks(const struct rule_input *in, struct value mount, double available, double *over)
{
	const struct part *before = rule_oldest(in, PART_HOST_FS, over);
	int row = before ? part_find(before, mount) : -1;
	if (row < 0 || *over < rule_limit(in, FULL_WINDOW))
		return NAN;
	return (number(before, (unsigned)row, "available") - available) / *over;
}

struct room {
	int row;
	double used, hours, window; /* share; INFINITY: not in sight; seconds that it was watched */
	bool inodes;                /* they run out, not the bytes */
};

static struct room judge_room(const struct rule_input *in, const struct part *p, unsigned row)
{
	struct room r = {.row = (int)row, .hours = INFINITY};
	double used = number(p, row, "used"), available = number(p, row, "available");
	double inodes = number(p, row, "inodes"), taken = number(p, row, "inodes_used");
	double slope = shrinks(in, part_cell(p, row, "mount"), available, &r.window);
	if (used + available > 0)
		r.used = used / (used + available);
	if (slope > 0)
		r.hours = available / slope / 3600;
	if (inodes > 0 && taken / inodes > r.used) {
		r.used = taken / inodes;
		r.inodes = true;
	}
	return r;
}

static bool is_short(const struct rule_input *in, const struct room *r)
{
	/* Fewer hours are worse; what is half empty may fill for a while. */
	return rule_over(in, FULL_USED, r->used) ||
	       (r->hours <= rule_limit(in, FULL_HOURS) && r->used >= 0.5);
}

static struct room shortest(const struct rule_input *in, const struct part *p)
{
	struct room worst = {.row = -1, .hours = INFINITY};
	for (unsigned i = 0; i < part_rows(p); i++) {
		struct room r = judge_room(in, p, i);
		if (!*value_cstr(part_cell(p, i, "used_for")) || !is_short(in, &r))
			continue;
		if (worst.row < 0 || r.used > worst.used)
			worst = r;
	}
	return worst;
}

static enum judged disk_full(struct rule_input *in, struct finding *f)
{
	const struct part *p = filesystems(in);
	if (!p)
		return JUDGED_BLIND;
	struct room r = shortest(in, p);
	if (r.row < 0)
		return JUDGED_NO;
	unsigned row = (unsigned)r.row;
	const char *mount = value_cstr(part_cell(p, row, "mount"));
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s (%s) is %.0f %% full", mount, value_cstr(part_cell(p, row, "used_for")), 100 * r.used);
	if (r.inodes) {
		buf_adds(&b, ": its inodes run out");
	} else {
		buf_adds(&b, ", ");
		add_bytes(&b, number(p, row, "available"));
		buf_adds(&b, " left");
	}
	if (isfinite(r.hours)) {
		buf_adds(&b, "; full in about ");
		add_hours(&b, r.hours);
		buf_addf(&b, " by the last %.0f s", r.window);
	}
	finding_say(f, in->arena, r.used >= 0.98 || r.hours < 1 ? SEVERITY_CRITICAL : SEVERITY_WARNING,
		    isfinite(r.hours) && r.used < 0.9 ? 0.8 : 1, "%s", buf_str(&b));
	buf_release(&b);
	finding_culprit(f, in->arena, SUBJECT_FILE, "%s", mount);
	finding_culprit(f, in->arena, SUBJECT_DEVICE, "%s", value_cstr(part_cell(p, row, "device")));
	finding_evidence(f, in->arena, "share in use", UNIT_RATIO, value_real(r.used));
	finding_evidence(f, in->arena, "size", UNIT_BYTES, part_cell(p, row, "size"));
	finding_evidence(f, in->arena, "available", UNIT_BYTES, part_cell(p, row, "available"));
	if (isfinite(r.hours)) {
		finding_evidence(f, in->arena, "seconds to full", UNIT_SECONDS, value_real(3600 * r.hours));
		finding_evidence(f, in->arena, "watched for", UNIT_SECONDS, value_real(r.window));
	}
	finding_step(f, in->arena, STEP_SHELL, "du -xh --max-depth=2 %s | sort -h | tail", mount);
	finding_step(f, in->arena, STEP_LOOK, "the binary logs, and which replica still needs which");
	return JUDGED_YES;
}

const struct rule disk_full_rule = {
	.id = "disk-full",
	.title = "A filesystem of the server fills up",
	.needs = PART_BIT(PART_HOST_FS),
	.linger = 5,
	.window = 60,
	.thresholds = {{"used", UNIT_RATIO, 0.92, 0.90, "share in use, of bytes or inodes"},
		       {"hours", UNIT_COUNT, 12, 18,
			"full within so many hours by the slope, once half of it is in use"},
		       {"window", UNIT_SECONDS, 60, 60, "a slope over less than this says nothing"}},
	.explanation = "When it is full every write stops: the server waits for room, and commits wait with it. Temporary "
		       "tables and ALTER TABLE need room of their own.",
	.right = "Find what grows. Binary logs that no replica needs can go by PURGE BINARY LOGS; other files by their "
		 "owners; or make the filesystem larger.",
	.wrong = "rm of binary logs or ib_logfile: the server does not know, and replication or recovery breaks.",
	.reference = "PURGE BINARY LOGS; df(1)",
	.judge = disk_full,
};

/* --- binlog-growth --------------------------------------------------------------------------------- */

enum { BINLOG_HOURS, BINLOG_WINDOW };

/* Where the binary logs lie; -1: not known. */
static int binlog_filesystem(const struct part *p)
{
	int datadir = -1;
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *holds = value_cstr(part_cell(p, i, "used_for"));
		if (strstr(holds, "binlog"))
			return (int)i;
		if (strstr(holds, "datadir"))
			datadir = (int)i;
	}
	return datadir;
}

static double size_of_logs(const struct part *files)
{
	double all = 0;
	for (unsigned i = 0; files && i < part_rows(files); i++)
		all += number(files, i, "size");
	return all;
}

/* Who needs what, and up to where the logs may go: only when it is known of every replica. */
static void tell_needs(struct rule_input *in, struct finding *f, const struct part *files)
{
	const struct part *replicas = in->frame->now->parts[PART_REPLICAS];
	const char *oldest = NULL;
	unsigned unknown = 0;
	for (unsigned i = 0; replicas && i < part_rows(replicas); i++)
		unknown += !*value_cstr(part_cell(replicas, i, "file"));
	for (unsigned i = 0; files && i < part_rows(files); i++) {
		const char *by = value_cstr(part_cell(files, i, "needed_by"));
		const char *file = value_cstr(part_cell(files, i, "file"));
		if (!*by)
			continue;
		if (!oldest || strcmp(file, oldest) < 0)
			oldest = file;
		struct buf b = BUF_INIT;
		buf_addf(&b, "%s: %s", file, by);
		finding_evidence(f, in->arena, "needed by", UNIT_NONE, value_str(buf_str(&b)));
		buf_release(&b);
	}
	if (unknown)
		finding_evidence(f, in->arena, "replicas of which it is not known what they need", UNIT_COUNT,
				 value_int(unknown));
	if (oldest && !unknown)
		finding_step(f, in->arena, STEP_SQL, "PURGE BINARY LOGS TO '%s';", oldest);
	else
		finding_step(f, in->arena, STEP_LOOK,
			     "on each replica, which file it has received up to, before anything is purged");
}

/* Hours until the logs fill what is left, which expiry may prevent. */
static double hours_to_full(double rate, double available, double logs, double expire)
{
	if (rate <= 0)
		return INFINITY;
	/* What is written before the oldest expires; from then on they grow no more. */
	if (expire > 0 && rate * expire <= logs + available)
		return INFINITY;
	return available / rate / 3600;
}

static enum judged binlog_growth(struct rule_input *in, struct finding *f)
{
	const struct part *p = filesystems(in), *files = in->frame->now->parts[PART_BINLOG_FILES];
	const struct part *binlog = in->frame->now->parts[PART_BINLOG];
	double window = rule_limit(in, BINLOG_WINDOW);
	struct value rate = rule_mean(in, METRIC_BINLOG_BYTES, window);
	if (!p)
		return JUDGED_BLIND;
	int row = binlog_filesystem(p);
	if (row < 0 || !binlog || !part_rows(binlog) || !value_is_number(rate))
		return JUDGED_NO;
	double available = number(p, (unsigned)row, "available"), logs = size_of_logs(files);
	double expire = number(binlog, 0, "expire");
	double hours = hours_to_full(value_number(rate, 0), available, logs, expire);
	/* A burst of a few seconds is no growth. */
	if (hours > rule_limit(in, BINLOG_HOURS) || (!in->raised && rule_reach(in) < window / 2))
		return JUDGED_NO;
	const char *mount = value_cstr(part_cell(p, (unsigned)row, "mount"));
	const char *file = value_cstr(part_cell(binlog, 0, "file"));
	struct buf b = BUF_INIT;
	buf_adds(&b, "binary logs grow by ");
	add_bytes(&b, 3600 * value_number(rate, 0));
	buf_addf(&b, " an hour: %s is full in about ", mount);
	add_hours(&b, hours);
	finding_say(f, in->arena, hours < 1 ? SEVERITY_CRITICAL : SEVERITY_WARNING, 0.8, "%s", buf_str(&b));
	buf_release(&b);
	finding_culprit(f, in->arena, SUBJECT_FILE, "%s", *file ? file : mount);
	finding_evidence(f, in->arena, "binlog_bytes", UNIT_BYTES, rate);
	finding_evidence(f, in->arena, "binary logs in all", UNIT_BYTES, value_real(logs));
	finding_evidence(f, in->arena, "available", UNIT_BYTES, value_real(available));
	finding_evidence(f, in->arena, "kept for", UNIT_SECONDS, part_cell(binlog, 0, "expire"));
	finding_evidence(f, in->arena, "seconds to full", UNIT_SECONDS, value_real(3600 * hours));
	tell_needs(in, f, files);
	return JUDGED_YES;
}

const struct rule binlog_growth_rule = {
	.id = "binlog-growth",
	.title = "Binary logs will fill the disk",
	.needs = PART_BIT(PART_HOST_FS) | PART_BIT(PART_BINLOG) | PART_BIT(PART_BINLOG_FILES) |
		 PART_BIT(PART_REPLICAS),
	.linger = 10,
	.window = 60,
	.thresholds = {{"hours", UNIT_COUNT, 12, 18,
			"full within so many hours by the mean rate, and before the logs expire"},
		       {"window", UNIT_SECONDS, 60, 60, "the mean is taken over so long"}},
	.explains = "disk-full",
	.explanation = "Binary logs are written faster than they expire. By the mean of the last minute they fill the "
		       "filesystem before the oldest of them goes.",
	.right = "Purge up to the oldest file that a replica still needs (each is named where it is known); shorten how "
		 "long they are kept; and find the statement that writes so much.",
	.wrong = "rm of the files: the index still lists them, and a replica that needs one breaks with error 1236.",
	.reference = "PURGE BINARY LOGS; binlog_expire_logs_seconds",
	.judge = binlog_growth,
};
