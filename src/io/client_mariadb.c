/*
 * libmariadb. mysql_real_connect() blocks, but each of its waits passes through wait_io(), where our
 * deadline for the whole attempt is kept: the library's own time-outs begin anew with each byte that
 * a server sends. What the server says first is looked at as it arrives (on_traffic()).
 *
 * Both hooks find their attempt through a thread-local pointer; without one they do nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/client.h"
#include "io/dbimpl.h"

const char *client_name(void)
{
	static char name[48];

	if (!name[0])
		snprintf(name, sizeof name, "libmariadb %s", mysql_get_client_info());
	return name;
}

/* --- hooks --------------------------------------------------------------------------------- */

static _Thread_local struct attempt *current;

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

/* Called by the library after each read (mode 0) and write. */
static void on_traffic(int mode, MYSQL *m, const unsigned char *bytes, size_t n)
{
	struct attempt *a = current;

	if (!a || mode != 0 || (ssize_t)n <= 0)
		return;
	a->connected = true;
	a->answered = a->greeted;
	if (!a->greeted && !attempt_take_head(a, bytes, n))
		shutdown(mysql_get_socket(m), SHUT_RDWR);
}

/* Exported for the library's plugins, and declared in none of its headers. */
int ma_pvio_register_callback(my_bool add, void (*f)(int, MYSQL *, const unsigned char *, size_t));

__attribute__((constructor)) static void install_hooks(void)
{
	ma_pvio_register_callback(1, on_traffic);
}

/* --- logging in ------------------------------------------------------------------------------ */

static void set_string(MYSQL *m, enum mysql_option o, const char *value)
{
	if (value)
		mysql_optionsv(m, o, value);
}

static void set_tls(MYSQL *m, const struct target *t)
{
	enum tls_mode mode = target_tls(t);
	my_bool on = mode != TLS_DISABLED, identity = mode == TLS_VERIFY_IDENTITY;
	struct authorities trusted;

	mysql_optionsv(m, MYSQL_OPT_SSL_ENFORCE, &on);
	mysql_optionsv(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &identity);
	if (!on)
		return;
	/* The library itself verifies as soon as it has an authority. */
	authorities_of(t, &trusted);
	set_string(m, MYSQL_OPT_SSL_CA, trusted.file);
	set_string(m, MYSQL_OPT_SSL_CAPATH, trusted.folder);
	set_string(m, MYSQL_OPT_SSL_CERT, t->value[SETTING_SSL_CERT]);
	set_string(m, MYSQL_OPT_SSL_KEY, t->value[SETTING_SSL_KEY]);
	set_string(m, MYSQL_OPT_SSL_CIPHER, t->value[SETTING_SSL_CIPHER]);
	set_string(m, MYSQL_OPT_TLS_VERSION, t->value[SETTING_TLS_VERSION]);
}

void client_set_options(MYSQL *m, struct attempt *a)
{
	const struct target *t = a->target;
	unsigned no = 0, seconds = attempt_seconds(a);
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

bool client_connect(MYSQL *m, struct attempt *a, const char *user, const char *password)
{
	current = a;
	bool ok = mysql_real_connect(m, a->host, user, password, NULL, a->port, a->socket,
				     CLIENT_MULTI_RESULTS | CLIENT_REMEMBER_OPTIONS) != NULL;
	current = NULL;
	/* The one option that the library would forget to free. */
	mysql_optionsv(m, MYSQL_SERVER_PUBLIC_KEY, NULL);
	a->handshaking = !ok && m->client_flag & CLIENT_SSL && !a->answered;
	a->encrypted = a->answered && m->client_flag & CLIENT_SSL;
	return ok;
}

void client_made_nonblocking(MYSQL *m)
{
	int fd = mysql_get_socket(m);

	/* The library keeps a copy that it would need only to connect again by itself. */
	if (m->passwd)
		mem_wipe(m->passwd, strlen(m->passwd));
	mysql_optionsv(m, MYSQL_OPT_NONBLOCK, 0);
	/* Behind the library's back: with TLS it would block otherwise. */
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void client_set_lenient(MYSQL *m, const char *bind)
{
	my_bool off = 0;

	mysql_options(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &off);
	if (bind)
		mysql_options(m, MYSQL_OPT_BIND, bind);
}

/* --- while it is used -------------------------------------------------------------------------- */

/* The library's getters want a MYSQL that is not const. */
static MYSQL *handle(const struct db *db)
{
	return (MYSQL *)(uintptr_t)&db->mysql;
}

int client_fd(const struct db *db)
{
	return mysql_get_socket(handle(db));
}

uint64_t client_bytes(const struct db *db)
{
	size_t n = 0;
	mariadb_get_infov(handle(db), MARIADB_CONNECTION_BYTES_READ, &n);
	return n;
}

static int to_library(short events)
{
	return (events & POLLIN ? MYSQL_WAIT_READ : 0) | (events & POLLOUT ? MYSQL_WAIT_WRITE : 0);
}

static bool settled(struct db *db, int waits)
{
	db->wait = (short)((waits & MYSQL_WAIT_READ ? POLLIN : 0) |
			   (waits & MYSQL_WAIT_WRITE ? POLLOUT : 0));
	return !db->wait;
}

/* A statement, or one more result of it, was answered: the rows are read one by one. */
static bool answered(struct db *db, int waits)
{
	if (!settled(db, waits))
		return false;
	if (!db->status)
		db->result = mysql_use_result(&db->mysql);
	return true;
}

bool client_query(struct db *db, short ready)
{
	return answered(db, ready ? mysql_real_query_cont(&db->status, &db->mysql, to_library(ready))
				  : mysql_real_query_start(&db->status, &db->mysql, db->text.s,
							   db->text.len));
}

bool client_fetch(struct db *db, short ready)
{
	return settled(db, ready ? mysql_fetch_row_cont(&db->row, db->result, to_library(ready))
				 : mysql_fetch_row_start(&db->row, db->result));
}

bool client_next(struct db *db, short ready)
{
	return answered(db, ready ? mysql_next_result_cont(&db->status, &db->mysql, to_library(ready))
				  : mysql_next_result_start(&db->status, &db->mysql));
}

unsigned client_errno(struct db *db)
{
	return mysql_errno(&db->mysql);
}

/* A suspended call holds memory on a stack of its own, and gives it back only by returning: with the
   socket shut down it runs into an error at once. */
void client_unwind(struct db *db)
{
	while (db->wait) {
		short ready = db->wait;
		switch (db->phase) {
		case PHASE_QUERY: client_query(db, ready); break;
		case PHASE_ROWS: client_fetch(db, ready); break;
		case PHASE_NEXT: client_next(db, ready); break;
		case PHASE_IDLE: db->wait = 0; break;
		}
	}
}
