/*
 * What db.c (statements), dbconnect.c (log-in) and dberror.c (sentences) share. Nobody else includes it.
 */
#ifndef IO_DBIMPL_H
#define IO_DBIMPL_H

#include <mysql.h>

#include "base/buf.h"
#include "collect/stmt.h"
#include "io/client.h"
#include "io/db.h"
#include "io/tunnel.h"

enum db_phase {
	PHASE_IDLE,
	PHASE_QUERY, /* sending, and waiting for the answer's head */
	PHASE_ROWS,
	PHASE_NEXT,  /* a procedure may send more than one result: all but the first are dropped */
};

struct db {
	MYSQL mysql;
	struct server_info server;
	bool admin_port;
	bool lost; /* good for db_close() only */

	enum db_phase phase;
	short wait;   /* what the suspended call waits for, as for poll(); 0: none is suspended */
	bool pending; /* stopped by the budget of rows: more can be had without waiting */
	int status;   /* of the library's call: 0 is success */
	MYSQL_ROW row;
	MYSQL_RES *result;

	const struct stmt *stmt;
	struct buf text;
	struct db_sink sink;
	void *sink_arg;
	bool discard;
	struct answer answer;
	const char **columns;
	unsigned n_columns;

	enum stmt_limit limit;
	unsigned limit_ms;
	int64_t sent_at;
	double round_trip;
	uint64_t statements;
	uint64_t bytes; /* for client_bytes() */
	bool storing;   /* client_mysql.c: a result is on its way */
};

/* What is known about a failed attempt to connect, beyond the library's own error. */
struct attempt {
	const struct target *target;
	int64_t deadline;
	const char *host; /* as given to the library; NULL: `socket` */
	const char *socket;
	unsigned port;
	char via[TUNNEL_PATH_SIZE]; /* the near end of the tunnel, "" without */
	bool must_tls;
	bool with_password;

	bool timed_out;
	bool connected; /* TCP or Unix socket */
	bool alien;     /* the other side does not speak MySQL */
	bool no_tls;    /* TLS is wanted, the server offers none */
	bool greeted;   /* the greeting is complete */
	bool answered;  /* there was more: with TLS only after the handshake */
	bool handshaking; /* it ended in the TLS handshake */
	bool encrypted; /* the handshake was done when it failed */
	unsigned char head[512]; /* the first bytes that were received, NUL-terminated */
	size_t n_head;
};

/* Bytes that the server sent first. False: it is no MySQL server, or one without the TLS that must be. */
bool attempt_take_head(struct attempt *a, const unsigned char *bytes, size_t n);
/* Whole seconds until its deadline, rounded up. */
unsigned attempt_seconds(const struct attempt *a);

/* Whom to trust: only set where something is to be verified. Borrowed. */
struct authorities {
	const char *file, *folder;
};
void authorities_of(const struct target *t, struct authorities *out);

enum { MOST_PACKET = 64 << 20 /* bytes of one row */ };
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

/* The error of a failed log-in. `m` still holds the library's error. */
bool db_error_login(struct err *err, const struct attempt *a, MYSQL *m);
/* Let `what` of an error name the server. */
void db_error_where(struct err *err, const struct attempt *a);
/* An error that ends an attempt before the library was asked: `why` is "SUBJECT: REASON". */
bool db_error_before(struct err *err, const struct attempt *a, enum err_kind kind, const char *subject,
		     const char *reason, const char *hint);
/* The error of a statement. */
bool db_error_stmt(struct err *err, const char *what, unsigned code, const char *text);

#endif
