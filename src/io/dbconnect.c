/*
 * Logging in. mysql_real_connect() blocks, so this runs on a worker; but each of its waits passes through
 * wait_io(), where our deadline for the whole attempt is kept: the library's own time-outs begin anew
 * with each byte that a server sends.
 *
 * What the server says first is looked at as it arrives (on_traffic()), before the library answers
 * it: whatever is no MySQL server is told at once instead of after a time-out, and a server without
 * TLS does not get to see a password when TLS is required.
 *
 * The library resolves names through getaddrinfo(), and so it finds ours: a name that is reached by a
 * tunnel has the address of the tunnel's socket, and the certificate is held to the name all the same.
 *
 * All of these find their attempt through a thread-local pointer; without one they do nothing.
 */
#include "io/dbimpl.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"
#include "collect/session.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

enum {
	MOST_PACKET = 64 << 20, /* bytes of one row */
	USUAL_LIMIT_MS = 5000,  /* of a SELECT, until db_set_limit() */
};

static _Thread_local struct attempt *current;

/* --- hooks --------------------------------------------------------------------------------- */

/* The library would report "operation in progress". */
static int connect_failed(int fd)
{
	int no = 0;
	socklen_t n = sizeof no;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &no, &n);
	errno = no ? no : EPIPE;
	return -1;
}

static int wait_io(my_socket fd, my_bool reading, int timeout)
{
	struct attempt *a = current;
	struct pollfd p = {fd, reading ? POLLIN : POLLOUT, 0};
	(void)timeout;

	/* Only while logging in may a call of the library wait. */
	if (!a) {
		errno = ETIMEDOUT;
		return 0;
	}
	if (reading)
		a->connected = true;
	for (;;) {
		int64_t left = a->deadline - clock_mono_ns();
		int n = left > 0 ? poll(&p, 1, (int)(left / NS_PER_MS) + 1) : 0;
		if (n > 0 && !reading && p.revents & (POLLERR | POLLHUP))
			return connect_failed(fd);
		if (n > 0)
			return n;
		if (n == 0 && left <= NS_PER_MS) {
			a->timed_out = true;
			errno = ETIMEDOUT;
			return 0;
		}
		if (n < 0 && errno != EINTR)
			return n;
	}
}

/* A greeting: length (3 bytes), number 0, then protocol 10 and a version text; or an error packet. */
static bool may_be_mysql(const unsigned char *p, size_t n)
{
	if (n >= 4 && (p[2] != 0 || p[3] != 0))
		return false;
	return n < 5 || p[4] == 10 || p[4] == 9 || p[4] == 0xff;
}

/* Whether the greeting (complete so far as it counts) offers TLS. */
static bool lacks_tls(const unsigned char *p, size_t n)
{
	if (n < 6 || p[4] != 10)
		return false;
	const unsigned char *end = memchr(p + 5, 0, n - 5);
	size_t at = end ? (size_t)(end - p) + 1 + 4 + 8 + 1 : n;
	return at + 1 < n && !((p[at] | p[at + 1] << 8) & CLIENT_SSL);
}

/* Called by the library after each read (mode 0) and write. */
static void on_traffic(int mode, MYSQL *m, const unsigned char *bytes, size_t n)
{
	struct attempt *a = current;

	if (!a || mode != 0 || (ssize_t)n <= 0)
		return;
	a->connected = true;
	a->answered = a->greeted;
	if (a->greeted)
		return;
	if (n > sizeof a->head - a->n_head)
		n = sizeof a->head - a->n_head;
	memcpy(a->head + a->n_head, bytes, n);
	a->n_head += n;
	a->alien = !may_be_mysql(a->head, a->n_head);
	a->no_tls = a->must_tls && !a->alien && lacks_tls(a->head, a->n_head);
	if (a->alien || a->no_tls)
		shutdown(mysql_get_socket(m), SHUT_RDWR);
	a->greeted = a->n_head == sizeof a->head ||
		     (a->n_head > 4 && a->n_head >= 4 + a->head[0] + (size_t)(a->head[1] << 8));
}

