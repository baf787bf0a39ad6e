/*
 * What the rules of replication say of real servers in trouble, MySQL's or MariaDB's by the program's name: a
 * source with two replicas, of which one is kept behind on purpose. Decoys are there all the time: a long
 * SELECT and a transaction that sleeps.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/servers/topology.h"
#include "tests/servers/watch.h"

static bool mysql;
static struct server source, replica, delayed;
static struct db *at_source, *at_replica, *at_delayed, *sleeper, *reader;
/* The replica is watched all the time. */
static struct watch on_replica;
static char channel[64], own[64]; /* "channel:127.0.0.1:3306": the source's port; the replica's own address */

static const char *const soon[] = {"replica-lag.seconds", "2/1", "replica-lag.warning", "3/2", NULL};

static const char *address_of(const struct server *s)
{
	static char address[3][40];
	static unsigned next;
	char *a = address[next++ % 3];
	snprintf(a, sizeof address[0], "127.0.0.1:%s", s->port);
	return a;
}

/* --- statements of both flavors --------------------------------------------------------------------- */

static void channel_sql(struct db *db, const char *verb, const char *thread)
{
	char sql[200];
	if (mysql)
		snprintf(sql, sizeof sql, "%s REPLICA %s FOR CHANNEL ''", verb, thread);
	else
		snprintf(sql, sizeof sql, "%s SLAVE %s", verb, thread);
	server_sql(db, sql);
}

/* On the server alone: nobody gets it from there. */
static void sql_aside(struct db *db, const char *sql)
{
	server_sql(db, "SET SESSION sql_log_bin = 0");
	server_sql(db, sql);
	server_sql(db, "SET SESSION sql_log_bin = 1");
}

/* The newest transaction of the source, as a culprit. */
static void newest(char out[80])
{
	char *gtid = server_value(at_source, mysql ? "SELECT CONCAT(@@server_uuid, ':', "
						     "SUBSTRING_INDEX(@@GLOBAL.gtid_executed, '-', -1))"
						   : "SELECT @@GLOBAL.gtid_binlog_pos");
	snprintf(out, 80, "transaction:%s", gtid);
	free(gtid);
}

static void until_it_has(struct db *db, const char *count)
{
	pump_until(db, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND "
		       "TABLE_NAME = 'orders'", "1");
	pump_until(db, "SELECT COUNT(*) FROM shop.orders", count);
}

/* --- the healthy -------------------------------------------------------------------------------------- */

static void of_healthy_servers_nothing_is_said(void **state)
{
	(void)state;
	struct watch at[2];
	watch_open(&at[0], &source, NULL, NULL);
	watch_open(&at[1], &delayed, NULL, NULL);
	for (size_t i = 0; i < COUNT_OF(at); i++)
		watch_healthy(&at[i], 3);
	watch_healthy(&on_replica, 1);
	for (size_t i = 0; i < COUNT_OF(at); i++)
		watch_close(&at[i]);
}

/* --- the channel -------------------------------------------------------------------------------------- */

static void a_stopped_receiver_is_no_lag_of_0(void **state)
{
	(void)state;
	channel_sql(at_replica, "STOP", "IO_THREAD");
	watch_begin(&on_replica);
	watch_expect(&on_replica, &(struct expected){"lag-lies", SEVERITY_CRITICAL, channel});
	channel_sql(at_replica, "START", "");
	watch_healthy(&on_replica, 0);
}

static void a_duplicate_key(void **state)
{
	(void)state;
	char gtid[80], culprits[240];
	sql_aside(at_replica, "INSERT INTO shop.orders VALUES (7, 70)");
	server_sql(at_source, "INSERT INTO shop.orders VALUES (7, 71)");
	watch_begin(&on_replica);
	newest(gtid);
	snprintf(culprits, sizeof culprits, "%s table:shop.orders %s", channel, gtid);
	watch_expect(&on_replica, &(struct expected){"replica-broken", SEVERITY_CRITICAL, culprits,
						     .text = "1062"});
	sql_aside(at_replica, "DELETE FROM shop.orders WHERE id = 7");
	channel_sql(at_replica, "START", "");
	watch_healthy(&on_replica, 0);
}

