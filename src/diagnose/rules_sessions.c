/* Rules about what sessions do, and how many there are. */
#include <string.h>

#include "base/mem.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"

/* --- idle-in-transaction --------------------------------------------------------------------------- */

enum { IDLE_SECONDS };

static enum judged idle_in_transaction(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	int oldest = -1;
	unsigned others = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		/* The time asleep counts: a long transaction that works is no idler. */
		double asleep = session_number(p, i, "time", 0);
		if (!session_is_clients(p, i) || !session_idles_in_transaction(p, i) ||
		    !rule_over(in, IDLE_SECONDS, asleep))
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
	.thresholds = {{"seconds", UNIT_SECONDS, 60, 60, "asleep in an open transaction for so long"}},
	.explains = "purge-lag",
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

/* The account with most sessions, and how many of them idle. */
static unsigned most_of(const struct part *p, int *row, unsigned *idle)
{
	unsigned best = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		unsigned n = 0, sleeping = 0;
		bool first = true;
		for (unsigned k = 0; k < part_rows(p) && first; k++) {
			if (strcmp(session_text(p, i, "user"), session_text(p, k, "user")) != 0 ||
			    strcmp(session_text(p, i, "host"), session_text(p, k, "host")) != 0)
				continue;
			first = k >= i;
			n++;
			sleeping += strcmp(session_text(p, k, "command"), "Sleep") == 0;
		}
		if (first && n > best && session_is_clients(p, i)) {
			best = n;
			*row = (int)i;
			*idle = sleeping;
		}
	}
	return best;
}

static enum judged connections_exhausted(struct rule_input *in, struct finding *f)
{
	struct value have = frame_value_of(in->frame, PART_STATUS, "Threads_connected");
	struct value most = frame_value_of(in->frame, PART_VARIABLES, "max_connections");
	double used = value_number(have, 0), limit = value_number(most, 0);
	if (!rule_part(in, PART_STATUS) || !rule_part(in, PART_VARIABLES))
		return JUDGED_BLIND;
	if (limit <= 0 || !rule_over(in, USED_SHARE, used / limit))
		return JUDGED_NO;
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	struct buf b = BUF_INIT;
	int row = -1;
	unsigned idle = 0, n = p ? most_of(p, &row, &idle) : 0;
	buf_addf(&b, "%.0f of %.0f connections are taken", used, limit);
	if (row >= 0) {
		struct buf account = BUF_INIT;
		session_account(p, (unsigned)row, &account);
		buf_addf(&b, ": %u by %s, %u of them idle", n, buf_str(&account), idle);
		finding_culprit(f, in->arena, SUBJECT_USER, "%s", buf_str(&account));
		finding_evidence(f, in->arena, "sessions of that account", UNIT_COUNT, value_int(n));
		finding_evidence(f, in->arena, "of them idle", UNIT_COUNT, value_int(idle));
		buf_release(&account);
	}
	finding_say(f, in->arena, used >= 0.95 * limit ? SEVERITY_CRITICAL : SEVERITY_WARNING, 1, "%s",
		    buf_str(&b));
	finding_evidence(f, in->arena, "connections", UNIT_COUNT, have);
	finding_evidence(f, in->arena, "max_connections", UNIT_COUNT, most);
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
