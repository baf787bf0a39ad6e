/*
 * A panel that is one table over one part: give it columns and it is done. The view_ops of such a panel
 * take TABLE_PANEL for their functions and a struct table_panel as `spec`.
 */
#ifndef PANELS_TABLEPANEL_H
#define PANELS_TABLEPANEL_H

#include "panels/panel.h"
#include "ui/tableview.h"

struct table_panel {
	enum part_id part;
	struct table_spec table;
};

/* A view's state may be larger: this comes first in it. */
struct table_panel_state {
	struct tableview *table;
};

void table_panel_open(struct view *v, const void *arg);
void table_panel_close(struct view *v);
void table_panel_refresh(struct view *v);
void table_panel_draw(struct view *v, struct canvas *c, struct rect r);
struct tableview *table_panel_table(struct view *v);

#define TABLE_PANEL(table_panel) \
	.size = sizeof(struct table_panel_state), .spec = (table_panel), .open = table_panel_open, \
	.close = table_panel_close, .refresh = table_panel_refresh, .draw = table_panel_draw, \
	.table = table_panel_table

#endif
