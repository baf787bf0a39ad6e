/* Replicas that are connected: the sessions that send them the binary log. */
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/sessions.h"

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
	  "threads PROCESSLIST_TIME; PROCESSLIST TIME_MS", "Days; short times mean reconnects.")

enum {
#define REPLICA_ENUM(id, ...) REPLICA_##id,
	REPLICA_FIELDS(REPLICA_ENUM)
#undef REPLICA_ENUM
};
static const struct field fields[] = {REPLICA_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"replicas", fields, COUNT_OF(fields), REPLICA_ID};

static void add_replica(struct part_builder *b, const struct part *sessions, unsigned row)
{
	static const struct {
		unsigned to, from;
	} plain[] = {
		{REPLICA_ID, SESSION_ID},       {REPLICA_USER, SESSION_USER},
		{REPLICA_HOST, SESSION_HOST},   {REPLICA_STATE, SESSION_STATE},
		{REPLICA_TIME, SESSION_TIME},
	};
	const char *command = value_cstr(part_get(sessions, row, SESSION_COMMAND));
	part_row_begin(b);
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		part_set(b, plain[i].to, part_get(sessions, row, plain[i].from));
	part_set(b, REPLICA_GTID, value_int(strstr(command, "GTID") != NULL));
	part_row_end(b);
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	const struct part *sessions = ctx->parts[PART_SESSIONS];
	struct part_builder *b = part_builder_new(PART_REPLICAS, &schema);
	for (unsigned i = 0; i < part_rows(sessions); i++)
		if (strncmp(value_cstr(part_get(sessions, i, SESSION_COMMAND)), "Binlog Dump", 11) == 0)
			add_replica(b, sessions, i);
	return part_seal(b, part_read_mono(sessions), part_read_wall(sessions), 0);
}

const struct derivation replicas_derivation = {
	.part = PART_REPLICAS,
	.schema = &schema,
	.from = PART_BIT(PART_SESSIONS),
	.requires = PART_BIT(PART_SESSIONS),
	.make = make,
};
