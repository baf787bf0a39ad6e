/* Several targets side by side, as a document of its own: what differs, who lags, who is the odd one
   out. Pure. */
#ifndef DIAGNOSE_REPORTCOMPARE_H
#define DIAGNOSE_REPORTCOMPARE_H

#include "diagnose/report.h"

/* Those with `now` NULL or never reached are named, and left out of the rest. */
struct report *report_compare(const struct report_input *in, struct report *const *reports, unsigned n);

#endif
