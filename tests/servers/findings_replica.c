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

/* --- an applier that takes its time ------------------------------------------------------------------- */

/* A server on which each row of the table takes so long to change when it comes from the source: for as long as
   somebody there holds a lock that nobody waits for. */
static void make_slow(struct db *db, const char *table, const char *seconds)
{
	char sql[200];
	snprintf(sql, sizeof sql,
		 "CREATE TRIGGER shop.slow_%s BEFORE UPDATE ON shop.%s FOR EACH ROW "
		 "SET @slow = IF(IS_FREE_LOCK('slow'), 0, SLEEP(%s))", table, table, seconds);
	sql_aside(db, sql);
	if (!mysql)
		server_sql(db, "SET GLOBAL slave_run_triggers_for_rbr = YES");
}

static struct db *slow_from_now(const struct server *s)
{
	struct db *holder = pump_session(s);
	free(server_value(holder, "SELECT GET_LOCK('slow', 0)"));
	return holder;
}

/* On MySQL only a statement that is replicated runs a trigger of the replica's own. */
static void by_statement(bool on)
{
	if (mysql)
		server_sql(at_source, on ? "SET SESSION binlog_format = 'STATEMENT'"
					 : "SET SESSION binlog_format = 'ROW'");
}

/* One commit a second up to now, as their times say. */
static void make_commits(void)
{
	enum { SECONDS = 300 };
	long long from = (long long)(clock_wall_us() / 1000000) - SECONDS;
	by_statement(true);
	for (int i = 0; i < SECONDS; i++) {
		char sql[80];
		snprintf(sql, sizeof sql, "SET SESSION timestamp = %lld", from + i);
		server_sql(at_source, sql);
		server_sql(at_source, "UPDATE shop.orders SET v = v + 1 WHERE id = 2");
	}
	server_sql(at_source, "SET SESSION timestamp = DEFAULT");
	by_statement(false);
}

/* Seconds until it is level, as it tells; or the lag itself when it does not know. */
static double level_in(const struct watch *w)
{
	struct arena a = {0};
	struct finding f;
	double seconds = 1e9;
	if (watch_finding(w, "replica-lag", &f, &a))
		for (unsigned i = 0; i < f.n_evidence; i++)
			if (strcmp(f.evidence[i].name, "level in") == 0)
				seconds = value_number(f.evidence[i].value, seconds);
	arena_release(&a);
	return seconds;
}

/* It has ten of those seconds done in each. */
static void it_catches_up(struct watch *w, struct expected e)
{
	e.text = "catching up: level in";
	e.evidence = "level in";
	watch_expect(w, &e);
	double first = level_in(w);
	for (unsigned n = 0; level_in(w) > first - 2; n++) {
		if (n > 30)
			fail_msg("level in %.1f s, and then in %.1f s", first, level_in(w));
		watch_next(w);
	}
}

static void a_single_thread_that_is_behind(void **state)
{
	(void)state;
	struct watch w;
	channel_sql(at_delayed, "STOP", "");
	server_sql(at_delayed, mysql ? "CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0"
				     : "CHANGE MASTER TO MASTER_DELAY = 0");
	channel_sql(at_delayed, "START", "");
	until_it_has(at_delayed, "3");
	channel_sql(at_delayed, "STOP", "SQL_THREAD");
	make_slow(at_delayed, "orders", "0.1");
	struct db *holder = slow_from_now(&delayed);
	make_commits();
	watch_open(&w, &delayed, soon, NULL);
	channel_sql(at_delayed, "START", "");
	watch_begin(&w);
	struct expected e = {"replica-lag", SEVERITY_WARNING, channel,
			     .suspects = mysql ? "variable:replica_parallel_workers"
					       : "variable:slave_parallel_threads",
			     .text = "one thread applies everything", .within = 6};
	watch_expect(&w, &e);
	/* MySQL's lag is by when they were really made from the second one on. */
	if (!mysql)
		it_catches_up(&w, e);
	pump_kill(at_delayed, holder);
	watch_healthy(&w, 0);
	watch_close(&w);
}

/* --- what limits the applier -------------------------------------------------------------------------- */

