#include "io/loginpath.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"

/*
 * The file: 4 bytes unused, 20 bytes of key, then for each line its length (4 bytes, little end first)
 * and so many bytes of AES-128-ECB with padding. The AES key is the 20 bytes folded into 16.
 */
enum {
	KEY_AT = 4,
	KEY_BYTES = 20,
	LINES_AT = KEY_AT + KEY_BYTES,
	AES_BYTES = 16,
	LONGEST_LINE = 4096,
	MOST_BYTES = 1 << 20,
};

char *loginpath_file(void)
{
	const char *named = getenv("MYSQL_TEST_LOGIN_FILE"), *home = getenv("HOME");

	if (named && *named)
		return xstrdup(named);
	return home && *home ? xasprintf("%s/.mylogin.cnf", home) : NULL;
}

static bool broken(const char *path, const char *why, struct err *err)
{
	return err_setf(err, ERR_USAGE, "login path", "mysql_config_editor writes it anew",
			"%s: %s", path, why);
}

/* One line; `out` has room for n + AES_BYTES. The count of bytes, or -1. */
static int decrypt_line(EVP_CIPHER_CTX *c, const unsigned char key[AES_BYTES],
			const unsigned char *in, int n, unsigned char *out)
{
	int got, rest;

	if (!EVP_DecryptInit_ex(c, EVP_aes_128_ecb(), NULL, key, NULL) ||
	    !EVP_DecryptUpdate(c, out, &got, in, n) || !EVP_DecryptFinal_ex(c, out + got, &rest))
		return -1;
	return got + rest;
}

bool loginpath_decrypt(const char *path, const unsigned char *bytes, size_t n, struct buf *out,
		       struct err *err)
{
	unsigned char key[AES_BYTES] = {0}, line[LONGEST_LINE + AES_BYTES];
	EVP_CIPHER_CTX *c;
	size_t at = LINES_AT;
	bool ok = true;

	if (n < LINES_AT)
		return broken(path, "too short", err);
	for (int i = 0; i < KEY_BYTES; i++)
		key[i % AES_BYTES] ^= bytes[KEY_AT + i];
	c = EVP_CIPHER_CTX_new();
	while (ok && at < n) {
		uint32_t len = 0;
		int got = -1;
		if (n - at >= 4)
			len = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
			      (uint32_t)bytes[at + 3] << 24;
		if (len && len <= LONGEST_LINE && len % AES_BYTES == 0 && len <= n - at - 4)
			got = decrypt_line(c, key, bytes + at + 4, (int)len, line);
		ok = got >= 0 || broken(path, "damaged, or not a login path file", err);
		if (ok)
			buf_add(out, line, (size_t)got);
		at += 4 + (size_t)len;
	}
	EVP_CIPHER_CTX_free(c);
	mem_wipe(key, sizeof key);
	mem_wipe(line, sizeof line);
	return ok;
}

bool loginpath_read(const char *path, struct buf *out, struct err *err)
{
	struct stat st;
	struct buf raw = BUF_INIT;
	bool ok = false;
	FILE *f = fopen(path, "re");

	if (!f) {
		err_setf(err, ERR_USAGE, "login path", NULL, "%s: %s", path, strerror(errno));
		if (err)
			err->code = (unsigned)errno;
		return false;
	}
	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
		broken(path, "it is no file", err);
	} else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		err_setf(err, ERR_USAGE, "login path", "chmod 600 makes it private",
			 "%s is left out: others may read or write it", path);
	} else if (st.st_size > MOST_BYTES) {
		broken(path, "too large", err);
	} else {
		buf_reserve(&raw, (size_t)st.st_size);
		raw.len = fread(raw.s, 1, (size_t)st.st_size, f);
		ok = loginpath_decrypt(path, (const unsigned char *)raw.s, raw.len, out, err);
		mem_wipe(raw.s, raw.cap);
	}
	buf_release(&raw);
	fclose(f);
	return ok;
}
