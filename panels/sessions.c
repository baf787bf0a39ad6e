#include "panels/sessiontable.h"

const struct view_ops sessions_panel = {
	.name = "sessions",
	.title = "Sessions",
	.brief = "Sess",
	.digit = '2',
	.help = "Every session of the server: who it is, what it runs, how long, in which transaction, and "
		"whom it waits for. Red rows block others and wait for nobody: they are the cause. Yellow "
		"rows wait. Idle sessions are hidden unless they hold a transaction open.",
	.needs = PART_BIT(PART_PROCESSLIST),
	.wants = session_table_wants,
	.session = session_table_session,
	.actions = &session_table_actions,
	.size = sizeof(struct session_table_state),
	.spec = &all_sessions,
	.open = table_panel_open,
	.close = table_panel_close,
	.refresh = table_panel_refresh,
	.draw = session_table_draw,
	.table = table_panel_table,
};
