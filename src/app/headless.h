/*
 * The sampler without a screen, for commands that print: it reads the given parts of all targets and
 * this keeps the newest snapshot of each. SIGINT, SIGTERM and SIGHUP end a wait instead of the program.
 * One at a time; main thread.
 */
#ifndef APP_HEADLESS_H
#define APP_HEADLESS_H

#include "app/config.h"
#include "app/targets.h"
#include "diagnose/rule.h"
#include "model/snapshot.h"

struct headless;

/* `all_status`: of the status part every counter, not only those that something needs. */
struct headless *headless_new(const struct targets *t, const struct config *c, part_mask parts, bool all_status, double interval);
void headless_free(struct headless *h);
/* From now on these parts, of which `relaxed` are read less often. What was not among the first before,
   or among the second and no longer, is read at once. */
void headless_demand(struct headless *h, part_mask parts, part_mask relaxed);
/* It is an incident that is looked at: the budget is larger. */
void headless_urgent(struct headless *h);
/* No more is read; what there is stays. */
void headless_stop(struct headless *h);
/* Why a rule could not judge the target's last sample; NULL: it could. After headless_stop(). */
const char *headless_blind(const struct headless *h, size_t target, const struct rule *r);

enum headless_event { HEADLESS_NEWS, HEADLESS_TIME, HEADLESS_INTERRUPTED };
/* Until a snapshot came, or `deadline` (monotonic ns) has passed, or somebody wants it to end. */
enum headless_event headless_wait(struct headless *h, int64_t deadline);
/* Borrowed until the next wait; NULL before the first. */
struct snapshot *headless_newest(const struct headless *h, size_t target);

/* All of it on standard output. False when that is closed or full (*e, ERR_CANCELLED when it is its
   reader who left), or interrupted in the middle (ERR_CANCELLED too). */
bool headless_write(const struct buf *b, struct err *e);

#endif
