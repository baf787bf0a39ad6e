/*
 * SHOW GLOBAL STATUS. The server adds up the counters of all its threads for it, whatever is asked; to
 * ask for the few names that something needs saves the rest of the price.
 */
#include "collect/status.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/innodb.h"
#include "model/metric.h"

#define STATUS_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Name of the status variable.", \
	  "SHOW GLOBAL STATUS: Variable_name", "") \
	F(VALUE, "value", ANY, NONE, COUNTER, "Value", \
	  "What the server counted since it was started, or how it is now.", \
	  "SHOW GLOBAL STATUS: Value", \
	  "Depends on the variable. A counter says little by itself: watch its rate.")

static const struct field fields[] = {STATUS_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"status", fields, COUNT_OF(fields), 0};

/* Wanted beside what metrics need: uptime and restarts, roles, what the header says. */
static const char *const always[] = {
	"Uptime",
	"Max_used_connections",
	"Connection_errors_max_connections",
	"Opened_tables",
	"Open_tables",
	"Table_open_cache_misses",
	"Innodb_redo_log_capacity_resized",
	"Innodb_row_lock_current_waits",
	"Slaves_connected",
	"wsrep_cluster_size",
	"wsrep_cluster_status",
	"wsrep_connected",
	"wsrep_incoming_addresses",
	"wsrep_local_state_comment",
	"wsrep_ready",
	"group_replication_primary_member",
	"Binlog_cache_disk_use",
	"Binlog_cache_use",
	"Binlog_stmt_cache_disk_use",
	"Binlog_stmt_cache_use",
	"Binlog_commits",
	"Binlog_group_commits",
	"Binlog_bytes_written",
};

static const char *const semisync[] = {
	"Rpl_semi_sync_master_clients",
	"Rpl_semi_sync_master_no_times",
	"Rpl_semi_sync_master_no_tx",
	"Rpl_semi_sync_master_status",
	"Rpl_semi_sync_master_tx_avg_wait_time",
	"Rpl_semi_sync_master_tx_wait_time",
	"Rpl_semi_sync_master_tx_waits",
	"Rpl_semi_sync_master_wait_sessions",
	"Rpl_semi_sync_master_yes_tx",
	"Rpl_semi_sync_replica_status",
	"Rpl_semi_sync_slave_status",
	"Rpl_semi_sync_source_clients",
	"Rpl_semi_sync_source_no_times",
	"Rpl_semi_sync_source_no_tx",
	"Rpl_semi_sync_source_status",
	"Rpl_semi_sync_source_tx_avg_wait_time",
	"Rpl_semi_sync_source_tx_wait_time",
	"Rpl_semi_sync_source_tx_waits",
	"Rpl_semi_sync_source_wait_sessions",
	"Rpl_semi_sync_source_yes_tx",
};

static const char *const galera[] = {
	"wsrep_applier_thread_count",
	"wsrep_cert_deps_distance",
	"wsrep_cert_index_size",
	"wsrep_cluster_conf_id",
	"wsrep_desync_count",
	"wsrep_evs_delayed",
	"wsrep_evs_repl_latency",
	"wsrep_flow_control_active",
	"wsrep_flow_control_paused_ns",
	"wsrep_flow_control_recv",
	"wsrep_flow_control_requested",
	"wsrep_flow_control_sent",
	"wsrep_gcomm_uuid",
	"wsrep_last_committed",
	"wsrep_local_bf_aborts",
	"wsrep_local_cached_downto",
	"wsrep_local_cert_failures",
	"wsrep_local_commits",
	"wsrep_local_index",
	"wsrep_local_recv_queue",
	"wsrep_local_recv_queue_avg",
	"wsrep_local_recv_queue_max",
	"wsrep_local_send_queue",
	"wsrep_local_send_queue_avg",
	"wsrep_open_transactions",
	"wsrep_provider_version",
	"wsrep_received",
	"wsrep_received_bytes",
	"wsrep_replicated",
	"wsrep_replicated_bytes",
};

/* What somebody has set up is worth asking for: a variable that is not OFF. */
static const struct {
	const char *const *names;
	size_t n;
	const char *variables[4];
} where[] = {
	{semisync, COUNT_OF(semisync), {"rpl_semi_sync_source_enabled", "rpl_semi_sync_replica_enabled",
					"rpl_semi_sync_master_enabled", "rpl_semi_sync_slave_enabled"}},
	{galera, COUNT_OF(galera), {"wsrep_on"}},
};

enum { MOST_NAMES = N_METRICS * 4 + 300 };

static size_t add_name(const char **names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return n;
	if (n < MOST_NAMES)
		names[n++] = name;
	return n;
}

/* Unknown counts as set up. */
static bool is_set_up(const struct collect_ctx *ctx, const char *const variables[4])
{
	const struct part *p = ctx->parts ? ctx->parts[PART_VARIABLES] : NULL;
	if (!p || part_status(p) != PART_OK)
		return true;
	for (int i = 0; i < 4 && variables[i]; i++) {
		struct value v = part_lookup(p, variables[i]);
		if (v.type == VALUE_TEXT ? strcasecmp(v.s, "OFF") != 0 : value_integer(v, 0) != 0)
			return true;
	}
	return false;
}

