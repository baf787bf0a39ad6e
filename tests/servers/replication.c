/*
 * Replication on real servers, MySQL's or MariaDB's by the program's name: each number against the server's
 * own answer, and everything that breaks it: broken is shown as broken, with number and text.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "parse/gtid.h"
#include "tests/servers/topology.h"
#include "tests/unit/cmocka_all.h"

static bool mysql;
static struct server source, second, replica, delayed;
/* Sessions of root, for what the tests do. */
static struct db *at_source, *at_second, *at_replica;

#define REPLICATION PART_BIT(PART_REPLICATION)
#define APPLIERS PART_BIT(PART_APPLIERS)

static const char *show(void)
{
	return mysql ? "SHOW REPLICA STATUS" : "SHOW ALL SLAVES STATUS";
}

static const char *channel_column(void)
{
	return mysql ? "Channel_Name" : "Connection_name";
}

/* What the replica says of a channel, in its own words. */
static const char *says(struct db *db, const char *channel, const char *mysql_name, const char *mariadb_name)
{
	return topology_says(db, show(), channel_column(), channel, mysql ? mysql_name : mariadb_name);
}

static struct value of_channel(const struct pump *p, const char *channel, const char *field)
{
	return topology_cell(p, PART_REPLICATION, "channel", channel, field);
}

static const char *word(const struct pump *p, const char *channel, const char *field)
{
	return value_cstr(of_channel(p, channel, field));
}

/* --- statements of both flavors ------------------------------------------------------------------------ */

static void channel_sql(struct db *db, const char *verb, const char *thread, const char *channel)
{
	char sql[200];
	if (mysql)
		snprintf(sql, sizeof sql, "%s REPLICA %s FOR CHANNEL '%s'", verb, thread, channel);
	else
		snprintf(sql, sizeof sql, "%s SLAVE '%s' %s", verb, channel, thread);
	server_sql(db, sql);
}

/* --- waiting ------------------------------------------------------------------------------------------- */

struct expected {
	const char *channel, *state;
	int64_t errno_;
};

static bool in_state(const struct pump *p, const void *arg)
{
	const struct expected *e = arg;
	int64_t io = value_integer(of_channel(p, e->channel, "io_errno"), 0);
	int64_t sql = value_integer(of_channel(p, e->channel, "sql_errno"), 0);
	return strcmp(word(p, e->channel, "state"), e->state) == 0 &&
	       (!e->errno_ || io == e->errno_ || sql == e->errno_);
}

static void until_state(struct pump *p, const char *channel, const char *state, int64_t number)
{
	const struct expected e = {channel, state, number};
	topology_until(p, REPLICATION, in_state, &e, PART_REPLICATION);
}

static bool caught_up(const struct pump *p, const void *arg)
{
	const char *channel = arg;
	return strcmp(word(p, channel, "state"), "running") == 0 &&
	       value_number(of_channel(p, channel, "lag"), 99) <= 0 &&
	       value_integer(of_channel(p, channel, "bytes_behind"), 99) == 0;
}

/* All that the source has is applied. */
static void until_applied(struct db *from, struct db *to, const char *table)
{
	char sql[200], *there;
	struct err err = {0};
	snprintf(sql, sizeof sql, "SELECT 1 FROM %s", table);
	for (int64_t end = in_ms(30000); !server_try(to, sql, &err) && clock_mono_ns() < end;)
		poll(NULL, 0, 50);
	snprintf(sql, sizeof sql, "SELECT CONCAT(COUNT(*), '/', IFNULL(SUM(n), 0)) FROM %s", table);
	there = server_value(from, sql);
	pump_until(to, sql, there);
	free(there);
}

/* --- each number --------------------------------------------------------------------------------------- */

