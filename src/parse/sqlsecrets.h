/*
 * Passwords in statements: CREATE USER … IDENTIFIED BY 'x', SET PASSWORD, CHANGE MASTER TO … MASTER_PASSWORD='x',
 * and whatever is compared with a column of such a name. What is written to files that are handed on has none of
 * them. Works on any bytes, also on texts that only quote statements. Pure, any thread.
 */
#ifndef PARSE_SQLSECRETS_H
#define PARSE_SQLSECRETS_H

#include <stdbool.h>

#include "base/buf.h"

/* Whether the text may hold one: cheap. */
bool sql_may_have_secrets(const char *text, size_t len);
/* Append the text, the string literals that follow such words replaced by '***'. */
void sql_hide_secrets(struct buf *out, const char *text, size_t len);

#endif
