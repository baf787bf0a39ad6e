/* Rules about who replicates from whom, as far as this server knows: a replica that can be written to or was,
   what would fail when it fails, and commits that wait for a replica. */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "diagnose/replication.h"
#include "diagnose/rules.h"
#include "parse/gtid.h"

static struct value variable(const struct rule_input *in, const char *name)
{
	return frame_value_of(in->frame, PART_VARIABLES, name);
}

static bool is_on(struct value v)
{
	return v.type == VALUE_TEXT ? strcasecmp(v.s, "OFF") != 0 && strcmp(v.s, "0") != 0
				    : value_integer(v, 0) != 0;
}

/* This server, as others reach it. */
static const char *own_address(const struct rule_input *in)
{
	struct buf b = BUF_INIT;
	const char *host = value_cstr(variable(in, "report_host"));
	if (!*host)
		host = in->frame->now->server.hostname;
	buf_addf(&b, "%s:%lld", *host ? host : "localhost",
		 (long long)value_integer(variable(in, "port"), 3306));
	const char *address = arena_strdup(in->arena, buf_str(&b));
	buf_release(&b);
	return address;
}

/* The first channel that a person set up; groups and clusters keep their own order. */
static bool own_channel(const struct rule_input *in, struct replication_channel *c)
{
	for (unsigned i = 0; replication_channel_read(c, in->frame, i); i++)
		if (!replication_channel_of_group(c))
			return true;
	return false;
}

static bool is_clustered(const struct rule_input *in)
{
	enum role r = in->frame->now->role;
	return r == ROLE_GALERA || r == ROLE_GROUP_PRIMARY || r == ROLE_GROUP_SECONDARY;
}

static const char *channel_text(const struct replication_channel *c, const char *field)
{
	return value_cstr(part_cell(c->part, c->row, field));
}

static const char *source_of(const struct rule_input *in, const struct replication_channel *c)
{
	struct buf b = BUF_INIT;
	buf_addf(&b, strchr(c->host, ':') ? "[%s]:%lld" : "%s:%lld", c->host, (long long)c->port);
	const char *source = arena_strdup(in->arena, buf_str(&b));
	buf_release(&b);
	return source;
}

/* The i-th replica's address. As it registered, where all did: MariaDB does not say which session is whose, and
   a session knows only the port that it comes from. */
static const char *replica_name(const struct rule_input *in, const struct part *replicas, const struct part *hosts,
				unsigned row)
{
	struct buf b = BUF_INIT;
	if (hosts && part_rows(hosts) == part_rows(replicas) && *value_cstr(part_cell(hosts, row, "replica_host")))
		buf_addf(&b, "%s:%lld", value_cstr(part_cell(hosts, row, "replica_host")),
			 (long long)value_integer(part_cell(hosts, row, "replica_port"), 3306));
	else
		buf_adds(&b, value_cstr(part_cell(replicas, row, "name")));
	const char *name = arena_strdup(in->arena, buf_str(&b));
	buf_release(&b);
	return name;
}

/* --- writable-replica -------------------------------------------------------------------------------- */

/* Its source replicates from it as well. */
static bool is_circular(const struct rule_input *in, const struct replication_channel *c)
{
	const struct part *p = in->frame->now->parts[PART_REPLICAS];
	struct value uuid = part_cell(c->part, c->row, "source_uuid");
	struct value id = part_cell(c->part, c->row, "source_id");
	for (unsigned i = 0; p && i < part_rows(p); i++)
		if ((*value_cstr(uuid) && value_equal(part_cell(p, i, "uuid"), uuid)) ||
		    (value_integer(id, 0) > 0 && value_equal(part_cell(p, i, "server_id"), id)))
			return true;
	return false;
}

