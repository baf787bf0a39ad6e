#include "tests/unit/fakeserver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "tests/unit/fakescript.h"

/* --- the server ---------------------------------------------------------------------------- */

struct conn {
	struct fake *fake;
	struct conn *next;
	pthread_t thread;
	int fd, wake;
	SSL *tls;
	unsigned id;
	unsigned char seq;
	bool over;         /* its thread is about to end */
	bool end, reset;   /* asked to end */
	bool hanging, interrupted;  /* a statement; by KILL QUERY */
};

struct fake {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct script script;
	struct conn *conns;
	char **statements;
	size_t n_statements, cap_statements;
	unsigned accepted, open;
	bool frozen, stop;
	char *infile, *cleartext;
	pthread_t acceptor;
	int fd, wake;
	unsigned port;
	char *path;
};

/* Wait until the connection's other side does something, or somebody wants the connection to end;
   false then, and on a time-out (milliseconds, -1: none). */
static bool await(struct conn *c, short events, int ms)
{
	struct pollfd p[2] = {{c->fd, events, 0}, {c->wake, POLLIN, 0}};

	while (poll(p, 2, ms) < 0 && errno == EINTR)
		;
	return !p[1].revents && p[0].revents;
}

static void nap(struct conn *c, unsigned ms)
{
	struct pollfd p = {c->wake, POLLIN, 0};
	poll(&p, 1, (int)ms);
}

/* Until the client goes away or this connection is to end. */
static void hang(struct conn *c)
{
	char byte[512];
	while (await(c, POLLIN, -1) && recv(c->fd, byte, sizeof byte, 0) > 0)
		;
}

/* What an SSL_ function returned, in the manner of send() and recv(). */
static ssize_t tls_result(struct conn *c, int n)
{
	int e = n > 0 ? SSL_ERROR_NONE : SSL_get_error(c->tls, n);
	errno = e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
	return n > 0 ? n : -1;
}

static ssize_t write_some(struct conn *c, const char *s, size_t n)
{
	if (c->tls)
		return tls_result(c, SSL_write(c->tls, s, n < 16384 ? (int)n : 16384));
	return send(c->fd, s, n, MSG_NOSIGNAL);
}

static ssize_t read_some(struct conn *c, char *s, size_t n)
{
	if (c->tls)
		return tls_result(c, SSL_read(c->tls, s, n < 16384 ? (int)n : 16384));
	return recv(c->fd, s, n, 0);
}

static bool send_bytes(struct conn *c, const char *s, size_t n)
{
	while (n) {
		ssize_t k = write_some(c, s, n);
		if (k < 0 && errno == EAGAIN) {
			if (!await(c, POLLOUT, -1))
				return false;
		} else if (k <= 0) {
			return false;
		} else {
			s += k, n -= (size_t)k;
		}
	}
	return true;
}

static bool receive(struct conn *c, char *s, size_t n)
{
	while (n) {
		ssize_t k = read_some(c, s, n);
		if (k == 0 || (k < 0 && (errno != EAGAIN || !await(c, POLLIN, -1))))
			return false;
		if (k > 0)
			s += k, n -= (size_t)k;
	}
	return true;
}

static bool shake_hands(struct conn *c, const char *certificate, const char *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int k = 0;

	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		die("fake server: %s and %s are no certificate and key", certificate, key);
	c->tls = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(c->tls, c->fd);
	while ((k = SSL_accept(c->tls)) <= 0)
		if (tls_result(c, k) < 0 && (errno != EAGAIN || !await(c, POLLIN, -1)))
			return false;
	return true;
}

/* --- packets ------------------------------------------------------------------------------- */

static void add_int(struct buf *out, uint64_t v, unsigned bytes)
{
	for (; bytes; bytes--, v >>= 8)
		buf_addc(out, (char)(v & 0xff));
}

static void add_length(struct buf *out, size_t n)
{
	if (n < 251) {
		add_int(out, n, 1);
	} else if (n < 1 << 16) {
		add_int(out, 0xfc, 1);
		add_int(out, n, 2);
	} else {
		add_int(out, 0xfe, 1);
		add_int(out, n, 8);
	}
}

static void add_text(struct buf *out, const char *s, size_t n)
{
	add_length(out, n);
	buf_add(out, s, n);
}

