/*
 * Every panel as a person sees it, compared with the texts in tests/golden. GOLDEN_UPDATE=1 writes them
 * anew: then look at what changed.
 *
 * The console is a real one without a server (offline): its snapshots are made here, by hand, and its
 * clocks stand still.
 */
#include <time.h>

#include "diagnose/finding.h"
#include "panels/console.h"
#include "panels/detail.h"
#include "panels/killing.h"
#include "tests/unit/goldenhost.h"
#include "tests/unit/goldenrig.h"

/* --- the patient ------------------------------------------------------------------------------ */

/* A blocker that sleeps in its transaction, those behind it, and texts that mean harm. */
static const char busy[] =
	"id=5 kind=system user=event_scheduler host=localhost blocks=0 command=Daemon "
	"state='Waiting on empty queue' time=3551411\n"
	"id=9 kind=replication user=repl host=db4.prod blocks=0 command='Binlog Dump GTID' time=3551212 "
	"state='Source has sent all binlog to replica; waiting for more updates'\n"
	"id=14 kind=own user=fathom host=localhost blocks=0 command=Query time=0 info='SELECT 1'\n"
	"id=812 kind=user user=app_rw host=web-3.prod client_port=51234 db=shop command=Sleep "
	"state='idle in transaction' time=372.41 transaction_age=372.6 transaction_state=RUNNING "
	"rows_locks=14 rows_modified=3 blocks=4 "
	"last_statement='UPDATE stock SET reserved = reserved + 1 WHERE item_id = 4711' last_exact=1\n"
	"id=825 kind=user user=app_rw host=web-1.prod db=shop command=Query state='row lock ← 812' "
	"time=31.207 transaction_age=31.21 rows_locks=2 rows_modified=0 blocked_by=812 blocks=1 "
	"lock_table=shop.stock lock_index=PRIMARY lock_mode=X wait='row lock' wait_age=31.2 "
	"info='UPDATE stock SET reserved = reserved - 1 WHERE item_id = 4711'\n"
	"id=831 kind=user user=app_rw host=web-2.prod db=shop command=Query state='row lock ← 825' "
	"time=12.9 transaction_age=12.9 rows_locks=1 rows_modified=0 blocked_by=825 blocks=0 "
	"wait='row lock' info='DELETE FROM stock WHERE item_id IN (4711, 4712, 4713)'\n"
	"id=840 kind=user user=deploy host=10.0.4.17 db=shop command=Query state='metadata lock ← 812' "
	"time=8.05 blocked_by=812 blocks=1 wait='metadata lock' "
	"info='ALTER TABLE stock ADD COLUMN note VARCHAR(200) NOT NULL DEFAULT \"\"'\n"
	"id=841 kind=user user=app_ro host=web-1.prod db=shop command=Query state='metadata lock ← 840' "
	"time=7.313 blocked_by=840 blocks=0 wait='metadata lock' "
	"info='SELECT * FROM stock WHERE item_id = 12'\n"
	"id=902 kind=user user=보고서 host=report.example.com db=판매 blocks=0 command=Query state='executing' "
	"time=74.5 transaction_age=74.5 rows_locks=0 rows_modified=0 rows_examined=48211903 "
	"info='SELECT 고객.이름, SUM(주문.금액) FROM 주문 JOIN 고객 USING (고객번호) WHERE 도시 = \"서울\" "
	"GROUP BY 고객.이름'\n"
	"id=903 kind=user user=legacy host=10.0.9.9 db=crm blocks=0 command=Query state='executing' time=2.5 "
	"info='SELECT \"\033[2J\033]0;owned\007\", \"user\342\200\256gpj.exe\", \"\377\376\300\257\" FROM notes'\n"
	"id=904 kind=user user=etl host=10.0.9.12 db=warehouse blocks=0 command=Query state='update' time=3.75 "
	"transaction_age=4.1 rows_locks=0 rows_modified=184467 memory=41943040 info_length=16777216 "
	"info_cut=1 info='INSERT INTO facts (day, item, amount) VALUES (\"2026-03-09\", 1, 10.50),\n"
	"\t(\"2026-03-09\", 2, 11.00),\n\t(\"2026-03-09\", 3,'\n"
	"id=910 kind=user user=dba host=localhost db=shop blocks=0 command=Query "
	"state='altering table' time=622 progress=43.7 info='ALTER TABLE orders ENGINE=InnoDB'\n"
	"id=950 kind=user user=app_rw host=web-1.prod db=shop blocks=0 command=Sleep time=3.2\n"
	"id=951 kind=user user=app_rw host=web-2.prod db=shop blocks=0 command=Sleep time=12\n"
	"id=952 kind=user user=app_ro host=web-3.prod db=shop blocks=0 command=Sleep time=40000\n";

