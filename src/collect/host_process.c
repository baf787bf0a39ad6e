/*
 * The server's process, and the few others that take most of the CPU or of the memory. All processes
 * are looked through now and then (host_processes); the few that were found are read each time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "collect/hostmake.h"

enum { MOST_ALL = 8192, MOST_BY_EACH = 6, MOST_SHOWN = 2 * MOST_BY_EACH };

/* "812/stat" */
static bool names_process(const char *name, const char *file, int64_t *pid)
{
	struct text t = text_str(name);
	const char *slash = strchr(name, '/');
	uint64_t v;
	if (!slash || strcmp(slash + 1, file) != 0 || !text_u64((struct text){t.s, (size_t)(slash - name)}, &v))
		return false;
	*pid = (int64_t)v;
	return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

static void want_all(const struct host_ctx *ctx, struct buf *request)
{
	(void)ctx;
	host_want(request, "[0-9]*/stat");
}

static double cpu_seconds(const struct host_ctx *ctx, const struct proc_task *p)
{
	return ((double)p->user + (double)p->system) / host_ticks(ctx);
}

static void put_any(struct part_builder *b, const struct host_ctx *ctx, const struct proc_task *p)
{
	const struct part *before = ctx->parts[PART_HOST_PROCESSES];
	double cpu = cpu_seconds(ctx, p), recent = cpu;
	int was = before ? part_find(before, value_int((int64_t)p->pid)) : -1;
	if (was >= 0)
		recent -= value_number(part_get(before, (unsigned)was, HOST_PROCESSES_CPU), 0);
	part_row_begin(b);
	part_set(b, HOST_PROCESSES_PID, value_int((int64_t)p->pid));
	part_set(b, HOST_PROCESSES_CPU, value_real(cpu));
	part_set(b, HOST_PROCESSES_RECENT, value_real(recent > 0 ? recent : 0));
	put_number(b, HOST_PROCESSES_RSS, p->rss < INT64_MAX / (uint64_t)host_page(ctx),
		   p->rss * (uint64_t)host_page(ctx));
	part_row_end(b);
}

static struct part *make_all(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			     const char **why)
{
	struct part_builder *b = part_builder_new(PART_HOST_PROCESSES, &host_processes_schema);
	unsigned cut = 0;
	for (unsigned i = 0; i < t->n_files; i++) {
		struct proc_task p;
		int64_t pid;
		if (!names_process(t->files[i].name, "stat", &pid) ||
		    !proc_task(text_of(t->files[i].text, t->files[i].len), &p) || (int64_t)p.pid != pid)
			continue;
		if (part_builder_rows(b) < MOST_ALL)
			put_any(b, ctx, &p);
		else
			cut++;
	}
	if (!part_builder_rows(b)) {
		part_builder_free(b);
		*why = "no process can be seen below /proc";
		return NULL;
	}
	part_set_rows_cut(b, cut);
	return host_seal(b, t, ms);
}

const struct host_collector host_processes_collector = {
	.part = PART_HOST_PROCESSES,
	.cost = COST_SLOW,
	.schema = &host_processes_schema,
	.want = want_all,
	.make = make_all,
};

/* --- the few ---------------------------------------------------------------------------------- */

struct few {
	unsigned n;
	int64_t pid[MOST_SHOWN];
};

static bool chosen(const struct few *f, int64_t pid)
{
	for (unsigned i = 0; i < f->n; i++)
		if (f->pid[i] == pid)
			return true;
	return false;
}

/* The rows with the most in `field`, beside the server and those that are chosen. */
static void choose_by(struct few *f, const struct part *all, unsigned field, int64_t server)
{
	for (unsigned k = 0; k < MOST_BY_EACH && f->n < MOST_SHOWN; k++) {
		double most = 0;
		int64_t best = 0;
		for (unsigned i = 0; i < part_rows(all); i++) {
			double v = value_number(part_get(all, i, field), 0);
			int64_t pid = value_integer(part_get(all, i, HOST_PROCESSES_PID), 0);
			if (v <= most || pid == server || chosen(f, pid))
				continue;
			most = v;
			best = pid;
		}
		if (!best)
			return;
		f->pid[f->n++] = best;
	}
}

static void choose(struct few *f, const struct host_ctx *ctx)
{
	const struct part *all = ctx->parts[PART_HOST_PROCESSES];
	*f = (struct few){0};
	if (!all)
		return;
	choose_by(f, all, HOST_PROCESSES_RECENT, ctx->server->pid);
	choose_by(f, all, HOST_PROCESSES_RSS, ctx->server->pid);
}

static void want_process(struct buf *request, int64_t pid, bool server)
{
	static const char *const files[] = {"stat", "status", "io", "limits", "oom_score", "oom_score_adj"};
	for (size_t i = 0; i < (server ? COUNT_OF(files) : 2); i++)
		host_want(request, "%" PRId64 "/%s", pid, files[i]);
}

static void want_few(const struct host_ctx *ctx, struct buf *request)
{
	struct few f;
	choose(&f, ctx);
	host_want(request, "uptime");
	if (ctx->server->pid > 0) {
		want_process(request, ctx->server->pid, true);
		host_want(request, "!fds %" PRId64, ctx->server->pid);
	}
	for (unsigned i = 0; i < f.n; i++)
		want_process(request, f.pid[i], false);
}

static void put_server(struct part_builder *b, const struct host_tick *t, int64_t pid)
{
	uint64_t v;
	struct text io = host_text(t, "%" PRId64 "/io", pid);
	struct text limits = host_text(t, "%" PRId64 "/limits", pid);
	put_single(b, HOST_PROCESS_FDS, host_text(t, "!fds %" PRId64, pid));
	if (proc_limit(limits, "Max open files", &v))
		put_number(b, HOST_PROCESS_FD_LIMIT, true, v);
	put_key(b, HOST_PROCESS_READ_BYTES, io, "read_bytes", 1);
	put_key(b, HOST_PROCESS_WRITTEN_BYTES, io, "write_bytes", 1);
	put_single(b, HOST_PROCESS_OOM_SCORE, host_text(t, "%" PRId64 "/oom_score", pid));
	struct text adjust = host_text(t, "%" PRId64 "/oom_score_adj", pid);
	struct text word = text_word(&adjust);
	struct value a = value_parse(word.s, (uint32_t)word.n);
	if (a.type == VALUE_INT)
		part_set(b, HOST_PROCESS_OOM_ADJUST, a);
}

static bool put_process(struct part_builder *b, const struct host_ctx *ctx, const struct host_tick *t,
			int64_t pid, bool server)
{
	struct proc_task p;
	struct text up = host_text(t, "uptime");
	double now;
	if (!proc_task(host_text(t, "%" PRId64 "/stat", pid), &p) || (int64_t)p.pid != pid)
		return false;
	part_row_begin(b);
	part_set(b, HOST_PROCESS_PID, value_int(pid));
	put_words(b, HOST_PROCESS_NAME, p.name);
	part_set(b, HOST_PROCESS_KIND, value_str(server ? "server" : "other"));
	part_set(b, HOST_PROCESS_STATE, value_str(proc_state_name(p.state)));
	part_set(b, HOST_PROCESS_CPU, value_real(cpu_seconds(ctx, &p)));
	put_number(b, HOST_PROCESS_RSS, p.rss < INT64_MAX / (uint64_t)host_page(ctx),
		   p.rss * (uint64_t)host_page(ctx));
	put_number(b, HOST_PROCESS_THREADS, true, p.threads);
	put_key(b, HOST_PROCESS_SWAP, host_text(t, "%" PRId64 "/status", pid), "VmSwap", 1);
	if (text_real(text_word(&up), &now) && now >= (double)p.start / host_ticks(ctx))
		part_set(b, HOST_PROCESS_AGE, value_real(now - (double)p.start / host_ticks(ctx)));
	if (server)
		put_server(b, t, pid);
	part_row_end(b);
	return true;
}

/* The first time nothing was chosen yet: those of this very tick, where it has them. */
static void choose_from_tick(struct few *f, const struct host_ctx *ctx, const struct host_tick *t)
{
	const char *why;
	struct part *all = make_all(ctx, t, 0, &why);
	const struct part *parts[N_PARTS] = {[PART_HOST_PROCESSES] = all};
	struct host_ctx now = {.server = ctx->server, .parts = parts};
	choose(f, &now);
	part_unref(all);
}

static void say_what_is_absent(struct part_builder *b, const struct host_ctx *ctx,
			       const struct host_tick *t, bool found)
{
	static const unsigned of_server[] = {
		HOST_PROCESS_FDS, HOST_PROCESS_FD_LIMIT, HOST_PROCESS_READ_BYTES,
		HOST_PROCESS_WRITTEN_BYTES, HOST_PROCESS_OOM_SCORE, HOST_PROCESS_OOM_ADJUST, NO_FIELD,
	};
	const struct host_server *s = ctx->server;
	if (!found) {
		lacks_since(b, of_server, s->why_not[0] ? s->why_not : "the server's process was not found");
		return;
	}
	if (!host_text(t, "%" PRId64 "/io", s->pid).n)
		lacks(b, t, FIELDS(HOST_PROCESS_READ_BYTES, HOST_PROCESS_WRITTEN_BYTES), "%" PRId64 "/io",
		      s->pid);
	if (!host_text(t, "%" PRId64 "/limits", s->pid).n)
		lacks(b, t, FIELDS(HOST_PROCESS_FD_LIMIT), "%" PRId64 "/limits", s->pid);
	if (!host_text(t, "!fds %" PRId64, s->pid).n)
		lacks(b, t, FIELDS(HOST_PROCESS_FDS), "%" PRId64 "/fd", s->pid);
}

static struct part *make_few(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			     const char **why)
{
	struct few f;
	if (!host_text(t, "uptime").n) {
		*why = "/proc/uptime cannot be read: not Linux, or no /proc";
		return NULL;
	}
	choose(&f, ctx);
	if (!f.n)
		choose_from_tick(&f, ctx, t);
	struct part_builder *b = part_builder_new(PART_HOST_PROCESS, &host_process_schema);
	bool found = ctx->server->pid > 0 && put_process(b, ctx, t, ctx->server->pid, true);
	for (unsigned i = 0; i < f.n; i++)
		put_process(b, ctx, t, f.pid[i], false);
	say_what_is_absent(b, ctx, t, found);
	return host_seal(b, t, ms);
}

const struct host_collector host_process_collector = {
	.part = PART_HOST_PROCESS,
	.cost = COST_MEDIUM,
	.schema = &host_process_schema,
	.want = want_few,
	.make = make_few,
};
