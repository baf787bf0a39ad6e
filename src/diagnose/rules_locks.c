/* Rules about who waits for whom. The root of a pile is who waits for nobody while others wait for it. */
#include <string.h>

#include "base/mem.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"

struct pile {
	unsigned waiters;   /* that wait for this kind of lock, in all */
	unsigned links;     /* of them who block others themselves */
	int root;           /* row of the root with most behind it, or -1 */
	int64_t behind;
	unsigned roots;
};

/* Follows blocked_by to who waits for nobody; -1: it ends in the dark, or in a circle. */
static int root_of(const struct part *p, unsigned row)
{
	for (unsigned steps = 0; steps <= part_rows(p); steps++) {
		struct value by = part_cell(p, row, "blocked_by");
		if (by.type == VALUE_ABSENT)
			return session_waits(p, row) ? -1 : (int)row;
		int next = part_find(p, by);
		if (next < 0)
			return -1;
		row = (unsigned)next;
	}
	return -1;
}

static struct pile find_pile(const struct part *p, const char *lock)
{
	struct pile pile = {.root = -1};
	for (unsigned i = 0; i < part_rows(p); i++) {
		if (!session_waits(p, i) || strcmp(session_text(p, i, "wait"), lock) != 0)
			continue;
		pile.waiters++;
		pile.links += session_number(p, i, "blocks", 0) > 0;
		int root = root_of(p, i);
		int64_t behind = root < 0 ? 0 : (int64_t)session_number(p, (unsigned)root, "blocks", 0);
		if (behind > pile.behind) {
			pile.behind = behind;
			pile.root = root;
		}
	}
	return pile;
}

static void tell_pile(struct rule_input *in, struct finding *f, const struct part *p,
		      const struct pile *pile)
{
	unsigned root = (unsigned)pile->root;
	struct buf b = BUF_INIT;
	session_describe(p, root, &b);
	finding_say(f, in->arena, pile->behind >= 3 ? SEVERITY_CRITICAL : SEVERITY_WARNING, 1,
		    "%lld session%s wait%s behind %lld: %s", (long long)pile->behind,
		    pile->behind == 1 ? "" : "s", pile->behind == 1 ? "s" : "",
		    (long long)session_id(p, root), buf_str(&b));
	buf_release(&b);
	finding_culprit(f, in->arena, SUBJECT_SESSION, "%lld", (long long)session_id(p, root));
	finding_evidence(f, in->arena, "sessions behind it", UNIT_COUNT, value_int(pile->behind));
	finding_evidence(f, in->arena, "its transaction is open for", UNIT_SECONDS,
			 part_cell(p, root, "transaction_age"));
	finding_evidence(f, in->arena, "rows it changed", UNIT_COUNT, part_cell(p, root, "rows_modified"));
	finding_evidence(f, in->arena, "its statement", UNIT_SQL, part_cell(p, root, "info"));
	finding_evidence(f, in->arena, "its last statement", UNIT_SQL,
			 part_cell(p, root, "last_statement"));
	for (unsigned i = 0; i < part_rows(p); i++)
		if (part_cell(p, i, "blocked_by").type == VALUE_INT &&
		    part_cell(p, i, "blocked_by").i == session_id(p, root)) {
			finding_evidence(f, in->arena, "waited for on", UNIT_NONE,
					 part_cell(p, i, "lock_table"));
			if (*session_text(p, i, "lock_table"))
				finding_culprit(f, in->arena, SUBJECT_TABLE, "%s",
						session_text(p, i, "lock_table"));
			break;
		}
	bool idle = session_idles_in_transaction(p, root);
	finding_step(f, in->arena, idle ? STEP_KILL_CONNECTION : STEP_KILL_QUERY, "%lld",
		     (long long)session_id(p, root));
}

enum { WAITERS };

static enum judged row_lock_pileup(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	struct pile pile = find_pile(p, "row lock");
	if (pile.root < 0 || !rule_over(in, WAITERS, pile.waiters))
		return JUDGED_NO;
	tell_pile(in, f, p, &pile);
	return JUDGED_YES;
}

static enum judged lock_chain(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	struct pile pile = find_pile(p, "row lock");
	if (pile.root < 0 || pile.links < 1)
		return JUDGED_NO;
	tell_pile(in, f, p, &pile);
	finding_evidence(f, in->arena, "links between root and victims", UNIT_COUNT,
			 value_int(pile.links));
	f->severity = SEVERITY_NOTICE;
	return JUDGED_YES;
}

static enum judged mdl_pileup(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	if (!p)
		return JUDGED_BLIND;
	struct pile pile = find_pile(p, "metadata lock");
	if (pile.root < 0 || !rule_over(in, WAITERS, pile.waiters))
		return JUDGED_NO;
	tell_pile(in, f, p, &pile);
	return JUDGED_YES;
}

#define LOCK_NEEDS (PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_TRANSACTIONS))

const struct rule row_lock_pileup_rule = {
	.id = "row-lock-pileup",
	.title = "Sessions queue for row locks",
	.needs = LOCK_NEEDS,
	.linger = 1.5,
	.thresholds = {{"waiters", UNIT_COUNT, 1, 1, "sessions that wait for a row lock"}},
	.explains = "lock-chain thread-storm connections-exhausted host-cpu",
	.explanation = "The session named waits for nobody, but others wait for rows that it has locked, "
		       "directly or in a chain. If it is idle in a transaction it will not let go by itself.",
	.right = "Look what a rollback would cost. Then end the connection of the root if it idles, its "
		 "statement if it runs; all behind it go free.",
	.wrong = "Ending the waiters, or a session in the middle of the chain: others take their place.",
	.reference = "InnoDB locking; INNODB_TRX, data_lock_waits",
	.judge = row_lock_pileup,
};

const struct rule lock_chain_rule = {
	.id = "lock-chain",
	.title = "Who waits is waited for in turn",
	.needs = LOCK_NEEDS,
	.linger = 1.5,
	.explanation = "Between the root and its victims stand sessions that wait themselves. The one with "
		       "most direct waiters need not be the cause; the root is.",
	.right = "End the root, not a link.",
	.wrong = "Ending the session with most direct waiters: whoever it waits for still holds the rest.",
	.reference = "InnoDB locking",
	.judge = lock_chain,
};

const struct rule mdl_pileup_rule = {
	.id = "mdl-pileup",
	.title = "Sessions queue for a metadata lock",
	.needs = LOCK_NEEDS,
	.linger = 1.5,
	.thresholds = {{"waiters", UNIT_COUNT, 1, 1, "sessions that wait for a metadata lock"}},
	.explains = "thread-storm connections-exhausted",
	.explanation = "A statement wants a table for itself, mostly DDL; it waits for a transaction that has "
		       "used the table, and all that come later wait behind it, even plain reads.",
	.right = "End the holder that is named; or cancel the DDL, which frees the queue at once.",
	.wrong = "Ending the queued reads: the next ones queue again.",
	.reference = "Metadata locking",
	.judge = mdl_pileup,
};
