/*
 * InnoDB's own counters, the ones that status variables do not have on every server. Many are off by
 * default; those are rows without a value, and say what would turn them on. Nothing here does it.
 */
#include "collect/innodb.h"

#include "base/mem.h"
#include "collect/all.h"

#define INNODB_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Name of the counter.", "INNODB_METRICS NAME", "") \
	F(VALUE, "value", INT, COUNT, COUNTER, "Value", "Its value since the server was started.", \
	  "INNODB_METRICS COUNT", "Depends on the counter.") \
	F(TYPE, "type", TEXT, NONE, GAUGE, "Type", \
	  "value or status_counter: as it is now or as counted elsewhere; counter: counts events.", \
	  "INNODB_METRICS TYPE", "") \
	F(ENABLED, "enabled", INT, BOOL, GAUGE, "On", "Whether it is counted at all.", \
	  "INNODB_METRICS STATUS; MariaDB: ENABLED", "Yes; costly ones are off by default.") \
	F(TURN_ON, "turn_on", TEXT, NONE, GAUGE, "Turn on", \
	  "What would have the server count it, where it does not. fathom never does that by itself.", \
	  "innodb_monitor_enable", "")

enum {
#define INNODB_ENUM(id, ...) INNODB_##id,
	INNODB_FIELDS(INNODB_ENUM)
#undef INNODB_ENUM
};
static const struct field fields[] = {INNODB_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"innodb", fields, COUNT_OF(fields), INNODB_NAME};

static const struct source_column columns[] = {
	{"name", "NAME", NULL},
	{"value", "COUNT", NULL},
	{"type", "TYPE", NULL},
	{"enabled", "STATUS = 'enabled'", "STATUS"},
	{"enabled", "ENABLED", "ENABLED"},
	{0},
};

/* What is switched off stands at 0, which is not its value. */
static bool leave_out_what_is_off(const struct answer *a, struct part_builder *b)
{
	const char *name = answer_cell(a, "name", NULL);
	if (value_integer(part_peek(b, INNODB_ENABLED), 1) || !name)
		return true;
	struct buf on = BUF_INIT;
	buf_addf(&on, "SET GLOBAL innodb_monitor_enable = '%s'", name);
	part_set(b, INNODB_VALUE, VALUE_NONE);
	part_set_text(b, INNODB_TURN_ON, buf_str(&on), on.len);
	buf_release(&on);
	return true;
}

static const char *const names[] = {
	/* transactions and purge */
	"trx_rseg_history_len", "trx_active_transactions", "trx_undo_slots_used", "trx_undo_slots_cached",
	"trx_rseg_current_size", "purge_del_mark_records", "purge_invoked", "purge_undo_log_pages",
	"purge_dml_delay_usec", "purge_stop_count", "purge_truncate_history_count", "undo_truncate_count",
	"undo_truncate_usec",
	/* locks */
	"lock_deadlocks", "lock_timeouts", "lock_row_lock_current_waits", "lock_threads_waiting",
	/* redo */
	"log_lsn_current", "log_lsn_last_flush", "log_lsn_last_checkpoint", "log_lsn_checkpoint_age",
	"log_max_modified_age_async", "log_max_modified_age_sync", "log_checkpoints",
	"log_writer_on_file_space_waits", "log_on_file_space_waits", "log_on_buffer_space_waits",
	"log_flush_avg_time", "log_flush_max_time", "log_flush_total_time", "log_flush_lsn_avg_rate",
	/* page cleaner */
	"buffer_flush_sync", "buffer_flush_sync_waits", "buffer_flush_sync_total_pages",
	"buffer_flush_adaptive", "buffer_flush_adaptive_total_pages", "buffer_flush_background_total_pages",
	"buffer_flush_neighbor_total_pages", "buffer_flush_batch_total_pages",
	"buffer_flush_avg_page_rate", "buffer_flush_lsn_avg_rate", "buffer_flush_avg_time",
	"buffer_flush_pct_for_dirty", "buffer_flush_pct_for_lsn", "buffer_flush_n_to_flush_requested",
	"buffer_flush_n_to_flush_by_age", "buffer_LRU_batch_flush_total_pages",
	"buffer_LRU_batch_evict_total_pages", "buffer_LRU_get_free_waits", "buffer_LRU_get_free_loops",
	"buffer_LRU_single_flush_num_scan",
	/* adaptive hash, change buffer, doublewrite */
	"adaptive_hash_searches", "adaptive_hash_searches_btree", "adaptive_hash_pages_added",
	"adaptive_hash_pages_removed", "adaptive_hash_rows_added", "adaptive_hash_rows_removed",
	"ibuf_size", "ibuf_merges", "ibuf_merges_insert", "ibuf_merges_delete", "ibuf_merges_delete_mark",
	"ibuf_merges_discard_insert", "ibuf_merges_discard_delete", "ibuf_merges_discard_delete_mark",
	"dblwr_flush_requests", "dblwr_flush_wait_events", "dblwr_sync_requests", "dblwr_async_requests",
	/* rows and pages */
	"dml_reads", "dml_inserts", "dml_updates", "dml_deletes", "index_page_splits",
	"index_page_merge_successful", "index_page_reorg_successful",
	/* pending I/O and latches */
	"os_pending_reads", "os_pending_writes", "os_log_pending_fsyncs", "os_log_pending_writes",
	"innodb_rwlock_s_spin_waits", "innodb_rwlock_s_spin_rounds", "innodb_rwlock_s_os_waits",
	"innodb_rwlock_x_spin_waits", "innodb_rwlock_x_spin_rounds", "innodb_rwlock_x_os_waits",
	"innodb_rwlock_sx_spin_waits", "innodb_rwlock_sx_spin_rounds", "innodb_rwlock_sx_os_waits",
	"innodb_master_active_loops", "innodb_master_idle_loops",
};

