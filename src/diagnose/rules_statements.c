/* Rules about statements: one that runs away, one whose cost jumped, changes of tables, backups. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"
#include "parse/sqltext.h"

/* --- runaway-query --------------------------------------------------------------------------------- */

enum { RUNAWAY_SECONDS, RUNAWAY_ROWS };
enum { RUNAWAY_WINDOW = 5 };

static enum sql_kind kind_of(const struct part *p, unsigned row)
{
	struct value text = SESSION_CELL(p, row, INFO);
	return text.type == VALUE_TEXT ? sql_kind(text.s, text.len) : SQL_KIND_NONE;
}

/* How mysqldump and mydumper read a table; nobody else writes it so. */
#define DUMPS "SELECT /*!40001 SQL_NO_CACHE */ "

static bool reads_for_backup(const struct part *p, unsigned row)
{
	return strstr(value_cstr(SESSION_CELL(p, row, INFO)), DUMPS) != NULL;
}

static bool may_run_away(const struct rule_input *in, const struct part *p, unsigned row)
{
	if (!rule_over(in, RUNAWAY_SECONDS, value_number(SESSION_CELL(p, row, TIME), 0)) ||
	    !session_works(p, row) || !session_is_clients(p, row) || session_is_passive(p, row))
		return false;
	enum sql_kind kind = kind_of(p, row);
	return kind >= SQL_KIND_SELECT && kind <= SQL_KIND_CALL && !reads_for_backup(p, row);
}

/* CPU seconds a second of the session's thread on the host; negative when not known. */
static double cpu_of(const struct rule_input *in, const struct part *p, unsigned row)
{
	const struct part *threads = in->frame->now->parts[PART_HOST_THREADS];
	struct value tid = SESSION_CELL(p, row, OS_THREAD_ID);
	int at = threads && tid.type == VALUE_INT ? part_find(threads, tid) : -1;
	int cpu = at < 0 ? -1 : schema_field(part_schema(threads), "cpu");
	if (cpu >= 0) {
		struct value rate = frame_rate(in->frame, PART_HOST_THREADS, (unsigned)at, (unsigned)cpu);
		return value_number(rate, -1);
	}
	double used = value_number(SESSION_CELL(p, row, CPU), 0);
	return used > 0 ? used / value_number(SESSION_CELL(p, row, TIME), 1) : -1;
}

/* How sure we are that it is this one which costs. 0: nothing says so. */
static double proof(const struct rule_input *in, const struct part *p, unsigned row)
{
	double seconds = value_number(SESSION_CELL(p, row, TIME), 1);
	double examined = value_number(SESSION_CELL(p, row, ROWS_EXAMINED), 0) / fmax(seconds, 1);
	double cpu = cpu_of(in, p, row);
	if (cpu >= 0.5 || rule_over(in, RUNAWAY_ROWS, examined))
		return 1;
	if (cpu >= 0) /* known, and low */
		return 0;
	return value_number(SESSION_CELL(p, row, NO_INDEX), 0) > 0 ? 0.8 : 0;
}

/* The servers do not count a running SELECT's rows for its session, only for the server: that tells who it
   is where nobody else could be. */
static bool server_scans(const struct rule_input *in)
{
	double rows = value_number(rule_mean(in, METRIC_ROWS_READ, RUNAWAY_WINDOW), 0);
	double statements = value_number(rule_mean(in, METRIC_QPS, RUNAWAY_WINDOW), 0);
	return rule_over(in, RUNAWAY_ROWS, rows) && rows > 500 * statements;
}