static const char variables[] =
	"name=max_connections value=512 source=CONFIG path=/etc/mysql/my.cnf\n"
	"name=innodb_buffer_pool_size value=17179869184 source=PERSISTED "
	"path=/var/lib/mysql/mysqld-auto.cnf\n"
	"name=innodb_flush_log_at_trx_commit value=%d source=DYNAMIC\n"
	"name=long_query_time value=10.000000 source=COMPILED\n"
	"name=performance_schema value=ON source=COMPILED\n"
	"name=read_only value=OFF source=COMPILED\n"
	"name=sql_mode value=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
	"ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION source=COMPILED\n"
	"name=version_comment value='MySQL Community Server - GPL' source=COMPILED\n";

static const char statements[] =
	"id=shop:a1 digest=a1 db=shop calls=%1$d time=%2$d.5 mean=0.0021 lock_time=0.5 "
	"rows_examined=%3$d rows_sent=%1$d rows_affected=0 errors=0 no_index=0 tmp_disk_tables=0 "
	"text='SELECT * FROM `stock` WHERE `item_id` = ?'\n"
	"id=판매:b2 digest=b2 db=판매 calls=%2$d time=%2$d.25 mean=61.5 lock_time=0 rows_examined=%4$d "
	"rows_sent=%2$d rows_affected=0 errors=0 no_index=%2$d tmp_disk_tables=%2$d "
	"text='SELECT `고객` . `이름` , SUM ( `주문` . `금액` ) FROM `주문` JOIN `고객` USING ( `고객번호` )'\n"
	"id=shop:c3 digest=c3 db=shop calls=%2$d time=12.5 mean=0.84 lock_time=%2$d rows_examined=90 "
	"rows_sent=0 rows_affected=%2$d errors=%2$d no_index=0 tmp_disk_tables=0 "
	"text='UPDATE `stock` SET `reserved` = `reserved` + ? WHERE `item_id` = ?'\n"
	"id=*:* calls=%2$d time=1 mean=0.1\n";

static const char own[] =
	"name=connection status=live period=1 base_period=1 server_ms=4.1 last_ms=0.9 mean_ms=1.2 bytes=18220 "
	"statements=3.4 runs=2204 age=0.2 reconnects=1 round_trip_ms=0.21 loop_gap_ms=3.4 stretched=0\n"
	"name=status status=ok period=1 base_period=1 server_ms=1.6 last_ms=1.5 mean_ms=1.6 rows=67 "
	"bytes=2100 runs=1002 age=0.2 stretched=0 statement='/* fathom */ SHOW GLOBAL STATUS'\n"
	"name=sessions status=ok period=2.5 base_period=1 server_ms=2.2 last_ms=2.9 mean_ms=2.2 rows=15 "
	"bytes=14810 runs=400 age=1.4 stretched=1 "
	"statement='/* fathom */ SELECT PROCESSLIST_ID AS id FROM performance_schema.threads'\n"
	"name=metadata_locks status=denied period=2 base_period=2 server_ms=0 runs=0 rows=0 stretched=0 "
	"reason='needs SELECT ON performance_schema.metadata_locks'\n"
	"name=host status=live period=1 base_period=1 host_ms=2.4 bytes=9120 runs=990 stretched=0 reconnects=0\n"
	"name=host_cpu status=ok period=1 base_period=1 host_ms=0.7 last_ms=6.1 rows=9 bytes=2780 runs=990 age=0.2 "
	"stretched=0 statement='loadavg|stat|pressure/cpu'\n";

