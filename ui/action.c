#include "ui/action.h"

#include <stdio.h>

const char *action_refusal(const struct action *a, const struct action_state *state, char *out,
			   size_t size)
{
	if ((a->flags & ACTION_NEEDS_ROW) && !state->has_row) {
		snprintf(out, size, "%s: there is no row under the cursor", a->title);
		return out;
	}
	if ((a->flags & ACTION_LIVE_ONLY) && !state->live) {
		const char *why = state->not_live ? state->not_live : "not connected";
		snprintf(out, size, "%s: not now, %s", a->title, why);
		return out;
	}
	if ((a->flags & ACTION_DESTRUCTIVE) && state->read_only) {
		const char *by = state->read_only_by ? state->read_only_by : "--read-only";
		snprintf(out, size, "%s: switched off by %s", a->title, by);
		return out;
	}
	return NULL;
}
