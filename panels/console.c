#include "panels/console.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "panels/alarm.h"
#include "panels/bundle.h"
#include "panels/hostquestion.h"
#include "panels/killing.h"
#include "ui/tableview.h"

enum {
	FRAME_MS = 33,     /* data is drawn at most 30 times a second */
	TICK_MS = 1000,    /* the clock and ages move on without news */
	BEAT_MS = 1250,    /* where news are expected each second, they move on with them */
	NOTICE_SECONDS = 6,
};

/* --- what panels may ask ---------------------------------------------------------------------- */

struct watched *console_watched(struct console *c)
{
	return &c->watches[c->target];
}

unsigned console_target(const struct console *c)
{
	return c->target;
}

const struct frame *console_frame(const struct console *c)
{
	return c->paused ? &c->frozen : timeline_frame(c->watches[c->target].timeline);
}

const struct part *console_part(const struct console *c, enum part_id id)
{
	const struct frame *f = console_frame(c);
	return f->now ? f->now->parts[id] : NULL;
}

struct timeline *console_timeline(const struct console *c)
{
	return c->watches[c->target].timeline;
}

const char *console_columns(const struct console *c, const char *panel)
{
	for (const struct console_binding *b = c->options->columns; b && b->name; b++)
		if (strcmp(b->name, panel) == 0)
			return b->value;
	return NULL;
}

double console_interval(const struct console *c)
{
	return c->watches[c->target].interval;
}

bool console_ascii(const struct console *c)
{
	return term_canvas(c->term)->ascii;
}

bool console_paused(const struct console *c)
{
	return c->paused;
}

const struct keymap *console_keymap(const struct console *c)
{
	return c->keymap;
}

const char *console_state_dir(const struct console *c)
{
	return c->options->state_dir;
}

struct action_state console_action_state(const struct console *c)
{
	const struct watched *w = &c->watches[c->target];
	const struct snapshot *now = timeline_frame(w->timeline)->now;
	const char *setting = w->target->value[SETTING_READ_ONLY];
	const struct view_ops *ops = c->view->ops;
	struct tableview *table = ops->table ? ops->table(c->view) : NULL;
	return (struct action_state){
		.has_row = (table && tableview_key(table).type != VALUE_ABSENT) ||
			   (ops->session && ops->session(c->view)),
		.live = now && (now->link == LINK_LIVE || now->link == LINK_STALLED),
		.read_only = setting && strcmp(setting, "0") != 0,
		.read_only_by = w->target->origin[SETTING_READ_ONLY],
	};
}

void console_dirty(struct console *c)
{
	c->dirty = true;
}

void console_say(struct console *c, enum ui_role role, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct buf raw = BUF_INIT;
	buf_vaddf(&raw, fmt, ap);
	va_end(ap);
	buf_clear(&c->notice);
	utf8_scrub(&c->notice, buf_str(&raw), raw.len);
	buf_release(&raw);
	c->notice_role = role;
	c->notice_until = clock_mono_ns() + NOTICE_SECONDS * NS_PER_S;
	c->dirty = true;
}

/* As if the person had said no: whoever asked gets an answer, once. */
static void cancel_dialog(struct console *c)
{
	struct dialog *d = c->dialog;
	c->dialog = NULL;
	if (d)
		dialog_key(d, (struct key){K_ESC, 0});
	dialog_free(d);
}

void console_dialog(struct console *c, struct dialog *d)
{
	cancel_dialog(c);
	c->dialog = d;
	c->dirty = true;
}

void console_prompt(struct console *c, const struct prompt_spec *spec, void *ctx)
{
	if (prompt_active())
		prompt_key(prompt_active(), (struct key){K_ESC, 0});
	prompt_open(spec, ctx);
	c->dirty = true;
}

void console_copy(struct console *c, const char *text, size_t len, const char *what)
{
	if (!len)
		console_say(c, UI_WARNING, "nothing to copy");
	else if (term_copy(c->term, text, len))
		console_say(c, UI_GOOD, "%s copied (%zu bytes, by OSC 52)", what, len);
	else
		console_say(c, UI_WARNING, "%s is too long to copy (%zu bytes, at most %d)", what, len,
			    TERM_COPY_MAX);
}

/* --- jobs ------------------------------------------------------------------------------------- */