static enum judged writable_replica(struct rule_input *in, struct finding *f)
{
	struct replication_channel c;
	if (!rule_part(in, PART_REPLICATION) || !rule_part(in, PART_VARIABLES))
		return JUDGED_BLIND;
	struct value read_only = variable(in, "read_only");
	if (!own_channel(in, &c) || is_clustered(in))
		return JUDGED_NO;
	if (read_only.type == VALUE_ABSENT) {
		in->why = "read_only was not read";
		return JUDGED_BLIND;
	}
	if (is_on(read_only))
		return JUDGED_NO;
	const char *own = own_address(in), *source = source_of(in, &c);
	if (is_circular(in, &c))
		finding_say(f, in->arena, SEVERITY_WARNING, 0.8,
			    "%s can be written to, and so can %s: each replicates from the other", own, source);
	else
		finding_say(f, in->arena, SEVERITY_WARNING, 1,
			    "%s is a replica of %s and can be written to: read_only is off", own, source);
	finding_culprit(f, in->arena, SUBJECT_HOST, "%s", own);
	finding_evidence(f, in->arena, "read_only", UNIT_NONE, value_str("OFF"));
	finding_evidence(f, in->arena, "replicates from", UNIT_NONE, value_str(source));
	finding_step(f, in->arena, STEP_LOOK, "which clients write here: users and hosts of the sessions");
	finding_step(f, in->arena, STEP_SQL, "SET GLOBAL read_only = ON;");
	finding_step(f, in->arena, STEP_CONFIG, "read_only = ON");
	return JUDGED_YES;
}

const struct rule writable_replica_rule = {
	.id = "writable-replica",
	.title = "A replica can be written to",
	.needs = PART_BIT(PART_REPLICATION) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_REPLICAS),
	.hold = 1,
	.linger = 2,
	.explains = "errant-gtid",
	.explanation = "This server replicates from another and takes writes of its own. What a client writes here by "
		       "mistake is nowhere else, and sooner or later stops replication at a duplicate key or a "
		       "missing row.",
	.right = "Find out who writes here. Then SET GLOBAL read_only = ON (on MySQL super_read_only as well), and put "
		 "it into the configuration so that a restart keeps it.",
	.wrong = "Leaving it because the application writes to the source only: one wrong host name is enough.",
	.reference = "read_only, super_read_only",
	.judge = writable_replica,
};

/* --- errant-gtid ------------------------------------------------------------------------------------- */

enum { ERRANT_MOST };

/* What of a set was born on the server with that uuid; into an empty set. */
static void born_at(struct gtid_set *out, const char *executed, const char *uuid)
{
	struct gtid_set all = {0};
	struct buf own = BUF_INIT;
	if (*uuid && strcasestr(executed, uuid) && gtid_set_parse(&all, executed, strlen(executed)))
		for (size_t i = 0; i < all.n; i++)
			if (strcasecmp(all.at[i].uuid, uuid) == 0) {
				struct gtid_set one = {.at = &all.at[i], .n = 1};
				buf_addc(&own, own.len ? ',' : ' ');
				gtid_set_print(&own, &one);
			}
	if (own.len)
		gtid_set_parse(out, buf_str(&own), own.len);
	buf_release(&own);
	gtid_set_release(&all);
}

/* Without those that are older than all binary logs. */
static void leave_out_purged(struct gtid_set *own, const char *purged)
{
	struct gtid_set gone = {0}, left = {0};
	if (*purged && gtid_set_parse(&gone, purged, strlen(purged))) {
		gtid_set_subtract(&left, own, &gone);
		gtid_set_release(own);
		*own = left;
	}
	gtid_set_release(&gone);
}

static const char *printed(struct rule_input *in, const struct gtid_set *s)
{
	struct buf b = BUF_INIT;
	gtid_set_print(&b, s);
	const char *text = arena_strdup(in->arena, buf_str(&b));
	buf_release(&b);
	return text;
}

static const char *executed_before(const struct rule_input *in, const struct replication_channel *c)
{
	const struct part *p = in->frame->before[PART_REPLICATION];
	int row = p ? part_find(p, value_str(c->name)) : -1;
	return row < 0 ? NULL : value_cstr(part_cell(p, (unsigned)row, "gtid_executed"));
}

