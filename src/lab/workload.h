/*
 * What keeps a lab's servers busy: a small shop with its web site, its checkout, its reports and
 * its nightly jobs. Runs as a process of its own, one child for each connection, and ends with the
 * keeper that started it, when the servers are gone, or when the lab's time has passed.
 */
#ifndef LAB_WORKLOAD_H
#define LAB_WORKLOAD_H

#include <stdbool.h>

#include "base/err.h"

struct rawdb;

/* How busy. The last row has no name. */
struct lab_workload {
	const char *name;
	const char *help;
	double rate; /* times the rates of the clients (shop.h); 0: none at all */
};

extern const struct lab_workload lab_workloads[];

/* NULL when there is none of that name. */
const struct lab_workload *lab_workload_find(const char *name);

/* The process: works on the lab in `folder` until it ends. Returns an exit status. */
int lab_workload_main(const char *folder);

#endif
