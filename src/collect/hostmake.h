/*
 * What the makers of the host's parts share: texts of a tick by name, cells from numbers, and why a cell
 * has none. Pure.
 */
#ifndef COLLECT_HOSTMAKE_H
#define COLLECT_HOSTMAKE_H

#include "collect/host.h"
#include "collect/hostfields.h"
#include "parse/proc.h"

extern const struct host_collector host_collector, host_cpu_collector, host_memory_collector,
	host_disk_collector, host_fs_collector, host_net_collector, host_process_collector,
	host_processes_collector, host_threads_collector, host_log_collector;

/* Empty when the file is not there. */
struct text host_text(const struct host_tick *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Cells; what is not `known` stays absent. */
void put_number(struct part_builder *b, unsigned field, bool known, uint64_t v);
/* The number of a line, of a whole file, of a pair of lines: see parse/proc.h. */
void put_key(struct part_builder *b, unsigned field, struct text file, const char *key, uint64_t times);
void put_single(struct part_builder *b, unsigned field, struct text file);
void put_pair(struct part_builder *b, unsigned field, struct text file, const char *group,
	      const char *name);
void put_real(struct part_builder *b, unsigned field, bool known, double v);
void put_words(struct part_builder *b, unsigned field, struct text t);

/* These fields have no row because that file has no such thing, is not there or may not be read: which of
   them is found out here. `fields` ends with NO_FIELD. */
#define NO_FIELD UINT32_MAX
void lacks(struct part_builder *b, const struct host_tick *t, const unsigned *fields, const char *fmt,
	   ...) __attribute__((format(printf, 4, 5)));
#define FIELDS(...) (const unsigned[]){__VA_ARGS__, NO_FIELD}
/* The same with a reason in words. */
void lacks_since(struct part_builder *b, const unsigned *fields, const char *why);
struct part *host_seal(struct part_builder *b, const struct host_tick *t, double ms);
extern const char host_no_proc[];

/* Folders of the server's cgroup: its own (up 0), the one above, …; false when there is none. At most
   HOST_CGROUP_LEVELS are looked at. `controller` only counts with version 1. */
enum { HOST_CGROUP_LEVELS = 4, HOST_CGROUP_SIZE = 320 };
bool host_cgroup(const struct host_ctx *ctx, const char *controller, unsigned up,
		 char out[HOST_CGROUP_SIZE]);
/* Want a file of version 2, or its like of version 1 below a controller; on all levels or the server's own
   alone. */
void want_cgroup(const struct host_ctx *ctx, struct buf *request, const char *v2, const char *controller,
		 const char *v1, bool all_levels);
struct text cgroup_text(const struct host_ctx *ctx, const struct host_tick *t, const char *v2,
			const char *controller, const char *v1, unsigned up);

double host_ticks(const struct host_ctx *ctx);
int64_t host_page(const struct host_ctx *ctx);

/* --- where the server keeps its files ---------------------------------------------------------- */

void want_mounts(const struct host_ctx *ctx, struct buf *request);
/* What of the server's lies on a device, "datadir, tmpdir"; empty: nothing, or not known. Devices by their
   number, or by name where the filesystem has none (overlay, btrfs). */
struct host_use {
	unsigned major, minor;
	struct text device;
	char what[24];
};
enum { HOST_MOST_USES = 8 };
struct host_uses {
	unsigned n;
	struct host_use of[HOST_MOST_USES];
	const char *unknown; /* why nothing is known, or NULL */
};
void host_uses(const struct host_ctx *ctx, const struct host_tick *t, struct host_uses *out);

#endif
