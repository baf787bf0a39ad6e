#include "diagnose/finding.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "collect/findings.h"
#include "model/json.h"

#define NAME_ROW(id, name) name,
static const char *const subject_names[] = {SUBJECTS(NAME_ROW)};
static const char *const step_names[] = {STEPS(NAME_ROW)};
static const char *const severity_names[] = {"ok", "notice", "warning", "critical"};

const char *severity_name(enum severity s)
{
	return severity_names[s];
}

const char *subject_name(enum subject_kind k)
{
	return subject_names[k];
}

const char *step_name(enum step_kind k)
{
	return step_names[k];
}

unsigned finding_advice(const struct finding *f, struct advice out[FINDING_ADVICE])
{
	const struct advice all[FINDING_ADVICE] = {
		{"What it means", f->explanation},
		{"Right move", f->right},
		{"Wrong move", f->wrong},
		{"Read on", f->reference},
	};
	unsigned n = 0;
	for (unsigned i = 0; i < FINDING_ADVICE; i++)
		if (all[i].text)
			out[n++] = all[i];
	return n;
}

/* --- what rules fill in --------------------------------------------------------------------------- */

static const char *vtext(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static const char *vtext(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	char *s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	return s;
}

void finding_say(struct finding *f, struct arena *a, enum severity severity, double confidence,
		 const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	f->text = vtext(a, fmt, ap);
	va_end(ap);
	f->severity = severity;
	f->confidence = confidence;
}

void finding_evidence(struct finding *f, struct arena *a, const char *name, enum unit unit,
		      struct value v)
{
	if (f->n_evidence == FINDING_EVIDENCE || v.type == VALUE_ABSENT)
		return;
	if (v.type == VALUE_TEXT)
		v = value_text(arena_strndup(a, v.s, v.len), v.len);
	f->evidence[f->n_evidence++] = (struct evidence){arena_strdup(a, name), v, unit};
}

static void add_subject(struct subject *list, unsigned *n, enum subject_kind kind, const char *id)
{
	for (unsigned i = 0; i < *n; i++)
		if (list[i].kind == kind && strcmp(list[i].id, id) == 0)
			return;
	if (*n < FINDING_SUBJECTS)
		list[(*n)++] = (struct subject){kind, id};
}

void finding_culprit(struct finding *f, struct arena *a, enum subject_kind kind, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add_subject(f->culprits, &f->n_culprits, kind, vtext(a, fmt, ap));
	va_end(ap);
}

void finding_suspect(struct finding *f, struct arena *a, enum subject_kind kind, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add_subject(f->suspects, &f->n_suspects, kind, vtext(a, fmt, ap));
	va_end(ap);
}

void finding_step(struct finding *f, struct arena *a, enum step_kind kind, const char *fmt, ...)
{
	va_list ap;
	if (f->n_steps == FINDING_STEPS)
		return;
	va_start(ap, fmt);
	f->steps[f->n_steps++] = (struct step){kind, vtext(a, fmt, ap)};
	va_end(ap);
}

/* --- to a part ------------------------------------------------------------------------------------ */

static json_t *text_of(const char *s)
{
	return json_of_text(s, strlen(s));
}

static json_t *json_of_evidence(const struct finding *f)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i];
		json_t *o = json_object();
		json_object_set_new(o, "name", text_of(e->name));
		json_object_set_new(o, "value", json_of_value(NULL, e->value));
		json_object_set_new(o, "unit", json_string(unit_name(e->unit)));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *json_of_subjects(const struct subject *s, unsigned n)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < n; i++) {
		json_t *o = json_object();
		json_object_set_new(o, "kind", json_string(subject_name(s[i].kind)));
		json_object_set_new(o, "id", text_of(s[i].id));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *json_of_steps(const struct finding *f)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < f->n_steps; i++) {
		json_t *o = json_object();
		json_object_set_new(o, "kind", json_string(step_name(f->steps[i].kind)));
		json_object_set_new(o, "text", text_of(f->steps[i].text));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *json_of_causes(const struct finding *f)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < f->n_causes; i++)
		json_array_append_new(list, json_string(f->causes[i]));
	return list;
}

/* Consumes j. */
static void set_json(struct part_builder *b, unsigned field, json_t *j)
{
	char *s = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(15));
	part_set_text(b, field, s, strlen(s));
	free(s);
	json_decref(j);
}

static void set_text(struct part_builder *b, unsigned field, const char *s)
{
	if (s)
		part_set_text(b, field, s, strlen(s));
}

static void add_row(struct part_builder *b, const struct finding *f)
{
	part_row_begin(b);
	set_text(b, FINDINGS_ID, f->id);
	set_text(b, FINDINGS_SEVERITY, severity_name(f->severity));
	set_text(b, FINDINGS_TITLE, f->title);
	set_text(b, FINDINGS_TEXT, f->text);
	set_text(b, FINDINGS_CAUSED_BY, f->caused_by);
	set_text(b, FINDINGS_EXPLANATION, f->explanation);
	set_text(b, FINDINGS_RIGHT, f->right);
	set_text(b, FINDINGS_WRONG, f->wrong);
	set_text(b, FINDINGS_REFERENCE, f->reference);
	part_set(b, FINDINGS_CONFIDENCE, value_real(f->confidence));
	part_set(b, FINDINGS_SINCE, value_int(f->since / 1000000));
	set_json(b, FINDINGS_EVIDENCE, json_of_evidence(f));
	set_json(b, FINDINGS_CULPRITS, json_of_subjects(f->culprits, f->n_culprits));
	set_json(b, FINDINGS_SUSPECTS, json_of_subjects(f->suspects, f->n_suspects));
	set_json(b, FINDINGS_CAUSES, json_of_causes(f));
	set_json(b, FINDINGS_ACTIONS, json_of_steps(f));
	part_row_end(b);
}

