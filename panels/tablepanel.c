#include "panels/tablepanel.h"

#include "panels/console.h"
#include "panels/draw.h"

void table_panel_open(struct view *v, const void *arg)
{
	(void)arg;
	const struct table_panel *spec = v->ops->spec;
	struct table_panel_state *s = v->state;
	s->table = tableview_new(&spec->table, v);
	tableview_set_keymap(s->table, console_keymap(v->console));
	tableview_columns_set(s->table, console_columns(v->console, v->ops->name));
}

void table_panel_close(struct view *v)
{
	struct table_panel_state *s = v->state;
	tableview_free(s->table);
}

void table_panel_refresh(struct view *v)
{
	const struct table_panel *spec = v->ops->spec;
	struct table_panel_state *s = v->state;
	const struct frame *f = console_frame(v->console);
	const struct part *p = console_part(v->console, spec->part);
	tableview_set_frame(s->table, f, spec->part);
	tableview_set_stale(s->table, p && (part_status(p) != PART_OK || f->now->link != LINK_LIVE));
}

void table_panel_draw(struct view *v, struct canvas *c, struct rect r)
{
	const struct table_panel *spec = v->ops->spec;
	struct table_panel_state *s = v->state;
	if (draw_part_state(c, &r, v->console, spec->part))
		draw_table(c, r, s->table);
}

struct tableview *table_panel_table(struct view *v)
{
	struct table_panel_state *s = v->state;
	return s->table;
}
