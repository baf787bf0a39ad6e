/* Current stages and waits of threads, for `processlist`. */
#ifndef COLLECT_EVENTS_H
#define COLLECT_EVENTS_H

#include "collect/collector.h"

#define STAGE_EVENT_FIELDS(F) \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", "Thread in the performance schema.", \
	  "events_stages_current THREAD_ID", "") \
	F(STAGE, "stage", TEXT, NONE, GAUGE, "Stage", "Stage of the running statement.", \
	  "events_stages_current EVENT_NAME", "") \
	F(PROGRESS, "progress", REAL, PERCENT, GAUGE, "Progress", "How much of the stage is done.", \
	  "events_stages_current WORK_COMPLETED / WORK_ESTIMATED", "Grows to 100.")

#define WAIT_EVENT_FIELDS(F) \
	F(THREAD_ID, "thread_id", INT, ID, GAUGE, "Thread", "Thread in the performance schema.", \
	  "events_waits_current THREAD_ID", "") \
	F(WAIT, "wait", TEXT, NONE, GAUGE, "Wait", "What it waits for.", \
	  "events_waits_current EVENT_NAME", "") \
	F(AGE, "age", REAL, SECONDS, GAUGE, "Since", "How long.", \
	  "events_waits_current TIMER_WAIT", "Microseconds.")

enum {
#define STAGE_EVENT_ENUM(id, ...) STAGE_EVENT_##id,
	STAGE_EVENT_FIELDS(STAGE_EVENT_ENUM)
#undef STAGE_EVENT_ENUM
};
enum {
#define WAIT_EVENT_ENUM(id, ...) WAIT_EVENT_##id,
	WAIT_EVENT_FIELDS(WAIT_EVENT_ENUM)
#undef WAIT_EVENT_ENUM
};

#endif