static void tell_errant(struct rule_input *in, struct finding *f, const char *gtids, int64_t n, bool grows)
{
	const char *own = own_address(in);
	finding_say(f, in->arena, SEVERITY_WARNING, grows ? 1 : 0.7,
		    "%s is a replica and has %lld transaction%s of its own: %s", own, (long long)n,
		    n == 1 ? "" : "s", gtids);
	finding_culprit(f, in->arena, SUBJECT_REPLICA, "%s", own);
	finding_culprit(f, in->arena, SUBJECT_TRANSACTION, "%s", gtids);
	finding_evidence(f, in->arena, "transactions born here", UNIT_COUNT, value_int(n));
	finding_evidence(f, in->arena, "their GTIDs", UNIT_NONE, value_str(gtids));
	finding_evidence(f, in->arena, "seen while they came", UNIT_BOOL, value_int(grows));
	finding_step(f, in->arena, STEP_LOOK, "ask the source for what it lacks: SELECT GTID_SUBTRACT('%s', "
					      "@@GLOBAL.gtid_executed)", gtids);
	finding_step(f, in->arena, STEP_SHELL, "mysqlbinlog --include-gtids='%s' on this server's binary logs shows "
					       "what they did", gtids);
}

/* On MySQL each transaction carries the UUID of the server where it was born. */
static enum judged errant_of_mysql(struct rule_input *in, struct finding *f,
				   const struct replication_channel *c)
{
	const char *uuid = value_cstr(variable(in, "server_uuid")), *before = executed_before(in, c);
	struct gtid_set own = {0}, was = {0}, fresh = {0};
	born_at(&own, channel_text(c, "gtid_executed"), uuid);
	if (before)
		born_at(&was, before, uuid);
	if (before && own.n)
		gtid_set_subtract(&fresh, &own, &was);
	const struct part *binlog = in->frame->now->parts[PART_BINLOG];
	if (own.n && !fresh.n && binlog && part_rows(binlog))
		leave_out_purged(&own, value_cstr(part_cell(binlog, 0, "gtid_purged")));
	int64_t n = gtid_set_count(&own);
	/* A source of former days has a great many. */
	bool errant = fresh.n || (n > 0 && (double)n <= rule_limit(in, ERRANT_MOST));
	if (errant)
		tell_errant(in, f, printed(in, &own), n, fresh.n > 0);
	gtid_set_release(&own);
	gtid_set_release(&was);
	gtid_set_release(&fresh);
	return errant ? JUDGED_YES : JUDGED_NO;
}

/* On MariaDB one that was born here is certain only when it came after all that the channel received in its
   domain. Gtid_Slave_Pos as SHOW prints it has what was born here as well, so that it is no measure. */
static bool errant_in(struct rule_input *in, struct finding *f, const char *positions, const char *received)
{
	int64_t id = value_integer(variable(in, "server_id"), 0);
	struct gtid_position born = {0}, came = {0};
	bool fits = *positions && *received && gtid_position_parse(&born, positions, strlen(positions)) &&
		    gtid_position_parse(&came, received, strlen(received));
	bool found = false;
	for (size_t i = 0; fits && i < born.n && !found; i++) {
		uint64_t sequence = gtid_position_sequence(&came, born.at[i].domain);
		found = born.at[i].server == (uint64_t)id && sequence && born.at[i].sequence > sequence;
		if (!found)
			continue;
		struct buf b = BUF_INIT;
		buf_addf(&b, "%u-%u-%llu", born.at[i].domain, born.at[i].server,
			 (unsigned long long)born.at[i].sequence);
		tell_errant(in, f, buf_str(&b), (int64_t)(born.at[i].sequence - sequence), false);
		f->confidence = 0.9;
		f->n_steps = 0;
		finding_step(f, in->arena, STEP_LOOK, "mariadb-binlog on this server's binary logs shows what %s "
						      "did", buf_str(&b));
		buf_release(&b);
	}
	gtid_position_release(&born);
	gtid_position_release(&came);
	return found;
}

static enum judged errant_of_mariadb(struct rule_input *in, struct finding *f)
{
	const struct part *binlog = in->frame->now->parts[PART_BINLOG];
	const char *state = binlog && part_rows(binlog) ? value_cstr(part_cell(binlog, 0, "gtid_state")) : "";
	struct replication_channel c;
	for (unsigned i = 0; replication_channel_read(&c, in->frame, i); i++) {
		const char *received = channel_text(&c, "gtid_received");
		/* By Current_Pos what was born here counts as received. */
		if (strncasecmp(channel_text(&c, "gtid"), "Slave", 5) == 0 &&
		    (errant_in(in, f, channel_text(&c, "gtid_executed"), received) ||
		     errant_in(in, f, state, received)))
			return JUDGED_YES;
	}
	return JUDGED_NO;
}

