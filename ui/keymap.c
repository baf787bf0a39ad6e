#include "ui/keymap.h"

#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/utf8.h"

struct binding {
	const struct action_set *set;
	const struct action *action;
	struct key key;
	char *origin; /* NULL: by default */
};

struct keymap {
	const struct action_set **sets;
	size_t n_sets, cap_sets;
	struct binding *bindings;
	size_t n_bindings, cap_bindings;
};

struct keymap *keymap_new(void)
{
	return xcalloc(1, sizeof(struct keymap));
}

void keymap_free(struct keymap *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n_bindings; i++)
		free(m->bindings[i].origin);
	free(m->bindings);
	free(m->sets);
	free(m);
}

/* The next word of a list of keys; commas between them are welcome, a comma alone is a key. */
static const char *next_key(const char *keys, char word[KEY_NAME_SIZE])
{
	keys += strspn(keys, " \t");
	size_t n = strcspn(keys, " \t"), used = n;
	if (n > 1 && keys[n - 1] == ',')
		n--;
	n = n < KEY_NAME_SIZE ? n : KEY_NAME_SIZE - 1; /* longer is no key anyway */
	memcpy(word, keys, n);
	word[n] = '\0';
	return used ? keys + used : NULL;
}

static void add_binding(struct keymap *m, const struct action_set *set, const struct action *a,
			struct key key, const char *origin)
{
	GROW(m->bindings, m->n_bindings, m->cap_bindings);
	m->bindings[m->n_bindings++] = (struct binding){set, a, key, xstrdup_null(origin)};
}

void keymap_add(struct keymap *m, const struct action_set *set)
{
	GROW(m->sets, m->n_sets, m->cap_sets);
	m->sets[m->n_sets++] = set;
	for (size_t i = 0; i < set->n; i++) {
		const struct action *a = &set->actions[i];
		char word[KEY_NAME_SIZE];
		for (const char *s = a->keys; s && (s = next_key(s, word));) {
			struct key key;
			if (!key_parse(word, &key))
				die("BUG: \"%s\" of %s is no key", word, a->name);
			add_binding(m, set, a, key, NULL);
		}
	}
}

static const struct action *by_name(const struct keymap *m, const char *name,
				    const struct action_set **set)
{
	for (size_t i = 0; i < m->n_sets; i++) {
		*set = m->sets[i];
		for (size_t k = 0; k < m->sets[i]->n; k++) {
			if (!strcmp(m->sets[i]->actions[k].name, name))
				return &m->sets[i]->actions[k];
		}
	}
	return NULL;
}

static bool no_such_action(const struct keymap *m, const char *name, const char *origin,
			   struct err *e)
{
	struct nearest near = NEAREST(name);
	char why[160], hint[96];
	for (size_t i = 0; i < m->n_sets; i++) {
		for (size_t k = 0; k < m->sets[i]->n; k++)
			nearest_offer(&near, m->sets[i]->actions[k].name);
	}
	snprintf(why, sizeof why, "there is no action \"%.64s\"", name);
	nearest_hint(&near, "the help (h) lists all actions", hint, sizeof hint);
	return err_set(e, ERR_USAGE, origin, why, hint);
}

static bool no_such_key(const char *word, const char *origin, struct err *e)
{
	static const char *const names[] = {
		"Enter", "Esc", "Space", "Tab", "Backspace", "Up", "Down", "Left", "Right",
		"Home", "End", "PgUp", "PgDn", "Insert", "Delete"};
	struct nearest near = NEAREST(word);
	char why[96], hint[96];
	for (size_t i = 0; i < COUNT_OF(names); i++)
		nearest_offer(&near, names[i]);
	snprintf(why, sizeof why, "\"%s\" is no key", word);
	nearest_hint(&near, "write x, Enter, F9, C-r for Ctrl, M-x for Alt", hint, sizeof hint);
	return err_set(e, ERR_USAGE, origin, why, hint);
}

static void unbind(struct keymap *m, const struct action *a)
{
	size_t n = 0;
	for (size_t i = 0; i < m->n_bindings; i++) {
		if (m->bindings[i].action == a)
			free(m->bindings[i].origin);
		else
			m->bindings[n++] = m->bindings[i];
	}
	m->n_bindings = n;
}

