/*
 * Replicas that are connected: the sessions that send them the binary log, with what each registered itself
 * as. Which is whose: by the UUID that a replica leaves in its session (MySQL), else where there is but one
 * of each or the host tells.
 */
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/join.h"
#include "collect/sessions.h"

/* --- what they registered as ------------------------------------------------------------------------- */

#define SR "SHOW REPLICAS: "
#define HOST_FIELDS(F) \
	F(SERVER_ID, "server_id", INT, ID, GAUGE, "Server", "server_id of the replica.", SR "Server_Id", \
	  "Unlike any other server's.") \
	F(NAME_HOST, "replica_host", TEXT, NONE, GAUGE, "Says it is", \
	  "Host under which it registered (its report_host).", SR "Host", "") \
	F(PORT, "replica_port", INT, ID, GAUGE, "Port", "Port under which it registered.", SR "Port", \
	  "3306 unless set.") \
	F(UUID, "uuid", TEXT, NONE, GAUGE, "UUID", "server_uuid of the replica.", \
	  SR "Replica_UUID (MySQL)", "")

enum { HOST_SERVER_ID };
static const struct field host_fields[] = {HOST_FIELDS(SCHEMA_FIELD)};
static const struct schema host_schema = {"replica_hosts", host_fields, COUNT_OF(host_fields), HOST_SERVER_ID};

static const struct source_column host_columns[] = {
	{"server_id", "Server_Id", NULL},
	{"replica_host", "Host", NULL},
	{"replica_port", "Port", NULL},
	{"uuid", "Replica_UUID", NULL},
	{"uuid", "Slave_UUID", NULL},
	{0},
};

static bool is_dump(const struct part *sessions, unsigned row)
{
	return strncmp(value_cstr(part_get(sessions, row, SESSION_COMMAND)), "Binlog Dump", 11) == 0;
}

static bool has_replicas(const struct collect_ctx *ctx)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	for (unsigned i = 0; sessions && i < part_rows(sessions); i++)
		if (is_dump(sessions, i))
			return true;
	return false;
}

static const struct source host_sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.columns = host_columns,
		.stmt = {"replica_hosts/replicas", "SHOW REPLICAS", STMT_READ},
		.grant = "REPLICATION SLAVE",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.columns = host_columns,
		.stmt = {"replica_hosts/slaves", "SHOW SLAVE HOSTS", STMT_READ},
		.grant = "REPLICATION SLAVE",
	},
	{
		.flavor = FLAVOR_MARIADB,
		.columns = host_columns,
		.stmt = {"replica_hosts/mariadb", "SHOW SLAVE HOSTS", STMT_READ},
		.grant = "REPLICATION MASTER ADMIN",
	},
	{0},
};

const struct collector replica_hosts_collector = {
	.part = PART_REPLICA_HOSTS,
	.cost = COST_SLOW,
	.schema = &host_schema,
	.sources = host_sources,
	.gate = has_replicas,
	.after = PART_BIT(PART_SESSIONS),
	.feature = "names of replicas",
};

/* --- what they left in their sessions ---------------------------------------------------------------- */

#define VAR_FIELDS(F) \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", "Thread that serves the replica.", \
	  "user_variables_by_thread THREAD_ID", "") \
	F(UUID, "uuid", TEXT, NONE, GAUGE, "UUID", "server_uuid of the replica.", \
	  "user_variables_by_thread replica_uuid, slave_uuid", "") \
	F(SEMISYNC, "semisync", INT, BOOL, GAUGE, "Semi-sync", "Whether it offered to acknowledge.", \
	  "user_variables_by_thread rpl_semi_sync_replica, rpl_semi_sync_slave", \
	  "Yes where the source waits for acknowledgements.")

enum { VAR_THREAD_ID };
static const struct field var_fields[] = {VAR_FIELDS(SCHEMA_FIELD)};
static const struct schema var_schema = {"replica_vars", var_fields, COUNT_OF(var_fields), VAR_THREAD_ID};

static const struct source_column var_columns[] = {
	{"thread_id", "THREAD_ID", NULL},
	{"uuid", "MAX(IF(VARIABLE_NAME IN ('replica_uuid', 'slave_uuid'), VARIABLE_VALUE, NULL))", NULL},
	{"semisync", "MAX(IF(VARIABLE_NAME IN ('rpl_semi_sync_replica', 'rpl_semi_sync_slave'), "
		     "VARIABLE_VALUE + 0, 0))", NULL},
	{0},
};

/* The table has an index on threads; all of it would be every session's variables. */
enum { MOST_REPLICAS = 500 };

