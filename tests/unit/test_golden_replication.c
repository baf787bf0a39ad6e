/*
 * The replication panel in every state that it has to tell apart, compared with the texts in tests/golden.
 */
#include <time.h>

#include "tests/unit/goldenrig.h"

/* --- the servers ------------------------------------------------------------------------------ */

/* In rows, `@lag`, `@read` and `@done` stand for numbers that change from reading to reading. */
struct state {
	const char *name;
	enum flavor flavor;
	enum role role;
	const char *rows[N_PARTS];
	int lag, lag_step;     /* seconds now, and what it gained with each reading */
	int read_step, done_step; /* bytes */
	const char *keys;      /* typed after the panel is shown */
	bool every_size;
	const char *denied;    /* why replication cannot be read */
};

#define UUID1 "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define UUID2 "9b2e44ac-5566-11ee-8c99-0242ac120002"
#define UUID3 "c0ffee00-5566-11ee-8c99-0242ac120003"

static const char variables[] = "name=server_uuid value=" UUID2 "\nname=gtid_mode value=ON\n"
				"name=max_connections value=512\n";

#define MYSQL_CHANNEL \
	"channel='' source_host=db1.prod source_port=3306 source_user=repl source_id=1 source_uuid=" UUID1 \
	" read_file=binlog.000012 relay_file=relay.000031 gtid=1 gtid_received=" UUID1 ":4711-98123 " \
	"gtid_executed='" UUID1 ":1-97214," UUID2 ":1-3' tls=Yes tls_verify=Yes connect_retry=60 retry_count=10 " \
	"retries=4 heartbeat_interval=30 semisync=1 delay=0 workers=4 heartbeat_age=3.2 "

static const char healthy[] = MYSQL_CHANNEL
	"io_running=Yes sql_running=Yes lag=0 io_errno=0 sql_errno=0 exec_file=binlog.000012 read_position=@read "
	"exec_position=@read relay_space=2113512 bytes_behind=0 workers_busy=0 receive_lag=0 apply_lag=0 gtid_gap=0 "
	"io_state='Waiting for source to send event' "
	"sql_state='Replica has read all relay log; waiting for more updates' state=running";

static const char lagging[] = MYSQL_CHANNEL
	"io_running=Yes sql_running=Yes lag=@lag io_errno=0 sql_errno=0 exec_file=binlog.000011 read_position=@read "
	"exec_position=@done relay_space=1503238553 bytes_behind=1181116006 workers_busy=2 receive_lag=0.2 "
	"apply_lag=@lag gtid_gap=909 io_state='Queueing source event to the relay log' "
	"sql_state='Waiting for dependent transaction to commit' state=running";

static const char lagging_threads[] =
	"id=receiver channel='' kind=receiver session=7 running=1 busy=1 state='Queueing source event to the relay log'\n"
	"id=coordinator channel='' kind=coordinator session=8 running=1 busy=1 "
	"state='Waiting for dependent transaction to commit'\n"
	"id=/1 channel='' kind=worker number=1 session=9 running=1 busy=1 state='row lock ← 812' blocked_by=812 "
	"applying=" UUID1 ":97215 applying_since=14.2 applying_retries=2 lock_table=shop.orders "
	"statement='UPDATE orders SET state = \"paid\" WHERE id = 4711'\n"
	"id=/2 channel='' kind=worker number=2 session=10 running=1 busy=1 state='Waiting for preceding transaction to "
	"commit' applying=" UUID1 ":97216 applying_since=14.1 applying_retries=0\n"
	"id=/3 channel='' kind=worker number=3 session=11 running=1 busy=0 state='Waiting for an event from Coordinator'\n"
	"id=/4 channel='' kind=worker number=4 session=12 running=1 busy=0 state='Waiting for an event from Coordinator'";

