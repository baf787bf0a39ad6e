/* What the sections of SHOW ENGINE INNODB STATUS are about, and the numbers in them: one row each. */
#include "base/fatal.h"
#include "parse/innodb_status.h"

static const struct {
	const char *title, *help;
} sections[N_INNODB_SECTIONS] = {
	[INNODB_HEAD] = {"Head",
		"When the text was made, and the time that its averages are over: since the last time that "
		"anybody asked, be it a person or a monitoring agent. Averages over less than 20 seconds say little."},
	[INNODB_BACKGROUND] = {"Background thread",
		"The master thread: it wakes up about once a second and does what nobody waits for. Loops in which "
		"it found the server active against idle ones tell how busy InnoDB was."},
	[INNODB_SEMAPHORES] = {"Semaphores",
		"Threads that wait for mutexes and latches inside InnoDB. A few waits of 0 seconds are normal under "
		"load. Waits of seconds are not: many threads behind one latch name the place that is fought over "
		"(buf0buf: a page, btr0sea: the adaptive hash index, dict0dict: the dictionary, trx0rseg: undo). "
		"After 600 seconds InnoDB ends the server."},
	[INNODB_FOREIGN_KEY] = {"Latest foreign key error",
		"The latest statement that was refused by a foreign key, since the server was started: the constraint, "
		"the row that was to be written and the closest one in the other table."},
	[INNODB_DEADLOCK] = {"Latest deadlock",
		"The latest deadlock only. Each transaction waits for a lock that another holds; InnoDB rolled one back. "
		"Remedies: touch rows in the same order everywhere, keep transactions short, have an index for each "
		"condition so that fewer rows are locked, and try again in the application. "
		"innodb_print_all_deadlocks writes all of them to the error log."},
	[INNODB_TRANSACTIONS] = {"Transactions",
		"How far purge is behind (history list length), then each session's transaction: for how long it is "
		"active, its locks, the undo entries that a rollback would have to go through, and its statement."},
	[INNODB_FILE_IO] = {"File I/O",
		"InnoDB's threads for asynchronous reads and writes, what they wait for, and requests that are not done. "
		"Requests that stand in line mean that the disk is behind."},
	[INNODB_IBUF] = {"Change buffer, adaptive hash",
		"Changes of secondary indexes that wait until the page is read for another reason (change buffer), and "
		"the hash index that InnoDB builds over pages that are searched often."},
	[INNODB_LOG] = {"Redo log",
		"Positions in the redo log, in bytes since the instance was created: up to where changes are made, written, "
		"flushed, and up to where the data files have them. The newest position less the last checkpoint is "
		"what a recovery would read; near the log's capacity writes stall."},
	[INNODB_POOL] = {"Buffer pool and memory",
		"The cache of pages, in pages of mostly 16 KB: how many are free, hold data, are dirty; how pages move between "
		"the young and the old part of the list; reads and writes that are under way."},
	[INNODB_POOLS] = {"Buffer pool instances",
		"The same for each instance of the buffer pool. One that is much busier than the others holds a hot table."},
	[INNODB_ROWS] = {"Row operations",
		"Threads inside InnoDB and waiting to get in (innodb_thread_concurrency), read views that are open, and rows "
		"read and changed since the server was started."},
	[INNODB_UNKNOWN] = {"Other",
		"A section that fathom does not know. Its text is shown as it came."},
};

const char *innodb_section_title(enum innodb_section_id id)
{
	BUG_ON(id >= N_INNODB_SECTIONS);
	return sections[id].title;
}

const char *innodb_section_help(enum innodb_section_id id)
{
	BUG_ON(id >= N_INNODB_SECTIONS);
	return sections[id].help;
}

#define RULE(s, n, t, u, p, h) {INNODB_##s, n, t, UNIT_##u, p, h}

