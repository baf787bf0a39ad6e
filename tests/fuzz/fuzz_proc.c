/*
 * Any bytes as any file below /proc: no reader looks beyond the text, and each that walks it comes to the
 * end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "parse/proc.h"
#include "tests/fuzz/fuzz.h"

static const char *from, *to;

static void inside(struct text t)
{
	if (t.n && (t.s < from || t.s + t.n > to))
		abort();
}

#define WALK(type, next, field) \
	do { \
		struct text rest = file; \
		struct type x; \
		size_t left = rest.n; \
		while (next(&rest, &x)) { \
			inside(x.field); \
			if (rest.n >= left) \
				abort(); \
			left = rest.n; \
		} \
	} while (0)

static void tables(struct text file)
{
	WALK(proc_disk, proc_disk_next, name);
	WALK(proc_mount, proc_mount_next, point);
	WALK(df_row, df_next, point);
	WALK(df_row, df_next, device);
	WALK(proc_net, proc_net_next, name);
	struct text rest = file;
	struct proc_cpu c;
	while (proc_cpu_next(&rest, &c))
		if (c.n < 4 || c.n > 8)
			abort();
}

static void singles(struct text file)
{
	struct proc_load load;
	struct proc_pressure some, full;
	struct proc_task task;
	struct text t;
	uint64_t a, b;
	double r;
	proc_load(file, &load);
	proc_pressure(file, &some, &full);
	if (proc_task(file, &task))
		inside(task.name);
	if (proc_number(file, "MemTotal", &a) && a > INT64_MAX)
		abort();
	proc_pair(file, "Tcp:", "RetransSegs", &a);
	proc_limit(file, "Max open files", &a);
	proc_schedstat(file, &a, &b);
	proc_inner_pid(file, &a);
	if (cgroup_path(file, "", &t) || cgroup_path(file, "memory", &t) || os_release(file, "NAME", &t))
		inside(t);
	cgroup_cpu_max(file, &r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	/* A copy of its own, so that reading beyond the end is seen. */
	char *copy = malloc(size ? size : 1);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	from = copy;
	to = copy + size;
	struct text file = text_of(copy, size);
	tables(file);
	singles(file);
	proc_unescape(&text, file);
	if (text.len > size)
		abort();
	buf_release(&text);
	free(copy);
	return 0;
}
