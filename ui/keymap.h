/*
 * Which key does what: the default keys of all action tables, changed by the configuration. Built
 * once at start, then read only. UI thread.
 */
#ifndef UI_KEYMAP_H
#define UI_KEYMAP_H

#include "base/buf.h"
#include "base/err.h"
#include "ui/action.h"
#include "ui/canvas.h"

struct keymap;

struct keymap *keymap_new(void);
void keymap_free(struct keymap *m);
/* The set and its tables must outlive the keymap. */
void keymap_add(struct keymap *m, const struct action_set *set);

/* A line of the configuration: `keys` (commas or blanks between) take the place of the default
   ones; empty unbinds. `origin` is `file:line`, for errors; copied. */
bool keymap_bind(struct keymap *m, const char *action, const char *keys, const char *origin,
		 struct err *e);
/* After the last keymap_bind(): no key may do two things in one scope, and none that moves or leaves, or does
   anything else anywhere, may act on a server. */
bool keymap_check(const struct keymap *m, struct err *e);

/* The action of a key in the first scope that has one; *scope is its index. NULL: none. */
const struct action *keymap_find(const struct keymap *m, const struct scope *scopes, size_t n,
				 struct key key, size_t *scope);
/* By name, among the scopes; NULL: none. */
const struct action *keymap_action(const struct keymap *m, const struct scope *scopes, size_t n,
				   const char *name, size_t *scope);

enum keymap_result { KEYMAP_NONE, KEYMAP_RAN, KEYMAP_REFUSED };
/* Run what the key means. On KEYMAP_REFUSED `why` says why. Pasted keys mean nothing. */
enum keymap_result keymap_run(const struct keymap *m, const struct scope *scopes, size_t n,
			      struct key key, const struct action_state *state, struct buf *why);
/* Run a `:` command line, `NAME [ARGS]`; an unambiguous beginning of a name will do. */
enum keymap_result keymap_command(const struct keymap *m, const struct scope *scopes, size_t n,
				  const char *line, const struct action_state *state,
				  struct buf *why);

/* The i-th key of an action; false when it has fewer. */
bool keymap_key(const struct keymap *m, const struct action *a, size_t i, struct key *key);
/* The first key of the action of that name as people see it, "" when it has none. */
const char *keymap_label(const struct keymap *m, const char *action, bool ascii,
			 char out[KEY_NAME_SIZE]);
/* All sets, for help and completion. */
size_t keymap_sets(const struct keymap *m);
const struct action_set *keymap_set(const struct keymap *m, size_t i);

/* The footer: the keys of these scopes by priority, as many as fit; what would be refused now is
   left out. */
void keymap_footer(const struct keymap *m, const struct scope *scopes, size_t n,
		   const struct action_state *state, struct canvas *c, struct rect r);

#endif
