/*
 * Rules: each is one row with its texts, its thresholds and one pure function of a timeline. The rows
 * stand in rules_*.c, by subject; rules[] in rules.c lists them all. Help, the findings panel, reports,
 * configuration and tests are generated from the rows.
 *
 * A rule judges what is there and never guesses: what it needs and cannot see makes it say so
 * (JUDGED_BLIND), and a holder that the server does not show is a suspect, not a culprit.
 */
#ifndef DIAGNOSE_RULE_H
#define DIAGNOSE_RULE_H

#include "diagnose/blocktree.h"
#include "diagnose/finding.h"
#include "model/timeline.h"

enum judged {
	JUDGED_NO,
	JUDGED_YES,   /* the finding is filled in: at least finding_say() */
	JUDGED_BLIND, /* what it needs is not there: *why says what (static or in the arena) */
};

/* A number that a rule compares with. Once its finding is there, `clear` counts in place of `raise`, so
   that it does not flicker. Both can be configured. */
struct threshold {
	const char *name; /* "waiters": configured as `row-lock-pileup.waiters = 3` or `3/1` */
	enum unit unit;
	double raise, clear;
	const char *help;
};

/* What several rules make of one snapshot, made once: when the first of them asks. */
struct rule_shared {
	struct blocktree tree;
	bool has_tree;
};

/* Readings of PART_HOST_FS, oldest first, PAST_SECONDS apart or more. Snapshots of a large server are so large
   that only two are kept, which is no window for a slope; these few rows are nothing. */
enum { PAST = 12, PAST_SECONDS = 10 };
struct past {
	const struct part *at[PAST];
	unsigned n;
};

struct rule_input {
	const struct timeline *timeline;
	const struct frame *frame;          /* its newest */
	const double (*limits)[2];          /* of the rule's thresholds: raise, clear */
	bool raised;                        /* the finding is there already */
	double held;                        /* seconds since it was first judged so; 0 when it is not */
	const struct finding *last;         /* what it concluded last, while that holds; NULL: it does not */
	int64_t now;                        /* mono ns, of the snapshot */
	struct rule_shared *shared;
	const struct past *past;            /* for rule_oldest() */
	struct arena *arena;                /* for the finding's texts */
	const char *why;                    /* out, with JUDGED_BLIND */
};

enum { RULE_THRESHOLDS = 5 };

struct rule {
	const char *id;    /* as in incidents: also the finding's id */
	const char *title; /* "Sessions queue for row locks" */
	part_mask needs;   /* parts that it reads; what is dear is gated by its collector */
	double hold;       /* seconds that it must be judged so before it is told; 0: at once */
	double linger;     /* seconds that it stays after it was last judged so */
	double window;     /* of a trend, seconds; 0: it is none */
	struct threshold thresholds[RULE_THRESHOLDS]; /* name NULL: no more */
	const char *explains; /* ids of findings that follow from this one, blank-separated; with `=` before the
				 id only where both name the same session */
	const char *explanation, *right, *wrong; /* whole sentences; `wrong` may be NULL */
	const char *reference; /* where to read on: a page of the servers' manuals, by its name */
	enum judged (*judge)(struct rule_input *in, struct finding *f);
};

/* All of them; ends with NULL. */
extern const struct rule *const rules[];
const struct rule *rule_by_id(const char *id);
/* Parts that rules want read all the time. */
part_mask rules_need(void);

/* --- for judges ----------------------------------------------------------------------------------- */

/* Whether a value is over the rule's i-th threshold: the one that counts now. */
bool rule_over(const struct rule_input *in, unsigned threshold, double value);
double rule_limit(const struct rule_input *in, unsigned threshold);
/* A part that can be judged by: read well, not stale; NULL otherwise, with in->why. */
const struct part *rule_part(struct rule_input *in, enum part_id id);
/* The tree of who blocks whom, of the rules' own; NULL when the part cannot be judged by. */
const struct blocktree *rule_tree(struct rule_input *in);
/* The mean of a metric over the last `seconds`, or of its last three readings where they come more seldom; absent
   when there were not three within a minute. */
struct value rule_mean(const struct rule_input *in, unsigned metric, double seconds);
/* What a rate amounts to over the last `seconds`: each reading counts for the time since the one before it,
   so that samples that came late weigh what they cover; likewise. */
struct value rule_total(const struct rule_input *in, unsigned metric, double seconds);
/* The most it came to over the last `seconds`; likewise. */
struct value rule_peak(const struct rule_input *in, unsigned metric, double seconds);
/* Why there is no such number: `why`, or that it is known, but was read too seldom so far. */
const char *rule_lacks(const struct rule_input *in, unsigned metric, const char *why);
/* Its growth per second over the last `seconds`, by the least squares; likewise. */
struct value rule_slope(const struct rule_input *in, unsigned metric, double seconds);
/* The oldest reading of a part that is remembered, a minute old or two, whatever snapshots the timeline still
   has, and by how many seconds the newest is younger; NULL: there is none. Of host_fs only. */
const struct part *rule_oldest(const struct rule_input *in, enum part_id id, double *seconds);
/* Seconds that the timeline reaches back. */
double rule_reach(const struct rule_input *in);

#endif
