/*
 * What the files of the replication panel share: the topics that its lines are about, and the sections that
 * each of them puts on the sheet. UI thread.
 */
#ifndef PANELS_REPLICATION_H
#define PANELS_REPLICATION_H

#include "diagnose/replication.h"
#include "panels/panel.h"
#include "panels/sheet.h"

enum replication_topic {
	TOPIC_NONE,
	TOPIC_CHANNEL, /* key: its name */
	TOPIC_ERROR,   /* the same */
	TOPIC_WORKER,  /* key: of PART_APPLIERS */
	TOPIC_REPLICA, /* key: of PART_REPLICAS */
	TOPIC_BINLOG,
	TOPIC_MEMBER,  /* key: of PART_GROUP */
	TOPIC_NODE,    /* key: of PART_GALERA */
	N_TOPICS,
};

struct replication_topic_info {
	enum part_id part;
	const char *title;  /* of its detail */
	const char *fields; /* that `?` explains unless the line says others */
};
extern const struct replication_topic_info replication_topics[N_TOPICS];

/* The part of the frame that is shown if it has rows, else NULL. */
const struct part *replication_part(const struct console *c, enum part_id id);
/* The row with that key, as text; -1: none. */
int replication_row(const struct part *p, const char *key);

/* Fields of a row as `label value` pairs: what is absent, empty or (unless `zero`) 0 is left out. Counters are
   shown a second, those that should not grow (`total`) with their sum as well. */
struct replication_fact {
	const char *field, *label;
	bool zero, total;
};
void replication_put_facts(struct sheet *s, const struct console *c, enum part_id id, unsigned row,
			   const struct replication_fact *facts, size_t n);
/* A set or position of GTIDs for people, with names for the UUIDs. */
void replication_fold_gtids(struct buf *out, const struct console *c, const char *text);

/* replicationchannel.c */
void replication_put_channel(struct sheet *s, const struct console *c, const struct replication_channel *ch);
/* The error that stops a channel: the server's words, what they mean, the ways out. */
void replication_put_error(struct sheet *s, const struct console *c, const struct replication_channel *ch);
/* The threads of a channel, or (NULL) those that the server does not say it of. Idle workers are folded into a
   line unless `all`. */
void replication_put_threads(struct sheet *s, const struct console *c, const struct replication_channel *ch,
			     bool all);

/* replicationsource.c */
void replication_put_source(struct sheet *s, const struct console *c);
void replication_put_group(struct sheet *s, const struct console *c);
void replication_put_galera(struct sheet *s, const struct console *c);
void replication_put_files(struct sheet *s, const struct console *c);

/* replicationdetail.c: everything about one topic. Opened with a struct sheet_mark. */
extern const struct view_ops replication_detail;

#endif
