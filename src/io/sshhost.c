#include "io/sshimpl.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { MOST_FILE = 4 << 20, DEEPEST_INCLUDE = 16, SSH_PORT_USUAL = 22 };

/* --- files ----------------------------------------------------------------------------------- */

bool ssh_read_file(const char *path, struct buf *out)
{
	struct stat st;
	ssize_t n;
	/* A pipe in its place must not hold us up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		close(fd);
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return S_ISCHR(st.st_mode); /* /dev/null */
	}
	do {
		buf_reserve(out, 16384);
		n = read(fd, out->s + out->len, 16384);
		out->len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && out->len < MOST_FILE);
	out->s[out->len] = '\0';
	close(fd);
	return n >= 0;
}

/* Who we are, and where. */
struct self {
	char user[128], home[512];
};

static void find_self(struct self *me)
{
	struct passwd pw, *found = NULL;
	char room[4096];
	const char *home = getenv("HOME");

	if (getpwuid_r(getuid(), &pw, room, sizeof room, &found) != 0)
		found = NULL;
	snprintf(me->user, sizeof me->user, "%s", found ? found->pw_name : "");
	snprintf(me->home, sizeof me->home, "%s", home && *home ? home : found ? found->pw_dir : "");
}

/* --- the configuration ----------------------------------------------------------------------- */

struct including {
	const struct self *me;
	const char *folder; /* what relative paths are relative to */
	unsigned depth;
};

static void include(struct ssh_config *c, const char *pattern, bool active, void *arg)
{
	struct including *i = arg;
	struct ssh_tokens tokens = {.home = i->me->home, .local_user = i->me->user};
	struct buf path = BUF_INIT;
	glob_t found = {0};

	if (i->depth == DEEPEST_INCLUDE)
		return;
	if (*pattern != '/' && *pattern != '~')
		buf_addf(&path, "%s/", i->folder);
	ssh_config_expand(&path, pattern, &tokens);
	i->depth++;
	if (glob(buf_str(&path), 0, NULL, &found) == 0) {
		for (size_t n = 0; n < found.gl_pathc; n++) {
			struct buf text = BUF_INIT;
			if (ssh_read_file(found.gl_pathv[n], &text))
				ssh_config_read(c, buf_str(&text), text.len, active, include, i);
			buf_release(&text);
		}
	}
	i->depth--;
	globfree(&found);
	buf_release(&path);
}

/* Whether only its owner may write to it, as OpenSSH wants it. */
static bool is_safe(const char *path)
{
	struct stat st;
	return stat(path, &st) != 0 ||
	       ((st.st_uid == 0 || st.st_uid == getuid()) && !(st.st_mode & (S_IWGRP | S_IWOTH)));
}

static bool read_config(struct ssh_config *c, const char *path, const char *folder,
			const struct self *me, bool needed, bool guarded, struct err *err)
{
	struct including i = {.me = me, .folder = folder};
	struct buf text = BUF_INIT;
	bool ok = true;

	if (guarded && !is_safe(path))
		return err_setf(err, ERR_USAGE, "ssh configuration", "chmod 600 makes it private",
				"%s: others may write to it", path);
	if (ssh_read_file(path, &text))
		ssh_config_read(c, buf_str(&text), text.len, true, include, &i);
	else if (needed || errno != ENOENT)
		ok = err_setf(err, ERR_USAGE, "ssh configuration",
			      needed ? "that is what --ssh-config names" : NULL, "%s: %s", path,
			      strerror(errno));
	buf_release(&text);
	return ok;
}

static bool read_configs(struct ssh_config *c, const struct target *t, const struct self *me,
			 struct err *err)
{
	const char *named = t->value[SETTING_SSH_CONFIG];
	char folder[600], path[640];

	snprintf(folder, sizeof folder, "%s/.ssh", me->home);
	if (named && strcmp(named, "none") == 0)
		return true;
	if (named) {
		struct buf expanded = BUF_INIT;
		bool ok;
		ssh_config_expand(&expanded, named, &(struct ssh_tokens){.home = me->home});
		ok = read_config(c, buf_str(&expanded), folder, me, true, false, err);
		buf_release(&expanded);
		return ok;
	}
	snprintf(path, sizeof path, "%s/config", folder);
	return read_config(c, path, folder, me, false, true, err) &&
	       read_config(c, "/etc/ssh/ssh_config", "/etc/ssh", me, false, false, err);
}

/* --- one host -------------------------------------------------------------------------------- */

static void host_release(struct ssh_host *h)
{
	struct ssh_words *lists[] = {&h->identities, &h->user_known, &h->global_known};

	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		for (unsigned w = 0; w < lists[i]->n; w++)
			free(lists[i]->of[w]);
		free(lists[i]->of);
	}
	free(h->typed);
	free(h->name);
	free(h->key_name);
	free(h->user);
	free(h->agent);
	free(h->needs_child);
	*h = (struct ssh_host){0};
}

static char *expand(const char *text, const struct ssh_tokens *t)
{
	struct buf out = BUF_INIT;

	buf_adds(&out, "");
	ssh_config_expand(&out, text, t);
	return buf_steal(&out);
}

static void add_path(struct ssh_words *w, const char *text, const struct ssh_tokens *t)
{
	if (strcasecmp(text, "none") == 0)
		return;
	GROW(w->of, w->n, w->cap);
	w->of[w->n++] = expand(text, t);
}

/* What the configuration lists, or else the usual ones. */
static void add_paths(struct ssh_words *w, const struct ssh_words *listed, const char *const *usual,
		      const struct ssh_tokens *t)
{
	for (unsigned i = 0; i < listed->n; i++)
		add_path(w, listed->of[i], t);
	for (; !listed->n && *usual; usual++)
		add_path(w, *usual, t);
}

