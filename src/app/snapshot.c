#include "app/snapshot.h"

#include <math.h>
#include <string.h>
#include <stdio.h>

#include "app/headless.h"
#include "app/texttable.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "collect/collector.h"
#include "collect/host.h"
#include "model/csv.h"

part_mask snapshot_all_parts(void)
{
	part_mask all = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (part_exported((enum part_id)i) && !part_of_host((enum part_id)i))
			all |= PART_BIT(i);
	return all;
}

bool snapshot_parts(const char *list, part_mask *parts, struct err *e)
{
	*parts = 0;
	char *copy = xstrdup(list), *next = copy, *word, hint[128];
	bool good = true;
	while (good && (word = strsep(&next, ","))) {
		int id = part_by_name(word);
		if (id >= 0 && part_exported((enum part_id)id)) {
			*parts |= PART_BIT(id);
			continue;
		}
		struct nearest near = NEAREST(word);
		for (int i = 0; i < N_PARTS; i++)
			if (part_exported((enum part_id)i))
				nearest_offer(&near, part_name((enum part_id)i));
		good = err_setf(e, ERR_USAGE, "--part",
				nearest_hint(&near, "man fathom lists the parts", hint, sizeof hint),
				"unknown part \"%s\"", word);
	}
	free(copy);
	return good;
}

/* --- one sample ------------------------------------------------------------------------------- */

/* How long a first sample may take beyond the connecting: some parts cost a server seconds. */
enum { READ_SECONDS = 30 };

struct state {
	uint64_t shown;    /* seq of the snapshot that was written last */
	int64_t shown_at;  /* its monotonic ns */
	bool down;         /* it was not there at the last sample: no waiting for it */
	char said[256];    /* what was last said of it on stderr */
};

struct run {
	const struct snapshot_request *request;
	struct headless *headless;
	struct state *states;
	part_mask readable; /* of the parts that are wanted, those that this version reads */
	part_mask needed;   /* those, and what role and uptime are known from */
	part_mask quick;    /* of those, what is read anew in each interval */
	int64_t patience;   /* monotonic ns: from then on readings may be those of the last sample */
	bool failed;        /* a target was not reached, or was lost */
	bool head_written;  /* of csv */
};

static bool failed(const struct snapshot *s)
{
	return s && (s->link == LINK_DOWN || s->link == LINK_STALLED) && s->err.kind != ERR_NONE;
}

static part_mask missing(const struct run *r, const struct snapshot *s)
{
	part_mask left = r->needed;
	for (int i = 0; i < N_PARTS && s; i++)
		if (s->parts[i])
			left &= ~PART_BIT(i);
	return left;
}

/* Whether all that is read in each interval was read since the last sample. */
static bool is_new(const struct run *r, const struct state *state, const struct snapshot *s)
{
	if (s->seq <= state->shown)
		return false;
	if (clock_mono_ns() >= r->patience)
		return true;
	for (int i = 0; i < N_PARTS; i++)
		if (r->quick & PART_BIT(i) && s->parts[i] && part_status(s->parts[i]) == PART_OK &&
		    part_read_mono(s->parts[i]) <= state->shown_at)
			return false;
	return true;
}

/* Whether the parts of the host are there, good or bad: it may well live while the server does not. */
static bool host_settled(const struct run *r, const struct snapshot *s)
{
	part_mask left = s ? missing(r, s) : 0;
	for (int i = 0; i < N_PARTS; i++)
		if (left & PART_BIT(i) && part_of_host((enum part_id)i))
			return false;
	return true;
}

/* What lies on a disk is known from the server's variables: where the host was read before those, it is
   read anew at once, and worth waiting for. */
static bool knows_its_files(const struct run *r, const struct snapshot *s)
{
	static const enum part_id with_files[] = {PART_HOST_DISK, PART_HOST_FS};
	const struct part *v = s->parts[PART_VARIABLES];
	if ((v && part_status(v) != PART_OK) || (r->patience && clock_mono_ns() >= r->patience))
		return true;
	for (size_t i = 0; i < COUNT_OF(with_files); i++) {
		const struct part *p = s->parts[with_files[i]];
		int field = p && part_rows(p) ? schema_field(part_schema(p), "used_for") : -1;
		const char *why = field < 0 ? NULL : part_absent_reason(p, (unsigned)field);
		if (why && strcmp(why, host_not_asked) == 0)
			return false;
	}
	return true;
}

/* Whether there is something to write of target i, good or bad. */
static bool settled(const struct run *r, size_t i)
{
	const struct snapshot *s = headless_newest(r->headless, i);
	if (failed(s) || (r->states[i].down && (!s || s->link != LINK_LIVE)))
		return host_settled(r, s);
	return s && s->link == LINK_LIVE && !missing(r, s) && is_new(r, &r->states[i], s) &&
	       knows_its_files(r, s);
}

