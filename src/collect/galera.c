/*
 * Nodes of a Galera cluster. A node's status speaks of itself: what the others are at, only they can tell; of
 * them there are names and addresses here.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/join.h"

/* --- who is in it ------------------------------------------------------------------------------------ */

#define WCM "mysql.wsrep_cluster_members "
#define MEMBER_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Node id", \
	  "UUID of the node in the cluster; its address where that is not known.", WCM "node_uuid", "") \
	F(NAME, "name", TEXT, NONE, GAUGE, "Node", "Name of the node: its wsrep_node_name.", \
	  WCM "node_name", "") \
	F(ADDRESS, "address", TEXT, NONE, GAUGE, "Address", "Address at which the node takes clients.", \
	  WCM "node_incoming_address; SHOW GLOBAL STATUS: wsrep_incoming_addresses", "")

enum { MEMBER_ID, MEMBER_NAME, MEMBER_ADDRESS };
static const struct field member_fields[] = {MEMBER_FIELDS(SCHEMA_FIELD)};
static const struct schema member_schema = {"galera_members", member_fields, COUNT_OF(member_fields),
					    MEMBER_ID};

static const struct source_column member_columns[] = {
	{"id", "node_uuid", "node_uuid"},
	{"name", "node_name", "node_name"},
	{"address", "node_incoming_address", "node_incoming_address"},
	{0},
};

static const char *status_text(const struct collect_ctx *ctx, const char *name)
{
	return value_cstr(part_lookup(ctx->parts[PART_STATUS], name));
}

static bool in_cluster(const struct collect_ctx *ctx)
{
	return value_integer(part_lookup(ctx->parts[PART_STATUS], "wsrep_cluster_size"), 0) > 0 ||
	       strcasecmp(status_text(ctx, "wsrep_connected"), "ON") == 0;
}

static const struct source member_sources[] = {
	{
		.table = "mysql.wsrep_cluster_members",
		.columns = member_columns,
		.stmt = {"galera_members", "SELECT %c FROM mysql.wsrep_cluster_members", STMT_READ},
		.grant = "SELECT ON mysql.wsrep_cluster_members",
		.usable = in_cluster,
		.install = "the server is in no cluster, or its Galera is older than 4",
	},
	{0},
};

const struct collector galera_members_collector = {
	.part = PART_GALERA_MEMBERS,
	.cost = COST_SLOW,
	.schema = &member_schema,
	.sources = member_sources,
	.after = PART_BIT(PART_STATUS),
	.feature = "names of the nodes of a Galera cluster",
};

/* --- the whole -------------------------------------------------------------------------------------- */

