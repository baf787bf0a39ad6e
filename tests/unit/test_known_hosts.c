#include <string.h>

#include "base/buf.h"
#include "parse/known_hosts.h"
#include "parse/wildcard.h"
#include "tests/unit/cmocka_all.h"

/* Made by ssh-keygen for this test: two keys of one type, one of another. */
#define ED1 "AAAAC3NzaC1lZDI1NTE5AAAAIEsip4/A9GdrFQSQccV3Nt5VmUgaOi9+jaln5gWCeEkY"
#define ED2 "AAAAC3NzaC1lZDI1NTE5AAAAINhoXYK4rE3tPsiUspKoIORO76gwAGlYePnmqDXWKoHC"
#define EC1 \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDtjE+QivC9Y3I+UB/" \
	"8f+bF6yklqkkeDDeGHV5/fvyCIk4C0AoV+s4a/r8Iqy0zPj9osf92qc87epmeCkhmxUZw="
/* db1.example.com and [db1.example.com]:2222, as ssh-keygen -H wrote them. */
#define HASHED "|1|XjAYXvLyDHIPD6AL6HTUhogat0g=|+aR4j+iQ3728DYY9RxxQdx4GstU="
#define HASHED_2222 "|1|fM80vDzFDfyshheyWFvWNzqhVDc=|6VnFW23mLvUR3UpjK+aSXG7b+uQ="

struct try {
	const char *text, *host;
	unsigned port;
	const char *key;
	enum known_hosts_verdict want;
	unsigned line;
};

static struct known_hosts_answer check(const char *text, const char *host, unsigned port, const char *key)
{
	struct known_hosts_file f = {"kh", text, strlen(text)};
	struct known_hosts k = {&f, 1, host, port};
	unsigned char bytes[256];
	size_t n = base64_decode(key, strlen(key), bytes, sizeof bytes);

	assert_true(n > 0);
	return known_hosts_check(&k, bytes, n);
}

static void check_all(const struct try *t)
{
	for (; t->text; t++) {
		struct known_hosts_answer a = check(t->text, t->host, t->port, t->key);
		if (a.verdict != t->want || a.line != t->line)
			fail_msg("%s for %s: verdict %d at line %u", t->text, t->host, (int)a.verdict, a.line);
		assert_true(!a.line == !a.path);
	}
}

static void names_are_found(void **state)
{
	(void)state;
	static const struct try tries[] = {
		{"db ssh-ed25519 " ED1 "\n", "db", 22, ED1, KNOWN_HOST_MATCH, 1},
		{"db ssh-ed25519 " ED1, "DB", 22, ED1, KNOWN_HOST_MATCH, 1},
		{"Db,10.0.0.1 ssh-ed25519 " ED1 " me@there", "10.0.0.1", 22, ED1, KNOWN_HOST_MATCH, 1},
		{"# db\n\n\tdb\tssh-ed25519\t" ED1 "\r\n", "db", 22, ED1, KNOWN_HOST_MATCH, 3},
		{"db ssh-ed25519 " ED1, "db2", 22, ED1, KNOWN_HOST_UNKNOWN, 0},
		{"db? ssh-ed25519 " ED1, "db2", 22, ED1, KNOWN_HOST_MATCH, 1},
		{"*.prod,!x.prod ssh-ed25519 " ED1, "db.prod", 22, ED1, KNOWN_HOST_MATCH, 1},
		{"*.prod,!x.prod ssh-ed25519 " ED1, "x.prod", 22, ED1, KNOWN_HOST_UNKNOWN, 0},
		{"!x.prod ssh-ed25519 " ED1, "db.prod", 22, ED1, KNOWN_HOST_UNKNOWN, 0},
		{HASHED " ssh-ed25519 " ED1, "db1.example.com", 22, ED1, KNOWN_HOST_MATCH, 1},
		{HASHED " ssh-ed25519 " ED1, "db2.example.com", 22, ED1, KNOWN_HOST_UNKNOWN, 0},
		{HASHED " ssh-ed25519 " ED2, "db1.example.com", 22, ED1, KNOWN_HOST_CHANGED, 1},
		{HASHED_2222 " ssh-ed25519 " ED1, "db1.example.com", 2222, ED1, KNOWN_HOST_MATCH, 1},
		{HASHED_2222 " ssh-ed25519 " ED1, "db1.example.com", 22, ED1, KNOWN_HOST_UNKNOWN, 0},
		{"[db]:2222 ssh-ed25519 " ED1, "db", 2222, ED1, KNOWN_HOST_MATCH, 1},
		{"[db]:2222 ssh-ed25519 " ED1, "db", 22, ED1, KNOWN_HOST_UNKNOWN, 0},
		{"[db]:2222 ssh-ed25519 " ED2, "db", 2222, ED1, KNOWN_HOST_CHANGED, 1},
		/* without its port a name can only confirm */
		{"db ssh-ed25519 " ED1, "db", 2222, ED1, KNOWN_HOST_MATCH, 1},
		{"db ssh-ed25519 " ED2, "db", 2222, ED1, KNOWN_HOST_UNKNOWN, 0},
		{"db ssh-ed25519 " ED1 "\n[db]:2222 ssh-ed25519 " ED2, "db", 2222, ED1, KNOWN_HOST_CHANGED, 2},
		{0},
	};
	check_all(tries);
}

