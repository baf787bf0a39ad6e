/* Who replicates from whom, groups and clusters: each rule's finding and culprit, and who is left alone. */
#include <stdio.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/rulekit.h"

#define OWN "11111111-2222-3333-4444-555555555555"
#define OTHER "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
#define CHANNEL "channel= source_host=db1 source_port=3306 source_id=1 source_uuid=" OTHER " "
#define RUNS "io_running=Yes sql_running=Yes lag=0 "

static void open_replica(struct kit *k, enum flavor flavor, double read_only)
{
	kit_open(k);
	k->server.flavor = flavor;
	k->role = ROLE_REPLICA;
	snprintf(k->server.hostname, sizeof k->server.hostname, "db2");
	kit_variable(k, "read_only", read_only);
	kit_variable(k, "port", 3307);
	kit_variable(k, "server_id", 2);
	kit_text(k, PART_VARIABLES, "server_uuid", OWN);
}

/* --- writable-replica -------------------------------------------------------------------------------- */

static void a_replica_that_takes_writes(void **state)
{
	struct kit k;
	(void)state;
	open_replica(&k, FLAVOR_MYSQL, 0);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS);
	kit_tick(&k, 1);
	kit_tick(&k, 1);
	kit_finds(&k, "writable-replica", SEVERITY_WARNING, "host:db2:3307");
	kit_close(&k);
}

static void read_only_or_no_replica(void **state)
{
	struct kit k;
	(void)state;
	open_replica(&k, FLAVOR_MYSQL, 1);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS);
	kit_tick(&k, 1);
	kit_tick(&k, 3);
	kit_finds_no(&k, NULL);
	kit_close(&k);
	/* A primary is written to by right. */
	open_replica(&k, FLAVOR_MYSQL, 0);
	k.role = ROLE_PRIMARY;
	kit_none(&k, PART_REPLICATION);
	kit_tick(&k, 1);
	kit_tick(&k, 3);
	kit_finds_no(&k, NULL);
	kit_close(&k);
	/* And so are members of a group. */
	open_replica(&k, FLAVOR_MYSQL, 0);
	k.role = ROLE_GROUP_PRIMARY;
	kit_row(&k, PART_REPLICATION, "channel=group_replication_applier " RUNS);
	kit_tick(&k, 1);
	kit_tick(&k, 3);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

/* --- errant-gtid ------------------------------------------------------------------------------------- */

static void transactions_of_its_own(void **state)
{
	struct kit k;
	(void)state;
	open_replica(&k, FLAVOR_MYSQL, 1);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS "gtid_executed=" OTHER ":1-90," OWN ":1-2");
	kit_tick(&k, 1);
	kit_finds(&k, "errant-gtid", SEVERITY_WARNING, "replica:db2:3307");
	kit_names(&k, "errant-gtid", "transaction:" OWN ":1-2");
	kit_close(&k);
}

static void errant_while_watched(void **state)
{
	struct kit k;
	(void)state;
	/* So many are of former days, until one more comes. */
	open_replica(&k, FLAVOR_MYSQL, 1);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS "gtid_executed=" OTHER ":1-90," OWN ":1-50000");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS "gtid_executed=" OTHER ":1-90," OWN ":1-50001");
	kit_tick(&k, 1);
	kit_finds(&k, "errant-gtid", SEVERITY_WARNING, "replica:db2:3307");
	kit_close(&k);
}

static void nothing_errant(void **state)
{
	struct kit k;
	(void)state;
	open_replica(&k, FLAVOR_MYSQL, 1);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS "gtid_executed=" OTHER ":1-90");
	kit_tick(&k, 1);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS "gtid_executed=" OTHER ":1-95");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_close(&k);
	/* Older than the binary logs: it was the source then. */
	open_replica(&k, FLAVOR_MYSQL, 1);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS "gtid_executed=" OTHER ":1-95," OWN ":1-40");
	kit_row(&k, PART_BINLOG, "file=binlog.1 gtid_purged=" OWN ":1-40");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void errant_on_mariadb(void **state)
{
	struct kit k;
	(void)state;
	open_replica(&k, FLAVOR_MARIADB, 1);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS "gtid=Slave_Pos gtid_received=0-1-90 gtid_executed=0-1-90");
	kit_row(&k, PART_BINLOG, "file=binlog.1 gtid_state=0-1-90,0-2-40");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_row(&k, PART_REPLICATION, CHANNEL RUNS "gtid=Slave_Pos gtid_received=0-1-90 gtid_executed=0-2-91");
	kit_tick(&k, 1);
	kit_finds(&k, "errant-gtid", SEVERITY_WARNING, "replica:db2:3307");
	kit_names(&k, "errant-gtid", "transaction:0-2-91");
	kit_close(&k);
}

/* --- topology-fault ---------------------------------------------------------------------------------- */

