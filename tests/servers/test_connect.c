/* Logging in to real servers, in all the ways there are, and failing to. Expired certificates are the fake
   server's part (tests/unit/test_io_tls.c): real ones refuse to show them. */
#include <dirent.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/session.h"
#include "tests/servers/server.h"
#include "tests/unit/cmocka_all.h"

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct db *try_target(struct target *t, struct err *err)
{
	*err = (struct err){0};
	struct db *db = db_connect(t, DB_SAMPLE, in_ms(20000), NULL, NULL, err);
	target_free(t);
	return db;
}

static struct db *must(const struct server *s, struct target *t)
{
	struct err err;
	struct db *db = try_target(t, &err);
	if (!db)
		fail_msg("%s: %s: %s; %s", s->name, err.what, err.why, err.hint);
	return db;
}

static struct err refused(const struct server *s, struct target *t)
{
	struct err err;
	struct db *db = try_target(t, &err);
	if (db)
		fail_msg("%s: it should not have let us in", s->name);
	print_message("# %s: %s: %s; %s\n", s->name, err.what, err.why, err.hint);
	return err;
}

static void check_value(struct db *db, const char *sql, const char *want)
{
	char *value = server_value(db, sql);
	assert_string_equal(value ? value : "NULL", want);
	free(value);
}

/* --- sessions ------------------------------------------------------------------------------ */

static void a_session_is_set_up(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *db = must(s, TARGET("socket", s->socket, "user", "root"));
		const struct server_info *i = db_server(db);
		struct err err = {0};
		assert_int_equal(i->flavor, s->mysql ? FLAVOR_MYSQL : FLAVOR_MARIADB);
		assert_true(i->number > 100000 || s->mysql);
		assert_true(i->socket);
		assert_string_equal(i->account, "root@localhost");
		assert_string_equal(i->cipher, "");
		assert_true(i->hostname[0] && i->version_short[0] && i->connection_id > 0);
		assert_int_equal(i->performance_schema, strcmp(s->name, "MARIADB") != 0);
		check_value(db, s->mysql ? "SELECT @@transaction_read_only" : "SELECT @@tx_read_only", "1");
		check_value(db, "SELECT @@lock_wait_timeout", "1");
		check_value(db, "SELECT @@sql_mode", "");
		check_value(db, "SELECT @@autocommit", "1");
		check_value(db, "SELECT @@time_zone", "SYSTEM");
		check_value(db, "SELECT @@character_set_results", "utf8mb4");
		check_value(db, "SELECT @@local_infile + 0 >= 0", "1");
		if (s->mysql)
			check_value(db, "SELECT @@max_execution_time", "30000");
		assert_false(server_try(db, "CREATE TABLE mysql.fathom_never (a INT)", &err));
		assert_int_equal(err.code, 1792);
		db_close(db);
	}
}

static void the_program_names_itself(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		if (strcmp(s->name, "MARIADB") == 0)
			continue;
		struct db *db = must(s, TARGET("socket", s->socket, "user", "root"));
		check_value(db, "SELECT ATTR_VALUE FROM performance_schema.session_connect_attrs WHERE "
				"PROCESSLIST_ID = CONNECTION_ID() AND ATTR_NAME = 'program_name'", "fathom");
		db_close(db);
	}
}

struct trial {
	struct db *db;
	const struct server *server;
	unsigned worked;
};

static void try_stmt(const struct stmt *st, void *arg)
{
	struct trial *t = arg;
	struct stmt_arg one = STMT_INT(1);
	struct err err = {0};
	bool setup = st->flags & STMT_SESSION;

	if (db_run(t->db, st, &one, setup ? 1 : 0, NULL, NULL, in_ms(20000), -1, &err))
		t->worked++;
	else
		assert_int_equal(err.code, 1193); /* of the other flavor */
}

static void each_session_statement_runs_somewhere(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct trial t = {server_root(s), s, 0};
		session_each(try_stmt, &t);
		assert_true(t.worked >= 2 + 1);
		db_close(t.db);
	}
}