/* `payload` as one packet or, when it is too long, several. */
static void add_packet(struct conn *c, struct buf *out, const struct buf *payload)
{
	size_t at = 0, n;
	do {
		n = payload->len - at < 0xffffff ? payload->len - at : 0xffffff;
		add_int(out, n, 3);
		add_int(out, c->seq++, 1);
		buf_add(out, payload->s + at, n);
		at += n;
	} while (n == 0xffffff);
}

static bool send_packet(struct conn *c, const struct buf *payload)
{
	struct buf out = BUF_INIT;
	add_packet(c, &out, payload);
	bool ok = send_bytes(c, out.s, out.len);
	buf_release(&out);
	return ok;
}

static bool receive_packet(struct conn *c, struct buf *payload)
{
	unsigned char head[4];
	size_t n;

	buf_clear(payload);
	do {
		if (!receive(c, (char *)head, sizeof head))
			return false;
		n = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
		c->seq = (unsigned char)(head[3] + 1);
		buf_reserve(payload, n);
		if (!receive(c, payload->s + payload->len, n))
			return false;
		payload->len += n;
		payload->s[payload->len] = '\0';
	} while (n == 0xffffff);
	return true;
}

static void error_payload(struct buf *out, unsigned code, const char *text, bool state)
{
	add_int(out, 0xff, 1);
	add_int(out, code, 2);
	if (state)
		buf_adds(out, code == 1040 ? "#08004" : code == 1045 ? "#28000" : "#HY000");
	buf_adds(out, text);
}

static void ok_payload(struct buf *out)
{
	buf_add(out, "\0\0\0\2\0\0\0", 7);
}

static void add_error(struct conn *c, struct buf *out, unsigned code, const char *text)
{
	struct buf p = BUF_INIT;
	error_payload(&p, code, text, true);
	add_packet(c, out, &p);
	buf_release(&p);
}

static void add_ok(struct conn *c, struct buf *out)
{
	struct buf p = BUF_INIT;
	ok_payload(&p);
	add_packet(c, out, &p);
	buf_release(&p);
}

static void add_eof(struct conn *c, struct buf *out)
{
	struct buf p = BUF_INIT;
	buf_add(&p, "\xfe\0\0\2\0", 5);
	add_packet(c, out, &p);
	buf_release(&p);
}

static void add_columns(struct conn *c, struct buf *out, const char *const *names, size_t n)
{
	struct buf p = BUF_INIT;

	add_length(&p, n);
	add_packet(c, out, &p);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&p);
		add_text(&p, "def", 3);
		buf_add(&p, "\0\0\0", 3); /* schema, table, original table */
		add_text(&p, names[i], strlen(names[i]));
		add_text(&p, names[i], strlen(names[i]));
		add_int(&p, 0x0c, 1);
		add_int(&p, 45, 2);      /* utf8mb4 */
		add_int(&p, 1 << 20, 4); /* width */
		add_int(&p, 253, 1);     /* text */
		add_int(&p, 0, 5);
		add_packet(c, out, &p);
	}
	buf_release(&p);
	add_eof(c, out);
}

/* One cell as the script writes it, with $ID and $I. NULL is SQL NULL. */
static void add_cell(struct buf *out, const char *cell, unsigned id, unsigned index)
{
	struct buf text = BUF_INIT, done = BUF_INIT;

	if (!cell || strcmp(cell, "\\N") == 0) {
		add_int(out, 0xfb, 1);
		return;
	}
	for (; *cell; cell++) {
		if (strncmp(cell, "$ID", 3) == 0) {
			buf_addf(&text, "%u", id);
			cell += 2;
		} else if (strncmp(cell, "$I", 2) == 0) {
			buf_addf(&text, "%u", index);
			cell += 1;
		} else {
			buf_addc(&text, *cell);
		}
	}
	add_unescaped(&done, buf_str(&text));
	add_text(out, buf_str(&done), done.len);
	buf_release(&text);
	buf_release(&done);
}

static void add_row(struct conn *c, struct buf *out, const char *const *cells, size_t n, size_t columns,
		    unsigned index)
{
	struct buf p = BUF_INIT;
	for (size_t i = 0; i < columns; i++)
		add_cell(&p, i < n ? cells[i] : NULL, c->id, index);
	add_packet(c, out, &p);
	buf_release(&p);
}

