/*
 * OpenSSH's known_hosts, read by a parser of our own: libssh2's accepts revoked keys, knows no patterns
 * and gives up on one odd line. Pure, any thread; the caller reads the files. It fails closed: a line
 * that is not understood vouches for nothing, and a revocation counts wherever it stands.
 */
#ifndef PARSE_KNOWN_HOSTS_H
#define PARSE_KNOWN_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "parse/sshkey.h"

struct buf;

/* The text of one file; borrowed. */
struct known_hosts_file {
	const char *path;
	const char *text;
	size_t len;
};

struct known_hosts {
	const struct known_hosts_file *files;
	unsigned n;
	const char *host; /* name or address; case does not count */
	unsigned port;    /* 22: plain; another: `[host]:port`, or, for a key that matches, plain */
};

enum known_hosts_verdict {
	KNOWN_HOST_UNKNOWN,    /* no key is known */
	KNOWN_HOST_MATCH,
	KNOWN_HOST_OTHER_TYPE, /* keys of other types are known, none of this one */
	KNOWN_HOST_CHANGED,    /* another key of this type is known */
	KNOWN_HOST_REVOKED,
};

struct known_hosts_answer {
	enum known_hosts_verdict verdict;
	const char *path;      /* of the line that decided; NULL without */
	unsigned line;
	char type[SSH_KEY_TYPE_SIZE]; /* the known key's */
	bool authority;        /* the host is known by a certificate authority, which is no help for a
				  plain key */
	unsigned odd;          /* lines that were skipped */
};

/* `key`: as it goes over the wire. */
struct known_hosts_answer known_hosts_check(const struct known_hosts *k, const unsigned char *key,
					    size_t n_key);
/* Append the types of the host's known keys, each once: "ssh-ed25519,ssh-rsa". */
void known_hosts_types(const struct known_hosts *k, struct buf *out);

/* The line to append for an accepted key, with a line feed; its name hashed with `salt`
   (KNOWN_HOST_SALT bytes, random), or plain without. */
enum { KNOWN_HOST_SALT = 20 };
void known_hosts_line(struct buf *out, const char *host, unsigned port, const unsigned char *key,
		      size_t n_key, const unsigned char *salt);

#endif
