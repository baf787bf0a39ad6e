/*
 * The table of InnoDB's numbers. Counters of INNODB_METRICS that are switched off are absent, and `lacks`
 * says why. What is a metric takes its unit and its texts from there.
 */
#include "panels/innodbderived.h"
#include "panels/innodbnumber.h"
#include "parse/innodb_status.h"

#define NO_ROWS "MariaDB counts rows no longer; Handler_* among the status counters are near it"
#define METRIC(id) .metric = 1 + METRIC_##id

const struct inno_number inno_numbers[INNO_N_NUMBERS] = {

	/* --- buffer pool --- */

	[INNO_POOL_SIZE] = {
		"size", UNIT_BYTES, .read = inno_read_pool_size,
		.help = "Memory for pages of tables and indexes.",
		.source = "innodb_buffer_pool_size",
		.normal = "Large enough for the data in daily use, and leaving room for sessions: often "
			  "half to three quarters of the memory of a server of its own."},
	[INNO_POOL_USED] = {
		"used", UNIT_RATIO, .read = inno_read_pool_used,
		.help = "Share of the pool that holds pages.",
		.source = "1 - Innodb_buffer_pool_pages_free / Innodb_buffer_pool_pages_total",
		.normal = "Fills up after a start and stays full: a full pool is no fault."},
	[INNO_POOL_CLEAN] = {
		"clean", UNIT_RATIO, .read = inno_read_pool_clean,
		.help = "Share of the pool with pages as they are on disk: they can be thrown out at once.",
		.source = "used - dirty",
		.normal = "Most of the pool."},
	[INNO_POOL_DIRTY] = {
		"dirty", METRIC(POOL_DIRTY), .warning = 0.75, .critical = 0.9},
	[INNO_POOL_FREE] = {
		"free", UNIT_RATIO, .read = inno_read_pool_free,
		.help = "Share of the pool that holds no page.",
		.source = "Innodb_buffer_pool_pages_free / Innodb_buffer_pool_pages_total",
		.normal = "A few percent on a warm server: the page cleaner keeps innodb_lru_scan_depth "
			  "pages free. Much free space on a warm server is memory that nobody needs."},
	[INNO_POOL_OLD] = {
		"old", UNIT_RATIO, .read = inno_read_pool_old, .part = PART_INNODB_POOLS,
		.help = "Share of the pages in the old part of the list: pages start there, and move to the "
			"young part when they are used again.",
		.source = "INNODB_BUFFER_POOL_STATS OLD_DATABASE_PAGES / DATABASE_PAGES",
		.normal = "innodb_old_blocks_pct, 37 % unless set."},
	[INNO_POOL_HIT] = {
		"hit", METRIC(POOL_HIT), .warning = 0.95, .critical = 0.9, .word = "low",
		.lacks = "no page was asked for in the last interval"},
	[INNO_POOL_REQUESTS] = {
		"page requests", UNIT_COUNT, true, {"Innodb_buffer_pool_read_requests"},
		.help = "Pages that statements asked the pool for, a second.",
		.normal = "What is usual for this server. A jump without more statements means scans."},
	[INNO_POOL_MISSES] = {
		"reads from disk", METRIC(POOL_READS)},
	[INNO_POOL_WAITS] = {
		"waits for free", METRIC(WAIT_FREE), .warning = 0.001, .critical = 10, .word = "too many"},
	[INNO_MADE_YOUNG] = {
		"made young", UNIT_COUNT, true, .read = inno_read_made_young, .part = PART_INNODB_POOLS,
		.help = "Pages a second that were used again and moved to the young part of the list.",
		.source = "INNODB_BUFFER_POOL_STATS PAGES_MADE_YOUNG",
		.normal = "What is usual for this server."},
	[INNO_NOT_YOUNG] = {
		"not young", UNIT_COUNT, true, .read = inno_read_not_young, .part = PART_INNODB_POOLS,
		.help = "Uses of pages a second that stayed in the old part, being too soon after the first: "
			"scans show here.",
		.source = "INNODB_BUFFER_POOL_STATS PAGES_NOT_MADE_YOUNG",
		.normal = "Many during a scan or a dump: innodb_old_blocks_time keeps them from pushing out "
			  "what is used."},
	[INNO_PAGES_READ] = {
		"pages read", METRIC(PAGES_READ)},
	[INNO_PAGES_CREATED] = {
		"pages created", UNIT_COUNT, true, {"Innodb_pages_created"},
		.help = "Pages a second that were made new in the pool.",
		.normal = "Grows with inserts."},
	[INNO_READ_AHEAD] = {
		"read ahead", METRIC(READ_AHEAD)},
	[INNO_READ_AHEAD_RANDOM] = {
		"random read ahead", UNIT_COUNT, true, {"Innodb_buffer_pool_read_ahead_rnd"},
		.help = "Read-aheads a second because many pages of an extent were in the pool already.",
		.normal = "0: innodb_random_read_ahead is off unless set."},
	[INNO_READ_AHEAD_WASTED] = {
		"read ahead for nothing", UNIT_COUNT, true, {"Innodb_buffer_pool_read_ahead_evicted"},
		.warning = 100, .critical = 5000,
		.help = "Pages a second that were read ahead and thrown out before anybody used them.",
		.normal = "Near 0. High from 100 a second, too high from 5000: the pool is too small for the "
			  "scans, or innodb_read_ahead_threshold too eager."},
	[INNO_POOL_RESIZE] = {
		"resize", UNIT_NONE, .read = inno_read_resize,
		.help = "How far SET GLOBAL innodb_buffer_pool_size has got.",
		.source = "SHOW GLOBAL STATUS: Innodb_buffer_pool_resize_status",
		.normal = "None under way."},
	[INNO_POOL_LOAD] = {
		"load", UNIT_NONE, false, {"Innodb_buffer_pool_load_status"},
		.help = "How far the reload of the pages known from before the restart has got.",
		.normal = "Completed some minutes after a start; until then reads are many."},

	/* --- flushing --- */

	[INNO_FLUSHED] = {
		"flushed", METRIC(PAGES_FLUSHED)},
	[INNO_FLUSH_SHARE] = {
		"of io capacity", UNIT_RATIO, .read = inno_read_flush_share, .warning = 1, .critical = 3,
		.help = "Pages flushed a second as a share of innodb_io_capacity, which is what flushing in "
			"the background takes as its measure.",
		.source = "Innodb_buffer_pool_pages_flushed / innodb_io_capacity",
		.normal = "Below 100 %. High from 100 %, too high from 300 %: it goes beyond its measure "
			  "(up to innodb_io_capacity_max), since redo or dirty pages demand it."},
	[INNO_FLUSH_LRU] = {
		"flushed for free pages", UNIT_COUNT, true, {"Innodb_buffer_pool_pages_lru_flushed"},
		{"buffer_LRU_batch_flush_total_pages"},
		.help = "Pages a second that were flushed at the end of the list, to make room.",
		.normal = "0 while the pool holds all data; otherwise about as many as are read."},
	[INNO_FLUSH_ADAPTIVE] = {
		"adaptive", UNIT_COUNT, true, {NULL}, {"buffer_flush_adaptive_total_pages"},
		.help = "Pages a second that adaptive flushing wrote: ahead of need, by the speed of the redo log.",
		.normal = "Most of what is flushed under a steady load."},
	[INNO_FLUSH_BACKGROUND] = {
		"in idle time", UNIT_COUNT, true, {NULL}, {"buffer_flush_background_total_pages"},
		.help = "Pages a second that were written because the server had nothing else to do.",
		.normal = "Some after a burst of writes."},
	[INNO_FLUSH_SYNC] = {
		"forced", METRIC(SYNC_FLUSHES), .counter = {"buffer_flush_sync"}, .warning = 0.001, .critical = 1, .word = "stalls"},
	[INNO_FLUSH_FOR_REDO] = {
		"pressed by redo", UNIT_PERCENT, false, {NULL}, {"buffer_flush_pct_for_lsn"},
		.help = "How hard the checkpoint age presses: percent of innodb_io_capacity to flush for it.",
		.normal = "Grows with the checkpoint age; above 100 it goes beyond io_capacity."},
	[INNO_FLUSH_FOR_DIRTY] = {
		"pressed by dirty", UNIT_PERCENT, false, {NULL}, {"buffer_flush_pct_for_dirty"},
		.help = "How hard dirty pages press: percent of innodb_io_capacity to flush for them.",
		.normal = "0 below innodb_max_dirty_pages_pct_lwm, 100 at innodb_max_dirty_pages_pct."},
	[INNO_CLEANER_TIME] = {
		"cleaner's round", UNIT_MS, false, {NULL}, {"buffer_flush_avg_time"},
		.help = "How long a round of the page cleaner takes, on average.",
		.normal = "Below one second: longer, and it does not keep its beat."},

	/* --- change buffer, adaptive hash --- */

	[INNO_CHANGE_SIZE] = {
		"size", UNIT_BYTES, .read = inno_read_change_size,
		.help = "Changes to secondary indexes that wait for their pages to be read.",
		.source = "Innodb_ibuf_size or INNODB_METRICS ibuf_size, times the page size",
		.normal = "Small beside the pool; innodb_change_buffer_max_size (25 %) is the most.",
		.lacks = "this server has no change buffer, or none that was ever used"},
	[INNO_CHANGE_MERGES] = {
		"merges", METRIC(IBUF_MERGES), .counter = {"ibuf_merges"},
		.lacks = "this server has no change buffer"},
	[INNO_CHANGE_INSERTS] = {
		"merged inserts", UNIT_COUNT, true, {"Innodb_ibuf_merged_inserts"}, {"ibuf_merges_insert"},
		.help = "Inserted index entries a second that were merged into their pages.",
		.normal = "What is usual for this server.",
		.lacks = "this server has no change buffer"},
	[INNO_CHANGE_DELETE_MARKS] = {
		"merged delete marks", UNIT_COUNT, true, {"Innodb_ibuf_merged_delete_marks"},
		{"ibuf_merges_delete_mark"},
		.help = "Index entries a second that were marked as deleted by a merge.",
		.normal = "What is usual for this server.",
		.lacks = "this server has no change buffer"},
	[INNO_CHANGE_DELETES] = {
		"merged purges", UNIT_COUNT, true, {"Innodb_ibuf_merged_deletes"}, {"ibuf_merges_delete"},
		.help = "Index entries a second that purge removed by a merge.",
		.normal = "What is usual for this server.",
		.lacks = "this server has no change buffer"},
	[INNO_HASH_HITS] = {
		"hits", METRIC(AHI_HIT), .counter = {"adaptive_hash_searches"},
		.lacks = "nothing was looked up in the last interval, or the searches are not counted"},
	[INNO_HASH_SEARCHES] = {
		"hash searches", UNIT_COUNT, true, {"Innodb_adaptive_hash_hash_searches"},
		{"adaptive_hash_searches"},
		.help = "Look-ups a second that the hash index answered.",
		.normal = "What is usual for this server; 0 where it is off."},
	[INNO_HASH_MISSES] = {
		"B-tree searches", UNIT_COUNT, true, {"Innodb_adaptive_hash_non_hash_searches"},
		{"adaptive_hash_searches_btree"},
		.help = "Look-ups a second that went down the B-tree.",
		.normal = "What is usual for this server."},
	[INNO_HASH_MEMORY] = {
		"memory", UNIT_BYTES, false, {"Innodb_mem_adaptive_hash"},
		.help = "Memory that the hash index takes from the buffer pool.",
		.normal = "A few percent of the pool.",
		.lacks = "only MariaDB says it; on MySQL the status text does"},

	/* --- log buffer, redo --- */

	[INNO_LOG_BUFFER] = {
		"size", UNIT_BYTES, .read = inno_read_log_buffer,
		.help = "Memory where redo records wait to be written.",
		.source = "innodb_log_buffer_size",
		.normal = "16 to 64 MB; more for transactions that change very much at once."},
	[INNO_LOG_WAITS] = {
		"waits", METRIC(LOG_WAITS), .warning = 0.001, .critical = 10, .word = "too many"},
	[INNO_LOG_REQUESTS] = {
		"write requests", UNIT_COUNT, true, {"Innodb_log_write_requests"},
		.help = "Records a second written to the log buffer.",
		.normal = "Follows the changes."},
	[INNO_LOG_WRITES] = {
		"log writes", UNIT_COUNT, true, {"Innodb_log_writes"},
		.help = "Writes a second from the buffer to the redo log.",
		.normal = "About the commits a second, fewer where commits share a write."},
	[INNO_REDO_CAPACITY] = {
		"capacity", UNIT_BYTES, .read = inno_read_redo_capacity,
		.help = "How much redo there is room for. Before it is full, changed pages must be in the data "
			"files.",
		.source = "Innodb_redo_log_capacity_resized, or innodb_log_file_size times the files",
		.normal = "Enough for an hour of writing; larger means smoother flushing and a longer recovery."},
	[INNO_REDO_AGE] = {
		"checkpoint age", METRIC(CHECKPOINT_AGE), .counter = {"log_lsn_checkpoint_age"}},
	[INNO_REDO_USED] = {
		"age", METRIC(REDO_USED), .counter = {"log_lsn_checkpoint_age"}, .warning = 0.75, .critical = 0.88},
	[INNO_REDO_WRITTEN] = {
		"written", METRIC(REDO_WRITTEN)},
	[INNO_REDO_HOURLY] = {
		"written an hour", UNIT_BYTES, .read = inno_read_redo_hourly,
		.help = "Redo that an hour makes, at the present speed.",
		.source = "bytes of redo a second times 3600",
		.normal = "About the capacity, or less."},
	[INNO_REDO_FITS] = {
		"holds", UNIT_SECONDS, .read = inno_read_redo_fits, .warning = 600, .critical = 120,
		.word = "short",
		.help = "How much time's writing the redo log holds, at the present speed.",
		.source = "capacity / bytes of redo a second",
		.normal = "An hour is comfortable. Short below ten minutes, too short below two: flushing has "
			  "no time to be clever.",
		.lacks = "nothing was written in the last interval"},
	[INNO_REDO_CHECKPOINT] = {
		"checkpoint moves", UNIT_BYTES, true, {"Innodb_redo_log_checkpoint_lsn",
						       "Innodb_lsn_last_checkpoint"},
		.help = "Bytes of redo a second that became unneeded, since their pages were flushed.",
		.normal = "As much as is written, over some minutes; else the age grows."},
	[INNO_REDO_FSYNCS] = {
		"log fsyncs", UNIT_COUNT, true, {"Innodb_os_log_fsyncs"},
		.help = "Times a second that the redo log was forced to disk.",
		.normal = "About the commits a second with innodb_flush_log_at_trx_commit 1, else about one.",
		.lacks = "this server counts only the fsyncs of all files together"},
	[INNO_REDO_PENDING] = {
		"log writes pending", UNIT_COUNT, false, {"Innodb_os_log_pending_writes"},
		.warning = 4, .critical = 32,
		.help = "Writes to the redo log that are under way.",
		.normal = "0 or 1. High from 4, too high from 32: the log's disk is slow.",
		.lacks = "this server does not say it"},
	[INNO_REDO_PENDING_FSYNCS] = {
		"log fsyncs pending", UNIT_COUNT, false, {"Innodb_os_log_pending_fsyncs"},
		.warning = 4, .critical = 32,
		.help = "Fsyncs of the redo log that are under way.",
		.normal = "0 or 1. High from 4, too high from 32: the log's disk is slow.",
		.lacks = "this server does not say it"},
	[INNO_REDO_FILES] = {
		"files on disk", UNIT_BYTES, false, {"Innodb_redo_log_physical_size"},
		.help = "Size of the redo files that are there now.",
		.normal = "Below the capacity: files are made as they are needed.",
		.lacks = "MySQL 8.0.30 and newer only; on MariaDB the file is as large as the capacity"},

	/* --- undo and purge --- */

	[INNO_HISTORY] = {
		"history list", METRIC(HISTORY), .counter = {"trx_rseg_history_len"}, .warning = 100000, .critical = 1000000, .word = "long"},
	[INNO_HISTORY_TREND] = {
		"grows by", METRIC(HISTORY_GROWTH), .counter = {"trx_rseg_history_len"}, .warning = 1000, .critical = 20000},
	[INNO_OLDEST_VIEW] = {
		"oldest transaction", UNIT_SECONDS, .read = inno_read_oldest_view, .part = PART_TRANSACTIONS, .warning = 300,
		.critical = 3600, .word = "old",
		.help = "Age of the oldest open transaction. What it may still want to read, purge must keep; a "
			"transaction at READ COMMITTED that runs nothing holds nothing back.",
		.source = "INNODB_TRX trx_started",
		.normal = "Seconds. Old from five minutes, too old from an hour: find the session.",
		.lacks = "no transaction is open"},
	[INNO_PURGED] = {
		"purged", METRIC(PURGED), .counter = {"purge_undo_log_pages"}},
	[INNO_PURGE_DELAY] = {
		"delay of writers", UNIT_COUNT, false, {NULL}, {"purge_dml_delay_usec"},
		.help = "Microseconds by which each change is delayed so that purge can follow.",
		.normal = "0: innodb_max_purge_lag is off unless set."},
	[INNO_UNDO_SPACES] = {
		"tablespaces", UNIT_COUNT, .read = inno_read_undo_spaces,
		.help = "Undo tablespaces in use; 0 on MariaDB: undo stands in the system tablespace, which "
			"never shrinks.",
		.source = "Innodb_undo_tablespaces_active, or innodb_undo_tablespaces",
		.normal = "Two or more, so that one can be truncated while another works."},
	[INNO_UNDO_TRUNCATIONS] = {
		"truncations", UNIT_COUNT, false, {"Innodb_undo_truncations"}, {"undo_truncate_count"},
		.help = "How often an undo tablespace was made small again since the start.",
		.normal = "Now and then after long transactions."},

	/* --- files, doublewrite, I/O --- */

	[INNO_DATA_READ] = {
		"read", METRIC(DATA_READ)},
	[INNO_DATA_WRITTEN] = {
		"written", METRIC(DATA_WRITTEN)},
	[INNO_DATA_READS] = {
		"read calls", UNIT_COUNT, true, {"Innodb_data_reads"},
		.help = "Reads a second from files.", .normal = "Below what the disks do."},
	[INNO_DATA_WRITES] = {
		"write calls", UNIT_COUNT, true, {"Innodb_data_writes"},
		.help = "Writes a second to files.", .normal = "Below what the disks do."},
	[INNO_DATA_FSYNCS] = {
		"fsyncs", METRIC(FSYNCS)},
	[INNO_PENDING_READS] = {
		"reads pending", UNIT_COUNT, false, {"Innodb_data_pending_reads"}, .warning = 64,
		.critical = 256,
		.help = "Reads that are under way.",
		.normal = "A few. High from 64, too high from 256: the disks are the bottleneck."},
	[INNO_PENDING_WRITES] = {
		"writes pending", UNIT_COUNT, false, {"Innodb_data_pending_writes"}, .warning = 64,
		.critical = 256,
		.help = "Writes that are under way.",
		.normal = "A few. High from 64, too high from 256: the disks are the bottleneck."},
	[INNO_PENDING_FSYNCS] = {
		"fsyncs pending", UNIT_COUNT, false, {"Innodb_data_pending_fsyncs"}, .warning = 4,
		.critical = 32,
		.help = "Fsyncs that are under way.",
		.normal = "0 or 1. High from 4, too high from 32: the disks cannot keep up with commits."},
	[INNO_OPEN_FILES] = {
		"open files", UNIT_COUNT, false, {"Innodb_num_open_files"},
		.help = "Files that InnoDB holds open.",
		.normal = "Below innodb_open_files."},
	[INNO_DOUBLEWRITE_PAGES] = {
		"pages", METRIC(DBLWR_PAGES)},
	[INNO_DOUBLEWRITE_WRITES] = {
		"batches", UNIT_COUNT, true, {"Innodb_dblwr_writes"},
		.help = "Batches a second in which they were written.",
		.normal = "Far fewer than pages."},
	[INNO_DOUBLEWRITE_BATCH] = {
		"pages a batch", UNIT_COUNT, .read = inno_read_doublewrite_batch,
		.help = "Pages in a batch, on average.",
		.source = "pages / batches",
		.normal = "Tens under load; near 1 a page is written twice for itself.",
		.lacks = "nothing was written twice in the last interval"},

	[INNO_DATA_SIZE] = {
		"size", UNIT_BYTES, .read = inno_read_data_size, .part = PART_INNODB_SPACES,
		.help = "Size of all tablespaces together, undo and system among them.",
		.source = "INNODB_TABLESPACES FILE_SIZE; MariaDB: INNODB_SYS_TABLESPACES",
		.normal = "Grows with the data. What daily work needs of it should fit into the buffer pool."},
	[INNO_DATA_SPACES] = {
		"tablespaces", UNIT_COUNT, .read = inno_read_data_spaces, .part = PART_INNODB_SPACES,
		.help = "How many tablespaces there are.",
		.source = "INNODB_TABLESPACES; MariaDB: INNODB_SYS_TABLESPACES",
		.normal = "As many as tables and partitions, and some more."},
	[INNO_UNDO_SIZE] = {
		"undo files", UNIT_BYTES, .read = inno_read_undo_size, .part = PART_INNODB_SPACES,
		.help = "Size of the undo tablespaces together.",
		.source = "INNODB_TABLESPACES FILE_SIZE",
		.normal = "Some tens of megabytes up to innodb_max_undo_log_size each. They grow as long as an "
			  "old transaction keeps purge from its work.",
		.lacks = "this server lists no undo tablespaces"},
	[INNO_DATA_READ_TIME] = {
		"read latency", UNIT_MS, .read = inno_read_data_read_time, .part = PART_INNODB_FILES,
		.warning = 20, .critical = 100,
		.help = "How long a read from a data file took on average, in the last ten seconds.",
		.source = "file_summary_by_event_name SUM_TIMER_READ / COUNT_READ",
		.normal = "Below 1 ms on flash, 10 ms on spinning disks.",
		.lacks = "nothing was read from them in the last interval"},
	[INNO_DATA_WRITE_TIME] = {
		"write latency", UNIT_MS, .read = inno_read_data_write_time, .part = PART_INNODB_FILES,
		.warning = 20, .critical = 100,
		.help = "How long a write to a data file took on average, in the last ten seconds.",
		.source = "file_summary_by_event_name SUM_TIMER_WRITE / COUNT_WRITE",
		.normal = "Below 1 ms on flash, 10 ms on spinning disks.",
		.lacks = "nothing was written to them in the last interval"},
	[INNO_DATA_SYNC_TIME] = {
		"data fsync latency", UNIT_MS, .read = inno_read_data_sync_time, .part = PART_INNODB_FILES,
		.warning = 50, .critical = 250,
		.help = "How long an fsync of a data file took on average, in the last ten seconds; opening and "
			"closing are counted with it.",
		.source = "file_summary_by_event_name SUM_TIMER_MISC / COUNT_MISC",
		.normal = "Some milliseconds.",
		.lacks = "there was none in the last interval"},
	[INNO_LOG_SYNC_TIME] = {
		"log fsync latency", UNIT_MS, .read = inno_read_log_sync_time, .part = PART_INNODB_FILES,
		.warning = 20, .critical = 100,
		.help = "How long an fsync of the redo log took on average, in the last ten seconds: what a commit "
			"waits for.",
		.source = "file_summary_by_event_name SUM_TIMER_MISC / COUNT_MISC",
		.normal = "Below 1 ms with a protected cache, some milliseconds without.",
		.lacks = "there was none in the last interval"},

	/* --- rows and latches --- */

	[INNO_ROWS_READ] = {
		"read", UNIT_COUNT, true, {"Innodb_rows_read"}, {"dml_reads"},
		.help = "Rows a second that InnoDB gave to statements.",
		.normal = "Thousands per statement mean scans.",
		.lacks = NO_ROWS},
	[INNO_ROWS_INSERTED] = {
		"inserted", UNIT_COUNT, true, {"Innodb_rows_inserted"}, {"dml_inserts"},
		.help = "Rows inserted a second.", .normal = "What is usual for this server.",
		.lacks = NO_ROWS},
	[INNO_ROWS_UPDATED] = {
		"updated", UNIT_COUNT, true, {"Innodb_rows_updated"}, {"dml_updates"},
		.help = "Rows updated a second.", .normal = "What is usual for this server.",
		.lacks = NO_ROWS},
	[INNO_ROWS_DELETED] = {
		"deleted", UNIT_COUNT, true, {"Innodb_rows_deleted"}, {"dml_deletes"},
		.help = "Rows deleted a second.", .normal = "What is usual for this server.",
		.lacks = NO_ROWS},
	[INNO_LOCK_WAITS] = {
		"lock waits", METRIC(LOCK_WAITS), .warning = 10, .critical = 500},
	[INNO_LOCK_WAITING] = {
		"waiting", UNIT_COUNT, false, {"Innodb_row_lock_current_waits"}, .warning = 1, .critical = 20,
		.word = "blocked",
		.help = "Sessions that wait for a row lock now. The counter is known to stick.",
		.normal = "0. Any is a warning, 20 critical."},
	[INNO_LOCK_TIME] = {
		"mean wait", UNIT_MS, false, {"Innodb_row_lock_time_avg"},
		.help = "How long a wait for a row lock took on average since the start.",
		.normal = "Milliseconds."},
	[INNO_DEADLOCKS] = {
		"deadlocks", METRIC(DEADLOCKS), .counter = {"lock_deadlocks"}, .warning = 0.2, .critical = 10},
	[INNO_TIMEOUTS] = {
		"lock time-outs", UNIT_COUNT, true, {NULL}, {"lock_timeouts"}, .warning = 0.2, .critical = 10,
		.help = "Statements a second that gave up waiting for a row lock (innodb_lock_wait_timeout).",
		.normal = "0. High from one in five seconds, too high from 10 a second."},
	[INNO_LATCH_WAITS] = {
		"latch waits", UNIT_COUNT, true, .read = inno_read_latch_waits, .warning = 2000,
		.critical = 50000,
		.help = "How often a second a thread spun for a latch in vain and went to sleep.",
		.source = "INNODB_METRICS innodb_rwlock_*_os_waits",
		.normal = "Low against page requests. High from 2000 a second, too high from 50 k: threads "
			  "fight for the same pages or structures.",
		.lacks = "this server does not count latches; the status text shows long waits"},
	[INNO_LATCH_SPINS] = {
		"spins", UNIT_COUNT, true, .read = inno_read_latch_spins,
		.help = "How often a second a thread had to spin for a latch.",
		.source = "INNODB_METRICS innodb_rwlock_*_spin_waits",
		.normal = "What is usual for this server.",
		.lacks = "this server does not count latches; the status text shows long waits"},
	[INNO_LATCH_ROUNDS] = {
		"spin rounds", UNIT_COUNT, true, .read = inno_read_latch_rounds,
		.help = "Rounds a second spent spinning: each costs CPU.",
		.source = "INNODB_METRICS innodb_rwlock_*_spin_rounds",
		.normal = "At most some tens per spin.",
		.lacks = "this server does not count latches; the status text shows long waits"},
	[INNO_LATCH_WAITING] = {
		"waiting now", UNIT_COUNT, .read = inno_read_latch_waiting, .part = PART_INNODB_STATUS,
		.warning = 16, .critical = 64,
		.help = "Threads that sleep for a mutex or latch, at the time of the status text.",
		.source = "SHOW ENGINE INNODB STATUS: SEMAPHORES",
		.normal = "0, or few and short. High from 16, too high from 64.",
		.lacks = INNODB_NO_WAIT_LIST},
	[INNO_LATCH_LONGEST] = {
		"longest", UNIT_SECONDS, .read = inno_read_latch_longest, .part = PART_INNODB_STATUS,
		.warning = 1, .critical = 30, .word = "stalls",
		.help = "For how long the one of them waits that has waited longest.",
		.source = "SHOW ENGINE INNODB STATUS: SEMAPHORES",
		.normal = "0. From a second on something stalls; at 600 s InnoDB ends the server.",
		.lacks = INNODB_NO_WAIT_LIST},
};
