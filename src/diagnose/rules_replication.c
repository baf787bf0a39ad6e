/* Rules about the channels of a replica: broken, cut off from the source, behind, or not as near as they
   say. A channel is called by its name, the default one by its source. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "diagnose/replication.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"
#include "parse/gtid.h"

static struct value channel_cell(const struct replication_channel *c, const char *field)
{
	return part_cell(c->part, c->row, field);
}

static const char *channel_text(const struct replication_channel *c, const char *field)
{
	return value_cstr(channel_cell(c, field));
}

static void add_channel(struct rule_input *in, struct finding *f, const struct replication_channel *c)
{
	if (*c->name)
		finding_culprit(f, in->arena, SUBJECT_CHANNEL, "%s", c->name);
	else
		finding_culprit(f, in->arena, SUBJECT_CHANNEL, strchr(c->host, ':') ? "[%s]:%lld" : "%s:%lld",
				c->host, (long long)c->port);
}

/* "replica of db1:3306: …", as the verdict says it. */
static void say(struct rule_input *in, struct finding *f, enum severity severity, double confidence,
		const struct replication_channel *c, const char *words, unsigned others)
{
	struct buf b = BUF_INIT;
	buf_adds(&b, "replica of ");
	replication_channel_title(c, &b);
	buf_addf(&b, ": %s", words);
	if (others)
		buf_addf(&b, " · and %u more channel%s", others, others == 1 ? "" : "s");
	finding_say(f, in->arena, severity, confidence, "%s", buf_str(&b));
	buf_release(&b);
}

static void add_text(struct rule_input *in, struct finding *f, const char *name, const char *text)
{
	if (text && *text)
		finding_evidence(f, in->arena, name, UNIT_NONE, value_str(text));
}

/* A channel that a rule looks for; the first is told, all are named. */
typedef bool channel_fn(struct rule_input *in, struct replication_channel *c);

static bool find_channels(struct rule_input *in, struct finding *f, channel_fn *is,
			  struct replication_channel *first, unsigned *others)
{
	struct replication_channel c;
	bool any = false;
	*others = 0;
	for (unsigned i = 0; replication_channel_read(&c, in->frame, i); i++) {
		if (replication_channel_of_group(&c) || !is(in, &c))
			continue;
		add_channel(in, f, &c);
		*others += any;
		if (!any)
			*first = c;
		any = true;
	}
	return any;
}

/* --- errors ------------------------------------------------------------------------------------------ */

/* What to look at, then each safe way out: when it is right, and what to type. Nobody runs them. */
static void add_ways(struct rule_input *in, struct finding *f, const struct replication_channel *c)
{
	struct replication_place place = replication_channel_place(c, in->frame);
	struct buf b = BUF_INIT;
	replication_error_fill(&b, c->error->look, &place);
	finding_step(f, in->arena, STEP_LOOK, "%s", buf_str(&b));
	for (unsigned i = 0; i < REPLICATION_MOST_WAYS && c->error->ways[i].text; i++) {
		const struct replication_way *w = &c->error->ways[i];
		if (!replication_way_fits(w, &place) || f->n_steps + 2 > FINDING_STEPS)
			continue;
		buf_clear(&b);
		replication_error_fill(&b, w->text, &place);
		finding_step(f, in->arena, STEP_LOOK, "%s", buf_str(&b));
		buf_clear(&b);
		if (w->sql)
			replication_error_fill(&b, w->sql, &place);
		if (b.len)
			finding_step(f, in->arena, STEP_SQL, "%s", buf_str(&b));
	}
	buf_release(&b);
}

