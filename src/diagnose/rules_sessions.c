/* Rules about what sessions do, and how many there are. */
#include <string.h>

#include "base/mem.h"
#include "base/clock.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"
#include "diagnose/tally.h"

/* --- idle-in-transaction --------------------------------------------------------------------------- */

enum { IDLE_SECONDS, IDLE_HARMLESS };

/* Unknown counts as something: only a server that says 0 and 0 is believed that it holds nothing. */
static bool holds_something(const struct part *p, unsigned row)
{
	struct value locks = SESSION_CELL(p, row, ROWS_LOCKS), rows = SESSION_CELL(p, row, ROWS_MODIFIED);
	return value_number(locks, 1) > 0 || value_number(rows, 1) > 0 ||
	       value_number(SESSION_CELL(p, row, BLOCKS), 0) > 0;
}

static bool idles_too_long(const struct rule_input *in, const struct part *p, unsigned row)
{
	/* The time asleep counts: a long transaction that works is no idler. */
	if (!session_idles_in_transaction(p, row) || !session_is_clients(p, row))
		return false;
	double asleep = value_number(SESSION_CELL(p, row, TIME), 0);
	return rule_over(in, holds_something(p, row) ? IDLE_SECONDS : IDLE_HARMLESS, asleep);
}

static enum judged idle_in_transaction(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	int oldest = -1;
	unsigned others = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		if (!idles_too_long(in, p, i))
			continue;
		finding_culprit(f, in->arena, SUBJECT_SESSION, "%lld", (long long)session_id(p, i));
		others += oldest >= 0;
		if (oldest < 0 || session_number(p, i, "transaction_age", 0) >
					  session_number(p, (unsigned)oldest, "transaction_age", 0))
			oldest = (int)i;
	}
	if (oldest < 0)
		return JUDGED_NO;
	unsigned row = (unsigned)oldest;
	struct buf b = BUF_INIT;
	session_describe(p, row, &b);
	if (others)
		buf_addf(&b, " · and %u more such", others);
	/* The oldest leads. */
	struct subject first = f->culprits[0];
	for (unsigned i = 1; i < f->n_culprits; i++)
		if (strtoll(f->culprits[i].id, NULL, 10) == session_id(p, row)) {
			f->culprits[0] = f->culprits[i];
			f->culprits[i] = first;
		}
	finding_say(f, in->arena, SEVERITY_WARNING, 1, "session %lld: %s", (long long)session_id(p, row),
		    buf_str(&b));
	finding_evidence(f, in->arena, "transaction open for", UNIT_SECONDS,
			 part_cell(p, row, "transaction_age"));
	finding_evidence(f, in->arena, "asleep for", UNIT_SECONDS, part_cell(p, row, "time"));
	finding_evidence(f, in->arena, "rows locked", UNIT_COUNT, part_cell(p, row, "rows_locks"));
	finding_evidence(f, in->arena, "rows changed", UNIT_COUNT, part_cell(p, row, "rows_modified"));
	finding_evidence(f, in->arena, "last statement", UNIT_SQL, part_cell(p, row, "last_statement"));
	finding_step(f, in->arena, STEP_KILL_CONNECTION, "%lld", (long long)session_id(p, row));
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule idle_in_transaction_rule = {
	.id = "idle-in-transaction",
	.title = "A transaction is open and nobody works on it",
	.needs = PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_TRANSACTIONS),
	.linger = 2,
	.thresholds = {{"seconds", UNIT_SECONDS, 60, 60,
			"asleep in an open transaction that locked or changed rows"},
		       {"harmless", UNIT_SECONDS, 600, 600, "likewise, where it did neither"}},
	.explains = "row-lock-pileup mdl-pileup purge-lag",
	.explanation = "The session opened a transaction, and has sent nothing for a while. Until it ends, "
		       "its row and metadata locks stay, and purge must keep the old row versions that its "
		       "read view may still want.",
	.right = "Ask who owns that client. Ending its connection rolls the transaction back; then mend "
		 "the client: commit before it waits for something else.",
	.wrong = "Taking it for harmless because the process list says Sleep.",
	.reference = "InnoDB transaction model; innodb_trx",
	.judge = idle_in_transaction,
};

/* --- connections-exhausted ------------------------------------------------------------------------- */

enum { USED_SHARE };

