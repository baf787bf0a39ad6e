/*
 * What can be done everywhere. One row each: keys, footer, help and `:` come from them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "panels/alarm.h"
#include "panels/bundle.h"
#include "panels/console.h"
#include "panels/culprit.h"
#include "panels/hostquestion.h"
#include "ui/help.h"
#include "ui/tableview.h"

/* --- moving between views --------------------------------------------------------------------- */

static void quit(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	if (c->view->below)
		console_pop(c);
	else
		c->quit = true;
}

/* Esc undoes the innermost thing: a view, a filter, a grouping, tags. It never quits. */
static void back(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	struct tableview *t = c->view->ops->table ? c->view->ops->table(c->view) : NULL;
	c->notice_until = 0;
	if (t && tableview_grouped_by(t))
		tableview_group(t, NULL);
	else if (t && *tableview_filter_text(t))
		tableview_filter(t, NULL, NULL, NULL);
	else if (t && tableview_tags(t))
		tableview_untag(t);
	else if (c->view->below)
		console_pop(c);
}

static void panel(void *ctx, const struct action_call *call)
{
	struct console *c = ctx;
	char digit[2] = {(char)call->key.code, '\0'};
	const char *name = call->key.code == K_NONE ? call->args : digit;
	if (!console_show(c, name))
		console_say(c, UI_DIM, "there is no panel %s yet", name);
}

static void step_panel(struct console *c, int by)
{
	const struct view *v = c->view;
	while (v->below)
		v = v->below;
	int n = 0, at = 0;
	for (; panels[n]; n++)
		if (panels[n] == v->ops)
			at = n;
	console_show(c, panels[(at + by + n) % n]->name);
}

static void next_panel(void *ctx, const struct action_call *call)
{
	(void)call;
	step_panel(ctx, 1);
}

static void previous_panel(void *ctx, const struct action_call *call)
{
	(void)call;
	step_panel(ctx, -1);
}

/* --- targets ---------------------------------------------------------------------------------- */

static void target_chosen(void *ctx, int id)
{
	if (id >= 0)
		console_switch(ctx, (unsigned)id);
}

void console_choose_target(struct console *c)
{
	struct dialog *d = dialog_menu("Targets", target_chosen, c);
	for (unsigned i = 0; i < c->n_watches; i++) {
		const struct frame *f = timeline_frame(c->watches[i].timeline);
		struct verdict v = {0};
		verdict_make(&v, f, c->watches[i].target->name, clock_mono_ns());
		dialog_menu_add(d, (int)i, c->watches[i].target->name, buf_str(&v.text));
		verdict_release(&v);
	}
	dialog_menu_select(d, (int)c->target);
	console_dialog(c, d);
}

static void targets(void *ctx, const struct action_call *call)
{
	struct console *c = ctx;
	for (unsigned i = 0; call->args[0] && i < c->n_watches; i++)
		if (strcmp(c->watches[i].target->name, call->args) == 0) {
			console_switch(c, i);
			return;
		}
	if (call->args[0])
		console_say(c, UI_WARNING, "there is no target %s", call->args);
	else
		console_choose_target(c);
}

static void next_target(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	if (c->n_watches < 2)
		console_say(c, UI_DIM, "there is only one target: name more on the command line");
	console_switch(c, (c->target + 1) % c->n_watches);
}

static void previous_target(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	console_switch(c, (c->target + c->n_watches - 1) % c->n_watches);
}

/* --- the verdict ------------------------------------------------------------------------------ */

static struct view *sessions_view(struct console *c)
{
	console_show(c, "sessions");
	return c->view;
}

void console_go_to_verdict(struct console *c)
{
	const struct verdict *verdict = &console_watched(c)->verdict;
	const struct part *findings = console_part(c, PART_FINDINGS);
	int64_t session = verdict->session;
	int row = !session && verdict->culprit && findings ? part_find(findings, value_str(verdict->id)) : -1;
	if (row >= 0) {
		culprit_go_row(c, findings, (unsigned)row);
		return;
	}
	if (!session && hostquestion_ask(c))
		return;
	if (!session) {
		console_say(c, UI_DIM, "the verdict names no session");
		return;
	}
	struct view *v = sessions_view(c);
	struct tableview *t = v->ops->table(v);
	tableview_group(t, NULL);
	tableview_filter(t, NULL, NULL, NULL);
	tableview_select(t, value_int(session));
}

