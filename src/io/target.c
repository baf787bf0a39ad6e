#include "io/target.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

static const char *const tls_names[] = {
	[TLS_DISABLED] = "disabled",   [TLS_PREFERRED] = "preferred",
	[TLS_REQUIRED] = "required",   [TLS_VERIFY_CA] = "verify-ca",
	[TLS_VERIFY_IDENTITY] = "verify-identity",
};

/* Option names and modes: case does not count, and _ is -. */
static bool same_word(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '_' ? '-' : *a, y = *b == '_' ? '-' : *b;
		x |= x >= 'A' && x <= 'Z' ? 0x20 : 0;
		y |= y >= 'A' && y <= 'Z' ? 0x20 : 0;
		if (x != y)
			return false;
	}
	return *a == *b;
}

const char *tls_mode_name(enum tls_mode m)
{
	return tls_names[m];
}

int tls_mode_parse(const char *s)
{
	for (size_t i = 0; i < COUNT_OF(tls_names); i++)
		if (same_word(s, tls_names[i]))
			return (int)i;
	return -1;
}

static const struct {
	const char *name;
	bool secret;
	const char *help;
} settings[] = {
#define SETTING_ROW(id, name, secret, help) {name, secret, help},
	TARGET_SETTINGS(SETTING_ROW)
#undef SETTING_ROW
};

const char *setting_name(enum setting s)
{
	return settings[s].name;
}

const char *setting_help(enum setting s)
{
	return settings[s].help;
}

bool setting_secret(enum setting s)
{
	return settings[s].secret;
}

int setting_by_name(const char *name)
{
	for (int i = 0; i < N_SETTINGS; i++)
		if (same_word(name, settings[i].name))
			return i;
	return -1;
}

/* --- a target ------------------------------------------------------------------------------ */

static void drop(char **value, bool secret)
{
	if (*value && secret)
		mem_wipe(*value, strlen(*value));
	free(*value);
	*value = NULL;
}

void target_free(struct target *t)
{
	if (!t)
		return;
	for (int i = 0; i < N_SETTINGS; i++) {
		drop(&t->value[i], settings[i].secret);
		drop(&t->origin[i], false);
	}
	free(t->name);
	free(t->tunnel);
	free(t);
}

struct target *target_copy(const struct target *t)
{
	struct target *c = xcalloc(1, sizeof *c);

	c->name = xstrdup_null(t->name);
	c->tunnel = xstrdup_null(t->tunnel);
	c->ask_password = t->ask_password;
	for (int i = 0; i < N_SETTINGS; i++) {
		c->value[i] = xstrdup_null(t->value[i]);
		c->origin[i] = xstrdup_null(t->origin[i]);
	}
	return c;
}

void target_set(struct target *t, enum setting s, const char *value, const char *origin)
{
	char *new_value = xstrdup_null(value), *new_origin = xstrdup_null(value ? origin : NULL);

	drop(&t->value[s], settings[s].secret);
	drop(&t->origin[s], false);
	t->value[s] = new_value;
	t->origin[s] = new_origin;
}

/* --- effective values ---------------------------------------------------------------------- */

static const char *const usual_sockets[] = {
	"/run/mysqld/mysqld.sock",
	"/var/run/mysqld/mysqld.sock",
	"/var/lib/mysql/mysql.sock",
	"/tmp/mysql.sock",
	"/run/mariadb/mariadb.sock",
	"/var/run/mysql/mysql.sock",
	"/var/mysql/mysql.sock",
};

static const char *existing_socket(void)
{
	for (size_t i = 0; i < COUNT_OF(usual_sockets); i++)
		if (access(usual_sockets[i], F_OK) == 0)
			return usual_sockets[i];
	return NULL;
}

bool target_tunnelled(const struct target *t)
{
	return t->value[SETTING_SSH_TUNNEL] && strcmp(t->value[SETTING_SSH_TUNNEL], "1") == 0;
}

bool target_uses_socket(const struct target *t)
{
	const char *protocol = t->value[SETTING_PROTOCOL], *host = t->value[SETTING_HOST];

	if (protocol && same_word(protocol, "tcp"))
		return false;
	if (protocol && same_word(protocol, "socket"))
		return true;
	if (host && !same_word(host, "localhost"))
		return false;
	if (t->value[SETTING_SOCKET])
		return true;
	/* What is on this machine says nothing of the far side's. */
	return !t->value[SETTING_PORT] && !target_tunnelled(t) && existing_socket();
}

const char *target_host(const struct target *t)
{
	return t->value[SETTING_HOST] ? t->value[SETTING_HOST] : "localhost";
}

const char *target_user(const struct target *t, char out[TARGET_USER_SIZE])
{
	struct passwd entry, *found = NULL;
	char strings[1024];

	if (t->value[SETTING_USER])
		return t->value[SETTING_USER];
	if (getpwuid_r(geteuid(), &entry, strings, sizeof strings, &found) != 0 || !found)
		return strcpy(out, "root");
	snprintf(out, TARGET_USER_SIZE, "%s", found->pw_name);
	return out;
}

unsigned target_port(const struct target *t)
{
	unsigned long port = t->value[SETTING_PORT] ? strtoul(t->value[SETTING_PORT], NULL, 10) : 0;
	return port > 0 && port <= 65535 ? (unsigned)port : 3306;
}

const char *target_socket(const struct target *t)
{
	const char *found = t->value[SETTING_SOCKET];

	if (!found && !target_tunnelled(t))
		found = existing_socket();
	return found ? found : usual_sockets[0];
}

enum tls_mode target_tls(const struct target *t)
{
	int mode = t->value[SETTING_SSL_MODE] ? tls_mode_parse(t->value[SETTING_SSL_MODE]) : -1;

	/* As the mysql client does: who names an authority wants it asked. */
	if (mode < 0)
		mode = t->value[SETTING_SSL_CA] || t->value[SETTING_SSL_CAPATH] ? TLS_VERIFY_CA
										: TLS_PREFERRED;
	/* Nobody can listen on a Unix socket: encryption there must be asked for. */
	if (target_uses_socket(t) && (mode == TLS_PREFERRED || !t->value[SETTING_SSL_MODE]))
		mode = TLS_DISABLED;
	return (enum tls_mode)mode;
}

double target_connect_timeout(const struct target *t)
{
	double s = t->value[SETTING_CONNECT_TIMEOUT] ? strtod(t->value[SETTING_CONNECT_TIMEOUT], NULL) : 0;
	return s > 0 ? s : 10;
}

void target_describe(const struct target *t, struct buf *out)
{
	char user[TARGET_USER_SIZE];

	buf_addf(out, "%s@", target_user(t, user));
	if (target_uses_socket(t))
		buf_adds(out, target_socket(t));
	else
		buf_addf(out, strchr(target_host(t), ':') ? "[%s]:%u" : "%s:%u", target_host(t),
			 target_port(t));
}
