#include "tests/servers/watch.h"

#include "diagnose/rules.h"

enum { SECONDS_TO_VERDICT = 3, PATIENCE = 40 };

/* What the machine that runs the tests does is another matter. */
static part_mask parts_wanted(bool with_host)
{
	part_mask parts = rules_need();
	for (int i = 0; i < N_PARTS && !with_host; i++)
		if (part_of_host((enum part_id)i))
			parts &= ~PART_BIT(i);
	return parts;
}

void watch_open(struct watch *w, const struct server *s, const char *const *limits, const char *const *more)
{
	struct err err = {0};
	struct target *t = TARGET("socket", s->socket, "user", "root");
	*w = (struct watch){.server = s, .diagnosis = diagnosis_new(1), .parts = parts_wanted(more)};
	for (; more && *more; more += 2)
		target_set(t, (enum setting)setting_by_name(more[0]), more[1], "test");
	for (; limits && *limits; limits += 2)
		if (!diagnosis_configure(w->diagnosis, limits[0], limits[1], &err))
			fail_msg("%s: %s", err.what, err.why);
	rig_add_target(&w->rig, t);
	w->rig.box = mailbox_new();
	w->stage = stage_new(w->rig.box, diagnosis_work, w->diagnosis);
	w->rig.sampler = sampler_new(stage_in(w->stage), (const struct target *const *)w->rig.targets, 1);
	rig_demand(&w->rig, 0, w->parts, 1);
}

void watch_close(struct watch *w)
{
	sampler_free(w->rig.sampler);
	w->rig.sampler = NULL;
	stage_free(w->stage);
	diagnosis_free(w->diagnosis);
	rig_stop(&w->rig);
}

void watch_begin(struct watch *w)
{
	w->began = clock_mono_ns();
}

static double seconds_since(int64_t began)
{
	return (double)(clock_mono_ns() - began) / (double)NS_PER_S;
}

static const struct part *findings(const struct watch *w)
{
	return w->rig.last[0] ? w->rig.last[0]->parts[PART_FINDINGS] : NULL;
}

void watch_next(struct watch *w)
{
	uint64_t from = w->rig.last[0] ? w->rig.last[0]->seq : 0;
	for (int64_t began = clock_mono_ns(); seconds_since(began) < PATIENCE;) {
		struct pollfd p = {.fd = mailbox_fd(w->rig.box), .events = POLLIN};
		rig_take(&w->rig);
		if (w->rig.last[0] && w->rig.last[0]->seq != from)
			return;
		poll(&p, 1, 1000);
	}
	fail_msg("%s: no more readings", w->server->name);
}

bool watch_finding(const struct watch *w, const char *id, struct finding *f, struct arena *a)
{
	const struct part *p = findings(w);
	int row = p ? part_find(p, value_str(id)) : -1;
	return row >= 0 && finding_read(f, a, p, (unsigned)row);
}

/* --- healthy ---------------------------------------------------------------------------------------- */

static void describe(const struct watch *w)
{
	const struct part *p = findings(w);
	for (unsigned i = 0; p && i < part_rows(p); i++)
		print_message("# %s: %s under %s: %s\n", w->server->name, value_cstr(part_cell(p, i, "id")),
			      value_cstr(part_cell(p, i, "caused_by")), value_cstr(part_cell(p, i, "text")));
}

/* Every part that rules need was read once. */
static bool all_read(const struct watch *w)
{
	const struct snapshot *s = w->rig.last[0];
	for (int i = 0; s && i < N_PARTS; i++)
		if ((w->parts & PART_BIT(i)) && !s->parts[i])
			return false;
	return s && s->link == LINK_LIVE;
}

/* That a test changes variables is no trouble, and 16 MB of pool are what its servers have. */
static bool is_told_of(const char *id)
{
	return strcmp(id, "variable-changed") != 0 && strcmp(id, "buffer-pool-small") != 0;
}

static bool anything_told(const struct watch *w)
{
	const struct part *p = findings(w);
	for (unsigned i = 0; i < part_rows(p); i++)
		if (is_told_of(value_cstr(part_cell(p, i, "id"))))
			return true;
	return false;
}

void watch_healthy(struct watch *w, unsigned readings)
{
	int64_t began = clock_mono_ns();
	while (!findings(w) || !all_read(w) || anything_told(w)) {
		if (seconds_since(began) > PATIENCE) {
			describe(w);
			rig_describe(&w->rig, 0);
			fail_msg("%s does not get well", w->server->name);
		}
		watch_next(w);
	}
	for (unsigned i = 0; i < readings; i++) {
		watch_next(w);
		if (anything_told(w)) {
			describe(w);
			fail_msg("%s is healthy", w->server->name);
		}
	}
}

