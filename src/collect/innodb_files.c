/*
 * File I/O as the performance schema counts it: by class of file (redo, data, binary log, …), then the
 * files on which most time was spent. A sync is counted among the other operations; in redo and binary
 * logs that is nearly all of them.
 */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/innodb.h"

#define FSI "file_summary_by_instance, file_summary_by_event_name: "
#define FILE_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Id", "The class, or the whole name of the file.", FSI "FILE_NAME", "") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", \
	  "total: all files of a class together, also those that are closed or gone; file: one open file.", \
	  "made here", "") \
	F(CLASS, "class", TEXT, NONE, GAUGE, "Class", \
	  "data, redo, undo, doublewrite, temporary, binlog, relay log or other. The server counts undo files " \
	  "among the data files, too.", FSI "EVENT_NAME, FILE_NAME", "") \
	F(EVENT, "event", TEXT, NONE, GAUGE, "Event", "What the performance schema calls it.", \
	  FSI "EVENT_NAME", "") \
	F(FILE, "file", TEXT, NONE, GAUGE, "File", "The file's last two names: schema and table.", \
	  FSI "FILE_NAME", "") \
	F(TIME, "time", REAL, SECONDS, COUNTER, "Time", "Time that threads spent in operations on it.", \
	  FSI "SUM_TIMER_WAIT", "The rate is how many threads wait for it at a time: well below 1.") \
	F(READS, "reads", INT, COUNT, COUNTER, "Reads", "Read operations.", FSI "COUNT_READ", \
	  "What the disks can do.") \
	F(WRITES, "writes", INT, COUNT, COUNTER, "Writes", "Write operations.", FSI "COUNT_WRITE", \
	  "What the disks can do.") \
	F(OTHERS, "others", INT, COUNT, COUNTER, "Syncs", \
	  "All other operations: fsync most of all, then open, close, stat.", FSI "COUNT_MISC", \
	  "About one a commit in redo and binary log, with full durability; group commit makes it fewer.") \
	F(BYTES_READ, "bytes_read", INT, BYTES, COUNTER, "Bytes read", "Bytes read.", \
	  FSI "SUM_NUMBER_OF_BYTES_READ", "What the disks can do.") \
	F(BYTES_WRITTEN, "bytes_written", INT, BYTES, COUNTER, "Bytes written", "Bytes written.", \
	  FSI "SUM_NUMBER_OF_BYTES_WRITE", "What the disks can do.") \
	F(READ_TIME, "read_time", REAL, SECONDS, COUNTER, "Read time", \
	  "Time spent reading. Divided by the reads of the same interval it is their latency.", \
	  FSI "SUM_TIMER_READ", "Below 1 ms a read on flash, 10 ms on spinning disks.") \
	F(WRITE_TIME, "write_time", REAL, SECONDS, COUNTER, "Write time", "Time spent writing.", \
	  FSI "SUM_TIMER_WRITE", "Below 1 ms a write.") \
	F(OTHER_TIME, "other_time", REAL, SECONDS, COUNTER, "Sync time", \
	  "Time spent in the other operations: fsync most of all.", FSI "SUM_TIMER_MISC", \
	  "Below 1 ms a sync on flash with a protected cache, some ms without. It is what a commit waits for.") \
	F(READ_MAX, "read_max", REAL, SECONDS, GAUGE, "Longest read", \
	  "The longest read since the server was started.", FSI "MAX_TIMER_READ", "Below a second.") \
	F(WRITE_MAX, "write_max", REAL, SECONDS, GAUGE, "Longest write", \
	  "The longest write since the server was started.", FSI "MAX_TIMER_WRITE", "Below a second.") \
	F(OTHER_MAX, "other_max", REAL, SECONDS, GAUGE, "Longest sync", \
	  "The longest of the other operations since the server was started.", FSI "MAX_TIMER_MISC", \
	  "Below a second; a file's removal can be among them.")

enum {
#define FILE_ENUM(id, ...) FILE_##id,
	FILE_FIELDS(FILE_ENUM)
#undef FILE_ENUM
};
static const struct field fields[] = {FILE_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"innodb_files", fields, COUNT_OF(fields), FILE_ID};

/* Events and the class of their files, the first whose beginning fits. */
static const struct {
	const char *event, *class;
} classes[] = {
	{"innodb/innodb_log_file", "redo"},
	{"innodb/innodb_dblwr_file", "doublewrite"},
	{"innodb/innodb_temp_file", "temporary"},
	{"innodb/innodb_data_file", "data"},
	{"innodb/innodb_tablespace_open_file", "data"},
	{"sql/binlog", "binlog"},
	{"sql/relaylog", "relay log"},
	{"sql/io_cache", "temporary"},
	{"sql/hash_join", "temporary"},
};

static const char *last_name(const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	return slash ? slash + 1 : file;
}

