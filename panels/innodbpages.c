/*
 * The boxes of InnoDB: what each is, which numbers belong to it.
 */
#include <string.h>

#include "base/mem.h"
#include "panels/innodb.h"

#define NUMBERS(b, ...) .brief = (b), \
	.n = sizeof (enum inno_number_id[]){__VA_ARGS__} / sizeof(enum inno_number_id), \
	.numbers = {__VA_ARGS__}

const struct inno_page inno_pages[N_INNO_PAGES] = {
	[PAGE_POOL] = {
		"pool", "Buffer pool", BOX_POOL,
		.help = "The memory in which InnoDB works: pages of tables and indexes. New pages enter the "
			"old part of its list; used again after a while, they become young and stay. Changed "
			"pages are dirty until the page cleaner has written them.",
		NUMBERS(8, INNO_POOL_SIZE, INNO_POOL_HIT, INNO_POOL_DIRTY, INNO_POOL_FREE, INNO_POOL_MISSES,
			INNO_POOL_WAITS, INNO_MADE_YOUNG, INNO_NOT_YOUNG, INNO_POOL_USED, INNO_POOL_CLEAN,
			INNO_POOL_OLD, INNO_POOL_REQUESTS, INNO_PAGES_READ, INNO_PAGES_CREATED,
			INNO_READ_AHEAD, INNO_READ_AHEAD_RANDOM, INNO_READ_AHEAD_WASTED, INNO_POOL_RESIZE,
			INNO_POOL_LOAD),
		.links = {{"Instances", "each instance of the pool with its own numbers", &inno_pools_view}}},
	[PAGE_FLUSHING] = {
		"flushing", "Flushing", BOX_FLUSH,
		.help = "The page cleaner writes dirty pages to the data files: adaptively, by the speed of "
			"the redo log and the share of dirty pages; for room at the end of the list; and, "
			"when the redo log is nearly full, at any price while writers wait.",
		NUMBERS(4, INNO_FLUSHED, INNO_FLUSH_SHARE, INNO_POOL_DIRTY, INNO_FLUSH_SYNC, INNO_FLUSH_ADAPTIVE,
			INNO_FLUSH_LRU, INNO_FLUSH_BACKGROUND, INNO_FLUSH_FOR_REDO, INNO_FLUSH_FOR_DIRTY,
			INNO_CLEANER_TIME, INNO_POOL_WAITS, INNO_REDO_USED)},
	[PAGE_LOG_BUFFER] = {
		"log-buffer", "Log buffer", BOX_LOG_BUFFER,
		.help = "Redo records wait here until a commit, or a second's passing, has them written to the "
			"redo log.",
		NUMBERS(4, INNO_LOG_BUFFER, INNO_LOG_WAITS, INNO_LOG_REQUESTS, INNO_LOG_WRITES,
			INNO_REDO_WRITTEN)},
	[PAGE_REDO] = {
		"redo", "Redo log", BOX_REDO,
		.help = "Every change is written here first, in order; after a crash it is replayed. The "
			"checkpoint follows behind as pages are flushed. The distance is the checkpoint age: when it "
			"nears the capacity, all writers wait for flushing.",
		NUMBERS(6, INNO_REDO_USED, INNO_REDO_CAPACITY, INNO_REDO_WRITTEN, INNO_REDO_HOURLY,
			INNO_REDO_FITS, INNO_REDO_FSYNCS, INNO_REDO_AGE, INNO_REDO_CHECKPOINT, INNO_REDO_PENDING,
			INNO_REDO_PENDING_FSYNCS, INNO_REDO_FILES, INNO_LOG_SYNC_TIME, INNO_LOG_WAITS, INNO_FLUSH_SYNC),
		.links = {{"Files", "reads, writes and syncs by file, and how long each takes", &inno_files_view}}},
	[PAGE_UNDO] = {
		"undo", "Undo and history", BOX_UNDO,
		.help = "Old versions of changed rows, for roll-backs and for transactions that may still read "
			"them. Purge removes what nobody may read any more. One old transaction is enough to make "
			"it all pile up: the history list grows, reads get slower, the undo files larger.",
		NUMBERS(5, INNO_HISTORY, INNO_HISTORY_TREND, INNO_OLDEST_VIEW, INNO_UNDO_SPACES,
			INNO_UNDO_SIZE, INNO_UNDO_TRUNCATIONS, INNO_PURGED, INNO_PURGE_DELAY),
		.links = {{"Tablespaces", "undo tablespaces among them, with size and state", &inno_spaces_view}}},
	[PAGE_CHANGE_BUFFER] = {
		"change-buffer", "Change buffer", BOX_CHANGE_BUFFER,
		.help = "Changes to secondary indexes whose pages are not in the pool wait here and are merged "
			"when the page is read anyway. It saves random reads on disks that are slow at them.",
		.off_setting = "innodb_change_buffering", .off_value = "none",
		NUMBERS(2, INNO_CHANGE_SIZE, INNO_CHANGE_MERGES, INNO_CHANGE_INSERTS, INNO_CHANGE_DELETE_MARKS,
			INNO_CHANGE_DELETES)},
	[PAGE_HASH] = {
		"hash", "Adaptive hash", BOX_HASH,
		.help = "A hash index in memory that InnoDB builds over keys that are looked up again and again. "
			"It saves descents of the B-tree and costs latches; newer versions leave it off.",
		.off_setting = "innodb_adaptive_hash_index", .off_value = "OFF",
		NUMBERS(2, INNO_HASH_HITS, INNO_HASH_SEARCHES, INNO_HASH_MISSES, INNO_HASH_MEMORY)},
	[PAGE_DATA] = {
		"data", "Data files", BOX_DATA,
		.help = "The files in which tables and indexes stand, and what is read from and written to them.",
		NUMBERS(4, INNO_DATA_READ, INNO_DATA_WRITTEN, INNO_DATA_FSYNCS, INNO_OPEN_FILES, INNO_DATA_READS,
			INNO_DATA_WRITES, INNO_DATA_SIZE, INNO_DATA_SPACES),
		.links = {{"Files", "reads, writes and syncs by file, and how long each takes", &inno_files_view},
			  {"Tablespaces", "the largest, with what they take on disk", &inno_spaces_view}}},
	[PAGE_DOUBLEWRITE] = {
		"doublewrite", "Doublewrite", BOX_DOUBLEWRITE,
		.help = "Pages are written here first, then to their place: a crash in the middle of a page's write "
			"can be mended. Off, such a page is lost.",
		.off_setting = "innodb_doublewrite", .off_value = "OFF",
		NUMBERS(2, INNO_DOUBLEWRITE_PAGES, INNO_DOUBLEWRITE_WRITES, INNO_DOUBLEWRITE_BATCH,
			INNO_FLUSHED)},
	[PAGE_IO] = {
		"io", "Reads and I/O", BOX_READ,
		.help = "What is under way to and from the disks: by the read and write threads, which do it in the "
			"background, and by sessions that wait for a page themselves.",
		NUMBERS(4, INNO_PAGES_READ, INNO_PENDING_READS, INNO_PENDING_WRITES, INNO_PENDING_FSYNCS,
			INNO_POOL_MISSES, INNO_READ_AHEAD, INNO_DATA_READS, INNO_DATA_WRITES, INNO_DATA_FSYNCS,
			INNO_REDO_PENDING, INNO_REDO_PENDING_FSYNCS, INNO_DATA_READ_TIME, INNO_DATA_WRITE_TIME,
			INNO_DATA_SYNC_TIME, INNO_LOG_SYNC_TIME),
		.lines = {&inno_io_lines},
		.links = {{"Files", "reads, writes and syncs by file, and how long each takes", &inno_files_view}}},
	[PAGE_ROWS] = {
		"rows", "Rows and locks", BOX_ROWS,
		.help = "Rows that statements read and change, and their waiting for each other.",
		NUMBERS(6, INNO_ROWS_READ, INNO_ROWS_INSERTED, INNO_ROWS_UPDATED, INNO_ROWS_DELETED,
			INNO_LOCK_WAITING, INNO_LOCK_WAITS, INNO_LOCK_TIME, INNO_DEADLOCKS, INNO_TIMEOUTS)},
	[PAGE_LATCHES] = {
		"latches", "Latches", BOX_LATCHES,
		.help = "Short locks on structures in memory, held for microseconds. A thread spins for one, then "
			"sleeps. Many sleeps mean that threads fight for one page or structure, and a wait of minutes is "
			"a stall: InnoDB ends the server after innodb_fatal_semaphore_wait_threshold (600 s).",
		NUMBERS(2, INNO_LATCH_WAITS, INNO_LATCH_SPINS, INNO_LATCH_ROUNDS, INNO_LATCH_WAITING,
			INNO_LATCH_LONGEST),
		.lines = {&inno_wait_lines, &inno_latch_lines},
		.links = {{"All latches", "each that threads waited for, to sort and filter", &inno_mutexes_view}}},
};

