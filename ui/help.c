#include "ui/help.h"

#include <stdio.h>
#include <string.h>

#include "ui/key.h"

enum { KEYS_WIDTH = 16 };

static void action_keys(struct doc *d, const struct keymap *m, const struct action *a, bool ascii)
{
	struct key key;
	char label[KEY_NAME_SIZE];
	for (size_t i = 0; keymap_key(m, a, i, &key); i++) {
		if (i)
			doc_puts(d, UI_DIM, " ");
		doc_puts(d, UI_FOOTER_KEY, key_label(key, ascii, label));
	}
}

static void action_help(struct doc *d, const struct keymap *m, const struct action *a, bool ascii)
{
	doc_puts(d, UI_TEXT, "  ");
	action_keys(d, m, a, ascii);
	doc_tab(d, KEYS_WIDTH);
	doc_puts(d, UI_TEXT, a->help);
	doc_printf(d, UI_DIM, "  :%s", a->name);
	if (a->args)
		doc_printf(d, UI_DIM, " %s", a->args);
	doc_end_indent(d, KEYS_WIDTH);
}

static void set_help(struct doc *d, const struct keymap *m, const struct action_set *set,
		     bool ascii)
{
	if (!set->n)
		return;
	if (d->n_lines && (d->open || d->lines[d->n_lines - 1].len))
		doc_end(d);
	doc_heading(d, set->title);
	for (size_t i = 0; i < set->n; i++)
		action_help(d, m, &set->actions[i], ascii);
}

static bool in_scopes(const struct action_set *set, const struct scope *scopes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(set->scope, scopes[i].name))
			return true;
	}
	return false;
}

void help_keys(struct doc *d, const struct keymap *m, const struct scope *scopes, size_t n,
	       bool ascii)
{
	for (size_t s = 0; s < n; s++) {
		for (size_t i = 0; i < keymap_sets(m); i++) {
			if (!strcmp(keymap_set(m, i)->scope, scopes[s].name))
				set_help(d, m, keymap_set(m, i), ascii);
		}
	}
	for (size_t i = 0; i < keymap_sets(m); i++) {
		if (!in_scopes(keymap_set(m, i), scopes, n))
			set_help(d, m, keymap_set(m, i), ascii);
	}
}

static void subject_line(struct doc *d, const char *label, enum ui_role role, const char *text)
{
	enum { LABELS_WIDTH = 10 };
	if (text && text[0])
		doc_field(d, LABELS_WIDTH, label, role, text);
}

void help_subject(struct doc *d, const char *title, const char *unit, const char *help,
		  const char *normal, const char *source, const char *absent)
{
	doc_puts(d, UI_TITLE, title);
	if (unit && unit[0])
		doc_printf(d, UI_DIM, "  %s", unit);
	doc_end(d);
	if (help && help[0])
		doc_para(d, UI_TEXT, help);
	subject_line(d, "Normal", UI_TEXT, normal);
	subject_line(d, "Source", UI_TEXT, source);
	subject_line(d, "Missing", UI_WARNING, absent);
}

void help_field(struct doc *d, const char *title, const struct field *f, bool rate,
		const char *absent)
{
	char unit[64];
	snprintf(unit, sizeof unit, "%s%s", unit_name(f->unit), rate ? " a second" : "");
	help_subject(d, title ? title : f->title, unit, f->help, f->normal, f->source, absent);
}
