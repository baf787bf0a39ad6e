/* Rules about members of a replication group and nodes of a Galera cluster, as this one sees them. */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "diagnose/rules.h"

static const char *cell_text(const struct part *p, unsigned row, const char *field)
{
	return value_cstr(part_cell(p, row, field));
}

static bool is(const char *s, const char *word)
{
	return strcasecmp(s, word) == 0;
}

/* A counter's growth per second in that row; 0 where it cannot be told. */
static double rate(const struct rule_input *in, enum part_id id, const struct part *p, unsigned row,
		   const char *field)
{
	int at = schema_field(part_schema(p), field);
	return at < 0 ? 0 : value_number(frame_rate(in->frame, id, row, (unsigned)at), 0);
}

/* --- who is gone ------------------------------------------------------------------------------------- */

typedef const char *name_fn(const struct rule_input *in, const struct part *p, unsigned row);

static bool is_member(const struct rule_input *in, const struct part *p, name_fn *name, const char *who)
{
	for (unsigned i = 0; i < part_rows(p); i++)
		if (strcmp(name(in, p, i), who) == 0)
			return true;
	return false;
}

/* Who was there a reading ago and is no more; for `limit` seconds, whom this was concluded of. A list of members
   does not show who is missing. */
static const char left[] = "left it";

static bool name_gone(struct rule_input *in, struct finding *f, const struct part *p, const struct part *before,
		      name_fn *name, double limit)
{
	for (unsigned i = 0; before && i < part_rows(before); i++)
		if (!is_member(in, p, name, name(in, before, i)))
			finding_culprit(f, in->arena, SUBJECT_MEMBER, "%s", name(in, before, i));
	bool known = in->last && strstr(in->last->text, left) && in->held < limit;
	for (unsigned i = 0; known && i < in->last->n_culprits; i++)
		if (!is_member(in, p, name, in->last->culprits[i].id))
			finding_culprit(f, in->arena, SUBJECT_MEMBER, "%s", in->last->culprits[i].id);
	return f->n_culprits > 0;
}

/* --- group-trouble ----------------------------------------------------------------------------------- */

enum { GROUP_CONFLICTS, GROUP_BEHIND, GROUP_GONE };

static const char *member(const struct rule_input *in, const struct part *p, unsigned row)
{
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s:%lld", cell_text(p, row, "host"),
		 (long long)value_integer(part_cell(p, row, "port"), 3306));
	const char *name = arena_strdup(in->arena, buf_str(&b));
	buf_release(&b);
	return name;
}

struct members {
	unsigned n, online, recovering;
	int own, worst, slowest; /* rows; -1: none */
};

static int badness(const char *state)
{
	return is(state, "ERROR") ? 3 : is(state, "UNREACHABLE") ? 2 : is(state, "ONLINE") ? 0 : 1;
}

static struct members count_members(const struct part *p)
{
	struct members m = {.n = part_rows(p), .own = -1, .worst = -1, .slowest = -1};
	for (unsigned i = 0; i < m.n; i++) {
		const char *state = cell_text(p, i, "state");
		m.online += is(state, "ONLINE");
		m.recovering += is(state, "RECOVERING");
		if (value_integer(part_cell(p, i, "is_self"), 0))
			m.own = (int)i;
		if (badness(state) &&
		    (m.worst < 0 || badness(state) > badness(cell_text(p, (unsigned)m.worst, "state"))))
			m.worst = (int)i;
		if (value_number(part_cell(p, i, "apply_queue"), 0) >
		    (m.slowest < 0 ? 0 : value_number(part_cell(p, (unsigned)m.slowest, "apply_queue"), 0)))
			m.slowest = (int)i;
	}
	return m;
}

/* A member that was never started is nobody's trouble. */
static bool was_meant_to_run(const struct rule_input *in)
{
	struct value on = frame_value_of(in->frame, PART_VARIABLES, "group_replication_start_on_boot");
	return is(value_cstr(on), "ON") || value_integer(on, 0);
}

/* What stopped this member's applier, or keeps it from recovering. */
static void tell_reason(struct rule_input *in, struct finding *f)
{
	const struct part *p = in->frame->now->parts[PART_WORKERS];
	for (unsigned i = 0; p && i < part_rows(p); i++)
		if (strncmp(cell_text(p, i, "channel"), "group_replication_", 18) == 0 && *cell_text(p, i, "error")) {
			finding_evidence(f, in->arena, "its applier says", UNIT_NONE, part_cell(p, i, "error"));
			return;
		}
}