/* What the status counters do: a slow wave, so that the curves show something. */
static struct part *status_part(unsigned i)
{
	static const struct {
		const char *name;
		int start, step, wave; /* wave 0 and step 0: a gauge */
	} rows[] = {
		{"Questions", 900000, 12400, 4000}, {"Queries", 900000, 12400, 4000},
		{"Com_select", 500000, 9100, 3000},  {"Com_insert", 90000, 1200, 300},
		{"Com_update", 80000, 1500, 700},    {"Com_delete", 9000, 90, 40},
		{"Com_replace", 0, 0, 0},            {"Com_commit", 50000, 900, 300},
		{"Com_rollback", 30, 1, 0},          {"Handler_read_key", 5000000, 81000, 20000},
		{"Handler_read_next", 7000000, 240000, 90000},
		{"Handler_read_rnd_next", 100000, 48000, 40000},
		{"Handler_write", 90000, 2100, 500}, {"Handler_update", 80000, 1500, 700},
		{"Handler_delete", 9000, 90, 40},    {"Threads_running", 11, 0, 0},
		{"Threads_connected", 48, 0, 0},     {"Connections", 2000, 3, 2},
		{"Aborted_connects", 4, 0, 0},       {"Aborted_clients", 17, 0, 0},
		{"Threads_created", 60, 0, 0},       {"Created_tmp_tables", 5000, 110, 60},
		{"Created_tmp_disk_tables", 300, 2, 2}, {"Sort_rows", 90000, 15000, 9000},
		{"Sort_merge_passes", 0, 0, 0},      {"Select_scan", 800, 12, 8},
		{"Select_full_join", 3, 0, 0},       {"Slow_queries", 12, 0, 0},
		{"Bytes_received", 90000000, 2400000, 900000},
		{"Bytes_sent", 700000000, 31000000, 9000000},
		{"Innodb_buffer_pool_read_requests", 90000000, 610000, 90000},
		{"Innodb_buffer_pool_reads", 40000, 4900, 900},
		{"Innodb_row_lock_waits", 41, 1, 1}, {"Innodb_row_lock_current_waits", 2, 0, 0},
		{"Innodb_redo_log_current_lsn", 700000000, 90000, 9000},
		{"Innodb_redo_log_checkpoint_lsn", 640000000, 80000, 9000},
		{"Innodb_redo_log_capacity_resized", 104857600, 0, 0},
	};
	static const int wave[] = {0, 2, 5, 8, 10, 9, 6, 3};
	struct buf b = BUF_INIT;
	for (unsigned k = 0; k < COUNT_OF(rows); k++) {
		int64_t v = rows[k].start;
		for (unsigned j = 0; j < i; j++)
			v += rows[k].step + rows[k].wave * wave[(j + k) % COUNT_OF(wave)] / 10;
		buf_addf(&b, "name=%s value=%lld\n", rows[k].name, (long long)v);
	}
	struct part *p = rows_part(PART_STATUS, FIRST + i, buf_str(&b));
	buf_release(&b);
	return p;
}

__attribute__((format(printf, 3, 4)))
static struct part *text_part(enum part_id id, double at, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct part *p = rows_part(id, at, buf_str(&b));
	buf_release(&b);
	return p;
}

static struct part *unread(enum part_id id, enum part_status status, const char *why)
{
	return part_new_failed(id, collect_schema(id), status, why, LAST * NS_PER_S,
			       WALL * US_PER_S);
}

