#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/ssh_config.h"
#include "tests/unit/cmocka_all.h"

static void no_include(struct ssh_config *c, const char *pattern, bool active, void *arg)
{
	(void)arg;
	/* what a test includes is the text itself, with _ for blanks and ; for line feeds */
	char *text = xstrdup(pattern);
	for (char *p = text; *p; p++)
		*p = *p == '_' ? ' ' : *p == ';' ? '\n' : *p;
	ssh_config_read(c, text, strlen(text), active, NULL, NULL);
	free(text);
}

static struct ssh_config read(const char *host, const char *text)
{
	struct ssh_config c = {.host = host, .local_user = "me"};
	ssh_config_read(&c, text, strlen(text), true, no_include, NULL);
	return c;
}

/* What `text` gives for `host` as `id`. */
static void check(const char *text, const char *host, enum ssh_config_text id, const char *want)
{
	struct ssh_config c = read(host, text);
	if (want ? !c.text[id] || strcmp(c.text[id], want) != 0 : c.text[id] != NULL)
		fail_msg("%s for %s: %s", text, host, c.text[id] ? c.text[id] : "nothing");
	ssh_config_release(&c);
}

static void hosts(void **state)
{
	(void)state;
	static const char text[] = "User first\n"
				   "Host db* !db9\n  Port 2222\n  HostName %h.example.com\n"
				   "Host db1 web\n\tPort = 3333\n"
				   "host *\nUSER=last\nPort 4444\n";

	check(text, "db1", SSH_PORT, "2222");
	check(text, "web", SSH_PORT, "3333");
	check(text, "db9", SSH_PORT, "4444");
	check(text, "db1", SSH_USER, "first");
	check(text, "DB1", SSH_HOST_NAME, "%h.example.com");
	check(text, "web", SSH_HOST_NAME, NULL);
}

static void syntax(void **state)
{
	(void)state;
	check("Host x\r\nUser\tanna\r\n", "x", SSH_USER, "anna");
	check("User \"a b\" # more\n", "x", SSH_USER, "a b");
	check("User 'a \"b'\n", "x", SSH_USER, "a \"b");
	check("User=\"a\\\"b\"", "x", SSH_USER, "a\"b");
	check("Frobnicate \"open\nUser u\n", "x", SSH_USER, "u");
	check("User \"open\nUser u\n", "x", SSH_USER, "u");
	check("User\nUser u\n", "x", SSH_USER, "u");
	check("#User c\n  # User d\nUser u", "x", SSH_USER, "u");
	check("Host \"x\"\nUser u\n", "x", SSH_USER, "u");

	struct ssh_config c = read("x", "User \"open\nUser\nUser u\n");
	assert_int_equal(c.odd, 2);
	ssh_config_release(&c);
}

static void lists(void **state)
{
	(void)state;
	struct ssh_config c = read("x", "IdentityFile ~/a\nIdentityFile ~/b\nIdentityFile ~/a\n"
					"UserKnownHostsFile one \"two three\"\nUserKnownHostsFile four\n"
					"IdentitiesOnly yes\n");
	assert_int_equal(c.list[SSH_IDENTITIES].n, 2);
	assert_string_equal(c.list[SSH_IDENTITIES].of[1], "~/b");
	assert_int_equal(c.list[SSH_USER_KNOWN_HOSTS].n, 2);
	assert_string_equal(c.list[SSH_USER_KNOWN_HOSTS].of[1], "two three");
	assert_true(ssh_config_yes(&c, SSH_IDENTITIES_ONLY));
	assert_false(ssh_config_yes(&c, SSH_HASH_KNOWN_HOSTS));
	assert_null(c.needs_child);
	ssh_config_release(&c);
}

static void includes(void **state)
{
	(void)state;
	check("Include User_inner\nUser outer\n", "x", SSH_USER, "inner");
	check("User outer\nInclude User_inner\n", "x", SSH_USER, "outer");
	/* where nothing counts, no Host line of an included file does */
	check("Host y\nInclude Host_x;User_inner\nHost *\nUser outer\n", "x", SSH_USER, "outer");
	/* and a Host line in there ends with its file */
	check("Include Host_y;Port_1\nUser outer\n", "x", SSH_USER, "outer");
}

