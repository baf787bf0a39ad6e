#include "diagnose/rules.h"

#include <stddef.h>

/* In the order in which causes are looked for: locks before load. */
const struct rule *const rules[] = {
	&row_lock_pileup_rule,
	&lock_chain_rule,
	&mdl_pileup_rule,
	&idle_in_transaction_rule,
	&thread_storm_rule,
	&connection_churn_rule,
	&connections_exhausted_rule,
	&table_cache_thrash_rule,
	&restart_rule,
	&variable_changed_rule,
	&privilege_missing_rule,
	&replica_broken_rule,
	&replica_io_rule,
	&replica_lag_rule,
	&lag_lies_rule,
	&writable_replica_rule,
	&errant_gtid_rule,
	&topology_fault_rule,
	&semisync_stall_rule,
	&group_trouble_rule,
	&galera_trouble_rule,
	NULL,
};
