/*
 * Galera on three real nodes: each number, flow control, a desynced node, conflicts, nodes that go away; and what the
 * rules say of each: who is named, how soon, and of a healthy cluster nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "tests/servers/topology.h"
#include "tests/servers/watch.h"

#define GALERA PART_BIT(PART_GALERA)

static struct server one, two, three;
static struct db *at_one, *at_two;
static struct watch on_one, on_two;

static const char *member(const struct server *s)
{
	static char names[3][48];
	static unsigned next;
	char *name = names[next++ % 3];
	snprintf(name, sizeof names[0], "member:127.0.0.1:%s", s->port);
	return name;
}

static struct value own(const struct pump *p, const char *name, const char *field)
{
	return topology_cell(p, PART_GALERA, "name", name, field);
}

static void nodes_are_as_the_server_says(void **state)
{
	(void)state;
	static const struct {
		const char *field, *name;
	} plain[] = {
		{"state", "wsrep_local_state_comment"}, {"cluster_status", "wsrep_cluster_status"},
		{"cluster_size", "wsrep_cluster_size"}, {"conf_id", "wsrep_cluster_conf_id"},
		{"index", "wsrep_local_index"}, {"cert_failures", "wsrep_local_cert_failures"},
		{"provider", "wsrep_provider_version"}, {"last_committed", "wsrep_last_committed"},
		{"replicated", "wsrep_replicated"}, {"received_bytes", "wsrep_received_bytes"},
	};
	struct pump p;
	pump_init(&p, &one, NULL);
	server_sql(at_one, "CREATE DATABASE shop");
	server_sql(at_one, "CREATE TABLE shop.stock (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
	server_sql(at_one, "INSERT INTO shop.stock VALUES (1, 1), (2, 2)");
	pump_round(&p, GALERA);
	assert_int_equal(part_rows(p.parts[PART_GALERA]), 3);
	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		char text[100];
		struct value v = own(&p, "galera-1", plain[i].field);
		const char *says = topology_says(at_one, "SHOW GLOBAL STATUS LIKE 'wsrep%%'", "Variable_name",
						 plain[i].name, "Value");
		snprintf(text, sizeof text, "%lld", (long long)value_integer(v, -1));
		if (strcmp(v.type == VALUE_TEXT ? v.s : text, says) != 0)
			fail_msg("%s: %s, the server says %s", plain[i].field,
				 v.type == VALUE_TEXT ? v.s : text, says);
	}
	assert_int_equal(value_integer(own(&p, "galera-1", "is_self"), 0), 1);
	assert_int_equal(value_integer(own(&p, "galera-2", "is_self"), 1), 0);
	assert_int_equal(own(&p, "galera-2", "state").type, VALUE_ABSENT);
	assert_string_equal(value_cstr(own(&p, "galera-1", "state")), "Synced");
	assert_int_equal(value_integer(own(&p, "galera-1", "ready"), 0), 1);
	bool read_only, known;
	pump_round(&p, GALERA | PART_BIT(PART_VARIABLES) | PART_BIT(PART_GROUP));
	assert_int_equal(collect_role(&p.ctx, &read_only, &known), ROLE_GALERA);
	pump_release(&p);
}

static void of_a_healthy_cluster_nothing_is_said(void **state)
{
	(void)state;
	watch_healthy(&on_one, 2);
	watch_healthy(&on_two, 1);
	topology_reports(&one, (const char *const[]){"Cluster nodes", "galera-1", "galera-2", "galera-3", "Synced",
						      NULL});
}

static bool is_desynced(const struct pump *p, const void *arg)
{
	(void)arg;
	return strcmp(value_cstr(own(p, "galera-2", "state")), "Donor/Desynced") == 0;
}

static bool is_synced(const struct pump *p, const void *arg)
{
	(void)arg;
	return strcmp(value_cstr(own(p, "galera-2", "state")), "Synced") == 0;
}

static void a_desynced_node_is_shown_as_such(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &two, NULL);
	server_sql(at_two, "SET GLOBAL wsrep_desync = ON");
	topology_until(&p, GALERA, is_desynced, NULL, PART_GALERA);
	assert_int_equal(value_integer(own(&p, "galera-2", "desync"), 0), 1);
	watch_begin(&on_two);
	watch_expect(&on_two, &(struct expected){"galera-trouble", SEVERITY_NOTICE, member(&two), .text = "Desynced"});
	server_sql(at_two, "SET GLOBAL wsrep_desync = OFF");
	topology_until(&p, GALERA, is_synced, NULL, PART_GALERA);
	pump_release(&p);
	watch_healthy(&on_two, 0);
}

static bool asks_for_a_pause(const struct pump *p, const void *arg)
{
	(void)arg;
	return value_integer(own(p, "galera-2", "flow_sent"), 0) > 0 &&
	       value_integer(own(p, "galera-2", "recv_queue"), 0) > 0;
}

static bool waits_for_flow_control(const struct pump *p, const void *session)
{
	const struct part *b = p->parts[PART_BLOCKING];
	int64_t id = db_server((struct db *)(uintptr_t)session)->connection_id;
	for (unsigned i = 0; i < part_rows(b); i++)
		if (value_integer(part_cell(b, i, "waiter"), 0) == id)
			return strcmp(value_cstr(part_cell(b, i, "kind")), "flow control") == 0;
	return false;
}

/* A node that does not apply fills its queue and has everybody stopped. */
static void the_slow_node_is_the_one_that_sends_pauses(void **state)
{
	(void)state;
	struct pump p, q;
	struct db *holder = pump_session(&two), *writer = pump_session(&one), *late = pump_session(&one);
	pump_init(&p, &two, NULL);
	pump_init(&q, &one, NULL);
	server_sql(at_two, "SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=2'");
	server_sql(holder, "LOCK TABLES shop.stock WRITE");
	for (int i = 0; i < 5; i++)
		server_sql(writer, "UPDATE shop.stock SET n = n + 1 WHERE id = 1");
	watch_begin(&on_one);
	watch_begin(&on_two);
	topology_until(&p, GALERA, asks_for_a_pause, NULL, PART_GALERA);
	/* A commit that waits for it hangs in the blocking tree, by itself: nobody here is to blame. */
	pump_start(late, "UPDATE shop.stock SET n = n + 1 WHERE id = 2");
	topology_until(&q, PART_BIT(PART_BLOCKING) | GALERA, waits_for_flow_control, late, PART_BLOCKING);
	assert_non_null(strstr(topology_outside(&q, OUTSIDE_CLUSTER), "some other node, one of "));
	assert_null(strstr(topology_outside(&q, OUTSIDE_CLUSTER), "galera-1"));
	watch_expect(&on_two, &(struct expected){"galera-trouble", SEVERITY_WARNING, member(&two),
						 .text = "cannot follow", .beside = "mdl-pileup", .within = 4});
	watch_expect(&on_one, &(struct expected){"galera-trouble", SEVERITY_WARNING, "", .suspects = "member:*",
						 .text = "another node than", .within = 4});
	server_sql(holder, "UNLOCK TABLES");
	pump_until(at_two, "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS "
			   "WHERE VARIABLE_NAME = 'wsrep_local_recv_queue'", "0");
	pump_round(&q, GALERA);
	assert_true(value_integer(own(&q, "galera-1", "flow_received"), 0) > 0);
	assert_true(value_number(own(&q, "galera-1", "flow_paused"), 0) > 0);
	assert_int_equal(value_integer(own(&q, "galera-1", "flow_sent"), -1), 0);
	db_close(holder);
	db_close(writer);
	db_close(late);
	pump_release(&p);
	pump_release(&q);
	watch_healthy(&on_one, 0);
	watch_healthy(&on_two, 0);
}

