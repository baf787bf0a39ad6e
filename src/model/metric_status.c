#include "model/metric_status.h"

#include "base/mem.h"
#include "model/timeline.h"

/* The status values of a row, added: as they are, or per second. Absent if none is there. */
static struct value sum(const struct frame *f, const struct metric *m, bool rate)
{
	double total = 0;
	bool any = false;
	for (unsigned i = 0; i < 4 && m->status[i]; i++) {
		struct value v = rate ? frame_rate_of(f, PART_STATUS, m->status[i])
				      : frame_value_of(f, PART_STATUS, m->status[i]);
		if (!value_is_number(v))
			continue;
		total += value_number(v, 0);
		any = true;
	}
	return any ? value_real(total) : VALUE_NONE;
}

struct value read_gauge(const struct frame *f, const struct metric *m)
{
	return sum(f, m, false);
}

struct value read_rate(const struct frame *f, const struct metric *m)
{
	return sum(f, m, true);
}

struct value read_max_connections(const struct frame *f, const struct metric *m)
{
	(void)m;
	return frame_value_of(f, PART_VARIABLES, "max_connections");
}

static struct value ratio(struct value part, struct value whole)
{
	double w = value_number(whole, 0);
	if (!value_is_number(part) || w <= 0)
		return VALUE_NONE;
	return value_real(value_number(part, 0) / w);
}

struct value read_connections_used(const struct frame *f, const struct metric *m)
{
	(void)m;
	return ratio(frame_value_of(f, PART_STATUS, "Threads_connected"),
		     frame_value_of(f, PART_VARIABLES, "max_connections"));
}

/* MariaDB counts pages that are read ahead as misses too, which nobody waited for. */
struct value read_pool_reads(const struct frame *f, const struct metric *m)
{
	(void)m;
	struct value v = frame_rate_of(f, PART_STATUS, "Innodb_buffer_pool_reads");
	struct value ahead = frame_rate_of(f, PART_STATUS, "Innodb_buffer_pool_read_ahead");
	if (!value_is_number(v) || f->now->server.flavor != FLAVOR_MARIADB)
		return v;
	double missed = value_number(v, 0) - value_number(ahead, 0);
	return value_real(missed > 0 ? missed : 0);
}

/* Of the last interval where something was read, else absent: the average since the start lies. */
struct value read_pool_hit(const struct frame *f, const struct metric *m)
{
	struct value wanted = frame_rate_of(f, PART_STATUS, "Innodb_buffer_pool_read_requests");
	struct value miss = ratio(read_pool_reads(f, m), wanted);
	if (!value_is_number(miss))
		return VALUE_NONE;
	double hit = 1 - value_number(miss, 0);
	return value_real(hit < 0 ? 0 : hit);
}

static struct value difference(struct value a, struct value b)
{
	if (!value_is_number(a) || !value_is_number(b))
		return VALUE_NONE;
	return value_real(value_number(a, 0) - value_number(b, 0));
}

/* MariaDB says it since 10.5, MySQL the two positions since 8.0.30. Servers before those have counters that
   are off unless somebody turned them on, and the status text, which is there while a person looks at it. */
struct value read_checkpoint_age(const struct frame *f, const struct metric *m)
{
	struct value v = frame_value_of(f, PART_STATUS, m->status[0]);
	if (!value_is_number(v))
		v = difference(frame_value_of(f, PART_STATUS, m->status[1]),
			       frame_value_of(f, PART_STATUS, m->status[2]));
	if (!value_is_number(v))
		v = frame_value_of(f, PART_INNODB, "log_lsn_checkpoint_age");
	const struct part *text = f->now ? f->now->parts[PART_INNODB_STATUS] : NULL;
	if (!value_is_number(v) && text && part_rows(text))
		v = part_cell(text, 0, "checkpoint_age");
	return v;
}

