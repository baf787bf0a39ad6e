/*
 * What OpenSSH's client says on its standard error (with -v): how far it came, and what went wrong,
 * in our own words and with what to do about it. Pure, any thread.
 */
#ifndef PARSE_SSH_SAYS_H
#define PARSE_SSH_SAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum ssh_step { SSH_STEP_RESOLVE, SSH_STEP_TCP, SSH_STEP_HOST_KEY, SSH_STEP_LOGIN, N_SSH_STEPS };

struct ssh_trouble; /* a row of what can go wrong */

/* Zero-initialised is valid: it said nothing yet. With a jump host these are about one after the other. */
struct ssh_says {
	bool done[N_SSH_STEPS];
	bool shared;                        /* over a connection that ssh has open (ControlMaster): no steps */
	char text[N_SSH_STEPS][192];        /* what each step gave; "" until it is done */
	const struct ssh_trouble *trouble;  /* the first since the login */
	char line[256];                     /* its line */
	char last[256];                     /* the last line that is meant for people */
	char refused[256];                  /* why the last forwarded connection was refused; "" */

	char part[512]; /* internal: a line that has not ended yet */
	size_t n_part;
};

/* The next bytes of it. */
void ssh_says_add(struct ssh_says *s, const char *bytes, size_t n);
/* The step that failed, going by what is known. */
enum ssh_step ssh_says_failed(const struct ssh_says *s);
/* Fills in kind, why and hint. False when nothing is known but its last words, which go into `why`. */
bool ssh_says_error(const struct ssh_says *s, struct err *e);
/* "ssh-resolve", "ssh-tcp", "ssh-host-key", "ssh-login" */
const char *ssh_step_name(enum ssh_step step);

#endif
