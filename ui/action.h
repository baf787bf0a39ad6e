/*
 * Actions: what a person can do, one const row each. Keys, the footer, help, the `:` command line
 * and the configuration are all made from these rows (keymap.h, help.h), so none of them can lie.
 * What must hold before an action runs is a flag here and checked in one place, action_refusal().
 */
#ifndef UI_ACTION_H
#define UI_ACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/key.h"

enum action_flag {
	ACTION_NEEDS_ROW = 1,   /* there must be a row under the cursor */
	ACTION_LIVE_ONLY = 2,   /* inert while rewound or replaying, and without a connection */
	ACTION_DESTRUCTIVE = 4, /* changes something on the server: refused under --read-only */
	ACTION_UNLISTED = 8,    /* moves and such: in the help, never in the footer */
};

struct action;

struct action_call {
	const struct action *action;
	struct key key;   /* K_NONE when it was typed as a command */
	const char *args; /* what stood behind the name; "" from a key */
};

struct action {
	const char *name;  /* "kill-connection", unique in the program */
	const char *keys;  /* by default, blanks between: "X F9"; "" for none */
	const char *title; /* on the footer: "kill connection" */
	const char *help;  /* one sentence */
	const char *args;  /* for `:`, "[SECONDS]"; NULL when it takes none */
	unsigned flags;
	unsigned char priority; /* on the footer: 1 comes first, 0 never */
	void (*run)(void *ctx, const struct action_call *call);
};

/* The actions of one scope: "global", "table", or a panel's name. */
struct action_set {
	const char *scope;
	const char *title; /* heading in the help */
	const struct action *actions;
	size_t n;
};

/* Where a key is looked up: innermost first. `ctx` goes to the action's run(). */
struct scope {
	const char *name;
	void *ctx;
};

/* What holds now, for the flags. */
struct action_state {
	bool has_row;
	bool live;             /* connected, and showing the present */
	const char *not_live;  /* why not: "replaying a recording"; NULL: not connected */
	bool read_only;
	const char *read_only_by; /* "--read-only", "the configuration of db3"; NULL: the first */
};

/* NULL when the action may run, else a sentence into `out`. */
const char *action_refusal(const struct action *a, const struct action_state *state, char *out,
			   size_t size);

#endif