static void keys_are_weighed(void **state)
{
	(void)state;
	static const struct try tries[] = {
		{"db ssh-ed25519 " ED2, "db", 22, ED1, KNOWN_HOST_CHANGED, 1},
		{"db ssh-ed25519 " ED2 "\ndb ssh-ed25519 " ED1, "db", 22, ED1, KNOWN_HOST_MATCH, 2},
		{"db ssh-ed25519 " ED1 "\ndb ssh-ed25519 " ED2, "db", 22, ED1, KNOWN_HOST_MATCH, 1},
		{"db ecdsa-sha2-nistp256 " EC1, "db", 22, ED1, KNOWN_HOST_OTHER_TYPE, 1},
		{"db ecdsa-sha2-nistp256 " EC1 "\ndb ssh-ed25519 " ED2, "db", 22, ED1, KNOWN_HOST_CHANGED, 2},
		{"db ssh-ed25519 " ED1 "\n@revoked * ssh-ed25519 " ED1, "db", 22, ED1, KNOWN_HOST_REVOKED, 2},
		{"@revoked * ssh-ed25519 " ED1 "\ndb ssh-ed25519 " ED1, "db", 22, ED1, KNOWN_HOST_REVOKED, 1},
		{"@revoked db ssh-ed25519 " ED1, "db", 2222, ED1, KNOWN_HOST_REVOKED, 1},
		{"@revoked db ssh-ed25519 " ED2 "\ndb ssh-ed25519 " ED1, "db", 22, ED1, KNOWN_HOST_MATCH, 2},
		{"@revoked other ssh-ed25519 " ED1 "\ndb ssh-ed25519 " ED1, "db", 22, ED1, KNOWN_HOST_MATCH,
		 2},
		{"@revoked db ssh-ed25519 " ED2, "db", 22, ED1, KNOWN_HOST_UNKNOWN, 0},
		{"@cert-authority * ssh-ed25519 " ED1, "db", 22, ED1, KNOWN_HOST_UNKNOWN, 0},
		{0},
	};
	check_all(tries);
	assert_true(check("@cert-authority * ssh-ed25519 " ED2, "db", 22, ED1).authority);
	assert_false(check("@cert-authority x ssh-ed25519 " ED2, "db", 22, ED1).authority);
}

