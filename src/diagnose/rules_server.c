/* Rules about the server itself: when it began, what somebody set, what fathom may not see. */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"

/* --- restart --------------------------------------------------------------------------------------- */

enum { RESTART_SECONDS, RESTART_WRITTEN };

/* All that was written to the redo log before this start: what makes a new server differ from one that came
   back, even when it was filled at once. */
static double written_before(const struct frame *f)
{
	static const char *const names[] = {"Innodb_redo_log_current_lsn", "Innodb_lsn_current"};
	double ever = value_number(frame_value_of(f, PART_INNODB, "log_lsn_current"), 0);
	for (unsigned i = 0; i < COUNT_OF(names); i++)
		ever = value_number(frame_value_of(f, PART_STATUS, names[i]), ever);
	return ever - value_number(frame_value_of(f, PART_STATUS, "Innodb_os_log_written"), 0);
}

static bool came_back(const struct timeline *t)
{
	const struct snapshot *now = timeline_at(t, 0);
	for (unsigned i = 1; i < timeline_length(t); i++) {
		const struct snapshot *s = timeline_at(t, i);
		if (s->epoch && s->epoch != now->epoch)
			return true;
	}
	return false;
}

static enum judged restart(struct rule_input *in, struct finding *f)
{
	if (!rule_part(in, PART_STATUS))
		return JUDGED_BLIND;
	double up = value_number(frame_value_of(in->frame, PART_STATUS, "Uptime"), -1);
	bool seen = came_back(in->timeline);
	if (up < 0 || up >= rule_limit(in, RESTART_SECONDS) ||
	    !(seen || in->raised || rule_over(in, RESTART_WRITTEN, written_before(in->frame))))
		return JUDGED_NO;
	struct buf ago = BUF_INIT;
	add_duration(&ago, up);
	struct value hit = rule_mean(in, METRIC_POOL_HIT, 30);
	bool cold = value_number(hit, 1) < 0.95;
	finding_say(f, in->arena, SEVERITY_NOTICE, 1, "the server was started %s ago%s", buf_str(&ago),
		    cold ? "; its buffer pool is still cold" : "");
	finding_evidence(f, in->arena, "up for", UNIT_SECONDS, value_real(up));
	finding_evidence(f, in->arena, "pool_hit", UNIT_RATIO, hit);
	finding_evidence(f, in->arena, "redo written before", UNIT_BYTES,
			 value_real(written_before(in->frame)));
	finding_step(f, in->arena, STEP_LOOK, "the end of the error log before the start");
	buf_release(&ago);
	return JUDGED_YES;
}

const struct rule restart_rule = {
	.id = "restart",
	.title = "The server was restarted a short while ago",
	.needs = PART_BIT(PART_STATUS),
	.linger = 2,
	.thresholds = {{"seconds", UNIT_SECONDS, 600, 600, "up for less than so long"},
		       {"written", UNIT_BYTES, 1 << 30, 1 << 30,
			"bytes of redo log written before that, so that it is no new server; does not count "
			"where fathom saw it go"}},
	.explains = "buffer-pool-small table-cache-thrash hot-digest",
	.explanation = "Somebody restarted the server, or it crashed and came back. Its counters begin anew, and "
		       "what its buffer pool knew is read from disk again, which makes statements slow for a "
		       "while.",
	.right = "Read the error log before the start: a shutdown that was asked for, a signal, an assertion, or "
		 "nothing at all, which with an out-of-memory record of the kernel says who ended it. Then give "
		 "it time to warm up.",
	.wrong = "Restarting it again because it is slow.",
	.reference = "Saving and restoring the buffer pool state; error log",
	.judge = restart,
};

/* --- variable-changed ------------------------------------------------------------------------------ */

/* What changes by itself. */
static const char *const restless[] = {
	"gtid_*", "timestamp", "pseudo_*", "rand_seed*", "last_insert_id", "insert_id", "identity",
	"error_count", "warning_count", "server_uuid", "innodb_buffer_pool_load_*",
	"innodb_buffer_pool_dump_now", "rpl_semi_sync_*_status", "wsrep_*_position", "wsrep_last_*",
	"tx_read_only", "transaction_read_only", "statement_id", "proxy_*", "external_user",
};

