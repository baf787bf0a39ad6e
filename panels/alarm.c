#include "panels/alarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/findings.h"
#include "diagnose/finding.h"
#include "engine/alert.h"
#include "model/json.h"
#include "panels/console.h"

enum { MOST_KEPT = 1000 };

/* Something that rang. */
struct alarm {
	char *key;  /* target, finding, culprit */
	char *text; /* "db3: 41 sessions wait behind 812" */
	int64_t wall;
	bool bell, notified;
	uint64_t job; /* of its command; 0: none is out */
	char command[160]; /* what became of that; "" where there is none */
};

struct alarms {
	struct alarm *list; /* oldest first */
	size_t n, cap;
	struct dialog *shown; /* the list, while it is open */
};

static void show_again(struct console *c);

static void alarm_clear(struct alarm *a)
{
	free(a->key);
	free(a->text);
}

static bool rang(const struct alarms *all, const char *key)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->list[i].key, key) == 0)
			return true;
	return false;
}

static struct alarm *add(struct alarms *all, const char *key, const char *target, const struct finding *f)
{
	if (all->n == MOST_KEPT) {
		alarm_clear(&all->list[0]);
		memmove(all->list, all->list + 1, --all->n * sizeof *all->list);
	}
	GROW(all->list, all->n, all->cap);
	struct alarm *a = &all->list[all->n++];
	*a = (struct alarm){
		.key = xstrdup(key),
		.text = xasprintf("%s: %s", target, f->text),
		.wall = clock_wall_us(),
	};
	return a;
}

/* --- the command ---------------------------------------------------------------------------------- */

static void command_done(struct job *job, void *owner)
{
	struct console *c = owner;
	const struct alert_result *r = job->result;
	struct alarms *all = c->alarms;
	if (job->progress)
		return;
	for (size_t i = 0; all && i < all->n; i++)
		if (all->list[i].job == job->id) {
			all->list[i].job = 0;
			snprintf(all->list[i].command, sizeof all->list[i].command, "%.150s",
				 r ? r->text : job->err.why);
		}
	show_again(c);
	if (!r || !r->ok)
		console_say(c, UI_WARNING, "the alert command %s", r ? r->text : job->err.why);
}

/* The finding as in the part, with whom it is about. */
static char *finding_text(const struct snapshot *s, const struct part *findings, unsigned row,
			  const struct target *t)
{
	json_t *o = json_object(), *target = json_object();
	bool socket = target_uses_socket(t);
	json_object_set_new(o, "fathom", json_string(PACKAGE_VERSION));
	json_object_set_new(o, "time", json_of_time(s->wall));
	json_object_set_new(target, "name", json_of_text(t->name, strlen(t->name)));
	if (t->value[SETTING_LABEL])
		json_object_set_new(target, "label",
				    json_of_text(t->value[SETTING_LABEL], strlen(t->value[SETTING_LABEL])));
	if (socket)
		json_object_set_new(target, "socket", json_of_text(target_socket(t), strlen(target_socket(t))));
	else {
		json_object_set_new(target, "host", json_of_text(target_host(t), strlen(target_host(t))));
		json_object_set_new(target, "port", json_integer(target_port(t)));
	}
	json_object_set_new(o, "target", target);
	json_t *rest = json_of_row(findings, row);
	json_object_update(o, rest);
	json_decref(rest);
	struct buf b = BUF_INIT;
	json_add_line(&b, o);
	json_decref(o);
	return buf_steal(&b);
}

static void run_command(struct console *c, struct alarm *a, const struct snapshot *s, unsigned row)
{
	const char *command = c->options->alert_command;
	const struct target *t = c->watches[s->target].target;
	if (!command || !*command || !c->jobs)
		return;
	struct job *job = alert_job(s->target, command, finding_text(s, s->parts[PART_FINDINGS], row, t),
				    ALERT_SECONDS);
	snprintf(a->command, sizeof a->command, "is running");
	job->done = command_done;
	job->owner = c;
	a->job = jobs_submit(c->jobs, job);
}

/* --- ringing -------------------------------------------------------------------------------------- */

static void ring(struct console *c, struct alarm *a)
{
	a->bell = c->options->bell;
	a->notified = c->options->notify;
	if (a->bell)
		term_bell(c->term);
	if (a->notified)
		term_notify(c->term, a->text);
}

void alarm_look(struct console *c, unsigned target)
{
	const struct snapshot *s = timeline_frame(c->watches[target].timeline)->now;
	const struct part *p = s ? s->parts[PART_FINDINGS] : NULL;
	const char *name = c->watches[target].target->name;
	if (!c->alarms)
		c->alarms = xcalloc(1, sizeof *c->alarms);
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct arena a = {0};
		struct finding f;
		if (strcmp(value_cstr(part_get(p, i, FINDINGS_SEVERITY)), "critical") != 0)
			continue;
		if (finding_read(&f, &a, p, i)) {
			char *key = xasprintf("%u %s %s", target, f.id, f.n_culprits ? f.culprits[0].id : "");
			if (!rang(c->alarms, key)) {
				struct alarm *new = add(c->alarms, key, name, &f);
				ring(c, new);
				run_command(c, new, s, i);
				show_again(c);
				/* What is not on the screen would ring for no visible reason. */
				if (target != c->target)
					console_say(c, UI_CRITICAL, "%s", new->text);
			}
			free(key);
		}
		arena_release(&a);
	}
}

/* --- the list ------------------------------------------------------------------------------------- */

static void write_list(const struct console *c, struct doc *d)
{
	const struct alarms *all = c->alarms;
	const char *command = c->options->alert_command;
	if (!all->n)
		doc_para(d, UI_DIM, "Nothing has rung yet: nothing critical was found.");
	for (size_t i = all->n; i-- > 0;) {
		const struct alarm *a = &all->list[i];
		char at[CLOCK_HMS_SIZE];
		doc_printf(d, UI_LABEL, "%s  ", clock_hms(a->wall, at));
		doc_puts(d, UI_CRITICAL, a->text);
		doc_end_indent(d, 10);
		doc_printf(d, UI_DIM, "          bell %s · notification %s · command %s", a->bell ? "rung" : "off",
			   a->notified ? "sent" : "off", *a->command ? a->command : "none");
		doc_end(d);
	}
	if (!command || !*command) {
		doc_end(d);
		doc_para(d, UI_DIM, "alert-command = COMMAND in the configuration has a command run as well.");
	}
}

static void show_again(struct console *c)
{
	if (!c->alarms->shown)
		return;
	doc_clear(dialog_text(c->alarms->shown));
	write_list(c, dialog_text(c->alarms->shown));
	console_dirty(c);
}

static void closed(void *ctx)
{
	struct console *c = ctx;
	if (c->alarms)
		c->alarms->shown = NULL;
}

void alarm_show(struct console *c)
{
	struct doc d = {0};
	if (!c->alarms)
		c->alarms = xcalloc(1, sizeof *c->alarms);
	write_list(c, &d);
	struct dialog *dialog = dialog_pager("Alerts", &d, NULL, closed, c);
	console_dialog(c, dialog);
	c->alarms->shown = dialog;
}

void alarm_release(struct console *c)
{
	for (size_t i = 0; c->alarms && i < c->alarms->n; i++)
		alarm_clear(&c->alarms->list[i]);
	if (c->alarms)
		free(c->alarms->list);
	free(c->alarms);
	c->alarms = NULL;
}