/* Exported for the library's plugins, and declared in none of its headers. */
int ma_pvio_register_callback(my_bool add, void (*f)(int, MYSQL *, const unsigned char *, size_t));

__attribute__((constructor)) static void install_hooks(void)
{
	ma_pvio_register_callback(1, on_traffic);
}

/* The library loads all certificate authorities of the system, for each connection anew, even where it
   is not to verify anything: 27 ms and 1 MB. This definition comes before OpenSSL's, and does so only
   when a verification was asked for. Visible, or the dynamic linker would not find it. */
__attribute__((visibility("default"))) int SSL_CTX_set_default_verify_paths(SSL_CTX *ctx)
{
	static int (*real)(SSL_CTX *);
	const struct attempt *a = current;

	if (a && target_tls(a->target) < TLS_VERIFY_CA)
		return 1;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "SSL_CTX_set_default_verify_paths");
	return real ? real(ctx) : 0;
}

/* One block, as the C library makes them; an address of a family that it never gives out. */
static struct addrinfo *address_of(const char *path)
{
	struct {
		struct addrinfo info;
		struct sockaddr_un un;
	} *a = xcalloc(1, sizeof *a);

	a->un.sun_family = AF_UNIX;
	snprintf(a->un.sun_path, sizeof a->un.sun_path, "%s", path);
	a->info = (struct addrinfo){.ai_family = AF_UNIX,
				    .ai_socktype = SOCK_STREAM,
				    .ai_addrlen = sizeof a->un,
				    .ai_addr = (struct sockaddr *)&a->un};
	return &a->info;
}

__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
						       const struct addrinfo *hints,
						       struct addrinfo **found)
{
	static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	const struct attempt *a = current;

