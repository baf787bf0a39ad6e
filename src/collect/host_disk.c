/*
 * Disks: each device whole, with what of the server's lies on it.
 */
#include <string.h>

#include "base/buf.h"
#include "collect/hostmake.h"

enum { MOST_DISKS = 256 };

static void want(const struct host_ctx *ctx, struct buf *request)
{
	host_want(request, "diskstats");
	host_want(request, "pressure/io");
	host_want(request, "/sys/block/*/device/ioerr_cnt");
	want_mounts(ctx, request);
}

/* Memory that looks like a disk, and drives for things that one takes out. */
static bool no_disk(struct text name)
{
	static const char *const begin[] = {"loop", "ram", "zram", "sr", "fd", "nbd"};
	for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
		size_t n = strlen(begin[i]);
		if (text_begins(name, begin[i]) && name.n > n && name.s[n] >= '0' && name.s[n] <= '9')
			return true;
	}
	return false;
}

struct disks {
	unsigned n;
	struct proc_disk of[MOST_DISKS];
};

static bool is_partition(const struct disks *all, struct text name)
{
	for (unsigned i = 0; i < all->n; i++)
		if (proc_is_partition(name, all->of[i].name))
			return true;
	return false;
}

/* "/dev/sda1" or "/dev/mapper/vg-data" as mounted, of this device or a partition of it. */
static bool names_disk(struct text device, struct text disk)
{
	if (!text_begins(device, "/dev/"))
		return false;
	struct text name = {device.s + 5, device.n - 5};
	return (name.n == disk.n && memcmp(name.s, disk.s, name.n) == 0) || proc_is_partition(name, disk);
}

static bool uses_disk(const struct disks *all, const struct host_use *u, const struct proc_disk *d)
{
	if (u->major == 0)
		return names_disk(u->device, d->name);
	for (unsigned i = 0; i < all->n; i++) {
		const struct proc_disk *x = &all->of[i];
		if (x->major != u->major || x->minor != u->minor)
			continue;
		return x == d || proc_is_partition(x->name, d->name);
	}
	return false;
}

static void put_uses(struct part_builder *b, unsigned field, const struct host_uses *uses,
		     const struct disks *all, const struct proc_disk *d)
{
	struct buf text = BUF_INIT;
	for (unsigned i = 0; i < uses->n; i++)
		if (uses_disk(all, &uses->of[i], d))
			buf_addf(&text, "%s%s", text.len ? ", " : "", uses->of[i].what);
	if (text.len)
		part_set_text(b, field, text.s, text.len);
	buf_release(&text);
}

/* "0x1f" */
static bool hex(struct text t, uint64_t *out)
{
	struct text w = text_word(&t);
	*out = 0;
	if (!text_begins(w, "0x") || w.n < 3 || w.n > 14)
		return false;
	for (size_t i = 2; i < w.n; i++) {
		const char *digits = "0123456789abcdef", *at = strchr(digits, w.s[i]);
		if (!at || !w.s[i])
			return false;
		*out = 16 * *out + (uint64_t)(at - digits);
	}
	return true;
}

static void put_disk(struct part_builder *b, const struct host_tick *t, const struct proc_disk *d)
{
	uint64_t errors;
	part_set_text(b, HOST_DISK_NAME, d->name.s, d->name.n);
	put_number(b, HOST_DISK_READS, true, d->reads);
	put_number(b, HOST_DISK_READ_BYTES, d->sectors_read < INT64_MAX / 512, d->sectors_read * 512);
	put_real(b, HOST_DISK_READ_TIME, true, (double)d->read_ms / 1000);
	put_number(b, HOST_DISK_WRITES, true, d->writes);
	put_number(b, HOST_DISK_WRITTEN_BYTES, d->sectors_written < INT64_MAX / 512,
		   d->sectors_written * 512);
	put_real(b, HOST_DISK_WRITE_TIME, true, (double)d->write_ms / 1000);
	put_number(b, HOST_DISK_IN_FLIGHT, true, d->in_flight);
	put_real(b, HOST_DISK_BUSY, true, (double)d->busy_ms / 1000);
	put_real(b, HOST_DISK_QUEUE_TIME, true, (double)d->queue_ms / 1000);
	if (hex(host_text(t, "/sys/block/%.*s/device/ioerr_cnt", (int)d->name.n, d->name.s), &errors))
		put_number(b, HOST_DISK_ERRORS, true, errors);
}

static void put_total(struct part_builder *b, const struct host_tick *t)
{
	struct proc_pressure some, full;
	if (!proc_pressure(host_text(t, "pressure/io"), &some, &full)) {
		lacks(b, t, FIELDS(HOST_DISK_PSI_SOME, HOST_DISK_PSI_SOME_TOTAL, HOST_DISK_PSI_FULL,
				   HOST_DISK_PSI_FULL_TOTAL), "pressure/io");
		return;
	}
	part_row_begin(b);
	part_set(b, HOST_DISK_NAME, value_str("total"));
	put_real(b, HOST_DISK_PSI_SOME, some.there, some.avg10);
	put_real(b, HOST_DISK_PSI_SOME_TOTAL, some.there, (double)some.total / 1e6);
	put_real(b, HOST_DISK_PSI_FULL, full.there, full.avg10);
	put_real(b, HOST_DISK_PSI_FULL_TOTAL, full.there, (double)full.total / 1e6);
	part_row_end(b);
}

static struct part *make(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			 const char **why)
{
	const struct host_file *f = host_file(t, "diskstats");
	struct disks all = {0};
	struct host_uses uses;
	if (!f) {
		*why = "/proc/diskstats cannot be read: not Linux, or hidden in a container";
		return NULL;
	}
	struct text rest = text_of(f->text, f->len);
	while (all.n < MOST_DISKS && proc_disk_next(&rest, &all.of[all.n]))
		all.n++;
	host_uses(ctx, t, &uses);
	struct part_builder *b = part_builder_new(PART_HOST_DISK, &host_disk_schema);
	for (unsigned i = 0; i < all.n; i++) {
		const struct proc_disk *d = &all.of[i];
		if (no_disk(d->name) || is_partition(&all, d->name))
			continue;
		part_row_begin(b);
		put_disk(b, t, d);
		put_uses(b, HOST_DISK_USED_FOR, &uses, &all, d);
		/* One that was never used and holds nothing only takes room. */
		if (!d->reads && !d->writes && part_peek(b, HOST_DISK_USED_FOR).type == VALUE_ABSENT)
			part_row_cancel(b);
		else
			part_row_end(b);
	}
	put_total(b, t);
	if (uses.unknown)
		lacks_since(b, FIELDS(HOST_DISK_USED_FOR), uses.unknown);
	if (host_files_from(t, "/sys/block/") == t->n_files)
		lacks_since(b, FIELDS(HOST_DISK_ERRORS), "only SCSI and SATA disks count their errors");
	return host_seal(b, t, ms);
}

const struct host_collector host_disk_collector = {
	.part = PART_HOST_DISK,
	.cost = COST_FAST,
	.schema = &host_disk_schema,
	.want = want,
	.make = make,
};