/* --- answers ------------------------------------------------------------------------------- */

struct reply {
	struct buf bytes;
	struct rule like; /* the rule's delay, stall, cut and answer; owns nothing */
};

static const char *const *cells_of(const struct row *r)
{
	return (const char *const *)r->cells;
}

static void answer_rows(struct conn *c, struct buf *out, const struct row *columns,
			const struct row *rows, size_t n_rows)
{
	add_columns(c, out, cells_of(columns), columns->n);
	for (size_t i = 0; i < n_rows; i++)
		for (unsigned k = 0; k < rows[i].repeat; k++)
			add_row(c, out, cells_of(&rows[i]), rows[i].n, columns->n, k);
	add_eof(c, out);
}

/* One thing of a select list: "expression AS alias". */
struct item {
	char *expr, *alias;
};

/* Names in backquotes are the names. */
static void unquote(char *name)
{
	char *to = name;
	for (; *name; name++)
		if (*name != '`')
			*to++ = *name;
	*to = '\0';
}

static struct item item_of(const char *s, size_t n)
{
	struct item it;
	while (n && *s == ' ')
		s++, n--;
	while (n && s[n - 1] == ' ')
		n--;
	it.expr = xstrndup(s, n);
	it.alias = NULL;
	for (char *p = it.expr; *p; p++) {
		if (begins(p, " AS ")) {
			free(it.alias);
			it.alias = xstrdup(p + 4);
			*p = '\0';
			break;
		}
	}
	if (!it.alias)
		it.alias = xstrdup(it.expr);
	unquote(it.alias);
	return it;
}

/* Cuts the list of "SELECT list FROM …" at its commas; returns what follows the list. */
static const char *split_list(const char *s, struct item **items, size_t *n)
{
	size_t cap = 0;
	int depth = 0;
	char quote = 0;
	const char *from = s;

	for (;; s++) {
		bool top = !quote && depth == 0;
		bool end = !*s || (top && begins(s, " FROM "));
		if (end || (top && *s == ',')) {
			GROW(*items, *n, cap);
			(*items)[(*n)++] = item_of(from, (size_t)(s - from));
			from = s + 1;
		}
		if (end)
			return s;
		if (quote)
			quote = *s == quote ? 0 : quote;
		else if (*s == '\'' || *s == '"' || *s == '`')
			quote = *s;
		else
			depth += (*s == '(') - (*s == ')');
	}
}

/* The value behind "name=" in a row of pairs; NULL: none. */
static const char *pair_value(const struct row *r, const char *name, size_t n)
{
	for (size_t i = 0; i < r->n; i++)
		if (strncasecmp(r->cells[i], name, n) == 0 && r->cells[i][n] == '=')
			return r->cells[i] + n + 1;
	return NULL;
}

static bool word_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' ||
	       ch == '$';
}

static const char *item_value(const struct item *it, const struct row *r)
{
	const char *v = pair_value(r, it->alias, strlen(it->alias));
	if (!v)
		v = pair_value(r, it->expr, strlen(it->expr));
	for (const char *p = it->expr; !v && *p;) {
		size_t n = 0;
		while (word_char(p[n]))
			n++;
		if (n)
			v = pair_value(r, p, n);
		p += n ? n : 1;
	}
	return v;
}

static const struct table *table_after(const struct script *s, const char *from)
{
	const struct table *found = NULL;
	char *name;

	if (!begins(from, " FROM "))
		return NULL;
	from += 6;
	name = xstrndup(from, strcspn(from, " ,;)"));
	unquote(name);
	for (size_t i = 0; i < s->n_tables && !found; i++)
		if (strcasecmp(s->tables[i].name, name) == 0)
			found = &s->tables[i];
	free(name);
	return found;
}