struct part *findings_part(const struct finding *const *list, unsigned n, int64_t mono, int64_t wall)
{
	struct part_builder *b = part_builder_new(PART_FINDINGS, &findings_schema);
	for (unsigned i = 0; i < n; i++)
		add_row(b, list[i]);
	return part_seal(b, mono, wall, 0);
}

/* --- and back ------------------------------------------------------------------------------------- */

static int index_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; name && i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

static json_t *list_of(const struct part *p, unsigned row, unsigned field)
{
	struct value v = part_get(p, row, field);
	return v.type == VALUE_TEXT ? json_loadb(v.s, v.len, 0, NULL) : NULL;
}

static const char *member(struct arena *a, const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));
	return s ? arena_strdup(a, s) : NULL;
}

static struct value value_of_json(struct arena *a, const json_t *j)
{
	if (json_is_integer(j))
		return value_int(json_integer_value(j));
	if (json_is_real(j))
		return value_real(json_real_value(j));
	if (!json_is_string(j))
		return VALUE_NONE;
	size_t n = json_string_length(j);
	return value_text(arena_strndup(a, json_string_value(j), n), (uint32_t)n);
}

static enum unit unit_by_name(const char *name)
{
	for (int u = 0; name && u < N_UNITS; u++)
		if (strcmp(unit_name((enum unit)u), name) == 0)
			return (enum unit)u;
	return UNIT_NONE;
}

static void read_evidence(struct finding *f, struct arena *a, const json_t *list)
{
	size_t i;
	json_t *o;
	json_array_foreach(list, i, o)
	{
		const char *name = member(a, o, "name");
		if (!name || f->n_evidence == FINDING_EVIDENCE)
			continue;
		f->evidence[f->n_evidence++] = (struct evidence){
			name, value_of_json(a, json_object_get(o, "value")),
			unit_by_name(json_string_value(json_object_get(o, "unit")))};
	}
}

static void read_subjects(struct subject *out, unsigned *n, struct arena *a, const json_t *list)
{
	size_t i;
	json_t *o;
	json_array_foreach(list, i, o)
	{
		int kind = index_of(subject_names, N_SUBJECTS,
				    json_string_value(json_object_get(o, "kind")));
		const char *id = member(a, o, "id");
		if (kind >= 0 && id)
			add_subject(out, n, (enum subject_kind)kind, id);
	}
}

static void read_steps(struct finding *f, struct arena *a, const json_t *list)
{
	size_t i;
	json_t *o;
	json_array_foreach(list, i, o)
	{
		int kind = index_of(step_names, N_STEPS,
				    json_string_value(json_object_get(o, "kind")));
		const char *text = member(a, o, "text");
		if (kind >= 0 && text && f->n_steps < FINDING_STEPS)
			f->steps[f->n_steps++] = (struct step){(enum step_kind)kind, text};
	}
}

static void read_causes(struct finding *f, struct arena *a, const json_t *list)
{
	size_t i;
	json_t *o;
	json_array_foreach(list, i, o) if (json_is_string(o) && f->n_causes < FINDING_CAUSES)
		f->causes[f->n_causes++] = arena_strdup(a, json_string_value(o));
}

static const char *text_at(const struct part *p, unsigned row, unsigned field)
{
	struct value v = part_get(p, row, field);
	return v.type == VALUE_TEXT ? v.s : NULL;
}

bool finding_read(struct finding *f, struct arena *a, const struct part *p, unsigned row)
{
	int severity = index_of(severity_names, COUNT_OF(severity_names),
				text_at(p, row, FINDINGS_SEVERITY));
	*f = (struct finding){
		.id = text_at(p, row, FINDINGS_ID),
		.title = text_at(p, row, FINDINGS_TITLE),
		.text = text_at(p, row, FINDINGS_TEXT),
		.explanation = text_at(p, row, FINDINGS_EXPLANATION),
		.right = text_at(p, row, FINDINGS_RIGHT),
		.wrong = text_at(p, row, FINDINGS_WRONG),
		.reference = text_at(p, row, FINDINGS_REFERENCE),
		.caused_by = text_at(p, row, FINDINGS_CAUSED_BY),
		.severity = severity < 0 ? SEVERITY_OK : (enum severity)severity,
		.confidence = value_number(part_get(p, row, FINDINGS_CONFIDENCE), 0),
		.since = value_integer(part_get(p, row, FINDINGS_SINCE), 0) * 1000000,
	};
	if (severity < 0 || !f->id || !f->text)
		return false;
	json_t *lists[] = {
		list_of(p, row, FINDINGS_EVIDENCE), list_of(p, row, FINDINGS_CULPRITS),
		list_of(p, row, FINDINGS_SUSPECTS), list_of(p, row, FINDINGS_ACTIONS),
		list_of(p, row, FINDINGS_CAUSES),
	};
	read_evidence(f, a, lists[0]);
	read_subjects(f->culprits, &f->n_culprits, a, lists[1]);
	read_subjects(f->suspects, &f->n_suspects, a, lists[2]);
	read_steps(f, a, lists[3]);
	read_causes(f, a, lists[4]);
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		json_decref(lists[i]);
	return true;
}
