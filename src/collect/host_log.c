/*
 * Deadlocks that stand in the end of the server's error log, where the login on the host may read it.
 */
#include <string.h>

#include "base/mem.h"
#include "collect/deadlocks.h"
#include "collect/hostmake.h"
#include "parse/innodb_deadlock.h"
#include "parse/innodb_log.h"

/* The log's path as the login sees it; what is wrong with it, or NULL. */
static const char *log_path(const struct host_ctx *ctx, struct buf *out)
{
	const struct part *p = ctx->parts ? ctx->parts[PART_VARIABLES] : NULL;
	if (!p || part_status(p) != PART_OK)
		return host_not_asked;
	const char *path = value_cstr(part_lookup(p, "log_error")), *home = value_cstr(part_lookup(p, "datadir"));
	if (!*path || strcmp(path, "stderr") == 0)
		return "the server writes its error log to its standard error, not into a file (log_error)";
	/* A container has a root of its own. */
	if (ctx->server->pid > 0 && ctx->server->inner_pid != ctx->server->pid)
		buf_addf(out, "/proc/%lld/root", (long long)ctx->server->pid);
	if (*path != '/')
		buf_addf(out, "%s/", home);
	buf_adds(out, path);
	return NULL;
}

static void want(const struct host_ctx *ctx, struct buf *request)
{
	struct buf path = BUF_INIT;
	if (!log_path(ctx, &path))
		host_want(request, "!log %s", buf_str(&path));
	host_want(request, "loadavg"); /* something to make it from */
	buf_release(&path);
}

static const char *why_not_read(const struct host_tick *t, const char *path)
{
	switch (host_why_absent(t, path)) {
	case HOST_MISSING:
		return "the file that log_error names is not on this host";
	case HOST_DENIED:
		return "the login on the host may not read the error log: it wants to be root, mysql or in the group adm";
	case HOST_EMPTY:
		return NULL;
	default:
		return "the error log was not read yet";
	}
}

static struct part *make(const struct host_ctx *ctx, const struct host_tick *t, double ms, const char **why)
{
	const struct host_file *f = host_file(t, "!log");
	struct buf path = BUF_INIT, text = BUF_INIT;
	*why = log_path(ctx, &path);
	if (!*why && !f)
		*why = why_not_read(t, buf_str(&path));
	buf_release(&path);
	if (*why)
		return NULL;
	struct part_builder *b = part_builder_new(PART_LOGGED_DEADLOCKS, &logged_deadlocks_schema);
	struct slice rest = {f ? f->text : "", f ? f->len : 0};
	for (int64_t id = 1; innodb_log_next_deadlock(&rest, &text);) {
		struct innodb_deadlock d;
		if (innodb_deadlock_parse(&d, buf_str(&text), text.len)) {
			part_row_begin(b);
			part_set(b, DEADLOCK_ID, value_int(id++));
			part_set_text(b, DEADLOCK_TEXT, text.s, text.len);
			deadlock_put(b, &d);
			part_row_end(b);
		}
		innodb_deadlock_release(&d);
	}
	buf_release(&text);
	return host_seal(b, t, ms);
}

const struct host_collector host_log_collector = {
	.part = PART_LOGGED_DEADLOCKS,
	.cost = COST_RARE,
	.schema = &logged_deadlocks_schema,
	.want = want,
	.make = make,
};
