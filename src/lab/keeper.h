/*
 * The process that a lab hangs on: it makes the data folders, starts the servers and the workload,
 * sits by them, and ends them when it is told to (SIGTERM) or when their time has passed. Should it
 * die itself, the kernel tells its children to end. SIGHUP: start again whatever has ended.
 *
 * `fathom lab up` starts it and reads its progress from a pipe, a JSON object a line: {"step"}, and
 * at last {"ready"} or {"kind","what","why","hint"}. When that reader goes away first, it gives up.
 */
#ifndef LAB_KEEPER_H
#define LAB_KEEPER_H

/* The process; `folder` holds the state that `up` has written, `report` is the pipe (-1: none).
   Returns an exit status. */
int lab_keeper_main(const char *folder, int report);

#endif