static bool all_settled(const struct run *r)
{
	for (size_t i = 0; i < r->request->targets->n; i++)
		if (!settled(r, i))
			return false;
	return true;
}

/* A copy to write: with a word about each part that is not there, and about why it is cut short. */
static struct snapshot *finished(const struct run *r, size_t i, const struct err *cut)
{
	static const struct schema none = {"none", NULL, 0, 0};
	const struct snapshot *from = headless_newest(r->headless, i);
	struct snapshot *s = snapshot_new((unsigned)i);
	if (from) {
		*s = *from;
		s->refs = 1;
		for (int p = 0; p < N_PARTS; p++)
			if (s->parts[p])
				part_ref(s->parts[p]);
		host_note_ref(s->host.note);
	}
	if (!from || s->link != LINK_LIVE)
		s->wall = clock_wall_us();
	if (s->err.kind == ERR_NONE && (!from || s->link != LINK_LIVE || missing(r, s)))
		s->err = *cut;
	for (int p = 0; p < N_PARTS; p++) {
		if (s->parts[p] || !(r->request->parts & PART_BIT(p)))
			continue;
		const struct schema *schema = collect_schema((enum part_id)p);
		if (!(r->readable & PART_BIT(p)))
			snapshot_set(s, part_new_failed((enum part_id)p, schema ? schema : &none,
							PART_UNSUPPORTED,
							part_of_host((enum part_id)p)
								? "this version does not read the host"
								: "this version does not read it",
							0, 0));
		else
			snapshot_set(s, part_new_failed((enum part_id)p, schema ? schema : &none,
							PART_FAILED, s->err.why, 0, 0));
	}
	return s;
}

/* On stderr, once for each new trouble. */
static void complain(struct state *state, const struct target *t, const struct err *e)
{
	struct buf line = BUF_INIT;
	err_format(e, &line);
	if (strncmp(state->said, buf_str(&line), sizeof state->said - 1) != 0) {
		snprintf(state->said, sizeof state->said, "%s", buf_str(&line));
		struct buf what = BUF_INIT;
		if (!strstr(e->what, t->name))
			buf_addf(&what, "%s%s", t->name, e->what[0] ? ": " : "");
		buf_adds(&what, e->what);
		struct err named;
		err_set(&named, e->kind, buf_str(&what), e->why, e->hint);
		err_print(&named);
		buf_release(&what);
	}
	buf_release(&line);
}

struct json_target snapshot_target(const struct target *t)
{
	bool socket = target_uses_socket(t);
	return (struct json_target){
		.name = t->name,
		.host = socket ? NULL : target_host(t),
		.port = socket ? 0 : target_port(t),
		.socket = socket ? target_socket(t) : NULL,
		.label = t->value[SETTING_LABEL],
	};
}

static void add_json(struct buf *out, const struct run *r, const struct snapshot *s,
		     const struct target *t)
{
	struct json_target head = snapshot_target(t);
	json_t *j = json_of_snapshot(s, &head, r->request->parts, s->err.kind != ERR_NONE);
	json_add_line(out, j);
	json_decref(j);
}

static void add_csv(struct buf *out, struct run *r, const struct snapshot *s, const struct target *t)
{
	char time[CLOCK_RFC3339_SIZE];
	int id = __builtin_ctzll(r->request->parts);
	const struct part *p = s->parts[id];
	if (!r->head_written && part_schema(p)->n_fields) {
		csv_head(out, part_schema(p));
		buf_adds(out, ",target,read_at" CSV_EOL);
		r->head_written = true;
	}
	if (part_status(p) != PART_OK && s->err.kind == ERR_NONE) {
		struct err e;
		err_setf(&e, ERR_UNSUPPORTED, part_name((enum part_id)id), NULL, "%s: %s",
			 part_status_name(part_status(p)), part_reason(p) ? part_reason(p) : "");
		complain(&r->states[s->target], t, &e);
	}
	clock_rfc3339(part_read_wall(p), time);
	for (unsigned row = 0; row < part_rows(p); row++) {
		csv_row(out, p, row);
		buf_addc(out, ',');
		csv_text(out, t->name, strlen(t->name));
		buf_addf(out, ",%s" CSV_EOL, time);
	}
}

