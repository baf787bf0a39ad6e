/*
 * From error numbers to kinds and to sentences: what, why, and what to do about it.
 */
#include "io/dbimpl.h"

#include <errmsg.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* libmariadb's own numbers begin here; what libmysqlclient has there is none of these. */
enum { LIBMARIADB_FIRST = 5000, LIBMARIADB_LAST = 5999 };
#ifndef CR_SECURE_AUTH
#define CR_SECURE_AUTH 2049
#endif

/* One row a number. `why` NULL: the server's own words; `hint` NULL: none. What is not here is
   ERR_SERVER. `login` is for errors that may also come with a statement and mean something else. */
static const struct known {
	unsigned code;
	enum err_kind kind;
	const char *why;
	const char *hint;
} known[] = {
	{1040, ERR_TOO_MANY, "too many connections: every slot of max_connections is taken",
	 "the one spare slot is for accounts with CONNECTION_ADMIN (MariaDB: CONNECTION ADMIN); --admin-port "
	 "names a second door (admin_port of MySQL, extra_port of MariaDB)"},
	{1203, ERR_LOGIN, NULL, "this account's max_user_connections are all in use"},
	{1226, ERR_LOGIN, NULL, "a resource limit of this account is used up"},
	{1045, ERR_LOGIN, NULL, "check user and password"},
	{1698, ERR_LOGIN, NULL,
	 "this account logs in by socket and system user: use its socket as that user, or another account"},
	{1129, ERR_LOGIN, NULL,
	 "the server blocks this host after too many connection errors: on it run FLUSH HOSTS, or on MySQL "
	 "TRUNCATE performance_schema.host_cache"},
	{1130, ERR_LOGIN, NULL, "the server has no account for connections from this host"},
	{1251, ERR_LOGIN, NULL, "the account uses a way of logging in that is too old"},
	{1820, ERR_LOGIN, "the password has expired", "log in with the mysql client and set a new one"},
	{1862, ERR_LOGIN, "the password has expired", "log in with the mysql client and set a new one"},
	{3118, ERR_LOGIN, "the account is locked", "ALTER USER … ACCOUNT UNLOCK opens it again"},
	{4151, ERR_LOGIN, "the account is locked", "ALTER USER … ACCOUNT UNLOCK opens it again"},
	{3955, ERR_LOGIN, NULL, "too many failed log-ins: wait, or ALTER USER … ACCOUNT UNLOCK"},
	{3032, ERR_LOGIN, "the server is in offline mode",
	 "accounts with CONNECTION_ADMIN are let in all the same"},
	{CR_AUTH_PLUGIN_CANNOT_LOAD, ERR_LOGIN, NULL,
	 "the account wants an authentication plugin that the client library does not have; --plugin-dir says "
	 "where it looks"},
	{CR_AUTH_PLUGIN_ERR, ERR_LOGIN, NULL,
	 "use TLS (--ssl-mode=required), or name the server's RSA key with --server-public-key-path"},

	{1044, ERR_DENIED}, {1142, ERR_DENIED}, {1143, ERR_DENIED}, {1227, ERR_DENIED},
	{1401, ERR_DENIED}, /* XA RECOVER without the privilege, on MySQL */
	{1370, ERR_DENIED}, {1290, ERR_DENIED}, {1095, ERR_DENIED}, {3659, ERR_DENIED},

	{1049, ERR_UNSUPPORTED}, {1054, ERR_UNSUPPORTED}, {1064, ERR_UNSUPPORTED},
	{1109, ERR_UNSUPPORTED}, {1146, ERR_UNSUPPORTED}, {1193, ERR_UNSUPPORTED},
	{1235, ERR_UNSUPPORTED}, {1286, ERR_UNSUPPORTED}, {1289, ERR_UNSUPPORTED},
	{1295, ERR_UNSUPPORTED}, {1305, ERR_UNSUPPORTED}, {1128, ERR_UNSUPPORTED},

	{CR_SERVER_GONE_ERROR, ERR_LOST}, {CR_SERVER_LOST, ERR_LOST},
	{CR_SERVER_LOST_EXTENDED, ERR_LOST}, {1053, ERR_LOST}, {1080, ERR_LOST},
	{1152, ERR_LOST}, {1153, ERR_LOST}, {1154, ERR_LOST}, {1155, ERR_LOST}, {1156, ERR_LOST},
	{1157, ERR_LOST}, {1158, ERR_LOST}, {1159, ERR_LOST}, {1160, ERR_LOST}, {1161, ERR_LOST},
	{1184, ERR_LOST}, {1927, ERR_LOST}, {3169, ERR_LOST}, {4031, ERR_LOST},
	{CR_OUT_OF_MEMORY, ERR_LOST},

	{CR_UNKNOWN_ERROR, ERR_PROTOCOL}, {CR_VERSION_ERROR, ERR_PROTOCOL},
	{CR_COMMANDS_OUT_OF_SYNC, ERR_PROTOCOL}, {CR_NET_PACKET_TOO_LARGE, ERR_PROTOCOL},
	{CR_MALFORMED_PACKET, ERR_PROTOCOL},

	{CR_SOCKET_CREATE_ERROR, ERR_CONNECT}, {CR_CONNECTION_ERROR, ERR_CONNECT},
	{CR_CONN_HOST_ERROR, ERR_CONNECT}, {CR_IPSOCK_ERROR, ERR_CONNECT},
	{CR_UNKNOWN_HOST, ERR_RESOLVE}, {CR_SSL_CONNECTION_ERROR, ERR_TLS},
	{CR_SECURE_AUTH, ERR_LOGIN}, {5012 /* CR_ERR_LOAD_PLUGIN */, ERR_LOGIN},
	{5004 /* CR_FILE_NOT_FOUND */, ERR_TLS}, /* a key or certificate of ours */
	{5010 /* CR_PLUGIN_NOT_ALLOWED */, ERR_LOGIN,
	 "the server asks for the password in clear, or in a way that is unknown here",
	 "--ssl-mode=required allows it"},
	{5013 /* CR_ERR_NET_READ */, ERR_LOST}, {5014 /* CR_ERR_NET_WRITE */, ERR_LOST},
};