enum inno_page_id inno_box_page(enum inno_box_id box)
{
	static const unsigned char pages[N_INNO_BOXES] = {
		[BOX_POOL] = PAGE_POOL,
		[BOX_LOG_BUFFER] = PAGE_LOG_BUFFER,
		[BOX_CHANGE_BUFFER] = PAGE_CHANGE_BUFFER,
		[BOX_HASH] = PAGE_HASH,
		[BOX_HISTORY] = PAGE_UNDO,
		[BOX_READ] = PAGE_IO,
		[BOX_FLUSH] = PAGE_FLUSHING,
		[BOX_LOG] = PAGE_REDO,
		[BOX_PURGE] = PAGE_UNDO,
		[BOX_DATA] = PAGE_DATA,
		[BOX_DOUBLEWRITE] = PAGE_DOUBLEWRITE,
		[BOX_REDO] = PAGE_REDO,
		[BOX_UNDO] = PAGE_UNDO,
		[BOX_ROWS] = PAGE_ROWS,
		[BOX_LATCHES] = PAGE_LATCHES,
	};
	return pages[box];
}

enum inno_presence inno_page_presence(const struct inno_page *p, const struct frame *f)
{
	if (!p->off_setting || !f->now || !f->now->parts[PART_VARIABLES] ||
	    !part_rows(f->now->parts[PART_VARIABLES]))
		return INNO_ON;
	struct value v = inno_variable(f, p->off_setting);
	if (v.type == VALUE_ABSENT)
		return INNO_MISSING;
	return strcmp(value_cstr(v), p->off_value) == 0 ? INNO_OFF : INNO_ON;
}