static bool write_sample(struct run *r, const struct err *cut, struct err *e)
{
	struct buf out = BUF_INIT;
	for (size_t i = 0; i < r->request->targets->n; i++) {
		const struct target *t = r->request->targets->v[i].target;
		struct state *state = &r->states[i];
		struct snapshot *s = finished(r, i, cut);
		state->shown = s->seq;
		state->shown_at = s->mono;
		state->down = s->err.kind != ERR_NONE;
		if (state->down) {
			complain(state, t, &s->err);
			r->failed = true;
		}
		switch (r->request->format) {
		case FORMAT_JSON:
			add_json(&out, r, s, t);
			break;
		case FORMAT_CSV:
			add_csv(&out, r, s, t);
			break;
		case FORMAT_TABLE:
			table_of_snapshot(&out, s, t, r->request->parts);
			break;
		}
		snapshot_unref(s);
	}
	bool good = headless_write(&out, e);
	buf_release(&out);
	return good;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int64_t first_deadline(const struct targets *t)
{
	double longest = 0;
	for (size_t i = 0; i < t->n; i++)
		longest = fmax(longest, target_connect_timeout(t->v[i].target));
	return clock_mono_ns() + (int64_t)((longest + READ_SECONDS) * NS_PER_S);
}

/* Until all targets have settled; false when interrupted, with *cut saying so. */
static bool wait_for_sample(struct run *r, int64_t deadline, struct err *cut)
{
	err_set(cut, ERR_TIMEOUT, "", "no complete answer in time", NULL);
	while (!all_settled(r)) {
		int64_t now = clock_mono_ns();
		if (now >= deadline)
			return true;
		switch (headless_wait(r->headless, r->patience > now ? r->patience : deadline)) {
		case HEADLESS_NEWS:
		case HEADLESS_TIME:
			break;
		case HEADLESS_INTERRUPTED:
			return err_set(cut, ERR_CANCELLED, "", "interrupted", NULL);
		}
	}
	return true;
}

static bool wait_until(struct run *r, int64_t when)
{
	enum headless_event e;
	while ((e = headless_wait(r->headless, when)) == HEADLESS_NEWS)
		;
	return e == HEADLESS_TIME;
}

static int sample_all(struct run *r)
{
	const struct snapshot_request *q = r->request;
	struct err cut, e = {0};
	int64_t deadline = first_deadline(q->targets), due = 0;
	bool interrupted = false;
	for (unsigned k = 0; !interrupted && (!q->count || k < q->count); k++) {
		interrupted = (k && !wait_until(r, due)) || !wait_for_sample(r, deadline, &cut);
		/* Of an interrupted sample write what there is, unless the end was always meant to come so. */
		if (interrupted && (k || !q->count))
			break;
		if (!write_sample(r, &cut, &e)) {
			if (e.kind != ERR_CANCELLED)
				err_print(&e);
			return e.kind != ERR_CANCELLED ? 1 : q->count ? 3 : 0;
		}
		int64_t now = clock_mono_ns(), step = (int64_t)(q->interval * NS_PER_S);
		due = due && due + step > now ? due + step : now + step;
		r->patience = due + 2 * step;
		deadline = r->patience + READ_SECONDS * NS_PER_S;
	}
	if (interrupted && q->count)
		return 3;
	return r->failed ? 2 : 0;
}

/* What the target's role and uptime are known from, whatever was asked for. */
static part_mask head_parts(void)
{
	return PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_REPLICATION) |
	       PART_BIT(PART_REPLICAS) | PART_BIT(PART_GROUP) | PART_BIT(PART_GALERA);
}

part_mask snapshot_readable(part_mask parts)
{
	for (int i = 0; i < N_PARTS; i++)
		if (!collect_schema((enum part_id)i))
			parts &= ~PART_BIT(i);
	return parts;
}

/* Whether a part is read, or made from what is read, in each interval. */
static bool is_quick(enum part_id id)
{
	const struct collector *c = collector_for(id);
	const struct derivation *d = derivation_for(id);
	if (c && c->schema)
		return c->cost == COST_FAST;
	for (int i = 0; d && i < N_PARTS; i++)
		if (d->requires & PART_BIT(i) && is_quick((enum part_id)i))
			return true;
	return false;
}

int snapshot_run(const struct snapshot_request *q)
{
	struct run r = {.request = q, .states = xcalloc(q->targets->n, sizeof *r.states)};
	r.readable = snapshot_readable(q->parts);
	r.needed = r.readable | snapshot_readable(head_parts());
	for (int i = 0; i < N_PARTS; i++)
		if (r.readable & PART_BIT(i) && is_quick((enum part_id)i))
			r.quick |= PART_BIT(i);
	r.headless = headless_new(q->targets, q->config, r.needed,
				  q->parts & PART_BIT(PART_STATUS), q->interval);
	int status = sample_all(&r);
	headless_free(r.headless);
	free(r.states);
	return status;
}