enum { ROWS = 60000, CHANGES = 3000, LARGE = 3000 };

/* Made on each by itself: the source finds its rows by the key, whatever the replica has. */
static void make_table(struct db *db, const char *table, const char *columns, int rows)
{
	char sql[400];
	static const char *const digits = "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION "
					  "SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
	snprintf(sql, sizeof sql, "CREATE TABLE shop.%s (%s) ENGINE=InnoDB", table, columns);
	sql_aside(db, sql);
	struct buf b = BUF_INIT;
	buf_addf(&b, "INSERT INTO shop.%s SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d, a.d, "
		     "REPEAT('x', 60) FROM %s a, %s b, %s c, %s d, %s e WHERE 1000 * d.d + 10000 * e.d < %d", table, digits,
		 digits, digits, digits, digits, rows);
	sql_aside(db, buf_str(&b));
	buf_release(&b);
}

/* Each by itself, a minute ago by their times; more than are applied before the key is there. */
static void change_rows(const char *table)
{
	char sql[300];
	snprintf(sql, sizeof sql,
		 "CREATE PROCEDURE shop.change_rows() BEGIN DECLARE i INT DEFAULT 0; WHILE i < %d DO "
		 "UPDATE shop.%s SET b = b + 1 WHERE a = MOD(i * 7919, %d); SET i = i + 1; END WHILE; END",
		 CHANGES, table, ROWS);
	server_sql(at_source, sql);
	server_sql(at_source, "SET SESSION timestamp = UNIX_TIMESTAMP() - 60");
	server_sql(at_source, "CALL shop.change_rows()");
	server_sql(at_source, "SET SESSION timestamp = DEFAULT");
}

/* The root of those who wait is a session that idles in its transaction. */
static void a_lock_on_the_replica(void **state)
{
	(void)state;
	char culprits[120];
	struct db *holder = pump_session(&replica);
	char *id = server_value(holder, "SELECT CONNECTION_ID()");
	server_sql(holder, "BEGIN");
	server_sql(holder, "SELECT * FROM shop.orders WHERE id = 1 FOR UPDATE");
	server_sql(at_source, "UPDATE shop.orders SET v = v + 1 WHERE id = 1");
	watch_begin(&on_replica);
	snprintf(culprits, sizeof culprits, "%s session:%s", channel, id);
	watch_expect_under(&on_replica, &(struct expected){"replica-lag", SEVERITY_WARNING, culprits,
							   .text = "it waits for a lock of session", .within = 6},
			   "row-lock-pileup");
	pump_kill(at_replica, holder);
	free(id);
	watch_healthy(&on_replica, 0);
}

static void a_lock_whose_holder_is_hidden(void **state)
{
	(void)state;
	char culprits[120], holder_id[40];
	struct db *holder = pump_session(&replica);
	char *id = server_value(holder, "SELECT CONNECTION_ID()");
	snprintf(holder_id, sizeof holder_id, "session:%s", id);
	free(id);
	server_sql(holder, "LOCK TABLES shop.orders READ");
	server_sql(at_source, "UPDATE shop.orders SET v = v + 1 WHERE id = 1");
	watch_begin(&on_replica);
	snprintf(culprits, sizeof culprits, "%s%s%s", channel, mysql ? " " : "", mysql ? holder_id : "");
	watch_expect_under(&on_replica, &(struct expected){"replica-lag", SEVERITY_WARNING, culprits,
							   .suspects = mysql ? NULL : "session:*", .within = 6},
			   mysql ? "table-lock" : "mdl-pileup");
	pump_kill(at_replica, holder);
	watch_healthy(&on_replica, 0);
}

