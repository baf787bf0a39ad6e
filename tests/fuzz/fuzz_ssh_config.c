/* Any bytes as an OpenSSH client configuration, and as a place to go to. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "parse/ssh_config.h"
#include "tests/fuzz/fuzz.h"

struct included {
	const char *text;
	size_t n;
	unsigned depth;
};

/* The second half of the bytes, a few times. */
static void include(struct ssh_config *c, const char *pattern, bool active, void *arg)
{
	struct included *i = arg;

	(void)pattern;
	if (i->depth++ < 3)
		ssh_config_read(c, i->text + i->n / 2, i->n - i->n / 2, active, include, i);
}

static void read_all(const char *text, size_t n, bool active)
{
	static const struct ssh_tokens tokens = {"/home/me", "me", "db", "d", "anna", 22};
	struct ssh_config c = {.host = "db1", .user = "anna", .local_user = "me"};
	struct included i = {text, n, 0};
	struct buf out = BUF_INIT;

	ssh_config_read(&c, text, n, active, include, &i);
	for (int t = 0; t < N_SSH_TEXTS; t++) {
		if (!active && c.text[t])
			abort();
		if (c.text[t])
			ssh_config_expand(&out, c.text[t], &tokens);
	}
	if (!active && c.needs_child)
		abort();
	buf_release(&out);
	ssh_config_release(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ssh_place p;

	read_all((const char *)data, size, true);
	read_all((const char *)data, size, false);
	if (ssh_place_parse((const char *)data, size, &p) && (!*p.host || *p.host == '-'))
		abort();
	return 0;
}
