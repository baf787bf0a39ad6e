#include "diagnose/diagnosis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/nearest.h"

/* The two newest snapshots stay whatever their size; rules look at series for what was before. */
enum { WHOLE_SNAPSHOTS = 256 << 10, SERIES_POINTS = 1800 };

/* What a rule has concluded about a target. */
struct standing {
	bool raised;
	int64_t held_since; /* mono ns; 0: it does not hold */
	int64_t held_last;  /* when it last did */
	int64_t since;      /* wall us: raised since */
	struct finding finding;
	struct arena arena;  /* of the finding */
	const char *blind;
	struct arena blind_arena;
};

struct patient {
	struct timeline *timeline;
	struct standing *standings; /* by rule */
	struct past past;
};

struct diagnosis {
	unsigned n_rules, n_patients;
	double (*limits)[RULE_THRESHOLDS][2];
	struct patient *patients;
};

struct diagnosis *diagnosis_new(unsigned n_targets)
{
	struct diagnosis *d = xcalloc(1, sizeof *d);
	while (rules[d->n_rules])
		d->n_rules++;
	d->limits = xcalloc(d->n_rules, sizeof *d->limits);
	for (unsigned i = 0; i < d->n_rules; i++)
		for (unsigned k = 0; k < RULE_THRESHOLDS; k++) {
			d->limits[i][k][0] = rules[i]->thresholds[k].raise;
			d->limits[i][k][1] = rules[i]->thresholds[k].clear;
		}
	d->n_patients = n_targets;
	d->patients = xcalloc(n_targets, sizeof *d->patients);
	for (unsigned i = 0; i < n_targets; i++) {
		d->patients[i].timeline = timeline_new(WHOLE_SNAPSHOTS);
		timeline_keep(d->patients[i].timeline, SERIES_POINTS);
		d->patients[i].standings = xcalloc(d->n_rules, sizeof(struct standing));
	}
	return d;
}

void diagnosis_free(struct diagnosis *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < d->n_patients; i++) {
		timeline_free(d->patients[i].timeline);
		for (unsigned k = 0; k < d->n_rules; k++) {
			arena_release(&d->patients[i].standings[k].arena);
			arena_release(&d->patients[i].standings[k].blind_arena);
		}
		free(d->patients[i].standings);
		for (unsigned k = 0; k < d->patients[i].past.n; k++)
			part_unref(d->patients[i].past.at[k]);
	}
	free(d->patients);
	free(d->limits);
	free(d);
}

/* --- configuration -------------------------------------------------------------------------------- */

static bool no_such(const char *name, struct err *err)
{
	struct nearest near = NEAREST(name);
	struct arena a = {0};
	char hint[160];
	for (unsigned i = 0; rules[i]; i++)
		for (unsigned k = 0; k < RULE_THRESHOLDS && rules[i]->thresholds[k].name; k++) {
			struct buf full = BUF_INIT;
			buf_addf(&full, "%s.%s", rules[i]->id, rules[i]->thresholds[k].name);
			nearest_offer(&near, arena_strdup(&a, buf_str(&full)));
			buf_release(&full);
		}
	err_setf(err, ERR_USAGE, "rules", nearest_hint(&near, "", hint, sizeof hint),
		 "%s: no such threshold", name);
	arena_release(&a);
	return false;
}

/* The rule and which of its thresholds is meant by "rule.name". */
static bool find_threshold(const char *name, unsigned *rule, unsigned *threshold)
{
	const char *dot = strchr(name, '.');
	for (unsigned i = 0; dot && rules[i]; i++) {
		if (strlen(rules[i]->id) != (size_t)(dot - name) ||
		    strncmp(rules[i]->id, name, (size_t)(dot - name)) != 0)
			continue;
		for (unsigned k = 0; k < RULE_THRESHOLDS && rules[i]->thresholds[k].name; k++)
			if (strcmp(rules[i]->thresholds[k].name, dot + 1) == 0) {
				*rule = i;
				*threshold = k;
				return true;
			}
	}
	return false;
}

/* "3" or "3/1". */
static bool read_limits(const char *value, double limits[2])
{
	char *end;
	limits[0] = limits[1] = strtod(value, &end);
	if (end == value)
		return false;
	if (*end == '/') {
		const char *second = end + 1;
		limits[1] = strtod(second, &end);
		if (end == second)
			return false;
	}
	return !*end && isfinite(limits[0]) && isfinite(limits[1]);
}

static bool understand(const char *name, const char *value, unsigned *rule, unsigned *threshold,
		       double limits[2], struct err *err)
{
	if (!find_threshold(name, rule, threshold))
		return no_such(name, err);
	return read_limits(value, limits) ||
	       err_setf(err, ERR_USAGE, name, "a number, or two with a slash between: 3/1",
			"%s = %s is no threshold", name, value);
}

bool diagnosis_check(const char *name, const char *value, struct err *err)
{
	unsigned rule, threshold;
	double limits[2];
	return understand(name, value, &rule, &threshold, limits, err);
}