/* A row of pairs of what every server knows of itself. */
static void self_row(const struct script *s, struct row *r)
{
	size_t cap = 0;
	GROW(r->cells, r->n, cap);
	r->cells[r->n++] = xasprintf("VERSION()=%s", s->version);
	GROW(r->cells, r->n, cap);
	r->cells[r->n++] = xasprintf("@@version_comment=%s", s->comment);
	GROW(r->cells, r->n, cap);
	r->cells[r->n++] = xstrdup("CONNECTION_ID()=$ID");
	for (size_t i = 0; i < s->n_variables; i++) {
		GROW(r->cells, r->n, cap);
		r->cells[r->n++] = xasprintf("@@%s=%s", s->variables[i].name, s->variables[i].value);
	}
	GROW(r->cells, r->n, cap);
	r->cells[r->n++] = xstrdup("CURRENT_USER()=app@%");
	GROW(r->cells, r->n, cap);
	r->cells[r->n++] = xstrdup("@@hostname=fake");
	GROW(r->cells, r->n, cap);
	r->cells[r->n++] = xstrdup("@@performance_schema=1");
}

static void project(struct conn *c, struct buf *out, const struct item *items, size_t n,
		    const struct row *rows, size_t n_rows)
{
	const char **cells = xcalloc(n, sizeof *cells);

	for (size_t i = 0; i < n; i++)
		cells[i] = items[i].alias;
	add_columns(c, out, cells, n);
	for (size_t k = 0; k < n_rows; k++) {
		for (size_t i = 0; i < n; i++)
			cells[i] = item_value(&items[i], &rows[k]);
		add_row(c, out, cells, n, n, (unsigned)k);
	}
	add_eof(c, out);
	free(cells);
}

/* SELECT from a table of the script, or about the server itself; false: it is something else. */
static bool answer_select(struct conn *c, struct buf *out, const char *statement)
{
	const struct script *s = &c->fake->script;
	struct item *items = NULL;
	struct row self = {0};
	size_t n = 0;
	bool known = false;

	if (!begins(statement, "SELECT "))
		return false;
	const char *from = split_list(statement + 7, &items, &n);
	const struct table *t = table_after(s, from);
	bool no_rows = strstr(from, "LIMIT 0") != NULL;
	if (t && n == 1 && strcmp(items[0].expr, "*") == 0) {
		struct item *all = xcalloc(t->columns.n, sizeof *all);
		for (size_t i = 0; i < t->columns.n; i++)
			all[i] = (struct item){t->columns.cells[i], t->columns.cells[i]};
		project(c, out, all, t->columns.n, t->rows, no_rows ? 0 : t->n_rows);
		free(all);
		known = true;
	} else if (t) {
		project(c, out, items, n, t->rows, no_rows ? 0 : t->n_rows);
		known = true;
	} else if (!*from) {
		self_row(s, &self);
		known = true;
		for (size_t i = 0; i < n && known; i++)
			known = item_value(&items[i], &self) != NULL;
		if (known)
			project(c, out, items, n, &self, 1);
		else
			add_error(c, out, 1193, "Unknown system variable");
		known = true;
	}
	for (size_t i = 0; i < n; i++) {
		free(items[i].expr);
		free(items[i].alias);
	}
	free(items);
	row_release(&self);
	return known;
}

static void answer_variables(struct conn *c, struct buf *out)
{
	const struct script *s = &c->fake->script;
	const char *names[2] = {"Variable_name", "Value"};

	add_columns(c, out, names, 2);
	for (size_t i = 0; i < s->n_variables; i++) {
		const char *cells[2] = {s->variables[i].name, s->variables[i].value};
		add_row(c, out, cells, 2, 2, 0);
	}
	add_eof(c, out);
}

static void wake(int fd)
{
	uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof one);
	(void)n;
}

/* "KILL [QUERY|CONNECTION] [ID] n". */
static void answer_kill(struct conn *c, struct buf *out, const char *statement)
{
	bool query = begins(statement + 5, "QUERY ");
	const char *digits = statement + strcspn(statement, "0123456789");
	unsigned long id = strtoul(digits, NULL, 10);

	for (struct conn *v = c->fake->conns; v; v = v->next) {
		if (v->id != id || v->over)
			continue;
		v->interrupted = query && v->hanging;
		v->end = v->end || !query;
		if (v->interrupted || v->end)
			wake(v->wake);
		add_ok(c, out);
		return;
	}
	add_error(c, out, 1094, "Unknown thread id");
}

static struct rule *find_rule(struct script *s, const char *statement)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		struct rule *r = &s->rules[i];
		if ((!r->once || !r->used) && pattern_fits(&r->pattern, statement)) {
			r->used = true;
			return r;
		}
	}
	return NULL;
}

