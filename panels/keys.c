/* What a key or a command does: for a prompt or dialog that is open, else by the innermost scope that knows it. */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "panels/console.h"

size_t console_scopes(struct console *c, struct scope scopes[MOST_SCOPES])
{
	size_t n = 0;
	const struct view_ops *ops = c->view->ops;
	if (ops->actions)
		scopes[n++] = (struct scope){ops->actions->scope, c->view};
	if (ops->session)
		scopes[n++] = (struct scope){session_actions.scope, c->view};
	if (ops->table && ops->table(c->view))
		scopes[n++] = (struct scope){table_actions.scope, c->view};
	scopes[n++] = (struct scope){global_actions.scope, c};
	return n;
}

/* Who wants out in a hurry tries this first; it must not do anything to a screen in use. */
static const struct key interrupt = {'c', MOD_CTRL};

static void say_how_to_leave(struct console *c)
{
	char label[KEY_NAME_SIZE];
	const char *key = keymap_label(c->keymap, "quit", console_ascii(c), label);
	console_say(c, UI_TEXT, "%s leaves fathom", *key ? key : ":quit");
}

void console_run_key(struct console *c, struct key key)
{
	struct scope scopes[MOST_SCOPES];
	size_t n = console_scopes(c, scopes);
	struct action_state state = console_action_state(c);
	struct buf why = BUF_INIT;
	if (c->view->ops->key && c->view->ops->key(c->view, key))
		return;
	enum keymap_result ran = keymap_run(c->keymap, scopes, n, key, &state, &why);
	if (ran == KEYMAP_REFUSED)
		console_say(c, UI_WARNING, "%s", buf_str(&why));
	else if (ran == KEYMAP_NONE && key_equal(key, interrupt))
		say_how_to_leave(c);
	buf_release(&why);
}

/* The name of a panel is command enough. */
static bool names_panel(struct console *c, const struct scope *scopes, size_t n, const char *line)
{
	size_t at;
	char *word = xstrndup(line, strcspn(line, " "));
	bool shown = !line[strlen(word) + strspn(line + strlen(word), " ")] &&
		     !keymap_action(c->keymap, scopes, n, word, &at) && console_show(c, word);
	free(word);
	return shown;
}

bool console_run_command(struct console *c, const char *line)
{
	struct scope scopes[MOST_SCOPES];
	size_t n = console_scopes(c, scopes);
	if (names_panel(c, scopes, n, line))
		return true;
	struct action_state state = console_action_state(c);
	struct buf why = BUF_INIT;
	enum keymap_result r = keymap_command(c->keymap, scopes, n, line, &state, &why);
	if (r != KEYMAP_RAN)
		console_say(c, UI_WARNING, "%s", buf_str(&why));
	buf_release(&why);
	return r == KEYMAP_RAN;
}

void console_key(struct console *c, struct key key)
{
	c->dirty = true;
	c->last_input = clock_mono_ns();
	if (key.code == K_HANGUP) {
		c->quit = true;
	} else if (key.code == K_RESIZE) {
		return;
	} else if (key.code == K_SUSPEND) {
		term_suspend(c->term);
	} else if (prompt_active()) {
		prompt_key(prompt_active(), key);
	} else if (c->dialog) {
		struct dialog *d = c->dialog;
		/* The answer may open the next dialog. */
		c->dialog = NULL;
		bool open = dialog_key(d, key);
		if (open && !c->dialog)
			c->dialog = d;
		else
			dialog_free(d);
	} else {
		console_run_key(c, key);
	}
}
