#include "parse/sshkey.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* --- base64, HMAC ---------------------------------------------------------------------------- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_decode(const char *s, size_t n, unsigned char *out, size_t size)
{
	uint32_t bits = 0;
	unsigned n_bits = 0, pads = 0;
	size_t len = 0;

	for (const char *end = s + n; s < end; s++) {
		const char *l;
		if (isspace((unsigned char)*s))
			continue;
		if (*s == '=') {
			pads++;
			continue;
		}
		l = *s ? strchr(letters, *s) : NULL;
		if (!l || pads)
			return 0;
		bits = bits << 6 | (uint32_t)(l - letters);
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		if (len == size)
			return 0;
		out[len++] = (unsigned char)(bits >> n_bits);
	}
	/* What is left are the zero bits of an incomplete byte. */
	return pads > 2 || n_bits == 6 || bits & ((1u << n_bits) - 1) ? 0 : len;
}

void base64_encode(const unsigned char *bytes, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
			     (left > 2 ? bytes[i + 2] : 0);
		buf_addc(out, letters[v >> 18]);
		buf_addc(out, letters[v >> 12 & 63]);
		buf_addc(out, left > 1 ? letters[v >> 6 & 63] : '=');
		buf_addc(out, left > 2 ? letters[v & 63] : '=');
	}
}

void ssh_hmac(const unsigned char *key, size_t n_key, const void *text, size_t n,
	      unsigned char out[SSH_HMAC_SIZE])
{
	HMAC(EVP_sha1(), key, (int)n_key, text, n, out, NULL);
}

/* --- public keys ----------------------------------------------------------------------------- */

struct reader {
	const unsigned char *p, *end;
};

static bool read_u32(struct reader *r, uint32_t *v)
{
	if (r->end - r->p < 4)
		return false;
	*v = (uint32_t)r->p[0] << 24 | (uint32_t)r->p[1] << 16 | (uint32_t)r->p[2] << 8 | r->p[3];
	r->p += 4;
	return true;
}

static bool read_string(struct reader *r, const unsigned char **s, size_t *n)
{
	uint32_t len;

	if (!read_u32(r, &len) || len > (size_t)(r->end - r->p))
		return false;
	*s = r->p;
	*n = len;
	r->p += len;
	return true;
}

void ssh_key_type(const unsigned char *key, size_t n, char out[SSH_KEY_TYPE_SIZE])
{
	struct reader r = {key, key + n};
	const unsigned char *s;
	size_t len;

	*out = '\0';
	if (!n || !read_string(&r, &s, &len) || !len || len >= SSH_KEY_TYPE_SIZE)
		return;
	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == ',')
			return;
	memcpy(out, s, len);
	out[len] = '\0';
}

const char *ssh_key_title(const char *type)
{
	static const struct {
		const char *prefix, *title;
	} titles[] = {
		{"ssh-ed25519", "ED25519"}, {"ecdsa-sha2-", "ECDSA"},	     {"ssh-rsa", "RSA"},
		{"ssh-dss", "DSA"},	    {"sk-ssh-ed25519", "ED25519-SK"}, {"sk-ecdsa-", "ECDSA-SK"},
	};

	for (size_t i = 0; i < COUNT_OF(titles); i++)
		if (strncmp(type, titles[i].prefix, strlen(titles[i].prefix)) == 0)
			return titles[i].title;
	return *type ? type : "private";
}

void ssh_key_fingerprint(const unsigned char *key, size_t n, struct buf *out)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	EVP_Digest(key, n, hash, &len, EVP_sha256(), NULL);
	buf_adds(out, "SHA256:");
	base64_encode(hash, len, out);
	while (out->len && out->s[out->len - 1] == '=')
		out->s[--out->len] = '\0';
}

bool ssh_public_key_read(const char *text, size_t n, struct buf *out)
{
	const char *end = memchr(text, '\n', n), *key, *stop;
	unsigned char *bytes;
	char type[SSH_KEY_TYPE_SIZE];
	size_t len;

	if (!end)
		end = text + n;
	key = memchr(text, ' ', (size_t)(end - text));
	if (!key)
		return false;
	key++;
	stop = memchr(key, ' ', (size_t)(end - key));
	n = (size_t)((stop ? stop : end) - key);
	bytes = xmalloc(n + 1);
	len = base64_decode(key, n, bytes, n);
	ssh_key_type(bytes, len, type);
	if (*type)
		buf_add(out, bytes, len);
	free(bytes);
	return *type != '\0';
}

/* --- private keys ---------------------------------------------------------------------------- */

/* The text after `what`, NULL without. */
static const char *after(const char *text, size_t n, const char *what)
{
	const char *at = memmem(text, n, what, strlen(what));
	return at ? at + strlen(what) : NULL;
}

/* "openssh-key-v1\0", cipher, key derivation, its options, how many keys, the public key, the rest. */
static bool read_openssh(const char *text, size_t n, struct ssh_private_key *k, struct buf *public)
{
	static const char magic[] = "openssh-key-v1";
	unsigned char *bytes = xmalloc(n + 1);
	size_t len = base64_decode(text, n, bytes, n), n_cipher = 0, skip, n_key;
	struct reader r = {bytes, bytes + len};
	const unsigned char *cipher = NULL, *s;
	uint32_t count;
	bool ok = len > sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;

	if (ok) {
		r.p += sizeof magic;
		ok = read_string(&r, &cipher, &n_cipher) && read_string(&r, &s, &skip) &&
		     read_string(&r, &s, &skip) && read_u32(&r, &count) && count == 1 &&
		     read_string(&r, &s, &n_key);
	}
	if (ok) {
		k->encrypted = n_cipher != 4 || memcmp(cipher, "none", 4) != 0;
		ssh_key_type(s, n_key, k->type);
		buf_add(public, s, n_key);
		ok = *k->type != '\0';
	}
	mem_wipe(bytes, len);
	free(bytes);
	return ok;
}

bool ssh_private_key_read(const char *text, size_t n, struct ssh_private_key *k, struct buf *public)
{
	static const struct {
		const char *begin, *type;
		bool encrypted;
	} pem[] = {
		{"-----BEGIN RSA PRIVATE KEY-----", "ssh-rsa", false},
		{"-----BEGIN EC PRIVATE KEY-----", "", false},
		{"-----BEGIN DSA PRIVATE KEY-----", "ssh-dss", false},
		{"-----BEGIN ENCRYPTED PRIVATE KEY-----", "", true},
		{"-----BEGIN PRIVATE KEY-----", "", false},
	};
	const char *body = after(text, n, "-----BEGIN OPENSSH PRIVATE KEY-----");

	*k = (struct ssh_private_key){0};
	if (body) {
		const char *end = memmem(body, n - (size_t)(body - text), "-----END", 8);
		return end && read_openssh(body, (size_t)(end - body), k, public);
	}
	for (size_t i = 0; i < COUNT_OF(pem); i++) {
		if (!(body = after(text, n, pem[i].begin)))
			continue;
		snprintf(k->type, sizeof k->type, "%s", pem[i].type);
		k->encrypted = pem[i].encrypted ||
			       after(body, n - (size_t)(body - text), "Proc-Type: 4,ENCRYPTED");
		return true;
	}
	return false;
}
