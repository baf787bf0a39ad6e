#include "app/config.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

/* inih cuts longer ones silently. */
enum { LONGEST_LINE = 4000, LONGEST_HEADING = 45, LONGEST_KEY = 45 };

static const struct section_row {
	const char *name;
	bool named;
} section_rows[] = {
	{"fathom", false}, {"target", true}, {"rules", false}, {"keys", false}, {"columns", false},
	{"panel", true},
};

const char *config_usual_path(char *out, size_t size)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (xdg && xdg[0] == '/')
		snprintf(out, size, "%s/fathom/config", xdg);
	else if (home && home[0])
		snprintf(out, size, "%s/.config/fathom/config", home);
	else
		return NULL;
	return out;
}

/* --- one file being read ---------------------------------------------------------------------- */

struct reader {
	struct config *config;
	const char *path;
	const char *text; /* what is left of it */
	unsigned line;
	char now[64];     /* the line at hand, its first word */
	bool answered;    /* it is blank, a comment, a heading, or became an entry */
	bool good;
	struct err *err;
};

static bool fail(struct reader *r, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The first failure is the one to tell. */
static bool fail(struct reader *r, const char *hint, const char *fmt, ...)
{
	if (!r->good)
		return false;
	r->good = false;
	char what[sizeof r->err->what], why[sizeof r->err->why];
	snprintf(what, sizeof what, "%s:%u", r->path, r->line);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return err_set(r->err, ERR_USAGE, what, why, hint);
}

static bool unknown(struct reader *r, const char *kind, struct nearest *near)
{
	char hint[160];
	return fail(r, nearest_hint(near, "man fathom lists them", hint, sizeof hint),
		    "unknown %s \"%s\"", kind, near->word);
}

/* The section at hand: the last that was begun. */
static const struct config_section *current(const struct reader *r)
{
	const struct config *c = r->config;
	return c->n_sections ? &c->sections[c->n_sections - 1] : NULL;
}

/* `target prod` inside the brackets. */
static bool begin_section(struct reader *r, const char *heading, size_t n)
{
	char text[LONGEST_HEADING + 1];
	while (n && strchr(" \t", heading[n - 1]))
		n--;
	while (n && strchr(" \t", *heading)) {
		heading++;
		n--;
	}
	snprintf(text, sizeof text, "%.*s", (int)n, heading);
	char *name = text + strcspn(text, " \t");
	if (*name)
		*name++ = '\0';
	name += strspn(name, " \t");
	const struct section_row *row = NULL;
	struct nearest near = NEAREST(text);
	for (size_t i = 0; i < COUNT_OF(section_rows); i++) {
		if (!strcmp(section_rows[i].name, text))
			row = &section_rows[i];
		nearest_offer(&near, section_rows[i].name);
	}
	if (!row)
		return unknown(r, "section", &near);
	if (row->named != (*name != '\0'))
		return fail(r, NULL, row->named ? "[%s] needs a name: [%s NAME]" : "[%s] has no name: [%s]",
			    text, text);
	struct config *c = r->config;
	const struct config_section *twin = config_find(c, text, name);
	if (twin && row->named)
		return fail(r, NULL, "[%s %s] was there before, at %s", text, name, twin->origin);
	GROW(c->sections, c->n_sections, c->cap_sections);
	c->sections[c->n_sections++] = (struct config_section){
		xstrdup(text), xstrdup(name), xasprintf("%s:%u", r->path, r->line)};
	return true;
}

static void finish_line(struct reader *r)
{
	if (!r->answered)
		fail(r, "write KEY = VALUE, [SECTION] or # comment", "cannot read the line \"%s ...\"", r->now);
}

/* Look at a line before inih does: it neither counts lines nor says what it cut. */
static void look(struct reader *r, const char *s, size_t n)
{
	while (n && strchr(" \t\r\n", s[n - 1]))
		n--;
	size_t lead = 0;
	while (lead < n && strchr(" \t", s[lead]))
		lead++;
	s += lead;
	n -= lead;
	/* Its first word: more could show a password. */
	snprintf(r->now, sizeof r->now, "%.*s", (int)(n < 60 ? n : 60), s);
	r->now[strcspn(r->now, " \t")] = '\0';
	r->answered = !n || *s == '#' || *s == ';';
	const char *equals = memchr(s, '=', n);
	if (n > LONGEST_LINE) {
		fail(r, NULL, "the line is longer than %d bytes", LONGEST_LINE);
	} else if (n && *s == '[') {
		const char *end = memchr(s, ']', n);
		r->answered = end != NULL;
		if (end && (size_t)(end - s) > LONGEST_HEADING)
			fail(r, NULL, "the heading is longer than %d letters", LONGEST_HEADING);
		else if (end && (size_t)(end - s) + 1 != n)
			fail(r, NULL, "\"%.*s\" stands behind the heading",
			     (int)(n - (size_t)(end - s) - 1), end + 1);
		else if (end)
			begin_section(r, s + 1, (size_t)(end - s) - 1);
	} else if (equals && equals - s > LONGEST_KEY) {
		fail(r, NULL, "the key is longer than %d letters", LONGEST_KEY);
	}
}

static char *read_line(char *out, int size, void *arg)
{
	struct reader *r = arg;
	if (r->line)
		finish_line(r);
	if (!*r->text || !r->good)
		return NULL;
	size_t n = strcspn(r->text, "\n");
	r->line++;
	look(r, r->text, n);
	if (!r->good)
		return NULL;
	snprintf(out, (size_t)size, "%.*s\n", (int)n, r->text);
	r->text += n + (r->text[n] == '\n');
	return out;
}

/* What a key of [fathom] or [target NAME] may be; NULL: unknown, and the nearest is in *near. */
static const struct setting_rule *rule_of(const char *section, const char *key, struct nearest *near)
{
	bool target = !strcmp(section, "target");
	int i;
	if (!target && (i = program_by_name(key)) >= 0)
		return &program_row((enum program_setting)i)->rule;
	if (target && (i = setting_by_name(key)) >= 0)
		return target_rule((enum setting)i);
	if (target && (i = file_setting_by_name(key)) >= 0)
		return file_setting_rule((enum file_setting)i);
	const char *interval = program_row(PROGRAM_INTERVAL)->name;
	if (target && !strcmp(key, interval))
		return &program_row(PROGRAM_INTERVAL)->rule;
	for (i = 0; !target && i < N_PROGRAM; i++)
		nearest_offer(near, program_row((enum program_setting)i)->name);
	for (i = 0; target && i < N_SETTINGS; i++)
		nearest_offer(near, setting_name((enum setting)i));
	for (i = 0; target && i < N_FILES; i++)
		nearest_offer(near, file_setting_name((enum file_setting)i));
	if (target)
		nearest_offer(near, interval);
	return NULL;
}

static bool add_entry(struct reader *r, const struct config_section *s, const char *key,
		      const char *value)
{
	struct config *c = r->config;
	const struct config_entry *twin = config_next(c, s->section, s->name, key, NULL);
	if (twin && strcmp(s->section, "panel") != 0)
		return fail(r, NULL, "\"%s\" was set before, at %s", key, twin->origin);
	GROW(c->entries, c->n, c->cap);
	c->entries[c->n++] = (struct config_entry){
		s->section, s->name, xstrdup(key), xstrdup(value),
		xasprintf("%s:%u", r->path, r->line), r->line};
	return true;
}

static bool check_threshold(struct reader *r, const char *name, const char *value)
{
	struct err e = {0};
	return diagnosis_check(name, value, &e) ||
	       fail(r, e.hint[0] ? e.hint : "man fathom lists them", "[rules] %s", e.why);
}

static int take_entry(void *arg, const char *section, const char *name, const char *value)
{
	struct reader *r = arg;
	(void)section; /* begin_section() saw it whole */
	const struct config_section *s = current(r);
	r->answered = true;
	if (!r->good)
		return 0;
	if (!s)
		return fail(r, "begin with [fathom] or [target NAME]", "\"%s\" stands in no section", name);
	if (strcmp(s->section, "rules") == 0)
		return check_threshold(r, name, value) && add_entry(r, s, name, value);
	if (strcmp(s->section, "fathom") != 0 && strcmp(s->section, "target") != 0)
		return add_entry(r, s, name, value);
	char key[64];
	setting_canonical(name, strlen(name), key, sizeof key);
	struct nearest near = NEAREST(key);
	const struct setting_rule *rule = rule_of(s->section, key, &near);
	if (!rule)
		return unknown(r, "setting", &near);
	struct buf clean = BUF_INIT, why = BUF_INIT;
	bool good = rule_check(rule, value, &clean, &why);
	if (good)
		good = add_entry(r, s, key, buf_str(&clean));
	else
		fail(r, NULL, "%s: %s", key, buf_str(&why));
	rule_release(&clean);
	buf_release(&why);
	return good;
}

bool config_parse(struct config *c, const char *path, const char *text, struct err *e)
{
	struct reader r = {.config = c, .path = path, .text = text, .good = true, .err = e};
	if (!strncmp(text, "\xef\xbb\xbf", 3))
		r.text += 3;
	ini_allow_multiline = false;
	ini_allow_inline_comments = false;
	ini_max_line = LONGEST_LINE + 4;
	ini_parse_stream(read_line, &r, take_entry, &r);
	return r.good;
}

/* NULL and *e, with errno as its code. */
static char *read_all(const char *path, struct err *e)
{
	FILE *f = fopen(path, "re");
	struct buf text = BUF_INIT;
	char piece[4096];
	size_t n;
	buf_adds(&text, "");
	while (f && (n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(&text, piece, n);
	bool good = f && !ferror(f);
	if (!good) {
		unsigned code = (unsigned)errno;
		err_set(e, ERR_USAGE, path, strerror(errno), NULL);
		e->code = code;
	} else if (memchr(buf_str(&text), 0, text.len)) {
		good = err_set(e, ERR_USAGE, path, "this is not a text file", NULL);
	}
	if (f)
		fclose(f);
	if (good)
		return buf_steal(&text);
	buf_release(&text);
	return NULL;
}

bool config_load(struct config *c, const char *path, struct err *e)
{
	char usual[4096];
	*c = (struct config){0};
	bool must = path != NULL;
	if (!path && !(path = config_usual_path(usual, sizeof usual)))
		return true;
	struct err why = {0};
	char *text = read_all(path, &why);
	if (!text && !must && (why.code == ENOENT || why.code == ENOTDIR))
		return true;
	if (!text) {
		*e = why;
		return false;
	}
	c->path = xstrdup(path);
	bool good = config_parse(c, path, text, e);
	mem_wipe(text, strlen(text));
	free(text);
	return good;
}

void config_release(struct config *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct config_entry *entry = &c->entries[i];
		mem_wipe(entry->value, strlen(entry->value));
		free(entry->key);
		free(entry->value);
		free(entry->origin);
	}
	for (size_t i = 0; i < c->n_sections; i++) {
		free(c->sections[i].section);
		free(c->sections[i].name);
		free(c->sections[i].origin);
	}
	free(c->entries);
	free(c->sections);
	free(c->path);
	*c = (struct config){0};
}

const struct config_section *config_find(const struct config *c, const char *section,
					 const char *name)
{
	for (size_t i = 0; i < c->n_sections; i++)
		if (!strcmp(c->sections[i].section, section) && !strcmp(c->sections[i].name, name))
			return &c->sections[i];
	return NULL;
}

const struct config_entry *config_next(const struct config *c, const char *section, const char *name,
				       const char *key, const struct config_entry *after)
{
	for (size_t i = after ? (size_t)(after - c->entries) + 1 : 0; i < c->n; i++) {
		const struct config_entry *entry = &c->entries[i];
		if (!strcmp(entry->section, section) && !strcmp(entry->name, name) &&
		    (!key || !strcmp(entry->key, key)))
			return entry;
	}
	return NULL;
}

void config_offer(const struct config *c, struct settings *s)
{
	const struct config_entry *entry = NULL;
	while ((entry = config_next(c, "fathom", "", NULL, entry)))
		settings_offer(s, (enum program_setting)program_by_name(entry->key), entry->value,
			       entry->origin);
}

void config_rules(const struct config *c, struct diagnosis *d)
{
	struct err e;
	const struct config_entry *entry = NULL;
	while ((entry = config_next(c, "rules", "", NULL, entry)))
		diagnosis_configure(d, entry->key, entry->value, &e); /* was checked */
}
