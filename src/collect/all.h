/*
 * The collectors and derivations there are, one file each. Only collector.c puts them into its tables.
 */
#ifndef COLLECT_ALL_H
#define COLLECT_ALL_H

#include "collect/collector.h"

extern const struct collector status_collector;
extern const struct collector variables_collector;
extern const struct collector sessions_collector;
extern const struct collector transactions_collector;
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
extern const struct collector replication_collector;
extern const struct collector binlog_collector;
extern const struct collector group_collector;

extern const struct derivation processlist_derivation;
extern const struct derivation row_lock_waits_derivation;
extern const struct derivation replicas_derivation;
extern const struct derivation galera_derivation;

#endif
