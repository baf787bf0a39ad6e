/*
 * Oracle's libmysqlclient, through its non-blocking calls. They say "not ready" without saying what
 * for, so settled() finds that out from the socket. The log-in runs in stages; what the server says
 * first is peeked at before the library reads it.
 */
#include <errmsg.h>
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
		snprintf(name, sizeof name, "libmysqlclient %s", mysql_get_client_info());
	return name;
}

__attribute__((constructor)) static void begin(void)
{
	mysql_library_init(0, NULL, NULL);
}

/* --- logging in ------------------------------------------------------------------------------ */

static void set_string(MYSQL *m, enum mysql_option o, const char *value)
{
	if (value)
		mysql_options(m, o, value);
}

static void set_tls(MYSQL *m, const struct attempt *a)
{
	static const unsigned modes[] = {
		[TLS_DISABLED] = SSL_MODE_DISABLED,
		[TLS_PREFERRED] = SSL_MODE_PREFERRED,
		[TLS_REQUIRED] = SSL_MODE_REQUIRED,
		[TLS_VERIFY_CA] = SSL_MODE_VERIFY_CA,
		[TLS_VERIFY_IDENTITY] = SSL_MODE_VERIFY_IDENTITY,
	};
	const struct target *t = a->target;
	struct authorities trusted;

	/* The library takes an authority for a wish to verify. */
	authorities_of(t, &trusted);
	set_string(m, MYSQL_OPT_SSL_CA, trusted.file);
	set_string(m, MYSQL_OPT_SSL_CAPATH, trusted.folder);
	set_string(m, MYSQL_OPT_SSL_CERT, t->value[SETTING_SSL_CERT]);
	set_string(m, MYSQL_OPT_SSL_KEY, t->value[SETTING_SSL_KEY]);
	set_string(m, MYSQL_OPT_SSL_CIPHER, t->value[SETTING_SSL_CIPHER]);
	set_string(m, MYSQL_OPT_TLS_VERSION, t->value[SETTING_TLS_VERSION]);
	mysql_options(m, MYSQL_OPT_SSL_MODE, &modes[target_tls(t)]);
}