/* A cause with what hangs under it, and one by itself. */
static struct part *findings(int64_t mono, int64_t wall)
{
	struct finding pile = {.id = "row-lock-pileup", .title = "Sessions queue for row locks",
			       .since = 1764079341000000, .n_causes = 1, .causes = {"lock-chain"}};
	struct finding chain = {.id = "lock-chain", .title = "Who waits is waited for in turn",
				.since = 1764079342000000, .caused_by = "row-lock-pileup"};
	struct finding mdl = {.id = "mdl-pileup", .title = "Sessions queue for a metadata lock",
			      .since = 1764079343000000};
	const struct finding *all[] = {&pile, &chain, &mdl};
	struct arena a = {0};
	pile.explanation = chain.explanation = mdl.explanation = "What it means.";
	pile.right = chain.right = mdl.right = "What to do.";
	pile.wrong = "What not to do.";
	finding_say(&pile, &a, SEVERITY_CRITICAL, 1,
		    "4 sessions wait behind 812: idle in transaction 6m12s, app_rw@web-3.prod");
	finding_say(&chain, &a, SEVERITY_NOTICE, 1, "2 of them are waited for in turn");
	finding_say(&mdl, &a, SEVERITY_WARNING, 0.5, "1 session waits for shop.stock: ALTER TABLE");
	finding_evidence(&pile, &a, "sessions behind it", UNIT_COUNT, value_int(4));
	finding_evidence(&pile, &a, "its transaction is open for", UNIT_SECONDS, value_real(372));
	finding_evidence(&pile, &a, "its last statement", UNIT_SQL,
			 value_str("UPDATE stock SET reserved = reserved + 1 WHERE sku = 'A\x1b[31m'"));
	finding_evidence(&pile, &a, "lock_waits", UNIT_COUNT, value_int(4));
	finding_culprit(&pile, &a, SUBJECT_SESSION, "812");
	finding_culprit(&pile, &a, SUBJECT_TABLE, "shop.stock");
	finding_suspect(&mdl, &a, SUBJECT_SESSION, "25");
	finding_step(&pile, &a, STEP_KILL_CONNECTION, "812");
	finding_step(&pile, &a, STEP_SQL, "-- in its own session, where that answers:\nROLLBACK;");
	struct part *p = findings_part(all, 3, mono, wall);
	arena_release(&a);
	return p;
}

static struct snapshot *sample(unsigned i)
{
	struct snapshot *s = snapshot_new(0);
	double at = FIRST + i;
	int n = (int)i;
	s->seq = i + 1;
	s->epoch = 1;
	s->mono = (int64_t)at * NS_PER_S;
	s->wall = (WALL - READINGS + 1 + n) * US_PER_S;
	s->link = LINK_LIVE;
	s->server = (struct server_info){
		.flavor = FLAVOR_MYSQL,
		.number = 80403,
		.version = "8.4.3",
		.version_short = "8.4.3",
		.connection_id = 14,
		.performance_schema = true,
	};
	s->role = ROLE_PRIMARY;
	s->read_only_known = true;
	s->uptime = 41 * 86400.0 + at;
	s->interval = 1;
	s->cost = (struct own_cost){4.1, 3.4, 18220, 0.0041};
	snapshot_set(s, status_part(i));
	snapshot_set(s, text_part(PART_VARIABLES, at, variables, i == READINGS - 1 ? 2 : 1));
	snapshot_set(s, text_part(PART_STATEMENTS, at, statements, 41000 + 8200 * n, 100 + n,
				  52000 + 9100 * n, 700000 + 4100000 * n));
	snapshot_set(s, text_part(PART_BINLOG, at, "file=binlog.000412 position=%d", 4000 + 180000 * n));
	snapshot_set(s, text_part(PART_INNODB, at, "name=trx_rseg_history_len value=%d", 118000 + 40 * n));
	snapshot_set(s, rows_part(PART_REPLICATION, at, ""));
	snapshot_set(s, rows_part(PART_SELF, at, own));
	snapshot_set(s, findings((int64_t)(at * (double)NS_PER_S), s->wall));
	struct part_builder *b = rows_builder(PART_PROCESSLIST, busy);
	int64_t ns = (int64_t)at * NS_PER_S;
	snapshot_set(s, part_seal(b, ns, s->wall, 1));
	return s;
}