static void answer_builtin(struct conn *c, struct buf *out, const char *statement)
{
	if (begins(statement, "KILL ")) {
		answer_kill(c, out, statement);
	} else if (begins(statement, "SET ")) {
		add_ok(c, out);
	} else if (begins(statement, "SHOW GLOBAL VARIABLES")) {
		answer_variables(c, out);
	} else if (!answer_select(c, out, statement)) {
		char *text = xasprintf("the script has no answer to: %s", statement);
		add_error(c, out, 1064, text);
		free(text);
	}
}

/* Under the lock. */
static void answer(struct conn *c, struct reply *reply, const char *statement)
{
	const struct rule *r = find_rule(&c->fake->script, statement);
	struct buf p = BUF_INIT;

	if (!r) {
		answer_builtin(c, &reply->bytes, statement);
		return;
	}
	reply->like = *r;
	switch (r->answer) {
	case ANSWER_OK: add_ok(c, &reply->bytes); break;
	case ANSWER_ROWS: answer_rows(c, &reply->bytes, &r->columns, r->rows, r->n_rows); break;
	case ANSWER_ERROR: add_error(c, &reply->bytes, r->code, buf_str(&r->text)); break;
	case ANSWER_RAW: buf_add(&reply->bytes, buf_str(&r->text), r->text.len); break;
	case ANSWER_INFILE:
		add_int(&p, 0xfb, 1);
		buf_add(&p, buf_str(&r->text), r->text.len);
		add_packet(c, &reply->bytes, &p);
		break;
	case ANSWER_HANG:
	case ANSWER_CLOSE:
	case ANSWER_RESET: break;
	}
	buf_release(&p);
}

/* The client was asked for a file: what it sends until an empty packet. */
static bool take_file(struct conn *c)
{
	struct buf packet = BUF_INIT, all = BUF_INIT, out = BUF_INIT;
	bool ok;

	while ((ok = receive_packet(c, &packet)) && packet.len)
		buf_add(&all, packet.s, packet.len);
	pthread_mutex_lock(&c->fake->lock);
	free(c->fake->infile);
	c->fake->infile = xstrdup(buf_str(&all));
	pthread_mutex_unlock(&c->fake->lock);
	add_ok(c, &out);
	ok = ok && send_bytes(c, out.s, out.len);
	buf_release(&packet);
	buf_release(&all);
	buf_release(&out);
	return ok;
}

/* A statement hangs until it is killed, or the connection ends; true: go on with the next one. */
static bool hang_killed(struct conn *c)
{
	struct buf out = BUF_INIT;
	uint64_t count;
	bool go_on;

	pthread_mutex_lock(&c->fake->lock);
	c->hanging = true;
	pthread_mutex_unlock(&c->fake->lock);
	hang(c);
	pthread_mutex_lock(&c->fake->lock);
	go_on = c->interrupted && !c->end;
	c->interrupted = c->hanging = false;
	pthread_mutex_unlock(&c->fake->lock);
	if (!go_on || read(c->wake, &count, sizeof count) < 0)
		return false;
	add_error(c, &out, 1317, "Query execution was interrupted");
	go_on = send_bytes(c, out.s, out.len);
	buf_release(&out);
	return go_on;
}

static bool carry_out(struct conn *c, struct reply *r)
{
	const struct rule *like = &r->like;
	size_t n = r->bytes.len;

	if (like->delay)
		nap(c, like->delay);
	if (like->answer == ANSWER_HANG)
		return hang_killed(c);
	if (like->answer == ANSWER_CLOSE)
		return false;
	if (like->answer == ANSWER_RESET) {
		c->reset = true;
		return false;
	}
	if (like->stall && like->stall < n)
		n = like->stall;
	if (like->cut && like->cut < n)
		n = like->cut;
	if (!send_bytes(c, r->bytes.s, n))
		return false;
	if (like->stall)
		return hang_killed(c);
	if (like->cut)
		return false;
	return like->answer != ANSWER_INFILE || take_file(c);
}

/* --- one connection ------------------------------------------------------------------------ */

enum {
	CAPABILITIES = 0x1 | 0x2 | 0x4 | 0x8 | 0x80 | 0x200 | 0x2000 | 0x8000,
	CAPABILITY_TLS = 0x800,
	CAPABILITIES_HIGH = 0x2 | 0x8 | 0x10, /* several results, plugins, attributes */
};

