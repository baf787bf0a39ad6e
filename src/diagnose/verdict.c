#include "diagnose/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "collect/collector.h"
#include "diagnose/replication.h"
#include "diagnose/rule.h"
#include "diagnose/sessions.h"

/* One row of the table of truths: the first that applies is the verdict. */
typedef bool truth_fn(struct verdict *v, const struct frame *f, const char *name, int64_t now);

static const struct part *readable(const struct frame *f, enum part_id id)
{
	const struct part *p = f->now ? f->now->parts[id] : NULL;
	return p && (part_status(p) == PART_OK || part_status(p) == PART_STALE) ? p : NULL;
}

static bool starting(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)now;
	if (f->now && (f->now->link != LINK_IDLE && f->now->link != LINK_CONNECTING))
		return false;
	if (f->now && f->now->err.kind != ERR_NONE)
		return false; /* a further attempt: what failed before still is the news */
	v->severity = SEVERITY_NOTICE;
	v->id = "connecting";
	buf_addf(&v->text, "connecting to %s", name);
	if (f->now && f->now->err.why[0])
		buf_addf(&v->text, " · %s", f->now->err.why);
	buf_adds(&v->why, "Nothing was read yet. Name look-up, TCP, TLS and login take their turns; "
			  "`fathom check` shows them one by one.\n");
	return true;
}

static void add_retry(struct verdict *v, const struct snapshot *s, int64_t now)
{
	if (s->link == LINK_CONNECTING)
		buf_adds(&v->text, " · trying again");
	else if (s->retry_at > now)
		buf_addf(&v->text, " · next attempt in %.0f s",
			 (double)(s->retry_at - now) / (double)NS_PER_S + 0.5);
}

static bool too_many(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	const struct snapshot *s = f->now;
	if (s->link == LINK_LIVE || s->err.kind != ERR_TOO_MANY)
		return false;
	v->severity = SEVERITY_CRITICAL;
	v->id = "too-many-connections";
	buf_addf(&v->text, "%s refuses: too many connections", name);
	add_retry(v, s, now);
	err_format(&s->err, &v->why);
	buf_adds(&v->why, "\nAll max_connections are taken, often by idle sessions of one client. An "
			  "admin or extra port (admin-port in the configuration) still lets one in.\n");
	return true;
}

static bool not_connected(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	const struct snapshot *s = f->now;
	if (s->link == LINK_LIVE || s->link == LINK_STALLED)
		return false;
	v->severity = SEVERITY_CRITICAL;
	v->id = "not-connected";
	buf_addf(&v->text, "not connected to %s: %s", name, s->err.why[0] ? s->err.why : s->err.what);
	add_retry(v, s, now);
	err_format(&s->err, &v->why);
	buf_addc(&v->why, '\n');
	return true;
}

/* When the server said anything last; its host and fathom itself go on meanwhile. */
static int64_t last_answer(const struct snapshot *s)
{
	int64_t newest = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (s->parts[i] && collector_for((enum part_id)i) && !part_of_host((enum part_id)i) &&
		    part_read_mono(s->parts[i]) > newest)
			newest = part_read_mono(s->parts[i]);
	return newest;
}

static bool stalled(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	const struct snapshot *s = f->now;
	if (s->link != LINK_STALLED)
		return false;
	v->severity = SEVERITY_CRITICAL;
	v->id = "no-answer";
	int64_t newest = last_answer(s);
	buf_addf(&v->text, "%s does not answer", name);
	if (newest) {
		buf_adds(&v->text, ": what you see is ");
		add_duration(&v->text, (double)(now - newest) / (double)NS_PER_S);
		buf_adds(&v->text, " old");
	}
	buf_adds(&v->why, "A statement is overdue. The connection is there, but the server is frozen, "
			  "overloaded, or the network swallows packets.\n");
	return true;
}

struct pile {
	unsigned waiters; /* sessions that wait for another, in all */
	int root;         /* row of the root blocker with most behind it, or -1 */
	int64_t behind;   /* behind that root */
	unsigned roots;
	int orphan;       /* a waiter whose blocker cannot be seen, or -1 */
};

static struct pile find_pile(const struct part *p)
{
	struct pile pile = {.root = -1, .orphan = -1};
	for (unsigned i = 0; i < part_rows(p); i++) {
		int64_t blocks = value_integer(part_cell(p, i, "blocks"), 0);
		bool waiting = session_waits(p, i);
		pile.waiters += waiting;
		if (waiting && part_cell(p, i, "blocked_by").type == VALUE_ABSENT && pile.orphan < 0)
			pile.orphan = (int)i;
		if (blocks <= 0 || waiting)
			continue;
		pile.roots++;
		if (blocks > pile.behind) {
			pile.behind = blocks;
			pile.root = (int)i;
		}
	}
	return pile;
}

