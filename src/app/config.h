/*
 * The configuration file: INI, `$XDG_CONFIG_HOME/fathom/config` unless told otherwise. Sections:
 *
 *   [fathom]        program settings (settings.h)
 *   [target NAME]   a server: target and file settings (io/target.h), interval
 *   [rules]         thresholds of rules (diagnose/rule.h): row-lock-pileup.waiters = 5/3
 *   [keys] [columns] [panel NAME]    the console's; it checks their keys itself
 *
 * Read once, at start, on the main thread; immutable afterwards. Every entry knows its file and line.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "app/settings.h"
#include "diagnose/diagnosis.h"

struct config_entry {
	const char *section; /* "target" */
	const char *name;    /* "prod"; "" for sections without one */
	char *key, *value;
	char *origin;        /* FILE:LINE, for errors */
	unsigned line;
};

struct config_section {
	char *section, *name;
	char *origin;
};

struct config {
	char *path; /* NULL: there is no file */
	struct config_section *sections;
	size_t n_sections, cap_sections;
	struct config_entry *entries; /* in the order of the file */
	size_t n, cap;
};

/* `path` NULL: the usual one, which need not exist. The file's whole text is checked, but for what is
   the console's. On false *e says file, line, what is wrong and the nearest right word. Release it
   either way. */
bool config_load(struct config *c, const char *path, struct err *e);
/* From text; `path` names it. */
bool config_parse(struct config *c, const char *path, const char *text, struct err *e);
void config_release(struct config *c);

/* The usual place, into `out`; NULL where there is no home. */
const char *config_usual_path(char *out, size_t size);

/* NULL: no such section. `name` "" where sections have none. */
const struct config_section *config_find(const struct config *c, const char *section,
					 const char *name);
/* The entry after `after` (NULL: the first) of that section; `key` NULL: any. NULL: no more. */
const struct config_entry *config_next(const struct config *c, const char *section, const char *name,
				       const char *key, const struct config_entry *after);
/* Hand [rules] to a diagnosis that was not used yet. */
void config_rules(const struct config *c, struct diagnosis *d);
/* Hand [fathom] to the settings: what is set already stays. */
void config_offer(const struct config *c, struct settings *s);

#endif