static size_t wanted_names(const struct collect_ctx *ctx, const char **names)
{
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(always); i++)
		n = add_name(names, n, always[i]);
	for (unsigned m = 0; m < N_METRICS; m++)
		for (unsigned i = 0; i < COUNT_OF(metric_get(m)->status) && metric_get(m)->status[i]; i++)
			n = add_name(names, n, metric_get(m)->status[i]);
	if (ctx->watched & PART_BIT(PART_INNODB_POOLS))
		for (const char *const *name = innodb_status_names; *name; name++)
			n = add_name(names, n, *name);
	for (size_t i = 0; i < COUNT_OF(where); i++)
		for (size_t k = 0; k < where[i].n && is_set_up(ctx, where[i].variables); k++)
			n = add_name(names, n, where[i].names[k]);
	for (const char *const *pin = ctx->pins; pin && *pin; pin++)
		n = add_name(names, n, *pin);
	return n;
}

/* The names stand in `keep` as an array of pointers; what they point at lives longer. */
static size_t status_args(const struct collect_ctx *ctx, struct stmt_arg args[4], struct buf *keep)
{
	const char *names[MOST_NAMES];
	size_t n = wanted_names(ctx, names);
	buf_add(keep, names, n * sizeof *names);
	args[0] = STMT_INT(ctx->all_status);
	args[1] = STMT_STRINGS((const char *const *)(const void *)keep->s, n);
	return 2;
}

static const struct source_column columns[] = {
	{"name", "Variable_name", NULL},
	{"value", "Value", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.columns = columns,
		.stmt = {"status", "SHOW GLOBAL STATUS WHERE %i OR Variable_name IN (%t)", STMT_READ},
		.args = status_args,
	},
	{0},
};

const struct collector status_collector = {
	.part = PART_STATUS,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.feature = "rates and gauges",
};

/* Patterns, any case. What is in neither list counts. */
static const char *const counters[] = {
	"com_*", "handler_*", "feature_*", "connection_errors_*", "count_hit_*", "performance_schema_*_lost",
	"innodb_buffer_pool_wait_free", "innodb_redo_log_*_lsn", "max_statement_time_exceeded",
	"max_execution_time_*", "rpl_semi_sync_*_net_wait_time", "rpl_semi_sync_*_tx_wait_time",
	"secondary_engine_execution_count", "ssl_session_cache_hits", "ssl_session_cache_misses",
	"ssl_session_cache_overflows", "ssl_session_cache_timeouts", "tc_log_page_waits",
};

static const char *const gauges[] = {
	"*_active", "*_address*", "*_age", "*_avg", "*_cipher*", "*_connected", "*_current_*", "*_free",
	"*_key", "*_limit", "*_max", "*_name", "*_open", "*_pct*", "*_ratio", "*_ready", "*_size", "*_state*",
	"*_status*", "*_supported", "*_time_avg", "*_time_max", "*_timestamp", "*_used", "*_uuid*",
	"*_version",
	"acl_*", "aria_pagecache_blocks_*", "binlog_snapshot_*", "compression", "current_*",
	"delayed_insert_threads", "error_log_buffered_*", "error_log_latest_write",
	"global_connection_memory", "innodb_available_undo_logs", "innodb_buffer_pool_bytes_*",
	"innodb_buffer_pool_load_incomplete", "innodb_buffer_pool_pages_data",
	"innodb_buffer_pool_pages_dirty", "innodb_buffer_pool_pages_free",
	"innodb_buffer_pool_pages_latched", "innodb_buffer_pool_pages_misc", "innodb_buffer_pool_pages_old",
	"innodb_buffer_pool_pages_total", "innodb_checkpoint_*", "innodb_data_pending_*",
	"innodb_encryption_rotation_estimated_iops", "innodb_have_*", "innodb_history_list_length",
	"innodb_ibuf_free_list", "innodb_max_trx_id", "innodb_mem_*", "innodb_num_open_files",
	"innodb_onlineddl_*", "innodb_os_log_pending_*", "innodb_redo_log_*", "innodb_row_lock_time_*",
	"innodb_undo_tablespaces_*", "key_blocks_*", "last_query_*", "locked_connects", "max_memory_used",
	"max_used_*", "memory_used*", "not_flushed_*", "ongoing_*", "open_*",
	"performance_schema_session_connect_attrs_longest_seen", "prepared_stmt_count", "qcache_free_*",
	"qcache_queries_in_cache", "qcache_total_blocks", "replica_open_temp_tables",
	"rpl_semi_sync_*_clients", "rpl_semi_sync_*_wait_sessions", "rpl_semi_sync_*_avg_wait_time",
	"slave_heartbeat_period", "slave_open_temp_tables", "slave_running", "slaves_*", "ssl_ctx_*",
	"ssl_default_timeout", "ssl_server_not_*", "ssl_session_cache_*",
	"ssl_used_session_cache_entries", "ssl_verify_*", "stack_usage", "tc_log_max_pages_used",
	"table_open_cache_active_instances", "threadpool_*threads", "threads_cached", "threads_connected",
	"threads_running", "uptime_since_flush_status", "wsrep", "wsrep_apply_*", "wsrep_cert_*",
	"wsrep_cluster_*", "wsrep_commit_*", "wsrep_desync_count", "wsrep_evs_*", "wsrep_flow_control_active",
	"wsrep_flow_control_requested", "wsrep_gmcast_segment", "wsrep_last_committed",
	"wsrep_local_cached_downto", "wsrep_local_*_queue*", "wsrep_local_index", "wsrep_open_*",
	"wsrep_protocol_*", "wsrep_provider_*", "wsrep_*_thread_count", "wsrep_thread_count",
};

static bool matches(const char *const *patterns, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], name, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

bool status_is_counter(const char *name)
{
	return matches(counters, COUNT_OF(counters), name) || !matches(gauges, COUNT_OF(gauges), name);
}
