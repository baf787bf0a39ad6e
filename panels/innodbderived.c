#include "panels/innodbderived.h"

#include <stdio.h>
#include <string.h>

#include "panels/innodbnumber.h"

static struct value status(const struct frame *f, const char *name)
{
	return frame_value_of(f, PART_STATUS, name);
}

static struct value share(struct value part, struct value whole)
{
	double w = value_number(whole, 0);
	return value_is_number(part) && w > 0 ? value_real(value_number(part, 0) / w) : VALUE_NONE;
}

static struct value first_of(struct value a, struct value b)
{
	return value_is_number(a) ? a : b;
}

struct value inno_read_pool_size(const struct frame *f)
{
	return inno_variable(f, "innodb_buffer_pool_size");
}

static struct value of_pool(const struct frame *f, const char *name)
{
	return share(status(f, name), status(f, "Innodb_buffer_pool_pages_total"));
}

struct value inno_read_pool_free(const struct frame *f)
{
	return of_pool(f, "Innodb_buffer_pool_pages_free");
}

struct value inno_read_pool_used(const struct frame *f)
{
	struct value free = inno_read_pool_free(f);
	return value_is_number(free) ? value_real(1 - value_number(free, 0)) : VALUE_NONE;
}

struct value inno_read_pool_clean(const struct frame *f)
{
	struct value used = inno_read_pool_used(f), dirty = inno_value(INNO_POOL_DIRTY, f);
	double clean = value_number(used, 0) - value_number(dirty, 0);
	return value_is_number(used) && value_is_number(dirty) ? value_real(clean > 0 ? clean : 0) : VALUE_NONE;
}

/* Sums over the instances of the pool. */
static struct value of_pools(const struct frame *f, const char *name, bool rate)
{
	const struct part *p = f->now ? f->now->parts[PART_INNODB_POOLS] : NULL;
	int field = p ? schema_field(part_schema(p), name) : -1;
	struct value sum = VALUE_NONE;
	for (unsigned i = 0; field >= 0 && i < part_rows(p); i++) {
		struct value v = rate ? frame_rate(f, PART_INNODB_POOLS, i, (unsigned)field)
				      : part_get(p, i, (unsigned)field);
		if (!value_is_number(v))
			return VALUE_NONE;
		sum = value_real(value_number(sum, 0) + value_number(v, 0));
	}
	return sum;
}

struct value inno_read_pool_old(const struct frame *f)
{
	return share(of_pools(f, "old", false), of_pools(f, "data", false));
}

struct value inno_read_made_young(const struct frame *f)
{
	return of_pools(f, "made_young", true);
}

struct value inno_read_not_young(const struct frame *f)
{
	return of_pools(f, "made_not_young", true);
}

struct value inno_read_resize(const struct frame *f)
{
	struct value v = status(f, "Innodb_buffer_pool_resize_status");
	return v.type == VALUE_TEXT && !v.len ? value_str("none under way") : v;
}

struct value inno_read_flush_share(const struct frame *f)
{
	return share(inno_value(INNO_FLUSHED, f), inno_variable(f, "innodb_io_capacity"));
}

/* MariaDB 10.11 shows memory that was never written where there is no change buffer. */
struct value inno_read_change_size(const struct frame *f)
{
	struct value pages = status(f, "Innodb_ibuf_size");
	if (!value_is_number(pages))
		pages = frame_value_of(f, PART_INNODB, "ibuf_size");
	double most = value_number(status(f, "Innodb_buffer_pool_pages_total"), 0);
	double n = value_number(pages, -1), page = value_number(status(f, "Innodb_page_size"), 16384);
	return n < 0 || (most > 0 && n > most) ? VALUE_NONE : value_real(n * page);
}

struct value inno_read_log_buffer(const struct frame *f)
{
	return inno_variable(f, "innodb_log_buffer_size");
}

/* Since 8.0.30 one number; before that, and on MariaDB, files of one size. */
struct value inno_read_redo_capacity(const struct frame *f)
{
	struct value v = status(f, "Innodb_redo_log_capacity_resized");
	if (!value_is_number(v))
		v = inno_variable(f, "innodb_redo_log_capacity");
	if (value_is_number(v))
		return v;
	double files = value_number(inno_variable(f, "innodb_log_files_in_group"), 1);
	v = inno_variable(f, "innodb_log_file_size");
	return value_is_number(v) ? value_real(value_number(v, 0) * files) : VALUE_NONE;
}

struct value inno_read_redo_hourly(const struct frame *f)
{
	struct value v = inno_value(INNO_REDO_WRITTEN, f);
	return value_is_number(v) ? value_real(value_number(v, 0) * 3600) : VALUE_NONE;
}