static const struct {
	const char *field, *mysql, *mariadb;
} plain[] = {
	{"source_host", "Source_Host", "Master_Host"},
	{"source_port", "Source_Port", "Master_Port"},
	{"source_user", "Source_User", "Master_User"},
	{"io_running", "Replica_IO_Running", "Slave_IO_Running"},
	{"sql_running", "Replica_SQL_Running", "Slave_SQL_Running"},
	{"lag", "Seconds_Behind_Source", "Seconds_Behind_Master"},
	{"delay", "SQL_Delay", "SQL_Delay"},
	{"io_state", "Replica_IO_State", "Slave_IO_State"},
	{"sql_state", "Replica_SQL_Running_State", "Slave_SQL_Running_State"},
	{"io_errno", "Last_IO_Errno", "Last_IO_Errno"},
	{"io_error", "Last_IO_Error", "Last_IO_Error"},
	{"sql_errno", "Last_SQL_Errno", "Last_SQL_Errno"},
	{"sql_error", "Last_SQL_Error", "Last_SQL_Error"},
	{"read_file", "Source_Log_File", "Master_Log_File"},
	{"read_position", "Read_Source_Log_Pos", "Read_Master_Log_Pos"},
	{"exec_file", "Relay_Source_Log_File", "Relay_Master_Log_File"},
	{"exec_position", "Exec_Source_Log_Pos", "Exec_Master_Log_Pos"},
	{"relay_file", "Relay_Log_File", "Relay_Log_File"},
	{"relay_position", "Relay_Log_Pos", "Relay_Log_Pos"},
	{"relay_space", "Relay_Log_Space", "Relay_Log_Space"},
	{"gtid", "Auto_Position", "Using_Gtid"},
	{"gtid_received", "Retrieved_Gtid_Set", "Gtid_IO_Pos"},
	{"gtid_executed", "Executed_Gtid_Set", "Gtid_Slave_Pos"},
	{"source_id", "Source_Server_Id", "Master_Server_Id"},
	{"tls", "Source_SSL_Allowed", "Master_SSL_Allowed"},
	{"tls_verify", "Source_SSL_Verify_Server_Cert", "Master_SSL_Verify_Server_Cert"},
	{"connect_retry", "Connect_Retry", "Connect_Retry"},
};

static bool same(struct value v, const char *text)
{
	if (!text)
		return v.type == VALUE_ABSENT;
	if (v.type == VALUE_TEXT)
		return strcmp(v.s, text) == 0;
	return value_is_number(v) && value_number(v, -1) == strtod(text, NULL);
}

static void compare(const struct pump *p, struct db *db, const char *channel)
{
	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		const char *text = says(db, channel, plain[i].mysql, plain[i].mariadb);
		struct value v = of_channel(p, channel, plain[i].field);
		if (!same(v, text))
			fail_msg("'%s' %s: %s, the server says %s", channel, plain[i].field,
				 v.type == VALUE_TEXT ? v.s : "another number", text ? text : "NULL");
	}
}

