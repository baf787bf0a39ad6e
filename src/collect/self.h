/*
 * What fathom knows about itself: one row a collector of the target, and one named "connection" for the
 * whole. Made by the sampler (engine/own.h) while somebody looks at it.
 */
#ifndef COLLECT_SELF_H
#define COLLECT_SELF_H

#include "model/schema.h"

#define SELF_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Collector", \
	  "The part that is read; connection for the server and the link to it, host for the loop " \
	  "on its host.", \
	  "fathom", "") \
	F(STATUS, "status", TEXT, NONE, GAUGE, "Status", \
	  "ok, stale, denied, unsupported, failed; of the connection: live, stalled and so on.", \
	  "fathom", "ok and live; a reason stands beside anything else") \
	F(PERIOD, "period", REAL, SECONDS, GAUGE, "Every", \
	  "Seconds from one reading to the next, as it is now.", "fathom", \
	  "The base period; more while a collector is stretched") \
	F(BASE, "base_period", REAL, SECONDS, GAUGE, "Base", \
	  "Seconds from one reading to the next when the budget does not stretch them.", "fathom", \
	  "The interval, 2, 10 or 30 s by what a reading costs") \
	F(STRETCHED, "stretched", INT, BOOL, GAUGE, "Stretched", \
	  "Whether the period was stretched because all collectors together cost the server too " \
	  "much.", \
	  "fathom", "no; when yes, what it shows is older, never wrong") \
	F(SERVER_MS, "server_ms", REAL, MS, GAUGE, "Server ms/s", \
	  "Milliseconds of server time a second over the last 30 s: what the client waited, less " \
	  "the round trip.", \
	  "fathom", "Below 20 in all, 2 % of a core") \
	F(HOST_MS, "host_ms", REAL, MS, GAUGE, "Host ms/s", \
	  "Milliseconds of CPU a second over the last 30 s on the server's host: what the loop that " \
	  "reads its files used, forks and all, as its shell tells; of one part, its share by the " \
	  "number of its files.", \
	  "fathom", "Below 10, 20 while the sessions' host columns are shown") \
	F(LAST_MS, "last_ms", REAL, MS, GAUGE, "Last ms", \
	  "Milliseconds that the latest reading took, as the client saw it.", "fathom", \
	  "Far below the interval") \
	F(MEAN_MS, "mean_ms", REAL, MS, GAUGE, "Mean ms", \
	  "Milliseconds of server time of the latest readings, smoothed.", "fathom", \
	  "Below a quarter of the interval; else it is stretched at once") \
	F(ROWS, "rows", INT, COUNT, GAUGE, "Rows", "Rows of the latest reading.", "fathom", \
	  "As many as the server has of it") \
	F(BYTES, "bytes", REAL, BYTES, GAUGE, "Bytes/s", \
	  "Bytes received a second over the last 30 s.", "fathom", \
	  "Some kilobytes; grows with sessions") \
	F(STATEMENTS, "statements", REAL, COUNT, GAUGE, "Stmts/s", \
	  "Statements sent a second over the last 30 s.", "fathom", \
	  "At most one an interval") \
	F(RUNS, "runs", INT, COUNT, COUNTER, "Readings", "Readings so far.", "fathom", \
	  "One an interval, or fewer where it is read less often") \
	F(AGE, "age", REAL, SECONDS, GAUGE, "Age", "Seconds since the latest reading.", "fathom", \
	  "Below the period; more only for what nobody looks at") \
	F(RECONNECTS, "reconnects", INT, COUNT, COUNTER, "Reconnects", \
	  "How often the connection was set up anew.", "fathom", \
	  "0; when it grows, look at wait_timeout, proxies and the network") \
	F(ROUND_TRIP, "round_trip_ms", REAL, MS, GAUGE, "Round trip", \
	  "The quickest answer so far: network and server together.", "fathom", \
	  "Below 1 in one place, tens across continents") \
	F(LOOP_GAP, "loop_gap_ms", REAL, MS, GAUGE, "Loop gap", \
	  "The longest time in the last 30 s that the sampler was busy without looking at its " \
	  "connections.", \
	  "fathom", "Below 200") \
	F(REASON, "reason", TEXT, NONE, GAUGE, "Reason", \
	  "Why the status is not ok, and what mends it.", "fathom", "") \
	F(GRANT, "grant", TEXT, NONE, GAUGE, "Needs", \
	  "The least privilege that its reading needs.", "fathom", "") \
	F(STATEMENT, "statement", TEXT, SQL, GAUGE, "Statement", \
	  "The statement exactly as it was last sent; of the host, the files that were asked for.", \
	  "fathom", "")

enum self_field {
#define SELF_ENUM(id, ...) SELF_##id,
	SELF_FIELDS(SELF_ENUM)
#undef SELF_ENUM
	N_SELF_FIELDS,
};

extern const struct schema self_schema;

#endif
