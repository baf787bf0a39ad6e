/* What a server is to others, from what was read of it. */
#include <string.h>
#include <strings.h>

#include "collect/collector.h"

static bool readable(const struct part *p)
{
	return p && (part_status(p) == PART_OK || part_status(p) == PART_STALE);
}

static const char *text(const struct part *p, unsigned row, const char *field)
{
	int f = schema_field(part_schema(p), field);
	return f < 0 ? "" : value_cstr(part_get(p, row, (unsigned)f));
}

static const char *status(const struct collect_ctx *ctx, const char *name)
{
	return value_cstr(part_lookup(ctx->parts[PART_STATUS], name));
}

/* Of this member; ROLE_UNKNOWN without a group. */
static enum role group_role(const struct collect_ctx *ctx)
{
	const struct part *p = ctx->parts[PART_GROUP];
	const char *uuid = value_cstr(part_lookup(ctx->parts[PART_VARIABLES], "server_uuid"));
	if (!readable(p) || !*uuid)
		return ROLE_UNKNOWN;
	int row = part_find(p, value_str(uuid));
	if (row < 0 || strcmp(text(p, (unsigned)row, "state"), "OFFLINE") == 0)
		return ROLE_UNKNOWN;
	const char *role = text(p, (unsigned)row, "role");
	/* 5.7 names the primary in a status variable. */
	bool primary = *role ? strcmp(role, "PRIMARY") == 0
			     : strcmp(status(ctx, "group_replication_primary_member"), uuid) == 0;
	return primary ? ROLE_GROUP_PRIMARY : ROLE_GROUP_SECONDARY;
}

static bool in_galera(const struct collect_ctx *ctx)
{
	return value_integer(part_lookup(ctx->parts[PART_STATUS], "wsrep_cluster_size"), 0) > 0 ||
	       strcasecmp(status(ctx, "wsrep_ready"), "ON") == 0;
}

/* Channels that somebody set up; a group has channels of its own. */
static unsigned channels(const struct part *p)
{
	unsigned n = 0;
	for (unsigned i = 0; i < part_rows(p); i++)
		n += strncmp(text(p, i, "channel"), "group_replication_", 18) != 0;
	return n;
}

enum role collect_role(const struct collect_ctx *ctx, bool *read_only, bool *read_only_known)
{
	struct value v = part_lookup(ctx->parts[PART_VARIABLES], "read_only");
	*read_only_known = v.type != VALUE_ABSENT;
	*read_only = v.type == VALUE_TEXT ? strcasecmp(v.s, "OFF") != 0 : value_integer(v, 0) != 0;

	enum role group = group_role(ctx);
	if (group != ROLE_UNKNOWN)
		return group;
	if (in_galera(ctx))
		return ROLE_GALERA;
	const struct part *channel = ctx->parts[PART_REPLICATION], *replicas = ctx->parts[PART_REPLICAS];
	if (!readable(channel))
		return ROLE_UNKNOWN;
	bool has_source = channels(channel) > 0;
	bool has_replicas = readable(replicas) && part_rows(replicas) > 0;
	if (has_source)
		return has_replicas ? ROLE_INTERMEDIATE : ROLE_REPLICA;
	if (has_replicas)
		return ROLE_PRIMARY;
	return readable(replicas) ? ROLE_STANDALONE : ROLE_UNKNOWN;
}
