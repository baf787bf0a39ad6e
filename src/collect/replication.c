/*
 * Replication channels of a replica. The servers renamed verbs and columns twice; both spellings are known
 * here, and one that a server refuses makes way for the next.
 */
#include "base/mem.h"
#include "collect/all.h"

#define SRS "SHOW REPLICA STATUS: "
#define REPLICATION_FIELDS(F) \
	F(CHANNEL, "channel", TEXT, NONE, GAUGE, "Channel", \
	  "Name of the channel (connection); the default one has none.", \
	  SRS "Channel_Name; MariaDB: Connection_name", "") \
	F(SOURCE_HOST, "source_host", TEXT, NONE, GAUGE, "Source", "Host it replicates from.", \
	  SRS "Source_Host", "") \
	F(SOURCE_PORT, "source_port", INT, ID, GAUGE, "Port", "Port of the source.", \
	  SRS "Source_Port", "3306 unless set.") \
	F(SOURCE_USER, "source_user", TEXT, NONE, GAUGE, "User", "Account it logs in with.", \
	  SRS "Source_User", "") \
	F(IO_RUNNING, "io_running", TEXT, NONE, GAUGE, "Receiver", \
	  "Whether the receiver (I/O thread) runs: Yes, No or Connecting.", \
	  SRS "Replica_IO_Running", "") \
	F(SQL_RUNNING, "sql_running", TEXT, NONE, GAUGE, "Applier", \
	  "Whether the applier (SQL thread) runs: Yes or No.", SRS "Replica_SQL_Running", "") \
	F(LAG, "lag", REAL, SECONDS, GAUGE, "Lag", \
	  "How far the applier is behind what it has received. Unknown while replication is broken.", \
	  SRS "Seconds_Behind_Source", \
	  "0 or near it. It may say 0 while the receiver is behind: compare positions.") \
	F(DELAY, "delay", INT, SECONDS, GAUGE, "Delay", "Lag that somebody ordered.", \
	  SRS "SQL_Delay", "0, except on replicas kept back on purpose.") \
	F(IO_STATE, "io_state", TEXT, NONE, GAUGE, "Receiver's state", "What the receiver does.", \
	  SRS "Replica_IO_State", "") \
	F(SQL_STATE, "sql_state", TEXT, NONE, GAUGE, "Applier's state", "What the applier does.", \
	  SRS "Replica_SQL_Running_State", "") \
	F(IO_ERRNO, "io_errno", INT, ID, GAUGE, "Receiver's error", "Number of its last error.", \
	  SRS "Last_IO_Errno", "0.") \
	F(IO_ERROR, "io_error", TEXT, NONE, GAUGE, "Receiver's error", "Text of its last error.", \
	  SRS "Last_IO_Error", "") \
	F(SQL_ERRNO, "sql_errno", INT, ID, GAUGE, "Applier's error", "Number of its last error.", \
	  SRS "Last_SQL_Errno", "0.") \
	F(SQL_ERROR, "sql_error", TEXT, NONE, GAUGE, "Applier's error", "Text of its last error.", \
	  SRS "Last_SQL_Error", "") \
	F(READ_FILE, "read_file", TEXT, NONE, GAUGE, "Received file", \
	  "The source's binary log file that it has received up to.", SRS "Source_Log_File", "") \
	F(READ_POSITION, "read_position", INT, BYTES, COUNTER, "Received", \
	  "Position in that file.", SRS "Read_Source_Log_Pos", "The end of the source's newest file.") \
	F(EXEC_FILE, "exec_file", TEXT, NONE, GAUGE, "Applied file", \
	  "The source's binary log file that it has applied up to.", SRS "Relay_Source_Log_File", "") \
	F(EXEC_POSITION, "exec_position", INT, BYTES, COUNTER, "Applied", "Position in that file.", \
	  SRS "Exec_Source_Log_Pos", "The position received, or just before it.") \
	F(RELAY_SPACE, "relay_space", INT, BYTES, GAUGE, "Relay logs", \
	  "Size of all relay logs: received, and mostly not yet applied.", SRS "Relay_Log_Space", \
	  "Small; growing means that the applier cannot follow.") \
	F(GTID_MODE, "gtid", TEXT, NONE, GAUGE, "By GTID", \
	  "Whether it finds its position by GTID: Auto_Position 1; Using_Gtid on MariaDB.", \
	  SRS "Auto_Position; MariaDB: Using_Gtid", "") \
	F(GTID_RECEIVED, "gtid_received", TEXT, NONE, GAUGE, "GTIDs received", \
	  "Transactions that it has received.", SRS "Retrieved_Gtid_Set; MariaDB: Gtid_IO_Pos", "") \
	F(GTID_EXECUTED, "gtid_executed", TEXT, NONE, GAUGE, "GTIDs applied", \
	  "Transactions that it has applied.", SRS "Executed_Gtid_Set; MariaDB: Gtid_Slave_Pos", "") \
	F(SOURCE_ID, "source_id", INT, ID, GAUGE, "Source's id", "server_id of the source.", \
	  SRS "Source_Server_Id", "Unlike any other server's.") \
	F(SOURCE_UUID, "source_uuid", TEXT, NONE, GAUGE, "Source's UUID", "server_uuid of the source.", \
	  SRS "Source_UUID", "") \
	F(TLS, "tls", TEXT, NONE, GAUGE, "TLS", "Whether it connects with TLS.", \
	  SRS "Source_SSL_Allowed", "")

