/*
 * The detail of one session (↵ in the sessions panel): pages for statement, plan, tables, transaction,
 * locks, attributes, counters. Opened with a pointer to the connection id (int64_t).
 */
#ifndef PANELS_DETAIL_H
#define PANELS_DETAIL_H

#include "panels/panel.h"

extern const struct view_ops session_detail;
extern const struct action_set detail_actions;
/* By name: "statement", "plan", "tables", "transaction", "locks", "attributes", "status". */
void detail_show_page(struct view *v, const char *page);

#endif
