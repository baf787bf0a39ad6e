/*
 * The verdict line: the plainest truth about a target, never blank and never a guess. A pure function of
 * a frame; the texts hold server text as it came, so scrub them before they are shown.
 */
#ifndef DIAGNOSE_VERDICT_H
#define DIAGNOSE_VERDICT_H

#include "base/buf.h"
#include "diagnose/finding.h"
#include "model/timeline.h"

struct verdict {
	enum severity severity;
	const char *id;    /* what kind of truth: "not-connected", or that of a finding */
	struct buf text;
	struct buf why;    /* how it is known and what to do: whole sentences, a line each */
	int64_t session;   /* to go there; 0: none */
	bool culprit;      /* it is that of the worst finding, which names somebody */
};

/* `v` is zero or was filled in before. `name` is the target as people call it; `now` monotonic ns. */
void verdict_make(struct verdict *v, const struct frame *f, const char *name, int64_t now);
void verdict_release(struct verdict *v);

#endif
