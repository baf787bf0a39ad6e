#include "engine/hostround.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/schedule.h"

/* So long an absent file is believed to be absent for the same reason. */
#define LACK_HOLDS (30 * NS_PER_S)
/* So long until the server's process is looked for again where it was not found. */
#define FIND_AGAIN (10 * NS_PER_S)
/* So much of the budget the columns of sessions may use, in ms a second, before they get fewer. */
#define THREADS_LIMIT 16.0
enum { FEWEST_THREADS = 8, FIRST_THREADS = 96, MOST_THREADS = 512 };

static int64_t ns(double seconds)
{
	return (int64_t)(seconds * (double)NS_PER_S);
}

void hostround_init(struct hostround *r, struct intake *in, const struct server_info *info,
		    const struct target *target, bool local)
{
	*r = (struct hostround){
		.in = in, .info = info, .target = target, .local = local, .cpu = -1,
		.most_threads = FIRST_THREADS,
	};
}

static void forget_far_side(struct hostround *r)
{
	for (int i = 0; i < HOSTROUND_SLOTS; i++) {
		free(r->slots[i]);
		r->slots[i] = NULL;
	}
	for (unsigned i = 0; i < r->n_lacks; i++)
		free(r->lacks[i].name);
	r->n_lacks = 0;
	free(r->mounts);
	r->mounts = NULL;
	hostloop_release(&r->loop);
}

void hostround_release(struct hostround *r)
{
	forget_far_side(r);
	for (int i = 0; i < N_PARTS; i++)
		free(r->readers[i].request);
	buf_release(&r->request);
}

void hostround_login(struct hostround *r, const char *marker)
{
	forget_far_side(r);
	hostloop_init(&r->loop, marker);
	r->cpu = -1;
	r->pending = 0;
	r->todo = 0;
	r->finding = false;
	r->find.stage = HOSTFIND_DONE;
	r->find_due = 0;
	r->server = (struct host_server){0};
	r->wrong_host = false;
	for (int i = 0; i < N_PARTS; i++)
		r->readers[i].due = 0;
}

part_mask hostround_wanted(const struct hostround *r)
{
	part_mask wanted = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (r->in->wanted & PART_BIT(i) && host_collector_for((enum part_id)i))
			wanted |= PART_BIT(i);
	return wanted;
}

void hostround_demand(struct hostround *r)
{
	part_mask wanted = hostround_wanted(r);
	for (int i = 0; i < N_PARTS; i++) {
		struct hostreader *o = &r->readers[i];
		const struct host_collector *c = host_collector_for((enum part_id)i);
		if (!(wanted & PART_BIT(i))) {
			o->due = 0;
			continue;
		}
		if (!o->collector)
			o->share = (struct share)SHARE_INIT;
		o->collector = c;
		intake_pace(r->in, (enum part_id)i, c->cost, &o->share, &o->due);
	}
}

/* --- the server's process --------------------------------------------------------------------- */

static void copy_variable(char *out, size_t size, const struct part *variables, const char *name)
{
	const char *s = value_cstr(part_lookup(variables, name));
	if (*s)
		snprintf(out, size, "%s", s);
}

static struct hostfind_facts facts_of(const struct hostround *r)
{
	struct hostfind_facts f = {0};
	const struct part *v = r->in->parts[PART_VARIABLES];
	if (target_uses_socket(r->target))
		snprintf(f.socket, sizeof f.socket, "%s", target_socket(r->target));
	else
		f.port = target_port(r->target);
	snprintf(f.hostname, sizeof f.hostname, "%s", r->info->hostname);
	if (!v || part_rows(v) == 0)
		return f;
	copy_variable(f.pid_file, sizeof f.pid_file, v, "pid_file");
	copy_variable(f.datadir, sizeof f.datadir, v, "datadir");
	copy_variable(f.socket, sizeof f.socket, v, "socket");
	copy_variable(f.hostname, sizeof f.hostname, v, "hostname");
	f.port = (unsigned)value_number(part_lookup(v, "port"), f.port);
	return f;
}

static bool same_facts(const struct hostfind_facts *a, const struct hostfind_facts *b)
{
	return strcmp(a->pid_file, b->pid_file) == 0 && strcmp(a->datadir, b->datadir) == 0 &&
	       strcmp(a->socket, b->socket) == 0 && strcmp(a->hostname, b->hostname) == 0 &&
	       a->port == b->port;
}