static void tell_runaway(struct rule_input *in, struct finding *f, const struct part *p, unsigned row,
			 double sure, unsigned others)
{
	struct buf b = BUF_INIT;
	const struct sql_table *tables;
	struct value text = SESSION_CELL(p, row, INFO);
	long long id = (long long)session_id(p, row);
	const char *digest = session_digest(p, row, in->arena);
	buf_addf(&b, "session %lld: one statement has been running for ", id);
	add_duration(&b, value_number(SESSION_CELL(p, row, TIME), 0));
	buf_adds(&b, ", ");
	session_account(p, row, &b);
	size_t n = sql_tables(in->arena, value_cstr(text), text.len, &tables);
	if (n) {
		const char *db = tables[0].schema ? tables[0].schema : value_cstr(SESSION_CELL(p, row, DB));
		buf_addf(&b, ", on %s%s%s", db, *db ? "." : "", tables[0].name);
	}
	if (others)
		buf_addf(&b, " · and %u more such", others);
	bool culprit = sure > 0.5;
	finding_say(f, in->arena, SEVERITY_WARNING, sure, "%s", buf_str(&b));
	(culprit ? finding_culprit : finding_suspect)(f, in->arena, SUBJECT_SESSION, "%lld", id);
	if (digest && culprit)
		finding_culprit(f, in->arena, SUBJECT_STATEMENT, "%s", digest);
	for (size_t i = 0; i < n && culprit; i++) {
		const char *db = tables[i].schema ? tables[i].schema : value_cstr(SESSION_CELL(p, row, DB));
		finding_culprit(f, in->arena, SUBJECT_TABLE, "%s.%s", db, tables[i].name);
	}
	finding_evidence(f, in->arena, "running for", UNIT_SECONDS, SESSION_CELL(p, row, TIME));
	finding_evidence(f, in->arena, "rows it examined", UNIT_COUNT, SESSION_CELL(p, row, ROWS_EXAMINED));
	double cpu = cpu_of(in, p, row);
	if (cpu >= 0)
		finding_evidence(f, in->arena, "CPU of its thread", UNIT_RATIO, value_real(cpu));
	finding_evidence(f, in->arena, "scans without an index", UNIT_BOOL, SESSION_CELL(p, row, NO_INDEX));
	finding_evidence(f, in->arena, "rows_read", UNIT_COUNT,
			 rule_mean(in, METRIC_ROWS_READ, RUNAWAY_WINDOW));
	finding_evidence(f, in->arena, "its statement", UNIT_SQL, text);
	finding_step(f, in->arena, STEP_LOOK, "its plan: e on the session");
	finding_step(f, in->arena, STEP_KILL_QUERY, "%lld", id);
	buf_release(&b);
}

static enum judged runaway_query(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	int worst = -1;
	double sure = 0;
	unsigned candidates = 0, proven = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		if (!may_run_away(in, p, i))
			continue;
		double how = proof(in, p, i);
		candidates++;
		proven += how > 0;
		if (worst < 0 || how > sure ||
		    (!(how < sure) && value_compare(SESSION_CELL(p, i, TIME),
						    SESSION_CELL(p, (unsigned)worst, TIME), false) > 0)) {
			worst = (int)i;
			sure = how;
		}
	}
	if (worst < 0)
		return JUDGED_NO;
	if (!proven && server_scans(in))
		sure = candidates == 1 ? 0.7 : 0.4;
	if (sure <= 0)
		return JUDGED_NO;
	tell_runaway(in, f, p, (unsigned)worst, sure, (proven ? proven : candidates) - 1);
	return JUDGED_YES;
}

const struct rule runaway_query_rule = {
	.id = "runaway-query",
	.title = "One statement eats the server",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_PROCESSLIST),
	.linger = 2,
	.thresholds = {{"seconds", UNIT_SECONDS, 60, 60, "running for so long"},
		       {"rows", UNIT_COUNT, 50000, 30000,
			"rows examined a second, by it or, where that is not counted, by the server"}},
	.explains = "tmp-on-disk buffer-pool-small host-cpu host-io",
	.explanation = "A statement has been working for a long time, and reads or computes all the while. Mostly "
		       "an index is missing, a join has no condition, or it was meant for another server.",
	.right = "Look at its plan, then end the statement (not the connection) unless somebody needs its "
		 "result; then add the index.",
	.wrong = "Restarting the server: a large change is rolled back after the start all the same.",
	.reference = "EXPLAIN; max_execution_time; max_statement_time",
	.judge = runaway_query,
};

/* --- ddl-running ----------------------------------------------------------------------------------- */

enum { DDL_SECONDS };

/* What an online schema change tool gives away, by its comments and the names of its tables. */
static const char *schema_tool(const char *text)
{
	static const struct {
		const char *mark, *tool;
	} marks[] = {{"/* gh-ost ", "gh-ost"}, {"_gho`", "gh-ost"}, {"/*pt-online-schema-change", "pt-online-schema-change"},
		     {"_new` (", "pt-online-schema-change"}, {"/* spirit", "spirit"}};
	for (size_t i = 0; *text && i < COUNT_OF(marks); i++)
		if (strstr(text, marks[i].mark))
			return marks[i].tool;
	return NULL;
}

