/*
 * The console's views: a panel each, kept once it was shown, with what was opened above it; and what all that is
 * visible needs of the sampler.
 */
#include <string.h>

#include "base/mem.h"
#include "panels/bundle.h"
#include "panels/console.h"
#include "ui/tableview.h"

/* What the header and the verdict line need of every target. */
#define HEADER_PARTS \
	(PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_PROCESSLIST) | \
	 PART_BIT(PART_REPLICATION) | PART_BIT(PART_WORKERS) | PART_BIT(PART_REPLICAS) | \
	 PART_BIT(PART_GROUP) | PART_BIT(PART_INNODB) | PART_BIT(PART_HOST_CPU) | \
	 PART_BIT(PART_HOST_MEMORY) | PART_BIT(PART_HOST_DISK))

/* What need not be as fresh when only the header and rules read it, like all of the host. */
#define TREND_PARTS \
	(PART_BIT(PART_INNODB) | PART_BIT(PART_STATEMENTS) | PART_BIT(PART_REPLICAS) | \
	 PART_BIT(PART_BINLOG) | PART_BIT(PART_BINLOG_FILES) | PART_BIT(PART_BINLOG_LIST) | \
	 PART_BIT(PART_BINLOG_END) | PART_BIT(PART_GTIDS))

/* --- demand ----------------------------------------------------------------------------------- */

part_mask view_parts(const struct view *v)
{
	return v->ops->needs | (v->ops->wants ? v->ops->wants(v) : 0);
}

void console_demand(struct console *c)
{
	if (!c->sampler)
		return;
	for (unsigned i = 0; i < c->n_watches; i++) {
		part_mask always = HEADER_PARTS | rules_need(), looked_at = 0;
		struct sampler_demand d = {
			.interval = c->watches[i].interval,
			.pins = c->pins,
		};
		for (struct view *v = i == c->target ? c->view : NULL; v; v = v->below) {
			looked_at |= view_parts(v);
			d.all_status |= v->ops->all_status;
		}
		looked_at |= bundle_demand(c, i);
		d.all_status |= bundle_demand(c, i) != 0;
		d.parts = always | looked_at;
		d.relaxed = (TREND_PARTS | parts_of_host()) & ~looked_at;
		sampler_demand(c->sampler, i, &d);
	}
}

/* --- views ------------------------------------------------------------------------------------ */

struct view *console_view(const struct console *c)
{
	return c->view;
}

static struct view *view_new(struct console *c, const struct view_ops *ops, const void *arg)
{
	struct view *v = xcalloc(1, sizeof *v);
	v->ops = ops;
	v->console = c;
	v->state = xcalloc(1, ops->size);
	if (ops->open)
		ops->open(v, arg);
	return v;
}

static void view_free(struct view *v)
{
	console_cancel(v->console, v);
	if (v->ops->close)
		v->ops->close(v);
	free(v->state);
	free(v);
}

void views_show(struct console *c, struct view *v)
{
	c->view = v;
	console_demand(c);
	if (v->ops->refresh)
		v->ops->refresh(v);
	c->dirty = true;
}

void console_push(struct console *c, const struct view_ops *ops, const void *arg)
{
	struct view *v = view_new(c, ops, arg);
	v->below = c->view;
	views_show(c, v);
}

void console_pop(struct console *c)
{
	struct view *v = c->view, *below = v->below;
	if (!below)
		return;
	view_free(v);
	views_show(c, below);
}

static unsigned n_panels(void)
{
	unsigned n = 0;
	while (panels[n])
		n++;
	return n;
}

static void show_panel(struct console *c, unsigned i)
{
	if (!c->kept)
		c->kept = xcalloc(n_panels() + 1, sizeof *c->kept);
	/* What was said, was said of the panel that goes. */
	if (c->view && c->view != c->kept[i])
		c->notice_until = 0;
	while (c->view && c->view->below)
		console_pop(c);
	if (!c->kept[i])
		c->kept[i] = view_new(c, panels[i], NULL);
	views_show(c, c->kept[i]);
}

bool console_show(struct console *c, const char *name)
{
	for (unsigned i = 0; panels[i]; i++) {
		bool digit = panels[i]->digit && name[0] == panels[i]->digit && !name[1];
		if (digit || strcmp(panels[i]->name, name) == 0) {
			show_panel(c, i);
			return true;
		}
	}
	return false;
}

bool views_check_columns(struct console *c, const struct console_binding *columns, struct err *e)
{
	bool good = true;
	for (; good && columns && columns->name; columns++)
		for (unsigned i = 0; good && panels[i]; i++) {
			if (strcmp(panels[i]->name, columns->name) != 0 || !panels[i]->table)
				continue;
			struct view *v = view_new(c, panels[i], NULL);
			good = tableview_columns_check(panels[i]->table(v), columns->value, columns->origin, e);
			view_free(v);
		}
	return good;
}

void views_release(struct console *c)
{
	while (c->view && c->view->below)
		console_pop(c);
	for (unsigned i = 0; c->kept && panels[i]; i++)
		if (c->kept[i])
			view_free(c->kept[i]);
	free(c->kept);
}
