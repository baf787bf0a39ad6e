/*
 * The part `self`: what fathom costs one target, a row a collector (collect/self.h). Pure.
 */
#ifndef ENGINE_OWN_H
#define ENGINE_OWN_H

#include "engine/hostfeed.h"
#include "engine/reader.h"

struct own {
	struct reader *const *readers;   /* N_PARTS, NULL where nothing is read */
	const struct part *const *parts; /* their newest readings */
	part_mask wanted;
	const struct server_info *server;
	struct own_cost cost;
	const char *link;
	uint64_t runs; /* rounds */
	unsigned reconnects;
	double interval, round_trip_ms, loop_gap_ms;
	const struct hostfeed *host;
};

struct part *own_part(const struct own *o, int64_t mono, int64_t wall);

#endif