static void a_login_that_is_refused(void **state)
{
	(void)state;
	sql_aside(at_source, "ALTER USER repl@'%' IDENTIFIED BY 'changed'");
	channel_sql(at_replica, "STOP", "");
	channel_sql(at_replica, "START", "");
	watch_begin(&on_replica);
	watch_expect(&on_replica, &(struct expected){"replica-io", SEVERITY_CRITICAL, channel, .text = "1045"});
	sql_aside(at_source, "ALTER USER repl@'%' IDENTIFIED BY 'repl'");
	channel_sql(at_replica, "STOP", "");
	channel_sql(at_replica, "START", "");
	watch_healthy(&on_replica, 0);
}

/* --- writes on the replica ---------------------------------------------------------------------------- */

/* The last of all: what was born here stays. Variables are read now and then; whoever opens it finds them. */
static void a_replica_that_was_written_to(void **state)
{
	(void)state;
	char culprits[240];
	struct watch w;
	server_sql(at_replica, "SET GLOBAL read_only = OFF");
	watch_open(&w, &replica, NULL, NULL);
	watch_begin(&w);
	snprintf(culprits, sizeof culprits, "host:%s", own);
	watch_expect(&w, &(struct expected){"writable-replica", SEVERITY_WARNING, culprits});
	server_sql(at_replica, "CREATE DATABASE mine");
	watch_begin(&w);
	char *gtid = server_value(at_replica, mysql ? "SELECT CONCAT(@@server_uuid, ':1')"
						    : "SELECT CONCAT('0-', @@server_id, '-', "
						      "SUBSTRING_INDEX(@@GLOBAL.gtid_binlog_pos, '-', -1))");
	snprintf(culprits, sizeof culprits, "replica:%s transaction:%s", own, gtid);
	free(gtid);
	watch_expect_under(&w, &(struct expected){"errant-gtid", SEVERITY_WARNING, culprits}, "writable-replica");
	watch_close(&w);
}

/* --- all of it ---------------------------------------------------------------------------------------- */

static int setup(void **state)
{
	(void)state;
	char flavor[32];
	static const char *const suffixes[] = {"-source", "-replica", "-delayed"};
	struct server *const all[] = {&source, &replica, &delayed};
	static char names[3][32];
	snprintf(flavor, sizeof flavor, "%s", mysql ? "mysql" : "mariadb");
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		snprintf(names[i], sizeof names[i], "%s%s", flavor, suffixes[i]);
		*all[i] = topology_server(names[i]);
	}
	at_source = server_root(&source);
	at_replica = server_root(&replica);
	at_delayed = server_root(&delayed);
	snprintf(channel, sizeof channel, "channel:%s", address_of(&source));
	snprintf(own, sizeof own, "%s", address_of(&replica));
	server_sql(at_source, "CREATE DATABASE shop");
	server_sql(at_source, "CREATE TABLE shop.orders (id INT PRIMARY KEY, v INT) ENGINE=InnoDB");
	server_sql(at_source, "INSERT INTO shop.orders VALUES (1, 1), (2, 2)");
	until_it_has(at_replica, "2");
	sleeper = pump_session(&replica);
	server_sql(sleeper, "BEGIN");
	server_sql(sleeper, "SELECT COUNT(*) FROM mysql.user");
	reader = pump_session(&replica);
	pump_start(reader, "SELECT SLEEP(600)");
	watch_open(&on_replica, &replica, soon, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	watch_close(&on_replica);
	pump_kill(at_replica, reader);
	pump_kill(at_replica, sleeper);
	db_close(at_source);
	db_close(at_replica);
	db_close(at_delayed);
	return 0;
}

int main(int argc, char **argv)
{
	(void)argc;
	mysql = strstr(argv[0], "mysql") != NULL;
	topology_enter(argv, mysql ? "mysql" : "mariadb");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_healthy_servers_nothing_is_said),
		cmocka_unit_test(a_stopped_receiver_is_no_lag_of_0),
		cmocka_unit_test(a_duplicate_key),
		cmocka_unit_test(a_login_that_is_refused),
		cmocka_unit_test(a_replica_that_was_written_to),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
