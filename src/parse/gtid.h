/*
 * Global transaction ids. MySQL: sets of intervals by the UUID of the server where the transactions were
 * born, since 8.3 with an optional tag. MariaDB: positions, one domain-server-sequence per domain. Both as
 * the servers print them; whatever they print is taken as hostile. Pure, any thread.
 */
#ifndef PARSE_GTID_H
#define PARSE_GTID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* --- MySQL ------------------------------------------------------------------------------------------ */

enum { GTID_UUID = 36, GTID_TAG = 32 };

/* Both ends belong to it; numbers begin at 1. */
struct gtid_interval {
	int64_t first, last;
};

/* The transactions of one source and tag: intervals in order that do not touch. */
struct gtid_group {
	char uuid[GTID_UUID + 1]; /* lower case */
	char tag[GTID_TAG + 1];   /* lower case; "" for none */
	struct gtid_interval *at;
	size_t n, cap;
};

/* Groups in order of UUID and tag, none empty. Zero-initialised is valid and empty. */
struct gtid_set {
	struct gtid_group *at;
	size_t n, cap;
};

/* Fills an empty set; false, and the set stays empty, when the text is none (more than a million intervals are
   none either). Blanks and line ends anywhere between are fine; so is an empty text. */
bool gtid_set_parse(struct gtid_set *out, const char *s, size_t len);
void gtid_set_release(struct gtid_set *s);
/* Into an empty set: what is in a, b or both; what is in a and not in b. */
void gtid_set_union(struct gtid_set *out, const struct gtid_set *a, const struct gtid_set *b);
void gtid_set_subtract(struct gtid_set *out, const struct gtid_set *a, const struct gtid_set *b);
/* Transactions in it; INT64_MAX when there are more. */
int64_t gtid_set_count(const struct gtid_set *s);
/* Whether all of b is in a. */
bool gtid_set_contains(const struct gtid_set *a, const struct gtid_set *b);
/* As the servers print it, on one line. */
void gtid_set_print(struct buf *out, const struct gtid_set *s);

/* What a UUID is called by people. */
struct gtid_name {
	char uuid[GTID_UUID + 1]; /* any case */
	char name[64];
};

struct gtid_names {
	const struct gtid_name *at;
	size_t n;
};

/* The name, or the UUID's first eight digits and an ellipsis (in `keep`) where it has none. */
const char *gtid_name_of(const struct gtid_names *names, const char *uuid, char keep[16]);
/* One group for people: `db1:3306 4,713-9,000 9,002 and 3 older ranges`: at most `most` intervals (0: all), the
   newest ones kept; numbers have commas between thousands. */
void gtid_group_fold(struct buf *out, const struct gtid_group *g, const struct gtid_names *names,
		     unsigned most);
/* The whole set on one line, groups separated by "; ". */
void gtid_set_fold(struct buf *out, const struct gtid_set *s, const struct gtid_names *names,
		   unsigned most);

/* Transactions of the first text that are not in the second; -1 when either is no set. */
int64_t gtid_set_gap(const char *all, size_t all_len, const char *less, size_t less_len);

/* --- MariaDB ---------------------------------------------------------------------------------------- */

struct gtid_domain {
	uint32_t domain, server;
	uint64_t sequence;
};

/* In order of domain, then server. Zero-initialised is valid and empty. A position has a domain once, a
   binary log's state once for each server. */
struct gtid_position {
	struct gtid_domain *at;
	size_t n, cap;
};

/* As gtid_set_parse(). */
bool gtid_position_parse(struct gtid_position *out, const char *s, size_t len);
void gtid_position_release(struct gtid_position *p);
/* The highest sequence of a domain, whoever wrote it; 0: none. */
uint64_t gtid_position_sequence(const struct gtid_position *p, uint32_t domain);
/* For people: `domain 0: 4,711 (server 1)`, domains separated by "; ". */
void gtid_position_fold(struct buf *out, const struct gtid_position *p);
/* By how much the first is ahead of the second, domain by domain, added; domains that the second has never
   seen cannot be told: -1, as when either is no position. */
int64_t gtid_position_gap(const char *ahead, size_t ahead_len, const char *behind, size_t behind_len);

#endif
