#include "app/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/headless.h"
#include "app/outfile.h"
#include "app/reportfiles.h"
#include "app/snapshot.h"
#include "base/clock.h"
#include "base/mem.h"
#include "collect/collector.h"
#include "diagnose/redact.h"
#include "diagnose/reportcompare.h"
#include "diagnose/reportwrite.h"
#include "diagnose/rule.h"
#include "model/json.h"

enum { WHOLE_SNAPSHOTS = 1 << 20, EXIT_WRONG = 1, EXIT_LOST = 2, EXIT_STOPPED = 3 };

/* After its time is up, a target may take so much longer for what it has not answered yet. */
#define GRACE 1.2
/* And so much longer for the first complete sample, without which there is nothing to tell. */
#define PATIENCE 10.0
/* What takes longer is asked for after the first complete sample, or so long after the first. */
#define FIRST_ROUND 1.5
/* So long before the end the last readings are asked for. */
#define LAST_READING 0.4
/* A target that does not answer at all keeps the others waiting so long beyond its connect time-out. */
#define FIRST_ANSWER 5.0

struct patient {
	const struct target *target;
	struct timeline *timeline;
	struct snapshot *now;               /* newest of a live server; of one that never was, the newest */
	const struct part *begin[N_PARTS];  /* owned */
	uint64_t seen;                      /* seq of the newest that was looked at */
	int64_t began, last;                /* monotonic ns: the first and the newest live sample; 0: none */
	bool down;                          /* just now */
	struct err lost;                    /* ERR_NONE: it never was */
	struct report_past *past;           /* what its last report kept; NULL: nothing */
	const char **blind;                 /* by rule; NULL: it could judge */
};

struct run {
	const struct report_request *request;
	struct headless *headless;
	struct patient *patients;
	size_t n;
	part_mask needed;
	bool stopped;      /* by a signal */
	int shown;         /* the second that was shown last */
	part_mask quick;   /* of what is needed, what comes first: who waits cannot wait for the rest */
	bool opened;       /* the rest was asked for */
	bool closing;      /* what is told by its growth is read for the last time */
};

