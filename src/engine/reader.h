/*
 * One collector at work on one target: which of its sources this server offers, when it is due,
 * what it costs. Knows how to say why nothing can be read: which privilege or setting is missing.
 * Owned by the sampler's thread; does no I/O itself (feed.c sends).
 */
#ifndef ENGINE_READER_H
#define ENGINE_READER_H

#include "collect/collector.h"
#include "engine/budget.h"

struct reader {
	const struct collector *collector;
	/* The source in use, or under trial while it is not ready; NULL: this server has none for
	   us, and `status` and `reason` say why. */
	const struct source *source;
	bool ready;         /* probed where it must be, %c is chosen */
	bool fallback;      /* a better source is of no use, or refused: tried again at `recheck` */
	bool refused;       /* by the server, that is */
	struct buf columns; /* what %c stands for */
	enum part_status status;
	char *reason;
	int64_t recheck; /* monotonic ns */

	int64_t due; /* INT64_MAX: when asked for */
	struct share share;
	struct meter meter;
	double last_ms; /* as seen by the client */
	unsigned last_rows;
	uint64_t runs;
	char *text; /* the statement last sent; NULL: none was */
};

struct reader *reader_new(const struct collector *c);
void reader_free(struct reader *r);
/* (Again) from the best source on: after a login, and now and then while that is not the one in
 * use. */
void reader_restart(struct reader *r);
/* Settles for the first source from the present one on that can tell anything; false: there is
 * none. */
bool reader_settle(struct reader *r, const struct collect_ctx *ctx);
/* Whether its source's columns must be asked for first. */
bool reader_must_probe(const struct reader *r);
/* The probe's answer. */
void reader_probed(struct reader *r, const struct answer *columns);
/* The source cannot be read, for a reason that is the server's: on to the next one. */
void reader_refused(struct reader *r, const struct server_info *server, const struct err *err,
		    int64_t now);
/* The statements that grant what a source wants ("PROCESS, SELECT ON performance_schema.*"). */
void reader_grant(struct buf *out, const char *grant, const char *account);

#endif