static bool is_ddl(const struct part *p, unsigned row, const char **tool)
{
	const char *command = value_cstr(SESSION_CELL(p, row, COMMAND));
	*tool = NULL;
	if ((strcmp(command, "Query") != 0 && strcmp(command, "Execute") != 0) || session_waits(p, row))
		return false;
	const char *text = value_cstr(SESSION_CELL(p, row, INFO));
	*tool = schema_tool(text);
	static const char *const admin[] = {"OPTIMIZE", "REPAIR", "ANALYZE TABLE", "CHECK TABLE"};
	for (size_t i = 0; i < COUNT_OF(admin); i++)
		if (strncasecmp(text, admin[i], strlen(admin[i])) == 0)
			return true;
	return *tool || kind_of(p, row) == SQL_KIND_DDL;
}

static enum judged ddl_running(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	int longest = -1;
	unsigned others = 0;
	const char *tool = NULL;
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *by;
		if (!session_is_clients(p, i) || !is_ddl(p, i, &by) ||
		    !(by || rule_over(in, DDL_SECONDS, value_number(SESSION_CELL(p, i, TIME), 0))))
			continue;
		finding_culprit(f, in->arena, SUBJECT_SESSION, "%lld", (long long)session_id(p, i));
		others += longest >= 0;
		if (longest < 0) {
			longest = (int)i;
			tool = by;
		}
	}
	if (longest < 0)
		return JUDGED_NO;
	unsigned row = (unsigned)longest;
	struct buf b = BUF_INIT;
	const struct sql_table *tables;
	struct value text = SESSION_CELL(p, row, INFO), done = SESSION_CELL(p, row, PROGRESS);
	double percent = value_number(done, 0), age = value_number(SESSION_CELL(p, row, TIME), 0);
	buf_addf(&b, "session %lld %s", (long long)session_id(p, row), tool ? "works for " : "changes ");
	size_t n = sql_tables(in->arena, value_cstr(text), text.len, &tables);
	const char *db = n && tables[0].schema ? tables[0].schema : value_cstr(SESSION_CELL(p, row, DB));
	buf_addf(&b, "%s", tool ? tool : n ? "" : "a table");
	if (n) {
		buf_addf(&b, "%s%s.%s", tool ? " on " : "", db, tables[0].name);
		finding_culprit(f, in->arena, SUBJECT_TABLE, "%s.%s", db, tables[0].name);
	}
	buf_adds(&b, " for ");
	add_duration(&b, age);
	if (percent > 0)
		buf_addf(&b, ", %.0f %% done", percent);
	if (percent >= 1 && percent < 100) {
		double left = age * (100 - percent) / percent;
		buf_adds(&b, ", about ");
		add_duration(&b, left);
		buf_adds(&b, " left");
		finding_evidence(f, in->arena, "left at this pace", UNIT_SECONDS, value_real(left));
	}
	if (others)
		buf_addf(&b, " · and %u more such", others);
	finding_say(f, in->arena, SEVERITY_NOTICE, 1, "%s", buf_str(&b));
	finding_evidence(f, in->arena, "running for", UNIT_SECONDS, SESSION_CELL(p, row, TIME));
	finding_evidence(f, in->arena, "progress", UNIT_PERCENT, done);
	finding_evidence(f, in->arena, "stage", UNIT_NONE, SESSION_CELL(p, row, STAGE));
	finding_evidence(f, in->arena, "its statement", UNIT_SQL, text);
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule ddl_running_rule = {
	.id = "ddl-running",
	.title = "A table is being changed",
	.needs = PART_BIT(PART_PROCESSLIST),
	.linger = 2,
	.thresholds = {{"seconds", UNIT_SECONDS, 10, 10, "a change of a table that runs for so long"}},
	.explains = "mdl-pileup redo-small dirty-flush-storm buffer-pool-small",
	.explanation = "A change of a table copies or rebuilds it, which takes disk space about as large as the "
		       "table, writes, and buffer pool; or a tool copies it row by row. Replicas do the same "
		       "again when it is done here.",
	.right = "Wait for it, if it is nearly done. Watch disk space and lag of the replicas.",
	.wrong = "Ending it at 95 %: what it did is rolled back, and it begins anew some day.",
	.reference = "Online DDL operations; monitoring ALTER TABLE progress",
	.judge = ddl_running,
};

