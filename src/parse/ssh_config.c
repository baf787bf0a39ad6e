#include "parse/ssh_config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/wildcard.h"

/* --- keywords -------------------------------------------------------------------------------- */

struct reading {
	struct ssh_config *c;
	bool active, never;
	ssh_config_include *include;
	void *arg;
};

struct keyword {
	const char *name;
	void (*set)(struct reading *r, const struct keyword *k, const struct ssh_words *w);
	int id;
};

static void add_word(struct ssh_words *w, char *s)
{
	GROW(w->of, w->n, w->cap);
	w->of[w->n++] = s;
}

static void words_release(struct ssh_words *w)
{
	for (unsigned i = 0; i < w->n; i++)
		free(w->of[i]);
	free(w->of);
	*w = (struct ssh_words){0};
}

static void set_text(struct reading *r, const struct keyword *k, const struct ssh_words *w)
{
	if (r->active && !r->c->text[k->id])
		r->c->text[k->id] = xstrdup(w->of[0]);
}

/* Its lines add up. */
static void add_identity(struct reading *r, const struct keyword *k, const struct ssh_words *w)
{
	struct ssh_words *list = &r->c->list[k->id];

	if (!r->active)
		return;
	for (unsigned i = 0; i < list->n; i++)
		if (strcmp(list->of[i], w->of[0]) == 0)
			return;
	add_word(list, xstrdup(w->of[0]));
}

/* The first line counts, with all its words. */
static void set_list(struct reading *r, const struct keyword *k, const struct ssh_words *w)
{
	if (!r->active || r->c->closed[k->id])
		return;
	r->c->closed[k->id] = true;
	for (unsigned i = 0; i < w->n; i++)
		add_word(&r->c->list[k->id], xstrdup(w->of[i]));
}

static void need_child(struct reading *r, const char *what)
{
	if (!r->c->needs_child)
		r->c->needs_child = xstrdup(what);
}

static bool says_no(const char *s)
{
	return strcasecmp(s, "none") == 0 || strcasecmp(s, "no") == 0;
}

static void set_beyond(struct reading *r, const struct keyword *k, const struct ssh_words *w)
{
	if (r->active && !says_no(w->of[0]))
		need_child(r, k->name);
}

/* Of ProxyJump and ProxyCommand the one that comes first counts. */
static void set_proxy_command(struct reading *r, const struct keyword *k, const struct ssh_words *w)
{
	if (!r->active || r->c->text[SSH_PROXY_JUMP])
		return;
	r->c->text[SSH_PROXY_JUMP] = xstrdup("none");
	set_beyond(r, k, w);
}

static void set_host(struct reading *r, const struct keyword *k, const struct ssh_words *w)
{
	(void)k;
	r->active = false;
	for (unsigned i = 0; i < w->n && !r->never; i++) {
		const char *p = w->of[i];
		bool not = *p == '!';
		if (!wildcard_match(p + not, strlen(p + not), r->c->host))
			continue;
		r->active = !not;
		if (not)
			return;
	}
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* One criterion of a Match line. `arg` NULL: it has none. */
static bool criterion(struct reading *r, const char *name, const char *arg)
{
	const struct ssh_config *c = r->c;
	const char *subject;

	if (strcasecmp(name, "host") == 0)
		subject = c->text[SSH_HOST_NAME] ? c->text[SSH_HOST_NAME] : c->host;
	else if (strcasecmp(name, "originalhost") == 0)
		subject = c->host;
	else if (strcasecmp(name, "user") == 0)
		subject = c->user ? c->user : c->text[SSH_USER] ? c->text[SSH_USER] : or_empty(c->local_user);
	else
		subject = or_empty(c->local_user);
	return wildcard_list(arg, strlen(arg), ',', subject) == WILDCARD_YES;
}

static bool any_of(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(s, list[i]) == 0)
			return true;
	return false;
}

/* What cannot be told without running a command, or looking names up, counts as true, and asks for the
   child: it alone gets it right. */