void console_submit(struct console *c, struct job *job, void (*done)(struct job *, void *owner),
		    void *owner)
{
	job->done = done;
	job->owner = owner;
	if (c->jobs) {
		jobs_submit(c->jobs, job);
		return;
	}
	if (c->options->stand_in && c->options->stand_in->run)
		c->options->stand_in->run(job);
	else
		err_setf(&job->err, ERR_CANCELLED, job->kind->name, NULL, "there is no server to ask");
	if (done)
		done(job, owner);
	job_free(job);
}

void console_cancel(struct console *c, const void *owner)
{
	if (c->jobs)
		jobs_cancel_owner(c->jobs, owner);
}

/* --- pause ------------------------------------------------------------------------------------ */

static void thaw(struct console *c)
{
	snapshot_unref(c->frozen.now);
	for (int i = 0; i < N_PARTS; i++)
		part_unref(c->frozen.before[i]);
	c->frozen = (struct frame){0};
	c->paused = false;
}

static void freeze(struct console *c)
{
	c->frozen = *timeline_frame(console_timeline(c));
	if (c->frozen.now)
		snapshot_ref(c->frozen.now);
	for (int i = 0; i < N_PARTS; i++)
		if (c->frozen.before[i])
			part_ref(c->frozen.before[i]);
	c->paused = true;
}

void console_switch(struct console *c, unsigned target)
{
	if (target >= c->n_watches || target == c->target)
		return;
	while (c->view && c->view->below)
		console_pop(c);
	c->target = target;
	if (c->paused) {
		thaw(c);
		freeze(c);
	}
	if (c->jobs)
		jobs_warm(c->jobs, target);
	views_show(c, c->view);
}

void console_pause(struct console *c)
{
	if (c->paused)
		thaw(c);
	else
		freeze(c);
	if (c->sampler)
		sampler_pause(c->sampler, c->paused);
	if (c->view->ops->refresh)
		c->view->ops->refresh(c->view);
	c->dirty = true;
}

void console_set_interval(struct console *c, double seconds)
{
	for (unsigned i = 0; i < c->n_watches; i++)
		c->watches[i].interval = seconds < 0.1 ? 0.1 : seconds > 60 ? 60 : seconds;
	console_demand(c);
	console_say(c, UI_GOOD, "refresh every %.3g s", console_interval(c));
}

void console_read_now(struct console *c, unsigned target)
{
	if (c->sampler)
		sampler_refresh(c->sampler, target);
}

/* --- the mailbox ------------------------------------------------------------------------------ */

struct password_ask {
	struct console *console;
	unsigned target;
};

static void password_done(void *ctx, const char *text)
{
	struct password_ask *ask = ctx;
	if (text) {
		sampler_set_password(ask->console->sampler, ask->target, text);
		jobs_set_password(ask->console->jobs, ask->target, text);
	}
	ask->console->dirty = true;
	free(ask);
}

/* A login that failed without a password: ask once, on the screen. */
static void ask_password(struct console *c, unsigned i)
{
	struct watched *w = &c->watches[i];
	const struct snapshot *s = timeline_frame(w->timeline)->now;
	bool refused = s && s->link == LINK_DOWN && s->err.kind == ERR_LOGIN;
	if (!refused || w->asked_password || i != c->target || c->script || prompt_active() || c->dialog)
		return;
	w->asked_password = true;
	struct password_ask *ask = xcalloc(1, sizeof *ask);
	*ask = (struct password_ask){c, i};
	char *label = xasprintf("password for %s: ", w->target->name);
	console_prompt(c, &(struct prompt_spec){.label = label, .secret = true, .done = password_done},
		       ask);
	free(label);
}

/* Its sessions were read since it was (again) connected. */
static bool answers(const struct snapshot *s)
{
	const struct part *p = s && s->link == LINK_LIVE ? s->parts[PART_PROCESSLIST] : NULL;
	return p && part_status(p) != PART_STALE;
}

void console_take(struct console *c, struct snapshot *s)
{
	struct watched *w = &c->watches[s->target];
	unsigned target = s->target;
	const struct snapshot *last = timeline_frame(w->timeline)->now;
	/* The first sessions are not kept waiting for the next frame's turn. */
	if (s->parts[PART_PROCESSLIST] && !(last && last->parts[PART_PROCESSLIST]))
		c->drawn_at = 0;
	bool back = answers(s) && !answers(last);
	timeline_push(w->timeline, s);
	ask_password(c, target);
	hostquestion_look(c, target);
	killing_look(c, target);
	alarm_look(c, target);
	if (target != c->target)
		return;
	if (back && c->jobs)
		jobs_warm(c->jobs, target);
	c->dirty = true;
	if (!c->paused && c->view && c->view->ops->refresh)
		c->view->ops->refresh(c->view);
}