const struct innodb_rule innodb_rules[] = {
	RULE(BACKGROUND, "master_active", "Active loops", COUNT, "srv_master_thread loops: # srv_active",
	     "Rounds of the master thread in which the server had done something."),
	RULE(BACKGROUND, "master_idle", "Idle loops", COUNT,
	     "srv_master_thread loops: @ srv_active, @ srv_shutdown, # srv_idle",
	     "Rounds in which it had not."),
	RULE(BACKGROUND, "master_flushes", "Log flushes", COUNT, "srv_master_thread log flush and writes: #",
	     "Times that the master thread flushed the log; mostly once a second."),

	RULE(SEMAPHORES, "semaphore_reservations", "Reservations", COUNT,
	     "OS WAIT ARRAY INFO: reservation count #",
	     "Times that a thread gave up spinning and reserved a place to sleep. What counts is how fast it grows."),
	RULE(SEMAPHORES, "semaphore_signals", "Signals", COUNT,
	     "OS WAIT ARRAY INFO: signal count #|OS WAIT ARRAY INFO: reservation count @, signal count #",
	     "Times that such a thread was woken."),
	RULE(SEMAPHORES, "mutex_spin_waits", "Mutex spin waits", COUNT, "Mutex spin waits #",
	     "Times that a mutex was taken and a thread had to spin for it."),
	RULE(SEMAPHORES, "rw_shared_spins", "Shared spins", COUNT, "RW-shared spins #",
	     "Times that a thread spun for a latch to read."),
	RULE(SEMAPHORES, "rw_shared_waits", "Shared OS waits", COUNT, "RW-shared spins @, rounds @, OS waits #",
	     "Times that it had to sleep for it."),
	RULE(SEMAPHORES, "rw_excl_spins", "Exclusive spins", COUNT, "RW-excl spins #",
	     "Times that a thread spun for a latch to write."),
	RULE(SEMAPHORES, "rw_excl_waits", "Exclusive OS waits", COUNT, "RW-excl spins @, rounds @, OS waits #",
	     "Times that it had to sleep for it."),
	RULE(SEMAPHORES, "rw_sx_spins", "SX spins", COUNT, "RW-sx spins #",
	     "Times that a thread spun for a latch that shuts out writers only."),
	RULE(SEMAPHORES, "rw_sx_waits", "SX OS waits", COUNT, "RW-sx spins @, rounds @, OS waits #",
	     "Times that it had to sleep for it."),

	RULE(TRANSACTIONS, "trx_counter", "Next transaction id", ID, "Trx id counter #",
	     "The id that the next writing transaction gets."),
	RULE(TRANSACTIONS, "purged_below", "Purged up to", ID, "Purge done for trx's n:o < #",
	     "Undo of all transactions below that number is gone. Far below the next id: purge waits for an old read "
	     "view."),
	RULE(TRANSACTIONS, "history", "History list length", COUNT, "History list length #",
	     "Undo logs of committed transactions that purge has not removed. Thousands are normal; growing for "
	     "minutes means an old transaction that keeps its read view open."),
	RULE(TRANSACTIONS, "lock_structs", "Lock structures", COUNT,
	     "Total number of lock structs in row lock hash table #", "Structures of row locks in memory."),

	RULE(FILE_IO, "pending_reads", "Pending reads", COUNT, "Pending normal aio reads: #",
	     "Reads that were asked for and are not done."),
	RULE(FILE_IO, "pending_log_flushes", "Pending log fsyncs", COUNT, "Pending flushes (fsync) log: #",
	     "Fsyncs of the redo log that are not done. Above 1: commits wait for the disk."),
	RULE(FILE_IO, "pending_pool_flushes", "Pending data fsyncs", COUNT,
	     "Pending flushes (fsync) log: @; buffer pool: #|Pending flushes (fsync): #",
	     "Fsyncs of data files that are not done."),
	RULE(FILE_IO, "os_reads", "Reads", COUNT, "# OS file reads", "File reads since the server was started."),
	RULE(FILE_IO, "os_writes", "Writes", COUNT, "@ OS file reads, # OS file writes",
	     "File writes since the server was started."),
	RULE(FILE_IO, "os_fsyncs", "Fsyncs", COUNT, "@ OS file reads, @ OS file writes, # OS fsyncs",
	     "Fsyncs since the server was started."),
	RULE(FILE_IO, "reads_per_second", "Reads a second", COUNT, "# reads/s", "Averaged over the text's time."),
	RULE(FILE_IO, "writes_per_second", "Writes a second", COUNT, "@ reads/s, @ avg bytes/read, # writes/s",
	     "Averaged over the text's time."),
	RULE(FILE_IO, "fsyncs_per_second", "Fsyncs a second", COUNT,
	     "@ reads/s, @ avg bytes/read, @ writes/s, # fsyncs/s", "Averaged over the text's time."),

	RULE(IBUF, "ibuf_size", "Change buffer", COUNT, "Ibuf: size #", "Pages of changes that wait."),
	RULE(IBUF, "ibuf_free", "Free list", COUNT, "Ibuf: size @, free list len #",
	     "Free pages of the change buffer."),
	RULE(IBUF, "ibuf_segment", "Segment", COUNT, "Ibuf: size @, free list len @, seg size #",
	     "Pages that the change buffer takes in the system tablespace."),
	RULE(IBUF, "ibuf_merges", "Merges", COUNT, "Ibuf: size @, free list len @, seg size @, # merges",
	     "Times that changes were merged into a page."),
	RULE(IBUF, "hash_cells", "Hash table", COUNT, "Hash table size #",
	     "Cells of the adaptive hash index, all parts together."),
	RULE(IBUF, "hash_buffers", "Hash pages", COUNT, "Hash table size @, node heap has # buffer(s)",
	     "Pages of the buffer pool that the adaptive hash index takes."),
	RULE(IBUF, "hash_searches", "Hash searches a second", COUNT, "# hash searches/s",
	     "Searches a second that the hash index answered."),
	RULE(IBUF, "tree_searches", "Tree searches a second", COUNT, "@ hash searches/s, # non-hash searches/s",
	     "Searches a second that went through the tree. Far more than hash searches: the index is not worth its "
	     "latches (innodb_adaptive_hash_index)."),

	RULE(LOG, "log_capacity", "Capacity", BYTES, "Log capacity #", "What the redo log may take on disk."),
	RULE(LOG, "lsn", "Newest position", ID, "Log sequence number #", "Up to where changes are made."),
	RULE(LOG, "lsn_written", "Written", ID, "Log written up to #", "Up to where the log is written to the file."),
	RULE(LOG, "lsn_flushed", "Flushed", ID, "Log flushed up to #",
	     "Up to where the log is safe on the disk: what a commit waits for."),
	RULE(LOG, "lsn_pages", "Pages flushed", ID, "Pages flushed up to #",
	     "Up to where all changed pages are written."),
	RULE(LOG, "lsn_checkpoint", "Last checkpoint", ID, "Last checkpoint at #",
	     "From here a recovery would begin."),
	RULE(LOG, "checkpoint_age_max", "Largest age", BYTES, "Max checkpoint age #",
	     "At this age writes stop until pages are flushed."),
	RULE(LOG, "checkpoint_age_now", "Checkpoint age", BYTES, "Checkpoint age #",
	     "The newest position less the last checkpoint."),
	RULE(LOG, "log_pending_flushes", "Pending log fsyncs", COUNT,
	     "# pending log flushes|# pending log writes", "Log I/O that is not done."),
	RULE(LOG, "log_ios", "Log I/Os", COUNT, "# log i/o's done", "Log writes since the server was started."),
	RULE(LOG, "log_ios_per_second", "Log I/Os a second", COUNT, "@ log i/o's done, # log i/o's/second",
	     "Averaged over the text's time."),

	RULE(POOL, "memory", "Memory", BYTES, "Total large memory allocated #|Total memory allocated #",
	     "Memory of the buffer pool with its management. MySQL 9 says 0."),
	RULE(POOL, "dictionary_memory", "Dictionary", BYTES, "Dictionary memory allocated #",
	     "Memory of table and index definitions."),
	RULE(POOL, "pool_size", "Pages", COUNT, "Buffer pool size #", "Pages that the pool has room for."),
	RULE(POOL, "pool_free", "Free", COUNT, "Free buffers #",
	     "Pages that hold nothing. At 0, statements wait until a page is written out."),
	RULE(POOL, "pool_data", "Data", COUNT, "Database pages #", "Pages that hold pages of files."),
	RULE(POOL, "pool_old", "Old", COUNT, "Old database pages #",
	     "Pages in the old part of the list: read once, and the first to go."),
	RULE(POOL, "pool_dirty", "Dirty", COUNT, "Modified db pages #", "Pages that are changed and not yet written."),
	RULE(POOL, "pool_dirty_percent", "Dirty share", PERCENT, "Percent of dirty pages(LRU & free pages): #",
	     "The same as a share."),
	RULE(POOL, "pool_dirty_most", "Dirty at most", PERCENT, "Max dirty pages percent: #",
	     "innodb_max_dirty_pages_pct."),
	RULE(POOL, "pool_pending_reads", "Pending reads", COUNT, "Pending reads #", "Pages being read."),
	RULE(POOL, "pool_pending_lru", "Pending LRU writes", COUNT, "Pending writes: LRU #",
	     "Pages being written out to get free ones."),
	RULE(POOL, "pool_pending_list", "Pending flushes", COUNT, "Pending writes: LRU @, flush list #",
	     "Pages being written out to move the checkpoint."),
	RULE(POOL, "pool_pending_single", "Single page writes", COUNT,
	     "Pending writes: LRU @, flush list @, single page #",
	     "Pages being written by a session itself, as none was free: it should be 0."),
	RULE(POOL, "pool_young", "Made young", COUNT, "Pages made young #",
	     "Old pages that were read again and moved to the young part."),
	RULE(POOL, "pool_not_young", "Not made young", COUNT, "Pages made young @, not young #",
	     "Old pages that were read again too soon to count: scans."),
	RULE(POOL, "youngs_per_second", "Young a second", COUNT, "# youngs/s", "Averaged over the text's time."),
	RULE(POOL, "not_youngs_per_second", "Not young a second", COUNT, "@ youngs/s, # non-youngs/s",
	     "Averaged over the text's time."),
	RULE(POOL, "pages_read", "Pages read", COUNT, "Pages read #, created @, written @", "From files."),
	RULE(POOL, "pages_created", "Pages created", COUNT, "Pages read @, created #, written @", "New ones."),
	RULE(POOL, "pages_written", "Pages written", COUNT, "Pages read @, created @, written #", "To files."),
	RULE(POOL, "page_reads_per_second", "Pages read a second", COUNT, "# reads/s, @ creates/s",
	     "Averaged over the text's time."),
	RULE(POOL, "page_writes_per_second", "Pages written a second", COUNT,
	     "@ reads/s, @ creates/s, # writes/s", "Averaged over the text's time."),
	RULE(POOL, "pool_hits", "Hits of 1,000", COUNT, "Buffer pool hit rate #",
	     "Of 1,000 page requests, how many the pool answered."),
	RULE(POOL, "read_ahead_per_second", "Read ahead a second", COUNT, "Pages read ahead #/s",
	     "Pages read before anybody asked."),
	RULE(POOL, "read_ahead_unused", "Unused a second", COUNT,
	     "Pages read ahead @/s, evicted without access #/s", "Of these, pages that left without having been used."),
	RULE(POOL, "lru_length", "List length", COUNT, "LRU len: #", "Pages in the list, young and old."),
	RULE(POOL, "unzip_length", "Unpacked pages", COUNT, "LRU len: @, unzip_LRU len: #",
	     "Pages of compressed tables that are also held unpacked."),

	RULE(ROWS, "queries_inside", "Inside", COUNT, "# queries inside InnoDB",
	     "Threads inside InnoDB, where innodb_thread_concurrency is set."),
	RULE(ROWS, "queries_queued", "In line", COUNT, "@ queries inside InnoDB, # queries in queue",
	     "Threads that wait to get in. Above 0 the limit is at work."),
	RULE(ROWS, "read_views", "Read views", COUNT, "# read views open inside InnoDB",
	     "Transactions that see the data as of some moment. Purge waits for the oldest."),
	RULE(ROWS, "rows_inserted", "Inserted", COUNT, "Number of rows inserted #", "Rows, since the server was started."),
	RULE(ROWS, "rows_updated", "Updated", COUNT, "Number of rows inserted @, updated #",
	     "Rows, since the server was started."),
	RULE(ROWS, "rows_deleted", "Deleted", COUNT, "Number of rows inserted @, updated @, deleted #",
	     "Rows, since the server was started."),
	RULE(ROWS, "rows_read", "Read", COUNT, "Number of rows inserted @, updated @, deleted @, read #",
	     "Rows, since the server was started."),
	{.name = NULL},
};