static void tell_error(struct rule_input *in, struct finding *f, const struct replication_channel *c,
		       unsigned others)
{
	struct replication_place place = replication_channel_place(c, in->frame);
	struct buf words = BUF_INIT, means = BUF_INIT;
	replication_channel_words(c, NULL, &words);
	say(in, f, SEVERITY_CRITICAL, 1, c, buf_str(&words), others);
	replication_error_fill(&means, c->error->means, &place);
	finding_evidence(f, in->arena, "error", UNIT_ID, value_int(c->number));
	add_text(in, f, "what it means", buf_str(&means));
	add_text(in, f, "the server says", c->detail ? c->detail : c->text);
	if (c->facts.worker)
		finding_evidence(f, in->arena, "worker", UNIT_ID, value_int(c->facts.worker));
	add_text(in, f, "transaction", c->facts.gtid);
	add_text(in, f, "table", c->facts.table);
	add_text(in, f, "key", c->facts.key);
	add_text(in, f, "entry", c->facts.entry);
	add_text(in, f, "file of the source", c->receiver ? channel_text(c, "read_file")
							   : channel_text(c, "exec_file"));
	finding_evidence(f, in->arena, "position in it", UNIT_ID,
			 channel_cell(c, c->receiver ? "read_position" : "exec_position"));
	if (c->facts.table[0])
		finding_culprit(f, in->arena, SUBJECT_TABLE, "%s", c->facts.table);
	if (c->facts.gtid[0])
		finding_culprit(f, in->arena, SUBJECT_TRANSACTION, "%s", c->facts.gtid);
	add_ways(in, f, c);
	buf_clear(&means);
	if (c->error->never)
		replication_error_fill(&means, c->error->never, &place);
	add_text(in, f, "what makes it worse", buf_str(&means));
	buf_release(&words);
	buf_release(&means);
}

/* --- replica-broken ---------------------------------------------------------------------------------- */

static bool applier_failed(struct rule_input *in, struct replication_channel *c)
{
	(void)in;
	return c->health == REPLICATION_BROKEN && !c->receiver;
}

static enum judged replica_broken(struct rule_input *in, struct finding *f)
{
	struct replication_channel c;
	unsigned others;
	if (!rule_part(in, PART_REPLICATION))
		return JUDGED_BLIND;
	if (!find_channels(in, f, applier_failed, &c, &others))
		return JUDGED_NO;
	tell_error(in, f, &c, others);
	return JUDGED_YES;
}

const struct rule replica_broken_rule = {
	.id = "replica-broken",
	.title = "The applier stopped at an error",
	.needs = PART_BIT(PART_REPLICATION) | PART_BIT(PART_WORKERS),
	.linger = 1.5,
	.explains = "replica-lag lag-lies topology-fault",
	.explanation = "The applier met a transaction that it cannot apply, and stopped. What came after it is "
		       "received and waits; reads from this replica are as old as that transaction. The error says "
		       "where the data here differ from the source's.",
	.right = "Look at the row or table named, here and on the source, and find out why they differ. Then "
		 "take one of the ways out that are listed with the statements; when the difference is not "
		 "understood, build the replica anew from a backup.",
	.wrong = "Skipping the transaction blindly, or IDEMPOTENT mode: replication runs again and the data stay "
		 "different, which shows when this replica becomes the source.",
	.reference = "SHOW REPLICA STATUS; replication_applier_status_by_worker",
	.judge = replica_broken,
};

/* --- replica-io -------------------------------------------------------------------------------------- */

/* Also when the applier has an error of its own, which is another finding. */
static bool receiver_failed(struct rule_input *in, struct replication_channel *c)
{
	if (c->health == REPLICATION_CONNECTING || (c->health == REPLICATION_BROKEN && c->receiver))
		return true;
	int64_t number = value_integer(channel_cell(c, "io_errno"), 0);
	if (c->health != REPLICATION_BROKEN || !number ||
	    strcasecmp(channel_text(c, "io_running"), "Yes") == 0)
		return false;
	c->receiver = true;
	c->number = number;
	c->text = channel_text(c, "io_error");
	c->detail = NULL;
	c->error = replication_error_find(in->frame->now->server.flavor, number, c->text);
	replication_facts_read(&c->facts, c->text);
	return true;
}

enum { CONNECTING_SECONDS };

