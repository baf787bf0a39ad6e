/*
 * Units, and numbers as people read them. Pure, any thread.
 */
#ifndef MODEL_UNIT_H
#define MODEL_UNIT_H

#include <stdbool.h>

#include "model/value.h"

struct buf;

enum unit {
	UNIT_NONE,    /* text, or a number without a unit */
	UNIT_ID,      /* an identifier: digits as they are */
	UNIT_COUNT,   /* 12.4k */
	UNIT_SECONDS, /* 0.012, 6m12s, 41d */
	UNIT_BYTES,   /* 1.2G, powers of 1024 */
	UNIT_PERCENT, /* 0..100, 99.2% */
	UNIT_RATIO,   /* 0..1, shown as percent */
	UNIT_BOOL,    /* yes, no */
	UNIT_WALL,    /* seconds since 1970, shown as local time */
	UNIT_MS,      /* milliseconds, 4 ms */
	UNIT_SQL,     /* text of a statement: highlighted */
	UNIT_JSON,    /* text that is JSON: a list */
	N_UNITS,
};

/* `3m`, `count`: what help texts say. */
const char *unit_name(enum unit u);
/* Whether numbers of this unit read best flush right. */
bool unit_flush_right(enum unit u);
/* Append v as people read it, at most about 7 cells for numbers; absent gives `–`. Text is appended as
   it is: scrub it. `rate` says that v is per second (UNIT_SECONDS then is a share of time: percent). */
void unit_format(struct buf *out, enum unit u, struct value v, bool rate);
/* The building blocks. */
void unit_duration(struct buf *out, double seconds); /* 0.004 0.41 12.3 6m12s 5h03m 41d */
void unit_bytes(struct buf *out, double bytes);
void unit_count(struct buf *out, double n);

#endif