static bool send_greeting(struct conn *c, const char *version, const char *plugin, bool tls)
{
	struct buf p = BUF_INIT;
	bool ok;

	add_int(&p, 10, 1);
	buf_add(&p, version, strlen(version) + 1);
	add_int(&p, c->id, 4);
	buf_add(&p, "abcdefgh", 9); /* scramble, first part */
	add_int(&p, CAPABILITIES | (tls ? CAPABILITY_TLS : 0), 2);
	add_int(&p, 45, 1);
	add_int(&p, 2, 2);
	add_int(&p, CAPABILITIES_HIGH, 2);
	add_int(&p, 21, 1);
	add_int(&p, 0, 8);
	add_int(&p, 0, 2);
	buf_add(&p, "ijklmnopqrst", 13);
	buf_add(&p, plugin, strlen(plugin) + 1);
	c->seq = 0;
	ok = send_packet(c, &p);
	buf_release(&p);
	return ok;
}

/* A copy of the stage's fault, taken once less of its times. */
static struct fault take_fault(struct fake *f, enum stage stage)
{
	struct fault copy = {0}, *have = &f->script.faults[stage];

	pthread_mutex_lock(&f->lock);
	copy = *have;
	copy.text = (struct buf){0};
	if (have->text.len)
		buf_add(&copy.text, have->text.s, have->text.len);
	if (have->times && --have->times == 0)
		have->type = FAULT_NONE;
	pthread_mutex_unlock(&f->lock);
	return copy;
}

/* Ask for the password in another way: what the client answers is kept. */
static bool switch_plugin(struct conn *c, const char *plugin)
{
	struct buf p = BUF_INIT;
	bool ok;

	add_int(&p, 0xfe, 1);
	buf_add(&p, plugin, strlen(plugin) + 1);
	buf_add(&p, "abcdefghijklmnopqrst", 21);
	ok = send_packet(c, &p) && receive_packet(c, &p);
	if (ok && strcmp(plugin, "mysql_clear_password") == 0) {
		pthread_mutex_lock(&c->fake->lock);
		free(c->fake->cleartext);
		c->fake->cleartext = xstrdup(buf_str(&p));
		pthread_mutex_unlock(&c->fake->lock);
	}
	buf_release(&p);
	return ok;
}

/* True: go on as if nothing was. */
static bool commit_fault(struct conn *c, enum stage stage)
{
	struct fault f = take_fault(c->fake, stage);
	struct buf p = BUF_INIT;
	bool go_on = false;

	switch (f.type) {
	case FAULT_NONE: go_on = true; break;
	case FAULT_DELAY:
		nap(c, f.number);
		go_on = true;
		break;
	case FAULT_HANG: hang(c); break;
	case FAULT_CLOSE: break;
	case FAULT_ERROR:
		error_payload(&p, f.number, buf_str(&f.text), stage != STAGE_GREETING);
		send_packet(c, &p);
		break;
	case FAULT_RAW:
		send_bytes(c, buf_str(&f.text), f.text.len);
		hang(c);
		break;
	case FAULT_SWITCH: go_on = switch_plugin(c, buf_str(&f.text)); break;
	}
	buf_release(&p);
	buf_release(&f.text);
	return go_on;
}

/* After the request for TLS; `p` is the client's next packet then. */
static bool go_private(struct conn *c, const char *certificate, const char *key, struct buf *p)
{
	if (!commit_fault(c, STAGE_HANDSHAKE))
		return false;
	if (!*certificate)
		return hang(c), false;
	return shake_hands(c, certificate, key) && receive_packet(c, p);
}

static bool log_in(struct conn *c)
{
	struct buf p = BUF_INIT;
	char *version, *plugin, *certificate, *key;
	bool ok;

	pthread_mutex_lock(&c->fake->lock);
	version = xstrdup(c->fake->script.version);
	plugin = xstrdup(c->fake->script.plugin);
	certificate = xstrdup_null(c->fake->script.tls_certificate);
	key = xstrdup_null(c->fake->script.tls_key);
	pthread_mutex_unlock(&c->fake->lock);
	ok = commit_fault(c, STAGE_GREETING) && send_greeting(c, version, plugin, certificate != NULL) &&
	     receive_packet(c, &p);
	if (ok && certificate && p.len == 32)
		ok = go_private(c, certificate, key, &p);
	ok = ok && commit_fault(c, STAGE_LOGIN);
	if (ok && strcmp(plugin, "caching_sha2_password") == 0) {
		buf_clear(&p);
		buf_add(&p, "\1\3", 2); /* known from the cache */
		ok = send_packet(c, &p);
	}
	if (ok) {
		buf_clear(&p);
		ok_payload(&p);
		ok = send_packet(c, &p);
	}
	buf_release(&p);
	free(version);
	free(plugin);
	free(certificate);
	free(key);
	return ok;
}

