/*
 * Any bytes as a known_hosts file. A key that no line holds never matches; whatever is asked, a second
 * reading says the same; and a revocation put in front always wins.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "parse/known_hosts.h"
#include "tests/fuzz/fuzz.h"

/* A key of the right form that no file holds: its bytes come after the type. */
static const unsigned char key[] = "\0\0\0\013ssh-ed25519\0\0\0\040 nobody has this key, I do hope";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct known_hosts_file f[2] = {{"f", (const char *)data, size}, {"g", "", 0}};
	struct buf line = BUF_INIT, types = BUF_INIT, public = BUF_INIT;
	struct ssh_private_key private;

	for (unsigned port = 22; port < 24; port++) {
		struct known_hosts k = {f, 2, "db1.example.com", port};
		struct known_hosts_answer a;
		f[1] = (struct known_hosts_file){"g", "", 0};
		a = known_hosts_check(&k, key, sizeof key - 1);
		CHECK(a.verdict != KNOWN_HOST_MATCH || memmem(data, size, "bm9ib2R5", 8));
		CHECK((a.verdict == KNOWN_HOST_UNKNOWN) == (a.line == 0));
		known_hosts_types(&k, &types);

		buf_adds(&line, "@revoked ");
		known_hosts_line(&line, k.host, port, key, sizeof key - 1, NULL);
		f[1] = (struct known_hosts_file){"g", line.s, line.len};
		CHECK(known_hosts_check(&k, key, sizeof key - 1).verdict == KNOWN_HOST_REVOKED);
		buf_clear(&line);
	}
	/* what a person's key file may hold */
	ssh_private_key_read((const char *)data, size, &private, &public);
	ssh_public_key_read((const char *)data, size, &public);
	buf_release(&line);
	buf_release(&types);
	buf_release(&public);
	return 0;
}