static void each_field_is_what_the_server_says(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &replica, NULL);
	server_sql(at_source, "CREATE DATABASE IF NOT EXISTS shop");
	server_sql(at_source, "CREATE TABLE shop.stock (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
	server_sql(at_source, "INSERT INTO shop.stock VALUES (1,1), (2,2), (3,3), (4,4)");
	server_sql(at_second, "CREATE DATABASE IF NOT EXISTS west");
	server_sql(at_second, "CREATE TABLE west.stock (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
	until_applied(at_source, at_replica, "shop.stock");
	topology_until(&p, REPLICATION | APPLIERS, caught_up, "", PART_REPLICATION);
	topology_until(&p, REPLICATION | APPLIERS, caught_up, "second", PART_REPLICATION);
	assert_int_equal(part_rows(p.parts[PART_REPLICATION]), 2);
	compare(&p, at_replica, "");
	compare(&p, at_replica, "second");
	assert_string_equal(word(&p, "", "filters"), "");
	assert_int_equal(value_integer(of_channel(&p, "", "gtid_gap"), -1), 0);
	assert_int_equal(value_integer(of_channel(&p, "", "workers"), -1), 4);
	assert_int_equal(value_integer(of_channel(&p, "", "semisync"), 0), 0);
	assert_true(value_number(of_channel(&p, "second", "heartbeats"), 0) >= 0);
	assert_float_equal(value_number(of_channel(&p, "", "heartbeat_interval"), 0), 1, 0);
	if (mysql) {
		assert_float_equal(value_number(of_channel(&p, "", "apply_lag"), -1), 0, 0);
		assert_float_equal(value_number(of_channel(&p, "", "receive_lag"), -1), 0, 0);
		assert_string_equal(word(&p, "", "queued"), word(&p, "", "applied"));
		char *uuid = server_value(at_source, "SELECT @@server_uuid");
		assert_string_equal(word(&p, "", "source_uuid"), uuid);
		free(uuid);
	}
	pump_release(&p);
}

/* --- lag by every measure -------------------------------------------------------------------------------- */

static bool received_all(const struct pump *p, const void *arg)
{
	const int64_t *gap = arg;
	return value_integer(of_channel(p, "", "gtid_gap"), -1) == *gap;
}

static void a_stopped_applier_leaves_a_gap(void **state)
{
	(void)state;
	struct pump p;
	int64_t gap = 5;
	pump_init(&p, &replica, NULL);
	channel_sql(at_replica, "STOP", "SQL_THREAD", "");
	for (int i = 0; i < gap; i++)
		server_sql(at_source, "UPDATE shop.stock SET n = n + 1 WHERE id = 1");
	topology_until(&p, REPLICATION, received_all, &gap, PART_REPLICATION);
	assert_string_equal(word(&p, "", "state"), "applier stopped");
	assert_int_equal(of_channel(&p, "", "lag").type, VALUE_ABSENT);
	assert_int_equal(of_channel(&p, "", "apply_lag").type, VALUE_ABSENT);
	const char *read = says(at_replica, "", "Read_Source_Log_Pos", "Read_Master_Log_Pos");
	long long behind = strtoll(read, NULL, 10);
	behind -= strtoll(says(at_replica, "", "Exec_Source_Log_Pos", "Exec_Master_Log_Pos"), NULL, 10);
	assert_true(behind > 0);
	assert_int_equal(value_integer(of_channel(&p, "", "bytes_behind"), -1), behind);
	channel_sql(at_replica, "START", "SQL_THREAD", "");
	topology_until(&p, REPLICATION, caught_up, "", PART_REPLICATION);
	assert_int_equal(value_integer(of_channel(&p, "", "gtid_gap"), -1), 0);
	pump_release(&p);
}

static bool waits_for_time(const struct pump *p, const void *arg)
{
	(void)arg;
	return value_integer(of_channel(p, "", "delay_remaining"), 0) > 3000;
}

static void a_delay_is_no_trouble(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &delayed, NULL);
	server_sql(at_source, "UPDATE shop.stock SET n = n + 1 WHERE id = 2");
	topology_until(&p, REPLICATION | APPLIERS, waits_for_time, NULL, PART_REPLICATION);
	assert_string_equal(word(&p, "", "state"), "running");
	assert_int_equal(value_integer(of_channel(&p, "", "semisync"), -1), 1);
	assert_int_equal(value_integer(of_channel(&p, "", "delay"), 0), 3600);
	assert_non_null(strstr(word(&p, "", "sql_state"), "DELAY seconds after"));
	struct db *db = server_root(&delayed);
	/* Read a moment later: a minute on a machine that is very busy. Now and then the server has none to tell. */
	long long left = 0, ours = 0;
	for (int64_t end = in_ms(20000); clock_mono_ns() < end; pump_round(&p, REPLICATION | APPLIERS)) {
		const char *text = says(db, "", "SQL_Remaining_Delay", "SQL_Remaining_Delay");
		left = text ? strtoll(text, NULL, 10) : 0;
		ours = value_integer(of_channel(&p, "", "delay_remaining"), 0);
		if (llabs(left - ours) <= 60)
			break;
		poll(NULL, 0, 120);
	}
	if (llabs(left - ours) > 60)
		fail_msg("%lld s are left, the server says %lld", ours, left);
	const struct part *appliers = p.parts[PART_APPLIERS];
	assert_true(part_rows(appliers) >= 2);
	if (mysql) {
		assert_string_equal(value_cstr(topology_cell(&p, PART_APPLIERS, "id", "/1", "kind")), "worker");
		assert_non_null(strstr(value_cstr(topology_cell(&p, PART_APPLIERS, "id", "/coordinator", "state")),
				       "DELAY"));
		assert_true(value_integer(of_channel(&p, "", "gtid_gap"), 0) > 0);
	} else {
		assert_string_equal(part_reason(p.parts[PART_WORKERS]),
				    "the performance schema is off: start the server with "
				    "performance_schema=ON");
		topology_row(&p, PART_APPLIERS, "kind", "receiver");
	}
	db_close(db);
	pump_release(&p);
}

