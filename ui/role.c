#include "ui/role.h"

const struct role_info role_table[ROLE_COUNT] = {
#define ROLE_ROW(id, name, fallback, help) [ROLE_##id] = {name, help, ROLE_##fallback},
	ROLES(ROLE_ROW)
#undef ROLE_ROW
};
