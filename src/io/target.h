/*
 * A target: a server to watch and how to reach it, resolved from command line, configuration, option
 * files, login paths and the environment. Each setting remembers where it came from, so that
 * `fathom check` can say. Built on the main thread; immutable and shared afterwards.
 */
#ifndef IO_TARGET_H
#define IO_TARGET_H

#include <stdbool.h>

#include "base/err.h"

struct buf;

enum tls_mode { TLS_DISABLED, TLS_PREFERRED, TLS_REQUIRED, TLS_VERIFY_CA, TLS_VERIFY_IDENTITY };
/* "disabled", "preferred", …, "verify-identity", as in --ssl-mode; -1 when unknown. */
const char *tls_mode_name(enum tls_mode m);
int tls_mode_parse(const char *s);

/* id, name in options, files and URL keys, secret, help. Text settings; all owned by the target. */
#define TARGET_SETTINGS(S) \
	S(HOST, "host", false, "server to connect to") \
	S(PORT, "port", false, "TCP port, 3306 unless told") \
	S(SOCKET, "socket", false, "Unix socket of a local server") \
	S(USER, "user", false, "account to log in with") \
	S(PASSWORD, "password", true, "its password; asked for when given without a value") \
	S(PROTOCOL, "protocol", false, "tcp or socket") \
	S(SSL_MODE, "ssl-mode", false, "disabled, preferred, required, verify-ca or verify-identity") \
	S(SSL_CA, "ssl-ca", false, "file of certificate authorities to trust") \
	S(SSL_CAPATH, "ssl-capath", false, "folder of certificate authorities to trust") \
	S(SSL_CERT, "ssl-cert", false, "own certificate") \
	S(SSL_KEY, "ssl-key", false, "its key") \
	S(SSL_CIPHER, "ssl-cipher", false, "ciphers to allow") \
	S(TLS_VERSION, "tls-version", false, "TLS versions to allow") \
	S(CONNECT_TIMEOUT, "connect-timeout", false, "seconds a connection attempt may take, 10 unless told") \
	S(LABEL, "label", false, "shown in the header and each confirmation: production") \
	S(READ_ONLY, "read-only", false, "refuse all actions on this server: 1 or 0") \
	S(ADMIN_PORT, "admin-port", false, "admin or extra port to try when there are too many connections") \
	S(PLUGIN_DIR, "plugin-dir", false, "folder of the client library's plugins") \
	S(SERVER_PUBLIC_KEY, "server-public-key-path", false, "RSA key of the server, for passwords without TLS") \
	S(SSH, "ssh", false, "[user@]host[:port] to read the host's load from, through SSH") \
	S(SSH_TUNNEL, "ssh-tunnel", false, "carry the connection to the server over the same SSH session: 1 or 0") \
	S(SSH_TRANSPORT, "ssh-transport", false, "auto, libssh2 or ssh (a child process)") \
	S(SSH_CONFIG, "ssh-config", false, "OpenSSH client configuration to honour, ~/.ssh/config unless told; none: no file") \
	S(SSH_IDENTITY, "ssh-identity", false, "private key to log in with, before those of the configuration") \
	S(HOST_COMMAND, "host-command", false, "command that gives a shell on the server's host, to read its load from")

enum setting {
#define SETTING_ENUM(id, name, secret, help) SETTING_##id,
	TARGET_SETTINGS(SETTING_ENUM)
#undef SETTING_ENUM
	N_SETTINGS,
};
const char *setting_name(enum setting s);
const char *setting_help(enum setting s);
bool setting_secret(enum setting s);
int setting_by_name(const char *name); /* -1: none */

struct target {
	char *name;              /* as the person named it: what the header shows */
	char *value[N_SETTINGS]; /* NULL: not set */
	char *origin[N_SETTINGS]; /* "command line", "/root/.my.cnf:3 [client]", "environment MYSQL_HOST" */
	bool ask_password;       /* -p without a value */
	char *tunnel;            /* not NULL: the near end of its tunnel (io/tunnel.h) */
};

void target_free(struct target *t);
struct target *target_copy(const struct target *t);
/* `value` NULL unsets. Later calls win. */
void target_set(struct target *t, enum setting s, const char *value, const char *origin);
/* Effective values with defaults applied. With a tunnel they are as the far side sees them. */
bool target_tunnelled(const struct target *t); /* --ssh-tunnel */
bool target_uses_socket(const struct target *t);
const char *target_host(const struct target *t);   /* "localhost" unless set */
/* The account to log in with: the system user's name unless set. Returns the value or `out`. */
enum { TARGET_USER_SIZE = 64 };
const char *target_user(const struct target *t, char out[TARGET_USER_SIZE]);
unsigned target_port(const struct target *t);
const char *target_socket(const struct target *t); /* the configured or the first that exists */
enum tls_mode target_tls(const struct target *t);
double target_connect_timeout(const struct target *t);
/* `user@host:port` or `user@/socket` for messages. */
void target_describe(const struct target *t, struct buf *out);

#endif
