/*
 * A stage between who posts snapshots and the mailbox: a worker thread that adds to each snapshot what
 * follows from it (the findings) before it is handed on. Snapshots stay in their order; when the work
 * takes longer than snapshots come, older ones of a target are dropped, as in the mailbox.
 */
#ifndef ENGINE_STAGE_H
#define ENGINE_STAGE_H

#include "engine/mailbox.h"

struct stage;
/* `work` runs on the stage's thread only; it may set parts of the snapshot, which nobody else holds. */
struct stage *stage_new(struct mailbox *to, void (*work)(void *arg, struct snapshot *s), void *arg);
/* Ends the thread; what waits is dropped. Nobody may post any more. */
void stage_free(struct stage *s);
/* Where to post. */
struct mailbox *stage_in(struct stage *s);

#endif
