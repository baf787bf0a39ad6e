/* Whom commits wait for that wait for other servers: what is known is named, what is not is said. */
#include <string.h>

#include "base/mem.h"
#include "diagnose/outside.h"
#include "tests/unit/collect_rows.h"

static void expect(enum outside o, struct snapshot *s, const char *want)
{
	struct buf b = BUF_INIT;
	outside_say(&b, o, s);
	assert_string_equal(buf_str(&b), want);
	buf_release(&b);
	snapshot_unref(s);
}

static struct snapshot *with(enum part_id a, const char *rows_a, enum part_id b, const char *rows_b)
{
	struct snapshot *s = snapshot_new(0);
	if (rows_a)
		snapshot_set(s, rows_part(a, 1, rows_a));
	if (rows_b)
		snapshot_set(s, rows_part(b, 1, rows_b));
	return s;
}

static void replicas(void **state)
{
	(void)state;
	static const struct {
		const char *binlog, *replicas, *want;
	} cases[] = {
		{"file=b.1 semisync_wait_for=1 semisync_clients=2 semisync_timeout=10",
		 "id=7 name=db4:3306 semisync=1 sent_all=1\nid=8 name=db5:3306 semisync=1 sent_all=0\n"
		 "id=9 name=db6:3306 semisync=0 sent_all=1",
		 "1 ack of db4:3306, db5:3306 (not sent all yet); given up after 10 s"},
		{"file=b.1 semisync_wait_for=2 semisync_clients=1", "id=7 name=db4:3306 semisync=1",
		 "2 acks of db4:3306: only 1 acknowledge"},
		{"file=b.1 semisync_wait_for=1 semisync_clients=0", "id=7 name=db4:3306 semisync=0",
		 "1 ack, and no replica that acknowledges is connected"},
		/* MariaDB does not tell which of them acknowledge. */
		{"file=b.1 semisync_clients=1", "id=7 name=db4:3306\nid=8 name=db5:3306",
		 "1 ack of the 1 replica that acknowledges, among db4:3306, db5:3306"},
		{"file=b.1", "id=7 name=db4:3306", "1 ack of some of db4:3306"},
		{"file=b.1", "id=1 name=a\nid=2 name=b\nid=3 name=c\nid=4 name=d\nid=5 name=e\nid=6 name=f",
		 "1 ack of some of a, b, c, d and 2 more"},
		{"file=b.1 semisync_clients=1", "",
		 "1 ack, and no replica that acknowledges is seen"},
		{NULL, NULL, "1 ack of replicas, which are not read yet"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		expect(OUTSIDE_REPLICAS, with(PART_BINLOG, cases[i].binlog, PART_REPLICAS, cases[i].replicas),
		       cases[i].want);
}

static void group(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"id=a host=db1 port=3306 state=ONLINE is_self=1 queue=0 apply_queue=0\n"
		 "id=b host=db2 port=3306 state=ONLINE is_self=0 queue=3 apply_queue=812\n"
		 "id=c host=db3 port=3307 state=ONLINE is_self=0 queue=0 apply_queue=0",
		 "db2:3306 has 3 to certify and 812 to apply"},
		{"id=a host=db1 port=3306 state=ONLINE is_self=1 queue=0\n"
		 "id=b host=db2 port=3306 state=UNREACHABLE is_self=0\n"
		 "id=c host=db3 port=3306 state=UNREACHABLE is_self=0",
		 "db2:3306, db3:3306: unreachable, and so the group has no majority"},
		{"id=a host=db1 port=3306 state=ONLINE is_self=1\nid=b host=db2 port=3306 state=ONLINE is_self=0\n"
		 "id=c host=db3 port=3306 state=UNREACHABLE is_self=0", "db3:3306: unreachable"},
		{"id=a host=db1 port=3306 state=ONLINE is_self=1\nid=b host=db2 port=3306 state=ONLINE is_self=0",
		 "the agreement of db2:3306: no member has a queue"},
		{NULL, "the group's agreement; its members are not read yet"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		expect(OUTSIDE_GROUP, with(PART_GROUP, cases[i][0], PART_GROUP, NULL), cases[i][1]);
}

static void cluster(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"id=a name=node1 is_self=1 flow_requested=1 recv_queue=117 cluster_size=3\nid=b name=node2 is_self=0",
		 "this node itself, which asks for the pause: 117 write sets to apply"},
		{"id=a name=node1 is_self=1 flow_requested=0 cluster_size=2\nid=b name=node2 is_self=0",
		 "node2, the only other node: it asks for the pause"},
		{"id=a name=node1 is_self=1 flow_requested=0 cluster_size=3\nid=b name=node2 is_self=0\n"
		 "id=c address=10.0.0.3:3306 is_self=0",
		 "flow control of the cluster: some other node, one of node2, 10.0.0.3:3306; which one, only they tell"},
		{"id=a name=node1 is_self=1 flow_requested=0 cluster_size=3",
		 "flow control of the cluster: some other node"},
		{"id=a name=node1 is_self=1 cluster_size=3", "flow control of the cluster: some node cannot follow"},
		{NULL, "flow control of the cluster: some node cannot follow"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		expect(OUTSIDE_CLUSTER, with(PART_GALERA, cases[i][0], PART_GALERA, NULL), cases[i][1]);
}

static void kinds(void **state)
{
	(void)state;
	assert_int_equal(outside_of("commit ack"), OUTSIDE_REPLICAS);
	assert_int_equal(outside_of("row lock"), OUTSIDE_NO);
	assert_int_equal(outside_of(""), OUTSIDE_NO);
	for (int o = OUTSIDE_NO + 1; o < N_OUTSIDES; o++) {
		struct buf b = BUF_INIT;
		assert_true(*outside_name((enum outside)o) && *outside_lack((enum outside)o));
		outside_say(&b, (enum outside)o, NULL);
		assert_true(b.len > 0);
		buf_release(&b);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(replicas),
		cmocka_unit_test(group),
		cmocka_unit_test(cluster),
		cmocka_unit_test(kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
