/* A document without what strangers should not read: each of its texts, one after the other. */
#include "diagnose/redact.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"

struct pass {
	struct redact *redact;
	struct arena *arena;
};

static const char *text(const struct pass *p, const char *s)
{
	struct buf b = BUF_INIT;
	if (!s)
		return NULL;
	redact_text(p->redact, &b, s, strlen(s));
	const char *made = arena_strdup(p->arena, buf_str(&b));
	buf_release(&b);
	return made;
}

static struct value value(const struct pass *p, enum unit u, struct value v)
{
	struct buf b = BUF_INIT;
	if (v.type != VALUE_TEXT)
		return v;
	if (u == UNIT_SQL)
		redact_statement(p->redact, &b, v.s, v.len);
	else
		redact_text(p->redact, &b, v.s, v.len);
	v = value_text(arena_strndup(p->arena, buf_str(&b), b.len), (uint32_t)b.len);
	buf_release(&b);
	return v;
}

static void subjects(const struct pass *p, struct subject *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		s[i].id = text(p, s[i].id);
}

static void finding(const struct pass *p, struct finding *f)
{
	f->text = text(p, f->text);
	for (unsigned i = 0; i < f->n_evidence; i++)
		f->evidence[i].value = value(p, f->evidence[i].unit, f->evidence[i].value);
	subjects(p, f->culprits, f->n_culprits);
	subjects(p, f->suspects, f->n_suspects);
	for (unsigned i = 0; i < f->n_steps; i++)
		f->steps[i].text = text(p, f->steps[i].text);
}

static void table(const struct pass *p, struct report_table *t)
{
	for (unsigned k = 0; k < t->n_columns; k++)
		for (unsigned r = 0; r < t->n_rows && !t->columns[k].ours; r++) {
			struct value *v = &t->cells[(size_t)r * t->n_columns + k];
			*v = value(p, t->columns[k].unit, *v);
		}
}

static void block(const struct pass *p, struct report_block *b)
{
	switch (b->kind) {
	case REPORT_TEXT:
	case REPORT_NOTE:
	case REPORT_CODE:
		if (!b->ours)
			b->text = text(p, b->text);
		break;
	case REPORT_FACTS:
		for (struct report_fact *f = b->facts; f; f = f->next)
			f->value = value(p, f->unit, f->value);
		break;
	case REPORT_TABLE:
		table(p, b->table);
		break;
	case REPORT_FINDING:
		finding(p, &b->finding->f);
		break;
	case REPORT_CURVE:
		break;
	}
}

/* All strings in it, but those under keys whose words are ours. */
static void json(const struct pass *p, json_t *j)
{
	static const char *const keys[] = {"name", "host", "socket", "label", "what", "hint"};
	const char *key;
	json_t *member;
	json_object_foreach(j, key, member)
	{
		if (json_is_object(member))
			json(p, member);
		for (size_t i = 0; json_is_string(member) && i < COUNT_OF(keys); i++)
			if (strcmp(keys[i], key) == 0) {
				json_object_set_new(j, key, json_string(text(p, json_string_value(member))));
				break;
			}
	}
}

void redact_report(struct redact *r, struct report *doc)
{
	struct pass p = {r, &doc->arena};
	doc->target = text(&p, doc->target);
	doc->verdict = text(&p, doc->verdict);
	doc->why_partial = text(&p, doc->why_partial);
	for (struct report_section *s = doc->first; s; s = s->next)
		for (struct report_block *b = s->first; b; b = b->next)
			block(&p, b);
	json(&p, doc->head);
}
