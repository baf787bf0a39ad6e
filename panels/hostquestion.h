/*
 * What the way to a server's host wants to know from a person: an unknown host key, a passphrase, a
 * password, whether to use the ssh command. Asked once, when it first comes up on the target that is shown; until
 * it is answered the verdict line keeps saying so, and an action asks again. Nothing is ever answered
 * in the person's place: who says no has said nothing, and the host stays unread.
 */
#ifndef PANELS_HOSTQUESTION_H
#define PANELS_HOSTQUESTION_H

#include "panels/console.h"

/* A snapshot of this target has come. */
void hostquestion_look(struct console *c, unsigned target);
/* Ask (again) what is pending on the target that is shown; false: nothing is. */
bool hostquestion_ask(struct console *c);
/* Whether something is. */
bool hostquestion_pending(const struct console *c);

#endif