/* --- backup-running -------------------------------------------------------------------------------- */

static const struct {
	const char *mark, *tool;
	double sure;
} backup_marks[] = {
	{DUMPS, "mysqldump or mydumper", 0.95},
	{"BACKUP STAGE", "mariadb-backup", 0.95},
	{"LOCK INSTANCE FOR BACKUP", "xtrabackup or mysqlbackup", 0.9},
	{"LOCK TABLES FOR BACKUP", "xtrabackup", 0.9},
	{"performance_schema.log_status", "xtrabackup", 0.8},
	{"CLONE INSTANCE FROM", "clone", 1},
	{"CLONE LOCAL DATA", "clone", 1},
	{"FLUSH TABLES WITH READ LOCK", "a backup tool", 0.6},
	{"FLUSH NO_WRITE_TO_BINLOG TABLES WITH READ LOCK", "a backup tool", 0.7},
	{"START TRANSACTION /*!40100 WITH CONSISTENT SNAPSHOT", "mysqldump", 0.9},
};

/* By its statement, or the last one before it fell asleep. -1: none. */
static int backup_mark(const struct part *p, unsigned row)
{
	const char *text = session_statement(p, row);
	for (size_t i = 0; *text && i < COUNT_OF(backup_marks); i++)
		if (strstr(text, backup_marks[i].mark))
			return (int)i;
	return -1;
}

static enum judged backup_running(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	int first = -1, mark = -1;
	unsigned n = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		int m = session_is_clients(p, i) ? backup_mark(p, i) : -1;
		if (m < 0)
			continue;
		finding_culprit(f, in->arena, SUBJECT_SESSION, "%lld", (long long)session_id(p, i));
		n++;
		if (first < 0 || backup_marks[m].sure > backup_marks[mark].sure) {
			first = (int)i;
			mark = m;
		}
	}
	if (first < 0)
		return JUDGED_NO;
	unsigned row = (unsigned)first;
	struct buf b = BUF_INIT;
	session_account(p, row, &b);
	finding_say(f, in->arena, SEVERITY_NOTICE, backup_marks[mark].sure,
		    "a backup is running: session %lld, %s, by %s", (long long)session_id(p, row), buf_str(&b),
		    backup_marks[mark].tool);
	finding_evidence(f, in->arena, "sessions of it", UNIT_COUNT, value_int(n));
	finding_evidence(f, in->arena, "transaction open for", UNIT_SECONDS,
			 SESSION_CELL(p, row, TRANSACTION_AGE));
	finding_evidence(f, in->arena, "sessions behind it", UNIT_COUNT, SESSION_CELL(p, row, BLOCKS));
	finding_evidence(f, in->arena, "progress", UNIT_PERCENT, SESSION_CELL(p, row, PROGRESS));
	finding_evidence(f, in->arena, "its statement", UNIT_SQL, value_str(session_statement(p, row)));
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule backup_running_rule = {
	.id = "backup-running",
	.title = "A backup is at work",
	.needs = PART_BIT(PART_PROCESSLIST),
	.linger = 3,
	.explains = "buffer-pool-small",
	.explanation = "A backup tool reads the whole of the data: disk and network are busier than usual, its "
		       "read view keeps old row versions, and at some point it may lock all tables for a moment.",
	.right = "Let it finish, if the server bears it. If it holds up others for long, ask who runs it first.",
	.wrong = "Ending it unknowingly: tonight's backup is then missing.",
	.reference = "mysqldump; mariadb-backup; backup locks",
	.judge = backup_running,
};

/* --- digests: what they did since the reading before ----------------------------------------------- */

struct digest {
	unsigned row;
	double calls, time, rows;        /* a second, in the last interval */
	double old_calls, old_time, old_rows; /* in all of its life before that */
	double life;                     /* seconds that was */
};

static double rate_of(const struct rule_input *in, unsigned row, const char *field)
{
	int at = schema_field(part_schema(in->frame->now->parts[PART_STATEMENTS]), field);
	return at < 0 ? 0 : value_number(frame_rate(in->frame, PART_STATEMENTS, row, (unsigned)at), 0);
}

