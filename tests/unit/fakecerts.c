#include "tests/unit/fakecerts.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/fatal.h"

enum { DAY = 86400 };

struct pair {
	X509 *cert;
	EVP_PKEY *key;
};

static void pair_release(struct pair *p)
{
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
}

static void extend(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	BUG_ON(!e);
	X509_add_ext(cert, e, -1);
	X509_EXTENSION_free(e);
}

static void save(const struct pair *p, const char *dir, const char *name)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.pem", dir, name);
	BUG_ON(!(f = fopen(path, "w")) || !PEM_write_X509(f, p->cert));
	fclose(f);
	snprintf(path, sizeof path, "%s/%s-key.pem", dir, name);
	BUG_ON(!(f = fopen(path, "w")) || !PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL));
	fclose(f);
}

/* Signed by `ca`, or by itself where that is NULL. */
static struct pair make(const char *dir, const char *name, const char *common_name, const char *san,
			long days, const struct pair *ca)
{
	static long serial;
	struct pair p = {X509_new(), EVP_EC_gen("P-256")};
	X509_NAME *subject = X509_get_subject_name(p.cert);

	X509_set_version(p.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(p.cert), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(p.cert), -2 * DAY);
	X509_gmtime_adj(X509_getm_notAfter(p.cert), days * DAY);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1,
				   -1, 0);
	X509_set_issuer_name(p.cert, ca ? X509_get_subject_name(ca->cert) : subject);
	X509_set_pubkey(p.cert, p.key);
	if (san)
		extend(p.cert, NID_subject_alt_name, san);
	if (!ca)
		extend(p.cert, NID_basic_constraints, "critical,CA:TRUE");
	BUG_ON(!X509_sign(p.cert, ca ? ca->key : p.key, EVP_sha256()));
	save(&p, dir, name);
	return p;
}

void fake_certificates(const char *dir)
{
	static const struct {
		const char *name, *common_name, *san;
		long days;
	} rows[] = {
		{"server", "localhost", "DNS:localhost", 30},
		{"ip", "127.0.0.1", "IP:127.0.0.1", 30},
		{"elsewhere", "db.example", "DNS:db.example", 30},
		{"expired", "localhost", "DNS:localhost", -1},
	};
	struct pair ca = make(dir, "ca", "fathom test authority", NULL, 30, NULL);
	struct pair other = make(dir, "other-ca", "another authority", NULL, 30, NULL);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pair p = make(dir, rows[i].name, rows[i].common_name, rows[i].san, rows[i].days, &ca);
		pair_release(&p);
	}
	pair_release(&ca);
	pair_release(&other);
}