static void set_match(struct reading *r, const struct keyword *k, const struct ssh_words *w)
{
	static const char *const ours[] = {"host", "originalhost", "user", "localuser"};
	const char *beyond = NULL;
	bool yes = true;

	(void)k;
	for (unsigned i = 0; yes && i < w->n; i++) {
		const char *name = w->of[i];
		bool not = *name == '!', is;
		name += not;
		if (strcasecmp(name, "all") == 0 || strcasecmp(name, "final") == 0) {
			is = true;
		} else if (strcasecmp(name, "canonical") == 0) {
			is = false;
		} else if (any_of(name, ours, COUNT_OF(ours)) && i + 1 < w->n) {
			is = criterion(r, name, w->of[++i]);
		} else {
			beyond = "Match exec";
			i++;
			continue;
		}
		yes = is != not;
	}
	r->active = yes && !r->never && !beyond;
	if (yes && !r->never && beyond)
		need_child(r, beyond);
}

static void set_include(struct reading *r, const struct keyword *k, const struct ssh_words *w)
{
	(void)k;
	for (unsigned i = 0; i < w->n && r->include; i++)
		r->include(r->c, w->of[i], r->active && !r->never, r->arg);
}

static const struct keyword keywords[] = {
	{"CanonicalizeHostname", set_beyond, 0},
	{"CertificateFile", set_beyond, 0},
	{"GlobalKnownHostsFile", set_list, SSH_GLOBAL_KNOWN_HOSTS},
	{"HashKnownHosts", set_text, SSH_HASH_KNOWN_HOSTS},
	{"Host", set_host, 0},
	{"HostKeyAlias", set_text, SSH_HOST_KEY_ALIAS},
	{"HostName", set_text, SSH_HOST_NAME},
	{"IdentitiesOnly", set_text, SSH_IDENTITIES_ONLY},
	{"IdentityAgent", set_text, SSH_IDENTITY_AGENT},
	{"IdentityFile", add_identity, SSH_IDENTITIES},
	{"Include", set_include, 0},
	{"KnownHostsCommand", set_beyond, 0},
	{"Match", set_match, 0},
	{"PKCS11Provider", set_beyond, 0},
	{"Port", set_text, SSH_PORT},
	{"ProxyCommand", set_proxy_command, 0},
	{"ProxyJump", set_text, SSH_PROXY_JUMP},
	{"StrictHostKeyChecking", set_text, SSH_STRICT_HOST_KEYS},
	{"User", set_text, SSH_USER},
	{"UserKnownHostsFile", set_list, SSH_USER_KNOWN_HOSTS},
};

/* --- lines ----------------------------------------------------------------------------------- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

/* The next word, quotes resolved; NULL at the end, or with *odd at an open quote. After the keyword
   one `=` may stand. */
static char *next_word(const char **at, const char *end, bool keyword, bool *odd)
{
	const char *s = *at;
	struct buf word = BUF_INIT;
	char quote = 0;

	while (s < end && blank(*s))
		s++;
	if (s == end || (!keyword && *s == '#')) {
		*at = end;
		return NULL;
	}
	for (; s < end; s++) {
		if (!quote && (blank(*s) || (keyword && *s == '=')))
			break;
		if (*s == quote)
			quote = 0;
		else if (!quote && (*s == '"' || *s == '\''))
			quote = *s;
		else if (*s == '\\' && s + 1 < end && strchr("\"'\\", s[1]))
			buf_addc(&word, *++s);
		else
			buf_addc(&word, *s);
	}
	if (keyword) {
		while (s < end && blank(*s))
			s++;
		s += s < end && *s == '=';
	}
	*at = s;
	if (quote) {
		*odd = true;
		buf_release(&word);
		return NULL;
	}
	buf_adds(&word, "");
	return buf_steal(&word);
}

static const struct keyword *find_keyword(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(keywords); i++)
		if (strcasecmp(name, keywords[i].name) == 0)
			return &keywords[i];
	return NULL;
}

static void read_line(struct reading *r, const char *at, const char *end)
{
	const struct keyword *k;
	struct ssh_words words = {0};
	bool odd = false;
	char *name, *w;

	while (at < end && blank(*at))
		at++;
	if (at == end || *at == '#')
		return;
	name = next_word(&at, end, true, &odd);
	k = name ? find_keyword(name) : NULL;
	free(name);
	/* Other keywords have a syntax of their own. */
	while (k && !odd && (w = next_word(&at, end, false, &odd)))
		add_word(&words, w);
	if (k && !odd && words.n)
		k->set(r, k, &words);
	else if (k || odd)
		r->c->odd++;
	words_release(&words);
}

