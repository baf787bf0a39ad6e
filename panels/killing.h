/*
 * Ending statements and sessions from the screen: the question with all that one should know before the
 * answer, and what became of it. The kill itself is a job (engine/kill.h).
 */
#ifndef PANELS_KILLING_H
#define PANELS_KILLING_H

#include "panels/panel.h"
#include "ui/tableview.h"

void killing_ask(struct console *c, int64_t session, bool connection);
/* The tagged rows of a table over the processlist, or of one whose field `session` names them; all rows
   that it shows. They are listed first. */
void killing_ask_tagged(struct console *c, struct tableview *t, bool connection);
void killing_ask_shown(struct console *c, struct tableview *t, bool connection);


/* There is a new frame of a target: after a kill it shows who went free, and goes on as long as more do. */
void killing_look(struct console *c, unsigned target);
/* Asks for what was kept of earlier rollbacks; forgets what is not known yet. */
void killing_recall(struct console *c);
void killing_forget(struct console *c);

#endif
