#include "collect/hostmake.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

const char host_no_proc[] = "/proc/stat cannot be read: not Linux, or no /proc";

static const struct host_collector *const collectors[] = {
	&host_collector,     &host_cpu_collector,     &host_memory_collector,
	&host_disk_collector, &host_fs_collector,     &host_net_collector,
	&host_process_collector, &host_processes_collector, &host_threads_collector,
	&host_log_collector,
};

const struct host_collector *host_collector_for(enum part_id id)
{
	for (size_t i = 0; i < COUNT_OF(collectors); i++)
		if (collectors[i]->part == id)
			return collectors[i];
	return NULL;
}

/* --- cells ------------------------------------------------------------------------------------ */

struct text host_text(const struct host_tick *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *name = xvasprintf(fmt, ap);
	va_end(ap);
	const struct host_file *f = host_file(t, name);
	free(name);
	return f ? text_of(f->text, f->len) : text_of("", 0);
}

void put_number(struct part_builder *b, unsigned field, bool known, uint64_t v)
{
	if (known && v <= INT64_MAX)
		part_set(b, field, value_int((int64_t)v));
}

void put_key(struct part_builder *b, unsigned field, struct text file, const char *key, uint64_t times)
{
	uint64_t v;
	if (proc_number(file, key, &v) && v <= INT64_MAX / times)
		part_set(b, field, value_int((int64_t)(v * times)));
}

void put_single(struct part_builder *b, unsigned field, struct text file)
{
	uint64_t v;
	if (proc_single(file, &v))
		part_set(b, field, value_int((int64_t)v));
}

void put_pair(struct part_builder *b, unsigned field, struct text file, const char *group,
	      const char *name)
{
	uint64_t v;
	if (proc_pair(file, group, name, &v))
		part_set(b, field, value_int((int64_t)v));
}

void put_real(struct part_builder *b, unsigned field, bool known, double v)
{
	if (known)
		part_set(b, field, value_real(v));
}

void put_words(struct part_builder *b, unsigned field, struct text t)
{
	if (t.n)
		part_set_text(b, field, t.s, t.n);
}

void lacks_since(struct part_builder *b, const unsigned *fields, const char *why)
{
	for (; *fields != NO_FIELD; fields++)
		part_set_absent(b, *fields, why);
}

void lacks(struct part_builder *b, const struct host_tick *t, const unsigned *fields, const char *fmt,
	   ...)
{
	static const char *const reasons[] = {
		[HOST_ABSENT] = "not in %s%s",
		[HOST_MISSING] = "this host has no %s%s",
		[HOST_DENIED] = "the login on the host may not read %s%s: same user or root only",
		[HOST_EMPTY] = "%s%s is empty",
	};
	va_list ap;
	va_start(ap, fmt);
	char *name = xvasprintf(fmt, ap);
	va_end(ap);
	enum host_absence why = host_file(t, name) ? HOST_ABSENT : host_why_absent(t, name);
	struct buf reason = BUF_INIT;
	const char *folder = strchr("/!", *name) ? "" : "/proc/";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_addf(&reason, reasons[why], folder, name);
#pragma GCC diagnostic pop
	lacks_since(b, fields, buf_str(&reason));
	buf_release(&reason);
	free(name);
}

struct part *host_seal(struct part_builder *b, const struct host_tick *t, double ms)
{
	return part_seal(b, t->mono, t->wall, ms);
}

double host_ticks(const struct host_ctx *ctx)
{
	return ctx->server->ticks_per_second > 0 ? (double)ctx->server->ticks_per_second : 100;
}

int64_t host_page(const struct host_ctx *ctx)
{
	return ctx->server->page_size > 0 ? ctx->server->page_size : 4096;
}

/* --- cgroups ---------------------------------------------------------------------------------- */

bool host_cgroup(const struct host_ctx *ctx, const char *controller, unsigned up,
		 char out[HOST_CGROUP_SIZE])
{
	const struct host_server *s = ctx->server;
	const char *path = s->cgroup + strspn(s->cgroup, "/");
	size_t n = strlen(path);
	for (; up > 0; up--) {
		if (n == 0)
			return false;
		while (n > 0 && path[--n] != '/')
			;
	}
	snprintf(out, HOST_CGROUP_SIZE, "/sys/fs/cgroup%s%s%s%.*s", s->cgroup_v2 ? "" : "/",
		 s->cgroup_v2 ? "" : controller, n ? "/" : "", (int)n, path);
	return true;
}

