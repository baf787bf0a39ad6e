/*
 * Rules about who waits for whom. All go by the blocking tree: the cause is its root, which waits for
 * nobody, whatever stands between. Where the server does not show the root there are suspects.
 */
#include <string.h>

#include "base/mem.h"
#include "collect/blocking.h"
#include "collect/transactions.h"
#include "collect/xids.h"
#include "diagnose/blocktree.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"

/* --- one kind of wait ------------------------------------------------------------------------------- */

struct root {
	const struct block_node *node;
	int session;   /* its row, -1: none */
	double age;    /* of its transaction, or of what it does */
	int edge;      /* a pair of the kind that hangs right under it */
	unsigned kind; /* how many such pairs */
};

/* All that waits for one kind of lock, and who stands at the top. */
struct queue {
	const struct part *blocking, *sessions;
	const struct blocktree *tree;
	unsigned waiters; /* of the kind */
	unsigned links;   /* of them who block others */
	double longest;   /* wait */
	int edge;         /* of the longest wait; -1: none waits */
	struct root *roots, *suspects; /* the worst first */
	unsigned n_roots, n_suspects;
	bool unseen;      /* some holder is not shown */
};

static const char *kind_of(const struct part *blocking, unsigned edge)
{
	return value_cstr(part_get(blocking, edge, BLOCKING_KIND));
}

static bool is_kind(const char *kind, const char *const *kinds)
{
	for (; *kinds; kinds++)
		if (strcmp(*kinds, kind) == 0)
			return true;
	return false;
}

static struct root root_of(const struct queue *q, const struct block_row *r)
{
	struct root root = {.node = &q->tree->nodes[r->node], .session = -1, .edge = -1};
	if (root.node->session)
		root.session = part_find(q->sessions, value_int(root.node->session));
	if (root.session >= 0) {
		unsigned row = (unsigned)root.session;
		root.age = session_number(q->sessions, row, "transaction_age", -1);
		if (root.age < 0)
			root.age = session_number(q->sessions, row, "time", 0);
	}
	return root;
}

static unsigned weight(const struct root *r)
{
	return r->node->behind ? r->node->behind : r->node->suspected;
}