static void go_to_verdict(void *ctx, const struct action_call *call)
{
	(void)call;
	console_go_to_verdict(ctx);
}

static void answer_host(void *ctx, const struct action_call *call)
{
	(void)call;
	if (!hostquestion_ask(ctx))
		console_say(ctx, UI_DIM, "the way to the host asks nothing");
}

static void why(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	const struct verdict *v = &console_watched(c)->verdict;
	struct doc d = {0};
	doc_para(&d, UI_STRONG, buf_str(&v->text));
	doc_end(&d);
	doc_para(&d, UI_TEXT, buf_str(&v->why));
	console_dialog(c, dialog_pager("Why", &d, NULL, NULL, c));
}

/* --- time ------------------------------------------------------------------------------------- */

static void pause_screen(void *ctx, const struct action_call *call)
{
	(void)call;
	console_pause(ctx);
}

static void refresh(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	console_read_now(c, c->target);
}

static const double intervals[] = {0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};

static void interval(void *ctx, const struct action_call *call)
{
	struct console *c = ctx;
	char *end;
	double s = strtod(call->args, &end);
	if (!call->args[0])
		console_say(c, UI_TEXT, "refresh every %.3g s", console_interval(c));
	else if (*end || !(s >= 0.1 && s <= 60)) /* nor what is no number */
		console_say(c, UI_WARNING, "interval: %s: 0.1 to 60 seconds", call->args);
	else
		console_set_interval(c, s);
}

static void slower(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	unsigned i = 0;
	while (i + 1 < COUNT_OF(intervals) && intervals[i] <= console_interval(c))
		i++;
	console_set_interval(c, intervals[i]);
}

static void faster(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	unsigned i = COUNT_OF(intervals) - 1;
	while (i > 0 && intervals[i] >= console_interval(c))
		i--;
	console_set_interval(c, intervals[i]);
}

/* --- help ------------------------------------------------------------------------------------- */

void console_help(struct console *c)
{
	struct scope scopes[MOST_SCOPES];
	size_t n = console_scopes(c, scopes);
	struct doc d = {0};
	doc_heading(&d, c->view->ops->title);
	doc_para(&d, UI_TEXT, c->view->ops->help);
	help_keys(&d, c->keymap, scopes, n, console_ascii(c));
	console_dialog(c, dialog_pager("Help", &d, NULL, NULL, c));
}

static void help(void *ctx, const struct action_call *call)
{
	(void)call;
	console_help(ctx);
}

/* In a table: which column is meant is moved by the arrows while the text is open. */
static bool explain_keys(void *ctx, struct dialog *d, struct key key)
{
	struct console *c = ctx;
	struct tableview *t = c->view->ops->table ? c->view->ops->table(c->view) : NULL;
	int by = key.code == K_RIGHT || key.code == K_TAB ? 1 : key.code == K_LEFT ? -1 : 0;
	if (!t || !by)
		return false;
	tableview_explain_move(t, by);
	doc_clear(dialog_text(d));
	tableview_explain(t, dialog_text(d));
	return true;
}

static void explain_done(void *ctx)
{
	struct console *c = ctx;
	struct tableview *t = c->view->ops->table ? c->view->ops->table(c->view) : NULL;
	if (t)
		tableview_explain_end(t);
}

void console_explain(struct console *c)
{
	const struct view_ops *ops = c->view->ops;
	struct tableview *t = ops->table ? ops->table(c->view) : NULL;
	struct doc d = {0};
	if (ops->explain && ops->explain(c->view, &d)) {
		console_dialog(c, dialog_pager("What is this", &d, NULL, NULL, c));
	} else if (t) {
		tableview_explain_move(t, 0);
		tableview_explain(t, &d);
		console_dialog(c, dialog_pager("What is this: ← → other columns", &d, explain_keys,
					       explain_done, c));
	} else {
		doc_release(&d);
		console_help(c);
	}
}

static void explain(void *ctx, const struct action_call *call)
{
	(void)call;
	console_explain(ctx);
}

/* --- the command line ------------------------------------------------------------------------- */

static const struct action *action_of(const struct console *c, const char *line)
{
	size_t n = strcspn(line, " ");
	for (size_t i = 0; i < keymap_sets(c->keymap); i++) {
		const struct action_set *set = keymap_set(c->keymap, i);
		for (size_t a = 0; a < set->n; a++)
			if (strncmp(set->actions[a].name, line, n) == 0 && !set->actions[a].name[n])
				return &set->actions[a];
	}
	return NULL;
}

