/* Members of a replication group with their queues, as this member sees them. No row where there is no
   group. */
#include "base/mem.h"
#include "collect/all.h"

#define RGM "replication_group_members "
#define RGS "replication_group_member_stats "
#define GROUP_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Member", "server_uuid of the member.", RGM "MEMBER_ID", "") \
	F(HOST, "host", TEXT, NONE, GAUGE, "Host", "Its host.", RGM "MEMBER_HOST", "") \
	F(PORT, "port", INT, ID, GAUGE, "Port", "Its port.", RGM "MEMBER_PORT", "3306 unless set.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "ONLINE, RECOVERING, UNREACHABLE, ERROR or OFFLINE, as this member sees it.", \
	  RGM "MEMBER_STATE", "") \
	F(ROLE, "role", TEXT, NONE, GAUGE, "Role", "PRIMARY or SECONDARY.", RGM "MEMBER_ROLE", "") \
	F(VERSION, "version", TEXT, NONE, GAUGE, "Version", "Its version.", RGM "MEMBER_VERSION", "") \
	F(STACK, "stack", TEXT, NONE, GAUGE, "Stack", "How members talk: XCom or MYSQL.", \
	  RGM "MEMBER_COMMUNICATION_STACK", "") \
	F(SELF, "is_self", INT, BOOL, GAUGE, "This one", "Whether it is the server that is asked.", \
	  RGM "MEMBER_ID, server_uuid", "Yes for one.") \
	F(VIEW, "view_id", TEXT, NONE, GAUGE, "View", \
	  "Which composition of the group it belongs to; the last number grows with each change.", \
	  RGS "VIEW_ID", "") \
	F(QUEUE, "queue", INT, COUNT, GAUGE, "To certify", \
	  "Transactions that wait to be checked for conflicts.", RGS "COUNT_TRANSACTIONS_IN_QUEUE", \
	  "Near 0. Above group_replication_flow_control_certifier_threshold the writers are slowed down.") \
	F(APPLY_QUEUE, "apply_queue", INT, COUNT, GAUGE, "To apply", \
	  "Transactions of other members that wait to be applied here: how far it is behind.", \
	  RGS "COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE", \
	  "Near 0. Above group_replication_flow_control_applier_threshold the writers are slowed down.") \
	F(CHECKED, "checked", INT, COUNT, COUNTER, "Certified", "Transactions that were checked.", \
	  RGS "COUNT_TRANSACTIONS_CHECKED", "As many as the group commits.") \
	F(CONFLICTS, "conflicts", INT, COUNT, COUNTER, "Conflicts", \
	  "Transactions that were refused since another member changed the same rows first.", \
	  RGS "COUNT_CONFLICTS_DETECTED", "0 with one primary.") \
	F(VALIDATING, "rows_validating", INT, COUNT, GAUGE, "Certification rows", \
	  "Rows that the certifier remembers: the certification database.", \
	  RGS "COUNT_TRANSACTIONS_ROWS_VALIDATING", \
	  "Falls each minute; growing without end, a member lags or stands still.") \
	F(APPLIED, "applied", INT, COUNT, COUNTER, "Applied", "Transactions of other members applied here.", \
	  RGS "COUNT_TRANSACTIONS_REMOTE_APPLIED", "As many as the others commit.") \
	F(PROPOSED, "proposed", INT, COUNT, COUNTER, "Proposed", "Transactions that began on this member.", \
	  RGS "COUNT_TRANSACTIONS_LOCAL_PROPOSED", "0 on secondaries.") \
	F(ROLLED_BACK, "rolled_back", INT, COUNT, COUNTER, "Rolled back", \
	  "Of those, what the group refused.", RGS "COUNT_TRANSACTIONS_LOCAL_ROLLBACK", "0, or few.") \
	F(COMMITTED, "committed_all", TEXT, NONE, GAUGE, "On all members", \
	  "Transactions that all members have.", RGS "TRANSACTIONS_COMMITTED_ALL_MEMBERS", "") \
	F(LAST, "last_conflict_free", TEXT, NONE, GAUGE, "Last certified", \
	  "The last transaction that was checked and had no conflict.", \
	  RGS "LAST_CONFLICT_FREE_TRANSACTION", "")

static const struct field fields[] = {GROUP_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"group", fields, COUNT_OF(fields), 0};

/* Statistics of all members came with roles, in 8.0; 5.7 has those of the member itself. */
#define SINCE_8 "MEMBER_ROLE"

static const struct source_column columns[] = {
	{"id", "m.MEMBER_ID", NULL},
	{"host", "m.MEMBER_HOST", NULL},
	{"port", "m.MEMBER_PORT", NULL},
	{"state", "m.MEMBER_STATE", NULL},
	{"role", "m.MEMBER_ROLE", SINCE_8},
	{"version", "m.MEMBER_VERSION", "MEMBER_VERSION"},
	{"stack", "m.MEMBER_COMMUNICATION_STACK", "MEMBER_COMMUNICATION_STACK"},
	{"is_self", "m.MEMBER_ID = @@server_uuid", NULL},
	{"view_id", "s.VIEW_ID", NULL},
	{"queue", "s.COUNT_TRANSACTIONS_IN_QUEUE", NULL},
	{"apply_queue", "s.COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE", SINCE_8},
	{"checked", "s.COUNT_TRANSACTIONS_CHECKED", NULL},
	{"conflicts", "s.COUNT_CONFLICTS_DETECTED", NULL},
	{"rows_validating", "s.COUNT_TRANSACTIONS_ROWS_VALIDATING", NULL},
	{"applied", "s.COUNT_TRANSACTIONS_REMOTE_APPLIED", SINCE_8},
	{"proposed", "s.COUNT_TRANSACTIONS_LOCAL_PROPOSED", SINCE_8},
	{"rolled_back", "s.COUNT_TRANSACTIONS_LOCAL_ROLLBACK", SINCE_8},
	{"committed_all", "s.TRANSACTIONS_COMMITTED_ALL_MEMBERS", NULL},
	{"last_conflict_free", "s.LAST_CONFLICT_FREE_TRANSACTION", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.table = "performance_schema.replication_group_members",
		.columns = columns,
		.stmt = {"group", "SELECT %c FROM performance_schema.replication_group_members m "
			 "LEFT JOIN performance_schema.replication_group_member_stats s "
			 "ON s.MEMBER_ID = m.MEMBER_ID WHERE m.MEMBER_ID <> ''", STMT_READ},
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
