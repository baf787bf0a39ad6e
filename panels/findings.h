/* The page of one finding, for whoever names one. */
#ifndef PANELS_FINDINGS_H
#define PANELS_FINDINGS_H

#include "panels/panel.h"

/* `arg`: the finding's id, a text. */
extern const struct view_ops finding_detail;

#endif
