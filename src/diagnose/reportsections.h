/* The builders of all sections, by the file that they stand in. For report_build.c and tests only. */
#ifndef DIAGNOSE_REPORTSECTIONS_H
#define DIAGNOSE_REPORTSECTIONS_H

#include "diagnose/report.h"

extern const struct report_builder report_summary;  /* report_summary.c */
extern const struct report_builder report_findings; /* report_findings.c */
extern const struct report_builder report_inventory, report_schema, report_security, report_backups;
extern const struct report_builder report_innodb, report_replication, report_workload, report_host;
extern const struct report_builder report_unseen;   /* report_unseen.c */

#endif