static void odd_lines_vouch_for_nothing(void **state)
{
	(void)state;
	static const char *const odd[] = {
		"db",
		"db ssh-ed25519",
		"db ssh-ed25519 !!!!",
		"db ssh-ed25519 AAAA",
		"db ssh-rsa " ED1,
		"db ecdsa-sha2-nistp256 " ED1,
		"db 2048 65537 12345678901234567890",
		"@what db ssh-ed25519 " ED1,
		"@revoked",
		"|1|AAAA ssh-rsa x",
	};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct known_hosts_answer a = check(odd[i], "db", 22, ED1);
		if (a.verdict != KNOWN_HOST_UNKNOWN || a.odd != 1)
			fail_msg("%s: verdict %d, %u odd lines", odd[i], (int)a.verdict, a.odd);
		buf_addf(&text, "%s\n", odd[i]);
	}
	/* and the rest of the file counts all the same */
	buf_adds(&text, "db ssh-ed25519 " ED1 "\n");
	assert_int_equal(check(buf_str(&text), "db", 22, ED1).verdict, KNOWN_HOST_MATCH);
	assert_int_equal(check(buf_str(&text), "db", 22, ED1).odd, sizeof odd / sizeof *odd);
	buf_release(&text);
}

static void check_types(const char *text, unsigned port, const char *want)
{
	struct known_hosts_file f[] = {{"a", text, strlen(text)}, {"b", text, strlen(text)}};
	struct known_hosts k = {f, 2, "db", port};
	struct buf out = BUF_INIT;

	known_hosts_types(&k, &out);
	assert_string_equal(buf_str(&out), want);
	buf_release(&out);
}

static void known_types_are_listed(void **state)
{
	(void)state;
	check_types("x ssh-ed25519 " ED1, 22, "");
	check_types("db ecdsa-sha2-nistp256 " EC1 "\ndb ssh-ed25519 " ED1 "\ndb ssh-ed25519 " ED2, 22,
		    "ecdsa-sha2-nistp256,ssh-ed25519");
	check_types("db ssh-ed25519 " ED1, 2222, "ssh-ed25519");
	check_types("@revoked db ssh-ed25519 " ED1 "\n@cert-authority db ssh-ed25519 " ED2, 22, "");
}

static void added_lines_are_found_again(void **state)
{
	(void)state;
	static const unsigned char salt[KNOWN_HOST_SALT] = "some twenty bytes...";
	unsigned char key[256];
	size_t n = base64_decode(ED1, strlen(ED1), key, sizeof key);
	struct buf line = BUF_INIT;

	known_hosts_line(&line, "DB", 22, key, n, NULL);
	assert_string_equal(buf_str(&line), "db ssh-ed25519 " ED1 "\n");
	buf_clear(&line);
	known_hosts_line(&line, "db", 2222, key, n, NULL);
	assert_string_equal(buf_str(&line), "[db]:2222 ssh-ed25519 " ED1 "\n");
	buf_clear(&line);
	known_hosts_line(&line, "db", 2222, key, n, salt);
	assert_true(strncmp(buf_str(&line), "|1|c29t", 7) == 0);
	assert_int_equal(check(buf_str(&line), "db", 2222, ED1).verdict, KNOWN_HOST_MATCH);
	assert_int_equal(check(buf_str(&line), "db", 2222, ED2).verdict, KNOWN_HOST_CHANGED);
	assert_int_equal(check(buf_str(&line), "db", 22, ED1).verdict, KNOWN_HOST_UNKNOWN);
	buf_release(&line);
}

static void wildcards(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *text;
		bool want;
	} tries[] = {
		{"", "", true},	      {"", "a", false},	     {"*", "", true},	  {"*", "abc", true},
		{"a*c", "abc", true}, {"a*c", "abd", false}, {"?", "a", true},	  {"?", "", false},
		{"*b*", "abc", true}, {"a*a*a", "aa", false}, {"A?c", "abC", true}, {"**x", "aax", true},
	};

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
		if (wildcard_match(tries[i].pattern, strlen(tries[i].pattern), tries[i].text) != tries[i].want)
			fail_msg("%s, %s", tries[i].pattern, tries[i].text);
}

static void fingerprints(void **state)
{
	(void)state;
	unsigned char key[256];
	size_t n = base64_decode(ED1, strlen(ED1), key, sizeof key);
	struct buf out = BUF_INIT;
	char type[SSH_KEY_TYPE_SIZE];

	ssh_key_fingerprint(key, n, &out);
	assert_string_equal(buf_str(&out), "SHA256:LWgBckh+eE7QZ7DPGbDikDsfkzRaKcsVsG5lVMKF0pc");
	ssh_key_type(key, n, type);
	assert_string_equal(type, "ssh-ed25519");
	assert_string_equal(ssh_key_title(type), "ED25519");
	ssh_key_type(key, 3, type);
	assert_string_equal(type, "");
	buf_release(&out);
}