/* "statement|connection": what is to be typed as it stands. */
static bool complete_choices(const char *args, struct prompt_candidates *out)
{
	if (!strchr(args, '|'))
		return false;
	for (const char *s = args; *s;) {
		size_t n = strcspn(s, "|");
		char *word = xstrndup(s, n);
		prompt_candidate(out, word);
		free(word);
		s += n + (s[n] == '|');
	}
	return true;
}

static void complete_command(void *ctx, const char *line, size_t start, size_t cursor,
			     struct prompt_candidates *out)
{
	(void)cursor;
	struct console *c = ctx;
	struct scope scopes[MOST_SCOPES];
	size_t n = console_scopes(c, scopes);
	if (start == 0) {
		for (size_t i = 0; i < keymap_sets(c->keymap); i++) {
			const struct action_set *set = keymap_set(c->keymap, i);
			for (size_t k = 0; k < n; k++)
				for (size_t a = 0; strcmp(scopes[k].name, set->scope) == 0 && a < set->n; a++)
					prompt_candidate(out, set->actions[a].name);
		}
		for (unsigned i = 0; panels[i]; i++)
			prompt_candidate(out, panels[i]->name);
		return;
	}
	const struct action *action = action_of(c, line);
	if (!action || !action->args || complete_choices(action->args, out))
		return;
	struct tableview *t = c->view->ops->table ? c->view->ops->table(c->view) : NULL;
	if (strncmp(line, "panel ", 6) == 0)
		for (unsigned i = 0; panels[i]; i++)
			prompt_candidate(out, panels[i]->name);
	else if (strncmp(line, "theme ", 6) == 0)
		for (const char *const *name = theme_names(); *name; name++)
			prompt_candidate(out, *name);
	else if (strncmp(line, "target ", 7) == 0)
		for (unsigned i = 0; i < c->n_watches; i++)
			prompt_candidate(out, c->watches[i].target->name);
	else if (strncmp(line, "export ", 7) == 0) {
		prompt_candidate(out, "csv");
		prompt_candidate(out, "json");
	} else if (t)
		for (size_t i = 0; i < tableview_columns(t); i++)
			prompt_candidate(out, column_id(tableview_column(t, i, NULL)));
}

static void command_done(void *ctx, const char *text)
{
	struct console *c = ctx;
	if (text && text[strspn(text, " ")])
		console_run_command(c, text + strspn(text, " :"));
	c->dirty = true;
}

static void command(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	console_prompt(c,
		       &(struct prompt_spec){
			       .label = ":",
			       .history = "command",
			       .complete = complete_command,
			       .done = command_done,
		       },
		       c);
}

/* --- looks ------------------------------------------------------------------------------------ */

static bool use_theme(struct console *c, const char *name)
{
	struct theme t;
	struct err e = {0};
	char dir[4096];
	if (theme_load(&t, name, theme_user_dir(dir, sizeof dir), &e)) {
		c->theme = t;
		term_set_theme(c->term, &c->theme);
		return true;
	}
	struct buf b = BUF_INIT;
	err_format(&e, &b);
	console_say(c, UI_WARNING, "%s", buf_str(&b));
	buf_release(&b);
	return false;
}

static void theme_chosen(void *ctx, int id)
{
	if (id >= 0)
		use_theme(ctx, theme_names()[id]);
}

static void theme(void *ctx, const struct action_call *call)
{
	struct console *c = ctx;
	if (call->args[0]) {
		use_theme(c, call->args);
		return;
	}
	struct dialog *d = dialog_menu("Theme", theme_chosen, c);
	const char *const *names = theme_names();
	for (int i = 0; names[i]; i++) {
		dialog_menu_add(d, i, names[i], NULL);
		if (strcmp(names[i], c->theme.name) == 0)
			dialog_menu_select(d, i);
	}
	console_dialog(c, d);
}

static void redraw(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	term_redraw(c->term);
	c->dirty = true;
}