static void add_root(struct verdict *v, const struct part *p, unsigned row)
{
	buf_adds(&v->text, ": ");
	session_describe(p, row, &v->text);
}

/* The worst of what the rules concluded; what is only to be noticed does not take the line. */
static bool found(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)name;
	(void)now;
	const struct part *p = f->now->parts[PART_FINDINGS];
	struct arena a = {0};
	struct finding worst;
	if (!p || !part_rows(p) || !finding_read(&worst, &a, p, 0))
		return false;
	/* A cause leads what it explains, and may be the lesser evil by itself. */
	for (unsigned i = 1; i < part_rows(p); i++) {
		struct finding other;
		if (finding_read(&other, &a, p, i) && other.severity > worst.severity)
			worst = other;
	}
	if (worst.severity < SEVERITY_WARNING) {
		arena_release(&a);
		return false;
	}
	const struct rule *r = rule_by_id(worst.id);
	v->severity = worst.severity;
	v->id = r ? r->id : "finding";
	buf_adds(&v->text, worst.text);
	struct advice advice[FINDING_ADVICE];
	unsigned n = finding_advice(&worst, advice);
	for (unsigned i = 0; i < n; i++)
		buf_addf(&v->why, "%s%s%s\n", i ? advice[i].title : "", i ? ": " : "", advice[i].text);
	for (unsigned i = 0; i < worst.n_culprits && !v->session; i++)
		if (worst.culprits[i].kind == SUBJECT_SESSION)
			v->session = strtoll(worst.culprits[i].id, NULL, 10);
	v->culprit = worst.n_culprits || worst.n_suspects;
	arena_release(&a);
	return true;
}

static bool waiting(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)name;
	(void)now;
	const struct part *p = readable(f, PART_PROCESSLIST);
	if (!p)
		return false;
	struct pile pile = find_pile(p);
	if (!pile.waiters)
		return false;
	v->severity = pile.waiters >= 3 ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	v->id = "waiting";
	if (pile.root >= 0) {
		v->session = value_integer(part_cell(p, (unsigned)pile.root, "id"), 0);
		buf_addf(&v->text, "%lld session%s wait%s behind %lld", (long long)pile.behind,
			 pile.behind == 1 ? "" : "s", pile.behind == 1 ? "s" : "",
			 (long long)v->session);
		add_root(v, p, (unsigned)pile.root);
		if (pile.roots > 1)
			buf_addf(&v->text, " · and %u more such", pile.roots - 1);
		buf_adds(&v->why, "The session named waits for nobody, but others wait for locks that it "
				  "holds, directly or in a chain. Ending a session in the middle of the chain "
				  "frees nothing. If it is idle in a transaction, ending its connection rolls "
				  "that transaction back and frees them all.\n");
		return true;
	}
	if (pile.orphan < 0)
		pile.orphan = 0;
	v->session = value_integer(part_cell(p, (unsigned)pile.orphan, "id"), 0);
	buf_addf(&v->text, "%u session%s wait%s for a lock whose holder cannot be seen", pile.waiters,
		 pile.waiters == 1 ? "" : "s", pile.waiters == 1 ? "s" : "");
	int field = schema_field(part_schema(p), "blocked_by");
	const char *reason = field < 0 ? NULL : part_absent_reason(p, (unsigned)field);
	buf_addf(&v->why, "%s\n", reason ? reason : "They may wait for each other, or for a session "
						    "that ended just now.");
	return true;
}

static bool nearly_full(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)name;
	(void)now;
	struct value have = frame_value_of(f, PART_STATUS, "Threads_connected");
	struct value most = frame_value_of(f, PART_VARIABLES, "max_connections");
	double used = value_number(have, 0), limit = value_number(most, 0);
	if (limit <= 0 || used < 0.85 * limit)
		return false;
	v->severity = used >= 0.95 * limit ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	v->id = "connections-nearly-full";
	buf_addf(&v->text, "connections nearly full: %.0f of %.0f", used, limit);
	buf_adds(&v->why, "At max_connections further clients are refused with error 1040. Group the "
			  "sessions by user or host to see who holds most, and how many of them idle.\n");
	return true;
}

/* Broken is critical, however small the lag was; stopped too, for nobody may have meant it to last. */
static bool replication(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)name;
	(void)now;
	struct replication_channel c;
	bool any;
	enum replication_health health = replication_worst(f, &c, &any);
	double over = any ? value_number(c.lag, 0) - c.delay : 0;
	if (health < REPLICATION_CONNECTING && !(health == REPLICATION_BEHIND && over >= 60))
		return false;
	v->severity = health == REPLICATION_BEHIND || health == REPLICATION_CONNECTING ? SEVERITY_WARNING
										       : SEVERITY_CRITICAL;
	v->id = health == REPLICATION_BEHIND ? "replication-lag" : "replication-not-running";
	buf_adds(&v->text, "replica of ");
	replication_channel_title(&c, &v->text);
	buf_adds(&v->text, ": ");
	replication_channel_words(&c, NULL, &v->text);
	if (c.error) {
		struct replication_place place = replication_channel_place(&c, f);
		replication_error_fill(&v->why, c.error->means, &place);
		buf_addf(&v->why, "\nThe server says: %s\n", c.detail ? c.detail : c.text);
	}
	buf_adds(&v->why, "The replication panel (5) shows each channel, and for known errors the safe ways out.\n");
	return true;
}

