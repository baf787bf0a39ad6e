/*
 * OpenSSH's client configuration, as far as it concerns reaching a host and logging in. As there, the
 * first value that holds for a host counts. What only the `ssh` command can do (ProxyCommand, Match
 * exec) is noticed, not guessed. Pure, any thread; the caller reads the files, and those that they
 * include.
 */
#ifndef PARSE_SSH_CONFIG_H
#define PARSE_SSH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* A list of texts, all owned. */
struct ssh_words {
	char **of;
	unsigned n, cap;
};

enum ssh_config_text {
	SSH_HOST_NAME,
	SSH_USER,
	SSH_PORT,
	SSH_PROXY_JUMP, /* "none" too */
	SSH_IDENTITY_AGENT,
	SSH_HOST_KEY_ALIAS,
	SSH_IDENTITIES_ONLY,
	SSH_STRICT_HOST_KEYS,
	SSH_HASH_KNOWN_HOSTS,
	N_SSH_TEXTS,
};
enum ssh_config_list { SSH_IDENTITIES, SSH_USER_KNOWN_HOSTS, SSH_GLOBAL_KNOWN_HOSTS, N_SSH_LISTS };

/* What holds for one host. Zero-initialised plus `host` is a valid start. */
struct ssh_config {
	const char *host;       /* as it was typed: what Host patterns are held against; borrowed */
	const char *user;       /* as it was typed, may be NULL; borrowed */
	const char *local_user; /* may be NULL; borrowed */
	char *text[N_SSH_TEXTS];
	struct ssh_words list[N_SSH_LISTS];
	char *needs_child; /* "ProxyCommand": what libssh2 cannot do; NULL: nothing */
	unsigned odd;      /* lines that made no sense */

	bool closed[N_SSH_LISTS]; /* internal: this list counts, later ones do not */
};

/* Read the files that `pattern` names (with shell wildcards, relative to the including file's kind)
   with ssh_config_read(). */
typedef void ssh_config_include(struct ssh_config *c, const char *pattern, bool active, void *arg);

/* One file's text. `active`: whether what precedes the first Host line counts; in a file that is
   included where nothing counts, nothing ever does. */
void ssh_config_read(struct ssh_config *c, const char *text, size_t n, bool active,
		     ssh_config_include *include, void *arg);
void ssh_config_release(struct ssh_config *c);
/* "yes" in any of its spellings. */
bool ssh_config_yes(const struct ssh_config *c, enum ssh_config_text id);

/* What `%` and a leading `~` stand for; any may be NULL. */
struct ssh_tokens {
	const char *home, *local_user;   /* ~ %d, %u */
	const char *host, *original;     /* %h, %n */
	const char *user;                /* %r */
	unsigned port;                   /* %p */
};
/* The text with them replaced, appended. */
void ssh_config_expand(struct buf *out, const char *text, const struct ssh_tokens *t);

/* "[user@]host[:port]", "ssh://…", an IPv6 address in brackets. False: broken. `host` is filled,
   `user` empty and `port` 0 where not said. */
struct ssh_place {
	char user[128], host[256];
	unsigned port;
};
bool ssh_place_parse(const char *s, size_t n, struct ssh_place *p);

#endif
