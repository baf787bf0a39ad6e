/*
 * Logging in, on a worker: it blocks, until our deadline for the whole attempt (client.h).
 *
 * What the server says first is looked at as it arrives, before the library answers it: whatever is
 * no MySQL server is told at once instead of after a time-out, and a server without TLS does not get
 * to see a password when TLS is required.
 *
 * The library resolves names through getaddrinfo(), and so it finds ours: a name that is reached by a
 * tunnel has the address of the tunnel's socket, and the certificate is held to the name all the same.
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

enum { USUAL_LIMIT_MS = 5000 /* of a SELECT, until db_set_limit() */ };

/* A greeting: length (3 bytes), number 0, then protocol 10 and a version text; or an error packet. */
static bool may_be_mysql(const unsigned char *p, size_t n)
{
	if (n >= 4 && (p[2] != 0 || p[3] != 0))
		return false;
	return n < 5 || p[4] == 10 || p[4] == 9 || p[4] == 0xff;
}

/* Where the packet at p ends. */
static size_t packet_end(const unsigned char *p)
{
	return 4 + p[0] + ((size_t)p[1] << 8);
}

/* Whether a greeting, all of it or as much as is kept, offers TLS. What is not said is not offered: the
   library would go on without, even with an authority to hold the server to. */
static bool offers_tls(const unsigned char *p, size_t n)
{
	if (n > packet_end(p))
		n = packet_end(p);
	const unsigned char *end = n > 5 ? memchr(p + 5, 0, n - 5) : NULL;
	size_t at = end ? (size_t)(end - p) + 1 + 4 + 8 + 1 : n;
	return at + 1 < n && (p[at] | p[at + 1] << 8) & CLIENT_SSL;
}

bool attempt_take_head(struct attempt *a, const unsigned char *bytes, size_t n)
{
	const size_t most = sizeof a->head - 1;
	if (n > most - a->n_head)
		n = most - a->n_head;
	memcpy(a->head + a->n_head, bytes, n);
	a->n_head += n;
	a->alien = !may_be_mysql(a->head, a->n_head);
	a->greeted = a->n_head == most || (a->n_head > 4 && a->n_head >= packet_end(a->head));
	a->no_tls = a->must_tls && a->greeted && !a->alien && a->head[4] != 0xff &&
		    !offers_tls(a->head, a->n_head);
	return !a->alien && !a->no_tls;
}

unsigned attempt_seconds(const struct attempt *a)
{
	return 1 + (unsigned)((a->deadline - clock_mono_ns()) / NS_PER_S);
}

static _Thread_local const struct attempt *current;

/* The definitions that ours stand before. */
static struct {
	int (*load_authorities)(SSL_CTX *);
	int (*resolve)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	void (*free_addresses)(struct addrinfo *);
} real;

__attribute__((constructor)) static void find_real(void)
{
	*(void **)&real.load_authorities = dlsym(RTLD_NEXT, "SSL_CTX_set_default_verify_paths");
	*(void **)&real.resolve = dlsym(RTLD_NEXT, "getaddrinfo");
	*(void **)&real.free_addresses = dlsym(RTLD_NEXT, "freeaddrinfo");
}

/* The library loads all certificate authorities of the system, for each connection anew, even where it
   is not to verify anything: 27 ms and 1 MB. This definition comes before OpenSSL's, and does so only
   when a verification was asked for. Visible, or the dynamic linker would not find it. */
__attribute__((visibility("default"))) int SSL_CTX_set_default_verify_paths(SSL_CTX *ctx)
{
	const struct attempt *a = current;

	if (a && target_tls(a->target) < TLS_VERIFY_CA)
		return 1;
	return real.load_authorities ? real.load_authorities(ctx) : 0;
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
	const struct attempt *a = current;

	if (a && a->via[0] && name && a->host && strcmp(name, a->host) == 0) {
		*found = address_of(a->via);
		return 0;
	}
	return real.resolve ? real.resolve(name, service, hints, found) : EAI_SYSTEM;
}

__attribute__((visibility("default"))) void freeaddrinfo(struct addrinfo *list)
{
	if (list && list->ai_family == AF_UNIX) {
		free(list);
		return;
	}
	if (real.free_addresses && list)
		real.free_addresses(list);
}

/* --- options ------------------------------------------------------------------------------- */

/* Without an authority of the target's own, a verification trusts those of the system. */
static void trust_system(struct authorities *out)
{
	const char *file = getenv(X509_get_default_cert_file_env());
	const char *folder = getenv(X509_get_default_cert_dir_env());

	file = file ? file : X509_get_default_cert_file();
	out->file = access(file, R_OK) == 0 ? file : NULL;
	out->folder = folder ? folder : X509_get_default_cert_dir();
}

/* An authority that is named is one to hold the server to only in the verifying modes. */
void authorities_of(const struct target *t, struct authorities *out)
{
	*out = (struct authorities){0};
	if (target_tls(t) < TLS_VERIFY_CA)
		return;
	out->file = t->value[SETTING_SSL_CA];
	out->folder = t->value[SETTING_SSL_CAPATH];
	if (!out->file && !out->folder)
		trust_system(out);
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
	client_set_options(m, a);
	a->must_tls = target_tls(t) >= TLS_REQUIRED;
	a->with_password = t->value[SETTING_PASSWORD] && t->value[SETTING_PASSWORD][0];
	current = a;
	ok = client_connect(m, a, target_user(t, user),
			    a->with_password ? t->value[SETTING_PASSWORD] : "");
	current = NULL;
	if (!ok) {
		db_error_login(err, a, m);
		mysql_close(m);
		free(db);
		return NULL;
	}
	client_made_nonblocking(m);
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
