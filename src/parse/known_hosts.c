#include "parse/known_hosts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/sshkey.h"
#include "parse/wildcard.h"

enum { PLAIN_PORT = 22 };

enum marker { MARKER_NONE, MARKER_REVOKED, MARKER_AUTHORITY };

/* One line, cut into its fields. */
struct entry {
	const char *path;
	unsigned line;
	enum marker marker;
	struct word {
		const char *s;
		size_t n;
	} hosts, type, key;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is(struct word w, const char *text)
{
	return w.n == strlen(text) && memcmp(w.s, text, w.n) == 0;
}

static struct word next_word(const char **s, const char *end)
{
	struct word w;

	while (*s < end && blank(**s))
		++*s;
	w.s = *s;
	while (*s < end && !blank(**s))
		++*s;
	w.n = (size_t)(*s - w.s);
	return w;
}

/* What is known of a host under one name. */
struct search {
	struct buf name; /* lower case */
	const unsigned char *key;
	size_t n_key;
	char type[SSH_KEY_TYPE_SIZE];
	struct known_hosts_answer *answer;
	struct buf *types; /* to list them */
	unsigned char *scratch;
};

/* --- names ----------------------------------------------------------------------------------- */

/* `|1|salt|hash` of the name, with HMAC-SHA1. */
static bool hash_matches(struct word w, const struct buf *name)
{
	unsigned char salt[64], want[64], have[SSH_HMAC_SIZE];
	const char *bar = memchr(w.s + 3, '|', w.n - 3);
	size_t n_salt, n_want;

	if (!bar)
		return false;
	n_salt = base64_decode(w.s + 3, (size_t)(bar - w.s) - 3, salt, sizeof salt);
	n_want = base64_decode(bar + 1, w.n - (size_t)(bar - w.s) - 1, want, sizeof want);
	if (!n_salt || n_want != SSH_HMAC_SIZE)
		return false;
	ssh_hmac(salt, n_salt, name->s, name->len, have);
	return memcmp(have, want, SSH_HMAC_SIZE) == 0;
}

static bool names(const struct entry *e, const struct buf *name)
{
	if (e->hosts.n > 3 && memcmp(e->hosts.s, "|1|", 3) == 0)
		return hash_matches(e->hosts, name);
	return wildcard_list(e->hosts.s, e->hosts.n, ',', name->s) == WILDCARD_YES;
}

/* --- lines ----------------------------------------------------------------------------------- */

/* False: the line says nothing (blank, comment) or nothing that we understand (*odd). */
static bool read_entry(const char *s, const char *end, struct entry *e, bool *odd)
{
	*odd = false;
	e->marker = MARKER_NONE;
	e->hosts = next_word(&s, end);
	if (!e->hosts.n || *e->hosts.s == '#')
		return false;
	*odd = true;
	if (*e->hosts.s == '@') {
		if (is(e->hosts, "@revoked"))
			e->marker = MARKER_REVOKED;
		else if (is(e->hosts, "@cert-authority"))
			e->marker = MARKER_AUTHORITY;
		else
			return false;
		e->hosts = next_word(&s, end);
	}
	e->type = next_word(&s, end);
	e->key = next_word(&s, end);
	if (!e->key.n || isdigit((unsigned char)*e->type.s) || e->type.n >= SSH_KEY_TYPE_SIZE)
		return false; /* protocol 1 had numbers there */
	*odd = false;
	return true;
}

static void add_type(struct buf *out, const char *type)
{
	const char *at = buf_str(out);
	size_t n = strlen(type);

	while ((at = strstr(at, type))) {
		if ((at == out->s || at[-1] == ',') && (!at[n] || at[n] == ','))
			return;
		at += n;
	}
	buf_addf(out, "%s%s", out->len ? "," : "", type);
}

static void decide(struct search *s, const struct entry *e, enum known_hosts_verdict v, const char *type)
{
	struct known_hosts_answer *a = s->answer;
	/* The later in this list wins, and the first line that says so. A key that matches beats
	   another of its type: hosts may have several. */
	static const int rank[] = {
		[KNOWN_HOST_UNKNOWN] = 0,
		[KNOWN_HOST_OTHER_TYPE] = 1,
		[KNOWN_HOST_CHANGED] = 2,
		[KNOWN_HOST_MATCH] = 3,
		[KNOWN_HOST_REVOKED] = 4,
	};

	if (rank[v] <= rank[a->verdict])
		return;
	a->verdict = v;
	a->path = e->path;
	a->line = e->line;
	snprintf(a->type, sizeof a->type, "%s", type);
}

/* False: the key on the line is broken. */
static bool weigh(struct search *s, const struct entry *e)
{
	char type[SSH_KEY_TYPE_SIZE];
	size_t n = base64_decode(e->key.s, e->key.n, s->scratch, e->key.n);
	bool same = s->key && n == s->n_key && memcmp(s->scratch, s->key, n) == 0;

	ssh_key_type(s->scratch, n, type);
	if (!*type || !is(e->type, type))
		return false;
	if (!names(e, &s->name))
		return true;
	if (e->marker == MARKER_AUTHORITY) {
		if (s->answer)
			s->answer->authority = true;
	} else if (e->marker == MARKER_REVOKED) {
		if (s->answer && same)
			decide(s, e, KNOWN_HOST_REVOKED, type);
	} else if (s->types) {
		add_type(s->types, type);
	} else if (s->answer) {
		decide(s, e, same ? KNOWN_HOST_MATCH : strcmp(type, s->type) == 0 ? KNOWN_HOST_CHANGED :
		       KNOWN_HOST_OTHER_TYPE, type);
	}
	return true;
}

static void search_file(struct search *s, const struct known_hosts_file *f)
{
	const char *at = f->text, *end = f->text + f->len;
	struct entry e = {.path = f->path};
	bool odd;

	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		const char *stop = nl ? nl : end;
		e.line++;
		if (read_entry(at, stop, &e, &odd))
			odd = !weigh(s, &e);
		if (odd && s->answer)
			s->answer->odd++;
		at = stop + 1;
	}
}