static enum judged replica_io(struct rule_input *in, struct finding *f)
{
	struct replication_channel c;
	unsigned others;
	if (!rule_part(in, PART_REPLICATION))
		return JUDGED_BLIND;
	if (!find_channels(in, f, receiver_failed, &c, &others))
		return JUDGED_NO;
	if (c.health == REPLICATION_BROKEN) {
		tell_error(in, f, &c, others);
	} else {
		struct buf words = BUF_INIT;
		replication_channel_words(&c, NULL, &words);
		/* Every start passes through this. */
		say(in, f, in->held >= rule_limit(in, CONNECTING_SECONDS) ? SEVERITY_WARNING : SEVERITY_NOTICE,
		    0.9, &c, buf_str(&words), others);
		add_text(in, f, "receiver's state", channel_text(&c, "io_state"));
		finding_step(f, in->arena, STEP_LOOK, "can %s:%lld be reached from this host", c.host,
			     (long long)c.port);
		buf_release(&words);
	}
	add_text(in, f, "logs in as", channel_text(&c, "source_user"));
	finding_evidence(f, in->arena, "tries again every", UNIT_SECONDS, channel_cell(&c, "connect_retry"));
	return JUDGED_YES;
}

const struct rule replica_io_rule = {
	.id = "replica-io",
	.title = "Nothing arrives from the source",
	.needs = PART_BIT(PART_REPLICATION),
	.linger = 1.5,
	.thresholds = {{"connecting", UNIT_SECONDS, 10, 10,
			"connecting for so long, without an error so far, is a warning"}},
	.explains = "lag-lies topology-fault replica-lag",
	.explanation = "The receiver cannot connect to the source or log in there, or the source no longer has the "
		       "binary log that it asks for. Nothing new arrives; the lag that the server shows counts only "
		       "what has arrived, and says 0 or NULL.",
	.right = "Mend what the error names: network and name, the account and its password, TLS, the source's "
		 "purged files. The receiver tries again by itself unless it stopped.",
	.wrong = "RESET REPLICA ALL to start over: it forgets the position, which is still good.",
	.reference = "SHOW REPLICA STATUS: Last_IO_Error; CHANGE REPLICATION SOURCE TO",
	.judge = replica_io,
};

/* --- replica-lag ------------------------------------------------------------------------------------- */

enum { LAG_SECONDS, LAG_WARNING };

static double over_delay(const struct replication_channel *c)
{
	return value_number(c->lag, 0) - c->delay;
}

static bool is_behind(struct rule_input *in, struct replication_channel *c)
{
	return c->health == REPLICATION_BEHIND && rule_over(in, LAG_SECONDS, over_delay(c));
}

/* The threads that apply: the newest reading, and (`back` 1) the one before, for what comes and goes quickly. */
static const struct part *appliers(const struct rule_input *in, unsigned back)
{
	return back ? in->frame->before[PART_APPLIERS] : in->frame->now->parts[PART_APPLIERS];
}

static const char *applier_text(const struct part *p, unsigned row, const char *field)
{
	return value_cstr(part_cell(p, row, field));
}

static double applier_number(const struct part *p, unsigned row, const char *field)
{
	return value_number(part_cell(p, row, field), 0);
}

/* MariaDB without performance schema does not say whose a thread is. */
static bool applies_for(const struct part *p, unsigned row, const struct replication_channel *c)
{
	return strcmp(applier_text(p, row, "kind"), "receiver") != 0 &&
	       (part_cell(p, row, "channel").type == VALUE_ABSENT ||
		strcmp(applier_text(p, row, "channel"), c->name) == 0);
}

/* Who holds what the thread waits for, from session to session up to the one that waits for nobody; a row of
   `sessions`, or -1: nobody, or another applier. */
static int root_of(const struct part *sessions, struct value blocked_by)
{
	int row = -1;
	for (unsigned steps = 0; sessions && blocked_by.type == VALUE_INT && steps < 64; steps++) {
		int up = part_find(sessions, blocked_by);
		if (up < 0)
			break;
		row = up;
		blocked_by = part_cell(sessions, (unsigned)row, "blocked_by");
	}
	return row >= 0 && session_is_clients(sessions, (unsigned)row) ? row : -1;
}