static void end_progress(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/* --- sampling --------------------------------------------------------------------------------- */

static void note_begin(struct patient *p, const struct snapshot *s)
{
	bool restarted = p->now && p->now->epoch != s->epoch;
	for (int i = 0; i < N_PARTS; i++) {
		if (restarted) {
			part_unref(p->begin[i]);
			p->begin[i] = NULL;
		}
		if (!p->begin[i] && s->parts[i] && part_status(s->parts[i]) == PART_OK)
			p->begin[i] = part_ref(s->parts[i]);
	}
}

static void keep(struct patient *p, struct snapshot *s)
{
	snapshot_unref(p->now);
	p->now = snapshot_ref(s);
	timeline_push(p->timeline, snapshot_ref(s));
}

/* Said once, with the target's name. */
static void note_loss(struct patient *p, const struct err *e)
{
	struct buf what = BUF_INIT;
	if (!strstr(e->what, p->target->name))
		buf_addf(&what, "%s%s", p->target->name, e->what[0] ? ": " : "");
	buf_adds(&what, e->what);
	err_set(&p->lost, e->kind, buf_str(&what), e->why, e->hint);
	p->lost.code = e->code;
	buf_release(&what);
	end_progress();
	err_print(&p->lost);
}

static void look_at(struct patient *p, struct snapshot *s)
{
	if (!s || s->seq <= p->seen)
		return;
	p->seen = s->seq;
	/* A statement that takes long is no loss as yet. */
	p->down = s->link == LINK_DOWN && s->err.kind != ERR_NONE;
	if (p->down) {
		if (p->lost.kind == ERR_NONE)
			note_loss(p, &s->err);
		if (!p->began)
			keep(p, s);
		return;
	}
	if (s->link != LINK_LIVE)
		return;
	/* It took more than one attempt to reach it: that is no loss. */
	if (!p->began)
		p->lost = (struct err){0};
	note_begin(p, s);
	keep(p, s);
	p->last = clock_mono_ns();
	p->began = p->began ? p->began : p->last;
}

static bool has_all(const struct snapshot *s, part_mask parts)
{
	for (int i = 0; i < N_PARTS; i++)
		if (parts & PART_BIT(i) && !s->parts[i])
			return false;
	return true;
}

/* Whether each part was read, and what is told by its growth twice. */
static bool complete(const struct run *r, const struct patient *p)
{
	if (!has_all(p->now, r->needed))
		return false;
	const struct part *begin = p->begin[PART_STATEMENTS], *now = p->now->parts[PART_STATEMENTS];
	return !begin || part_read_mono(now) > part_read_mono(begin);
}

static bool done(const struct run *r, const struct patient *p, int64_t now)
{
	double seconds = (double)(now - p->began) / (double)NS_PER_S;
	if (!p->began)
		return p->down;
	if (seconds < r->request->seconds)
		return false;
	double grace = has_all(p->now, r->quick) ? GRACE : PATIENCE;
	return p->down || complete(r, p) || seconds >= r->request->seconds + grace;
}

static bool all_done(const struct run *r, int64_t now)
{
	for (size_t i = 0; i < r->n; i++)
		if (!done(r, &r->patients[i], now))
			return false;
	return true;
}

/* On a terminal the seconds run; elsewhere one line says what is going on. */
static void show_progress(struct run *r)
{
	bool tty = isatty(STDERR_FILENO);
	unsigned live = 0, down = 0;
	int64_t began = 0, now = clock_mono_ns();
	for (size_t i = 0; i < r->n; i++) {
		const struct patient *p = &r->patients[i];
		live += p->began && !p->down;
		down += p->down;
		if (p->began && (!began || p->began < began))
			began = p->began;
	}
	int second = began ? (int)((now - began) / NS_PER_S) : -1;
	if (second == r->shown || (!tty && r->shown >= -1))
		return;
	r->shown = second;
	fprintf(stderr, "%sfathom: sampling", tty ? "\r" : "");
	if (r->n > 1 || !began)
		fprintf(stderr, " %zu target%s", r->n, r->n > 1 ? "s" : "");
	if (tty && began)
		fprintf(stderr, ", %d", second < r->request->seconds ? second : (int)r->request->seconds);
	fprintf(stderr, "%s %.0f s", tty && began ? " of" : " for", r->request->seconds);
	if (tty && (r->n > 1 || !live))
		fprintf(stderr, ": %u live, %u not reached\033[K", live, down);
	fputs(tty ? "" : "\n", stderr);
}

/* Once all that live were seen as they are now, what takes longer is read too. */
static void open_up(struct run *r, int64_t now)
{
	bool any = false, ready = true, late = false;
	for (size_t i = 0; i < r->n; i++) {
		const struct patient *p = &r->patients[i];
		any |= p->began != 0;
		ready &= p->began ? has_all(p->now, r->quick) : p->down;
		late |= p->began && (double)(now - p->began) / (double)NS_PER_S > FIRST_ROUND;
	}
	r->opened = any && (ready || late);
	if (r->opened)
		headless_demand(r->headless, r->needed, PART_BIT(PART_STATEMENTS));
}

/* Shortly before the end the statements are read once more: what they cost meanwhile is the difference. */
static void close_in(struct run *r, int64_t now)
{
	for (size_t i = 0; i < r->n && !r->closing; i++) {
		const struct patient *p = &r->patients[i];
		r->closing = p->began && (double)(now - p->began) / (double)NS_PER_S >=
						 r->request->seconds - LAST_READING;
	}
	if (r->closing)
		headless_demand(r->headless, r->needed, 0);
}

static void sample(struct run *r)
{
	double longest = 0;
	for (size_t i = 0; i < r->n; i++)
		longest = fmax(longest, target_connect_timeout(r->patients[i].target));
	int64_t start = clock_mono_ns();
	int64_t first = start + (int64_t)((longest + FIRST_ANSWER) * (double)NS_PER_S);
	int64_t last = first + (int64_t)((r->request->seconds + PATIENCE) * (double)NS_PER_S);
	for (;;) {
		int64_t now = clock_mono_ns();
		bool any = false;
		for (size_t i = 0; i < r->n; i++) {
			look_at(&r->patients[i], headless_newest(r->headless, i));
			any |= r->patients[i].began != 0;
		}
		show_progress(r);
		if (!r->opened)
			open_up(r, now);
		else if (!r->closing)
			close_in(r, now);
		if (all_done(r, now) || now >= (any ? last : first))
			break;
		if (headless_wait(r->headless, now + NS_PER_S / 4) == HEADLESS_INTERRUPTED) {
			r->stopped = true;
			break;
		}
	}
	end_progress();
}

/* Who never answered, did not at the end, or was not waited for. */
static void note_losses(struct run *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct patient *p = &r->patients[i];
		double quiet = (double)(clock_mono_ns() - p->last) / (double)NS_PER_S;
		if (p->lost.kind != ERR_NONE)
			continue;
		if (r->stopped)
			err_set(&p->lost, ERR_CANCELLED, p->target->name, "interrupted", NULL);
		else if (!p->began)
			err_set(&p->lost, ERR_TIMEOUT, p->target->name, "no answer in time", NULL);
		else if (quiet > 5)
			err_setf(&p->lost, ERR_TIMEOUT, p->target->name, NULL,
				 "no answer for the last %.0f s", quiet);
		else
			continue;
		if (!r->stopped)
			err_print(&p->lost);
	}
}