static void empty_mailbox(struct console *c)
{
	struct message m;
	while (mailbox_take(c->box, &m)) {
		if (m.type == MESSAGE_SNAPSHOT) {
			console_take(c, m.snapshot);
		} else {
			job_deliver(c->jobs, m.job);
			c->dirty = true;
		}
	}
}

/* --- drawing ---------------------------------------------------------------------------------- */

void console_draw(struct console *c)
{
	struct canvas *canvas = term_canvas(c->term);
	struct rect panel;
	canvas_clear(canvas);
	verdict_make(&console_watched(c)->verdict, console_frame(c), console_watched(c)->target->name,
		     clock_mono_ns());
	chrome_draw(c, canvas, &panel);
	struct rect clip = canvas_clip(canvas, panel);
	c->view->ops->draw(c->view, canvas, panel);
	canvas->clip = clip;
	if (c->dialog)
		dialog_draw(c->dialog, canvas, panel.h >= 8 ? panel
							    : (struct rect){0, 0, canvas->cols, canvas->rows});
	if (prompt_active()) {
		int h = prompt_height(prompt_active());
		prompt_draw(prompt_active(), canvas, (struct rect){0, canvas->rows - h, canvas->cols, h});
	}
	term_show(c->term);
	c->dirty = false;
	c->drawn_at = clock_mono_ns();
}

/* --- the loop --------------------------------------------------------------------------------- */