static bool has_heartbeat(const struct pump *p, const void *arg)
{
	(void)arg;
	return value_is_number(of_channel(p, "", "heartbeat_lag"));
}

static void a_heartbeat_table_is_found(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &replica, NULL);
	server_sql(at_source, "CREATE DATABASE percona");
	server_sql(at_source, "CREATE TABLE percona.heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED "
			      "PRIMARY KEY, file VARCHAR(255), position BIGINT UNSIGNED)");
	server_sql(at_source, "INSERT INTO percona.heartbeat VALUES "
			      "(DATE_FORMAT(UTC_TIMESTAMP(6) - INTERVAL 7 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), "
			      "@@server_id, 'binlog.000001', 4)");
	topology_until(&p, REPLICATION, has_heartbeat, NULL, PART_HEARTBEAT);
	double lag = value_number(of_channel(&p, "", "heartbeat_lag"), 0);
	assert_true(lag >= 7 && lag < 60);
	pump_release(&p);
}

/* --- workers --------------------------------------------------------------------------------------------- */

static bool stuck(const struct pump *p, const void *arg)
{
	const int64_t *holder = arg;
	const struct part *a = p->parts[PART_APPLIERS];
	for (unsigned i = 0; i < part_rows(a); i++)
		if (value_integer(part_cell(a, i, "blocked_by"), 0) == *holder)
			return true;
	return false;
}

static bool is_busy(const struct pump *p, const void *arg)
{
	(void)arg;
	return value_number(of_channel(p, "", "lag"), 0) >= 1;
}

static void a_worker_says_whose_lock_it_waits_for(void **state)
{
	(void)state;
	struct pump p;
	struct db *holder = pump_session(&replica);
	int64_t id = db_server(holder)->connection_id;
	char wanted[64];
	pump_init(&p, &replica, NULL);
	server_sql(holder, "BEGIN");
	server_sql(holder, "SELECT * FROM shop.stock WHERE id = 3 FOR UPDATE");
	server_sql(at_source, "UPDATE shop.stock SET n = n + 10 WHERE id = 3");
	server_sql(at_source, "UPDATE shop.stock SET n = n + 10 WHERE id = 4");
	topology_until(&p, REPLICATION | APPLIERS, stuck, &id, PART_APPLIERS);
	const struct part *a = p.parts[PART_APPLIERS];
	unsigned row = 0;
	while (value_integer(part_cell(a, row, "blocked_by"), 0) != id)
		row++;
	snprintf(wanted, sizeof wanted, "row lock ← %lld", (long long)id);
	assert_string_equal(value_cstr(part_cell(a, row, "state")), wanted);
	assert_string_equal(value_cstr(part_cell(a, row, "kind")), "worker");
	assert_string_equal(value_cstr(part_cell(a, row, "lock_table")), "shop.stock");
	assert_string_equal(value_cstr(part_cell(a, row, "lock_index")), "PRIMARY");
	assert_int_equal(value_integer(part_cell(a, row, "running"), 0), 1);
	assert_true(value_integer(part_cell(a, row, "session"), 0) > 0);
	topology_until(&p, REPLICATION | APPLIERS, is_busy, NULL, PART_REPLICATION);
	if (mysql) {
		a = p.parts[PART_APPLIERS];
		for (row = 0; value_integer(part_cell(a, row, "blocked_by"), 0) != id;)
			row++;
		char *gtid = server_value(at_replica, "SELECT APPLYING_TRANSACTION FROM "
			"performance_schema.replication_applier_status_by_worker "
			"WHERE APPLYING_TRANSACTION <> '' ORDER BY APPLYING_TRANSACTION LIMIT 1");
		assert_string_equal(value_cstr(part_cell(a, row, "applying")), gtid);
		free(gtid);
		assert_int_equal(value_integer(part_cell(a, row, "busy"), 0), 1);
		assert_true(value_number(part_cell(a, row, "applying_since"), 0) > 0);
		assert_true(value_number(of_channel(&p, "", "apply_lag"), 0) > 0);
		assert_true(value_integer(of_channel(&p, "", "workers_busy"), 0) >= 1);
	}
	server_sql(holder, "ROLLBACK");
	topology_until(&p, REPLICATION, caught_up, "", PART_REPLICATION);
	until_applied(at_source, at_replica, "shop.stock");
	db_close(holder);
	pump_release(&p);
}