/* While the server is frozen its threads stand still. */
static bool thawed(struct conn *c)
{
	struct fake *f = c->fake;
	bool ok;

	pthread_mutex_lock(&f->lock);
	while (f->frozen && !c->end)
		pthread_cond_wait(&f->changed, &f->lock);
	ok = !c->end;
	pthread_mutex_unlock(&f->lock);
	return ok;
}

static bool serve_statement(struct conn *c, const char *text, size_t n)
{
	struct fake *f = c->fake;
	struct reply reply = {0};
	char *statement = normalise(text, n);
	bool ok;

	pthread_mutex_lock(&f->lock);
	GROW(f->statements, f->n_statements, f->cap_statements);
	f->statements[f->n_statements++] = statement;
	answer(c, &reply, statement);
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	ok = carry_out(c, &reply);
	buf_release(&reply.bytes);
	return ok;
}

static bool serve_command(struct conn *c, const struct buf *p)
{
	struct buf out = BUF_INIT;
	bool ok;

	if (p->len && p->s[0] == 3)
		return serve_statement(c, p->s + 1, p->len - 1);
	if (p->len && p->s[0] == 1)
		return false;
	if (p->len && p->s[0] == 14)
		add_ok(c, &out);
	else
		add_error(c, &out, 1047, "Unknown command");
	ok = send_bytes(c, out.s, out.len);
	buf_release(&out);
	return ok;
}

static void *conn_main(void *arg)
{
	struct conn *c = arg;
	struct fake *f = c->fake;
	struct buf p = BUF_INIT;

	if (thawed(c) && log_in(c))
		while (receive_packet(c, &p) && thawed(c) && serve_command(c, &p))
			;
	buf_release(&p);
	SSL_free(c->tls);
	pthread_mutex_lock(&f->lock);
	if (c->reset) {
		struct linger now = {1, 0};
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	}
	close(c->fd);
	c->over = true;
	f->open--;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* --- all connections ----------------------------------------------------------------------- */

static void join(struct conn *c)
{
	pthread_join(c->thread, NULL);
	close(c->wake);
	free(c);
}

/* Joins the threads that have ended. Under the lock; they no longer want it. */
static void reap(struct fake *f)
{
	for (struct conn **p = &f->conns; *p;) {
		struct conn *c = *p;
		if (!c->over) {
			p = &c->next;
			continue;
		}
		*p = c->next;
		join(c);
	}
}

static void take_connection(struct fake *f, int fd)
{
	struct conn *c = xcalloc(1, sizeof *c);
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	c->fake = f;
	c->fd = fd;
	c->wake = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_lock(&f->lock);
	reap(f);
	c->id = 100 + f->accepted++;
	f->open++;
	c->next = f->conns;
	f->conns = c;
	BUG_ON(pthread_create(&c->thread, NULL, conn_main, c) != 0);
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static void *accept_main(void *arg)
{
	struct fake *f = arg;
	struct pollfd p[2] = {{f->fd, POLLIN, 0}, {f->wake, POLLIN, 0}};

	for (;;) {
		bool stop;
		if (poll(p, 2, -1) < 0)
			continue;
		pthread_mutex_lock(&f->lock);
		while (f->frozen && !f->stop)
			pthread_cond_wait(&f->changed, &f->lock);
		stop = f->stop;
		pthread_mutex_unlock(&f->lock);
		if (stop)
			return NULL;
		int fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			take_connection(f, fd);
	}
}

static void listen_tcp(struct fake *f)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;

	f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(f->fd, (struct sockaddr *)&a, n) != 0 || listen(f->fd, 512) != 0 ||
	    getsockname(f->fd, (struct sockaddr *)&a, &n) != 0)
		die("fake server: %s", strerror(errno));
	f->port = ntohs(a.sin_port);
}