static void time_limits_hold(void **state)
{
	static const struct stmt slow = {"test/slow", "SELECT SLEEP(20) FROM mysql.user", STMT_READ};
	(void)state;
	EACH_SERVER(s) {
		struct db *db = must(s, TARGET("socket", s->socket, "user", "root"));
		struct err err = {0};
		int64_t start = clock_mono_ns();
		db_set_limit(db, 50);
		/* MySQL lets SLEEP() return 1 when it is cut short, and goes on. */
		bool ok = db_run(db, &slow, NULL, 0, NULL, NULL, in_ms(15000), -1, &err);
		assert_true(ok || err.kind == ERR_SERVER);
		assert_true(clock_mono_ns() - start < 10 * NS_PER_S);
		db_close(db);
	}
}

/* --- TLS ----------------------------------------------------------------------------------- */

static void tls_modes(void **state)
{
	static const struct {
		const char *host;
		const char *pairs[9];
		int cipher; /* 1: encrypted; 0: not; -1: refused */
		const char *why;
	} cases[] = {
		{"127.0.0.1", {NULL}, 1, NULL},
		{"127.0.0.1", {"ssl-mode", "disabled"}, 0, NULL},
		{"127.0.0.1", {"ssl-mode", "required"}, 1, NULL},
		{"127.0.0.1", {"ssl-ca", "$FATHOM_TEST_CA"}, 1, NULL},
		{"localhost", {"ssl-ca", "$FATHOM_TEST_CA", "ssl-mode", "verify-identity"}, 1, NULL},
		{"127.0.0.1", {"ssl-ca", "$FATHOM_TEST_CA", "ssl-mode", "verify-identity"}, -1, "not for the name"},
		{"127.0.0.1", {"ssl-ca", "$FATHOM_TEST_WRONG_CA"}, -1, "certificate"},
		{"localhost", {"ssl-ca", "$FATHOM_TEST_WRONG_CA", "ssl-mode", "verify-identity"}, -1,
		 "certificate"},
		{"localhost", {"ssl-mode", "verify-ca"}, -1, "certificate"},
		{"127.0.0.1", {"ssl-mode", "required", "ssl-cert", "$FATHOM_TEST_CERT", "ssl-key",
			       "$FATHOM_TEST_KEY"}, 1, NULL},
		{"127.0.0.1", {"tls-version", "TLSv1.2"}, 1, NULL},
	};
	(void)state;
	EACH_SERVER(s) {
		for (size_t i = 0; i < COUNT_OF(cases); i++) {
			struct target *t = server_target(s, cases[i].host, cases[i].pairs);
			target_set(t, SETTING_USER, "full", "test");
			target_set(t, SETTING_PASSWORD, "full", "test");
			if (cases[i].cipher < 0) {
				struct err err = refused(s, t);
				assert_int_equal(err.kind, ERR_TLS);
				/* libmysqlclient does not tell why it trusts a certificate not. */
				assert_non_null(strstr(err.why, strstr(db_client_name(), "libmysqlclient")
									? "certificate"
									: cases[i].why));
				continue;
			}
			struct db *db = must(s, t);
			assert_int_equal(*db_server(db)->cipher != '\0', cases[i].cipher);
			db_close(db);
		}
	}
}

/* --- passwords ----------------------------------------------------------------------------- */

static void passwords(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct err err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "full", "password", "x")));
		assert_int_equal(err.kind, ERR_LOGIN);
		assert_non_null(strstr(err.hint, "password"));
		err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "full")));
		assert_int_equal(err.kind, ERR_LOGIN);
		assert_non_null(strstr(err.hint, "-p"));
		err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "nobody_of_that_name", "password", "x")));
		assert_int_equal(err.kind, ERR_LOGIN);
	}
}

/* caching_sha2_password: in clear through TLS, else by the server's RSA key; known to the server's cache
   the second time. */
