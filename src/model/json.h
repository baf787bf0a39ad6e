/*
 * Parts and snapshots as JSON, in the form that the design fixes: what `snapshot` prints, what the
 * console exports and what reports begin with. Absent is null, text is made valid UTF-8. Pure, any thread.
 * Results are owned by the caller (json_decref).
 */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "model/snapshot.h"

/* The target as the person named and reached it; NULL and 0 become null. */
struct json_target {
	const char *name, *host, *socket, *label;
	unsigned port;
};

json_t *json_of_text(const char *s, size_t n);
/* `field` says what the number means: yes and no become booleans. May be NULL. */
json_t *json_of_value(const struct field *field, struct value v);
json_t *json_of_time(int64_t wall_us); /* RFC 3339; null before 1970 */
json_t *json_of_row(const struct part *p, unsigned row);
json_t *json_of_part(const struct part *p);
/* null for ERR_NONE */
json_t *json_of_err(const struct err *e);
/* The whole line; those of `parts` that the snapshot has. `partial`: it lacks what was asked for. */
json_t *json_of_snapshot(const struct snapshot *s, const struct json_target *t, part_mask parts,
			 bool partial);
/* Append the object on one line, with its line feed. */
void json_add_line(struct buf *out, const json_t *j);

#endif