static const char broken[] = MYSQL_CHANNEL
	"io_running=Yes sql_running=No io_errno=0 sql_errno=1062 exec_file=binlog.000012 read_position=@read "
	"exec_position=1363 relay_space=96000000 bytes_behind=95632045 gtid_gap=909 state='applier failed' "
	"io_state='Waiting for source to send event' sql_error='Coordinator stopped because there were error(s) in the "
	"worker(s). The most recent failure being: Worker 2 failed executing transaction " UUID1 ":97215 at source log "
	"binlog.000012, end_log_pos 1700. See error log and/or performance_schema."
	"replication_applier_status_by_worker table for more details about this failure or others, if any.'";

static const char broken_workers[] =
	"channel='' number=2 running=OFF errno=1062 error='Worker 2 failed executing transaction at source log "
	"binlog.000012, end_log_pos 1700; Could not execute Write_rows event on table shop.orders; Duplicate entry 4711 "
	"for key orders.PRIMARY, Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event was written at source "
	"log binlog.000012, end_log_pos 1700'";

static const char connecting[] = MYSQL_CHANNEL
	"io_running=Connecting sql_running=Yes io_errno=2003 sql_errno=0 exec_file=binlog.000012 read_position=95633408 "
	"exec_position=95633408 relay_space=2113512 bytes_behind=0 state='cannot connect' "
	"io_state='Reconnecting after a failed source event read' sql_state='Replica has read all relay log; waiting "
	"for more updates' io_error='Error connecting to source repl@db1.prod:3306. This was attempt 3/10, with a delay "
	"of 60 seconds between attempts. Message: Cannot connect to MySQL server on db1.prod:3306 (111)'";

#define MARIADB_CHANNEL(name, host) \
	"channel=" name " source_host=" host " source_port=3306 source_user=repl source_id=1 read_file=master-bin.000007 " \
	"exec_file=master-bin.000007 gtid=Slave_Pos gtid_received=0-1-81230 gtid_executed=0-1-81230 tls=No " \
	"connect_retry=10 heartbeat_interval=30 relay_space=40960 delay=0 io_errno=0 parallel_mode=optimistic "

static const char multi[] =
	MARIADB_CHANNEL("''", "db1.prod") "io_running=Yes sql_running=Yes lag=0 sql_errno=0 read_position=@read "
	"exec_position=@read bytes_behind=0 io_state='Waiting for master to send event' "
	"sql_state='Slave has read all relay log; waiting for more updates'\n"
	MARIADB_CHANNEL("west", "db2.prod") "io_running=Yes sql_running=No sql_errno=1032 read_position=91200 "
	"exec_position=85000 bytes_behind=6200 io_state='Waiting for master to send event' "
	"sql_error='Could not execute Update_rows_v1 event on table shop.stock; Can not find record in stock, "
	"Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; the event was in master log master-bin.000007, "
	"end_log_pos 85213'\n"
	MARIADB_CHANNEL("east", "db3.prod") "io_running=Yes sql_running=Yes lag=4 sql_errno=0 read_position=5120 "
	"exec_position=4700 bytes_behind=420 io_state='Waiting for master to send event' sql_state='Write_rows_log_event'";

static const char delayed[] = MARIADB_CHANNEL("''", "db1.prod")
	"io_running=Yes sql_running=Yes lag=3600 delay=3600 delay_remaining=412 sql_errno=0 read_position=@read "
	"exec_position=@done bytes_behind=300000 io_state='Waiting for master to send event' "
	"sql_state='Waiting until MASTER_DELAY seconds after master executed event'";

static const char odd[] = MYSQL_CHANNEL
	"io_running=Pondering sql_running=Yes io_errno=0 sql_errno=64999 sql_error='\033[2Jwhat \342\200\256is this' "
	"exec_file='' io_state='Doing something that nobody has seen before' state=Pondering";

static const char replicas[] =
	"id=412 user=repl host=10.0.4.21:51234 by_gtid=1 name=db4.prod:3306 uuid=" UUID3 " semisync=1 sent_all=1 "
	"file=binlog.000412 position=@read time=3551212 state='Source has sent all binlog to replica; waiting for more "
	"updates'\n"
	"id=413 user=repl host=10.0.4.22:40112 by_gtid=1 name=db5.prod:3306 semisync=0 sent_all=0 file=binlog.000398 "
	"time=812 state='Sending binlog event to replica'";

