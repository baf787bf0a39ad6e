/*
 * The table of sessions, for the sessions panel (longest first) and the overview (worst first), and what can be
 * done to a session.
 */
#ifndef PANELS_SESSIONTABLE_H
#define PANELS_SESSIONTABLE_H

#include "panels/tablepanel.h"

extern const struct table_panel all_sessions, worst_sessions;
/* For views whose table is one of these. */
extern const struct action_set session_table_actions;
int64_t session_table_session(struct view *v);
part_mask session_table_wants(const struct view *v);

/* Of a view that shows what sessions take of the host where it is wide enough. */
struct session_table_state {
	struct table_panel_state panel;
	unsigned auto_shown; /* columns, by bit, that nobody asked for */
	bool seen, by_hand;  /* it was drawn; a person has chosen */
};
void session_table_draw(struct view *v, struct canvas *c, struct rect r);

#endif
