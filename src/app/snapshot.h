/*
 * `fathom snapshot`: samples as data, one line, table or set of rows for each target and sample. Runs
 * the same sampler as the console, without a screen. Main thread; ends when all is written.
 */
#ifndef APP_SNAPSHOT_H
#define APP_SNAPSHOT_H

#include "app/config.h"
#include "app/targets.h"
#include "model/json.h"

enum snapshot_format { FORMAT_JSON, FORMAT_CSV, FORMAT_TABLE };

struct snapshot_request {
	const struct targets *targets;
	const struct config *config;
	part_mask parts;
	enum snapshot_format format;
	unsigned count;  /* 0: until interrupted */
	double interval; /* seconds */
};

/* All that a snapshot has unless told otherwise. */
part_mask snapshot_all_parts(void);
/* "processlist,status" */
bool snapshot_parts(const char *list, part_mask *parts, struct err *e);
/* Of these parts, those that this version reads. */
part_mask snapshot_readable(part_mask parts);
/* The target as JSON has it. */
struct json_target snapshot_target(const struct target *t);
/* The exit status. */
int snapshot_run(const struct snapshot_request *r);

#endif
