/*
 * The heartbeat table that pt-heartbeat and its like write on a source once a second: its newest row, copied
 * here by replication, tells how old the data of this replica is. Looked for where people commonly have it,
 * and only on replicas.
 */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/channels.h"

#define HEARTBEAT_FIELDS(F) \
	F(SERVER_ID, "server_id", INT, ID, GAUGE, "Server", "server_id of the server that writes the row.", \
	  "heartbeat server_id", "The source of this replica, or one above it.") \
	F(TS, "ts", TEXT, NONE, GAUGE, "Written", "When the row was written, as it stands there.", \
	  "heartbeat ts", "") \
	F(LAG, "lag", REAL, SECONDS, GAUGE, "Lag", \
	  "Age of the row by this server's clock. The table does not say whether its times are local or " \
	  "UTC: what gives the smaller age is taken.", "NOW() or UTC_TIMESTAMP() minus heartbeat ts", \
	  "Below twice the period in which it is written, a second unless set.") \
	F(FILE, "file", TEXT, NONE, GAUGE, "File", "The writer's binary log file then.", "heartbeat file", "") \
	F(POSITION, "position", INT, BYTES, GAUGE, "Position", "The position in it.", "heartbeat position", \
	  "Near the newest.")

enum { SERVER_ID };
static const struct field fields[] = {HEARTBEAT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"heartbeat", fields, COUNT_OF(fields), SERVER_ID};

/* A row of the future by a little is one of now. */
#define LOCAL "TIMESTAMPDIFF(MICROSECOND, ts, NOW(6))/1e6"
#define UTC "TIMESTAMPDIFF(MICROSECOND, ts, UTC_TIMESTAMP(6))/1e6"
#define LEAST_AGE \
	"GREATEST(0, CASE WHEN " LOCAL " < -2 THEN " UTC " WHEN " UTC " < -2 THEN " LOCAL \
	" ELSE LEAST(" LOCAL ", " UTC ") END)"

static const struct source_column columns[] = {
	{"server_id", "server_id", "server_id"},
	{"ts", "ts", "ts"},
	{"lag", LEAST_AGE, "ts"},
	{"file", "`file`", "file"},
	{"position", "`position`", "position"},
	{0},
};

#define PLACE(schema, remedy) \
	{ \
		.table = schema ".heartbeat", .columns = columns, \
		.stmt = {"heartbeat/" schema, "SELECT %c FROM " schema ".heartbeat ORDER BY ts DESC LIMIT 100", \
			 STMT_READ}, \
		.grant = "SELECT ON " schema ".heartbeat", \
		.install = remedy, \
		.usable = channels_any, \
	}

static const struct source sources[] = {
	PLACE("percona", NULL),
	PLACE("heartbeat", NULL),
	PLACE("meta", NULL),
	PLACE("monitor", NULL),
	PLACE("percona_schema", "write one on the source: pt-heartbeat --update --create-table -D percona"),
	{0},
};

const struct collector heartbeat_collector = {
	.part = PART_HEARTBEAT,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.after = PART_BIT(PART_CHANNELS),
	.feature = "replication: lag by a heartbeat table",
};