static void tell_states(struct rule_input *in, struct finding *f, const struct part *p, const struct members *m)
{
	unsigned row = (unsigned)m->worst;
	const char *state = cell_text(p, row, "state"), *name = member(in, p, row);
	bool majority = 2 * (m->online + m->recovering) > m->n;
	bool own = m->worst == m->own;
	/* One that has left sees itself alone: that says nothing of the others. */
	bool out = own && m->n == 1 && (is(state, "ERROR") || is(state, "OFFLINE"));
	enum severity severity = !majority || (own && badness(state) == 3) ? SEVERITY_CRITICAL
				 : is(state, "RECOVERING")                  ? SEVERITY_NOTICE
									    : SEVERITY_WARNING;
	if (out)
		finding_say(f, in->arena, severity, 1, "group: %s is %s and out of its group", name, state);
	else
		finding_say(f, in->arena, severity, 1, "group: %s is %s, %u of %u members online%s", name, state,
			    m->online, m->n, majority ? "" : ": no majority, so nothing commits");
	if (own)
		tell_reason(in, f);
	for (unsigned i = 0; i < m->n; i++)
		if (badness(cell_text(p, i, "state")) == badness(state))
			finding_culprit(f, in->arena, SUBJECT_MEMBER, "%s", member(in, p, i));
	finding_step(f, in->arena, STEP_LOOK, "the error log of %s", name);
}

static bool tell_gone(struct rule_input *in, struct finding *f, const struct part *p, const struct members *m)
{
	if (!name_gone(in, f, p, in->frame->before[PART_GROUP], member, rule_limit(in, GROUP_GONE)))
		return false;
	finding_say(f, in->arena, m->n < 3 ? SEVERITY_WARNING : SEVERITY_NOTICE, 1,
		    "group: %s%s %s; %u member%s left, all online", f->culprits[0].id,
		    f->n_culprits > 1 ? " and others have" : " has", left, m->n, m->n == 1 ? " is" : "s are");
	finding_step(f, in->arena, STEP_LOOK, "the error log of %s: it was stopped, died, or was expelled",
		     f->culprits[0].id);
	return true;
}

static bool tell_load(struct rule_input *in, struct finding *f, const struct part *p, const struct members *m)
{
	double conflicts = m->own < 0 ? 0 : rate(in, PART_GROUP, p, (unsigned)m->own, "conflicts");
	double queue = m->slowest < 0 ? 0 : value_number(part_cell(p, (unsigned)m->slowest, "apply_queue"), 0);
	if (rule_over(in, GROUP_BEHIND, queue)) {
		const char *name = member(in, p, (unsigned)m->slowest);
		finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
			    "group: %s has %.0f transactions to apply, so flow control slows the writers", name,
			    queue);
		finding_culprit(f, in->arena, SUBJECT_MEMBER, "%s", name);
	} else if (rule_over(in, GROUP_CONFLICTS, conflicts)) {
		const char *name = member(in, p, (unsigned)m->own);
		finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
			    "group: %.1f transactions a second are refused for conflicts with other members",
			    conflicts);
		finding_culprit(f, in->arena, SUBJECT_MEMBER, "%s", name);
	} else {
		return false;
	}
	finding_evidence(f, in->arena, "conflicts a second", UNIT_COUNT, value_real(conflicts));
	finding_evidence(f, in->arena, "longest queue to apply", UNIT_COUNT, value_real(queue));
	return true;
}

static enum judged group_trouble(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_GROUP);
	if (!p) {
		const struct part *had = in->frame->now->parts[PART_GROUP];
		return had && part_status(had) == PART_UNSUPPORTED ? JUDGED_NO : JUDGED_BLIND;
	}
	struct members m = count_members(p);
	bool off = m.own >= 0 && is(cell_text(p, (unsigned)m.own, "state"), "OFFLINE");
	if (!m.n || (off && !was_meant_to_run(in)))
		return JUDGED_NO;
	if (m.worst >= 0)
		tell_states(in, f, p, &m);
	else if (!tell_gone(in, f, p, &m) && !tell_load(in, f, p, &m))
		return JUDGED_NO;
	finding_evidence(f, in->arena, "members", UNIT_COUNT, value_int(m.n));
	finding_evidence(f, in->arena, "of them online", UNIT_COUNT, value_int(m.online));
	return JUDGED_YES;
}

