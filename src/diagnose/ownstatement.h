/*
 * Which statement digests are fathom's own. A server drops comments from digests, so the comment "fathom" is not
 * there to tell; what is left is that no schema was chosen, and the statement's form: a time limit around a
 * SELECT of the server's own tables, or exactly one of the statements that collectors send. Others may send
 * the like: say "as fathom sends them". Pure, any thread.
 */
#ifndef DIAGNOSE_OWNSTATEMENT_H
#define DIAGNOSE_OWNSTATEMENT_H

#include <stdbool.h>

#include "model/part.h"

struct own_statements;

struct own_statements *own_statements_new(void);
void own_statements_free(struct own_statements *own);
/* A row of PART_STATEMENTS. */
bool own_statement(const struct own_statements *own, const struct part *statements, unsigned row);

#endif
