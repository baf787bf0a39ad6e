/*
 * The buffer pool, an instance a row. The server's own rates are left out: they are since anybody's last
 * look.
 */
#include "base/mem.h"
#include "collect/all.h"

#define IBPS "INNODB_BUFFER_POOL_STATS "
#define POOL_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Pool", "Number of the buffer pool instance.", IBPS "POOL_ID", "") \
	F(SIZE, "size", INT, COUNT, GAUGE, "Pages", "Pages that it has room for.", IBPS "POOL_SIZE", \
	  "The same in all instances.") \
	F(FREE, "free", INT, COUNT, GAUGE, "Free", "Pages that hold nothing.", IBPS "FREE_BUFFERS", \
	  "About innodb_lru_scan_depth once the pool has filled up. At 0, queries wait until a page is " \
	  "written out and freed.") \
	F(DATA, "data", INT, COUNT, GAUGE, "Data", "Pages that hold pages of files, old and young.", \
	  IBPS "DATABASE_PAGES", "Most of the pool, after a while.") \
	F(OLD, "old", INT, COUNT, GAUGE, "Old", \
	  "Pages in the old part of the list: read once, and the first to go.", IBPS "OLD_DATABASE_PAGES", \
	  "About innodb_old_blocks_pct of the data pages (37 %).") \
	F(DIRTY, "dirty", INT, COUNT, GAUGE, "Dirty", "Pages that were changed and are not yet written.", \
	  IBPS "MODIFIED_DATABASE_PAGES", "Below innodb_max_dirty_pages_pct of the pool.") \
	F(PENDING_READS, "pending_reads", INT, COUNT, GAUGE, "Reads now", "Page reads that are under way.", \
	  IBPS "PENDING_READS", "Near zero; standing above zero means that the disk is behind.") \
	F(PENDING_LRU, "pending_flush_lru", INT, COUNT, GAUGE, "LRU now", \
	  "Pages being written out to get free pages.", IBPS "PENDING_FLUSH_LRU", "Near zero.") \
	F(PENDING_LIST, "pending_flush_list", INT, COUNT, GAUGE, "Flush now", \
	  "Pages being written out to move the checkpoint.", IBPS "PENDING_FLUSH_LIST", \
	  "Comes and goes with the writes.") \
	F(PENDING_UNZIP, "pending_decompress", INT, COUNT, GAUGE, "Unzip now", \
	  "Compressed pages being unpacked.", IBPS "PENDING_DECOMPRESS", "0.") \
	F(YOUNG, "made_young", INT, COUNT, COUNTER, "Made young", \
	  "Old pages that were read again and moved to the young part.", IBPS "PAGES_MADE_YOUNG", \
	  "Follows the reads of the working set.") \
	F(NOT_YOUNG, "made_not_young", INT, COUNT, COUNTER, "Not young", \
	  "Old pages that were read again within innodb_old_blocks_time, and stayed old.", \
	  IBPS "PAGES_NOT_MADE_YOUNG", "High during scans, which is what it is for: the scan does not push the " \
	  "working set out.") \
	F(READ, "read", INT, COUNT, COUNTER, "Read", "Pages read from files.", IBPS "NUMBER_PAGES_READ", \
	  "What the disks can do; zero when all that is used fits into the pool.") \
	F(CREATED, "created", INT, COUNT, COUNTER, "Created", "Pages newly made.", \
	  IBPS "NUMBER_PAGES_CREATED", "Follows the inserts.") \
	F(WRITTEN, "written", INT, COUNT, COUNTER, "Written", "Pages written to files.", \
	  IBPS "NUMBER_PAGES_WRITTEN", "Follows the changes, evenly; bursts mean that the checkpoint was late.") \
	F(GETS, "gets", INT, COUNT, COUNTER, "Gets", "Pages that were asked for.", \
	  IBPS "NUMBER_PAGES_GET", "Follows the load.") \
	F(READ_AHEAD, "read_ahead", INT, COUNT, COUNTER, "Read ahead", "Pages read before anybody asked.", \
	  IBPS "NUMBER_PAGES_READ_AHEAD", "Rises during scans.") \
	F(EVICTED, "read_ahead_evicted", INT, COUNT, COUNTER, "Unused", \
	  "Pages read ahead that left again without having been used.", IBPS "NUMBER_READ_AHEAD_EVICTED", \
	  "Near zero; else innodb_read_ahead_threshold is low or the pool is small.")

static const struct field fields[] = {POOL_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"innodb_pools", fields, COUNT_OF(fields), 0};

static const struct source_column columns[] = {
	{"id", "POOL_ID", NULL},
	{"size", "POOL_SIZE", NULL},
	{"free", "FREE_BUFFERS", NULL},
	{"data", "DATABASE_PAGES", NULL},
	{"old", "OLD_DATABASE_PAGES", "OLD_DATABASE_PAGES"},
	{"dirty", "MODIFIED_DATABASE_PAGES", "MODIFIED_DATABASE_PAGES"},
	{"pending_reads", "PENDING_READS", "PENDING_READS"},
	{"pending_flush_lru", "PENDING_FLUSH_LRU", "PENDING_FLUSH_LRU"},
	{"pending_flush_list", "PENDING_FLUSH_LIST", "PENDING_FLUSH_LIST"},
	{"pending_decompress", "PENDING_DECOMPRESS", "PENDING_DECOMPRESS"},
	{"made_young", "PAGES_MADE_YOUNG", "PAGES_MADE_YOUNG"},
	{"made_not_young", "PAGES_NOT_MADE_YOUNG", "PAGES_NOT_MADE_YOUNG"},
	{"read", "NUMBER_PAGES_READ", "NUMBER_PAGES_READ"},
	{"created", "NUMBER_PAGES_CREATED", "NUMBER_PAGES_CREATED"},
	{"written", "NUMBER_PAGES_WRITTEN", "NUMBER_PAGES_WRITTEN"},
	{"gets", "NUMBER_PAGES_GET", "NUMBER_PAGES_GET"},
	{"read_ahead", "NUMBER_PAGES_READ_AHEAD", "NUMBER_PAGES_READ_AHEAD"},
	{"read_ahead_evicted", "NUMBER_READ_AHEAD_EVICTED", "NUMBER_READ_AHEAD_EVICTED"},
	{0},
};

static const struct source sources[] = {
	{
		.table = "information_schema.INNODB_BUFFER_POOL_STATS",
		.columns = columns,
		.stmt = {"innodb_pools", "SELECT %c FROM information_schema.INNODB_BUFFER_POOL_STATS",
			 STMT_READ},
		.grant = "PROCESS",
	},
	{0},
};

const struct collector innodb_pools_collector = {
	.part = PART_INNODB_POOLS,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.feature = "InnoDB: the parts of the buffer pool",
};
