/*
 * The console: the program's screen, its loop on the UI thread, and what panels may ask of it. It owns
 * the terminal, the targets' timelines, the views, the open dialog or prompt; the sampler and the jobs feed it through
 * one mailbox. Input is answered before data is drawn; nothing here waits for a server, a name or a file.
 */
#ifndef PANELS_CONSOLE_H
#define PANELS_CONSOLE_H

#include "diagnose/diagnosis.h"
#include "diagnose/verdict.h"
#include "engine/job.h"
#include "engine/rollback.h"
#include "engine/sampler.h"
#include "engine/stage.h"
#include "io/target.h"
#include "panels/panel.h"
#include "ui/dialog.h"
#include "ui/keymap.h"
#include "ui/prompt.h"
#include "ui/term.h"
#include "ui/theme.h"

/* A line of the configuration's [keys] (action, keys), [columns] (panel, list of columns) or [rules]
   (threshold, number). */
struct console_binding {
	const char *name, *value, *origin;
};

/* In place of servers and hosts, where there are none. Each may be NULL. */
struct console_stand_in {
	void (*run)(struct job *job); /* fills in the job's result, at once */
	void (*answer)(unsigned target, const struct shell_question *question, const char *text);
};

struct console_options {
	const struct target *const *targets;
	unsigned n_targets;
	bool choose;             /* let the person choose a target first */
	const double *intervals; /* seconds, one a target */
	const char *panel;       /* to begin with, NULL: overview */
	const char *filter;      /* for the first panel's table, or NULL */
	const char *theme;       /* NULL: the default */
	bool ascii;
	bool colours;            /* as many as the terminal has, else none */
	bool bell, notify;       /* when something critical is found */
	const char *alert_command; /* to be run then, by sh; NULL or "": none */
	const char *bundle_folder; /* NULL: the current one */
	size_t history_memory;   /* bytes of whole snapshots a target */
	const struct console_binding *bindings; /* ends with name NULL; or NULL */
	const struct console_binding *columns;  /* the same */
	const struct console_binding *rules;    /* thresholds, which were checked; the same */
	const char *state_dir;   /* for histories; NULL: keep none */
	const char *script;      /* FATHOM_SCRIPT, or NULL */
	bool offline;            /* no server is asked, no terminal used: see console_open() */
	const struct console_stand_in *stand_in; /* when offline, or NULL */
};

/* Runs until the person quits. Returns the exit status. */
int console_main(const struct console_options *o);

/* --- for panels ------------------------------------------------------------------------------- */

/* One target as the console sees it. */
struct watched {
	const struct target *target;
	struct timeline *timeline;
	struct verdict verdict;
	struct rollback_speed rollbacks; /* that were watched on it, now and before */
	double interval;         /* seconds */
	bool asked_password;
	char *asked_host;        /* the last question of the way to its host that was put */
};

struct watched *console_watched(struct console *c);      /* the one that is shown */
unsigned console_target(const struct console *c);    /* its index */
/* The instant that is shown: the newest, or the one at which the screen was paused. */
const struct frame *console_frame(const struct console *c);
/* Shorthand: a part of it that may be shown, or NULL. Its status may be other than ok. */
const struct part *console_part(const struct console *c, enum part_id id);
struct timeline *console_timeline(const struct console *c);
/* The configured columns of a panel, or NULL. */
const char *console_columns(const struct console *c, const char *panel);
double console_interval(const struct console *c);    /* seconds, of the one that is shown */
bool console_ascii(const struct console *c);
bool console_paused(const struct console *c);
struct action_state console_action_state(const struct console *c);
const struct keymap *console_keymap(const struct console *c);
const char *console_state_dir(const struct console *c);