/* The same server for an account that may see little, after one part went stale. */
static struct snapshot *dim_sample(void)
{
	static const struct {
		const char *field, *why;
	} absent[] = {
		{"transaction_age", "needs PROCESS"},
		{"rows_locks", "needs PROCESS"},
		{"rows_modified", "needs PROCESS"},
		{"blocked_by", "needs SELECT ON performance_schema.data_lock_waits"},
		{"blocks", "needs SELECT ON performance_schema.data_lock_waits"},
	};
	struct snapshot *s = sample(READINGS - 1);
	struct part_builder *b = rows_builder(PART_PROCESSLIST,
		"id=14 kind=own user=fathom host=localhost command=Query time=0 info='SELECT 1'\n"
		"id=902 kind=user user=보고서 host=report.example.com db=판매 command=Query "
		"state=executing time=74.5 info='SELECT 1 FROM 주문'\n");
	for (unsigned i = 0; i < COUNT_OF(absent); i++)
		part_set_absent(b, (unsigned)schema_field(collect_schema(PART_PROCESSLIST), absent[i].field),
				absent[i].why);
	snapshot_set(s, part_seal(b, LAST * NS_PER_S, s->wall, 1));
	snapshot_set(s, unread(PART_TRANSACTIONS, PART_DENIED,
			       "needs PROCESS: GRANT PROCESS ON *.* TO `fathom`@`%`"));
	snapshot_set(s, unread(PART_STATEMENTS, PART_DENIED,
			       "needs SELECT ON performance_schema.*: GRANT SELECT ON performance_schema.* "
			       "TO `fathom`@`%`"));
	snapshot_set(s, findings_part(NULL, 0, LAST * NS_PER_S, s->wall));
	struct part *old = text_part(PART_VARIABLES, FIRST + 10, variables, 1);
	snapshot_set(s, part_with_status(old, PART_STALE, "no answer for 13.0 s"));
	part_unref(old);
	return s;
}

/* --- the console ------------------------------------------------------------------------------ */

static void feed(struct console *c)
{
	/* The variables panel has seen them before one changed. */
	console_show(c, "variables");
	for (unsigned i = 0; i < READINGS; i++)
		console_take(c, sample(i));
}

static void ask_kill(struct console *c)
{
	killing_ask(c, 812, false);
}

static void open_hostile(struct console *c)
{
	console_push(c, &session_detail, &(int64_t){903});
	c->notice_until = 0;
}

static void open_cut(struct console *c)
{
	console_push(c, &session_detail, &(int64_t){904});
	c->notice_until = 0;
}

static const struct {
	const char *name, *keys;
	void (*then)(struct console *c);
} screens[] = {
	{"overview", "1", NULL},    {"sessions", "2", NULL},
	{"session", "2\r", NULL},   {"session-hostile", "2", open_hostile},
	{"session-cut", "2", open_cut}, {"replication", "5", NULL},
	{"statements", "7", NULL},
	{"variables", "8", NULL},   {"status", "8o", NULL},
	{"findings", "o9", NULL}, {"finding", "9\r", NULL},
	{"self", "0", NULL}, /* back to the variables first */
	{"help", "2h", NULL},
	{"explain", "2?", NULL},    {"why", "2v", NULL},
	{"kill", "2", ask_kill},
};

static const struct {
	int cols, rows;
} sizes[] = {{40, 12}, {80, 24}, {200, 50}};

static void show(struct console *c, unsigned i)
{
	leave_dialogs(c);
	type(c, screens[i].keys);
	if (screens[i].then)
		screens[i].then(c);
}