static void a_source_out_of_reach(void **state)
{
	struct kit k;
	(void)state;
	open_replica(&k, FLAVOR_MYSQL, 1);
	kit_row(&k, PART_REPLICATION,
		CHANNEL "io_running=Connecting sql_running=Yes io_errno=2003 io_error=error_connecting");
	kit_tick(&k, 1);
	kit_tick(&k, 1);
	kit_finds(&k, "replica-io", SEVERITY_CRITICAL, "channel:db1:3306");
	/* One observer is no proof. */
	kit_finds(&k, "topology-fault", SEVERITY_WARNING, NULL);
	kit_suspects(&k, "topology-fault", "host:db1:3306");
	kit_explained(&k, "topology-fault", "replica-io");
	kit_close(&k);
}

static void an_intermediate_that_stands_still(void **state)
{
	struct kit k;
	(void)state;
	open_replica(&k, FLAVOR_MYSQL, 1);
	k.role = ROLE_INTERMEDIATE;
	kit_row(&k, PART_REPLICATION, CHANNEL "io_running=Yes sql_running=No sql_errno=1062 sql_error=Duplicate");
	kit_row(&k, PART_REPLICAS, "id=5 name=db3:3306 server_id=3");
	kit_tick(&k, 1);
	kit_tick(&k, 1);
	kit_finds(&k, "topology-fault", SEVERITY_WARNING, "replica:db2:3307");
	kit_explained(&k, "topology-fault", "replica-broken");
	kit_close(&k);
}

static void the_same_server_id(void **state)
{
	struct kit k;
	(void)state;
	open_replica(&k, FLAVOR_MYSQL, 1);
	kit_row(&k, PART_REPLICATION, "channel= source_host=db1 source_port=3306 source_id=2 " RUNS);
	kit_tick(&k, 1);
	kit_tick(&k, 1);
	kit_finds(&k, "topology-fault", SEVERITY_WARNING, "host:db2:3307");
	kit_close(&k);
}

/* --- semisync-stall ---------------------------------------------------------------------------------- */

static void commits_without_acknowledgement(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_BINLOG, "file=binlog.1 semisync_enabled=1 semisync=0 semisync_clients=1");
	kit_row(&k, PART_REPLICAS, "id=5 name=db3:3306 semisync=1");
	kit_row(&k, PART_REPLICAS, "id=6 name=db4:3306 semisync=0");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_tick(&k, 2);
	kit_finds(&k, "semisync-stall", SEVERITY_WARNING, "replica:db3:3306");
	kit_row(&k, PART_BINLOG, "file=binlog.1 semisync_enabled=1 semisync=1 semisync_sessions=4");
	kit_row(&k, PART_REPLICAS, "id=5 name=db3:3306 semisync=1");
	kit_row(&k, PART_REPLICAS, "id=6 name=db4:3306 semisync=1");
	kit_tick(&k, 1);
	kit_finds(&k, "semisync-stall", SEVERITY_WARNING, NULL);
	kit_suspects(&k, "semisync-stall", "replica:db3:3306");
	kit_close(&k);
}