static size_t name_args(const struct collect_ctx *ctx, struct stmt_arg args[4], struct buf *keep)
{
	(void)ctx;
	(void)keep;
	args[0] = STMT_STRINGS(names, COUNT_OF(names));
	return 1;
}

static const struct source sources[] = {
	{
		.table = "information_schema.INNODB_METRICS",
		.columns = columns,
		.stmt = {"innodb",
			 "SELECT %c FROM information_schema.INNODB_METRICS WHERE NAME IN (%t)", STMT_READ},
		.args = name_args,
		.grant = "PROCESS",
	},
	{0},
};

const struct collector innodb_collector = {
	.part = PART_INNODB,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.row = leave_out_what_is_off,
	.feature = "InnoDB: history list, deadlocks",
};

/* --- for those who show it ------------------------------------------------------------------------ */

const char *const innodb_status_names[] = {
	"Innodb_page_size",
	/* buffer pool */
	"Innodb_buffer_pool_pages_misc", "Innodb_buffer_pool_pages_old", "Innodb_buffer_pool_bytes_data",
	"Innodb_buffer_pool_bytes_dirty", "Innodb_buffer_pool_pages_made_young",
	"Innodb_buffer_pool_pages_made_not_young", "Innodb_buffer_pool_pages_latched",
	"Innodb_buffer_pool_pages_LRU_flushed", "Innodb_buffer_pool_pages_LRU_freed",
	"Innodb_buffer_pool_read_ahead_rnd", "Innodb_buffer_pool_read_ahead_evicted",
	"Innodb_buffer_pool_write_requests", "Innodb_buffer_pool_resize_status",
	"Innodb_buffer_pool_resize_status_code", "Innodb_buffer_pool_resize_status_progress",
	"Innodb_buffer_pool_load_status", "Innodb_buffer_pool_dump_status", "Innodb_pages_created",
	"Innodb_mem_adaptive_hash", "Innodb_mem_dictionary",
	/* change buffer, doublewrite */
	"Innodb_ibuf_size", "Innodb_ibuf_segment_size", "Innodb_ibuf_free_list", "Innodb_ibuf_merged_inserts",
	"Innodb_ibuf_merged_deletes", "Innodb_ibuf_merged_delete_marks", "Innodb_dblwr_writes",
	/* redo */
	"Innodb_log_writes", "Innodb_log_write_requests", "Innodb_os_log_fsyncs", "Innodb_lsn_flushed",
	"Innodb_lsn_last_checkpoint", "Innodb_redo_log_flushed_to_disk_lsn", "Innodb_redo_log_logical_size",
	"Innodb_redo_log_physical_size", "Innodb_redo_log_resize_status", "Innodb_redo_log_enabled",
	/* I/O, one by one */
	"Innodb_data_reads", "Innodb_data_writes", "Innodb_data_pending_reads",
	"Innodb_data_pending_writes", "Innodb_data_pending_fsyncs", "Innodb_os_log_pending_fsyncs",
	"Innodb_os_log_pending_writes", "Innodb_num_open_files",
	/* undo and purge */
	"Innodb_undo_tablespaces_total", "Innodb_undo_tablespaces_implicit",
	"Innodb_undo_tablespaces_explicit", "Innodb_undo_tablespaces_active", "Innodb_undo_truncations",
	"Innodb_available_undo_logs", "Innodb_max_trx_id", "Innodb_purge_trx_id", "Innodb_purge_undo_no",
	/* locks, background threads */
	"Innodb_row_lock_time", "Innodb_row_lock_time_avg", "Innodb_row_lock_time_max", "Innodb_deadlocks",
	"Innodb_master_thread_active_loops", "Innodb_master_thread_idle_loops",
	"Innodb_background_log_sync", "Innodb_truncated_status_writes",
	/* row operations one by one */
	"Innodb_rows_inserted", "Innodb_rows_updated", "Innodb_rows_deleted",
	NULL,
};

static int row_of(const struct part *innodb, const char *name)
{
	return innodb ? part_find(innodb, value_str(name)) : -1;
}

struct value innodb_counter(const struct part *innodb, const char *name)
{
	int row = row_of(innodb, name);
	return row < 0 ? VALUE_NONE : part_get(innodb, (unsigned)row, INNODB_VALUE);
}

bool innodb_counter_off(const struct part *innodb, const char *name)
{
	int row = row_of(innodb, name);
	return row >= 0 && !value_integer(part_get(innodb, (unsigned)row, INNODB_ENABLED), 1);
}

const char *innodb_counter_reason(const struct part *innodb, const char *name)
{
	if (!innodb)
		return "INNODB_METRICS was not read yet";
	if (part_status(innodb) != PART_OK)
		return part_reason(innodb);
	int row = row_of(innodb, name);
	if (row < 0)
		return "this server's INNODB_METRICS does not have it";
	return innodb_counter_off(innodb, name) ? value_cstr(part_get(innodb, (unsigned)row, INNODB_TURN_ON))
						: NULL;
}
