/*
 * What is taken in from one target: its readers, the newest reading of each part, and the round at
 * hand. Feeds (feed.h) drive it; it sends statements on the connection that it is given and never
 * blocks.
 *
 * A round reads what is due: the quick parts first, each after those that it looks at. One
 * collector's failure is a value of its part; only a lost connection ends a round.
 */
#ifndef ENGINE_INTAKE_H
#define ENGINE_INTAKE_H

#include "engine/reader.h"
#include "engine/sampler.h"
#include "io/db.h"

enum intake_state {
	INTAKE_BUSY,  /* a statement is in flight */
	INTAKE_QUICK, /* the quick parts are there and more is to come: worth a snapshot */
	INTAKE_DONE,  /* the round is over */
	INTAKE_LOST,  /* the connection is */
};

/* Which parts a round reads. */
enum intake_scope { SCOPE_DUE, SCOPE_FAST /* and all of the quick ones */, SCOPE_ALL };

struct intake {
	const struct server_info *server;
	double phase; /* 0 … 1, spreads what is slow over the beats */
	int64_t anchor; /* the beats of the server and of its host are on one grid, through this */
	double limit; /* ms of server time a second */

	/* The demand. */
	part_mask watched; /* as asked for */
	part_mask relaxed; /* of what is wanted: need not be that fresh */
	part_mask wanted;  /* with all that it is made from */
	double interval;
	bool all_status;
	char **pins; /* NULL-terminated, or NULL */

	struct reader *readers[N_PARTS];   /* NULL: never wanted */
	const struct part *parts[N_PARTS]; /* the newest; NULL: never read */
	struct meter meter;
	uint64_t rounds;

	/* The round at hand. */
	part_mask todo;
	part_mask fresh; /* new since something was last derived */
	bool first;      /* since the login */
	bool quick_told;

	/* The statement in flight. */
	struct reader *busy;
	bool probing;
	struct reading *reading;
	unsigned rows;
	int64_t sent, left; /* mono ns: begun; when we last turned to something else */
	int64_t ours;       /* ns of it that were our own work */
	int64_t still;      /* ns of it in which this process did not run */
	uint64_t bytes;     /* received before it */
	struct buf keep;
};

void intake_init(struct intake *in, const struct server_info *server, double phase);
void intake_release(struct intake *in);
/* Copies. Returns the parts that are new in it or should be read anew because of it. */
part_mask intake_demand(struct intake *in, const struct sampler_demand *d);
/* Sets the period of what reads a part (of the server or of its host), and *due to at once where it
   was longer. */
void intake_pace(const struct intake *in, enum part_id id, enum cost_class cost, struct share *share,
		 int64_t *due);
/* A new connection: what the server offers is found out again, and all is due. */
void intake_login(struct intake *in);
/* False when there is nothing to read now. */
bool intake_begin(struct intake *in, enum intake_scope scope, int64_t now);
/* This process did not run for so many ns: they are nobody's work. */
void intake_stood_still(struct intake *in, int64_t ns);
/* Go on with the round. INTAKE_LOST fills in err. */
enum intake_state intake_step(struct intake *in, struct db *db, short revents, int64_t now,
			      struct err *err);
/* A reading that came another way: from the host. Takes over the caller's reference. */
void intake_put(struct intake *in, struct part *p);
/* The part as it stands after a failure: what was read before stays, and says that it is old. */
void intake_put_failure(struct intake *in, enum part_id id, const struct schema *schema,
			enum part_status status, const char *reason, int64_t now);
/* Forget the statement in flight and the round. */
void intake_abort(struct intake *in);
struct collect_ctx intake_ctx(const struct intake *in, int64_t now);
/* How long the server may work on one statement: a little less than we wait. */
unsigned intake_limit_ms(const struct intake *in);

#endif