static bool digest_look(const struct rule_input *in, unsigned row, struct digest *d)
{
	const struct part *p = in->frame->now->parts[PART_STATEMENTS];
	const struct part *before = in->frame->before[PART_STATEMENTS];
	int was = part_find(before, part_get(p, row, part_schema(p)->key));
	if (was < 0)
		return false;
	*d = (struct digest){
		.row = row,
		.calls = rate_of(in, row, "calls"),
		.time = rate_of(in, row, "time"),
		.rows = rate_of(in, row, "rows_examined"),
		.old_calls = value_number(part_cell(before, (unsigned)was, "calls"), 0),
		.old_time = value_number(part_cell(before, (unsigned)was, "time"), 0),
		.old_rows = value_number(part_cell(before, (unsigned)was, "rows_examined"), 0),
		.life = (double)part_read_wall(before) / 1e6 -
			value_number(part_cell(before, (unsigned)was, "first_seen"), 0),
	};
	return d->calls > 0 && d->old_calls > 0;
}

/* Reads about the server and nothing else: fathom's own statements, or another watcher's. */
static bool only_watches(const struct part *p, unsigned row, struct arena *a)
{
	static const char *const catalogs[] = {"performance_schema", "information_schema", "mysql", "sys"};
	struct value text = part_cell(p, row, "text");
	const struct sql_table *tables;
	if (part_cell(p, row, "db").type == VALUE_TEXT)
		return false;
	size_t n = sql_tables(a, value_cstr(text), text.len, &tables);
	for (size_t i = 0; i < n; i++) {
		bool catalog = false;
		for (size_t k = 0; tables[i].schema && k < COUNT_OF(catalogs); k++)
			catalog |= strcasecmp(tables[i].schema, catalogs[k]) == 0;
		if (!catalog)
			return false;
	}
	return n || strncasecmp(value_cstr(text), "SHOW ", 5) == 0;
}

/* --- hot-digest ------------------------------------------------------------------------------------ */

enum { HOT_FACTOR, HOT_LOAD, HOT_CALLS, HOT_PAST, HOT_RATE };

/* What jumped. */
enum jump { JUMP_NONE, JUMP_RATE, JUMP_TIME, JUMP_ROWS };

/* What a call costs more than all calls before did, in rows where it examines some, else in time; or how
   much oftener it is called. */
static enum jump jump_of(const struct rule_input *in, const struct digest *d, double *factor)
{
	double rows = d->rows / d->calls, old_rows = d->old_rows / d->old_calls;
	double time = d->time / d->calls, old_time = d->old_time / d->old_calls;
	double rows_factor = rows >= 1000 ? rows / fmax(old_rows, 1) : 0;
	double time_factor = old_time > 0 ? time / old_time : 0;
	double rate_factor = d->calls / (d->old_calls / d->life);
	bool by_rows = rows_factor >= time_factor || rows_factor >= 10;
	if (by_rows && rule_over(in, HOT_FACTOR, rows_factor)) {
		*factor = rows_factor;
		return JUMP_ROWS;
	}
	/* What comes far more often gets in its own way. */
	if (rule_over(in, HOT_RATE, rate_factor)) {
		*factor = rate_factor;
		return JUMP_RATE;
	}
	*factor = time_factor;
	return rule_over(in, HOT_FACTOR, time_factor) ? JUMP_TIME : JUMP_NONE;
}