static void caching_sha2(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		if (!s->mysql)
			continue;
		struct db *root = server_root(s);
		char *key = xasprintf("%s/public_key.pem", s->datadir), *copy = NULL;
		static const char *const modes[] = {"disabled", "required"};
		for (size_t i = 0; i < COUNT_OF(modes); i++) {
			server_sql(root, "DROP USER IF EXISTS sha2@'%'");
			server_sql(root, "CREATE USER sha2@'%' IDENTIFIED WITH caching_sha2_password BY 'Sesam'");
			for (int k = 0; k < 2; k++)
				db_close(must(s, server_target(s, "127.0.0.1", PAIRS("user", "sha2", "password",
							       "Sesam", "ssl-mode", modes[i]))));
			struct err err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "sha2",
						 "password", "sesam", "ssl-mode", modes[i])));
			assert_int_equal(err.kind, ERR_LOGIN);
		}
		/* its key named by the person: the file must be the server's own */
		server_sql(root, "ALTER USER sha2@'%' IDENTIFIED BY 'Sesam2'");
		if (access(key, R_OK) == 0)
			db_close(must(s, server_target(s, "127.0.0.1", PAIRS("user", "sha2", "password", "Sesam2",
						       "ssl-mode", "disabled", "server-public-key-path", key))));
		struct err err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "sha2", "password",
					 "Sesam2", "ssl-mode", "disabled", "server-public-key-path", "/nonexistent")));
		assert_non_null(strstr(err.hint, "--server-public-key-path"));
		server_sql(root, "DROP USER sha2@'%'");
		db_close(root);
		free(key);
		free(copy);
	}
}

static void ed25519(void **state)
{
	static const char *const modes[] = {"disabled", "required"};
	(void)state;
	EACH_SERVER(s) {
		if (s->mysql)
			continue;
		for (size_t i = 0; i < COUNT_OF(modes); i++)
			db_close(must(s, server_target(s, "127.0.0.1", PAIRS("user", "ed", "password", "ed",
						       "ssl-mode", modes[i]))));
		struct err err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "ed", "password", "x")));
		assert_int_equal(err.kind, ERR_LOGIN);
	}
}

static void unix_socket(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		if (s->mysql)
			continue;
		struct db *root = server_root(s);
		const char *me = getpwuid(geteuid())->pw_name;
		char *create = xasprintf("CREATE OR REPLACE USER '%s'@'%%' IDENTIFIED VIA unix_socket", me);
		char *drop = xasprintf("DROP USER '%s'@'%%'", me);
		server_sql(root, "CREATE OR REPLACE USER other@localhost IDENTIFIED VIA unix_socket");
		struct err err = refused(s, TARGET("socket", s->socket, "user", "other"));
		assert_int_equal(err.kind, ERR_LOGIN);
		assert_non_null(strstr(err.hint, "socket"));
		server_sql(root, "DROP USER other@localhost");
		/* root@localhost comes first for root, and needs no plugin here */
		server_sql(root, create);
		db_close(must(s, TARGET("socket", s->socket, "user", me)));
		server_sql(root, drop);
		db_close(root);
		free(create);
		free(drop);
	}
}

static void expired_and_locked_accounts(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s);
		server_sql(root, "DROP USER IF EXISTS old@'%'");
		server_sql(root, "CREATE USER old@'%' IDENTIFIED BY 'old' PASSWORD EXPIRE");
		struct err err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "old", "password", "old")));
		assert_int_equal(err.kind, ERR_LOGIN);
		assert_non_null(strstr(err.why, "expired"));
		server_sql(root, "DROP USER old@'%'");
		server_sql(root, "CREATE USER old@'%' IDENTIFIED BY 'old' ACCOUNT LOCK");
		err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "old", "password", "old")));
		assert_int_equal(err.kind, ERR_LOGIN);
		assert_non_null(strstr(err.why, "locked"));
		server_sql(root, "DROP USER old@'%'");
		db_close(root);
	}
}

/* --- too many connections ------------------------------------------------------------------ */

/* Connections that were closed are counted until the server has noticed. */
static void wait_for_quiet(struct db *root)
{
	for (int i = 0; i < 2000; i++) {
		char *n = server_value(root, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE "
					     "USER IN ('full', 'plain', 'root', 'unauthenticated user')");
		bool quiet = strcmp(n, "1") == 0;
		free(n);
		if (quiet)
			return;
		poll(NULL, 0, 5);
	}
	fail_msg("somebody else is connected");
}

