/*
 * Numbers made from the parts of the host: shares of time, latencies, how full. Fields are found by name, as
 * in every part. Pure; absent where a number cannot be had.
 */
#ifndef MODEL_HOSTMETRIC_H
#define MODEL_HOSTMETRIC_H

#include "model/timeline.h"

/* What a row of host_cpu did since the reading before, as shares of its time (0..1). */
struct cpu_shares {
	double user, system, iowait, steal, idle; /* nice counts as user, interrupts as system */
};
bool host_cpu_shares(const struct frame *f, unsigned row, struct cpu_shares *out);

/* The row of a part whose key is `name`; -1: none. */
int host_row(const struct frame *f, enum part_id id, const char *name);
/* A cell of such a row, as it is or per second. */
struct value host_value(const struct frame *f, enum part_id id, const char *name, const char *field);
struct value host_rate(const struct frame *f, enum part_id id, const char *name, const char *field);
struct value host_row_rate(const struct frame *f, enum part_id id, unsigned row, const char *field);

/* Milliseconds that a request took on average: "read", "write" or NULL for both. Absent where there was
   none. */
struct value host_disk_latency(const struct frame *f, unsigned row, const char *kind);
/* The disk that counts: the datadir's, else the busiest; -1: none. */
int host_disk_main(const struct frame *f);
/* The first row of host_process when it is the server's; -1. */
int host_server_row(const struct frame *f);

/* For the table of metrics. */
struct value read_host_cpu(const struct frame *f, const struct metric *m);
struct value read_host_iowait(const struct frame *f, const struct metric *m);
struct value read_host_steal(const struct frame *f, const struct metric *m);
struct value read_host_server_cpu(const struct frame *f, const struct metric *m);
struct value read_host_latency(const struct frame *f, const struct metric *m);
struct value read_host_util(const struct frame *f, const struct metric *m);
struct value read_host_memory(const struct frame *f, const struct metric *m);
struct value read_host_swap(const struct frame *f, const struct metric *m);
struct value read_host_net_in(const struct frame *f, const struct metric *m);
struct value read_host_net_out(const struct frame *f, const struct metric *m);
struct value read_host_retransmits(const struct frame *f, const struct metric *m);
struct value read_host_psi_cpu(const struct frame *f, const struct metric *m);
struct value read_host_psi_memory(const struct frame *f, const struct metric *m);
struct value read_host_psi_io(const struct frame *f, const struct metric *m);

#endif