static void a_table_without_primary_key(void **state)
{
	(void)state;
	char culprits[120];
	make_table(at_source, "keyless", "a INT PRIMARY KEY, b INT, pad VARCHAR(80)", ROWS);
	make_table(at_delayed, "keyless", "a INT PRIMARY KEY, b INT, pad VARCHAR(80)", ROWS);
	make_table(at_replica, "keyless", "a INT, b INT, pad VARCHAR(80)", ROWS);
	change_rows("keyless");
	watch_begin(&on_replica);
	snprintf(culprits, sizeof culprits, "%s table:shop.keyless", channel);
	watch_expect(&on_replica, &(struct expected){"replica-lag", SEVERITY_WARNING, culprits,
						     .text = "as without a primary key", .within = 6});
	channel_sql(at_replica, "STOP", "SQL_THREAD");
	sql_aside(at_replica, "ALTER TABLE shop.keyless ADD PRIMARY KEY (a)");
	channel_sql(at_replica, "START", "");
	watch_healthy(&on_replica, 0);
}

static void a_large_transaction(void **state)
{
	(void)state;
	char culprits[240], gtid[80];
	struct db *const all[] = {at_source, at_replica, at_delayed};
	for (size_t i = 0; i < COUNT_OF(all); i++)
		make_table(all[i], "big", "a INT PRIMARY KEY, b INT, pad VARCHAR(80)", LARGE);
	make_slow(at_replica, "big", "0.02");
	struct db *holder = slow_from_now(&replica);
	by_statement(true);
	server_sql(at_source, "UPDATE shop.big SET b = b + 1");
	by_statement(false);
	watch_begin(&on_replica);
	newest(gtid);
	/* MariaDB shows the table by the statement that the worker runs: mostly the trigger's here. */
	snprintf(culprits, sizeof culprits, "%s %s%s", channel, gtid, mysql ? " table:shop.big" : "*");
	watch_expect(&on_replica, &(struct expected){"replica-lag", SEVERITY_WARNING, culprits,
						     .text = "it has been at one transaction for",
						     .evidence = "rows changed in it", .within = 6});
	pump_kill(at_replica, holder);
	watch_healthy(&on_replica, 0);
}

/* --- a backup ----------------------------------------------------------------------------------------- */