/* The spare slot is free a moment after whoever was refused on it has gone. */
static struct db *take_spare_slot(const struct server *s)
{
	int64_t deadline = clock_mono_ns() + 10 * NS_PER_S;
	struct err err;
	struct db *db;
	while (!(db = try_target(TARGET("socket", s->socket, "user", "root"), &err)))
		assert_true(err.kind == ERR_TOO_MANY && clock_mono_ns() < deadline);
	return db;
}

static void too_many_connections(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s), *taken[12] = {0};
		unsigned n = 0;
		struct err err;

		server_sql(root, "DROP USER IF EXISTS plain@'%', admin@'%'");
		server_sql(root, "CREATE USER plain@'%' IDENTIFIED BY 'plain'");
		server_sql(root, "CREATE USER admin@'%' IDENTIFIED BY 'admin'");
		if (s->mysql)
			server_sql(root, "GRANT SERVICE_CONNECTION_ADMIN ON *.* TO admin@'%'");
		wait_for_quiet(root);
		server_sql(root, "SET GLOBAL max_connections=10");
		while (n < COUNT_OF(taken) && (taken[n] = try_target(server_target(s, "127.0.0.1",
			PAIRS("user", "plain", "password", "plain", "ssl-mode", "disabled")), &err)))
			n++;
		assert_in_range(n, 5, 10);
		assert_int_equal(err.kind, ERR_TOO_MANY);
		assert_non_null(strstr(err.hint, "CONNECTION_ADMIN"));
		/* the spare slot, too: from now on the server refuses before it asks who it is */
		struct db *spare = take_spare_slot(s);
		static const char *const modes[] = {"disabled", "required"};
		for (size_t i = 0; i < COUNT_OF(modes); i++) {
			/* by the front door */
			err = refused(s, server_target(s, "localhost", PAIRS("user", "plain", "password", "plain",
						       "ssl-mode", modes[i])));
			assert_int_equal(err.kind, ERR_TOO_MANY);
			assert_int_equal(err.code, 1040);
			/* by the other one */
			struct db *db = must(s, server_target(s, "127.0.0.1", PAIRS("user", "admin", "password",
					     "admin", "ssl-mode", modes[i], "admin-port", s->admin_port)));
			assert_true(db_used_admin_port(db));
			db_close(db);
		}
		/* which is shut for accounts without the privilege: MySQL */
		if (s->mysql) {
			err = refused(s, server_target(s, "127.0.0.1", PAIRS("user", "plain", "password", "plain",
						       "admin-port", s->admin_port)));
			assert_int_equal(err.kind, ERR_TOO_MANY);
			assert_non_null(strstr(err.hint, "SERVICE_CONNECTION_ADMIN"));
		}
		for (unsigned i = 0; i < n; i++)
			db_close(taken[i]);
		db_close(spare);
		server_sql(root, "SET GLOBAL max_connections=200");
		server_sql(root, "DROP USER plain@'%', admin@'%'");
		db_close(root);
	}
}

/* --- trouble later ------------------------------------------------------------------------- */

static void a_killed_connection_is_told(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s), *db = must(s, TARGET("socket", s->socket, "user", "root"));
		char *kill_it = xasprintf("KILL %lld", (long long)db_server(db)->connection_id);
		struct err err = {0};
		server_sql(root, kill_it);
		/* the kill is heard by and by */
		for (int i = 0; i < 1000 && server_try(db, "SELECT 1", &err); i++)
			poll(NULL, 0, 5);
		assert_int_equal(err.kind, ERR_LOST);
		db_close(db);
		db_close(root);
		free(kill_it);
	}
}

/* Whether every thread of the process has come to the stop that it was sent. */
static bool stands_still(pid_t pid)
{
	char path[64], stat[512];
	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *tasks = opendir(path);
	bool all = tasks != NULL;
	for (struct dirent *e; all && (e = readdir(tasks));) {
		if (e->d_name[0] == '.')
			continue;
		char *file = xasprintf("%s/%s/stat", path, e->d_name);
		FILE *f = fopen(file, "r");
		size_t n = f ? fread(stat, 1, sizeof stat - 1, f) : 0;
		stat[n] = '\0';
		const char *state = strrchr(stat, ')');
		all = !f || (state && state[1] && state[2] == 'T');
		if (f)
			fclose(f);
		free(file);
	}
	if (tasks)
		closedir(tasks);
	return all;
}