static const struct known *find(unsigned code)
{
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (known[i].code == code)
			return &known[i];
	return NULL;
}

/* Not a server's error. */
static bool is_library(unsigned code)
{
	return (code >= CR_MIN_ERROR && code <= CR_MAX_ERROR) ||
	       (code >= LIBMARIADB_FIRST && code <= LIBMARIADB_LAST);
}

enum err_kind db_classify(unsigned code)
{
	const struct known *k = find(code);

	if (!code)
		return ERR_NONE;
	return k ? k->kind : is_library(code) ? ERR_PROTOCOL : ERR_SERVER;
}

bool db_error_stmt(struct err *err, const char *what, unsigned code, const char *text)
{
	const struct known *k = find(code);
	/* The library has been seen to fail without a word. */
	enum err_kind kind = code ? db_classify(code) : ERR_PROTOCOL;

	/* EXPLAIN FOR CONNECTION of somebody else's session: no privilege, and no wrong password. */
	if (code == 1045)
		kind = ERR_DENIED;
	if (kind == ERR_LOST)
		err_setf(err, kind, what, NULL, "the connection was lost (%s)", text);
	else if (kind == ERR_PROTOCOL)
		err_setf(err, kind, what, NULL, "the answer makes no sense (%s)", text);
	else
		err_set(err, kind, what, k && k->why ? k->why : text,
			k && kind == ERR_LOGIN ? k->hint : NULL);
	if (err)
		err->code = code;
	return false;
}

/* --- log-in -------------------------------------------------------------------------------- */