static void screenshot(void *ctx, const struct action_call *call)
{
	struct console *c = ctx;
	char name[64];
	time_t now = (time_t)(clock_wall_us() / US_PER_S);
	struct tm tm;
	localtime_r(&now, &tm);
	strftime(name, sizeof name, "fathom-%Y%m%d-%H%M%S.txt", &tm);
	struct buf b = BUF_INIT;
	canvas_dump(term_shown(c->term), &b);
	size_t len = b.len;
	console_write_file(c, call->args[0] ? call->args : name, buf_steal(&b), len, "screen");
}

static void suspend(void *ctx, const struct action_call *call)
{
	(void)call;
	struct console *c = ctx;
	term_suspend(c->term);
}

static void alerts(void *ctx, const struct action_call *call)
{
	(void)call;
	alarm_show(ctx);
}

static void freeze_bundle(void *ctx, const struct action_call *call)
{
	bundle_begin(ctx, call->args);
}

static const struct action actions[] = {
	{"alerts", "", "alerts", "List what rang: critical findings, and what became of the alert command.", NULL,
	 ACTION_UNLISTED, 0, alerts},
	{"answer-host", "A", "answer the host", "Answer what the way to the server's host asks: its key, a "
	 "passphrase.", NULL, ACTION_UNLISTED, 0, answer_host},
	{"back", "Esc", "back", "Undo the innermost thing: a detail, a filter, a grouping, tags.", NULL,
	 ACTION_UNLISTED, 0, back},
	{"bundle", "w", "keep evidence", "Write all that is known now to one file: parts, findings, locks, plans.",
	 "[FILE]", 0, 60, freeze_bundle},
	{"command", ":", "command", "Type a command; Tab completes, ↑ recalls.", NULL, 0, 40, command},
	{"explain", "?", "what is this", "Say what the column or number under the cursor means.", NULL, 0,
	 30, explain},
	{"faster", "+", "faster", "Refresh more often.", NULL, ACTION_UNLISTED, 0, faster},
	{"go-to-verdict", "V", "go there", "Go to who the verdict line names.", NULL,
	 ACTION_UNLISTED, 0, go_to_verdict},
	{"help", "F1 h", "help", "Show this help.", NULL, 0, 45, help},
	{"interval", "", "interval", "Show or set the seconds between two samples.", "[SECONDS]",
	 ACTION_UNLISTED, 0, interval},
	{"next-panel", "Tab", "next panel", "Show the next panel.", NULL, ACTION_UNLISTED, 0, next_panel},
	{"next-target", "]", "next target", "Show the next target.", NULL, ACTION_UNLISTED, 0,
	 next_target},
	{"panel", "1 2 3 4 5 6 7 8 9 0", "panel", "Show a panel, by its digit or name.", "NAME",
	 ACTION_UNLISTED, 0, panel},
	{"pause", "p", "pause", "Freeze the screen, or let it go on; what is frozen can be looked into.",
	 NULL, 0, 50, pause_screen},
	{"previous-panel", "S-Tab", "previous panel", "Show the panel before.", NULL, ACTION_UNLISTED, 0,
	 previous_panel},
	{"previous-target", "[", "previous target", "Show the target before.", NULL, ACTION_UNLISTED, 0,
	 previous_target},
	{"quit", "q", "quit", "Leave a detail, or the program.", NULL, 0, 41, quit},
	{"redraw", "C-l", "redraw", "Draw the whole screen anew.", NULL, ACTION_UNLISTED, 0, redraw},
	{"refresh", "C-r F5", "refresh", "Read everything at once, or try to connect now.", NULL,
	 ACTION_UNLISTED, 0, refresh},
	{"screenshot", "P", "screenshot", "Write the screen to a text file.", "[FILE]", ACTION_UNLISTED, 0,
	 screenshot},
	{"slower", "-", "slower", "Refresh less often.", NULL, ACTION_UNLISTED, 0, slower},
	{"suspend", "C-z", "suspend", "Give the terminal back to the shell until `fg`.", NULL,
	 ACTION_UNLISTED, 0, suspend},
	{"target", "t", "targets", "Choose the target that is shown.", "[NAME]", ACTION_UNLISTED, 0,
	 targets},
	{"theme", "T", "theme", "Choose the colours.", "[NAME]", ACTION_UNLISTED, 0, theme},
	{"why", "v", "why", "Say how the verdict is known and what to do.", NULL, ACTION_UNLISTED, 0, why},
};

const struct action_set global_actions = {"global", "Everywhere", actions, COUNT_OF(actions)};
