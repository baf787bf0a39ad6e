/*
 * ~/.mylogin.cnf, which mysql_config_editor writes: an option file whose lines are encrypted, with the
 * key at its beginning. That hides a password from a glance, no more. Main thread, at start.
 */
#ifndef IO_LOGINPATH_H
#define IO_LOGINPATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

/* $MYSQL_TEST_LOGIN_FILE or ~/.mylogin.cnf; NULL without a home. The caller frees it. */
char *loginpath_file(void);
/* Append the text of an encrypted file, for optfile_parse(). False with *err when the bytes are broken. */
bool loginpath_decrypt(const char *path, const unsigned char *bytes, size_t n, struct buf *out,
		       struct err *err);
/* Read and decrypt; refuses a file that others may read or write. err->code is errno where the file could
   not be opened. */
bool loginpath_read(const char *path, struct buf *out, struct err *err);

#endif