static void tell_hot(struct rule_input *in, struct finding *f, const struct digest *d, enum jump jump,
		     double factor)
{
	const struct part *p = in->frame->now->parts[PART_STATEMENTS];
	struct value normal = part_cell(p, d->row, "text");
	struct buf text = BUF_INIT;
	sql_squeeze(&text, value_cstr(normal), normal.len, 80, SQL_DROP_COMMENTS);
	if (jump == JUMP_RATE)
		finding_say(f, in->arena, SEVERITY_NOTICE, 0.7,
			    "a statement is run %.0f times as often as it used to be, %.0f times a second: %s",
			    factor, d->calls, buf_str(&text));
	else
		finding_say(f, in->arena, SEVERITY_WARNING, jump == JUMP_ROWS ? 0.9 : 0.7,
			    "a statement costs %.0f times what it used to, in %s: %s", factor,
			    jump == JUMP_ROWS ? "rows" : "time", buf_str(&text));
	finding_culprit(f, in->arena, SUBJECT_STATEMENT, "%s", value_cstr(part_cell(p, d->row, "digest")));
	finding_evidence(f, in->arena, "calls a second now", UNIT_COUNT, value_real(d->calls));
	finding_evidence(f, in->arena, "calls a second before", UNIT_COUNT,
			 value_real(d->old_calls / d->life));
	finding_evidence(f, in->arena, "seconds a call now", UNIT_SECONDS, value_real(d->time / d->calls));
	finding_evidence(f, in->arena, "seconds a call before", UNIT_SECONDS,
			 value_real(d->old_time / d->old_calls));
	finding_evidence(f, in->arena, "rows examined a call now", UNIT_COUNT,
			 value_real(d->rows / d->calls));
	finding_evidence(f, in->arena, "rows examined a call before", UNIT_COUNT,
			 value_real(d->old_rows / d->old_calls));
	finding_evidence(f, in->arena, "statement", UNIT_SQL, normal);
	finding_step(f, in->arena, STEP_LOOK, "its plan, in the statements panel (7)");
	buf_release(&text);
}

static enum judged hot_digest(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_STATEMENTS);
	if (!p)
		return JUDGED_BLIND;
	struct digest worst = {0};
	enum jump jump = JUMP_NONE;
	double factor = 0;
	for (unsigned i = 0; in->frame->before[PART_STATEMENTS] && i < part_rows(p); i++) {
		struct digest d;
		double by;
		/* A baseline is many calls over a while; a change that costs little is no news. */
		if (!digest_look(in, i, &d) || d.old_calls < rule_limit(in, HOT_CALLS) ||
		    d.life < rule_limit(in, HOT_PAST) || !rule_over(in, HOT_LOAD, d.time) ||
		    only_watches(p, i, in->arena))
			continue;
		enum jump how = jump_of(in, &d, &by);
		bool dearer = (how > JUMP_RATE) > (jump > JUMP_RATE) ||
			      ((how > JUMP_RATE) == (jump > JUMP_RATE) && d.time > worst.time);
		if (how != JUMP_NONE && dearer) {
			worst = d;
			jump = how;
			factor = by;
		}
	}
	if (jump == JUMP_NONE)
		return JUDGED_NO;
	tell_hot(in, f, &worst, jump, factor);
	return JUDGED_YES;
}

const struct rule hot_digest_rule = {
	.id = "hot-digest",
	.title = "A statement's cost or rate jumped",
	.needs = PART_BIT(PART_STATEMENTS),
	.linger = 20,
	.window = 10,
	.thresholds = {{"factor", UNIT_COUNT, 10, 5, "cost of a call now against all calls before"},
		       {"load", UNIT_COUNT, 0.5, 0.2, "seconds that it takes each second, of all sessions"},
		       {"calls", UNIT_COUNT, 100, 100, "calls before that make a baseline"},
		       {"past", UNIT_SECONDS, 600, 600, "since when it must be known"},
		       {"rate", UNIT_COUNT, 20, 10, "calls a second now against all the time before"}},
	.explains = "thread-storm tmp-on-disk buffer-pool-small host-cpu host-io",
	.explanation = "The same statement, values aside, examines far more rows or takes far longer a call than "
		       "all its calls before: an index was dropped, its plan flipped, its data grew, or values "
		       "come that it was not made for. Or it is run far more often: a cache that fails, a loop, "
		       "a deploy.",
	.right = "Compare its plan with what you expect; restore the index, renew the statistics, or roll back "
		 "what was deployed when it began.",
	.wrong = "A larger server: a lost index costs more than that gives.",
	.reference = "events_statements_summary_by_digest; ANALYZE TABLE",
	.judge = hot_digest,
};

/* --- tmp-on-disk ----------------------------------------------------------------------------------- */

enum { TMP_RATE, TMP_SHARE };
enum { TMP_WINDOW = 15 };

struct tmp_makers {
	int worst;           /* row; -1: none */
	double most, watchers; /* tables on disk a second: by that one; by those that only watch */
};

