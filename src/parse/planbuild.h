/*
 * What the readers of plans share: planjson.c, plantree.c and planrows.c build, plan.c finishes.
 * Nobody else includes this.
 */
#ifndef PARSE_PLANBUILD_H
#define PARSE_PLANBUILD_H

#include "parse/plan.h"

/* The name of a step that reads one table, until that is known; what stays is a step without. */
extern const char plan_no_table[];

/* A new node, last among the children of `parent` (NULL: at the top). `op` is not copied. */
struct plan_node *plan_node_new(struct plan *p, struct plan_node *parent, const char *op);
/* A copy of a text from the server, valid UTF-8 without NUL bytes. */
const char *plan_text(struct plan *p, const char *s, size_t len);
/* Both are copied. To the plan as a whole when `n` is NULL. */
void plan_detail_add(struct plan *p, struct plan_node *n, const char *name, const char *value);
/* "a; b" */
void plan_extra_add(struct plan *p, struct plan_node *n, const char *text);
/* Find out table, key, access and warnings from a step as MySQL's tree and second JSON format word
   it: "Index lookup on o using status (status = 'open')". Fields already set are kept. */
void plan_read_step(struct plan *p, struct plan_node *n, const char *step);
/* Warnings that a piece of EXPLAIN's Extra column stands for. */
unsigned plan_extra_warnings(const char *extra);

bool plan_read_json(struct plan *p, const char *text, size_t len, struct err *e);
bool plan_read_tree(struct plan *p, const char *text, size_t len);
/* What a reader of its own ends with: warnings and all on success, nothing on failure. */
bool plan_complete(struct plan *p, bool ok, struct err *e);

#endif
