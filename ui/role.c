#include "ui/role.h"

const struct ui_role_info ui_role_table[UI_ROLES] = {
#define ROLE_ROW(id, name, fallback, help) [UI_##id] = {name, help, UI_##fallback},
	UI_ROLE_TABLE(ROLE_ROW)
#undef ROLE_ROW
};