static bool blind(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)name;
	(void)now;
	static const enum part_id needed[] = {PART_PROCESSLIST, PART_TRANSACTIONS, PART_STATUS};
	for (unsigned i = 0; i < sizeof needed / sizeof *needed; i++) {
		const struct part *p = f->now->parts[needed[i]];
		if (!p || part_status(p) != PART_DENIED)
			continue;
		v->severity = SEVERITY_NOTICE;
		v->id = "cannot-see";
		buf_addf(&v->text, "cannot see %s: %s", part_name(needed[i]),
			 part_reason(p) ? part_reason(p) : "not allowed");
		buf_adds(&v->why, "This account may not read it. `fathom check` prints the one statement "
				  "that grants what is missing.\n");
		return true;
	}
	return false;
}

static bool nothing_read(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)name;
	(void)now;
	if (readable(f, PART_PROCESSLIST))
		return false;
	const struct part *p = f->now->parts[PART_PROCESSLIST];
	v->severity = SEVERITY_NOTICE;
	v->id = p ? "cannot-see" : "reading";
	if (p)
		buf_addf(&v->text, "cannot see the sessions: %s",
			 part_reason(p) ? part_reason(p) : part_status_name(part_status(p)));
	else
		buf_adds(&v->text, "reading the sessions");
	buf_adds(&v->why, p ? "`fathom check` prints the statement that grants what is missing.\n"
			    : "The first sample is on its way.\n");
	return true;
}

/* The way to the host waits for a person, or is shut. */
static bool host_unread(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)name;
	(void)now;
	const struct host_link *h = &f->now->host;
	if (h->state != LINK_DOWN || !h->note)
		return false;
	bool asks = h->note->question.kind != QUESTION_NONE;
	/* a host that is not the one it should be */
	v->severity = h->note->err.kind == ERR_TLS ? SEVERITY_WARNING : SEVERITY_NOTICE;
	v->id = asks ? "host-asks" : "host-not-read";
	buf_addf(&v->text, asks ? "the host waits for an answer: %s" : "the host is not read: %s",
		 asks ? h->note->question.text : h->note->err.why);
	err_format(&h->note->err, &v->why);
	buf_adds(&v->why, asks ? "\nThe command answer-host asks again; until then nothing is read there.\n"
			       : "\nThe server itself is read all the same.\n");
	return true;
}

static bool quiet(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	(void)name;
	(void)now;
	v->severity = SEVERITY_OK;
	v->id = "quiet";
	buf_adds(&v->text, "no session waits for another");
	const struct part *p = readable(f, PART_PROCESSLIST);
	unsigned running = 0;
	for (unsigned i = 0; p && i < part_rows(p); i++)
		running += session_runs(p, i);
	if (running)
		buf_addf(&v->text, " · %u running", running);
	else if (p)
		buf_adds(&v->text, " · nobody runs anything");
	buf_adds(&v->why, "No session was seen that waits for a row or metadata lock, connections are not "
			  "nearly full, and no replication channel is stopped, broken or a minute behind. "
			  "That is all this line looks at.\n");
	return true;
}

static bool tell(truth_fn *truth, struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	buf_clear(&v->text);
	buf_clear(&v->why);
	v->session = 0;
	v->culprit = false;
	return truth(v, f, name, now);
}

/* Of what is wrong with a server that answers: the most severe, the first of equals. */
static bool worst_trouble(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	static truth_fn *const troubles[] = {found, waiting, nearly_full, replication};
	truth_fn *worst = NULL;
	enum severity severity = SEVERITY_OK;
	for (unsigned i = 0; i < sizeof troubles / sizeof *troubles; i++)
		if (tell(troubles[i], v, f, name, now) && (!worst || v->severity > severity)) {
			worst = troubles[i];
			severity = v->severity;
		}
	return worst && tell(worst, v, f, name, now);
}

void verdict_make(struct verdict *v, const struct frame *f, const char *name, int64_t now)
{
	static truth_fn *const truths[] = {
		starting, too_many, not_connected, stalled, worst_trouble, host_unread, blind, nothing_read,
		quiet,
	};
	for (unsigned i = 0; i < sizeof truths / sizeof *truths; i++)
		if (tell(truths[i], v, f, name, now))
			return;
}

void verdict_release(struct verdict *v)
{
	buf_release(&v->text);
	buf_release(&v->why);
}