static enum judged errant_gtid(struct rule_input *in, struct finding *f)
{
	struct replication_channel c;
	if (!rule_part(in, PART_REPLICATION) || !rule_part(in, PART_VARIABLES))
		return JUDGED_BLIND;
	/* Where each replicates from the other, both have transactions of their own by right. */
	if (!own_channel(in, &c) || is_clustered(in) || is_circular(in, &c))
		return JUDGED_NO;
	return in->frame->now->server.flavor == FLAVOR_MARIADB ? errant_of_mariadb(in, f)
							       : errant_of_mysql(in, f, &c);
}

const struct rule errant_gtid_rule = {
	.id = "errant-gtid",
	.title = "The replica has transactions that its source lacks",
	.needs = PART_BIT(PART_REPLICATION) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_BINLOG) |
		 PART_BIT(PART_REPLICAS),
	.linger = 5,
	.thresholds = {{"most", UNIT_COUNT, 1000, 1000,
			"when more than so many were born here, it was rather a source once"}},
	.explanation = "Transactions that were born on this server do not come from its source. When this server "
		       "becomes the source, its replicas ask for them: they get rows that nobody else has, or error "
		       "1236 when the binary log is gone. If this server was the source once, the present source may "
		       "have them; asking it is the only proof.",
	.right = "Ask the source for them (the step says how). What it truly lacks: look at what they did; then "
		 "either repeat it on the source, or undo it here and commit empty transactions with these GTIDs on "
		 "the source.",
	.wrong = "Failing over to this replica before that is settled.",
	.reference = "GTID_SUBTRACT; gtid_executed",
	.judge = errant_gtid,
};

/* --- topology-fault ---------------------------------------------------------------------------------- */

enum { FAULT_GONE };