/* Whether to look for it now: never yet, with other facts, or again where it was in vain. */
static bool must_find(struct hostround *r, int64_t now)
{
	if (r->find.stage != HOSTFIND_DONE)
		return true;
	struct hostfind_facts facts = facts_of(r);
	if (r->find_due && same_facts(&facts, &r->find.facts) && (r->server.pid || now < r->find_due))
		return false;
	/* What was read without them is read anew, rare readings too. */
	for (int i = 0; i < N_PARTS && !same_facts(&facts, &r->find.facts); i++)
		r->readers[i].due = 0;
	r->find_due = now + FIND_AGAIN;
	hostfind_begin(&r->find, &facts);
	return true;
}

static void take_mounts(struct hostround *r, const struct host_tick *t)
{
	const struct host_file *f = host_file(t, "self/mountinfo");
	struct buf mounts = BUF_INIT;
	if (!f)
		return;
	hostfind_mounts(f, &mounts);
	free(r->mounts);
	r->mounts = xstrdup(buf_str(&mounts));
	buf_release(&mounts);
}

/* The one that was watched and is no more is worth a word, whatever was found since. */
static void tell_what_became(struct hostround *r)
{
	if (r->server.pid) {
		r->last_pid = r->server.pid;
	} else if (r->last_pid) {
		size_t n = strlen(r->server.why_not);
		snprintf(r->server.why_not + n, sizeof r->server.why_not - n,
			 "; process %lld, which was watched, is gone", (long long)r->last_pid);
	}
}

static void take_find(struct hostround *r, const struct host_tick *t)
{
	take_mounts(r, t);
	if (!hostfind_take(&r->find, t, &r->server))
		return;
	tell_what_became(r);
	r->server.ticks_per_second = r->loop.ticks_per_second;
	r->server.page_size = r->loop.page_size;
	r->wrong_host = r->local && !target_uses_socket(r->target) && r->find.elsewhere &&
			!r->server.pid;
}

static void check_server(struct hostround *r, const struct host_tick *t)
{
	if (!r->server.pid || hostfind_lives(&r->server, t))
		return;
	snprintf(r->server.why_not, sizeof r->server.why_not, "its process %lld is gone",
		 (long long)r->server.pid);
	r->server.pid = r->server.inner_pid = 0;
	r->find_due = 0;
}

/* --- requests --------------------------------------------------------------------------------- */

static void ask_find(struct hostround *r, struct buf *out)
{
	r->finding = true;
	buf_clear(&r->request);
	hostfind_want(&r->find, &r->request);
	hostloop_expect(&r->loop, &r->request);
	if (r->find.stage == HOSTFIND_HOLDER) {
		struct buf pids = BUF_INIT;
		hostfind_pids(&r->find, &pids);
		hostloop_ask_holder(out, ++r->number, r->find.inode, buf_str(&pids));
		buf_release(&pids);
	} else {
		hostloop_ask_files(out, ++r->number, 'h', &r->request);
	}
	r->pending = 1;
}

static struct host_ctx context(const struct hostround *r)
{
	return (struct host_ctx){
		.server = &r->server,
		.parts = r->in->parts,
		.watched = r->in->watched,
		.most_threads = r->most_threads,
	};
}

static unsigned count_names(const char *s)
{
	unsigned n = 0;
	for (; *s; s++)
		n += *s == '|' || *s == ' ';
	return n;
}

static bool asks_df(const char *request)
{
	return strstr(request, "!df|") || strstr(request, "!df-i|");
}

/* What one part wants; false when it must wait for a round, since what df may be asked is not known. */
static bool ask_part(struct hostround *r, struct hostreader *o)
{
	struct buf own = BUF_INIT;
	struct host_ctx ctx = context(r);
	o->collector->want(&ctx, &own);
	bool df = asks_df(buf_str(&own));
	if (df)
		host_want(&r->request, "self/mountinfo");
	if (df && !r->mounts) {
		buf_release(&own);
		return false;
	}
	buf_add(&r->request, buf_str(&own), own.len);
	o->weight = 1 + count_names(buf_str(&own));
	free(o->request);
	o->request = buf_steal(&own);
	return true;
}