/* undo001, undo_001, innodb_undo_001, name.ibu */
static bool is_undo(const char *name)
{
	size_t n = strlen(name);
	return strncmp(name, "undo", 4) == 0 || strncmp(name, "innodb_undo", 11) == 0 ||
	       (n > 4 && strcmp(name + n - 4, ".ibu") == 0);
}

static bool ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n >= m && strcmp(s + n - m, end) == 0;
}

const char *innodb_file_class(const char *event, const char *file)
{
	static const char prefix[] = "wait/io/file/";
	const char *name = last_name(file), *class = "other";
	if (!event || strncmp(event, prefix, sizeof prefix - 1) != 0)
		return class;
	for (size_t i = 0; i < COUNT_OF(classes); i++)
		if (strncmp(event + sizeof prefix - 1, classes[i].event, strlen(classes[i].event)) == 0) {
			class = classes[i].class;
			break;
		}
	if (strcmp(class, "data") != 0 || !name)
		return class;
	return is_undo(name)				       ? "undo"
	       : ends(name, ".dblwr")			       ? "doublewrite"
	       : strncmp(name, "ibtmp", 5) == 0 || ends(name, ".ibt") ? "temporary"
							       : class;
}

/* schema/table.ibd of /var/lib/mysql/schema/table.ibd */
static const char *short_name(const char *file)
{
	const char *s = last_name(file);
	if (s == file || s - 1 == file)
		return s;
	for (s--; s > file && s[-1] != '/';)
		s--;
	return s;
}

static bool complete_row(const struct answer *a, struct part_builder *b)
{
	const char *event = answer_cell(a, "event", NULL), *file = answer_cell(a, "name", NULL);
	const char *kind = answer_cell(a, "kind", NULL);
	bool total = kind && strcmp(kind, "total") == 0;
	/* Totals of what the server does not tell apart come under their class. */
	const char *class = total && file ? file : innodb_file_class(event, file);
	part_set_text(b, FILE_CLASS, class, strlen(class));
	if (!total && file)
		part_set_text(b, FILE_FILE, short_name(file), strlen(short_name(file)));
	const char *id = !total ? file : file ? file : event;
	if (!id)
		return false;
	part_set_text(b, FILE_ID, id, strlen(id));
	return true;
}

#define NUMBERS(f) \
	f "(COUNT_READ) AS `reads`, " f "(COUNT_WRITE) AS writes, " f "(COUNT_MISC) AS others, " \
	f "(SUM_NUMBER_OF_BYTES_READ) AS bytes_read, " f "(SUM_NUMBER_OF_BYTES_WRITE) AS bytes_written, " \
	f "(SUM_TIMER_WAIT)/1e12 AS time, " f "(SUM_TIMER_READ)/1e12 AS read_time, " \
	f "(SUM_TIMER_WRITE)/1e12 AS write_time, " f "(SUM_TIMER_MISC)/1e12 AS other_time, "
#define LONGEST(f) \
	f "(MAX_TIMER_READ)/1e12 AS read_max, " f "(MAX_TIMER_WRITE)/1e12 AS write_max, " \
	f "(MAX_TIMER_MISC)/1e12 AS other_max"
#define BY_EVENT "performance_schema.file_summary_by_event_name "
#define BY_FILE "performance_schema.file_summary_by_instance "
#define DATA_FILES "EVENT_NAME = 'wait/io/file/innodb/innodb_data_file' "

static const struct source sources[] = {
	{
		.table = "performance_schema.file_summary_by_instance",
		.stmt = {"innodb_files",
			 "SELECT 'total' AS kind, EVENT_NAME AS event, NULL AS name, " NUMBERS("") LONGEST("")
			 " FROM " BY_EVENT "WHERE COUNT_STAR > 0 UNION ALL "
			 "SELECT 'total', MIN(EVENT_NAME), 'undo', " NUMBERS("SUM") LONGEST("MAX")
			 " FROM " BY_FILE "WHERE " DATA_FILES "AND (FILE_NAME REGEXP '/(innodb_)?undo[_0-9]+$' "
			 "OR FILE_NAME LIKE '%%.ibu') HAVING COUNT(*) > 0 UNION ALL "
			 "SELECT * FROM (SELECT 'file', EVENT_NAME, FILE_NAME, " NUMBERS("") LONGEST("")
			 " FROM " BY_FILE "WHERE COUNT_STAR > 0 ORDER BY SUM_TIMER_WAIT DESC LIMIT 100) f",
			 STMT_READ},
		.grant = "SELECT ON performance_schema.*",
	},
	{0},
};

const struct collector innodb_files_collector = {
	.part = PART_INNODB_FILES,
	.cost = COST_SLOW,
	.schema = &schema,
	.sources = sources,
	.row = complete_row,
	.feature = "file I/O and its latency, by kind of file and by file",
};
