/*
 * Panels: views of parts. A panel is a const struct view_ops: what it needs, its columns or its drawing,
 * its actions. The console (console.h) owns the views, feeds them frames and keys, and does all that is
 * common: header, verdict line, tabs, footer, sorting, filtering, export, help. An ordinary panel is a
 * list of columns over one part and needs no code of its own (tablepanel.h).
 *
 * All of it runs on the UI thread. A view reads the console's current frame, never a connection; what
 * takes time is a job (engine/job.h).
 */
#ifndef PANELS_PANEL_H
#define PANELS_PANEL_H

#include "model/timeline.h"
#include "ui/action.h"
#include "ui/canvas.h"
#include "ui/doc.h"
#include "ui/key.h"

struct console;
struct tableview;
struct view;

struct view_ops {
	const char *name;  /* of the panel in `:` and in the configuration; scope of its actions */
	const char *title; /* on its tab */
	const char *brief; /* there too, where not all titles have room */
	char digit;        /* the key that opens it, or 0 */
	const char *help;  /* what it shows and what it is good for: whole sentences */
	part_mask needs;
	/* Parts beyond those, by what is shown now; console_demand() when that changed. May be NULL. */
	part_mask (*wants)(const struct view *v);
	bool all_status;   /* wants every status counter while it is visible */
	size_t size;       /* of its private state, given zeroed as view->state; at least 1 */
	const void *spec;  /* for views that share their code: what makes this one this one */

	void (*open)(struct view *v, const void *arg); /* `arg` as given to console_push() */
	void (*close)(struct view *v);
	/* There is a new frame, or another target. May be NULL. */
	void (*refresh)(struct view *v);
	void (*draw)(struct view *v, struct canvas *c, struct rect r);
	/* A key that is bound to no action; true when it was used. May be NULL. */
	bool (*key)(struct view *v, struct key k);
	/* The table that cursor, sort, filter, tags, columns and export are about. May be NULL. */
	struct tableview *(*table)(struct view *v);
	/* The session under the cursor, 0: none. Views that have it get the actions on sessions. May be
	   NULL. */
	int64_t (*session)(struct view *v);
	/* For `?`: what is under the cursor; false when nothing is. May be NULL. */
	bool (*explain)(struct view *v, struct doc *out);
	const struct action_set *actions; /* may be NULL */
};

struct view {
	const struct view_ops *ops;
	struct console *console;
	void *state;
	struct view *below; /* Esc goes back there; NULL for a panel */
};

extern const struct view_ops overview_panel, sessions_panel, locks_panel, innodb_panel, replication_panel,
	statements_panel, variables_panel, findings_panel, self_panel, host_panel,
	transactions_panel, deadlocks_panel;

/* All panels in the order of their tabs; ends with NULL. */
extern const struct view_ops *const panels[];
/* Actions of views that are not panels; ends with NULL. */
extern const struct action_set *const further_actions[];
/* On the session under the cursor (killing.c); their context is the view. */
extern const struct action_set session_actions;
/* In one finding (findings.c). */
extern const struct action_set finding_actions;
/* In the box of InnoDB that is open (innodbbox.c). */
extern const struct action_set inno_box_actions;
/* In the views of InnoDB's status text (innodbtext.c). */
extern const struct action_set innodb_text_actions, innodb_section_actions;

#endif