#define SGS "SHOW GLOBAL STATUS: "
#define GALERA_FIELDS(F) \
	F(SELF, "is_self", INT, BOOL, GAUGE, "This one", "Whether it is the server that is asked.", \
	  SGS "wsrep_gcomm_uuid", "Yes for one.") \
	F(INDEX, "index", INT, ID, GAUGE, "Index", "Its number in the cluster.", SGS "wsrep_local_index", \
	  "From 0; changes when nodes come and go.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "Synced: takes part. Donor/Desynced: gives its data to another or was taken out of flow " \
	  "control. Joining, Joined: fetches what it lacks. Anything else: not part of the cluster.", \
	  SGS "wsrep_local_state_comment", "") \
	F(READY, "ready", INT, BOOL, GAUGE, "Ready", "Whether it takes statements.", SGS "wsrep_ready", \
	  "Yes. No: every statement fails with error 1047.") \
	F(CONNECTED, "connected", INT, BOOL, GAUGE, "Connected", "Whether it is connected to the others.", \
	  SGS "wsrep_connected", "Yes.") \
	F(CLUSTER_STATUS, "cluster_status", TEXT, NONE, GAUGE, "Cluster", \
	  "Primary: it belongs to the part of the cluster that may write. Non-primary: it has lost the " \
	  "majority. Disconnected.", SGS "wsrep_cluster_status", "") \
	F(CLUSTER_SIZE, "cluster_size", INT, COUNT, GAUGE, "Nodes", "Nodes that it sees.", \
	  SGS "wsrep_cluster_size", "All there are: an odd number, three or more.") \
	F(CONF_ID, "conf_id", INT, ID, GAUGE, "Configuration", \
	  "Number of the composition of the cluster; grows with each change.", SGS "wsrep_cluster_conf_id", \
	  "The same on all nodes.") \
	F(DESYNC, "desync", INT, COUNT, GAUGE, "Desync", \
	  "How many operations have taken it out of flow control: backups, wsrep_desync, state transfers.", \
	  SGS "wsrep_desync_count", "0.") \
	F(FLOW_PAUSED, "flow_paused", REAL, SECONDS, COUNTER, "Paused", \
	  "Time in all that replication stood still because some node could not follow; as a rate, the " \
	  "share of time.", SGS "wsrep_flow_control_paused_ns", \
	  "Below 1 %. More: find the node that sends the pauses.") \
	F(FLOW_SENT, "flow_sent", INT, COUNT, COUNTER, "Pauses sent", \
	  "Pauses that this node asked for, because its receive queue was full.", \
	  SGS "wsrep_flow_control_sent", "0. Growing: this is the slow node.") \
	F(FLOW_RECEIVED, "flow_received", INT, COUNT, COUNTER, "Pauses received", \
	  "Pauses asked for by any node, this one included.", SGS "wsrep_flow_control_recv", "0.") \
	F(FLOW_ACTIVE, "flow_active", INT, BOOL, GAUGE, "Paused now", \
	  "Whether replication stands still right now.", SGS "wsrep_flow_control_active", "No.") \
	F(FLOW_REQUESTED, "flow_requested", INT, BOOL, GAUGE, "Asks now", \
	  "Whether this node asks for a pause right now.", SGS "wsrep_flow_control_requested", "No.") \
	F(RECV_QUEUE, "recv_queue", INT, COUNT, GAUGE, "To apply", \
	  "Write sets that were received and wait to be applied: how far it is behind.", \
	  SGS "wsrep_local_recv_queue", "0 or near it; at gcs.fc_limit it asks for a pause.") \
	F(RECV_QUEUE_AVG, "recv_queue_avg", REAL, COUNT, GAUGE, "Average", \
	  "Its average since the last FLUSH STATUS.", SGS "wsrep_local_recv_queue_avg", "Below 1.") \
	F(RECV_QUEUE_MAX, "recv_queue_max", INT, COUNT, GAUGE, "Most", \
	  "Its highest since the last FLUSH STATUS.", SGS "wsrep_local_recv_queue_max", \
	  "Below gcs.fc_limit.") \
	F(SEND_QUEUE, "send_queue", INT, COUNT, GAUGE, "To send", \
	  "Write sets of its own that wait to be sent.", SGS "wsrep_local_send_queue", \
	  "0. More: the network is slow, or it is paused.") \
	F(SEND_QUEUE_AVG, "send_queue_avg", REAL, COUNT, GAUGE, "Average", \
	  "Its average since the last FLUSH STATUS.", SGS "wsrep_local_send_queue_avg", "Near 0.") \
	F(COMMITS, "commits", INT, COUNT, COUNTER, "Commits", \
	  "Transactions of this node's own clients that the cluster took.", SGS "wsrep_local_commits", \
	  "What is usual for this node.") \
	F(CERT_FAILURES, "cert_failures", INT, COUNT, COUNTER, "Certification failures", \
	  "Transactions of its own clients that were refused at commit, since another node changed the " \
	  "same rows first; the client sees a deadlock.", SGS "wsrep_local_cert_failures", \
	  "0 where one node takes all writes.") \
	F(BF_ABORTS, "bf_aborts", INT, COUNT, COUNTER, "Aborts", \
	  "Transactions of its own clients that gave way to one of another node.", \
	  SGS "wsrep_local_bf_aborts", "0 where one node takes all writes.") \
	F(REPLICATED, "replicated", INT, COUNT, COUNTER, "Sent", "Write sets sent to the others.", \
	  SGS "wsrep_replicated", "What is usual for this node.") \
	F(REPLICATED_BYTES, "replicated_bytes", INT, BYTES, COUNTER, "Sent", \
	  "Bytes of write sets sent to the others.", SGS "wsrep_replicated_bytes", \
	  "What the network carries to all other nodes.") \
	F(RECEIVED, "received", INT, COUNT, COUNTER, "Received", "Write sets received.", \
	  SGS "wsrep_received", "What the other nodes send.") \
	F(RECEIVED_BYTES, "received_bytes", INT, BYTES, COUNTER, "Received", \
	  "Bytes of write sets received.", SGS "wsrep_received_bytes", "What the other nodes send.") \
	F(LAST_COMMITTED, "last_committed", INT, COUNT, COUNTER, "Last committed", \
	  "Sequence number of its last committed transaction.", SGS "wsrep_last_committed", \
	  "Nearly the same on all nodes.") \
	F(CACHED_DOWNTO, "cached_downto", INT, COUNT, GAUGE, "Cached from", \
	  "Oldest sequence number in its write set cache: a node that comes back with at least this one " \
	  "needs no full copy.", SGS "wsrep_local_cached_downto", \
	  "Hours back: raise gcache.size when a restart takes longer than it covers.") \
	F(DEPS_DISTANCE, "deps_distance", REAL, COUNT, GAUGE, "Parallel", \
	  "How many write sets could be applied side by side on average.", SGS "wsrep_cert_deps_distance", \
	  "At least the number of applier threads, else more of them do not help.") \
	F(CERT_INDEX, "cert_index", INT, COUNT, GAUGE, "Certification index", \
	  "Keys that the certifier remembers.", SGS "wsrep_cert_index_size", \
	  "Up to some hundred thousand; purged as nodes catch up.") \
	F(OPEN_TRANSACTIONS, "open_transactions", INT, COUNT, GAUGE, "Open", \
	  "Transactions that are open inside the provider.", SGS "wsrep_open_transactions", \
	  "About the sessions that write.") \
	F(APPLIERS, "appliers", INT, COUNT, GAUGE, "Appliers", "Applier threads that it has.", \
	  SGS "wsrep_applier_thread_count", "1 unless set (wsrep_slave_threads).") \
	F(DELAYED, "evs_delayed", TEXT, NONE, GAUGE, "Delayed", \
	  "Nodes that answered late, with how often: address and count.", SGS "wsrep_evs_delayed", "") \
	F(LATENCY, "evs_latency", TEXT, NONE, GAUGE, "Group latency", \
	  "Smallest/average/largest time that a message took to all nodes, with deviation and number.", \
	  SGS "wsrep_evs_repl_latency", "") \
	F(DONOR, "sst_donor", TEXT, NONE, GAUGE, "Donor", "Node from which it would fetch a full copy.", \
	  "wsrep_sst_donor", "") \
	F(PROVIDER, "provider", TEXT, NONE, GAUGE, "Provider", "Version of Galera.", \
	  SGS "wsrep_provider_version", "")

enum {
#define GALERA_ENUM(id, ...) GALERA_##id,
	GALERA_AFTER_MEMBER_FIELDS = COUNT_OF(member_fields) - 1,
	GALERA_FIELDS(GALERA_ENUM)
#undef GALERA_ENUM
};
static const struct field fields[] = {MEMBER_FIELDS(SCHEMA_FIELD) GALERA_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"galera", fields, COUNT_OF(fields), MEMBER_ID};

static const struct {
	unsigned field;
	enum part_id part;
	const char *name;
	double scale;
} own[] = {
	{GALERA_INDEX, PART_STATUS, "wsrep_local_index", 0},
	{GALERA_STATE, PART_STATUS, "wsrep_local_state_comment", 0},
	{GALERA_READY, PART_STATUS, "wsrep_ready", 0},
	{GALERA_CONNECTED, PART_STATUS, "wsrep_connected", 0},
	{GALERA_CLUSTER_STATUS, PART_STATUS, "wsrep_cluster_status", 0},
	{GALERA_CLUSTER_SIZE, PART_STATUS, "wsrep_cluster_size", 0},
	{GALERA_CONF_ID, PART_STATUS, "wsrep_cluster_conf_id", 0},
	{GALERA_DESYNC, PART_STATUS, "wsrep_desync_count", 0},
	{GALERA_FLOW_PAUSED, PART_STATUS, "wsrep_flow_control_paused_ns", 1e-9},
	{GALERA_FLOW_SENT, PART_STATUS, "wsrep_flow_control_sent", 0},
	{GALERA_FLOW_RECEIVED, PART_STATUS, "wsrep_flow_control_recv", 0},
	{GALERA_FLOW_ACTIVE, PART_STATUS, "wsrep_flow_control_active", 0},
	{GALERA_FLOW_REQUESTED, PART_STATUS, "wsrep_flow_control_requested", 0},
	{GALERA_RECV_QUEUE, PART_STATUS, "wsrep_local_recv_queue", 0},
	{GALERA_RECV_QUEUE_AVG, PART_STATUS, "wsrep_local_recv_queue_avg", 0},
	{GALERA_RECV_QUEUE_MAX, PART_STATUS, "wsrep_local_recv_queue_max", 0},
	{GALERA_SEND_QUEUE, PART_STATUS, "wsrep_local_send_queue", 0},
	{GALERA_SEND_QUEUE_AVG, PART_STATUS, "wsrep_local_send_queue_avg", 0},
	{GALERA_COMMITS, PART_STATUS, "wsrep_local_commits", 0},
	{GALERA_CERT_FAILURES, PART_STATUS, "wsrep_local_cert_failures", 0},
	{GALERA_BF_ABORTS, PART_STATUS, "wsrep_local_bf_aborts", 0},
	{GALERA_REPLICATED, PART_STATUS, "wsrep_replicated", 0},
	{GALERA_REPLICATED_BYTES, PART_STATUS, "wsrep_replicated_bytes", 0},
	{GALERA_RECEIVED, PART_STATUS, "wsrep_received", 0},
	{GALERA_RECEIVED_BYTES, PART_STATUS, "wsrep_received_bytes", 0},
	{GALERA_LAST_COMMITTED, PART_STATUS, "wsrep_last_committed", 0},
	{GALERA_CACHED_DOWNTO, PART_STATUS, "wsrep_local_cached_downto", 0},
	{GALERA_DEPS_DISTANCE, PART_STATUS, "wsrep_cert_deps_distance", 0},
	{GALERA_CERT_INDEX, PART_STATUS, "wsrep_cert_index_size", 0},
	{GALERA_OPEN_TRANSACTIONS, PART_STATUS, "wsrep_open_transactions", 0},
	{GALERA_APPLIERS, PART_STATUS, "wsrep_applier_thread_count", 0},
	{GALERA_DELAYED, PART_STATUS, "wsrep_evs_delayed", 0},
	{GALERA_LATENCY, PART_STATUS, "wsrep_evs_repl_latency", 0},
	{GALERA_DONOR, PART_VARIABLES, "wsrep_sst_donor", 0},
	{GALERA_PROVIDER, PART_STATUS, "wsrep_provider_version", 0},
};

static struct value fitted(unsigned field, struct value v, double scale)
{
	if (fields[field].unit == UNIT_BOOL && v.type == VALUE_TEXT)
		return value_int(strcasecmp(v.s, "ON") == 0 || strcasecmp(v.s, "true") == 0);
	return scale > 0 && value_is_number(v) ? value_real(value_number(v, 0) * scale) : v;
}

/* Into the row of the node that was asked. */
static void add_own(struct join_part *j, const struct collect_ctx *ctx)
{
	join_set(j, GALERA_SELF, value_int(1));
	for (size_t i = 0; i < COUNT_OF(own); i++)
		join_set(j, own[i].field, fitted(own[i].field,
						 part_lookup(ctx->parts[own[i].part], own[i].name),
						 own[i].scale));
}

static void add_members(struct join_part *j, const struct collect_ctx *ctx, bool *found_own)
{
	const struct part *members = ctx->parts[PART_GALERA_MEMBERS];
	const char *self = status_text(ctx, "wsrep_gcomm_uuid");
	const char *name = value_cstr(part_lookup(ctx->parts[PART_VARIABLES], "wsrep_node_name"));
	for (unsigned i = 0; join_readable(members) && i < part_rows(members); i++) {
		struct value id = part_get(members, i, MEMBER_ID), as = part_get(members, i, MEMBER_NAME);
		bool is_self = *self ? strcmp(value_cstr(id), self) == 0 : strcmp(value_cstr(as), name) == 0;
		part_row_begin(j->builder);
		join_row(j, members, i);
		join_set(j, GALERA_SELF, value_int(0));
		if (is_self && !*found_own) {
			add_own(j, ctx);
			*found_own = true;
		}
		part_row_end(j->builder);
	}
}

/* Where there is no list of members: their addresses, in order of their index. */
static void add_addresses(struct join_part *j, const struct collect_ctx *ctx, bool *found_own)
{
	const char *s = status_text(ctx, "wsrep_incoming_addresses");
	int64_t own_index = value_integer(part_lookup(ctx->parts[PART_STATUS], "wsrep_local_index"), -1);
	for (int64_t index = 0; *s; index++) {
		size_t n = strcspn(s, ",");
		bool is_self = index == own_index && !*found_own;
		if (is_self || (n && strncmp(s, "AUTO", n) != 0)) {
			part_row_begin(j->builder);
			join_set(j, MEMBER_ID, value_text(s, (uint32_t)n));
			join_set(j, MEMBER_ADDRESS, value_text(s, (uint32_t)n));
			join_set(j, GALERA_SELF, value_int(0));
			if (is_self)
				add_own(j, ctx);
			*found_own |= is_self;
			part_row_end(j->builder);
		}
		s += n + (s[n] == ',');
	}
}

/* A node that has lost the cluster still says how it is. */
static void add_alone(struct join_part *j, const struct collect_ctx *ctx)
{
	struct value name = part_lookup(ctx->parts[PART_VARIABLES], "wsrep_node_name");
	part_row_begin(j->builder);
	join_set(j, MEMBER_ID, name.type == VALUE_ABSENT ? value_str("this node") : name);
	join_set(j, MEMBER_NAME, name);
	join_set(j, MEMBER_ADDRESS, part_lookup(ctx->parts[PART_VARIABLES], "wsrep_node_incoming_address"));
	add_own(j, ctx);
	part_row_end(j->builder);
}

static bool has_provider(const struct collect_ctx *ctx)
{
	return in_cluster(ctx) || *status_text(ctx, "wsrep_provider_version");
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	const struct part *status = ctx->parts[PART_STATUS];
	struct join_part j = join_new(PART_GALERA, &schema);
	bool found_own = false;
	add_members(&j, ctx, &found_own);
	if (!part_builder_rows(j.builder))
		add_addresses(&j, ctx, &found_own);
	if (!found_own && has_provider(ctx))
		add_alone(&j, ctx);
	if (part_builder_rows(j.builder)) {
		join_reasons(&j, ctx->parts[PART_GALERA_MEMBERS], PART_GALERA_MEMBERS, "nobody read it");
		for (size_t i = 0; i < COUNT_OF(own); i++)
			join_reason(&j, own[i].field, "this node does not say it");
	}
	return join_seal(&j, status);
}

const struct derivation galera_derivation = {
	.part = PART_GALERA,
	.schema = &schema,
	.from = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_GALERA_MEMBERS),
	.requires = PART_BIT(PART_STATUS),
	.make = make,
};