void want_cgroup(const struct host_ctx *ctx, struct buf *request, const char *v2, const char *controller,
		 const char *v1, bool all_levels)
{
	char folder[HOST_CGROUP_SIZE];
	const char *file = ctx->server->cgroup_v2 ? v2 : v1;
	for (unsigned up = 0; file && up < (all_levels ? HOST_CGROUP_LEVELS : 1); up++)
		if (host_cgroup(ctx, controller, up, folder))
			host_want(request, "%s/%s", folder, file);
}

struct text cgroup_text(const struct host_ctx *ctx, const struct host_tick *t, const char *v2,
			const char *controller, const char *v1, unsigned up)
{
	char folder[HOST_CGROUP_SIZE];
	const char *file = ctx->server->cgroup_v2 ? v2 : v1;
	if (!file || !host_cgroup(ctx, controller, up, folder))
		return text_of("", 0);
	return host_text(t, "%s/%s", folder, file);
}

/* --- where the server keeps its files --------------------------------------------------------- */

void want_mounts(const struct host_ctx *ctx, struct buf *request)
{
	host_want(request, "self/mountinfo");
	/* A container has mounts of its own. */
	if (ctx->server->pid > 0)
		host_want(request, "%lld/mountinfo", (long long)ctx->server->pid);
}

const char host_not_asked[] = "the server has not been asked yet where its files are";

static const struct {
	const char *what, *variable;
	bool file; /* the variable names a file: its folder counts */
} places[] = {
	{"datadir", "datadir", false},
	{"tmpdir", "tmpdir", false},
	{"binlog", "log_bin_basename", true},
	{"redo", "innodb_log_group_home_dir", false},
	{"undo", "innodb_undo_directory", false},
	{"relay log", "relay_log_basename", true},
};

/* The whole path of a place; false where it is not known. */
static bool place_path(const struct host_ctx *ctx, size_t i, struct buf *out)
{
	const struct part *p = ctx->parts[PART_VARIABLES];
	if (!p)
		return false;
	const char *path = value_cstr(part_lookup(p, places[i].variable));
	const char *home = value_cstr(part_lookup(p, "datadir"));
	size_t n = strcspn(path, ":"); /* tmpdir may be a list: the first */
	buf_clear(out);
	if (!*path || *home != '/')
		return false;
	if (*path != '/')
		buf_addf(out, "%s/", home);
	buf_add(out, path, n);
	if (places[i].file)
		while (out->len > 1 && out->s[--out->len] != '/')
			out->s[out->len] = '\0';
	return true;
}

static bool holds(const char *point, const char *path)
{
	size_t n = strlen(point);
	if (n == 1)
		return true;
	return strncmp(point, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The filesystem that a path is on: the longest mount point, the last mounted of equals. */
static bool mount_of(struct text mounts, const char *path, struct proc_mount *out)
{
	struct proc_mount m;
	struct buf point = BUF_INIT;
	size_t longest = 0;
	while (proc_mount_next(&mounts, &m)) {
		buf_clear(&point);
		proc_unescape(&point, m.point);
		if (!holds(buf_str(&point), path) || point.len < longest)
			continue;
		longest = point.len;
		*out = m;
	}
	buf_release(&point);
	return longest > 0;
}

void host_uses(const struct host_ctx *ctx, const struct host_tick *t, struct host_uses *out)
{
	struct text mounts = host_text(t, "%lld/mountinfo", (long long)ctx->server->pid);
	struct proc_mount m = {0};
	struct buf path = BUF_INIT;
	*out = (struct host_uses){0};
	if (!mounts.n)
		mounts = host_text(t, "self/mountinfo");
	for (size_t i = 0; i < COUNT_OF(places) && out->n < HOST_MOST_USES; i++) {
		if (!place_path(ctx, i, &path) || !mount_of(mounts, buf_str(&path), &m))
			continue;
		struct host_use *u = &out->of[out->n++];
		*u = (struct host_use){.major = m.major, .minor = m.minor, .device = m.device};
		snprintf(u->what, sizeof u->what, "%s", places[i].what);
	}
	if (!out->n)
		out->unknown = !ctx->parts[PART_VARIABLES]
				       ? host_not_asked
			       : !mounts.n ? "/proc/self/mountinfo cannot be read"
					   : "the server does not say where its files are";
	buf_release(&path);
}