/* Of equals the oldest: it was there first. */
static int worst_first(const void *a, const void *b)
{
	const struct root *x = a, *y = b;
	if (weight(x) != weight(y))
		return weight(x) > weight(y) ? -1 : 1;
	if (x->age < y->age || x->age > y->age)
		return x->age > y->age ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

static void count_wait(struct queue *q, unsigned edge)
{
	double age = value_number(part_get(q->blocking, edge, BLOCKING_AGE), 0);
	if (q->edge < 0 || age > q->longest) {
		q->longest = age;
		q->edge = (int)edge;
	}
}

static void count_waiters(struct queue *q, const char *const *kinds)
{
	int64_t last = 0;
	for (unsigned i = 0; i < part_rows(q->blocking); i++) {
		int64_t waiter = value_integer(part_get(q->blocking, i, BLOCKING_WAITER), 0);
		if (!is_kind(kind_of(q->blocking, i), kinds))
			continue;
		count_wait(q, i);
		/* Pairs of one waiter stand together. */
		if (waiter == last)
			continue;
		last = waiter;
		const struct block_node *node = blocktree_session(q->tree, waiter);
		q->waiters++;
		q->links += node && node->behind > 0;
	}
}

static void find_roots(struct queue *q, const char *const *kinds)
{
	struct root *at = NULL;
	q->roots = xcalloc(q->tree->n_roots + 1, sizeof *q->roots);
	q->suspects = xcalloc(q->tree->n_roots + 1, sizeof *q->suspects);
	struct root now = {0};
	bool suspect = false;
	for (unsigned i = 0; i < q->tree->n_rows; i++) {
		const struct block_row *r = &q->tree->rows[i];
		if (!r->depth) {
			now = root_of(q, r);
			suspect = r->suspect;
			at = NULL;
		}
		if (r->depth != 1 || !is_kind(kind_of(q->blocking, (unsigned)r->edge), kinds))
			continue;
		if (now.node->unseen) {
			q->unseen = true;
			continue;
		}
		if (!at) {
			at = suspect ? &q->suspects[q->n_suspects++] : &q->roots[q->n_roots++];
			*at = now;
			at->edge = r->edge;
		}
		at->kind++;
	}
	qsort(q->roots, q->n_roots, sizeof *q->roots, worst_first);
	qsort(q->suspects, q->n_suspects, sizeof *q->suspects, worst_first);
}

/* False when it cannot be read. */
static bool queue_open(struct queue *q, struct rule_input *in, const char *const *kinds)
{
	*q = (struct queue){.edge = -1, .sessions = rule_part(in, PART_PROCESSLIST)};
	if (!q->sessions)
		return false;
	q->blocking = rule_part(in, PART_BLOCKING);
	q->tree = rule_tree(in);
	if (!q->tree)
		return false;
	count_waiters(q, kinds);
	find_roots(q, kinds);
	return true;
}

static void queue_close(struct queue *q)
{
	free(q->roots);
	free(q->suspects);
}

/* --- what is said ----------------------------------------------------------------------------------- */

static enum severity severity_of(unsigned waiters)
{
	return waiters >= 3 ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

static void tell_place(struct rule_input *in, struct finding *f, const struct queue *q, int edge)
{
	struct value table = part_get(q->blocking, (unsigned)edge, BLOCKING_TABLE);
	finding_evidence(f, in->arena, "waited for on", UNIT_NONE, table);
	finding_evidence(f, in->arena, "index", UNIT_NONE,
			 part_get(q->blocking, (unsigned)edge, BLOCKING_INDEX));
	finding_evidence(f, in->arena, "mode that is waited for", UNIT_NONE,
			 part_get(q->blocking, (unsigned)edge, BLOCKING_MODE));
	finding_evidence(f, in->arena, "longest wait", UNIT_SECONDS, value_real(q->longest));
	finding_evidence(f, in->arena, "running", UNIT_COUNT, metric_read(METRIC_RUNNING, in->frame));
	if (q->n_roots && table.type == VALUE_TEXT && strchr(value_cstr(table), '.'))
		finding_culprit(f, in->arena, SUBJECT_TABLE, "%s", value_cstr(table));
}

static void tell_session(struct rule_input *in, struct finding *f, const struct part *p, unsigned row)
{
	finding_evidence(f, in->arena, "its transaction is open for", UNIT_SECONDS,
			 part_cell(p, row, "transaction_age"));
	finding_evidence(f, in->arena, "rows it changed", UNIT_COUNT, part_cell(p, row, "rows_modified"));
	finding_evidence(f, in->arena, "its statement", UNIT_SQL, part_cell(p, row, "info"));
	finding_evidence(f, in->arena, "its last statement", UNIT_SQL,
			 part_cell(p, row, "last_statement"));
}

/* What frees the others: an idle session has no statement that could be ended. */
static void tell_step(struct rule_input *in, struct finding *f, const struct part *p, unsigned row)
{
	bool idle = strcmp(session_text(p, row, "command"), "Sleep") == 0;
	if (session_is_clients(p, row))
		finding_step(f, in->arena, idle ? STEP_KILL_CONNECTION : STEP_KILL_QUERY, "%lld",
			     (long long)session_id(p, row));
}

static void tell_root(struct rule_input *in, struct finding *f, const struct queue *q,
		      const struct root *root)
{
	struct buf b = BUF_INIT;
	unsigned behind = root->node->behind;
	if (root->session >= 0)
		session_describe(q->sessions, (unsigned)root->session, &b);
	else
		buf_adds(&b, "it has just ended");
	finding_say(f, in->arena, severity_of(behind), 1, "%u session%s wait%s behind %lld: %s", behind,
		    behind == 1 ? "" : "s", behind == 1 ? "s" : "", (long long)root->node->session,
		    buf_str(&b));
	f->waiters = behind;
	buf_release(&b);
}

/* The holders that the server shows; all of them have to go, the worst leads. */
static void tell_roots(struct rule_input *in, struct finding *f, const struct queue *q)
{
	const struct root *first = &q->roots[0];
	tell_root(in, f, q, first);
	for (unsigned i = 0; i < q->n_roots; i++)
		if (q->roots[i].node->session)
			finding_culprit(f, in->arena, SUBJECT_SESSION, "%lld",
					(long long)q->roots[i].node->session);
	finding_evidence(f, in->arena, "sessions behind it", UNIT_COUNT, value_int(first->node->behind));
	if (first->session >= 0)
		tell_session(in, f, q->sessions, (unsigned)first->session);
	tell_place(in, f, q, first->edge);
	if (first->session >= 0)
		tell_step(in, f, q->sessions, (unsigned)first->session);
}

/* Nobody is accused: those who could, and what would show it. */
static void tell_suspects(struct rule_input *in, struct finding *f, const struct queue *q)
{
	const char *kind = kind_of(q->blocking, (unsigned)q->edge);
	const char *table = value_cstr(part_get(q->blocking, (unsigned)q->edge, BLOCKING_TABLE));
	const char *why = part_absent_reason(q->blocking, BLOCKING_BLOCKER);
	struct buf b = BUF_INIT;
	buf_addf(&b, "%u session%s wait%s for a %s%s%s; who holds it is not shown", q->waiters,
		 q->waiters == 1 ? "" : "s", q->waiters == 1 ? "s" : "", kind, *table ? " on " : "", table);
	if (q->n_suspects)
		buf_addf(&b, ", %u could: %lld%s", q->n_suspects,
			 (long long)q->suspects[0].node->session, q->n_suspects > 1 ? " …" : "");
	finding_say(f, in->arena, severity_of(q->waiters), q->n_suspects == 1 ? 0.7 : 0.5, "%s",
		    buf_str(&b));
	f->waiters = q->waiters;
	buf_release(&b);
	for (unsigned i = 0; i < q->n_suspects; i++)
		finding_suspect(f, in->arena, SUBJECT_SESSION, "%lld",
				(long long)q->suspects[i].node->session);
	finding_evidence(f, in->arena, "sessions that wait", UNIT_COUNT, value_int(q->waiters));
	tell_place(in, f, q, q->edge);
	if (q->n_suspects && q->suspects[0].session >= 0)
		tell_session(in, f, q->sessions, (unsigned)q->suspects[0].session);
	if (why)
		finding_step(f, in->arena, STEP_CONFIG, "to see who holds it: %s", why);
	finding_step(f, in->arena, STEP_LOOK, "at the suspects, before one of them is ended");
}

static enum judged tell(struct rule_input *in, struct finding *f, const struct queue *q)
{
	if (q->n_roots)
		tell_roots(in, f, q);
	else
		tell_suspects(in, f, q);
	return JUDGED_YES;
}

/* --- rows --------------------------------------------------------------------------------------------- */

/* Busy servers have waits that last for milliseconds all the time. */
enum { WAITERS, SECONDS };

static bool is_pile(const struct rule_input *in, const struct queue *q, unsigned n)
{
	return rule_over(in, WAITERS, n) && rule_over(in, SECONDS, q->longest);
}

static const char *const row_kinds[] = {"row lock", NULL};

/* A prepared transaction is another incident: nobody's session can be ended. */
static void without_prepared(struct queue *q)
{
	unsigned n = 0;
	for (unsigned i = 0; i < q->n_roots; i++)
		if (!q->roots[i].node->trx)
			q->roots[n++] = q->roots[i];
	q->n_roots = n;
}

static enum judged row_lock_pileup(struct rule_input *in, struct finding *f)
{
	struct queue q;
	enum judged j = JUDGED_NO;
	if (!queue_open(&q, in, row_kinds))
		return JUDGED_BLIND;
	without_prepared(&q);
	/* What is waited for by somebody further down belongs to whoever is at the top; pairs that are not
	   read yet come with the next reading. */
	bool known = q.n_roots || q.n_suspects;
	if (known && is_pile(in, &q, q.waiters))
		j = tell(in, f, &q);
	queue_close(&q);
	return j;
}

static enum judged lock_chain(struct rule_input *in, struct finding *f)
{
	struct queue q;
	enum judged j = JUDGED_NO;
	if (!queue_open(&q, in, row_kinds))
		return JUDGED_BLIND;
	without_prepared(&q);
	if (q.n_roots && is_pile(in, &q, q.links)) {
		tell_roots(in, f, &q);
		finding_evidence(f, in->arena, "links between root and victims", UNIT_COUNT,
				 value_int(q.links));
		f->severity = SEVERITY_NOTICE;
		j = JUDGED_YES;
	}
	queue_close(&q);
	return j;
}

/* --- metadata, tables, names -------------------------------------------------------------------------- */

/* A holder that is not shown: by no reading, or not by the last one, which may be older than the wait. */
static bool is_hidden(const struct queue *q)
{
	enum { TIME_TO_READ = 10 };
	return q->unseen && (part_absent_reason(q->blocking, BLOCKING_BLOCKER) || q->longest >= TIME_TO_READ);
}

static enum judged pile_of(struct rule_input *in, struct finding *f, const char *const *kinds)
{
	struct queue q;
	enum judged j = JUDGED_NO;
	if (!queue_open(&q, in, kinds))
		return JUDGED_BLIND;
	if ((q.n_roots || q.n_suspects || is_hidden(&q)) && is_pile(in, &q, q.waiters))
		j = tell(in, f, &q);
	queue_close(&q);
	return j;
}

static enum judged mdl_pileup(struct rule_input *in, struct finding *f)
{
	static const char *const kinds[] = {"metadata lock", NULL};
	enum judged j = pile_of(in, f, kinds);
	if (j == JUDGED_YES)
		finding_step(f, in->arena, STEP_LOOK, "or cancel the statement at the head of the queue");
	return j;
}

static enum judged table_lock(struct rule_input *in, struct finding *f)
{
	static const char *const kinds[] = {"table lock", NULL};
	return pile_of(in, f, kinds);
}

/* To wait for a name is what such locks are for: a queue is worth a look, a long one a warning. */
static enum judged user_lock(struct rule_input *in, struct finding *f)
{
	static const char *const kinds[] = {"user lock", NULL};
	enum judged j = pile_of(in, f, kinds);
	f->severity = f->severity == SEVERITY_CRITICAL ? SEVERITY_WARNING : SEVERITY_NOTICE;
	return j;
}

static enum judged global_read_lock(struct rule_input *in, struct finding *f)
{
	static const char *const kinds[] = {"global read lock", "backup lock", NULL};
	return pile_of(in, f, kinds);
}

/* --- prepared transactions ---------------------------------------------------------------------------- */

enum { ORPHAN_SECONDS };

/* What is known of prepared transactions without session. */
struct orphans {
	const struct part *trx, *blocking, *xids;
	unsigned n, unnamed;
	unsigned behind; /* sessions that wait for any of them */
	double oldest;
};

static unsigned behind_orphans(const struct part *blocking)
{
	struct blocktree tree;
	unsigned behind = 0;
	blocktree_of(&tree, blocking);
	for (unsigned i = 0; i < tree.n_nodes; i++)
		if (tree.nodes[i].trx)
			behind += tree.nodes[i].behind;
	blocktree_release(&tree);
	return behind;
}

static bool is_waited_for(const struct part *blocking, struct value trx)
{
	for (unsigned i = 0; i < part_rows(blocking); i++)
		if (value_equal(part_get(blocking, i, BLOCKING_BLOCKER_TRX), trx))
			return true;
	return false;
}

static bool xid_is_taken(const struct orphans *o, struct value xid)
{
	for (unsigned i = 0; i < part_rows(o->trx); i++)
		if (value_equal(part_get(o->trx, i, TRANSACTION_XID), xid))
			return true;
	return false;
}

/* Those that are old, or that somebody waits for; `waited` tells which of the two. */
static void name_orphans(struct rule_input *in, struct finding *f, struct orphans *o, bool waited)
{
	for (unsigned i = 0; i < part_rows(o->trx); i++) {
		double age = value_number(part_get(o->trx, i, TRANSACTION_AGE), 0);
		struct value id = part_get(o->trx, i, TRANSACTION_ID);
		struct value xid = part_get(o->trx, i, TRANSACTION_XID);
		if (!transaction_is_orphan(o->trx, i) || is_waited_for(o->blocking, id) != waited ||
		    (!waited && !rule_over(in, ORPHAN_SECONDS, age)))
			continue;
		o->n++;
		o->oldest = age > o->oldest ? age : o->oldest;
		if (xid.type == VALUE_TEXT)
			finding_culprit(f, in->arena, SUBJECT_TRANSACTION, "%s", value_cstr(xid));
		else
			o->unnamed++;
	}
}

/* Several that were there before fathom: whose is which is not known. Are there as many xids as transactions
   without session, all of them are such. */
static void name_the_others(struct rule_input *in, struct finding *f, const struct orphans *o)
{
	unsigned left = 0, unnamed = 0;
	bool readable = o->xids && part_status(o->xids) == PART_OK;
	for (unsigned i = 0; readable && i < part_rows(o->xids); i++)
		left += !xid_is_taken(o, part_get(o->xids, i, XID_XID));
	for (unsigned i = 0; i < part_rows(o->trx); i++)
		unnamed += transaction_is_orphan(o->trx, i) &&
			   part_get(o->trx, i, TRANSACTION_XID).type == VALUE_ABSENT;
	bool all = left == unnamed && o->unnamed == unnamed;
	for (unsigned i = 0; left && i < part_rows(o->xids); i++) {
		struct value xid = part_get(o->xids, i, XID_XID);
		if (!xid_is_taken(o, xid))
			(all ? finding_culprit : finding_suspect)(f, in->arena, SUBJECT_TRANSACTION, "%s",
								  value_cstr(xid));
	}
	if (left)
		return;
	for (unsigned i = 0; i < part_rows(o->trx); i++)
		if (transaction_is_orphan(o->trx, i))
			finding_culprit(f, in->arena, SUBJECT_TRANSACTION, "%lld",
					(long long)value_integer(part_get(o->trx, i, TRANSACTION_ID), 0));
	if (o->xids && !readable && part_reason(o->xids))
		finding_step(f, in->arena, STEP_CONFIG, "to see its xid: %s", part_reason(o->xids));
}

static void say_orphans(struct rule_input *in, struct finding *f, const struct orphans *o)
{
	enum severity severity = o->behind ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	const char *locks = o->behind ? " and holds locks that others wait for" : "";
	struct buf sql = BUF_INIT;
	if (f->n_culprits) {
		finding_say(f, in->arena, severity, 1, "prepared XA transaction %s has no session%s",
			    f->culprits[0].id, locks);
		xid_sql(&sql, f->culprits[0].id);
	} else {
		finding_say(f, in->arena, severity, 0.7,
			    "a prepared XA transaction has no session%s; one of %u, which one is not shown", locks,
			    f->n_suspects);
		buf_adds(&sql, "that xid");
	}
	finding_evidence(f, in->arena, "prepared transactions without session", UNIT_COUNT, value_int(o->n));
	finding_evidence(f, in->arena, "sessions behind it", UNIT_COUNT, value_int(o->behind));
	finding_evidence(f, in->arena, "oldest is open for", UNIT_SECONDS, value_real(o->oldest));
	finding_step(f, in->arena, STEP_SQL, "XA RECOVER");
	finding_step(f, in->arena, STEP_LOOK, "ask the coordinator: XA COMMIT or XA ROLLBACK of %s", buf_str(&sql));
	buf_release(&sql);
}

static enum judged xa_orphan(struct rule_input *in, struct finding *f)
{
	struct orphans o = {.trx = rule_part(in, PART_TRANSACTIONS)};
	o.blocking = o.trx ? rule_part(in, PART_BLOCKING) : NULL;
	if (!o.blocking)
		return JUDGED_BLIND;
	o.xids = in->frame->now->parts[PART_XIDS];
	o.behind = behind_orphans(o.blocking);
	name_orphans(in, f, &o, true);
	name_orphans(in, f, &o, false);
	if (!o.n)
		return JUDGED_NO;
	if (o.unnamed)
		name_the_others(in, f, &o);
	say_orphans(in, f, &o);
	return JUDGED_YES;
}

/* --- the rows ------------------------------------------------------------------------------------- */

#define LOCK_NEEDS \
	(PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_TRANSACTIONS) | PART_BIT(PART_BLOCKING))
#define LONGEST {"seconds", UNIT_SECONDS, 1, 0, "the longest of these waits"}
#define LOAD "thread-storm connections-exhausted =replica-lag"

const struct rule row_lock_pileup_rule = {
	.id = "row-lock-pileup",
	.title = "Sessions queue for row locks",
	.needs = LOCK_NEEDS,
	.linger = 1.5,
	.thresholds = {{"waiters", UNIT_COUNT, 1, 1, "sessions that wait for a row lock"},
		       LONGEST},
	.explains = "lock-chain " LOAD " host-cpu",
	.explanation = "The session named waits for nobody, but others wait for rows that it has locked, "
		       "directly or in a chain. If it is idle in a transaction it will not let go by itself.",
	.right = "Look what a rollback would cost. Then end the culprit: its connection if it idles, its "
		 "statement if it runs; all behind it go free.",
	.wrong = "Ending the waiters, or a session in the middle of the chain: others take their place.",
	.reference = "InnoDB locking; INNODB_TRX, data_lock_waits",
	.judge = row_lock_pileup,
};

const struct rule lock_chain_rule = {
	.id = "lock-chain",
	.title = "Blocked sessions block others in turn",
	.needs = LOCK_NEEDS,
	.linger = 1.5,
	.thresholds = {{"links", UNIT_COUNT, 1, 1, "sessions that wait and block others"}, LONGEST},
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
	.thresholds = {{"waiters", UNIT_COUNT, 1, 1, "sessions that wait for a metadata lock"},
		       LONGEST},
	.explains = "lock-chain " LOAD,
	.explanation = "A statement wants a table for itself, mostly DDL; it waits for a transaction that has "
		       "used the table, and all that come later wait behind it, even plain reads.",
	.right = "End the holder that is named; or cancel the DDL, which frees the queue at once.",
	.wrong = "Ending the queued reads: the next ones queue again.",
	.reference = "Metadata locking",
	.judge = mdl_pileup,
};

const struct rule global_read_lock_rule = {
	.id = "global-read-lock",
	.title = "A global or backup lock stops writes",
	.needs = LOCK_NEEDS,
	.linger = 1.5,
	.thresholds = {{"waiters", UNIT_COUNT, 1, 1, "sessions that wait for a global or backup lock"},
		       LONGEST},
	.explains = LOAD " backup-running", /* seen as its lock */
	.explanation = "A session took FLUSH TABLES WITH READ LOCK, LOCK INSTANCE FOR BACKUP or a BACKUP STAGE, "
		       "mostly a backup tool. Until it lets go, what writes (or changes tables) waits.",
	.right = "Ask whose backup it is; wait until it lets go, or cancel the backup.",
	.wrong = "Restarting the server: the lock would have gone with that one session.",
	.reference = "FLUSH TABLES WITH READ LOCK; LOCK INSTANCE FOR BACKUP; BACKUP STAGE",
	.judge = global_read_lock,
};

const struct rule table_lock_rule = {
	.id = "table-lock",
	.title = "Sessions wait for LOCK TABLES",
	.needs = LOCK_NEEDS,
	.linger = 1.5,
	.thresholds = {{"waiters", UNIT_COUNT, 1, 1, "sessions that wait for a locked table"},
		       LONGEST},
	.explains = LOAD,
	.explanation = "A session locked a whole table with LOCK TABLES and keeps it until UNLOCK TABLES or its "
		       "end; tables without row locks are locked by each statement that changes them.",
	.right = "End the holder's connection, or its statement while one runs.",
	.reference = "LOCK TABLES",
	.judge = table_lock,
};

const struct rule user_lock_rule = {
	.id = "user-lock",
	.title = "Sessions wait for a lock of GET_LOCK",
	.needs = LOCK_NEEDS,
	.linger = 1.5,
	.thresholds = {{"waiters", UNIT_COUNT, 1, 1, "sessions that wait for a user lock"},
		       LONGEST},
	.explains = LOAD,
	.explanation = "An application's own lock, by name. Whoever has it keeps it until RELEASE_LOCK or the "
		       "end of its session, beyond the end of its transactions.",
	.right = "Look what the holder is doing: a job that works is meant to keep others out. End its "
		 "connection when it was left behind.",
	.reference = "GET_LOCK",
	.judge = user_lock,
};

const struct rule xa_orphan_rule = {
	.id = "xa-orphan",
	.title = "A prepared XA transaction has no session",
	.needs = LOCK_NEEDS | PART_BIT(PART_XIDS),
	.linger = 1.5,
	.thresholds = {{"seconds", UNIT_SECONDS, 60, 60, "open for so long, though nobody waits for it"}},
	.explains = LOAD,
	.explanation = "It was prepared for two-phase commit, and its session went. It keeps its locks, even "
		       "across a restart, until somebody commits it or rolls it back by its xid.",
	.right = "Ask the coordinator what it decided; then XA COMMIT or XA ROLLBACK with the xid that XA "
		 "RECOVER shows.",
	.wrong = "Killing sessions: it has none. Rolling back what the coordinator committed elsewhere.",
	.reference = "XA transactions; XA RECOVER",
	.judge = xa_orphan,
};
