/*
 * How the metrics of status values and of InnoDB's counters are read. Internal to metric.c. Pure; absent
 * where a server does not tell.
 */
#ifndef MODEL_METRIC_STATUS_H
#define MODEL_METRIC_STATUS_H

#include "model/metric.h"

struct value read_gauge(const struct frame *f, const struct metric *m);
struct value read_rate(const struct frame *f, const struct metric *m);
struct value read_max_connections(const struct frame *f, const struct metric *m);
struct value read_connections_used(const struct frame *f, const struct metric *m);
struct value read_pool_reads(const struct frame *f, const struct metric *m);
struct value read_pool_hit(const struct frame *f, const struct metric *m);
struct value read_checkpoint_age(const struct frame *f, const struct metric *m);
struct value read_redo_used(const struct frame *f, const struct metric *m);
struct value read_redo_written(const struct frame *f, const struct metric *m);
struct value read_sync_flushes(const struct frame *f, const struct metric *m);
struct value read_purged(const struct frame *f, const struct metric *m);
struct value read_ibuf_merges(const struct frame *f, const struct metric *m);
struct value read_deadlocks(const struct frame *f, const struct metric *m);
struct value read_share(const struct frame *f, const struct metric *m);
struct value read_ahi_hit(const struct frame *f, const struct metric *m);
struct value read_history(const struct frame *f, const struct metric *m);
struct value read_history_growth(const struct frame *f, const struct metric *m);
struct value read_binlog_bytes(const struct frame *f, const struct metric *m);

#endif
