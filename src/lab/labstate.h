/*
 * What a lab is and which processes it has, kept as JSON in its folder (readable by its account
 * only: it holds the passwords). `fathom lab up` writes it first, from then on the keeper alone
 * does, so there is one writer at a time; the file is replaced as a whole, so a reader sees one
 * state or the next.
 */
#ifndef LAB_LABSTATE_H
#define LAB_LABSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "lab/labserver.h"
#include "lab/process.h"

enum lab_phase { LAB_STARTING, LAB_UP, LAB_STOPPING };

struct lab_server {
	const struct lab_node *node;
	unsigned port;
	char *socket;
	struct process process; /* pid 0: it is not running */
	int64_t since_us;       /* when it was started last */
	char *ended;            /* how it ended, when it did so by itself */
};

struct lab_state {
	char *folder; /* absolute */
	enum lab_phase phase;
	const struct lab_kind *kind;
	const struct lab_topology *topology;
	const struct lab_workload *workload;
	struct programs programs;
	bool performance_schema;
	int64_t until_us; /* the keeper ends the lab then */
	char *root_password, *shop_password, *replication_password;
	struct process keeper;
	struct process worker; /* the workload */
	size_t n;
	struct lab_server servers[LAB_NODES_MAX];
};

/* A new one with its own passwords and sockets; everything is copied. */
void lab_state_init(struct lab_state *s, const char *folder, const struct lab_kind *kind,
		    const struct lab_topology *topology);
void lab_state_release(struct lab_state *s);

bool lab_state_save(const struct lab_state *s, struct err *e);
enum lab_found { LAB_NONE, LAB_FOUND, LAB_DAMAGED };
/* LAB_NONE: no state file. `s` is to be released after LAB_FOUND only. */
enum lab_found lab_state_load(struct lab_state *s, const char *folder, struct err *e);

const char *lab_phase_name(enum lab_phase phase);

#endif