static const char binlog[] =
	"file=binlog.000412 position=@read gtid_executed='" UUID2 ":1-81230411' gtid_purged='" UUID2 ":1-70000000' "
	"gtid_mode=ON format=ROW row_image=FULL sync=1 expire=604800 max_size=1073741824 cache_size=32768 "
	"cache_use=@read cache_disk_use=@lag semisync_enabled=1 semisync=1 semisync_clients=1 semisync_wait_for=1 "
	"semisync_timeout=10 semisync_sessions=3 semisync_average=0.0021 semisync_yes=@read semisync_no=0 "
	"semisync_wait_point=AFTER_SYNC";

static const char files[] =
	"file=binlog.000397 size=1073741991 to_end=17179869184 number=397\n"
	"file=binlog.000398 size=1073742011 to_end=16106127360 number=398 needed_by=db5.prod:3306 readers=1\n"
	"file=binlog.000412 size=91234567 to_end=91234567 number=412 current=1 needed_by=db4.prod:3306 readers=1";

static const char group[] =
	"id=" UUID1 " host=db1.prod port=3306 state=ONLINE role=SECONDARY version=8.4.3 queue=0 apply_queue=12 conflicts=0 "
	"rolled_back=0 is_self=0 view_id=17730649:14\n"
	"id=" UUID2 " host=db3.prod port=3306 state=ONLINE role=PRIMARY version=8.4.3 queue=3 apply_queue=0 conflicts=7 "
	"rolled_back=7 is_self=1 view_id=17730649:14 checked=@read applied=12 proposed=@read rows_validating=41233 "
	"committed_all=" UUID1 ":1-812300 stack=XCom\n"
	"id=" UUID3 " host=db7.prod port=3306 state=RECOVERING role=SECONDARY version=8.4.3 queue=0 apply_queue=81230 "
	"conflicts=0 is_self=0 view_id=17730649:14";

static const char galera[] =
	"id=a1 name=node-1 address=10.0.4.1:3306 is_self=0\n"
	"id=b2 name=node-2 address=10.0.4.2:3306 is_self=1 state=Initialized ready=0 connected=1 "
	"cluster_status=non-Primary cluster_size=1 conf_id=18446744073 flow_paused=12 flow_sent=0 flow_received=0 "
	"recv_queue=0 recv_queue_avg=0.1 send_queue=0 commits=@read cert_failures=3 bf_aborts=1 "
	"provider='26.4.13(r7c1e5fd)' evs_delayed=a1:tcp://10.0.4.1:4567:1";

