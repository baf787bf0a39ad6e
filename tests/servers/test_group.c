/*
 * Group Replication on three real members: each number, who is primary, members that go away; and what the rules
 * say of each trouble: who is named, how soon, and of a healthy group nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/servers/topology.h"
#include "tests/servers/watch.h"

#define GROUP PART_BIT(PART_GROUP)

static struct server primary, secondary, third;
static struct db *at_primary;

static const struct {
	const char *field, *column;
} plain[] = {
	{"host", "MEMBER_HOST"}, {"port", "MEMBER_PORT"}, {"state", "MEMBER_STATE"},
	{"role", "MEMBER_ROLE"}, {"version", "MEMBER_VERSION"},
	{"checked", "COUNT_TRANSACTIONS_CHECKED"}, {"conflicts", "COUNT_CONFLICTS_DETECTED"},
	{"applied", "COUNT_TRANSACTIONS_REMOTE_APPLIED"},
	{"proposed", "COUNT_TRANSACTIONS_LOCAL_PROPOSED"}, {"view_id", "VIEW_ID"},
};

/* Members tell each other of themselves once a second: the two readings may be of before and after. */
static bool as_the_server_says(const struct pump *p, const void *arg)
{
	static const char sql[] = "SELECT * FROM performance_schema.replication_group_members JOIN "
				  "performance_schema.replication_group_member_stats USING (MEMBER_ID)";
	const struct part *g = p->parts[PART_GROUP];
	(void)arg;
	for (unsigned i = 0; i < part_rows(g); i++) {
		const char *id = value_cstr(part_cell(g, i, "id"));
		for (size_t k = 0; k < COUNT_OF(plain); k++) {
			const char *own = topology_says(at_primary, sql, "MEMBER_ID", id, plain[k].column);
			struct value v = part_cell(g, i, plain[k].field);
			char text[100];
			snprintf(text, sizeof text, "%lld", (long long)value_integer(v, -1));
			if (strcmp(v.type == VALUE_TEXT ? v.s : text, own) != 0)
				return false;
		}
	}
	return part_rows(g) == 3;
}

static void members_are_as_the_server_says(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &primary, NULL);
	server_sql(at_primary, "CREATE DATABASE shop");
	server_sql(at_primary, "CREATE TABLE shop.stock (id INT PRIMARY KEY, n INT)");
	server_sql(at_primary, "INSERT INTO shop.stock VALUES (1, 1), (2, 2)");
	topology_until(&p, GROUP, as_the_server_says, NULL, PART_GROUP);
	assert_string_equal(value_cstr(topology_cell(&p, PART_GROUP, "role", "PRIMARY", "state")), "ONLINE");
	assert_int_equal(value_integer(topology_cell(&p, PART_GROUP, "role", "PRIMARY", "is_self"), 0), 1);
	bool read_only, known;
	pump_round(&p, GROUP | PART_BIT(PART_VARIABLES) | PART_BIT(PART_STATUS) | PART_BIT(PART_REPLICATION));
	assert_int_equal(collect_role(&p.ctx, &read_only, &known), ROLE_GROUP_PRIMARY);
	pump_release(&p);
	pump_init(&p, &secondary, NULL);
	pump_round(&p, GROUP | PART_BIT(PART_VARIABLES) | PART_BIT(PART_STATUS) | PART_BIT(PART_REPLICATION));
	assert_int_equal(collect_role(&p.ctx, &read_only, &known), ROLE_GROUP_SECONDARY);
	assert_true(known && read_only);
	pump_release(&p);
}

/* --- what the rules say ------------------------------------------------------------------------------- */

static struct watch on_primary;
static const char *const limits[] = {"group-trouble.queue", "10/3", NULL};

static const char *member(const struct server *s)
{
	static char names[3][48];
	static unsigned next;
	char *name = names[next++ % 3];
	snprintf(name, sizeof names[0], "member:127.0.0.1:%s", s->port);
	return name;
}

/* Until the primary counts so many members in that state. */
static void until_members(const char *state, const char *n)
{
	char sql[200];
	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM performance_schema.replication_group_members "
				  "WHERE MEMBER_STATE = '%s'", state);
	pump_until(at_primary, sql, n);
}

