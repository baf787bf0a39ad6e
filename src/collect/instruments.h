/*
 * Which of the performance schema's consumers and instruments that matter here are switched on. Pure.
 */
#ifndef COLLECT_INSTRUMENTS_H
#define COLLECT_INSTRUMENTS_H

#include "collect/collector.h"

#define INSTRUMENT_STATEMENTS "events_statements_current"
#define INSTRUMENT_HISTORY "events_statements_history"
#define INSTRUMENT_TRANSACTIONS "events_transactions_current"
#define INSTRUMENT_STAGES "events_stages_current"
#define INSTRUMENT_WAITS "events_waits_current"
#define INSTRUMENT_MDL "wait/lock/metadata/sql/mdl"
#define INSTRUMENT_INNODB_LATCHES "wait/synch/%/innodb/%" /* any of these: mutexes, rwlocks */

/* Unknown counts as on: then reading it tells. */
bool instrument_on(const struct collect_ctx *ctx, const char *name);
/* The statement that switches it on. */
void instrument_enable(struct buf *out, const char *name);
/* "wait/lock/metadata/sql/mdl is off: UPDATE …". */
void instrument_reason(struct buf *out, const char *name);

#endif