/* Throw-away keys. */
#define PLAIN_ED25519 \
	"-----BEGIN OPENSSH PRIVATE KEY-----\n" \
	"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n" \
	"QyNTUxOQAAACBLIqePwPRnaxUEkHHFdzbeVZlIGjovfo2pZ+YFgnhJGAAAAIjG8WVDxvFl\n" \
	"QwAAAAtzc2gtZWQyNTUxOQAAACBLIqePwPRnaxUEkHHFdzbeVZlIGjovfo2pZ+YFgnhJGA\n" \
	"AAAEDfENs3p+isw2Qsf9hjthpgmIhU3UraNIKi7+uuzGfGnksip4/A9GdrFQSQccV3Nt5V\n" \
	"mUgaOi9+jaln5gWCeEkYAAAABHRlc3QB\n" \
	"-----END OPENSSH PRIVATE KEY-----\n"
#define LOCKED_ECDSA \
	"-----BEGIN OPENSSH PRIVATE KEY-----\n" \
	"b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDBGob2n9\n" \
	"ovn3og4KjMTRWHAAAAEAAAAAEAAABoAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlz\n" \
	"dHAyNTYAAABBBJwVV4gtJwT7QAeOzOxWqxgoTtY1g1lMySdPPMUW8mll6C5Ant2Y70cRgi\n" \
	"sC81YH3alMUISieEC/ADRJItVXLS0AAACgzA707eET0sv0htbOoCJFy9hT9atv2SEdoBZP\n" \
	"vAmXRomHv0nkEgNabPoS4wSv7YBSvY90h4OAd98T3PjiH86V923SBBSUgueDpcen4yMnsU\n" \
	"O7fJkjPrAHs/OkvinxmuKzGL40Wb2LGu+soPaYjp34C0kul1vpxjsvPemaWEn5vKI2S6gM\n" \
	"Kwiw1m1ILbCpxKPVR7i2gaZYmXuqZYHnAI/mqw==\n" \
	"-----END OPENSSH PRIVATE KEY-----\n"

static void private_keys_tell_what_they_are(void **state)
{
	(void)state;
	struct ssh_private_key k;
	struct buf public = BUF_INIT, again = BUF_INIT;

	assert_true(ssh_private_key_read(PLAIN_ED25519, strlen(PLAIN_ED25519), &k, &public));
	assert_string_equal(k.type, "ssh-ed25519");
	assert_false(k.encrypted);
	assert_true(ssh_public_key_read("ssh-ed25519 " ED1 " me", strlen("ssh-ed25519 " ED1 " me"), &again));
	assert_int_equal(public.len, again.len);
	assert_memory_equal(public.s, again.s, again.len);
	buf_clear(&public);
	assert_true(ssh_private_key_read(LOCKED_ECDSA, strlen(LOCKED_ECDSA), &k, &public));
	assert_string_equal(k.type, "ecdsa-sha2-nistp256");
	assert_true(k.encrypted);
	buf_clear(&public);
#define PEM "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
	assert_true(ssh_private_key_read(PEM, strlen(PEM), &k, &public));
	assert_string_equal(k.type, "ssh-rsa");
	assert_true(k.encrypted);
	assert_int_equal(public.len, 0);
	/* cut in the middle, no key at all */
	assert_false(ssh_private_key_read(PLAIN_ED25519, 120, &k, &public));
	assert_false(ssh_private_key_read("hello", 5, &k, &public));
	assert_false(ssh_public_key_read("ssh-ed25519 AAAAC3N", 19, &again));
	buf_release(&public);
	buf_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(keys_are_weighed),
		cmocka_unit_test(odd_lines_vouch_for_nothing),
		cmocka_unit_test(known_types_are_listed),
		cmocka_unit_test(added_lines_are_found_again),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(private_keys_tell_what_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