const struct rule group_trouble_rule = {
	.id = "group-trouble",
	.title = "A member of the group is missing or slow",
	.needs = PART_BIT(PART_GROUP) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_WORKERS),
	.linger = 3,
	.thresholds = {{"conflicts", UNIT_COUNT, 1, 0.2, "transactions a second refused for conflicts"},
		       {"queue", UNIT_COUNT, 25000, 10000,
			"transactions to apply on a member: flow control sets in at 25,000"},
		       {"gone", UNIT_SECONDS, 600, 600, "for so long a member that left is told of"}},
	.explains = "thread-storm connections-exhausted",
	.explanation = "Members of a group agree on every commit by majority. One in ERROR or UNREACHABLE takes no "
		       "part; when half of them are gone nothing commits. A member that is slow to apply slows the "
		       "writers of all, by flow control.",
	.right = "Look at the error log of the member named; mend it and START GROUP_REPLICATION there. Without a "
		 "majority: first make sure that the others are truly down.",
	.wrong = "group_replication_force_members while the others may still run: that makes two groups.",
	.reference = "replication_group_members, replication_group_member_stats",
	.judge = group_trouble,
};

/* --- galera-trouble ---------------------------------------------------------------------------------- */

enum { GALERA_PAUSED, GALERA_FAILURES, GALERA_GONE };

static int own_node(const struct part *p)
{
	for (unsigned i = 0; i < part_rows(p); i++)
		if (value_integer(part_cell(p, i, "is_self"), 0))
			return (int)i;
	return -1;
}

static const char *node(const struct part *p, unsigned row)
{
	const char *address = cell_text(p, row, "address");
	return *address ? address : cell_text(p, row, "name");
}

static const char *node_name(const struct rule_input *in, const struct part *p, unsigned row)
{
	(void)in;
	return node(p, row);
}

/* The others go on without it. */
static bool tell_missing(struct rule_input *in, struct finding *f, const struct part *p)
{
	if (!name_gone(in, f, p, in->frame->before[PART_GALERA], node_name, rule_limit(in, GALERA_GONE)))
		return false;
	finding_say(f, in->arena, part_rows(p) < 3 ? SEVERITY_WARNING : SEVERITY_NOTICE, 1,
		    "galera: %s%s %s; %u node%s left", f->culprits[0].id, f->n_culprits > 1 ? " and others have" : " has",
		    left, part_rows(p), part_rows(p) == 1 ? " is" : "s are");
	finding_step(f, in->arena, STEP_LOOK, "the error log of %s: it was stopped, died, or was cut off",
		     f->culprits[0].id);
	return true;
}

static bool tell_node(struct rule_input *in, struct finding *f, const struct part *p, unsigned own)
{
	const char *component = cell_text(p, own, "cluster_status"), *state = cell_text(p, own, "state");
	struct value ready = part_cell(p, own, "ready");
	if (*component && !is(component, "Primary"))
		finding_say(f, in->arena, SEVERITY_CRITICAL, 1,
			    "galera: %s is %s: cut off from the majority, it takes no statements", node(p, own),
			    component);
	else if (value_is_number(ready) && !value_integer(ready, 0))
		finding_say(f, in->arena, SEVERITY_CRITICAL, 1, "galera: %s refuses statements: it is %s",
			    node(p, own), *state ? state : "not ready");
	else if (*state && !is(state, "Synced"))
		/* A donor serves on; it only falls behind for a while. */
		finding_say(f, in->arena, strcasestr(state, "Donor") ? SEVERITY_NOTICE : SEVERITY_WARNING, 1,
			    "galera: %s is %s", node(p, own), state);
	else
		return false;
	finding_culprit(f, in->arena, SUBJECT_MEMBER, "%s", node(p, own));
	finding_step(f, in->arena, STEP_LOOK, "the error log of %s, and whether it reaches the other nodes",
		     node(p, own));
	return true;
}

