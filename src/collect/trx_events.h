/* How many statements an open transaction has had, by thread, as far as the performance schema remembers. */
#ifndef COLLECT_TRX_EVENTS_H
#define COLLECT_TRX_EVENTS_H

#include "collect/collector.h"

#define TRX_EVENT_FIELDS(F) \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", "Thread in the performance schema.", \
	  "events_transactions_current THREAD_ID", "") \
	F(STATEMENTS, "statements", INT, COUNT, GAUGE, "Stmts", \
	  "Statements that have ended in its transaction, of the ten or so that are remembered.", \
	  "events_statements_history", "A few.")

enum {
#define TRX_EVENT_ENUM(id, ...) TRX_EVENT_##id,
	TRX_EVENT_FIELDS(TRX_EVENT_ENUM)
#undef TRX_EVENT_ENUM
	N_TRX_EVENT_FIELDS,
};

#endif
