#include "tests/unit/rulekit.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/collector.h"
#include "tests/unit/cmocka_all.h"

void kit_open(struct kit *k)
{
	*k = (struct kit){
		.d = diagnosis_new(1), .mono = 1000 * NS_PER_S, .epoch = 1, .link = LINK_LIVE};
}

void kit_close(struct kit *k)
{
	for (int i = 0; i < N_PARTS; i++) {
		part_builder_free(k->builders[i]);
		part_unref(k->parts[i]);
		part_unref(k->next[i]);
	}
	snapshot_unref(k->last);
	diagnosis_free(k->d);
}

static struct part_builder *builder(struct kit *k, enum part_id id)
{
	if (!k->builders[id]) {
		assert_non_null(collect_schema(id));
		k->builders[id] = part_builder_new(id, collect_schema(id));
	}
	return k->builders[id];
}

static void set(struct part_builder *b, const struct schema *s, const char *pair, size_t n)
{
	const char *is = memchr(pair, '=', n);
	if (!is)
		fail_msg("%.*s: not field=value", (int)n, pair);
	char *name = xstrndup(pair, (size_t)(is - pair));
	char *value = xstrndup(is + 1, n - (size_t)(is + 1 - pair));
	int field = schema_field(s, name);
	if (field < 0)
		fail_msg("%s has no field %s", s->name, name);
	for (char *c = value; *c; c++)
		*c = *c == '_' ? ' ' : *c == '~' ? '_' : *c;
	if (s->fields[field].type == FIELD_TEXT)
		part_set_text(b, (unsigned)field, value, strlen(value));
	else
		part_set(b, (unsigned)field, value_parse(value, (uint32_t)strlen(value)));
	free(name);
	free(value);
}

void kit_row(struct kit *k, enum part_id id, const char *fields)
{
	struct part_builder *b = builder(k, id);
	part_row_begin(b);
	for (const char *p = fields; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		set(b, collect_schema(id), p, n);
		p += n;
	}
	part_row_end(b);
}

static void add_pair(struct kit *k, enum part_id id, const char *name, struct value value)
{
	struct part_builder *b = builder(k, id);
	unsigned key = collect_schema(id)->key;
	part_row_begin(b);
	part_set(b, key, value_str(name));
	part_set(b, key + 1, value);
	part_row_end(b);
}

void kit_pair(struct kit *k, enum part_id id, const char *name, double value)
{
	add_pair(k, id, name, value_real(value));
}

void kit_text(struct kit *k, enum part_id id, const char *name, const char *value)
{
	add_pair(k, id, name, value_str(value));
}

void kit_none(struct kit *k, enum part_id id)
{
	builder(k, id);
}

void kit_lacks(struct kit *k, enum part_id id, enum part_status status, const char *why)
{
	part_unref(k->next[id]);
	k->next[id] = part_new_failed(id, collect_schema(id), status, why, k->mono, 1);
}

static struct kit_number *number(struct kit *k, const char *name)
{
	for (unsigned i = 0; i < k->n_numbers; i++)
		if (strcmp(k->numbers[i].name, name) == 0)
			return &k->numbers[i];
	assert_true(k->n_numbers < COUNT_OF(k->numbers));
	k->numbers[k->n_numbers] = (struct kit_number){.name = name};
	return &k->numbers[k->n_numbers++];
}

void kit_rate(struct kit *k, const char *name, double per_second)
{
	number(k, name)->growth = per_second;
}

void kit_gauge(struct kit *k, const char *name, double value)
{
	number(k, name)->value = value;
}

void kit_restart(struct kit *k)
{
	k->epoch++;
	for (unsigned i = 0; i < k->n_numbers; i++)
		k->numbers[i].value = k->numbers[i].growth ? 0 : k->numbers[i].value;
}

void kit_ticks(struct kit *k, unsigned n)
{
	while (n--)
		kit_tick(k, 1);
}

void kit_tick(struct kit *k, double seconds)
{
	for (unsigned i = 0; i < k->n_numbers; i++) {
		k->numbers[i].value += k->numbers[i].growth * seconds;
		kit_status(k, k->numbers[i].name, k->numbers[i].value);
	}
	k->mono += (int64_t)(seconds * (double)NS_PER_S);
	struct snapshot *s = snapshot_new(0);
	s->link = k->link;
	s->err = k->err;
	s->epoch = k->epoch;
	s->mono = k->mono;
	s->server = k->server;
	s->role = k->role;
	s->wall = k->mono / 1000;
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *fresh = k->next[i];
		if (k->builders[i])
			fresh = part_seal(k->builders[i], k->mono, s->wall, 1);
		k->builders[i] = NULL;
		k->next[i] = NULL;
		if (fresh) {
			part_unref(k->parts[i]);
			k->parts[i] = fresh;
		}
		if (k->parts[i])
			snapshot_set(s, part_ref(k->parts[i]));
	}
	diagnosis_work(k->d, s);
	snapshot_unref(k->last);
	k->last = s;
}

