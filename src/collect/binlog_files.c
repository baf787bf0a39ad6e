/*
 * The binary log's files, and who still reads which. The list costs a look at each file, so it is read
 * seldom. What a replica still needs is known for those that are sent everything; of the others the
 * performance schema tells which files are open, not by whom.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/join.h"

/* --- the list --------------------------------------------------------------------------------------- */

#define SBL "SHOW BINARY LOGS: "
#define LIST_FIELDS(F) \
	F(FILE, "file", TEXT, NONE, GAUGE, "File", "Name of the file.", SBL "Log_name", "") \
	F(SIZE, "size", INT, BYTES, COUNTER, "Size", "Its size.", SBL "File_size", \
	  "max_binlog_size, or less where the server was restarted or a large transaction ended it.") \
	F(ENCRYPTED, "encrypted", INT, BOOL, GAUGE, "Encrypted", "Whether it is encrypted.", \
	  SBL "Encrypted (MySQL)", "What somebody decided.")

static const struct field list_fields[] = {LIST_FIELDS(SCHEMA_FIELD)};
static const struct schema list_schema = {"binlog_list", list_fields, COUNT_OF(list_fields), 0};

static const struct source_column list_columns[] = {
	{"file", "Log_name", NULL},
	{"size", "File_size", NULL},
	{"encrypted", "Encrypted", NULL},
	{0},
};

/* It is refused while the binary log is off. */
static bool has_binlog(const struct collect_ctx *ctx)
{
	const struct part *end = ctx->parts[PART_BINLOG_END];
	return join_readable(end) && part_rows(end) > 0;
}

static const struct source list_sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.columns = list_columns,
		.stmt = {"binlog_list/mysql", "SHOW BINARY LOGS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{
		.flavor = FLAVOR_MARIADB,
		.columns = list_columns,
		.stmt = {"binlog_list/mariadb", "SHOW BINARY LOGS", STMT_READ},
		.grant = "BINLOG MONITOR",
	},
	{0},
};

const struct collector binlog_list_collector = {
	.part = PART_BINLOG_LIST,
	.cost = COST_RARE,
	.schema = &list_schema,
	.sources = list_sources,
	.gate = has_binlog,
	.after = PART_BIT(PART_BINLOG_END),
	.feature = "files of the binary log",
};

/* --- who has which open ------------------------------------------------------------------------------ */

#define READER_FIELDS(F) \
	F(PATH, "path", TEXT, NONE, GAUGE, "Path", "Path of a binary log file.", \
	  "file_instances FILE_NAME", "") \
	F(OPEN, "open", INT, COUNT, GAUGE, "Open", "How often the server has it open.", \
	  "file_instances OPEN_COUNT", "1 for the newest; 1 more for each replica that reads it.")

static const struct field reader_fields[] = {READER_FIELDS(SCHEMA_FIELD)};
static const struct schema reader_schema = {"binlog_readers", reader_fields, COUNT_OF(reader_fields), 0};

static const struct source_column reader_columns[] = {
	{"path", "FILE_NAME", NULL},
	{"open", "OPEN_COUNT", NULL},
	{0},
};