static void every_screen(bool ascii)
{
	struct console c;
	open_console(&c, ascii);
	feed(&c);
	for (unsigned k = 0; k < COUNT_OF(sizes); k++) {
		resize(&c, sizes[k].cols, sizes[k].rows, ascii);
		for (unsigned i = 0; i < COUNT_OF(screens); i++) {
			show(&c, i);
			console_draw(&c);
			compare(&c, screens[i].name);
		}
	}
	close_console(&c);
}

static void utf8(void **state)
{
	(void)state;
	every_screen(false);
}

static void ascii(void **state)
{
	(void)state;
	every_screen(true);
}

/* Denied, stale, absent columns; and before anything was read. */
static void little_to_see(void **state)
{
	(void)state;
	struct console c;
	open_console(&c, false);
	resize(&c, 80, 24, false);
	console_draw(&c);
	compare(&c, "overview-starting");
	struct snapshot *down = snapshot_new(0);
	down->link = LINK_DOWN;
	down->retry_at = LAST * NS_PER_S + 4 * NS_PER_S;
	err_set(&down->err, ERR_CONNECT, "connect", "Connection refused (111)",
		"is the server running?");
	console_take(&c, down);
	console_draw(&c);
	compare(&c, "overview-down");
	console_take(&c, dim_sample());
	for (unsigned i = 0; i < COUNT_OF(screens); i++) {
		if (screens[i].then || strcmp(screens[i].name, "help") == 0)
			continue;
		show(&c, i);
		console_draw(&c);
		char *name = xasprintf("%s-little", screens[i].name);
		compare(&c, name);
		free(name);
	}
	close_console(&c);
}

/* --- the host ---------------------------------------------------------------------------------- */

enum host_look { HOST_PLAIN, HOST_CONTAINER, HOST_MANY_CORES, HOST_SERVER_DOWN };

static struct snapshot *host_sample(unsigned i, enum host_look look)
{
	struct snapshot *s = sample(i);
	double at = FIRST + i;
	int n = (int)i + 1;
	bool container = look == HOST_CONTAINER;
	s->host = (struct host_link){
		.state = LINK_LIVE, .transport = "libssh2", .cpu_ms = 4.2, .bytes = 18000, .cost_known = true};
	snapshot_set(s, goldenhost_host(at, container));
	snapshot_set(s, goldenhost_cpu(at, n, look == HOST_MANY_CORES ? 128 : 8, container));
	snapshot_set(s, goldenhost_memory(at, n, container));
	snapshot_set(s, goldenhost_disk(at, n));
	snapshot_set(s, goldenhost_fs(at, n));
	snapshot_set(s, goldenhost_net(at, n));
	snapshot_set(s, goldenhost_process(at, n, look == HOST_MANY_CORES));
	if (look != HOST_SERVER_DOWN)
		return s;
	s->link = LINK_DOWN;
	s->retry_at = LAST * NS_PER_S + 4 * NS_PER_S;
	err_set(&s->err, ERR_CONNECT, "connect", "Connection refused (111)", "is the server running?");
	return s;
}

static const struct part *stale_part(struct snapshot *s, enum part_id id)
{
	return part_with_status(s->parts[id], PART_STALE, "no answer from the host for 13.0 s");
}

static void host_screens(bool ascii)
{
	static const struct {
		const char *name, *keys;
		enum host_look look;
	} looks[] = {
		{"host", "6", HOST_PLAIN},
		{"host-container", "6", HOST_CONTAINER},
		{"host-cores", "6", HOST_MANY_CORES},
		{"host-server-down", "6", HOST_SERVER_DOWN},
		{"host-explain", "6gjj?", HOST_PLAIN},
		{"host-disks", "6gjjjjjjjj\r", HOST_PLAIN},
	};
	for (unsigned k = 0; k < COUNT_OF(looks); k++) {
		struct console c;
		open_console(&c, ascii);
		for (unsigned i = 0; i < READINGS; i++)
			console_take(&c, host_sample(i, looks[k].look));
		for (unsigned z = 0; z < COUNT_OF(sizes); z++) {
			resize(&c, sizes[z].cols, sizes[z].rows, ascii);
			leave_dialogs(&c);
			console_show(&c, "overview");
			console_show(&c, "host");
			console_draw(&c);
			type(&c, looks[k].keys);
			console_draw(&c);
			compare(&c, looks[k].name);
		}
		close_console(&c);
	}
}

