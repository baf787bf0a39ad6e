#include "model/metric.h"

#include "base/fatal.h"
#include "model/hostmetric.h"
#include "model/metric_replication.h"
#include "model/metric_status.h"

#define GAUGE .read = read_gauge
#define RATE .rate = true, .read = read_rate
#define STATUS_OF(n) "SHOW GLOBAL STATUS: " n

static const struct metric metrics[] = {
	[METRIC_QPS] = {
		"qps", "qps", UNIT_COUNT, RATE,
		.help = "Statements a second that clients sent, stored programs' own not counted.",
		.source = STATUS_OF("Questions"),
		.normal = "What is usual for this server. A sudden fall with many running threads means "
			  "that something waits; a sudden rise, a new or retrying client.",
		.status = {"Questions"}},
	[METRIC_SELECTS] = {
		"selects", "select", UNIT_COUNT, RATE,
		.help = "SELECT statements a second.",
		.source = STATUS_OF("Com_select"),
		.normal = "Most applications read far more than they write.",
		.status = {"Com_select"}},
	[METRIC_INSERTS] = {
		"inserts", "insert", UNIT_COUNT, RATE,
		.help = "INSERT and INSERT … SELECT statements a second.",
		.source = STATUS_OF("Com_insert, Com_insert_select"),
		.normal = "What is usual for this server.",
		.status = {"Com_insert", "Com_insert_select"}},
	[METRIC_UPDATES] = {
		"updates", "update", UNIT_COUNT, RATE,
		.help = "UPDATE statements a second, on one table or several.",
		.source = STATUS_OF("Com_update, Com_update_multi"),
		.normal = "What is usual for this server.",
		.status = {"Com_update", "Com_update_multi"}},
	[METRIC_DELETES] = {
		"deletes", "delete", UNIT_COUNT, RATE,
		.help = "DELETE statements a second, on one table or several.",
		.source = STATUS_OF("Com_delete, Com_delete_multi"),
		.normal = "What is usual for this server; a purge job shows as a plateau.",
		.status = {"Com_delete", "Com_delete_multi"}},
	[METRIC_REPLACES] = {
		"replaces", "replace", UNIT_COUNT, RATE,
		.help = "REPLACE and REPLACE … SELECT statements a second: each is a delete and an insert.",
		.source = STATUS_OF("Com_replace, Com_replace_select"),
		.normal = "Mostly zero; INSERT … ON DUPLICATE KEY UPDATE costs less.",
		.status = {"Com_replace", "Com_replace_select"}},
	[METRIC_COMMITS] = {
		"commits", "commit", UNIT_COUNT, RATE,
		.help = "Explicit COMMIT statements a second; autocommitted statements are not counted.",
		.source = STATUS_OF("Com_commit"),
		.normal = "What is usual for this server.",
		.status = {"Com_commit"}},
	[METRIC_ROLLBACKS] = {
		"rollbacks", "rollback", UNIT_COUNT, RATE,
		.help = "Explicit ROLLBACK statements a second.",
		.source = STATUS_OF("Com_rollback"),
		.normal = "Near zero. Some pools send one each time a connection is handed back: harmless.",
		.status = {"Com_rollback"}},
	[METRIC_ROWS_READ] = {
		"rows_read", "rows read", UNIT_COUNT, RATE,
		.help = "Rows that the storage engines were asked for, a second: by key, by position and "
			"in scans.",
		.source = STATUS_OF("Handler_read_key, _next, _rnd, _rnd_next"),
		.normal = "Thousands per statement mean scans: look for the statement without an index.",
		.status = {"Handler_read_key", "Handler_read_next", "Handler_read_rnd",
			   "Handler_read_rnd_next"}},
	[METRIC_ROWS_CHANGED] = {
		"rows_changed", "rows changed", UNIT_COUNT, RATE,
		.help = "Rows inserted, updated and deleted a second.",
		.source = STATUS_OF("Handler_write, Handler_update, Handler_delete"),
		.normal = "What is usual for this server; rows of internal temporary tables may be counted "
			  "as written.",
		.status = {"Handler_write", "Handler_update", "Handler_delete"}},
	[METRIC_RUNNING] = {
		"running", "run", UNIT_COUNT, GAUGE,
		.help = "Sessions that execute a statement right now, waiting ones included.",
		.source = STATUS_OF("Threads_running"),
		.normal = "Up to about the number of cores. Far more means that they wait: for locks, for "
			  "disks, or for each other.",
		.status = {"Threads_running"}},
	[METRIC_CONNECTED] = {
		"connected", "connected", UNIT_COUNT, GAUGE,
		.help = "Open client connections.",
		.source = STATUS_OF("Threads_connected"),
		.normal = "Well below max_connections.",
		.status = {"Threads_connected"}},
	[METRIC_MAX_CONNECTIONS] = {
		"max_connections", "max connections", UNIT_COUNT, .read = read_max_connections,
		.help = "How many connections the server accepts at once.",
		.source = "SHOW GLOBAL VARIABLES: max_connections",
		.normal = "As large as memory allows for that many busy sessions, not larger."},
	[METRIC_CONNECTIONS_USED] = {
		"connections_used", "connections used", UNIT_RATIO, .read = read_connections_used,
		.help = "Open connections as a share of max_connections.",
		.source = "Threads_connected / max_connections",
		.normal = "Below 80 %. Near 100 % clients are refused with error 1040: find the client that "
			  "holds most, often idle."},
	[METRIC_CONNECTS] = {
		"connects", "connects", UNIT_COUNT, RATE,
		.help = "Connection attempts a second, successful or not.",
		.source = STATUS_OF("Connections"),
		.normal = "A few a second with connection pools. Hundreds mean that a client opens one for "
			  "each statement.",
		.status = {"Connections"}},
	[METRIC_ABORTED] = {
		"aborted", "aborted", UNIT_COUNT, RATE,
		.help = "Connections a second that failed to log in or ended without a good-bye.",
		.source = STATUS_OF("Aborted_connects, Aborted_clients"),
		.normal = "Zero. Otherwise: wrong passwords, network trouble, or clients that die.",
		.status = {"Aborted_connects", "Aborted_clients"}},
	[METRIC_THREADS_CREATED] = {
		"threads_created", "new threads", UNIT_COUNT, RATE,
		.help = "Threads created a second because none was in the cache.",
		.source = STATUS_OF("Threads_created"),
		.normal = "Near zero; else thread_cache_size is small for the rate of connects.",
		.status = {"Threads_created"}},
	[METRIC_TMP_TABLES] = {
		"tmp_tables", "tmp tables", UNIT_COUNT, RATE,
		.help = "Internal temporary tables a second, in memory or on disk.",
		.source = STATUS_OF("Created_tmp_tables"),
		.normal = "What is usual for this server: GROUP BY, DISTINCT, UNION and derived tables "
			  "need them.",
		.status = {"Created_tmp_tables"}},
	[METRIC_TMP_DISK_TABLES] = {
		"tmp_disk_tables", "on disk", UNIT_COUNT, RATE,
		.help = "Internal temporary tables a second that went to disk.",
		.source = STATUS_OF("Created_tmp_disk_tables"),
		.normal = "A small part of all temporary tables; else large results, BLOB columns or a "
			  "small tmp_table_size.",
		.status = {"Created_tmp_disk_tables"}},
	[METRIC_SORT_ROWS] = {
		"sort_rows", "rows sorted", UNIT_COUNT, RATE,
		.help = "Rows sorted a second because no index gave the order.",
		.source = STATUS_OF("Sort_rows"),
		.normal = "What is usual for this server.",
		.status = {"Sort_rows"}},
	[METRIC_SORT_MERGES] = {
		"sort_merges", "sort merges", UNIT_COUNT, RATE,
		.help = "Merge passes a second of sorts that did not fit into sort_buffer_size.",
		.source = STATUS_OF("Sort_merge_passes"),
		.normal = "Zero, or now and then one.",
		.status = {"Sort_merge_passes"}},
	[METRIC_FULL_SCANS] = {
		"full_scans", "full scans", UNIT_COUNT, RATE,
		.help = "Statements a second whose first table was read from end to end.",
		.source = STATUS_OF("Select_scan"),
		.normal = "Few, and of small tables only. fathom's own readings count here too.",
		.status = {"Select_scan"}},
	[METRIC_FULL_JOINS] = {
		"full_joins", "full joins", UNIT_COUNT, RATE,
		.help = "Joins a second that scanned a further table because it has no usable index.",
		.source = STATUS_OF("Select_full_join"),
		.normal = "Zero: find the statement and add the index.",
		.status = {"Select_full_join"}},
	[METRIC_SLOW] = {
		"slow", "slow", UNIT_COUNT, RATE,
		.help = "Statements a second that took longer than long_query_time.",
		.source = STATUS_OF("Slow_queries"),
		.normal = "Near zero, judged by your long_query_time.",
		.status = {"Slow_queries"}},
	[METRIC_BYTES_IN] = {
		"bytes_in", "received", UNIT_BYTES, RATE,
		.help = "Bytes a second that clients sent to the server.",
		.source = STATUS_OF("Bytes_received"),
		.normal = "What is usual for this server.",
		.status = {"Bytes_received"}},
	[METRIC_BYTES_OUT] = {
		"bytes_out", "sent", UNIT_BYTES, RATE,
		.help = "Bytes a second that the server sent to clients and replicas.",
		.source = STATUS_OF("Bytes_sent"),
		.normal = "Below what the network card does; a jump is often one huge result or a dump.",
		.status = {"Bytes_sent"}},
	[METRIC_BINLOG_BYTES] = {
		"binlog_bytes", "binlog", UNIT_BYTES, .rate = true, .read = read_binlog_bytes,
		.help = "Bytes a second written to the binary log.",
		.source = "Binlog_bytes_written (MariaDB) or the position in SHOW BINARY LOG STATUS",
		.normal = "What replicas and the disk can follow.",
		.status = {"Binlog_bytes_written"}},
	[METRIC_LAG] = {
		"lag", "lag", UNIT_SECONDS, .read = metric_lag,
		.help = "How far this replica is behind its source, of the worst channel. Unknown, and shown "
			"so, while replication is broken or stopped.",
		.source = "SHOW REPLICA STATUS: Seconds_Behind_Source",
		.normal = "Zero or near it. The number is only as good as the receiver: it may say 0 while "
			  "events have not even arrived."},
	[METRIC_LAG_SLOPE] = {
		"lag_slope", "lag slope", UNIT_RATIO, .read = metric_lag_slope,
		.help = "By how much the lag grows with each second, over the last half minute or since it last "
			"turned: 100 % means that nothing is applied, -100 % that it catches up a second each second.",
		.source = "The lag's line of least squares",
		.normal = "Around zero. Positive for minutes: the replica falls behind and will not catch up by "
			  "itself."},
	[METRIC_CATCH_UP] = {
		"catch_up", "catch up", UNIT_SECONDS, .read = metric_catch_up,
		.help = "In what time the lag will be gone if it goes on falling as it does. Unknown while it "
			"grows: then the replica falls behind.",
		.source = "lag / -lag_slope",
		.normal = "Zero. It holds for as long as the source writes as much as now."},
	[METRIC_APPLY_LAG] = {
		"apply_lag", "commit lag", UNIT_SECONDS, .read = metric_apply_lag,
		.help = "Age of the oldest transaction that was received and is not applied, of the worst channel, "
			"by the time of its commit.",
		.source = "replication_applier_status_by_worker APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP",
		.normal = "Below a second. It needs clocks that agree."},
	[METRIC_GTID_GAP] = {
		"gtid_gap", "GTID gap", UNIT_COUNT, .read = metric_gtid_gap,
		.help = "Transactions that were received and are not applied, of the worst channel.",
		.source = "SHOW REPLICA STATUS: Retrieved_Gtid_Set minus Executed_Gtid_Set",
		.normal = "Near zero. It does not know of what has not arrived yet."},
	[METRIC_BYTES_BEHIND] = {
		"bytes_behind", "relay behind", UNIT_BYTES, .read = metric_bytes_behind,
		.help = "Bytes of relay log that were received and are not applied, of the worst channel.",
		.source = "SHOW REPLICA STATUS: Read_Source_Log_Pos, Exec_Source_Log_Pos, Relay_Log_Space",
		.normal = "Near zero. It does not know of what has not arrived yet."},
	[METRIC_SEMISYNC_SESSIONS] = {
		"semisync_sessions", "await ack", UNIT_COUNT, GAUGE,
		.help = "Sessions that wait for a replica's acknowledgement of their commit right now.",
		.source = STATUS_OF("Rpl_semi_sync_source_wait_sessions, Rpl_semi_sync_master_wait_sessions"),
		.normal = "Zero or a few. Many: a replica is slow or has stopped, and commits stand still until "
			  "the time-out.",
		.status = {"Rpl_semi_sync_source_wait_sessions", "Rpl_semi_sync_master_wait_sessions"}},
	[METRIC_SEMISYNC_WAITS] = {
		"semisync_waits", "ack waits", UNIT_COUNT, RATE,
		.help = "Commits a second that waited for a replica's acknowledgement.",
		.source = STATUS_OF("Rpl_semi_sync_source_tx_waits, Rpl_semi_sync_master_tx_waits"),
		.normal = "As many as commits; each costs a round trip.",
		.status = {"Rpl_semi_sync_source_tx_waits", "Rpl_semi_sync_master_tx_waits"}},
	[METRIC_SEMISYNC_LOST] = {
		"semisync_lost", "unacknowledged", UNIT_COUNT, RATE,
		.help = "Commits a second that no replica acknowledged, although that was wanted.",
		.source = STATUS_OF("Rpl_semi_sync_source_no_tx, Rpl_semi_sync_master_no_tx"),
		.normal = "Zero. More: semi-sync has fallen back, and a crash of the source may lose them.",
		.status = {"Rpl_semi_sync_source_no_tx", "Rpl_semi_sync_master_no_tx"}},
	[METRIC_BINLOG_SPILLS] = {
		"binlog_spills", "binlog spills", UNIT_COUNT, RATE,
		.help = "Transactions a second that did not fit into the binary log's cache in memory.",
		.source = STATUS_OF("Binlog_cache_disk_use, Binlog_stmt_cache_disk_use"),
		.normal = "Near zero; else binlog_cache_size is small, or transactions are large.",
		.status = {"Binlog_cache_disk_use", "Binlog_stmt_cache_disk_use"}},
	[METRIC_GROUP_QUEUE] = {
		"group_queue", "group queue", UNIT_COUNT, .read = metric_group_queue,
		.help = "The longest queue of any member of the replication group: transactions to be certified "
			"or applied.",
		.source = "replication_group_member_stats COUNT_TRANSACTIONS_IN_QUEUE, "
			  "COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE",
		.normal = "Near zero. Above group_replication_flow_control_certifier_threshold or …_applier_"
			  "threshold (25,000 unless set) all writers are slowed down."},
	[METRIC_FLOW_PAUSED] = {
		"flow_paused", "flow control", UNIT_RATIO, .read = metric_flow_paused,
		.help = "Share of the last interval in which the Galera cluster stood still because a node could "
			"not follow.",
		.source = STATUS_OF("wsrep_flow_control_paused_ns"),
		.normal = "Below 1 %. More: the node that sends the pauses is too slow, or holds a lock.",
		.status = {"wsrep_flow_control_paused_ns"}},
	[METRIC_CERT_FAILURES] = {
		"cert_failures", "conflicts", UNIT_COUNT, RATE,
		.help = "Transactions a second of this node's clients that gave way to one of another node: at "
			"commit, or while they ran.",
		.source = STATUS_OF("wsrep_local_cert_failures, wsrep_local_bf_aborts"),
		.normal = "Zero where one node takes all writes; clients see them as deadlocks.",
		.status = {"wsrep_local_cert_failures", "wsrep_local_bf_aborts"}},
	[METRIC_POOL_HIT] = {
		"pool_hit", "pool", UNIT_RATIO, .read = read_pool_hit,
		.help = "Share of page requests that the InnoDB buffer pool answered without reading from "
			"disk, in the last interval.",
		.source = "1 - Innodb_buffer_pool_reads / Innodb_buffer_pool_read_requests",
		.normal = "Above 99 %. Lower is bad only when disk reads make statements slow.",
		.status = {"Innodb_buffer_pool_reads", "Innodb_buffer_pool_read_requests"}},
	[METRIC_REDO_USED] = {
		"redo_used", "redo", UNIT_RATIO, .read = read_redo_used,
		.help = "Checkpoint age as a share of the redo log's capacity: changes that are not yet in "
			"the data files.",
		.source = "Innodb_checkpoint_age / Innodb_checkpoint_max_age, or Innodb_redo_log_*",
		.normal = "Below 75 %. Above about 85 % InnoDB flushes at any price and writes stall.",
		.status = {"Innodb_checkpoint_age", "Innodb_redo_log_current_lsn",
			   "Innodb_redo_log_checkpoint_lsn", "Innodb_checkpoint_max_age"}},
	[METRIC_HISTORY] = {
		"history", "hll", UNIT_COUNT, .read = read_history,
		.help = "History list length: undo records of committed transactions that purge has not "
			"removed yet.",
		.source = "Innodb_history_list_length, or INNODB_METRICS trx_rseg_history_len",
		.normal = "Up to some thousands, going up and down. Growing without end: an old transaction "
			  "keeps its read view open.",
		.status = {"Innodb_history_list_length"}},
	[METRIC_LOCK_WAITS] = {
		"lock_waits", "lock waits", UNIT_COUNT, RATE,
		.help = "Row lock waits a second that began.",
		.source = STATUS_OF("Innodb_row_lock_waits"),
		.normal = "Near zero. More: see who blocks whom in the sessions panel.",
		.status = {"Innodb_row_lock_waits"}},
	[METRIC_POOL_DIRTY] = {
		"pool_dirty", "dirty", UNIT_RATIO, .read = read_share,
		.help = "Share of the buffer pool's pages that were changed and are not yet in the data files.",
		.source = "Innodb_buffer_pool_pages_dirty / Innodb_buffer_pool_pages_total",
		.normal = "Below innodb_max_dirty_pages_pct. What matters more is the checkpoint age.",
		.status = {"Innodb_buffer_pool_pages_dirty", "Innodb_buffer_pool_pages_total"}},
	[METRIC_POOL_FREE] = {
		"pool_free", "free pages", UNIT_COUNT, GAUGE,
		.help = "Pages of the buffer pool that hold nothing.",
		.source = STATUS_OF("Innodb_buffer_pool_pages_free"),
		.normal = "Falls to some thousand once the pool has filled up, and stays there. At 0, "
			  "statements wait for pages to be written out.",
		.status = {"Innodb_buffer_pool_pages_free"}},
	[METRIC_POOL_READS] = {
		"pool_reads", "misses", UNIT_COUNT, .rate = true, .read = read_pool_reads,
		.help = "Page requests a second that the buffer pool could not answer: each waits for the disk.",
		.source = STATUS_OF("Innodb_buffer_pool_reads; on MariaDB less Innodb_buffer_pool_read_ahead"),
		.normal = "What the disks do with ease: hundreds on spinning ones, tens of thousands on flash.",
		.status = {"Innodb_buffer_pool_reads"}},
	[METRIC_READ_AHEAD] = {
		"read_ahead", "read ahead", UNIT_COUNT, RATE,
		.help = "Pages a second read before anybody asked for them.",
		.source = STATUS_OF("Innodb_buffer_pool_read_ahead"),
		.normal = "Rises during scans, else near zero.",
		.status = {"Innodb_buffer_pool_read_ahead"}},
	[METRIC_PAGES_READ] = {
		"pages_read", "pages read", UNIT_COUNT, RATE,
		.help = "Pages a second read from data files, read-ahead included.",
		.source = STATUS_OF("Innodb_pages_read"),
		.normal = "Near zero when all that is used fits into the pool.",
		.status = {"Innodb_pages_read"}},
	[METRIC_PAGES_WRITTEN] = {
		"pages_written", "pages written", UNIT_COUNT, RATE,
		.help = "Pages a second written to data files.",
		.source = STATUS_OF("Innodb_pages_written"),
		.normal = "Even, and below innodb_io_capacity_max. Bursts mean that flushing began too late.",
		.status = {"Innodb_pages_written"}},
	[METRIC_PAGES_FLUSHED] = {
		"pages_flushed", "flushed", UNIT_COUNT, RATE,
		.help = "Dirty pages a second that were asked to be written out.",
		.source = STATUS_OF("Innodb_buffer_pool_pages_flushed"),
		.normal = "As many as are made dirty, over some minutes; else the checkpoint age grows.",
		.status = {"Innodb_buffer_pool_pages_flushed"}},
	[METRIC_DBLWR_PAGES] = {
		"doublewrite", "doublewrite", UNIT_COUNT, RATE,
		.help = "Pages a second written to the doublewrite area first, so that a torn page can be mended.",
		.source = STATUS_OF("Innodb_dblwr_pages_written"),
		.normal = "As many as are flushed; 0 where innodb_doublewrite is off.",
		.status = {"Innodb_dblwr_pages_written"}},
	[METRIC_WAIT_FREE] = {
		"wait_free", "waits for a page", UNIT_COUNT, RATE,
		.help = "Times a second that a statement had to wait until a page of the pool was freed.",
		.source = STATUS_OF("Innodb_buffer_pool_wait_free"),
		.normal = "0. Otherwise the pool is small, or flushing cannot keep up.",
		.status = {"Innodb_buffer_pool_wait_free"}},
	[METRIC_DATA_READ] = {
		"data_read", "read", UNIT_BYTES, RATE,
		.help = "Bytes a second that InnoDB read from files.",
		.source = STATUS_OF("Innodb_data_read"),
		.normal = "Below what the disks can do.",
		.status = {"Innodb_data_read"}},
	[METRIC_DATA_WRITTEN] = {
		"data_written", "written", UNIT_BYTES, RATE,
		.help = "Bytes a second that InnoDB wrote to files: pages, and on most versions doublewrite and "
			"redo too.",
		.source = STATUS_OF("Innodb_data_written"),
		.normal = "Below what the disks can do.",
		.status = {"Innodb_data_written"}},
	[METRIC_FSYNCS] = {
		"fsyncs", "fsyncs", UNIT_COUNT, RATE,
		.help = "Times a second that InnoDB had the system bring a file to the disk.",
		.source = STATUS_OF("Innodb_data_fsyncs"),
		.normal = "About one a commit with innodb_flush_log_at_trx_commit = 1, fewer with many at a time.",
		.status = {"Innodb_data_fsyncs"}},
	[METRIC_PENDING_IO] = {
		"pending_io", "pending I/O", UNIT_COUNT, GAUGE,
		.help = "Reads, writes and fsyncs that InnoDB has asked for and that are not done.",
		.source = STATUS_OF("Innodb_data_pending_reads, _writes, _fsyncs, "
				    "Innodb_os_log_pending_fsyncs"),
		.normal = "Near zero, some while pages are flushed. Standing high: the disk is behind.",
		.status = {"Innodb_data_pending_reads", "Innodb_data_pending_writes",
			   "Innodb_data_pending_fsyncs", "Innodb_os_log_pending_fsyncs"}},
	[METRIC_REDO_WRITTEN] = {
		"redo_written", "redo written", UNIT_BYTES, .rate = true, .read = read_redo_written,
		.help = "Bytes of redo log a second that changes make.",
		.source = "Innodb_redo_log_current_lsn, Innodb_lsn_current, or Innodb_os_log_written",
		.normal = "The redo log should hold an hour of it or so: then flushing is even.",
		.status = {"Innodb_redo_log_current_lsn", "Innodb_lsn_current", "Innodb_os_log_written"}},
	[METRIC_CHECKPOINT_AGE] = {
		"checkpoint_age", "checkpoint age", UNIT_BYTES, .read = read_checkpoint_age,
		.help = "Redo log that a recovery would have to read: from the oldest change that is not yet in "
			"the data files to the newest.",
		.source = "Innodb_checkpoint_age; Innodb_redo_log_current_lsn - Innodb_redo_log_checkpoint_lsn; "
			  "log_lsn_checkpoint_age of INNODB_METRICS; or SHOW ENGINE INNODB STATUS",
		.normal = "Below 75 % of the redo log's capacity.",
		.status = {"Innodb_checkpoint_age", "Innodb_redo_log_current_lsn",
			   "Innodb_redo_log_checkpoint_lsn"}},
	[METRIC_LOG_WAITS] = {
		"log_waits", "log waits", UNIT_COUNT, RATE,
		.help = "Times a second that a change waited because the log buffer was full.",
		.source = STATUS_OF("Innodb_log_waits"),
		.normal = "0; else innodb_log_buffer_size is small for the largest transactions, or the log's "
			  "disk is slow.",
		.status = {"Innodb_log_waits"}},
	[METRIC_SYNC_FLUSHES] = {
		"sync_flushes", "sync flushes", UNIT_COUNT, .rate = true, .read = read_sync_flushes,
		.help = "Times a second that pages were flushed at any price because the redo log was nearly full.",
		.source = "INNODB_METRICS buffer_flush_sync; off by default",
		.normal = "0. Otherwise statements that write stall: a larger redo log, or faster flushing."},
	[METRIC_HISTORY_GROWTH] = {
		"history_growth", "hll growth", UNIT_COUNT, .rate = true, .read = read_history_growth,
		.help = "By how much the history list grows a second; negative while purge catches up.",
		.source = "Innodb_history_list_length, or INNODB_METRICS trx_rseg_history_len",
		.normal = "Around zero, up and down. Positive for minutes: an old read view, or purge is behind.",
		.status = {"Innodb_history_list_length"}},
	[METRIC_PURGED] = {
		"purged", "purged", UNIT_COUNT, .rate = true, .read = read_purged,
		.help = "Undo log pages a second that purge has gone through.",
		.source = "INNODB_METRICS purge_undo_log_pages; off by default",
		.normal = "As many as are made. 0 with a history list that grows: purge waits for an old read "
			  "view."},
	[METRIC_AHI_HIT] = {
		"ahi_hit", "AHI hit", UNIT_RATIO, .read = read_ahi_hit,
		.help = "Share of index searches that the adaptive hash index answered, in the last interval.",
		.source = "Innodb_adaptive_hash_hash_searches, _non_hash_searches, or INNODB_METRICS "
			  "adaptive_hash_searches, _btree",
		.normal = "High, or else the index is better off: it takes memory and latches.",
		.status = {"Innodb_adaptive_hash_hash_searches", "Innodb_adaptive_hash_non_hash_searches"}},
	[METRIC_IBUF_MERGES] = {
		"ibuf_merges", "buffered changes", UNIT_COUNT, .rate = true, .read = read_ibuf_merges,
		.help = "Times a second that changes of secondary indexes waiting in the change buffer were merged "
			"into a page.",
		.source = "Innodb_ibuf_merges, or INNODB_METRICS ibuf_merges",
		.normal = "0 where innodb_change_buffering is none, the default of newer servers.",
		.status = {"Innodb_ibuf_merges"}},
	[METRIC_DEADLOCKS] = {
		"deadlocks", "deadlocks", UNIT_COUNT, .rate = true, .read = read_deadlocks,
		.help = "Deadlocks a second: in each, one transaction was rolled back.",
		.source = "Innodb_deadlocks, or INNODB_METRICS lock_deadlocks",
		.normal = "Now and then one, with an application that tries again.",
		.status = {"Innodb_deadlocks"}},
	[METRIC_INNODB_ROWS_READ] = {
		"innodb_rows_read", "rows read", UNIT_COUNT, RATE,
		.help = "Rows a second that were read from InnoDB tables. MariaDB counts them no longer.",
		.source = STATUS_OF("Innodb_rows_read"),
		.normal = "Thousands per statement mean scans.",
		.status = {"Innodb_rows_read"}},
	[METRIC_INNODB_ROWS_CHANGED] = {
		"innodb_rows_changed", "rows changed", UNIT_COUNT, RATE,
		.help = "Rows a second inserted into, updated in and deleted from InnoDB tables. MariaDB counts "
			"them no longer.",
		.source = STATUS_OF("Innodb_rows_inserted, _updated, _deleted"),
		.normal = "What is usual for this server.",
		.status = {"Innodb_rows_inserted", "Innodb_rows_updated", "Innodb_rows_deleted"}},
	[METRIC_HOST_CPU] = {
		"host_cpu", "cpu", UNIT_RATIO, .read = read_host_cpu,
		.help = "CPU time of the server's host as a share of all its cores; of a "
			"container with a CPU limit: as a share of that limit.",
		.source = "/proc/stat; cpu.stat and cpu.max of the server's cgroup",
		.normal = "Below 80 %. Above, statements queue for a core: see the run queue "
			"and the pressure."},
	[METRIC_HOST_IOWAIT] = {
		"host_iowait", "iowait", UNIT_RATIO, .read = read_host_iowait,
		.help = "Share of the cores' time that was idle while some thread waited for a "
			"disk.",
		.source = "/proc/stat",
		.normal = "Low. High together with slow disks: they are the bottleneck."},
	[METRIC_HOST_STEAL] = {
		"host_steal", "steal", UNIT_RATIO, .read = read_host_steal,
		.help = "Share of the cores' time that this virtual machine wanted and did not "
			"get.",
		.source = "/proc/stat",
		.normal = "Near zero; more than a few percent: a noisy neighbour, or CPU "
			"credits used up."},
	[METRIC_HOST_SERVER_CPU] = {
		"host_server_cpu", "server cpu", UNIT_SECONDS, .rate = true, .read = read_host_server_cpu,
		.help = "CPU time of the server's process; 100 % is one core.",
		.source = "/proc/PID/stat",
		.normal = "Below the number of cores times 100 %; most of the host's."},
	[METRIC_HOST_LATENCY] = {
		"host_latency", "io", UNIT_MS, .read = read_host_latency,
		.help = "How long a read or write took on average, the queue included, on the "
			"disk of the datadir, or on the busiest disk where that is not known. "
			"Absent while there is none.",
		.source = "/proc/diskstats",
		.normal = "Flash: below 1 ms; disks: below 10. Rising with the same load: the "
			"device is at its limit, or fails."},
	[METRIC_HOST_UTIL] = {
		"host_util", "disk busy", UNIT_RATIO, .read = read_host_util,
		.help = "Share of the time in which that disk had at least one request under "
			"way.",
		.source = "/proc/diskstats",
		.normal = "A single disk is full at 100 %; flash can do more: go by the latency."},
	[METRIC_HOST_MEMORY] = {
		"host_memory", "mem", UNIT_RATIO, .read = read_host_memory,
		.help = "Memory in use that cannot be dropped, as a share of what the server "
			"can have: the host's, or the limit of its cgroup.",
		.source = "/proc/meminfo; memory.current, memory.max",
		.normal = "Below 90 %. Above, the kernel reclaims, swaps, and in the end kills."},
	[METRIC_HOST_SWAP] = {
		"host_swap", "swap i/o", UNIT_BYTES, .rate = true, .read = read_host_swap,
		.help = "Memory read from swap and written to it, a second.",
		.source = "/proc/vmstat: pswpin, pswpout",
		.normal = "Zero; any steady rate makes everything slow."},
	[METRIC_HOST_NET_IN] = {
		"host_net_in", "net in", UNIT_BYTES, .rate = true, .read = read_host_net_in,
		.help = "Bytes a second that the network cards received.",
		.source = "/proc/net/dev",
		.normal = "Below the card's speed: 10 Gbit/s are 1.16 GB/s."},
	[METRIC_HOST_NET_OUT] = {
		"host_net_out", "net out", UNIT_BYTES, .rate = true, .read = read_host_net_out,
		.help = "Bytes a second that the network cards sent.",
		.source = "/proc/net/dev",
		.normal = "Below the card's speed."},
	[METRIC_HOST_RETRANSMITS] = {
		"host_retransmits", "retransmits", UNIT_COUNT, .rate = true, .read = read_host_retransmits,
		.help = "TCP segments a second that had to be sent again.",
		.source = "/proc/net/snmp: Tcp RetransSegs",
		.normal = "Near zero; more: packets get lost on the way."},
	[METRIC_HOST_PSI_CPU] = {
		"host_psi_cpu", "cpu pressure", UNIT_RATIO, .read = read_host_psi_cpu,
		.help = "Share of the last ten seconds in which some thread could run and found "
			"no core.",
		.source = "/proc/pressure/cpu: some avg10",
		.normal = "Below 10 %."},
	[METRIC_HOST_PSI_MEMORY] = {
		"host_psi_memory", "memory pressure", UNIT_RATIO, .read = read_host_psi_memory,
		.help = "Share of the last ten seconds in which some thread waited for memory.",
		.source = "/proc/pressure/memory: some avg10",
		.normal = "Zero, or below 1 %."},
	[METRIC_HOST_PSI_IO] = {
		"host_psi_io", "io pressure", UNIT_RATIO, .read = read_host_psi_io,
		.help = "Share of the last ten seconds in which some thread waited for a disk.",
		.source = "/proc/pressure/io: some avg10",
		.normal = "Below 10 %."},
};

const struct metric *metric_get(unsigned metric)
{
	BUG_ON(metric >= N_METRICS);
	return &metrics[metric];
}

struct value metric_read(unsigned metric, const struct frame *f)
{
	return metrics[metric].read(f, &metrics[metric]);
}
