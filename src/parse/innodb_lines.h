/*
 * Between the files of the InnoDB status parser: the lists of a text (innodb_lists.c).
 */
#ifndef PARSE_INNODB_LINES_H
#define PARSE_INNODB_LINES_H

#include "parse/innodb_status.h"

/* Semaphore waits, transactions and I/O threads of a text whose sections were found. */
void innodb_lists_read(struct innodb_status *s);

#endif
