/*
 * Deadlocks in a server's error log: with innodb_print_all_deadlocks = ON the server writes each of them there
 * (MySQL from log_error_verbosity 3 on). Pure; the text may begin and end anywhere.
 */
#ifndef PARSE_INNODB_LOG_H
#define PARSE_INNODB_LOG_H

#include "base/buf.h"
#include "parse/innodb_status.h"

/* The next whole deadlock in *rest, in the form that innodb_deadlock_parse() takes, with its date in the first line,
   into *out (which is cleared); *rest begins behind it. False, and *rest is empty: there is none. */
bool innodb_log_next_deadlock(struct slice *rest, struct buf *out);

#endif