static bool due(const struct hostround *r, const struct hostreader *o, bool all, int64_t latest)
{
	return all || o->due <= latest || share_period(&o->share) <= r->in->interval;
}

static void gather(struct hostround *r, bool all, int64_t now)
{
	int64_t slack = ns(r->in->interval / 4);
	part_mask wanted = hostround_wanted(r);
	buf_clear(&r->request);
	r->todo = 0;
	host_want(&r->request, "loadavg"); /* something to answer, always */
	if (r->server.pid)
		host_want(&r->request, "%lld/stat", (long long)r->server.pid);
	for (int i = 0; i < N_PARTS; i++) {
		struct hostreader *o = &r->readers[i];
		if (!(wanted & PART_BIT(i)) || !o->collector || !due(r, o, all, now + slack))
			continue;
		if (ask_part(r, o))
			r->todo |= PART_BIT(i);
	}
}

/* The names go over the wire only where no slot holds just these. */
static void ask_files(struct hostround *r, struct buf *out)
{
	unsigned slot = 0;
	while (slot < HOSTROUND_SLOTS &&
	       (!r->slots[slot] || strcmp(r->slots[slot], buf_str(&r->request)) != 0))
		slot++;
	bool known = slot < HOSTROUND_SLOTS;
	if (!known) {
		slot = r->next_slot++ % HOSTROUND_SLOTS;
		free(r->slots[slot]);
		r->slots[slot] = xstrdup(buf_str(&r->request));
	}
	hostloop_ask_files(out, ++r->number, (char)('a' + slot), known ? NULL : &r->request);
	r->pending++;
}

/* "!fds 812" is counted in a folder, "!log /PATH" the end of a file: that is what may not be there or not be read. */
static char *name_of_lack(const char *name, size_t n)
{
	if (n > 5 && strncmp(name, "!fds ", 5) == 0)
		return xasprintf("%.*s/fd", (int)(n - 5), name + 5);
	if (n > 5 && strncmp(name, "!log ", 5) == 0)
		return xstrndup(name + 5, n - 5);
	return strchr("@!", *name) ? NULL : xstrndup(name, n);
}

/* The first time nothing is known of any file, and a reason is wanted with the first answer. */
static void ask_of_all(const struct hostround *r, struct buf *names)
{
	const char *rest = buf_str(&r->request);
	while (*rest) {
		size_t len = strcspn(rest, "|");
		char *name = name_of_lack(rest, len);
		rest += len + (rest[len] == '|');
		if (name)
			buf_addf(names, "%s|", name);
		free(name);
	}
}

static void ask_why(struct hostround *r, int64_t now, struct buf *out)
{
	struct buf names = BUF_INIT;
	if (r->rounds == 0)
		ask_of_all(r, &names);
	for (unsigned i = 0; i < r->n_lacks; i++) {
		struct hostround_lack *l = &r->lacks[i];
		if (l->asked && now - l->asked < LACK_HOLDS)
			continue;
		l->asked = now;
		buf_addf(&names, "%s|", l->name);
	}
	if (names.len) {
		names.s[names.len - 1] = '\0';
		hostloop_ask_why(out, ++r->number, buf_str(&names));
		r->pending++;
	}
	buf_release(&names);
}

static void ask_parts(struct hostround *r, int64_t now, struct buf *out)
{
	r->finding = false;
	hostloop_expect(&r->loop, &r->request);
	ask_files(r, out);
	if (asks_df(buf_str(&r->request)) && r->mounts && *r->mounts) {
		hostloop_ask_df(out, ++r->number, r->mounts);
		r->pending++;
	}
	const char *fds = strstr(buf_str(&r->request), "!fds ");
	if (fds) {
		hostloop_ask_fds(out, ++r->number, strtoll(fds + 5, NULL, 10));
		r->pending++;
	}
	const char *log = strstr(buf_str(&r->request), "!log ");
	if (log) {
		char *path = xstrndup(log + 5, strcspn(log + 5, "|"));
		hostloop_ask_log(out, ++r->number, path);
		r->pending++;
		free(path);
	}
	ask_why(r, now, out);
}

