/*
 * An error as a value with a sentence: what was tried, why it failed, what to do. Printed as
 * `fathom: what: why; hint`. Texts from servers are scrubbed when they are put on a screen, not here.
 * Zero-initialised means "no error".
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stdarg.h>

struct buf;

enum err_kind {
	ERR_NONE,
	ERR_USAGE,       /* wrong option, configuration or target text: exit 1 */
	ERR_RESOLVE,     /* no such host */
	ERR_CONNECT,     /* refused, no such socket, unreachable */
	ERR_TIMEOUT,     /* our own deadline passed */
	ERR_TLS,         /* handshake or certificate */
	ERR_LOGIN,       /* wrong password, unknown user, plugin not available */
	ERR_TOO_MANY,    /* 1040 in any of its wrappings */
	ERR_LOST,        /* an established connection broke */
	ERR_PROTOCOL,    /* the peer does not speak MySQL, or lies */
	ERR_DENIED,      /* privilege missing */
	ERR_UNSUPPORTED, /* the server has no such thing */
	ERR_SERVER,      /* any other error that the server reported */
	ERR_IO,          /* a file, a pipe */
	ERR_CANCELLED,
};

struct err {
	enum err_kind kind;
	unsigned code;   /* the server's or client library's error number, or errno; 0 without */
	char what[192];
	char why[512];
	char hint[512];
};

/* Fill in; any of what, why, hint may be NULL. Returns false, so that callers can `return err_set(…)`.
   `e` may be NULL. */
bool err_set(struct err *e, enum err_kind kind, const char *what, const char *why, const char *hint);
/* Like err_set with formatted `why`. */
bool err_setf(struct err *e, enum err_kind kind, const char *what, const char *hint,
	      const char *why_fmt, ...) __attribute__((format(printf, 5, 6)));
/* `what: why; hint` without the program's name, appended. */
void err_format(const struct err *e, struct buf *out);
/* `fathom: …` on stderr, control characters made visible. */
void err_print(const struct err *e);
/* "login", "timeout" …: stable, used in JSON. */
const char *err_kind_name(enum err_kind kind);

#endif