static const struct source reader_sources[] = {
	{
		.table = "performance_schema.file_instances",
		.columns = reader_columns,
		.stmt = {"binlog_readers", "SELECT %c FROM performance_schema.file_instances "
			 "WHERE EVENT_NAME = 'wait/io/file/sql/binlog' AND OPEN_COUNT > 0", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector binlog_readers_collector = {
	.part = PART_BINLOG_READERS,
	.cost = COST_SLOW,
	.schema = &reader_schema,
	.sources = reader_sources,
	.gate = has_binlog,
	.after = PART_BIT(PART_BINLOG_END),
	.most_rows = 1000,
	.feature = "binary log files that replicas read",
};

/* --- the whole -------------------------------------------------------------------------------------- */

#define FILE_FIELDS(F) \
	F(NUMBER, "number", INT, ID, GAUGE, "Number", "Number at the end of its name.", SBL "Log_name", \
	  "Each file's is one more than the one's before.") \
	F(CURRENT, "current", INT, BOOL, GAUGE, "Current", "Whether it is the one being written.", \
	  "SHOW BINARY LOG STATUS: File", "Yes for the newest.") \
	F(TO_END, "to_end", INT, BYTES, GAUGE, "To the end", \
	  "Bytes from the beginning of this file to the end of the newest: of the first file, the size of " \
	  "the whole binary log.", SBL "File_size, added", "What the disk can hold.") \
	F(READERS, "readers", INT, COUNT, GAUGE, "Readers", \
	  "How many replicas (and other readers) have it open.", "file_instances OPEN_COUNT", \
	  "0 for all but the newest; a reader of an old file is behind.") \
	F(NEEDED_BY, "needed_by", TEXT, NONE, GAUGE, "Needed by", \
	  "Replicas that read this file now, and so need it and all after it, as far as is known.", \
	  "The part `replicas`", "")

enum {
#define FILE_ENUM(id, ...) FILE_##id,
	LIST_FIELDS(FILE_ENUM)
	FILE_FIELDS(FILE_ENUM)
#undef FILE_ENUM
};
static const struct field fields[] = {LIST_FIELDS(SCHEMA_FIELD) FILE_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"binlog_files", fields, COUNT_OF(fields), FILE_FILE};

static int64_t number_of(const char *file)
{
	const char *dot = strrchr(file, '.');
	char *end;
	long long n = dot ? strtoll(dot + 1, &end, 10) : -1;
	return dot && dot[1] && !*end ? n : -1;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *back = strrchr(path, '\\');
	return slash ? slash + 1 : back ? back + 1 : path;
}

static struct value readers_of(const struct collect_ctx *ctx, struct value file, bool current)
{
	const struct part *p = ctx->parts[PART_BINLOG_READERS];
	int64_t open = 0;
	if (!join_readable(p))
		return VALUE_NONE;
	for (unsigned i = 0; i < part_rows(p); i++)
		if (strcmp(base_name(value_cstr(part_cell(p, i, "path"))), value_cstr(file)) == 0)
			open += value_integer(part_cell(p, i, "open"), 0);
	open -= current; /* who writes it */
	return value_int(open > 0 ? open : 0);
}

static void set_needed_by(struct join_part *j, const struct collect_ctx *ctx, struct value file)
{
	const struct part *replicas = ctx->parts[PART_REPLICAS];
	struct buf names = BUF_INIT;
	for (unsigned i = 0; join_readable(replicas) && i < part_rows(replicas); i++)
		if (value_equal(part_cell(replicas, i, "file"), file))
			buf_addf(&names, "%s%s", names.len ? ", " : "",
				 value_cstr(part_cell(replicas, i, "name")));
	if (names.len)
		join_set(j, FILE_NEEDED_BY, value_text(names.s, (uint32_t)names.len));
	buf_release(&names);
}

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	const struct part *list = ctx->parts[PART_BINLOG_LIST], *end = ctx->parts[PART_BINLOG_END];
	struct value newest = join_readable(end) && part_rows(end) ? part_cell(end, 0, "file") : VALUE_NONE;
	struct join_part j = join_new(PART_BINLOG_FILES, &schema);
	int64_t to_end = 0;
	for (unsigned i = 0; i < part_rows(list); i++)
		to_end += value_integer(part_cell(list, i, "size"), 0);
	for (unsigned i = 0; i < part_rows(list); i++) {
		struct value file = part_cell(list, i, "file");
		bool current = newest.type == VALUE_TEXT && value_equal(file, newest);
		part_row_begin(j.builder);
		join_row(&j, list, i);
		if (number_of(value_cstr(file)) >= 0)
			join_set(&j, FILE_NUMBER, value_int(number_of(value_cstr(file))));
		join_set(&j, FILE_CURRENT, value_int(current));
		join_set(&j, FILE_TO_END, value_int(to_end));
		join_set(&j, FILE_READERS, readers_of(ctx, file, current));
		set_needed_by(&j, ctx, file);
		part_row_end(j.builder);
		to_end -= value_integer(part_cell(list, i, "size"), 0);
	}
	const struct part *readers = ctx->parts[PART_BINLOG_READERS];
	join_reasons(&j, list, PART_BINLOG_LIST, NULL);
	join_reason(&j, FILE_READERS, readers ? part_reason(readers) : "nobody read it");
	return join_seal(&j, list);
}

const struct derivation binlog_files_derivation = {
	.part = PART_BINLOG_FILES,
	.schema = &schema,
	.from = PART_BIT(PART_BINLOG_LIST) | PART_BIT(PART_BINLOG_READERS) | PART_BIT(PART_BINLOG_END) |
		PART_BIT(PART_REPLICAS),
	.requires = PART_BIT(PART_BINLOG_LIST),
	.make = make,
};