void client_set_options(MYSQL *m, struct attempt *a)
{
	const struct target *t = a->target;
	unsigned no = 0, seconds = attempt_seconds(a);
	unsigned protocol = a->host ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
	unsigned long packet = MOST_PACKET;
	bool yes = true;

	mysql_options(m, MYSQL_OPT_LOCAL_INFILE, &no);
	mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_options(m, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_options(m, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
	mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options4(m, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "fathom");
	mysql_options4(m, MYSQL_OPT_CONNECT_ATTR_ADD, "_version", PACKAGE_VERSION);
	/* A server may ask for the password in clear: only where nobody else can read it. */
	if (target_tls(t) >= TLS_REQUIRED || !a->host)
		mysql_options(m, MYSQL_ENABLE_CLEARTEXT_PLUGIN, &yes);
	mysql_options(m, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &yes);
	set_string(m, MYSQL_PLUGIN_DIR, t->value[SETTING_PLUGIN_DIR]);
	set_string(m, MYSQL_SERVER_PUBLIC_KEY, t->value[SETTING_SERVER_PUBLIC_KEY]);
	set_tls(m, a);
}

/* What waits to be read, as far as it is new. False: better not to go on. */
static bool peek(MYSQL *m, struct attempt *a)
{
	unsigned char bytes[sizeof a->head];
	ssize_t n = recv(m->net.fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);

	if (n <= (ssize_t)a->n_head)
		return true;
	return attempt_take_head(a, bytes + a->n_head, (size_t)n - a->n_head);
}

/* Notes how far it came. False: the greeting is one to stop at. */
static bool look(MYSQL *m, struct attempt *a)
{
	enum connect_stage stage = mysql_get_connect_nonblocking_stage(m);

	if (stage > CONNECT_STAGE_NET_WAIT_CONNECT)
		a->connected = true;
	if (stage == CONNECT_STAGE_READ_GREETING)
		return peek(m, a);
	a->greeted = stage > CONNECT_STAGE_READ_GREETING;
	a->handshaking = stage == CONNECT_STAGE_ESTABLISH_SSL;
	if (stage >= CONNECT_STAGE_AUTHENTICATE)
		a->answered = a->encrypted = m->client_flag & CLIENT_SSL;
	return true;
}

enum { NEVER_FD = -1 };

/* Waits until the library may have something to do. */
static bool wait_for_peer(MYSQL *m, struct attempt *a)
{
	struct pollfd p = {m->net.vio ? m->net.fd : NEVER_FD, POLLIN, 0};
	bool connecting = mysql_get_connect_nonblocking_stage(m) <= CONNECT_STAGE_NET_WAIT_CONNECT;
	int64_t left = a->deadline - clock_mono_ns();

	if (left <= 0) {
		a->timed_out = true;
		return false;
	}
	/* What it waits for is not said; a look now and then makes up for a wrong guess. */
	if (connecting)
		p.events = POLLOUT;
	int64_t most = (connecting ? 5 : 50) * NS_PER_MS;
	poll(&p, 1, (int)((left < most ? left : most) / NS_PER_MS) + 1);
	return true;
}

/* The stage is forgotten by now; the number, the words and what was in the greeting still tell. */
static void note_failure(MYSQL *m, struct attempt *a)
{
	unsigned code = mysql_errno(m);
	bool servers = code < CR_MIN_ERROR || code > CR_MAX_ERROR;

	a->no_tls |= strstr(mysql_error(m), "SSL is required but") != NULL;
	a->greeted |= m->thread_id != 0;
	a->connected |= servers || a->greeted || a->no_tls;
	if (servers)
		a->encrypted = m->client_flag & CLIENT_SSL;
}

bool client_connect(MYSQL *m, struct attempt *a, const char *user, const char *password)
{
	for (;;) {
		enum net_async_status s = mysql_real_connect_nonblocking(
			m, a->host, user, password, NULL, a->port, a->socket, CLIENT_MULTI_RESULTS);
		if (s == NET_ASYNC_COMPLETE) {
			a->connected = a->greeted = a->answered = true;
			a->encrypted = mysql_get_ssl_cipher(m) != NULL;
			return true;
		}
		if (s == NET_ASYNC_ERROR) {
			note_failure(m, a);
			return false;
		}
		if (!look(m, a) || !wait_for_peer(m, a))
			return false;
	}
}

void client_made_nonblocking(MYSQL *m)
{
	if (m->passwd)
		mem_wipe(m->passwd, strlen(m->passwd));
	fcntl(m->net.fd, F_SETFL, fcntl(m->net.fd, F_GETFL) | O_NONBLOCK);
}

void client_set_lenient(MYSQL *m, const char *bind)
{
	if (bind)
		mysql_options(m, MYSQL_OPT_BIND, bind);
}

/* --- while it is used -------------------------------------------------------------------------- */

int client_fd(const struct db *db)
{
	return db->mysql.net.fd;
}

uint64_t client_bytes(const struct db *db)
{
	return db->bytes;
}

/* A socket that takes no more is waited for in both directions. One that does, was either waited for
   and is free by now (so the call gets a second chance), or the answer is waited for. */
static bool settled(struct db *db, enum net_async_status (*call)(struct db *db))
{
	struct pollfd p = {client_fd(db), POLLOUT, 0};

	for (int chance = 0;; chance++) {
		enum net_async_status s = call(db);
		db->wait = 0;
		db->status = s == NET_ASYNC_ERROR;
		if (s != NET_ASYNC_NOT_READY)
			return true;
		bool writable = poll(&p, 1, 0) > 0;
		db->wait = (short)(POLLIN | (writable ? 0 : POLLOUT));
		if (chance || !writable)
			return false;
	}
}

/* A packet's head; what a column's description holds besides its names. */
enum { PACKET_HEAD = 4, COLUMN_HEAD = 24 };

static void count_head(struct db *db)
{
	const MYSQL *m = &db->mysql;

	db->bytes += PACKET_HEAD + 1;
	for (unsigned i = 0; i < m->field_count && m->fields; i++)
		db->bytes += COLUMN_HEAD + m->fields[i].name_length + m->fields[i].org_name_length;
}

/* The whole result at once: reading it row by row without blocking, the library forgets which error
   came in its middle. */
static enum net_async_status store(struct db *db)
{
	if (!mysql_field_count(&db->mysql))
		return NET_ASYNC_COMPLETE;
	db->storing = true;
	enum net_async_status s = mysql_store_result_nonblocking(&db->mysql, &db->result);
	db->storing = s == NET_ASYNC_NOT_READY;
	if (s == NET_ASYNC_COMPLETE && !db->result)
		return NET_ASYNC_ERROR;
	return s;
}

static enum net_async_status query(struct db *db)
{
	if (db->storing)
		return store(db);
	enum net_async_status s =
		mysql_real_query_nonblocking(&db->mysql, db->text.s, db->text.len);
	if (s != NET_ASYNC_COMPLETE)
		return s;
	count_head(db);
	return store(db);
}

static enum net_async_status next(struct db *db)
{
	if (db->storing)
		return store(db);
	enum net_async_status s = mysql_next_result_nonblocking(&db->mysql);
	return s == NET_ASYNC_COMPLETE ? store(db) : s;
}

bool client_query(struct db *db, short ready)
{
	(void)ready;
	return settled(db, query);
}

bool client_fetch(struct db *db, short ready)
{
	(void)ready;
	db->row = mysql_fetch_row(db->result);
	const unsigned long *lengths = db->row ? mysql_fetch_lengths(db->result) : NULL;
	for (unsigned i = 0; lengths && i < mysql_num_fields(db->result); i++)
		db->bytes += lengths[i] + 1;
	db->bytes += PACKET_HEAD;
	return true;
}

/* Where the connection ends in the middle of an answer, the library often does not know what happened. */
unsigned client_errno(struct db *db)
{
	unsigned code = mysql_errno(&db->mysql);
	char byte;

	if (code && code != CR_UNKNOWN_ERROR && code != CR_MALFORMED_PACKET &&
	    code != CR_COMMANDS_OUT_OF_SYNC)
		return code;
	ssize_t n = recv(client_fd(db), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN) ? CR_SERVER_LOST : code;
}

bool client_next(struct db *db, short ready)
{
	(void)ready;
	return settled(db, next);
}

void client_unwind(struct db *db)
{
	db->wait = 0;
}
