/*
 * Real SSH servers on loopback (tests/tools/sshd.sh), for tests in C. One set at a time.
 */
#ifndef TESTS_SSHD_H
#define TESTS_SSHD_H

#include <stdbool.h>

/* Names and lines of sshd_config as the script takes them, quoted for a shell: "main 'PermitTTY no'
   other". Sets its variables in the environment. With more servers when some run. False: there is no
   sshd here. */
bool sshd_start(const char *words);
/* "STOP", "CONT", "KILL": the server and the connections it serves. */
void sshd_signal(const char *name, const char *signal);
/* The same for whatever runs in its sessions; they stay. */
void sshd_signal_shells(const char *name, const char *signal);
void sshd_restart(const char *name);
void sshd_stop(void);
/* One of its variables: "KEYS", "MAIN_PORT". */
const char *sshd_var(const char *name);

#endif
