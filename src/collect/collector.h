/*
 * Collectors: what the sampler reads. One is a const row with its statements per dialect, its fields and
 * its cost class; an ordinary one is a list of (field, expression) pairs and needs no code at all.
 *
 * Everything here is declarations and pure functions: engine/sampler.c runs them. Result columns are
 * found by name, never by position. What a server offers is probed by table and column, never by
 * version: a source's table is probed with `SELECT * … LIMIT 0` before it is first read.
 */
#ifndef COLLECT_COLLECTOR_H
#define COLLECT_COLLECTOR_H

#include "collect/stmt.h"
#include "model/snapshot.h"

/* One answer of the server, as db.h gives it: names of the columns, then rows of texts. Borrowed. */
struct answer {
	unsigned n_columns;
	const char *const *columns;
	/* The row at hand: NULL cells are SQL NULL. */
	const char *const *cells;
	const unsigned long *lengths;
};

/* One field of a source. `needs` is the column of the source's table that must exist (compared without
   regard to case), NULL when the expression always works. For SHOW statements `expr` is the name of the
   result column. Several rows may give the same field: the first whose `needs` is there wins. */
struct source_column {
	const char *field;
	const char *expr;
	const char *needs;
};

/* What a statement is filled in from, and what gates look at: the newest parts of the target. */
struct collect_ctx {
	const struct server_info *server;
	const struct part *const *parts; /* N_PARTS, any may be NULL */
	part_mask watched; /* what somebody looks at or records */
	bool all_status;   /* the whole of SHOW STATUS is wanted (variables panel, snapshot) */
	const char *const *pins; /* further status names that are wanted, NULL-terminated; or NULL */
	int64_t now;       /* monotonic ns */
};

/* One way to read: the first source of a collector whose table is there and readable is used. */
struct source {
	enum flavor flavor;        /* FLAVOR_UNKNOWN: any; FLAVOR_MYSQL stands for Percona as well */
	const char *table;         /* to probe, "performance_schema.threads"; NULL: nothing to probe */
	const struct source_column *columns; /* ends with field NULL; NULL: names are the fields' own */
	struct stmt stmt;          /* %c is replaced by the chosen columns when there are any */
	/* Arguments of the statement beyond %c. Returns how many; `keep` holds what they point at. May
	   be NULL. */
	size_t (*args)(const struct collect_ctx *ctx, struct stmt_arg args[4], struct buf *keep);
	const char *grant;         /* what its reading needs at the least: "PROCESS" */
	const char *instrument;    /* consumer, instrument or setting that must be on, or NULL */
	/* What brings its table, where that is not there: "INSTALL SONAME …"; or, with `usable`, why not. */
	const char *install;
	/* Whether what it reads is switched on, from parts that were read before; NULL: always. See
	   source_usable(). */
	bool (*usable)(const struct collect_ctx *ctx);
};

enum cost_class {
	COST_FAST,   /* each interval */
	COST_MEDIUM, /* every 2 s at most */
	COST_SLOW,   /* every 10 s at most */
	COST_RARE,   /* every 30 s at most */
	COST_DEMAND, /* when a person asks */
};

struct collector {
	enum part_id part;
	enum cost_class cost;
	const struct schema *schema;
	const struct source *sources; /* ends with stmt.sql NULL */
	/* Whether reading is worth it now; NULL: always. When it says no, the part is sealed empty with
	   status ok: nobody waits, so there is nothing to read. */
	bool (*gate)(const struct collect_ctx *ctx);
	/* Parts that must be read before this one in the same round (its gate or arguments look at
	   them). */
	part_mask after;
	unsigned most_rows; /* more are cut and counted; 0: READING_MOST_ROWS */
	/* Turns one row into cells, beyond what equal names do by themselves; false drops the row. May
	   be NULL. */
	bool (*row)(const struct answer *a, struct part_builder *b);
	/* What a person gains by it, for `fathom check`: "row lock waits". */
	const char *feature;
};

/* The table of all collectors, one for each part that is read from a server; N_PARTS entries, those
   without a collector have schema NULL. */
const struct collector *collector_for(enum part_id id);

/* Parts that are made from other parts without asking the server. */
struct derivation {
	enum part_id part;
	const struct schema *schema;
	part_mask from;     /* a new reading of any of these makes it anew */
	part_mask requires; /* without these it is not made; its status is that of the first that lacks */
	struct part *(*make)(const struct collect_ctx *ctx, const struct part *before);
};
const struct derivation *derivation_for(enum part_id id); /* NULL: none */
/* The schema of a part, whoever makes it; NULL when this version does not read it. */
const struct schema *collect_schema(enum part_id id);
/* `wanted` with all that it is derived from and that must be read before. */
part_mask collect_closure(part_mask wanted);

/* --- asking ------------------------------------------------------------------------------------ */

/* Whether a source can tell anything on this server: its flavor fits, and what it reads is switched on
   (the performance schema's tables are there and empty when it is off). The sampler takes the first
   usable source whose table can be read; where the statement itself is refused as unknown (syntax,
   table, column), the next one. */
bool source_usable(const struct source *s, const struct collect_ctx *ctx);
/* What would have to be switched on (or installed) for the sources that are meant for this server,
   appended; or that none is meant for it. Nothing when that is not what lacks. */
void source_reason(const struct collector *c, const struct collect_ctx *ctx, struct buf *out);
/* All arguments of the source's statement, `columns` (from source_choose) first where it has %c.
   Returns how many. `keep` holds what they point at and must live until the statement is rendered. */
enum { SOURCE_MAX_ARGS = 6 };
size_t source_args(const struct source *s, const struct collect_ctx *ctx, const struct buf *columns,
		   struct stmt_arg args[SOURCE_MAX_ARGS], struct buf *keep);
/* Finds out which columns a table has: takes its schema and its name (%n, %n). */
extern const struct stmt collect_probe;
/* The two arguments of collect_probe for a source's table, which must not be NULL. */
void source_probe_args(const struct source *s, struct stmt_arg args[2]);

/* --- reading one answer (used by the sampler, tests and the fake server's tests) --------------- */

enum { READING_MOST_ROWS = 50000 };
struct reading;
/* Binds the answer's columns to fields. `absent[i]`, N fields, says why a field is not there. */
struct reading *reading_new(const struct collector *c, const struct source *s,
			    const struct answer *columns);
void reading_row(struct reading *r, const struct answer *a);
/* Seals and frees; `ms` as measured. */
struct part *reading_finish(struct reading *r, int64_t mono, int64_t wall, double ms);
void reading_free(struct reading *r);

/* The chosen columns as the text of %c ("ID AS id, TIME_MS/1000 AS time"), given the names of the
   table's columns. */
void source_choose(const struct source *s, const char *const *have, size_t n_have, struct buf *out);

/* Role and read-only from parts and replication state; pure. */
enum role collect_role(const struct collect_ctx *ctx, bool *read_only, bool *read_only_known);

/* The cell of the row at hand in the column `name` (compared without regard to case); NULL when it is
   SQL NULL or there is no such column. `len` may be NULL. */
const char *answer_cell(const struct answer *a, const char *name, unsigned long *len);

/* Every statement of this layer, once each: the session's set-up, the probe, collectors', details of one
   session. For the test that runs them all and for the panel that shows them. Statements that act (kills)
   have a list of their own above. */
void stmt_each(void (*f)(const struct stmt *s, const char *owner, void *arg), void *arg);

#endif