static void freeze(pid_t pid)
{
	int64_t deadline = clock_mono_ns() + 10 * NS_PER_S;
	kill(pid, SIGSTOP);
	while (!stands_still(pid) && clock_mono_ns() < deadline)
		poll(NULL, 0, 5);
}

static void a_frozen_server_costs_no_more_than_the_deadline(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		static const struct stmt one = {"test/one", "SELECT 1", STMT_READ};
		struct db *socket = must(s, TARGET("socket", s->socket, "user", "root"));
		struct db *tls = must(s, server_target(s, "127.0.0.1", PAIRS("user", "full", "password", "full")));
		struct target *t = server_target(s, "127.0.0.1", PAIRS("user", "full", "password", "full"));
		struct err err = {0};
		assert_true(s->pid > 0);
		freeze(s->pid);
		int64_t start = clock_mono_ns();
		bool a = db_run(socket, &one, NULL, 0, NULL, NULL, in_ms(200), -1, &err);
		enum err_kind kind_a = err.kind;
		bool b = db_run(tls, &one, NULL, 0, NULL, NULL, in_ms(200), -1, &err);
		enum err_kind kind_b = err.kind;
		struct db *c = db_connect(t, DB_SAMPLE, in_ms(200), NULL, NULL, &err);
		db_close(socket);
		db_close(tls);
		double seconds = (double)(clock_mono_ns() - start) / NS_PER_S;
		kill(s->pid, SIGCONT);
		assert_false(a || b || c);
		assert_int_equal(kind_a, ERR_TIMEOUT);
		assert_int_equal(kind_b, ERR_TIMEOUT);
		assert_int_equal(err.kind, ERR_TIMEOUT);
		assert_true(seconds < 5);
		target_free(t);
	}
}

static void a_text_beyond_the_limit_is_refused(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s), *db;
		struct err err = {0};
		server_sql(root, "SET GLOBAL max_allowed_packet=134217728");
		db = must(s, TARGET("socket", s->socket, "user", "root"));
		char *big = server_value(db, "SELECT REPEAT('x', 20000000)");
		assert_int_equal(strlen(big), 20000000);
		free(big);
		assert_false(server_try(db, "SELECT REPEAT('x', 70000000)", &err));
		assert_true(err.kind == ERR_LOST || err.kind == ERR_PROTOCOL);
		db_close(db);
		server_sql(root, "SET GLOBAL max_allowed_packet=16777216");
		db_close(root);
	}
}

static void no_file_leaves_this_machine(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s);
		struct err err = {0};
		server_sql(root, "CREATE TABLE IF NOT EXISTS mysql.fathom_load (a TEXT)");
		assert_false(server_try(root, "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE mysql.fathom_load",
					&err));
		db_close(root);
		root = server_root(s);
		check_value(root, "SELECT COUNT(*) FROM mysql.fathom_load", "0");
		server_sql(root, "DROP TABLE mysql.fathom_load");
		db_close(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_set_up),
		cmocka_unit_test(the_program_names_itself),
		cmocka_unit_test(each_session_statement_runs_somewhere),
		cmocka_unit_test(time_limits_hold),
		cmocka_unit_test(tls_modes),
		cmocka_unit_test(passwords),
		cmocka_unit_test(caching_sha2),
		cmocka_unit_test(ed25519),
		cmocka_unit_test(unix_socket),
		cmocka_unit_test(expired_and_locked_accounts),
		cmocka_unit_test(too_many_connections),
		cmocka_unit_test(a_killed_connection_is_told),
		cmocka_unit_test(a_frozen_server_costs_no_more_than_the_deadline),
		cmocka_unit_test(a_text_beyond_the_limit_is_refused),
		cmocka_unit_test(no_file_leaves_this_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