static size_t dump_threads(const struct collect_ctx *ctx, struct stmt_arg args[4], struct buf *keep)
{
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	int64_t none = 0;
	for (unsigned i = 0; sessions && i < part_rows(sessions); i++) {
		struct value thread = part_get(sessions, i, SESSION_THREAD_ID);
		if (is_dump(sessions, i) && thread.type == VALUE_INT &&
		    keep->len < MOST_REPLICAS * sizeof thread.i)
			buf_add(keep, &thread.i, sizeof thread.i);
	}
	if (!keep->len)
		buf_add(keep, &none, sizeof none);
	args[0] = STMT_INTS((const int64_t *)(const void *)keep->s, keep->len / sizeof none);
	return 1;
}

static const struct source var_sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.user_variables_by_thread",
		.columns = var_columns,
		.stmt = {"replica_vars", "SELECT %c FROM performance_schema.user_variables_by_thread "
			 "WHERE THREAD_ID IN (%l) AND VARIABLE_NAME IN ('replica_uuid', 'slave_uuid', "
			 "'rpl_semi_sync_replica', 'rpl_semi_sync_slave') GROUP BY THREAD_ID", STMT_READ},
		.args = dump_threads,
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector replica_vars_collector = {
	.part = PART_REPLICA_VARS,
	.cost = COST_SLOW,
	.schema = &var_schema,
	.sources = var_sources,
	.gate = has_replicas,
	.after = PART_BIT(PART_SESSIONS),
	.feature = "UUIDs of replicas",
};

/* --- the whole -------------------------------------------------------------------------------------- */

#define REPLICA_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Session", "Connection id of the session that serves it.", \
	  "threads PROCESSLIST_ID; PROCESSLIST ID", "Stays the same while it is connected.") \
	F(USER, "user", TEXT, NONE, GAUGE, "User", "Account it logged in with.", \
	  "threads PROCESSLIST_USER; PROCESSLIST USER", "") \
	F(HOST, "host", TEXT, NONE, GAUGE, "Host", "Host it comes from.", \
	  "threads PROCESSLIST_HOST; PROCESSLIST HOST", "") \
	F(GTID, "by_gtid", INT, BOOL, GAUGE, "By GTID", "Whether it asked for a position by GTID.", \
	  "threads PROCESSLIST_COMMAND", "Yes on modern set-ups of MySQL.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", "What the session does.", \
	  "threads PROCESSLIST_STATE; PROCESSLIST STATE", "") \
	F(TIME, "time", REAL, SECONDS, GAUGE, "Connected", "How long it has been connected.", \
	  "threads PROCESSLIST_TIME; PROCESSLIST TIME_MS", "Days; short times mean reconnects.") \
	F(NAME, "name", TEXT, NONE, GAUGE, "Replica", \
	  "What to call it: host and port under which it registered, else where it comes from.", \
	  SR "Host, Port", "") \
	HOST_FIELDS(F) \
	F(SEMISYNC, "semisync", INT, BOOL, GAUGE, "Semi-sync", "Whether it acknowledges transactions.", \
	  "user_variables_by_thread rpl_semi_sync_replica (MySQL)", \
	  "Yes where the source waits for acknowledgements.") \
	F(SENT_ALL, "sent_all", INT, BOOL, GAUGE, "Sent all", \
	  "Whether it was sent all that is in the binary log; whether it applied that, it alone knows.", \
	  "The session's state", "Yes, or by turns under load. No for long: the network, or a replica " \
	  "that just came back.") \
	F(FILE, "file", TEXT, NONE, GAUGE, "File", \
	  "Binary log file that is being sent to it: it needs this and all newer ones.", \
	  "SHOW BINARY LOG STATUS, where all was sent", "") \
	F(POSITION, "position", INT, BYTES, COUNTER, "Position", "Position up to which it was sent.", \
	  "SHOW BINARY LOG STATUS, where all was sent", "The end of the newest file.")

enum {
#define REPLICA_ENUM(id, ...) REPLICA_##id,
	REPLICA_FIELDS(REPLICA_ENUM)
#undef REPLICA_ENUM
};
static const struct field fields[] = {REPLICA_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"replicas", fields, COUNT_OF(fields), REPLICA_ID};

static const struct part *readable(const struct collect_ctx *ctx, enum part_id id)
{
	return join_readable(ctx->parts[id]) ? ctx->parts[id] : NULL;
}

static unsigned count_dumps(const struct part *sessions)
{
	unsigned n = 0;
	for (unsigned i = 0; i < part_rows(sessions); i++)
		n += is_dump(sessions, i);
	return n;
}

static bool host_fits(struct value session_host, struct value registered)
{
	const char *a = value_cstr(session_host), *b = value_cstr(registered);
	size_t n = strcspn(a, ":");
	return *b && strlen(b) == n && strncmp(a, b, n) == 0;
}

