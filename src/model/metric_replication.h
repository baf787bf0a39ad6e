/*
 * How the metrics of replication, groups and clusters are read. Internal to metric.c. Pure.
 */
#ifndef MODEL_METRIC_REPLICATION_H
#define MODEL_METRIC_REPLICATION_H

#include "model/metric.h"

struct value metric_lag(const struct frame *f, const struct metric *m);
struct value metric_lag_slope(const struct frame *f, const struct metric *m);
struct value metric_catch_up(const struct frame *f, const struct metric *m);
struct value metric_apply_lag(const struct frame *f, const struct metric *m);
struct value metric_gtid_gap(const struct frame *f, const struct metric *m);
struct value metric_bytes_behind(const struct frame *f, const struct metric *m);
struct value metric_group_queue(const struct frame *f, const struct metric *m);
struct value metric_flow_paused(const struct frame *f, const struct metric *m);

#endif