/* --- in trouble ------------------------------------------------------------------------------------- */

static void add_names(struct buf *out, const struct subject *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_addf(out, "%s%s:%s", i ? " " : "", subject_name(s[i].kind), s[i].id);
}

static bool is_word_of(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = words; at && (at = strstr(at, word)); at += n)
		if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

/* What is told as if nothing explained it, besides. */
static const char *other(const struct watch *w, const struct expected *e, const char *cause)
{
	const struct part *p = findings(w);
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *id = value_cstr(part_cell(p, i, "id"));
		if (is_told_of(id) && strcmp(id, e->id) != 0 && (!cause || strcmp(id, cause) != 0) && !is_word_of(e->beside, id) &&
		    part_cell(p, i, "caused_by").type == VALUE_ABSENT)
			return id;
	}
	return NULL;
}

static bool has_evidence(const struct finding *f, const char *name)
{
	for (unsigned i = 0; i < f->n_evidence; i++)
		if (strcmp(f->evidence[i].name, name) == 0)
			return f->evidence[i].value.type != VALUE_ABSENT;
	return false;
}

/* A `*` at the end stands for anything. */
static bool fits(const char *have, const char *want)
{
	size_t n = strlen(want);
	return n && want[n - 1] == '*' ? strncmp(have, want, n - 1) == 0 : strcmp(have, want) == 0;
}

/* What is not as expected (as yet), or NULL. */
static const char *mismatch(const struct finding *f, const struct expected *e, struct buf *have)
{
	buf_clear(have);
	add_names(have, f->suspects, f->n_suspects);
	if (!fits(buf_str(have), e->suspects ? e->suspects : ""))
		return "suspects";
	buf_clear(have);
	add_names(have, f->culprits, f->n_culprits);
	if (!fits(buf_str(have), e->culprits))
		return "culprits";
	if (f->severity != e->severity)
		return "severity";
	if (e->text && !strstr(f->text, e->text))
		return "text";
	return e->evidence && !has_evidence(f, e->evidence) ? "evidence" : NULL;
}

static bool is_told(struct watch *w, const struct expected *e, const char *cause, double *first,
		    const char **lacks)
{
	struct arena a = {0};
	struct buf have = BUF_INIT;
	struct finding f;
	bool there = watch_finding(w, e->id, &f, &a);
	*lacks = there ? mismatch(&f, e, &have) : "finding";
	if (!*lacks && strcmp(f.caused_by ? f.caused_by : "", cause ? cause : "") != 0)
		*lacks = "cause";
	if (!*lacks && other(w, e, cause))
		*lacks = other(w, e, cause);
	if (there && *first < 0)
		*first = seconds_since(w->began);
	if (!*lacks)
		print_message("# verdict %s %s %.1f %s: %s\n", e->id, w->server->name, *first,
			      have.len ? buf_str(&have) : e->suspects ? e->suspects : "-", f.text);
	buf_release(&have);
	arena_release(&a);
	return !*lacks;
}

static void await(struct watch *w, const struct expected *e, const char *cause)
{
	double first = -1, limit = e->within > 0 ? e->within : SECONDS_TO_VERDICT;
	const char *lacks;
	while (!is_told(w, e, cause, &first, &lacks)) {
		if (seconds_since(w->began) > PATIENCE) {
			struct arena a = {0};
			struct buf b = BUF_INIT;
			struct finding f;
			describe(w);
			if (watch_finding(w, e->id, &f, &a)) {
				add_names(&b, f.culprits, f.n_culprits);
				print_message("# %s culprits %s; expected %s\n", severity_name(f.severity),
					      buf_str(&b), e->culprits);
				buf_clear(&b);
				add_names(&b, f.suspects, f.n_suspects);
				print_message("# suspects %s\n", buf_str(&b));
			} else {
				const char *why = diagnosis_blind(w->diagnosis, 0, rule_by_id(e->id));
				print_message("# blind: %s\n", why ? why : "no");
			}
			arena_release(&a);
			buf_release(&b);
			fail_msg("%s: %s: not as expected: %s", w->server->name, e->id, lacks);
		}
		watch_next(w);
	}
	/* A busy machine gets four times as long; what was needed is printed. */
	if (first > 4 * limit)
		fail_msg("%s: %s: %.1f s", w->server->name, e->id, first);
}

void watch_expect(struct watch *w, const struct expected *e)
{
	await(w, e, NULL);
}

void watch_expect_under(struct watch *w, const struct expected *e, const char *cause)
{
	await(w, e, cause);
}
