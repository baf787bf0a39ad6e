/*
 * The tables that InnoDB's boxes lead to: files by I/O with their latency, tablespaces by size, latches by
 * waiting, instances of the buffer pool. They are read only while one looks at them.
 */
#include <string.h>

#include "base/mem.h"
#include "panels/draw.h"
#include "panels/innodb.h"
#include "panels/tablepanel.h"

static struct value rate_of(const struct table_row *r, enum part_id id, const char *field)
{
	int i = schema_field(part_schema(r->part), field);
	return r->frame && i >= 0 ? frame_rate(r->frame, id, r->row, (unsigned)i) : VALUE_NONE;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Seconds an operation, of the last interval. */
static struct value latency(const struct table_row *r, const char *time, const char *count)
{
	struct value t = rate_of(r, PART_INNODB_FILES, time), n = rate_of(r, PART_INNODB_FILES, count);
	return value_number(n, 0) > 0 && value_is_number(t)
		       ? value_real(1000 * value_number(t, 0) / value_number(n, 1))
		       : VALUE_NONE;
}

static struct value read_latency(const struct table_row *r)
{
	return latency(r, "read_time", "reads");
}

static struct value write_latency(const struct table_row *r)
{
	return latency(r, "write_time", "writes");
}

static struct value sync_latency(const struct table_row *r)
{
	return latency(r, "other_time", "others");
}

static enum ui_role tint_latency(const struct table_row *r, struct value v)
{
	(void)r;
	double ms = value_number(v, 0);
	return ms >= 100 ? UI_CRITICAL : ms >= 20 ? UI_WARNING : UI_TEXT;
}

static struct value file_name(const struct table_row *r)
{
	struct value file = part_cell(r->part, r->row, "file");
	return file.type == VALUE_ABSENT ? value_str("all of the class") : file;
}

#define OF_LATENCY " of the last interval. 20 ms is high, 100 ms too high."
static const struct column file_columns[] = {
	{.field = "class", .width = 11},
	{.id = "file", .title = "File", .width = 36, .min = 16, .flags = COLUMN_FILL, .value = file_name,
	 .help = "The file's schema and table, or all files of the class together."},
	{.field = "time", .width = 8, .flags = COLUMN_RATE, .priority = 3},
	{.field = "reads", .width = 8, .flags = COLUMN_RATE, .priority = 1},
	{.id = "read_ms", .title = "Each", .unit = UNIT_MS, .width = 9, .priority = 4, .value = read_latency,
	 .tint = tint_latency, .help = "How long a read took on average," OF_LATENCY},
	{.field = "writes", .width = 8, .flags = COLUMN_RATE, .priority = 1},
	{.id = "write_ms", .title = "Each", .unit = UNIT_MS, .width = 9, .priority = 4, .value = write_latency,
	 .tint = tint_latency, .help = "How long a write took on average," OF_LATENCY},
	{.field = "others", .width = 8, .flags = COLUMN_RATE, .priority = 2},
	{.id = "sync_ms", .title = "Each", .unit = UNIT_MS, .width = 9, .priority = 2, .value = sync_latency,
	 .tint = tint_latency, .help = "How long a sync took on average," OF_LATENCY},
	{.field = "bytes_read", .title = "Read", .width = 8, .flags = COLUMN_RATE, .priority = 5},
	{.field = "bytes_written", .title = "Written", .width = 8, .flags = COLUMN_RATE, .priority = 5},
	{.field = "other_max", .width = 12, .priority = 7},
	{.field = "kind", .width = 6, .flags = COLUMN_HIDDEN},
	{.field = "event", .width = 36, .flags = COLUMN_HIDDEN},
	{.field = "id", .title = "Whole name", .width = 40, .flags = COLUMN_HIDDEN},
	{.field = "read_max", .width = 12, .flags = COLUMN_HIDDEN},
	{.field = "write_max", .width = 12, .flags = COLUMN_HIDDEN},
};

static const struct table_panel files = {
	.part = PART_INNODB_FILES,
	.table = {
		.columns = file_columns,
		.n_columns = COUNT_OF(file_columns),
		.sort = "-time",
		.empty = "No file was used yet.",
	},
};

/* --- tablespaces ------------------------------------------------------------------------------ */

static struct value space_name(const struct table_row *r)
{
	struct value name = part_cell(r->part, r->row, "name");
	return name.type == VALUE_ABSENT ? value_str("all of the type") : name;
}

static const struct column space_columns[] = {
	{.field = "type", .width = 10},
	{.id = "name", .title = "Name", .width = 40, .min = 16, .flags = COLUMN_FILL, .value = space_name,
	 .help = "Name of the tablespace, mostly schema and table."},
	{.field = "count", .width = 8, .priority = 2},
	{.field = "size", .width = 9},
	{.field = "allocated", .width = 9, .priority = 1},
	{.field = "state", .width = 9, .priority = 3},
	{.field = "row_format", .width = 12, .priority = 4},
	{.field = "encryption", .width = 10, .priority = 5},
	{.field = "kind", .width = 6, .flags = COLUMN_HIDDEN},
	{.field = "id", .width = 8, .flags = COLUMN_HIDDEN},
};

static const struct table_panel spaces = {
	.part = PART_INNODB_SPACES,
	.table = {
		.columns = space_columns,
		.n_columns = COUNT_OF(space_columns),
		.sort = "-size",
		.empty = "The server lists no tablespace.",
	},
};

/* --- latches ---------------------------------------------------------------------------------- */

static const struct column mutex_columns[] = {
	{.field = "name", .width = 48, .min = 20, .flags = COLUMN_FILL},
	{.field = "kind", .width = 8, .priority = 4},
	{.field = "waits", .width = 9, .flags = COLUMN_RATE},
	{.field = "time", .width = 9, .flags = COLUMN_RATE, .priority = 1},
	{.field = "events", .width = 9, .flags = COLUMN_RATE, .priority = 2},
	{.field = "spins", .width = 9, .flags = COLUMN_RATE, .priority = 3},
	{.field = "longest", .width = 9, .priority = 5},
};

static const struct table_panel mutexes = {
	.part = PART_INNODB_MUTEXES,
	.table = {
		.columns = mutex_columns,
		.n_columns = COUNT_OF(mutex_columns),
		.sort = "-waits",
		.empty = "Nobody had to wait for a latch yet.",
	},
};

/* --- instances of the pool -------------------------------------------------------------------- */

static struct value pool_hit(const struct table_row *r)
{
	double gets = value_number(rate_of(r, PART_INNODB_POOLS, "gets"), 0);
	double reads = value_number(rate_of(r, PART_INNODB_POOLS, "read"), 0);
	return gets > 0 ? value_real(reads < gets ? 1 - reads / gets : 0) : VALUE_NONE;
}

static const struct column pool_columns[] = {
	{.field = "id", .width = 5},
	{.field = "size", .width = 8, .priority = 2},
	{.field = "free", .width = 8},
	{.field = "dirty", .width = 8},
	{.field = "old", .width = 8, .priority = 3},
	{.id = "hit", .title = "Hit", .unit = UNIT_RATIO, .width = 7, .value = pool_hit, .priority = 1,
	 .help = "Share of page requests that were answered without a read, in the last interval."},
	{.field = "gets", .width = 8, .flags = COLUMN_RATE, .priority = 2},
	{.field = "read", .width = 8, .flags = COLUMN_RATE, .priority = 3},
	{.field = "written", .width = 8, .flags = COLUMN_RATE, .priority = 4},
	{.field = "made_young", .width = 11, .flags = COLUMN_RATE, .priority = 5},
	{.field = "made_not_young", .width = 10, .flags = COLUMN_RATE, .priority = 6},
	{.field = "pending_reads", .width = 10, .priority = 4},
	{.field = "pending_flush_list", .width = 10, .priority = 5},
	{.field = "pending_flush_lru", .width = 8, .priority = 6},
	{.field = "data", .width = 8, .flags = COLUMN_HIDDEN},
	{.field = "created", .width = 8, .flags = COLUMN_RATE | COLUMN_HIDDEN},
	{.field = "read_ahead", .width = 10, .flags = COLUMN_RATE | COLUMN_HIDDEN},
	{.field = "read_ahead_evicted", .width = 8, .flags = COLUMN_RATE | COLUMN_HIDDEN},
	{.field = "pending_decompress", .width = 10, .flags = COLUMN_HIDDEN},
};

static const struct table_panel pools = {
	.part = PART_INNODB_POOLS,
	.table = {
		.columns = pool_columns,
		.n_columns = COUNT_OF(pool_columns),
		.sort = "id",
		.empty = "The server lists no instance.",
	},
};

/* --- their views ------------------------------------------------------------------------------ */

const struct view_ops inno_files_view = {
	.name = "innodb-files",
	.title = "Files",
	.help = "Reads, writes and syncs a second of each file, how long each took, and the sums of each class "
		"of files. From the performance schema, every ten seconds; where that is off nobody knows.",
	.needs = PART_BIT(PART_INNODB_FILES),
	TABLE_PANEL(&files),
};

const struct view_ops inno_spaces_view = {
	.name = "innodb-spaces",
	.title = "Tablespaces",
	.help = "The largest tablespaces with their sizes, the undo tablespaces, and the sums of each type.",
	.needs = PART_BIT(PART_INNODB_SPACES),
	TABLE_PANEL(&spaces),
};

const struct view_ops inno_mutexes_view = {
	.name = "innodb-latches",
	.title = "Hot latches",
	.help = "Mutexes and latches that threads waited for, the hottest first. The performance schema times "
		"them where its instruments are on, which they are not unless somebody set them; without it "
		"the server counts waits.",
	.needs = PART_BIT(PART_INNODB_MUTEXES),
	TABLE_PANEL(&mutexes),
};

const struct view_ops inno_pools_view = {
	.name = "innodb-pools",
	.title = "Instances",
	.help = "The instances of the buffer pool. They should be alike: one that is much busier holds pages that "
		"everybody wants.",
	.needs = PART_BIT(PART_INNODB_POOLS),
	TABLE_PANEL(&pools),
};
