/*
 * The audit file: one JSON object a line for each kill, in $XDG_STATE_HOME/fathom/audit.jsonl
 * (~/.local/state/fathom when that is not set), readable by its owner only, only ever appended to.
 * On a worker, after the kill.
 */
#ifndef ENGINE_AUDIT_H
#define ENGINE_AUDIT_H

#include "engine/kill.h"
#include "io/target.h"

/* False and *e when it could not be written; the kill stands all the same. */
bool audit_kill(const struct target *target, const char *account, enum kill_verb verb,
		const struct kill_victim *victim, const struct kill_fate *fate, struct err *e);
/* Where it is; appended. False when there is no home. */
bool audit_path(struct buf *out);

#endif
