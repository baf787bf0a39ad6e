/*
 * Filesystems: how full, in bytes and inodes, and what of the server's lies there.
 */
#include <string.h>

#include "base/buf.h"
#include "collect/hostmake.h"

enum { MOST_FILESYSTEMS = 64 };

static void want(const struct host_ctx *ctx, struct buf *request)
{
	host_want(request, "!df");
	host_want(request, "!df-i");
	host_want(request, "/sys/fs/ext4/*/errors_count");
	want_mounts(ctx, request);
}

static bool same(struct text a, struct text b)
{
	return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

/* The last that was mounted there, in the shell's own view of things: df's. */
static bool mount_at(const struct host_tick *t, struct text point, struct proc_mount *out)
{
	struct text rest = host_text(t, "self/mountinfo");
	struct proc_mount m;
	struct buf path = BUF_INIT;
	bool found = false;
	while (proc_mount_next(&rest, &m)) {
		buf_clear(&path);
		proc_unescape(&path, m.point);
		if (!same(text_of(buf_str(&path), path.len), point))
			continue;
		*out = m;
		found = true;
	}
	buf_release(&path);
	return found;
}

/* Memory and the kernel's own, unless the server keeps something there. */
static bool no_filesystem(struct text type, struct text device)
{
	static const char *const types[] = {"tmpfs", "devtmpfs", "squashfs", "proc", "sysfs", "efivarfs",
					    "iso9660", "ramfs", "cgroup", "cgroup2", "fuse.snapfuse",
					    "fuse.lxcfs", "nsfs", "mqueue"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (text_is(type, types[i]))
			return true;
	return !type.n && (text_is(device, "tmpfs") || text_is(device, "devtmpfs") ||
			   text_is(device, "udev") || text_is(device, "none"));
}

static void put_uses(struct part_builder *b, const struct host_uses *uses, const struct proc_mount *m)
{
	struct buf text = BUF_INIT;
	for (unsigned i = 0; i < uses->n; i++)
		if (uses->of[i].major == m->major && uses->of[i].minor == m->minor)
			buf_addf(&text, "%s%s", text.len ? ", " : "", uses->of[i].what);
	if (text.len)
		part_set_text(b, HOST_FS_USED_FOR, text.s, text.len);
	buf_release(&text);
}

static void put_errors(struct part_builder *b, const struct host_tick *t, struct text device)
{
	size_t slash = device.n;
	while (slash > 0 && device.s[slash - 1] != '/')
		slash--;
	struct text name = {device.s + slash, device.n - slash};
	struct text count = host_text(t, "/sys/fs/ext4/%.*s/errors_count", (int)name.n, name.s);
	put_single(b, HOST_FS_ERRORS, count);
}

static void put_inodes(struct part_builder *b, const struct host_tick *t, struct text point)
{
	struct text rest = host_text(t, "!df-i");
	struct df_row r;
	while (df_next(&rest, &r)) {
		if (!same(r.point, point) || !r.known || r.total == 0)
			continue;
		put_number(b, HOST_FS_INODES, true, r.total);
		put_number(b, HOST_FS_INODES_USED, true, r.used);
		return;
	}
}

/* A filesystem may be mounted at many places: the first stands for all. */
static bool seen(const struct proc_mount *m, const struct proc_mount *before, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (before[i].major == m->major && before[i].minor == m->minor)
			return true;
	return false;
}

static void put_row(struct part_builder *b, const struct host_tick *t, const struct df_row *r,
		    const struct proc_mount *m, const struct host_uses *uses)
{
	enum { K = 1024 };
	const uint64_t most = INT64_MAX / K;
	part_row_begin(b);
	part_set_text(b, HOST_FS_MOUNT, r->point.s, r->point.n);
	part_set_text(b, HOST_FS_DEVICE, r->device.s, r->device.n);
	put_number(b, HOST_FS_SIZE, r->known && r->total <= most, r->total * K);
	put_number(b, HOST_FS_USED, r->known && r->used <= most, r->used * K);
	put_number(b, HOST_FS_AVAILABLE, r->known && r->available <= most, r->available * K);
	put_inodes(b, t, r->point);
	put_errors(b, t, r->device);
	if (m->type.n) {
		put_words(b, HOST_FS_TYPE, m->type);
		part_set(b, HOST_FS_READ_ONLY, value_int(m->read_only));
		put_uses(b, uses, m);
	}
	if (no_filesystem(m->type, r->device) && part_peek(b, HOST_FS_USED_FOR).type == VALUE_ABSENT)
		part_row_cancel(b);
	else
		part_row_end(b);
}

static struct part *make(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			 const char **why)
{
	const struct host_file *f = host_file(t, "!df");
	struct proc_mount mounts[MOST_FILESYSTEMS];
	struct host_uses uses;
	struct df_row r;
	unsigned n = 0;
	if (!f) {
		*why = "df gave no answer";
		return NULL;
	}
	host_uses(ctx, t, &uses);
	struct part_builder *b = part_builder_new(PART_HOST_FS, &host_fs_schema);
	struct text rest = text_of(f->text, f->len);
	while (n < MOST_FILESYSTEMS && df_next(&rest, &r)) {
		struct proc_mount m = {0};
		if (mount_at(t, r.point, &m) && seen(&m, mounts, n))
			continue;
		if (m.type.n)
			mounts[n++] = m;
		put_row(b, t, &r, &m, &uses);
	}
	if (uses.unknown)
		lacks_since(b, FIELDS(HOST_FS_USED_FOR), uses.unknown);
	if (!host_text(t, "self/mountinfo").n)
		lacks(b, t, FIELDS(HOST_FS_TYPE, HOST_FS_READ_ONLY), "self/mountinfo");
	if (!host_file(t, "!df-i"))
		lacks_since(b, FIELDS(HOST_FS_INODES, HOST_FS_INODES_USED), "this df does not count inodes");
	if (host_files_from(t, "/sys/fs/ext4/") == t->n_files)
		lacks_since(b, FIELDS(HOST_FS_ERRORS), "only ext4 counts its errors");
	return host_seal(b, t, ms);
}

const struct host_collector host_fs_collector = {
	.part = PART_HOST_FS,
	.cost = COST_SLOW,
	.schema = &host_fs_schema,
	.want = want,
	.make = make,
};