static void hosts(void **state)
{
	(void)state;
	host_screens(false);
	host_screens(true);
}

/* What the threads of sessions take of the host: one by one the columns come with the width, by themselves. */
static struct snapshot *sample_of_threads(unsigned i)
{
	static const char sessions[] =
		"id=812 kind=user user=app_rw host=web-3.prod db=shop command=Sleep state='idle in transaction' "
		"time=372.41 transaction_age=372.6 os_thread_id=4001\n"
		"id=902 kind=user user=보고서 host=report.example.com db=판매 command=Query state='executing' time=74.5 "
		"os_thread_id=4002 info='SELECT SUM(금액) FROM 주문'\n"
		"id=904 kind=user user=etl host=10.0.9.12 db=warehouse command=Query state='update' time=3.75 "
		"os_thread_id=4003 info='INSERT INTO facts VALUES (1, 2, 3)'\n"
		"id=910 kind=user user=dba host=localhost db=shop command=Query state='altering table' time=622 "
		"progress=43.7 os_thread_id=4004 info='ALTER TABLE orders ENGINE=InnoDB'\n"
		"id=950 kind=user user=app_rw host=web-1.prod db=shop command=Query state='executing' time=3.2 "
		"info='SELECT 1'\n";
	static const struct {
		int tid;
		double cpu, wait;
		int read, written;
	} threads[] = {{4001, 0, 0, 0, 0}, {4002, 0.97, 0.01, 73400320, 0}, {4003, 0.31, 0.62, 4096, 12582912}};
	struct snapshot *s = host_sample(i, HOST_PLAIN);
	struct buf b = BUF_INIT;
	for (size_t k = 0; k < COUNT_OF(threads); k++)
		buf_addf(&b, "tid=%d cpu=%.2f run_wait=%.2f read_bytes=%u written_bytes=%u\n", threads[k].tid,
			 9 + threads[k].cpu * i, 1 + threads[k].wait * i, 4096 + threads[k].read * i,
			 threads[k].written * i);
	snapshot_set(s, rows_part(PART_HOST_THREADS, FIRST + i, buf_str(&b)));
	snapshot_set(s, rows_part(PART_PROCESSLIST, FIRST + i, sessions));
	buf_release(&b);
	return s;
}

static void threads_of_sessions(void **state)
{
	static const int widths[] = {200, 190, 170, 160, 159};
	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		struct console c;
		open_console(&c, ascii);
		type(&c, "2");
		for (unsigned i = 0; i < READINGS; i++)
			console_take(&c, sample_of_threads(i));
		for (size_t k = 0; k < (ascii ? 1 : COUNT_OF(widths)); k++) {
			resize(&c, widths[k], 16, ascii);
			console_draw(&c);
			compare(&c, "sessions-host");
		}
		close_console(&c);
	}
}