/* The account with most sessions. */
static void blame_account(struct rule_input *in, struct finding *f, struct buf *text)
{
	/* Also an old reading will do: with all connections taken there may be no newer one. */
	const struct part *p = in->frame->now->parts[PART_PROCESSLIST];
	struct tally accounts = {0};
	struct buf account = BUF_INIT;
	unsigned n, idle;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		if (!session_is_clients(p, i))
			continue;
		buf_clear(&account);
		session_account(p, i, &account);
		tally_add(&accounts, buf_str(&account),
			  strcmp(value_cstr(SESSION_CELL(p, i, COMMAND)), "Sleep") == 0);
	}
	const char *most = tally_most(&accounts, &n, &idle);
	if (most) {
		buf_addf(text, ": %u by %s, %u of them idle", n, most, idle);
		finding_culprit(f, in->arena, SUBJECT_USER, "%s", most);
		finding_evidence(f, in->arena, "sessions of that account", UNIT_COUNT, value_int(n));
		finding_evidence(f, in->arena, "of them idle", UNIT_COUNT, value_int(idle));
	}
	tally_release(&accounts);
	buf_release(&account);
}

static enum judged connections_exhausted(struct rule_input *in, struct finding *f)
{
	bool refused = in->frame->now->link != LINK_LIVE && in->frame->now->err.kind == ERR_TOO_MANY;
	if (!refused && (!rule_part(in, PART_STATUS) || !rule_part(in, PART_VARIABLES)))
		return JUDGED_BLIND;
	struct value have = frame_value_of(in->frame, PART_STATUS, "Threads_connected");
	struct value most = frame_value_of(in->frame, PART_VARIABLES, "max_connections");
	struct value errors = frame_rate_of(in->frame, PART_STATUS, "Connection_errors_max_connections");
	double used = value_number(have, 0), limit = value_number(most, 0);
	bool turns_away = refused || value_number(errors, 0) > 0;
	if (!turns_away && (limit <= 0 || !rule_over(in, USED_SHARE, used / limit)))
		return JUDGED_NO;
	struct buf b = BUF_INIT;
	if (refused)
		buf_adds(&b, "the server refuses further connections");
	else
		buf_addf(&b, "%.0f of %.0f connections are taken%s", used, limit,
			 turns_away ? ", clients are refused" : "");
	blame_account(in, f, &b);
	finding_say(f, in->arena,
		    turns_away || used >= 0.95 * limit ? SEVERITY_CRITICAL : SEVERITY_WARNING, 1, "%s",
		    buf_str(&b));
	if (refused)
		finding_evidence(f, in->arena, "the server said", UNIT_NONE,
				 value_str(in->frame->now->err.why));
	finding_evidence(f, in->arena, "connections", UNIT_COUNT, have);
	finding_evidence(f, in->arena, "max_connections", UNIT_COUNT, most);
	finding_evidence(f, in->arena, "refused a second", UNIT_COUNT, errors);
	finding_step(f, in->arena, STEP_LOOK, "group the sessions by user or host");
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule connections_exhausted_rule = {
	.id = "connections-exhausted",
	.title = "Connections are used up",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_PROCESSLIST),
	.linger = 3,
	.thresholds = {{"share", UNIT_RATIO, 0.85, 0.80, "share of max_connections in use"}},
	.explanation = "At max_connections the server refuses further clients with error 1040. Most often one "
		       "client's pool holds far more sessions than it uses, or waits for something and "
		       "opens more meanwhile.",
	.right = "End idle sessions of the account that holds most, and mend its pool.",
	.wrong = "Raising max_connections blindly: each session takes memory, and what made them pile up "
		 "goes on.",
	.reference = "max_connections; Too many connections",
	.judge = connections_exhausted,
};

/* --- connection-churn ------------------------------------------------------------------------------ */

enum { CHURN_CONNECTS, CHURN_ABORTED };
enum { CHURN_WINDOW = 5 };

/* Who came since the reading before: few of many short sessions are seen, but they are of the same kind. */
static void blame_newcomers(struct rule_input *in, struct finding *f, struct buf *text)
{
	const struct part *p = in->frame->now->parts[PART_PROCESSLIST];
	const struct part *before = in->frame->before[PART_PROCESSLIST];
	struct tally accounts = {0};
	struct buf account = BUF_INIT;
	int64_t newest = 0;
	unsigned n;
	for (unsigned i = 0; before && i < part_rows(before); i++)
		if (session_id(before, i) > newest)
			newest = session_id(before, i);
	for (unsigned i = 0; before && i < part_rows(p); i++) {
		/* Who has not logged in yet is there as nobody's session. */
		if (session_id(p, i) <= newest ||
		    strcmp(value_cstr(SESSION_CELL(p, i, KIND)), "own") == 0)
			continue;
		buf_clear(&account);
		session_account(p, i, &account);
		tally_add(&accounts, buf_str(&account), 0);
	}
	const char *most = tally_most(&accounts, &n, NULL);
	if (most && n >= 2 && 2 * n > accounts.total) {
		buf_addf(text, ", most of those seen by %s", most);
		finding_culprit(f, in->arena, SUBJECT_USER, "%s", most);
	} else if (most) {
		buf_addf(text, ", perhaps by %s", most);
		finding_suspect(f, in->arena, SUBJECT_USER, "%s", most);
	}
	finding_evidence(f, in->arena, "new sessions seen", UNIT_COUNT, value_int(accounts.total));
	tally_release(&accounts);
	buf_release(&account);
}