bool hostround_begin(struct hostround *r, bool all, int64_t now, struct buf *out)
{
	if (!hostround_wanted(r))
		return false;
	hostloop_clear(&r->loop);
	r->pending = 0;
	r->sent = now;
	if (must_find(r, now)) {
		ask_find(r, out);
		return true;
	}
	gather(r, all, now);
	if (!r->todo)
		return false;
	ask_parts(r, now, out);
	return true;
}

/* --- what is absent --------------------------------------------------------------------------- */

static bool is_there(const struct host_tick *t, const char *name)
{
	size_t fixed = strcspn(name, "*?[");
	if (strncmp(name, "!log ", 5) == 0)
		return host_file(t, "!log") != NULL;
	if (!name[fixed])
		return host_file(t, name) != NULL;
	char *prefix = xstrndup(name, fixed);
	bool found = false;
	for (unsigned i = host_files_from(t, prefix);
	     !found && i < t->n_files && strncmp(t->files[i].name, prefix, fixed) == 0; i++)
		found = fnmatch(name, t->files[i].name, FNM_PATHNAME) == 0;
	free(prefix);
	return found;
}

static struct hostround_lack *find_lack(struct hostround *r, const char *name)
{
	for (unsigned i = 0; i < r->n_lacks; i++)
		if (strcmp(r->lacks[i].name, name) == 0)
			return &r->lacks[i];
	return NULL;
}

static void note_presence(struct hostround *r, const char *name, bool there)
{
	struct hostround_lack *l = find_lack(r, name);
	if (there && l) {
		free(l->name);
		*l = r->lacks[--r->n_lacks];
	} else if (!there && !l && r->n_lacks < HOSTROUND_MOST_LACKS) {
		r->lacks[r->n_lacks++] = (struct hostround_lack){.name = xstrdup(name)};
	}
}

static void note_lacks(struct hostround *r, const struct host_tick *t)
{
	const char *rest = buf_str(&r->request);
	while (*rest) {
		size_t len = strcspn(rest, "|");
		char *wanted = xstrndup(rest, len), *name = name_of_lack(rest, len);
		rest += len + (rest[len] == '|');
		if (name)
			note_presence(r, name, is_there(t, wanted));
		free(name);
		free(wanted);
	}
}

/* Names come back as the loop knows them: below the root. */
static bool is_path_of(const char *name, const char *path)
{
	if (*name == '/')
		return strcmp(name + 1, path) == 0;
	return strncmp(path, "proc/", 5) == 0 && strcmp(name, path + 5) == 0;
}

static void take_whys(struct hostround *r, const struct host_tick *t)
{
	const struct host_file *f = host_file(t, "?");
	for (const char *s = f ? f->text : ""; *s;) {
		size_t len = strcspn(s, "\n");
		char *path = len > 2 ? xstrndup(s + 2, len - 2) : xstrdup("");
		enum host_absence why = *s == 'd'   ? HOST_DENIED
					: *s == 'r' ? HOST_EMPTY
						    : HOST_MISSING;
		for (unsigned i = 0; i < r->n_lacks; i++)
			if (is_path_of(r->lacks[i].name, path))
				r->lacks[i].why = why;
		free(path);
		s += len + (s[len] == '\n');
	}
}

/* --- answers ---------------------------------------------------------------------------------- */

static void count_cost(struct hostround *r, int64_t now)
{
	double ms = r->cpu >= 0 && r->loop.cpu > r->cpu ? 1000 * (r->loop.cpu - r->cpu) : 0;
	r->cpu = r->loop.cpu;
	meter_add(&r->meter, now, ms, 1, r->loop.bytes);
}

unsigned hostround_threads(unsigned most, double ms_a_second)
{
	if (ms_a_second > THREADS_LIMIT)
		most = most * 3 / 4;
	else if (ms_a_second < THREADS_LIMIT / 2)
		most += most / 4;
	return most < FEWEST_THREADS ? FEWEST_THREADS : most > MOST_THREADS ? MOST_THREADS : most;
}

static void adapt_threads(struct hostround *r, double ms_a_second, int64_t now)
{
	if (!(r->todo & PART_BIT(PART_HOST_THREADS)) || now < r->threads_due)
		return;
	r->threads_due = now + 5 * NS_PER_S;
	r->most_threads = hostround_threads(r->most_threads, ms_a_second);
}

