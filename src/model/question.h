/*
 * What only a person can answer, found while a shell on a host is opened (io/shell.h): an unknown host
 * key, a passphrase. Plain data; it is shown where the target is, and the answer goes back through
 * engine/sampler.h.
 */
#ifndef MODEL_QUESTION_H
#define MODEL_QUESTION_H

#include <stdbool.h>

enum shell_question_kind {
	QUESTION_NONE,
	QUESTION_HOST_KEY,   /* an unknown key: yes accepts and adds it to known_hosts */
	QUESTION_PASSPHRASE, /* of a key file */
	QUESTION_PASSWORD,
	QUESTION_PROMPT,     /* keyboard-interactive: as the server asks it */
	QUESTION_CHILD,      /* libssh2 cannot do it (RSA, certificate, ProxyCommand): use the child ssh? */
};

struct shell_question {
	enum shell_question_kind kind;
	bool echo;         /* the answer may be shown while it is typed */
	char subject[256]; /* host, key file */
	char text[768];    /* the question itself: fingerprint, the server's prompt, what cannot be done */
};

#endif