static enum judged connection_churn(struct rule_input *in, struct finding *f)
{
	if (!rule_part(in, PART_STATUS) || !rule_part(in, PART_PROCESSLIST))
		return JUDGED_BLIND;
	struct value connects = rule_mean(in, METRIC_CONNECTS, CHURN_WINDOW);
	struct value aborted = rule_mean(in, METRIC_ABORTED, CHURN_WINDOW);
	bool many = rule_over(in, CHURN_CONNECTS, value_number(connects, 0));
	bool failing = rule_over(in, CHURN_ABORTED, value_number(aborted, 0));
	if (!many && !failing)
		return JUDGED_NO;
	struct buf b = BUF_INIT;
	buf_addf(&b, "%.0f connects a second", value_number(connects, 0));
	if (failing)
		buf_addf(&b, ", %.0f failed or broken off", value_number(aborted, 0));
	blame_newcomers(in, f, &b);
	finding_say(f, in->arena, SEVERITY_WARNING, f->n_culprits ? 0.9 : 0.6, "%s", buf_str(&b));
	finding_evidence(f, in->arena, "connects", UNIT_COUNT, connects);
	finding_evidence(f, in->arena, "aborted", UNIT_COUNT, aborted);
	finding_evidence(f, in->arena, "threads_created", UNIT_COUNT,
			 rule_mean(in, METRIC_THREADS_CREATED, CHURN_WINDOW));
	finding_step(f, in->arena, STEP_LOOK, "group the sessions by host; performance_schema.host_cache "
					      "counts failures by client");
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule connection_churn_rule = {
	.id = "connection-churn",
	.title = "Clients connect over and over",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_PROCESSLIST),
	.linger = 5,
	.window = CHURN_WINDOW,
	.thresholds = {{"connects", UNIT_COUNT, 1000, 700, "connection attempts a second"},
		       {"aborted", UNIT_COUNT, 10, 5,
			"connections a second that fail to log in or end without a good-bye"}},
	.explains = "host-cpu host-net",
	.explanation = "Each connection costs a thread, a login and mostly a TLS handshake; a client that opens "
		       "one for every statement spends more on that than on its work. Failed logins and "
		       "broken sessions point to a wrong password, a health check that only knocks, or a "
		       "client that dies.",
	.right = "Find the client by host and account, and give it a pool. Block the source if it is none of "
		 "yours.",
	.wrong = "Raising max_connections or back_log: the churn grows with it.",
	.reference = "Connection interfaces; host_cache; Aborted_connects",
	.judge = connection_churn,
};

/* --- thread-storm ---------------------------------------------------------------------------------- */

enum { STORM_RUNNING, STORM_PER_CORE };
/* Of so many the statements are looked at: enough to know the commonest. */
enum { STORM_SAMPLE = 256 };

struct storm {
	unsigned running, waiting; /* sessions of clients; those that wait for a lock */
	struct tally waits, accounts, hosts, digests;
};

static const char *what_it_does(const struct part *p, unsigned row)
{
	const char *wait = value_cstr(SESSION_CELL(p, row, WAIT));
	const char *state = value_cstr(SESSION_CELL(p, row, SERVER_STATE));
	return *wait ? wait : *state ? state : "running";
}

static void look_at_storm(struct storm *s, const struct part *p, struct arena *a)
{
	struct buf account = BUF_INIT;
	for (unsigned i = 0; i < part_rows(p); i++) {
		bool waits = session_waits(p, i);
		bool works = session_works(p, i) && !session_is_passive(p, i);
		if (!(waits || works) || !session_is_clients(p, i))
			continue;
		s->waiting += waits;
		if (s->running++ >= STORM_SAMPLE)
			continue;
		tally_add(&s->waits, what_it_does(p, i), 0);
		buf_clear(&account);
		session_account(p, i, &account);
		tally_add(&s->accounts, buf_str(&account), 0);
		tally_add(&s->hosts, value_cstr(SESSION_CELL(p, i, HOST)), 0);
		const char *digest = session_digest(p, i, a);
		if (digest)
			tally_add(&s->digests, digest, 0);
	}
	buf_release(&account);
}