static void of_a_healthy_group_nothing_is_said(void **state)
{
	(void)state;
	struct watch w;
	watch_open(&w, &secondary, NULL, NULL);
	watch_healthy(&w, 2);
	watch_healthy(&on_primary, 1);
	watch_close(&w);
	topology_reports(&secondary, (const char *const[]){"3 of 3 members online", "Group members", "PRIMARY",
							    "SECONDARY", NULL});
}

/* A member on which somebody holds a lock cannot apply: its queue grows. */
static void a_member_that_cannot_follow(void **state)
{
	(void)state;
	struct db *holder = pump_session(&secondary);
	server_sql(holder, "LOCK TABLES shop.stock READ");
	for (int i = 0; i < 20; i++)
		server_sql(at_primary, "UPDATE shop.stock SET n = n + 1 WHERE id = 1");
	watch_begin(&on_primary);
	/* Members tell each other of their queues once in a while. */
	watch_expect(&on_primary, &(struct expected){"group-trouble", SEVERITY_WARNING, member(&secondary),
						     .text = "to apply", .within = 10});
	server_sql(holder, "UNLOCK TABLES");
	db_close(holder);
	watch_healthy(&on_primary, 0);
}

/* Both write the same row, one after the other without end. */
static void transactions_that_conflict(void **state)
{
	(void)state;
	struct watch w;
	struct db *at_secondary = server_root(&secondary), *one, *two;
	free(server_value(at_primary, "SELECT group_replication_switch_to_multi_primary_mode()"));
	server_sql(at_primary,
		   "CREATE PROCEDURE shop.touch() BEGIN DECLARE i INT DEFAULT 0; DECLARE CONTINUE HANDLER FOR "
		   "SQLEXCEPTION BEGIN END; WHILE i < 100000 DO UPDATE shop.stock SET n = n + 1 WHERE id = 2; "
		   "SET i = i + 1; END WHILE; END");
	pump_until(at_secondary, "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'", "1");
	one = pump_session(&primary);
	two = pump_session(&secondary);
	watch_open(&w, &secondary, NULL, NULL);
	watch_healthy(&w, 0);
	pump_start(one, "CALL shop.touch()");
	pump_start(two, "CALL shop.touch()");
	watch_begin(&w);
	watch_expect(&w, &(struct expected){"group-trouble", SEVERITY_WARNING, member(&secondary),
					    .text = "refused for conflicts", .within = 6});
	pump_kill(at_primary, one);
	pump_kill(at_secondary, two);
	free(server_value(at_primary, "SELECT group_replication_switch_to_single_primary_mode(@@server_uuid)"));
	watch_healthy(&w, 0);
	watch_close(&w);
	db_close(at_secondary);
}

/* Of a member that comes back, and waits there for a lock. */
static void a_member_that_recovers(void **state)
{
	(void)state;
	struct db *at_third = server_root(&third), *holder = pump_session(&third);
	server_sql(at_third, "STOP GROUP_REPLICATION");
	watch_begin(&on_primary);
	watch_expect(&on_primary, &(struct expected){"group-trouble", SEVERITY_WARNING, member(&third),
						     .text = "has left it", .within = 4});
	server_sql(at_primary, "UPDATE shop.stock SET n = n + 1 WHERE id = 1");
	server_sql(holder, "BEGIN");
	server_sql(holder, "SELECT * FROM shop.stock WHERE id = 1 FOR SHARE");
	server_sql(at_third, "START GROUP_REPLICATION");
	until_members("RECOVERING", "1");
	watch_begin(&on_primary);
	watch_expect(&on_primary, &(struct expected){"group-trouble", SEVERITY_NOTICE, member(&third),
						     .text = "RECOVERING"});
	server_sql(holder, "ROLLBACK");
	until_members("ONLINE", "3");
	watch_healthy(&on_primary, 0);
	db_close(holder);
	db_close(at_third);
}

/* Back with the row that it lacked. */
static void third_comes_back(struct db *at_third)
{
	server_sql(at_third, "STOP GROUP_REPLICATION");
	server_sql(at_third, "SET GLOBAL super_read_only = OFF");
	server_sql(at_third, "SET SESSION sql_log_bin = 0");
	server_sql(at_third, "INSERT INTO shop.stock VALUES (2, 0)");
	server_sql(at_third, "START GROUP_REPLICATION");
	until_members("ONLINE", "3");
}