/* Errors of a client that could not even talk to the server. */
static bool means_unreachable(int64_t number)
{
	static const int numbers[] = {2002, 2003, 2005, 2006, 2013, 2055};
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static unsigned count_replicas(const struct rule_input *in)
{
	const struct part *p = in->frame->now->parts[PART_REPLICAS];
	return p ? part_rows(p) : 0;
}

static bool tell_fault(struct rule_input *in, struct finding *f, const struct replication_channel *c)
{
	const char *source = source_of(in, c), *own = own_address(in);
	int64_t own_id = value_integer(variable(in, "server_id"), 0);
	unsigned behind = count_replicas(in);
	if (own_id && value_integer(part_cell(c->part, c->row, "source_id"), -1) == own_id) {
		finding_say(f, in->arena, SEVERITY_WARNING, 1, "%s and its source %s have the same server_id %lld",
			    own, source, (long long)own_id);
		finding_culprit(f, in->arena, SUBJECT_HOST, "%s", own);
	} else if (c->health == REPLICATION_BROKEN && c->receiver && means_unreachable(c->number)) {
		finding_say(f, in->arena, SEVERITY_WARNING, 0.6,
			    "the source %s cannot be reached from %s: it may be down", source, own);
		finding_suspect(f, in->arena, SUBJECT_HOST, "%s", source);
		finding_step(f, in->arena, STEP_LOOK, "whether its other replicas reach it, before anybody fails over");
	} else if (behind && (c->health == REPLICATION_BROKEN || c->health == REPLICATION_STOPPED)) {
		finding_say(f, in->arena, SEVERITY_WARNING, 1,
			    "%u replica%s behind %s get%s nothing new: it does not replicate itself", behind,
			    behind == 1 ? "" : "s", own, behind == 1 ? "s" : "");
		finding_culprit(f, in->arena, SUBJECT_REPLICA, "%s", own);
	} else {
		return false;
	}
	finding_evidence(f, in->arena, "source", UNIT_NONE, value_str(source));
	finding_evidence(f, in->arena, "channel", UNIT_NONE, value_str(replication_health_word(c->health)));
	finding_evidence(f, in->arena, "replicas of this server", UNIT_COUNT, value_int(behind));
	return true;
}

static bool is_there(const struct part *p, const char *replica)
{
	for (unsigned i = 0; i < part_rows(p); i++)
		if (strcmp(value_cstr(part_cell(p, i, "name")), replica) == 0)
			return true;
	return false;
}

/* From a source's side: of the replicas that were there a reading ago, or when this was concluded, none is. What
   becomes of one that is there it cannot see. */
static bool tell_gone(struct rule_input *in, struct finding *f)
{
	static const char *const text = "has no replica any more";
	const struct part *now = rule_part(in, PART_REPLICAS), *before = in->frame->before[PART_REPLICAS];
	bool known = in->last && strstr(in->last->text, text) && in->held < rule_limit(in, FAULT_GONE);
	if (!now || part_rows(now))
		return false;
	const struct part *hosts = in->frame->now->parts[PART_REPLICA_HOSTS];
	if (hosts && !part_rows(hosts))
		hosts = in->frame->before[PART_REPLICA_HOSTS];
	for (unsigned i = 0; !known && before && i < part_rows(before); i++)
		finding_culprit(f, in->arena, SUBJECT_REPLICA, "%s", replica_name(in, before, hosts, i));
	for (unsigned i = 0; known && i < in->last->n_culprits; i++)
		if (!is_there(now, in->last->culprits[i].id))
			finding_culprit(f, in->arena, SUBJECT_REPLICA, "%s", in->last->culprits[i].id);
	if (!f->n_culprits)
		return false;
	finding_say(f, in->arena, SEVERITY_WARNING, 0.9, "%s %s: %u w%s connected", own_address(in), text,
		    f->n_culprits, f->n_culprits == 1 ? "as" : "ere");
	finding_evidence(f, in->arena, "replicas that are gone", UNIT_COUNT, value_int(f->n_culprits));
	finding_step(f, in->arena, STEP_LOOK, "SHOW REPLICA STATUS on each of them: stopped, broken, or cut off");
	return true;
}

static enum judged topology_fault(struct rule_input *in, struct finding *f)
{
	struct replication_channel c;
	if (tell_gone(in, f))
		return JUDGED_YES;
	if (!rule_part(in, PART_REPLICATION))
		return JUDGED_BLIND;
	for (unsigned i = 0; replication_channel_read(&c, in->frame, i); i++)
		if (!replication_channel_of_group(&c) && tell_fault(in, f, &c))
			return JUDGED_YES;
	return JUDGED_NO;
}

const struct rule topology_fault_rule = {
	.id = "topology-fault",
	.title = "The chain of servers is cut",
	.needs = PART_BIT(PART_REPLICATION) | PART_BIT(PART_REPLICAS) | PART_BIT(PART_VARIABLES) |
		 PART_BIT(PART_REPLICA_HOSTS),
	.linger = 3,
	.thresholds = {{"gone", UNIT_SECONDS, 600, 600, "for so long replicas that are gone are told of"}},
	.explains = "semisync-stall",
	.explanation = "Seen from this server alone: its source cannot be reached, or none of its replicas is connected "
		       "any more, or it passes nothing on to its own replicas, or it cannot tell its own events from its source's. Another server may see it "
		       "otherwise.",
	.right = "Ask a second server before anything is decided. For a dead source: the replica that received most "
		 "and has no transactions of its own is the one to fail over to.",
	.wrong = "Trusting one observer: a cut network looks like a dead source, and a hasty failover makes two.",
	.reference = "SHOW REPLICA STATUS; SHOW REPLICAS",
	.judge = topology_fault,
};

/* --- semisync-stall ---------------------------------------------------------------------------------- */

enum { ACK_WAITERS };

/* MariaDB does not say which of its replicas acknowledge. */
static bool may_acknowledge(const struct part *p, unsigned row)
{
	return value_integer(part_cell(p, row, "semisync"), 1);
}

static void name_silent_replicas(struct rule_input *in, struct finding *f)
{
	const struct part *p = in->frame->now->parts[PART_REPLICAS];
	const struct part *hosts = in->frame->now->parts[PART_REPLICA_HOSTS];
	unsigned n = 0;
	for (unsigned i = 0; p && i < part_rows(p); i++)
		n += may_acknowledge(p, i);
	/* With one it is clear who does not answer. */
	for (unsigned i = 0; n && i < part_rows(p); i++) {
		bool known = part_cell(p, i, "semisync").type != VALUE_ABSENT;
		const char *name = replica_name(in, p, known ? NULL : hosts, i);
		if (may_acknowledge(p, i) && n == 1)
			finding_culprit(f, in->arena, SUBJECT_REPLICA, "%s", name);
		else if (may_acknowledge(p, i))
			finding_suspect(f, in->arena, SUBJECT_REPLICA, "%s", name);
	}
}

static enum judged semisync_stall(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_BINLOG);
	if (!p)
		return JUDGED_BLIND;
	if (!part_rows(p) || !value_integer(part_cell(p, 0, "semisync_enabled"), 0))
		return JUDGED_NO;
	struct value on = part_cell(p, 0, "semisync");
	double waiting = value_number(part_cell(p, 0, "semisync_sessions"), 0);
	double clients = value_number(part_cell(p, 0, "semisync_clients"), -1);
	bool fell_back = on.type == VALUE_INT && !on.i;
	if (!fell_back && !rule_over(in, ACK_WAITERS, waiting))
		return JUDGED_NO;
	name_silent_replicas(in, f);
	const char *who = f->n_culprits ? f->culprits[0].id : NULL;
	if (fell_back)
		finding_say(f, in->arena, SEVERITY_WARNING, f->n_suspects ? 0.8 : 1,
			    "semi-sync fell back: commits wait for no replica%s%s%s",
			    clients < 0.5 && clients >= 0 ? ", for none acknowledges" : "",
			    who ? "; the one that offered to acknowledge is " : "", who ? who : "");
	else
		finding_say(f, in->arena, SEVERITY_WARNING, f->n_suspects ? 0.8 : 1,
			    "%.0f commit%s wait%s for %s to acknowledge", waiting, waiting > 1 ? "s" : "",
			    waiting > 1 ? "" : "s", who ? who : "a replica");
	finding_evidence(f, in->arena, "commits that wait", UNIT_COUNT, part_cell(p, 0, "semisync_sessions"));
	finding_evidence(f, in->arena, "replicas that acknowledge", UNIT_COUNT,
			 part_cell(p, 0, "semisync_clients"));
	finding_evidence(f, in->arena, "acknowledgements needed", UNIT_COUNT,
			 part_cell(p, 0, "semisync_wait_for"));
	finding_evidence(f, in->arena, "falls back after", UNIT_SECONDS, part_cell(p, 0, "semisync_timeout"));
	finding_evidence(f, in->arena, "commits without acknowledgement", UNIT_COUNT,
			 part_cell(p, 0, "semisync_no"));
	finding_step(f, in->arena, STEP_LOOK, "the receiver, the disk and the network of that replica");
	return JUDGED_YES;
}

const struct rule semisync_stall_rule = {
	.id = "semisync-stall",
	.title = "Commits wait for a replica, or no longer do",
	.needs = PART_BIT(PART_BINLOG) | PART_BIT(PART_REPLICAS) | PART_BIT(PART_REPLICA_HOSTS),
	.hold = 2,
	.linger = 3,
	.thresholds = {{"waiters", UNIT_COUNT, 1, 1, "commits that wait for an acknowledgement, at every sample"}},
	.explains = "thread-storm connections-exhausted",
	.explanation = "Semi-synchronous replication is set: a commit waits until a replica has its events. When none "
		       "answers in time the source falls back and commits alone; what it commits then is lost if it "
		       "crashes now.",
	.right = "Mend the replica that stopped acknowledging, or bring up another that does; semi-sync comes back by "
		 "itself once a replica has caught up.",
	.wrong = "Raising the time-out while commits wait: each commit then hangs for longer.",
	.reference = "Rpl_semi_sync_source_status, rpl_semi_sync_source_timeout",
	.judge = semisync_stall,
};
