/*
 * Many connections for the benchmarks: idle ones, some that run a slow statement again and again, and
 * some that wait for one locked row.
 *
 *   load SOCKET USER PASSWORD CONNECTIONS SLOW WAITERS
 *
 * CONNECTIONS counts them all. Prints "ready" when they stand, and holds them until its standard
 * input ends.
 */
#include <mysql.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char *const slow[] = {
	"SELECT SLEEP(%d) /* report id=%d */, o.* FROM (SELECT 1 AS order_id, 'pending' AS status) o"
	" WHERE o.order_id = 1",
	"SELECT customer_name, SUM(total) FROM (SELECT 'Zo\xc3\xab \xc3\x85str\xc3\xb6m' AS customer_name,"
	" 42 AS total, SLEEP(%d) AS z) t GROUP BY customer_name -- job %d",
	"SELECT SLEEP(%d) /* worker %d */",
	"SELECT COUNT(*)\nFROM information_schema.engines\nWHERE SLEEP(%d / 8) = 0 -- batch %d",
};

static int socket_of(MYSQL *my)
{
#ifdef LIBMARIADB
	return mysql_get_socket(my);
#else
	return my->net.fd;
#endif
}

static void fail(MYSQL *my, const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, mysql_error(my));
	exit(2);
}

static void query(MYSQL *my, const char *sql)
{
	if (mysql_query(my, sql) != 0)
		fail(my, sql);
	mysql_free_result(mysql_store_result(my));
}

static void send_only(MYSQL *my, const char *sql)
{
	if (mysql_send_query(my, sql, strlen(sql)) != 0)
		fail(my, sql);
}

static void send_slow(MYSQL *my, int n)
{
	char sql[400];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(sql, sizeof sql, slow[rand() % 4], 15 + rand() % 225, n);
#pragma GCC diagnostic pop
	send_only(my, sql);
}

static MYSQL *connect_to(char **argv, const char *db)
{
	MYSQL *my = mysql_init(NULL);
	if (!mysql_real_connect(my, NULL, argv[2], argv[3], db, 0, argv[1], 0))
		fail(my, argv[1]);
	return my;
}

int main(int argc, char **argv)
{
	if (argc != 7) {
		fputs("usage: load SOCKET USER PASSWORD CONNECTIONS SLOW WAITERS\n", stderr);
		return 1;
	}
	int n = atoi(argv[4]), n_slow = atoi(argv[5]), n_wait = atoi(argv[6]);
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	srand(7);

	MYSQL *holder = connect_to(argv, NULL);
	query(holder, "CREATE DATABASE IF NOT EXISTS bench");
	query(holder, "CREATE TABLE IF NOT EXISTS bench.account (id INT PRIMARY KEY, balance INT)");
	query(holder, "REPLACE INTO bench.account VALUES (1, 100), (2, 100)");
	query(holder, "BEGIN");
	query(holder, "UPDATE bench.account SET balance = balance - 1 WHERE id = 1");

	MYSQL **all = calloc((size_t)n, sizeof *all);
	struct pollfd *fds = calloc((size_t)n_slow + 1, sizeof *fds);
	if (!all || !fds)
		return 2;
	for (int i = 0; i < n - 1; i++) {
		all[i] = connect_to(argv, "bench");
		if (i < n_slow) {
			send_slow(all[i], i);
			fds[i] = (struct pollfd){.fd = socket_of(all[i]), .events = POLLIN};
		} else if (i < n_slow + n_wait) {
			char sql[120];
			query(all[i], "SET SESSION innodb_lock_wait_timeout = 3600");
			snprintf(sql, sizeof sql, "UPDATE account SET balance = balance + %d WHERE id = 1",
				 i);
			send_only(all[i], sql);
		}
	}
	puts("ready");
	fflush(stdout);
	fds[n_slow] = (struct pollfd){.fd = 0, .events = POLLIN};
	while (poll(fds, (nfds_t)n_slow + 1, -1) >= 0 && !fds[n_slow].revents)
		for (int i = 0; i < n_slow; i++)
			if (fds[i].revents) {
				if (mysql_read_query_result(all[i]) != 0)
					fail(all[i], "a slow statement");
				mysql_free_result(mysql_store_result(all[i]));
				send_slow(all[i], i);
			}
	/* The server ends what is left when the sockets close. */
	return 0;
}