static bool waits_for_metadata(const struct pump *p, const void *arg)
{
	(void)arg;
	const struct part *a = p->parts[PART_APPLIERS];
	for (unsigned i = 0; i < part_rows(a); i++)
		if (strstr(value_cstr(part_cell(a, i, "state")), "metadata lock"))
			return true;
	return false;
}

static void a_metadata_lock_is_named_too(void **state)
{
	(void)state;
	struct pump p;
	struct db *reader = pump_session(&replica);
	pump_init(&p, &replica, NULL);
	server_sql(reader, "BEGIN");
	server_sql(reader, "SELECT * FROM shop.stock");
	server_sql(at_source, "ALTER TABLE shop.stock ADD COLUMN c INT");
	topology_until(&p, REPLICATION | APPLIERS, waits_for_metadata, NULL, PART_APPLIERS);
	if (mysql) {
		int64_t id = db_server(reader)->connection_id;
		assert_true(stuck(&p, &id));
	}
	server_sql(reader, "ROLLBACK");
	topology_until(&p, REPLICATION, caught_up, "", PART_REPLICATION);
	db_close(reader);
	pump_release(&p);
}

/* --- broken on purpose ------------------------------------------------------------------------------------- */

static void expect_error(struct pump *p, const char *channel, const char *what, int64_t number,
			 const char *part_of_text)
{
	char field[32];
	until_state(p, channel, what, number);
	snprintf(field, sizeof field, "%s_errno", strstr(what, "applier") ? "sql" : "io");
	assert_int_equal(value_integer(of_channel(p, channel, field), 0), number);
	snprintf(field, sizeof field, "%s_error", strstr(what, "applier") ? "sql" : "io");
	const char *text = word(p, channel, field);
	if (!strstr(text, part_of_text))
		fail_msg("%s: %s", part_of_text, text);
	const char *own = strstr(what, "applier") ? says(at_replica, channel, "Last_SQL_Error", "Last_SQL_Error")
						  : says(at_replica, channel, "Last_IO_Error", "Last_IO_Error");
	/* Attempts to connect are counted in the text. */
	assert_memory_equal(text, own, strcspn(text, "("));
	assert_int_equal(of_channel(p, channel, "lag").type, VALUE_ABSENT);
}

/* The channel that nobody touched. */
static void expect_running(const struct pump *p, const char *channel)
{
	if (strcmp(word(p, channel, "state"), "running") != 0)
		fail_msg("'%s' is %s: %s%s", channel, word(p, channel, "state"), word(p, channel, "io_error"),
			 word(p, channel, "sql_error"));
}

static void silently(struct db *db, const char *sql)
{
	server_sql(db, "SET SESSION sql_log_bin = 0");
	server_sql(db, sql);
	server_sql(db, "SET SESSION sql_log_bin = 1");
}