static bool is_restless(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(restless); i++) {
		const char *star = strchr(restless[i], '*');
		size_t head = star ? (size_t)(star - restless[i]) : 0;
		size_t n = strlen(name), tail = star ? strlen(star + 1) : 0;
		if (star ? n >= head + tail && strncasecmp(name, restless[i], head) == 0 &&
				   strcasecmp(name + n - tail, star + 1) == 0
			 : strcasecmp(name, restless[i]) == 0)
			return true;
	}
	return false;
}

static void add_value(struct buf *b, struct value v)
{
	if (v.type == VALUE_TEXT)
		buf_addf(b, "%.60s", v.len ? v.s : "''");
	else
		unit_format(b, UNIT_ID, v, false);
}

/* The server lists them in the same order each time. */
static int row_of(const struct part *p, struct value name, unsigned likely)
{
	return likely < part_rows(p) && value_equal(part_get(p, likely, 0), name) ? (int)likely
										  : part_find(p, name);
}

static enum judged variable_changed(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_VARIABLES), *before = in->frame->before[PART_VARIABLES];
	if (!p)
		return JUDGED_BLIND;
	struct buf b = BUF_INIT, one = BUF_INIT;
	unsigned n = 0;
	for (unsigned i = 0; before && i < part_rows(p); i++) {
		const char *name = value_cstr(part_get(p, i, 0));
		int was = row_of(before, part_get(p, i, 0), i);
		if (was < 0 || value_equal(part_get(p, i, 1), part_get(before, (unsigned)was, 1)) ||
		    is_restless(name))
			continue;
		buf_clear(&one);
		add_value(&one, part_get(before, (unsigned)was, 1));
		buf_adds(&one, " → ");
		add_value(&one, part_get(p, i, 1));
		if (!n++)
			buf_addf(&b, "%s: %s", name, buf_str(&one));
		finding_culprit(f, in->arena, SUBJECT_VARIABLE, "%s", name);
		finding_evidence(f, in->arena, name, UNIT_NONE, value_str(buf_str(&one)));
		struct value who = part_cell(p, i, "set_user");
		if (who.type == VALUE_TEXT && n == 1)
			buf_addf(&b, ", by %s", who.s);
	}
	if (n > 1)
		buf_addf(&b, " · and %u more", n - 1);
	if (n)
		finding_say(f, in->arena, SEVERITY_NOTICE, 1, "changed while fathom watched: %s",
			    buf_str(&b));
	buf_release(&b);
	buf_release(&one);
	return n ? JUDGED_YES : JUDGED_NO;
}

const struct rule variable_changed_rule = {
	.id = "variable-changed",
	.title = "A global variable was changed",
	.needs = PART_BIT(PART_VARIABLES),
	.linger = 300,
	.window = 30,
	.explanation = "Somebody, or some tool, set a global variable while fathom watched; variables are read "
		       "every half minute. Sessions that were there before may still work with the old value.",
	.right = "Find out who did it and why. What was set with SET GLOBAL is lost with the next restart, unless "
		 "it was persisted or stands in an option file.",
	.reference = "SET; system variables; variables_info",
	.judge = variable_changed,
};

/* --- privilege-missing ----------------------------------------------------------------------------- */

static bool is_denied(const char *reason)
{
	return reason && (strstr(reason, "GRANT ") || strstr(reason, "privilege"));
}

/* Most servers have no such tables, and to an account without rights refuse what is not there as well. */
static bool may_not_exist(enum part_id id)
{
	return id == PART_BACKUPS || id == PART_HEARTBEAT;
}

