/*
 * Metrics: named numbers with a kind, a unit and their teaching text. One row each in metric.c; the
 * header, the overview, `?`, help and the list of status names to read are generated from there.
 */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include "model/schema.h"

struct frame;

#define METRICS(M) \
	M(QPS) M(SELECTS) M(INSERTS) M(UPDATES) M(DELETES) M(REPLACES) M(COMMITS) M(ROLLBACKS) \
	M(ROWS_READ) M(ROWS_CHANGED) \
	M(RUNNING) M(CONNECTED) M(MAX_CONNECTIONS) M(CONNECTIONS_USED) M(CONNECTS) M(ABORTED) \
	M(THREADS_CREATED) \
	M(TMP_TABLES) M(TMP_DISK_TABLES) M(SORT_ROWS) M(SORT_MERGES) M(FULL_SCANS) M(FULL_JOINS) \
	M(SLOW) \
	M(BYTES_IN) M(BYTES_OUT) M(BINLOG_BYTES) \
	M(LAG) M(LAG_SLOPE) M(CATCH_UP) M(APPLY_LAG) M(GTID_GAP) M(BYTES_BEHIND) \
	M(SEMISYNC_SESSIONS) M(SEMISYNC_WAITS) M(SEMISYNC_LOST) M(BINLOG_SPILLS) \
	M(GROUP_QUEUE) M(FLOW_PAUSED) M(CERT_FAILURES) \
	M(POOL_HIT) M(REDO_USED) M(HISTORY) M(LOCK_WAITS) \
	M(POOL_DIRTY) M(POOL_FREE) M(POOL_READS) M(READ_AHEAD) M(PAGES_READ) M(PAGES_WRITTEN) \
	M(PAGES_FLUSHED) M(DBLWR_PAGES) M(WAIT_FREE) M(DATA_READ) M(DATA_WRITTEN) M(FSYNCS) M(PENDING_IO) \
	M(REDO_WRITTEN) M(CHECKPOINT_AGE) M(LOG_WAITS) M(SYNC_FLUSHES) \
	M(HISTORY_GROWTH) M(PURGED) M(AHI_HIT) M(IBUF_MERGES) M(DEADLOCKS) \
	M(INNODB_ROWS_READ) M(INNODB_ROWS_CHANGED) \
	M(HOST_CPU) M(HOST_IOWAIT) M(HOST_STEAL) M(HOST_SERVER_CPU) M(HOST_LATENCY) M(HOST_UTIL) \
	M(HOST_MEMORY) M(HOST_SWAP) M(HOST_NET_IN) M(HOST_NET_OUT) M(HOST_RETRANSMITS) \
	M(HOST_PSI_CPU) M(HOST_PSI_MEMORY) M(HOST_PSI_IO)

enum metric_id {
#define METRIC_ENUM(id) METRIC_##id,
	METRICS(METRIC_ENUM)
#undef METRIC_ENUM
	N_METRICS,
};

struct metric {
	const char *id;    /* snake_case */
	const char *title; /* short, for the screen */
	enum unit unit;
	bool rate;         /* a counter shown per second */
	const char *help, *source, *normal;
	const char *status[4]; /* server names of the status values that it needs */
	struct value (*read)(const struct frame *f, const struct metric *m);
};

const struct metric *metric_get(unsigned metric);
/* Absent when it cannot be had now. */
struct value metric_read(unsigned metric, const struct frame *f);

#endif