/* Open a view above the one that is shown; Esc comes back. */
void console_push(struct console *c, const struct view_ops *ops, const void *arg);
void console_pop(struct console *c);
struct view *console_view(const struct console *c);
/* Show a panel by name or digit; false when there is none. */
bool console_show(struct console *c, const char *name);
void console_switch(struct console *c, unsigned target);
/* A message on the last line, for some seconds. */
void console_say(struct console *c, enum ui_role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Takes over the dialog; one at a time. */
void console_dialog(struct console *c, struct dialog *d);
void console_prompt(struct console *c, const struct prompt_spec *spec, void *ctx);
/* Takes over the job; `owner` is what jobs_cancel_owner() goes by, mostly the view. */
void console_submit(struct console *c, struct job *job, void (*done)(struct job *, void *owner),
		    void *owner);
/* Write a text to a file beside the screen (a job); says how it went. Takes over `text`. */
void console_write_file(struct console *c, const char *path, char *text, size_t len, const char *what);
void console_copy(struct console *c, const char *text, size_t len, const char *what);
/* Draw again soon. */
void console_dirty(struct console *c);
/* The demand of the sampler follows from what is visible: call when that changed. */
void console_demand(struct console *c);
/* All parts that a view shows now. */
part_mask view_parts(const struct view *v);

/* Pins: status names shown on the overview, the same for all targets. */
void console_pin(struct console *c, const char *status_name);
bool console_pinned(const struct console *c, const char *status_name);
unsigned console_pins(const struct console *c, const char *const **names);

/* --- between the console's own files ---------------------------------------------------------- */

struct console {
	const struct console_options *options;
	struct term *term;
	struct theme theme;
	struct keymap *keymap;
	struct mailbox *box;
	struct diagnosis *diagnosis; /* the stage's thread alone uses it while that lives */
	struct stage *stage;
	struct sampler *sampler;
	struct jobs *jobs;
	struct watched *watches;
	unsigned n_watches, target;
	struct view *view;         /* on top */
	struct view **kept;        /* a view per panel, made when first shown */
	struct dialog *dialog;
	bool paused;
	struct frame frozen;       /* while paused; holds references */
	struct buf notice;
	enum ui_role notice_role;
	int64_t notice_until;
	bool dirty, quit;
	int exit_status;
	int64_t drawn_at;
	const char **pins;         /* NULL-terminated */
	unsigned n_pins, cap_pins;
	struct script *script;
	int64_t last_input;
	struct alarms *alarms;       /* alarm.c: what rang so far */
	struct bundle *bundle;       /* bundle.c: the one in the making */
	struct aftermath *aftermath; /* killing.c: whom a kill was to set free, until that is known */
};

/* console.c */
/* The steps of console_main(), for whoever feeds and looks at a console without a server: with `offline`
   it has a memory terminal, and its snapshots come by console_take(). */
bool console_open(struct console *c, const struct console_options *o, struct err *e);
void console_close(struct console *c);
/* Takes over the caller's reference. */
void console_take(struct console *c, struct snapshot *s);
void console_draw(struct console *c);
/* No further done() for this owner. */
void console_cancel(struct console *c, const void *owner);
/* Read what is shown at once. */
void console_read_now(struct console *c, unsigned target);
void console_pause(struct console *c);
/* Of all targets. */
void console_set_interval(struct console *c, double seconds);

/* views.c */
/* Puts it on top, and asks for what it needs. */
void views_show(struct console *c, struct view *v);
void views_release(struct console *c);
/* False with *e: a panel has no such column. */
bool views_check_columns(struct console *c, const struct console_binding *columns, struct err *e);

/* pins.c */
void pins_release(struct console *c);

/* chrome.c */
void chrome_draw(struct console *c, struct canvas *canvas, struct rect *panel);

/* keys.c */
/* One key, as if typed. */
void console_key(struct console *c, struct key key);
/* The scopes that keys are looked up in, innermost first; returns how many. */
enum { MOST_SCOPES = 4 };
size_t console_scopes(struct console *c, struct scope scopes[MOST_SCOPES]);
void console_run_key(struct console *c, struct key key);
bool console_run_command(struct console *c, const char *line);

/* globalactions.c, tableactions.c */
extern const struct action_set global_actions;
extern const struct action_set table_actions;
void console_filter(struct console *c, const char *text);
void console_choose_target(struct console *c);
void console_go_to_verdict(struct console *c);
void console_help(struct console *c);
void console_explain(struct console *c);

/* script.c */
struct script *script_open(const char *path, struct err *e);
void script_free(struct script *s);
/* Take as many steps as can be taken now. Returns milliseconds until it wants to be called again. */
int script_run(struct script *s, struct console *c);

#endif
