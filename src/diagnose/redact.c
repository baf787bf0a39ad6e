#include "diagnose/redact.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "parse/sqllex.h"

enum kind { USER, HOST };

struct name {
	char *text;
	size_t len;
	enum kind kind;
	unsigned number; /* of its token, from 1 */
};

struct redact {
	struct name *v;
	size_t n, cap;
	bool sealed;
	const struct name **odd; /* of `v`, those that are no words */
	size_t n_odd;
	struct name *late; /* addresses that nobody told of, as they come */
	size_t n_late, late_cap;
	unsigned hosts;    /* tokens given to hosts */
};

struct redact *redact_new(void)
{
	return xcalloc(1, sizeof(struct redact));
}

void redact_free(struct redact *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].text);
	for (size_t i = 0; i < r->n_late; i++)
		free(r->late[i].text);
	free(r->v);
	free(r->odd);
	free(r->late);
	free(r);
}

/* --- names ------------------------------------------------------------------------------------ */

static const char *const public_names[] = {
	"localhost", "127.0.0.1", "::1", "%", "*", "0.0.0.0", "::", "AUTOMATIC", "NULL",
	"event_scheduler", "system user", "unauthenticated user", "mysql.sys", "mysql.session",
	"mysql.infoschema", "mariadb.sys", "SQL", "ON", "OFF",
};

static bool is_public(const char *s, size_t n)
{
	for (size_t i = 0; i < COUNT_OF(public_names); i++)
		if (strlen(public_names[i]) == n && strncmp(public_names[i], s, n) == 0)
			return true;
	return false;
}

static void learn(struct redact *r, enum kind kind, const char *s, size_t n)
{
	BUG_ON(r->sealed);
	if (!n || is_public(s, n))
		return;
	GROW(r->v, r->n, r->cap);
	r->v[r->n++] = (struct name){xstrndup(s, n), n, kind, 0};
}

void redact_user(struct redact *r, const char *name)
{
	learn(r, USER, name, strlen(name));
}

/* What separates the hosts of a list, and a host from its port. */
static bool host_char(char c)
{
	return isalnum((unsigned char)c) || strchr("-_.%", c) || (unsigned char)c >= 0x80;
}

/* Names and addresses out of "db1", "db1:3306", "[::1]:3306", "db1:33061,db2:33061", "gcomm://a,b". */
void redact_host(struct redact *r, const char *name)
{
	if (strstr(name, "::")) {
		learn(r, HOST, name, strlen(name));
		return;
	}
	for (const char *p = name; *p;) {
		size_t n = 0;
		bool letters = false;
		for (; p[n] && host_char(p[n]); n++)
			letters |= !isdigit((unsigned char)p[n]);
		/* What follows a colon is a port, what comes before :// a protocol. */
		if (n && letters && strncmp(p + n, "://", 3) != 0)
			learn(r, HOST, p, n);
		p += n ? n : 1;
	}
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n >= m && strcmp(s + n - m, end) == 0;
}

static void learn_account(struct redact *r, const char *account)
{
	const char *at = strrchr(account, '@');
	learn(r, USER, account, at ? (size_t)(at - account) : strlen(account));
	if (at)
		redact_host(r, at + 1);
}

/* What a field of that name holds, in whatever part. */
static void learn_field(struct redact *r, enum part_id part, const char *field, const char *text)
{
	if (ends_with(field, "user") || ends_with(field, "role_name"))
		redact_user(r, text);
	else if (ends_with(field, "account") || ends_with(field, "definer") || ends_with(field, "grantee"))
		learn_account(r, text);
	else if (ends_with(field, "host") || ends_with(field, "hostname") || ends_with(field, "address") ||
		 ends_with(field, "donor") ||
		 ((part == PART_HOST || part == PART_GALERA || part == PART_REPLICAS) &&
		  strcmp(field, "name") == 0))
		redact_host(r, text);
}

/* Variables that name hosts and users. */
static void learn_variable(struct redact *r, const char *name, const char *text)
{
	static const char *const hosts[] = {
		"hostname", "report_host", "bind_address", "admin_address", "mysqlx_bind_address",
		"wsrep_cluster_address", "wsrep_node_address", "wsrep_node_name",
		"wsrep_node_incoming_address", "wsrep_sst_receive_address", "wsrep_sst_donor",
		"group_replication_local_address", "group_replication_group_seeds", "proxy_protocol_networks",
	};
	for (size_t i = 0; i < COUNT_OF(hosts); i++)
		if (strcmp(hosts[i], name) == 0)
			redact_host(r, text);
	if (strcmp(name, "report_user") == 0)
		redact_user(r, text);
}