static void semisync_that_works_or_is_off(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	for (unsigned i = 0; i < 6; i++) {
		/* Now and then a commit is seen waiting: that is what semi-sync is. */
		kit_row(&k, PART_BINLOG, i % 2 ? "file=b semisync_enabled=1 semisync=1 semisync_sessions=1"
					       : "file=b semisync_enabled=1 semisync=1 semisync_sessions=0");
		kit_tick(&k, 1);
		kit_finds_no(&k, NULL);
	}
	kit_row(&k, PART_BINLOG, "file=b semisync_enabled=0 semisync=0");
	kit_tick(&k, 1);
	kit_tick(&k, 5);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

/* --- groups and clusters ----------------------------------------------------------------------------- */

#define MEMBER(id, self, state) "id=" id " host=" id " port=3306 is_self=" self " state=" state " "

static void groups(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_GROUP, MEMBER("g1", "1", "ONLINE") "conflicts=5");
	kit_row(&k, PART_GROUP, MEMBER("g2", "0", "ONLINE") "apply_queue=800");
	kit_row(&k, PART_GROUP, MEMBER("g3", "0", "ONLINE"));
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_row(&k, PART_GROUP, MEMBER("g1", "1", "ONLINE") "conflicts=5");
	kit_row(&k, PART_GROUP, MEMBER("g2", "0", "UNREACHABLE"));
	kit_row(&k, PART_GROUP, MEMBER("g3", "0", "ONLINE"));
	kit_tick(&k, 1);
	kit_finds(&k, "group-trouble", SEVERITY_WARNING, "member:g2:3306");
	kit_row(&k, PART_GROUP, MEMBER("g1", "1", "ONLINE") "conflicts=5");
	kit_row(&k, PART_GROUP, MEMBER("g2", "0", "UNREACHABLE"));
	kit_row(&k, PART_GROUP, MEMBER("g3", "0", "UNREACHABLE"));
	kit_tick(&k, 1);
	kit_finds(&k, "group-trouble", SEVERITY_CRITICAL, "member:g2:3306");
	kit_names(&k, "group-trouble", "member:g3:3306");
	kit_row(&k, PART_GROUP, MEMBER("g1", "1", "ONLINE") "conflicts=5");
	kit_row(&k, PART_GROUP, MEMBER("g2", "0", "RECOVERING"));
	kit_row(&k, PART_GROUP, MEMBER("g3", "0", "ONLINE"));
	kit_tick(&k, 1);
	kit_finds(&k, "group-trouble", SEVERITY_NOTICE, "member:g2:3306");
	kit_row(&k, PART_GROUP, MEMBER("g1", "1", "ONLINE") "conflicts=55");
	kit_row(&k, PART_GROUP, MEMBER("g2", "0", "ONLINE"));
	kit_row(&k, PART_GROUP, MEMBER("g3", "0", "ONLINE"));
	kit_tick(&k, 1);
	kit_finds(&k, "group-trouble", SEVERITY_WARNING, "member:g1:3306");
	kit_row(&k, PART_GROUP, MEMBER("g1", "1", "ONLINE") "conflicts=55");
	kit_row(&k, PART_GROUP, MEMBER("g2", "0", "ONLINE") "apply_queue=60000");
	kit_row(&k, PART_GROUP, MEMBER("g3", "0", "ONLINE"));
	kit_tick(&k, 1);
	kit_finds(&k, "group-trouble", SEVERITY_WARNING, "member:g2:3306");
	/* One has left: the list of members no longer shows it, for ten minutes the finding does. */
	for (int i = 0; i < 3; i++) {
		kit_row(&k, PART_GROUP, MEMBER("g1", "1", "ONLINE") "conflicts=55");
		kit_row(&k, PART_GROUP, MEMBER("g2", "0", "ONLINE"));
		kit_tick(&k, 100);
		kit_finds(&k, "group-trouble", SEVERITY_WARNING, "member:g3:3306");
	}
	kit_row(&k, PART_GROUP, MEMBER("g1", "1", "ONLINE") "conflicts=55");
	kit_row(&k, PART_GROUP, MEMBER("g2", "0", "ONLINE"));
	kit_tick(&k, 400);
	kit_tick(&k, 4);
	kit_finds_no(&k, NULL);
	kit_close(&k);
	/* The plug-in is there, and nobody started it. */
	kit_open(&k);
	kit_row(&k, PART_GROUP, MEMBER("g1", "1", "OFFLINE"));
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

#define NODE(fields) "id=a name=n1 address=10.0.0.1:3306 is_self=1 ready=1 cluster_size=3 " fields
#define OTHER_NODE "id=b name=n2 address=10.0.0.2:3306 is_self=0"

static void galera_sample(struct kit *k, const char *own)
{
	kit_row(k, PART_GALERA, own);
	kit_row(k, PART_GALERA, OTHER_NODE);
	kit_tick(k, 1);
}

static void clusters(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	galera_sample(&k, NODE("state=Synced cluster_status=Primary flow_paused=10 flow_sent=5 cert_failures=1"));
	galera_sample(&k, NODE("state=Synced cluster_status=Primary flow_paused=10.01 flow_sent=5 cert_failures=1"));
	kit_finds_no(&k, NULL);
	galera_sample(&k, NODE("state=Synced cluster_status=Primary flow_paused=10.5 flow_sent=9 cert_failures=1"));
	kit_finds(&k, "galera-trouble", SEVERITY_WARNING, "member:10.0.0.1:3306");
	galera_sample(&k, NODE("state=Synced cluster_status=Primary flow_paused=11 flow_sent=9 cert_failures=1"));
	kit_finds(&k, "galera-trouble", SEVERITY_WARNING, NULL);
	kit_suspects(&k, "galera-trouble", "member:10.0.0.2:3306");
	galera_sample(&k, NODE("state=Synced cluster_status=Primary flow_paused=11 flow_sent=9 cert_failures=9"));
	kit_finds(&k, "galera-trouble", SEVERITY_WARNING, "member:10.0.0.1:3306");
	galera_sample(&k, NODE("state=Donor/Desynced cluster_status=Primary"));
	kit_finds(&k, "galera-trouble", SEVERITY_NOTICE, "member:10.0.0.1:3306");
	galera_sample(&k, NODE("state=Initialized cluster_status=non-Primary"));
	kit_finds(&k, "galera-trouble", SEVERITY_CRITICAL, "member:10.0.0.1:3306");
	kit_close(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replica_that_takes_writes),
		cmocka_unit_test(read_only_or_no_replica),
		cmocka_unit_test(transactions_of_its_own),
		cmocka_unit_test(errant_while_watched),
		cmocka_unit_test(nothing_errant),
		cmocka_unit_test(errant_on_mariadb),
		cmocka_unit_test(a_source_out_of_reach),
		cmocka_unit_test(an_intermediate_that_stands_still),
		cmocka_unit_test(the_same_server_id),
		cmocka_unit_test(commits_without_acknowledgement),
		cmocka_unit_test(semisync_that_works_or_is_off),
		cmocka_unit_test(groups),
		cmocka_unit_test(clusters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