/* --- the reports ------------------------------------------------------------------------------ */

/* As other commands say it: the last good sample, with what went wrong since. */
static json_t *head_of(const struct patient *p)
{
	struct json_target t = snapshot_target(p->target);
	struct snapshot *s = snapshot_new(0);
	struct snapshot as = p->now ? *p->now : *s;
	as.err = p->lost;
	if (as.wall <= 0)
		as.wall = clock_wall_us();
	json_t *head = json_of_snapshot(&as, &t, 0, p->lost.kind != ERR_NONE);
	json_object_del(head, "parts");
	snapshot_unref(s);
	return head;
}

static void fill_blind(struct run *r, size_t i)
{
	unsigned n = 0;
	while (rules[n])
		n++;
	r->patients[i].blind = xcalloc(n + 1, sizeof *r->patients[i].blind);
	for (unsigned k = 0; k < n; k++)
		r->patients[i].blind[k] = headless_blind(r->headless, i, rules[k]);
}

static struct report_input input_of(struct run *r, size_t i)
{
	struct patient *p = &r->patients[i];
	if (p->began)
		fill_blind(r, i);
	p->past = reportfile_read(p->target);
	return (struct report_input){
		.target = p->target->name,
		.timeline = p->timeline,
		.now = p->now,
		.begin = p->begin,
		.seconds = p->began ? (double)(p->last - p->began) / (double)NS_PER_S : 0,
		.lost = &p->lost,
		.blind = p->blind,
		.past = p->past,
	};
}

/* For the next report. A broken one would make a bad measure. */
static void keep_past(const struct patient *p, const struct report_input *in)
{
	struct buf text = BUF_INIT;
	if (p->began && p->lost.kind == ERR_NONE)
		report_past_write(&text, in);
	reportfile_write(p->target, &text);
	buf_release(&text);
}

/* The target's own name gives its host away too, unless it is a path. */
static struct redact *learn_names(const struct run *r)
{
	struct redact *names = redact_new();
	char room[TARGET_USER_SIZE];
	for (size_t i = 0; i < r->n; i++) {
		const struct target *t = r->patients[i].target;
		if (r->patients[i].now)
			redact_learn(names, r->patients[i].now);
		redact_user(names, target_user(t, room));
		if (!target_uses_socket(t))
			redact_host(names, target_host(t));
		if (t->value[SETTING_SSH])
			redact_host(names, t->value[SETTING_SSH]);
		if (!strpbrk(t->name, "@:/"))
			redact_host(names, t->name);
	}
	redact_seal(names);
	return names;
}

static const struct {
	const char *name;
	void (*write)(struct buf *out, const struct report_book *b);
} formats[] = {
	{"text", report_write_text},
	{"markdown", report_write_markdown},
	{"html", report_write_html},
	{"json", report_write_json},
};

static bool deliver(const struct run *r, struct outfile *file, const struct report_book *book)
{
	struct buf out = BUF_INIT;
	struct err e = {0};
	for (size_t i = 0; i < COUNT_OF(formats); i++)
		if (strcmp(formats[i].name, r->request->format) == 0)
			formats[i].write(&out, book);
	bool good = r->request->output ? outfile_finish(file, &out, &e) : headless_write(&out, &e);
	if (!good && e.kind != ERR_CANCELLED)
		err_print(&e);
	buf_release(&out);
	return good;
}

