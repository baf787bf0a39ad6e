#include "app/console.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "panels/console.h"

static bool flag(const struct settings *s, enum program_setting which)
{
	const char *v = settings_get(s, which);
	return v && strcmp(v, "0") != 0;
}

/* Where histories are kept: $XDG_STATE_HOME/fathom; NULL where there is no home. */
static char *state_dir(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state && *state == '/')
		return xasprintf("%s/fathom", state);
	return home && *home == '/' ? xasprintf("%s/.local/state/fathom", home) : NULL;
}

/* The entries of a section as bindings; ends with an empty one. */
static struct console_binding *section(const struct config *c, const char *name)
{
	struct console_binding *b = NULL;
	size_t n = 0, cap = 0;
	for (const struct config_entry *e = NULL; (e = config_next(c, name, "", NULL, e));) {
		GROW(b, n, cap);
		b[n++] = (struct console_binding){e->key, e->value, e->origin};
	}
	GROW(b, n, cap);
	b[n] = (struct console_binding){0};
	return b;
}

/* Whether there is a panel of that name, or on that digit; else *e says so. */
static bool check_panel(const char *name, const char *origin, struct err *e)
{
	char hint[128];
	struct nearest near = NEAREST(name);
	for (unsigned i = 0; panels[i]; i++) {
		if (!strcmp(panels[i]->name, name) || (name[0] == panels[i]->digit && name[0] && !name[1]))
			return true;
		nearest_offer(&near, panels[i]->name);
	}
	return err_setf(e, ERR_USAGE, origin, nearest_hint(&near, ": and Tab in the console name them", hint, sizeof hint),
			"there is no panel \"%s\"", name);
}

static bool check_panels(const struct settings *s, const struct console_binding *columns, struct err *e)
{
	const char *origin = s->origin[PROGRAM_PANEL], *panel = settings_get(s, PROGRAM_PANEL);
	if (!check_panel(panel, origin && strcmp(origin, "command line") != 0 ? origin : "--panel", e))
		return false;
	for (; columns->name; columns++)
		if (!check_panel(columns->name, columns->origin, e))
			return false;
	return true;
}

int console_command(const struct targets *t, const struct settings *s, const struct config *c)
{
	const struct target **list = xcalloc(t->n, sizeof *list);
	double *intervals = xcalloc(t->n, sizeof *intervals);
	for (size_t i = 0; i < t->n; i++) {
		list[i] = t->v[i].target;
		intervals[i] = t->v[i].interval > 0 ? t->v[i].interval
						    : settings_number(s, PROGRAM_INTERVAL);
	}
	struct console_binding *keys = section(c, "keys"), *columns = section(c, "columns");
	struct console_binding *limits = section(c, "rules");
	char *dir = state_dir();
	struct console_options o = {
		.targets = list,
		.n_targets = (unsigned)t->n,
		.choose = t->choose,
		.intervals = intervals,
		.panel = settings_get(s, PROGRAM_PANEL),
		.filter = settings_get(s, PROGRAM_FILTER),
		.theme = settings_get(s, PROGRAM_THEME),
		.ascii = flag(s, PROGRAM_ASCII),
		.colours = !settings_get(s, PROGRAM_COLOR) || flag(s, PROGRAM_COLOR),
		.bell = flag(s, PROGRAM_BELL),
		.notify = flag(s, PROGRAM_NOTIFY),
		.alert_command = settings_get(s, PROGRAM_ALERT_COMMAND),
		.bundle_folder = settings_get(s, PROGRAM_BUNDLE_FOLDER),
		.history_memory = (size_t)settings_number(s, PROGRAM_HISTORY_MEMORY),
		.bindings = keys,
		.columns = columns,
		.rules = limits,
		.state_dir = dir,
		.script = getenv("FATHOM_SCRIPT"),
	};
	struct err e;
	int status = 1;
	if (check_panels(s, columns, &e))
		status = console_main(&o);
	else
		err_print(&e);
	free(keys);
	free(columns);
	free(limits);
	free(dir);
	free(list);
	free(intervals);
	return status;
}
