#include "diagnose/replication_errortable.h"

/* Said in more rows than one. */
#define APART "Source and replica hold different data: somebody or something wrote to the replica, an event " \
	"was applied twice after a crash, or the copy that it was made from was not consistent."
#define WHO_WROTE "Who wrote here: read_only and super_read_only, accounts that may write, events and triggers " \
	"that run on the replica too, transactions of its own in its GTIDs."
#define SKIP_LOSES "Do not skip blindly until it runs, and do not leave {replica}_skip_errors or IDEMPOTENT mode on: " \
	"what is skipped is a whole transaction, not only this row, and the copies drift further apart unseen."
#define REBUILD {"More than a few such differences: the copy is not to be trusted. Make the replica anew from a " \
	"consistent backup or a clone of the source."}
#define CHECK_ACCOUNT "On the source: SHOW GRANTS FOR the account, its host part, and how it logs in. From the " \
	"replica's host: log in with the mysql client and the same account."
#define RETRY "The receiver tries again by itself, as often as its retry count allows, so a short outage mends itself."

const struct replication_error replication_error_table[] = {
	/* --- rows that are not as expected -------------------------------------------------------- */
	{
		.number = 1062, .name = "duplicate key",
		.means = "The applier was to insert a row, or to give one a key, that is there already. " APART,
		.look = "Compare the row on both sides: the key and its value stand in the message. " WHO_WROTE,
		.ways = {
			{"If the row here is the same as on the source, the change has already happened: "
			 "leave out this one transaction.", REPLICATION_SKIP},
			{"If the row here is foreign, keep a copy, take it away without logging, and let the "
			 "applier insert the source's.",
			 "SET SESSION sql_log_bin = 0;\nDELETE FROM {table} WHERE …;\n"
			 "SET SESSION sql_log_bin = 1;\n{start_sql};"},
			REBUILD,
		},
		.never = SKIP_LOSES,
	},
	{
		.number = 1032, .name = "row not found",
		.means = "The applier was to change or delete a row that is not here, or is here with other "
			 "values. " APART,
		.look = "The row on the source, by the key in the binary log (mysqlbinlog -v at the position in "
			"the message). " WHO_WROTE " A table without a primary key is found by all its columns, "
			"which floating point can spoil.",
		.ways = {
			{"If it was a delete, the row is gone already and that is what the source wanted: leave "
			 "out this one transaction.", REPLICATION_SKIP},
			{"If it was an update, insert the row as it was on the source before, without logging, "
			 "and let the applier go on.",
			 "SET SESSION sql_log_bin = 0;\nINSERT INTO {table} VALUES (…);\n"
			 "SET SESSION sql_log_bin = 1;\n{start_sql};"},
			REBUILD,
		},
		.never = SKIP_LOSES,
	},
	{
		.number = 1451, .name = "foreign key: children exist",
		.means = "The applier was to delete or change a row that others here still refer to; on the source "
			 "nothing did. " APART,
		.look = "The rows of the child table that the message names, on both sides. " WHO_WROTE
			" Filters that replicate a parent but not its child.",
		.ways = {
			{"Take away the rows that exist only here, without logging, and let the applier go on.",
			 "SET SESSION sql_log_bin = 0;\nDELETE FROM the_child_table WHERE …;\n"
			 "SET SESSION sql_log_bin = 1;\n{start_sql};"},
			REBUILD,
		},
		.never = "Do not switch foreign_key_checks off for good: the rows without a parent stay.",
	},
	{
		.number = 1452, .name = "foreign key: no parent",
		.means = "The applier was to insert a row whose parent is not here. " APART,
		.look = "The parent row, by the key in the message, on both sides. Filters that replicate a child "
			"but not its parent. " WHO_WROTE,
		.ways = {
			{"Insert the parent as it is on the source, without logging, and let the applier go on.",
			 "SET SESSION sql_log_bin = 0;\nINSERT INTO the_parent_table VALUES (…);\n"
			 "SET SESSION sql_log_bin = 1;\n{start_sql};"},
			REBUILD,
		},
		.never = "Do not switch foreign_key_checks off for good: the rows without a parent stay.",
	},

	/* --- structures that differ --------------------------------------------------------------- */
	{
		.number = 1146, .name = "table missing",
		.means = "The applier was to use a table that does not exist here: it was dropped here, was never "
			 "copied, a filter left out its CREATE TABLE, or lower_case_table_names differs.",
		.look = "SHOW CREATE TABLE on the source, and filters of this channel.",
		.ways = {
			{"Bring the table over as it was at that position (structure and rows), without logging, "
			 "and let the applier go on.",
			 "SET SESSION sql_log_bin = 0;\n-- load the dump of {table}\n"
			 "SET SESSION sql_log_bin = 1;\n{start_sql};"},
			{"If this replica is not meant to have it, filter the table for good.",
			 "{stop};\nCHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = ({table}){end};\n{start};",
			 FLAVOR_MYSQL},
			{"If this replica is not meant to have it, filter the table for good (and in the "
			 "configuration file).",
			 "{stop};\nSET GLOBAL replicate_ignore_table = '{table}';\n{start};", FLAVOR_MARIADB},
		},
		.never = "Do not skip: the rows of that transaction in all other tables would be lost too.",
	},
	{
		.number = 1050, .name = "table exists",
		.means = "A CREATE TABLE arrived for a table that is here already: created here by hand, or the "
			 "statement was applied before (a crash between statement and position).",
		.look = "SHOW CREATE TABLE on both sides, and whether the table here holds rows of its own.",
		.ways = {
			{"If both are the same, leave out this one statement.", REPLICATION_SKIP},
			{"If the one here is foreign, rename it without logging and let the applier create its "
			 "own.",
			 "SET SESSION sql_log_bin = 0;\nRENAME TABLE {table} TO {table}_foreign;\n"
			 "SET SESSION sql_log_bin = 1;\n{start_sql};"},
		},
		.never = "Do not drop it before its rows are safe.",
	},
	{
		.number = 1051, .name = "table to drop missing",
		.means = "A DROP TABLE arrived for a table that is not here.",
		.look = "Whether the table was dropped here by hand, or never replicated (filters).",
		.ways = {{"The wish of the source is fulfilled already: leave out this one statement.",
			  REPLICATION_SKIP}},
	},
	{
		.number = 1007, .name = "schema exists",
		.means = "A CREATE DATABASE arrived for a schema that is here already.",
		.look = "What is in it, and who created it here.",
		.ways = {{"If it holds nothing of its own (or what it should), leave out this one statement.",
			  REPLICATION_SKIP}},
	},
	{
		.number = 1008, .name = "schema to drop missing",
		.means = "A DROP DATABASE arrived for a schema that is not here.",
		.look = "Whether it was dropped here by hand, or filtered.",
		.ways = {{"The wish of the source is fulfilled already: leave out this one statement.",
			  REPLICATION_SKIP}},
	},
	{
		.number = 1054, .name = "unknown column",
		.means = "A statement names a column that the table here has not: the structures differ.",
		.look = "SHOW CREATE TABLE on both sides. An ALTER TABLE that was run on one side only, without "
			"logging, or was skipped.",
		.ways = {{"Bring the table here to the structure that the source had at that position, without "
			  "logging, and let the applier go on.",
			  "SET SESSION sql_log_bin = 0;\nALTER TABLE {table} ADD COLUMN …;\n"
			  "SET SESSION sql_log_bin = 1;\n{start_sql};"}},
		.never = "Do not skip: every later statement on that column fails as well.",
	},
	{
		.number = 1060, .name = "column exists",
		.means = "An ALTER TABLE was to add a column that the table here has already: it was run here by "
			 "hand before it was run on the source.",
		.look = "SHOW CREATE TABLE on both sides: is it the same column?",
		.ways = {{"If the structures are the same, leave out this one statement.", REPLICATION_SKIP}},
	},
	{
		.number = 1061, .name = "index exists",
		.means = "A statement was to add an index that the table here has already: it was created here by "
			 "hand before.",
		.look = "SHOW CREATE TABLE on both sides: is it the same index?",
		.ways = {{"If the indexes are the same, leave out this one statement.", REPLICATION_SKIP}},
	},
	{
		.number = 1091, .name = "nothing to drop",
		.means = "An ALTER TABLE was to drop a column, index or key that is not here.",
		.look = "SHOW CREATE TABLE on both sides: what else differs?",
		.ways = {{"If nothing else differs, the wish of the source is fulfilled already: leave out this "
			  "one statement.", REPLICATION_SKIP}},
	},
	{
		.number = 1677, .name = "column types differ",
		.means = "A column has another type here than on the source, and the value cannot be converted.",
		.look = "SHOW CREATE TABLE on both sides; {replica}_type_conversions.",
		.ways = {
			{"Give the column here the source's type, without logging, and let the applier go on.",
			 "SET SESSION sql_log_bin = 0;\nALTER TABLE {table} MODIFY …;\n"
			 "SET SESSION sql_log_bin = 1;\n{start_sql};"},
			{"If the wider type here is meant, allow conversions that lose nothing.",
			 "SET GLOBAL {replica}_type_conversions = 'ALL_NON_LOSSY';\n{start_sql};"},
		},
		.never = "Do not allow ALL_LOSSY: values are cut without a word.",
	},
	{
		.number = 1535, .name = "table definitions differ",
		.means = "The table here has other columns than the events carry.",
		.look = "SHOW CREATE TABLE on both sides.",
		.ways = {{"Bring the table here to the source's structure, without logging, and let the applier go "
			  "on.",
			  "SET SESSION sql_log_bin = 0;\nALTER TABLE {table} …;\n"
			  "SET SESSION sql_log_bin = 1;\n{start_sql};"}},
	},
	{
		.number = 1396, .name = "account statement failed",
		.means = "CREATE, ALTER, DROP or RENAME USER did not fit the accounts here: one exists already, or "
			 "is missing.",
		.look = "SHOW CREATE USER on both sides.",
		.ways = {
			{"If the account here is as the source wants it, leave out this one statement.",
			 REPLICATION_SKIP},
			{"Else bring the accounts to the source's state, without logging, and let the applier go "
			 "on.",
			 "SET SESSION sql_log_bin = 0;\n-- CREATE, ALTER or DROP USER …\n"
			 "SET SESSION sql_log_bin = 1;\n{start_sql};"},
		},
	},
	{
		.number = 1410, .name = "GRANT for a missing account",
		.means = "A GRANT arrived for an account that does not exist here.",
		.look = "Which accounts differ between source and replica (mysql.* filtered, or created without "
			"logging).",
		.ways = {{"Create the account as on the source, without logging, and let the applier go on.",
			  "SET SESSION sql_log_bin = 0;\nCREATE USER …;\nSET SESSION sql_log_bin = 1;\n"
			  "{start_sql};"}},
	},
	{
		.number = 1133, .name = "account missing",
		.means = "A statement on an account arrived that does not exist here.",
		.look = "Which accounts differ between source and replica.",
		.ways = {{"Create the account as on the source, without logging, and let the applier go on.",
			  "SET SESSION sql_log_bin = 0;\nCREATE USER …;\nSET SESSION sql_log_bin = 1;\n"
			  "{start_sql};"}},
	},

	/* --- limits and waits on this server ------------------------------------------------------ */
	{
		.number = 1205, .name = "lock wait timeout",
		.means = "The applier waited for a lock that somebody here held, more often than "
			 "{replica}_transaction_retries allows.",
		.look = "Who holds locks on this replica: long reports with FOR UPDATE, an idle transaction, a "
			"backup. See the sessions panel.",
		.ways = {{"End what holds the lock, or wait for its end; then let the applier go on: it begins the "
			  "transaction again, nothing is lost.", "{start_sql};"}},
		.never = "Do not skip: the transaction is good, only its moment was bad.",
	},
	{
		.number = 1213, .name = "deadlock",
		.means = "The applier was the victim of deadlocks, more often than {replica}_transaction_retries allows.",
		.look = "The last deadlock in the InnoDB status: who writes or locks on this replica beside the "
			"applier?",
		.ways = {{"Let the applier go on: it begins the transaction again, nothing is lost.",
			  "{start_sql};"}},
		.never = "Do not skip: the transaction is good, only its moment was bad.",
	},
	{
		.number = 1197, .name = "transaction cache full",
		.means = "One transaction needs more than max_binlog_cache_size in this server's binary log.",
		.look = "max_binlog_cache_size here and on the source: the source could log it.",
		.ways = {{"Set the limit as on the source and let the applier go on.",
			  "SET GLOBAL max_binlog_cache_size = …;\n{stop};\n{start};"}},
		.never = "Do not skip: a transaction of that size is much to lose.",
	},
	{
		.number = 1705, .name = "statement cache full",
		.means = "One statement on tables without transactions needs more than "
			 "max_binlog_stmt_cache_size in this server's binary log.",
		.look = "max_binlog_stmt_cache_size here and on the source.",
		.ways = {{"Set the limit as on the source and let the applier go on.",
			  "SET GLOBAL max_binlog_stmt_cache_size = …;\n{stop};\n{start};"}},
	},
	{
		.number = 1114, .name = "table or disk full",
		.means = "There is no room for the rows: the disk is full, a MEMORY table reached "
			 "max_heap_table_size, or a tablespace may not grow.",
		.look = "Free space of the data folder (host panel), the table's engine, max_heap_table_size here "
			"and on the source.",
		.ways = {{"Make room (or set the limit as on the source) and let the applier go on: it begins the "
			  "transaction again.", "{start_sql};"}},
		.never = "Do not delete relay logs or binary logs by hand to make room.",
	},
	{
		.number = 1290, .name = "refused by an option",
		.means = "An option of this server forbids what the statement does: read-only InnoDB, "
			 "skip-grant-tables and the like.",
		.look = "The option that the message names, here and on the source.",
		.ways = {{"Set the option as on the source, restart if it needs that, and let the applier go on.",
			  "{start_sql};"}},
	},
	{
		.number = 1227, .name = "privilege missing",
		.means = "The account that the applier works as (PRIVILEGE_CHECKS_USER), or the DEFINER of a "
			 "routine, lacks a privilege here.",
		.look = "The privilege in the message; PRIVILEGE_CHECKS_USER of this channel; the definers.",
		.ways = {{"Grant it as on the source, without logging, and let the applier go on.",
			  "SET SESSION sql_log_bin = 0;\nGRANT …;\nSET SESSION sql_log_bin = 1;\n"
			  "{start_sql};"}},
	},
	{
		.number = 1864, .name = "event larger than the workers' queue",
		.means = "One event is larger than {replica}_pending_jobs_size_max, "
			 "so it cannot be handed to a worker.",
		.look = "The size in the message, and max_allowed_packet of the source.",
		.ways = {{"Raise the limit above that size and start the applier.",
			  "{stop};\nSET GLOBAL {replica}_pending_jobs_size_max = …;\n{start};", FLAVOR_MYSQL}},
	},

	/* --- parallel appliers -------------------------------------------------------------------- */
	{
		.number = 1755, .name = "cannot be applied in parallel",
		.means = "An event cannot be applied by parallel workers.",
		.look = "The reason at the end of the message.",
		.ways = {{"Let one worker pass this place, then set the number back.",
			  "{stop};\nSET GLOBAL {replica}_parallel_workers = 1;\n{start};", FLAVOR_MYSQL}},
	},
	{
		.number = 1756, .name = "stopped with gaps",
		.means = "The applier stopped while workers were at different places: some transactions are "
			 "applied, earlier ones not. This follows from another error, or from a killed server.",
		.look = "The workers' errors: one of them has the cause.",
		.ways = {{"Mend the worker's error first; then fill the gaps before anything else is changed.",
			  "START {REPLICA} UNTIL SQL_AFTER_MTS_GAPS{end};", FLAVOR_MYSQL}},
		.never = "No CHANGE REPLICATION SOURCE and no RESET before the gaps are filled: which "
			 "transactions are missing would be forgotten.",
	},
	{
		.number = 1964, .name = "an earlier transaction failed",
		.means = "This worker had to give up because a transaction that comes before its own failed in "
			 "another worker.",
		.look = "The other workers' errors, and the error log: the first one is the cause.",
		.ways = {{"Mend the cause; this transaction is applied again by itself.", "{start_sql};"}},
		.never = "Do not skip on the strength of this message: it names the wrong transaction.",
	},
	{
		.number = 3030, .name = "an earlier worker failed",
		.means = "This worker stopped because one with an earlier transaction failed and the order of "
			 "commits is kept.",
		.look = "The other workers' errors: the first one is the cause.",
		.ways = {{"Mend the cause; this transaction is applied again by itself.", "{start_sql};"}},
		.never = "Do not skip on the strength of this message: it names the wrong transaction.",
	},
	{
		.number = 3002, .name = "other outcome than on the source",
		.means = "A statement failed here in another way than on the source (or succeeded where it had "
			 "failed there). " APART,
		.look = "Both errors in the message, the statement, and the data that it reads on both sides.",
		.ways = {{"Bring the data here to the source's state and let the applier go on.", "{start_sql};"},
			 REBUILD},
		.never = SKIP_LOSES,
	},

	/* --- what the logs hold ------------------------------------------------------------------- */
	{
		.number = 1594, .name = "relay log unreadable",
		.means = "The applier cannot read on in the relay log: it was cut off by a crash or a full disk, or "
			 "the source's own log is damaged at that place.",
		.look = "The error log of this server; mysqlbinlog over the relay log here and over the same place "
			"of the source's log tells which of them is damaged.",
		.ways = {
			{"If only the relay log is damaged, and this channel finds its place by GTID "
			 "(SOURCE_AUTO_POSITION): fetch it again.",
			 "{stop};\n{reset};\n{start};", FLAVOR_MYSQL},
			{"If only the relay log is damaged, and it goes by file and position: set it on the place "
			 "where the applier stands (Relay_Source_Log_File, Exec_Source_Log_Pos).",
			 "{stop};\n{change} {SOURCE}_LOG_FILE = '…', {SOURCE}_LOG_POS = …{end};\n{start};",
			 FLAVOR_MYSQL},
			{"If only the relay log is damaged: fetch it again from where the applier stands "
			 "(Relay_Master_Log_File and Exec_Master_Log_Pos; note them first). By GTID the place is "
			 "found by itself.",
			 "{stop};\n{change} MASTER_LOG_FILE = '…', MASTER_LOG_POS = …;\n{start};",
			 FLAVOR_MARIADB},
			{"If the source's log is damaged, make the replica anew from a backup."},
		},
		.never = "Do not skip over the damage: what stood there is unknown.",
	},
	{
		.number = 1595, .words = "could not queue event", .name = "event cannot be queued",
		.means = "The receiver got an event that it could not put into its relay log: damaged on the way, not in "
			 "the form that it expects, too large, or without room on the disk.",
		.look = "This server's error log: the line before names the reason. With semi-synchronous replication "
			"from several sources: it has to be on in all of them. Free space of the relay log folder.",
		.ways = {{"Mend the reason, then start the receiver: it asks for the event again.", "{start};"}},
		.never = "Do not delete relay log files by hand, and do not move the position past the event.",
	},
	{
		.number = 1595, .name = "relay log cannot be written",
		.means = "The receiver cannot write to its relay log: disk full, no rights, or an event larger than "
			 "allowed.",
		.look = "Free space where the relay logs are, the error log, rights of the folder.",
		.ways = {{"Make room, then start the receiver.", "{start};"}},
		.never = "Do not delete relay log files by hand.",
	},
	{
		.number = 1590, .name = "incident on the source",
		.means = "The source noted that it lost events (for one, its own log could not be written): the "
			 "replica cannot know what is missing.",
		.look = "The source's error log at that time.",
		.ways = {
			{"Find out on the source what was lost, bring those rows over, then leave out the "
			 "incident.", REPLICATION_SKIP},
			REBUILD,
		},
		.never = "Do not just skip it: something is missing, silently.",
	},
	{
		.number = 1593, .words = "equal", .name = "same server id",
		.means = "Source and replica have the same server_id or server_uuid, so each takes the other's "
			 "events for its own.",
		.look = "server_id of both; auto.cnf in the data folder when the server was cloned by copying "
			"files.",
		.ways = {
			{"Give this server an id of its own, also in its configuration.",
			 "SET GLOBAL server_id = …;\n{start};"},
			{"If the UUIDs are equal: stop this server, remove auto.cnf from its data folder, start "
			 "it: it makes a new UUID.", NULL, FLAVOR_MYSQL},
		},
	},
	{
		.number = 1593, .name = "fatal error",
		.means = "The receiver or applier met something that it cannot go on from; the text says what.",
		.look = "The rest of the message, and this server's error log around that time.",
		.ways = {{"When what the text names is mended, start again.", "{start};"}},
	},
	{
		.number = 1597, .name = "command failed on the source",
		.means = "The source refused one of the commands with which a replica begins: registering, asking "
			 "for its clock, checksum or GTID support.",
		.look = "The command in the message; grants of the account on the source (REPLICATION SLAVE); "
			"whether the source is a much older version.",
		.ways = {{"Grant what is missing on the source; the receiver tries again by itself.",
			  "GRANT REPLICATION SLAVE ON *.* TO '{user}'@'…';  -- on the source"}},
	},
	{
		.number = 1623, .name = "unexpected heartbeat",
		.means = "The source's heartbeat names a place that does not fit what the replica has received.",
		.look = "Whether the source was restored, or another server answers under its name.",
		.ways = {{"If the source is the right one, start the receiver again.", "{start};"}},
	},
	{
		.number = 1371, .name = "cannot purge relay logs",
		.means = "Old relay logs could not be removed.",
		.look = "The relay log index file and the folder's rights; the error log.",
		.ways = {{"Mend the folder, then start again.", "{start};"}},
	},
	{
		.number = 1871, .name = "connection metadata unreadable",
		.means = "What the replica keeps of its source (mysql.slave_master_info) cannot be read.",
		.look = "The error log of this server; whether the mysql schema is of this version.",
		.ways = {{"Note the position, then tell the replica its source anew.",
			  "{change} {SOURCE}_HOST = '{host}', {SOURCE}_PORT = {port}, …{end};\n{start};"}},
	},
	{
		.number = 1872, .name = "applier metadata unreadable",
		.means = "What the replica keeps of its own progress (mysql.slave_relay_log_info, the relay log "
			 "index) cannot be used: mostly relay logs that were moved, renamed or deleted.",
		.look = "The error log; relay_log and the host name it may hold by default; the relay log folder.",
		.ways = {
			{"With GTIDs: forget the relay logs, the place is found by itself.",
			 "{reset};\n{start};", FLAVOR_MYSQL},
			{"Note Relay_Source_Log_File and Exec_Source_Log_Pos, then set the replica on them anew: "
			 "it fetches its relay logs again.",
			 "{change} {SOURCE}_LOG_FILE = '…', {SOURCE}_LOG_POS = …{end};\n{start};"},
		},
		.never = "No RESET REPLICA ALL (RESET SLAVE ALL) before the position is noted.",
	},

	/* --- the source has not what is asked for: 1236 by its words ------------------------------- */
	{
		.number = 1236, .words = "purged", .name = "needed binary logs are purged",
		.means = "The replica asks for events that the source has already removed: it was away, or behind, "
			 "for longer than the source keeps its binary logs. It cannot catch up from this source.",
		.look = "Which GTIDs are missing (GTID_SUBTRACT of the source's gtid_purged and what is executed "
			"here; gtid_slave_pos against SHOW BINARY LOGS on MariaDB), and whether another replica or "
			"a backup of the binary logs still has them.",
		.ways = {
			{"If another server still has them, follow that one until level, then come back.",
			 "{stop};\n{change} {SOURCE}_HOST = '…', {SOURCE}_PORT = …{end};\n{start};"},
			{"Else make the replica anew from a newer backup or a clone of the source."},
			{"Then keep binary logs for longer, so that a weekend does not do it again.",
			 "SET GLOBAL binlog_expire_logs_seconds = 604800;  -- on the source"},
		},
		.never = "Do not set gtid_purged, gtid_slave_pos or a later position to get it running: the "
			 "transactions between would be lost silently.",
	},
	{
		.number = 1236, .words = "could not find first log", .name = "binary log not on the source",
		.means = "The source has no binary log file of the name that the replica asks for: it was purged, "
			 "the source was restored or reset, or the name is wrong.",
		.look = "SHOW BINARY LOGS on the source against the file in Source_Log_File (Master_Log_File) here.",
		.ways = {
			{"If the name or the source is wrong, correct it.",
			 "{stop};\n{change} {SOURCE}_LOG_FILE = '…', {SOURCE}_LOG_POS = …{end};\n{start};"},
			{"If the file was purged, make the replica anew from a newer backup."},
		},
		.never = "Do not jump to the source's first file: what stood between would be lost silently.",
	},
	{
		.number = 1236, .words = "could not find next log", .name = "next binary log missing",
		.means = "The source cannot find the file after the one that it sends from: files were deleted by "
			 "hand, or its index file is wrong.",
		.look = "SHOW BINARY LOGS on the source, its index file and its folder.",
		.ways = {
			{"If the file is still somewhere, put it back and restart the source's index "
			 "(FLUSH BINARY LOGS), then start the receiver.", "{start};"},
			{"Else make the replica anew from a newer backup."},
		},
	},
	{
		.number = 1236, .words = "position > file size", .name = "source's log ends earlier",
		.means = "The replica asks for a position behind the end of the source's file: the source crashed "
			 "and lost the tail of its log that it had already sent (sync_binlog is not 1).",
		.look = "sync_binlog on the source; the size in SHOW BINARY LOGS against Read_Source_Log_Pos here; "
			"what the replica has that the source has not.",
		.ways = {
			{"If the replica has no transaction that the source lost: go on at the source's next "
			 "file, position 4.",
			 "{stop};\n{change} {SOURCE}_LOG_FILE = '…', {SOURCE}_LOG_POS = 4{end};\n{start};"},
			{"If it has: the copies differ; decide which one is right, and make the other anew."},
		},
		.never = "Do not guess a position in between: it may be the middle of an event.",
	},
	{
		.number = 1236, .words = "impossible position", .name = "source's log ends earlier",
		.means = "The replica asks for a position that cannot be in the source's file: the source crashed "
			 "and lost the tail of its log that it had already sent (sync_binlog is not 1).",
		.look = "sync_binlog on the source; the size in SHOW BINARY LOGS against Read_Master_Log_Pos here.",
		.ways = {
			{"If the replica has no transaction that the source lost: go on at the source's next "
			 "file, position 4.",
			 "{stop};\n{change} {SOURCE}_LOG_FILE = '…', {SOURCE}_LOG_POS = 4{end};\n{start};"},
			{"If it has: the copies differ; decide which one is right, and make the other anew."},
		},
		.never = "Do not guess a position in between: it may be the middle of an event.",
	},
	{
		.number = 1236, .words = "max_allowed_packet", .name = "event too big",
		.means = "An event is larger than a packet may be: really so, or the position is not the beginning "
			 "of an event and a length was read from its middle.",
		.look = "max_allowed_packet on the source, {replica}_max_allowed_packet "
			"here; mysqlbinlog at that position on the source shows whether an event begins there.",
		.ways = {
			{"If the event is really that large, raise both limits.",
			 "SET GLOBAL max_allowed_packet = 1073741824;  -- on the source\n"
			 "SET GLOBAL {replica}_max_allowed_packet = 1073741824;\n{stop};\n{start};"},
			{"If the position is wrong, set the one where an event begins.",
			 "{stop};\n{change} {SOURCE}_LOG_FILE = '…', {SOURCE}_LOG_POS = …{end};\n{start};"},
		},
	},
	{
		.number = 1236, .words = "more GTIDs than", .name = "replica is ahead of its source",
		.means = "The replica has transactions with the source's own UUID that the source does not know: "
			 "the source lost the end of its binary log in a crash, or was restored from an older "
			 "backup.",
		.look = "GTID_SUBTRACT of what is executed here and there: which transactions, and what they "
			"changed.",
		.ways = {{"Decide which side is right: bring the lost transactions back to the source from the "
			  "replica's logs, or make the replica anew."}},
		.never = "Do not just turn auto positioning off: new transactions on the source get the same GTIDs "
			 "and are then skipped here.",
	},
	{
		.number = 1236, .words = "which is not in the master's binlog", .flavor = FLAVOR_MARIADB,
		.name = "position not in the source's log",
		.means = "The replica's GTID position is not in the source's binary log: the replica has "
			 "transactions of its own (it diverged), or the source lost or never had them.",
		.look = "SELECT @@gtid_slave_pos, @@gtid_binlog_pos here, @@gtid_binlog_pos on the source; what the "
			"extra transactions changed (mysqlbinlog of this server's log).",
		.ways = {
			{"If the extra transactions changed nothing that matters, set the position to the last one "
			 "that both have.",
			 "{stop};\nSET GLOBAL gtid_slave_pos = '…';\n{start};", FLAVOR_MARIADB},
			REBUILD,
		},
		.never = "Do not set the position without having looked: rows differ then, unseen.",
	},
	{
		.number = 1236, .words = "diverged", .flavor = FLAVOR_MARIADB, .name = "replica has diverged",
		.means = "The replica's GTID position is not in the source's binary log: the replica has "
			 "transactions of its own.",
		.look = "SELECT @@gtid_slave_pos, @@gtid_binlog_pos here, @@gtid_binlog_pos on the source.",
		.ways = {
			{"If the extra transactions changed nothing that matters, set the position to the last one "
			 "that both have.",
			 "{stop};\nSET GLOBAL gtid_slave_pos = '…';\n{start};", FLAVOR_MARIADB},
			REBUILD,
		},
	},
	{
		.number = 1236, .words = "same server_uuid", .name = "two replicas with one id",
		.means = "Another replica with the same server_id or server_uuid connected to the source, so the "
			 "source dropped this one; they throw each other out in turns.",
		.look = "SHOW REPLICAS (SHOW SLAVE HOSTS) on the source; auto.cnf when servers were cloned by "
			"copying files.",
		.ways = {{"Give each an id of its own (server_id in the configuration; a new auto.cnf for a new "
			  "UUID).", "SET GLOBAL server_id = …;\n{start};"}},
	},
	{
		.number = 1236, .words = "binary log is not open", .name = "source keeps no binary log",
		.means = "The source runs without a binary log, or could not open it.",
		.look = "log_bin on the source, and its error log.",
		.ways = {{"Switch the source's binary log on (log_bin in its configuration, restart), then make "
			  "the replica anew: what happened meanwhile was not logged."}},
	},
	{
		.number = 1236, .words = "misconfigured", .name = "server id not set",
		.means = "The source or the replica has server_id 0.",
		.look = "server_id on both.",
		.ways = {{"Set server_id in the configuration of that server.", "SET GLOBAL server_id = …;"}},
	},
	{
		.number = 1236, .words = "crc", .name = "binary log damaged",
		.means = "An event in the source's binary log does not match its checksum: the file is damaged.",
		.look = "mysqlbinlog --verify-binlog-checksum on the source; its disk and kernel messages.",
		.ways = {
			{"If another replica is past that place, follow that one.",
			 "{stop};\n{change} {SOURCE}_HOST = '…', {SOURCE}_PORT = …{end};\n{start};"},
			{"Else make the replica anew from a backup of the source as it is now."},
		},
		.never = "Do not jump over the damage: what stood there is unknown.",
	},
	{
		.number = 1236, .words = "bogus data", .name = "binary log damaged or position wrong",
		.means = "What stands at that position of the source's file is no event: the file is damaged, or "
			 "the position is not the beginning of one.",
		.look = "mysqlbinlog from the position on, on the source; how the position came to be set.",
		.ways = {
			{"If the position is wrong, set the one where an event begins.",
			 "{stop};\n{change} {SOURCE}_LOG_FILE = '…', {SOURCE}_LOG_POS = …{end};\n{start};"},
			{"If the file is damaged, follow another replica that is past it, or make the replica "
			 "anew."},
		},
	},
	{
		.number = 1236, .words = "truncated", .name = "binary log cut off",
		.means = "The source's binary log ends in the middle of an event: its disk was full, or it crashed.",
		.look = "Free space and the error log of the source; mysqlbinlog of the file's end.",
		.ways = {{"Make room on the source and rotate its log; if nothing was lost, go on at the next "
			  "file, position 4.",
			  "{stop};\n{change} {SOURCE}_LOG_FILE = '…', {SOURCE}_LOG_POS = 4{end};\n{start};"}},
		.never = "Do not jump over it before it is known what the cut event was.",
	},
	{
		.number = 1236, .name = "source cannot send its log",
		.means = "The source reported a fatal error while reading its binary log; the text says which.",
		.look = "The text, the source's error log, SHOW BINARY LOGS on the source.",
		.ways = {{"When what the text names is mended, start the receiver.", "{start};"}},
	},
	{
		.number = 13115, .name = "checksum wrong on the way",
		.means = "An event arrived with another content than was sent: memory or network hardware, or a "
			 "proxy in between.",
		.look = "Whether it is always the same event (then the source's log is damaged) or another each "
			"time (then the way is).",
		.ways = {{"Start the receiver again: it fetches the event anew.", "{start};"}},
		.never = "Do not switch checksums off.",
	},

	/* --- GTIDs -------------------------------------------------------------------------------- */
	{
		.number = 1945, .flavor = FLAVOR_MARIADB, .name = "position not in the source's log",
		.means = "The GTID that the replica wants to go on from is not in the source's binary log.",
		.look = "@@gtid_slave_pos here, @@gtid_binlog_pos and SHOW BINARY LOGS on the source.",
		.ways = {{"If the source is the wrong one, correct it.",
			  "{stop};\n{change} MASTER_HOST = '…';\n{start};"},
			 {"Else make the replica anew from a newer backup."}},
	},
	{
		.number = 1955, .flavor = FLAVOR_MARIADB, .name = "replica has diverged",
		.means = "The replica has transactions that the source has not: it was written to.",
		.look = "@@gtid_slave_pos and @@gtid_binlog_pos here; what the extra transactions changed.",
		.ways = {REBUILD},
	},
	{
		.number = 1950, .flavor = FLAVOR_MARIADB, .name = "GTID out of order",
		.means = "With gtid_strict_mode the applier may not log a GTID with a lower number than one that is "
			 "logged already: somebody wrote here in the same domain.",
		.look = "@@gtid_binlog_pos against @@gtid_slave_pos; gtid_domain_id of all servers that write.",
		.ways = {{"If the local transactions do not matter, empty this server's own binary log and set "
			  "the position again (a leaf only: no replica may follow it).",
			  "{stop};\nSELECT @@gtid_slave_pos;\nRESET MASTER;\nSET GLOBAL gtid_slave_pos = '…';\n"
			  "{start};"},
			 REBUILD},
		.never = "Do not switch gtid_strict_mode off to get by: the order of the log would be wrong for "
			 "good.",
	},
	{
		.number = 1951, .flavor = FLAVOR_MARIADB, .name = "hole in the source's log",
		.means = "The GTID that the replica asks for is missing in the source's log though later ones are "
			 "there, and gtid_strict_mode is on.",
		.look = "Whether the source filtered or skipped it; @@gtid_slave_pos here.",
		.ways = {{"If the transaction was empty or is applied here, go on behind it.",
			  "{stop};\nSET GLOBAL gtid_slave_pos = '…';\n{start};"},
			 REBUILD},
	},
	{
		.number = 1942, .flavor = FLAVOR_MARIADB, .name = "position cannot be saved",
		.means = "The table with the GTID position (mysql.gtid_slave_pos) cannot be written.",
		.look = "That table: its engine, locks on it, free disk space; the error log.",
		.ways = {{"Mend the table (mariadb-upgrade), then let the applier go on.", "{start_sql};"}},
	},
	{
		.number = 1782, .name = "anonymous transactions and GTIDs",
		.means = "Source and replica do not agree on GTIDs: one sends transactions without a GTID to a "
			 "replica that demands them, or the other way round.",
		.look = "gtid_mode and enforce_gtid_consistency on both sides; whether the source changed a moment "
			"ago.",
		.ways = {{"Bring both to neighbouring modes, step by step (OFF, OFF_PERMISSIVE, ON_PERMISSIVE, ON), "
			  "then start.", "SET GLOBAL gtid_mode = …;\n{start};", FLAVOR_MYSQL}},
	},
	{
		.number = 1837, .flavor = FLAVOR_MYSQL, .name = "transaction split by an engine",
		.means = "A table is transactional on the source and not here (or there were several statements "
			 "under one GTID): the first commit closed the GTID.",
		.look = "ENGINE of the tables in that transaction, on both sides.",
		.ways = {{"Give the table here the source's engine, without logging, then let the applier go on.",
			  "SET SESSION sql_log_bin = 0;\nALTER TABLE {table} ENGINE = InnoDB;\n"
			  "SET SESSION sql_log_bin = 1;\n{start_sql};"}},
	},

	/* --- reaching the source ------------------------------------------------------------------ */
	{
		.number = 1045, .name = "source refuses the login",
		.means = "The source does not accept account or password of the receiver.",
		.look = CHECK_ACCOUNT,
		.ways = {
			{"Tell the replica the right password.",
			 "{stop};\n{change} {SOURCE}_USER = '{user}', {SOURCE}_PASSWORD = '…'{end};\n"
			 "{start};", FLAVOR_MYSQL},
			{"Tell the replica the right password.",
			 "{stop};\n{change} MASTER_USER = '{user}', MASTER_PASSWORD = '…';\n{start};",
			 FLAVOR_MARIADB},
			{"Or mend the account on the source.",
			 "ALTER USER '{user}'@'…' IDENTIFIED BY '…';  -- on the source"},
		},
		.never = "Do not reset the replica in a hurry: nothing is lost while the source keeps its binary logs.",
	},
	{
		.number = 1130, .name = "host not allowed on the source",
		.means = "The source has no account for connections from this host.",
		.look = CHECK_ACCOUNT " The address that the source sees (name look-up, NAT).",
		.ways = {{"Create the account for this host on the source.",
			  "CREATE USER '{user}'@'…' IDENTIFIED BY '…';\n"
			  "GRANT REPLICATION SLAVE ON *.* TO '{user}'@'…';  -- on the source"}},
	},
	{
		.number = 1040, .name = "source has too many connections",
		.means = "The source is at max_connections and refuses the receiver. " RETRY,
		.look = "The source's sessions: what fills them up?",
		.ways = {{"Free connections on the source; the receiver comes back by itself."}},
	},
	{
		.number = 2003, .name = "source cannot be reached",
		.means = "No connection to {host}:{port}: the server is down, the address or port is wrong, or a "
			 "firewall is in between. " RETRY,
		.look = "Whether the source runs; from this host: a login with the mysql client to that address.",
		.ways = {
			{"If the address is wrong, correct it.",
			 "{stop};\n{change} {SOURCE}_HOST = '…', {SOURCE}_PORT = …{end};\n{start};"},
			{"If the source is gone for good, promote the most advanced replica and point the others "
			 "to it."},
		},
	},
	{
		.number = 2002, .name = "source cannot be reached",
		.means = "No connection to {host}:{port}: the server is down, the address or port is wrong, or a "
			 "firewall is in between. " RETRY,
		.look = "Whether the source runs; from this host: a login with the mysql client to that address.",
		.ways = {{"If the address is wrong, correct it.",
			  "{stop};\n{change} {SOURCE}_HOST = '…', {SOURCE}_PORT = …{end};\n{start};"}},
	},
	{
		.number = 2005, .name = "source's name unknown",
		.means = "The name {host} cannot be resolved from this server. " RETRY,
		.look = "The name, and name look-up on this host (getent hosts).",
		.ways = {{"Correct the name, or the look-up.", "{stop};\n{change} {SOURCE}_HOST = '…'{end};\n{start};"}},
	},
	{
		.number = 2013, .name = "connection to the source lost",
		.means = "The connection broke while the receiver read: network, source restarted, or a time-out. "
			 RETRY,
		.look = "Error log and uptime of the source; {replica}_net_timeout here; proxies "
			"and firewalls that drop idle connections.",
		.ways = {{"If it happens again and again, let heartbeats keep the connection alive.",
			  "{stop};\n{change} {SOURCE}_HEARTBEAT_PERIOD = 10{end};\n{start};"}},
	},
	{
		.number = 2006, .name = "connection to the source lost",
		.means = "The source closed the connection. " RETRY,
		.look = "Error log and uptime of the source; max_allowed_packet of both.",
		.ways = {{"If the receiver has stopped, start it again.", "{start};"}},
	},
	{
		.number = 2026, .name = "TLS fails",
		.means = "The TLS connection to the source cannot be made: certificate expired or of another "
			 "authority, a name that does not match, or no common version.",
		.look = "The rest of the message; validity of the source's certificate; SOURCE_SSL_* (MASTER_SSL_*) "
			"of this channel.",
		.ways = {{"Renew the certificate, or point the channel to the right authority.",
			  "{stop};\n{change} {SOURCE}_SSL_CA = '…'{end};\n{start};"}},
		.never = "Do not switch verification off: then anybody can be the source.",
	},
	{
		.number = 2061, .name = "login needs a secure connection",
		.means = "The account logs in with caching_sha2_password, which wants TLS or the source's public key, "
			 "and this channel has neither.",
		.look = "SOURCE_SSL and GET_SOURCE_PUBLIC_KEY of this channel.",
		.ways = {
			{"Use TLS.", "{stop};\n{change} {SOURCE}_SSL = 1{end};\n{start};"},
			{"Or fetch the public key (safe only in a network that is trusted).",
			 "{stop};\n{change} GET_{SOURCE}_PUBLIC_KEY = 1{end};\n{start};", FLAVOR_MYSQL},
		},
	},
	{
		.number = 2059, .name = "login method not supported",
		.means = "The source wants a login method that this server's client library does not have.",
		.look = "plugin of the account on the source (mysql.user).",
		.ways = {{"Give the account a method that both know.",
			  "ALTER USER '{user}'@'…' IDENTIFIED WITH … BY '…';  -- on the source"}},
	},
	{
		.number = 1158, .name = "connection to the source lost",
		.means = "Reading from the network failed. " RETRY,
		.look = "Network between the two, error log of the source.",
		.ways = {{"If the receiver has stopped, start it again.", "{start};"}},
	},
	{
		.number = 1159, .name = "source silent for too long",
		.means = "Nothing came from the source within the time-out, not even a heartbeat. " RETRY,
		.look = "Whether the source hangs, and the network between the two; {replica}_net_timeout.",
		.ways = {{"If the receiver has stopped, start it again.", "{start};"}},
	},

	{
		.number = 0, .name = "error",
		.means = "fathom has no explanation of this error: what is known is the server's own text.",
		.look = "The text, this server's error log around that time, and the manual under the number "
			"(`perror NUMBER` prints the bare message).",
		.ways = {{"When the cause is known and mended, start again.", "{start};"}},
		.never = "Do not skip or reset before the cause is known: both lose data silently.",
	},
};