static void duplicate_and_missing_rows_are_told(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &replica, NULL);
	silently(at_replica, "INSERT INTO shop.stock (id, n) VALUES (50, 1)");
	server_sql(at_source, "INSERT INTO shop.stock (id, n) VALUES (50, 1)");
	expect_error(&p, "", "applier failed", 1062, mysql ? "Worker" : "Duplicate entry");
	pump_round(&p, REPLICATION | APPLIERS);
	if (mysql) {
		bool told = false;
		const struct part *a = p.parts[PART_APPLIERS];
		for (unsigned i = 0; i < part_rows(a); i++)
			told |= value_integer(part_cell(a, i, "errno"), 0) == 1062 &&
				strstr(value_cstr(part_cell(a, i, "error")), "Duplicate entry '50'");
		assert_true(told);
	}
	/* The other channel goes on. */
	expect_running(&p, "second");
	silently(at_replica, "DELETE FROM shop.stock WHERE id = 50");
	channel_sql(at_replica, "START", "SQL_THREAD", "");
	topology_until(&p, REPLICATION, caught_up, "", PART_REPLICATION);

	silently(at_replica, "DELETE FROM shop.stock WHERE id = 50");
	server_sql(at_source, "UPDATE shop.stock SET n = 7 WHERE id = 50");
	expect_error(&p, "", "applier failed", 1032, mysql ? "Worker" : "Can't find record");
	silently(at_replica, "INSERT INTO shop.stock (id, n) VALUES (50, 1)");
	channel_sql(at_replica, "START", "SQL_THREAD", "");
	topology_until(&p, REPLICATION, caught_up, "", PART_REPLICATION);
	until_applied(at_source, at_replica, "shop.stock");
	pump_release(&p);
}

static void set_password(const char *password)
{
	char sql[200];
	channel_sql(at_replica, "STOP", "", "second");
	snprintf(sql, sizeof sql,
		 mysql ? "CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = '%s' FOR CHANNEL 'second'"
		       : "CHANGE MASTER 'second' TO MASTER_PASSWORD = '%s'", password);
	server_sql(at_replica, sql);
	channel_sql(at_replica, "START", "", "second");
}

static void a_wrong_password_is_told(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &replica, NULL);
	set_password("wrong");
	expect_error(&p, "second", "cannot connect", 1045, "Access denied");
	expect_running(&p, "");
	set_password("repl");
	until_state(&p, "second", "running", 0);
	pump_release(&p);
}

/* The source has thrown away what the replica needs. */
static void a_purged_binary_log_is_told(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &replica, NULL);
	channel_sql(at_replica, "STOP", "", "second");
	server_sql(at_second, "INSERT INTO west.stock VALUES (1, 1)");
	server_sql(at_second, "FLUSH BINARY LOGS");
	server_sql(at_second, "INSERT INTO west.stock VALUES (2, 2)");
	char *newest = server_value(at_second, mysql ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
	char sql[200];
	snprintf(sql, sizeof sql, "PURGE BINARY LOGS TO '%s'", newest);
	/* A file that the old session of the replica has still open is kept. */
	for (bool gone = false; !gone;) {
		server_sql(at_second, sql);
		char *oldest = server_value(at_second, "SHOW BINARY LOGS");
		gone = strcmp(oldest, newest) == 0;
		free(oldest);
		server_sql(at_second, "INSERT INTO west.stock SELECT MAX(id) + 1, 1 FROM west.stock");
	}
	free(newest);
	channel_sql(at_replica, "START", "", "second");
	expect_error(&p, "second", "receiver failed", mysql ? 13114 : 1236, "fatal error 1236");
	expect_running(&p, "");
	if (mysql) {
		pump_release(&p);
		pump_init(&p, &second, NULL);
		pump_round(&p, PART_BIT(PART_BINLOG));
		char *purged = server_value(at_second, "SELECT @@GLOBAL.gtid_purged");
		assert_string_equal(value_cstr(topology_cell(&p, PART_BINLOG, NULL, NULL, "gtid_purged")), purged);
		assert_true(strlen(purged) > 36);
		free(purged);
	}
	pump_release(&p);
}

/* --- the source's side ---------------------------------------------------------------------------------------- */

static bool two_named(const struct pump *p, const void *arg)
{
	(void)arg;
	const struct part *r = p->parts[PART_REPLICAS];
	unsigned n = 0;
	for (unsigned i = 0; i < part_rows(r); i++)
		n += value_integer(part_cell(r, i, "sent_all"), 0) == 1;
	return part_rows(r) == 2 && n == 2;
}