static void until_idle(struct db *root, const struct db *session)
{
	char sql[120];
	snprintf(sql, sizeof sql, "SELECT COMMAND FROM information_schema.PROCESSLIST WHERE ID = %lld",
		 (long long)db_server(session)->connection_id);
	pump_until(root, sql, "Sleep");
}

/* Both write the same row, one after the other without end. */
static void transactions_that_conflict(void **state)
{
	(void)state;
	struct db *first, *second;
	/* No kill ends them: MariaDB forgets one that meets with the abort of a transaction by another node. */
	server_sql(at_one, "CREATE TABLE shop.going (id INT PRIMARY KEY) ENGINE=InnoDB");
	server_sql(at_one, "INSERT INTO shop.going VALUES (1)");
	server_sql(at_one,
		   "CREATE PROCEDURE shop.touch() BEGIN DECLARE going INT DEFAULT 1; DECLARE CONTINUE HANDLER FOR "
		   "SQLEXCEPTION BEGIN END; WHILE going DO UPDATE shop.stock SET n = n + 1 WHERE id = 2; "
		   "SELECT COUNT(*) INTO going FROM shop.going; END WHILE; END");
	pump_until(at_two, "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'", "1");
	server_sql(at_two, "SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=1000'");
	first = pump_session(&one);
	second = pump_session(&two);
	pump_start(first, "CALL shop.touch()");
	pump_start(second, "CALL shop.touch()");
	watch_begin(&on_two);
	watch_expect(&on_two, &(struct expected){"galera-trouble", SEVERITY_WARNING, member(&two),
						 .text = "against those of other nodes", .within = 6});
	server_sql(at_one, "DELETE FROM shop.going");
	until_idle(at_one, first);
	until_idle(at_two, second);
	db_close(first);
	db_close(second);
	watch_healthy(&on_two, 0);
}

