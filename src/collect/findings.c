#include "collect/findings.h"

static const struct field fields[] = {FINDINGS_FIELDS(SCHEMA_FIELD)};

const struct schema findings_schema = {"findings", fields, N_FINDINGS_FIELDS, FINDINGS_ID};