bool keymap_bind(struct keymap *m, const char *name, const char *keys, const char *origin,
		 struct err *e)
{
	const struct action_set *set = NULL;
	const struct action *a = by_name(m, name, &set);
	char word[KEY_NAME_SIZE];
	struct key key;
	if (!a)
		return no_such_action(m, name, origin, e);
	for (const char *s = keys; (s = next_key(s, word));) {
		if (!key_parse(word, &key))
			return no_such_key(word, origin, e);
	}
	unbind(m, a);
	for (const char *s = keys; (s = next_key(s, word));) {
		key_parse(word, &key);
		add_binding(m, set, a, key, origin);
	}
	return true;
}

/* Fingers that know htop, less and vim press these to look around and to get out: none of them may act on a
   server, whatever somebody's configuration says and whether or not the key means anything else here. */
static bool harmless(const struct keymap *m, const struct binding *b, struct err *e)
{
	static const char *const moves[] = {
		"Enter", "Esc", "Space", "Tab", "S-Tab", "Backspace", "Up", "Down", "Left", "Right", "Home", "End",
		"PgUp", "PgDn", "h", "j", "k", "l", "g", "G", "b", "d", "u", "f", "w", "n", "N", "q", "Q", "/", "?",
		":", "C-c", "C-b", "C-d", "C-f", "C-g", "C-l", "C-n", "C-p", "C-u", "C-z"};
	char name[KEY_NAME_SIZE], why[256];
	for (size_t i = 0; i < COUNT_OF(moves); i++) {
		struct key key;
		if (!key_parse(moves[i], &key) || !key_equal(key, b->key))
			continue;
		snprintf(why, sizeof why, "%s moves or leaves in htop, less or vim; %.64s acts on the server",
			 key_print(key, name), b->action->name);
		return err_set(e, ERR_USAGE, b->origin ? b->origin : "keys", why, "take another key: F9, K, C-x");
	}
	for (size_t i = 0; i < m->n_bindings; i++) {
		const struct binding *o = &m->bindings[i];
		if (!key_equal(o->key, b->key) || o->action->flags & ACTION_DESTRUCTIVE)
			continue;
		snprintf(why, sizeof why, "%s is the key of %.64s, too; %.64s acts on the server",
			 key_print(b->key, name), o->action->name, b->action->name);
		const char *origin = b->origin ? b->origin : o->origin;
		return err_set(e, ERR_USAGE, origin ? origin : "keys", why, "take a key that does nothing else");
	}
	return true;
}

bool keymap_check(const struct keymap *m, struct err *e)
{
	for (size_t i = 0; i < m->n_bindings; i++)
		if (m->bindings[i].action->flags & ACTION_DESTRUCTIVE && !harmless(m, &m->bindings[i], e))
			return false;
	for (size_t i = 0; i < m->n_bindings; i++) {
		const struct binding *a = &m->bindings[i];
		for (size_t k = i + 1; k < m->n_bindings; k++) {
			const struct binding *b = &m->bindings[k];
			char name[KEY_NAME_SIZE], why[256], hint[128];
			if (!key_equal(a->key, b->key) || strcmp(a->set->scope, b->set->scope))
				continue;
			const char *origin = b->origin ? b->origin : a->origin;
			snprintf(why, sizeof why, "%s is the key of both %.64s and %.64s",
				 key_print(a->key, name), a->action->name, b->action->name);
			snprintf(hint, sizeof hint, "give one another key, or none: `%.64s =`",
				 a->action->name);
			return err_set(e, ERR_USAGE, origin ? origin : "keys", why, hint);
		}
	}
	return true;
}

const struct action *keymap_find(const struct keymap *m, const struct scope *scopes, size_t n,
				 struct key key, size_t *scope)
{
	for (size_t s = 0; s < n; s++) {
		for (size_t i = 0; i < m->n_bindings; i++) {
			const struct binding *b = &m->bindings[i];
			if (key_equal(b->key, key) && !strcmp(b->set->scope, scopes[s].name)) {
				if (scope)
					*scope = s;
				return b->action;
			}
		}
	}
	return NULL;
}