static void the_source_knows_its_replicas(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &source, NULL);
	topology_until(&p, PART_BIT(PART_REPLICAS) | PART_BIT(PART_BINLOG) | PART_BIT(PART_BINLOG_FILES),
		       two_named, NULL, PART_REPLICAS);
	struct db *at_delayed = server_root(&delayed);
	char *port = server_value(at_delayed, "SELECT @@port");
	const char *end = mysql ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS";
	if (mysql) {
		char name[64];
		snprintf(name, sizeof name, "127.0.0.1:%s", port);
		char *uuid = server_value(at_delayed, "SELECT @@server_uuid");
		assert_string_equal(value_cstr(topology_cell(&p, PART_REPLICAS, "name", name, "uuid")), uuid);
		assert_int_equal(value_integer(topology_cell(&p, PART_REPLICAS, "name", name, "semisync"), 0), 1);
		assert_int_equal(value_integer(topology_cell(&p, PART_REPLICAS, "name", name, "by_gtid"), 0), 1);
		free(uuid);
	}
	free(port);
	db_close(at_delayed);
	const char *file = topology_says(at_source, end, NULL, NULL, "File");
	assert_string_equal(value_cstr(part_cell(p.parts[PART_REPLICAS], 0, "file")), file);
	assert_string_equal(value_cstr(part_cell(p.parts[PART_BINLOG], 0, "file")), file);
	double position = strtod(topology_says(at_source, end, NULL, NULL, "Position"), NULL);
	assert_float_equal(value_number(part_cell(p.parts[PART_BINLOG], 0, "position"), 0), position, 0);

	const struct part *files = p.parts[PART_BINLOG_FILES];
	double to_end = 0;
	for (unsigned i = part_rows(files); i-- > 0;) {
		const char *own = value_cstr(part_cell(files, i, "file"));
		double size = strtod(topology_says(at_source, "SHOW BINARY LOGS", "Log_name", own, "File_size"),
				     NULL);
		to_end += size;
		assert_float_equal(value_number(part_cell(files, i, "size"), 0), size, 0);
		assert_float_equal(value_number(part_cell(files, i, "to_end"), 0), to_end, 0);
	}
	unsigned last = part_rows(files) - 1;
	assert_int_equal(value_integer(part_cell(files, last, "current"), 0), 1);
	assert_non_null(strchr(value_cstr(part_cell(files, last, "needed_by")), ','));
	if (mysql)
		assert_int_equal(value_integer(part_cell(files, last, "readers"), 0), 2);
	pump_release(&p);
}

static bool semisync_is(const struct pump *p, const void *arg)
{
	const int64_t *on = arg;
	return value_integer(topology_cell(p, PART_BINLOG, NULL, NULL, "semisync"), -1) == *on;
}

static void semisync_that_falls_back_is_seen(void **state)
{
	(void)state;
	struct pump p;
	int64_t on = 1, off = 0;
	part_mask parts = PART_BIT(PART_BINLOG);
	pump_init(&p, &source, NULL);
	topology_until(&p, parts, semisync_is, &on, PART_BINLOG);
	assert_int_equal(value_integer(topology_cell(&p, PART_BINLOG, NULL, NULL, "semisync_enabled"), 0), 1);
	assert_int_equal(value_integer(topology_cell(&p, PART_BINLOG, NULL, NULL, "semisync_clients"), 0), 1);
	assert_float_equal(value_number(topology_cell(&p, PART_BINLOG, NULL, NULL, "semisync_timeout"), 0), 1, 0);
	int64_t lost = value_integer(topology_cell(&p, PART_BINLOG, NULL, NULL, "semisync_no"), -1);
	struct db *at_delayed = server_root(&delayed);
	channel_sql(at_delayed, "STOP", "IO_THREAD", "");
	server_sql(at_source, "UPDATE shop.stock SET n = n + 1 WHERE id = 1");
	topology_until(&p, parts, semisync_is, &off, PART_BINLOG);
	assert_int_equal(value_integer(topology_cell(&p, PART_BINLOG, NULL, NULL, "semisync_enabled"), 0), 1);
	assert_true(value_integer(topology_cell(&p, PART_BINLOG, NULL, NULL, "semisync_no"), 0) > lost);
	assert_true(value_integer(topology_cell(&p, PART_BINLOG, NULL, NULL, "semisync_fell_back"), 0) > 0);
	channel_sql(at_delayed, "START", "IO_THREAD", "");
	topology_until(&p, parts, semisync_is, &on, PART_BINLOG);
	db_close(at_delayed);
	pump_release(&p);
}

/* --- GTIDs ------------------------------------------------------------------------------------------------------ */

