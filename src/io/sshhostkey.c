#include "io/sshimpl.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "parse/known_hosts.h"
#include "parse/sshkey.h"

/* --- what is known --------------------------------------------------------------------------- */

struct known {
	struct known_hosts hosts;
	struct known_hosts_file files[16];
	struct buf texts[16];
	const char *unreadable; /* a revocation may stand in there */
	int no;
};

static void add_files(struct known *k, const struct ssh_words *paths)
{
	for (unsigned i = 0; i < paths->n && k->hosts.n < COUNT_OF(k->files); i++) {
		struct buf *text = &k->texts[k->hosts.n];
		if (!ssh_read_file(paths->of[i], text) && errno != ENOENT && !k->unreadable) {
			k->unreadable = paths->of[i];
			k->no = errno;
		}
		k->files[k->hosts.n++] =
			(struct known_hosts_file){paths->of[i], buf_str(text), text->len};
	}
}

static void known_read(struct known *k, const struct ssh_host *h)
{
	*k = (struct known){.hosts = {.files = k->files, .host = h->key_name, .port = h->port}};
	add_files(k, &h->user_known);
	add_files(k, &h->global_known);
}

static void known_release(struct known *k)
{
	for (unsigned i = 0; i < k->hosts.n; i++)
		buf_release(&k->texts[i]);
}

/* --- asking for the known ones first ---------------------------------------------------------- */

/* Signature algorithms of a key type: an RSA key has three. */
static bool is_of_type(const char *algorithm, const char *type)
{
	return strcmp(algorithm, type) == 0 ||
	       (strcmp(type, "ssh-rsa") == 0 && strncmp(algorithm, "rsa-sha2-", 9) == 0);
}