bool diagnosis_configure(struct diagnosis *d, const char *name, const char *value, struct err *err)
{
	unsigned rule, threshold;
	double limits[2];
	if (!understand(name, value, &rule, &threshold, limits, err))
		return false;
	d->limits[rule][threshold][0] = limits[0];
	d->limits[rule][threshold][1] = limits[1];
	return true;
}

/* --- judging -------------------------------------------------------------------------------------- */

static void note_blind(struct standing *s, const char *why)
{
	if (s->blind && why && strcmp(s->blind, why) == 0)
		return;
	arena_release(&s->blind_arena);
	s->blind_arena = (struct arena){0};
	s->blind = why ? arena_strdup(&s->blind_arena, why) : NULL;
}

static double seconds_between(int64_t from, int64_t to)
{
	return (double)(to - from) / (double)NS_PER_S;
}

static void held(const struct rule *r, struct standing *s, const struct snapshot *now)
{
	if (!s->held_since)
		s->held_since = now->mono;
	s->held_last = now->mono;
	if (!s->raised && seconds_between(s->held_since, now->mono) >= r->hold) {
		s->raised = true;
		s->since = now->wall;
	}
}

static void not_held(const struct rule *r, struct standing *s, const struct snapshot *now)
{
	s->held_since = 0;
	if (s->raised && seconds_between(s->held_last, now->mono) >= r->linger)
		s->raised = false;
}

/* What rule_oldest() finds. */
static void remember(struct past *past, const struct snapshot *now)
{
	const struct part *p = now->parts[PART_HOST_FS];
	if (!p || part_status(p) != PART_OK)
		return;
	if (past->n && seconds_between(part_read_mono(past->at[past->n - 1]), part_read_mono(p)) < PAST_SECONDS)
		return;
	if (past->n == PAST) {
		part_unref(past->at[0]);
		memmove(past->at, past->at + 1, --past->n * sizeof *past->at);
	}
	past->at[past->n++] = part_ref(p);
}

static void judge(const struct rule *r, const double (*limits)[2], struct standing *s,
		  const struct patient *p, const struct snapshot *now, struct rule_shared *shared)
{
	struct finding f = {.id = r->id, .title = r->title};
	struct arena a = {0};
	struct rule_input in = {
		.timeline = p->timeline,
		.frame = timeline_frame(p->timeline),
		.limits = limits,
		.raised = s->raised,
		.held = s->held_since ? seconds_between(s->held_since, now->mono) : 0,
		.last = s->held_since ? &s->finding : NULL,
		.now = now->mono,
		.past = &p->past,
		.shared = shared,
		.arena = &a,
	};
	enum judged j = r->judge(&in, &f);
	note_blind(s, j == JUDGED_BLIND ? in.why ? in.why : "not read" : NULL);
	if (j != JUDGED_YES) {
		not_held(r, s, now);
		arena_release(&a);
		return;
	}
	arena_release(&s->arena);
	s->arena = a;
	s->finding = f;
	held(r, s, now);
}

/* --- what explains what --------------------------------------------------------------------------- */

/* *strictly: only where both name the same session. */
static bool lists(const char *words, const char *word, bool *strictly)
{
	size_t n = strlen(word);
	for (const char *p = words; p && *p; p += strspn(p, " ")) {
		*strictly = *p == '=';
		p += *strictly;
		size_t len = strcspn(p, " ");
		if (len == n && strncmp(p, word, n) == 0)
			return true;
		p += len;
	}
	return false;
}

static bool names_session(const struct finding *f, const char *id)
{
	for (unsigned i = 0; i < f->n_culprits; i++)
		if (f->culprits[i].kind == SUBJECT_SESSION && strcmp(f->culprits[i].id, id) == 0)
			return true;
	for (unsigned i = 0; i < f->n_suspects; i++)
		if (f->suspects[i].kind == SUBJECT_SESSION && strcmp(f->suspects[i].id, id) == 0)
			return true;
	return false;
}

/* Two that each name sessions belong together only where they name the same one: an idle transaction does
   not explain a pile behind somebody else. */
static bool about_the_same(const struct finding *cause, const struct finding *symptom, bool strictly)
{
	const struct subject *lists[] = {cause->culprits, cause->suspects};
	const unsigned lengths[] = {cause->n_culprits, cause->n_suspects};
	bool any = false, symptom_any = false;
	for (unsigned k = 0; k < 2; k++)
		for (unsigned i = 0; i < lengths[k]; i++) {
			if (lists[k][i].kind != SUBJECT_SESSION)
				continue;
			any = true;
			if (names_session(symptom, lists[k][i].id))
				return true;
		}
	for (unsigned i = 0; i < symptom->n_culprits; i++)
		symptom_any |= symptom->culprits[i].kind == SUBJECT_SESSION;
	for (unsigned i = 0; i < symptom->n_suspects; i++)
		symptom_any |= symptom->suspects[i].kind == SUBJECT_SESSION;
	return !strictly && (!any || !symptom_any);
}

