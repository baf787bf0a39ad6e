/*
 * What is made from the option table and the tables beside it: --help, the generated sections of the
 * man page, and shell completion. Pure.
 */
#ifndef APP_OPTIONDOC_H
#define APP_OPTIONDOC_H

#include "app/options.h"

/* For the console and the program as a whole, or for one command. */
void optiondoc_help(enum command c, struct buf *out);
/* roff for the places of doc/fathom.1.in that are named so: after each line `@@NAME` the rows of a table
   (options, settings, targets, parts, lab, rules). */
void optiondoc_man(struct buf *out);
/* `shell` is bash, zsh or fish. */
void optiondoc_completion(const char *shell, struct buf *out);

#endif