static bool is_listed(const char *list, const char *algorithm)
{
	char type[SSH_KEY_TYPE_SIZE];

	while (*list) {
		size_t n = strcspn(list, ",");
		snprintf(type, sizeof type, "%.*s", (int)n, list);
		if (is_of_type(algorithm, type))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

/* Those of the list, or all others: Ed25519 before the rest. */
static void add_algorithms(struct buf *out, const char *const *all, int n, const char *list, bool listed)
{
	for (int first = 1; first >= 0; first--)
		for (int i = 0; i < n; i++)
			if (is_listed(list, all[i]) == listed &&
			    (strcmp(all[i], "ssh-ed25519") == 0) == first)
				buf_addf(out, "%s%s", out->len ? "," : "", all[i]);
}

bool ssh_prefer_known_keys(struct ssh_try *t)
{
	struct known k;
	struct buf types = BUF_INIT, wish = BUF_INIT;
	const char **supported = NULL;
	int n = libssh2_session_supported_algs(t->session->raw, LIBSSH2_METHOD_HOSTKEY, &supported);

	known_read(&k, t->host);
	known_hosts_types(&k.hosts, &types);
	known_release(&k);
	add_algorithms(&wish, (const char *const *)supported, n, buf_str(&types), true);
	add_algorithms(&wish, (const char *const *)supported, n, buf_str(&types), false);
	if (wish.len)
		libssh2_session_method_pref(t->session->raw, LIBSSH2_METHOD_HOSTKEY, wish.s);
	if (n > 0)
		libssh2_free(t->session->raw, supported);
	buf_release(&types);
	buf_release(&wish);
	return true;
}

/* --- remembering an accepted one -------------------------------------------------------------- */

static void make_folder(const char *path)
{
	char *folder = xstrdup(path), *slash = strrchr(folder, '/');

	if (slash && slash != folder) {
		*slash = '\0';
		mkdir(folder, 0700);
	}
	free(folder);
}

static bool ends_in_mid_line(int fd)
{
	struct stat st;
	char last = '\n';

	return fstat(fd, &st) == 0 && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 &&
	       last != '\n';
}

/* One write, so that two of us at once do no harm. */
static bool append_line(const char *path, const struct buf *line)
{
	struct buf text = BUF_INIT;
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	if (ends_in_mid_line(fd))
		buf_addc(&text, '\n');
	buf_add(&text, line->s, line->len);
	ok = write(fd, text.s, text.len) == (ssize_t)text.len;
	ok = close(fd) == 0 && ok;
	buf_release(&text);
	return ok;
}

static void remember(struct ssh_try *t, const unsigned char *key, size_t n)
{
	const struct ssh_host *h = t->host;
	unsigned char salt[KNOWN_HOST_SALT];
	struct buf line = BUF_INIT;
	char text[768];
	bool hash = h->hash_names && RAND_bytes(salt, sizeof salt) == 1;

	if (!h->user_known.n)
		return;
	make_folder(h->user_known.of[0]);
	known_hosts_line(&line, h->key_name, h->port, key, n, hash ? salt : NULL);
	if (append_line(h->user_known.of[0], &line))
		snprintf(text, sizeof text, "%s: added to %s", h->key_name, h->user_known.of[0]);
	else
		snprintf(text, sizeof text, "%s: accepted, but not added to %s: %s", h->key_name,
			 h->user_known.of[0], strerror(errno));
	shell_tell(t->a, "ssh-host-key", true, text);
	buf_release(&line);
}

/* --- is it that host -------------------------------------------------------------------------- */

struct offered {
	const unsigned char *key;
	size_t n;
	const char *title; /* of its type */
	struct buf fingerprint;
};

static bool refuse_changed(struct ssh_try *t, const struct offered *o,
			   const struct known_hosts_answer *a)
{
	return ssh_fail(t, ERR_TLS,
			"somebody may be listening in. Only when the host's administrator confirms this "
			"fingerprint: remove that line (ssh-keygen -R) and connect again",
			"THE HOST KEY HAS CHANGED: it offers the %s key %s, %s:%u has another", o->title,
			buf_str(&o->fingerprint), a->path, a->line);
}

static bool refuse_other_type(struct ssh_try *t, const struct offered *o,
			      const struct known_hosts_answer *a)
{
	/* RSA keys of hosts: this library could not ask for them in a way that servers still accept. */
	if (strcmp(a->type, "ssh-rsa") == 0 && !ssh_library_has_rsa_sha2())
		return ssh_offer_child(t,
				       "%s:%u knows the RSA key of %s, which libssh2 %s cannot check "
				       "(no RSA-SHA2)",
				       a->path, a->line, t->host->key_name, libssh2_version(0));
	return ssh_fail(t, ERR_TLS,
			"somebody may be listening in. ssh-keyscan on a network that you trust tells the "
			"host's keys",
			"the host offers a key of another type than the known one: it offers the %s key "
			"%s, %s:%u has its %s key",
			o->title, buf_str(&o->fingerprint), a->path, a->line, ssh_key_title(a->type));
}

static bool ask_for_unknown(struct ssh_try *t, const struct offered *o,
			    const struct known_hosts_answer *a)
{
	const struct ssh_host *h = t->host;
	char text[768];
	const char *answer;

	if (a->authority && !h->strict)
		return ssh_offer_child(t,
				       "%s is known by a certificate authority, and libssh2 cannot check "
				       "certificates of hosts",
				       h->key_name);
	snprintf(text, sizeof text, "%s is not in %s. Its %s key is %s. Trust it, and remember it?",
		 t->session->name, h->user_known.n ? h->user_known.of[0] : "known_hosts", o->title,
		 buf_str(&o->fingerprint));
	answer = ssh_answer(t, QUESTION_HOST_KEY, h->key_name, text);
	if (h->strict)
		return ssh_fail(t, ERR_CONNECT,
				"StrictHostKeyChecking is on: add its key to known_hosts first",
				"the host key is not known: %s %s", o->title, buf_str(&o->fingerprint));
	if (answer && strcmp(answer, "yes") == 0) {
		remember(t, o->key, o->n);
		return true;
	}
	ssh_fail(t, ERR_CONNECT,
		 "compare the fingerprint with the host's own (ssh-keygen -lf on it), then connect once "
		 "and say yes, or add it to known_hosts",
		 answer ? "the host key was not accepted: %s %s" : "the host key is not known: %s %s",
		 o->title, buf_str(&o->fingerprint));
	return answer ? false : ssh_ask(t, QUESTION_HOST_KEY, true, h->key_name, "%s", text);
}

static bool judge(struct ssh_try *t, const struct offered *o, const struct known_hosts_answer *a)
{
	char text[512];

	switch (a->verdict) {
	case KNOWN_HOST_MATCH:
		snprintf(text, sizeof text, "%s: %s key %s, %s:%u", t->session->name, o->title,
			 buf_str(&o->fingerprint), a->path, a->line);
		shell_tell(t->a, "ssh-host-key", true, text);
		return true;
	case KNOWN_HOST_CHANGED:
		return refuse_changed(t, o, a);
	case KNOWN_HOST_REVOKED:
		return ssh_fail(t, ERR_TLS,
				"its owner has lost control of it: do not log in, ask the host's "
				"administrator",
				"THE HOST KEY IS REVOKED: %s %s, %s:%u says so", o->title,
				buf_str(&o->fingerprint), a->path, a->line);
	case KNOWN_HOST_OTHER_TYPE:
		return refuse_other_type(t, o, a);
	case KNOWN_HOST_UNKNOWN:
		break;
	}
	return ask_for_unknown(t, o, a);
}

bool ssh_check_host_key(struct ssh_try *t)
{
	struct known k;
	struct offered o = {0};
	char type[SSH_KEY_TYPE_SIZE];
	int ignored;
	bool ok;

	o.key = (const unsigned char *)libssh2_session_hostkey(t->session->raw, &o.n, &ignored);
	ssh_key_type(o.key, o.key ? o.n : 0, type);
	if (!*type)
		return ssh_fail(t, ERR_PROTOCOL, NULL, "it has no host key that can be read");
	o.title = ssh_key_title(type);
	ssh_key_fingerprint(o.key, o.n, &o.fingerprint);
	known_read(&k, t->host);
	struct known_hosts_answer a = known_hosts_check(&k.hosts, o.key, o.n);
	ok = k.unreadable ? ssh_fail(t, ERR_IO, "without it no host key can be trusted", "%s: %s",
				     k.unreadable, strerror(k.no))
			  : judge(t, &o, &a);
	known_release(&k);
	buf_release(&o.fingerprint);
	return ok;
}