/* Visits the actions of the scopes, innermost first. */
struct walk {
	const struct keymap *m;
	const struct scope *scopes;
	size_t n, scope, set, i;
};

static const struct action *walk_next(struct walk *w)
{
	for (; w->scope < w->n; w->scope++, w->set = 0) {
		for (; w->set < w->m->n_sets; w->set++, w->i = 0) {
			const struct action_set *set = w->m->sets[w->set];
			if (!strcmp(set->scope, w->scopes[w->scope].name) && w->i < set->n)
				return &set->actions[w->i++];
		}
	}
	return NULL;
}

const struct action *keymap_action(const struct keymap *m, const struct scope *scopes, size_t n,
				   const char *name, size_t *scope)
{
	struct walk w = {m, scopes, n, 0, 0, 0};
	for (const struct action *a; (a = walk_next(&w));) {
		if (!strcmp(a->name, name)) {
			if (scope)
				*scope = w.scope;
			return a;
		}
	}
	return NULL;
}

static enum keymap_result run(const struct scope *scope, const struct action_call *call,
			      const struct action_state *state, struct buf *why)
{
	char text[256];
	const char *refusal = action_refusal(call->action, state, text, sizeof text);
	if (refusal) {
		buf_adds(why, refusal);
		return KEYMAP_REFUSED;
	}
	call->action->run(scope->ctx, call);
	return KEYMAP_RAN;
}

enum keymap_result keymap_run(const struct keymap *m, const struct scope *scopes, size_t n,
			      struct key key, const struct action_state *state, struct buf *why)
{
	size_t scope;
	const struct action *a = keymap_find(m, scopes, n, key, &scope);
	if (!a)
		return KEYMAP_NONE;
	struct action_call call = {.action = a, .key = key, .args = ""};
	return run(&scopes[scope], &call, state, why);
}

/* Sorts out a command's name that is no action's name as it stands. */
static const struct action *abbreviated(const struct keymap *m, const struct scope *scopes,
					size_t n, const char *name, size_t *scope,
					struct buf *why)
{
	struct walk w = {m, scopes, n, 0, 0, 0};
	struct nearest near = NEAREST(name);
	const struct action *found = NULL;
	size_t found_n = 0, length = strlen(name);
	struct buf all = BUF_INIT;
	for (const struct action *a; (a = walk_next(&w));) {
		nearest_offer(&near, a->name);
		if (!strncmp(a->name, name, length)) {
			buf_addf(&all, "%s%s", found_n++ ? ", " : "", a->name);
			found = a;
			*scope = w.scope;
		}
	}
	const struct action_set *elsewhere = NULL;
	char hint[128];
	if (found_n == 1) {
		buf_release(&all);
		return found;
	}
	if (found_n > 1)
		buf_addf(why, "%s could be %s", name, buf_str(&all));
	else if (by_name(m, name, &elsewhere))
		buf_addf(why, "%s: that is for %s", name, elsewhere->title);
	else
		buf_addf(why, "there is no command %s; %s", name,
			 nearest_hint(&near, "Tab shows all", hint, sizeof hint));
	buf_release(&all);
	return NULL;
}

enum keymap_result keymap_command(const struct keymap *m, const struct scope *scopes, size_t n,
				  const char *line, const struct action_state *state,
				  struct buf *why)
{
	line += strspn(line, " \t:");
	size_t length = strcspn(line, " \t"), scope = 0;
	if (!length)
		return KEYMAP_NONE;
	char *name = xstrndup(line, length);
	const char *args = line + length + strspn(line + length, " \t");
	const struct action *a = keymap_action(m, scopes, n, name, &scope);
	if (!a)
		a = abbreviated(m, scopes, n, name, &scope, why);
	free(name);
	if (!a)
		return KEYMAP_REFUSED;
	if (args[0] && !a->args) {
		buf_addf(why, "%s takes nothing behind it", a->name);
		return KEYMAP_REFUSED;
	}
	/* Completion leaves a blank behind the last word. */
	size_t end = strlen(args);
	while (end && strchr(" \t", args[end - 1]))
		end--;
	char *trimmed = xstrndup(args, end);
	struct action_call call = {.action = a, .args = trimmed};
	enum keymap_result result = run(&scopes[scope], &call, state, why);
	free(trimmed);
	return result;
}