/* What the servers work with, or the size of the files, of which a little stays unused. */
static struct value redo_capacity(const struct frame *f)
{
	static const char *const names[] = {"Innodb_checkpoint_max_age", "Innodb_redo_log_capacity_resized"};
	for (unsigned i = 0; i < 2; i++) {
		struct value v = frame_value_of(f, PART_STATUS, names[i]);
		if (value_number(v, 0) > 0)
			return v;
	}
	struct value size = frame_value_of(f, PART_VARIABLES, "innodb_log_file_size");
	struct value files = frame_value_of(f, PART_VARIABLES, "innodb_log_files_in_group");
	return value_is_number(size) ? value_real(value_number(size, 0) * value_number(files, 1)) : size;
}

struct value read_redo_used(const struct frame *f, const struct metric *m)
{
	return ratio(read_checkpoint_age(f, m), redo_capacity(f));
}

/* A rate by the first name of the row that the server knows, else of one of InnoDB's own counters. */
static struct value read_first(const struct frame *f, const struct metric *m, const char *counter)
{
	for (unsigned i = 0; i < COUNT_OF(m->status) && m->status[i]; i++)
		if (value_is_number(frame_value_of(f, PART_STATUS, m->status[i])))
			return frame_rate_of(f, PART_STATUS, m->status[i]);
	return counter ? frame_rate_of(f, PART_INNODB, counter) : VALUE_NONE;
}

struct value read_redo_written(const struct frame *f, const struct metric *m)
{
	return read_first(f, m, NULL);
}

struct value read_sync_flushes(const struct frame *f, const struct metric *m)
{
	return read_first(f, m, "buffer_flush_sync");
}

struct value read_purged(const struct frame *f, const struct metric *m)
{
	return read_first(f, m, "purge_undo_log_pages");
}

struct value read_ibuf_merges(const struct frame *f, const struct metric *m)
{
	return read_first(f, m, "ibuf_merges");
}

struct value read_deadlocks(const struct frame *f, const struct metric *m)
{
	return read_first(f, m, "lock_deadlocks");
}

/* Two status values of the row, as a share. */
struct value read_share(const struct frame *f, const struct metric *m)
{
	return ratio(frame_value_of(f, PART_STATUS, m->status[0]),
		     frame_value_of(f, PART_STATUS, m->status[1]));
}

struct value read_ahi_hit(const struct frame *f, const struct metric *m)
{
	struct value hit = frame_rate_of(f, PART_STATUS, m->status[0]);
	struct value miss = frame_rate_of(f, PART_STATUS, m->status[1]);
	if (!value_is_number(hit)) {
		hit = frame_rate_of(f, PART_INNODB, "adaptive_hash_searches");
		miss = frame_rate_of(f, PART_INNODB, "adaptive_hash_searches_btree");
	}
	return value_is_number(miss) ? ratio(hit, value_real(value_number(hit, 0) + value_number(miss, 0)))
				     : VALUE_NONE;
}

static const char history_counter[] = "trx_rseg_history_len";

struct value read_history(const struct frame *f, const struct metric *m)
{
	struct value v = sum(f, m, false);
	return value_is_number(v) ? v : frame_value_of(f, PART_INNODB, history_counter);
}

struct value read_history_growth(const struct frame *f, const struct metric *m)
{
	enum part_id id = PART_STATUS;
	const char *name = m->status[0];
	if (!value_is_number(frame_value_of(f, id, name))) {
		id = PART_INNODB;
		name = history_counter;
	}
	double dt = frame_dt(f, id);
	struct value grown = difference(frame_value_of(f, id, name), part_lookup(f->before[id], name));
	return dt > 0 && value_is_number(grown) ? value_real(value_number(grown, 0) / dt) : VALUE_NONE;
}

/* MariaDB counts the bytes; MySQL's position in the newest file is as good between two switches. */
struct value read_binlog_bytes(const struct frame *f, const struct metric *m)
{
	struct value v = sum(f, m, true);
	const struct part *p = f->now ? f->now->parts[PART_BINLOG] : NULL;
	if (value_is_number(v) || !p || part_rows(p) != 1)
		return v;
	int position = schema_field(part_schema(p), "position");
	return position < 0 ? VALUE_NONE : frame_rate(f, PART_BINLOG, 0, (unsigned)position);
}