/* --- what was found ------------------------------------------------------------------------------- */

static bool find(struct kit *k, const char *id, struct finding *f, struct arena *a)
{
	const struct part *p = k->last->parts[PART_FINDINGS];
	int row = part_find(p, value_str(id));
	return row >= 0 && finding_read(f, a, p, (unsigned)row);
}

static void must_find(struct kit *k, const char *id, struct finding *f, struct arena *a)
{
	if (find(k, id, f, a))
		return;
	const struct part *p = k->last->parts[PART_FINDINGS];
	for (unsigned i = 0; i < part_rows(p); i++)
		print_message("# found: %s: %s\n", value_cstr(part_cell(p, i, "id")),
			      value_cstr(part_cell(p, i, "text")));
	const char *blind = rule_by_id(id) ? diagnosis_blind(k->d, 0, rule_by_id(id)) : "no such rule";
	fail_msg("%s was not found%s%s", id, blind ? ": " : "", blind ? blind : "");
}

static void same_subject(const char *id, const struct subject *s, unsigned n, const char *want)
{
	char *have = n ? xasprintf("%s:%s", subject_name(s[0].kind), s[0].id) : NULL;
	if ((want != NULL) != (have != NULL) || (want && strcmp(want, have) != 0))
		fail_msg("%s names %s, not %s", id, have ? have : "nobody", want ? want : "nobody");
	free(have);
}

void kit_finds(struct kit *k, const char *id, enum severity severity, const char *culprit)
{
	struct arena a = {0};
	struct finding f;
	must_find(k, id, &f, &a);
	if (f.severity != severity)
		fail_msg("%s is %s: %s", id, severity_name(f.severity), f.text);
	same_subject(id, f.culprits, f.n_culprits, culprit);
	assert_true(f.text[0] && f.explanation && f.n_evidence);
	assert_true(f.confidence > 0 && f.confidence <= 1);
	arena_release(&a);
}

void kit_suspects(struct kit *k, const char *id, const char *suspect)
{
	struct arena a = {0};
	struct finding f;
	must_find(k, id, &f, &a);
	same_subject(id, f.suspects, f.n_suspects, suspect);
	if (suspect)
		assert_true(f.confidence < 1);
	arena_release(&a);
}

static bool names(struct kit *k, const char *id, const char *culprit)
{
	struct arena a = {0};
	struct finding f;
	bool any = false;
	must_find(k, id, &f, &a);
	for (unsigned i = 0; i < f.n_culprits; i++) {
		char *have = xasprintf("%s:%s", subject_name(f.culprits[i].kind), f.culprits[i].id);
		any |= strcmp(have, culprit) == 0;
		free(have);
	}
	arena_release(&a);
	return any;
}

void kit_names(struct kit *k, const char *id, const char *culprit)
{
	if (!names(k, id, culprit))
		fail_msg("%s does not name %s", id, culprit);
}

void kit_names_not(struct kit *k, const char *id, const char *culprit)
{
	if (names(k, id, culprit))
		fail_msg("%s names %s", id, culprit);
}

void kit_explained(struct kit *k, const char *id, const char *cause)
{
	struct arena a = {0};
	struct finding f;
	must_find(k, id, &f, &a);
	assert_non_null(f.caused_by);
	assert_string_equal(f.caused_by, cause);
	arena_release(&a);
}

void kit_finds_no(struct kit *k, const char *id)
{
	const struct part *p = k->last->parts[PART_FINDINGS];
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *found = value_cstr(part_cell(p, i, "id"));
		if (!id || strcmp(found, id) == 0)
			fail_msg("%s: %s", found, value_cstr(part_cell(p, i, "text")));
	}
}

void kit_blind(struct kit *k, const char *id, const char *why)
{
	const char *said = diagnosis_blind(k->d, 0, rule_by_id(id));
	if (!said || !strstr(said, why))
		fail_msg("%s: %s", id, said ? said : "it could judge");
}
