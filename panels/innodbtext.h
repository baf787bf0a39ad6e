/*
 * SHOW ENGINE INNODB STATUS, sectioned and explained: the list of its sections; ↵ opens one, with what its
 * numbers mean first and the text as it came below. UI thread.
 */
#ifndef PANELS_INNODBTEXT_H
#define PANELS_INNODBTEXT_H

#include "panels/panel.h"

extern const struct view_ops innodb_text_view;

#endif