void db_error_where(struct err *err, const struct attempt *a)
{
	char user[TARGET_USER_SIZE];
	const char *name = target_user(a->target, user);

	if (!err)
		return;
	if (a->host)
		snprintf(err->what, sizeof err->what,
			 strchr(a->host, ':') ? "cannot connect to %s@[%s]:%u" : "cannot connect to %s@%s:%u",
			 name, a->host, a->port);
	else
		snprintf(err->what, sizeof err->what, "cannot connect to %s@%s", name,
			 a->via[0] ? target_socket(a->target) : a->socket);
	if (a->via[0]) {
		size_t n = strlen(err->what);
		snprintf(err->what + n, sizeof err->what - n, " through SSH");
	}
}

bool db_error_before(struct err *err, const struct attempt *a, enum err_kind kind, const char *subject,
		     const char *reason, const char *hint)
{
	err_setf(err, kind, NULL, hint, "%s: %s", subject, reason);
	db_error_where(err, a);
	return false;
}

/* The library ends its words with errno in brackets: "Can't connect to server on 'h' (111)", and with
   what it read last: "… system error: 104". */
static int errno_in(const char *text)
{
	const char *p = strrchr(text, '(');
	return p ? atoi(p + 1) : 0;
}

static void explain_connect(struct err *e, const struct attempt *a, const char *text)
{
	int no = errno_in(text);

	e->code = (unsigned)no;
	snprintf(e->why, sizeof e->why, "%s", no ? strerror(no) : text);
	if (a->via[0]) {
		snprintf(e->why, sizeof e->why, "the SSH session is not up");
		return;
	}
	if (!a->host && no == ENOENT)
		snprintf(e->hint, sizeof e->hint,
			 "there is no such socket: does the server run, and is that its socket?");
	else if (!a->host && no == ECONNREFUSED)
		snprintf(e->hint, sizeof e->hint, "nobody listens on that socket: does the server run?");
	else if (!a->host && no == EACCES)
		snprintf(e->hint, sizeof e->hint, "this system user may not use that socket");
	else if (no == ECONNREFUSED)
		snprintf(e->hint, sizeof e->hint,
			 "nobody listens on port %u there: does the server run, and is that its port?", a->port);
	else
		snprintf(e->hint, sizeof e->hint, "check host, port, routes and firewalls");
}

static void explain_timeout(struct err *e, const struct attempt *a)
{
	e->kind = ERR_TIMEOUT;
	e->code = 0;
	if (!a->connected) {
		snprintf(e->why, sizeof e->why, "no answer in time");
		snprintf(e->hint, sizeof e->hint, "check host, port, routes and firewalls");
	} else if (!a->greeted) {
		snprintf(e->why, sizeof e->why, "connected, but no greeting came in time");
		snprintf(e->hint, sizeof e->hint, "the server may hang; or is that no MySQL port?");
	} else {
		snprintf(e->why, sizeof e->why, "the server stopped answering in the middle of the %s",
			 a->handshaking ? "TLS handshake" : "log-in");
		snprintf(e->hint, sizeof e->hint, "the server may hang or be overloaded");
	}
}

static void explain_tls(struct err *e, const struct attempt *a, const char *text)
{
	const char *hint = NULL, *detail = strstr(text, "error: ");
	bool verifies = target_tls(a->target) >= TLS_VERIFY_CA;

	e->kind = ERR_TLS;
	e->code = CR_SSL_CONNECTION_ERROR;
	snprintf(e->why, sizeof e->why, "TLS: %s", detail ? detail + 7 : text);
	if (a->no_tls) {
		snprintf(e->why, sizeof e->why, "the server offers no TLS");
		hint = "--ssl-mode=preferred goes on without it, and nothing is encrypted then";
	} else if (strstr(text, "expired")) {
		hint = "the server needs a new certificate";
	} else if (strstr(text, "Validation of SSL server certificate failed")) {
		snprintf(e->why, sizeof e->why, "TLS: the server's certificate is not for the name %s",
			 a->host ? a->host : "of a socket");
		hint = "connect by the name in the certificate, or use --ssl-mode=verify-ca";
	} else if (strstr(text, "self") || strstr(text, "issuer") || strstr(text, "unable to")) {
		hint = "--ssl-ca names the file of the authority that signed the server's certificate";
	} else if (strstr(text, "certificate verify failed")) {
		hint = "its authority (--ssl-ca), the name in it or its dates do not fit; libmysqlclient "
		       "does not say which";
	} else if (!verifies) {
		hint = "--tls-version and --ssl-cipher say what is allowed; --ssl-mode=disabled tries without TLS";
	}
	snprintf(e->hint, sizeof e->hint, "%s", hint ? hint : "");
}

