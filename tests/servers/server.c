#include "tests/servers/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"

static const char *variable(const char *server, const char *what)
{
	char name[64];
	snprintf(name, sizeof name, "FATHOM_TEST_%s_%s", server, what);
	return getenv(name);
}

static pid_t read_pid(const char *path)
{
	FILE *f = path ? fopen(path, "r") : NULL;
	int pid = 0;
	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return pid;
}

static const char *const names[] = {"MARIADB", "MARIADB_PS", "MYSQL"};

const struct server *servers(unsigned *n)
{
	static struct server found[COUNT_OF(names)];

	*n = 0;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (variable(names[i], "SOCKET"))
			found[(*n)++] = (struct server){
				.name = names[i],
				.mysql = strcmp(names[i], "MYSQL") == 0,
				.socket = variable(names[i], "SOCKET"),
				.datadir = variable(names[i], "DATADIR"),
				.port = variable(names[i], "PORT"),
				.admin_port = variable(names[i], "ADMIN_PORT"),
				.pid = read_pid(variable(names[i], "PIDFILE")),
			};
	return found;
}

/* --- all of them at once -------------------------------------------------------------------------- */

struct child {
	const char *server;
	pid_t pid;
	FILE *said;
};

static struct child child_start(const char *server, int (*tests)(void))
{
	struct child c = {.server = server, .said = tmpfile()};
	fflush(NULL);
	if (!c.said || (c.pid = fork()) < 0)
		die("%s: no process for it", server);
	if (c.pid)
		return c;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char name[64];
		snprintf(name, sizeof name, "FATHOM_TEST_%s_SOCKET", names[i]);
		if (strcmp(names[i], server) != 0)
			unsetenv(name);
	}
	if (dup2(fileno(c.said), STDOUT_FILENO) < 0 || dup2(fileno(c.said), STDERR_FILENO) < 0)
		_exit(127);
	fclose(c.said);
	exit(tests());
}

static bool child_end(struct child *c)
{
	int status = 0, ch;
	waitpid(c->pid, &status, 0);
	printf("# %s\n", c->server);
	rewind(c->said);
	while ((ch = getc(c->said)) != EOF)
		putchar(ch);
	if (!WIFEXITED(status))
		printf("\nnot ok - %s: killed by signal %d\n", c->server, WTERMSIG(status));
	fclose(c->said);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

int servers_at_once(int (*tests)(void))
{
	struct child children[COUNT_OF(names)];
	unsigned n;
	bool ok = true;
	const struct server *s = servers(&n);
	if (!n)
		return tests();
	for (unsigned i = 0; i < n; i++)
		children[i] = child_start(s[i].name, tests);
	/* When time is up the children end, and what they said is still told. */
	signal(SIGTERM, SIG_IGN);
	for (unsigned i = 0; i < n; i++)
		ok &= child_end(&children[i]);
	return !ok;
}

int64_t in_ms(int64_t ms)
{
	return clock_mono_ns() + ms * NS_PER_MS;
}

static void set_pairs(struct target *t, const char *const *pairs)
{
	for (; pairs && *pairs; pairs += 2) {
		const char *value = pairs[1] && *pairs[1] == '$' ? getenv(pairs[1] + 1) : pairs[1];
		target_set(t, (enum setting)setting_by_name(pairs[0]), value, "test");
	}
}

struct target *target_of(const char *const *pairs)
{
	struct target *t = xcalloc(1, sizeof *t);
	set_pairs(t, pairs);
	return t;
}

struct target *server_target(const struct server *s, const char *host, const char *const *pairs)
{
	struct target *t = TARGET("host", host, "port", s->port, "protocol", "tcp");
	set_pairs(t, pairs);
	return t;
}

struct db *server_root(const struct server *s)
{
	struct target *t = TARGET("socket", s->socket, "user", "root");
	struct err err = {0};
	struct db *db = db_connect(t, DB_EXPLAIN_DML, in_ms(30000), NULL, NULL, &err);

	if (!db)
		die("%s: %s: %s", s->name, err.what, err.why);
	target_free(t);
	return db;
}

static void keep_first(void *arg, const struct answer *a)
{
	char **value = arg;
	if (!*value && a->cells[0])
		*value = xstrndup(a->cells[0], a->lengths[0]);
}

static bool run(struct db *db, const char *sql, char **value, struct err *err)
{
	static const struct db_sink sink = {NULL, keep_first};
	struct buf escaped = BUF_INIT;

	for (const char *p = sql; *p; p++)
		buf_adds(&escaped, *p == '%' ? "%%" : (const char[]){*p, '\0'});
	const struct stmt s = {"test/sql", buf_str(&escaped), STMT_READ};
	bool ok = db_run(db, &s, NULL, 0, &sink, value, in_ms(60000), -1, err);
	buf_release(&escaped);
	return ok;
}

void server_sql(struct db *db, const char *sql)
{
	char *value = NULL;
	struct err err = {0};
	if (!run(db, sql, &value, &err))
		die("%s: %s", sql, err.why);
	free(value);
}

char *server_value(struct db *db, const char *sql)
{
	char *value = NULL;
	struct err err = {0};
	if (!run(db, sql, &value, &err))
		die("%s: %s", sql, err.why);
	return value;
}

bool server_try(struct db *db, const char *sql, struct err *err)
{
	char *value = NULL;
	bool ok = run(db, sql, &value, err);
	free(value);
	return ok;
}