bool keymap_key(const struct keymap *m, const struct action *a, size_t i, struct key *key)
{
	for (size_t k = 0; k < m->n_bindings; k++) {
		if (m->bindings[k].action == a && i-- == 0) {
			*key = m->bindings[k].key;
			return true;
		}
	}
	return false;
}

const char *keymap_label(const struct keymap *m, const char *action, bool ascii,
			 char out[KEY_NAME_SIZE])
{
	const struct action_set *set;
	const struct action *a = by_name(m, action, &set);
	struct key key;
	out[0] = '\0';
	if (a && keymap_key(m, a, 0, &key))
		key_label(key, ascii, out);
	return out;
}

size_t keymap_sets(const struct keymap *m)
{
	return m->n_sets;
}

const struct action_set *keymap_set(const struct keymap *m, size_t i)
{
	return m->sets[i];
}

/* --- the footer --------------------------------------------------------------------------- */

enum { FOOTER_MOST = 48, FOOTER_GAP = 2 };

struct footer_item {
	const struct action *action;
	char label[KEY_NAME_SIZE];
	int cells;
	bool chosen;
};

/* The first key that really leads to this action from here, as people see it. */
static bool footer_label(const struct keymap *m, const struct scope *scopes, size_t n,
			 const struct action *a, bool ascii, char label[KEY_NAME_SIZE])
{
	struct key key;
	for (size_t i = 0; keymap_key(m, a, i, &key); i++) {
		if (keymap_find(m, scopes, n, key, NULL) == a) {
			key_label(key, ascii, label);
			return true;
		}
	}
	return false;
}

static size_t footer_items(const struct keymap *m, const struct scope *scopes, size_t n,
			   const struct action_state *state, bool ascii, struct footer_item *items)
{
	struct walk w = {m, scopes, n, 0, 0, 0};
	size_t count = 0;
	char ignored[256];
	for (const struct action *a; count < FOOTER_MOST && (a = walk_next(&w));) {
		struct footer_item *item = &items[count];
		*item = (struct footer_item){.action = a};
		if (!a->priority || (a->flags & ACTION_UNLISTED) ||
		    action_refusal(a, state, ignored, sizeof ignored) ||
		    !footer_label(m, scopes, n, a, ascii, item->label))
			continue;
		item->cells = utf8_width(item->label, strlen(item->label)) + 1 +
			      utf8_width(a->title, strlen(a->title));
		count++;
	}
	return count;
}

/* The most important that fit together, each in its turn. */
static void footer_choose(struct footer_item *items, size_t n, int room)
{
	for (unsigned priority = 1; priority <= 255; priority++) {
		for (size_t i = 0; i < n; i++) {
			if (items[i].action->priority != priority)
				continue;
			int needs = items[i].cells + FOOTER_GAP;
			if (needs > room)
				return;
			items[i].chosen = true;
			room -= needs;
		}
	}
}

void keymap_footer(const struct keymap *m, const struct scope *scopes, size_t n,
		   const struct action_state *state, struct canvas *c, struct rect r)
{
	struct footer_item items[FOOTER_MOST];
	size_t count = footer_items(m, scopes, n, state, c->ascii, items);
	footer_choose(items, count, r.w - 1 + FOOTER_GAP - 1);
	struct rect clip = canvas_clip(c, r);
	int x = r.x + 1;
	for (size_t i = 0; i < count; i++) {
		if (!items[i].chosen)
			continue;
		int end = x + items[i].cells;
		x += canvas_puts(c, x, r.y, CANVAS_ALL, UI_FOOTER_KEY, items[i].label) + 1;
		canvas_puts(c, x, r.y, CANVAS_ALL, UI_FOOTER_TEXT, items[i].action->title);
		x = end + FOOTER_GAP;
	}
	c->clip = clip;
}