static void no_host(void **state)
{
	(void)state;
	static const enum part_id parts[] = {PART_HOST_CPU, PART_HOST_MEMORY, PART_HOST_DISK,
					     PART_HOST_FS,  PART_HOST_NET,    PART_HOST_PROCESS};
	struct console c;
	open_console(&c, false);
	feed(&c);
	resize(&c, 80, 24, false);
	type(&c, "6");
	struct snapshot *s = sample(READINGS - 1);
	for (unsigned i = 0; i < COUNT_OF(parts); i++)
		snapshot_set(s, unread(parts[i], PART_UNSUPPORTED, "it is not known how to reach the server's host"));
	console_take(&c, s);
	console_draw(&c);
	compare(&c, "host-none");
	s = sample(READINGS - 1);
	s->host = (struct host_link){.state = LINK_CONNECTING, .transport = "libssh2"};
	console_take(&c, s);
	console_draw(&c);
	compare(&c, "host-connecting");
	s = sample(READINGS - 1);
	struct err refused = {0};
	err_set(&refused, ERR_LOGIN, "log-in to db3.prod", "the host refused every key that was offered",
		"ssh-copy-id, or --ssh-identity");
	s->host = (struct host_link){.state = LINK_DOWN, .transport = "libssh2",
				     .note = host_note_new(&refused, NULL)};
	for (unsigned i = 0; i < COUNT_OF(parts); i++)
		snapshot_set(s, unread(parts[i], PART_FAILED, refused.why));
	console_take(&c, s);
	console_draw(&c);
	compare(&c, "host-refused");
	s = sample(READINGS - 1);
	s->host = (struct host_link){.state = LINK_LIVE, .transport = "command"};
	for (unsigned i = 0; i < COUNT_OF(parts); i++)
		snapshot_set(s, unread(parts[i], PART_UNSUPPORTED, "the host runs FreeBSD, not Linux"));
	console_take(&c, s);
	console_draw(&c);
	compare(&c, "host-unsupported");
	for (unsigned i = 0; i < READINGS; i++)
		console_take(&c, host_sample(i, HOST_PLAIN));
	s = host_sample(READINGS - 1, HOST_PLAIN);
	s->host.state = LINK_STALLED;
	for (unsigned i = 0; i < COUNT_OF(parts); i++)
		snapshot_set(s, stale_part(s, parts[i]));
	console_take(&c, s);
	console_draw(&c);
	compare(&c, "host-frozen");
	close_console(&c);
}

static void any_size(void **state)
{
	(void)state;
	static const struct {
		int cols, rows;
	} odd[] = {{10, 3}, {1, 1}, {500, 200}, {2, 60}, {300, 2}};
	struct console c;
	open_console(&c, false);
	feed(&c);
	for (unsigned k = 0; k < COUNT_OF(odd); k++) {
		resize(&c, odd[k].cols, odd[k].rows, false);
		for (unsigned i = 0; i < COUNT_OF(screens); i++) {
			show(&c, i);
			console_draw(&c);
			assert_int_equal(term_shown(c.term)->cols, odd[k].cols);
			assert_int_equal(term_shown(c.term)->rows, odd[k].rows);
		}
	}
	close_console(&c);
}

/* A panel whose part failed says so; all others look as if nothing had happened. */
static void one_failure(void **state)
{
	(void)state;
	struct console good, bad;
	open_console(&good, false);
	open_console(&bad, false);
	feed(&good);
	feed(&bad);
	struct snapshot *s = sample(READINGS - 1), *t = sample(READINGS - 1);
	snapshot_set(t, unread(PART_STATEMENTS, PART_FAILED, "error 1142: it broke"));
	console_take(&good, s);
	console_take(&bad, t);
	for (unsigned i = 0; i < COUNT_OF(screens); i++) {
		struct buf a = BUF_INIT, b = BUF_INIT;
		show(&good, i);
		console_draw(&good);
		show(&bad, i);
		console_draw(&bad);
		canvas_dump(term_shown(good.term), &a);
		canvas_dump(term_shown(bad.term), &b);
		if (strcmp(screens[i].name, "statements") == 0)
			assert_non_null(strstr(buf_str(&b), "error 1142: it broke"));
		else
			assert_string_equal(buf_str(&a), buf_str(&b));
		buf_release(&a);
		buf_release(&b);
	}
	close_console(&good);
	close_console(&bad);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8),
		cmocka_unit_test(ascii),
		cmocka_unit_test(little_to_see),
		cmocka_unit_test(hosts),
		cmocka_unit_test(threads_of_sessions),
		cmocka_unit_test(no_host),
		cmocka_unit_test(any_size),
		cmocka_unit_test(one_failure),
	};
	setenv("TZ", "UTC", 1);
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	unsetenv("NO_COLOR");
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
