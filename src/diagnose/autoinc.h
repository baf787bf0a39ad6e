/*
 * How full auto-increment columns are, from what the collectors read of counters and columns. Pure; texts
 * are borrowed from the parts.
 */
#ifndef DIAGNOSE_AUTOINC_H
#define DIAGNOSE_AUTOINC_H

#include <stdbool.h>

#include "model/part.h"

struct autoinc {
	const char *table;  /* "shop.orders" */
	const char *column, *type;
	double next;        /* the value that the next row gets */
	double most;        /* the last one that the type has */
	double used;        /* share of the values that are gone, 0 … 1 */
};

/* The last value of a type as the server writes it ("int(10) unsigned"); 0: unknown. */
double autoinc_most(const char *type);
/* The fullest columns of the two parts, fullest first; returns how many. Either may be NULL. */
unsigned autoinc_fullest(const struct part *tables, const struct part *columns, struct autoinc *out,
			 unsigned most);
/* How many of the tables have columns that the account may not see: their counters are near the end of some
   type, and which type they have is not known. */
unsigned autoinc_hidden(const struct part *tables, const struct part *columns);
/* The next value of one table's column in other readings of the parts; absent where it is not in them. */
struct value autoinc_next(const struct part *tables, const struct part *columns, const char *table);

#endif
