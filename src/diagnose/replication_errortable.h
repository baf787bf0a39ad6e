/* The rows behind replication_errors.h; the last one, with the number 0, is for all others. */
#ifndef DIAGNOSE_REPLICATION_ERRORTABLE_H
#define DIAGNOSE_REPLICATION_ERRORTABLE_H

#include "diagnose/replication_errors.h"

extern const struct replication_error replication_error_table[];

#endif
