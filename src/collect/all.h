/*
 * The collectors and derivations there are, one file each. Only collector.c puts them into its tables.
 */
#ifndef COLLECT_ALL_H
#define COLLECT_ALL_H

#include "collect/collector.h"

extern const struct collector status_collector;
extern const struct collector variables_collector;
extern const struct collector sessions_collector;

extern const struct derivation processlist_derivation;

#endif
