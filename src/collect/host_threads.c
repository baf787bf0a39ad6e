/*
 * Threads of the server's process that serve sessions: CPU, waiting for a core, disk I/O of each. Reading a
 * thread costs the far side, so only those of the sessions that matter most are read: the running ones,
 * then those in a transaction, then the rest, as far as the budget goes. A thread whose session has been
 * asleep since the last reading has done nothing since: what was read then still holds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/hostmake.h"
#include "collect/processlist.h"

enum { MOST_THREADS = 256 };

/* As the server numbers them, and as the host does. */
struct tids {
	unsigned n;
	int64_t inner[MOST_THREADS], outer[MOST_THREADS];
	int still[MOST_THREADS]; /* the row of the last reading that holds still; -1: to be read */
	bool read; /* some are to be */
	unsigned unknown; /* threads whose number on the host is not known yet */
};

static int weight(const struct part *sessions, unsigned row)
{
	const char *command = value_cstr(part_get(sessions, row, PROCESSLIST_COMMAND));
	if (strcmp(command, "Sleep") != 0 && strcmp(command, "Daemon") != 0)
		return 0;
	return part_get(sessions, row, PROCESSLIST_TRANSACTION_AGE).type != VALUE_ABSENT ? 1 : 2;
}

static bool in_container(const struct host_ctx *ctx)
{
	return ctx->server->inner_pid > 0 && ctx->server->inner_pid != ctx->server->pid;
}

/* The main thread's number is the process's; others were learnt from status files. */
static int64_t outer_tid(const struct host_ctx *ctx, int64_t inner)
{
	const struct part *before = ctx->parts[PART_HOST_THREADS];
	if (!in_container(ctx))
		return inner;
	if (inner == ctx->server->inner_pid)
		return ctx->server->pid;
	int row = before ? part_find(before, value_int(inner)) : -1;
	return row < 0 ? 0 : value_integer(part_get(before, (unsigned)row, HOST_THREADS_HOST_TID), 0);
}

/* Time is in whole seconds where the server has no better, and may be one too long then. */
static int still_row(const struct host_ctx *ctx, const struct part *sessions, unsigned row, int64_t inner)
{
	const struct part *before = ctx->parts[PART_HOST_THREADS];
	double asleep = value_number(part_get(sessions, row, PROCESSLIST_TIME), 0) - 1.5;
	if (!before || part_status(before) != PART_OK || asleep <= 0 ||
	    strcmp(value_cstr(part_get(sessions, row, PROCESSLIST_COMMAND)), "Sleep") != 0)
		return -1;
	double since = (double)(part_read_mono(sessions) - part_read_mono(before)) / (double)NS_PER_S;
	int was = asleep > since ? part_find(before, value_int(inner)) : -1;
	bool known = was >= 0 && part_get(before, (unsigned)was, HOST_THREADS_CPU).type != VALUE_ABSENT;
	return known ? was : -1;
}

static void add(struct tids *c, const struct host_ctx *ctx, unsigned row, int64_t inner, int64_t outer)
{
	int still = still_row(ctx, ctx->parts[PART_PROCESSLIST], row, inner);
	c->inner[c->n] = inner;
	c->outer[c->n] = outer;
	c->still[c->n++] = still;
	c->read |= still < 0;
}

static void choose(struct tids *c, const struct host_ctx *ctx)
{
	const struct part *sessions = ctx->parts[PART_PROCESSLIST];
	unsigned most = ctx->most_threads && ctx->most_threads < MOST_THREADS ? ctx->most_threads
									       : MOST_THREADS;
	c->n = c->unknown = 0;
	c->read = false;
	for (int w = 0; w < 3 && sessions; w++)
		for (unsigned i = 0; i < part_rows(sessions) && c->n < most; i++) {
			int64_t tid = value_integer(part_get(sessions, i, PROCESSLIST_OS_THREAD_ID), 0);
			if (tid <= 0 || weight(sessions, i) != w)
				continue;
			int64_t outer = outer_tid(ctx, tid);
			if (!outer) {
				c->unknown++;
				continue;
			}
			add(c, ctx, i, tid, outer);
		}
}

static void want(const struct host_ctx *ctx, struct buf *request)
{
	struct tids c;
	if (ctx->server->pid <= 0)
		return;
	choose(&c, ctx);
	int64_t tids[MOST_THREADS];
	unsigned n = 0;
	for (unsigned i = 0; i < c.n; i++)
		if (c.still[i] < 0)
			tids[n++] = c.outer[i];
	host_want_threads(request, ctx->server->pid, tids, n, "stat schedstat io");
	if (c.unknown)
		host_want(request, "%" PRId64 "/task/*/status", ctx->server->pid);
}

