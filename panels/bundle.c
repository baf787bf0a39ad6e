#include "panels/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "collect/collector.h"
#include "panels/bundlejob.h"
#include "panels/console.h"

/* So long parts are waited for; and so long for newer readings of those that are there. */
#define PATIENCE (10 * NS_PER_S)
#define FRESH (2 * NS_PER_S)

struct bundle {
	unsigned target;
	char *path;
	part_mask wanted;
	int64_t begun;
	bool reading;  /* else jobs are out */
	unsigned said; /* parts that were read, as last told */
};

/* All that `snapshot` writes, and what else there is to say about InnoDB and locks. */
static part_mask wanted_of(const struct snapshot *s)
{
	part_mask all = PART_BIT(PART_INNODB_STATUS) | PART_BIT(PART_BLOCKING);
	for (int i = 0; i < N_PARTS; i++) {
		enum part_id id = (enum part_id)i;
		if (part_exported(id) && collect_schema(id) && (!part_of_host(id) || s->host.transport))
			all |= PART_BIT(i);
	}
	return all;
}

part_mask bundle_demand(const struct console *c, unsigned target)
{
	const struct bundle *b = c->bundle;
	return b && b->reading && b->target == target ? b->wanted : 0;
}

void bundle_release(struct console *c)
{
	if (c->bundle)
		free(c->bundle->path);
	free(c->bundle);
	c->bundle = NULL;
}

/* --- the jobs ------------------------------------------------------------------------------------- */

static void over(struct console *c)
{
	bundle_release(c);
	console_demand(c);
}

/* Where there is no room for the whole path its name goes first: that is what has to be found again. */
static void say_written(struct console *c, const struct bundle_matter *m)
{
	struct buf b = BUF_INIT, size = BUF_INIT;
	const char *slash = strrchr(m->written, '/'), *lacks = m->not_read ? "; not_read says what is missing" : "";
	unit_bytes(&size, (double)m->bytes);
	buf_addf(&b, "evidence kept in %s (%s%s)", m->written, buf_str(&size), lacks);
	if (slash && utf8_width(buf_str(&b), b.len) >= term_canvas(c->term)->cols) {
		buf_clear(&b);
		buf_addf(&b, "evidence kept: %s (%s) in %.*s", slash + 1, buf_str(&size),
			 (int)(slash - m->written), m->written);
	}
	console_say(c, UI_GOOD, "%s", buf_str(&b));
	buf_release(&size);
	buf_release(&b);
}

static void written(struct job *job, void *owner)
{
	struct console *c = owner;
	const struct bundle_matter *m = job->input;
	struct buf b = BUF_INIT;
	if (job->progress)
		return;
	if (job->err.kind != ERR_NONE) {
		err_format(&job->err, &b);
		console_say(c, UI_WARNING, "%s", buf_str(&b));
	} else {
		say_written(c, m);
	}
	buf_release(&b);
	over(c);
}

static void write_it(struct console *c, unsigned target, struct bundle_matter *m)
{
	console_say(c, UI_NOTICE, "keeping the evidence: writing");
	console_submit(c, bundle_write_job(target, m), written, c);
}

static void asked(struct job *job, void *owner)
{
	struct console *c = owner;
	struct bundle_matter *m = job->input;
	if (job->progress) {
		console_say(c, UI_NOTICE, "%s", job->progress);
		return;
	}
	/* Whatever became of the asking, what there is is kept. */
	m->lost = job->err;
	job->input = NULL;
	write_it(c, job->target, m);
}

/* Parts that were not read get a word about it. */
static void complete(struct snapshot *s, part_mask wanted, const char *why)
{
	for (int i = 0; i < N_PARTS; i++)
		if (wanted & PART_BIT(i) && !s->parts[i])
			snapshot_set(s, part_new_failed((enum part_id)i, collect_schema((enum part_id)i),
							PART_FAILED, why, 0, 0));
}

static void submit(struct console *c, const struct frame *f, const char *why)
{
	struct bundle *b = c->bundle;
	const struct watched *w = &c->watches[b->target];
	struct bundle_matter *m = xcalloc(1, sizeof *m);
	struct verdict verdict = {0};
	b->reading = false;
	verdict_make(&verdict, f, w->target->name, clock_mono_ns());
	m->snapshot = snapshot_copy(f->now);
	m->wanted = b->wanted;
	m->path = b->path;
	b->path = NULL;
	m->folder = c->options->bundle_folder ? xstrdup(c->options->bundle_folder) : NULL;
	m->verdict = xstrdup(buf_str(&verdict.text));
	m->curves = bundle_curves(w->timeline);
	verdict_release(&verdict);
	complete(m->snapshot, m->wanted, why);
	if (f->now->link == LINK_DOWN) {
		m->lost = f->now->err;
		write_it(c, b->target, m);
	} else {
		console_submit(c, bundle_ask_job(b->target, m), asked, c);
	}
}

/* --- reading -------------------------------------------------------------------------------------- */

static bool is_there(const struct bundle *b, const struct snapshot *s, int i, bool fresh)
{
	const struct part *p = s->parts[i];
	return p && (!fresh || part_status(p) != PART_OK || part_read_mono(p) >= b->begun);
}

void bundle_look(struct console *c)
{
	struct bundle *b = c->bundle;
	if (!b || !b->reading)
		return;
	const struct frame *f = timeline_frame(c->watches[b->target].timeline);
	int64_t since = clock_mono_ns() - b->begun;
	unsigned all = 0, there = 0;
	bool fresh = true;
	for (int i = 0; i < N_PARTS; i++) {
		if (!(b->wanted & PART_BIT(i)))
			continue;
		all++;
		there += is_there(b, f->now, i, false);
		fresh &= is_there(b, f->now, i, true);
	}
	if (f->now->link == LINK_DOWN)
		submit(c, f, "the connection to the server is lost");
	else if (since > PATIENCE)
		submit(c, f, "it was not read within ten seconds");
	else if (there == all && (fresh || since > FRESH))
		submit(c, f, "it was not read");
	else if (there != b->said)
		console_say(c, UI_NOTICE, "keeping the evidence: %u of %u parts read", b->said = there, all);
}

void bundle_begin(struct console *c, const char *path)
{
	const struct frame *f = console_frame(c);
	if (c->bundle) {
		console_say(c, UI_WARNING, "evidence is being kept already");
		return;
	}
	if (!f->now) {
		console_say(c, UI_WARNING, "nothing was read yet that could be kept");
		return;
	}
	struct bundle *b = c->bundle = xcalloc(1, sizeof *b);
	*b = (struct bundle){
		.target = c->target,
		.path = *path ? xstrdup(path) : NULL,
		.wanted = wanted_of(f->now),
		.begun = clock_mono_ns(),
		.reading = true,
	};
	console_say(c, UI_NOTICE, "keeping the evidence: reading all parts");
	if (c->paused || !c->sampler || f->now->link == LINK_DOWN) {
		submit(c, f, c->paused ? "it was not read before the screen was paused" : "there is no connection");
		return;
	}
	console_demand(c);
	console_read_now(c, c->target);
}
