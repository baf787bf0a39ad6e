/* Members of a replication group. One row without a name, or none, where there is no group. */
#include "base/mem.h"
#include "collect/all.h"

#define RGM "replication_group_members "
#define GROUP_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Member", "server_uuid of the member.", RGM "MEMBER_ID", "") \
	F(HOST, "host", TEXT, NONE, GAUGE, "Host", "Its host.", RGM "MEMBER_HOST", "") \
	F(PORT, "port", INT, ID, GAUGE, "Port", "Its port.", RGM "MEMBER_PORT", "3306 unless set.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "ONLINE, RECOVERING, UNREACHABLE, ERROR or OFFLINE, as this member sees it.", \
	  RGM "MEMBER_STATE", "") \
	F(ROLE, "role", TEXT, NONE, GAUGE, "Role", "PRIMARY or SECONDARY.", RGM "MEMBER_ROLE", "") \
	F(VERSION, "version", TEXT, NONE, GAUGE, "Version", "Its version.", RGM "MEMBER_VERSION", "")

static const struct field fields[] = {GROUP_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"group", fields, COUNT_OF(fields), 0};

static const struct source_column columns[] = {
	{"id", "MEMBER_ID", NULL},
	{"host", "MEMBER_HOST", NULL},
	{"port", "MEMBER_PORT", NULL},
	{"state", "MEMBER_STATE", NULL},
	{"role", "MEMBER_ROLE", "MEMBER_ROLE"},
	{"version", "MEMBER_VERSION", "MEMBER_VERSION"},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.replication_group_members",
		.columns = columns,
		.stmt = {"group", "SELECT %c FROM performance_schema.replication_group_members "
			 "WHERE MEMBER_ID <> ''", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector group_collector = {
	.part = PART_GROUP,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.feature = "members of a replication group",
};