	if (a && a->via[0] && name && a->host && strcmp(name, a->host) == 0) {
		*found = address_of(a->via);
		return 0;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real ? real(name, service, hints, found) : EAI_SYSTEM;
}

__attribute__((visibility("default"))) void freeaddrinfo(struct addrinfo *list)
{
	static void (*real)(struct addrinfo *);

	if (list && list->ai_family == AF_UNIX) {
		free(list);
		return;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "freeaddrinfo");
	if (real && list)
		real(list);
}

/* --- options ------------------------------------------------------------------------------- */

static void set_string(MYSQL *m, enum mysql_option o, const char *value)
{
	if (value)
		mysql_optionsv(m, o, value);
}

/* Without an authority of the target's own, a verification trusts those of the system. */
static void set_system_authorities(MYSQL *m)
{
	const char *file = getenv(X509_get_default_cert_file_env());
	const char *dir = getenv(X509_get_default_cert_dir_env());

	file = file ? file : X509_get_default_cert_file();
	dir = dir ? dir : X509_get_default_cert_dir();
	if (access(file, R_OK) == 0)
		mysql_optionsv(m, MYSQL_OPT_SSL_CA, file);
	mysql_optionsv(m, MYSQL_OPT_SSL_CAPATH, dir);
}

static void set_tls(MYSQL *m, const struct target *t)
{
	enum tls_mode mode = target_tls(t);
	my_bool on = mode != TLS_DISABLED, identity = mode == TLS_VERIFY_IDENTITY;

	mysql_optionsv(m, MYSQL_OPT_SSL_ENFORCE, &on);
	mysql_optionsv(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &identity);
	if (!on)
		return;
	/* An authority that is named is one to hold the server to only in the verifying modes: the
	   library itself verifies as soon as it has one. */
	if (mode >= TLS_VERIFY_CA) {
		set_string(m, MYSQL_OPT_SSL_CA, t->value[SETTING_SSL_CA]);
		set_string(m, MYSQL_OPT_SSL_CAPATH, t->value[SETTING_SSL_CAPATH]);
		if (!t->value[SETTING_SSL_CA] && !t->value[SETTING_SSL_CAPATH])
			set_system_authorities(m);
	}
	set_string(m, MYSQL_OPT_SSL_CERT, t->value[SETTING_SSL_CERT]);
	set_string(m, MYSQL_OPT_SSL_KEY, t->value[SETTING_SSL_KEY]);
	set_string(m, MYSQL_OPT_SSL_CIPHER, t->value[SETTING_SSL_CIPHER]);
	set_string(m, MYSQL_OPT_TLS_VERSION, t->value[SETTING_TLS_VERSION]);
}

static void set_options(MYSQL *m, const struct attempt *a)
{
	const struct target *t = a->target;
	unsigned no = 0, seconds = 1 + (unsigned)((a->deadline - clock_mono_ns()) / NS_PER_S);
	unsigned protocol = a->host ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
	unsigned long packet = MOST_PACKET;

	mysql_optionsv(m, MYSQL_OPT_LOCAL_INFILE, &no);
	mysql_optionsv(m, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_optionsv(m, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_optionsv(m, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
	mysql_optionsv(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_optionsv(m, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "fathom");
	mysql_optionsv(m, MYSQL_OPT_CONNECT_ATTR_ADD, "_version", PACKAGE_VERSION);
	mysql_optionsv(m, MARIADB_OPT_IO_WAIT, wait_io);
	/* A server may ask for the password in clear: only where nobody else can read it. */
	if (target_tls(t) < TLS_REQUIRED && a->host)
		mysql_optionsv(m, MARIADB_OPT_RESTRICTED_AUTH,
			       "mysql_native_password,caching_sha2_password,client_ed25519,sha256_password,"
			       "auth_gssapi_client");
	set_string(m, MYSQL_PLUGIN_DIR, t->value[SETTING_PLUGIN_DIR]);
	set_string(m, MYSQL_SERVER_PUBLIC_KEY, t->value[SETTING_SERVER_PUBLIC_KEY]);
	set_tls(m, t);
}

/* Files that are not there: the library would only say that something failed. */
static bool files_readable(const struct attempt *a, struct err *err)
{
	static const enum setting files[] = {SETTING_SSL_CA, SETTING_SSL_CAPATH, SETTING_SSL_CERT,
					     SETTING_SSL_KEY, SETTING_SERVER_PUBLIC_KEY};
	const struct target *t = a->target;
	char hint[64];

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		const char *path = t->value[files[i]];
		if (!path || access(path, R_OK) == 0)
			continue;
		if (target_tls(t) == TLS_DISABLED && files[i] != SETTING_SERVER_PUBLIC_KEY)
			continue;
		snprintf(hint, sizeof hint, "that is what --%s names", setting_name(files[i]));
		db_error_before(err, a, ERR_TLS, path, strerror(errno), hint);
		return false;
	}
	return true;
}

/* --- what server is it --------------------------------------------------------------------- */

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static bool contains(const char *s, const char *word)
{
	return strcasestr(s, word) != NULL;
}

/* "5.5.5-10.11.19-MariaDB" as some proxies put it, "9.7.4-2", "8.0.36-28". */
static void read_version(struct server_info *s, const char *version, const char *comment)
{
	unsigned major = 0, minor = 0, patch = 0;
	int n = 0;

	if (contains(version, "mariadb") || contains(comment, "mariadb"))
		s->flavor = FLAVOR_MARIADB;
	else
		s->flavor = contains(comment, "percona") ? FLAVOR_PERCONA : FLAVOR_MYSQL;
	if (s->flavor == FLAVOR_MARIADB && strncmp(version, "5.5.5-", 6) == 0)
		version += 6;
	copy(s->version, sizeof s->version, version);
	sscanf(version, "%3u.%3u%n.%3u%n", &major, &minor, &n, &patch, &n);
	s->number = major * 10000 + minor * 100 + patch;
	snprintf(s->version_short, sizeof s->version_short, "%.*s", n, version);
}

static const char *cell(const struct answer *a, const char *name)
{
	for (unsigned i = 0; i < a->n_columns; i++)
		if (strcasecmp(a->columns[i], name) == 0)
			return a->cells[i] ? a->cells[i] : "";
	return "";
}

static void on_info(void *arg, const struct answer *a)
{
	struct server_info *s = arg;
	const char *ps = cell(a, "performance_schema");

	read_version(s, cell(a, "version"), cell(a, "version_comment"));
	copy(s->account, sizeof s->account, cell(a, "account"));
	copy(s->hostname, sizeof s->hostname, cell(a, "hostname"));
	s->connection_id = strtoll(cell(a, "connection_id"), NULL, 10);
	s->performance_schema = strcmp(ps, "1") == 0 || strcasecmp(ps, "ON") == 0;
}

/* The first statement of `list` that the server knows all the words of. */
static bool run_first(struct db *db, const struct stmt *list, const struct stmt_arg *args, size_t n,
		      const struct db_sink *sink, int64_t deadline, struct err *err)
{
	struct err e = {0};

	for (const struct stmt *s = list; s->sql; s++) {
		if (db_run(db, s, args, n, sink, &db->server, deadline, -1, &e))
			return true;
		if (e.kind != ERR_UNSUPPORTED)
			break;
	}
	if (err)
		*err = e;
	return false;
}

static bool supported(const struct server_info *s)
{
	return s->flavor == FLAVOR_MARIADB ? s->number >= 100000
					   : s->number >= 50600 && s->number < 1000000;
}

static bool set_up(struct db *db, const struct attempt *a, enum db_purpose purpose, struct err *err)
{
	static const struct db_sink info = {NULL, on_info};
	struct stmt_arg read_only = STMT_INT(purpose != DB_EXPLAIN_DML);
	struct err e = {0};

	if (!run_first(db, session_info, NULL, 0, &info, a->deadline, &e)) {
		if (err)
			*err = e;
		return false;
	}
	if (!supported(&db->server))
		return err_setf(err, ERR_UNSUPPORTED, "log-in",
				"fathom needs MySQL 5.6, MariaDB 10.0 or newer",
				"the server says it is %s %s", flavor_title(db->server.flavor),
				db->server.version);
	if (db->server.flavor != FLAVOR_MARIADB)
		db->limit = STMT_LIMIT_MYSQL;
	else if (db->server.number >= 100101)
		db->limit = STMT_LIMIT_MARIADB;
	/* A proxy may refuse some of it: that is no reason not to look. */
	if (run_first(db, session_setup(db->server.flavor), &read_only, 1, NULL, a->deadline, &e))
		return true;
	if (db->lost && err)
		*err = e;
	return !db->lost;
}

/* --- one attempt --------------------------------------------------------------------------- */

static struct db *log_in(struct attempt *a, enum db_purpose purpose, struct err *err)
{
	const struct target *t = a->target;
	struct db *db;
	MYSQL *m;
	char user[TARGET_USER_SIZE];
	bool ok;

	if (!files_readable(a, err))
		return NULL;
	db = xcalloc(1, sizeof *db);
	m = &db->mysql;
	if (!mysql_init(m))
		die("out of memory");
	set_options(m, a);
	a->must_tls = target_tls(t) >= TLS_REQUIRED;
	a->with_password = t->value[SETTING_PASSWORD] && t->value[SETTING_PASSWORD][0];
	current = a;
	ok = mysql_real_connect(m, a->host, target_user(t, user),
				a->with_password ? t->value[SETTING_PASSWORD] : "", NULL, a->port,
				a->socket, CLIENT_MULTI_RESULTS | CLIENT_REMEMBER_OPTIONS) != NULL;
	current = NULL;
	/* The one option that the library would forget to free. */
	mysql_optionsv(m, MYSQL_SERVER_PUBLIC_KEY, NULL);
	if (!ok) {
		a->encrypted = a->answered && m->client_flag & CLIENT_SSL;
		db_error_login(err, a, m);
		mysql_close(m);
		free(db);
		return NULL;
	}
	/* The library keeps a copy that it would need only to connect again by itself. */
	if (m->passwd)
		mem_wipe(m->passwd, strlen(m->passwd));
	mysql_optionsv(m, MYSQL_OPT_NONBLOCK, 0);
	/* Behind the library's back: with TLS it would block otherwise. */
	fcntl(db_fd(db), F_SETFL, fcntl(db_fd(db), F_GETFL) | O_NONBLOCK);
	fcntl(db_fd(db), F_SETFD, FD_CLOEXEC);
	db->limit_ms = USUAL_LIMIT_MS;
	db->server.socket = a->socket != NULL;
	copy(db->server.cipher, sizeof db->server.cipher, mysql_get_ssl_cipher(m));
	if (!set_up(db, a, purpose, err)) {
		db_error_where(err, a);
		db_close(db);
		return NULL;
	}
	return db;
}

/* --- the front door, and the other one ----------------------------------------------------- */

static void tell(db_progress *progress, void *arg, const char *step, bool ok, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static void tell(db_progress *progress, void *arg, const char *step, bool ok, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!progress)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	progress(step, ok, text, arg);
}

static void add_address(struct buf *out, const struct sockaddr *sa, socklen_t n)
{
	char ip[INET6_ADDRSTRLEN] = "";
	if (getnameinfo(sa, n, ip, sizeof ip, NULL, 0, NI_NUMERICHOST) == 0)
		buf_addf(out, "%s%s", out->len ? ", " : "", ip);
}

/* For people who watch: the library looks the name up by itself again. */
static bool look_up(const struct attempt *a, db_progress *progress, void *arg, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
	struct buf found = BUF_INIT;
	int rc;

	if (a->via[0]) {
		tell(progress, arg, "resolve", true, "%s is what the SSH host takes it for", a->host);
		return true;
	}
	rc = getaddrinfo(a->host, NULL, &hints, &list);
	if (rc != 0) {
		tell(progress, arg, "resolve", false, "%s: %s", a->host, gai_strerror(rc));
		return db_error_before(err, a, ERR_RESOLVE, a->host, gai_strerror(rc),
				       "check the host's name");
	}
	for (struct addrinfo *i = list; i; i = i->ai_next)
		add_address(&found, i->ai_addr, i->ai_addrlen);
	freeaddrinfo(list);
	tell(progress, arg, "resolve", true, "%s is %s", a->host, buf_str(&found));
	buf_release(&found);
	return true;
}

static void tell_success(const struct db *db, const struct attempt *a, db_progress *progress, void *arg)
{
	const struct server_info *s = &db->server;
	struct sockaddr_storage peer;
	socklen_t n = sizeof peer;
	struct buf address = BUF_INIT;

	if (!progress)
		return;
	if (a->host && getpeername(db_fd(db), (struct sockaddr *)&peer, &n) == 0)
		add_address(&address, (struct sockaddr *)&peer, n);
	if (a->via[0] && a->host)
		tell(progress, arg, "tcp", true, "connected to %s port %u through SSH", a->host, a->port);
	else if (a->via[0])
		tell(progress, arg, "tcp", true, "connected to socket %s through SSH",
		     target_socket(a->target));
	else if (a->host)
		tell(progress, arg, "tcp", true, "connected to %s port %u", buf_str(&address), a->port);
	else
		tell(progress, arg, "tcp", true, "connected to socket %s", a->socket);
	buf_release(&address);
	if (s->cipher[0])
		tell(progress, arg, "tls", true, "encrypted with %s%s", s->cipher,
		     target_tls(a->target) == TLS_VERIFY_IDENTITY ? ", certificate and name verified"
		     : target_tls(a->target) == TLS_VERIFY_CA     ? ", certificate verified"
								  : ", certificate not verified");
	else
		tell(progress, arg, "tls", true, a->host ? "not encrypted" : "not needed on a Unix socket");
	tell(progress, arg, "login", true, "as %s to %s %s", s->account, flavor_title(s->flavor),
	     s->version);
}

static void tell_failure(const struct attempt *a, const struct err *err, db_progress *progress,
			 void *arg)
{
	const char *step = !a->connected ? "tcp" : err->kind == ERR_TLS ? "tls" : "login";

	if (a->connected && a->host)
		tell(progress, arg, "tcp", true, "connected to %s port %u", a->host, a->port);
	if (a->encrypted && err->kind != ERR_TLS)
		tell(progress, arg, "tls", true, "encrypted");
	tell(progress, arg, err->kind == ERR_RESOLVE ? "resolve" : step, false, "%s", err->why);
}

/* There are too many connections: the admin port (MySQL) or extra port (MariaDB) may still let us in. */
static struct db *second_door(const struct attempt *front, enum db_purpose purpose,
			      db_progress *progress, void *arg, struct err *err)
{
	const struct target *t = front->target;
	struct attempt a = {.target = t, .deadline = front->deadline};
	struct err e = {0};
	struct db *db;
	char hint[sizeof e.hint];

	if (!t->value[SETTING_ADMIN_PORT])
		return NULL;
	a.host = front->host ? front->host : "127.0.0.1";
	a.port = (unsigned)strtoul(t->value[SETTING_ADMIN_PORT], NULL, 10);
	if (t->tunnel)
		tunnel_path(t, TUNNEL_ADMIN, a.via);
	db = log_in(&a, purpose, &e);
	if (db) {
		db->admin_port = true;
		tell_success(db, &a, progress, arg);
		return db;
	}
	tell(progress, arg, "admin-port", false, "port %u: %s", a.port, e.why);
	if (e.code == 1227)
		snprintf(hint, sizeof hint,
			 "the admin port %u wants a privilege: GRANT SERVICE_CONNECTION_ADMIN ON *.* TO "
			 "this account", a.port);
	else if (e.kind == ERR_TOO_MANY)
		snprintf(hint, sizeof hint, "the admin or extra port %u is full, too (extra_max_connections)",
			 a.port);
	else
		snprintf(hint, sizeof hint, "the admin or extra port %u did not help: %.300s", a.port, e.why);
	if (err)
		copy(err->hint, sizeof err->hint, hint);
	return NULL;
}

/* OpenSSL writes to sockets that may be closed without asking for no signal. */
static void ignore_sigpipe(void)
{
	struct sigaction sa;
	if (sigaction(SIGPIPE, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL)
		signal(SIGPIPE, SIG_IGN);
}

/* Never past it. */
static struct db *no_tunnel(struct err *err)
{
	err_set(err, ERR_CONNECT, "--ssh-tunnel", "there is no tunnel", NULL);
	return NULL;
}

struct db *db_connect(const struct target *t, enum db_purpose purpose, int64_t deadline,
		      db_progress *progress, void *arg, struct err *err)
{
	struct attempt a = {.target = t, .deadline = deadline};
	struct err e = {0};
	struct db *db;

	ignore_sigpipe();
	if (target_tunnelled(t) && !t->tunnel)
		return no_tunnel(err);
	if (t->tunnel)
		tunnel_path(t, TUNNEL_SERVER, a.via);
	if (target_uses_socket(t)) {
		a.socket = a.via[0] ? a.via : target_socket(t);
	} else {
		a.host = target_host(t);
		a.port = target_port(t);
		if (progress && !look_up(&a, progress, arg, err))
			return NULL;
	}
	db = log_in(&a, purpose, &e);
	if (db) {
		tell_success(db, &a, progress, arg);
		return db;
	}
	tell_failure(&a, &e, progress, arg);
	if (e.kind == ERR_TOO_MANY)
		db = second_door(&a, purpose, progress, arg, &e);
	if (!db && err)
		*err = e;
	return db;
}
