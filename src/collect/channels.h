/*
 * What a replica says of its channels. `channels` is SHOW REPLICA STATUS as it comes; `replication`, which
 * is what people see, has the same fields first and then what other parts tell of the channel.
 */
#ifndef COLLECT_CHANNELS_H
#define COLLECT_CHANNELS_H

#include "collect/collector.h"

#define SRS "SHOW REPLICA STATUS: "
#define CHANNEL_FIELDS(F) \
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
	  "Whether the receiver (I/O thread) runs: Yes, No, Connecting or Preparing.", \
	  SRS "Replica_IO_Running", "") \
	F(SQL_RUNNING, "sql_running", TEXT, NONE, GAUGE, "Applier", \
	  "Whether the applier (SQL thread) runs: Yes or No.", SRS "Replica_SQL_Running", "") \
	F(LAG, "lag", REAL, SECONDS, GAUGE, "Lag", \
	  "How far the applier is behind what it has received. Unknown while replication is broken.", \
	  SRS "Seconds_Behind_Source", \
	  "0 or near it. It may say 0 while the receiver is behind: compare positions.") \
	F(DELAY, "delay", INT, SECONDS, GAUGE, "Delay", "Lag that somebody ordered.", \
	  SRS "SQL_Delay", "0, except on replicas kept back on purpose.") \
	F(DELAY_REMAINING, "delay_remaining", INT, SECONDS, GAUGE, "Still to wait", \
	  "How long the applier still holds the next transaction back because of the ordered delay.", \
	  SRS "SQL_Remaining_Delay", "Unknown unless a delay is waited for.") \
	F(IO_STATE, "io_state", TEXT, NONE, GAUGE, "Receiver's state", "What the receiver does.", \
	  SRS "Replica_IO_State", "") \
	F(SQL_STATE, "sql_state", TEXT, NONE, GAUGE, "Applier's state", "What the applier does.", \
	  SRS "Replica_SQL_Running_State", "") \
	F(IO_ERRNO, "io_errno", INT, ID, GAUGE, "Receiver's error", "Number of its last error.", \
	  SRS "Last_IO_Errno", "0.") \
	F(IO_ERROR, "io_error", TEXT, NONE, GAUGE, "Receiver's error", "Text of its last error.", \
	  SRS "Last_IO_Error", "") \
	F(IO_ERROR_TIME, "io_error_time", TEXT, NONE, GAUGE, "Receiver's error at", \
	  "When that was, as the server prints it: year, month and day in two digits each.", \
	  SRS "Last_IO_Error_Timestamp (MySQL)", "") \
	F(SQL_ERRNO, "sql_errno", INT, ID, GAUGE, "Applier's error", "Number of its last error.", \
	  SRS "Last_SQL_Errno", "0.") \
	F(SQL_ERROR, "sql_error", TEXT, NONE, GAUGE, "Applier's error", "Text of its last error.", \
	  SRS "Last_SQL_Error", "") \
	F(SQL_ERROR_TIME, "sql_error_time", TEXT, NONE, GAUGE, "Applier's error at", \
	  "When that was, as the server prints it: year, month and day in two digits each.", \
	  SRS "Last_SQL_Error_Timestamp (MySQL)", "") \
	F(READ_FILE, "read_file", TEXT, NONE, GAUGE, "Received file", \
	  "The source's binary log file that it has received up to.", SRS "Source_Log_File", "") \
	F(READ_POSITION, "read_position", INT, BYTES, COUNTER, "Received", \
	  "Position in that file.", SRS "Read_Source_Log_Pos", "The end of the source's newest file.") \
	F(EXEC_FILE, "exec_file", TEXT, NONE, GAUGE, "Applied file", \
	  "The source's binary log file that it has applied up to.", SRS "Relay_Source_Log_File", "") \
	F(EXEC_POSITION, "exec_position", INT, BYTES, COUNTER, "Applied", "Position in that file.", \
	  SRS "Exec_Source_Log_Pos", "The position received, or just before it.") \
	F(RELAY_FILE, "relay_file", TEXT, NONE, GAUGE, "Relay log", \
	  "The relay log file that the applier reads.", SRS "Relay_Log_File", "") \
	F(RELAY_POSITION, "relay_position", INT, BYTES, COUNTER, "Relay position", \
	  "Where in that file the applier is.", SRS "Relay_Log_Pos", \
	  "Near the end of the newest relay log.") \
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
	  SRS "Source_SSL_Allowed", "") \
	F(TLS_VERIFY, "tls_verify", TEXT, NONE, GAUGE, "Certificate checked", \
	  "Whether it checks that the source's certificate is the source's.", \
	  SRS "Source_SSL_Verify_Server_Cert", "") \
	F(TLS_CA, "tls_ca", TEXT, NONE, GAUGE, "TLS authority", \
	  "File of the authorities that it trusts.", SRS "Source_SSL_CA_File", "") \
	F(TLS_CERT, "tls_cert", TEXT, NONE, GAUGE, "TLS certificate", \
	  "File of the certificate that it shows to the source.", SRS "Source_SSL_Cert", "") \
	F(FILTERS, "filters", TEXT, NONE, GAUGE, "Filters", \
	  "What it leaves out on purpose: `do_db=shop; wild_ignore_table=test.%`. Filtered tables are " \
	  "not copies of the source's.", \
	  SRS "Replicate_*", "") \
	F(UNTIL, "until", TEXT, NONE, GAUGE, "Until", \
	  "Where the applier was told to stop by START REPLICA … UNTIL.", SRS "Until_Condition", "") \
	F(CONNECT_RETRY, "connect_retry", INT, SECONDS, GAUGE, "Retry every", \
	  "How long the receiver waits between two attempts to connect.", SRS "Connect_Retry", \
	  "60 s unless set; less brings a replica back sooner.") \
	F(RETRY_COUNT, "retry_count", INT, COUNT, GAUGE, "Retries allowed", \
	  "How often the receiver tries to connect again before it gives up.", \
	  SRS "Source_Retry_Count (MySQL)", "86400, or 10 since MySQL 8.4, unless set.") \
	F(RETRIES, "retries", INT, COUNT, COUNTER, "Retries", \
	  "Transactions that the applier tried again after a lock wait timeout or a deadlock.", \
	  "replication_applier_status COUNT_TRANSACTIONS_RETRIES; MariaDB: " SRS "Retried_transactions", \
	  "0, or hardly growing. Growing: sessions on the replica hold locks, or workers get in each " \
	  "other's way.") \
	F(HEARTBEATS, "heartbeats", INT, COUNT, COUNTER, "Heartbeats", \
	  "Heartbeats that the source sent because it had nothing else to send.", \
	  "replication_connection_status COUNT_RECEIVED_HEARTBEATS; MariaDB: " SRS \
	  "Slave_received_heartbeats", \
	  "Grows while the source is idle.") \
	F(HEARTBEAT_INTERVAL, "heartbeat_interval", REAL, SECONDS, GAUGE, "Heartbeat every", \
	  "After how long without events the source sends a heartbeat.", \
	  "replication_connection_configuration HEARTBEAT_INTERVAL; MariaDB: " SRS \
	  "Slave_heartbeat_period", \
	  "30 s unless set. Without one for longer than this the connection is probably dead.") \
	F(PARALLEL_MODE, "parallel_mode", TEXT, NONE, GAUGE, "Parallel mode", \
	  "How MariaDB applies in parallel: conservative, optimistic, aggressive, minimal or none.", \
	  SRS "Parallel_Mode (MariaDB)", "") \
	F(TRANSACTIONS, "transactions", INT, COUNT, COUNTER, "Transactions", \
	  "Transactions that the appliers of this server have applied.", \
	  SRS "Slave_Transactional_Groups, Slave_Non_Transactional_Groups, Slave_DDL_Groups (MariaDB)", \
	  "As many a second as the source writes.")

enum {
#define CHANNEL_ENUM(id, ...) CHANNEL_##id,
	CHANNEL_FIELDS(CHANNEL_ENUM)
#undef CHANNEL_ENUM
	N_CHANNEL_FIELDS,
};

/* Channels that somebody set up; those of Group Replication are left out. */
unsigned channels_count(const struct part *channels);
/* Whether this server replicates from anybody, a group included: gates what else there is to read. */
bool channels_any(const struct collect_ctx *ctx);

#endif
