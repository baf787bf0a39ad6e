/* Group Replication on three real members: each number, who is primary, and a member that goes away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/servers/topology.h"
#include "tests/unit/cmocka_all.h"

#define GROUP PART_BIT(PART_GROUP)

static struct server primary, secondary;
static struct db *at_primary;

static bool all_applied(const struct pump *p, const void *arg)
{
	(void)arg;
	const struct part *g = p->parts[PART_GROUP];
	for (unsigned i = 0; i < part_rows(g); i++)
		if (value_integer(part_cell(g, i, "queue"), 9) || value_integer(part_cell(g, i, "apply_queue"), 9))
			return false;
	return true;
}

static void members_are_as_the_server_says(void **state)
{
	(void)state;
	static const struct {
		const char *field, *column;
	} plain[] = {
		{"host", "MEMBER_HOST"}, {"port", "MEMBER_PORT"}, {"state", "MEMBER_STATE"},
		{"role", "MEMBER_ROLE"}, {"version", "MEMBER_VERSION"},
		{"checked", "COUNT_TRANSACTIONS_CHECKED"}, {"conflicts", "COUNT_CONFLICTS_DETECTED"},
		{"applied", "COUNT_TRANSACTIONS_REMOTE_APPLIED"},
		{"proposed", "COUNT_TRANSACTIONS_LOCAL_PROPOSED"}, {"view_id", "VIEW_ID"},
	};
	static const char sql[] = "SELECT * FROM performance_schema.replication_group_members JOIN "
				  "performance_schema.replication_group_member_stats USING (MEMBER_ID)";
	struct pump p;
	pump_init(&p, &primary, NULL);
	server_sql(at_primary, "CREATE DATABASE shop");
	server_sql(at_primary, "CREATE TABLE shop.stock (id INT PRIMARY KEY, n INT)");
	server_sql(at_primary, "INSERT INTO shop.stock VALUES (1, 1), (2, 2)");
	topology_until(&p, GROUP, all_applied, NULL, PART_GROUP);
	const struct part *g = p.parts[PART_GROUP];
	assert_int_equal(part_rows(g), 3);
	for (unsigned i = 0; i < 3; i++) {
		const char *id = value_cstr(part_cell(g, i, "id"));
		for (size_t k = 0; k < COUNT_OF(plain); k++) {
			const char *own = topology_says(at_primary, sql, "MEMBER_ID", id, plain[k].column);
			struct value v = part_cell(g, i, plain[k].field);
			char text[100];
			snprintf(text, sizeof text, "%lld", (long long)value_integer(v, -1));
			assert_string_equal(v.type == VALUE_TEXT ? v.s : text, own);
		}
	}
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

static bool two_are_left(const struct pump *p, const void *arg)
{
	unsigned *seen = *(unsigned *const *)arg;
	const struct part *g = p->parts[PART_GROUP];
	for (unsigned i = 0; i < part_rows(g); i++)
		*seen += strcmp(value_cstr(part_cell(g, i, "state")), "UNREACHABLE") == 0;
	return part_rows(g) == 2;
}

static void a_member_that_dies_is_seen_to(void **state)
{
	(void)state;
	struct pump p;
	unsigned unreachable = 0, *seen = &unreachable;
	pump_init(&p, &primary, NULL);
	topology_kill("group-3");
	topology_until(&p, GROUP, two_are_left, &seen, PART_GROUP);
	assert_true(unreachable > 0);
	assert_string_equal(value_cstr(topology_cell(&p, PART_GROUP, "role", "PRIMARY", "state")), "ONLINE");
	pump_release(&p);
}

static bool has_no_majority(const struct pump *p, const void *arg)
{
	(void)arg;
	return strcmp(value_cstr(topology_cell(p, PART_GROUP, "role", "SECONDARY", "state")), "UNREACHABLE") == 0;
}

static void a_lost_majority_is_seen_too(void **state)
{
	(void)state;
	struct pump p;
	pump_init(&p, &primary, NULL);
	topology_kill("group-2");
	topology_until(&p, GROUP, has_no_majority, NULL, PART_GROUP);
	pump_release(&p);
}

static int setup(void **state)
{
	(void)state;
	primary = topology_server("group-1");
	secondary = topology_server("group-2");
	at_primary = server_root(&primary);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_close(at_primary);
	return 0;
}

int main(int argc, char **argv)
{
	(void)argc;
	topology_enter(argv, "group");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_as_the_server_says),
		cmocka_unit_test(a_member_that_dies_is_seen_to),
		cmocka_unit_test(a_lost_majority_is_seen_too),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
