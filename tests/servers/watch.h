/*
 * A server watched as the program does it, by sampler, stage and rules at one reading a second, while a test
 * drives it into trouble: what is told, how soon, who is named, and that nothing else is called a cause.
 * With each finding a line `family server seconds culprit` is printed.
 */
#ifndef TESTS_WATCH_H
#define TESTS_WATCH_H

#include "diagnose/diagnosis.h"
#include "engine/stage.h"
#include "tests/servers/server.h"
#include "tests/unit/enginerig.h"

struct watch {
	const struct server *server;
	struct rig rig;
	struct diagnosis *diagnosis;
	struct stage *stage;
	part_mask parts;
	int64_t began; /* mono ns: when the trouble began; watch_begin() */
};

/* `limits`: thresholds that are not the rules' own, pairs of name and value, NULL-terminated; `more`: settings
   of the target, likewise, which say how its host is read. Either may be NULL: without the latter no host is. */
void watch_open(struct watch *w, const struct server *s, const char *const *limits, const char *const *more);
void watch_close(struct watch *w);

/* Until nothing is told, and then for so many readings: or fails. */
void watch_healthy(struct watch *w, unsigned readings);
/* From now on the seconds count. */
void watch_begin(struct watch *w);

struct expected {
	const char *id;
	enum severity severity;
	const char *culprits; /* all of them, "kind:id" with blanks between; "" is none; a `*` at the end is
				 anything */
	const char *suspects; /* likewise; NULL: none */
	const char *text;     /* that stands in what it says; NULL: any */
	const char *evidence; /* that there is a number of; NULL: any */
	const char *beside;   /* ids that may be told without being explained by it; NULL: none */
	double within;        /* seconds; 0: 3 */
};
/* It is told as expected before long; all else hangs under it. */
void watch_expect(struct watch *w, const struct expected *e);
/* A finding that hangs under another. */
void watch_expect_under(struct watch *w, const struct expected *e, const char *cause);
/* The newest one with that id; false: it is not told. */
bool watch_finding(const struct watch *w, const char *id, struct finding *f, struct arena *a);
/* Waits for the next reading. */
void watch_next(struct watch *w);

#endif