static void learn_part(struct redact *r, const struct part *p)
{
	const struct schema *s = part_schema(p);
	for (unsigned f = 0; f < s->n_fields; f++)
		for (unsigned row = 0; row < part_rows(p) && s->fields[f].type != FIELD_INT; row++) {
			struct value v = part_get(p, row, f);
			if (v.type == VALUE_TEXT)
				learn_field(r, part_id(p), s->fields[f].name, v.s);
		}
	if (part_id(p) != PART_VARIABLES)
		return;
	for (unsigned row = 0; row < part_rows(p); row++)
		learn_variable(r, value_cstr(part_cell(p, row, "name")),
			       value_cstr(part_cell(p, row, "value")));
}

void redact_learn(struct redact *r, const struct snapshot *s)
{
	if (s->server.hostname[0])
		redact_host(r, s->server.hostname);
	learn_account(r, s->server.account);
	for (int i = 0; i < N_PARTS; i++)
		if (s->parts[i])
			learn_part(r, s->parts[i]);
}

/* --- what can be looked for ------------------------------------------------------------------ */

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == '%' ||
	       (unsigned char)c >= 0x80;
}

/* Whether each byte of the name is of a word: others are looked for byte by byte. */
static bool is_word(const struct name *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (!word_char(n->text[i]))
			return false;
	return true;
}

/* The same name may be a user's and a host's: one token for both, else a text could not be told. */
static int by_text(const void *x, const void *y)
{
	const struct name *a = x, *b = y;
	int d = strcmp(a->text, b->text);
	return d ? d : (int)a->kind - (int)b->kind;
}

void redact_seal(struct redact *r)
{
	size_t k = 0;
	unsigned numbers[] = {[USER] = 0, [HOST] = 0};
	if (r->n)
		qsort(r->v, r->n, sizeof *r->v, by_text);
	for (size_t i = 0; i < r->n; i++) {
		if (k && strcmp(r->v[k - 1].text, r->v[i].text) == 0) {
			free(r->v[i].text);
			continue;
		}
		r->v[k] = r->v[i];
		r->v[k].number = ++numbers[r->v[k].kind];
		k++;
	}
	r->n = k;
	r->odd = xcalloc(k + 1, sizeof *r->odd);
	for (size_t i = 0; i < k; i++)
		if (!is_word(&r->v[i]))
			r->odd[r->n_odd++] = &r->v[i];
	r->hosts = numbers[HOST];
	r->sealed = true;
}

static const struct name *find(const struct redact *r, const char *s, size_t n)
{
	size_t low = 0, high = r->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int d = strncmp(r->v[mid].text, s, n);
		if (d == 0)
			d = r->v[mid].len > n ? 1 : 0;
		if (d == 0)
			return &r->v[mid];
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static void add_token(struct buf *out, const struct name *n)
{
	buf_addf(out, "%s-%u", n->kind == USER ? "user" : "host", n->number);
}

/* The token of an address, a new one if need be. */
static void add_address(struct redact *r, struct buf *out, const char *s, size_t n)
{
	const struct name *known = find(r, s, n);
	for (size_t i = 0; !known && i < r->n_late; i++)
		if (r->late[i].len == n && memcmp(r->late[i].text, s, n) == 0)
			known = &r->late[i];
	if (!known) {
		GROW(r->late, r->n_late, r->late_cap);
		known = &r->late[r->n_late];
		r->late[r->n_late++] = (struct name){xstrndup(s, n), n, HOST, ++r->hosts};
	}
	add_token(out, known);
}

/* --- texts ------------------------------------------------------------------------------------ */

/* The longest odd name that stands here; NULL: none does. */
static const struct name *odd_name(const struct redact *r, const char *s, size_t n)
{
	const struct name *best = NULL;
	for (size_t i = 0; i < r->n_odd; i++)
		if (r->odd[i]->len <= n && (!best || r->odd[i]->len > best->len) &&
		    memcmp(r->odd[i]->text, s, r->odd[i]->len) == 0)
			best = r->odd[i];
	return best;
}

/* 10.0.4.17, with four numbers of at most three digits. */
static bool is_ipv4(const char *s, size_t n)
{
	unsigned dots = 0, digits = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.') {
			if (!digits || digits > 3)
				return false;
			dots++;
			digits = 0;
		} else if (isdigit((unsigned char)s[i])) {
			digits++;
		} else {
			return false;
		}
	}
	return dots == 3 && digits && digits <= 3;
}

