/*
 * Snapshots as tables for people, `--format table`: units as on the screen, texts scrubbed, columns that
 * no row has left out, statements last. Pure.
 */
#ifndef APP_TEXTTABLE_H
#define APP_TEXTTABLE_H

#include "base/buf.h"
#include "io/target.h"
#include "model/snapshot.h"

void table_of_part(struct buf *out, const struct part *p);
void table_of_snapshot(struct buf *out, const struct snapshot *s, const struct target *t,
		       part_mask parts);

#endif