/* Its rows differ: it cannot apply what the others do, and leaves. */
static void a_member_in_error(void **state)
{
	(void)state;
	struct watch w;
	struct db *at_third = server_root(&third);
	server_sql(at_third, "STOP GROUP_REPLICATION");
	server_sql(at_third, "SET GLOBAL super_read_only = OFF");
	server_sql(at_third, "SET SESSION sql_log_bin = 0");
	server_sql(at_third, "DELETE FROM shop.stock WHERE id = 2");
	server_sql(at_third, "START GROUP_REPLICATION");
	watch_open(&w, &third, NULL, NULL);
	until_members("ONLINE", "3");
	watch_healthy(&w, 0);
	server_sql(at_primary, "UPDATE shop.stock SET n = n + 1 WHERE id = 2");
	pump_until(at_third, "SELECT MEMBER_STATE FROM performance_schema.replication_group_members", "ERROR");
	watch_begin(&w);
	watch_begin(&on_primary);
	watch_expect(&w, &(struct expected){"group-trouble", SEVERITY_CRITICAL, member(&third), .text = "ERROR",
					    .beside = "replica-broken"});
	watch_expect(&on_primary, &(struct expected){"group-trouble", SEVERITY_WARNING, member(&third),
						     .text = "has left it"});
	watch_close(&w);
	third_comes_back(at_third);
	watch_healthy(&on_primary, 0);
	db_close(at_third);
}

static bool waits_for_the_group(const struct pump *p, const void *session)
{
	const struct part *b = p->parts[PART_BLOCKING];
	int64_t id = db_server((struct db *)(uintptr_t)session)->connection_id;
	for (unsigned i = 0; i < part_rows(b); i++)
		if (value_integer(part_cell(b, i, "waiter"), 0) == id)
			return strcmp(value_cstr(part_cell(b, i, "kind")), "group commit") == 0;
	return false;
}

/* Of three, two go at once. What waits for the group hangs in the blocking tree. */
static void a_lost_majority(void **state)
{
	(void)state;
	struct db *writer = pump_session(&primary);
	struct pump p;
	char culprits[100];
	topology_kill("group-3");
	topology_kill("group-2");
	until_members("UNREACHABLE", "2");
	watch_begin(&on_primary);
	snprintf(culprits, sizeof culprits, "member:127.0.0.1:*");
	watch_expect(&on_primary, &(struct expected){"group-trouble", SEVERITY_CRITICAL, culprits,
						     .text = "1 of 3 members online: no majority"});
	struct arena a = {0};
	struct finding f;
	assert_true(watch_finding(&on_primary, "group-trouble", &f, &a));
	assert_int_equal(f.n_culprits, 2);
	for (unsigned i = 0; i < f.n_culprits; i++)
		assert_true(strcmp(f.culprits[i].id, member(&secondary) + strlen("member:")) == 0 ||
			    strcmp(f.culprits[i].id, member(&third) + strlen("member:")) == 0);
	arena_release(&a);
	pump_start(writer, "UPDATE shop.stock SET n = n + 1 WHERE id = 1");
	pump_init(&p, &primary, NULL);
	topology_until(&p, PART_BIT(PART_BLOCKING) | PART_BIT(PART_GROUP), waits_for_the_group, writer, PART_BLOCKING);
	assert_non_null(strstr(topology_outside(&p, OUTSIDE_GROUP), ": unreachable, and so the group has no majority"));
	pump_release(&p);
	db_close(writer);
}

static int setup(void **state)
{
	(void)state;
	primary = topology_server("group-1");
	secondary = topology_server("group-2");
	third = topology_server("group-3");
	at_primary = server_root(&primary);
	watch_open(&on_primary, &primary, limits, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	watch_close(&on_primary);
	db_close(at_primary);
	return 0;
}

int main(int argc, char **argv)
{
	(void)argc;
	topology_enter(argv, "group");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_as_the_server_says),
		cmocka_unit_test(of_a_healthy_group_nothing_is_said),
		cmocka_unit_test(a_member_that_cannot_follow),
		cmocka_unit_test(transactions_that_conflict),
		cmocka_unit_test(a_member_that_recovers),
		cmocka_unit_test(a_member_in_error),
		cmocka_unit_test(a_lost_majority),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