static const struct state states[] = {
	{"replication-level", FLAVOR_MYSQL, ROLE_REPLICA, {[PART_REPLICATION] = healthy}, 0, 0, 38000, 0, NULL, true, NULL},
	{"replication-behind", FLAVOR_MYSQL, ROLE_REPLICA,
	 {[PART_REPLICATION] = lagging, [PART_APPLIERS] = lagging_threads}, 41, -1, 38000000, 61000000, NULL, true, NULL},
	{"replication-broken", FLAVOR_MYSQL, ROLE_REPLICA,
	 {[PART_REPLICATION] = broken, [PART_WORKERS] = broken_workers}, 0, 0, 38000, 0, NULL, true, NULL},
	{"replication-broken-end", FLAVOR_MYSQL, ROLE_REPLICA,
	 {[PART_REPLICATION] = broken, [PART_WORKERS] = broken_workers}, 0, 0, 38000, 0, "G", false, NULL},
	{"replication-connecting", FLAVOR_MYSQL, ROLE_REPLICA, {[PART_REPLICATION] = connecting}, 0, 0, 0, 0, NULL,
	 false, NULL},
	{"replication-multi", FLAVOR_MARIADB, ROLE_REPLICA, {[PART_REPLICATION] = multi}, 0, 0, 100, 0, NULL, true, NULL},
	{"replication-delayed", FLAVOR_MARIADB, ROLE_REPLICA, {[PART_REPLICATION] = delayed}, 0, 0, 4000, 4000, NULL,
	 false, NULL},
	{"replication-odd", FLAVOR_MYSQL, ROLE_UNKNOWN, {[PART_REPLICATION] = odd}, 0, 0, 0, 0, NULL, false, NULL},
	{"replication-source", FLAVOR_MYSQL, ROLE_PRIMARY,
	 {[PART_REPLICATION] = "", [PART_REPLICAS] = replicas, [PART_BINLOG] = binlog, [PART_BINLOG_FILES] = files}, 40, 2,
	 180000, 0, NULL, true, NULL},
	{"replication-files", FLAVOR_MYSQL, ROLE_PRIMARY,
	 {[PART_REPLICATION] = "", [PART_REPLICAS] = replicas, [PART_BINLOG] = binlog, [PART_BINLOG_FILES] = files}, 40, 2,
	 180000, 0, "jj\r", false, NULL},
	{"replication-middle", FLAVOR_MYSQL, ROLE_INTERMEDIATE,
	 {[PART_REPLICATION] = healthy, [PART_REPLICAS] = replicas, [PART_BINLOG] = binlog}, 40, 2, 180000, 0, NULL, false,
	 NULL},
	{"replication-group", FLAVOR_MYSQL, ROLE_GROUP_PRIMARY,
	 {[PART_REPLICATION] = "", [PART_REPLICAS] = "", [PART_GROUP] = group}, 0, 0, 900, 0, NULL, true, NULL},
	{"replication-member", FLAVOR_MYSQL, ROLE_GROUP_PRIMARY,
	 {[PART_REPLICATION] = "", [PART_REPLICAS] = "", [PART_GROUP] = group}, 0, 0, 900, 0, "jj\r", false, NULL},
	{"replication-galera", FLAVOR_MARIADB, ROLE_GALERA,
	 {[PART_REPLICATION] = "", [PART_REPLICAS] = "", [PART_GALERA] = galera}, 0, 0, 0, 0, NULL, true, NULL},
	{"replication-none", FLAVOR_MYSQL, ROLE_STANDALONE, {[PART_REPLICATION] = "", [PART_REPLICAS] = ""}, 0, 0, 0, 0,
	 NULL, true, NULL},
	{"replication-denied", FLAVOR_MYSQL, ROLE_UNKNOWN, {NULL}, 0, 0, 0, 0, NULL, false,
	 "needs REPLICATION CLIENT: GRANT REPLICATION CLIENT ON *.* TO `fathom`@`%`"},
	{"replication-detail", FLAVOR_MYSQL, ROLE_REPLICA, {[PART_REPLICATION] = healthy}, 0, 0, 38000, 0, "\r", false,
	 NULL},
	{"replication-explain", FLAVOR_MYSQL, ROLE_REPLICA, {[PART_REPLICATION] = healthy}, 0, 0, 38000, 0, "jjj?",
	 false, NULL},
};

/* --- samples ---------------------------------------------------------------------------------- */

static char *fill_in(const struct state *st, const char *rows, int reading)
{
	const struct {
		const char *word;
		int value;
	} words[] = {
		{"@lag", st->lag + st->lag_step * (reading - READINGS + 1)},
		{"@read", 95633408 - st->read_step * (READINGS - 1 - reading)},
		{"@done", 1363 + st->done_step * reading},
	};
	struct buf b = BUF_INIT;
	while (*rows) {
		unsigned i = 0;
		while (i < COUNT_OF(words) && strncmp(rows, words[i].word, strlen(words[i].word)) != 0)
			i++;
		if (i < COUNT_OF(words)) {
			buf_addf(&b, "%d", words[i].value);
			rows += strlen(words[i].word);
		} else {
			buf_addc(&b, *rows++);
		}
	}
	return buf_steal(&b);
}