static bool is_of_host(const char *id)
{
	return strncmp(id, "host-", 5) == 0;
}

static void link_causes(struct finding **list, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct rule *r = rule_by_id(list[i]->id);
		for (unsigned k = 0; r && k < n; k++) {
			bool strictly;
			if (k == i || list[k]->caused_by || !lists(r->explains, list[k]->id, &strictly) ||
			    !about_the_same(list[i], list[k], strictly) ||
			    (list[k]->outside && !is_of_host(list[i]->id)))
				continue;
			list[k]->caused_by = list[i]->id;
			if (list[i]->n_causes < FINDING_CAUSES)
				list[i]->causes[list[i]->n_causes++] = list[k]->id;
		}
	}
}

static const struct finding *by_id(struct finding *const *list, unsigned n, const char *id)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(list[i]->id, id) == 0)
			return list[i];
	return NULL;
}

/* What leads the chain of causes that f hangs in. */
static const struct finding *head_of(struct finding *const *list, unsigned n, const struct finding *f)
{
	for (unsigned steps = 0; f->caused_by && steps < n; steps++) {
		const struct finding *up = by_id(list, n, f->caused_by);
		if (!up)
			break;
		f = up;
	}
	return f;
}

struct rank {
	struct finding *f;
	const struct finding *head;
	/* Of all that hang together: */
	enum severity worst;
	unsigned waiters;
	unsigned depth, order;
};

static int compare_ranks(const void *x, const void *y)
{
	const struct rank *a = x, *b = y;
	if (a->worst != b->worst)
		return a->worst > b->worst ? -1 : 1;
	if (a->head != b->head) {
		if (a->head->confidence < b->head->confidence || a->head->confidence > b->head->confidence)
			return a->head->confidence > b->head->confidence ? -1 : 1;
		if (a->waiters != b->waiters)
			return a->waiters > b->waiters ? -1 : 1;
		return strcmp(a->head->id, b->head->id);
	}
	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	if (a->f->severity != b->f->severity)
		return a->f->severity > b->f->severity ? -1 : 1;
	if (a->f->waiters != b->f->waiters)
		return a->f->waiters > b->f->waiters ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

/* Worst first; a cause before what it explains, and at least as high up. */
static void sort(struct finding **list, unsigned n)
{
	struct rank *ranks = xcalloc(n + 1, sizeof *ranks);
	for (unsigned i = 0; i < n; i++) {
		ranks[i] = (struct rank){.f = list[i], .head = head_of(list, n, list[i]), .order = i};
		for (const struct finding *f = list[i]; f != ranks[i].head && ranks[i].depth < n;
		     ranks[i].depth++)
			f = by_id(list, n, f->caused_by);
	}
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < n; k++) {
			if (ranks[k].head != ranks[i].head)
				continue;
			if (ranks[k].f->severity > ranks[i].worst)
				ranks[i].worst = ranks[k].f->severity;
			if (ranks[k].f->waiters > ranks[i].waiters)
				ranks[i].waiters = ranks[k].f->waiters;
		}
	qsort(ranks, n, sizeof *ranks, compare_ranks);
	for (unsigned i = 0; i < n; i++)
		list[i] = ranks[i].f;
	free(ranks);
}

/* --- all of it ------------------------------------------------------------------------------------ */

static void explain(struct finding *f, const struct rule *r)
{
	f->explanation = r->explanation;
	f->right = r->right;
	f->wrong = r->wrong;
	f->reference = r->reference;
}

void diagnosis_work(void *arg, struct snapshot *s)
{
	struct diagnosis *d = arg;
	struct patient *p = &d->patients[s->target];
	struct finding **list = xcalloc(d->n_rules + 1, sizeof *list);
	struct rule_shared shared = {0};
	unsigned n = 0;
	timeline_push(p->timeline, snapshot_ref(s));
	remember(&p->past, s);
	for (unsigned i = 0; i < d->n_rules; i++) {
		struct standing *st = &p->standings[i];
		judge(rules[i], (const double(*)[2])d->limits[i], st, p, s, &shared);
		if (!st->raised)
			continue;
		struct finding *f = &st->finding;
		f->since = st->since;
		f->caused_by = NULL;
		f->n_causes = 0;
		explain(f, rules[i]);
		list[n++] = f;
	}
	if (shared.has_tree)
		blocktree_release(&shared.tree);
	link_causes(list, n);
	sort(list, n);
	snapshot_set(s, findings_part((const struct finding *const *)list, n, s->mono, s->wall));
	free(list);
}

const char *diagnosis_blind(const struct diagnosis *d, unsigned target, const struct rule *r)
{
	for (unsigned i = 0; rules[i]; i++)
		if (rules[i] == r)
			return d->patients[target].standings[i].blind;
	return NULL;
}
