/*
 * For tests of rules: samples written as text, judged as in the program, and what was found.
 *
 *   struct kit k;
 *   kit_open(&k);
 *   kit_row(&k, PART_PROCESSLIST, "id=812 kind=user command=Sleep transaction_age=90 time=90");
 *   kit_status(&k, "Threads_connected", 40);
 *   kit_tick(&k, 1);                  // one sample, a second later; rows are those since the last
 *   kit_finds(&k, "idle-in-transaction", SEVERITY_WARNING, "session:812");
 *   kit_close(&k);
 *
 * Rows have the parts' real schemas; a field that they do not have fails the test. In values `_` is a
 * blank and `~` an underscore. Whatever part no row was given for in a sample is as in the sample before; kit_none() makes it
 * empty, kit_lacks() unreadable.
 */
#ifndef TESTS_RULEKIT_H
#define TESTS_RULEKIT_H

#include "diagnose/diagnosis.h"

struct kit {
	struct diagnosis *d;
	int64_t mono;
	struct server_info server; /* of the samples to come, as role */
	enum role role;
	struct part_builder *builders[N_PARTS];
	const struct part *parts[N_PARTS], *next[N_PARTS];
	struct snapshot *last;
	struct kit_number {
		const char *name;
		double value, growth;
	} numbers[64]; /* status values that kit_tick() writes by itself */
	unsigned n_numbers;
	uint64_t epoch;
	enum link_state link;
	struct err err; /* of the connection */
};

void kit_open(struct kit *k);
void kit_close(struct kit *k);
void kit_row(struct kit *k, enum part_id id, const char *fields);
/* A row of a (name, value) part. */
void kit_pair(struct kit *k, enum part_id id, const char *name, double value);
/* The same with a text, as it is. */
void kit_text(struct kit *k, enum part_id id, const char *name, const char *value);
#define kit_status(k, name, value) kit_pair(k, PART_STATUS, name, value)
#define kit_variable(k, name, value) kit_pair(k, PART_VARIABLES, name, value)
void kit_none(struct kit *k, enum part_id id);
void kit_lacks(struct kit *k, enum part_id id, enum part_status status, const char *why);
void kit_tick(struct kit *k, double seconds);
/* The same sample again and again, a second apart: status counters grow by what kit_rate() said. */
void kit_ticks(struct kit *k, unsigned n);
/* From now on a status counter that grows so much a second, or a gauge with kit_gauge(). */
void kit_rate(struct kit *k, const char *name, double per_second);
void kit_gauge(struct kit *k, const char *name, double value);
/* The server was started again: no rates across, counters begin anew. */
void kit_restart(struct kit *k);

/* The finding is there, with that severity, and its first culprit is "kind:id" (NULL: none is named). */
void kit_finds(struct kit *k, const char *id, enum severity severity, const char *culprit);
/* Its first suspect. */
void kit_suspects(struct kit *k, const char *id, const char *suspect);
/* Among its culprits is, or is not, "kind:id". */
void kit_names(struct kit *k, const char *id, const char *culprit);
void kit_names_not(struct kit *k, const char *id, const char *culprit);
/* `id` is there and hangs under `cause`. */
void kit_explained(struct kit *k, const char *id, const char *cause);
/* It is not there; NULL: nothing is. */
void kit_finds_no(struct kit *k, const char *id);
/* The rule said that it cannot judge, and why has this in it. */
void kit_blind(struct kit *k, const char *id, const char *why);

#endif