static void listen_unix(struct fake *f, const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	unlink(path);
	f->path = xstrdup(path);
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(f->fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(f->fd, 512) != 0)
		die("fake server: %s: %s", path, strerror(errno));
}

struct fake *fake_start(const char *socket_path, const char *script)
{
	struct fake *f = xcalloc(1, sizeof *f);

	f->script = script_parse(script);
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	f->wake = eventfd(0, EFD_CLOEXEC);
	if (socket_path)
		listen_unix(f, socket_path);
	else
		listen_tcp(f);
	BUG_ON(pthread_create(&f->acceptor, NULL, accept_main, f) != 0);
	return f;
}

static void end_all(struct fake *f)
{
	for (struct conn *c = f->conns; c; c = c->next) {
		c->end = true;
		wake(c->wake);
	}
	pthread_cond_broadcast(&f->changed);
}

void fake_stop(struct fake *f)
{
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	end_all(f);
	pthread_mutex_unlock(&f->lock);
	wake(f->wake);
	pthread_join(f->acceptor, NULL);
	for (struct conn *c = f->conns, *next; c; c = next) {
		next = c->next;
		join(c);
	}
	if (f->path)
		unlink(f->path);
	close(f->fd);
	close(f->wake);
	script_release(&f->script);
	for (size_t i = 0; i < f->n_statements; i++)
		free(f->statements[i]);
	free(f->statements);
	free(f->infile);
	free(f->cleartext);
	free(f->path);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->changed);
	free(f);
}

unsigned fake_port(const struct fake *f)
{
	return f->port;
}

void fake_script(struct fake *f, const char *script)
{
	struct script s = script_parse(script);

	pthread_mutex_lock(&f->lock);
	script_release(&f->script);
	f->script = s;
	pthread_mutex_unlock(&f->lock);
}

/* Some connection was told to end and has not yet. */
static bool ending(const struct fake *f)
{
	for (const struct conn *c = f->conns; c; c = c->next)
		if (c->end && !c->over)
			return true;
	return false;
}

void fake_drop(struct fake *f)
{
	pthread_mutex_lock(&f->lock);
	for (struct conn *c = f->conns; c; c = c->next)
		c->reset = true;
	end_all(f);
	while (ending(f))
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

void fake_freeze(struct fake *f, bool frozen)
{
	pthread_mutex_lock(&f->lock);
	f->frozen = frozen;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

/* --- what happened ------------------------------------------------------------------------- */

static unsigned count(const struct fake *f, const struct pattern *p)
{
	unsigned n = 0;
	for (size_t i = 0; i < f->n_statements; i++)
		n += pattern_fits(p, f->statements[i]);
	return n;
}

unsigned fake_count(struct fake *f, const char *what)
{
	struct pattern p = pattern_parse(what);
	unsigned n;

	pthread_mutex_lock(&f->lock);
	n = count(f, &p);
	pthread_mutex_unlock(&f->lock);
	pattern_release(&p);
	return n;
}

bool fake_wait(struct fake *f, const char *what, unsigned n)
{
	struct pattern p = pattern_parse(what);
	struct timespec until;
	bool ok;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	pthread_mutex_lock(&f->lock);
	while (!(ok = count(f, &p) >= n) &&
	       pthread_cond_timedwait(&f->changed, &f->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&f->lock);
	pattern_release(&p);
	return ok;
}

unsigned fake_accepted(struct fake *f)
{
	pthread_mutex_lock(&f->lock);
	unsigned n = f->accepted;
	pthread_mutex_unlock(&f->lock);
	return n;
}

unsigned fake_open(struct fake *f)
{
	pthread_mutex_lock(&f->lock);
	unsigned n = f->open;
	pthread_mutex_unlock(&f->lock);
	return n;
}

const char *fake_infile(struct fake *f)
{
	pthread_mutex_lock(&f->lock);
	const char *s = f->infile;
	pthread_mutex_unlock(&f->lock);
	return s;
}

const char *fake_cleartext(struct fake *f)
{
	pthread_mutex_lock(&f->lock);
	const char *s = f->cleartext;
	pthread_mutex_unlock(&f->lock);
	return s;
}
