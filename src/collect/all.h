/*
 * The collectors and derivations there are, one file each. Only collector.c puts them into its tables.
 */
#ifndef COLLECT_ALL_H
#define COLLECT_ALL_H

#include "collect/collector.h"

extern const struct collector status_collector;
extern const struct collector variables_collector;
extern const struct collector sessions_collector;
extern const struct collector trx_collector;
extern const struct collector trx_events_collector;
extern const struct collector xids_collector;
extern const struct collector deadlock_text_collector;
extern const struct collector row_locks_collector;
extern const struct collector metadata_locks_collector;
extern const struct collector statement_events_collector;
extern const struct collector stage_events_collector;
extern const struct collector wait_events_collector;
extern const struct collector threads_collector;
extern const struct collector instruments_collector;
extern const struct collector innodb_collector;
extern const struct collector innodb_files_collector;
extern const struct collector innodb_mutexes_collector;
extern const struct collector innodb_pools_collector;
extern const struct collector innodb_spaces_collector;
extern const struct collector innodb_status_collector;
extern const struct collector statements_collector;
extern const struct collector channels_collector;
extern const struct collector channel_times_collector;
extern const struct collector workers_collector;
extern const struct collector heartbeat_collector;
extern const struct collector binlog_end_collector;
extern const struct collector binlog_list_collector;
extern const struct collector binlog_readers_collector;
extern const struct collector gtids_collector;
extern const struct collector replica_hosts_collector;
extern const struct collector replica_vars_collector;
extern const struct collector group_collector;
extern const struct collector galera_members_collector;
extern const struct collector autoinc_tables_collector;
extern const struct collector autoinc_collector;
extern const struct collector indexes_collector;
extern const struct collector index_columns_collector;
extern const struct collector index_use_collector;
extern const struct collector table_sizes_collector;
extern const struct collector accounts_collector;
extern const struct collector plugins_collector;
extern const struct collector backups_collector;

extern const struct derivation processlist_derivation;
extern const struct derivation row_lock_waits_derivation;
extern const struct derivation blocking_derivation;
extern const struct derivation transactions_derivation;
extern const struct derivation deadlocks_derivation;
extern const struct derivation replication_derivation;
extern const struct derivation appliers_derivation;
extern const struct derivation binlog_derivation;
extern const struct derivation binlog_files_derivation;
extern const struct derivation replicas_derivation;
extern const struct derivation galera_derivation;

#endif