/* Nothing written fits for ever: that is no number. */
struct value inno_read_redo_fits(const struct frame *f)
{
	return share(inno_value(INNO_REDO_CAPACITY, f), inno_value(INNO_REDO_WRITTEN, f));
}

struct value inno_read_oldest_view(const struct frame *f)
{
	int64_t session;
	double age;
	return inno_oldest(f, &session, &age) ? value_real(age) : VALUE_NONE;
}

struct value inno_read_undo_spaces(const struct frame *f)
{
	return first_of(status(f, "Innodb_undo_tablespaces_active"),
			inno_variable(f, "innodb_undo_tablespaces"));
}

struct value inno_read_doublewrite_batch(const struct frame *f)
{
	return share(inno_value(INNO_DOUBLEWRITE_PAGES, f), inno_value(INNO_DOUBLEWRITE_WRITES, f));
}

/* Sum of the three kinds of latch: shared, exclusive, and shared with one writer to come. */
static struct value latches(const struct frame *f, const char *what)
{
	static const char *const kinds[] = {"s", "x", "sx"};
	double sum = 0;
	for (unsigned i = 0; i < 3; i++) {
		char name[64];
		snprintf(name, sizeof name, "innodb_rwlock_%s_%s", kinds[i], what);
		struct value v = frame_rate_of(f, PART_INNODB, name);
		if (!value_is_number(v))
			return VALUE_NONE;
		sum += value_number(v, 0);
	}
	return value_real(sum);
}

struct value inno_read_latch_waits(const struct frame *f)
{
	return latches(f, "os_waits");
}

struct value inno_read_latch_spins(const struct frame *f)
{
	return latches(f, "spin_waits");
}

struct value inno_read_latch_rounds(const struct frame *f)
{
	return latches(f, "spin_rounds");
}

static struct value of_text(const struct frame *f, const char *field)
{
	const struct part *p = f->now ? f->now->parts[PART_INNODB_STATUS] : NULL;
	return p && part_rows(p) ? part_cell(p, 0, field) : VALUE_NONE;
}

struct value inno_read_latch_waiting(const struct frame *f)
{
	return of_text(f, "semaphore_waits");
}

struct value inno_read_latch_longest(const struct frame *f)
{
	return of_text(f, "semaphore_longest");
}

/* --- tablespaces, files ----------------------------------------------------------------------- */

/* Of the rows that sum up a type; NULL: of all. */
static struct value of_spaces(const struct frame *f, const char *field, const char *type)
{
	const struct part *p = f->now ? f->now->parts[PART_INNODB_SPACES] : NULL;
	struct value sum = VALUE_NONE;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct value v = part_cell(p, i, field);
		if (strcmp(value_cstr(part_cell(p, i, "kind")), "total") != 0 || !value_is_number(v))
			continue;
		if (!type || strcmp(value_cstr(part_cell(p, i, "type")), type) == 0)
			sum = value_real(value_number(sum, 0) + value_number(v, 0));
	}
	return sum;
}

struct value inno_read_data_size(const struct frame *f)
{
	return of_spaces(f, "size", NULL);
}

struct value inno_read_data_spaces(const struct frame *f)
{
	return of_spaces(f, "count", NULL);
}

struct value inno_read_undo_size(const struct frame *f)
{
	return of_spaces(f, "size", "undo");
}

/* Milliseconds an operation, of all files of an event, in the last interval. */
static struct value latency(const struct frame *f, const char *event, const char *time, const char *count)
{
	const struct part *p = f->now ? f->now->parts[PART_INNODB_FILES] : NULL;
	int row = p ? part_find(p, value_str(event)) : -1;
	if (row < 0)
		return VALUE_NONE;
	int t = schema_field(part_schema(p), time), n = schema_field(part_schema(p), count);
	struct value each = share(frame_rate(f, PART_INNODB_FILES, (unsigned)row, (unsigned)t),
				  frame_rate(f, PART_INNODB_FILES, (unsigned)row, (unsigned)n));
	return value_is_number(each) ? value_real(1000 * value_number(each, 0)) : VALUE_NONE;
}

#define DATA_FILES "wait/io/file/innodb/innodb_data_file"
#define LOG_FILES "wait/io/file/innodb/innodb_log_file"

struct value inno_read_data_read_time(const struct frame *f)
{
	return latency(f, DATA_FILES, "read_time", "reads");
}

struct value inno_read_data_write_time(const struct frame *f)
{
	return latency(f, DATA_FILES, "write_time", "writes");
}

struct value inno_read_data_sync_time(const struct frame *f)
{
	return latency(f, DATA_FILES, "other_time", "others");
}

struct value inno_read_log_sync_time(const struct frame *f)
{
	return latency(f, LOG_FILES, "other_time", "others");
}