static double cores_of(const struct frame *f)
{
	const struct part *p = f->now->parts[PART_HOST_CPU];
	double cores = p && part_rows(p) ? value_number(part_cell(p, 0, "cores"), 0) : 0;
	double quota = p && part_rows(p) ? value_number(part_cell(p, 0, "quota_cores"), 0) : 0;
	return quota > 0 && quota < cores ? quota : cores;
}

/* With the cores known, so many for each of them, and never few in all. */
static bool is_storm(const struct rule_input *in, double running, double cores)
{
	if (cores > 0)
		return rule_over(in, STORM_PER_CORE, running / cores) && running >= 32;
	return rule_over(in, STORM_RUNNING, running);
}

static void blame_storm(struct rule_input *in, struct finding *f, const struct storm *s, struct buf *b)
{
	unsigned n, hosts;
	const char *host = tally_most(&s->hosts, &hosts, NULL);
	const char *wait = tally_most(&s->waits, &n, NULL);
	buf_addf(b, ", %.0f %% of them: %s", 100.0 * n / s->waits.total, wait);
	finding_evidence(f, in->arena, "most of them", UNIT_NONE, value_str(wait));
	const char *digest = tally_most(&s->digests, &n, NULL);
	/* Who waits for a lock is a victim, whatever it runs. */
	bool victims = 2 * s->waiting > s->running;
	if (!victims && digest && 2 * n >= s->digests.total) {
		buf_addf(b, "; %.0f %% run the same statement", 100.0 * n / s->digests.total);
		finding_culprit(f, in->arena, SUBJECT_STATEMENT, "%s", digest);
	}
	const char *account = tally_most(&s->accounts, &n, NULL);
	if (!victims && 2 * n >= s->accounts.total)
		finding_culprit(f, in->arena, SUBJECT_USER, "%s", account);
	else
		finding_suspect(f, in->arena, SUBJECT_USER, "%s", account);
	finding_evidence(f, in->arena, "most by", UNIT_NONE, value_str(account));
	finding_evidence(f, in->arena, "most from host", UNIT_NONE, value_str(host));
}

static enum judged thread_storm(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	double cores = cores_of(in->frame);
	struct value running = frame_value_of(in->frame, PART_STATUS, "Threads_running");
	/* A cheap look first. MySQL does not count who waits in a thread pool, but the list has them. */
	if (!is_storm(in, value_number(running, part_rows(p)), cores) && part_rows(p) < 32)
		return JUDGED_NO;
	struct storm s = {0};
	look_at_storm(&s, p, in->arena);
	bool yes = s.running && is_storm(in, s.running, cores);
	if (yes) {
		struct buf b = BUF_INIT;
		buf_addf(&b, "%u sessions run at once", s.running);
		if (cores > 0)
			buf_addf(&b, " on %.3g cores", cores);
		blame_storm(in, f, &s, &b);
		finding_say(f, in->arena, SEVERITY_CRITICAL, f->n_culprits ? 0.9 : 0.6, "%s", buf_str(&b));
		finding_evidence(f, in->arena, "running", UNIT_COUNT, running);
		finding_evidence(f, in->arena, "of clients", UNIT_COUNT, value_int(s.running));
		finding_evidence(f, in->arena, "wait for a lock", UNIT_COUNT, value_int(s.waiting));
		if (cores > 0)
			finding_evidence(f, in->arena, "cores", UNIT_COUNT, value_real(cores));
		finding_step(f, in->arena, STEP_LOOK, "group the sessions by digest, then by host");
		buf_release(&b);
	}
	tally_release(&s.waits);
	tally_release(&s.accounts);
	tally_release(&s.hosts);
	tally_release(&s.digests);
	return yes ? JUDGED_YES : JUDGED_NO;
}

const struct rule thread_storm_rule = {
	.id = "thread-storm",
	.title = "Far more sessions run than the server can serve",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_PROCESSLIST),
	.hold = 0.9, /* two readings */
	.linger = 3,
	.thresholds = {{"running", UNIT_COUNT, 100, 70, "sessions that run, where the cores are not known"},
		       {"per-core", UNIT_COUNT, 8, 5,
			"sessions that run for each core of the host, 32 of them at least"}},
	.explains = "connections-exhausted host-cpu",
	.explanation = "When far more sessions run than there are cores they spend their time on waiting for "
		       "each other, and each gets slower, so that still more come. What most of them wait "
		       "for, and what most of them run, says where it began.",
	.right = "Shed load at the client. If one statement stampedes, end its duplicates and keep one; if they "
		 "wait for a lock, end the root of that.",
	.wrong = "Raising max_connections: it lets more of them in.",
	.reference = "Threads_running; thread pool; innodb_thread_concurrency",
	.judge = thread_storm,
};