/* Of what the loop costs, by how many files each part asks for. */
static void share_cost(struct hostround *r, int64_t now)
{
	double a_second = meter_cost(&r->meter, now).server_ms, load[N_PARTS] = {0}, all = 0;
	unsigned weight = 0, n = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (r->todo & PART_BIT(i))
			weight += r->readers[i].weight;
	for (int i = 0; i < N_PARTS; i++)
		if (r->readers[i].collector && r->in->wanted & PART_BIT(i)) {
			n++;
			load[i] = share_load(&r->readers[i].share);
			all += load[i];
		}
	for (int i = 0; i < N_PARTS; i++) {
		struct hostreader *o = &r->readers[i];
		if (!(r->todo & PART_BIT(i)))
			continue;
		double part = (double)o->weight / weight;
		double ms = a_second * r->in->interval * part;
		meter_add(&o->meter, now, ms, 1, (uint64_t)((double)r->loop.bytes * part));
		share_update(&o->share, ms, r->in->interval, all - load[i], n, BUDGET_LIMIT);
	}
	adapt_threads(r, a_second, now);
}

static void make_part(struct hostround *r, struct hostreader *o, const struct host_tick *t,
		      double ms)
{
	const struct host_collector *c = o->collector;
	struct host_ctx ctx = context(r);
	const char *why = "the host told nothing of it";
	struct part *p = r->wrong_host ? NULL : c->make(&ctx, t, ms, &why);
	if (p) {
		o->last_rows = part_rows(p);
		intake_put(r->in, p);
	} else if (r->wrong_host) {
		intake_put_failure(r->in, c->part, c->schema, PART_UNSUPPORTED,
				   "the server does not run on this machine; say how to reach its "
				   "host with --ssh or --host-command",
				   t->mono);
	} else {
		intake_put_failure(r->in, c->part, c->schema, PART_UNSUPPORTED, why, t->mono);
	}
	o->last_ms = ms;
	o->runs++;
	o->due = c->cost == COST_DEMAND ? INT64_MAX : r->sent + ns(share_period(&o->share));
}

static void take_parts(struct hostround *r, struct host_tick *t)
{
	struct host_lack lacks[HOSTROUND_MOST_LACKS];
	double ms = (double)(t->mono - r->sent) / (double)NS_PER_MS;
	note_lacks(r, t);
	take_whys(r, t);
	for (unsigned i = 0; i < r->n_lacks; i++)
		lacks[i] = (struct host_lack){r->lacks[i].name, r->lacks[i].why};
	t->lacks = lacks;
	t->n_lacks = r->n_lacks;
	take_mounts(r, t);
	check_server(r, t);
	share_cost(r, t->mono);
	for (int i = 0; i < N_PARTS; i++)
		if (r->todo & PART_BIT(i))
			make_part(r, &r->readers[i], t, ms);
	r->rounds++;
}

static enum hostround_event finish(struct hostround *r, int64_t now)
{
	struct host_tick t = hostloop_tick(&r->loop);
	t.mono = now;
	t.wall = clock_wall_us();
	count_cost(r, now);
	if (r->finding) {
		take_find(r, &t);
		return HOSTROUND_FOUND;
	}
	take_parts(r, &t);
	return HOSTROUND_DONE;
}

enum hostround_event hostround_feed(struct hostround *r, const char **bytes, size_t *n, int64_t now)
{
	while (*n) {
		switch (hostloop_feed(&r->loop, bytes, n)) {
		case HOSTLOOP_MORE:
			break;
		case HOSTLOOP_READY:
			return HOSTROUND_READY;
		case HOSTLOOP_REFUSED:
			return HOSTROUND_REFUSED;
		case HOSTLOOP_FRAME:
			/* Answers come in the order of the requests; anything else is none. */
			if (r->pending && r->loop.number == r->number + 1 - r->pending &&
			    --r->pending == 0)
				return finish(r, now);
			break;
		}
	}
	return HOSTROUND_MORE;
}

void hostround_fail(struct hostround *r, enum part_status status, const char *why, int64_t now)
{
	part_mask wanted = hostround_wanted(r);
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *p = r->in->parts[i];
		if (wanted & PART_BIT(i) &&
		    (!p || (part_status(p) != PART_OK && part_status(p) != PART_STALE)))
			intake_put_failure(r->in, (enum part_id)i,
					   host_collector_for((enum part_id)i)->schema, status, why,
					   now);
	}
}