static int shorter(int a, int b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static int rest_ms(const struct console *c)
{
	const struct snapshot *now = timeline_frame(console_timeline(c))->now;
	bool live = !c->paused && now && now->link == LINK_LIVE && console_interval(c) <= 1;
	return c->dirty ? FRAME_MS : live ? BEAT_MS : TICK_MS;
}

static int wait_ms(const struct console *c, int script_ms)
{
	int64_t since = (clock_mono_ns() - c->drawn_at) / NS_PER_MS;
	int64_t left = rest_ms(c) - since;
	int ms = left < 0 ? 0 : (int)left;
	return shorter(shorter(ms, script_ms), term_timeout_ms(c->term));
}

static void loop(struct console *c)
{
	int script_ms = -1;
	console_draw(c);
	while (!c->quit) {
		struct pollfd fds[] = {
			{.fd = term_fd(c->term), .events = POLLIN},
			{.fd = term_wake_fd(c->term), .events = POLLIN},
			{.fd = mailbox_fd(c->box), .events = POLLIN},
		};
		poll(fds, COUNT_OF(fds), wait_ms(c, script_ms));
		struct key key;
		bool typed = false;
		while (!c->quit && term_key(c->term, &key)) {
			console_key(c, key);
			typed = true;
		}
		if (typed && !c->quit)
			console_draw(c); /* input is answered before data is looked at */
		empty_mailbox(c);
		bundle_look(c);
		if (c->script && !c->quit)
			script_ms = script_run(c->script, c);
		int64_t since = (clock_mono_ns() - c->drawn_at) / NS_PER_MS;
		if (!c->quit && since >= rest_ms(c))
			console_draw(c);
	}
}

/* --- start and end ---------------------------------------------------------------------------- */

/* Two panels may share their actions. */
static bool added(const struct keymap *m, const struct action_set *set)
{
	for (size_t i = 0; i < keymap_sets(m); i++)
		if (keymap_set(m, i) == set)
			return true;
	return false;
}

static struct keymap *make_keymap(const struct console_options *o, struct err *e)
{
	struct keymap *m = keymap_new();
	keymap_add(m, &global_actions);
	keymap_add(m, &table_actions);
	for (unsigned i = 0; panels[i]; i++)
		if (panels[i]->actions && !added(m, panels[i]->actions))
			keymap_add(m, panels[i]->actions);
	for (unsigned i = 0; further_actions[i]; i++)
		keymap_add(m, further_actions[i]);
	bool ok = true;
	for (const struct console_binding *b = o->bindings; ok && b && b->name; b++)
		ok = keymap_bind(m, b->name, b->value, b->origin, e);
	if (ok && keymap_check(m, e))
		return m;
	keymap_free(m);
	return NULL;
}

/* All that can fail before anything is on the screen. */
static bool prepare(struct console *c, const struct console_options *o, struct err *e)
{
	char dir[4096];
	const char *themes = theme_user_dir(dir, sizeof dir);
	const char *theme = o->colours ? theme_choose(o->theme) : "mono";
	if (!theme_load(&c->theme, theme, themes, e))
		return false;
	c->keymap = make_keymap(o, e);
	if (!c->keymap)
		return false;
	if (o->script) {
		c->script = script_open(o->script, e);
		if (!c->script)
			return false;
	}
	if (o->script || o->offline) {
		c->term = term_new_memory(80, 24);
		term_canvas(c->term)->ascii = o->ascii;
		return true;
	}
	struct term_options t = {.in_fd = -1, .out_fd = -1, .ascii = o->ascii};
	c->term = term_open(&t, e);
	return c->term != NULL;
}

/* False with *e: what the options want of a panel is not there. */
static bool start(struct console *c, struct err *e)
{
	const struct console_options *o = c->options;
	term_set_theme(c->term, &c->theme);
	c->box = mailbox_new();
	if (!o->offline) {
		c->diagnosis = diagnosis_new(o->n_targets);
		struct err err;
		for (const struct console_binding *b = o->rules; b && b->name; b++)
			diagnosis_configure(c->diagnosis, b->name, b->value, &err);
		c->stage = stage_new(c->box, diagnosis_work, c->diagnosis);
		c->sampler = sampler_new(stage_in(c->stage), o->targets, o->n_targets);
		c->jobs = jobs_new(c->box, o->targets, o->n_targets);
	}
	c->watches = xcalloc(o->n_targets, sizeof *c->watches);
	c->n_watches = o->n_targets;
	for (unsigned i = 0; i < o->n_targets; i++) {
		c->watches[i].target = o->targets[i];
		c->watches[i].timeline = timeline_new(o->history_memory);
		c->watches[i].interval = o->intervals[i];
	}
	if (o->state_dir) {
		prompt_history_load(o->state_dir, "command");
		prompt_history_load(o->state_dir, "filter");
	}
	if (!o->panel || !console_show(c, o->panel))
		console_show(c, panels[0]->name);
	if (!views_check_columns(c, o->columns, e))
		return false;
	struct tableview *t = c->view->ops->table ? c->view->ops->table(c->view) : NULL;
	if (o->filter && t && !tableview_filter(t, o->filter, e, NULL))
		return false;
	if (c->jobs)
		killing_recall(c);
	if (o->choose)
		console_choose_target(c);
	return true;
}

static void finish(struct console *c)
{
	const struct console_options *o = c->options;
	if (prompt_active())
		prompt_key(prompt_active(), (struct key){K_ESC, 0});
	cancel_dialog(c);
	views_release(c);
	/* The terminal first: nobody should wait for a hung server before the shell is back. */
	term_free(c->term);
	if (c->sampler) {
		sampler_free(c->sampler);
		stage_free(c->stage);
		diagnosis_free(c->diagnosis);
		jobs_free(c->jobs);
	}
	mailbox_free(c->box);
	if (c->paused)
		thaw(c);
	for (unsigned i = 0; i < c->n_watches; i++) {
		timeline_free(c->watches[i].timeline);
		verdict_release(&c->watches[i].verdict);
		free(c->watches[i].asked_host);
	}
	free(c->watches);
	if (o->state_dir) {
		prompt_history_save(o->state_dir, "command");
		prompt_history_save(o->state_dir, "filter");
	}
	prompt_history_free();
	killing_forget(c);
	alarm_release(c);
	bundle_release(c);
	pins_release(c);
	buf_release(&c->notice);
}

bool console_open(struct console *c, const struct console_options *o, struct err *e)
{
	*c = (struct console){.options = o};
	return prepare(c, o, e) && start(c, e);
}

void console_close(struct console *c)
{
	if (c->watches)
		finish(c);
	keymap_free(c->keymap);
	script_free(c->script);
}

int console_main(const struct console_options *o)
{
	struct console c;
	struct err e = {0};
	bool opened = console_open(&c, o, &e);
	if (opened)
		loop(&c);
	console_close(&c);
	if (!opened)
		err_print(&e);
	return opened ? c.exit_status : 1;
}