static void put_thread(struct part_builder *b, const struct host_ctx *ctx, const struct host_tick *t,
		       int64_t inner, int64_t outer)
{
	struct proc_task p;
	uint64_t ran, waited;
	int64_t pid = ctx->server->pid;
	bool stat = proc_task(host_text(t, "%" PRId64 "/task/%" PRId64 "/stat", pid, outer), &p);
	struct text io = host_text(t, "%" PRId64 "/task/%" PRId64 "/io", pid, outer);
	part_row_begin(b);
	part_set(b, HOST_THREADS_TID, value_int(inner));
	part_set(b, HOST_THREADS_HOST_TID, value_int(outer));
	if (stat) {
		put_words(b, HOST_THREADS_NAME, p.name);
		part_set(b, HOST_THREADS_STATE, value_str(proc_state_name(p.state)));
		part_set(b, HOST_THREADS_CPU, value_real(((double)p.user + (double)p.system) / host_ticks(ctx)));
	}
	/* Ticks are coarse: where the scheduler's own count is to be had it is taken. */
	if (proc_schedstat(host_text(t, "%" PRId64 "/task/%" PRId64 "/schedstat", pid, outer), &ran, &waited)) {
		part_set(b, HOST_THREADS_CPU, value_real((double)ran / 1e9));
		part_set(b, HOST_THREADS_RUN_WAIT, value_real((double)waited / 1e9));
	}
	put_key(b, HOST_THREADS_READ_BYTES, io, "read_bytes", 1);
	put_key(b, HOST_THREADS_WRITTEN_BYTES, io, "write_bytes", 1);
	part_row_end(b);
}

static void put_still(struct part_builder *b, const struct part *before, unsigned row)
{
	part_row_begin(b);
	for (unsigned f = 0; f < host_threads_schema.n_fields; f++)
		part_set(b, f, part_get(before, row, f));
	part_row_end(b);
}

/* Threads that were just learnt, without numbers yet: the next request asks for them. */
static void learn(struct part_builder *b, const struct host_ctx *ctx, const struct host_tick *t,
		  const struct tids *known)
{
	char prefix[40];
	int n = snprintf(prefix, sizeof prefix, "%" PRId64 "/task/", ctx->server->pid);
	for (unsigned i = host_files_from(t, prefix); i < t->n_files; i++) {
		const struct host_file *f = &t->files[i];
		uint64_t inner, outer;
		if (strncmp(f->name, prefix, (size_t)n) != 0)
			break;
		size_t digits = strcspn(f->name + n, "/");
		if (strcmp(f->name + n + digits, "/status") != 0 ||
		    !text_u64(text_of(f->name + n, digits), &outer) ||
		    !proc_inner_pid(text_of(f->text, f->len), &inner))
			continue;
		bool there = false;
		for (unsigned k = 0; k < known->n && !there; k++)
			there = known->outer[k] == (int64_t)outer;
		if (there)
			continue;
		part_row_begin(b);
		part_set(b, HOST_THREADS_TID, value_int((int64_t)inner));
		part_set(b, HOST_THREADS_HOST_TID, value_int((int64_t)outer));
		part_row_end(b);
	}
}

static void say_what_is_absent(struct part_builder *b, const struct host_ctx *ctx,
			       const struct host_tick *t, const struct tids *c)
{
	static const struct {
		const char *file;
		unsigned fields[3];
	} rows[] = {
		{"io", {HOST_THREADS_READ_BYTES, HOST_THREADS_WRITTEN_BYTES, NO_FIELD}},
		{"schedstat", {HOST_THREADS_RUN_WAIT, NO_FIELD}},
	};
	const struct part *before = ctx->parts[PART_HOST_THREADS];
	for (size_t i = 0; i < COUNT_OF(rows) && c->n; i++) {
		bool any = false;
		if (!c->read) {
			const char *why = part_absent_reason(before, rows[i].fields[0]);
			if (why)
				lacks_since(b, rows[i].fields, why);
			continue;
		}
		for (unsigned k = 0; k < c->n && !any; k++)
			any = host_text(t, "%" PRId64 "/task/%" PRId64 "/%s", ctx->server->pid, c->outer[k],
					rows[i].file).n > 0;
		if (!any)
			lacks(b, t, rows[i].fields, "%" PRId64 "/task/%" PRId64 "/%s", ctx->server->pid,
			      c->outer[0], rows[i].file);
	}
}

static struct part *make(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			 const char **why)
{
	struct tids c;
	char name[64];
	if (ctx->server->pid <= 0) {
		*why = "the server's process was not found on the host";
		return NULL;
	}
	choose(&c, ctx);
	struct part_builder *b = part_builder_new(PART_HOST_THREADS, &host_threads_schema);
	for (unsigned i = 0; i < c.n; i++) {
		snprintf(name, sizeof name, "%" PRId64 "/task/%" PRId64 "/", ctx->server->pid, c.outer[i]);
		/* Else gone, or a session that came, or awoke, after the request. */
		if (host_files_from(t, name) < t->n_files)
			put_thread(b, ctx, t, c.inner[i], c.outer[i]);
		else if (c.still[i] >= 0)
			put_still(b, ctx->parts[PART_HOST_THREADS], (unsigned)c.still[i]);
	}
	if (in_container(ctx))
		learn(b, ctx, t, &c);
	say_what_is_absent(b, ctx, t, &c);
	return host_seal(b, t, ms);
}

const struct host_collector host_threads_collector = {
	.part = PART_HOST_THREADS,
	.cost = COST_MEDIUM,
	.schema = &host_threads_schema,
	.want = want,
	.make = make,
};