static struct snapshot *sample(const struct state *st, int reading)
{
	struct snapshot *s = snapshot_new(0);
	double at = FIRST + reading;
	s->seq = (unsigned)reading + 1;
	s->epoch = 1;
	s->mono = (int64_t)at * NS_PER_S;
	s->wall = (WALL - READINGS + 1 + reading) * US_PER_S;
	s->link = LINK_LIVE;
	bool mariadb = st->flavor == FLAVOR_MARIADB;
	s->server = (struct server_info){
		.flavor = st->flavor,
		.number = mariadb ? 101119 : 80403,
		.performance_schema = true,
	};
	snprintf(s->server.version_short, sizeof s->server.version_short, mariadb ? "10.11.19" : "8.4.3");
	s->role = st->role;
	s->read_only = s->read_only_known = true;
	s->uptime = 41 * 86400.0;
	s->interval = 1;
	snapshot_set(s, rows_part(PART_STATUS, at, "name=Threads_running value=3\n"));
	snapshot_set(s, rows_part(PART_PROCESSLIST, at, "id=14 kind=own user=fathom blocks=0 command=Query time=0\n"));
	snapshot_set(s, rows_part(PART_VARIABLES, at, variables));
	for (int i = 0; i < N_PARTS; i++) {
		if (!st->rows[i])
			continue;
		char *rows = fill_in(st, st->rows[i], reading);
		snapshot_set(s, rows_part(i, at, rows));
		free(rows);
	}
	if (st->denied)
		snapshot_set(s, part_new_failed(PART_REPLICATION, collect_schema(PART_REPLICATION), PART_DENIED,
						st->denied, LAST * NS_PER_S, WALL * US_PER_S));
	return s;
}

static const struct {
	int cols, rows;
} sizes[] = {{80, 24}, {40, 12}, {200, 50}};

/* Without the tabs, which change with every panel that comes. */
static void compare_below_tabs(struct console *c, const char *name)
{
	enum { TABS = 3 };
	const struct canvas *shown = term_shown(c->term);
	struct buf have = BUF_INIT;
	for (int y = 0; y < shown->rows; y++) {
		if (y != TABS)
			canvas_line(shown, y, &have);
		buf_addc(&have, '\n');
	}
	compare_text(shown, name, &have);
	buf_release(&have);
}

static void show_state(const struct state *st, bool ascii)
{
	struct console c;
	open_console(&c, ascii);
	for (int i = 0; i < READINGS; i++)
		console_take(&c, sample(st, i));
	for (unsigned k = 0; k < (st->every_size ? COUNT_OF(sizes) : 1); k++) {
		resize(&c, sizes[k].cols, sizes[k].rows, ascii);
		console_show(&c, "replication");
		console_draw(&c);
		for (const char *key = st->keys ? st->keys : ""; *key; key++) {
			char one[2] = {*key, '\0'};
			type(&c, one);
			console_draw(&c);
		}
		compare_below_tabs(&c, st->name);
	}
	close_console(&c);
}

static void utf8(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT_OF(states); i++)
		show_state(&states[i], false);
}

static void ascii(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT_OF(states); i++)
		if (states[i].every_size)
			show_state(&states[i], true);
}

/* Everything can be reached by the keys, in either direction, however small the screen. */
static void every_line(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT_OF(states); i++) {
		struct console c;
		open_console(&c, false);
		console_take(&c, sample(&states[i], READINGS - 2));
		console_take(&c, sample(&states[i], READINGS - 1));
		resize(&c, 40, 12, false);
		console_show(&c, "replication");
		static const char *const walks[] = {"jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj", "kkkkkkkkkkkkk", "GkkkgjjG", "/l\rnnN"};
		for (unsigned k = 0; k < COUNT_OF(walks); k++)
			for (const char *key = walks[k]; *key; key++) {
				char one[2] = {*key, '\0'};
				type(&c, one);
				console_draw(&c);
			}
		type(&c, "?");
		console_draw(&c);
		leave_dialogs(&c);
		type(&c, "\r");
		console_draw(&c);
		type(&c, "G");
		console_draw(&c);
		close_console(&c);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8),
		cmocka_unit_test(ascii),
		cmocka_unit_test(every_line),
	};
	setenv("TZ", "UTC", 1);
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	unsetenv("NO_COLOR");
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
