/*
 * Keys of SSH: what can be told of one without using it, so that a person is asked for a passphrase only
 * where the server would take the key, and so that what libssh2 cannot use is named. No secret is
 * read: of a private key file only its public head. Pure, any thread.
 */
#ifndef PARSE_SSHKEY_H
#define PARSE_SSHKEY_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum { SSH_KEY_TYPE_SIZE = 64 };

/* The type of a key as it goes over the wire ("ssh-ed25519"); "" when it is broken. */
void ssh_key_type(const unsigned char *key, size_t n, char out[SSH_KEY_TYPE_SIZE]);
/* "ED25519", "ECDSA", "RSA": for people. A type unknown to us as it is. */
const char *ssh_key_title(const char *type);
/* Append "SHA256:…", as OpenSSH shows it. */
void ssh_key_fingerprint(const unsigned char *key, size_t n, struct buf *out);

struct ssh_private_key {
	char type[SSH_KEY_TYPE_SIZE]; /* "" when its file does not say */
	bool encrypted;
};
/* The text of a private key file: OpenSSH's own format, or PEM. The public key, in wire form, goes to
   `public` where the file has it in clear. False: this is no private key. */
bool ssh_private_key_read(const char *text, size_t n, struct ssh_private_key *k, struct buf *public);
/* The key of a `.pub` file, in wire form, appended. False: there is none. */
bool ssh_public_key_read(const char *text, size_t n, struct buf *out);

/* Base64, line breaks and blanks skipped; bytes written, 0 when it is broken or larger than `size`. */
size_t base64_decode(const char *s, size_t n, unsigned char *out, size_t size);
void base64_encode(const unsigned char *bytes, size_t n, struct buf *out);

/* HMAC-SHA1, of known_hosts' hashed names. */
enum { SSH_HMAC_SIZE = 20 };
void ssh_hmac(const unsigned char *key, size_t n_key, const void *text, size_t n,
	      unsigned char out[SSH_HMAC_SIZE]);

#endif