static enum judged privilege_missing(struct rule_input *in, struct finding *f)
{
	const char *first = NULL;
	unsigned n = 0;
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *p = in->frame->now->parts[i];
		if (!p || part_of_host((enum part_id)i) || i == PART_FINDINGS || may_not_exist((enum part_id)i))
			continue;
		const char *reason = part_status(p) == PART_DENIED ? part_reason(p) : NULL;
		const struct schema *s = part_schema(p);
		for (unsigned k = 0; !reason && part_status(p) == PART_OK && k < s->n_fields; k++)
			if (is_denied(part_absent_reason(p, k)))
				reason = part_absent_reason(p, k);
		if (!reason)
			continue;
		if (!n++)
			first = reason;
		const char *grant = strstr(reason, "GRANT ");
		finding_evidence(f, in->arena, part_title((enum part_id)i), UNIT_NONE, value_str(reason));
		bool told = false;
		for (unsigned k = 0; grant && k < f->n_steps; k++)
			told |= strcmp(f->steps[k].text, grant) == 0;
		if (grant && !told)
			finding_step(f, in->arena, STEP_SQL, "%s", grant);
	}
	if (!n)
		return JUDGED_NO;
	finding_culprit(f, in->arena, SUBJECT_USER, "%s", in->frame->now->server.account);
	finding_say(f, in->arena, SEVERITY_NOTICE, 1, "fathom may not see all: %s%s", first,
		    n > 1 ? " · and more" : "");
	return JUDGED_YES;
}

const struct rule privilege_missing_rule = {
	.id = "privilege-missing",
	.title = "fathom cannot see what it needs",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_PROCESSLIST),
	.linger = 2,
	.explanation = "The account that fathom uses lacks a privilege, so that some of the diagnosis is blind. "
		       "What it does say still holds.",
	.right = "Give the account what is named, or live without it; `fathom check` prints it all at once.",
	.wrong = "Watching with the administrator's account instead: PROCESS and SELECT are enough.",
	.reference = "Privileges; fathom(1), check",
	.judge = privilege_missing,
};

/* --- table-cache-thrash ---------------------------------------------------------------------------- */

enum { CACHE_OPENED, CACHE_FULL };

static enum judged table_cache_thrash(struct rule_input *in, struct finding *f)
{
	if (!rule_part(in, PART_STATUS) || !rule_part(in, PART_VARIABLES))
		return JUDGED_BLIND;
	struct value opened = frame_rate_of(in->frame, PART_STATUS, "Opened_tables");
	struct value open = frame_value_of(in->frame, PART_STATUS, "Open_tables");
	struct value size = frame_value_of(in->frame, PART_VARIABLES, "table_open_cache");
	double share = value_number(size, 0) > 0 ? value_number(open, 0) / value_number(size, 0) : 0;
	/* Room that is left is no thrashing: a server that was just started, or FLUSH TABLES. */
	if (!rule_over(in, CACHE_OPENED, value_number(opened, 0)) || !rule_over(in, CACHE_FULL, share))
		return JUDGED_NO;
	finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
		    "%.0f tables are opened a second: the table cache holds %.0f and is full",
		    value_number(opened, 0), value_number(size, 0));
	finding_culprit(f, in->arena, SUBJECT_VARIABLE, "table_open_cache");
	finding_evidence(f, in->arena, "tables opened a second", UNIT_COUNT, opened);
	finding_evidence(f, in->arena, "tables in the cache", UNIT_COUNT, open);
	finding_evidence(f, in->arena, "table_open_cache", UNIT_COUNT, size);
	finding_evidence(f, in->arena, "cache misses a second", UNIT_COUNT,
			 frame_rate_of(in->frame, PART_STATUS, "Table_open_cache_misses"));
	finding_evidence(f, in->arena, "open_files_limit", UNIT_COUNT,
			 frame_value_of(in->frame, PART_VARIABLES, "open_files_limit"));
	finding_step(f, in->arena, STEP_CONFIG, "table_open_cache, with open_files_limit to match");
	return JUDGED_YES;
}

const struct rule table_cache_thrash_rule = {
	.id = "table-cache-thrash",
	.title = "Tables are opened over and over",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES),
	.hold = 10,
	.linger = 10,
	.thresholds = {{"opened", UNIT_COUNT, 50, 25, "tables opened a second"},
		       {"full", UNIT_RATIO, 0.95, 0.90, "share of table_open_cache in use"}},
	.explanation = "Each session that uses a table takes an entry of the table cache. When it is full, tables "
		       "are closed and opened again for every statement, which costs file handles and a mutex.",
	.right = "Raise table_open_cache step by step, and open_files_limit where it is near; memory for it grows "
		 "with columns and partitions.",
	.wrong = "FLUSH TABLES: it empties the cache and makes it worse.",
	.reference = "How MySQL opens and closes tables; table_open_cache",
	.judge = table_cache_thrash,
};