static bool name_lock(struct rule_input *in, struct finding *f, const struct replication_channel *c,
		      struct buf *why)
{
	const struct part *sessions = in->frame->now->parts[PART_PROCESSLIST], *p = appliers(in, 0);
	int row = -1;
	for (unsigned i = 0; p && row < 0 && i < part_rows(p); i++)
		if (applies_for(p, i, c))
			row = root_of(sessions, part_cell(p, i, "blocked_by"));
	if (row < 0)
		return false;
	long long id = (long long)session_id(sessions, (unsigned)row);
	buf_addf(why, "it waits for a lock of session %lld here: ", id);
	session_describe(sessions, (unsigned)row, why);
	finding_culprit(f, in->arena, SUBJECT_SESSION, "%lld", id);
	finding_step(f, in->arena, session_idles_in_transaction(sessions, (unsigned)row) ? STEP_KILL_CONNECTION
											 : STEP_KILL_QUERY,
		     "%lld", id);
	return true;
}

/* A lock whose holder the server does not show: those who could. */
static bool name_suspects(struct rule_input *in, struct finding *f, const struct replication_channel *c,
			  struct buf *why)
{
	const struct part *blocking = in->frame->now->parts[PART_BLOCKING], *p = appliers(in, 0);
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct value session = part_cell(p, i, "session");
		for (unsigned k = 0; applies_for(p, i, c) && blocking && k < part_rows(blocking); k++) {
			if (!value_integer(part_cell(blocking, k, "suspect"), 0) ||
			    !value_equal(part_cell(blocking, k, "waiter"), session))
				continue;
			if (!f->n_suspects)
				buf_addf(why, "it waits for a %s; who holds that is not shown",
					 value_cstr(part_cell(blocking, k, "kind")));
			finding_suspect(f, in->arena, SUBJECT_SESSION, "%lld",
					(long long)value_integer(part_cell(blocking, k, "blocker"), 0));
		}
	}
	return f->n_suspects > 0;
}

static void name_table(struct rule_input *in, struct finding *f, const char *table)
{
	if (*table)
		finding_culprit(f, in->arena, SUBJECT_TABLE, "%s", table);
}

/* Of any of the channel's threads: the one that locks so much may just be between two tables. */
static const char *table_at_work(const struct rule_input *in, const struct replication_channel *c,
				 const struct part *p, unsigned row)
{
	const char *table = applier_text(p, row, "table");
	for (unsigned back = 0; !*table && back < 2; back++) {
		const struct part *q = appliers(in, back);
		for (unsigned i = 0; q && !*table && i < part_rows(q); i++)
			if (applies_for(q, i, c))
				table = applier_text(q, i, "table");
	}
	return table;
}

/* A thread that locks far more rows than it changes looks for each through the whole table. */
static bool name_keyless(struct rule_input *in, struct finding *f, const struct replication_channel *c,
			 struct buf *why)
{
	enum { MANY = 100, TIMES = 20 };
	for (unsigned back = 0; back < 2; back++) {
		const struct part *p = appliers(in, back);
		for (unsigned i = 0; p && i < part_rows(p); i++) {
			double locked = applier_number(p, i, "rows_locks");
			double changed = applier_number(p, i, "rows_modified");
			if (!applies_for(p, i, c) || locked < MANY || locked < TIMES * (changed + 1))
				continue;
			const char *table = table_at_work(in, c, p, i);
			buf_addf(why, "it looks for each row through all of %s, as without a primary key",
				 *table ? table : "a table");
			name_table(in, f, table);
			finding_evidence(f, in->arena, "rows locked in its transaction", UNIT_COUNT,
					 value_real(locked));
			finding_evidence(f, in->arena, "rows changed in it", UNIT_COUNT, value_real(changed));
			finding_step(f, in->arena, STEP_LOOK, "SHOW CREATE TABLE %s, here and on the source",
				     *table ? table : "of that table");
			return true;
		}
	}
	return false;
}

/* How long the thread has been at its transaction. One that waits for its turn to commit is not at it. */
static double at_it_for(const struct part *p, unsigned row)
{
	struct value since = part_cell(p, row, "applying_since");
	if (strncmp(applier_text(p, row, "state"), "Waiting for prior transaction", 29) == 0)
		return 0;
	return value_number(since, applier_number(p, row, "transaction_age"));
}