/* As the files have it. */
static void add_name(struct buf *out, const char *host, unsigned port)
{
	if (port != PLAIN_PORT)
		buf_addc(out, '[');
	for (; *host; host++)
		buf_addc(out, (char)tolower((unsigned char)*host));
	if (port != PLAIN_PORT)
		buf_addf(out, "]:%u", port);
}

static void search(const struct known_hosts *k, unsigned port, struct search *s)
{
	buf_clear(&s->name);
	add_name(&s->name, k->host, port);
	for (unsigned i = 0; i < k->n; i++) {
		s->scratch = xmalloc(k->files[i].len + 1);
		search_file(s, &k->files[i]);
		free(s->scratch);
	}
	buf_release(&s->name);
}

struct known_hosts_answer known_hosts_check(const struct known_hosts *k, const unsigned char *key,
					    size_t n_key)
{
	struct known_hosts_answer answer = {0}, plain = {0};
	struct search s = {.key = key, .n_key = n_key, .answer = &answer};

	ssh_key_type(key, n_key, s.type);
	search(k, k->port, &s);
	if (k->port == PLAIN_PORT)
		return answer;
	/* The host under its plain name can vouch for the key, or revoke it, but not contradict. */
	s.answer = &plain;
	search(k, PLAIN_PORT, &s);
	if (plain.verdict == KNOWN_HOST_REVOKED ||
	    (plain.verdict == KNOWN_HOST_MATCH && answer.verdict == KNOWN_HOST_UNKNOWN))
		return plain;
	return answer;
}

void known_hosts_types(const struct known_hosts *k, struct buf *out)
{
	struct search s = {.types = out};

	search(k, k->port, &s);
	if (!out->len && k->port != PLAIN_PORT)
		search(k, PLAIN_PORT, &s);
}

void known_hosts_line(struct buf *out, const char *host, unsigned port, const unsigned char *key,
		      size_t n_key, const unsigned char *salt)
{
	char type[SSH_KEY_TYPE_SIZE];
	struct buf name = BUF_INIT;

	add_name(&name, host, port);
	if (salt) {
		unsigned char hash[SSH_HMAC_SIZE];
		ssh_hmac(salt, KNOWN_HOST_SALT, name.s, name.len, hash);
		buf_adds(out, "|1|");
		base64_encode(salt, KNOWN_HOST_SALT, out);
		buf_addc(out, '|');
		base64_encode(hash, sizeof hash, out);
	} else {
		buf_add(out, name.s, name.len);
	}
	ssh_key_type(key, n_key, type);
	buf_addf(out, " %s ", type);
	base64_encode(key, n_key, out);
	buf_addc(out, '\n');
	buf_release(&name);
}
