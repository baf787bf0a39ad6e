#include "collect/self.h"

static const struct field fields[] = {SELF_FIELDS(SCHEMA_FIELD)};

const struct schema self_schema = {"self", fields, N_SELF_FIELDS, SELF_NAME};