/* MariaDB does not say what a worker is at; when all but one was applied, it is that one. */
static const char *only_one_left(const struct rule_input *in, const struct replication_channel *c)
{
	struct gtid_position received = {0};
	const char *text = channel_text(c, "gtid_received"), *gtid = "";
	bool one = in->frame->now->server.flavor == FLAVOR_MARIADB &&
		   value_integer(channel_cell(c, "gtid_gap"), 0) == 1;
	if (one && gtid_position_parse(&received, text, strlen(text)) && received.n == 1)
		gtid = arena_strdup(in->arena, text);
	gtid_position_release(&received);
	return gtid;
}

/* The transaction that a worker has been at for most of the lag, or that is plainly large. */
static bool name_transaction(struct rule_input *in, struct finding *f, const struct replication_channel *c,
			     struct buf *why)
{
	enum { SECONDS_AT_LEAST = 2, ROWS_OF_A_LARGE_ONE = 10000 };
	const struct part *p = appliers(in, 0);
	int longest = -1;
	double most = 0;
	for (unsigned i = 0; p && i < part_rows(p); i++)
		if (applies_for(p, i, c) && at_it_for(p, i) > most) {
			most = at_it_for(p, i);
			longest = (int)i;
		}
	if (longest < 0)
		return false;
	unsigned row = (unsigned)longest;
	double rows = applier_number(p, row, "rows_modified");
	if (most < over_delay(c) / 2 && (most < SECONDS_AT_LEAST || rows < ROWS_OF_A_LARGE_ONE))
		return false;
	const char *gtid = applier_text(p, row, "applying");
	if (!*gtid)
		gtid = only_one_left(in, c);
	bool named = *gtid && strcasecmp(gtid, "ANONYMOUS") != 0;
	buf_adds(why, "it has been at one transaction for ");
	add_duration(why, most);
	if (rows > 0)
		buf_addf(why, ", %.0f rows so far", rows);
	if (named) {
		buf_addf(why, ", %s", gtid);
		finding_culprit(f, in->arena, SUBJECT_TRANSACTION, "%s", gtid);
	}
	name_table(in, f, table_at_work(in, c, p, row));
	finding_evidence(f, in->arena, "the applier is at one transaction since", UNIT_SECONDS, value_real(most));
	finding_evidence(f, in->arena, "rows changed in it", UNIT_COUNT, part_cell(p, row, "rows_modified"));
	return true;
}

/* Whether one thread applies everything; only where the server says so. */
static bool name_single_thread(struct rule_input *in, struct finding *f, struct buf *why)
{
	static const char *const names[] = {"replica_parallel_workers", "slave_parallel_threads",
					    "slave_parallel_workers"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct value v = frame_value_of(in->frame, PART_VARIABLES, names[i]);
		if (!value_is_number(v) || value_number(v, 0) > 1)
			continue;
		buf_addf(why, "one thread applies everything (%s is %.0f)", names[i], value_number(v, 0));
		finding_evidence(f, in->arena, names[i], UNIT_COUNT, v);
		finding_suspect(f, in->arena, SUBJECT_VARIABLE, "%s", names[i]);
		return true;
	}
	return false;
}

/* The most certain of what can be seen; false: nothing says what limits it. */
static bool name_limit(struct rule_input *in, struct finding *f, const struct replication_channel *c,
		       struct buf *why, double *confidence)
{
	*confidence = 1;
	if (name_lock(in, f, c, why))
		return true;
	*confidence = 0.9;
	if (name_keyless(in, f, c, why) || name_transaction(in, f, c, why))
		return true;
	*confidence = 0.6;
	if (name_suspects(in, f, c, why))
		return true;
	*confidence = 0.7;
	return name_single_thread(in, f, why);
}

