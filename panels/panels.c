#include "panels/detail.h"
#include "panels/panel.h"

/* In the order of their tabs. */
const struct view_ops *const panels[] = {
	&overview_panel,
	&sessions_panel,
	&locks_panel,
	&innodb_panel,
	&replication_panel,
	&host_panel,
	&statements_panel,
	&variables_panel,
	&findings_panel,
	&self_panel,
	&transactions_panel,
	&deadlocks_panel,
	NULL,
};

/* Actions of views that are not panels. */
const struct action_set *const further_actions[] = {&detail_actions, &session_actions,
							 &finding_actions, &inno_box_actions, &innodb_text_actions,
							 &innodb_section_actions, NULL};