static void explain_alien(struct err *e, const struct attempt *a)
{
	char start[41];
	size_t n = 0;

	for (size_t i = 0; i < a->n_head && n < sizeof start - 1 && a->head[i]; i++)
		start[n++] = a->head[i] >= 0x20 && a->head[i] < 0x7f ? (char)a->head[i] : '.';
	start[n] = '\0';
	e->kind = ERR_PROTOCOL;
	e->code = 0;
	snprintf(e->why, sizeof e->why, "that is not a MySQL server: it begins with \"%s\"", start);
	snprintf(e->hint, sizeof e->hint, "check host and port");
}

/* A server's error that came where the library did not want one is found in the library's own: in the
   words that it wraps around it, or in what was received first. */
static unsigned unwrap(const struct attempt *a, unsigned code, const char **text)
{
	static const char mark[] = "cannot be verified: ";
	const char *p = strstr(*text, mark);
	char *end;
	unsigned long inner = p ? strtoul(p + sizeof mark - 1, &end, 10) : 0;

	if (inner) {
		*text = strncmp(end, " - ", 3) == 0 ? end + 3 : end;
		return (unsigned)inner;
	}
	if (a->head[4] == 0xff && is_library(code)) {
		*text = (const char *)a->head + (a->head[7] == '#' ? 13 : 7);
		return a->head[5] | (unsigned)a->head[6] << 8;
	}
	return code;
}

static void explain_server(struct err *e, const struct attempt *a, unsigned code, const char *text)
{
	const struct known *k = find(code);

	e->kind = db_classify(code);
	snprintf(e->why, sizeof e->why, "%s", k && k->why ? k->why : text);
	snprintf(e->hint, sizeof e->hint, "%s", k && k->hint ? k->hint : "");
	if (code == 1045 && !a->with_password)
		snprintf(e->hint, sizeof e->hint, "give -p to be asked for a password");
	if (e->kind == ERR_PROTOCOL) {
		snprintf(e->why, sizeof e->why, "the other side does not speak MySQL as it should (%s)", text);
		snprintf(e->hint, sizeof e->hint, "check host and port, and what proxy stands between");
	}
	if (e->kind == ERR_LOST || e->kind == ERR_CONNECT) {
		e->kind = ERR_LOST;
		snprintf(e->why, sizeof e->why, "the server closed the connection %s",
			 a->greeted ? "in the middle of the log-in" : "without a greeting");
		snprintf(e->hint, sizeof e->hint, "its error log may say why; a firewall or proxy may have cut it");
	}
}

bool db_error_login(struct err *err, const struct attempt *a, MYSQL *m)
{
	struct err e = {.code = mysql_errno(m)};
	const char *text = mysql_error(m);

	if (!err)
		return false;
	e.code = unwrap(a, e.code, &text);
	e.kind = db_classify(e.code);
	db_error_where(&e, a);
	if (a->timed_out) {
		explain_timeout(&e, a);
	} else if (a->alien) {
		explain_alien(&e, a);
	} else if (a->no_tls || e.kind == ERR_TLS) {
		explain_tls(&e, a, text);
	} else if (e.kind == ERR_CONNECT && !a->connected) {
		explain_connect(&e, a, text);
	} else if (e.kind == ERR_RESOLVE) {
		snprintf(e.why, sizeof e.why, "there is no host %s", a->host);
		snprintf(e.hint, sizeof e.hint, "check the host's name");
	} else {
		explain_server(&e, a, e.code, text);
	}
	*err = e;
	return false;
}