static bool tell_pauses(struct rule_input *in, struct finding *f, const struct part *p, unsigned own)
{
	double paused = rate(in, PART_GALERA, p, own, "flow_paused");
	double sent = rate(in, PART_GALERA, p, own, "flow_sent");
	/* What lost against another node's write set before it was certified itself counts apart. */
	double failures = rate(in, PART_GALERA, p, own, "cert_failures") +
			  rate(in, PART_GALERA, p, own, "bf_aborts");
	if (rule_over(in, GALERA_PAUSED, paused)) {
		bool here = sent > 0 || value_integer(part_cell(p, own, "flow_requested"), 0);
		finding_say(f, in->arena, SEVERITY_WARNING, here ? 1 : 0.7,
			    here ? "galera: writes stand still %.0f %% of the time: %s cannot follow"
				 : "galera: writes stand still %.0f %% of the time: another node than %s cannot "
				   "follow",
			    100 * (paused > 1 ? 1 : paused), node(p, own));
		for (unsigned i = 0; i < part_rows(p); i++) {
			if (here && i == own)
				finding_culprit(f, in->arena, SUBJECT_MEMBER, "%s", node(p, i));
			else if (!here && i != own)
				finding_suspect(f, in->arena, SUBJECT_MEMBER, "%s", node(p, i));
		}
	} else if (rule_over(in, GALERA_FAILURES, failures)) {
		finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
			    "galera: %.1f transactions a second of %s fail against those of other nodes", failures,
			    node(p, own));
		finding_culprit(f, in->arena, SUBJECT_MEMBER, "%s", node(p, own));
	} else {
		return false;
	}
	finding_evidence(f, in->arena, "share of time paused", UNIT_RATIO, value_real(paused));
	finding_evidence(f, in->arena, "pauses asked for by this node, a second", UNIT_COUNT, value_real(sent));
	finding_evidence(f, in->arena, "certification failures and aborts a second", UNIT_COUNT, value_real(failures));
	finding_evidence(f, in->arena, "write sets to apply here", UNIT_COUNT, part_cell(p, own, "recv_queue"));
	return true;
}

static enum judged galera_trouble(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_GALERA);
	if (!p) {
		const struct part *had = in->frame->now->parts[PART_GALERA];
		return had && part_status(had) == PART_UNSUPPORTED ? JUDGED_NO : JUDGED_BLIND;
	}
	int own = own_node(p);
	if (own < 0 || (!tell_node(in, f, p, (unsigned)own) && !tell_missing(in, f, p) &&
			!tell_pauses(in, f, p, (unsigned)own)))
		return JUDGED_NO;
	finding_evidence(f, in->arena, "state", UNIT_NONE, part_cell(p, (unsigned)own, "state"));
	finding_evidence(f, in->arena, "cluster", UNIT_NONE, part_cell(p, (unsigned)own, "cluster_status"));
	finding_evidence(f, in->arena, "nodes that it sees", UNIT_COUNT, part_cell(p, (unsigned)own, "cluster_size"));
	return JUDGED_YES;
}

const struct rule galera_trouble_rule = {
	.id = "galera-trouble",
	.title = "A Galera node is cut off, out of step, or slows the others",
	.needs = PART_BIT(PART_GALERA),
	.linger = 3,
	.thresholds = {{"paused", UNIT_RATIO, 0.1, 0.05, "share of time in which flow control stops the writes"},
		       {"failures", UNIT_COUNT, 1, 0.2, "certification failures and aborts a second"},
		       {"gone", UNIT_SECONDS, 600, 600, "for so long a node that left is told of"}},
	.explains = "thread-storm connections-exhausted",
	.explanation = "A node that is not in the primary component refuses statements. One that cannot apply as fast "
		       "as the others write asks them to pause, and every write in the cluster waits for it. Certification "
		       "failures come from writing the same rows on several nodes.",
	.right = "Cut off: mend the network, it joins by itself. Pauses: find what slows the node that asks for them "
		 "(disk, one large transaction, a backup), or take it out for a while. Failures: write through one "
		 "node.",
	.wrong = "pc.bootstrap on a node that is cut off while the others run: that makes two clusters.",
	.reference = "wsrep_cluster_status, wsrep_flow_control_paused",
	.judge = galera_trouble,
};
