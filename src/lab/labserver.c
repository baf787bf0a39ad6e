#include "lab/labserver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* --- topologies --------------------------------------------------------------------------- */

const struct lab_topology lab_topologies[] = {
	{"single", "one server", 1, {{"source", "standalone", -1}}},
	{"replica",
	 "a source and a replica of it",
	 2,
	 {{"source", "source", -1}, {"replica", "replica", 0}}},
	{NULL},
};

const struct lab_topology *lab_topology_find(const char *name)
{
	for (const struct lab_topology *t = lab_topologies; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

/* --- what all kinds share ----------------------------------------------------------------- */

const char *const lab_common_options[] = {
	"--no-defaults",
	"--datadir={folder}/{name}",
	"--socket={socket}",
	"--pid-file={folder}/{name}.pid",
	"--log-error={folder}/{name}.log",
	"--tmpdir={folder}/tmp",
	"--secure-file-priv={folder}/tmp",
	"--bind-address=127.0.0.1",
	"--port={port}",
	"--server-id={id}",
	"--skip-name-resolve",
	"--report-host=127.0.0.1",
	"--report-port={port}",
	"--log-bin=binlog",
	"--relay-log=relay",
	"--max-binlog-size=16M",
	"--binlog-expire-logs-seconds=3600",
	"--character-set-server=utf8mb4",
	/* Small: it shares somebody's laptop. */
	"--max-connections=151",
	"--table-open-cache=400",
	"--table-definition-cache=400",
	"--innodb-buffer-pool-size=24M",
	"--innodb-log-buffer-size=2M",
	"--key-buffer-size=1M",
	NULL,
};

static const char *const replica_options[] = {"--read-only=ON", NULL};

const char *const lab_accounts_sql[] = {
	"CREATE USER IF NOT EXISTS 'web'@'127.%' IDENTIFIED BY '{shop_password}'",
	"CREATE USER IF NOT EXISTS 'checkout'@'127.%' IDENTIFIED BY '{shop_password}'",
	"CREATE USER IF NOT EXISTS 'report'@'127.%' IDENTIFIED BY '{shop_password}'",
	"CREATE USER IF NOT EXISTS 'batch'@'localhost' IDENTIFIED BY '{shop_password}'",
	"GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO 'web'@'127.%'",
	"GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO 'checkout'@'127.%'",
	"GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO 'batch'@'localhost'",
	"GRANT SELECT ON shop.* TO 'report'@'127.%'",
	"CREATE USER IF NOT EXISTS 'replicator'@'127.%' IDENTIFIED BY '{replication_password}'",
	"GRANT REPLICATION SLAVE ON *.* TO 'replicator'@'127.%'",
	"CREATE USER IF NOT EXISTS 'root'@'127.%' IDENTIFIED BY '{root_password}'",
	"GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.%' WITH GRANT OPTION",
	"ALTER USER 'root'@'localhost' IDENTIFIED BY '{root_password}'",
	NULL,
};

/* --- MariaDB ------------------------------------------------------------------------------ */

static const char *const mariadb_install[] = {
	"--no-defaults",
	"--datadir={folder}/{name}",
	"--auth-root-authentication-method=normal",
	"--skip-test-db",
	"--skip-name-resolve",
	"--force", /* a machine that does not know its own name is fine */
	"--innodb-log-file-size=16M",
	NULL,
};

static const char *const mariadb_options[] = {
	"--innodb-log-file-size=16M",
	"--aria-pagecache-buffer-size=2M",
	"--binlog-format=ROW",
	"--gtid-strict-mode=ON",
	"--log-slave-updates=ON",
	"--slave-parallel-threads=2",
	NULL,
};

/* Its installer makes more roots than one, without passwords. */
static const char *const mariadb_cleanup[] = {
	"DELETE FROM mysql.global_priv WHERE user IN ('root', '') AND host <> 'localhost'",
	"DELETE FROM mysql.proxies_priv WHERE host <> 'localhost'",
	"FLUSH PRIVILEGES",
	NULL,
};

static const char *const mariadb_follow[] = {
	"CHANGE MASTER TO master_host = '127.0.0.1', master_port = {upstream_port},"
	" master_user = 'replicator', master_password = '{replication_password}',"
	" master_use_gtid = slave_pos, master_connect_retry = 1",
	"START SLAVE",
	NULL,
};

static const struct lab_kind mariadb = {
	.name = "mariadb",
	.title = "MariaDB",
	.package = "mariadb-server",
	.client_package = "mariadb-client",
	.daemons = {"mariadbd", "mysqld"},
	.clients = {"mariadb", "mysql"},
	.install = mariadb_install,
	.install_script = true,
	.options = mariadb_options,
	.replica_options = replica_options,
	.performance_schema_on = "--performance-schema=ON",
	.performance_schema_off = "--performance-schema=OFF",
	.cleanup_sql = mariadb_cleanup,
	.follow_sql = mariadb_follow,
	.gtid_sql = "SELECT @@gtid_binlog_pos",
	.caught_up_sql = "SELECT MASTER_GTID_WAIT('{gtid}', 30)",
	.replica_sql = "SHOW ALL SLAVES STATUS",
	.io_running = "Slave_IO_Running",
	.sql_running = "Slave_SQL_Running",
	.lag = "Seconds_Behind_Master",
	.io_error = "Last_IO_Error",
	.sql_error = "Last_SQL_Error",
};

/* --- MySQL -------------------------------------------------------------------------------- */

static const char *const mysql_install[] = {
	"--no-defaults",
	"--initialize-insecure",
	"--datadir={folder}/{name}",
	"--log-error={folder}/{name}.log",
	"--innodb-redo-log-capacity=32M",
	NULL,
};

static const char *const mysql_options[] = {
	"--innodb-redo-log-capacity=32M",
	"--gtid-mode=ON",
	"--enforce-gtid-consistency=ON",
	"--mysqlx=OFF",
	/* Or the performance schema alone takes 160 MB more. */
	"--performance-schema-accounts-size=32",
	"--performance-schema-hosts-size=32",
	"--performance-schema-users-size=32",
	"--performance-schema-max-thread-instances=300",
	NULL,
};

static const char *const mysql_follow[] = {
	"CHANGE REPLICATION SOURCE TO source_host = '127.0.0.1', source_port = {upstream_port},"
	" source_user = 'replicator', source_password = '{replication_password}',"
	" source_auto_position = 1, get_source_public_key = 1, source_connect_retry = 1",
	"START REPLICA",
	NULL,
};

static const struct lab_kind mysql = {
	.name = "mysql",
	.title = "MySQL",
	.package = "mysql-server",
	.client_package = "mysql-client",
	.daemons = {"mysqld"},
	.clients = {"mysql", "mariadb"},
	.install = mysql_install,
	.options = mysql_options,
	.replica_options = replica_options,
	.performance_schema_on = "--performance-schema=ON",
	.performance_schema_off = "--performance-schema=OFF",
	.performance_schema = true,
	.follow_sql = mysql_follow,
	.gtid_sql = "SELECT REPLACE(@@gtid_executed, '\\n', '')",
	.caught_up_sql = "SELECT WAIT_FOR_EXECUTED_GTID_SET('{gtid}', 30)",
	.replica_sql = "SHOW REPLICA STATUS",
	.io_running = "Replica_IO_Running",
	.sql_running = "Replica_SQL_Running",
	.lag = "Seconds_Behind_Source",
	.io_error = "Last_IO_Error",
	.sql_error = "Last_SQL_Error",
};

/* --- all ---------------------------------------------------------------------------------- */

const struct lab_kind *const lab_kinds[] = {&mariadb, &mysql, NULL};

const struct lab_kind *lab_kind_find(const char *name)
{
	for (const struct lab_kind *const *k = lab_kinds; *k; k++)
		if (strcmp((*k)->name, name) == 0)
			return *k;
	return NULL;
}

/* --- programs ----------------------------------------------------------------------------- */

/* Where servers are that are not on an ordinary user's PATH. */
#define SYSTEM_DIRS                                                                                \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/usr/libexec:/usr/local/mysql/bin"
#define TREE_DIRS "usr/sbin:usr/bin:bin:sbin:libexec:usr/libexec:scripts"

/* A tree of another system's packages brings its own libraries, and must start through its own
 * loader. */
static const struct {
	const char *loader;
	const char *libraries;
} loaders[] = {
	{"usr/lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu"},
	{"usr/lib/ld-linux-aarch64.so.1", "usr/lib/aarch64-linux-gnu"},
};

/* In the folders of `dirs` (colons between them), below `root` if that is not NULL. */
static char *find_in(const char *root, const char *dirs, const char *name)
{
	for (const char *end; *dirs; dirs = *end ? end + 1 : end) {
		end = strchrnul(dirs, ':');
		char *path = xasprintf("%s%s%.*s/%s", root ? root : "", root ? "/" : "",
				       (int)(end - dirs), dirs, name);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

static char *find_program(const char *root, const char *name)
{
	const char *path = getenv("PATH");
	char *found = NULL;
	if (root)
		return find_in(root, TREE_DIRS, name);
	if (path)
		found = find_in(NULL, path, name);
	return found ? found : find_in(NULL, SYSTEM_DIRS, name);
}

static void use(struct args *to, const char *root, const char *path)
{
	for (size_t i = 0; root && i < COUNT_OF(loaders); i++) {
		char *loader = xasprintf("%s/%s", root, loaders[i].loader);
		if (access(loader, X_OK) == 0) {
			args_add(to, loader);
			args_add(to, "--library-path");
			args_addf(to, "%s/%s", root, loaders[i].libraries);
		}
		free(loader);
	}
	args_add(to, path);
}

static void add_if_there(struct args *to, const char *option, const char *root, const char *dir)
{
	char *path = xasprintf("%s/%s", root, dir);
	if (access(path, R_OK) == 0)
		args_addf(to, "%s=%s", option, path);
	free(path);
}

/* The servers look below the place that they were built for, unless told. */
static void point_into(struct args *to, const char *root)
{
	char *usr = xasprintf("%s/usr", root);
	const char *base = access(usr, R_OK) == 0 ? usr : root;
	args_addf(to, "--basedir=%s", base);
	add_if_there(to, "--lc-messages-dir", base, "share/mysql");
	add_if_there(to, "--plugin-dir", base, "lib/mysql/plugin");
	free(usr);
}

/* The version of the server at `path`, for free(), when it is of this kind. */
static char *version_of(const struct lab_kind *kind, const char *root, const char *path,
			struct err *e)
{
	struct args ask = {0};
	struct buf out = BUF_INIT;
	char *version = NULL, word[64];
	use(&ask, root, path);
	args_add(&ask, "--no-defaults");
	args_add(&ask, "--version");
	if (process_output(&ask, 20, &out, e)) {
		const char *ver = strstr(buf_str(&out), "Ver ");
		bool is_mariadb = strstr(buf_str(&out), "MariaDB") != NULL;
		if (ver && sscanf(ver, "Ver %63s", word) == 1 && is_mariadb == (kind == &mariadb))
			version = xstrdup(word);
		else
			err_setf(e, ERR_CONNECT, path, NULL, "it is not %s", kind->title);
	}
	buf_release(&out);
	args_release(&ask);
	return version;
}

static bool find_daemon(struct programs *p, const struct lab_kind *kind, const char *root,
			struct err *e)
{
	struct err other = {0};
	for (size_t i = 0; kind->daemons[i] && !p->version; i++) {
		char *path = find_program(root, kind->daemons[i]);
		if (path && (p->version = version_of(kind, root, path, &other)))
			use(&p->daemon, root, path);
		free(path);
	}
	if (p->version)
		return true;
	char *what =
		xasprintf("no %s server%s%s", kind->title, root ? " in " : "", root ? root : "");
	char *why = other.kind ? xasprintf("%s: %s", other.what, other.why)
			       : xasprintf("no %s there", kind->daemons[0]);
	char *hint =
		root ? xasprintf("--mysql-root wants a folder with usr/sbin/%s or bin/%s",
				 kind->daemons[0], kind->daemons[0])
		     : xasprintf("%s: apt-get install %s%s", kind == &mysql ? "Ubuntu" : "Debian and Ubuntu",
				 kind->package,
				 kind == &mysql ? "; elsewhere unpack one and say --mysql-root DIR" : "");
	err_set(e, ERR_CONNECT, what, root || other.kind ? why : "it is not installed", hint);
	free(what);
	free(why);
	free(hint);
	return false;
}

static bool find_installer(struct programs *p, const struct lab_kind *kind, const char *root,
			   struct err *e)
{
	if (!kind->install_script) {
		args_add_all(&p->install, &p->daemon);
		return true;
	}
	char *path = find_program(root, "mariadb-install-db");
	if (!path)
		path = find_program(root, "mysql_install_db");
	if (!path)
		return err_set(e, ERR_CONNECT, "no mariadb-install-db", "it is not installed",
			       "Debian and Ubuntu: apt-get install mariadb-server");
	args_add(&p->install, path);
	free(path);
	return true;
}

static void find_client(struct programs *p, const struct lab_kind *kind, const char *root)
{
	for (size_t i = 0; kind->clients[i] && !p->client.n; i++) {
		char *path = root ? find_program(root, kind->clients[i]) : NULL;
		if (path)
			use(&p->client, root, path);
		else if ((path = find_program(NULL, kind->clients[i])))
			args_add(&p->client, path);
		free(path);
	}
}

bool programs_find(struct programs *p, const struct lab_kind *kind, const char *root, struct err *e)
{
	*p = (struct programs){0};
	char *real = root ? realpath(root, NULL) : NULL;
	bool ok = !root || real || err_set(e, ERR_USAGE, root, strerror(errno), NULL);
	/* This system's own is found as such, without a loader. */
	const char *tree = real && strcmp(real, "/") != 0 ? real : NULL;
	ok = ok && find_daemon(p, kind, tree, e) && find_installer(p, kind, tree, e);
	if (ok) {
		find_client(p, kind, tree);
		if (tree)
			point_into(&p->options, tree);
	}
	free(real);
	if (!ok)
		programs_release(p);
	return ok;
}

void programs_release(struct programs *p)
{
	args_release(&p->daemon);
	args_release(&p->install);
	args_release(&p->client);
	args_release(&p->options);
	free(p->version);
	*p = (struct programs){0};
}
