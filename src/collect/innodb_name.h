/*
 * InnoDB's names of tables: "shop/order@0020lines#P#p0". Pure.
 */
#ifndef COLLECT_INNODB_NAME_H
#define COLLECT_INNODB_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends "shop.order lines" to `out`: what stands for special characters is put back, partitions are left
   out; letters with accents stay as InnoDB writes them (@1p). `dot`, which may be NULL, is where in `out`
   the table's name begins. False, with nothing appended, when it is no table of a schema. */
bool innodb_name(struct buf *out, const char *name, size_t len, size_t *dot);

#endif
