/*
 * The evidence of one moment in one file: all parts as `snapshot` writes them, the blocking tree, the text of InnoDB's
 * status, whole statements, plans, transactions and locks of the worst sessions, the curves of the last minutes.
 * What could not be read says why. Passwords in statements are blotted out (parse/sqlsecrets.h).
 *
 * Two jobs, one after the other: the first asks the server what parts do not have, on a connection of its own, and
 * may fail without harm; the second writes the file. Both on workers; panels/bundle.h runs them.
 */
#ifndef PANELS_BUNDLEJOB_H
#define PANELS_BUNDLEJOB_H

#include <jansson.h>

#include "engine/fetch.h"
#include "engine/job.h"
#include "model/timeline.h"
#include "panels/detailask.h"

enum { BUNDLE_SESSIONS = 10, BUNDLE_PAGES = 3 };

/* A session that is looked at closely. */
struct bundle_session {
	int64_t id;
	char why[80]; /* "41 sessions wait behind it" */
	bool sleeps, waits;
	struct detail_answer *pages[BUNDLE_PAGES];
};

/* What a bundle is made of; owned by whoever holds it, one job at a time or the console. */
struct bundle_matter {
	struct snapshot *snapshot;
	part_mask wanted; /* the parts that belong into it */
	char *path;       /* as the person named it; NULL: a name is made, in `folder` */
	char *folder;     /* NULL: the current one */
	char *verdict;
	json_t *curves;   /* made by bundle_curves() */

	/* Filled in by the job that asks. */
	struct bundle_session sessions[BUNDLE_SESSIONS];
	unsigned n_sessions, step;
	bool chosen;
	struct grid statements;
	bool statements_read;
	struct err statements_err, lost; /* what ended the asking */
	int64_t until; /* mono ns: no further questions then */

	/* And by the one that writes. */
	char *written; /* the file's whole path */
	size_t bytes;
	unsigned not_read;
	bool cut; /* what belongs into it is missing, not merely unknown to this server */
};

void bundle_matter_free(struct bundle_matter *m);
/* Newest last: seconds before now, value. */
json_t *bundle_curves(const struct timeline *t);
/* All of it, without what only the server can tell; the caller owns it. Pure, for tests. */
json_t *bundle_json(struct bundle_matter *m, const struct target *t);

/* Both take over the matter as job->input; who takes it back sets that to NULL. */
struct job *bundle_ask_job(unsigned target, struct bundle_matter *m);
struct job *bundle_write_job(unsigned target, struct bundle_matter *m);

#endif
