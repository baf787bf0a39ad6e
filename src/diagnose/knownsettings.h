/* What the settings that people change do to a server, a sentence each. Pure. */
#ifndef DIAGNOSE_KNOWNSETTINGS_H
#define DIAGNOSE_KNOWNSETTINGS_H

/* Why the variable's value matters; NULL: it is none of those that are known here. */
const char *known_setting(const char *name);

#endif
