/*
 * The kinds of server that a lab can have, and how they may be linked. A kind is one row: where its
 * programs are found, how its data folder is made, with which options it starts, and its SQL where
 * the kinds differ. A topology is one row of nodes. Constant data and pure functions, but for
 * programs_find(), which looks at files and asks the server for its version.
 */
#ifndef LAB_LABSERVER_H
#define LAB_LABSERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "lab/process.h"

enum { LAB_NODES_MAX = 4 };

struct lab_kind {
	const char *name;
	const char *title;
	const char *package;
	const char *client_package;
	const char *daemons[3]; /* in order of preference, NULL-terminated */
	const char *clients[3];
	/* All below are texts for fill(), with the words of keeper.c. */
	const char *const *install; /* arguments that make an empty data folder */
	bool install_script;        /* by a script of its own, not by the server */
	const char *const *options; /* beyond those that all kinds share */
	const char *const *replica_options;
	const char *performance_schema_on;
	const char *performance_schema_off;
	bool performance_schema;        /* as installed */
	const char *const *cleanup_sql; /* before the accounts; NULL: nothing */
	const char *const *follow_sql;
	const char *gtid_sql;      /* what the source has written */
	const char *caught_up_sql; /* waits, gives 0 */
	const char *replica_sql;   /* how replication does: one row a channel */
	/* Columns of that row. */
	const char *io_running, *sql_running, *lag, *io_error, *sql_error;
};

/* NULL-terminated. */
extern const struct lab_kind *const lab_kinds[];
/* What all kinds have in common; NULL-terminated. The statements are run before a server takes its
   first connection and stay out of the binlog, so that nobody gets in while root has no password
   yet. */
extern const char *const lab_common_options[];
extern const char *const lab_accounts_sql[];

struct lab_node {
	const char *name;
	const char *role; /* source, replica, standalone */
	int upstream;     /* index of the node that it follows; -1: none */
};

struct lab_topology {
	const char *name;
	const char *help;
	size_t n;
	struct lab_node nodes[LAB_NODES_MAX];
};

/* Ends with a row without a name. */
extern const struct lab_topology lab_topologies[];

/* NULL when there is none of that name. */
const struct lab_kind *lab_kind_find(const char *name);
const struct lab_topology *lab_topology_find(const char *name);

/* The programs of one server, each with what must stand before its arguments. */
struct programs {
	struct args daemon;
	struct args install; /* without arguments when the server does it itself */
	struct args client;  /* empty when there is none */
	struct args options; /* that tell a server out of its place where its files are */
	char *version;
};

/* `root`: an unpacked tree to take them from, or NULL for this system's. */
bool programs_find(struct programs *p, const struct lab_kind *kind, const char *root,
		   struct err *e);
void programs_release(struct programs *p);

#endif
