/* What reports keep for the next one of the same target: a small file each, in
   $XDG_STATE_HOME/fathom/reports, for its owner only. Main thread. */
#ifndef APP_REPORTFILES_H
#define APP_REPORTFILES_H

#include "base/buf.h"
#include "diagnose/reportpast.h"
#include "io/target.h"

/* NULL when there is none, or it makes no sense. */
struct report_past *reportfile_read(const struct target *t);
/* Quietly nothing where there is no home, or it cannot be written: the report stands all the same. */
void reportfile_write(const struct target *t, const struct buf *text);

#endif