static void positions_are_read(void)
{
	struct gtid_position position;
	char *state = server_value(at_replica, "SELECT @@GLOBAL.gtid_binlog_state");
	char *here = server_value(at_replica, "SELECT @@GLOBAL.gtid_current_pos");
	char *last = server_value(at_source, "SELECT SUBSTRING_INDEX(@@GLOBAL.gtid_binlog_pos, '-', -1)");
	assert_true(gtid_position_parse(&position, here, strlen(here)));
	assert_int_equal(position.n, 2);
	assert_int_equal(gtid_position_sequence(&position, 0), strtoll(last, NULL, 10));
	assert_int_equal(gtid_position_gap(here, strlen(here), state, strlen(state)), 0);
	gtid_position_release(&position);
	free(state);
	free(here);
	free(last);
}

/* The server's own arithmetic against ours. */
static void gtid_arithmetic_is_the_servers(void **state)
{
	(void)state;
	if (!mysql) {
		until_applied(at_source, at_replica, "shop.stock");
		positions_are_read();
		return;
	}
	static const char a[] = "5c73c434-e61d-11f1-acff-02fc00000001:1-100:200:300-400,"
				"6c73c434-e61d-11f1-acff-02fc00000001:1-10:odd:3-5:7:even:2-8";
	static const char b[] = "5c73c434-e61d-11f1-acff-02fc00000001:50-320,"
				"6c73c434-e61d-11f1-acff-02fc00000001:odd:4";
	char sql[600];
	struct gtid_set x, y, rest;
	struct buf text = BUF_INIT;
	assert_true(gtid_set_parse(&x, a, strlen(a)));
	assert_true(gtid_set_parse(&y, b, strlen(b)));
	gtid_set_subtract(&rest, &x, &y);
	gtid_set_print(&text, &rest);
	snprintf(sql, sizeof sql, "SELECT REPLACE(GTID_SUBTRACT('%s', '%s'), '\n', '')", a, b);
	char *own = server_value(at_source, sql);
	struct gtid_set theirs;
	assert_true(gtid_set_parse(&theirs, own, strlen(own)));
	assert_true(gtid_set_contains(&theirs, &rest) && gtid_set_contains(&rest, &theirs));
	snprintf(sql, sizeof sql, "SELECT GTID_SUBSET('%s', '%s')", buf_str(&text), a);
	free(own);
	own = server_value(at_source, sql);
	assert_string_equal(own, "1");
	free(own);
	gtid_set_release(&x);
	gtid_set_release(&y);
	gtid_set_release(&rest);
	gtid_set_release(&theirs);
	buf_release(&text);
}

static int setup(void **state)
{
	(void)state;
	source = topology_server(mysql ? "mysql-source" : "mariadb-source");
	second = topology_server(mysql ? "mysql-second" : "mariadb-second");
	replica = topology_server(mysql ? "mysql-replica" : "mariadb-replica");
	delayed = topology_server(mysql ? "mysql-delayed" : "mariadb-delayed");
	at_source = server_root(&source);
	at_second = server_root(&second);
	at_replica = server_root(&replica);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_close(at_source);
	db_close(at_second);
	db_close(at_replica);
	return 0;
}

int main(int argc, char **argv)
{
	(void)argc;
	mysql = strstr(argv[0], "mysql") != NULL;
	topology_enter(argv, mysql ? "mysql" : "mariadb");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_is_what_the_server_says),
		cmocka_unit_test(a_stopped_applier_leaves_a_gap),
		cmocka_unit_test(a_delay_is_no_trouble),
		cmocka_unit_test(a_heartbeat_table_is_found),
		cmocka_unit_test(a_worker_says_whose_lock_it_waits_for),
		cmocka_unit_test(a_metadata_lock_is_named_too),
		cmocka_unit_test(duplicate_and_missing_rows_are_told),
		cmocka_unit_test(a_wrong_password_is_told),
		cmocka_unit_test(the_source_knows_its_replicas),
		cmocka_unit_test(semisync_that_falls_back_is_seen),
		cmocka_unit_test(gtid_arithmetic_is_the_servers),
		cmocka_unit_test(a_purged_binary_log_is_told),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
