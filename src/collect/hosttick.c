#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "collect/host.h"

/* The first file whose name is not before `name`. */
static unsigned lower_bound(const struct host_tick *t, const char *name)
{
	unsigned low = 0, high = t->n_files;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (strcmp(t->files[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct host_file *host_file(const struct host_tick *t, const char *name)
{
	unsigned i = lower_bound(t, name);
	return i < t->n_files && strcmp(t->files[i].name, name) == 0 ? &t->files[i] : NULL;
}

unsigned host_files_from(const struct host_tick *t, const char *prefix)
{
	unsigned i = lower_bound(t, prefix);
	return i < t->n_files && strncmp(t->files[i].name, prefix, strlen(prefix)) == 0
		       ? i
		       : t->n_files;
}

enum host_absence host_why_absent(const struct host_tick *t, const char *name)
{
	for (unsigned i = 0; i < t->n_lacks; i++)
		if (strcmp(t->lacks[i].name, name) == 0)
			return t->lacks[i].why;
	return HOST_ABSENT;
}

/* --- requests --------------------------------------------------------------------------------- */

static bool can_be_asked_for(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == '|' || *name == 0x7f)
			return false;
	return true;
}

void host_want(struct buf *request, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *name = xvasprintf(fmt, ap);
	va_end(ap);
	if (*name && *name != '@' && can_be_asked_for(name))
		buf_addf(request, "%s|", name);
	free(name);
}

void host_want_threads(struct buf *request, int64_t pid, const int64_t *tids, unsigned n,
		       const char *files)
{
	if (n == 0)
		return;
	buf_addf(request, "@%" PRId64 ":%s:", pid, files);
	for (unsigned i = 0; i < n; i++)
		buf_addf(request, i ? " %" PRId64 : "%" PRId64, tids[i]);
	buf_addc(request, '|');
}