static void matches(void **state)
{
	(void)state;
	check("Match all\nUser u\n", "x", SSH_USER, "u");
	check("Match host x,y\nUser u\n", "x", SSH_USER, "u");
	check("Match host !x,*\nUser u\n", "x", SSH_USER, NULL);
	check("Match !host x\nUser u\n", "x", SSH_USER, NULL);
	check("HostName real\nMatch host real\nUser u\n", "x", SSH_USER, "u");
	check("HostName real\nMatch originalhost x localuser me\nUser u\n", "x", SSH_USER, "u");
	check("Match localuser you\nUser u\n", "x", SSH_USER, NULL);
	check("Match canonical\nUser u\n", "x", SSH_USER, NULL);
	check("Match exec \"test -f /x\"\nUser u\n", "x", SSH_USER, NULL);
}

static void check_child(const char *text, const char *want)
{
	struct ssh_config c = read("x", text);
	if (want ? !c.needs_child || strcmp(c.needs_child, want) != 0 : c.needs_child != NULL)
		fail_msg("%s: %s", text, c.needs_child ? c.needs_child : "nothing");
	ssh_config_release(&c);
}

static void what_only_ssh_can_do(void **state)
{
	(void)state;
	check_child("ProxyCommand nc %h %p\n", "ProxyCommand");
	check_child("ProxyCommand none\n", NULL);
	check_child("ProxyJump j\nProxyCommand nc\n", NULL);
	check_child("ProxyCommand nc\nProxyJump j\n", "ProxyCommand");
	check_child("Host y\nProxyCommand nc\n", NULL);
	check_child("Match exec true\n", "Match exec");
	check_child("Match host y exec true\n", NULL);
	check_child("Match host x exec true\n", "Match exec");
	check_child("Host y\nMatch exec true host y\n", NULL);
	check_child("CertificateFile ~/c\n", "CertificateFile");
	check_child("CanonicalizeHostname no\n", NULL);
}

static void expansions(void **state)
{
	(void)state;
	static const struct ssh_tokens t = {"/home/me", "me", "db.real", "db", "anna", 2222};
	static const struct {
		const char *text, *want;
	} tries[] = {
		{"~/.ssh/id", "/home/me/.ssh/id"},
		{"%d/%u-%r-%h-%n-%p-%%", "/home/me/me-anna-db.real-db-2222-%"},
		{"/a~b%q%", "/a~b%q%"},
		{"~other/x", "~other/x"},
	};

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct buf out = BUF_INIT;
		ssh_config_expand(&out, tries[i].text, &t);
		assert_string_equal(buf_str(&out), tries[i].want);
		buf_release(&out);
	}
}

static void places(void **state)
{
	(void)state;
	static const struct {
		const char *text, *user, *host;
		unsigned port;
	} tries[] = {
		{"db", "", "db", 0},
		{"me@db:2222", "me", "db", 2222},
		{"a@b@db", "a@b", "db", 0},
		{"[::1]:22", "", "::1", 22},
		{"me@[fe80::1]", "me", "fe80::1", 0},
		{"2001:db8::1", "", "2001:db8::1", 0},
		{"ssh://me@db:22/", "me", "db", 22},
		{"db:", NULL, NULL, 0},
		{"db:0", NULL, NULL, 0},
		{"db:65536", NULL, NULL, 0},
		{"db:2x", NULL, NULL, 0},
		{"@db", NULL, NULL, 0},
		{"", NULL, NULL, 0},
		{"-oProxyCommand=x", NULL, NULL, 0},
		{"a b", NULL, NULL, 0},
		{"$(id)", NULL, NULL, 0},
		{"[::1", NULL, NULL, 0},
		{"[::1]x", NULL, NULL, 0},
	};

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct ssh_place p;
		bool ok = ssh_place_parse(tries[i].text, strlen(tries[i].text), &p);
		if (ok != (tries[i].host != NULL))
			fail_msg("%s", tries[i].text);
		if (!ok)
			continue;
		assert_string_equal(p.user, tries[i].user);
		assert_string_equal(p.host, tries[i].host);
		assert_int_equal(p.port, tries[i].port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts),	 cmocka_unit_test(syntax),
		cmocka_unit_test(lists),	 cmocka_unit_test(includes),
		cmocka_unit_test(matches),	 cmocka_unit_test(what_only_ssh_can_do),
		cmocka_unit_test(expansions),	 cmocka_unit_test(places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