void ssh_config_read(struct ssh_config *c, const char *text, size_t n, bool active,
		     ssh_config_include *include, void *arg)
{
	struct reading r = {c, active, !active, include, arg};
	const char *end = text + n;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end;
		if (!memchr(text, 0, (size_t)(stop - text)))
			read_line(&r, text, stop);
		else
			c->odd++;
		text = stop + 1;
	}
}

void ssh_config_release(struct ssh_config *c)
{
	for (int i = 0; i < N_SSH_TEXTS; i++)
		free(c->text[i]);
	for (int i = 0; i < N_SSH_LISTS; i++)
		words_release(&c->list[i]);
	free(c->needs_child);
	*c = (struct ssh_config){0};
}

bool ssh_config_yes(const struct ssh_config *c, enum ssh_config_text id)
{
	const char *s = c->text[id];
	return s && (strcasecmp(s, "yes") == 0 || strcasecmp(s, "true") == 0);
}

/* --- values ---------------------------------------------------------------------------------- */

void ssh_config_expand(struct buf *out, const char *text, const struct ssh_tokens *t)
{
	if (*text == '~' && (text[1] == '/' || !text[1]) && t->home) {
		buf_adds(out, t->home);
		text++;
	}
	for (; *text; text++) {
		const char *value = NULL;
		if (*text != '%' || !text[1]) {
			buf_addc(out, *text);
			continue;
		}
		switch (*++text) {
		case 'd': value = t->home; break;
		case 'u': value = t->local_user; break;
		case 'h': value = t->host; break;
		case 'n': value = t->original; break;
		case 'r': value = t->user; break;
		case '%': value = "%"; break;
		case 'p': buf_addf(out, "%u", t->port); continue;
		default: buf_addf(out, "%%%c", *text); continue;
		}
		buf_adds(out, or_empty(value));
	}
}

static bool copy(char *to, size_t size, const char *s, size_t n)
{
	if (n >= size || memchr(s, 0, n))
		return false;
	memcpy(to, s, n);
	to[n] = '\0';
	return true;
}

static bool parse_port(const char *s, size_t n, unsigned *port)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)s[i]) || v > 65535)
			return false;
		v = v * 10 + (unsigned)(s[i] - '0');
	}
	*port = v;
	return n && v && v <= 65535;
}

/* Nothing that a command line or a terminal would take for something else. */
static bool plain(const char *s)
{
	if (*s == '-')
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr("'\"`$\\;&<>|(){}", *s))
			return false;
	return true;
}

bool ssh_place_parse(const char *s, size_t n, struct ssh_place *p)
{
	const char *at, *colon, *end;

	*p = (struct ssh_place){0};
	if (n >= 6 && strncasecmp(s, "ssh://", 6) == 0) {
		s += 6, n -= 6;
		if (n && s[n - 1] == '/')
			n--;
	}
	end = s + n;
	if ((at = memrchr(s, '@', n))) {
		if (!copy(p->user, sizeof p->user, s, (size_t)(at - s)) || !*p->user)
			return false;
		s = at + 1;
	}
	n = (size_t)(end - s);
	if (n && *s == '[') {
		const char *close = memchr(s, ']', n);
		if (!close || (close + 1 < end && close[1] != ':'))
			return false;
		colon = close + 1 < end ? close + 1 : NULL;
		if (!copy(p->host, sizeof p->host, s + 1, (size_t)(close - s) - 1))
			return false;
	} else {
		colon = memchr(s, ':', n);
		if (colon && memchr(colon + 1, ':', (size_t)(end - colon) - 1))
			colon = NULL; /* an address of IPv6 without a port */
		if (!copy(p->host, sizeof p->host, s, (size_t)((colon ? colon : end) - s)))
			return false;
	}
	if (colon && !parse_port(colon + 1, (size_t)(end - colon) - 1, &p->port))
		return false;
	return *p->host && plain(p->host) && plain(p->user);
}