static bool is_of_size(const struct pump *p, const void *arg)
{
	const int64_t *n = arg;
	return value_integer(own(p, "galera-1", "cluster_size"), 0) == *n;
}

static bool has_lost_the_cluster(const struct pump *p, const void *arg)
{
	(void)arg;
	const struct part *g = p->parts[PART_GALERA];
	for (unsigned i = 0; i < part_rows(g); i++)
		if (value_integer(part_cell(g, i, "is_self"), 0) == 1)
			return strcasecmp(value_cstr(part_cell(g, i, "cluster_status")), "non-Primary") == 0 &&
			       value_integer(part_cell(g, i, "ready"), 1) == 0;
	return false;
}

static void nodes_that_go_away_are_gone(void **state)
{
	(void)state;
	struct pump p;
	int64_t n = 2;
	pump_init(&p, &one, NULL);
	topology_kill("galera-3");
	topology_until(&p, GALERA, is_of_size, &n, PART_GALERA);
	assert_int_equal(part_rows(p.parts[PART_GALERA]), 2);
	assert_string_equal(value_cstr(own(&p, "galera-1", "cluster_status")), "Primary");
	watch_begin(&on_one);
	watch_expect(&on_one, &(struct expected){"galera-trouble", SEVERITY_WARNING, member(&three),
						 .text = "has left it; 2 nodes", .within = 11});
	topology_kill("galera-2");
	topology_until(&p, GALERA, has_lost_the_cluster, NULL, PART_GALERA);
	watch_begin(&on_one);
	watch_expect(&on_one, &(struct expected){"galera-trouble", SEVERITY_CRITICAL, member(&one),
						 .text = "cut off from the majority"});
	pump_release(&p);
}

static int setup(void **state)
{
	(void)state;
	one = topology_server("galera-1");
	two = topology_server("galera-2");
	three = topology_server("galera-3");
	at_one = server_root(&one);
	at_two = server_root(&two);
	watch_open(&on_one, &one, NULL, NULL);
	watch_open(&on_two, &two, NULL, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	watch_close(&on_one);
	watch_close(&on_two);
	db_close(at_one);
	db_close(at_two);
	return 0;
}

int main(int argc, char **argv)
{
	(void)argc;
	topology_enter(argv, "galera");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_are_as_the_server_says),
		cmocka_unit_test(of_a_healthy_cluster_nothing_is_said),
		cmocka_unit_test(a_desynced_node_is_shown_as_such),
		cmocka_unit_test(the_slow_node_is_the_one_that_sends_pauses),
		cmocka_unit_test(transactions_that_conflict),
		cmocka_unit_test(nodes_that_go_away_are_gone),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