/* Bytes of an IPv6 address that begins here; 0: none does. A time of day has too few colons. */
static size_t ipv6_length(const char *s, size_t n)
{
	size_t i = 0;
	unsigned colons = 0;
	bool twice = false;
	for (; i < n && (isxdigit((unsigned char)s[i]) || s[i] == ':'); i++) {
		colons += s[i] == ':';
		twice |= s[i] == ':' && i && s[i - 1] == ':';
	}
	while (i && s[i - 1] == ':' && !(i > 1 && s[i - 2] == ':'))
		i--;
	return (twice && colons >= 2) || colons == 7 ? i : 0;
}

/* A host's short name may be part of a longer one: web1.example.com, web1-relay-bin. */
static void add_compound(struct buf *out, const struct redact *r, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = 0;
		while (i + len < n && s[i + len] != '.' && s[i + len] != '-')
			len++;
		const struct name *host = len ? find(r, s + i, len) : NULL;
		if (host && host->kind == HOST)
			add_token(out, host);
		else
			buf_add(out, s + i, len);
		i += len;
		if (i < n)
			buf_addc(out, s[i++]);
	}
}

static void add_word(struct redact *r, struct buf *out, const char *s, size_t n)
{
	size_t len = n;
	while (len && s[len - 1] == '.')
		len--;
	const struct name *found = len ? find(r, s, len) : NULL;
	if (found)
		add_token(out, found);
	else if (is_public(s, len))
		buf_add(out, s, len);
	else if (is_ipv4(s, len))
		add_address(r, out, s, len);
	else
		add_compound(out, r, s, len);
	buf_add(out, s + len, n - len);
}

/* The end of the literal that opens at s[0]; 0: what looks like a quote is an apostrophe. */
static size_t quoted(const char *s, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (s[i] == '\\')
			i++;
		else if (s[i] == s[0] && (i + 1 == n || !isalnum((unsigned char)s[i + 1])))
			return i;
	}
	return 0;
}

/* A name in quotes is a token in quotes; all other literals are left out. */
static void add_quoted(struct redact *r, struct buf *out, const char *s, size_t n)
{
	const struct name *found = find(r, s + 1, n - 2);
	buf_addc(out, s[0]);
	if (found)
		add_token(out, found);
	else if (is_public(s + 1, n - 2))
		buf_add(out, s + 1, n - 2);
	else
		buf_addc(out, '?');
	buf_addc(out, s[0]);
}

void redact_text(struct redact *r, struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		bool begins = !i || !word_char(s[i - 1]);
		const struct name *odd = odd_name(r, s + i, n - i);
		size_t address = begins ? ipv6_length(s + i, n - i) : 0;
		size_t end = begins && strchr("'\"", s[i]) && s[i] ? quoted(s + i, n - i) : 0;
		if (odd) {
			add_token(out, odd);
			i += odd->len;
		} else if (address && !is_public(s + i, address)) {
			add_address(r, out, s + i, address);
			i += address;
		} else if (end) {
			add_quoted(r, out, s + i, end + 1);
			i += end + 1;
		} else if (word_char(s[i])) {
			size_t len = 0;
			while (i + len < n && word_char(s[i + len]))
				len++;
			add_word(r, out, s + i, len);
			i += len;
		} else {
			buf_addc(out, s[i++]);
		}
	}
}

void redact_statement(struct redact *r, struct buf *out, const char *s, size_t n)
{
	struct sql_lexer lexer;
	struct sql_token t;
	struct buf plain = BUF_INIT;
	sql_lex(&lexer, s, n);
	while (sql_next(&lexer, &t)) {
		if (t.class == SQL_STRING || t.class == SQL_NUMBER)
			buf_addc(&plain, '?');
		else if (t.class != SQL_COMMENT)
			buf_add(&plain, s + t.off, t.len);
	}
	redact_text(r, out, buf_str(&plain), plain.len);
	buf_release(&plain);
}