static enum judged replica_lag(struct rule_input *in, struct finding *f)
{
	struct replication_channel c;
	unsigned others;
	if (!rule_part(in, PART_REPLICATION))
		return JUDGED_BLIND;
	if (!find_channels(in, f, is_behind, &c, &others))
		return JUDGED_NO;
	struct buf words = BUF_INIT, why = BUF_INIT;
	struct value slope = metric_read(METRIC_LAG_SLOPE, in->frame);
	double confidence;
	struct replication_trend trend = {.n = 0};
	replication_trend_set(&trend, value_number(slope, NAN), over_delay(&c));
	replication_channel_words(&c, &trend, &words);
	if (name_limit(in, f, &c, &why, &confidence))
		buf_addf(&words, "; %s", buf_str(&why));
	say(in, f, over_delay(&c) >= rule_limit(in, LAG_WARNING) ? SEVERITY_WARNING : SEVERITY_NOTICE,
	    confidence, &c, buf_str(&words), others);
	finding_evidence(f, in->arena, "lag", UNIT_SECONDS, c.lag);
	if (c.delay > 0)
		finding_evidence(f, in->arena, "ordered delay", UNIT_SECONDS, value_real(c.delay));
	finding_evidence(f, in->arena, "lag_slope", UNIT_RATIO, slope);
	if (isfinite(trend.eta))
		finding_evidence(f, in->arena, "level in", UNIT_SECONDS, value_real(trend.eta));
	finding_evidence(f, in->arena, "bytes received and not applied", UNIT_BYTES,
			 channel_cell(&c, "bytes_behind"));
	finding_evidence(f, in->arena, "workers at work", UNIT_COUNT, channel_cell(&c, "workers_busy"));
	add_text(in, f, "applier's state", channel_text(&c, "sql_state"));
	finding_step(f, in->arena, STEP_LOOK, "the workers of the channel in the replication panel");
	buf_release(&words);
	buf_release(&why);
	return JUDGED_YES;
}

const struct rule replica_lag_rule = {
	.id = "replica-lag",
	.title = "The replica is behind",
	.needs = PART_BIT(PART_REPLICATION) | PART_BIT(PART_APPLIERS) | PART_BIT(PART_VARIABLES) |
		 PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_BLOCKING),
	.linger = 3,
	.window = 30,
	.thresholds = {{"seconds", UNIT_SECONDS, 10, 5, "behind by so much more than was ordered"},
		       {"warning", UNIT_SECONDS, 60, 50, "from here on it is a warning"}},
	.explanation = "The applier works off what it received more slowly than the source makes it, or did for a "
		       "while. The slope over half a minute, or since it last turned, says whether it falls back or "
		       "catches up. What limits it is named where the server shows it: a lock of a session here, a table in which each row "
		       "is looked for from the first to the last (no primary key), one large transaction, or a single "
		       "applier thread.",
	.right = "A lock: end the session that holds it. No primary key: add one. One large transaction: wait, "
		 "and split such changes in future. A single thread: more workers. Send reads that must be fresh to the source meanwhile.",
	.wrong = "Adding workers when one large transaction is being applied: it is applied by one of them.",
	.reference = "replica_parallel_workers; replication_applier_status_by_worker",
	.judge = replica_lag,
};

/* --- lag-lies ---------------------------------------------------------------------------------------- */

enum { HIDDEN_SECONDS };

/* By how much the data are older than the server says; what tells so goes to *by. */
static double hidden_lag(const struct replication_channel *c, const char **by)
{
	static const struct {
		const char *field, *name;
	} measures[] = {
		{"heartbeat_lag", "age of the newest heartbeat row"},
		{"apply_lag", "age of what is being applied"},
		{"receive_lag", "age of what is being received"},
	};
	double most = 0;
	for (size_t i = 0; i < COUNT_OF(measures); i++) {
		double lag = value_number(channel_cell(c, measures[i].field), 0);
		if (strcmp(measures[i].field, "receive_lag") != 0)
			lag -= c->delay;
		if (lag <= most)
			continue;
		most = lag;
		*by = measures[i].name;
	}
	return most;
}

static bool lag_is_hidden(struct rule_input *in, struct replication_channel *c)
{
	const char *by;
	if (c->health == REPLICATION_STOPPED)
		return true;
	return c->health == REPLICATION_LEVEL && rule_over(in, HIDDEN_SECONDS, hidden_lag(c, &by));
}

