/*
 * The rules at work: a diagnosis keeps a short timeline of each target and what each rule concluded so
 * far, and gives every snapshot its findings. Used by one thread at a time (the stage before the
 * mailbox, engine/stage.h).
 *
 * Hysteresis: a finding is told when its rule has held long enough, and goes when it has not held for a
 * while (struct rule). Correlation: where one finding explains another that is there too (rule.explains),
 * the cause leads and the symptom hangs under it.
 */
#ifndef DIAGNOSE_DIAGNOSIS_H
#define DIAGNOSE_DIAGNOSIS_H

#include "base/err.h"
#include "diagnose/rule.h"

struct diagnosis;

struct diagnosis *diagnosis_new(unsigned n_targets);
void diagnosis_free(struct diagnosis *d);
/* A threshold by "rule.name" = "3" or "3/1" (raise/clear). False with *err: no such rule or name (with
   the nearest), or no number. Before the first snapshot only. */
bool diagnosis_configure(struct diagnosis *d, const char *name, const char *value, struct err *err);
/* The same without setting anything. */
bool diagnosis_check(const char *name, const char *value, struct err *err);
/* Sets the findings part of s, which nobody else holds as yet. `arg` is the diagnosis: this is a
   stage's work function. */
void diagnosis_work(void *arg, struct snapshot *s);
/* Why a rule could not judge the target's newest snapshot; NULL: it could. Valid until the next work. */
const char *diagnosis_blind(const struct diagnosis *d, unsigned target, const struct rule *r);

#endif