static const struct field fields[] = {REPLICATION_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"replication", fields, COUNT_OF(fields), 0};

/* field, present name, former name */
static const struct source_column columns[] = {
	{"channel", "Channel_Name", NULL},
	{"channel", "Connection_name", NULL},
	{"source_host", "Source_Host", NULL},
	{"source_host", "Master_Host", NULL},
	{"source_port", "Source_Port", NULL},
	{"source_port", "Master_Port", NULL},
	{"source_user", "Source_User", NULL},
	{"source_user", "Master_User", NULL},
	{"io_running", "Replica_IO_Running", NULL},
	{"io_running", "Slave_IO_Running", NULL},
	{"sql_running", "Replica_SQL_Running", NULL},
	{"sql_running", "Slave_SQL_Running", NULL},
	{"lag", "Seconds_Behind_Source", NULL},
	{"lag", "Seconds_Behind_Master", NULL},
	{"delay", "SQL_Delay", NULL},
	{"io_state", "Replica_IO_State", NULL},
	{"io_state", "Slave_IO_State", NULL},
	{"sql_state", "Replica_SQL_Running_State", NULL},
	{"sql_state", "Slave_SQL_Running_State", NULL},
	{"io_errno", "Last_IO_Errno", NULL},
	{"io_error", "Last_IO_Error", NULL},
	{"sql_errno", "Last_SQL_Errno", NULL},
	{"sql_error", "Last_SQL_Error", NULL},
	{"read_file", "Source_Log_File", NULL},
	{"read_file", "Master_Log_File", NULL},
	{"read_position", "Read_Source_Log_Pos", NULL},
	{"read_position", "Read_Master_Log_Pos", NULL},
	{"exec_file", "Relay_Source_Log_File", NULL},
	{"exec_file", "Relay_Master_Log_File", NULL},
	{"exec_position", "Exec_Source_Log_Pos", NULL},
	{"exec_position", "Exec_Master_Log_Pos", NULL},
	{"relay_space", "Relay_Log_Space", NULL},
	{"gtid", "Auto_Position", NULL},
	{"gtid", "Using_Gtid", NULL},
	{"gtid_received", "Retrieved_Gtid_Set", NULL},
	{"gtid_received", "Gtid_IO_Pos", NULL},
	{"gtid_executed", "Executed_Gtid_Set", NULL},
	{"gtid_executed", "Gtid_Slave_Pos", NULL},
	{"source_id", "Source_Server_Id", NULL},
	{"source_id", "Master_Server_Id", NULL},
	{"source_uuid", "Source_UUID", NULL},
	{"source_uuid", "Master_UUID", NULL},
	{"tls", "Source_SSL_Allowed", NULL},
	{"tls", "Master_SSL_Allowed", NULL},
	{0},
};

static const struct source sources[] = {
	{
		/* All connections; plain SHOW REPLICA STATUS leaves named ones out. */
		.flavor = FLAVOR_MARIADB,
		.columns = columns,
		.stmt = {"replication/mariadb", "SHOW ALL SLAVES STATUS", STMT_READ},
		.grant = "REPLICA MONITOR",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"replication/replica", "SHOW REPLICA STATUS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"replication/slave", "SHOW SLAVE STATUS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{0},
};

const struct collector replication_collector = {
	.part = PART_REPLICATION,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.feature = "replication: lag and errors of a replica",
};