/* START REPLICA … UNTIL stops on purpose. */
static bool was_ordered(const struct replication_channel *c)
{
	const char *until = channel_text(c, "until");
	return *until && strcasecmp(until, "None") != 0;
}

static void tell_hidden(struct rule_input *in, struct finding *f, const struct replication_channel *c,
			unsigned others)
{
	struct buf b = BUF_INIT;
	const char *by = NULL;
	double lag = hidden_lag(c, &by);
	buf_addf(&b, "says %.0f s behind, but its data are ", value_number(c->lag, 0));
	add_duration(&b, lag + c->delay);
	buf_addf(&b, " old, by the %s", by);
	/* Both ages compare two hosts' clocks. */
	say(in, f, SEVERITY_WARNING, 0.85, c, buf_str(&b), others);
	finding_step(f, in->arena, STEP_LOOK, "the clocks of both hosts, then positions here and on the source");
	buf_release(&b);
}

static enum judged lag_lies(struct rule_input *in, struct finding *f)
{
	struct replication_channel c;
	unsigned others;
	if (!rule_part(in, PART_REPLICATION))
		return JUDGED_BLIND;
	if (!find_channels(in, f, lag_is_hidden, &c, &others))
		return JUDGED_NO;
	if (c.health == REPLICATION_STOPPED) {
		struct buf words = BUF_INIT;
		struct replication_place place = replication_channel_place(&c, in->frame);
		replication_channel_words(&c, NULL, &words);
		say(in, f, was_ordered(&c) ? SEVERITY_NOTICE : SEVERITY_CRITICAL, 1, &c, buf_str(&words),
		    others);
		buf_clear(&words);
		replication_error_fill(&words, "{start_sql}", &place);
		if (c.receiver) {
			buf_clear(&words);
			replication_error_fill(&words, "{start}", &place);
		}
		finding_step(f, in->arena, STEP_LOOK, "who stopped it, and why: ask before it is started");
		finding_step(f, in->arena, STEP_SQL, "%s", buf_str(&words));
		buf_release(&words);
	} else {
		tell_hidden(in, f, &c, others);
	}
	add_text(in, f, "receiver runs", channel_text(&c, "io_running"));
	add_text(in, f, "applier runs", channel_text(&c, "sql_running"));
	finding_evidence(f, in->arena, "lag as the server says", UNIT_SECONDS, c.lag);
	finding_evidence(f, in->arena, "lag by the heartbeat table", UNIT_SECONDS,
			 channel_cell(&c, "heartbeat_lag"));
	finding_evidence(f, in->arena, "age of what is being applied", UNIT_SECONDS,
			 channel_cell(&c, "apply_lag"));
	finding_evidence(f, in->arena, "age of what is being received", UNIT_SECONDS,
			 channel_cell(&c, "receive_lag"));
	finding_evidence(f, in->arena, "transactions received and not applied", UNIT_COUNT,
			 channel_cell(&c, "gtid_gap"));
	add_text(in, f, "received up to file", channel_text(&c, "read_file"));
	finding_evidence(f, in->arena, "position in it", UNIT_ID, channel_cell(&c, "read_position"));
	return JUDGED_YES;
}

const struct rule lag_lies_rule = {
	.id = "lag-lies",
	.title = "Data are older than the lag says",
	.needs = PART_BIT(PART_REPLICATION),
	.linger = 2,
	.thresholds = {{"seconds", UNIT_SECONDS, 10, 5,
			"older than the server says, by its heartbeat or commit times"}},
	.explanation = "Seconds_Behind_Source only compares what the applier does with what the receiver has "
		       "brought. With a thread stopped it is NULL, and while the receiver is behind it is 0; "
		       "neither means that the data are fresh.",
	.right = "Compare positions or GTIDs with the source's. Start the thread that is stopped once it is known "
		 "why; else look at the network between the two and at the clocks.",
	.wrong = "Trusting 0, or taking NULL for 0: reads go on being answered from old data.",
	.reference = "SHOW REPLICA STATUS: Seconds_Behind_Source; pt-heartbeat",
	.judge = lag_lies,
};