static int monitoring_status(const struct run *r, const struct report_book *b)
{
	enum severity worst = SEVERITY_OK;
	bool unknown = r->stopped;
	for (size_t i = 0; i < r->n; i++) {
		if (b->reports[i]->verdict_id && b->reports[i]->severity > worst)
			worst = b->reports[i]->severity;
		unknown |= r->patients[i].lost.kind != ERR_NONE;
	}
	return worst == SEVERITY_CRITICAL  ? REPORT_CRITICAL
	       : unknown		   ? REPORT_UNKNOWN
	       : worst == SEVERITY_WARNING ? REPORT_WARNING
					   : REPORT_OK;
}

static int status_of(const struct run *r, const struct report_book *b, bool delivered)
{
	if (r->request->exit_code)
		return delivered ? monitoring_status(r, b) : REPORT_UNKNOWN;
	if (!delivered)
		return EXIT_WRONG;
	if (r->stopped)
		return EXIT_STOPPED;
	for (size_t i = 0; i < r->n; i++)
		if (r->patients[i].lost.kind != ERR_NONE)
			return EXIT_LOST;
	return 0;
}

static int write_reports(struct run *r, struct outfile *file)
{
	struct report **all = xcalloc(r->n, sizeof *all), *comparison = NULL;
	struct report_input *in = xcalloc(r->n, sizeof *in);
	for (size_t i = 0; i < r->n; i++) {
		in[i] = input_of(r, i);
		all[i] = report_build(&in[i]);
		all[i]->head = head_of(&r->patients[i]);
		keep_past(&r->patients[i], &in[i]);
	}
	struct redact *names = r->request->redact ? learn_names(r) : NULL;
	for (size_t i = 0; names && i < r->n; i++)
		redact_report(names, all[i]);
	/* Its columns have the targets' names, which are tokens by now. */
	if (r->n > 1)
		comparison = report_compare(in, all, (unsigned)r->n);
	if (names && comparison)
		redact_report(names, comparison);
	redact_free(names);
	struct report_book book = {.reports = all, .n = (unsigned)r->n, .comparison = comparison};
	int status = status_of(r, &book, deliver(r, file, &book));
	for (size_t i = 0; i < r->n; i++)
		report_free(all[i]);
	report_free(comparison);
	free(all);
	free(in);
	return status;
}

static void release(struct run *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct patient *p = &r->patients[i];
		timeline_free(p->timeline);
		snapshot_unref(p->now);
		report_past_free(p->past);
		free(p->blind);
		for (int k = 0; k < N_PARTS; k++)
			part_unref(p->begin[k]);
	}
	free(r->patients);
	headless_free(r->headless);
}

/* What is read rarely may take its time, but for what everything else hangs on. Findings are made of
   whatever there is. */
static part_mask without_dear(part_mask parts)
{
	const part_mask basic = PART_BIT(PART_VARIABLES) | PART_BIT(PART_INSTRUMENTS);
	part_mask dear = 0;
	for (int i = 0; i < N_PARTS; i++) {
		const struct collector *c = collector_for((enum part_id)i);
		if (c && c->schema && c->cost >= COST_RARE)
			dear |= PART_BIT(i);
	}
	dear &= ~basic;
	for (int i = 0; i < N_PARTS; i++) {
		const struct derivation *d = derivation_for((enum part_id)i);
		if (d && collect_closure(PART_BIT(i)) & dear)
			dear |= PART_BIT(i);
	}
	return parts & ~dear & ~PART_BIT(PART_FINDINGS);
}

int report_run(const struct report_request *q)
{
	struct outfile file = {.fd = -1};
	struct err e = {0};
	if (q->output && !outfile_open(&file, q->output, q->force, &e)) {
		err_print(&e);
		outfile_abandon(&file);
		return q->exit_code ? REPORT_UNKNOWN : EXIT_WRONG;
	}
	struct run r = {.request = q, .n = q->targets->n, .shown = -2};
	r.patients = xcalloc(r.n, sizeof *r.patients);
	for (size_t i = 0; i < r.n; i++) {
		r.patients[i].target = q->targets->v[i].target;
		r.patients[i].timeline = timeline_new(WHOLE_SNAPSHOTS);
	}
	r.needed = snapshot_readable(report_needs());
	r.quick = without_dear(r.needed);
	r.headless = headless_new(q->targets, q->config, r.quick, true, 1);
	headless_urgent(r.headless);
	sample(&r);
	headless_stop(r.headless);
	note_losses(&r);
	int status = write_reports(&r, &file);
	outfile_abandon(&file);
	release(&r);
	return status;
}