/* Into a folder of its own, at a megabyte a second. */
static void a_clone(void **state)
{
	(void)state;
	char sql[400], culprit[60];
	struct db *const both[] = {at_source, at_replica};
	if (!mysql)
		return; /* MariaDB knows no clone */
	for (size_t i = 0; i < COUNT_OF(both); i++)
		server_sql(both[i], "INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
	server_sql(at_replica, "SET GLOBAL clone_max_data_bandwidth = 1");
	snprintf(sql, sizeof sql, "SET GLOBAL clone_valid_donor_list = '%s'", address_of(&source));
	server_sql(at_replica, sql);
	struct db *cloner = pump_session(&replica);
	snprintf(culprit, sizeof culprit, "session:%lld", (long long)db_server(cloner)->connection_id);
	snprintf(sql, sizeof sql,
		 "CLONE INSTANCE FROM full@127.0.0.1:%s IDENTIFIED BY 'full' DATA DIRECTORY = '%s-clone'", source.port,
		 replica.datadir);
	pump_start(cloner, sql);
	watch_begin(&on_replica);
	watch_expect(&on_replica, &(struct expected){"backup-running", SEVERITY_NOTICE, culprit, .text = "by clone",
						     .within = 6});
	pump_kill(at_replica, cloner);
	watch_healthy(&on_replica, 0);
}

/* --- who replicates from whom ------------------------------------------------------------------------- */

static void a_replica_that_does_not_acknowledge(void **state)
{
	(void)state;
	struct watch w;
	struct pump p;
	char replicas[200];
	struct db *writer = pump_session(&source);
	watch_open(&w, &source, NULL, NULL);
	watch_healthy(&w, 1);
	server_sql(at_source, mysql ? "SET GLOBAL rpl_semi_sync_source_timeout = 60000"
				    : "SET GLOBAL rpl_semi_sync_master_timeout = 60000");
	topology_signal(delayed.name, SIGSTOP);
	pump_start(writer, "UPDATE shop.orders SET v = v + 1 WHERE id = 1");
	watch_begin(&w);
	snprintf(replicas, sizeof replicas, mysql ? "replica:%s" : "replica:*", address_of(&delayed));
	struct expected e = {"semisync-stall", SEVERITY_WARNING, mysql ? replicas : "",
			     .suspects = mysql ? NULL : replicas, .text = "to acknowledge", .within = 4};
	watch_expect(&w, &e);
	/* Whose acknowledgement it is, MySQL tells; MariaDB, how many there are that could. */
	pump_init(&p, &source, NULL);
	pump_round(&p, outside_needs(OUTSIDE_REPLICAS));
	const char *who = topology_outside(&p, OUTSIDE_REPLICAS);
	assert_int_equal(strncmp(who, "1 ack of ", 9), 0);
	assert_non_null(strstr(who, mysql ? address_of(&delayed) : "the 1 replica that acknowledges, among "));
	assert_non_null(strstr(who, "; given up after 60 s"));
	pump_release(&p);
	topology_signal(delayed.name, SIGCONT);
	pump_kill(at_source, writer);
	watch_healthy(&w, 0);
	/* With the time that it has it falls back. */
	server_sql(at_source, mysql ? "SET GLOBAL rpl_semi_sync_source_timeout = 100"
				    : "SET GLOBAL rpl_semi_sync_master_timeout = 100");
	topology_signal(delayed.name, SIGSTOP);
	server_sql(at_source, "UPDATE shop.orders SET v = v + 1 WHERE id = 1");
	watch_begin(&w);
	e.text = "fell back";
	watch_expect(&w, &e);
	topology_signal(delayed.name, SIGCONT);
	watch_healthy(&w, 0);
	watch_close(&w);
}

/* From the source's side: nobody asks for its events any more. */
static void replicas_that_are_all_gone(void **state)
{
	(void)state;
	struct watch w;
	watch_open(&w, &source, NULL, NULL);
	watch_healthy(&w, 1);
	channel_sql(at_replica, "STOP", "IO_THREAD");
	channel_sql(at_delayed, "STOP", "IO_THREAD");
	/* The source notices when it next has something to send. */
	server_sql(at_source, "UPDATE shop.orders SET v = v + 1 WHERE id = 1");
	pump_until(at_source, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'",
		   "0");
	watch_begin(&w);
	watch_expect(&w, &(struct expected){"topology-fault", SEVERITY_WARNING, "replica:*",
					    .text = "has no replica any more", .within = 4});
	channel_sql(at_replica, "START", "");
	channel_sql(at_delayed, "START", "");
	watch_healthy(&w, 0);
	watch_close(&w);
}

/* From a replica's side: it may be down. */
static void a_source_that_is_gone(void **state)
{
	(void)state;
	char host[80];
	topology_kill(source.name);
	watch_begin(&on_replica);
	watch_expect(&on_replica, &(struct expected){"replica-io", SEVERITY_CRITICAL, channel, .within = 4});
	snprintf(host, sizeof host, "host:%s", address_of(&source));
	watch_expect_under(&on_replica, &(struct expected){"topology-fault", SEVERITY_WARNING, "", .suspects = host,
							   .text = "may be down", .within = 5},
			   "replica-io");
	topology_launch(source.name);
	db_close(at_source);
	at_source = server_root(&source);
	watch_healthy(&on_replica, 0);
}

/* --- a chain of three --------------------------------------------------------------------------------- */

/* From now on `delayed` replicates from `replica`, and `source` has but that one. */
static void make_chain(void)
{
	char sql[120];
	server_sql(at_source, mysql ? "SET GLOBAL rpl_semi_sync_source_enabled = OFF"
				    : "SET GLOBAL rpl_semi_sync_master_enabled = OFF");
	channel_sql(at_delayed, "STOP", "");
	snprintf(sql, sizeof sql,
		 mysql ? "CHANGE REPLICATION SOURCE TO SOURCE_PORT = %s"
		       : "CHANGE MASTER TO MASTER_PORT = %s, MASTER_USE_GTID = slave_pos",
		 replica.port);
	server_sql(at_delayed, sql);
	channel_sql(at_delayed, "START", "");
}

static void until_it_has_replicas(struct watch *w)
{
	for (unsigned n = 0; !part_rows(w->rig.last[0]->parts[PART_REPLICAS]); n++) {
		if (n > 40)
			fail_msg("%s knows of no replica", w->server->name);
		watch_next(w);
	}
	watch_healthy(w, 0);
}

static void an_intermediate_that_is_broken(void **state)
{
	(void)state;
	char gtid[80], culprits[240];
	struct watch below;
	make_chain();
	watch_open(&below, &delayed, soon, NULL);
	watch_healthy(&below, 1);
	until_it_has_replicas(&on_replica);
	sql_aside(at_replica, "INSERT INTO shop.orders VALUES (8, 80)");
	server_sql(at_source, "INSERT INTO shop.orders VALUES (8, 81)");
	watch_begin(&on_replica);
	newest(gtid);
	snprintf(culprits, sizeof culprits, "%s table:shop.orders %s", channel, gtid);
	watch_expect(&on_replica, &(struct expected){"replica-broken", SEVERITY_CRITICAL, culprits, .text = "1062"});
	snprintf(culprits, sizeof culprits, "replica:%s", own);
	watch_expect_under(&on_replica, &(struct expected){"topology-fault", SEVERITY_WARNING, culprits,
							   .text = "1 replica behind", .within = 4}, "replica-broken");
	/* Who hangs below is as far as its source. */
	watch_healthy(&below, 1);
	sql_aside(at_replica, "DELETE FROM shop.orders WHERE id = 8");
	channel_sql(at_replica, "START", "");
	watch_healthy(&on_replica, 0);
	until_it_has(at_delayed, "4");
	watch_close(&below);
}

/* Ends what looks at the replica, which is not there from now on. */
static void leave_replica(void)
{
	watch_close(&on_replica);
	pump_kill(at_replica, reader);
	pump_kill(at_replica, sleeper);
	db_close(at_replica);
	at_replica = NULL;
}

/* From both sides; each knows only that the other does not answer. */
static void an_intermediate_that_is_gone(void **state)
{
	(void)state;
	struct watch above, below;
	char from[80], host[80];
	snprintf(from, sizeof from, "channel:%s", own);
	snprintf(host, sizeof host, "host:%s", own);
	watch_open(&above, &source, NULL, NULL);
	watch_open(&below, &delayed, soon, NULL);
	watch_healthy(&above, 1);
	watch_healthy(&below, 1);
	leave_replica();
	topology_kill(replica.name);
	watch_begin(&below);
	watch_expect(&below, &(struct expected){"replica-io", SEVERITY_CRITICAL, from, .within = 4});
	watch_expect_under(&below, &(struct expected){"topology-fault", SEVERITY_WARNING, "", .suspects = host,
						      .text = "may be down", .within = 5}, "replica-io");
	server_sql(at_source, "UPDATE shop.orders SET v = v + 1 WHERE id = 1");
	pump_until(at_source, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'",
		   "0");
	watch_begin(&above);
	watch_expect(&above, &(struct expected){"topology-fault", SEVERITY_WARNING, "replica:*",
						.text = "has no replica any more", .within = 4});
	watch_close(&above);
	watch_close(&below);
}

/* --- writes on the replica ---------------------------------------------------------------------------- */

/* What was born here stays. Variables are read now and then; whoever opens it finds them. */
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
	server_sql(at_source, "CREATE DATABASE IF NOT EXISTS shop");
	sql_aside(at_delayed, "CREATE DATABASE shop");
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
	if (at_replica)
		leave_replica();
	db_close(at_source);
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
		cmocka_unit_test(a_single_thread_that_is_behind),
		cmocka_unit_test(a_lock_on_the_replica),
		cmocka_unit_test(a_lock_whose_holder_is_hidden),
		cmocka_unit_test(a_large_transaction),
		cmocka_unit_test(a_table_without_primary_key),
		cmocka_unit_test(a_clone),
		cmocka_unit_test(a_replica_that_does_not_acknowledge),
		cmocka_unit_test(replicas_that_are_all_gone),
		cmocka_unit_test(a_source_that_is_gone),
		cmocka_unit_test(an_intermediate_that_is_broken),
		cmocka_unit_test(a_replica_that_was_written_to),
		cmocka_unit_test(an_intermediate_that_is_gone),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