static struct tmp_makers find_makers(struct rule_input *in)
{
	const struct part *p = in->frame->now->parts[PART_STATEMENTS];
	struct tmp_makers m = {.worst = -1};
	for (unsigned i = 0; p && in->frame->before[PART_STATEMENTS] && i < part_rows(p); i++) {
		double n = rate_of(in, i, "tmp_disk_tables");
		if (n <= 0)
			continue;
		if (only_watches(p, i, in->arena)) {
			m.watchers += n;
		} else if (n > m.most) {
			m.most = n;
			m.worst = (int)i;
		}
	}
	return m;
}

static void blame_digest(struct rule_input *in, struct finding *f, const struct tmp_makers *m, struct buf *b)
{
	const struct part *p = in->frame->now->parts[PART_STATEMENTS];
	struct value text = part_cell(p, (unsigned)m->worst, "text");
	buf_adds(b, ", most by ");
	sql_squeeze(b, value_cstr(text), text.len, 60, SQL_DROP_COMMENTS);
	finding_culprit(f, in->arena, SUBJECT_STATEMENT, "%s",
			value_cstr(part_cell(p, (unsigned)m->worst, "digest")));
	finding_evidence(f, in->arena, "by that statement", UNIT_COUNT, value_real(m->most));
	finding_evidence(f, in->arena, "statement", UNIT_SQL, text);
}

static enum judged tmp_on_disk(struct rule_input *in, struct finding *f)
{
	if (!rule_part(in, PART_STATUS))
		return JUDGED_BLIND;
	struct value disk = rule_mean(in, METRIC_TMP_DISK_TABLES, TMP_WINDOW);
	struct value all = rule_mean(in, METRIC_TMP_TABLES, TMP_WINDOW);
	if (!rule_over(in, TMP_RATE, value_number(disk, 0)))
		return JUDGED_NO;
	struct tmp_makers makers = find_makers(in);
	double n = fmax(value_number(disk, 0) - makers.watchers, 0);
	double share = value_number(all, 0) > 0 ? n / value_number(all, 0) : 0;
	if (!rule_over(in, TMP_RATE, n) || !rule_over(in, TMP_SHARE, share))
		return JUDGED_NO;
	struct buf b = BUF_INIT;
	buf_addf(&b, "%.0f temporary tables a second go to disk, %.0f %% of all", n, 100 * fmin(share, 1));
	if (makers.worst >= 0)
		blame_digest(in, f, &makers, &b);
	finding_say(f, in->arena, SEVERITY_WARNING, f->n_culprits ? 0.9 : 0.7, "%s", buf_str(&b));
	finding_evidence(f, in->arena, "tmp_disk_tables", UNIT_COUNT, disk);
	if (makers.watchers > 0)
		finding_evidence(f, in->arena, "of them for those who watch, as fathom", UNIT_COUNT,
				 value_real(makers.watchers));
	finding_evidence(f, in->arena, "tmp_tables", UNIT_COUNT, all);
	finding_evidence(f, in->arena, "tmp_table_size", UNIT_BYTES,
			 frame_value_of(in->frame, PART_VARIABLES, "tmp_table_size"));
	finding_evidence(f, in->arena, "max_heap_table_size", UNIT_BYTES,
			 frame_value_of(in->frame, PART_VARIABLES, "max_heap_table_size"));
	finding_step(f, in->arena, STEP_LOOK, "the statements panel (7), sorted by disk tmp");
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule tmp_on_disk_rule = {
	.id = "tmp-on-disk",
	.title = "Temporary tables go to disk",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_STATEMENTS),
	.linger = 10,
	.window = TMP_WINDOW,
	.thresholds = {{"rate", UNIT_COUNT, 30, 20, "temporary tables on disk a second"},
		       {"share", UNIT_RATIO, 0.5, 0.3, "share of all temporary tables"}},
	.explains = "host-io",
	.explanation = "Grouping, DISTINCT and UNION need temporary tables; those that are large, or on some "
		       "versions hold BLOB or TEXT columns, are written to disk.",
	.right = "Mend the statements that are named: an index that gives the order, fewer columns, no TEXT where "
		 "it is not needed.",
	.wrong = "Raising tmp_table_size far for all: each session may take that much at once.",
	.reference = "Internal temporary table use",
	.judge = tmp_on_disk,
};