/* The registration of the session's replica; -1: unknown. */
static int registration(const struct part *hosts, struct value uuid, struct value host, unsigned dumps)
{
	int found = -1;
	if (!hosts)
		return -1;
	if (uuid.type == VALUE_TEXT)
		return join_find(hosts, "uuid", uuid);
	if (dumps == 1 && part_rows(hosts) == 1)
		return 0;
	for (unsigned i = 0; i < part_rows(hosts); i++) {
		if (!host_fits(host, part_cell(hosts, i, "replica_host")))
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

/* `Source has sent all binlog to replica; waiting for more updates`, in whichever words. */
static bool sent_all(struct value state)
{
	return strstr(value_cstr(state), "has sent all binlog") != NULL;
}

static void set_name(struct join_part *j, struct value session_host)
{
	struct value host = part_peek(j->builder, REPLICA_NAME_HOST), port = part_peek(j->builder, REPLICA_PORT);
	struct buf name = BUF_INIT;
	buf_adds(&name, *value_cstr(host) ? value_cstr(host) : value_cstr(session_host));
	if (port.type == VALUE_INT && *value_cstr(host))
		buf_addf(&name, ":%lld", (long long)port.i);
	if (name.len)
		join_set(j, REPLICA_NAME, value_text(name.s, (uint32_t)name.len));
	buf_release(&name);
}

static void set_sent(struct join_part *j, const struct collect_ctx *ctx, struct value state)
{
	const struct part *end = readable(ctx, PART_BINLOG_END);
	bool all = sent_all(state);
	if (state.type == VALUE_ABSENT)
		return;
	join_set(j, REPLICA_SENT_ALL, value_int(all));
	if (all && end && part_rows(end)) {
		join_set(j, REPLICA_FILE, part_cell(end, 0, "file"));
		join_set(j, REPLICA_POSITION, part_cell(end, 0, "position"));
	}
}

static void add_replica(struct join_part *j, const struct collect_ctx *ctx, unsigned row, unsigned dumps)
{
	static const struct {
		unsigned to, from;
	} plain[] = {
		{REPLICA_ID, SESSION_ID},       {REPLICA_USER, SESSION_USER},
		{REPLICA_HOST, SESSION_HOST},   {REPLICA_STATE, SESSION_STATE},
		{REPLICA_TIME, SESSION_TIME},
	};
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	const struct part *vars = readable(ctx, PART_REPLICA_VARS), *hosts = readable(ctx, PART_REPLICA_HOSTS);
	const char *command = value_cstr(part_get(sessions, row, SESSION_COMMAND));
	struct value thread = part_get(sessions, row, SESSION_THREAD_ID);
	struct value host = part_get(sessions, row, SESSION_HOST);

	part_row_begin(j->builder);
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		join_set(j, plain[i].to, part_get(sessions, row, plain[i].from));
	join_set(j, REPLICA_GTID, value_int(strstr(command, "GTID") != NULL));
	int var = vars && thread.type == VALUE_INT ? join_find(vars, "thread_id", thread) : -1;
	struct value uuid = var < 0 ? VALUE_NONE : part_cell(vars, (unsigned)var, "uuid");
	join_set(j, REPLICA_UUID, uuid);
	if (var >= 0)
		join_set(j, REPLICA_SEMISYNC, part_cell(vars, (unsigned)var, "semisync"));
	int at = registration(hosts, uuid, host, dumps);
	if (at >= 0)
		join_row(j, hosts, (unsigned)at);
	set_name(j, host);
	set_sent(j, ctx, part_get(sessions, row, SESSION_STATE));
	part_row_end(j->builder);
}

static void say_what_is_absent(struct join_part *j, const struct collect_ctx *ctx)
{
	join_reasons(j, ctx->parts[PART_REPLICA_VARS], PART_REPLICA_VARS, "this server does not tell");
	join_reasons(j, ctx->parts[PART_REPLICA_HOSTS], PART_REPLICA_HOSTS, "this server does not tell");
	join_reason(j, REPLICA_POSITION, "known only of replicas that were sent everything");
	join_reason(j, REPLICA_FILE, "known only of replicas that were sent everything");
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	unsigned dumps = count_dumps(sessions);
	struct join_part j = join_new(PART_REPLICAS, &schema);
	for (unsigned i = 0; i < part_rows(sessions); i++)
		if (is_dump(sessions, i))
			add_replica(&j, ctx, i, dumps);
	if (dumps)
		say_what_is_absent(&j, ctx);
	return join_seal(&j, sessions);
}

const struct derivation replicas_derivation = {
	.part = PART_REPLICAS,
	.schema = &schema,
	.from = PART_BIT(PART_SESSIONS) | PART_BIT(PART_REPLICA_HOSTS) | PART_BIT(PART_REPLICA_VARS) |
		PART_BIT(PART_BINLOG_END),
	.requires = PART_BIT(PART_SESSIONS),
	.make = make,
};
