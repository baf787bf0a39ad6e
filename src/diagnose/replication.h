/*
 * How replication stands, in words: which channels run, how far behind they are and whether that gets
 * better, what stopped those that do not run, and who depends on this server. Broken is never shown as zero
 * lag: every channel has a health of its own.
 *
 * Pure functions of frames and timelines, any thread; what they hand out borrows from the frame's parts.
 */
#ifndef DIAGNOSE_REPLICATION_H
#define DIAGNOSE_REPLICATION_H

#include "diagnose/replication_errors.h"
#include "diagnose/verdict.h"

enum replication_health {
	REPLICATION_UNKNOWN,    /* a state that was never seen before, or one that could not be read */
	REPLICATION_LEVEL,      /* runs, and is not behind (or no further than was ordered) */
	REPLICATION_BEHIND,
	REPLICATION_CONNECTING, /* has no source right now, and tries without an error so far */
	REPLICATION_STOPPED,    /* somebody stopped a thread of it, or both */
	REPLICATION_BROKEN,     /* an error stopped a thread, or keeps it from its source */
};

/* Newest last; readings in which the lag was unknown are NaN. */
enum { REPLICATION_TREND_POINTS = 120 };
struct replication_trend {
	double lag[REPLICATION_TREND_POINTS];
	unsigned n;
	double slope; /* seconds of lag a second, over half a minute or since it turned; NaN: too few readings */
	double eta;   /* seconds until it is level; NaN: not in sight */
};

struct replication_channel {
	const struct part *part;
	unsigned row;
	const char *name;            /* "" for the default one */
	const char *host;
	int64_t port;
	enum replication_health health;
	bool receiver;               /* the thread that is stopped, connects or fails is the receiver */
	bool both;                   /* both are stopped */
	struct value lag;            /* by the server's own measure; absent: unknown */
	double delay;                /* that was ordered */
	/* While it is broken: */
	const struct replication_error *error; /* else NULL */
	int64_t number;
	const char *text;            /* of the server, as it came */
	const char *detail;          /* of the worker that failed, where that says more; or NULL */
	struct replication_facts facts;
};

/* False when there is no such row. */
bool replication_channel_read(struct replication_channel *c, const struct frame *f, unsigned row);
/* Channels that a person set up come to the screen as channels; a group's own belong to the group. */
bool replication_channel_of_group(const struct replication_channel *c);
/* "db1:3306", with the channel's name in front where it has one. */
void replication_channel_title(const struct replication_channel *c, struct buf *out);
/* "12 s behind and catching up: level in about 40 s"; `trend` may be NULL. */
void replication_channel_words(const struct replication_channel *c, const struct replication_trend *trend,
			       struct buf *out);
/* One word: level, behind, broken, … */
const char *replication_health_word(enum replication_health h);
/* What an error's statements are filled in with. */
struct replication_place replication_channel_place(const struct replication_channel *c,
						   const struct frame *f);

/* From the snapshots of a timeline. `name` of the channel. */
void replication_trend_read(struct replication_trend *trend, const struct timeline *t, const char *name);
/* That slope, and when what it is `above` the ordered delay is worked off by it. */
void replication_trend_set(struct replication_trend *trend, double slope, double above);
/* From readings at `at` (seconds, ascending): slope over the newest 30 s or since it turned, and when the line
   reaches `delay`. For tests. */
void replication_trend_fit(struct replication_trend *trend, const double *at, double delay);
/* "about 40 s", "about 3 min", "about 2 h": no finer than such a guess deserves. */
void replication_eta_words(double seconds, struct buf *out);

/* The worst channel; REPLICATION_UNKNOWN with *any false where there is none. */
enum replication_health replication_worst(const struct frame *f, struct replication_channel *worst,
					  bool *any);

/* One sentence for each way in which this server takes part: as replica, as source, in a group, in a
   cluster; or the one that it does not. */
enum { REPLICATION_MOST_SENTENCES = 5 };
struct replication_sentence {
	enum severity severity;
	struct buf text;
};
struct replication_story {
	struct replication_sentence sentences[REPLICATION_MOST_SENTENCES];
	unsigned n;
	bool nothing; /* the one that it does not take part, or that nobody can tell */
};
/* `s` is zero or was made before. */
void replication_story_make(struct replication_story *s, const struct timeline *t, const struct frame *f);
void replication_story_release(struct replication_story *s);

#endif