static char *agent_path(const char *configured, const struct ssh_tokens *t)
{
	const char *path = getenv("SSH_AUTH_SOCK");

	if (configured && strcasecmp(configured, "none") == 0)
		return NULL;
	if (configured && *configured == '$')
		path = getenv(configured + 1);
	else if (configured && strcmp(configured, "SSH_AUTH_SOCK") != 0)
		return expand(configured, t);
	return path && *path ? xstrdup(path) : NULL;
}

static const char *or_else(const char *s, const char *otherwise)
{
	return s && *s ? s : otherwise;
}

static void set_host(struct ssh_host *h, const struct ssh_place *place, const struct ssh_config *c,
		     const struct target *t, const struct self *me)
{
	static const char *const identities[] = {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa",
						 NULL};
	static const char *const user_known[] = {"~/.ssh/known_hosts", "~/.ssh/known_hosts2", NULL};
	static const char *const global_known[] = {"/etc/ssh/ssh_known_hosts",
						   "/etc/ssh/ssh_known_hosts2", NULL};
	const char *const *text = (const char *const *)c->text;
	unsigned port = text[SSH_PORT] ? (unsigned)strtoul(text[SSH_PORT], NULL, 10) : 0;
	struct ssh_tokens tokens = {.home = me->home,
				    .local_user = me->user,
				    .host = place->host,
				    .original = place->host};

	h->typed = xstrdup(place->host);
	h->port = place->port ? place->port : port && port < 65536 ? port : SSH_PORT_USUAL;
	h->user = xstrdup(*place->user ? place->user : or_else(text[SSH_USER], me->user));
	h->name = expand(or_else(text[SSH_HOST_NAME], "%h"), &tokens);
	tokens.host = h->name;
	tokens.user = h->user;
	tokens.port = h->port;
	h->key_name = xstrdup(or_else(text[SSH_HOST_KEY_ALIAS], h->name));
	h->identities_named = t->value[SETTING_SSH_IDENTITY] || c->list[SSH_IDENTITIES].n;
	if (t->value[SETTING_SSH_IDENTITY])
		add_path(&h->identities, t->value[SETTING_SSH_IDENTITY], &tokens);
	if (!t->value[SETTING_SSH_IDENTITY] || c->list[SSH_IDENTITIES].n)
		add_paths(&h->identities, &c->list[SSH_IDENTITIES], identities, &tokens);
	add_paths(&h->user_known, &c->list[SSH_USER_KNOWN_HOSTS], user_known, &tokens);
	add_paths(&h->global_known, &c->list[SSH_GLOBAL_KNOWN_HOSTS], global_known, &tokens);
	h->only_identities = ssh_config_yes(c, SSH_IDENTITIES_ONLY);
	h->agent = agent_path(text[SSH_IDENTITY_AGENT], &tokens);
	h->strict = ssh_config_yes(c, SSH_STRICT_HOST_KEYS);
	h->hash_names = ssh_config_yes(c, SSH_HASH_KNOWN_HOSTS);
	h->needs_child = xstrdup_null(c->needs_child);
}

/* --- the way there --------------------------------------------------------------------------- */

struct routing {
	struct ssh_route *route;
	const struct target *target;
	struct self me;
	unsigned depth;
	struct err *err;
};

static bool add_hops(struct routing *r, const char *text, size_t n, bool jumps);

/* "a,user@b:22": by way of a to b. Only the first may itself be behind another. */
static bool add_jumps(struct routing *r, const char *list)
{
	bool first = true;

	if (strcasecmp(list, "none") == 0)
		return true;
	while (*list) {
		size_t n = strcspn(list, ",");
		if (!add_hops(r, list, n, first))
			return false;
		first = false;
		list += n + (list[n] == ',');
	}
	return true;
}

static bool add_hops(struct routing *r, const char *text, size_t n, bool jumps)
{
	struct ssh_place place;
	struct ssh_config c = {.host = place.host, .local_user = r->me.user};
	bool ok;

	if (!ssh_place_parse(text, n, &place))
		return err_setf(r->err, ERR_USAGE, "--ssh", "write it as [user@]host[:port]",
				"\"%.*s\" names no host", (int)n, text);
	c.user = *place.user ? place.user : NULL;
	ok = read_configs(&c, r->target, &r->me, r->err);
	if (ok && r->depth == SSH_MOST_HOPS)
		ok = err_setf(r->err, ERR_USAGE, "ssh configuration", "is a ProxyJump behind itself?",
			      "more than %d hosts on the way to %s", SSH_MOST_HOPS, place.host);
	r->depth++;
	if (ok && jumps && c.text[SSH_PROXY_JUMP])
		ok = add_jumps(r, c.text[SSH_PROXY_JUMP]);
	if (ok)
		set_host(&r->route->hop[r->route->n++], &place, &c, r->target, &r->me);
	ssh_config_release(&c);
	return ok;
}

bool ssh_route_find(struct ssh_route *route, const struct target *t, struct err *err)
{
	struct routing r = {.route = route, .target = t, .err = err};
	const char *to = t->value[SETTING_SSH];

	*route = (struct ssh_route){0};
	find_self(&r.me);
	if (add_hops(&r, to, strlen(to), true))
		return true;
	ssh_route_release(route);
	return false;
}

void ssh_route_release(struct ssh_route *r)
{
	for (unsigned i = 0; i < r->n; i++)
		host_release(&r->hop[i]);
	r->n = 0;
}
