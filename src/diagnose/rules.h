/* The rows of all rules, by the file that they stand in. For rules.c and tests only. */
#ifndef DIAGNOSE_RULES_H
#define DIAGNOSE_RULES_H

#include "diagnose/rule.h"

/* rules_locks.c */
extern const struct rule row_lock_pileup_rule, lock_chain_rule, mdl_pileup_rule, global_read_lock_rule,
	table_lock_rule, user_lock_rule, xa_orphan_rule;
/* rules_sessions.c */
extern const struct rule idle_in_transaction_rule, connections_exhausted_rule, connection_churn_rule,
	thread_storm_rule;
/* rules_statements.c */
extern const struct rule runaway_query_rule, ddl_running_rule, backup_running_rule, hot_digest_rule,
	tmp_on_disk_rule;
/* rules_innodb.c */
extern const struct rule purge_lag_rule, deadlocks_rule, buffer_pool_small_rule, redo_small_rule,
	dirty_flush_storm_rule, log_buffer_waits_rule;
/* rules_server.c */
extern const struct rule restart_rule, variable_changed_rule, privilege_missing_rule,
	table_cache_thrash_rule;
/* rules_replication.c */
extern const struct rule replica_broken_rule, replica_io_rule, replica_lag_rule, lag_lies_rule;
/* rules_topology.c */
extern const struct rule writable_replica_rule, errant_gtid_rule, topology_fault_rule, semisync_stall_rule;
/* rules_cluster.c */
extern const struct rule group_trouble_rule, galera_trouble_rule;
/* rules_host.c */
extern const struct rule host_cpu_rule, host_memory_rule, host_io_rule, host_net_rule;
/* rules_disk.c */
extern const struct rule binlog_growth_rule, disk_full_rule;
/* rules_schema.c */
extern const struct rule autoinc_full_rule, backup_old_rule;

#endif
